/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <async/port.h>

#include <stdio.h>
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

static async_virtual_interrupt_t interrupt;

static void interrupt_at(unsigned time, void (*handler)(void *), void *context)
{
    async_virtual_interrupt_at(&machine, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + time),
                               handler, context);
}

static void spawn(async_task_t *task, async_coro_t *coro)
{
    *task = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, task, coro);
}

/* --- Coroutines ----------------------------------------------------------- */

struct count {
    ASYNC_FRAME;
    char name;
    int count;
    int i;
};

ASYNC_STATIC(count)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= self->count; self->i++) {
        trace("%c%d ", self->name, self->i);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

struct nap {
    ASYNC_FRAME;
    char name;
    async_ticks_t ticks;
    int error;
};

ASYNC_STATIC(nap)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    trace("%c@%u ", self->name, since());
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_END();
}

/* Sleeps for ever; its cleanup takes some time. */
struct server {
    ASYNC_FRAME;
    char name;
    async_ticks_t cleanup;
    int error;
};

ASYNC_STATIC(server)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep(1000));
    }
    ASYNC_FINALLY();
    trace("-%c@%u ", self->name, since());
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
    }
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    trace("=%c@%u ", self->name, since());
    ASYNC_END();
}

struct wait {
    ASYNC_FRAME;
    char name;
    async_event_t *event;
};

ASYNC_STATIC(wait)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(self->event));
        async_event_clear(self->event);
        trace("%c ", self->name);
    }
    ASYNC_END();
}

static async_event_t never;

struct stubborn {
    ASYNC_FRAME;
};

ASYNC_STATIC(stubborn)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    AWAIT(async_event_wait(&never));
    ASYNC_END();
}

/* --- Rounds --------------------------------------------------------------- */

/* Wakes and spawns others as often as it can. */
struct busy {
    ASYNC_FRAME;
    int i;
    async_event_t *event;
    struct count child;
    async_task_t task;
};

ASYNC_STATIC(busy)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= 3; self->i++) {
        trace("B%d ", self->i);
        async_event_set(self->event);
        if (self->i == 1) {
            self->child = ASYNC_CALL(count, .name = 'C', .count = 2);
            async_spawn(async_current_loop(), &self->task, &self->child.coro);
        }
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void every_ready_task_runs_once_in_a_round(void **state)
{
    (void)state;
    begin();
    async_event_t event = {0};
    ASYNC_OBJECT(count, a, .name = 'A', .count = 4);
    ASYNC_OBJECT(busy, b, .event = &event);
    ASYNC_OBJECT(wait, w, .name = 'W', .event = &event);
    async_task_t tasks[3];
    spawn(&tasks[0], &a.coro);
    spawn(&tasks[1], &b.coro);
    spawn(&tasks[2], &w.coro);
    async_poll(&loop);
    assert_trace("A1 B1 W");
    async_poll(&loop);
    assert_trace("A2 C1 B2");
    async_poll(&loop);
    assert_trace("A3 C2 W B3");
    async_poll(&loop);
    assert_trace("A4 W");
    async_poll(&loop);
    assert_trace("");
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void a_task_woken_after_its_turn_runs_in_the_next_round(void **state)
{
    (void)state;
    begin();
    async_event_t event = {0};
    ASYNC_OBJECT(wait, w, .name = 'W', .event = &event);
    ASYNC_OBJECT(busy, b, .event = &event);
    async_task_t tasks[2];
    spawn(&tasks[0], &w.coro);
    spawn(&tasks[1], &b.coro);
    async_poll(&loop);
    assert_trace("B1");
    async_poll(&loop);
    assert_trace("W C1 B2");
    async_poll(&loop);
    assert_trace("C2 W B3");
    async_poll(&loop);
    assert_trace("W");
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- async_run ------------------------------------------------------------ */

struct app {
    ASYNC_FRAME;
    int result;
    int error;
    async_ticks_t ticks;
    struct server servers[2];
    async_task_t tasks[2];
};

ASYNC_STATIC(app)
{
    ASYNC_BEGIN();
    for (int i = 0; i < 2; i++) {
        self->servers[i] =
            ASYNC_CALL(server, .name = (char)('A' + i),
                       .cleanup = (async_ticks_t)(i == 0 ? 20 : 5));
        async_spawn(async_current_loop(), &self->tasks[i],
                    &self->servers[i].coro);
    }
    AWAIT(async_sleep(self->ticks));
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_RETURN(33);
    ASYNC_FINALLY();
    trace("-main@%u ", since());
    AWAIT(async_sleep(1));
    trace("=main@%u ", since());
    ASYNC_END();
}

static void run_cancels_and_awaits_the_tasks_that_are_left(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(app, object, .ticks = 30);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_int_equal(object.result, 33);
    assert_trace("-main@30 =main@31 -A@31 -B@31 =B@36 =A@51");
    assert_true(async_task_done(&object.tasks[0]));
    assert_int_equal(async_task_error(&object.tasks[0]), ASYNC_ERR_CANCELLED);
}

static void run_returns_the_error_of_its_coroutine(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(app, object, .ticks = 30, .error = -17);
    assert_int_equal(async_run(&loop, &object.coro), -17);
    assert_trace("-main@30 =main@31 -A@31 -B@31 =B@36 =A@51");
}

static void a_loop_runs_again(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 1; i <= 3; i++) {
        ASYNC_OBJECT(nap, object, .name = 'N', .ticks = 10);
        assert_int_equal(async_run(&loop, &object.coro), 0);
        assert_int_equal(since(), 10 * i);
    }
    assert_trace("N@10 N@20 N@30");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void run_also_runs_what_was_spawned_before(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(nap, early, .name = 'E', .ticks = 5);
    ASYNC_OBJECT(server, late, .name = 'L');
    ASYNC_OBJECT(nap, object, .name = 'N', .ticks = 10);
    async_task_t tasks[2];
    spawn(&tasks[0], &early.coro);
    spawn(&tasks[1], &late.coro);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("E@5 N@10 -L@10 =L@10");
}

static void run_reports_errors_that_nobody_took(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(nap, failing, .name = 'F', .ticks = 5, .error = -4);
    ASYNC_OBJECT(server, in_cleanup, .name = 'C', .error = -5);
    ASYNC_OBJECT(nap, object, .name = 'N', .ticks = 10);
    async_task_t tasks[2];
    spawn(&tasks[0], &failing.coro);
    spawn(&tasks[1], &in_cleanup.coro);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("F@5 N@10 -C@10");
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    int sum = report_taken()->error;
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(sum + report_taken()->error, -9);
}

/* --- Stop ----------------------------------------------------------------- */

static void stop_in_interrupt(void *context)
{
    async_stop((async_loop_t *)context);
}

struct stop {
    ASYNC_FRAME;
    async_ticks_t ticks;
};

ASYNC_STATIC(stop)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    async_stop(async_current_loop());
    trace("stop@%u ", since());
    ASYNC_YIELD();
    trace("on ");
    ASYNC_END();
}

static void run_forever_ends_after_the_round_of_a_stop(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(stop, stop, .ticks = 5);
    ASYNC_OBJECT(nap, same, .name = 'S', .ticks = 5);
    ASYNC_OBJECT(nap, later, .name = 'L', .ticks = 10);
    async_task_t tasks[3];
    spawn(&tasks[0], &stop.coro);
    spawn(&tasks[1], &same.coro);
    spawn(&tasks[2], &later.coro);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_trace("stop@5 S@5");
    assert_false(async_task_done(&tasks[0]));

    /* The others go on with the next run. */
    interrupt_at(50, stop_in_interrupt, &loop);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_trace("on L@10");
    assert_int_equal(since(), 50);
    assert_int_equal(async_loop_close(&loop), 0);
}

struct stop_and_end {
    ASYNC_FRAME;
};

ASYNC_STATIC(stop_and_end)
{
    ASYNC_BEGIN();
    async_stop(async_current_loop());
    ASYNC_END();
}

static void a_loop_that_is_to_stop_does_not_sleep_first(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(stop_and_end, stop);
    ASYNC_OBJECT(nap, nap, .name = 'N', .ticks = 10);
    async_task_t tasks[2];
    spawn(&tasks[0], &stop.coro);
    spawn(&tasks[1], &nap.coro);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_int_equal(since(), 0);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("");
}

static void a_stop_while_nothing_runs_has_no_effect(void **state)
{
    (void)state;
    begin();
    async_stop(&loop);
    ASYNC_OBJECT(nap, object, .name = 'N', .ticks = 10);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("N@10");

    async_stop(&loop);
    ASYNC_OBJECT(nap, other, .name = 'N', .ticks = 10);
    async_task_t task;
    spawn(&task, &other.coro);
    interrupt_at(30, stop_in_interrupt, &loop);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_int_equal(since(), 30);
    assert_trace("N@20");

    async_stop(&loop);
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void a_stop_cancels_the_coroutine_of_run(void **state)
{
    (void)state;
    begin();
    interrupt_at(7, stop_in_interrupt, &loop);
    ASYNC_OBJECT(app, by_interrupt, .ticks = 30);
    assert_int_equal(async_run(&loop, &by_interrupt.coro), ASYNC_ERR_CANCELLED);
    assert_trace("-main@7 =main@8 -A@8 -B@8 =B@13 =A@28");

    begin();
    ASYNC_OBJECT(stop, stop, .ticks = 7);
    ASYNC_OBJECT(app, by_task, .ticks = 30);
    async_task_t task;
    spawn(&task, &stop.coro);
    assert_int_equal(async_run(&loop, &by_task.coro), ASYNC_ERR_CANCELLED);
    assert_trace("stop@7 on -main@7 =main@8 -A@8 -B@8 =B@13 =A@28");
}

/* A clock that lets time pass by itself when the loop asks too often. */
struct watched_clock {
    async_clock_t clock;
    async_clock_t *inner;
    unsigned looks;
};

static async_time_t watched_now(async_clock_t *clock)
{
    async_clock_t *inner = ((struct watched_clock *)(void *)clock)->inner;
    return inner->ops->now(inner);
}

static bool watched_sleep(async_clock_t *clock, const async_time_t *deadline,
                          bool polling)
{
    async_clock_t *inner = ((struct watched_clock *)(void *)clock)->inner;
    return inner->ops->sleep(inner, deadline, polling);
}

static void watched_look(async_clock_t *clock)
{
    struct watched_clock *watched = (struct watched_clock *)(void *)clock;
    if (++watched->looks > 1000) {
        async_virtual_clock_advance(&machine, 1);
    }
    watched->inner->ops->look(watched->inner);
}

struct stop_in_cleanup {
    ASYNC_FRAME;
};

ASYNC_STATIC(stop_in_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    async_stop(async_current_loop());
    AWAIT(async_sleep(10));
    trace("end@%u ", since());
    ASYNC_END();
}

static void a_stop_while_the_loop_closes_has_no_effect(void **state)
{
    (void)state;
    static const async_clock_ops_t ops = {
        .now = watched_now, .sleep = watched_sleep, .look = watched_look};
    struct watched_clock watched = {
        .clock = {&ops},
        .inner = async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP)};
    async_loop_init(&loop, &watched.clock);
    ASYNC_OBJECT(stop_in_cleanup, object);
    async_task_t task;
    spawn(&task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("end@10");
    assert_true(watched.looks < 100);
}

/* --- Timers between rounds ------------------------------------------------ */

static async_time_t passed_time;

static async_time_t passed_now(async_clock_t *clock)
{
    (void)clock;
    return passed_time;
}

static bool passed_sleep(async_clock_t *clock, const async_time_t *deadline,
                         bool polling)
{
    (void)clock;
    (void)polling;
    passed_time = *deadline;
    return true;
}

/* Takes a tick for each step. */
struct walker {
    ASYNC_FRAME;
    int i;
};

ASYNC_STATIC(walker)
{
    ASYNC_BEGIN();
    for (; self->i < 100; self->i++) {
        passed_time++;
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void a_timer_expires_while_another_task_goes_round(void **state)
{
    (void)state;
    static const async_clock_ops_t ops = {.now = passed_now,
                                          .sleep = passed_sleep};
    async_clock_t clock = {&ops};
    async_loop_init(&loop, &clock);
    passed_time = JUST_BEFORE_THE_WRAP;
    ASYNC_OBJECT(walker, walker);
    ASYNC_OBJECT(nap, nap, .name = 'N', .ticks = 3);
    async_task_t task;
    spawn(&task, &walker.coro);
    assert_int_equal(async_run(&loop, &nap.coro), 0);
    assert_trace("N@5");
}

/* --- Poll ----------------------------------------------------------------- */

static void poll_tells_how_long_nothing_is_to_be_done(void **state)
{
    (void)state;
    begin();
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);

    ASYNC_OBJECT(count, counting, .name = 'C', .count = 1);
    ASYNC_OBJECT(nap, nap, .name = 'N', .ticks = 40);
    ASYNC_OBJECT(nap, short_nap, .name = 'M', .ticks = 25);
    async_task_t tasks[3];
    spawn(&tasks[0], &counting.coro);
    spawn(&tasks[1], &nap.coro);
    spawn(&tasks[2], &short_nap.coro);
    assert_int_equal(async_poll(&loop), 0);
    assert_int_equal(async_poll(&loop), 25);
    async_virtual_clock_advance(&machine, 10);
    assert_int_equal(async_poll(&loop), 15);
    assert_trace("C1");
    async_virtual_clock_advance(&machine, 15);
    assert_int_equal(async_poll(&loop), 15);
    assert_trace("M@25");
    async_virtual_clock_advance(&machine, 100);
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    assert_trace("N@125");
    assert_int_equal(async_loop_close(&loop), 0);
}

static void poll_serves_a_superloop(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(nap, a, .name = 'A', .ticks = 40);
    ASYNC_OBJECT(nap, b, .name = 'B', .ticks = 7);
    async_task_t tasks[2];
    spawn(&tasks[0], &a.coro);
    spawn(&tasks[1], &b.coro);
    async_ticks_t ticks;
    while ((ticks = async_poll(&loop)) != ASYNC_FOREVER) {
        async_virtual_clock_advance(&machine, ticks);
    }
    assert_trace("B@7 A@40");
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- Close ---------------------------------------------------------------- */

static void close_waits_for_every_cleanup(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(server, a, .name = 'A', .cleanup = 9);
    ASYNC_OBJECT(server, b, .name = 'B', .cleanup = 5);
    ASYNC_OBJECT(server, c, .name = 'C', .cleanup = 5);
    async_task_t tasks[3];
    spawn(&tasks[0], &a.coro);
    spawn(&tasks[1], &b.coro);
    async_poll(&loop);
    spawn(&tasks[2], &c.coro); /* has not started: it never will */
    assert_int_equal(async_loop_close(&loop), 0);
    for (int i = 0; i < 3; i++) {
        assert_true(async_task_done(&tasks[i]));
        assert_int_equal(async_task_error(&tasks[i]), ASYNC_ERR_CANCELLED);
    }
    const char *words = trace_take();
    assert_true(strcmp(words, "-A@0 -B@0 =B@5 =A@9") == 0 ||
                strcmp(words, "-B@0 -A@0 =B@5 =A@9") == 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void close_counts_what_it_reports(void **state)
{
    (void)state;
    begin();
    static struct stubborn stubborn;
    static async_task_t task;
    stubborn = ASYNC_CALL(stubborn);
    ASYNC_OBJECT(server, failing, .name = 'F', .cleanup = 5, .error = -3);
    ASYNC_OBJECT(server, fine, .name = 'G', .cleanup = 7);
    async_task_t tasks[2];
    spawn(&task, &stubborn.coro);
    spawn(&tasks[0], &failing.coro);
    spawn(&tasks[1], &fine.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 2);
    trace_clear();
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    assert_int_equal(report_taken()->error, -3);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    assert_false(async_report_is_error(report_taken()));
    assert_ptr_equal(report_taken()->task, &task);
    assert_true(report_says("task 'stubborn' did not end"));
    assert_true(report_says("async_event_wait(&never)"));
    assert_true(since() == 7);

    /* It was dropped: nobody knows of it any more. */
    assert_true(async_task_done(&task));
    assert_int_equal(async_loop_close(&loop), 0);
    async_event_set(&never);
    assert_int_equal(async_poll(&loop), ASYNC_FOREVER);
    async_event_clear(&never);
    stubborn = ASYNC_CALL(stubborn);
    async_spawn(&loop, &task, &stubborn.coro);
    async_poll(&loop);
    async_event_set(&never);
    assert_int_equal(async_loop_close(&loop), 0);
    async_event_clear(&never);
}

static void a_dropped_task_runs_no_more(void **state)
{
    (void)state;
    begin();
    {
        ASYNC_OBJECT(stubborn, object);
        async_task_t task;
        spawn(&task, &object.coro);
        async_poll(&loop);
        assert_int_equal(async_loop_close(&loop), 1);
        expect_report(ASYNC_REPORT_TASK_LEFT);
    }
    expect_no_report();
}

struct call_stubborn {
    ASYNC_FRAME;
    struct stubborn call;
};

ASYNC_STATIC(call_stubborn)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->call, stubborn);
    ASYNC_END();
}

static void a_dropped_task_has_ended_by_a_cancellation(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(call_stubborn, object);
    async_task_t task;
    spawn(&task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    assert_true(async_task_done(&task));
    assert_false(async_task_cancelling(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(async_coro_state(&object.coro), ASYNC_CORO_DONE);
    assert_int_equal(async_coro_state(&object.call.coro), ASYNC_CORO_DONE);
    assert_int_equal(async_coro_error(&object.call.coro), ASYNC_ERR_CANCELLED);
}

struct spawn_in_cleanup {
    ASYNC_FRAME;
    struct server child;
    async_task_t task;
    int error;
    int pauses;
};

ASYNC_STATIC(spawn_in_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    self->child = ASYNC_CALL(server, .name = 'X');
    async_spawn(async_current_loop(), &self->task, &self->child.coro);
    AWAIT_CATCH(self->error, async_join(&self->task));
    trace("joined%d ", self->error);
    ASYNC_END();
}

static void a_task_spawned_while_the_loop_closes_is_cancelled(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(spawn_in_cleanup, object);
    async_task_t task;
    spawn(&task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("joined-200");
    assert_true(async_task_done(&object.task));
}

static void closing_an_empty_loop_does_nothing(void **state)
{
    (void)state;
    begin();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(since(), 0);
}

/* --- Deadlock ------------------------------------------------------------- */

struct deep_wait {
    ASYNC_FRAME;
    int depth;
    struct wait wait;
    async_event_t event;
};

enum { DEEP_WAIT = __LINE__ + 5 };

ASYNC_STATIC(deep_wait)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, wait, .name = 'W', .event = &self->event);
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void a_deadlock_names_every_task_with_its_chain(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(deep_wait, deep);
    ASYNC_OBJECT(nap, ends, .name = 'E', .ticks = 10);
    ASYNC_OBJECT(stubborn, object);
    async_task_t tasks[2];
    spawn(&tasks[0], &deep.coro);
    spawn(&tasks[1], &ends.coro);
    /* The cleanup of this one can end, since the event is set in time. */
    async_event_set(&never);
    assert_int_equal(async_run(&loop, &object.coro), ASYNC_ERR_DEADLOCK);
    async_event_clear(&never);
    assert_trace("E@10 finally");
    assert_int_equal(reports_pending(), 2);
    bool named_deep = false;
    bool named_main = false;
    for (int i = 0; i < 2; i++) {
        expect_report(ASYNC_REPORT_DEADLOCK);
        assert_false(async_report_is_error(report_taken()));
        if (report_taken()->task == &tasks[0]) {
            char chain[256];
            snprintf(chain, sizeof chain,
                     "warning: task 'deep_wait' waits for ever: nothing can "
                     "wake it\n"
                     "  in 'deep_wait' (test_loop.c:%d), awaiting wait\n"
                     "  in 'wait' (test_loop.c:",
                     DEEP_WAIT);
            assert_true(report_says(chain));
            assert_true(
                report_says("awaiting async_event_wait(self->event)\n"));
            named_deep = true;
        } else {
            assert_true(report_says("task 'stubborn' waits for ever"));
            assert_true(report_says("awaiting async_sleep(ASYNC_FOREVER)"));
            named_main = true;
        }
    }
    assert_true(named_deep && named_main);
}

static void a_deadlock_of_run_forever_leaves_the_tasks_as_they_are(void **state)
{
    (void)state;
    begin();
    assert_int_equal(async_run_forever(&loop), ASYNC_ERR_DEADLOCK);
    expect_no_report();

    async_event_t event = {0};
    ASYNC_OBJECT(wait, object, .name = 'W', .event = &event);
    async_task_t task;
    spawn(&task, &object.coro);
    assert_int_equal(async_run_forever(&loop), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_true(report_says("'wait'"));
    assert_false(async_task_done(&task));
    async_event_set(&event);
    assert_int_equal(async_run_forever(&loop), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_trace("W");
    assert_int_equal(async_loop_close(&loop), 0);
}

struct join_other {
    ASYNC_FRAME;
    async_task_t *other;
};

ASYNC_STATIC(join_other)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->other));
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void tasks_that_join_each_other_are_a_deadlock(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[2];
    ASYNC_OBJECT(join_other, a, .other = &tasks[1]);
    ASYNC_OBJECT(join_other, b, .other = &tasks[0]);
    spawn(&tasks[0], &a.coro);
    spawn(&tasks[1], &b.coro);
    assert_int_equal(async_run_forever(&loop), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_true(report_says("'join_other'"));
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("finally finally");
}

static void set_in_interrupt(void *context)
{
    async_event_set((async_event_t *)context);
}

static void an_interrupt_to_come_is_no_deadlock(void **state)
{
    (void)state;
    begin();
    async_event_t event = {0};
    interrupt_at(100, set_in_interrupt, &event);
    ASYNC_OBJECT(wait, object, .name = 'W', .event = &event);
    assert_int_equal(async_run(&loop, &object.coro), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_trace("W");
    assert_int_equal(since(), 100);
}

/* --- More than one loop --------------------------------------------------- */

static async_loop_t inner_loop;
static async_virtual_clock_t inner_machine;

struct inner_nap {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(inner_nap)
{
    ASYNC_BEGIN();
    assert_ptr_equal(async_current_loop(), &inner_loop);
    trace("in1 ");
    AWAIT(async_sleep(1000));
    assert_ptr_equal(async_current_loop(), &inner_loop);
    trace("in2 ");
    ASYNC_RAISE(-6);
    ASYNC_END();
}

struct run_inner {
    ASYNC_FRAME;
    async_task_t *task;
    struct inner_nap nap;
};

ASYNC_STATIC(run_inner)
{
    ASYNC_BEGIN();
    trace("out1 ");
    AWAIT(async_sleep(1));
    async_loop_init(&inner_loop, async_virtual_clock_init(&inner_machine, 5));
    self->nap = ASYNC_CALL(inner_nap);
    assert_int_equal(async_run(&inner_loop, &self->nap.coro), -6);
    assert_ptr_equal(async_current_loop(), &loop);
    assert_ptr_equal(async_current_task(), self->task);
    trace("out2@%u ", since());
    AWAIT(async_sleep(1));
    trace("out3@%u ", since());
    ASYNC_END();
}

static void a_task_may_run_another_loop(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(run_inner, object);
    ASYNC_OBJECT(nap, other, .name = 'O', .ticks = 2);
    async_task_t tasks[2];
    object.task = &tasks[0];
    spawn(&tasks[0], &object.coro);
    spawn(&tasks[1], &other.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 1);
    async_poll(&loop);
    assert_trace("out1 in1 in2 out2@1 O@2 out3@2");
    assert_int_equal(async_loop_now(&inner_loop), 1005);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void poll_in_interrupt(void *context)
{
    (void)context;
    assert_null(async_current_loop());
    assert_null(async_current_task());
    async_poll(&inner_loop);
    assert_null(async_current_loop());
}

static void an_interrupt_may_poll_a_loop_of_its_own(void **state)
{
    (void)state;
    begin();
    async_loop_init(&inner_loop, async_virtual_clock_init(&inner_machine, 0));
    ASYNC_OBJECT(inner_nap, inner);
    async_task_t inner_task = ASYNC_TASK_INIT;
    async_spawn(&inner_loop, &inner_task, &inner.coro);
    async_virtual_interrupt_t second;
    interrupt_at(5, poll_in_interrupt, NULL);
    async_virtual_interrupt_at(&machine, &second,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 8),
                               poll_in_interrupt, NULL);
    ASYNC_OBJECT(nap, object, .name = 'N', .ticks = 6);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("in1 N@6");
    async_virtual_clock_advance(&inner_machine, 1000);
    ASYNC_OBJECT(nap, again, .name = 'N', .ticks = 6);
    assert_int_equal(async_run(&loop, &again.coro), 0);
    assert_trace("in2 N@12");
    assert_int_equal(async_task_error(&inner_task), -6);
    assert_int_equal(async_loop_close(&inner_loop), 0);
}

struct tick {
    ASYNC_FRAME;
    char name;
    int i;
};

ASYNC_STATIC(tick)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        AWAIT(async_sleep(10));
        trace("%c%d ", self->name, self->i);
    }
    ASYNC_END();
}

static void two_loops_have_two_times(void **state)
{
    (void)state;
    begin();
    async_loop_init(&inner_loop, async_virtual_clock_init(&inner_machine, 0));
    ASYNC_OBJECT(tick, fast, .name = 'F');
    ASYNC_OBJECT(tick, slow, .name = 'S');
    async_task_t tasks[2];
    spawn(&tasks[0], &fast.coro);
    tasks[1] = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&inner_loop, &tasks[1], &slow.coro);
    for (int i = 0; i < 20; i++) {
        async_poll(&loop);
        async_poll(&inner_loop);
        async_virtual_clock_advance(&machine, 5);
        async_virtual_clock_advance(&inner_machine, 2);
    }
    assert_trace("F0 F1 S0 F2 S1 S2");
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(async_loop_close(&inner_loop), 0);
}

struct reenter {
    ASYNC_FRAME;
    struct nap nap;
};

ASYNC_STATIC(reenter)
{
    ASYNC_BEGIN();
    self->nap = ASYNC_CALL(nap, .name = 'X');
    trace("%d ", async_run(&loop, &self->nap.coro));
    assert_int_equal(async_coro_state(&self->nap.coro), ASYNC_CORO_CREATED);
    trace("%d ", async_run_forever(&loop));
    trace("%d ", (int)async_poll(&loop));
    async_loop_close(&loop);
    assert_ptr_equal(async_current_loop(), &loop);
    AWAIT(async_sleep(1));
    trace("on ");
    ASYNC_END();
}

static void a_loop_that_runs_cannot_be_run(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(reenter, object);
    ASYNC_OBJECT(tick, other, .name = 'T');
    async_task_t task;
    spawn(&task, &other.coro);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("-202 -202 0 on");
    for (int i = 0; i < 4; i++) {
        expect_report(ASYNC_REPORT_LOOP_RUNNING);
        assert_true(async_report_is_error(report_taken()));
    }
}

/* A virtual clock that is interrupted when it sleeps for the first time. */
static async_clock_t interrupted_clock;
static async_irq_t irq_of_sleep;
static bool was_interrupted;

static async_time_t interrupted_now(async_clock_t *clock)
{
    (void)clock;
    return machine.clock_.ops->now(&machine.clock_);
}

static bool interrupted_sleep(async_clock_t *clock,
                              const async_time_t *deadline, bool polling)
{
    (void)clock;
    if (!was_interrupted) {
        was_interrupted = true;
        async_irq_raise(&irq_of_sleep);
        return true;
    }
    return machine.clock_.ops->sleep(&machine.clock_, deadline, polling);
}

static void use_loop_in_interrupt(void *nap)
{
    assert_int_equal(async_run(&loop, nap), ASYNC_ERR_MISUSE);
    assert_int_equal(async_coro_state(nap), ASYNC_CORO_CREATED);
    assert_int_equal(async_run_forever(&loop), ASYNC_ERR_MISUSE);
    assert_int_equal(async_poll(&loop), 0);
    assert_int_equal(async_loop_close(&loop), 1);
    assert_null(async_current_loop());
}

static void begin_interrupted(async_coro_t *nap)
{
    begin();
    static const async_clock_ops_t ops = {.now = interrupted_now,
                                          .sleep = interrupted_sleep};
    interrupted_clock = (async_clock_t){&ops};
    async_loop_init(&loop, &interrupted_clock);
    async_irq_init(&irq_of_sleep, use_loop_in_interrupt, nap);
    was_interrupted = false;
}

static void expect_misuse_by_interrupt(void)
{
    for (int i = 0; i < 4; i++) {
        expect_report(ASYNC_REPORT_LOOP_RUNNING);
        assert_true(async_report_is_error(report_taken()));
    }
    expect_no_report();
}

static void a_loop_that_sleeps_cannot_be_run_by_an_interrupt(void **state)
{
    (void)state;
    struct nap inner = ASYNC_CALL(nap, .name = 'X', .ticks = 1);
    begin_interrupted(&inner.coro);
    ASYNC_OBJECT(nap, object, .name = 'N', .ticks = 10);
    assert_int_equal(async_run(&loop, &object.coro), 0);
    assert_trace("N@10");
    expect_misuse_by_interrupt();
}

static void a_loop_that_closes_cannot_be_run_by_an_interrupt(void **state)
{
    (void)state;
    struct nap inner = ASYNC_CALL(nap, .name = 'X', .ticks = 1);
    begin_interrupted(&inner.coro);
    ASYNC_OBJECT(server, object, .name = 'S', .cleanup = 10);
    async_task_t task;
    spawn(&task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_int_equal(since(), 10);
    trace_clear();
    expect_misuse_by_interrupt();
}

/* --- Many ----------------------------------------------------------------- */

#define MANY BY_ROOM(10000, 100, 20)

struct one_of_many {
    ASYNC_FRAME;
    int number;
    int i;
};

static int order_errors;
static int last_number;
static async_time_t last_time;
static int steps;

/* Sleeps once until the same time as all others, then until one of many. */
ASYNC_STATIC(one_of_many)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(10));
    order_errors += self->number != last_number + 1;
    last_number = self->number;
    AWAIT(async_sleep((async_ticks_t)self->number * 7919 % 997));
    order_errors += async_time_before(async_now(), last_time);
    last_time = async_now();
    for (self->i = 0; self->i < 3; self->i++) {
        ASYNC_YIELD();
    }
    AWAIT(async_sleep(1000));
    ASYNC_FINALLY();
    steps++;
    ASYNC_END();
}

static void ten_thousand_tasks_keep_their_order(void **state)
{
    (void)state;
    static struct one_of_many objects[MANY];
    static async_task_t tasks[MANY];
    begin();
    for (int pass = 0; pass < 5; pass++) {
        order_errors = steps = 0;
        last_number = -1;
        last_time = async_loop_now(&loop);
        for (int i = 0; i < MANY; i++) {
            objects[i] = ASYNC_CALL(one_of_many, .number = i);
            async_spawn(&loop, &tasks[i], &objects[i].coro);
        }
        ASYNC_OBJECT(nap, until, .name = 'N', .ticks = 1500);
        async_cancel(&tasks[5]);
        last_number = -1;
        if (pass % 2 == 0) {
            assert_int_equal(async_run(&loop, &until.coro), 0);
        } else {
            async_task_t task = ASYNC_TASK_INIT;
            async_spawn(&loop, &task, &until.coro);
            while (!async_task_done(&task)) {
                async_virtual_clock_advance(&machine, async_poll(&loop));
            }
            assert_int_equal(async_loop_close(&loop), 0);
        }
        assert_int_equal(steps, MANY - 1);
        assert_int_equal(order_errors, 1); /* number 5 is missing */
        for (int i = 0; i < MANY; i++) {
            assert_true(async_task_done(&tasks[i]));
        }
    }
}

/* --- An interrupt while the loop drops its tasks -------------------------- */

static async_event_t never;
static async_irq_t irq_of_report;

struct stuck {
    ASYNC_FRAME;
};

ASYNC_STATIC(stuck)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1000));
    ASYNC_FINALLY();
    AWAIT(async_event_wait(&never));
    trace("runs on ");
    ASYNC_END();
}

static void set_never(void *context)
{
    (void)context;
    async_event_set(&never);
}

static void raise_at_the_second_report(void)
{
    if (reports_pending() == 2) {
        async_irq_raise(&irq_of_report);
    }
}

static void a_task_that_was_dropped_does_not_run(void **state)
{
    (void)state;
    async_task_t tasks[2];
    begin();
    never = (async_event_t){0};
    async_irq_init(&irq_of_report, set_never, NULL);
    ASYNC_OBJECT(stuck, first);
    ASYNC_OBJECT(stuck, second);
    spawn(&tasks[0], &first.coro);
    spawn(&tasks[1], &second.coro);
    async_poll(&loop);
    reports_hook = raise_at_the_second_report;
    assert_int_equal(async_loop_close(&loop), 2);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    assert_null(loop.ready_first_);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("");
}

/* --- Ask ------------------------------------------------------------------ */

struct until {
    ASYNC_FRAME;
    const volatile bool *flag;
};

ASYNC_STATIC(until)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(*self->flag);
    ASYNC_END();
}

static void a_loop_is_idle_if_no_task_is_ready(void **state)
{
    (void)state;
    async_task_t tasks[2];
    begin();
    assert_true(async_loop_is_idle(&loop));
    ASYNC_OBJECT(count, counting, .name = 'C', .count = 1);
    ASYNC_OBJECT(nap, nap, .name = 'N', .ticks = 5);
    spawn(&tasks[0], &counting.coro);
    spawn(&tasks[1], &nap.coro);
    assert_false(async_loop_is_idle(&loop));
    async_poll(&loop);
    assert_false(async_loop_is_idle(&loop)); /* one yields */
    async_poll(&loop);
    assert_true(async_loop_is_idle(&loop)); /* one sleeps */
    async_cancel(&tasks[1]);
    assert_false(async_loop_is_idle(&loop));
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("C1");
}

static void a_loop_is_not_idle_while_a_task_polls(void **state)
{
    (void)state;
    volatile bool flag = false;
    async_task_t task;
    begin();
    ASYNC_OBJECT(until, object, .flag = &flag);
    spawn(&task, &object.coro);
    for (int round = 1; round <= 3; round++) {
        async_poll(&loop);
        assert_false(async_loop_is_idle(&loop));
    }
    flag = true;
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_true(async_loop_is_idle(&loop));
}

static async_irq_t irq_of_wake;

static void set_event(void *event)
{
    async_event_set((async_event_t *)event);
}

static void an_idle_loop_stays_idle_under_the_lock(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task;
    begin();
    async_irq_init(&irq_of_wake, set_event, &event);
    ASYNC_OBJECT(wait, object, .name = 'W', .event = &event);
    spawn(&task, &object.coro);
    async_poll(&loop);
    async_port_state_t before = async_port_lock();
    async_irq_raise(&irq_of_wake);
    bool idle = async_loop_is_idle(&loop);
    async_port_unlock(before);
    assert_true(idle);
    assert_false(async_loop_is_idle(&loop));
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- A loop that something else runs -------------------------------------- */

static unsigned pends;

static void count_pends(async_clock_t *clock)
{
    assert_ptr_equal(clock, &machine.clock_);
    pends++;
}

/* How often since the last time. */
static unsigned pends_taken(void)
{
    unsigned count = pends;
    pends = 0;
    return count;
}

struct waiter {
    ASYNC_FRAME;
    async_event_t *event;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    ASYNC_YIELD();
    AWAIT(async_sleep(3));
    ASYNC_END();
}

static void
a_clock_that_pends_is_told_of_all_work_that_is_not_a_timer(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task;
    begin();
    async_clock_ops_t ops = *machine.clock_.ops;
    ops.pend = count_pends;
    machine.clock_.ops = &ops;
    async_loop_init(&loop, &machine.clock_);
    ASYNC_OBJECT(waiter, object, .event = &event);
    pends = 0;
    spawn(&task, &object.coro);
    assert_int_equal(pends_taken(), 1);
    assert_true(async_poll(&loop) == ASYNC_FOREVER); /* it waits */
    assert_int_equal(pends_taken(), 0);
    async_event_set(&event);
    assert_int_equal(pends_taken(), 1);
    assert_int_equal(async_poll(&loop), 0); /* it yields */
    assert_int_equal(pends_taken(), 1);
    assert_int_equal(async_poll(&loop), 3); /* it sleeps */
    assert_int_equal(pends_taken(), 0);
    async_cancel(&task);
    assert_int_equal(pends_taken(), 1);
    async_poll(&loop);
    assert_true(async_task_done(&task));
}

static void a_clock_that_pends_is_told_of_a_stop(void **state)
{
    (void)state;
    begin();
    async_clock_ops_t ops = *machine.clock_.ops;
    ops.pend = count_pends;
    machine.clock_.ops = &ops;
    async_loop_init(&loop, &machine.clock_);
    pends = 0;
    async_stop(&loop);
    assert_int_equal(pends_taken(), 1);
}

/* --- A clock that is not looked at ---------------------------------------- */

static async_time_t plain_now(async_clock_t *clock)
{
    (void)clock;
    return 0;
}

static bool plain_sleep(async_clock_t *clock, const async_time_t *deadline,
                        bool polling)
{
    (void)clock;
    (void)deadline;
    (void)polling;
    return true;
}

static const async_clock_ops_t plain_ops = {.now = plain_now,
                                            .sleep = plain_sleep};

#define ROUNDS 100

struct round_goer {
    ASYNC_FRAME;
    int left;
};

ASYNC_STATIC(round_goer)
{
    ASYNC_BEGIN();
    while (self->left > 0) {
        self->left--;
        ASYNC_YIELD();
    }
    ASYNC_END();
}

struct poller_of_goer {
    ASYNC_FRAME;
    const struct round_goer *goer;
    int left;
};

ASYNC_STATIC(poller_of_goer)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(self->goer->left < ROUNDS - 5);
    self->left = self->goer->left;
    ASYNC_END();
}

static void who_polls_is_heard_while_others_go_round(void **state)
{
    (void)state;
    async_clock_t clock = {&plain_ops};
    async_task_t task = ASYNC_TASK_INIT;
    async_loop_init(&loop, &clock);
    ASYNC_OBJECT(round_goer, goer, .left = ROUNDS);
    ASYNC_OBJECT(poller_of_goer, poller, .goer = &goer);
    async_spawn(&loop, &task, &poller.coro);
    assert_int_equal(async_run(&loop, &goer.coro), 0);
    assert_in_range(poller.left, ROUNDS - 10, ROUNDS - 6);
}

static void a_run_ends_with_its_task_while_others_go_round(void **state)
{
    (void)state;
    async_clock_t clock = {&plain_ops};
    async_task_t task = ASYNC_TASK_INIT;
    async_loop_init(&loop, &clock);
    ASYNC_OBJECT(round_goer, goer, .left = ROUNDS);
    ASYNC_OBJECT(round_goer, brief, .left = 3);
    async_spawn(&loop, &task, &goer.coro);
    assert_int_equal(async_run(&loop, &brief.coro), 0);
    assert_in_range(goer.left, ROUNDS - 10, ROUNDS - 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(who_polls_is_heard_while_others_go_round),
        async_test(a_run_ends_with_its_task_while_others_go_round),
        async_test(every_ready_task_runs_once_in_a_round),
        async_test(a_task_woken_after_its_turn_runs_in_the_next_round),
        async_test(run_cancels_and_awaits_the_tasks_that_are_left),
        async_test(run_returns_the_error_of_its_coroutine),
        async_test(a_loop_runs_again),
        async_test(run_also_runs_what_was_spawned_before),
        async_test(run_reports_errors_that_nobody_took),
        async_test(run_forever_ends_after_the_round_of_a_stop),
        async_test(a_loop_that_is_to_stop_does_not_sleep_first),
        async_test(a_stop_while_nothing_runs_has_no_effect),
        async_test(a_stop_cancels_the_coroutine_of_run),
        async_test(a_stop_while_the_loop_closes_has_no_effect),
        async_test(a_timer_expires_while_another_task_goes_round),
        async_test(poll_tells_how_long_nothing_is_to_be_done),
        async_test(poll_serves_a_superloop),
        async_test(close_waits_for_every_cleanup),
        async_test(close_counts_what_it_reports),
        async_test(a_dropped_task_runs_no_more),
        async_test(a_dropped_task_has_ended_by_a_cancellation),
        async_test(a_task_spawned_while_the_loop_closes_is_cancelled),
        async_test(closing_an_empty_loop_does_nothing),
        async_test(a_deadlock_names_every_task_with_its_chain),
        async_test(a_deadlock_of_run_forever_leaves_the_tasks_as_they_are),
        async_test(tasks_that_join_each_other_are_a_deadlock),
        async_test(an_interrupt_to_come_is_no_deadlock),
        async_test(a_task_may_run_another_loop),
        async_test(an_interrupt_may_poll_a_loop_of_its_own),
        async_test(two_loops_have_two_times),
        async_test(a_loop_that_runs_cannot_be_run),
        async_test(a_loop_that_sleeps_cannot_be_run_by_an_interrupt),
        async_test(a_loop_that_closes_cannot_be_run_by_an_interrupt),
        async_test(ten_thousand_tasks_keep_their_order),
        async_test(a_loop_is_idle_if_no_task_is_ready),
        async_test(a_loop_is_not_idle_while_a_task_polls),
        async_test(an_idle_loop_stays_idle_under_the_lock),
        async_test(a_clock_that_pends_is_told_of_all_work_that_is_not_a_timer),
        async_test(a_clock_that_pends_is_told_of_a_stop),
        async_test(a_task_that_was_dropped_does_not_run),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
