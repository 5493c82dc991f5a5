/* SPDX-License-Identifier: MIT */

/*
 * The tick clock on the machine's timer for that: no tick is lost, and each
 * wakes the loop once.
 */
#include "machine.h"

static async_loop_t loop;
static uint32_t sleeps;

static bool sleep_and_count(async_clock_t *clock, const async_time_t *deadline,
                            bool polling)
{
    sleeps++;
    machine_reference();
    return async_tick_clock_ops_.sleep(clock, deadline, polling);
}

void machine_handler(void)
{
}

struct naps {
    ASYNC_FRAME;
    uint8_t i;
    uint64_t start;
    uint64_t end;
};

ASYNC_STATIC(naps)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    self->start = machine_reference();
    sleeps = 0;
    for (self->i = 1; self->i <= 30; self->i++) {
        AWAIT(async_sleep(self->i));
    }
    self->end = machine_reference();
    ASYNC_END();
}

int main(void)
{
    machine_reference_start();
    machine_tick();
    async_clock_ops_t ops = *machine_ticks.clock.ops;
    ops.sleep = sleep_and_count;
    machine_ticks.clock.ops = &ops;
    async_loop_init(&loop, &machine_ticks.clock);
    ASYNC_OBJECT(naps, naps);
    check(async_run(&loop, &naps.coro) == 0);
    const int32_t expected = 30 * 31 / 2;
    int32_t drift = (int32_t)(naps.end - naps.start) -
                    expected * (int32_t)(1000000000 / ASYNC_TICKS_PER_SECOND);
    print("ns too long", drift);
    check(drift <= (int32_t)machine_latency);
    check(drift >= -(int32_t)machine_latency);
    check(sleeps == (uint32_t)expected);
    board_print("ok\n");
    return 0;
}
