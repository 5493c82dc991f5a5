/* SPDX-License-Identifier: MIT */

/*
 * Lock: an owner, and those who wait to be it.
 *
 * A free lock has no waiters, for releasing hands it on at once.
 */
#include "async/lock.h"

#include "core.h"

static void pass_on(async_lock_t *lock)
{
    async_port_state_t state = async_port_lock();
    lock->owner_ = list_is_empty(&lock->waiters_.waiters_)
                       ? NULL
                       : task_hand(&lock->waiters_, 0);
    async_port_unlock(state);
}

static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome)
{
    (void)task;
    if (outcome == ASYNC_GIVES_BACK_) {
        pass_on((async_lock_t *)(void *)hand);
    }
    return ASYNC_OK;
}

async_wait_t async_lock_acquire(async_lock_t *lock)
{
    async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    if (MISUSE(read_task(&lock->owner_) == task)) {
        async_report_running_(ASYNC_REPORT_HELD_ALREADY);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_port_lock();
    if (lock->owner_ == NULL) {
        lock->owner_ = task;
    } else {
        wait = async_wait_at_(&lock->waiters_, settle);
    }
    async_port_unlock(state);
    return wait;
}

int async_lock_try_acquire(async_lock_t *lock)
{
    async_task_t *task = async_current_task();
    if (task == NULL) {
        async_report_running_(ASYNC_REPORT_NOT_IN_TASK);
        return ASYNC_ERR_MISUSE;
    }
    async_port_state_t state = async_port_lock();
    bool is_free = lock->owner_ == NULL;
    if (is_free) {
        lock->owner_ = task;
    }
    async_port_unlock(state);
    return is_free ? ASYNC_OK : ASYNC_ERR_EMPTY;
}

void async_lock_release(async_lock_t *lock)
{
    const async_task_t *task = async_current_task();
    if (task == NULL || read_task(&lock->owner_) != task) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
        return;
    }
    pass_on(lock);
}

void async_lock_exit(void *lock)
{
    async_lock_release((async_lock_t *)lock);
}

const async_task_t *async_lock_owner(const async_lock_t *lock)
{
    return read_task(&lock->owner_);
}
