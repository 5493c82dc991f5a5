/* SPDX-License-Identifier: MIT */

/*
 * Cancelling a task: tell the open scopes that are in the way, and raise.
 */
#include "core.h"

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
    } while (place != NULL && place != asker && !is_scope(place));
    return place == asker ? NULL : place;
}

ASYNC_STATIC_ASSERT_(ASYNC_LET_PASS_ + 1 == ASYNC_SHIELDS_,
                     "async_let_pass_ counts from the one to the other");

/* First the outermost shield is looked for, then those outside of it are told;
 * nobody says yes to that. */
bool async_let_pass_(async_coro_t *place, const async_coro_t *asker)
{
    async_coro_t *inner = place;
    int question = ASYNC_SHIELDS_;
    do {
        async_coro_t *scope = inner;
        while ((scope = next_scope(scope, asker)) != NULL) {
            if (async_scope_says_(scope, place, question)) {
                inner = scope;
            }
        }
    } while (--question >= ASYNC_LET_PASS_);
    if (inner == place) {
        return true;
    }
    inner->error_ = ASYNC_CANCELLING_; /* the shield's, until its end */
    return false;
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
    if (MISUSE(task->loop_->active_ &&
               async_is_elsewhere_(task->loop_->context_))) {
        async_report_running_(ASYNC_REPORT_NOT_IN_TASK);
        return false;
    }
    async_port_state_t state = async_port_lock(); /* in a shield it waits on */
    task_set(task, ASYNC_TASK_CANCEL_);
    async_port_unlock(state);
    async_ask_(task, NULL);
    return true;
}
