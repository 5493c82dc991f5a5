/* SPDX-License-Identifier: MIT */

/*
 * Permits, with interrupts locked: what semaphores and queues do with them.
 */
#ifndef ASYNC_PERMITS_H
#define ASYNC_PERMITS_H

#include "async/semaphore.h"
#include "core.h"

static inline bool permit_take(async_semaphore_t *semaphore)
{
    if (semaphore->permits_ == 0) {
        return false;
    }
    semaphore->permits_--;
    return true;
}

/* To the first that waits, else to all who will come. */
static inline void permit_give(async_semaphore_t *semaphore)
{
    if (list_is_empty(&semaphore->waiters_.waiters_)) {
        semaphore->permits_++;
    } else {
        task_hand(&semaphore->waiters_, 0);
    }
}

#endif
