/* SPDX-License-Identifier: MIT */

/*
 * Event: a list of waiters, and one bit.
 *
 * A set event has no waiters, so "set" is a state of the empty list: next_ is
 * NULL and prev_ is not.
 */
#include "async/event.h"

#include "core.h"

bool async_event_is_set(const async_event_t *event)
{
    return event->waiters_.next_ == NULL && event->waiters_.prev_ != NULL;
}

async_wait_t async_event_wait(async_event_t *event)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_port_lock();
    async_wait_t wait = async_event_is_set(event)
                            ? async_is_ready_()
                            : async_wait_in_(&event->waiters_);
    async_port_unlock(state);
    return wait;
}

/* Make the event set and move its waiters to a list of our own, so that none
 * that comes later is woken with them. */
static void take_waiters(async_event_t *event, async_link_t_ *waiters)
{
    if (list_is_empty(&event->waiters_)) {
        waiters->next_ = waiters;
    } else {
        *waiters = event->waiters_;
        waiters->next_->prev_ = waiters;
        waiters->prev_->next_ = waiters;
    }
    event->waiters_.next_ = NULL;
    event->waiters_.prev_ = &event->waiters_;
}

void async_event_set(async_event_t *event)
{
    async_link_t_ waiters;
    async_port_state_t state = async_port_lock();
    take_waiters(event, &waiters);
    while (!list_is_empty(&waiters)) {
        task_wake(task_of_link(waiters.next_));
        async_port_unlock(state);
        state = async_port_lock();
    }
    async_port_unlock(state);
}

void async_event_clear(async_event_t *event)
{
    async_port_state_t state = async_port_lock();
    if (async_event_is_set(event)) {
        event->waiters_.prev_ = NULL;
    }
    async_port_unlock(state);
}
