/* SPDX-License-Identifier: MIT */

/*
 * Condition: wait, without the lock, until what it guards has changed. It is
 * asyncio.Condition.
 *
 *     static async_lock_t lock;
 *     static async_condition_t changed = ASYNC_CONDITION_INIT(&lock);
 *     ...
 *     ASYNC_WITH_LOCK(&self->guard, &lock) {
 *         AWAIT_CONDITION(self->wait, &changed, level < LOW);
 *         AWAIT_CALL(self->fill, fill);          (nobody else has the lock)
 *     }
 *     ...
 *     ASYNC_WITH_LOCK(&self->guard, &lock) {
 *         level -= amount;
 *         async_condition_notify_all(&changed);
 *     }
 *
 * A task keeps the CPU from one AWAIT to the next, so a condition is needed
 * only where the lock is: around what awaits. Else an event does (event.h), or
 * AWAIT_UNTIL. A limit on the wait is ASYNC_TIMEOUT (timeout.h); async_wait_for
 * takes no calls.
 */
#ifndef ASYNC_CONDITION_H
#define ASYNC_CONDITION_H

#include "async/lock.h"
#include "async/shield.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A condition; it needs ASYNC_CONDITION_INIT. 20 bytes on 32 bits. */
typedef struct async_condition async_condition_t;

/** Initialiser: `lock` is an async_lock_t *, which several conditions may
 *  share. */
#define ASYNC_CONDITION_INIT(lock)                                             \
    {                                                                          \
        {0, {0, {0}}}, lock, 0                                                 \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Release the lock, wait until notified, and acquire the lock:
 *
 *     AWAIT_CALL(self->wait, async_condition_wait, .condition = &changed);
 *
 * The task has the lock again whenever the call ends, also by an error, a
 * cancellation or a timeout; so that may take as long as others have the lock.
 * Between the notification and the lock others may have had it: look again, as
 * AWAIT_CONDITION does. 32 bytes on 32 bits.
 *
 *  condition  an async_condition_t *
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE, with a report, if the task has not
 * the lock, or the condition was not initialised. Cancel: the waiter is
 * unlinked; a notification that it had goes to the next; it is raised when the
 * task has the lock. Cost: O(1).
 */
struct async_condition_wait {
    ASYNC_FRAME;
    async_condition_t *condition;
    async_shield_t shield_;
    bool looked_;   /* go on if there was a notification since the look */
    bool released_; /* the lock, so it must be acquired again */
    bool notified_;
};
ASYNC_DECLARE(async_condition_wait);

/**
 * Wait until a predicate is true: `await condition.wait_for(predicate)`. It is
 * evaluated while the task has the lock: at once, and after each notification.
 * Of a notification from an interrupt between that and the wait nothing is
 * lost: it is evaluated again.
 *
 *  slot       a struct async_condition_wait in the frame
 *  condition  an async_condition_t *; evaluated several times
 *  predicate  an expression
 *
 * Context: task. Raises, Cancel: as async_condition_wait.
 */
#define ASYNC_AWAIT_CONDITION(slot, condition_, predicate)                     \
    do {                                                                       \
        while (!(async_condition_look_(condition_) && (predicate))) {          \
            ASYNC_AWAIT_CALL(slot, async_condition_wait,                       \
                             .condition = (condition_), .looked_ = true);      \
        }                                                                      \
    } while (0)

#ifndef ASYNC_NO_SHORT_NAMES
#define AWAIT_CONDITION(slot, condition_, predicate)                           \
    ASYNC_AWAIT_CONDITION(slot, condition_, predicate)
#endif

/* --- Signal (any context) ------------------------------------------------- */

/**
 * Notify up to `count` of the tasks that wait, those that have waited longest.
 * They go on one after the other as the lock becomes free. If nobody waits
 * nothing happens.
 *
 * Context: any. A task must have the lock; else it is reported and nothing
 * happens. Cost: O(count); interrupts are locked for O(1) at a time.
 */
void async_condition_notify(async_condition_t *condition, unsigned count);

/** The same for all that wait. */
void async_condition_notify_all(async_condition_t *condition);

/* --- Private part --------------------------------------------------------- */

struct async_condition {
    async_hand_t_ waiters_;
    async_lock_t *lock_;
    bool notified_; /* since the look of the task that has the lock */
};

bool async_condition_look_(async_condition_t *condition);

#ifdef __cplusplus
}
#endif

#endif
