/* SPDX-License-Identifier: MIT */

#include "dumped.h"
#include "test.h"

#include <async/port.h>

#include <string.h>

/* Time as the accounting sees it: microseconds of work, and 1000 for each tick
 * of the clock. */
static async_virtual_clock_t machine;
static async_loop_t loop;
static uint32_t worked;

/* Where handlers come in by themselves, they must be kept out of it. */
static void assert_locked(void)
{
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
    async_port_state_t state = async_port_lock();
    async_port_unlock(state);
    assert_int_not_equal(state, 0);
#endif
}

uint32_t async_timestamp(const async_loop_t *of)
{
    assert_locked();
    return worked + 1000 * (uint32_t)async_loop_now((async_loop_t *)of);
}

static void begin(void)
{
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
    worked = 20000 - 7; /* so that it wraps soon */
}

static void work(unsigned microseconds)
{
    worked += microseconds;
}

static async_virtual_interrupt_t interrupt;

static void interrupt_at(unsigned time, void (*handler)(void *), void *context)
{
    async_virtual_interrupt_at(&machine, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + time),
                               handler, context);
}

static void run_for(unsigned ticks)
{
    async_time_t end = async_loop_now(&loop) + ticks;
    while (async_time_before(async_loop_now(&loop), end)) {
        async_poll(&loop);
        async_virtual_clock_advance(&machine, 1);
    }
    async_poll(&loop);
}

static unsigned total(const uint32_t *latency)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < ASYNC_LATENCY_BUCKETS; i++) {
        sum += latency[i];
    }
    return sum;
}

/* --- Coroutines ----------------------------------------------------------- */

/* Works, pausing in between; the second stretch is the longest. */
struct worker {
    ASYNC_FRAME;
    unsigned unit;
};

enum { WORKER_LINE = __LINE__ + 5 };
ASYNC_STATIC(worker)
{
    ASYNC_BEGIN();
    work(self->unit);
    AWAIT(async_sleep(1));
    work(3 * self->unit);
    AWAIT(async_sleep(1));
    work(2 * self->unit);
    ASYNC_END();
}

struct caller {
    ASYNC_FRAME;
    struct worker worker;
};

ASYNC_STATIC(caller)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->worker, worker, .unit = 100);
    memset(&self->worker, 0x5A, sizeof self->worker);
    AWAIT(async_sleep(1));
    ASYNC_END();
}

struct yielder {
    ASYNC_FRAME;
    int count;
};

ASYNC_STATIC(yielder)
{
    ASYNC_BEGIN();
    while (self->count-- > 0) {
        work(5);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static async_event_t event;

struct waiter {
    ASYNC_FRAME;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&event));
        async_event_clear(&event);
    }
    ASYNC_END();
}

static void set(void *context)
{
    (void)context;
    async_event_set(&event);
}

/* --- Steps ---------------------------------------------------------------- */

static void the_steps_of_a_task_are_counted_and_timed(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct worker worker = ASYNC_CALL(worker, .unit = 10);
    async_spawn(&loop, &task, &worker.coro);
    run_for(5);
    assert_true(async_task_done(&task));
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.steps, 3);
    assert_true(account.time == 60);
    assert_int_equal(account.longest, 30);
    assert_string_equal(account.longest_at.name, "worker");
    assert_int_equal(account.longest_at.line, WORKER_LINE);
    assert_non_null(strstr(account.longest_at.file, "test_account.c"));
}

static void a_task_that_never_ran_has_an_empty_account(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.steps, 0);
    assert_true(account.time == 0);
    assert_null(account.longest_at.name);
    assert_int_equal(account.longest_at.line, 0);
    assert_int_equal(total(account.latency), 0);
}

static void the_longest_step_is_known_when_its_coroutine_is_gone(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct caller caller = ASYNC_CALL(caller);
    async_spawn(&loop, &task, &caller.coro);
    run_for(10);
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.longest, 300);
    assert_string_equal(account.longest_at.name, "worker");
    assert_int_equal(account.longest_at.line, WORKER_LINE);
}

static void a_first_step_began_at_no_line(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct yielder yielder = ASYNC_CALL(yielder, .count = 1);
    async_spawn(&loop, &task, &yielder.coro);
    async_poll(&loop);
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.longest, 5);
    assert_string_equal(account.longest_at.name, "yielder");
    assert_int_equal(account.longest_at.line, 0);
    async_poll(&loop);
}

static void steps_without_time_have_a_place_too(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct worker worker = ASYNC_CALL(worker, .unit = 0);
    async_spawn(&loop, &task, &worker.coro);
    run_for(5);
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.longest, 0);
    assert_string_equal(account.longest_at.name, "worker");
}

static void a_loop_has_the_sums_of_its_tasks_of_those_ended_too(void **state)
{
    (void)state;
    begin();
    struct worker slow = ASYNC_CALL(worker, .unit = 50);
    struct worker quick = ASYNC_CALL(worker, .unit = 10);
    {
        async_task_t gone = ASYNC_TASK_INIT;
        async_spawn(&loop, &gone, &slow.coro);
        run_for(5);
    }
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &quick.coro);
    run_for(5);
    async_account_t account = async_loop_account(&loop).tasks;
    assert_int_equal(account.steps, 6);
    assert_true(account.time == 360);
    assert_int_equal(account.longest, 150);
    assert_int_equal(account.longest_at.line, WORKER_LINE);
    assert_int_equal(account.wakes, 6);
    assert_int_equal(total(account.latency), 6);
}

static void an_account_goes_on_when_the_task_is_spawned_again(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    for (int i = 0; i < 2; i++) {
        struct worker worker = ASYNC_CALL(worker, .unit = 10);
        async_spawn(&loop, &task, &worker.coro);
        run_for(5);
    }
    assert_int_equal(async_task_account(&task).steps, 6);
    async_task_account_reset(&task);
    assert_int_equal(async_task_account(&task).steps, 0);
    assert_int_equal(async_loop_account(&loop).tasks.steps, 6);
}

static void call(void *argument)
{
    work(*(unsigned *)argument);
}

static void a_callback_is_a_task_with_an_account(void **state)
{
    (void)state;
    begin();
    unsigned duration = 40;
    async_callback_t callback = ASYNC_CALLBACK_INIT(call, &duration);
    for (int i = 0; i < 3; i++) {
        assert_true(async_callback_soon(&loop, &callback));
        async_poll(&loop);
    }
    async_account_t account = async_loop_account(&loop).tasks;
    assert_int_equal(account.steps, 3);
    assert_true(account.time == 120);
    assert_string_equal(account.longest_at.name, "callback");
}

/* A loop that a task runs: both count the time. */
static async_loop_t inner;

struct outer {
    ASYNC_FRAME;
};

ASYNC_STATIC(outer)
{
    ASYNC_BEGIN();
    work(1);
    async_poll(&inner);
    work(2);
    ASYNC_END();
}

static void a_loop_inside_a_step_has_its_own_account(void **state)
{
    (void)state;
    begin();
    async_loop_init(&inner, loop.clock_);
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t inside = ASYNC_TASK_INIT;
    struct outer outer = ASYNC_CALL(outer);
    struct yielder yielder = ASYNC_CALL(yielder, .count = 1);
    async_spawn(&inner, &inside, &yielder.coro);
    async_spawn(&loop, &task, &outer.coro);
    async_poll(&loop);
    assert_true(async_loop_account(&loop).tasks.time == 8);
    assert_true(async_loop_account(&inner).tasks.time == 5);
    assert_int_equal(async_loop_account(&inner).tasks.steps, 1);
    async_loop_close(&inner);
}

/* --- Latency -------------------------------------------------------------- */

/* Another task is busy for 5 ticks while two sleep for 2 and 4. */
struct is_busy {
    ASYNC_FRAME;
};

ASYNC_STATIC(is_busy)
{
    ASYNC_BEGIN();
    async_virtual_clock_advance(&machine, 5);
    ASYNC_END();
}

struct sleeps_for {
    ASYNC_FRAME;
    async_ticks_t ticks;
};

ASYNC_STATIC(sleeps_for)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    ASYNC_END();
}

static void a_sleep_that_ends_late_has_waited_since_it_was_due(void **state)
{
    (void)state;
    static async_task_t tasks[3];
    static struct sleeps_for sleeps[2];
    static struct is_busy busy;
    begin();
    for (unsigned i = 0; i < 2; i++) {
        sleeps[i] = ASYNC_CALL(sleeps_for, .ticks = 2 * i + 2);
        async_spawn(&loop, &tasks[i], &sleeps[i].coro);
    }
    busy = ASYNC_CALL(is_busy);
    async_spawn(&loop, &tasks[2], &busy.coro);
    async_poll(&loop);
    async_poll(&loop);
    assert_int_equal(async_task_account(&tasks[0]).worst_latency, 3000);
    assert_int_equal(async_task_account(&tasks[1]).worst_latency, 1000);
}

static void each_latency_has_its_bucket(void **state)
{
    (void)state;
    assert_int_equal(async_latency_from(0), 0);
    assert_int_equal(async_latency_from(1), 4); /* 1 MHz: a unit of 4 us */
    for (unsigned i = 2; i < ASYNC_LATENCY_BUCKETS; i++) {
        assert_int_equal(async_latency_from(i), 2 * async_latency_from(i - 1));
    }
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    event = (async_event_t){0};
    struct waiter waiter = ASYNC_CALL(waiter);
    async_spawn(&loop, &task, &waiter.coro);
    async_poll(&loop);
    for (unsigned i = 0; i < ASYNC_LATENCY_BUCKETS; i++) {
        for (unsigned at = 0; at < 2; at++) { /* the first and the last */
            async_task_account_reset(&task);
            async_event_set(&event);
            work(at == 0 ? async_latency_from(i)
                 : i == ASYNC_LATENCY_BUCKETS - 1
                     ? 1000000000
                     : async_latency_from(i + 1) - 1);
            async_poll(&loop);
            async_account_t account = async_task_account(&task);
            assert_int_equal(account.latency[i], 1);
            assert_int_equal(total(account.latency), 1);
        }
    }
    assert_int_equal(async_task_account(&task).worst_latency, 1000000000);
    async_loop_close(&loop);
}

static void a_wake_by_an_interrupt_waits_for_those_before_it(void **state)
{
    (void)state;
    begin();
    event = (async_event_t){0};
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    struct waiter waiter = ASYNC_CALL(waiter);
    async_spawn(&loop, &tasks[0], &waiter.coro);
    async_poll(&loop);
    assert_int_equal(async_task_account(&tasks[0]).wakes, 1); /* the spawn */
    assert_int_equal(async_task_account(&tasks[0]).worst_latency, 0);
    struct yielder yielder = ASYNC_CALL(yielder, .count = 1);
    async_spawn(&loop, &tasks[1], &yielder.coro);
    interrupt_at(0, set, NULL);
    async_poll(&loop);
    async_account_t account = async_task_account(&tasks[0]);
    assert_int_equal(account.wakes, 2);
    assert_int_equal(account.worst_latency, 5);
    assert_int_equal(account.latency[0], 1);
    assert_int_equal(account.latency[1], 1);
    async_loop_close(&loop);
}

/* An event that is set while its waiter's step is not over. */
struct early {
    ASYNC_FRAME;
};

ASYNC_STATIC(early)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait((set(NULL), &event)));
    AWAIT(async_sleep(1));
    ASYNC_END();
}

static void what_is_there_already_is_no_wake(void **state)
{
    (void)state;
    begin();
    event = (async_event_t){0};
    async_task_t task = ASYNC_TASK_INIT;
    struct early early = ASYNC_CALL(early);
    async_spawn(&loop, &task, &early.coro);
    run_for(3);
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.steps, 2);
    assert_int_equal(account.wakes, 2); /* the spawn and the sleep */
}

static void a_yield_is_a_step_but_no_wake(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct yielder yielder = ASYNC_CALL(yielder, .count = 4);
    async_spawn(&loop, &task, &yielder.coro);
    for (int i = 0; i < 5; i++) {
        async_poll(&loop);
        work(100);
    }
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.steps, 5);
    assert_int_equal(account.wakes, 1);
    assert_int_equal(account.worst_latency, 0);
}

static void wake_often(unsigned times, unsigned latency)
{
    for (unsigned i = 0; i < times; i++) {
        async_event_set(&event);
        work(latency);
        async_poll(&loop);
    }
}

static void of_a_full_bucket_the_rest_is_known(void **state)
{
    (void)state;
    begin();
    event = (async_event_t){0};
    async_task_t task = ASYNC_TASK_INIT;
    struct waiter waiter = ASYNC_CALL(waiter);
    async_spawn(&loop, &task, &waiter.coro);
    async_poll(&loop);
    wake_often(70000, 20);
    wake_often(3, 40);
    async_account_t account = async_task_account(&task);
    assert_int_equal(account.latency[3], 70000);
    assert_int_equal(account.latency[4], 3);
    assert_int_equal(account.wakes, 70004);
    wake_often(65532, 40);
    account = async_task_account(&task);
    assert_int_equal(account.latency[3], 65535); /* or more */
    assert_int_equal(account.latency[4], 65535);
    async_loop_close(&loop);
}

/* --- The loop's time ------------------------------------------------------ */

struct sleeper {
    ASYNC_FRAME;
    async_ticks_t ticks;
    int count;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    while (self->count-- > 0) {
        work(250);
        AWAIT(async_sleep(self->ticks));
    }
    work(250);
    ASYNC_END();
}

static void the_time_asleep_is_a_share_of_what_has_passed(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(sleeper, sleeper, .ticks = 1, .count = 3);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
    async_loop_account_t account = async_loop_account(&loop);
    assert_true(account.tasks.time == 1000);
    assert_true(account.asleep == 3000);
    assert_int_equal(account.sleeps, 3);
    assert_true(account.elapsed == 4000);
    assert_int_equal(async_account_share(account.asleep, account.elapsed), 750);
}

static void sums_of_times_do_not_wrap(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(sleeper, sleeper, .ticks = ASYNC_SECONDS(3000), .count = 4);
    assert_int_equal(async_run(&loop, &sleeper.coro), 0);
    async_loop_account_t account = async_loop_account(&loop);
    assert_true(account.asleep == UINT64_C(12000000000));
    assert_true(account.elapsed == UINT64_C(12000001250));
}

/* The program's own time, and before the first round none. */
static void what_passes_between_two_rounds_is_elapsed_time(void **state)
{
    (void)state;
    begin();
    work(70000);
    async_task_t task = ASYNC_TASK_INIT;
    struct yielder yielder = ASYNC_CALL(yielder, .count = 2);
    async_spawn(&loop, &task, &yielder.coro);
    for (int i = 0; i < 3; i++) {
        async_poll(&loop);
        work(100);
    }
    async_loop_account_t account = async_loop_account(&loop);
    assert_true(account.elapsed == 210);
    assert_true(account.tasks.time == 10);
    assert_true(account.asleep == 0);
}

static void shares_are_rounded_thousandths(void **state)
{
    (void)state;
    assert_int_equal(async_account_share(0, 0), 0);
    assert_int_equal(async_account_share(1, 3), 333);
    assert_int_equal(async_account_share(2, 3), 667);
    assert_int_equal(async_account_share(1, 2000), 1);
    assert_int_equal(async_account_share(1, 2001), 0);
    assert_int_equal(async_account_share(UINT64_C(1) << 52, UINT64_C(1) << 53),
                     500);
}

static void timestamps_are_turned_into_microseconds_and_back(void **state)
{
    (void)state;
    assert_true(async_account_us(UINT64_MAX) == UINT64_MAX);
    assert_true(async_account_us(1500) == 1500);
    assert_int_equal(ASYNC_TIMESTAMPS_US(1500), 1500);
    assert_true(ASYNC_TIMESTAMPS_US(UINT32_MAX) == UINT32_MAX);
}

/* --- Reset ---------------------------------------------------------------- */

static void a_reset_begins_anew_with_the_next_round(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct sleeper sleeper = ASYNC_CALL(sleeper, .ticks = 2, .count = 9);
    async_spawn(&loop, &task, &sleeper.coro);
    run_for(4);
    async_account_reset(&loop);
    async_loop_account_t account = async_loop_account(&loop);
    assert_int_equal(account.tasks.steps, 0);
    assert_true(account.elapsed == 0);
    assert_int_equal(async_task_account(&task).steps, 0);
    assert_null(async_task_account(&task).longest_at.name);
    work(5000);
    run_for(2);
    account = async_loop_account(&loop);
    assert_int_equal(account.tasks.steps, 1);
    assert_true(account.elapsed == 250);
    assert_int_equal(async_task_account(&task).steps, 1);
    async_loop_close(&loop);
}

struct monitor {
    ASYNC_FRAME;
    async_loop_account_t account;
};

ASYNC_STATIC(monitor)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    work(30);
    async_account_reset(&loop);
    work(40);
    self->account = async_loop_account(&loop);
    AWAIT(async_sleep(1));
    ASYNC_END();
}

static void a_step_that_resets_counts_in_full(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(monitor, monitor);
    assert_int_equal(async_run(&loop, &monitor.coro), 0);
    assert_true(monitor.account.elapsed == 0); /* it was under way */
    async_loop_account_t account = async_loop_account(&loop);
    assert_int_equal(account.tasks.steps, 2);
    assert_true(account.tasks.time == 70);
    assert_true(account.elapsed == 1070);
    assert_int_equal(account.sleeps, 1); /* not the one before */
}

static void a_task_spawned_after_a_reset_begins_anew(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    for (unsigned i = 0; i < 3; i++) {
        struct worker worker = ASYNC_CALL(worker, .unit = 10);
        async_spawn(&loop, &task, &worker.coro);
        run_for(5);
        assert_true(async_task_done(&task));
        assert_int_equal(async_task_account(&task).steps, 3 * (i + 1));
    }
    async_account_reset(&loop);
    assert_int_equal(async_task_account(&task).steps, 9); /* has ended */
    for (unsigned i = 0; i < 2; i++) {
        struct worker worker = ASYNC_CALL(worker, .unit = 10);
        async_spawn(&loop, &task, &worker.coro);
        run_for(5);
        assert_int_equal(async_task_account(&task).steps, 3 * (i + 1));
        assert_int_equal(async_task_account(&task).wakes, 3 * (i + 1));
        assert_true(async_task_account(&task).time == 60 * (i + 1));
        assert_int_equal(async_loop_account(&loop).tasks.steps, 3 * (i + 1));
    }
}

static void a_wake_before_a_reset_counts_behind_it(void **state)
{
    (void)state;
    begin();
    event = (async_event_t){0};
    async_task_t task = ASYNC_TASK_INIT;
    struct waiter waiter = ASYNC_CALL(waiter);
    async_spawn(&loop, &task, &waiter.coro);
    async_poll(&loop);
    async_event_set(&event);
    work(9);
    async_account_reset(&loop);
    async_poll(&loop);
    assert_int_equal(async_task_account(&task).wakes, 1);
    assert_int_equal(async_task_account(&task).worst_latency, 9);
    async_loop_close(&loop);
}

/* --- Slow steps ----------------------------------------------------------- */

static void assert_slow_step(unsigned duration)
{
    expect_report(ASYNC_REPORT_SLOW_STEP);
    assert_int_equal(report_taken()->duration, duration);
    assert_false(async_report_is_error(report_taken()));
}

static void a_step_beyond_the_limit_is_reported(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, ASYNC_TIMESTAMPS_US(20));
    ASYNC_OBJECT(worker, worker, .unit = 10); /* 10, 30, 20 */
    assert_int_equal(async_run(&loop, &worker.coro), 0);
    assert_slow_step(30);
    expect_no_report();
}

static void a_limit_of_zero_is_none(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 20);
    async_loop_set_slow_step(&loop, 0);
    ASYNC_OBJECT(worker, worker, .unit = 10);
    assert_int_equal(async_run(&loop, &worker.coro), 0);
    expect_no_report();
}

static void a_slow_step_that_yields_is_reported(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 4);
    ASYNC_OBJECT(yielder, yielder, .count = 2);
    assert_int_equal(async_run(&loop, &yielder.coro), 0);
    assert_slow_step(5);
    assert_slow_step(5);
}

static void a_slow_step_that_ends_the_task_is_reported(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 199);
    ASYNC_OBJECT(worker, worker, .unit = 100);
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &worker.coro);
    run_for(1);
    assert_slow_step(300);
    run_for(1);
    assert_slow_step(200);
    assert_true(async_task_done(&task));
    assert_int_equal(async_coro_state(&worker.coro), ASYNC_CORO_DONE);
}

struct fails {
    ASYNC_FRAME;
};

ASYNC_STATIC(fails)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    work(60);
    ASYNC_END();
}

static void a_slow_cleanup_is_reported(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    struct fails fails = ASYNC_CALL(fails);
    async_spawn(&loop, &task, &fails.coro);
    async_poll(&loop);
    async_loop_set_slow_step(&loop, 50);
    assert_true(async_cancel(&task));
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_slow_step(60);
}

static void a_slow_callback_is_reported_once(void **state)
{
    (void)state;
    begin();
    unsigned duration = 40;
    async_loop_set_slow_step(&loop, 39);
    async_callback_t callback = ASYNC_CALLBACK_INIT(call, &duration);
    for (int i = 0; i < 2; i++) {
        assert_true(async_callback_soon(&loop, &callback));
        async_poll(&loop);
        assert_slow_step(40);
        expect_no_report();
    }
}

static void a_slow_step_after_a_reset_is_reported(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 39);
    ASYNC_OBJECT(yielder, first, .count = 1);
    assert_int_equal(async_run(&loop, &first.coro), 0);
    expect_no_report();
    for (int i = 0; i < 3; i++) { /* the first step since the reset */
        unsigned duration = 40;
        async_callback_t callback = ASYNC_CALLBACK_INIT(call, &duration);
        async_account_reset(&loop);
        assert_true(async_callback_soon(&loop, &callback));
        async_poll(&loop);
        assert_slow_step(40);
        expect_no_report();
    }
}

static void reset_and_post_again(void *argument)
{
    work(40);
    async_account_reset(&loop);
    async_callback_soon(&loop, argument);
}

static void a_reset_in_a_slow_callback_does_not_report_it_twice(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 39);
    async_callback_t callback =
        ASYNC_CALLBACK_INIT(reset_and_post_again, &callback);
    assert_true(async_callback_soon(&loop, &callback));
    for (int i = 0; i < 3; i++) {
        async_poll(&loop);
        assert_slow_step(40);
        expect_no_report();
    }
    async_loop_close(&loop);
}

static async_callback_t *again;

static void post_again(void *argument)
{
    work(40);
    if (again != NULL) {
        async_callback_t *callback = again;
        again = NULL;
        assert_true(async_callback_soon(&loop, callback));
    }
    (void)argument;
}

static void a_slow_callback_that_goes_round_is_reported_once(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 39);
    async_callback_t callback = ASYNC_CALLBACK_INIT(post_again, NULL);
    again = &callback;
    assert_true(async_callback_soon(&loop, &callback));
    async_poll(&loop);
    assert_slow_step(40);
    expect_no_report();
    async_poll(&loop);
    assert_slow_step(40);
    expect_no_report();
}

static void take_long(void)
{
    work(1000);
}

static void the_time_of_the_report_is_not_the_step_s(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 29);
    reports_hook = take_long;
    async_task_t task = ASYNC_TASK_INIT;
    struct worker worker = ASYNC_CALL(worker, .unit = 10);
    async_spawn(&loop, &task, &worker.coro);
    run_for(5);
    assert_slow_step(30);
    expect_no_report();
    assert_true(async_task_account(&task).time == 60);
}

static void the_time_of_the_report_is_not_the_callback_s(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 29);
    reports_hook = take_long;
    unsigned duration = 30;
    async_callback_t callback = ASYNC_CALLBACK_INIT(call, &duration);
    for (int i = 0; i < 2; i++) {
        assert_true(async_callback_soon(&loop, &callback));
        async_poll(&loop);
        assert_slow_step(30);
    }
    expect_no_report();
    async_loop_account_t account = async_loop_account(&loop);
    assert_true(account.tasks.time == 60);
    assert_int_equal(account.tasks.longest, 30);
    assert_true(account.elapsed == 2060);
}

/* --- Text ----------------------------------------------------------------- */

static void a_slow_step_is_told_from_where_to_where(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 5);
    async_task_t task = ASYNC_TASK_INIT;
    struct caller caller = ASYNC_CALL(caller);
    async_spawn(&loop, &task, &caller.coro);
    async_poll(&loop);
    assert_slow_step(100);
    assert_report_text(expected_text(
        "warning: task 'caller' was busy for 100 us in one step, from the "
        "start of 'caller' to 'worker' (test_account.c:%d)\n"
        "  hint: put an AWAIT or ASYNC_YIELD between\n",
        WORKER_LINE));
    run_for(1);
    assert_slow_step(300);
    assert_true(report_says(expected_text(
        "from 'worker' (test_account.c:%d) to 'worker' (test_account.c:%d)\n",
        WORKER_LINE, WORKER_LINE + 2)));
    run_for(1);
    assert_slow_step(200);
    assert_true(report_says("to 'caller' (test_account.c:"));
    async_loop_close(&loop);
}

static void a_slow_step_that_ends_the_task_is_told_so(void **state)
{
    (void)state;
    begin();
    async_loop_set_slow_step(&loop, 15);
    async_task_t task = ASYNC_TASK_INIT;
    struct worker worker = ASYNC_CALL(worker, .unit = 5); /* 5, 15, 10 */
    async_spawn(&loop, &task, &worker.coro);
    run_for(1);
    expect_no_report();
    async_loop_set_slow_step(&loop, 9);
    run_for(1);
    assert_slow_step(10);
    assert_true(report_says(expected_text(
        "from 'worker' (test_account.c:%d) to its end\n", WORKER_LINE + 2)));
}

static void the_text_of_a_slow_callback_has_no_lines(void **state)
{
    (void)state;
    begin();
    unsigned duration = 40;
    async_loop_set_slow_step(&loop, 39);
    async_callback_t callback = ASYNC_CALLBACK_INIT(call, &duration);
    assert_true(async_callback_soon(&loop, &callback));
    async_poll(&loop);
    assert_slow_step(40);
    assert_report_text("warning: task 'callback' was busy for 40 us in one "
                       "step, from the start of 'callback' to its end\n"
                       "  hint: put an AWAIT or ASYNC_YIELD between\n");
}

static const char *table(void)
{
    dumped_length = 0;
    async_account_write(&loop, dumped_write, NULL);
    return dumped;
}

/* Writes the table in the middle of its step, which does not count yet. */
struct writer {
    ASYNC_FRAME;
};

ASYNC_STATIC(writer)
{
    ASYNC_BEGIN();
    work(250);
    AWAIT(async_sleep(5));
    work(250);
    table();
    ASYNC_END();
}

static void a_table_has_the_busiest_task_first(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[3] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    struct sleeper sleeper = ASYNC_CALL(sleeper, .ticks = 4, .count = 9);
    struct sleeper other = sleeper;
    struct worker worker = ASYNC_CALL(worker, .unit = 200);
    async_spawn(&loop, &tasks[1], &sleeper.coro);
    async_spawn(&loop, &tasks[2], &worker.coro);
    async_spawn(&loop, &tasks[0], &other.coro);
    ASYNC_OBJECT(writer, writer);
    assert_int_equal(async_run(&loop, &writer.coro), 0);
    assert_string_equal(
        dumped,
        expected_text(
            "0.007 s: 67.1 %% asleep, 4 sleeps\n"
            "   share     steps  longest us  latency us  task\n"
            "   6.7 %%         2         250         450  'sleeper', longest "
            "from the start of 'sleeper'\n"
            "   6.7 %%         2         250           0  'sleeper', longest "
            "from the start of 'sleeper'\n"
            "   3.4 %%         1         250         700  'writer', longest "
            "from the start of 'writer'\n"
            "  16.1 %%         3                          tasks that have "
            "ended\n"
            "  32.9 %%         8         600         700  all, longest from "
            "'worker' (test_account.c:%d)\n",
            WORKER_LINE));
}

static void an_empty_table_has_its_head(void **state)
{
    (void)state;
    begin();
    assert_string_equal(table(),
                        "0.000 s: 0.0 % asleep, 0 sleeps\n"
                        "   share     steps  longest us  latency us  task\n"
                        "   0.0 %         0           0           0  all\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(the_steps_of_a_task_are_counted_and_timed),
        async_test(a_task_that_never_ran_has_an_empty_account),
        async_test(the_longest_step_is_known_when_its_coroutine_is_gone),
        async_test(a_first_step_began_at_no_line),
        async_test(steps_without_time_have_a_place_too),
        async_test(a_loop_has_the_sums_of_its_tasks_of_those_ended_too),
        async_test(an_account_goes_on_when_the_task_is_spawned_again),
        async_test(a_callback_is_a_task_with_an_account),
        async_test(a_loop_inside_a_step_has_its_own_account),
        async_test(a_sleep_that_ends_late_has_waited_since_it_was_due),
        async_test(each_latency_has_its_bucket),
        async_test(a_wake_by_an_interrupt_waits_for_those_before_it),
        async_test(what_is_there_already_is_no_wake),
        async_test(a_yield_is_a_step_but_no_wake),
        async_test(of_a_full_bucket_the_rest_is_known),
        async_test(the_time_asleep_is_a_share_of_what_has_passed),
        async_test(sums_of_times_do_not_wrap),
        async_test(what_passes_between_two_rounds_is_elapsed_time),
        async_test(shares_are_rounded_thousandths),
        async_test(timestamps_are_turned_into_microseconds_and_back),
        async_test(a_reset_begins_anew_with_the_next_round),
        async_test(a_step_that_resets_counts_in_full),
        async_test(a_task_spawned_after_a_reset_begins_anew),
        async_test(a_wake_before_a_reset_counts_behind_it),
        async_test(a_step_beyond_the_limit_is_reported),
        async_test(a_limit_of_zero_is_none),
        async_test(a_slow_step_that_yields_is_reported),
        async_test(a_slow_step_that_ends_the_task_is_reported),
        async_test(a_slow_cleanup_is_reported),
        async_test(a_slow_callback_is_reported_once),
        async_test(a_slow_step_after_a_reset_is_reported),
        async_test(a_reset_in_a_slow_callback_does_not_report_it_twice),
        async_test(a_slow_callback_that_goes_round_is_reported_once),
        async_test(the_time_of_the_report_is_not_the_step_s),
        async_test(the_time_of_the_report_is_not_the_callback_s),
        async_test(a_slow_step_is_told_from_where_to_where),
        async_test(a_slow_step_that_ends_the_task_is_told_so),
        async_test(the_text_of_a_slow_callback_has_no_lines),
        async_test(a_table_has_the_busiest_task_first),
        async_test(an_empty_table_has_its_head),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
