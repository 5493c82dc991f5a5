/* SPDX-License-Identifier: MIT */

/* The blinking firmware's board: a Cortex-M, its SysTick and one interrupt. */

#define LEDS     (*(volatile uint32_t *)0x40028000u)
#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)

extern uint32_t data_in_flash[], data_begin[], data_end[], bss_end[];

/* No memcpy or memset here: they would be called before there is data. */
__attribute__((optimize("no-tree-loop-distribute-patterns"))) static void
start(void)
{
    const uint32_t *from = data_in_flash;
    uint32_t *to = data_begin;
    while (to < data_end) {
        *to++ = *from++;
    }
    while (to < bss_end) {
        *to++ = 0;
    }
    SYST_RVR = 24999; /* 25 MHz: every millisecond */
    SYST_CSR = 7;
    run();
}

__attribute__((section(".vectors"),
               used)) static void (*const vectors[17])(void) = {
    (void (*)(void))0x20000400, start, [15] = tick, [16] = button};
