/* SPDX-License-Identifier: MIT */

/*
 * Signal: who gets the value, and that it is the latest.
 */
#include "test.h"

#include <async/signal.h>

typedef ASYNC_SIGNAL(int) int_signal_t;

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

static void send(int_signal_t *signal, int value)
{
    async_signal_send(signal, &value);
}

/* What a try finds; -1: nothing. */
static int try_take(int_signal_t *signal)
{
    int value = -1;
    int error = async_signal_try_take(signal, &value);
    assert_int_equal(error, value == -1 ? ASYNC_ERR_EMPTY : 0);
    return value;
}

/* --- Tasks that wait ------------------------------------------------------ */

struct taker {
    ASYNC_FRAME;
    int_signal_t *signal;
    async_ticks_t limit;
    int count;
    char name;
};

/* Takes so many values. */
ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    for (; self->count > 0; self->count--) {
        AWAIT(async_wait_for(async_signal_wait(self->signal), self->limit));
        assert_false(async_signal_is_set(self->signal));
        int value = -1;
        async_signal_take(self->signal, &value);
        trace("%c%lu:%d ", self->name, elapsed(), value);
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static struct taker frames[4];
static async_task_t tasks[4];

/* Tasks a, b, c, ... that wait for so many values each. */
static void spawn_takers(int_signal_t *signal, int takers, int count)
{
    for (int i = 0; i < takers; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        frames[i] = ASYNC_CALL(taker, .signal = signal, .limit = ASYNC_FOREVER,
                               .count = count, .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &frames[i].coro);
    }
    async_poll(&loop);
}

static void cancel_all(int takers)
{
    for (int i = 0; i < takers; i++) {
        async_cancel(&tasks[i]);
    }
    async_poll(&loop);
    trace_clear();
}

/* --- Without waiting ------------------------------------------------------ */

static void a_signal_of_zeros_is_valid_and_not_set(void **state)
{
    (void)state;
    static int_signal_t signal;
    assert_false(async_signal_is_set(&signal));
    assert_int_equal(try_take(&signal), -1);
    async_signal_clear(&signal);
    assert_false(async_signal_is_set(&signal));
}

static void a_value_is_overwritten_by_the_next(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    send(&signal, 1);
    assert_true(async_signal_is_set(&signal));
    send(&signal, 2);
    assert_int_equal(try_take(&signal), 2);
    assert_false(async_signal_is_set(&signal));
    assert_int_equal(try_take(&signal), -1);
}

static void a_cleared_value_is_gone(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    send(&signal, 1);
    async_signal_clear(&signal);
    assert_false(async_signal_is_set(&signal));
    assert_int_equal(try_take(&signal), -1);
    send(&signal, 2);
    assert_int_equal(try_take(&signal), 2);
}

/* --- Waiting -------------------------------------------------------------- */

static void a_wait_for_a_value_that_is_there_goes_on_at_once(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    send(&signal, 1);
    spawn_takers(&signal, 1, 1);
    assert_trace("a0:1 /a");
    assert_false(async_signal_is_set(&signal));
}

static void one_send_wakes_the_one_that_waited_longest(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 3, 1);
    for (int i = 0; i < 3; i++) {
        send(&signal, i);
        assert_false(async_signal_is_set(&signal));
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
    }
    assert_trace("a0:0 /a b0:1 /b c0:2 /c");
}

static void who_waits_again_waits_behind_the_others(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 2, 2);
    for (int i = 0; i < 4; i++) {
        send(&signal, i);
        async_poll(&loop);
    }
    assert_trace("a0:0 b0:1 a0:2 /a b0:3 /b");
}

static void a_task_that_was_woken_gets_the_latest_value(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 2, 1);
    send(&signal, 1);
    send(&signal, 2);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:2 /a");
    cancel_all(2);
    assert_false(async_signal_is_set(&signal));
}

static void nobody_gets_a_value_that_was_given(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 1, 1);
    send(&signal, 1);
    assert_int_equal(try_take(&signal), -1);
    async_signal_clear(&signal);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(taker, late, .signal = &signal, .limit = ASYNC_FOREVER,
                 .count = 1, .name = 'z');
    async_spawn(&loop, &task, &late.coro);
    async_poll(&loop);
    assert_trace("a0:1 /a");
    send(&signal, 2);
    async_poll(&loop);
    assert_trace("z0:2 /z");
}

static void a_clear_leaves_a_value_that_was_given(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 2, 1);
    send(&signal, 1);
    async_signal_clear(&signal);
    send(&signal, 2);
    async_poll(&loop);
    assert_trace("a0:2 /a");
    cancel_all(2);
    assert_false(async_signal_is_set(&signal));
}

struct listener {
    ASYNC_FRAME;
    int_signal_t *signal;
    int value;
};

ASYNC_STATIC(listener)
{
    ASYNC_BEGIN();
    AWAIT_SIGNAL(self->signal, &self->value);
    {
        int next;
        AWAIT_SIGNAL(self->signal, &next);
        trace("%d %d ", self->value, next);
    }
    ASYNC_END();
}

static void await_signal_waits_and_takes(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(listener, listener, .signal = &signal);
    async_spawn(&loop, &task, &listener.coro);
    async_poll(&loop);
    send(&signal, 7);
    async_poll(&loop);
    assert_trace("");
    send(&signal, 8);
    async_poll(&loop);
    assert_trace("7 8");
    assert_true(async_task_done(&task));
}

/* --- From an interrupt ---------------------------------------------------- */

static void send_time(void *signal)
{
    send((int_signal_t *)signal, (int)elapsed());
}

static async_virtual_interrupt_t interrupts[2];

static void send_at(int_signal_t *signal, int i, async_ticks_t ticks)
{
    async_virtual_interrupt_at(&virtual_clock, &interrupts[i],
                               (async_time_t)(JUST_BEFORE_THE_WRAP + ticks),
                               send_time, signal);
}

static void an_interrupt_sends(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    send_at(&signal, 0, 9);
    send_at(&signal, 1, 30);
    ASYNC_OBJECT(taker, a, .signal = &signal, .limit = 30, .count = 2,
                 .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("a9:9 a30:30 /a");
}

static int_signal_t *shared;

static void send_nine(void *context)
{
    (void)context;
    send(shared, 9);
}

struct interrupted {
    ASYNC_FRAME;
    async_irq_t irq;
};

/* The interrupt comes when the lock opens: behind the wait, and then behind the
 * take. */
ASYNC_STATIC(interrupted)
{
    ASYNC_BEGIN();
    async_irq_init(&self->irq, send_nine, NULL);
    async_irq_raise(&self->irq);
    AWAIT(async_signal_wait(shared));
    {
        int value = -1;
        async_signal_take(shared, &value);
        trace("%d ", value);
    }
    send(shared, 2);
    AWAIT(async_signal_wait(shared));
    {
        int value = -1;
        async_irq_raise(&self->irq);
        async_signal_take(shared, &value);
        trace("%d ", value);
    }
    trace("%d ", try_take(shared));
    ASYNC_END();
}

static void what_an_interrupt_sends_after_the_wait_is_taken(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    shared = &signal;
    send(&signal, 1);
    ASYNC_OBJECT(interrupted, interrupted);
    assert_int_equal(async_run(&loop, &interrupted.coro), 0);
    assert_trace("9 2 9");
}

/* --- Cancelled waiters ---------------------------------------------------- */

static void cancel_taker(int cancelled, const char *expected)
{
    int_signal_t signal = {0};
    spawn_takers(&signal, 3, 1);
    async_cancel(&tasks[cancelled]);
    async_poll(&loop);
    for (int i = 0; i < 2; i++) {
        send(&signal, i);
        async_poll(&loop);
    }
    assert_string_equal(trace_take(), expected);
    send(&signal, 5);
    assert_int_equal(try_take(&signal), 5);
}

static void any_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_taker(0, "/a b0:0 /b c0:1 /c");
    cancel_taker(1, "/b a0:0 /a c0:1 /c");
    cancel_taker(2, "/c a0:0 /a b0:1 /b");
}

static void the_value_of_a_cancelled_task_goes_to_the_next(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 3, 1);
    send(&signal, 1);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    async_poll(&loop);
    assert_trace("/a b0:1 /b");
    cancel_all(3);
    assert_false(async_signal_is_set(&signal));
}

static void the_value_of_a_cancelled_task_stays_if_nobody_waits(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    spawn_takers(&signal, 1, 1);
    send(&signal, 1);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a");
    assert_true(async_signal_is_set(&signal));
    spawn_takers(&signal, 1, 1);
    assert_trace("a0:1 /a");
}

/* --- Limits --------------------------------------------------------------- */

static void a_wait_with_a_limit_leaves_the_signal_as_it_was(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    send_at(&signal, 0, 26);
    ASYNC_OBJECT(taker, a, .signal = &signal, .limit = 25, .count = 1,
                 .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("/a");
    async_virtual_clock_advance(&virtual_clock, 1);
    async_poll(&loop);
    assert_int_equal(try_take(&signal), 26);
}

static void a_value_before_the_limit_stops_the_timer(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(taker, a, .signal = &signal, .limit = 25, .count = 1,
                 .name = 'a');
    async_spawn(&loop, &task, &a.coro);
    async_poll(&loop);
    send(&signal, 1);
    async_virtual_clock_advance(&virtual_clock, 25);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a25:1 /a");
}

struct limited {
    ASYNC_FRAME;
    int_signal_t *signal;
    async_timeout_t limit;
    int value;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 25) {
        AWAIT_SIGNAL(self->signal, &self->value);
        trace("not reached ");
    }
    trace("%lu:%d ", elapsed(), async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_timeout_around_the_wait_loses_no_value(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    ASYNC_OBJECT(limited, limited, .signal = &signal);
    assert_int_equal(async_run(&loop, &limited.coro), 0);
    assert_trace("25:1");
    send(&signal, 1);
    assert_int_equal(try_take(&signal), 1);
}

struct family {
    ASYNC_FRAME;
    int_signal_t *signal;
    async_group_t group;
    async_member_t members[2];
    struct taker takers[2];
};

ASYNC_STATIC(family)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->takers[0] = ASYNC_CALL(taker, .signal = self->signal, .limit = 5,
                                     .count = 1, .name = 'a');
        self->takers[1] =
            ASYNC_CALL(taker, .signal = self->signal, .limit = ASYNC_FOREVER,
                       .count = 1, .name = 'b');
        async_group_spawn(&self->group, &self->members[0],
                          &self->takers[0].coro);
        async_group_spawn(&self->group, &self->members[1],
                          &self->takers[1].coro);
    }
    ASYNC_END();
}

static void an_error_in_a_group_ends_the_other_wait(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    ASYNC_OBJECT(family, family, .signal = &signal);
    assert_int_equal(async_run(&loop, &family.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("/a /b");
    send(&signal, 1);
    assert_int_equal(try_take(&signal), 1);
}

/* --- Misuse --------------------------------------------------------------- */

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    async_wait_t wait = async_signal_wait(&signal);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    send(&signal, 1);
    assert_int_equal(try_take(&signal), 1);
}

static void a_take_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    int_signal_t signal = {0};
    int value = -1;
    send(&signal, 1);
    async_signal_take(&signal, &value);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(value, -1);
    assert_int_equal(try_take(&signal), 1);
}

enum mistake { TAKES_TWICE, WAITS_TWICE, SLEEPS, YIELDS, ENDS };

struct careless {
    ASYNC_FRAME;
    int_signal_t *signal;
    enum mistake mistake;
    int value;
};

ASYNC_STATIC(careless)
{
    ASYNC_BEGIN();
    AWAIT(async_signal_wait(self->signal));
    if (self->mistake == TAKES_TWICE) {
        async_signal_take(self->signal, &self->value);
        self->value = -1;
        async_signal_take(self->signal, &self->value);
    } else if (self->mistake == WAITS_TWICE) {
        AWAIT_SIGNAL(self->signal, &self->value);
    } else if (self->mistake == SLEEPS) {
        AWAIT(async_sleep(1));
    } else if (self->mistake == YIELDS) {
        ASYNC_YIELD();
    }
    trace("%d ", self->value);
    ASYNC_END();
}

/* The value is there at once, or comes when the task waits. */
static void make(enum mistake mistake, bool waits, async_report_kind_t kind)
{
    int_signal_t signal = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(careless, careless, .signal = &signal, .mistake = mistake);
    if (!waits) {
        send(&signal, 4);
    }
    async_spawn(&loop, &task, &careless.coro);
    async_poll(&loop);
    if (waits) {
        send(&signal, 4);
    }
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 1);
    async_poll(&loop);
    expect_report(kind);
    assert_true(async_task_done(&task));
    bool stays = mistake == SLEEPS || mistake == YIELDS || mistake == ENDS;
    assert_int_equal(try_take(&signal), stays ? 4 : -1);
}

static void a_second_take_is_reported_and_copies_nothing(void **state)
{
    (void)state;
    make(TAKES_TWICE, false, ASYNC_REPORT_NOT_HELD);
    make(TAKES_TWICE, true, ASYNC_REPORT_NOT_HELD);
    assert_trace("-1 -1");
}

static void a_value_that_is_not_taken_is_reported_and_stays(void **state)
{
    (void)state;
    for (int waits = 0; waits < 2; waits++) {
        make(SLEEPS, waits != 0, ASYNC_REPORT_NOT_TAKEN);
        make(YIELDS, waits != 0, ASYNC_REPORT_NOT_TAKEN);
        make(ENDS, waits != 0, ASYNC_REPORT_NOT_TAKEN);
    }
    assert_trace("0 0 0 0 0 0");
}

static void a_second_wait_is_reported_and_has_the_value(void **state)
{
    (void)state;
    make(WAITS_TWICE, false, ASYNC_REPORT_NOT_TAKEN);
    make(WAITS_TWICE, true, ASYNC_REPORT_NOT_TAKEN);
    assert_trace("4 4");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_signal_of_zeros_is_valid_and_not_set),
        TEST(a_value_is_overwritten_by_the_next),
        TEST(a_cleared_value_is_gone),
        TEST(a_wait_for_a_value_that_is_there_goes_on_at_once),
        TEST(one_send_wakes_the_one_that_waited_longest),
        TEST(who_waits_again_waits_behind_the_others),
        TEST(a_task_that_was_woken_gets_the_latest_value),
        TEST(nobody_gets_a_value_that_was_given),
        TEST(a_clear_leaves_a_value_that_was_given),
        TEST(await_signal_waits_and_takes),
        TEST(an_interrupt_sends),
        TEST(what_an_interrupt_sends_after_the_wait_is_taken),
        TEST(any_waiter_can_be_cancelled),
        TEST(the_value_of_a_cancelled_task_goes_to_the_next),
        TEST(the_value_of_a_cancelled_task_stays_if_nobody_waits),
        TEST(a_wait_with_a_limit_leaves_the_signal_as_it_was),
        TEST(a_value_before_the_limit_stops_the_timer),
        TEST(a_timeout_around_the_wait_loses_no_value),
        TEST(an_error_in_a_group_ends_the_other_wait),
        TEST(a_wait_outside_of_a_task_is_reported),
        TEST(a_take_outside_of_a_task_is_reported),
        TEST(a_second_take_is_reported_and_copies_nothing),
        TEST(a_value_that_is_not_taken_is_reported_and_stays),
        TEST(a_second_wait_is_reported_and_has_the_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
