/* SPDX-License-Identifier: MIT */

/*
 * Arm's MPS2 with the image AN385: a Cortex-M3 at 25 MHz. A vendor's project
 * has its own vector table in place of this one.
 *
 * Source: Arm MPS2 application note AN385 (DAI 0385); Cortex-M System Design
 * Kit (DDI 0479), "APB UART".
 */
#include "chip.h"

#include <async/port/cortex_m.h>

#define UART_DATA    (*(volatile uint32_t *)0x40004000)
#define UART_STATE   (*(volatile uint32_t *)0x40004004)
#define UART_CONTROL (*(volatile uint32_t *)0x40004008)
#define UART_DIVIDER (*(volatile uint32_t *)0x40004010)

typedef void handler(void);

handler _start; /* the C library's, which calls main */
extern char __stack[];

void SysTick_Handler(void);
void SysTick_Handler(void)
{
    async_systick_interrupt();
}

static void stop(void)
{
    for (;;) {
    }
}

extern const struct vectors {
    char *stack;
    handler *exceptions[15];
} __interrupt_vector;

/* The C library's linker script has a place for it, by this name. */
const struct vectors __interrupt_vector
    __attribute__((section(".data.init.enter"), used)) = {
        __stack,
        {_start, stop, stop, stop, stop, stop, 0, 0, 0, 0, stop, stop, 0, stop,
         SysTick_Handler}};

async_clock_t *chip_start(void)
{
    UART_DIVIDER = 16;
    UART_CONTROL = 1; /* send */
    return async_systick_clock(25000000);
}

void chip_led(bool on)
{
    for (const char *text = on ? "on\n" : "off\n"; *text != '\0'; text++) {
        while ((UART_STATE & 1) != 0) {
        }
        UART_DATA = (uint8_t)*text;
    }
}

void chip_stop(void)
{
}
