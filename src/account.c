/* SPDX-License-Identifier: MIT */

/*
 * Accounting: what is counted while a loop runs.
 *
 * The loop remembers the last moment that it has accounted for. Each hook takes
 * one timestamp, and adds the time since that moment to the sum that it belongs
 * to: in a step, asleep, or beside. So no time is counted twice, and none is
 * missed; and all of it is elapsed time.
 *
 * Everything belongs to the loop's thread, except when a task was woken:
 * whoever wakes it writes that, before the loop can find it ready.
 */
#include "async/account.h"

#include "core.h"
#include "counts.h"

#include "async/timestamp.h"

#if ASYNC_ACCOUNTING

/* --- Time ----------------------------------------------------------------- */

/* In the loop's thread, where the lock is open. */
static uint32_t timestamp(const async_loop_t *loop)
{
    async_port_state_t state = async_brief_lock_();
    uint32_t now = async_timestamp(loop);
    async_brief_unlock_(state);
    return now;
}

static inline void add(async_sum_t_ *sum, uint32_t time)
{
    sum->low_ += time;
    if (sum->low_ < time) {
        sum->high_++;
    }
}

/* The time since the last moment, which is now. */
static inline uint32_t pass(async_loop_t *loop, uint32_t now)
{
    uint32_t passed = now - loop->counts_.since_;
    loop->counts_.since_ = now;
    return passed;
}

/* Before the first moment nothing has passed. */
static inline void pass_beside(async_loop_t *loop, uint32_t now)
{
    uint32_t passed = pass(loop, now);
    if (loop->counts_.has_since_) {
        add(&loop->beside_, passed);
    }
    loop->counts_.has_since_ = true;
}

/* --- Latency -------------------------------------------------------------- */

/* Timestamps in a unit of the buckets, as a power of 2. */
#define IS_RATE(shift)                                                         \
    ((ASYNC_TIMESTAMPS_PER_SECOND) >= UINT32_C(250000) << (shift))
#define UNIT                                                                   \
    (IS_RATE(1) + IS_RATE(2) + IS_RATE(3) + IS_RATE(4) + IS_RATE(5) +          \
     IS_RATE(6) + IS_RATE(7) + IS_RATE(8) + IS_RATE(9) + IS_RATE(10) +         \
     IS_RATE(11) + IS_RATE(12) + IS_RATE(13) + IS_RATE(14))

static unsigned bucket_of(uint32_t latency)
{
    uint32_t units = latency >> UNIT;
    if (units >= UINT32_C(1) << (ASYNC_BUCKETS_ - 2)) {
        return ASYNC_BUCKETS_ - 1;
    }
    unsigned bucket = 0;
    for (uint16_t rest = (uint16_t)units; rest != 0; rest >>= 1) {
        bucket++;
    }
    return bucket;
}

uint32_t async_latency_from(unsigned bucket)
{
    return bucket == 0 ? 0 : UINT32_C(1) << (bucket - 1 + UNIT);
}

/* --- Counts of a task, or of its loop ------------------------------------- */

static void count_wake(async_counts_t_ *counts, uint32_t latency,
                       unsigned bucket)
{
    counts->wakes_++;
    if (latency > counts->worst_) {
        counts->worst_ = latency;
    }
    if (counts->latency_[bucket] != UINT16_MAX) {
        counts->latency_[bucket]++;
    }
}

static void count_step(async_counts_t_ *counts, const async_loop_t *loop,
                       uint32_t took)
{
    counts->steps_++;
    add(&counts->time_, took);
    if (took > counts->longest_ || counts->longest_in_ == NULL) {
        counts->longest_ = took;
        counts->longest_in_ = loop->began_in_;
        counts->longest_at_ = loop->began_at_;
    }
}

/* --- Hooks ---------------------------------------------------------------- */

void async_account_ready_(async_task_t *task)
{
    task->counts_.since_ = async_timestamp(task->loop_);
    task->counts_.has_since_ = true;
}

/* A task that sleeps has waited since its time came. */
void async_account_due_(async_task_t *task, async_ticks_t late)
{
    task->counts_.since_ -=
        (uint32_t)((uint64_t)late * (ASYNC_TIMESTAMPS_PER_SECOND) /
                   ASYNC_TICKS_PER_SECOND);
}

void async_account_run_(async_task_t *task)
{
    async_loop_t *loop = task->loop_;
    uint32_t now = timestamp(loop);
    pass_beside(loop, now);
    loop->began_in_ = task->leaf_->link_.resume_;
    loop->began_at_ = task->leaf_->state_;
    if (task->counts_.has_since_) {
        task->counts_.has_since_ = false;
        if (task->counts_.period_ != loop->counts_.period_) {
            counts_reset(&task->counts_, loop->counts_.period_);
        }
        uint32_t latency = now - task->counts_.since_;
        unsigned bucket = bucket_of(latency);
        count_wake(&task->counts_, latency, bucket);
        count_wake(&loop->counts_, latency, bucket);
    }
}

static uint32_t end_step(async_task_t *task, uint32_t now)
{
    async_loop_t *loop = task->loop_;
    uint32_t took = pass(loop, now);
    count_step(&task->counts_, loop, took);
    count_step(&loop->counts_, loop, took);
    return took;
}

static bool tell_if_slow(async_task_t *task, async_coro_t *coro, uint32_t took,
                         bool is_over)
{
    const async_loop_t *loop = task->loop_;
    if (loop->tell_slow_ == NULL || took <= loop->slow_) {
        return false;
    }
    loop->tell_slow_(task, coro, took, is_over);
    return true;
}

void async_account_pause_(async_task_t *task)
{
    uint32_t took = end_step(task, timestamp(task->loop_));
    tell_if_slow(task, task->leaf_, took, true);
}

/* At its end a coroutine may still stand where it waited last. */
void async_account_end_(async_task_t *task, async_coro_t *root)
{
    uint32_t took = end_step(task, timestamp(task->loop_));
    uint16_t state = root->state_;
    root->state_ = ASYNC_IS_DONE_;
    tell_if_slow(task, root, took, true);
    root->state_ = state;
}

void async_account_sleep_(async_loop_t *loop)
{
    pass_beside(loop, async_timestamp(loop));
    loop->sleeps_++;
}

void async_account_wake_up_(async_loop_t *loop)
{
    add(&loop->asleep_, pass(loop, async_timestamp(loop)));
}

/* --- Hooks of a callback -------------------------------------------------- */

/* Its step is as good as over; what the report takes is none of it. */
void async_account_called_(async_task_t *task, async_coro_t *coro)
{
    async_loop_t *loop = task->loop_;
    uint32_t now = timestamp(loop);
    if (tell_if_slow(task, coro, now - loop->counts_.since_, false)) {
        uint32_t told = timestamp(loop) - now;
        loop->counts_.since_ += told;
        add(&loop->beside_, told);
    }
}

void async_account_end_locked_(async_task_t *task)
{
    end_step(task, async_timestamp(task->loop_));
}

#endif
