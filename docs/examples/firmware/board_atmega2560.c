/* SPDX-License-Identifier: MIT */

/*
 * board_atmega2560.c: ATmega2560 at 16 MHz; LED 1 is that of an Arduino Mega
 *
 * Source: ATmega640/1280/1281/2560/2561 data sheet (DS40002211A), "I/O-Ports",
 * "External Interrupts": "Pin Change Interrupt".
 */
#include "board.h"

#include <async/port/avr.h>

#include <avr/interrupt.h>
#include <avr/io.h>

EMPTY_INTERRUPT(TIMER1_COMPA_vect) /* of the clock */

/* --- LEDs: pins B6 and B7 ------------------------------------------------- */

#define LED_0 (1 << PB6)
#define LED_1 (1 << PB7)

void board_led(int led, bool on)
{
    uint8_t mask = led == 0 ? LED_0 : LED_1;
    PORTB = (uint8_t)(on ? PORTB | mask : PORTB & ~mask);
}

/* --- Button: pin B0, to ground -------------------------------------------- */

async_event_t board_button_changed;

ISR(PCINT0_vect)
{
    async_event_set(&board_button_changed);
}

bool board_button_is_down(void)
{
    return (PINB & 1 << PB0) == 0;
}

void board_button_start(void)
{
    PORTB |= 1 << PB0; /* pull-up */
    PCMSK0 = 1 << PCINT0;
    PCICR = 1 << PCIE0;
}

/* --- Start ---------------------------------------------------------------- */

/* The slowest rate of Timer 1: so the processor sleeps for 2 s at a time. */
async_clock_t *board_start(void)
{
    DDRB = LED_0 | LED_1;
    sei();
    return async_timer1_clock(1024);
}
