/* SPDX-License-Identifier: MIT */

/*
 * Tasks: spawn, join, cancel, cleanup.
 */
#include "conformance.h"

static bool is_cancelled(async_task_t *task)
{
    return async_task_error(task) == ASYNC_ERR_CANCELLED;
}

/* Joins, and says what it got. */
PART(joiner, async_task_t *task; const char *name; const int *got)
{
    int error;
    ASYNC_BEGIN();
    AWAIT_CATCH(error, async_join(self->task));
    if (error == 0) {
        say("%s got %d", self->name, *self->got);
    } else {
        say("%s caught %s", self->name, error_name(error));
    }
    ASYNC_END();
}

/* Joins, and tells how the task ended. */
PART(join, async_task_t *task)
{
    int error;
    ASYNC_BEGIN();
    AWAIT_CATCH(error, async_join(self->task));
    if (error == 0) {
        say("joined");
    } else {
        say("joined, %s", error_name(error));
    }
    ASYNC_END();
}

PART(waiter, async_event_t *event; const char *name)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    say("%s goes on", self->name);
    ASYNC_FINALLY();
    say("%s stops", self->name);
    ASYNC_END();
}

#define MEMBERS                                                                \
    struct worker a, b, c;                                                     \
    struct joiner joiners[3];                                                  \
    struct join join;                                                          \
    async_task_t task, others[3]

static bool all_done(const async_task_t *tasks, int count)
{
    while (count > 0 && async_task_done(&tasks[count - 1])) {
        count--;
    }
    return count == 0;
}

static void spawn_joiners(async_task_t *tasks, struct joiner *joiners,
                          int count, async_task_t *task, const int *got)
{
    static const char *const names[] = {"B", "C", "D"};
    for (int i = 0; i < count; i++) {
        SPAWN(&tasks[i], joiners[i], joiner, .name = names[i], .task = task,
              .got = got);
    }
}

/* --- Spawn and join ------------------------------------------------------- */

/* A spawned task runs when its creator pauses; tasks start in the order of
 * their creation. */
SCENE(spawn_runs_nothing_yet)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 3);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 2);
    SPAWN(&self->others[2], self->c, worker, .name = "C", .ms = 1);
    say("spawned");
    AWAIT(async_sleep(10));
    say("done: %s", truth(all_done(self->others, 3)));
    ASYNC_END();
}

/* A join waits for the end, and has the result. */
SCENE(join_gives_the_result)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .returns = 7);
    say("done: %s", truth(async_task_done(&self->task)));
    AWAIT(async_join(&self->task));
    say("joined, got %d", self->a.result);
    say("done: %s", truth(async_task_done(&self->task)));
    ASYNC_END();
}

/* A join with a task that is done goes on at once. */
SCENE(join_of_done)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .returns = 7);
    AWAIT(async_sleep(10));
    AWAIT(async_join(&self->task));
    say("joined, got %d", self->a.result);
    ASYNC_END();
}

/* A task is done when its cleanup, which may wait, has ended. */
SCENE(join_waits_for_cleanup)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .cleanup = 10);
    AWAIT(async_join(&self->task));
    say("joined");
    ASYNC_END();
}

/* Any number of tasks may join one; they go on in the order they came. */
SCENE(joiners_wake_in_order)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .returns = 3);
    spawn_joiners(self->others, self->joiners, 3, &self->task, &self->a.result);
    AWAIT(async_sleep(10));
    say("done: %s", truth(all_done(self->others, 3)));
    ASYNC_END();
}

/* The error of a task is raised in each one that joins it. */
SCENE(join_raises_the_error)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    spawn_joiners(self->others, self->joiners, 2, &self->task, NULL);
    AWAIT(async_sleep(10));
    say("done: %s", truth(all_done(self->others, 2)));
    ASYNC_END();
}

/* A join with a task that has ended raises its error each time. */
SCENE(join_raises_the_error_again)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    AWAIT_CALL(self->join, join, .task = &self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

PART(middle_joiner, async_task_t *task)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->task));
    say("not reached");
    ASYNC_FINALLY();
    say("B stops");
    ASYNC_END();
}

/* An error of a joined task that is not caught ends the joining task. */
SCENE_WITH(join_raises_out_of_the_caller, struct middle_joiner middle)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 5, .error = E1);
    SPAWN(&self->task, self->middle, middle_joiner, .task = &self->others[0]);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* Joining a cancelled task raises that, and it can be caught. */
SCENE(join_of_cancelled)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50);
    spawn_joiners(self->others, self->joiners, 1, &self->task, NULL);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("done: %s", truth(async_task_done(&self->others[0])));
    ASYNC_END();
}

/* --- Errors that nobody retrieves ----------------------------------------- */

/* An error that nobody asks for is reported. */
SCENE(error_not_retrieved)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    AWAIT(async_sleep(10));
    say("done: %s", truth(async_task_done(&self->task)));
    ASYNC_END();
}

/* Asking for the error counts as having taken it. */
SCENE(error_retrieved_by_asking)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    AWAIT(async_sleep(10));
    say("A ended with %s", error_name(async_task_error(&self->task)));
    ASYNC_END();
}

/* One joining task is enough. */
SCENE(error_retrieved_by_one_of_two)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    spawn_joiners(self->others, self->joiners, 1, &self->task, NULL);
    AWAIT(async_sleep(10));
    ASYNC_END();
}

/* A task that was cancelled has no error that anybody must take. */
SCENE(cancelled_is_not_reported)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT(async_sleep(5));
    say("done: %s", truth(async_task_done(&self->task)));
    ASYNC_END();
}

PART(fails_when_cancelled, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    say("A raises E1");
    ASYNC_RAISE(E1);
    ASYNC_END();
}

/* A cancelled task whose cleanup fails has an error, which is reported. */
SCENE_WITH(error_in_cleanup_of_cancelled, struct fails_when_cancelled part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, fails_when_cancelled);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT(async_sleep(5));
    say("done: %s", truth(async_task_done(&self->task)));
    ASYNC_END();
}

/* --- Cancel --------------------------------------------------------------- */

/* A task that has not started ends without running, cleanup included. */
SCENE(cancel_before_start)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5);
    say("cancel: %s", truth(async_cancel(&self->task)));
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("cancelled: %s", truth(is_cancelled(&self->task)));
    ASYNC_END();
}

/* The cancellation is raised where the task stands, at once; cleanup runs in
 * the task's own step, not in cancel(). */
SCENE(cancel_while_sleeping)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50);
    AWAIT(async_sleep(5));
    say("cancel: %s", truth(async_cancel(&self->task)));
    say("done: %s", truth(async_task_done(&self->task)));
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("done: %s", truth(async_task_done(&self->task)));
    ASYNC_END();
}

PART(spinner, int unused)
{
    ASYNC_BEGIN();
    for (;;) {
        say("A runs");
        AWAIT(async_sleep(0));
    }
    ASYNC_FINALLY();
    say("A stops");
    ASYNC_END();
}

/* A task that only lets others run is cancelled there. */
SCENE_WITH(cancel_at_sleep_zero, struct spinner spinner)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->spinner, spinner);
    AWAIT(async_sleep(0));
    AWAIT(async_sleep(0));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* A second cancel() before the task runs changes nothing: the cleanup is not
 * interrupted. */
SCENE(cancel_twice_at_once)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50, .cleanup = 10);
    AWAIT(async_sleep(5));
    say("cancel: %s", truth(async_cancel(&self->task)));
    say("cancel: %s", truth(async_cancel(&self->task)));
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* A second cancel() while the cleanup waits ends the cleanup. */
SCENE(cancel_in_cleanup)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50, .cleanup = 10);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* A cancel() in the cleanup of a task that ended well makes it end as
 * cancelled. */
SCENE(cancel_in_cleanup_after_success)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .cleanup = 10);
    AWAIT(async_sleep(10));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("cancelled: %s", truth(is_cancelled(&self->task)));
    ASYNC_END();
}

/* ... and takes the place of an error that the body ended with. */
SCENE(cancel_in_cleanup_after_error)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1,
          .cleanup = 10);
    AWAIT(async_sleep(10));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("cancelled: %s", truth(is_cancelled(&self->task)));
    ASYNC_END();
}

/* cancel() of a task that has ended says so and does nothing. */
SCENE(cancel_of_done)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .returns = 4);
    AWAIT(async_sleep(10));
    say("cancel: %s", truth(async_cancel(&self->task)));
    AWAIT(async_join(&self->task));
    say("joined, got %d", self->a.result);
    ASYNC_END();
}

PART(cancels_itself, int unused)
{
    ASYNC_BEGIN();
    say("cancel: %s", truth(async_cancel(async_current_task())));
    say("goes on");
    AWAIT(async_sleep(5));
    say("not reached");
    ASYNC_FINALLY();
    say("A stops");
    ASYNC_END();
}

/* A task that cancels itself goes on to its next wait. */
SCENE_WITH(cancel_self, struct cancels_itself part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, cancels_itself);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

PART(cancels_itself_and_ends, int error)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    if (self->error != 0) {
        say("A raises %s", error_name(self->error));
        ASYNC_RAISE(self->error);
    }
    say("A ends");
    ASYNC_END();
}

/* A task that cancels itself and ends without a wait has ended as cancelled. */
SCENE_WITH(cancel_self_and_end, struct cancels_itself_and_ends part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, cancels_itself_and_ends);
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("cancelled: %s", truth(is_cancelled(&self->task)));
    ASYNC_END();
}

/* ... unless it ends with an error. */
SCENE_WITH(cancel_self_and_raise, struct cancels_itself_and_ends part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, cancels_itself_and_ends, .error = E1);
    AWAIT_CALL(self->join, join, .task = &self->task);
    say("cancelled: %s", truth(is_cancelled(&self->task)));
    ASYNC_END();
}

PART(middle_call, struct worker inner)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->inner, worker, .name = "inner", .ms = 50, .cleanup = 3);
    say("not reached");
    ASYNC_FINALLY();
    say("middle stops");
    AWAIT(async_sleep(2));
    ASYNC_END();
}

PART(outer_call, struct middle_call middle)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->middle, middle_call);
    say("not reached");
    ASYNC_FINALLY();
    say("outer stops");
    ASYNC_END();
}

/* A cancellation unwinds the calls from the innermost one outwards; each
 * cleanup ends before the next begins. */
SCENE_WITH(cancel_through_calls, struct outer_call outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, outer_call);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* A task that was woken and is cancelled before it runs is cancelled. */
SCENE_WITH(cancel_after_wake, struct waiter waiter; async_event_t event)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->waiter, waiter, .name = "A",
          .event = &self->event);
    AWAIT(async_sleep(5));
    async_event_set(&self->event);
    say("cancel: %s", truth(async_cancel(&self->task)));
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* The same in the other order. */
SCENE_WITH(cancel_before_wake, struct waiter waiter; async_event_t event)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->waiter, waiter, .name = "A",
          .event = &self->event);
    AWAIT(async_sleep(5));
    say("cancel: %s", truth(async_cancel(&self->task)));
    async_event_set(&self->event);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* A sleep that is over by the clock, but whose task has not run, is
 * cancelled. */
SCENE(cancel_when_timer_is_due)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 10);
    AWAIT(async_sleep(5));
    work(20);
    say("cancel: %s", truth(async_cancel(&self->task)));
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

/* cancelling() tells that a cancellation was asked for. */
SCENE(cancel_is_told)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 50, .cleanup = 5);
    AWAIT(async_sleep(5));
    say("cancelling: %s", truth(async_task_cancelling(&self->task)));
    async_cancel(&self->task);
    say("cancelling: %s", truth(async_task_cancelling(&self->task)));
    AWAIT(async_sleep(1));
    say("cancelling: %s", truth(async_task_cancelling(&self->task)));
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

PART(killer, async_task_t *other; const char *name; async_ticks_t ms)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ms));
    say("%s cancels: %s", self->name, truth(async_cancel(self->other)));
    AWAIT(async_sleep(20));
    ASYNC_FINALLY();
    say("%s stops", self->name);
    AWAIT(async_sleep(1));
    say("%s cancels: %s", self->name, truth(async_cancel(self->other)));
    ASYNC_END();
}

/* Two tasks that cancel each other: the second has ended when the first is
 * asked, or is in its cleanup. */
SCENE_WITH(cancel_each_other, struct killer killers[2])
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->killers[0], killer, .name = "A", .ms = 5,
          .other = &self->others[1]);
    SPAWN(&self->others[1], self->killers[1], killer, .name = "B", .ms = 10,
          .other = &self->others[0]);
    AWAIT_CALL(self->join, join, .task = &self->others[1]);
    AWAIT_CALL(self->join, join, .task = &self->others[0]);
    ASYNC_END();
}

/* --- Errors and cleanup --------------------------------------------------- */

/* A task that catches the error of a call goes on as if nothing had been; the
 * callee's cleanup is over then. */
SCENE_WITH(caught_errors_leave_the_task_alone, async_try_t attempt)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->a, worker, .name = "A", .ms = 5, .error = E1,
                   .cleanup = 5);
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    AWAIT(async_sleep(5));
    ASYNC_END();
}

PART(fails_twice, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    say("raises E1");
    ASYNC_RAISE(E1);
    ASYNC_FINALLY();
    AWAIT(async_sleep(5));
    say("raises E2");
    ASYNC_RAISE(E2);
    ASYNC_END();
}

/* An error in the cleanup takes the place of the first. */
SCENE_WITH(error_in_cleanup, struct fails_twice part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, fails_twice);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

PART(returns, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    ASYNC_RETURN(3);
    ASYNC_FINALLY();
    say("A stops");
    AWAIT(async_sleep(5));
    ASYNC_END();
}

/* A return in the middle runs the cleanup, and keeps the result. */
SCENE_WITH(cleanup_on_return, struct returns part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, returns);
    AWAIT(async_join(&self->task));
    say("got %d", self->part.result);
    ASYNC_END();
}

/* --- Turns and times ------------------------------------------------------ */

PART(turns, const char *name; int i)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        say("%s%d", self->name, self->i);
        AWAIT(async_sleep(0));
    }
    ASYNC_END();
}

/* sleep(0) lets each other ready task run once. */
SCENE_WITH(sleep_zero_takes_turns, struct turns turns[3])
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->turns[0], turns, .name = "A");
    SPAWN(&self->others[1], self->turns[1], turns, .name = "B");
    SPAWN(&self->others[2], self->turns[2], turns, .name = "C");
    AWAIT(async_join(&self->others[0]));
    AWAIT(async_join(&self->others[1]));
    AWAIT(async_join(&self->others[2]));
    ASYNC_END();
}

PART(starts_later, const char *name; async_ticks_t after; async_ticks_t ms)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->after));
    AWAIT(async_sleep(self->ms));
    say("%s", self->name);
    ASYNC_END();
}

/* Tasks wake in the order of their deadlines, whenever they began. */
SCENE_WITH(sleepers_wake_by_deadline, struct starts_later parts[4];
           async_task_t d)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->parts[0], starts_later, .name = "A",
          .after = 1, .ms = 30);
    SPAWN(&self->others[1], self->parts[1], starts_later, .name = "B",
          .after = 2, .ms = 10);
    SPAWN(&self->others[2], self->parts[2], starts_later, .name = "C",
          .after = 3, .ms = 20);
    SPAWN(&self->d, self->parts[3], starts_later, .name = "D", .after = 25,
          .ms = 1);
    AWAIT(async_join(&self->others[0]));
    AWAIT(async_join(&self->others[1]));
    AWAIT(async_join(&self->others[2]));
    AWAIT(async_join(&self->d));
    ASYNC_END();
}

/* Timers that became due during long work expire in the order of their
 * deadlines. */
SCENE(late_timers_keep_their_order)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 30);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 10);
    SPAWN(&self->others[2], self->c, worker, .name = "C", .ms = 20);
    AWAIT(async_sleep(5));
    work(50);
    say("worked");
    AWAIT(async_join(&self->others[0]));
    AWAIT(async_join(&self->others[1]));
    AWAIT(async_join(&self->others[2]));
    ASYNC_END();
}

/* A sleep begins when it is called, not when the task was resumed. */
SCENE(sleep_counts_from_its_call)
{
    ASYNC_BEGIN();
    work(10);
    AWAIT(async_sleep(5));
    say("slept");
    work(10);
    AWAIT(async_sleep(5));
    say("slept");
    ASYNC_END();
}

/* --- Different on purpose ------------------------------------------------- */

/* Who stands at `await task` and is cancelled. */
SCENE_DIFFERS(cancel_of_joiner,
              "a join that is cancelled leaves the joined task alone",
              struct middle_joiner middle)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 10);
    SPAWN(&self->others[0], self->middle, middle_joiner, .task = &self->task);
    AWAIT(async_sleep(5));
    async_cancel(&self->others[0]);
    AWAIT(async_sleep(10));
    say("A cancelled: %s", truth(is_cancelled(&self->task)));
    ASYNC_END();
}

PART(stubborn, async_try_t attempt)
{
    ASYNC_BEGIN();
    say("begins");
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_sleep(50));
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    AWAIT(async_sleep(10));
    say("goes on");
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* Who catches all errors around the wait where the cancellation comes. */
SCENE_DIFFERS(cancel_caught, "a cancellation on its way cannot be caught",
              struct stubborn part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, stubborn);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

PART(returns_in_cleanup, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    say("A raises E1");
    ASYNC_RAISE(E1);
    ASYNC_FINALLY();
    say("A stops");
    ASYNC_EXIT();
    ASYNC_END();
}

/* A return in the cleanup of a coroutine that raised. */
SCENE_DIFFERS(return_in_cleanup, "a return in the cleanup keeps the error",
              struct returns_in_cleanup part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, returns_in_cleanup);
    AWAIT_CALL(self->join, join, .task = &self->task);
    ASYNC_END();
}

PART(joins_itself, async_try_t attempt)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_join(async_current_task()));
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    ASYNC_END();
}

/* A join with oneself is refused. */
SCENE_DIFFERS(join_of_self, "a mistake is reported, and has a number",
              struct joins_itself part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, joins_itself);
    AWAIT(async_join(&self->task));
    ASYNC_END();
}
