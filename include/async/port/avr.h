/* SPDX-License-Identifier: MIT */

/*
 * Port to AVR: the interrupt lock is the I bit of SREG.
 *
 * Source: ATmega328P data sheet (DS40002061B), 7.3.1 "SREG - AVR Status
 * Register", 7.7 "Reset and Interrupt Handling" (the instruction behind SEI is
 * executed before any interrupt), 10 "Power Management and Sleep Modes".
 */
#ifndef ASYNC_PORT_AVR_H
#define ASYNC_PORT_AVR_H

#include <avr/io.h>
#include <stdint.h>

/* --- The port contract (async/port.h) ------------------------------------ */

typedef uint8_t async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

static inline async_port_state_t async_port_lock(void)
{
    uint8_t sreg = SREG;
    __asm volatile("cli" : : : "memory");
    return sreg;
}

static inline void async_port_unlock(async_port_state_t state)
{
    __asm volatile("" : : : "memory");
    SREG = state;
}

/* The program chooses the sleep mode (set_sleep_mode); it is idle mode if it
 * does not. SLEEP is executed before an interrupt that is pending, which then
 * ends it; so interrupts come in here. */
static inline void async_port_sleep(void)
{
    SMCR |= (uint8_t)(1u << SE);
    __asm volatile("sei\n\tsleep\n\tcli" : : : "memory");
    SMCR &= (uint8_t) ~(1u << SE);
}

/* No register tells handlers apart. In each of them interrupts are locked,
 * unless it opens them itself; then it looks like what it has cut into. */
static inline unsigned async_port_context(void)
{
    return SREG >> 7;
}

#endif
