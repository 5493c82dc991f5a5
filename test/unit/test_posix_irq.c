/* SPDX-License-Identifier: MIT */

/*
 * Simulated interrupts: from tasks, signal handlers and other threads.
 *
 * Counts that must not lose anything go through a device register, an atomic
 * that the raiser adds to and the handler takes from: the pending bit itself
 * may fold several raises into one, as on a chip.
 */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static async_loop_t loop;

static int begin(void **state)
{
    async_loop_init(&loop, async_posix_clock());
    return reports_begin(state);
}

static void say(void *word)
{
    trace("%s ", (const char *)word);
    assert_null(async_current_task());
    assert_null(async_current_loop());
}

static void set_event(void *event)
{
    async_event_set(event);
}

static char word_a[] = "A";
static char word_b[] = "B";
static char word_c[] = "C";

struct waiter {
    ASYNC_FRAME;
    async_event_t *event;
    char name;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    trace("%c ", self->name);
    ASYNC_END();
}

/* --- From the loop's own thread ------------------------------------------- */

#define RAISES_MAX 4

struct raiser {
    ASYNC_FRAME;
    async_irq_t *irqs[RAISES_MAX];
    bool yields;
};

/* Raises interrupts, one after the other, in one step. */
ASYNC_STATIC(raiser)
{
    ASYNC_BEGIN();
    for (int i = 0; i < RAISES_MAX && self->irqs[i] != NULL; i++) {
        async_irq_raise(self->irqs[i]);
    }
    trace("raised ");
    if (self->yields) {
        ASYNC_YIELD();
    } else {
        AWAIT(async_sleep(0));
    }
    trace("then ");
    ASYNC_END();
}

static void an_interrupt_waits_until_the_lock_opens(void **state)
{
    (void)state;
    async_irq_t irq;
    async_irq_init(&irq, say, word_a);
    ASYNC_OBJECT(raiser, r, .irqs = {&irq});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("raised A then");
    ASYNC_OBJECT(raiser, y, .irqs = {&irq}, .yields = true);
    assert_int_equal(async_run(&loop, &y.coro), 0);
    assert_trace("raised A then");
}

static void an_interrupt_raised_under_the_lock_comes_when_it_opens(void **state)
{
    (void)state;
    async_irq_t irq;
    async_irq_init(&irq, say, word_a);
    async_port_state_t outer = async_port_lock();
    async_port_state_t inner = async_port_lock();
    async_irq_raise(&irq);
    trace("raised ");
    async_port_unlock(inner);
    trace("inner ");
    async_port_unlock(outer);
    trace("outer ");
    assert_trace("raised inner A outer");
}

static void ask_event(async_event_t *event)
{
    (void)async_event_is_set(event);
}

static void an_event_opens_no_lock_but_its_own(void **state)
{
    (void)state;
    void (*const uses[])(async_event_t *) = {async_event_set, async_event_clear,
                                             ask_event};
    static async_event_t event;
    async_irq_t irq;
    async_irq_init(&irq, say, word_a);
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(waiter, w, .event = &event, .name = 'w');
        async_event_clear(&event);
        async_spawn(&loop, &task, &w.coro);
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
        async_port_state_t lock = async_port_lock();
        async_irq_raise(&irq);
        uses[i](&event);
        trace("locked ");
        async_port_unlock(lock);
        async_irq_raise(&irq);
        uses[i](&event);
        trace("open ");
        async_event_set(&event);
        (void)async_poll(&loop);
        assert_trace("locked A A open w");
    }
}

static void interrupts_come_in_the_order_they_were_raised(void **state)
{
    (void)state;
    async_irq_t a;
    async_irq_t b;
    async_irq_t c;
    async_irq_init(&a, say, word_a);
    async_irq_init(&b, say, word_b);
    async_irq_init(&c, say, word_c);
    ASYNC_OBJECT(raiser, r, .irqs = {&b, &a, &c});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("raised B A C then");
}

static void an_interrupt_that_is_pending_comes_once(void **state)
{
    (void)state;
    async_irq_t a;
    async_irq_t b;
    async_irq_init(&a, say, word_a);
    async_irq_init(&b, say, word_b);
    ASYNC_OBJECT(raiser, r, .irqs = {&a, &b, &a, &a});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("raised A B then");
}

static struct {
    async_irq_t self;
    async_irq_t other;
    int left;
} chain;

static void raise_itself(void *unused)
{
    (void)unused;
    trace("< ");
    if (--chain.left > 0) {
        async_irq_raise(&chain.self);
        async_port_unlock(async_port_lock()); /* does not nest */
    }
    trace("> ");
}

static void a_handler_can_raise_its_own_interrupt(void **state)
{
    (void)state;
    chain.left = 3;
    async_irq_init(&chain.self, raise_itself, NULL);
    ASYNC_OBJECT(raiser, r, .irqs = {&chain.self});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("raised < > < > < > then");
}

static void raise_other(void *unused)
{
    (void)unused;
    trace("< ");
    async_irq_raise(&chain.other);
    async_port_unlock(async_port_lock()); /* does not nest */
    trace("> ");
}

static void a_handler_can_raise_another_interrupt(void **state)
{
    (void)state;
    async_irq_t c;
    async_irq_init(&chain.self, raise_other, NULL);
    async_irq_init(&chain.other, say, word_b);
    async_irq_init(&c, say, word_c);
    ASYNC_OBJECT(raiser, r, .irqs = {&chain.self, &c});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("raised < > C B then");
}

static void a_raise_before_the_loop_runs_is_not_lost(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_irq_t irq;
    async_irq_init(&irq, set_event, &event);
    async_irq_raise(&irq);
    ASYNC_OBJECT(waiter, w, .event = &event, .name = 'w');
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("w");
}

static void wait_in_handler(void *event)
{
    async_wait_t wait = async_event_wait(event);
    (void)wait;
}

static void a_wait_in_a_handler_is_reported(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_irq_t irq;
    async_irq_init(&irq, wait_in_handler, &event);
    ASYNC_OBJECT(raiser, r, .irqs = {&irq});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_trace("raised then");
}

/* --- What a clock is promised --------------------------------------------- */

static async_irq_t irq_in_sleep;
static unsigned pends_open;

static async_time_t no_time(async_clock_t *clock)
{
    (void)clock;
    return 0;
}

static bool sleep_with_a_lock(async_clock_t *clock,
                              const async_time_t *deadline, bool polling)
{
    (void)clock;
    (void)deadline;
    (void)polling;
    async_irq_raise(&irq_in_sleep);
    async_port_unlock(async_port_lock());
    trace("slept ");
    return true;
}

static void count_pends(async_clock_t *clock)
{
    (void)clock;
    pends_open += !async_core_.locked_;
    trace("pend ");
}

static const async_clock_ops_t strict_ops = {
    .now = no_time, .sleep = sleep_with_a_lock, .pend = count_pends};

static void set_in_handler(void *event)
{
    trace("A ");
    async_event_set((async_event_t *)event);
}

static void no_interrupt_comes_while_a_clock_goes_to_sleep(void **state)
{
    (void)state;
    async_clock_t clock = {&strict_ops};
    async_event_t event = {0};
    async_loop_init(&loop, &clock);
    async_irq_init(&irq_in_sleep, set_in_handler, &event);
    ASYNC_OBJECT(waiter, w, .event = &event, .name = 'w');
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("pend slept A pend w");
}

static bool was_cut_into;

static void note_in_handler(void *unused)
{
    (void)unused;
    was_cut_into = true;
}

struct busy {
    ASYNC_FRAME;
    async_event_t *event;
    int waits;
};

ASYNC_STATIC(busy)
{
    ASYNC_BEGIN();
    async_irq_raise(&irq_in_sleep);
    while (!was_cut_into && self->waits++ < 1000) {
        AWAIT(async_event_wait(self->event));
    }
    ASYNC_END();
}

static ASYNC_QUEUE(uint32_t, 40) words = ASYNC_QUEUE_INIT(words);

static void count_in_handler(void *unused)
{
    (void)unused;
    trace("%u ", async_queue_count(&words));
}

static void of_many_items_64_bytes_are_put_in_one_go(void **state)
{
    (void)state;
    uint32_t items[40] = {0};
    async_irq_init(&irq_in_sleep, count_in_handler, NULL);
    async_irq_raise(&irq_in_sleep);
    assert_int_equal(async_queue_try_put_many(&words, items, 40), 40);
    async_irq_raise(&irq_in_sleep);
    assert_int_equal(async_queue_try_get_many(&words, items, 40), 40);
    assert_trace("16 24");
}

struct busy_with_queue {
    ASYNC_FRAME;
    ASYNC_QUEUE(int, 2) queue;
    int items;
};

ASYNC_STATIC(busy_with_queue)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    async_irq_raise(&irq_in_sleep);
    while (!was_cut_into && self->items < 1000) {
        AWAIT_PUT(&self->queue, &self->items);
        AWAIT_GET(&self->queue, &self->items);
        self->items++;
    }
    ASYNC_END();
}

static void a_task_that_puts_and_gets_at_once_lets_handlers_in(void **state)
{
    (void)state;
    was_cut_into = false;
    async_irq_init(&irq_in_sleep, note_in_handler, NULL);
    ASYNC_OBJECT(busy_with_queue, b);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_int_equal(b.items, 1);
}

static void a_task_whose_waits_are_over_at_once_lets_handlers_in(void **state)
{
    (void)state;
    async_event_t event = {0};
    was_cut_into = false;
    async_event_set(&event);
    async_irq_init(&irq_in_sleep, note_in_handler, NULL);
    ASYNC_OBJECT(busy, b, .event = &event);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_int_equal(b.waits, 1);
}

static void interrupts_are_locked_when_a_clock_pends(void **state)
{
    (void)state;
    async_clock_t clock = {&strict_ops};
    async_task_t task = ASYNC_TASK_INIT;
    async_loop_init(&loop, &clock);
    ASYNC_OBJECT(raiser, r, .yields = true);
    async_spawn(&loop, &task, &r.coro);
    pends_open = 0;
    assert_int_equal(async_poll(&loop), 0);
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    assert_int_equal(pends_open, 0);
    assert_trace("pend raised pend then");
}

static struct {
    async_task_t task;
    struct waiter frame;
} spawned;

static void spawn_in_handler(void *event)
{
    spawned.frame = ASYNC_CALL(waiter, .event = event, .name = 's');
    async_spawn(&loop, &spawned.task, &spawned.frame.coro);
}

static void a_handler_can_spawn_a_task(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_irq_t irq;
    async_irq_init(&irq, spawn_in_handler, &event);
    async_event_set(&event);
    ASYNC_OBJECT(raiser, r, .irqs = {&irq});
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_true(async_task_done(&spawned.task));
    assert_trace("raised then s");
}

static async_loop_t inner_loop;

static void poll_inner(void *unused)
{
    (void)unused;
    assert_null(async_current_loop());
    trace("< ");
    async_poll(&inner_loop);
    trace("> ");
    assert_null(async_current_loop());
}

static void a_handler_can_run_a_loop_of_its_own(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_irq_t irq;
    async_task_t task = ASYNC_TASK_INIT;
    async_loop_init(&inner_loop, async_posix_clock());
    async_irq_init(&irq, poll_inner, NULL);
    ASYNC_OBJECT(waiter, w, .event = &event, .name = 'i');
    async_spawn(&inner_loop, &task, &w.coro);
    ASYNC_OBJECT(raiser, a, .irqs = {&irq});
    assert_int_equal(async_run(&loop, &a.coro), 0);
    async_event_set(&event);
    ASYNC_OBJECT(raiser, b, .irqs = {&irq});
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_true(async_task_done(&task));
    assert_trace("raised < > then raised < i > then");
}

/* --- During a set --------------------------------------------------------- */

static async_event_t nested_event;

static void set_nested(void *unused)
{
    (void)unused;
    async_event_set(&nested_event);
}

static void clear_nested(void *unused)
{
    (void)unused;
    async_event_clear(&nested_event);
}

static struct waiter frames[3];
static async_task_t tasks[3];

static void spawn_waiters(void)
{
    nested_event = (async_event_t){0};
    for (int i = 0; i < 3; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        frames[i] =
            ASYNC_CALL(waiter, .event = &nested_event, .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &frames[i].coro);
    }
    async_poll(&loop);
}

static void set_during_set(void (*handler)(void *), bool set_afterwards)
{
    async_irq_t irq;
    async_irq_init(&irq, handler, NULL);
    spawn_waiters();
    async_irq_raise(&irq);
    async_event_set(&nested_event);
    assert_true(async_event_is_set(&nested_event) == set_afterwards);
    async_poll(&loop);
    assert_trace("a b c");
}

static void a_set_inside_a_set_wakes_each_waiter_once(void **state)
{
    (void)state;
    set_during_set(set_nested, true);
}

static void a_clear_inside_a_set_still_wakes_all(void **state)
{
    (void)state;
    set_during_set(clear_nested, false);
}

static void clear_and_poll_inner(void *unused)
{
    (void)unused;
    async_event_clear(&nested_event);
    async_poll(&inner_loop);
}

static void a_waiter_that_comes_during_a_set_is_not_woken_by_it(void **state)
{
    (void)state;
    async_irq_t irq;
    async_task_t task = ASYNC_TASK_INIT;
    async_loop_init(&inner_loop, async_posix_clock());
    async_irq_init(&irq, clear_and_poll_inner, NULL);
    spawn_waiters();
    ASYNC_OBJECT(waiter, x, .event = &nested_event, .name = 'x');
    async_spawn(&inner_loop, &task, &x.coro);
    async_irq_raise(&irq);
    async_event_set(&nested_event);
    assert_false(async_event_is_set(&nested_event));
    async_poll(&loop);
    assert_trace("a b c");
    assert_true(async_poll(&inner_loop) == ASYNC_FOREVER);
    async_event_set(&nested_event);
    async_poll(&inner_loop);
    assert_trace("x");
}

/* --- With the virtual clock ----------------------------------------------- */

struct joiner {
    ASYNC_FRAME;
    async_irq_t *irq;
    async_task_t *task;
};

/* Its last act before the loop idles is a raise; a join opens no lock. */
ASYNC_STATIC(joiner)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_irq_raise(self->irq);
    AWAIT(async_join(self->task));
    trace("joined ");
    ASYNC_END();
}

static void
a_pending_interrupt_is_no_deadlock_on_the_virtual_clock(void **state)
{
    (void)state;
    async_virtual_clock_t virtual_clock;
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, 0));
    async_event_t event = {0};
    async_irq_t irq;
    async_task_t task = ASYNC_TASK_INIT;
    async_irq_init(&irq, set_event, &event);
    ASYNC_OBJECT(waiter, w, .event = &event, .name = 'w');
    ASYNC_OBJECT(joiner, j, .irq = &irq, .task = &task);
    async_spawn(&loop, &task, &w.coro);
    assert_int_equal(async_run(&loop, &j.coro), 0);
    assert_trace("w joined");
}

/* --- From a signal handler ------------------------------------------------ */

static struct {
    async_irq_t irq;
    atomic_int fired;   /* the device register */
    atomic_int handled; /* all that ever was in it */
    int raises;         /* for each signal */
    int taken;
    async_event_t event;
} signalled;

static void on_signal(int number)
{
    (void)number;
    for (int i = 0; i < signalled.raises; i++) {
        atomic_fetch_add(&signalled.fired, 1);
        atomic_fetch_add(&signalled.handled, 1);
        async_irq_raise(&signalled.irq);
    }
}

static void take_signals(void *unused)
{
    (void)unused;
    signalled.taken += atomic_exchange(&signalled.fired, 0);
    async_event_set(&signalled.event);
}

static void catch_signal(int number)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    assert_int_equal(sigaction(number, &action, NULL), 0);
    atomic_store(&signalled.fired, 0);
    atomic_store(&signalled.handled, 0);
    signalled.raises = 1;
    signalled.taken = 0;
    signalled.event = (async_event_t){0};
    async_irq_init(&signalled.irq, take_signals, NULL);
}

struct signal_taker {
    ASYNC_FRAME;
    int count;
    bool sends;
};

ASYNC_STATIC(signal_taker)
{
    ASYNC_BEGIN();
    while (signalled.taken < self->count) {
        if (self->sends) {
            raise(SIGUSR1);
        }
        AWAIT(async_event_wait(&signalled.event));
        async_event_clear(&signalled.event);
    }
    ASYNC_END();
}

static void a_signal_handler_can_raise(void **state)
{
    (void)state;
    catch_signal(SIGUSR1);
    ASYNC_OBJECT(signal_taker, t, .count = 1000, .sends = true);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    assert_int_equal(signalled.taken, 1000);
}

static void a_signal_wakes_a_sleeping_loop(void **state)
{
    (void)state;
    catch_signal(SIGALRM);
    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec each = {.it_value = {.tv_nsec = 200000},
                                    .it_interval = {.tv_nsec = 200000}};
    timer_settime(timer, 0, &each, NULL);
    ASYNC_OBJECT(signal_taker, t, .count = 100);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    timer_delete(timer);
    assert_true(signalled.taken >= 100);
}

/* Signals of its own making, in bursts, and those of a timer in between. Each
 * raises ten times, for a million signals would take long. */
struct signal_storm {
    ASYNC_FRAME;
    int count;
    int raised;
    int burst;
};

ASYNC_STATIC(signal_storm)
{
    ASYNC_BEGIN();
    while (self->raised < self->count) {
        for (self->burst = 0; self->burst < 1000; self->burst++) {
            raise(SIGUSR1);
        }
        self->raised += self->burst;
        AWAIT(async_event_wait(&signalled.event));
        async_event_clear(&signalled.event);
    }
    ASYNC_END();
}

static void of_a_million_raises_by_signals_none_is_lost(void **state)
{
    (void)state;
    catch_signal(SIGUSR1);
    signalled.raises = 10;
    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec each = {.it_value = {.tv_nsec = 50000},
                                    .it_interval = {.tv_nsec = 50000}};
    timer_settime(timer, 0, &each, NULL);
    ASYNC_OBJECT(signal_storm, storm, .count = 100000);
    assert_int_equal(async_run(&loop, &storm.coro), 0);
    timer_delete(timer);
    async_poll(&loop); /* what came at the very end */
    assert_true(signalled.taken >= 1000000);
    assert_int_equal(signalled.taken, atomic_load(&signalled.handled));
}

/* --- From another thread -------------------------------------------------- */

static struct {
    async_irq_t irq;
    atomic_long sent; /* the device register */
    long taken;
    async_event_t event;
} device;

static void take_items(void *unused)
{
    (void)unused;
    device.taken += atomic_exchange(&device.sent, 0);
    async_event_set(&device.event);
}

static void *send_items(void *count)
{
    for (long i = 0; i < *(const long *)count; i++) {
        atomic_fetch_add(&device.sent, 1);
        async_irq_raise(&device.irq);
    }
    return NULL;
}

struct taker {
    ASYNC_FRAME;
    long count;
};

ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    while (device.taken < self->count) {
        AWAIT(async_event_wait(&device.event));
        async_event_clear(&device.event);
    }
    ASYNC_END();
}

static void of_a_million_raises_by_another_thread_none_is_lost(void **state)
{
    (void)state;
    long count = 1000000;
    pthread_t thread;
    device.taken = 0;
    async_irq_init(&device.irq, take_items, NULL);
    assert_int_equal(pthread_create(&thread, NULL, send_items, &count), 0);
    ASYNC_OBJECT(taker, t, .count = count);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    pthread_join(thread, NULL);
    assert_true(device.taken == count);
}

static void several_threads_can_raise_the_same_interrupt(void **state)
{
    (void)state;
    long count = 100000;
    pthread_t threads[3];
    device.taken = 0;
    device.event = (async_event_t){0};
    async_irq_init(&device.irq, take_items, NULL);
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, send_items, &count);
    }
    ASYNC_OBJECT(taker, t, .count = 3 * count);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(device.taken == 3 * count);
}

/* --- Loops on several threads --------------------------------------------- */

#define NODES_MAX 4

/* A ring of threads, each with a loop; a token goes from loop to loop. */
struct node {
    async_loop_t loop;
    async_irq_t irq;
    atomic_int tokens; /* the device register */
    async_event_t event;
    struct node *next;
    pthread_t thread;
    int rounds;
    int load;
    int received;
    long work;
    int error;
};

static struct {
    struct node nodes[NODES_MAX];
    pthread_barrier_t ready;
    pthread_barrier_t done;
} ring;

static void token_came(void *node)
{
    async_event_set(&((struct node *)node)->event);
}

static void pass_token(struct node *node)
{
    atomic_fetch_add(&node->next->tokens, 1);
    async_irq_raise(&node->next->irq);
}

struct passer {
    ASYNC_FRAME;
    struct node *node;
    int tokens;
};

ASYNC_STATIC(passer)
{
    ASYNC_BEGIN();
    while (self->node->received < self->node->rounds) {
        AWAIT(async_event_wait(&self->node->event));
        async_event_clear(&self->node->event);
        self->tokens = atomic_exchange(&self->node->tokens, 0);
        for (; self->tokens > 0; self->tokens--) {
            self->node->received++;
            pass_token(self->node);
        }
    }
    ASYNC_END();
}

struct load {
    ASYNC_FRAME;
    struct node *node;
    async_event_t never;
    async_timeout_t limit;
    int error;
};

/* Timers, limits and yields, as many as there is time for. */
ASYNC_STATIC(load)
{
    ASYNC_BEGIN();
    for (;;) {
        self->node->work++;
        AWAIT(async_sleep(ASYNC_MS(1)));
        ASYNC_YIELD();
        AWAIT_CATCH(self->error, async_wait_for(async_event_wait(&self->never),
                                                ASYNC_MS(1)));
        ASYNC_TIMEOUT(&self->limit, 1) {
            AWAIT(async_event_wait(&self->never));
        }
    }
    ASYNC_END();
}

static void *run_node(void *argument)
{
    struct node *node = argument;
    struct load loads[8];
    async_task_t load_tasks[8];
    async_loop_init(&node->loop, async_posix_clock());
    async_irq_init(&node->irq, token_came, node);
    pthread_barrier_wait(&ring.ready);
    for (int i = 0; i < node->load; i++) {
        loads[i] = ASYNC_CALL(load, .node = node);
        load_tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        async_spawn(&node->loop, &load_tasks[i], &loads[i].coro);
    }
    if (node == &ring.nodes[0]) {
        pass_token(node);
    }
    struct passer passer = ASYNC_CALL(passer, .node = node);
    node->error = async_run(&node->loop, &passer.coro);
    pthread_barrier_wait(&ring.done); /* nobody raises any more */
    async_posix_clock_close();
    return NULL;
}

static void run_ring(int count, int rounds, int load)
{
    memset(&ring, 0, sizeof ring);
    pthread_barrier_init(&ring.ready, NULL, (unsigned)count);
    pthread_barrier_init(&ring.done, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        struct node *node = &ring.nodes[i];
        node->next = &ring.nodes[(i + 1) % count];
        node->rounds = rounds;
        node->load = load;
    }
    for (int i = 0; i < count; i++) {
        pthread_create(&ring.nodes[i].thread, NULL, run_node, &ring.nodes[i]);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(ring.nodes[i].thread, NULL);
    }
    for (int i = 0; i < count; i++) {
        assert_int_equal(ring.nodes[i].error, 0);
        assert_true(ring.nodes[i].received >= rounds);
        assert_true(load == 0 || ring.nodes[i].work >= load);
    }
    pthread_barrier_destroy(&ring.ready);
    pthread_barrier_destroy(&ring.done);
}

static void two_loops_wake_each_other_ten_thousand_times(void **state)
{
    (void)state;
    run_ring(2, 10000, 0);
}

static void loops_on_four_threads_run_under_load(void **state)
{
    (void)state;
    run_ring(4, 2000, 8);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(an_interrupt_waits_until_the_lock_opens),
        TEST(an_interrupt_raised_under_the_lock_comes_when_it_opens),
        TEST(an_event_opens_no_lock_but_its_own),
        TEST(interrupts_come_in_the_order_they_were_raised),
        TEST(an_interrupt_that_is_pending_comes_once),
        TEST(a_handler_can_raise_its_own_interrupt),
        TEST(a_handler_can_raise_another_interrupt),
        TEST(a_raise_before_the_loop_runs_is_not_lost),
        TEST(a_wait_in_a_handler_is_reported),
        TEST(no_interrupt_comes_while_a_clock_goes_to_sleep),
        TEST(a_task_whose_waits_are_over_at_once_lets_handlers_in),
        TEST(a_task_that_puts_and_gets_at_once_lets_handlers_in),
        TEST(of_many_items_64_bytes_are_put_in_one_go),
        TEST(interrupts_are_locked_when_a_clock_pends),
        TEST(a_handler_can_spawn_a_task),
        TEST(a_handler_can_run_a_loop_of_its_own),
        TEST(a_set_inside_a_set_wakes_each_waiter_once),
        TEST(a_clear_inside_a_set_still_wakes_all),
        TEST(a_waiter_that_comes_during_a_set_is_not_woken_by_it),
        TEST(a_pending_interrupt_is_no_deadlock_on_the_virtual_clock),
        TEST(a_signal_handler_can_raise),
        TEST(a_signal_wakes_a_sleeping_loop),
        TEST(of_a_million_raises_by_signals_none_is_lost),
        TEST(of_a_million_raises_by_another_thread_none_is_lost),
        TEST(several_threads_can_raise_the_same_interrupt),
        TEST(two_loops_wake_each_other_ten_thousand_times),
        TEST(loops_on_four_threads_run_under_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
