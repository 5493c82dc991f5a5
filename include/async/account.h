/* SPDX-License-Identifier: MIT */

/*
 * Accounting: what each task and loop has done, and an alarm for slow steps.
 *
 * With ASYNC_ACCOUNTING=1 (config.h) a loop counts, for each of its tasks and
 * for all together, the steps and the time they took, the longest step and
 * where it began, and how long the task had to wait from each wake to its next
 * step. It also knows how long it slept. So you can see how busy the processor
 * is, who makes it so, and who keeps the others waiting:
 *
 *     async_loop_account_t account = async_loop_account(&loop);
 *     unsigned idle = async_account_share(account.asleep, account.elapsed);
 *     if (idle < 200) { (below 20.0 %)
 *         async_account_write(&loop, uart_write, NULL);
 *     }
 *
 * or be told at once, in a report (report.h), with coroutine and line:
 *
 *     async_loop_set_slow_step(&loop, ASYNC_TIMESTAMPS_US(500));
 *
 * Times are in timestamps (timestamp.h). The library's own are ticks, and a
 * step that begins and ends in the same tick then takes no time: define a finer
 * async_timestamp() for firmware.
 *
 * What is counted:
 *  - A step lasts from the resume of a task to the AWAIT at which it pauses, or
 *    to its end. The handlers of interrupts that cut into it are part of its
 *    time, and so is another loop that runs in one of them, or in the step
 *    itself. (That loop counts its own steps, too.)
 *  - A wake is whatever makes a task ready: an event, a timer, a cancellation,
 *    a spawn; and each look of an AWAIT_UNTIL. A yield is none, and neither is
 *    its latency counted: nobody waits for what goes on then.
 *  - The latency of a wake is the time from there to the beginning of the step:
 *    what was ready before it, and handlers, are in it. A sleep or a limit that
 *    the loop finds due late, for it was busy, counts from the tick it was due
 *    at; an ASYNC_TIMEOUT from when it is found.
 *  - A task's account goes on when the task is spawned again (in the same loop,
 *    and without a reset of that in between). A loop's counts the steps of all
 *    tasks that it has run, those that have ended included.
 *  - Handlers that come while the loop sleeps are part of the time asleep if
 *    the clock lets them in before it returns, else of what is neither.
 *
 * Counts wrap at 2^32 (steps: 5 days at 10000 a second); sums of times do not.
 * A step, a sleep, a latency and the time between two rounds must be shorter
 * than 2^32 timestamps, 67 s at 64 MHz.
 *
 * Cost on a 32-bit machine: 68 bytes of RAM more for a task, 108 for a loop.
 * docs/reference/account.md has the instructions. With ASYNC_ACCOUNTING=0, no
 * byte and no instruction; then only the types are declared.
 */
#ifndef ASYNC_ACCOUNT_H
#define ASYNC_ACCOUNT_H

#include "async/loop.h"
#include "async/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many kinds of latencies are told apart. */
#define ASYNC_LATENCY_BUCKETS 16

/** What a task, or all tasks of a loop, have done since the start or the last
 *  reset. Times are in timestamps. */
typedef struct async_account {
    uint32_t steps;
    uint64_t time;            /* in steps, all together */
    uint32_t longest;         /* step */
    async_place_t longest_at; /* where that began: the coroutine and the AWAIT
                                 it was resumed at; line 0: its beginning, or
                                 its cleanup */
    uint32_t wakes;
    uint32_t worst_latency;
    uint32_t latency[ASYNC_LATENCY_BUCKETS]; /* wakes by their latency:
                                                async_latency_from() */
} async_account_t;

/** What a loop has done. `elapsed` - `asleep` - `tasks.time` is the time of
 *  the library, of handlers, and of the program between two runs or polls. */
typedef struct async_account_of_loop {
    async_account_t tasks;
    uint64_t elapsed; /* up to the last step or sleep, from the first one */
    uint64_t asleep;
    uint32_t sleeps;
} async_loop_account_t;

/** A number of microseconds in timestamps, rounded down; a constant gives a
 *  constant. At most 2^32-1 timestamps. */
#define ASYNC_TIMESTAMPS_US(microseconds)                                      \
    ((uint32_t)((uint64_t)(microseconds) * (ASYNC_TIMESTAMPS_PER_SECOND) /     \
                1000000))

#if ASYNC_ACCOUNTING

/* --- Ask ----------------------------------------------------------------- */

/**
 * The account of a task, also after its end. A step that is under way counts
 * when it is over.
 *
 * Context: the loop's thread. Cost: two calls of the coroutine that had the
 * longest step, which is asked for its name.
 */
async_account_t async_task_account(const async_task_t *task);

/**
 * The account of a loop. A step that is under way is in none of its sums, so
 * that shares are right in the middle of it, too.
 *
 * Context: the loop's thread. Cost: as async_task_account.
 */
async_loop_account_t async_loop_account(const async_loop_t *loop);

/**
 * The least latency, in timestamps, that `account.latency[bucket]` counts:
 * 0, 1, 2, 4, 8 and so on, in units of one timestamp, or of 2 to 4 us where a
 * timestamp is shorter. The last bucket, 16384 of these units and more, has no
 * upper end.
 *
 * A bucket counts to 65535 and then stays; of one that is full when no other is
 * the rest is known from the number of wakes, and told.
 *
 *  bucket  0 to ASYNC_LATENCY_BUCKETS - 1
 *
 * Context: any.
 */
uint32_t async_latency_from(unsigned bucket);

/** Thousandths: how much of the whole a part is, rounded; 0 if there is no
 *  whole. async_account_share(task.time, loop.elapsed). Context: any. */
unsigned async_account_share(uint64_t part, uint64_t whole);

/** Timestamps in microseconds, rounded down. Context: any. */
uint64_t async_account_us(uint64_t timestamps);

/**
 * Write a table of the loop and its tasks, the busiest first:
 *
 *     10.002 s: 85.1 % asleep, 995 sleeps
 *        share     steps  longest us  latency us  task
 *       12.0 %       995        1240          41  'filter', longest from 'fft'
 *
 * (and behind that file and line). The share is that of the elapsed time that
 * the task's steps took, the latency the worst of its wakes. The last rows have
 * the tasks that have ended, together, and all.
 *
 *  write    what takes the text (text.h)
 *  context  what it is called with
 *
 * Context: the loop's thread. Cost: O(tasks^2); some 500 bytes of stack on a
 * 32-bit machine, and those of a body that is asked for its name or of `write`.
 */
void async_account_write(const async_loop_t *loop, async_write_t *write,
                         void *context);

/* --- Reset --------------------------------------------------------------- */

/**
 * Begin anew: the loop's account, and that of each task that it knows. A step
 * that is under way counts in full, for the new account. A task that has ended
 * keeps its own until it is spawned again; then it begins anew, too.
 *
 * Context: the loop's thread. Cost: O(tasks).
 */
void async_account_reset(async_loop_t *loop);

/** Begin a task's account anew. Context: the loop's thread. */
void async_task_account_reset(async_task_t *task);

/* --- Alarm --------------------------------------------------------------- */

/**
 * Report each step that takes longer than `limit`, when it is over:
 *
 *     warning: task 'app' was busy for 1200 us in one step, from 'reader'
 *     (x.c:20) to 'reader' (x.c:35)
 *
 * as ASYNC_REPORT_SLOW_STEP. It comes to async_on_report() in the context of
 * the task, and after the step has been timed, so that the handler may take its
 * time. The call of a callback that is slow is reported when it returns.
 *
 *  limit  in timestamps; 0: no alarm, as at first
 *
 * Context: the loop's thread.
 */
void async_loop_set_slow_step(async_loop_t *loop, uint32_t limit);

#endif

/* --- Private part --------------------------------------------------------- */

#if ASYNC_ACCOUNTING
void async_account_ready_(async_task_t *task);
void async_account_due_(async_task_t *task, async_ticks_t late);
void async_account_run_(async_task_t *task);
void async_account_pause_(async_task_t *task);
void async_account_end_(async_task_t *task, async_coro_t *root);
void async_account_sleep_(async_loop_t *loop);
void async_account_wake_up_(async_loop_t *loop);

/* A callback has returned; it ends with the lock held. */
void async_account_called_(async_task_t *task, async_coro_t *coro);
void async_account_end_locked_(async_task_t *task);
#endif

#ifdef __cplusplus
}
#endif

#endif
