/* SPDX-License-Identifier: MIT */

/*
 * Virtual clock: time that passes only when the loop has nothing else to do.
 *
 * Where a real clock would sleep, this one jumps to the next deadline, so a
 * day of firmware runs in a millisecond, the same way every time. When nothing
 * is ready and no deadline is left, no real event can come either: that is a
 * deadlock, and async_run reports it.
 *
 *     async_virtual_clock_t clock;
 *     async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
 *
 * Interrupts can be part of the script: async_virtual_interrupt_at() calls a
 * function at a time, in interrupt context, as a device would.
 */
#ifndef ASYNC_VIRTUAL_CLOCK_H
#define ASYNC_VIRTUAL_CLOCK_H

#include "async/clock.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct async_virtual_clock async_virtual_clock_t;
typedef struct async_virtual_interrupt async_virtual_interrupt_t;

/**
 * Prepare a clock that shows `start`, for instance a few ticks before the wrap.
 *
 * Returns: the clock, for async_loop_init. Context: init.
 */
async_clock_t *async_virtual_clock_init(async_virtual_clock_t *clock,
                                        async_time_t start);

/**
 * Let time pass while a task runs, as work that takes long does.
 *
 * Interrupts that fall due meanwhile come when the loop next looks at the
 * clock. Context: the loop's thread.
 */
void async_virtual_clock_advance(async_virtual_clock_t *clock,
                                 async_ticks_t ticks);

/**
 * Call `handler(context)` when the clock comes to `time`, in interrupt
 * context: no task is running. Interrupts of the same time come in the order
 * in which they were asked for.
 *
 *  interrupt  yours, and not used for anything else until it has happened; one
 *             that is still to come is moved
 *
 * Context: the loop's thread, from tasks, handlers and outside.
 * Cost: O(interrupts to come).
 */
void async_virtual_interrupt_at(async_virtual_clock_t *clock,
                                async_virtual_interrupt_t *interrupt,
                                async_time_t time, void (*handler)(void *),
                                void *context);

/**
 * Take an interrupt back that is still to come, as a device does that is told
 * to stop.
 *
 * Context: as async_virtual_interrupt_at. Returns: false if it was not to come.
 */
bool async_virtual_interrupt_cancel(async_virtual_clock_t *clock,
                                    async_virtual_interrupt_t *interrupt);

/* --- Private part -------------------------------------------------------- */

struct async_virtual_interrupt {
    async_virtual_interrupt_t *next_;
    async_time_t time_;
    void (*handler_)(void *);
    void *context_;
};

struct async_virtual_clock {
    async_clock_t clock_;
    async_time_t now_;
    async_virtual_interrupt_t *interrupts_; /* the next one first */
};

#ifdef __cplusplus
}
#endif

#endif
