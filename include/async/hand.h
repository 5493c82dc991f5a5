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

/*
 * What becomes of a task that was woken by something it has to settle with
 * (hand.h), when it runs again. The numbers are those of the task's flags that
 * say so.
 */
typedef enum async_outcome_ {
    ASYNC_ARRIVES_ = 0,       /* it goes on with what it was given */
    ASYNC_GIVES_BACK_ = 0x08, /* it was given something, but is cancelled */
    ASYNC_REFUSED_ = 0x40     /* it was given nothing; it raises the error */
} async_outcome_t_;

typedef struct async_hand_ async_hand_t_;

/* Called once for each task that was woken so, in that task's step. Returns the
 * error that is to be raised at its AWAIT, or 0. */
typedef int async_settle_t_(async_hand_t_ *hand, async_task_t *task,
                            async_outcome_t_ outcome);

/* All zero: nobody waits. `settle_` is set by the first wait. */
struct async_hand_ {
    async_settle_t_ *settle_;
    async_link_t_ waiters_;
};

#ifdef __cplusplus
}
#endif

#endif
