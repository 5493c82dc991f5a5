/* SPDX-License-Identifier: MIT */

/*
 * Signal: a value, and those who wait for one.
 *
 * While there is a value that nobody has been given, nobody waits. A value that
 * was given belongs to one task until that takes it, and stays where it is
 * meanwhile, so the next send overwrites it there.
 */
#include "async/signal.h"

#include "core.h"

#include <string.h>

/* state_ */
enum {
    EMPTY,
    FREE, /* there is a value, for the next that comes */
    GIVEN /* there is one, and a task was woken for it or holds it */
};

/* Interrupts are locked, and the value is nobody's. */
static void give(async_signal_t *signal)
{
    if (list_is_empty(&signal->waiters_.waiters_)) {
        signal->state_ = FREE;
    } else {
        signal->state_ = GIVEN;
        task_hand(&signal->waiters_, 0);
    }
}

static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome)
{
    if (outcome == ASYNC_ARRIVES_) {
        hold(task, hand, settle);
    } else {
        async_port_state_t state = async_port_lock();
        give((async_signal_t *)(void *)hand);
        async_port_unlock(state);
    }
    return ASYNC_OK;
}

async_wait_t async_signal_wait_(async_signal_t *signal)
{
    async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_port_lock();
    if (signal->state_ == FREE) {
        signal->state_ = GIVEN;
        hold(task, &signal->waiters_, settle);
    } else {
        wait = async_wait_at_(&signal->waiters_, settle);
    }
    async_port_unlock(state);
    return wait;
}

void async_signal_take_(async_signal_t *signal, const void *value, void *item,
                        size_t size)
{
    if (release_hold(&signal->waiters_)) {
        async_port_state_t state = async_port_lock();
        memcpy(item, value, size);
        signal->state_ = EMPTY;
        async_port_unlock(state);
    }
}

void async_signal_send_(async_signal_t *signal, void *value, const void *item,
                        size_t size)
{
    async_port_state_t state = async_port_lock();
    memcpy(value, item, size);
    if (signal->state_ == EMPTY) {
        give(signal);
    }
    async_port_unlock(state);
}

int async_signal_try_take_(async_signal_t *signal, const void *value,
                           void *item, size_t size)
{
    async_port_state_t state = async_port_lock();
    bool is_free = signal->state_ == FREE;
    if (is_free) {
        memcpy(item, value, size);
        signal->state_ = EMPTY;
    }
    async_port_unlock(state);
    return is_free ? ASYNC_OK : ASYNC_ERR_EMPTY;
}

void async_signal_clear_(async_signal_t *signal)
{
    async_port_state_t state = async_port_lock();
    if (signal->state_ == FREE) {
        signal->state_ = EMPTY;
    }
    async_port_unlock(state);
}

bool async_signal_is_set_(const async_signal_t *signal)
{
    return signal->state_ == FREE;
}
