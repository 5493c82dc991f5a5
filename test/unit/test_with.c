/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_WITH: the exit function runs once, however the block is left.
 */
#include "test.h"

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    return reports_begin(state);
}

static void settle_down(void)
{
    while (async_poll(&loop) == 0) {
    }
}

static void leave(void *name)
{
    trace("exit-%s ", (const char *)name);
}

enum how {
    AT_ITS_END,
    BY_BREAK,
    BY_CONTINUE,
    BY_RETURN,
    BY_EXIT,
    BY_RAISE,
    BY_AN_ERROR_BELOW,
    BY_AN_ERROR_OF_AN_OPERATION,
    BY_CANCEL,
    BY_SELF_CANCEL
};

struct failing {
    ASYNC_FRAME;
};

ASYNC_STATIC(failing)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();
    ASYNC_RAISE(-7);
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    int result;
    async_with_t outer;
    async_with_t inner;
    struct failing failing;
    enum how how;
    bool waits; /* in the body, before it is left */
};

ASYNC_STATIC(app)
{
    ASYNC_BEGIN();
    ASYNC_WITH(&self->outer, leave, "outer") {
        ASYNC_WITH(&self->inner, leave, "inner") {
            trace("body ");
            if (self->waits) {
                ASYNC_YIELD();
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
            if (self->how == BY_EXIT) {
                ASYNC_EXIT();
            }
            if (self->how == BY_RAISE) {
                ASYNC_RAISE(-8);
            }
            if (self->how == BY_AN_ERROR_BELOW) {
                AWAIT_CALL(self->failing, failing);
            }
            if (self->how == BY_AN_ERROR_OF_AN_OPERATION) {
                AWAIT(async_wait_for(async_sleep(ASYNC_FOREVER), 1));
            }
            if (self->how == BY_CANCEL) {
                AWAIT(async_sleep(ASYNC_FOREVER));
            }
            if (self->how == BY_SELF_CANCEL) {
                async_cancel(async_current_task());
                AWAIT(async_sleep(1));
            }
            trace("end ");
        }
        trace("between ");
    }
    trace("behind ");
    ASYNC_FINALLY();
    trace("/ ");
    ASYNC_END();
}

static void run(enum how how, int error, const char *expected)
{
    for (int waits = 0; waits < 2; waits++) {
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(app, app, .how = how, .waits = waits != 0);
        async_spawn(&loop, &task, &app.coro);
        settle_down();
        if (how == BY_CANCEL) {
            async_cancel(&task);
        }
        async_virtual_clock_advance(&virtual_clock, 1);
        settle_down();
        assert_true(async_task_done(&task));
        assert_int_equal(async_task_error(&task), error);
        assert_int_equal(app.result, how == BY_RETURN ? 42 : 0);
        assert_string_equal(trace_take(), expected);
    }
}

static void the_exit_function_runs_once_however_the_block_is_left(void **state)
{
    (void)state;
    const char *on = "body exit-inner between exit-outer behind /";
    const char *out = "body exit-inner exit-outer /";
    run(AT_ITS_END, 0, "body end exit-inner between exit-outer behind /");
    run(BY_BREAK, 0, on);
    run(BY_CONTINUE, 0, on);
    run(BY_RETURN, 0, out);
    run(BY_EXIT, 0, out);
    run(BY_RAISE, -8, out);
    run(BY_AN_ERROR_BELOW, -7, out);
    run(BY_AN_ERROR_OF_AN_OPERATION, ASYNC_ERR_TIMEOUT, out);
    run(BY_CANCEL, ASYNC_ERR_CANCELLED, out);
    run(BY_SELF_CANCEL, ASYNC_ERR_CANCELLED, out);
}

struct caught {
    ASYNC_FRAME;
    async_try_t attempt;
    async_timeout_t limit;
    async_with_t guard;
};

ASYNC_STATIC(caught)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_WITH(&self->guard, leave, "raise") {
            ASYNC_YIELD();
            ASYNC_RAISE(-7);
        }
    }
    trace("caught%d ", async_try_error(&self->attempt));
    ASYNC_TIMEOUT(&self->limit, 1) {
        ASYNC_WITH(&self->guard, leave, "timeout") {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
    }
    trace("x%d ", async_timeout_expired(&self->limit));
    ASYNC_WITH(&self->guard, leave, "inside") {
        ASYNC_TIMEOUT(&self->limit, 1) {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
        ASYNC_TRY(&self->attempt) {
            ASYNC_RAISE(-9);
        }
        trace("still ");
    }
    ASYNC_END();
}

static void it_runs_before_what_stands_around_the_block_goes_on(void **state)
{
    (void)state;
    ASYNC_OBJECT(caught, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("exit-raise caught-7 exit-timeout x1 still exit-inside");
}

static int evaluated;

static async_with_t *evaluate(async_with_t *guard)
{
    return guard;
}

static void *object(const char *name)
{
    evaluated++;
    return (void *)(uintptr_t)name;
}

struct evaluating {
    ASYNC_FRAME;
    async_with_t guard;
    const char *name;
    int i;
};

/* The object is the one of the entry, not the one of the end. */
ASYNC_STATIC(evaluating)
{
    ASYNC_BEGIN();
    self->name = "first";
    ASYNC_WITH(evaluate(&self->guard), leave, object(self->name)) {
        ASYNC_YIELD();
        self->name = "second";
    }
    for (self->i = 0; self->i < 4; self->i++) {
        ASYNC_WITH(&self->guard, leave, object(self->name)) {
            if (self->i == 1) {
                break;
            }
            if (self->i == 2) {
                continue;
            }
            ASYNC_YIELD();
        }
    }
    ASYNC_END();
}

static void the_object_is_evaluated_once_at_the_entry(void **state)
{
    (void)state;
    evaluated = 0;
    ASYNC_OBJECT(evaluating, e);
    assert_int_equal(async_run(&loop, &e.coro), 0);
    assert_int_equal(evaluated, 5);
    assert_trace("exit-first exit-second exit-second exit-second exit-second");
}

struct waiting {
    ASYNC_FRAME;
    async_with_t guard;
    async_event_t event;
};

ASYNC_STATIC(waiting)
{
    ASYNC_BEGIN();
    ASYNC_WITH_WAIT(&self->guard, async_event_wait(&self->event), leave,
                    object("waited")) {
        trace("body ");
    }
    ASYNC_FINALLY();
    trace("/%d ", evaluated);
    ASYNC_END();
}

static void the_block_is_entered_when_its_wait_has_ended_well(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    for (int cancels = 0; cancels < 2; cancels++) {
        evaluated = 0;
        ASYNC_OBJECT(waiting, w);
        async_spawn(&loop, &task, &w.coro);
        settle_down();
        async_event_set(&w.event);
        if (cancels == 1) {
            async_cancel(&task);
        }
        settle_down();
        assert_true(async_task_done(&task));
        assert_string_equal(trace_take(),
                            cancels == 0 ? "body exit-waited /1" : "/0");
    }
}

struct branches {
    ASYNC_FRAME;
    async_with_t guard;
    int i;
};

ASYNC_STATIC(branches)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++)
        if (self->i == 0)
            ASYNC_WITH(&self->guard, leave, "if") {
                ASYNC_YIELD();
            }
        else if (self->i == 1)
            ASYNC_WITH(&self->guard, leave, "else-if")
                trace("body ");
        else
            ASYNC_WITH(&self->guard, leave, "else")
                trace("body ");
    ASYNC_END();
}

static void a_block_can_be_a_branch_without_braces(void **state)
{
    (void)state;
    ASYNC_OBJECT(branches, b);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("exit-if body exit-else-if body exit-else");
}

struct tidy {
    ASYNC_FRAME;
    async_with_t guard;
};

ASYNC_STATIC(tidy)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    ASYNC_WITH(&self->guard, leave, "cleanup") {
        AWAIT(async_sleep(3));
        trace("never ");
    }
    trace("never ");
    ASYNC_END();
}

static void a_block_in_the_cleanup_that_is_cancelled_again(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(tidy, t);
    async_spawn(&loop, &task, &t.coro);
    settle_down();
    async_cancel(&task);
    settle_down();
    async_cancel(&task);
    settle_down();
    assert_trace("exit-cleanup");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct jumper {
    ASYNC_FRAME;
    async_with_t outer;
    async_with_t guard;
    int times;
    int i;
};

ASYNC_STATIC(jumper)
{
    ASYNC_BEGIN();
    ASYNC_WITH(&self->outer, leave, "outer") {
        for (self->i = 0; self->i < self->times; self->i++) {
            ASYNC_WITH(&self->guard, leave, "jumped") {
                ASYNC_YIELD();
                goto next;
            }
        next:
            trace("next ");
        }
    }
    ASYNC_END();
}

static void a_goto_out_of_the_block_is_reported_and_the_exit_runs_once(void **s)
{
    (void)s;
    ASYNC_OBJECT(jumper, j, .times = 1);
    assert_int_equal(async_run(&loop, &j.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT); /* by the end of the outer block */
    assert_trace("next exit-jumped exit-outer");
    j = ASYNC_CALL(jumper, .times = 2);
    assert_int_equal(async_run(&loop, &j.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT); /* by the next entry */
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("next exit-jumped next exit-jumped exit-outer");
}

static void cancel_self(void *unused)
{
    (void)unused;
    async_cancel(async_current_task());
}

struct canceller {
    ASYNC_FRAME;
    async_with_t guard;
};

/* The exit function may do what a task may do that does not wait. */
ASYNC_STATIC(canceller)
{
    ASYNC_BEGIN();
    ASYNC_WITH(&self->guard, cancel_self, NULL) {
        ASYNC_EXIT();
    }
    ASYNC_FINALLY();
    trace("cleanup ");
    AWAIT(async_sleep(1));
    trace("never ");
    ASYNC_END();
}

static void the_exit_function_runs_in_the_task(void **state)
{
    (void)state;
    ASYNC_OBJECT(canceller, c);
    assert_int_equal(async_run(&loop, &c.coro), ASYNC_ERR_CANCELLED);
    assert_trace("cleanup");
}

static void closing_the_loop_runs_the_exit_functions(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(app, app, .how = BY_CANCEL);
    async_spawn(&loop, &task, &app.coro);
    settle_down();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("body exit-inner exit-outer /");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_exit_function_runs_once_however_the_block_is_left),
        TEST(it_runs_before_what_stands_around_the_block_goes_on),
        TEST(the_object_is_evaluated_once_at_the_entry),
        TEST(the_block_is_entered_when_its_wait_has_ended_well),
        TEST(a_block_can_be_a_branch_without_braces),
        TEST(a_block_in_the_cleanup_that_is_cancelled_again),
        TEST(a_goto_out_of_the_block_is_reported_and_the_exit_runs_once),
        TEST(the_exit_function_runs_in_the_task),
        TEST(closing_the_loop_runs_the_exit_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
