/* SPDX-License-Identifier: MIT */

/*
 * Pubsub: a ring of the last messages, and how many there ever were.
 *
 * Messages are numbered from 0; the number wraps. A subscriber is the number of
 * the message it takes next, so how far it is behind is a difference, and where
 * that message stands is counted backwards from the end of the ring. That holds
 * across the wrap for a ring of any size, which `number % capacity` would not.
 */
#include "async/pubsub.h"

#include "core.h"

#include <string.h>

static void *slot(async_ring_t_ ring, size_t index)
{
    return (char *)ring.messages_ + index * ring.size_;
}

/* Interrupts are locked. */
static uint32_t behind(const async_pubsub_t *pubsub,
                       const async_subscriber_t *subscriber)
{
    return pubsub->published_ - subscriber->taken_;
}

/* --- Wait ----------------------------------------------------------------- */

async_wait_t async_pubsub_wait_(async_pubsub_t *pubsub,
                                const async_subscriber_t *subscriber)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_port_lock();
    async_wait_t wait = behind(pubsub, subscriber) != 0
                            ? async_is_ready_()
                            : async_wait_in_(&pubsub->waiters_);
    async_port_unlock(state);
    return wait;
}

uint32_t async_pubsub_take_(const async_pubsub_t *pubsub, async_ring_t_ ring,
                            async_subscriber_t *subscriber, void *item)
{
    uint32_t lost;
    if (async_pubsub_try_take_(pubsub, ring, subscriber, item, &lost) !=
        ASYNC_OK) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
    }
    return lost;
}

/* --- Signal --------------------------------------------------------------- */

/* All that wait have taken everything, so all of them go on; who comes when the
 * lock is open may wait for the next. */
void async_pubsub_publish_(async_pubsub_t *pubsub, async_ring_t_ ring,
                           const void *item)
{
    async_link_t_ waiters;
    async_port_state_t state = async_port_lock();
    memcpy(slot(ring, pubsub->next_), item, ring.size_);
    pubsub->published_++;
    pubsub->next_++;
    if (pubsub->next_ == ring.capacity_) {
        pubsub->next_ = 0;
    }
    list_move(&waiters, &pubsub->waiters_);
    async_port_unlock(state);
    async_wake_moved_(&waiters);
}

/* --- Without waiting ------------------------------------------------------ */

void async_pubsub_subscribe_(const async_pubsub_t *pubsub,
                             async_subscriber_t *subscriber)
{
    async_port_state_t state = async_port_lock();
    subscriber->taken_ = pubsub->published_;
    async_port_unlock(state);
}

/* The message that was published `age` messages ago (1: the last). */
static const void *message(const async_pubsub_t *pubsub, async_ring_t_ ring,
                           uint32_t age)
{
    size_t end = pubsub->next_;
    return slot(ring, (end < age ? end + ring.capacity_ : end) - (size_t)age);
}

/* Interrupts are locked, and there is a message. Returns how many were lost. */
static uint32_t take(const async_pubsub_t *pubsub, async_ring_t_ ring,
                     async_subscriber_t *subscriber, void *item)
{
    uint32_t age = behind(pubsub, subscriber);
    uint32_t lost = age > ring.capacity_ ? age - ring.capacity_ : 0;
    memcpy(item, message(pubsub, ring, age - lost), ring.size_);
    subscriber->taken_ += lost + 1;
    return lost;
}

int async_pubsub_try_take_(const async_pubsub_t *pubsub, async_ring_t_ ring,
                           async_subscriber_t *subscriber, void *item,
                           uint32_t *lost)
{
    *lost = 0;
    async_port_state_t state = async_port_lock();
    bool is_there = behind(pubsub, subscriber) != 0;
    if (is_there) {
        *lost = take(pubsub, ring, subscriber, item);
    }
    async_port_unlock(state);
    return is_there ? ASYNC_OK : ASYNC_ERR_EMPTY;
}

/* --- Ask ------------------------------------------------------------------ */

unsigned async_pubsub_count_(const async_pubsub_t *pubsub, async_ring_t_ ring,
                             const async_subscriber_t *subscriber)
{
    async_port_state_t state = async_port_lock();
    uint32_t count = behind(pubsub, subscriber);
    async_port_unlock(state);
    return count < ring.capacity_ ? (unsigned)count : ring.capacity_;
}
