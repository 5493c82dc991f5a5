/* SPDX-License-Identifier: MIT */

/*
 * The clock of a PC: it sleeps, it does not spin, it does not wake early.
 *
 * Nothing here depends on how fast the machine is: a wait may last longer than
 * asked for, never shorter.
 */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static async_loop_t loop;

static int begin(void **state)
{
    async_loop_init(&loop, async_posix_clock());
    return reports_begin(state);
}

static long long ns_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static const long long ms = 1000000;

struct sleeper {
    ASYNC_FRAME;
    async_ticks_t ticks;
    char name;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    trace("%c ", self->name);
    ASYNC_END();
}

static void the_clock_does_not_go_back(void **state)
{
    (void)state;
    async_time_t last = async_loop_now(&loop);
    for (int i = 0; i < 10000; i++) {
        async_time_t now = async_loop_now(&loop);
        assert_false(async_time_before(now, last));
        last = now;
    }
}

/* A wait of n ticks lasts more than n-1. */
static void a_sleep_does_not_end_early(void **state)
{
    (void)state;
    const long long tick = 1000 * ms / ASYNC_TICKS_PER_SECOND;
    for (int i = 0; i < 5; i++) {
        long long start = ns_of(CLOCK_MONOTONIC);
        ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_MS(3), .name = 'a');
        assert_int_equal(async_run(&loop, &a.coro), 0);
        assert_true(ns_of(CLOCK_MONOTONIC) - start >=
                    (long long)(ASYNC_MS(3) - 1) * tick);
    }
    trace_clear();
}

static void a_loop_that_waits_uses_no_processor_time(void **state)
{
    (void)state;
    long long start = ns_of(CLOCK_PROCESS_CPUTIME_ID);
    ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_MS(50), .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_true(ns_of(CLOCK_PROCESS_CPUTIME_ID) - start < 25 * ms);
    trace_clear();
}

static void sleepers_wake_in_the_order_of_their_deadlines(void **state)
{
    (void)state;
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_MS(20), .name = 'a');
    ASYNC_OBJECT(sleeper, b, .ticks = ASYNC_MS(10), .name = 'b');
    ASYNC_OBJECT(sleeper, c, .ticks = ASYNC_MS(30), .name = 'c');
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("b a c");
}

struct poller {
    ASYNC_FRAME;
    const bool *flag;
    long looks;
};

static bool is_up(struct poller *poller)
{
    poller->looks++;
    return *poller->flag;
}

ASYNC_STATIC(poller)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(is_up(self));
    ASYNC_END();
}

struct raiser {
    ASYNC_FRAME;
    bool *flag;
};

ASYNC_STATIC(raiser)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_MS(50)));
    *self->flag = true;
    ASYNC_END();
}

static void polling_a_condition_does_not_spin(void **state)
{
    (void)state;
    bool flag = false;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(poller, p, .flag = &flag);
    ASYNC_OBJECT(raiser, r, .flag = &flag);
    async_spawn(&loop, &task, &r.coro);
    long long start = ns_of(CLOCK_MONOTONIC);
    long long processor = ns_of(CLOCK_PROCESS_CPUTIME_ID);
    assert_int_equal(async_run(&loop, &p.coro), 0);
    long long passed = ns_of(CLOCK_MONOTONIC) - start;
    assert_true(ns_of(CLOCK_PROCESS_CPUTIME_ID) - processor < 25 * ms);
    assert_true(p.looks <= passed / ms + 10); /* once in a millisecond */
}

struct yielder {
    ASYNC_FRAME;
    async_time_t end;
};

ASYNC_STATIC(yielder)
{
    ASYNC_BEGIN();
    while (async_time_before(async_now(), self->end)) {
        ASYNC_YIELD();
    }
    ASYNC_YIELD(); /* if the machine stood still, both are due only now */
    ASYNC_END();
}

static void a_busy_task_does_not_keep_a_timer_from_expiring(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_MS(2), .name = 'a');
    ASYNC_OBJECT(yielder, y,
                 .end = (async_time_t)(async_loop_now(&loop) + ASYNC_MS(20)));
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &y.coro), 0);
    assert_trace("a");
}

/* --- The longest sleep ---------------------------------------------------- */

static async_event_t rung;
static async_irq_t bell;

static void ring(void *event)
{
    async_event_set(event);
}

static void on_alarm(int number)
{
    (void)number;
    async_irq_raise(&bell);
}

static void ring_after_5_ms(timer_t *timer)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, NULL);
    rung = (async_event_t){0};
    async_irq_init(&bell, ring, &rung);
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, timer), 0);
    const struct itimerspec once = {.it_value = {.tv_nsec = 5 * ms}};
    timer_settime(*timer, 0, &once, NULL);
}

struct bell_waiter {
    ASYNC_FRAME;
    int error;
    async_ticks_t limit;
};

ASYNC_STATIC(bell_waiter)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_event_wait(&rung), self->limit));
    ASYNC_END();
}

static void wait_for_the_bell(async_ticks_t limit)
{
    timer_t timer;
    long long processor = ns_of(CLOCK_PROCESS_CPUTIME_ID);
    ring_after_5_ms(&timer);
    ASYNC_OBJECT(bell_waiter, w, .limit = limit);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_int_equal(w.error, 0);
    assert_true(ns_of(CLOCK_PROCESS_CPUTIME_ID) - processor < 25 * ms);
    timer_delete(timer);
}

static void the_longest_limit_does_not_overflow(void **state)
{
    (void)state;
    wait_for_the_bell(ASYNC_TICKS_MAX);
}

static void a_loop_without_deadlines_sleeps_until_an_interrupt(void **state)
{
    (void)state;
    wait_for_the_bell(ASYNC_FOREVER);
}

/* --- Close ---------------------------------------------------------------- */

static void a_closed_clock_opens_itself_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_MS(2), .name = 'a');
        assert_int_equal(async_run(&loop, &a.coro), 0);
        async_posix_clock_close();
        async_posix_clock_close();
    }
    assert_trace("a a a");
}

static void closing_the_clock_closes_its_descriptors(void **state)
{
    (void)state;
    async_posix_clock_close();
    int before = dup(0);
    close(before);
    ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_MS(2), .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    async_posix_clock_close();
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
    trace_clear();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_clock_does_not_go_back),
        TEST(a_sleep_does_not_end_early),
        TEST(a_loop_that_waits_uses_no_processor_time),
        TEST(sleepers_wake_in_the_order_of_their_deadlines),
        TEST(polling_a_condition_does_not_spin),
        TEST(a_busy_task_does_not_keep_a_timer_from_expiring),
        TEST(the_longest_limit_does_not_overflow),
        TEST(a_loop_without_deadlines_sleeps_until_an_interrupt),
        TEST(a_closed_clock_opens_itself_again),
        TEST(closing_the_clock_closes_its_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
