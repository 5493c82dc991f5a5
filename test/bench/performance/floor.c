/* SPDX-License-Identifier: MIT */

/*
 * The floor: the workloads (bench.h) as state machines written by hand, with
 * just the scheduler that they need. A queue of one link, events of one word
 * that one task can wait for, a pairing heap. Nothing is safe from interrupts,
 * nothing can be cancelled from outside, no error is passed on, no mistake
 * noticed.
 */
#include "bench.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if __GNUC__ >= 7
#define FALLTHROUGH __attribute__((fallthrough))
#else
#define FALLTHROUGH (void)0
#endif

/* --- Scheduler ------------------------------------------------------------ */

struct coro {
    struct coro *next; /* in the ready queue */
    void (*resume)(struct coro *self);
    uint_fast8_t state;
};

/* A coroutine that can sleep: its place in the pairing heap. */
struct timer {
    struct coro coro; /* next: the sibling */
    struct timer *child;
    struct timer *prev; /* the sibling before, or the parent */
    uint32_t deadline;
};

static struct {
    struct coro *first;
    struct coro **end;
    struct timer *timers;
    uint32_t now;
} loop;

static void start(unsigned bound)
{
    loop.first = NULL;
    loop.end = &loop.first;
    loop.timers = NULL;
    loop.now = 0;
    bench_bound = bound;
}

static inline void ready(struct coro *coro)
{
    coro->next = NULL;
    *loop.end = coro;
    loop.end = &coro->next;
}

static void run(void)
{
    struct coro *coro;
    while ((coro = loop.first) != NULL) {
        loop.first = coro->next;
        if (loop.first == NULL) {
            loop.end = &loop.first;
        }
        coro->resume(coro);
    }
}

/* --- Event: NULL, the task that waits, or SET ----------------------------- */

#define SET ((struct coro *)(uintptr_t)1)

static inline void event_set(struct coro **event)
{
    struct coro *waiter = *event;
    if (waiter == NULL || waiter == SET) {
        *event = SET;
    } else {
        *event = NULL;
        ready(waiter);
    }
}

/* Returns true if the event was set; it is cleared. Else it wakes the waiter
 * and stays clear. */
static inline bool event_take(struct coro **event, struct coro *waiter)
{
    if (*event == SET) {
        *event = NULL;
        return true;
    }
    *event = waiter;
    return false;
}

/* --- Timers: a pairing heap ----------------------------------------------- */

static inline struct timer *sibling(const struct timer *timer)
{
    return (struct timer *)(void *)timer->coro.next;
}

static inline bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline struct timer *meld(struct timer *a, struct timer *b)
{
    if (is_before(b->deadline, a->deadline)) {
        struct timer *earlier = b;
        b = a;
        a = earlier;
    }
    b->prev = a;
    b->coro.next = a->child == NULL ? NULL : &a->child->coro;
    if (a->child != NULL) {
        a->child->prev = b;
    }
    a->child = b;
    return a;
}

/* One heap of a list of siblings: in pairs, then from the last to the first. */
static struct timer *meld_all(struct timer *first)
{
    struct timer *pairs = NULL;
    while (first != NULL && sibling(first) != NULL) {
        struct timer *second = sibling(first);
        struct timer *rest = sibling(second);
        struct timer *pair = meld(first, second);
        pair->coro.next = pairs == NULL ? NULL : &pairs->coro;
        pairs = pair;
        first = rest;
    }
    if (first == NULL && pairs != NULL) {
        first = pairs;
        pairs = sibling(pairs);
    }
    while (pairs != NULL) {
        struct timer *rest = sibling(pairs);
        first = meld(pairs, first);
        pairs = rest;
    }
    return first;
}

static inline void timer_start(struct timer *timer, uint32_t deadline)
{
    timer->deadline = deadline;
    timer->child = NULL;
    timer->coro.next = NULL;
    loop.timers = loop.timers == NULL ? timer : meld(loop.timers, timer);
}

static inline struct timer *timer_pop(void)
{
    struct timer *timer = loop.timers;
    loop.timers = meld_all(timer->child);
    return timer;
}

static void timer_stop(struct timer *timer)
{
    if (timer == loop.timers) {
        (void)timer_pop();
        return;
    }
    struct timer *next = sibling(timer);
    if (timer->prev->child == timer) {
        timer->prev->child = next;
    } else {
        timer->prev->coro.next = timer->coro.next;
    }
    if (next != NULL) {
        next->prev = timer->prev;
    }
    struct timer *rest = meld_all(timer->child);
    if (rest != NULL) {
        loop.timers = meld(loop.timers, rest);
    }
}

/* Run until nobody sleeps, and go on to each deadline. */
static void run_timers(void)
{
    run();
    while (loop.timers != NULL) {
        loop.now = loop.timers->deadline;
        do {
            ready(&timer_pop()->coro);
        } while (loop.timers != NULL &&
                 !is_before(loop.now, loop.timers->deadline));
        run();
    }
}

/* --- Yield, and yield under awaits ---------------------------------------- */

struct yielder {
    struct coro coro;
    unsigned count;
    struct coro *awaiter;
};

static void yielder_resume(struct coro *coro)
{
    struct yielder *self = (struct yielder *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        while (self->count++ < bench_bound) {
            ready(&self->coro);
            return;
        default:;
        }
    }
    if (self->awaiter != NULL) {
        self->awaiter->resume(self->awaiter);
    }
}

static struct yielder yielders[BENCH_TASKS];

const unsigned bench_tasks_max = BENCH_TASKS;

static uint32_t yield(unsigned n, unsigned operations)
{
    start(operations / n);
    for (unsigned i = 0; i < n; i++) {
        yielders[i] = (struct yielder){.coro.resume = yielder_resume};
        ready(&yielders[i].coro);
    }
    run();
    return yielders[n - 1].count;
}

struct caller {
    struct coro coro;
    struct coro *callee;
    struct coro **callee_awaiter;
    struct coro *awaiter;
};

static void caller_resume(struct coro *coro)
{
    struct caller *self = (struct caller *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        *self->callee_awaiter = &self->coro;
        self->callee->resume(self->callee);
        return;
    default:;
    }
    if (self->awaiter != NULL) {
        self->awaiter->resume(self->awaiter);
    }
}

static uint32_t depth(unsigned n, unsigned operations)
{
    static struct caller callers[BENCH_DEPTH];
    struct yielder *leaf = &yielders[0];
    struct coro *callee = &leaf->coro;
    struct coro **awaiter = &leaf->awaiter;
    start(operations);
    *leaf = (struct yielder){.coro.resume = yielder_resume};
    for (unsigned i = 0; i < n; i++) {
        callers[i] = (struct caller){.coro.resume = caller_resume,
                                     .callee = callee,
                                     .callee_awaiter = awaiter};
        callee = &callers[i].coro;
        awaiter = &callers[i].awaiter;
    }
    ready(callee);
    run();
    return leaf->count;
}

/* --- Spawn ---------------------------------------------------------------- */

struct brief {
    struct coro coro;
    unsigned count;
};

static void brief_resume(struct coro *coro)
{
    struct brief *self = (struct brief *)(void *)coro;
    self->count++;
}

static uint32_t spawns(unsigned n, unsigned operations)
{
    static struct brief tasks[BENCH_TASKS];
    uint32_t done = 0;
    while (done < operations) {
        start(0);
        for (unsigned i = 0; i < n; i++) {
            tasks[i] = (struct brief){.coro.resume = brief_resume};
            ready(&tasks[i].coro);
        }
        run();
        done += n;
    }
    return done;
}

/* --- Ping-pong ------------------------------------------------------------ */

struct player {
    struct coro coro;
    unsigned count;
    struct coro **mine;
    struct coro **other;
};

static void player_resume(struct coro *coro)
{
    struct player *self = (struct player *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        while (self->count++ < bench_bound) {
            if (!event_take(self->mine, &self->coro)) {
                self->coro.state = 1;
                return;
            }
            FALLTHROUGH;
        default:
            event_set(self->other);
        }
    }
}

static uint32_t ping(unsigned n, unsigned operations)
{
    static struct coro *events[2];
    static struct player players[2];
    start(operations);
    for (unsigned i = 0; i < n; i++) {
        events[i] = NULL;
        players[i] = (struct player){.coro.resume = player_resume,
                                     .mine = &events[i],
                                     .other = &events[1 - i]};
        ready(&players[i].coro);
    }
    event_set(&events[0]);
    run();
    return players[1].count;
}

/* --- Wake one of n -------------------------------------------------------- */

struct waiter {
    struct coro coro;
    unsigned count;
    struct coro *event;
};

static void waiter_resume(struct coro *coro)
{
    struct waiter *self = (struct waiter *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        while (self->count++ < bench_bound) {
            if (!event_take(&self->event, &self->coro)) {
                self->coro.state = 1;
                return;
            }
            FALLTHROUGH;
        default:;
        }
    }
}

static struct waiter waiters[BENCH_TASKS];

static void end_waiters(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        event_set(&waiters[i].event);
    }
    run();
}

static uint32_t wake(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        waiters[i] = (struct waiter){.coro.resume = waiter_resume};
        ready(&waiters[i].coro);
    }
    run();
    while (operations-- > 0) {
        event_set(&waiters[next].event);
        run();
        next = bench_next(next, n);
    }
    end_waiters(n);
    return waiters[0].count;
}

/* --- Sleep ---------------------------------------------------------------- */

static unsigned expired;

static void sleeper_resume(struct coro *coro)
{
    struct timer *self = (struct timer *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        while (expired++ < bench_bound) {
            timer_start(self, loop.now + bench_draw());
            return;
        default:;
        }
    }
}

static uint32_t sleeps(unsigned n, unsigned operations)
{
    static struct timer sleepers[BENCH_TASKS];
    start(operations);
    expired = 0;
    bench_seed = 1;
    for (unsigned i = 0; i < n; i++) {
        sleepers[i] = (struct timer){.coro.resume = sleeper_resume};
        ready(&sleepers[i].coro);
    }
    run_timers();
    return loop.now;
}

/* --- Queue ---------------------------------------------------------------- */

static struct {
    unsigned first; /* items got and put so far */
    unsigned last;
    struct coro *getter; /* who waits */
    struct coro *putter;
    uint32_t items[BENCH_SLOTS];
} queue;

static inline void wake_waiter(struct coro **waiter)
{
    if (*waiter != NULL) {
        ready(*waiter);
        *waiter = NULL;
    }
}

struct producer {
    struct coro coro;
    uint32_t count;
};

static void producer_resume(struct coro *coro)
{
    struct producer *self = (struct producer *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        while (self->count++ < bench_bound) {
            if (queue.last - queue.first == BENCH_SLOTS) {
                queue.putter = &self->coro;
                return;
            default:;
            }
            queue.items[queue.last++ % BENCH_SLOTS] = self->count;
            wake_waiter(&queue.getter);
        }
    }
}

struct consumer {
    struct coro coro;
    uint32_t count;
    uint32_t item;
};

static void consumer_resume(struct coro *coro)
{
    struct consumer *self = (struct consumer *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        while (self->count++ < bench_bound) {
            if (queue.last == queue.first) {
                queue.getter = &self->coro;
                return;
            default:;
            }
            self->item = queue.items[queue.first++ % BENCH_SLOTS];
            wake_waiter(&queue.putter);
        }
    }
}

static uint32_t items(unsigned n, unsigned operations)
{
    static struct producer producer;
    static struct consumer consumer;
    (void)n;
    start(operations);
    producer = (struct producer){.coro.resume = producer_resume};
    consumer = (struct consumer){.coro.resume = consumer_resume};
    ready(&producer.coro);
    ready(&consumer.coro);
    run();
    return consumer.item;
}

/* --- Queue, all that there is room for at once ---------------------------- */

/* Of `count` items from or to slot `at`: those before the ring's end. */
static inline unsigned before_end(unsigned at, unsigned count)
{
    unsigned rest = BENCH_SLOTS - at;
    return count < rest ? count : rest;
}

/* A small C library's memcpy goes byte by byte. */
static inline void copy(uint32_t *to, const uint32_t *from, unsigned count)
{
#ifdef __unix__
    memcpy(to, from, count * sizeof *to);
#else
    while (count-- > 0) {
        *to++ = *from++;
    }
#endif
}

static unsigned put_many(const uint32_t *batch, unsigned count)
{
    unsigned room = BENCH_SLOTS - (queue.last - queue.first);
    unsigned at = queue.last % BENCH_SLOTS;
    count = count < room ? count : room;
    unsigned part = before_end(at, count);
    copy(&queue.items[at], batch, part);
    if (part < count) {
        copy(queue.items, batch + part, count - part);
    }
    queue.last += count;
    return count;
}

static unsigned get_many(uint32_t *batch, unsigned count)
{
    unsigned there = queue.last - queue.first;
    unsigned at = queue.first % BENCH_SLOTS;
    count = count < there ? count : there;
    unsigned part = before_end(at, count);
    copy(batch, &queue.items[at], part);
    if (part < count) {
        copy(batch + part, queue.items, count - part);
    }
    queue.first += count;
    return count;
}

struct porter {
    struct coro coro;
    unsigned count;
    uint32_t batch[BENCH_SLOTS];
};

static void bulk_producer_resume(struct coro *coro)
{
    struct porter *self = (struct porter *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        while (self->count < bench_bound) {
            if (queue.last - queue.first == BENCH_SLOTS) {
                queue.putter = &self->coro;
                return;
            default:;
            }
            self->batch[0] = self->count;
            self->count += put_many(self->batch, BENCH_SLOTS);
            wake_waiter(&queue.getter);
        }
    }
}

static void bulk_consumer_resume(struct coro *coro)
{
    struct porter *self = (struct porter *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        self->coro.state = 1;
        while (self->count < bench_bound) {
            if (queue.last == queue.first) {
                queue.getter = &self->coro;
                return;
            default:;
            }
            self->count += get_many(self->batch, BENCH_SLOTS);
            wake_waiter(&queue.putter);
        }
    }
}

static uint32_t bulk(unsigned n, unsigned operations)
{
    static struct porter producer;
    static struct porter consumer;
    (void)n;
    start(operations);
    producer = (struct porter){.coro.resume = bulk_producer_resume};
    consumer = (struct porter){.coro.resume = bulk_consumer_resume};
    ready(&producer.coro);
    ready(&consumer.coro);
    run();
    return consumer.batch[0];
}

/* --- Call of a coroutine that does not pause ------------------------------ */

struct child {
    uint_fast8_t state;
    unsigned result;
    unsigned argument;
};

/* True: it has ended. */
static __attribute__((noinline)) bool child_resume(struct child *self)
{
    switch (self->state) {
    case 0:
        self->result = self->argument + 1;
    }
    return true;
}

struct parent {
    struct coro coro;
    unsigned count;
    struct child child;
};

static void parent_resume(struct coro *coro)
{
    struct parent *self = (struct parent *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        while (self->count < bench_bound) {
            self->child.state = 0;
            self->child.argument = self->count;
            FALLTHROUGH;
        default:
            if (!child_resume(&self->child)) {
                self->coro.state = 1;
                return;
            }
            self->count = self->child.result;
        }
    }
}

static uint32_t calls(unsigned n, unsigned operations)
{
    static struct parent parent;
    (void)n;
    start(operations);
    parent = (struct parent){.coro.resume = parent_resume};
    ready(&parent.coro);
    run();
    return parent.count;
}

/* --- Wake one of n, whose wait has a limit -------------------------------- */

struct limited {
    struct timer timer;
    unsigned count;
    struct coro *event;
    bool late;
};

static void limited_resume(struct coro *coro)
{
    struct limited *self = (struct limited *)(void *)coro;
    switch (self->timer.coro.state) {
    case 0:
        while (self->count++ < bench_bound) {
            if (!event_take(&self->event, &self->timer.coro)) {
                self->timer.coro.state = 1;
                timer_start(&self->timer, loop.now + BENCH_LIMIT);
                return;
            default:
                if (self->late) {
                    return;
                }
            }
        }
    }
}

/* The link that it needs in the ready queue is the heap's. */
static void limited_set(struct limited *limited)
{
    if (limited->event == &limited->timer.coro) {
        timer_stop(&limited->timer);
    }
    event_set(&limited->event);
}

static void limited_poll(void)
{
    while (loop.timers != NULL && !is_before(loop.now, loop.timers->deadline)) {
        struct limited *limited = (struct limited *)(void *)timer_pop();
        limited->event = NULL;
        limited->late = true;
        ready(&limited->timer.coro);
    }
    run();
}

static struct limited limiteds[BENCH_TASKS];

static void end_limiteds(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        limited_set(&limiteds[i]);
    }
    run();
}

static uint32_t limits(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        limiteds[i] = (struct limited){.timer.coro.resume = limited_resume};
        ready(&limiteds[i].timer.coro);
    }
    run();
    while (operations-- > 0) {
        limited_set(&limiteds[next]);
        limited_poll();
        next = bench_next(next, n);
        loop.now += next == 0;
    }
    end_limiteds(n);
    return limiteds[0].count;
}

/* --- Cancel, and unwind three frames -------------------------------------- */

static unsigned cleanups;

static __attribute__((noinline)) void inner_cleanup(void)
{
    cleanups++;
}

static __attribute__((noinline)) void middle_cleanup(void)
{
    cleanups++;
}

static __attribute__((noinline)) void outer_cleanup(void)
{
    cleanups++;
}

struct nested {
    struct coro coro;
    struct coro *event;
    bool done;
};

static void nested_resume(struct coro *coro)
{
    struct nested *self = (struct nested *)(void *)coro;
    switch (self->coro.state) {
    case 0:
        if (!event_take(&self->event, &self->coro)) {
            self->coro.state = 1;
            return;
        default:;
        }
    }
    inner_cleanup();
    middle_cleanup();
    outer_cleanup();
    self->done = true;
}

/* By hand: it is known where it waits. */
static void nested_cancel(struct nested *nested)
{
    nested->event = NULL;
    ready(&nested->coro);
}

static uint32_t cancels(unsigned n, unsigned operations)
{
    static struct nested nested;
    (void)n;
    start(0);
    cleanups = 0;
    while (operations-- > 0) {
        nested.coro.resume = nested_resume;
        nested.coro.state = 0;
        nested.event = NULL;
        nested.done = false;
        ready(&nested.coro);
        run();
        nested_cancel(&nested);
        do {
            run();
        } while (!nested.done);
    }
    return cleanups;
}

/* -------------------------------------------------------------------------- */

const struct bench_workload bench_workloads[] = {
    {"yield", yield},  {"depth", depth},    {"ping", ping},    {"wake", wake},
    {"sleep", sleeps}, {"queue", items},    {"bulk", bulk},    {"call", calls},
    {"limit", limits}, {"cancel", cancels}, {"spawn", spawns}, {NULL, NULL}};
