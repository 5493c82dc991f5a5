/* SPDX-License-Identifier: MIT */

/*
 * An operation is the call of a coroutine that ends without a pause.
 */
#include "bench.h"

struct child {
    ASYNC_FRAME;
    unsigned long result;
    unsigned long argument;
};

ASYNC(child)
{
    ASYNC_BEGIN();
    ASYNC_RETURN(self->argument + 1);
    ASYNC_END();
}

struct parent {
    ASYNC_FRAME;
    unsigned long count;
    struct child child;
};

ASYNC_STATIC(parent)
{
    ASYNC_BEGIN();
    while (self->count < bench_bound) {
        AWAIT_CALL(self->child, child, .argument = self->count);
        self->count = self->child.result;
    }
    ASYNC_END();
}

void bench_call(unsigned n, unsigned long operations)
{
    static struct parent parent = ASYNC_CALL_INIT(parent, .count = 0);
    (void)n;
    bench_bound = operations;
    bench_spawn(&parent.coro);
    bench_finish();
}
