/* SPDX-License-Identifier: MIT */

/*
 * Scopes: entering and leaving a block in the normal course.
 *
 * An open scope stands right outside its coroutine in the await chain. Leaving
 * by an error or a return is in unwind.c.
 */
#include "async/scope.h"

#include "core.h"

ASYNC_COLD_ static void abandon_inner(const async_coro_t *scope,
                                      async_coro_t *coro)
{
    async_coro_t *inner;
    async_report_running_(ASYNC_REPORT_SCOPE_LEFT);
    while ((inner = scope_of(coro)) != NULL && inner != scope) {
        async_scope_abandon_(inner, coro);
    }
}

void async_scope_check_(async_coro_t *scope, async_coro_t *coro)
{
    if (MISUSE(coro->link_.next_ != &scope->link_)) {
        abandon_inner(scope, coro);
    }
}

void async_scope_enter_(async_coro_t *scope, async_coro_t *coro, unsigned line,
                        async_leave_t_ *leave)
{
    if (MISUSE(scope->state_ != 0)) {
        abandon_inner(scope, coro);
        async_scope_abandon_(scope, coro);
    }
    if (ASYNC_REPORTS) { /* it may be left as by no error, but by mistake */
        errors_on(async_here_.task_->loop_);
    }
    scope->state_ = (uint16_t)(ASYNC_SCOPE_ | ASYNC_SCOPE_FRESH_ | line);
    scope->error_ = 0;
    scope->link_.leave_ = leave;
    set_outward(scope, coro->link_.next_);
    coro->link_.next_ = &scope->link_;
}

void async_scope_leave_(async_coro_t *scope, async_coro_t *coro)
{
    async_scope_check_(scope, coro);
    close_scope(scope, coro);
}
