/* SPDX-License-Identifier: MIT */

/*
 * Permits, with interrupts locked: semaphores and queues take them alike. A
 * queue gives in a way of its own, for its lists are circles always.
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

#endif
