/* SPDX-License-Identifier: MIT */

/*
 * What the support of the tests needs from the machine: host/machine.c and
 * target/machine.c. The sizes are for a PC if the build does not say otherwise.
 */
#ifndef TEST_SUPPORT_MACHINE_H
#define TEST_SUPPORT_MACHINE_H

#include <async/report.h>

#include <stddef.h>

/** Characters of a trace. */
#ifndef TRACE_SIZE
#define TRACE_SIZE 4096
#endif

/** Reports that nobody took yet, and characters of the texts of all. */
#ifndef REPORTS_MAX
#define REPORTS_MAX 128
#endif
#ifndef REPORT_TEXTS
#define REPORT_TEXTS 32768
#endif

/** Write async_report_print()'s text. */
void machine_report_text(const async_report_t *report, char *text, size_t size);

/** A test begins: it fails if it does not end. */
void machine_watch(void);

/** It has ended. */
void machine_watch_end(void);

#endif
