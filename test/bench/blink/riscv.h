/* SPDX-License-Identifier: MIT */

/* The blinking firmware's board: a RISC-V with the usual timer, and one
 * interrupt besides. */

#define LEDS     (*(volatile uint32_t *)0x10012000u)
#define MTIMECMP ((volatile uint32_t *)0x02004000u)

#define MACHINE_TIMER 0x80000007u

extern uint32_t data_in_flash[], data_begin[], data_end[], bss_end[];

/* Every interrupt comes here. A tick is a millisecond at 10 MHz. */
__attribute__((interrupt("machine"), aligned(4))) static void trap(void)
{
    uint32_t cause;
    __asm volatile(".option push\n\t.option arch, +zicsr\n\t"
                   "csrr %0, mcause\n\t.option pop"
                   : "=r"(cause));
    if (cause == MACHINE_TIMER) {
        uint32_t low = MTIMECMP[0] + 10000;
        if (low < 10000) {
            MTIMECMP[1] += 1;
        }
        MTIMECMP[0] = low;
        tick();
    } else {
        button();
    }
}

/* No memcpy or memset here: they would be called before there is data. */
__attribute__((used, noreturn,
               optimize("no-tree-loop-distribute-patterns"))) static void
begin(void)
{
    const uint32_t *from = data_in_flash;
    uint32_t *to = data_begin;
    while (to < data_end) {
        *to++ = *from++;
    }
    while (to < bss_end) {
        *to++ = 0;
    }
    MTIMECMP[0] = 10000;
    MTIMECMP[1] = 0;
    __asm volatile(".option push\n\t.option arch, +zicsr\n\t"
                   "csrw mtvec, %0\n\tcsrw mie, %1\n\tcsrsi mstatus, 8\n\t"
                   ".option pop"
                   :
                   : "r"(trap), "r"(0x880)
                   : "memory");
    run();
    for (;;) {
    }
}

__attribute__((section(".vectors"), used, naked)) static void start(void)
{
    __asm volatile(".option push\n\t.option norelax\n\t"
                   "la gp, __global_pointer$\n\t.option pop\n\t"
                   "li sp, 0x20000400\n\tj %0"
                   :
                   : "i"(begin));
}
