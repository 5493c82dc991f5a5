/* SPDX-License-Identifier: MIT */

/*
 * Watch: who learns that the value has changed, and what is read.
 */
#include "test.h"

#include <string.h>

#include <async/watch.h>

typedef struct point {
    int x;
    int y;
} point_t;

typedef ASYNC_WATCH(point_t) point_watch_t;

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

static void set(point_watch_t *watch, int x)
{
    point_t point = {x, x + 1};
    async_watch_set(watch, &point);
}

/* --- Tasks that wait ------------------------------------------------------ */

struct watcher {
    ASYNC_FRAME;
    point_watch_t *watch;
    async_ticks_t limit;
    async_watch_reader_t reader;
    char name;
};

ASYNC_STATIC(watcher)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_wait_for(async_watch_changed(self->watch, &self->reader),
                             self->limit));
        point_t point = {-1, -1};
        async_watch_read(self->watch, &self->reader, &point);
        trace("%c%lu:%d,%d ", self->name, elapsed(), point.x, point.y);
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static struct watcher frames[3];
static async_task_t tasks[3];

/* Tasks a, b, c that read whatever is new. */
static void spawn_watchers(point_watch_t *watch, int count)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        frames[i] = ASYNC_CALL(watcher, .watch = watch, .limit = ASYNC_FOREVER,
                               .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &frames[i].coro);
    }
    async_poll(&loop);
}

/* Tasks that still wait stand in the lists of static objects. */
static int end(void **state)
{
    async_loop_close(&loop);
    return reports_end(state);
}

/* --- Values --------------------------------------------------------------- */

static void a_watch_of_zeros_has_the_value_zero(void **state)
{
    (void)state;
    static point_watch_t watch;
    static async_watch_reader_t reader;
    point_t point = {7, 7};
    async_watch_get(&watch, &point);
    assert_int_equal(point.x, 0);
    assert_int_equal(point.y, 0);
    assert_false(async_watch_has_changed(&watch, &reader));
}

static void a_watch_begins_with_the_value_of_its_initialiser(void **state)
{
    (void)state;
    static point_watch_t watch = ASYNC_WATCH_INIT({3, 4});
    async_watch_reader_t reader = {0};
    point_t point = {7, 7};
    assert_false(async_watch_has_changed(&watch, &reader));
    async_watch_read(&watch, &reader, &point);
    assert_int_equal(point.x, 3);
    assert_int_equal(point.y, 4);
}

static void each_reader_has_its_own_idea_of_new(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_watch_reader_t one = {0};
    async_watch_reader_t other = {0};
    point_t point;
    set(&watch, 1);
    assert_true(async_watch_has_changed(&watch, &one));
    async_watch_read(&watch, &one, &point);
    assert_int_equal(point.x, 1);
    assert_false(async_watch_has_changed(&watch, &one));
    assert_true(async_watch_has_changed(&watch, &other));
    set(&watch, 1);
    assert_true(async_watch_has_changed(&watch, &one));
    async_watch_mark_read(&watch, &one);
    assert_false(async_watch_has_changed(&watch, &one));
    async_watch_get(&watch, &point);
    assert_true(async_watch_has_changed(&watch, &other));
}

static void the_count_of_sets_wraps_past_that_of_a_new_reader(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_watch_reader_t fresh = {0};
    async_watch_reader_t reader = {0};
    watch.watch.version_ = UINT32_MAX;
    async_watch_mark_read(&watch, &reader);
    set(&watch, 1);
    assert_true(async_watch_has_changed(&watch, &fresh));
    assert_true(async_watch_has_changed(&watch, &reader));
    async_watch_mark_read(&watch, &reader);
    set(&watch, 2);
    assert_true(async_watch_has_changed(&watch, &fresh));
    assert_true(async_watch_has_changed(&watch, &reader));
}

/* --- Waiting -------------------------------------------------------------- */

static void set_wakes_all_in_the_order_they_came(void **state)
{
    (void)state;
    static point_watch_t watch;
    spawn_watchers(&watch, 3);
    assert_trace("");
    set(&watch, 5);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:5,6 b0:5,6 c0:5,6");
    set(&watch, 7);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:7,8 b0:7,8 c0:7,8");
}

static void a_new_reader_reads_what_was_set_before(void **state)
{
    (void)state;
    static point_watch_t watch;
    set(&watch, 1);
    set(&watch, 2);
    spawn_watchers(&watch, 1);
    assert_trace("a0:2,3");
}

static void a_new_reader_waits_if_nothing_was_ever_set(void **state)
{
    (void)state;
    static point_watch_t watch = ASYNC_WATCH_INIT({3, 4});
    spawn_watchers(&watch, 1);
    assert_trace("");
    set(&watch, 3);
    async_poll(&loop);
    assert_trace("a0:3,4");
}

static void a_reader_that_was_marked_waits_for_the_next(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_task_t task = ASYNC_TASK_INIT;
    set(&watch, 1);
    struct watcher x = ASYNC_CALL(watcher, .watch = &watch,
                                  .limit = ASYNC_FOREVER, .name = 'x');
    async_watch_mark_read(&watch, &x.reader);
    async_spawn(&loop, &task, &x.coro);
    async_poll(&loop);
    assert_trace("");
    set(&watch, 2);
    async_poll(&loop);
    assert_trace("x0:2,3");
    async_loop_close(&loop);
    assert_trace("/x");
}

static void a_wait_across_the_wrap_goes_on_at_once(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_task_t task = ASYNC_TASK_INIT;
    struct watcher x = ASYNC_CALL(watcher, .watch = &watch,
                                  .limit = ASYNC_FOREVER, .name = 'x');
    watch.watch.version_ = UINT32_MAX;
    async_watch_mark_read(&watch, &x.reader);
    set(&watch, 1);
    async_spawn(&loop, &task, &x.coro);
    async_poll(&loop);
    assert_trace("x0:1,2");
    async_loop_close(&loop);
    assert_trace("/x");
}

static void who_was_woken_reads_the_last_value_once(void **state)
{
    (void)state;
    static point_watch_t watch;
    spawn_watchers(&watch, 2);
    set(&watch, 1);
    set(&watch, 2);
    async_poll(&loop);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:2,3 b0:2,3");
}

static void set_it(void *watch)
{
    trace("irq%lu ", elapsed());
    set((point_watch_t *)watch, 1);
}

static async_virtual_interrupt_t interrupt;

static void an_interrupt_sets_the_value(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 30),
                               set_it, &watch);
    ASYNC_OBJECT(watcher, x, .watch = &watch, .limit = 30, .name = 'x');
    assert_int_equal(async_run(&loop, &x.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("irq30 x30:1,2 /x");
    assert_int_equal(elapsed(), 60);
}

static void set_again(void *watch)
{
    trace("irq ");
    set((point_watch_t *)watch, 7);
}

/* The interrupt comes when the lock opens for the first time: the value is set,
 * and nobody is woken yet. */
static void an_interrupt_in_the_middle_of_a_set_wakes_nobody_twice(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_irq_t irq;
    spawn_watchers(&watch, 2);
    async_irq_init(&irq, set_again, &watch);
    async_irq_raise(&irq);
    set(&watch, 1);
    async_poll(&loop);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("irq a0:7,8 b0:7,8");
}

/* --- Cancelled waiters ---------------------------------------------------- */

static void cancel_watcher(int cancelled, const char *expected)
{
    static point_watch_t watch;
    memset(&watch, 0, sizeof watch);
    spawn_watchers(&watch, 3);
    async_cancel(&tasks[cancelled]);
    async_poll(&loop);
    set(&watch, 1);
    async_poll(&loop);
    assert_string_equal(trace_take(), expected);
    async_loop_close(&loop);
    trace_clear();
}

static void any_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_watcher(0, "/a b0:1,2 c0:1,2");
    cancel_watcher(1, "/b a0:1,2 c0:1,2");
    cancel_watcher(2, "/c a0:1,2 b0:1,2");
}

static void what_is_new_stays_new_for_a_cancelled_reader(void **state)
{
    (void)state;
    static point_watch_t watch;
    spawn_watchers(&watch, 2);
    set(&watch, 1);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a b0:1,2");
    assert_true(async_watch_has_changed(&watch, &frames[0].reader));
    assert_false(async_watch_has_changed(&watch, &frames[1].reader));
}

/* --- Limits --------------------------------------------------------------- */

static void a_wait_with_a_limit_is_unlinked(void **state)
{
    (void)state;
    static point_watch_t watch;
    {
        ASYNC_OBJECT(watcher, x, .watch = &watch, .limit = 25, .name = 'x');
        assert_int_equal(async_run(&loop, &x.coro), ASYNC_ERR_TIMEOUT);
        assert_trace("/x");
    }
    set(&watch, 1); /* finds no waiter */
}

struct limited {
    ASYNC_FRAME;
    point_watch_t *watch;
    async_watch_reader_t reader;
    async_timeout_t limit;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 25) {
        AWAIT(async_watch_changed(self->watch, &self->reader));
        trace("not reached ");
    }
    trace("%lu:%d ", elapsed(), async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_timeout_around_the_wait_unlinks_it(void **state)
{
    (void)state;
    static point_watch_t watch;
    ASYNC_OBJECT(limited, limited, .watch = &watch);
    assert_int_equal(async_run(&loop, &limited.coro), 0);
    assert_trace("25:1");
    set(&watch, 1); /* finds no waiter */
}

struct family {
    ASYNC_FRAME;
    point_watch_t *watch;
    async_group_t group;
    async_member_t members[2];
    struct watcher watchers[2];
};

ASYNC_STATIC(family)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->watchers[0] =
            ASYNC_CALL(watcher, .watch = self->watch, .limit = 5, .name = 'a');
        self->watchers[1] = ASYNC_CALL(watcher, .watch = self->watch,
                                       .limit = ASYNC_FOREVER, .name = 'b');
        async_group_spawn(&self->group, &self->members[0],
                          &self->watchers[0].coro);
        async_group_spawn(&self->group, &self->members[1],
                          &self->watchers[1].coro);
    }
    ASYNC_END();
}

static void an_error_in_a_group_ends_the_other_wait(void **state)
{
    (void)state;
    static point_watch_t watch;
    ASYNC_OBJECT(family, family, .watch = &watch);
    assert_int_equal(async_run(&loop, &family.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("/a /b");
    set(&watch, 1); /* finds no waiter */
}

/* --- Misuse --------------------------------------------------------------- */

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    static point_watch_t watch;
    async_watch_reader_t reader = {0};
    async_wait_t wait = async_watch_changed(&watch, &reader);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    set(&watch, 1); /* finds no waiter */
}

struct forgetful {
    ASYNC_FRAME;
    point_watch_t *watch;
    async_watch_reader_t reader;
};

ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_watch_changed(self->watch, &self->reader);
        (void)wait;
    }
    AWAIT(async_sleep(1));
    ASYNC_END();
}

static void a_wait_without_await_is_reported_and_given_up(void **state)
{
    (void)state;
    static point_watch_t watch;
    ASYNC_OBJECT(forgetful, forgetful, .watch = &watch);
    assert_int_equal(async_run(&loop, &forgetful.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    set(&watch, 1); /* finds no waiter */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_watch_of_zeros_has_the_value_zero),
        TEST(a_watch_begins_with_the_value_of_its_initialiser),
        TEST(each_reader_has_its_own_idea_of_new),
        TEST(the_count_of_sets_wraps_past_that_of_a_new_reader),
        TEST(set_wakes_all_in_the_order_they_came),
        TEST(a_new_reader_reads_what_was_set_before),
        TEST(a_new_reader_waits_if_nothing_was_ever_set),
        TEST(a_reader_that_was_marked_waits_for_the_next),
        TEST(a_wait_across_the_wrap_goes_on_at_once),
        TEST(who_was_woken_reads_the_last_value_once),
        TEST(an_interrupt_sets_the_value),
        TEST(an_interrupt_in_the_middle_of_a_set_wakes_nobody_twice),
        TEST(any_waiter_can_be_cancelled),
        TEST(what_is_new_stays_new_for_a_cancelled_reader),
        TEST(a_wait_with_a_limit_is_unlinked),
        TEST(a_timeout_around_the_wait_unlinks_it),
        TEST(an_error_in_a_group_ends_the_other_wait),
        TEST(a_wait_outside_of_a_task_is_reported),
        TEST(a_wait_without_await_is_reported_and_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
