/* SPDX-License-Identifier: MIT */

/*
 * Scopes: entering and leaving a block in the normal course.
 *
 * An open scope stands right outside its coroutine in the await chain. Leaving
 * by an error or a return is in coroutine.c.
 */
#include "async/scope.h"

#include "core.h"

/* A goto has left scopes inside this one, or this one itself, open: close
 * them as a return would. */
ASYNC_COLD_ static void close_up_to(async_coro_t *scope, async_coro_t *coro)
{
    const async_report_t report = {.kind = ASYNC_REPORT_SCOPE_LEFT,
                                   .coro = coro,
                                   .task = async_current_task()};
    async_on_report(&report);
    async_coro_t *inner;
    while (scope->state_ != 0 && (inner = scope_of(coro)) != NULL) {
        int how = ASYNC_ABANDONED_;
        async_scope_leave_(inner, coro);
        inner->link_.leave_(inner, coro, &how);
    }
}

void async_scope_enter_(async_coro_t *scope, async_coro_t *coro, unsigned line,
                        async_leave_t_ *leave)
{
    if (ASYNC_UNLIKELY_(scope->state_ != 0)) {
        close_up_to(scope, coro);
    }
    scope->state_ = (uint16_t)(ASYNC_SCOPE_ | ASYNC_SCOPE_FRESH_ | line);
    scope->error_ = 0;
    scope->link_.leave_ = leave;
    set_outward(scope, coro->link_.next_);
    set_outward(coro, &scope->link_);
}

bool async_scope_leave_(async_coro_t *scope, async_coro_t *coro)
{
    if (ASYNC_UNLIKELY_(coro->link_.next_ != &scope->link_)) {
        close_up_to(scope, coro);
        return false;
    }
    set_outward(coro, scope->link_.next_);
    scope->state_ = 0;
    return true;
}
