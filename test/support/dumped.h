/* SPDX-License-Identifier: MIT */

/*
 * Dumps as strings, to be compared as a whole:
 *
 *     assert_dump(&loop, "loop %p: 0 ready, time 100\n", (void *)&loop);
 */
#ifndef TEST_SUPPORT_DUMPED_H
#define TEST_SUPPORT_DUMPED_H

#include <async/dump.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef DUMPED_SIZE
#define DUMPED_SIZE 1536
#endif

static char dumped[DUMPED_SIZE];
static size_t dumped_length;

/* An async_write_t. What is too long is cut. */
static void dumped_write(void *context, const char *text, size_t length)
{
    (void)context;
    while (length-- > 0 && dumped_length < sizeof dumped - 1) {
        dumped[dumped_length++] = *text++;
    }
    dumped[dumped_length] = '\0';
}

static inline const char *dump_of(const async_loop_t *loop)
{
    dumped_length = 0;
    async_dump(loop, dumped_write, NULL);
    return dumped;
}

#if defined(__GNUC__) || defined(__clang__)
__attribute__((format(printf, 1, 2)))
#endif
static inline const char *
expected_text(const char *format, ...)
{
    static char text[DUMPED_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

#define assert_dump(loop, ...)                                                 \
    assert_string_equal(dump_of(loop), expected_text(__VA_ARGS__))

#define dump_says(loop, part) (strstr(dump_of(loop), part) != NULL)

#endif
