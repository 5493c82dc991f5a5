/* SPDX-License-Identifier: MIT */

/*
 * The vector table. The C library's start-up code finds it by its name and
 * section, and gives the function of the reset, _start.
 */
#include "board.h"

#include <stdio.h>

typedef void handler_t(void);

handler_t _start;
extern const char __stack[];

static void unexpected(void)
{
    unsigned exception;
    char text[40];
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    snprintf(text, sizeof text, "unexpected exception %u\n", exception);
    board_print(text);
    board_exit(3);
}

#define WEAK(name)  void name(void) __attribute__((weak, alias("unexpected")));
#define IRQ(n)      IRQ##n##_Handler,
#define WEAK_IRQ(n) WEAK(IRQ##n##_Handler)
/* clang-format off */
#define EIGHT(do, a, b, c, d, e, f, g, h) \
    do(a) do(b) do(c) do(d) do(e) do(f) do(g) do(h)
#define FOR_EACH_IRQ(do) \
    EIGHT(do, 0, 1, 2, 3, 4, 5, 6, 7) \
    EIGHT(do, 8, 9, 10, 11, 12, 13, 14, 15) \
    EIGHT(do, 16, 17, 18, 19, 20, 21, 22, 23) \
    EIGHT(do, 24, 25, 26, 27, 28, 29, 30, 31) \
    EIGHT(do, 32, 33, 34, 35, 36, 37, 38, 39) \
    EIGHT(do, 40, 41, 42, 43, 44, 45, 46, 47) \
    EIGHT(do, 48, 49, 50, 51, 52, 53, 54, 55) \
    EIGHT(do, 56, 57, 58, 59, 60, 61, 62, 63)
/* clang-format on */
WEAK(NMI_Handler)
WEAK(HardFault_Handler)
WEAK(MemManage_Handler)
WEAK(BusFault_Handler)
WEAK(UsageFault_Handler)
WEAK(SecureFault_Handler)
WEAK(SVC_Handler)
WEAK(DebugMon_Handler)
WEAK(PendSV_Handler)
WEAK(SysTick_Handler)
FOR_EACH_IRQ(WEAK_IRQ)

extern const struct vectors {
    const char *stack;
    handler_t *handlers[15 + 64];
} __interrupt_vector;

__attribute__((section(".data.init.enter"), used, aligned(512)))
const struct vectors __interrupt_vector = {
    __stack,
    {_start, NMI_Handler, HardFault_Handler, MemManage_Handler,
     BusFault_Handler, UsageFault_Handler, SecureFault_Handler, 0, 0, 0,
     SVC_Handler, DebugMon_Handler, 0, PendSV_Handler, SysTick_Handler,
     FOR_EACH_IRQ(IRQ)},
};
