/* SPDX-License-Identifier: MIT */

/*
 * Timestamps of a Cortex-M0 or M0+, which has no cycle counter: SysTick, where
 * it drives a tick clock. ASYNC_TIMESTAMPS_PER_SECOND is SysTick's clock. (The
 * clock without ticks, async_systick_clock, starts SysTick anew all the time;
 * with it take another timer.)
 *
 * Source: Armv6-M Architecture Reference Manual (DDI 0419), B3.3 "The system
 * timer, SysTick", B3.2.4 "Interrupt Control and State Register".
 */
#include <async/tick_clock.h>
#include <async/timestamp.h>

#define SYST_RVR  (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR  (*(volatile uint32_t *)0xE000E018)
#define ICSR      (*(volatile uint32_t *)0xE000ED04)
#define PENDSTSET (1u << 26)

extern async_tick_clock_t ticks; /* the program's */

/* SysTick counts down. A tick that is due, and not counted as interrupts are
 * locked, is pending. */
uint32_t async_timestamp(const async_loop_t *loop)
{
    (void)loop;
    uint32_t tick = (uint32_t)ticks.clock.ops->now(&ticks.clock);
    uint32_t left = SYST_CVR;
    if ((ICSR & PENDSTSET) != 0) {
        left = SYST_CVR;
        tick++;
    }
    return tick * (SYST_RVR + 1) + (SYST_RVR - left);
}
