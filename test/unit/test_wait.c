/* SPDX-License-Identifier: MIT */

/*
 * async_wait: when it ends, what it tells, and that it touches no task.
 */
#include "test.h"

#include <string.h>

#define START JUST_BEFORE_THE_WRAP

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

/* --- Tasks to wait for: a, b, c, d ---------------------------------------- */

struct job {
    ASYNC_FRAME;
    async_ticks_t ticks;
    int error;
    char name;
};

ASYNC_STATIC(job)
{
    ASYNC_BEGIN();
    if (self->ticks != 0) {
        AWAIT(async_sleep(self->ticks));
    }
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_FINALLY();
    trace("%c%lu ", self->name, elapsed());
    ASYNC_END();
}

#define JOBS 4

static struct job jobs[JOBS];
static async_task_t tasks[JOBS];
static async_task_t *const all[JOBS] = {&tasks[0], &tasks[1], &tasks[2],
                                        &tasks[3]};

/* Ends after `ticks`, with an error if that is not 0. */
static void spawn(char name, async_ticks_t ticks, int error)
{
    struct job *job = &jobs[name - 'a'];
    *job = ASYNC_CALL(job, .ticks = ticks, .error = error, .name = name);
    async_spawn(&loop, &tasks[name - 'a'], &job->coro);
}

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    memset(tasks, 0, sizeof tasks);
    return reports_begin(state);
}

static void run_all(void)
{
    for (async_ticks_t ticks; (ticks = async_poll(&loop)) != ASYNC_FOREVER;) {
        async_virtual_clock_advance(&virtual_clock, ticks);
    }
}

/* --- One that waits ------------------------------------------------------- */

struct waiter {
    ASYNC_FRAME;
    async_task_t *const *tasks;
    unsigned count;
    async_until_t until;
    async_ticks_t limit;
    struct async_wait wait;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks,
               .count = self->count, .until = self->until,
               .limit = self->limit);
    trace("[%u@%lu] ", self->wait.result, elapsed());
    ASYNC_FINALLY();
    trace("/ ");
    ASYNC_END();
}

static async_task_t waiter_task;

static void wait_until(async_until_t until, unsigned count, async_ticks_t limit)
{
    waiter_task = (async_task_t)ASYNC_TASK_INIT;
    ASYNC_OBJECT(waiter, waiter, .tasks = all, .count = count, .until = until,
                 .limit = limit);
    async_spawn(&loop, &waiter_task, &waiter.coro);
    run_all();
    assert_true(async_task_done(&waiter_task));
    assert_int_equal(async_task_error(&waiter_task), 0);
}

static void it_waits_until_all_are_done(void **state)
{
    (void)state;
    spawn('a', 7, 0);
    spawn('b', 3, -5);
    spawn('c', 9, 0);
    wait_until(ASYNC_ALL_DONE, 3, 0);
    assert_trace("b3 a7 c9 [3@9] /");
    assert_int_equal(async_task_error(&tasks[1]), -5);
}

static void it_waits_until_the_first_is_done(void **state)
{
    (void)state;
    spawn('a', 7, 0);
    spawn('b', 3, 0);
    spawn('c', 9, 0);
    wait_until(ASYNC_FIRST_DONE, 3, 0);
    assert_trace("b3 [1@3] / a7 c9");
}

static void it_waits_until_the_first_error(void **state)
{
    (void)state;
    spawn('a', 7, -5);
    spawn('b', 3, 0);
    spawn('c', 9, -6);
    wait_until(ASYNC_FIRST_ERROR, 3, 0);
    assert_trace("b3 a7 [2@7] / c9");
    assert_int_equal(async_task_error(&tasks[0]), -5);
    assert_int_equal(async_task_error(&tasks[2]), -6);
}

static void without_an_error_it_waits_until_all_are_done(void **state)
{
    (void)state;
    spawn('a', 7, 0);
    spawn('b', 3, 0);
    wait_until(ASYNC_FIRST_ERROR, 2, 0);
    assert_trace("b3 a7 [2@7] /");
}

static void those_that_end_in_one_round_are_all_counted(void **state)
{
    (void)state;
    spawn('a', 3, 0);
    spawn('b', 3, 0);
    spawn('c', 4, 0);
    wait_until(ASYNC_FIRST_DONE, 3, 0);
    assert_trace("a3 b3 [2@3] / c4");
}

static void being_cancelled_is_no_error(void **state)
{
    (void)state;
    spawn('a', 7, 0);
    spawn('b', 3, ASYNC_ERR_CANCELLED);
    spawn('c', 100, 0);
    async_poll(&loop);
    async_cancel(&tasks[2]);
    wait_until(ASYNC_FIRST_ERROR, 3, 0);
    assert_trace("c0 b3 a7 [3@7] /");
}

static void being_cancelled_is_done(void **state)
{
    (void)state;
    spawn('a', 7, 0);
    spawn('b', 100, 0);
    async_poll(&loop);
    async_cancel(&tasks[1]);
    wait_until(ASYNC_FIRST_DONE, 2, 0);
    assert_trace("b0 [1@0] / a7");
}

static void what_is_done_already_is_not_waited_for(void **state)
{
    (void)state;
    static const async_until_t untils[] = {ASYNC_ALL_DONE, ASYNC_FIRST_DONE,
                                           ASYNC_FIRST_ERROR};
    for (unsigned i = 0; i < 3; i++) {
        spawn('a', 0, 0);
        spawn('b', 0, -5);
        async_poll(&loop);
        wait_until(untils[i], 2, 0);
        assert_int_equal(async_task_error(&tasks[1]), -5);
        wait_until(untils[i], 2, 5);
    }
    assert_trace("a0 b0 [2@0] / [2@0] / a0 b0 [2@0] / [2@0] / a0 b0 [2@0] / "
                 "[2@0] /");
}

/* Catches an error, and goes on. */
struct catching {
    ASYNC_FRAME;
    async_event_t never;
    int error;
};

ASYNC_STATIC(catching)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_event_wait(&self->never), 2));
    AWAIT(async_event_wait(&self->never));
    ASYNC_END();
}

static void an_error_that_a_task_has_caught_is_none_of_its_own(void **state)
{
    (void)state;
    ASYNC_OBJECT(catching, catching);
    async_spawn(&loop, &tasks[0], &catching.coro);
    spawn('b', 1, 0);
    spawn('c', 4, 0); /* its end makes the waiter look again */
    wait_until(ASYNC_FIRST_ERROR, 2, 9);
    assert_trace("b1 c4 [1@9] /");
    assert_int_equal(async_loop_close(&loop), 0);
}

/* asyncio.wait() looks at the exception, whoever has seen it before. */
static void an_error_that_was_taken_is_one_still(void **state)
{
    (void)state;
    spawn('a', 0, -5);
    spawn('b', 9, 0);
    async_poll(&loop);
    assert_int_equal(async_task_error(&tasks[0]), -5);
    wait_until(ASYNC_FIRST_ERROR, 2, 0);
    assert_trace("a0 [1@0] / b9");
}

static void a_task_that_was_never_spawned_counts_as_done(void **state)
{
    (void)state;
    spawn('a', 5, 0);
    wait_until(ASYNC_ALL_DONE, 2, 0);
    wait_until(ASYNC_FIRST_DONE, 2, 0);
    assert_trace("a5 [2@5] / [2@5] /");
    spawn('a', 5, 0);
    wait_until(ASYNC_FIRST_DONE, 2, 0);
    assert_trace("[1@5] / a10");
    wait_until(ASYNC_FIRST_ERROR, 2, 0);
    assert_trace("[2@10] /");
}

static void with_no_tasks_it_ends_at_once(void **state)
{
    (void)state;
    spawn('a', 5, 0);
    wait_until(ASYNC_ALL_DONE, 0, 0);
    wait_until(ASYNC_FIRST_DONE, 0, 0);
    wait_until(ASYNC_FIRST_ERROR, 0, 9);
    assert_trace("[0@0] / a5 [0@5] / [0@5] /");
}

static void a_task_may_stand_in_the_list_twice(void **state)
{
    (void)state;
    static async_task_t *const twice[] = {&tasks[0], &tasks[0], &tasks[1]};
    spawn('a', 3, 0);
    spawn('b', 5, 0);
    ASYNC_OBJECT(waiter, first, .tasks = twice, .count = 3,
                 .until = ASYNC_FIRST_DONE);
    assert_int_equal(async_run(&loop, &first.coro), 0);
    assert_trace("a3 [2@3] / b3");
}

/* --- Limits --------------------------------------------------------------- */

static void it_ends_when_the_limit_has_passed(void **state)
{
    (void)state;
    spawn('a', 3, 0);
    spawn('b', 30, 0);
    wait_until(ASYNC_ALL_DONE, 2, 10);
    assert_trace("a3 [1@10] / b30");
    spawn('a', 20, 0);
    wait_until(ASYNC_FIRST_DONE, 1, 10);
    assert_trace("[0@40] / a50");
    assert_int_equal(async_task_error(&tasks[0]), 0);
}

static void a_limit_that_does_not_pass_changes_nothing(void **state)
{
    (void)state;
    spawn('a', 3, 0);
    spawn('b', 5, 0);
    wait_until(ASYNC_ALL_DONE, 2, 10);
    assert_trace("a3 b5 [2@5] /");
    assert_int_equal(elapsed(), 5); /* no timer was left */
}

static void what_ends_in_the_tick_of_the_limit_is_counted(void **state)
{
    (void)state;
    spawn('a', 3, 0);
    spawn('b', 5, 0);
    wait_until(ASYNC_ALL_DONE, 2, 5);
    assert_trace("a3 b5 [2@5] /");
}

static void the_longest_limit_is_allowed_and_forever_is_none(void **state)
{
    (void)state;
    spawn('a', 3, 0);
    wait_until(ASYNC_ALL_DONE, 1, ASYNC_TICKS_MAX);
    spawn('a', 3, 0);
    wait_until(ASYNC_ALL_DONE, 1, ASYNC_FOREVER);
    assert_trace("a3 [1@3] / a6 [1@6] /");
}

static void a_task_cannot_wait_for_itself(void **state)
{
    (void)state;
    static async_task_t *const itself[] = {&waiter_task};
    waiter_task = (async_task_t)ASYNC_TASK_INIT;
    ASYNC_OBJECT(waiter, waiter, .tasks = itself, .count = 1);
    async_spawn(&loop, &waiter_task, &waiter.coro);
    run_all();
    expect_report(ASYNC_REPORT_JOIN);
    assert_int_equal(async_task_error(&waiter_task), ASYNC_ERR_MISUSE);
    trace_clear();
}

static void a_limit_beyond_the_range_is_reported(void **state)
{
    (void)state;
    spawn('a', 3, 0);
    ASYNC_OBJECT(waiter, waiter, .tasks = all, .count = 1,
                 .limit = ASYNC_TICKS_MAX + 1);
    assert_int_equal(async_run(&loop, &waiter.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_TOO_LONG);
    assert_trace("/ a0");
}

/* --- Others --------------------------------------------------------------- */

struct joiner {
    ASYNC_FRAME;
    async_task_t *task;
    int error;
};

ASYNC_STATIC(joiner)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_join(self->task));
    trace("joined%d ", self->error);
    ASYNC_END();
}

static void a_task_may_be_joined_and_waited_for(void **state)
{
    (void)state;
    async_task_t joiner_task = ASYNC_TASK_INIT;
    spawn('a', 3, -5);
    ASYNC_OBJECT(joiner, joiner, .task = &tasks[0]);
    async_spawn(&loop, &joiner_task, &joiner.coro);
    wait_until(ASYNC_ALL_DONE, 1, 0);
    assert_trace("a3 joined-5 [1@3] /");
}

static void several_may_wait_for_the_same(void **state)
{
    (void)state;
    async_task_t others[2];
    memset(others, 0, sizeof others);
    spawn('a', 3, 0);
    spawn('b', 5, 0);
    ASYNC_OBJECT(waiter, one, .tasks = all, .count = 2,
                 .until = ASYNC_FIRST_DONE);
    ASYNC_OBJECT(waiter, two, .tasks = all, .count = 2);
    async_spawn(&loop, &others[0], &one.coro);
    async_spawn(&loop, &others[1], &two.coro);
    wait_until(ASYNC_FIRST_DONE, 2, 0);
    assert_trace("a3 [1@3] / [1@3] / b5 [2@5] /");
}

struct with_group {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    async_task_t *tasks[2];
    struct job jobs[2];
    struct async_wait wait;
};

ASYNC_STATIC(with_group)
{
    ASYNC_BEGIN();
    self->jobs[0] = ASYNC_CALL(job, .ticks = 3, .name = 'x');
    self->jobs[1] = ASYNC_CALL(job, .ticks = 5, .name = 'y');
    self->tasks[0] = &self->members[0].task;
    self->tasks[1] = &self->members[1].task;
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->members[0], &self->jobs[0].coro);
        async_group_spawn(&self->group, &self->members[1], &self->jobs[1].coro);
        AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 2,
                   .until = ASYNC_FIRST_DONE);
        trace("[%u@%lu] ", self->wait.result, elapsed());
    }
    trace("behind%lu ", elapsed());
    ASYNC_END();
}

static void members_of_a_group_can_be_waited_for(void **state)
{
    (void)state;
    ASYNC_OBJECT(with_group, script);
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_trace("x3 [1@3] y5 behind5");
}

static void a_waiter_that_is_cancelled_leaves_the_tasks_alone(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    spawn('a', 7, -5);
    ASYNC_OBJECT(waiter, waiter, .tasks = all, .count = 1, .limit = 20);
    async_spawn(&loop, &task, &waiter.coro);
    async_poll(&loop);
    assert_true(async_cancel(&task));
    run_all();
    assert_trace("/ a7");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_task_error(&tasks[0]), -5);
    assert_int_equal(elapsed(), 7);
}

static void a_waiter_that_is_cancelled_in_the_round_of_the_end(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    spawn('a', 0, 0);
    ASYNC_OBJECT(waiter, waiter, .tasks = all + 1, .count = 1);
    spawn('b', 50, 0);
    async_spawn(&loop, &task, &waiter.coro);
    async_poll(&loop);
    async_cancel(&tasks[1]);
    async_poll(&loop); /* b has ended, the waiter is ready */
    async_cancel(&task);
    run_all();
    assert_trace("a0 b0 /");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct timed {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct async_wait wait;
};

ASYNC_STATIC(timed)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 4) {
        AWAIT_CALL(self->wait, async_wait, .tasks = all, .count = 1,
                   .limit = 100);
    }
    trace("%d@%lu ", async_timeout_expired(&self->limit), elapsed());
    ASYNC_END();
}

static void a_timeout_around_it_ends_it(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    spawn('a', 7, 0);
    ASYNC_OBJECT(timed, script);
    async_spawn(&loop, &task, &script.coro);
    run_all();
    assert_trace("1@4 a7");
}

static void errors_stay_to_be_taken(void **state)
{
    (void)state;
    spawn('a', 3, -5);
    wait_until(ASYNC_ALL_DONE, 1, 0);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    trace_clear();
}

/* Spawned anew while it is waited for: it is not done. */
struct respawn {
    ASYNC_FRAME;
};

ASYNC_STATIC(respawn)
{
    ASYNC_BEGIN();
    AWAIT(async_join(&tasks[0]));
    spawn('a', 10, 0);
    ASYNC_END();
}

static void a_task_that_was_spawned_anew_is_waited_for(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    spawn('a', 3, 0);
    spawn('b', 5, 0);
    ASYNC_OBJECT(respawn, respawn);
    async_spawn(&loop, &task, &respawn.coro);
    wait_until(ASYNC_ALL_DONE, 2, 0);
    assert_trace("a3 b5 a13 [2@13] /");
}

static void closing_the_loop_ends_it(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    spawn('a', 7, 0);
    ASYNC_OBJECT(waiter, waiter, .tasks = all, .count = 1);
    async_spawn(&loop, &task, &waiter.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    trace_clear();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(it_waits_until_all_are_done),
        TEST(it_waits_until_the_first_is_done),
        TEST(it_waits_until_the_first_error),
        TEST(without_an_error_it_waits_until_all_are_done),
        TEST(those_that_end_in_one_round_are_all_counted),
        TEST(being_cancelled_is_no_error),
        TEST(being_cancelled_is_done),
        TEST(what_is_done_already_is_not_waited_for),
        TEST(an_error_that_a_task_has_caught_is_none_of_its_own),
        TEST(an_error_that_was_taken_is_one_still),
        TEST(a_task_that_was_never_spawned_counts_as_done),
        TEST(with_no_tasks_it_ends_at_once),
        TEST(a_task_may_stand_in_the_list_twice),
        TEST(it_ends_when_the_limit_has_passed),
        TEST(a_limit_that_does_not_pass_changes_nothing),
        TEST(what_ends_in_the_tick_of_the_limit_is_counted),
        TEST(the_longest_limit_is_allowed_and_forever_is_none),
        TEST(a_task_cannot_wait_for_itself),
        TEST(a_limit_beyond_the_range_is_reported),
        TEST(a_task_may_be_joined_and_waited_for),
        TEST(several_may_wait_for_the_same),
        TEST(members_of_a_group_can_be_waited_for),
        TEST(a_waiter_that_is_cancelled_leaves_the_tasks_alone),
        TEST(a_waiter_that_is_cancelled_in_the_round_of_the_end),
        TEST(a_timeout_around_it_ends_it),
        TEST(errors_stay_to_be_taken),
        TEST(a_task_that_was_spawned_anew_is_waited_for),
        TEST(closing_the_loop_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
