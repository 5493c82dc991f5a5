/* SPDX-License-Identifier: MIT */

/*
 * What the sweep of the alarm needs of a machine: a counter, and an alarm that
 * comes where the counter is equal to it, as with many compare registers. One
 * that is set too late comes a period later.
 */
#ifndef TEST_SLEEP_ALARM_H
#define TEST_SLEEP_ALARM_H

#include <stdbool.h>
#include <stdint.h>

/** Start the counter, so that it is n instructions (on AVR: cycles) further
 *  than it would be with 0 when the program goes on. Interrupts are open. */
void machine_start(unsigned n);

/** As the counter clock wants them. */
uint32_t machine_read(void);
void machine_alarm(uint32_t count);

/** No interrupt comes any more. */
void machine_stop(void);

/* Bits of the counter. */
#if defined(__AVR__)
#define MACHINE_BITS 16
#elif defined(__riscv)
#define MACHINE_BITS 32
#else
#define MACHINE_BITS 24
#endif

/* Instructions or cycles in a count. */
#if !defined(MACHINE_STEPS_OF_COUNT)
#define MACHINE_STEPS_OF_COUNT 1
#endif

/* --- The program's -------------------------------------------------------- */

/* The alarm has come, in time, or a long time after the deadline. */
void sweep_alarm(void);
void sweep_watchdog(void);

#endif
