/* SPDX-License-Identifier: MIT */

/*
 * Futures: a value, an error or a cancellation, for all that wait.
 */
#include "start.h"

typedef ASYNC_FUTURE(int) future_t;

static void say_state(const future_t *future)
{
    say("done: %s, cancelled: %s, %s", yes_no(async_future_done(future)),
        yes_no(async_future_cancelled(future)),
        error_name(async_future_error(future)));
}

static bool set(future_t *future, int value)
{
    return async_future_set(future, &value);
}

/* It says what the future gives; its own cancellation is not caught. */
struct waiter {
    ASYNC_FRAME;
    const char *name;
    future_t *future;
    int error;
};

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    say("%s waits", self->name);
    AWAIT_CATCH(self->error, async_future_wait(self->future));
    if (self->error == ASYNC_OK) {
        say("%s got %d", self->name, self->future->value);
    } else {
        say("%s: %s", self->name, error_name(self->error));
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* It catches nothing. */
struct lets_pass {
    ASYNC_FRAME;
    const char *name;
    future_t *future;
};

ASYNC_STATIC(lets_pass)
{
    ASYNC_BEGIN();
    AWAIT(async_future_wait(self->future));
    ASYNC_END();
}

#define START_WAITER(slot, its_name, its_future)                               \
    START(slot, waiter, .name = its_name, .future = its_future)

/* --- The outcome ---------------------------------------------------------- */

/* It goes to all that wait, in the order they came, and to those that come
 * later. */
struct future_value {
    ASYNC_FRAME;
    future_t future;
    STARTED(waiter) a, b, c;
    struct waiter d;
};

ASYNC_STATIC(future_value)
{
    ASYNC_BEGIN();
    say_state(&self->future);
    START_WAITER(self->a, "A", &self->future);
    START_WAITER(self->b, "B", &self->future);
    AWAIT(async_sleep(5));
    START_WAITER(self->c, "C", &self->future);
    set(&self->future, 7);
    say_state(&self->future);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    AWAIT(async_sleep(5));
    AWAIT_CALL(self->d, waiter, .name = "D", .future = &self->future);
    ASYNC_END();
}
SCENARIO(future_value);

/* The same for an error. */
struct future_error {
    ASYNC_FRAME;
    future_t future;
    STARTED(waiter) a, b;
    struct waiter c;
};

ASYNC_STATIC(future_error)
{
    ASYNC_BEGIN();
    START_WAITER(self->a, "A", &self->future);
    START_WAITER(self->b, "B", &self->future);
    AWAIT(async_sleep(5));
    async_future_set_error(&self->future, E1);
    say_state(&self->future);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_sleep(5));
    AWAIT_CALL(self->c, waiter, .name = "C", .future = &self->future);
    ASYNC_END();
}
SCENARIO(future_error);

/* An error that a task does not catch is the task's. */
struct future_error_not_caught {
    ASYNC_FRAME;
    future_t future;
    STARTED(lets_pass) a;
    int error;
};

ASYNC_STATIC(future_error_not_caught)
{
    ASYNC_BEGIN();
    START(self->a, lets_pass, .name = "A", .future = &self->future);
    AWAIT(async_sleep(5));
    async_future_set_error(&self->future, E2);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO(future_error_not_caught);

/* All that wait and will wait are told. */
struct future_cancelled {
    ASYNC_FRAME;
    future_t future;
    STARTED(waiter) a, b;
    struct waiter c;
};

ASYNC_STATIC(future_cancelled)
{
    ASYNC_BEGIN();
    START_WAITER(self->a, "A", &self->future);
    START_WAITER(self->b, "B", &self->future);
    AWAIT(async_sleep(5));
    say("cancel: %s", yes_no(async_future_cancel(&self->future)));
    say("cancel: %s", yes_no(async_future_cancel(&self->future)));
    say_state(&self->future);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT_CALL(self->c, waiter, .name = "C", .future = &self->future);
    ASYNC_END();
}
SCENARIO(future_cancelled);

/* A task that waits for what is cancelled ends as cancelled. */
struct future_cancelled_not_caught {
    ASYNC_FRAME;
    future_t future;
    STARTED(lets_pass) a;
    int error;
};

ASYNC_STATIC(future_cancelled_not_caught)
{
    ASYNC_BEGIN();
    START(self->a, lets_pass, .name = "A", .future = &self->future);
    AWAIT(async_sleep(5));
    async_future_cancel(&self->future);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO(future_cancelled_not_caught);

/* Too late; the value stays. */
struct future_cancel_after_value {
    ASYNC_FRAME;
    future_t future;
    struct waiter a;
};

ASYNC_STATIC(future_cancel_after_value)
{
    ASYNC_BEGIN();
    set(&self->future, 7);
    say("cancel: %s", yes_no(async_future_cancel(&self->future)));
    say_state(&self->future);
    AWAIT_CALL(self->a, waiter, .name = "A", .future = &self->future);
    ASYNC_END();
}
SCENARIO(future_cancel_after_value);

static void set_7(void *future)
{
    set((future_t *)future, 7);
}

/* The value comes from outside of all tasks. */
struct future_set_by_timer {
    ASYNC_FRAME;
    future_t future;
    async_virtual_interrupt_t interrupt;
    STARTED(waiter) a;
    struct waiter waiter;
};

ASYNC_STATIC(future_set_by_timer)
{
    ASYNC_BEGIN();
    async_virtual_interrupt_at(&virtual_clock, &self->interrupt, 10, set_7,
                               &self->future);
    START_WAITER(self->a, "A", &self->future);
    AWAIT_CALL(self->waiter, waiter, .name = "main", .future = &self->future);
    AWAIT(async_join(&self->a.task));
    ASYNC_END();
}
SCENARIO(future_set_by_timer);

struct answers {
    ASYNC_FRAME;
    future_t *ping, *pong;
};

ASYNC_STATIC(answers)
{
    ASYNC_BEGIN();
    AWAIT(async_future_wait(self->ping));
    say("B got %d", self->ping->value);
    AWAIT(async_sleep(5));
    set(self->pong, 2);
    say("B has answered");
    ASYNC_END();
}

/* Two tasks that wait for each other's futures in turn. */
struct future_between_tasks {
    ASYNC_FRAME;
    future_t ping, pong;
    STARTED(answers) b;
};

ASYNC_STATIC(future_between_tasks)
{
    ASYNC_BEGIN();
    START(self->b, answers, .ping = &self->ping, .pong = &self->pong);
    AWAIT(async_sleep(5));
    set(&self->ping, 1);
    say("main has asked");
    AWAIT(async_future_wait(&self->pong));
    say("main got %d", self->pong.value);
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(future_between_tasks);

/* The first value stays. */
struct future_set_twice {
    ASYNC_FRAME;
    future_t future;
    struct waiter a;
};

ASYNC_STATIC(future_set_twice)
{
    ASYNC_BEGIN();
    set(&self->future, 7);
    say("set: %s", yes_no(set(&self->future, 8)));
    say("set error: %s", yes_no(async_future_set_error(&self->future, E1)));
    AWAIT_CALL(self->a, waiter, .name = "A", .future = &self->future);
    ASYNC_END();
}
SCENARIO_DIFFERS(future_set_twice,
                 "a mistake is reported; it raises only where one can wait");

/* The value for a future that was cancelled. */
struct future_set_after_cancel {
    ASYNC_FRAME;
    future_t future;
};

ASYNC_STATIC(future_set_after_cancel)
{
    ASYNC_BEGIN();
    async_future_cancel(&self->future);
    say("set: %s", yes_no(set(&self->future, 7)));
    say_state(&self->future);
    ASYNC_END();
}
SCENARIO_DIFFERS(
    future_set_after_cancel,
    "who sets a future need not know that nobody wants it any more");

/* --- Those that wait ------------------------------------------------------ */

/* One that was given the value and is cancelled before it runs does not take
 * it; the others do. */
struct future_woken_and_cancelled {
    ASYNC_FRAME;
    future_t future;
    STARTED(waiter) a, b, c;
    int error;
};

ASYNC_STATIC(future_woken_and_cancelled)
{
    ASYNC_BEGIN();
    START_WAITER(self->a, "A", &self->future);
    START_WAITER(self->b, "B", &self->future);
    START_WAITER(self->c, "C", &self->future);
    AWAIT(async_sleep(5));
    set(&self->future, 7);
    async_cancel(&self->b.task);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    say_state(&self->future);
    ASYNC_END();
}
SCENARIO(future_woken_and_cancelled);

/* Two wait, one of them is cancelled. */
struct future_waiter_cancelled {
    ASYNC_FRAME;
    future_t future;
    STARTED(waiter) a, b;
    int error;
};

ASYNC_STATIC(future_waiter_cancelled)
{
    ASYNC_BEGIN();
    START_WAITER(self->a, "A", &self->future);
    START_WAITER(self->b, "B", &self->future);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    say_state(&self->future);
    if (!async_future_done(&self->future)) {
        set(&self->future, 7);
    }
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO_DIFFERS(future_waiter_cancelled,
                 "a task that is cancelled leaves the future to the others");

struct shielded {
    ASYNC_FRAME;
    const char *name;
    future_t *future;
};

ASYNC_STATIC(shielded)
{
    ASYNC_BEGIN();
    AWAIT(async_future_wait(self->future));
    say("%s got %d", self->name, self->future->value);
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* The same with Python's shield() around each wait. */
struct future_waiter_cancelled_shielded {
    ASYNC_FRAME;
    future_t future;
    STARTED(shielded) a, b;
    int error;
};

ASYNC_STATIC(future_waiter_cancelled_shielded)
{
    ASYNC_BEGIN();
    START(self->a, shielded, .name = "A", .future = &self->future);
    START(self->b, shielded, .name = "B", .future = &self->future);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    say_state(&self->future);
    set(&self->future, 7);
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO(future_waiter_cancelled_shielded);

/* A limit on the wait passes. */
struct future_with_limit {
    ASYNC_FRAME;
    future_t future;
    int error;
};

ASYNC_STATIC(future_with_limit)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_future_wait(&self->future), 10));
    say("limit: %s", error_name(self->error));
    say_state(&self->future);
    ASYNC_END();
}
SCENARIO_DIFFERS(future_with_limit, "a limit ends the wait, not the future");

/* The same with Python's shield() around the wait; then the value. */
struct future_with_limit_shielded {
    ASYNC_FRAME;
    future_t future;
    async_virtual_interrupt_t interrupt;
    int i;
    int error;
};

ASYNC_STATIC(future_with_limit_shielded)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        if (self->i == 2) {
            async_virtual_interrupt_at(&virtual_clock, &self->interrupt,
                                       async_now() + 5, set_7, &self->future);
        }
        AWAIT_CATCH(self->error,
                    async_wait_for(async_future_wait(&self->future), 10));
        say("limit: %s", error_name(self->error));
    }
    say_state(&self->future);
    ASYNC_END();
}
SCENARIO(future_with_limit_shielded);

static void set_e1(void *future)
{
    async_future_set_error((future_t *)future, E1);
}

/* An error and a value that come before the time is up. */
struct future_error_in_timeout {
    ASYNC_FRAME;
    future_t futures[2];
    async_virtual_interrupt_t interrupt;
    async_timeout_t limit;
    async_try_t attempt;
    int i;
};

ASYNC_STATIC(future_error_in_timeout)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        async_virtual_interrupt_at(
            &virtual_clock, &self->interrupt, async_now() + 5,
            self->i == 0 ? set_e1 : set_7, &self->futures[self->i]);
        ASYNC_TRY(&self->attempt) {
            ASYNC_TIMEOUT(&self->limit, 10) {
                AWAIT(async_future_wait(&self->futures[self->i]));
                say("got %d", self->futures[self->i].value);
            }
        }
        if (async_try_error(&self->attempt) == E1) {
            say("E1");
        }
    }
    ASYNC_END();
}
SCENARIO(future_error_in_timeout);

struct leaves {
    ASYNC_FRAME;
    future_t *future;
};

ASYNC_STATIC(leaves)
{
    ASYNC_BEGIN();
    AWAIT(async_future_wait(self->future));
    ASYNC_FINALLY();
    say("main leaves");
    ASYNC_END();
}

/* A timeout around a task that waits for a future. */
struct future_and_timeout {
    ASYNC_FRAME;
    future_t future;
    async_timeout_t limit;
    struct leaves call;
};

ASYNC_STATIC(future_and_timeout)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->call, leaves, .future = &self->future);
    }
    if (async_timeout_expired(&self->limit)) {
        say("timeout");
    }
    say_state(&self->future);
    ASYNC_END();
}
SCENARIO(future_and_timeout);

struct setter {
    async_virtual_interrupt_t interrupt;
    future_t *future;
    int value;
};

static void set_value(void *setter_)
{
    struct setter *setter = (struct setter *)setter_;
    set(setter->future, setter->value);
}

/* One wait after the other, each for a new value. */
struct future_made_anew {
    ASYNC_FRAME;
    future_t future;
    struct setter setter;
    int i;
};

ASYNC_STATIC(future_made_anew)
{
    ASYNC_BEGIN();
    self->setter.future = &self->future;
    for (self->i = 0; self->i < 3; self->i++) {
        async_future_reset(&self->future);
        self->setter.value = self->i;
        async_virtual_interrupt_at(&virtual_clock, &self->setter.interrupt,
                                   async_now() + 5, set_value, &self->setter);
        AWAIT(async_future_wait(&self->future));
        say("got %d", self->future.value);
    }
    ASYNC_END();
}
SCENARIO(future_made_anew);
