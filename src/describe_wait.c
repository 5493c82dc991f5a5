/* SPDX-License-Identifier: MIT */

/*
 * Describing what a task waits for.
 *
 * Which list a task waits in is found by walking it: of all its links, one is
 * no task that the loop knows, and that is the list itself.
 */
#include "describe.h"

#include "look.h"

/* --- Turns ---------------------------------------------------------------- */

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
    const async_coro_t *scope =
        is_pointer(task->leaf_) ? scope_of(task->leaf_) : NULL;
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
