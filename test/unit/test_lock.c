/* SPDX-License-Identifier: MIT */

/*
 * Lock: who has it, in which order, and that it is never lost.
 */
#include "test.h"

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_lock_t lock;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    lock = (async_lock_t){0};
    return reports_begin(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) -
                                         JUST_BEFORE_THE_WRAP);
}

/* Run rounds until nothing happens at this time any more. */
static async_ticks_t settle_down(void)
{
    async_ticks_t ticks;
    while ((ticks = async_poll(&loop)) == 0) {
    }
    return ticks;
}

static void pass(async_ticks_t ticks)
{
    async_virtual_clock_advance(&virtual_clock, ticks);
    settle_down();
}

/* Acquires, keeps it for some ticks, releases. */
struct user {
    ASYNC_FRAME;
    async_ticks_t hold;
    char name;
};

ASYNC_STATIC(user)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&lock));
    trace("%c@%lu ", self->name, elapsed());
    if (self->hold != 0) {
        AWAIT(async_sleep(self->hold));
    }
    async_lock_release(&lock);
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

#define USERS 4
static struct user users[USERS];
static async_task_t tasks[USERS];

/* Tasks a, b, c, ... of which each keeps the lock for some ticks. */
static void spawn_users(int count, async_ticks_t hold)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        users[i] = ASYNC_CALL(user, .hold = hold, .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &users[i].coro);
    }
    settle_down();
}

/* --- Who has it ----------------------------------------------------------- */

static void a_lock_of_zeros_is_free(void **state)
{
    (void)state;
    assert_false(async_lock_is_taken(&lock));
    assert_null(async_lock_owner(&lock));
}

static void a_free_lock_is_taken_at_once(void **state)
{
    (void)state;
    spawn_users(1, 5);
    assert_trace("a@0");
    assert_true(async_lock_is_taken(&lock));
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    pass(5);
    assert_trace("/a");
    assert_false(async_lock_is_taken(&lock));
    assert_null(async_lock_owner(&lock));
}

static void a_lock_is_handed_to_the_task_that_waited_longest(void **state)
{
    (void)state;
    spawn_users(4, 5);
    assert_trace("a@0");
    pass(5);
    assert_trace("/a b@5");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[1]);
    pass(5);
    pass(5);
    pass(5);
    assert_trace("/b c@10 /c d@15 /d");
    assert_null(async_lock_owner(&lock));
}

/* Wants the lock again in the step in which it released it. */
struct greedy {
    ASYNC_FRAME;
};

ASYNC_STATIC(greedy)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&lock));
    AWAIT(async_sleep(5));
    async_lock_release(&lock);
    trace("try%d ", async_lock_try_acquire(&lock));
    AWAIT(async_lock_acquire(&lock));
    trace("g ");
    async_lock_release(&lock);
    ASYNC_END();
}

static void nobody_comes_between_a_release_and_the_next_owner(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(greedy, g);
    async_spawn(&loop, &task, &g.coro);
    spawn_users(2, 0);
    pass(5);
    assert_trace("try-205 a@5 /a b@5 /b g");
    assert_false(async_lock_is_taken(&lock));
}

static void the_new_owner_has_it_before_it_runs(void **state)
{
    (void)state;
    spawn_users(2, 5);
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    assert_trace("a@0 /a");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[1]);
    async_poll(&loop);
    assert_trace("b@5");
    pass(5);
    trace_clear();
}

/* --- Try, and misuse ------------------------------------------------------ */

struct trier {
    ASYNC_FRAME;
    int first;
    int second;
};

ASYNC_STATIC(trier)
{
    ASYNC_BEGIN();
    self->first = async_lock_try_acquire(&lock);
    self->second = async_lock_try_acquire(&lock);
    if (self->first == 0) {
        async_lock_release(&lock);
    }
    ASYNC_END();
}

static void try_takes_a_free_lock_and_no_other(void **state)
{
    (void)state;
    ASYNC_OBJECT(trier, free);
    assert_int_equal(async_run(&loop, &free.coro), 0);
    assert_int_equal(free.first, 0);
    assert_int_equal(free.second, ASYNC_ERR_EMPTY);
    assert_false(async_lock_is_taken(&lock));

    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(trier, taken);
    async_spawn(&loop, &task, &taken.coro);
    settle_down();
    assert_int_equal(taken.first, ASYNC_ERR_EMPTY);
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    pass(5);
    trace_clear();
}

static void acquire_and_try_outside_of_a_task_are_reported(void **state)
{
    (void)state;
    async_wait_t wait = async_lock_acquire(&lock);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_int_equal(async_lock_try_acquire(&lock), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_false(async_lock_is_taken(&lock));
}

struct twice {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(twice)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&lock));
    AWAIT_CATCH(self->error, async_lock_acquire(&lock));
    trace("%d ", async_lock_owner(&lock) == async_current_task());
    async_lock_release(&lock);
    trace("%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void a_lock_is_not_recursive(void **state)
{
    (void)state;
    ASYNC_OBJECT(twice, t);
    assert_int_equal(async_run(&loop, &t.coro), 0);
    expect_report(ASYNC_REPORT_HELD_ALREADY);
    assert_ptr_equal(report_taken()->coro, &t.coro);
    assert_int_equal(t.error, ASYNC_ERR_MISUSE);
    assert_trace("1 0");
}

struct stranger {
    ASYNC_FRAME;
};

ASYNC_STATIC(stranger)
{
    ASYNC_BEGIN();
    async_lock_release(&lock);
    ASYNC_END();
}

static void release_lock(void *context)
{
    (void)context;
    async_lock_release(&lock);
}

static void only_the_owner_can_release_it(void **state)
{
    (void)state;
    spawn_users(2, 5);
    assert_trace("a@0");
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(stranger, s);
    async_spawn(&loop, &task, &s.coro);
    settle_down();
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_ptr_equal(report_taken()->coro, &s.coro);
    async_lock_release(&lock); /* outside of tasks */
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               async_loop_now(&loop), release_lock, NULL);
    settle_down();
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_trace("");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    pass(5);
    pass(5);
    assert_trace("/a b@5 /b");
}

static void a_release_of_a_free_lock_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(stranger, s);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_false(async_lock_is_taken(&lock));
}

/* --- Cancel and limits ---------------------------------------------------- */

static void cancel_while_waiting(int cancelled, const char *expected)
{
    spawn_users(4, 5);
    async_cancel(&tasks[cancelled]);
    settle_down();
    pass(5);
    pass(5);
    pass(5);
    assert_string_equal(trace_take(), expected);
    assert_false(async_lock_is_taken(&lock));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(async_task_error(&tasks[i]),
                         i == cancelled ? ASYNC_ERR_CANCELLED : 0);
    }
}

static void the_first_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_while_waiting(1, "a@0 /b /a c@5 /c d@10 /d");
}

static void a_middle_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_while_waiting(2, "a@0 /c /a b@5 /b d@10 /d");
}

static void the_last_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_while_waiting(3, "a@0 /d /a b@5 /b c@10 /c");
}

static void a_lock_given_to_a_cancelled_task_goes_to_the_next(void **state)
{
    (void)state;
    spawn_users(3, 5);
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop); /* a has released, b has not run */
    assert_ptr_equal(async_lock_owner(&lock), &tasks[1]);
    async_cancel(&tasks[1]);
    async_poll(&loop);
    assert_trace("a@0 /a /b");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[2]);
    settle_down();
    pass(5);
    assert_trace("c@5 /c");
    assert_false(async_lock_is_taken(&lock));
}

static void a_lock_given_to_a_cancelled_task_is_free_if_no_one_waits(void **s)
{
    (void)s;
    spawn_users(2, 5);
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    async_cancel(&tasks[1]);
    settle_down();
    assert_trace("a@0 /a /b");
    assert_false(async_lock_is_taken(&lock));
    spawn_users(1, 0);
    assert_trace("a@5 /a");
}

static void a_lock_passes_through_a_chain_of_cancelled_tasks(void **state)
{
    (void)state;
    spawn_users(4, 5);
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    async_cancel(&tasks[1]);
    async_poll(&loop); /* b has passed it on to c, which has not run */
    assert_ptr_equal(async_lock_owner(&lock), &tasks[2]);
    async_cancel(&tasks[2]);
    settle_down();
    assert_trace("a@0 /a /b /c d@5");
    pass(5);
    assert_trace("/d");
    assert_false(async_lock_is_taken(&lock));
}

/* Waits for the lock for at most some ticks. */
struct hasty {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_ticks_t ticks;
    int error;
    bool by_scope;
};

ASYNC_STATIC(hasty)
{
    ASYNC_BEGIN();
    if (self->by_scope) {
        self->error = ASYNC_ERR_TIMEOUT;
        ASYNC_TIMEOUT(&self->limit, self->ticks) {
            AWAIT(async_lock_acquire(&lock));
            self->error = 0;
        }
    } else {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_lock_acquire(&lock), self->ticks));
    }
    trace("h%d@%lu ", self->error, elapsed());
    if (self->error == 0) {
        async_lock_release(&lock);
    }
    ASYNC_END();
}

static void limit(bool by_scope)
{
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(hasty, h, .ticks = 3, .by_scope = by_scope);
    async_spawn(&loop, &task, &h.coro);
    assert_int_equal(settle_down(), 3);
    pass(3);
    assert_trace("a@0 h-201@3");
    pass(2);
    assert_trace("/a");
    assert_false(async_lock_is_taken(&lock));

    spawn_users(1, 5);
    h = ASYNC_CALL(hasty, .ticks = 6, .by_scope = by_scope);
    async_spawn(&loop, &task, &h.coro);
    settle_down();
    pass(5);
    assert_true(settle_down() == ASYNC_FOREVER);
    assert_trace("a@5 /a h0@10");
    assert_false(async_lock_is_taken(&lock));
}

static void a_wait_can_be_limited_by_wait_for(void **state)
{
    (void)state;
    limit(false);
}

static void a_wait_can_be_limited_by_a_timeout(void **state)
{
    (void)state;
    limit(true);
}

/* The owner sleeps as long as the limit is; its timer is the older one. */
static void a_lock_given_when_the_limit_is_due_is_not_lost(void **state)
{
    (void)state;
    for (int by_scope = 0; by_scope < 2; by_scope++) {
        spawn_users(1, 5);
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(hasty, h, .ticks = 5, .by_scope = by_scope != 0);
        async_spawn(&loop, &task, &h.coro);
        settle_down();
        pass(5);
        assert_int_equal(h.error, ASYNC_ERR_TIMEOUT);
        assert_false(async_lock_is_taken(&lock));
        trace_clear();
    }
}

/* The limit is seen in the round after the lock was given. */
static void a_wait_whose_lock_came_first_beats_its_limit(void **state)
{
    (void)state;
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(hasty, h, .ticks = 6);
    async_spawn(&loop, &task, &h.coro);
    settle_down();
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    assert_ptr_equal(async_lock_owner(&lock), &task);
    async_virtual_clock_advance(&virtual_clock, 1);
    settle_down();
    assert_trace("a@0 /a h0@6");
    assert_false(async_lock_is_taken(&lock));
}

/* A timeout around the wait cancels, so the lock is given back. */
static void a_timeout_that_expires_after_the_hand_over_gives_it_back(void **s)
{
    (void)s;
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(hasty, h, .ticks = 6, .by_scope = true);
    async_spawn(&loop, &task, &h.coro);
    settle_down();
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    async_virtual_clock_advance(&virtual_clock, 1);
    settle_down();
    assert_trace("a@0 /a h-201@6");
    assert_false(async_lock_is_taken(&lock));
}

struct forgetful {
    ASYNC_FRAME;
};

/* Begins to wait and goes on. */
ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_lock_acquire(&lock);
        (void)wait;
    }
    AWAIT(async_sleep(1));
    trace("f@%lu ", elapsed());
    ASYNC_END();
}

static void an_acquire_without_await_is_reported_and_forgotten(void **state)
{
    (void)state;
    spawn_users(2, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(forgetful, f);
    async_spawn(&loop, &task, &f.coro);
    settle_down();
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    pass(5);
    pass(5);
    assert_trace("a@0 f@5 /a b@5 /b");
    assert_false(async_lock_is_taken(&lock));
}

/* --- Crowds and loops ----------------------------------------------------- */

#define CROWD BY_ROOM(500, 100, 20)

static struct {
    struct counted {
        ASYNC_FRAME;
        int id;
    } frames[CROWD];
    async_task_t tasks[CROWD];
    int next;
    int inside;
} crowd;

ASYNC_STATIC(counted)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&lock));
    assert_int_equal(crowd.inside++, 0);
    assert_int_equal(self->id, crowd.next++);
    ASYNC_YIELD();
    crowd.inside--;
    async_lock_release(&lock);
    ASYNC_END();
}

static void a_crowd_has_it_one_by_one_in_the_order_they_came(void **state)
{
    (void)state;
    crowd.next = crowd.inside = 0;
    for (int i = 0; i < CROWD; i++) {
        crowd.tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        crowd.frames[i] = ASYNC_CALL(counted, .id = i);
        async_spawn(&loop, &crowd.tasks[i], &crowd.frames[i].coro);
    }
    settle_down();
    assert_int_equal(crowd.next, CROWD);
    assert_false(async_lock_is_taken(&lock));
}

static void a_lock_can_be_shared_by_two_loops(void **state)
{
    (void)state;
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 7));
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(user, x, .name = 'x');
    spawn_users(1, 5);
    async_spawn(&other, &task, &x.coro);
    assert_true(async_poll(&other) == ASYNC_FOREVER);
    pass(5);
    assert_ptr_equal(async_lock_owner(&lock), &task);
    assert_true(async_poll(&other) == ASYNC_FOREVER);
    assert_trace("a@0 /a x@5 /x");
    assert_false(async_lock_is_taken(&lock));
}

static void a_loop_that_is_closed_leaves_no_waiter_behind(void **state)
{
    (void)state;
    spawn_users(3, 100);
    assert_int_equal(async_loop_close(&loop), 0);
    /* a was cancelled while it had it, without a block that releases it */
    assert_trace("a@0 /c /b /a");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    assert_true(lock.waiters_.waiters_.next_ == NULL ||
                lock.waiters_.waiters_.next_ == &lock.waiters_.waiters_);
}

/* --- As a block ----------------------------------------------------------- */

/* How the block is left. */
enum how {
    AT_ITS_END,
    BY_BREAK,
    BY_CONTINUE,
    BY_RETURN,
    BY_RAISE,
    BY_AN_ERROR_BELOW,
    BY_CANCEL,
    BY_SELF_CANCEL
};

struct failing {
    ASYNC_FRAME;
};

ASYNC_STATIC(failing)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();
    ASYNC_RAISE(-7);
    ASYNC_END();
}

struct leaver {
    ASYNC_FRAME;
    int result;
    async_with_t guard;
    struct failing failing;
    enum how how;
};

ASYNC_STATIC(leaver)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        trace("in%d ", async_lock_owner(&lock) == async_current_task());
        ASYNC_YIELD();
        if (self->how == BY_BREAK) {
            break;
        }
        if (self->how == BY_CONTINUE) {
            continue;
        }
        if (self->how == BY_RETURN) {
            ASYNC_RETURN(42);
        }
        if (self->how == BY_RAISE) {
            ASYNC_RAISE(-8);
        }
        if (self->how == BY_AN_ERROR_BELOW) {
            AWAIT_CALL(self->failing, failing);
        }
        if (self->how == BY_CANCEL) {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
        if (self->how == BY_SELF_CANCEL) {
            async_cancel(async_current_task());
            ASYNC_YIELD();
        }
        trace("end ");
    }
    trace("behind%d ", async_lock_is_taken(&lock));
    ASYNC_FINALLY();
    trace("/%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void leave(enum how how, int error, const char *expected)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(leaver, l, .how = how);
    async_spawn(&loop, &task, &l.coro);
    settle_down();
    if (how == BY_CANCEL) {
        async_cancel(&task);
        settle_down();
    }
    assert_true(async_task_done(&task));
    assert_int_equal(async_task_error(&task), error);
    assert_int_equal(l.result, how == BY_RETURN ? 42 : 0);
    assert_string_equal(trace_take(), expected);
    assert_false(async_lock_is_taken(&lock));
}

static void a_block_releases_the_lock_however_it_is_left(void **state)
{
    (void)state;
    leave(AT_ITS_END, 0, "in1 end behind0 /0");
    leave(BY_BREAK, 0, "in1 behind0 /0");
    leave(BY_CONTINUE, 0, "in1 behind0 /0");
    leave(BY_RETURN, 0, "in1 /0");
    leave(BY_RAISE, -8, "in1 /0");
    leave(BY_AN_ERROR_BELOW, -7, "in1 /0");
    leave(BY_CANCEL, ASYNC_ERR_CANCELLED, "in1 /0");
    /* ASYNC_YIELD goes on once, and the cancellation comes there */
    leave(BY_SELF_CANCEL, ASYNC_ERR_CANCELLED, "in1 /0");
}

/* With the lock for some ticks; traces what it sees. */
struct block {
    ASYNC_FRAME;
    async_with_t guard;
    async_timeout_t limit;
    async_ticks_t around; /* a limit around the block, 0: none */
    async_ticks_t hold;
    char name;
};

ASYNC_STATIC(block)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit,
                  self->around == 0 ? ASYNC_FOREVER : self->around) {
        ASYNC_WITH_LOCK(&self->guard, &lock) {
            trace("%c@%lu ", self->name, elapsed());
            AWAIT(async_sleep(self->hold));
        }
    }
    trace("%c%s ", self->name, async_timeout_expired(&self->limit) ? "!" : ".");
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static void a_block_cancelled_while_it_waits_is_not_entered(void **state)
{
    (void)state;
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(block, b, .hold = 1, .name = 'x');
    async_spawn(&loop, &task, &b.coro);
    settle_down();
    async_cancel(&task);
    settle_down();
    assert_trace("a@0 /x");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    pass(5);
    assert_false(async_lock_is_taken(&lock));
    trace_clear();
}

static void a_block_cancelled_after_it_was_given_the_lock(void **state)
{
    (void)state;
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(block, b, .hold = 1, .name = 'x');
    async_spawn(&loop, &task, &b.coro);
    settle_down();
    async_virtual_clock_advance(&virtual_clock, 5);
    async_poll(&loop);
    assert_ptr_equal(async_lock_owner(&lock), &task);
    async_cancel(&task);
    settle_down();
    assert_trace("a@0 /a /x");
    assert_false(async_lock_is_taken(&lock));
}

static void a_timeout_around_the_block_ends_its_wait(void **state)
{
    (void)state;
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(block, b, .around = 3, .hold = 1, .name = 'x');
    async_spawn(&loop, &task, &b.coro);
    settle_down();
    pass(3);
    assert_trace("a@0 x! /x");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    pass(2);
    assert_trace("/a");
    assert_false(async_lock_is_taken(&lock));
}

static void a_timeout_around_the_block_ends_its_body(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(block, b, .around = 3, .hold = 9, .name = 'x');
    async_spawn(&loop, &task, &b.coro);
    settle_down();
    spawn_users(1, 5);
    pass(3);
    assert_trace("x@0 x! /x a@3");
    pass(5);
    assert_trace("/a");
    assert_false(async_lock_is_taken(&lock));
}

struct limit_inside {
    ASYNC_FRAME;
    async_with_t guard;
    async_timeout_t limit;
};

ASYNC_STATIC(limit_inside)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        ASYNC_TIMEOUT(&self->limit, 3) {
            AWAIT(async_sleep(ASYNC_FOREVER));
        }
        trace("still%d@%lu ", async_lock_is_taken(&lock), elapsed());
    }
    trace("%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void a_timeout_in_the_body_keeps_the_lock(void **state)
{
    (void)state;
    ASYNC_OBJECT(limit_inside, l);
    assert_int_equal(async_run(&loop, &l.coro), 0);
    assert_trace("still1@3 0");
}

struct limited_block {
    ASYNC_FRAME;
    async_with_t guard;
    async_try_t attempt;
};

/* With a limit on the wait, not on the body. */
ASYNC_STATIC(limited_block)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_WITH_WAIT(&self->guard,
                        async_wait_for(async_lock_acquire(&lock), 3),
                        async_lock_exit, &lock) {
            AWAIT(async_sleep(9));
            trace("x@%lu ", elapsed());
        }
    }
    trace("error%d@%lu ", async_try_error(&self->attempt), elapsed());
    ASYNC_END();
}

static void a_limit_on_the_wait_is_none_on_the_body(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited_block, l);
    assert_int_equal(async_run(&loop, &l.coro), 0);
    assert_trace("x@9 error0@9");
    assert_false(async_lock_is_taken(&lock));
    spawn_users(1, 5);
    async_task_t task = ASYNC_TASK_INIT;
    l = ASYNC_CALL(limited_block, .guard = l.guard);
    async_spawn(&loop, &task, &l.coro);
    settle_down();
    pass(3);
    assert_trace("a@9 error-201@12");
    assert_ptr_equal(async_lock_owner(&lock), &tasks[0]);
    pass(2);
    assert_false(async_lock_is_taken(&lock));
    trace_clear();
}

struct many {
    ASYNC_FRAME;
    async_with_t guard;
    int i;
};

/* The same guard again and again, left in another way each time. */
ASYNC_STATIC(many)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 6; self->i++) {
        ASYNC_WITH_LOCK(&self->guard, &lock) {
            if (self->i % 3 == 0) {
                break;
            }
            if (self->i % 3 == 1) {
                continue;
            }
            ASYNC_YIELD();
            trace("%d ", self->i);
        }
        trace("%s", async_lock_is_taken(&lock) ? "taken " : "");
    }
    ASYNC_END();
}

static void a_guard_can_be_used_again_in_a_loop(void **state)
{
    (void)state;
    ASYNC_OBJECT(many, m);
    assert_int_equal(async_run(&loop, &m.coro), 0);
    assert_trace("2 5");
    assert_false(async_lock_is_taken(&lock));
}

static async_lock_t second_lock;

struct nested {
    ASYNC_FRAME;
    async_with_t outer;
    async_with_t inner;
    bool raises;
};

ASYNC_STATIC(nested)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->outer, &lock) {
        ASYNC_WITH_LOCK(&self->inner, &second_lock) {
            trace("%d%d ", async_lock_is_taken(&lock),
                  async_lock_is_taken(&second_lock));
            ASYNC_YIELD();
            if (self->raises) {
                ASYNC_RAISE(-3);
            }
        }
        trace("%d%d ", async_lock_is_taken(&lock),
              async_lock_is_taken(&second_lock));
    }
    ASYNC_FINALLY();
    trace("%d%d ", async_lock_is_taken(&lock),
          async_lock_is_taken(&second_lock));
    ASYNC_END();
}

static void blocks_nest(void **state)
{
    (void)state;
    ASYNC_OBJECT(nested, n);
    assert_int_equal(async_run(&loop, &n.coro), 0);
    assert_trace("11 10 00");
    n = ASYNC_CALL(nested, .raises = true);
    assert_int_equal(async_run(&loop, &n.coro), -3);
    assert_trace("11 00");
}

/* While it waits for the second lock it has the first. */
static void a_cancelled_wait_for_the_inner_lock_frees_the_outer(void **state)
{
    (void)state;
    second_lock = (async_lock_t){0};
    async_task_t task = ASYNC_TASK_INIT;
    async_task_t rival = ASYNC_TASK_INIT;
    ASYNC_OBJECT(nested, n);
    ASYNC_OBJECT(nested, r);
    async_spawn(&loop, &rival, &r.coro);
    async_poll(&loop);
    assert_trace("11");
    async_spawn(&loop, &task, &n.coro); /* waits for the outer lock */
    async_cancel(&rival);
    settle_down();
    assert_trace("00 11 10 00");
    assert_true(async_task_done(&task));
}

struct self_nested {
    ASYNC_FRAME;
    async_with_t outer;
    async_with_t inner;
};

ASYNC_STATIC(self_nested)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->outer, &lock) {
        ASYNC_WITH_LOCK(&self->inner, &lock) {
            trace("inside ");
        }
        trace("behind ");
    }
    ASYNC_FINALLY();
    trace("%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void a_block_with_a_lock_the_task_has_raises_misuse(void **state)
{
    (void)state;
    ASYNC_OBJECT(self_nested, s);
    assert_int_equal(async_run(&loop, &s.coro), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_HELD_ALREADY);
    assert_trace("0");
}

struct sub_statement {
    ASYNC_FRAME;
    async_with_t guard;
    int which;
};

/* Without braces around it, in both branches. */
ASYNC_STATIC(sub_statement)
{
    ASYNC_BEGIN();
    for (self->which = 0; self->which < 3; self->which++)
        if (self->which == 0)
            ASYNC_WITH_LOCK(&self->guard, &lock) {
                trace("if%d ", async_lock_is_taken(&lock));
                ASYNC_YIELD();
            }
        else if (self->which == 1)
            ASYNC_WITH_LOCK(&self->guard, &lock)
                trace("else-if%d ", async_lock_is_taken(&lock));
        else
            ASYNC_WITH_LOCK(&self->guard, &lock) {
                trace("else%d ", async_lock_is_taken(&lock));
            }
    trace("%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void a_block_can_be_a_branch_without_braces(void **state)
{
    (void)state;
    ASYNC_OBJECT(sub_statement, s);
    assert_int_equal(async_run(&loop, &s.coro), 0);
    assert_trace("if1 else-if1 else1 0");
}

struct early {
    ASYNC_FRAME;
    async_with_t guard;
};

/* Releases what the block will release. */
ASYNC_STATIC(early)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        async_lock_release(&lock);
        ASYNC_YIELD();
    }
    trace("%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void a_release_inside_the_block_is_reported_at_its_end(void **state)
{
    (void)state;
    ASYNC_OBJECT(early, e);
    assert_int_equal(async_run(&loop, &e.coro), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_trace("0");
}

struct jumper {
    ASYNC_FRAME;
    async_with_t guard;
};

ASYNC_STATIC(jumper)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &lock) {
        ASYNC_YIELD();
        goto out;
    }
out:
    trace("%d ", async_lock_is_taken(&lock));
    ASYNC_END();
}

static void a_goto_out_of_the_block_is_reported_and_the_lock_freed(void **state)
{
    (void)state;
    ASYNC_OBJECT(jumper, j);
    assert_int_equal(async_run(&loop, &j.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_trace("1");
    assert_false(async_lock_is_taken(&lock));
}

static void closing_the_loop_frees_a_lock_of_a_block(void **state)
{
    (void)state;
    async_task_t owner = ASYNC_TASK_INIT;
    async_task_t waiter = ASYNC_TASK_INIT;
    ASYNC_OBJECT(block, o, .hold = 100, .name = 'o');
    ASYNC_OBJECT(block, w, .hold = 100, .name = 'w');
    async_spawn(&loop, &owner, &o.coro);
    async_spawn(&loop, &waiter, &w.coro);
    settle_down();
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("o@0 /w /o");
    assert_false(async_lock_is_taken(&lock));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_lock_of_zeros_is_free),
        TEST(a_free_lock_is_taken_at_once),
        TEST(a_lock_is_handed_to_the_task_that_waited_longest),
        TEST(nobody_comes_between_a_release_and_the_next_owner),
        TEST(the_new_owner_has_it_before_it_runs),
        TEST(try_takes_a_free_lock_and_no_other),
        TEST(acquire_and_try_outside_of_a_task_are_reported),
        TEST(a_lock_is_not_recursive),
        TEST(only_the_owner_can_release_it),
        TEST(a_release_of_a_free_lock_is_reported),
        TEST(the_first_waiter_can_be_cancelled),
        TEST(a_middle_waiter_can_be_cancelled),
        TEST(the_last_waiter_can_be_cancelled),
        TEST(a_lock_given_to_a_cancelled_task_goes_to_the_next),
        TEST(a_lock_given_to_a_cancelled_task_is_free_if_no_one_waits),
        TEST(a_lock_passes_through_a_chain_of_cancelled_tasks),
        TEST(a_wait_can_be_limited_by_wait_for),
        TEST(a_wait_can_be_limited_by_a_timeout),
        TEST(a_lock_given_when_the_limit_is_due_is_not_lost),
        TEST(a_wait_whose_lock_came_first_beats_its_limit),
        TEST(a_timeout_that_expires_after_the_hand_over_gives_it_back),
        TEST(an_acquire_without_await_is_reported_and_forgotten),
        TEST(a_crowd_has_it_one_by_one_in_the_order_they_came),
        TEST(a_lock_can_be_shared_by_two_loops),
        TEST(a_loop_that_is_closed_leaves_no_waiter_behind),
        TEST(a_block_releases_the_lock_however_it_is_left),
        TEST(a_block_cancelled_while_it_waits_is_not_entered),
        TEST(a_block_cancelled_after_it_was_given_the_lock),
        TEST(a_timeout_around_the_block_ends_its_wait),
        TEST(a_timeout_around_the_block_ends_its_body),
        TEST(a_timeout_in_the_body_keeps_the_lock),
        TEST(a_limit_on_the_wait_is_none_on_the_body),
        TEST(a_guard_can_be_used_again_in_a_loop),
        TEST(blocks_nest),
        TEST(a_cancelled_wait_for_the_inner_lock_frees_the_outer),
        TEST(a_block_with_a_lock_the_task_has_raises_misuse),
        TEST(a_block_can_be_a_branch_without_braces),
        TEST(a_release_inside_the_block_is_reported_at_its_end),
        TEST(a_goto_out_of_the_block_is_reported_and_the_lock_freed),
        TEST(closing_the_loop_frees_a_lock_of_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
