/* SPDX-License-Identifier: MIT */

/*
 * Shields: a block runs to its end, and the cancellation comes there.
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

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) -
                                         JUST_BEFORE_THE_WRAP);
}

static void settle_down(void)
{
    while (async_poll(&loop) == 0) {
    }
}

static void pass(unsigned ticks)
{
    settle_down();
    for (unsigned i = 0; i < ticks; i++) {
        async_virtual_clock_advance(&virtual_clock, 1);
        settle_down();
    }
}

struct work {
    ASYNC_FRAME;
    async_ticks_t ticks;
    int error;
};

ASYNC_STATIC(work)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    trace("worked@%lu ", elapsed());
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_FINALLY();
    trace("/work@%lu ", elapsed());
    ASYNC_END();
}

enum how {
    AT_ITS_END,
    BY_BREAK,
    BY_CONTINUE,
    BY_RETURN,
    BY_RAISE,
    BY_AN_ERROR_BELOW,
    BY_CANCELLING_ITSELF,
    BY_CANCELLING_ITSELF_AND_WAITING
};

/* Works before, in (3 ticks), and behind the shield. */
struct app {
    ASYNC_FRAME;
    int result;
    async_shield_t shield;
    async_try_t attempt;
    struct work work;
    async_ticks_t before;
    enum how how;
};

ASYNC_STATIC(app)
{
    ASYNC_BEGIN();
    if (self->before != 0) {
        AWAIT(async_sleep(self->before));
    }
    ASYNC_TRY(&self->attempt) {
        ASYNC_SHIELD(&self->shield) {
            if (self->how == BY_CANCELLING_ITSELF ||
                self->how == BY_CANCELLING_ITSELF_AND_WAITING) {
                async_cancel(async_current_task());
            }
            if (self->how != BY_CANCELLING_ITSELF) {
                AWAIT_CALL(self->work, work, .ticks = 3,
                           .error = self->how == BY_AN_ERROR_BELOW ? -7 : 0);
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
                ASYNC_RAISE(-8);
            }
            trace("end ");
        }
        trace("behind@%lu ", elapsed());
    }
    trace("error%d ", async_try_error(&self->attempt));
    AWAIT(async_sleep(2));
    trace("on@%lu ", elapsed());
    ASYNC_FINALLY();
    trace("/@%lu ", elapsed());
    ASYNC_END();
}

static struct app app;
static async_task_t task;

static void start(enum how how)
{
    task = (async_task_t)ASYNC_TASK_INIT;
    app = ASYNC_CALL(app, .how = how);
    async_spawn(&loop, &task, &app.coro);
    settle_down();
}

static void assert_ended(int error)
{
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), error);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

/* --- Not cancelled -------------------------------------------------------- */

static void a_shield_alone_changes_nothing(void **state)
{
    (void)state;
    start(AT_ITS_END);
    pass(5);
    assert_trace("worked@3 /work@3 end behind@3 error0 on@5 /@5");
    assert_ended(0);
}

static void errors_returns_and_jumps_leave_the_block_as_always(void **state)
{
    (void)state;
    static const char *const expected[] = {
        [BY_BREAK] = "worked@3 /work@3 behind@3 error0 on@5 /@5",
        [BY_CONTINUE] = "worked@8 /work@8 behind@8 error0 on@10 /@10",
        [BY_RETURN] = "worked@13 /work@13 /@13",
        [BY_RAISE] = "worked@18 /work@18 error-8 on@20 /@20",
        [BY_AN_ERROR_BELOW] = "worked@23 /work@23 error-7 on@25 /@25",
    };
    for (int how = BY_BREAK; how <= BY_AN_ERROR_BELOW; how++) {
        start((enum how)how);
        pass(5);
        assert_string_equal(trace_take(), expected[how]);
        assert_ended(0);
        assert_int_equal(app.result, how == BY_RETURN ? 42 : 0);
    }
}

/* --- Cancelled ------------------------------------------------------------ */

static void a_cancellation_comes_at_the_end_of_the_block(void **state)
{
    (void)state;
    start(AT_ITS_END);
    pass(1);
    assert_true(async_cancel(&task));
    assert_true(async_task_cancelling(&task));
    pass(3);
    /* not caught by ASYNC_TRY, and at the end, not at the next AWAIT */
    assert_trace("worked@3 /work@3 end /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void
a_cancellation_takes_the_place_of_what_the_block_is_left_by(void **s)
{
    (void)s;
    for (int how = BY_BREAK; how <= BY_AN_ERROR_BELOW; how++) {
        unsigned long from = elapsed();
        start((enum how)how);
        pass(1);
        async_cancel(&task);
        pass(2);
        assert_ended(ASYNC_ERR_CANCELLED);
        if (how >= BY_RAISE) {
            expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
        }
        assert_int_equal(elapsed(), from + 3);
        assert_int_equal(async_try_error(&app.attempt), 0);
        trace_clear();
    }
}

static void cancelling_twice_is_cancelling_once(void **state)
{
    (void)state;
    start(AT_ITS_END);
    async_cancel(&task);
    pass(1);
    async_cancel(&task);
    pass(2);
    assert_trace("worked@3 /work@3 end /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void a_task_that_cancels_itself_in_the_block(void **state)
{
    (void)state;
    start(BY_CANCELLING_ITSELF);
    assert_trace("end /@0");
    assert_ended(ASYNC_ERR_CANCELLED);
    start(BY_CANCELLING_ITSELF_AND_WAITING);
    pass(3);
    assert_trace("worked@3 /work@3 end /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

struct brief {
    ASYNC_FRAME;
    async_shield_t shield;
};

ASYNC_STATIC(brief)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        async_cancel(async_current_task());
    }
    ASYNC_FINALLY();
    trace("cleaned ");
    ASYNC_END();
}

static void
a_body_that_has_met_no_await_is_cleaned_up_behind_the_block(void **s)
{
    static struct brief brief;
    (void)s;
    task = (async_task_t)ASYNC_TASK_INIT;
    brief = ASYNC_CALL(brief);
    async_spawn(&loop, &task, &brief.coro);
    settle_down();
    assert_trace("cleaned");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void a_cancellation_before_the_block_ends_the_task_there(void **state)
{
    (void)state;
    task = (async_task_t)ASYNC_TASK_INIT;
    app = ASYNC_CALL(app, .before = 5);
    async_spawn(&loop, &task, &app.coro);
    pass(1);
    async_cancel(&task);
    pass(1);
    assert_trace("/@1");
    assert_ended(ASYNC_ERR_CANCELLED);
}

static void a_cancellation_behind_the_block_is_as_always(void **state)
{
    (void)state;
    start(AT_ITS_END);
    pass(4);
    async_cancel(&task);
    pass(1);
    assert_trace("worked@3 /work@3 end behind@3 error0 /@4");
    assert_ended(ASYNC_ERR_CANCELLED);
}

/* It has ended the block's last wait, but not run. */
static void a_cancellation_before_the_last_step_comes_at_the_end(void **state)
{
    (void)state;
    start(AT_ITS_END);
    async_virtual_clock_advance(&virtual_clock, 3);
    async_cancel(&task);
    settle_down();
    assert_trace("worked@3 /work@3 end /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

struct preset {
    ASYNC_FRAME;
    async_shield_t shield;
};

/* Cancels itself, and enters the block before the cancellation comes. */
ASYNC_STATIC(preset)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    ASYNC_SHIELD(&self->shield) {
        AWAIT(async_sleep(1));
        trace("middle ");
        AWAIT(async_sleep(1));
        trace("end@%lu ", elapsed());
    }
    trace("behind ");
    ASYNC_FINALLY();
    trace("/@%lu ", elapsed());
    ASYNC_END();
}

static void a_cancellation_on_its_way_waits_for_a_block_entered_since(void **s)
{
    (void)s;
    ASYNC_OBJECT(preset, p);
    assert_int_equal(async_run(&loop, &p.coro), ASYNC_ERR_CANCELLED);
    assert_trace("middle end@2 /@2");
}

struct repeated {
    ASYNC_FRAME;
    async_shield_t shield;
    int i;
};

ASYNC_STATIC(repeated)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 5; self->i++) {
        ASYNC_SHIELD(&self->shield) {
            AWAIT(async_sleep(1));
            if (self->i % 2 == 0) {
                continue;
            }
            AWAIT(async_sleep(1));
        }
        trace("%d@%lu ", self->i, elapsed());
    }
    ASYNC_END();
}

static void a_shield_can_be_used_again_in_a_loop(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(repeated, r);
    async_spawn(&loop, &t, &r.coro);
    pass(4);
    async_cancel(&t);
    pass(3);
    assert_trace("0@1 1@3 2@4");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
    assert_int_equal(elapsed(), 7);
}

struct branches {
    ASYNC_FRAME;
    async_shield_t shield;
    int i;
};

ASYNC_STATIC(branches)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++)
        if (self->i == 0)
            ASYNC_SHIELD(&self->shield) {
                AWAIT(async_sleep(1));
                trace("if ");
            }
        else
            ASYNC_SHIELD(&self->shield)
                trace("else ");
    ASYNC_END();
}

static void a_shield_can_be_a_branch_without_braces(void **state)
{
    (void)state;
    ASYNC_OBJECT(branches, b);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_trace("if else");
}

/* --- Timeouts ------------------------------------------------------------- */

struct timed {
    ASYNC_FRAME;
    async_timeout_t outer;
    async_shield_t shield;
    async_timeout_t inner;
    async_ticks_t around;
    async_ticks_t inside;
    int caught;
};

ASYNC_STATIC(timed)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->outer, self->around) {
        ASYNC_SHIELD(&self->shield) {
            ASYNC_TIMEOUT(&self->inner, self->inside) {
                AWAIT(async_sleep(4));
                trace("slept ");
            }
            trace("i%d@%lu ", async_timeout_expired(&self->inner), elapsed());
            AWAIT_CATCH(self->caught,
                        async_wait_for(async_sleep(ASYNC_FOREVER), 1));
            trace("%d@%lu ", self->caught, elapsed());
        }
        trace("behind ");
    }
    trace("o%d@%lu ", async_timeout_expired(&self->outer), elapsed());
    ASYNC_END();
}

static void a_timeout_around_the_block_ends_it_at_its_end(void **state)
{
    (void)state;
    ASYNC_OBJECT(timed, t, .around = 2, .inside = 9);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    assert_trace("slept i0@4 -201@5 o1@5");
}

static void timeouts_and_limits_in_the_block_work(void **state)
{
    (void)state;
    ASYNC_OBJECT(timed, t, .around = 9, .inside = 2);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    assert_trace("i1@2 -201@3 behind o0@3");
}

static void timeouts_around_and_in_the_block_each_end_their_own(void **state)
{
    (void)state;
    for (async_ticks_t around = 1; around <= 3; around++) {
        unsigned long from = elapsed();
        ASYNC_OBJECT(timed, t, .around = around, .inside = 2);
        assert_int_equal(async_run(&loop, &t.coro), 0);
        assert_true(async_timeout_expired(&t.inner));
        assert_int_equal(async_timeout_expired(&t.outer), 1);
        assert_int_equal(t.caught, ASYNC_ERR_TIMEOUT);
        assert_int_equal(elapsed(), from + 3);
        trace_clear();
    }
}

static void a_cancellation_wins_over_a_timeout_around_the_block(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(timed, timed, .around = 2, .inside = 9);
    async_spawn(&loop, &t, &timed.coro);
    pass(3);
    async_cancel(&t);
    pass(2);
    assert_trace("slept i0@4 -201@5");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
    timed = ASYNC_CALL(timed, .around = 2, .inside = 9);
    async_spawn(&loop, &t, &timed.coro);
    pass(1);
    async_cancel(&t);
    pass(4);
    assert_trace("slept i0@9 -201@10");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
}

/* --- Nested, and in the cleanup ------------------------------------------- */

struct nested {
    ASYNC_FRAME;
    async_shield_t outer;
    async_timeout_t limit;
    async_shield_t inner;
};

ASYNC_STATIC(nested)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->outer) {
        ASYNC_TIMEOUT(&self->limit, 2) {
            ASYNC_SHIELD(&self->inner) {
                AWAIT(async_sleep(4));
                trace("inner@%lu ", elapsed());
            }
            trace("never ");
        }
        trace("x%d ", async_timeout_expired(&self->limit));
        AWAIT(async_sleep(1));
        trace("outer@%lu ", elapsed());
    }
    trace("behind ");
    ASYNC_END();
}

static void shields_nest(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nested, n);
    assert_int_equal(async_run(&loop, &n.coro), 0);
    assert_trace("inner@4 x1 outer@5 behind");
    for (unsigned when = 1; when <= 4; when++) {
        n = ASYNC_CALL(nested, .limit = {.lets_pass_ = false});
        async_spawn(&loop, &t, &n.coro);
        pass(when);
        async_cancel(&t);
        pass(5 - when);
        assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
        assert_true(async_timeout_expired(&n.limit));
        trace_clear();
    }
}

struct below {
    ASYNC_FRAME;
    async_shield_t shield;
};

ASYNC_STATIC(below)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        AWAIT(async_sleep(2));
        trace("below@%lu ", elapsed());
    }
    ASYNC_FINALLY();
    trace("/below ");
    ASYNC_END();
}

struct above {
    ASYNC_FRAME;
    async_shield_t shield;
    struct below below;
};

/* A shield in a call in a shield: the outer one counts. */
ASYNC_STATIC(above)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        AWAIT_CALL(self->below, below);
        AWAIT(async_sleep(1));
        trace("above@%lu ", elapsed());
    }
    trace("behind ");
    ASYNC_END();
}

static void a_shield_in_a_call_in_a_shield(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(above, a);
    async_spawn(&loop, &t, &a.coro);
    pass(1);
    async_cancel(&t);
    pass(2);
    assert_trace("below@2 /below above@3");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
}

struct tidy {
    ASYNC_FRAME;
    async_shield_t shield;
};

ASYNC_STATIC(tidy)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    ASYNC_SHIELD(&self->shield) {
        AWAIT(async_sleep(2));
        trace("tidy@%lu ", elapsed());
    }
    trace("rest ");
    AWAIT(async_sleep(1));
    trace("done@%lu ", elapsed());
    ASYNC_END();
}

static void a_second_cancel_cannot_interrupt_a_shielded_cleanup(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(tidy, tidy);
    async_spawn(&loop, &t, &tidy.coro);
    settle_down();
    async_cancel(&t);
    pass(1);
    async_cancel(&t);
    pass(1);
    /* the second cancellation, at the end of the block, ends the cleanup */
    assert_trace("tidy@2");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);

    tidy = ASYNC_CALL(tidy, .shield = {{{0}, 0, 0}});
    async_spawn(&loop, &t, &tidy.coro);
    settle_down();
    async_cancel(&t);
    pass(3);
    assert_trace("tidy@4 rest done@5");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
}

struct catching {
    ASYNC_FRAME;
    async_shield_t shield;
    async_event_t event;
    struct work work;
    int caught;
};

/* The last AWAIT of the block, and the one around it, catch errors. */
ASYNC_STATIC(catching)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        self->work = ASYNC_CALL(work, .ticks = 2, .error = -7);
        AWAIT_CATCH(self->caught, async_call(&self->work.coro));
        trace("caught%d ", self->caught);
    }
    trace("behind ");
    ASYNC_END();
}

static void an_await_catch_in_the_block_does_not_catch_the_end(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(catching, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("worked@2 /work@2 caught-7 behind");
    c = ASYNC_CALL(catching, .caught = 0);
    async_spawn(&loop, &t, &c.coro);
    pass(1);
    async_cancel(&t);
    pass(1);
    assert_trace("worked@4 /work@4 caught-7");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
}

struct caller {
    ASYNC_FRAME;
    struct below below;
    int caught;
};

ASYNC_STATIC(caller)
{
    ASYNC_BEGIN();
    self->below = ASYNC_CALL(below);
    AWAIT_CATCH(self->caught, async_call(&self->below.coro));
    trace("caught ");
    ASYNC_END();
}

static void the_cancellation_of_a_shield_in_a_call_is_not_caught(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(caller, c);
    async_spawn(&loop, &t, &c.coro);
    pass(1);
    async_cancel(&t);
    pass(1);
    assert_trace("below@2 /below");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
}

/* --- The hand-over of a lock ---------------------------------------------- */

struct locker {
    ASYNC_FRAME;
    async_shield_t shield;
    async_with_t guard;
    async_lock_t *lock;
};

ASYNC_STATIC(locker)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        ASYNC_WITH_LOCK(&self->guard, self->lock) {
            AWAIT(async_sleep(1));
            trace("locked@%lu ", elapsed());
        }
        trace("free%d ", !async_lock_is_taken(self->lock));
    }
    ASYNC_END();
}

struct owner {
    ASYNC_FRAME;
    async_lock_t *lock;
};

ASYNC_STATIC(owner)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(self->lock));
    AWAIT(async_sleep(2));
    async_lock_release(self->lock);
    ASYNC_END();
}

static void a_shielded_wait_keeps_what_it_is_given(void **state)
{
    (void)state;
    async_lock_t lock = {0};
    async_task_t owner_task = ASYNC_TASK_INIT;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(owner, o, .lock = &lock);
    ASYNC_OBJECT(locker, l, .lock = &lock);
    async_spawn(&loop, &owner_task, &o.coro);
    async_spawn(&loop, &t, &l.coro);
    pass(1);
    async_cancel(&t); /* while it waits */
    async_virtual_clock_advance(&virtual_clock, 1);
    async_poll(&loop);
    async_cancel(&t); /* given it, not run yet */
    pass(1);
    assert_trace("locked@3 free1");
    assert_int_equal(async_task_error(&t), ASYNC_ERR_CANCELLED);
    assert_false(async_lock_is_taken(&lock));
}

/* --- The end of the loop, and goto ---------------------------------------- */

static void closing_the_loop_waits_for_the_block(void **state)
{
    (void)state;
    start(AT_ITS_END);
    pass(1);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("worked@3 /work@3 end /@3");
    assert_ended(ASYNC_ERR_CANCELLED);
}

struct forever {
    ASYNC_FRAME;
    async_shield_t shield;
};

ASYNC_STATIC(forever)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        AWAIT(async_sleep(ASYNC_FOREVER));
    }
    ASYNC_END();
}

static void a_task_in_a_shield_for_ever_is_reported_at_the_close(void **state)
{
    (void)state;
    async_task_t t = ASYNC_TASK_INIT;
    ASYNC_OBJECT(forever, f);
    async_spawn(&loop, &t, &f.coro);
    settle_down();
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_TASK_LEFT);
    assert_true(async_task_done(&t));
    /* the frame can be used again */
    f = ASYNC_CALL(forever, .shield = f.shield);
    async_spawn(&loop, &t, &f.coro);
    settle_down();
    expect_no_report();
    assert_int_equal(async_loop_close(&loop), 1);
    expect_report(ASYNC_REPORT_TASK_LEFT);
}

struct jumper {
    ASYNC_FRAME;
    async_shield_t shield;
    bool cancels;
    int i;
};

ASYNC_STATIC(jumper)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        ASYNC_SHIELD(&self->shield) {
            AWAIT(async_sleep(1));
            if (self->i == 0) {
                if (self->cancels) {
                    async_cancel(async_current_task());
                }
                goto next;
            }
            AWAIT(async_sleep(1));
        }
        trace("behind ");
    next:;
    }
    AWAIT(async_sleep(1));
    trace("on@%lu ", elapsed());
    ASYNC_END();
}

static void
a_goto_out_of_the_block_is_reported_when_it_is_next_entered(void **s)
{
    (void)s;
    ASYNC_OBJECT(jumper, j);
    assert_int_equal(async_run(&loop, &j.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("behind on@4");
}

static void a_goto_out_of_the_block_does_not_lose_the_cancellation(void **state)
{
    (void)state;
    ASYNC_OBJECT(jumper, j, .cancels = true);
    assert_int_equal(async_run(&loop, &j.coro), ASYNC_ERR_CANCELLED);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    trace_clear();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_shield_alone_changes_nothing),
        TEST(errors_returns_and_jumps_leave_the_block_as_always),
        TEST(a_cancellation_comes_at_the_end_of_the_block),
        TEST(a_cancellation_takes_the_place_of_what_the_block_is_left_by),
        TEST(cancelling_twice_is_cancelling_once),
        TEST(a_task_that_cancels_itself_in_the_block),
        TEST(a_body_that_has_met_no_await_is_cleaned_up_behind_the_block),
        TEST(a_cancellation_before_the_block_ends_the_task_there),
        TEST(a_cancellation_behind_the_block_is_as_always),
        TEST(a_cancellation_before_the_last_step_comes_at_the_end),
        TEST(a_cancellation_on_its_way_waits_for_a_block_entered_since),
        TEST(a_shield_can_be_used_again_in_a_loop),
        TEST(a_shield_can_be_a_branch_without_braces),
        TEST(a_timeout_around_the_block_ends_it_at_its_end),
        TEST(timeouts_and_limits_in_the_block_work),
        TEST(timeouts_around_and_in_the_block_each_end_their_own),
        TEST(a_cancellation_wins_over_a_timeout_around_the_block),
        TEST(shields_nest),
        TEST(a_shield_in_a_call_in_a_shield),
        TEST(a_second_cancel_cannot_interrupt_a_shielded_cleanup),
        TEST(an_await_catch_in_the_block_does_not_catch_the_end),
        TEST(the_cancellation_of_a_shield_in_a_call_is_not_caught),
        TEST(a_shielded_wait_keeps_what_it_is_given),
        TEST(closing_the_loop_waits_for_the_block),
        TEST(a_task_in_a_shield_for_ever_is_reported_at_the_close),
        TEST(a_goto_out_of_the_block_is_reported_when_it_is_next_entered),
        TEST(a_goto_out_of_the_block_does_not_lose_the_cancellation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
