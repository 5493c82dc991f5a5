/* SPDX-License-Identifier: MIT */

/*
 * What the examples use of a board: its clock, two LEDs, a button.
 *
 *   board_mps2.c        Arm MPS2, AN385: Cortex-M3 (QEMU mps2-an385)
 *   board_virt.c        QEMU virt: RV32; its button is a word of memory
 *   board_atmega2560.c  ATmega2560
 */
#ifndef BOARD_H
#define BOARD_H

#include <async/clock.h>
#include <async/event.h>

#include <stdbool.h>

/** Start the timer and the LEDs, and open interrupts. Context: init.
 *  Returns: a clock without ticks, for the loop. */
async_clock_t *board_start(void);

/** Switch an LED, 0 or 1. Context: task. */
void board_led(int led, bool on);

/** Let the button interrupt. Context: init. */
void board_button_start(void);

/** The button's contact now, bounces and all. Context: task. */
bool board_button_is_down(void);

/** Set by the button's interrupt, each time the contact has changed. */
extern async_event_t board_button_changed;

#endif
