/* SPDX-License-Identifier: MIT */

/*
 * Objects and reports as text, without stdio.
 *
 * The text goes to a function of yours, piece by piece: to a UART, into a ring
 * in RAM that outlives a reset, to a debugger's channel. Nothing is formatted
 * into a buffer, so no line is too long, and little stack is needed.
 *
 *     static void uart_write(void *context, const char *text, size_t length)
 *     {
 *         (void)context;
 *         while (length-- > 0) {
 *             uart_put(*text++);
 *         }
 *     }
 *
 *     void async_on_report(const async_report_t *report)
 *     {
 *         async_report_write(report, uart_write, NULL);
 *         while (async_report_is_error(report)) {
 *         }
 *     }
 *
 * Firmware that calls none of this carries no sentence. print.h has the same
 * for programs with stdio. On AVR the sentences stay in flash.
 */
#ifndef ASYNC_TEXT_H
#define ASYNC_TEXT_H

#include "async/report.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What takes a text: the next `length` characters of it, 1 or more, which are
 * not followed by a zero, and are valid until it returns. A line ends with
 * '\n' alone. It is called many times for a line.
 *
 * Context: that of the call it is given to. It must not call the library.
 */
typedef void async_write_t(void *context, const char *text, size_t length);

/**
 * Write `<coroutine object greet at 0x7ffd1c3b2a40>` and a newline.
 *
 *  write    what takes the text
 *  context  what it is called with; the library does not look at it
 *
 * Context: any.
 */
void async_coro_write(const async_coro_t *coro, async_write_t *write,
                      void *context);

/**
 * Write a report: "warning: " or "error: ", what is wrong and where, and a line
 * with what to do:
 *
 *     error: coroutine 'blink' (main.c:20) started an operation without AWAIT
 *       hint: put AWAIT before it
 *
 * A report about a task has one more line for each coroutine in its await
 * chain, the outermost first, and one that says what it waits for (dump.h says
 * how to read that). One that came in a handler says which coroutine of which
 * task the handler has cut into.
 *
 * Context: that of async_on_report.
 */
void async_report_write(const async_report_t *report, async_write_t *write,
                        void *context);

#ifdef __cplusplus
}
#endif

#endif
