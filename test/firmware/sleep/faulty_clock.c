/* SPDX-License-Identifier: MIT */

/*
 * The machine's clock with one thing wrong. It takes the place of
 * machine_clock() in a test of the clocks (linker: --wrap), which must fail.
 *
 *   FAULT_NONE        nothing: the test passes
 *   FAULT_LATE        each alarm comes one tick late
 *   FAULT_LATE_ONCE   one alarm does
 *   FAULT_NO_WAKE     one alarm does not come
 *   FAULT_BACKWARDS   the clock goes back by one tick, once
 */
#include "async/clock.h"

#include <stddef.h>

#define SOME 200 /* somewhere in the test */

static unsigned calls;
static bool (*sleep_of_machine)(async_clock_t *, const async_time_t *, bool);
static async_time_t (*now_of_machine)(async_clock_t *);

async_clock_t *__real_machine_clock(void);
async_clock_t *__wrap_machine_clock(void);

/* How far the clock has been put back. */
static async_time_t put_back(void)
{
#if defined(FAULT_BACKWARDS)
    return calls > SOME ? 1 : 0;
#else
    return 0;
#endif
}

static async_time_t now(async_clock_t *clock)
{
    return (async_time_t)(now_of_machine(clock) - put_back());
}

static unsigned ticks_late(void)
{
#if defined(FAULT_LATE)
    return 1;
#elif defined(FAULT_LATE_ONCE)
    return calls == SOME;
#else
    return 0;
#endif
}

static bool has_alarm(void)
{
#if defined(FAULT_NO_WAKE)
    return calls != SOME;
#else
    return true;
#endif
}

static bool sleep(async_clock_t *clock, const async_time_t *deadline,
                  bool polling)
{
    calls++;
    if (deadline == NULL || !has_alarm()) {
        return sleep_of_machine(clock, NULL, polling);
    }
    async_time_t late = (async_time_t)(*deadline + put_back() + ticks_late());
    return sleep_of_machine(clock, &late, polling);
}

async_clock_t *__wrap_machine_clock(void)
{
    async_clock_t *clock = __real_machine_clock();
    static async_clock_ops_t ops;
    ops = *clock->ops;
    now_of_machine = ops.now;
    sleep_of_machine = ops.sleep;
    ops.now = now;
    ops.sleep = sleep;
    clock->ops = &ops;
    return clock;
}
