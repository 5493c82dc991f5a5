/* SPDX-License-Identifier: MIT */

/*
 * Barrier: a list of those who wait, and how many they are.
 *
 * When it is full, aborted or reset, its turn is over: the list moves away and
 * the count begins anew, in one step, so whoever comes while the waiters are
 * woken one by one belongs to the next turn. What a waiter is woken with, its
 * number or a broken barrier, is put into its frame.
 *
 * A waiter that is cancelled has left the list when it runs, and is counted
 * until then; unless its turn is over, for then the count is of others.
 */
#include "async/barrier.h"

#include "core.h"

/* It waits, so its innermost coroutine is the one below. */
static struct async_barrier_wait *wait_of(const async_task_t *task)
{
    return (struct async_barrier_wait *)(void *)task->leaf_;
}

/* --- The end of a turn ---------------------------------------------------- */

/* Interrupts are locked. */
static void end_turn(async_barrier_t *barrier, async_link_t_ *waiters)
{
    list_move(waiters, &barrier->waiters_);
    barrier->waiting_ = 0;
    barrier->turn_++;
}

static void wake(async_link_t_ *waiters, bool broken)
{
    async_port_state_t state = async_port_lock();
    for (unsigned i = 0; !list_is_empty(waiters); i++) {
        async_task_t *task = task_of_link(waiters->next_);
        wait_of(task)->result = i;
        wait_of(task)->broken_ = broken;
        async_wake_(task);
        async_port_unlock(state);
        state = async_port_lock();
    }
    async_port_unlock(state);
}

static void break_turn(async_barrier_t *barrier, bool for_good)
{
    async_link_t_ waiters = {0};
    async_port_state_t state = async_port_lock();
    barrier->broken_ = for_good;
    end_turn(barrier, &waiters);
    async_port_unlock(state);
    wake(&waiters, true);
}

void async_barrier_abort(async_barrier_t *barrier)
{
    break_turn(barrier, true);
}

void async_barrier_reset(async_barrier_t *barrier)
{
    break_turn(barrier, false);
}

/* --- Wait ----------------------------------------------------------------- */

/* Interrupts are locked. */
static async_wait_t wait_for_others(struct async_barrier_wait *self)
{
    self->barrier->waiting_++;
    self->turn_ = self->barrier->turn_;
    self->counted_ = true;
    return async_wait_in_(&self->barrier->waiters_);
}

static async_wait_t arrive(struct async_barrier_wait *self)
{
    async_barrier_t *barrier = self->barrier;
    async_wait_t wait = async_is_ready_();
    async_link_t_ waiters = {0};
    async_waiting_task_(); /* there is one: the coroutine's */
    async_port_state_t state = async_port_lock();
    if (barrier->broken_) {
        self->broken_ = true;
    } else if (barrier->waiting_ + 1U < barrier->parties_) {
        wait = wait_for_others(self);
    } else {
        end_turn(barrier, &waiters);
    }
    async_port_unlock(state);
    wake(&waiters, false);
    return wait;
}

static void forget(struct async_barrier_wait *self)
{
    async_port_state_t state = async_port_lock();
    if (self->counted_ && self->turn_ == self->barrier->turn_) {
        self->barrier->waiting_--;
    }
    async_port_unlock(state);
}

ASYNC(async_barrier_wait)
{
    ASYNC_BEGIN();
    if (self->barrier->parties_ == 0) {
        async_report_running_(ASYNC_REPORT_NO_INIT);
        ASYNC_RAISE(ASYNC_ERR_MISUSE);
    }
    self->result = self->barrier->parties_ - 1U;
    ASYNC_AWAIT(arrive(self));
    if (self->broken_) {
        ASYNC_RAISE(ASYNC_ERR_BROKEN);
    }
    ASYNC_FINALLY();
    forget(self);
    ASYNC_END();
}

/* --- Ask ------------------------------------------------------------------ */

unsigned async_barrier_waiting(const async_barrier_t *barrier)
{
    return barrier->waiting_;
}

unsigned async_barrier_parties(const async_barrier_t *barrier)
{
    return barrier->parties_;
}

bool async_barrier_is_broken(const async_barrier_t *barrier)
{
    return barrier->broken_;
}
