/* SPDX-License-Identifier: MIT */

/*
 * Event: a flag that tasks can wait for.
 *
 * Anyone sets it, an interrupt handler too; all waiting tasks then go on, and
 * later waits go on at once, until it is cleared. It is asyncio.Event.
 *
 *     static async_event_t received;                    (zero: not set)
 *     void UART_IRQHandler(void) { async_event_set(&received); }
 *     ...
 *     AWAIT(async_event_wait(&received));
 *     async_event_clear(&received);
 */
#ifndef ASYNC_EVENT_H
#define ASYNC_EVENT_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An event; all zero is a valid event that is not set. 8 bytes on 32 bits. */
typedef struct async_event async_event_t;

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until the event is set; go on at once if it is. A task that was woken
 * goes on even if the event is cleared before it runs.
 *
 * Context: task. Cancel: the waiter is unlinked; the event is as it was.
 * Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t async_event_wait(async_event_t *event);

/* --- Signal (any context) ------------------------------------------------ */

/**
 * Set the event and wake all that wait, in the order they came.
 *
 * Context: any. Cost: O(waiters); interrupts are locked for O(1) at a time.
 */
void async_event_set(async_event_t *event);

/** Clear the event. Context: any. */
void async_event_clear(async_event_t *event);

/* --- Ask ----------------------------------------------------------------- */

/** True if it is set. Context: any. */
bool async_event_is_set(const async_event_t *event);

/* --- Private part -------------------------------------------------------- */

struct async_event {
    async_link_t_ waiters_; /* set: nobody waits, and prev_ is not NULL */
};

#ifdef __cplusplus
}
#endif

#endif
