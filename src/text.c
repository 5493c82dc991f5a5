/* SPDX-License-Identifier: MIT */

/*
 * Reports and objects as text. Each sentence of the library stands here, with
 * what to do about it.
 */
#include "async/text.h"

#include "async/account.h"

#include "describe.h"
#include "look.h"

void async_coro_write(const async_coro_t *coro, async_write_t *write,
                      void *context)
{
    const async_writer_t_ to = {write, context};
    PUT(&to, "<coroutine object ");
    async_put_plain_name_(&to, coro);
    PUT(&to, " at ");
    async_put_pointer_(&to, coro);
    PUT(&to, ">\n");
}

/* --- Sentences ------------------------------------------------------------ */

/* What is wrong, behind who it is about. */
CONSTANTS static const char *sentence_of(async_report_kind_t kind)
{
    switch (kind) {
    case ASYNC_REPORT_NEVER_AWAITED:
        return CONSTANT("was never awaited");
    case ASYNC_REPORT_DEADLOCK:
        return CONSTANT("waits for ever: nothing can wake it");
    case ASYNC_REPORT_TASK_LEFT:
        return CONSTANT("did not end when its loop was closed");
    case ASYNC_REPORT_ENDED_TOO_SOON:
        return CONSTANT(
            "still runs, but its block has ended and its memory with it");
    case ASYNC_REPORT_NOT_A_COROUTINE:
        return CONSTANT("an object was started that ASYNC_CALL has not made");
    case ASYNC_REPORT_USED_AGAIN:
        return CONSTANT("was started a second time");
    case ASYNC_REPORT_TASK_REUSED:
        return CONSTANT("was spawned again before it was done");
    case ASYNC_REPORT_LOST_STATE:
        return CONSTANT("cannot resume: an AWAIT stands in a switch of its "
                        "own, or its frame was moved or overwritten");
    case ASYNC_REPORT_SCOPE_LEFT:
        return CONSTANT("left a scope by goto, or entered one that was open");
    case ASYNC_REPORT_NOT_IN_TASK:
        return CONSTANT("a call that only tasks may make, outside of tasks");
    case ASYNC_REPORT_NOT_AWAITED:
        return CONSTANT("started an operation without AWAIT");
    case ASYNC_REPORT_JOIN:
        return CONSTANT("a join with the calling task itself, with a task that "
                        "was never spawned, or with one of another loop");
    case ASYNC_REPORT_TOO_LONG:
        return CONSTANT("asked for a duration beyond ASYNC_TICKS_MAX, or a "
                        "period of 0");
    case ASYNC_REPORT_NOT_AN_ERROR:
        return CONSTANT("raised a number that is no error: errors are negative "
                        "16-bit numbers");
    case ASYNC_REPORT_NOT_TAKEN:
        return CONSTANT("waited for an item, a value or for room, and did not "
                        "take it");
    case ASYNC_REPORT_NOT_HELD:
        return CONSTANT("gave back, took or used what it does not have");
    case ASYNC_REPORT_HELD_ALREADY:
        return CONSTANT("acquired a lock that it has already");
    case ASYNC_REPORT_TOO_OFTEN:
        return CONSTANT("released a semaphore above its bound, called "
                        "task_done too often, or set a future that was done");
    case ASYNC_REPORT_NOT_OPEN:
        return CONSTANT("spawned into a group whose block is not open, or "
                        "emitted outside of ASYNC_FOR or inside a timeout or "
                        "group");
    case ASYNC_REPORT_NO_INIT:
        return CONSTANT("uses an object that was not initialised");
    case ASYNC_REPORT_TWO_AT_ONCE:
        return CONSTANT("waits for what another task waits for, and what "
                        "serves one only");
    case ASYNC_REPORT_NO_WAKER:
        return CONSTANT("paused without a waker: nothing can wake it");
    case ASYNC_REPORT_LOOP_RUNNING:
        return CONSTANT("a loop was run, polled or closed while it was in use");
    default:
        return CONSTANT("");
    }
}

/* What to do. */
CONSTANTS static const char *hint_of(async_report_kind_t kind)
{
    switch (kind) {
    case ASYNC_REPORT_NEVER_AWAITED:
        return CONSTANT("await, spawn or run it, or take it out");
    case ASYNC_REPORT_ERROR_NOT_TAKEN:
        return CONSTANT("join the task, ask async_task_error, or catch the "
                        "error where it is raised");
    case ASYNC_REPORT_DEADLOCK:
        return CONSTANT("find who should have woken it, and what that one "
                        "waits for itself");
    case ASYNC_REPORT_TASK_LEFT:
        return CONSTANT("put a timeout around what its cleanup waits for");
#if ASYNC_ACCOUNTING
    case ASYNC_REPORT_SLOW_STEP:
        return CONSTANT("put an AWAIT or ASYNC_YIELD between");
#endif
    case ASYNC_REPORT_ENDED_TOO_SOON:
        return CONSTANT("make the object static, or a member of a frame that "
                        "waits for its end");
    case ASYNC_REPORT_NOT_A_COROUTINE:
        return CONSTANT("assign it ASYNC_CALL(name, ...) before it is started");
    case ASYNC_REPORT_USED_AGAIN:
        return CONSTANT("assign it a fresh ASYNC_CALL(name, ...) before each "
                        "start");
    case ASYNC_REPORT_TASK_REUSED:
        return CONSTANT("join it first, or spawn another task");
    case ASYNC_REPORT_LOST_STATE:
        return CONSTANT("use if/else in the place of the switch; leave a "
                        "frame where it is until its coroutine is done");
    case ASYNC_REPORT_SCOPE_LEFT:
        return CONSTANT("leave a block by break, ASYNC_RETURN or ASYNC_RAISE; "
                        "give each its own object");
    case ASYNC_REPORT_NOT_IN_TASK:
        return CONSTANT("wait and cancel in coroutines only; a handler sets "
                        "an event that a task awaits");
    case ASYNC_REPORT_NOT_AWAITED:
        return CONSTANT("put AWAIT before it");
    case ASYNC_REPORT_JOIN:
        return CONSTANT("join a task of this loop, after its spawn, from "
                        "another one");
    case ASYNC_REPORT_TOO_LONG:
        return CONSTANT("wait several times, set a larger ASYNC_TICK_BITS, or "
                        "check how the duration is computed");
    case ASYNC_REPORT_NOT_AN_ERROR:
        return CONSTANT("raise a negative number, not -255");
    case ASYNC_REPORT_NOT_TAKEN:
        return CONSTANT("take or place it before the next AWAIT, or use "
                        "AWAIT_GET, AWAIT_PUT, AWAIT_SIGNAL, which do both");
    case ASYNC_REPORT_NOT_HELD:
        return CONSTANT("acquire and release once each, in the same task; "
                        "ASYNC_WITH_LOCK does both");
    case ASYNC_REPORT_HELD_ALREADY:
        return CONSTANT("release it first, or call what needs it without "
                        "taking it again: a lock is not recursive");
    case ASYNC_REPORT_TOO_OFTEN:
        return CONSTANT("once for each acquire, for each item, for each "
                        "async_future_reset");
    case ASYNC_REPORT_NOT_OPEN:
        return CONSTANT("spawn inside the block of ASYNC_GROUP; call a "
                        "generator by ASYNC_FOR, and emit between its blocks");
    case ASYNC_REPORT_NO_INIT:
        return CONSTANT("give it its initialiser, as ASYNC_QUEUE_INIT(queue), "
                        "or call its _init function");
    case ASYNC_REPORT_TWO_AT_ONCE:
        return CONSTANT("let one task read and one write, or put a lock "
                        "around it");
    case ASYNC_REPORT_NO_WAKER:
        return CONSTANT("leave the body by ASYNC_EXIT or ASYNC_RETURN, not by "
                        "return");
    case ASYNC_REPORT_LOOP_RUNNING:
        return CONSTANT("run it from one place, outside of its tasks and "
                        "handlers; a task that wants to wait uses AWAIT");
    default:
        return NULL;
    }
}

/* --- Who ------------------------------------------------------------------ */

static void put_coro(const async_writer_t_ *to, const char *before,
                     const async_coro_t *coro)
{
    if (coro != NULL) {
        async_put_constant_(to, before);
        async_put_coro_(to, coro);
    }
}

/* With its caller, which is the one to look at if it is one of the library. */
static void put_subject(const async_writer_t_ *to, const async_coro_t *coro)
{
    if (coro == NULL) {
        PUT(to, "something outside of tasks");
        return;
    }
    put_coro(to, CONSTANT("coroutine "), coro);
    const async_coro_t *caller = async_coro_caller(coro);
    put_coro(to, CONSTANT(", called by "), caller);
    if (caller != NULL) {
        PUT(to, ",");
    }
}

static void put_name(const async_writer_t_ *to, const char *before,
                     const async_coro_t *coro)
{
    async_put_constant_(to, before);
    async_put_name_(to, coro);
}

/* The subject of the sentence; nothing, if the sentence has one. */
static void put_who(const async_writer_t_ *to, const async_report_t *report)
{
    switch (report->kind) {
    case ASYNC_REPORT_NEVER_AWAITED:
    case ASYNC_REPORT_ENDED_TOO_SOON:
        put_name(to, CONSTANT("coroutine "), report->coro);
        break;
    case ASYNC_REPORT_ERROR_NOT_TAKEN:
        put_coro(to, CONSTANT("task "), report->coro);
        break;
    case ASYNC_REPORT_DEADLOCK:
    case ASYNC_REPORT_TASK_LEFT:
#if ASYNC_ACCOUNTING
    case ASYNC_REPORT_SLOW_STEP:
#endif
    case ASYNC_REPORT_TASK_REUSED:
        put_name(to, CONSTANT("task "), async_root_of_(report->coro));
        break;
    case ASYNC_REPORT_USED_AGAIN:
        put_coro(to, CONSTANT("coroutine object "), report->coro);
        break;
    case ASYNC_REPORT_NOT_A_COROUTINE:
    case ASYNC_REPORT_NOT_IN_TASK:
    case ASYNC_REPORT_JOIN:
    case ASYNC_REPORT_LOOP_RUNNING:
        return;
    default:
        put_subject(to, report->coro);
        break;
    }
    PUT(to, " ");
}

/* --- Slow step ------------------------------------------------------------ */

#if ASYNC_ACCOUNTING
static void put_slow_step(const async_writer_t_ *to,
                          const async_report_t *report)
{
    PUT(to, "was busy for ");
    async_put_number_(to, (async_number_t_)async_account_us(report->duration));
    PUT(to, " us in one step, from ");
    async_put_beginning_(to, report->began);
    if (async_coro_place(report->coro).line == 0) {
        PUT(to, " to its end");
    } else {
        put_coro(to, CONSTANT(" to "), report->coro);
    }
}
#else
#define put_slow_step(to, report) ((void)0)
#endif

/* --- Report --------------------------------------------------------------- */

/* Somebody did it to what the sentence is about. */
static bool has_doer(async_report_kind_t kind)
{
    return kind == ASYNC_REPORT_USED_AGAIN ||
           kind == ASYNC_REPORT_NOT_A_COROUTINE ||
           kind == ASYNC_REPORT_TASK_REUSED || kind == ASYNC_REPORT_JOIN ||
           kind == ASYNC_REPORT_LOOP_RUNNING;
}

static void put_sentence(const async_writer_t_ *to,
                         const async_report_t *report)
{
    put_who(to, report);
    if (report->kind == ASYNC_REPORT_ERROR_NOT_TAKEN) {
        PUT(to, "ended with error ");
        async_put_signed_(to, report->error);
        PUT(to, ", which nobody took");
    } else if (ASYNC_ACCOUNTING && report->kind == ASYNC_REPORT_SLOW_STEP) {
        put_slow_step(to, report);
    } else {
        async_put_constant_(to, sentence_of(report->kind));
    }
    if (report->file != NULL) {
        async_put_where_(to, report->file, report->line);
    }
    if (has_doer(report->kind)) {
        put_coro(to, CONSTANT(", by "), report->by);
    }
    PUT(to, "\n");
}

static bool has_chain(const async_report_t *report)
{
    if (report->task == NULL || report->task->leaf_ != report->coro) {
        return false;
    }
    return report->kind == ASYNC_REPORT_DEADLOCK ||
           report->kind == ASYNC_REPORT_TASK_LEFT ||
           report->kind == ASYNC_REPORT_TASK_REUSED;
}

/* The port's number of the handler, where it tells one from the other. */
static void put_context(const async_writer_t_ *to)
{
#ifdef ASYNC_PORT_HANDLERS_ARE_ALONE_
    PUT(to, "a handler");
#else
    PUT(to, "a handler (context ");
    async_put_number_(to, async_port_context());
    PUT(to, ")");
#endif
}

static void put_interrupted(const async_writer_t_ *to)
{
    const async_task_t *task = async_interrupted_task();
    if (task == NULL || async_current_task() != NULL) {
        return;
    }
    PUT(to, "  in ");
    put_context(to);
    PUT(to, " that has cut into ");
    async_put_task_(to, task);
    PUT(to, ", coroutine ");
    async_put_coro_(to, task->leaf_);
    PUT(to, "\n");
}

static void put_hint(const async_writer_t_ *to, async_report_kind_t kind)
{
    const char *hint = hint_of(kind);
    if (hint != NULL) {
        PUT(to, "  hint: ");
        async_put_constant_(to, hint);
        PUT(to, "\n");
    }
}

void async_report_write(const async_report_t *report, async_write_t *write,
                        void *context)
{
    const async_writer_t_ to = {write, context};
    if (async_report_is_error(report)) {
        PUT(&to, "error: ");
    } else {
        PUT(&to, "warning: ");
    }
    put_sentence(&to, report);
    if (has_chain(report)) {
        async_put_chain_(&to, report->task, NULL);
        async_put_wait_(&to, report->task);
    }
    put_interrupted(&to);
    put_hint(&to, report->kind);
}
