/* SPDX-License-Identifier: MIT */

/*
 * Hooks: the moments in a task's life that something may look at.
 *
 * Accounting (account.h), tracing (trace.h) and the program's own macros
 * (config.h, ASYNC_HOOKS_HEADER) hear of them here, and nowhere else. What is
 * not configured is not there: a hook is then no instruction.
 */
#ifndef ASYNC_HOOKS_H
#define ASYNC_HOOKS_H

#include "async/account.h"
#include "async/loop.h"
#include "async/report.h"
#include "async/trace.h"

#ifdef ASYNC_HOOKS_HEADER
#include ASYNC_HOOKS_HEADER
#endif
#ifndef ASYNC_HOOK_SPAWN
#define ASYNC_HOOK_SPAWN(task) ((void)(task))
#endif
#ifndef ASYNC_HOOK_READY
#define ASYNC_HOOK_READY(task) ((void)(task))
#define ASYNC_HEARS_READY_     (ASYNC_ACCOUNTING || ASYNC_TRACE)
#else
#define ASYNC_HEARS_READY_ 1
#endif
#ifndef ASYNC_HOOK_RUN
#define ASYNC_HOOK_RUN(task) ((void)(task))
#endif
#ifndef ASYNC_HOOK_PAUSE
#define ASYNC_HOOK_PAUSE(task, again) ((void)(task), (void)(again))
#endif
#ifndef ASYNC_HOOK_RAISE
#define ASYNC_HOOK_RAISE(task, coro, error)                                    \
    ((void)(task), (void)(coro), (void)(error))
#endif
#ifndef ASYNC_HOOK_END
#define ASYNC_HOOK_END(task, root, error)                                      \
    ((void)(task), (void)(root), (void)(error))
#endif
#ifndef ASYNC_HOOK_SLEEP
#define ASYNC_HOOK_SLEEP(loop) ((void)(loop))
#endif
#ifndef ASYNC_HOOK_WAKE_UP
#define ASYNC_HOOK_WAKE_UP(loop) ((void)(loop))
#endif
#ifndef ASYNC_HOOK_REPORT
#define ASYNC_HOOK_REPORT(report) ((void)(report))
#endif

#if ASYNC_ACCOUNTING
#define ACCOUNT(call) async_account_##call
#else
#define ACCOUNT(call) ((void)0)
#endif
#if ASYNC_TRACE
#define TRACE(call) async_trace_##call
#else
#define TRACE(call) ((void)0)
#endif

/* The task was spawned; hook_ready follows. Any context, interrupts locked. */
static inline void hook_spawn(async_task_t *task)
{
    TRACE(spawn_(task));
    ASYNC_HOOK_SPAWN(task);
}

/* Something has made it ready. Any context, interrupts locked. */
static inline void hook_ready(async_task_t *task)
{
    ACCOUNT(ready_(task));
    TRACE(ready_(task));
    ASYNC_HOOK_READY(task);
}

/* Behind hook_ready: that was its timer, which was due some ticks ago. */
static inline void hook_due(async_task_t *task, async_ticks_t late)
{
    ACCOUNT(due_(task, late));
    (void)task;
    (void)late;
}

/* A step begins: task->leaf_ stands where it is resumed. */
static inline void hook_run(async_task_t *task)
{
    ACCOUNT(run_(task));
    TRACE(run_(task));
    ASYNC_HOOK_RUN(task);
}

/* The step is over: task->leaf_ stands where it waits or (again) goes round. It
 * may have been woken already. Nothing for a task that has ended. */
static inline void hook_pause(async_task_t *task, bool again)
{
    if (async_here_.task_ != NULL) {
        ACCOUNT(pause_(task));
        TRACE(pause_(task, again));
        ASYNC_HOOK_PAUSE(task, again);
    }
}

/* The step is over, and so is the task, in its outermost coroutine. */
static inline void hook_end(async_task_t *task, async_coro_t *root, int error)
{
    ACCOUNT(end_(task, root));
    TRACE(end_(task, root, error));
    ASYNC_HOOK_END(task, root, error);
}

/* The same for a callback: hook_called when its function has returned, and then
 * hook_end_locked, with interrupts locked, unless it goes on. */
static inline void hook_called(async_task_t *task, async_coro_t *coro)
{
    ACCOUNT(called_(task, coro));
    (void)task;
    (void)coro;
}

static inline void hook_end_locked(async_task_t *task, async_coro_t *coro)
{
    ACCOUNT(end_locked_(task));
    TRACE(end_(task, coro, ASYNC_OK));
    ASYNC_HOOK_END(task, coro, ASYNC_OK);
}

/* An error (below 0) arrives at a coroutine of the running task, where it
 * stands. */
static inline void hook_raise(async_task_t *task, async_coro_t *coro, int error)
{
    if (error < 0) {
        TRACE(raise_(task, coro, error));
        ASYNC_HOOK_RAISE(task, coro, error);
    }
}

/* The loop goes to sleep; interrupts are locked. */
static inline void hook_sleep(async_loop_t *loop)
{
    ACCOUNT(sleep_(loop));
    TRACE(sleep_(loop));
    ASYNC_HOOK_SLEEP(loop);
}

/* It sleeps no more; interrupts are locked still. */
static inline void hook_wake_up(async_loop_t *loop)
{
    ACCOUNT(wake_up_(loop));
    TRACE(wake_up_(loop));
    ASYNC_HOOK_WAKE_UP(loop);
}

/* A simulated interrupt: its handler is called, or (not enters) has returned.
 * No task is current. */
static inline void hook_interrupt(void (*handler)(void *context), bool enters)
{
    TRACE(interrupt_(0, handler, enters));
    (void)handler;
    (void)enters;
}

/* Every report goes this way to the program. Any context. */
static inline void async_tell_(const async_report_t *report)
{
    TRACE(report_(report));
    ASYNC_HOOK_REPORT(report);
    async_on_report(report);
}

#undef ACCOUNT
#undef TRACE

#endif
