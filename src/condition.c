/* SPDX-License-Identifier: MIT */

/*
 * Condition: a list of those who wait for a notification, and whose lock it is.
 *
 * A notification is given to a waiter, as a lock is, so that one that is
 * cancelled before it has looked can pass it on: until it has the lock again,
 * for until then it has not looked.
 *
 * An interrupt does not know the lock, so it may notify between the look at the
 * predicate and the wait. Only the task that has the lock can be there, so one
 * bit tells it.
 */
#include "async/condition.h"

#include "core.h"

static bool is_held(const async_condition_t *condition)
{
    const async_task_t *task = async_current_task();
    return task != NULL && condition->lock_ != NULL &&
           async_lock_owner(condition->lock_) == task;
}

/* --- Notify --------------------------------------------------------------- */

static bool wake_first(async_condition_t *condition)
{
    async_port_state_t state = async_port_lock();
    bool waits = !list_is_empty(&condition->waiters_.waiters_);
    if (waits) {
        task_hand(&condition->waiters_, 0);
    }
    async_port_unlock(state);
    return waits;
}

static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome)
{
    (void)task;
    if (outcome == ASYNC_GIVES_BACK_) {
        wake_first((async_condition_t *)(void *)hand);
    }
    return ASYNC_OK;
}

ASYNC_COLD_ static void report_misuse(const async_condition_t *condition)
{
    async_report_running_(condition->lock_ == NULL ? ASYNC_REPORT_NO_INIT
                                                   : ASYNC_REPORT_NOT_HELD);
}

void async_condition_notify(async_condition_t *condition, unsigned count)
{
    if (condition->lock_ == NULL ||
        (async_current_task() != NULL && !is_held(condition))) {
        report_misuse(condition);
        return;
    }
    condition->notified_ = true;
    while (count > 0 && wake_first(condition)) {
        count--;
    }
}

/* Who comes meanwhile cannot be many: it needs the lock for it. */
void async_condition_notify_all(async_condition_t *condition)
{
    async_condition_notify(condition, UINT_MAX);
}

/* --- Wait ----------------------------------------------------------------- */

bool async_condition_look_(async_condition_t *condition)
{
    if (!is_held(condition)) {
        return false; /* the wait reports it */
    }
    condition->notified_ = false;
    return true;
}

/* The task stands in the list before others can have the lock. */
static async_wait_t wait_without_lock(struct async_condition_wait *self)
{
    async_condition_t *condition = self->condition;
    async_waiting_task_(); /* there is one: the coroutine's */
    async_port_state_t state = async_port_lock();
    bool missed = self->looked_ && condition->notified_;
    async_wait_t wait = missed ? async_is_ready_()
                               : async_wait_at_(&condition->waiters_, settle);
    async_port_unlock(state);
    if (!missed) {
        self->released_ = true;
        async_lock_release(condition->lock_);
    }
    return wait;
}

/* It has the lock again. If it is cancelled all the same, it will not look. */
static void pass_on(const struct async_condition_wait *self)
{
    bool cancelled = self->shield_.scope_.error_ != 0;
    if (self->notified_ && cancelled) {
        wake_first(self->condition);
    }
}

ASYNC(async_condition_wait)
{
    ASYNC_BEGIN();
    if (!is_held(self->condition)) {
        report_misuse(self->condition);
        ASYNC_RAISE(ASYNC_ERR_MISUSE);
    }
    ASYNC_AWAIT(wait_without_lock(self));
    self->notified_ = true;
    ASYNC_FINALLY();
    if (self->released_) {
        ASYNC_SHIELD(&self->shield_) {
            ASYNC_AWAIT(async_lock_acquire(self->condition->lock_));
            pass_on(self);
        }
    }
    ASYNC_END();
}
