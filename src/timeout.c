/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TIMEOUT: a scope with a timer.
 *
 * When the timer expires (timer.c), the scope is marked with ASYNC_ERR_TIMEOUT
 * and its task is cancelled on its behalf. That goes outwards to the scope and
 * is over there, unless somebody farther out has asked for a cancellation while
 * the scope was open: whoever asks tells all timeouts that are open inside to
 * let it pass. So the outermost asker wins, and a timeout that is entered
 * later, in the cleanup, ends its own cancellations.
 *
 * The timer's node has a place while it runs, and none else.
 */
#include "async/timeout.h"

#include "core.h"

static bool timer_runs(const async_timeout_t *timeout)
{
    return timeout->timer_.node_.prev_ != NULL;
}

/* It is open and has not expired. */
static bool may_change(const async_timeout_t *timeout)
{
    return timeout->timer_.head_.state_ != 0 && !async_timeout_expired(timeout);
}

static void stop_timer(async_timeout_t *timeout)
{
    if (timer_runs(timeout)) {
        async_timer_stop_(timeout->task_->loop_, &timeout->timer_);
        timeout->timer_.node_.prev_ = NULL;
        timeout->timer_.head_.error_ = 0;
    }
}

static void start_timer(async_timeout_t *timeout, async_time_t deadline)
{
    stop_timer(timeout);
    async_timer_start_(timeout->task_->loop_, &timeout->timer_, deadline);
}

static void set_limit(async_timeout_t *timeout, async_ticks_t ticks)
{
    if (ticks == ASYNC_FOREVER) {
        stop_timer(timeout);
        return;
    }
    if (async_is_too_long_(ticks)) {
        ticks = 0;
    }
    start_timer(timeout, async_loop_now(timeout->task_->loop_) + ticks);
}

static void expire(async_timeout_t *timeout)
{
    stop_timer(timeout);
    timeout->timer_.head_.error_ = ASYNC_ERR_TIMEOUT;
    async_ask_(timeout->task_, &timeout->timer_.head_);
}

/* A cancellation ends here if the time is up and nobody farther out wants it
 * too. */
static async_coro_t *leave_timeout(async_coro_t *scope, async_coro_t *coro,
                                   int *error)
{
    async_timeout_t *timeout = (async_timeout_t *)(void *)scope;
    if (*error == ASYNC_LET_PASS_) {
        timeout->lets_pass_ = true;
    }
    if (*error == ASYNC_EXPIRED_) {
        expire(timeout);
    }
    if (*error > ASYNC_ABANDONED_) {
        return *error == ASYNC_ASKS_ ? coro : ASYNC_READY_;
    }
    stop_timer(timeout);
    if (*error != ASYNC_CANCELLING_ || !async_timeout_expired(timeout) ||
        timeout->lets_pass_) {
        return ASYNC_READY_;
    }
    if (timeout->raises_) {
        *error = ASYNC_ERR_TIMEOUT;
        return ASYNC_READY_;
    }
    return coro;
}

static ASYNC_NOINLINE_ void enter(async_timeout_t *timeout, async_coro_t *coro,
                                  unsigned line)
{
    async_scope_enter_(&timeout->timer_.head_, coro, line, leave_timeout);
    timeout->task_ = async_here_.task_;
    timeout->timer_.node_.prev_ = NULL;
    timeout->lets_pass_ = false;
    timeout->raises_ = false;
}

void async_timeout_enter_(async_timeout_t *timeout, async_coro_t *coro,
                          unsigned line, async_ticks_t ticks)
{
    enter(timeout, coro, line);
    set_limit(timeout, ticks);
}

void async_timeout_enter_failing_(async_timeout_t *timeout, async_coro_t *coro,
                                  unsigned line, async_ticks_t ticks)
{
    async_timeout_enter_(timeout, coro, line, ticks);
    timeout->raises_ = true;
}

void async_timeout_enter_at_(async_timeout_t *timeout, async_coro_t *coro,
                             unsigned line, async_time_t time)
{
    enter(timeout, coro, line);
    async_timeout_reschedule_at(timeout, time);
}

void async_timeout_leave_(async_timeout_t *timeout, async_coro_t *coro)
{
    stop_timer(timeout);
    async_scope_leave_(&timeout->timer_.head_, coro);
}

bool async_timeout_reschedule_at(async_timeout_t *timeout, async_time_t time)
{
    if (!may_change(timeout)) {
        return false;
    }
    /* What has passed is due now; how long ago could confuse the heap. */
    async_time_t now = async_loop_now(timeout->task_->loop_);
    start_timer(timeout, async_time_before(time, now) ? now : time);
    return true;
}

bool async_timeout_reschedule(async_timeout_t *timeout, async_ticks_t ticks)
{
    if (!may_change(timeout)) {
        return false;
    }
    set_limit(timeout, ticks);
    return true;
}
