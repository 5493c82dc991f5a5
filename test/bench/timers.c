/* SPDX-License-Identifier: MIT */

/*
 * An operation is the end of one sleep among n, each of 1 to 65536 ticks; the
 * draw of a random number is part of it.
 */
#include "bench.h"

static unsigned long done;
static uint32_t seed = 1;

static async_ticks_t draw(void)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 16) + 1;
}

struct napper {
    ASYNC_FRAME;
};

ASYNC_STATIC(napper)
{
    ASYNC_BEGIN();
    while (done++ < bench_bound) {
        AWAIT(async_sleep(draw()));
    }
    ASYNC_END();
}

void bench_sleep(unsigned n, unsigned long operations)
{
    static struct napper nappers[BENCH_TASKS];
    bench_bound = operations;
    for (unsigned i = 0; i < n; i++) {
        nappers[i] = ASYNC_CALL(napper);
        bench_spawn(&nappers[i].coro);
    }
    bench_finish();
}
