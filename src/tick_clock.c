/* SPDX-License-Identifier: MIT */

/*
 * Tick clock: an interrupt counts, the loop looks.
 */
#include "async/tick_clock.h"

#include "async/port.h"

#include <stdint.h>

static async_tick_clock_t *clock_of(async_clock_t *clock)
{
    return (async_tick_clock_t *)(void *)clock;
}

/* A small machine reads and writes a time in several pieces, and a more urgent
 * interrupt may ask for it. */
#define IN_PIECES ((async_time_t)-1 / 2 > SIG_ATOMIC_MAX)

void async_tick(async_tick_clock_t *clock)
{
    async_port_state_t state = IN_PIECES ? async_port_lock() : 0;
    clock->ticks_ = (async_time_t)(clock->ticks_ + 1);
    if (IN_PIECES) {
        async_port_unlock(state);
    }
}

static async_time_t tick_clock_now(async_clock_t *clock)
{
    async_port_state_t state = IN_PIECES ? async_port_lock() : 0;
    async_time_t now = clock_of(clock)->ticks_;
    if (IN_PIECES) {
        async_port_unlock(state);
    }
    return now;
}

/* Any interrupt ends the sleep, a tick at the latest. One that has come since
 * the loop looked at its timers may have been what the first of them waits
 * for. */
static bool tick_clock_sleep(async_clock_t *clock, const async_time_t *deadline,
                             bool polling)
{
    async_time_t now = clock_of(clock)->ticks_;
    if (!polling && (deadline == NULL || async_time_before(now, *deadline))) {
        async_port_sleep();
    }
    return true;
}

const async_clock_ops_t async_tick_clock_ops_ = {.now = tick_clock_now,
                                                 .sleep = tick_clock_sleep};
