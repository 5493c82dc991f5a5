/* SPDX-License-Identifier: MIT */

/*
 * Hands: waiting at one, and keeping what was given.
 */
#include "async/hand.h"

#include "core.h"

async_wait_t async_wait_at_(async_hand_t_ *hand, async_settle_t_ *settle)
{
    errors_on(async_here_.task_->loop_);
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
