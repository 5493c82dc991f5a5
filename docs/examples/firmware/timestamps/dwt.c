/* SPDX-License-Identifier: MIT */

/*
 * Timestamps of Cortex-M3 and up: the cycle counter of the DWT.
 * ASYNC_TIMESTAMPS_PER_SECOND is the processor's clock.
 *
 * Source: Armv7-M Architecture Reference Manual (DDI 0403), C1.6.5 "Debug
 * Exception and Monitor Control Register", C1.8 "The Data Watchpoint and Trace
 * unit".
 */
#include <async/timestamp.h>

#define DEMCR      (*(volatile uint32_t *)0xE000EDFC)
#define TRCENA     (1u << 24)
#define DWT_CTRL   (*(volatile uint32_t *)0xE0001000)
#define CYCCNTENA  (1u << 0)
#define DWT_CYCCNT (*(volatile uint32_t *)0xE0001004)

void timestamp_start(void); /* before the loop runs */
void timestamp_start(void)
{
    DEMCR |= TRCENA;
    DWT_CYCCNT = 0;
    DWT_CTRL |= CYCCNTENA;
}

uint32_t async_timestamp(const async_loop_t *loop)
{
    (void)loop;
    return DWT_CYCCNT;
}
