/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_SHIELD: a scope that whoever asks for a cancellation finds in the way,
 * and leaves it there (cancel.c).
 */
#include "async/shield.h"

#include "core.h"

static async_coro_t *leave_shield(async_coro_t *scope, async_coro_t *coro,
                                  int *error)
{
    if (*error == ASYNC_ABANDONED_ && scope->error_ != 0) {
        async_interrupt_(async_here_.task_, scope->error_);
    }
    if (*error > ASYNC_ENDED_WELL_) {
        return *error == ASYNC_SHIELDS_ ? coro : ASYNC_READY_;
    }
    if (scope->error_ != 0) {
        if (*error < 0 && *error != ASYNC_CANCELLING_) {
            async_report_lost_(coro, async_here_.task_, *error);
        }
        *error = scope->error_;
    }
    return ASYNC_READY_;
}

void async_shield_enter_(async_shield_t *shield, async_coro_t *coro,
                         unsigned line)
{
    async_scope_enter_(&shield->scope_, coro, line, leave_shield);
    shield->scope_.error_ = async_take_raise_(async_here_.task_);
}

async_wait_t async_shield_end_(async_shield_t *shield, async_coro_t *coro)
{
    async_scope_leave_(&shield->scope_, coro);
    return shield->scope_.error_ != 0 ? async_fail_(shield->scope_.error_)
                                      : async_is_ready_();
}
