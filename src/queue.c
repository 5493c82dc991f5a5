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
}

/* --- The ring (interrupts locked) ----------------------------------------- */

/* An item goes in; the permit for its room has been taken. */
static void put(async_queue_t *queue, const void *item)
{
    if (queue->kind_ == NULL) {
        uint32_t end = wrap(queue, (uint32_t)queue->first_ + queue->count_);
        item_copy(slot(queue, end), item, queue->item_size_);
    } else {
        queue->kind_->place_(queue, item);
    }
    queue->count_++;
    if (queue->unfinished_ < UINT16_MAX) {
        queue->unfinished_++;
    }
    permit_give(&queue->items_);
}

/* An item comes out (NULL: is dropped); the permit for it has been taken. */
static void get(async_queue_t *queue, void *item)
{
    queue->count_--;
    if (queue->kind_ != NULL) {
        queue->kind_->take_(queue, item);
    } else {
        if (item != NULL) {
            item_copy(item, slot(queue, queue->first_), queue->item_size_);
        }
        queue->first_ = (uint16_t)wrap(queue, queue->first_ + 1U);
    }
    permit_give(&queue->rooms_);
}

/* --- Wait ----------------------------------------------------------------- */

/* Those who wait for an item, or for room, and what they were given. */
static int settle(async_hand_t_ *hand, async_task_t *task,
                  async_outcome_t_ outcome, bool refused)
{
    if (outcome == ASYNC_REFUSED_) {
        return ASYNC_ERR_CLOSED;
    }
    if (outcome == ASYNC_ARRIVES_ && !refused) {
        hold(task, hand, hand->settle_);
        return ASYNC_OK;
    }
    async_port_state_t state = async_port_lock();
    permit_give((async_semaphore_t *)(void *)hand);
    async_port_unlock(state);
    return ASYNC_ERR_CLOSED;
}

/* Woken by the close it may find an item all the same: one that a task put
 * whose room was its own before. */
static bool takes_late_item(async_hand_t_ *hand, const async_task_t *task)
{
    if (task_has(task, ASYNC_TASK_RAISE_)) {
        return false;
    }
    async_port_state_t state = async_port_lock();
    bool taken = permit_take((async_semaphore_t *)(void *)hand);
    async_port_unlock(state);
    return taken;
}

static int settle_item(async_hand_t_ *hand, async_task_t *task,
                       async_outcome_t_ outcome)
{
    if (outcome == ASYNC_REFUSED_ && takes_late_item(hand, task)) {
        outcome = ASYNC_ARRIVES_;
    }
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

/* Interrupts may have given, or closed the queue, since the first look. */
ASYNC_NOINLINE_ static async_wait_t wait_or_fail(const async_queue_t *queue,
                                                 async_semaphore_t *permits,
                                                 async_settle_t_ *settle_it)
{
    if (queue->capacity_ == 0) {
        async_report_running_(ASYNC_REPORT_NO_INIT);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_port_lock();
    bool fails =
        queue->closed_ && (permits == &queue->rooms_ || permits->permits_ == 0);
    if (!fails && permit_take(permits)) {
        hold(async_here_.task_, &permits->waiters_, settle_it);
    } else if (!fails) {
        wait = async_wait_at_(&permits->waiters_, settle_it);
    }
    async_port_unlock(state);
    return fails ? async_fail_(ASYNC_ERR_CLOSED) : wait;
}

/* As a rule there is something. */
static inline async_wait_t wait_for_permit(const async_queue_t *queue,
                                           async_semaphore_t *permits,
                                           async_settle_t_ *settle_it)
{
    async_task_t *task = async_waiting_task_();
    if (MISUSE(task == NULL)) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_brief_lock_();
    bool taken = !queue->closed_ && permit_take(permits);
    async_brief_unlock_(state);
    if (!taken) {
        return wait_or_fail(queue, permits, settle_it);
    }
    hold(task, &permits->waiters_, settle_it);
    return async_is_ready_();
}

async_wait_t async_queue_wait_item_(async_queue_t *queue)
{
    return wait_for_permit(queue, &queue->items_, settle_item);
}

async_wait_t async_queue_wait_room_(async_queue_t *queue)
{
    return wait_for_permit(queue, &queue->rooms_, settle_room);
}

void async_queue_take_(async_queue_t *queue, void *item)
{
    if (release_hold(&queue->items_.waiters_)) {
        async_port_state_t state = async_port_lock();
        get(queue, item);
        async_port_unlock(state);
    }
}

void async_queue_place_(async_queue_t *queue, const void *item)
{
    if (release_hold(&queue->rooms_.waiters_)) {
        async_port_state_t state = async_port_lock();
        put(queue, item);
        async_port_unlock(state);
    }
}

/* --- Without waiting ------------------------------------------------------ */

int async_queue_try_put_(async_queue_t *queue, const void *item)
{
    int error = ASYNC_OK;
    async_port_state_t state = async_port_lock();
    if (queue->closed_) {
        error = ASYNC_ERR_CLOSED;
    } else if (permit_take(&queue->rooms_)) {
        put(queue, item);
    } else {
        error = ASYNC_ERR_FULL;
    }
    async_port_unlock(state);
    return error;
}

int async_queue_try_get_(async_queue_t *queue, void *item)
{
    int error = ASYNC_OK;
    async_port_state_t state = async_port_lock();
    if (permit_take(&queue->items_)) {
        get(queue, item);
    } else {
        error = queue->closed_ ? ASYNC_ERR_CLOSED : ASYNC_ERR_EMPTY;
    }
    async_port_unlock(state);
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

void async_queue_clear_(async_queue_t *queue)
{
    async_port_state_t state = async_port_lock();
    while (permit_take(&queue->items_)) {
        get(queue, NULL);
        if (queue->unfinished_ > 0) {
            queue->unfinished_--;
        }
        async_port_unlock(state);
        state = async_port_lock();
    }
    bool all_done = queue->unfinished_ == 0;
    async_port_unlock(state);
    if (all_done) {
        async_wake_all_(&queue->joiners_);
    }
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

void async_queue_task_done_(async_queue_t *queue)
{
    async_port_state_t state = async_port_lock();
    bool too_often = queue->unfinished_ == 0;
    if (!too_often) {
        queue->unfinished_--;
    }
    bool all_done = queue->unfinished_ == 0;
    async_port_unlock(state);
    if (too_often) {
        async_report_running_(ASYNC_REPORT_TOO_OFTEN);
    } else if (all_done) {
        async_wake_all_(&queue->joiners_);
    }
}

unsigned async_queue_count_(const async_queue_t *queue)
{
    return read_whole(&queue->count_);
}
