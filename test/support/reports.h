/* SPDX-License-Identifier: MIT */

/*
 * Reports of the library, for tests: reports.c has the async_on_report() of
 * the test program. It records them, and the test goes on.
 *
 * After the step that should have caused one, a test says
 *
 *     expect_report(ASYNC_REPORT_USED_AGAIN);
 *
 * which takes the oldest report that was not taken yet. A report that nobody
 * took when the test ends makes it fail.
 */
#ifndef TEST_SUPPORT_REPORTS_H
#define TEST_SUPPORT_REPORTS_H

#include <async/report.h>

/** Setup and teardown of every test; see async_test() in test.h. */
int reports_begin(void **state);
int reports_end(void **state);

/** Take the oldest report; the test fails if there is none, or if it is of
 *  another kind. */
#define expect_report(kind) expect_report_(kind, __FILE__, __LINE__)

/** Fail if a report has come that was not taken. */
#define expect_no_report() expect_no_report_(__FILE__, __LINE__)

/** Called with each report that comes, until the test ends; NULL: nothing. */
extern void (*reports_hook)(void);

/** How many have come that were not taken. */
unsigned reports_pending(void);

/** The report taken last, as a copy: what it points at may be gone. */
const async_report_t *report_taken(void);

/** Its text, as async_report_print() wrote it when it came. */
const char *report_text(void);

/** True if the text of the report taken last contains this, or if there are no
 *  texts on this machine. */
#ifdef __AVR__
#define report_says(part) true
#else
#define report_says(part) report_says_(part)
#endif

/** Compare the text, if there are texts. */
#ifdef __AVR__
#define assert_report_text(expected) ((void)(expected))
#else
#define assert_report_text(expected)                                           \
    assert_string_equal(report_text(), expected)
#endif

bool report_says_(const char *part);
void expect_report_(async_report_kind_t kind, const char *file, int line);
void expect_no_report_(const char *file, int line);

#endif
