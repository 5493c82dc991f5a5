/* SPDX-License-Identifier: MIT */

/*
 * Hands: waiting at one, and keeping what was given.
 */
#include "async/hand.h"

#include "core.h"

async_wait_t async_wait_at_(async_hand_t_ *hand, async_settle_t_ *settle)
{
    errors_on(async_current_);
    hand->settle_ = settle;
    return async_wait_in_(&hand->waiters_);
}

void async_hand_all_(async_link_t_ *waiters, async_hand_t_ *hand,
                     unsigned refused)
{
    async_port_state_t state = async_port_lock();
    while (!list_is_empty(waiters)) {
        task_hand_from(waiters, hand, refused);
        async_port_unlock(state);
        state = async_port_lock();
    }
    async_port_unlock(state);
}

void async_hold_(async_task_t *task, async_hand_t_ *hand,
                 async_settle_t_ *settle)
{
    hand->settle_ = settle;
    task_hold(task, hand, 0);
}

bool async_release_hold_(async_hand_t_ *hand)
{
    async_task_t *task = async_current_task();
    if (task == NULL || !task_has(task, ASYNC_TASK_HOLDS_) ||
        task_holder(task) != hand) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
        return false;
    }
    link_of(task)->prev_ = NULL;
    task_clear(task, ASYNC_TASK_HOLDS_);
    return true;
}
