/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TRY: catch errors of a block, calls included.
 *
 *     ASYNC_TRY(&self->attempt) {
 *         AWAIT_CALL(self->read, i2c_read, .address = 0x48);
 *     }
 *     if (async_try_error(&self->attempt) == -EIO) { ... }
 *
 * An error raised in the block, or in anything it awaits, ends the block and
 * the program goes on behind it. A cancellation of the task, and a timeout
 * around the block, pass through: they are for those who sent them.
 *
 * `break` and `continue` leave the block; ASYNC_RETURN and ASYNC_RAISE may
 * stand in it. Do not leave it by `goto`: for the library what follows is still
 * in the block, so errors behind it are caught there. That is reported when the
 * same block is entered again, when one around it is left, or at ASYNC_END.
 * As the branch of an `if` a block wants braces around it; compilers say so.
 * To catch around one wait, AWAIT_CATCH is shorter and needs no scope.
 */
#ifndef ASYNC_TRY_H
#define ASYNC_TRY_H

#include "async/scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A try scope, a member of the frame. 12 bytes on a 32-bit machine. */
typedef struct async_try {
    async_coro_t scope_;
} async_try_t;

/** Run a block and catch its errors. `attempt` is an async_try_t * in the
 *  frame. Context: task. Cost: O(1) to enter and to leave. */
#define ASYNC_TRY(attempt)                                                     \
    ASYNC_SCOPE_BLOCK_(&(attempt)->scope_,                                     \
                       async_try_enter_(attempt, &self->coro, __LINE__),       \
                       async_scope_leave_(&(attempt)->scope_, &self->coro))

/** The error that the last run of the block ended with; 0 if none. */
static inline int async_try_error(const async_try_t *attempt)
{
    return attempt->scope_.error_;
}

/* --- Private part -------------------------------------------------------- */

void async_try_enter_(async_try_t *attempt, async_coro_t *coro, unsigned line);

#ifdef __cplusplus
}
#endif

#endif
