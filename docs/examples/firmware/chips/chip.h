/* SPDX-License-Identifier: MIT */

/* What the program uses of a chip: each of the *.c beside this has it. */
#ifndef CHIP_H
#define CHIP_H

#include <async/clock.h>

#include <stdbool.h>

/** Start the chip, and open interrupts. Returns: its clock, for the loop. */
async_clock_t *chip_start(void);

/** The LED; here a word on the UART, which an emulator shows. */
void chip_led(bool on);

/** Where main has nothing to return to. */
void chip_stop(void);

#endif
