/* SPDX-License-Identifier: MIT */

/*
 * Printing: the only part of the library that knows stdio.
 */
#include "async/print.h"

static void write_to_file(void *file, const char *text, size_t length)
{
    fwrite(text, 1, length, (FILE *)file);
}

void async_print(const async_coro_t *coro, FILE *file)
{
    async_coro_write(coro, write_to_file, file);
}

void async_report_print(const async_report_t *report, FILE *file)
{
    async_report_write(report, write_to_file, file);
}
