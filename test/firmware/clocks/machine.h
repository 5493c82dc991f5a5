/* SPDX-License-Identifier: MIT */

/*
 * What the tests of the clocks ask of a machine: its clock, and a second timer
 * that has nothing to do with it.
 */
#ifndef TEST_FIRMWARE_CLOCKS_MACHINE_H
#define TEST_FIRMWARE_CLOCKS_MACHINE_H

#include <async/async.h>

#include "board.h"

/** Start the machine's clock without ticks, and open interrupts. */
async_clock_t *machine_clock(void);

/** Make machine_ticks tick, with the machine's timer for that, and open
 *  interrupts. */
void machine_tick(void);
extern async_tick_clock_t machine_ticks;

/** Start the second timer, and read it: nanoseconds. It must be read in each
 *  wake-up. */
void machine_reference_start(void);
uint64_t machine_reference(void);

/** Let an interrupt become pending, whose handler calls machine_handler(). */
void machine_pend(void);

/** The same, more urgent than what ASYNC_PORT_BASEPRI masks. */
void machine_pend_urgent(void);
void machine_handler(void);

/** The longest sleep without a deadline, and how far the clock may go wrong at
 *  each deadline: what the headers say, in nanoseconds. */
extern const uint64_t machine_longest_sleep;
extern const uint32_t machine_error;

/** From a deadline to the task, at most, in nanoseconds. */
extern const uint32_t machine_latency;

/** The reference is read in steps of so many ns. */
extern const uint32_t machine_step;

/** Cortex-M: what the second timer shows, and its rate, which is SysTick's. */
uint32_t machine_counts(void);
extern const uint32_t machine_megahertz;

#define check(condition) check_(condition, __LINE__, #condition)
void check_(bool holds, int line, const char *condition);
void print(const char *name, int32_t value);

#endif
