/* SPDX-License-Identifier: MIT */

/*
 * Generators: a callee that goes back to its caller and comes again.
 *
 * ASYNC_FOR is a scope of the one that takes the values. While the generator
 * runs it is that one's callee, like any other. Between two values it stands in
 * no chain; if the scope is left then, the generator becomes the callee once
 * more, with a cancellation to unwind it, and when it has ended the scope is
 * left with what it was first left by.
 */
#include "async/generator.h"

#include "core.h"

static async_generator_t_ *generator_of(async_coro_t *scope)
{
    return (async_generator_t_ *)(void *)((char *)scope -
                                          offsetof(async_generator_t_, for_));
}

static bool is_closing(const async_coro_t *scope)
{
    return scope->error_ >= ASYNC_FOR_CLOSING_ || scope->error_ < 0;
}

static bool has_ended(const async_coro_t *generator)
{
    return generator->state_ == ASYNC_IS_DONE_;
}

/* The generator has ended, closed. What it was closed for goes on, unless its
 * cleanup has raised an error of its own. 0: a break, the loop just ends. */
static int error_after_closing(const async_coro_t *scope, int error)
{
    if (error != ASYNC_CANCELLING_ && error < 0) {
        return error;
    }
    return scope->error_ == ASYNC_FOR_CLOSING_     ? 0
           : scope->error_ == ASYNC_FOR_RETURNING_ ? ASYNC_ENDED_WELL_
                                                   : scope->error_;
}

/* A frame that is no more than a question (async_coro_place) has no more to it
 * than its head. */
static async_coro_t *unwind_closed(async_coro_t *coro)
{
    if ((coro->state_ & ASYNC_SCOPE_) != 0) {
        return NULL;
    }
    coro->link_.resume_ = ((async_generator_t_ *)(void *)coro)->resume_;
    return async_unwind_(coro, ASYNC_CANCELLING_);
}

/* It unwinds itself when it runs, so that many in one another need no stack. */
static async_coro_t *close_generator(async_coro_t *generator)
{
    async_generator_t_ *it = (async_generator_t_ *)(void *)generator;
    it->resume_ = generator->link_.resume_;
    generator->link_.resume_ = unwind_closed;
    return generator;
}

/* A cancellation that the task has asked for itself, and not met yet, meets it
 * here; else the cleanup of the generator would. */
static void begin_closing(async_coro_t *scope, int outcome)
{
    int16_t pending = async_take_raise_(async_here_.task_);
    scope->error_ = pending != 0 ? pending : (int16_t)outcome;
}

static async_coro_t *leave_for(async_coro_t *scope, async_coro_t *coro,
                               int *error)
{
    async_coro_t *generator = &generator_of(scope)->coro_;
    (void)coro;
    if (*error == ASYNC_LET_PASS_ && is_closing(scope)) {
        scope->error_ = ASYNC_CANCELLING_;
    }
    if (*error > ASYNC_ENDED_WELL_) {
        return ASYNC_READY_;
    }
    if (is_closing(scope)) {
        *error = error_after_closing(scope, *error);
        if (*error == ASYNC_CANCELLING_) {
            async_take_raise_(async_here_.task_); /* is met here */
        }
        return ASYNC_READY_;
    }
    if (scope->error_ != ASYNC_FOR_IN_BODY_ || has_ended(generator)) {
        return ASYNC_READY_;
    }
    begin_closing(scope,
                  *error == ASYNC_ENDED_WELL_ ? ASYNC_FOR_RETURNING_ : *error);
    return close_generator(generator);
}

void async_for_enter_(async_coro_t *generator, async_coro_t *coro,
                      unsigned line)
{
    async_coro_t *scope = &((async_generator_t_ *)(void *)generator)->for_;
    async_scope_enter_(scope, coro, line, leave_for);
    scope->state_ = (uint16_t)(scope->state_ & ~(unsigned)ASYNC_SCOPE_FRESH_);
    scope->error_ = ASYNC_FOR_START_;
}

/* It has ended, or (after a break) is to be closed. */
static async_wait_t close_for(async_coro_t *generator, async_coro_t *scope,
                              async_task_t *task)
{
    if (has_ended(generator)) {
        async_scope_leave_(scope, task->leaf_);
        return async_is_ready_();
    }
    begin_closing(scope, ASYNC_FOR_CLOSING_);
    scope->state_ = ASYNC_SCOPE_; /* part of this wait */
    return (async_wait_t){close_generator(generator)};
}

/* Go on in the generator; once started, it keeps its way back to the caller. */
async_wait_t async_for_next_(async_coro_t *generator)
{
    async_task_t *task = async_waiting_task_();
    async_coro_t *scope = &((async_generator_t_ *)(void *)generator)->for_;
    if (scope->error_ == ASYNC_FOR_START_) {
        if (generator->state_ != 0 || generator->link_.resume_ == NULL) {
            return (async_wait_t){async_used_again_(generator)};
        }
        scope->error_ = ASYNC_FOR_NEXT_;
        return (async_wait_t){async_begin_call_(task->leaf_, generator)};
    }
    if (scope->error_ == ASYNC_FOR_IN_BODY_ || has_ended(generator)) {
        return close_for(generator, scope, task);
    }
    return (async_wait_t){generator};
}

static bool asks_inside(async_coro_t *generator)
{
    async_coro_t *scope = scope_of(generator);
    while (scope != NULL && (scope->state_ & ASYNC_SCOPE_) != 0) {
        if (async_scope_says_(scope, generator, ASYNC_ASKS_)) {
            return true;
        }
        scope = outward_of(scope);
    }
    return false;
}

async_coro_t *async_emit_(async_coro_t *generator)
{
    async_coro_t *scope = &((async_generator_t_ *)(void *)generator)->for_;
    if (scope->state_ == 0 || scope->error_ != ASYNC_FOR_NEXT_ ||
        generator->error_ == ASYNC_CANCELLING_ || asks_inside(generator)) {
        async_report_running_(ASYNC_REPORT_NOT_OPEN);
        return async_unwind_(generator, ASYNC_ERR_MISUSE);
    }
    scope->error_ = ASYNC_FOR_HAS_VALUE_;
    return caller_of(generator);
}
