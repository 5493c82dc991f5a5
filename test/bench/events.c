/* SPDX-License-Identifier: MIT */

/*
 * ping: an operation is a round trip of two tasks over two events.
 * wake: an operation is a wake of one task among n that wait, each for an
 * event of its own; a main loop sets the event and calls async_poll.
 */
#include "bench.h"

struct player {
    ASYNC_FRAME;
    unsigned long count;
    async_event_t *mine;
    async_event_t *other;
};

ASYNC_STATIC(player)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        AWAIT(async_event_wait(self->mine));
        async_event_clear(self->mine);
        async_event_set(self->other);
    }
    ASYNC_END();
}

void bench_ping(unsigned n, unsigned long operations)
{
    static async_event_t ping;
    static async_event_t pong;
    static struct player players[2];
    (void)n;
    bench_bound = operations;
    players[0] = ASYNC_CALL(player, .mine = &ping, .other = &pong);
    players[1] = ASYNC_CALL(player, .mine = &pong, .other = &ping);
    bench_spawn(&players[0].coro);
    bench_spawn(&players[1].coro);
    async_event_set(&ping);
    bench_finish();
}

static bool stop;

struct sleeper {
    ASYNC_FRAME;
    unsigned long count;
    async_event_t event;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    while (!stop) {
        AWAIT(async_event_wait(&self->event));
        async_event_clear(&self->event);
        self->count++;
    }
    ASYNC_END();
}

static struct sleeper sleepers[BENCH_TASKS];

void bench_wake(unsigned n, unsigned long operations)
{
    unsigned next = 0;
    for (unsigned i = 0; i < n; i++) {
        sleepers[i] = ASYNC_CALL(sleeper, .count = 0);
        bench_spawn(&sleepers[i].coro);
    }
    async_poll(&bench_loop);
    while (operations-- > 0) {
        async_event_set(&sleepers[next].event);
        async_poll(&bench_loop);
        next = next + 7 < n ? next + 7 : next + 7 - n;
    }
    stop = true;
    for (unsigned i = 0; i < n; i++) {
        async_event_set(&sleepers[i].event);
    }
    bench_finish();
}
