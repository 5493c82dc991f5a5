/* SPDX-License-Identifier: MIT */

/*
 * Timestamps of an AVR whose loop runs on async_timer1_clock: the same counter.
 * ASYNC_TIMESTAMPS_PER_SECOND is F_CPU / prescaler, and one is 4 us with 16 MHz
 * and 64.
 *
 * The counter has 16 bits. It is asked at least once in that time, for the loop
 * sleeps for at most half of it, and each sleep is traced.
 */
#include <async/timestamp.h>

#include <avr/io.h>

uint32_t async_timestamp(const async_loop_t *loop)
{
    static uint32_t time;
    (void)loop;
    uint16_t gone = (uint16_t)(TCNT1 - (uint16_t)time);
    time += gone;
    return time;
}
