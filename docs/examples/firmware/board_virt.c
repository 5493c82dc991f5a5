/* SPDX-License-Identifier: MIT */

/*
 * board_virt.c: QEMU's RISC-V machine "virt", one RV32 hart in machine mode
 *
 * Source: QEMU documentation, "virt Generic Virtual Platform (virt)"; The
 * RISC-V Instruction Set Manual, Volume II: Privileged Architecture, 3.1.9
 * "Machine Interrupt Registers (mip and mie)"; RISC-V Platform-Level Interrupt
 * Controller Specification, "Memory Map"; for the LEDs as in uart_16550.c,
 * "Modem Control Register".
 */
#include "board.h"

#include <async/port/riscv.h>

extern volatile int board_button_level; /* for who plays the finger */

/* The start-up code's entry of all traps calls these. */
void MachineTimer_Handler(void), MachineExternal_Handler(void);
void MachineSoftware_Handler(void);
void UART0_Handler(void); /* uart_16550.c */

/* --- Clock: mtime --------------------------------------------------------- */

#define MTIME    0x0200BFF8
#define MTIMECMP 0x02004000
#define MTIME_HZ 10000000

void MachineTimer_Handler(void)
{
    async_mtime_interrupt();
}

/* --- Interrupts: the PLIC ------------------------------------------------- */

#define PLIC          0x0C000000u
#define PLIC_PRIORITY ((volatile uint32_t *)PLIC)
#define PLIC_ENABLE   ((volatile uint32_t *)(PLIC + 0x2000))
#define PLIC_CLAIM    ((volatile uint32_t *)(PLIC + 0x200004))
#define UART0_IRQ     10u

enum { MIE_SOFTWARE = 1 << 3, MIE_EXTERNAL = 1 << 11, MSTATUS_MIE = 1 << 3 };

/* Old assemblers know the CSR instructions without being told. */
#define SET_CSR(name, bits)                                                    \
    __asm volatile(".option push\n\t.option arch, +zicsr\n\t"                  \
                   "csrs " name ", %0\n\t.option pop"                          \
                   :                                                           \
                   : "r"(bits)                                                 \
                   : "memory")

void MachineExternal_Handler(void)
{
    uint32_t irq = *PLIC_CLAIM;
    if (irq == UART0_IRQ) {
        UART0_Handler();
    }
    *PLIC_CLAIM = irq;
}

/* --- LEDs: the outputs OUT1 and OUT2 of the UART -------------------------- */

#define UART0_MODEM ((volatile uint8_t *)0x10000004)

void board_led(int led, bool on)
{
    uint8_t mask = (uint8_t)(4u << led);
    uint8_t others = (uint8_t)(*UART0_MODEM & ~mask);
    *UART0_MODEM = on ? others | mask : others;
}

/* --- Button: a word of memory, and the software interrupt ----------------- */

/* The machine has no pins. Who changes this level sets the register, too. */
volatile int board_button_level = 1;
#define SOFTWARE_INTERRUPT ((volatile uint32_t *)0x02000000)

async_event_t board_button_changed;

void MachineSoftware_Handler(void)
{
    *SOFTWARE_INTERRUPT = 0;
    async_event_set(&board_button_changed);
}

bool board_button_is_down(void)
{
    return board_button_level == 0;
}

void board_button_start(void)
{
    SET_CSR("mie", MIE_SOFTWARE);
}

/* --- Start ---------------------------------------------------------------- */

async_clock_t *board_start(void)
{
    *UART0_MODEM = 0;
    PLIC_PRIORITY[UART0_IRQ] = 1;
    *PLIC_ENABLE = 1u << UART0_IRQ;
    SET_CSR("mie", MIE_EXTERNAL);
    SET_CSR("mstatus", MSTATUS_MIE);
    return async_mtime_clock(MTIME, MTIMECMP, MTIME_HZ);
}
