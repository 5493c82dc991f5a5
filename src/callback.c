/* SPDX-License-Identifier: MIT */

/*
 * Callbacks: a task whose coroutine is written by hand.
 *
 * It never leaves its first state, so that a loop that closes ends it like a
 * task that has not started. Posting and ending exclude each other by the lock:
 * an interrupt finds it pending, running (it then goes round once more), or
 * done.
 */
#include "async/callback.h"

#include "core.h"

/* --- The loop's side ------------------------------------------------------ */

static async_coro_t *sleep_until(async_task_t *task, async_time_t time)
{
    async_wait_t wait = async_wait_in_(NULL);
    if (wait.awaitable_ == NULL) {
        async_task_timer_start_(task, time, 0);
    }
    return wait.awaitable_;
}

/* True if it is to be called now; *sleeps: later. */
static bool take_post(async_callback_t *callback, async_time_t now,
                      bool *sleeps)
{
    async_port_state_t state = async_port_lock();
    bool pending = callback->pending_;
    *sleeps =
        pending && callback->timed_ && async_time_before(now, callback->time_);
    callback->pending_ = *sleeps;
    async_port_unlock(state);
    return pending && !*sleeps;
}

/* Done, unless it was posted, or is to be cancelled, meanwhile. */
static async_coro_t *end_or_go_on(async_callback_t *callback)
{
    async_task_t *task = &callback->task_;
    if (task_is_linked(task)) {
        async_end_wait_(task);
    }
    if (callback->coro_.state_ != ASYNC_IS_START_) { /* one that failed */
        async_report_running_(ASYNC_REPORT_NOT_AWAITED);
        callback->coro_.state_ = ASYNC_IS_START_;
        callback->coro_.error_ = ASYNC_OK;
    }
    async_untimed_remove_(task);
    async_port_state_t state = async_port_lock();
    bool again = callback->pending_ || task_has(task, ASYNC_TASK_RAISE_);
    if (!again) {
        hook_end_locked(task, &callback->coro_);
        async_here_.task_ = NULL;
        head_of(task)->state_ = ASYNC_TASK_ALIVE_ | ASYNC_TASK_DONE_;
        head_of(task)->error_ = ASYNC_OK;
    }
    async_port_unlock(state);
    if (again) {
        async_untimed_add_(task);
    }
    return again ? ASYNC_AGAIN_ : NULL;
}

static async_coro_t *run_callback(async_coro_t *coro)
{
    if (coro->state_ != ASYNC_IS_START_) {
        return async_no_such_state_(coro, "callback", NULL);
    }
    async_callback_t *callback = (async_callback_t *)(void *)coro;
    bool sleeps;
    async_time_t now = async_loop_now(callback->task_.loop_);
    if (take_post(callback, now, &sleeps)) {
        callback->function_(callback->argument_);
        hook_called(&callback->task_, coro);
    }
    if (sleeps) {
        return sleep_until(&callback->task_, callback->time_);
    }
    return end_or_go_on(callback);
}

/* --- Post ----------------------------------------------------------------- */

static bool post(async_loop_t *loop, async_callback_t *callback, bool timed,
                 async_time_t time)
{
    async_port_state_t state = async_port_lock();
    bool alive = task_is_alive(&callback->task_);
    bool is_elsewhere = alive && callback->task_.loop_ != loop;
    bool posted = !async_callback_pending(callback) && !is_elsewhere;
    if (posted) {
        callback->pending_ = true;
        callback->timed_ = timed;
        callback->time_ = time;
    }
    if (posted && !alive) {
        callback->coro_ = (async_coro_t){.link_ = {.resume_ = run_callback}};
        async_spawn(loop, &callback->task_, &callback->coro_);
    }
    async_port_unlock(state);
    if (is_elsewhere) {
        async_report_running_(ASYNC_REPORT_TASK_REUSED);
    }
    return posted;
}

bool async_callback_soon(async_loop_t *loop, async_callback_t *callback)
{
    return post(loop, callback, false, 0);
}

bool async_callback_later(async_loop_t *loop, async_callback_t *callback,
                          async_ticks_t ticks)
{
    if (ticks > ASYNC_TICKS_MAX) {
        async_report_running_(ASYNC_REPORT_TOO_LONG);
        ticks = 0;
    }
    return post(loop, callback, ticks != 0,
                (async_time_t)(async_loop_now(loop) + ticks));
}

bool async_callback_at(async_loop_t *loop, async_callback_t *callback,
                       async_time_t time)
{
    return post(loop, callback, true, time);
}

bool async_callback_cancel(async_callback_t *callback)
{
    async_port_state_t state = async_port_lock();
    bool pending = async_callback_pending(callback);
    callback->pending_ = false;
    if (pending && task_is_waiting(&callback->task_)) {
        async_wake_(&callback->task_);
    }
    async_port_unlock(state);
    return pending;
}

/* --- Ask ------------------------------------------------------------------ */

/* A loop that closes ends the task without a call. */
bool async_callback_pending(const async_callback_t *callback)
{
    return callback->pending_ && task_is_alive(&callback->task_);
}
