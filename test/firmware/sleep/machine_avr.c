/* SPDX-License-Identifier: MIT */

/*
 * AVR: Timer1 counts cycles. Compare A is the interrupt, B the watchdog.
 */
#include "machine.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>

#define WATCHDOG 50000u
#define SLEEP    0x9588u

void machine_start(void)
{
    sei();
}

void machine_arm(unsigned n)
{
    TCCR1A = 0;
    TCCR1B = 0;
    TCNT1 = 0;
    OCR1A = MACHINE_REACH - n;
    OCR1B = WATCHDOG;
    TIFR1 = (1u << OCF1A) | (1u << OCF1B);
    TIMSK1 = (1u << OCIE1A) | (1u << OCIE1B);
    TCCR1B = 1u << CS10;
}

void machine_disarm(void)
{
    TCCR1B = 0;
    TIMSK1 = 0;
}

bool machine_is_sleep(place_t place)
{
    return pgm_read_word_far((uint32_t)place * 2) == SLEEP;
}

ISR(TIMER1_COMPB_vect)
{
    machine_disarm();
    sweep_watchdog();
}

static volatile place_t cut_in;

/* Compare A's in truth, which goes on here. */
ISR(TIMER1_COMPC_vect)
{
    TIMSK1 &= (uint8_t) ~(1u << OCIE1A);
    sweep_interrupt(cut_in);
}

/* The return address, low byte at the higher address, is above three saved
 * bytes on the stack. The upper byte, of three, is 0 in small programs. */
ISR(TIMER1_COMPA_vect, ISR_NAKED)
{
    __asm volatile("push r24\n\t"
                   "push r30\n\t"
                   "push r31\n\t"
                   "in r30, __SP_L__\n\t"
                   "in r31, __SP_H__\n\t"
                   "ldd r24, Z+6\n\t"
                   "sts %0, r24\n\t"
                   "ldd r24, Z+5\n\t"
                   "sts %0+1, r24\n\t"
                   "pop r31\n\t"
                   "pop r30\n\t"
                   "pop r24\n\t"
                   "jmp %x1"
                   :
                   : "i"(&cut_in), "i"(TIMER1_COMPC_vect));
}
