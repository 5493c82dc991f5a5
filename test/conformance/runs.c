/* SPDX-License-Identifier: MIT */

/*
 * async_run: how a program begins and ends.
 */
#include "conformance.h"

#define MEMBERS                                                                \
    struct worker a, b;                                                        \
    async_task_t task, other

/* run() runs a coroutine to its end, cleanup included. */
SCENE(run_ends_well)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->a, worker, .name = "main", .ms = 5, .cleanup = 5);
    ASYNC_END();
}

/* An error that main does not catch is what run() ends with. */
SCENE(run_raises_the_error)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->a, worker, .name = "main", .ms = 5, .error = E1);
    ASYNC_FINALLY();
    AWAIT(async_sleep(5));
    say("clean");
    ASYNC_END();
}

/* An error in main's cleanup takes the place of the first. */
SCENE(run_raises_the_error_of_the_cleanup)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->a, worker, .name = "main", .ms = 5, .error = E1);
    ASYNC_FINALLY();
    AWAIT_CALL(self->a, worker, .name = "cleanup", .ms = 5, .error = E2);
    ASYNC_END();
}

/* A main that cancels itself: run() ends as cancelled. */
SCENE(run_cancelled_by_main)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    AWAIT_CALL(self->a, worker, .name = "main", .ms = 5);
    ASYNC_END();
}

/* Tasks that are left when main ends are cancelled and awaited. */
SCENE(run_cancels_what_is_left)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50);
    AWAIT(async_sleep(5));
    say("main ends");
    ASYNC_END();
}

/* The cleanup of tasks that are left may wait; each takes its time. */
SCENE(run_waits_for_cleanup)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 7, .cleanup = 10);
    SPAWN(&self->other, self->b, worker, .name = "B", .ms = 50, .cleanup = 20);
    AWAIT(async_sleep(10));
    say("main ends");
    ASYNC_END();
}

/* A task that main has cancelled itself, and that is cancelled once more at the
 * end: its cleanup ends. */
SCENE(run_leaves_cleanup_alone)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50, .cleanup = 10);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT(async_sleep(5));
    say("main ends");
    ASYNC_END();
}

/* The tasks that are left end before run() raises main's error. */
SCENE(run_cancels_after_an_error)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50, .cleanup = 10);
    AWAIT(async_sleep(5));
    say("main raises E2");
    ASYNC_RAISE(E2);
    ASYNC_END();
}

PART(fails_at_the_end, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    AWAIT(async_sleep(5));
    say("A raises E1");
    ASYNC_RAISE(E1);
    ASYNC_END();
}

/* An error of a task that ends after main is reported. */
SCENE_WITH(run_reports_errors_of_what_is_left, struct fails_at_the_end part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, fails_at_the_end);
    AWAIT(async_sleep(5));
    say("main ends");
    ASYNC_END();
}

PART(cleans_up, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    AWAIT(async_sleep(10));
    say("A is clean");
    ASYNC_END();
}

PART(waits_in_cleanup, async_task_t *other)
{
    int error;
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    say("B stops");
    AWAIT_CATCH(error, async_join(self->other));
    if (error == ASYNC_ERR_CANCELLED) {
        say("B saw the end of A");
    }
    ASYNC_END();
}

/* A task that is left may wait, in its cleanup, for another one. */
SCENE_WITH(run_lets_those_left_join_each_other, struct cleans_up first;
           struct waits_in_cleanup part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->first, cleans_up);
    SPAWN(&self->other, self->part, waits_in_cleanup, .other = &self->task);
    AWAIT(async_sleep(5));
    say("main ends");
    ASYNC_END();
}

/* Nothing is ready, and nothing can come: both sides see it on a virtual clock.
 * The cleanup runs. */
SCENE_WITH(deadlock, async_event_t event)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->event));
    ASYNC_FINALLY();
    say("main stops");
    ASYNC_END();
}

PART(waits_and_sets, async_event_t *events; int i)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->events[self->i]));
    async_event_set(&self->events[1 - self->i]);
    ASYNC_END();
}

/* The same in two tasks that wait for each other. */
SCENE_WITH(deadlock_of_two, struct waits_and_sets parts[2];
           async_event_t events[2])
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->parts[0], waits_and_sets, .events = self->events);
    AWAIT(async_sleep(5));
    AWAIT_CALL(self->parts[1], waits_and_sets, .events = self->events, .i = 1);
    ASYNC_FINALLY();
    say("main stops");
    ASYNC_END();
}

/* --- Different on purpose ------------------------------------------------- */

PART(spawns_in_cleanup, struct worker b; async_task_t task)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    say("A spawns B");
    SPAWN(&self->task, self->b, worker, .name = "B", .ms = 50);
    AWAIT(async_sleep(5));
    say("A is clean");
    ASYNC_END();
}

/* A task that is spawned in the cleanup of one that is left. */
SCENE_DIFFERS(run_spawns_while_it_ends,
              "what is spawned while run() ends is cancelled as well",
              struct spawns_in_cleanup part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, spawns_in_cleanup);
    AWAIT(async_sleep(5));
    say("main ends");
    ASYNC_END();
}

/* loop.stop() in run(). */
SCENE_DIFFERS(stop_in_run, "to stop the loop is to cancel main", int unused)
{
    ASYNC_BEGIN();
    async_stop(&loop);
    say("stop");
    AWAIT(async_sleep(5));
    say("main ends");
    ASYNC_FINALLY();
    say("main stops");
    ASYNC_END();
}

/* A task that main spawns last thing, without waiting any more. */
SCENE_DIFFERS(run_cancels_what_has_not_started,
              "no task runs between the end of main and the end", int unused)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .cleanup = 10);
    say("main ends");
    ASYNC_END();
}
