/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <stdio.h>
#include <string.h>

static async_virtual_clock_t machine;
static async_loop_t loop;

static void begin(void)
{
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
}

static int run(async_coro_t *coro)
{
    begin();
    return async_run(&loop, coro);
}

/* Ticks since the test began. */
static unsigned since(void)
{
    return (unsigned)(async_time_t)(async_loop_now(&loop) -
                                    JUST_BEFORE_THE_WRAP);
}

/* --- Objects -------------------------------------------------------------- */

struct add {
    ASYNC_FRAME;
    int result;
    int a;
    int b;
    int sum;
    const char *untouched;
    async_try_t attempt;
};

ASYNC_STATIC(add)
{
    ASYNC_BEGIN();
    trace("add ");
    self->sum = self->a + self->b;
    AWAIT(async_sleep(3));
    ASYNC_RETURN(self->sum);
    ASYNC_END();
}

static void an_object_runs_nothing_until_it_is_awaited(void **state)
{
    (void)state;
    struct add object = ASYNC_CALL(add, .a = 1, .b = 2);
    assert_trace("");
    assert_int_equal(async_coro_state(&object.coro), ASYNC_CORO_CREATED);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("add");
    assert_int_equal(object.result, 3);
}

static void a_spawned_object_starts_in_the_next_round(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(add, object, .a = 1);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    assert_trace("");
    assert_int_equal(async_coro_state(&object.coro), ASYNC_CORO_CREATED);
    async_poll(&loop);
    assert_trace("add");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void arguments_go_by_name_and_other_members_are_zero(void **state)
{
    (void)state;
    struct add object;
    memset(&object, 0xA5, sizeof object);
    object = ASYNC_CALL(add, .b = 7);
    assert_int_equal(object.result, 0);
    assert_int_equal(object.a, 0);
    assert_int_equal(object.b, 7);
    assert_int_equal(object.sum, 0);
    assert_null(object.untouched);
    assert_int_equal(async_try_error(&object.attempt), 0);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.result, 7);
}

static void a_call_without_arguments_is_a_value(void **state)
{
    (void)state;
    struct add object = ASYNC_CALL(add);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.result, 0);
}

static struct add still = ASYNC_CALL_INIT(add, .a = 20, .b = 1);
static struct add bare = ASYNC_CALL_INIT(add);

static void an_object_may_have_static_storage(void **state)
{
    (void)state;
    assert_int_equal(run(&still.coro), 0);
    assert_int_equal(still.result, 21);
    assert_int_equal(run(&bare.coro), 0);
    assert_int_equal(bare.result, 0);
}

static void an_object_that_never_ran_is_reported_with_its_line(void **state)
{
    (void)state;
    char expected[128];
    int line = __LINE__ + 2;
    {
        ASYNC_OBJECT(add, object, .a = 1);
        snprintf(expected, sizeof expected,
                 "warning: coroutine 'add' was never awaited "
                 "(test_coroutine.c:%d)\n"
                 "  hint: await, spawn or run it, or take it out\n",
                 line);
        assert_int_equal(reports_pending(), 0);
    }
    expect_report(ASYNC_REPORT_NEVER_AWAITED);
    assert_report_text(expected);
    assert_false(async_report_is_error(report_taken()));
}

static void
an_object_that_still_runs_at_the_end_of_its_block_is_an_error(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    char expected[64];
    unsigned line = __LINE__ + 2;
    {
        ASYNC_OBJECT(add, object);
        snprintf(expected, sizeof expected, "(test_coroutine.c:%u)\n", line);
        async_spawn(&loop, &task, &object.coro);
        async_poll(&loop);
    }
    expect_report(ASYNC_REPORT_ENDED_TOO_SOON);
    assert_true(async_report_is_error(report_taken()));
    assert_true(report_says("error: coroutine 'add' still runs"));
    assert_true(report_says(expected));
    assert_int_equal(report_taken()->line, line);
    trace_clear();
}

static void an_object_that_was_run_is_not_reported(void **state)
{
    (void)state;
    {
        ASYNC_OBJECT(add, object, .a = 2, .b = 2);
        assert_int_equal(run(&object.coro), 0);
        assert_int_equal(object.result, 4);
    }
    expect_no_report();
}

static void the_storage_of_an_object_serves_again(void **state)
{
    (void)state;
    ASYNC_OBJECT(add, object, .a = 1, .b = 1);
    assert_int_equal(run(&object.coro), 0);
    object = ASYNC_CALL(add, .a = 2);
    assert_int_equal(async_coro_state(&object.coro), ASYNC_CORO_CREATED);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.result, 2);
}

/* --- Calls ---------------------------------------------------------------- */

static int evaluated;

static int count_up(int value)
{
    evaluated++;
    return value;
}

/* Declared as a header would, called before its body is seen. */
struct twice {
    ASYNC_FRAME;
    long result;
    int number;
};
ASYNC_DECLARE(twice);

struct arithmetic {
    ASYNC_FRAME;
    long result;
    long before;
    struct twice twice;
    struct add add;
};

ASYNC(arithmetic)
{
    ASYNC_BEGIN();
    self->before = 1000;
    AWAIT_CALL(self->twice, twice, .number = 4);
    self->result = self->twice.result;
    AWAIT_CALL(self->twice, twice, .number = 5);
    self->result += self->twice.result;
    AWAIT_CALL(self->add, add);
    self->result += self->add.result;
    AWAIT_CALL(self->add, add, .a = 100, .b = count_up(100));
    self->result += self->add.result;
    ASYNC_RETURN(self->result + self->before);
    ASYNC_END();
}

ASYNC(twice)
{
    ASYNC_BEGIN();
    ASYNC_RETURN(2L * self->number);
    ASYNC_END();
}

static void one_slot_serves_calls_one_after_the_other(void **state)
{
    (void)state;
    evaluated = 0;
    ASYNC_OBJECT(arithmetic, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.result, 8 + 10 + 0 + 200 + 1000);
    assert_int_equal(evaluated, 1);
    assert_trace("add add");
    assert_int_equal(since(), 6);
}

struct in_a_union {
    ASYNC_FRAME;
    long result;
    union {
        struct twice twice;
        struct add add;
    } call;
};

ASYNC_STATIC(in_a_union)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->call.add, add, .a = 1, .b = 2);
    self->result = self->call.add.result;
    AWAIT_CALL(self->call.twice, twice, .number = 10);
    self->result += self->call.twice.result;
    AWAIT_CALL(self->call.add, add, .a = 100);
    self->result += self->call.add.result;
    ASYNC_END();
}

static void slots_of_calls_may_share_a_union(void **state)
{
    (void)state;
    ASYNC_OBJECT(in_a_union, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.result, 3 + 20 + 100);
}

struct await_object {
    ASYNC_FRAME;
    int error;
    async_coro_t *object;
};

ASYNC_STATIC(await_object)
{
    ASYNC_BEGIN();
    AWAIT(async_call(self->object));
    trace("behind ");
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

ASYNC_DECLARE(catch_object);
struct catch_object {
    ASYNC_FRAME;
    int error;
    async_coro_t *object;
};

ASYNC(catch_object)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_call(self->object));
    trace("caught %d ", self->error);
    ASYNC_END();
}

static void an_object_made_before_can_be_awaited(void **state)
{
    (void)state;
    ASYNC_OBJECT(add, inner, .a = 5, .b = 6);
    ASYNC_OBJECT(await_object, object, .object = &inner.coro);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(inner.result, 11);
    assert_trace("add behind finally");
}

static void awaiting_an_object_a_second_time_raises_misuse(void **state)
{
    (void)state;
    ASYNC_OBJECT(add, inner);
    assert_int_equal(run(&inner.coro), 0);
    ASYNC_OBJECT(await_object, object, .object = &inner.coro);
    trace_clear();
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_true(report_says("coroutine object 'add' was started a second "
                            "time, by 'await_object' (test_coroutine.c:"));
    assert_trace("finally");

    ASYNC_OBJECT(catch_object, catching, .object = &inner.coro);
    assert_int_equal(run(&catching.coro), 0);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_int_equal(catching.error, ASYNC_ERR_MISUSE);
    assert_trace("caught -202");
}

static void a_coroutine_cannot_await_itself(void **state)
{
    (void)state;
    ASYNC_OBJECT(catch_object, object);
    object.object = &object.coro;
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_int_equal(object.error, ASYNC_ERR_MISUSE);
}

static void an_object_that_another_task_awaits_cannot_be_awaited(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(add, inner, .a = 1, .b = 2);
    ASYNC_OBJECT(await_object, first, .object = &inner.coro);
    ASYNC_OBJECT(catch_object, second, .object = &inner.coro);
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t other = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &first.coro);
    async_spawn(&loop, &other, &second.coro);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_true(report_says("'add' (test_coroutine.c:"));
    assert_true(report_says("by 'catch_object' (test_coroutine.c:"));
    async_virtual_clock_advance(&machine, 3);
    async_poll(&loop);
    assert_int_equal(inner.result, 3);
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), 0);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("add caught -202 behind finally");
}

static void running_a_used_object_is_misuse(void **state)
{
    (void)state;
    ASYNC_OBJECT(add, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_USED_AGAIN);
}

struct slot_in_use {
    ASYNC_FRAME;
    int result;
    struct add slot;
    async_task_t task;
    async_try_t attempt;
};

ASYNC_STATIC(slot_in_use)
{
    ASYNC_BEGIN();
    self->slot = ASYNC_CALL(add, .a = 1, .b = 1);
    async_spawn(async_current_loop(), &self->task, &self->slot.coro);
    AWAIT(async_sleep(1));
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->slot, add, .a = 50);
        trace("wrong ");
    }
    trace("error %d ", async_try_error(&self->attempt));
    AWAIT(async_join(&self->task));
    self->result = self->slot.result;
    AWAIT_CALL(self->slot, add, .a = 50);
    self->result += self->slot.result;
    ASYNC_END();
}

static void a_slot_whose_object_still_runs_cannot_be_called(void **state)
{
    (void)state;
    ASYNC_OBJECT(slot_in_use, object);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_true(async_report_is_error(report_taken()));
    assert_int_equal(object.result, 52);
    assert_trace("add error -202 add");
}

static void a_call_outside_of_tasks_is_reported(void **state)
{
    (void)state;
    struct add object = ASYNC_CALL(add);
    async_call_t call = async_call(&object.coro);
    (void)call;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    async_wait_t wait = async_sleep(1);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
}

/* --- Calls whose error is taken ------------------------------------------- */

/* Sleeps, then raises an error if it was given one. */
struct risky {
    ASYNC_FRAME;
    int result;
    int error;
};

ASYNC_STATIC(risky)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(2));
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_RETURN(7);
    ASYNC_FINALLY();
    trace("/risky ");
    ASYNC_END();
}

struct call_catch {
    ASYNC_FRAME;
    int errors[3];
    struct risky call;
};

ASYNC_STATIC(call_catch)
{
    ASYNC_BEGIN();
    self->errors[0] = self->errors[1] = self->errors[2] = 1;
    AWAIT_CALL_CATCH(self->errors[0], self->call, risky);
    trace("%d ", self->call.result);
    AWAIT_CALL_CATCH(self->errors[1], self->call, risky, .error = -4);
    trace("%d ", self->call.result);
    ASYNC_AWAIT_CALL_CATCH(self->errors[2], self->call, risky);
    trace("%d ", self->call.result);
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void a_call_that_catches_gives_the_error_or_0(void **state)
{
    (void)state;
    ASYNC_OBJECT(call_catch, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.errors[0], 0);
    assert_int_equal(object.errors[1], -4);
    assert_int_equal(object.errors[2], 0);
    assert_trace("/risky 7 /risky 0 /risky 7 finally");
    assert_int_equal(since(), 6);
}

static void a_call_that_catches_does_not_catch_a_cancellation(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(call_catch, object);
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    async_cancel(&task);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(object.errors[0], 1);
    assert_trace("/risky finally");
}

struct catch_in_limit {
    ASYNC_FRAME;
    int error;
    async_timeout_t limit;
    struct risky call;
};

ASYNC_STATIC(catch_in_limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 1) {
        AWAIT_CALL_CATCH(self->error, self->call, risky, .error = -4);
        trace("wrong ");
    }
    trace("expired %d ", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_call_that_catches_does_not_catch_a_timeout_around_it(void **state)
{
    (void)state;
    ASYNC_OBJECT(catch_in_limit, object, .error = 1);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.error, 1);
    assert_trace("/risky expired 1");
}

struct cancelled_inside {
    ASYNC_FRAME;
    int error;
    async_task_t other;
    struct add add;
    struct await_other {
        ASYNC_FRAME;
        async_task_t *task;
    } call;
};

ASYNC_DECLARE(await_other);
ASYNC(await_other)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->task));
    ASYNC_END();
}

ASYNC_STATIC(cancelled_inside)
{
    ASYNC_BEGIN();
    self->add = ASYNC_CALL(add);
    async_spawn(async_current_loop(), &self->other, &self->add.coro);
    async_cancel(&self->other);
    AWAIT_CALL_CATCH(self->error, self->call, await_other,
                     .task = &self->other);
    ASYNC_END();
}

static void a_call_that_catches_catches_the_end_of_another_task(void **state)
{
    (void)state;
    ASYNC_OBJECT(cancelled_inside, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.error, ASYNC_ERR_CANCELLED);
}

struct catch_misuse {
    ASYNC_FRAME;
    int error;
    struct add slot;
    async_task_t task;
};

ASYNC_STATIC(catch_misuse)
{
    ASYNC_BEGIN();
    self->slot = ASYNC_CALL(add, .a = 1, .b = 1);
    async_spawn(async_current_loop(), &self->task, &self->slot.coro);
    AWAIT(async_sleep(1));
    AWAIT_CALL_CATCH(self->error, self->slot, add, .a = 50);
    trace("error %d ", self->error);
    AWAIT(async_join(&self->task));
    trace("result %d ", self->slot.result);
    ASYNC_END();
}

static void a_call_that_catches_gives_misuse_for_a_slot_in_use(void **state)
{
    (void)state;
    ASYNC_OBJECT(catch_misuse, object);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_trace("add error -202 result 2");
}

struct catch_at_depth {
    ASYNC_FRAME;
    int error;
    struct pass_on {
        ASYNC_FRAME;
        struct risky call;
    } call;
};

ASYNC_DECLARE(pass_on);
ASYNC(pass_on)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->call, risky, .error = -11);
    trace("wrong ");
    ASYNC_FINALLY();
    trace("/pass_on ");
    ASYNC_END();
}

ASYNC_STATIC(catch_at_depth)
{
    ASYNC_BEGIN();
    AWAIT_CALL_CATCH(self->error, self->call, pass_on);
    trace("caught %d ", self->error);
    ASYNC_END();
}

static void a_call_that_catches_catches_from_any_depth(void **state)
{
    (void)state;
    ASYNC_OBJECT(catch_at_depth, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("/risky /pass_on caught -11");
    assert_int_equal(async_coro_error(&object.call.coro), -11);
}

/* --- Depth ---------------------------------------------------------------- */

#define DEPTH BY_ROOM(100, 50, 10)

static uintptr_t stack_at_leaf;

/* By way of a pointer in memory, or compilers warn of returning an address that
 * is of no use. */
__attribute__((noinline)) static uintptr_t stack_here(void)
{
    static volatile char *volatile pointer;
    volatile char here = 0;
    pointer = &here;
    return (uintptr_t)pointer;
}

struct nest {
    ASYNC_FRAME;
    int result;
    int depth;
    struct nest *slot;
};

ASYNC_STATIC(nest)
{
    ASYNC_BEGIN();
    if (self->depth > 1) {
        AWAIT_CALL(*self->slot, nest, .depth = self->depth - 1,
                   .slot = self->slot + 1);
        ASYNC_RETURN(self->slot->result + 1);
    }
    stack_at_leaf = stack_here();
    AWAIT(async_sleep(1));
    assert_int_equal(stack_here(), stack_at_leaf);
    ASYNC_YIELD();
    assert_int_equal(stack_here(), stack_at_leaf);
    ASYNC_RETURN(1);
    ASYNC_END();
}

static void the_stack_does_not_grow_with_the_depth(void **state)
{
    (void)state;
    static struct nest slots[DEPTH];
    struct nest root = ASYNC_CALL(nest, .depth = 1, .slot = slots);
    assert_int_equal(run(&root.coro), 0);
    assert_int_equal(root.result, 1);
    uintptr_t at_depth_1 = stack_at_leaf;
    root = ASYNC_CALL(nest, .depth = DEPTH, .slot = slots);
    assert_int_equal(run(&root.coro), 0);
    assert_int_equal(root.result, DEPTH);
    assert_int_equal(stack_at_leaf, at_depth_1);
}

static void callers_are_known_from_the_leaf_outwards(void **state)
{
    (void)state;
    static struct nest slots[DEPTH];
    begin();
    struct nest root = ASYNC_CALL(nest, .depth = DEPTH, .slot = slots);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &root.coro);
    async_poll(&loop);
    const async_coro_t *coro = async_task_coro(&task);
    for (int i = DEPTH - 2; i >= 0; i--) {
        assert_ptr_equal(coro, &slots[i].coro);
        assert_int_equal(async_coro_state(coro), ASYNC_CORO_SUSPENDED);
        coro = async_coro_caller(coro);
    }
    assert_ptr_equal(coro, &root.coro);
    assert_null(async_coro_caller(coro));
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- States --------------------------------------------------------------- */

static const char *word_of(const async_coro_t *coro)
{
    static const char *const words[] = {
        [ASYNC_CORO_CREATED] = "created",
        [ASYNC_CORO_RUNNING] = "running",
        [ASYNC_CORO_SUSPENDED] = "suspended",
        [ASYNC_CORO_DONE] = "done",
    };
    return words[async_coro_state(coro)];
}

static void word(const char *who, const async_coro_t *coro)
{
    trace("%s=%s ", who, word_of(coro));
}

struct callee {
    ASYNC_FRAME;
    async_coro_t *caller;
};

ASYNC_STATIC(callee)
{
    ASYNC_BEGIN();
    word("caller", self->caller);
    word("callee", &self->coro);
    AWAIT(async_sleep(5));
    word("caller", self->caller);
    word("callee", &self->coro);
    ASYNC_FINALLY();
    word("caller", self->caller);
    word("callee", &self->coro);
    ASYNC_END();
}

struct caller {
    ASYNC_FRAME;
    struct callee callee;
};

ASYNC_STATIC(caller)
{
    ASYNC_BEGIN();
    self->callee = ASYNC_CALL(callee, .caller = &self->coro);
    word("caller", &self->coro);
    word("callee", &self->callee.coro);
    AWAIT(async_call(&self->callee.coro));
    word("caller", &self->coro);
    word("callee", &self->callee.coro);
    ASYNC_END();
}

struct look_at {
    ASYNC_FRAME;
    struct caller *caller;
};

ASYNC_STATIC(look_at)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    word("caller", &self->caller->coro);
    word("callee", &self->caller->callee.coro);
    ASYNC_END();
}

static void a_state_is_told_at_every_moment(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(caller, object);
    ASYNC_OBJECT(look_at, other, .caller = &object);
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t looking = ASYNC_TASK_INIT;
    word("caller", &object.coro);
    assert_trace("caller=created");

    async_spawn(&loop, &task, &object.coro);
    async_spawn(&loop, &looking, &other.coro);
    async_poll(&loop);
    assert_trace("caller=running callee=created "
                 "caller=running callee=running");

    word("caller", &object.coro);
    word("callee", &object.callee.coro);
    assert_trace("caller=suspended callee=suspended");

    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    assert_trace("caller=suspended callee=suspended");

    async_virtual_clock_advance(&machine, 5);
    async_poll(&loop);
    assert_trace("caller=running callee=running "
                 "caller=running callee=running "
                 "caller=running callee=done");

    word("caller", &object.coro);
    assert_trace("caller=done");
    assert_int_equal(async_loop_close(&loop), 0);
}

struct ask_outer {
    ASYNC_FRAME;
    async_coro_t *outer;
};

ASYNC_STATIC(ask_outer)
{
    ASYNC_BEGIN();
    word("outer", self->outer);
    word("inner", &self->coro);
    ASYNC_END();
}

struct run_inner {
    ASYNC_FRAME;
    async_loop_t inner;
    async_virtual_clock_t clock;
    struct ask_outer ask;
};

ASYNC_STATIC(run_inner)
{
    ASYNC_BEGIN();
    async_loop_init(&self->inner, async_virtual_clock_init(&self->clock, 0));
    self->ask = ASYNC_CALL(ask_outer, .outer = &self->coro);
    async_run(&self->inner, &self->ask.coro);
    ASYNC_END();
}

static void a_coroutine_that_runs_a_second_loop_is_running(void **state)
{
    (void)state;
    ASYNC_OBJECT(run_inner, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("outer=running inner=running");
}

struct fail_at_once {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(fail_at_once)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_RAISE(self->error);
    ASYNC_END();
}

static void the_error_of_an_object_is_told_when_it_has_ended(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(fail_at_once, object, .error = -7);
    async_task_t task = ASYNC_TASK_INIT;
    assert_int_equal(async_coro_error(&object.coro), 0);
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_coro_error(&object.coro), 0);
    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    assert_int_equal(async_coro_error(&object.coro), -7);
    assert_int_equal(async_task_error(&task), -7);

    ASYNC_OBJECT(add, well);
    async_spawn(&loop, &task, &well.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 3);
    async_poll(&loop);
    assert_int_equal(async_coro_state(&well.coro), ASYNC_CORO_DONE);
    assert_int_equal(async_coro_error(&well.coro), 0);
}

/* --- Places --------------------------------------------------------------- */

#if ASYNC_DIAGNOSTICS == 2

static async_event_t never;

struct placed {
    ASYNC_FRAME;
    struct nest nest;
};

enum { PLACED = __LINE__ + 5 };

ASYNC_STATIC(placed)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&never));
    ASYNC_FINALLY();
    AWAIT_CALL(self->nest, nest, .depth = 1);
    ASYNC_END();
}

static void check_place(const async_coro_t *coro, unsigned line,
                        const char *waits_for)
{
    async_place_t place = async_coro_place(coro);
    assert_string_equal(place.name, "placed");
    assert_non_null(strstr(place.file, "test_coroutine.c"));
    assert_int_equal(place.line, line);
    if (waits_for == NULL) {
        assert_null(place.waits_for);
    } else {
        assert_string_equal(place.waits_for, waits_for);
    }
}

static void an_object_tells_its_place(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(placed, object);
    async_task_t task = ASYNC_TASK_INIT;
    check_place(&object.coro, 0, NULL);
    async_spawn(&loop, &task, &object.coro);
    check_place(&object.coro, 0, NULL);
    async_poll(&loop);
    check_place(&object.coro, PLACED, "async_event_wait(&never)");
    async_cancel(&task);
    async_poll(&loop);
    check_place(&object.coro, PLACED + 2, "nest");
    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    async_poll(&loop);
    check_place(&object.coro, 0, NULL);
    assert_true(async_task_done(&task));
}

#endif

/* --- The body ------------------------------------------------------------- */

struct blocks {
    ASYNC_FRAME;
    int i;
    int j;
    bool side;
};

ASYNC_STATIC(blocks)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        if (self->side) {
            AWAIT(async_sleep(1));
            trace("if%d ", self->i);
        } else {
            AWAIT(async_sleep(2));
            trace("else%d ", self->i);
        }
        self->side = !self->side;
        for (self->j = 0; self->j < 2; self->j++) {
            {
                int twice = 2 * self->j;
                trace("j%d ", twice);
            }
            if (self->i == 1) {
                continue;
            }
            ASYNC_YIELD();
        }
    }
    while (self->i-- > 0) {
        AWAIT(async_sleep(1));
        trace("while%d ", self->i);
    }
    do {
        AWAIT_UNTIL(true);
        trace("do ");
    } while (self->i++ < 0);
    if (self->i == 1)
        AWAIT(async_sleep(1));
    else
        trace("wrong ");
    trace("end ");
    ASYNC_END();
}

static void an_await_may_stand_in_any_block(void **state)
{
    (void)state;
    ASYNC_OBJECT(blocks, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("else0 j0 j2 if1 j0 j2 else2 j0 j2 "
                 "while2 while1 while0 do do end");
    assert_int_equal(since(), 2 + 1 + 2 + 3 + 1);
}

struct evaluate {
    ASYNC_FRAME;
    int error;
    async_event_t event;
};

ASYNC_STATIC(evaluate)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep((async_ticks_t)count_up(2)));
    trace("sleep%d ", evaluated);
    AWAIT_CATCH(self->error, async_wait_for(async_event_wait(&self->event),
                                            (async_ticks_t)count_up(2)));
    trace("limit%d ", evaluated);
    async_event_set(&self->event);
    AWAIT(async_event_wait((count_up(0), &self->event)));
    trace("ready%d ", evaluated);
    ASYNC_END();
}

static void arguments_of_an_operation_are_evaluated_once(void **state)
{
    (void)state;
    evaluated = 0;
    ASYNC_OBJECT(evaluate, object);
    assert_int_equal(run(&object.coro), 0);
    assert_int_equal(object.error, ASYNC_ERR_TIMEOUT);
    assert_trace("sleep1 limit2 ready3");
    assert_int_equal(since(), 4);
}

struct go_on {
    ASYNC_FRAME;
    async_event_t event;
};

ASYNC_STATIC(go_on)
{
    ASYNC_BEGIN();
    async_event_set(&self->event);
    AWAIT(async_event_wait(&self->event));
    trace("B ");
    ASYNC_END();
}

static void an_await_that_is_ready_does_not_pause(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(go_on, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_trace("B");
}

struct yielding {
    ASYNC_FRAME;
    char name;
    int i;
};

ASYNC_STATIC(yielding)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= 3; self->i++) {
        trace("%c%d ", self->name, self->i);
        ASYNC_YIELD();
    }
    trace("%c. ", self->name);
    ASYNC_END();
}

static void a_yield_lets_every_ready_task_run_once(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(yielding, a, .name = 'A');
    ASYNC_OBJECT(yielding, b, .name = 'B');
    ASYNC_OBJECT(yielding, c, .name = 'C');
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("A1 B1 C1 A2 B2 C2 A3 B3 C3 A. B. C.");
}

static int looks;
static bool flag;

static bool look(void)
{
    looks++;
    return flag;
}

struct until {
    ASYNC_FRAME;
};

ASYNC_STATIC(until)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(look());
    trace("until ");
    ASYNC_END();
}

static void a_condition_is_evaluated_once_in_each_round(void **state)
{
    (void)state;
    begin();
    looks = 0;
    flag = false;
    ASYNC_OBJECT(until, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    for (int round = 1; round <= 5; round++) {
        assert_int_equal(async_poll(&loop), 0);
        assert_int_equal(looks, round);
    }
    flag = true;
    assert_trace("");
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    assert_int_equal(looks, 6);
    assert_trace("until");
    assert_true(async_task_done(&task));
}

struct leave {
    ASYNC_FRAME;
    bool early;
};

ASYNC_STATIC(leave)
{
    ASYNC_BEGIN();
    for (;;) {
        trace("body ");
        if (self->early) {
            ASYNC_EXIT();
        }
        AWAIT(async_sleep(1));
        ASYNC_EXIT();
    }
    trace("wrong ");
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void exit_ends_the_body(void **state)
{
    (void)state;
    ASYNC_OBJECT(leave, early, .early = true);
    assert_int_equal(run(&early.coro), 0);
    assert_trace("body finally");
    ASYNC_OBJECT(leave, late);
    assert_int_equal(run(&late.coro), 0);
    assert_trace("body finally");
}

struct empty {
    ASYNC_FRAME;
};

ASYNC_STATIC(empty)
{
    ASYNC_BEGIN();
    ASYNC_END();
}

struct call_empty {
    ASYNC_FRAME;
    struct empty empty;
    int i;
};

ASYNC_STATIC(call_empty)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 100; self->i++) {
        AWAIT_CALL(self->empty, empty);
    }
    ASYNC_END();
}

static void an_empty_body_ends_at_once(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(call_empty, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_int_equal(object.i, 100);
}

/* --- Mistakes ------------------------------------------------------------- */

/* No compiler sees this one: the label fits the type of this switch. */
struct in_a_switch {
    ASYNC_FRAME;
    uint64_t which;
};

ASYNC_STATIC(in_a_switch)
{
    ASYNC_BEGIN();
    switch (self->which) {
    case 3:
        AWAIT(async_sleep(1));
        trace("wrong ");
        break;
    default:
        trace("default ");
        break;
    }
    ASYNC_END();
}

struct call_in_a_switch {
    ASYNC_FRAME;
    struct in_a_switch slot;
    int error;
    async_try_t attempt;
};

ASYNC_STATIC(call_in_a_switch)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->slot, in_a_switch, .which = 3);
    }
    self->error = async_try_error(&self->attempt);
    ASYNC_END();
}

struct plain_call_in_a_switch {
    ASYNC_FRAME;
    struct in_a_switch slot;
};

ASYNC_STATIC(plain_call_in_a_switch)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->slot, in_a_switch, .which = 3);
    ASYNC_END();
}

static void a_lost_state_where_nothing_has_raised_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(plain_call_in_a_switch, caller);
    run(&caller.coro);
    expect_report(ASYNC_REPORT_LOST_STATE);
    trace_clear();
}

static void an_await_in_a_switch_of_the_program_is_lost_state(void **state)
{
    (void)state;
    ASYNC_OBJECT(in_a_switch, fine, .which = 4);
    assert_int_equal(run(&fine.coro), 0);
    assert_trace("default");

    ASYNC_OBJECT(in_a_switch, object, .which = 3);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_LOST_STATE);
    assert_true(async_report_is_error(report_taken()));
    assert_true(report_says("'in_a_switch' (test_coroutine.c:"));
    assert_trace("");

    ASYNC_OBJECT(call_in_a_switch, caller);
    assert_int_equal(run(&caller.coro), 0);
    expect_report(ASYNC_REPORT_LOST_STATE);
    assert_int_equal(caller.error, ASYNC_ERR_MISUSE);
}

static void a_raise_of_no_error_number_is_reported(void **state)
{
    (void)state;
    static const int numbers[] = {
        0,
        1,
        5,
        INT_MAX,
#if INT_MIN < -32768 - 1
        -32769,
        INT_MIN
#endif
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        ASYNC_OBJECT(fail_at_once, object, .error = numbers[i]);
        assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
        expect_report(ASYNC_REPORT_NOT_AN_ERROR);
        assert_true(async_report_is_error(report_taken()));
        assert_true(report_says("'fail_at_once' (test_coroutine.c:"));
    }
}

/* What the library itself uses for a cancellation on its way. */
static void a_raise_of_the_number_of_a_cancellation_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(fail_at_once, object, .error = ASYNC_CANCELLING_);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_AN_ERROR);
    assert_int_equal(async_coro_error(&object.coro), ASYNC_ERR_MISUSE);
}

static void every_negative_16_bit_number_is_an_error(void **state)
{
    (void)state;
    static const int numbers[] = {-1, -199, -256, -32767, -32768};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        ASYNC_OBJECT(fail_at_once, object, .error = numbers[i]);
        assert_int_equal(run(&object.coro), numbers[i]);
        assert_int_equal(async_coro_error(&object.coro), numbers[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(an_object_runs_nothing_until_it_is_awaited),
        async_test(a_spawned_object_starts_in_the_next_round),
        async_test(arguments_go_by_name_and_other_members_are_zero),
        async_test(a_call_without_arguments_is_a_value),
        async_test(an_object_may_have_static_storage),
        async_test(an_object_that_never_ran_is_reported_with_its_line),
        async_test(
            an_object_that_still_runs_at_the_end_of_its_block_is_an_error),
        async_test(an_object_that_was_run_is_not_reported),
        async_test(the_storage_of_an_object_serves_again),
        async_test(one_slot_serves_calls_one_after_the_other),
        async_test(slots_of_calls_may_share_a_union),
        async_test(an_object_made_before_can_be_awaited),
        async_test(awaiting_an_object_a_second_time_raises_misuse),
        async_test(a_coroutine_cannot_await_itself),
        async_test(an_object_that_another_task_awaits_cannot_be_awaited),
        async_test(running_a_used_object_is_misuse),
        async_test(a_slot_whose_object_still_runs_cannot_be_called),
        async_test(a_call_outside_of_tasks_is_reported),
        async_test(a_call_that_catches_gives_the_error_or_0),
        async_test(a_call_that_catches_does_not_catch_a_cancellation),
        async_test(a_call_that_catches_does_not_catch_a_timeout_around_it),
        async_test(a_call_that_catches_catches_the_end_of_another_task),
        async_test(a_call_that_catches_gives_misuse_for_a_slot_in_use),
        async_test(a_call_that_catches_catches_from_any_depth),
        async_test(the_stack_does_not_grow_with_the_depth),
        async_test(callers_are_known_from_the_leaf_outwards),
        async_test(a_state_is_told_at_every_moment),
        async_test(a_coroutine_that_runs_a_second_loop_is_running),
        async_test(the_error_of_an_object_is_told_when_it_has_ended),
#if ASYNC_DIAGNOSTICS == 2
        async_test(an_object_tells_its_place),
#endif
        async_test(an_await_may_stand_in_any_block),
        async_test(arguments_of_an_operation_are_evaluated_once),
        async_test(an_await_that_is_ready_does_not_pause),
        async_test(a_yield_lets_every_ready_task_run_once),
        async_test(a_condition_is_evaluated_once_in_each_round),
        async_test(exit_ends_the_body),
        async_test(an_empty_body_ends_at_once),
        async_test(a_lost_state_where_nothing_has_raised_is_reported),
        async_test(an_await_in_a_switch_of_the_program_is_lost_state),
        async_test(a_raise_of_no_error_number_is_reported),
        async_test(a_raise_of_the_number_of_a_cancellation_is_reported),
        async_test(every_negative_16_bit_number_is_an_error),
    };
    return cmocka_run_group_tests_name("coroutine", tests, NULL, NULL);
}
