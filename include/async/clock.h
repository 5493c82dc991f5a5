/* SPDX-License-Identifier: MIT */

/*
 * The clock contract: what a loop asks of the machine.
 *
 * A clock tells the time and sleeps. Every loop is given one. Ready-made:
 *
 *   tick_clock.h      a periodic interrupt counts the ticks
 *   counter_clock.h   a counter and an alarm: no interrupt but for deadlines
 *   port/<machine>.h  the machine's own timer as such a counter
 *   port/posix.h      async_posix_clock(), for PCs
 *   virtual_clock.h   for tests
 *
 * Your own has an async_clock_t as its first member.
 */
#ifndef ASYNC_CLOCK_H
#define ASYNC_CLOCK_H

#include "async/time.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct async_clock async_clock_t;
typedef struct async_loop async_loop_t;

struct async_clock {
    const struct async_clock_ops *ops; /* may be in flash */
};

/** What a clock does; functions that are not given are NULL. */
typedef struct async_clock_ops {
    /**
     * The time in ticks. It never goes back, and wraps at ASYNC_TICK_BITS.
     * Context: the loop's thread, at most a few times in a round.
     */
    async_time_t (*now)(async_clock_t *clock);

    /**
     * Sleep until `*deadline` (NULL: no deadline) or until an interrupt.
     *
     * Called with interrupts locked and nothing ready. It must return when an
     * interrupt is pending already, or becomes pending, whether or not it lets
     * the interrupt in; it may return early for no reason. That closes the gap
     * between "nothing is ready" and "asleep".
     *
     *  polling  some task stands at AWAIT_UNTIL and wants to look again soon:
     *           return at once, or after a short time
     *
     * Returns: false if nothing can ever wake it again, a deadlock.
     */
    bool (*sleep)(async_clock_t *clock, const async_time_t *deadline,
                  bool polling);

    /**
     * What the loop calls when sleep() returned false: async_deadlock (loop.h).
     * NULL if it never does.
     */
    void (*deadlock)(async_loop_t *loop);

    /**
     * The loop has work again: see to it that it runs. NULL where every
     * interrupt wakes it, as it does in the main program of a machine. A loop
     * that runs in an interrupt pends that interrupt here; one that runs in a
     * thread of an RTOS wakes its thread.
     *
     * Called whenever a task becomes ready, by a step of the loop itself, too;
     * and by async_poll if one is ready at its end.
     * Context: any, with interrupts locked.
     */
    void (*pend)(async_clock_t *clock);

    /**
     * Look for work that comes without an interrupt; may wake tasks. Called at
     * the beginning of each round. NULL: there is none.
     */
    void (*look)(async_clock_t *clock);
} async_clock_ops_t;

#ifdef __cplusplus
}
#endif

#endif
