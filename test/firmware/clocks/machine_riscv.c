/* SPDX-License-Identifier: MIT */

/*
 * RISC-V, QEMU's virt: the machine timer of the CLINT, and the cycle counter,
 * which counts nanoseconds there (-icount shift=0), those of a sleep included.
 */
#include "machine.h"

#include "riscv/csr.h"

#include <async/port.h>

#define MSIP     (*(volatile uint32_t *)0x02000000)
#define MTIMECMP 0x02004000
#define MTIME    0x0200BFF8
#define HERTZ    10000000

#define MACHINE_SOFTWARE (1u << 3) /* of mie */
#define OPEN             (1u << 3) /* of mstatus */

const uint64_t machine_longest_sleep = 1000000000ull / HERTZ * 0x80000000;
const uint32_t machine_error = 0;
const uint32_t machine_latency = 20000;
const uint32_t machine_step = 0; /* well below an instruction */

async_tick_clock_t machine_ticks = ASYNC_TICK_CLOCK_INIT;
static bool is_ticking;
static uint64_t next_tick;

#define SET(csr, bits) __asm volatile(CSR("csrs " #csr ", %0") : : "r"(bits))

/* The lower half of the counter wraps after 5 seconds. */
async_clock_t *machine_clock(void)
{
    *(volatile uint64_t *)MTIME = 0x300000000 - 5 * HERTZ;
    async_clock_t *clock = async_mtime_clock(MTIME, MTIMECMP, HERTZ);
    SET(mstatus, OPEN);
    return clock;
}

/* The compare register is set on by one tick, so no time is lost. */
static void set_next_tick(void)
{
    next_tick += HERTZ / ASYNC_TICKS_PER_SECOND;
    *(volatile uint64_t *)MTIMECMP = next_tick;
}

void machine_tick(void)
{
    is_ticking = true;
    next_tick = *(volatile uint64_t *)MTIME;
    set_next_tick();
    SET(mie, 1u << 7);
    SET(mstatus, OPEN);
}

void MachineTimer_Handler(void);
void MachineTimer_Handler(void)
{
    if (is_ticking) {
        set_next_tick();
        async_tick(&machine_ticks);
    } else {
        async_mtime_interrupt();
    }
}

void machine_reference_start(void)
{
}

static uint32_t cycles_high(void)
{
    uint32_t cycles;
    __asm volatile(CSR("csrr %0, mcycleh") : "=r"(cycles));
    return cycles;
}

uint64_t machine_reference(void)
{
    uint32_t high;
    uint32_t low;
    do {
        high = cycles_high();
        __asm volatile(CSR("csrr %0, mcycle") : "=r"(low));
    } while (high != cycles_high());
    return (uint64_t)high << 32 | low;
}

void MachineSoftware_Handler(void);
void MachineSoftware_Handler(void)
{
    MSIP = 0;
    machine_handler();
}

void machine_pend(void)
{
    SET(mie, MACHINE_SOFTWARE);
    MSIP = 1;
}
