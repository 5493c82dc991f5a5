/* SPDX-License-Identifier: MIT */

/*
 * An ATmega328P at 16 MHz, as on an Arduino Uno.
 *
 * Source: ATmega328P data sheet (DS40002061B), "USART0".
 */
#include "chip.h"

#include <async/port/avr.h>

#include <avr/interrupt.h>

EMPTY_INTERRUPT(TIMER1_COMPA_vect)

async_clock_t *chip_start(void)
{
    UBRR0 = 8; /* 115200 baud */
    UCSR0B = 1 << TXEN0;
    async_clock_t *clock = async_timer1_clock(64);
    sei();
    return clock;
}

void chip_led(bool on)
{
    for (const char *text = on ? "on\n" : "off\n"; *text != '\0'; text++) {
        while ((UCSR0A & 1 << UDRE0) == 0) {
        }
        UDR0 = (uint8_t)*text;
    }
}

/* A sleep that nothing can end ends the emulator, too. */
void chip_stop(void)
{
    while ((UCSR0A & 1 << UDRE0) == 0) {
    }
    cli();
    sleep_mode();
}
