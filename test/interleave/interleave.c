/* SPDX-License-Identifier: MIT */

/*
 * Runs of scenarios: the port's hook, the clock, and what holds after each run.
 */
#include "interleave.h"

#include <async/virtual_clock.h>

#include "extent.h"
#include "port_interleave.h"

#include <string.h>

#define START       ((async_time_t)-2)
#define IDLE_PHASES 4

/* The places where the first interrupt comes are so far apart; where they begin
 * changes from scenario to scenario. */
#define STEP BY_PACE(1u, 7u)

bool interleave_locked;
unsigned interleave_handling;
async_loop_t loop;
struct irq irq;
struct variant variant;

static const struct scenario *scenario;
static bool watching;
static async_virtual_clock_t virtual_clock;
static async_clock_t watched_clock;
static unsigned long runs_of_all;

/* --- Interrupts ----------------------------------------------------------- */

async_ticks_t elapsed(void)
{
    return (async_ticks_t)(async_loop_now(&loop) - START);
}

bool all_fired(void)
{
    return scenario == NULL || ((irq.at[0] == 0 || irq.places >= irq.at[0]) &&
                                (irq.at[1] == 0 || irq.places >= irq.at[1]));
}

void interrupts_off(void)
{
    irq.off = true;
}

static void fire(int which)
{
    irq.fired++;
    irq.sleeps_when_fired = irq.sleeps;
    irq.early = irq.early || irq.sleeps == 0;
    irq.fired_at = elapsed();
    interleave_handling++;
    irq.handler[which]();
    interleave_handling--;
}

void interleave_open(void)
{
    if (scenario == NULL || watching) {
        return;
    }
    if (scenario->watch != NULL) {
        watching = true;
        scenario->watch();
        watching = false;
    }
    if (!irq.off && (interleave_handling == 0 || scenario->nests)) {
        irq.places++;
        for (int i = 0; i < 2; i++) {
            if (irq.places == irq.at[i]) {
                fire(i);
                return;
            }
        }
    }
}

/* --- Clock ---------------------------------------------------------------- */

static async_time_t watched_now(async_clock_t *clock)
{
    (void)clock;
    return virtual_clock.clock_.ops->now(&virtual_clock.clock_);
}

/* As long as an interrupt is to come, nothing is a deadlock. */
static bool watched_sleep(async_clock_t *clock, const async_time_t *deadline,
                          bool polling)
{
    (void)clock;
    assert_true(interleave_locked);
    irq.sleeps++;
    if (scenario != NULL && scenario->idle != NULL) {
        scenario->idle();
    }
    if (deadline == NULL && !polling && !all_fired()) {
        return true;
    }
    assert_true(irq.sleeps < 10000);
    return virtual_clock.clock_.ops->sleep(&virtual_clock.clock_, deadline,
                                           polling);
}

/* --- Lists ---------------------------------------------------------------- */

unsigned waiters_in(const async_link_t_ *list)
{
    unsigned count = 0;
    const async_link_t_ *link = list;
    if (list->next_ == NULL) {
        return 0;
    }
    for (; link->next_ != list; link = link->next_) {
        assert_ptr_equal(link->next_->prev_, link);
        count++;
        assert_true(count < 100);
    }
    assert_ptr_equal(list->prev_, link);
    return count;
}

static void check_loop_is_empty(void)
{
    assert_null(loop.ready_first_);
    assert_ptr_equal(loop.ready_end_, &loop.ready_first_);
    assert_null(loop.nodes_.child_);
    assert_null(loop.nodes_.next_);
    assert_int_equal(waiters_in(&loop.polling_), 0);
    assert_int_equal(waiters_in(&loop.ended_), 0);
}

/* --- Runs ----------------------------------------------------------------- */

static void start(const struct scenario *it)
{
    async_virtual_clock_init(&virtual_clock, START);
    static const async_clock_ops_t ops = {
        .now = watched_now, .sleep = watched_sleep, .deadlock = async_deadlock};
    watched_clock = (async_clock_t){&ops};
    async_loop_init(&loop, &watched_clock);
    scenario = NULL;
    interleave_locked = watching = false;
    if (report_taken() != NULL) {
        reports_begin(NULL); /* there is no room for those of all runs */
    }
    it->begin();
    scenario = it;
}

static void run_once(const struct scenario *it)
{
    irq.places = 0;
    irq.fired = irq.sleeps = irq.sleeps_when_fired = 0;
    interleave_handling = 0;
    irq.fired_at = 0;
    irq.off = irq.early = false;
    start(it);
    it->run();
    scenario = NULL;
    assert_false(interleave_locked);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    check_loop_is_empty();
    assert_int_equal(reports_pending(), 0);
    runs_of_all++;
}

static bool came_early(int count)
{
    return irq.fired == count && irq.sleeps_when_fired < IDLE_PHASES;
}

static unsigned long first_place(void)
{
    static unsigned long turn;
    return 1 + turn++ % STEP;
}

void run_all(const struct scenario *it, function_t *handler)
{
    memset(&irq, 0, sizeof irq);
    irq.handler[0] = handler;
    irq.at[0] = first_place();
    do {
        run_once(it);
        irq.at[0] += STEP;
    } while (came_early(1));
}

/* A run in which the second does not come, or comes late, is the last one of a
 * first. When that itself comes so late, it is the last one of all. */
void run_all_pairs(const struct scenario *it, function_t *first,
                   function_t *second)
{
    bool goes_on;
    memset(&irq, 0, sizeof irq);
    irq.handler[0] = first;
    irq.handler[1] = second;
    irq.at[0] = first_place();
    do {
        irq.at[1] = irq.at[0];
        goes_on = false;
        do {
            irq.at[1]++;
            run_once(it);
            goes_on = goes_on || came_early(2);
        } while (came_early(2));
        irq.at[0] += STEP;
    } while (goes_on);
}

void run_both_orders(const struct scenario *it, function_t *one,
                     function_t *other)
{
    run_all_pairs(it, one, other);
    run_all_pairs(it, other, one);
}

int tell_runs(void **state)
{
    (void)state;
    print_message("%lu interleavings ran\n", runs_of_all);
    return 0;
}

/* --- Players -------------------------------------------------------------- */

void run_all_variants(const struct scenario *it, function_t *handler)
{
    for (variant.cancelled = 0; variant.cancelled <= ALL; variant.cancelled++) {
        for (variant.limited = 0; variant.limited <= NOBODY;
             variant.limited++) {
            run_all(it, handler);
        }
    }
}

async_ticks_t limit_of(int player)
{
    return player == variant.limited ? 3 : ASYNC_FOREVER;
}

bool is_cancelled(int player)
{
    return variant.cancelled == player || variant.cancelled == ALL;
}

void check_end(int player, bool got, int caught, int error)
{
    if (got) {
        assert_int_equal(caught, 0);
    } else if (caught == ASYNC_ERR_TIMEOUT) {
        assert_int_equal(player, variant.limited);
    } else {
        assert_true(is_cancelled(player));
        assert_int_equal(error, ASYNC_ERR_CANCELLED);
    }
}

static bool all_done(struct contest *contest)
{
    bool done = true;
    for (int i = 0; i < PLAYERS; i++) {
        done = done && (contest->players[i] == NULL ||
                        async_task_done(&contest->tasks[i]));
    }
    return done;
}

ASYNC(contest)
{
    ASYNC_BEGIN();
    for (int i = 0; i < PLAYERS; i++) {
        if (self->players[i] != NULL) {
            async_spawn(&loop, &self->tasks[i], self->players[i]);
        }
    }
    ASYNC_YIELD();
    ASYNC_YIELD();
    if (variant.cancelled < PLAYERS) {
        async_cancel(&self->tasks[variant.cancelled]);
    }
    if (variant.meanwhile != NULL) {
        variant.meanwhile();
    }
    AWAIT(async_sleep(5));
    for (self->i = 0; !all_done(self) && variant.cancelled != ALL; self->i++) {
        assert_true(self->i < 20); /* somebody is left waiting */
        self->finish();
        AWAIT(async_sleep(1));
    }
    ASYNC_END();
}

void run_contest(struct contest *contest)
{
    assert_int_equal(async_run(&loop, &contest->coro), 0);
    for (int i = 0; i < PLAYERS; i++) {
        contest->errors[i] = async_task_error(&contest->tasks[i]);
    }
}
