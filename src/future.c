/* SPDX-License-Identifier: MIT */

/*
 * Future: an outcome, and those who wait for it.
 *
 * A future that is done has no waiters. Those whom an error wakes are refused,
 * and read it when they run; so a reset leaves it where it is.
 */
#include "async/future.h"

#include "core.h"

#include <string.h>

/* state_ */
enum { PENDING, HAS_VALUE, HAS_ERROR };

static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome)
{
    (void)task;
    const async_future_t *future = (const async_future_t *)(void *)hand;
    return outcome == ASYNC_REFUSED_ ? future->error_ : ASYNC_OK;
}

async_wait_t async_future_wait_(async_future_t *future)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_port_lock();
    async_wait_t wait = future->state_ == PENDING
                            ? async_wait_at_(&future->waiters_, settle)
                            : async_is_ready_();
    int error = async_future_error_(future);
    async_port_unlock(state);
    return error < 0 ? async_fail_(error) : wait;
}

/* --- The outcome ---------------------------------------------------------- */

/* Interrupts are locked. The waiters leave the future together with its being
 * pending: what an interrupt does with it from now on is not about them. */
static bool end(async_future_t *future, uint8_t outcome, async_link_t_ *waiters)
{
    if (future->state_ != PENDING) {
        return false;
    }
    future->state_ = outcome;
    list_move(waiters, &future->waiters_.waiters_);
    return true;
}

static bool end_with_error(async_future_t *future, int error)
{
    async_link_t_ waiters = {0};
    async_port_state_t state = async_port_lock();
    bool was_pending = end(future, HAS_ERROR, &waiters);
    if (was_pending) {
        future->error_ = (int16_t)error;
    }
    async_port_unlock(state);
    async_hand_all_(&waiters, &future->waiters_, ASYNC_TASK_REFUSED_);
    return was_pending;
}

/* A cancelled future may be set by one who does not know. */
static void report_again(const async_future_t *future)
{
    if (async_future_error_(future) != ASYNC_ERR_CANCELLED) {
        async_report_running_(ASYNC_REPORT_TOO_OFTEN);
    }
}

bool async_future_set_(async_future_t *future, void *to, const void *value,
                       size_t size)
{
    async_link_t_ waiters = {0};
    async_port_state_t state = async_port_lock();
    bool was_pending = end(future, HAS_VALUE, &waiters);
    if (was_pending) {
        memcpy(to, value, size);
    }
    async_port_unlock(state);
    async_wake_moved_(&waiters);
    if (!was_pending) {
        report_again(future);
    }
    return was_pending;
}

bool async_future_set_error_(async_future_t *future, int error)
{
    if (error >= 0 || error < INT16_MIN || error == ASYNC_CANCELLING_) {
        async_report_running_(ASYNC_REPORT_NOT_AN_ERROR);
        error = ASYNC_ERR_MISUSE;
    }
    bool was_pending = end_with_error(future, error);
    if (!was_pending) {
        report_again(future);
    }
    return was_pending;
}

bool async_future_cancel_(async_future_t *future)
{
    return end_with_error(future, ASYNC_ERR_CANCELLED);
}

void async_future_reset_(async_future_t *future)
{
    future->state_ = PENDING;
}

/* --- Ask ------------------------------------------------------------------ */

bool async_future_done_(const async_future_t *future)
{
    return future->state_ != PENDING;
}

int async_future_error_(const async_future_t *future)
{
    return future->state_ == HAS_ERROR ? future->error_ : ASYNC_OK;
}
