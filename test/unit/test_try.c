/* SPDX-License-Identifier: MIT */

#include "test.h"

static async_virtual_clock_t machine;
static async_loop_t loop;

static void begin(void)
{
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
}

static unsigned since(void)
{
    return (unsigned)(async_time_t)(async_loop_now(&loop) -
                                    JUST_BEFORE_THE_WRAP);
}

static int run(async_coro_t *coro)
{
    begin();
    return async_run(&loop, coro);
}

struct fail {
    ASYNC_FRAME;
    int result;
    int error;
};

ASYNC_STATIC(fail)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_RETURN(11);
    ASYNC_END();
}

/* --- Catch ---------------------------------------------------------------- */

struct once {
    ASYNC_FRAME;
    int error;
    async_try_t attempt;
    struct fail fail;
};

ASYNC_STATIC(once)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        trace("body ");
        AWAIT_CALL(self->fail, fail, .error = self->error);
        trace("well ");
    }
    trace("behind%d ", async_try_error(&self->attempt));
    AWAIT(async_sleep(1));
    trace("on@%u ", since());
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void the_program_goes_on_behind_a_caught_error(void **state)
{
    (void)state;
    ASYNC_OBJECT(once, object, .error = -5);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("body behind-5 on@2 finally");
}

static void a_block_without_an_error_leaves_0(void **state)
{
    (void)state;
    ASYNC_OBJECT(once, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("body well behind0 on@2 finally");
}

struct own {
    ASYNC_FRAME;
    async_try_t attempt;
    async_event_t never;
};

ASYNC_STATIC(own)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_RAISE(-8);
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_wait_for(async_event_wait(&self->never), 1));
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_join(async_current_task()));
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_TRY(&self->attempt) {
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_END();
}

static void a_block_catches_errors_raised_in_it(void **state)
{
    (void)state;
    ASYNC_OBJECT(own, object);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_JOIN);
    assert_trace("-8 -201 -202 0");
}

struct nested {
    ASYNC_FRAME;
    int inner_error;
    int outer_error;
    async_try_t outer;
    async_try_t inner;
    struct fail fail;
};

ASYNC_STATIC(nested)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->outer) {
        ASYNC_TRY(&self->inner) {
            AWAIT_CALL(self->fail, fail, .error = self->inner_error);
        }
        trace("inner%d ", async_try_error(&self->inner));
        AWAIT_CALL(self->fail, fail, .error = self->outer_error);
        trace("well ");
    }
    trace("outer%d ", async_try_error(&self->outer));
    ASYNC_END();
}

static void the_innermost_open_block_catches(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, both, .inner_error = -1, .outer_error = -2);
    assert_int_equal(run(&both.coro), 0);
    assert_trace("inner-1 outer-2");
    ASYNC_OBJECT(nested, inner, .inner_error = -1);
    assert_int_equal(run(&inner.coro), 0);
    assert_trace("inner-1 well outer0");
    ASYNC_OBJECT(nested, outer, .outer_error = -2);
    assert_int_equal(run(&outer.coro), 0);
    assert_trace("inner0 outer-2");
}

struct rethrow {
    ASYNC_FRAME;
    async_try_t outer;
    async_try_t inner;
    struct fail fail;
};

ASYNC_STATIC(rethrow)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->outer) {
        ASYNC_TRY(&self->inner) {
            AWAIT_CALL(self->fail, fail, .error = -3);
        }
        ASYNC_RAISE(async_try_error(&self->inner) * 10);
    }
    ASYNC_RAISE(async_try_error(&self->outer) * 10);
    ASYNC_END();
}

static void a_caught_error_may_be_raised_again(void **state)
{
    (void)state;
    ASYNC_OBJECT(rethrow, object);
    assert_int_equal(run(&object.coro), -300);
}

struct catch_first {
    ASYNC_FRAME;
    int error;
    async_try_t attempt;
    struct fail fail;
};

ASYNC_STATIC(catch_first)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL_CATCH(self->error, self->fail, fail, .error = -5);
        trace("caught%d ", self->error);
        AWAIT_CALL_CATCH(self->error, self->fail, fail);
        trace("caught%d:%d ", self->error, self->fail.result);
        AWAIT_CALL(self->fail, fail, .error = -6);
        trace("wrong ");
    }
    trace("behind%d ", async_try_error(&self->attempt));
    ASYNC_END();
}

static void a_call_that_catches_leaves_nothing_for_the_block(void **state)
{
    (void)state;
    ASYNC_OBJECT(catch_first, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("caught-5 caught0:11 behind-6");
}

struct strict {
    ASYNC_FRAME;
    int error;
    async_timeout_t limit;
    async_try_t attempt;
    async_event_t never;
};

ASYNC_STATIC(strict)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 3) {
        ASYNC_TRY(&self->attempt) {
            AWAIT(async_event_wait(&self->never));
        }
        trace("wrong ");
    }
    ASYNC_FINALLY();
    trace("%d@%u ", async_try_error(&self->attempt), since());
    ASYNC_END();
}

static void a_failing_timeout_around_the_block_passes_through(void **state)
{
    (void)state;
    ASYNC_OBJECT(strict, object);
    assert_int_equal(run(&object.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("0@3");
}

struct retry {
    ASYNC_FRAME;
    int result;
    int i;
    async_try_t attempt;
    struct fail fail;
};

ASYNC_STATIC(retry)
{
    ASYNC_BEGIN();
    for (self->i = 3; self->i >= 0; self->i--) {
        ASYNC_TRY(&self->attempt) {
            AWAIT_CALL(self->fail, fail, .error = -self->i);
            self->result = self->fail.result;
        }
        trace("%d ", async_try_error(&self->attempt));
    }
    ASYNC_END();
}

static void a_block_in_a_loop_is_entered_anew(void **state)
{
    (void)state;
    ASYNC_OBJECT(retry, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.result, 11);
    assert_trace("-3 -2 -1 0");
}

/* clang-format off */
struct one_line {
    ASYNC_FRAME;
    async_try_t t;
    async_timeout_t limit;
    struct fail fail;
    async_event_t never;
};

ASYNC_STATIC(one_line)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->t) { AWAIT(async_sleep(1)); }
    trace("%d ", async_try_error(&self->t));
    ASYNC_TRY(&self->t) { AWAIT_CALL(self->fail, fail, .error = -1); }
    trace("%d ", async_try_error(&self->t));
    ASYNC_TIMEOUT(&self->limit, 2) { AWAIT(async_event_wait(&self->never)); }
    trace("%d ", async_timeout_expired(&self->limit));
    ASYNC_TRY(&self->t) AWAIT(async_sleep(1));
    trace("%d ", async_try_error(&self->t));
    ASYNC_TRY(&self->t) ASYNC_RAISE(-2);
    trace("%d ", async_try_error(&self->t));
    ASYNC_END();
}
/* clang-format on */

static void block_and_await_may_share_a_line(void **state)
{
    (void)state;
    ASYNC_OBJECT(one_line, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("0 -1 1 0 -2");
    assert_int_equal(since(), 5);
}

/* --- What passes through -------------------------------------------------- */

struct through {
    ASYNC_FRAME;
    async_try_t outer;
    async_try_t inner;
    async_event_t never;
};

ASYNC_STATIC(through)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->outer) {
        ASYNC_TRY(&self->inner) {
            AWAIT(async_event_wait(&self->never));
        }
        trace("wrong ");
    }
    trace("wrong ");
    ASYNC_FINALLY();
    trace("finally@%u:%d,%d ", since(), async_try_error(&self->outer),
          async_try_error(&self->inner));
    ASYNC_END();
}

static void a_cancellation_passes_through(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(through, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    async_cancel(&task);
    async_poll(&loop);
    assert_trace("finally@0:0,0");
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct limit_through {
    ASYNC_FRAME;
    async_timeout_t outer;
    async_try_t attempt;
    async_timeout_t inner;
    struct through through;
};

ASYNC_STATIC(limit_through)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->inner, 2) {
            AWAIT_CALL(self->through, through);
        }
        trace("inner%d ", async_timeout_expired(&self->inner));
    }
    trace("try%d ", async_try_error(&self->attempt));
    ASYNC_TIMEOUT(&self->outer, 2) {
        ASYNC_TRY(&self->attempt) {
            AWAIT_CALL(self->through, through);
        }
        trace("wrong ");
    }
    trace("outer%d try%d ", async_timeout_expired(&self->outer),
          async_try_error(&self->attempt));
    ASYNC_END();
}

static void a_timeout_around_the_block_passes_through(void **state)
{
    (void)state;
    ASYNC_OBJECT(limit_through, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("finally@2:0,0 inner1 try0 finally@4:0,0 outer1 try0");
}

struct join_cancelled {
    ASYNC_FRAME;
    async_task_t task;
    async_try_t attempt;
    struct through through;
};

ASYNC_STATIC(join_cancelled)
{
    ASYNC_BEGIN();
    self->through = ASYNC_CALL(through);
    async_spawn(async_current_loop(), &self->task, &self->through.coro);
    AWAIT(async_sleep(1));
    async_cancel(&self->task);
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_join(&self->task));
    }
    trace("try%d ", async_try_error(&self->attempt));
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_join(&self->task));
    }
    trace("try%d ", async_try_error(&self->attempt));
    ASYNC_END();
}

static void a_join_with_a_cancelled_task_is_caught(void **state)
{
    (void)state;
    ASYNC_OBJECT(join_cancelled, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("finally@1:0,0 try-200 try-200");
}

/* --- Leaving the block ---------------------------------------------------- */

struct leave {
    ASYNC_FRAME;
    int result;
    int how;
    int i;
    async_try_t outer;
    async_timeout_t limit;
    async_try_t inner;
    struct fail fail;
};

ASYNC_STATIC(leave)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        ASYNC_TRY(&self->outer) {
            ASYNC_TIMEOUT(&self->limit, 5) {
                ASYNC_TRY(&self->inner) {
                    AWAIT(async_sleep(1));
                    if (self->how == 'b') {
                        break;
                    }
                    if (self->how == 'c') {
                        continue;
                    }
                    if (self->how == 'r') {
                        ASYNC_RETURN(5);
                    }
                    if (self->how == 'e') {
                        ASYNC_EXIT();
                    }
                    trace("wrong ");
                }
                trace("inner ");
            }
            trace("limit%d ", async_timeout_expired(&self->limit));
            if (self->how == 'b') {
                break;
            }
        }
        trace("outer ");
        AWAIT_CALL(self->fail, fail, .error = 0);
        AWAIT(async_sleep(100));
    }
    ASYNC_FINALLY();
    trace("finally@%u ", since());
    AWAIT(async_sleep(100));
    ASYNC_END();
}

static void break_and_continue_leave_the_block(void **state)
{
    (void)state;
    ASYNC_OBJECT(leave, breaking, .how = 'b');
    assert_int_equal(run(&breaking.coro), 0);
    assert_trace("inner limit0 outer inner limit0 outer finally@204");
    ASYNC_OBJECT(leave, continuing, .how = 'c');
    assert_int_equal(run(&continuing.coro), 0);
    assert_trace("inner limit0 outer inner limit0 outer finally@204");
}

static void return_and_exit_leave_every_block(void **state)
{
    (void)state;
    ASYNC_OBJECT(leave, returning, .how = 'r');
    assert_int_equal(run(&returning.coro), 0);
    assert_int_equal(returning.result, 5);
    assert_trace("finally@1");
    assert_int_equal(since(), 101);
    ASYNC_OBJECT(leave, exiting, .how = 'e');
    assert_int_equal(run(&exiting.coro), 0);
    assert_trace("finally@1");
    assert_int_equal(since(), 101);
}

/* An error behind a block that was left must not come back into it. */
struct later {
    ASYNC_FRAME;
    int how;
    async_try_t attempt;
};

ASYNC_STATIC(later)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        if (self->how == 1) {
            break;
        }
        if (self->how == 2) {
            continue;
        }
        AWAIT(async_sleep(1));
    }
    trace("behind ");
    ASYNC_RAISE(-12);
    ASYNC_END();
}

static void a_block_that_was_left_catches_nothing(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        ASYNC_OBJECT(later, object, .how = how);
        assert_int_equal(run(&object.coro), -12);
        assert_trace("behind");
    }
}

/* --- goto ----------------------------------------------------------------- */

struct jump {
    ASYNC_FRAME;
    int error;
    bool to_outer;
    async_try_t outer;
    async_timeout_t limit;
    async_try_t inner;
};

ASYNC_STATIC(jump)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->outer) {
        ASYNC_TIMEOUT(&self->limit, 5) {
            ASYNC_TRY(&self->inner) {
                AWAIT(async_sleep(1));
                if (self->to_outer) {
                    goto outer;
                }
                goto out;
            }
        }
    outer:
        trace("outer ");
    }
out:
    trace("out ");
    AWAIT(async_sleep(1));
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

struct call_jump {
    ASYNC_FRAME;
    bool to_outer;
    async_try_t attempt;
    struct jump jump;
    struct fail fail;
};

ASYNC_STATIC(call_jump)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->jump, jump, .to_outer = self->to_outer);
        trace("back ");
        AWAIT(async_sleep(100));
        AWAIT_CALL(self->fail, fail, .error = -2);
    }
    trace("try%d@%u ", async_try_error(&self->attempt), since());
    ASYNC_END();
}

static void a_goto_out_of_blocks_is_reported_at_the_end(void **state)
{
    (void)state;
    ASYNC_OBJECT(jump, object);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_true(async_report_is_error(report_taken()));
    assert_true(report_says("'jump'"));
    assert_true(report_says("left a scope by goto"));
    assert_trace("out finally");

    ASYNC_OBJECT(call_jump, caller);
    assert_int_equal(run(&caller.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("out finally back try-2@103");
}

static void a_goto_to_the_end_of_an_outer_block_is_reported_there(void **state)
{
    (void)state;
    ASYNC_OBJECT(jump, object, .to_outer = true);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("outer out finally");

    ASYNC_OBJECT(call_jump, caller, .to_outer = true);
    assert_int_equal(run(&caller.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("outer out finally back try-2@103");
}

struct jump_back {
    ASYNC_FRAME;
    int i;
    async_try_t attempt;
    async_timeout_t limit;
};

ASYNC_STATIC(jump_back)
{
    ASYNC_BEGIN();
again:
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, 5) {
            AWAIT(async_sleep(1));
            if (++self->i < 3) {
                goto again;
            }
        }
        ASYNC_RAISE(-1);
    }
    trace("%d:%d ", self->i, async_try_error(&self->attempt));
    AWAIT(async_sleep(100));
    ASYNC_END();
}

static void entering_an_open_block_again_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(jump_back, object);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("3:-1");
}

/* A scope belongs to a frame; this one does not. */
static async_try_t shared;

struct share {
    ASYNC_FRAME;
};

ASYNC_STATIC(share)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&shared) {
        AWAIT(async_sleep(1));
    }
    ASYNC_END();
}

static void a_scope_that_two_tasks_enter_is_reported(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(share, a);
    ASYNC_OBJECT(share, b);
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    while (reports_pending() > 0) {
        expect_report(ASYNC_REPORT_SCOPE_LEFT);
    }
    assert_true(async_task_done(&tasks[0]));
    assert_true(async_task_done(&tasks[1]));
    assert_int_equal(async_loop_close(&loop), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(the_program_goes_on_behind_a_caught_error),
        async_test(a_block_without_an_error_leaves_0),
        async_test(a_block_catches_errors_raised_in_it),
        async_test(the_innermost_open_block_catches),
        async_test(a_caught_error_may_be_raised_again),
        async_test(a_call_that_catches_leaves_nothing_for_the_block),
        async_test(a_failing_timeout_around_the_block_passes_through),
        async_test(a_block_in_a_loop_is_entered_anew),
        async_test(block_and_await_may_share_a_line),
        async_test(a_cancellation_passes_through),
        async_test(a_timeout_around_the_block_passes_through),
        async_test(a_join_with_a_cancelled_task_is_caught),
        async_test(break_and_continue_leave_the_block),
        async_test(return_and_exit_leave_every_block),
        async_test(a_block_that_was_left_catches_nothing),
        async_test(a_goto_out_of_blocks_is_reported_at_the_end),
        async_test(a_goto_to_the_end_of_an_outer_block_is_reported_there),
        async_test(entering_an_open_block_again_is_reported),
        async_test(a_scope_that_two_tasks_enter_is_reported),
    };
    return cmocka_run_group_tests_name("try", tests, NULL, NULL);
}
