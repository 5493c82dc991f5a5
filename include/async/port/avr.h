/* SPDX-License-Identifier: MIT */

/*
 * Port to AVR: the interrupt lock is the I bit of SREG. Its clocks are Timer 1,
 * without ticks, and Timer 0, with ticks.
 *
 * Source: ATmega328P data sheet (DS40002061B), 7.3.1 "SREG - AVR Status
 * Register", 7.7 "Reset and Interrupt Handling" (the instruction behind SEI is
 * executed before any interrupt), 10 "Power Management and Sleep Modes", 15
 * "8-bit Timer/Counter0 with PWM", 16 "16-bit Timer/Counter1 with PWM".
 */
#ifndef ASYNC_PORT_AVR_H
#define ASYNC_PORT_AVR_H

#include "async/counter_clock.h"

#include <avr/io.h>
#include <avr/sleep.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Clocks -------------------------------------------------------------- */

/**
 * Timer 1 as a clock without ticks. Its handler has nothing to do:
 *
 *     EMPTY_INTERRUPT(TIMER1_COMPA_vect)
 *     ...
 *     async_loop_init(&loop, async_timer1_clock(64));
 *
 *  prescaler  1, 8, 64, 256 or 1024. The rate is F_CPU / prescaler; it need not
 *             be a whole number (counter_clock.h says which ratios are exact)
 *
 * The processor sleeps for at most 32768 counts, and no step of a task may take
 * longer. At 16 MHz:
 *
 *     prescaler          64         256        1024
 *     rate               250 kHz    62.5 kHz   15.625 kHz
 *     longest sleep      131 ms     524 ms     2.1 s
 *
 * Where a tick is a whole number of counts, as with 64 here, the way to sleep
 * needs no division.
 *
 * Needs a 16-bit Timer 1, as most of the ATmegas have, and takes its compare
 * register A. It runs in idle mode, not in the deeper ones.
 *
 * Context: init, once.
 */
#define async_timer1_clock(prescaler)                                          \
    async_timer1_clock_(                                                       \
        ASYNC_AVR_PRESCALER_(prescaler),                                       \
        ASYNC_REDUCED_(ASYNC_TICKS_PER_SECOND *ASYNC_WIDE_(prescaler), F_CPU), \
        ASYNC_REDUCED_(F_CPU, ASYNC_TICKS_PER_SECOND *ASYNC_WIDE_(prescaler)))

/**
 * Start Timer 0 so that it interrupts at each tick, for a tick clock
 * (tick_clock.h):
 *
 *     ISR(TIMER0_COMPA_vect) { async_tick(&ticks); }
 *     ...
 *     async_timer0_start(64);
 *     async_loop_init(&loop, &ticks.clock);
 *
 *  prescaler  1, 8, 64, 256 or 1024. A tick must be a whole number of counts,
 *             1 to 256, or it does not compile: with 16 MHz and 1000 ticks a
 *             second, 64
 *
 * Context: init, once.
 */
#define async_timer0_start(prescaler)                                          \
    async_timer0_start_(ASYNC_AVR_PRESCALER_(prescaler),                       \
                        ASYNC_AVR_TICK_(prescaler))

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
    sleep_enable();
    __asm volatile("sei\n\tsleep\n\tcli" : : : "memory");
    sleep_disable();
}

/* No register tells handlers apart. In each of them interrupts are locked,
 * unless it opens them itself; then it looks like what it has cut into. */
static inline unsigned async_port_context(void)
{
    return SREG >> 7;
}

/* --- Private part -------------------------------------------------------- */

/* What selects a prescaler in TCCRnB. */
#define ASYNC_AVR_PRESCALER_(prescaler)                                        \
    ((prescaler) == 1      ? 1                                                 \
     : (prescaler) == 8    ? 2                                                 \
     : (prescaler) == 64   ? 3                                                 \
     : (prescaler) == 256  ? 4                                                 \
     : (prescaler) == 1024 ? 5                                                 \
                           : 0) +                                              \
        (uint8_t)ASYNC_REFUSE_UNLESS_(                                         \
            (prescaler) == 1 || (prescaler) == 8 || (prescaler) == 64 ||       \
                (prescaler) == 256 || (prescaler) == 1024,                     \
            "a prescaler is 1, 8, 64, 256 or 1024")

/* Counts of a tick. */
#define ASYNC_AVR_PER_TICK_(prescaler)                                         \
    (F_CPU / ASYNC_TICKS_PER_SECOND / (prescaler))
#define ASYNC_AVR_TICK_(prescaler)                                             \
    ((uint8_t)(ASYNC_AVR_PER_TICK_(prescaler) - 1) +                           \
     (uint8_t)ASYNC_REFUSE_UNLESS_(                                            \
         ASYNC_AVR_PER_TICK_(prescaler) >= 1 &&                                \
             ASYNC_AVR_PER_TICK_(prescaler) <= 256 &&                          \
             ASYNC_AVR_PER_TICK_(prescaler) *                                  \
                     (prescaler)*ASYNC_TICKS_PER_SECOND ==                     \
                 F_CPU,                                                        \
         "a tick is not 1 to 256 whole counts of Timer 0"))

async_clock_t *async_timer1_clock_(uint8_t prescaler, uint32_t ticks,
                                   uint32_t counts);
void async_timer0_start_(uint8_t prescaler, uint8_t largest);

#ifdef __cplusplus
}
#endif

#endif
