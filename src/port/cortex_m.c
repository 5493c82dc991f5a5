/* SPDX-License-Identifier: MIT */

/*
 * Port to Cortex-M: SysTick as a counter with an alarm.
 *
 * SysTick counts down from a reload value to 0, interrupts, and begins again.
 * Here each countdown is one piece of a 32-bit counter that counts up. Without
 * an alarm it is the longest, 2^24 counts; for an alarm it is stopped short and
 * one of the right length is started, with the longest to follow. A countdown
 * that ends is noticed by the flag of the control register, from whoever reads
 * the counter next, or from the interrupt.
 *
 * Source: Armv7-M Architecture Reference Manual (DDI 0403), B3.3 "The system
 * timer, SysTick".
 */
#include "async/port/cortex_m.h"

struct systick {
    volatile uint32_t control;
    volatile uint32_t reload;
    volatile uint32_t value;
};
#define SYSTICK ((struct systick *)0xE000E010)

#define ENABLE          (1u << 0)
#define INTERRUPT       (1u << 1)
#define PROCESSOR_CLOCK (1u << 2)
#define HAS_ENDED       (1u << 16) /* reading the register clears it */

#define LONGEST 0x1000000u

/* A countdown that is about to end is not stopped for an alarm: it could end
 * meanwhile, and is soon enough itself. */
#define ABOUT_TO_END 200u

/* Counts between reading the value and clearing it, in restart(): a load and a
 * store. */
#define COUNTS_OF_RESTART 3u

/* The countdown that runs: the counter at its beginning, and its length. */
static uint32_t begin;
static uint32_t length;

/* Interrupts are locked. The value is 0 in the first count of a countdown. */
static uint32_t systick_count(void)
{
    uint32_t left = SYSTICK->value;
    if (SYSTICK->control & HAS_ENDED) {
        left = SYSTICK->value;
        begin += length;
        length = LONGEST;
    }
    return left == 0 ? begin : begin + length - left;
}

/* Write anything to clear the value; the reload value is taken one count later,
 * and only then the next one may be written. */
static void restart(uint32_t counts)
{
    uint32_t left;
    SYSTICK->reload = counts - 1;
    __asm volatile("ldr %0, [%1]\n\tstr %0, [%1]"
                   : "=&l"(left)
                   : "l"(&SYSTICK->value)
                   : "memory");
    begin += (left == 0 ? 0 : length - left) + COUNTS_OF_RESTART;
    length = counts;
    while (SYSTICK->value == 0) {
    }
    SYSTICK->reload = LONGEST - 1;
}

/* An alarm beyond the longest countdown comes too early, which a sleep may. A
 * countdown that ends little after the alarm is the one that was started for
 * it. A shorter one could end before restart() does, and nobody would count the
 * next; so an alarm may come late by that. */
static void set_alarm(uint32_t count)
{
    uint32_t now = systick_count();
    uint32_t ahead = count - now;
    uint32_t to_end = begin + length - now;
    bool lasts = length == LONGEST && to_end <= ahead;
    if (lasts || to_end < ABOUT_TO_END || to_end - ahead < ABOUT_TO_END) {
        return;
    }
    restart(ahead < ABOUT_TO_END ? ABOUT_TO_END
            : ahead < LONGEST    ? ahead
                                 : LONGEST);
}

/* Nothing may cut in, not even what BASEPRI does not mask. */
static void systick_alarm(uint32_t count)
{
    uint32_t primask;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask) : : "memory");
    set_alarm(count);
    __asm volatile("msr primask, %0" : : "r"(primask) : "memory");
}

void async_systick_interrupt(void)
{
    async_port_state_t state = async_port_lock();
    systick_count();
    async_port_unlock(state);
}

async_clock_t *async_systick_clock_(uint32_t ticks, uint32_t counts)
{
    static async_counter_clock_t clock;
    clock = (async_counter_clock_t)ASYNC_COUNTER_CLOCK_INIT_(
        systick_count, systick_alarm, 32, ticks, counts);
    begin = 0;
    length = LONGEST;
    SYSTICK->reload = LONGEST - 1;
    SYSTICK->value = 0;
    SYSTICK->control = ENABLE | INTERRUPT | PROCESSOR_CLOCK;
    while (SYSTICK->value == 0) {
    }
    return &clock.clock;
}
