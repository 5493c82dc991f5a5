/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come.
 *
 * A scenario runs again and again on a virtual clock. In the n-th run its
 * interrupt handler is called at the n-th place where the lock is open
 * (port_interleave.h); scenarios with two interrupts run for all pairs. Every
 * run must end, and end rightly: nothing lost, nothing doubled, nobody left
 * waiting for what is there, no list damaged.
 *
 *     static const struct scenario scenario = {begin, run, .watch = look};
 *     run_all(&scenario, release);
 *     run_all_pairs(&scenario, release, take);
 *
 * The handler is called with the interrupted task as the current one, as on a
 * machine whose port does not tell.
 *
 * A test program includes the headers of the library one by one, since async.h
 * brings the port of the PC.
 */
#ifndef INTERLEAVE_H
#define INTERLEAVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <async/loop.h>
#include <async/timeout.h>

#include "port_interleave.h"
#include "reports.h"

typedef void function_t(void);

/* --- Scenarios ------------------------------------------------------------ */

struct scenario {
    function_t *begin; /* brings what the run uses into its first state */
    function_t *run;   /* runs the loop, and checks the outcome */
    function_t *watch; /* or NULL: checks what must hold where the lock is open;
                          takes no lock itself */
    function_t *idle;  /* or NULL: checks what must hold when the loop has
                          nothing to do; the lock is closed */
    bool nests;        /* the second interrupt may come within the first */
};

/**
 * The interrupt at each place, one after the other. The last run is the one
 * that ends without it, or the one in which it comes in the fourth idle phase.
 */
void run_all(const struct scenario *scenario, function_t *handler);

/** Two interrupts at all pairs of places, the first before the second. */
void run_all_pairs(const struct scenario *scenario, function_t *first,
                   function_t *second);

/** The two in both orders. */
void run_both_orders(const struct scenario *scenario, function_t *one,
                     function_t *other);

/* --- The run that is on --------------------------------------------------- */

extern async_loop_t loop;

extern struct irq {
    function_t *handler[2];
    unsigned long at[2]; /* 0: does not come */
    unsigned long places;
    int fired;
    int sleeps; /* of the loop */
    int sleeps_when_fired;
    bool early; /* one came before the loop slept: some may not wait yet */
    async_ticks_t fired_at;
    bool off;
} irq;

/** Ticks since the run began. */
async_ticks_t elapsed(void);

/** False if an interrupt is still to come. */
bool all_fired(void);

/** No interrupt comes any more, as if the device were switched off. */
void interrupts_off(void);

/* --- Lists ---------------------------------------------------------------- */

/** How many tasks wait in a list; fails if it is not in order. */
unsigned waiters_in(const async_link_t_ *list);

/* --- Players -------------------------------------------------------------- */

#define PLAYERS 3
#define NOBODY  PLAYERS
#define ALL     (PLAYERS + 1)

/** What differs from scenario to scenario. */
extern struct variant {
    int cancelled;         /* which player is, or NOBODY; ALL: the loop closes
                              while they wait */
    int limited;           /* which player waits three ticks only, or NOBODY */
    function_t *meanwhile; /* or NULL: called when the others wait */
} variant;

/** The interrupt at each place, for each combination of who is cancelled and
 *  who has a limit. */
void run_all_variants(const struct scenario *scenario, function_t *handler);

/** For async_wait_for or ASYNC_TIMEOUT. */
async_ticks_t limit_of(int player);

/** True if the scenario cancels it. */
bool is_cancelled(int player);

/** A player has what it wanted, or it was cancelled or had a limit. */
void check_end(int player, bool got, int caught, int error);

/**
 * The task that async_run gets in most scenarios: it spawns some players, which
 * run into their waits, in this order. Two rounds later one of them is
 * cancelled and `meanwhile` is called; after five ticks `finish`, once in a
 * tick, until all have ended. Or it then returns, and the loop closes.
 */
struct contest {
    ASYNC_FRAME;
    async_coro_t *players[PLAYERS]; /* NULL: fewer */
    function_t *finish;             /* lets go on who still waits */
    int errors[PLAYERS];            /* what they ended with */
    async_task_t tasks[PLAYERS];
    int i;
};
ASYNC_DECLARE(contest);

/** Run it; it ends well. */
void run_contest(struct contest *contest);

/* --- Programs ------------------------------------------------------------- */

#define interleave_test(name)                                                  \
    cmocka_unit_test_setup_teardown(name, reports_begin, reports_end)

/** A group teardown: how many runs there were. */
int tell_runs(void **state);

#endif
