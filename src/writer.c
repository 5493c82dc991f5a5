/* SPDX-License-Identifier: MIT */

/*
 * Pieces of text, without a buffer for more than one number.
 */
#include "writer.h"

#include <string.h>

void async_put_(const async_writer_t_ *to, const char *text)
{
    size_t length = strlen(text);
    if (length > 0) {
        to->write_(to->context_, text, length);
    }
}

#ifdef __AVR__
void async_put_constant_(const async_writer_t_ *to, const char *text)
{
    char character;
    while ((character = (char)pgm_read_byte(text++)) != '\0') {
        to->write_(to->context_, &character, 1);
    }
}
#endif

/* 8 bits are at most 2.5 digits. */
#define DIGITS(type) (sizeof(type) * 5 / 2)

void async_put_number_(const async_writer_t_ *to, async_number_t_ number)
{
    char digits[DIGITS(number)];
    char *end = digits + sizeof digits;
    char *first = end;
    do {
        *--first = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number != 0);
    to->write_(to->context_, first, (size_t)(end - first));
}

void async_put_signed_(const async_writer_t_ *to, int number)
{
    async_number_t_ size = (async_number_t_)number;
    if (number < 0) {
        PUT(to, "-");
        size = 0 - size;
    }
    async_put_number_(to, size);
}

void async_put_address_(const async_writer_t_ *to, uintptr_t address)
{
    char digits[2 + 2 * sizeof address];
    char *end = digits + sizeof digits;
    char *first = end;
    do {
        unsigned digit = (unsigned)(address & 15);
        *--first = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        address >>= 4;
    } while (address != 0);
    *--first = 'x';
    *--first = '0';
    to->write_(to->context_, first, (size_t)(end - first));
}
