/* SPDX-License-Identifier: MIT */

/*
 * A queue as a stack: the newest item comes out first.
 */
#include "async/queue.h"

#include <string.h>

static void *slot(const async_queue_t *queue)
{
    return (char *)queue->array_ + (size_t)queue->count_ * queue->item_size_;
}

static void place(async_queue_t *queue, const void *item)
{
    memcpy(slot(queue), item, queue->item_size_);
}

/* count_ is without the item already. */
static void take(async_queue_t *queue, void *item)
{
    if (item != NULL) {
        memcpy(item, slot(queue), queue->item_size_);
    }
}

const async_queue_kind_t_ async_queue_lifo_ = {place, take};
