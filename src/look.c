/* SPDX-License-Identifier: MIT */

/*
 * Looking into a loop: its tasks, one after the other, and what each is doing.
 *
 * A task that has had a step is in the tree of the loop's nodes. One that has
 * not is in the ready queue only, or in what is left of the batch that the loop
 * works through. That hangs behind the running task, as long as this one has
 * not begun to wait.
 */
#include "look.h"

#include "nodes.h"

/* --- The tree ------------------------------------------------------------- */

/* And in one way only, or the way back would lead to where it came from. */
static bool is_behind(const async_node_t_ *top, const async_node_t_ *before,
                      const async_node_t_ *next)
{
    return is_pointer(next) && next != top && next->prev_ == before &&
           before->child_ != before->next_;
}

const async_node_t_ *async_look_node_(const async_loop_t *loop,
                                      const async_node_t_ *node,
                                      const void **torn)
{
    const async_node_t_ *top = &loop->nodes_;
    const async_node_t_ *before = node == NULL ? top : node;
    const async_node_t_ *next = NULL;
    if (node_has_children(top, before)) {
        next = before->child_;
    } else {
        while (before != NULL && before->next_ == NULL) {
            before = node_parent(top, before);
        }
        next = before == NULL ? NULL : before->next_;
    }
    if (next == NULL || is_behind(top, before, next)) {
        return next;
    }
    *torn = next;
    return NULL;
}

static const async_task_t *known_task(const async_loop_t *loop,
                                      const async_task_t *previous,
                                      const void **torn)
{
    const async_node_t_ *node =
        previous == NULL ? NULL : &previous->timer_.node_;
    do {
        node = async_look_node_(loop, node, torn);
    } while (node != NULL &&
             timer_of_node(node)->head_.state_ < ASYNC_TASK_ALIVE_);
    return node == NULL ? NULL : task_of_timer(timer_of_node(node));
}

bool async_look_knows_(const async_loop_t *loop, const async_link_t_ *link)
{
    const void *torn;
    const async_task_t *task = known_task(loop, NULL, &torn);
    while (task != NULL && &task->timer_.head_.link_ != link) {
        task = known_task(loop, task, &torn);
    }
    return task != NULL;
}

/* --- The task that runs --------------------------------------------------- */

/* This task, or one of those below: its loop may have cut into another. */
static const async_task_t *below(const async_task_t *task,
                                 const async_loop_t *loop)
{
    while (task != NULL && task->loop_ != loop) {
        task = task->loop_->outer_;
    }
    return task;
}

const async_task_t *async_look_running_(const async_loop_t *loop)
{
    const async_task_t *task = below(async_here_.task_, loop);
    return task != NULL ? task : below(async_port_interrupted_(), loop);
}

/* --- Those that are ready ------------------------------------------------- */

/* Where a walk over those that are ready stands. */
struct ready {
    const async_loop_t *loop;
    const async_link_t_ *link;
    unsigned left; /* steps */
    bool all;      /* it has come, or will come, to the end of the batch */
};

static const async_task_t *task_at(const async_link_t_ *link)
{
    return (const async_task_t *)(const void *)link;
}

/* A list points back. */
static bool is_in_no_list(const async_link_t_ *link)
{
    return link->prev_ == NULL || link->prev_ == ASYNC_WOKEN_;
}

/* The running task's next_ may be a list: it has just begun to wait. That has
 * not the size of a task. Other ready tasks with a prev_ have a hand there. */
static bool is_task_of(const async_loop_t *loop, const async_link_t_ *link)
{
    return is_pointer(link) &&
           (is_in_no_list(link) || async_look_knows_(loop, link)) &&
           task_at(link)->timer_.head_.state_ >= ASYNC_TASK_ALIVE_ &&
           task_at(link)->loop_ == loop;
}

static bool queue_has(const async_loop_t *loop, const async_task_t *task)
{
    const async_link_t_ *link = loop->ready_first_;
    for (unsigned left = LINKS_MAX; left > 0 && is_task_of(loop, link);
         left--) {
        if (task_at(link) == task) {
            return true;
        }
        if (&link->next_ == loop->ready_end_) {
            return false;
        }
        link = link->next_;
    }
    return false;
}

/* What is left of the batch; NULL, with all = false, if that is not known: the
 * running task's link is in another list, or was (async_end_wait_). */
static const async_link_t_ *batch_of(struct ready *ready)
{
    const async_task_t *task = async_look_running_(ready->loop);
    if (task == NULL) {
        return NULL;
    }
    const async_link_t_ *next = task->timer_.head_.link_.next_;
    if (task_is_waiting(task) || next == &task->timer_.head_.link_ ||
        queue_has(ready->loop, task) ||
        (next != NULL && queue_has(ready->loop, task_at(next)))) {
        ready->all = false;
        return NULL;
    }
    return next;
}

static const async_task_t *checked(struct ready *ready)
{
    if (ready->link == NULL) {
        return NULL;
    }
    if (ready->left-- == 0 || !is_task_of(ready->loop, ready->link)) {
        ready->all = false;
        return NULL;
    }
    return task_at(ready->link);
}

static const async_task_t *first_ready(struct ready *ready)
{
    ready->link = ready->loop->ready_first_;
    if (ready->link == NULL) {
        ready->link = batch_of(ready);
    }
    return checked(ready);
}

static const async_task_t *next_ready(struct ready *ready)
{
    ready->link = &ready->link->next_ == ready->loop->ready_end_
                      ? batch_of(ready)
                      : ready->link->next_;
    return checked(ready);
}

static struct ready ready_of(const async_loop_t *loop,
                             const async_link_t_ *link)
{
    return (struct ready){
        .loop = loop, .link = link, .left = LINKS_MAX, .all = true};
}

unsigned async_look_ready_(const async_loop_t *loop)
{
    struct ready ready = ready_of(loop, NULL);
    unsigned count = 0;
    const async_task_t *task = first_ready(&ready);
    for (; task != NULL; task = next_ready(&ready)) {
        count++;
    }
    return count;
}

/* One that cannot be found may still be in the batch. */
static bool may_be_ready(const async_loop_t *loop, const async_task_t *task)
{
    struct ready ready = ready_of(loop, NULL);
    const async_task_t *one = first_ready(&ready);
    while (one != NULL && one != task) {
        one = next_ready(&ready);
    }
    return one != NULL || !ready.all;
}

/* --- All tasks ------------------------------------------------------------ */

/* It is not in the tree, as one is whose last error nobody took. */
static bool is_unknown(const async_task_t *task)
{
    return task_is_alive(task) && task_has(task, ASYNC_TASK_NEW_) &&
           !task_has(task, ASYNC_TASK_UNTAKEN_);
}

static const async_task_t *unknown_task(const async_loop_t *loop,
                                        const async_task_t *previous,
                                        const void **torn)
{
    struct ready ready =
        ready_of(loop, previous == NULL ? NULL : &previous->timer_.head_.link_);
    const async_task_t *task =
        previous == NULL ? first_ready(&ready) : next_ready(&ready);
    while (task != NULL && !is_unknown(task)) {
        task = next_ready(&ready);
    }
    if (task == NULL && ready.link != NULL) {
        *torn = ready.link;
    }
    return task;
}

const async_task_t *async_look_task_(const async_loop_t *loop,
                                     const async_task_t *previous,
                                     const void **torn)
{
    if (previous != NULL && is_unknown(previous)) {
        return unknown_task(loop, previous, torn);
    }
    const async_task_t *task = known_task(loop, previous, torn);
    return task == NULL ? unknown_task(loop, NULL, torn) : task;
}

async_task_t *async_all_tasks(const async_loop_t *loop,
                              const async_task_t *previous)
{
    const void *torn;
    const async_task_t *task = async_look_task_(loop, previous, &torn);
    while (task != NULL && !task_is_alive(task)) {
        task = async_look_task_(loop, task, &torn);
    }
    return (async_task_t *)task;
}

/* --- What a task is doing ------------------------------------------------- */

async_task_state_t async_task_state(const async_task_t *task)
{
    if (task->timer_.head_.state_ < ASYNC_TASK_ALIVE_) {
        return ASYNC_TASK_UNUSED;
    }
    if (!task_is_alive(task)) {
        return ASYNC_TASK_DONE;
    }
    if (task == async_look_running_(task->loop_)) {
        return ASYNC_TASK_RUNNING;
    }
    if (task_has(task, ASYNC_TASK_NEW_)) {
        return ASYNC_TASK_NEW;
    }
    if (task_is_waiting(task)) {
        return ASYNC_TASK_WAITING;
    }
    return task_is_linked(task) || may_be_ready(task->loop_, task)
               ? ASYNC_TASK_READY
               : ASYNC_TASK_LOST;
}
