/* SPDX-License-Identifier: MIT */

/*
 * Pairing heap of timers, the earliest deadline at the root. It knows nothing
 * of tasks.
 *
 * child_ is a node's first child, next_ its next sibling, prev_ its previous
 * sibling or, of a first child, its parent. A node that is alone in the heap
 * has three NULLs. Insert is O(1); removal, the root's included, is
 * O(log n) amortised.
 *
 * Source: Fredman, Sedgewick, Sleator, Tarjan: "The pairing heap: a new form of
 * self-adjusting heap", Algorithmica 1 (1986), with two-pass melding.
 */
#ifndef ASYNC_TIMER_HEAP_H
#define ASYNC_TIMER_HEAP_H

#include "async/task.h"

/* Among equal deadlines the older ticket is first. Tickets count from 1 to
 * 0x7FFF and wrap, so that holds within 16383 starts. */
static inline bool timer_is_first(const async_timer_t_ *a,
                                  const async_timer_t_ *b)
{
    if (a->deadline_ != b->deadline_) {
        return async_time_before(a->deadline_, b->deadline_);
    }
    unsigned distance = (unsigned)(a->head_.error_ - b->head_.error_);
    return (distance & 0x4000) != 0;
}

/* Two heaps into one; both roots have no siblings. */
static inline async_timer_t_ *timer_meld(async_timer_t_ *a, async_timer_t_ *b)
{
    if (timer_is_first(b, a)) {
        async_timer_t_ *other = a;
        a = b;
        b = other;
    }
    b->next_ = a->child_;
    if (a->child_ != NULL) {
        a->child_->prev_ = b;
    }
    b->prev_ = a;
    a->child_ = b;
    return a;
}

/* A list of siblings into one heap: meld pairs from left to right, then the
 * results from right to left. In between they are stacked through prev_. */
static inline async_timer_t_ *timer_meld_siblings(async_timer_t_ *first)
{
    async_timer_t_ *pairs = NULL;
    while (first != NULL) {
        async_timer_t_ *a = first;
        async_timer_t_ *b = a->next_;
        first = b == NULL ? NULL : b->next_;
        a->next_ = NULL;
        if (b != NULL) {
            b->next_ = NULL;
            a = timer_meld(a, b);
        }
        a->prev_ = pairs;
        pairs = a;
    }
    async_timer_t_ *root = pairs;
    if (root != NULL) {
        pairs = root->prev_;
        while (pairs != NULL) {
            async_timer_t_ *rest = pairs->prev_;
            root = timer_meld(root, pairs);
            pairs = rest;
        }
        root->prev_ = NULL;
    }
    return root;
}

static inline void timer_heap_insert(async_timer_t_ **root,
                                     async_timer_t_ *timer)
{
    timer->child_ = timer->next_ = timer->prev_ = NULL;
    *root = *root == NULL ? timer : timer_meld(*root, timer);
}

static inline void timer_heap_remove(async_timer_t_ **root,
                                     async_timer_t_ *timer)
{
    async_timer_t_ *children = timer_meld_siblings(timer->child_);
    if (timer == *root) {
        *root = children;
        return;
    }
    if (timer->prev_->child_ == timer) {
        timer->prev_->child_ = timer->next_;
    } else {
        timer->prev_->next_ = timer->next_;
    }
    if (timer->next_ != NULL) {
        timer->next_->prev_ = timer->prev_;
    }
    if (children != NULL) {
        *root = timer_meld(*root, children);
    }
}

#endif
