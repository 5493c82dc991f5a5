/* SPDX-License-Identifier: MIT */

/*
 * Port to Cortex-M: Armv6-M, Armv7-M and Armv8-M.
 *
 * The interrupt lock is PRIMASK, or, with ASYNC_PORT_BASEPRI, BASEPRI.
 *
 *   ASYNC_PORT_BASEPRI   not set: the lock keeps all interrupts out.
 *       A priority as the NVIC's registers have it, such as 0x40 (not on
 *       Armv6-M and the Armv8-M baseline, which have no BASEPRI): the lock
 *       keeps out interrupts of this priority and of less urgent ones. Those
 *       more urgent (a smaller number) are never masked, and must not call the
 *       library. It must be the same in library and program.
 *
 * Source: Armv6-M Architecture Reference Manual (DDI 0419), B1.4.3 "The
 * special-purpose mask register, PRIMASK"; Armv7-M Architecture Reference
 * Manual (DDI 0403), B1.4.3 "The special-purpose mask registers", B1.5.18
 * "Power management" (what wakes WFI).
 */
#ifndef ASYNC_PORT_CORTEX_M_H
#define ASYNC_PORT_CORTEX_M_H

#include <stdint.h>

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

/* The number of the exception that runs; 0 for the main program. */
static inline unsigned async_port_context(void)
{
    uint32_t ipsr;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr;
}

#endif
