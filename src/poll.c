/* SPDX-License-Identifier: MIT */

/*
 * AWAIT_UNTIL: tasks that are woken in each round.
 */
#include "core.h"

/* Once: those that wait again ask for it again. */
static void wake_polling(async_loop_t *loop)
{
    loop->wake_polling_ = NULL;
    async_wake_all_(&loop->polling_);
}

async_wait_t async_poll_again_(void)
{
    async_waiting_task_(); /* there is one: AWAIT_UNTIL stands in a body */
    async_here_.task_->loop_->wake_polling_ = wake_polling;
    async_here_.task_->loop_->attention_ = true;
    return async_wait_in_(&async_here_.task_->loop_->polling_);
}
