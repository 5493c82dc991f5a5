/* SPDX-License-Identifier: MIT */

/*
 * A queue as a binary heap (Williams 1964): item 0 is before all others, and
 * item i before its children 2i+1 and 2i+2. A hole moves through the heap until
 * the item fits into it, so each step copies one item.
 */
#include "async/queue.h"

#include <string.h>

static void *slot(const async_queue_t *queue, size_t index)
{
    return (char *)queue->array_ + index * queue->item_size_;
}

static void move(const async_queue_t *queue, size_t to, const void *item)
{
    memcpy(slot(queue, to), item, queue->item_size_);
}

static void place(async_queue_t *queue, const void *item)
{
    size_t hole = queue->count_;
    while (hole > 0 && queue->before_(item, slot(queue, (hole - 1) / 2))) {
        move(queue, hole, slot(queue, (hole - 1) / 2));
        hole = (hole - 1) / 2;
    }
    move(queue, hole, item);
}

/* The child of a hole that is before the other; `end` if there is none. */
static size_t first_child(const async_queue_t *queue, size_t hole, size_t end)
{
    size_t child = 2 * hole + 1;
    if (child + 1 < end &&
        queue->before_(slot(queue, child + 1), slot(queue, child))) {
        child++;
    }
    return child < end ? child : end;
}

/* The last item, at count_, goes into the hole that the first one leaves. */
static void take(async_queue_t *queue, void *item)
{
    size_t end = queue->count_;
    const void *last = slot(queue, end);
    size_t hole = 0;
    if (item != NULL) {
        memcpy(item, slot(queue, 0), queue->item_size_);
    }
    for (size_t child; (child = first_child(queue, hole, end)) < end;
         hole = child) {
        if (!queue->before_(slot(queue, child), last)) {
            break;
        }
        move(queue, hole, slot(queue, child));
    }
    if (hole != end) {
        move(queue, hole, last);
    }
}

const async_queue_kind_t_ async_queue_priority_ = {place, take};
