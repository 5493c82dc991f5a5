/* SPDX-License-Identifier: MIT */

/*
 * Lock: at most one task has it. It is asyncio.Lock.
 *
 *     static async_lock_t bus;                           (zero: free)
 *     ...
 *     ASYNC_WITH_LOCK(&self->guard, &bus) {
 *         AWAIT_CALL(self->transfer, i2c_transfer, .address = 0x48);
 *     }
 *
 * A task keeps the CPU from one AWAIT to the next, so a lock is needed only for
 * what lasts longer than that: a bus, a display, a file. Releasing gives the
 * lock to the task that has waited longest; nobody can come in between. It is
 * not recursive.
 */
#ifndef ASYNC_LOCK_H
#define ASYNC_LOCK_H

#include "async/hand.h"
#include "async/with.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A lock; all zero is a valid lock that is free. 16 bytes on 32 bits. */
typedef struct async_lock async_lock_t;

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until the lock is free, and take it.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE, with a report, if the task has the
 * lock already. Cancel: the waiter is unlinked; a lock that was just given to
 * it goes to the next. Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t async_lock_acquire(async_lock_t *lock);

/**
 * Run a block with the lock: `async with lock:`. It is acquired before the
 * block and released after it, however that is left: at its end, by break,
 * return, raise, cancellation or timeout.
 *
 *  guard  an async_with_t * in the frame
 *  lock   evaluated twice, so without side effects
 *
 * Context: task. Raises, Cancel: as async_lock_acquire, while it waits. It is
 * an AWAIT, so it stands on a line without another. With a limit on the wait:
 * ASYNC_WITH_WAIT (with.h).
 */
#define ASYNC_WITH_LOCK(guard, lock)                                           \
    ASYNC_WITH_WAIT(guard, async_lock_acquire(lock), async_lock_exit, lock)

/* --- Without waiting ------------------------------------------------------ */

/**
 * Take the lock if it is free.
 *
 * Context: task. Returns: 0, or ASYNC_ERR_EMPTY if it is taken (by the caller
 * itself, too). Cost: O(1).
 */
ASYNC_MUST_CHECK_ int async_lock_try_acquire(async_lock_t *lock);

/**
 * Release the lock; the task that has waited longest has it then.
 *
 * Context: the task that has it; from any other, and from an interrupt, it is
 * reported and nothing happens. Cost: O(1).
 */
void async_lock_release(async_lock_t *lock);

/** The same as an exit function, for ASYNC_WITH_WAIT. */
void async_lock_exit(void *lock);

/* --- Ask ------------------------------------------------------------------ */

/** The task that has the lock, or NULL. Context: any. */
const async_task_t *async_lock_owner(const async_lock_t *lock);

/** True if some task has it. Context: any. */
static inline bool async_lock_is_taken(const async_lock_t *lock)
{
    return async_lock_owner(lock) != NULL;
}

/* --- Private part --------------------------------------------------------- */

struct async_lock {
    async_hand_t_ waiters_;
    async_task_t *owner_;
};

#ifdef __cplusplus
}
#endif

#endif
