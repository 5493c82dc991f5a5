/* SPDX-License-Identifier: MIT */

/*
 * Assembler text with CSR instructions. The assembler wants to be told that
 * there are some; -march=rv32imac_zicsr would tell it, too, and link the C
 * library of another instruction set.
 */
#ifndef TEST_FIRMWARE_CSR_H
#define TEST_FIRMWARE_CSR_H

#define CSR(text)                                                              \
    ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

#endif
