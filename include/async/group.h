/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_GROUP: tasks that do not outlive a block. It is asyncio.TaskGroup.
 *
 *     ASYNC_GROUP(&self->group) {
 *         async_group_spawn(&self->group, &self->left, &self->lift.coro);
 *         async_group_spawn(&self->group, &self->right, &self->turn.coro);
 *     }                                    (waits here for both)
 *
 * The block ends when its body and all its members have ended. The first error,
 * of a member or of the body, cancels all the others; when they have ended
 * (their cleanup included) it is raised at the end of the block. One that has
 * not started then never runs, and one that is in the cleanup of a cancellation
 * is left to it. A cancellation
 * of the task, or a timeout around the block, cancels the members first, and
 * goes on when they have ended. A member that is cancelled by itself is no
 * error. A return out of the block waits for the members.
 *
 * async_gather and async_race are groups of which the members are known at the
 * start, as one operation.
 */
#ifndef ASYNC_GROUP_H
#define ASYNC_GROUP_H

#include "async/scope.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A group, a member of the frame. 48 bytes on a 32-bit machine. */
typedef struct async_group async_group_t;

/**
 * A task of a group: `member.task` is an async_task_t like any other, to be
 * joined, cancelled by itself, or asked for its error. All zero before its
 * first spawn; it may be used again when it is done. 44 bytes on 32 bits.
 */
typedef struct async_member {
    async_task_t task;
    async_link_t_ link_;
} async_member_t;

/* --- A block -------------------------------------------------------------- */

/**
 * Run a block, and wait for all that was spawned into the group.
 *
 *  group  an async_group_t * in the frame
 *
 * Context: task. It is an AWAIT, so it stands on a line without another.
 * Raises: the first error; others that come while the members end are reported
 * as ASYNC_REPORT_ERROR_NOT_TAKEN, and stay in async_task_error. Cancel: all
 * members are cancelled and awaited, then the cancellation goes on; one more
 * during that changes nothing, and an error of a member takes its place (as in
 * Python). Cost: O(members) to cancel them.
 */
#define ASYNC_GROUP(group)                                                     \
    ASYNC_SCOPE_BLOCK_AWAIT_(&(group)->scope_, "the end of ASYNC_GROUP",       \
                             async_group_enter_(group, &self->coro, __LINE__), \
                             async_group_end_(group))

/**
 * Spawn a task into the group, as async_spawn does. Into one that is ending
 * because of an error or a cancellation: the task is cancelled at once.
 *
 * Reports: as async_spawn; ASYNC_REPORT_NOT_OPEN if the block is not open, and
 * nothing is spawned.
 *
 * Context: task of the same loop: in the block, a member, or one that they
 * await. Cost: O(1).
 */
void async_group_spawn(async_group_t *group, async_member_t *member,
                       async_coro_t *coro);

/**
 * Cancel all members. Unlike after an error, the body of the block runs on, and
 * the block ends without one.
 *
 * Reports: ASYNC_REPORT_NOT_OPEN if the block is not open.
 *
 * Context: task of the same loop.
 */
void async_group_cancel(async_group_t *group);

/* --- As an operation ------------------------------------------------------ */

/**
 * Run coroutines beside each other and wait for all: asyncio.gather().
 *
 *     AWAIT(async_gather(&self->group, self->members, &self->left.coro,
 *                        &self->right.coro));
 *
 * The results are in the coroutine objects. The first error cancels the others,
 * and is raised when they have ended. (Python's gather leaves them running.)
 * One that is cancelled by itself is no error; async_task_error tells.
 *
 *  group    an async_group_t * in the frame, used for nothing else meanwhile
 *  members  an async_member_t *, one for each coroutine, which take their turn
 *           in this order
 *  ...      async_coro_t *, one at least; each evaluated once
 *
 * Context: task. Raises, Cancel: as ASYNC_GROUP, so a limit by async_wait_for
 * raises ASYNC_ERR_TIMEOUT when all have ended.
 */
#define async_gather(group, members, ...)                                      \
    ASYNC_GATHER_(async_gather_n, group, members, __VA_ARGS__)

/**
 * The same, but an error ends only the coroutine that raised it:
 * gather(return_exceptions=True). async_task_error(&members[i].task) has it.
 */
#define async_gather_errors(group, members, ...)                               \
    ASYNC_GATHER_(async_gather_errors_n, group, members, __VA_ARGS__)

/**
 * Run coroutines beside each other until the first has ended; the others are
 * cancelled and awaited. async_race_winner() then tells which it was.
 *
 * Arguments and Context: as async_gather. Raises: the winner's error; one of
 * the others' cleanup is reported. A member that is cancelled by itself does
 * not win. Cancel: as ASYNC_GROUP.
 */
#define async_race(group, members, ...)                                        \
    ASYNC_GATHER_(async_race_n, group, members, __VA_ARGS__)

/**
 * The same three for a number of coroutines that is known at run time only.
 * With none they end at once.
 *
 *  coros  an array of `count` pointers, read before the operation returns
 */
ASYNC_MUST_AWAIT_ async_wait_t async_gather_n(async_group_t *group,
                                              async_member_t *members,
                                              async_coro_t *const *coros,
                                              unsigned count);
ASYNC_MUST_AWAIT_ async_wait_t async_gather_errors_n(async_group_t *group,
                                                     async_member_t *members,
                                                     async_coro_t *const *coros,
                                                     unsigned count);
ASYNC_MUST_AWAIT_ async_wait_t async_race_n(async_group_t *group,
                                            async_member_t *members,
                                            async_coro_t *const *coros,
                                            unsigned count);

/** Which member was the first to end, counted from 0; -1 if none was. Of two
 *  that end in one round the first to run. Context: the loop's thread. */
int async_race_winner(const async_group_t *group,
                      const async_member_t *members);

/* --- Private part --------------------------------------------------------- */

struct async_group {
    async_coro_t scope_; /* error_: the first error, or how the body was left */
    async_watcher_t_ watcher_;
    async_link_t_ members_;
    async_task_t *parent_;
    async_member_t *winner_;
    uint8_t kind_;
    bool aborting_; /* the members are being cancelled */
};

#ifdef __cplusplus
#define ASYNC_GATHER_(function, group, members, ...)                           \
    [&] {                                                                      \
        async_coro_t *coros_[] = {__VA_ARGS__};                                \
        return function(group, members, coros_,                                \
                        (unsigned)(sizeof coros_ / sizeof *coros_));           \
    }()
#else
#define ASYNC_GATHER_(function, group, members, ...)                           \
    function(group, members, (async_coro_t *[]){__VA_ARGS__},                  \
             (unsigned)(sizeof((async_coro_t *[]){__VA_ARGS__}) /              \
                        sizeof(async_coro_t *)))
#endif

void async_group_enter_(async_group_t *group, async_coro_t *coro,
                        unsigned line);
ASYNC_MUST_AWAIT_ async_wait_t async_group_end_(async_group_t *group);
#ifdef __cplusplus
}
#endif

#endif
