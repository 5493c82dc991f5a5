/* SPDX-License-Identifier: MIT */

/*
 * Port to Cortex-M: Armv6-M, Armv7-M and Armv8-M. Its clock is SysTick.
 *
 * The interrupt lock is PRIMASK, or, with ASYNC_PORT_BASEPRI (config.h),
 * BASEPRI: interrupts of this priority and less urgent ones are kept out. Those
 * more urgent (a smaller number) are masked only around the sleep instruction
 * and where SysTick is set for a sleep, and must not call the library.
 *
 * Source: Armv6-M Architecture Reference Manual (DDI 0419), B1.4.3 "The
 * special-purpose mask register, PRIMASK"; Armv7-M Architecture Reference
 * Manual (DDI 0403), B1.4.3 "The special-purpose mask registers", B1.5.18
 * "Power management" (what wakes WFI), B3.3 "The system timer, SysTick".
 */
#ifndef ASYNC_PORT_CORTEX_M_H
#define ASYNC_PORT_CORTEX_M_H

#include "async/counter_clock.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Clock --------------------------------------------------------------- */

/**
 * Start SysTick and give it as a clock without ticks. Its handler is yours:
 *
 *     void SysTick_Handler(void) { async_systick_interrupt(); }
 *     ...
 *     async_loop_init(&loop, async_systick_clock(64000000));
 *
 *  counts_per_second  the processor's clock, an integer constant
 *                     (counter_clock.h says which ratios are exact)
 *
 * SysTick has 24 bits, so the processor sleeps for at most 2^24 counts: 262 ms
 * at 64 MHz. It has no compare register: each new deadline starts it anew,
 * and the time may go wrong by 4 processor cycles there, either way. At 64 MHz
 * and 10 deadlines a second that is less than 1 ppm, at 1000 it is 63 ppm. A
 * tick clock (tick_clock.h) on SysTick has no such error.
 *
 * SysTick stops in deep sleep. A debugger that reads its control register in
 * between makes the clock lose one countdown.
 *
 * Context: init, once.
 */
#define async_systick_clock(counts_per_second)                                 \
    async_systick_clock_(                                                      \
        ASYNC_REDUCED_(ASYNC_TICKS_PER_SECOND, counts_per_second),             \
        ASYNC_REDUCED_(counts_per_second, ASYNC_TICKS_PER_SECOND))

/** What SysTick's handler calls. Context: interrupt. */
void async_systick_interrupt(void);

/* --- The port contract (async/port.h) ------------------------------------ */

typedef uint32_t async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

#ifndef ASYNC_PORT_BASEPRI

static inline async_port_state_t async_port_lock(void)
{
    uint32_t primask;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask) : : "memory");
    return primask;
}

static inline void async_port_unlock(async_port_state_t state)
{
    __asm volatile("msr primask, %0" : : "r"(state) : "memory");
}

#define ASYNC_PORT_HAS_LOOP_LOCK_
static inline async_port_state_t async_loop_lock_(void)
{
    __asm volatile("cpsid i" : : : "memory");
    return 0;
}

static inline void async_loop_unlock_(async_port_state_t state)
{
    (void)state;
    __asm volatile("cpsie i" : : : "memory");
}

/* A masked interrupt that becomes pending ends WFI. It is let in where the lock
 * opens. */
static inline void async_port_sleep(void)
{
    __asm volatile("dsb\n\twfi" : : : "memory");
}

#else

#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
#error "this processor has no BASEPRI: do without ASYNC_PORT_BASEPRI"
#endif

/* On Cortex-M7 r0p1 the instruction behind the MSR can still be interrupted
 * (erratum 837070); here that is the ISB. */
static inline async_port_state_t async_port_lock(void)
{
    uint32_t basepri;
    __asm volatile("mrs %0, basepri\n\tmsr basepri_max, %1\n\tisb"
                   : "=&r"(basepri)
                   : "r"(ASYNC_PORT_BASEPRI)
                   : "memory");
    return basepri;
}

static inline void async_port_unlock(async_port_state_t state)
{
    __asm volatile("msr basepri, %0" : : "r"(state) : "memory");
}

/* What BASEPRI masks does not end WFI, what PRIMASK masks does. So the one
 * takes the place of the other meanwhile. */
static inline void async_port_sleep(void)
{
    __asm volatile("cpsid i\n\t"
                   "msr basepri, %0\n\t"
                   "dsb\n\t"
                   "wfi\n\t"
                   "msr basepri, %1\n\t"
                   "isb\n\t"
                   "cpsie i"
                   :
                   : "r"(0), "r"(ASYNC_PORT_BASEPRI)
                   : "memory");
}

#endif

/* The number of the exception that runs; 0 for the main program. It stays the
 * same for whoever asks, so the compiler may ask once. */
static inline unsigned async_port_context(void)
{
    uint32_t ipsr;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr;
}

/* --- Private part -------------------------------------------------------- */

/* The context is a handler's number, whether the lock is held or not. */
#define ASYNC_PORT_NUMBERS_HANDLERS_

async_clock_t *async_systick_clock_(uint32_t ticks, uint32_t counts);

#ifdef __cplusplus
}
#endif

#endif
