/* SPDX-License-Identifier: MIT */

/*
 * All tasks that a loop knows: those in the tree of its nodes.
 */
#include "nodes.h"

async_task_t *async_next_task_(const async_loop_t *loop,
                               const async_task_t *task)
{
    const async_node_t_ *top = &loop->nodes_;
    async_node_t_ *node =
        node_after(top, task == NULL ? top : &task->timer_.node_);
    while (node != NULL &&
           timer_of_node(node)->head_.state_ < ASYNC_TASK_ALIVE_) {
        node = node_after(top, node);
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
