/* SPDX-License-Identifier: MIT */

/*
 * Condition: who is notified, in which order they have the lock, and that they
 * have it however the wait ends.
 */
#include "test.h"

#include <async/port.h>

#include <async/condition.h>

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_lock_t lock;
static async_condition_t condition;
static volatile int level;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    lock = (async_lock_t){.owner_ = NULL};
    condition = (async_condition_t)ASYNC_CONDITION_INIT(&lock);
    level = 0;
    return reports_begin(state);
}

static void run_ready(void)
{
    while (async_poll(&loop) == 0) {
    }
}

static bool has_lock(void)
{
    return async_lock_owner(&lock) == async_current_task();
}

/* --- Tasks that wait ------------------------------------------------------ */

/* With the lock: waits once, or until level is `least`. */
struct waiter {
    ASYNC_FRAME;
    async_with_t guard;
    struct async_condition_wait wait;
    char name;
    int least; /* 0: waits once */
    int looks;
};

static bool is_enough(struct waiter *self)
{
    assert_true(has_lock());
    self->looks++;
    return level >= self->least;
}

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        if (self->least == 0) {
            AWAIT_CALL(self->wait, async_condition_wait,
                       .condition = &condition);
        } else {
            AWAIT_CONDITION(self->wait, &condition, is_enough(self));
        }
        trace("%c%d ", self->name, has_lock());
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

#define WAITERS 5
static struct waiter waiters[WAITERS];
static async_task_t tasks[WAITERS];

/* Tasks a, b, c, ... */
static void spawn_waiters(int count, int least)
{
    for (int i = 0; i < count; i++) {
        waiters[i] =
            ASYNC_CALL(waiter, .name = (char)('a' + i), .least = least);
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        async_spawn(&loop, &tasks[i], &waiters[i].coro);
    }
    run_ready();
    assert_false(async_lock_is_taken(&lock));
}

static void assert_all_done(int count)
{
    for (int i = 0; i < count; i++) {
        assert_true(async_task_done(&tasks[i]));
    }
    assert_false(async_lock_is_taken(&lock));
    assert_int_equal(async_loop_close(&loop), 0);
}

/* Takes the lock, notifies, and keeps the lock until it is told to go. */
struct notifier {
    ASYNC_FRAME;
    async_with_t guard;
    async_event_t go;
    unsigned count;
};

ASYNC_STATIC(notifier)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        async_condition_notify(&condition, self->count);
        trace("notified ");
        AWAIT(async_event_wait(&self->go));
        trace("go ");
    }
    ASYNC_END();
}

static struct notifier notifier;
static async_task_t notifier_task;

static void notify(unsigned count)
{
    notifier_task = (async_task_t)ASYNC_TASK_INIT;
    notifier = ASYNC_CALL(notifier, .count = count);
    async_spawn(&loop, &notifier_task, &notifier.coro);
    run_ready();
}

static void let_notifier_go(void)
{
    async_event_set(&notifier.go);
    run_ready();
}

/* --- Notify --------------------------------------------------------------- */

static void the_waiters_have_the_lock_one_after_the_other(void **state)
{
    (void)state;
    spawn_waiters(3, 0);
    notify(3);
    assert_trace("notified");
    let_notifier_go();
    assert_trace("go a1 /a b1 /b c1 /c");
    assert_all_done(3);
}

static void as_many_are_notified_as_it_says(void **state)
{
    (void)state;
    spawn_waiters(4, 0);
    notify(1);
    let_notifier_go();
    assert_trace("notified go a1 /a");
    notify(0);
    let_notifier_go();
    assert_trace("notified go");
    notify(2);
    let_notifier_go();
    assert_trace("notified go b1 /b c1 /c");
    notify(7);
    let_notifier_go();
    assert_trace("notified go d1 /d");
    assert_all_done(4);
}

static void a_notification_that_finds_nobody_is_forgotten(void **state)
{
    (void)state;
    notify(1);
    let_notifier_go();
    spawn_waiters(1, 0);
    assert_trace("notified go");
    async_condition_notify_all(&condition);
    run_ready();
    assert_trace("a1 /a");
    assert_all_done(1);
}

static void notify_interrupt(void *count)
{
    async_condition_notify(&condition, *(unsigned *)count);
}

struct sleeper {
    ASYNC_FRAME;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(50));
    async_stop(async_current_loop());
    ASYNC_END();
}

static void let_time_pass(void)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleeper, sleeper);
    async_spawn(&loop, &task, &sleeper.coro);
    assert_int_equal(async_run_forever(&loop), 0);
}

static void an_interrupt_may_notify(void **state)
{
    (void)state;
    unsigned two = 2;
    async_virtual_interrupt_t interrupt;
    spawn_waiters(3, 0);
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 5),
                               notify_interrupt, &two);
    let_time_pass();
    assert_trace("a1 /a b1 /b");
    async_condition_notify_all(&condition);
    run_ready();
    assert_trace("c1 /c");
    assert_all_done(3);
}

static void a_waiter_that_waits_again_is_not_notified_twice(void **state)
{
    (void)state;
    spawn_waiters(2, 1);
    assert_int_equal(waiters[0].looks, 1);
    notify(1);
    let_notifier_go();
    assert_int_equal(waiters[0].looks, 2);
    assert_int_equal(waiters[1].looks, 1);
    notify(1); /* a is the last now */
    let_notifier_go();
    assert_int_equal(waiters[0].looks, 2);
    assert_int_equal(waiters[1].looks, 2);
    level = 1;
    notify(2);
    let_notifier_go();
    assert_trace("notified go notified go notified go a1 /a b1 /b");
    assert_all_done(2);
}

/* --- The predicate -------------------------------------------------------- */

static void a_predicate_that_is_true_is_not_waited_for(void **state)
{
    (void)state;
    level = 3;
    spawn_waiters(2, 3);
    assert_trace("a1 /a b1 /b");
    assert_int_equal(waiters[0].looks, 1);
    assert_all_done(2);
}

static void it_is_looked_at_after_each_notification(void **state)
{
    (void)state;
    spawn_waiters(1, 3);
    for (level = 1; level < 3; level++) {
        notify(1);
        let_notifier_go();
    }
    assert_int_equal(waiters[0].looks, 3);
    notify(1);
    let_notifier_go();
    assert_int_equal(waiters[0].looks, 4);
    assert_trace("notified go notified go notified go a1 /a");
    assert_all_done(1);
}

/* An interrupt comes right after the look, and notifies nobody. */
struct unlucky {
    ASYNC_FRAME;
    async_with_t guard;
    struct async_condition_wait wait;
    int looks;
};

static void interrupt_here(void *context)
{
    (void)context;
    level = 1;
    async_condition_notify_all(&condition);
}

static bool look_unluckily(struct unlucky *self)
{
    static async_irq_t irq;
    bool enough = level > 0;
    if (self->looks++ == 0) {
        async_irq_init(&irq, interrupt_here, NULL);
        async_irq_raise(&irq);
        async_port_unlock(async_port_lock()); /* it comes here */
        trace("irq ");
    }
    return enough;
}

ASYNC_STATIC(unlucky)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        AWAIT_CONDITION(self->wait, &condition, look_unluckily(self));
        trace("got it ");
    }
    ASYNC_END();
}

static void an_interrupt_between_look_and_wait_is_not_lost(void **state)
{
    (void)state;
    ASYNC_OBJECT(unlucky, unlucky);
    assert_int_equal(async_run(&loop, &unlucky.coro), 0);
    assert_trace("irq got it");
    assert_int_equal(unlucky.looks, 2);
    assert_false(async_lock_is_taken(&lock));
}

/* --- Cancellation --------------------------------------------------------- */

static void a_cancelled_waiter_has_the_lock_when_it_goes(void **state)
{
    (void)state;
    spawn_waiters(2, 0);
    async_cancel(&tasks[0]);
    run_ready(); /* its guard would report a lock that it has not */
    assert_trace("/a");
    notify(1);
    let_notifier_go();
    assert_trace("notified go b1 /b");
    assert_all_done(2);
}

static void a_cancelled_waiter_waits_for_the_lock(void **state)
{
    (void)state;
    spawn_waiters(2, 0);
    notify(0);
    async_cancel(&tasks[0]);
    run_ready();
    assert_trace("notified");
    async_cancel(&tasks[0]); /* which does not end that either */
    run_ready();
    assert_trace("");
    let_notifier_go();
    assert_trace("go /a");
    async_condition_notify_all(&condition);
    run_ready();
    assert_trace("b1 /b");
    assert_all_done(2);
}

static void
one_cancelled_before_it_runs_passes_the_notification_on(void **state)
{
    (void)state;
    spawn_waiters(3, 0);
    async_condition_notify(&condition, 1);
    async_cancel(&tasks[0]);
    run_ready();
    assert_trace("/a b1 /b");
    async_condition_notify(&condition, 1);
    run_ready();
    assert_trace("c1 /c");
    assert_all_done(3);
}

static void one_cancelled_while_it_waits_for_the_lock_passes_it_on(void **state)
{
    (void)state;
    spawn_waiters(3, 0);
    notify(1);
    async_cancel(&tasks[0]); /* notified, and waits for the lock */
    run_ready();
    assert_trace("notified");
    let_notifier_go();
    assert_trace("go /a b1 /b");
    async_condition_notify(&condition, 1);
    run_ready();
    assert_trace("c1 /c");
    assert_all_done(3);
}

static void one_cancelled_without_a_notification_passes_nothing_on(void **state)
{
    (void)state;
    spawn_waiters(2, 0);
    notify(0);
    async_cancel(&tasks[0]);
    async_cancel(&tasks[0]);
    run_ready();
    let_notifier_go();
    assert_trace("notified go /a");
    assert_false(async_task_done(&tasks[1]));
    async_condition_notify(&condition, 1);
    run_ready();
    assert_trace("b1 /b");
    assert_all_done(2);
}

static void the_last_of_all_passes_it_on_to_nobody(void **state)
{
    (void)state;
    spawn_waiters(1, 0);
    async_condition_notify(&condition, 1);
    async_cancel(&tasks[0]);
    run_ready();
    assert_trace("/a");
    spawn_waiters(1, 0);
    assert_trace("");
    async_condition_notify(&condition, 1);
    run_ready();
    assert_trace("a1 /a");
    assert_all_done(1);
}

struct limited {
    ASYNC_FRAME;
    async_with_t guard;
    async_timeout_t limit;
    struct async_condition_wait wait;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT_CONDITION(self->wait, &condition, level > 0);
        }
        trace("x%d@%d lock%d ", async_timeout_expired(&self->limit),
              (int)(async_now() - JUST_BEFORE_THE_WRAP), has_lock());
    }
    ASYNC_END();
}

static void behind_a_timeout_the_task_has_the_lock(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, limited);
    assert_int_equal(async_run(&loop, &limited.coro), 0);
    assert_trace("x1@10 lock1");
    assert_false(async_lock_is_taken(&lock));
}

static void release_after_20(void *context)
{
    (void)context;
    async_event_set(&notifier.go);
}

static void a_timeout_waits_for_the_lock(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupt;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limited, limited);
    async_spawn(&loop, &task, &limited.coro);
    run_ready();
    notify(0);
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 20),
                               release_after_20, NULL);
    let_time_pass();
    assert_trace("notified go x1@20 lock1");
    assert_true(async_task_done(&task));
    assert_false(async_lock_is_taken(&lock));
}

/* Asks for its own cancellation before it waits. */
struct self_cancelling {
    ASYNC_FRAME;
    async_with_t guard;
    struct async_condition_wait wait;
};

ASYNC_STATIC(self_cancelling)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        async_cancel(async_current_task());
        AWAIT_CALL(self->wait, async_condition_wait, .condition = &condition);
        trace("never ");
    }
    ASYNC_FINALLY();
    trace("end ");
    ASYNC_END();
}

static void a_task_that_cancelled_itself_has_the_lock_when_it_goes(void **state)
{
    (void)state;
    ASYNC_OBJECT(self_cancelling, one);
    assert_int_equal(async_run(&loop, &one.coro), ASYNC_ERR_CANCELLED);
    assert_trace("end");
    assert_false(async_lock_is_taken(&lock));
}

static void closing_the_loop_leaves_the_lock_free(void **state)
{
    (void)state;
    spawn_waiters(4, 0);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("/d /c /b /a");
    assert_false(async_lock_is_taken(&lock));
}

/* --- Misuse --------------------------------------------------------------- */

struct misuse {
    ASYNC_FRAME;
    struct async_condition_wait wait;
    async_try_t attempt;
    async_condition_t *condition;
};

ASYNC_STATIC(misuse)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT_CALL(self->wait, async_condition_wait,
                   .condition = self->condition);
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_TRY(&self->attempt) {
        AWAIT_CONDITION(self->wait, self->condition, true);
    }
    trace("%d ", async_try_error(&self->attempt));
    async_condition_notify(self->condition, 1);
    async_condition_notify_all(self->condition);
    ASYNC_END();
}

static void without_the_lock_nothing_works(void **state)
{
    (void)state;
    spawn_waiters(1, 0);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(misuse, misuse, .condition = &condition);
    async_spawn(&loop, &task, &misuse.coro);
    run_ready();
    for (int i = 0; i < 4; i++) {
        expect_report(ASYNC_REPORT_NOT_HELD);
    }
    assert_trace("-202 -202");
    assert_false(async_lock_is_taken(&lock));
    async_condition_notify(&condition, 1);
    run_ready();
    assert_trace("a1 /a");
    assert_all_done(1);
}

static void with_the_lock_of_another_nothing_works(void **state)
{
    (void)state;
    notify(0);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(misuse, misuse, .condition = &condition);
    async_spawn(&loop, &task, &misuse.coro);
    run_ready();
    for (int i = 0; i < 4; i++) {
        expect_report(ASYNC_REPORT_NOT_HELD);
    }
    assert_trace("notified -202 -202");
    assert_ptr_equal(async_lock_owner(&lock), &notifier_task);
    let_notifier_go();
    assert_trace("go");
}

static void a_condition_of_zeros_is_reported(void **state)
{
    (void)state;
    static async_condition_t zeros;
    ASYNC_OBJECT(misuse, misuse, .condition = &zeros);
    assert_int_equal(async_run(&loop, &misuse.coro), 0);
    for (int i = 0; i < 4; i++) {
        expect_report(ASYNC_REPORT_NO_INIT);
    }
    assert_trace("-202 -202");
}

/* --- Two conditions of one lock: a queue of one place --------------------- */

static async_condition_t has_room = ASYNC_CONDITION_INIT(&lock);
static async_condition_t has_item = ASYNC_CONDITION_INIT(&lock);
static int item;

struct producer {
    ASYNC_FRAME;
    async_with_t guard;
    struct async_condition_wait wait;
    int i;
};

ASYNC_STATIC(producer)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= 50; self->i++) {
        ASYNC_WITH_LOCK(&self->guard, &lock) {
            AWAIT_CONDITION(self->wait, &has_room, item == 0);
            AWAIT(async_sleep(1));
            item = self->i;
            async_condition_notify(&has_item, 1);
        }
    }
    ASYNC_END();
}

struct consumer {
    ASYNC_FRAME;
    async_with_t guard;
    struct async_condition_wait wait;
    int sum;
};

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    for (;;) {
        ASYNC_WITH_LOCK(&self->guard, &lock) {
            AWAIT_CONDITION(self->wait, &has_item, item != 0);
            self->sum += item;
            AWAIT(async_sleep(1));
            item = 0;
            async_condition_notify(&has_room, 1);
        }
    }
    ASYNC_END();
}

struct market {
    ASYNC_FRAME;
    struct producer producers[3];
    struct consumer consumers[2];
    async_task_t tasks[5];
    int i;
};

ASYNC_STATIC(market)
{
    ASYNC_BEGIN();
    for (int i = 0; i < 3; i++) {
        self->producers[i] = ASYNC_CALL(producer);
        async_spawn(async_current_loop(), &self->tasks[i],
                    &self->producers[i].coro);
    }
    for (int i = 0; i < 2; i++) {
        self->consumers[i] = ASYNC_CALL(consumer);
        async_spawn(async_current_loop(), &self->tasks[3 + i],
                    &self->consumers[i].coro);
    }
    for (self->i = 0; self->i < 3; self->i++) {
        AWAIT(async_join(&self->tasks[self->i]));
    }
    AWAIT(async_sleep(10));
    ASYNC_END();
}

static void two_conditions_of_one_lock_make_a_queue(void **state)
{
    (void)state;
    item = 0;
    ASYNC_OBJECT(market, market);
    assert_int_equal(async_run(&loop, &market.coro), 0);
    assert_int_equal(market.consumers[0].sum + market.consumers[1].sum,
                     3 * 50 * 51 / 2);
    assert_false(async_lock_is_taken(&lock));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_waiters_have_the_lock_one_after_the_other),
        TEST(as_many_are_notified_as_it_says),
        TEST(a_notification_that_finds_nobody_is_forgotten),
        TEST(an_interrupt_may_notify),
        TEST(a_waiter_that_waits_again_is_not_notified_twice),
        TEST(a_predicate_that_is_true_is_not_waited_for),
        TEST(it_is_looked_at_after_each_notification),
        TEST(an_interrupt_between_look_and_wait_is_not_lost),
        TEST(a_cancelled_waiter_has_the_lock_when_it_goes),
        TEST(a_cancelled_waiter_waits_for_the_lock),
        TEST(one_cancelled_before_it_runs_passes_the_notification_on),
        TEST(one_cancelled_while_it_waits_for_the_lock_passes_it_on),
        TEST(one_cancelled_without_a_notification_passes_nothing_on),
        TEST(the_last_of_all_passes_it_on_to_nobody),
        TEST(behind_a_timeout_the_task_has_the_lock),
        TEST(a_timeout_waits_for_the_lock),
        TEST(a_task_that_cancelled_itself_has_the_lock_when_it_goes),
        TEST(closing_the_loop_leaves_the_lock_free),
        TEST(without_the_lock_nothing_works),
        TEST(with_the_lock_of_another_nothing_works),
        TEST(a_condition_of_zeros_is_reported),
        TEST(two_conditions_of_one_lock_make_a_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
