/* SPDX-License-Identifier: MIT */

/*
 * Counter clock, on simulated counters. No test sleeps: a counter goes to its
 * alarm while that is being set, which is the moment when a clock that did not
 * look again would sleep for too long.
 */
#include "test.h"

/* The ratio to ticks is the same with each number of ticks a second. */
#define RATE(counts_in_1000_ticks)                                             \
    (ASYNC_TICKS_PER_SECOND / 1000 * (uint64_t)(counts_in_1000_ticks))

static struct {
    uint32_t count;
    uint32_t largest;
    uint32_t late; /* what it is beyond the alarm, when that is set */
    uint32_t alarm;
    unsigned alarms;
} sim;

static uint32_t read_sim(void)
{
    return sim.count;
}

static void set_alarm(uint32_t count)
{
    assert_true(count <= sim.largest);
    assert_true(((count - sim.count) & sim.largest) <= sim.largest / 2 + 1);
    sim.alarm = count;
    sim.alarms++;
    sim.count = (count + sim.late) & sim.largest;
}

/* Clocks of each width, and in `counts` counts pass `ticks` ticks. */
static const struct {
    async_counter_clock_t clock;
    uint32_t ticks, counts;
} kinds[] = {
#define KIND(bits, rate, ticks, counts)                                        \
    {                                                                          \
        ASYNC_COUNTER_CLOCK_INIT(read_sim, set_alarm, bits, RATE(rate)),       \
            ticks, counts                                                      \
    }
    KIND(8, 1000, 1, 1),        KIND(8, 32768, 125, 4096),
    KIND(8, 125, 8, 1),         KIND(16, 250000, 1, 250),
    KIND(16, 32768, 125, 4096), KIND(16, 15625, 8, 125),
    KIND(16, 1000, 1, 1),       KIND(24, 32768, 125, 4096),
    KIND(24, 64000, 1, 64),     KIND(24, 16777215, 200, 3355443),
    KIND(32, 1000, 1, 1),       KIND(32, 768, 125, 96),
    KIND(32, 10000, 1, 10),     KIND(32, 32768, 125, 4096),
    KIND(32, 250, 4, 1),
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static async_counter_clock_t clock;
static unsigned kind;
static uint64_t total; /* what the counter would show if it were wide enough */

static void begin(unsigned number)
{
    kind = number;
    clock = kinds[number].clock;
    sim.largest = clock.largest_;
    sim.count = sim.largest - 3;
    sim.late = 0;
    sim.alarms = 0;
    total = sim.count;
}

static void pass(uint32_t counts)
{
    total += counts;
    sim.count = (sim.count + counts) & sim.largest;
}

static async_time_t now(void)
{
    return clock.clock.ops->now(&clock.clock);
}

static async_time_t time_at(uint64_t count)
{
    return (async_time_t)(count * kinds[kind].ticks / kinds[kind].counts);
}

/* Numbers of all sizes up to `largest`. */
static uint32_t random_up_to(uint32_t largest)
{
    static uint32_t random = 1;
    random = random * 1664525 + 1013904223;
    return (random & largest) >> (random >> 27);
}

static void the_ratio_is_reduced(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        assert_int_equal(kinds[i].clock.ticks_, kinds[i].ticks);
        assert_int_equal(kinds[i].clock.counts_, kinds[i].counts);
    }
}

static void it_starts_at_what_the_counter_shows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        assert_true(now() == time_at(total));
        assert_true(now() == time_at(total));
    }
}

static void no_fraction_is_lost_over_many_wraps(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        now();
        for (int n = 0; n < 1000; n++) {
            pass(random_up_to(sim.largest));
            assert_true(now() == time_at(total));
        }
    }
}

static void every_count_of_a_small_counter_is_right(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        begin(i);
        now();
        for (int n = 0; n < 2000; n++) {
            pass(1);
            assert_true(now() == time_at(total));
        }
    }
}

/* A whole period but one count may pass between two looks. */
static void a_period_may_pass_between_two_looks(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        now();
        for (int n = 0; n < 20; n++) {
            pass(sim.largest);
            assert_true(now() == time_at(total));
        }
    }
}

/* The clock's sleep, as the loop calls it. */
static void sleep_once(const async_time_t *deadline, bool polling)
{
    uint32_t before = sim.count;
    assert_true(clock.clock.ops->sleep(&clock.clock, deadline, polling));
    total += (sim.count - before) & sim.largest;
    clock.clock.ops->look(&clock.clock);
}

/* Sleep for so many ticks; how often it woke. */
static unsigned sleep_for(async_ticks_t ticks)
{
    async_time_t deadline = (async_time_t)(now() + ticks);
    unsigned before = sim.alarms;
    while (async_time_before(now(), deadline)) {
        sleep_once(&deadline, false);
    }
    return sim.alarms - before;
}

/* The first count that shows it: not one tick late, and not one count. */
static void assert_just_due(async_time_t deadline)
{
    assert_true(now() == time_at(total));
    assert_false(async_time_before(now(), deadline));
    assert_true(async_time_before(time_at(total - 1), deadline));
}

static void it_wakes_at_the_first_count_of_the_deadline(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        now();
        for (int n = 0; n < 300; n++) {
            pass(random_up_to(63));
            async_ticks_t ticks = (async_ticks_t)(random_up_to(1023) + 1);
            async_time_t deadline = (async_time_t)(now() + ticks);
            sleep_for(ticks);
            assert_just_due(deadline);
        }
    }
}

/* What is within half of the period needs one wake-up, the rest as many as
 * there are halves. */
static void it_wakes_only_for_deadlines(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        for (int n = 0; n < 50; n++) {
            now();
            uint64_t before = total;
            unsigned wakes = sleep_for((async_ticks_t)(random_up_to(2047) + 1));
            uint64_t half = (uint64_t)sim.largest / 2 + 1;
            assert_int_equal(wakes, (total - before + half - 1) / half);
        }
    }
}

static void assert_sleeps_for_half(const async_time_t *deadline)
{
    uint32_t before = sim.count;
    sleep_once(deadline, false);
    uint32_t slept = (sim.alarm - before) & sim.largest;
    assert_true(slept == sim.largest / 2 + 1);
    assert_true(now() == time_at(total));
}

/* Deadlines of all distances, as far as the period is short enough. */
static void it_sleeps_at_most_half_of_the_period(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        now();
        assert_sleeps_for_half(NULL);
        uint64_t half = (uint64_t)sim.largest / 2 + 1;
        uint64_t ticks = half * kinds[i].ticks / kinds[i].counts + 2;
        for (; ticks <= ASYNC_TICKS_MAX && ticks >> 60 == 0; ticks *= 2) {
            const async_time_t far = (async_time_t)(now() + ticks);
            assert_sleeps_for_half(&far);
        }
    }
}

/* Half of the period of a slow counter is more than 2^32 ticks. */
static void a_deadline_beyond_32_bits_is_not_slept_over(void **state)
{
    (void)state;
    uint64_t ticks = ((uint64_t)1 << 32) + 7;
    begin(KINDS - 1);
    const async_time_t deadline = (async_time_t)(now() + ticks);
    if (ticks <= ASYNC_TICKS_MAX) {
        sleep_once(&deadline, false);
        assert_just_due(deadline);
    }
}

static void an_alarm_may_be_passed_while_it_is_set(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        begin(i);
        for (uint32_t late = 0; late < 60; late += 7) {
            sim.late = late;
            async_time_t deadline = (async_time_t)(now() + 9);
            sleep_for(9);
            assert_false(async_time_before(now(), deadline));
            assert_true(now() == time_at(total));
        }
    }
}

static void what_is_due_is_not_waited_for(void **state)
{
    (void)state;
    begin(3);
    async_time_t due = now();
    sleep_once(&due, false);
    due--;
    sleep_once(&due, false);
    assert_int_equal(sim.alarms, 0);
}

static void who_polls_is_not_kept_waiting(void **state)
{
    (void)state;
    begin(3);
    async_time_t later = (async_time_t)(now() + 10);
    sleep_once(&later, true);
    sleep_once(NULL, true);
    assert_int_equal(sim.alarms, 0);
}

/* --- In a loop ------------------------------------------------------------ */

struct sleeper {
    ASYNC_FRAME;
    uint8_t i;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= 10; self->i++) {
        AWAIT(async_sleep((async_ticks_t)(self->i * 13)));
    }
    ASYNC_END();
}

static void a_loop_wakes_once_for_each_deadline(void **state)
{
    (void)state;
    begin(7);
    async_loop_t loop;
    async_loop_init(&loop, &clock.clock);
    async_time_t start = async_loop_now(&loop);
    ASYNC_OBJECT(sleeper, sleeper);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
    assert_true((async_time_t)(async_loop_now(&loop) - start) == 13 * 55);
    assert_int_equal(sim.alarms, 10);
}

/* It has no timer, so the loop has no other reason to look at the clock. */
struct worker {
    ASYNC_FRAME;
    uint8_t i;
};

ASYNC_STATIC(worker)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 50; self->i++) {
        pass(200);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void a_busy_loop_loses_no_period(void **state)
{
    (void)state;
    begin(0);
    async_loop_t loop;
    async_loop_init(&loop, &clock.clock);
    now();
    ASYNC_OBJECT(worker, worker);
    assert_int_equal(async_run(&loop, &worker.coro), 0);
    assert_true(async_loop_now(&loop) == time_at(total));
}

/* --- A sleep of one's own ------------------------------------------------- */

static unsigned sleeps;

static bool count_sleeps(async_clock_t *base, const async_time_t *deadline,
                         bool polling)
{
    sleeps++;
    return async_counter_clock_sleep(base, deadline, polling);
}

static void its_sleep_can_be_wrapped(void **state)
{
    (void)state;
    begin(7);
    sleeps = 0;
    async_clock_ops_t ops = *clock.clock.ops;
    ops.sleep = count_sleeps;
    clock.clock.ops = &ops;
    async_loop_t loop;
    async_loop_init(&loop, &clock.clock);
    ASYNC_OBJECT(sleeper, sleeper);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
    assert_int_equal(sleeps, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        async_test(the_ratio_is_reduced),
        async_test(it_starts_at_what_the_counter_shows),
        async_test(no_fraction_is_lost_over_many_wraps),
        async_test(every_count_of_a_small_counter_is_right),
        async_test(a_period_may_pass_between_two_looks),
        async_test(it_wakes_at_the_first_count_of_the_deadline),
        async_test(it_wakes_only_for_deadlines),
        async_test(it_sleeps_at_most_half_of_the_period),
        async_test(a_deadline_beyond_32_bits_is_not_slept_over),
        async_test(an_alarm_may_be_passed_while_it_is_set),
        async_test(what_is_due_is_not_waited_for),
        async_test(who_polls_is_not_kept_waiting),
        async_test(a_loop_wakes_once_for_each_deadline),
        async_test(a_busy_loop_loses_no_period),
        async_test(its_sleep_can_be_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
