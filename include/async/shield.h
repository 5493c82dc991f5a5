/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_SHIELD: a block that is not cancelled in the middle.
 *
 *     ASYNC_SHIELD(&self->shield) {
 *         AWAIT_CALL(self->erase, flash_erase, .page = 7);
 *         AWAIT_CALL(self->write, flash_write, .page = 7);
 *     }
 *
 * A cancellation of the task, or a timeout around the block, that comes while
 * the block runs waits until it has ended, and is raised there. Timeouts and
 * limits inside the block work as always, and so do errors. A task that is in a
 * shield for ever cannot be ended.
 *
 * (Python's shield() lets a separate task go on while the caller is cancelled
 * at once. Here that needs no word: spawn a task and join it; a join that is
 * cancelled leaves the joined task alone.)
 */
#ifndef ASYNC_SHIELD_H
#define ASYNC_SHIELD_H

#include "async/scope.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A shield, a member of the frame. 12 bytes on a 32-bit machine. */
typedef struct async_shield {
    async_coro_t scope_; /* error_: a cancellation waits for the end */
} async_shield_t;

/**
 * Run a block to its end before the task is cancelled. `break`, `continue`,
 * ASYNC_RETURN and ASYNC_RAISE may stand in it; `goto` must not leave it
 * (try.h).
 *
 *  shield  an async_shield_t * in the frame
 *
 * Context: task. Cancel: kept until the end of the block, raised there instead
 * of anything else that the block is left by; an error is then reported
 * (ASYNC_REPORT_ERROR_NOT_TAKEN). Cost: O(1).
 */
#define ASYNC_SHIELD(shield)                                                   \
    for (async_shield_enter_(shield, &self->coro, __LINE__);                   \
         (shield)->scope_.state_ != 0;)                                        \
        if (!async_scope_is_fresh_(&(shield)->scope_)) {                       \
            ASYNC_NEXT_ = async_shield_end_(shield, &self->coro).awaitable_;   \
            if (ASYNC_NEXT_ != ASYNC_READY_) {                                 \
                return ASYNC_NEXT_;                                            \
            }                                                                  \
        } else                                                                 \
            for (; async_scope_once_(&(shield)->scope_);)

/* --- Private part --------------------------------------------------------- */

void async_shield_enter_(async_shield_t *shield, async_coro_t *coro,
                         unsigned line);
async_wait_t async_shield_end_(async_shield_t *shield, async_coro_t *coro);

#ifdef __cplusplus
}
#endif

#endif
