/* SPDX-License-Identifier: MIT */

/*
 * Groups: that nothing outlives its block, and what the block ends with.
 */
#include "test.h"

#include <string.h>

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) -
                                         JUST_BEFORE_THE_WRAP);
}

/* Run rounds until nothing happens at this time any more. */
static void settle_down(void)
{
    while (async_poll(&loop) == 0) {
    }
}

/* Let time pass tick by tick. */
static void pass(unsigned ticks)
{
    settle_down();
    for (unsigned i = 0; i < ticks; i++) {
        async_virtual_clock_advance(&virtual_clock, 1);
        settle_down();
    }
}

/* --- What runs in a group ------------------------------------------------- */

/* Sleeps, then raises; its cleanup sleeps, then raises. Traces ">name@time" at
 * the end of its body, "/name@time" at the end of its cleanup. */
struct job {
    ASYNC_FRAME;
    int result;
    async_ticks_t ticks;
    async_ticks_t cleanup;
    int error;
    int cleanup_error;
    char name;
};

ASYNC_STATIC(job)
{
    ASYNC_BEGIN();
    if (self->ticks != 0) {
        AWAIT(async_sleep(self->ticks));
    }
    trace(">%c@%lu ", self->name, elapsed());
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    self->result = self->name;
    ASYNC_FINALLY();
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
    }
    trace("/%c@%lu ", self->name, elapsed());
    if (self->cleanup_error != 0) {
        ASYNC_RAISE(self->cleanup_error);
    }
    ASYNC_END();
}

enum how {
    AT_ITS_END,
    BY_BREAK,
    BY_CONTINUE,
    BY_RETURN,
    BY_RAISE,
    BY_CANCELLING_ITSELF,
    BY_CANCELLING_THE_GROUP
};

#define JOBS 4

/* Spawns its jobs, does its own, and leaves the block in some way. */
struct boss {
    ASYNC_FRAME;
    int result;
    async_group_t group;
    async_member_t members[JOBS];
    struct job jobs[JOBS];
    struct job own;
    struct job body;
    int count;
    enum how how;
};

ASYNC_STATIC(boss)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        for (int i = 0; i < self->count; i++) {
            async_group_spawn(&self->group, &self->members[i],
                              &self->jobs[i].coro);
        }
        if (self->own.ticks != 0) {
            AWAIT_CALL(self->body, job, .ticks = self->own.ticks,
                       .error = self->own.error, .cleanup = self->own.cleanup,
                       .cleanup_error = self->own.cleanup_error, .name = 'B');
        }
        if (self->how == BY_BREAK) {
            break;
        }
        if (self->how == BY_CONTINUE) {
            continue;
        }
        if (self->how == BY_RETURN) {
            ASYNC_RETURN(42);
        }
        if (self->how == BY_RAISE) {
            ASYNC_RAISE(-50);
        }
        if (self->how == BY_CANCELLING_ITSELF) {
            async_cancel(async_current_task());
        }
        if (self->how == BY_CANCELLING_THE_GROUP) {
            async_group_cancel(&self->group);
        }
        trace("end@%lu ", elapsed());
    }
    trace("behind@%lu ", elapsed());
    self->result = 1;
    ASYNC_FINALLY();
    trace("/@%lu ", elapsed());
    ASYNC_END();
}

static struct boss boss;
static async_task_t boss_task;

/* A boss with jobs a, b, ... */
static struct boss *new_boss(int count)
{
    boss = ASYNC_CALL(boss, .count = count);
    boss_task = (async_task_t)ASYNC_TASK_INIT;
    for (int i = 0; i < count; i++) {
        boss.jobs[i] = ASYNC_CALL(job, .name = (char)('a' + i));
    }
    return &boss;
}

static void start(void)
{
    async_spawn(&loop, &boss_task, &boss.coro);
    settle_down();
}

static void assert_ended(int error)
{
    assert_true(async_task_done(&boss_task));
    assert_int_equal(async_task_error(&boss_task), error);
    for (int i = 0; i < boss.count; i++) {
        assert_true(async_task_done(&boss.members[i].task));
    }
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

/* --- The end of the block ------------------------------------------------- */

static void an_empty_group_ends_at_once(void **state)
{
    (void)state;
    new_boss(0);
    start();
    assert_trace("end@0 behind@0 /@0");
    assert_ended(0);
}

static void the_block_waits_for_its_members_in_whatever_order_they_end(void **s)
{
    (void)s;
    static const async_ticks_t orders[6][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                               {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    for (int i = 0; i < 6; i++) {
        new_boss(3);
        char expected[100] = "end@0 ";
        for (int j = 0; j < 3; j++) {
            boss.jobs[j].ticks = orders[i][j];
        }
        unsigned long from = elapsed();
        start();
        pass(2);
        assert_false(async_task_done(&boss_task));
        pass(1);
        assert_ended(0);
        assert_int_equal(boss.result, 1);
        const char *traced = trace_take();
        snprintf(expected, sizeof expected, "behind@%lu /@%lu", from + 3,
                 from + 3);
        assert_non_null(strstr(traced, expected));
    }
}

static void members_that_end_in_one_round_end_the_block_once(void **state)
{
    (void)state;
    new_boss(3);
    start();
    assert_trace("end@0 >a@0 /a@0 >b@0 /b@0 >c@0 /c@0 behind@0 /@0");
    assert_ended(0);
}

static void members_that_ended_before_the_body_do_not_hold_it_up(void **state)
{
    (void)state;
    new_boss(2)->own.ticks = 5;
    boss.jobs[0].ticks = 1;
    boss.jobs[1].ticks = 4;
    start();
    pass(5);
    assert_trace(">a@1 /a@1 >b@4 /b@4 >B@5 /B@5 end@5 behind@5 /@5");
    assert_ended(0);
}

static void the_cleanup_of_members_is_awaited(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].ticks = 2;
    boss.jobs[0].cleanup = 3;
    start();
    pass(5);
    assert_trace("end@0 >a@2 /a@5 behind@5 /@5");
    assert_ended(0);
}

static void break_and_continue_leave_the_body_and_wait(void **state)
{
    (void)state;
    for (int how = BY_BREAK; how <= BY_CONTINUE; how++) {
        new_boss(1)->how = (enum how)how;
        boss.jobs[0].ticks = 2;
        start();
        assert_trace("");
        pass(2);
        assert_ended(0);
        assert_int_equal(boss.result, 1);
        trace_clear();
    }
}

static void a_return_waits_for_the_members_and_keeps_the_result(void **state)
{
    (void)state;
    new_boss(2)->how = BY_RETURN;
    boss.jobs[0].ticks = 2;
    boss.jobs[1].ticks = 3;
    start();
    assert_trace("");
    pass(3);
    assert_trace(">a@2 /a@2 >b@3 /b@3 /@3");
    assert_ended(0);
    assert_int_equal(boss.result, 42);
}

static void a_return_without_members_returns_at_once(void **state)
{
    (void)state;
    new_boss(0)->how = BY_RETURN;
    start();
    assert_trace("/@0");
    assert_ended(0);
    assert_int_equal(boss.result, 42);
}

struct rounds {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    int i;
};

ASYNC_STATIC(rounds)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 4; self->i++) {
        ASYNC_GROUP(&self->group) {
            self->job = ASYNC_CALL(job, .ticks = 1, .name = 'r');
            async_group_spawn(&self->group, &self->member, &self->job.coro);
            if (self->i % 2 == 0) {
                break;
            }
        }
        trace("%d ", self->i);
    }
    ASYNC_END();
}

static void a_group_and_its_members_can_be_used_again_in_a_loop(void **state)
{
    (void)state;
    ASYNC_OBJECT(rounds, r);
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace(">r@1 /r@1 0 >r@2 /r@2 1 >r@3 /r@3 2 >r@4 /r@4 3");
}

struct sub_statement {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    int i;
};

ASYNC_STATIC(sub_statement)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++)
        if (self->i == 0)
            ASYNC_GROUP(&self->group) {
                self->job = ASYNC_CALL(job, .ticks = 1, .name = 'i');
                async_group_spawn(&self->group, &self->member, &self->job.coro);
            }
        else
            ASYNC_GROUP(&self->group)
                trace("else ");
    trace("end ");
    ASYNC_END();
}

static void a_group_can_be_a_branch_without_braces(void **state)
{
    (void)state;
    ASYNC_OBJECT(sub_statement, s);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    assert_trace(">i@1 /i@1 else end");
}

/* --- Errors --------------------------------------------------------------- */

static void an_error_of_a_member_cancels_the_others_and_is_raised(void **state)
{
    (void)state;
    new_boss(3);
    boss.jobs[0].ticks = 9;
    boss.jobs[1].ticks = 2;
    boss.jobs[1].error = -7;
    boss.jobs[2].ticks = 9;
    boss.jobs[2].cleanup = 3;
    start();
    pass(5);
    assert_trace("end@0 >b@2 /b@2 /a@2 /c@5 /@5");
    assert_ended(-7);
    assert_int_equal(async_task_error(&boss.members[0].task),
                     ASYNC_ERR_CANCELLED);
    assert_int_equal(async_task_error(&boss.members[1].task), -7);
    assert_int_equal(async_task_error(&boss.members[2].task),
                     ASYNC_ERR_CANCELLED);
}

static void an_error_of_a_member_cancels_the_body(void **state)
{
    (void)state;
    new_boss(2)->own = ASYNC_CALL(job, .ticks = 9, .cleanup = 4);
    boss.jobs[0].ticks = 2;
    boss.jobs[0].error = -7;
    boss.jobs[1].ticks = 9;
    boss.jobs[1].cleanup = 1;
    start();
    pass(6);
    assert_trace(">a@2 /a@2 /b@3 /B@6 /@6");
    assert_ended(-7);
    assert_false(async_task_cancelling(&boss_task));
}

static void an_error_of_the_last_member_is_raised(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].ticks = 2;
    boss.jobs[0].error = -7;
    start();
    pass(2);
    assert_trace("end@0 >a@2 /a@2 /@2");
    assert_ended(-7);
}

static void an_error_of_a_member_takes_the_place_of_a_return(void **state)
{
    (void)state;
    new_boss(2)->how = BY_RETURN;
    boss.jobs[0].ticks = 2;
    boss.jobs[0].error = -7;
    boss.jobs[1].ticks = 9;
    start();
    pass(2);
    assert_trace(">a@2 /a@2 /b@2 /@2");
    assert_ended(-7);
}

static void an_error_of_the_body_cancels_the_members(void **state)
{
    (void)state;
    new_boss(2)->how = BY_RAISE;
    boss.jobs[0].ticks = boss.jobs[1].ticks = 9;
    boss.jobs[1].cleanup = 2;
    boss.own = ASYNC_CALL(job, .ticks = 1);
    start();
    pass(3);
    assert_trace(">B@1 /B@1 /a@1 /b@3 /@3");
    assert_ended(-50);
}

static void an_error_of_what_the_body_awaits_cancels_the_members(void **state)
{
    (void)state;
    new_boss(1)->own = ASYNC_CALL(job, .ticks = 2, .error = -9);
    boss.jobs[0].ticks = 9;
    boss.jobs[0].cleanup = 1;
    start();
    pass(3);
    assert_trace(">B@2 /B@2 /a@3 /@3");
    assert_ended(-9);
}

static void an_error_of_the_body_without_members_goes_up_at_once(void **state)
{
    (void)state;
    new_boss(0)->how = BY_RAISE;
    start();
    assert_trace("/@0");
    assert_ended(-50);
}

/* The members that have not run yet never do. */
static void an_error_of_the_body_at_once_ends_members_unstarted(void **state)
{
    (void)state;
    new_boss(2)->how = BY_RAISE;
    start();
    assert_trace("/@0");
    assert_ended(-50);
    assert_int_equal(async_task_error(&boss.members[0].task),
                     ASYNC_ERR_CANCELLED);
}

static void a_second_error_is_reported_and_stays_with_its_task(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0].ticks = 2;
    boss.jobs[0].error = -7;
    boss.jobs[1].ticks = 9;
    boss.jobs[1].cleanup = 1;
    boss.jobs[1].cleanup_error = -8;
    start();
    pass(3);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -8);
    assert_ptr_equal(report_taken()->task, &boss.members[1].task);
    assert_ptr_equal(report_taken()->coro, &boss.jobs[1].coro);
    assert_trace("end@0 >a@2 /a@2 /b@3 /@3");
    assert_ended(-7);
    assert_int_equal(async_task_error(&boss.members[1].task), -8);
}

static void two_errors_in_one_round_the_first_to_run_is_raised(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0].ticks = boss.jobs[1].ticks = 2;
    boss.jobs[0].error = -7;
    boss.jobs[1].error = -8; /* cancelled before it can raise it */
    start();
    pass(2);
    assert_trace("end@0 >a@2 /a@2 /b@2 /@2");
    assert_ended(-7);
}

static void an_error_of_the_body_after_a_members_is_reported(void **state)
{
    (void)state;
    new_boss(1)->own =
        ASYNC_CALL(job, .ticks = 9, .cleanup = 1, .cleanup_error = -9);
    boss.jobs[0].ticks = 2;
    boss.jobs[0].error = -7;
    start();
    pass(3);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -9);
    assert_trace(">a@2 /a@2 /B@3 /@3");
    assert_ended(-7);
}

static void an_error_of_a_member_after_the_bodys_is_reported(void **state)
{
    (void)state;
    new_boss(1)->how = BY_RAISE;
    boss.own.ticks = 1;
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 1,
                              .cleanup_error = -8, .name = 'a');
    start();
    pass(2);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -8);
    assert_trace(">B@1 /B@1 /a@2 /@2");
    assert_ended(-50);
}

static void the_error_of_a_member_counts_as_taken(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].error = -7;
    start();
    assert_ended(-7);
    assert_int_equal(async_loop_close(&loop), 0);
    trace_clear();
}

/* --- Cancel --------------------------------------------------------------- */

static void cancelling_the_task_in_the_body_cancels_the_members(void **state)
{
    (void)state;
    new_boss(2)->own = ASYNC_CALL(job, .ticks = 9, .cleanup = 1);
    boss.jobs[0].ticks = 9;
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'b');
    start();
    pass(1);
    async_cancel(&boss_task);
    pass(4);
    /* the members once the body has ended */
    assert_trace("/B@2 /a@2 /b@5 /@5");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void cancelling_the_task_at_the_end_cancels_the_members(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0].ticks = 9;
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'b');
    start();
    pass(1);
    async_cancel(&boss_task);
    pass(3);
    assert_trace("end@0 /a@1 /b@4 /@4");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void a_second_cancel_changes_nothing(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'a');
    start();
    async_cancel(&boss_task);
    pass(1);
    async_cancel(&boss_task);
    pass(1);
    async_cancel(&boss_task);
    pass(1);
    assert_trace("end@0 /a@3 /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void cancelling_during_a_return_cancels(void **state)
{
    (void)state;
    new_boss(1)->how = BY_RETURN;
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 1, .name = 'a');
    start();
    async_cancel(&boss_task);
    pass(1);
    assert_trace("/a@1 /@1");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void cancelling_while_an_error_is_awaited_keeps_the_error(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 1, .error = -7, .name = 'a');
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'b');
    start();
    pass(2);
    async_cancel(&boss_task);
    pass(2);
    assert_trace("end@0 >a@1 /a@1 /b@4 /@4");
    assert_ended(-7);
}

static void cancelling_while_the_bodys_error_waits_keeps_the_error(void **state)
{
    (void)state;
    new_boss(1)->how = BY_RAISE;
    boss.own.ticks = 1;
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'a');
    start();
    pass(2);
    async_cancel(&boss_task);
    pass(2);
    assert_trace(">B@1 /B@1 /a@4 /@4");
    assert_ended(-50);
}

static void an_error_of_a_member_takes_the_place_of_a_cancellation(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 1,
                              .cleanup_error = -8, .name = 'a');
    start();
    async_cancel(&boss_task);
    pass(1);
    assert_trace("end@0 /a@1 /@1");
    assert_ended(-8);
}

/* The last member has ended, its error is on its way to the block. */
static void
cancelling_after_the_last_member_failed_keeps_the_error(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 1, .error = -7, .name = 'a');
    start();
    async_virtual_clock_advance(&virtual_clock, 1);
    async_poll(&loop);
    assert_true(async_task_done(&boss.members[0].task));
    assert_false(async_task_done(&boss_task));
    async_cancel(&boss_task);
    settle_down();
    assert_trace("end@0 >a@1 /a@1 /@1");
    assert_ended(-7);
}

/* The last member has ended well, the block has not gone on yet. */
static void cancelling_after_the_last_member_ended_cancels(void **state)
{
    (void)state;
    for (int how = AT_ITS_END; how <= BY_RETURN; how++) {
        new_boss(1)->how = (enum how)how;
        boss.jobs[0].ticks = 1;
        start();
        async_virtual_clock_advance(&virtual_clock, 1);
        async_poll(&loop);
        assert_true(async_task_done(&boss.members[0].task));
        async_cancel(&boss_task);
        settle_down();
        assert_ended(ASYNC_ERR_CANCELLED);
        assert_int_equal(boss.result, how == BY_RETURN ? 42 : 0);
        trace_clear();
    }
}

/* Cancelled, and in the same round the last member ends. */
static void cancelling_in_the_round_of_the_last_end(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].ticks = 1;
    start();
    async_virtual_clock_advance(&virtual_clock, 1);
    async_cancel(&boss_task);
    settle_down();
    /* the task runs first, and cancels the member */
    assert_trace("end@0 /a@1 /@1");
    assert_ended(ASYNC_ERR_CANCELLED);
}

struct listener {
    ASYNC_FRAME;
    async_event_t event;
};

ASYNC_STATIC(listener)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->event));
    trace("heard ");
    ASYNC_END();
}

struct host {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct listener listener;
};

ASYNC_STATIC(host)
{
    ASYNC_BEGIN();
    AWAIT(async_gather(&self->group, &self->member, &self->listener.coro));
    ASYNC_FINALLY();
    trace("/ ");
    ASYNC_END();
}

/* The last member runs before the task that was cancelled does. */
static void the_last_end_in_the_round_of_a_cancellation(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(host, h);
    h.listener = ASYNC_CALL(listener);
    async_spawn(&loop, &task, &h.coro);
    settle_down();
    async_event_set(&h.listener.event);
    async_cancel(&task);
    settle_down();
    assert_trace("heard /");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct stander {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    int caught;
};

ASYNC_STATIC(stander)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        AWAIT_CATCH(self->caught, async_sleep(ASYNC_FOREVER));
        trace("caught%d ", self->caught);
    }
    ASYNC_END();
}

/* The body stood at an AWAIT_CATCH, which is over when the error comes. */
static void an_await_catch_of_the_body_does_not_catch_what_comes_later(void **s)
{
    (void)s;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(stander, b);
    b.job = ASYNC_CALL(job, .ticks = 9, .cleanup = 1, .cleanup_error = -8,
                       .name = 'a');
    async_spawn(&loop, &task, &b.coro);
    pass(1);
    async_cancel(&task);
    pass(1);
    assert_trace("/a@2");
    assert_int_equal(async_task_error(&task), -8);
}

static void a_task_that_cancels_itself_in_the_body(void **state)
{
    (void)state;
    new_boss(1)->how = BY_CANCELLING_ITSELF;
    boss.own.ticks = 1;
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'a');
    start();
    pass(3);
    assert_trace(">B@1 /B@1 end@1 /a@3 /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

struct suicide {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    bool raises;
};

/* Cancels itself and leaves the block in the same step. */
ASYNC_STATIC(suicide)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->job = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'a');
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        AWAIT(async_sleep(1));
        async_cancel(async_current_task());
        if (self->raises) {
            ASYNC_RAISE(-3);
        }
        ASYNC_EXIT();
    }
    ASYNC_FINALLY();
    trace("/@%lu ", elapsed());
    ASYNC_END();
}

static void a_task_that_cancels_itself_and_returns_is_cancelled(void **state)
{
    (void)state;
    ASYNC_OBJECT(suicide, s);
    assert_int_equal(async_run(&loop, &s.coro), ASYNC_ERR_CANCELLED);
    assert_trace("/a@3 /@3");
}

static void a_task_that_cancels_itself_and_raises_raises(void **state)
{
    (void)state;
    ASYNC_OBJECT(suicide, s, .raises = true);
    assert_int_equal(async_run(&loop, &s.coro), -3);
    assert_trace("/a@3 /@3");
}

static void a_member_cancelled_by_itself_is_no_error(void **state)
{
    (void)state;
    new_boss(2)->own.ticks = 4;
    boss.jobs[0].ticks = 9;
    boss.jobs[1].ticks = 5;
    start();
    pass(1);
    async_cancel(&boss.members[0].task);
    pass(4);
    assert_trace("/a@1 >B@4 /B@4 end@4 >b@5 /b@5 behind@5 /@5");
    assert_ended(0);
    assert_int_equal(async_task_error(&boss.members[0].task),
                     ASYNC_ERR_CANCELLED);
}

static void the_last_member_cancelled_by_itself_ends_the_block(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 1, .name = 'a');
    start();
    async_cancel(&boss.members[0].task);
    pass(1);
    assert_trace("end@0 /a@1 behind@1 /@1");
    assert_ended(0);
}

static void a_member_that_was_cancelled_and_fails_is_an_error(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 1,
                              .cleanup_error = -8, .name = 'a');
    boss.jobs[1].ticks = 9;
    start();
    async_cancel(&boss.members[0].task);
    pass(1);
    assert_trace("end@0 /a@1 /b@1 /@1");
    assert_ended(-8);
}

/* --- async_group_cancel --------------------------------------------------- */

static void group_cancel_ends_the_members_without_an_error(void **state)
{
    (void)state;
    new_boss(2)->how = BY_CANCELLING_THE_GROUP;
    boss.own.ticks = 1;
    boss.jobs[0].ticks = 9;
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'b');
    start();
    pass(3);
    assert_trace(">B@1 /B@1 end@1 /a@1 /b@3 behind@3 /@3");
    assert_ended(0);
    assert_int_equal(boss.result, 1);
}

static void group_cancel_while_the_block_waits_ends_it(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0].ticks = 9;
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'b');
    start();
    async_group_cancel(&boss.group);
    pass(2);
    assert_trace("end@0 /a@0 /b@2 behind@2 /@2");
    assert_ended(0);
}

static void group_cancel_twice_is_once(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'a');
    start();
    async_group_cancel(&boss.group);
    pass(1);
    async_group_cancel(&boss.group);
    pass(2);
    assert_trace("end@0 /a@3 behind@3 /@3");
    assert_ended(0);
}

static void an_error_after_group_cancel_cancels_the_body(void **state)
{
    (void)state;
    new_boss(1)->own.ticks = 20;
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 1,
                              .cleanup_error = -8, .name = 'a');
    start();
    async_group_cancel(&boss.group);
    pass(2);
    assert_trace("/a@1 /B@1 /@1");
    assert_ended(-8);
}

static void a_member_that_ends_already_is_not_cancelled_again(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 4, .name = 'a');
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'b');
    start();
    pass(1);
    async_cancel(&boss.members[0].task);
    pass(4);
    assert_trace("end@0 >b@2 /b@2 /a@5 /@5");
    assert_ended(-7);
}

struct survivor {
    ASYNC_FRAME;
    async_try_t attempt;
    struct job job;
};

/* The error of a cleanup takes the place of the cancellation, and is caught, so
 * the task goes on after it was cancelled once. */
ASYNC_STATIC(survivor)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->job, job, .ticks = 9, .cleanup_error = -8,
                   .name = 's');
    }
    trace("on%d ", async_try_error(&self->attempt));
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    trace("/survivor@%lu ", elapsed());
    ASYNC_END();
}

struct chief {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct survivor survivor;
    struct job job;
};

ASYNC_STATIC(chief)
{
    ASYNC_BEGIN();
    self->survivor = ASYNC_CALL(survivor, .job = {.ticks = 0});
    AWAIT(async_gather(&self->group, self->members, &self->survivor.coro,
                       &self->job.coro));
    ASYNC_END();
}

static void
a_member_that_outlived_a_cancel_is_cancelled_with_the_group(void **s)
{
    (void)s;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(chief, c);
    c.job = ASYNC_CALL(job, .ticks = 3, .error = -7, .name = 'a');
    async_spawn(&loop, &task, &c.coro);
    pass(1);
    async_cancel(&c.members[0].task);
    pass(1);
    assert_trace("/s@1 on-8");
    pass(2);
    assert_trace(">a@3 /a@3 /survivor@3");
    assert_int_equal(async_task_error(&task), -7);
}

struct stubborn {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct job job;
    bool by_scope;
};

/* A limit of its own has ended its wait; it would wait on. */
ASYNC_STATIC(stubborn)
{
    int error;
    ASYNC_BEGIN();
    if (self->by_scope) {
        ASYNC_TIMEOUT(&self->limit, 1) {
            AWAIT_CALL(self->job, job, .ticks = 9, .cleanup = 3, .name = 's');
        }
    } else {
        AWAIT_CATCH(error, async_wait_for(async_sleep(ASYNC_FOREVER), 2));
        trace("%d@%lu ", error, elapsed());
    }
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    trace("/stubborn@%lu ", elapsed());
    ASYNC_END();
}

struct pair {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct job job;
    struct stubborn stubborn;
};

ASYNC_STATIC(pair)
{
    ASYNC_BEGIN();
    AWAIT(async_gather(&self->group, self->members, &self->job.coro,
                       &self->stubborn.coro));
    ASYNC_END();
}

static void fail_beside_stubborn(bool by_scope, const char *expected)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(pair, p);
    p.job = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'a');
    p.stubborn = ASYNC_CALL(stubborn, .by_scope = by_scope);
    async_spawn(&loop, &task, &p.coro);
    pass(5);
    assert_string_equal(trace_take(), expected);
    assert_int_equal(async_task_error(&task), -7);
}

/* Its timeout would end its own cancellation; the group's ends the cleanup. */
static void a_member_whose_timeout_has_expired_is_cancelled(void **state)
{
    (void)state;
    fail_beside_stubborn(true, ">a@2 /a@2 /stubborn@2");
}

/* The limit has expired in the round of the error. */
static void a_member_whose_limit_has_expired_is_cancelled(void **state)
{
    (void)state;
    fail_beside_stubborn(false, ">a@2 /a@2 /stubborn@2");
}

struct careful {
    ASYNC_FRAME;
    async_shield_t shield;
    async_timeout_t limit;
    bool shields;
};

/* Its cleanup has a shield, or a limit that expires, and a rest. */
ASYNC_STATIC(careful)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    if (self->shields) {
        ASYNC_SHIELD(&self->shield) {
            AWAIT(async_sleep(3));
        }
    } else {
        ASYNC_TIMEOUT(&self->limit, 3) {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
    }
    trace("rest@%lu ", elapsed());
    AWAIT(async_sleep(1));
    trace("/careful@%lu ", elapsed());
    ASYNC_END();
}

struct care {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct job job;
    struct careful careful;
};

ASYNC_STATIC(care)
{
    ASYNC_BEGIN();
    AWAIT(async_gather(&self->group, self->members, &self->job.coro,
                       &self->careful.coro));
    ASYNC_END();
}

/* The group's error comes while the cleanup is in that block. */
static void scopes_in_the_cleanup_of_a_member_are_left_alone(void **state)
{
    (void)state;
    for (int shields = 0; shields < 2; shields++) {
        async_loop_init(&loop, async_virtual_clock_init(&virtual_clock,
                                                        JUST_BEFORE_THE_WRAP));
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(care, c);
        c.job = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'a');
        c.careful = ASYNC_CALL(careful, .shields = shields != 0);
        async_spawn(&loop, &task, &c.coro);
        pass(1);
        async_cancel(&c.members[1].task);
        pass(4);
        assert_trace(">a@2 /a@2 rest@4 /careful@5");
        assert_int_equal(async_task_error(&task), -7);
    }
}

static void group_cancel_of_a_block_that_is_not_open_is_reported(void **state)
{
    (void)state;
    new_boss(0);
    async_group_cancel(&boss.group);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    start();
    async_group_cancel(&boss.group);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    assert_ended(0);
    trace_clear();
}

/* --- Timeouts ------------------------------------------------------------- */

struct limited {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_group_t group;
    async_member_t members[2];
    struct job jobs[2];
    async_ticks_t body;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 3) {
        ASYNC_GROUP(&self->group) {
            for (int i = 0; i < 2; i++) {
                async_group_spawn(&self->group, &self->members[i],
                                  &self->jobs[i].coro);
            }
            if (self->body != 0) {
                AWAIT(async_sleep(self->body));
            }
        }
        trace("inside ");
    }
    trace("x%d@%lu ", async_timeout_expired(&self->limit), elapsed());
    ASYNC_END();
}

static void a_timeout_around_the_group_ends_it(void **state)
{
    (void)state;
    for (int body = 0; body < 2; body++) {
        ASYNC_OBJECT(limited, l, .body = body == 0 ? 0 : 20);
        l.jobs[0] = ASYNC_CALL(job, .ticks = 9, .name = 'a');
        l.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'b');
        assert_int_equal(async_run(&loop, &l.coro), 0);
        assert_string_equal(trace_take(),
                            body == 0 ? "/a@3 /b@5 x1@5" : "/a@8 /b@10 x1@10");
    }
}

static void a_timeout_around_the_group_that_does_not_expire(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, l);
    l.jobs[0] = ASYNC_CALL(job, .ticks = 1, .name = 'a');
    l.jobs[1] = ASYNC_CALL(job, .ticks = 2, .name = 'b');
    assert_int_equal(async_run(&loop, &l.coro), 0);
    assert_trace(">a@1 /a@1 >b@2 /b@2 inside x0@2");
}

static void an_error_of_a_member_goes_out_of_an_expired_timeout(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, l);
    l.jobs[0] = ASYNC_CALL(job, .ticks = 9, .name = 'a');
    l.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .cleanup_error = -8,
                           .name = 'b');
    assert_int_equal(async_run(&loop, &l.coro), -8);
    assert_trace("/a@3 /b@5");
    assert_true(async_timeout_expired(&l.limit));
}

/* The member has failed, the timeout expires before the block goes on. */
static void a_timeout_after_the_last_member_failed_keeps_the_error(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limited, l);
    l.jobs[0] = ASYNC_CALL(job, .ticks = 1, .name = 'a');
    l.jobs[1] = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'b');
    async_spawn(&loop, &task, &l.coro);
    pass(1);
    async_virtual_clock_advance(&virtual_clock, 1);
    async_poll(&loop);
    assert_true(async_task_done(&l.members[1].task));
    async_virtual_clock_advance(&virtual_clock, 1);
    settle_down();
    assert_trace(">a@1 /a@1 >b@2 /b@2");
    assert_int_equal(async_task_error(&task), -7);
}

struct inner_limit {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_group_t group;
    async_member_t member;
    struct job job;
    struct job body;
    async_ticks_t ticks;
};

ASYNC_STATIC(inner_limit)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        ASYNC_YIELD(); /* the member's timer is the older one */
        ASYNC_TIMEOUT(&self->limit, self->ticks) {
            AWAIT_CALL(self->body, job, .ticks = 20, .name = 'B');
        }
        trace("x%d@%lu ", async_timeout_expired(&self->limit), elapsed());
        AWAIT(async_sleep(1));
        trace("on@%lu ", elapsed());
    }
    trace("behind@%lu ", elapsed());
    ASYNC_END();
}

static void a_timeout_in_the_body_is_not_the_groups(void **state)
{
    (void)state;
    ASYNC_OBJECT(inner_limit, i, .ticks = 3);
    i.job = ASYNC_CALL(job, .ticks = 6, .name = 'a');
    assert_int_equal(async_run(&loop, &i.coro), 0);
    assert_trace("/B@3 x1@3 on@4 >a@6 /a@6 behind@6");
}

static void an_error_of_a_member_passes_a_timeout_in_the_body(void **state)
{
    (void)state;
    ASYNC_OBJECT(inner_limit, i, .ticks = 3);
    i.job = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'a');
    assert_int_equal(async_run(&loop, &i.coro), -7);
    assert_trace(">a@2 /a@2 /B@2");
}

/* Both in one round: the timeout has expired when the member fails. */
static void an_error_passes_a_timeout_that_expires_with_it(void **state)
{
    (void)state;
    ASYNC_OBJECT(inner_limit, i, .ticks = 3);
    i.job = ASYNC_CALL(job, .ticks = 3, .error = -7, .name = 'a');
    assert_int_equal(async_run(&loop, &i.coro), -7);
    assert_true(async_timeout_expired(&i.limit));
    assert_trace(">a@3 /a@3 /B@3");
}

/* --- Spawning ------------------------------------------------------------- */

struct recruiter {
    ASYNC_FRAME;
    async_group_t *group;
    async_member_t *member;
    struct job *job;
    async_ticks_t ticks;
};

ASYNC_STATIC(recruiter)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    async_group_spawn(self->group, self->member, &self->job->coro);
    ASYNC_FINALLY();
    if (self->coro.error_ < 0) {
        trace("recruit ");
        async_group_spawn(self->group, self->member, &self->job->coro);
    }
    ASYNC_END();
}

struct company {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[3];
    struct job jobs[2];
    struct recruiter recruiter;
};

ASYNC_STATIC(company)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->members[0],
                          &self->recruiter.coro);
        if (self->jobs[0].ticks != 0) {
            async_group_spawn(&self->group, &self->members[1],
                              &self->jobs[0].coro);
        }
        self->recruiter.group = &self->group;
    }
    trace("behind@%lu ", elapsed());
    ASYNC_END();
}

static void a_member_can_spawn_a_member_while_the_block_waits(void **state)
{
    (void)state;
    ASYNC_OBJECT(company, c);
    c.jobs[1] = ASYNC_CALL(job, .ticks = 2, .name = 'n');
    c.recruiter = ASYNC_CALL(recruiter, .member = &c.members[2],
                             .job = &c.jobs[1], .ticks = 2);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace(">n@4 /n@4 behind@4");
}

static void a_member_spawned_into_an_ending_group_does_not_run(void **state)
{
    (void)state;
    ASYNC_OBJECT(company, c);
    c.jobs[0] = ASYNC_CALL(job, .ticks = 1, .error = -7, .name = 'a');
    c.jobs[1] = ASYNC_CALL(job, .ticks = 2, .name = 'n');
    c.recruiter = ASYNC_CALL(recruiter, .member = &c.members[2],
                             .job = &c.jobs[1], .ticks = 5);
    assert_int_equal(async_run(&loop, &c.coro), -7);
    assert_trace(">a@1 /a@1 recruit");
    assert_int_equal(async_task_error(&c.members[2].task), ASYNC_ERR_CANCELLED);
}

static void a_spawn_outside_of_the_block_is_reported(void **state)
{
    (void)state;
    new_boss(0);
    async_member_t member = {0};
    struct job job = ASYNC_CALL(job, .name = 'x');
    async_group_spawn(&boss.group, &member, &job.coro);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    start();
    async_group_spawn(&boss.group, &member, &job.coro);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    assert_true(async_coro_state(&job.coro) == ASYNC_CORO_CREATED);
    assert_false(async_task_done(&member.task));
    assert_ended(0);
    assert_trace("end@0 behind@0 /@0");
}

static void a_spawn_between_the_last_end_and_the_block_is_reported(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].ticks = 1;
    start();
    async_virtual_clock_advance(&virtual_clock, 1);
    async_poll(&loop);
    async_member_t member = {0};
    struct job job = ASYNC_CALL(job, .name = 'x');
    async_group_spawn(&boss.group, &member, &job.coro);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    settle_down();
    assert_ended(0);
    trace_clear();
}

struct misuser {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct job jobs[2];
};

ASYNC_STATIC(misuser)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->jobs[0] = ASYNC_CALL(job, .ticks = 2, .name = 'a');
        self->jobs[1] = ASYNC_CALL(job, .ticks = 3, .name = 'b');
        async_group_spawn(&self->group, &self->members[0], &self->jobs[0].coro);
        async_group_spawn(&self->group, &self->members[0], &self->jobs[1].coro);
        async_group_spawn(&self->group, &self->members[1], &self->jobs[0].coro);
        async_group_spawn(&self->group, &self->members[1], &self->jobs[1].coro);
    }
    trace("behind@%lu ", elapsed());
    ASYNC_END();
}

static void a_member_or_an_object_in_use_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(misuser, m);
    assert_int_equal(async_run(&loop, &m.coro), 0);
    expect_report(ASYNC_REPORT_TASK_REUSED);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_trace(">a@2 /a@2 >b@3 /b@3 behind@3");
}

struct reuser {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    async_member_t other;
    struct job job;
    struct job longer;
    int i;
};

ASYNC_STATIC(reuser)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->longer = ASYNC_CALL(job, .ticks = 9, .name = 'l');
        async_group_spawn(&self->group, &self->other, &self->longer.coro);
        for (self->i = 0; self->i < 3; self->i++) {
            self->job = ASYNC_CALL(job, .ticks = 2, .name = 'a');
            async_group_spawn(&self->group, &self->member, &self->job.coro);
            AWAIT(async_join(&self->member.task));
            trace("%d%c ", self->i, self->job.result);
        }
    }
    trace("behind@%lu ", elapsed());
    ASYNC_END();
}

static void a_member_that_is_done_can_be_spawned_again(void **state)
{
    (void)state;
    ASYNC_OBJECT(reuser, r);
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace(">a@2 /a@2 0a >a@4 /a@4 1a >a@6 /a@6 2a >l@9 /l@9 behind@9");
}

/* --- Join ----------------------------------------------------------------- */

struct joiner {
    ASYNC_FRAME;
    async_task_t *task;
    char name;
};

ASYNC_STATIC(joiner)
{
    int error;
    ASYNC_BEGIN();
    AWAIT_CATCH(error, async_join(self->task));
    trace("%c%d@%lu ", self->name, error, elapsed());
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static async_task_t join_tasks[3];
static struct joiner joiners[3];

static void join_first_member(int count)
{
    for (int i = 0; i < count; i++) {
        join_tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        joiners[i] = ASYNC_CALL(joiner, .task = &boss.members[0].task,
                                .name = (char)('x' + i));
        async_spawn(&loop, &join_tasks[i], &joiners[i].coro);
    }
    settle_down();
}

static void others_can_join_a_member(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].ticks = 3;
    start();
    join_first_member(3);
    async_cancel(&join_tasks[1]);
    pass(3);
    assert_trace("end@0 /y >a@3 /a@3 x0@3 /x z0@3 /z behind@3 /@3");
    assert_ended(0);
}

static void those_who_join_a_member_that_fails_get_its_error(void **state)
{
    (void)state;
    new_boss(1);
    boss.jobs[0].ticks = 3;
    boss.jobs[0].error = -7;
    start();
    join_first_member(2);
    pass(3);
    assert_trace("end@0 >a@3 /a@3 x-7@3 /x y-7@3 /y /@3");
    assert_ended(-7);
}

struct watcher {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    int caught;
};

/* The body joins the member that fails: the group ends the body. */
ASYNC_STATIC(watcher)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        AWAIT_CATCH(self->caught, async_join(&self->member.task));
        trace("caught%d ", self->caught);
    }
    trace("behind@%lu ", elapsed());
    ASYNC_END();
}

static void a_body_that_joins_a_member_that_fails_is_ended(void **state)
{
    (void)state;
    ASYNC_OBJECT(watcher, w);
    w.job = ASYNC_CALL(job, .ticks = 1, .error = -7, .name = 'a');
    assert_int_equal(async_run(&loop, &w.coro), -7);
    assert_trace(">a@1 /a@1");
}

static void a_body_that_joins_a_member_goes_on_with_its_end(void **state)
{
    (void)state;
    ASYNC_OBJECT(watcher, w);
    w.job = ASYNC_CALL(job, .ticks = 1, .name = 'a');
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace(">a@1 /a@1 caught0 behind@1");
}

static void a_body_sees_that_a_member_was_cancelled_by_itself(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(watcher, w);
    w.job = ASYNC_CALL(job, .ticks = 9, .name = 'a');
    async_spawn(&loop, &task, &w.coro);
    pass(1);
    async_cancel(&w.member.task);
    settle_down();
    assert_trace("/a@1 caught-200 behind@1");
    assert_true(async_task_done(&task));
}

/* --- Nested, and in other scopes ------------------------------------------ */

struct nest {
    ASYNC_FRAME;
    async_group_t outer;
    async_group_t inner;
    async_member_t members[4];
    struct job jobs[4]; /* a, b in the outer group, c, d in the inner one */
    async_try_t attempt;
    bool tries;
};

ASYNC_STATIC(nest)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->outer) {
        async_group_spawn(&self->outer, &self->members[0], &self->jobs[0].coro);
        async_group_spawn(&self->outer, &self->members[1], &self->jobs[1].coro);
        ASYNC_TRY(&self->attempt) {
            ASYNC_GROUP(&self->inner) {
                async_group_spawn(&self->inner, &self->members[2],
                                  &self->jobs[2].coro);
                async_group_spawn(&self->inner, &self->members[3],
                                  &self->jobs[3].coro);
            }
            trace("inner@%lu ", elapsed());
        }
        if (async_try_error(&self->attempt) != 0) {
            trace("caught%d@%lu ", async_try_error(&self->attempt), elapsed());
            if (!self->tries) {
                ASYNC_RAISE(async_try_error(&self->attempt));
            }
        }
    }
    trace("outer@%lu ", elapsed());
    ASYNC_END();
}

static struct nest new_nest(void)
{
    struct nest n = ASYNC_CALL(nest, .tries = false);
    for (int i = 0; i < 4; i++) {
        n.jobs[i] = ASYNC_CALL(job, .ticks = 9, .name = (char)('a' + i));
    }
    return n;
}

static void groups_nest(void **state)
{
    (void)state;
    struct nest n = new_nest();
    n.jobs[2].ticks = 2;
    n.jobs[3].ticks = 3;
    n.jobs[0].ticks = 1;
    n.jobs[1].ticks = 4;
    assert_int_equal(async_run(&loop, &n.coro), 0);
    assert_trace(">a@1 /a@1 >c@2 /c@2 >d@3 /d@3 inner@3 >b@4 /b@4 outer@4");
}

static void an_error_in_the_inner_group_ends_both(void **state)
{
    (void)state;
    struct nest n = new_nest();
    n.jobs[2].ticks = 2;
    n.jobs[2].error = -7;
    n.jobs[3].cleanup = 1;
    assert_int_equal(async_run(&loop, &n.coro), -7);
    assert_trace(">c@2 /c@2 /d@3 caught-7@3 /a@3 /b@3");
}

static void an_error_of_the_inner_group_can_be_caught(void **state)
{
    (void)state;
    struct nest n = new_nest();
    n.tries = true;
    n.jobs[2].ticks = 2;
    n.jobs[2].error = -7;
    assert_int_equal(async_run(&loop, &n.coro), 0);
    assert_trace(">c@2 /c@2 /d@2 caught-7@2 >a@9 /a@9 >b@9 /b@9 outer@9");
}

static void an_error_in_the_outer_group_ends_the_inner_first(void **state)
{
    (void)state;
    struct nest n = new_nest();
    n.jobs[0].ticks = 2;
    n.jobs[0].error = -7;
    n.jobs[1].cleanup = 4;
    n.jobs[3].cleanup = 1;
    assert_int_equal(async_run(&loop, &n.coro), -7);
    assert_trace(">a@2 /a@2 /c@2 /d@3 /b@6");
}

static void errors_in_both_groups_the_outer_one_is_raised(void **state)
{
    (void)state;
    struct nest n = new_nest();
    n.jobs[0].ticks = 2;
    n.jobs[0].error = -7;
    n.jobs[2].ticks = 3;
    n.jobs[2].cleanup = 1;
    n.jobs[2].cleanup_error = -8;
    assert_int_equal(async_run(&loop, &n.coro), -7);
    assert_trace(">a@2 /a@2 /b@2 /d@2 /c@3 caught-8@3");
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -8);
}

static void cancelling_nested_groups_ends_both(void **state)
{
    (void)state;
    struct nest n = new_nest();
    async_task_t task = ASYNC_TASK_INIT;
    n.jobs[0].cleanup = 1;
    n.jobs[3].cleanup = 2;
    async_spawn(&loop, &task, &n.coro);
    pass(1);
    async_cancel(&task);
    pass(3);
    assert_trace("/c@1 /d@3 /b@3 /a@4");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct deep {
    ASYNC_FRAME;
    int result;
    struct boss *boss;
    async_try_t attempt;
};

ASYNC_STATIC(deep)
{
    ASYNC_BEGIN();
    AWAIT(async_call(&self->boss->coro));
    trace("deep ");
    ASYNC_RETURN(self->boss->result);
    ASYNC_FINALLY();
    AWAIT(async_sleep(1));
    trace("/deep@%lu ", elapsed());
    ASYNC_END();
}

struct deeper {
    ASYNC_FRAME;
    struct deep deep;
    struct boss *boss;
    async_try_t attempt;
};

ASYNC_STATIC(deeper)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->deep, deep, .boss = self->boss);
        trace("r%d ", self->deep.result);
    }
    trace("deeper%d@%lu ", async_try_error(&self->attempt), elapsed());
    ASYNC_END();
}

static void a_group_can_stand_three_calls_deep(void **state)
{
    (void)state;
    ASYNC_OBJECT(deeper, d, .boss = new_boss(2));
    boss.jobs[0].ticks = 2;
    boss.jobs[1].ticks = 1;
    assert_int_equal(async_run(&loop, &d.coro), 0);
    assert_trace("end@0 >b@1 /b@1 >a@2 /a@2 behind@2 /@2 deep /deep@3 r1 "
                 "deeper0@3");

    d = ASYNC_CALL(deeper, .boss = new_boss(2));
    boss.jobs[0].ticks = 2;
    boss.jobs[1].ticks = 9;
    boss.jobs[0].error = -7;
    assert_int_equal(async_run(&loop, &d.coro), 0);
    assert_trace("end@3 >a@5 /a@5 /b@5 /@5 /deep@6 deeper-7@6");

    d = ASYNC_CALL(deeper, .boss = new_boss(1));
    boss.how = BY_RETURN;
    boss.jobs[0].ticks = 2;
    assert_int_equal(async_run(&loop, &d.coro), 0);
    assert_trace(">a@8 /a@8 /@8 deep /deep@9 r42 deeper0@9");
}

static void cancelling_a_group_three_calls_deep(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(deeper, d, .boss = new_boss(1));
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'a');
    async_spawn(&loop, &task, &d.coro);
    pass(1);
    async_cancel(&task);
    pass(3);
    assert_trace("end@0 /a@3 /@3 /deep@4");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct mixture {
    ASYNC_FRAME;
    async_with_t guard;
    async_lock_t lock;
    async_shield_t shield;
    async_group_t group;
    async_member_t member;
    struct job job;
    async_with_t inner_guard;
    async_lock_t inner_lock;
    async_shield_t inner_shield;
    bool shields;
    bool shields_inside;
};

/* Everything around and in a group. */
ASYNC_STATIC(mixture)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &self->lock) {
        if (self->shields) {
            ASYNC_SHIELD(&self->shield) {
                ASYNC_GROUP(&self->group) {
                    async_group_spawn(&self->group, &self->member,
                                      &self->job.coro);
                }
                trace("group@%lu ", elapsed());
            }
        } else {
            ASYNC_GROUP(&self->group) {
                async_group_spawn(&self->group, &self->member, &self->job.coro);
                ASYNC_WITH_LOCK(&self->inner_guard, &self->inner_lock) {
                    if (self->shields_inside) {
                        ASYNC_SHIELD(&self->inner_shield) {
                            AWAIT(async_sleep(4));
                            trace("shielded@%lu ", elapsed());
                        }
                    } else {
                        AWAIT(async_sleep(4));
                    }
                    trace("locked@%lu ", elapsed());
                }
            }
        }
        trace("still%d@%lu ", async_lock_is_taken(&self->lock), elapsed());
    }
    ASYNC_FINALLY();
    trace("/%d%d@%lu ", async_lock_is_taken(&self->lock),
          async_lock_is_taken(&self->inner_lock), elapsed());
    ASYNC_END();
}

static void a_group_in_a_lock_keeps_it_until_the_members_end(void **state)
{
    (void)state;
    ASYNC_OBJECT(mixture, m);
    m.job = ASYNC_CALL(job, .ticks = 6, .name = 'a');
    assert_int_equal(async_run(&loop, &m.coro), 0);
    assert_trace("locked@4 >a@6 /a@6 still1@6 /00@6");
    m = ASYNC_CALL(mixture, .shields = false);
    m.job = ASYNC_CALL(job, .ticks = 1, .error = -7, .cleanup = 1, .name = 'a');
    assert_int_equal(async_run(&loop, &m.coro), -7);
    assert_trace(">a@7 /a@8 /00@8");
}

static void a_shielded_group_is_not_cancelled(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(mixture, m, .shields = true);
    m.job = ASYNC_CALL(job, .ticks = 6, .name = 'a');
    async_spawn(&loop, &task, &m.coro);
    pass(1);
    async_cancel(&task);
    pass(5);
    assert_trace(">a@6 /a@6 group@6 /00@6");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

static void a_shield_in_the_body_holds_back_the_groups_error(void **state)
{
    (void)state;
    ASYNC_OBJECT(mixture, m, .shields_inside = true);
    m.job = ASYNC_CALL(job, .ticks = 1, .error = -7, .name = 'a');
    assert_int_equal(async_run(&loop, &m.coro), -7);
    assert_trace(">a@1 /a@1 shielded@4 /00@4");
}

struct tidy {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct job jobs[2];
};

/* A group in the cleanup. */
ASYNC_STATIC(tidy)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_RAISE(-5);
    ASYNC_FINALLY();
    AWAIT(async_gather(&self->group, self->members, &self->jobs[0].coro,
                       &self->jobs[1].coro));
    trace("tidy@%lu ", elapsed());
    ASYNC_END();
}

static void a_group_can_stand_in_the_cleanup(void **state)
{
    (void)state;
    ASYNC_OBJECT(tidy, t);
    t.jobs[0] = ASYNC_CALL(job, .ticks = 2, .name = 'a');
    t.jobs[1] = ASYNC_CALL(job, .ticks = 3, .name = 'b');
    assert_int_equal(async_run(&loop, &t.coro), -5);
    assert_trace(">a@3 /a@3 >b@4 /b@4 tidy@4");
}

/* --- The end of the loop -------------------------------------------------- */

static void closing_the_loop_ends_groups_and_runs_each_cleanup(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'a');
    boss.jobs[1] = ASYNC_CALL(job, .ticks = 9, .cleanup = 3, .name = 'b');
    start();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("end@0 /a@2 /b@3 /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

/* The members have no timer, so the loop comes to them before their group. */
static void closing_the_loop_cancels_members_once(void **state)
{
    (void)state;
    new_boss(2);
    boss.own.ticks = 9;
    for (int i = 0; i < 2; i++) {
        boss.jobs[i].ticks = ASYNC_FOREVER;
        boss.jobs[i].cleanup = 2;
    }
    start();
    assert_int_equal(async_loop_close(&loop), 0);
    const char *traced = trace_take();
    assert_non_null(strstr(traced, "/a@2"));
    assert_non_null(strstr(traced, "/b@2"));
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void closing_the_loop_leaves_a_shielded_group_alone(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(mixture, m, .shields = true);
    m.job = ASYNC_CALL(job, .ticks = 6, .name = 'a');
    async_spawn(&loop, &task, &m.coro);
    pass(1);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace(">a@6 /a@6 group@6 /00@6");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

static void a_group_in_the_cleanup_runs_when_the_loop_is_closed(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(tidy, t);
    t.jobs[0] = ASYNC_CALL(job, .ticks = 2, .name = 'a');
    t.jobs[1] = ASYNC_CALL(job, .ticks = 3, .name = 'b');
    async_spawn(&loop, &task, &t.coro);
    settle_down();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace(">a@2 /a@2 >b@3 /b@3 tidy@3");
}

struct quick {
    ASYNC_FRAME;
};

ASYNC_STATIC(quick)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();
    ASYNC_YIELD();
    ASYNC_END();
}

static void async_run_that_ends_ends_open_groups_of_others(void **state)
{
    (void)state;
    new_boss(2);
    boss.jobs[0] = ASYNC_CALL(job, .ticks = 9, .cleanup = 2, .name = 'a');
    boss.jobs[1].ticks = 9;
    ASYNC_OBJECT(quick, q);
    async_spawn(&loop, &boss_task, &boss.coro);
    assert_int_equal(async_run(&loop, &q.coro), 0);
    assert_ended(ASYNC_ERR_CANCELLED);
    assert_trace("end@0 /b@0 /a@2 /@2");
}

static void a_group_that_cannot_end_is_reported_when_the_loop_closes(void **s)
{
    (void)s;
    new_boss(1);
    boss.jobs[0] =
        ASYNC_CALL(job, .ticks = 9, .cleanup = ASYNC_FOREVER, .name = 'a');
    start();
    assert_int_equal(async_loop_close(&loop), 2);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    assert_true(async_task_done(&boss_task));
    assert_true(async_task_done(&boss.members[0].task));
    assert_trace("end@0");
    /* all of it can be used again */
    new_boss(1)->jobs[0].ticks = 2;
    start();
    pass(2);
    assert_ended(0);
    trace_clear();
}

static void a_deadlock_in_a_group_says_where_the_block_waits(void **state)
{
    (void)state;
    new_boss(1)->jobs[0].ticks = ASYNC_FOREVER;
    assert_int_equal(async_run(&loop, &boss.coro), ASYNC_ERR_DEADLOCK);
    bool said = false;
    for (int i = 0; i < 2; i++) {
        expect_report(ASYNC_REPORT_DEADLOCK);
        said = said || report_says("the end of ASYNC_GROUP") ||
               (report_says("'boss'") && !report_says("awaiting"));
    }
    assert_true(said);
    trace_clear();
}

/* --- Left by goto --------------------------------------------------------- */

struct jumper {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    int i;
    bool twice;
};

ASYNC_STATIC(jumper)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < (self->twice ? 2 : 1); self->i++) {
        ASYNC_GROUP(&self->group) {
            if (self->i == 0) {
                self->job = ASYNC_CALL(job, .ticks = 2, .name = 'a');
                async_group_spawn(&self->group, &self->member, &self->job.coro);
                AWAIT(async_sleep(1));
                goto out;
            }
            trace("again ");
        }
    out:
        trace("out@%lu ", elapsed());
    }
    ASYNC_END();
}

static void a_goto_out_of_the_block_is_reported_at_the_end(void **state)
{
    (void)state;
    ASYNC_OBJECT(jumper, j);
    assert_int_equal(async_run(&loop, &j.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("out@1 >a@2 /a@2");
}

/* The members of the block that was left go on as tasks of their own. */
static void a_goto_out_of_the_block_is_reported_at_the_next_entry(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(jumper, j, .twice = true);
    async_spawn(&loop, &task, &j.coro);
    pass(1);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("out@1 again out@1");
    assert_true(async_task_done(&task));
    pass(1);
    assert_trace(">a@2 /a@2");
    assert_true(async_task_done(&j.member.task));
}

struct leaper {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct job jobs[2];
    int i;
};

ASYNC_STATIC(leaper)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        ASYNC_GROUP(&self->group) {
            async_group_spawn(&self->group, &self->members[self->i],
                              &self->jobs[self->i].coro);
            if (self->i == 0) {
                goto next;
            }
        }
    next:;
    }
    trace("end@%lu ", elapsed());
    ASYNC_END();
}

static void a_member_left_behind_by_goto_is_not_the_next_blocks(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(leaper, l);
    l.jobs[0] = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'a');
    l.jobs[1] = ASYNC_CALL(job, .ticks = 4, .name = 'b');
    async_spawn(&loop, &task, &l.coro);
    settle_down();
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    pass(4);
    assert_trace(">a@2 /a@2 >b@4 /b@4 end@4");
    assert_true(async_task_done(&task));
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -7);
}

struct inner_jumper {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    async_with_t guard;
    async_lock_t lock;
};

/* A scope inside the group is left by goto, the group is not. */
ASYNC_STATIC(inner_jumper)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        ASYNC_WITH_LOCK(&self->guard, &self->lock) {
            ASYNC_YIELD();
            goto out;
        }
    out:;
    }
    trace("%d@%lu ", async_lock_is_taken(&self->lock), elapsed());
    ASYNC_END();
}

static void a_scope_in_the_body_left_by_goto_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(inner_jumper, i);
    i.job = ASYNC_CALL(job, .name = 'a');
    assert_int_equal(async_run(&loop, &i.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace(">a@0 /a@0 0@0");
    i = ASYNC_CALL(inner_jumper, .lock = {.owner_ = NULL});
    i.job = ASYNC_CALL(job, .ticks = 3, .name = 'a');
    assert_int_equal(async_run(&loop, &i.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_false(async_lock_is_taken(&i.lock));
    trace_clear();
}

/* --- Gather --------------------------------------------------------------- */

enum operation { GATHER, GATHER_ERRORS, RACE };

struct all {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[3];
    struct job jobs[3];
    async_coro_t *coros[3];
    async_timeout_t limit;
    async_ticks_t within; /* async_wait_for */
    async_ticks_t around; /* ASYNC_TIMEOUT */
    int caught;
    enum operation operation;
    bool catches;
};

static async_wait_t operate(struct all *self)
{
    struct job *jobs = self->jobs;
    if (self->operation == GATHER) {
        return async_gather(&self->group, self->members, &jobs[0].coro,
                            &jobs[1].coro, &jobs[2].coro);
    }
    if (self->operation == GATHER_ERRORS) {
        return async_gather_errors(&self->group, self->members, &jobs[0].coro,
                                   &jobs[1].coro, &jobs[2].coro);
    }
    return async_race(&self->group, self->members, &jobs[0].coro, &jobs[1].coro,
                      &jobs[2].coro);
}

ASYNC_STATIC(all)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit,
                  self->around == 0 ? ASYNC_FOREVER : self->around) {
        if (self->catches) {
            AWAIT_CATCH(self->caught,
                        async_wait_for(operate(self), self->within == 0
                                                          ? ASYNC_FOREVER
                                                          : self->within));
            trace("caught%d ", self->caught);
        } else {
            AWAIT(async_wait_for(operate(self), self->within == 0
                                                    ? ASYNC_FOREVER
                                                    : self->within));
        }
        trace("all@%lu ", elapsed());
    }
    trace("x%d ", async_timeout_expired(&self->limit));
    ASYNC_FINALLY();
    trace("w%d/@%lu ", async_race_winner(&self->group, self->members),
          elapsed());
    ASYNC_END();
}

/* Jobs a, b, c end after 3, 1 and 2 ticks. */
static struct all new_all(enum operation operation)
{
    struct all a = ASYNC_CALL(all, .operation = operation);
    a.jobs[0] = ASYNC_CALL(job, .ticks = 3, .name = 'a');
    a.jobs[1] = ASYNC_CALL(job, .ticks = 1, .name = 'b');
    a.jobs[2] = ASYNC_CALL(job, .ticks = 2, .name = 'c');
    return a;
}

static void gather_waits_for_all(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@1 /b@1 >c@2 /c@2 >a@3 /a@3 all@3 x0 w-1/@3");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(a.jobs[i].result, 'a' + i);
    }
}

static void gather_runs_its_coroutines_in_the_order_given(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    a.jobs[0].ticks = a.jobs[1].ticks = a.jobs[2].ticks = 0;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">a@0 /a@0 >b@0 /b@0 >c@0 /c@0 all@0 x0 w-1/@0");
}

static void gather_cancels_the_others_at_the_first_error(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    a.jobs[1].error = -7;
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), -7);
    assert_trace(">b@1 /b@1 /c@1 /a@4 w-1/@4");
}

static void the_error_of_gather_can_be_caught_when_all_have_ended(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    a.catches = true;
    a.jobs[1].error = -7;
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@1 /b@1 /c@1 /a@4 caught-7 all@4 x0 w-1/@4");
}

static void a_limit_on_gather_raises_when_all_have_ended(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    a.within = 2;
    a.jobs[2].ticks = 5;
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_TIMEOUT);
    assert_trace(">b@1 /b@1 /c@2 /a@5 w-1/@5");

    a = new_all(GATHER);
    a.within = 2;
    a.catches = true;
    a.jobs[2].ticks = 5;
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@6 /b@6 /c@7 /a@10 caught-201 all@10 x0 w-1/@10");
}

static void a_limit_that_gather_keeps_is_no_limit(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    a.within = 4;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@1 /b@1 >c@2 /c@2 >a@3 /a@3 all@3 x0 w-1/@3");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

/* The limit comes while the others end because of an error. */
static void a_limit_that_comes_after_an_error_is_reported(void **state)
{
    (void)state;
    struct all a = new_all(GATHER);
    a.within = 2;
    a.jobs[1].error = -7;
    a.jobs[0].cleanup = 5;
    assert_int_equal(async_run(&loop, &a.coro), -7);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, ASYNC_ERR_TIMEOUT);
    assert_trace(">b@1 /b@1 /c@1 /a@6 w-1/@6");
}

static void a_timeout_around_gather_ends_it(void **state)
{
    (void)state;
    for (int catches = 0; catches < 2; catches++) {
        struct all a = new_all(GATHER);
        unsigned long from = elapsed();
        a.around = 2;
        a.catches = catches != 0;
        a.jobs[2].ticks = 4;
        a.jobs[0].cleanup = 3;
        assert_int_equal(async_run(&loop, &a.coro), 0);
        assert_true(async_timeout_expired(&a.limit));
        assert_int_equal(elapsed() - from, 5);
        const char *traced = trace_take();
        assert_null(strstr(traced, "caught"));
        assert_null(strstr(traced, "all"));
    }
}

static void cancelling_gather_cancels_all_and_is_not_caught(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct all a = new_all(GATHER);
    a.catches = true;
    a.jobs[0].cleanup = 3;
    async_spawn(&loop, &task, &a.coro);
    pass(1);
    async_cancel(&task);
    pass(1);
    async_cancel(&task);
    pass(2);
    assert_trace(">b@1 /b@1 /c@1 /a@4 w-1/@4");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

static void gather_errors_runs_all_to_their_end(void **state)
{
    (void)state;
    struct all a = new_all(GATHER_ERRORS);
    a.jobs[0].error = -6;
    a.jobs[1].error = -7;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@1 /b@1 >c@2 /c@2 >a@3 /a@3 all@3 x0 w-1/@3");
    assert_int_equal(async_task_error(&a.members[0].task), -6);
    assert_int_equal(async_task_error(&a.members[1].task), -7);
    assert_int_equal(async_task_error(&a.members[2].task), 0);
}

static void cancelling_gather_errors_cancels_all(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct all a = new_all(GATHER_ERRORS);
    a.jobs[0].cleanup = 1;
    a.jobs[0].cleanup_error = -6;
    async_spawn(&loop, &task, &a.coro);
    pass(1);
    async_cancel(&task);
    pass(1);
    assert_trace(">b@1 /b@1 /c@1 /a@2 w-1/@2");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_task_error(&a.members[0].task), -6);
}

static void a_limit_on_gather_errors_raises_when_all_have_ended(void **state)
{
    (void)state;
    struct all a = new_all(GATHER_ERRORS);
    a.within = 2;
    a.jobs[2].ticks = 5;
    a.jobs[1].error = -7;
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_TIMEOUT);
    assert_trace(">b@1 /b@1 /c@2 /a@5 w-1/@5");
}

struct none {
    ASYNC_FRAME;
    async_group_t group;
};

ASYNC_STATIC(none)
{
    ASYNC_BEGIN();
    AWAIT(async_gather_n(&self->group, NULL, NULL, 0));
    AWAIT(
        async_wait_for(async_gather_errors_n(&self->group, NULL, NULL, 0), 5));
    AWAIT(async_race_n(&self->group, NULL, NULL, 0));
    trace("@%lu %d ", elapsed(), async_race_winner(&self->group, NULL));
    ASYNC_YIELD();
    ASYNC_END();
}

static void operations_on_no_coroutines_end_at_once(void **state)
{
    (void)state;
    ASYNC_OBJECT(none, n);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &n.coro);
    async_poll(&loop);
    assert_trace("@0 -1");
    settle_down();
    assert_true(async_task_done(&task));
}

static void gather_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    new_boss(1);
    async_coro_t *coro = &boss.jobs[0].coro;
    async_wait_t wait = async_gather_n(&boss.group, boss.members, &coro, 1);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_true(async_coro_state(coro) == ASYNC_CORO_CREATED);
}

struct forgetful {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct job job;
    struct job child;
};

ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    self->job = ASYNC_CALL(job, .ticks = 2, .name = 'a');
    {
        async_wait_t wait =
            async_gather(&self->group, &self->member, &self->job.coro);
        (void)wait;
    }
    AWAIT_CALL(self->child, job, .ticks = 5, .name = 'c');
    AWAIT(async_sleep(1));
    trace("end@%lu ", elapsed());
    ASYNC_END();
}

/* The member goes on as a task of its own. */
static void gather_without_await_is_reported_and_does_not_wake_later(void **s)
{
    (void)s;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(forgetful, f);
    async_spawn(&loop, &task, &f.coro);
    settle_down();
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    pass(6);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace(">a@2 /a@2 >c@5 /c@5 end@6");
    assert_true(async_task_done(&task));
    assert_true(async_coro_state(&f.coro) == ASYNC_CORO_DONE);
    if (reports_pending() > 0) {
        expect_report(ASYNC_REPORT_SCOPE_LEFT); /* the group's */
    }
}

/* --- Race ----------------------------------------------------------------- */

static void the_first_to_end_wins_and_the_others_are_cancelled(void **state)
{
    (void)state;
    struct all a = new_all(RACE);
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@1 /b@1 /c@1 /a@4 all@4 x0 w1/@4");
    assert_int_equal(a.jobs[1].result, 'b');
    assert_int_equal(async_task_error(&a.members[0].task), ASYNC_ERR_CANCELLED);
}

static void each_can_win(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct all a = new_all(RACE);
        a.jobs[0].ticks = a.jobs[1].ticks = a.jobs[2].ticks = 5;
        a.jobs[i].ticks = 4;
        assert_int_equal(async_run(&loop, &a.coro), 0);
        assert_int_equal(async_race_winner(&a.group, a.members), i);
        trace_clear();
    }
}

static void the_winners_error_is_raised_when_the_others_have_ended(void **state)
{
    (void)state;
    struct all a = new_all(RACE);
    a.jobs[1].error = -7;
    a.jobs[0].cleanup = 3;
    assert_int_equal(async_run(&loop, &a.coro), -7);
    assert_trace(">b@1 /b@1 /c@1 /a@4 w1/@4");
}

static void an_error_of_a_losers_cleanup_is_reported(void **state)
{
    (void)state;
    for (int error = 0; error >= -7; error -= 7) {
        struct all a = new_all(RACE);
        a.jobs[1].error = error;
        a.jobs[0].cleanup = 1;
        a.jobs[0].cleanup_error = -6;
        assert_int_equal(async_run(&loop, &a.coro), error);
        expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
        assert_int_equal(report_taken()->error, -6);
        assert_ptr_equal(report_taken()->task, &a.members[0].task);
        assert_int_equal(async_race_winner(&a.group, a.members), 1);
        assert_int_equal(async_task_error(&a.members[0].task), -6);
        trace_clear();
    }
}

static void of_two_that_end_in_one_round_the_first_to_run_wins(void **state)
{
    (void)state;
    struct all a = new_all(RACE);
    a.jobs[0].ticks = a.jobs[1].ticks = a.jobs[2].ticks = 0;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">a@0 /a@0 all@0 x0 w0/@0");
    a = new_all(RACE);
    a.jobs[1].ticks = a.jobs[2].ticks = 1;
    a.jobs[2].error = -7;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_int_equal(async_race_winner(&a.group, a.members), 1);
    trace_clear();
}

static void a_member_cancelled_by_itself_does_not_win(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct all a = new_all(RACE);
    a.jobs[1].ticks = 9;
    async_spawn(&loop, &task, &a.coro);
    pass(1);
    async_cancel(&a.members[1].task);
    pass(1);
    assert_trace("/b@1 >c@2 /c@2 /a@2 all@2 x0 w2/@2");
    assert_true(async_task_done(&task));
}

static void a_race_in_which_all_are_cancelled_has_no_winner(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct all a = new_all(RACE);
    async_spawn(&loop, &task, &a.coro);
    settle_down();
    for (int i = 0; i < 3; i++) {
        async_cancel(&a.members[i].task);
    }
    pass(1);
    assert_trace("/a@0 /b@0 /c@0 all@0 x0 w-1/@0");
    assert_int_equal(async_task_error(&task), 0);
}

struct twice {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct job jobs[2];
};

ASYNC_STATIC(twice)
{
    ASYNC_BEGIN();
    self->jobs[0] = ASYNC_CALL(job, .ticks = 2, .name = 'a');
    self->jobs[1] = ASYNC_CALL(job, .ticks = 1, .name = 'b');
    AWAIT(async_race(&self->group, self->members, &self->jobs[0].coro,
                     &self->jobs[1].coro));
    trace("w%d ", async_race_winner(&self->group, self->members));
    AWAIT(async_race_n(&self->group, NULL, NULL, 0));
    trace("w%d ", async_race_winner(&self->group, self->members));
    ASYNC_END();
}

static void a_second_race_does_not_remember_the_first(void **state)
{
    (void)state;
    ASYNC_OBJECT(twice, t);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    assert_trace(">b@1 /b@1 /a@1 w1 w-1");
}

static void cancelling_a_race_has_no_winner(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct all a = new_all(RACE);
    a.jobs[0].cleanup = 2;
    async_spawn(&loop, &task, &a.coro);
    settle_down();
    async_cancel(&task);
    pass(2);
    assert_trace("/b@0 /c@0 /a@2 w-1/@2");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

static void cancelling_a_race_while_the_losers_end(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct all a = new_all(RACE);
    a.jobs[0].cleanup = 3;
    async_spawn(&loop, &task, &a.coro);
    pass(2);
    async_cancel(&task);
    pass(2);
    assert_trace(">b@1 /b@1 /c@1 /a@4 w1/@4");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

static void a_limit_on_a_race(void **state)
{
    (void)state;
    struct all a = new_all(RACE);
    a.within = 2;
    a.jobs[0].ticks = a.jobs[1].ticks = a.jobs[2].ticks = 5;
    a.jobs[0].cleanup = 1;
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("/b@2 /c@2 /a@3 w-1/@3");
    a = new_all(RACE);
    a.within = 2;
    a.catches = true;
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace(">b@4 /b@4 /a@4 /c@4 caught0 all@4 x0 w1/@4");
}

/* --- A body that catches what took the cancellation's place --------------- */

struct raises_late {
    ASYNC_FRAME;
};

ASYNC_STATIC(raises_late)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    ASYNC_RAISE(-9);
    ASYNC_END();
}

struct catches_late {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    async_try_t attempt;
    struct job job;
    struct raises_late late;
};

ASYNC_STATIC(catches_late)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        ASYNC_TRY(&self->attempt) {
            AWAIT_CALL(self->late, raises_late);
        }
    }
    ASYNC_END();
}

static void a_body_that_goes_on_does_not_hide_the_error(void **state)
{
    (void)state;
    ASYNC_OBJECT(catches_late, c);
    c.job = ASYNC_CALL(job, .ticks = 2, .error = -7, .name = 'a');
    assert_int_equal(async_run(&loop, &c.coro), -7);
    assert_int_equal(async_try_error(&c.attempt), -9);
    trace_clear();
}

/* --- Joins and groups ----------------------------------------------------- */

struct joins_its_boss {
    ASYNC_FRAME;
    async_task_t *boss;
};

ASYNC_STATIC(joins_its_boss)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->boss));
    ASYNC_FINALLY();
    AWAIT(async_sleep(5));
    trace("/m@%lu ", elapsed());
    ASYNC_END();
}

struct joined_boss {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct joins_its_boss job;
};

static async_task_t joined_task;

ASYNC_STATIC(joined_boss)
{
    ASYNC_BEGIN();
    self->job = ASYNC_CALL(joins_its_boss, .boss = &joined_task);
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->job.coro);
        AWAIT(async_sleep(100));
    }
    ASYNC_END();
}

struct cancels_the_boss {
    ASYNC_FRAME;
    struct joined_boss boss;
    int error;
};

ASYNC_STATIC(cancels_the_boss)
{
    ASYNC_BEGIN();
    self->boss = ASYNC_CALL(joined_boss);
    async_spawn(&loop, &joined_task, &self->boss.coro);
    AWAIT(async_sleep(2));
    async_cancel(&joined_task);
    AWAIT_CATCH(self->error, async_join(&joined_task));
    trace("%d@%lu", self->error, elapsed());
    ASYNC_END();
}

static void a_member_that_joins_the_task_of_its_group_ends_with_it(void **state)
{
    (void)state;
    joined_task = (async_task_t)ASYNC_TASK_INIT;
    ASYNC_OBJECT(cancels_the_boss, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("/m@7 -200@7");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_group_ends_at_once),
        TEST(the_block_waits_for_its_members_in_whatever_order_they_end),
        TEST(members_that_end_in_one_round_end_the_block_once),
        TEST(members_that_ended_before_the_body_do_not_hold_it_up),
        TEST(the_cleanup_of_members_is_awaited),
        TEST(break_and_continue_leave_the_body_and_wait),
        TEST(a_return_waits_for_the_members_and_keeps_the_result),
        TEST(a_return_without_members_returns_at_once),
        TEST(a_group_and_its_members_can_be_used_again_in_a_loop),
        TEST(a_group_can_be_a_branch_without_braces),
        TEST(an_error_of_a_member_cancels_the_others_and_is_raised),
        TEST(an_error_of_a_member_cancels_the_body),
        TEST(an_error_of_the_last_member_is_raised),
        TEST(an_error_of_a_member_takes_the_place_of_a_return),
        TEST(an_error_of_the_body_cancels_the_members),
        TEST(an_error_of_what_the_body_awaits_cancels_the_members),
        TEST(an_error_of_the_body_without_members_goes_up_at_once),
        TEST(an_error_of_the_body_at_once_ends_members_unstarted),
        TEST(a_second_error_is_reported_and_stays_with_its_task),
        TEST(two_errors_in_one_round_the_first_to_run_is_raised),
        TEST(an_error_of_the_body_after_a_members_is_reported),
        TEST(an_error_of_a_member_after_the_bodys_is_reported),
        TEST(the_error_of_a_member_counts_as_taken),
        TEST(cancelling_the_task_in_the_body_cancels_the_members),
        TEST(cancelling_the_task_at_the_end_cancels_the_members),
        TEST(a_second_cancel_changes_nothing),
        TEST(cancelling_during_a_return_cancels),
        TEST(cancelling_while_an_error_is_awaited_keeps_the_error),
        TEST(cancelling_while_the_bodys_error_waits_keeps_the_error),
        TEST(an_error_of_a_member_takes_the_place_of_a_cancellation),
        TEST(cancelling_after_the_last_member_failed_keeps_the_error),
        TEST(cancelling_after_the_last_member_ended_cancels),
        TEST(cancelling_in_the_round_of_the_last_end),
        TEST(the_last_end_in_the_round_of_a_cancellation),
        TEST(an_await_catch_of_the_body_does_not_catch_what_comes_later),
        TEST(a_task_that_cancels_itself_in_the_body),
        TEST(a_task_that_cancels_itself_and_returns_is_cancelled),
        TEST(a_task_that_cancels_itself_and_raises_raises),
        TEST(a_member_cancelled_by_itself_is_no_error),
        TEST(the_last_member_cancelled_by_itself_ends_the_block),
        TEST(a_member_that_was_cancelled_and_fails_is_an_error),
        TEST(group_cancel_ends_the_members_without_an_error),
        TEST(group_cancel_while_the_block_waits_ends_it),
        TEST(group_cancel_twice_is_once),
        TEST(an_error_after_group_cancel_cancels_the_body),
        TEST(a_member_that_ends_already_is_not_cancelled_again),
        TEST(a_member_that_outlived_a_cancel_is_cancelled_with_the_group),
        TEST(a_member_whose_timeout_has_expired_is_cancelled),
        TEST(a_member_whose_limit_has_expired_is_cancelled),
        TEST(scopes_in_the_cleanup_of_a_member_are_left_alone),
        TEST(group_cancel_of_a_block_that_is_not_open_is_reported),
        TEST(a_timeout_around_the_group_ends_it),
        TEST(a_timeout_around_the_group_that_does_not_expire),
        TEST(an_error_of_a_member_goes_out_of_an_expired_timeout),
        TEST(a_timeout_after_the_last_member_failed_keeps_the_error),
        TEST(a_timeout_in_the_body_is_not_the_groups),
        TEST(an_error_of_a_member_passes_a_timeout_in_the_body),
        TEST(an_error_passes_a_timeout_that_expires_with_it),
        TEST(a_member_can_spawn_a_member_while_the_block_waits),
        TEST(a_member_spawned_into_an_ending_group_does_not_run),
        TEST(a_spawn_outside_of_the_block_is_reported),
        TEST(a_spawn_between_the_last_end_and_the_block_is_reported),
        TEST(a_member_or_an_object_in_use_is_reported),
        TEST(a_member_that_is_done_can_be_spawned_again),
        TEST(others_can_join_a_member),
        TEST(those_who_join_a_member_that_fails_get_its_error),
        TEST(a_body_that_joins_a_member_that_fails_is_ended),
        TEST(a_body_that_joins_a_member_goes_on_with_its_end),
        TEST(a_body_sees_that_a_member_was_cancelled_by_itself),
        TEST(groups_nest),
        TEST(an_error_in_the_inner_group_ends_both),
        TEST(an_error_of_the_inner_group_can_be_caught),
        TEST(an_error_in_the_outer_group_ends_the_inner_first),
        TEST(errors_in_both_groups_the_outer_one_is_raised),
        TEST(cancelling_nested_groups_ends_both),
        TEST(a_group_can_stand_three_calls_deep),
        TEST(cancelling_a_group_three_calls_deep),
        TEST(a_group_in_a_lock_keeps_it_until_the_members_end),
        TEST(a_shielded_group_is_not_cancelled),
        TEST(a_shield_in_the_body_holds_back_the_groups_error),
        TEST(a_group_can_stand_in_the_cleanup),
        TEST(closing_the_loop_ends_groups_and_runs_each_cleanup),
        TEST(closing_the_loop_cancels_members_once),
        TEST(closing_the_loop_leaves_a_shielded_group_alone),
        TEST(a_group_in_the_cleanup_runs_when_the_loop_is_closed),
        TEST(async_run_that_ends_ends_open_groups_of_others),
        TEST(a_group_that_cannot_end_is_reported_when_the_loop_closes),
        TEST(a_deadlock_in_a_group_says_where_the_block_waits),
        TEST(a_goto_out_of_the_block_is_reported_at_the_end),
        TEST(a_goto_out_of_the_block_is_reported_at_the_next_entry),
        TEST(a_member_left_behind_by_goto_is_not_the_next_blocks),
        TEST(a_scope_in_the_body_left_by_goto_is_reported),
        TEST(gather_waits_for_all),
        TEST(gather_runs_its_coroutines_in_the_order_given),
        TEST(gather_cancels_the_others_at_the_first_error),
        TEST(the_error_of_gather_can_be_caught_when_all_have_ended),
        TEST(a_limit_on_gather_raises_when_all_have_ended),
        TEST(a_limit_that_gather_keeps_is_no_limit),
        TEST(a_limit_that_comes_after_an_error_is_reported),
        TEST(a_timeout_around_gather_ends_it),
        TEST(cancelling_gather_cancels_all_and_is_not_caught),
        TEST(gather_errors_runs_all_to_their_end),
        TEST(cancelling_gather_errors_cancels_all),
        TEST(a_limit_on_gather_errors_raises_when_all_have_ended),
        TEST(operations_on_no_coroutines_end_at_once),
        TEST(gather_outside_of_a_task_is_reported),
        TEST(gather_without_await_is_reported_and_does_not_wake_later),
        TEST(the_first_to_end_wins_and_the_others_are_cancelled),
        TEST(each_can_win),
        TEST(the_winners_error_is_raised_when_the_others_have_ended),
        TEST(an_error_of_a_losers_cleanup_is_reported),
        TEST(of_two_that_end_in_one_round_the_first_to_run_wins),
        TEST(a_member_cancelled_by_itself_does_not_win),
        TEST(a_race_in_which_all_are_cancelled_has_no_winner),
        TEST(a_second_race_does_not_remember_the_first),
        TEST(cancelling_a_race_has_no_winner),
        TEST(cancelling_a_race_while_the_losers_end),
        TEST(a_limit_on_a_race),
        TEST(a_body_that_goes_on_does_not_hide_the_error),
        TEST(a_member_that_joins_the_task_of_its_group_ends_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
