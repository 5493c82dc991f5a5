/* SPDX-License-Identifier: MIT */

/*
 * Tick clock: an interrupt counts, the loop looks.
 */
#include "async/tick_clock.h"

#include "async/port.h"

static async_tick_clock_t *clock_of(async_clock_t *clock)
{
    return (async_tick_clock_t *)(void *)clock;
}

/* Under the lock, for a more urgent interrupt may ask for the time, and a small
 * machine writes it in several pieces. */
void async_tick(async_tick_clock_t *clock)
{
    async_port_state_t state = async_port_lock();
    clock->ticks_ = (async_time_t)(clock->ticks_ + 1);
    async_port_unlock(state);
}

async_time_t async_tick_clock_now_(async_clock_t *clock)
{
    async_port_state_t state = async_port_lock();
    async_time_t now = clock_of(clock)->ticks_;
    async_port_unlock(state);
    return now;
}

/* Any interrupt ends the sleep, a tick at the latest. */
bool async_tick_clock_sleep_(async_clock_t *clock, const async_time_t *deadline,
                             bool polling)
{
    (void)clock;
    (void)deadline;
    if (!polling) {
        async_port_sleep();
    }
    return true;
}
