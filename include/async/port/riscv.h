/* SPDX-License-Identifier: MIT */

/*
 * Port to RISC-V in machine mode, one hart: the interrupt lock is mstatus.MIE.
 * Its clock is the machine timer.
 *
 * Source: The RISC-V Instruction Set Manual, Volume II: Privileged
 * Architecture (20211203), 3.1.6.1 "Privilege and Global Interrupt-Enable
 * Stack in mstatus register", 3.2.1 "Machine Timer Registers", 3.3.3 "Wait for
 * Interrupt".
 */
#ifndef ASYNC_PORT_RISCV_H
#define ASYNC_PORT_RISCV_H

#include "async/counter_clock.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Clock --------------------------------------------------------------- */

/**
 * The machine timer as a clock without ticks. It also enables the timer's
 * interrupt in mie. The trap handler is yours; for cause 7 of the interrupts
 * (machine timer) it calls async_mtime_interrupt().
 *
 *     async_loop_init(&loop,
 *                     async_mtime_clock(0x0200BFF8, 0x02004000, 10000000));
 *
 *  mtime, mtimecmp    addresses of the two 64-bit registers; mtimecmp is that
 *                     of this hart
 *  counts_per_second  the rate of mtime, an integer constant (counter_clock.h
 *                     says which ratios are exact)
 *
 * The lower 32 bits of mtime are the counter, so the processor sleeps for at
 * most 2^31 counts: 214 seconds at 10 MHz. Context: init, once.
 */
#define async_mtime_clock(mtime, mtimecmp, counts_per_second)                  \
    async_mtime_clock_(                                                        \
        (mtime), (mtimecmp),                                                   \
        ASYNC_REDUCED_(ASYNC_TICKS_PER_SECOND, counts_per_second),             \
        ASYNC_REDUCED_(counts_per_second, ASYNC_TICKS_PER_SECOND))

/** What the trap handler calls for the machine timer: it takes the alarm back,
 *  or the interrupt would stay. Context: interrupt. */
void async_mtime_interrupt(void);

/* --- The port contract (async/port.h) ------------------------------------ */

typedef uint32_t async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

#define ASYNC_RISCV_MIE_ 8u /* bit of mstatus, and an immediate of csrrci */

/* New assemblers want to be told that there are CSR instructions, even where
 * there is no machine without; old ones do not know the words. */
#if defined(__riscv_zicsr) || (defined(__clang__) && __clang_major__ < 17) ||  \
    (!defined(__clang__) && __GNUC__ < 12)
#define ASYNC_RISCV_CSR_(text) text
#else
#define ASYNC_RISCV_CSR_(text)                                                 \
    ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"
#endif

/* One or two instructions, of which -Os makes calls. */
static inline async_port_state_t async_port_lock(void)
    __attribute__((always_inline));
static inline void async_port_unlock(async_port_state_t state)
    __attribute__((always_inline));

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

/* --- Private part -------------------------------------------------------- */

async_clock_t *async_mtime_clock_(uintptr_t mtime, uintptr_t mtimecmp,
                                  uint32_t ticks, uint32_t counts);

#ifdef __cplusplus
}
#endif

#endif
