/* SPDX-License-Identifier: MIT */

/*
 * Semaphore: a number of permits. It is asyncio.Semaphore.
 *
 *     static async_semaphore_t buffers = ASYNC_SEMAPHORE_INIT(4);
 *     ...
 *     AWAIT(async_semaphore_acquire(&buffers));       (at most 4 come past)
 *     ...
 *     async_semaphore_release(&buffers);              (an interrupt may, too)
 *
 * Releasing gives the permit to the task that has waited longest; nobody can
 * come in between. A bounded semaphore reports a release too many.
 */
#ifndef ASYNC_SEMAPHORE_H
#define ASYNC_SEMAPHORE_H

#include "async/hand.h"
#include "async/with.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A semaphore; all zero is a valid one with no permits and no bound. 16 bytes
 *  on 32 bits. */
typedef struct async_semaphore async_semaphore_t;

/** Initialisers: `permits` are there at the start, 0 to 65535. A bounded one
 *  never has more than `bound`, 1 to 65535 (Python: the same number). */
#define ASYNC_SEMAPHORE_INIT(permits)                                          \
    {                                                                          \
        {0, {0, {0}}}, permits, 0                                              \
    }
#define ASYNC_BOUNDED_SEMAPHORE_INIT(permits, bound)                           \
    {                                                                          \
        {0, {0, {0}}}, permits, (bound) / ((bound) > 0)                        \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait for a permit, and take it.
 *
 * Context: task. Cancel: the waiter is unlinked; a permit that was just given
 * to it goes to the next. Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t
async_semaphore_acquire(async_semaphore_t *semaphore);

/**
 * Run a block with a permit: `async with semaphore:`. It is acquired before the
 * block and released after it, however that is left.
 *
 *  guard      an async_with_t * in the frame
 *  semaphore  evaluated twice, so without side effects
 *
 * Context: task. Cancel: as async_semaphore_acquire, while it waits. It is an
 * AWAIT, so it stands on a line without another.
 */
#define ASYNC_WITH_SEMAPHORE(guard, semaphore)                                 \
    ASYNC_WITH_WAIT(guard, async_semaphore_acquire(semaphore),                 \
                    async_semaphore_exit, semaphore)

/* --- Without waiting (any context) ---------------------------------------- */

/**
 * Take a permit if there is one.
 *
 * Context: any. Returns: 0, or ASYNC_ERR_EMPTY if there is none. Cost: O(1).
 */
ASYNC_MUST_CHECK_ int async_semaphore_try_acquire(async_semaphore_t *semaphore);

/**
 * Give a permit back, or a new one. One above the bound (65535 where there is
 * none) is reported, and dropped.
 *
 * Context: any. Cost: O(1).
 */
void async_semaphore_release(async_semaphore_t *semaphore);

/** The same as an exit function, for ASYNC_WITH_WAIT. */
void async_semaphore_exit(void *semaphore);

/* --- Ask ------------------------------------------------------------------ */

/** How many permits there are to take now. Context: any. */
unsigned async_semaphore_permits(const async_semaphore_t *semaphore);

/* --- Private part --------------------------------------------------------- */

struct async_semaphore {
    async_hand_t_ waiters_;
    uint16_t permits_; /* waiters: 0 */
    uint16_t bound_;   /* 0: none */
};

#ifdef __cplusplus
}
#endif

#endif
