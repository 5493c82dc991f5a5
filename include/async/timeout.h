/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TIMEOUT: a time limit on a block, calls included.
 *
 *     ASYNC_TIMEOUT(&self->limit, ASYNC_MS(50)) {
 *         AWAIT_CALL(self->reset, sensor_reset);
 *         AWAIT_CALL(self->read, sensor_read);
 *     }
 *     if (async_timeout_expired(&self->limit)) { ... }
 *
 * When the time is up, what stands in the block is cancelled: cleanup of the
 * calls in it runs, and the program goes on behind the block. Whether the
 * block ended or was ended, async_timeout_expired() tells. (Python's
 * timeout() raises TimeoutError there; raise ASYNC_ERR_TIMEOUT if you want
 * that, or use ASYNC_FAIL_AFTER.) Timeouts nest; when two have expired at once,
 * the program goes on behind the outer one; both have expired then. A
 * cancellation of the task wins over both. When the time is up in the very tick
 * in which the wait ends, the block is ended; async_wait_for sees it the other
 * way round.
 *
 * `break` and `continue` leave the block; ASYNC_RETURN and ASYNC_RAISE may
 * stand in it, `goto` must not leave it (try.h). A limit on one wait is cheaper
 * with async_wait_for (time.h).
 */
#ifndef ASYNC_TIMEOUT_H
#define ASYNC_TIMEOUT_H

#include "async/scope.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A timeout scope, a member of the frame. 36 bytes on a 32-bit machine. */
typedef struct async_timeout {
    async_timer_t_ timer_;
    async_task_t *task_;
    bool lets_pass_; /* a cancellation that somebody farther out asked for */
    bool raises_;    /* ASYNC_ERR_TIMEOUT, instead of going on */
} async_timeout_t;

/**
 * Run a block for at most `ticks`; ASYNC_FOREVER sets no limit (yet).
 *
 * Context: task. Cancel: as the wait where the block stands; the timer is
 * unlinked. Cost: O(1) to enter, O(log n) amortised to leave, n running timers.
 * A duration beyond ASYNC_TICKS_MAX is reported, and expires at once.
 */
#define ASYNC_TIMEOUT(timeout, ticks)                                          \
    ASYNC_SCOPE_BLOCK_(                                                        \
        &(timeout)->timer_.head_,                                              \
        async_timeout_enter_(timeout, &self->coro, __LINE__, ticks),           \
        async_timeout_leave_(timeout, &self->coro))

/** The same up to a time on the loop's clock; one that has passed expires in
 *  the next round. */
#define ASYNC_TIMEOUT_AT(timeout, time)                                        \
    ASYNC_SCOPE_BLOCK_(                                                        \
        &(timeout)->timer_.head_,                                              \
        async_timeout_enter_at_(timeout, &self->coro, __LINE__, time),         \
        async_timeout_leave_(timeout, &self->coro))

/**
 * The same as ASYNC_TIMEOUT, but an expiry is raised as ASYNC_ERR_TIMEOUT where
 * the program would go on behind the block: asyncio.timeout().
 */
#define ASYNC_FAIL_AFTER(timeout, ticks)                                       \
    ASYNC_SCOPE_BLOCK_(                                                        \
        &(timeout)->timer_.head_,                                              \
        async_timeout_enter_failing_(timeout, &self->coro, __LINE__, ticks),   \
        async_timeout_leave_(timeout, &self->coro))

/** True if the time was up while the block waited; stays so until the block is
 *  entered again. A block that ran late without waiting any more has not
 *  expired. Context: the loop's thread. */
static inline bool async_timeout_expired(const async_timeout_t *timeout)
{
    return timeout->timer_.head_.error_ == ASYNC_ERR_TIMEOUT;
}

/**
 * Give the open block another limit, `ticks` from now; ASYNC_FOREVER takes the
 * limit away.
 *
 * Context: task of the same loop. Returns: false if the block is not open or
 * has expired already; nothing is changed then.
 */
bool async_timeout_reschedule(async_timeout_t *timeout, async_ticks_t ticks);

/** The same up to a time on the loop's clock. */
bool async_timeout_reschedule_at(async_timeout_t *timeout, async_time_t time);

/* --- Private part -------------------------------------------------------- */

void async_timeout_enter_(async_timeout_t *timeout, async_coro_t *coro,
                          unsigned line, async_ticks_t ticks);
void async_timeout_enter_failing_(async_timeout_t *timeout, async_coro_t *coro,
                                  unsigned line, async_ticks_t ticks);
void async_timeout_enter_at_(async_timeout_t *timeout, async_coro_t *coro,
                             unsigned line, async_time_t time);
void async_timeout_leave_(async_timeout_t *timeout, async_coro_t *coro);

#ifdef __cplusplus
}
#endif

#endif
