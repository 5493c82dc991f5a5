/* SPDX-License-Identifier: MIT */

/* Every kind of report: what causes it, and its exact text. */
#include "test.h"

#include <async/port.h>

#include <stdio.h>

static async_virtual_clock_t machine;
static async_loop_t loop;

static async_event_t never;

static void begin(void)
{
    never = (async_event_t){.waiters_ = {.next_ = NULL}};
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
}

static int run(async_coro_t *coro)
{
    begin();
    return async_run(&loop, coro);
}

/* Take a report and compare its text. */
static void expect_text(async_report_kind_t kind, bool is_error,
                        const char *before, int line, const char *after,
                        const char *hint)
{
    char expected[640];
    char place[40] = "";
    expect_report(kind);
    assert_int_equal(async_report_is_error(report_taken()), is_error);
    if (line != 0) {
        snprintf(place, sizeof place, " (test_report.c:%d)", line);
    }
    snprintf(expected, sizeof expected, "%s%s%s  hint: %s\n", before, place,
             after, hint);
    assert_report_text(expected);
}

struct idle {
    ASYNC_FRAME;
};

enum { IDLE = __LINE__ + 5 };

ASYNC_STATIC(idle)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&never));
    ASYNC_END();
}

/* --- Warnings ------------------------------------------------------------- */

static void never_awaited(void **state)
{
    (void)state;
    int line = __LINE__ + 2;
    {
        ASYNC_OBJECT(idle, object);
    }
    expect_text(ASYNC_REPORT_NEVER_AWAITED, false,
                "warning: coroutine 'idle' was never awaited", line, "\n",
                "await, spawn or run it, or take it out");
    assert_int_equal(report_taken()->line, line);
    assert_non_null(report_taken()->file);
}

struct fail {
    ASYNC_FRAME;
    int error;
};

enum { FAIL = __LINE__ + 5 };

ASYNC_STATIC(fail)
{
    ASYNC_BEGIN();
    ASYNC_RAISE(self->error);
    ASYNC_END();
}

static void error_not_taken(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(fail, object, .error = -5);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_text(ASYNC_REPORT_ERROR_NOT_TAKEN, false,
                "warning: task 'fail' ended with error -5, which nobody took",
                0, "\n",
                "join the task, ask async_task_error, or catch the error where "
                "it is raised");
    assert_ptr_equal(report_taken()->task, &task);
    assert_ptr_equal(report_taken()->coro, &object.coro);
    assert_int_equal(report_taken()->error, -5);
}

struct outer {
    ASYNC_FRAME;
    struct idle call;
    async_try_t attempt;
    async_timeout_t limit;
};

enum { OUTER = __LINE__ + 7 };

ASYNC_STATIC(outer)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, ASYNC_FOREVER) {
            AWAIT_CALL(self->call, idle);
        }
    }
    ASYNC_END();
}

static void chain(char *text, size_t size, const char *sentence)
{
    snprintf(text, size,
             "%s\n"
             "  in 'outer' (test_report.c:%d), awaiting idle\n"
             "  in 'idle' (test_report.c:%d), awaiting "
             "async_event_wait(&never)\n"
             "  in the list at %p, 1st of 1\n",
             sentence, OUTER, IDLE, (void *)&never);
}

static void deadlock(void **state)
{
    (void)state;
    ASYNC_OBJECT(outer, object);
    assert_int_equal(run(&object.coro), ASYNC_ERR_DEADLOCK);
    char expected[256];
    chain(expected, sizeof expected,
          "warning: task 'outer' waits for ever: nothing can wake it");
    expect_text(
        ASYNC_REPORT_DEADLOCK, false, expected, 0, "",
        "find who should have woken it, and what that one waits for itself");
    assert_ptr_equal(report_taken()->coro, &object.call.coro);
}

struct stuck {
    ASYNC_FRAME;
    struct idle call;
};

enum { STUCK = __LINE__ + 7 };

ASYNC_STATIC(stuck)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    AWAIT_CALL(self->call, idle);
    ASYNC_END();
}

static void task_left(void **state)
{
    (void)state;
    static struct stuck object;
    object = ASYNC_CALL(stuck);
    async_task_t task = ASYNC_TASK_INIT;
    begin();
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 1);
    char expected[256];
    snprintf(expected, sizeof expected,
             "warning: task 'stuck' did not end when its loop was closed\n"
             "  in 'stuck' (test_report.c:%d), awaiting idle, in its cleanup "
             "after error -200\n"
             "  in 'idle' (test_report.c:%d), awaiting "
             "async_event_wait(&never)\n"
             "  in the list at %p, 1st of 1\n",
             STUCK, IDLE, (void *)&never);
    expect_text(ASYNC_REPORT_TASK_LEFT, false, expected, 0, "",
                "put a timeout around what its cleanup waits for");
    assert_ptr_equal(report_taken()->task, &task);
}

/* --- Errors --------------------------------------------------------------- */

static void ended_too_soon(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    int line = __LINE__ + 2;
    {
        ASYNC_OBJECT(idle, object);
        async_spawn(&loop, &task, &object.coro);
        async_poll(&loop);
    }
    expect_text(ASYNC_REPORT_ENDED_TOO_SOON, true,
                "error: coroutine 'idle' still runs, but its block has ended "
                "and its memory with it",
                line, "\n",
                "make the object static, or a member of a frame that waits for "
                "its end");
}

struct await_object {
    ASYNC_FRAME;
    async_coro_t *object;
};

enum { AWAIT_OBJECT = __LINE__ + 5 };

ASYNC_STATIC(await_object)
{
    ASYNC_BEGIN();
    AWAIT(async_call(self->object));
    ASYNC_END();
}

static void used_again(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(idle, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);

    async_task_t other = ASYNC_TASK_INIT;
    ASYNC_OBJECT(await_object, second, .object = &object.coro);
    async_spawn(&loop, &other, &second.coro);
    async_poll(&loop);
    char place[128];
    snprintf(place, sizeof place,
             "error: coroutine object 'idle' (test_report.c:%d) was started a "
             "second time, by 'await_object'",
             IDLE);
    expect_text(ASYNC_REPORT_USED_AGAIN, true, place, AWAIT_OBJECT, "\n",
                "assign it a fresh ASYNC_CALL(name, ...) before each start");
    assert_ptr_equal(report_taken()->coro, &object.coro);
    assert_ptr_equal(report_taken()->by, &second.coro);
    assert_int_equal(async_task_error(&other), ASYNC_ERR_MISUSE);

    async_spawn(&loop, &other, &object.coro);
    expect_text(ASYNC_REPORT_USED_AGAIN, true, "error: coroutine object 'idle'",
                IDLE, " was started a second time\n",
                "assign it a fresh ASYNC_CALL(name, ...) before each start");
    assert_null(report_taken()->by);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void not_a_coroutine(void **state)
{
    (void)state;
    begin();
    struct idle zero = {.coro = {.state_ = 0}};
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &zero.coro);
    expect_text(ASYNC_REPORT_NOT_A_COROUTINE, true,
                "error: an object was started that ASYNC_CALL has not made", 0,
                "\n", "assign it ASYNC_CALL(name, ...) before it is started");
    assert_false(async_task_done(&task));
    assert_int_equal(async_run(&loop, &zero.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_A_COROUTINE);
    assert_null(async_coro_place(&zero.coro).name);

    ASYNC_OBJECT(await_object, object, .object = &zero.coro);
    assert_int_equal(async_run(&loop, &object.coro), ASYNC_ERR_MISUSE);
    expect_text(ASYNC_REPORT_NOT_A_COROUTINE, true,
                "error: an object was started that ASYNC_CALL has not made, by "
                "'await_object'",
                AWAIT_OBJECT, "\n",
                "assign it ASYNC_CALL(name, ...) before it is started");
}

static void task_reused(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(outer, object);
    struct idle other = ASYNC_CALL(idle);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    async_spawn(&loop, &task, &other.coro);
    char expected[256];
    chain(expected, sizeof expected,
          "error: task 'outer' was spawned again before it was done");
    expect_text(ASYNC_REPORT_TASK_REUSED, true, expected, 0, "",
                "join it first, or spawn another task");
    assert_ptr_equal(report_taken()->task, &task);
    assert_int_equal(async_loop_close(&loop), 0);
}

struct in_a_switch {
    ASYNC_FRAME;
    uint64_t which;
};

enum { IN_A_SWITCH = __LINE__ + 7 };

ASYNC_STATIC(in_a_switch)
{
    ASYNC_BEGIN();
    switch (self->which) {
    default:
        AWAIT(async_sleep(1));
    }
    ASYNC_END();
}

static void lost_state(void **state)
{
    (void)state;
    ASYNC_OBJECT(in_a_switch, object);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_text(ASYNC_REPORT_LOST_STATE, true, "error: coroutine 'in_a_switch'",
                IN_A_SWITCH,
                " cannot resume: an AWAIT stands in a switch of its own, or "
                "its frame was moved or overwritten\n",
                "use if/else in the place of the switch; leave a frame where "
                "it is until its coroutine is done");
    assert_ptr_equal(report_taken()->coro, &object.coro);
}

struct jump {
    ASYNC_FRAME;
    async_try_t attempt;
};

enum { JUMP = __LINE__ + 6 };

ASYNC_STATIC(jump)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_sleep(1));
        goto out;
    }
out:
    ASYNC_END();
}

static void scope_left(void **state)
{
    (void)state;
    ASYNC_OBJECT(jump, object);
    assert_int_equal(run(&object.coro), 0);
    expect_text(ASYNC_REPORT_SCOPE_LEFT, true, "error: coroutine 'jump'", JUMP,
                " left a scope by goto, or entered one that was open\n",
                "leave a block by break, ASYNC_RETURN or ASYNC_RAISE; give "
                "each its own object");
}

static void not_in_task(void **state)
{
    (void)state;
    async_wait_t wait = async_event_wait(&never);
    (void)wait;
    expect_text(ASYNC_REPORT_NOT_IN_TASK, true,
                "error: a call that only tasks may make, outside of tasks", 0,
                "\n",
                "wait and cancel in coroutines only; a handler sets an event "
                "that a task awaits");
}

static async_irq_t irq;

static void wait_in_handler(void *context)
{
    (void)context;
    async_wait_t wait = async_event_wait(&never);
    (void)wait;
}

struct interrupted {
    ASYNC_FRAME;
};

enum { INTERRUPTED = __LINE__ + 5 };

ASYNC_STATIC(interrupted)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_irq_raise(&irq);
    async_port_unlock(async_port_lock());
    ASYNC_END();
}

struct call_interrupted {
    ASYNC_FRAME;
    struct interrupted call;
};

ASYNC_STATIC(call_interrupted)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->call, interrupted);
    ASYNC_END();
}

/* The port's number of the handler: PendSV, or "interrupts are locked". */
#ifdef ASYNC_PORT_HANDLERS_ARE_ALONE_
#define HANDLER "a handler"
#elif defined(__arm__)
#define HANDLER "a handler (context 14)"
#else
#define HANDLER "a handler (context 0)"
#endif

static void a_wait_in_a_handler_names_what_it_has_cut_into(void **state)
{
    (void)state;
    begin();
    async_irq_init(&irq, wait_in_handler, NULL);
    ASYNC_OBJECT(call_interrupted, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    char place[200];
    snprintf(place, sizeof place,
             "error: a call that only tasks may make, outside of tasks\n"
             "  in " HANDLER " that has cut into task %p 'call_interrupted', "
             "coroutine 'interrupted'",
             (void *)&task);
    expect_text(ASYNC_REPORT_NOT_IN_TASK, true, place, INTERRUPTED, "\n",
                "wait and cancel in coroutines only; a handler sets an event "
                "that a task awaits");
    assert_true(async_task_done(&task));
}

struct pause_for_nothing {
    ASYNC_FRAME;
    bool returns;
};

enum { PAUSE_FOR_NOTHING = __LINE__ + 5 };

ASYNC_STATIC(pause_for_nothing)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    if (self->returns) {
        return NULL;
    }
    ASYNC_END();
}

static void no_waker(void **state)
{
    (void)state;
    ASYNC_OBJECT(pause_for_nothing, object, .returns = true);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_text(ASYNC_REPORT_NO_WAKER, true,
                "error: coroutine 'pause_for_nothing'", PAUSE_FOR_NOTHING,
                " paused without a waker: nothing can wake it\n",
                "leave the body by ASYNC_EXIT or ASYNC_RETURN, not by return");
}

enum then { SLEEPS, LIMITS, POLLS, ENDS, YIELDS, CALLS, RAISES, WAYS };

struct forget {
    ASYNC_FRAME;
    enum then then;
    int error;
    int looks;
    struct jump call;
    async_event_t event;
};

enum { FORGET = __LINE__ + 10 };

ASYNC_STATIC(forget)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_event_wait(&self->event);
        (void)wait;
    }
    if (self->then == SLEEPS) {
        AWAIT(async_sleep(1));
    }
    if (self->then == LIMITS) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(5), 1));
    }
    if (self->then == POLLS) {
        AWAIT_UNTIL(self->looks++ > 0);
    }
    if (self->then == YIELDS) {
        ASYNC_YIELD();
    }
    if (self->then == CALLS) {
        AWAIT_CALL(self->call, jump);
    }
    if (self->then == RAISES) {
        ASYNC_RAISE(-4);
    }
    trace("on ");
    ASYNC_END();
}

static void not_awaited(void **state)
{
    (void)state;
    ASYNC_OBJECT(forget, object);
    assert_int_equal(run(&object.coro), 0);
    expect_text(ASYNC_REPORT_NOT_AWAITED, true, "error: coroutine 'forget'",
                FORGET, " started an operation without AWAIT\n",
                "put AWAIT before it");
    assert_trace("on");
}

static void an_operation_not_awaited_is_reported_whatever_follows(void **state)
{
    (void)state;
    for (int then = SLEEPS; then < WAYS; then++) {
        ASYNC_OBJECT(forget, object, .then = (enum then)then);
        int expected = then == RAISES ? -4 : 0;
        assert_int_equal(run(&object.coro), expected);
        expect_report(ASYNC_REPORT_NOT_AWAITED);
        if (then == CALLS) {
            expect_report(ASYNC_REPORT_SCOPE_LEFT); /* it is what jump does */
        }
        assert_string_equal(trace_take(), then == RAISES ? "" : "on");

        /* The task has left the event. */
        async_event_set(&object.event);
        assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    }
}

enum forgotten { YIELD, YIELD_LIMITED, PAST, FORGOTTEN };

/* An operation that does not wait leaves nothing behind. */
struct forget_yield {
    ASYNC_FRAME;
    enum forgotten what;
    async_event_t event;
};

ASYNC_STATIC(forget_yield)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = self->what == YIELD ? async_sleep(0)
                            : self->what == YIELD_LIMITED
                                ? async_wait_for(async_sleep(0), 7)
                                : async_sleep_until(async_now());
        (void)wait;
    }
    trace("on ");
    AWAIT(async_event_wait(&self->event));
    trace("set ");
    ASYNC_YIELD();
    trace("end ");
    ASYNC_END();
}

static void an_operation_due_at_once_and_not_awaited_does_no_harm(void **state)
{
    (void)state;
    for (int what = YIELD; what < FORGOTTEN; what++) {
        begin();
        ASYNC_OBJECT(forget_yield, object, .what = (enum forgotten)what);
        async_task_t task = ASYNC_TASK_INIT;
        async_spawn(&loop, &task, &object.coro);
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
        assert_trace("on");
        async_event_set(&object.event);
        assert_true(async_poll(&loop) == 0);
        assert_trace("set");
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
        assert_trace("end");
        assert_true(async_task_done(&task));
        assert_int_equal(async_loop_close(&loop), 0);
    }
}

struct forget_cancelled {
    ASYNC_FRAME;
    async_event_t event;
};

ASYNC_STATIC(forget_cancelled)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    {
        async_wait_t wait = async_event_wait(&self->event);
        (void)wait;
    }
    trace("on ");
    AWAIT(async_event_wait(&self->event));
    trace("wrong ");
    ASYNC_FINALLY();
    trace("finally ");
    AWAIT(async_sleep(1));
    trace("end ");
    ASYNC_END();
}

static void a_task_that_cancelled_itself_does_not_begin_to_wait(void **state)
{
    (void)state;
    ASYNC_OBJECT(forget_cancelled, object);
    assert_int_equal(run(&object.coro), ASYNC_ERR_CANCELLED);
    assert_trace("on finally end");
    async_event_set(&object.event);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

struct wait_beside {
    ASYNC_FRAME;
    async_event_t *event;
    char name;
};

ASYNC_STATIC(wait_beside)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    trace("%c ", self->name);
    ASYNC_END();
}

struct forget_beside {
    ASYNC_FRAME;
    async_event_t *event;
    bool limited;
};

ASYNC_STATIC(forget_beside)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_event_wait(self->event);
        if (self->limited) {
            wait = async_wait_for(wait, 7);
        }
        (void)wait;
    }
    ASYNC_YIELD();
    trace("on ");
    AWAIT(async_event_wait(self->event));
    trace("F ");
    ASYNC_END();
}

static void a_wait_not_awaited_before_a_yield_leaves_the_event(void **state)
{
    (void)state;
    for (int limited = 0; limited < 2; limited++) {
        begin();
        async_event_t event = {.waiters_ = {.next_ = NULL}};
        ASYNC_OBJECT(wait_beside, a, .event = &event, .name = 'A');
        ASYNC_OBJECT(forget_beside, f, .event = &event, .limited = limited);
        ASYNC_OBJECT(wait_beside, b, .event = &event, .name = 'B');
        async_coro_t *coros[] = {&a.coro, &f.coro, &b.coro};
        async_task_t tasks[3];
        for (int i = 0; i < 3; i++) {
            tasks[i] = (async_task_t)ASYNC_TASK_INIT;
            async_spawn(&loop, &tasks[i], coros[i]);
        }
        assert_true(async_poll(&loop) == 0);
        expect_report(ASYNC_REPORT_NOT_AWAITED);
        assert_ptr_equal(report_taken()->coro, &f.coro);
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
        assert_trace("on");
        assert_false(async_event_is_set(&event));
        async_event_set(&event);
        assert_true(async_poll(&loop) == ASYNC_FOREVER);
        assert_trace("A B F");
        assert_int_equal(async_loop_close(&loop), 0);
    }
}

struct forget_sleep {
    ASYNC_FRAME;
};

ASYNC_STATIC(forget_sleep)
{
    ASYNC_BEGIN();
    if (async_now() == JUST_BEFORE_THE_WRAP) {
        async_wait_t wait = async_sleep(50);
        (void)wait;
    }
    AWAIT(async_sleep(2));
    trace("@%u ", (unsigned)(async_time_t)(async_now() - JUST_BEFORE_THE_WRAP));
    ASYNC_END();
}

static void a_sleep_not_awaited_is_given_up(void **state)
{
    (void)state;
    ASYNC_OBJECT(forget_sleep, object);
    assert_int_equal(run(&object.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_trace("@2");
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
}

static void the_time_is_for_tasks(void **state)
{
    (void)state;
    assert_int_equal(async_now(), 0);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
}

struct join_itself {
    ASYNC_FRAME;
};

enum { JOIN_ITSELF = __LINE__ + 5 };

ASYNC_STATIC(join_itself)
{
    ASYNC_BEGIN();
    AWAIT(async_join(async_current_task()));
    ASYNC_END();
}

static void join(void **state)
{
    (void)state;
    ASYNC_OBJECT(join_itself, object);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_text(ASYNC_REPORT_JOIN, true,
                "error: a join with the calling task itself, with a task that "
                "was never spawned, or with one of another loop, by "
                "'join_itself'",
                JOIN_ITSELF, "\n",
                "join a task of this loop, after its spawn, from another one");
}

struct sleep_long {
    ASYNC_FRAME;
};

enum { SLEEP_LONG = __LINE__ + 5 };

ASYNC_STATIC(sleep_long)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_TICKS_MAX + 1));
    ASYNC_END();
}

static void too_long(void **state)
{
    (void)state;
    ASYNC_OBJECT(sleep_long, object);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_text(ASYNC_REPORT_TOO_LONG, true, "error: coroutine 'sleep_long'",
                SLEEP_LONG,
                " asked for a duration beyond ASYNC_TICKS_MAX, or a period of "
                "0\n",
                "wait several times, set a larger ASYNC_TICK_BITS, or check "
                "how the duration is computed");
}

static void not_an_error(void **state)
{
    (void)state;
    ASYNC_OBJECT(fail, object, .error = 3);
    assert_int_equal(run(&object.coro), ASYNC_ERR_MISUSE);
    expect_text(ASYNC_REPORT_NOT_AN_ERROR, true, "error: coroutine 'fail'",
                FAIL,
                " raised a number that is no error: errors are negative 16-bit "
                "numbers\n",
                "raise a negative number, not -255");
}

struct reenter {
    ASYNC_FRAME;
};

enum { REENTER = __LINE__ + 5 };

ASYNC_STATIC(reenter)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_poll(async_current_loop());
    ASYNC_END();
}

static void loop_running(void **state)
{
    (void)state;
    ASYNC_OBJECT(reenter, object);
    assert_int_equal(run(&object.coro), 0);
    expect_text(ASYNC_REPORT_LOOP_RUNNING, true,
                "error: a loop was run, polled or closed while it was in use, "
                "by 'reenter'",
                REENTER, "\n",
                "run it from one place, outside of its tasks and handlers; a "
                "task that wants to wait uses AWAIT");
}

/* --- What a report says about a coroutine in its cleanup ------------------ */

struct clean_up {
    ASYNC_FRAME;
    struct idle *object;
    async_task_t task;
};

ASYNC_STATIC(clean_up)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_RAISE(-1);
    ASYNC_FINALLY();
    async_spawn(async_current_loop(), &self->task, &self->object->coro);
    ASYNC_END();
}

static void a_coroutine_in_its_cleanup_has_a_line(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(idle, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    ASYNC_OBJECT(clean_up, cleaning, .object = &object);
    assert_int_equal(async_run(&loop, &cleaning.coro), -1);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_true(report_says("by 'clean_up' (test_report.c:"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(never_awaited),
        async_test(a_sleep_not_awaited_is_given_up),
        async_test(the_time_is_for_tasks),
        async_test(error_not_taken),
        async_test(deadlock),
        async_test(task_left),
        async_test(ended_too_soon),
        async_test(used_again),
        async_test(not_a_coroutine),
        async_test(task_reused),
        async_test(lost_state),
        async_test(scope_left),
        async_test(not_in_task),
        async_test(a_wait_in_a_handler_names_what_it_has_cut_into),
        async_test(no_waker),
        async_test(not_awaited),
        async_test(an_operation_not_awaited_is_reported_whatever_follows),
        async_test(an_operation_due_at_once_and_not_awaited_does_no_harm),
        async_test(a_task_that_cancelled_itself_does_not_begin_to_wait),
        async_test(a_wait_not_awaited_before_a_yield_leaves_the_event),
        async_test(join),
        async_test(too_long),
        async_test(not_an_error),
        async_test(loop_running),
        async_test(a_coroutine_in_its_cleanup_has_a_line),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
