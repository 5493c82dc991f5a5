/* SPDX-License-Identifier: MIT */

/*
 * Barrier: when it opens, with which numbers, and what breaks it.
 */
#include "test.h"

#include <async/barrier.h>

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_barrier_t barrier;

static void set_up(unsigned parties)
{
    barrier = (async_barrier_t)ASYNC_BARRIER_INIT((uint16_t)parties);
}

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    set_up(3);
    return reports_begin(state);
}

static void run_ready(void)
{
    while (async_poll(&loop) == 0) {
    }
}

/* --- Tasks that wait ------------------------------------------------------ */

/* Traces its number, or the error; waits `times` times. */
struct party {
    ASYNC_FRAME;
    struct async_barrier_wait wait;
    async_try_t attempt;
    char name;
    int times;
};

ASYNC_STATIC(party)
{
    ASYNC_BEGIN();
    for (; self->times > 0; self->times--) {
        ASYNC_TRY(&self->attempt) {
            AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &barrier);
            trace("%c%u ", self->name, self->wait.result);
        }
        if (async_try_error(&self->attempt) != 0) {
            trace("%c%d ", self->name, async_try_error(&self->attempt));
        }
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

#define PARTIES 10
static struct party parties[PARTIES];
static async_task_t tasks[PARTIES];

static void spawn(char name, int times)
{
    int i = name - 'a';
    parties[i] = ASYNC_CALL(party, .name = name, .times = times);
    tasks[i] = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, &tasks[i], &parties[i].coro);
}

static void arrive(const char *names)
{
    for (; *names != '\0'; names++) {
        spawn(*names, 1);
    }
    run_ready();
}

static void cancel(char name)
{
    assert_true(async_cancel(&tasks[name - 'a']));
}

/* It works, and nobody else waits at it. */
static void assert_usable(void)
{
    assert_int_equal(async_barrier_waiting(&barrier), 0);
    assert_false(async_barrier_is_broken(&barrier));
    arrive("h");
    assert_int_equal(async_barrier_waiting(&barrier), 1);
    arrive("i");
    assert_trace("");
    arrive("j");
    assert_trace("j2 /j h0 /h i1 /i");
    assert_int_equal(async_barrier_waiting(&barrier), 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- It opens ------------------------------------------------------------- */

static void the_last_goes_on_at_once_and_wakes_the_others(void **state)
{
    (void)state;
    assert_int_equal(async_barrier_parties(&barrier), 3);
    arrive("ab");
    assert_trace("");
    assert_int_equal(async_barrier_waiting(&barrier), 2);
    arrive("c");
    assert_trace("c2 /c a0 /a b1 /b");
    assert_usable();
}

static void it_serves_again_at_once(void **state)
{
    (void)state;
    for (char name = 'a'; name <= 'c'; name++) {
        spawn(name, 3);
    }
    run_ready();
    assert_trace("c2 a0 b1 b2 c0 a1 a2 /a b0 /b c1 /c");
    assert_usable();
}

static void those_who_come_too_early_wait_for_the_next_turn(void **state)
{
    (void)state;
    arrive("abcde");
    assert_trace("c2 /c a0 /a b1 /b");
    assert_int_equal(async_barrier_waiting(&barrier), 2);
    arrive("f");
    assert_trace("f2 /f d0 /d e1 /e");
    assert_usable();
}

static void a_barrier_for_one_is_always_open(void **state)
{
    (void)state;
    set_up(1);
    spawn('a', 2);
    run_ready();
    assert_trace("a0 a0 /a");
}

static void at_most_65535_are_waited_for(void **state)
{
    (void)state;
    set_up(65535);
    arrive("a");
    barrier.waiting_ = 65533;
    arrive("b");
    assert_trace("");
    assert_int_equal(async_barrier_waiting(&barrier), 65534);
    arrive("c");
    assert_trace("c65534 /c a0 /a b1 /b");
    assert_int_equal(async_barrier_waiting(&barrier), 0);
}

static void its_turns_may_be_more_than_can_be_counted(void **state)
{
    (void)state;
    barrier.turn_ = 65535;
    arrive("ab");
    cancel('a');
    run_ready();
    assert_trace("/a");
    arrive("cd");
    assert_trace("d2 /d b0 /b c1 /c");
    assert_usable();
}

/* --- Cancellation --------------------------------------------------------- */

static void a_cancelled_waiter_is_not_counted(void **state)
{
    (void)state;
    arrive("ab");
    cancel('a');
    run_ready();
    assert_trace("/a");
    assert_int_equal(async_barrier_waiting(&barrier), 1);
    arrive("c");
    assert_trace("");
    arrive("d");
    assert_trace("d2 /d b0 /b c1 /c");
    assert_usable();
}

static void all_may_be_cancelled(void **state)
{
    (void)state;
    arrive("ab");
    cancel('a');
    cancel('b');
    run_ready();
    assert_trace("/a /b");
    assert_usable();
}

static void
one_cancelled_when_all_have_come_does_not_hold_the_others(void **state)
{
    (void)state;
    arrive("ab");
    spawn('c', 1);
    async_poll(&loop); /* a and b have been woken, and have not run */
    assert_int_equal(async_barrier_waiting(&barrier), 0);
    cancel('a');
    run_ready();
    assert_trace("c2 /c /a b1 /b");
    assert_usable();
}

static void
one_cancelled_in_an_earlier_turn_is_not_taken_from_the_next(void **state)
{
    (void)state;
    arrive("ab");
    spawn('c', 1);
    spawn('d', 1);
    cancel('a'); /* counts until it runs, so c is the third */
    run_ready();
    assert_trace("c2 /c /a b0 /b");
    assert_int_equal(async_barrier_waiting(&barrier), 1);
    arrive("ef");
    assert_trace("f2 /f d0 /d e1 /e");
    assert_usable();
}

struct limited {
    ASYNC_FRAME;
    struct async_barrier_wait wait;
    async_timeout_t limit;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &barrier);
    }
    trace("x%d ", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_waiter_that_times_out_is_not_counted(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, limited);
    assert_int_equal(async_run(&loop, &limited.coro), 0);
    assert_trace("x1");
    assert_usable();
}

/* --- It breaks ------------------------------------------------------------ */

static void abort_breaks_it_for_those_who_wait_and_who_come(void **state)
{
    (void)state;
    arrive("ab");
    async_barrier_abort(&barrier);
    assert_true(async_barrier_is_broken(&barrier));
    assert_int_equal(async_barrier_waiting(&barrier), 0);
    run_ready();
    assert_trace("a-207 /a b-207 /b");
    arrive("c");
    assert_trace("c-207 /c");
    async_barrier_abort(&barrier);
    assert_true(async_barrier_is_broken(&barrier));
    async_barrier_reset(&barrier);
    assert_usable();
}

static void reset_breaks_it_for_those_who_wait_only(void **state)
{
    (void)state;
    arrive("ab");
    async_barrier_reset(&barrier);
    assert_false(async_barrier_is_broken(&barrier));
    spawn('c', 1); /* in the same round */
    run_ready();
    assert_trace("a-207 /a b-207 /b");
    assert_int_equal(async_barrier_waiting(&barrier), 1);
    arrive("de");
    assert_trace("e2 /e c0 /c d1 /d");
    assert_usable();
}

static void reset_of_an_empty_barrier_changes_nothing(void **state)
{
    (void)state;
    async_barrier_reset(&barrier);
    assert_usable();
}

static void a_waiter_may_come_back_after_a_reset(void **state)
{
    (void)state;
    spawn('a', 2);
    spawn('b', 2);
    run_ready();
    async_barrier_reset(&barrier);
    run_ready();
    assert_trace("a-207 b-207");
    assert_int_equal(async_barrier_waiting(&barrier), 2);
    arrive("c");
    assert_trace("c2 /c a0 /a b1 /b");
    assert_usable();
}

static void a_broken_waiter_that_is_cancelled_is_cancelled(void **state)
{
    (void)state;
    arrive("ab");
    async_barrier_abort(&barrier);
    cancel('a');
    run_ready();
    assert_trace("/a b-207 /b");
    async_barrier_reset(&barrier);
    assert_usable();
}

static void an_abort_comes_too_late_when_all_have_come(void **state)
{
    (void)state;
    arrive("ab");
    spawn('c', 1);
    async_poll(&loop);
    async_barrier_abort(&barrier);
    run_ready();
    assert_trace("c2 /c a0 /a b1 /b");
    async_barrier_reset(&barrier);
    assert_usable();
}

static void abort_interrupt(void *context)
{
    (void)context;
    async_barrier_abort(&barrier);
}

static void reset_interrupt(void *context)
{
    (void)context;
    async_barrier_reset(&barrier);
}

static void interrupts_may_break_it(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupt;
    spawn('b', 1);
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 4),
                               abort_interrupt, NULL);
    ASYNC_OBJECT(party, a, .name = 'a', .times = 1);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_trace("b-207 /b a-207 /a");
    async_barrier_reset(&barrier);
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(async_loop_now(&loop) + 4),
                               reset_interrupt, NULL);
    ASYNC_OBJECT(party, c, .name = 'c', .times = 1);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_trace("c-207 /c");
    assert_usable();
}

/* --- The others ----------------------------------------------------------- */

static void the_parties_may_be_on_two_loops(void **state)
{
    (void)state;
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 7));
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(party, x, .name = 'x', .times = 1);
    async_spawn(&other, &task, &x.coro);
    async_poll(&other);
    arrive("ab");
    assert_trace("b2 /b a1 /a");
    async_poll(&other);
    assert_trace("x0 /x");
    assert_usable();
}

static void a_barrier_of_zeros_is_reported(void **state)
{
    (void)state;
    set_up(0);
    arrive("a");
    expect_report(ASYNC_REPORT_NO_INIT);
    assert_trace("a-202 /a");
}

/* Each runs from turn to turn, and none is ever two turns away from another. */
#define RUNNERS BY_ROOM(20, 20, 8)
#define TURNS   BY_ROOM(200, 200, 40)

static struct runner {
    ASYNC_FRAME;
    struct async_barrier_wait wait;
    int id;
    int turn;
} runners[RUNNERS];
static uint32_t numbers[TURNS]; /* one bit for each number given */

ASYNC_STATIC(runner)
{
    ASYNC_BEGIN();
    while (self->turn < TURNS) {
        AWAIT(async_sleep((async_ticks_t)((self->id * 7 + self->turn) % 5)));
        AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &barrier);
        numbers[self->turn] |= UINT32_C(1) << self->wait.result;
        self->turn++;
        for (int i = 0; i < RUNNERS; i++) {
            assert_in_range(runners[i].turn - self->turn + 1, 0, 1);
        }
    }
    ASYNC_END();
}

static void nobody_is_ahead_by_two_turns(void **state)
{
    (void)state;
    static async_task_t runner_tasks[RUNNERS];
    set_up(RUNNERS);
    for (int i = 0; i < RUNNERS; i++) {
        runners[i] = ASYNC_CALL(runner, .id = i);
        async_spawn(&loop, &runner_tasks[i], &runners[i].coro);
    }
    async_run_forever(&loop); /* until nothing is left that could run */
    for (int i = 0; i < RUNNERS; i++) {
        assert_true(async_task_done(&runner_tasks[i]));
    }
    for (int i = 0; i < TURNS; i++) {
        assert_int_equal(numbers[i], (1UL << RUNNERS) - 1);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_last_goes_on_at_once_and_wakes_the_others),
        TEST(it_serves_again_at_once),
        TEST(those_who_come_too_early_wait_for_the_next_turn),
        TEST(a_barrier_for_one_is_always_open),
        TEST(at_most_65535_are_waited_for),
        TEST(its_turns_may_be_more_than_can_be_counted),
        TEST(a_cancelled_waiter_is_not_counted),
        TEST(all_may_be_cancelled),
        TEST(one_cancelled_when_all_have_come_does_not_hold_the_others),
        TEST(one_cancelled_in_an_earlier_turn_is_not_taken_from_the_next),
        TEST(a_waiter_that_times_out_is_not_counted),
        TEST(abort_breaks_it_for_those_who_wait_and_who_come),
        TEST(reset_breaks_it_for_those_who_wait_only),
        TEST(reset_of_an_empty_barrier_changes_nothing),
        TEST(a_waiter_may_come_back_after_a_reset),
        TEST(a_broken_waiter_that_is_cancelled_is_cancelled),
        TEST(an_abort_comes_too_late_when_all_have_come),
        TEST(interrupts_may_break_it),
        TEST(the_parties_may_be_on_two_loops),
        TEST(a_barrier_of_zeros_is_reported),
        TEST(nobody_is_ahead_by_two_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
