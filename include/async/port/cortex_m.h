/* SPDX-License-Identifier: MIT */

/*
 * Port to Cortex-M: the interrupt lock is PRIMASK.
 *
 * Source: Armv6-M Architecture Reference Manual (DDI 0419), B1.4.3 "The
 * special-purpose mask register, PRIMASK".
 */
#ifndef ASYNC_PORT_CORTEX_M_H
#define ASYNC_PORT_CORTEX_M_H

#include <stdint.h>

typedef uint32_t async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

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

#endif
