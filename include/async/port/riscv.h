/* SPDX-License-Identifier: MIT */

/*
 * Port to RISC-V in machine mode, one hart: the interrupt lock is mstatus.MIE.
 *
 * Source: The RISC-V Instruction Set Manual, Volume II: Privileged
 * Architecture (20211203), 3.1.6.1 "Privilege and Global Interrupt-Enable
 * Stack in mstatus register", 3.3.3 "Wait for Interrupt".
 */
#ifndef ASYNC_PORT_RISCV_H
#define ASYNC_PORT_RISCV_H

#include <stdint.h>

/* --- The port contract (async/port.h) ------------------------------------ */

typedef uint32_t async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

#define ASYNC_RISCV_MIE_ 8u /* bit of mstatus, and an immediate of csrrci */

/* Assemblers want to be told that there are CSR instructions, even where there
 * is no machine without. */
#define ASYNC_RISCV_CSR_(text)                                                 \
    ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

static inline async_port_state_t async_port_lock(void)
{
    uint32_t mstatus;
    __asm volatile(ASYNC_RISCV_CSR_("csrrci %0, mstatus, 8")
                   : "=r"(mstatus)
                   :
                   : "memory");
    return mstatus & ASYNC_RISCV_MIE_;
}

static inline void async_port_unlock(async_port_state_t state)
{
    __asm volatile(ASYNC_RISCV_CSR_("csrs mstatus, %0")
                   :
                   : "r"(state)
                   : "memory");
}

/* WFI ends when an interrupt that mie enables is pending, whatever MIE says.
 * It is let in where the lock opens. */
static inline void async_port_sleep(void)
{
    __asm volatile("wfi" : : : "memory");
}

/* No register tells handlers apart. In each of them interrupts are locked,
 * unless it opens them itself; then it looks like what it has cut into. */
static inline unsigned async_port_context(void)
{
    uint32_t mstatus;
    __asm volatile(ASYNC_RISCV_CSR_("csrr %0, mstatus") : "=r"(mstatus));
    return (mstatus & ASYNC_RISCV_MIE_) != 0;
}

#endif
