/* SPDX-License-Identifier: MIT */

/*
 * Semaphore: a number, and those who wait for it to be above 0.
 *
 * While there are permits nobody waits, for releasing hands them on at once.
 */
#include "async/semaphore.h"

#include "permits.h"

/* To the first that waits, else to all who will come. */
static inline void permit_give(async_semaphore_t *semaphore)
{
    if (list_is_empty(&semaphore->waiters_.waiters_)) {
        semaphore->permits_++;
    } else {
        task_hand(&semaphore->waiters_, 0);
    }
}

static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome)
{
    (void)task;
    if (outcome == ASYNC_GIVES_BACK_) {
        async_semaphore_release((async_semaphore_t *)(void *)hand);
    }
    return ASYNC_OK;
}

async_wait_t async_semaphore_acquire(async_semaphore_t *semaphore)
{
    if (MISUSE(async_waiting_task_() == NULL)) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_brief_lock_();
    bool taken = permit_take(semaphore);
    async_wait_t wait = taken ? async_is_ready_()
                              : async_wait_at_(&semaphore->waiters_, settle);
    async_brief_unlock_(state);
    if (taken) {
        async_loop_open_(); /* such a task might never pause */
    }
    return wait;
}

int async_semaphore_try_acquire(async_semaphore_t *semaphore)
{
    async_port_state_t state = async_port_lock();
    bool taken = permit_take(semaphore);
    async_port_unlock(state);
    return taken ? ASYNC_OK : ASYNC_ERR_EMPTY;
}

void async_semaphore_release(async_semaphore_t *semaphore)
{
    unsigned bound = semaphore->bound_ == 0 ? UINT16_MAX : semaphore->bound_;
    async_port_state_t state = async_port_lock();
    bool has_room = semaphore->permits_ < bound;
    if (has_room) {
        permit_give(semaphore);
    }
    async_port_unlock(state);
    if (!has_room) {
        async_report_running_(ASYNC_REPORT_TOO_OFTEN);
    }
}

void async_semaphore_exit(void *semaphore)
{
    async_semaphore_release((async_semaphore_t *)semaphore);
}

unsigned async_semaphore_permits(const async_semaphore_t *semaphore)
{
    return read_whole(&semaphore->permits_);
}
