/* SPDX-License-Identifier: MIT */

/*
 * The finger on the button of board_mps2.c. QEMU's mps2-an385 has no GPIO, so
 * some of its RAM takes the place of the registers (GPIO0_ADDRESS), and this
 * file that of the pin: a timer changes its level and makes its interrupt
 * pending.
 *
 * Source: Arm Cortex-M System Design Kit TRM (DDI 0479), "APB timer".
 */
#include "board.h"
#include "bounces.h"

#include <stddef.h>
#include <stdint.h>

struct timer {
    volatile uint32_t control;
    volatile uint32_t value;
    volatile uint32_t reload;
    volatile uint32_t clear;
};

#define TIMER0     ((struct timer *)0x40000000)
#define TIMER0_IRQ 8
#define GPIO0_DATA (*(volatile uint32_t *)GPIO0_ADDRESS)
#define GPIO0_IRQ  6
#define NVIC_ISER  (*(volatile uint32_t *)0xE000E100)
#define NVIC_ISPR  (*(volatile uint32_t *)0xE000E200)
#define MHZ        25
#define ON         9 /* with interrupt */

static size_t next;
static unsigned long now_us;

/* The timer stops at zero: there is nothing to reload. (QEMU's time would jump
 * too far over the sleep before the interrupt of one that goes on.) */
static void wait_until(unsigned long us)
{
    TIMER0->value = (us - now_us) * MHZ;
    now_us = us;
}

void IRQ8_Handler(void);
void IRQ8_Handler(void)
{
    TIMER0->clear = 1;
    if (next == BOUNCES) {
        board_exit(0);
    }
    GPIO0_DATA = bounces[next].is_down ? 0 : 1;
    NVIC_ISPR = 1u << GPIO0_IRQ;
    next++;
    wait_until(next < BOUNCES ? bounces[next].us : BOUNCES_END);
}

__attribute__((constructor)) static void begin(void)
{
    GPIO0_DATA = 1;
    wait_until(bounces[0].us);
    TIMER0->control = ON;
    NVIC_ISER = 1u << TIMER0_IRQ;
}
