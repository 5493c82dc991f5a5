/* SPDX-License-Identifier: MIT */

/*
 * Looking into a loop from anywhere: nothing is locked or written, and nothing
 * that is torn leads to a walk without end.
 *
 * Links that point back are followed only if they do. Then each link has one
 * predecessor, so a walk that came from somewhere cannot run into itself. Links
 * that do not are counted.
 */
#ifndef ASYNC_LOOK_H
#define ASYNC_LOOK_H

#include "async/dump.h"

#include "core.h"

/* More than a loop has tasks ready; more than a task has calls and blocks. */
#define LINKS_MAX 30000
#define CHAIN_MAX 1000

/* A pointer to an object may be followed. */
static inline bool is_pointer(const void *pointer)
{
    return pointer != NULL && (uintptr_t)pointer % _Alignof(void *) == 0;
}

/* The node after this one, timers of blocks included; NULL at the end, or
 * (*torn is set to it) if it does not point back. */
const async_node_t_ *async_look_node_(const async_loop_t *loop,
                                      const async_node_t_ *node,
                                      const void **torn);

/* The same for tasks, those with an error to be taken included. First those
 * that the loop knows, then those that are new. */
const async_task_t *async_look_task_(const async_loop_t *loop,
                                     const async_task_t *previous,
                                     const void **torn);

/* The loop knows a task at this address. */
bool async_look_knows_(const async_loop_t *loop, const async_link_t_ *link);

/* The task of this loop whose step it is, or that a handler has cut into. */
const async_task_t *async_look_running_(const async_loop_t *loop);

/* How many tasks are ready. */
unsigned async_look_ready_(const async_loop_t *loop);

#endif
