/* SPDX-License-Identifier: MIT */

/*
 * Operations without an AWAIT, and pauses without an operation: they are
 * reported, and no other task is lost by them.
 */
#include "test.h"

#include <string.h>

static async_virtual_clock_t machine;
static async_loop_t loop;
static async_event_t event;
static async_semaphore_t semaphore;
static ASYNC_QUEUE(int, 1) queue;

struct tick {
    ASYNC_FRAME;
    char name;
};

ASYNC_STATIC(tick)
{
    ASYNC_BEGIN();
    trace("%c ", self->name);
    ASYNC_END();
}

static async_task_t tasks[2];
static struct tick ticks[2];

static void spawn_tick(unsigned i)
{
    ticks[i] = ASYNC_CALL(tick, .name = (char)('a' + i));
    async_spawn(&loop, &tasks[i], &ticks[i].coro);
}

static int run(async_coro_t *coro)
{
    memset(tasks, 0, sizeof tasks);
    memset(&event, 0, sizeof event);
    semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(0);
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
    return async_run(&loop, coro);
}

/* The warning that the compiler gives is silenced. */
static void forget_event(void)
{
    async_wait_t wait = async_event_wait(&event);
    (void)wait;
}

/* --- Woken at once -------------------------------------------------------- */

/* The task is woken in its own step; how many are ready before it and behind
 * it. */
struct forgets {
    ASYNC_FRAME;
    unsigned before;
    unsigned behind;
    bool ends; /* or it goes round */
};

ASYNC_STATIC(forgets)
{
    ASYNC_BEGIN();
    for (unsigned i = 0; i < self->before; i++) {
        spawn_tick(i);
    }
    forget_event();
    async_event_set(&event);
    for (unsigned i = self->before; i < self->before + self->behind; i++) {
        spawn_tick(i);
    }
    if (self->ends) {
        ASYNC_EXIT();
    }
    ASYNC_YIELD();
    trace("again ");
    ASYNC_YIELD();
    ASYNC_END();
}

static void run_forgets(unsigned before, unsigned behind, bool ends)
{
    ASYNC_OBJECT(forgets, forgets, .before = before, .behind = behind,
                 .ends = ends);
    assert_int_equal(run(&forgets.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
}

static void a_wait_that_was_forgotten_and_is_over_loses_no_task(void **state)
{
    (void)state;
    run_forgets(0, 0, false);
    assert_trace("again");
    run_forgets(1, 0, false);
    assert_trace("a again");
    run_forgets(0, 1, false);
    assert_trace("a again");
    run_forgets(1, 1, false);
    assert_trace("a b again");
}

/* The short cut for one waiter is another way. */
struct forgets_beside_others {
    ASYNC_FRAME;
};

struct waits_too {
    ASYNC_FRAME;
};

ASYNC_STATIC(waits_too)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&event));
    trace("other ");
    ASYNC_END();
}

static struct waits_too other;
static async_task_t other_task;

ASYNC_STATIC(forgets_beside_others)
{
    ASYNC_BEGIN();
    other = ASYNC_CALL(waits_too);
    async_spawn(&loop, &other_task, &other.coro);
    ASYNC_YIELD();
    forget_event();
    async_event_set(&event);
    spawn_tick(0);
    ASYNC_YIELD();
    trace("again ");
    ASYNC_YIELD();
    ASYNC_END();
}

static void one_of_several_that_was_woken_so_loses_no_task(void **state)
{
    (void)state;
    memset(&other_task, 0, sizeof other_task);
    ASYNC_OBJECT(forgets_beside_others, forgets);
    assert_int_equal(run(&forgets.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_trace("other a again");
}

static void a_task_that_ends_with_such_a_wait_runs_no_more(void **state)
{
    (void)state;
    run_forgets(0, 0, true);
    assert_trace("");
    run_forgets(0, 0, true);
    assert_trace("");
}

struct waits_next {
    ASYNC_FRAME;
};

ASYNC_STATIC(waits_next)
{
    ASYNC_BEGIN();
    forget_event();
    async_event_set(&event);
    async_event_clear(&event);
    spawn_tick(0);
    AWAIT(async_sleep(5));
    trace("slept ");
    ASYNC_END();
}

static void
after_such_a_wait_the_next_one_lasts_as_long_as_it_should(void **state)
{
    (void)state;
    ASYNC_OBJECT(waits_next, waits);
    assert_int_equal(run(&waits.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_trace("a slept");
    assert_int_equal(
        (async_time_t)(async_loop_now(&loop) - JUST_BEFORE_THE_WRAP), 5);
}

/* --- Handed over at once -------------------------------------------------- */

static void forget_permit(void)
{
    async_wait_t wait = async_semaphore_acquire(&semaphore);
    (void)wait;
}

struct forgets_permit {
    ASYNC_FRAME;
};

ASYNC_STATIC(forgets_permit)
{
    ASYNC_BEGIN();
    forget_permit();
    async_semaphore_release(&semaphore);
    spawn_tick(0);
    ASYNC_YIELD();
    trace("again ");
    ASYNC_END();
}

static void what_it_was_given_meanwhile_is_given_back(void **state)
{
    (void)state;
    ASYNC_OBJECT(forgets_permit, forgets);
    assert_int_equal(run(&forgets.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_trace("a again");
    assert_int_equal(async_semaphore_permits(&semaphore), 1);
}

/* --- With a limit --------------------------------------------------------- */

static async_task_t sleeper;

struct doze {
    ASYNC_FRAME;
};

ASYNC_STATIC(doze)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(10));
    trace("dozed ");
    ASYNC_END();
}

static struct doze doze;

static void forget_limited_permit(void)
{
    async_wait_t wait = async_wait_for(async_semaphore_acquire(&semaphore), 5);
    (void)wait;
}

/* Its timer is the first of all, the root of their heap. */
struct forgets_limit {
    ASYNC_FRAME;
};

ASYNC_STATIC(forgets_limit)
{
    ASYNC_BEGIN();
    doze = ASYNC_CALL(doze);
    async_spawn(&loop, &sleeper, &doze.coro);
    AWAIT(async_sleep(1));
    forget_limited_permit();
    async_semaphore_release(&semaphore);
    AWAIT(async_sleep(20));
    trace("slept ");
    ASYNC_END();
}

static void the_limit_of_such_a_wait_is_over_with_it(void **state)
{
    (void)state;
    memset(&sleeper, 0, sizeof sleeper);
    ASYNC_OBJECT(forgets_limit, forgets);
    assert_int_equal(run(&forgets.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_trace("dozed slept");
}

/* --- No operation --------------------------------------------------------- */

struct just_returns {
    ASYNC_FRAME;
};

ASYNC_STATIC(just_returns)
{
    ASYNC_BEGIN();
    spawn_tick(0);
    AWAIT(async_sleep(1));
    return NULL;
    ASYNC_FINALLY();
    trace("cleanup ");
    ASYNC_END();
}

struct calls_it {
    ASYNC_FRAME;
    int error;
    struct just_returns call;
};

ASYNC_STATIC(calls_it)
{
    ASYNC_BEGIN();
    AWAIT_CALL_CATCH(self->error, self->call, just_returns);
    ASYNC_END();
}

static void a_body_that_just_returns_is_reported_and_raises(void **state)
{
    (void)state;
    ASYNC_OBJECT(calls_it, calls);
    assert_int_equal(run(&calls.coro), 0);
    expect_report(ASYNC_REPORT_NO_WAKER);
    assert_ptr_equal(report_taken()->coro, &calls.call.coro);
    assert_int_equal(calls.error, ASYNC_ERR_MISUSE);
    assert_trace("a cleanup");
}

struct catches {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(catches)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_sleep(1));
    trace("caught%d ", self->error);
    return NULL;
    ASYNC_END();
}

static void an_await_catch_before_it_does_not_catch_that(void **state)
{
    (void)state;
    ASYNC_OBJECT(catches, catches);
    assert_int_equal(run(&catches.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NO_WAKER);
    assert_trace("caught0");
}

struct returns_at_start {
    ASYNC_FRAME;
};

ASYNC_STATIC(returns_at_start)
{
    ASYNC_BEGIN();
    if (true) {
        return NULL;
    }
    ASYNC_END();
}

static void so_is_one_that_does_it_before_its_first_await(void **state)
{
    (void)state;
    ASYNC_OBJECT(returns_at_start, returns);
    assert_int_equal(run(&returns.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NO_WAKER);
}

struct keeps_room {
    ASYNC_FRAME;
};

ASYNC_STATIC(keeps_room)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_wait_room(&queue));
    return NULL;
    ASYNC_END();
}

static void so_is_one_that_keeps_what_it_has_not_taken(void **state)
{
    (void)state;
    async_queue_init(&queue);
    ASYNC_OBJECT(keeps_room, keeps);
    assert_int_equal(run(&keeps.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_TAKEN);
    expect_report(ASYNC_REPORT_NO_WAKER);
    int item = 1;
    assert_int_equal(async_queue_try_put(&queue, &item), ASYNC_OK);
}

/* As an interrupt does that comes before the step is over. */
static async_wait_t wait_and_wake(void)
{
    async_wait_t wait = async_event_wait(&event);
    async_event_set(&event);
    return wait;
}

struct pauses {
    ASYNC_FRAME;
};

ASYNC_STATIC(pauses)
{
    ASYNC_BEGIN();
    AWAIT(wait_and_wake());
    trace("woken ");
    ASYNC_END();
}

static void a_task_that_is_woken_before_it_has_paused_has_a_waker(void **state)
{
    (void)state;
    ASYNC_OBJECT(pauses, pauses);
    assert_int_equal(run(&pauses.coro), 0);
    assert_trace("woken");
}

static async_wait_t wait_and_be_given(void)
{
    async_wait_t wait = async_semaphore_acquire(&semaphore);
    async_semaphore_release(&semaphore);
    return wait;
}

struct is_given {
    ASYNC_FRAME;
};

ASYNC_STATIC(is_given)
{
    ASYNC_BEGIN();
    AWAIT(wait_and_be_given());
    trace("given ");
    ASYNC_END();
}

static void so_has_one_that_was_given_something_before(void **state)
{
    (void)state;
    ASYNC_OBJECT(is_given, given);
    assert_int_equal(run(&given.coro), 0);
    assert_trace("given");
    assert_int_equal(async_semaphore_permits(&semaphore), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        async_test(a_wait_that_was_forgotten_and_is_over_loses_no_task),
        async_test(one_of_several_that_was_woken_so_loses_no_task),
        async_test(a_task_that_ends_with_such_a_wait_runs_no_more),
        async_test(after_such_a_wait_the_next_one_lasts_as_long_as_it_should),
        async_test(what_it_was_given_meanwhile_is_given_back),
        async_test(the_limit_of_such_a_wait_is_over_with_it),
        async_test(a_body_that_just_returns_is_reported_and_raises),
        async_test(an_await_catch_before_it_does_not_catch_that),
        async_test(so_is_one_that_does_it_before_its_first_await),
        async_test(so_is_one_that_keeps_what_it_has_not_taken),
        async_test(a_task_that_is_woken_before_it_has_paused_has_a_waker),
        async_test(so_has_one_that_was_given_something_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
