/* SPDX-License-Identifier: MIT */

/*
 * ASYNC_TIMEOUT: when the block ends, who catches, what runs on the way.
 */
#include "test.h"

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

static void set_event(void *event)
{
    async_event_set(event);
}

/* Sleeps; its cleanup may await. Traces "name<", ">name", "/name@time". */
struct job {
    ASYNC_FRAME;
    async_ticks_t ticks;
    async_ticks_t cleanup;
    int error; /* raised at the end of the body */
    char name;
};

ASYNC_STATIC(job)
{
    ASYNC_BEGIN();
    trace("%c< ", self->name);
    AWAIT(async_sleep(self->ticks));
    trace(">%c ", self->name);
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_FINALLY();
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
    }
    trace("/%c@%lu ", self->name, elapsed());
    ASYNC_END();
}

static int run(async_coro_t *coro)
{
    return async_run(&loop, coro);
}

static void trace_expired(const char *name, const async_timeout_t *timeout)
{
    trace("%s%d@%lu ", name, async_timeout_expired(timeout), elapsed());
}

/* --- One block ------------------------------------------------------------ */

struct single {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct job job;
    async_ticks_t ticks;
    async_ticks_t work;
    int error;
};

ASYNC_STATIC(single)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, self->ticks) {
        AWAIT_CALL(self->job, job, .ticks = self->work, .name = 'j',
                   .error = self->error);
        trace("inside ");
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void a_block_that_ends_in_time_has_not_expired(void **state)
{
    (void)state;
    ASYNC_OBJECT(single, s, .ticks = 10, .work = 9);
    assert_int_equal(run(&s.coro), 0);
    assert_trace("j< >j /j@9 inside x0@9");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_block_whose_time_is_up_is_ended(void **state)
{
    (void)state;
    ASYNC_OBJECT(single, s, .ticks = 10, .work = 30);
    assert_int_equal(run(&s.coro), 0);
    assert_trace("j< /j@10 x1@10");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_limit_of_0_ends_the_block_at_its_first_pause(void **state)
{
    (void)state;
    ASYNC_OBJECT(single, s, .ticks = 0, .work = 5);
    assert_int_equal(run(&s.coro), 0);
    assert_trace("j< /j@0 x1@0");
}

static void a_limit_of_forever_is_no_limit(void **state)
{
    (void)state;
    ASYNC_OBJECT(single, s, .ticks = ASYNC_FOREVER, .work = ASYNC_TICKS_MAX);
    assert_int_equal(run(&s.coro), 0);
    assert_false(async_timeout_expired(&s.limit));
    trace_clear();
}

static void
a_limit_beyond_the_range_is_reported_and_expires_at_once(void **state)
{
    (void)state;
    ASYNC_OBJECT(single, s, .ticks = (async_ticks_t)(ASYNC_TICKS_MAX + 1),
                 .work = 5);
    assert_int_equal(run(&s.coro), 0);
    expect_report(ASYNC_REPORT_TOO_LONG);
    assert_trace("j< /j@0 x1@0");
}

static void an_error_in_the_block_goes_up_and_stops_the_timer(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(single, s, .ticks = 10, .work = 3, .error = -9);
    async_spawn(&loop, &task, &s.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 3);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_int_equal(async_task_error(&task), -9);
    assert_false(async_timeout_expired(&s.limit));
    assert_trace("j< >j /j@3");
}

static void an_error_raised_before_the_loop_sees_the_limit_goes_up(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(single, s, .ticks = 10, .work = 0, .error = -9);
    async_spawn(&loop, &task, &s.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 9);
    async_poll(&loop);
    assert_int_equal(async_task_error(&task), -9);
    assert_trace("j< >j /j@9");
}

static void a_body_due_in_the_round_of_expiry_does_not_go_on(void **state)
{
    (void)state;
    ASYNC_OBJECT(single, s, .ticks = 10, .work = 10, .error = -9);
    assert_int_equal(run(&s.coro), 0);
    assert_trace("j< /j@10 x1@10");
}

struct until {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_ticks_difference_t from_now;
};

ASYNC_STATIC(until)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT_AT(&self->limit, async_now() + (async_time_t)self->from_now) {
        trace("in ");
        AWAIT(async_sleep(20));
        trace("not here ");
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void a_limit_at_a_future_time_expires_then(void **state)
{
    (void)state;
    ASYNC_OBJECT(until, u, .from_now = 12);
    assert_int_equal(run(&u.coro), 0);
    assert_trace("in x1@12");
}

static void a_limit_at_a_past_time_expires_in_the_next_round(void **state)
{
    (void)state;
    ASYNC_OBJECT(until, u, .from_now = -12);
    assert_int_equal(run(&u.coro), 0);
    assert_trace("in x1@0");
}

struct far_sleep {
    ASYNC_FRAME;
};

ASYNC_STATIC(far_sleep)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_TICKS_MAX));
    ASYNC_END();
}

struct long_past {
    ASYNC_FRAME;
    async_ticks_t ago;
    bool moved;
    async_timeout_t limit;
    async_event_t never;
};

ASYNC_STATIC(long_past)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_TIMEOUT_AT(&self->limit, async_now() - self->ago + self->moved * 50) {
        if (self->moved) {
            async_timeout_reschedule_at(&self->limit, async_now() - self->ago);
        }
        AWAIT(async_event_wait(&self->never));
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

/* The two times are farther apart than half the range. */
static void a_limit_in_the_past_expires_beside_the_longest_sleep(void **state)
{
    (void)state;
    static const async_ticks_t agos[] = {1, ASYNC_TICKS_MAX / 4,
                                         ASYNC_TICKS_MAX};
    for (int i = 0; i < 6; i++) {
        async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(far_sleep, f);
        ASYNC_OBJECT(long_past, p, .ago = agos[i / 2], .moved = i % 2);
        async_spawn(&loop, &task, &f.coro);
        assert_int_equal(run(&p.coro), 0);
        assert_trace("x1@1");
        assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    }
}

struct one_line {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_event_t never;
};

ASYNC_STATIC(one_line)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 4)
        AWAIT(async_event_wait(&self->never));
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void a_block_may_be_one_statement(void **state)
{
    (void)state;
    ASYNC_OBJECT(one_line, o);
    assert_int_equal(run(&o.coro), 0);
    assert_trace("x1@4");
}

/* --- Ways to leave -------------------------------------------------------- */

struct leave {
    ASYNC_FRAME;
    int result;
    async_timeout_t limit;
    int way;
    int i;
};

ASYNC_STATIC(leave)
{
    ASYNC_BEGIN();
    for (; self->i < 2; self->i++) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT(async_sleep(1));
            if (self->way == 'b') {
                break;
            } else if (self->way == 'c') {
                continue;
            } else if (self->way == 'r') {
                ASYNC_RETURN(42);
            } else if (self->way == 'e') {
                ASYNC_RAISE(-8);
            } else if (self->way == 'x') {
                AWAIT(async_sleep(ASYNC_FOREVER));
            }
            trace("end ");
        }
        trace_expired("x", &self->limit);
        AWAIT(async_sleep(30)); /* a timer left behind would strike here */
    }
    trace("behind ");
    ASYNC_FINALLY();
    trace("/%lu ", elapsed());
    AWAIT(async_sleep(30));
    ASYNC_END();
}

static void leave_by(int way, int error, const char *expected)
{
    ASYNC_OBJECT(leave, l, .way = way);
    assert_int_equal(run(&l.coro), error);
    assert_int_equal(l.result, way == 'r' ? 42 : 0);
    assert_string_equal(trace_take(), expected);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void the_end_of_the_block_stops_the_timer(void **state)
{
    (void)state;
    leave_by('n', 0, "end x0@1 end x0@32 behind /62");
}

static void break_leaves_the_block_and_stops_the_timer(void **state)
{
    (void)state;
    leave_by('b', 0, "x0@1 x0@32 behind /62");
}

static void continue_leaves_the_block_and_stops_the_timer(void **state)
{
    (void)state;
    leave_by('c', 0, "x0@1 x0@32 behind /62");
}

static void return_stops_the_timer(void **state)
{
    (void)state;
    leave_by('r', 0, "/1");
}

static void raise_stops_the_timer(void **state)
{
    (void)state;
    leave_by('e', -8, "/1");
}

static void a_block_in_a_loop_can_expire_each_time(void **state)
{
    (void)state;
    leave_by('x', 0, "x1@10 x1@50 behind /80");
}

struct alternate {
    ASYNC_FRAME;
    async_timeout_t limit;
    int i;
};

ASYNC_STATIC(alternate)
{
    ASYNC_BEGIN();
    for (; self->i < 6; self->i++) {
        ASYNC_TIMEOUT(&self->limit, 5) {
            trace("(%d) ", async_timeout_expired(&self->limit));
            AWAIT(async_sleep(self->i % 2 == 0 ? 9 : 2));
        }
        trace("%d ", async_timeout_expired(&self->limit));
    }
    trace("@%lu ", elapsed());
    ASYNC_END();
}

static void entering_the_block_again_forgets_the_last_expiry(void **state)
{
    (void)state;
    ASYNC_OBJECT(alternate, a);
    assert_int_equal(run(&a.coro), 0);
    assert_trace("(0) 1 (0) 0 (0) 1 (0) 0 (0) 1 (0) 0 @21");
}

/* --- Nested --------------------------------------------------------------- */

struct nested {
    ASYNC_FRAME;
    async_timeout_t outer;
    async_timeout_t inner;
    async_ticks_t outer_ticks;
    async_ticks_t inner_ticks;
    async_ticks_t cleanup;
    struct job job;
    struct job rest;
};

ASYNC_STATIC(nested)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->outer, self->outer_ticks) {
        ASYNC_TIMEOUT(&self->inner, self->inner_ticks) {
            AWAIT_CALL(self->job, job, .ticks = 100, .name = 'j',
                       .cleanup = self->cleanup);
        }
        trace_expired("i", &self->inner);
        AWAIT_CALL(self->rest, job, .ticks = 2, .name = 'r');
    }
    trace("i%d o%d @%lu ", async_timeout_expired(&self->inner),
          async_timeout_expired(&self->outer), elapsed());
    ASYNC_END();
}

static void the_inner_block_expires_alone(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 20, .inner_ticks = 5);
    assert_int_equal(run(&n.coro), 0);
    assert_trace("j< /j@5 i1@5 r< >r /r@7 i1 o0 @7");
}

static void the_outer_block_expires_first(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 5, .inner_ticks = 20);
    assert_int_equal(run(&n.coro), 0);
    assert_trace("j< /j@5 i0 o1 @5");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void when_both_expire_at_once_the_outer_block_wins(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 5, .inner_ticks = 5);
    assert_int_equal(run(&n.coro), 0);
    assert_trace("j< /j@5 i1 o1 @5");
}

static void the_inner_block_then_the_outer_one_in_what_follows(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 6, .inner_ticks = 5);
    assert_int_equal(run(&n.coro), 0);
    assert_trace("j< /j@5 i1@5 r< /r@6 i1 o1 @6");
}

static void cleanup_that_awaits_delays_the_end_of_the_block(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 50, .inner_ticks = 5, .cleanup = 8);
    assert_int_equal(run(&n.coro), 0);
    assert_trace("j< /j@13 i1@13 r< >r /r@15 i1 o0 @15");
}

static void cleanup_longer_than_the_outer_limit_is_ended_by_it(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 9, .inner_ticks = 5, .cleanup = 8);
    assert_int_equal(run(&n.coro), 0);
    assert_trace("j< i1 o1 @9");
}

static void expiry_while_cleanup_of_an_outer_expiry_runs(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n, .outer_ticks = 5, .inner_ticks = 9, .cleanup = 8);
    assert_int_equal(run(&n.coro), 0);
    /* The inner limit interrupts the cleanup; the outer one still wins. */
    assert_trace("j< i1 o1 @9");
}

/* Calls as deep as there are frames, a timeout in each. */
#define DEPTH BY_ROOM(100, 50, 10)

struct deep {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct deep *next;
    async_ticks_t ticks;
    async_ticks_t step; /* 0: the same limit in all */
};

ASYNC_STATIC(deep)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, self->ticks) {
        if (self->next != NULL) {
            AWAIT(async_call(&self->next->coro));
        } else {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
    }
    if (self->step != 0) {
        assert_true(elapsed() == (unsigned long)self->ticks);
        AWAIT(async_sleep(ASYNC_FOREVER)); /* until the next one expires */
    }
    ASYNC_FINALLY();
    trace("%d", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static struct deep deep_frames[DEPTH];

static void make_deep(async_ticks_t outermost, async_ticks_t step)
{
    for (int i = 0; i < DEPTH; i++) {
        deep_frames[i] = ASYNC_CALL(
            deep, .next = i + 1 < DEPTH ? &deep_frames[i + 1] : NULL,
            .ticks = (async_ticks_t)(outermost - (async_ticks_t)i * step),
            .step = i == 0 ? 0 : step);
    }
}

static void of_a_hundred_nested_blocks_the_outermost_wins(void **state)
{
    (void)state;
    char expected[DEPTH + 1];
    memset(expected, '1', DEPTH);
    expected[DEPTH] = '\0';
    make_deep(10, 0);
    assert_int_equal(run(&deep_frames[0].coro), 0);
    assert_string_equal(trace_take(), expected);
    assert_true(elapsed() == 10);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_hundred_nested_blocks_expire_from_the_inside(void **state)
{
    (void)state;
    char expected[DEPTH + 1];
    memset(expected, '1', DEPTH);
    expected[DEPTH] = '\0';
    make_deep(1000, 7);
    assert_int_equal(run(&deep_frames[0].coro), 0);
    assert_string_equal(trace_take(), expected);
    assert_true(elapsed() == 1000);
}

/* --- Another limit -------------------------------------------------------- */

struct rescheduled {
    ASYNC_FRAME;
    async_timeout_t limit;
};

ASYNC_STATIC(rescheduled)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT(async_sleep(30));
        trace("ended ");
    }
    trace_expired("x", &self->limit);
    AWAIT(async_sleep(1));
    ASYNC_END();
}

struct reschedule {
    ASYNC_FRAME;
    async_timeout_t *limit;
    async_ticks_t at;
    async_ticks_t ticks;
    bool absolute;
};

ASYNC_STATIC(reschedule)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->at));
    if (self->absolute) {
        trace("%d ", async_timeout_reschedule_at(
                         self->limit, (async_time_t)(START + self->ticks)));
    } else {
        trace("%d ", async_timeout_reschedule(self->limit, self->ticks));
    }
    ASYNC_END();
}

static void reschedule_at(async_ticks_t at, async_ticks_t ticks, bool absolute,
                          const char *expected)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(rescheduled, r);
    ASYNC_OBJECT(reschedule, by, .limit = &r.limit, .at = at, .ticks = ticks,
                 .absolute = absolute);
    async_spawn(&loop, &task, &by.coro);
    assert_int_equal(run(&r.coro), 0);
    assert_string_equal(trace_take(), expected);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_limit_can_be_moved_to_an_earlier_time(void **state)
{
    (void)state;
    reschedule_at(3, 2, false, "1 x1@5");
}

static void a_limit_can_be_moved_to_a_later_time(void **state)
{
    (void)state;
    reschedule_at(3, 20, false, "1 x1@23");
}

static void a_limit_can_be_taken_away(void **state)
{
    (void)state;
    reschedule_at(3, ASYNC_FOREVER, false, "1 ended x0@30");
}

static void a_limit_can_be_moved_to_an_absolute_time(void **state)
{
    (void)state;
    reschedule_at(3, 21, true, "1 x1@21");
}

static void a_limit_moved_to_now_or_the_past_expires(void **state)
{
    (void)state;
    reschedule_at(3, 0, false, "1 x1@3");
}

static void a_limit_moved_to_a_past_time_expires(void **state)
{
    (void)state;
    reschedule_at(3, 1, true, "1 x1@3");
}

static void an_expired_block_cannot_get_another_limit(void **state)
{
    (void)state;
    /* The timer of the block is younger than the other task's, but both are
     * due in the same round, in which the limit has passed already. */
    reschedule_at(10, 20, false, "0 x1@10");
}

static void a_block_that_was_left_cannot_get_another_limit(void **state)
{
    (void)state;
    async_timeout_t never_entered = {.task_ = NULL};
    assert_false(async_timeout_reschedule(&never_entered, 5));
    ASYNC_OBJECT(single, s, .ticks = 10, .work = 2);
    assert_int_equal(run(&s.coro), 0);
    assert_false(async_timeout_reschedule(&s.limit, 5));
    assert_false(async_timeout_reschedule_at(&s.limit, START));
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    trace_clear();
}

struct postpone {
    ASYNC_FRAME;
    async_timeout_t limit;
    int i;
};

/* A watchdog: each step gives the block more time. */
ASYNC_STATIC(postpone)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, ASYNC_FOREVER) {
        for (; self->i < 20; self->i++) {
            async_timeout_reschedule(&self->limit, 10);
            AWAIT(async_sleep((async_ticks_t)self->i));
        }
    }
    trace_expired("x", &self->limit);
    trace("%d ", self->i);
    ASYNC_END();
}

static void a_block_without_a_limit_can_get_one_again_and_again(void **state)
{
    (void)state;
    ASYNC_OBJECT(postpone, p);
    assert_int_equal(run(&p.coro), 0);
    /* 0+1+...+9 passed; the sleep of 10 meets the limit of 10. */
    assert_trace("x1@55 10");
}

/* --- Cancelled meanwhile -------------------------------------------------- */

struct outer_call {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct job job;
};

ASYNC_STATIC(outer_call)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->job, job, .ticks = 50, .name = 'j', .cleanup = 6);
    }
    trace("not here ");
    ASYNC_FINALLY();
    trace("x%d@%lu ", async_timeout_expired(&self->limit), elapsed());
    ASYNC_END();
}

static void cancel_at(async_ticks_t at, const char *expected)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(outer_call, o);
    async_spawn(&loop, &task, &o.coro);
    async_ticks_t left = async_poll(&loop);
    while (left != ASYNC_FOREVER) {
        unsigned long next = elapsed() + (unsigned long)left;
        if (elapsed() < at && next >= at) {
            async_virtual_clock_advance(&virtual_clock,
                                        (async_ticks_t)(at - elapsed()));
            async_cancel(&task);
        } else {
            async_virtual_clock_advance(&virtual_clock, left);
        }
        left = async_poll(&loop);
    }
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_string_equal(trace_take(), expected);
}

static void a_cancel_before_the_limit_passes_through(void **state)
{
    (void)state;
    /* The limit comes during the cleanup and interrupts it. */
    cancel_at(3, "j< /j@9 x0@9");
}

static void a_cancel_in_the_round_of_expiry_wins(void **state)
{
    (void)state;
    cancel_at(10, "j< /j@16 x1@16");
}

static void a_cancel_during_the_cleanup_of_an_expiry_wins(void **state)
{
    (void)state;
    cancel_at(12, "j< x1@12");
}

static void
a_limit_that_passes_in_the_cleanup_of_a_cancel_interrupts(void **state)
{
    (void)state;
    cancel_at(7, "j< x1@10");
}

/* --- In the cleanup ------------------------------------------------------- */

struct limited_cleanup {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_event_t flushed;
};

/* What firmware does: at most so long to flush, then switch off. */
ASYNC_STATIC(limited_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(30));
    ASYNC_FINALLY();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT(async_event_wait(&self->flushed));
    }
    trace_expired("x", &self->limit);
    trace("off ");
    ASYNC_END();
}

static void a_block_in_the_cleanup_expires(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited_cleanup, c);
    assert_int_equal(run(&c.coro), 0);
    assert_trace("x1@35 off");
}

static void a_block_in_the_cleanup_of_a_cancelled_task_expires(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limited_cleanup, c);
    async_spawn(&loop, &task, &c.coro);
    async_poll(&loop);
    async_cancel(&task);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_CANCELLED);
    assert_trace("x1@5 off");
}

struct outside_limit {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct limited_cleanup call;
};

ASYNC_STATIC(outside_limit)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 3) {
        AWAIT_CALL(self->call, limited_cleanup);
    }
    trace_expired("o", &self->limit);
    ASYNC_END();
}

static void a_block_in_the_cleanup_of_an_expired_one_expires(void **state)
{
    (void)state;
    ASYNC_OBJECT(outside_limit, o);
    assert_int_equal(run(&o.coro), 0);
    assert_trace("x1@8 off o1@8");
}

struct two_steps {
    ASYNC_FRAME;
};

ASYNC_STATIC(two_steps)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(100));
    ASYNC_FINALLY();
    trace("steps@%lu ", elapsed());
    AWAIT(async_sleep(100));
    ASYNC_END();
}

/* While the call in the cleanup cleans up itself, the limit passes. */
struct cleanup_with_call {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct two_steps call;
};

ASYNC_STATIC(cleanup_with_call)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1000));
    ASYNC_FINALLY();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->call, two_steps);
    }
    trace_expired("goes on, x", &self->limit);
    AWAIT(async_sleep(500));
    trace("wrong@%lu ", elapsed());
    ASYNC_END();
}

struct limit_two {
    ASYNC_FRAME;
    async_ticks_t outer_ticks;
    async_ticks_t inner_ticks;
    async_timeout_t outer;
    async_timeout_t inner;
    struct cleanup_with_call call;
};

ASYNC_STATIC(limit_two)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->outer, self->outer_ticks) {
        ASYNC_TIMEOUT(&self->inner, self->inner_ticks) {
            AWAIT_CALL(self->call, cleanup_with_call);
        }
        trace("inner@%lu ", elapsed());
    }
    trace("outer@%lu ", elapsed());
    ASYNC_END();
}

struct cancel_twice {
    ASYNC_FRAME;
    async_ticks_t first;
    async_ticks_t second;
    async_task_t *task;
    int error;
};

ASYNC_STATIC(cancel_twice)
{
    ASYNC_BEGIN();
    if (self->first != 0) {
        AWAIT(async_sleep(self->first));
        async_cancel(self->task);
    }
    if (self->second != 0) {
        AWAIT(async_sleep_until((async_time_t)(START + self->second)));
        async_cancel(self->task);
    }
    AWAIT_CATCH(self->error, async_join(self->task));
    trace("%d@%lu ", self->error, elapsed());
    ASYNC_END();
}

static void ask_twice(async_ticks_t outer, async_ticks_t inner,
                      async_ticks_t first, async_ticks_t second,
                      const char *expected)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limit_two, l, .outer_ticks = outer, .inner_ticks = inner);
    ASYNC_OBJECT(cancel_twice, c, .first = first, .second = second,
                 .task = &task);
    async_spawn(&loop, &task, &l.coro);
    assert_int_equal(run(&c.coro), 0);
    assert_string_equal(trace_take(), expected);
}

static void a_block_in_the_cleanup_lets_a_second_cancel_pass(void **state)
{
    (void)state;
    ask_twice(ASYNC_FOREVER, ASYNC_FOREVER, 1, 4, "steps@4 -200@11");
    ask_twice(ASYNC_FOREVER, 1, 0, 4, "steps@4 -200@11");
}

static void a_block_in_the_cleanup_lets_an_outer_expiry_pass(void **state)
{
    (void)state;
    /* The first asker is a cancel, then an inner block. */
    ask_twice(4, ASYNC_FOREVER, 1, 0, "steps@4 -200@11");
    ask_twice(4, 1, 0, 0, "steps@4 outer@11 0@11");
}

static void a_block_in_the_cleanup_ends_only_its_own_cancellation(void **state)
{
    (void)state;
    /* Nobody asks while it is open, so the cleanup goes on behind it. */
    ask_twice(ASYNC_FOREVER, ASYNC_FOREVER, 1, 0,
              "steps@11 goes on, x1@111 wrong@611 -200@611");
}

struct fail_in_cleanup {
    ASYNC_FRAME;
};

ASYNC_STATIC(fail_in_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    ASYNC_FINALLY();
    ASYNC_RAISE(-5);
    ASYNC_END();
}

struct limit_later {
    ASYNC_FRAME;
    async_try_t attempt;
    async_timeout_t limit;
    struct fail_in_cleanup call;
};

ASYNC_STATIC(limit_later)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->call, fail_in_cleanup);
    }
    trace("caught%d ", async_try_error(&self->attempt));
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT(async_sleep(100));
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void
a_block_behind_a_cancellation_that_was_replaced_expires(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limit_later, l);
    ASYNC_OBJECT(cancel_twice, c, .first = 1, .task = &task);
    async_spawn(&loop, &task, &l.coro);
    assert_int_equal(run(&c.coro), 0);
    assert_trace("caught-5 x1@6 0@6");
}

struct reap_inner {
    ASYNC_FRAME;
    async_task_t *task;
    int error;
};

/* The cleanup cancels a helper task and waits for its end. */
ASYNC_STATIC(reap_inner)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    async_cancel(self->task);
    AWAIT_CATCH(self->error, async_join(self->task));
    trace("joined%d ", self->error);
    ASYNC_END();
}

struct reap_outer {
    ASYNC_FRAME;
    async_task_t task;
    struct job job;
    async_timeout_t limit;
    struct reap_inner inner;
};

ASYNC_STATIC(reap_outer)
{
    ASYNC_BEGIN();
    self->job = ASYNC_CALL(job, .ticks = 100, .name = 'j');
    async_spawn(&loop, &self->task, &self->job.coro);
    ASYNC_TIMEOUT(&self->limit, 4) {
        AWAIT_CALL(self->inner, reap_inner, .task = &self->task);
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void cleanup_of_an_expiry_can_reap_a_cancelled_task(void **state)
{
    (void)state;
    ASYNC_OBJECT(reap_outer, r);
    assert_int_equal(run(&r.coro), 0);
    assert_trace("j< /j@4 joined-200 x1@4");
}

/* --- With ASYNC_TRY, AWAIT_CATCH ------------------------------------------ */

struct catching {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_try_t attempt;
    struct job job;
    async_event_t never;
    int way;
    int error;
};

ASYNC_STATIC(catching)
{
    ASYNC_BEGIN();
    if (self->way == 0) { /* try inside: does not see the expiry */
        ASYNC_TIMEOUT(&self->limit, 5) {
            ASYNC_TRY(&self->attempt) {
                AWAIT_CALL(self->job, job, .ticks = 9, .name = 'j');
            }
            trace("not here ");
        }
    } else if (self->way == 1) { /* try inside: catches an error */
        ASYNC_TIMEOUT(&self->limit, 5) {
            ASYNC_TRY(&self->attempt) {
                AWAIT_CALL(self->job, job, .ticks = 2, .name = 'j',
                           .error = -4);
            }
            trace("c%d@%lu ", async_try_error(&self->attempt), elapsed());
            AWAIT(async_event_wait(&self->never));
            trace("not here ");
        }
    } else if (self->way == 2) { /* try outside: sees nothing of the expiry */
        ASYNC_TRY(&self->attempt) {
            ASYNC_TIMEOUT(&self->limit, 5) {
                AWAIT_CALL(self->job, job, .ticks = 9, .name = 'j');
            }
            trace_expired("i", &self->limit);
            if (async_timeout_expired(&self->limit)) {
                ASYNC_RAISE(ASYNC_ERR_TIMEOUT);
            }
        }
    } else if (self->way == 3) { /* AWAIT_CATCH does not catch the expiry */
        ASYNC_TIMEOUT(&self->limit, 5) {
            AWAIT_CATCH(self->error, async_event_wait(&self->never));
            trace("not here ");
        }
    } else if (self->way == 4) { /* a limit inside the block */
        ASYNC_TIMEOUT(&self->limit, 5) {
            AWAIT_CATCH(self->error,
                        async_wait_for(async_event_wait(&self->never), 2));
            trace("w%d@%lu ", self->error, elapsed());
            AWAIT_CATCH(self->error,
                        async_wait_for(async_event_wait(&self->never), 20));
            trace("not here ");
        }
    } else if (self->way == 5) { /* AWAIT_UNTIL */
        ASYNC_TIMEOUT(&self->limit, 5) {
            AWAIT_UNTIL(self->error != 0);
            trace("not here ");
        }
    }
    trace("t%d x%d@%lu ", async_try_error(&self->attempt),
          async_timeout_expired(&self->limit), elapsed());
    AWAIT(async_sleep(20));
    ASYNC_END();
}

static void run_catching(int way, const char *expected)
{
    ASYNC_OBJECT(catching, c, .way = way);
    assert_int_equal(run(&c.coro), 0);
    assert_string_equal(trace_take(), expected);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_try_inside_the_block_does_not_catch_the_expiry(void **state)
{
    (void)state;
    run_catching(0, "j< /j@5 t0 x1@5");
}

static void a_try_inside_the_block_catches_errors(void **state)
{
    (void)state;
    run_catching(1, "j< >j /j@2 c-4@2 t-4 x1@5");
}

static void a_try_around_the_block_catches_what_is_raised_behind(void **state)
{
    (void)state;
    run_catching(2, "j< /j@5 i1@5 t-201 x1@5");
}

static void an_await_catch_does_not_catch_the_expiry(void **state)
{
    (void)state;
    run_catching(3, "t0 x1@5");
}

static void a_limit_on_a_wait_works_inside_the_block(void **state)
{
    (void)state;
    run_catching(4, "w-201@2 t0 x1@5");
}

static void a_condition_that_is_polled_can_time_out(void **state)
{
    (void)state;
    run_catching(5, "t0 x1@5");
}

struct raise_in_cleanup {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(raise_in_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    ASYNC_RAISE(self->error);
    ASYNC_END();
}

struct bad_cleanup {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct raise_in_cleanup call;
};

ASYNC_STATIC(bad_cleanup)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->call, raise_in_cleanup, .error = -6);
    }
    trace("not here ");
    ASYNC_END();
}

static void an_error_in_the_cleanup_takes_the_place_of_the_expiry(void **state)
{
    (void)state;
    ASYNC_OBJECT(bad_cleanup, b);
    assert_int_equal(run(&b.coro), -6);
    assert_true(async_timeout_expired(&b.limit));
    assert_trace("");
}

/* --- Around a join -------------------------------------------------------- */

struct joining {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_task_t *task;
    async_ticks_t ticks;
};

ASYNC_STATIC(joining)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, self->ticks) {
        AWAIT(async_join(self->task));
        trace("joined ");
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void a_block_around_a_join_leaves_the_joined_task_alone(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joiner = ASYNC_TASK_INIT;
    ASYNC_OBJECT(job, a, .ticks = 9, .name = 'j');
    ASYNC_OBJECT(joining, b, .task = &task, .ticks = 5);
    ASYNC_OBJECT(joining, c, .task = &task, .ticks = 20);
    async_spawn(&loop, &task, &a.coro);
    async_spawn(&loop, &joiner, &b.coro);
    assert_int_equal(run(&c.coro), 0);
    assert_trace("j< x1@5 >j /j@9 joined x0@9");
}

struct late_failure {
    ASYNC_FRAME;
};

/* Fails in a step that lasts until the joiner's limit has passed. */
ASYNC_STATIC(late_failure)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(3));
    async_virtual_clock_advance(&virtual_clock, 7);
    ASYNC_RAISE(-5);
    ASYNC_END();
}

static void the_error_of_a_join_that_is_given_up_stays_to_be_taken(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t joiner = ASYNC_TASK_INIT;
    ASYNC_OBJECT(late_failure, f);
    ASYNC_OBJECT(joining, b, .task = &task, .ticks = 10);
    async_spawn(&loop, &task, &f.coro);
    async_spawn(&loop, &joiner, &b.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 3);
    async_poll(&loop);
    async_poll(&loop);
    int joined = async_task_error(&joiner);
    if (joined == 0) { /* given up: then nobody has taken the error */
        assert_true(async_timeout_expired(&b.limit));
        assert_int_equal(async_loop_close(&loop), 1);
        expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    } else {
        assert_int_equal(joined, -5);
    }
    trace_clear();
}

/* --- ASYNC_FAIL_AFTER ----------------------------------------------------- */

/* A block around whatever is awaited; it raises its expiry or goes on. */
struct block {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_coro_t *inner;
    async_ticks_t ticks;
    bool fails;
    char name;
};

ASYNC_STATIC(block)
{
    ASYNC_BEGIN();
    if (self->fails) {
        ASYNC_FAIL_AFTER(&self->limit, self->ticks) {
            AWAIT(async_call(self->inner));
            trace("in-%c ", self->name);
        }
    } else {
        ASYNC_TIMEOUT(&self->limit, self->ticks) {
            AWAIT(async_call(self->inner));
            trace("in-%c ", self->name);
        }
    }
    trace("behind-%c ", self->name);
    ASYNC_FINALLY();
    trace("%c%d@%lu ", self->name, async_timeout_expired(&self->limit),
          elapsed());
    ASYNC_END();
}

static void fail_after(async_ticks_t ticks, struct job job, int error,
                       const char *expected)
{
    ASYNC_OBJECT(block, b, .ticks = ticks, .fails = true, .name = 'b',
                 .inner = &job.coro);
    assert_int_equal(run(&b.coro), error);
    assert_string_equal(trace_take(), expected);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_failing_block_that_ends_in_time_raises_nothing(void **state)
{
    (void)state;
    fail_after(10, ASYNC_CALL(job, .ticks = 9, .name = 'j'), 0,
               "j< >j /j@9 in-b behind-b b0@9");
}

static void a_failing_block_whose_time_is_up_raises_a_timeout(void **state)
{
    (void)state;
    fail_after(10, ASYNC_CALL(job, .ticks = 30, .name = 'j'), ASYNC_ERR_TIMEOUT,
               "j< /j@10 b1@10");
}

static void a_failing_block_without_a_limit_ends_by_itself(void **state)
{
    (void)state;
    fail_after(ASYNC_FOREVER, ASYNC_CALL(job, .ticks = 30, .name = 'j'), 0,
               "j< >j /j@30 in-b behind-b b0@30");
}

static void a_failing_block_with_a_limit_beyond_the_range_fails(void **state)
{
    (void)state;
    fail_after((async_ticks_t)(ASYNC_TICKS_MAX + 1),
               ASYNC_CALL(job, .ticks = 5, .name = 'j'), ASYNC_ERR_TIMEOUT,
               "j< /j@0 b1@0");
    expect_report(ASYNC_REPORT_TOO_LONG);
}

static void
the_timeout_is_raised_when_cleanup_in_the_block_is_over(void **state)
{
    (void)state;
    fail_after(10, ASYNC_CALL(job, .ticks = 30, .cleanup = 25, .name = 'j'),
               ASYNC_ERR_TIMEOUT, "j< /j@35 b1@35");
}

static void an_error_in_a_failing_block_goes_up_as_it_is(void **state)
{
    (void)state;
    fail_after(10, ASYNC_CALL(job, .ticks = 3, .error = -9, .name = 'j'), -9,
               "j< >j /j@3 b0@3");
}

static void an_error_in_the_cleanup_takes_the_place_of_the_timeout(void **state)
{
    (void)state;
    ASYNC_OBJECT(raise_in_cleanup, inner, .error = -33);
    ASYNC_OBJECT(block, b, .ticks = 10, .fails = true, .name = 'b',
                 .inner = &inner.coro);
    assert_int_equal(run(&b.coro), -33);
    assert_trace("b1@10");
}

/* Two blocks around a job of 50 ticks. */
static void fail_in_two(async_ticks_t outer, bool outer_fails,
                        async_ticks_t inner, bool inner_fails, int error,
                        const char *expected)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    ASYNC_OBJECT(job, j, .ticks = 50, .name = 'j');
    ASYNC_OBJECT(block, i, .ticks = inner, .fails = inner_fails, .name = 'i',
                 .inner = &j.coro);
    ASYNC_OBJECT(block, o, .ticks = outer, .fails = outer_fails, .name = 'o',
                 .inner = &i.coro);
    assert_int_equal(run(&o.coro), error);
    assert_string_equal(trace_take(), expected);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void of_two_failing_blocks_the_one_that_expires_raises(void **state)
{
    (void)state;
    fail_in_two(20, true, 10, true, ASYNC_ERR_TIMEOUT, "j< /j@10 i1@10 o0@10");
    fail_in_two(20, true, 30, true, ASYNC_ERR_TIMEOUT, "j< /j@20 i0@20 o1@20");
}

static void
when_two_failing_blocks_expire_at_once_the_outer_raises(void **state)
{
    (void)state;
    fail_in_two(10, true, 10, true, ASYNC_ERR_TIMEOUT, "j< /j@10 i1@10 o1@10");
}

static void a_failing_block_raises_through_a_timeout_around_it(void **state)
{
    (void)state;
    fail_in_two(20, false, 10, true, ASYNC_ERR_TIMEOUT, "j< /j@10 i1@10 o0@10");
}

static void
a_timeout_around_a_failing_block_goes_on_when_it_expires(void **state)
{
    (void)state;
    fail_in_two(10, false, 20, true, 0, "j< /j@10 i0@10 behind-o o1@10");
    fail_in_two(10, false, 10, true, 0, "j< /j@10 i1@10 behind-o o1@10");
}

static void a_timeout_inside_a_failing_block_goes_on_in_it(void **state)
{
    (void)state;
    fail_in_two(20, true, 10, false, 0,
                "j< /j@10 behind-i i1@10 in-o behind-o o0@10");
}

static void
a_failing_block_around_a_timeout_raises_when_it_expires(void **state)
{
    (void)state;
    fail_in_two(10, true, 20, false, ASYNC_ERR_TIMEOUT, "j< /j@10 i0@10 o1@10");
    fail_in_two(10, true, 10, false, ASYNC_ERR_TIMEOUT, "j< /j@10 i1@10 o1@10");
}

/* Cancelled at a time, with a limit of 10 and a cleanup of 6 in the block. */
static void cancel_failing_at(async_ticks_t at, int error, const char *expected)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(job, j, .ticks = 50, .cleanup = 6, .name = 'j');
    ASYNC_OBJECT(block, b, .ticks = 10, .fails = true, .name = 'b',
                 .inner = &j.coro);
    async_spawn(&loop, &task, &b.coro);
    for (async_ticks_t now = 0; !async_task_done(&task); now++) {
        async_poll(&loop);
        async_virtual_clock_advance(&virtual_clock, 1);
        if (now + 1 == at) {
            async_cancel(&task);
        }
    }
    assert_int_equal(async_task_error(&task), error);
    assert_string_equal(trace_take(), expected);
}

static void a_cancel_before_the_limit_is_no_timeout(void **state)
{
    (void)state;
    cancel_failing_at(3, ASYNC_ERR_CANCELLED, "j< /j@9 b0@9");
}

static void a_cancel_in_the_round_of_expiry_is_no_timeout(void **state)
{
    (void)state;
    cancel_failing_at(10, ASYNC_ERR_CANCELLED, "j< /j@16 b1@16");
}

static void a_cancel_during_the_cleanup_of_an_expiry_is_no_timeout(void **state)
{
    (void)state;
    cancel_failing_at(12, ASYNC_ERR_CANCELLED, "j< b1@12");
}

/* The cleanup of the cancellation is cut short; who cancelled wins still. */
static void a_limit_in_the_cleanup_of_a_cancel_is_no_timeout(void **state)
{
    (void)state;
    cancel_failing_at(7, ASYNC_ERR_CANCELLED, "j< b1@10");
}

struct failing_cleanup {
    ASYNC_FRAME;
    async_timeout_t limit;
};

ASYNC_STATIC(failing_cleanup)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    ASYNC_FAIL_AFTER(&self->limit, 5) {
        AWAIT(async_sleep(ASYNC_FOREVER));
    }
    trace("not here ");
    ASYNC_END();
}

static void
a_failing_block_in_the_cleanup_of_a_cancelled_task_raises(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(failing_cleanup, f);
    async_spawn(&loop, &task, &f.coro);
    async_poll(&loop);
    async_cancel(&task);
    async_poll(&loop);
    assert_false(async_task_done(&task));
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_TIMEOUT);
    assert_trace("");
}

/* The same scope, first failing, then not; each time caught around. */
struct twice {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_try_t attempt;
    int error;
    int i;
};

ASYNC_STATIC(twice)
{
    ASYNC_BEGIN();
    for (; self->i < 2; self->i++) {
        ASYNC_TRY(&self->attempt) {
            ASYNC_FAIL_AFTER(&self->limit, 10) {
                AWAIT_CATCH(self->error, async_sleep(ASYNC_FOREVER));
                trace("not here ");
            }
            trace("nor here ");
        }
        trace("e%d ", async_try_error(&self->attempt));
        trace_expired("x", &self->limit);
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
        trace_expired("y", &self->limit);
    }
    ASYNC_END();
}

static void a_try_around_a_failing_block_catches_the_timeout(void **state)
{
    (void)state;
    ASYNC_OBJECT(twice, t);
    assert_int_equal(run(&t.coro), 0);
    assert_trace("e-201 x1@10 y1@20 e-201 x1@30 y1@40");
}

struct reschedule_failing {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_ticks_t ticks;
};

ASYNC_STATIC(reschedule_failing)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 10) {
        AWAIT(async_sleep(5));
        trace("moved%d ", async_timeout_reschedule(&self->limit, self->ticks));
        AWAIT(async_sleep(30));
        trace("end ");
    }
    ASYNC_FINALLY();
    trace_expired("x", &self->limit);
    trace("again%d ", async_timeout_reschedule(&self->limit, 1));
    ASYNC_END();
}

static void a_failing_block_can_get_another_limit(void **state)
{
    (void)state;
    static const struct {
        async_ticks_t ticks;
        int error;
        const char *trace;
    } cases[] = {
        {2, ASYNC_ERR_TIMEOUT, "moved1 x1@7 again0"},
        {20, ASYNC_ERR_TIMEOUT, "moved1 x1@25 again0"},
        {40, 0, "moved1 end x0@35 again0"},
        {ASYNC_FOREVER, 0, "moved1 end x0@35 again0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
        ASYNC_OBJECT(reschedule_failing, r, .ticks = cases[i].ticks);
        assert_int_equal(run(&r.coro), cases[i].error);
        assert_string_equal(trace_take(), cases[i].trace);
    }
}

struct leave_failing {
    ASYNC_FRAME;
    int result;
    async_timeout_t limit;
    int way;
};

ASYNC_STATIC(leave_failing)
{
    ASYNC_BEGIN();
    ASYNC_FAIL_AFTER(&self->limit, 10) {
        AWAIT(async_sleep(1));
        if (self->way == 'b') {
            break;
        } else if (self->way == 'r') {
            ASYNC_RETURN(42);
        } else if (self->way == 'e') {
            ASYNC_RAISE(-8);
        }
        trace("end ");
    }
    trace("behind ");
    ASYNC_FINALLY();
    AWAIT(async_sleep(30)); /* a timer left behind would strike here */
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void leave_failing_by(int way, int error, const char *expected)
{
    ASYNC_OBJECT(leave_failing, l, .way = way);
    assert_int_equal(run(&l.coro), error);
    assert_int_equal(l.result, way == 'r' ? 42 : 0);
    assert_string_equal(trace_take(), expected);
}

static void every_way_out_of_a_failing_block_stops_the_timer(void **state)
{
    (void)state;
    leave_failing_by('n', 0, "end behind x0@31");
    leave_failing_by('b', 0, "behind x0@62");
    leave_failing_by('r', 0, "x0@93");
    leave_failing_by('e', -8, "x0@124");
}

/* --- From an interrupt ---------------------------------------------------- */

struct wait_in_block {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_event_t *event;
};

ASYNC_STATIC(wait_in_block)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT(async_event_wait(self->event));
        trace("set@%lu ", elapsed());
    }
    trace_expired("x", &self->limit);
    ASYNC_END();
}

static void interrupt_at(async_ticks_t time, const char *expected)
{
    async_event_t event = {0};
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + time), set_event, &event);
    ASYNC_OBJECT(wait_in_block, w, .event = &event);
    assert_int_equal(run(&w.coro), 0);
    assert_string_equal(trace_take(), expected);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void an_interrupt_before_the_limit_ends_the_wait(void **state)
{
    (void)state;
    interrupt_at(4, "set@4 x0@4");
}

static void an_interrupt_after_the_limit_finds_nobody(void **state)
{
    (void)state;
    interrupt_at(6, "x1@5");
}

static void
an_interrupt_in_the_tick_of_the_limit_ends_the_block_once(void **state)
{
    (void)state;
    /* The wait has ended, but the time of the block is up as well. */
    interrupt_at(5, "x1@5");
}

struct limited_sleep {
    ASYNC_FRAME;
    async_ticks_t limit;
    async_timeout_t timeout;
};

ASYNC_STATIC(limited_sleep)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->timeout, self->limit) {
        AWAIT(async_sleep(100));
    }
    ASYNC_END();
}

static void a_loop_with_open_timeouts_closes(void **state)
{
    (void)state;
    async_virtual_clock_t clock;
    async_loop_t one;
    async_loop_init(&one, async_virtual_clock_init(&clock, 0));
    struct limited_sleep objects[3];
    async_task_t tasks[3];
    for (int i = 0; i < 3; i++) {
        objects[i] = ASYNC_CALL(limited_sleep, .limit = (async_ticks_t)i + 1);
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        async_spawn(&one, &tasks[i], &objects[i].coro);
    }
    async_poll(&one);
    assert_int_equal(async_loop_close(&one), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(async_task_error(&tasks[i]), ASYNC_ERR_CANCELLED);
    }
}

struct left_open {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_event_t never;
};

ASYNC_STATIC(left_open)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->never));
    ASYNC_FINALLY();
    ASYNC_TIMEOUT(&self->limit, ASYNC_FOREVER) {
        AWAIT(async_event_wait(&self->never));
    }
    ASYNC_END();
}

static void a_block_of_a_task_that_was_dropped_is_not_open(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    struct left_open object = ASYNC_CALL(left_open);
    async_spawn(&loop, &task, &object.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    assert_false(async_timeout_reschedule(&object.limit, 5));
    assert_false(async_timeout_reschedule_at(&object.limit, START));

    /* The loop knows nothing of its memory any more. */
    memset(&object, 0xA5, sizeof object);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_int_equal(async_loop_close(&loop), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        async_test(a_loop_with_open_timeouts_closes),
        TEST(a_block_that_ends_in_time_has_not_expired),
        TEST(a_block_whose_time_is_up_is_ended),
        TEST(a_limit_of_0_ends_the_block_at_its_first_pause),
        TEST(a_limit_of_forever_is_no_limit),
        TEST(a_limit_beyond_the_range_is_reported_and_expires_at_once),
        TEST(an_error_in_the_block_goes_up_and_stops_the_timer),
        TEST(an_error_raised_before_the_loop_sees_the_limit_goes_up),
        TEST(a_body_due_in_the_round_of_expiry_does_not_go_on),
        TEST(a_limit_at_a_future_time_expires_then),
        TEST(a_limit_at_a_past_time_expires_in_the_next_round),
        TEST(a_limit_in_the_past_expires_beside_the_longest_sleep),
        TEST(a_block_may_be_one_statement),
        TEST(the_end_of_the_block_stops_the_timer),
        TEST(break_leaves_the_block_and_stops_the_timer),
        TEST(continue_leaves_the_block_and_stops_the_timer),
        TEST(return_stops_the_timer),
        TEST(raise_stops_the_timer),
        TEST(a_block_in_a_loop_can_expire_each_time),
        TEST(entering_the_block_again_forgets_the_last_expiry),
        TEST(the_inner_block_expires_alone),
        TEST(the_outer_block_expires_first),
        TEST(when_both_expire_at_once_the_outer_block_wins),
        TEST(the_inner_block_then_the_outer_one_in_what_follows),
        TEST(cleanup_that_awaits_delays_the_end_of_the_block),
        TEST(cleanup_longer_than_the_outer_limit_is_ended_by_it),
        TEST(expiry_while_cleanup_of_an_outer_expiry_runs),
        TEST(of_a_hundred_nested_blocks_the_outermost_wins),
        TEST(a_hundred_nested_blocks_expire_from_the_inside),
        TEST(a_limit_can_be_moved_to_an_earlier_time),
        TEST(a_limit_can_be_moved_to_a_later_time),
        TEST(a_limit_can_be_taken_away),
        TEST(a_limit_can_be_moved_to_an_absolute_time),
        TEST(a_limit_moved_to_now_or_the_past_expires),
        TEST(a_limit_moved_to_a_past_time_expires),
        TEST(an_expired_block_cannot_get_another_limit),
        TEST(a_block_that_was_left_cannot_get_another_limit),
        TEST(a_block_without_a_limit_can_get_one_again_and_again),
        TEST(a_cancel_before_the_limit_passes_through),
        TEST(a_cancel_in_the_round_of_expiry_wins),
        TEST(a_cancel_during_the_cleanup_of_an_expiry_wins),
        TEST(a_limit_that_passes_in_the_cleanup_of_a_cancel_interrupts),
        TEST(a_block_in_the_cleanup_expires),
        TEST(a_block_in_the_cleanup_of_a_cancelled_task_expires),
        TEST(a_block_in_the_cleanup_of_an_expired_one_expires),
        TEST(a_block_in_the_cleanup_lets_a_second_cancel_pass),
        TEST(a_block_in_the_cleanup_lets_an_outer_expiry_pass),
        TEST(a_block_in_the_cleanup_ends_only_its_own_cancellation),
        TEST(a_block_behind_a_cancellation_that_was_replaced_expires),
        TEST(cleanup_of_an_expiry_can_reap_a_cancelled_task),
        TEST(a_try_inside_the_block_does_not_catch_the_expiry),
        TEST(a_try_inside_the_block_catches_errors),
        TEST(a_try_around_the_block_catches_what_is_raised_behind),
        TEST(an_await_catch_does_not_catch_the_expiry),
        TEST(a_limit_on_a_wait_works_inside_the_block),
        TEST(a_condition_that_is_polled_can_time_out),
        TEST(an_error_in_the_cleanup_takes_the_place_of_the_expiry),
        TEST(a_block_around_a_join_leaves_the_joined_task_alone),
        TEST(the_error_of_a_join_that_is_given_up_stays_to_be_taken),
        TEST(an_interrupt_before_the_limit_ends_the_wait),
        TEST(an_interrupt_after_the_limit_finds_nobody),
        TEST(an_interrupt_in_the_tick_of_the_limit_ends_the_block_once),
        TEST(a_block_of_a_task_that_was_dropped_is_not_open),
        TEST(a_failing_block_that_ends_in_time_raises_nothing),
        TEST(a_failing_block_whose_time_is_up_raises_a_timeout),
        TEST(a_failing_block_without_a_limit_ends_by_itself),
        TEST(a_failing_block_with_a_limit_beyond_the_range_fails),
        TEST(the_timeout_is_raised_when_cleanup_in_the_block_is_over),
        TEST(an_error_in_a_failing_block_goes_up_as_it_is),
        TEST(an_error_in_the_cleanup_takes_the_place_of_the_timeout),
        TEST(of_two_failing_blocks_the_one_that_expires_raises),
        TEST(when_two_failing_blocks_expire_at_once_the_outer_raises),
        TEST(a_failing_block_raises_through_a_timeout_around_it),
        TEST(a_timeout_around_a_failing_block_goes_on_when_it_expires),
        TEST(a_timeout_inside_a_failing_block_goes_on_in_it),
        TEST(a_failing_block_around_a_timeout_raises_when_it_expires),
        TEST(a_cancel_before_the_limit_is_no_timeout),
        TEST(a_cancel_in_the_round_of_expiry_is_no_timeout),
        TEST(a_cancel_during_the_cleanup_of_an_expiry_is_no_timeout),
        TEST(a_limit_in_the_cleanup_of_a_cancel_is_no_timeout),
        TEST(a_failing_block_in_the_cleanup_of_a_cancelled_task_raises),
        TEST(a_try_around_a_failing_block_catches_the_timeout),
        TEST(a_failing_block_can_get_another_limit),
        TEST(every_way_out_of_a_failing_block_stops_the_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
