/* SPDX-License-Identifier: MIT */

/*
 * Ticker: phase, missed ticks, and what a wait that was given up leaves.
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

/* Takes `count` ticks; the work on the n-th takes work[n]. */
struct periodic {
    ASYNC_FRAME;
    async_ticker_t ticker;
    async_ticks_t period;
    const async_ticks_t *work;
    int count;
    int i;
};

ASYNC_STATIC(periodic)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, self->period);
    for (; self->i < self->count; self->i++) {
        AWAIT(async_ticker_wait(&self->ticker));
        trace("%lu", elapsed());
        if (async_ticker_missed(&self->ticker) != 0) {
            trace("(%lu)", (unsigned long)async_ticker_missed(&self->ticker));
        }
        trace(" ");
        async_virtual_clock_advance(&virtual_clock, self->work[self->i]);
    }
    ASYNC_END();
}

static void run_periodic(async_ticks_t period, const async_ticks_t *work,
                         int count)
{
    ASYNC_OBJECT(periodic, p, .period = period, .work = work, .count = count);
    assert_int_equal(async_run(&loop, &p.coro), 0);
}

static void the_first_tick_is_one_period_from_the_start(void **state)
{
    (void)state;
    const async_ticks_t work[3] = {0};
    run_periodic(10, work, 3);
    assert_trace("10 20 30");
}

static void work_shorter_than_the_period_does_not_move_the_phase(void **state)
{
    (void)state;
    const async_ticks_t work[] = {3, 9, 1, 5, 0};
    run_periodic(10, work, 5);
    assert_trace("10 20 30 40 50");
}

static void work_as_long_as_the_period_misses_nothing(void **state)
{
    (void)state;
    const async_ticks_t work[] = {10, 10, 0};
    run_periodic(10, work, 3);
    assert_trace("10 20 30");
}

static void a_late_tick_comes_at_once_and_missed_ones_are_dropped(void **state)
{
    (void)state;
    const async_ticks_t work[] = {25, 0, 0};
    run_periodic(10, work, 3);
    assert_trace("10 35(1) 40");
}

static void a_late_tick_keeps_the_phase(void **state)
{
    (void)state;
    const async_ticks_t work[] = {15, 0, 29, 30, 101, 0, 0};
    run_periodic(10, work, 7);
    /* 10+15: the tick of 20 comes at 25; 30+29: 40 is late, 50 missed; 59+30:
     * 60 late, ... */
    assert_trace("10 25 30 59(1) 89(2) 190(10) 200");
}

static void a_tick_that_is_late_by_exactly_a_period_is_missed(void **state)
{
    (void)state;
    const async_ticks_t work[] = {20, 0, 0};
    run_periodic(10, work, 3);
    /* At 30 both 20 and 30 are due: one of them comes, the other does not. */
    assert_trace("10 30(1) 40");
}

static void a_period_of_1_ticks_each_tick(void **state)
{
    (void)state;
    const async_ticks_t work[8] = {0};
    run_periodic(1, work, 8);
    assert_trace("1 2 3 4 5 6 7 8");
}

static void the_longest_period_is_ticks_max(void **state)
{
    (void)state;
    const async_ticks_t work[2] = {0};
    ASYNC_OBJECT(periodic, p, .period = ASYNC_TICKS_MAX, .work = work,
                 .count = 2);
    assert_int_equal(async_run(&loop, &p.coro), 0);
    assert_true((async_time_t)(async_loop_now(&loop) - START) ==
                (async_time_t)(2 * (uint64_t)ASYNC_TICKS_MAX));
}

struct phase {
    ASYNC_FRAME;
    async_ticker_t ticker;
    async_time_t due;
    long i;
};

/* Over many wraps of 16 bits. */
ASYNC_STATIC(phase)
{
    ASYNC_BEGIN();
    self->due = async_now();
    async_ticker_start(&self->ticker, 7);
    for (; self->i < BY_PACE(100000, 20000); self->i++) {
        self->due = (async_time_t)(self->due + 7);
        AWAIT(async_ticker_wait(&self->ticker));
        assert_true(async_now() == self->due);
        assert_true(async_ticker_missed(&self->ticker) == 0);
        async_virtual_clock_advance(&virtual_clock,
                                    (async_ticks_t)(self->i % 7));
    }
    ASYNC_END();
}

static void the_phase_is_kept_over_many_wraps(void **state)
{
    (void)state;
    ASYNC_OBJECT(phase, p);
    assert_int_equal(async_run(&loop, &p.coro), 0);
}

struct give_up {
    ASYNC_FRAME;
    async_ticker_t ticker;
    async_timeout_t limit;
    int error;
    async_ticks_t work;
};

/* Gives up a wait at 5, works, and waits again. */
ASYNC_STATIC(give_up)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, 10);
    AWAIT_CATCH(self->error,
                async_wait_for(async_ticker_wait(&self->ticker), 5));
    trace("%d@%lu ", self->error, elapsed());
    async_virtual_clock_advance(&virtual_clock, self->work);
    AWAIT(async_ticker_wait(&self->ticker));
    trace("%lu(%lu) ", elapsed(),
          (unsigned long)async_ticker_missed(&self->ticker));
    AWAIT(async_ticker_wait(&self->ticker));
    trace("%lu ", elapsed());
    ASYNC_END();
}

static void a_tick_given_up_early_stays_the_next_one(void **state)
{
    (void)state;
    ASYNC_OBJECT(give_up, g, .work = 1);
    assert_int_equal(async_run(&loop, &g.coro), 0);
    assert_trace("-201@5 10(0) 20");
}

static void a_tick_given_up_whose_time_came_counts_as_taken(void **state)
{
    (void)state;
    ASYNC_OBJECT(give_up, g, .work = 7);
    assert_int_equal(async_run(&loop, &g.coro), 0);
    assert_trace("-201@5 20(0) 30");
}

static void ticks_after_one_that_was_given_up_are_late_or_missed(void **state)
{
    (void)state;
    ASYNC_OBJECT(give_up, g, .work = 30);
    assert_int_equal(async_run(&loop, &g.coro), 0);
    /* 10 counts as taken, 20 comes late at 35, 30 is missed. */
    assert_trace("-201@5 35(1) 40");
}

struct cancelled_when_due {
    ASYNC_FRAME;
    async_ticker_t ticker;
    async_timeout_t limit;
};

/* The tick and the end of the block fall due together; the block is ended. */
ASYNC_STATIC(cancelled_when_due)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, 10);
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_ticker_wait(&self->ticker));
        trace("taken ");
    }
    trace("%d@%lu ", async_timeout_expired(&self->limit), elapsed());
    AWAIT(async_ticker_wait(&self->ticker));
    trace("%lu ", elapsed());
    ASYNC_END();
}

static void a_tick_cancelled_when_it_is_due_counts_as_taken(void **state)
{
    (void)state;
    ASYNC_OBJECT(cancelled_when_due, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("1@10 20");
}

struct restart {
    ASYNC_FRAME;
    async_ticker_t ticker;
};

ASYNC_STATIC(restart)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, 10);
    AWAIT(async_ticker_wait(&self->ticker));
    async_virtual_clock_advance(&virtual_clock, 25);
    AWAIT(async_ticker_wait(&self->ticker));
    trace("%lu(%lu) ", elapsed(),
          (unsigned long)async_ticker_missed(&self->ticker));
    AWAIT(async_sleep(2));
    async_ticker_start(&self->ticker, 4);
    trace("(%lu) ", (unsigned long)async_ticker_missed(&self->ticker));
    AWAIT(async_ticker_wait(&self->ticker));
    trace("%lu ", elapsed());
    AWAIT(async_ticker_wait(&self->ticker));
    trace("%lu ", elapsed());
    ASYNC_END();
}

static void a_started_ticker_can_be_started_anew(void **state)
{
    (void)state;
    ASYNC_OBJECT(restart, r);
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("35(1) (0) 41 45");
}

struct not_started {
    ASYNC_FRAME;
    async_ticker_t ticker;
};

ASYNC_STATIC(not_started)
{
    ASYNC_BEGIN();
    AWAIT(async_ticker_wait(&self->ticker));
    trace("not here ");
    ASYNC_END();
}

static void a_ticker_that_was_not_started_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(not_started, n);
    assert_int_equal(async_run(&loop, &n.coro), ASYNC_ERR_MISUSE);
    assert_int_equal(reports_pending(), 1);
    expect_report(ASYNC_REPORT_TOO_LONG);
    assert_trace("");
}

struct bad_period {
    ASYNC_FRAME;
    async_ticker_t ticker;
    async_ticks_t period;
};

ASYNC_STATIC(bad_period)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, self->period);
    ASYNC_END();
}

static void a_period_of_0_or_beyond_the_range_is_reported(void **state)
{
    (void)state;
    const async_ticks_t periods[] = {0, (async_ticks_t)(ASYNC_TICKS_MAX + 1),
                                     ASYNC_FOREVER};
    for (int i = 0; i < 3; i++) {
        ASYNC_OBJECT(bad_period, b, .period = periods[i]);
        assert_int_equal(async_run(&loop, &b.coro), 0);
        expect_report(ASYNC_REPORT_TOO_LONG);
    }
}

static void a_wait_for_a_ticker_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    async_ticker_t ticker = {0};
    async_wait_t wait = async_ticker_wait(&ticker);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_first_tick_is_one_period_from_the_start),
        TEST(work_shorter_than_the_period_does_not_move_the_phase),
        TEST(work_as_long_as_the_period_misses_nothing),
        TEST(a_late_tick_comes_at_once_and_missed_ones_are_dropped),
        TEST(a_late_tick_keeps_the_phase),
        TEST(a_tick_that_is_late_by_exactly_a_period_is_missed),
        TEST(a_period_of_1_ticks_each_tick),
        TEST(the_longest_period_is_ticks_max),
        TEST(the_phase_is_kept_over_many_wraps),
        TEST(a_tick_given_up_early_stays_the_next_one),
        TEST(a_tick_given_up_whose_time_came_counts_as_taken),
        TEST(ticks_after_one_that_was_given_up_are_late_or_missed),
        TEST(a_tick_cancelled_when_it_is_due_counts_as_taken),
        TEST(a_started_ticker_can_be_started_anew),
        TEST(a_ticker_that_was_not_started_is_reported),
        TEST(a_period_of_0_or_beyond_the_range_is_reported),
        TEST(a_wait_for_a_ticker_outside_of_a_task_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
