/* SPDX-License-Identifier: MIT */

/*
 * Reader-writer lock: one queue for both kinds of waiters, a count of readers,
 * and a writer.
 *
 * When the lock changes, the first in the queue comes in if it may, then the
 * next, until one may not. So whenever nobody is just letting others in, the
 * first that waits has to.
 *
 * That a waiter leaves the queue changes nothing for those behind it, but for
 * one case: a writer at which readers queue while others read. So the wait of a
 * writer opens a scope, in the guard, which an unwinding meets first; there the
 * queue is looked at again. (A mark in the task could not do that: nobody looks
 * at a task that is taken out of a queue.) The same scope tells, of a task that
 * waits, that it wants to write.
 */
#include "async/rwlock.h"

#include "core.h"

/* --- The queue ------------------------------------------------------------ */

static async_coro_t *leave_wait(async_coro_t *scope, async_coro_t *coro,
                                int *error);

/* It stands still while it waits, so its chain may be read from anywhere. */
static bool waits_to_write(const async_task_t *task)
{
    const async_coro_t *scope = scope_of(task->leaf_);
    return scope != NULL && scope->link_.leave_ == leave_wait;
}

static bool may_read(const async_rwlock_t *lock)
{
    return lock->writer_ == NULL && lock->readers_ < UINT16_MAX;
}

static bool may_write(const async_rwlock_t *lock)
{
    return lock->writer_ == NULL && lock->readers_ == 0;
}

/* The first that waits comes in, if there is one and it may. */
static bool let_in_first(async_rwlock_t *lock)
{
    async_link_t_ *waiters = &lock->waiters_.waiters_;
    if (list_is_empty(waiters)) {
        return false;
    }
    async_task_t *first = task_of_link(waiters->next_);
    bool writes = waits_to_write(first);
    if (writes ? !may_write(lock) : !may_read(lock)) {
        return false;
    }
    if (writes) {
        lock->writer_ = first;
    } else {
        lock->readers_++;
    }
    task_hand(&lock->waiters_, 0);
    return true;
}

/* Another loop may come in between two of them: what it finds is in order, and
 * whoever it is queues behind those that are to be let in here. */
static void let_in(async_rwlock_t *lock)
{
    async_port_state_t state = async_port_lock();
    while (let_in_first(lock)) {
        async_port_unlock(state);
        state = async_port_lock();
    }
    async_port_unlock(state);
}

/* --- The wait of a writer ------------------------------------------------- */

static async_coro_t *leave_wait(async_coro_t *scope, async_coro_t *coro,
                                int *error)
{
    (void)coro;
    async_with_t *guard = (async_with_t *)(void *)scope;
    if (*error <= ASYNC_ABANDONED_) {
        let_in((async_rwlock_t *)guard->object_);
    }
    return ASYNC_READY_;
}

/* Line 0: the scope belongs to the operation, not to a block. */
static void begin_wait(async_with_t *guard, async_task_t *task,
                       async_rwlock_t *lock)
{
    async_scope_enter_(&guard->scope_, task->leaf_, 0, leave_wait);
    guard->scope_.state_ = ASYNC_SCOPE_;
    guard->object_ = lock;
}

static void end_wait(async_task_t *task)
{
    if (waits_to_write(task)) {
        async_scope_leave_(scope_of(task->leaf_), task->leaf_);
    }
}

static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome)
{
    async_rwlock_t *lock = (async_rwlock_t *)(void *)hand;
    bool writes = read_task(&lock->writer_) == task;
    if (writes) {
        end_wait(task);
    }
    if (outcome == ASYNC_GIVES_BACK_ && writes) {
        lock->writer_ = NULL;
        let_in(lock);
    } else if (outcome == ASYNC_GIVES_BACK_) {
        async_rwlock_read_release(lock);
    }
    return ASYNC_OK;
}

/* --- Come in (interrupts locked) ------------------------------------------ */

static bool take_reading(async_rwlock_t *lock)
{
    bool free = list_is_empty(&lock->waiters_.waiters_) && may_read(lock);
    if (free) {
        lock->readers_++;
    }
    return free;
}

static bool take_writing(async_rwlock_t *lock, async_task_t *task)
{
    bool free = list_is_empty(&lock->waiters_.waiters_) && may_write(lock);
    if (free) {
        lock->writer_ = task;
    }
    return free;
}

/* --- Wait ----------------------------------------------------------------- */

/* True, with a report, if the task would wait for itself. */
static bool writes_already(const async_rwlock_t *lock, const async_task_t *task)
{
    bool writes = read_task(&lock->writer_) == task;
    if (ASYNC_UNLIKELY_(writes)) {
        async_report_running_(ASYNC_REPORT_HELD_ALREADY);
    }
    return writes;
}

async_wait_t async_rwlock_read(async_rwlock_t *lock)
{
    const async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    if (writes_already(lock, task)) {
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    async_port_state_t state = async_port_lock();
    async_wait_t wait = take_reading(lock)
                            ? async_is_ready_()
                            : async_wait_at_(&lock->waiters_, settle);
    async_port_unlock(state);
    return wait;
}

async_wait_t async_rwlock_write(async_rwlock_t *lock, async_with_t *guard)
{
    async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    if (writes_already(lock, task)) {
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    begin_wait(guard, task, lock);
    async_port_state_t state = async_port_lock();
    bool taken = take_writing(lock, task);
    async_wait_t wait =
        taken ? async_is_ready_() : async_wait_at_(&lock->waiters_, settle);
    async_port_unlock(state);
    if (taken) {
        end_wait(task);
    }
    return wait;
}

/* --- Without waiting ------------------------------------------------------ */

int async_rwlock_try_read(async_rwlock_t *lock)
{
    async_port_state_t state = async_port_lock();
    bool taken = take_reading(lock);
    async_port_unlock(state);
    return taken ? ASYNC_OK : ASYNC_ERR_EMPTY;
}

int async_rwlock_try_write(async_rwlock_t *lock)
{
    async_task_t *task = async_current_task();
    if (task == NULL) {
        async_report_running_(ASYNC_REPORT_NOT_IN_TASK);
        return ASYNC_ERR_MISUSE;
    }
    async_port_state_t state = async_port_lock();
    bool taken = take_writing(lock, task);
    async_port_unlock(state);
    return taken ? ASYNC_OK : ASYNC_ERR_EMPTY;
}

void async_rwlock_read_release(async_rwlock_t *lock)
{
    async_port_state_t state = async_port_lock();
    bool read = lock->readers_ > 0;
    if (read) {
        lock->readers_--;
    }
    async_port_unlock(state);
    if (!read) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
        return;
    }
    let_in(lock);
}

void async_rwlock_write_release(async_rwlock_t *lock)
{
    const async_task_t *task = async_current_task();
    if (task == NULL || read_task(&lock->writer_) != task) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
        return;
    }
    lock->writer_ = NULL;
    let_in(lock);
}

void async_rwlock_read_exit(void *lock)
{
    async_rwlock_read_release((async_rwlock_t *)lock);
}

void async_rwlock_write_exit(void *lock)
{
    async_rwlock_write_release((async_rwlock_t *)lock);
}

/* --- Ask ------------------------------------------------------------------ */

unsigned async_rwlock_readers(const async_rwlock_t *lock)
{
    return read_whole(&lock->readers_);
}

const async_task_t *async_rwlock_writer(const async_rwlock_t *lock)
{
    return read_task(&lock->writer_);
}
