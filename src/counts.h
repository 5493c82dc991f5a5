/* SPDX-License-Identifier: MIT */

/*
 * What accounting has counted, in forms that can be used.
 */
#ifndef ASYNC_COUNTS_H
#define ASYNC_COUNTS_H

#include "async/account.h"

#if ASYNC_ACCOUNTING

static inline uint64_t value_of(const async_sum_t_ *sum)
{
    return (uint64_t)sum->high_ << 32 | sum->low_;
}

/* Where a step began is kept as what makes a place: a coroutine's function and
 * its state. Something with these can be asked like the coroutine itself, which
 * may be gone. */
static inline async_coro_t beginning_at(async_resume_t_ *function,
                                        uint16_t state)
{
    return (async_coro_t){.link_ = {.resume_ = function}, .state_ = state};
}

/* When a task was woken, and the loop's last moment, stay. */
static inline void counts_reset(async_counts_t_ *counts, uint8_t period)
{
    *counts = (async_counts_t_){.since_ = counts->since_,
                                .has_since_ = counts->has_since_,
                                .period_ = period};
}

static inline async_coro_t longest_beginning(const async_counts_t_ *counts)
{
    return beginning_at(counts->longest_in_, counts->longest_at_);
}

#endif

#endif
