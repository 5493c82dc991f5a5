/* SPDX-License-Identifier: MIT */

/*
 * AVR: Timer1, a count in each cycle. Compare A is the alarm, B the watchdog.
 */
#include "alarm.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#define WATCHDOG 40000u

/* The counter begins with n. (simavr takes no value while it stands still.) */
void machine_start(unsigned n)
{
    TCCR1A = 0;
    TCCR1B = 1u << CS10;
    OCR1B = WATCHDOG;
    TIFR1 = 1u << OCF1A | 1u << OCF1B;
    TIMSK1 = 1u << OCIE1B;
    sei();
    TCNT1 = n;
}

uint32_t machine_read(void)
{
    return TCNT1;
}

void machine_alarm(uint32_t count)
{
    OCR1A = (uint16_t)count;
    TIFR1 = 1u << OCF1A;
    TIMSK1 |= (uint8_t)(1u << OCIE1A);
}

void machine_stop(void)
{
    TIMSK1 = 0;
    TCCR1B = 0;
}

ISR(TIMER1_COMPA_vect)
{
    sweep_alarm();
}

ISR(TIMER1_COMPB_vect)
{
    machine_stop();
    sweep_watchdog();
}
