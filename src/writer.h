/* SPDX-License-Identifier: MIT */

/*
 * Pieces of text: constants, names, numbers, addresses.
 */
#ifndef ASYNC_WRITER_H
#define ASYNC_WRITER_H

#include "async/text.h"
#include "async/time.h"

typedef struct async_writer_ {
    async_write_t *write_;
    void *context_;
} async_writer_t_;

/* As wide as a tick, and not less than a long. */
#if ASYNC_TICK_BITS == 64
typedef uint64_t async_number_t_;
#else
typedef unsigned long async_number_t_;
#endif

void async_put_(const async_writer_t_ *to, const char *text);
void async_put_number_(const async_writer_t_ *to, async_number_t_ number);
void async_put_signed_(const async_writer_t_ *to, int number);
void async_put_address_(const async_writer_t_ *to, uintptr_t address);

/* A constant text that takes no RAM, and what puts it. On AVR it stays in
 * flash, where plain reads do not find it. */
#ifdef __AVR__
#include <avr/pgmspace.h>
#define CONSTANT(text) PSTR(text)
void async_put_constant_(const async_writer_t_ *to, const char *text);
/* A function that returns one of many; gcc would put a table into RAM. */
#ifndef __clang__
#define CONSTANTS __attribute__((optimize("no-tree-switch-conversion")))
#else
#define CONSTANTS
#endif
#else
#define CONSTANTS
#define CONSTANT(text)      (text)
#define async_put_constant_ async_put_
#endif

#define PUT(to, text) async_put_constant_(to, CONSTANT(text))

static inline void async_put_pointer_(const async_writer_t_ *to,
                                      const void *pointer)
{
    async_put_address_(to, (uintptr_t)pointer);
}

#endif
