/* SPDX-License-Identifier: MIT */

/*
 * Future: who learns of the outcome, when, and of which one.
 */
#include "test.h"

#include <limits.h>

#include <async/future.h>

#define ERROR (-7)

typedef struct point {
    int x;
    int y;
} point_t;

typedef ASYNC_FUTURE(point_t) point_future_t;

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) -
                                         JUST_BEFORE_THE_WRAP);
}

static const point_t point = {3, 4};

/* --- Tasks that wait ------------------------------------------------------ */

struct waiter {
    ASYNC_FRAME;
    point_future_t *future;
    async_ticks_t limit;
    char name;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_future_wait(self->future), self->limit));
    trace("%c%lu:%d,%d ", self->name, elapsed(), self->future->value.x,
          self->future->value.y);
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static struct waiter frames[4];
static async_task_t tasks[4];

/* Tasks a, b, c, ... that wait for the future. */
static void spawn_waiters_for(point_future_t *future, int count,
                              async_ticks_t limit)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        frames[i] = ASYNC_CALL(waiter, .future = future, .limit = limit,
                               .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &frames[i].coro);
    }
    async_poll(&loop);
}

static void spawn_waiters(point_future_t *future, int count)
{
    spawn_waiters_for(future, count, ASYNC_FOREVER);
}

static void assert_errors(int count, int error)
{
    for (int i = 0; i < count; i++) {
        assert_true(async_task_done(&tasks[i]));
        assert_int_equal(async_task_error(&tasks[i]), error);
    }
}

/* --- A value -------------------------------------------------------------- */

static void a_future_of_zeros_is_pending(void **state)
{
    (void)state;
    static point_future_t future;
    assert_false(async_future_done(&future));
    assert_false(async_future_cancelled(&future));
    assert_int_equal(async_future_error(&future), 0);
    spawn_waiters(&future, 1);
    assert_trace("");
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a");
}

static void a_value_wakes_all_in_the_order_they_came(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters(&future, 4);
    assert_trace("");
    assert_true(async_future_set(&future, &point));
    assert_true(async_future_done(&future));
    assert_int_equal(async_future_error(&future), 0);
    assert_trace("");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:3,4 /a b0:3,4 /b c0:3,4 /c d0:3,4 /d");
}

static void a_wait_for_a_value_that_is_there_goes_on_at_once(void **state)
{
    (void)state;
    point_future_t future = {0};
    assert_true(async_future_set(&future, &point));
    spawn_waiters(&future, 2);
    assert_trace("a0:3,4 /a b0:3,4 /b");
}

static void the_value_is_a_copy(void **state)
{
    (void)state;
    point_future_t future = {0};
    point_t mine = {8, 9};
    async_future_set(&future, &mine);
    mine.x = 0;
    assert_int_equal(future.value.x, 8);
    assert_int_equal(future.value.y, 9);
}

static void a_second_value_is_reported_and_changes_nothing(void **state)
{
    (void)state;
    point_future_t future = {0};
    const point_t other = {5, 6};
    async_future_set(&future, &point);
    assert_false(async_future_set(&future, &other));
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_false(async_future_set_error(&future, ERROR));
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_false(async_future_cancel(&future));
    assert_int_equal(future.value.x, 3);
    assert_int_equal(async_future_error(&future), 0);
}

/* --- An error ------------------------------------------------------------- */

static void an_error_is_raised_in_all_that_wait(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters(&future, 3);
    assert_true(async_future_set_error(&future, ERROR));
    assert_true(async_future_done(&future));
    assert_false(async_future_cancelled(&future));
    assert_int_equal(async_future_error(&future), ERROR);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("/a /b /c");
    assert_errors(3, ERROR);
}

static void an_error_that_is_there_is_raised_at_once(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_future_set_error(&future, ERROR);
    spawn_waiters_for(&future, 2, 5);
    assert_trace("/a /b");
    assert_errors(2, ERROR);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void what_comes_after_an_error_is_reported(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_future_set_error(&future, ERROR);
    assert_false(async_future_set(&future, &point));
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_int_equal(future.value.x, 0);
    assert_false(async_future_set_error(&future, -8));
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_false(async_future_cancel(&future));
    assert_int_equal(async_future_error(&future), ERROR);
}

static void a_number_that_is_no_error_is_reported(void **state)
{
    (void)state;
    const int wrong[] = {
        0,
        1,
        -255,
#if INT_MIN < -40000
        -40000
#endif
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        point_future_t future = {0};
        assert_true(async_future_set_error(&future, wrong[i]));
        expect_report(ASYNC_REPORT_NOT_AN_ERROR);
        assert_int_equal(async_future_error(&future), ASYNC_ERR_MISUSE);
    }
    point_future_t future = {0};
    assert_true(async_future_set_error(&future, -32768));
    assert_int_equal(async_future_error(&future), -32768);
}

/* --- Cancelled ------------------------------------------------------------ */

struct catcher {
    ASYNC_FRAME;
    point_future_t *future;
};

ASYNC_STATIC(catcher)
{
    ASYNC_BEGIN();
    int error;
    AWAIT_CATCH(error, async_future_wait(self->future));
    trace("%d ", error);
    ASYNC_END();
}

static void a_cancelled_future_is_an_error_that_can_be_caught(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(catcher, catcher, .future = &future);
    async_spawn(&loop, &task, &catcher.coro);
    async_poll(&loop);
    assert_true(async_future_cancel(&future));
    assert_true(async_future_cancelled(&future));
    assert_true(async_future_done(&future));
    async_poll(&loop);
    assert_trace("-200");
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), 0);
    ASYNC_OBJECT(catcher, late, .future = &future);
    assert_int_equal(async_run(&loop, &late.coro), 0);
    assert_trace("-200");
}

static void to_set_what_was_cancelled_is_no_mistake(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_future_cancel(&future);
    assert_false(async_future_cancel(&future));
    assert_false(async_future_set(&future, &point));
    assert_false(async_future_set_error(&future, ERROR));
    assert_true(async_future_cancelled(&future));
    assert_int_equal(future.value.x, 0);
}

/* --- From an interrupt ---------------------------------------------------- */

static void set_it(void *future)
{
    trace("irq%lu ", elapsed());
    async_future_set((point_future_t *)future, &point);
}

static void fail_it(void *future)
{
    trace("irq%lu ", elapsed());
    async_future_set_error((point_future_t *)future, ERROR);
}

static async_virtual_interrupt_t interrupt;

static void interrupt_in(async_ticks_t ticks, void (*handler)(void *),
                         point_future_t *future)
{
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               async_loop_now(&loop) + ticks, handler, future);
}

static void an_interrupt_sets_a_value(void **state)
{
    (void)state;
    point_future_t future = {0};
    interrupt_in(30, set_it, &future);
    ASYNC_OBJECT(waiter, a, .future = &future, .limit = 31, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("irq30 a30:3,4 /a");
}

static void an_interrupt_sets_an_error(void **state)
{
    (void)state;
    point_future_t future = {0};
    interrupt_in(30, fail_it, &future);
    ASYNC_OBJECT(waiter, a, .future = &future, .limit = 31, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), ERROR);
    assert_trace("irq30 /a");
}

static void an_interrupt_that_sets_twice_is_reported(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_future_set(&future, &point);
    interrupt_in(0, set_it, &future);
    async_poll(&loop);
    assert_trace("irq0");
    expect_report(ASYNC_REPORT_TOO_OFTEN);
}

/* --- Cancelled waiters ---------------------------------------------------- */

static void cancel_waiter(int cancelled, const char *expected)
{
    point_future_t future = {0};
    spawn_waiters(&future, 3);
    async_cancel(&tasks[cancelled]);
    async_poll(&loop);
    assert_false(async_future_done(&future));
    async_future_set(&future, &point);
    async_poll(&loop);
    assert_string_equal(trace_take(), expected);
}

static void any_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_waiter(0, "/a b0:3,4 /b c0:3,4 /c");
    cancel_waiter(1, "/b a0:3,4 /a c0:3,4 /c");
    cancel_waiter(2, "/c a0:3,4 /a b0:3,4 /b");
}

static void a_waiter_cancelled_after_the_value_ends_cancelled(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters(&future, 2);
    async_future_set(&future, &point);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a b0:3,4 /b");
    assert_int_equal(async_task_error(&tasks[0]), ASYNC_ERR_CANCELLED);
    spawn_waiters(&future, 1);
    assert_trace("a0:3,4 /a");
}

static void a_waiter_cancelled_after_the_error_ends_cancelled(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters(&future, 2);
    async_future_set_error(&future, ERROR);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a /b");
    assert_int_equal(async_task_error(&tasks[0]), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_task_error(&tasks[1]), ERROR);
}

/* --- Limits --------------------------------------------------------------- */

static void a_wait_with_a_limit_leaves_the_future_as_it_was(void **state)
{
    (void)state;
    point_future_t future = {0};
    ASYNC_OBJECT(waiter, a, .future = &future, .limit = 25, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("/a");
    assert_false(async_future_done(&future));
    async_future_set(&future, &point); /* finds no waiter */
    spawn_waiters(&future, 1);
    assert_trace("a25:3,4 /a");
}

static void an_outcome_before_the_limit_stops_the_timer(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters_for(&future, 2, 25);
    async_future_set_error(&future, ERROR);
    async_virtual_clock_advance(&virtual_clock, 25);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("/a /b");
    assert_errors(2, ERROR);
}

struct limited {
    ASYNC_FRAME;
    point_future_t *future;
    async_timeout_t limit;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 25) {
        AWAIT(async_future_wait(self->future));
        trace("not reached ");
    }
    trace("%lu:%d ", elapsed(), async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_timeout_around_the_wait_unlinks_it(void **state)
{
    (void)state;
    point_future_t future = {0};
    ASYNC_OBJECT(limited, limited, .future = &future);
    assert_int_equal(async_run(&loop, &limited.coro), 0);
    assert_trace("25:1");
    async_future_set(&future, &point); /* finds no waiter */
}

struct family {
    ASYNC_FRAME;
    point_future_t *first;
    point_future_t *second;
    async_group_t group;
    async_member_t members[2];
    struct waiter waiters[2];
};

ASYNC_STATIC(family)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->waiters[0] = ASYNC_CALL(waiter, .future = self->first,
                                      .limit = ASYNC_FOREVER, .name = 'a');
        self->waiters[1] = ASYNC_CALL(waiter, .future = self->second,
                                      .limit = ASYNC_FOREVER, .name = 'b');
        async_group_spawn(&self->group, &self->members[0],
                          &self->waiters[0].coro);
        async_group_spawn(&self->group, &self->members[1],
                          &self->waiters[1].coro);
    }
    ASYNC_END();
}

static void an_error_in_a_group_ends_the_other_waits(void **state)
{
    (void)state;
    point_future_t first = {0};
    point_future_t second = {0};
    interrupt_in(5, fail_it, &second);
    ASYNC_OBJECT(family, family, .first = &first, .second = &second);
    assert_int_equal(async_run(&loop, &family.coro), ERROR);
    assert_trace("irq5 /b /a");
    async_future_set(&first, &point); /* finds no waiter */
}

/* --- Reset ---------------------------------------------------------------- */

static void a_future_that_was_reset_is_pending(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_future_reset(&future);
    async_future_set_error(&future, ERROR);
    async_future_reset(&future);
    assert_false(async_future_done(&future));
    assert_int_equal(async_future_error(&future), 0);
    spawn_waiters(&future, 1);
    async_future_reset(&future);
    async_poll(&loop);
    assert_trace("");
    assert_true(async_future_set(&future, &point));
    async_poll(&loop);
    assert_trace("a0:3,4 /a");
}

static void who_was_woken_by_a_value_goes_on_after_a_reset(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters(&future, 2);
    async_future_set(&future, &point);
    async_future_reset(&future);
    async_future_set_error(&future, ERROR);
    async_poll(&loop);
    assert_trace("a0:3,4 /a b0:3,4 /b");
}

static void who_was_woken_by_an_error_raises_it_after_a_reset(void **state)
{
    (void)state;
    point_future_t future = {0};
    spawn_waiters(&future, 2);
    async_future_set_error(&future, ERROR);
    async_future_reset(&future);
    async_future_set(&future, &point);
    async_poll(&loop);
    assert_trace("/a /b");
    assert_errors(2, ERROR);
}

static void reset_and_fail(void *context)
{
    point_future_t *future = (point_future_t *)context;
    trace("irq ");
    async_future_reset(future);
    assert_true(async_future_set_error(future, ERROR));
}

/* The interrupt comes when the lock opens for the first time: the value is set,
 * and nobody is woken yet. */
static void an_interrupt_in_the_middle_takes_no_waiter_away(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_irq_t irq;
    spawn_waiters(&future, 3);
    async_irq_init(&irq, reset_and_fail, &future);
    async_irq_raise(&irq);
    async_future_set(&future, &point);
    assert_int_equal(async_future_error(&future), ERROR);
    async_poll(&loop);
    assert_trace("irq a0:3,4 /a b0:3,4 /b c0:3,4 /c");
}

/* --- Misuse --------------------------------------------------------------- */

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    point_future_t future = {0};
    async_wait_t wait = async_future_wait(&future);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    async_future_set(&future, &point); /* finds no waiter */
}

struct forgetful {
    ASYNC_FRAME;
    point_future_t *future;
};

ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_future_wait(self->future);
        (void)wait;
    }
    AWAIT(async_sleep(1));
    ASYNC_END();
}

static void a_wait_without_await_is_reported_and_given_up(void **state)
{
    (void)state;
    point_future_t future = {0};
    ASYNC_OBJECT(forgetful, forgetful, .future = &future);
    assert_int_equal(async_run(&loop, &forgetful.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    async_future_set(&future, &point); /* finds no waiter */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_future_of_zeros_is_pending),
        TEST(a_value_wakes_all_in_the_order_they_came),
        TEST(a_wait_for_a_value_that_is_there_goes_on_at_once),
        TEST(the_value_is_a_copy),
        TEST(a_second_value_is_reported_and_changes_nothing),
        TEST(an_error_is_raised_in_all_that_wait),
        TEST(an_error_that_is_there_is_raised_at_once),
        TEST(what_comes_after_an_error_is_reported),
        TEST(a_number_that_is_no_error_is_reported),
        TEST(a_cancelled_future_is_an_error_that_can_be_caught),
        TEST(to_set_what_was_cancelled_is_no_mistake),
        TEST(an_interrupt_sets_a_value),
        TEST(an_interrupt_sets_an_error),
        TEST(an_interrupt_that_sets_twice_is_reported),
        TEST(any_waiter_can_be_cancelled),
        TEST(a_waiter_cancelled_after_the_value_ends_cancelled),
        TEST(a_waiter_cancelled_after_the_error_ends_cancelled),
        TEST(a_wait_with_a_limit_leaves_the_future_as_it_was),
        TEST(an_outcome_before_the_limit_stops_the_timer),
        TEST(a_timeout_around_the_wait_unlinks_it),
        TEST(an_error_in_a_group_ends_the_other_waits),
        TEST(a_future_that_was_reset_is_pending),
        TEST(who_was_woken_by_a_value_goes_on_after_a_reset),
        TEST(who_was_woken_by_an_error_raises_it_after_a_reset),
        TEST(an_interrupt_in_the_middle_takes_no_waiter_away),
        TEST(a_wait_outside_of_a_task_is_reported),
        TEST(a_wait_without_await_is_reported_and_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
