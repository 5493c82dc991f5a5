/* SPDX-License-Identifier: MIT */

/*
 * Describing a task: its coroutines, and the await chain that they make.
 */
#include "describe.h"

#include "look.h"

#include <string.h>

/* --- Coroutines ----------------------------------------------------------- */

/* Its state is one that a coroutine can have. That of a leaf may be the label
 * of a block behind which it is about to go on. */
static bool is_intact(const async_coro_t *coro)
{
    unsigned state = is_pointer(coro) ? coro->state_ : ASYNC_SCOPE_;
    unsigned line = state & ASYNC_LINE_;
    return state < ASYNC_FIRST_LINE_ ||
           (state < ASYNC_TELL_ && line >= ASYNC_FIRST_LINE_ &&
            line <= ASYNC_LAST_LINE_);
}

static async_place_t place_of(const async_coro_t *coro)
{
    return is_intact(coro) ? async_coro_place(coro)
                           : (async_place_t){.line = 0};
}

/* Code addresses of AVR count words; its tools count bytes. */
static void put_body(const async_writer_t_ *to, const async_coro_t *coro)
{
    uintptr_t address = is_pointer(coro) ? (uintptr_t)coro->link_.resume_ : 0;
#ifdef __AVR__
    address *= 2;
#endif
    async_put_address_(to, address);
}

static void put_name(const async_writer_t_ *to, const async_coro_t *coro,
                     const char *name)
{
    if (name == NULL) {
        put_body(to, coro);
        return;
    }
    PUT(to, "'");
    async_put_(to, name);
    PUT(to, "'");
}

void async_put_plain_name_(const async_writer_t_ *to, const async_coro_t *coro)
{
    const char *name = place_of(coro).name;
    if (name == NULL) {
        put_body(to, coro);
    } else {
        async_put_(to, name);
    }
}

void async_put_name_(const async_writer_t_ *to, const async_coro_t *coro)
{
    put_name(to, coro, place_of(coro).name);
}

void async_put_where_(const async_writer_t_ *to, const char *file,
                      unsigned line)
{
    if (line == 0) {
        return;
    }
    PUT(to, " (");
    if (file != NULL) {
        const char *slash = strrchr(file, '/');
        async_put_(to, slash == NULL ? file : slash + 1);
        PUT(to, ":");
    } else {
        PUT(to, "line ");
    }
    async_put_number_(to, line);
    PUT(to, ")");
}

void async_put_coro_(const async_writer_t_ *to, const async_coro_t *coro)
{
    async_place_t place = place_of(coro);
    put_name(to, coro, place.name);
    async_put_where_(to, place.file, place.line);
}

#if ASYNC_ACCOUNTING
void async_put_beginning_(const async_writer_t_ *to, const async_coro_t *coro)
{
    if (coro->state_ == ASYNC_IS_START_) {
        PUT(to, "the start of ");
    }
    async_put_coro_(to, coro);
}
#endif

/* --- The await chain ------------------------------------------------------ */

/* The caller; NULL at the end, or where the chain cannot be followed. */
static const async_coro_t *next_outward(const async_coro_t *coro,
                                        unsigned *left)
{
    do {
        if (*left == 0 || !is_pointer(coro) || !is_pointer(coro->link_.next_)) {
            return NULL;
        }
        --*left;
        coro = outward_of(coro);
    } while (coro != NULL && is_scope(coro));
    return coro;
}

static unsigned depth_of(const async_coro_t *leaf)
{
    unsigned depth = 0;
    unsigned left = CHAIN_MAX;
    while ((leaf = next_outward(leaf, &left)) != NULL) {
        depth++;
    }
    return depth;
}

/* The coroutine that has `depth` others inside it. */
static const async_coro_t *at_depth(const async_coro_t *leaf, unsigned depth)
{
    unsigned left = CHAIN_MAX;
    while (depth-- > 0) {
        leaf = next_outward(leaf, &left);
    }
    return leaf;
}

const async_coro_t *async_root_of_(const async_coro_t *leaf)
{
    return at_depth(leaf, depth_of(leaf));
}

/* A task that runs is past what its leaf awaited last, or about to await it. */
static void put_awaited(const async_writer_t_ *to, const char *text, bool past)
{
    if (text == NULL) {
        return;
    }
    if (past) {
        PUT(to, ", last awaited ");
    } else {
        PUT(to, ", awaiting ");
    }
    async_put_(to, text);
}

/* A cleanup that follows an error ends with that one. */
static void put_cleanup(const async_writer_t_ *to, const async_coro_t *coro)
{
    if (coro->error_ == 0 || coro->state_ == ASYNC_IS_DONE_) {
        return;
    }
    PUT(to, ", in its cleanup");
    if (coro->error_ < 0) {
        PUT(to, " after error ");
        async_put_signed_(to, public_error(coro->error_));
    }
}

static void put_link(const async_writer_t_ *to, const async_coro_t *coro,
                     bool past)
{
    if (!is_intact(coro)) {
        PUT(to, "  its frame at ");
        async_put_pointer_(to, coro);
        PUT(to, " is overwritten\n");
        return;
    }
    async_place_t place = async_coro_place(coro);
    PUT(to, "  in ");
    put_name(to, coro, place.name);
    async_put_where_(to, place.file, place.line);
    put_awaited(to, place.waits_for, past);
    put_cleanup(to, coro);
    PUT(to, "\n");
}

static bool is_running(const async_task_t *task)
{
    return task == async_look_running_(task->loop_);
}

void async_put_chain_(const async_writer_t_ *to, const async_task_t *task,
                      async_put_blocks_t_ *put_blocks)
{
    const async_coro_t *leaf = task->leaf_;
    for (unsigned depth = depth_of(leaf) + 1; depth-- > 0;) {
        const async_coro_t *coro = at_depth(leaf, depth);
        put_link(to, coro, depth == 0 && is_running(task));
        if (put_blocks != NULL) {
            put_blocks(to, task, coro);
        }
    }
}

/* The address first: to ask for the name may be the end. */
void async_put_task_(const async_writer_t_ *to, const async_task_t *task)
{
    PUT(to, "task ");
    async_put_pointer_(to, task);
    PUT(to, " ");
    async_put_name_(to, async_root_of_(task->leaf_));
}

/* --- Times ---------------------------------------------------------------- */

static void put_ticks(const async_writer_t_ *to, async_ticks_t ticks)
{
    async_put_number_(to, ticks);
    if (ticks == 1) {
        PUT(to, " tick");
    } else {
        PUT(to, " ticks");
    }
}

void async_put_due_(const async_writer_t_ *to, async_time_t now,
                    async_time_t deadline)
{
    if (now == deadline) {
        PUT(to, " now");
    } else if (async_time_before(now, deadline)) {
        PUT(to, " in ");
        put_ticks(to, (async_ticks_t)(deadline - now));
    } else {
        PUT(to, " ");
        put_ticks(to, (async_ticks_t)(now - deadline));
        PUT(to, " late");
    }
}
