/* SPDX-License-Identifier: MIT */

/*
 * Joining: who waits for the end of a task, and telling them.
 *
 * Joining tasks hang on the outermost coroutine's `outward` field, which has
 * no other use: those are the ones that await it. The list ends with NULL, or
 * with what watches the task; its first link's prev_ points at the field.
 */
#include "core.h"
#include "timer_heap.h"

static async_coro_t *outermost(async_coro_t *coro)
{
    async_coro_t *outward;
    while ((outward = outward_of(coro)) != NULL) {
        coro = outward;
    }
    return coro;
}

/* What the task's await chain ends with: the field of the last that joins, of
 * the outermost scope or of the outermost coroutine. */
static async_link_t_ *end_of_chain(const async_task_t *task)
{
    async_link_t_ *end = &outermost(task->leaf_)->link_;
    while (end->next_ != NULL && !is_watcher(end->next_)) {
        end = end->next_;
    }
    return end;
}

bool async_is_member_(const async_task_t *task)
{
    return end_of_chain(task)->next_ != NULL;
}

void async_forget_watcher_(async_task_t *task)
{
    end_of_chain(task)->next_ = NULL;
}

/* --- Tell ----------------------------------------------------------------- */

static bool has_joiner(const async_coro_t *root)
{
    return root->link_.next_ != NULL && !is_watcher(root->link_.next_);
}

/* The joining task runs again. The error counts as taken only if it is raised
 * there, for a cancellation may have come in between. */
static int settle_join(async_hand_t_ *hand, async_task_t *joiner,
                       async_outcome_t_ outcome)
{
    if (outcome != ASYNC_ARRIVES_) {
        return ASYNC_OK;
    }
    async_node_t_ *node = (async_node_t_ *)(void *)hand;
    async_take_error_(task_of_timer(timer_of_node(node)));
    return joiner->timer_.head_.error_;
}

/* As a hand wakes its tasks: the node of the task that is done is what the
 * joining task has to settle with. */
static void wake_with_error(async_task_t *joiner, async_task_t *task, int error)
{
    if (task_has(joiner, ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(joiner);
    }
    errors_on(task->loop_);
    head_of(joiner)->error_ = (int16_t)error;
    task->timer_.node_.settle_ = settle_join;
    async_port_state_t state = async_port_lock();
    list_remove(link_of(joiner));
    task_hold(joiner, (async_hand_t_ *)(void *)&task->timer_.node_, 0);
    async_ready_push_(joiner);
    async_port_unlock(state);
}

static void wake_joiners(async_task_t *task, async_coro_t *root, int error)
{
    while (has_joiner(root)) {
        async_task_t *joiner = task_of_link(root->link_.next_);
        if (error < 0) {
            wake_with_error(joiner, task, error);
        } else {
            async_port_state_t state = async_port_lock();
            async_wake_(joiner);
            async_port_unlock(state);
        }
    }
}

bool async_tell_end_(async_task_t *task, async_coro_t *root, int error)
{
    wake_joiners(task, root, error);
    async_wake_all_(&task->loop_->ended_);
    async_watcher_t_ *watcher = (async_watcher_t_ *)(void *)root->link_.next_;
    if (watcher != NULL) {
        watcher->ended_(watcher, task, error);
    }
    return watcher != NULL;
}

/* --- Join ----------------------------------------------------------------- */

static void append_joiner(async_link_t_ *end, async_link_t_ *joiner)
{
    joiner->next_ = end->next_;
    joiner->prev_ = end;
    end->next_ = joiner;
}

async_wait_t async_join(async_task_t *task)
{
    async_task_t *joiner = async_waiting_task_();
    if (joiner == NULL) {
        return (async_wait_t){NULL};
    }
    if (head_of(task)->state_ == 0 || task == joiner ||
        task->loop_ != joiner->loop_) {
        async_report_(ASYNC_REPORT_JOIN, task->leaf_, task, 0);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    if (async_task_done(task)) {
        int error = async_task_error(task);
        return error < 0 ? async_fail_(error) : async_is_ready_();
    }
    task->loop_->tell_end_ = async_tell_end_;
    async_wait_t wait = async_wait_in_(NULL);
    if (task_is_waiting(joiner)) {
        append_joiner(end_of_chain(task), link_of(joiner));
    }
    return wait;
}
