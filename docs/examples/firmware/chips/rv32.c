/* SPDX-License-Identifier: MIT */

/*
 * QEMU's "virt", one RV32 hart in machine mode.
 *
 * Source: The RISC-V Instruction Set Manual, Volume II: Privileged
 * Architecture, 3.1.7 "mtvec", 3.1.15 "mcause".
 */
#include "chip.h"

#include <async/port/riscv.h>

#define UART_DATA (*(volatile uint8_t *)0x10000000)

/* Old assemblers know CSR instructions without being told. */
#define CSR(text)                                                              \
    ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

#define MACHINE_TIMER 0x80000007u

static void stop(void)
{
    for (;;) {
    }
}

/* Every interrupt and every fault comes here. */
__attribute__((interrupt("machine"), aligned(4))) static void trap(void)
{
    uint32_t cause;
    __asm volatile(CSR("csrr %0, mcause") : "=r"(cause));
    if (cause == MACHINE_TIMER) {
        async_mtime_interrupt();
    } else {
        stop();
    }
}

async_clock_t *chip_start(void)
{
    async_clock_t *clock = async_mtime_clock(0x0200BFF8, 0x02004000, 10000000);
    __asm volatile(CSR("csrw mtvec, %0") : : "r"(trap));
    __asm volatile(CSR("csrsi mstatus, 8") : : : "memory"); /* MIE */
    return clock;
}

void chip_led(bool on)
{
    for (const char *text = on ? "on\n" : "off\n"; *text != '\0'; text++) {
        UART_DATA = (uint8_t)*text;
    }
}

void chip_stop(void)
{
}
