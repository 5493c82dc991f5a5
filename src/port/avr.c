/* SPDX-License-Identifier: MIT */

/*
 * Port to AVR: Timer 1 as a counter with an alarm, Timer 0 for ticks. Chips
 * without such timers get what they have.
 *
 * Source: ATmega328P data sheet (DS40002061B), 15.9 "8-bit Timer/Counter0:
 * Register Description", 16.11 "16-bit Timer/Counter1: Register Description".
 */
#include "async/port/avr.h"

#if defined(TIMSK1) && defined(OCR1AH) && defined(CS12)

/* 16-bit registers are read in two steps; interrupts are locked. */
static uint32_t timer1_count(void)
{
    return TCNT1;
}

static void timer1_alarm(uint32_t count)
{
    OCR1A = (uint16_t)count;
}

async_clock_t *async_timer1_clock_(uint8_t prescaler, uint32_t ticks,
                                   uint32_t counts)
{
    static async_counter_clock_t clock;
    clock = (async_counter_clock_t)ASYNC_COUNTER_CLOCK_INIT_(
        timer1_count, timer1_alarm, 16, ticks, counts);
    TCCR1A = 0; /* normal mode: it counts to 0xFFFF */
    TCCR1B = prescaler;
    TIMSK1 = (uint8_t)(1u << OCIE1A);
    return &clock.clock;
}

#endif

#if defined(TIMSK0) && defined(OCR0A) && defined(CS02)

void async_timer0_start_(uint8_t prescaler, uint8_t largest)
{
    TCCR0A = (uint8_t)(1u << WGM01); /* it counts to OCR0A */
    OCR0A = largest;
    TCCR0B = prescaler;
    TIMSK0 = (uint8_t)(1u << OCIE0A);
}

#endif
