/* SPDX-License-Identifier: MIT */

/*
 * Callbacks: when the function is called, how often, and when not.
 */
#include "test.h"

#include <string.h>

#define START JUST_BEFORE_THE_WRAP

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

static async_time_t at(async_ticks_t ticks)
{
    return (async_time_t)(START + ticks);
}

static void run_all(void)
{
    for (async_ticks_t ticks; (ticks = async_poll(&loop)) != ASYNC_FOREVER;) {
        async_virtual_clock_advance(&virtual_clock, ticks);
    }
}

static char names[] = "abcdef";

static void on_call(void *name)
{
    trace("%c%lu ", *(char *)name, elapsed());
}

#define CALLBACK(name, index)                                                  \
    async_callback_t name = ASYNC_CALLBACK_INIT(on_call, &names[index])

/* --- Post ----------------------------------------------------------------- */

static async_callback_t in_static_storage =
    ASYNC_CALLBACK_INIT(on_call, &names[5]);

static void soon_calls_in_the_next_round(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    assert_false(async_callback_pending(&a));
    assert_true(async_callback_soon(&loop, &a));
    assert_true(async_callback_pending(&a));
    assert_trace("");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0");
    assert_false(async_callback_pending(&a));
    async_poll(&loop);
    assert_trace("");
    assert_true(async_callback_soon(&loop, &in_static_storage));
    async_poll(&loop);
    assert_trace("f0");
}

static void a_callback_that_is_pending_is_called_once(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    assert_true(async_callback_soon(&loop, &a));
    assert_false(async_callback_soon(&loop, &a));
    assert_false(async_callback_later(&loop, &a, 5));
    assert_false(async_callback_at(&loop, &a, at(5)));
    run_all();
    assert_trace("a0");
    assert_true(async_callback_later(&loop, &a, 5));
    assert_false(async_callback_soon(&loop, &a));
    async_poll(&loop);
    assert_false(async_callback_later(&loop, &a, 3));
    run_all();
    assert_trace("a5");
}

static void a_callback_can_be_posted_again_and_again(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(async_callback_soon(&loop, &a));
        run_all();
        assert_true(async_callback_later(&loop, &a, 2));
        run_all();
        assert_true(async_callback_at(&loop, &a, async_loop_now(&loop) + 3));
        run_all();
    }
    assert_trace("a0 a2 a5 a5 a7 a10 a10 a12 a15");
}

static void later_calls_when_the_ticks_have_passed(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    CALLBACK(b, 1);
    CALLBACK(c, 2);
    assert_true(async_callback_later(&loop, &a, 7));
    assert_true(async_callback_later(&loop, &b, 3));
    assert_true(async_callback_later(&loop, &c, 0));
    async_poll(&loop);
    assert_trace("c0");
    assert_true(async_callback_pending(&a));
    assert_true(async_poll(&loop) == 3);
    run_all();
    assert_trace("b3 a7");
}

static void at_calls_when_the_clock_shows_the_time(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    CALLBACK(b, 1);
    CALLBACK(c, 2);
    assert_true(async_callback_at(&loop, &a, at(30))); /* behind the wrap */
    assert_true(async_callback_at(&loop, &b, at(0)));
    assert_true(async_callback_at(&loop, &c, at((async_ticks_t)-5)));
    run_all();
    assert_trace("b0 c0 a30");
}

static void
callbacks_of_the_same_time_come_in_the_order_of_their_posts(void **state)
{
    (void)state;
    async_callback_t callbacks[6];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 6; i++) {
            callbacks[i] =
                (async_callback_t)ASYNC_CALLBACK_INIT(on_call, &names[i]);
            if (round == 0) {
                async_callback_soon(&loop, &callbacks[i]);
            } else {
                async_callback_later(&loop, &callbacks[i], 4);
            }
        }
        run_all();
    }
    assert_trace("a0 b0 c0 d0 e0 f0 a4 b4 c4 d4 e4 f4");
}

#define CROWD BY_ROOM(1000, 100, 20)

static struct {
    async_callback_t callbacks[CROWD];
    int ids[CROWD];
    int next;
} crowd;

static void on_one_of_many(void *id)
{
    assert_int_equal(*(int *)id, crowd.next);
    crowd.next++;
}

static void a_thousand_callbacks_come_in_order(void **state)
{
    (void)state;
    crowd.next = 0;
    for (int i = 0; i < CROWD; i++) {
        crowd.ids[i] = i;
        crowd.callbacks[i] = (async_callback_t)ASYNC_CALLBACK_INIT(
            on_one_of_many, &crowd.ids[i]);
        async_callback_soon(&loop, &crowd.callbacks[i]);
    }
    async_poll(&loop);
    assert_int_equal(crowd.next, CROWD);
    crowd.next = 0;
    for (int i = CROWD; i-- > 0;) {
        async_callback_later(&loop, &crowd.callbacks[i], 1 + (unsigned)i / 7);
    }
    /* Those of one tick were posted backwards. */
    for (int i = 0; i < CROWD; i++) {
        int group = i / 7 * 7;
        int size = group + 7 > CROWD ? CROWD - group : 7;
        crowd.ids[i] = group + (size - 1 - (i - group));
    }
    run_all();
    assert_int_equal(crowd.next, CROWD);
}

static void a_duration_beyond_the_range_is_reported(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    assert_true(async_callback_later(&loop, &a, ASYNC_TICKS_MAX + 1));
    expect_report(ASYNC_REPORT_TOO_LONG);
    async_poll(&loop);
    assert_true(async_callback_later(&loop, &a, ASYNC_FOREVER));
    expect_report(ASYNC_REPORT_TOO_LONG);
    async_poll(&loop);
    assert_trace("a0 a0");
    assert_true(async_callback_later(&loop, &a, ASYNC_TICKS_MAX));
    run_all();
    assert_true((async_time_t)(async_loop_now(&loop) - START) ==
                ASYNC_TICKS_MAX);
    trace_clear();
}

/* --- The function --------------------------------------------------------- */

static struct {
    async_callback_t callback;
    int rounds;
    enum { SOON, LATER, AT_A_TIME } how;
} repeated;

static void post_again(void *context)
{
    assert_ptr_equal(context, &repeated);
    trace("%lu ", elapsed());
    assert_false(async_callback_pending(&repeated.callback));
    if (--repeated.rounds > 0) {
        assert_true(repeated.how == SOON
                        ? async_callback_soon(&loop, &repeated.callback)
                    : repeated.how == LATER
                        ? async_callback_later(&loop, &repeated.callback, 4)
                        : async_callback_at(&loop, &repeated.callback,
                                            async_loop_now(&loop) + 4));
        assert_true(async_callback_pending(&repeated.callback));
        assert_false(async_callback_soon(&loop, &repeated.callback));
    }
}

static void a_callback_may_post_itself(void **state)
{
    (void)state;
    for (repeated.how = SOON; repeated.how <= AT_A_TIME; repeated.how++) {
        begin(state);
        repeated.rounds = 3;
        repeated.callback =
            (async_callback_t)ASYNC_CALLBACK_INIT(post_again, &repeated);
        async_callback_soon(&loop, &repeated.callback);
        async_poll(&loop);
        assert_int_equal(repeated.rounds, 2);
        run_all();
        assert_string_equal(trace_take(),
                            repeated.how == SOON ? "0 0 0" : "0 4 8");
        assert_false(async_callback_pending(&repeated.callback));
    }
}

static void ask_who_runs(void *context)
{
    (void)context;
    trace("%d ", async_current_loop() == &loop);
    trace("%d ", async_current_task() != NULL);
    trace("%lu ", (unsigned long)(async_time_t)(async_now() - START));
}

static void the_function_runs_as_a_task_of_its_own(void **state)
{
    (void)state;
    async_callback_t callback = ASYNC_CALLBACK_INIT(ask_who_runs, NULL);
    async_callback_later(&loop, &callback, 3);
    run_all();
    assert_trace("1 1 3");
}

struct spinner {
    ASYNC_FRAME;
    int rounds;
};

ASYNC_STATIC(spinner)
{
    ASYNC_BEGIN();
    for (; self->rounds > 0; self->rounds--) {
        trace("t ");
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void callbacks_take_turns_with_tasks(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(spinner, spinner, .rounds = 3);
    async_spawn(&loop, &task, &spinner.coro);
    repeated.how = SOON;
    repeated.rounds = 3;
    repeated.callback =
        (async_callback_t)ASYNC_CALLBACK_INIT(post_again, &repeated);
    async_callback_soon(&loop, &repeated.callback);
    run_all();
    assert_trace("t 0 t 0 t 0");
}

static async_event_t woken;
static async_event_t never;

static void set_woken(void *context)
{
    (void)context;
    async_event_set(&woken);
}

struct waits_for_callback {
    ASYNC_FRAME;
    async_callback_t callback;
};

ASYNC_STATIC(waits_for_callback)
{
    ASYNC_BEGIN();
    self->callback = (async_callback_t)ASYNC_CALLBACK_INIT(set_woken, NULL);
    async_callback_later(async_current_loop(), &self->callback, 6);
    AWAIT(async_event_wait(&woken));
    trace("%lu ", elapsed());
    ASYNC_END();
}

static void a_callback_may_wake_a_task(void **state)
{
    (void)state;
    async_event_clear(&woken);
    ASYNC_OBJECT(waits_for_callback, script);
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_trace("6");
}

/* Two mistakes: it waits, and it does not wait. */
static void wait_in_callback(void *name)
{
    async_wait_t wait = *(char *)name == 'a'   ? async_sleep(10)
                        : *(char *)name == 'b' ? async_event_wait(&never)
                                               : async_sleep(ASYNC_FOREVER);
    (void)wait;
    trace("%c ", *(char *)name);
}

static void a_wait_in_the_function_is_reported(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        async_callback_t callback =
            ASYNC_CALLBACK_INIT(wait_in_callback, &names[i]);
        async_callback_soon(&loop, &callback);
        run_all();
        expect_report(ASYNC_REPORT_NOT_AWAITED);
        assert_false(async_callback_pending(&callback));
        assert_true(async_callback_soon(&loop, &callback));
        run_all();
        expect_report(ASYNC_REPORT_NOT_AWAITED);
    }
    assert_int_equal(elapsed(), 0);
    async_event_set(&never); /* finds no waiter */
    async_event_clear(&never);
    assert_trace("a a b b c c");
}

/* --- Cancel --------------------------------------------------------------- */

static void what_is_cancelled_is_not_called(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    assert_false(async_callback_cancel(&a));
    async_callback_soon(&loop, &a);
    assert_true(async_callback_cancel(&a));
    assert_false(async_callback_pending(&a));
    assert_false(async_callback_cancel(&a));
    run_all();
    assert_trace("");
    assert_true(async_callback_soon(&loop, &a));
    run_all();
    assert_false(async_callback_cancel(&a));
    assert_trace("a0");
}

static void a_callback_that_sleeps_can_be_cancelled(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    async_callback_later(&loop, &a, 5);
    assert_true(async_poll(&loop) == 5);
    assert_true(async_callback_cancel(&a));
    assert_false(async_callback_pending(&a));
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    memset(&a, 0xA5, sizeof a); /* its memory is free after that round */
    run_all();
    assert_trace("");
    assert_int_equal(elapsed(), 0);
}

static void a_callback_can_be_cancelled_in_the_tick_when_it_is_due(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    CALLBACK(b, 1);
    async_callback_later(&loop, &a, 5);
    async_callback_later(&loop, &b, 5);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 5);
    assert_true(async_callback_cancel(&a));
    run_all();
    assert_trace("b5");
}

static void
a_cancelled_callback_can_be_posted_before_the_next_round(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    async_callback_later(&loop, &a, 5);
    async_poll(&loop);
    assert_true(async_callback_cancel(&a));
    assert_true(async_callback_later(&loop, &a, 9));
    run_all();
    assert_trace("a9");
    async_callback_soon(&loop, &a);
    assert_true(async_callback_cancel(&a));
    assert_true(async_callback_soon(&loop, &a));
    run_all();
    assert_trace("a9");
    async_callback_soon(&loop, &a);
    assert_true(async_callback_cancel(&a));
    assert_true(async_callback_later(&loop, &a, 3));
    run_all();
    assert_trace("a12");
    async_callback_later(&loop, &a, 50);
    async_poll(&loop);
    assert_true(async_callback_cancel(&a));
    assert_true(async_callback_soon(&loop, &a));
    run_all();
    assert_trace("a12");
}

static async_callback_t cancelled_inside;

static void cancel_inside(void *context)
{
    bool *posts = context;
    trace("%d ", async_callback_cancel(&cancelled_inside));
    if (*posts) {
        async_callback_later(&loop, &cancelled_inside, 3);
        trace("%d ", async_callback_cancel(&cancelled_inside));
    }
    trace("%d ", async_callback_pending(&cancelled_inside));
}

static void a_callback_may_cancel_itself_in_its_function(void **state)
{
    (void)state;
    bool posts = false;
    cancelled_inside =
        (async_callback_t)ASYNC_CALLBACK_INIT(cancel_inside, &posts);
    async_callback_soon(&loop, &cancelled_inside);
    run_all();
    assert_trace("0 0");
    posts = true;
    async_callback_soon(&loop, &cancelled_inside);
    run_all();
    assert_trace("0 1 0");
    assert_int_equal(elapsed(), 0);
}

/* Of two that are ready in the same round the first cancels the second. */
static void cancel_other(void *other)
{
    trace("%d ", async_callback_cancel(other));
}

static void a_callback_may_cancel_another_of_its_round(void **state)
{
    (void)state;
    CALLBACK(b, 1);
    async_callback_t a = ASYNC_CALLBACK_INIT(cancel_other, &b);
    async_callback_soon(&loop, &a);
    async_callback_soon(&loop, &b);
    run_all();
    assert_trace("1");
    async_callback_later(&loop, &a, 5);
    async_callback_later(&loop, &b, 5);
    run_all();
    assert_trace("1");
}

/* --- Interrupts ----------------------------------------------------------- */

static void post_in_interrupt(void *callback)
{
    trace("irq%lu:%d ", elapsed(), async_callback_soon(&loop, callback));
}

static void post_later_in_interrupt(void *callback)
{
    trace("irq%lu:%d ", elapsed(), async_callback_later(&loop, callback, 4));
}

static async_virtual_interrupt_t interrupts[6];

static void interrupt_at(unsigned index, async_ticks_t ticks,
                         void (*handler)(void *), async_callback_t *callback)
{
    async_virtual_interrupt_at(&virtual_clock, &interrupts[index], at(ticks),
                               handler, callback);
}

struct long_sleep {
    ASYNC_FRAME;
};

ASYNC_STATIC(long_sleep)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(100));
    ASYNC_END();
}

static void sleep_a_hundred_ticks(void)
{
    ASYNC_OBJECT(long_sleep, script);
    assert_int_equal(async_run(&loop, &script.coro), 0);
}

static void interrupts_that_come_too_fast_cause_one_call(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    for (unsigned i = 0; i < 3; i++) {
        interrupt_at(i, 5, post_in_interrupt, &a);
    }
    interrupt_at(3, 6, post_in_interrupt, &a);
    sleep_a_hundred_ticks();
    assert_trace("irq5:1 irq5:0 irq5:0 a5 irq6:1 a6");
}

static void an_interrupt_may_post_for_later(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    interrupt_at(0, 5, post_later_in_interrupt, &a);
    interrupt_at(1, 7, post_in_interrupt, &a);
    interrupt_at(2, 9, post_later_in_interrupt, &a);
    interrupt_at(3, 11, post_later_in_interrupt, &a);
    sleep_a_hundred_ticks();
    assert_trace("irq5:1 irq7:0 irq9:0 a9 irq11:1 a15");
}

/* A device in polling mode: the handler posts, the function asks for more. */
static void a_callback_may_be_posted_by_itself_and_by_interrupts(void **state)
{
    (void)state;
    repeated.how = LATER;
    repeated.rounds = 5;
    repeated.callback =
        (async_callback_t)ASYNC_CALLBACK_INIT(post_again, &repeated);
    interrupt_at(0, 5, post_in_interrupt, &repeated.callback);
    interrupt_at(1, 6, post_in_interrupt, &repeated.callback);
    interrupt_at(2, 90, post_in_interrupt, &repeated.callback);
    sleep_a_hundred_ticks();
    assert_trace("irq5:1 5 irq6:0 9 13 17 21 irq90:1 90");
}

/* --- The end of the loop -------------------------------------------------- */

static void a_loop_that_closes_calls_nothing(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    CALLBACK(b, 1);
    CALLBACK(c, 2);
    async_callback_later(&loop, &a, 5);
    async_poll(&loop);
    async_callback_soon(&loop, &b);
    async_callback_later(&loop, &c, 5);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("");
    assert_false(async_callback_pending(&a));
    assert_false(async_callback_pending(&b));
    assert_false(async_callback_pending(&c));
    assert_false(async_callback_cancel(&a));
    assert_int_equal(elapsed(), 0);
}

static void a_loop_that_closes_finds_one_that_has_posted_itself(void **state)
{
    (void)state;
    for (repeated.how = SOON; repeated.how <= AT_A_TIME; repeated.how++) {
        begin(state);
        repeated.rounds = 3;
        repeated.callback =
            (async_callback_t)ASYNC_CALLBACK_INIT(post_again, &repeated);
        async_callback_soon(&loop, &repeated.callback);
        async_poll(&loop);
        assert_true(async_callback_pending(&repeated.callback));
        assert_int_equal(async_loop_close(&loop), 0);
        assert_trace("0");
        assert_false(async_callback_pending(&repeated.callback));
    }
}

static void a_callback_can_be_posted_after_the_close(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(async_callback_later(&loop, &a, 5));
        async_poll(&loop);
        async_loop_close(&loop);
        assert_true(async_callback_soon(&loop, &a));
        run_all();
        assert_trace("a0");
    }
    assert_true(async_callback_later(&loop, &a, 5));
    async_loop_close(&loop);
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 7));
    assert_true(async_callback_soon(&other, &a));
    async_poll(&other);
    assert_trace("a0");
}

static void run_ends_what_is_pending(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    async_callback_later(&loop, &a, 1000);
    sleep_a_hundred_ticks();
    assert_trace("");
    assert_false(async_callback_pending(&a));
    assert_int_equal(elapsed(), 100);
}

struct posts_at_its_end {
    ASYNC_FRAME;
    async_callback_t *callback;
};

ASYNC_STATIC(posts_at_its_end)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(100));
    ASYNC_FINALLY();
    async_callback_soon(async_current_loop(), self->callback);
    ASYNC_YIELD();
    ASYNC_END();
}

static void what_is_posted_while_the_loop_closes_is_not_called(void **state)
{
    (void)state;
    CALLBACK(a, 0);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(posts_at_its_end, script, .callback = &a);
    async_spawn(&loop, &task, &script.coro);
    async_poll(&loop);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("");
    assert_false(async_callback_pending(&a));
    async_callback_soon(&loop, &a);
    run_all();
    assert_trace("a0");
}

/* --- Mistakes ------------------------------------------------------------- */

static void join_and_post(void *callback)
{
    static async_task_t never_spawned;
    async_wait_t wait = async_join(&never_spawned);
    (void)wait;
    trace("called ");
    if (async_loop_now(&loop) == START) {
        async_callback_later(&loop, (async_callback_t *)callback, 3);
    }
}

static void a_wait_that_fails_at_once_does_not_end_the_callback(void **state)
{
    (void)state;
    async_callback_t a = ASYNC_CALLBACK_INIT(join_and_post, &a);
    async_callback_soon(&loop, &a);
    run_all();
    assert_trace("called called");
    for (int i = 0; i < 2; i++) {
        expect_report(ASYNC_REPORT_JOIN);
        expect_report(ASYNC_REPORT_NOT_AWAITED);
    }
}

static async_loop_t other_loop;

static void post_to_the_other(void *callback)
{
    assert_false(
        async_callback_soon(&other_loop, (async_callback_t *)callback));
    trace("refused ");
}

static void a_callback_that_runs_is_not_posted_to_another_loop(void **state)
{
    (void)state;
    async_virtual_clock_t other_clock;
    async_loop_init(&other_loop, async_virtual_clock_init(&other_clock, 0));
    async_callback_t a = ASYNC_CALLBACK_INIT(post_to_the_other, &a);
    async_callback_soon(&loop, &a);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_TASK_REUSED);
    assert_trace("refused");
    assert_false(async_callback_pending(&a));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(soon_calls_in_the_next_round),
        TEST(a_callback_that_is_pending_is_called_once),
        TEST(a_callback_can_be_posted_again_and_again),
        TEST(later_calls_when_the_ticks_have_passed),
        TEST(at_calls_when_the_clock_shows_the_time),
        TEST(callbacks_of_the_same_time_come_in_the_order_of_their_posts),
        TEST(a_thousand_callbacks_come_in_order),
        TEST(a_duration_beyond_the_range_is_reported),
        TEST(a_callback_may_post_itself),
        TEST(the_function_runs_as_a_task_of_its_own),
        TEST(callbacks_take_turns_with_tasks),
        TEST(a_callback_may_wake_a_task),
        TEST(a_wait_in_the_function_is_reported),
        TEST(what_is_cancelled_is_not_called),
        TEST(a_callback_that_sleeps_can_be_cancelled),
        TEST(a_callback_can_be_cancelled_in_the_tick_when_it_is_due),
        TEST(a_cancelled_callback_can_be_posted_before_the_next_round),
        TEST(a_callback_may_cancel_itself_in_its_function),
        TEST(a_callback_may_cancel_another_of_its_round),
        TEST(interrupts_that_come_too_fast_cause_one_call),
        TEST(an_interrupt_may_post_for_later),
        TEST(a_callback_may_be_posted_by_itself_and_by_interrupts),
        TEST(a_loop_that_closes_calls_nothing),
        TEST(a_loop_that_closes_finds_one_that_has_posted_itself),
        TEST(a_callback_can_be_posted_after_the_close),
        TEST(run_ends_what_is_pending),
        TEST(what_is_posted_while_the_loop_closes_is_not_called),
        TEST(a_wait_that_fails_at_once_does_not_end_the_callback),
        TEST(a_callback_that_runs_is_not_posted_to_another_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
