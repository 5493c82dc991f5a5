/* SPDX-License-Identifier: MIT */

/*
 * Ticker: a period without drift.
 *
 *     async_ticker_start(&self->ticker, ASYNC_MS(10));
 *     for (;;) {
 *         AWAIT(async_ticker_wait(&self->ticker));
 *         sample();
 *     }
 *
 * Ticks are due at start + n * period, however long the work takes. A task
 * that comes late gets one tick at once, and the ticks it missed are dropped:
 * the phase stays, and no burst follows. async_ticker_missed tells how many.
 * With a period of 10 and work of 25 that starts at 10, the next ticks are at
 * 35 (due at 20, late; the one of 30 is missed) and 40.
 */
#ifndef ASYNC_TICKER_H
#define ASYNC_TICKER_H

#include "async/time.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct async_ticker {
    async_time_t due_;
    async_ticks_t period_;
    async_ticks_t missed_;
} async_ticker_t;

/**
 * Start a ticker; the first tick is due one period from now.
 *
 *  period  1 to ASYNC_TICKS_MAX ticks; anything else is reported
 *
 * Context: task. To start it anew, call it again.
 */
void async_ticker_start(async_ticker_t *ticker, async_ticks_t period);

/**
 * Wait for the next tick; at once if one is due. A ticker serves one task.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE, with a report, if not started.
 * Cancel: the timer is unlinked; a tick whose time has not come stays the next
 * one; once its time has come it counts as taken. Cost: as async_sleep_until;
 * one division if ticks were missed.
 */
ASYNC_MUST_AWAIT_ async_wait_t async_ticker_wait(async_ticker_t *ticker);

/** Ticks that were dropped before the last one that was waited for. */
static inline async_ticks_t async_ticker_missed(const async_ticker_t *ticker)
{
    return ticker->missed_;
}

#ifdef __cplusplus
}
#endif

#endif
