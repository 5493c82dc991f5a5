/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: watchdog.
 *
 * A task adds, beats, checks and removes; so does the interrupt, meanwhile.
 */
#include "interleave.h"

#include <async/watchdog.h>

#include <string.h>

#define PULSES 3
#define LIMIT  1

static async_watchdog_t dog;
static async_pulse_t pulses[PULSES];

static void begin(void)
{
    dog = (async_watchdog_t){.changes_ = 0};
    memset(pulses, 0, sizeof pulses);
}

static void begin_with_all(void)
{
    begin();
    for (unsigned i = 0; i < PULSES; i++) {
        async_watchdog_add(&dog, &pulses[i], NULL, LIMIT);
    }
}

static void watch(void)
{
    assert_in_range(waiters_in(&dog.pulses_), 0, PULSES);
}

/* --- What the interrupt does ---------------------------------------------- */

static void remove_first(void)
{
    async_watchdog_remove(&pulses[0]);
}

static void remove_second(void)
{
    async_watchdog_remove(&pulses[1]);
}

static void remove_all(void)
{
    for (unsigned i = 0; i < PULSES; i++) {
        async_watchdog_remove(&pulses[i]);
    }
}

/* It moves to the end. */
static void add_first(void)
{
    async_watchdog_add(&dog, &pulses[0], NULL, LIMIT);
}

static void beat_all(void)
{
    for (unsigned i = 0; i < PULSES; i++) {
        async_pulse_beat(&pulses[i]);
    }
}

/* With a later time than that of the check it may have cut into. */
static void check_later(void)
{
    async_watchdog_check(&dog, (async_time_t)(async_loop_now(&loop) + 1));
}

/* --- What the task does --------------------------------------------------- */

/* Who was added or has beaten since is not late, whatever came between; if no
 * interrupt came, all the others are. */
struct checker {
    ASYNC_FRAME;
    const async_pulse_t *late;
    unsigned found;
};

static void count_late(struct checker *checker)
{
    checker->found = 0;
    const async_pulse_t *late = async_watchdog_late(&dog, NULL);
    for (; late != NULL && checker->found < 100; checker->found++) {
        late = async_watchdog_late(&dog, late);
    }
}

ASYNC_STATIC(checker)
{
    ASYNC_BEGIN();
    for (unsigned i = 0; i < PULSES; i++) {
        async_watchdog_add(&dog, &pulses[i], NULL, LIMIT);
    }
    assert_null(async_watchdog_check(&dog, async_loop_now(&loop)));
    AWAIT(async_sleep(3));
    self->late = async_watchdog_check(&dog, async_loop_now(&loop));
    count_late(self);
    AWAIT(async_sleep(1));
    beat_all();
    assert_null(async_watchdog_check(&dog, async_loop_now(&loop)));
    ASYNC_END();
}

static void run(void)
{
    ASYNC_OBJECT(checker, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    interrupts_off();
    assert_in_range(c.found, 0, 2 * PULSES);
    if (irq.fired == 0) {
        assert_ptr_equal(c.late, &pulses[0]);
        assert_int_equal(c.found, PULSES);
    }
}

/* Each is either in the list or out of it, and remembers rightly. */
static void run_and_count(void)
{
    unsigned watched = 0;
    run();
    for (unsigned i = 0; i < PULSES; i++) {
        watched += pulses[i].link_.prev_ != NULL;
    }
    assert_int_equal(waiters_in(&dog.pulses_), watched);
}

static const struct scenario checks = {begin, run_and_count, .watch = watch,
                                       .nests = true};

static function_t *const handlers[] = {
    remove_first, remove_second, remove_all, add_first, beat_all, check_later};
enum { HANDLERS = sizeof handlers / sizeof handlers[0] };

static void a_check_survives_whatever_an_interrupt_does(void **state)
{
    (void)state;
    for (int i = 0; i < HANDLERS; i++) {
        run_all(&checks, handlers[i]);
    }
}

static void a_check_survives_two_interrupts(void **state)
{
    (void)state;
    for (int i = 0; i < HANDLERS; i++) {
        for (int j = 0; j < HANDLERS; j++) {
            run_all_pairs(&checks, handlers[i], handlers[j]);
        }
    }
}

/* --- Nobody is overlooked ------------------------------------------------- */

/* One that leaves in the middle of a walk takes the walk nowhere else: the last
 * one is found to be late all the same. */
struct overlooker {
    ASYNC_FRAME;
    int unused;
};

ASYNC_STATIC(overlooker)
{
    ASYNC_BEGIN();
    async_watchdog_check(&dog, async_loop_now(&loop));
    AWAIT(async_sleep(3));
    async_watchdog_check(&dog, async_loop_now(&loop));
    assert_true(pulses[2].late_);
    assert_non_null(async_watchdog_late(&dog, NULL));
    ASYNC_END();
}

/* Their memory has another use from then on. */
static void reuse_first_two(void)
{
    async_watchdog_remove(&pulses[0]);
    async_watchdog_remove(&pulses[1]);
    memset(pulses, 0xA5, 2 * sizeof pulses[0]);
}

static void run_overlooker(void)
{
    ASYNC_OBJECT(overlooker, o);
    assert_int_equal(async_run(&loop, &o.coro), 0);
    interrupts_off();
}

static const struct scenario overlooked = {begin_with_all, run_overlooker,
                                           .watch = watch, .nests = true};

static const struct scenario once = {begin_with_all, run_overlooker,
                                     .watch = watch};

static void a_walk_does_not_follow_what_is_gone(void **state)
{
    (void)state;
    run_all(&once, reuse_first_two);
}

static void the_last_is_found_although_others_come_and_go(void **state)
{
    (void)state;
    run_all(&overlooked, remove_first);
    run_all(&overlooked, remove_second);
    run_all(&overlooked, add_first);
    run_all(&overlooked, check_later);
    run_both_orders(&overlooked, remove_second, add_first);
    run_both_orders(&overlooked, remove_first, check_later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(a_check_survives_whatever_an_interrupt_does),
        interleave_test(a_check_survives_two_interrupts),
        interleave_test(a_walk_does_not_follow_what_is_gone),
        interleave_test(the_last_is_found_although_others_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
