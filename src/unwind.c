/* SPDX-License-Identifier: MIT */

/*
 * Unwinding: how an error finds its way out of a coroutine.
 *
 * A firmware in which nothing raises is linked without it (core.h, errors_on).
 */
#include "core.h"

/* --- Unwind --------------------------------------------------------------- */

static bool catches_here(const async_coro_t *coro, int error)
{
    return (coro->state_ & ASYNC_TELL_) == ASYNC_CATCHING_ && error < 0 &&
           error != ASYNC_CANCELLING_;
}

/* A second error, in the cleanup, ends the frame; a return there keeps the
 * first. */
static void end_body(async_coro_t *coro, int error)
{
    bool in_cleanup = coro->error_ != 0;
    if (error < 0 || !in_cleanup) {
        coro->error_ = (int16_t)error;
    }
    coro->state_ = (uint16_t)(ASYNC_AT_FINALLY_ + in_cleanup);
}

/*
 * A scope has to wait: it stays, and from now on belongs to that wait, not to a
 * block around it (line 0); the coroutine then stands at its block, not at what
 * the body awaited last.
 */
static void stay(async_coro_t *scope, async_coro_t *coro)
{
    uint16_t line = scope->state_ & ASYNC_LINE_;
    scope->state_ = ASYNC_SCOPE_;
    async_here_.task_->leaf_ = coro;
    if (line != 0) {
        coro->state_ = line;
    }
}

/* Refused comes before all, a cancellation before what the hand has to say. */
static int settle(async_task_t *task)
{
    unsigned outcome =
        head_of(task)->state_ & (ASYNC_REFUSED_ | ASYNC_TASK_RAISE_);
    return async_settle_(task,
                         outcome > ASYNC_REFUSED_ ? ASYNC_REFUSED_ : outcome);
}

/* What the running task raises before it goes on: what it was told to, or what
 * it was woken with; 0: nothing. */
static int error_of(async_task_t *task)
{
    int error = task_has(task, ASYNC_TASK_HOLDS_)   ? settle(task)
                : task_has(task, ASYNC_TASK_LIMIT_) ? ASYNC_ERR_TIMEOUT
                                                    : 0;
    if (task_has(task, ASYNC_TASK_RAISE_)) {
        error = head_of(task)->error_;
    }
    task_clear(task, ASYNC_TASK_RAISE_ | ASYNC_TASK_LIMIT_);
    return error;
}

/*
 * The coroutine is left where it stands, by an error or (ASYNC_ENDED_WELL_) by
 * a return. First the scope of the operation itself that it waits for (line 0);
 * if that takes the error away (0), the coroutine goes on behind the AWAIT.
 * Then an AWAIT_CATCH catches. Then the scopes of the blocks.
 *
 * Then the body is over. The frame is resumed even if all it has left to do is
 * to end, so that unwinding needs neither recursion nor a loop of its own.
 */
async_coro_t *async_unwind_(async_coro_t *coro, int error)
{
    async_task_t *task = async_here_.task_;
    if (error == 0) {
        error = error_of(task);
        if (error != 0 && coro->state_ == ASYNC_IS_START_) {
            coro->error_ = ASYNC_ENDED_WELL_; /* it has nothing to clean up */
        }
    }
    hook_raise(task, coro, error);
    errors_on(task->loop_);
    while (error != 0) {
        async_coro_t *scope = scope_of(coro);
        if (scope == NULL || scope->state_ != ASYNC_SCOPE_) {
            if (catches_here(coro, error)) {
                task->loop_->caught_ = (int16_t)error;
                break;
            }
            if (scope == NULL) {
                end_body(coro, error);
                break;
            }
            coro->state_ &= ASYNC_LINE_;
        }
        async_coro_t *next = scope->link_.leave_(scope, coro, &error);
        if (next == coro) {
            coro->state_ = scope->state_; /* its label */
            error = 0;
        } else if (next != ASYNC_READY_) {
            stay(scope, coro);
            return next;
        }
        close_scope(scope, coro);
    }
    return coro;
}

async_coro_t *async_return_through_scopes_(async_coro_t *coro)
{
    return async_unwind_(coro, ASYNC_ENDED_WELL_);
}

async_coro_t *async_raise_(async_coro_t *coro, int error)
{
    if (MISUSE(error >= 0 || error < INT16_MIN || error == ASYNC_CANCELLING_)) {
        async_report_running_(ASYNC_REPORT_NOT_AN_ERROR);
        error = ASYNC_ERR_MISUSE;
    }
    return async_unwind_(coro, error);
}

int async_caught_(void)
{
    int error = async_here_.task_->loop_->caught_;
    async_here_.task_->loop_->caught_ = 0;
    return error;
}

async_wait_t async_fail_(int error)
{
    async_task_t *task = async_here_.task_;
    return (async_wait_t){async_unwind_(task->leaf_, error)};
}
