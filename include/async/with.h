/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_WITH: a block with a resource that is given back, however it is left.
 *
 *     static void deselect(void *pin) { gpio_set(pin); }
 *     ...
 *     gpio_clear(&chip_select);
 *     ASYNC_WITH(&self->guard, deselect, &chip_select) {
 *         AWAIT_CALL(self->read, spi_read);
 *     }
 *
 * The exit function runs once: at the end of the block, on break, continue,
 * ASYNC_RETURN, ASYNC_RAISE, on an error of anything awaited in it, on
 * cancellation and timeout. It does not await; cleanup that does belongs behind
 * ASYNC_FINALLY. Blocks nest; the innermost is left first.
 *
 * ASYNC_WITH_WAIT waits for the resource first. ASYNC_WITH_LOCK (lock.h),
 * ASYNC_WITH_SEMAPHORE (semaphore.h), ASYNC_WITH_READING and ASYNC_WITH_WRITING
 * (rwlock.h) are made of it. `goto` must not leave the block (try.h).
 */
#ifndef ASYNC_WITH_H
#define ASYNC_WITH_H

#include "async/scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A guard, a member of the frame. 20 bytes on a 32-bit machine. */
typedef struct async_with async_with_t;

/** What runs when the block is left. Context: task; it must not wait. */
typedef void async_exit_t(void *object);

/**
 * Run a block, then exit_function(object).
 *
 *  guard          an async_with_t * in the frame; evaluated several times, to
 *                 the end of the block: no side effects, and the same value
 *  exit_function  an async_exit_t *
 *  object         what it is called with; evaluated when the block is entered
 *
 * Context: task. Cancel: as the wait where the block stands; the exit function
 * runs. Cost: O(1).
 */
#define ASYNC_WITH(guard, exit_function, object)                               \
    ASYNC_WITH_BLOCK_(guard, async_with_nothing_(), exit_function, object)

/**
 * Wait for a resource first, by any operation:
 *
 *     ASYNC_WITH_WAIT(&self->guard,
 *                     async_wait_for(async_lock_acquire(&bus), ASYNC_MS(5)),
 *                     async_lock_exit, &bus) { ... }
 *
 * When the wait has ended well the block runs, then exit_function(object). A
 * wait that raises does not enter the block.
 *
 *  operation  as for AWAIT
 *  others     as for ASYNC_WITH; object is evaluated after the wait
 *
 * Context: task. Raises, Cancel: as the operation, while it waits. It is an
 * AWAIT, so it stands on a line without another.
 */
#define ASYNC_WITH_WAIT(guard, operation, exit_function, object)               \
    ASYNC_WITH_BLOCK_(guard, operation, exit_function, object)

/* --- Private part --------------------------------------------------------- */

struct async_with {
    async_coro_t scope_; /* error_ is not 0 while the resource is waited for */
    async_exit_t *exit_;
    void *object_;
};

/* Round one waits for `operation` and opens the scope, round two is the body,
 * then the condition closes it. An unwinding while it waits leaves no trace. */
#define ASYNC_WITH_BLOCK_(guard, operation, exit_function, object)             \
    for (async_with_begin_(guard); async_with_goes_on_(guard, &self->coro);)   \
        if ((guard)->scope_.error_ != 0) {                                     \
            ASYNC_AWAIT_(__LINE__, #operation, operation);                     \
            async_with_enter_(guard, &self->coro, __LINE__, exit_function,     \
                              object);                                         \
        } else                                                                 \
            for (; async_scope_once_(&(guard)->scope_);)

void async_with_enter_(async_with_t *guard, async_coro_t *coro, unsigned line,
                       async_exit_t *exit, void *object);
void async_with_leave_(async_with_t *guard, async_coro_t *coro);

static inline void async_with_begin_(async_with_t *guard)
{
    guard->scope_.error_ = 1;
}

static inline bool async_with_goes_on_(async_with_t *guard, async_coro_t *coro)
{
    if (guard->scope_.error_ != 0 || async_scope_is_fresh_(&guard->scope_)) {
        return true;
    }
    async_with_leave_(guard, coro);
    return false;
}

static inline async_wait_t async_with_nothing_(void)
{
    async_wait_t wait = {ASYNC_READY_};
    return wait;
}

#ifdef __cplusplus
}
#endif

#endif
