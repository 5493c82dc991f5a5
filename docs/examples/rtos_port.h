/* SPDX-License-Identifier: MIT */

/*
 * Port of libasync to a program with FreeRTOS on Cortex-M: its interrupt lock
 * is the kernel's own. ASYNC_PORT_HEADER names this file.
 *
 * The FROM_ISR macros keep what was masked before, so they nest, serve threads
 * too, and a FromISR function inside does not open the lock.
 */
#ifndef RTOS_PORT_H
#define RTOS_PORT_H

#include "FreeRTOS.h"
#include "task.h"

typedef UBaseType_t async_port_state_t;

#define ASYNC_PORT_OPEN         0 /* nothing is masked */
#define ASYNC_PORT_THREAD_LOCAL   /* one thread runs a loop */

/* The thread that runs the loop. */
extern TaskHandle_t async_thread;

static inline async_port_state_t async_port_lock(void)
{
    return taskENTER_CRITICAL_FROM_ISR();
}

static inline void async_port_unlock(async_port_state_t state)
{
    taskEXIT_CRITICAL_FROM_ISR(state);
}

/* For the library's own clocks, which are not in use here. */
static inline void async_port_sleep(void)
{
}

/* Handlers and the other threads cut into the loop's thread, and are not its
 * task. */
static inline unsigned async_port_context(void)
{
    return !xPortIsInsideInterrupt() &&
           xTaskGetCurrentTaskHandle() == async_thread;
}

#endif
