/* SPDX-License-Identifier: MIT */

/*
 * A stand-in for FreeRTOS: the few calls that docs/examples/rtos.c makes, under
 * their own names and with their own meaning, on a simulated processor with one
 * core and virtual time.
 *
 * Threads are those of the PC, of which one runs at a time. They change places
 * where the lock is open and a more urgent one is ready, as with the real
 * kernel: what FreeRTOS does between two instructions happens here at places,
 * before the lock closes, after it has opened, and in each call. Time passes
 * when all threads wait.
 *
 * It also refuses what the real kernel forbids: a call with the lock held,
 * unless it is a FromISR one.
 */
#ifndef FREERTOS_H
#define FREERTOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef long BaseType_t;
typedef unsigned long UBaseType_t;
typedef uint32_t TickType_t;
typedef uint32_t StackType_t;

#define pdFALSE            ((BaseType_t)0)
#define pdTRUE             ((BaseType_t)1)
#define portMAX_DELAY      ((TickType_t)0xffffffffUL)
#define configTICK_RATE_HZ 1000
#define pdMS_TO_TICKS(ms)  ((TickType_t)(ms))

BaseType_t xPortIsInsideInterrupt(void);
void portYIELD_FROM_ISR(BaseType_t more_urgent);

/* --- The simulated board: of the stand-in, not of FreeRTOS ---------------- */

/** An interrupt that comes at a tick. */
struct board_interrupt {
    TickType_t at;
    void (*handler)(void);
};

/** In the order of their ticks; the last has no handler and ends the run. */
extern const struct board_interrupt board_interrupts[];

/** Called where an interrupt can come, if not NULL. */
extern void (*board_open)(void);

/** Called when all threads wait, if not NULL. */
extern void (*board_idle)(void);

/** Run a handler now. */
void board_interrupt(void (*handler)(void));

/** Time passes while the processor is busy. */
void board_busy(TickType_t ticks);

#endif
