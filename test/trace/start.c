/* SPDX-License-Identifier: MIT */

/* Linked with a test, it runs with a trace from the beginning. */
#include <async/trace.h>

static ASYNC_TRACE_RING(64) ring;

__attribute__((constructor)) static void start(void)
{
    async_trace_start(&ring);
}
