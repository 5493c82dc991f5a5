/* SPDX-License-Identifier: MIT */

/*
 * Cortex-M: SysTick runs freely as the counter. Its compare register, and what
 * ends the sleep a long time after the deadline, is a timer of the board.
 */
#include "alarm.h"
#include "spend.h"

#include "cortex_m/one_shot.h"

#define SYST_CSR    (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR    (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR    (*(volatile uint32_t *)0xE000E018)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100)
#define NVIC_UNPEND (*(volatile uint32_t *)0xE000E280)

#define CSR_RUN  5u /* processor clock, enable */
#define LARGEST  0xFFFFFFu
#define WATCHDOG 1000u

static bool is_missed;

/* It goes to the largest value one count after it is cleared. */
void machine_start(unsigned n)
{
    machine_stop();
    NVIC_ENABLE = 1u << ONE_SHOT_INTERRUPT;
    SYST_RVR = LARGEST;
    SYST_CVR = 0;
    SYST_CSR = CSR_RUN;
    while (SYST_CVR == 0) {
    }
    spend(n);
}

uint32_t machine_read(void)
{
    return LARGEST - SYST_CVR;
}

/* A count that is not ahead any more comes with the watchdog, as if the period
 * were no longer. */
void machine_alarm(uint32_t count)
{
    one_shot_stop();
    uint32_t ahead = (count - machine_read()) & LARGEST;
    is_missed = ahead == 0 || ahead > LARGEST / 2;
    one_shot_start(is_missed ? WATCHDOG : ahead);
}

void machine_stop(void)
{
    one_shot_stop();
    NVIC_UNPEND = 1u << ONE_SHOT_INTERRUPT;
}

void ONE_SHOT_Handler(void);
void ONE_SHOT_Handler(void)
{
    one_shot_stop();
    if (is_missed) {
        sweep_watchdog();
    } else {
        sweep_alarm();
    }
}
