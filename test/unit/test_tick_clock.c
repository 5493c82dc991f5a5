/* SPDX-License-Identifier: MIT */

/*
 * Tick clock. Nothing sleeps here: a task that polls keeps the loop awake, and
 * ticks as it runs.
 */
#include "test.h"

static async_tick_clock_t ticks;
static async_loop_t loop;

static int begin(void **state)
{
    ticks = (async_tick_clock_t)ASYNC_TICK_CLOCK_INIT;
    async_loop_init(&loop, &ticks.clock);
    return reports_begin(state);
}

static void it_starts_at_0_and_counts(void **state)
{
    (void)state;
    assert_true(async_loop_now(&loop) == 0);
    for (int i = 0; i < 1000; i++) {
        async_tick(&ticks);
    }
    assert_true(async_loop_now(&loop) == 1000);
}

static void it_wraps(void **state)
{
    (void)state;
    ticks.ticks_ = (async_time_t)-2;
    for (int i = 0; i < 5; i++) {
        async_tick(&ticks);
    }
    assert_true(async_loop_now(&loop) == 3);
}

struct sleeper {
    ASYNC_FRAME;
    unsigned woken;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    self->woken = (unsigned)async_now();
    ASYNC_END();
}

static bool one_more_tick(void)
{
    async_tick(&ticks);
    return async_loop_now(&loop) >= 20;
}

struct poller {
    ASYNC_FRAME;
};

ASYNC_STATIC(poller)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(one_more_tick());
    ASYNC_END();
}

static void a_task_wakes_at_its_tick(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, sleeper);
    ASYNC_OBJECT(poller, poller);
    async_spawn(&loop, &task, &sleeper.coro);
    assert_int_equal(async_run(&loop, &poller.coro), 0);
    assert_int_equal(sleeper.woken, 5);
    assert_true(async_loop_now(&loop) == 20);
}

static void who_polls_is_not_kept_waiting(void **state)
{
    (void)state;
    const async_time_t later = 10;
    assert_true(ticks.clock.ops->sleep(&ticks.clock, &later, true));
    assert_true(ticks.clock.ops->sleep(&ticks.clock, NULL, true));
}

/* Would it sleep, nothing would end that. */
static void a_tick_between_the_look_and_the_sleep_is_seen(void **state)
{
    (void)state;
    const async_time_t deadline =
        (async_time_t)(async_loop_now(&loop) + 1); /* what the loop saw */
    async_tick(&ticks);
    assert_true(ticks.clock.ops->sleep(&ticks.clock, &deadline, false));
}

#define test(function)                                                         \
    cmocka_unit_test_setup_teardown(function, begin, reports_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(it_starts_at_0_and_counts),
        test(it_wraps),
        test(a_task_wakes_at_its_tick),
        test(who_polls_is_not_kept_waiting),
        test(a_tick_between_the_look_and_the_sleep_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
