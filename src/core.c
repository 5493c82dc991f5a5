/* SPDX-License-Identifier: MIT */

/*
 * What every operation does: find the running task, let it wait, or fail.
 */
#include "core.h"

ASYNC_PORT_THREAD_LOCAL async_loop_t *async_current_;

async_loop_t *async_current_loop(void)
{
    return async_current_;
}

async_task_t *async_current_task(void)
{
    return async_current_ == NULL ? NULL : async_current_->running_;
}

ASYNC_COLD_ static void report_misuse(async_report_kind_t kind,
                                      const async_task_t *task)
{
    const async_report_t report = {
        .kind = kind, .coro = task == NULL ? NULL : task->leaf_, .task = task};
    async_on_report(&report);
}

void async_stop_waiting_(async_task_t *task)
{
    async_port_state_t state = async_port_lock();
    if (task_is_waiting(task)) {
        list_remove(link_of(task));
    }
    async_port_unlock(state);
    if (task_has(task, ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(task);
    }
}

ASYNC_COLD_ void async_end_wait_(async_task_t *task)
{
    report_misuse(ASYNC_REPORT_NOT_AWAITED, task);
    async_stop_waiting_(task);
}

async_task_t *async_waiting_task_(void)
{
    async_task_t *task = async_current_task();
    if (ASYNC_UNLIKELY_(task == NULL)) {
        report_misuse(ASYNC_REPORT_NOT_IN_TASK, NULL);
    } else if (ASYNC_UNLIKELY_(task_is_waiting(task))) {
        async_end_wait_(task);
    }
    return task;
}

/*
 * A task that waits for no list but its timer, or for ever, waits in a circle
 * of its own, so that "waiting" and "take it out" mean the same for all. A
 * task that was told to end while it ran does not wait any more.
 */
async_wait_t async_wait_in_(async_link_t_ *list)
{
    async_task_t *task = async_current_->running_;
    if (ASYNC_UNLIKELY_(task_has(task, ASYNC_TASK_RAISE_))) {
        return async_is_ready_again_();
    }
    if (list != NULL) {
        list_append(list, link_of(task));
    } else {
        link_of(task)->next_ = link_of(task)->prev_ = link_of(task);
    }
    return (async_wait_t){NULL};
}

async_wait_t async_fail_(int error)
{
    async_task_t *task = async_current_->running_;
    return (async_wait_t){async_unwind_(task->leaf_, error)};
}

async_wait_t async_poll_again_(void)
{
    async_waiting_task_(); /* there is one: AWAIT_UNTIL stands in a body */
    return async_wait_in_(&async_current_->polling_);
}
