/* SPDX-License-Identifier: MIT */

/*
 * What tasks share: events, locks, semaphores, conditions, barriers.
 */
#include "start.h"

#define SAY_TAKEN(lock) say("taken: %s", yes_no(async_lock_is_taken(lock)))

/* --- Event ---------------------------------------------------------------- */

struct event_waiter {
    ASYNC_FRAME;
    const char *name;
    async_event_t *event;
};

ASYNC_STATIC(event_waiter)
{
    ASYNC_BEGIN();
    say("%s waits", self->name);
    AWAIT(async_event_wait(self->event));
    say("%s goes on", self->name);
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* All wake in the order they came; one that comes later does not wait. */
struct event_wakes_in_order {
    ASYNC_FRAME;
    async_event_t event;
    STARTED(event_waiter) a, b, c, d;
};

ASYNC_STATIC(event_wakes_in_order)
{
    ASYNC_BEGIN();
    START(self->a, event_waiter, .name = "A", .event = &self->event);
    START(self->b, event_waiter, .name = "B", .event = &self->event);
    AWAIT(async_sleep(5));
    START(self->c, event_waiter, .name = "C", .event = &self->event);
    async_event_set(&self->event);
    say("is set: %s", yes_no(async_event_is_set(&self->event)));
    AWAIT(async_sleep(5));
    START(self->d, event_waiter, .name = "D", .event = &self->event);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    AWAIT(async_join(&self->d.task));
    ASYNC_END();
}
SCENARIO(event_wakes_in_order);

/* Who was woken goes on although the event is cleared before it runs. */
struct event_set_and_cleared {
    ASYNC_FRAME;
    async_event_t event;
    STARTED(event_waiter) a, b;
};

ASYNC_STATIC(event_set_and_cleared)
{
    ASYNC_BEGIN();
    START(self->a, event_waiter, .name = "A", .event = &self->event);
    AWAIT(async_sleep(5));
    async_event_set(&self->event);
    async_event_clear(&self->event);
    say("is set: %s", yes_no(async_event_is_set(&self->event)));
    async_event_set(&self->event);
    async_event_set(&self->event);
    AWAIT(async_join(&self->a.task));
    async_event_clear(&self->event);
    START(self->b, event_waiter, .name = "B", .event = &self->event);
    AWAIT(async_sleep(5));
    async_event_set(&self->event);
    async_event_clear(&self->event);
    AWAIT(async_join(&self->b.task));
    say("is set: %s", yes_no(async_event_is_set(&self->event)));
    ASYNC_END();
}
SCENARIO(event_set_and_cleared);

/* Before the event and after it; the others go on. */
struct event_waiter_cancelled {
    ASYNC_FRAME;
    async_event_t event;
    STARTED(event_waiter) a, b, c, d;
    int error;
};

ASYNC_STATIC(event_waiter_cancelled)
{
    ASYNC_BEGIN();
    START(self->a, event_waiter, .name = "A", .event = &self->event);
    START(self->b, event_waiter, .name = "B", .event = &self->event);
    START(self->c, event_waiter, .name = "C", .event = &self->event);
    START(self->d, event_waiter, .name = "D", .event = &self->event);
    AWAIT(async_sleep(5));
    async_cancel(&self->b.task);
    async_event_set(&self->event);
    async_cancel(&self->c.task);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    SAY_OUTCOME(self->d);
    ASYNC_END();
}
SCENARIO(event_waiter_cancelled);

struct event_waiter_with_limit {
    ASYNC_FRAME;
    const char *name;
    async_event_t *event;
    async_ticks_t ms;
    int error;
};

ASYNC_STATIC(event_waiter_with_limit)
{
    ASYNC_BEGIN();
    say("%s waits", self->name);
    AWAIT_CATCH(self->error,
                async_wait_for(async_event_wait(self->event), self->ms));
    say("%s: %s", self->name, error_name(self->error));
    ASYNC_END();
}

/* A limit that passes, one that does not, one of several. */
struct event_with_limit {
    ASYNC_FRAME;
    async_event_t event;
    STARTED(event_waiter_with_limit) a, b, c, d;
};

ASYNC_STATIC(event_with_limit)
{
    ASYNC_BEGIN();
    START(self->a, event_waiter_with_limit, .name = "A", .event = &self->event,
          .ms = 10);
    START(self->b, event_waiter_with_limit, .name = "B", .event = &self->event,
          .ms = 30);
    START(self->c, event_waiter_with_limit, .name = "C", .event = &self->event,
          .ms = 15);
    AWAIT(async_sleep(20));
    async_event_set(&self->event);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    START(self->d, event_waiter_with_limit, .name = "D", .event = &self->event,
          .ms = 10);
    AWAIT(async_join(&self->d.task));
    ASYNC_END();
}
SCENARIO(event_with_limit);

/* --- Lock ----------------------------------------------------------------- */

struct lock_user {
    ASYNC_FRAME;
    const char *name;
    async_lock_t *lock;
    async_ticks_t ms;
    async_with_t guard;
};

ASYNC_STATIC(lock_user)
{
    ASYNC_BEGIN();
    say("%s wants it", self->name);
    ASYNC_WITH_LOCK(&self->guard, self->lock) {
        say("%s has it", self->name);
        AWAIT(async_sleep(self->ms));
        say("%s frees it", self->name);
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* The lock goes to the one that has waited longest. */
struct lock_in_order {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a, b, c, d;
};

ASYNC_STATIC(lock_in_order)
{
    ASYNC_BEGIN();
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 10);
    START(self->b, lock_user, .name = "B", .lock = &self->lock, .ms = 10);
    START(self->c, lock_user, .name = "C", .lock = &self->lock, .ms = 10);
    AWAIT(async_sleep(15));
    START(self->d, lock_user, .name = "D", .lock = &self->lock);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    AWAIT(async_join(&self->d.task));
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO(lock_in_order);

/* One that frees it and wants it again comes after those that wait, and after
 * one that came in between. */
struct lock_wanted_again_at_once {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a, b;
};

ASYNC_STATIC(lock_wanted_again_at_once)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 5);
    AWAIT(async_sleep(5));
    START(self->b, lock_user, .name = "B", .lock = &self->lock, .ms = 5);
    async_lock_release(&self->lock);
    AWAIT(async_lock_acquire(&self->lock));
    say("main has it again");
    async_lock_release(&self->lock);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(lock_wanted_again_at_once);

/* Is it taken when the next one has been woken, and has not run? */
struct lock_between_release_and_run {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a;
};

ASYNC_STATIC(lock_between_release_and_run)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    START(self->a, lock_user, .name = "A", .lock = &self->lock);
    AWAIT(async_sleep(5));
    async_lock_release(&self->lock);
    SAY_TAKEN(&self->lock);
    AWAIT(async_join(&self->a.task));
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO_DIFFERS(lock_between_release_and_run,
                 "the lock belongs to the next task from its release on");

/* The others keep their places. */
struct lock_waiter_cancelled {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a, b, c, d;
    int error;
};

ASYNC_STATIC(lock_waiter_cancelled)
{
    ASYNC_BEGIN();
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 10);
    START(self->b, lock_user, .name = "B", .lock = &self->lock, .ms = 10);
    START(self->c, lock_user, .name = "C", .lock = &self->lock, .ms = 10);
    START(self->d, lock_user, .name = "D", .lock = &self->lock, .ms = 10);
    AWAIT(async_sleep(5));
    async_cancel(&self->c.task);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    SAY_OUTCOME(self->d);
    ASYNC_END();
}
SCENARIO(lock_waiter_cancelled);

/* The one that is cancelled in the same step does not get it. */
struct lock_cancel_then_release {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a, b, c, d;
    int error;
};

ASYNC_STATIC(lock_cancel_then_release)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 5);
    START(self->b, lock_user, .name = "B", .lock = &self->lock, .ms = 5);
    START(self->c, lock_user, .name = "C", .lock = &self->lock, .ms = 5);
    START(self->d, lock_user, .name = "D", .lock = &self->lock, .ms = 5);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    async_cancel(&self->b.task);
    async_lock_release(&self->lock);
    AWAIT(async_sleep(1));
    SAY_TAKEN(&self->lock);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    SAY_OUTCOME(self->d);
    ASYNC_END();
}
SCENARIO(lock_cancel_then_release);

/* One that was given it and is cancelled before it runs passes it on. */
struct lock_release_then_cancel {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a, b, c;
    int error;
};

ASYNC_STATIC(lock_release_then_cancel)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 5);
    START(self->b, lock_user, .name = "B", .lock = &self->lock, .ms = 5);
    START(self->c, lock_user, .name = "C", .lock = &self->lock, .ms = 5);
    AWAIT(async_sleep(5));
    async_lock_release(&self->lock);
    async_cancel(&self->a.task);
    AWAIT(async_sleep(1));
    SAY_TAKEN(&self->lock);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO(lock_release_then_cancel);

/* The last one was given it and is cancelled: the lock is free. */
struct lock_last_waiter_cancelled {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a;
    int error;
};

ASYNC_STATIC(lock_last_waiter_cancelled)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 5);
    AWAIT(async_sleep(5));
    async_lock_release(&self->lock);
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    SAY_TAKEN(&self->lock);
    AWAIT(async_lock_acquire(&self->lock));
    say("main has it");
    async_lock_release(&self->lock);
    ASYNC_END();
}
SCENARIO(lock_last_waiter_cancelled);

struct lock_user_with_limit {
    ASYNC_FRAME;
    const char *name;
    async_lock_t *lock;
    async_ticks_t ms;
    int error;
};

ASYNC_STATIC(lock_user_with_limit)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_lock_acquire(self->lock), self->ms));
    say("%s: %s", self->name, error_name(self->error));
    if (self->error == ASYNC_OK) {
        AWAIT(async_sleep(5));
        say("%s frees it", self->name);
        async_lock_release(self->lock);
    }
    ASYNC_END();
}

/* One whose limit passes is not in the line any more. */
struct lock_with_limit {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user_with_limit) a, b, c;
};

ASYNC_STATIC(lock_with_limit)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    START(self->a, lock_user_with_limit, .name = "A", .lock = &self->lock,
          .ms = 10);
    START(self->b, lock_user_with_limit, .name = "B", .lock = &self->lock,
          .ms = 30);
    START(self->c, lock_user_with_limit, .name = "C", .lock = &self->lock,
          .ms = 40);
    AWAIT(async_sleep(20));
    say("main frees it");
    async_lock_release(&self->lock);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO(lock_with_limit);

/* A timeout while it is waited for, and one while it is held. */
struct lock_and_timeout {
    ASYNC_FRAME;
    async_lock_t lock;
    async_timeout_t limit;
    STARTED(lock_user) a;
    struct lock_user user;
};

ASYNC_STATIC(lock_and_timeout)
{
    ASYNC_BEGIN();
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 15);
    AWAIT(async_sleep(5));
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->user, lock_user, .name = "main", .lock = &self->lock,
                   .ms = 5);
    }
    if (async_timeout_expired(&self->limit)) {
        say("timeout while waiting");
    }
    AWAIT(async_join(&self->a.task));
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT_CALL(self->user, lock_user, .name = "main", .lock = &self->lock,
                   .ms = 10);
    }
    if (async_timeout_expired(&self->limit)) {
        say("timeout while holding");
    }
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO(lock_and_timeout);

enum leaving { END, BREAK, CONTINUE, RETURN, RAISE, CANCEL };
static const char *const leaving_names[] = {"end",    "break", "continue",
                                            "return", "raise", "cancel"};

struct lock_leaver {
    ASYNC_FRAME;
    int result;
    async_lock_t *lock;
    enum leaving how;
    async_with_t guard;
    int turn;
};

ASYNC_STATIC(lock_leaver)
{
    ASYNC_BEGIN();
    for (self->turn = 0; self->turn < 2; self->turn++) {
        ASYNC_WITH_LOCK(&self->guard, self->lock) {
            say("%s, taken: %s", leaving_names[self->how],
                yes_no(async_lock_is_taken(self->lock)));
            if (self->how == BREAK) {
                self->turn = 1;
                break;
            }
            if (self->how == CONTINUE) {
                continue;
            }
            if (self->how == RETURN) {
                ASYNC_RETURN(0);
            }
            if (self->how == RAISE) {
                ASYNC_RAISE(E1);
            }
            AWAIT(async_sleep(10));
        }
    }
    ASYNC_END();
}

/* However the block is left, the lock is free then. */
struct lock_block_left {
    ASYNC_FRAME;
    async_lock_t lock;
    struct lock_leaver leaver;
    STARTED(lock_leaver) cancelled;
    int how;
    int error;
};

ASYNC_STATIC(lock_block_left)
{
    ASYNC_BEGIN();
    for (self->how = END; self->how <= RAISE; self->how++) {
        self->leaver = ASYNC_CALL(lock_leaver, .lock = &self->lock,
                                  .how = (enum leaving)self->how);
        AWAIT_CATCH(self->error, async_call(&self->leaver.coro));
        say("%s: %s, taken: %s", leaving_names[self->how],
            error_name(self->error), yes_no(async_lock_is_taken(&self->lock)));
    }
    START(self->cancelled, lock_leaver, .lock = &self->lock, .how = CANCEL);
    AWAIT(async_sleep(5));
    async_cancel(&self->cancelled.task);
    AWAIT_CATCH(self->error, async_join(&self->cancelled.task));
    say("cancel: %s, taken: %s", error_name(self->error),
        yes_no(async_lock_is_taken(&self->lock)));
    ASYNC_END();
}
SCENARIO(lock_block_left);

/* The release of a lock that is free. */
struct lock_release_of_free {
    ASYNC_FRAME;
    async_lock_t lock;
};

ASYNC_STATIC(lock_release_of_free)
{
    ASYNC_BEGIN();
    async_lock_release(&self->lock);
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO_DIFFERS(lock_release_of_free,
                 "a mistake is reported; it raises only where one can wait");

/* The release of a lock that another task has. */
struct lock_released_by_another {
    ASYNC_FRAME;
    async_lock_t lock;
    STARTED(lock_user) a;
    int error;
};

ASYNC_STATIC(lock_released_by_another)
{
    ASYNC_BEGIN();
    START(self->a, lock_user, .name = "A", .lock = &self->lock, .ms = 10);
    AWAIT(async_sleep(5));
    async_lock_release(&self->lock);
    SAY_TAKEN(&self->lock);
    SAY_OUTCOME(self->a);
    ASYNC_END();
}
SCENARIO_DIFFERS(lock_released_by_another,
                 "only the task that has a lock may release it");

/* A task that has the lock acquires it again. */
struct lock_acquired_twice {
    ASYNC_FRAME;
    async_lock_t lock;
    int error;
};

ASYNC_STATIC(lock_acquired_twice)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&self->lock));
    say("main has it");
    AWAIT_CATCH(self->error,
                async_wait_for(async_lock_acquire(&self->lock), 10));
    say("again: %s", error_name(self->error));
    async_lock_release(&self->lock);
    SAY_TAKEN(&self->lock);
    ASYNC_END();
}
SCENARIO_DIFFERS(lock_acquired_twice,
                 "acquiring a lock twice is a mistake that can be seen at "
                 "once");

/* --- Semaphore ------------------------------------------------------------ */

static void say_none_left(const async_semaphore_t *semaphore)
{
    say("none left: %s", yes_no(async_semaphore_permits(semaphore) == 0));
}

struct permit_user {
    ASYNC_FRAME;
    const char *name;
    async_semaphore_t *semaphore;
    async_ticks_t ms;
    async_with_t guard;
};

ASYNC_STATIC(permit_user)
{
    ASYNC_BEGIN();
    ASYNC_WITH_SEMAPHORE(&self->guard, self->semaphore) {
        say("%s has a permit", self->name);
        AWAIT(async_sleep(self->ms));
        say("%s releases", self->name);
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

struct permit_taker {
    ASYNC_FRAME;
    const char *name;
    async_semaphore_t *semaphore;
};

ASYNC_STATIC(permit_taker)
{
    ASYNC_BEGIN();
    AWAIT(async_semaphore_acquire(self->semaphore));
    say("%s has a permit", self->name);
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* As many as there are permits; then in the order they came. */
struct semaphore_in_order {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_user) users[5];
    int i;
};

ASYNC_STATIC(semaphore_in_order)
{
    static const char *const names[] = {"A", "B", "C", "D", "E"};
    ASYNC_BEGIN();
    self->semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(2);
    for (self->i = 0; self->i < 5; self->i++) {
        START(self->users[self->i], permit_user, .name = names[self->i],
              .semaphore = &self->semaphore, .ms = 10);
    }
    AWAIT(async_sleep(5));
    say_none_left(&self->semaphore);
    for (self->i = 0; self->i < 5; self->i++) {
        AWAIT(async_join(&self->users[self->i].task));
    }
    say_none_left(&self->semaphore);
    ASYNC_END();
}
SCENARIO(semaphore_in_order);

/* Two releases wake two; one that comes meanwhile is behind them. */
struct semaphore_released_twice {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_taker) a, b, c, d;
};

ASYNC_STATIC(semaphore_released_twice)
{
    ASYNC_BEGIN();
    START(self->a, permit_taker, .name = "A", .semaphore = &self->semaphore);
    START(self->b, permit_taker, .name = "B", .semaphore = &self->semaphore);
    START(self->c, permit_taker, .name = "C", .semaphore = &self->semaphore);
    AWAIT(async_sleep(5));
    START(self->d, permit_taker, .name = "D", .semaphore = &self->semaphore);
    async_semaphore_release(&self->semaphore);
    async_semaphore_release(&self->semaphore);
    say_none_left(&self->semaphore);
    AWAIT(async_sleep(5));
    async_semaphore_release(&self->semaphore);
    AWAIT(async_sleep(5));
    async_semaphore_release(&self->semaphore);
    async_semaphore_release(&self->semaphore);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    AWAIT(async_join(&self->d.task));
    say_none_left(&self->semaphore);
    ASYNC_END();
}
SCENARIO(semaphore_released_twice);

/* The first two are cancelled in the same step: the third gets it. */
struct semaphore_cancel_then_release {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_taker) a, b, c, d;
    int error;
};

ASYNC_STATIC(semaphore_cancel_then_release)
{
    ASYNC_BEGIN();
    START(self->a, permit_taker, .name = "A", .semaphore = &self->semaphore);
    START(self->b, permit_taker, .name = "B", .semaphore = &self->semaphore);
    START(self->c, permit_taker, .name = "C", .semaphore = &self->semaphore);
    START(self->d, permit_taker, .name = "D", .semaphore = &self->semaphore);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    async_cancel(&self->b.task);
    async_semaphore_release(&self->semaphore);
    AWAIT(async_sleep(5));
    say("D waits: %s", yes_no(!async_task_done(&self->d.task)));
    async_cancel(&self->d.task);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    SAY_OUTCOME(self->d);
    say_none_left(&self->semaphore);
    ASYNC_END();
}
SCENARIO(semaphore_cancel_then_release);

/* One that was given the permit and is cancelled passes it on. */
struct semaphore_release_then_cancel {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_taker) a, b, c, d;
    int error;
};

ASYNC_STATIC(semaphore_release_then_cancel)
{
    ASYNC_BEGIN();
    START(self->a, permit_taker, .name = "A", .semaphore = &self->semaphore);
    START(self->b, permit_taker, .name = "B", .semaphore = &self->semaphore);
    START(self->c, permit_taker, .name = "C", .semaphore = &self->semaphore);
    AWAIT(async_sleep(5));
    async_semaphore_release(&self->semaphore);
    async_semaphore_release(&self->semaphore);
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    async_semaphore_release(&self->semaphore);
    START(self->d, permit_taker, .name = "D", .semaphore = &self->semaphore);
    ASYNC_YIELD();
    async_cancel(&self->d.task);
    SAY_OUTCOME(self->d);
    say_none_left(&self->semaphore);
    ASYNC_END();
}
SCENARIO(semaphore_release_then_cancel);

struct permit_holder {
    ASYNC_FRAME;
    async_semaphore_t *semaphore;
    async_task_t *then_cancel;
    async_with_t guard;
};

ASYNC_STATIC(permit_holder)
{
    ASYNC_BEGIN();
    ASYNC_WITH_SEMAPHORE(&self->guard, self->semaphore) {
        AWAIT(async_sleep(5));
    }
    async_cancel(self->then_cancel);
    ASYNC_END();
}

/* A permit given to one that is cancelled is there for those who come. */
struct semaphore_last_waiter_cancelled {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_holder) a;
    STARTED(permit_taker) b;
    int error;
};

ASYNC_STATIC(semaphore_last_waiter_cancelled)
{
    ASYNC_BEGIN();
    self->semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(1);
    START(self->a, permit_holder, .semaphore = &self->semaphore,
          .then_cancel = &self->b.task);
    START(self->b, permit_taker, .name = "B", .semaphore = &self->semaphore);
    AWAIT(async_join(&self->a.task));
    SAY_OUTCOME(self->b);
    AWAIT_CATCH(self->error,
                async_wait_for(async_semaphore_acquire(&self->semaphore), 10));
    say("acquire: %s", error_name(self->error));
    ASYNC_END();
}
SCENARIO(semaphore_last_waiter_cancelled);

struct permit_twice {
    ASYNC_FRAME;
    const char *name;
    async_semaphore_t *semaphore;
    int turn;
};

ASYNC_STATIC(permit_twice)
{
    ASYNC_BEGIN();
    for (self->turn = 1; self->turn <= 2; self->turn++) {
        AWAIT(async_semaphore_acquire(self->semaphore));
        say("%s turn %d", self->name, self->turn);
        AWAIT(async_sleep(10));
        async_semaphore_release(self->semaphore);
    }
    ASYNC_END();
}

/* One that releases and acquires again is behind those that wait. */
struct semaphore_taken_in_turn {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_twice) a, b, c;
};

ASYNC_STATIC(semaphore_taken_in_turn)
{
    ASYNC_BEGIN();
    self->semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(1);
    START(self->a, permit_twice, .name = "A", .semaphore = &self->semaphore);
    START(self->b, permit_twice, .name = "B", .semaphore = &self->semaphore);
    START(self->c, permit_twice, .name = "C", .semaphore = &self->semaphore);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(semaphore_taken_in_turn);

struct permit_again {
    ASYNC_FRAME;
    async_semaphore_t *semaphore;
};

ASYNC_STATIC(permit_again)
{
    ASYNC_BEGIN();
    AWAIT(async_semaphore_acquire(self->semaphore));
    say("B has a permit");
    async_semaphore_release(self->semaphore);
    AWAIT(async_semaphore_acquire(self->semaphore));
    say("B has one again");
    ASYNC_END();
}

/* B and C are given a permit; B releases its own and acquires again before C
 * runs. */
struct semaphore_released_in_same_step {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_taker) a, c;
    STARTED(permit_again) b;
};

ASYNC_STATIC(semaphore_released_in_same_step)
{
    ASYNC_BEGIN();
    self->semaphore = (async_semaphore_t)ASYNC_SEMAPHORE_INIT(1);
    START(self->a, permit_taker, .name = "A", .semaphore = &self->semaphore);
    START(self->b, permit_again, .semaphore = &self->semaphore);
    START(self->c, permit_taker, .name = "C", .semaphore = &self->semaphore);
    AWAIT(async_sleep(5));
    async_semaphore_release(&self->semaphore);
    async_semaphore_release(&self->semaphore);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    say_none_left(&self->semaphore);
    ASYNC_END();
}
SCENARIO_DIFFERS(semaphore_released_in_same_step,
                 "one that was given a permit does not wait any more; the next "
                 "permit is for any");

struct permit_with_limit {
    ASYNC_FRAME;
    const char *name;
    async_semaphore_t *semaphore;
    async_ticks_t ms;
    int error;
};

ASYNC_STATIC(permit_with_limit)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(
        self->error,
        async_wait_for(async_semaphore_acquire(self->semaphore), self->ms));
    say("%s: %s", self->name, error_name(self->error));
    ASYNC_END();
}

/* One whose limit passes takes no permit. */
struct semaphore_with_limit {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_with_limit) a, b;
};

ASYNC_STATIC(semaphore_with_limit)
{
    ASYNC_BEGIN();
    START(self->a, permit_with_limit, .name = "A",
          .semaphore = &self->semaphore, .ms = 10);
    START(self->b, permit_with_limit, .name = "B",
          .semaphore = &self->semaphore, .ms = 30);
    AWAIT(async_sleep(20));
    async_semaphore_release(&self->semaphore);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    say_none_left(&self->semaphore);
    ASYNC_END();
}
SCENARIO(semaphore_with_limit);

/* A release too many. */
struct semaphore_bounded {
    ASYNC_FRAME;
    async_semaphore_t semaphore;
    STARTED(permit_user) a;
};

ASYNC_STATIC(semaphore_bounded)
{
    ASYNC_BEGIN();
    self->semaphore = (async_semaphore_t)ASYNC_BOUNDED_SEMAPHORE_INIT(2, 2);
    async_semaphore_release(&self->semaphore);
    START(self->a, permit_user, .name = "A", .semaphore = &self->semaphore,
          .ms = 5);
    AWAIT(async_join(&self->a.task));
    async_semaphore_release(&self->semaphore);
    ASYNC_END();
}
SCENARIO_DIFFERS(semaphore_bounded,
                 "a mistake is reported; it raises only where one can wait");

/* --- Condition ------------------------------------------------------------ */

/* Python's condition has its lock inside. */
struct guarded {
    async_lock_t lock;
    async_condition_t condition;
};

static void guarded_init(struct guarded *guarded)
{
    guarded->condition =
        (async_condition_t)ASYNC_CONDITION_INIT(&guarded->lock);
}

struct notified {
    ASYNC_FRAME;
    const char *name;
    async_lock_t *lock;
    async_condition_t *condition;
    async_with_t guard;
    struct async_condition_wait wait;
};

ASYNC_STATIC(notified)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, self->lock) {
        say("%s waits", self->name);
        AWAIT_CALL(self->wait, async_condition_wait,
                   .condition = self->condition);
        say("%s goes on, taken: %s", self->name,
            yes_no(async_lock_is_taken(self->lock)));
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

#define START_NOTIFIED(slot, its_name, guarded)                                \
    START(slot, notified, .name = its_name, .lock = &(guarded)->lock,          \
          .condition = &(guarded)->condition)

/* As many as are asked for, in the order they came; none is kept for one that
 * waits later. */
struct condition_notify {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(notified) a, b, c, d, e;
};

ASYNC_STATIC(condition_notify)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify_all(&self->it.condition);
    }
    START_NOTIFIED(self->a, "A", &self->it);
    START_NOTIFIED(self->b, "B", &self->it);
    START_NOTIFIED(self->c, "C", &self->it);
    START_NOTIFIED(self->d, "D", &self->it);
    START_NOTIFIED(self->e, "E", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        say("notify 1");
        async_condition_notify(&self->it.condition, 1);
    }
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        say("notify 2");
        async_condition_notify(&self->it.condition, 2);
    }
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        say("notify 1 and 2048");
        async_condition_notify(&self->it.condition, 1);
        async_condition_notify(&self->it.condition, 2048);
    }
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    AWAIT(async_join(&self->d.task));
    AWAIT(async_join(&self->e.task));
    ASYNC_END();
}
SCENARIO(condition_notify);

/* All go on, one after the other. */
struct condition_notify_all {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(notified) a, b, c;
};

ASYNC_STATIC(condition_notify_all)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START_NOTIFIED(self->a, "A", &self->it);
    START_NOTIFIED(self->b, "B", &self->it);
    START_NOTIFIED(self->c, "C", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify_all(&self->it.condition);
        say("notified all");
    }
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(condition_notify_all);

struct keeps_lock {
    ASYNC_FRAME;
    const char *name;
    struct guarded *it;
    async_ticks_t ms;
    async_with_t guard;
    struct async_condition_wait wait;
};

ASYNC_STATIC(keeps_lock)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &self->it->lock) {
        AWAIT_CALL(self->wait, async_condition_wait,
                   .condition = &self->it->condition);
        say("%s goes on", self->name);
        AWAIT(async_sleep(self->ms));
        say("%s frees it", self->name);
    }
    ASYNC_END();
}

/* Who is notified goes on when it has the lock, and keeps it. */
struct condition_lock_kept {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(keeps_lock) a, b;
    STARTED(lock_user) c;
};

ASYNC_STATIC(condition_lock_kept)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START(self->a, keeps_lock, .name = "A", .it = &self->it, .ms = 10);
    START(self->b, keeps_lock, .name = "B", .it = &self->it, .ms = 10);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify(&self->it.condition, 2);
        say("notified");
        AWAIT(async_sleep(5));
        START(self->c, lock_user, .name = "C", .lock = &self->it.lock, .ms = 5);
        say("main frees it");
    }
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(condition_lock_kept);

struct waits_for_level {
    ASYNC_FRAME;
    const char *name;
    struct guarded *it;
    const int *level;
    int wanted;
    async_with_t guard;
    struct async_condition_wait wait;
};

ASYNC_STATIC(waits_for_level)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &self->it->lock) {
        AWAIT_CONDITION(self->wait, &self->it->condition,
                        *self->level >= self->wanted);
        say("%s goes on at %d", self->name, *self->level);
    }
    ASYNC_END();
}

/* Notified while the predicate is false: waits on. */
struct condition_wait_for {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(waits_for_level) a, b, c;
    int level;
    int i;
};

ASYNC_STATIC(condition_wait_for)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START(self->a, waits_for_level, .name = "A", .it = &self->it,
          .level = &self->level, .wanted = 2);
    START(self->b, waits_for_level, .name = "B", .it = &self->it,
          .level = &self->level, .wanted = 1);
    START(self->c, waits_for_level, .name = "C", .it = &self->it,
          .level = &self->level, .wanted = 0);
    for (self->i = 0; self->i < 3; self->i++) {
        AWAIT(async_sleep(5));
        ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
            async_condition_notify_all(&self->it.condition);
            say("notified at %d", self->level);
        }
        self->level++;
    }
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(condition_wait_for);

struct waits_for_true {
    ASYNC_FRAME;
    struct guarded it;
    struct async_condition_wait wait;
};

ASYNC_STATIC(waits_for_true)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    AWAIT_CONDITION(self->wait, &self->it.condition, true);
    ASYNC_END();
}

/* A predicate that is true at once, without the lock. */
struct condition_wait_for_without_lock {
    ASYNC_FRAME;
    struct waits_for_true waits;
    int error;
};

ASYNC_STATIC(condition_wait_for_without_lock)
{
    ASYNC_BEGIN();
    self->waits = ASYNC_CALL(waits_for_true);
    AWAIT_CATCH(self->error, async_call(&self->waits.coro));
    say("went on: %s", error_name(self->error));
    ASYNC_END();
}
SCENARIO_DIFFERS(condition_wait_for_without_lock,
                 "a predicate is evaluated by one that has the lock");

struct waits_and_says_lock {
    ASYNC_FRAME;
    const char *name;
    struct guarded *it;
    struct async_condition_wait wait;
};

ASYNC_STATIC(waits_and_says_lock)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_condition_wait,
               .condition = &self->it->condition);
    say("%s goes on", self->name);
    ASYNC_FINALLY();
    say("%s stops, taken: %s", self->name,
        yes_no(async_lock_owner(&self->it->lock) == async_current_task()));
    ASYNC_END();
}

struct says_lock {
    ASYNC_FRAME;
    const char *name;
    struct guarded *it;
    async_with_t guard;
    struct waits_and_says_lock wait;
};

ASYNC_STATIC(says_lock)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &self->it->lock) {
        AWAIT_CALL(self->wait, waits_and_says_lock, .name = self->name,
                   .it = self->it);
    }
    ASYNC_END();
}

/* It has the lock again when it is cancelled; the next is notified. */
struct condition_waiter_cancelled {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(says_lock) a, b;
    int error;
};

ASYNC_STATIC(condition_waiter_cancelled)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START(self->a, says_lock, .name = "A", .it = &self->it);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    SAY_TAKEN(&self->it.lock);
    START(self->b, says_lock, .name = "B", .it = &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify(&self->it.condition, 1);
    }
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO(condition_waiter_cancelled);

/* The cancellation comes when the lock is free, also the second. */
struct condition_cancel_waits_for_lock {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(notified) a;
    int error;
};

ASYNC_STATIC(condition_cancel_waits_for_lock)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START_NOTIFIED(self->a, "A", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_cancel(&self->a.task);
        AWAIT(async_sleep(5));
        say("cancel again");
        async_cancel(&self->a.task);
        AWAIT(async_sleep(5));
        say("main frees it");
    }
    SAY_OUTCOME(self->a);
    SAY_TAKEN(&self->it.lock);
    ASYNC_END();
}
SCENARIO(condition_cancel_waits_for_lock);

/* Cancelled when notified and waiting for the lock. */
struct condition_cancelled_while_locking {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(notified) a;
    int error;
};

ASYNC_STATIC(condition_cancelled_while_locking)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START_NOTIFIED(self->a, "A", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify(&self->it.condition, 1);
        AWAIT(async_sleep(5));
        async_cancel(&self->a.task);
        AWAIT(async_sleep(5));
        say("main frees it");
    }
    SAY_OUTCOME(self->a);
    SAY_TAKEN(&self->it.lock);
    ASYNC_END();
}
SCENARIO(condition_cancelled_while_locking);

/* A notification for one that is cancelled goes to the next. */
struct condition_notified_and_cancelled {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(notified) a, b;
    int error;
};

ASYNC_STATIC(condition_notified_and_cancelled)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START_NOTIFIED(self->a, "A", &self->it);
    START_NOTIFIED(self->b, "B", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify(&self->it.condition, 1);
        async_cancel(&self->a.task);
        say("notified");
    }
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO(condition_notified_and_cancelled);

/* The same when it waits for the lock already. */
struct condition_notification_passed_on {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    STARTED(notified) a, b;
    int error;
};

ASYNC_STATIC(condition_notification_passed_on)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    START_NOTIFIED(self->a, "A", &self->it);
    START_NOTIFIED(self->b, "B", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify(&self->it.condition, 1);
        AWAIT(async_sleep(5));
        async_cancel(&self->a.task);
        AWAIT(async_sleep(5));
        say("main frees it");
    }
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO(condition_notification_passed_on);

/* A timeout around the wait: the lock is held again behind it. */
struct condition_and_timeout {
    ASYNC_FRAME;
    struct guarded it;
    async_with_t guard;
    async_timeout_t limit;
    struct async_condition_wait wait;
    STARTED(notified) a;
};

ASYNC_STATIC(condition_and_timeout)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            AWAIT_CALL(self->wait, async_condition_wait,
                       .condition = &self->it.condition);
        }
        if (async_timeout_expired(&self->limit)) {
            say("timeout, taken: %s",
                yes_no(async_lock_is_taken(&self->it.lock)));
        }
    }
    SAY_TAKEN(&self->it.lock);
    START_NOTIFIED(self->a, "A", &self->it);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->it.lock) {
        async_condition_notify(&self->it.condition, 1);
    }
    AWAIT(async_join(&self->a.task));
    ASYNC_END();
}
SCENARIO(condition_and_timeout);

/* Two conditions on one lock are notified separately. */
struct condition_two_on_one_lock {
    ASYNC_FRAME;
    async_lock_t lock;
    async_condition_t full, empty;
    async_with_t guard;
    STARTED(notified) a, b;
};

ASYNC_STATIC(condition_two_on_one_lock)
{
    ASYNC_BEGIN();
    self->full = (async_condition_t)ASYNC_CONDITION_INIT(&self->lock);
    self->empty = (async_condition_t)ASYNC_CONDITION_INIT(&self->lock);
    START(self->a, notified, .name = "A", .lock = &self->lock,
          .condition = &self->full);
    START(self->b, notified, .name = "B", .lock = &self->lock,
          .condition = &self->empty);
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->lock) {
        async_condition_notify_all(&self->empty);
    }
    AWAIT(async_sleep(5));
    ASYNC_WITH_LOCK(&self->guard, &self->lock) {
        async_condition_notify_all(&self->full);
    }
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(condition_two_on_one_lock);

/* Wait and notify without the lock. */
struct condition_without_lock {
    ASYNC_FRAME;
    struct guarded it;
    struct async_condition_wait wait;
    int error;
};

ASYNC_STATIC(condition_without_lock)
{
    ASYNC_BEGIN();
    guarded_init(&self->it);
    self->wait =
        ASYNC_CALL(async_condition_wait, .condition = &self->it.condition);
    AWAIT_CATCH(self->error, async_call(&self->wait.coro));
    say("wait: %s", error_name(self->error));
    async_condition_notify(&self->it.condition, 1);
    async_condition_notify_all(&self->it.condition);
    ASYNC_END();
}
SCENARIO_DIFFERS(condition_without_lock,
                 "a mistake is reported; it raises only where one can wait");

/* --- Barrier -------------------------------------------------------------- */

struct party {
    ASYNC_FRAME;
    const char *name;
    async_barrier_t *barrier;
    async_ticks_t ms;
    struct async_barrier_wait wait;
};

ASYNC_STATIC(party)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ms));
    say("%s comes", self->name);
    AWAIT_CALL(self->wait, async_barrier_wait, .barrier = self->barrier);
    say("%s goes on", self->name);
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

struct numbered {
    ASYNC_FRAME;
    const char *name;
    async_barrier_t *barrier;
    struct async_barrier_wait wait;
};

ASYNC_STATIC(numbered)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_barrier_wait, .barrier = self->barrier);
    say("%s goes on as %u", self->name, self->wait.result);
    ASYNC_END();
}

static void say_waiting(const async_barrier_t *barrier)
{
    say("%u of %u wait", async_barrier_waiting(barrier),
        async_barrier_parties(barrier));
}

/* The last goes on at once, then the others in the order they came. */
struct barrier_fills {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(party) a, b, c;
};

ASYNC_STATIC(barrier_fills)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, party, .name = "A", .barrier = &self->barrier);
    START(self->b, party, .name = "B", .barrier = &self->barrier, .ms = 5);
    START(self->c, party, .name = "C", .barrier = &self->barrier, .ms = 10);
    AWAIT(async_sleep(7));
    say_waiting(&self->barrier);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    say_waiting(&self->barrier);
    ASYNC_END();
}
SCENARIO(barrier_fills);

struct meets {
    ASYNC_FRAME;
    const char *name;
    async_barrier_t *barrier;
    int turns;
    async_ticks_t ms;
    int turn;
    struct async_barrier_wait wait;
};

ASYNC_STATIC(meets)
{
    ASYNC_BEGIN();
    for (self->turn = 0; self->turn < self->turns; self->turn++) {
        if (self->ms != 0) {
            AWAIT(async_sleep(self->ms));
        }
        AWAIT_CALL(self->wait, async_barrier_wait, .barrier = self->barrier);
        say("%s turn %d as %u", self->name, self->turn, self->wait.result);
    }
    ASYNC_END();
}

/* The same tasks meet several times. */
struct barrier_used_again {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(meets) a, b, c;
};

ASYNC_STATIC(barrier_used_again)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, meets, .name = "A", .barrier = &self->barrier, .turns = 3,
          .ms = 5);
    START(self->b, meets, .name = "B", .barrier = &self->barrier, .turns = 3,
          .ms = 10);
    START(self->c, meets, .name = "C", .barrier = &self->barrier, .turns = 3,
          .ms = 2);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(barrier_used_again);

/* Two tasks meet twice without a pause. */
struct barrier_again_at_once {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(meets) a, b;
};

ASYNC_STATIC(barrier_again_at_once)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(2);
    START(self->a, meets, .name = "A", .barrier = &self->barrier, .turns = 2);
    START(self->b, meets, .name = "B", .barrier = &self->barrier, .turns = 2);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO_DIFFERS(barrier_again_at_once,
                 "who comes while the others go on is counted at once, in the "
                 "order of coming");

/* Nobody waits at it. */
struct barrier_of_one {
    ASYNC_FRAME;
    async_barrier_t barrier;
    struct party a;
};

ASYNC_STATIC(barrier_of_one)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(1);
    AWAIT_CALL(self->a, party, .name = "A", .barrier = &self->barrier);
    AWAIT_CALL(self->a, party, .name = "A", .barrier = &self->barrier);
    say("%u wait, broken: %s", async_barrier_waiting(&self->barrier),
        yes_no(async_barrier_is_broken(&self->barrier)));
    ASYNC_END();
}
SCENARIO(barrier_of_one);

/* It is not counted any more; the barrier is not broken. */
struct barrier_waiter_cancelled {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(party) a, b, c, d;
    int error;
};

ASYNC_STATIC(barrier_waiter_cancelled)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, party, .name = "A", .barrier = &self->barrier);
    START(self->b, party, .name = "B", .barrier = &self->barrier);
    AWAIT(async_sleep(5));
    say("%u wait", async_barrier_waiting(&self->barrier));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    say("%u wait", async_barrier_waiting(&self->barrier));
    START(self->c, party, .name = "C", .barrier = &self->barrier);
    AWAIT(async_sleep(5));
    say("%u wait, broken: %s", async_barrier_waiting(&self->barrier),
        yes_no(async_barrier_is_broken(&self->barrier)));
    START(self->d, party, .name = "D", .barrier = &self->barrier);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    SAY_OUTCOME(self->d);
    ASYNC_END();
}
SCENARIO(barrier_waiter_cancelled);

/* The first of those that wait is cancelled; one more comes. */
struct barrier_numbers_after_cancel {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(numbered) a, b, c, d;
    int error;
};

ASYNC_STATIC(barrier_numbers_after_cancel)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, numbered, .name = "A", .barrier = &self->barrier);
    START(self->b, numbered, .name = "B", .barrier = &self->barrier);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    AWAIT_CATCH(self->error, async_join(&self->a.task));
    START(self->c, numbered, .name = "C", .barrier = &self->barrier);
    START(self->d, numbered, .name = "D", .barrier = &self->barrier);
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    AWAIT(async_join(&self->d.task));
    ASYNC_END();
}
SCENARIO_DIFFERS(barrier_numbers_after_cancel,
                 "the numbers are different, also after a cancellation");

/* Those that wait and those that come raise, until it is reset. */
struct barrier_aborted {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(party) a, b, d, e, f;
    struct party c;
    int error;
};

ASYNC_STATIC(barrier_aborted)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, party, .name = "A", .barrier = &self->barrier);
    START(self->b, party, .name = "B", .barrier = &self->barrier);
    AWAIT(async_sleep(5));
    async_barrier_abort(&self->barrier);
    say("broken: %s, %u wait", yes_no(async_barrier_is_broken(&self->barrier)),
        async_barrier_waiting(&self->barrier));
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    self->c = ASYNC_CALL(party, .name = "C", .barrier = &self->barrier);
    AWAIT_CATCH(self->error, async_call(&self->c.coro));
    say("C: %s", error_name(self->error));
    async_barrier_reset(&self->barrier);
    say("broken: %s", yes_no(async_barrier_is_broken(&self->barrier)));
    START(self->d, party, .name = "D", .barrier = &self->barrier);
    START(self->e, party, .name = "E", .barrier = &self->barrier);
    START(self->f, party, .name = "F", .barrier = &self->barrier);
    SAY_OUTCOME(self->d);
    SAY_OUTCOME(self->e);
    SAY_OUTCOME(self->f);
    ASYNC_END();
}
SCENARIO(barrier_aborted);

/* Those that wait raise; it can be used again at once. */
struct barrier_reset {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(party) a, b, c, d, e;
    int error;
};

ASYNC_STATIC(barrier_reset)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    async_barrier_reset(&self->barrier);
    START(self->a, party, .name = "A", .barrier = &self->barrier);
    START(self->b, party, .name = "B", .barrier = &self->barrier);
    AWAIT(async_sleep(5));
    async_barrier_reset(&self->barrier);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    say("broken: %s, %u wait", yes_no(async_barrier_is_broken(&self->barrier)),
        async_barrier_waiting(&self->barrier));
    START(self->c, party, .name = "C", .barrier = &self->barrier);
    START(self->d, party, .name = "D", .barrier = &self->barrier);
    START(self->e, party, .name = "E", .barrier = &self->barrier);
    SAY_OUTCOME(self->c);
    SAY_OUTCOME(self->d);
    SAY_OUTCOME(self->e);
    ASYNC_END();
}
SCENARIO(barrier_reset);

struct persists {
    ASYNC_FRAME;
    const char *name;
    async_barrier_t *barrier;
    struct party party;
    int error;
};

ASYNC_STATIC(persists)
{
    ASYNC_BEGIN();
    self->party =
        ASYNC_CALL(party, .name = self->name, .barrier = self->barrier);
    AWAIT_CATCH(self->error, async_call(&self->party.coro));
    say("%s: %s", self->name, error_name(self->error));
    AWAIT(async_sleep(5));
    AWAIT_CALL(self->party, party, .name = self->name,
               .barrier = self->barrier);
    ASYNC_END();
}

/* One that a reset has sent away comes again and is counted. */
struct barrier_waiter_wants_again {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(persists) a, b;
    STARTED(party) c;
};

ASYNC_STATIC(barrier_waiter_wants_again)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, persists, .name = "A", .barrier = &self->barrier);
    START(self->b, persists, .name = "B", .barrier = &self->barrier);
    AWAIT(async_sleep(5));
    async_barrier_reset(&self->barrier);
    AWAIT(async_sleep(10));
    START(self->c, party, .name = "C", .barrier = &self->barrier);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(barrier_waiter_wants_again);

/* One whose timeout passes is not counted any more. */
struct barrier_and_timeout {
    ASYNC_FRAME;
    async_barrier_t barrier;
    async_timeout_t limit;
    struct party a;
    STARTED(party) b, c;
};

ASYNC_STATIC(barrier_and_timeout)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(2);
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->a, party, .name = "A", .barrier = &self->barrier);
    }
    if (async_timeout_expired(&self->limit)) {
        say("timeout, %u wait", async_barrier_waiting(&self->barrier));
    }
    START(self->b, party, .name = "B", .barrier = &self->barrier, .ms = 5);
    START(self->c, party, .name = "C", .barrier = &self->barrier, .ms = 10);
    AWAIT(async_join(&self->b.task));
    AWAIT(async_join(&self->c.task));
    ASYNC_END();
}
SCENARIO(barrier_and_timeout);

struct resetting_party {
    ASYNC_FRAME;
    const char *name;
    async_barrier_t *barrier;
    struct party party;
};

ASYNC_STATIC(resetting_party)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->party, party, .name = self->name,
               .barrier = self->barrier);
    say("%s resets", self->name);
    async_barrier_reset(self->barrier);
    ASYNC_END();
}

/* The last to come resets it before the others have run. */
struct barrier_reset_when_met {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(party) a, b;
    STARTED(resetting_party) c;
    int error;
};

ASYNC_STATIC(barrier_reset_when_met)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(3);
    START(self->a, party, .name = "A", .barrier = &self->barrier);
    START(self->b, party, .name = "B", .barrier = &self->barrier);
    START(self->c, resetting_party, .name = "C", .barrier = &self->barrier);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    say("broken: %s", yes_no(async_barrier_is_broken(&self->barrier)));
    ASYNC_END();
}
SCENARIO_DIFFERS(barrier_reset_when_met,
                 "who has met the others goes on, whatever comes then");

struct aborting_party {
    ASYNC_FRAME;
    const char *name;
    async_barrier_t *barrier;
    struct party party;
};

ASYNC_STATIC(aborting_party)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->party, party, .name = self->name,
               .barrier = self->barrier);
    say("%s aborts", self->name);
    async_barrier_abort(self->barrier);
    ASYNC_END();
}

/* The last to come aborts it before the other has run. */
struct barrier_aborted_when_met {
    ASYNC_FRAME;
    async_barrier_t barrier;
    STARTED(party) a;
    STARTED(aborting_party) b;
    struct party c;
    int error;
};

ASYNC_STATIC(barrier_aborted_when_met)
{
    ASYNC_BEGIN();
    self->barrier = (async_barrier_t)ASYNC_BARRIER_INIT(2);
    START(self->a, party, .name = "A", .barrier = &self->barrier);
    START(self->b, aborting_party, .name = "B", .barrier = &self->barrier);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    self->c = ASYNC_CALL(party, .name = "C", .barrier = &self->barrier);
    AWAIT_CATCH(self->error, async_call(&self->c.coro));
    say("C: %s", error_name(self->error));
    ASYNC_END();
}
SCENARIO_DIFFERS(barrier_aborted_when_met,
                 "who has met the others goes on, whatever comes then");
