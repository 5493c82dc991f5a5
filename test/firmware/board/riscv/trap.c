/* SPDX-License-Identifier: MIT */

/*
 * One entry for all traps, in machine mode. Source: The RISC-V Instruction Set
 * Manual, Volume II: Privileged Architecture, 3.1.7 "mtvec", 3.1.15 "mcause".
 */
#include "board.h"
#include "riscv/csr.h"

#include <stdint.h>
#include <stdio.h>

#define INTERRUPT        0x80000000u
#define MACHINE_SOFTWARE 3u
#define MACHINE_TIMER    7u
#define MACHINE_EXTERNAL 11u

static uint32_t cause(void)
{
    uint32_t value;
    __asm volatile(CSR("csrr %0, mcause") : "=r"(value));
    return value;
}

static void unexpected(void)
{
    uint32_t where;
    char text[64];
    __asm volatile(CSR("csrr %0, mepc") : "=r"(where));
    snprintf(text, sizeof text, "unexpected trap %lx at %lx\n",
             (unsigned long)cause(), (unsigned long)where);
    board_print(text);
    board_exit(3);
}

#define WEAK(name) void name(void) __attribute__((weak, alias("unexpected")));
WEAK(MachineSoftware_Handler)
WEAK(MachineTimer_Handler)
WEAK(MachineExternal_Handler)
WEAK(Exception_Handler)

__attribute__((interrupt("machine"), aligned(4))) static void trap(void)
{
    switch (cause()) {
    case INTERRUPT | MACHINE_SOFTWARE:
        MachineSoftware_Handler();
        break;
    case INTERRUPT | MACHINE_TIMER:
        MachineTimer_Handler();
        break;
    case INTERRUPT | MACHINE_EXTERNAL:
        MachineExternal_Handler();
        break;
    default:
        Exception_Handler();
        break;
    }
}

__attribute__((constructor)) static void set_trap(void)
{
    __asm volatile(CSR("csrw mtvec, %0") : : "r"(trap));
}
