/* SPDX-License-Identifier: MIT */

/*
 * The finger on the button of board_virt.c: a timer changes its level and makes
 * its interrupt pending. The machine timer belongs to the clock; this one is
 * the supervisor's, in machine mode.
 *
 * Source: RISC-V "stimecmp / vstimecmp" Extension (Sstc), 1.0; The RISC-V
 * Instruction Set Manual, Volume II: Privileged Architecture, 3.1.9 "Machine
 * Interrupt Registers", 3.1.18 "Machine Environment Configuration Registers".
 */
#include "board.h"
#include "bounces.h"
#include "riscv/csr.h"

#include <stddef.h>
#include <stdint.h>

#define SOFTWARE_INTERRUPT (*(volatile uint32_t *)0x02000000)
#define MTIME              (*(volatile uint32_t *)0x0200BFF8)
#define MHZ                10
#define MIE_STIE           (1u << 5)
#define MENVCFGH_STCE      (1u << 31)
#define SUPERVISOR_TIMER   0x80000005u

extern volatile int board_button_level;

static size_t next;
static uint32_t begun;

/* The upper half, stimecmph, stays 0: it is all over within a second. */
static void wait_until(unsigned long us)
{
    __asm volatile(CSR("csrw 0x14D, %0")
                   :
                   : "r"(begun + us * MHZ)); /* stimecmp */
}

static uint32_t cause(void)
{
    uint32_t value;
    __asm volatile(CSR("csrr %0, mcause") : "=r"(value));
    return value;
}

void Exception_Handler(void);
void Exception_Handler(void)
{
    if (cause() != SUPERVISOR_TIMER) {
        board_exit(3);
    }
    if (next == BOUNCES) {
        board_exit(0);
    }
    board_button_level = bounces[next].is_down ? 0 : 1;
    SOFTWARE_INTERRUPT = 1;
    next++;
    wait_until(next < BOUNCES ? bounces[next].us : BOUNCES_END);
}

__attribute__((constructor)) static void begin(void)
{
    begun = MTIME;
    __asm volatile(CSR("csrs 0x31A, %0") : : "r"(MENVCFGH_STCE)); /* menvcfgh */
    __asm volatile(CSR("csrw 0x15D, zero")); /* stimecmph */
    wait_until(bounces[0].us);
    __asm volatile(CSR("csrs mie, %0") : : "r"(MIE_STIE));
}
