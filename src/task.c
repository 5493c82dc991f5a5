/* SPDX-License-Identifier: MIT */

/*
 * Tasks: spawn and the end.
 */
#include "async/task.h"

#include "core.h"

ASYNC_COLD_ static void report_task(async_report_kind_t kind,
                                    const async_task_t *task)
{
    async_report_(kind, task->leaf_, task, task->timer_.head_.error_);
}

/* --- Create --------------------------------------------------------------- */

/* Only the ready queue is touched, so that interrupts may spawn too; the loop
 * gets to know the task in its first step, unless it still does. */
ASYNC_NOINLINE_ void async_spawn(async_loop_t *loop, async_task_t *task,
                                 async_coro_t *coro)
{
    if (MISUSE(task_is_alive(task))) {
        report_task(ASYNC_REPORT_TASK_REUSED, task);
        return;
    }
    if (MISUSE(coro->state_ != 0 || coro->link_.resume_ == NULL)) {
        async_report_misuse_(coro, task);
        return;
    }
    if (MISUSE(task_has(task, ASYNC_TASK_UNTAKEN_))) {
        report_task(ASYNC_REPORT_ERROR_NOT_TAKEN, task);
        if (task->loop_ != loop) {
            async_take_error_(task);
        }
    }
    unsigned untaken =
        ASYNC_REPORTS ? head_of(task)->state_ & ASYNC_TASK_UNTAKEN_ : 0;
    coro->state_ = ASYNC_IS_START_;
    head_of(task)->state_ =
        (uint16_t)(ASYNC_TASK_ALIVE_ | ASYNC_TASK_NEW_ | untaken);
    head_of(task)->link_.prev_ = NULL;
    task->leaf_ = coro;
    task->loop_ = loop;
    async_port_state_t state = async_port_lock();
    hook_spawn(task);
    async_ready_push_(task);
    async_port_unlock(state);
}

/* --- End ------------------------------------------------------------------ */

/* As the program sees it. A task that cancelled itself and then ended well
 * without an AWAIT that pauses has ended by the cancellation. */
static int final_error(const async_task_t *task, const async_coro_t *root)
{
    int error = root->error_;
    if (error >= 0) {
        error = task_has(task, ASYNC_TASK_RAISE_) ? task->timer_.head_.error_
                                                  : ASYNC_OK;
    }
    return error == ASYNC_CANCELLING_ ? ASYNC_ERR_CANCELLED : error;
}

void async_task_end_(async_task_t *task, async_coro_t *root)
{
    if (ASYNC_SHORT_CUTS_ && task->loop_->errors_ != NULL) {
        task->loop_->attention_ = true; /* async_run's, if it waits for it */
    }
    unsigned state = ASYNC_TASK_ALIVE_ | ASYNC_TASK_DONE_;
    if (MISUSE(task_is_linked(task))) {
        async_end_wait_(task);
    }
    int error = final_error(task, root);
    bool untaken = async_stays_untaken_(error);
    if (task->loop_->tell_end_ != NULL &&
        task->loop_->tell_end_(task, root, error) != NULL) {
        untaken = false;
    }
    if (untaken) {
        state |= ASYNC_TASK_UNTAKEN_; /* the loop still knows it */
    } else {
        async_untimed_remove_(task);
    }
    hook_end(task, root, error);
    root->state_ = ASYNC_IS_DONE_;
    root->error_ = head_of(task)->error_ = (int16_t)error;
    async_here_.task_ = NULL; /* from now on its memory may have another use */
    head_of(task)->state_ = (uint16_t)state;
}

#if ASYNC_REPORTS

/* Those that were woken with the error, if any, have nothing to take: join.c */
static void end_ring(async_task_t *task)
{
    async_task_t *one = task;
    while (one != NULL) {
        async_task_t *next = one->timer_.node_.joined_;
        one->timer_.node_.joined_ = NULL;
        one = next;
    }
}

/* Under the lock, for an interrupt may spawn the task anew. */
void async_take_error_(async_task_t *task)
{
    async_port_state_t state = async_brief_lock_();
    bool untaken = async_task_done(task) && task_has(task, ASYNC_TASK_UNTAKEN_);
    if (untaken) {
        task_clear(task, ASYNC_TASK_UNTAKEN_);
    }
    async_brief_unlock_(state);
    if (untaken) {
        async_untimed_remove_(task);
        end_ring(task);
    }
}

#endif

/* --- Ask ------------------------------------------------------------------ */

bool async_task_done(const async_task_t *task)
{
    return task_has(task, ASYNC_TASK_DONE_);
}

int async_task_error(async_task_t *task)
{
    if (!async_task_done(task)) {
        return 0;
    }
    async_take_error_(task);
    return head_of(task)->error_;
}

bool async_task_cancelling(const async_task_t *task)
{
    return task_is_alive(task) && task_has(task, ASYNC_TASK_CANCEL_);
}

const async_coro_t *async_task_coro(const async_task_t *task)
{
    return task->leaf_;
}
