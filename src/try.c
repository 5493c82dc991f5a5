/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TRY, and what all scopes share: entering and leaving.
 */
#include "async/try.h"

#include "core.h"

static bool catch_error(async_coro_t *scope, int error)
{
    if (error >= 0 || async_is_own_cancel_(scope, error)) {
        return false;
    }
    scope->error_ = (int16_t)error;
    return true;
}

void async_try_enter_(async_try_t *attempt, async_coro_t *coro, unsigned line)
{
    async_scope_enter_(&attempt->scope_, coro, line, catch_error);
}
