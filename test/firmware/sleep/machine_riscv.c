/* SPDX-License-Identifier: MIT */

/*
 * RISC-V in QEMU's virt machine: mtime and mtimecmp. A tick of mtime is many
 * instructions; the steps of one are made by waiting before.
 */
#include "machine.h"

#include "riscv/csr.h"

#define MTIME      (*(volatile uint32_t *)0x0200BFF8)
#define MTIMECMP   (*(volatile uint32_t *)0x02004000)
#define MTIMECMP_H (*(volatile uint32_t *)0x02004004)

#define NS_OF_TICK 100u
#define WATCHDOG   2000u
#define WFI        0x10500073u
#define MIE_MTIE   0x80u

static bool has_come;

/* n instructions more for n more. */
static void spend(unsigned n)
{
    if (n & 1) {
        __asm volatile("nop");
    }
    for (n /= 2; n > 0;) {
        __asm volatile("1:\taddi %0, %0, -1\n\tbnez %0, 1b" : "+r"(n));
    }
}

void machine_start(void)
{
    machine_disarm();
    __asm volatile(CSR("csrs mie, %0\n\tcsrsi mstatus, 8") : : "r"(MIE_MTIE));
}

/* From a new tick on, so that it does not change meanwhile. */
void machine_arm(unsigned n)
{
    has_come = false;
    uint32_t now = MTIME;
    while (MTIME == now) {
    }
    MTIMECMP = now + 1 + MACHINE_REACH / NS_OF_TICK;
    MTIMECMP_H = 0;
    spend(n);
}

void machine_disarm(void)
{
    MTIMECMP_H = UINT32_MAX;
}

bool machine_is_sleep(place_t place)
{
    const uint16_t *code = (const uint16_t *)place;
    return (code[0] | (uint32_t)code[1] << 16) == WFI;
}

void MachineTimer_Handler(void);
void MachineTimer_Handler(void)
{
    uint32_t place;
    __asm volatile(CSR("csrr %0, mepc") : "=r"(place));
    if (has_come) {
        machine_disarm();
        sweep_watchdog();
    } else {
        has_come = true;
        MTIMECMP += WATCHDOG;
        sweep_interrupt(place);
    }
}
