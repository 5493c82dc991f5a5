/* SPDX-License-Identifier: MIT */

/*
 * async_wait: wait until some of several tasks are done. It is asyncio.wait().
 *
 *     self->tasks[0] = &self->left;
 *     self->tasks[1] = &self->right;
 *     AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
 *                .until = ASYNC_FIRST_DONE, .limit = ASYNC_MS(100));
 *     if (async_task_done(&self->left)) { ... }
 *
 * It cancels nothing, raises nothing of theirs and takes no error: those stay
 * for a join. To end the others when one has ended, use async_race (group.h).
 */
#ifndef ASYNC_WAIT_H
#define ASYNC_WAIT_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What to wait for. A task that was never spawned counts as done. */
typedef enum async_until {
    ASYNC_ALL_DONE,   /* all of them are done */
    ASYNC_FIRST_DONE, /* at least one of them is */
    ASYNC_FIRST_ERROR /* one has ended with an error (being cancelled is none),
                         or all are done */
} async_until_t;

/**
 * A library coroutine, to be called with AWAIT_CALL. 36 bytes on a 32-bit
 * machine.
 *
 *  .tasks   async_task_t *const *, the tasks; it must stay until the call ends
 *  .count   how many; with 0 the call ends at once
 *  .until   what to wait for
 *  .limit   up to ASYNC_TICKS_MAX ticks; 0 (or not given): no limit
 *  result   how many of them are done now, whether the limit has passed or not
 *
 * Context: task of the same loop. Raises: ASYNC_ERR_MISUSE, with a report, for
 * a limit beyond the range, for a task of another loop, and
 * for the calling task. Cancel: the waiter
 * and its timer are unlinked; the tasks go on. Cost: it looks at all tasks
 * again whenever any task of the loop ends.
 */
struct async_wait {
    ASYNC_FRAME;
    unsigned result;
    async_task_t *const *tasks;
    unsigned count;
    async_until_t until;
    async_ticks_t limit;
    async_time_t deadline_;
};
ASYNC_DECLARE(async_wait);

#ifdef __cplusplus
}
#endif

#endif
