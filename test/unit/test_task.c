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

static void rounds(int count)
{
    while (count-- > 0) {
        async_poll(&loop);
    }
}

/* --- Spawn ---------------------------------------------------------------- */

struct say {
    ASYNC_FRAME;
    char name;
    int count;
    int i;
};

ASYNC_STATIC(say)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= self->count; self->i++) {
        trace("%c%d ", self->name, self->i);
        ASYNC_YIELD();
    }
    trace("%c. ", self->name);
    ASYNC_END();
}

static void tasks_start_in_the_order_of_their_spawn(void **state)
{
    (void)state;
    begin();
    struct say says[3];
    async_task_t tasks[3];
    for (int i = 0; i < 3; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        says[i] = ASYNC_CALL(say, .name = (char)('A' + i), .count = i);
        async_spawn(&loop, &tasks[i], &says[i].coro);
    }
    assert_trace("");
    rounds(4);
    assert_trace("A. B1 C1 B. C2 C.");
    assert_int_equal(async_loop_close(&loop), 0);
}

struct spawning {
    ASYNC_FRAME;
    struct say says[2];
    async_task_t tasks[2];
};

ASYNC_STATIC(spawning)
{
    ASYNC_BEGIN();
    trace("S1 ");
    self->says[0] = ASYNC_CALL(say, .name = 'A', .count = 1);
    self->says[1] = ASYNC_CALL(say, .name = 'B', .count = 1);
    async_spawn(async_current_loop(), &self->tasks[0], &self->says[0].coro);
    async_spawn(async_current_loop(), &self->tasks[1], &self->says[1].coro);
    trace("S2 ");
    ASYNC_YIELD();
    trace("S3 ");
    ASYNC_YIELD();
    trace("S4 ");
    ASYNC_END();
}

static void a_task_spawned_by_a_task_starts_in_the_next_round(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(spawning, object);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_trace("S1 S2");
    async_poll(&loop);
    assert_trace("A1 B1 S3");
    async_poll(&loop);
    assert_trace("A. B. S4");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void a_task_that_is_not_done_cannot_be_spawned(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(say, first, .name = 'A', .count = 1);
    struct say second = ASYNC_CALL(say, .name = 'B', .count = 0);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &first.coro);
    async_spawn(&loop, &task, &second.coro);
    expect_report(ASYNC_REPORT_TASK_REUSED);
    assert_true(async_report_is_error(report_taken()));
    assert_ptr_equal(report_taken()->task, &task);
    assert_int_equal(async_coro_state(&second.coro), ASYNC_CORO_CREATED);
    async_poll(&loop);
    async_spawn(&loop, &task, &second.coro);
    expect_report(ASYNC_REPORT_TASK_REUSED);
    assert_true(report_says("task 'say' was spawned again"));
    rounds(2);
    assert_trace("A1 A.");

    async_spawn(&loop, &task, &second.coro);
    rounds(1);
    assert_trace("B.");
    assert_true(async_task_done(&task));
    assert_int_equal(async_loop_close(&loop), 0);
}

static void a_used_object_cannot_be_spawned(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(say, object, .name = 'A');
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t other = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    async_spawn(&loop, &other, &object.coro);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_false(async_task_done(&other));
    assert_false(async_cancel(&other));
    rounds(1);
    async_spawn(&loop, &other, &object.coro);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    rounds(1);
    assert_trace("A.");
    assert_int_equal(async_loop_close(&loop), 0);
}

static async_task_t from_interrupt;
static struct say said_by_interrupt;

static void spawn_in_interrupt(void *context)
{
    (void)context;
    assert_null(async_current_task());
    async_spawn(&loop, &from_interrupt, &said_by_interrupt.coro);
}

struct nap {
    ASYNC_FRAME;
    async_ticks_t ticks;
    int error;
};

ASYNC_STATIC(nap)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    trace("nap@%u ", since());
    ASYNC_END();
}

static void an_interrupt_may_spawn(void **state)
{
    (void)state;
    begin();
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&machine, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 25),
                               spawn_in_interrupt, NULL);
    said_by_interrupt = ASYNC_CALL(say, .name = 'I', .count = 1);
    ASYNC_OBJECT(nap, object, .ticks = 30);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("I1 I. nap@30");
    assert_true(async_task_done(&from_interrupt));
}

/* --- Join ----------------------------------------------------------------- */

struct join {
    ASYNC_FRAME;
    char name;
    async_task_t *task;
    int error;
};

ASYNC_STATIC(join)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_join(self->task));
    trace("%c%d@%u ", self->name, self->error, since());
    ASYNC_END();
}

/* `joined` runs as a task, three others join it. */
static void join_three(async_coro_t *joined, bool before)
{
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct join joins[3];
    async_task_t tasks[3];
    async_spawn(&loop, &task, joined);
    if (!before) {
        rounds(1);
    }
    for (int i = 0; i < 3; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        joins[i] = ASYNC_CALL(join, .name = (char)('A' + i), .task = &task);
        async_spawn(&loop, &tasks[i], &joins[i].coro);
    }
    for (int i = 0; i < 40; i++) {
        while (async_poll(&loop) == 0) {
        }
        async_virtual_clock_advance(&machine, 1);
    }
    assert_true(async_task_done(&task));
    for (int i = 0; i < 3; i++) {
        assert_true(async_task_done(&tasks[i]));
    }
    assert_int_equal(async_loop_close(&loop), 0);
}

static void all_that_join_wake_in_the_order_they_came(void **state)
{
    (void)state;
    ASYNC_OBJECT(nap, well, .ticks = 5);
    join_three(&well.coro, true);
    assert_trace("nap@5 A0@5 B0@5 C0@5");
    ASYNC_OBJECT(nap, badly, .ticks = 5, .error = -3);
    join_three(&badly.coro, false);
    assert_trace("A-3@5 B-3@5 C-3@5");
}

/* The outermost coroutine opens and closes scopes while it is joined. */
struct scopes {
    ASYNC_FRAME;
    int error;
    async_try_t attempt;
    async_timeout_t limit;
    async_try_t inner;
    struct nap nap;
};

ASYNC_STATIC(scopes)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_sleep(1));
        ASYNC_TIMEOUT(&self->limit, 3) {
            AWAIT(async_sleep(1));
            ASYNC_TRY(&self->inner) {
                AWAIT_CALL(self->nap, nap, .ticks = 1, .error = -1);
            }
            AWAIT(async_sleep(100));
        }
        AWAIT_CALL(self->nap, nap, .ticks = 2, .error = -2);
    }
    AWAIT(async_sleep(1));
    trace("%d,%d,%d@%u ", async_try_error(&self->inner),
          async_timeout_expired(&self->limit), async_try_error(&self->attempt),
          since());
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_FINALLY();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->nap, nap, .ticks = 1, .error = -9);
    }
    trace("finally@%u ", since());
    ASYNC_END();
}

static void a_task_may_be_joined_while_scopes_are_open(void **state)
{
    (void)state;
    ASYNC_OBJECT(scopes, inside);
    join_three(&inside.coro, false);
    assert_trace("-1,1,-2@7 finally@8 A0@8 B0@8 C0@8");
    ASYNC_OBJECT(scopes, badly, .error = -7);
    join_three(&badly.coro, false);
    assert_trace("-1,1,-2@7 finally@8 A-7@8 B-7@8 C-7@8");
}

static void a_joined_task_may_open_scopes(void **state)
{
    (void)state;
    ASYNC_OBJECT(scopes, before, .error = -7);
    join_three(&before.coro, true);
    assert_trace("-1,1,-2@7 finally@8 A-7@8 B-7@8 C-7@8");
}

/* Joins come and go while scopes open and close. */
static void a_join_may_be_cancelled_while_scopes_open_and_close(void **state)
{
    (void)state;
    for (int at = 0; at < 9; at++) {
        begin();
        ASYNC_OBJECT(scopes, object, .error = -7);
        async_task_t task = ASYNC_TASK_INIT;
        async_spawn(&loop, &task, &object.coro);
        struct join joins[3];
        async_task_t tasks[3];
        for (int now = 0; now < 12; now++) {
            if (now < 3) {
                tasks[now] = (async_task_t)ASYNC_TASK_INIT;
                joins[now] =
                    ASYNC_CALL(join, .name = (char)('A' + now), .task = &task);
                async_spawn(&loop, &tasks[now], &joins[now].coro);
            }
            while (async_poll(&loop) == 0) {
            }
            if (now == at) {
                async_cancel(&tasks[at < 3 ? 0 : 1]);
            }
            async_virtual_clock_advance(&machine, 1);
        }
        assert_string_equal(trace_take(),
                            at < 3   ? "-1,1,-2@7 finally@8 B-7@8 C-7@8"
                            : at < 8 ? "-1,1,-2@7 finally@8 A-7@8 C-7@8"
                                     : "-1,1,-2@7 finally@8 A-7@8 B-7@8 C-7@8");
        assert_true(async_task_done(&task));
        assert_int_equal(async_loop_close(&loop), 0);
    }
}

struct deep {
    ASYNC_FRAME;
    int depth;
    int way;
    struct deep *slot;
    async_event_t *event;
    async_task_t *task;
};

static bool never_true(void)
{
    return false;
}

/* Waits in each of the ways there are, `depth` calls deep. */
ASYNC_STATIC(deep)
{
    ASYNC_BEGIN();
    if (self->depth > 1) {
        AWAIT_CALL(*self->slot, deep, .depth = self->depth - 1,
                   .way = self->way, .slot = self->slot + 1,
                   .event = self->event, .task = self->task);
    } else if (self->way == 's') {
        AWAIT(async_sleep(1000));
    } else if (self->way == 'f') {
        AWAIT(async_sleep(ASYNC_FOREVER));
    } else if (self->way == 'e') {
        AWAIT(async_event_wait(self->event));
    } else if (self->way == 'y') {
        for (;;) {
            ASYNC_YIELD();
        }
    } else if (self->way == 'z') {
        for (;;) {
            AWAIT(async_sleep(0));
        }
    } else if (self->way == 'u') {
        AWAIT_UNTIL(never_true());
    } else if (self->way == 'j') {
        AWAIT(async_join(self->task));
    } else if (self->way == 'w') {
        AWAIT(async_wait_for(async_event_wait(self->event), 1000));
    } else if (self->way == 'v') {
        AWAIT(async_wait_for(async_join(self->task), 1000));
    } else if (self->way == 'x') {
        AWAIT(async_wait_for(async_sleep(1000), 2000));
    }
    trace("end%d ", self->depth);
    ASYNC_FINALLY();
    trace("f%d ", self->depth);
    ASYNC_END();
}

static const char ways[] = "sfeyzujwvx";

static void a_cancelled_task_leaves_any_wait(void **state)
{
    (void)state;
    static struct deep slots[3];
    for (int depth = 1; depth <= 3; depth += 2) {
        for (const char *way = ways; *way != '\0'; way++) {
            begin();
            async_event_t event = {0};
            struct deep blocked =
                ASYNC_CALL(deep, .depth = 1, .way = 'e', .event = &event);
            struct deep object =
                ASYNC_CALL(deep, .depth = depth, .way = *way, .slot = slots,
                           .event = &event, .task = NULL);
            async_task_t task = ASYNC_TASK_INIT;
            async_task_t other = ASYNC_TASK_INIT;
            object.task = &other;
            async_spawn(&loop, &other, &blocked.coro);
            async_spawn(&loop, &task, &object.coro);
            rounds(3);
            assert_trace("");
            assert_false(async_task_cancelling(&task));
            assert_true(async_cancel(&task));
            assert_true(async_task_cancelling(&task));
            assert_false(async_task_done(&task));
            rounds(1);
            assert_string_equal(trace_take(), depth == 1 ? "f1" : "f1 f2 f3");
            assert_true(async_task_done(&task));
            assert_false(async_task_cancelling(&task));
            assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
            assert_false(async_cancel(&task));

            /* Nothing is left behind: the other one is as it was, and there is
             * no timer. */
            assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
            assert_false(async_task_done(&other));
            async_event_set(&event);
            rounds(1);
            assert_trace("end1 f1");
            assert_true(async_task_done(&other));
            assert_int_equal(async_loop_close(&loop), 0);
        }
    }
}

static void a_join_with_a_done_task_goes_on_at_once(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joining = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, well, .ticks = 0);
    async_spawn(&loop, &task, &well.coro);
    rounds(2);
    assert_trace("nap@0");
    ASYNC_OBJECT(join, join_well, .name = 'J', .task = &task);
    async_spawn(&loop, &joining, &join_well.coro);
    rounds(1);
    assert_trace("J0@0");

    ASYNC_OBJECT(nap, badly, .ticks = 0, .error = -3);
    async_spawn(&loop, &task, &badly.coro);
    rounds(2);
    for (int i = 0; i < 2; i++) {
        ASYNC_OBJECT(join, join_badly, .name = 'J', .task = &task);
        async_spawn(&loop, &joining, &join_badly.coro);
        rounds(1);
        assert_trace("J-3@0");
    }
    assert_int_equal(async_loop_close(&loop), 0);
}

struct join_plainly {
    ASYNC_FRAME;
    async_task_t task;
    struct nap nap;
};

ASYNC_STATIC(join_plainly)
{
    ASYNC_BEGIN();
    self->nap = ASYNC_CALL(nap, .ticks = 2, .error = -8);
    async_spawn(async_current_loop(), &self->task, &self->nap.coro);
    AWAIT(async_join(&self->task));
    trace("wrong ");
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void the_error_of_a_joined_task_is_raised(void **state)
{
    (void)state;
    ASYNC_OBJECT(join_plainly, object);
    assert_int_equal(run(&object.coro), -8);
    assert_trace("finally");
}

static void a_join_that_cannot_end_is_misuse(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t never = ASYNC_TASK_INIT;
    ASYNC_OBJECT(join, itself, .name = 'A', .task = &task);
    async_spawn(&loop, &task, &itself.coro);
    rounds(1);
    expect_report(ASYNC_REPORT_JOIN);
    assert_true(async_report_is_error(report_taken()));

    ASYNC_OBJECT(join, nobody, .name = 'B', .task = &never);
    async_spawn(&loop, &task, &nobody.coro);
    rounds(1);
    expect_report(ASYNC_REPORT_JOIN);

    async_loop_t elsewhere;
    async_loop_init(&elsewhere, &machine.clock_);
    ASYNC_OBJECT(say, there, .name = 'X');
    async_spawn(&elsewhere, &never, &there.coro);
    ASYNC_OBJECT(join, other_loop, .name = 'C', .task = &never);
    async_spawn(&loop, &task, &other_loop.coro);
    rounds(1);
    expect_report(ASYNC_REPORT_JOIN);
    assert_trace("A-202@0 B-202@0 C-202@0");
    async_loop_close(&elsewhere);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void a_join_outside_of_tasks_is_reported(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_wait_t wait = async_join(&task);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
}

/* --- Cancel --------------------------------------------------------------- */

static void a_task_that_never_started_ends_without_running(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(say, object, .name = 'A');
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joining = ASYNC_TASK_INIT;
    assert_false(async_cancel(&task));
    async_spawn(&loop, &task, &object.coro);
    ASYNC_OBJECT(join, join, .name = 'J', .task = &task);
    async_spawn(&loop, &joining, &join.coro);
    assert_true(async_cancel(&task));
    assert_true(async_cancel(&task));
    rounds(2);
    assert_trace("J-200@0");
    assert_true(async_task_done(&task));
    assert_int_equal(async_coro_state(&object.coro), ASYNC_CORO_DONE);
    assert_int_equal(async_coro_error(&object.coro), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void
a_task_woken_in_the_same_round_is_cancelled_all_the_same(void **state)
{
    (void)state;
    for (const char *way = "ew"; *way != '\0'; way++) {
        begin();
        async_event_t event = {0};
        ASYNC_OBJECT(deep, object, .depth = 1, .way = *way, .event = &event);
        async_task_t task = ASYNC_TASK_INIT;
        async_spawn(&loop, &task, &object.coro);
        rounds(1);
        async_event_set(&event);
        async_cancel(&task);
        rounds(1);
        assert_trace("f1");
        assert_true(async_event_is_set(&event));
        assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
        assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
        assert_int_equal(async_loop_close(&loop), 0);
    }
}

static void two_cancels_before_the_task_runs_are_one(void **state)
{
    (void)state;
    begin();
    static struct deep slots[3];
    ASYNC_OBJECT(deep, object, .depth = 3, .way = 's', .slot = slots);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    rounds(1);
    assert_true(async_cancel(&task));
    assert_true(async_cancel(&task));
    rounds(1);
    assert_trace("f1 f2 f3");
    assert_true(async_task_done(&task));
    assert_int_equal(async_loop_close(&loop), 0);
}

struct slow_cleanup {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(slow_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1000));
    ASYNC_FINALLY();
    trace("f1 ");
    AWAIT(async_sleep(10));
    trace("f2 ");
    AWAIT_CATCH(self->error, async_sleep(10));
    trace("f3:%d ", self->error);
    ASYNC_END();
}

static void a_second_cancel_ends_the_cleanup(void **state)
{
    (void)state;
    for (int wait = 0; wait < 2; wait++) {
        begin();
        ASYNC_OBJECT(slow_cleanup, object);
        async_task_t task = ASYNC_TASK_INIT;
        async_spawn(&loop, &task, &object.coro);
        rounds(1);
        async_cancel(&task);
        rounds(1);
        if (wait == 1) {
            async_virtual_clock_advance(&machine, 10);
            rounds(1);
        }
        assert_string_equal(trace_take(), wait == 0 ? "f1" : "f1 f2");
        assert_true(async_task_cancelling(&task));
        assert_true(async_cancel(&task));
        rounds(1);
        assert_trace("");
        assert_true(async_task_done(&task));
        assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
        assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    }
}

enum self_cancel { ENDS, RAISES, READY_AWAITS, PAUSES, CALLS, YIELDS, SLEEPS };

struct suicide {
    ASYNC_FRAME;
    enum self_cancel how;
    int error;
    async_event_t set;
    struct nap nap;
    async_try_t attempt;
};

ASYNC_STATIC(suicide)
{
    ASYNC_BEGIN();
    async_event_set(&self->set);
    assert_true(async_cancel(async_current_task()));
    assert_true(async_task_cancelling(async_current_task()));
    trace("on ");
    ASYNC_TRY(&self->attempt) {
        if (self->how == RAISES) {
            ASYNC_RAISE(-3);
        }
        if (self->how == READY_AWAITS) {
            AWAIT(async_event_wait(&self->set));
            trace("ready ");
        }
        if (self->how == PAUSES) {
            async_event_clear(&self->set);
            AWAIT_CATCH(self->error, async_event_wait(&self->set));
        }
        if (self->how == CALLS) {
            AWAIT_CALL(self->nap, nap, .ticks = 5);
        }
        if (self->how == YIELDS) {
            ASYNC_YIELD();
        }
        if (self->how == SLEEPS) {
            AWAIT(async_sleep(0));
        }
        trace("end ");
    }
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void a_task_that_cancels_itself_ends_at_its_next_pause(void **state)
{
    (void)state;
    for (int how = ENDS; how <= SLEEPS; how++) {
        ASYNC_OBJECT(suicide, object, .how = (enum self_cancel)how);
        assert_int_equal(run(&object.coro), ASYNC_ERR_CANCELLED);
        assert_string_equal(trace_take(), how == ENDS ? "on end finally"
                                          : how == READY_AWAITS
                                              ? "on ready end finally"
                                              : "on finally");
        assert_int_equal(since(), 0);
    }
}

/* --- Errors nobody takes -------------------------------------------------- */

struct cancel_and_raise {
    ASYNC_FRAME;
};

ASYNC_STATIC(cancel_and_raise)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    ASYNC_RAISE(-5);
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void a_task_that_cancels_itself_and_raises_keeps_the_error(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(cancel_and_raise, object);
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), -5);
    assert_int_equal(async_coro_error(&object.coro), -5);
    assert_trace("finally");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void spawn_failing(async_task_t *task, struct nap *object)
{
    *object = ASYNC_CALL(nap, .ticks = 0, .error = -42);
    async_spawn(&loop, task, &object->coro);
    rounds(2);
    assert_true(async_task_done(task));
}

static void an_error_never_taken_is_reported_at_close(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct nap object;
    spawn_failing(&task, &object);
    assert_int_equal(reports_pending(), 0);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -42);
    assert_ptr_equal(report_taken()->task, &task);
    assert_false(async_report_is_error(report_taken()));
    assert_int_equal(async_loop_close(&loop), 0);
}

static void an_error_never_taken_is_reported_at_the_next_spawn(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct nap object;
    spawn_failing(&task, &object);
    object = ASYNC_CALL(nap, .ticks = 0);
    async_spawn(&loop, &task, &object.coro);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -42);
    rounds(2);
    assert_trace("nap@0");
    assert_int_equal(async_task_error(&task), 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void an_error_asked_for_is_taken(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct nap object;
    spawn_failing(&task, &object);
    assert_int_equal(async_task_error(&task), -42);
    assert_int_equal(async_task_error(&task), -42);
    spawn_failing(&task, &object);
    assert_int_equal(async_task_error(&task), -42);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void an_error_that_a_join_raised_is_taken(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joining = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, object, .ticks = 0, .error = -42);
    ASYNC_OBJECT(join, join, .name = 'J', .task = &task);
    async_spawn(&loop, &task, &object.coro);
    async_spawn(&loop, &joining, &join.coro);
    rounds(4);
    assert_trace("J-42@0");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void asking_before_the_end_takes_nothing(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    assert_int_equal(async_task_error(&task), 0);
    ASYNC_OBJECT(nap, object, .ticks = 0, .error = -42);
    async_spawn(&loop, &task, &object.coro);
    rounds(1);
    assert_int_equal(async_task_error(&task), 0);
    rounds(1);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
}

static void the_error_of_a_cancelled_join_stays_to_be_taken(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joining = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, object, .ticks = 5, .error = -42);
    ASYNC_OBJECT(join, join, .name = 'J', .task = &task);
    async_spawn(&loop, &task, &object.coro);
    async_spawn(&loop, &joining, &join.coro);
    rounds(1);
    async_cancel(&joining);
    rounds(1);
    assert_true(async_task_done(&joining));
    assert_false(async_task_done(&task));
    async_virtual_clock_advance(&machine, 5);
    rounds(1);
    assert_true(async_task_done(&task));
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
}

/* The error is on its way to the join, and the cancel comes first. */
static void a_cancel_in_the_round_of_the_end_loses_no_error(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joining = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, object, .ticks = 5, .error = -42);
    ASYNC_OBJECT(join, join, .name = 'J', .task = &task);
    async_spawn(&loop, &task, &object.coro);
    async_spawn(&loop, &joining, &join.coro);
    rounds(1);
    async_virtual_clock_advance(&machine, 5);
    rounds(1);
    assert_true(async_task_done(&task));
    assert_false(async_task_done(&joining));
    async_cancel(&joining);
    rounds(1);
    assert_trace("");
    assert_int_equal(async_task_error(&joining), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
}

/* Joins, and may then use the memory of the task for something else. */
struct taker {
    ASYNC_FRAME;
    async_task_t *task;
    char name;
    bool reuses;
};

ASYNC_STATIC(taker)
{
    int error;
    ASYNC_BEGIN();
    AWAIT_CATCH(error, async_join(self->task));
    trace("%c%d ", self->name, error);
    if (self->reuses) {
        memset(self->task, 0x55, sizeof *self->task);
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static async_task_t takers[3];
static struct taker joins[3];

/* Three join a task that fails at 5; the first of them reuses its memory. */
static void start_takers(async_task_t *task, struct nap *nap, bool reuses)
{
    begin();
    async_spawn(&loop, task, &nap->coro);
    for (int i = 0; i < 3; i++) {
        joins[i] = ASYNC_CALL(taker, .task = task, .name = (char)('A' + i),
                              .reuses = reuses && i == 0);
        takers[i] = (async_task_t)ASYNC_TASK_INIT;
        async_spawn(&loop, &takers[i], &joins[i].coro);
    }
    rounds(1);
    async_virtual_clock_advance(&machine, 5);
    rounds(1);
}

static void who_joins_looks_at_no_task_whose_error_was_taken(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, object, .ticks = 5, .error = -42);
    start_takers(&task, &object, true);
    rounds(1);
    assert_trace("A-42 /A B-42 /B C-42 /C");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void
an_error_that_is_asked_for_before_the_joins_run_is_taken(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, object, .ticks = 5, .error = -42);
    start_takers(&task, &object, false);
    assert_int_equal(async_task_error(&task), -42);
    memset(&task, 0x55, sizeof task);
    rounds(1);
    assert_trace("A-42 /A B-42 /B C-42 /C");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void one_join_of_several_is_enough_to_take_an_error(void **state)
{
    (void)state;
    for (unsigned cancelled = 0; cancelled < 8; cancelled++) {
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(nap, object, .ticks = 5, .error = -42);
        start_takers(&task, &object, false);
        for (unsigned i = 0; i < 3; i++) {
            if ((cancelled & 1u << i) != 0) {
                async_cancel(&takers[i]);
            }
        }
        rounds(2);
        assert_true(async_task_done(&takers[0]) && async_task_done(&takers[2]));
        assert_int_equal(async_loop_close(&loop), cancelled == 7);
        if (cancelled == 7) {
            expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
        }
        trace_clear();
    }
}

static void a_cancelled_task_has_no_error_to_take(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nap, object, .ticks = 5);
    async_spawn(&loop, &task, &object.coro);
    rounds(1);
    async_cancel(&task);
    rounds(1);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
}

/* --- Ask ------------------------------------------------------------------ */

struct ask {
    ASYNC_FRAME;
    async_task_t *expected;
    struct deep deep;
    async_event_t event;
};

ASYNC_STATIC(ask)
{
    ASYNC_BEGIN();
    assert_ptr_equal(async_current_task(), self->expected);
    assert_ptr_equal(async_current_loop(), &loop);
    assert_ptr_equal(async_task_coro(async_current_task()), &self->coro);
    AWAIT_CALL(self->deep, deep, .depth = 1, .way = 'e', .event = &self->event);
    assert_ptr_equal(async_current_task(), self->expected);
    assert_ptr_equal(async_task_coro(async_current_task()), &self->coro);
    ASYNC_END();
}

static void a_task_tells_about_itself(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(ask, object);
    async_task_t task = ASYNC_TASK_INIT;
    object.expected = &task;
    assert_null(async_task_coro(&task));
    assert_false(async_task_done(&task));
    assert_false(async_task_cancelling(&task));
    assert_null(async_current_task());
    assert_null(async_current_loop());
    async_spawn(&loop, &task, &object.coro);
    assert_ptr_equal(async_task_coro(&task), &object.coro);
    rounds(1);
    assert_null(async_current_task());
    assert_null(async_current_loop());
    assert_ptr_equal(async_task_coro(&task), &object.deep.coro);
    assert_ptr_equal(async_coro_caller(async_task_coro(&task)), &object.coro);
    assert_false(async_task_done(&task));
    async_event_set(&object.event);
    rounds(1);
    assert_true(async_task_done(&task));
    assert_false(async_task_cancelling(&task));
    assert_trace("end1 f1");
    assert_int_equal(async_loop_close(&loop), 0);
}

struct fail_then_sleep {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(fail_then_sleep)
{
    ASYNC_BEGIN();
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    AWAIT(async_sleep(100));
    ASYNC_END();
}

static void a_task_with_an_error_may_be_spawned_on_another_loop(void **state)
{
    (void)state;
    begin();
    async_loop_t other;
    async_loop_init(&other, &machine.clock_);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(fail_then_sleep, failing, .error = -5);
    ASYNC_OBJECT(fail_then_sleep, sleeping);
    async_spawn(&loop, &task, &failing.coro);
    async_poll(&loop);
    async_spawn(&other, &task, &sleeping.coro);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    async_poll(&other);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_false(async_task_done(&task));
    assert_int_equal(async_loop_close(&other), 0);
    assert_true(async_task_done(&task));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(tasks_start_in_the_order_of_their_spawn),
        async_test(a_task_spawned_by_a_task_starts_in_the_next_round),
        async_test(a_task_that_is_not_done_cannot_be_spawned),
        async_test(a_used_object_cannot_be_spawned),
        async_test(an_interrupt_may_spawn),
        async_test(all_that_join_wake_in_the_order_they_came),
        async_test(a_task_may_be_joined_while_scopes_are_open),
        async_test(a_joined_task_may_open_scopes),
        async_test(a_join_may_be_cancelled_while_scopes_open_and_close),
        async_test(a_join_with_a_done_task_goes_on_at_once),
        async_test(the_error_of_a_joined_task_is_raised),
        async_test(a_join_that_cannot_end_is_misuse),
        async_test(a_join_outside_of_tasks_is_reported),
        async_test(a_cancelled_task_leaves_any_wait),
        async_test(a_task_that_never_started_ends_without_running),
        async_test(a_task_woken_in_the_same_round_is_cancelled_all_the_same),
        async_test(two_cancels_before_the_task_runs_are_one),
        async_test(a_second_cancel_ends_the_cleanup),
        async_test(a_task_that_cancels_itself_ends_at_its_next_pause),
        async_test(a_task_that_cancels_itself_and_raises_keeps_the_error),
        async_test(an_error_never_taken_is_reported_at_close),
        async_test(an_error_never_taken_is_reported_at_the_next_spawn),
        async_test(an_error_asked_for_is_taken),
        async_test(an_error_that_a_join_raised_is_taken),
        async_test(asking_before_the_end_takes_nothing),
        async_test(the_error_of_a_cancelled_join_stays_to_be_taken),
        async_test(a_cancel_in_the_round_of_the_end_loses_no_error),
        async_test(who_joins_looks_at_no_task_whose_error_was_taken),
        async_test(an_error_that_is_asked_for_before_the_joins_run_is_taken),
        async_test(one_join_of_several_is_enough_to_take_an_error),
        async_test(a_cancelled_task_has_no_error_to_take),
        async_test(a_task_tells_about_itself),
        async_test(a_task_with_an_error_may_be_spawned_on_another_loop),
    };
    return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
