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

/* What a task's await chain ends with, from a place in it: the field of the
 * last that joins, of the outermost scope or of the outermost coroutine. */
static async_link_t_ *end_of_chain(async_coro_t *place)
{
    async_link_t_ *end = &place->link_;
    while (end->next_ != NULL && !is_watcher(end->next_)) {
        end = end->next_;
    }
    return end;
}

bool async_is_member_(const async_task_t *task)
{
    return end_of_chain(task->leaf_)->next_ != NULL;
}

void async_forget_watcher_(async_task_t *task)
{
    end_of_chain(task->leaf_)->next_ = NULL;
}

/* --- Tell ----------------------------------------------------------------- */

/*
 * An error that nobody has taken yet, and the tasks that were woken with it and
 * have not run: a ring through joined_, from the task that has ended to each of
 * them and back. The first that raises the error takes it; one that is
 * cancelled meanwhile leaves the ring. When the error is taken the ring is over
 * (async_take_error_), for the memory of the task may have another use then.
 */
static async_settle_t_ settle_join;
static const async_hand_t_ joining = {.settle_ = settle_join};

static bool is_joining(const async_task_t *task)
{
    return task_holder(task) == &joining;
}

static void enter_ring(async_task_t *joiner, async_task_t *task)
{
    async_task_t *first = task->timer_.node_.joined_;
    joiner->timer_.node_.joined_ = first == NULL ? task : first;
    task->timer_.node_.joined_ = joiner;
}

/* Returns the task that has ended; NULL if its error was taken. */
static async_task_t *leave_ring(async_task_t *joiner)
{
    async_task_t *next = joiner->timer_.node_.joined_;
    async_task_t *before = next;
    async_task_t *ended = NULL;
    if (next == NULL) {
        return NULL;
    }
    for (;; before = before->timer_.node_.joined_) {
        ended = is_joining(before) ? ended : before;
        if (before->timer_.node_.joined_ == joiner) {
            break;
        }
    }
    before->timer_.node_.joined_ = before == next ? NULL : next;
    joiner->timer_.node_.joined_ = NULL;
    return ended;
}

/* The joining task runs again, and raises what it was woken with, unless it was
 * cancelled in between. */
static int settle_join(async_hand_t_ *hand, async_task_t *joiner,
                       async_outcome_t_ outcome)
{
    async_task_t *ended = leave_ring(joiner);
    (void)hand;
    if (outcome != ASYNC_ARRIVES_) {
        return ASYNC_OK;
    }
    if (ended != NULL) {
        async_take_error_(ended);
    }
    return joiner->timer_.head_.error_;
}

/* Where nobody asks who has taken it, it is an error like any other. */
static void wake_with_error(async_task_t *joiner, int error)
{
    if (!ASYNC_REPORTS) {
        async_interrupt_(joiner, error);
        return;
    }
    if (task_has(joiner, ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(joiner);
    }
    errors_on(joiner->loop_);
    head_of(joiner)->error_ = (int16_t)error;
    async_port_state_t state = async_loop_lock_();
    list_remove(link_of(joiner));
    task_hold(joiner, (async_hand_t_ *)(void *)&joining, 0);
    async_ready_push_(joiner);
    async_loop_unlock_(state);
}

static void wake_joiner(async_task_t *joiner, int error)
{
    if (error < 0) {
        wake_with_error(joiner, error);
        return;
    }
    async_port_state_t state = async_loop_lock_();
    async_wake_(joiner);
    async_loop_unlock_(state);
}

async_watcher_t_ *async_tell_end_(async_task_t *task, async_coro_t *root,
                                  int error)
{
    async_link_t_ *end = end_of_chain(root)->next_;
    while (root->link_.next_ != end) {
        async_task_t *joiner = task_of_link(root->link_.next_);
        wake_joiner(joiner, error);
        if (end == NULL && async_stays_untaken_(error)) {
            enter_ring(joiner, task);
        }
    }
    async_watcher_t_ *watcher = (async_watcher_t_ *)(void *)end;
    if (watcher != NULL) {
        watcher->ended_(watcher, task, error);
    }
    return watcher;
}

/* --- Join ----------------------------------------------------------------- */

static void append_joiner(async_link_t_ *end, async_link_t_ *joiner)
{
    joiner->next_ = end->next_;
    joiner->prev_ = end;
    end->next_ = joiner;
}

static bool can_join(const async_task_t *joiner, const async_task_t *task)
{
    return task->timer_.head_.state_ != 0 && task != joiner &&
           task->loop_ == joiner->loop_;
}

async_wait_t async_join(async_task_t *task)
{
    async_task_t *joiner = async_waiting_task_();
    if (MISUSE(joiner == NULL)) {
        return (async_wait_t){NULL};
    }
    if (MISUSE(!can_join(joiner, task))) {
        async_report_(ASYNC_REPORT_JOIN, task->leaf_, task, 0);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    if (task_has(task, ASYNC_TASK_DONE_)) {
        async_take_error_(task);
        int error = head_of(task)->error_;
        return error < 0 ? async_fail_(error) : async_is_ready_();
    }
    tell_end_on(task->loop_);
    async_wait_t wait = async_wait_in_(NULL);
    if (wait.awaitable_ == NULL) { /* it is not to end instead */
        append_joiner(end_of_chain(task->leaf_), link_of(joiner));
    }
    return wait;
}
