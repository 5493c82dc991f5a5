/* SPDX-License-Identifier: MIT */

/*
 * Queue: items from those who put to those who get. It is asyncio.Queue.
 *
 *     static ASYNC_QUEUE(struct command, 8) commands =
 *         ASYNC_QUEUE_INIT(commands);
 *     ...
 *     AWAIT_PUT(&commands, &command);              (waits while it is full)
 *     AWAIT_GET(&commands, &self->command);        (waits while it is empty)
 *     ...
 *     if (async_queue_try_put(&commands, &command) != ASYNC_OK) { ... }
 *                                                  (an interrupt may, too)
 *
 * A queue has room for a fixed number of items of one type, which the compiler
 * checks. Items come out in the order they went in, the newest first (a stack),
 * or the most urgent first: the initialiser decides.
 *
 * Each item that is put is one for the task that has waited longest, from that
 * moment on, although the task takes it later: nobody can come in between. (It
 * then gets the one that is first in the queue's order.) If that task is
 * cancelled before it runs, the item stays, and the next gets it.
 */
#ifndef ASYNC_QUEUE_H
#define ASYNC_QUEUE_H

#include "async/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What all queues have in common: `commands.queue`. 64 bytes on 32 bits. */
typedef struct async_queue async_queue_t;

/** True if item `a` is to come out before item `b`. Called with interrupts
 *  locked, so it must be short and must not wait. */
typedef bool async_queue_before_t(const void *a, const void *b);

/* --- Create --------------------------------------------------------------- */

/**
 * The type of a queue: ASYNC_QUEUE(struct command, 8) commands;
 *
 *  type      of an item, which is copied with interrupts locked: let it be
 *            small
 *  capacity  1 to 65535 items
 */
#define ASYNC_QUEUE(type, capacity)                                            \
    struct {                                                                   \
        async_queue_t queue;                                                   \
        type items[capacity];                                                  \
        ASYNC_STATIC_ASSERT_((capacity) >= 1 && (capacity) <= 65535 &&         \
                                 sizeof(type) <= 65535,                        \
                             "1 to 65535 items of 1 to 65535 bytes");          \
    }

/** Initialiser for a queue with static storage, by its own name: the oldest
 *  item comes out first. */
#define ASYNC_QUEUE_INIT(name) ASYNC_QUEUE_INIT_(name, NULL, NULL)

/** The newest item comes out first: asyncio.LifoQueue. */
#define ASYNC_LIFO_QUEUE_INIT(name)                                            \
    ASYNC_QUEUE_INIT_(name, &async_queue_lifo_, NULL)

/** The item comes out first that is before all others; of equal ones any:
 *  asyncio.PriorityQueue. Put and take copy O(log n) of n items with interrupts
 *  locked. */
#define ASYNC_PRIORITY_QUEUE_INIT(name, before)                                \
    ASYNC_QUEUE_INIT_(name, &async_queue_priority_, before)

/** The same for a queue in a frame or on the heap: async_queue_init(&q).
 *  Context: any; while nobody uses the queue. */
#define async_queue_init(q)      ASYNC_QUEUE_SETUP_(q, NULL, NULL)
#define async_queue_init_lifo(q) ASYNC_QUEUE_SETUP_(q, &async_queue_lifo_, NULL)
#define async_queue_init_priority(q, before)                                   \
    ASYNC_QUEUE_SETUP_(q, &async_queue_priority_, before)

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Put a copy of *item; wait while the queue is full: `await q.put(item)`.
 *
 *  q     a pointer to a queue; evaluated several times, so without side effects
 *  item  a pointer to an item; evaluated once, when there is room: it may point
 *        at what is made in place, and must not at a local from before the wait
 *
 * Context: task. Raises: ASYNC_ERR_CLOSED. Cancel: the waiter is unlinked;
 * nothing was put; room that was just given to it goes to the next. Cost: O(1),
 * or as the kind says.
 */
#define ASYNC_AWAIT_PUT(q, item)                                               \
    do {                                                                       \
        ASYNC_AWAIT_CLAIM_("async_queue_wait_room(" #q ")",                    \
                           async_queue_claim_room_(&(q)->queue));              \
        async_queue_place_claimed_(&(q)->queue, ASYNC_ITEM_(q, item));         \
    } while (0)

/**
 * Get an item into *item; wait while there is none: `item = await q.get()`.
 * Arguments as for AWAIT_PUT.
 *
 * Context: task. Raises: ASYNC_ERR_CLOSED, when the queue is empty as well.
 * Cancel: the waiter is unlinked; nothing was taken; an item that was just
 * given to it goes to the next. Cost: O(1), or as the kind says.
 */
#define ASYNC_AWAIT_GET(q, item)                                               \
    do {                                                                       \
        ASYNC_AWAIT_CLAIM_("async_queue_wait_item(" #q ")",                    \
                           async_queue_claim_item_(&(q)->queue));              \
        async_queue_take_claimed_(&(q)->queue, ASYNC_ITEM_(q, item));          \
    } while (0)

#ifndef ASYNC_NO_SHORT_NAMES
#define AWAIT_PUT(q, item) ASYNC_AWAIT_PUT(q, item)
#define AWAIT_GET(q, item) ASYNC_AWAIT_GET(q, item)
#endif

/**
 * The two halves of AWAIT_GET, for a get with a limit, or one whose error is
 * to be caught:
 *
 *     AWAIT_CATCH(error, async_wait_for(async_queue_wait_item(&q), ticks));
 *     if (error == ASYNC_OK) {
 *         async_queue_take(&q, &self->item);
 *     }
 *
 * The first waits until an item is this task's own, the second takes it. It
 * must be taken before the next AWAIT: an item that is not is reported
 * (ASYNC_REPORT_NOT_TAKEN) and goes back, and a take without one is as well
 * (ASYNC_REPORT_NOT_HELD; nothing is copied). The same with room and a place.
 * An item that is placed when the queue has been closed since the wait is in
 * it, as if it had come before.
 *
 * Context: task. Raises, Cancel, Cost: as AWAIT_GET and AWAIT_PUT.
 */
#define async_queue_wait_item(q) async_queue_wait_item_(&(q)->queue)
#define async_queue_take(q, item)                                              \
    async_queue_take_(&(q)->queue, ASYNC_ITEM_(q, item))
#define async_queue_wait_room(q) async_queue_wait_room_(&(q)->queue)
#define async_queue_place(q, item)                                             \
    async_queue_place_(&(q)->queue, ASYNC_ITEM_(q, item))

/**
 * The second half for several items, from an array of them: one that is this
 * task's own, and as many more as there are (room for) just now.
 *
 *     AWAIT(async_queue_wait_item(&q));
 *     self->got = async_queue_take_many(&q, self->samples, 16);
 *
 *  items  a pointer to the first of the array; `count` is that of its items
 *
 * Context: task. Returns: how many were taken or placed, 1 to count; 0, with a
 * report, without a wait before, or for a count of 0 (the item then is still to
 * be taken). Cost: O(count); interrupts are locked for the copy of one item, or
 * of 64 bytes of small ones, at a time.
 */
#define async_queue_take_many(q, items, count)                                 \
    async_queue_take_many_(&(q)->queue, ASYNC_ITEM_(q, items), count)
#define async_queue_place_many(q, items, count)                                \
    async_queue_place_many_(&(q)->queue, ASYNC_ITEM_(q, items), count)

/**
 * Wait until async_queue_task_done was called for every item that was put. (Up
 * to 65535 are counted; a queue whose users never call it cannot be joined.)
 *
 * Context: task. Cancel: the waiter is unlinked; the queue is as it was.
 * Cost: O(1).
 */
#define async_queue_join(q) async_queue_join_(&(q)->queue)

/* --- Without waiting (any context) ---------------------------------------- */

/**
 * Put a copy of *item if there is room.
 *
 * Context: any. Returns: 0; ASYNC_ERR_FULL; ASYNC_ERR_CLOSED.
 */
#define async_queue_try_put(q, item)                                           \
    async_queue_try_put_(&(q)->queue, ASYNC_ITEM_(q, item))

/**
 * Get an item if there is one that nobody waits for.
 *
 * Context: any. Returns: 0; ASYNC_ERR_EMPTY; ASYNC_ERR_CLOSED, when the queue
 * is empty as well.
 */
#define async_queue_try_get(q, item)                                           \
    async_queue_try_get_(&(q)->queue, ASYNC_ITEM_(q, item))

/**
 * Put copies of up to `count` items of an array, or get as many as there are
 * that nobody waits for. In between, interrupts and their items may come.
 *
 * Context: any. Returns: how many were put or got; 0 also for a queue that is
 * closed (and, for a get, empty). Cost: as take_many.
 */
#define async_queue_try_put_many(q, items, count)                              \
    async_queue_try_put_many_(&(q)->queue, ASYNC_ITEM_(q, items), count)
#define async_queue_try_get_many(q, items, count)                              \
    async_queue_try_get_many_(&(q)->queue, ASYNC_ITEM_(q, items), count)

/**
 * Close the queue: it takes no more items. Those who wait for room, and those
 * who wait for an item that will not come, raise ASYNC_ERR_CLOSED; what is in
 * it can still be got. (Python 3.13: shutdown().) async_queue_init opens it
 * anew, when those who waited have run.
 *
 * Context: any. Cost: O(waiters); interrupts are locked for O(1) at a time.
 */
#define async_queue_close(q) async_queue_close_(&(q)->queue)

/**
 * Drop all items that nobody waits for, as if they had been got and were done.
 *
 * Context: any. Cost: O(items); interrupts are locked for O(1) at a time.
 */
#define async_queue_clear(q) async_queue_clear_(&(q)->queue)

/**
 * Tell that an item that was got has been dealt with; see async_queue_join. One
 * call too many is reported (ASYNC_REPORT_TOO_OFTEN).
 *
 * Context: any. Cost: O(tasks that join) after the last item.
 */
#define async_queue_task_done(q) async_queue_task_done_(&(q)->queue)

/* --- Ask (any context) ---------------------------------------------------- */

/** How many items are in it, those included that were given to a task that has
 *  not run yet. */
#define async_queue_count(q) async_queue_count_(&(q)->queue)
/** How many it has room for. */
#define async_queue_capacity(q) async_queue_capacity_(&(q)->queue)
/** True if it is closed. */
#define async_queue_is_closed(q) async_queue_is_closed_(&(q)->queue)

/* --- Private part --------------------------------------------------------- */

/* How items are kept in order; NULL: as a ring. Interrupts are locked. */
typedef struct async_queue_kind_ {
    void (*place_)(async_queue_t *queue, const void *item);
    void (*take_)(async_queue_t *queue, void *item); /* NULL: drop it */
} async_queue_kind_t_;

struct async_queue {
    async_semaphore_t items_; /* that belong to nobody yet */
    async_semaphore_t rooms_; /* the same */
    async_link_t_ joiners_;
    void *array_;
    const async_queue_kind_t_ *kind_;
    async_queue_before_t *before_;
    uint16_t item_size_;
    uint16_t capacity_;
    uint16_t first_;
    uint16_t count_;
    uint16_t unfinished_;
    bool closed_;
};

extern const async_queue_kind_t_ async_queue_lifo_;
extern const async_queue_kind_t_ async_queue_priority_;

#define ASYNC_QUEUE_CAPACITY_(q) (sizeof((q).items) / sizeof((q).items[0]))
/* Both lists of waiters are circles from the start, unlike those of zeros. */
#define ASYNC_QUEUE_LIST_(q, side)                                             \
    {                                                                          \
        &(q).queue.side.waiters_.waiters_,                                     \
        {                                                                      \
            &(q).queue.side.waiters_.waiters_                                  \
        }                                                                      \
    }
#define ASYNC_QUEUE_FIELDS_(q, kind, before)                                   \
    {                                                                          \
        {{0, ASYNC_QUEUE_LIST_(q, items_)}, 0, 0},                             \
            {{0, ASYNC_QUEUE_LIST_(q, rooms_)}, ASYNC_QUEUE_CAPACITY_(q), 0},  \
            {0, {0}}, (q).items, kind, before, sizeof((q).items[0]),           \
            ASYNC_QUEUE_CAPACITY_(q), 0, 0, 0, false                           \
    }
#define ASYNC_QUEUE_INIT_(name, kind, before)                                  \
    {                                                                          \
        .queue = ASYNC_QUEUE_FIELDS_(name, kind, before)                       \
    }
#define ASYNC_QUEUE_SETUP_(q, kind, before)                                    \
    async_queue_init_(&(q)->queue, (q)->items, sizeof((q)->items),             \
                      sizeof((q)->items[0]), kind, before)

/*
 * Wait for a permit, and do not keep it as wait_room and wait_item do: between
 * this and the copy nothing can cancel the task, so nothing has to be taken
 * back. Who really waits has kept it up to the label.
 */
#define ASYNC_AWAIT_CLAIM_(text, claim)                                        \
    do {                                                                       \
        ASYNC_LINE_CHECK_;                                                     \
        self->coro.state_ = __LINE__;                                          \
        ASYNC_NEXT_ = (claim).awaitable_;                                      \
        if (ASYNC_NEXT_ != ASYNC_READY_) {                                     \
            return ASYNC_NEXT_;                                                \
            ASYNC_TELL_CASE_(text)                                             \
        case ASYNC_LABEL_(__LINE__):                                           \
            async_queue_claim_held_();                                         \
        }                                                                      \
    } while (0)

/* A pointer to an item of this queue, or it does not compile. */
#define ASYNC_ITEM_(q, item) ((void)sizeof((item) - (q)->items), (item))

void async_queue_init_(async_queue_t *queue, void *array, size_t size,
                       size_t item_size, const async_queue_kind_t_ *kind,
                       async_queue_before_t *before);
ASYNC_MUST_AWAIT_ async_wait_t async_queue_wait_item_(async_queue_t *queue);
ASYNC_MUST_AWAIT_ async_wait_t async_queue_wait_room_(async_queue_t *queue);
ASYNC_MUST_AWAIT_ async_wait_t async_queue_join_(async_queue_t *queue);
ASYNC_MUST_CHECK_ int async_queue_try_put_(async_queue_t *queue,
                                           const void *item);
ASYNC_MUST_CHECK_ int async_queue_try_get_(async_queue_t *queue, void *item);
ASYNC_MUST_AWAIT_ async_wait_t async_queue_claim_item_(async_queue_t *queue);
ASYNC_MUST_AWAIT_ async_wait_t async_queue_claim_room_(async_queue_t *queue);
void async_queue_claim_held_(void);
void async_queue_take_claimed_(async_queue_t *queue, void *item);
void async_queue_place_claimed_(async_queue_t *queue, const void *item);
void async_queue_take_(async_queue_t *queue, void *item);
void async_queue_place_(async_queue_t *queue, const void *item);
unsigned async_queue_try_put_many_(async_queue_t *queue, const void *items,
                                   unsigned count);
unsigned async_queue_try_get_many_(async_queue_t *queue, void *items,
                                   unsigned count);
unsigned async_queue_place_many_(async_queue_t *queue, const void *items,
                                 unsigned count);
unsigned async_queue_take_many_(async_queue_t *queue, void *items,
                                unsigned count);
void async_queue_close_(async_queue_t *queue);
void async_queue_clear_(async_queue_t *queue);
void async_queue_task_done_(async_queue_t *queue);

unsigned async_queue_count_(const async_queue_t *queue);

static inline unsigned async_queue_capacity_(const async_queue_t *queue)
{
    return queue->capacity_;
}

static inline bool async_queue_is_closed_(const async_queue_t *queue)
{
    return queue->closed_;
}

#ifdef __cplusplus
}
#endif

#endif
