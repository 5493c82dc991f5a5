/* SPDX-License-Identifier: MIT */

#include "machine.h"
#include "test.h"

#include <stdarg.h>
#include <stdlib.h>

static char words[TRACE_SIZE];
static size_t length;

void trace_(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int added = flash_vsnprintf(words + length, sizeof words - length, format,
                                arguments);
    va_end(arguments);
    if (added < 0 || (size_t)added >= sizeof words - length) {
        print_error("the trace is full: %s\n", words);
        abort();
    }
    length += (size_t)added;
}

void trace_bytes(const void *text, size_t size)
{
    for (const char *next = text; size > 0; size--, next++) {
        trace("%c", *next);
    }
    trace(" ");
}

void trace_clear(void)
{
    length = 0;
    words[0] = '\0';
}

/* The words stay in place until the next one comes. */
const char *trace_take(void)
{
    if (length == 0) {
        words[0] = '\0';
    } else if (words[length - 1] == ' ') {
        words[length - 1] = '\0';
    }
    length = 0;
    return words;
}

void assert_trace_(const char *expected, const char *file, int line)
{
    const char *trace = trace_take();
    if (flash_strcmp(trace, expected) != 0) {
        print_error("\"%s\" is not the trace that was expected\n", trace);
        _fail(file, line);
    }
}
