/* SPDX-License-Identifier: MIT */

/*
 * The loop: runs ready tasks in turn, and sleeps when there are none.
 *
 * It works in rounds. In a round every task that was ready at its beginning
 * runs one step, from one pausing AWAIT to the next, in the order in which
 * they became ready. What becomes ready meanwhile waits for the next round, so
 * no task can keep another from running.
 *
 * Several loops may exist: on several threads of a PC, or one inside an
 * interrupt of the other. Each is run by one thread (or interrupt) only.
 */
#ifndef ASYNC_LOOP_H
#define ASYNC_LOOP_H

#include "async/clock.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

#define async_loop_init ASYNC_CONFIGURED_(async_loop_init)

/* --- Create -------------------------------------------------------------- */

/**
 * Prepare a loop. `clock` stays in use until the loop is closed.
 *
 * Context: init.
 */
void async_loop_init(async_loop_t *loop, async_clock_t *clock);

/* --- Run ----------------------------------------------------------------- */

/**
 * Run a coroutine to its end, with all that it spawns: asyncio.run().
 *
 * When it has ended, every task that is left is cancelled and awaited, as by
 * async_loop_close. Afterwards the loop can be used again.
 *
 * Context: outside of tasks and interrupts (which use async_poll), with
 * interrupts open; so are async_run_forever and async_poll.
 * Returns: the coroutine's error, 0 if none (its
 * result is in its frame); ASYNC_ERR_CANCELLED after async_stop;
 * ASYNC_ERR_DEADLOCK, with a report, if every task waited for something that
 * cannot happen; ASYNC_ERR_MISUSE, with a report, for a loop that runs already
 * or an object that was used already.
 */
int async_run(async_loop_t *loop, async_coro_t *coro);

/**
 * Run until async_stop. Tasks stay as they are, and go on with the next run.
 *
 * Returns: 0 after async_stop; ASYNC_ERR_DEADLOCK or ASYNC_ERR_MISUSE as
 * async_run.
 */
int async_run_forever(async_loop_t *loop);

/**
 * Run one round and return at once, for a program with a main loop of its own.
 *
 * Returns: ticks until the next timer is due; 0 if a task is ready already;
 * ASYNC_FOREVER if only an interrupt can bring work.
 * Context: outside of this loop's tasks; may be an interrupt of a task of
 * another loop. Cost: the steps, and O(log n) amortised per timer due.
 */
async_ticks_t async_poll(async_loop_t *loop);

/**
 * End async_run_forever after this round, or async_run by cancelling its
 * coroutine. Without effect if neither runs. Context: any.
 */
void async_stop(async_loop_t *loop);

/**
 * Cancel every task and run until all have ended. Then report what is left: a
 * task that cannot end (its cleanup waits for something that cannot come, as
 * only a clock that knows can tell, the virtual one; it is dropped), an error
 * that nobody took.
 *
 * Context: outside of tasks. Returns: the number of reports, 0 if all is well.
 */
int async_loop_close(async_loop_t *loop);

/**
 * Report each task as one that waits for ever: for a clock whose sleep() can
 * know that (clock.h).
 *
 * Context: called by the loop.
 */
void async_deadlock(async_loop_t *loop);

/* --- Ask ----------------------------------------------------------------- */

/** The loop of the task that runs now on this thread; NULL outside of tasks and
 *  in a handler. Context: any. */
async_loop_t *async_current_loop(void);

/** The time on the loop's clock. Context: any that may read the clock. */
async_time_t async_loop_now(async_loop_t *loop);

/**
 * True if nothing is ready and no task stands at AWAIT_UNTIL. Under the
 * interrupt lock (port.h) it stays so until the lock opens, so that a program
 * with a main loop of its own can go to sleep without losing a wake. Timers do
 * not count: async_poll tells when the next is due.
 *
 * Context: any.
 */
bool async_loop_is_idle(const async_loop_t *loop);

/* --- Private part -------------------------------------------------------- */

struct async_loop {
    async_link_t_ *ready_first_; /* shared with interrupts; NULL: empty */
    async_link_t_ **ready_end_;  /* shared with interrupts */
    async_clock_t *clock_;
    volatile bool stop_; /* shared with interrupts */
    bool attention_;     /* the same; something is to do between rounds */
    bool active_;
    uint16_t context_;                   /* of the port, where the loop runs */
    uint16_t ticket_;                    /* keeps equal deadlines in order */
    int16_t caught_;                     /* on its way to an AWAIT_CATCH */
    uint16_t outer_context_;             /* of the loop that it has cut into */
    void (*pend_)(async_clock_t *clock); /* the clock's */
    async_node_t_ nodes_; /* next_: heap of timers; child_: the other tasks;
                             prev_: the newest timer, or NULL */
    async_task_t *outer_; /* the task that runs it, or that it has cut into */
    /* Parts that a firmware links if it uses them; NULL until then. */
    async_coro_t *(*errors_)(async_coro_t *coro, int error);
    void (*wake_polling_)(async_loop_t *loop);
    async_watcher_t_ *(*tell_end_)(async_task_t *task, async_coro_t *root,
                                   int error);
    async_link_t_ polling_; /* tasks at AWAIT_UNTIL */
    async_link_t_ ended_;   /* tasks that wait for the end of any task */
#if ASYNC_ACCOUNTING
    async_counts_t_ counts_;
    async_sum_t_ beside_; /* time neither in steps nor asleep */
    async_sum_t_ asleep_;
    uint32_t sleeps_;
    async_resume_t_ *began_in_; /* the step that runs, or the last one */
    uint16_t began_at_;
    void (*tell_slow_)(async_task_t *task, async_coro_t *coro, uint32_t took,
                       bool is_over);
    uint32_t slow_; /* what takes longer is told */
    uint32_t told_; /* which step was told of last */
#endif
};

#ifdef __cplusplus
}
#endif

#endif
