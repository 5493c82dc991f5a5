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

/** What becomes of a task that was woken by a hand, when it runs again. */
typedef enum async_outcome_ {
    ASYNC_ARRIVES_,    /* it goes on with what it was given */
    ASYNC_GIVES_BACK_, /* it was given something, but is cancelled */
    ASYNC_REFUSED_     /* it was woken and given nothing; it raises the error */
} async_outcome_t_;

typedef struct async_hand_ async_hand_t_;

/* Called once for each task that the hand has woken, in that task's step.
 * Returns the error that is to be raised at its AWAIT, or 0. */
typedef int async_settle_t_(async_hand_t_ *hand, async_task_t *task,
                            async_outcome_t_ outcome);

/* All zero: nobody waits. `settle_` is set by the first wait. */
struct async_hand_ {
    async_link_t_ waiters_;
    async_settle_t_ *settle_;
};

#ifdef __cplusplus
}
#endif

#endif
