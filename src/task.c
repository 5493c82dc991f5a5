/* SPDX-License-Identifier: MIT */

/*
 * Tasks: spawn, join, cancel, and the end.
 *
 * Joining tasks hang on the outermost coroutine's `outward` field, which has
 * no other use: those are the ones that await it. The list ends with NULL; its
 * first link's prev_ points at the field.
 */
#include "async/task.h"

#include "core.h"

ASYNC_COLD_ static void report_task(async_report_kind_t kind,
                                    const async_task_t *task)
{
    const async_report_t report = {.kind = kind,
                                   .coro = task->leaf_,
                                   .task = task,
                                   .error = task->timer_.head_.error_};
    async_on_report(&report);
}

/* --- Create --------------------------------------------------------------- */

/* Under the lock, for an interrupt may spawn the task anew. */
static void take_error(async_task_t *task)
{
    async_port_state_t state = async_port_lock();
    bool untaken = async_task_done(task) && task_has(task, ASYNC_TASK_UNTAKEN_);
    if (untaken) {
        task_clear(task, ASYNC_TASK_UNTAKEN_);
    }
    async_port_unlock(state);
    if (untaken) {
        async_untimed_remove_(task->loop_, &task->timer_);
    }
}

static bool may_spawn(async_task_t *task, const async_coro_t *coro)
{
    if (task_is_alive(task)) {
        report_task(ASYNC_REPORT_TASK_REUSED, task);
        return false;
    }
    if (coro->state_ != 0 || coro->link_.resume_ == NULL) {
        const async_task_t *by = async_current_task();
        const async_report_t report = {.kind = async_misuse_of_(coro),
                                       .coro = coro,
                                       .task = task,
                                       .by = by == NULL ? NULL : by->leaf_};
        async_on_report(&report);
        return false;
    }
    return true;
}

/* Only the ready queue is touched, so that interrupts may spawn too; the loop
 * gets to know the task in its first step, unless it still does. */
void async_spawn(async_loop_t *loop, async_task_t *task, async_coro_t *coro)
{
    if (!may_spawn(task, coro)) {
        return;
    }
    unsigned untaken = head_of(task)->state_ & ASYNC_TASK_UNTAKEN_;
    if (untaken != 0) {
        report_task(ASYNC_REPORT_ERROR_NOT_TAKEN, task);
    }
    if (untaken != 0 && task->loop_ != loop) {
        take_error(task);
        untaken = 0;
    }
    coro->state_ = ASYNC_IS_START_;
    head_of(task)->state_ =
        (uint16_t)(ASYNC_TASK_ALIVE_ | ASYNC_TASK_NEW_ | untaken);
    head_of(task)->link_.prev_ = NULL;
    task->leaf_ = coro;
    task->loop_ = loop;
    async_port_state_t state = async_port_lock();
    ready_push(task);
    async_port_unlock(state);
}

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

/* --- End ------------------------------------------------------------------ */

static bool has_joiner(const async_coro_t *root)
{
    return root->link_.next_ != NULL && !is_watcher(root->link_.next_);
}

/*
 * An error is raised in the joining tasks. It counts as taken when that really
 * happens, for a cancellation may come in between; until then the joining task,
 * whose timer does not run, remembers this one.
 */
static void wake_joiners(async_task_t *task, async_coro_t *root, int error)
{
    while (has_joiner(root)) {
        async_task_t *joiner = task_of_link(root->link_.next_);
        if (error < 0) {
            async_interrupt_(joiner, error);
            joiner->timer_.child_ = &task->timer_;
        } else {
            async_port_state_t state = async_port_lock();
            task_wake(joiner);
            async_port_unlock(state);
        }
    }
}

void async_take_joined_error_(async_task_t *joiner, int error)
{
    async_timer_t_ *joined = joiner->timer_.child_;
    if (joined != NULL && error != ASYNC_CANCELLING_) {
        take_error(task_of_timer(joined));
    }
    joiner->timer_.child_ = NULL;
}

/* A task that cancelled itself and then ended well without an AWAIT that pauses
 * has ended by the cancellation. */
static int final_error(const async_task_t *task, const async_coro_t *root)
{
    bool cancelled = root->error_ >= 0 && task_has(task, ASYNC_TASK_RAISE_);
    return public_error(cancelled ? task->timer_.head_.error_ : root->error_);
}

void async_task_end_(async_task_t *task, async_coro_t *root)
{
    int error = final_error(task, root);
    if (ASYNC_UNLIKELY_(task_is_linked(task))) {
        async_end_wait_(task);
    }
    wake_joiners(task, root, error);
    if (!list_is_empty(&task->loop_->ended_)) {
        async_wake_all_(&task->loop_->ended_);
    }
    bool untaken = error < 0 && error != ASYNC_ERR_CANCELLED;
    if (root->link_.next_ != NULL) {
        async_watcher_t_ *watcher =
            (async_watcher_t_ *)(void *)root->link_.next_;
        watcher->ended_(watcher, task, error);
        untaken = false;
    }
    if (!untaken) {
        async_untimed_remove_(task->loop_, &task->timer_);
    }
    root->error_ = (int16_t)error;
    head_of(task)->error_ = (int16_t)error;
    head_of(task)->state_ = (uint16_t)(ASYNC_TASK_ALIVE_ | ASYNC_TASK_DONE_ |
                                       (untaken ? ASYNC_TASK_UNTAKEN_ : 0));
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
        report_task(ASYNC_REPORT_JOIN, task);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    if (async_task_done(task)) {
        int error = async_task_error(task);
        return error < 0 ? async_fail_(error) : async_is_ready_();
    }
    async_wait_t wait = async_wait_in_(NULL);
    if (task_is_waiting(joiner)) {
        append_joiner(end_of_chain(task), link_of(joiner));
    }
    return wait;
}

/* --- Cancel --------------------------------------------------------------- */

/* The timer stops first: while it runs, error_ is its ticket. */
void async_interrupt_(async_task_t *task, int error)
{
    if (task_has(task, ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(task);
    }
    async_port_state_t state = async_port_lock();
    task_interrupt(task, error);
    async_port_unlock(state);
}

/* The next scope outwards of a place; NULL at the asker, or (NULL) at the end
 * of the chain. The place itself is not looked at: a leaf is no scope, whatever
 * its state looks like. */
static async_coro_t *next_scope(async_coro_t *place, const async_coro_t *asker)
{
    do {
        place = outward_of(place);
    } while (place != NULL && place != asker &&
             (place->state_ & ASYNC_SCOPE_) == 0);
    return place == asker ? NULL : place;
}

/* The outermost shield between `place` and the asker; `place`, if there is
 * none. */
static async_coro_t *shield_around(async_coro_t *place,
                                   const async_coro_t *asker)
{
    async_coro_t *found = place;
    async_coro_t *scope = next_scope(place, asker);
    for (; scope != NULL; scope = next_scope(scope, asker)) {
        if (async_scope_says_(scope, place, ASYNC_SHIELDS_)) {
            found = scope;
        }
    }
    return found;
}

bool async_let_pass_(async_coro_t *place, const async_coro_t *asker)
{
    async_coro_t *inner = shield_around(place, asker);
    async_coro_t *scope = next_scope(inner, asker);
    for (; scope != NULL; scope = next_scope(scope, asker)) {
        async_scope_says_(scope, inner, ASYNC_LET_PASS_);
    }
    if (inner != place) {
        inner->error_ = ASYNC_CANCELLING_; /* the shield's, until its end */
    }
    return inner == place;
}

void async_ask_(async_task_t *task, const async_coro_t *asker)
{
    if (async_let_pass_(task->leaf_, asker)) {
        async_interrupt_(task, ASYNC_CANCELLING_);
    }
}

bool async_cancel(async_task_t *task)
{
    if (!task_is_alive(task)) {
        return false;
    }
    async_ask_(task, NULL);
    async_port_state_t state = async_port_lock(); /* in a shield it waits on */
    task_set(task, ASYNC_TASK_CANCEL_);
    async_port_unlock(state);
    return true;
}

/* --- Ask ------------------------------------------------------------------ */

bool async_task_done(const async_task_t *task)
{
    return task_has(task, ASYNC_TASK_DONE_);
}

int async_task_error(async_task_t *task)
{
    if (!async_task_done(task)) {
        return 0;
    }
    take_error(task);
    return head_of(task)->error_;
}

bool async_task_cancelling(const async_task_t *task)
{
    return task_is_alive(task) && task_has(task, ASYNC_TASK_CANCEL_);
}

const async_coro_t *async_task_coro(const async_task_t *task)
{
    return task->leaf_;
}
