/* SPDX-License-Identifier: MIT */

/*
 * The ring of a queue: where its items are, and how they are copied.
 */
#ifndef ASYNC_QUEUE_RING_H
#define ASYNC_QUEUE_RING_H

#include "async/queue.h"

#include <string.h>

/* Items are small, and memcpy of a small C library goes byte by byte. */
#if defined(__GNUC__)
typedef uint32_t __attribute__((may_alias)) word_t;
static inline void item_copy(void *to, const void *from, size_t size)
{
    if ((((uintptr_t)to | (uintptr_t)from | size) & (sizeof(word_t) - 1)) !=
        0) {
        memcpy(to, from, size);
        return;
    }
    word_t *target = (word_t *)to;
    const word_t *source = (const word_t *)from;
    const word_t *end = source + size / sizeof(word_t);
    while (source != end) {
        *target++ = *source++;
    }
}
#else
#define item_copy memcpy
#endif

static inline void *slot(const async_queue_t *queue, uint32_t index)
{
    return (char *)queue->array_ + (size_t)index * queue->item_size_;
}

static inline uint32_t wrap(const async_queue_t *queue, uint32_t index)
{
    return index < queue->capacity_ ? index : index - queue->capacity_;
}

#endif
