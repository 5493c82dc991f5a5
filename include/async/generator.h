/* SPDX-License-Identifier: MIT */

/*
 * Generators: coroutines that give one value after the other.
 *
 *     struct countdown {
 *         ASYNC_GENERATOR(int);              (first, instead of ASYNC_FRAME)
 *         int from;
 *     };
 *
 *     ASYNC(countdown)                                 (async def countdown)
 *     {
 *         ASYNC_BEGIN();
 *         for (; self->from > 0; self->from--) {
 *             ASYNC_EMIT(self->from);                  (yield)
 *             AWAIT(async_sleep(ASYNC_SECONDS(1)));
 *         }
 *         ASYNC_END();
 *     }
 *     ...
 *     self->count = ASYNC_CALL(countdown, .from = 3);
 *     ASYNC_FOR(&self->count) {                        (async for)
 *         printf("%d\n", self->count.value);
 *     }
 *
 * The generator runs only while the loop that takes from it waits for the next
 * value; emitting a value is a direct switch to that loop and back, without the
 * scheduler. A generator that is left early is closed at once: what it stands
 * in is left as by a cancellation, its cleanup runs and may await. (Python
 * closes it some time later.)
 */
#ifndef ASYNC_GENERATOR_H
#define ASYNC_GENERATOR_H

#include "async/scope.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * First member of a generator's struct. 28 bytes on a 32-bit machine, and
 * `value`, the value it has emitted last.
 */
#define ASYNC_GENERATOR(type)                                                  \
    async_coro_t coro;                                                         \
    async_coro_t for_;                                                         \
    async_resume_t_ *resume_;                                                  \
    type value

/**
 * Give the loop a value, `self->value`, and go on when it wants the next.
 *
 * Context: body of a generator that an ASYNC_FOR runs. Raises: what the
 * generator is closed with, which nothing catches; ASYNC_ERR_MISUSE, with a
 * report: outside of ASYNC_FOR, inside an ASYNC_TIMEOUT or ASYNC_GROUP (which
 * could then end the wrong thing), or in the cleanup of a cancellation.
 * Cost: O(open scopes of the generator).
 */
#define ASYNC_EMIT(...)                                                        \
    do {                                                                       \
        ASYNC_LINE_CHECK_;                                                     \
        self->value = (__VA_ARGS__);                                           \
        self->coro.state_ = __LINE__;                                          \
        return async_emit_(&self->coro);                                       \
    case ASYNC_LABEL_(__LINE__):;                                              \
    } while (0)

/**
 * Run the body for each value of a generator. `break` and `continue`,
 * ASYNC_RETURN and ASYNC_RAISE may stand in it; `goto` must not leave it
 * (try.h). In whatever way it is left before the generator has ended, the
 * generator is closed first.
 *
 *  generator  a pointer to a generator object in the frame, made by ASYNC_CALL
 *             and not used yet; evaluated several times, so without side
 *             effects
 *
 * To close a generator is a wait: a cancellation that the task has asked for
 * itself, or that comes meanwhile, is raised when it has ended.
 *
 * Context: task. Raises: what the generator raises; ASYNC_ERR_MISUSE, with a
 * report, if the object is not fresh. Cancel: as the wait where the generator,
 * or the body, stands; the generator is closed.
 */
#define ASYNC_FOR(generator)                                                   \
    for (async_for_enter_(&(generator)->coro, &self->coro, __LINE__);          \
         (generator)->for_.state_ != 0;)                                       \
        if (!async_for_has_value_(&(generator)->for_)) {                       \
            ASYNC_AWAIT_(__LINE__, "ASYNC_FOR(" #generator ")",                \
                         async_for_next_(&(generator)->coro));                 \
        } else                                                                 \
            for (async_for_body_(&(generator)->for_);                          \
                 async_for_in_body_(&(generator)->for_);                       \
                 async_for_body_done_(&(generator)->for_))

/* --- Private part --------------------------------------------------------- */

/* What every generator begins with. The scope stands in the frame of the one
 * that takes the values; its error_ says where it is. */
typedef struct async_generator_ {
    async_coro_t coro_;
    async_coro_t for_;
    async_resume_t_ *resume_; /* its own, while it is to be closed */
} async_generator_t_;

#define ASYNC_FOR_START_     1 /* the generator has not been started */
#define ASYNC_FOR_NEXT_      2 /* it runs, or is to run */
#define ASYNC_FOR_HAS_VALUE_ 3
#define ASYNC_FOR_IN_BODY_   4 /* and after a break */
#define ASYNC_FOR_CLOSING_                                                     \
    5 /* closed after a break; other ways of leaving are
                                  negative, or: */
#define ASYNC_FOR_RETURNING_ 6

static inline bool async_for_has_value_(const async_coro_t *scope)
{
    return scope->error_ == ASYNC_FOR_HAS_VALUE_;
}

static inline void async_for_body_(async_coro_t *scope)
{
    scope->error_ = ASYNC_FOR_IN_BODY_;
}

static inline bool async_for_in_body_(const async_coro_t *scope)
{
    return scope->error_ == ASYNC_FOR_IN_BODY_;
}

static inline void async_for_body_done_(async_coro_t *scope)
{
    scope->error_ = ASYNC_FOR_NEXT_;
}

void async_for_enter_(async_coro_t *generator, async_coro_t *coro,
                      unsigned line);
ASYNC_MUST_AWAIT_ async_wait_t async_for_next_(async_coro_t *generator);
async_coro_t *async_emit_(async_coro_t *generator);

#ifdef __cplusplus
}
#endif

#endif
