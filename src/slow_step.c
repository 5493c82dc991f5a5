/* SPDX-License-Identifier: MIT */

/*
 * The alarm for slow steps: a part of a loop that a firmware links if it sets a
 * limit.
 */
#include "core.h"
#include "counts.h"

#if ASYNC_ACCOUNTING

/* A callback is told of when it returns, before its step is counted, and not
 * once more when that is over. The first step is 1. */
static bool was_told(async_loop_t *loop, bool is_over)
{
    uint32_t step = loop->counts_.steps_ + (is_over ? 0 : 1);
    bool was = loop->told_ == step;
    loop->told_ = step;
    return was;
}

static void tell_slow(async_task_t *task, async_coro_t *coro, uint32_t took,
                      bool is_over)
{
    async_loop_t *loop = task->loop_;
    if (was_told(loop, is_over)) {
        return;
    }
    const async_coro_t began = beginning_at(loop->began_in_, loop->began_at_);
    const async_report_t report = {.kind = ASYNC_REPORT_SLOW_STEP,
                                   .coro = coro,
                                   .task = task,
                                   .duration = took,
                                   .began = &began};
    async_tell_(&report);
}

void async_loop_set_slow_step(async_loop_t *loop, uint32_t limit)
{
    loop->slow_ = limit;
    loop->tell_slow_ = limit == 0 ? NULL : tell_slow;
}

#endif
