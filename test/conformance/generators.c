/* SPDX-License-Identifier: MIT */

/*
 * Async generators: values, leaving the loop early, errors, cancellation.
 */
#include "start.h"

/* Give the numbers from `first` on, then end or raise. */
struct counter {
    ASYNC_GENERATOR(int);
    const char *name;
    int first;
    int count;
    async_ticks_t ms;
    int error;
    async_ticks_t cleanup;
    int cleanup_error;
    int i;
};

ASYNC_STATIC(counter)
{
    ASYNC_BEGIN();
    say("%s starts", self->name);
    for (self->i = 0; self->i < self->count; self->i++) {
        ASYNC_EMIT(self->first + self->i);
        AWAIT(async_sleep(self->ms));
    }
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    say("%s ends", self->name);
    ASYNC_FINALLY();
    say("%s stops", self->name);
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
        say("%s is clean", self->name);
    }
    if (self->cleanup_error != 0) {
        ASYNC_RAISE(self->cleanup_error);
    }
    ASYNC_END();
}

/* --- Values --------------------------------------------------------------- */

/* One value after the other; the time between them is the generator's. */
struct generator_values {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(generator_values)
{
    ASYNC_BEGIN();
    self->values =
        ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3, .ms = 10);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
    }
    say("after it");
    ASYNC_END();
}
SCENARIO(generator_values);

/* It does not run while the body does. */
struct generator_waits_for_body {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(generator_waits_for_body)
{
    ASYNC_BEGIN();
    self->values =
        ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3, .ms = 5);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        AWAIT(async_sleep(20));
        say("body ends");
    }
    ASYNC_END();
}
SCENARIO(generator_waits_for_body);

/* The body never runs. */
struct generator_without_values {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(generator_without_values)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .cleanup = 5);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
    }
    say("after it");
    ASYNC_END();
}
SCENARIO(generator_without_values);

struct up_to_two {
    ASYNC_GENERATOR(int);
    bool goes_on;
};

ASYNC_STATIC(up_to_two)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    ASYNC_EMIT(2);
    if (!self->goes_on) {
        ASYNC_EXIT();
    }
    ASYNC_EMIT(3);
    ASYNC_FINALLY();
    AWAIT(async_sleep(5));
    say("A is clean");
    ASYNC_END();
}

/* A return ends the loop; the cleanup awaits before that. */
struct generator_returns {
    ASYNC_FRAME;
    struct up_to_two values;
};

ASYNC_STATIC(generator_returns)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(up_to_two);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
    }
    say("after it");
    ASYNC_END();
}
SCENARIO(generator_returns);

/* A continue goes on with the next value. */
struct generator_continue {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(generator_continue)
{
    ASYNC_BEGIN();
    self->values =
        ASYNC_CALL(counter, .name = "A", .first = 1, .count = 4, .ms = 5);
    ASYNC_FOR(&self->values) {
        if (self->values.value % 2 == 0) {
            continue;
        }
        say("got %d", self->values.value);
    }
    ASYNC_END();
}
SCENARIO(generator_continue);

struct takes_all {
    ASYNC_FRAME;
    const char *name;
    struct counter values;
};

ASYNC_STATIC(takes_all)
{
    ASYNC_BEGIN();
    ASYNC_FOR(&self->values) {
        say("%s got %d", self->name, self->values.value);
    }
    ASYNC_END();
}

/* Two tasks, each with its own. */
struct generators_beside_each_other {
    ASYNC_FRAME;
    STARTED(takes_all) a, b;
};

ASYNC_STATIC(generators_beside_each_other)
{
    ASYNC_BEGIN();
    START(self->a, takes_all, .name = "A",
          .values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3,
                               .ms = 10));
    START(self->b, takes_all, .name = "B",
          .values = ASYNC_CALL(counter, .name = "B", .first = 11, .count = 3,
                               .ms = 4));
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(generators_beside_each_other);

/* A new one for each turn of an outer loop; the inner is left by break. */
struct generators_nested_loops {
    ASYNC_FRAME;
    struct counter outer, inner;
};

ASYNC_STATIC(generators_nested_loops)
{
    ASYNC_BEGIN();
    self->outer =
        ASYNC_CALL(counter, .name = "A", .first = 1, .count = 2, .ms = 10);
    ASYNC_FOR(&self->outer) {
        self->inner =
            ASYNC_CALL(counter, .name = "B", .first = 10 * self->outer.value,
                       .count = 3, .ms = 1);
        ASYNC_FOR(&self->inner) {
            say("got %d and %d", self->outer.value, self->inner.value);
            if (self->inner.value % 10 == self->outer.value) {
                break;
            }
        }
    }
    ASYNC_END();
}
SCENARIO(generators_nested_loops);

/* A generator that takes from another. */
struct doubled {
    ASYNC_GENERATOR(int);
    const char *name;
    struct counter own;
};

ASYNC_STATIC(doubled)
{
    ASYNC_BEGIN();
    self->own = ASYNC_CALL(counter, .name = "A's", .first = 1, .count = 3,
                           .ms = 5, .cleanup = 3);
    ASYNC_FOR(&self->own) {
        ASYNC_EMIT(2 * self->own.value);
    }
    say("%s ends", self->name);
    ASYNC_FINALLY();
    say("%s stops", self->name);
    ASYNC_END();
}

/* A value goes through two of them. */
struct generator_of_generator {
    ASYNC_FRAME;
    struct doubled values;
};

ASYNC_STATIC(generator_of_generator)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(doubled, .name = "A");
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
    }
    ASYNC_END();
}
SCENARIO(generator_of_generator);

/* Both are closed, the inner one first. */
struct generator_of_generator_left {
    ASYNC_FRAME;
    struct doubled values;
};

ASYNC_STATIC(generator_of_generator_left)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(doubled, .name = "A");
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        if (self->values.value == 4) {
            break;
        }
    }
    say("after it");
    ASYNC_END();
}
SCENARIO(generator_of_generator_left);

/* --- Leaving the loop ----------------------------------------------------- */

/* Its cleanup ends before the program goes on behind the loop. */
struct generator_break {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(generator_break)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3,
                              .ms = 10, .cleanup = 5);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        if (self->values.value == 2) {
            break;
        }
    }
    say("after it");
    ASYNC_END();
}
SCENARIO(generator_break);

struct finds {
    ASYNC_FRAME;
    int result;
    struct counter values;
};

ASYNC_STATIC(finds)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3,
                              .ms = 10, .cleanup = 5);
    ASYNC_FOR(&self->values) {
        if (self->values.value == 2) {
            ASYNC_RETURN(self->values.value);
        }
    }
    ASYNC_FINALLY();
    say("main stops");
    ASYNC_END();
}

/* The same for a return out of the loop. */
struct generator_return {
    ASYNC_FRAME;
    struct finds finds;
};

ASYNC_STATIC(generator_return)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->finds, finds);
    say("found %d", self->finds.result);
    ASYNC_END();
}
SCENARIO(generator_return);

struct body_raises {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(body_raises)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3,
                              .ms = 10, .cleanup = 5);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        if (self->values.value == 2) {
            ASYNC_RAISE(E1);
        }
    }
    ASYNC_FINALLY();
    say("main stops");
    ASYNC_END();
}

#define SAY_OUTCOME_OF(words, object)                                          \
    do {                                                                       \
        AWAIT_CATCH(self->error, async_call(&(object).coro));                  \
        say("%s: %s", words, error_name(self->error));                         \
    } while (0)

/* The same for an error of the body, which goes on then. */
struct generator_body_raises {
    ASYNC_FRAME;
    struct body_raises takes;
    int error;
};

ASYNC_STATIC(generator_body_raises)
{
    ASYNC_BEGIN();
    self->takes = ASYNC_CALL(body_raises);
    SAY_OUTCOME_OF("main", self->takes);
    ASYNC_END();
}
SCENARIO(generator_body_raises);

struct catches {
    ASYNC_GENERATOR(int);
    async_try_t attempt;
    int i;
};

ASYNC_STATIC(catches)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        ASYNC_TRY(&self->attempt) {
            ASYNC_EMIT(self->i);
        }
        if (async_try_error(&self->attempt) != 0) {
            say("caught");
        }
        say("wanted again");
    }
    ASYNC_END();
}

/* Closing it is no error that it could catch. */
struct generator_close_is_not_caught {
    ASYNC_FRAME;
    struct catches values;
};

ASYNC_STATIC(generator_close_is_not_caught)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(catches);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        if (self->values.value == 1) {
            break;
        }
    }
    say("after it");
    ASYNC_END();
}
SCENARIO(generator_close_is_not_caught);

struct locked {
    ASYNC_GENERATOR(int);
    async_lock_t *lock;
    async_with_t guard;
    int i;
};

ASYNC_STATIC(locked)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        ASYNC_WITH_LOCK(&self->guard, self->lock) {
            ASYNC_EMIT(self->i);
        }
    }
    ASYNC_END();
}

/* A lock that is held around a value is free when it has been closed. */
struct generator_with_lock {
    ASYNC_FRAME;
    async_lock_t lock;
    struct locked values;
};

ASYNC_STATIC(generator_with_lock)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(locked, .lock = &self->lock);
    ASYNC_FOR(&self->values) {
        say("got %d, taken: %s", self->values.value,
            yes_no(async_lock_is_taken(&self->lock)));
        if (self->values.value == 1) {
            break;
        }
    }
    say("taken: %s", yes_no(async_lock_is_taken(&self->lock)));
    ASYNC_END();
}
SCENARIO(generator_with_lock);

struct takes_one {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(takes_one)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3,
                              .ms = 5, .cleanup = 10);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        break;
    }
    say("A is left");
    ASYNC_END();
}

struct ticks {
    ASYNC_FRAME;
    int i;
};

ASYNC_STATIC(ticks)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        AWAIT(async_sleep(4));
        say("tick");
    }
    ASYNC_END();
}

/* Other tasks run while its cleanup awaits. */
struct generator_closes_others {
    ASYNC_FRAME;
    STARTED(takes_one) a;
    STARTED(ticks) b;
};

ASYNC_STATIC(generator_closes_others)
{
    ASYNC_BEGIN();
    START(self->a, takes_one);
    START(self->b, ticks);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(generator_closes_others);

/* Left by break, and nothing said about closing it. */
struct generator_break_without_aclosing {
    ASYNC_FRAME;
    struct counter values;
};

ASYNC_STATIC(generator_break_without_aclosing)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3,
                              .ms = 5, .cleanup = 5);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        break;
    }
    say("after it");
    AWAIT(async_sleep(10));
    ASYNC_END();
}
SCENARIO_DIFFERS(
    generator_break_without_aclosing,
    "a generator that is left is closed before the program goes on");

/* --- Errors --------------------------------------------------------------- */

/* Its error comes at the loop; its cleanup has run. */
struct generator_raises {
    ASYNC_FRAME;
    struct takes_all takes;
    int error;
};

ASYNC_STATIC(generator_raises)
{
    ASYNC_BEGIN();
    self->takes =
        ASYNC_CALL(takes_all, .name = "main",
                   .values = ASYNC_CALL(counter, .name = "A", .first = 1,
                                        .count = 2, .ms = 5, .error = E1));
    SAY_OUTCOME_OF("main", self->takes);
    ASYNC_END();
}
SCENARIO(generator_raises);

struct fails {
    ASYNC_FRAME;
};

ASYNC_STATIC(fails)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    ASYNC_RAISE(E1);
    ASYNC_END();
}

struct tries {
    ASYNC_GENERATOR(int);
    async_try_t attempt;
    struct fails fails;
    int i;
};

ASYNC_STATIC(tries)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        ASYNC_TRY(&self->attempt) {
            AWAIT_CALL(self->fails, fails);
        }
        if (async_try_error(&self->attempt) == E1) {
            say("A caught E1");
        }
        ASYNC_EMIT(self->i);
    }
    ASYNC_END();
}

/* An error that it catches itself does not come to the loop. */
struct generator_catches {
    ASYNC_FRAME;
    struct tries values;
};

ASYNC_STATIC(generator_catches)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(tries);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
    }
    ASYNC_END();
}
SCENARIO(generator_catches);

enum leaving { END, BREAK, RETURN, RAISE };
static const char *const leaving_names[] = {"end", "break", "return", "raise"};

struct leaves_by {
    ASYNC_FRAME;
    int result;
    enum leaving how;
    struct counter values;
};

ASYNC_STATIC(leaves_by)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 2,
                              .cleanup_error = E2);
    ASYNC_FOR(&self->values) {
        if (self->how == BREAK) {
            break;
        }
        if (self->how == RETURN) {
            ASYNC_RETURN(0);
        }
        if (self->how == RAISE) {
            ASYNC_RAISE(E1);
        }
    }
    ASYNC_END();
}

/* An error of the cleanup: after the end, after break and return, after an
 * error, which it replaces. */
struct generator_cleanup_raises {
    ASYNC_FRAME;
    struct leaves_by takes;
    int how;
    int error;
};

ASYNC_STATIC(generator_cleanup_raises)
{
    ASYNC_BEGIN();
    for (self->how = END; self->how <= RAISE; self->how++) {
        self->takes = ASYNC_CALL(leaves_by, .how = (enum leaving)self->how);
        SAY_OUTCOME_OF(leaving_names[self->how], self->takes);
    }
    ASYNC_END();
}
SCENARIO(generator_cleanup_raises);

struct stubborn {
    ASYNC_GENERATOR(int);
};

ASYNC_STATIC(stubborn)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    ASYNC_FINALLY();
    ASYNC_EMIT(2);
    ASYNC_END();
}

struct takes_from_stubborn {
    ASYNC_FRAME;
    struct stubborn values;
};

ASYNC_STATIC(takes_from_stubborn)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(stubborn);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        break;
    }
    ASYNC_END();
}

/* It gives a value while it is being closed. */
struct generator_value_in_cleanup {
    ASYNC_FRAME;
    struct takes_from_stubborn takes;
    int error;
};

ASYNC_STATIC(generator_value_in_cleanup)
{
    ASYNC_BEGIN();
    self->takes = ASYNC_CALL(takes_from_stubborn);
    SAY_OUTCOME_OF("main", self->takes);
    ASYNC_END();
}
SCENARIO_DIFFERS(generator_value_in_cleanup,
                 "a mistake is reported, and has its own error");

struct takes_given {
    ASYNC_FRAME;
    struct counter *values;
};

ASYNC_STATIC(takes_given)
{
    ASYNC_BEGIN();
    ASYNC_FOR(self->values) {
        say("got %d", self->values->value);
    }
    ASYNC_END();
}

/* A loop over one that has ended. */
struct generator_used_again {
    ASYNC_FRAME;
    struct counter values;
    struct takes_given takes;
    int error;
};

ASYNC_STATIC(generator_used_again)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(counter, .name = "A", .first = 1, .count = 1);
    AWAIT_CALL(self->takes, takes_given, .values = &self->values);
    self->takes = ASYNC_CALL(takes_given, .values = &self->values);
    SAY_OUTCOME_OF("once more", self->takes);
    ASYNC_END();
}
SCENARIO_DIFFERS(generator_used_again,
                 "a generator object is used once, as any coroutine");

struct timed {
    ASYNC_GENERATOR(int);
    async_timeout_t limit;
};

ASYNC_STATIC(timed)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        ASYNC_EMIT(1);
    }
    ASYNC_END();
}

struct takes_timed {
    ASYNC_FRAME;
    struct timed values;
};

ASYNC_STATIC(takes_timed)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(timed);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        AWAIT(async_sleep(5));
    }
    ASYNC_END();
}

/* It gives a value inside a timeout of its own. */
struct generator_value_in_timeout {
    ASYNC_FRAME;
    struct takes_timed takes;
    int error;
};

ASYNC_STATIC(generator_value_in_timeout)
{
    ASYNC_BEGIN();
    self->takes = ASYNC_CALL(takes_timed);
    SAY_OUTCOME_OF("main", self->takes);
    ASYNC_END();
}
SCENARIO_DIFFERS(generator_value_in_timeout,
                 "a timeout around a value could end the wrong thing");

/* --- Cancel --------------------------------------------------------------- */

struct taker {
    ASYNC_FRAME;
    const char *name;
    async_ticks_t ms;
    async_ticks_t body;
    async_ticks_t cleanup;
    struct counter values;
};

ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    self->values =
        ASYNC_CALL(counter, .name = self->name, .first = 1, .count = 3,
                   .ms = self->ms, .cleanup = self->cleanup);
    ASYNC_FOR(&self->values) {
        say("%s got %d", self->name, self->values.value);
        AWAIT(async_sleep(self->body));
    }
    say("%s is through", self->name);
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* The task is cancelled where the generator awaits. */
struct generator_cancelled_in_it {
    ASYNC_FRAME;
    STARTED(taker) a;
    int error;
};

ASYNC_STATIC(generator_cancelled_in_it)
{
    ASYNC_BEGIN();
    START(self->a, taker, .name = "A", .ms = 10, .cleanup = 5);
    AWAIT(async_sleep(15));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO(generator_cancelled_in_it);

/* The task is cancelled where the body awaits. */
struct generator_cancelled_in_body {
    ASYNC_FRAME;
    STARTED(taker) a;
    int error;
};

ASYNC_STATIC(generator_cancelled_in_body)
{
    ASYNC_BEGIN();
    START(self->a, taker, .name = "A", .body = 10, .cleanup = 5);
    AWAIT(async_sleep(15));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO(generator_cancelled_in_body);

/* The second cancellation ends the cleanup, in both cases. */
struct generator_cancelled_twice {
    ASYNC_FRAME;
    STARTED(taker) a, b;
    int error;
};

ASYNC_STATIC(generator_cancelled_twice)
{
    ASYNC_BEGIN();
    START(self->a, taker, .name = "A", .ms = 10, .cleanup = 20);
    START(self->b, taker, .name = "B", .body = 10, .cleanup = 20);
    AWAIT(async_sleep(15));
    async_cancel(&self->a.task);
    async_cancel(&self->b.task);
    AWAIT(async_sleep(5));
    say("again");
    async_cancel(&self->a.task);
    async_cancel(&self->b.task);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO(generator_cancelled_twice);

struct leaves_at_once {
    ASYNC_FRAME;
    const char *name;
    struct counter values;
};

ASYNC_STATIC(leaves_at_once)
{
    ASYNC_BEGIN();
    self->values =
        ASYNC_CALL(counter, .name = "A", .first = 1, .count = 3, .cleanup = 20);
    ASYNC_FOR(&self->values) {
        break;
    }
    say("A is through");
    ASYNC_FINALLY();
    say("A leaves");
    ASYNC_END();
}

/* It is being closed after a break when the task is cancelled. */
struct generator_cancelled_while_closing {
    ASYNC_FRAME;
    STARTED(leaves_at_once) a;
    int error;
};

ASYNC_STATIC(generator_cancelled_while_closing)
{
    ASYNC_BEGIN();
    START(self->a, leaves_at_once, .name = "A");
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO(generator_cancelled_while_closing);

/* The time is up in the generator, in the body, and in neither. */
struct generator_and_timeout {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct taker call;
    int i;
};

ASYNC_STATIC(generator_and_timeout)
{
    static const async_ticks_t times[][2] = {{10, 0}, {0, 10}, {1, 1}};
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        ASYNC_TIMEOUT(&self->limit, 15) {
            AWAIT_CALL(self->call, taker, .name = "A", .ms = times[self->i][0],
                       .body = times[self->i][1], .cleanup = 5);
        }
        if (async_timeout_expired(&self->limit)) {
            say("timeout");
        }
    }
    ASYNC_END();
}
SCENARIO(generator_and_timeout);

struct takes_doubled {
    ASYNC_FRAME;
    const char *name;
    struct doubled values;
};

ASYNC_STATIC(takes_doubled)
{
    ASYNC_BEGIN();
    self->values = ASYNC_CALL(doubled, .name = "A");
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        AWAIT(async_sleep(10));
    }
    ASYNC_END();
}

/* Cancelled at the loop over it: both are closed, the inner one first. */
struct generator_of_generator_cancelled {
    ASYNC_FRAME;
    STARTED(takes_doubled) a;
    int error;
};

ASYNC_STATIC(generator_of_generator_cancelled)
{
    ASYNC_BEGIN();
    START(self->a, takes_doubled, .name = "main");
    AWAIT(async_sleep(20));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO(generator_of_generator_cancelled);

typedef ASYNC_QUEUE(int, 2) queue_t;

struct items {
    ASYNC_GENERATOR(int);
    queue_t *queue;
    int item;
};

ASYNC_STATIC(items)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(self->queue, &self->item);
        if (self->item < 0) {
            ASYNC_EXIT();
        }
        ASYNC_EMIT(self->item);
        async_queue_task_done(self->queue);
    }
    ASYNC_END();
}

struct puts_items {
    ASYNC_FRAME;
    queue_t *queue;
    int i;
};

ASYNC_STATIC(puts_items)
{
    static const int numbers[] = {1, 2, 3, -1};
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 4; self->i++) {
        AWAIT(async_sleep(5));
        AWAIT_PUT(self->queue, &numbers[self->i]);
    }
    ASYNC_END();
}

/* It gives what comes through a queue, until the last. */
struct generator_over_queue {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(puts_items) a;
    struct items values;
};

ASYNC_STATIC(generator_over_queue)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START(self->a, puts_items, .queue = &self->queue);
    self->values = ASYNC_CALL(items, .queue = &self->queue);
    ASYNC_FOR(&self->values) {
        say("got %d", self->values.value);
        AWAIT(async_sleep(7));
    }
    say("after it");
    AWAIT(async_join(&self->a.task));
    ASYNC_END();
}
SCENARIO(generator_over_queue);
