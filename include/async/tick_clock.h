/* SPDX-License-Identifier: MIT */

/*
 * Tick clock: a periodic interrupt counts the ticks.
 *
 *     static async_tick_clock_t ticks = ASYNC_TICK_CLOCK_INIT;
 *
 *     void SysTick_Handler(void) { async_tick(&ticks); }
 *     ...
 *     async_loop_init(&loop, &ticks.clock);
 *
 * The simplest clock, for any timer that can interrupt ASYNC_TICKS_PER_SECOND
 * times a second. The processor wakes at each tick; counter_clock.h does
 * without that.
 */
#ifndef ASYNC_TICK_CLOCK_H
#define ASYNC_TICK_CLOCK_H

#include "async/clock.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Its public member `clock` is what a loop is given. */
typedef struct async_tick_clock async_tick_clock_t;

/** A clock that shows 0. */
#define ASYNC_TICK_CLOCK_INIT                                                  \
    {                                                                          \
        {&async_tick_clock_ops_}, 0                                            \
    }

/** One tick has passed. Context: the handler of the timer's interrupt. */
void async_tick(async_tick_clock_t *clock);

/* --- Private part -------------------------------------------------------- */

struct async_tick_clock {
    async_clock_t clock;
    volatile async_time_t ticks_; /* shared with the interrupt */
};

extern const async_clock_ops_t async_tick_clock_ops_;

#ifdef __cplusplus
}
#endif

#endif
