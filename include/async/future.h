/* SPDX-License-Identifier: MIT */

/*
 * Future: a value that comes later, once. It is asyncio.Future.
 *
 *     static ASYNC_FUTURE(int) answer;                 (zero: pending)
 *     ...
 *     void ADC_IRQHandler(void)
 *     {
 *         int sample = ADC->DR;
 *         async_future_set(&answer, &sample);
 *     }
 *     ...
 *     AWAIT(async_future_wait(&answer));
 *     printf("%d\n", answer.value);
 *
 * It ends in one of three ways: with a value, with an error, cancelled. Any
 * number of tasks may wait for it, before and after. It brings what a callback
 * of a driver has to say to the tasks that want to know.
 */
#ifndef ASYNC_FUTURE_H
#define ASYNC_FUTURE_H

#include "async/hand.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What all futures have in common: `answer.future`. 16 bytes on 32 bits. */
typedef struct async_future async_future_t;

/* --- Create --------------------------------------------------------------- */

/**
 * The type of a future: static ASYNC_FUTURE(int) answer;
 *
 * All zero is a valid future that is pending. `answer.value` may be read when
 * it has been set; a wait that has ended well says so. In all calls `f` is a
 * pointer to a future, evaluated several times, so without side effects.
 *
 *  type  of the value; it is copied with interrupts locked, so let it be small
 */
#define ASYNC_FUTURE(type)                                                     \
    struct {                                                                   \
        async_future_t future;                                                 \
        type value;                                                            \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until the future is done; go on at once if it is. A task that was woken
 * goes on even if the future is reset before it runs.
 *
 * Context: task. Raises: the future's error; ASYNC_ERR_CANCELLED, as an error
 * like any other, if the future was cancelled. Cancel: the waiter is unlinked;
 * the future is as it was. Cost: O(1).
 */
#define async_future_wait(f) async_future_wait_(&(f)->future)

/* --- Signal (any context) ------------------------------------------------- */

/**
 * End the future with a copy of *item, and wake all that wait, in the order
 * they came. A future that has a value or an error already is left as it is,
 * and that is reported (ASYNC_REPORT_TOO_OFTEN); one that was cancelled is left
 * as it is as well, but that is no mistake: nobody wants the value any more.
 *
 *  item  a pointer to what the future is of; the compiler refuses others
 *
 * Context: any. Returns: true if it was pending. Cost: O(waiters); interrupts
 * are locked for O(1) at a time, and once for the copy.
 */
#define async_future_set(f, item)                                              \
    ((void)sizeof((item) - &(f)->value),                                       \
     async_future_set_(&(f)->future, &(f)->value, item, sizeof((f)->value)))

/**
 * The same with an error, which is raised in all that wait and will wait.
 *
 *  error  negative, of 16 bits (error.h). Any other number, and -255, is
 *         reported and taken for ASYNC_ERR_MISUSE; ASYNC_ERR_CANCELLED cancels
 *         the future.
 *
 * Context: any. Returns: true if it was pending. Cost: as async_future_set.
 */
#define async_future_set_error(f, error)                                       \
    async_future_set_error_(&(f)->future, error)

/**
 * Cancel the future: all that wait and will wait raise ASYNC_ERR_CANCELLED.
 * Whoever was to set it learns that from async_future_cancelled, or from what
 * async_future_set returns.
 *
 * Context: any. Returns: true if it was pending; if not, nothing happens.
 * Cost: as async_future_set.
 */
#define async_future_cancel(f) async_future_cancel_(&(f)->future)

/**
 * Make the future pending again, to be used anew. Those who were woken and
 * have not run yet go on as if it had not been; the value that they then read
 * may be the next one. Context: any. Cost: O(1).
 */
#define async_future_reset(f) async_future_reset_(&(f)->future)

/* --- Ask (any context) ---------------------------------------------------- */

/** True if it has a value or an error, or was cancelled. */
#define async_future_done(f) async_future_done_(&(f)->future)

/** Its error; 0 if it has a value or is pending. */
#define async_future_error(f) async_future_error_(&(f)->future)

/** True if it was cancelled. */
#define async_future_cancelled(f)                                              \
    (async_future_error_(&(f)->future) == ASYNC_ERR_CANCELLED)

/* --- Private part --------------------------------------------------------- */

struct async_future {
    async_hand_t_ waiters_;
    int16_t error_; /* the last one, kept by a reset for those that it woke */
    uint8_t state_; /* 0: pending; done: nobody waits */
};

ASYNC_MUST_AWAIT_ async_wait_t async_future_wait_(async_future_t *future);
bool async_future_set_(async_future_t *future, void *to, const void *value,
                       size_t size);
bool async_future_set_error_(async_future_t *future, int error);
bool async_future_cancel_(async_future_t *future);
void async_future_reset_(async_future_t *future);
bool async_future_done_(const async_future_t *future);
int async_future_error_(const async_future_t *future);

#ifdef __cplusplus
}
#endif

#endif
