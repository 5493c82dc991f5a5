/* SPDX-License-Identifier: MIT */

/*
 * Dump: a loop and its tasks as text.
 */
#include "async/dump.h"

#include "async/group.h"

#include "describe.h"
#include "look.h"
#include "nodes.h"

/* --- Blocks --------------------------------------------------------------- */

/* The deadline of a block that has a timer which runs. */
static const async_time_t *deadline_of(const async_loop_t *loop,
                                       const async_coro_t *scope)
{
    const void *torn;
    const async_node_t_ *node = NULL;
    while ((node = async_look_node_(loop, node, &torn)) != NULL) {
        if (&timer_of_node(node)->head_ == scope) {
            return &timer_of_node(node)->deadline_;
        }
    }
    return NULL;
}

static async_time_t now_of(const async_loop_t *loop)
{
    return loop->clock_->ops->now(loop->clock_);
}

static void put_block(const async_writer_t_ *to, const async_loop_t *loop,
                      const async_coro_t *scope)
{
    const async_time_t *deadline = deadline_of(loop, scope);
    PUT(to, "    in the block at line ");
    async_put_number_(to, scope->state_ & ASYNC_LINE_);
    if (deadline != NULL) {
        PUT(to, ", time up");
        async_put_due_(to, now_of(loop), *deadline);
    }
    PUT(to, "\n");
}

/* The next scope outwards of the same coroutine, or NULL. */
static const async_coro_t *next_scope(const async_coro_t *inner)
{
    const async_coro_t *outward =
        is_pointer(inner) && is_pointer(inner->link_.next_) ? outward_of(inner)
                                                            : NULL;
    return outward != NULL && is_scope(outward) ? outward : NULL;
}

static unsigned count_scopes(const async_coro_t *coro)
{
    unsigned count = 0;
    while (count < CHAIN_MAX && (coro = next_scope(coro)) != NULL) {
        count++;
    }
    return count;
}

/* The outermost first. One without a line is part of a wait. */
static void put_blocks(const async_writer_t_ *to, const async_task_t *task,
                       const async_coro_t *coro)
{
    for (unsigned count = count_scopes(coro); count > 0; count--) {
        const async_coro_t *scope = coro;
        for (unsigned i = 0; i < count; i++) {
            scope = next_scope(scope);
        }
        if ((scope->state_ & ASYNC_LINE_) != 0) {
            put_block(to, task->loop_, scope);
        }
    }
}

/* --- Tasks ---------------------------------------------------------------- */

static void put_state(const async_writer_t_ *to, const async_task_t *task)
{
    switch (async_task_state(task)) {
    case ASYNC_TASK_NEW:
        PUT(to, "new");
        break;
    case ASYNC_TASK_READY:
        PUT(to, "ready");
        break;
    case ASYNC_TASK_RUNNING:
        PUT(to, "running");
        break;
    case ASYNC_TASK_WAITING:
        PUT(to, "waiting");
        break;
    case ASYNC_TASK_LOST:
        PUT(to, "lost: suspended without a waker");
        break;
    default:
        PUT(to, "done with error ");
        async_put_signed_(to, task->timer_.head_.error_);
        PUT(to, ", which nobody took");
        break;
    }
}

static void put_deadline(const async_writer_t_ *to, const async_task_t *task)
{
    bool limits = task_has(task, ASYNC_TASK_LIMIT_);
    if (!task_has(task, ASYNC_TASK_TIMED_)) {
        if (limits) {
            PUT(to, ", limit passed");
        }
        return;
    }
    if (limits) {
        PUT(to, ", limit");
    } else {
        PUT(to, ", due");
    }
    async_put_due_(to, now_of(task->loop_), task->timer_.deadline_);
}

/* The group that it belongs to. */
static void put_group(const async_writer_t_ *to, const async_task_t *task)
{
    const async_link_t_ *watcher = async_watcher_of_(task);
    if (watcher != NULL) {
        PUT(to, "  in the group at ");
        async_put_pointer_(to, (const char *)watcher -
                                   offsetof(async_group_t, watcher_));
        PUT(to, "\n");
    }
}

/* What there is to say about one that is not done. */
static void put_alive(const async_writer_t_ *to, const async_task_t *task)
{
    put_deadline(to, task);
    if (task_has(task, ASYNC_TASK_CANCEL_)) {
        PUT(to, ", cancelling");
    }
    PUT(to, "\n");
    if (!task_has(task, ASYNC_TASK_NEW_)) {
        async_put_chain_(to, task, put_blocks);
    }
    async_put_wait_(to, task);
    put_group(to, task);
}

static void put_task(const async_writer_t_ *to, const async_task_t *task)
{
    async_put_task_(to, task);
    PUT(to, ": ");
    put_state(to, task);
    if (task_is_alive(task)) {
        put_alive(to, task);
    } else {
        PUT(to, "\n");
    }
}

/* --- The loop ------------------------------------------------------------- */

/* False if there is nothing to look into. */
static bool put_loop(const async_writer_t_ *to, const async_loop_t *loop)
{
    PUT(to, "loop ");
    async_put_pointer_(to, loop);
    PUT(to, ": ");
    if (!is_pointer(loop->clock_)) {
        PUT(to, "not initialised\n");
        return false;
    }
    async_put_number_(to, async_look_ready_(loop));
    PUT(to, " ready");
    if (loop->stop_) {
        PUT(to, ", stopped");
    }
    PUT(to, ", time ");
    async_put_number_(to, now_of(loop));
    PUT(to, "\n");
    return true;
}

static void put_tasks(const async_writer_t_ *to, const async_loop_t *loop)
{
    const void *torn = NULL;
    const async_task_t *task = async_look_task_(loop, NULL, &torn);
    for (unsigned left = LINKS_MAX; task != NULL && left > 0; left--) {
        put_task(to, task);
        task = async_look_task_(loop, task, &torn);
    }
    if (torn != NULL || task != NULL) {
        PUT(to, "the list of tasks is torn at ");
        async_put_pointer_(to, torn == NULL ? task : torn);
        PUT(to, ": there may be more\n");
    }
}

void async_dump(const async_loop_t *loop, async_write_t *write, void *context)
{
    const async_writer_t_ writer = {write, context};
    if (put_loop(&writer, loop)) {
        put_tasks(&writer, loop);
    }
}
