/* SPDX-License-Identifier: MIT */

/*
 * Groups: a scope that stays until its members have ended.
 *
 * Each member's await chain ends at the group's watcher, which is told when it
 * ends. Leaving the body, in whatever way, makes the scope part of the wait for
 * the members; the last of them takes it out of the chain and wakes the parent,
 * with what it is to go on with: nothing, an error, a cancellation, or a return.
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
    return &group->watcher_.head_.error_;
}

static void report_lost(const async_coro_t *coro, const async_task_t *task,
                        int error)
{
    const async_report_t report = {.kind = ASYNC_REPORT_ERROR_NOT_TAKEN,
                                   .coro = coro,
                                   .task = task,
                                   .error = error};
    async_on_report(&report);
}

/* The first error stays; it counts more than a cancellation, and that more
 * than a return. False if this error is lost. The group's own request to cancel
 * the body comes after an error, so it changes nothing. */
static bool note(async_group_t *group, int error)
{
    int16_t *outcome = outcome_of(group);
    bool is_error = error < 0 && error != ASYNC_CANCELLING_;
    bool has_error = *outcome < 0 && *outcome != ASYNC_CANCELLING_;
    if (has_error) {
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

/* Who is being cancelled already is not cancelled again, which would cut short
 * its cleanup. */
static void abort_members(async_group_t *group)
{
    group->aborting_ = true;
    async_link_t_ *link = group->members_.next_;
    for (; link != NULL && link != &group->members_; link = link->next_) {
        async_task_t *task = &member_of_link(link)->task;
        if (!async_task_cancelling(task)) {
            async_cancel(task);
        }
    }
}

static bool is_ending(const async_group_t *group)
{
    return group->scope_.state_ == ASYNC_SCOPE_;
}

/* The parent waits for the members, and all have ended. */
static void wake_parent(async_group_t *group)
{
    async_task_t *parent = group->parent_;
    int outcome = *outcome_of(group);
    set_outward(parent->leaf_, group->scope_.link_.next_);
    group->scope_.state_ = 0;
    if (outcome != 0) {
        async_interrupt_(parent, outcome);
        return;
    }
    async_port_state_t state = async_port_lock();
    task_wake(parent);
    async_port_unlock(state);
}

/* The others end because of this one. The parent's body is cancelled, unless it
 * has ended. */
static void end_others(async_group_t *group)
{
    if (!group->aborting_) {
        abort_members(group);
        if (!is_ending(group)) {
            async_ask_(group->parent_, &group->scope_);
        }
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
    bool failed = error < 0 && error != ASYNC_ERR_CANCELLED &&
                  group->kind_ != RETURN_ERRORS;
    bool has_lost = group->winner_ != NULL;
    if (failed && (has_lost || !note(group, error))) {
        report_lost(task->leaf_, task, error);
    }
    bool has_won = group->kind_ == RACE && !group->aborting_ &&
                   error != ASYNC_ERR_CANCELLED;
    if (has_won) {
        group->winner_ = member;
    }
    if (has_won || failed) {
        end_others(group);
    }
    if (list_is_empty(&group->members_) && is_ending(group) &&
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
        async_coro_t *place = member->task.leaf_;
        for (async_coro_t *next; (next = outward_of(place)) != NULL;) {
            place = next;
        }
        async_link_t_ *end = &place->link_;
        while (!is_watcher(end->next_)) {
            end = end->next_;
        }
        end->next_ = NULL;
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
        report_lost(coro, group->parent_, *error);
    }
    if (*error < 0 && !group->aborting_) {
        abort_members(group);
    }
    if (list_is_empty(&group->members_)) {
        *error = *outcome_of(group);
        return ASYNC_READY_;
    }
    return async_wait_in_(NULL).awaitable_;
}

static void open(async_group_t *group, async_coro_t *coro, unsigned line)
{
    async_scope_enter_(&group->scope_, coro, line, leave_group);
    group->watcher_.head_ = (async_coro_t){.state_ = ASYNC_IS_WATCHER_};
    group->watcher_.ended_ = member_ended;
    group->members_.next_ = group->members_.prev_ = NULL;
    group->parent_ = async_current_->running_;
    group->winner_ = NULL;
    group->kind_ = BLOCK;
    group->aborting_ = false;
}

void async_group_enter_(async_group_t *group, async_coro_t *coro, unsigned line)
{
    open(group, coro, line);
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
    open(group, task->leaf_, 0);
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
