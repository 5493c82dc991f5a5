/* SPDX-License-Identifier: MIT */

/*
 * Describing a task: its await chain, and what it waits for.
 *
 * Which list a task waits in is found by walking it: of all its links, one is
 * no task that the loop knows, and that is the list itself.
 */
#include "describe.h"

#include "look.h"

#include <string.h>

/* --- Coroutines ----------------------------------------------------------- */

/* Its state is one that a coroutine can have. That of a leaf may be the label
 * of a block behind which it is about to go on. */
static bool is_intact(const async_coro_t *coro)
{
    unsigned state = coro->state_;
    unsigned line = state & ASYNC_LINE_;
    bool is_special = state >= ASYNC_IS_START_ && state <= ASYNC_IS_DONE_;
    bool is_line = state < ASYNC_TELL_ && line != 0 && line <= ASYNC_LAST_LINE_;
    return is_pointer(coro) && (state == 0 || is_line || is_special);
}

static async_place_t place_of(const async_coro_t *coro)
{
    return is_intact(coro) ? async_coro_place(coro)
                           : (async_place_t){.line = 0};
}

/* Code addresses of AVR count words; its tools count bytes. */
static void put_body(const async_writer_t_ *to, const async_coro_t *coro)
{
    uintptr_t address = (uintptr_t)coro->link_.resume_;
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
        if (*left == 0 || !is_pointer(coro->link_.next_)) {
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

/* --- Numbers -------------------------------------------------------------- */

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

static void put_ordinal(const async_writer_t_ *to, unsigned number)
{
    bool is_teen = number / 10 % 10 == 1;
    async_put_number_(to, number);
    if (number % 10 == 1 && !is_teen) {
        PUT(to, "st");
    } else if (number % 10 == 2 && !is_teen) {
        PUT(to, "nd");
    } else if (number % 10 == 3 && !is_teen) {
        PUT(to, "rd");
    } else {
        PUT(to, "th");
    }
}

/* ", 2nd of 3" */
static void put_turn(const async_writer_t_ *to, unsigned turn, unsigned count)
{
    PUT(to, ", ");
    put_ordinal(to, turn);
    PUT(to, " of ");
    async_put_number_(to, count);
    PUT(to, "\n");
}

/* --- Joining -------------------------------------------------------------- */

/* The first that hangs at the end of a task's await chain. */
static const async_link_t_ *end_of_chain(const async_task_t *task)
{
    const async_coro_t *end = task->leaf_;
    for (unsigned left = CHAIN_MAX; left > 0 && is_pointer(end); left--) {
        const async_link_t_ *link = end->link_.next_;
        end = is_pointer(link) ? outward_of(end) : NULL;
        if (end == NULL) {
            return is_pointer(link) ? link : NULL;
        }
    }
    return NULL;
}

static bool is_joiner(const async_link_t_ *link)
{
    return is_pointer(link) && !is_watcher(link);
}

/* Which of those that join it; 0: none of them. */
static unsigned turn_of_joiner(const async_task_t *joined,
                               const async_link_t_ *link, unsigned *count)
{
    unsigned turn = 0;
    const async_link_t_ *one = end_of_chain(joined);
    for (*count = 0; is_joiner(one) && *count < CHAIN_MAX; one = one->next_) {
        ++*count;
        turn = one == link ? *count : turn;
    }
    return turn;
}

const async_link_t_ *async_watcher_of_(const async_task_t *task)
{
    const async_link_t_ *link = end_of_chain(task);
    for (unsigned left = CHAIN_MAX; left > 0 && is_joiner(link); left--) {
        link = link->next_;
    }
    return is_pointer(link) && is_watcher(link) ? link : NULL;
}

static bool put_join(const async_writer_t_ *to, const async_task_t *task)
{
    const void *torn;
    const async_task_t *one = async_look_task_(task->loop_, NULL, &torn);
    for (unsigned left = LINKS_MAX; one != NULL && left > 0; left--) {
        unsigned count;
        unsigned turn = turn_of_joiner(one, &task->timer_.head_.link_, &count);
        if (turn != 0) {
            PUT(to, "  joins ");
            async_put_task_(to, one);
            put_turn(to, turn, count);
            return true;
        }
        one = async_look_task_(task->loop_, one, &torn);
    }
    return false;
}

/* --- Waiting in a list ---------------------------------------------------- */

/* The circle that a task waits in. */
struct circle {
    const async_link_t_ *list; /* what is no task of this loop */
    unsigned foreign;          /* how many of those there are */
    unsigned count;            /* of tasks of this loop */
    unsigned behind;           /* how many come after it */
    bool torn;
};

static struct circle circle_of(const async_task_t *task)
{
    struct circle circle = {.count = 1};
    const async_link_t_ *own = &task->timer_.head_.link_;
    const async_link_t_ *before = own;
    const async_link_t_ *link = own->next_;
    for (; link != own; before = link, link = link->next_) {
        if (!is_pointer(link) || link->prev_ != before) {
            circle.torn = true;
            return circle;
        }
        if (async_look_knows_(task->loop_, link)) {
            circle.count++;
        } else {
            circle.list = link;
            circle.foreign++;
            circle.behind = circle.count - 1;
        }
    }
    return circle;
}

static void put_alone(const async_writer_t_ *to, const async_task_t *task)
{
    const async_coro_t *scope = scope_of(task->leaf_);
    if (scope != NULL && scope->state_ == ASYNC_SCOPE_) {
        PUT(to, "  waits for the tasks of its group at ");
        async_put_pointer_(to, scope);
        PUT(to, "\n");
    } else if (task_has(task, ASYNC_TASK_TIMED_)) {
        PUT(to, "  sleeps\n");
    } else {
        PUT(to, "  sleeps for ever\n");
    }
}

static void put_list(const async_writer_t_ *to, const async_task_t *task)
{
    struct circle circle = circle_of(task);
    if (circle.torn || circle.list == NULL) {
        PUT(to, "  in a list that is torn\n");
    } else if (circle.foreign > 1) {
        PUT(to, "  in a list in which tasks of another loop wait, too\n");
    } else if (circle.list == &task->loop_->polling_) {
        PUT(to, "  looks once in a round\n");
    } else if (circle.list == &task->loop_->ended_) {
        PUT(to, "  waits for the end of any task\n");
    } else {
        PUT(to, "  in the list at ");
        async_put_pointer_(to, circle.list);
        put_turn(to, circle.count - circle.behind, circle.count);
    }
}

/* A list that ends with NULL is one of which the first are awake already. */
static bool is_being_woken(const async_task_t *task)
{
    const async_link_t_ *link = &task->timer_.head_.link_;
    const async_link_t_ *before = link;
    while ((link = link->next_) != NULL) {
        if (!is_pointer(link) || link->prev_ != before ||
            link == &task->timer_.head_.link_) {
            return false;
        }
        before = link;
    }
    return true;
}

void async_put_wait_(const async_writer_t_ *to, const async_task_t *task)
{
    const async_link_t_ *link = &task->timer_.head_.link_;
    if (!task_is_alive(task) || !task_is_waiting(task)) {
        return;
    }
    if (link->next_ == link) {
        put_alone(to, task);
    } else if (put_join(to, task)) {
        return;
    } else if (is_being_woken(task)) {
        PUT(to, "  is being woken\n");
    } else {
        put_list(to, task);
    }
}
