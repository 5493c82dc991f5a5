/* SPDX-License-Identifier: MIT */

/*
 * Tasks of a scenario and what becomes of them.
 *
 *     struct two_waiters {
 *         ASYNC_FRAME;
 *         STARTED(waiter) a, b;
 *         int error;
 *     };
 *     ...
 *     START(self->a, waiter, .name = "A");
 *     ...
 *     SAY_OUTCOME(self->a);                        ("A: no error")
 */
#ifndef CONFORMANCE_START_H
#define CONFORMANCE_START_H

#include "conformance.h"

/** The type of a member of the frame: a coroutine and the task that runs it. */
#define STARTED(coroutine)                                                     \
    struct {                                                                   \
        struct coroutine run;                                                  \
        async_task_t task;                                                     \
    }

/** Run a coroutine as a task. */
#define START(slot, ...)                                                       \
    do {                                                                       \
        (slot).run = ASYNC_CALL(__VA_ARGS__);                                  \
        async_spawn(&loop, &(slot).task, &(slot).run.coro);                    \
    } while (0)

/** Wait for its end and say with which error; it has a `name`, and the
 *  scenario an `error`. */
#define SAY_OUTCOME(slot)                                                      \
    do {                                                                       \
        AWAIT_CATCH(self->error, async_join(&(slot).task));                    \
        say("%s: %s", (slot).run.name, error_name(self->error));               \
    } while (0)

static inline const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

#endif
