/* SPDX-License-Identifier: MIT */

/*
 * Tracing: what happened when, in a ring of records.
 */
#ifndef ASYNC_TRACE_H
#define ASYNC_TRACE_H

#include "async/report.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Private part --------------------------------------------------------- */

#if ASYNC_TRACE
void async_trace_spawn_(const async_task_t *task);
void async_trace_ready_(const async_task_t *task);
void async_trace_run_(const async_task_t *task);
void async_trace_pause_(const async_task_t *task, bool again);
void async_trace_end_(const async_task_t *task, const async_coro_t *root,
                      int error);
void async_trace_raise_(const async_task_t *task, const async_coro_t *coro,
                        int error);
void async_trace_sleep_(const async_loop_t *loop);
void async_trace_wake_up_(const async_loop_t *loop);
void async_trace_report_(const async_report_t *report);
#endif

#ifdef __cplusplus
}
#endif

#endif
