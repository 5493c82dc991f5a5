/* SPDX-License-Identifier: MIT */

/*
 * Printing of objects and reports, for programs that have stdio.
 *
 * Nothing else in the library uses stdio; firmware that does not call these
 * carries none of it. text.h has the same for a function of yours.
 */
#ifndef ASYNC_PRINT_H
#define ASYNC_PRINT_H

#include "async/text.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Print `<coroutine object greet at 0x7ffd1c3b2a40>` and a newline: what
 *  async_coro_write writes. Context: any that may print. */
void async_print(const async_coro_t *coro, FILE *file);

/**
 * Print a report, "warning: coroutine 'greet' was never awaited (greet.c:23)",
 * and what to do about it: the lines that async_report_write writes.
 * Context: any that may print.
 */
void async_report_print(const async_report_t *report, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
