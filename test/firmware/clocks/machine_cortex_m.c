/* SPDX-License-Identifier: MIT */

/*
 * Cortex-M: SysTick, and a timer of the board.
 *
 * Source: Armv7-M Architecture Reference Manual (DDI 0403), B3.2 "System
 * Control Space", B3.3 "The system timer, SysTick"; Application Note AN385, 3.1
 * "Memory map"; Cortex-M System Design Kit (DDI 0479), 4.4 "APB dual-input
 * timers"; nRF51 Series Reference Manual, 18 "Timer/counter".
 */
#include "machine.h"

#include <async/port.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define SYSTICK_CONTROL REGISTER(0xE000E010)
#define SYSTICK_RELOAD  REGISTER(0xE000E014)
#define SYSTICK_VALUE   REGISTER(0xE000E018)
#define NVIC_ENABLE     REGISTER(0xE000E100)
#define NVIC_PEND       REGISTER(0xE000E200)
#define NVIC_PRIORITY_5 REGISTER(0xE000E414) /* of the interrupts 20 to 23 */
#define SYSTEM_PRIORITY REGISTER(0xE000ED20) /* of SysTick, in the top byte */

#if defined(MACHINE_cortex_m0)
#define HERTZ     16000000
#define NRF_TIMER 0x40008000u
#elif defined(MACHINE_cortex_m3)
#define HERTZ      25000000
#define DUAL_TIMER 0x40002000u
#else
#define HERTZ      20000000
#define DUAL_TIMER 0x50002000u
#endif

#define SPARE 20 /* an interrupt that nothing uses */

#ifdef OWN_TIMER
const uint64_t machine_longest_sleep = 1000000000ull * 0x80000000 / HERTZ;
const uint32_t machine_error = 0;
#else
const uint64_t machine_longest_sleep = 1000000000ull * 0x1000000 / HERTZ;
const uint32_t machine_error = 4 * (1000000000 / HERTZ);
#endif
const uint32_t machine_latency = 20000;
const uint32_t machine_step = 0; /* well below an instruction */
const uint32_t machine_megahertz = HERTZ / 1000000;

async_tick_clock_t machine_ticks = ASYNC_TICK_CLOCK_INIT;
static bool is_ticking;

void SysTick_Handler(void);
void SysTick_Handler(void)
{
    if (is_ticking) {
        async_tick(&machine_ticks);
    } else {
        async_systick_interrupt();
    }
}

/* SysTick has a priority that ASYNC_PORT_BASEPRI masks. */
#ifdef OWN_TIMER
async_clock_t *own_timer_clock(void);

async_clock_t *machine_clock(void)
{
    return own_timer_clock();
}
#else
async_clock_t *machine_clock(void)
{
    SYSTEM_PRIORITY = 0x80000000;
    return async_systick_clock(HERTZ);
}
#endif

void machine_tick(void)
{
    is_ticking = true;
    SYSTEM_PRIORITY = 0x80000000;
    SYSTICK_RELOAD = HERTZ / ASYNC_TICKS_PER_SECOND - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7;
}

#ifdef NRF_TIMER

#define START     REGISTER(NRF_TIMER + 0x000)
#define CAPTURE   REGISTER(NRF_TIMER + 0x040)
#define BITMODE   REGISTER(NRF_TIMER + 0x508)
#define PRESCALER REGISTER(NRF_TIMER + 0x510)
#define CC        REGISTER(NRF_TIMER + 0x540)

static void start(void)
{
    BITMODE = 3; /* 32 bits */
    PRESCALER = 0;
    START = 1;
}

uint32_t machine_counts(void)
{
    CAPTURE = 1;
    return CC;
}

#else

#define VALUE   REGISTER(DUAL_TIMER + 0x4)
#define CONTROL REGISTER(DUAL_TIMER + 0x8)

/* It runs freely, in 32 bits, downwards. */
static void start(void)
{
    CONTROL = 1u << 7 | 1u << 1;
}

uint32_t machine_counts(void)
{
    return ~VALUE;
}

#endif

static uint32_t last;
static uint64_t total;

void machine_reference_start(void)
{
    start();
    last = machine_counts();
}

uint64_t machine_reference(void)
{
    uint32_t count = machine_counts();
    total += (uint32_t)(count - last);
    last = count;
    return total * 1000 / (HERTZ / 1000000);
}

void IRQ20_Handler(void);
void IRQ20_Handler(void)
{
    machine_handler();
}

static void pend(uint32_t priority)
{
    NVIC_PRIORITY_5 = priority;
    NVIC_ENABLE = 1u << SPARE;
    NVIC_PEND = 1u << SPARE;
}

void machine_pend(void)
{
    pend(0x80);
}

void machine_pend_urgent(void)
{
    pend(0x20);
}
