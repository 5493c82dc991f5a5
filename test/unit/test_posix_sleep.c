/* SPDX-License-Identifier: MIT */

/*
 * Tick clock and counter clock where they sleep in port code: the simulated
 * hardware raises an interrupt, which is pending until the lock opens. What
 * the hardware does by then happens in its handler.
 */
#include "test.h"

static async_loop_t loop;
static async_irq_t irq;
static unsigned interrupts;

struct sleeper {
    ASYNC_FRAME;
    int i;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 5; self->i++) {
        AWAIT(async_sleep(100));
    }
    ASYNC_END();
}

/* --- Counter clock -------------------------------------------------------- */

#define LARGEST 0xFFFFu

static struct {
    uint32_t count;
    uint32_t alarm;
    bool cuts_in; /* an interrupt comes with the next read */
} sim;

static uint32_t read_sim(void)
{
    if (sim.cuts_in) {
        sim.cuts_in = false;
        async_irq_raise(&irq);
    }
    return sim.count;
}

static void set_alarm(uint32_t count)
{
    sim.alarm = count;
    async_irq_raise(&irq);
}

static async_counter_clock_t counter = ASYNC_COUNTER_CLOCK_INIT(
    read_sim, set_alarm, 16, ASYNC_TICKS_PER_SECOND * 10);

static void alarm_handler(void *context)
{
    (void)context;
    interrupts++;
    sim.count = sim.alarm;
}

static void it_sleeps_until_the_alarm(void **state)
{
    (void)state;
    async_irq_init(&irq, alarm_handler, NULL);
    async_loop_init(&loop, &counter.clock);
    async_time_t start = async_loop_now(&loop);
    ASYNC_OBJECT(sleeper, sleeper);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
    assert_true((async_time_t)(async_loop_now(&loop) - start) == 500);
    assert_int_equal(interrupts, 5);
}

/* Only where the alarm is ahead: the counter comes to it while it is set here,
 * and no interrupt would end a sleep. */
static void set_alarm_and_pass(uint32_t count)
{
    sim.count = count;
}

static void it_does_not_sleep_when_the_alarm_is_there(void **state)
{
    (void)state;
    async_counter_clock_t passes = ASYNC_COUNTER_CLOCK_INIT(
        read_sim, set_alarm_and_pass, 16, ASYNC_TICKS_PER_SECOND * 10);
    async_loop_init(&loop, &passes.clock);
    ASYNC_OBJECT(sleeper, sleeper);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
}

static async_time_t seen_by_the_handler;
static uint32_t total;

static void pass(uint32_t counts)
{
    total += counts;
    sim.count = (sim.count + counts) & LARGEST;
}

/* A long one: more than a period passes while it runs. */
static void ask_for_the_time(void *context)
{
    (void)context;
    for (int i = 0; i < 3; i++) {
        pass(30000);
        seen_by_the_handler = counter.clock.ops->now(&counter.clock);
    }
}

static void a_handler_may_ask_for_the_time_at_any_moment(void **state)
{
    (void)state;
    async_irq_init(&irq, ask_for_the_time, NULL);
    async_time_t start = counter.clock.ops->now(&counter.clock);
    async_time_t last = start;
    total = 0;
    for (int i = 0; i < 1000; i++) {
        pass(10);
        sim.cuts_in = true;
        async_time_t now = counter.clock.ops->now(&counter.clock);
        assert_false(async_time_before(now, last));
        assert_true(async_time_before(now, seen_by_the_handler));
        last = seen_by_the_handler;
    }
    last = counter.clock.ops->now(&counter.clock);
    assert_true((async_time_t)(last - start) == (async_time_t)(total / 10));
}

/* --- Tick clock ----------------------------------------------------------- */

static async_tick_clock_t ticks = ASYNC_TICK_CLOCK_INIT;

static void tick_handler(void *context)
{
    (void)context;
    interrupts++;
    async_tick(&ticks);
}

/* The tick comes as soon as the loop is about to sleep. */
static bool tick_soon(async_clock_t *clock, const async_time_t *deadline,
                      bool polling)
{
    async_irq_raise(&irq);
    return async_tick_clock_ops_.sleep(clock, deadline, polling);
}

static void a_tick_ends_the_sleep(void **state)
{
    (void)state;
    interrupts = 0;
    async_irq_init(&irq, tick_handler, NULL);
    async_clock_ops_t ops = async_tick_clock_ops_;
    ops.sleep = tick_soon;
    ticks.clock.ops = &ops;
    async_loop_init(&loop, &ticks.clock);
    ASYNC_OBJECT(sleeper, sleeper);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
    assert_true(async_loop_now(&loop) == 500);
    assert_int_equal(interrupts, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        async_test(it_sleeps_until_the_alarm),
        async_test(it_does_not_sleep_when_the_alarm_is_there),
        async_test(a_handler_may_ask_for_the_time_at_any_moment),
        async_test(a_tick_ends_the_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
