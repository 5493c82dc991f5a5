/* SPDX-License-Identifier: MIT */

/*
 * Barrier: a number of tasks wait for each other. It is asyncio.Barrier.
 *
 *     static async_barrier_t ready = ASYNC_BARRIER_INIT(3);
 *     ...
 *     AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &ready);
 *     if (self->wait.result == 0) { ... }       (one of the three)
 *
 * The last of them to come goes on at once and wakes the others; the barrier
 * then serves the next time. If one of them fails, it aborts the barrier, and
 * the others do not wait for ever.
 */
#ifndef ASYNC_BARRIER_H
#define ASYNC_BARRIER_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A barrier; it needs ASYNC_BARRIER_INIT. 16 bytes on 32 bits. */
typedef struct async_barrier async_barrier_t;

/** Initialiser: `parties` tasks are waited for, 1 to 65535. */
#define ASYNC_BARRIER_INIT(parties)                                            \
    {                                                                          \
        {0, {0}}, parties, 0, 0, 0                                             \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until as many tasks wait as the barrier has parties:
 *
 *     AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &ready);
 *
 * The result is different for each of them, 0 to parties - 1: those that waited
 * in the order they came, from 0 on, and the last to come parties - 1. A limit
 * is ASYNC_TIMEOUT (timeout.h); async_wait_for takes no calls. 24 bytes on 32
 * bits.
 *
 *  barrier  an async_barrier_t *
 *
 * Context: task. Raises: ASYNC_ERR_BROKEN if the barrier is broken, or is
 * aborted or reset while the task waits; ASYNC_ERR_MISUSE, with a report, if it
 * was not initialised. Cancel: the waiter is unlinked and, from its next step
 * on, not counted; the barrier waits for one more. If all had come already, the
 * others go on. Cost: O(1); for the last to come O(parties), interrupts are
 * locked for O(1) at a time.
 */
struct async_barrier_wait {
    ASYNC_FRAME;
    unsigned result;
    async_barrier_t *barrier;
    uint16_t turn_;
    bool counted_;
    bool broken_;
};
ASYNC_DECLARE(async_barrier_wait);

/* --- Signal (any context) ------------------------------------------------- */

/**
 * Break the barrier: all that wait raise ASYNC_ERR_BROKEN, and so do all who
 * come, until async_barrier_reset.
 *
 * Context: any. Cost: O(waiters); interrupts are locked for O(1) at a time.
 */
void async_barrier_abort(async_barrier_t *barrier);

/**
 * Begin anew: all that wait raise ASYNC_ERR_BROKEN, who comes then waits for
 * the full number. A barrier that was broken is so no more.
 *
 * Context: any. Cost: as async_barrier_abort.
 */
void async_barrier_reset(async_barrier_t *barrier);

/* --- Ask ------------------------------------------------------------------ */

/** How many wait now, 0 to parties - 1. Context: any. */
unsigned async_barrier_waiting(const async_barrier_t *barrier);

/** How many are waited for. Context: any. */
unsigned async_barrier_parties(const async_barrier_t *barrier);

/** True from an abort to the next reset. Context: any. */
bool async_barrier_is_broken(const async_barrier_t *barrier);

/* --- Private part --------------------------------------------------------- */

struct async_barrier {
    async_link_t_ waiters_;
    uint16_t parties_;
    uint16_t waiting_;
    uint16_t turn_; /* counts how often it was filled, aborted or reset */
    bool broken_;
};

#ifdef __cplusplus
}
#endif

#endif
