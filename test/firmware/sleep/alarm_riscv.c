/* SPDX-License-Identifier: MIT */

/*
 * RISC-V in QEMU's virt machine: the cycle counter counts instructions. Its
 * compare register, and what ends the sleep a long time after the deadline, is
 * mtimecmp.
 */
#include "alarm.h"

#include "riscv/csr.h"

#define MTIME      (*(volatile uint32_t *)0x0200BFF8)
#define MTIMECMP   (*(volatile uint32_t *)0x02004000)
#define MTIMECMP_H (*(volatile uint32_t *)0x02004004)

#define NS_OF_TICK 100u
#define WATCHDOG   1000u /* of those ticks */
#define MIE_MTIE   0x80u

static uint32_t begin;
static bool is_missed;

static uint32_t cycles(void)
{
    uint32_t count;
    __asm volatile(CSR("csrr %0, mcycle") : "=r"(count));
    return count;
}

void machine_start(unsigned n)
{
    machine_stop();
    __asm volatile(CSR("csrs mie, %0\n\tcsrsi mstatus, 8") : : "r"(MIE_MTIE));
    begin = cycles() - n;
}

uint32_t machine_read(void)
{
    return cycles() - begin;
}

/* A count that is not ahead any more comes with the watchdog, as if the period
 * were no longer. */
void machine_alarm(uint32_t count)
{
    uint32_t ahead = count - machine_read();
    is_missed = ahead == 0 || ahead > UINT32_MAX / 2;
    MTIMECMP = MTIME + (is_missed ? WATCHDOG : ahead / NS_OF_TICK + 1);
    MTIMECMP_H = 0;
}

void machine_stop(void)
{
    MTIMECMP_H = UINT32_MAX;
}

void MachineTimer_Handler(void);
void MachineTimer_Handler(void)
{
    machine_stop();
    if (is_missed) {
        sweep_watchdog();
    } else {
        sweep_alarm();
    }
}
