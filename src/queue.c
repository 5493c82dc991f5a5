/* SPDX-License-Identifier: MIT */

/*
 * Queue: a ring between two semaphores.
 *
 * `items_` counts the items that belong to nobody yet, `rooms_` the rooms. A
 * task waits for a permit of the one or the other, keeps it until it takes or
 * places, and by that gives a permit of the other. The ring itself never waits.
 */
#include "async/queue.h"

#include "permits.h"
#include "queue_ring.h"

void async_queue_init_(async_queue_t *queue, void *array, size_t size,
                       size_t item_size, const async_queue_kind_t_ *kind,
                       async_queue_before_t *before)
{
    uint16_t capacity = (uint16_t)(size / item_size);
    *queue = (async_queue_t){.rooms_ = ASYNC_SEMAPHORE_INIT(capacity),
                             .array_ = array,
                             .kind_ = kind,
                             .before_ = before,
                             .item_size_ = (uint16_t)item_size,
                             .capacity_ = capacity};
    list_init(&queue->items_.waiters_.waiters_);
    list_init(&queue->rooms_.waiters_.waiters_);
}

/* --- Put and get ---------------------------------------------------------- */

ASYNC_NOINLINE_ static void hand_on(async_semaphore_t *permits)
{
    task_hand(&permits->waiters_, 0);
}

/* To the first that waits, else to all who will come. */
static ASYNC_ALWAYS_INLINE_ void give(async_semaphore_t *permits)
{
    if (nobody_waits(permits)) {
        permits->permits_++;
    } else {
        hand_on(permits);
    }
}

static inline void count_in(async_queue_t *queue)
{
    queue->count_++;
    uint16_t unfinished = (uint16_t)(queue->unfinished_ + 1U);
    if (unfinished != 0) { /* more are not counted */
        queue->unfinished_ = unfinished;
    }
}

/* Interrupts were locked with this state. */
QUICK_NOINLINE static void put_any(async_queue_t *queue, const void *item,
                                   async_port_state_t state)
{
    if (queue->kind_ == NULL) {
        item_copy(slot(queue, end_of(queue)), item, queue->item_size_);
    } else {
        queue->kind_->place_(queue, item);
    }
    count_in(queue);
    give(&queue->items_);
    async_port_unlock(state);
}

QUICK_NOINLINE static void get_any(async_queue_t *queue, void *item,
                                   async_port_state_t state)
{
    queue->count_--;
    if (queue->kind_ != NULL) {
        queue->kind_->take_(queue, item);
    } else {
        if (item != NULL) {
            item_copy(item, slot(queue, queue->first_), queue->item_size_);
        }
        queue->first_ = after(queue, queue->first_);
    }
    give(&queue->rooms_);
    async_port_unlock(state);
}

/* A word, a ring, and nobody waits: then nothing is called. */
static inline bool is_simple(const async_queue_t *queue, const void *item,
                             const async_semaphore_t *others)
{
    return QUICK && queue->kind_ == NULL && nobody_waits(others) &&
           queue->item_size_ == sizeof(word_t) && item != NULL &&
           are_words(item, item);
}

/* An item goes in. The permit for its room has been taken: the room is nobody
 * else's. Context: any. */
void async_queue_place_claimed_(async_queue_t *queue, const void *item)
{
    async_port_state_t state = async_port_lock();
    if (!is_simple(queue, item, &queue->items_)) {
        put_any(queue, item, state);
        return;
    }
    ((word_t *)queue->array_)[end_of(queue)] = *(const word_t *)item;
    count_in(queue);
    queue->items_.permits_++;
    async_port_unlock(state);
}

/* An item comes out (NULL: is dropped). The permit for it has been taken. */
void async_queue_take_claimed_(async_queue_t *queue, void *item)
{
    async_port_state_t state = async_port_lock();
    if (!is_simple(queue, item, &queue->rooms_)) {
        get_any(queue, item, state);
        return;
    }
    uint16_t first = queue->first_;
    queue->first_ = after(queue, first);
    queue->count_--;
    *(word_t *)item = ((const word_t *)queue->array_)[first];
    queue->rooms_.permits_++;
    async_port_unlock(state);
}

/* Room of a closed queue is none. */
static ASYNC_ALWAYS_INLINE_ bool take_permit(const async_queue_t *queue,
                                             async_semaphore_t *permits)
{
    return (permits == &queue->items_ || !queue->closed_) &&
           permit_take(permits);
}

/* --- Wait ----------------------------------------------------------------- */

static void give_back(async_semaphore_t *permits)
{
    async_port_state_t state = async_port_lock();
    give(permits);
    async_port_unlock(state);
}

/* Woken by the close it may find an item all the same: one that a task put
 * whose room was its own before. */
static bool takes_late(async_semaphore_t *permits, const async_task_t *task)
{
    if (task_has(task, ASYNC_TASK_RAISE_)) {
        return false;
    }
    async_port_state_t state = async_port_lock();
    bool taken = permit_take(permits);
    async_port_unlock(state);
    return taken;
}

/* Those who wait for an item, or for room, and what they were given. */
static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome, bool refused)
{
    async_semaphore_t *permits = (async_semaphore_t *)(void *)hand;
    if (outcome == ASYNC_REFUSED_) {
        if (!takes_late(permits, task)) {
            return ASYNC_ERR_CLOSED;
        }
        outcome = ASYNC_ARRIVES_;
    }
    if (outcome == ASYNC_ARRIVES_ && !refused) {
        hold(task, hand, hand->settle_);
        return ASYNC_OK;
    }
    give_back(permits);
    return ASYNC_ERR_CLOSED;
}

static int settle_item(async_hand_t_ *hand, async_task_t *task,
                       async_outcome_t_ outcome)
{
    return settle(hand, task, outcome, false);
}

/* Room is of no use once the queue is closed. */
static int settle_room(async_hand_t_ *hand, async_task_t *task,
                       async_outcome_t_ outcome)
{
    const async_queue_t *queue =
        (const async_queue_t *)(const void *)((char *)hand -
                                              offsetof(async_queue_t, rooms_));
    return settle(hand, task, outcome, queue->closed_);
}

/* The permit is for the running task, which keeps it, or uses it at once. */
ASYNC_NOINLINE_ static async_wait_t
wait_for(async_queue_t *queue, async_semaphore_t *permits, bool keeps)
{
    async_task_t *task = async_waiting_task_();
    if (MISUSE(task == NULL)) {
        return (async_wait_t){NULL};
    }
    if (MISUSE(queue->capacity_ == 0)) {
        async_report_running_(ASYNC_REPORT_NO_INIT);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    async_settle_t_ *settle_it =
        permits == &queue->items_ ? settle_item : settle_room;
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_loop_lock_();
    bool taken = take_permit(queue, permits);
    bool fails = !taken && queue->closed_;
    if (!taken && !fails) {
        wait = async_wait_at_(&permits->waiters_, settle_it);
    }
    async_loop_unlock_(state);
    if (taken && keeps) {
        hold(task, &permits->waiters_, settle_it);
    }
    return fails ? async_fail_(ASYNC_ERR_CLOSED) : wait;
}

async_wait_t async_queue_wait_item_(async_queue_t *queue)
{
    return wait_for(queue, &queue->items_, true);
}

async_wait_t async_queue_wait_room_(async_queue_t *queue)
{
    return wait_for(queue, &queue->rooms_, true);
}

void async_queue_take_(async_queue_t *queue, void *item)
{
    if (release_hold(&queue->items_.waiters_)) {
        async_queue_take_claimed_(queue, item);
    }
}

void async_queue_place_(async_queue_t *queue, const void *item)
{
    if (release_hold(&queue->rooms_.waiters_)) {
        async_queue_place_claimed_(queue, item);
    }
}

/* --- Claim: wait without keeping ------------------------------------------ */

void async_queue_claim_held_(void)
{
    let_go(async_here_.task_);
}

/* As a rule there is one. The body of a coroutine asks, so this is no
 * interrupt's; but its task may keep something, or have gone on without AWAIT.
 */
static ASYNC_ALWAYS_INLINE_ async_wait_t claim(async_queue_t *queue,
                                               async_semaphore_t *permits)
{
    if (!MISUSE(task_is_linked(async_here_.task_))) {
        async_port_state_t state = async_brief_lock_();
        bool taken = take_permit(queue, permits);
        async_brief_unlock_(state);
        if (taken) {
            return async_is_ready_();
        }
    }
    return wait_for(queue, permits, false);
}

async_wait_t async_queue_claim_item_(async_queue_t *queue)
{
    return claim(queue, &queue->items_);
}

async_wait_t async_queue_claim_room_(async_queue_t *queue)
{
    return claim(queue, &queue->rooms_);
}

/* --- Without waiting ------------------------------------------------------ */

ASYNC_NOINLINE_ static int try_claim(const async_queue_t *queue,
                                     async_semaphore_t *permits, int error)
{
    async_port_state_t state = async_port_lock();
    bool taken = take_permit(queue, permits);
    bool is_closed = queue->closed_;
    async_port_unlock(state);
    return taken ? ASYNC_OK : is_closed ? ASYNC_ERR_CLOSED : error;
}

int async_queue_try_put_(async_queue_t *queue, const void *item)
{
    int error = try_claim(queue, &queue->rooms_, ASYNC_ERR_FULL);
    if (error == ASYNC_OK) {
        async_queue_place_claimed_(queue, item);
    }
    return error;
}

int async_queue_try_get_(async_queue_t *queue, void *item)
{
    int error = try_claim(queue, &queue->items_, ASYNC_ERR_EMPTY);
    if (error == ASYNC_OK) {
        async_queue_take_claimed_(queue, item);
    }
    return error;
}

/* Nobody comes to wait any more, so the list only gets shorter. */
static void refuse_all(async_hand_t_ *hand)
{
    async_hand_all_(&hand->waiters_, hand, ASYNC_TASK_REFUSED_);
}

void async_queue_close_(async_queue_t *queue)
{
    async_port_state_t state = async_port_lock();
    queue->closed_ = true;
    async_port_unlock(state);
    refuse_all(&queue->rooms_.waiters_);
    refuse_all(&queue->items_.waiters_);
}

/* --- Join ----------------------------------------------------------------- */

async_wait_t async_queue_join_(async_queue_t *queue)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_port_lock();
    async_wait_t wait = queue->unfinished_ == 0
                            ? async_is_ready_()
                            : async_wait_in_(&queue->joiners_);
    async_port_unlock(state);
    return wait;
}

/* False if all that were put are done already. */
static bool finish_one(async_queue_t *queue)
{
    async_port_state_t state = async_port_lock();
    bool too_often = queue->unfinished_ == 0;
    if (!too_often) {
        queue->unfinished_--;
    }
    bool all_done = queue->unfinished_ == 0;
    async_port_unlock(state);
    if (all_done) {
        async_wake_all_(&queue->joiners_);
    }
    return !too_often;
}

void async_queue_task_done_(async_queue_t *queue)
{
    if (!finish_one(queue)) {
        async_report_running_(ASYNC_REPORT_TOO_OFTEN);
    }
}

void async_queue_clear_(async_queue_t *queue)
{
    while (async_queue_try_get_(queue, NULL) == ASYNC_OK) {
        finish_one(queue);
    }
}

unsigned async_queue_count_(const async_queue_t *queue)
{
    return read_whole(&queue->count_);
}
