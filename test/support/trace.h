/* SPDX-License-Identifier: MIT */

/*
 * A trace: what happened, as one line of words. Tasks append words, the test
 * compares the whole.
 *
 *     trace("A%d ", i);
 *     assert_trace("A1 B1 A2");
 */
#ifndef TEST_SUPPORT_TRACE_H
#define TEST_SUPPORT_TRACE_H

#include "flash.h"

#include <stddef.h>

/** Append to the trace, as printf does. Words end with a space. The format is a
 *  literal. */
#ifdef __AVR__
#pragma GCC system_header /* ", ##" is not in C11 */
#define trace(format, ...) trace_(FLASH_TEXT(format), ##__VA_ARGS__)
#else
#define trace trace_
#endif

/** Append a word of so many characters. (Not every printf has "%.*s".) */
void trace_bytes(const void *text, size_t size);

/** Compare the trace (without the space at its end) with a literal, and begin a
 *  new one. */
#define assert_trace(expected)                                                 \
    assert_trace_(FLASH_TEXT(expected), __FILE__, __LINE__)

/** Begin a new trace. */
void trace_clear(void);

/** The trace up to here; it is valid until the next word. Begins a new one. */
const char *trace_take(void);

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void trace_(const char *format, ...);
void assert_trace_(const char *expected, const char *file, int line);

#endif
