/* SPDX-License-Identifier: MIT */

/*
 * Error numbers.
 *
 * An error is a negative `int` that fits 16 bits; 0 is success. The library
 * uses -200 to -255 (-255 only inside it). All others are yours, -errno
 * included, so a driver can raise what the hardware layer below it returned.
 */
#ifndef ASYNC_ERROR_H
#define ASYNC_ERROR_H

enum async_error {
    ASYNC_OK = 0,
    /** The task was cancelled. While a cancellation is on its way through the
     *  task it runs the cleanup, and neither ASYNC_TRY nor AWAIT_CATCH catches
     *  it; as the error of a task that was joined it is like any other. */
    ASYNC_ERR_CANCELLED = -200,
    /** The time given to async_wait_for() or ASYNC_FAIL_AFTER has passed. */
    ASYNC_ERR_TIMEOUT = -201,
    /** The program used the library wrongly; a report said how. */
    ASYNC_ERR_MISUSE = -202,
    /** Nothing is ready and nothing can ever become ready. */
    ASYNC_ERR_DEADLOCK = -203,
    /** No room: a bounded table or queue is full. */
    ASYNC_ERR_FULL = -204,
    /** Nothing there: a queue is empty, a lock is taken. */
    ASYNC_ERR_EMPTY = -205,
    /** A queue or stream was closed, and will not give or take any more. */
    ASYNC_ERR_CLOSED = -206,
    /** A barrier was broken. */
    ASYNC_ERR_BROKEN = -207
};

#endif
