/* SPDX-License-Identifier: MIT */

/*
 * The ring of a queue: where its items are, and how they are copied.
 */
#ifndef ASYNC_QUEUE_RING_H
#define ASYNC_QUEUE_RING_H

#include "core.h"

#include "async/queue.h"

#include <string.h>

/* Where speed counts more than size, an item of one word has its own way. */
#if defined(__GNUC__) && !defined(__OPTIMIZE_SIZE__)
#define QUICK          1
#define QUICK_NOINLINE ASYNC_NOINLINE_
#else
#define QUICK 0
#define QUICK_NOINLINE
#endif

/* A word may begin where the machine, and the compiler, let it. */
#if defined(__x86_64__) || defined(__i386__) || defined(__ARM_FEATURE_UNALIGNED)
#define WORD_ALIGNMENT 1
#else
#define WORD_ALIGNMENT sizeof(uint32_t)
#endif
#if defined(__GNUC__)
typedef uint32_t __attribute__((may_alias, __aligned__(WORD_ALIGNMENT))) word_t;
#else
typedef uint32_t word_t; /* is not used */
#endif

static inline bool are_words(const void *to, const void *from)
{
    return (((uintptr_t)to | (uintptr_t)from) & (WORD_ALIGNMENT - 1)) == 0;
}

/* Items are small, and memcpy of a small C library goes byte by byte. The size
 * is not 0. */
#if defined(__GNUC__)
static inline void item_copy(void *to, const void *from, size_t size)
{
    if (size % sizeof(word_t) != 0 || !are_words(to, from)) {
        memcpy(to, from, size);
        return;
    }
    word_t *target = (word_t *)to;
    const word_t *source = (const word_t *)from;
    size_t words = size / sizeof(word_t);
    do {
        *target++ = *source++;
    } while (--words != 0);
}
#else
#define item_copy memcpy
#endif

/* The same for more of them: four words at a time. */
static inline void run_copy(void *to, const void *from, size_t size)
{
#if defined(__GNUC__) && !QUICK
    struct __attribute__((may_alias)) four {
        word_t words[4];
    };
    if (size % sizeof(struct four) == 0 && are_words(to, from)) {
        struct four *target = (struct four *)to;
        const struct four *source = (const struct four *)from;
        size_t fours = size / sizeof(struct four);
        do {
            *target++ = *source++;
        } while (--fours != 0);
        return;
    }
    item_copy(to, from, size);
#else
    memcpy(to, from, size);
#endif
}

static inline void *slot(const async_queue_t *queue, uint32_t index)
{
    return (char *)queue->array_ + (size_t)index * queue->item_size_;
}

static inline uint32_t wrap(const async_queue_t *queue, uint32_t index)
{
    return index < queue->capacity_ ? index : index - queue->capacity_;
}

static inline uint16_t after(const async_queue_t *queue, uint16_t index)
{
    index++;
    return index == queue->capacity_ ? 0 : index;
}

/* A queue's lists are circles, those of nobody, too. */
static inline bool nobody_waits(const async_semaphore_t *permits)
{
    return permits->waiters_.waiters_.next_ == &permits->waiters_.waiters_;
}

/* Where the next item goes in. */
static inline uint32_t end_of(const async_queue_t *queue)
{
    return wrap(queue, (uint32_t)queue->first_ + queue->count_);
}

#endif
