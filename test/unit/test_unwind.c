/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <string.h>

static async_virtual_clock_t machine;
static async_loop_t loop;

static void begin(void)
{
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
}

/* Ticks since the test began. */
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

static void run_ready(void)
{
    while (async_poll(&loop) == 0) {
    }
}

/* Run until the time has come, tick by tick. */
static void run_to(unsigned time)
{
    run_ready();
    while (since() < time) {
        async_virtual_clock_advance(&machine, 1);
        run_ready();
    }
}

/* --- Through frames ------------------------------------------------------- */

struct level {
    ASYNC_FRAME;
    int depth;
    int error;
    async_ticks_t sleep;
    async_ticks_t cleanup;
    struct level *slot;
};

ASYNC_STATIC(level)
{
    ASYNC_BEGIN();
    if (self->depth > 1) {
        AWAIT_CALL(*self->slot, level, .depth = self->depth - 1,
                   .error = self->error, .sleep = self->sleep,
                   .cleanup = self->cleanup, .slot = self->slot + 1);
        trace("back%d ", self->depth);
    } else {
        AWAIT(async_sleep(self->sleep));
        if (self->error != 0) {
            ASYNC_RAISE(self->error);
        }
        trace("slept ");
    }
    ASYNC_FINALLY();
    trace("f%d@%u ", self->depth, since());
    AWAIT(async_sleep(self->cleanup));
    trace("g%d@%u ", self->depth, since());
    ASYNC_END();
}

static void an_error_goes_up_and_each_cleanup_may_await(void **state)
{
    (void)state;
    static struct level slots[3];
    ASYNC_OBJECT(level, object, .depth = 3, .error = -9, .sleep = 1,
                 .cleanup = 10, .slot = slots);
    assert_int_equal(run(&object.coro), -9);
    assert_trace("f1@1 g1@11 f2@11 g2@21 f3@21 g3@31");
    assert_int_equal(async_coro_error(&slots[1].coro), -9);
    assert_int_equal(async_coro_error(&slots[0].coro), -9);
    assert_int_equal(async_coro_error(&object.coro), -9);
}

static void without_an_error_the_same_cleanup_runs(void **state)
{
    (void)state;
    static struct level slots[3];
    ASYNC_OBJECT(level, object, .depth = 3, .sleep = 1, .cleanup = 10,
                 .slot = slots);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("slept f1@1 g1@11 back2 f2@11 g2@21 back3 f3@21 g3@31");
}

static void a_cancellation_goes_up_and_each_cleanup_may_await(void **state)
{
    (void)state;
    static struct level slots[3];
    begin();
    ASYNC_OBJECT(level, object, .depth = 3, .sleep = 100, .cleanup = 10,
                 .slot = slots);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    run_to(5);
    assert_true(async_cancel(&task));
    run_to(40);
    assert_trace("f1@5 g1@15 f2@15 g2@25 f3@25 g3@35");
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void a_second_cancel_ends_only_the_cleanup_that_runs(void **state)
{
    (void)state;
    static struct level slots[3];
    begin();
    ASYNC_OBJECT(level, object, .depth = 3, .sleep = 100, .cleanup = 10,
                 .slot = slots);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    run_to(5);
    assert_true(async_cancel(&task));
    run_to(7);
    assert_true(async_cancel(&task));
    run_to(40);
    assert_trace("f1@5 f2@7 g2@17 f3@17 g3@27");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct limit_level {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct level level;
    struct level *slots;
};

ASYNC_STATIC(limit_level)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->level, level, .depth = 2, .sleep = 100, .cleanup = 10,
                   .slot = self->slots);
        trace("wrong ");
    }
    trace("behind@%u expired=%d ", since(),
          async_timeout_expired(&self->limit));
    ASYNC_FINALLY();
    trace("finally@%u ", since());
    ASYNC_END();
}

static void an_expired_timeout_unwinds_the_frames_inside(void **state)
{
    (void)state;
    static struct level slots[2];
    ASYNC_OBJECT(limit_level, object, .slots = slots);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("f1@5 g1@15 f2@15 g2@25 behind@25 expired=1 finally@25");
}

/* --- Every way to end a body ---------------------------------------------- */

enum way {
    END,
    RETURN,
    EXIT,
    RAISE,
    OPERATION,
    CALL,
    CANCEL_SELF,
    CANCEL_SELF_AND_PAUSE,
    CANCELLED,
    TIMED_OUT,
    WAYS
};

struct bad {
    ASYNC_FRAME;
};

ASYNC_STATIC(bad)
{
    ASYNC_BEGIN();
    ASYNC_RAISE(-4);
    ASYNC_END();
}

struct ending {
    ASYNC_FRAME;
    int result;
    enum way way;
    bool in_scopes;
    int finally;
    async_timeout_t outer;
    async_timeout_t inner;
    async_try_t attempt;
    async_event_t never;
    struct bad bad;
};

/* One of the ways; the waits are first, so that a return may follow. */
#define END_THAT_WAY()                                                         \
    do {                                                                       \
        if (self->way == RETURN) {                                             \
            ASYNC_RETURN(77);                                                  \
        } else if (self->way == EXIT) {                                        \
            ASYNC_EXIT();                                                      \
        } else if (self->way == CANCEL_SELF) {                                 \
            async_cancel(async_current_task());                                \
        } else if (self->way != END) {                                         \
            trace("wrong ");                                                   \
        }                                                                      \
    } while (0)

ASYNC_STATIC(ending)
{
    ASYNC_BEGIN();
    if (self->in_scopes) {
        ASYNC_TIMEOUT(&self->outer, 1000) {
            ASYNC_TRY(&self->attempt) {
                ASYNC_TIMEOUT(&self->inner, 1000) {
                    if (self->way == CANCELLED || self->way == TIMED_OUT) {
                        AWAIT(async_event_wait(&self->never));
                    }
                    if (self->way == CANCEL_SELF_AND_PAUSE) {
                        async_cancel(async_current_task());
                        ASYNC_YIELD();
                    }
                    if (self->way == RAISE) {
                        ASYNC_RAISE(-4);
                    }
                    if (self->way == OPERATION) {
                        AWAIT(
                            async_wait_for(async_event_wait(&self->never), 1));
                    }
                    if (self->way == CALL) {
                        AWAIT_CALL(self->bad, bad);
                    }
                    END_THAT_WAY();
                }
            }
            if (async_try_error(&self->attempt) != 0) {
                ASYNC_RAISE(async_try_error(&self->attempt));
            }
        }
    } else {
        if (self->way == CANCELLED || self->way == TIMED_OUT) {
            AWAIT(async_event_wait(&self->never));
        }
        if (self->way == CANCEL_SELF_AND_PAUSE) {
            async_cancel(async_current_task());
            ASYNC_YIELD();
        }
        if (self->way == RAISE) {
            ASYNC_RAISE(-4);
        }
        if (self->way == OPERATION) {
            AWAIT(async_wait_for(async_event_wait(&self->never), 1));
        }
        if (self->way == CALL) {
            AWAIT_CALL(self->bad, bad);
        }
        END_THAT_WAY();
    }
    ASYNC_FINALLY();
    self->finally++;
    assert_false(async_timeout_reschedule(&self->outer, 1));
    assert_false(async_timeout_reschedule(&self->inner, 1));
    ASYNC_END();
}

struct limited {
    ASYNC_FRAME;
    struct ending ending;
    enum way way;
    bool in_scopes;
    async_timeout_t limit;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 2) {
        AWAIT_CALL(self->ending, ending, .way = self->way,
                   .in_scopes = self->in_scopes);
    }
    AWAIT(async_sleep(2000));
    trace("finally%d ", self->ending.finally);
    ASYNC_END();
}

static int end_in(enum way way, bool in_scopes, bool call)
{
    begin();
    struct ending object =
        ASYNC_CALL(ending, .way = way, .in_scopes = in_scopes);
    struct limited caller =
        ASYNC_CALL(limited, .way = way, .in_scopes = in_scopes);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, call ? &caller.coro : &object.coro);
    run_to(1);
    if (way == CANCELLED) {
        async_cancel(&task);
    }
    if (call) {
        run_to(2010);
        const char *expected = way == CANCELLED ||
                                       way == CANCEL_SELF_AND_PAUSE ||
                                       way == CANCEL_SELF || way == RAISE ||
                                       way == CALL || way == OPERATION
                                   ? ""
                                   : "finally1";
        assert_string_equal(trace_take(), expected);
        object.finally = caller.ending.finally;
    } else {
        run_to(2);
    }
    assert_true(async_task_done(&task));
    assert_int_equal(object.finally, 1);
    int error = async_task_error(&task);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("");
    return error;
}

static void the_cleanup_runs_once_however_the_body_ends(void **state)
{
    (void)state;
    static const int errors[WAYS] = {
        [RAISE] = -4,
        [CALL] = -4,
        [OPERATION] = ASYNC_ERR_TIMEOUT,
        [CANCEL_SELF] = ASYNC_ERR_CANCELLED,
        [CANCEL_SELF_AND_PAUSE] = ASYNC_ERR_CANCELLED,
        [CANCELLED] = ASYNC_ERR_CANCELLED,
    };
    for (int way = END; way < WAYS; way++) {
        for (int in_scopes = 0; in_scopes < 2; in_scopes++) {
            if (way != TIMED_OUT) {
                assert_int_equal(end_in((enum way)way, in_scopes, false),
                                 errors[way]);
            }
            assert_int_equal(end_in((enum way)way, in_scopes, true),
                             errors[way]);
        }
    }
}

static void a_coroutine_that_never_started_has_no_cleanup(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(ending, object, .way = END);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_cancel(&task);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(object.finally, 0);
}

/* --- Every way to end a cleanup ------------------------------------------- */

enum cleanup {
    C_END,
    C_AWAIT,
    C_RETURN,
    C_EXIT,
    C_RAISE,
    C_RAISE_LATE,
    C_OPERATION,
    C_CALL,
    C_CATCH_OPERATION,
    C_CATCH_CALL,
    C_TRY,
    C_TIMEOUT,
    C_TRY_AND_RETURN,
    CLEANUPS
};

struct cleaning {
    ASYNC_FRAME;
    int result;
    enum way way;
    enum cleanup cleanup;
    int finally;
    int caught;
    async_try_t attempt;
    async_timeout_t limit;
    async_event_t never;
    struct bad bad;
};

ASYNC_STATIC(cleaning)
{
    ASYNC_BEGIN();
    if (self->way == CANCELLED) {
        AWAIT(async_event_wait(&self->never));
    }
    if (self->way == RAISE) {
        ASYNC_RAISE(-1);
    }
    END_THAT_WAY();
    ASYNC_FINALLY();
    self->finally++;
    if (self->cleanup == C_AWAIT || self->cleanup == C_RAISE_LATE) {
        AWAIT(async_sleep(1));
    }
    if (self->cleanup == C_RETURN) {
        ASYNC_RETURN(78);
    }
    if (self->cleanup == C_EXIT) {
        ASYNC_EXIT();
    }
    if (self->cleanup == C_RAISE || self->cleanup == C_RAISE_LATE) {
        ASYNC_RAISE(-2);
    }
    if (self->cleanup == C_OPERATION) {
        AWAIT(async_wait_for(async_event_wait(&self->never), 1));
    }
    if (self->cleanup == C_CALL) {
        AWAIT_CALL(self->bad, bad);
    }
    if (self->cleanup == C_CATCH_OPERATION) {
        AWAIT_CATCH(self->caught,
                    async_wait_for(async_event_wait(&self->never), 1));
    }
    if (self->cleanup == C_CATCH_CALL) {
        self->bad = ASYNC_CALL(bad);
        AWAIT_CATCH(self->caught, async_call(&self->bad.coro));
    }
    if (self->cleanup == C_TRY) {
        ASYNC_TRY(&self->attempt) {
            AWAIT_CALL(self->bad, bad);
        }
        self->caught = async_try_error(&self->attempt);
    }
    if (self->cleanup == C_TIMEOUT) {
        ASYNC_TIMEOUT(&self->limit, 1) {
            AWAIT(async_event_wait(&self->never));
        }
        self->caught =
            async_timeout_expired(&self->limit) ? ASYNC_ERR_TIMEOUT : 0;
    }
    if (self->cleanup == C_TRY_AND_RETURN) {
        ASYNC_TRY(&self->attempt) {
            ASYNC_EXIT();
        }
    }
    trace("end ");
    ASYNC_END();
}

static void only_an_error_of_the_cleanup_replaces_the_outcome(void **state)
{
    (void)state;
    static const enum way ways[] = {END, RETURN, RAISE, CANCELLED};
    static const int outcomes[] = {0, 0, -1, ASYNC_ERR_CANCELLED};
    static const int replaced[CLEANUPS] = {[C_RAISE] = -2,
                                           [C_RAISE_LATE] = -2,
                                           [C_OPERATION] = ASYNC_ERR_TIMEOUT,
                                           [C_CALL] = -4};
    static const int caught[CLEANUPS] = {
        [C_CATCH_OPERATION] = ASYNC_ERR_TIMEOUT,
        [C_CATCH_CALL] = -4,
        [C_TRY] = -4,
        [C_TIMEOUT] = ASYNC_ERR_TIMEOUT,
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        for (int cleanup = 0; cleanup < CLEANUPS; cleanup++) {
            begin();
            struct cleaning object = ASYNC_CALL(
                cleaning, .way = ways[i], .cleanup = (enum cleanup)cleanup);
            async_task_t task = ASYNC_TASK_INIT;
            async_spawn(&loop, &task, &object.coro);
            async_poll(&loop);
            if (ways[i] == CANCELLED) {
                async_cancel(&task);
            }
            run_to(3);
            int expected =
                replaced[cleanup] != 0 ? replaced[cleanup] : outcomes[i];
            bool ends = replaced[cleanup] == 0 && cleanup != C_RETURN &&
                        cleanup != C_EXIT && cleanup != C_TRY_AND_RETURN;
            assert_true(async_task_done(&task));
            assert_int_equal(async_task_error(&task), expected);
            assert_int_equal(async_coro_error(&object.coro), expected);
            assert_int_equal(object.finally, 1);
            assert_int_equal(object.caught, caught[cleanup]);
            assert_string_equal(trace_take(), ends ? "end" : "");
            assert_int_equal(async_loop_close(&loop), 0);
        }
    }
}

/* --- Cleanup of the cancelled --------------------------------------------- */

struct sleeper {
    ASYNC_FRAME;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1000));
    trace("wrong ");
    ASYNC_FINALLY();
    trace("child@%u ", since());
    AWAIT(async_sleep(3));
    ASYNC_END();
}

/* The usual parent: its cleanup cancels the child and waits for it. */
struct parent {
    ASYNC_FRAME;
    async_task_t task;
    struct sleeper child;
    int error;
    async_try_t attempt;
    bool by_try;
};

ASYNC_STATIC(parent)
{
    ASYNC_BEGIN();
    self->child = ASYNC_CALL(sleeper);
    async_spawn(async_current_loop(), &self->task, &self->child.coro);
    AWAIT(async_sleep(1000));
    ASYNC_FINALLY();
    async_cancel(&self->task);
    if (self->by_try) {
        ASYNC_TRY(&self->attempt) {
            AWAIT(async_join(&self->task));
        }
        self->error = async_try_error(&self->attempt);
    } else {
        AWAIT_CATCH(self->error, async_join(&self->task));
    }
    trace("joined%d@%u ", self->error, since());
    ASYNC_END();
}

static void a_cancelled_parent_can_join_its_cancelled_child(void **state)
{
    (void)state;
    for (int by_try = 0; by_try < 2; by_try++) {
        begin();
        ASYNC_OBJECT(parent, object, .by_try = by_try);
        async_task_t task = ASYNC_TASK_INIT;
        async_spawn(&loop, &task, &object.coro);
        run_to(5);
        async_cancel(&task);
        run_to(10);
        assert_trace("child@5 joined-200@8");
        assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
        assert_int_equal(async_loop_close(&loop), 0);
    }
}

struct limit_parent {
    ASYNC_FRAME;
    struct parent parent;
    bool by_try;
    async_timeout_t limit;
};

ASYNC_STATIC(limit_parent)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->parent, parent, .by_try = self->by_try);
    }
    trace("expired%d ", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_parent_out_of_time_can_join_its_cancelled_child(void **state)
{
    (void)state;
    for (int by_try = 0; by_try < 2; by_try++) {
        ASYNC_OBJECT(limit_parent, object, .by_try = by_try);
        assert_int_equal(run(&object.coro), 0);
        assert_trace("child@5 joined-200@8 expired1");
    }
}

struct limited_cleanup {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_event_t never;
};

ASYNC_STATIC(limited_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->never));
    ASYNC_FINALLY();
    ASYNC_TIMEOUT(&self->limit, 3) {
        AWAIT(async_event_wait(&self->never));
    }
    trace("gave up@%u expired%d ", since(),
          async_timeout_expired(&self->limit));
    AWAIT(async_sleep(1));
    trace("end@%u ", since());
    ASYNC_END();
}

static void a_cancelled_task_may_limit_its_cleanup(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(limited_cleanup, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    run_to(5);
    async_cancel(&task);
    run_to(10);
    assert_trace("gave up@8 expired1 end@9");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_loop_close(&loop), 0);
}

struct limit_cleanup {
    ASYNC_FRAME;
    struct limited_cleanup call;
    async_timeout_t limit;
};

ASYNC_STATIC(limit_cleanup)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->call, limited_cleanup);
    }
    trace("outer expired%d ", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_call_out_of_time_may_limit_its_cleanup(void **state)
{
    (void)state;
    ASYNC_OBJECT(limit_cleanup, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("gave up@8 expired1 end@9 outer expired1");
}

/* --- AWAIT_CATCH ---------------------------------------------------------- */

struct catching {
    ASYNC_FRAME;
    int error;
    async_event_t never;
    struct bad bad;
    async_task_t task;
    struct sleeper sleeper;
};

ASYNC_STATIC(catching)
{
    ASYNC_BEGIN();
    self->error = 5;
    AWAIT_CATCH(self->error, async_sleep(1));
    trace("%d ", self->error);
    AWAIT_CATCH(self->error, async_wait_for(async_event_wait(&self->never), 2));
    trace("%d ", self->error);
    self->bad = ASYNC_CALL(bad);
    AWAIT_CATCH(self->error, async_call(&self->bad.coro));
    trace("%d ", self->error);
    self->error = 5;
    AWAIT_CATCH(self->error, async_sleep(0));
    trace("%d ", self->error);
    self->sleeper = ASYNC_CALL(sleeper);
    async_spawn(async_current_loop(), &self->task, &self->sleeper.coro);
    ASYNC_YIELD();
    async_cancel(&self->task);
    AWAIT_CATCH(self->error, async_join(&self->task));
    trace("%d ", self->error);
    AWAIT_CATCH(self->error, async_join(&self->task));
    trace("again%d ", self->error);
    AWAIT_CATCH(self->error, async_join(async_current_task()));
    trace("%d ", self->error);
    AWAIT_CATCH(self->error, async_event_wait(&self->never));
    trace("wrong ");
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void a_caught_error_is_a_number(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(catching, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    run_to(10);
    expect_report(ASYNC_REPORT_JOIN);
    assert_trace("0 -201 -4 0 child@3 -200 again-200 -202");
    async_cancel(&task);
    async_poll(&loop);
    assert_trace("finally");
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

struct catch_limited {
    ASYNC_FRAME;
    int error;
    async_event_t never;
    async_timeout_t limit;
    struct sleeper sleeper;
};

ASYNC_STATIC(catch_limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 2) {
        AWAIT_CATCH(self->error, async_event_wait(&self->never));
        trace("wrong ");
    }
    ASYNC_TIMEOUT(&self->limit, 2) {
        self->sleeper = ASYNC_CALL(sleeper);
        AWAIT_CATCH(self->error, async_call(&self->sleeper.coro));
        trace("wrong ");
    }
    trace("expired%d@%u ", async_timeout_expired(&self->limit), since());
    ASYNC_END();
}

static void a_catch_lets_an_expired_timeout_pass(void **state)
{
    (void)state;
    ASYNC_OBJECT(catch_limited, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("child@4 expired1@7");
}

/* An error of the joined task that is a timeout is an error like others. */
struct raise_number {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(raise_number)
{
    ASYNC_BEGIN();
    ASYNC_RAISE(self->error);
    ASYNC_END();
}

struct raise_through_limit {
    ASYNC_FRAME;
    int error;
    async_timeout_t limit;
    struct raise_number call;
};

ASYNC_STATIC(raise_through_limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 2) {
        AWAIT_CALL(self->call, raise_number, .error = self->error);
    }
    trace("wrong ");
    ASYNC_FINALLY();
    trace("expired%d ", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_timeout_catches_no_error_of_its_block(void **state)
{
    (void)state;
    static const int errors[] = {-1, ASYNC_ERR_TIMEOUT, ASYNC_ERR_CANCELLED};
    for (int i = 0; i < 3; i++) {
        ASYNC_OBJECT(raise_through_limit, object, .error = errors[i]);
        assert_int_equal(run(&object.coro), errors[i]);
        assert_trace("expired0");
    }
}

/* The wait ends with an error in the round in which the timeout expires. */
struct late_error {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct raise_number call;
};

ASYNC_STATIC(late_error)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 2) {
        async_virtual_clock_advance(&machine, 10);
        AWAIT_CALL(self->call, raise_number, .error = -6);
    }
    ASYNC_END();
}

static void an_error_after_the_time_that_no_pause_showed_is_raised(void **state)
{
    (void)state;
    ASYNC_OBJECT(late_error, object);
    assert_int_equal(run(&object.coro), -6);
}

/* Cleanup of the inner call raises while a timeout unwinds. */
struct raise_in_cleanup {
    ASYNC_FRAME;
    async_event_t never;
};

ASYNC_STATIC(raise_in_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->never));
    ASYNC_FINALLY();
    ASYNC_RAISE(-3);
    ASYNC_END();
}

struct limit_raising {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_try_t attempt;
    struct raise_in_cleanup call;
};

ASYNC_STATIC(limit_raising)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, 2) {
            AWAIT_CALL(self->call, raise_in_cleanup);
        }
        trace("wrong ");
    }
    trace("error%d expired%d ", async_try_error(&self->attempt),
          async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void an_error_of_the_cleanup_takes_the_place_of_a_timeout(void **state)
{
    (void)state;
    ASYNC_OBJECT(limit_raising, object);
    assert_int_equal(run(&object.coro), 0);
    assert_trace("error-3 expired1");
}

/* A FINALLY in a loop is passed again: its outcome is that of the first. */
struct finally_in_loop {
    ASYNC_FRAME;
    int error;
    int i;
};

ASYNC_STATIC(finally_in_loop)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        if (self->i == 0 && self->error != 0) {
            ASYNC_RAISE(self->error);
        }
        ASYNC_FINALLY();
        trace("cleanup%d ", self->i);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void a_cleanup_that_is_passed_again_keeps_the_error(void **state)
{
    (void)state;
    ASYNC_OBJECT(finally_in_loop, failing, .error = -5);
    assert_int_equal(run(&failing.coro), -5);
    assert_trace("cleanup0 cleanup1");
    ASYNC_OBJECT(finally_in_loop, fine);
    assert_int_equal(run(&fine.coro), 0);
    assert_trace("cleanup0 cleanup1");
}

/* --- At random ------------------------------------------------------------ */

/*
 * Tasks that do anything, at any time, the same way in every run: what a body
 * promises must hold whatever comes together.
 */
#define TASKS  BY_ROOM(16, 16, 8)
#define EVENTS 4
#define DEPTH  4

struct walk {
    ASYNC_FRAME;
    int depth;
    int steps;
    int finally;
    int error;
    struct walk *slot;
    async_timeout_t limit;
    async_timeout_t inner;
    async_try_t attempt;
};

static uint32_t seed;
static struct walk walks[TASKS][DEPTH];
static async_task_t tasks[TASKS];
static async_event_t events[EVENTS];
static int started;
static int cleaned;
static int twice;

static uint16_t draw(uint16_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (uint16_t)((seed >> 8) % below);
}

static async_task_t *any_task(void)
{
    return &tasks[draw(TASKS)];
}

static async_event_t *any_event(void)
{
    return &events[draw(EVENTS)];
}

/* One that was spawned and is not the caller. */
static async_task_t *any_other(void)
{
    async_task_t *task;
    do {
        task = any_task();
    } while (task == async_current_task() || async_task_coro(task) == NULL);
    return task;
}

static void signal_any(void)
{
    async_event_set(any_event());
    async_event_clear(any_event());
}

ASYNC_STATIC(walk)
{
    int what;

    ASYNC_BEGIN();
    started++;
    for (self->steps = (int)draw(5) + 1; self->steps > 0; self->steps--) {
        what = (int)draw(14);
        if (what == 0) {
            AWAIT(async_sleep(draw(10)));
        } else if (what == 1) {
            AWAIT_CATCH(self->error,
                        async_wait_for(async_event_wait(any_event()), draw(8)));
        } else if (what == 2) {
            ASYNC_YIELD();
        } else if (what == 3) {
            AWAIT_CATCH(self->error,
                        async_wait_for(async_join(any_other()), draw(8)));
        } else if (what == 4) {
            AWAIT(async_wait_for(async_join(any_other()), draw(20)));
        } else if (what == 5) {
            AWAIT(async_join(any_other()));
        } else if (what == 6) {
            ASYNC_RAISE(-1 - (int)draw(5));
        } else if (what == 7) {
            ASYNC_EXIT();
        } else if (what == 8) {
            async_cancel(any_task());
            signal_any();
        } else if (what == 9) {
            self->error = (int)draw(3);
            AWAIT_UNTIL(self->error-- <= 0);
        } else if (what == 10) {
            ASYNC_TIMEOUT(&self->limit, draw(8)) {
                if (self->depth > 1) {
                    AWAIT_CALL(*self->slot, walk, .depth = self->depth - 1,
                               .slot = self->slot + 1);
                } else {
                    AWAIT(async_event_wait(any_event()));
                }
            }
        } else if (self->depth > 1) {
            ASYNC_TIMEOUT(&self->limit, draw(12)) {
                ASYNC_TRY(&self->attempt) {
                    ASYNC_TIMEOUT(&self->inner, draw(12)) {
                        AWAIT_CALL(*self->slot, walk, .depth = self->depth - 1,
                                   .slot = self->slot + 1);
                        if (draw(3) == 0) {
                            break;
                        }
                        AWAIT(async_sleep(draw(4)));
                        if (draw(3) == 0) {
                            ASYNC_EXIT();
                        }
                        async_timeout_reschedule(&self->limit, draw(12));
                        AWAIT(async_event_wait(any_event()));
                    }
                }
            }
        }
    }
    ASYNC_FINALLY();
    twice += self->finally;
    self->finally++;
    cleaned++;
    what = (int)draw(8);
    if (what == 0) {
        AWAIT(async_sleep(draw(4)));
    } else if (what == 1) {
        AWAIT_CATCH(self->error, async_join(any_other()));
    } else if (what == 2) {
        ASYNC_TIMEOUT(&self->limit, draw(4)) {
            AWAIT(async_event_wait(any_event()));
        }
    } else if (what == 3) {
        ASYNC_RAISE(-20);
    } else if (what == 4) {
        ASYNC_TRY(&self->attempt) {
            AWAIT(async_join(any_other()));
        }
    }
    ASYNC_END();
}

struct drive {
    ASYNC_FRAME;
    int steps;
    int i;
    int error;
};

static void spawn_again(int i)
{
    if (async_task_coro(&tasks[i]) == NULL || async_task_done(&tasks[i])) {
        (void)async_task_error(&tasks[i]);
        walks[i][0] = ASYNC_CALL(walk, .depth = DEPTH, .slot = &walks[i][1]);
        async_spawn(&loop, &tasks[i], &walks[i][0].coro);
    }
}

ASYNC_STATIC(drive)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < TASKS; self->i++) {
        spawn_again(self->i);
    }
    for (self->steps = 0; self->steps < BY_PACE(2000, 200); self->steps++) {
        spawn_again((int)draw(TASKS));
        if (draw(3) == 0) {
            async_cancel(any_task());
        }
        signal_any();
        if (draw(8) == 0) {
            async_virtual_clock_advance(&machine, draw(5));
        }
        AWAIT(async_sleep(draw(3)));
    }
    for (self->i = 0; self->i < TASKS; self->i++) {
        while (!async_task_done(&tasks[self->i])) {
            async_cancel(&tasks[self->i]);
            AWAIT_CATCH(self->error,
                        async_wait_for(async_join(&tasks[self->i]), 5));
        }
        (void)async_task_error(&tasks[self->i]);
    }
    ASYNC_END();
}

static void every_body_that_started_is_cleaned_up_once(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= BY_PACE(8, 4); i++) {
        seed = i * 2654435761u;
        started = cleaned = twice = 0;
        memset(walks, 0, sizeof walks);
        memset(tasks, 0, sizeof tasks);
        memset(events, 0, sizeof events);
        ASYNC_OBJECT(drive, object);
        assert_int_equal(run(&object.coro), 0);
        assert_true(started > BY_PACE(2000, 200));
        assert_int_equal(cleaned, started);
        assert_int_equal(twice, 0);
        expect_no_report();

        /* The loop is empty, and nobody hangs on an event. */
        for (int event = 0; event < EVENTS; event++) {
            async_event_set(&events[event]);
        }
        assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
        assert_int_equal(async_loop_close(&loop), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(an_error_goes_up_and_each_cleanup_may_await),
        async_test(without_an_error_the_same_cleanup_runs),
        async_test(a_cancellation_goes_up_and_each_cleanup_may_await),
        async_test(a_second_cancel_ends_only_the_cleanup_that_runs),
        async_test(an_expired_timeout_unwinds_the_frames_inside),
        async_test(the_cleanup_runs_once_however_the_body_ends),
        async_test(a_coroutine_that_never_started_has_no_cleanup),
        async_test(only_an_error_of_the_cleanup_replaces_the_outcome),
        async_test(a_cancelled_parent_can_join_its_cancelled_child),
        async_test(a_parent_out_of_time_can_join_its_cancelled_child),
        async_test(a_cancelled_task_may_limit_its_cleanup),
        async_test(a_call_out_of_time_may_limit_its_cleanup),
        async_test(a_caught_error_is_a_number),
        async_test(a_catch_lets_an_expired_timeout_pass),
        async_test(a_timeout_catches_no_error_of_its_block),
        async_test(an_error_after_the_time_that_no_pause_showed_is_raised),
        async_test(an_error_of_the_cleanup_takes_the_place_of_a_timeout),
        async_test(a_cleanup_that_is_passed_again_keeps_the_error),
        async_test(every_body_that_started_is_cleaned_up_once),
    };
    return cmocka_run_group_tests_name("unwind", tests, NULL, NULL);
}
