/* SPDX-License-Identifier: MIT */

/*
 * Printing of objects and reports, for programs that have stdio.
 *
 * Nothing else in the library uses stdio; firmware that does not call these
 * carries none of it.
 */
#ifndef ASYNC_PRINT_H
#define ASYNC_PRINT_H

#include "async/report.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Print `<coroutine object greet at 0x7ffd1c3b2a40>` and a newline. */
void async_print(const async_coro_t *coro, FILE *file);

/**
 * Print a report, "warning: coroutine 'greet' was never awaited (greet.c:23)",
 * and a newline. A report about a task that waits has one more line for each
 * coroutine in its await chain, the outermost first.
 */
void async_report_print(const async_report_t *report, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
