/* SPDX-License-Identifier: MIT */

/*
 * The workloads (bench.h), as a user of libasync writes them.
 */
#include "bench.h"

#include <async/async.h>

#include <stdlib.h>

/* --- A clock that costs nothing: sleep() goes on to the deadline ---------- */

static async_time_t now;

static async_time_t clock_now(async_clock_t *clock)
{
    (void)clock;
    return now;
}

static bool clock_sleep(async_clock_t *clock, const async_time_t *deadline,
                        bool polling)
{
    (void)clock;
    (void)polling;
    if (deadline != NULL && async_time_before(now, *deadline)) {
        now = *deadline;
    }
    return true;
}

static const async_clock_ops_t ops = {.now = clock_now, .sleep = clock_sleep};
static async_clock_t bench_clock = {&ops};

/* --- Run ------------------------------------------------------------------ */

static async_loop_t loop;
static unsigned running; /* tasks that have not ended */

/* A mistake in a workload would show wrong numbers. */
void async_on_report(const async_report_t *report)
{
    (void)report;
    abort();
}

/* For what they cost (footprint.md): as fast as a counter is read. */
#if ASYNC_ACCOUNTING || ASYNC_TRACE
uint32_t async_timestamp(const async_loop_t *asked)
{
    (void)asked;
    return (uint32_t)now;
}
#endif
#if ASYNC_TRACE
static ASYNC_TRACE_RING(256) ring;
#endif

static void start(unsigned bound)
{
#if ASYNC_TRACE
    async_trace_start(&ring);
#endif
    async_loop_init(&loop, &bench_clock);
    now = 0;
    running = 0;
    bench_bound = bound;
}

static void spawn(async_task_t *task, async_coro_t *coro)
{
    running++;
    async_spawn(&loop, task, coro);
}

/* The last to end ends the run. */
static void ended(void)
{
    if (--running == 0) {
        async_stop(&loop);
    }
}

/* --- Yield, and yield under awaits ---------------------------------------- */

struct yielder {
    ASYNC_FRAME;
    unsigned count;
};

ASYNC_STATIC(yielder)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        ASYNC_YIELD();
    }
    ended();
    ASYNC_END();
}

static struct {
    async_task_t task;
    struct yielder coro;
} yielders[BENCH_TASKS];

const unsigned bench_tasks_max = BENCH_TASKS;

static uint32_t yield(unsigned n, unsigned operations)
{
    start(operations / n);
    for (unsigned i = 0; i < n; i++) {
        yielders[i].coro = ASYNC_CALL(yielder);
        spawn(&yielders[i].task, &yielders[i].coro.coro);
    }
    (void)async_run_forever(&loop);
    return yielders[n - 1].coro.count;
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

static uint32_t depth(unsigned n, unsigned operations)
{
    static async_task_t task;
    static struct yielder leaf;
    static struct caller callers[BENCH_DEPTH];
    start(operations);
    leaf = ASYNC_CALL(yielder);
    async_coro_t *coro = &leaf.coro;
    for (unsigned i = 0; i < n; i++) {
        callers[i] = ASYNC_CALL(caller, .callee = coro);
        coro = &callers[i].coro;
    }
    spawn(&task, coro);
    (void)async_run_forever(&loop);
    return leaf.count;
}

/* --- Spawn ---------------------------------------------------------------- */

struct brief {
    ASYNC_FRAME;
    unsigned count;
};

ASYNC_STATIC(brief)
{
    ASYNC_BEGIN();
    self->count++;
    ended();
    ASYNC_END();
}

/* All of n at a time. */
static uint32_t spawns(unsigned n, unsigned operations)
{
    static struct {
        async_task_t task;
        struct brief coro;
    } tasks[BENCH_TASKS];
    uint32_t done = 0;
    while (done < operations) {
        start(0);
        for (unsigned i = 0; i < n; i++) {
            tasks[i].coro = ASYNC_CALL(brief);
            spawn(&tasks[i].task, &tasks[i].coro.coro);
        }
        (void)async_run_forever(&loop);
        done += n;
    }
    return done;
}

/* --- Ping-pong ------------------------------------------------------------ */

struct player {
    ASYNC_FRAME;
    unsigned count;
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
    ended();
    ASYNC_END();
}

static uint32_t ping(unsigned n, unsigned operations)
{
    static async_event_t events[2];
    static async_task_t tasks[2];
    static struct player players[2];
    start(operations);
    for (unsigned i = 0; i < n; i++) {
        players[i] =
            ASYNC_CALL(player, .mine = &events[i], .other = &events[1 - i]);
        spawn(&tasks[i], &players[i].coro);
    }
    async_event_set(&events[0]);
    (void)async_run_forever(&loop);
    async_event_clear(&events[0]);
    return players[1].count;
}

/* --- Wake one of n -------------------------------------------------------- */

struct waiter {
    ASYNC_FRAME;
    unsigned count;
    async_event_t event;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        AWAIT(async_event_wait(&self->event));
        async_event_clear(&self->event);
    }
    ended();
    ASYNC_END();
}

static struct {
    async_task_t task;
    struct waiter coro;
} waiters[BENCH_TASKS];

static void end_waiters(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        async_event_set(&waiters[i].coro.event);
    }
    (void)async_run_forever(&loop);
}

static uint32_t wake(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        waiters[i].coro = ASYNC_CALL(waiter);
        spawn(&waiters[i].task, &waiters[i].coro.coro);
    }
    (void)async_poll(&loop);
    while (operations-- > 0) {
        async_event_set(&waiters[next].coro.event);
        (void)async_poll(&loop);
        next = bench_next(next, n);
    }
    end_waiters(n);
    return waiters[0].coro.count;
}

/* --- Sleep ---------------------------------------------------------------- */

static unsigned expired;

struct sleeper {
    ASYNC_FRAME;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    while (expired++ < bench_bound) {
        AWAIT(async_sleep(bench_draw()));
    }
    ended();
    ASYNC_END();
}

static uint32_t sleeps(unsigned n, unsigned operations)
{
    static struct {
        async_task_t task;
        struct sleeper coro;
    } sleepers[BENCH_TASKS];
    start(operations);
    expired = 0;
    bench_seed = 1;
    for (unsigned i = 0; i < n; i++) {
        sleepers[i].coro = ASYNC_CALL(sleeper);
        spawn(&sleepers[i].task, &sleepers[i].coro.coro);
    }
    (void)async_run_forever(&loop);
    return now;
}

/* --- Queue ---------------------------------------------------------------- */

static ASYNC_QUEUE(uint32_t, BENCH_SLOTS) queue = ASYNC_QUEUE_INIT(queue);

struct producer {
    ASYNC_FRAME;
    uint32_t count;
};

ASYNC_STATIC(producer)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        AWAIT_PUT(&queue, &self->count);
    }
    ended();
    ASYNC_END();
}

struct consumer {
    ASYNC_FRAME;
    uint32_t count;
    uint32_t item;
};

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        AWAIT_GET(&queue, &self->item);
    }
    ended();
    ASYNC_END();
}

static uint32_t items(unsigned n, unsigned operations)
{
    static async_task_t tasks[2];
    static struct producer producer;
    static struct consumer consumer;
    (void)n;
    start(operations);
    producer = ASYNC_CALL(producer);
    consumer = ASYNC_CALL(consumer);
    spawn(&tasks[0], &producer.coro);
    spawn(&tasks[1], &consumer.coro);
    (void)async_run_forever(&loop);
    return consumer.item;
}

#define PORTER                                                                 \
    {                                                                          \
        ASYNC_FRAME;                                                           \
        uint32_t count;                                                        \
        uint32_t batch[BENCH_SLOTS];                                           \
    }
struct bulk_producer PORTER;
struct bulk_consumer PORTER;

ASYNC_STATIC(bulk_producer)
{
    ASYNC_BEGIN();
    while (self->count < bench_bound) {
        AWAIT(async_queue_wait_room(&queue));
        self->batch[0] = self->count;
        self->count += async_queue_place_many(&queue, self->batch, BENCH_SLOTS);
    }
    ended();
    ASYNC_END();
}

ASYNC_STATIC(bulk_consumer)
{
    ASYNC_BEGIN();
    while (self->count < bench_bound) {
        AWAIT(async_queue_wait_item(&queue));
        self->count += async_queue_take_many(&queue, self->batch, BENCH_SLOTS);
    }
    ended();
    ASYNC_END();
}

static uint32_t bulk(unsigned n, unsigned operations)
{
    static async_task_t tasks[2];
    static struct bulk_producer producer;
    static struct bulk_consumer consumer;
    (void)n;
    start(operations);
    producer = ASYNC_CALL(bulk_producer);
    consumer = ASYNC_CALL(bulk_consumer);
    spawn(&tasks[0], &producer.coro);
    spawn(&tasks[1], &consumer.coro);
    (void)async_run_forever(&loop);
    return consumer.batch[0];
}

/* --- Call of a coroutine that does not pause ------------------------------ */

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
    unsigned count;
    struct child child;
};

ASYNC_STATIC(parent)
{
    ASYNC_BEGIN();
    while (self->count < bench_bound) {
        AWAIT_CALL(self->child, child, .argument = self->count);
        self->count = self->child.result;
    }
    ended();
    ASYNC_END();
}

static uint32_t calls(unsigned n, unsigned operations)
{
    static async_task_t task;
    static struct parent parent;
    (void)n;
    start(operations);
    parent = ASYNC_CALL(parent);
    spawn(&task, &parent.coro);
    (void)async_run_forever(&loop);
    return parent.count;
}

/* --- Wake one of n, whose wait has a limit -------------------------------- */

struct limited {
    ASYNC_FRAME;
    unsigned count;
    async_event_t event;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    while (self->count++ < bench_bound) {
        AWAIT(async_wait_for(async_event_wait(&self->event), BENCH_LIMIT));
        async_event_clear(&self->event);
    }
    ended();
    ASYNC_END();
}

static struct {
    async_task_t task;
    struct limited coro;
} limiteds[BENCH_TASKS];

static void end_limiteds(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        async_event_set(&limiteds[i].coro.event);
    }
    (void)async_run_forever(&loop);
}

/* A tick for each pass over all of them, so no limit is reached. */
static uint32_t limits(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        limiteds[i].coro = ASYNC_CALL(limited);
        spawn(&limiteds[i].task, &limiteds[i].coro.coro);
    }
    (void)async_poll(&loop);
    while (operations-- > 0) {
        async_event_set(&limiteds[next].coro.event);
        (void)async_poll(&loop);
        next = bench_next(next, n);
        now += next == 0;
    }
    end_limiteds(n);
    return limiteds[0].coro.count;
}

/* --- Cancel, and unwind three frames -------------------------------------- */

static unsigned cleanups;

struct inner {
    ASYNC_FRAME;
    async_event_t event;
};

ASYNC_STATIC(inner)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->event));
    ASYNC_FINALLY();
    cleanups++;
    ASYNC_END();
}

struct middle {
    ASYNC_FRAME;
    struct inner inner;
};

ASYNC_STATIC(middle)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->inner, inner);
    ASYNC_FINALLY();
    cleanups++;
    ASYNC_END();
}

struct outer {
    ASYNC_FRAME;
    struct middle middle;
};

ASYNC_STATIC(outer)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->middle, middle);
    ASYNC_FINALLY();
    cleanups++;
    ASYNC_END();
}

static uint32_t cancels(unsigned n, unsigned operations)
{
    static async_task_t task;
    static struct outer outer;
    (void)n;
    start(0);
    cleanups = 0;
    while (operations-- > 0) {
        outer = ASYNC_CALL(outer);
        async_spawn(&loop, &task, &outer.coro);
        (void)async_poll(&loop);
        (void)async_cancel(&task);
        do {
            (void)async_poll(&loop);
        } while (!async_task_done(&task));
    }
    return cleanups;
}

/* -------------------------------------------------------------------------- */

const struct bench_workload bench_workloads[] = {
    {"yield", yield},  {"depth", depth},    {"ping", ping},    {"wake", wake},
    {"sleep", sleeps}, {"queue", items},    {"bulk", bulk},    {"call", calls},
    {"limit", limits}, {"cancel", cancels}, {"spawn", spawns}, {0, 0}};
