/* SPDX-License-Identifier: MIT */

/*
 * The report handler of a program that has none of its own.
 *
 * It is alone in its object file, so that a program's own async_on_report
 * leaves it, and stdio with it, out of the link.
 */
#include "async/report.h"

#if defined(__unix__) || defined(__APPLE__)

#include "async/print.h"

#include <stdlib.h>

void async_on_report(const async_report_t *report)
{
    async_report_print(report, stderr);
    if (async_report_is_error(report)) {
        abort();
    }
}

#else

void async_on_report(const async_report_t *report)
{
    if (async_report_is_error(report)) {
        __builtin_trap();
    }
}

#endif
