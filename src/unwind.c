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

/*
 * Leave the innermost scope. Returns ASYNC_READY_ if that is done. If the scope
 * has to wait, it stays, and from now on belongs to that wait, not to a block
 * around it (line 0); the coroutine then stands at its block, not at what the
 * body awaited last.
 */
static async_coro_t *leave_scope(async_coro_t *coro, async_coro_t *scope,
                                 int *error)
{
    uint16_t line = scope->state_ & ASYNC_LINE_;
    set_outward(coro, scope->link_.next_);
    scope->state_ = 0;
    async_coro_t *next = scope->link_.leave_(scope, coro, error);
    if (next == ASYNC_READY_) {
        return next;
    }
    if (next == coro) {
        line |= ASYNC_SCOPE_; /* its label */
    } else {
        scope->state_ = ASYNC_SCOPE_;
        set_outward(scope, coro->link_.next_); /* who joined may be gone */
        set_outward(coro, &scope->link_);
        async_here_.task_->leaf_ = coro;
    }
    if (line != 0) {
        coro->state_ = line;
    }
    return next;
}

/*
 * The coroutine is left where it stands, by an error or (ASYNC_ENDED_WELL_) by
 * a return. First the scope of the operation itself that it waits for (line 0);
 * if that takes the error away (0), the coroutine goes on behind the AWAIT.
 * Then an AWAIT_CATCH catches. Then the scopes of the blocks.
 *
 * Then the body is over. A second error, in the cleanup, ends the frame; a
 * return there keeps the first. The frame is resumed even if all it has left to
 * do is to end, so that unwinding needs neither recursion nor a loop of its
 * own.
 */
async_coro_t *async_unwind_(async_coro_t *coro, int error)
{
    async_coro_t *scope;
    hook_raise(async_here_.task_, coro, error);
    errors_on(async_here_.task_->loop_);
    while ((scope = scope_of(coro)) != NULL) {
        if (scope->state_ != ASYNC_SCOPE_) {
            if (catches_here(coro, error)) {
                break;
            }
            coro->state_ &= (uint16_t)~ASYNC_CATCHING_;
        }
        async_coro_t *next = leave_scope(coro, scope, &error);
        if (next != ASYNC_READY_) {
            return next;
        }
        if (error == 0) {
            return coro;
        }
    }
    if (catches_here(coro, error)) {
        async_here_.task_->loop_->caught_ = (int16_t)error;
        return coro;
    }
    bool in_cleanup = coro->error_ != 0;
    coro->state_ = in_cleanup ? ASYNC_AT_END_ : ASYNC_AT_FINALLY_;
    if (error < 0 || !in_cleanup) {
        coro->error_ = (int16_t)error;
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

/* Refused comes before all, a cancellation before what the hand has to say. */
static int settle(async_task_t *task)
{
    unsigned outcome = head_of(task)->state_ & ASYNC_REFUSED_;
    if (outcome == 0) {
        outcome = head_of(task)->state_ & ASYNC_TASK_RAISE_;
    }
    return async_settle_(task, outcome);
}

/* What the task ends with, as the program sees it. One that cancelled itself
 * and then ended well without an AWAIT that pauses has ended by the
 * cancellation. */
static void conclude(const async_task_t *task, async_coro_t *root)
{
    task->loop_->attention_ = true; /* async_run's, if it waits for this one */
    bool cancelled = root->error_ >= 0 && task_has(task, ASYNC_TASK_RAISE_);
    root->error_ = (int16_t)public_error(cancelled ? task->timer_.head_.error_
                                                   : root->error_);
}

async_coro_t *async_error_(async_coro_t *coro, int error)
{
    async_task_t *task = async_here_.task_;
    if (error == ASYNC_CONCLUDES_) {
        conclude(task, coro);
        return NULL;
    }
    if (error == 0) {
        int settled = task_has(task, ASYNC_TASK_HOLDS_)   ? settle(task)
                      : task_has(task, ASYNC_TASK_LIMIT_) ? ASYNC_ERR_TIMEOUT
                                                          : 0;
        task_clear(task, ASYNC_TASK_LIMIT_);
        error = async_take_raise_(task);
        error = error == 0 ? settled : error;
        if (error != 0 && coro->state_ == ASYNC_IS_START_) {
            coro->error_ = ASYNC_ENDED_WELL_; /* it has nothing to clean up */
        }
    }
    return error == 0 ? coro : async_unwind_(coro, error);
}

async_wait_t async_fail_(int error)
{
    async_task_t *task = async_here_.task_;
    return (async_wait_t){async_unwind_(task->leaf_, error)};
}
