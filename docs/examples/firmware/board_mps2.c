/* SPDX-License-Identifier: MIT */

/*
 * board_mps2.c: Arm MPS2 with the image of AN385, a Cortex-M3 at 25 MHz
 *
 * Source: Arm MPS2 application note AN385 (DAI 0385), memory map, interrupts,
 * "FPGA system control and I/O"; Arm Cortex-M System Design Kit TRM (DDI 0479),
 * "APB dual-input timers", "AHB GPIO".
 */
#include "board.h"

#include <async/counter_clock.h>

#define NVIC_ISER     ((volatile uint32_t *)0xE000E100)
#define GPIO0_IRQ     6
#define DUALTIMER_IRQ 10

void DUALTIMER_Handler(void), PORT0_COMB_Handler(void); /* in the vectors */

/* --- Clock: the dual timer ------------------------------------------------ */

/* The first of the two timers counts down, for ever. The second, which stops at
 * zero, is the alarm. */
struct timer {
    volatile uint32_t load;
    volatile uint32_t value;
    volatile uint32_t control;
    volatile uint32_t clear;
    uint32_t others[4];
};

#define TIMERS ((struct timer *)0x40002000)

enum { ONE_SHOT = 1 << 0, SIZE_32 = 1 << 1, INTERRUPT = 1 << 5, ON = 1 << 7 };

static uint32_t counter_read(void)
{
    return ~TIMERS[0].value;
}

/* It would count from zero through all of its range: so one at least. */
static void counter_alarm(uint32_t count)
{
    uint32_t left = count - counter_read();
    bool is_ahead = left > 0 && left <= UINT32_MAX / 2 + 1;
    TIMERS[1].control = 0;
    TIMERS[1].load = is_ahead ? left : 1;
    TIMERS[1].control = ON | INTERRUPT | SIZE_32 | ONE_SHOT;
}

void DUALTIMER_Handler(void)
{
    TIMERS[1].clear = 1;
}

/* --- LEDs: the user LEDs -------------------------------------------------- */

#define FPGAIO_LED ((volatile uint32_t *)0x40028000)

void board_led(int led, bool on)
{
    uint32_t mask = 1u << led;
    *FPGAIO_LED = on ? *FPGAIO_LED | mask : *FPGAIO_LED & ~mask;
}

/* --- Button: pin 0 of GPIO 0, to ground ----------------------------------- */

struct gpio {
    volatile uint32_t data;
    volatile uint32_t out;
    uint32_t others[6];
    volatile uint32_t interrupt_enable;
    volatile uint32_t interrupt_disable;
    volatile uint32_t type_edge;
    volatile uint32_t type_level;
    volatile uint32_t when_high;
    volatile uint32_t when_low;
    volatile uint32_t interrupts; /* write 1 to clear */
};

#ifndef GPIO0_ADDRESS
#define GPIO0_ADDRESS 0x40010000
#endif
#define GPIO0  ((struct gpio *)GPIO0_ADDRESS)
#define BUTTON (1u << 0)

async_event_t board_button_changed;

bool board_button_is_down(void)
{
    return (GPIO0->data & BUTTON) == 0;
}

/* Interrupt at the level that the pin does not have. So a change that comes
 * meanwhile is not missed, as it would be if edges interrupted. */
static void expect_change(void)
{
    if (board_button_is_down()) {
        GPIO0->when_high = BUTTON;
    } else {
        GPIO0->when_low = BUTTON;
    }
}

void PORT0_COMB_Handler(void)
{
    expect_change();
    GPIO0->interrupts = BUTTON;
    async_event_set(&board_button_changed);
}

void board_button_start(void)
{
    GPIO0->type_level = BUTTON;
    expect_change();
    GPIO0->interrupt_enable = BUTTON;
    *NVIC_ISER = 1u << GPIO0_IRQ;
}

/* --- Start ---------------------------------------------------------------- */

async_clock_t *board_start(void)
{
    static async_counter_clock_t clock =
        ASYNC_COUNTER_CLOCK_INIT(counter_read, counter_alarm, 32, 25000000);
    *FPGAIO_LED = 0;
    TIMERS[0].control = ON | SIZE_32;
    *NVIC_ISER = 1u << DUALTIMER_IRQ;
    return &clock.clock;
}
