/* SPDX-License-Identifier: MIT */

/*
 * Time: sleeping, the limit on a wait, durations. The clock starts five ticks
 * before it wraps, so nearly every test crosses the wrap.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define START ((async_time_t)-5)

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

/* The same numbers on every machine and in every run. */
static unsigned random_below(unsigned limit)
{
    static uint32_t seed = 1;
    seed = seed * 1664525u + 1013904223u;
    return (unsigned)(seed >> 16) % limit;
}

struct sleeper {
    ASYNC_FRAME;
    async_ticks_t ticks;
    char name;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    trace("%c%lu ", self->name, elapsed());
    ASYNC_END();
}

struct spin {
    ASYNC_FRAME;
    int rounds;
    char name;
};

ASYNC_STATIC(spin)
{
    ASYNC_BEGIN();
    while (self->rounds-- > 0) {
        trace("%c ", self->name);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

struct setter {
    ASYNC_FRAME;
    async_event_t *event;
    async_ticks_t ticks;
    int error;
};

ASYNC_STATIC(setter)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    async_event_set(self->event);
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_END();
}

static void set_event(void *event)
{
    async_event_set(event);
}

/* --- Sleep ---------------------------------------------------------------- */

static void a_sleep_ends_when_the_clock_has_advanced_by_it(void **state)
{
    (void)state;
    ASYNC_OBJECT(sleeper, a, .ticks = 1, .name = 'a');
    ASYNC_OBJECT(sleeper, b, .ticks = 100, .name = 'b');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("a1 b101");
}

static void a_sleep_crosses_the_wrap(void **state)
{
    (void)state;
    async_task_t tasks[3] = {ASYNC_TASK_INIT};
    ASYNC_OBJECT(sleeper, before, .ticks = 4, .name = 'b');
    ASYNC_OBJECT(sleeper, at, .ticks = 5, .name = 'w');
    ASYNC_OBJECT(sleeper, behind, .ticks = 6, .name = 'a');
    ASYNC_OBJECT(sleeper, far, .ticks = 900, .name = 'f');
    async_spawn(&loop, &tasks[0], &behind.coro);
    async_spawn(&loop, &tasks[1], &at.coro);
    async_spawn(&loop, &tasks[2], &before.coro);
    assert_int_equal(async_run(&loop, &far.coro), 0);
    assert_trace("b4 w5 a6 f900");
}

struct sleep_zero {
    ASYNC_FRAME;
};

ASYNC_STATIC(sleep_zero)
{
    ASYNC_BEGIN();
    trace("1 ");
    AWAIT(async_sleep(0));
    trace("2 ");
    AWAIT(async_sleep(0));
    trace("3@%lu ", elapsed());
    ASYNC_END();
}

static void sleep_of_0_lets_every_other_ready_task_run_once(void **state)
{
    (void)state;
    async_task_t tasks[2] = {ASYNC_TASK_INIT};
    ASYNC_OBJECT(spin, a, .rounds = 2, .name = 'a');
    ASYNC_OBJECT(spin, b, .rounds = 2, .name = 'b');
    ASYNC_OBJECT(sleep_zero, zero);
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    assert_int_equal(async_run(&loop, &zero.coro), 0);
    assert_trace("a b 1 a b 2 3@0");
}

struct until {
    ASYNC_FRAME;
    async_ticks_difference_t from_now;
};

ASYNC_STATIC(until)
{
    ASYNC_BEGIN();
    trace("u ");
    AWAIT(async_sleep_until(async_now() + (async_time_t)self->from_now));
    trace("u%lu ", elapsed());
    ASYNC_END();
}

static void sleep_until_a_past_time_only_yields(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(spin, a, .rounds = 2, .name = 'a');
    ASYNC_OBJECT(until, u, .from_now = -3);
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &u.coro), 0);
    assert_trace("a u a u0");
}

static void sleep_until_now_only_yields(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(spin, a, .rounds = 2, .name = 'a');
    ASYNC_OBJECT(until, u, .from_now = 0);
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &u.coro), 0);
    assert_trace("a u a u0");
}

static void sleep_until_a_future_time_ends_then(void **state)
{
    (void)state;
    ASYNC_OBJECT(until, u, .from_now = 7);
    assert_int_equal(async_run(&loop, &u.coro), 0);
    assert_trace("u u7");
}

static void the_longest_sleep_is_ticks_max(void **state)
{
    (void)state;
    ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_TICKS_MAX, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_true(elapsed() == (unsigned long)ASYNC_TICKS_MAX);
    trace_clear();
}

static void a_sleep_beyond_the_range_is_reported_and_raises(void **state)
{
    (void)state;
    ASYNC_OBJECT(sleeper, a, .ticks = (async_ticks_t)(ASYNC_TICKS_MAX + 1),
                 .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_TOO_LONG);
    ASYNC_OBJECT(sleeper, b, .ticks = (async_ticks_t)(ASYNC_FOREVER - 1),
                 .name = 'b');
    assert_int_equal(async_run(&loop, &b.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_TOO_LONG);
    assert_trace("");
}

static void a_sleep_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    async_wait_t wait = async_sleep(1);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    wait = async_sleep_until(1);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    (void)wait;
}

static void a_sleep_for_ever_ends_by_cancellation(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = ASYNC_FOREVER, .name = 'a');
    async_spawn(&loop, &task, &a.coro);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_true(async_cancel(&task));
    async_poll(&loop);
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_trace("");
}

static void a_cancelled_sleep_leaves_no_timer_behind(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 50, .name = 'a');
    async_spawn(&loop, &task, &a.coro);
    assert_true(async_poll(&loop) == 50);
    assert_true(async_cancel(&task));
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_true(async_task_done(&task));
}

static void poll_tells_the_ticks_to_the_next_timer(void **state)
{
    (void)state;
    async_task_t tasks[2] = {ASYNC_TASK_INIT};
    ASYNC_OBJECT(sleeper, a, .ticks = 50, .name = 'a');
    ASYNC_OBJECT(sleeper, b, .ticks = 20, .name = 'b');
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    assert_true(async_poll(&loop) == 20);
    async_virtual_clock_advance(&virtual_clock, 19);
    assert_true(async_poll(&loop) == 1);
    async_virtual_clock_advance(&virtual_clock, 1);
    assert_true(async_poll(&loop) == 30);
    async_virtual_clock_advance(&virtual_clock, 31);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("b20 a51");
}

/* --- Order ---------------------------------------------------------------- */

static void sleepers_due_at_the_same_tick_wake_in_start_order(void **state)
{
    (void)state;
    async_task_t tasks[4] = {ASYNC_TASK_INIT};
    ASYNC_OBJECT(sleeper, a, .ticks = 10, .name = 'a');
    ASYNC_OBJECT(sleeper, b, .ticks = 10, .name = 'b');
    ASYNC_OBJECT(sleeper, c, .ticks = 10, .name = 'c');
    ASYNC_OBJECT(sleeper, d, .ticks = 9, .name = 'd');
    ASYNC_OBJECT(sleeper, e, .ticks = 10, .name = 'e');
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    async_spawn(&loop, &tasks[2], &c.coro);
    async_spawn(&loop, &tasks[3], &d.coro);
    assert_int_equal(async_run(&loop, &e.coro), 0);
    assert_trace("d9 a10 b10 c10 e10");
}

struct drip {
    ASYNC_FRAME;
    async_time_t deadline;
    int naps;
    char name;
};

/* Sleeps a number of single ticks, then until the deadline. */
ASYNC_STATIC(drip)
{
    ASYNC_BEGIN();
    while (self->naps-- > 0) {
        AWAIT(async_sleep(1));
    }
    AWAIT(async_sleep_until(self->deadline));
    trace("%c%lu ", self->name, elapsed());
    ASYNC_END();
}

/* Of 16383 sleeps that began one after the other, the header promises. */
static void start_order_holds_over_many_timers_started_between(void **state)
{
    (void)state;
    enum { NAPS = 16000 };
    const async_time_t deadline = (async_time_t)(START + NAPS + 10);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(drip, a, .deadline = deadline, .naps = 0, .name = 'a');
    ASYNC_OBJECT(drip, b, .deadline = deadline, .naps = NAPS, .name = 'b');
    async_spawn(&loop, &task, &a.coro);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    char expected[24];
    snprintf(expected, sizeof expected, "a%d b%d", NAPS + 10, NAPS + 10);
    assert_string_equal(trace_take(), expected);
}

struct replace_sleeper {
    ASYNC_FRAME;
    async_task_t *victim;
    async_time_t deadline;
};

/* Cancels a sleeper and begins to sleep to the same deadline itself. */
ASYNC_STATIC(replace_sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_cancel(self->victim);
    AWAIT(async_sleep_until(self->deadline));
    trace("w%lu ", elapsed());
    ASYNC_END();
}

struct work {
    ASYNC_FRAME;
    async_ticks_t before;
    async_ticks_t ticks;
};

ASYNC_STATIC(work)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->before));
    async_virtual_clock_advance(&virtual_clock, self->ticks);
    ASYNC_END();
}

/* The round that cancels is so long that the deadline has come when the
 * cancelled sleeper is looked at again. */
static void a_cancelled_sleeper_does_not_disturb_the_order(void **state)
{
    (void)state;
    enum { NAPS = 17000 };
    ASYNC_OBJECT(drip, burn, .naps = NAPS, .name = 'n');
    assert_int_equal(async_run(&loop, &burn.coro), 0);
    trace_clear();
    async_loop_t *same = &loop;
    const async_time_t deadline = (async_time_t)(async_loop_now(same) + 10);
    async_task_t tasks[4] = {ASYNC_TASK_INIT};
    ASYNC_OBJECT(drip, x, .deadline = deadline, .name = 'x');
    ASYNC_OBJECT(drip, z, .deadline = deadline, .name = 'z');
    ASYNC_OBJECT(replace_sleeper, w, .victim = &tasks[0], .deadline = deadline);
    ASYNC_OBJECT(work, busy, .before = 1, .ticks = 20);
    async_spawn(same, &tasks[0], &x.coro);
    async_spawn(same, &tasks[1], &z.coro);
    async_spawn(same, &tasks[2], &w.coro);
    async_spawn(same, &tasks[3], &busy.coro);
    ASYNC_OBJECT(sleeper, end, .ticks = 50, .name = 'e');
    assert_int_equal(async_run(same, &end.coro), 0);
    char expected[32];
    snprintf(expected, sizeof expected, "z%d w%d e%d", NAPS + 21, NAPS + 21,
             NAPS + 50);
    assert_string_equal(trace_take(), expected);
}

struct late_pair {
    ASYNC_FRAME;
};

/* A step that takes 5 ticks and then asks for the longest sleep, while a
 * deadline is overdue. */
ASYNC_STATIC(late_pair)
{
    ASYNC_BEGIN();
    async_virtual_clock_advance(&virtual_clock, 5);
    AWAIT(async_sleep(ASYNC_TICKS_MAX));
    ASYNC_END();
}

static void the_longest_sleep_does_not_hide_an_overdue_one(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 1, .name = 'a');
    ASYNC_OBJECT(late_pair, b);
    async_task_t other = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &a.coro);
    async_spawn(&loop, &other, &b.coro);
    assert_true(async_poll(&loop) == 0);
    async_poll(&loop);
    assert_trace("a5");
    async_loop_close(&loop);
}

#define SLEEPERS BY_ROOM(1000, 100, 20)

static struct {
    struct sleeper_n {
        ASYNC_FRAME;
        async_ticks_t ticks;
        int id;
    } frames[SLEEPERS];
    async_task_t tasks[SLEEPERS];
    int order[SLEEPERS];
    int count;
} many;

ASYNC_STATIC(sleeper_n)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    assert_true(elapsed() == (unsigned long)self->ticks);
    many.order[many.count++] = self->id;
    ASYNC_END();
}

static int by_ticks_then_start(const void *a, const void *b)
{
    const struct sleeper_n *x = &many.frames[*(const int *)a];
    const struct sleeper_n *y = &many.frames[*(const int *)b];
    if (x->ticks != y->ticks) {
        return x->ticks < y->ticks ? -1 : 1;
    }
    return x->id < y->id ? -1 : 1;
}

static void a_thousand_sleepers_wake_in_the_order_of_a_stable_sort(void **state)
{
    (void)state;
    int expected[SLEEPERS];
    memset(&many, 0, sizeof many);
    for (int i = 0; i < SLEEPERS; i++) {
        async_ticks_t ticks = (async_ticks_t)(1 + random_below(300));
        many.frames[i] = ASYNC_CALL(sleeper_n, .ticks = ticks, .id = i);
        async_spawn(&loop, &many.tasks[i], &many.frames[i].coro);
        expected[i] = i;
    }
    qsort(expected, SLEEPERS, sizeof expected[0], by_ticks_then_start);
    ASYNC_OBJECT(sleeper, end, .ticks = 301, .name = 'e');
    assert_int_equal(async_run(&loop, &end.coro), 0);
    assert_int_equal(many.count, SLEEPERS);
    assert_memory_equal(many.order, expected, sizeof expected);
    trace_clear();
}

/* --- Random start and cancel ---------------------------------------------- */

#define NAPPERS 64

static struct {
    struct napper {
        ASYNC_FRAME;
        async_time_t deadline;
        unsigned long start;
        bool woken;
    } frames[NAPPERS];
    async_task_t tasks[NAPPERS];
    unsigned long starts;
    unsigned long ends;
    unsigned long wakes;
    async_time_t last_deadline;
    unsigned long last_start;
} naps;

ASYNC_STATIC(napper)
{
    ASYNC_BEGIN();
    self->deadline =
        (async_time_t)(async_now() + 1 + (async_time_t)random_below(20));
    self->start = ++naps.starts;
    AWAIT(async_sleep_until(self->deadline));
    assert_true(async_now() == self->deadline);
    assert_false(async_time_before(self->deadline, naps.last_deadline));
    if (self->deadline == naps.last_deadline) {
        assert_true(self->start > naps.last_start);
    }
    naps.last_deadline = self->deadline;
    naps.last_start = self->start;
    naps.wakes++;
    ASYNC_FINALLY();
    naps.ends++;
    ASYNC_END();
}

struct gambler {
    ASYNC_FRAME;
    int steps;
};

ASYNC_STATIC(gambler)
{
    ASYNC_BEGIN();
    while (self->steps-- > 0) {
        {
            unsigned i = random_below(NAPPERS);
            async_task_t *task = &naps.tasks[i];
            bool alive =
                naps.frames[i].coro.state_ != 0 && !async_task_done(task);
            if (alive && random_below(2) == 0) {
                async_cancel(task);
            } else if (!alive) {
                naps.frames[i] = ASYNC_CALL(napper, .start = 0);
                async_spawn(&loop, task, &naps.frames[i].coro);
            }
        }
        AWAIT(async_sleep((async_ticks_t)random_below(2)));
    }
    ASYNC_END();
}

static void random_starts_and_cancels_keep_every_deadline(void **state)
{
    (void)state;
    memset(&naps, 0, sizeof naps);
    naps.last_deadline = START;
    ASYNC_OBJECT(gambler, g, .steps = 6000);
    assert_int_equal(async_run(&loop, &g.coro), 0);
    assert_true(naps.starts > 1000);
    assert_true(naps.wakes > 300);
    assert_true(naps.starts == naps.ends);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

/* --- Limit on a wait ------------------------------------------------------ */

struct limited {
    ASYNC_FRAME;
    int error;
    async_event_t *event;
    async_ticks_t ticks;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_event_wait(self->event), self->ticks));
    trace("%d@%lu ", self->error, elapsed());
    ASYNC_END();
}

static void a_limit_on_an_event_that_does_not_come_raises_timeout(void **state)
{
    (void)state;
    async_event_t event = {0};
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = 7);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("-201@7");
    async_event_set(&event); /* finds no waiter */
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_limit_on_an_event_that_comes_in_time_is_nothing(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(setter, s, .event = &event, .ticks = 6);
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = 7);
    async_spawn(&loop, &task, &s.coro);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("0@6");
}

static void a_wait_woken_before_its_limit_in_the_same_tick_wins(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 7), set_event, &event);
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = 7);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("0@7");
}

struct late_set {
    ASYNC_FRAME;
    async_event_t *event;
};

/* Sets the event while time runs past every limit, before the loop looks. */
ASYNC_STATIC(late_set)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(3));
    async_virtual_clock_advance(&virtual_clock, 10);
    async_event_set(self->event);
    ASYNC_END();
}

static void a_wait_woken_before_the_loop_looks_at_its_limit_wins(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(late_set, s, .event = &event);
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = 7);
    async_spawn(&loop, &task, &s.coro);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("0@13");
}

static void a_limit_of_0_on_an_event_gives_up_in_the_next_round(void **state)
{
    (void)state;
    async_event_t event = {0};
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = 0);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    async_event_set(&event);
    ASYNC_OBJECT(limited, b, .event = &event, .ticks = 0);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("-201@0 0@0");
}

static void a_limit_of_forever_is_no_limit(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 30000), set_event,
                               &event);
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = ASYNC_FOREVER);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("0@30000");
}

static void a_limit_leaves_no_timer_behind(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limited, a, .event = &event, .ticks = 7);
    async_spawn(&loop, &task, &a.coro);
    assert_true(async_poll(&loop) == 7);
    async_event_set(&event);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_true(async_task_done(&task));

    async_event_clear(&event);
    ASYNC_OBJECT(limited, b, .event = &event, .ticks = 7);
    async_spawn(&loop, &task, &b.coro);
    assert_true(async_poll(&loop) == 7);
    async_cancel(&task);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_true(async_task_done(&task));
    assert_trace("0@0");
}

struct limits {
    ASYNC_FRAME;
    int error;
    int call;
    async_event_t never;
    async_task_t *other;
};

ASYNC_STATIC(limits)
{
    ASYNC_BEGIN();
    if (self->call == 0) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(5), 7));
    } else if (self->call == 1) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(7), 5));
    } else if (self->call == 2) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(5), 5));
    } else if (self->call == 3) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(ASYNC_FOREVER), 5));
    } else if (self->call == 4) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(0), 0));
    } else if (self->call == 5) {
        AWAIT_CATCH(self->error, async_wait_for(async_join(self->other), 5));
    } else if (self->call == 6) {
        AWAIT_CATCH(self->error, async_wait_for(async_sleep(5), ASYNC_FOREVER));
    } else if (self->call == 7) {
        AWAIT_CATCH(self->error,
                    async_wait_for(
                        async_wait_for(async_event_wait(&self->never), 5), 9));
    } else if (self->call == 8) {
        AWAIT_CATCH(self->error,
                    async_wait_for(
                        async_wait_for(async_event_wait(&self->never), 9), 5));
    } else if (self->call == 9) {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_wait_for(async_sleep(3), 9), 5));
    } else if (self->call == 10) {
        AWAIT_CATCH(
            self->error,
            async_wait_for(
                async_wait_for(async_event_wait(&self->never), ASYNC_FOREVER),
                5));
    }
    trace("%d@%lu ", self->error, elapsed());
    ASYNC_END();
}

static void run_limits(int call)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    struct limits frame = ASYNC_CALL(limits, .call = call);
    assert_int_equal(async_run(&loop, &frame.coro), 0);
}

static void a_limit_longer_than_the_sleep_does_nothing(void **state)
{
    (void)state;
    run_limits(0);
    run_limits(6);
    assert_trace("0@5 0@5");
}

static void a_limit_shorter_than_the_sleep_raises_timeout(void **state)
{
    (void)state;
    run_limits(1);
    run_limits(3);
    assert_trace("-201@5 -201@5");
}

static void a_limit_equal_to_the_sleep_lets_the_sleep_win(void **state)
{
    (void)state;
    run_limits(2);
    assert_trace("0@5");
}

static void a_yield_has_won_before_any_limit(void **state)
{
    (void)state;
    run_limits(4);
    assert_trace("0@0");
}

static void of_nested_limits_the_shorter_one_counts(void **state)
{
    (void)state;
    run_limits(7);
    run_limits(8);
    run_limits(9);
    run_limits(10);
    assert_trace("-201@5 -201@5 0@3 -201@5");
}

static void a_limit_on_a_join_leaves_the_joined_task_alone(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joiner = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, a, .ticks = 9, .name = 'a');
    ASYNC_OBJECT(limits, b, .call = 5, .other = &task);
    ASYNC_OBJECT(sleeper, end, .ticks = 20, .name = 'e');
    async_spawn(&loop, &task, &a.coro);
    async_spawn(&loop, &joiner, &b.coro);
    assert_int_equal(async_run(&loop, &end.coro), 0);
    assert_trace("-201@5 a9 e20");
}

static void a_limited_join_raises_the_error_of_the_task(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(setter, s, .event = &event, .ticks = 3, .error = -7);
    ASYNC_OBJECT(limits, b, .call = 5, .other = &task);
    async_spawn(&loop, &task, &s.coro);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("-7@3");
}

static void a_limit_beyond_the_range_is_reported(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limited, a, .event = &event,
                 .ticks = (async_ticks_t)(ASYNC_TICKS_MAX + 1));
    async_spawn(&loop, &task, &a.coro);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_TOO_LONG);
    async_event_set(&event);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    trace_clear();
}

struct limited_twice {
    ASYNC_FRAME;
    int error;
    async_event_t *event;
};

ASYNC_STATIC(limited_twice)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_wait_for(async_event_wait(self->event),
                                              ASYNC_TICKS_MAX + 1),
                               7));
    ASYNC_END();
}

static void a_limit_beyond_the_range_raises_inside_another_limit(void **state)
{
    (void)state;
    async_event_t event = {0};
    for (int i = 0; i < 4; i++) { /* whatever the ticket of a timer is */
        ASYNC_OBJECT(limited_twice, a, .event = &event);
        assert_int_equal(async_run(&loop, &a.coro), 0);
        expect_report(ASYNC_REPORT_TOO_LONG);
        assert_int_equal(a.error, ASYNC_ERR_MISUSE);
        assert_int_equal(elapsed(), 0);
    }
}

struct yield_then_wait {
    ASYNC_FRAME;
    int error;
    async_event_t *event;
};

ASYNC_STATIC(yield_then_wait)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_sleep(0), ASYNC_TICKS_MAX + 1));
    trace("%d ", self->error);
    AWAIT(async_event_wait(self->event));
    trace("set ");
    ASYNC_END();
}

static void a_yield_with_a_limit_beyond_the_range_only_yields(void **state)
{
    (void)state;
    async_event_t event = {0};
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(yield_then_wait, y, .event = &event);
    async_spawn(&loop, &task, &y.coro);
    assert_true(async_poll(&loop) == 0);
    assert_trace("");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("0");

    /* It waits for the event, and for nothing else. */
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    async_event_set(&event);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("set");
    assert_true(async_task_done(&task));
    assert_int_equal(async_loop_close(&loop), 0);
}

struct uncaught_limit {
    ASYNC_FRAME;
    async_event_t never;
};

ASYNC_STATIC(uncaught_limit)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_event_wait(&self->never), 3));
    trace("not here ");
    ASYNC_FINALLY();
    trace("cleanup%lu ", elapsed());
    ASYNC_END();
}

static void a_limit_raises_at_its_await(void **state)
{
    (void)state;
    ASYNC_OBJECT(uncaught_limit, a);
    assert_int_equal(async_run(&loop, &a.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("cleanup3");
}

static void a_cancelled_limited_wait_does_not_say_timeout(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(uncaught_limit, a);
    async_spawn(&loop, &task, &a.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 3);
    async_cancel(&task); /* the limit has passed, but nobody has looked */
    async_poll(&loop);
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_trace("cleanup3");
}

/* --- A long time ---------------------------------------------------------- */

#define PERIODS_OF_A_DAY BY_PACE(864000, 10000)

struct day {
    ASYNC_FRAME;
    long naps;
};

ASYNC_STATIC(day)
{
    ASYNC_BEGIN();
    for (; self->naps < PERIODS_OF_A_DAY; self->naps++) {
        AWAIT(async_sleep(ASYNC_MS(100)));
    }
    ASYNC_END();
}

static void a_virtual_day_passes_quickly(void **state)
{
    (void)state;
    ASYNC_OBJECT(day, a);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_true((async_time_t)(async_loop_now(&loop) - START) ==
                (async_time_t)(1ull * PERIODS_OF_A_DAY * ASYNC_MS(100)));
}

/* --- Times and durations -------------------------------------------------- */

static void times_compare_across_the_wrap(void **state)
{
    (void)state;
    const async_time_t last = (async_time_t)-1;
    assert_true(async_time_before(1, 2));
    assert_false(async_time_before(2, 1));
    assert_false(async_time_before(2, 2));
    assert_true(async_time_before(last, 0));
    assert_false(async_time_before(0, last));
    assert_true(async_time_before(last, ASYNC_TICKS_MAX - 1));
    assert_false(async_time_before(ASYNC_TICKS_MAX - 1, last));
}

/* Constants make constants. */
static const async_ticks_t second = ASYNC_SECONDS(1);
static const async_ticks_t ms[] = {ASYNC_MS(0), ASYNC_MS(1), ASYNC_MS(3),
                                   ASYNC_MS(10), ASYNC_MS(15)};
static const async_ticks_t us[] = {ASYNC_US(0), ASYNC_US(1), ASYNC_US(999),
                                   ASYNC_US(1000), ASYNC_US(15001)};

static unsigned long long ticks_up(unsigned long long n, uint32_t parts)
{
    return (n * ASYNC_TICKS_PER_SECOND + parts - 1) / parts;
}

static void check_duration(async_ticks_t ticks, unsigned long long n,
                           uint32_t parts)
{
    unsigned long long expected = ticks_up(n, parts);
    if (expected <= ASYNC_TICKS_MAX) {
        assert_true(ticks == (async_ticks_t)expected);
    }
}

static void durations_are_rounded_up_to_whole_ticks(void **state)
{
    (void)state;
    check_duration(second, 1, 1);
    const unsigned of_ms[] = {0, 1, 3, 10, 15};
    const unsigned of_us[] = {0, 1, 999, 1000, 15001};
    for (int i = 0; i < 5; i++) {
        check_duration(ms[i], of_ms[i], 1000);
        check_duration(us[i], of_us[i], 1000000);
    }
    for (unsigned n = 0; n < 5000; n += BY_PACE(1, 7)) {
        check_duration(ASYNC_MS(n), n, 1000);
        check_duration(ASYNC_US(n), n, 1000000);
        check_duration(ASYNC_SECONDS(n), n, 1);
    }
    for (uint32_t n = 999; n < 100000000; n += 999983) {
        check_duration(ASYNC_MS(n), n, 1000);
        check_duration(ASYNC_US(n), n, 1000000);
    }
}

static void durations_take_expressions(void **state)
{
    (void)state;
    int n = 3;
    const async_ticks_t of_ms = ASYNC_MS(n + 1); /* without a conversion */
    const async_ticks_t of_us = ASYNC_US(n | 4);
    assert_true(of_ms == ASYNC_MS(4));
    assert_true(of_us == ASYNC_US(7));
}

/* A duration beyond the range is reported, never cut silently: so it must not
 * come out as one that is within the range. */
static void a_duration_beyond_the_range_stays_beyond_it(void **state)
{
    (void)state;
#if ASYNC_TICK_BITS < 64
    const unsigned long long range = 1ull << ASYNC_TICK_BITS;
    const unsigned long long seconds = range / ASYNC_TICKS_PER_SECOND + 1;
    if (seconds < UINT32_MAX) {
        assert_true(ASYNC_SECONDS((uint32_t)seconds) > ASYNC_TICKS_MAX);
    }
    if (seconds * 1000 < UINT32_MAX) {
        assert_true(ASYNC_MS((uint32_t)(seconds * 1000)) > ASYNC_TICKS_MAX);
    }
    if (seconds * 1000000 < UINT32_MAX) {
        assert_true(ASYNC_US((uint32_t)(seconds * 1000000)) > ASYNC_TICKS_MAX);
    }
#endif
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_sleep_ends_when_the_clock_has_advanced_by_it),
        TEST(a_sleep_crosses_the_wrap),
        TEST(sleep_of_0_lets_every_other_ready_task_run_once),
        TEST(sleep_until_a_past_time_only_yields),
        TEST(sleep_until_now_only_yields),
        TEST(sleep_until_a_future_time_ends_then),
        TEST(the_longest_sleep_is_ticks_max),
        TEST(a_sleep_beyond_the_range_is_reported_and_raises),
        TEST(a_sleep_outside_of_a_task_is_reported),
        TEST(a_sleep_for_ever_ends_by_cancellation),
        TEST(a_cancelled_sleep_leaves_no_timer_behind),
        TEST(poll_tells_the_ticks_to_the_next_timer),
        TEST(sleepers_due_at_the_same_tick_wake_in_start_order),
        TEST(start_order_holds_over_many_timers_started_between),
        TEST(a_cancelled_sleeper_does_not_disturb_the_order),
        TEST(the_longest_sleep_does_not_hide_an_overdue_one),
        TEST(a_thousand_sleepers_wake_in_the_order_of_a_stable_sort),
        TEST(random_starts_and_cancels_keep_every_deadline),
        TEST(a_limit_on_an_event_that_does_not_come_raises_timeout),
        TEST(a_limit_on_an_event_that_comes_in_time_is_nothing),
        TEST(a_wait_woken_before_its_limit_in_the_same_tick_wins),
        TEST(a_wait_woken_before_the_loop_looks_at_its_limit_wins),
        TEST(a_limit_of_0_on_an_event_gives_up_in_the_next_round),
        TEST(a_limit_of_forever_is_no_limit),
        TEST(a_limit_leaves_no_timer_behind),
        TEST(a_limit_longer_than_the_sleep_does_nothing),
        TEST(a_limit_shorter_than_the_sleep_raises_timeout),
        TEST(a_limit_equal_to_the_sleep_lets_the_sleep_win),
        TEST(a_yield_has_won_before_any_limit),
        TEST(of_nested_limits_the_shorter_one_counts),
        TEST(a_limit_on_a_join_leaves_the_joined_task_alone),
        TEST(a_limited_join_raises_the_error_of_the_task),
        TEST(a_limit_beyond_the_range_is_reported),
        TEST(a_limit_beyond_the_range_raises_inside_another_limit),
        TEST(a_yield_with_a_limit_beyond_the_range_only_yields),
        TEST(a_limit_raises_at_its_await),
        TEST(a_cancelled_limited_wait_does_not_say_timeout),
        TEST(a_virtual_day_passes_quickly),
        TEST(times_compare_across_the_wrap),
        TEST(durations_are_rounded_up_to_whole_ticks),
        TEST(durations_take_expressions),
        TEST(a_duration_beyond_the_range_stays_beyond_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
