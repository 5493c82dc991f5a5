/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_WITH: a scope that calls a function when it is left.
 */
#include "async/with.h"

#include "core.h"

static async_coro_t *leave_with(async_coro_t *scope, async_coro_t *coro,
                                int *error)
{
    (void)coro;
    async_with_t *guard = (async_with_t *)(void *)scope;
    if (*error <= ASYNC_ABANDONED_) {
        guard->exit_(guard->object_);
    }
    return ASYNC_READY_;
}

void async_with_enter_(async_with_t *guard, async_coro_t *coro, unsigned line,
                       async_exit_t *exit, void *object)
{
    async_scope_enter_(&guard->scope_, coro, line, leave_with);
    guard->exit_ = exit;
    guard->object_ = object;
}

void async_with_leave_(async_with_t *guard, async_coro_t *coro)
{
    async_scope_leave_(&guard->scope_, coro);
    guard->exit_(guard->object_);
}
