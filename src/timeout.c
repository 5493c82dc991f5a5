/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TIMEOUT: a scope with a timer.
 *
 * When the timer expires (timer.c), the scope is marked with
 * ASYNC_ERR_TIMEOUT and its task is interrupted with a cancellation. That goes
 * outwards, through every scope that is not marked, to the outermost marked
 * one, and is over there. The scope's error_ is positive while the timer runs.
 */
#include "async/timeout.h"

#include "core.h"

static bool timer_runs(const async_timeout_t *timeout)
{
    return timeout->timer_.head_.error_ > 0;
}

static bool is_open(const async_timeout_t *timeout)
{
    return timeout->timer_.head_.state_ != 0;
}

static bool is_scope(const async_coro_t *place)
{
    return (place->state_ & ASYNC_SCOPE_) != 0;
}

static void stop_timer(async_timeout_t *timeout)
{
    if (timer_runs(timeout)) {
        async_timer_stop_(timeout->task_->loop_, &timeout->timer_);
        timeout->timer_.head_.error_ = 0;
    }
}

/*
 * Has someone farther out asked for this cancellation too? The walk ends at a
 * coroutine that is in its cleanup because of a cancellation: whatever was
 * asked before is on its way through there already.
 */
static bool is_asked_farther_out(const async_timeout_t *timeout,
                                 const async_coro_t *coro)
{
    const async_coro_t *place = &timeout->timer_.head_;
    while (coro->error_ != ASYNC_CANCELLING_) {
        do {
            place = async_outward_(place);
            if (place == NULL || place->state_ >= ASYNC_TASK_ALIVE_) {
                return task_has(timeout->task_, ASYNC_TASK_CANCEL_);
            }
            if (is_scope(place) && place->error_ == ASYNC_ERR_TIMEOUT) {
                return true;
            }
        } while (is_scope(place));
        coro = place;
    }
    return false;
}

/* Left by an error or a return. A cancellation ends here if the time is up and
 * nobody farther out has asked for it too. */
static bool leave_timeout(async_coro_t *scope, const async_coro_t *coro,
                          int error)
{
    async_timeout_t *timeout = (async_timeout_t *)(void *)scope;
    stop_timer(timeout);
    return async_timeout_expired(timeout) && error == ASYNC_CANCELLING_ &&
           !is_asked_farther_out(timeout, coro);
}

static void enter(async_timeout_t *timeout, async_coro_t *coro, unsigned line)
{
    async_scope_enter_(&timeout->timer_.head_, coro, line, leave_timeout);
    timeout->task_ = async_current_->running_;
}

void async_timeout_enter_(async_timeout_t *timeout, async_coro_t *coro,
                          unsigned line, async_ticks_t ticks)
{
    enter(timeout, coro, line);
    async_timeout_reschedule(timeout, ticks);
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
    if (!is_open(timeout) || async_timeout_expired(timeout)) {
        return false;
    }
    stop_timer(timeout);
    async_timer_start_(timeout->task_->loop_, &timeout->timer_, time);
    return true;
}

bool async_timeout_reschedule(async_timeout_t *timeout, async_ticks_t ticks)
{
    if (!is_open(timeout) || async_timeout_expired(timeout)) {
        return false;
    }
    if (ticks == ASYNC_FOREVER) {
        stop_timer(timeout);
        return true;
    }
    if (async_is_too_long_(ticks)) {
        ticks = 0;
    }
    return async_timeout_reschedule_at(
        timeout, async_loop_now(timeout->task_->loop_) + ticks);
}
