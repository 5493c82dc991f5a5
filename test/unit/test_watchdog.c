/* SPDX-License-Identifier: MIT */

/*
 * Watchdog: who is late and when, whom a watchdog knows at all, and when the
 * hardware is fed.
 */
#include "test.h"

#ifdef __unix__
#include <signal.h>
#endif

#define START ((async_time_t)-5)
#define AT(n) ((async_time_t)(START + (async_time_t)(n)))

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_watchdog_t dog, other_dog;
static async_pulse_t pulses[3];
static async_task_t task, feeder_task;

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    dog = other_dog = (async_watchdog_t){.changes_ = 0};
    pulses[0] = pulses[1] = pulses[2] = (async_pulse_t){.late_ = false};
    task = feeder_task = (async_task_t)ASYNC_TASK_INIT;
    return reports_begin(state);
}

static void settle_down(void)
{
    while (async_poll(&loop) == 0) {
    }
}

static void pass(async_ticks_t ticks)
{
    async_time_t end = (async_time_t)(async_loop_now(&loop) + ticks);
    settle_down();
    while (async_time_before(async_loop_now(&loop), end)) {
        async_virtual_clock_advance(&virtual_clock, 1);
        settle_down();
    }
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

static bool is_well(unsigned at)
{
    return async_watchdog_check(&dog, AT(at)) == NULL;
}

/* As digits: which of the three are late. */
static void trace_late(const async_watchdog_t *watchdog)
{
    const async_pulse_t *late = async_watchdog_late(watchdog, NULL);
    for (; late != NULL; late = async_watchdog_late(watchdog, late)) {
        trace("%d ", (int)(late - pulses));
    }
}

/* --- Who is late ---------------------------------------------------------- */

static void a_watchdog_without_pulses_is_well(void **state)
{
    (void)state;
    assert_true(is_well(0));
    assert_true(is_well(30000));
    assert_null(async_watchdog_late(&dog, NULL));
    async_watchdog_add(&dog, &pulses[0], NULL, 1);
    async_watchdog_remove(&pulses[0]);
    assert_true(is_well(5));
    assert_true(is_well(10));
    assert_null(async_watchdog_late(&dog, NULL));
}

/* Checks each `period` from `phase` on; it beats each `interval`, before a
 * check of the same tick or after it, until `last`. Returns when it was first
 * found late, or 0. */
static unsigned first_late(unsigned limit, unsigned interval, unsigned period,
                           unsigned phase, bool before, unsigned last)
{
    async_watchdog_add(&dog, &pulses[0], NULL, (async_ticks_t)limit);
    for (unsigned now = 1; now < 80; now++) {
        bool beats = now % interval == 0 && now <= last;
        if (beats && before) {
            async_pulse_beat(&pulses[0]);
        }
        if (now % period == phase && !is_well(now)) {
            return now;
        }
        if (beats && !before) {
            async_pulse_beat(&pulses[0]);
        }
    }
    return 0;
}

static void who_beats_within_its_limit_is_never_late(void **state)
{
    (void)state;
    for (unsigned limit = 1; limit <= 9; limit++) {
        for (unsigned period = 1; period <= 12; period++) {
            for (unsigned phase = 0; phase < period; phase++) {
                assert_int_equal(
                    first_late(limit, limit, period, phase, true, 80), 0);
                assert_int_equal(
                    first_late(limit, limit, period, phase, false, 80), 0);
            }
        }
    }
}

static void who_stops_is_late_within_two_checks_after_its_limit(void **state)
{
    (void)state;
    for (unsigned limit = 1; limit <= 9; limit++) {
        unsigned last = 30 / limit * limit;
        for (unsigned period = 1; period <= 12; period++) {
            for (unsigned phase = 0; phase < period; phase++) {
                unsigned at = first_late(limit, limit, period, phase, true, 30);
                assert_in_range(at, last + limit + 1,
                                last + limit + 2 * period);
            }
        }
    }
}

static void the_limit_counts_from_the_check_after_the_beat(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, 10);
    assert_true(is_well(3));
    assert_true(is_well(13));
    assert_ptr_equal(async_watchdog_check(&dog, AT(14)), &pulses[0]);
}

static void who_is_late_stays_so_until_it_beats(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, 10);
    assert_true(is_well(0));
    assert_false(is_well(11));
    /* Even when the distance looks like a time to come. */
    async_time_t now = AT(11);
    for (int i = 0; i < 8; i++) {
        now = (async_time_t)(now + (async_time_t)-1 / 4);
        assert_non_null(async_watchdog_check(&dog, now));
    }
    async_pulse_beat(&pulses[0]);
    assert_non_null(async_watchdog_late(&dog, NULL)); /* at the last check */
    assert_null(async_watchdog_check(&dog, now));
    assert_null(async_watchdog_late(&dog, NULL));
    assert_null(async_watchdog_check(&dog, (async_time_t)(now + 10)));
    assert_non_null(async_watchdog_check(&dog, (async_time_t)(now + 11)));
}

static void the_longest_limit_is_ticks_max(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, ASYNC_TICKS_MAX);
    assert_true(is_well(0));
    assert_null(
        async_watchdog_check(&dog, (async_time_t)(START + ASYNC_TICKS_MAX)));
    assert_non_null(async_watchdog_check(
        &dog, (async_time_t)(START + ASYNC_TICKS_MAX + 1)));
}

static void a_limit_of_0_is_a_beat_between_any_two_checks(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, 0);
    assert_true(is_well(0));
    async_pulse_beat(&pulses[0]);
    assert_true(is_well(5));
    assert_false(is_well(6));
}

static void a_limit_of_for_ever_is_none(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, ASYNC_FOREVER);
    assert_true(is_well(0));
    assert_true(is_well(1));
    assert_true(is_well(30000));
}

static void a_limit_beyond_the_range_is_reported_and_counts_as_0(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, ASYNC_TICKS_MAX + 1);
    expect_report(ASYNC_REPORT_TOO_LONG);
    assert_true(is_well(0));
    assert_false(is_well(1));
}

/* --- Whom a watchdog knows ------------------------------------------------ */

static void add_all(void)
{
    for (unsigned i = 0; i < 3; i++) {
        async_watchdog_add(&dog, &pulses[i], NULL, (async_ticks_t)(10 * i + 5));
    }
}

static void the_late_ones_come_in_the_order_in_which_they_were_added(void **s)
{
    (void)s;
    add_all();
    assert_true(is_well(0));
    trace_late(&dog);
    assert_ptr_equal(async_watchdog_check(&dog, AT(10)), &pulses[0]);
    trace_late(&dog);
    trace("/ ");
    async_pulse_beat(&pulses[1]);
    assert_false(is_well(30));
    trace_late(&dog);
    trace("/ ");
    async_pulse_beat(&pulses[0]);
    assert_ptr_equal(async_watchdog_check(&dog, AT(31)), &pulses[2]);
    trace_late(&dog);
    assert_trace("0 / 0 2 / 2");
}

static void one_that_is_removed_is_followed_by_the_first(void **state)
{
    (void)state;
    add_all();
    assert_true(is_well(0));
    assert_false(is_well(99));
    async_watchdog_remove(&pulses[1]);
    async_watchdog_remove(&pulses[1]);
    assert_ptr_equal(async_watchdog_late(&dog, &pulses[1]), &pulses[0]);
    async_watchdog_add(&other_dog, &pulses[1], NULL, 1);
    assert_ptr_equal(async_watchdog_late(&dog, &pulses[1]), &pulses[0]);
    assert_ptr_equal(async_watchdog_late(&dog, &pulses[0]), &pulses[2]);
    assert_null(async_watchdog_late(&dog, &pulses[2]));
}

static void each_one_can_be_removed(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone < 3; gone++) {
        add_all();
        assert_true(is_well(0));
        async_watchdog_remove(&pulses[gone]);
        assert_false(is_well(99));
        trace_late(&dog);
        trace("/ ");
    }
    assert_trace("1 2 / 0 2 / 0 1 /");
}

static void adding_again_gives_another_limit_from_then_on(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], &task, 10);
    async_watchdog_add(&dog, &pulses[1], NULL, 50);
    assert_true(is_well(0));
    assert_false(is_well(11));
    async_watchdog_add(&dog, &pulses[0], &feeder_task, 30);
    assert_ptr_equal(async_pulse_task(&pulses[0]), &feeder_task);
    assert_null(async_watchdog_late(&dog, NULL));
    assert_true(is_well(12));
    assert_true(is_well(42));
    assert_ptr_equal(async_watchdog_check(&dog, AT(43)), &pulses[0]);
}

static void another_limit_counts_like_a_beat(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], &task, 10);
    assert_true(is_well(0));
    assert_false(is_well(11));
    async_pulse_reschedule(&pulses[0], 30);
    assert_true(is_well(20));
    assert_true(is_well(50));
    async_pulse_reschedule(&pulses[0], 5);
    assert_true(is_well(60));
    assert_true(is_well(65));
    assert_false(is_well(66));
    async_pulse_reschedule(&pulses[0], ASYNC_TICKS_MAX + 1);
    expect_report(ASYNC_REPORT_TOO_LONG);
    assert_true(is_well(70));
    assert_false(is_well(71));
    assert_ptr_equal(async_pulse_task(&pulses[0]), &task);
    async_watchdog_remove(&pulses[0]);
    async_pulse_reschedule(&pulses[0], 1);
    assert_true(is_well(99));
}

static void adding_again_moves_it_to_another_watchdog(void **state)
{
    (void)state;
    add_all();
    async_watchdog_add(&other_dog, &pulses[0], NULL, 1);
    assert_true(is_well(0));
    assert_ptr_equal(async_watchdog_check(&dog, AT(99)), &pulses[1]);
    assert_null(async_watchdog_check(&other_dog, AT(99)));
    assert_non_null(async_watchdog_check(&other_dog, AT(101)));
    trace_late(&dog);
    trace("/ ");
    trace_late(&other_dog);
    assert_trace("1 2 / 0");
}

/* --- Interrupts ----------------------------------------------------------- */

static void beat(void *pulse)
{
    async_pulse_beat((async_pulse_t *)pulse);
    assert_null(async_interrupted_task());
}

static void an_interrupt_that_must_come_has_a_pulse_without_a_task(void **s)
{
    (void)s;
    async_virtual_interrupt_t interrupt;
    async_watchdog_add(&dog, &pulses[0], NULL, 10);
    assert_null(async_pulse_task(&pulses[0]));
    assert_null(async_watchdog_check(&dog, async_loop_now(&loop)));
    async_virtual_interrupt_at(&virtual_clock, &interrupt, AT(7), beat,
                               &pulses[0]);
    pass(12);
    assert_null(async_watchdog_check(&dog, async_loop_now(&loop)));
    pass(11);
    assert_non_null(async_watchdog_check(&dog, async_loop_now(&loop)));
}

/* --- The block ------------------------------------------------------------ */

enum how {
    AT_ITS_END,
    BY_BREAK,
    BY_CONTINUE,
    BY_EXIT,
    BY_RAISE,
    BY_A_TIMEOUT,
    BY_CANCEL,
    BY_CLOSE
};

struct block {
    ASYNC_FRAME;
    enum how how;
    async_timeout_t limit;
};

ASYNC_STATIC(block)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, self->how == BY_A_TIMEOUT ? 3 : ASYNC_FOREVER) {
        ASYNC_PULSE(&pulses[0], &dog, 20) {
            AWAIT(async_sleep(2));
            if (self->how == BY_BREAK) {
                break;
            }
            if (self->how == BY_CONTINUE) {
                continue;
            }
            if (self->how == BY_EXIT) {
                ASYNC_EXIT();
            }
            if (self->how == BY_RAISE) {
                ASYNC_RAISE(-7);
            }
            if (self->how != AT_ITS_END) {
                AWAIT(async_sleep(ASYNC_FOREVER));
            }
        }
        trace("behind ");
    }
    AWAIT(async_sleep(30));
    ASYNC_END();
}

static bool is_watched(void)
{
    bool is = pulses[0].link_.prev_ != NULL;
    assert_int_equal(is, dog.pulses_.next_ == &pulses[0].link_);
    return is;
}

static void leave_block(enum how how)
{
    ASYNC_OBJECT(block, b, .how = how);
    async_spawn(&loop, &task, &b.coro);
    assert_false(is_watched());
    settle_down();
    assert_true(is_watched());
    assert_ptr_equal(async_pulse_task(&pulses[0]), &task);
    pass(2);
    assert_int_equal(is_watched(), how >= BY_A_TIMEOUT);
    if (how == BY_CANCEL) {
        async_cancel(&task);
    } else if (how == BY_CLOSE) {
        assert_int_equal(async_loop_close(&loop), 0);
    }
    pass(1);
    assert_false(is_watched());
    (void)async_cancel(&task);
    settle_down();
    assert_int_equal(async_task_error(&task), how == BY_RAISE ? -7
                                              : how == BY_EXIT
                                                  ? 0
                                                  : ASYNC_ERR_CANCELLED);
}

static void a_pulse_is_watched_until_its_block_is_left_in_any_way(void **state)
{
    (void)state;
    for (int how = AT_ITS_END; how <= BY_CLOSE; how++) {
        leave_block((enum how)how);
    }
    assert_trace("behind behind behind");
}

static void one_that_is_late_is_forgotten_when_its_block_is_left(void **state)
{
    (void)state;
    ASYNC_OBJECT(block, b, .how = BY_CANCEL);
    async_spawn(&loop, &task, &b.coro);
    settle_down();
    assert_true(is_well(0));
    assert_ptr_equal(async_watchdog_check(&dog, AT(21)), &pulses[0]);
    async_cancel(&task);
    settle_down();
    assert_null(async_watchdog_late(&dog, NULL));
    assert_true(is_well(99));
}

static void a_pulse_can_be_taken_out_before_its_block_is_left(void **state)
{
    (void)state;
    ASYNC_OBJECT(block, b, .how = AT_ITS_END);
    async_spawn(&loop, &task, &b.coro);
    settle_down();
    async_watchdog_remove(&pulses[0]);
    assert_false(is_watched());
    pass(2);
    assert_trace("behind");
    assert_false(is_watched());
    (void)async_cancel(&task);
    settle_down();
}

struct jumper {
    ASYNC_FRAME;
    async_timeout_t outer;
    int times;
};

ASYNC_STATIC(jumper)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->outer, ASYNC_FOREVER) {
    again:
        if (self->times-- > 0) {
            ASYNC_PULSE(&pulses[0], &dog, 20) {
                ASYNC_YIELD();
                goto again;
            }
        }
    }
    ASYNC_YIELD();
    trace("%d ", pulses[0].link_.prev_ != NULL);
    ASYNC_END();
}

static void a_goto_out_of_the_block_is_reported_and_nothing_stays(void **state)
{
    (void)state;
    for (int times = 1; times <= 2; times++) {
        ASYNC_OBJECT(jumper, j, .times = times);
        assert_int_equal(async_run(&loop, &j.coro), 0);
        for (int i = 0; i < times; i++) { /* by the next entry, by the end */
            expect_report(ASYNC_REPORT_SCOPE_LEFT);
        }
        assert_trace("0");
    }
}

/* --- What it tells -------------------------------------------------------- */

struct transfer {
    ASYNC_FRAME;
    int unused;
};
static unsigned transfer_line;

ASYNC_STATIC(transfer)
{
    ASYNC_BEGIN();
    transfer_line = __LINE__ + 1;
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_END();
}

struct driver {
    ASYNC_FRAME;
    async_pulse_t pulse;
    struct transfer transfer;
};
static unsigned driver_line;

ASYNC_STATIC(driver)
{
    ASYNC_BEGIN();
    ASYNC_PULSE(&self->pulse, &dog, 20) {
        AWAIT(async_sleep(1));
        async_pulse_beat(&self->pulse);
        driver_line = __LINE__ + 1;
        AWAIT_CALL(self->transfer, transfer);
    }
    ASYNC_END();
}

static void who_is_late_tells_where_it_stands(void **state)
{
    (void)state;
    ASYNC_OBJECT(driver, d);
    async_spawn(&loop, &task, &d.coro);
    pass(2);
    assert_true(is_well(2));
    const async_pulse_t *late = async_watchdog_check(&dog, AT(23));
    assert_ptr_equal(late, &d.pulse);
    assert_ptr_equal(async_pulse_task(late), &task);
    const async_coro_t *coro = async_task_coro(async_pulse_task(late));
    assert_ptr_equal(coro, &d.transfer.coro);
    assert_int_equal(async_coro_place(coro).line, transfer_line);
    coro = async_coro_caller(coro);
    assert_ptr_equal(coro, &d.coro);
    assert_int_equal(async_coro_place(coro).line, driver_line);
    assert_int_equal(async_loop_close(&loop), 0);
}

struct short_lived {
    ASYNC_FRAME;
    int unused;
};

ASYNC_STATIC(short_lived)
{
    ASYNC_BEGIN();
    async_pulse_beat(&pulses[0]);
    ASYNC_END();
}

static void who_was_announced_and_never_starts_is_late(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], &task, 10);
    assert_true(is_well(0));
    assert_ptr_equal(async_watchdog_check(&dog, AT(11)), &pulses[0]);
    assert_ptr_equal(async_pulse_task(&pulses[0]), &task);
    assert_null(async_task_coro(&task));
}

static void who_was_announced_and_has_ended_is_late(void **state)
{
    (void)state;
    ASYNC_OBJECT(short_lived, s);
    async_watchdog_add(&dog, &pulses[0], &task, 10);
    assert_true(is_well(0));
    async_spawn(&loop, &task, &s.coro);
    settle_down();
    assert_true(is_well(9));
    assert_true(is_well(19));
    assert_ptr_equal(async_watchdog_check(&dog, AT(20)), &pulses[0]);
    assert_true(async_task_done(async_pulse_task(&pulses[0])));
}

static const async_task_t *interrupted;
static const async_pulse_t *told;

/* The early warning. */
static void warn(void *unused)
{
    (void)unused;
    interrupted = async_interrupted_task();
    told = async_watchdog_late(&dog, NULL);
}

struct spinning {
    ASYNC_FRAME;
    void (*meanwhile)(void);
};

ASYNC_STATIC(spinning)
{
    ASYNC_BEGIN();
    async_virtual_clock_advance(&virtual_clock, 100);
    if (self->meanwhile != NULL) {
        self->meanwhile();
    }
    ASYNC_END();
}

static void warn_here(void)
{
    warn(NULL);
}

static void spin(void (*meanwhile)(void))
{
    ASYNC_OBJECT(spinning, s, .meanwhile = meanwhile);
    interrupted = NULL;
    async_spawn(&loop, &task, &s.coro);
    settle_down();
}

static void the_task_whose_step_runs_is_the_interrupted_one(void **state)
{
    (void)state;
    assert_null(async_interrupted_task());
    spin(warn_here);
    assert_ptr_equal(interrupted, &task);
    assert_null(async_interrupted_task());
}

static async_irq_t irq;

static void raise_irq(void)
{
    async_irq_raise(&irq);
}

/* Real interrupts cut into the step; those of a PC come when it opens a lock,
 * and belong to no task. */
static void a_handler_learns_whom_it_has_cut_into_and_who_is_late(void **state)
{
    (void)state;
    async_irq_init(&irq, warn, NULL);
    async_watchdog_add(&dog, &pulses[0], NULL, 10);
    assert_true(is_well(0));
    assert_false(is_well(11));
    spin(raise_irq);
    assert_ptr_equal(told, &pulses[0]);
#ifdef __unix__
    assert_null(interrupted);
#else
    assert_ptr_equal(interrupted, &task);
#endif
}

#ifdef __unix__

static void on_signal(int number)
{
    (void)number;
    warn(NULL);
}

static void send_signal(void)
{
    raise(SIGTERM);
}

static void a_signal_handler_learns_whom_it_has_cut_into(void **state)
{
    (void)state;
    signal(SIGTERM, on_signal);
    spin(send_signal);
    signal(SIGTERM, SIG_DFL);
    assert_ptr_equal(interrupted, &task);
}
#endif

/* --- Feed ----------------------------------------------------------------- */

static void feed(void)
{
    trace("%lu ", elapsed());
}

static void tell(const async_pulse_t *late)
{
    trace("late%d@%lu ", (int)(late - pulses), elapsed());
}

static struct async_watchdog_run feeder;

static void start_feeder(async_ticks_t period)
{
    feeder = ASYNC_CALL(async_watchdog_run, .watchdog = &dog, .period = period,
                        .feed = feed, .late = tell);
    async_spawn(&loop, &feeder_task, &feeder.coro);
}

static void stop_feeder(void)
{
    async_cancel(&feeder_task);
    settle_down();
    assert_int_equal(async_task_error(&feeder_task), ASYNC_ERR_CANCELLED);
}

static void the_hardware_is_fed_in_each_period(void **state)
{
    (void)state;
    start_feeder(10);
    pass(35);
    assert_trace("10 20 30");
    stop_feeder();
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    pass(50);
    assert_trace("");
}

static void it_is_not_fed_while_somebody_is_late(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, 15);
    start_feeder(10);
    pass(45);
    async_pulse_beat(&pulses[0]);
    pass(20);
    assert_trace("10 20 late0@30 late0@40 50 60");
    stop_feeder();
}

static void nobody_needs_to_be_told_who_is_late(void **state)
{
    (void)state;
    async_watchdog_add(&dog, &pulses[0], NULL, 15);
    start_feeder(10);
    feeder.late = NULL;
    pass(40);
    assert_trace("10 20");
    stop_feeder();
}

/* The work of another task holds the feeder up; a ticker would come again at
 * 40, after 5 ticks. */
static void two_checks_are_never_nearer_than_a_period(void **state)
{
    (void)state;
    start_feeder(10);
    pass(19);
    async_virtual_clock_advance(&virtual_clock, 16);
    pass(20);
    assert_trace("10 35 45 55");
    stop_feeder();
}

static void a_task_that_never_pauses_lets_nobody_feed(void **state)
{
    (void)state;
    start_feeder(10);
    pass(15);
    spin(NULL);
    assert_trace("10 115");
    stop_feeder();
}

static void expect_refusal(struct async_watchdog_run object,
                           async_report_kind_t kind)
{
    feeder = object;
    assert_int_equal(async_run(&loop, &feeder.coro), ASYNC_ERR_MISUSE);
    expect_report(kind);
}

static void what_is_missing_is_reported(void **state)
{
    (void)state;
    expect_refusal(
        ASYNC_CALL(async_watchdog_run, .watchdog = &dog, .period = 1),
        ASYNC_REPORT_NO_INIT);
    expect_refusal(ASYNC_CALL(async_watchdog_run, .feed = feed, .period = 1),
                   ASYNC_REPORT_NO_INIT);
    const async_ticks_t periods[] = {0, (async_ticks_t)(ASYNC_TICKS_MAX + 1),
                                     ASYNC_FOREVER};
    for (int i = 0; i < 3; i++) {
        expect_refusal(ASYNC_CALL(async_watchdog_run, .watchdog = &dog,
                                  .feed = feed, .period = periods[i]),
                       ASYNC_REPORT_TOO_LONG);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_watchdog_without_pulses_is_well),
        TEST(who_beats_within_its_limit_is_never_late),
        TEST(who_stops_is_late_within_two_checks_after_its_limit),
        TEST(the_limit_counts_from_the_check_after_the_beat),
        TEST(who_is_late_stays_so_until_it_beats),
        TEST(the_longest_limit_is_ticks_max),
        TEST(a_limit_of_0_is_a_beat_between_any_two_checks),
        TEST(a_limit_of_for_ever_is_none),
        TEST(a_limit_beyond_the_range_is_reported_and_counts_as_0),
        TEST(the_late_ones_come_in_the_order_in_which_they_were_added),
        TEST(one_that_is_removed_is_followed_by_the_first),
        TEST(each_one_can_be_removed),
        TEST(adding_again_gives_another_limit_from_then_on),
        TEST(another_limit_counts_like_a_beat),
        TEST(adding_again_moves_it_to_another_watchdog),
        TEST(an_interrupt_that_must_come_has_a_pulse_without_a_task),
        TEST(a_pulse_is_watched_until_its_block_is_left_in_any_way),
        TEST(one_that_is_late_is_forgotten_when_its_block_is_left),
        TEST(a_pulse_can_be_taken_out_before_its_block_is_left),
        TEST(a_goto_out_of_the_block_is_reported_and_nothing_stays),
        TEST(who_is_late_tells_where_it_stands),
        TEST(who_was_announced_and_never_starts_is_late),
        TEST(who_was_announced_and_has_ended_is_late),
        TEST(the_task_whose_step_runs_is_the_interrupted_one),
        TEST(a_handler_learns_whom_it_has_cut_into_and_who_is_late),
#ifdef __unix__
        TEST(a_signal_handler_learns_whom_it_has_cut_into),
#endif
        TEST(the_hardware_is_fed_in_each_period),
        TEST(it_is_not_fed_while_somebody_is_late),
        TEST(nobody_needs_to_be_told_who_is_late),
        TEST(two_checks_are_never_nearer_than_a_period),
        TEST(a_task_that_never_pauses_lets_nobody_feed),
        TEST(what_is_missing_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
