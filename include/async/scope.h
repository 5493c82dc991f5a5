/* SPDX-License-Identifier: MIT */

/*
 * Scopes: what ASYNC_TRY and ASYNC_TIMEOUT are made of.
 *
 * Nothing here is for direct use. A scope is an object in the frame. While its
 * block is open it stands in the await chain, between its coroutine and what
 * awaits that, so that an error on its way out meets it.
 */
#ifndef ASYNC_SCOPE_H
#define ASYNC_SCOPE_H

#include "async/coroutine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Private part -------------------------------------------------------- */

/*
 * A block that a scope watches. `enter` sets the scope's state to its label,
 * `leave` sets it to 0, so the outer loop runs once; the inner one runs the
 * body once, and lets a `break` in the body still pass `leave`. When an error
 * was caught the scope has been left already, and the coroutine resumes at the
 * label, which leaves the outer loop without passing `leave` again.
 */
#define ASYNC_SCOPE_BLOCK_(scope, enter, leave)                                \
    for (enter; (scope)->state_ != 0; leave)                                   \
        if (0) {                                                               \
        case ASYNC_LABEL_(ASYNC_SCOPE_ | __LINE__):                            \
            break;                                                             \
        } else                                                                 \
            for (; async_scope_once_(scope);)

/*
 * A block whose end is an AWAIT: `end` is an operation that has closed the
 * scope when it is over.
 */
#define ASYNC_SCOPE_BLOCK_AWAIT_(scope, text, enter, end)                      \
    for (enter; (scope)->state_ != 0;)                                         \
        if (!async_scope_is_fresh_(scope)) {                                   \
            ASYNC_AWAIT_(__LINE__, text, end);                                 \
        } else                                                                 \
            for (; async_scope_once_(scope);)

/* In a scope's state, beside the label: the body has not been entered. */
#define ASYNC_SCOPE_FRESH_ 0x4000

void async_scope_enter_(async_coro_t *scope, async_coro_t *coro, unsigned line,
                        async_leave_t_ *leave);
void async_scope_leave_(async_coro_t *scope, async_coro_t *coro);

/* A goto may have left scopes inside this one open: report and close them. */
void async_scope_check_(async_coro_t *scope, async_coro_t *coro);

static inline bool async_scope_is_fresh_(const async_coro_t *scope)
{
    return (scope->state_ & ASYNC_SCOPE_FRESH_) != 0;
}

static inline bool async_scope_once_(async_coro_t *scope)
{
    bool fresh = async_scope_is_fresh_(scope);
    scope->state_ = (uint16_t)(scope->state_ & ~(unsigned)ASYNC_SCOPE_FRESH_);
    return fresh;
}

#ifdef __cplusplus
}
#endif

#endif
