/* SPDX-License-Identifier: MIT */

/*
 * What every operation does: find the running task, let it wait, or fail.
 */
#include "core.h"
#include "wake.h"

ASYNC_PORT_THREAD_LOCAL struct async_here_ async_here_;

/* A handler that has cut into the loop is no part of it. */
async_task_t *async_current_task(void)
{
    return async_is_elsewhere_(async_here_.context_) ? NULL : async_here_.task_;
}

async_loop_t *async_current_loop(void)
{
    const async_task_t *task = async_current_task();
    return task == NULL ? NULL : task->loop_;
}

/* --- Reports -------------------------------------------------------------- */

#if ASYNC_REPORTS

ASYNC_COLD_ void async_report_(async_report_kind_t kind,
                               const async_coro_t *coro,
                               const async_task_t *task, int error)
{
    const async_task_t *by = async_current_task();
    const async_report_t report = {.kind = kind,
                                   .coro = coro,
                                   .task = task,
                                   .by = by == NULL ? NULL : by->leaf_,
                                   .error = error};
    async_tell_(&report);
}

ASYNC_COLD_ void async_report_running_(async_report_kind_t kind)
{
    const async_task_t *task = async_current_task();
    async_report_(kind, task == NULL ? NULL : task->leaf_, task, 0);
}

ASYNC_COLD_ void async_report_misuse_(const async_coro_t *coro,
                                      const async_task_t *task)
{
    async_report_(coro->link_.resume_ == NULL ? ASYNC_REPORT_NOT_A_COROUTINE
                                              : ASYNC_REPORT_USED_AGAIN,
                  coro, task, 0);
}

#endif

/* --- Settle --------------------------------------------------------------- */

int async_settle_(async_task_t *task, unsigned outcome)
{
    async_hand_t_ *hand = task_holder(task);
    link_of(task)->prev_ = NULL;
    task_clear(task, ASYNC_TASK_HOLDS_ | ASYNC_TASK_REFUSED_);
    if (MISUSE(hand->settle_ == NULL)) { /* cleared too soon */
        async_report_running_(ASYNC_REPORT_NO_INIT);
        return ASYNC_ERR_MISUSE;
    }
    return hand->settle_(hand, task, (async_outcome_t_)outcome);
}

/* --- Wait ----------------------------------------------------------------- */

ASYNC_COLD_ void async_scope_abandon_(async_coro_t *scope, async_coro_t *coro)
{
    close_scope(scope, coro);
    async_scope_says_(scope, coro, ASYNC_ABANDONED_);
}

/* The next_ of a running task leads to those that run after it in this round;
 * now nobody is to take something else for one of them (look.c). */
static void forget_batch(async_task_t *task)
{
    link_of(task)->next_ = link_of(task);
}

/* It runs: what points at it in the queue of those that are ready, because
 * something has woken it already; NULL: nothing. The queue only grows
 * meanwhile, at its end. */
static async_link_t_ **ready_find(const async_task_t *task)
{
    async_loop_t *loop = task->loop_;
    async_port_state_t state = async_port_lock();
    async_link_t_ **end = loop->ready_end_;
    async_port_unlock(state);
    async_link_t_ **at = &loop->ready_first_;
    while (at != end && *at != &task->timer_.head_.link_) {
        at = &(*at)->next_;
    }
    return at == end ? NULL : at;
}

/* True if it was woken already, and now has not been. */
static bool ready_remove(async_task_t *task)
{
    async_loop_t *loop = task->loop_;
    async_link_t_ **at = ready_find(task);
    if (at == NULL) {
        return false;
    }
    async_port_state_t state = async_port_lock();
    if (loop->ready_end_ == &link_of(task)->next_) {
        loop->ready_end_ = at;
        *at = NULL;
    } else {
        *at = link_of(task)->next_;
    }
    forget_batch(task);
    async_port_unlock(state);
    return true;
}

/* It is not ready then, and waits no more; true if it was or did. */
static bool take_back(async_task_t *task)
{
    async_port_state_t state = async_port_lock();
    bool waits = task_is_waiting(task);
    if (waits) {
        list_remove(link_of(task));
        forget_batch(task);
    }
    async_port_unlock(state);
    return waits || ready_remove(task);
}

ASYNC_COLD_ void async_end_wait_(async_task_t *task)
{
    async_report_running_(take_back(task) ? ASYNC_REPORT_NOT_AWAITED
                                          : ASYNC_REPORT_NOT_TAKEN);
    if (task_has(task, ASYNC_TASK_HOLDS_)) {
        async_settle_(task, ASYNC_GIVES_BACK_);
    }
    link_of(task)->prev_ = NULL;
    if (task_has(task, ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(task);
    }
    async_coro_t *scope = scope_of(task->leaf_); /* of the operation */
    if (scope != NULL && scope->state_ == ASYNC_SCOPE_) {
        async_scope_abandon_(scope, task->leaf_);
    }
}

/* Where nothing can raise (core.h, errors_on) it waits for ever. */
ASYNC_COLD_ void async_check_waker_(async_task_t *task)
{
    if (async_here_.task_ == NULL || ready_find(task) != NULL) {
        return;
    }
    if (task_is_linked(task)) { /* it keeps what it has not taken */
        async_end_wait_(task);
    }
    async_report_running_(ASYNC_REPORT_NO_WAKER);
    if (task->loop_->errors_ == NULL) {
        async_wait_in_(NULL);
        return;
    }
    if (task->leaf_->state_ < ASYNC_SCOPE_) { /* no AWAIT_CATCH gets it */
        task->leaf_->state_ &= ASYNC_LINE_;
    }
    head_of(task)->error_ = ASYNC_ERR_MISUSE;
    async_port_state_t state = async_port_lock();
    task_set(task, ASYNC_TASK_RAISE_);
    async_ready_push_(task);
    async_port_unlock(state);
}

ASYNC_COLD_ async_task_t *async_waiting_task_after_all_(void)
{
    async_task_t *task = async_current_task();
    if (task == NULL) {
        async_report_running_(ASYNC_REPORT_NOT_IN_TASK);
    } else if (task_is_linked(task)) {
        async_end_wait_(task);
    }
    return task;
}

#ifdef __OPTIMIZE_SIZE__
async_task_t *async_waiting_task_(void)
{
    return waiting_task();
}

async_wait_t async_wait_in_(async_link_t_ *list)
{
    return task_wait_in(async_here_.task_, list);
}
#endif

/* One after the other; the lock opens in between. */
static void wake_moved(async_link_t_ *waiters, async_port_state_t state)
{
    while (waiters->next_ != NULL) {
        async_wake_(task_of_link(waiters->next_));
        async_port_unlock(state);
        state = async_port_lock();
    }
    async_port_unlock(state);
}

void async_wake_moved_(async_link_t_ *waiters)
{
    wake_moved(waiters, async_port_lock());
}

#if ASYNC_SHORT_CUTS_
ASYNC_NOINLINE_
#endif
static void wake_many(async_link_t_ *list, async_port_state_t state)
{
    async_link_t_ waiters;
    list_move(&waiters, list);
    if (ASYNC_SHORT_CUTS_) { /* it was locked for some time */
        async_port_unlock(state);
        state = async_port_lock();
    }
    wake_moved(&waiters, state);
}

/* Who is to hear that the task is ready. */
ASYNC_COLD_ static void tell_and_unlock(async_task_t *task,
                                        async_port_state_t state)
{
    const async_loop_t *loop = task->loop_;
    hook_ready(task);
    if (loop->pend_ != NULL) {
        loop->pend_(loop->clock_);
    }
    async_port_unlock(state);
}

/*
 * As a rule there is only one, and nobody to tell. An event is set first: who
 * comes now does not wait, and an interrupt that comes while the waiters are
 * woken may clear it again.
 */
void async_event_set(async_event_t *event)
{
    async_link_t_ *list = &event->waiters_;
    async_port_state_t state = async_leaf_lock_();
    async_link_t_ *first = list->next_;
    if (!ASYNC_SHORT_CUTS_ || first == NULL || first->next_ != list ||
        first == list) {
        wake_many(list, async_leaf_to_lock_(state));
        return;
    }
    list->next_ = NULL;
    list->prev_ = list;
    first->prev_ = ASYNC_WOKEN_;
    async_loop_t *loop = task_of_link(first)->loop_;
    ready_append(loop, first);
    if (ASYNC_HEARS_READY_ || ASYNC_UNLIKELY_(loop->pend_ != NULL)) {
        tell_and_unlock(task_of_link(first), async_leaf_to_lock_(state));
        return;
    }
    async_leaf_unlock_(state);
}
