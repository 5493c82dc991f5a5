/* SPDX-License-Identifier: MIT */

/*
 * Calling an object that was made before, and objects that cannot be called.
 */
#include "core.h"

async_coro_t *async_used_again_(async_coro_t *coro)
{
    async_report_misuse_(coro, async_here_.task_); /* which is in a body */
    return async_fail_(ASYNC_ERR_MISUSE).awaitable_;
}

async_call_t async_call(async_coro_t *coro)
{
    const async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_call_t){NULL};
    }
    if (coro->state_ != 0 || coro->link_.resume_ == NULL) {
        return (async_call_t){async_used_again_(coro)};
    }
    return (async_call_t){async_begin_call_(task->leaf_, coro)};
}
