/* SPDX-License-Identifier: MIT */

/*
 * ATmega2560: Timer 1 and Timer 0, and Timer 3 beside them.
 */
#include "machine.h"

#include <async/port.h>

#include <avr/interrupt.h>

#ifndef PRESCALER
#define PRESCALER 64
#endif

/* Slow enough to be read in time, else fast. */
#if PRESCALER <= 64
#define PRESCALER_OF_TIMER_3 64
#define SELECT_3             (1u << CS31 | 1u << CS30)
#else
#define PRESCALER_OF_TIMER_3 1024
#define SELECT_3             (1u << CS32 | 1u << CS30)
#endif

const uint64_t machine_longest_sleep =
    1000000000ull * PRESCALER * 32768 / F_CPU;
const uint32_t machine_error = 0;
const uint32_t machine_latency = 900000;
const uint32_t machine_step = PRESCALER_OF_TIMER_3 * 125L / 2;

async_tick_clock_t machine_ticks = ASYNC_TICK_CLOCK_INIT;

EMPTY_INTERRUPT(TIMER1_COMPA_vect)

async_clock_t *machine_clock(void)
{
    sei();
    return async_timer1_clock(PRESCALER);
}

ISR(TIMER0_COMPA_vect)
{
    async_tick(&machine_ticks);
}

void machine_tick(void)
{
    async_timer0_start(64);
    sei();
}

static uint16_t last;
static uint32_t total;

void machine_reference_start(void)
{
    TCCR3B = (uint8_t)SELECT_3;
    last = TCNT3;
}

/* At 16 MHz, 62.5 ns a cycle. */
uint64_t machine_reference(void)
{
    async_port_state_t state = async_port_lock();
    uint16_t count = TCNT3;
    async_port_unlock(state);
    total += (uint16_t)(count - last);
    last = count;
    return (uint64_t)total * (PRESCALER_OF_TIMER_3 * 125L / 2);
}

ISR(TIMER4_COMPA_vect)
{
    TIMSK4 = 0;
    machine_handler();
}

/* Timer 4 comes to its compare value a few cycles from now. */
void machine_pend(void)
{
    OCR4A = 10;
    TCNT4 = 0;
    TIFR4 = (uint8_t)(1u << OCF4A);
    TIMSK4 = (uint8_t)(1u << OCIE4A);
    TCCR4B = (uint8_t)(1u << CS40);
    while ((TIFR4 & (1u << OCF4A)) == 0) {
    }
    TCCR4B = 0;
}
