/* SPDX-License-Identifier: MIT */

/*
 * The workloads (bench.h) as threads with stacks of their own, which
 * swapcontext switches; glibc's calls the kernel each time, for the mask of
 * signals. The scheduler is the least that does it.
 */
#include "bench.h"

#include <stddef.h>
#include <ucontext.h>

/* More would be too much memory. */
#define TASKS 10000
#define STACK 4096

/* --- Scheduler ------------------------------------------------------------ */

struct thread {
    struct thread *next;
    ucontext_t context;
    unsigned argument;
    unsigned count;
};

static struct {
    struct thread *first;
    struct thread **end;
    struct thread *running;
    ucontext_t context;
    unsigned timers;
    uint32_t now;
} loop;

static struct thread threads[TASKS];
static char stacks[TASKS][STACK] __attribute__((aligned(16)));

static void start(unsigned bound)
{
    loop.first = NULL;
    loop.end = &loop.first;
    loop.timers = 0;
    loop.now = 0;
    bench_bound = bound;
}

static inline void ready(struct thread *thread)
{
    thread->next = NULL;
    *loop.end = thread;
    loop.end = &thread->next;
}

static void run(void)
{
    struct thread *thread;
    while ((thread = loop.first) != NULL) {
        loop.first = thread->next;
        if (loop.first == NULL) {
            loop.end = &loop.first;
        }
        loop.running = thread;
        swapcontext(&loop.context, &thread->context);
    }
}

static inline void pause_thread(void)
{
    swapcontext(&loop.running->context, &loop.context);
}

static void spawn(unsigned i, void (*body)(void), unsigned argument)
{
    struct thread *thread = &threads[i];
    getcontext(&thread->context);
    thread->context.uc_stack.ss_sp = stacks[i];
    thread->context.uc_stack.ss_size = STACK;
    thread->context.uc_link = &loop.context;
    thread->argument = argument;
    thread->count = 0;
    makecontext(&thread->context, body, 0);
    ready(thread);
}

/* --- Event: NULL, the thread that waits, or SET --------------------------- */

#define SET ((struct thread *)(uintptr_t)1)

static void event_set(struct thread **event)
{
    struct thread *waiter = *event;
    if (waiter == NULL || waiter == SET) {
        *event = SET;
    } else {
        *event = NULL;
        ready(waiter);
    }
}

static void event_take(struct thread **event)
{
    if (*event == SET) {
        *event = NULL;
        return;
    }
    *event = loop.running;
    pause_thread();
}

/* --- Timers: a heap in an array, four below each -------------------------- */

static struct entry {
    uint32_t deadline;
    struct thread *thread;
} heap[TASKS];

static int is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static void timer_start(struct thread *thread, uint32_t deadline)
{
    unsigned place = loop.timers++;
    while (place > 0 && is_before(deadline, heap[(place - 1) / 4].deadline)) {
        heap[place] = heap[(place - 1) / 4];
        place = (place - 1) / 4;
    }
    heap[place] = (struct entry){deadline, thread};
}

/* The earliest of the four below, or one that is not there. */
static unsigned least_below(unsigned place)
{
    unsigned least = place * 4 + 1;
    unsigned end = least + 4 < loop.timers ? least + 4 : loop.timers;
    for (unsigned child = least + 1; child < end; child++) {
        if (is_before(heap[child].deadline, heap[least].deadline)) {
            least = child;
        }
    }
    return least;
}

static struct thread *timer_pop(void)
{
    struct thread *thread = heap[0].thread;
    struct entry last = heap[--loop.timers];
    unsigned place = 0;
    unsigned least = least_below(place);
    while (least < loop.timers &&
           is_before(heap[least].deadline, last.deadline)) {
        heap[place] = heap[least];
        place = least;
        least = least_below(place);
    }
    heap[place] = last;
    return thread;
}

static void run_timers(void)
{
    run();
    while (loop.timers > 0) {
        loop.now = heap[0].deadline;
        do {
            ready(timer_pop());
        } while (loop.timers > 0 && !is_before(loop.now, heap[0].deadline));
        run();
    }
}

/* --- Yield, and yield under calls ----------------------------------------- */

static unsigned last_count;

static __attribute__((noinline)) void yields(void)
{
    unsigned count = 0;
    while (count++ < bench_bound) {
        ready(loop.running);
        pause_thread();
    }
    last_count = count;
}

static uint32_t yield(unsigned n, unsigned operations)
{
    start(operations / n);
    for (unsigned i = 0; i < n; i++) {
        spawn(i, yields, 0);
    }
    run();
    return last_count;
}

static __attribute__((noinline)) void call(unsigned depth)
{
    if (depth == 0) {
        yields();
    } else {
        call(depth - 1);
        __asm volatile(""); /* or it would be a jump */
    }
}

static void caller(void)
{
    call(loop.running->argument);
}

static uint32_t depth(unsigned n, unsigned operations)
{
    start(operations);
    spawn(0, caller, n - 1);
    run();
    return last_count;
}

/* --- Spawn ---------------------------------------------------------------- */

static void brief(void)
{
    loop.running->count++;
}

static uint32_t spawns(unsigned n, unsigned operations)
{
    uint32_t done = 0;
    while (done < operations) {
        start(0);
        for (unsigned i = 0; i < n; i++) {
            spawn(i, brief, 0);
        }
        run();
        done += n;
    }
    return done;
}

/* --- Ping-pong ------------------------------------------------------------ */

static struct thread *events[TASKS];

static void player(void)
{
    unsigned side = loop.running->argument;
    unsigned count = 0;
    while (count++ < bench_bound) {
        event_take(&events[side]);
        event_set(&events[1 - side]);
    }
    last_count = count;
}

static uint32_t ping(unsigned n, unsigned operations)
{
    start(operations);
    for (unsigned i = 0; i < n; i++) {
        events[i] = NULL;
        spawn(i, player, i);
    }
    event_set(&events[0]);
    run();
    return last_count;
}

/* --- Wake one of n -------------------------------------------------------- */

static void waiter(void)
{
    struct thread *self = loop.running;
    while (self->count++ < bench_bound) {
        event_take(&events[self->argument]);
    }
}

static void end_waiters(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        event_set(&events[i]);
    }
    run();
}

static uint32_t wake(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        events[i] = NULL;
        spawn(i, waiter, i);
    }
    run();
    while (operations-- > 0) {
        event_set(&events[next]);
        run();
        next = bench_next(next, n);
    }
    end_waiters(n);
    return threads[0].count;
}

/* --- Sleep ---------------------------------------------------------------- */

static unsigned expired;

static void sleeper(void)
{
    struct thread *self = loop.running;
    while (expired++ < bench_bound) {
        timer_start(self, loop.now + bench_draw());
        pause_thread();
    }
}

static uint32_t sleeps(unsigned n, unsigned operations)
{
    start(operations);
    expired = 0;
    bench_seed = 1;
    for (unsigned i = 0; i < n; i++) {
        spawn(i, sleeper, 0);
    }
    run_timers();
    return loop.now;
}

/* --- Queue ---------------------------------------------------------------- */

static struct {
    unsigned first; /* items got and put so far */
    unsigned last;
    struct thread *getter; /* who waits */
    struct thread *putter;
    uint32_t items[BENCH_SLOTS];
} queue;

static void wait_as(struct thread **waiter)
{
    *waiter = loop.running;
    pause_thread();
}

static inline void wake_waiter(struct thread **waiter)
{
    if (*waiter != NULL) {
        ready(*waiter);
        *waiter = NULL;
    }
}

static void producer(void)
{
    uint32_t count = 0;
    while (count++ < bench_bound) {
        if (queue.last - queue.first == BENCH_SLOTS) {
            wait_as(&queue.putter);
        }
        queue.items[queue.last++ % BENCH_SLOTS] = count;
        wake_waiter(&queue.getter);
    }
}

static uint32_t last_item;

static void consumer(void)
{
    uint32_t count = 0;
    uint32_t item = 0;
    while (count++ < bench_bound) {
        if (queue.last == queue.first) {
            wait_as(&queue.getter);
        }
        item = queue.items[queue.first++ % BENCH_SLOTS];
        wake_waiter(&queue.putter);
    }
    last_item = item;
}

static uint32_t items(unsigned n, unsigned operations)
{
    (void)n;
    start(operations);
    spawn(0, producer, 0);
    spawn(1, consumer, 0);
    run();
    return last_item;
}

/* --- Call of a function that does not pause ------------------------------- */

static __attribute__((noinline)) unsigned child(unsigned argument)
{
    __asm volatile(""); /* it might have paused */
    return argument + 1;
}

static void parent(void)
{
    unsigned count = 0;
    while (count < bench_bound) {
        count = child(count);
    }
    last_count = count;
}

static uint32_t calls(unsigned n, unsigned operations)
{
    (void)n;
    start(operations);
    spawn(0, parent, 0);
    run();
    return last_count;
}

/* -------------------------------------------------------------------------- */

const unsigned bench_tasks_max = TASKS;

const struct bench_workload bench_workloads[] = {
    {"yield", yield}, {"depth", depth},  {"ping", ping},
    {"wake", wake},   {"sleep", sleeps}, {"queue", items},
    {"call", calls},  {"spawn", spawns}, {NULL, NULL}};
