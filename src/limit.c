/* SPDX-License-Identifier: MIT */

/*
 * A limit on a wait, and durations that are too long: what may raise, apart
 * from sleeping, so that a firmware that only sleeps carries no unwinding.
 *
 * The task's own timer serves for the limit, too. A limit around a sleep keeps
 * the earlier of the two.
 */
#include "core.h"

ASYNC_COLD_ async_wait_t async_sleep_too_long_(async_ticks_t ticks)
{
    async_task_t *task = async_waiting_task_();
    if (MISUSE(task == NULL)) {
        return (async_wait_t){NULL};
    }
    async_is_too_long_(ticks);
    return async_fail_(ASYNC_ERR_MISUSE);
}

static void set_limit(async_task_t *task, async_time_t deadline)
{
    if (task_has(task, ASYNC_TASK_TIMED_)) {
        if (!async_time_before(deadline, task->timer_.deadline_)) {
            return;
        }
        async_task_timer_stop_(task);
    }
    errors_on(task->loop_);
    async_task_timer_start_(task, deadline, ASYNC_TASK_LIMIT_);
}

/* Forever is no limit. One that is to raise already waits no more: a timer's
 * ticket would take the place of its error. */
async_wait_t async_wait_for(async_wait_t wait, async_ticks_t ticks)
{
    async_task_t *task = async_current_task();
    if (wait.awaitable_ != NULL || task == NULL ||
        task_has(task, ASYNC_TASK_RAISE_)) {
        return wait;
    }
    if (ASYNC_UNLIKELY_(ticks > ASYNC_TICKS_MAX)) {
        if (async_is_too_long_(ticks)) {
            async_interrupt_(task, ASYNC_ERR_MISUSE);
        }
    } else {
        set_limit(task, (async_time_t)(async_loop_now(task->loop_) + ticks));
    }
    return wait;
}
