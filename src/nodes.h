/* SPDX-License-Identifier: MIT */

/*
 * The way through the tree of a loop's tasks and timers, without recursion.
 */
#ifndef ASYNC_NODES_H
#define ASYNC_NODES_H

#include "core.h"
#include "timer_heap.h"

/* The loop's own node, and timers that run. Tasks in the list have none. */
static inline bool node_has_children(const async_node_t_ *top,
                                     const async_node_t_ *node)
{
    const async_coro_t *head = &timer_of_node(node)->head_;
    bool may_have = node == top || head->state_ < ASYNC_TASK_ALIVE_ ||
                    (head->state_ & ASYNC_TASK_TIMED_) != 0;
    return may_have && node->child_ != NULL;
}

/* The node from which this one hangs, directly or as a later sibling; NULL if
 * that is none. */
static inline const async_node_t_ *node_parent(const async_node_t_ *top,
                                               const async_node_t_ *node)
{
    while (node != top) {
        const async_node_t_ *before = node->prev_;
        if (before->child_ == node) {
            return before;
        }
        node = before;
    }
    return NULL;
}

/* Preorder: down, else on, else up until one can go on. */
static inline async_node_t_ *node_after(const async_node_t_ *top,
                                        const async_node_t_ *node)
{
    if (node_has_children(top, node)) {
        return node->child_;
    }
    while (node != NULL && node->next_ == NULL) {
        node = node_parent(top, node);
    }
    return node == NULL ? NULL : node->next_;
}

#endif
