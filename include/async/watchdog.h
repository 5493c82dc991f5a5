/* SPDX-License-Identifier: MIT */

/*
 * Watchdog: the hardware's is fed only while every critical task makes
 * progress.
 *
 * A hardware watchdog resets a chip whose program hangs and feeds it no more.
 * Where one of many tasks hangs, the one that feeds runs on. So each critical
 * task has a pulse, a member of its frame, that must beat from time to time;
 * and whoever feeds the hardware asks all pulses first.
 *
 *     static async_watchdog_t dog;                     (zero: no pulses yet)
 *     ...
 *     ASYNC_PULSE(&self->pulse, &dog, ASYNC_SECONDS(2)) {
 *         for (;;) {
 *             AWAIT_CALL(self->measure, measure);
 *             async_pulse_beat(&self->pulse);   (at least every two seconds)
 *         }
 *     }
 *
 * A task that waits for requests, and may do so for days, must only not hang
 * while it works at one. Its block need not beat at all: it must be left in
 * time.
 *
 *     AWAIT_GET(&requests, &self->request);
 *     ASYNC_PULSE(&self->pulse, &dog, ASYNC_MS(200)) {
 *         AWAIT_CALL(self->answer, answer, .request = self->request);
 *     }
 *
 * One task of the program feeds (async_watchdog_run), or its main loop or a
 * timer interrupt does (async_watchdog_check). Then
 *
 *   a task that hangs at an AWAIT   does not beat; nobody feeds, and
 *                                   async_watchdog_late tells which it is
 *   a task that never pauses        lets nobody else run: nobody feeds, and
 *                                   async_interrupted_task tells which it is
 *   a task that never started, or   is late, if it was announced by
 *   ended and should not have       async_watchdog_add
 *
 * How late: beats are seen at the next check, and the limit counts from there.
 * So who beats at least once in `limit` ticks is never called late, and who
 * stops is called late no more than two checks after its limit. Times are
 * compared by their distance; they may wrap.
 */
#ifndef ASYNC_WATCHDOG_H
#define ASYNC_WATCHDOG_H

#include "async/scope.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The pulses that are asked together; all zero is a valid one that has none.
 *  12 bytes on 32 bits. */
typedef struct async_watchdog async_watchdog_t;

/** A sign of life, in a frame or static; all zero before its first use. 40
 *  bytes on 32 bits. */
typedef struct async_pulse async_pulse_t;

/* --- Watch ---------------------------------------------------------------- */

/**
 * Run a block in which the calling task must beat, or which it must leave, in
 * time. The pulse is watched from here to the end of the block, however that is
 * left: at its end, by break, return, raise, cancellation or timeout. `goto`
 * must not leave it (try.h).
 *
 *  pulse     an async_pulse_t * in the frame; evaluated several times, so
 *            without side effects
 *  watchdog  an async_watchdog_t *
 *  limit     up to ASYNC_TICKS_MAX ticks, from the next check on; 0: a beat
 *            between any two checks; ASYNC_FOREVER: no limit (yet). Anything
 *            else is reported and counts as 0
 *
 * Context: task. Cancel: as the wait where the block stands; the pulse is
 * watched no more. Cost: O(1).
 */
#define ASYNC_PULSE(pulse, watchdog, limit)                                    \
    ASYNC_SCOPE_BLOCK_(                                                        \
        &(pulse)->scope_,                                                      \
        async_pulse_enter_(pulse, &self->coro, __LINE__, watchdog, limit),     \
        async_pulse_leave_(pulse, &self->coro))

/**
 * Watch a pulse without a block, until async_watchdog_remove: for a task that
 * must start, and must not end; or, without a task, for an interrupt that must
 * come. A pulse that is watched already is so with this watchdog, task and
 * limit from now on, as if it had just beaten.
 *
 *  task   whom async_pulse_task then names, or NULL
 *  limit  as for ASYNC_PULSE
 *
 * Context: any. Cost: O(1).
 */
void async_watchdog_add(async_watchdog_t *watchdog, async_pulse_t *pulse,
                        const async_task_t *task, async_ticks_t limit);

/** Watch a pulse no more; nothing happens if it is not watched. Needed before
 *  its memory ends, but for one of a block. Context: any. Cost: O(1). */
void async_watchdog_remove(async_pulse_t *pulse);

/** Beat. A pulse that was late is well again. Context: any. Cost: one byte is
 *  written. */
static inline void async_pulse_beat(async_pulse_t *pulse);

/**
 * Beat, and have another limit from then on: before something that takes
 * longer, and behind it.
 *
 *  limit  as for ASYNC_PULSE
 *
 * Context: any. Cost: O(1).
 */
void async_pulse_reschedule(async_pulse_t *pulse, async_ticks_t limit);

/* --- Feed ----------------------------------------------------------------- */

/**
 * Feed the hardware for as long as all are well. A library coroutine, for a
 * task of its own. 28 bytes on a 32-bit machine.
 *
 *     static struct async_watchdog_run feeder =
 *         ASYNC_CALL_INIT(async_watchdog_run, .watchdog = &dog,
 *                         .period = ASYNC_MS(500), .feed = iwdg_feed);
 *
 *  .watchdog  whose pulses are asked
 *  .period    1 to ASYNC_TICKS_MAX ticks from one check to the next; well below
 *             the time after which the hardware resets
 *  .feed      feeds the hardware: called after each check that finds all well
 *  .late      called instead after one that does not, each time, with the first
 *             pulse that is late, to write it down; NULL: nothing
 *
 * Both are called as a part of this task's step: they must not wait. The first
 * check is one period after the start. Two are never nearer than a period (less
 * the part of a tick that had passed already), so the window of a hardware
 * watchdog is kept, too.
 *
 * It never ends. Context: task. Raises: ASYNC_ERR_MISUSE, with a report, if
 * .watchdog, .period or .feed is missing, or the period is beyond the range.
 * Cancel: the timer is unlinked; nobody feeds any more.
 * Cost: as async_watchdog_check, in each period.
 */
struct async_watchdog_run {
    ASYNC_FRAME;
    async_watchdog_t *watchdog;
    async_ticks_t period;
    void (*feed)(void);
    void (*late)(const async_pulse_t *pulse);
};
ASYNC_DECLARE(async_watchdog_run);

/**
 * Look at all pulses: who has not beaten for longer than its limit is late from
 * now on, until it beats. To feed without async_watchdog_run:
 *
 *     if (async_watchdog_check(&dog, async_loop_now(&loop)) == NULL) {
 *         iwdg_feed();
 *     }
 *
 *  now  the time, in ticks, on any clock that does not stand still; the same at
 *       all checks of a watchdog. A check must come again before half of the
 *       clock's range less the longest limit has passed
 *
 * Context: any. Returns: the first pulse that is late, in the order in which
 * they were added; NULL: all are well. Cost: O(pulses), and it begins again if
 * an interrupt removes one; interrupts are locked for O(1) at a time.
 */
const async_pulse_t *async_watchdog_check(async_watchdog_t *watchdog,
                                          async_time_t now);

/* --- Ask ------------------------------------------------------------------ */

/**
 * Who was late at the last check: the first, or, given one of them, the next.
 * For the early warning that some hardware gives before it resets.
 *
 * Context: any. Returns: NULL if there are no more. A pulse that is not watched
 * any more is followed by the first. Cost: O(pulses); interrupts are locked for
 * O(1) at a time.
 */
const async_pulse_t *async_watchdog_late(const async_watchdog_t *watchdog,
                                         const async_pulse_t *pulse);

/** The task that the pulse belongs to; NULL if it was added without one.
 *  async_task_coro gives its innermost coroutine. Context: any. */
static inline const async_task_t *async_pulse_task(const async_pulse_t *pulse);

/* --- Private part --------------------------------------------------------- */

struct async_watchdog {
    async_link_t_ pulses_; /* the list and all pulses are shared with
                              interrupts */
    volatile uint8_t changes_;
};

struct async_pulse {
    async_coro_t scope_;
    async_link_t_ link_;         /* prev_ is NULL: it is not watched */
    async_watchdog_t *watchdog_; /* in whose list it is */
    const async_task_t *task_;
    async_time_t seen_; /* when a check last found that it had beaten */
    async_ticks_t limit_;
    volatile bool beat_; /* since the last check */
    bool late_;
};

void async_pulse_enter_(async_pulse_t *pulse, async_coro_t *coro, unsigned line,
                        async_watchdog_t *watchdog, async_ticks_t limit);
void async_pulse_leave_(async_pulse_t *pulse, async_coro_t *coro);

static inline void async_pulse_beat(async_pulse_t *pulse)
{
    pulse->beat_ = true;
}

static inline const async_task_t *async_pulse_task(const async_pulse_t *pulse)
{
    return pulse->task_;
}

#ifdef __cplusplus
}
#endif

#endif
