/* SPDX-License-Identifier: MIT */

/* All tasks of a loop, in every phase of a run, and what each is doing. */
#include "test.h"

#include <async/dump.h>
#include <async/port.h>

static async_virtual_clock_t machine;
static async_loop_t loop;
static async_event_t event;

static void begin(void)
{
    event = (async_event_t){.waiters_ = {.next_ = NULL}};
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
}

/* --- Players ------------------------------------------- */

enum what { SLEEPS, WAITS, YIELDS, FAILS, CALLS_BACK, CALLS_LATE };

struct player {
    ASYNC_FRAME;
    enum what what;
    void (*back)(void);
};

ASYNC_STATIC(player)
{
    ASYNC_BEGIN();
    if (self->what == SLEEPS) {
        AWAIT(async_sleep(5));
    } else if (self->what == WAITS) {
        AWAIT(async_event_wait(&event));
    } else if (self->what == YIELDS) {
        ASYNC_YIELD();
    } else if (self->what == FAILS) {
        ASYNC_RAISE(-5);
    } else {
        if (self->what == CALLS_LATE) {
            ASYNC_YIELD();
        }
        self->back();
        AWAIT(async_sleep(5));
    }
    ASYNC_END();
}

#define PLAYERS 6

static async_task_t tasks[PLAYERS];
static struct player players[PLAYERS];

static void spawn(int i, enum what what)
{
    players[i] = ASYNC_CALL(player, .what = what);
    async_spawn(&loop, &tasks[i], &players[i].coro);
}

static void begin_with(int count, const enum what *whats)
{
    begin();
    for (int i = 0; i < PLAYERS; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
    }
    for (int i = 0; i < count; i++) {
        spawn(i, whats[i]);
    }
}

/* A bit for each; one that comes twice fails. */
static unsigned all(void)
{
    unsigned found = 0;
    async_task_t *task = NULL;
    while ((task = async_all_tasks(&loop, task)) != NULL) {
        unsigned bit = 1u << (task - tasks);
        assert_true((found & bit) == 0);
        found |= bit;
    }
    return found;
}

/* --- All tasks ------------------------------------------------------------ */

static void a_loop_without_tasks_has_none(void **state)
{
    (void)state;
    begin();
    assert_null(async_all_tasks(&loop, NULL));
}

static void each_task_comes_once_before_a_run_and_after_it(void **state)
{
    (void)state;
    static const enum what whats[] = {SLEEPS, WAITS, YIELDS, WAITS, SLEEPS};
    begin_with(5, whats);
    assert_true(all() == 0x1F);
    async_poll(&loop);
    assert_true(all() == 0x1F);
    spawn(5, WAITS);
    assert_true(all() == 0x3F);
    async_poll(&loop); /* 2 has ended */
    assert_true(all() == 0x3B);
    async_event_set(&event);
    assert_true(all() == 0x3B);
    async_poll(&loop);
    assert_true(all() == 0x11);
    async_virtual_clock_advance(&machine, 5);
    async_poll(&loop);
    assert_true(all() == 0);
}

static unsigned seen;

static void see(void)
{
    seen = all();
}

static void each_task_comes_once_in_the_middle_of_a_round(void **state)
{
    (void)state;
    static const enum what whats[] = {WAITS, CALLS_BACK, SLEEPS, WAITS};
    begin_with(4, whats);
    players[1].back = see;
    async_poll(&loop);
    assert_true(seen == 0xF);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void spawn_and_see(void)
{
    spawn(4, SLEEPS);
    seen = all();
}

static void what_is_spawned_in_a_round_comes_too(void **state)
{
    (void)state;
    static const enum what whats[] = {WAITS, CALLS_BACK, SLEEPS, WAITS};
    begin_with(4, whats);
    players[1].back = spawn_and_see;
    async_poll(&loop);
    assert_true(seen == 0x1F);
    assert_int_equal(async_loop_close(&loop), 0);
}

static async_irq_t irq;

static void see_in_handler(void *context)
{
    (void)context;
    see();
}

static void raise_irq(void)
{
    async_irq_raise(&irq);
    async_port_unlock(async_port_lock());
}

static void each_task_comes_once_in_a_handler(void **state)
{
    (void)state;
    static const enum what whats[] = {WAITS, CALLS_BACK, SLEEPS, WAITS};
    async_irq_init(&irq, see_in_handler, NULL);
    begin_with(4, whats);
    players[1].back = raise_irq;
    async_poll(&loop);
    assert_true(seen == 0xF);
    seen = 0;
    raise_irq(); /* outside of tasks */
    assert_true(seen == 0xF);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void one_that_is_done_does_not_come(void **state)
{
    (void)state;
    static const enum what whats[] = {FAILS, SLEEPS};
    begin_with(2, whats);
    async_poll(&loop);
    assert_true(all() == 2);
    assert_int_equal(async_task_error(&tasks[0]), -5);
    assert_int_equal(async_loop_close(&loop), 0);
}

/* The loop knows it still, and it stands in the ready queue. */
static void one_spawned_again_before_its_error_was_taken_comes_once(void **s)
{
    (void)s;
    static const enum what whats[] = {FAILS, SLEEPS};
    begin_with(2, whats);
    async_poll(&loop);
    spawn(0, SLEEPS);
    expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
    spawn(2, WAITS);
    assert_true(all() == 7);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void all_tasks_can_be_cancelled_one_by_one(void **state)
{
    (void)state;
    static const enum what whats[] = {SLEEPS, WAITS, SLEEPS, YIELDS, SLEEPS};
    begin_with(5, whats);
    async_poll(&loop);
    spawn(5, SLEEPS);
    async_task_t *task = NULL;
    while ((task = async_all_tasks(&loop, task)) != NULL) {
        async_cancel(task);
    }
    for (int i = 0; i < PLAYERS; i++) {
        assert_true(async_task_cancelling(&tasks[i]));
    }
    async_poll(&loop);
    assert_true(all() == 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void tasks_of_another_loop_do_not_come(void **state)
{
    (void)state;
    static async_loop_t second;
    static const enum what whats[] = {SLEEPS};
    begin_with(1, whats);
    async_loop_init(&second, &machine.clock_);
    async_task_t other = ASYNC_TASK_INIT;
    ASYNC_OBJECT(player, player, .what = SLEEPS);
    async_spawn(&second, &other, &player.coro);
    assert_true(all() == 1);
    assert_ptr_equal(async_all_tasks(&second, NULL), &other);
    assert_null(async_all_tasks(&second, &other));
    assert_int_equal(async_loop_close(&second), 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- States --------------------------------------------------------------- */

static async_task_state_t states[PLAYERS];

static void note_states(void)
{
    for (int i = 0; i < PLAYERS; i++) {
        states[i] = async_task_state(&tasks[i]);
    }
}

static void each_state_is_told(void **state)
{
    (void)state;
    static const enum what whats[] = {WAITS, YIELDS, SLEEPS};
    begin_with(3, whats);
    note_states();
    assert_int_equal(states[0], ASYNC_TASK_NEW);
    assert_int_equal(states[5], ASYNC_TASK_UNUSED);
    async_poll(&loop);
    spawn(3, CALLS_BACK);
    players[3].back = note_states;
    spawn(4, WAITS);
    async_event_set(&event);
    note_states();
    assert_int_equal(states[0], ASYNC_TASK_READY);
    assert_int_equal(states[1], ASYNC_TASK_READY);
    async_poll(&loop); /* 1, 3, 4, 0: seen by 3 */
    assert_int_equal(states[0], ASYNC_TASK_READY);
    assert_int_equal(states[1], ASYNC_TASK_DONE);
    assert_int_equal(states[2], ASYNC_TASK_WAITING);
    assert_int_equal(states[3], ASYNC_TASK_RUNNING);
    assert_int_equal(states[4], ASYNC_TASK_NEW);
    note_states();
    assert_int_equal(states[0], ASYNC_TASK_DONE);
    assert_int_equal(states[3], ASYNC_TASK_WAITING);
    assert_int_equal(async_loop_close(&loop), 0);
}

/* One that goes round may be in what is left of the batch, which is out of
 * reach while the running task has begun to wait. */
static void start_to_wait_and_note(void)
{
    async_wait_t wait = async_sleep(9);
    (void)wait;
    note_states();
}

static void who_may_still_be_in_the_batch_is_not_called_lost(void **state)
{
    (void)state;
    static const enum what whats[] = {CALLS_LATE, YIELDS};
    begin_with(2, whats);
    players[0].back = start_to_wait_and_note;
    async_poll(&loop); /* both go round */
    async_poll(&loop);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_int_equal(states[0], ASYNC_TASK_RUNNING);
    assert_int_equal(states[1], ASYNC_TASK_READY);
    assert_int_equal(async_loop_close(&loop), 0);
}

/* A loop that runs in an interrupt of a task of the first. */
static async_loop_t above;

static void poll_above(void *context)
{
    (void)context;
    async_poll(&above);
}

static void a_task_below_another_loop_is_running(void **state)
{
    (void)state;
    static const enum what whats[] = {CALLS_BACK, SLEEPS};
    begin_with(2, whats);
    async_loop_init(&above, &machine.clock_);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(player, player, .what = CALLS_BACK, .back = note_states);
    async_spawn(&above, &task, &player.coro);
    async_irq_init(&irq, poll_above, NULL);
    players[0].back = raise_irq;
    async_poll(&loop);
    assert_int_equal(states[0], ASYNC_TASK_RUNNING);
    assert_int_equal(states[1], ASYNC_TASK_NEW);
    assert_int_equal(async_loop_close(&above), 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

static void nobody_is_interrupted_outside_of_handlers(void **state)
{
    (void)state;
    begin();
    assert_null(async_interrupted_task());
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(a_loop_without_tasks_has_none),
        async_test(each_task_comes_once_before_a_run_and_after_it),
        async_test(each_task_comes_once_in_the_middle_of_a_round),
        async_test(what_is_spawned_in_a_round_comes_too),
        async_test(each_task_comes_once_in_a_handler),
        async_test(one_that_is_done_does_not_come),
        async_test(one_spawned_again_before_its_error_was_taken_comes_once),
        async_test(all_tasks_can_be_cancelled_one_by_one),
        async_test(tasks_of_another_loop_do_not_come),
        async_test(each_state_is_told),
        async_test(who_may_still_be_in_the_batch_is_not_called_lost),
        async_test(a_task_below_another_loop_is_running),
        async_test(nobody_is_interrupted_outside_of_handlers),
    };
    return cmocka_run_group_tests_name("all_tasks", tests, NULL, NULL);
}
