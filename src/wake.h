/* SPDX-License-Identifier: MIT */

/*
 * Waking, with interrupts locked. Part of core.h where functions are inlined,
 * of core.c where they are not.
 */
#ifndef ASYNC_WAKE_H
#define ASYNC_WAKE_H

#ifdef __OPTIMIZE_SIZE__
#define ASYNC_WAKE_INLINE_
#else
#define ASYNC_WAKE_INLINE_ static inline
#endif

ASYNC_WAKE_INLINE_ void async_ready_push_(async_task_t *task)
{
    async_loop_t *loop = task->loop_;
    hook_ready(task);
    ready_append(loop, link_of(task));
    if (ASYNC_UNLIKELY_(loop->pend_ != NULL)) {
        loop->pend_(loop->clock_);
    }
}

ASYNC_WAKE_INLINE_ void async_wake_(async_task_t *task)
{
    list_remove(link_of(task));
    link_of(task)->prev_ = ASYNC_WOKEN_;
    async_ready_push_(task);
}

#endif
