/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: events, tasks, the loop.
 */
#include "interleave.h"

#include <async/event.h>

#include <string.h>

static struct {
    async_event_t event;
    int wakes;
    int register_; /* of a device */
    bool flag;
    bool found_waiter; /* when the interrupt came */
} shared;

static void begin(void)
{
    memset(&shared, 0, sizeof shared);
}

static bool has_no_waiters(const async_event_t *event)
{
    return waiters_in(&event->waiters_) == 0;
}

static void watch(void)
{
    assert_true(waiters_in(&shared.event.waiters_) <= 3);
}

static void run_with(function_t *handler, function_t *run)
{
    const struct scenario scenario = {begin, run, .watch = watch};
    run_all(&scenario, handler);
}

/* --- Interrupts ----------------------------------------------------------- */

static void note_waiter(void)
{
    shared.found_waiter = !has_no_waiters(&shared.event);
}

static void set(void)
{
    note_waiter();
    async_event_set(&shared.event);
}

static void clear_and_set(void)
{
    note_waiter();
    async_event_clear(&shared.event);
    async_event_set(&shared.event);
}

static void set_and_clear(void)
{
    note_waiter();
    async_event_set(&shared.event);
    async_event_clear(&shared.event);
}

/* --- Wait for an event ---------------------------------------------------- */

struct waiter {
    ASYNC_FRAME;
    int order;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&shared.event));
    self->order = ++shared.wakes;
    ASYNC_END();
}

static void wait_once(void)
{
    ASYNC_OBJECT(waiter, w);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_int_equal(shared.wakes, 1);
    assert_true(async_event_is_set(&shared.event));
}

static void a_wait_for_an_event_loses_no_wake(void **state)
{
    (void)state;
    run_with(set, wait_once);
    run_with(clear_and_set, wait_once);
}

struct pair {
    ASYNC_FRAME;
    async_task_t tasks[2];
    struct waiter waiters[2];
};

ASYNC_STATIC(pair)
{
    ASYNC_BEGIN();
    for (int i = 0; i < 2; i++) {
        self->waiters[i] = ASYNC_CALL(waiter, .order = 0);
        async_spawn(&loop, &self->tasks[i], &self->waiters[i].coro);
    }
    AWAIT(async_join(&self->tasks[0]));
    AWAIT(async_join(&self->tasks[1]));
    ASYNC_END();
}

/* Each was woken once. Those that all waited when the event was set were woken
 * in the order they came; one that came later may have overtaken, since it went
 * on at once. */
static void check_order(const struct waiter *waiters, int count)
{
    unsigned seen = 0;
    for (int i = 0; i < count; i++) {
        assert_in_range(waiters[i].order, 1, count);
        seen |= 1u << waiters[i].order;
        if (!irq.early) {
            assert_int_equal(waiters[i].order, i + 1);
        }
    }
    assert_int_equal(seen, (2u << count) - 2);
}

static void wait_twice(void)
{
    ASYNC_OBJECT(pair, p);
    assert_int_equal(async_run(&loop, &p.coro), 0);
    check_order(p.waiters, 2);
}

static void two_waiters_wake_once_each_and_in_order(void **state)
{
    (void)state;
    run_with(set, wait_twice);
    run_with(clear_and_set, wait_twice);
}

/* A device counts, its handler sets the event; both must be seen twice. */
static void count(void)
{
    shared.register_++;
    async_event_set(&shared.event);
}

struct consumer {
    ASYNC_FRAME;
    int seen;
    int wakes;
};

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    while (self->seen < irq.fired || !all_fired()) {
        AWAIT(async_event_wait(&shared.event));
        async_event_clear(&shared.event);
        self->wakes++;
        self->seen += shared.register_;
        shared.register_ = 0;
    }
    ASYNC_END();
}

static void consume_twice(void)
{
    ASYNC_OBJECT(consumer, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_int_equal(c.seen + shared.register_, irq.fired);
    assert_in_range(c.wakes, 1, 2);
}

static void two_interrupts_are_both_seen(void **state)
{
    (void)state;
    const struct scenario scenario = {begin, consume_twice, .watch = watch};
    run_all_pairs(&scenario, count, count);
}

/* --- With a limit --------------------------------------------------------- */

struct limited {
    ASYNC_FRAME;
    int error;
    async_ticks_t ended;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_event_wait(&shared.event), 3));
    self->ended = elapsed();
    AWAIT(async_sleep(10)); /* a timer left behind would strike here */
    assert_true(elapsed() == self->ended + 10);
    ASYNC_END();
}

static void wait_with_limit(void)
{
    ASYNC_OBJECT(limited, w);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    if (irq.fired && irq.fired_at < 3 && async_event_is_set(&shared.event)) {
        assert_int_equal(w.error, 0);
        assert_true(w.ended == irq.fired_at);
    } else if (irq.fired && shared.found_waiter) {
        assert_int_equal(w.error, 0); /* what is woken first has won */
    } else if (!irq.fired || irq.fired_at > 3) {
        assert_int_equal(w.error, ASYNC_ERR_TIMEOUT);
    }
    assert_true(w.ended == 3 || w.error == 0);
}

/* A pulse leaves no trace in the event: it reaches whom it finds waiting. */
static void wait_for_a_pulse(void)
{
    ASYNC_OBJECT(limited, w);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    bool woken = irq.fired && shared.found_waiter;
    assert_int_equal(w.error, woken ? 0 : ASYNC_ERR_TIMEOUT);
    assert_false(async_event_is_set(&shared.event));
}

static void a_wait_with_a_limit_ends_one_way_or_the_other(void **state)
{
    (void)state;
    run_with(set, wait_with_limit);
    run_with(clear_and_set, wait_with_limit);
    run_with(set_and_clear, wait_for_a_pulse);
}

struct scope {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_ticks_t ended;
    int got;
};

ASYNC_STATIC(scope)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 3) {
        AWAIT(async_event_wait(&shared.event));
        self->got++;
    }
    self->ended = elapsed();
    AWAIT(async_sleep(10));
    assert_true(elapsed() == self->ended + 10);
    ASYNC_END();
}

static void wait_in_scope(void)
{
    ASYNC_OBJECT(scope, s);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    bool expired = async_timeout_expired(&s.limit);
    assert_int_equal(s.got, expired ? 0 : 1);
    if (irq.fired && irq.fired_at < 3) {
        assert_false(expired);
    } else if (!irq.fired || irq.fired_at > 3) {
        assert_true(expired);
    }
    assert_true(!expired || s.ended == 3);
}

static void a_timeout_block_ends_one_way_or_the_other(void **state)
{
    (void)state;
    run_with(set, wait_in_scope);
}

/* --- Cancel --------------------------------------------------------------- */

struct cancelling {
    ASYNC_FRAME;
    async_task_t tasks[3];
    struct waiter waiters[3];
    int errors[3];
    int i;
    bool cancelled;
};

/* Of three waiters the middle one is cancelled, in the round after they began
 * to wait. */
ASYNC_STATIC(cancelling)
{
    ASYNC_BEGIN();
    for (int i = 0; i < 3; i++) {
        self->waiters[i] = ASYNC_CALL(waiter, .order = 0);
        async_spawn(&loop, &self->tasks[i], &self->waiters[i].coro);
    }
    ASYNC_YIELD();
    ASYNC_YIELD();
    self->cancelled = async_cancel(&self->tasks[1]);
    for (; self->i < 3; self->i++) {
        AWAIT_CATCH(self->errors[self->i], async_join(&self->tasks[self->i]));
    }
    ASYNC_END();
}

static void cancel_the_middle_one(void)
{
    ASYNC_OBJECT(cancelling, c);
    assert_int_equal(async_run(&loop, &c.coro), 0);
    assert_int_equal(c.errors[0], 0);
    assert_int_equal(c.errors[2], 0);
    assert_int_equal(c.errors[1], c.cancelled ? ASYNC_ERR_CANCELLED : 0);
    if (c.cancelled) {
        assert_int_equal(c.waiters[1].order, 0);
        c.waiters[1] = c.waiters[2];
    }
    check_order(c.waiters, c.cancelled ? 2 : 3);
}

static void a_waiter_can_be_cancelled_while_it_is_woken(void **state)
{
    (void)state;
    run_with(set, cancel_the_middle_one);
    run_with(clear_and_set, cancel_the_middle_one);
}

/* --- Sleep ---------------------------------------------------------------- */

struct napper {
    ASYNC_FRAME;
    async_ticks_t woken;
};

ASYNC_STATIC(napper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(2));
    self->woken = elapsed();
    ASYNC_YIELD();
    AWAIT(async_sleep(1));
    ASYNC_END();
}

struct nap_and_wait {
    ASYNC_FRAME;
    async_task_t tasks[2];
    struct napper napper;
    struct waiter waiter;
};

ASYNC_STATIC(nap_and_wait)
{
    ASYNC_BEGIN();
    self->napper = ASYNC_CALL(napper, .woken = 0);
    self->waiter = ASYNC_CALL(waiter, .order = 0);
    async_spawn(&loop, &self->tasks[0], &self->napper.coro);
    async_spawn(&loop, &self->tasks[1], &self->waiter.coro);
    AWAIT(async_join(&self->tasks[0]));
    assert_true(elapsed() == 3);
    AWAIT(async_join(&self->tasks[1]));
    ASYNC_END();
}

static void sleep_beside_a_wait(void)
{
    ASYNC_OBJECT(nap_and_wait, n);
    assert_int_equal(async_run(&loop, &n.coro), 0);
    assert_true(n.napper.woken == 2);
    assert_int_equal(shared.wakes, 1);
}

static void the_end_of_a_sleep_and_a_set_do_not_meet(void **state)
{
    (void)state;
    run_with(set, sleep_beside_a_wait);
}

/* --- Spawn from the interrupt --------------------------------------------- */

static struct {
    async_task_t task;
    struct napper frame;
} spawned;

static void spawn_napper(void)
{
    spawned.frame = ASYNC_CALL(napper, .woken = 0);
    spawned.task = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, &spawned.task, &spawned.frame.coro);
}

struct spawner {
    ASYNC_FRAME;
    async_task_t tasks[2];
    struct napper nappers[2];
};

/* Spawns as well, so that both push to the ready queue. */
ASYNC_STATIC(spawner)
{
    ASYNC_BEGIN();
    for (int i = 0; i < 2; i++) {
        self->nappers[i] = ASYNC_CALL(napper, .woken = 0);
        async_spawn(&loop, &self->tasks[i], &self->nappers[i].coro);
    }
    AWAIT(async_join(&self->tasks[0]));
    AWAIT(async_join(&self->tasks[1]));
    assert_true(elapsed() == 3);
    AWAIT(async_sleep(2));
    ASYNC_END();
}

static void spawn_beside(void)
{
    ASYNC_OBJECT(spawner, s);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    if (irq.fired) {
        /* Spawned when the loop was closed already: the next run has it. */
        if (!async_task_done(&spawned.task)) {
            assert_int_equal(async_loop_close(&loop), 0);
        }
        assert_true(async_task_done(&spawned.task));
        if (irq.fired_at < 2) { /* it had the time to end */
            assert_int_equal(async_task_error(&spawned.task), 0);
            assert_true(spawned.frame.woken == irq.fired_at + 2);
        }
    }
}

static void an_interrupt_can_spawn_a_task_at_any_time(void **state)
{
    (void)state;
    run_with(spawn_napper, spawn_beside);
}

/* --- Stop from the interrupt ---------------------------------------------- */

static void stop(void)
{
    async_stop(&loop);
}

struct sleep_on {
    ASYNC_FRAME;
    int cleaned;
};

ASYNC_STATIC(sleep_on)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(2));
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    AWAIT(async_sleep(1));
    self->cleaned++;
    ASYNC_END();
}

/* A stop that comes before the loop runs has no effect. The task then sleeps
 * for ever, which the virtual clock calls a deadlock, and the run ends so. */
static void stop_run(void)
{
    ASYNC_OBJECT(sleep_on, s);
    int error = async_run(&loop, &s.coro);
    if (error == ASYNC_ERR_DEADLOCK) { /* nobody was there to be stopped */
        assert_int_equal(irq.sleeps_when_fired, 0);
        expect_report(ASYNC_REPORT_DEADLOCK);
    } else {
        assert_int_equal(error, ASYNC_ERR_CANCELLED);
    }
    assert_int_equal(s.cleaned, 1);
}

static void stop_run_forever(void)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(sleep_on, s);
    async_spawn(&loop, &task, &s.coro);
    int error = async_run_forever(&loop);
    if (error == ASYNC_ERR_DEADLOCK) {
        assert_int_equal(irq.sleeps_when_fired, 0);
        expect_report(ASYNC_REPORT_DEADLOCK);
    } else {
        assert_int_equal(error, 0);
    }
    assert_false(async_task_done(&task));
    interrupts_off();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_int_equal(s.cleaned, 1);
}

static void an_interrupt_can_stop_the_loop_at_any_time(void **state)
{
    (void)state;
    run_with(stop, stop_run);
    run_with(stop, stop_run_forever);
}

/* --- Idle ----------------------------------------------------------------- */

static void raise_flag(void)
{
    shared.flag = true;
}

struct poller {
    ASYNC_FRAME;
    async_ticks_t ended;
};

ASYNC_STATIC(poller)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(shared.flag);
    self->ended = elapsed();
    ASYNC_END();
}

static void poll_a_flag(void)
{
    ASYNC_OBJECT(poller, p);
    assert_int_equal(async_run(&loop, &p.coro), 0);
    assert_true(p.ended <= irq.fired_at + 1);
}

static void a_flag_without_a_signal_is_seen(void **state)
{
    (void)state;
    run_with(raise_flag, poll_a_flag);
}

struct two_sets {
    ASYNC_FRAME;
    async_task_t tasks[3];
    struct waiter waiters[3];
    int i;
};

static int so_many; /* wait */

/* The event is set by a task and by the interrupt at once. */
ASYNC_STATIC(two_sets)
{
    ASYNC_BEGIN();
    for (int i = 0; i < so_many; i++) {
        self->waiters[i] = ASYNC_CALL(waiter, .order = 0);
        async_spawn(&loop, &self->tasks[i], &self->waiters[i].coro);
    }
    AWAIT(async_sleep(1));
    async_event_set(&shared.event);
    for (; self->i < so_many; self->i++) {
        AWAIT(async_join(&self->tasks[self->i]));
    }
    ASYNC_END();
}

static void set_by_both(void)
{
    ASYNC_OBJECT(two_sets, t);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    check_order(t.waiters, so_many);
}

static void clear(void)
{
    async_event_clear(&shared.event);
}

static void a_task_and_an_interrupt_can_set_one_event(void **state)
{
    (void)state;
    for (so_many = 1; so_many <= 3; so_many++) {
        run_with(set, set_by_both);
        run_with(clear_and_set, set_by_both);
        run_with(clear, set_by_both);
        run_with(set_and_clear, set_by_both);
    }
}

/* --- A loop that runs in the interrupt ------------------------------------ */

static async_loop_t urgent;

struct visitor {
    ASYNC_FRAME;
    async_task_t *of; /* whom to cancel, or NULL: wait for the event */
    int visits;
};

/* Tasks of that loop: one waits for the event, one cancels it. */
ASYNC_STATIC(visitor)
{
    ASYNC_BEGIN();
    if (self->of != NULL) {
        async_cancel(self->of);
        ASYNC_EXIT();
    }
    AWAIT(async_event_wait(&shared.event));
    self->visits++;
    ASYNC_YIELD();
    ASYNC_END();
}

static struct visitor visitors[2];
static async_task_t visits[2];

static async_time_t urgent_now(async_clock_t *clock)
{
    (void)clock;
    return 0;
}

static void urgent_pend(async_clock_t *clock)
{
    (void)clock;
    assert_true(interleave_locked);
}

static void begin_urgent(void)
{
    static const async_clock_ops_t ops = {.now = urgent_now,
                                          .pend = urgent_pend};
    static async_clock_t clock = {&ops};
    begin();
    async_loop_init(&urgent, &clock);
    visitors[0] = ASYNC_CALL(visitor, .of = NULL);
    visitors[1] = ASYNC_CALL(visitor, .of = &visits[0]);
    visits[0] = visits[1] = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&urgent, &visits[0], &visitors[0].coro);
}

static void run_urgent(void)
{
    while (async_poll(&urgent) == 0) {
    }
}

static void cancel_visit(void)
{
    if (!async_task_done(&visits[1])) {
        async_spawn(&urgent, &visits[1], &visitors[1].coro);
    }
    run_urgent();
}

static void set_and_clear_and_run(void)
{
    set_and_clear();
    run_urgent();
}

/* Whoever came first, the visitor was woken once or was cancelled. It is left
 * waiting only by an event that is not set, or if its loop never ran. */
static void set_with_visitor(void)
{
    set_by_both();
    interrupts_off();
    run_urgent();
    int error = async_task_error(&visits[0]);
    bool cancelled = error == ASYNC_ERR_CANCELLED;
    assert_true(cancelled || error == 0);
    assert_true(async_task_done(&visits[0]));
    assert_in_range(visitors[0].visits, cancelled ? 0 : 1, 1);
    assert_int_equal(waiters_in(&shared.event.waiters_), 0);
    assert_int_equal(async_loop_close(&urgent), 0);
}

static void watch_urgent(void)
{
    assert_true(waiters_in(&shared.event.waiters_) <= 4);
}

static void an_interrupt_can_run_a_loop_of_its_own(void **state)
{
    (void)state;
    const struct scenario scenario = {begin_urgent, set_with_visitor,
                                      .watch = watch_urgent};
    for (so_many = 1; so_many <= 3; so_many++) {
        run_all(&scenario, run_urgent);
        run_all_pairs(&scenario, run_urgent, cancel_visit);
        run_all_pairs(&scenario, run_urgent, set_and_clear_and_run);
        run_all_pairs(&scenario, set, run_urgent);
    }
}

/* --- Round after round ---------------------------------------------------- */

/* While a task is always ready and no timer runs, the loop has nothing to look
 * for between its rounds, and must hear of what comes all the same. */
#define ROUNDS 6

static struct {
    int now;   /* the round of the task that goes round */
    int came;  /* the round of the interrupt; 0: before the first */
    int heard; /* the round in which somebody has heard of it */
    async_task_t hearing;
    struct hearer {
        ASYNC_FRAME;
        bool polls;
    } hearer;
} rounds;

static void begin_rounds(void)
{
    begin();
    memset(&rounds, 0, sizeof rounds);
}

/* The first has told: the interrupt, or at last the task. */
static void tell(void)
{
    if (!shared.flag) {
        rounds.came = rounds.now;
        shared.flag = true;
        async_event_set(&shared.event);
    }
}

ASYNC_STATIC(hearer)
{
    ASYNC_BEGIN();
    if (self->polls) {
        AWAIT_UNTIL(shared.flag);
    } else {
        AWAIT(async_event_wait(&shared.event));
    }
    rounds.heard = rounds.now;
    ASYNC_END();
}

struct spinner {
    ASYNC_FRAME;
};

ASYNC_STATIC(spinner)
{
    ASYNC_BEGIN();
    for (rounds.now = 1; rounds.now < ROUNDS; rounds.now++) {
        ASYNC_YIELD();
    }
    tell();
    for (; rounds.now < ROUNDS + 3; rounds.now++) {
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void hear(bool polls)
{
    rounds.hearer = ASYNC_CALL(hearer, .polls = polls);
    rounds.hearing = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, &rounds.hearing, &rounds.hearer.coro);
}

/* Two rounds: the handler may have come when the others of its round had run.
 */
static void check_heard(void)
{
    assert_true(async_task_done(&rounds.hearing));
    assert_in_range(rounds.heard, rounds.came, rounds.came + 2);
}

static void hear_by_event(void)
{
    ASYNC_OBJECT(spinner, s);
    hear(false);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    check_heard();
}

/* The run ends with the one that hears, and the other goes no further. */
static void hear_and_end(void)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(spinner, s);
    ASYNC_OBJECT(hearer, h);
    async_spawn(&loop, &task, &s.coro);
    assert_int_equal(async_run(&loop, &h.coro), 0);
    assert_in_range(rounds.heard, rounds.came, rounds.came + 2);
    assert_in_range(rounds.now, rounds.heard, rounds.heard + 1);
}

static void hear_by_flag(void)
{
    ASYNC_OBJECT(spinner, s);
    hear(true);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    check_heard();
}

static void tell_and_spawn(void)
{
    if (!shared.flag) {
        tell();
        hear(false);
    }
}

static void hear_of_a_spawn(void)
{
    ASYNC_OBJECT(spinner, s);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    if (irq.fired > 0 && rounds.came < ROUNDS) {
        check_heard();
    }
}

static void tell_and_stop(void)
{
    tell();
    stop();
}

/* A stop that comes before the loop runs has no effect. */
static void hear_of_a_stop(void)
{
    ASYNC_OBJECT(spinner, s);
    int error = async_run(&loop, &s.coro);
    if (irq.fired > 0 && rounds.came > 0 && rounds.came < ROUNDS) {
        assert_int_equal(error, ASYNC_ERR_CANCELLED);
        assert_in_range(rounds.now, rounds.came, rounds.came + 1);
    }
}

static void what_comes_between_rounds_is_heard_in_the_next(void **state)
{
    (void)state;
    const struct {
        function_t *run;
        function_t *handler;
    } cases[] = {{hear_by_event, tell},
                 {hear_and_end, tell},
                 {hear_by_flag, tell},
                 {hear_of_a_spawn, tell_and_spawn},
                 {hear_of_a_stop, tell_and_stop}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct scenario scenario = {begin_rounds, cases[i].run,
                                          .watch = watch};
        run_all(&scenario, cases[i].handler);
    }
}

/* --- Spawn anew ----------------------------------------------------------- */

struct again {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(again)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(0));
    ASYNC_RAISE(self->error);
    ASYNC_FINALLY();
    shared.wakes++;
    ASYNC_END();
}

static struct again again;
static async_task_t again_task;
static bool spawned_anew;

/* The interrupt uses the storage of a task that is done again. */
static void spawn_anew(void)
{
    if (async_task_done(&again_task)) {
        again = ASYNC_CALL(again, .error = -6);
        async_spawn(&loop, &again_task, &again.coro);
        spawned_anew = true;
    }
}

/* Errors that nobody took: -5 of the first task, -6 of the second if it came to
 * that. */
static void take_errors(int seen[2])
{
    while (reports_pending() > 0) {
        expect_report(ASYNC_REPORT_ERROR_NOT_TAKEN);
        assert_in_range(-report_taken()->error, 5, 6);
        seen[-report_taken()->error - 5]++;
    }
}

static void close_with_an_error(void)
{
    int seen[2] = {0, 0};
    spawned_anew = false;
    again_task = (async_task_t)ASYNC_TASK_INIT;
    again = ASYNC_CALL(again, .error = -5);
    async_spawn(&loop, &again_task, &again.coro);
    for (int i = 0; i < 2; i++) {
        while (async_poll(&loop) == 0) {
        }
        async_loop_close(&loop);
        take_errors(seen);
        interrupts_off(); /* what came while the loop closed is run now */
    }
    assert_true(async_task_done(&again_task));
    bool cancelled = async_task_error(&again_task) == ASYNC_ERR_CANCELLED;
    /* Twice, if the interrupt comes between the report and the drop. */
    assert_in_range(seen[0], 1, 2);
    assert_int_equal(seen[1], spawned_anew && !cancelled ? 1 : 0);
    assert_in_range(shared.wakes, 1, spawned_anew ? 2 : 1);
}

static void a_task_spawned_anew_while_the_loop_closes_is_not_lost(void **state)
{
    (void)state;
    run_with(spawn_anew, close_with_an_error);
}

/* --- A stop between rounds ------------------------------------------------ */

#define YIELDS 20

static struct countdown {
    ASYNC_FRAME;
    int left;
} countdown;
static int left_at_stop;

ASYNC_STATIC(countdown)
{
    ASYNC_BEGIN();
    while (self->left-- > 0) {
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void stop_the_countdown(void)
{
    left_at_stop = countdown.left;
    async_stop(&loop);
}

/* The end of the brief one takes the loop out of its rounds for a moment. */
static void count_down(void)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(countdown, brief, .left = 2);
    countdown = ASYNC_CALL(countdown, .left = YIELDS);
    left_at_stop = 0;
    async_spawn(&loop, &task, &brief.coro);
    int error = async_run(&loop, &countdown.coro);
    if (left_at_stop > 1 && left_at_stop < YIELDS) {
        assert_int_equal(error, ASYNC_ERR_CANCELLED);
    }
}

static void a_stop_is_heard_while_tasks_yield(void **state)
{
    (void)state;
    run_with(stop_the_countdown, count_down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(a_wait_for_an_event_loses_no_wake),
        interleave_test(two_waiters_wake_once_each_and_in_order),
        interleave_test(two_interrupts_are_both_seen),
        interleave_test(a_wait_with_a_limit_ends_one_way_or_the_other),
        interleave_test(a_timeout_block_ends_one_way_or_the_other),
        interleave_test(a_waiter_can_be_cancelled_while_it_is_woken),
        interleave_test(the_end_of_a_sleep_and_a_set_do_not_meet),
        interleave_test(an_interrupt_can_spawn_a_task_at_any_time),
        interleave_test(an_interrupt_can_stop_the_loop_at_any_time),
        interleave_test(a_stop_is_heard_while_tasks_yield),
        interleave_test(a_flag_without_a_signal_is_seen),
        interleave_test(a_task_and_an_interrupt_can_set_one_event),
        interleave_test(an_interrupt_can_run_a_loop_of_its_own),
        interleave_test(what_comes_between_rounds_is_heard_in_the_next),
        interleave_test(a_task_spawned_anew_while_the_loop_closes_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
