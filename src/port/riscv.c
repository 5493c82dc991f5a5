/* SPDX-License-Identifier: MIT */

/*
 * Port to RISC-V: the machine timer as a counter with an alarm.
 *
 * Source: The RISC-V Instruction Set Manual, Volume II: Privileged
 * Architecture (20211203), 3.1.9 "Machine Interrupt Registers", 3.2.1 "Machine
 * Timer Registers" (the order in which to write mtimecmp).
 */
#include "async/port/riscv.h"

#define MACHINE_TIMER (1u << 7) /* bit of mie */

/* 64-bit registers, as a 32-bit machine reaches them. */
struct halves {
    volatile uint32_t low;
    volatile uint32_t high;
};
static struct halves *timer;
static struct halves *compare;

static uint32_t mtime_count(void)
{
    return timer->low;
}

static uint64_t mtime_now(void)
{
    uint32_t high;
    uint32_t low;
    do {
        high = timer->high;
        low = timer->low;
    } while (high != timer->high);
    return (uint64_t)high << 32 | low;
}

/* The lower half is at its largest meanwhile, so that no value in between is in
 * the past. */
static void set_compare(uint64_t time)
{
    compare->low = 0xFFFFFFFF;
    compare->high = (uint32_t)(time >> 32);
    compare->low = (uint32_t)time;
}

static void mtime_alarm(uint32_t count)
{
    uint64_t now = mtime_now();
    set_compare(now + (uint32_t)(count - (uint32_t)now));
}

void async_mtime_interrupt(void)
{
    set_compare(UINT64_MAX);
}

async_clock_t *async_mtime_clock_(uintptr_t mtime, uintptr_t mtimecmp,
                                  uint32_t ticks, uint32_t counts)
{
    static async_counter_clock_t clock;
    clock = (async_counter_clock_t)ASYNC_COUNTER_CLOCK_INIT_(
        mtime_count, mtime_alarm, 32, ticks, counts);
    timer = (struct halves *)mtime;
    compare = (struct halves *)mtimecmp;
    async_mtime_interrupt();
    __asm volatile(ASYNC_RISCV_CSR_("csrs mie, %0") : : "r"(MACHINE_TIMER));
    return &clock.clock;
}
