/* SPDX-License-Identifier: MIT */

/*
 * An operation is one resume of a task that yields, directly or at the end of
 * an await chain.
 */
#include "bench.h"

#define DEPTH_TASKS 50
#define DEPTH_MAX   16

struct yielder {
    ASYNC_FRAME;
    unsigned long count;
};

ASYNC_STATIC(yielder)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static struct yielder yielders[BENCH_TASKS];

void bench_yield(unsigned n, unsigned long operations)
{
    bench_bound = operations / n;
    for (unsigned i = 0; i < n; i++) {
        yielders[i] = ASYNC_CALL(yielder, .count = 0);
        bench_spawn(&yielders[i].coro);
    }
    bench_finish();
}

struct caller {
    ASYNC_FRAME;
    async_coro_t *callee;
};

ASYNC_STATIC(caller)
{
    ASYNC_BEGIN();
    AWAIT(async_call(self->callee));
    ASYNC_END();
}

static struct caller callers[DEPTH_TASKS][DEPTH_MAX];

/* A yielder under `depth` awaits. */
static async_coro_t *make_chain(struct caller *chain, struct yielder *yielder,
                                unsigned depth)
{
    async_coro_t *callee = &yielder->coro;
    *yielder = ASYNC_CALL(yielder, .count = 0);
    for (unsigned i = 0; i < depth; i++) {
        chain[i] = ASYNC_CALL(caller, .callee = callee);
        callee = &chain[i].coro;
    }
    return callee;
}

void bench_depth(unsigned depth, unsigned long operations)
{
    bench_bound = operations / DEPTH_TASKS;
    for (unsigned i = 0; i < DEPTH_TASKS && depth <= DEPTH_MAX; i++) {
        bench_spawn(make_chain(callers[i], &yielders[i], depth));
    }
    bench_finish();
}
