/* SPDX-License-Identifier: MIT */

/*
 * Pairing heap of timers, the earliest deadline at the root. It does not ask
 * whose they are.
 *
 * child_ is a node's first child, next_ its next sibling, prev_ its previous
 * sibling or, of a first child, its parent. The root is the only sibling of a
 * node that is no timer, the top, so that it is taken out like any other.
 * Insert is O(1); removal is O(log n) amortised. That stays so if a node is
 * inserted below another than the root: the trees on the way up from there have
 * 1, 2, 3, ... nodes at least, so the sum of the logarithms of their sizes, the
 * potential, grows by log(n + 1) at most.
 *
 * Source: Fredman, Sedgewick, Sleator, Tarjan: "The pairing heap: a new form of
 * self-adjusting heap", Algorithmica 1 (1986), with two-pass melding.
 */
#ifndef ASYNC_TIMER_HEAP_H
#define ASYNC_TIMER_HEAP_H

#include "core.h"

static inline async_timer_t_ *timer_of_node(const async_node_t_ *node)
{
    return (async_timer_t_ *)(void *)((char *)node -
                                      offsetof(async_timer_t_, node_));
}

/* Among equal deadlines the older ticket is first. Tickets have 15 bits and
 * wrap, so that holds within 16383 starts. */
static inline bool node_is_first(const async_node_t_ *one,
                                 const async_node_t_ *other)
{
    const async_timer_t_ *a = timer_of_node(one);
    const async_timer_t_ *b = timer_of_node(other);
    async_ticks_difference_t later =
        (async_ticks_difference_t)(async_time_t)(a->deadline_ - b->deadline_);
    if (later < 0) {
        return true;
    }
    if (ASYNC_UNLIKELY_(later == 0)) {
        unsigned distance = (unsigned)(a->head_.error_ - b->head_.error_);
        return (distance & 0x4000) != 0;
    }
    return false;
}

static inline void node_add_child(async_node_t_ *parent, async_node_t_ *node)
{
    node->next_ = parent->child_;
    if (node->next_ != NULL) {
        node->next_->prev_ = node;
    }
    node->prev_ = parent;
    parent->child_ = node;
}

/* Two heaps into one. */
static inline async_node_t_ *node_meld(async_node_t_ *a, async_node_t_ *b)
{
    if (node_is_first(b, a)) {
        async_node_t_ *other = a;
        a = b;
        b = other;
    }
    node_add_child(a, b);
    return a;
}

/* A list of siblings (not empty) into one heap: meld pairs from left to right,
 * then the results from right to left. In between they are stacked through
 * prev_. */
static inline async_node_t_ *node_meld_siblings(async_node_t_ *first)
{
    async_node_t_ *pairs = NULL;
    do {
        async_node_t_ *a = first;
        async_node_t_ *b = a->next_;
        first = NULL;
        if (b != NULL) {
            first = b->next_;
            a = node_meld(a, b);
        }
        a->prev_ = pairs;
        pairs = a;
    } while (first != NULL);
    async_node_t_ *root = pairs;
    pairs = root->prev_;
    while (pairs != NULL) {
        async_node_t_ *rest = pairs->prev_;
        root = node_meld(root, pairs);
        pairs = rest;
    }
    return root;
}

/* A heap to the one of the top. */
static inline void heap_add(async_node_t_ *top, async_node_t_ *heap)
{
    if (top->next_ != NULL) {
        heap = node_meld(heap, top->next_);
    }
    heap->next_ = NULL;
    heap->prev_ = top;
    top->next_ = heap;
}

/*
 * A new timer. One that is not due before the newest is hung below it, where it
 * meets fewer comparisons: limits of one length are a chain, whose first is
 * taken out with none. The top's prev_ is the newest, NULL if that is no more.
 */
static inline void heap_insert(async_node_t_ *top, async_node_t_ *node)
{
    async_node_t_ *newest = top->prev_;
    node->child_ = NULL;
    if (ASYNC_SHORT_CUTS_) {
        top->prev_ = node;
    }
    if (ASYNC_SHORT_CUTS_ && newest != NULL &&
        !async_time_before(timer_of_node(node)->deadline_,
                           timer_of_node(newest)->deadline_)) {
        node_add_child(newest, node);
    } else {
        heap_add(top, node);
    }
}

/* Out of a heap, or out of the top's children; what is below the node goes with
 * it. */
static inline void node_unlink(async_node_t_ *node)
{
    if (node->next_ != NULL) {
        node->next_->prev_ = node->prev_;
    }
    if (node->prev_->child_ == node) {
        node->prev_->child_ = node->next_;
    } else {
        node->prev_->next_ = node->next_;
    }
}

static inline void heap_remove(async_node_t_ *top, async_node_t_ *node)
{
    if (ASYNC_SHORT_CUTS_ && top->prev_ == node) {
        top->prev_ = NULL;
    }
    node_unlink(node);
    if (node->child_ != NULL) {
        heap_add(top, node_meld_siblings(node->child_));
    }
}

#endif
