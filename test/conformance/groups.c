/* SPDX-License-Identifier: MIT */

/*
 * Several tasks at once: ASYNC_GROUP, async_gather, async_race, async_wait, and
 * what stands for shield().
 */
#include "conformance.h"

/* Joins, and tells how the task ended. */
PART(settles, async_task_t *task)
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

#define MEMBERS                                                                \
    struct worker a, b, c, d;                                                  \
    struct settles end;                                                        \
    async_task_t task, others[4];                                              \
    async_member_t members[3];                                                 \
    async_group_t group, inner;                                                \
    async_try_t attempt;                                                       \
    async_timeout_t limit;                                                     \
    struct async_wait wait;                                                    \
    async_task_t *tasks[4]

/* Make a coroutine object and spawn it into a group. */
#define SPAWN_INTO(group, member, slot, ...)                                   \
    do {                                                                       \
        (slot) = ASYNC_CALL(__VA_ARGS__);                                      \
        async_group_spawn(group, member, &(slot).coro);                        \
    } while (0)

static void say_caught(const async_try_t *attempt)
{
    if (async_try_error(attempt) != 0) {
        say("caught %s", error_name(async_try_error(attempt)));
    }
}

/* --- ASYNC_GROUP ---------------------------------------------------------- */

/* The block ends when its body and all members have ended; the results are
 * there. */
SCENE(group_waits_for_all)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 10, .returns = 1);
        SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                   .name = "B", .ms = 5, .returns = 2);
        say("the body ends");
    }
    say("behind the group, got %d and %d", self->a.result, self->b.result);
    ASYNC_END();
}

/* A group without members ends with its body. */
SCENE(group_empty)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        AWAIT(async_sleep(5));
    }
    say("behind the group");
    ASYNC_END();
}

/* The body may be the last to end. */
SCENE(group_body_outlives_members)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 5);
        AWAIT(async_sleep(10));
        say("the body ends");
    }
    say("behind the group");
    ASYNC_END();
}

/* Members take their turn in the order in which they were spawned, when the
 * body pauses. */
SCENE(group_members_start_in_order)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 3);
        SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                   .name = "B", .ms = 2);
        SPAWN_INTO(&self->group, &self->members[2], self->c, worker,
                   .name = "C", .ms = 1);
        say("the body ends");
    }
    ASYNC_END();
}

/* A member has ended when its cleanup has. */
SCENE(group_cleanup_belongs_to_it)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 5, .cleanup = 10);
    }
    say("behind the group");
    ASYNC_END();
}

/* The first error of a member cancels the others, waits for their cleanup, and
 * is raised at the end of the block. */
SCENE(group_error_of_a_member)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 50, .cleanup = 10);
            SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                       .name = "B", .ms = 5, .error = E1);
            SPAWN_INTO(&self->group, &self->members[2], self->c, worker,
                       .name = "C", .ms = 50);
        }
        say("not reached");
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

PART(body_with_cleanup, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    say("body stops");
    AWAIT(async_sleep(10));
    say("body is clean");
    ASYNC_END();
}

/* ... and cancels the body where it waits; its cleanup may wait. */
SCENE_WITH(group_error_cancels_the_body, struct body_with_cleanup body)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 5, .error = E1);
            AWAIT_CALL(self->body, body_with_cleanup);
            say("not reached");
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

/* An error of the body cancels the members and waits for them. */
SCENE(group_error_of_the_body)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 50, .cleanup = 10);
            SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                       .name = "B", .ms = 50);
            AWAIT(async_sleep(5));
            say("the body raises E1");
            ASYNC_RAISE(E1);
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

/* Members that have not started when the body fails never run. */
SCENE(group_error_before_members_start)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 50, .cleanup = 10);
            ASYNC_RAISE(E1);
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

PART(failing_group, struct worker a; async_group_t group; async_member_t member)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->member, self->a, worker, .name = "A",
                   .ms = 5, .error = E1);
    }
    say("not reached");
    ASYNC_FINALLY();
    say("outer stops");
    ASYNC_END();
}

/* The error of a group ends its task as any other error. */
SCENE_WITH(group_error_uncaught, struct failing_group outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, failing_group);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* The task of a group that failed is not cancelled: it can wait again. */
SCENE(group_goes_on_after_an_error)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 5, .error = E1);
            AWAIT(async_sleep(50));
        }
    }
    say_caught(&self->attempt);
    AWAIT(async_sleep(10));
    say("cancelling: %s", truth(async_task_cancelling(async_current_task())));
    ASYNC_END();
}

static bool is_cancelled(async_member_t *member)
{
    return async_task_error(&member->task) == ASYNC_ERR_CANCELLED;
}

/* A member that is cancelled by itself disturbs nobody. */
SCENE(group_member_cancelled)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 50);
        SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                   .name = "B", .ms = 10);
        AWAIT(async_sleep(5));
        async_cancel(&self->members[0].task);
    }
    say("behind the group, A cancelled: %s",
        truth(is_cancelled(&self->members[0])));
    ASYNC_END();
}

PART(member_cancels_itself, int unused)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    AWAIT(async_sleep(5));
    ASYNC_END();
}

/* ... not even if it cancels itself. */
SCENE_WITH(group_member_cancels_itself, struct member_cancels_itself part)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->part,
                   member_cancels_itself);
        SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                   .name = "B", .ms = 10);
    }
    say("behind the group, A cancelled: %s",
        truth(is_cancelled(&self->members[0])));
    ASYNC_END();
}

/* A group that is cancelled from outside, or fails. */
PART(outer_group, bool has_b; async_ticks_t b_ms; int b_error; bool in_body;
     struct worker a; struct worker b; struct worker body; async_group_t group;
     async_member_t members[2])
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 50, .cleanup = 10);
        if (self->has_b) {
            SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                       .name = "B", .ms = self->b_ms, .error = self->b_error);
        }
        if (self->in_body) {
            AWAIT_CALL(self->body, worker, .name = "body", .ms = 50,
                       .cleanup = 5);
        }
    }
    say("not reached");
    ASYNC_FINALLY();
    say("outer stops");
    ASYNC_END();
}

/* A cancellation of the task that waits for its members cancels them, waits for
 * them, and goes on. */
SCENE_WITH(group_cancelled, struct outer_group outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, outer_group, .has_b = true, .b_ms = 50);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* The same while the body waits. */
SCENE_WITH(group_cancelled_in_the_body, struct outer_group outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, outer_group, .in_body = true);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* A second cancellation while the members end changes nothing. */
SCENE_WITH(group_cancelled_twice, struct outer_group outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, outer_group);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* A cancellation that comes while a failed group waits for its members: the
 * error is what the group ends with. */
SCENE_WITH(group_cancelled_while_it_fails, struct outer_group outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, outer_group, .has_b = true, .b_ms = 5,
          .b_error = E1);
    AWAIT(async_sleep(10));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

PART(member_fails_in_cleanup, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    AWAIT(async_sleep(5));
    say("A raises E1");
    ASYNC_RAISE(E1);
    ASYNC_END();
}

PART(group_failing_late, struct member_fails_in_cleanup part;
     async_group_t group; async_member_t member)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->member, self->part,
                   member_fails_in_cleanup);
    }
    say("not reached");
    ASYNC_FINALLY();
    say("outer stops");
    ASYNC_END();
}

/* An error in the cleanup of a member that was cancelled with the group takes
 * the place of the cancellation. */
SCENE_WITH(group_fails_while_it_is_cancelled, struct group_failing_late outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, group_failing_late);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

PART(member_spawns, async_group_t *group; async_member_t member;
     struct worker b)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    SPAWN_INTO(self->group, &self->member, self->b, worker, .name = "B",
               .ms = 10);
    say("A ends");
    ASYNC_END();
}

/* A member may spawn members; the group waits for them too. */
SCENE_WITH(group_spawn_from_a_member, struct member_spawns part)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->part, member_spawns,
                   .group = &self->group);
    }
    say("behind the group");
    ASYNC_END();
}

PART(returns_from_group, struct worker a; async_group_t group;
     async_member_t member)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->member, self->a, worker, .name = "A",
                   .ms = 10);
        AWAIT(async_sleep(5));
        say("returns");
        ASYNC_RETURN(3);
    }
    ASYNC_END();
}

/* A return out of the block waits for the members. */
SCENE_WITH(group_return_waits, struct returns_from_group part)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->part, returns_from_group);
    say("got %d", self->part.result);
    ASYNC_END();
}

/* A break out of the block does so as well. (Here `break` leaves the block, and
 * a second one the loop.) */
SCENE(group_break_waits)
{
    ASYNC_BEGIN();
    for (;;) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 10);
            AWAIT(async_sleep(5));
            say("breaks");
            break;
        }
        break;
    }
    say("behind the loop");
    ASYNC_END();
}

PART(joins_member, async_member_t *member; const struct worker *a)
{
    ASYNC_BEGIN();
    AWAIT(async_join(&self->member->task));
    say("joined, got %d", self->a->result);
    ASYNC_END();
}

/* A member can be joined by another task; an error of it is the group's. */
SCENE_WITH(group_member_joined, struct joins_member part)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 5, .returns = 4);
        SPAWN_INTO(&self->group, &self->members[1], self->part, joins_member,
                   .a = &self->a, .member = &self->members[0]);
    }
    say("behind the group");
    ASYNC_END();
}

PART(inner_group, struct worker a; struct worker b; async_group_t group;
     async_member_t members[2])
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 50, .cleanup = 5);
        SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                   .name = "B", .ms = 5, .error = E1);
    }
    ASYNC_FINALLY();
    say("inner stops");
    ASYNC_END();
}

/* An error in an inner group ends that first, then the outer one. */
SCENE_WITH(group_in_group, struct inner_group part)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->c, worker,
                       .name = "C", .ms = 50);
            SPAWN_INTO(&self->group, &self->members[1], self->part,
                       inner_group);
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

/* An error in an outer group ends the inner one in its body. */
SCENE(group_around_group)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 5, .error = E1);
            ASYNC_GROUP(&self->inner) {
                SPAWN_INTO(&self->inner, &self->members[1], self->b, worker,
                           .name = "B", .ms = 50, .cleanup = 5);
            }
            say("not reached");
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

/* An error of an inner group that is caught leaves the outer one alone. */
SCENE(group_in_group_in_one_task)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 20);
        ASYNC_TRY(&self->attempt) {
            ASYNC_GROUP(&self->inner) {
                SPAWN_INTO(&self->inner, &self->members[1], self->b, worker,
                           .name = "B", .ms = 50);
                SPAWN_INTO(&self->inner, &self->members[2], self->c, worker,
                           .name = "C", .ms = 5, .error = E1);
            }
        }
        say_caught(&self->attempt);
        AWAIT(async_sleep(5));
        say("the body ends");
    }
    say("behind the group");
    ASYNC_END();
}

/* A timeout around a group ends it when the members have ended. */
SCENE(group_in_timeout)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 50, .cleanup = 5);
            SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                       .name = "B", .ms = 50);
        }
        say("not reached");
    }
    say("behind, expired: %s", truth(async_timeout_expired(&self->limit)));
    ASYNC_END();
}

/* An error comes through a timeout around the group. */
SCENE(group_fails_in_timeout)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            ASYNC_GROUP(&self->group) {
                SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                           .name = "A", .ms = 50);
                SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                           .name = "B", .ms = 5, .error = E1);
            }
        }
    }
    say_caught(&self->attempt);
    say("behind, expired: %s", truth(async_timeout_expired(&self->limit)));
    ASYNC_END();
}

/* A timeout in the body ends its block, and the members go on. */
SCENE(timeout_in_group)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 20);
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT(async_sleep(50));
        }
        say("behind the timeout");
    }
    say("behind the group");
    ASYNC_END();
}

PART(group_in_finally, struct worker a; struct worker b; async_group_t group;
     async_member_t members[2])
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    ASYNC_GROUP(&self->group) {
        SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                   .name = "A", .ms = 5);
        SPAWN_INTO(&self->group, &self->members[1], self->b, worker,
                   .name = "B", .ms = 10);
    }
    say("behind the group");
    ASYNC_END();
}

/* The cleanup of a task that was cancelled may open a group. */
SCENE_WITH(group_in_cleanup, struct group_in_finally outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, group_in_finally);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* --- async_gather --------------------------------------------------------- */

/* gather() waits for all; each coroutine has its result. */
SCENE(gather_results)
{
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 10, .returns = 1);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 5, .returns = 2);
    AWAIT(async_gather(&self->group, self->members, &self->a.coro,
                       &self->b.coro));
    say("got %d and %d", self->a.result, self->b.result);
    ASYNC_END();
}

/* gather() of nothing ends at once. */
SCENE(gather_nothing)
{
    ASYNC_BEGIN();
    AWAIT(async_gather_n(&self->group, self->members, NULL, 0));
    say("gathered");
    ASYNC_END();
}

/* return_exceptions: all run to their end, and each has its own outcome. */
SCENE(gather_keeps_errors)
{
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 10, .returns = 1);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 5, .error = E1);
    self->c = ASYNC_CALL(worker, .name = "C", .ms = 15, .error = E2);
    AWAIT(async_gather_errors(&self->group, self->members, &self->a.coro,
                              &self->b.coro, &self->c.coro));
    say("got %d, %s, %s", self->a.result,
        error_name(async_task_error(&self->members[1].task)),
        error_name(async_task_error(&self->members[2].task)));
    ASYNC_END();
}

PART(gathers, async_ticks_t cleanup; bool keeps_errors; struct worker a;
     struct worker b; async_group_t group; async_member_t members[2])
{
    ASYNC_BEGIN();
    self->a =
        ASYNC_CALL(worker, .name = "A", .ms = 50, .cleanup = self->cleanup);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 50);
    if (self->keeps_errors) {
        AWAIT(async_gather_errors(&self->group, self->members, &self->a.coro,
                                  &self->b.coro));
    } else {
        AWAIT(async_gather(&self->group, self->members, &self->a.coro,
                           &self->b.coro));
    }
    say("not reached");
    ASYNC_FINALLY();
    say("outer stops");
    ASYNC_END();
}

/* Who waits at gather() and is cancelled cancels them all and waits. */
SCENE_WITH(gather_cancelled, struct gathers outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, gathers);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* The same with return_exceptions. */
SCENE_WITH(gather_keeping_errors_cancelled, struct gathers outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, gathers, .cleanup = 10,
          .keeps_errors = true);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* A limit on gather() ends all of them, and raises when they have ended. */
SCENE(gather_with_limit)
{
    int error;
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 50, .cleanup = 10);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 5);
    AWAIT_CATCH(error,
                async_wait_for(async_gather(&self->group, self->members,
                                            &self->a.coro, &self->b.coro),
                               10));
    say("caught %s", error_name(error));
    ASYNC_END();
}

/* The first error comes out of gather(). */
SCENE(gather_error)
{
    int error;
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 5);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 10, .error = E1);
    AWAIT_CATCH(error, async_gather(&self->group, self->members, &self->a.coro,
                                    &self->b.coro));
    say("caught %s", error_name(error));
    ASYNC_END();
}

/* --- async_wait ----------------------------------------------------------- */

/* ALL_COMPLETED: errors do not end the wait, and stay to be taken. */
SCENE(wait_for_all)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 10,
          .error = E1);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 20);
    self->tasks[0] = &self->others[0];
    self->tasks[1] = &self->others[1];
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
               .until = ASYNC_ALL_DONE);
    say("done: %u", self->wait.result);
    AWAIT_CALL(self->end, settles, .task = &self->others[0]);
    ASYNC_END();
}

/* FIRST_COMPLETED: the others go on. */
SCENE(wait_for_first)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 20,
          .returns = 1);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 10,
          .returns = 2);
    self->tasks[0] = &self->others[0];
    self->tasks[1] = &self->others[1];
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
               .until = ASYNC_FIRST_DONE);
    say("done: %u, A: %s, B: %s", self->wait.result,
        truth(async_task_done(&self->others[0])),
        truth(async_task_done(&self->others[1])));
    AWAIT(async_join(&self->others[0]));
    say("got %d", self->a.result);
    ASYNC_END();
}

/* A task that is done already ends that wait at once. */
SCENE(wait_for_first_of_those_done)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 20);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 5);
    self->tasks[0] = &self->others[0];
    self->tasks[1] = &self->others[1];
    AWAIT(async_sleep(10));
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
               .until = ASYNC_FIRST_DONE);
    say("done: %u", self->wait.result);
    AWAIT(async_join(&self->others[0]));
    ASYNC_END();
}

static void cancel_task(void *task)
{
    async_cancel(task);
}

/* FIRST_EXCEPTION: an end without an error does not end the wait, nor does a
 * cancellation. */
SCENE_WITH(wait_for_first_error, async_callback_t cancel)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 5);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 50);
    SPAWN(&self->others[2], self->c, worker, .name = "C", .ms = 20,
          .error = E1);
    SPAWN(&self->others[3], self->d, worker, .name = "D", .ms = 25);
    for (int i = 0; i < 4; i++) {
        self->tasks[i] = &self->others[i];
    }
    self->cancel =
        (async_callback_t)ASYNC_CALLBACK_INIT(cancel_task, &self->others[1]);
    async_callback_later(&loop, &self->cancel, 10);
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 4,
               .until = ASYNC_FIRST_ERROR);
    say("done: %u", self->wait.result);
    AWAIT_CALL(self->end, settles, .task = &self->others[2]);
    AWAIT(async_join(&self->others[3]));
    ASYNC_END();
}

/* ... and all are waited for if there is none. */
SCENE(wait_for_first_error_that_is_none)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 5);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 10);
    self->tasks[0] = &self->others[0];
    self->tasks[1] = &self->others[1];
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
               .until = ASYNC_FIRST_ERROR);
    say("done: %u", self->wait.result);
    ASYNC_END();
}

/* A limit raises nothing and cancels nobody. */
SCENE(wait_with_limit)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 5);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 20);
    self->tasks[0] = &self->others[0];
    self->tasks[1] = &self->others[1];
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
               .until = ASYNC_ALL_DONE, .limit = 10);
    say("done: %u", self->wait.result);
    AWAIT_CALL(self->end, settles, .task = &self->others[1]);
    ASYNC_END();
}

PART(waits_for_tasks, async_task_t *const *tasks; struct async_wait wait)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 1,
               .until = ASYNC_ALL_DONE);
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* Who waits and is cancelled leaves the tasks alone. */
SCENE_WITH(wait_cancelled, struct waits_for_tasks part)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 10);
    self->tasks[0] = &self->others[0];
    SPAWN(&self->task, self->part, waits_for_tasks, .tasks = self->tasks);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    AWAIT_CALL(self->end, settles, .task = &self->others[0]);
    ASYNC_END();
}

/* The first to end ends the others: async_race, in asyncio wait() and
 * cancel(). */
SCENE(wait_and_cancel_the_rest)
{
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 50, .cleanup = 5);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 10, .returns = 2);
    self->c = ASYNC_CALL(worker, .name = "C", .ms = 50);
    AWAIT(async_race(&self->group, self->members, &self->a.coro, &self->b.coro,
                     &self->c.coro));
    if (async_race_winner(&self->group, self->members) == 1) {
        say("got %d", self->b.result);
    }
    ASYNC_END();
}

/* --- shield --------------------------------------------------------------- */

PART(joins_shielded, async_task_t *task)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->task));
    say("not reached");
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* A cancellation of who waits at shield(task) leaves the task alone; a join
 * does so here. */
SCENE_WITH(shield_cancelled, struct joins_shielded part)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 10,
          .returns = 3);
    SPAWN(&self->task, self->part, joins_shielded, .task = &self->others[0]);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    AWAIT(async_join(&self->others[0]));
    say("got %d", self->a.result);
    ASYNC_END();
}

PART(catches_join, async_task_t *task)
{
    int error;
    ASYNC_BEGIN();
    AWAIT_CATCH(error, async_join(self->task));
    say("caught %s", error_name(error));
    AWAIT(async_sleep(5));
    say("goes on");
    ASYNC_END();
}

/* A cancellation of the shielded task is raised in who waits, and can be
 * caught. */
SCENE_WITH(shield_inner_cancelled, struct catches_join part)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 50);
    SPAWN(&self->task, self->part, catches_join, .task = &self->others[0]);
    AWAIT(async_sleep(5));
    async_cancel(&self->others[0]);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* An error of the shielded task is raised in who waits. */
SCENE(shield_error)
{
    int error;
    ASYNC_BEGIN();
    SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5, .error = E1);
    AWAIT_CATCH(error, async_join(&self->task));
    say("caught %s", error_name(error));
    ASYNC_END();
}

PART(flashes, bool says_stops; struct worker erase; struct worker write;
     async_shield_t shield)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        AWAIT_CALL(self->erase, worker, .name = "erase", .ms = 10);
        AWAIT_CALL(self->write, worker, .name = "write", .ms = 10);
    }
    say("not reached");
    ASYNC_FINALLY();
    if (self->says_stops) {
        say("stops");
    }
    ASYNC_END();
}

/* ASYNC_SHIELD: the block ends before the cancellation goes on. In asyncio that
 * takes a task, a shield, and a second wait. */
SCENE_WITH(shielded_block, struct flashes part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, flashes, .says_stops = true);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

PART(returns_from_shield, struct worker erase; async_shield_t shield)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        AWAIT_CALL(self->erase, worker, .name = "erase", .ms = 10,
                   .returns = 3);
        ASYNC_RETURN(self->erase.result);
    }
    ASYNC_FINALLY();
    say("stops");
    ASYNC_END();
}

/* A return out of the block does not outrun the cancellation. */
SCENE_WITH(shielded_block_that_returns, struct returns_from_shield part)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->part, returns_from_shield);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    ASYNC_END();
}

/* The block ends before a timeout around it goes on. */
SCENE_WITH(shielded_block_in_timeout, struct flashes part)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->part, flashes);
        say("not reached");
    }
    say("behind the timeout");
    say("expired: %s", truth(async_timeout_expired(&self->limit)));
    ASYNC_END();
}

/* --- Different on purpose ------------------------------------------------- */

PART(raises_e2_in_cleanup, int unused)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    say("B raises E2");
    ASYNC_RAISE(E2);
    ASYNC_END();
}

/* More errors while a group ends. */
SCENE_DIFFERS(group_several_errors,
              "the first error is raised, others are reported",
              struct raises_e2_in_cleanup part)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 5, .error = E1);
            SPAWN_INTO(&self->group, &self->members[1], self->part,
                       raises_e2_in_cleanup);
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

PART(spawns_late, async_group_t *group; async_member_t member; struct worker c)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    SPAWN_INTO(self->group, &self->member, self->c, worker, .name = "C",
               .ms = 5);
    say("spawned");
    ASYNC_END();
}

/* A spawn into a group that has failed. */
SCENE_DIFFERS(group_spawn_while_it_ends,
              "who spawns into a group that is ending has it cancelled",
              struct spawns_late part)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_GROUP(&self->group) {
            SPAWN_INTO(&self->group, &self->members[0], self->a, worker,
                       .name = "A", .ms = 5, .error = E1);
            SPAWN_INTO(&self->group, &self->members[1], self->part, spawns_late,
                       .group = &self->group);
        }
    }
    say_caught(&self->attempt);
    ASYNC_END();
}

/* gather() with an error while others run. */
SCENE_DIFFERS(gather_error_ends_the_others,
              "the first error cancels the others, and they are awaited",
              int unused)
{
    int error;
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 20);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 5, .error = E1);
    AWAIT_CATCH(error, async_gather(&self->group, self->members, &self->a.coro,
                                    &self->b.coro));
    say("caught %s", error_name(error));
    AWAIT(async_sleep(50));
    ASYNC_END();
}

/* A cancellation of who waits at gather(), with cleanup that waits. */
SCENE_DIFFERS(gather_cancelled_waits, "gather() ends when all have ended",
              struct gathers outer)
{
    ASYNC_BEGIN();
    SPAWN(&self->task, self->outer, gathers, .cleanup = 10);
    AWAIT(async_sleep(5));
    async_cancel(&self->task);
    AWAIT_CALL(self->end, settles, .task = &self->task);
    AWAIT(async_sleep(20));
    ASYNC_END();
}

/* gather() of which one task is cancelled. */
SCENE_DIFFERS(gather_member_cancelled,
              "a member that is cancelled by itself is no error",
              async_callback_t cancel)
{
    ASYNC_BEGIN();
    self->a = ASYNC_CALL(worker, .name = "A", .ms = 50);
    self->b = ASYNC_CALL(worker, .name = "B", .ms = 10);
    self->cancel = (async_callback_t)ASYNC_CALLBACK_INIT(
        cancel_task, &self->members[0].task);
    async_callback_later(&loop, &self->cancel, 5);
    AWAIT(async_gather(&self->group, self->members, &self->a.coro,
                       &self->b.coro));
    say("gathered");
    AWAIT(async_sleep(20));
    ASYNC_END();
}

/* FIRST_EXCEPTION looks at the error; nobody else does. */
SCENE_DIFFERS(wait_takes_no_error, "waiting takes no error", int unused)
{
    ASYNC_BEGIN();
    SPAWN(&self->others[0], self->a, worker, .name = "A", .ms = 5, .error = E1);
    SPAWN(&self->others[1], self->b, worker, .name = "B", .ms = 10);
    self->tasks[0] = &self->others[0];
    self->tasks[1] = &self->others[1];
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
               .until = ASYNC_FIRST_ERROR);
    say("waited");
    AWAIT(async_join(&self->others[1]));
    ASYNC_END();
}
