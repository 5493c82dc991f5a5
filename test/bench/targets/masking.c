/* SPDX-License-Identifier: MIT */

/*
 * Every operation that locks interrupts, with one waiter and with many: none
 * may lock them longer for more waiters (design: constant time).
 *
 * A section has the operation and then, named "... run", the steps of the tasks
 * that it woke.
 */
#include "measure.h"

#include <async/port.h>

#include <string.h>

struct big {
    uint8_t bytes[64];
};

/* What the waiters of one kind share; all zero at the beginning of each run,
 * but for those that need more. */
static async_event_t event, go;
static async_semaphore_t semaphore;
static async_lock_t lock;
static async_rwlock_t rwlock;
static async_condition_t condition = ASYNC_CONDITION_INIT(&lock);
static async_barrier_t barrier;
static ASYNC_QUEUE(uint32_t, 1) words;
static ASYNC_QUEUE(struct big, 1) bigs;
static ASYNC_QUEUE(uint32_t, MANY) urgent;
static ASYNC_FUTURE(uint32_t) future;
static ASYNC_SIGNAL(uint32_t) latest;
static ASYNC_WATCH(uint32_t) watch;
static ASYNC_PUBSUB(uint32_t, 2) pubsub;
static async_stream_t stream;
static uint8_t stream_bytes[64];
static struct big big;
static uint32_t word;

/* --- Tasks that wait ------------------------------------------------------ */

/* A coroutine that does one thing. */
#define WAITER(name, members, ...)                                             \
    struct name {                                                              \
        ASYNC_FRAME;                                                           \
        members                                                                \
    };                                                                         \
    ASYNC_STATIC(name)                                                         \
    {                                                                          \
        ASYNC_BEGIN();                                                         \
        __VA_ARGS__;                                                           \
        ASYNC_END();                                                           \
    }

WAITER(wait_event, , AWAIT(async_event_wait(&event)))
WAITER(wait_permit, , AWAIT(async_semaphore_acquire(&semaphore)))
WAITER(get_word, , AWAIT_GET(&words, &word))
WAITER(put_word, , AWAIT_PUT(&words, &word))
WAITER(get_big, , AWAIT_GET(&bigs, &big))
WAITER(put_big, , AWAIT_PUT(&bigs, &big))
WAITER(wait_future, , AWAIT(async_future_wait(&future)))
WAITER(wait_signal, , AWAIT_SIGNAL(&latest, &word))
WAITER(wait_watch, async_watch_reader_t reader;
       , AWAIT(async_watch_changed(&watch, &self->reader));
       async_watch_read(&watch, &self->reader, &word))
WAITER(wait_message, async_subscriber_t subscriber;
       , AWAIT(async_pubsub_wait(&pubsub, &self->subscriber));
       check(async_pubsub_take(&pubsub, &self->subscriber, &word) == 0))
WAITER(wait_barrier, struct async_barrier_wait wait;
       , AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &barrier))
WAITER(wait_task, async_task_t *task;, AWAIT(async_join(self->task)))
WAITER(sleep_for, async_ticks_t ticks;, AWAIT(async_sleep(self->ticks)))
WAITER(wait_limit, , AWAIT(async_wait_for(async_event_wait(&event), 10)))
WAITER(read_stream, struct async_stream_read call; uint8_t bytes[16];
       , AWAIT_CALL(self->call, async_stream_read, .stream = &stream,
                    .data = self->bytes, .size = sizeof self->bytes))
WAITER(with_lock, async_with_t guard;, ASYNC_WITH_LOCK(&self->guard, &lock){})
WAITER(reading, async_with_t guard;
       , ASYNC_WITH_READING(&self->guard, &rwlock){})
WAITER(writing, async_with_t guard;
       , ASYNC_WITH_WRITING(&self->guard, &rwlock){})
WAITER(
    notify_all, async_with_t guard;, ASYNC_WITH_LOCK(&self->guard, &lock) {
        async_condition_notify_all(&condition);
    })
WAITER(yield, , ASYNC_YIELD())

/* Two AWAITs, which may not stand on one line. */
struct hold_lock {
    ASYNC_FRAME;
    async_with_t guard;
};

ASYNC_STATIC(hold_lock)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        AWAIT(async_event_wait(&go));
    }
    ASYNC_END();
}

struct hold_writing {
    ASYNC_FRAME;
    async_with_t guard;
};

ASYNC_STATIC(hold_writing)
{
    ASYNC_BEGIN();
    ASYNC_WITH_WRITING(&self->guard, &rwlock) {
        AWAIT(async_event_wait(&go));
    }
    ASYNC_END();
}

struct wait_condition {
    ASYNC_FRAME;
    struct async_condition_wait wait;
    async_with_t guard;
};

ASYNC_STATIC(wait_condition)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        AWAIT_CALL(self->wait, async_condition_wait, .condition = &condition);
    }
    ASYNC_END();
}

/* Its members wait for the event. */
struct in_group {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t *members;
    struct wait_event *coros;
    unsigned n;
};

ASYNC_STATIC(in_group)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        for (unsigned i = 0; i < self->n; i++) {
            async_group_spawn(&self->group, &self->members[i],
                              &self->coros[i].coro);
        }
    }
    ASYNC_END();
}

static union {
    struct wait_event wait_event;
    struct wait_permit wait_permit;
    struct get_word get_word;
    struct put_word put_word;
    struct get_big get_big;
    struct put_big put_big;
    struct wait_future wait_future;
    struct wait_signal wait_signal;
    struct wait_watch wait_watch;
    struct wait_message wait_message;
    struct wait_barrier wait_barrier;
    struct wait_task wait_task;
    struct sleep_for sleep_for;
    struct wait_limit wait_limit;
    struct read_stream read_stream;
    struct with_lock with_lock;
    struct reading reading;
    struct writing writing;
    struct wait_condition wait_condition;
    struct yield yield;
    async_pulse_t pulse;
} frames[MANY];

/* --- Helpers -------------------------------------------------------------- */

static void settle(void)
{
    while (async_poll(&loop) == 0) {
    }
}

#define FIRST(...)     FIRST_(__VA_ARGS__, )
#define FIRST_(a, ...) a

/* SPAWN(n, kind, .member = value): `n` tasks of a kind. */
#define SPAWN(n, ...)                                                          \
    for (unsigned i = 0; i < (n); i++) {                                       \
        (void)async_task_error(&tasks[i]); /* taken, if it has one */          \
        frames[i].FIRST(__VA_ARGS__) = ASYNC_CALL(__VA_ARGS__);                \
        async_spawn(&loop, &tasks[i], &frames[i].FIRST(__VA_ARGS__).coro);     \
    }

/* They come to their wait: the wait is an operation, too. */
#define WAIT(name, n, ...)                                                     \
    SPAWN(n, __VA_ARGS__)                                                      \
    MEASURE(name ": wait", n, settle())

/* What wakes them, and how they go on. */
#define WAKE(name, n, ...)                                                     \
    MEASURE(name, n, __VA_ARGS__);                                             \
    MEASURE(name ": run", n, settle())

#define TIMES(n, ...)                                                          \
    for (unsigned time_ = 0; time_ < (n); time_++) {                           \
        __VA_ARGS__;                                                           \
    }

/* One task beside them. */
static async_task_t other;
static union {
    struct hold_lock hold_lock;
    struct hold_writing hold_writing;
    struct notify_all notify_all;
    struct wait_barrier wait_barrier;
    struct in_group in_group;
    struct put_word put_word;
} frame;

#define OTHER(...)                                                             \
    (void)async_task_error(&other);                                            \
    frame.FIRST(__VA_ARGS__) = ASYNC_CALL(__VA_ARGS__);                        \
    async_spawn(&loop, &other, &frame.FIRST(__VA_ARGS__).coro)

/* --- Operations ----------------------------------------------------------- */

static void events(unsigned n)
{
    event = (async_event_t){0};
    WAIT("event", n, wait_event);
    WAKE("event set", n, async_event_set(&event));
    MEASURE("event clear", n, async_event_clear(&event));
}

static void counting(unsigned n)
{
    semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(0);
    WAIT("semaphore", n, wait_permit);
    MEASURE("semaphore release", n, async_semaphore_release(&semaphore));
    TIMES(n - 1, async_semaphore_release(&semaphore));
    MEASURE("semaphore release: run", n, settle());
    async_semaphore_release(&semaphore);
    MEASURE("semaphore try_acquire", n,
            check(async_semaphore_try_acquire(&semaphore) == ASYNC_OK));
}

static void queues(unsigned n)
{
    async_queue_init(&words);
    WAIT("queue get, 4 bytes", n, get_word);
    MEASURE("queue put, 4 bytes", n,
            check(async_queue_try_put(&words, &word) == ASYNC_OK));
    MEASURE("queue put, 4 bytes: run", n, settle());
    TIMES(n - 1, check(async_queue_try_put(&words, &word) == ASYNC_OK);
          settle());
    check(async_queue_try_put(&words, &word) == ASYNC_OK);
    WAIT("queue put, full", n, put_word);
    MEASURE("queue get, 4 bytes", n,
            check(async_queue_try_get(&words, &word) == ASYNC_OK));
    MEASURE("queue get, 4 bytes: run", n, settle());
    OTHER(put_word);
    settle();
    WAKE("queue close", n, async_queue_close(&words));
}

static void big_queues(unsigned n)
{
    async_queue_init(&bigs);
    WAIT("queue get, 64 bytes", n, get_big);
    MEASURE("queue put, 64 bytes", n,
            check(async_queue_try_put(&bigs, &big) == ASYNC_OK));
    MEASURE("queue put, 64 bytes: run", n, settle());
    TIMES(n - 1, check(async_queue_try_put(&bigs, &big) == ASYNC_OK); settle());
    check(async_queue_try_put(&bigs, &big) == ASYNC_OK);
    SPAWN(n, put_big)
    settle();
    MEASURE("queue get, 64 bytes", n,
            check(async_queue_try_get(&bigs, &big) == ASYNC_OK));
    MEASURE("queue get, 64 bytes: run", n, settle());
    async_queue_close(&bigs);
    settle();
}

/* The one that grows, with what it holds; its page says so. */
static bool before(const void *a, const void *b)
{
    return *(const uint32_t *)a < *(const uint32_t *)b;
}

static void priority_queue(unsigned n)
{
    async_queue_init_priority(&urgent, before);
    for (word = 1000; word > 1000 - n + 1; word--) {
        check(async_queue_try_put(&urgent, &word) == ASYNC_OK);
    }
    MEASURE("priority queue put, items", n,
            check(async_queue_try_put(&urgent, &word) == ASYNC_OK));
    MEASURE("priority queue get, items", n,
            check(async_queue_try_get(&urgent, &word) == ASYNC_OK));
}

static void values(unsigned n)
{
    async_future_reset(&future);
    WAIT("future", n, wait_future);
    WAKE("future set", n, (void)async_future_set(&future, &word));
    memset(&watch, 0, sizeof watch);
    WAIT("watch", n, wait_watch, .reader = {0});
    WAKE("watch set", n, async_watch_set(&watch, &word));
    SPAWN(1, wait_signal)
    MEASURE("signal: wait", n, settle());
    WAKE("signal send", n, (void)async_signal_send(&latest, &word));
}

static void messages(unsigned n)
{
    async_subscriber_t subscriber = {0};
    async_pubsub_subscribe(&pubsub, &subscriber);
    WAIT("pubsub", n, wait_message, .subscriber = subscriber);
    WAKE("pubsub publish", n, async_pubsub_publish(&pubsub, &word));
}

static void streams(unsigned n)
{
    async_stream_init(&stream, stream_bytes, sizeof stream_bytes);
    SPAWN(1, read_stream)
    MEASURE("stream read: wait", n, settle());
    WAKE("stream push, 16 bytes", n,
         (void)async_stream_push(&stream, &big, 16));
    MEASURE("stream push, 64 bytes", n,
            (void)async_stream_push(&stream, &big, 64));
    MEASURE("stream pull, 64 bytes", n,
            check(async_stream_pull(&stream, &big, 64) == 64));
    SPAWN(1, read_stream)
    settle();
    WAKE("stream close", n, async_stream_close(&stream));
}

static void locks(unsigned n)
{
    OTHER(hold_lock);
    settle();
    WAIT("lock", n, with_lock);
    async_event_set(&go);
    MEASURE("lock release, in turn", n, settle());
    async_event_clear(&go);
}

static void rwlocks(unsigned n)
{
    OTHER(hold_writing);
    settle();
    WAIT("rwlock read", n, reading);
    async_event_set(&go);
    MEASURE("rwlock write_release, readers", n, settle());
    async_event_clear(&go);
    OTHER(hold_writing);
    settle();
    WAIT("rwlock write", n, writing);
    async_event_set(&go);
    MEASURE("rwlock write_release, writers", n, settle());
    async_event_clear(&go);
}

static void conditions(unsigned n)
{
    WAIT("condition", n, wait_condition);
    OTHER(notify_all);
    MEASURE("condition notify_all, in turn", n, settle());
}

static void barriers(unsigned n)
{
    barrier = (async_barrier_t)ASYNC_BARRIER_INIT((uint16_t)(n + 1));
    WAIT("barrier", n, wait_barrier);
    OTHER(wait_barrier);
    MEASURE("barrier, the last comes", n, settle());
}

static void ends(unsigned n)
{
    go = (async_event_t){0};
    OTHER(hold_lock);
    settle();
    WAIT("join", n, wait_task, .task = &other);
    async_event_set(&go);
    MEASURE("end of a task that others join", n, settle());
    async_event_clear(&go);
}

static void cancels(unsigned n)
{
    event = (async_event_t){0};
    SPAWN(n, wait_event)
    settle();
    WAKE("cancel", n, TIMES(n, (void)async_cancel(&tasks[time_])));
    SPAWN(n, wait_event)
    settle();
    MEASURE("loop close", n, (void)async_loop_close(&loop));
}

static void groups(unsigned n)
{
    static async_member_t members[MANY];
    static struct wait_event coros[MANY];
    event = (async_event_t){0};
    TIMES(n, coros[time_] = ASYNC_CALL(wait_event))
    OTHER(in_group, .members = members, .coros = coros, .n = n);
    MEASURE("group spawn", n, settle());
    (void)async_cancel(&other);
    MEASURE("group cancelled", n, settle());
}

static void timers(unsigned n)
{
    SPAWN(n, sleep_for, .ticks = 10)
    MEASURE("sleep: start", n, settle());
    now += 10;
    MEASURE("sleep: all expire", n, settle());
    event = (async_event_t){0};
    SPAWN(n, wait_limit)
    MEASURE("wait_for: start", n, settle());
    WAKE("wait_for: woken", n, async_event_set(&event));
    SPAWN(n, sleep_for, .ticks = (async_ticks_t)(10 + i * 7 % 16))
    settle();
    MEASURE("sleep: cancelled", n, TIMES(n, (void)async_cancel(&tasks[time_]));
            settle());
}

static void callback(void *argument)
{
    (void)argument;
}

static void loops(unsigned n)
{
    static async_callback_t soon = ASYNC_CALLBACK_INIT(callback, NULL);
    MEASURE("spawn", n, SPAWN(n, yield));
    MEASURE("steps of tasks that yield", n, settle());
    WAKE("callback soon", n, (void)async_callback_soon(&loop, &soon));
    SPAWN(n, sleep_for, .ticks = 10)
    settle();
    sleeps_left = 0;
    MEASURE("run_forever, up to the sleep", n, (void)async_run_forever(&loop));
    settle();
    MEASURE("stop", n, async_stop(&loop));
}

/* With n pulses. */
static void watchdogs(unsigned n)
{
    static async_watchdog_t dog;
    async_watchdog_t *all = &dog;
    TIMES(n, frames[time_].pulse = (async_pulse_t){.late_ = false})
    MEASURE("watchdog add", n,
            TIMES(n, async_watchdog_add(all, &frames[time_].pulse, NULL, 5)));
    MEASURE("watchdog check", n, check(async_watchdog_check(all, 0) == NULL));
    check(async_watchdog_check(all, 6) == &frames[0].pulse);
    MEASURE("watchdog remove", n,
            TIMES(n, async_watchdog_remove(&frames[time_].pulse)));
}

/* --- Clocks --------------------------------------------------------------- */

static uint32_t count;

static uint32_t counter_read(void)
{
    return count;
}

static void counter_alarm(uint32_t at)
{
    count = at; /* the sleep, which is not entered, is over */
}

static void clocks(void)
{
    static async_tick_clock_t ticks = ASYNC_TICK_CLOCK_INIT;
    static async_counter_clock_t counter =
        ASYNC_COUNTER_CLOCK_INIT(counter_read, counter_alarm, 32, 32768);
    async_clock_t *tick = &ticks.clock;
    async_clock_t *free = &counter.clock;
    MEASURE("tick clock: tick", 1, async_tick(&ticks));
    MEASURE("tick clock: now", 1, (void)tick->ops->now(tick));
    count += 1500;
    MEASURE("counter clock: now", 1, (void)free->ops->now(free));
    static async_time_t deadline = 1000;
    async_port_state_t state;
    MEASURE("counter clock: sleep, without the sleep", 1,
            state = async_port_lock();
            (void)free->ops->sleep(free, &deadline, false);
            async_port_unlock(state));
}

static void all(unsigned n)
{
    events(n);
    counting(n);
    queues(n);
    big_queues(n);
    priority_queue(n);
    values(n);
    messages(n);
    streams(n);
    locks(n);
    rwlocks(n);
    conditions(n);
    barriers(n);
    ends(n);
    timers(n);
    groups(n);
    cancels(n);
    loops(n);
    watchdogs(n);
}

void measure_masking(void)
{
    all(1);
    all(MANY);
    clocks();
}
