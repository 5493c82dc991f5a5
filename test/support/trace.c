/* SPDX-License-Identifier: MIT */

#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char words[4096];
static char taken[sizeof words];
static size_t length;

void trace(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int added =
        vsnprintf(words + length, sizeof words - length, format, arguments);
    va_end(arguments);
    if (added < 0 || (size_t)added >= sizeof words - length) {
        fprintf(stderr, "the trace is full: %s\n", words);
        abort();
    }
    length += (size_t)added;
}

void trace_clear(void)
{
    length = 0;
    words[0] = '\0';
}

const char *trace_take(void)
{
    memcpy(taken, words, length + 1);
    if (length > 0 && taken[length - 1] == ' ') {
        taken[length - 1] = '\0';
    }
    trace_clear();
    return taken;
}
