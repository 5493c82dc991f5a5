/* SPDX-License-Identifier: MIT */

/*
 * Accounting: what each task and loop has done.
 */
#ifndef ASYNC_ACCOUNT_H
#define ASYNC_ACCOUNT_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Private part --------------------------------------------------------- */

#if ASYNC_ACCOUNTING
void async_account_ready_(async_task_t *task);
void async_account_run_(async_task_t *task);
void async_account_pause_(async_task_t *task, bool again);
void async_account_end_(async_task_t *task, async_coro_t *root);
void async_account_sleep_(async_loop_t *loop);
void async_account_wake_up_(async_loop_t *loop);
#endif

#ifdef __cplusplus
}
#endif

#endif
