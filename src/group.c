/* SPDX-License-Identifier: MIT */

/*
 * Groups: a scope that stays until its members have ended.
 *
 * Each member's await chain ends at the group's watcher, which is told when it
 * ends. Leaving the body, in whatever way, makes the scope part of the wait for
 * the members; the last of them takes it out of the chain and wakes the parent,
 * with what it is to go on with: nothing, an error, a cancellation, or a
 * return.
 */
#include "async/group.h"

#include "core.h"

/* kind_ */
enum {
    BLOCK,         /* the first error ends the others */
    RETURN_ERRORS, /* nothing does */
    RACE           /* the first end does */
};

/* --- What the group ends with --------------------------------------------- */

static int16_t *outcome_of(async_group_t *group)
{
    return &group->scope_.error_;
}

static bool has_error(async_group_t *group)
{
    int16_t outcome = *outcome_of(group);
    return outcome < 0 && outcome != ASYNC_CANCELLING_;
}

/* The first error stays; it counts more than a cancellation, and that more
 * than a return. False if this error is lost. The group's own request to cancel
 * the body comes after an error, so it changes nothing. */
static bool note(async_group_t *group, int error)
{
    int16_t *outcome = outcome_of(group);
    bool is_error = error < 0 && error != ASYNC_CANCELLING_;
    if (has_error(group)) {
        return !is_error;
    }
    if (is_error || *outcome >= 0) {
        *outcome = (int16_t)error;
    }
    return true;
}

/* --- Members -------------------------------------------------------------- */

static async_member_t *member_of_link(async_link_t_ *link)
{
    return (async_member_t *)(void *)((char *)link -
                                      offsetof(async_member_t, link_));
}

/* The outermost place from which a cancellation is on its way out; NULL if
 * there is none. Open scopes of a coroutine in its cleanup belong to the
 * cleanup. */
static async_coro_t *cancelled_place(const async_task_t *task)
{
    async_coro_t *found = NULL;
    bool in_cleanup = false;
    async_coro_t *place = task->leaf_;
    for (; place != NULL; place = outward_of(place)) {
        bool is_scope = (place->state_ & ASYNC_SCOPE_) != 0;
        in_cleanup =
            place->error_ == ASYNC_CANCELLING_ || (is_scope && in_cleanup);
        if (in_cleanup) {
            found = place;
        }
    }
    return found;
}

/* To cancel a task again would cut short its cleanup. It is enough that no
 * timeout ends the cancellation that is on its way. */
static void end_member(async_task_t *task)
{
    async_coro_t *place = cancelled_place(task);
    if (place != NULL && async_task_cancelling(task)) {
        async_let_pass_(place, NULL);
    } else {
        async_cancel(task);
    }
}

static void abort_members(async_group_t *group)
{
    group->aborting_ = true;
    async_link_t_ *link = group->members_.next_;
    for (; link != NULL && link != &group->members_; link = link->next_) {
        end_member(&member_of_link(link)->task);
    }
}

static bool is_ending(const async_group_t *group)
{
    return group->scope_.state_ == ASYNC_SCOPE_;
}

/* The parent waits for the members, and all have ended. If there is something
 * to go on with, it goes through the scope, where a cancellation that comes
 * before the parent runs meets it. */
static void wake_parent(async_group_t *group)
{
    async_task_t *parent = group->parent_;
    if (*outcome_of(group) != 0) {
        async_interrupt_(parent, ASYNC_ENDED_WELL_);
        return;
    }
    set_outward(parent->leaf_, group->scope_.link_.next_);
    group->scope_.state_ = 0;
    async_port_state_t state = async_port_lock();
    async_wake_(parent);
    async_port_unlock(state);
}

/* A member has failed, the first. The parent's body is cancelled, unless it has
 * ended. */
static void end_all(async_group_t *group)
{
    if (!group->aborting_) {
        abort_members(group);
    }
    if (!is_ending(group)) {
        async_ask_(group->parent_, &group->scope_);
    }
}

/* Keeps the error, or reports it. */
static void member_failed(async_group_t *group, const async_task_t *task,
                          int error)
{
    bool is_first = group->winner_ == NULL && !has_error(group);
    if (is_first) {
        note(group, error);
        end_all(group);
    } else {
        async_report_lost_(task->leaf_, task, error);
    }
}

static void member_ended(async_watcher_t_ *watcher, async_task_t *task,
                         int error)
{
    async_group_t *group =
        (async_group_t *)(void *)((char *)watcher -
                                  offsetof(async_group_t, watcher_));
    async_member_t *member = (async_member_t *)(void *)task;
    list_remove(&member->link_);
    bool cancelled = error == ASYNC_ERR_CANCELLED;
    bool has_won = group->kind_ == RACE && !group->aborting_ && !cancelled;
    if (error < 0 && !cancelled && group->kind_ != RETURN_ERRORS) {
        member_failed(group, task, error);
    }
    if (has_won) {
        group->winner_ = member;
        abort_members(group);
    }
    if (list_is_empty(&group->members_) && is_ending(group) &&
        scope_of(group->parent_->leaf_) == &group->scope_ &&
        task_is_waiting(group->parent_)) {
        wake_parent(group);
    }
}

void async_group_spawn(async_group_t *group, async_member_t *member,
                       async_coro_t *coro)
{
    if (group->scope_.state_ == 0) {
        async_report_running_(ASYNC_REPORT_NOT_OPEN);
        return;
    }
    bool was_alive = task_is_alive(&member->task);
    async_spawn(group->parent_->loop_, &member->task, coro);
    if (was_alive || !task_is_alive(&member->task)) {
        return;
    }
    coro->link_.next_ = &group->watcher_.head_.link_;
    list_append(&group->members_, &member->link_);
    if (group->aborting_) {
        async_cancel(&member->task);
    }
}

void async_group_cancel(async_group_t *group)
{
    if (group->scope_.state_ == 0) {
        async_report_running_(ASYNC_REPORT_NOT_OPEN);
        return;
    }
    abort_members(group);
}

/* --- The scope ------------------------------------------------------------ */

/* The members go on as tasks of their own. */
static void abandon(async_group_t *group)
{
    while (!list_is_empty(&group->members_)) {
        async_member_t *member = member_of_link(group->members_.next_);
        async_forget_watcher_(&member->task);
        list_remove(&member->link_);
    }
}

static async_coro_t *leave_group(async_coro_t *scope, async_coro_t *coro,
                                 int *error)
{
    async_group_t *group = (async_group_t *)(void *)scope;
    if (*error == ASYNC_ABANDONED_) {
        abandon(group);
    }
    if (*error > ASYNC_ENDED_WELL_) {
        return *error == ASYNC_ASKS_ ? coro : ASYNC_READY_;
    }
    if (!note(group, *error)) {
        async_report_lost_(coro, group->parent_, *error);
    }
    if (*error < 0 && !group->aborting_) {
        abort_members(group);
    }
    if (list_is_empty(&group->members_)) {
        *error = *outcome_of(group);
        return ASYNC_READY_;
    }
    async_waiting_task_(); /* it may keep an item that it has not taken */
    return async_wait_in_(NULL).awaitable_;
}

void async_group_enter_(async_group_t *group, async_coro_t *coro, unsigned line)
{
    async_scope_enter_(&group->scope_, coro, line, leave_group);
    group->watcher_.head_ = (async_coro_t){.state_ = ASYNC_IS_WATCHER_};
    group->watcher_.ended_ = member_ended;
    group->members_.next_ = group->members_.prev_ = NULL;
    group->parent_ = async_here_.task_;
    tell_end_on(async_here_.task_->loop_);
    group->winner_ = NULL;
    group->kind_ = BLOCK;
    group->aborting_ = false;
}

/* The body is over, and the scope part of this wait from now on. */
async_wait_t async_group_end_(async_group_t *group)
{
    async_task_t *task = async_waiting_task_();
    if (list_is_empty(&group->members_)) {
        int outcome = *outcome_of(group);
        async_scope_leave_(&group->scope_, task->leaf_);
        return outcome != 0
                   ? (async_wait_t){async_unwind_(task->leaf_, outcome)}
                   : async_is_ready_();
    }
    async_scope_check_(&group->scope_, task->leaf_);
    group->scope_.state_ = ASYNC_SCOPE_;
    return async_wait_in_(NULL);
}

/* --- Gather and race ------------------------------------------------------ */

static async_wait_t run_all(async_group_t *group, uint8_t kind,
                            async_member_t *members, async_coro_t *const *coros,
                            unsigned count)
{
    async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    async_group_enter_(group, task->leaf_, 0);
    group->kind_ = kind;
    for (unsigned i = 0; i < count; i++) {
        async_group_spawn(group, &members[i], coros[i]);
    }
    return async_group_end_(group);
}

async_wait_t async_gather_n(async_group_t *group, async_member_t *members,
                            async_coro_t *const *coros, unsigned count)
{
    return run_all(group, BLOCK, members, coros, count);
}

async_wait_t async_gather_errors_n(async_group_t *group,
                                   async_member_t *members,
                                   async_coro_t *const *coros, unsigned count)
{
    return run_all(group, RETURN_ERRORS, members, coros, count);
}

async_wait_t async_race_n(async_group_t *group, async_member_t *members,
                          async_coro_t *const *coros, unsigned count)
{
    return run_all(group, RACE, members, coros, count);
}

int async_race_winner(const async_group_t *group, const async_member_t *members)
{
    return group->winner_ == NULL ? -1 : (int)(group->winner_ - members);
}
