/* SPDX-License-Identifier: MIT */

/*
 * A program in which every kind of wait, block and state is found at the same
 * time, when it comes to stop_here(): what the gdb commands are tested with, on
 * PCs and on emulated machines. The virtual clock makes it the same everywhere.
 *
 * stuck.txt says what the commands print; a comment of one word at the end of a
 * line gives the line a name there.
 */
#include <async/async.h>

#include <string.h>

/* --- What the tasks share ------------------------------------------------- */

static async_loop_t loop;
static async_virtual_clock_t clock;

static async_event_t never;
static async_event_t once;
static async_lock_t bus;
static async_lock_t guarded;
static async_semaphore_t permits = ASYNC_SEMAPHORE_INIT(0);
static async_rwlock_t table;
static async_condition_t changed = ASYNC_CONDITION_INIT(&guarded);
static async_barrier_t start = ASYNC_BARRIER_INIT(3);
static ASYNC_QUEUE(int, 2) empty = ASYNC_QUEUE_INIT(empty);
static ASYNC_QUEUE(int, 1) full = ASYNC_QUEUE_INIT(full);
static ASYNC_FUTURE(int) answer;
static ASYNC_SIGNAL(int) latest;
static ASYNC_WATCH(int) level = ASYNC_WATCH_INIT(1);
static ASYNC_PUBSUB(int, 2) news;
static uint8_t bytes[8];
static async_stream_t uart = ASYNC_STREAM_INIT(bytes);
static async_watchdog_t dog;
static bool time_is_up;

/* --- Coroutines ----------------------------------------------------------- */

struct nap {
    ASYNC_FRAME;
    async_ticks_t ticks;
};

ASYNC_STATIC(nap)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks)); /* nap */
    ASYNC_END();
}

/* Two calls deep, in blocks of all kinds. */
struct owner {
    ASYNC_FRAME;
    async_with_t guard;
    async_timeout_t long_limit;
    async_timeout_t short_limit;
    async_timeout_t no_limit;
    async_try_t attempt;
    async_shield_t shield;
    struct nap nap;
};

ASYNC_STATIC(owner)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &bus) {                       /* with */
        ASYNC_TIMEOUT(&self->long_limit, 500) {                 /* long */
            ASYNC_TIMEOUT(&self->short_limit, 50) {             /* short */
                ASYNC_TIMEOUT(&self->no_limit, ASYNC_FOREVER) { /* none */
                    ASYNC_TRY(&self->attempt) {                 /* try */
                        ASYNC_SHIELD(&self->shield) {           /* shield */
                            AWAIT_CALL(self->nap, nap, .ticks = 100); /* call */
                        }
                    }
                }
            }
        }
    }
    ASYNC_END();
}

/* On one line each: of a call that takes several, gcc and clang do not give the
 * same line. */
static async_wait_t limited(void)
{
    return async_wait_for(async_lock_acquire(&bus), 30);
}

struct second {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(second)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, limited()); /* second */
    ASYNC_END();
}

struct third {
    ASYNC_FRAME;
};

ASYNC_STATIC(third)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&bus)); /* third */
    ASYNC_END();
}

struct getter {
    ASYNC_FRAME;
    int item;
};

ASYNC_STATIC(getter)
{
    ASYNC_BEGIN();
    AWAIT_GET(&empty, &self->item); /* get */
    ASYNC_END();
}

struct putter {
    ASYNC_FRAME;
    int item;
};

ASYNC_STATIC(putter)
{
    ASYNC_BEGIN();
    AWAIT_PUT(&full, &self->item);
    AWAIT_PUT(&full, &self->item); /* put */
    ASYNC_END();
}

struct drain {
    ASYNC_FRAME;
};

ASYNC_STATIC(drain)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_join(&full)); /* drain */
    ASYNC_END();
}

struct joiner {
    ASYNC_FRAME;
    async_task_t *task;
};

ASYNC_STATIC(joiner)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->task)); /* join */
    ASYNC_END();
}

struct sleeper {
    ASYNC_FRAME;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER)); /* forever */
    ASYNC_END();
}

/* One with members, in a block, and one that gathers. */
struct parent {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct nap naps[2];
};

ASYNC_STATIC(parent)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) { /* group */
        for (unsigned i = 0; i < 2; i++) {
            self->naps[i] = ASYNC_CALL(nap, .ticks = 1000 * (i + 1));
            async_group_spawn(&self->group, &self->members[i],
                              &self->naps[i].coro);
        }
    }
    ASYNC_END();
}

struct permit {
    ASYNC_FRAME;
};

ASYNC_STATIC(permit)
{
    ASYNC_BEGIN();
    AWAIT(async_semaphore_acquire(&permits)); /* permit */
    ASYNC_END();
}

struct reader {
    ASYNC_FRAME;
};

ASYNC_STATIC(reader)
{
    ASYNC_BEGIN();
    AWAIT(async_rwlock_read(&table));
    AWAIT(async_event_wait(&never)); /* read */
    ASYNC_END();
}

struct writer {
    ASYNC_FRAME;
    async_with_t guard;
};

ASYNC_STATIC(writer)
{
    ASYNC_BEGIN();
    AWAIT(async_rwlock_write(&table, &self->guard)); /* write */
    ASYNC_END();
}

struct changes {
    ASYNC_FRAME;
    async_with_t guard;
    struct async_condition_wait wait;
};

ASYNC_STATIC(changes)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &guarded) {         /* guarded */
        AWAIT_CONDITION(self->wait, &changed, false); /* condition */
    }
    ASYNC_END();
}

struct party {
    ASYNC_FRAME;
    struct async_barrier_wait wait;
};

ASYNC_STATIC(party)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &start); /* barrier */
    ASYNC_END();
}

struct asker {
    ASYNC_FRAME;
};

ASYNC_STATIC(asker)
{
    ASYNC_BEGIN();
    AWAIT(async_future_wait(&answer)); /* future */
    ASYNC_END();
}

struct taker {
    ASYNC_FRAME;
};

ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    AWAIT(async_signal_wait(&latest)); /* signal */
    ASYNC_END();
}

struct watcher {
    ASYNC_FRAME;
    async_watch_reader_t eyes;
    int value;
};

ASYNC_STATIC(watcher)
{
    ASYNC_BEGIN();
    async_watch_read(&level, &self->eyes, &self->value);
    AWAIT(async_watch_changed(&level, &self->eyes)); /* watch */
    ASYNC_END();
}

struct listener {
    ASYNC_FRAME;
    async_subscriber_t subscriber;
};

ASYNC_STATIC(listener)
{
    ASYNC_BEGIN();
    async_pubsub_subscribe(&news, &self->subscriber);
    AWAIT(async_pubsub_wait(&news, &self->subscriber)); /* pubsub */
    ASYNC_END();
}

struct serial {
    ASYNC_FRAME;
};

ASYNC_STATIC(serial)
{
    ASYNC_BEGIN();
    AWAIT(async_stream_wait_readable(&uart)); /* stream */
    ASYNC_END();
}

struct first_of {
    ASYNC_FRAME;
    async_task_t *tasks[2];
    struct async_wait wait;
};

ASYNC_STATIC(first_of)
{
    ASYNC_BEGIN();
    self->wait = ASYNC_CALL(async_wait, .tasks = self->tasks, .count = 2,
                            .until = ASYNC_FIRST_DONE);
    AWAIT(async_call(&self->wait.coro)); /* several */
    ASYNC_END();
}

/* A generator that waits, and one who waits for it. */
struct numbers {
    ASYNC_GENERATOR(int);
};

ASYNC_STATIC(numbers)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep(5)); /* number */
        ASYNC_EMIT(1);
    }
    ASYNC_END();
}

struct consumer {
    ASYNC_FRAME;
    struct numbers numbers;
};

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    self->numbers = ASYNC_CALL(numbers);
    ASYNC_FOR(&self->numbers) { /* for */
    }
    ASYNC_END();
}

/* Cancelled, and still in its cleanup. */
struct cleaner {
    ASYNC_FRAME;
};

ASYNC_STATIC(cleaner)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_FINALLY();
    AWAIT(async_event_wait(&never)); /* cleanup */
    ASYNC_END();
}

struct failing {
    ASYNC_FRAME;
};

ASYNC_STATIC(failing)
{
    ASYNC_BEGIN();
    ASYNC_RAISE(ASYNC_ERR_CLOSED);
    ASYNC_END();
}

/* What it waits for is in its own frame, of which only a pool knows. */
struct pooled {
    ASYNC_FRAME;
    async_event_t done;
    async_event_t *other;
};

ASYNC_STATIC(pooled)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&self->done)); /* own */
    ASYNC_END();
}

struct pointing {
    ASYNC_FRAME;
    async_lock_t *lock;
};

ASYNC_STATIC(pointing)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(self->lock)); /* pointed */
    ASYNC_END();
}

struct woken {
    ASYNC_FRAME;
};

ASYNC_STATIC(woken)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&once)); /* woken */
    ASYNC_END();
}

/* It beats for none of its pulses, of which one has time. */
struct polling {
    ASYNC_FRAME;
    async_pulse_t missed;
    async_pulse_t kept;
};

ASYNC_STATIC(polling)
{
    ASYNC_BEGIN();
    ASYNC_PULSE(&self->missed, &dog, 2) {                  /* missed */
        ASYNC_PULSE(&self->kept, &dog, ASYNC_SECONDS(1)) { /* kept */
            AWAIT_UNTIL(time_is_up);                       /* poll */
        }
    }
    ASYNC_END();
}

static void call_me(void *argument)
{
    (void)argument;
}

/* --- The end -------------------------------------------------------------- */

/* In one struct, so that they stand in memory in this order everywhere. */
static struct {
    async_task_t owner, second, third, getter, putter, drain, joiner, sleeper;
    async_task_t parent, permit, reader, writer, changes, party, asker, taker;
    async_task_t watcher, listener, serial, first_of, consumer, cleaner;
    async_task_t failing, pooled, pointing, woken, polling, stopper, last;
    async_callback_t callback;
    struct parent parent_frame;
} tasks = {.callback = ASYNC_CALLBACK_INIT(call_me, NULL),
           .parent_frame = ASYNC_CALL_INIT(parent)};
static struct sleeper last_object = ASYNC_CALL_INIT(sleeper);

__attribute__((noinline)) static void stop_here(void)
{
    __asm__ volatile("");
}

struct stopper {
    ASYNC_FRAME;
};

ASYNC_STATIC(stopper)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(async_now() >= 108); /* stop */
    async_event_set(&once);
    async_semaphore_release(&permits);
    async_spawn(&loop, &tasks.last, &last_object.coro);
    async_watchdog_check(&dog, 0);
    async_watchdog_check(&dog, 3);
    stop_here();
    ASYNC_END();
}

/* Memory of which the debug information says nothing. */
static max_align_t pool[16];

static async_coro_t *make_pooled(void)
{
    struct pooled made = ASYNC_CALL(pooled);
    memcpy(pool, &made, sizeof made);
    return (async_coro_t *)(void *)pool;
}

static async_coro_t *make_pointing(void)
{
    static max_align_t other_pool[8];
    async_lock_t *lock = (async_lock_t *)(void *)other_pool;
    struct pointing made = ASYNC_CALL(pointing, .lock = lock);
    lock->owner_ = &tasks.owner;
    memcpy(pool + 8, &made, sizeof made);
    return (async_coro_t *)(void *)(pool + 8);
}

#define SPAWN(name, ...)                                                       \
    static struct name name##_object = ASYNC_CALL_INIT(__VA_ARGS__);           \
    async_spawn(&loop, &tasks.name, &name##_object.coro)

static void spawn_holders(void)
{
    SPAWN(owner, owner);
    SPAWN(third, third);
    SPAWN(second, second);
    SPAWN(getter, getter);
    SPAWN(putter, putter);
    SPAWN(drain, drain);
    SPAWN(joiner, joiner, .task = &tasks.owner);
    SPAWN(sleeper, sleeper);
    async_spawn(&loop, &tasks.parent, &tasks.parent_frame.coro);
    SPAWN(permit, permit);
    SPAWN(reader, reader);
    SPAWN(writer, writer);
}

static void spawn_waiters(void)
{
    SPAWN(changes, changes);
    SPAWN(party, party);
    SPAWN(asker, asker);
    SPAWN(taker, taker);
    SPAWN(watcher, watcher);
    SPAWN(listener, listener);
    SPAWN(serial, serial);
    SPAWN(first_of, first_of, .tasks = {&tasks.owner, &tasks.sleeper});
}

static void spawn_others(void)
{
    SPAWN(consumer, consumer);
    SPAWN(cleaner, cleaner);
    SPAWN(failing, failing);
    async_spawn(&loop, &tasks.pooled, make_pooled());
    async_spawn(&loop, &tasks.pointing, make_pointing());
    SPAWN(woken, woken);
    SPAWN(polling, polling);
    SPAWN(stopper, stopper);
    async_callback_later(&loop, &tasks.callback, 77);
}

/* A report stops it: there must be none. */
int main(void)
{
    async_loop_init(&loop, async_virtual_clock_init(&clock, 100));
    spawn_holders();
    spawn_waiters();
    spawn_others();
    async_poll(&loop);
    async_cancel(&tasks.cleaner);
    async_run_forever(&loop);
}
