/* SPDX-License-Identifier: MIT */

/*
 * Event: who is woken, when, and in which order.
 */
#include "test.h"

#define START ((async_time_t)-5)

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

struct waiter {
    ASYNC_FRAME;
    async_event_t *event;
    char name;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    trace("%c%lu ", self->name, elapsed());
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static void set_event(void *event)
{
    trace("irq%lu ", elapsed());
    async_event_set(event);
}

static struct waiter frames[5];
static async_task_t tasks[5];

/* Tasks a, b, c, ... that wait for the event. */
static void spawn_waiters(async_event_t *event, int count)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        frames[i] = ASYNC_CALL(waiter, .event = event, .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &frames[i].coro);
    }
    async_poll(&loop);
}

static void an_event_of_zeros_is_valid_and_not_set(void **state)
{
    (void)state;
    static async_event_t event;
    assert_false(async_event_is_set(&event));
    async_event_clear(&event);
    assert_false(async_event_is_set(&event));
    async_event_set(&event);
    assert_true(async_event_is_set(&event));
    async_event_set(&event);
    assert_true(async_event_is_set(&event));
    async_event_clear(&event);
    assert_false(async_event_is_set(&event));
}

static void a_wait_for_a_set_event_goes_on_at_once(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_event_set(&event);
    spawn_waiters(&event, 2);
    assert_trace("a0 /a b0 /b");
    assert_true(async_event_is_set(&event));
}

static void a_wait_for_a_cleared_event_waits(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_event_set(&event);
    async_event_clear(&event);
    spawn_waiters(&event, 1);
    assert_trace("");
    async_event_set(&event);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0 /a");
}

static void set_wakes_all_in_the_order_they_came(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 5);
    assert_false(async_event_is_set(&event));
    async_event_set(&event);
    assert_true(async_event_is_set(&event));
    async_poll(&loop);
    assert_trace("a0 /a b0 /b c0 /c d0 /d e0 /e");
}

static void set_twice_wakes_once(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 2);
    async_event_set(&event);
    async_event_set(&event);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0 /a b0 /b");
}

static void set_and_clear_wakes_those_that_waited(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 3);
    async_event_set(&event);
    async_event_clear(&event);
    assert_false(async_event_is_set(&event));
    async_poll(&loop);
    assert_trace("a0 /a b0 /b c0 /c");
    assert_false(async_event_is_set(&event));
    spawn_waiters(&event, 1);
    assert_trace("");
    async_event_set(&event);
    async_poll(&loop);
    assert_trace("a0 /a");
}

static void clear_while_tasks_wait_does_not_touch_them(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 3);
    async_event_clear(&event);
    async_poll(&loop);
    assert_trace("");
    async_event_set(&event);
    async_poll(&loop);
    assert_trace("a0 /a b0 /b c0 /c");
}

static void cancel_waiter(int cancelled, const char *expected)
{
    async_event_t event = {0};
    spawn_waiters(&event, 3);
    async_cancel(&tasks[cancelled]);
    async_poll(&loop);
    assert_false(async_event_is_set(&event));
    async_event_set(&event);
    async_poll(&loop);
    assert_string_equal(trace_take(), expected);
    for (int i = 0; i < 3; i++) {
        assert_true(async_task_done(&tasks[i]));
    }
}

static void the_first_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_waiter(0, "/a b0 /b c0 /c");
}

static void a_middle_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_waiter(1, "/b a0 /a c0 /c");
}

static void the_last_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_waiter(2, "/c a0 /a b0 /b");
}

static void an_event_whose_waiters_are_all_cancelled_is_as_it_was(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 3);
    for (int i = 0; i < 3; i++) {
        async_cancel(&tasks[i]);
    }
    async_poll(&loop);
    assert_trace("/a /b /c");
    assert_false(async_event_is_set(&event));
    spawn_waiters(&event, 1);
    assert_trace("");
    async_event_set(&event);
    assert_true(async_event_is_set(&event));
    async_poll(&loop);
    assert_trace("a0 /a");
}

static void a_waiter_cancelled_after_set_leaves_the_event_set(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 2);
    async_event_set(&event);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a b0 /b");
    assert_true(async_event_is_set(&event));
}

#define CROWD BY_ROOM(1000, 100, 20)

static struct {
    struct counted {
        ASYNC_FRAME;
        async_event_t *event;
        int id;
    } frames[CROWD];
    async_task_t tasks[CROWD];
    int next;
} crowd;

ASYNC_STATIC(counted)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    assert_int_equal(self->id, crowd.next);
    crowd.next++;
    ASYNC_END();
}

static void a_thousand_waiters_wake_in_one_round_and_in_order(void **state)
{
    (void)state;
    async_event_t event = {0};
    crowd.next = 0;
    for (int i = 0; i < CROWD; i++) {
        crowd.tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        crowd.frames[i] = ASYNC_CALL(counted, .event = &event, .id = i);
        async_spawn(&loop, &crowd.tasks[i], &crowd.frames[i].coro);
    }
    async_poll(&loop);
    assert_int_equal(crowd.next, 0);
    async_event_set(&event);
    async_poll(&loop);
    assert_int_equal(crowd.next, CROWD);
}

struct again {
    ASYNC_FRAME;
    async_event_t *event;
    int count;
};

/* Clears what woke it and waits again, before the others have run. */
ASYNC_STATIC(again)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(self->event));
        self->count++;
        async_event_clear(self->event);
    }
    ASYNC_END();
}

static void a_waiter_that_waits_again_is_not_woken_by_the_same_set(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(again, a, .event = &event);
    async_spawn(&loop, &task, &a.coro);
    async_poll(&loop);
    spawn_waiters(&event, 2);
    for (int i = 1; i <= 3; i++) {
        async_event_set(&event);
        async_poll(&loop);
        async_poll(&loop);
        assert_int_equal(a.count, i);
    }
    assert_trace("a0 /a b0 /b");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void an_event_can_be_shared_by_two_loops(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 7));
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t last = ASYNC_TASK_INIT;
    ASYNC_OBJECT(waiter, x, .event = &event, .name = 'x');
    ASYNC_OBJECT(waiter, y, .event = &event, .name = 'y');
    spawn_waiters(&event, 1);
    async_spawn(&other, &task, &x.coro);
    async_poll(&other);
    async_spawn(&loop, &last, &y.coro);
    async_poll(&loop);
    async_event_set(&event);
    assert_trace("");
    assert_true(async_poll(&other) == ASYNC_FOREVER);
    assert_trace("x0 /x");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0 /a y0 /y");
}

static void an_interrupt_wakes_waiters(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 9), set_event, &event);
    ASYNC_OBJECT(waiter, a, .event = &event, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("irq9 a9 /a");
}

struct setter {
    ASYNC_FRAME;
    async_event_t *event;
};

/* What a set wakes runs in the next round, not inside the set. */
ASYNC_STATIC(setter)
{
    ASYNC_BEGIN();
    trace("set< ");
    async_event_set(self->event);
    trace(">set ");
    ASYNC_YIELD();
    trace("end ");
    ASYNC_END();
}

static void a_set_from_a_task_does_not_run_the_waiters_at_once(void **state)
{
    (void)state;
    async_event_t event = {0};
    spawn_waiters(&event, 2);
    ASYNC_OBJECT(setter, s, .event = &event);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    assert_trace("set< >set a0 /a b0 /b end");
}

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_wait_t wait = async_event_wait(&event);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    async_event_set(&event); /* finds no waiter */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(an_event_of_zeros_is_valid_and_not_set),
        TEST(a_wait_for_a_set_event_goes_on_at_once),
        TEST(a_wait_for_a_cleared_event_waits),
        TEST(set_wakes_all_in_the_order_they_came),
        TEST(set_twice_wakes_once),
        TEST(set_and_clear_wakes_those_that_waited),
        TEST(clear_while_tasks_wait_does_not_touch_them),
        TEST(the_first_waiter_can_be_cancelled),
        TEST(a_middle_waiter_can_be_cancelled),
        TEST(the_last_waiter_can_be_cancelled),
        TEST(an_event_whose_waiters_are_all_cancelled_is_as_it_was),
        TEST(a_waiter_cancelled_after_set_leaves_the_event_set),
        TEST(a_thousand_waiters_wake_in_one_round_and_in_order),
        TEST(a_waiter_that_waits_again_is_not_woken_by_the_same_set),
        TEST(an_event_can_be_shared_by_two_loops),
        TEST(an_interrupt_wakes_waiters),
        TEST(a_set_from_a_task_does_not_run_the_waiters_at_once),
        TEST(a_wait_outside_of_a_task_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
