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
#define FOR_EACH_IRQ(do)                                                                                                                                                                                             \
    do                                                                                                                                                                                                               \
    (0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11) do(12) do(13) do(14) do(15) do(16) do(17) do(18) do(19) do(20) do(21) do(22) do(23) do(24) do(25) do(26) do(27) do(28) do(29) do(30) do( \
        31) do(32) do(33) do(34) do(35) do(36) do(37) do(38) do(39) do(40) do(41) do(42) do(43) do(44) do(45) do(46) do(47) do(48) do(49) do(50) do(51) do(52) do(53) do(54) do(55) do(56) do(57) do(58) do(59) do(60) do(61) do(62) do(63)

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
