/* SPDX-License-Identifier: MIT */

/*
 * Cancellation loses nothing: every wait of every primitive, given up in every
 * state that it can be in, in every way.
 *
 * A kind is one wait. A case has a victim, which is given up, and perhaps
 * another task that waits in front of it or behind it. Afterwards as many wakes
 * must let in as many of the others as if the victim had never come, and one
 * that comes last must wait, or not, as if nothing had happened.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

/* --- The kinds ------------------------------------------------------------ */

struct waiter;

typedef struct kind {
    const char *name;
    void (*begin)(void);              /* fresh objects */
    void (*make)(struct waiter *one); /* the coroutine object that waits */
    void (*wake)(void);               /* let one in, or all that wait */
    bool (*at_rest)(void);            /* nobody waits and nobody has anything */
    bool for_all;                     /* a wake lets in all that wait */
    bool keeps;                       /* a wake without waiters is kept */
    bool one_waiter;                  /* a second is refused */
    bool is_call;                     /* a library coroutine: no limit */
} kind_t;

#define WAITING(name, ...)                                                     \
    struct name {                                                              \
        ASYNC_FRAME;                                                           \
        struct waiter *one;                                                    \
        __VA_ARGS__                                                            \
    };                                                                         \
    ASYNC_DECLARE(name)

typedef ASYNC_QUEUE(int, 1) queue_of_one_t;
enum { PARTIES = 3 };
static struct async_barrier_wait fillers[PARTIES];
static async_event_t go; /* told to whoever has the lock */

static struct {
    async_event_t event;
    async_lock_t lock;
    async_semaphore_t semaphore;
    queue_of_one_t items;
    queue_of_one_t rooms;
    queue_of_one_t jobs;
    ASYNC_FUTURE(int) future;
    ASYNC_SIGNAL(int) signal;
    ASYNC_WATCH(int) watch;
    ASYNC_PUBSUB(int, 4) pubsub;
    async_rwlock_t rwlock;
    async_condition_t condition;
    async_stream_t stream;
    uint8_t bytes[4];
    async_task_t keeper; /* has what the others wait for */
    async_event_t end;   /* of the task that is joined */
    async_barrier_t barrier;
    async_task_t fillers[PARTIES];
    async_task_t joined;
} it;

WAITING(wait_event, char unused;);
WAITING(wait_lock, async_with_t guard;);
WAITING(wait_semaphore, char unused;);
WAITING(wait_item, int item;);
WAITING(wait_room, char unused;);
WAITING(wait_done, char unused;);
WAITING(wait_future, char unused;);
WAITING(wait_signal, int item;);
WAITING(wait_watch, async_watch_reader_t reader; int item;);
WAITING(wait_pubsub, async_subscriber_t subscriber; int item;);
WAITING(wait_reading, async_with_t guard;);
WAITING(wait_writing, async_with_t guard;);
WAITING(wait_condition, async_with_t guard; struct async_condition_wait wait;);
WAITING(wait_readable, char unused;);
WAITING(wait_writable, char unused;);
WAITING(wait_drained, char unused;);
WAITING(wait_read, struct async_stream_read read; uint8_t byte;);
WAITING(wait_read_exactly, struct async_stream_read_exactly read;
        uint8_t bytes[2];);
WAITING(wait_read_until, struct async_stream_read_until read;
        uint8_t bytes[4];);
WAITING(wait_write, struct async_stream_write write;);
WAITING(wait_join, char unused;);
WAITING(wait_barrier, struct async_barrier_wait wait;);
WAITING(wait_any, struct async_wait wait; async_task_t * tasks[1];);

/* One task that waits once. */
struct waiter {
    async_member_t member;
    bool arrived;
    async_ticks_t limit;   /* of the wait */
    async_ticks_t timeout; /* of the block around it */
    union {
        async_coro_t coro;
        struct wait_event event;
        struct wait_lock lock;
        struct wait_semaphore semaphore;
        struct wait_item item;
        struct wait_room room;
        struct wait_done done;
        struct wait_future future;
        struct wait_signal signal;
        struct wait_watch watch;
        struct wait_pubsub pubsub;
        struct wait_reading reading;
        struct wait_writing writing;
        struct wait_condition condition;
        struct wait_readable readable;
        struct wait_writable writable;
        struct wait_drained drained;
        struct wait_read read;
        struct wait_read_exactly read_exactly;
        struct wait_read_until read_until;
        struct wait_write write;
        struct wait_join join;
        struct wait_barrier barrier;
        struct wait_any any;
    } wait;
    struct outer {
        ASYNC_FRAME;
        struct waiter *one;
        async_timeout_t timeout;
    } outer;
};

ASYNC_STATIC(outer)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->timeout, self->one->timeout) {
        AWAIT(async_call(&self->one->wait.coro));
    }
    ASYNC_END();
}

/* A wait that is over when the task goes on. */
#define SIMPLE_WAIT(name, operation)                                           \
    ASYNC(name)                                                                \
    {                                                                          \
        ASYNC_BEGIN();                                                         \
        AWAIT(async_wait_for(operation, self->one->limit));                    \
        self->one->arrived = true;                                             \
        ASYNC_END();                                                           \
    }

SIMPLE_WAIT(wait_event, async_event_wait(&it.event))
SIMPLE_WAIT(wait_semaphore, async_semaphore_acquire(&it.semaphore))
SIMPLE_WAIT(wait_done, async_queue_join(&it.jobs))
SIMPLE_WAIT(wait_future, async_future_wait(&it.future))
SIMPLE_WAIT(wait_join, async_join(&it.joined))
SIMPLE_WAIT(wait_readable, async_stream_wait_readable(&it.stream))
SIMPLE_WAIT(wait_writable, async_stream_wait_writable(&it.stream))
SIMPLE_WAIT(wait_drained, async_stream_drain(&it.stream))

ASYNC(wait_lock)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_lock_acquire(&it.lock), self->one->limit));
    self->one->arrived = true;
    ASYNC_WITH(&self->guard, async_lock_exit, &it.lock) {
        AWAIT(async_event_wait(&go));
    }
    ASYNC_END();
}

ASYNC(wait_reading)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_rwlock_read(&it.rwlock), self->one->limit));
    self->one->arrived = true;
    async_rwlock_read_release(&it.rwlock);
    ASYNC_END();
}

ASYNC(wait_writing)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_rwlock_write(&it.rwlock, &self->guard),
                         self->one->limit));
    self->one->arrived = true;
    ASYNC_WITH(&self->guard, async_rwlock_write_exit, &it.rwlock) {
        AWAIT(async_event_wait(&go));
    }
    ASYNC_END();
}

ASYNC(wait_item)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_queue_wait_item(&it.items), self->one->limit));
    async_queue_take(&it.items, &self->item);
    self->one->arrived = true;
    ASYNC_END();
}

ASYNC(wait_room)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_queue_wait_room(&it.rooms), self->one->limit));
    async_queue_place(&it.rooms, &(int){1});
    self->one->arrived = true;
    ASYNC_END();
}

ASYNC(wait_signal)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_signal_wait(&it.signal), self->one->limit));
    async_signal_take(&it.signal, &self->item);
    self->one->arrived = true;
    ASYNC_END();
}

ASYNC(wait_watch)
{
    ASYNC_BEGIN();
    async_watch_mark_read(&it.watch, &self->reader);
    AWAIT(async_wait_for(async_watch_changed(&it.watch, &self->reader),
                         self->one->limit));
    async_watch_read(&it.watch, &self->reader, &self->item);
    self->one->arrived = true;
    ASYNC_END();
}

ASYNC(wait_pubsub)
{
    ASYNC_BEGIN();
    async_pubsub_subscribe(&it.pubsub, &self->subscriber);
    AWAIT(async_wait_for(async_pubsub_wait(&it.pubsub, &self->subscriber),
                         self->one->limit));
    assert_int_equal(
        async_pubsub_take(&it.pubsub, &self->subscriber, &self->item), 0);
    self->one->arrived = true;
    ASYNC_END();
}

ASYNC(wait_condition)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &it.lock) {
        AWAIT_CALL(self->wait, async_condition_wait,
                   .condition = &it.condition);
        assert_ptr_equal(async_lock_owner(&it.lock), async_current_task());
        self->one->arrived = true;
    }
    ASYNC_END();
}

ASYNC(wait_read)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->read, async_stream_read, .stream = &it.stream,
               .data = &self->byte, .size = 1);
    self->one->arrived = self->read.result == 1;
    ASYNC_END();
}

ASYNC(wait_read_exactly)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->read, async_stream_read_exactly, .stream = &it.stream,
               .data = self->bytes, .size = 2);
    self->one->arrived = self->bytes[0] == 'a' && self->bytes[1] == '\n';
    ASYNC_END();
}

ASYNC(wait_read_until)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->read, async_stream_read_until, .stream = &it.stream,
               .data = self->bytes, .size = 4, .delimiter = '\n');
    self->one->arrived = self->read.result == 2;
    ASYNC_END();
}

ASYNC(wait_write)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->write, async_stream_write, .stream = &it.stream,
               .data = "b", .size = 1);
    self->one->arrived = self->write.result == 1;
    ASYNC_END();
}

ASYNC(wait_barrier)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_barrier_wait, .barrier = &it.barrier);
    self->one->arrived = true;
    ASYNC_END();
}

ASYNC(wait_any)
{
    ASYNC_BEGIN();
    self->tasks[0] = &it.joined;
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 1);
    self->one->arrived = self->wait.result == 1;
    ASYNC_END();
}

#define MAKE(name, member)                                                     \
    static void make_##name(struct waiter *one)                                \
    {                                                                          \
        one->wait.member = ASYNC_CALL(name, .one = one);                       \
    }

MAKE(wait_event, event)
MAKE(wait_lock, lock)
MAKE(wait_semaphore, semaphore)
MAKE(wait_item, item)
MAKE(wait_room, room)
MAKE(wait_done, done)
MAKE(wait_future, future)
MAKE(wait_signal, signal)
MAKE(wait_watch, watch)
MAKE(wait_pubsub, pubsub)
MAKE(wait_reading, reading)
MAKE(wait_writing, writing)
MAKE(wait_condition, condition)
MAKE(wait_readable, readable)
MAKE(wait_writable, writable)
MAKE(wait_drained, drained)
MAKE(wait_read, read)
MAKE(wait_read_exactly, read_exactly)
MAKE(wait_read_until, read_until)
MAKE(wait_write, write)
MAKE(wait_join, join)
MAKE(wait_barrier, barrier)
MAKE(wait_any, any)

/* --- What they wait for --------------------------------------------------- */

static struct keeper {
    ASYNC_FRAME;
    bool writes;
    async_with_t guard;
} keeper;

ASYNC(keeper)
{
    ASYNC_BEGIN();
    if (self->writes) {
        AWAIT(async_rwlock_write(&it.rwlock, &self->guard));
    } else {
        AWAIT(async_lock_acquire(&it.lock));
    }
    ASYNC_WITH(&self->guard,
               self->writes ? async_rwlock_write_exit : async_lock_exit,
               self->writes ? (void *)&it.rwlock : (void *)&it.lock) {
        AWAIT(async_event_wait(&go));
    }
    ASYNC_END();
}

static struct joined {
    ASYNC_FRAME;
} joined;

ASYNC(joined)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&it.end));
    ASYNC_END();
}

static void begin_plain(void)
{
    it.condition = (async_condition_t)ASYNC_CONDITION_INIT(&it.lock);
    async_queue_init(&it.items);
}

static void begin_lock(void)
{
    keeper = ASYNC_CALL(keeper, .writes = false);
    async_spawn(&loop, &it.keeper, &keeper.coro);
    async_poll(&loop);
}

static void begin_rwlock(void)
{
    keeper = ASYNC_CALL(keeper, .writes = true);
    async_spawn(&loop, &it.keeper, &keeper.coro);
    async_poll(&loop);
}

static void begin_full(void)
{
    async_queue_init(&it.rooms);
    assert_int_equal(async_queue_try_put(&it.rooms, &(int){0}), 0);
}

static void begin_jobs(void)
{
    async_queue_init(&it.jobs);
    assert_int_equal(async_queue_try_put(&it.jobs, &(int){0}), 0);
}

static void begin_stream(void)
{
    async_stream_init(&it.stream, it.bytes, sizeof it.bytes);
}

static void begin_full_stream(void)
{
    begin_stream();
    assert_int_equal(async_stream_push(&it.stream, "xxxx", 4), 4);
}

static void begin_barrier(void)
{
    it.barrier = (async_barrier_t)ASYNC_BARRIER_INIT(PARTIES);
}

static void begin_joined(void)
{
    joined = ASYNC_CALL(joined);
    async_spawn(&loop, &it.joined, &joined.coro);
    async_poll(&loop);
}

/* Set and clear: for those who wait now. */
static void wake_event(void)
{
    async_event_set(&it.event);
    async_event_clear(&it.event);
}

/* Whoever has it gives it back, in its next step; the next has not run then. */
static void wake_lock(void)
{
    async_event_set(&go);
    async_event_clear(&go);
    async_poll(&loop);
}

static void wake_semaphore(void)
{
    async_semaphore_release(&it.semaphore);
}

static void wake_item(void)
{
    assert_int_equal(async_queue_try_put(&it.items, &(int){7}), 0);
}

static void wake_room(void)
{
    int item;
    assert_int_equal(async_queue_try_get(&it.rooms, &item), 0);
}

static void wake_done(void)
{
    async_queue_task_done(&it.jobs);
}

static void wake_future(void)
{
    async_future_set(&it.future, &(int){7});
    async_future_reset(&it.future);
}

static void wake_signal(void)
{
    async_signal_send(&it.signal, &(int){7});
}

static void wake_watch(void)
{
    async_watch_set(&it.watch, &(int){7});
}

static void wake_pubsub(void)
{
    async_pubsub_publish(&it.pubsub, &(int){7});
}

static void wake_condition(void)
{
    async_condition_notify(&it.condition, 1);
}

static void wake_reader(void)
{
    async_stream_push(&it.stream, "a\n", 2);
}

static void wake_writer(void)
{
    uint8_t bytes[4];
    assert_int_equal(async_stream_pull(&it.stream, bytes, 4), 4);
}

/* As many come as are missing. */
static void wake_barrier(void)
{
    for (unsigned i = async_barrier_waiting(&it.barrier); i < PARTIES; i++) {
        fillers[i] = ASYNC_CALL(async_barrier_wait, .barrier = &it.barrier);
        async_spawn(&loop, &it.fillers[i], &fillers[i].coro);
    }
    async_poll(&loop);
}

static void wake_join(void)
{
    async_event_set(&it.end);
    async_poll(&loop);
}

static bool list_rests(const async_link_t_ *list)
{
    return list->next_ == NULL || list->next_ == list;
}

static bool event_rests(void)
{
    return list_rests(&it.event.waiters_) && !async_event_is_set(&it.event);
}

static bool lock_rests(void)
{
    return !async_lock_is_taken(&it.lock) &&
           list_rests(&it.lock.waiters_.waiters_);
}

static bool semaphore_rests(void)
{
    return async_semaphore_permits(&it.semaphore) == 0 &&
           list_rests(&it.semaphore.waiters_.waiters_);
}

static bool items_rest(void)
{
    return async_queue_count(&it.items) == 0 &&
           async_semaphore_permits(&it.items.queue.items_) == 0 &&
           async_semaphore_permits(&it.items.queue.rooms_) == 1 &&
           list_rests(&it.items.queue.items_.waiters_.waiters_);
}

static bool rooms_rest(void)
{
    return async_queue_count(&it.rooms) == 1 &&
           async_semaphore_permits(&it.rooms.queue.rooms_) == 0 &&
           async_semaphore_permits(&it.rooms.queue.items_) == 1 &&
           list_rests(&it.rooms.queue.rooms_.waiters_.waiters_);
}

static bool jobs_rest(void)
{
    return list_rests(&it.jobs.queue.joiners_);
}

static bool future_rests(void)
{
    return list_rests(&it.future.future.waiters_.waiters_);
}

static bool signal_rests(void)
{
    return !async_signal_is_set(&it.signal) && it.signal.signal.state_ == 0 &&
           list_rests(&it.signal.signal.waiters_.waiters_);
}

static bool watch_rests(void)
{
    return list_rests(&it.watch.watch.waiters_);
}

static bool pubsub_rests(void)
{
    return list_rests(&it.pubsub.pubsub.waiters_);
}

static bool rwlock_rests(void)
{
    return async_rwlock_writer(&it.rwlock) == NULL &&
           async_rwlock_readers(&it.rwlock) == 0 &&
           list_rests(&it.rwlock.waiters_.waiters_);
}

static bool condition_rests(void)
{
    return lock_rests() && list_rests(&it.condition.waiters_.waiters_);
}

static bool stream_rests(void)
{
    return list_rests(&it.stream.reader_.waiter_) &&
           list_rests(&it.stream.writer_.waiter_) && !it.stream.reading_ &&
           !it.stream.writing_;
}

static bool barrier_rests(void)
{
    return async_barrier_waiting(&it.barrier) == 0 &&
           list_rests(&it.barrier.waiters_);
}

static bool join_rests(void)
{
    return async_task_done(&it.joined) && list_rests(&loop.ended_);
}

static const kind_t kinds[] = {
    {"event", begin_plain, make_wait_event, wake_event, event_rests, true,
     false, false, false},
    {"lock", begin_lock, make_wait_lock, wake_lock, lock_rests, false, true,
     false, false},
    {"semaphore", begin_plain, make_wait_semaphore, wake_semaphore,
     semaphore_rests, false, true, false, false},
    {"queue, item", begin_plain, make_wait_item, wake_item, items_rest, false,
     true, false, false},
    {"queue, room", begin_full, make_wait_room, wake_room, rooms_rest, false,
     true, false, false},
    {"queue, join", begin_jobs, make_wait_done, wake_done, jobs_rest, true,
     true, false, false},
    {"future", begin_plain, make_wait_future, wake_future, future_rests, true,
     false, false, false},
    {"signal", begin_plain, make_wait_signal, wake_signal, signal_rests, false,
     true, false, false},
    {"watch", begin_plain, make_wait_watch, wake_watch, watch_rests, true,
     false, false, false},
    {"pubsub", begin_plain, make_wait_pubsub, wake_pubsub, pubsub_rests, true,
     false, false, false},
    {"rwlock, reading", begin_rwlock, make_wait_reading, wake_lock,
     rwlock_rests, true, true, false, false},
    {"rwlock, writing", begin_rwlock, make_wait_writing, wake_lock,
     rwlock_rests, false, true, false, false},
    {"condition", begin_plain, make_wait_condition, wake_condition,
     condition_rests, false, false, false, true},
    {"stream, readable", begin_stream, make_wait_readable, wake_reader,
     stream_rests, true, true, true, false},
    {"stream, writable", begin_full_stream, make_wait_writable, wake_writer,
     stream_rests, true, true, true, false},
    {"stream, drain", begin_full_stream, make_wait_drained, wake_writer,
     stream_rests, true, true, true, false},
    {"stream, read", begin_stream, make_wait_read, wake_reader, stream_rests,
     true, true, true, true},
    {"stream, read exactly", begin_stream, make_wait_read_exactly, wake_reader,
     stream_rests, true, true, true, true},
    {"stream, read until", begin_stream, make_wait_read_until, wake_reader,
     stream_rests, true, true, true, true},
    {"stream, write", begin_full_stream, make_wait_write, wake_writer,
     stream_rests, true, true, true, true},
    {"barrier", begin_barrier, make_wait_barrier, wake_barrier, barrier_rests,
     true, false, false, true},
    {"join", begin_joined, make_wait_join, wake_join, join_rests, true, true,
     false, false},
    {"async_wait", begin_joined, make_wait_any, wake_join, join_rests, true,
     true, false, true},
};

/* --- The cases ------------------------------------------------------------ */

/* When the victim is given up. */
typedef enum when {
    BEFORE_IT_STARTS,
    WAITING_ALONE,
    WAITING_FIRST,
    WAITING_LAST,
    WOKEN_ALONE, /* and has not run since */
    WOKEN_FIRST,
    WHENS
} when_t;

typedef enum how {
    BY_CANCEL,
    BY_CANCEL_TWICE,
    BY_LIMIT,
    BY_TIMEOUT,
    BY_GROUP,
    HOWS
} how_t;

static const char *const when_names[] = {"before it starts", "waiting alone",
                                         "waiting first",    "waiting last",
                                         "woken alone",      "woken first"};
static const char *const how_names[] = {"cancelled", "cancelled twice",
                                        "limited", "timed out",
                                        "its group cancelled"};

static struct waiter victim, other, probe;
static struct parent {
    ASYNC_FRAME;
    async_group_t group;
} parent;
static async_task_t parent_task;

ASYNC_STATIC(parent)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &victim.member, &victim.outer.coro);
    }
    ASYNC_END();
}

static void prepare(const kind_t *kind, struct waiter *one)
{
    *one = (struct waiter){.limit = ASYNC_FOREVER, .timeout = ASYNC_FOREVER};
    kind->make(one);
    one->outer = ASYNC_CALL(outer, .one = one);
}

static void spawn(struct waiter *one)
{
    async_spawn(&loop, &one->member.task, &one->outer.coro);
}

static void settle_down(void)
{
    for (int i = 0; i < 8; i++) {
        async_poll(&loop);
    }
}

static void spawn_victim(how_t how)
{
    if (how == BY_LIMIT) {
        victim.limit = 10;
    } else if (how == BY_TIMEOUT) {
        victim.timeout = 10;
    }
    if (how == BY_GROUP) {
        parent = ASYNC_CALL(parent);
        async_spawn(&loop, &parent_task, &parent.coro);
        async_poll(&loop); /* the victim is spawned and has not run */
    } else {
        spawn(&victim);
    }
}

static void give_up(how_t how)
{
    if (how == BY_CANCEL || how == BY_CANCEL_TWICE) {
        async_cancel(&victim.member.task);
    }
    if (how == BY_CANCEL_TWICE) {
        async_cancel(&victim.member.task);
    }
    if (how == BY_GROUP) {
        async_group_cancel(&parent.group);
    }
    if (how == BY_LIMIT || how == BY_TIMEOUT) {
        async_virtual_clock_advance(&virtual_clock, 10);
    }
}

static bool makes_sense(const kind_t *kind, when_t when, how_t how)
{
    bool has_other =
        when == WAITING_FIRST || when == WAITING_LAST || when == WOKEN_FIRST;
    bool takes_time = how == BY_LIMIT || how == BY_TIMEOUT;
    return !(takes_time && when == BEFORE_IT_STARTS) &&
           !(how == BY_LIMIT && kind->is_call) &&
           !(has_other && kind->one_waiter);
}

/* A limit loses against a wake that came before. */
static bool victim_wins(when_t when, how_t how)
{
    return how == BY_LIMIT && when >= WOKEN_ALONE;
}

static int victims_error(how_t how)
{
    return how == BY_LIMIT     ? ASYNC_ERR_TIMEOUT
           : how == BY_TIMEOUT ? ASYNC_OK
                               : ASYNC_ERR_CANCELLED;
}

static void check_victim(when_t when, how_t how)
{
    bool wins = victim_wins(when, how);
    assert_int_equal(victim.arrived, wins);
    assert_true(wins || async_task_done(&victim.member.task));
    assert_int_equal(async_task_error(&victim.member.task),
                     wins ? ASYNC_OK : victims_error(how));
}

/* The other arrives by the wake meant for the victim, or by its own. */
static void check_other(const kind_t *kind, when_t when, how_t how)
{
    bool woken =
        when == WOKEN_FIRST && (kind->for_all || !victim_wins(when, how));
    assert_int_equal(other.arrived, woken);
    if (!woken) {
        kind->wake();
        settle_down();
    }
    assert_true(other.arrived);
}

/* One that comes last. A wake that nobody took is kept for it, by some. */
static void check_probe(const kind_t *kind, when_t when, how_t how)
{
    bool is_over = when == WAITING_FIRST || when == WAITING_LAST ||
                   when == WOKEN_FIRST || when == WOKEN_ALONE;
    bool is_left = when == WOKEN_ALONE && !victim_wins(when, how);
    bool goes_on = kind->keeps && (kind->for_all ? is_over : is_left);
    spawn(&probe);
    settle_down();
    assert_int_equal(probe.arrived, goes_on);
    if (!goes_on) {
        kind->wake();
        settle_down();
    }
    assert_true(probe.arrived);
}

static void set_up(const kind_t *kind)
{
    memset(&it, 0, sizeof it);
    memset(&go, 0, sizeof go);
    parent_task = (async_task_t)ASYNC_TASK_INIT;
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    kind->begin();
    prepare(kind, &victim);
    prepare(kind, &other);
    prepare(kind, &probe);
}

static void run_case(const kind_t *kind, when_t when, how_t how)
{
    set_up(kind);
    if (when == WAITING_LAST) {
        spawn(&other);
    }
    spawn_victim(how);
    if (when != BEFORE_IT_STARTS) {
        settle_down();
    }
    if (when == WAITING_FIRST || when == WOKEN_FIRST) {
        spawn(&other);
        settle_down();
    }
    if (when >= WOKEN_ALONE) {
        kind->wake();
    }
    give_up(how);
    settle_down();
    check_victim(when, how);
    if (when == WAITING_FIRST || when == WAITING_LAST || when == WOKEN_FIRST) {
        check_other(kind, when, how);
    }
    check_probe(kind, when, how);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_true(kind->at_rest());
    expect_no_report();
}

static struct last_case {
    const struct kind *kind;
    when_t when;
    how_t how;
} last_case;

static int tell_last_case(void **state)
{
    print_message("last case: %s, %s, %s\n", last_case.kind->name,
                  when_names[last_case.when], how_names[last_case.how]);
    return reports_end(state);
}

static void a_wait_that_is_given_up_leaves_nothing_behind(void **state)
{
    (void)state;
    unsigned count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (when_t when = 0; when < WHENS; when++) {
            for (how_t how = 0; how < HOWS; how++) {
                if (makes_sense(&kinds[i], when, how)) {
                    last_case = (struct last_case){&kinds[i], when, how};
                    run_case(&kinds[i], when, how);
                    count++;
                }
            }
        }
    }
    print_message("%u cases\n", count);
    assert_true(count > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_wait_that_is_given_up_leaves_nothing_behind, reports_begin,
            tell_last_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
