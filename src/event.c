/* SPDX-License-Identifier: MIT */

/*
 * Event: a list of waiters, and one bit.
 *
 * A set event has no waiters, so "set" is a state of the empty list: next_ is
 * NULL and prev_ is not. Setting one is what wakes any list (core.c).
 */
#include "async/event.h"

#include "core.h"

static bool is_set(const async_event_t *event)
{
    return event->waiters_.next_ == NULL && event->waiters_.prev_ != NULL;
}

/* Two words, which another loop's task may change in between. */
bool async_event_is_set(const async_event_t *event)
{
    async_port_state_t state = async_leaf_lock_();
    bool set = is_set(event);
    async_leaf_unlock_(state);
    return set;
}

/* Everything in one function: it is what firmware does most. */
async_wait_t async_event_wait(async_event_t *event)
{
    async_task_t *task = waiting_task();
    if (MISUSE(task == NULL)) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_brief_lock_();
    bool set = is_set(event);
    async_wait_t wait =
        set ? async_is_ready_() : task_wait_in(task, &event->waiters_);
    async_brief_unlock_(state);
    if (set) {
        async_loop_open_(); /* such a task might never pause */
    }
    return wait;
}

void async_event_clear(async_event_t *event)
{
    async_port_state_t state = async_leaf_lock_();
    if (event->waiters_.next_ == NULL) { /* it may be set */
        event->waiters_.prev_ = NULL;
    }
    async_leaf_unlock_(state);
}
