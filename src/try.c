/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TRY: a scope that catches.
 */
#include "async/try.h"

#include "core.h"

/* A return and a cancellation pass through. */
static async_coro_t *catch_error(async_coro_t *scope, async_coro_t *coro,
                                 int *error)
{
    if (*error >= 0 || *error == ASYNC_CANCELLING_) {
        return ASYNC_READY_;
    }
    scope->error_ = (int16_t)*error;
    return coro;
}

void async_try_enter_(async_try_t *attempt, async_coro_t *coro, unsigned line)
{
    async_scope_enter_(&attempt->scope_, coro, line, catch_error);
}
