/* SPDX-License-Identifier: MIT */

/*
 * The Cortex-M port, for programs that sleep until SysTick interrupts in QEMU
 * 7.2 with -icount sleep=off.
 *
 * A periodic timer of QEMU that ends while the processor sleeps starts anew
 * before it interrupts, and the time then jumps to its next end. So a one-shot
 * timer of the board ends the sleep shortly before, and the processor spins for
 * the rest. Everything else is the real port.
 */
#ifndef PORT_IN_QEMU_H
#define PORT_IN_QEMU_H

#define async_port_sleep async_port_sleep_of_the_port
#include "async/port/cortex_m.h"
#undef async_port_sleep

#define QEMU_REGISTER(address) (*(volatile uint32_t *)(address))

#define SYSTICK_LEFT    QEMU_REGISTER(0xE000E018)
#define NVIC_SET        QEMU_REGISTER(0xE000E100)
#define NVIC_CLEAR      QEMU_REGISTER(0xE000E180)
#define NVIC_UNPEND     QEMU_REGISTER(0xE000E280)
#define NVIC_PRIORITIES ((volatile uint32_t *)0xE000E400)
#define INTERRUPT_STATE QEMU_REGISTER(0xE000ED04)
#define IS_PENDING      (1u << 26 | 1u << 22) /* SysTick, or another one */

#define GUARD_MARGIN 100u

/* Timers whose rate is that of SysTick: nRF51's TIMER1, or the second of the
 * CMSDK's. */
#if defined(MACHINE_cortex_m0)
#define GUARD_INTERRUPT 9
static inline void guard_start(uint32_t counts)
{
    QEMU_REGISTER(0x40009508) = 3; /* 32 bits */
    QEMU_REGISTER(0x40009510) = 0;
    QEMU_REGISTER(0x4000900C) = 1; /* clear */
    QEMU_REGISTER(0x40009540) = counts;
    QEMU_REGISTER(0x40009304) = 1u << 16;
    QEMU_REGISTER(0x40009000) = 1; /* start */
}

static inline void guard_stop(void)
{
    QEMU_REGISTER(0x40009004) = 1;
    QEMU_REGISTER(0x40009140) = 0;
}
#else
#if defined(MACHINE_cortex_m3)
#define GUARD           0x40001000u
#define GUARD_INTERRUPT 9
#else
#define GUARD           0x50001000u
#define GUARD_INTERRUPT 4
#endif
static inline void guard_start(uint32_t counts)
{
    QEMU_REGISTER(GUARD + 8) = 0;
    QEMU_REGISTER(GUARD + 4) = counts;
    QEMU_REGISTER(GUARD) = 9;
}

static inline void guard_stop(void)
{
    QEMU_REGISTER(GUARD) = 0;
    QEMU_REGISTER(GUARD + 12) = 1;
}
#endif

static inline void async_port_sleep(void)
{
    uint32_t left = SYSTICK_LEFT;
    if (left > 2 * GUARD_MARGIN && (INTERRUPT_STATE & IS_PENDING) == 0) {
        NVIC_PRIORITIES[GUARD_INTERRUPT / 4] = 0x80808080;
        NVIC_SET = 1u << GUARD_INTERRUPT;
        guard_start(left - GUARD_MARGIN);
        async_port_sleep_of_the_port();
        guard_stop();
        NVIC_CLEAR = 1u << GUARD_INTERRUPT;
        NVIC_UNPEND = 1u << GUARD_INTERRUPT;
    }
    while ((INTERRUPT_STATE & IS_PENDING) == 0) {
    }
}

#endif
