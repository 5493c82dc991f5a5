/* SPDX-License-Identifier: MIT */

/*
 * Reader-writer lock: any number of tasks read, or one writes.
 *
 *     static async_rwlock_t table;                       (zero: free)
 *     ...
 *     ASYNC_WITH_READING(&self->guard, &table) {
 *         AWAIT_CALL(self->send, uart_send, .data = rows, .length = count);
 *     }
 *     ASYNC_WITH_WRITING(&self->guard, &table) {
 *         AWAIT_CALL(self->load, flash_load, .to = rows);
 *     }
 *
 * Tasks come in strictly in the order they came: a reader waits behind a writer
 * that came before it, even if others read now. So neither readers nor writers
 * can keep the other kind out. Readers between two writers come in together. If
 * a writer gives up waiting, those behind it go on.
 *
 * It is not recursive. A task that reads and reads again may wait behind a
 * writer that waits for its first reading, and one that reads and wants to
 * write waits for itself: release first.
 */
#ifndef ASYNC_RWLOCK_H
#define ASYNC_RWLOCK_H

#include "async/hand.h"
#include "async/with.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A reader-writer lock; all zero is a valid one that is free. 20 bytes on 32
 *  bits. */
typedef struct async_rwlock async_rwlock_t;

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until nobody writes and all who came before have come in, then read. At
 * most 65535 read at a time; more wait.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE, with a report, if the task is the
 * one that writes. Cancel: the waiter is unlinked; a lock that was just given
 * to it goes to the next. Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t async_rwlock_read(async_rwlock_t *lock);

/**
 * Wait until nobody reads or writes and all who came before have come in, then
 * write.
 *
 *  guard  an async_with_t * in the frame, in use while it waits: a writer that
 *         gives up waiting has to let in those behind it, and the guard is
 *         where an error or a cancellation meets it. Free again afterwards.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE, with a report, if the task writes
 * already. Cancel: the waiter is unlinked; readers that waited behind it come
 * in, in that task's step; a lock that was just given to it goes to the next.
 * Cost: O(1); when it gives up, O(readers let in), interrupts are locked for
 * O(1) at a time.
 */
ASYNC_MUST_AWAIT_ async_wait_t async_rwlock_write(async_rwlock_t *lock,
                                                  async_with_t *guard);

/**
 * Run a block as a reader. The lock is released however the block is left: at
 * its end, by break, return, raise, cancellation or timeout.
 *
 *  guard  an async_with_t * in the frame
 *  lock   evaluated twice, so without side effects
 *
 * Context: task. Raises, Cancel: as async_rwlock_read, while it waits.
 */
#define ASYNC_WITH_READING(guard, lock)                                        \
    ASYNC_WITH_WAIT(guard, async_rwlock_read(lock), async_rwlock_read_exit,    \
                    lock)

/** The same as a writer: the guard serves for the wait, too. Raises, Cancel: as
 *  async_rwlock_write, while it waits. */
#define ASYNC_WITH_WRITING(guard, lock)                                        \
    ASYNC_WITH_WAIT(guard, async_rwlock_write(lock, guard),                    \
                    async_rwlock_write_exit, lock)

/* --- Without waiting ------------------------------------------------------ */

/**
 * Read if a wait would go on at once. An interrupt handler may, to look at what
 * no task is just changing.
 *
 * Context: any. Returns: 0, or ASYNC_ERR_EMPTY if a task writes, or waits.
 * Cost: O(1).
 */
ASYNC_MUST_CHECK_ int async_rwlock_try_read(async_rwlock_t *lock);

/**
 * Write if a wait would go on at once.
 *
 * Context: task. Returns: 0, or ASYNC_ERR_EMPTY if a task (the caller itself,
 * too) reads, writes or waits; ASYNC_ERR_MISUSE, with a report, outside of
 * tasks. Cost: O(1).
 */
ASYNC_MUST_CHECK_ int async_rwlock_try_write(async_rwlock_t *lock);

/**
 * End a reading; the last one lets in the writer that waits. Readers are
 * counted, not known: it must be called once for each reading. If nobody reads,
 * it is reported and nothing happens.
 *
 * Context: any. Cost: O(1).
 */
void async_rwlock_read_release(async_rwlock_t *lock);

/**
 * End the writing; the next writer comes in, or all readers before it.
 *
 * Context: the task that writes; from any other, and from an interrupt, it is
 * reported and nothing happens. Cost: O(readers let in); interrupts are locked
 * for O(1) at a time.
 */
void async_rwlock_write_release(async_rwlock_t *lock);

/** The same as exit functions, for ASYNC_WITH_WAIT. */
void async_rwlock_read_exit(void *lock);
void async_rwlock_write_exit(void *lock);

/* --- Ask ------------------------------------------------------------------ */

/** How many read now. Context: any. */
unsigned async_rwlock_readers(const async_rwlock_t *lock);

/** The task that writes, or NULL. Context: any. */
const async_task_t *async_rwlock_writer(const async_rwlock_t *lock);

/* --- Private part --------------------------------------------------------- */

struct async_rwlock {
    async_hand_t_ waiters_;
    async_task_t *writer_;
    uint16_t readers_; /* writer_: 0 */
};

#ifdef __cplusplus
}
#endif

#endif
