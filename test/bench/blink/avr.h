/* SPDX-License-Identifier: MIT */

/* The blinking firmware's board: an ATmega2560 at 16 MHz, its timer 0 and one
 * interrupt. The vectors and the start are those of avr-libc. */

#include <avr/interrupt.h>

#define LEDS PORTB

ISR(TIMER0_COMPA_vect)
{
    tick();
}

ISR(INT0_vect)
{
    button();
}

int main(void)
{
    OCR0A = 249; /* 16 MHz / 64: every millisecond */
    TCCR0A = 1 << WGM01;
    TCCR0B = 1 << CS01 | 1 << CS00;
    TIMSK0 = 1 << OCIE0A;
    EIMSK = 1 << INT0;
    sei();
    run();
}
