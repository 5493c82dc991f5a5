/* SPDX-License-Identifier: MIT */

/*
 * Timestamps of RISC-V: the cycles of the hart. ASYNC_TIMESTAMPS_PER_SECOND is
 * the processor's clock. Where the counter stands still in WFI, take the lower
 * word of mtime instead, and its rate.
 *
 * Source: The RISC-V Instruction Set Manual, Volume II: Privileged
 * Architecture (20211203), 3.1.10 "Hardware Performance Monitor".
 */
#include <async/timestamp.h>

uint32_t async_timestamp(const async_loop_t *loop)
{
    (void)loop;
    uint32_t cycles;
    __asm volatile(".option push\n\t.option arch, +zicsr\n\t"
                   "csrr %0, mcycle\n\t.option pop"
                   : "=r"(cycles));
    return cycles;
}
