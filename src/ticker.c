/* SPDX-License-Identifier: MIT */

/*
 * Ticker: the due time moves by whole periods only, whatever the time is.
 */
#include "async/ticker.h"

#include "core.h"

void async_ticker_start(async_ticker_t *ticker, async_ticks_t period)
{
    if (period == 0 || period > ASYNC_TICKS_MAX) {
        async_is_too_long_(ASYNC_TICKS_MAX + 1);
        period = 1;
    }
    *ticker = (async_ticker_t){.due_ = async_now(), .period_ = period};
}

/* due_ is the tick that was last waited for. If its time has not come, that
 * wait was given up, and the tick is still to be taken. */
async_wait_t async_ticker_wait(async_ticker_t *ticker)
{
    async_task_t *task = async_waiting_task_();
    if (task == NULL) {
        return (async_wait_t){NULL};
    }
    if (ticker->period_ == 0) {
        async_is_too_long_(ASYNC_TICKS_MAX + 1);
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    async_time_t now = async_loop_now(task->loop_);
    if (!async_time_before(now, ticker->due_)) {
        ticker->due_ = (async_time_t)(ticker->due_ + ticker->period_);
        ticker->missed_ = 0;
        if (async_time_before(ticker->due_, now)) {
            ticker->missed_ =
                (async_ticks_t)(now - ticker->due_) / ticker->period_;
            ticker->due_ = (async_time_t)(ticker->due_ +
                                          ticker->missed_ * ticker->period_);
        }
    }
    return async_sleep_until(ticker->due_);
}
