/* SPDX-License-Identifier: MIT */

/*
 * Cortex-M: SysTick, whose first period is short and whose second is long. In
 * QEMU with -icount shift=0 an instruction takes a nanosecond, so the timer's
 * period is many of them; the steps of one are made by waiting before.
 */
#include "machine.h"
#include "spend.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)
#define ICSR     (*(volatile uint32_t *)0xE000ED04)
#define SHPR3    (*(volatile uint32_t *)0xE000ED20)

#define CSR_RUN        7u /* processor clock, interrupt, enable */
#define ICSR_PENDSTCLR (1u << 25)
#define WFI            0xBF30u
#define PERIODS        (MACHINE_REACH / MACHINE_NS_OF_SYSTICK)
#define WATCHDOG       5000u
#define PRIORITY       (0x80u << 24) /* masked by any BASEPRI of the tests */

static bool has_come;

void machine_start(void)
{
    SHPR3 = PRIORITY;
}

void machine_arm(unsigned n)
{
    has_come = false;
    SYST_RVR = PERIODS;
    SYST_CVR = 0;
    SYST_CSR = CSR_RUN;
    while (SYST_CVR == 0) {
    } /* until it has begun */
    SYST_RVR = WATCHDOG;
    spend(n);
}

void machine_disarm(void)
{
    SYST_CSR = 0;
    ICSR = ICSR_PENDSTCLR;
}

bool machine_is_sleep(place_t place)
{
    return *(const uint16_t *)place == WFI;
}

void on_systick(place_t place);
void on_systick(place_t place)
{
    if (has_come) {
        machine_disarm();
        sweep_watchdog();
    } else {
        has_come = true;
        sweep_interrupt(place);
    }
}

/* The exception's frame holds where it cut in. */
void SysTick_Handler(void);
__attribute__((naked)) void SysTick_Handler(void)
{
    __asm volatile(".syntax unified\n\t"
                   "ldr r0, [sp, #24]\n\t"
                   "ldr r1, =on_systick\n\t"
                   "bx r1");
}
