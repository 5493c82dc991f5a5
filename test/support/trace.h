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

/** Append to the trace, as printf does. Words end with a space. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void trace(const char *format, ...);

/** Compare the trace (without the space at its end), and begin a new one. */
#define assert_trace(expected) assert_string_equal(trace_take(), expected)

/** Begin a new trace. */
void trace_clear(void);

/** The trace up to here; it is valid until the next call. Begins a new one. */
const char *trace_take(void);

#endif
