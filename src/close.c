/* SPDX-License-Identifier: MIT */

/*
 * Closing a loop, and running one coroutine to its end, which closes it.
 */
#include "core.h"

/* --- Close ---------------------------------------------------------------- */

/* Members of groups are left to those who await them, which may be in a shield.
 * Timers go on running until their tasks do, which keeps this walk in order;
 * that of equal deadlines is of no more use. */
static void cancel_all(async_loop_t *loop)
{
    async_task_t *task = async_next_task_(loop, NULL);
    for (; task != NULL; task = async_next_task_(loop, task)) {
        if (task_is_alive(task) && !async_is_member_(task)) {
            bool now = async_let_pass_(task->leaf_, NULL);
            async_port_state_t state = async_port_lock();
            task_set(task, ASYNC_TASK_CANCEL_);
            if (now) {
                task_interrupt(task, ASYNC_CANCELLING_);
            }
            async_port_unlock(state);
        }
    }
}

/* All coroutines from this one outwards are done, and their scopes closed. */
static void end_chain(async_coro_t *leaf)
{
    async_coro_t *place = outward_of(leaf);
    leaf->state_ = ASYNC_IS_DONE_;
    for (; place != NULL; place = outward_of(place)) {
        place->state_ = is_scope(place) ? 0 : ASYNC_IS_DONE_;
    }
}

/*
 * The task ends where it stands, without its cleanup. Of a task that was done
 * already only the error is dropped, and one that an interrupt has spawned anew
 * meanwhile is only to be welcomed like any other.
 */
static void drop(async_task_t *task)
{
    async_port_state_t state = async_port_lock();
    bool ends = task_is_alive(task) && !task_has(task, ASYNC_TASK_NEW_);
    task_clear(task, ASYNC_TASK_UNTAKEN_);
    if (ends) {
        task_set(task, ASYNC_TASK_DONE_);
        head_of(task)->error_ = ASYNC_ERR_CANCELLED;
    }
    if (ends && task_is_waiting(task)) {
        list_remove(link_of(task));
    }
    async_port_unlock(state);
    if (ends) {
        end_chain(task->leaf_);
    }
}

/* An interrupt may have woken some before they were dropped. */
static void drop_ready(async_loop_t *loop)
{
    async_port_state_t state = async_port_lock();
    async_link_t_ *link = ready_take(loop);
    async_port_unlock(state);
    while (link != NULL) {
        async_task_t *task = task_of_link(link);
        link = link->next_;
        if (task_is_alive(task)) {
            state = async_port_lock();
            async_ready_push_(task);
            async_port_unlock(state);
        }
    }
}

static void drop_all(async_loop_t *loop)
{
    async_task_t *task = async_next_task_(loop, NULL);
    for (; task != NULL; task = async_next_task_(loop, task)) {
        drop(task);
    }
    loop->nodes_ = (async_node_t_){.next_ = NULL};
}

static bool has_tasks(const async_loop_t *loop)
{
    async_task_t *task = async_next_task_(loop, NULL);
    while (task != NULL && !task_is_alive(task)) {
        task = async_next_task_(loop, task);
    }
    return task != NULL || loop->ready_first_ != NULL;
}

/* Those that the loop does not know yet end before they begin. */
static void cancel_new(async_link_t_ *link)
{
    for (; link != NULL; link = link->next_) {
        async_task_t *task = task_of_link(link);
        if (task_has(task, ASYNC_TASK_NEW_) && !async_is_member_(task)) {
            head_of(task)->error_ = ASYNC_CANCELLING_;
            task_set(task, ASYNC_TASK_RAISE_ | ASYNC_TASK_CANCEL_);
        }
    }
}

static int close_loop(async_loop_t *loop)
{
    bool stuck = false;
    loop->stop_ = false;
    errors_on(loop);
    cancel_all(loop);
    while (has_tasks(loop) && !stuck) {
        async_link_t_ *batch = async_round_begin_(loop);
        cancel_new(batch);
        async_round_(loop, batch);
        loop->stop_ = false;
        stuck = has_tasks(loop) && !async_idle_(loop);
    }
    int reports =
        async_report_tasks_(loop, ASYNC_REPORT_ERROR_NOT_TAKEN, false) +
        async_report_tasks_(loop, ASYNC_REPORT_TASK_LEFT, true);
    drop_all(loop);
    if (stuck) {
        drop_ready(loop);
    }
    return reports;
}

int async_loop_close(async_loop_t *loop)
{
    if (!async_loop_enter_(loop)) {
        return 1;
    }
    int reports = close_loop(loop);
    async_loop_leave_(loop);
    return reports;
}

/* --- Run ------------------------------------------------------------------ */

/* Rounds until the task is done. async_stop cancels it. */
static int run_task(async_loop_t *loop, async_task_t *task)
{
    loop->stop_ = false;
    errors_on(loop); /* which draws attention to the task's end */
    for (;;) {
        async_rounds_(loop);
        if (async_task_done(task)) {
            return async_task_error(task);
        }
        if (loop->stop_) {
            loop->stop_ = false;
            async_cancel(task);
        }
        if (!async_idle_(loop)) {
            loop->clock_->ops->deadlock(loop);
            return ASYNC_ERR_DEADLOCK;
        }
    }
}

int async_run(async_loop_t *loop, async_coro_t *coro)
{
    async_task_t task = ASYNC_TASK_INIT;
    int error = ASYNC_ERR_MISUSE;
    if (!async_loop_enter_(loop)) {
        return error;
    }
    async_spawn(loop, &task, coro);
    if (task_is_alive(&task)) {
        error = run_task(loop, &task);
        close_loop(loop);
    }
    async_loop_leave_(loop);
    return error;
}
