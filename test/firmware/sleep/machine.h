/* SPDX-License-Identifier: MIT */

/*
 * What the sweep needs of a machine: an interrupt after a chosen number of
 * instructions, and another one long after it.
 */
#ifndef TEST_SLEEP_MACHINE_H
#define TEST_SLEEP_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* An instruction's address, in the machine's own unit. */
#if defined(__AVR__)
typedef uint16_t place_t;
#else
typedef uint32_t place_t;
#endif

/** Open interrupts, before the loop runs. */
void machine_start(void);

/**
 * Let sweep_interrupt() be called once, MACHINE_REACH - n instructions (on AVR:
 * cycles) from about now, and sweep_watchdog() long after it.
 */
void machine_arm(unsigned n);

/** Neither is called any more. */
void machine_disarm(void);

/** True if the sleep instruction stands there. */
bool machine_is_sleep(place_t place);

/* More than it takes from machine_arm() to the sleep instruction. */
#if defined(__AVR__)
#define MACHINE_REACH 2400u
#else
#define MACHINE_REACH 800u
#endif

/* --- The program's -------------------------------------------------------- */

/* The interrupt; where it cut in. */
void sweep_interrupt(place_t place);

/* Nothing has stopped the machine's timer for a long time. */
void sweep_watchdog(void);

#endif
