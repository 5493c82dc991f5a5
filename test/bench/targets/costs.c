/* SPDX-License-Identifier: MIT */

/*
 * What the basic operations cost. Each workload runs twice, with few and with
 * many operations: the difference is exact, and start and end cost nothing.
 */
#include "measure.h"

#define FEW  20
#define LOTS 60 /* a multiple of all numbers of tasks, as FEW is */

/* Read again each time, as a program reads its state. */
static volatile unsigned bound;
static unsigned running; /* tasks that have not ended */

/* The last to end ends the run. */
static void finish(void)
{
    if (--running == 0) {
        async_stop(&loop);
    }
}

static void spawn(async_coro_t *coro)
{
    async_spawn(&loop, &tasks[running++], coro);
}

static void run(void)
{
    sleeps_left = 10000;
    (void)async_run_forever(&loop);
}

/* --- Yield, at some depth of awaits --------------------------------------- */

struct yielder {
    ASYNC_FRAME;
    unsigned done;
};

ASYNC_STATIC(yielder)
{
    ASYNC_BEGIN();
    while (self->done++ < bound) {
        ASYNC_YIELD();
    }
    finish();
    ASYNC_END();
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

#define DEPTH 16

static void yield(unsigned depth, unsigned operations)
{
    static struct yielder yielders[2];
    static struct caller callers[2][DEPTH];
    bound = operations / 2;
    for (unsigned i = 0; i < 2; i++) {
        yielders[i] = ASYNC_CALL(yielder);
        async_coro_t *coro = &yielders[i].coro;
        for (unsigned level = 0; level < depth; level++) {
            callers[i][level] = ASYNC_CALL(caller, .callee = coro);
            coro = &callers[i][level].coro;
        }
        spawn(coro);
    }
    run();
}

/* --- Wake: two tasks answer each other ------------------------------------ */

static async_event_t events[2];

struct player {
    ASYNC_FRAME;
    unsigned side;
    unsigned done;
};

ASYNC_STATIC(player)
{
    ASYNC_BEGIN();
    while (self->done++ < bound) {
        AWAIT(async_event_wait(&events[self->side]));
        async_event_clear(&events[self->side]);
        async_event_set(&events[1 - self->side]);
    }
    finish();
    ASYNC_END();
}

static void wake(unsigned operations)
{
    static struct player players[2];
    bound = operations / 2;
    for (unsigned i = 0; i < 2; i++) {
        events[i] = (async_event_t){0};
        players[i] = ASYNC_CALL(player, .side = i);
        spawn(&players[i].coro);
    }
    async_event_set(&events[0]);
    run();
}

/* --- Sleep ---------------------------------------------------------------- */

struct sleeper {
    ASYNC_FRAME;
    async_ticks_t period;
    unsigned done;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    while (self->done++ < bound) {
        AWAIT(async_sleep(self->period));
    }
    finish();
    ASYNC_END();
}

static void sleeps(unsigned n, unsigned operations)
{
    static struct sleeper sleepers[10];
    bound = operations / n;
    for (unsigned i = 0; i < n; i++) {
        sleepers[i] =
            ASYNC_CALL(sleeper, .period = (async_ticks_t)(100 + 37 * i % 11));
        spawn(&sleepers[i].coro);
    }
    run();
}

/* --- Call ----------------------------------------------------------------- */

struct child {
    ASYNC_FRAME;
    unsigned result;
    unsigned argument;
};

ASYNC_STATIC(child)
{
    ASYNC_BEGIN();
    ASYNC_RETURN(self->argument + 1);
    ASYNC_END();
}

struct parent {
    ASYNC_FRAME;
    unsigned done;
    struct child child;
};

ASYNC_STATIC(parent)
{
    ASYNC_BEGIN();
    while (self->done < bound) {
        AWAIT_CALL(self->child, child, .argument = self->done);
        self->done = self->child.result;
    }
    finish();
    ASYNC_END();
}

static void calls(unsigned operations)
{
    static struct parent parent;
    bound = operations;
    parent = ASYNC_CALL(parent);
    spawn(&parent.coro);
    run();
}

/* --- Queue ---------------------------------------------------------------- */

static ASYNC_QUEUE(uint32_t, 4) queue = ASYNC_QUEUE_INIT(queue);

struct producer {
    ASYNC_FRAME;
    uint32_t item;
};

ASYNC_STATIC(producer)
{
    ASYNC_BEGIN();
    while (self->item++ < bound) {
        AWAIT_PUT(&queue, &self->item);
    }
    finish();
    ASYNC_END();
}

struct consumer {
    ASYNC_FRAME;
    uint32_t item;
};

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    while (self->item < bound) {
        AWAIT_GET(&queue, &self->item);
    }
    finish();
    ASYNC_END();
}

static void items(unsigned operations)
{
    static struct producer producer;
    static struct consumer consumer;
    bound = operations;
    producer = ASYNC_CALL(producer);
    consumer = ASYNC_CALL(consumer);
    spawn(&producer.coro);
    spawn(&consumer.coro);
    run();
}

/* --- All ------------------------------------------------------------------ */

static void all(unsigned n)
{
    MEASURE("+yield", n, yield(0, n));
    MEASURE("+wake", n, wake(n));
    if (COSTS_IN_BRIEF) {
        return;
    }
    MEASURE("+yield, 1 await deep", n, yield(1, n));
    MEASURE("+yield, 16 awaits deep", n, yield(DEPTH, n));
    MEASURE("+sleep, 1 task", n, sleeps(1, n));
    MEASURE("+sleep, 10 tasks", n, sleeps(10, n));
    MEASURE("+call", n, calls(n));
    MEASURE("+queue item", n, items(n));
}

void measure_costs(void)
{
    all(FEW);
    all(LOTS);
}
