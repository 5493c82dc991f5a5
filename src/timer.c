/* SPDX-License-Identifier: MIT */

/*
 * Timers of a loop, and the list of its tasks.
 *
 * Every task that has had its first step and is not done is either in the heap,
 * because its timer runs, or in the list of the others, through the same two
 * fields. Both together are all tasks of the loop; that costs no memory.
 *
 * Only the loop's thread touches heap and list. An interrupt that wakes a task
 * leaves its timer running; the loop stops it before the task goes on.
 */
#include "timer_heap.h"

#include "async/timeout.h"
#include "core.h"

void async_untimed_add_(async_loop_t *loop, async_timer_t_ *timer)
{
    timer->child_ = timer->prev_ = NULL;
    timer->next_ = loop->untimed_;
    if (timer->next_ != NULL) {
        timer->next_->prev_ = timer;
    }
    loop->untimed_ = timer;
}

void async_untimed_remove_(async_loop_t *loop, async_timer_t_ *timer)
{
    if (timer->prev_ != NULL) {
        timer->prev_->next_ = timer->next_;
    } else {
        loop->untimed_ = timer->next_;
    }
    if (timer->next_ != NULL) {
        timer->next_->prev_ = timer->prev_;
    }
}

void async_timer_start_(async_loop_t *loop, async_timer_t_ *timer,
                        async_time_t deadline)
{
    loop->ticket_ =
        loop->ticket_ == INT16_MAX ? 1 : (int16_t)(loop->ticket_ + 1);
    timer->head_.error_ = loop->ticket_;
    timer->deadline_ = deadline;
    timer_heap_insert(&loop->timers_, timer);
}

void async_timer_stop_(async_loop_t *loop, async_timer_t_ *timer)
{
    timer_heap_remove(&loop->timers_, timer);
}

/* A task that waits may be woken by an interrupt at any time; its flags and its
 * error_ are the interrupt's then. */
void async_task_timer_start_(async_task_t *task, async_time_t deadline,
                             unsigned flags)
{
    async_port_state_t state = async_port_lock();
    if (task_is_waiting(task)) {
        async_untimed_remove_(task->loop_, &task->timer_);
        async_timer_start_(task->loop_, &task->timer_, deadline);
        task_set(task, ASYNC_TASK_TIMED_ | flags);
    }
    async_port_unlock(state);
}

void async_task_timer_stop_(async_task_t *task)
{
    async_timer_stop_(task->loop_, &task->timer_);
    async_untimed_add_(task->loop_, &task->timer_);
    async_port_state_t state = async_port_lock();
    task_clear(task, ASYNC_TASK_TIMED_ | ASYNC_TASK_LIMIT_);
    async_port_unlock(state);
}

/* A wait that has ended in the same round before its limit came has won. */
static void expire_task(async_task_t *task)
{
    bool is_limit = task_has(task, ASYNC_TASK_LIMIT_);
    async_task_timer_stop_(task);
    async_port_state_t state = async_port_lock();
    if (task_is_waiting(task)) {
        if (is_limit) {
            task_interrupt(task, ASYNC_ERR_TIMEOUT);
        } else {
            task_wake(task);
        }
    }
    async_port_unlock(state);
}

static void expire_timeout(async_timeout_t *timeout)
{
    async_timer_stop_(timeout->task_->loop_, &timeout->timer_);
    timeout->timer_.head_.error_ = ASYNC_ERR_TIMEOUT;
    async_ask_(timeout->task_, &timeout->timer_.head_);
}

void async_timers_expire_(async_loop_t *loop, async_time_t now)
{
    while (loop->timers_ != NULL &&
           !async_time_before(now, loop->timers_->deadline_)) {
        async_timer_t_ *timer = loop->timers_;
        if (timer->head_.state_ >= ASYNC_TASK_ALIVE_) {
            expire_task(task_of_timer(timer));
        } else {
            expire_timeout((async_timeout_t *)(void *)timer);
        }
    }
}

/* Preorder, without recursion: down, else on, else up until one can go on. */
async_timer_t_ *async_timer_next_(const async_timer_t_ *timer)
{
    if (timer->child_ != NULL) {
        return timer->child_;
    }
    while (timer != NULL && timer->next_ == NULL) {
        while (timer->prev_ != NULL && timer->prev_->child_ != timer) {
            timer = timer->prev_;
        }
        timer = timer->prev_;
    }
    return timer == NULL ? NULL : timer->next_;
}
