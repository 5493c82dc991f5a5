/* SPDX-License-Identifier: MIT */

/*
 * Limits: async_wait_for, ASYNC_TIMEOUT, ASYNC_FAIL_AFTER. Python's timeout()
 * is the last one. Where Python catches its TimeoutError just behind the block,
 * ASYNC_TIMEOUT stands here, which goes on there.
 */
#include "conformance.h"

/* Joins, and tells how the task ended. */
PART(ended, async_task_t *task)
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

/* Sets an event, after work that keeps the loop from looking. */
PART(sets, async_event_t *event; async_ticks_t ms; async_ticks_t works)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ms));
    work(self->works);
    async_event_set(self->event);
    say("set");
    ASYNC_END();
}

/* A wait with a limit, and what came of it. */
PART(waits_for, async_event_t *event; async_ticks_t ms)
{
    int error;
    ASYNC_BEGIN();
    AWAIT_CATCH(error, async_wait_for(async_event_wait(self->event), self->ms));
    if (error == 0) {
        say("got it");
    } else {
        say("caught %s", error_name(error));
    }
    ASYNC_END();
}

#define MEMBERS                                                                \
    struct worker a;                                                           \
    struct sets sets;                                                          \
    struct waits_for wait;                                                     \
    struct ended ended;                                                        \
    async_task_t task;                                                         \
    async_event_t event;                                                       \
    async_timeout_t limit, inner;                                              \
    async_try_t attempt, inner_attempt

static void say_expired(const async_timeout_t *timeout)
{
    say("expired: %s", truth(async_timeout_expired(timeout)));
}

/* --- wait_for ------------------------------------------------------------- */

/* What comes before the limit ends the wait; nothing of the limit is left. */
SCENE(wait_for_in_time)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->sets, sets, .ms = 5, .event = &self->event);
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 10);
    AWAIT(async_sleep(20));
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* A wait that is over at once takes no limit. */
SCENE(wait_for_ready)
{
    ASYNC_BEGIN();
    async_event_set(&self->event);
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 10);
    ASYNC_END();
}

/* When the limit passes first, TimeoutError is raised; what comes later meets
 * nobody. */
SCENE(wait_for_expires)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->sets, sets, .ms = 15, .event = &self->event);
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 10);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

PART(waits_uncaught, async_event_t event)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_event_wait(&self->event), 10));
    ASYNC_END();
}

/* The TimeoutError is an error of the task as any other. */
SCENE_WITH(wait_for_expires_uncaught, struct waits_uncaught part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, waits_uncaught);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

PART(waits_and_stops, struct waits_for wait; async_event_t event)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 10);
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* A cancellation ends the wait and its limit: it is no timeout. */
SCENE_WITH(wait_for_cancelled, struct waits_and_stops part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, waits_and_stops);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    AWAIT(async_sleep(20));
    ASYNC_END();
}

PART(waits_in_block, async_event_t *event; async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_event_wait(self->event));
        say("not reached");
    }
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* What was waited for has come, and the task is cancelled before it runs:
 * cancelled. */
SCENE_WITH(wait_for_cancelled_when_it_came, struct waits_in_block part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, waits_in_block, .event = &self->event);
    AWAIT(async_sleep(5));
    async_event_set(&self->event);
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* A limit of 0 has passed if the wait is not over at once. */
SCENE(wait_for_zero)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 0);
    ASYNC_END();
}

/* The limit has passed by the clock, but what was waited for came before the
 * loop could look: it has won. */
SCENE(wait_for_comes_late)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->sets, sets, .ms = 5, .works = 10,
          .event = &self->event);
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 10);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

PART(works, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    work(10);
    say("worked");
    ASYNC_END();
}

/* The same where nothing came: the limit has passed, late. */
SCENE_WITH(wait_for_nothing_comes_late, struct works part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, works);
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 10);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* A limit on a join: the joined task goes on. */
SCENE(wait_for_join_of_shielded)
{
    int error;
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 20, .returns = 3);
    AWAIT_CATCH(error, async_wait_for(async_join(&self->task), 10));
    say("caught %s", error_name(error));
    AWAIT(async_join(&self->task));
    say("got %d", self->a.result);
    ASYNC_END();
}

/* An error of what is waited for comes through. */
SCENE(wait_for_error_in_time)
{
    int error;
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    AWAIT_CATCH(error, async_wait_for(async_join(&self->task), 10));
    say("caught %s", error_name(error));
    ASYNC_END();
}

/* --- timeout -------------------------------------------------------------- */

/* A block that ends in time is not disturbed, nor is what follows. */
SCENE(timeout_in_time)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_sleep(5));
    }
    say_expired(&self->limit);
    AWAIT(async_sleep(20));
    ASYNC_END();
}

/* When the time is up the block is left where it stands; the cleanup of calls
 * in it runs, and may wait. */
SCENE(timeout_expires)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->a, worker, .name = "A", .ms = 50, .cleanup = 5);
        say("not reached");
    }
    say_expired(&self->limit);
    AWAIT(async_sleep(20));
    ASYNC_END();
}

PART(sleeps_in_block, async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_sleep(50));
    }
    say("behind the block");
    AWAIT(async_sleep(5));
    ASYNC_END();
}

/* A task of which a block timed out is not cancelled. */
SCENE_WITH(timeout_is_no_cancel_of_the_task, struct sleeps_in_block part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, sleeps_in_block);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    say("cancelled: %s", truth(async_task_error(&self->task) != 0));
    ASYNC_END();
}

PART(raises_behind_block, async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 10) {
        AWAIT(async_sleep(50));
    }
    say("not reached");
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* Behind the block TimeoutError is raised, which is an error of the task. */
SCENE_WITH(timeout_raises, struct raises_behind_block part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, raises_behind_block);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* The limit is one for all that the block waits for. */
SCENE_WITH(timeout_of_many_waits, int count)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        for (;;) {
            AWAIT(async_sleep(3));
            self->count++;
            say("%d", self->count);
        }
    }
    say("behind the block");
    ASYNC_END();
}

/* An error in the block goes out as it is; the timeout has not expired. */
SCENE(timeout_passes_errors)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT_CALL(self->a, worker, .name = "A", .ms = 5, .error = E1);
        }
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    say_expired(&self->limit);
    ASYNC_END();
}

PART(fails_when_ended, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    say("raises E1");
    ASYNC_RAISE(E1);
    ASYNC_END();
}

/* An error in the cleanup of what timed out takes the timeout's place. */
SCENE_WITH(timeout_error_in_cleanup, struct fails_when_ended part)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT_CALL(self->part, fails_when_ended);
        }
        say("not reached");
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    ASYNC_END();
}

/* A worker in a block with a limit of 10. */
PART(limited, struct worker a; async_ticks_t cleanup; async_timeout_t limit;
     bool cancels_itself)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        if (self->cancels_itself) {
            async_cancel(async_current_task());
        }
        if (self->cleanup == 0) {
            AWAIT(async_sleep(50));
        } else {
            AWAIT_CALL(self->a, worker, .name = "A", .ms = 50,
                       .cleanup = self->cleanup);
        }
    }
    say("not reached");
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* A cancellation in the block goes through a timeout that has not expired. */
SCENE_WITH(timeout_cancelled_from_outside, struct limited part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, limited);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    AWAIT(async_sleep(20));
    ASYNC_END();
}

/* The same by a task that cancels itself in the block. */
SCENE_WITH(timeout_cancelled_by_itself, struct limited part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, limited, .cancels_itself = true);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* A cancellation that comes in the cleanup of what timed out goes on through
 * the timeout. */
SCENE_WITH(timeout_cancelled_in_cleanup, struct limited part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, limited, .cleanup = 10);
    AWAIT(async_sleep(15));
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* The time is up and the task is cancelled before it runs: cancelled. */
SCENE_WITH(timeout_and_cancel_at_once, struct limited part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, limited);
    AWAIT(async_sleep(5));
    work(10);
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* A limit of 0 ends the first wait that is not over at once, a sleep(0) too. */
SCENE(timeout_zero)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 0) {
        say("in the block");
        AWAIT(async_sleep(0));
        say("not reached");
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* ... and a block that does not wait runs to its end. */
SCENE(timeout_zero_without_a_wait)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 0) {
        say("in the block");
    }
    say_expired(&self->limit);
    AWAIT(async_sleep(5));
    ASYNC_END();
}

/* A block that works longer than its limit and does not wait any more has not
 * expired. */
SCENE(timeout_late_without_a_wait)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_sleep(5));
        work(20);
    }
    say_expired(&self->limit);
    AWAIT(async_sleep(5));
    ASYNC_END();
}

/* ... and one that waits once more has. */
SCENE(timeout_late_with_a_wait)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        work(20);
        AWAIT(async_sleep(5));
        say("not reached");
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* timeout_at takes a time instead of a duration. */
SCENE(timeout_at_a_time)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    ASYNC_TIMEOUT_AT(&self->limit, 12) {
        AWAIT(async_sleep(50));
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* A time that has passed ends the first wait. */
SCENE(timeout_in_the_past)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(20));
    ASYNC_TIMEOUT_AT(&self->limit, 9) {
        say("in the block");
        AWAIT(async_sleep(0));
        say("not reached");
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* A timeout may have no limit. */
SCENE(timeout_without_limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, ASYNC_FOREVER) {
        AWAIT(async_sleep(50));
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* --- Nested --------------------------------------------------------------- */

/* The inner timeout ends its own block only. */
SCENE(nested_inner_expires)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 30) {
        ASYNC_TIMEOUT(&self->inner, 10) {
            AWAIT_CALL(self->a, worker, .name = "A", .ms = 50);
        }
        say("behind the inner block");
        AWAIT(async_sleep(5));
    }
    say("expired: %s %s", truth(async_timeout_expired(&self->limit)),
        truth(async_timeout_expired(&self->inner)));
    ASYNC_END();
}

PART(inner_block, async_timeout_t *inner; struct worker a)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(self->inner, 30) {
        AWAIT_CALL(self->a, worker, .name = "A", .ms = 50);
    }
    say("not reached");
    ASYNC_FINALLY();
    say("leaves the inner block");
    ASYNC_END();
}

/* The outer timeout ends both blocks; the inner one has not expired. */
SCENE_WITH(nested_outer_expires, struct inner_block part)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->part, inner_block, .inner = &self->inner);
        say("not reached");
    }
    say("behind the outer block");
    say("expired: %s %s", truth(async_timeout_expired(&self->limit)),
        truth(async_timeout_expired(&self->inner)));
    ASYNC_END();
}

PART(crunches, async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        work(30);
        AWAIT(async_sleep(50));
    }
    say("not reached");
    ASYNC_END();
}

/* Both limits have passed when the loop looks: the outer one wins. */
SCENE_WITH(nested_both_expire, struct crunches part)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 20) {
        AWAIT_CALL(self->part, crunches);
        say("not reached");
    }
    say("behind the outer block");
    say_expired(&self->limit);
    ASYNC_END();
}

PART(slow_to_end, struct worker a; async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->a, worker, .name = "A", .ms = 50, .cleanup = 30);
    }
    say("not reached");
    ASYNC_FINALLY();
    say("inner stops");
    ASYNC_END();
}

/* The outer limit passes while what the inner one ended is cleaning up: the
 * cleanup ends, and the outer one wins. */
SCENE_WITH(nested_outer_expires_in_cleanup_of_inner, struct slow_to_end part)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 20) {
        AWAIT_CALL(self->part, slow_to_end);
        say("not reached");
    }
    say("behind the outer block");
    say_expired(&self->limit);
    ASYNC_END();
}

/* The inner limit passes, the program goes on behind it, and the outer one
 * passes there. */
SCENE(nested_one_after_the_other)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 20) {
        ASYNC_TIMEOUT(&self->inner, 10) {
            AWAIT(async_sleep(50));
        }
        say("behind the inner block");
        AWAIT(async_sleep(50));
        say("not reached");
    }
    say("behind the outer block");
    say_expired(&self->limit);
    ASYNC_END();
}

/* Its cleanup is limited. */
PART(limited_cleanup, struct worker a; async_timeout_t limit)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->a, worker, .name = "cleanup", .ms = 50);
    }
    say("cleanup took too long");
    ASYNC_END();
}

/* A timeout bounds the cleanup of what another one has ended. */
SCENE_WITH(nested_in_cleanup, struct limited_cleanup part)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->part, limited_cleanup);
        say("not reached");
    }
    say("behind the outer block");
    say_expired(&self->limit);
    ASYNC_END();
}

/* The same for a task that was cancelled: it stays cancelled. */
SCENE_WITH(timeout_in_cleanup_of_cancelled, struct limited_cleanup part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, limited_cleanup);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

PART(long_cleanup, struct worker a; async_timeout_t limit)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    ASYNC_TIMEOUT(&self->limit, 20) {
        AWAIT_CALL(self->a, worker, .name = "cleanup", .ms = 50);
    }
    say("not reached");
    ASYNC_END();
}

/* A second cancellation in such a cleanup is no timeout. */
SCENE_WITH(cancel_in_timeout_in_cleanup, struct long_cleanup part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, long_cleanup);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* The TimeoutError of an inner block is caught in the outer one. */
SCENE(nested_inner_raises)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 30) {
        ASYNC_TRY(&self->attempt) {
            ASYNC_FAIL_AFTER(&self->inner, 10) {
                AWAIT_CALL(self->a, worker, .name = "A", .ms = 50,
                           .cleanup = 5);
            }
            say("not reached");
        }
        say("caught %s", error_name(async_try_error(&self->attempt)));
        AWAIT(async_sleep(5));
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* ... and if it is not caught, it leaves the outer block, which has not
 * expired. */
SCENE(nested_inner_raises_through)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_FAIL_AFTER(&self->limit, 30) {
            ASYNC_FAIL_AFTER(&self->inner, 10) {
                AWAIT(async_sleep(50));
            }
            say("not reached");
        }
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    say_expired(&self->limit);
    ASYNC_END();
}

PART(fails_after, async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 10) {
        work(30);
        AWAIT(async_sleep(50));
    }
    say("not reached");
    ASYNC_END();
}

/* Both limits have passed when the loop looks: one TimeoutError is raised,
 * behind the outer block. */
SCENE_WITH(nested_both_raise, struct fails_after part)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_FAIL_AFTER(&self->limit, 20) {
            ASYNC_TRY(&self->inner_attempt) {
                AWAIT_CALL(self->part, fails_after);
            }
            say("not reached");
        }
    }
    say("caught %s", error_name(async_try_error(&self->attempt)));
    say_expired(&self->limit);
    ASYNC_END();
}

PART(fails_after_waiting, struct worker a; async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 10) {
        AWAIT_CALL(self->a, worker, .name = "A", .ms = 50, .cleanup = 10);
    }
    say("not reached");
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* The task is cancelled in the cleanup of what timed out: cancelled, not
 * TimeoutError. */
SCENE_WITH(raising_timeout_cancelled_in_cleanup,
           struct fails_after_waiting part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, fails_after_waiting);
    AWAIT(async_sleep(15));
    async_cancel(&self->task);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

/* --- Reschedule ----------------------------------------------------------- */

/* A new limit counts instead of the old one. */
SCENE(reschedule_later)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_sleep(5));
        async_timeout_reschedule(&self->limit, 20);
        AWAIT(async_sleep(15));
        say("still in the block");
        AWAIT(async_sleep(15));
        say("not reached");
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* It may be nearer. */
SCENE(reschedule_sooner)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 100) {
        AWAIT(async_sleep(5));
        async_timeout_reschedule_at(&self->limit, async_now() + 3);
        AWAIT(async_sleep(15));
        say("not reached");
    }
    say_expired(&self->limit);
    ASYNC_END();
}

/* The limit may be taken away, and set again. */
SCENE(reschedule_off_and_on)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        async_timeout_reschedule(&self->limit, ASYNC_FOREVER);
        AWAIT(async_sleep(30));
        say("still in the block");
        async_timeout_reschedule(&self->limit, 5);
        AWAIT(async_sleep(50));
    }
    say_expired(&self->limit);
    ASYNC_END();
}

PART(has_limit, async_timeout_t limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 50) {
        AWAIT(async_sleep(100));
    }
    say("behind the block");
    ASYNC_END();
}

/* Another task may do it. */
SCENE_WITH(reschedule_from_another_task, struct has_limit part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, has_limit);
    AWAIT(async_sleep(5));
    async_timeout_reschedule(&self->part.limit, 5);
    AWAIT_CALL(self->ended, ended, .task = &self->task);
    ASYNC_END();
}

static void reschedule(async_timeout_t *limit)
{
    if (async_timeout_reschedule(limit, 20)) {
        say("rescheduled");
    } else {
        say("too late");
    }
}

PART(reschedules_in_cleanup, async_timeout_t *limit)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    reschedule(self->limit);
    ASYNC_END();
}

/* A timeout that has expired, or whose block is over, cannot be given another
 * limit. */
SCENE_WITH(reschedule_too_late, struct reschedules_in_cleanup part)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->part, reschedules_in_cleanup, .limit = &self->limit);
    }
    say("behind the block");
    reschedule(&self->limit);
    ASYNC_TIMEOUT(&self->limit, 10) {
    }
    reschedule(&self->limit);
    ASYNC_END();
}

/* --- Different on purpose ------------------------------------------------- */

/* A limit of 0 on a wait that is over at once: Python does not start it. */
SCENE_DIFFERS(wait_for_zero_when_ready,
              "a wait that is over at once is not limited, not even by 0",
              int unused)
{
    ASYNC_BEGIN();
    async_event_set(&self->event);
    AWAIT_CALL(self->wait, waits_for, .event = &self->event, .ms = 0);
    ASYNC_END();
}
