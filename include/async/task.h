/* SPDX-License-Identifier: MIT */

/*
 * Tasks: coroutines that run by themselves, beside others.
 *
 * A task is what a loop schedules. Spawning gives a loop a task and the
 * coroutine it runs; from then on it runs until the coroutine ends, one step
 * per round while it is ready. The program owns both objects: they must stay
 * until the task is done and its error has been taken.
 *
 * Tasks have no locks to take: between two AWAITs nothing else runs on the
 * loop. Only interrupts may come in between.
 */
#ifndef ASYNC_TASK_H
#define ASYNC_TASK_H

#include "async/coroutine.h"
#include "async/time.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct async_loop async_loop_t;
typedef struct async_task async_task_t;

/**
 * A task before its first spawn: all zero, so a static task, and one that is a
 * member of a frame, needs no initialiser; a local of a C function does.
 */
#ifdef __cplusplus
#define ASYNC_TASK_INIT                                                        \
    {                                                                          \
    }
#else
#define ASYNC_TASK_INIT                                                        \
    {                                                                          \
        .leaf_ = NULL                                                          \
    }
#endif

#define async_spawn ASYNC_CONFIGURED_(async_spawn)

/* --- Create -------------------------------------------------------------- */

/**
 * Make `coro` run as `task` on `loop`, from the loop's next round on.
 *
 * Reports ASYNC_REPORT_TASK_REUSED if the task is not done yet,
 * ASYNC_REPORT_USED_AGAIN if the coroutine object is not fresh, and
 * ASYNC_REPORT_NOT_A_COROUTINE if ASYNC_CALL has not made it; nothing is
 * spawned then. An error that the task ended with before and that nobody took
 * is reported as well (ASYNC_ERR_CANCELLED never is).
 *
 * Context: any, interrupts included (for a task that was last on another loop:
 * that loop's thread). Cost: O(1).
 */
void async_spawn(async_loop_t *loop, async_task_t *task, async_coro_t *coro);

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until a task is done. Its error, if it ended with one, is raised here
 * (so AWAIT_CATCH gives it as a number); that counts as having taken it.
 * Several tasks may join one; all wake in the order they came.
 *
 * Context: task of the same loop. Raises: the task's error; ASYNC_ERR_MISUSE,
 * with a report: a task never spawned, of another loop, or the caller itself.
 * Cancel: the waiter is unlinked; the joined task goes on; its error stays to
 * be taken. Cost: O(depth of the joined task + tasks that join it already).
 */
ASYNC_MUST_AWAIT_ async_wait_t async_join(async_task_t *task);

/* --- Cancel -------------------------------------------------------------- */

/**
 * Ask a task to end: ASYNC_ERR_CANCELLED is raised at the AWAIT where it
 * stands, in its next step. Its cleanup runs, and may await. To know when it
 * has ended, join it.
 *
 *  - A task that has not started yet ends without running.
 *  - A task that is in its cleanup is interrupted there: the cleanup ends.
 *  - The calling task itself is cancelled at the next AWAIT that pauses; if it
 *    ends well before, it ends as cancelled.
 *  - A task that waits here for others (a cleanup that cancels and joins a task
 *    of this frame) can be cancelled once more meanwhile, and then leaves it
 *    running; a group (group.h) cannot.
 *
 * Context: task of the same loop, or while the loop does not run.
 * Returns: false if the task is done (or was never spawned), or, with a report,
 * in a handler that has cut into the loop: nothing happens.
 * Cost: O(depth of its await chain); O(log n) amortised more if its timer runs,
 * n running timers.
 */
bool async_cancel(async_task_t *task);

/* --- Ask ----------------------------------------------------------------- */

/** True from the end of the task to its next spawn. Context: any. */
bool async_task_done(const async_task_t *task);

/**
 * The error the task ended with; 0 if it ended well or is not done. Asking
 * counts as having taken it. Context: the loop's thread.
 */
int async_task_error(async_task_t *task);

/** True if async_cancel was called on it and it is not done. Context: any. */
bool async_task_cancelling(const async_task_t *task);

/** The task that runs now; NULL outside of tasks. Context: any. */
async_task_t *async_current_task(void);

/**
 * The task whose step is running, also in a handler that has cut into it (where
 * async_current_task is NULL). With it a report handler or a watchdog's early
 * warning knows whom to blame: async_task_coro gives the coroutine, and
 * async_coro_place its line. For reports only, for the task may be in the
 * middle of a change.
 *
 * Context: any. Returns: NULL if no step runs.
 */
const async_task_t *async_interrupted_task(void);

/** The innermost coroutine of the task; async_coro_caller gives those around
 *  it. NULL before the first spawn. Context: the loop's thread. */
const async_coro_t *async_task_coro(const async_task_t *task);

/* --- Private part -------------------------------------------------------- */

/* A place in a loop: in the heap of its timers, or in the list of those tasks
 * whose timer does not run. */
typedef struct async_node_ async_node_t_;
struct async_node_ {
    union {
        async_node_t_ *child_; /* in the heap */
        async_task_t *joined_; /* in the list: see join.c; else NULL */
    };
    async_node_t_ *next_;
    async_node_t_ *prev_;
};

/*
 * A timer. A task and a timeout begin with it. The ticket that keeps equal
 * deadlines in order is in head_.error_, which means nothing else while the
 * timer runs.
 */
typedef struct async_timer_ {
    async_coro_t head_;
    async_node_t_ node_;
    async_time_t deadline_;
} async_timer_t_;

/* What is told when a task ends, by hanging at the end of its await chain. An
 * error of the task counts as taken then. */
typedef struct async_watcher_ async_watcher_t_;
struct async_watcher_ {
    async_coro_t head_;
    void (*ended_)(async_watcher_t_ *watcher, async_task_t *task, int error);
};

#if ASYNC_ACCOUNTING
/* A sum of 64 bits in halves, so that nothing has to be aligned for it. */
typedef struct async_sum_ {
    uint32_t low_;
    uint32_t high_;
} async_sum_t_;

#define ASYNC_BUCKETS_ 16

/* What a task, or (in a loop) each of its tasks, has done: account.h. */
typedef struct async_counts_ {
    uint32_t steps_;
    uint32_t wakes_;
    async_sum_t_ time_; /* in steps */
    uint32_t longest_;  /* step */
    uint32_t worst_;    /* latency */
    uint32_t since_;    /* task: when it was woken; loop: the last moment */
    async_resume_t_ *longest_in_;
    uint16_t longest_at_;              /* the state it began with */
    uint16_t latency_[ASYNC_BUCKETS_]; /* each stays at its largest value */
    bool has_since_; /* task: it has not run since it was woken */
    uint8_t period_; /* loop: how many resets; task: to which it belongs */
} async_counts_t_;
#endif

struct async_task {
    async_timer_t_ timer_; /* in the heap, or in the loop's list of others */
    async_coro_t *leaf_;   /* the coroutine to resume */
    async_loop_t *loop_;
#if ASYNC_ACCOUNTING
    async_counts_t_ counts_;
#endif
};

#ifdef __cplusplus
}
#endif

#endif
