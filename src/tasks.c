/* SPDX-License-Identifier: MIT */

/*
 * All tasks of a loop: a walk over the tree of its nodes, without recursion.
 */
#include "core.h"
#include "timer_heap.h"

/* The loop's own node, and timers that run. Tasks in the list have none. */
static bool has_children(const async_node_t_ *top, const async_node_t_ *node)
{
    const async_coro_t *head = &timer_of_node(node)->head_;
    bool may_have = node == top || head->state_ < ASYNC_TASK_ALIVE_ ||
                    (head->state_ & ASYNC_TASK_TIMED_) != 0;
    return may_have && node->child_ != NULL;
}

/* The node from which this one hangs, directly or as a later sibling; NULL if
 * that is none. */
static const async_node_t_ *parent_of(const async_node_t_ *top,
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
static async_node_t_ *next_node(const async_node_t_ *top,
                                const async_node_t_ *node)
{
    if (has_children(top, node)) {
        return node->child_;
    }
    while (node != NULL && node->next_ == NULL) {
        node = parent_of(top, node);
    }
    return node == NULL ? NULL : node->next_;
}

async_task_t *async_next_task_(const async_loop_t *loop,
                               const async_task_t *task)
{
    const async_node_t_ *top = &loop->nodes_;
    async_node_t_ *node =
        next_node(top, task == NULL ? top : &task->timer_.node_);
    while (node != NULL &&
           timer_of_node(node)->head_.state_ < ASYNC_TASK_ALIVE_) {
        node = next_node(top, node);
    }
    return node == NULL ? NULL : task_of_timer(timer_of_node(node));
}

int async_report_tasks_(const async_loop_t *loop, async_report_kind_t kind,
                        bool alive)
{
    int count = 0;
    async_task_t *task = async_next_task_(loop, NULL);
    for (; task != NULL; task = async_next_task_(loop, task)) {
        if (task_is_alive(task) == alive) {
            async_report_(kind, task->leaf_, task,
                          alive ? 0 : head_of(task)->error_);
            count++;
        }
    }
    return count;
}

void async_deadlock(async_loop_t *loop)
{
    async_report_tasks_(loop, ASYNC_REPORT_DEADLOCK, true);
}
