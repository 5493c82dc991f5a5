/* SPDX-License-Identifier: MIT */

/*
 * What a dump and a report say about coroutines and tasks.
 */
#ifndef ASYNC_DESCRIBE_H
#define ASYNC_DESCRIBE_H

#include "writer.h"

/* name, or the address of the body where names are left out; the same, with a
 * name in quotes. */
void async_put_plain_name_(const async_writer_t_ *to, const async_coro_t *coro);
void async_put_name_(const async_writer_t_ *to, const async_coro_t *coro);

/* " (file:line)"; nothing where that is not known. */
void async_put_where_(const async_writer_t_ *to, const char *file,
                      unsigned line);

/* 'name' (file:line) */
void async_put_coro_(const async_writer_t_ *to, const async_coro_t *coro);

/* Where a step began: the same, or the start of 'name'. */
void async_put_beginning_(const async_writer_t_ *to, const async_coro_t *coro);

/* A line for each coroutine of the task, the outermost first, and (dump) for
 * each of its blocks. */
typedef void async_put_blocks_t_(const async_writer_t_ *to,
                                 const async_task_t *task,
                                 const async_coro_t *coro);
void async_put_chain_(const async_writer_t_ *to, const async_task_t *task,
                      async_put_blocks_t_ *put_blocks);

/* The outermost coroutine of a task. */
const async_coro_t *async_root_of_(const async_coro_t *leaf);

/* A line: what the task waits for. Nothing, if it does not wait. */
void async_put_wait_(const async_writer_t_ *to, const async_task_t *task);

/* What watches the end of the task; NULL: nothing. */
const async_link_t_ *async_watcher_of_(const async_task_t *task);

/* " in 50 ticks", " now", " 12 ticks late" */
void async_put_due_(const async_writer_t_ *to, async_time_t now,
                    async_time_t deadline);

/* task 0x20000200 'name' */
void async_put_task_(const async_writer_t_ *to, const async_task_t *task);

#endif
