/* SPDX-License-Identifier: MIT */

/*
 * Printing: the only part of the library that knows stdio, and the only one
 * with sentences in it.
 */
#include "async/print.h"

#include "core.h"

#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static const char *name_of(const async_place_t *place)
{
    return place->name == NULL ? "?" : place->name;
}

void async_print(const async_coro_t *coro, FILE *file)
{
    async_place_t place = async_coro_place(coro);
    fprintf(file, "<coroutine object %s at %p>\n", name_of(&place),
            (const void *)coro);
}

/* " (file:line)", or nothing where that is not known. */
static void print_where(const char *name, unsigned line, FILE *file)
{
    if (name != NULL && line != 0) {
        fprintf(file, " (%s:%u)", base_name(name), line);
    }
}

static void print_coro(const char *before, const async_coro_t *coro,
                       const char *after, FILE *file)
{
    if (coro != NULL) {
        async_place_t place = async_coro_place(coro);
        fprintf(file, "%s'%s'", before, name_of(&place));
        print_where(place.file, place.line, file);
        fputs(after, file);
    }
}

/* The coroutine that has `depth` others inside it. */
static const async_coro_t *at_depth(const async_coro_t *leaf, unsigned depth)
{
    while (depth-- > 0) {
        leaf = async_coro_caller(leaf);
    }
    return leaf;
}

static unsigned depth_of(const async_coro_t *leaf)
{
    unsigned depth = 0;
    while ((leaf = async_coro_caller(leaf)) != NULL) {
        depth++;
    }
    return depth;
}

/* The await chain, outermost first: "  in 'app' (main.c:20): read_sensor". */
static void print_chain(const async_coro_t *leaf, FILE *file)
{
    for (unsigned depth = depth_of(leaf) + 1; depth-- > 0;) {
        const async_coro_t *coro = at_depth(leaf, depth);
        async_place_t place = async_coro_place(coro);
        fprintf(file, "  in '%s'", name_of(&place));
        print_where(place.file, place.line, file);
        if (place.waits_for != NULL) {
            fprintf(file, ", awaiting %s", place.waits_for);
        }
        fputc('\n', file);
    }
}

static const async_coro_t *outermost(const async_coro_t *leaf)
{
    return at_depth(leaf, depth_of(leaf));
}

static void print_task(const char *sentence, const async_report_t *report,
                       FILE *file)
{
    async_place_t place = async_coro_place(outermost(report->coro));
    fprintf(file, "task '%s' %s\n", name_of(&place), sentence);
    print_chain(report->coro, file);
}

static const char *const sentences[] = {
    [ASYNC_REPORT_NEVER_AWAITED] = "was never awaited",
    [ASYNC_REPORT_DEADLOCK] = "waits for ever: nothing can wake it",
    [ASYNC_REPORT_TASK_LEFT] = "did not end when its loop was closed",
    [ASYNC_REPORT_ENDED_TOO_SOON] =
        "still runs, but its block has ended and its memory with it",
    [ASYNC_REPORT_TASK_REUSED] = "was spawned again before it was done",
    [ASYNC_REPORT_LOST_STATE] =
        "cannot resume: an AWAIT stands in a switch of its own, or its frame "
        "was moved or overwritten",
    [ASYNC_REPORT_SCOPE_LEFT] =
        "left a scope by goto, or entered one that was open",
    [ASYNC_REPORT_NOT_AWAITED] = "started an operation without AWAIT",
    [ASYNC_REPORT_TOO_LONG] =
        "asked for a duration beyond ASYNC_TICKS_MAX, or a period of 0",
    [ASYNC_REPORT_NOT_AN_ERROR] =
        "raised a number that is no error: errors are negative 16-bit numbers",
    [ASYNC_REPORT_NOT_TAKEN] =
        "waited for an item, a value or for room, and did not take it",
    [ASYNC_REPORT_NOT_HELD] = "gave back, took or used what it does not have",
    [ASYNC_REPORT_HELD_ALREADY] = "acquired a lock that it has already",
    [ASYNC_REPORT_TOO_OFTEN] =
        "released a semaphore above its bound, called task_done too often, or "
        "set a future that was done",
    [ASYNC_REPORT_NOT_OPEN] =
        "spawned into a group whose block is not open, or emitted outside of "
        "ASYNC_FOR or inside a timeout or group",
    [ASYNC_REPORT_NO_INIT] = "uses an object that was not initialised",
    [ASYNC_REPORT_NO_WAKER] =
        "paused without an operation: nothing can wake it",
    [ASYNC_REPORT_TWO_AT_ONCE] =
        "waits for what another task waits for, and what serves one only",
};

/* With its caller, which is the one to look at if it is one of the library. */
static void print_subject(const async_coro_t *coro, FILE *file)
{
    if (coro == NULL) {
        fputs("something outside of tasks ", file);
        return;
    }
    print_coro("coroutine ", coro, "", file);
    print_coro(", called by ", async_coro_caller(coro), ",", file);
    fputc(' ', file);
}

static void print_sentence(const async_report_t *report, FILE *file)
{
    switch (report->kind) {
    case ASYNC_REPORT_NEVER_AWAITED:
    case ASYNC_REPORT_ENDED_TOO_SOON: {
        async_place_t place = async_coro_place(report->coro);
        fprintf(file, "coroutine '%s' %s", name_of(&place),
                sentences[report->kind]);
        print_where(report->file, report->line, file);
        fputc('\n', file);
        break;
    }
    case ASYNC_REPORT_ERROR_NOT_TAKEN:
        print_coro("task ", report->coro, "", file);
        fprintf(file, " ended with error %d, which nobody took\n",
                report->error);
        break;
    case ASYNC_REPORT_DEADLOCK:
    case ASYNC_REPORT_TASK_LEFT:
    case ASYNC_REPORT_TASK_REUSED:
        print_task(sentences[report->kind], report, file);
        break;
    case ASYNC_REPORT_USED_AGAIN:
        print_coro("coroutine object ", report->coro, "", file);
        fputs(" was started a second time", file);
        print_coro(", by ", report->by, "", file);
        fputc('\n', file);
        break;
    case ASYNC_REPORT_NOT_A_COROUTINE:
        fputs("an object was started that ASYNC_CALL has not made", file);
        print_coro(", by ", report->by, "", file);
        fputc('\n', file);
        break;
    case ASYNC_REPORT_NOT_IN_TASK:
        fputs("a call that only tasks may make, outside of tasks\n", file);
        break;
    case ASYNC_REPORT_JOIN:
        fputs("a join with the calling task itself, with a task that was never "
              "spawned, or with one of another loop\n",
              file);
        break;
    case ASYNC_REPORT_LOOP_RUNNING:
        fputs("a loop was run, polled or closed while it was in use\n", file);
        break;
    default:
        print_subject(report->coro, file);
        fprintf(file, "%s\n", sentences[report->kind]);
        break;
    }
}

void async_report_print(const async_report_t *report, FILE *file)
{
    fputs(async_report_is_error(report) ? "error: " : "warning: ", file);
    print_sentence(report, file);
}
