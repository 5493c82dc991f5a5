/* SPDX-License-Identifier: MIT */

/*
 * The machine's clock without ticks, measured with a second timer: each sleep
 * is as long as it should be, the clock does not go wrong by more than its page
 * says, and nothing but deadlines wakes the loop.
 */
#include "machine.h"

#define NS_PER_TICK (1000000000 / ASYNC_TICKS_PER_SECOND)

static async_loop_t loop;
static uint32_t sleeps;
static bool (*sleep_of_machine)(async_clock_t *, const async_time_t *, bool);

/* So many interrupts end a sleep, one after the other, before its deadline. */
static uint8_t noise;
static uint8_t noise_left;

static bool sleep_and_count(async_clock_t *clock, const async_time_t *deadline,
                            bool polling)
{
    if (noise_left > 0) {
        noise_left--;
        machine_pend();
    } else {
        noise_left = noise;
        sleeps++;
    }
    machine_reference();
    return sleep_of_machine(clock, deadline, polling);
}

void machine_handler(void)
{
}

/* --- One sleep ------------------------------------------------------------ */

struct nap {
    ASYNC_FRAME;
    async_ticks_t ticks;
    uint64_t start;
};

/* It starts somewhere within a tick. */
ASYNC_STATIC(nap)
{
    ASYNC_BEGIN();
    self->start = machine_reference();
    AWAIT(async_sleep(self->ticks));
    uint64_t slept = machine_reference() - self->start;
    uint64_t ns = (uint64_t)self->ticks * NS_PER_TICK;
    check(slept + NS_PER_TICK > ns);
    check(slept <= ns + machine_latency);
    ASYNC_END();
}

static uint32_t wake_ups_of(uint64_t ns)
{
    return 1 + (uint32_t)((ns - 1) / machine_longest_sleep);
}

struct naps {
    ASYNC_FRAME;
    struct nap nap;
    const uint16_t *ticks;
    uint32_t before;
};

ASYNC_STATIC(naps)
{
    ASYNC_BEGIN();
    for (; *self->ticks != 0; self->ticks++) {
        self->before = sleeps;
        AWAIT_CALL(self->nap, nap, .ticks = *self->ticks);
        uint64_t ns = (uint64_t)*self->ticks * NS_PER_TICK;
        uint32_t wake_ups = sleeps - self->before;
        check(wake_ups <= wake_ups_of(ns) + 1);
        check(wake_ups == wake_ups_of(ns) || ns > machine_longest_sleep / 2);
    }
    ASYNC_END();
}

static void sleeps_are_as_long_as_they_should_be(void)
{
    static const uint16_t ticks[] = {1,  2,   3,   1,    50,   7,   99,
                                     10, 999, 131, 2500, 4321, 262, 0};
    ASYNC_OBJECT(naps, naps, .ticks = ticks);
    check(async_run(&loop, &naps.coro) == 0);
}

/* --- Many, and the time in the end ---------------------------------------- */

struct row {
    ASYNC_FRAME;
    uint16_t count;
    async_ticks_t ticks;
    uint64_t start;
    uint64_t end;
};

/* It begins and ends at a deadline, so the time between is known. */
ASYNC_STATIC(row)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    self->start = machine_reference();
    sleeps = 0;
    noise_left = noise;
    for (; self->count > 0; self->count--) {
        AWAIT(async_sleep(self->ticks));
    }
    self->end = machine_reference();
    ASYNC_END();
}

/* How much longer than it should be, in ns. */
static int32_t drift_of(const struct row *row, uint64_t ticks)
{
    return (int32_t)(row->end - row->start - ticks * NS_PER_TICK);
}

static void check_row(uint16_t count, async_ticks_t ticks)
{
    ASYNC_OBJECT(row, row, .count = count, .ticks = ticks);
    check(async_run(&loop, &row.coro) == 0);
    int32_t drift = drift_of(&row, (uint64_t)count * ticks);
    uint32_t wake_ups = wake_ups_of((uint64_t)ticks * NS_PER_TICK);
    /* Not both ends are equally late, and the reference has its steps. */
    int32_t most =
        (int32_t)(machine_error * count + machine_latency / 8 + machine_step);
    print("deadlines", count);
    print("  ticks apart", (int32_t)ticks);
    print("  wake-ups", (int32_t)sleeps);
    print("  ns too long", drift);
    check(drift <= most && -drift <= most);
    check(sleeps >= count && sleeps <= count * (wake_ups + 1));
    check(sleeps == count || wake_ups > 1);
}

int main(void)
{
    async_clock_t *clock = machine_clock();
    machine_reference_start();
    async_clock_ops_t ops = *clock->ops;
    sleep_of_machine = ops.sleep;
    ops.sleep = sleep_and_count;
    clock->ops = &ops;
    async_loop_init(&loop, clock);
    sleeps_are_as_long_as_they_should_be();
    check_row(1000, 1);
    check_row(300, 7);
    check_row(20, 997);
    noise = 50;
    check_row(20, 100);
    noise = 0;
    check_row(1, 60000);
    board_print("ok\n");
    return 0;
}
