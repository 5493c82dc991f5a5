/* SPDX-License-Identifier: MIT */

/*
 * Generators: values in order, and a generator that is closed in whatever way
 * its loop is left.
 */
#include "test.h"

#include <string.h>

#define START JUST_BEFORE_THE_WRAP

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

/* --- A generator that does all that one can do ---------------------------- */

struct count {
    ASYNC_GENERATOR(int);
    int from;
    int to;
    int raises_at;         /* -7, instead of this value */
    async_ticks_t pause;   /* before each value */
    async_ticks_t cleanup; /* how long it takes */
    int cleanup_error;     /* raised at its end */
    bool emits_in_cleanup;
};

ASYNC_STATIC(count)
{
    ASYNC_BEGIN();
    for (; self->from <= self->to; self->from++) {
        if (self->pause != 0) {
            AWAIT(async_sleep(self->pause));
        }
        if (self->from == self->raises_at) {
            ASYNC_RAISE(-7);
        }
        ASYNC_EMIT(self->from);
        trace("> ");
    }
    trace("end ");
    ASYNC_FINALLY();
    trace("cleanup%lu ", elapsed());
    if (self->emits_in_cleanup) {
        ASYNC_EMIT(99);
        trace("> ");
    }
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
        trace("cleaned%lu ", elapsed());
    }
    if (self->cleanup_error != 0) {
        ASYNC_RAISE(self->cleanup_error);
    }
    ASYNC_END();
}

/* And a loop over it, in which something happens at the value 2. */
enum act { NOTHING, CONTINUES, BREAKS, RETURNS, EXITS, RAISES, SLEEPS, WAITS };

struct use {
    ASYNC_FRAME;
    int result;
    enum act act;
    struct count count;
    async_event_t never;
    bool cancels_itself; /* before that */
};

ASYNC_STATIC(use)
{
    ASYNC_BEGIN();
    ASYNC_FOR(&self->count) {
        trace("%d ", self->count.value);
        if (self->count.value == 2) {
            if (self->cancels_itself) {
                async_cancel(async_current_task());
            }
            if (self->act == CONTINUES) {
                continue;
            } else if (self->act == BREAKS) {
                break;
            } else if (self->act == RETURNS) {
                ASYNC_RETURN(42);
            } else if (self->act == EXITS) {
                ASYNC_EXIT();
            } else if (self->act == RAISES) {
                ASYNC_RAISE(-3);
            } else if (self->act == SLEEPS) {
                AWAIT(async_sleep(10));
            } else if (self->act == WAITS) {
                AWAIT(async_event_wait(&self->never));
            }
        }
        trace(". ");
    }
    trace("behind ");
    ASYNC_FINALLY();
    trace("finally%lu ", elapsed());
    ASYNC_END();
}

#define TO_3 .from = 1, .to = 3

/* What the generator is called with follows. */
#define USE(name, what, ...)                                                   \
    ASYNC_OBJECT(use, name, .act = what,                                       \
                 .count = ASYNC_CALL(count, __VA_ARGS__))

static int run(struct use *use)
{
    return async_run(&loop, &use->coro);
}

/* --- Values --------------------------------------------------------------- */

static void a_loop_gets_all_values_in_order(void **state)
{
    (void)state;
    USE(use, NOTHING, TO_3);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > 2 . > 3 . > end cleanup0 behind finally0");
}

static void a_generator_without_values_ends_the_loop(void **state)
{
    (void)state;
    USE(use, NOTHING, .from = 1, .to = 0);
    assert_int_equal(run(&use), 0);
    assert_trace("end cleanup0 behind finally0");
}

static void a_generator_may_await(void **state)
{
    (void)state;
    USE(use, SLEEPS, TO_3, .pause = 5, .cleanup = 2);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > 2 . > 3 . > end cleanup25 cleaned27 behind finally27");
}

static void others_run_while_a_generator_awaits(void **state)
{
    (void)state;
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    USE(one, NOTHING, .from = 1, .pause = 10, .to = 2);
    USE(two, NOTHING, .pause = 4, .from = 5, .to = 8);
    async_spawn(&loop, &tasks[0], &one.coro);
    async_spawn(&loop, &tasks[1], &two.coro);
    for (async_ticks_t ticks; (ticks = async_poll(&loop)) != ASYNC_FOREVER;) {
        async_virtual_clock_advance(&virtual_clock, ticks);
    }
    assert_trace("5 . > 6 . > 1 . > 7 . > 8 . > end cleanup16 behind finally16 "
                 "2 . > end cleanup20 behind finally20");
}

/* Emitting takes no round of the loop. */
static void emitting_does_not_pause_the_task(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    USE(use, NOTHING, .from = 1, .to = 100);
    async_spawn(&loop, &task, &use.coro);
    async_poll(&loop);
    assert_true(async_task_done(&task));
}

struct pair_value {
    int a;
    const char *b;
};

struct pairs {
    ASYNC_GENERATOR(struct pair_value);
    int index;
};

ASYNC_STATIC(pairs)
{
    ASYNC_BEGIN();
    ASYNC_EMIT((struct pair_value){1, "one"});
    ASYNC_EMIT((struct pair_value){.a = 2, .b = "two"});
    ASYNC_END();
}

struct use_pairs {
    ASYNC_FRAME;
    struct pairs pairs;
};

ASYNC_STATIC(use_pairs)
{
    ASYNC_BEGIN();
    self->pairs = ASYNC_CALL(pairs);
    ASYNC_FOR(&self->pairs) {
        trace("%d=%s ", self->pairs.value.a, self->pairs.value.b);
    }
    ASYNC_END();
}

static void a_value_may_be_a_struct(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_pairs, use);
    assert_int_equal(async_run(&loop, &use.coro), 0);
    assert_trace("1=one 2=two");
}

/* --- Leaving the loop ----------------------------------------------------- */

static void continue_goes_on_with_the_next_value(void **state)
{
    (void)state;
    USE(use, CONTINUES, TO_3);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > 2 > 3 . > end cleanup0 behind finally0");
}

static void break_closes_the_generator(void **state)
{
    (void)state;
    USE(use, BREAKS, TO_3);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > 2 cleanup0 behind finally0");
    assert_int_equal(async_coro_state(&use.count.coro), ASYNC_CORO_DONE);
}

static void return_closes_the_generator(void **state)
{
    (void)state;
    USE(use, RETURNS, TO_3, .cleanup = 3);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > 2 cleanup0 cleaned3 finally3");
    assert_int_equal(use.result, 42);
    USE(other, EXITS, TO_3);
    assert_int_equal(run(&other), 0);
    assert_trace("1 . > 2 cleanup3 finally3");
}

static void raise_closes_the_generator(void **state)
{
    (void)state;
    USE(use, RAISES, TO_3, .cleanup = 3);
    assert_int_equal(run(&use), -3);
    assert_trace("1 . > 2 cleanup0 cleaned3 finally3");
}

static void the_cleanup_of_a_closed_generator_may_await(void **state)
{
    (void)state;
    USE(use, BREAKS, TO_3, .cleanup = 7);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > 2 cleanup0 cleaned7 behind finally7");
}

static void an_error_of_the_cleanup_is_raised_at_the_loop(void **state)
{
    (void)state;
    static const enum act acts[] = {BREAKS, RETURNS, RAISES};
    for (unsigned i = 0; i < 3; i++) {
        USE(use, acts[i], TO_3, .cleanup_error = -9);
        assert_int_equal(run(&use), -9);
        assert_trace("1 . > 2 cleanup0 finally0");
    }
    USE(use, NOTHING, TO_3, .cleanup_error = -9);
    assert_int_equal(run(&use), -9);
    assert_trace("1 . > 2 . > 3 . > end cleanup0 finally0");
}

static void an_error_of_the_generator_is_raised_at_the_loop(void **state)
{
    (void)state;
    USE(use, NOTHING, TO_3, .raises_at = 3);
    assert_int_equal(run(&use), -7);
    assert_trace("1 . > 2 . > cleanup0 finally0");
    USE(first, NOTHING, TO_3, .raises_at = 1, .cleanup = 4);
    assert_int_equal(run(&first), -7);
    assert_trace("cleanup0 cleaned4 finally4");
}

/* --- Cancellation and timeouts -------------------------------------------- */

struct cancel_at {
    ASYNC_FRAME;
    async_task_t *task;
    async_ticks_t times[3];
    unsigned count;
    unsigned i;
};

ASYNC_STATIC(cancel_at)
{
    ASYNC_BEGIN();
    for (; self->i < self->count; self->i++) {
        AWAIT(async_sleep_until((async_time_t)(START + self->times[self->i])));
        trace("cancel%lu ", elapsed());
        async_cancel(self->task);
    }
    ASYNC_END();
}

/* Run it as a task that is cancelled at these times (0: not). */
static int run_cancelled(async_coro_t *coro, async_ticks_t first,
                         async_ticks_t second)
{
    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, coro);
    ASYNC_OBJECT(cancel_at, cancel, .task = &task, .times = {first, second},
                 .count = second == 0 ? 1 : 2);
    async_task_t canceller = ASYNC_TASK_INIT;
    async_spawn(&loop, &canceller, &cancel.coro);
    for (async_ticks_t ticks; (ticks = async_poll(&loop)) != ASYNC_FOREVER;) {
        async_virtual_clock_advance(&virtual_clock, ticks);
    }
    assert_true(async_task_done(&task));
    return async_task_error(&task);
}

static void a_cancellation_in_the_body_closes_the_generator(void **state)
{
    (void)state;
    USE(use, WAITS, TO_3, .cleanup = 5);
    assert_int_equal(run_cancelled(&use.coro, 2, 0), ASYNC_ERR_CANCELLED);
    assert_trace("1 . > 2 cancel2 cleanup2 cleaned7 finally7");
}

static void a_cancellation_in_the_generator_unwinds_both(void **state)
{
    (void)state;
    USE(use, NOTHING, TO_3, .pause = 4, .cleanup = 5);
    assert_int_equal(run_cancelled(&use.coro, 6, 0), ASYNC_ERR_CANCELLED);
    assert_trace("1 . > cancel6 cleanup6 cleaned11 finally11");
}

/* The cleanup is interrupted; that is all a second one can do. */
static void a_second_cancellation_ends_the_cleanup(void **state)
{
    (void)state;
    USE(use, WAITS, TO_3, .cleanup = 5);
    assert_int_equal(run_cancelled(&use.coro, 2, 3), ASYNC_ERR_CANCELLED);
    assert_trace("1 . > 2 cancel2 cleanup2 cancel3 finally3");
}

/* What the loop was left by, and the error then. */
static void a_cancellation_while_closing_takes_its_place(void **state)
{
    (void)state;
    static const enum act acts[] = {BREAKS, RETURNS, EXITS, RAISES};
    for (unsigned i = 0; i < 4; i++) {
        begin(state);
        USE(use, acts[i], TO_3, .cleanup = 5);
        assert_int_equal(run_cancelled(&use.coro, 2, 0), ASYNC_ERR_CANCELLED);
        assert_trace("1 . > 2 cleanup0 cancel2 finally2");
    }
}

static void two_cancellations_while_closing_are_one(void **state)
{
    (void)state;
    USE(use, BREAKS, TO_3, .cleanup = 5);
    assert_int_equal(run_cancelled(&use.coro, 2, 2), ASYNC_ERR_CANCELLED);
    assert_trace("1 . > 2 cleanup0 cancel2 finally2 cancel2");
}

/* It comes at the next wait that pauses, which may be one of the cleanup. */
static void a_task_that_cancels_itself_and_leaves_is_cancelled(void **state)
{
    (void)state;
    static const enum act acts[] = {BREAKS, RETURNS, EXITS};
    for (unsigned i = 0; i < 3; i++) {
        for (async_ticks_t cleanup = 0; cleanup < 2; cleanup++) {
            begin(state);
            USE(use, acts[i], TO_3, .cleanup = cleanup);
            use.cancels_itself = true;
            assert_int_equal(run(&use), ASYNC_ERR_CANCELLED);
            trace_clear();
        }
    }
}

struct cancels_late {
    ASYNC_GENERATOR(int);
};

ASYNC_STATIC(cancels_late)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    ASYNC_FINALLY();
    async_cancel(async_current_task());
    ASYNC_END();
}

struct takes_one {
    ASYNC_FRAME;
    struct cancels_late values;
};

ASYNC_STATIC(takes_one)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(cancels_late);
    ASYNC_FOR(&self->values) {
        break;
    }
    trace("behind ");
    ASYNC_FINALLY();
    AWAIT(async_sleep(10));
    trace("clean ");
    ASYNC_END();
}

static void a_cancellation_asked_for_while_closing_is_met_once(void **state)
{
    (void)state;
    ASYNC_OBJECT(takes_one, one);
    assert_int_equal(async_run(&loop, &one.coro), ASYNC_ERR_CANCELLED);
    assert_trace("clean");
}

static void closing_the_loop_closes_generators(void **state)
{
    (void)state;
    async_task_t tasks[3];
    memset(tasks, 0, sizeof tasks);
    USE(body, WAITS, TO_3, .cleanup = 5);
    USE(inside, NOTHING, TO_3, .pause = 10);
    USE(closing, BREAKS, TO_3, .cleanup = 20);
    async_spawn(&loop, &tasks[0], &body.coro);
    async_spawn(&loop, &tasks[1], &inside.coro);
    async_spawn(&loop, &tasks[2], &closing.coro);
    async_poll(&loop);
    assert_trace("1 . > 2 1 . > 2 cleanup0");
    assert_int_equal(async_loop_close(&loop), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(async_task_error(&tasks[i]), ASYNC_ERR_CANCELLED);
    }
    assert_int_equal(async_coro_state(&body.count.coro), ASYNC_CORO_DONE);
    assert_int_equal(async_coro_state(&inside.count.coro), ASYNC_CORO_DONE);
    trace_clear();
}

/* A block with a time limit around a call that loops. */
struct limited {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_ticks_t ticks;
    struct use use;
    enum act act;
    async_ticks_t pause;
    async_ticks_t cleanup;
    int cleanup_error;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, self->ticks) {
        AWAIT_CALL(self->use, use, .act = self->act,
                   .count = ASYNC_CALL(count, .from = 1, .to = 3,
                                       .pause = self->pause,
                                       .cleanup = self->cleanup,
                                       .cleanup_error = self->cleanup_error));
        trace("not_expired ");
    }
    trace("%s%lu ", async_timeout_expired(&self->limit) ? "expired" : "in_time",
          elapsed());
    ASYNC_END();
}

static void a_timeout_closes_the_generator(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, body, .ticks = 6, .act = WAITS, .cleanup = 3);
    assert_int_equal(async_run(&loop, &body.coro), 0);
    assert_trace("1 . > 2 cleanup6 cleaned9 finally9 expired9");
    ASYNC_OBJECT(limited, inside, .ticks = 6, .pause = 4, .cleanup = 3);
    assert_int_equal(async_run(&loop, &inside.coro), 0);
    assert_trace("1 . > cleanup15 cleaned18 finally18 expired18");
}

static void a_timeout_while_closing_ends_the_cleanup(void **state)
{
    (void)state;
    static const enum act acts[] = {BREAKS, RETURNS, RAISES};
    for (unsigned i = 0; i < 3; i++) {
        begin(state);
        ASYNC_OBJECT(limited, limited, .ticks = 6, .act = acts[i],
                     .cleanup = 9);
        assert_int_equal(async_run(&loop, &limited.coro), 0);
        assert_trace("1 . > 2 cleanup0 finally6 expired6");
    }
}

static void an_error_of_the_cleanup_wins_over_a_timeout(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, limited, .ticks = 6, .act = WAITS,
                 .cleanup_error = -9);
    assert_int_equal(async_run(&loop, &limited.coro), -9);
    assert_trace("1 . > 2 cleanup6 finally6");
}

/* --- Blocks around, inside and in the generator --------------------------- */

struct catching {
    ASYNC_FRAME;
    async_try_t outer;
    async_try_t inner;
    struct count count;
    enum act act;
    int raises_at;
    int cleanup_error;
};

ASYNC_STATIC(catching)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->outer) {
        self->count =
            ASYNC_CALL(count, .from = 1, .to = 3, .raises_at = self->raises_at,
                       .cleanup = 2, .cleanup_error = self->cleanup_error);
        ASYNC_FOR(&self->count) {
            trace("%d ", self->count.value);
            ASYNC_TRY(&self->inner) {
                ASYNC_RAISE(-1);
            }
            if (self->act == RAISES && self->count.value == 2) {
                ASYNC_RAISE(-3);
            }
        }
        trace("all ");
    }
    trace("%d@%lu ", async_try_error(&self->outer), elapsed());
    ASYNC_END();
}

static void a_try_around_the_loop_catches(void **state)
{
    (void)state;
    ASYNC_OBJECT(catching, of_body, .act = RAISES);
    assert_int_equal(async_run(&loop, &of_body.coro), 0);
    assert_trace("1 > 2 cleanup0 cleaned2 -3@2");
    ASYNC_OBJECT(catching, of_generator, .raises_at = 2);
    assert_int_equal(async_run(&loop, &of_generator.coro), 0);
    assert_trace("1 > cleanup2 cleaned4 -7@4");
    ASYNC_OBJECT(catching, of_cleanup, .act = RAISES, .cleanup_error = -9);
    assert_int_equal(async_run(&loop, &of_cleanup.coro), 0);
    assert_trace("1 > 2 cleanup4 cleaned6 -9@6");
    ASYNC_OBJECT(catching, none, .act = NOTHING);
    assert_int_equal(async_run(&loop, &none.coro), 0);
    assert_trace("1 > 2 > 3 > end cleanup6 cleaned8 all 0@8");
}

/* Emits from inside all blocks that let it. */
struct blocks {
    ASYNC_GENERATOR(int);
    async_try_t attempt;
    async_with_t with;
    async_shield_t shield;
    struct count count;
};

static void on_exit_of(void *text)
{
    trace("%s ", (const char *)text);
}

static char exit_text[] = "exit";

ASYNC_STATIC(blocks)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_EMIT(1);
        ASYNC_WITH(&self->with, on_exit_of, exit_text) {
            ASYNC_EMIT(2);
            ASYNC_SHIELD(&self->shield) {
                ASYNC_EMIT(3);
                self->count = ASYNC_CALL(count, .from = 4, .to = 5);
                ASYNC_FOR(&self->count) {
                    ASYNC_EMIT(self->count.value);
                }
            }
        }
        ASYNC_RAISE(-8);
    }
    ASYNC_EMIT(async_try_error(&self->attempt));
    ASYNC_FINALLY();
    trace("cleanup ");
    ASYNC_END();
}

struct use_blocks {
    ASYNC_FRAME;
    struct blocks blocks;
    int break_at;
    int raise_at;
};

ASYNC_STATIC(use_blocks)
{
    ASYNC_BEGIN();
    self->blocks = ASYNC_CALL(blocks);
    ASYNC_FOR(&self->blocks) {
        trace("%d ", self->blocks.value);
        AWAIT(async_sleep(1));
        if (self->blocks.value == self->break_at) {
            break;
        }
        if (self->blocks.value == self->raise_at) {
            ASYNC_RAISE(-3);
        }
    }
    trace("behind ");
    ASYNC_END();
}

static void a_generator_may_emit_inside_its_blocks(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_blocks, all);
    assert_int_equal(async_run(&loop, &all.coro), 0);
    assert_trace("1 2 3 4 > 5 > end cleanup5 exit -8 cleanup behind");
}

static void closing_leaves_the_blocks_of_the_generator(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "1 cleanup behind", "1 2 exit cleanup behind",
        "1 2 3 exit cleanup behind", "1 2 3 4 cleanup4 exit cleanup behind",
        "1 2 3 4 > 5 cleanup5 exit cleanup behind"};
    for (int at = 1; at <= 5; at++) {
        begin(state);
        ASYNC_OBJECT(use_blocks, use, .break_at = at);
        assert_int_equal(async_run(&loop, &use.coro), 0);
        assert_string_equal(trace_take(), expected[at - 1]);
    }
}

/* The try in the generator is not for what happens in the body. */
static void an_error_of_the_body_is_not_caught_in_the_generator(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_blocks, use, .raise_at = 3);
    assert_int_equal(async_run(&loop, &use.coro), -3);
    assert_trace("1 2 3 exit cleanup");
}

struct asking {
    ASYNC_GENERATOR(int);
    async_timeout_t limit;
    async_group_t group;
    async_try_t attempt;
    bool in_group;
    bool in_try;
};

ASYNC_STATIC(asking)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    if (self->in_group) {
        ASYNC_GROUP(&self->group) {
            ASYNC_EMIT(2);
        }
    } else {
        ASYNC_TIMEOUT(&self->limit, 10) {
            if (self->in_try) {
                ASYNC_TRY(&self->attempt) {
                    ASYNC_EMIT(2);
                }
                trace("%d ", async_try_error(&self->attempt));
            } else {
                ASYNC_EMIT(2);
            }
        }
    }
    ASYNC_EMIT(3);
    ASYNC_FINALLY();
    trace("cleanup ");
    ASYNC_END();
}

struct use_asking {
    ASYNC_FRAME;
    struct asking asking;
};

ASYNC_STATIC(use_asking)
{
    ASYNC_BEGIN();
    ASYNC_FOR(&self->asking) {
        trace("%d ", self->asking.value);
    }
    ASYNC_END();
}

static void emitting_inside_a_timeout_or_group_is_reported(void **state)
{
    (void)state;
    for (int in_group = 0; in_group < 2; in_group++) {
        ASYNC_OBJECT(use_asking, use,
                     .asking = ASYNC_CALL(asking, .in_group = in_group != 0));
        assert_int_equal(async_run(&loop, &use.coro), ASYNC_ERR_MISUSE);
        expect_report(ASYNC_REPORT_NOT_OPEN);
        assert_trace("1 cleanup");
    }
    ASYNC_OBJECT(use_asking, use, .asking = ASYNC_CALL(asking, .in_try = true));
    assert_int_equal(async_run(&loop, &use.coro), 0);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    assert_trace("1 -202 3 cleanup");
}

/* The loop stands inside all blocks, and all of them inside the loop. */
struct inside_blocks {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_timeout_t inner_limit;
    async_group_t group;
    async_group_t inner_group;
    async_member_t members[2];
    async_shield_t shield;
    async_with_t with;
    struct count count;
    struct use use;
    bool breaks;
};

ASYNC_STATIC(inside_blocks)
{
    ASYNC_BEGIN();
    self->use = ASYNC_CALL(use, .act = NOTHING,
                           .count = ASYNC_CALL(count, .from = 10, .to = 10));
    ASYNC_TIMEOUT(&self->limit, 100) {
        ASYNC_GROUP(&self->group) {
            async_group_spawn(&self->group, &self->members[0], &self->use.coro);
            ASYNC_SHIELD(&self->shield) {
                ASYNC_WITH(&self->with, on_exit_of, exit_text) {
                    self->count =
                        ASYNC_CALL(count, .from = 1, .to = 2, .pause = 3);
                    ASYNC_FOR(&self->count) {
                        trace("%d ", self->count.value);
                        ASYNC_TIMEOUT(&self->inner_limit, 5) {
                            ASYNC_GROUP(&self->inner_group) {
                                AWAIT(async_sleep(50));
                            }
                        }
                        trace("expired%lu ", elapsed());
                        if (self->breaks) {
                            break;
                        }
                    }
                }
            }
        }
    }
    trace("behind ");
    ASYNC_END();
}

static void loops_and_blocks_can_be_nested(void **state)
{
    (void)state;
    ASYNC_OBJECT(inside_blocks, all);
    assert_int_equal(async_run(&loop, &all.coro), 0);
    assert_trace("10 . > end cleanup0 behind finally0 1 expired8 > 2 "
                 "expired16 > end cleanup16 exit behind");
    ASYNC_OBJECT(inside_blocks, breaks, .breaks = true);
    assert_int_equal(async_run(&loop, &breaks.coro), 0);
    assert_trace("10 . > end cleanup16 behind finally16 1 expired24 cleanup24 "
                 "exit behind");
}

struct shielded {
    ASYNC_FRAME;
    async_shield_t shield;
    struct count count;
};

ASYNC_STATIC(shielded)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        ASYNC_FOR(&self->count) {
            trace("%d ", self->count.value);
            AWAIT(async_sleep(2));
        }
        trace("all ");
    }
    trace("wrong ");
    ASYNC_END();
}

static void a_shield_around_the_loop_keeps_a_cancellation_out(void **state)
{
    (void)state;
    ASYNC_OBJECT(shielded, script,
                 .count = ASYNC_CALL(count, .from = 1, .to = 3, .pause = 2));
    assert_int_equal(run_cancelled(&script.coro, 3, 5), ASYNC_ERR_CANCELLED);
    assert_trace("1 cancel3 > cancel5 2 > 3 > end cleanup12 all");
}

/* A limit on a wait in the body, and in the generator. */
struct waits {
    ASYNC_GENERATOR(int);
    int error;
    async_event_t event;
};

ASYNC_STATIC(waits)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_event_wait(&self->event), 3));
        ASYNC_EMIT(self->error);
    }
    ASYNC_END();
}

struct use_waits {
    ASYNC_FRAME;
    struct waits waits;
    int error;
    int rounds;
    async_event_t event;
};

ASYNC_STATIC(use_waits)
{
    ASYNC_BEGIN();
    self->waits = ASYNC_CALL(waits);
    ASYNC_FOR(&self->waits) {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_event_wait(&self->event), 2));
        trace("%d,%d@%lu ", self->waits.value, self->error, elapsed());
        if (++self->rounds == 2) {
            async_event_set(&self->waits.event);
        } else if (self->rounds == 3) {
            break;
        }
    }
    ASYNC_END();
}

static void waits_in_both_may_have_a_limit(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_waits, use);
    assert_int_equal(async_run(&loop, &use.coro), 0);
    assert_trace("-201,-201@5 -201,-201@10 0,-201@12");
}

/* --- Generators over generators ------------------------------------------- */

struct doubled {
    ASYNC_GENERATOR(int);
    struct count count;
    async_ticks_t cleanup;
    int cleanup_error;
};

ASYNC_STATIC(doubled)
{
    ASYNC_BEGIN();
    ASYNC_FOR(&self->count) {
        ASYNC_EMIT(2 * self->count.value);
    }
    ASYNC_FINALLY();
    trace("doubled%lu ", elapsed());
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
    }
    if (self->cleanup_error != 0) {
        ASYNC_RAISE(self->cleanup_error);
    }
    ASYNC_END();
}

struct use_doubled {
    ASYNC_FRAME;
    enum act act;
    struct doubled doubled;
};

ASYNC_STATIC(use_doubled)
{
    ASYNC_BEGIN();
    ASYNC_FOR(&self->doubled) {
        trace("%d ", self->doubled.value);
        if (self->doubled.value == 4) {
            if (self->act == BREAKS) {
                break;
            } else if (self->act == RAISES) {
                ASYNC_RAISE(-3);
            } else if (self->act == SLEEPS) {
                AWAIT(async_sleep(100));
            }
        }
    }
    trace("behind%lu ", elapsed());
    ASYNC_END();
}

#define DOUBLED(...)                                                           \
    ASYNC_CALL(doubled, .count = ASYNC_CALL(count, TO_3, __VA_ARGS__))

static void a_generator_may_iterate_another(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_doubled, use, .doubled = DOUBLED(.cleanup = 2));
    assert_int_equal(async_run(&loop, &use.coro), 0);
    assert_trace("2 > 4 > 6 > end cleanup0 cleaned2 doubled2 behind2");
}

static void closing_the_outer_generator_closes_the_inner_first(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_doubled, breaks, .act = BREAKS,
                 .doubled = DOUBLED(.cleanup = 2));
    assert_int_equal(async_run(&loop, &breaks.coro), 0);
    assert_trace("2 > 4 cleanup0 cleaned2 doubled2 behind2");
    ASYNC_OBJECT(use_doubled, raises, .act = RAISES,
                 .doubled = DOUBLED(.cleanup = 2));
    assert_int_equal(async_run(&loop, &raises.coro), -3);
    assert_trace("2 > 4 cleanup2 cleaned4 doubled4");
}

static void an_error_of_the_inner_generator_goes_through(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_doubled, use,
                 .doubled = DOUBLED(.cleanup = 2, .raises_at = 2));
    assert_int_equal(async_run(&loop, &use.coro), -7);
    assert_trace("2 > cleanup0 cleaned2 doubled2");
    ASYNC_OBJECT(use_doubled, closed, .act = BREAKS,
                 .doubled = DOUBLED(.cleanup = 2, .cleanup_error = -9));
    assert_int_equal(async_run(&loop, &closed.coro), -9);
    assert_trace("2 > 4 cleanup2 cleaned4 doubled4");
}

static void a_cancellation_goes_through_both_while_they_close(void **state)
{
    (void)state;
    ASYNC_OBJECT(use_doubled, use, .act = BREAKS,
                 .doubled = DOUBLED(.cleanup = 10));
    assert_int_equal(run_cancelled(&use.coro, 3, 0), ASYNC_ERR_CANCELLED);
    assert_trace("2 > 4 cleanup0 cancel3 doubled3");
}

#define DEPTH BY_ROOM(300, 100, 20)

struct deep {
    ASYNC_GENERATOR(int);
    int depth;
};

static struct deep deep[DEPTH];
static int deep_cleanups;

/* One takes the values of the next, which ones up. */
ASYNC_STATIC(deep)
{
    ASYNC_BEGIN();
    if (self->depth == DEPTH - 1) {
        for (;;) {
            AWAIT(async_sleep(1));
            ASYNC_EMIT(0);
        }
    }
    deep[self->depth + 1] = ASYNC_CALL(deep, .depth = self->depth + 1);
    ASYNC_FOR(&deep[self->depth + 1]) {
        ASYNC_EMIT(deep[self->depth + 1].value + 1);
    }
    ASYNC_FINALLY();
    assert_int_equal(self->depth + deep_cleanups, DEPTH - 1);
    deep_cleanups++;
    ASYNC_YIELD();
    ASYNC_END();
}

struct use_deep {
    ASYNC_FRAME;
    int rounds;
};

ASYNC_STATIC(use_deep)
{
    ASYNC_BEGIN();
    deep[0] = ASYNC_CALL(deep);
    ASYNC_FOR(&deep[0]) {
        assert_int_equal(deep[0].value, DEPTH - 1);
        if (++self->rounds == 5) {
            break;
        }
    }
    ASYNC_END();
}

static void a_deep_chain_of_generators_closes_from_the_inside(void **state)
{
    (void)state;
    deep_cleanups = 0;
    ASYNC_OBJECT(use_deep, use);
    assert_int_equal(async_run(&loop, &use.coro), 0);
    assert_int_equal(deep_cleanups, DEPTH);
    assert_int_equal(elapsed(), 5);
}

struct nested_loops {
    ASYNC_FRAME;
    struct count outer;
    struct count inner;
    bool returns;
};

ASYNC_STATIC(nested_loops)
{
    ASYNC_BEGIN();
    self->outer = ASYNC_CALL(count, .from = 1, .to = 2);
    ASYNC_FOR(&self->outer) {
        self->inner = ASYNC_CALL(count, .from = 7, .to = 9);
        ASYNC_FOR(&self->inner) {
            trace("%d%d ", self->outer.value, self->inner.value);
            if (self->inner.value == 8) {
                if (self->returns) {
                    ASYNC_EXIT();
                }
                break;
            }
        }
    }
    ASYNC_END();
}

static void a_slot_can_be_used_again_in_a_loop(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested_loops, all);
    assert_int_equal(async_run(&loop, &all.coro), 0);
    assert_trace("17 > 18 cleanup0 > 27 > 28 cleanup0 > end cleanup0");
    ASYNC_OBJECT(nested_loops, returns, .returns = true);
    assert_int_equal(async_run(&loop, &returns.coro), 0);
    assert_trace("17 > 18 cleanup0 cleanup0");
}

/* --- As a statement ------------------------------------------------------- */

struct statement {
    ASYNC_FRAME;
    struct count count;
    bool yes;
    int sum;
};

ASYNC_STATIC(statement)
{
    ASYNC_BEGIN();
    if (self->yes) {
        trace("yes ");
    }
    ASYNC_FOR(&self->count)
        self->sum += self->count.value;
    trace("%d ", self->sum);
    self->count = ASYNC_CALL(count, .from = 5, .to = 6);
    /* clang-format off */
    if (self->yes)
        ASYNC_FOR(&self->count)
            if (self->count.value == 5)
                trace("five ");
            else
                trace("other ");
    else
        trace("no ");
    /* clang-format on */
    trace("behind ");
    ASYNC_END();
}

static void a_loop_is_one_statement(void **state)
{
    (void)state;
    for (int yes = 0; yes < 2; yes++) {
        ASYNC_OBJECT(statement, script, .yes = yes != 0,
                     .count = ASYNC_CALL(count, .from = 1, .to = 3));
        assert_int_equal(async_run(&loop, &script.coro), 0);
        if (yes) {
            assert_trace("yes > > > end cleanup0 6 five > other > end cleanup0 "
                         "behind");
        } else {
            assert_trace("> > > end cleanup0 6 no behind");
        }
    }
}

/* --- Cleanup that emits --------------------------------------------------- */

static void a_generator_may_emit_at_its_normal_end(void **state)
{
    (void)state;
    USE(use, NOTHING, .from = 1, .to = 1, .emits_in_cleanup = true);
    assert_int_equal(run(&use), 0);
    assert_trace("1 . > end cleanup0 99 . > behind finally0");
}

/* As in Python: "async generator ignored GeneratorExit". */
static void emitting_while_being_closed_is_reported(void **state)
{
    (void)state;
    USE(use, BREAKS, TO_3, .emits_in_cleanup = true, .cleanup = 3);
    assert_int_equal(run(&use), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    assert_trace("1 . > 2 cleanup0 finally0");
}

/* --- Misuse --------------------------------------------------------------- */

static void emitting_in_a_task_of_its_own_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(count, alone, .from = 1, .to = 3);
    assert_int_equal(async_run(&loop, &alone.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    assert_trace("cleanup0");
}

struct calls {
    ASYNC_FRAME;
    struct count count;
    int error;
};

ASYNC_STATIC(calls)
{
    ASYNC_BEGIN();
    self->count = ASYNC_CALL(count, .from = 1, .to = 3);
    AWAIT_CATCH(self->error, async_call(&self->count.coro));
    trace("%d ", self->error);
    AWAIT_CALL(self->count, count, .from = 1, .to = 3);
    ASYNC_END();
}

static void emitting_in_a_call_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(calls, script);
    assert_int_equal(async_run(&loop, &script.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    expect_report(ASYNC_REPORT_NOT_OPEN);
    assert_trace("cleanup0 -202 cleanup0");
}

struct used_twice {
    ASYNC_FRAME;
    struct count count;
    async_try_t attempt;
};

ASYNC_STATIC(used_twice)
{
    ASYNC_BEGIN();
    self->count = ASYNC_CALL(count, .from = 1, .to = 3);
    ASYNC_FOR(&self->count) {
        trace("%d ", self->count.value);
    }
    ASYNC_TRY(&self->attempt) {
        ASYNC_FOR(&self->count) {
            trace("wrong ");
        }
    }
    trace("%d ", async_try_error(&self->attempt));
    memset(&self->count, 0, sizeof self->count);
    ASYNC_FOR(&self->count) {
        trace("wrong ");
    }
    trace("wrong ");
    ASYNC_END();
}

static void only_a_fresh_object_can_be_iterated(void **state)
{
    (void)state;
    ASYNC_OBJECT(used_twice, script);
    assert_int_equal(async_run(&loop, &script.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    expect_report(ASYNC_REPORT_NOT_A_COROUTINE);
    assert_trace("1 > 2 > 3 > end cleanup0 -202");
}

struct iterates_itself {
    ASYNC_FRAME;
    struct count count;
};

ASYNC_STATIC(iterates_itself)
{
    ASYNC_BEGIN();
    self->count = ASYNC_CALL(count, .from = 1, .to = 3);
    ASYNC_FOR(&self->count) {
        trace("%d ", self->count.value);
        ASYNC_FOR(&self->count) {
            trace("wrong ");
        }
    }
    trace("wrong ");
    ASYNC_END();
}

static void a_loop_inside_a_loop_over_the_same_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(iterates_itself, script);
    assert_int_equal(async_run(&loop, &script.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    expect_report(ASYNC_REPORT_USED_AGAIN);
    assert_trace("1");
}

/* --- Ask ------------------------------------------------------------------ */

struct asks {
    ASYNC_FRAME;
    struct count count;
};

ASYNC_STATIC(asks)
{
    ASYNC_BEGIN();
    trace("%d ", async_coro_state(&self->count.coro) == ASYNC_CORO_CREATED);
    ASYNC_FOR(&self->count) {
        trace("%d ",
              async_coro_state(&self->count.coro) == ASYNC_CORO_SUSPENDED);
        trace("%d ", async_coro_caller(&self->count.coro) == &self->coro);
    }
    trace("%d ", async_coro_state(&self->count.coro) == ASYNC_CORO_DONE);
    ASYNC_END();
}

static void a_generator_can_be_asked_where_it_is(void **state)
{
    (void)state;
    ASYNC_OBJECT(asks, script, .count = ASYNC_CALL(count, .from = 1, .to = 1));
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_trace("1 1 1 > end cleanup0 1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_loop_gets_all_values_in_order),
        TEST(a_generator_without_values_ends_the_loop),
        TEST(a_generator_may_await),
        TEST(others_run_while_a_generator_awaits),
        TEST(emitting_does_not_pause_the_task),
        TEST(a_value_may_be_a_struct),
        TEST(continue_goes_on_with_the_next_value),
        TEST(break_closes_the_generator),
        TEST(return_closes_the_generator),
        TEST(raise_closes_the_generator),
        TEST(the_cleanup_of_a_closed_generator_may_await),
        TEST(an_error_of_the_cleanup_is_raised_at_the_loop),
        TEST(an_error_of_the_generator_is_raised_at_the_loop),
        TEST(a_cancellation_in_the_body_closes_the_generator),
        TEST(a_cancellation_in_the_generator_unwinds_both),
        TEST(a_second_cancellation_ends_the_cleanup),
        TEST(a_cancellation_while_closing_takes_its_place),
        TEST(two_cancellations_while_closing_are_one),
        TEST(a_task_that_cancels_itself_and_leaves_is_cancelled),
        TEST(a_cancellation_asked_for_while_closing_is_met_once),
        TEST(closing_the_loop_closes_generators),
        TEST(a_timeout_closes_the_generator),
        TEST(a_timeout_while_closing_ends_the_cleanup),
        TEST(an_error_of_the_cleanup_wins_over_a_timeout),
        TEST(a_try_around_the_loop_catches),
        TEST(a_generator_may_emit_inside_its_blocks),
        TEST(closing_leaves_the_blocks_of_the_generator),
        TEST(an_error_of_the_body_is_not_caught_in_the_generator),
        TEST(emitting_inside_a_timeout_or_group_is_reported),
        TEST(loops_and_blocks_can_be_nested),
        TEST(a_shield_around_the_loop_keeps_a_cancellation_out),
        TEST(waits_in_both_may_have_a_limit),
        TEST(a_generator_may_iterate_another),
        TEST(closing_the_outer_generator_closes_the_inner_first),
        TEST(an_error_of_the_inner_generator_goes_through),
        TEST(a_cancellation_goes_through_both_while_they_close),
        TEST(a_deep_chain_of_generators_closes_from_the_inside),
        TEST(a_slot_can_be_used_again_in_a_loop),
        TEST(a_loop_is_one_statement),
        TEST(a_generator_may_emit_at_its_normal_end),
        TEST(emitting_while_being_closed_is_reported),
        TEST(emitting_in_a_task_of_its_own_is_reported),
        TEST(emitting_in_a_call_is_reported),
        TEST(only_a_fresh_object_can_be_iterated),
        TEST(a_loop_inside_a_loop_over_the_same_is_reported),
        TEST(a_generator_can_be_asked_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
