/* SPDX-License-Identifier: MIT */

/*
 * Semaphore: how many come past, in which order, and that no permit is lost.
 */
#include "test.h"

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_semaphore_t semaphore;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    semaphore = (async_semaphore_t){0};
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) -
                                         JUST_BEFORE_THE_WRAP);
}

static async_ticks_t settle_down(void)
{
    async_ticks_t ticks;
    while ((ticks = async_poll(&loop)) == 0) {
    }
    return ticks;
}

static void pass(async_ticks_t ticks)
{
    async_virtual_clock_advance(&virtual_clock, ticks);
    settle_down();
}

static unsigned permits(void)
{
    return async_semaphore_permits(&semaphore);
}

/* Takes a permit and keeps it. */
struct taker {
    ASYNC_FRAME;
    char name;
};

ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    AWAIT(async_semaphore_acquire(&semaphore));
    trace("%c@%lu ", self->name, elapsed());
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

#define TAKERS 5
static struct taker takers[TAKERS];
static async_task_t tasks[TAKERS];

static void spawn_takers(int count)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        takers[i] = ASYNC_CALL(taker, .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &takers[i].coro);
    }
    settle_down();
}

/* --- Permits -------------------------------------------------------------- */

static void a_semaphore_of_zeros_has_no_permits(void **state)
{
    (void)state;
    assert_int_equal(permits(), 0);
    assert_int_equal(async_semaphore_try_acquire(&semaphore), ASYNC_ERR_EMPTY);
    async_semaphore_release(&semaphore);
    assert_int_equal(permits(), 1);
    assert_int_equal(async_semaphore_try_acquire(&semaphore), 0);
    assert_int_equal(permits(), 0);
}

static void an_initialiser_gives_permits(void **state)
{
    (void)state;
    static async_semaphore_t plain = ASYNC_SEMAPHORE_INIT(4);
    static async_semaphore_t bounded = ASYNC_BOUNDED_SEMAPHORE_INIT(3, 3);
    static async_semaphore_t most = ASYNC_SEMAPHORE_INIT(65535);
    assert_int_equal(async_semaphore_permits(&plain), 4);
    assert_int_equal(async_semaphore_permits(&bounded), 3);
    assert_int_equal(async_semaphore_permits(&most), 65535);
}

static void as_many_come_past_as_there_are_permits(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(2);
    spawn_takers(5);
    assert_trace("a@0 /a b@0 /b");
    assert_int_equal(permits(), 0);
}

static void a_permit_goes_to_the_task_that_waited_longest(void **state)
{
    (void)state;
    spawn_takers(4);
    for (int i = 0; i < 4; i++) {
        async_semaphore_release(&semaphore);
        assert_int_equal(permits(), 0);
        pass(1);
    }
    assert_trace("a@1 /a b@2 /b c@3 /c d@4 /d");
    async_semaphore_release(&semaphore);
    assert_int_equal(permits(), 1);
}

static void several_permits_at_once_wake_as_many_in_order(void **state)
{
    (void)state;
    spawn_takers(4);
    for (int i = 0; i < 3; i++) {
        async_semaphore_release(&semaphore);
    }
    async_poll(&loop);
    assert_trace("a@0 /a b@0 /b c@0 /c");
    assert_int_equal(permits(), 0);
    async_semaphore_release(&semaphore);
    settle_down();
    assert_trace("d@0 /d");
}

static void nobody_comes_between_a_release_and_the_waiter(void **state)
{
    (void)state;
    spawn_takers(1);
    async_semaphore_release(&semaphore);
    assert_int_equal(async_semaphore_try_acquire(&semaphore), ASYNC_ERR_EMPTY);
    assert_int_equal(permits(), 0);
    settle_down();
    assert_trace("a@0 /a");
}

/* --- The bound ------------------------------------------------------------ */

static void a_release_above_the_bound_is_reported_and_dropped(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(2, 2);
    async_semaphore_release(&semaphore);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_int_equal(permits(), 2);
    assert_int_equal(async_semaphore_try_acquire(&semaphore), 0);
    async_semaphore_release(&semaphore);
    expect_no_report();
    assert_int_equal(permits(), 2);
    async_semaphore_release(&semaphore);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_int_equal(permits(), 2);
}

static void without_a_bound_65535_is_the_limit(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(65534);
    async_semaphore_release(&semaphore);
    assert_int_equal(permits(), 65535);
    async_semaphore_release(&semaphore);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_int_equal(permits(), 65535);
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(65535, 65535);
    async_semaphore_release(&semaphore);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_int_equal(permits(), 65535);
}

static void an_unbounded_one_may_get_more_than_it_began_with(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(1);
    async_semaphore_release(&semaphore);
    assert_int_equal(permits(), 2);
}

/* --- Interrupts ----------------------------------------------------------- */

static void release(void *context)
{
    (void)context;
    async_semaphore_release(&semaphore);
}

static int taken_in_interrupt;

static void try_to_take(void *context)
{
    (void)context;
    taken_in_interrupt = async_semaphore_try_acquire(&semaphore);
}

static void an_interrupt_can_release_and_take(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupts[3];
    for (unsigned i = 0; i < 2; i++) {
        async_virtual_interrupt_at(&virtual_clock, &interrupts[i],
                                   (async_time_t)(JUST_BEFORE_THE_WRAP + 9 + i),
                                   release, NULL);
    }
    async_virtual_interrupt_at(&virtual_clock, &interrupts[2],
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 10),
                               try_to_take, NULL);
    ASYNC_OBJECT(taker, a, .name = 'a');
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("a@9 /a");
    taken_in_interrupt = -1;
    pass(1);
    assert_int_equal(taken_in_interrupt, 0);
    assert_int_equal(permits(), 0);
}

static void an_interrupt_that_releases_too_often_is_reported(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(1, 1);
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               async_loop_now(&loop), release, NULL);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    assert_null(report_taken()->task);
}

/* --- Cancel and limits ---------------------------------------------------- */

static void cancel_while_waiting(int cancelled, const char *expected)
{
    spawn_takers(3);
    async_cancel(&tasks[cancelled]);
    settle_down();
    for (int i = 0; i < 3; i++) {
        async_semaphore_release(&semaphore);
    }
    settle_down();
    assert_string_equal(trace_take(), expected);
    assert_int_equal(permits(), 1);
}

static void the_first_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_while_waiting(0, "/a b@0 /b c@0 /c");
}

static void a_middle_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_while_waiting(1, "/b a@0 /a c@0 /c");
}

static void the_last_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_while_waiting(2, "/c a@0 /a b@0 /b");
}

static void a_permit_given_to_a_cancelled_task_goes_to_the_next(void **state)
{
    (void)state;
    spawn_takers(3);
    async_semaphore_release(&semaphore);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a");
    assert_int_equal(permits(), 0);
    assert_int_equal(async_semaphore_try_acquire(&semaphore), ASYNC_ERR_EMPTY);
    async_cancel(&tasks[1]); /* which has been given it, too */
    settle_down();
    assert_trace("/b c@0 /c");
    assert_int_equal(permits(), 0);
}

static void a_permit_given_to_a_cancelled_task_stays_if_no_one_waits(void **s)
{
    (void)s;
    spawn_takers(1);
    async_semaphore_release(&semaphore);
    async_cancel(&tasks[0]);
    settle_down();
    assert_trace("/a");
    assert_int_equal(permits(), 1);
}

static void a_permit_given_back_by_a_cancellation_is_within_the_bound(void **s)
{
    (void)s;
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(1, 1);
    assert_int_equal(async_semaphore_try_acquire(&semaphore), 0);
    spawn_takers(1);
    async_semaphore_release(&semaphore);
    async_cancel(&tasks[0]);
    settle_down();
    assert_int_equal(permits(), 1);
    trace_clear();
}

struct hasty {
    ASYNC_FRAME;
    async_timeout_t limit;
    int error;
    bool by_scope;
};

ASYNC_STATIC(hasty)
{
    ASYNC_BEGIN();
    if (self->by_scope) {
        self->error = ASYNC_ERR_TIMEOUT;
        ASYNC_TIMEOUT(&self->limit, 3) {
            AWAIT(async_semaphore_acquire(&semaphore));
            self->error = 0;
        }
    } else {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_semaphore_acquire(&semaphore), 3));
    }
    trace("h%d@%lu ", self->error, elapsed());
    ASYNC_END();
}

static void a_wait_can_be_limited(void **state)
{
    (void)state;
    for (int by_scope = 0; by_scope < 2; by_scope++) {
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(hasty, h, .by_scope = by_scope != 0);
        async_spawn(&loop, &task, &h.coro);
        assert_int_equal(settle_down(), 3);
        pass(3);
        assert_int_equal(h.error, ASYNC_ERR_TIMEOUT);
        async_semaphore_release(&semaphore);
        assert_int_equal(permits(), 1);
        h = ASYNC_CALL(hasty, .by_scope = by_scope != 0); /* at once */
        async_spawn(&loop, &task, &h.coro);
        assert_true(settle_down() == ASYNC_FOREVER);
        assert_int_equal(h.error, 0);
        h = ASYNC_CALL(hasty, .by_scope = by_scope != 0); /* in time */
        async_spawn(&loop, &task, &h.coro);
        settle_down();
        pass(2);
        async_semaphore_release(&semaphore);
        assert_true(settle_down() == ASYNC_FOREVER);
        assert_int_equal(h.error, 0);
        assert_int_equal(permits(), 0);
    }
    trace_clear();
}

/* An interrupt at the time of the limit is seen first. */
static void a_permit_that_comes_with_the_limit_is_not_lost(void **state)
{
    (void)state;
    for (int by_scope = 0; by_scope < 2; by_scope++) {
        async_task_t task = ASYNC_TASK_INIT;
        async_virtual_interrupt_t interrupt;
        ASYNC_OBJECT(hasty, h, .by_scope = by_scope != 0);
        async_spawn(&loop, &task, &h.coro);
        settle_down();
        async_virtual_interrupt_at(&virtual_clock, &interrupt,
                                   (async_time_t)(async_loop_now(&loop) + 3),
                                   release, NULL);
        pass(3);
        /* a limit loses against it, a timeout cancels and gives it back */
        assert_int_equal(h.error, by_scope == 0 ? 0 : ASYNC_ERR_TIMEOUT);
        assert_int_equal(permits(), by_scope);
    }
    trace_clear();
}

struct forgetful {
    ASYNC_FRAME;
};

ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_semaphore_acquire(&semaphore);
        (void)wait;
    }
    AWAIT(async_sleep(1));
    ASYNC_END();
}

static void an_acquire_without_await_is_reported_and_forgotten(void **state)
{
    (void)state;
    ASYNC_OBJECT(forgetful, f);
    assert_int_equal(async_run(&loop, &f.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    async_semaphore_release(&semaphore);
    assert_int_equal(permits(), 1);
}

static void an_acquire_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(1);
    async_wait_t wait = async_semaphore_acquire(&semaphore);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_int_equal(permits(), 1);
}

/* --- As a block ----------------------------------------------------------- */

struct user {
    ASYNC_FRAME;
    async_with_t guard;
    int how;
};

ASYNC_STATIC(user)
{
    ASYNC_BEGIN();
    ASYNC_WITH_SEMAPHORE(&self->guard, &semaphore) {
        trace("in%u ", permits());
        ASYNC_YIELD();
        if (self->how == 1) {
            break;
        }
        if (self->how == 2) {
            continue;
        }
        if (self->how == 3) {
            ASYNC_EXIT();
        }
        if (self->how == 4) {
            ASYNC_RAISE(-7);
        }
        if (self->how == 5) {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
    }
    ASYNC_FINALLY();
    trace("/%u ", permits());
    ASYNC_END();
}

static void a_block_releases_the_permit_however_it_is_left(void **state)
{
    (void)state;
    static const int errors[] = {0, 0, 0, 0, -7, ASYNC_ERR_CANCELLED};
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(2, 2);
    for (int how = 0; how <= 5; how++) {
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(user, u, .how = how);
        async_spawn(&loop, &task, &u.coro);
        settle_down();
        if (how == 5) {
            async_cancel(&task);
            settle_down();
        }
        assert_int_equal(async_task_error(&task), errors[how]);
        assert_trace("in1 /2");
    }
}

static void a_block_that_is_cancelled_while_it_waits_takes_nothing(void **state)
{
    (void)state;
    for (int given = 0; given < 2; given++) {
        semaphore = (async_semaphore_t){0};
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(user, u);
        async_spawn(&loop, &task, &u.coro);
        settle_down();
        if (given == 1) {
            async_semaphore_release(&semaphore);
        }
        async_cancel(&task);
        settle_down();
        assert_true(async_task_done(&task));
        assert_int_equal(permits(), given);
    }
    assert_trace("/0 /1");
}

struct limited {
    ASYNC_FRAME;
    async_with_t guard;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_WITH_WAIT(&self->guard,
                    async_wait_for(async_semaphore_acquire(&semaphore), 3),
                    async_semaphore_exit, &semaphore) {
        trace("in%u ", permits());
    }
    trace("behind%u ", permits());
    ASYNC_END();
}

static void a_block_with_a_limit_on_its_wait(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, l);
    assert_int_equal(async_run(&loop, &l.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("");
    async_semaphore_release(&semaphore);
    l = ASYNC_CALL(limited, .guard = l.guard);
    assert_int_equal(async_run(&loop, &l.coro), 0);
    assert_trace("in0 behind1");
}

#define CROWD BY_ROOM(200, 100, 20)

static struct {
    struct member {
        ASYNC_FRAME;
        async_with_t guard;
        int id;
    } frames[CROWD];
    async_task_t tasks[CROWD];
    int next;
    int inside;
    int most;
} crowd;

ASYNC_STATIC(member)
{
    ASYNC_BEGIN();
    ASYNC_WITH_SEMAPHORE(&self->guard, &semaphore) {
        assert_int_equal(self->id, crowd.next++);
        crowd.inside++;
        crowd.most = crowd.inside > crowd.most ? crowd.inside : crowd.most;
        AWAIT(async_sleep((async_ticks_t)(1 + self->id * 7 % 5)));
        crowd.inside--;
    }
    ASYNC_END();
}

static void never_more_are_inside_than_there_are_permits(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(3, 3);
    crowd.next = crowd.inside = crowd.most = 0;
    for (int i = 0; i < CROWD; i++) {
        crowd.tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        crowd.frames[i] = ASYNC_CALL(member, .id = i);
        async_spawn(&loop, &crowd.tasks[i], &crowd.frames[i].coro);
    }
    settle_down();
    while (crowd.next < CROWD || crowd.inside > 0) {
        pass(1);
    }
    assert_int_equal(crowd.most, 3);
    assert_int_equal(permits(), 3);
}

static void closing_the_loop_leaves_the_permits(void **state)
{
    (void)state;
    semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(1, 1);
    async_task_t first = ASYNC_TASK_INIT;
    async_task_t second = ASYNC_TASK_INIT;
    ASYNC_OBJECT(user, f, .how = 5);
    ASYNC_OBJECT(user, s, .how = 5);
    async_spawn(&loop, &first, &f.coro);
    async_spawn(&loop, &second, &s.coro);
    settle_down();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(permits(), 1);
    trace_clear();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_semaphore_of_zeros_has_no_permits),
        TEST(an_initialiser_gives_permits),
        TEST(as_many_come_past_as_there_are_permits),
        TEST(a_permit_goes_to_the_task_that_waited_longest),
        TEST(several_permits_at_once_wake_as_many_in_order),
        TEST(nobody_comes_between_a_release_and_the_waiter),
        TEST(a_release_above_the_bound_is_reported_and_dropped),
        TEST(without_a_bound_65535_is_the_limit),
        TEST(an_unbounded_one_may_get_more_than_it_began_with),
        TEST(an_interrupt_can_release_and_take),
        TEST(an_interrupt_that_releases_too_often_is_reported),
        TEST(the_first_waiter_can_be_cancelled),
        TEST(a_middle_waiter_can_be_cancelled),
        TEST(the_last_waiter_can_be_cancelled),
        TEST(a_permit_given_to_a_cancelled_task_goes_to_the_next),
        TEST(a_permit_given_to_a_cancelled_task_stays_if_no_one_waits),
        TEST(a_permit_given_back_by_a_cancellation_is_within_the_bound),
        TEST(a_wait_can_be_limited),
        TEST(a_permit_that_comes_with_the_limit_is_not_lost),
        TEST(an_acquire_without_await_is_reported_and_forgotten),
        TEST(an_acquire_outside_of_a_task_is_reported),
        TEST(a_block_releases_the_permit_however_it_is_left),
        TEST(a_block_that_is_cancelled_while_it_waits_takes_nothing),
        TEST(a_block_with_a_limit_on_its_wait),
        TEST(never_more_are_inside_than_there_are_permits),
        TEST(closing_the_loop_leaves_the_permits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
