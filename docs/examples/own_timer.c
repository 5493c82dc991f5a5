/* SPDX-License-Identifier: MIT */

/*
 * A clock of two timers of the board, where the chip has no counter with an
 * alarm: one runs freely, the other is started for each alarm. The board is
 * Arm's MPS2 with application note AN385 (QEMU: mps2-an385), its timers are the
 * CMSDK's at 25 MHz.
 *
 * Source: Cortex-M System Design Kit (DDI 0479), 4.3 "APB timer"; Application
 * Note AN385, 3.1 "Memory map", 3.6 "Interrupts".
 */
#include <async/async.h>

struct apb_timer {
    volatile uint32_t control, value, reload, interrupt;
};
#define COUNTER     ((struct apb_timer *)0x40000000)
#define ALARM       ((struct apb_timer *)0x40001000)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100)

/* It counts down. */
static uint32_t count(void)
{
    return ~COUNTER->value;
}

/* It interrupts at 0; the reload value 0 stops it there. A timer set to 0 would
 * not start: what has been passed meanwhile gets one count. */
static void set_alarm(uint32_t at)
{
    uint32_t ahead = at - count();
    ALARM->control = 0;
    ALARM->reload = 0;
    ALARM->value = ahead == 0 ? 1 : ahead;
    ALARM->control = 1u << 3 | 1u << 0; /* interrupt, enable */
}

void IRQ9_Handler(void);
void IRQ9_Handler(void)
{
    ALARM->interrupt = 1;
}

async_clock_t *own_timer_clock(void);
async_clock_t *own_timer_clock(void)
{
    static async_counter_clock_t clock =
        ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, 32, 25000000);
    COUNTER->reload = COUNTER->value = 0xFFFFFFFF;
    COUNTER->control = 1u << 0;
    NVIC_ENABLE = 1u << 9;
    return &clock.clock;
}
