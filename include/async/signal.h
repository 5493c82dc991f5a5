/* SPDX-License-Identifier: MIT */

/*
 * Signal: the latest value, for one taker.
 *
 *     static ASYNC_SIGNAL(struct position) target;       (zero: not set)
 *     ...
 *     void CAN_IRQHandler(void)
 *     {
 *         struct position position = can_read();
 *         async_signal_send(&target, &position);
 *     }
 *     ...
 *     AWAIT_SIGNAL(&target, &self->position);
 *
 * A value that was not taken is overwritten by the next, so sending never
 * waits and never fails, and who takes it has the newest. Where each value
 * counts use a queue; where several tasks are to see the same value, a watch.
 *
 * A value goes to one task: the one that has waited longest. If that is
 * cancelled before it runs, the value stays, and the next gets it.
 */
#ifndef ASYNC_SIGNAL_H
#define ASYNC_SIGNAL_H

#include "async/hand.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What all signals have in common: `target.signal`. 16 bytes on 32 bits. */
typedef struct async_signal async_signal_t;

/* --- Create --------------------------------------------------------------- */

/**
 * The type of a signal: static ASYNC_SIGNAL(struct position) target;
 *
 * All zero is a valid signal that is not set. In all calls `s` is a pointer to
 * a signal, evaluated several times, so without side effects.
 *
 *  type  of the value; it is copied with interrupts locked, so let it be small
 */
#define ASYNC_SIGNAL(type)                                                     \
    struct {                                                                   \
        async_signal_t signal;                                                 \
        type value;                                                            \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until there is a value, and take it into *item.
 *
 *  item  a pointer to what the signal is of; the compiler refuses others.
 *        Evaluated after the wait, so it may point at a local that is declared
 *        just before this line and used up before the next AWAIT
 *
 * Context: task. Cancel: the waiter is unlinked; a value that was just given to
 * it goes to the next, or stays. Cost: O(1).
 */
#define ASYNC_AWAIT_SIGNAL(s, item)                                            \
    do {                                                                       \
        ASYNC_AWAIT_(__LINE__, "async_signal_wait(" #s ")",                    \
                     async_signal_wait(s));                                    \
        async_signal_take(s, item);                                            \
    } while (0)

#ifndef ASYNC_NO_SHORT_NAMES
#define AWAIT_SIGNAL(s, item) ASYNC_AWAIT_SIGNAL(s, item)
#endif

/**
 * The two halves of AWAIT_SIGNAL, for a wait with a limit, or one whose error
 * is to be caught:
 *
 *     AWAIT_CATCH(error, async_wait_for(async_signal_wait(&target), ticks));
 *     if (error == ASYNC_OK) {
 *         async_signal_take(&target, &self->position);
 *     }
 *
 * The first waits until the value is this task's own, the second takes it; what
 * was sent between them is what it gets. It must be taken before the next
 * AWAIT: a value that is not is reported (ASYNC_REPORT_NOT_TAKEN) and goes to
 * the next, or stays. A take without a value is reported as well
 * (ASYNC_REPORT_NOT_HELD), and nothing is copied.
 *
 * Context: task. Cancel, Cost: as AWAIT_SIGNAL.
 */
#define async_signal_wait(s) async_signal_wait_(&(s)->signal)
#define async_signal_take(s, item)                                             \
    ((void)sizeof((item) - &(s)->value),                                       \
     async_signal_take_(&(s)->signal, &(s)->value, item, sizeof((s)->value)))

/* --- Signal (any context) ------------------------------------------------- */

/**
 * Send a copy of *item: to the task that has waited longest, else to the next
 * that comes. A value that was not taken yet is overwritten, also one that a
 * task has been given and that it has not taken.
 *
 * Context: any. Cost: O(1), and the copy, with interrupts locked.
 */
#define async_signal_send(s, item)                                             \
    ((void)sizeof((item) - &(s)->value),                                       \
     async_signal_send_(&(s)->signal, &(s)->value, item, sizeof((s)->value)))

/**
 * Take the value into *item if there is one that no task has been given.
 *
 * Context: any. Returns: 0, or ASYNC_ERR_EMPTY; nothing is copied then.
 * Cost: O(1), and the copy, with interrupts locked.
 */
#define async_signal_try_take(s, item)                                         \
    ((void)sizeof((item) - &(s)->value),                                       \
     async_signal_try_take_(&(s)->signal, &(s)->value, item,                   \
                            sizeof((s)->value)))

/** Drop the value, unless a task has been given it. Context: any.
 *  Cost: O(1). */
#define async_signal_clear(s) async_signal_clear_(&(s)->signal)

/* --- Ask (any context) ---------------------------------------------------- */

/** True if there is a value that no task has been given. */
#define async_signal_is_set(s) async_signal_is_set_(&(s)->signal)

/* --- Private part --------------------------------------------------------- */

struct async_signal {
    async_hand_t_ waiters_;
    uint8_t state_; /* 0: no value */
};

ASYNC_MUST_AWAIT_ async_wait_t async_signal_wait_(async_signal_t *signal);
void async_signal_take_(async_signal_t *signal, const void *value, void *item,
                        size_t size);
void async_signal_send_(async_signal_t *signal, void *value, const void *item,
                        size_t size);
ASYNC_MUST_CHECK_ int async_signal_try_take_(async_signal_t *signal,
                                             const void *value, void *item,
                                             size_t size);
void async_signal_clear_(async_signal_t *signal);
bool async_signal_is_set_(const async_signal_t *signal);

#ifdef __cplusplus
}
#endif

#endif
