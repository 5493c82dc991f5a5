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

static inline async_coro_t longest_beginning(const async_counts_t_ *counts)
{
    return beginning_at(counts->longest_in_, counts->longest_at_);
}

#endif

#endif
