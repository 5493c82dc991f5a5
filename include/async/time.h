/* SPDX-License-Identifier: MIT */

/*
 * Time: ticks, sleeping, and a limit on any single wait.
 *
 * A duration is a number of ticks (ASYNC_MS(20)); a time is what the loop's
 * clock shows, and it wraps. Times are compared by their distance, so they
 * work across the wrap. A duration is at most ASYNC_TICKS_MAX, 7/16 of the
 * range: 21.7 days at the default of 32 bits and 1000 ticks a second. One
 * beyond that is reported, never cut silently. The last 1/16 below half the
 * range is for loops that come late: 3.1 days.
 *
 * A wait of n ticks ends when the clock has advanced by n. Since it starts
 * somewhere within a tick, it lasts more than n-1 ticks and, if the loop is
 * not busy, not more than n. Where "at least n" matters, wait n+1.
 */
#ifndef ASYNC_TIME_H
#define ASYNC_TIME_H

#include "async/config.h"
#include "async/coroutine.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A duration in ticks, and its signed form for differences. */
#if ASYNC_TICK_BITS == 16
typedef uint16_t async_ticks_t;
typedef int16_t async_ticks_difference_t;
#elif ASYNC_TICK_BITS == 32
typedef uint32_t async_ticks_t;
typedef int32_t async_ticks_difference_t;
#else
typedef uint64_t async_ticks_t;
typedef int64_t async_ticks_difference_t;
#endif

/** What a clock shows, in ticks; it wraps. */
typedef async_ticks_t async_time_t;

/** As a duration: no end. A wait with it ends only by its event or by
 *  cancellation. */
#define ASYNC_FOREVER ((async_ticks_t)-1)

/** The longest duration. */
#define ASYNC_TICKS_MAX ((async_ticks_t)((async_ticks_t)-1 / 16 * 7))

/* --- Durations ----------------------------------------------------------- */

/**
 * A duration in ticks, rounded up to a whole tick. The argument is an integer
 * without side effects, for it may be evaluated twice; a constant gives a
 * constant. What is beyond ASYNC_TICKS_MAX gives a duration that every wait
 * reports.
 */
#define ASYNC_SECONDS(seconds) ASYNC_TIMES_(seconds, ASYNC_TICKS_PER_SECOND)
#define ASYNC_MS(milliseconds) ASYNC_PARTS_MS_(milliseconds)
#define ASYNC_US(microseconds) ASYNC_PARTS_US_(microseconds)

/* --- Times --------------------------------------------------------------- */

/** True if `a` is before `b`; wrap-safe. Context: any. */
static inline bool async_time_before(async_time_t a, async_time_t b)
{
    return (async_ticks_difference_t)(async_time_t)(a - b) < 0;
}

/**
 * The time on the clock of the loop that runs the calling task.
 *
 * Context: task.
 */
async_time_t async_now(void);

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Sleep for a duration. 0 lets every other ready task run once, like
 * ASYNC_YIELD. Tasks that are due at the same tick wake in the order in which
 * they went to sleep (of any 16383 that went one after the other).
 *
 *  ticks  up to ASYNC_TICKS_MAX, or ASYNC_FOREVER; anything else is reported
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE, the duration is beyond the range.
 * Cancel: the timer is unlinked.
 * Cost: O(1) to start, O(log n) amortised in the number of running timers to
 * end.
 */
ASYNC_MUST_AWAIT_ static inline async_wait_t async_sleep(async_ticks_t ticks);

/**
 * Sleep until the clock shows `time`. A time that has passed lets every other
 * ready task run once. Otherwise like async_sleep.
 */
ASYNC_MUST_AWAIT_ async_wait_t async_sleep_until(async_time_t time);

/**
 * Put a limit on any single wait:
 * AWAIT(async_wait_for(async_event_wait(&e), ASYNC_MS(50))).
 *
 * When the limit passes first, the wait is given up and ASYNC_ERR_TIMEOUT is
 * raised at the AWAIT. A wait whose end came before the loop looked at its
 * timers has won.
 * A coroutine call takes ASYNC_TIMEOUT instead (timeout.h).
 *
 *  ticks  as for async_sleep; ASYNC_FOREVER sets no limit
 *
 * Context: task. Raises: ASYNC_ERR_TIMEOUT; what the wait raises;
 * ASYNC_ERR_MISUSE, as async_sleep.
 * Cancel: as the wait; the timer is unlinked. Cost: no memory beyond the task.
 */
ASYNC_MUST_AWAIT_ async_wait_t async_wait_for(async_wait_t wait,
                                              async_ticks_t ticks);

/* --- Private part -------------------------------------------------------- */

async_wait_t async_sleep_(async_ticks_t ticks);
async_wait_t async_sleep_too_long_(async_ticks_t ticks);

/* The compiler sees that most durations are in the range. */
static inline async_wait_t async_sleep(async_ticks_t ticks)
{
    return ticks <= ASYNC_TICKS_MAX || ticks == ASYNC_FOREVER
               ? async_sleep_(ticks)
               : async_sleep_too_long_(ticks);
}

/* 64 bits have room for everything. The factors and divisors are signed, so
 * that they take the argument's type without a warning. */
#define ASYNC_TOO_LONG_ ((async_ticks_t)(ASYNC_TICKS_MAX + 1))
#if ASYNC_TICK_BITS == 64
#define ASYNC_UP_TO_(n, most, ticks) ((async_ticks_t)(ticks))
#else
#define ASYNC_UP_TO_(n, most, ticks)                                           \
    ((async_ticks_t)((uint64_t)(n) > (most) ? ASYNC_TOO_LONG_                  \
                                            : (async_ticks_t)(ticks)))
#endif
#define ASYNC_TIMES_(n, by)                                                    \
    ASYNC_UP_TO_(n, ASYNC_TICKS_MAX / (by),                                    \
                 (async_ticks_t)(n) * (async_ticks_t)(by))
#define ASYNC_DIVIDE_UP_(n, by)                                                \
    ASYNC_UP_TO_((n) / (by), ASYNC_TICKS_MAX - 1,                              \
                 (n) / (by) + ((n) % (by) != 0 ? 1 : 0))
#define ASYNC_SCALE_UP_(n, by)                                                 \
    ASYNC_DIVIDE_UP_((uint64_t)(n)*ASYNC_TICKS_PER_SECOND, by)

#if ASYNC_TICKS_PER_SECOND % 1000 == 0
#define ASYNC_PARTS_MS_(n) ASYNC_TIMES_(n, ASYNC_TICKS_PER_SECOND / 1000)
#elif 1000 % ASYNC_TICKS_PER_SECOND == 0
#define ASYNC_PARTS_MS_(n) ASYNC_DIVIDE_UP_(n, 1000 / ASYNC_TICKS_PER_SECOND)
#else
#define ASYNC_PARTS_MS_(n) ASYNC_SCALE_UP_(n, 1000)
#endif
#if ASYNC_TICKS_PER_SECOND % 1000000 == 0
#define ASYNC_PARTS_US_(n) ASYNC_TIMES_(n, ASYNC_TICKS_PER_SECOND / 1000000)
#elif 1000000 % ASYNC_TICKS_PER_SECOND == 0
#define ASYNC_PARTS_US_(n)                                                     \
    ASYNC_DIVIDE_UP_(n, 1000000L / ASYNC_TICKS_PER_SECOND)
#else
#define ASYNC_PARTS_US_(n) ASYNC_SCALE_UP_(n, 1000000L)
#endif

#ifdef __cplusplus
}
#endif

#endif
