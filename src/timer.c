/* SPDX-License-Identifier: MIT */

/*
 * Timers of a loop, and the list of its tasks.
 *
 * Every task that has had its first step and is not done is either in the heap,
 * because its timer runs, or in the list of the others, through the same node.
 * Both hang on the loop's own node, so all tasks of a loop are one tree; that
 * costs no memory.
 *
 * Only the loop's thread touches heap and list. An interrupt that wakes a task
 * leaves its timer running; the loop stops it before the task goes on.
 */
#include "timer_heap.h"

#include "core.h"

void async_untimed_add_(async_task_t *task)
{
    task->timer_.node_.child_ = NULL;
    node_add_child(&task->loop_->nodes_, &task->timer_.node_);
}

void async_untimed_remove_(async_task_t *task)
{
    node_unlink(&task->timer_.node_);
}

void async_timer_start_(async_loop_t *loop, async_timer_t_ *timer,
                        async_time_t deadline)
{
    timer->head_.error_ = (int16_t)(loop->ticket_++ & 0x7FFF);
    timer->deadline_ = deadline;
    heap_insert(&loop->nodes_, &timer->node_);
}

ASYNC_NOINLINE_FOR_SIZE_ void async_timer_stop_(async_loop_t *loop,
                                                async_timer_t_ *timer)
{
    heap_remove(&loop->nodes_, &timer->node_);
}

/* The flags of a task that waits may be changed by interrupts. One that was
 * woken meanwhile stops its timer in its next step. */
void async_task_timer_start_(async_task_t *task, async_time_t deadline,
                             unsigned flags)
{
    node_unlink(&task->timer_.node_);
    async_timer_start_(task->loop_, &task->timer_, deadline);
    async_port_state_t state = async_brief_lock_();
    task_set(task, ASYNC_TASK_TIMED_ | flags);
    async_brief_unlock_(state);
}

static ASYNC_ALWAYS_INLINE_ void task_timer_stop(async_task_t *task)
{
    if (task_has(task, ASYNC_TASK_TIMED_)) {
        async_timer_stop_(task->loop_, &task->timer_);
    }
    async_untimed_add_(task);
    async_port_state_t state = async_brief_lock_();
    task_clear(task, ASYNC_TASK_NEW_ | ASYNC_TASK_TIMED_ | ASYNC_TASK_LIMIT_);
    async_brief_unlock_(state);
}

void async_task_timer_stop_(async_task_t *task)
{
    task_timer_stop(task);
}
#ifdef __OPTIMIZE_SIZE__
#define task_timer_stop async_task_timer_stop_ /* one copy */
#endif

/* A wait that has ended in the same round before its limit came has won. */
static void expire_task(async_task_t *task, async_time_t now)
{
    unsigned limit = head_of(task)->state_ & ASYNC_TASK_LIMIT_;
    task_timer_stop(task);
    async_port_state_t state = async_loop_lock_();
    if (task_is_waiting(task)) {
        task_set(task, limit); /* it remembers; see error_of */
        async_wake_(task);
        hook_due(task, (async_ticks_t)(now - task->timer_.deadline_));
    }
    async_loop_unlock_(state);
}

/* Timers that are not a task's are scopes, which know what to do. */
static ASYNC_NOINLINE_FOR_SPEED_ void expire(async_timer_t_ *timer,
                                             async_time_t now)
{
    if (timer->head_.state_ >= ASYNC_TASK_ALIVE_) {
        expire_task(task_of_timer(timer), now);
    } else {
        async_scope_says_(&timer->head_, NULL, ASYNC_EXPIRED_);
    }
}

void async_timers_expire_(async_loop_t *loop)
{
    async_time_t now = async_loop_now(loop);
    async_node_t_ *node;
    while ((node = loop->nodes_.next_) != NULL) {
        async_timer_t_ *timer = timer_of_node(node);
        if (async_time_before(now, timer->deadline_)) {
            return;
        }
        expire(timer, now);
    }
}
