/* SPDX-License-Identifier: MIT */

/*
 * The Cortex-M port, for programs that sleep until SysTick interrupts in QEMU
 * 7.2 with -icount sleep=off.
 *
 * A periodic timer of QEMU that ends while the processor sleeps starts anew
 * before it interrupts, and the time then jumps to its next end. So the board's
 * one-shot timer ends the sleep shortly before, and the processor spins for the
 * rest. Everything else is the real port.
 */
#ifndef PORT_IN_QEMU_H
#define PORT_IN_QEMU_H

#define async_port_sleep async_port_sleep_of_the_port
#include "async/port/cortex_m.h"
#undef async_port_sleep
#include "one_shot.h"

#define QEMU_REGISTER(address) (*(volatile uint32_t *)(address))

#define SYSTICK_LEFT    QEMU_REGISTER(0xE000E018)
#define NVIC_SET        QEMU_REGISTER(0xE000E100)
#define NVIC_CLEAR      QEMU_REGISTER(0xE000E180)
#define NVIC_UNPEND     QEMU_REGISTER(0xE000E280)
#define NVIC_PRIORITIES ((volatile uint32_t *)0xE000E400)
#define INTERRUPT_STATE QEMU_REGISTER(0xE000ED04)
#define IS_PENDING      (1u << 26 | 1u << 22) /* SysTick, or another one */

#define GUARD_MARGIN 100u

static inline void async_port_sleep(void)
{
    uint32_t left = SYSTICK_LEFT;
    if (left > 2 * GUARD_MARGIN && (INTERRUPT_STATE & IS_PENDING) == 0) {
        NVIC_PRIORITIES[ONE_SHOT_INTERRUPT / 4] = 0x80808080;
        NVIC_SET = 1u << ONE_SHOT_INTERRUPT;
        one_shot_start(left - GUARD_MARGIN);
        async_port_sleep_of_the_port();
        one_shot_stop();
        NVIC_CLEAR = 1u << ONE_SHOT_INTERRUPT;
        NVIC_UNPEND = 1u << ONE_SHOT_INTERRUPT;
    }
    while ((INTERRUPT_STATE & IS_PENDING) == 0) {
    }
}

#endif
