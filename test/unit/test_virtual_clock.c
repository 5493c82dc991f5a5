/* SPDX-License-Identifier: MIT */

/*
 * Virtual clock: jumps, scripted interrupts, deadlocks.
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

struct sleeper {
    ASYNC_FRAME;
    async_ticks_t ticks;
    char name;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    trace("%c%lu ", self->name, elapsed());
    ASYNC_END();
}

struct waiter {
    ASYNC_FRAME;
    async_event_t event;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->event));
    trace("woken%lu ", elapsed());
    ASYNC_END();
}

static async_time_t at(unsigned long ticks)
{
    return (async_time_t)(START + (async_time_t)ticks);
}

static void say(void *word)
{
    trace("%s%lu ", (const char *)word, elapsed());
    assert_null(async_current_task());
    assert_null(async_current_loop());
}

static void set_event(void *event)
{
    trace("irq%lu ", elapsed());
    async_event_set(event);
}

static char word_a[] = "A";
static char word_b[] = "B";
static char word_c[] = "C";

static void the_clock_shows_its_start(void **state)
{
    (void)state;
    assert_true(async_loop_now(&loop) == START);
    async_virtual_clock_t other;
    async_clock_t *clock = async_virtual_clock_init(&other, 1234);
    assert_true(clock->ops->now(clock) == 1234);
    assert_true(clock->ops->now(clock) == 1234);
}

static void a_sleep_of_the_loop_jumps_to_the_next_deadline(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 1000, .name = 'a');
    ASYNC_OBJECT(sleeper, b, .ticks = 20000, .name = 'b');
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("a1000 b20000");
}

static void polling_the_loop_does_not_move_the_clock(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    async_spawn(&loop, &task, &a.coro);
    assert_true(async_poll(&loop) == 10);
    assert_true(async_poll(&loop) == 10);
    assert_true(elapsed() == 0);
    async_virtual_clock_advance(&virtual_clock, 10);
    async_poll(&loop);
    assert_trace("a10");
}

struct work {
    ASYNC_FRAME;
    async_ticks_t ticks;
};

ASYNC_STATIC(work)
{
    ASYNC_BEGIN();
    trace("(%lu ", elapsed());
    async_virtual_clock_advance(&virtual_clock, self->ticks);
    trace("%lu) ", elapsed());
    ASYNC_YIELD();
    trace("end%lu ", elapsed());
    ASYNC_END();
}

static void work_that_takes_long_makes_others_late(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    ASYNC_OBJECT(work, w, .ticks = 25);
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("(0 25) end25 a25");
}

static void interrupts_come_in_the_order_of_their_times(void **state)
{
    (void)state;
    async_virtual_interrupt_t irqs[3];
    async_virtual_interrupt_at(&virtual_clock, &irqs[0], at(30), say, word_a);
    async_virtual_interrupt_at(&virtual_clock, &irqs[1], at(3), say, word_b);
    async_virtual_interrupt_at(&virtual_clock, &irqs[2], at(7), say, word_c);
    ASYNC_OBJECT(sleeper, a, .ticks = 40, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("B3 C7 A30 a40");
}

static void
interrupts_of_the_same_time_come_as_they_were_asked_for(void **state)
{
    (void)state;
    async_virtual_interrupt_t irqs[4];
    async_virtual_interrupt_at(&virtual_clock, &irqs[0], at(7), say, word_b);
    async_virtual_interrupt_at(&virtual_clock, &irqs[1], at(7), say, word_a);
    async_virtual_interrupt_at(&virtual_clock, &irqs[2], at(5), say, word_c);
    async_virtual_interrupt_at(&virtual_clock, &irqs[3], at(7), say, word_c);
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("C5 B7 A7 C7 a10");
}

static void an_interrupt_comes_before_the_timers_of_its_tick(void **state)
{
    (void)state;
    async_virtual_interrupt_t irq;
    async_virtual_interrupt_at(&virtual_clock, &irq, at(10), say, word_a);
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("A10 a10");
}

static void an_interrupt_wakes_a_task_of_a_loop_without_timers(void **state)
{
    (void)state;
    async_virtual_interrupt_t irq;
    ASYNC_OBJECT(waiter, w);
    async_virtual_interrupt_at(&virtual_clock, &irq, at(12), set_event,
                               &w.event);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("irq12 woken12");
}

static void interrupts_due_during_work_come_when_the_loop_looks(void **state)
{
    (void)state;
    async_virtual_interrupt_t irqs[2];
    async_virtual_interrupt_at(&virtual_clock, &irqs[0], at(3), say, word_a);
    async_virtual_interrupt_at(&virtual_clock, &irqs[1], at(30), say, word_b);
    ASYNC_OBJECT(work, w, .ticks = 20);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("(0 20) A20 end20");
}

static void an_interrupt_asked_for_in_the_past_comes_at_once(void **state)
{
    (void)state;
    async_virtual_interrupt_t irq;
    ASYNC_OBJECT(waiter, w);
    async_virtual_interrupt_at(&virtual_clock, &irq, (async_time_t)(START - 3),
                               set_event, &w.event);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("irq0 woken0");
}

static struct {
    async_virtual_interrupt_t irq;
    int left;
} periodic;

static void device(void *word)
{
    say(word);
    if (--periodic.left > 0) {
        async_virtual_interrupt_at(&virtual_clock, &periodic.irq,
                                   (async_time_t)(async_loop_now(&loop) + 4),
                                   device, word);
    }
}

static void a_handler_can_ask_for_its_interrupt_again(void **state)
{
    (void)state;
    periodic.left = 4;
    async_virtual_interrupt_at(&virtual_clock, &periodic.irq, at(2), device,
                               word_a);
    ASYNC_OBJECT(sleeper, a, .ticks = 20, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("A2 A6 A10 A14 a20");
}

/* --- Interrupts that are moved or taken back ------------------------------ */

static async_virtual_interrupt_t planned[3];

static void plan_three(void)
{
    async_virtual_interrupt_at(&virtual_clock, &planned[0], at(5), say, word_a);
    async_virtual_interrupt_at(&virtual_clock, &planned[1], at(10), say,
                               word_b);
    async_virtual_interrupt_at(&virtual_clock, &planned[2], at(15), say,
                               word_c);
}

static void sleep_and_expect(async_ticks_t ticks, const char *expected)
{
    ASYNC_OBJECT(sleeper, s, .ticks = ticks, .name = 's');
    assert_int_equal(async_run(&loop, &s.coro), 0);
    assert_string_equal(trace_take(), expected);
}

static void move(int which, unsigned long time, char *word)
{
    async_virtual_interrupt_at(&virtual_clock, &planned[which], at(time), say,
                               word);
}

static void an_interrupt_moved_to_an_earlier_time_comes_then(void **state)
{
    (void)state;
    plan_three();
    move(2, 2, word_c);
    sleep_and_expect(20, "C2 A5 B10 s20");
}

static void an_interrupt_moved_to_a_later_time_comes_then(void **state)
{
    (void)state;
    plan_three();
    move(0, 12, word_a);
    sleep_and_expect(20, "B10 A12 C15 s20");
}

static void an_interrupt_that_is_moved_may_change_its_handler(void **state)
{
    (void)state;
    ASYNC_OBJECT(waiter, w);
    plan_three();
    async_virtual_interrupt_at(&virtual_clock, &planned[1], at(12), set_event,
                               &w.event);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("A5 irq12 woken12");
    sleep_and_expect(10, "C15 s22");
}

static void
an_interrupt_moved_to_its_own_time_comes_last_of_that_time(void **state)
{
    (void)state;
    plan_three();
    move(1, 5, word_b);
    move(0, 5, word_a);
    sleep_and_expect(20, "B5 A5 C15 s20");
}

static void an_interrupt_that_is_moved_again_and_again_comes_once(void **state)
{
    (void)state;
    for (unsigned long time = 30; time > 3; time--) {
        move(0, time, word_a);
    }
    sleep_and_expect(40, "A4 s40");
}

struct mover {
    ASYNC_FRAME;
    int i;
};

/* Something that must be fed: each step moves the interrupt farther away. */
ASYNC_STATIC(mover)
{
    ASYNC_BEGIN();
    for (; self->i < 5; self->i++) {
        async_virtual_interrupt_at(&virtual_clock, &planned[0], async_now() + 4,
                                   say, word_a);
        AWAIT(async_sleep(3));
    }
    AWAIT(async_sleep(10));
    ASYNC_END();
}

static void a_task_can_move_an_interrupt(void **state)
{
    (void)state;
    ASYNC_OBJECT(mover, m);
    assert_int_equal(async_run(&loop, &m.coro), 0);
    assert_trace("A16");
}

static bool take_back(int which)
{
    return async_virtual_interrupt_cancel(&virtual_clock, &planned[which]);
}

static void an_interrupt_that_is_taken_back_does_not_come(void **state)
{
    (void)state;
    plan_three();
    assert_true(take_back(0)); /* the next one */
    assert_true(take_back(2)); /* the last one */
    sleep_and_expect(20, "B10 s20");
    move(0, 30, word_a); /* it can be used again */
    sleep_and_expect(20, "A30 s40");
}

static void an_interrupt_is_taken_back_once(void **state)
{
    (void)state;
    plan_three();
    assert_true(take_back(1));
    assert_false(take_back(1));
    sleep_and_expect(20, "A5 C15 s20");
}

static void what_is_not_to_come_cannot_be_taken_back(void **state)
{
    (void)state;
    planned[0] = (async_virtual_interrupt_t){0};
    assert_false(take_back(0));
    plan_three();
    sleep_and_expect(7, "A5 s7");
    assert_false(take_back(0)); /* it has come */
    sleep_and_expect(13, "B10 C15 s20");
}

static void take_back_next(void *word)
{
    say(word);
    trace("%d ", take_back(1));
}

static void a_handler_can_take_another_interrupt_back(void **state)
{
    (void)state;
    plan_three();
    move(1, 5, word_b);
    async_virtual_interrupt_at(&virtual_clock, &planned[0], at(4),
                               take_back_next, word_a);
    sleep_and_expect(20, "A4 1 C15 s20");
}

static void a_wait_whose_interrupt_was_taken_back_is_a_deadlock(void **state)
{
    (void)state;
    ASYNC_OBJECT(waiter, w);
    async_virtual_interrupt_at(&virtual_clock, &planned[0], at(5), set_event,
                               &w.event);
    assert_true(take_back(0));
    assert_int_equal(async_run(&loop, &w.coro), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_true(elapsed() == 0);
}

struct poller {
    ASYNC_FRAME;
    const bool *flag;
};

ASYNC_STATIC(poller)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(*self->flag);
    trace("flag%lu ", elapsed());
    ASYNC_END();
}

static void raise_flag(void *flag)
{
    *(bool *)flag = true;
}

static void polling_a_condition_lets_time_advance(void **state)
{
    (void)state;
    bool flag = false;
    async_virtual_interrupt_t irq;
    async_task_t task = ASYNC_TASK_INIT;
    async_virtual_interrupt_at(&virtual_clock, &irq, at(15), raise_flag, &flag);
    ASYNC_OBJECT(poller, p, .flag = &flag);
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &p.coro), 0);
    assert_trace("a10 flag15");
}

static void nothing_to_wait_for_is_a_deadlock(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(waiter, a);
    ASYNC_OBJECT(waiter, b);
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &b.coro), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK); /* one for each task */
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_true(async_task_done(&task));
    assert_trace("");
}

static void a_deadlock_is_seen_after_the_last_timer_and_interrupt(void **state)
{
    (void)state;
    async_virtual_interrupt_t irq;
    async_task_t task = ASYNC_TASK_INIT;
    async_virtual_interrupt_at(&virtual_clock, &irq, at(20), say, word_a);
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    ASYNC_OBJECT(waiter, b);
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &b.coro), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_trace("a10 A20");
}

static void run_forever_sees_a_deadlock_too(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(waiter, w);
    async_spawn(&loop, &task, &w.coro);
    assert_int_equal(async_run_forever(&loop), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    async_event_set(&w.event); /* the task is still there */
    async_poll(&loop);
    assert_trace("woken0");
}

static void stop_loop(void *unused)
{
    (void)unused;
    trace("stop%lu ", elapsed());
    async_stop(&loop);
}

static void an_interrupt_can_stop_the_loop(void **state)
{
    (void)state;
    async_virtual_interrupt_t irq;
    async_virtual_interrupt_at(&virtual_clock, &irq, at(9), stop_loop, NULL);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_trace("stop9");
    async_virtual_interrupt_at(&virtual_clock, &irq, at(15), stop_loop, NULL);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_trace("a10 stop15");
}

/* A round that looks at the clock costs a bit of time, so that a loop that
 * spins instead of sleeping comes to an end, and is found out. */
static int looks;

static void count_looks(async_clock_t *clock)
{
    (void)clock;
    if (++looks > 1000) {
        async_virtual_clock_advance(&virtual_clock, 1);
    }
}

struct stop_and_clean {
    ASYNC_FRAME;
};

ASYNC_STATIC(stop_and_clean)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    async_stop(&loop);
    AWAIT(async_sleep(10));
    trace("clean%lu ", elapsed());
    ASYNC_END();
}

static void a_stop_while_the_loop_closes_changes_nothing(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    looks = 0;
    async_clock_ops_t ops = *virtual_clock.clock_.ops;
    ops.look = count_looks;
    virtual_clock.clock_.ops = &ops;
    async_loop_init(&loop, &virtual_clock.clock_);
    ASYNC_OBJECT(stop_and_clean, s);
    ASYNC_OBJECT(sleeper, a, .ticks = 1, .name = 'a');
    async_spawn(&loop, &task, &s.coro);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("a1 clean11");
    assert_in_range(looks, 1, 20); /* it slept, it did not spin */
}

static void poll_other_loop(void *other)
{
    trace("< ");
    async_poll(other);
    trace("> ");
}

static void a_handler_may_run_a_loop_of_its_own(void **state)
{
    (void)state;
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_virtual_interrupt_t irqs[2];
    async_task_t task = ASYNC_TASK_INIT;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 0));
    ASYNC_OBJECT(waiter, w);
    async_spawn(&other, &task, &w.coro);
    async_virtual_interrupt_at(&virtual_clock, &irqs[0], at(2), poll_other_loop,
                               &other);
    async_virtual_interrupt_at(&virtual_clock, &irqs[1], at(4), poll_other_loop,
                               &other);
    ASYNC_OBJECT(sleeper, a, .ticks = 3, .name = 'a');
    ASYNC_OBJECT(sleeper, b, .ticks = 3, .name = 'b');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("< > a3");
    async_event_set(&w.event);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("< woken4 > b6");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_clock_shows_its_start),
        TEST(a_sleep_of_the_loop_jumps_to_the_next_deadline),
        TEST(polling_the_loop_does_not_move_the_clock),
        TEST(work_that_takes_long_makes_others_late),
        TEST(interrupts_come_in_the_order_of_their_times),
        TEST(interrupts_of_the_same_time_come_as_they_were_asked_for),
        TEST(an_interrupt_comes_before_the_timers_of_its_tick),
        TEST(an_interrupt_wakes_a_task_of_a_loop_without_timers),
        TEST(interrupts_due_during_work_come_when_the_loop_looks),
        TEST(an_interrupt_asked_for_in_the_past_comes_at_once),
        TEST(a_handler_can_ask_for_its_interrupt_again),
        TEST(an_interrupt_moved_to_an_earlier_time_comes_then),
        TEST(an_interrupt_moved_to_a_later_time_comes_then),
        TEST(an_interrupt_that_is_moved_may_change_its_handler),
        TEST(an_interrupt_moved_to_its_own_time_comes_last_of_that_time),
        TEST(an_interrupt_that_is_moved_again_and_again_comes_once),
        TEST(a_task_can_move_an_interrupt),
        TEST(an_interrupt_that_is_taken_back_does_not_come),
        TEST(an_interrupt_is_taken_back_once),
        TEST(what_is_not_to_come_cannot_be_taken_back),
        TEST(a_handler_can_take_another_interrupt_back),
        TEST(a_wait_whose_interrupt_was_taken_back_is_a_deadlock),
        TEST(polling_a_condition_lets_time_advance),
        TEST(nothing_to_wait_for_is_a_deadlock),
        TEST(a_deadlock_is_seen_after_the_last_timer_and_interrupt),
        TEST(run_forever_sees_a_deadlock_too),
        TEST(an_interrupt_can_stop_the_loop),
        TEST(a_stop_while_the_loop_closes_changes_nothing),
        TEST(a_handler_may_run_a_loop_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
