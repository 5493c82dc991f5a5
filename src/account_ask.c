/* SPDX-License-Identifier: MIT */

/*
 * Accounting: what was counted, for those who ask.
 */
#include "core.h"
#include "counts.h"

#if ASYNC_ACCOUNTING

/* --- Ask ------------------------------------------------------------------ */

ASYNC_STATIC_ASSERT_(ASYNC_LATENCY_BUCKETS == ASYNC_BUCKETS_,
                     "what is counted is what is told");

/* A full bucket has what the others leave of all wakes; two are full, unknown.
 */
static void fill_latency(async_account_t *account,
                         const async_counts_t_ *counts)
{
    uint32_t rest = counts->wakes_;
    unsigned full = 0;
    for (unsigned i = 0; i < ASYNC_LATENCY_BUCKETS; i++) {
        account->latency[i] = counts->latency_[i];
        full += counts->latency_[i] == UINT16_MAX;
        rest -= counts->latency_[i];
    }
    for (unsigned i = 0; i < ASYNC_LATENCY_BUCKETS && full == 1; i++) {
        if (counts->latency_[i] == UINT16_MAX) {
            account->latency[i] += rest;
        }
    }
}

static async_account_t account_of(const async_counts_t_ *counts)
{
    const async_coro_t beginning = longest_beginning(counts);
    async_account_t account = {.steps = counts->steps_,
                               .time = value_of(&counts->time_),
                               .longest = counts->longest_,
                               .longest_at = async_coro_place(&beginning),
                               .wakes = counts->wakes_,
                               .worst_latency = counts->worst_};
    fill_latency(&account, counts);
    return account;
}

async_account_t async_task_account(const async_task_t *task)
{
    return account_of(&task->counts_);
}

async_loop_account_t async_loop_account(const async_loop_t *loop)
{
    async_loop_account_t account = {.tasks = account_of(&loop->counts_),
                                    .asleep = value_of(&loop->asleep_),
                                    .sleeps = loop->sleeps_};
    account.elapsed =
        account.tasks.time + account.asleep + value_of(&loop->beside_);
    return account;
}

unsigned async_account_share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (unsigned)((part * 1000 + whole / 2) / whole);
}

/* In two parts, so that nothing overflows. */
uint64_t async_account_us(uint64_t timestamps)
{
    const uint64_t rate = ASYNC_TIMESTAMPS_PER_SECOND;
    return timestamps / rate * 1000000 + timestamps % rate * 1000000 / rate;
}

/* --- Reset ---------------------------------------------------------------- */

/* An interrupt may wake the task meanwhile. */
static void reset(async_task_t *task, uint8_t period)
{
    async_port_state_t state = async_port_lock();
    counts_reset(&task->counts_, period);
    async_port_unlock(state);
}

void async_task_account_reset(async_task_t *task)
{
    reset(task, task->counts_.period_);
}

/* Tasks that the loop does not know now are reset when they begin. Outside of
 * its steps nothing has begun; what passes before the next is nobody's. */
void async_account_reset(async_loop_t *loop)
{
    const async_task_t *running = async_current_task();
    const uint8_t period = (uint8_t)(loop->counts_.period_ + 1);
    async_task_t *task = NULL;
    while ((task = async_next_task_(loop, task)) != NULL) {
        reset(task, period);
    }
    loop->told_ -= loop->counts_.steps_; /* the steps have other numbers now */
    counts_reset(&loop->counts_, period);
    loop->counts_.has_since_ = running != NULL && running->loop_ == loop;
    loop->beside_ = loop->asleep_ = (async_sum_t_){0, 0};
    loop->sleeps_ = 0;
}

#endif
