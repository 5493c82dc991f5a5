/* SPDX-License-Identifier: MIT */

/*
 * Hands: what locks, semaphores and queues are made of.
 *
 * Nothing here is for direct use. A hand is a list of tasks that wait to be
 * given something: a lock, a permit, an item. Giving wakes the first of them,
 * and what was given is its own from that moment, whoever asks before it runs.
 * If it is cancelled before it runs, what it was given is taken back, and the
 * next one gets it.
 */
#ifndef ASYNC_HAND_H
#define ASYNC_HAND_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Private part -------------------------------------------------------- */

/* All zero: nobody waits. `settle_` is set by the first wait. */
struct async_hand_ {
    async_settle_t_ *settle_;
    async_link_t_ waiters_;
};

#ifdef __cplusplus
}
#endif

#endif
