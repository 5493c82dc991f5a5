/* SPDX-License-Identifier: MIT */

/*
 * Several items of a queue in one call.
 *
 * A run is a stretch of the ring that is copied at once, as long as the lock
 * may last. Where several tasks wait, or the items are not in a ring, it is one
 * item.
 */
#include "permits.h"
#include "queue_ring.h"

#define RUN_BYTES 64 /* or one item; interrupts are locked for the copy */

static unsigned at_most(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool several_wait(const async_semaphore_t *permits)
{
    const async_link_t_ *list = &permits->waiters_.waiters_;
    return !list_is_empty(list) && list->next_ != list->prev_;
}

/* Of `most` items from this index on; there are so many permits, and these
 * others come of it. */
static unsigned run_length(const async_queue_t *queue, unsigned most,
                           uint32_t index, const async_semaphore_t *permits,
                           const async_semaphore_t *others)
{
    unsigned run = at_most(most, permits->permits_);
    if (run == 0 || queue->kind_ != NULL || several_wait(others) ||
        queue->item_size_ > RUN_BYTES / 2) {
        return at_most(run, 1);
    }
    run = at_most(run, (unsigned)(queue->capacity_ - index));
    return at_most(run, RUN_BYTES / queue->item_size_);
}

/* The permits of one side become those of the other. */
static void exchange(async_semaphore_t *from, async_semaphore_t *to,
                     unsigned run)
{
    from->permits_ = (uint16_t)(from->permits_ - run);
    permit_give(to);
    to->permits_ = (uint16_t)(to->permits_ + run - 1);
}

/* --- Put ------------------------------------------------------------------ */

/* Interrupts are locked. Returns how many went in. */
static unsigned put_run(async_queue_t *queue, const void *items, unsigned most)
{
    uint32_t end = wrap(queue, (uint32_t)queue->first_ + queue->count_);
    unsigned run = run_length(queue, most, end, &queue->rooms_, &queue->items_);
    if (run == 0) {
        return 0;
    }
    if (queue->kind_ == NULL) {
        item_copy(slot(queue, end), items, (size_t)run * queue->item_size_);
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

/* `own`: 1, if the task has a room of its own already, closed or not. */
static unsigned put_many(async_queue_t *queue, const void *items,
                         unsigned count, unsigned own)
{
    unsigned done = 0;
    unsigned run = 1;
    while (run != 0 && done < count) {
        const char *rest =
            (const char *)items + (size_t)done * queue->item_size_;
        async_port_state_t state = async_port_lock();
        queue->rooms_.permits_ = (uint16_t)(queue->rooms_.permits_ + own);
        run = put_run(queue, rest, queue->closed_ ? own : count - done);
        async_port_unlock(state);
        own = 0;
        done += run;
    }
    return done;
}

unsigned async_queue_try_put_many_(async_queue_t *queue, const void *items,
                                   unsigned count)
{
    return put_many(queue, items, count, 0);
}

unsigned async_queue_place_many_(async_queue_t *queue, const void *items,
                                 unsigned count)
{
    return count != 0 && release_hold(&queue->rooms_.waiters_)
               ? put_many(queue, items, count, 1)
               : 0;
}

/* --- Get ------------------------------------------------------------------ */

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
        item_copy(items, slot(queue, queue->first_),
                  (size_t)run * queue->item_size_);
        queue->first_ = (uint16_t)wrap(queue, queue->first_ + run);
    }
    exchange(&queue->items_, &queue->rooms_, run);
    return run;
}

static unsigned get_many(async_queue_t *queue, void *items, unsigned count,
                         unsigned own)
{
    unsigned done = 0;
    unsigned run = 1;
    while (run != 0 && done < count) {
        char *rest = (char *)items + (size_t)done * queue->item_size_;
        async_port_state_t state = async_port_lock();
        queue->items_.permits_ = (uint16_t)(queue->items_.permits_ + own);
        run = get_run(queue, rest, count - done);
        async_port_unlock(state);
        own = 0;
        done += run;
    }
    return done;
}

unsigned async_queue_try_get_many_(async_queue_t *queue, void *items,
                                   unsigned count)
{
    return get_many(queue, items, count, 0);
}

unsigned async_queue_take_many_(async_queue_t *queue, void *items,
                                unsigned count)
{
    return count != 0 && release_hold(&queue->items_.waiters_)
               ? get_many(queue, items, count, 1)
               : 0;
}
