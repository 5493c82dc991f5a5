/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: condition, barrier, callback.
 */
#include "interleave.h"

#include <async/barrier.h>
#include <async/callback.h>
#include <async/condition.h>

#include <string.h>

#define PARTIES PLAYERS

static async_lock_t lock;
static async_condition_t condition;
static async_barrier_t barrier;
static async_callback_t callback;

static struct {
    int given; /* tokens */
    int taken;
    int there;
    int inside; /* who has the lock */
    int broken; /* aborts and resets */
    int posted; /* calls that were asked for */
    int cancelled;
    int calls;
    async_ticks_t due; /* of the last post */
    bool calling;
    bool ended; /* an interrupt came so late that the loop drops the call */
} shared;

/* --- Condition ------------------------------------------------------------ */

static void begin_condition(void)
{
    memset(&shared, 0, sizeof shared);
    lock = (async_lock_t){.owner_ = NULL};
    condition = (async_condition_t)ASYNC_CONDITION_INIT(&lock);
}

/* A task must have the lock to notify; an interrupt need not, and the library
 * sees from the port's context that it is one. */
static void give_tokens(unsigned count)
{
    shared.given += (int)count;
    shared.there += (int)count;
    async_condition_notify(&condition, count);
}

static void give_token(void)
{
    give_tokens(1);
}

/* The same from a task's step, as if an interrupt came there. */
static void give_as_interrupt(void)
{
    interleave_handling++;
    give_token();
    interleave_handling--;
}

static void give_two_tokens(void)
{
    give_tokens(2);
}

static void notify_for_nothing(void)
{
    give_tokens(0);
    async_condition_notify_all(&condition);
}

struct taker {
    ASYNC_FRAME;
    int player;
    bool took;
    async_with_t guard;
    async_timeout_t limit;
    struct async_condition_wait wait;
};

/* The lock is kept for longer than the look and the taking. */
ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, limit_of(self->player)) {
        ASYNC_WITH_LOCK(&self->guard, &lock) {
            AWAIT_CONDITION(self->wait, &condition, shared.there > 0);
            assert_int_equal(shared.inside++, 0);
            shared.there--;
            shared.taken++;
            self->took = true;
            shared.inside--;
            AWAIT(async_sleep((async_ticks_t)self->player));
        }
    }
    ASYNC_END();
}

static void watch_condition(void)
{
    waiters_in(&condition.waiters_.waiters_);
    assert_true(waiters_in(&lock.waiters_.waiters_) == 0 ||
                async_lock_owner(&lock) != NULL);
}

/* While there is a token nobody waits without the lock; unless somebody has
 * that and will look. */
static void idle_condition(void)
{
    assert_true(shared.there == 0 || async_lock_owner(&lock) != NULL ||
                waiters_in(&condition.waiters_.waiters_) == 0);
}

static void give_if_needed(void)
{
    if (waiters_in(&condition.waiters_.waiters_) > 0) {
        give_as_interrupt();
    }
}

static void run_condition(void)
{
    struct taker takers[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = give_if_needed);
    for (int i = 0; i < PLAYERS; i++) {
        takers[i] = ASYNC_CALL(taker, .player = i);
        c.players[i] = &takers[i].coro;
    }
    run_contest(&c);
    interrupts_off();
    for (int i = 0; i < PLAYERS; i++) {
        assert_true(takers[i].took || is_cancelled(i) || i == variant.limited);
        assert_true(c.errors[i] == 0 || is_cancelled(i));
    }
    assert_int_equal(shared.given, shared.taken + shared.there);
    assert_int_equal(waiters_in(&condition.waiters_.waiters_), 0);
    assert_null(async_lock_owner(&lock));
}

static const struct scenario conditions = {
    begin_condition, run_condition, .watch = watch_condition,
    .idle = idle_condition, .nests = true};

static void no_notification_is_lost(void **state)
{
    (void)state;
    function_t *const calls[] = {give_token, give_two_tokens,
                                 notify_for_nothing};
    for (int i = 0; i < 3; i++) {
        variant.meanwhile = NULL;
        run_all_variants(&conditions, calls[i]);
        variant.meanwhile = give_as_interrupt;
        run_all_variants(&conditions, calls[i]);
    }
    for (int i = 0; i < 3; i++) {
        variant = (struct variant){.cancelled = 1, .limited = i};
        run_all_pairs(&conditions, give_token, calls[i]);
        run_all_pairs(&conditions, calls[i], give_token);
    }
}

/* --- Barrier -------------------------------------------------------------- */

static void begin_barrier(void)
{
    memset(&shared, 0, sizeof shared);
    barrier = (async_barrier_t)ASYNC_BARRIER_INIT(PARTIES);
}

static void abort_(void)
{
    shared.broken++;
    async_barrier_abort(&barrier);
}

static void reset(void)
{
    shared.broken++;
    async_barrier_reset(&barrier);
}

struct party {
    ASYNC_FRAME;
    int player;
    int error;
    int arrivals;
    unsigned result;
    async_timeout_t limit;
    struct async_barrier_wait wait;
};

ASYNC_STATIC(party)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, limit_of(self->player)) {
        AWAIT(async_sleep((async_ticks_t)self->player));
        AWAIT_CALL_CATCH(self->error, self->wait, async_barrier_wait,
                         .barrier = &barrier);
        if (self->error == ASYNC_OK) {
            self->result = self->wait.result + 1;
        }
    }
    ASYNC_END();
}

static void watch_barrier(void)
{
    assert_true(waiters_in(&barrier.waiters_) <=
                async_barrier_waiting(&barrier));
    assert_true(async_barrier_waiting(&barrier) < PARTIES);
    assert_true(!async_barrier_is_broken(&barrier) ||
                waiters_in(&barrier.waiters_) == 0);
}

static void idle_barrier(void)
{
    assert_int_equal(waiters_in(&barrier.waiters_),
                     async_barrier_waiting(&barrier));
}

/* All three met, or nobody: the barrier was filled once at most. */
static void check_parties(const struct party *parties, const int *errors)
{
    unsigned met = 0;
    for (int i = 0; i < PLAYERS; i++) {
        if (parties[i].result != 0) {
            assert_false(met & (1u << parties[i].result));
            met |= 1u << parties[i].result;
        } else if (parties[i].error != 0) {
            assert_int_equal(parties[i].error, ASYNC_ERR_BROKEN);
            assert_true(shared.broken > 0);
        } else {
            assert_true(i == variant.limited ||
                        (is_cancelled(i) && errors[i] == ASYNC_ERR_CANCELLED));
        }
    }
    assert_true(met == 0 || met == 0xE || variant.limited != NOBODY ||
                variant.cancelled != NOBODY);
}

static void run_barrier(void)
{
    struct party parties[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = abort_);
    for (int i = 0; i < PLAYERS; i++) {
        parties[i] = ASYNC_CALL(party, .player = i);
        c.players[i] = &parties[i].coro;
    }
    run_contest(&c);
    interrupts_off();
    check_parties(parties, c.errors);
    assert_int_equal(async_barrier_waiting(&barrier), 0);
    assert_int_equal(waiters_in(&barrier.waiters_), 0);
}

static const struct scenario barriers = {begin_barrier, run_barrier,
                                         .watch = watch_barrier,
                                         .idle = idle_barrier, .nests = true};

static void all_meet_or_all_learn_that_they_do_not(void **state)
{
    (void)state;
    function_t *const tasks[] = {NULL, abort_, reset};
    for (int i = 0; i < 3; i++) {
        variant.meanwhile = tasks[i];
        run_all_variants(&barriers, abort_);
        run_all_variants(&barriers, reset);
    }
    variant = (struct variant){.cancelled = 0, .limited = NOBODY};
    run_both_orders(&barriers, abort_, reset);
    variant = (struct variant){.cancelled = NOBODY, .limited = 1};
    run_all_pairs(&barriers, reset, reset);
}

/* --- Callback ------------------------------------------------------------- */

#define LATER 2 /* ticks */

static bool posts_itself;

static void on_call(void *argument);

static void begin_callback(void)
{
    memset(&shared, 0, sizeof shared);
    callback = (async_callback_t)ASYNC_CALLBACK_INIT(on_call, &shared);
}

/* One post is pending at most. It was there before we know of it, and may have
 * been called since. */
static void post(bool later)
{
    async_ticks_t due = elapsed() + (later ? LATER : 0);
    bool was_posted = later ? async_callback_later(&loop, &callback, LATER)
                            : async_callback_soon(&loop, &callback);
    if (was_posted) {
        shared.posted++;
        shared.due = due;
    }
}

static void soon(void)
{
    post(false);
}

static void later(void)
{
    post(true);
}

static void cancel(void)
{
    shared.cancelled += async_callback_cancel(&callback);
}

static void cancel_and_soon(void)
{
    cancel();
    soon();
}

static void cancel_and_later(void)
{
    cancel();
    later();
}

/* The first call may post the next, if no interrupt was faster. */
static void on_call(void *argument)
{
    assert_ptr_equal(argument, &shared);
    assert_false(shared.calling);
    shared.calling = true;
    shared.calls++;
    if (shared.posted == shared.calls + shared.cancelled) {
        assert_true(elapsed() >= shared.due); /* it is this post's */
    }
    if (posts_itself && shared.calls == 1) {
        later();
    }
    shared.calling = false;
}

struct poster {
    ASYNC_FRAME;
};

/* All that a loop does with a callback: post it in each state, cancel it in
 * each state, let it be called. */
ASYNC_STATIC(poster)
{
    ASYNC_BEGIN();
    soon();
    ASYNC_YIELD();
    variant.meanwhile();
    ASYNC_YIELD();
    later();
    AWAIT(async_sleep(1));
    variant.meanwhile();
    AWAIT(async_sleep(LATER));
    soon();
    variant.meanwhile();
    AWAIT(async_sleep(3 * LATER));
    ASYNC_END();
}

static void check_calls(void)
{
    while (async_poll(&loop) == 0) {
    }
    int dropped = shared.posted - shared.cancelled - shared.calls;
    assert_in_range(dropped, 0, shared.ended ? 1 : 0);
    assert_false(async_callback_pending(&callback));
    assert_true(async_task_done(&callback.task_));
}

/* What comes when the loop closes is called later, or dropped. */
static void run_callback(void)
{
    ASYNC_OBJECT(poster, p);
    assert_int_equal(async_run(&loop, &p.coro), 0);
    interrupts_off();
    shared.ended = irq.fired_at + LATER >= elapsed();
    assert_int_equal(async_loop_close(&loop), 0);
    check_calls();
}

static const struct scenario callbacks = {begin_callback, run_callback,
                                          .nests = true};

static void nothing(void)
{
}

static void every_post_is_one_call(void **state)
{
    (void)state;
    function_t *const posts[] = {soon, later};
    function_t *const tasks[] = {nothing, cancel, soon, cancel_and_soon,
                                 cancel_and_later};
    for (int i = 0; i < 10; i++) {
        posts_itself = i >= 5;
        variant.meanwhile = tasks[i % 5];
        for (int j = 0; j < 2; j++) {
            run_all(&callbacks, posts[j]);
            run_all_pairs(&callbacks, posts[j], posts[0]);
            run_all_pairs(&callbacks, posts[j], posts[1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(no_notification_is_lost),
        interleave_test(all_meet_or_all_learn_that_they_do_not),
        interleave_test(every_post_is_one_call),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
