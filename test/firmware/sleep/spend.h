/* SPDX-License-Identifier: MIT */

/*
 * Cortex-M: a delay that is counted in instructions.
 */
#ifndef SPEND_H
#define SPEND_H

/* n instructions more for n more. */
static inline void spend(unsigned n)
{
    if (n & 1) {
        __asm volatile("nop");
    }
    for (n /= 2; n > 0;) {
        __asm volatile(".syntax unified\n1:\tsubs %0, #1\n\tbne 1b"
                       : "+l"(n)
                       :
                       : "cc");
    }
}

#endif
