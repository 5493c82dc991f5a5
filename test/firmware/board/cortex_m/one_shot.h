/* SPDX-License-Identifier: MIT */

/*
 * A timer of the board that interrupts once, at SysTick's rate: nRF51's TIMER1,
 * or the second of the CMSDK's. It ends a sleep in QEMU when it should.
 *
 * Source: nRF51 Series Reference Manual, 18 "Timer/counter"; Arm Cortex-M
 * System Design Kit TRM (DDI 0479), "APB timer".
 */
#ifndef ONE_SHOT_H
#define ONE_SHOT_H

#include <stdint.h>

#define ONE_SHOT_REGISTER(address) (*(volatile uint32_t *)(address))

#if defined(MACHINE_cortex_m0)
#define ONE_SHOT_INTERRUPT 9
#define ONE_SHOT_Handler   IRQ9_Handler

static inline void one_shot_start(uint32_t counts)
{
    ONE_SHOT_REGISTER(0x40009508) = 3; /* 32 bits */
    ONE_SHOT_REGISTER(0x40009510) = 0;
    ONE_SHOT_REGISTER(0x4000900C) = 1; /* clear */
    ONE_SHOT_REGISTER(0x40009540) = counts;
    ONE_SHOT_REGISTER(0x40009304) = 1u << 16;
    ONE_SHOT_REGISTER(0x40009000) = 1; /* start */
}

static inline void one_shot_stop(void)
{
    ONE_SHOT_REGISTER(0x40009004) = 1;
    ONE_SHOT_REGISTER(0x40009140) = 0;
}

#else

#if defined(MACHINE_cortex_m3)
#define ONE_SHOT           0x40001000u
#define ONE_SHOT_INTERRUPT 9
#define ONE_SHOT_Handler   IRQ9_Handler
#else
#define ONE_SHOT           0x50001000u
#define ONE_SHOT_INTERRUPT 4
#define ONE_SHOT_Handler   IRQ4_Handler
#endif

/* It stops at zero: there is nothing to reload. */
static inline void one_shot_start(uint32_t counts)
{
    ONE_SHOT_REGISTER(ONE_SHOT + 8) = 0;
    ONE_SHOT_REGISTER(ONE_SHOT + 4) = counts;
    ONE_SHOT_REGISTER(ONE_SHOT) = 9;
}

static inline void one_shot_stop(void)
{
    ONE_SHOT_REGISTER(ONE_SHOT) = 0;
    ONE_SHOT_REGISTER(ONE_SHOT + 12) = 1;
}

#endif

#endif
