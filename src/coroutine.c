/* SPDX-License-Identifier: MIT */

/*
 * Coroutines: how one ends, and how an error finds its way out.
 *
 * A body returns to the loop who is to run next: a coroutine, nobody (NULL,
 * the task waits or is done), or ASYNC_AGAIN_ (the same one, in the next
 * round). So the loop resumes the innermost coroutine directly at any depth,
 * a call is "my callee is next", the end of a body is "my caller is next", and
 * unwinding is a function that finds out who is next.
 *
 * A frame's error_ is 0 while the body runs. During the cleanup it holds the
 * outcome, ASYNC_ENDED_WELL_ or the error, so that a second error is known not
 * to run the cleanup again.
 */
#include "async/coroutine.h"

#include "core.h"

ASYNC_COLD_ static void report_coro(async_report_kind_t kind,
                                    const async_coro_t *coro)
{
    async_report_(kind, coro, async_current_task(), 0);
}

/* --- End ------------------------------------------------------------------ */

/* The coroutine has ended with its error_; who runs next? */
async_coro_t *async_finish_(async_coro_t *coro)
{
    async_coro_t *caller = outward_of(coro);
    if (caller == NULL) {
        async_task_end_(async_here_.task_, coro);
        return NULL;
    }
    if (MISUSE(is_scope(caller))) {
        report_coro(ASYNC_REPORT_SCOPE_LEFT, coro);
        return async_here_.task_->loop_->errors_(coro, ASYNC_ENDED_WELL_);
    }
    coro->state_ = ASYNC_IS_DONE_;
    return coro->error_ < 0
               ? async_here_.task_->loop_->errors_(caller, coro->error_)
               : caller;
}

/* --- No label ------------------------------------------------------------- */

/* In a firmware in which nothing raises there is nobody to do it (core.h,
 * errors_on); after the report the caller then goes on. */
static bool can_raise_from(const async_coro_t *coro)
{
    return caller_of(coro) == NULL || async_here_.task_->loop_->errors_ != NULL;
}

/*
 * The switch has no such label. Either the body has no ASYNC_FINALLY, or it was
 * asked who it is, or what it waits for where it does not say that, or the
 * label is not where the switch can see it.
 */
async_coro_t *async_no_such_state_(async_coro_t *coro, const char *name,
                                   const char *file)
{
    uint16_t special = (uint16_t)(coro->state_ - ASYNC_AT_FINALLY_);
    if (special <= ASYNC_AT_END_ - ASYNC_AT_FINALLY_) {
        return async_finish_(coro);
    }
    if (special == ASYNC_WHO_ - ASYNC_AT_FINALLY_) {
        async_question_t_ *question = (async_question_t_ *)(void *)coro;
        question->place_.name = name;
        question->place_.file = file;
        return NULL;
    }
    const async_task_t *task = ASYNC_REPORTS ? async_current_task() : NULL;
    if (task == NULL || task->leaf_ != coro) {
        return NULL;
    }
    report_coro(ASYNC_REPORT_LOST_STATE, coro);
    coro->error_ = can_raise_from(coro) ? ASYNC_ERR_MISUSE : ASYNC_ENDED_WELL_;
    coro->state_ = ASYNC_AT_FINALLY_;
    return scope_of(coro) == NULL
               ? async_finish_(coro)
               : async_here_.task_->loop_->errors_(coro, ASYNC_ENDED_WELL_);
}

/* --- Ask ------------------------------------------------------------------ */

const async_coro_t *async_coro_caller(const async_coro_t *coro)
{
    return caller_of(coro);
}

static bool is_running(const async_coro_t *coro)
{
    const async_task_t *task = async_here_.task_;
    for (; task != NULL; task = task->loop_->outer_) {
        const async_coro_t *one = task->leaf_;
        for (; one != NULL; one = async_coro_caller(one)) {
            if (one == coro) {
                return true;
            }
        }
    }
    return false;
}

async_coro_state_t async_coro_state(const async_coro_t *coro)
{
    if (coro->state_ == 0) {
        return ASYNC_CORO_CREATED;
    }
    if (coro->state_ == ASYNC_IS_DONE_) {
        return ASYNC_CORO_DONE;
    }
    if (is_running(coro)) {
        return ASYNC_CORO_RUNNING;
    }
    bool has_started = coro->state_ != ASYNC_IS_START_;
    return has_started ? ASYNC_CORO_SUSPENDED : ASYNC_CORO_CREATED;
}

int async_coro_error(const async_coro_t *coro)
{
    return coro->state_ == ASYNC_IS_DONE_ ? public_error(coro->error_) : 0;
}

async_place_t async_coro_place(const async_coro_t *coro)
{
    if (coro->link_.resume_ == NULL) {
        return (async_place_t){NULL, NULL, NULL, 0};
    }
    union {
        async_question_t_ asked;
        max_align_t as_any_frame;
    } question = {.asked = {.coro_ = *coro}};
    async_coro_t *asked = &question.asked.coro_;
    asked->state_ = ASYNC_WHO_;
    coro->link_.resume_(asked);
    unsigned line = coro->state_ & ASYNC_LINE_;
    if (line >= ASYNC_FIRST_LINE_ && coro->state_ < ASYNC_TELL_) {
        question.asked.place_.line = line;
        asked->state_ = (uint16_t)(ASYNC_TELL_ | line);
        coro->link_.resume_(asked);
    }
    return question.asked.place_;
}

void async_guard_check_(const async_guard_t_ *guard)
{
    uint16_t state = guard->coro_->state_;
    if (state == ASYNC_IS_DONE_) {
        return;
    }
    const async_report_t report = {.kind = state == 0
                                               ? ASYNC_REPORT_NEVER_AWAITED
                                               : ASYNC_REPORT_ENDED_TOO_SOON,
                                   .coro = guard->coro_,
                                   .file = guard->file_,
                                   .line = guard->line_};
    async_tell_(&report);
}
