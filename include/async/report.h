/* SPDX-License-Identifier: MIT */

/*
 * Reports: what the library tells about a program that uses it wrongly.
 *
 * Every report goes to one function, async_on_report(). The library has one: on
 * a PC it prints a line to stderr, and aborts if the report is an error; on
 * firmware it traps on an error and ignores a warning. To replace it, define a
 * function of that name: the linker then takes yours and leaves ours out of the
 * archive. (A program that compiles the sources itself leaves out report.c.)
 *
 * If the function returns from an error, the library goes on in a defined way:
 * the call does nothing, or raises ASYNC_ERR_MISUSE at the AWAIT.
 */
#ifndef ASYNC_REPORT_H
#define ASYNC_REPORT_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum async_report_kind {
    /* Warnings. */
    ASYNC_REPORT_NEVER_AWAITED,   /* an object left its block without a run */
    ASYNC_REPORT_ERROR_NOT_TAKEN, /* a task's error was never looked at */
    ASYNC_REPORT_DEADLOCK,  /* one for each task that waits for ever; async_run
                              then returns ASYNC_ERR_DEADLOCK */
    ASYNC_REPORT_TASK_LEFT, /* its loop was closed and it could not end */
    ASYNC_REPORT_SLOW_STEP, /* a step took longer than the loop's limit
                               (account.h, async_loop_set_slow_step) */
    /* Errors. */
    ASYNC_REPORT_ENDED_TOO_SOON,  /* an object left its block and still runs */
    ASYNC_REPORT_NOT_A_COROUTINE, /* an object not made by ASYNC_CALL */
    ASYNC_REPORT_USED_AGAIN,   /* an object awaited or spawned a second time */
    ASYNC_REPORT_TASK_REUSED,  /* a task spawned that is not done */
    ASYNC_REPORT_LOST_STATE,   /* an AWAIT in a switch of the program's own, or
                                   a frame that was overwritten or moved */
    ASYNC_REPORT_SCOPE_LEFT,   /* a scope was left by goto, or entered twice */
    ASYNC_REPORT_NOT_IN_TASK,  /* a call that needs a task, outside of tasks */
    ASYNC_REPORT_NOT_AWAITED,  /* an operation was started without AWAIT */
    ASYNC_REPORT_JOIN,         /* a join with itself, with a task that was
                                   never spawned, or of another loop */
    ASYNC_REPORT_TOO_LONG,     /* a duration beyond ASYNC_TICKS_MAX, or a
                                   ticker's period of 0 */
    ASYNC_REPORT_NOT_AN_ERROR, /* ASYNC_RAISE of what is no error number */
    ASYNC_REPORT_NOT_TAKEN,    /* what was waited for was not taken before the
                                   next AWAIT: an item or room of a queue, the
                                   value of a signal */
    ASYNC_REPORT_NOT_HELD,     /* something given back, taken or used by one
                                   that does not have it: a lock, an item, a
                                   condition without its lock */
    ASYNC_REPORT_HELD_ALREADY, /* a lock acquired by the task that has it */
    ASYNC_REPORT_TOO_OFTEN,    /* a release above the bound of a semaphore, a
                                   task_done without an item, a future set
                                   that was done */
    ASYNC_REPORT_NOT_OPEN,     /* a spawn into a group whose block is not open,
                                   an ASYNC_EMIT outside of ASYNC_FOR */
    ASYNC_REPORT_NO_INIT,      /* an object that was not initialised */
    ASYNC_REPORT_TWO_AT_ONCE,  /* a second task waits for what serves one */
    ASYNC_REPORT_LOOP_RUNNING, /* run, poll or close of a loop that runs */
    ASYNC_REPORT_NO_WAKER      /* a body returned otherwise than by an AWAIT, a
                                   RETURN or its end: nothing can wake it */
} async_report_kind_t;

#define ASYNC_REPORT_FIRST_ERROR_ ASYNC_REPORT_ENDED_TOO_SOON

/** A report; valid until the handler returns. What is not known is NULL or
 *  0. */
typedef struct async_report {
    async_report_kind_t kind;
    const async_coro_t *coro; /* the coroutine it is about */
    const async_task_t *task; /* the task it is about */
    const async_coro_t *by;   /* the coroutine that did it */
    const char *file;         /* where an object was defined */
    unsigned line;
    int error; /* ASYNC_REPORT_ERROR_NOT_TAKEN: which one */
#if ASYNC_ACCOUNTING
    /* ASYNC_REPORT_SLOW_STEP: how long it took, in timestamps (timestamp.h),
       and where it began. `began` is made for async_coro_place() and the like;
       the coroutine itself may be gone. `coro` is where the step ended: at its
       end if its place has no line, and the task's then. */
    uint32_t duration;
    const async_coro_t *began;
#endif
} async_report_t;

/** Take a report. Define your own to replace the library's. Context: any. */
void async_on_report(const async_report_t *report);

/** True if the report is an error, not a warning. */
static inline bool async_report_is_error(const async_report_t *report)
{
    return report->kind >= ASYNC_REPORT_FIRST_ERROR_;
}

#ifdef __cplusplus
}
#endif

#endif
