/* SPDX-License-Identifier: MIT */

/*
 * Callbacks: a function that the loop calls, for drivers that need no
 * coroutine. It is asyncio's call_soon, call_later and call_at.
 *
 *     static void on_packet(void *radio) { radio_read(radio); }
 *     static async_callback_t packet = ASYNC_CALLBACK_INIT(on_packet, &radio1);
 *
 *     void RADIO_IRQHandler(void) { async_callback_soon(&loop, &packet); }
 *
 * The function runs on the loop's thread, between tasks, with interrupts open;
 * so it may take longer than an interrupt handler, and use what tasks use
 * without locking. It must not wait. It may post itself again.
 */
#ifndef ASYNC_CALLBACK_H
#define ASYNC_CALLBACK_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A callback. It must stay until its function has returned; one that was
 *  cancelled, until the loop's next round is over. 64 bytes on 32 bits. */
typedef struct async_callback async_callback_t;

/** What is called. Context: the loop's thread, as a task of its own. */
typedef void async_callback_function_t(void *argument);

/** Initialiser: the function, and what it is called with. */
#define ASYNC_CALLBACK_INIT(function, argument)                                \
    {                                                                          \
        .function_ = (function), .argument_ = (argument)                       \
    }

/* --- Post ----------------------------------------------------------------- */

/**
 * Call the function in the loop's next round. A loop that closes (async_run
 * does at its end) drops what is pending. A callback that runs or is pending on
 * one loop and is posted to another is reported (ASYNC_REPORT_TASK_REUSED).
 *
 * Context: any. Returns: false if the callback is pending already, and nothing
 * changes; so an interrupt that comes faster than the loop looks causes one
 * call. Cost: O(1).
 */
bool async_callback_soon(async_loop_t *loop, async_callback_t *callback);

/**
 * Call it when `ticks` have passed, up to ASYNC_TICKS_MAX; more is reported,
 * and it is called soon.
 *
 * Context: any that may read the clock. Returns: false if it is pending
 * already. Cost: O(log n) amortised when it is due.
 */
bool async_callback_later(async_loop_t *loop, async_callback_t *callback,
                          async_ticks_t ticks);

/** Call it when the loop's clock shows `time`; soon, if that has passed.
 *  Otherwise like async_callback_later. */
bool async_callback_at(async_loop_t *loop, async_callback_t *callback,
                       async_time_t time);

/**
 * Do not call it. Its memory is free after the loop's next round.
 *
 * Context: the loop's thread. Returns: false if it was not pending.
 */
bool async_callback_cancel(async_callback_t *callback);

/* --- Ask ------------------------------------------------------------------ */

/** True if it will be called. Context: any. */
bool async_callback_pending(const async_callback_t *callback);

/* --- Private part --------------------------------------------------------- */

struct async_callback {
    async_coro_t coro_; /* a coroutine without AWAIT, written by hand */
    async_task_t task_;
    async_callback_function_t *function_;
    void *argument_;
    async_time_t time_;
    bool pending_; /* shared with interrupts */
    bool timed_;   /* not before time_ */
};

#ifdef __cplusplus
}
#endif

#endif
