/* SPDX-License-Identifier: MIT */

/*
 * async_wait: look at the tasks again whenever some task has ended.
 *
 * That needs no memory for each task waited for, which may be in a group, be
 * joined, and be waited for by others at the same time.
 */
#include "async/wait.h"

#include "core.h"

static bool is_done(async_task_t *task)
{
    return !task_is_alive(task);
}

static bool has_failed(async_task_t *task)
{
    int error = task->timer_.head_.error_;
    return async_task_done(task) && error < 0 && error != ASYNC_ERR_CANCELLED;
}

static unsigned count_if(const struct async_wait *wait,
                         bool (*condition)(async_task_t *task))
{
    unsigned count = 0;
    for (unsigned i = 0; i < wait->count; i++) {
        count += condition(wait->tasks[i]) ? 1 : 0;
    }
    return count;
}

static bool is_over(struct async_wait *wait)
{
    wait->result = count_if(wait, is_done);
    return wait->result == wait->count ||
           (wait->until == ASYNC_FIRST_DONE && wait->result > 0) ||
           (wait->until == ASYNC_FIRST_ERROR && count_if(wait, has_failed) > 0);
}

/* On another loop, or the calling task itself. */
static bool is_wrong(async_task_t *task)
{
    return task_is_alive(task) && (task->loop_ != async_here_.task_->loop_ ||
                                   task == async_here_.task_);
}

/* False, with a report, if the loop would never know. */
static bool is_right(const struct async_wait *wait)
{
    if (count_if(wait, is_wrong) > 0) {
        async_report_running_(ASYNC_REPORT_JOIN);
        return false;
    }
    return !async_is_too_long_(wait->limit);
}

/* In place of async_tell_end_. */
static async_watcher_t_ *tell_all(async_task_t *task, async_coro_t *root,
                                  int error)
{
    async_watcher_t_ *watcher = async_tell_end_(task, root, error);
    async_wake_all_(&task->loop_->ended_);
    return watcher;
}

static async_wait_t any_end(void)
{
    async_waiting_task_();
    async_here_.task_->loop_->tell_end_ = tell_all;
    return async_wait_in_(&async_here_.task_->loop_->ended_);
}

/* The rest of the limit; 0 when it has passed. */
static async_ticks_t ticks_left(const struct async_wait *wait)
{
    async_time_t now = async_now();
    return wait->limit == 0 ? ASYNC_FOREVER
           : async_time_before(now, wait->deadline_)
               ? (async_ticks_t)(wait->deadline_ - now)
               : 0;
}

ASYNC(async_wait)
{
    ASYNC_BEGIN();
    if (!is_right(self)) {
        ASYNC_RAISE(ASYNC_ERR_MISUSE);
    }
    if (self->limit == ASYNC_FOREVER) {
        self->limit = 0;
    }
    self->deadline_ = (async_time_t)(async_now() + self->limit);
    while (!is_over(self) && ticks_left(self) != 0) {
        int error;
        AWAIT_CATCH(error, async_wait_for(any_end(), ticks_left(self)));
        (void)error; /* the limit: it is looked at again */
    }
    ASYNC_END();
}
