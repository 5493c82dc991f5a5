/* SPDX-License-Identifier: MIT */

/*
 * Several items of a queue in one call.
 *
 * A run is a stretch of the ring that is copied at once, as long as the lock
 * may last. Where several tasks wait, or the items are not in a ring, it is one
 * item.
 */
#include "queue_ring.h"

#define RUN_BYTES 64 /* or one item; interrupts are locked for the copy */

static unsigned at_most(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Items that one lock is enough for, of so many. */
static unsigned longest_run(const async_queue_t *queue, unsigned count)
{
    unsigned size = queue->item_size_;
    if (queue->kind_ != NULL || size > RUN_BYTES / 2) {
        return 1;
    }
    return at_most(count, RUN_BYTES) * size <= RUN_BYTES ? count
                                                         : RUN_BYTES / size;
}

static bool several_wait(const async_semaphore_t *permits)
{
    const async_link_t_ *list = &permits->waiters_.waiters_;
    return list->next_ != list->prev_; /* it is a circle */
}

/* Of `most` items from this index on; there are so many permits, and these
 * others come of it. */
static unsigned run_length(const async_queue_t *queue, unsigned most,
                           uint32_t index, const async_semaphore_t *permits,
                           const async_semaphore_t *others)
{
    unsigned run = at_most(most, permits->permits_);
    run = at_most(run, (unsigned)(queue->capacity_ - index));
    return run > 1 && several_wait(others) ? 1 : run;
}

/* The permits of one side become those of the other. */
static void exchange(async_semaphore_t *from, async_semaphore_t *to,
                     unsigned run)
{
    from->permits_ = (uint16_t)(from->permits_ - run);
    if (!nobody_waits(to)) {
        task_hand(&to->waiters_, 0);
        run--;
    }
    to->permits_ = (uint16_t)(to->permits_ + run);
}

/* --- Runs (interrupts locked) --------------------------------------------- */

/* These return how many went in, or came out. */

static unsigned put_run(async_queue_t *queue, const void *items, unsigned most)
{
    uint32_t end = end_of(queue);
    unsigned run = run_length(queue, most, end, &queue->rooms_, &queue->items_);
    if (run == 0) {
        return 0;
    }
    if (queue->kind_ == NULL) {
        run_copy(slot(queue, end), items, (size_t)run * queue->item_size_);
    } else {
        queue->kind_->place_(queue, items);
    }
    queue->count_ = (uint16_t)(queue->count_ + run);
    queue->unfinished_ =
        (uint16_t)(queue->unfinished_ +
                   at_most(run, (unsigned)UINT16_MAX - queue->unfinished_));
    exchange(&queue->rooms_, &queue->items_, run);
    return run;
}

static unsigned get_run(async_queue_t *queue, void *items, unsigned most)
{
    unsigned run =
        run_length(queue, most, queue->first_, &queue->items_, &queue->rooms_);
    if (run == 0) {
        return 0;
    }
    queue->count_ = (uint16_t)(queue->count_ - run);
    if (queue->kind_ != NULL) {
        queue->kind_->take_(queue, items);
    } else {
        run_copy(items, slot(queue, queue->first_),
                 (size_t)run * queue->item_size_);
        queue->first_ = (uint16_t)wrap(queue, queue->first_ + run);
    }
    exchange(&queue->items_, &queue->rooms_, run);
    return run;
}

/* --- The calls ------------------------------------------------------------ */

/* `own`: 1, if the task has a permit of its own already: it becomes one of
 * all, and is good for a closed queue, too. */
static unsigned move_many(async_queue_t *queue, void *items, unsigned count,
                          async_semaphore_t *permits, unsigned own)
{
    bool goes_in = permits == &queue->rooms_;
    unsigned longest = longest_run(queue, count);
    unsigned done = 0;
    unsigned run = 1;
    while (run != 0 && done < count) {
        char *rest = (char *)items + (size_t)done * queue->item_size_;
        async_port_state_t state = async_port_lock();
        permits->permits_ = (uint16_t)(permits->permits_ + own);
        unsigned most = at_most(count - done, longest);
        run = goes_in ? put_run(queue, rest, queue->closed_ ? own : most)
                      : get_run(queue, rest, most);
        async_port_unlock(state);
        own = 0;
        done += run;
    }
    return done;
}

unsigned async_queue_try_put_many_(async_queue_t *queue, const void *items,
                                   unsigned count)
{
    return move_many(queue, (void *)(uintptr_t)items, count, &queue->rooms_, 0);
}

unsigned async_queue_try_get_many_(async_queue_t *queue, void *items,
                                   unsigned count)
{
    return move_many(queue, items, count, &queue->items_, 0);
}

/* With what the task keeps. */
static unsigned move_held(async_queue_t *queue, void *items, unsigned count,
                          async_semaphore_t *permits)
{
    return count != 0 && release_hold(&permits->waiters_)
               ? move_many(queue, items, count, permits, 1)
               : 0;
}

unsigned async_queue_place_many_(async_queue_t *queue, const void *items,
                                 unsigned count)
{
    return move_held(queue, (void *)(uintptr_t)items, count, &queue->rooms_);
}

unsigned async_queue_take_many_(async_queue_t *queue, void *items,
                                unsigned count)
{
    return move_held(queue, items, count, &queue->items_);
}
