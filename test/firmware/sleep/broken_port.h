/* SPDX-License-Identifier: MIT */

/*
 * The machine's port with one thing wrong: what is compiled with it must fail
 * the sweep.
 *
 *   BROKEN_OPEN      the lock locks nothing
 *   BROKEN_LATE_LOCK the lock locks nothing, but sleeping does
 *   BROKEN_SLEEP     the lock is open already where the processor goes to sleep
 *   BROKEN_NO_WAKE   an interrupt is let in, but does not end the sleep
 */
#ifndef TEST_SLEEP_BROKEN_PORT_H
#define TEST_SLEEP_BROKEN_PORT_H

#define async_port_lock  real_lock
#define async_port_sleep real_sleep
#define async_loop_lock_ real_loop_lock
#if defined(__ARM_ARCH)
#include "async/port/cortex_m.h"
#define OPEN       "cpsie i"
#define CLOSE      "cpsid i"
#define SLEEP      "wfi"
#define MASK_STATE "mrs %0, primask\n\tnop"
#elif defined(__riscv)
#include "async/port/riscv.h"
#define OPEN       ASYNC_RISCV_CSR_("csrsi mstatus, 8")
#define CLOSE      ASYNC_RISCV_CSR_("csrci mstatus, 8")
#define SLEEP      "wfi"
#define MASK_STATE ASYNC_RISCV_CSR_("csrr %0, mstatus")
#else
#include "async/port/avr.h"
#define OPEN       "sei"
#define CLOSE      "cli"
#define SLEEP      "nop\n\tsleep"
#define SHADOW     "nop\n\t" /* SEI acts late; in simavr by one more */
#define MASK_STATE "in %0, __SREG__\n\tnop"
#endif
#if !defined(SHADOW)
#define SHADOW ""
#endif
#undef async_port_lock
#undef async_port_sleep
#undef async_loop_lock_

static inline async_port_state_t async_port_lock(void)
{
#if defined(BROKEN_OPEN) || defined(BROKEN_LATE_LOCK)
    async_port_state_t state;
    __asm volatile(MASK_STATE : "=r"(state) : : "memory");
#if defined(__riscv)
    state &= ASYNC_RISCV_MIE_;
#endif
    return state;
#else
    return real_lock();
#endif
}

#if defined(ASYNC_PORT_HAS_LOOP_LOCK_)
static inline async_port_state_t async_loop_lock_(void)
{
#if defined(BROKEN_OPEN) || defined(BROKEN_LATE_LOCK)
    __asm volatile("nop" : : : "memory");
    return 0;
#else
    return real_loop_lock();
#endif
}
#endif

static inline void async_port_sleep(void)
{
#if defined(__AVR__)
    SMCR |= (uint8_t)(1u << SE);
#endif
#if defined(BROKEN_OPEN)
    __asm volatile(SLEEP : : : "memory");
#elif defined(BROKEN_LATE_LOCK)
    __asm volatile(CLOSE "\n\t" SLEEP "\n\t" OPEN : : : "memory");
#elif defined(BROKEN_SLEEP)
    __asm volatile(OPEN "\n\t" SHADOW SLEEP "\n\t" CLOSE : : : "memory");
#elif defined(BROKEN_NO_WAKE)
    real_sleep();
    __asm volatile(OPEN "\n\tnop\n\t" CLOSE : : : "memory");
    real_sleep();
#else
#error "say what is broken"
#endif
}

#endif
