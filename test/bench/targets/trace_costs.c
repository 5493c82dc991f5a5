/* SPDX-License-Identifier: MIT */

/*
 * What tracing costs: the same workloads with and without it
 * (trace_costs.py). It takes the place of costs.c and masking.c.
 */
#include "measure.h"

#define N 64 /* of each, so that one in 64 records is a time */

static ASYNC_TRACE_RING(256) ring;
static async_event_t event;

/* As fast as a counter is read. */
uint32_t async_timestamp(const async_loop_t *asked)
{
    (void)asked;
    return (uint32_t)now;
}

struct yielder {
    ASYNC_FRAME;
    unsigned left;
};

ASYNC_STATIC(yielder)
{
    ASYNC_BEGIN();
    while (self->left-- > 0) {
        ASYNC_YIELD();
    }
    async_stop(&loop);
    ASYNC_END();
}

struct waiter {
    ASYNC_FRAME;
    unsigned left;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    while (self->left-- > 0) {
        AWAIT(async_event_wait(&event));
        async_event_clear(&event);
    }
    ASYNC_END();
}

static void mark(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ASYNC_TRACE_MARK(i);
        __asm volatile("" : : : "memory");
    }
}

static void wake(unsigned count)
{
    while (count-- > 0) {
        async_event_set(&event);
        async_poll(&loop);
    }
}

void measure_masking(void)
{
}

void measure_costs(void)
{
    static struct yielder yielder;
    static struct waiter waiter;
    async_trace_start(&ring);
    mark(1);
    MEASURE("mark", N, mark(N));
    yielder = ASYNC_CALL(yielder, .left = N);
    async_spawn(&loop, &tasks[0], &yielder.coro);
    MEASURE("yield", N, (void)async_run_forever(&loop));
    waiter = ASYNC_CALL(waiter, .left = 2 * N);
    async_spawn(&loop, &tasks[1], &waiter.coro);
    async_poll(&loop);
    MEASURE("wake", N, wake(N));
}
