/* SPDX-License-Identifier: MIT */

/*
 * What accounting and tracing add to the costs (footprint.py): a timestamp for
 * both, a trace that runs, and its records. It takes the place of masking.c.
 */
#include "measure.h"

#define RECORDS 64 /* so that one of them is a time */

#if ASYNC_TRACE || ASYNC_ACCOUNTING
/* As fast as a counter is read. */
uint32_t async_timestamp(const async_loop_t *asked)
{
    (void)asked;
    return (uint32_t)now;
}
#endif

#if ASYNC_TRACE
static ASYNC_TRACE_RING(256) ring;

static void marks(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ASYNC_TRACE_MARK(i);
    }
}

static void no_marks(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        __asm volatile("" : : "r"(i) : "memory");
    }
}
#endif

void measure_masking(void)
{
#if ASYNC_TRACE
    async_trace_start(&ring);
    ASYNC_TRACE_MARK(0); /* a time goes before the first */
    MEASURE("marks", RECORDS, marks(RECORDS));
    MEASURE("no marks", RECORDS, no_marks(RECORDS));
#endif
}
