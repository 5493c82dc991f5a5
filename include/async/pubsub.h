/* SPDX-License-Identifier: MIT */

/*
 * Pubsub: messages for all who want them.
 *
 *     static ASYNC_PUBSUB(struct sample, 8) samples;     (zero: no messages)
 *     ...
 *     async_pubsub_publish(&samples, &sample);       (an interrupt may, too)
 *     ...
 *     async_pubsub_subscribe(&samples, &self->subscriber);
 *     for (;;) {
 *         AWAIT(async_pubsub_wait(&samples, &self->subscriber));
 *         uint32_t lost = async_pubsub_take(&samples, &self->subscriber,
 *                                           &self->sample);
 *         ...
 *     }
 *
 * Every subscriber takes every message, each at its own pace. The last N are
 * kept. Publishing never waits and never fails: it overwrites the oldest. A
 * subscriber that is slower than that goes on with the oldest that is left, and
 * is told how many it has lost. It is nothing but a place in the row of
 * messages, so there may be any number, and nobody has to unsubscribe.
 */
#ifndef ASYNC_PUBSUB_H
#define ASYNC_PUBSUB_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What all pubsubs have in common: `samples.pubsub`. 16 bytes on 32 bits. */
typedef struct async_pubsub async_pubsub_t;

/**
 * How far one subscriber of one pubsub has come; a member of the frame, say. It
 * serves one task. 4 bytes.
 *
 * All zero is a subscriber that begins with the first message that ever was:
 * what is static and zero loses nothing of what is published before its task
 * runs. One that begins later calls async_pubsub_subscribe.
 */
typedef struct async_subscriber async_subscriber_t;

/* --- Create --------------------------------------------------------------- */

/**
 * The type of a pubsub: static ASYNC_PUBSUB(struct sample, 8) samples;
 *
 * All zero is a valid pubsub without messages. In all calls `p` is a pointer to
 * a pubsub, evaluated several times, so without side effects.
 *
 *  type      of a message; it is copied with interrupts locked, so let it be
 *            small
 *  capacity  how many messages are kept, 1 or more
 */
#define ASYNC_PUBSUB(type, capacity)                                           \
    struct {                                                                   \
        async_pubsub_t pubsub;                                                 \
        type messages[capacity];                                               \
        ASYNC_STATIC_ASSERT_((capacity) >= 1, "1 message or more");            \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until there is a message that the subscriber has not taken; go on at
 * once if there is.
 *
 *  subscriber  an async_subscriber_t *
 *
 * Context: task. Cancel: the waiter is unlinked; the message stays for the
 * subscriber. Cost: O(1).
 */
#define async_pubsub_wait(p, subscriber)                                       \
    async_pubsub_wait_(&(p)->pubsub, subscriber)

/**
 * Take the next message into *item, after a wait. A take where there is none is
 * reported (ASYNC_REPORT_NOT_HELD), nothing is copied, and 0 returned.
 *
 *  item  a pointer to a message of this pubsub; the compiler refuses others
 *
 * Context: any. Returns: how many messages the subscriber has lost just before
 * this one, because they were overwritten; mostly 0. Cost: O(1), and the copy,
 * with interrupts locked.
 */
#define async_pubsub_take(p, subscriber, item)                                 \
    ((void)sizeof((item) - (p)->messages),                                     \
     async_pubsub_take_(&(p)->pubsub, ASYNC_RING_(p), subscriber, item))

/* --- Signal (any context) ------------------------------------------------- */

/**
 * Publish a copy of *item: overwrite the oldest message, and wake all that
 * wait, in the order they came.
 *
 * Context: any. Cost: O(waiters); interrupts are locked for O(1) at a time, and
 * once for the copy.
 */
#define async_pubsub_publish(p, item)                                          \
    ((void)sizeof((item) - (p)->messages),                                     \
     async_pubsub_publish_(&(p)->pubsub, ASYNC_RING_(p), item))

/* --- Without waiting (any context) ---------------------------------------- */

/**
 * Begin, or begin again, with the next message that will be published. What the
 * subscriber has not taken it will not see. Context: any. Cost: O(1).
 */
#define async_pubsub_subscribe(p, subscriber)                                  \
    async_pubsub_subscribe_(&(p)->pubsub, subscriber)

/**
 * Take the next message into *item if there is one.
 *
 *  lost  a uint32_t *; set to how many messages the subscriber has lost just
 *        before this one
 *
 * Context: any. Returns: 0, or ASYNC_ERR_EMPTY; *item is left alone then, and
 * *lost is 0. Cost: O(1), and the copy, with interrupts locked.
 */
#define async_pubsub_try_take(p, subscriber, item, lost)                       \
    ((void)sizeof((item) - (p)->messages),                                     \
     async_pubsub_try_take_(&(p)->pubsub, ASYNC_RING_(p), subscriber, item,    \
                            lost))

/* --- Ask (any context) ---------------------------------------------------- */

/**
 * How many messages there are for the subscriber to take. (One that falls
 * 4294967296 messages behind does not see that; its number of lost ones is that
 * much too small.)
 */
#define async_pubsub_count(p, subscriber)                                      \
    async_pubsub_count_(&(p)->pubsub, ASYNC_RING_(p), subscriber)

/* --- Private part --------------------------------------------------------- */

struct async_pubsub {
    async_link_t_ waiters_;
    uint32_t published_; /* so many; the number of the next message */
    unsigned next_;      /* where it goes */
};

struct async_subscriber {
    uint32_t taken_; /* or lost: the number of the message to take next */
};

/* What the compiler knows of the messages. */
typedef struct async_ring_ {
    void *messages_;
    unsigned capacity_;
    size_t size_; /* of one message */
} async_ring_t_;

static inline async_ring_t_ async_ring_of_(void *messages, size_t capacity,
                                           size_t size)
{
    async_ring_t_ ring = {messages, (unsigned)capacity, size};
    return ring;
}

#define ASYNC_RING_(p)                                                         \
    async_ring_of_((p)->messages,                                              \
                   sizeof((p)->messages) / sizeof((p)->messages[0]),           \
                   sizeof((p)->messages[0]))

ASYNC_MUST_AWAIT_ async_wait_t async_pubsub_wait_(
    async_pubsub_t *pubsub, const async_subscriber_t *subscriber);
ASYNC_MUST_CHECK_ uint32_t async_pubsub_take_(const async_pubsub_t *pubsub,
                                              async_ring_t_ ring,
                                              async_subscriber_t *subscriber,
                                              void *item);
void async_pubsub_publish_(async_pubsub_t *pubsub, async_ring_t_ ring,
                           const void *item);
void async_pubsub_subscribe_(const async_pubsub_t *pubsub,
                             async_subscriber_t *subscriber);
ASYNC_MUST_CHECK_ int async_pubsub_try_take_(const async_pubsub_t *pubsub,
                                             async_ring_t_ ring,
                                             async_subscriber_t *subscriber,
                                             void *item, uint32_t *lost);
unsigned async_pubsub_count_(const async_pubsub_t *pubsub, async_ring_t_ ring,
                             const async_subscriber_t *subscriber);

#ifdef __cplusplus
}
#endif

#endif
