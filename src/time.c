/* SPDX-License-Identifier: MIT */

/*
 * Sleeping: the task's own timer.
 */
#include "async/time.h"

#include "core.h"

async_time_t async_now(void)
{
    if (MISUSE(async_current_task() == NULL)) {
        async_report_running_(ASYNC_REPORT_NOT_IN_TASK);
        return 0;
    }
    return async_loop_now(async_here_.task_->loop_);
}

bool async_is_too_long_(async_ticks_t ticks)
{
    if (!MISUSE(ticks > ASYNC_TICKS_MAX && ticks != ASYNC_FOREVER)) {
        return false;
    }
    async_report_running_(ASYNC_REPORT_TOO_LONG);
    return true;
}

static async_time_t after(const async_task_t *task, async_ticks_t ticks)
{
    return (async_time_t)(async_loop_now(task->loop_) + ticks);
}

static async_wait_t sleep_to(async_task_t *task, async_time_t deadline)
{
    async_wait_t wait = async_wait_in_(NULL);
    if (wait.awaitable_ == NULL) { /* it is not to end instead */
        async_task_timer_start_(task, deadline, 0);
    }
    return wait;
}

async_wait_t async_sleep_(async_ticks_t ticks)
{
    async_task_t *task = async_waiting_task_();
    if (MISUSE(task == NULL)) {
        return (async_wait_t){NULL};
    }
    if (ticks == 0) {
        return async_is_ready_again_();
    }
    return ticks == ASYNC_FOREVER ? async_wait_in_(NULL)
                                  : sleep_to(task, after(task, ticks));
}

async_wait_t async_sleep_until(async_time_t time)
{
    async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    return async_time_before(async_loop_now(task->loop_), time)
               ? sleep_to(task, time)
               : async_is_ready_again_();
}
