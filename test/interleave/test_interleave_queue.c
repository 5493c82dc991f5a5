/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: queues of all kinds.
 *
 * Each item is a number that is used once, so that what was put can be told
 * from what came out. An item that was put is got once, or dropped by a clear,
 * or still in the queue at the end.
 */
#include "interleave.h"

#include <async/queue.h>
#include <async/timeout.h>
#include <async/try.h>

#include <string.h>

#define CAPACITY  2
#define ITEMS     64
#define KINDS     3
#define OF_DEVICE 32 /* numbers from here on are the interrupt's */

static ASYNC_QUEUE(int, CAPACITY) queue;

static int kind;
static int filled; /* items that are in it when the run begins */

static struct {
    int put[ITEMS]; /* how often */
    int got[ITEMS];
    int next_of_task;
    int next_of_device;
    int last_of_task; /* of each, what was got last */
    int last_of_device;
    int unfinished;
    bool cleared;
    bool closed; /* the close has returned */
} shared;

/* --- Items ---------------------------------------------------------------- */

static void was_put(int item)
{
    assert_in_range(item, 1, ITEMS - 1);
    shared.put[item]++;
    shared.unfinished++;
}

/* Items of one who puts come out in order, if the queue keeps it. It cannot be
 * told if an interrupt came between the get and here (it had come `fired` times
 * before), or if two of them put. */
static void was_got(int item, int fired)
{
    assert_in_range(item, 1, ITEMS - 1);
    shared.got[item]++;
    int *last =
        item < OF_DEVICE ? &shared.last_of_task : &shared.last_of_device;
    if (kind == 0 && fired == irq.fired && irq.at[1] == 0) {
        assert_true(item > *last);
    }
    *last = item > *last ? item : *last;
}

static void done(void)
{
    shared.unfinished--;
    async_queue_task_done(&queue);
}

static bool before(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static void put_by_device(void)
{
    int item = OF_DEVICE + shared.next_of_device++;
    bool closed = shared.closed;
    if (async_queue_try_put(&queue, &item) == ASYNC_OK) {
        assert_false(closed);
        was_put(item);
    }
}

static void put_two(void)
{
    put_by_device();
    put_by_device();
}

static void put_by_task(void)
{
    int item = ++shared.next_of_task;
    if (async_queue_try_put(&queue, &item) == ASYNC_OK) {
        was_put(item);
    }
}

static void get(void)
{
    int item = 0;
    int fired = irq.fired;
    if (async_queue_try_get(&queue, &item) == ASYNC_OK) {
        was_got(item, fired);
        done();
    }
}

static void get_two(void)
{
    get();
    get();
}

/* The same with several items in one call. */
#define MANY 3

static void many_were_put(int first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        was_put(first + (int)i);
    }
}

static void put_many(void)
{
    int first = OF_DEVICE + shared.next_of_device;
    const int items[MANY] = {first, first + 1, first + 2};
    shared.next_of_device += MANY;
    bool closed = shared.closed;
    unsigned count = async_queue_try_put_many(&queue, items, MANY);
    assert_true(count == 0 || !closed);
    many_were_put(first, count);
}

static void many_were_got(const int *items, unsigned count, int fired)
{
    for (unsigned i = 0; i < count; i++) {
        was_got(items[i], fired);
        done();
    }
}

static void get_many(void)
{
    int items[MANY];
    int fired = irq.fired;
    many_were_got(items, async_queue_try_get_many(&queue, items, MANY), fired);
}

static void close_(void)
{
    async_queue_close(&queue);
    shared.closed = true;
}

static void clear(void)
{
    shared.cleared = true;
    async_queue_clear(&queue);
}

static void begin(void)
{
    memset(&shared, 0, sizeof shared);
    if (kind == 0) {
        async_queue_init(&queue);
    } else if (kind == 1) {
        async_queue_init_lifo(&queue);
    } else {
        async_queue_init_priority(&queue, before);
    }
    for (int i = 0; i < filled; i++) {
        put_by_task();
    }
}

/* --- What holds ----------------------------------------------------------- */

/* While there is something for all, nobody waits for it. */
static void watch(void)
{
    const async_queue_t *q = &queue.queue;
    assert_true(waiters_in(&q->items_.waiters_.waiters_) == 0 ||
                async_semaphore_permits(&q->items_) == 0);
    assert_true(waiters_in(&q->rooms_.waiters_.waiters_) == 0 ||
                async_semaphore_permits(&q->rooms_) == 0);
    waiters_in(&q->joiners_);
    assert_true(async_queue_count(&queue) <= CAPACITY);
}

static void idle(void)
{
    const async_queue_t *q = &queue.queue;
    assert_true(waiters_in(&q->joiners_) == 0 || q->unfinished_ != 0);
    assert_true(!shared.closed ||
                (waiters_in(&q->items_.waiters_.waiters_) == 0 &&
                 waiters_in(&q->rooms_.waiters_.waiters_) == 0));
    assert_int_equal(async_semaphore_permits(&q->items_),
                     async_queue_count(&queue));
    assert_int_equal(async_semaphore_permits(&q->rooms_),
                     CAPACITY - async_queue_count(&queue));
}

static void check_items(void)
{
    int unfinished = queue.queue.unfinished_;
    idle();
    assert_true(shared.cleared || unfinished == shared.unfinished);
    while (async_queue_count(&queue) > 0) {
        get();
    }
    for (int i = 1; i < ITEMS; i++) {
        assert_true(shared.got[i] <= shared.put[i] && shared.put[i] <= 1);
        assert_true(shared.cleared || shared.got[i] == shared.put[i]);
    }
}

/* --- Players -------------------------------------------------------------- */

/* Which is what: g gets and p puts one, G and P many, in two halves; a and b
 * get and put as a whole; j joins. */
static const char *players;

static bool is_whole_getter(int player)
{
    return players[player] == 'a';
}

struct getter {
    ASYNC_FRAME;
    int player;
    int error;
    int item;
};

ASYNC_STATIC(getter)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_queue_wait_item(&queue),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        int fired = irq.fired;
        async_queue_take(&queue, &self->item);
        was_got(self->item, fired);
        done();
    } else if (self->error == ASYNC_ERR_CLOSED) {
        assert_int_equal(async_semaphore_permits(&queue.queue.items_), 0);
    }
    ASYNC_END();
}

struct getter_of_many {
    ASYNC_FRAME;
    int player;
    int error;
    unsigned count;
};

ASYNC_STATIC(getter_of_many)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_queue_wait_item(&queue),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        int items[MANY];
        int fired = irq.fired;
        self->count = async_queue_take_many(&queue, items, MANY);
        assert_in_range(self->count, 1, MANY);
        many_were_got(items, self->count, fired);
    }
    ASYNC_END();
}

struct putter_of_many {
    ASYNC_FRAME;
    int player;
    int error;
    unsigned count;
    bool closed; /* before */
};

ASYNC_STATIC(putter_of_many)
{
    ASYNC_BEGIN();
    self->closed = shared.closed;
    AWAIT_CATCH(self->error, async_wait_for(async_queue_wait_room(&queue),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        assert_false(self->closed);
        self->closed = shared.closed;
        int first = shared.next_of_task + 1;
        const int items[MANY] = {first, first + 1, first + 2};
        shared.next_of_task += MANY;
        self->count = async_queue_place_many(&queue, items, MANY);
        assert_in_range(self->count, 1, self->closed ? 1 : MANY);
        many_were_put(first, self->count);
    }
    ASYNC_END();
}

struct putter {
    ASYNC_FRAME;
    int player;
    int error;
    int item;
    bool closed; /* before */
};

ASYNC_STATIC(putter)
{
    ASYNC_BEGIN();
    self->closed = shared.closed;
    AWAIT_CATCH(self->error, async_wait_for(async_queue_wait_room(&queue),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        assert_false(self->closed);
        self->item = ++shared.next_of_task;
        was_put(self->item); /* an interrupt may get it at once */
        async_queue_place(&queue, &self->item);
    }
    ASYNC_END();
}

/* The same by AWAIT_GET and AWAIT_PUT, whose item is asked for when it, or its
 * room, is there. */
struct whole {
    ASYNC_FRAME;
    int player;
    int error;
    int item;
    int fired;
    bool closed; /* before */
    async_try_t attempt;
    async_timeout_t limit;
};

static int *item_to_get(struct whole *self)
{
    self->fired = irq.fired;
    return &self->item;
}

static const int *item_to_put(struct whole *self)
{
    assert_false(self->closed);
    assert_int_equal(self->item, 0);
    self->item = ++shared.next_of_task;
    was_put(self->item);
    return &self->item;
}

static int whole_error(const struct whole *self)
{
    return async_timeout_expired(&self->limit)
               ? ASYNC_ERR_TIMEOUT
               : async_try_error(&self->attempt);
}

ASYNC_STATIC(whole)
{
    ASYNC_BEGIN();
    self->closed = shared.closed;
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, limit_of(self->player)) {
            if (is_whole_getter(self->player)) {
                AWAIT_GET(&queue, item_to_get(self));
                was_got(self->item, self->fired);
                done();
            } else {
                AWAIT_PUT(&queue, item_to_put(self));
            }
        }
    }
    self->error = whole_error(self);
    ASYNC_END();
}

struct joiner {
    ASYNC_FRAME;
    int player;
    int error;
    bool joined;
};

ASYNC_STATIC(joiner)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_queue_join(&queue),
                                            limit_of(self->player)));
    self->joined = self->error == ASYNC_OK;
    ASYNC_END();
}

static struct getter getters[PLAYERS];
static struct putter putters[PLAYERS];
static struct getter_of_many getters_of_many[PLAYERS];
static struct putter_of_many putters_of_many[PLAYERS];
static struct whole wholes[PLAYERS];
static struct joiner joiners[PLAYERS];

static void put_or_get(void)
{
    if (waiters_in(&queue.queue.items_.waiters_.waiters_) > 0) {
        put_by_task();
    }
    if (waiters_in(&queue.queue.rooms_.waiters_.waiters_) > 0 ||
        waiters_in(&queue.queue.joiners_) > 0) {
        get();
    }
}

static async_coro_t *player(int i)
{
    getters[i] = ASYNC_CALL(getter, .player = i);
    putters[i] = ASYNC_CALL(putter, .player = i);
    joiners[i] = ASYNC_CALL(joiner, .player = i);
    getters_of_many[i] = ASYNC_CALL(getter_of_many, .player = i);
    putters_of_many[i] = ASYNC_CALL(putter_of_many, .player = i);
    wholes[i] = ASYNC_CALL(whole, .player = i);
    return players[i] == 'g'   ? &getters[i].coro
           : players[i] == 'p' ? &putters[i].coro
           : players[i] == 'G' ? &getters_of_many[i].coro
           : players[i] == 'P' ? &putters_of_many[i].coro
           : players[i] == 'j' ? &joiners[i].coro
                               : &wholes[i].coro;
}

/* A closed queue is an error like any other. */
static void check_player(int i, int error)
{
    int caught = players[i] == 'g'   ? getters[i].error
                 : players[i] == 'p' ? putters[i].error
                 : players[i] == 'G' ? getters_of_many[i].error
                 : players[i] == 'P' ? putters_of_many[i].error
                 : players[i] == 'j' ? joiners[i].error
                                     : wholes[i].error;
    bool got = getters[i].item != 0 || putters[i].item != 0 ||
               joiners[i].joined || getters_of_many[i].count != 0 ||
               putters_of_many[i].count != 0 || wholes[i].item != 0;
    if (caught == ASYNC_ERR_CLOSED) {
        assert_true(async_queue_is_closed(&queue));
        assert_false(got);
    } else {
        check_end(i, got, caught, error);
    }
}

static void run_players(void)
{
    ASYNC_OBJECT(contest, c, .finish = put_or_get);
    for (int i = 0; i < PLAYERS; i++) {
        c.players[i] = player(i);
    }
    run_contest(&c);
    interrupts_off();
    for (int i = 0; i < PLAYERS; i++) {
        check_player(i, c.errors[i]);
    }
    check_items();
}

static const struct scenario scenario = {begin, run_players, .watch = watch,
                                         .idle = idle, .nests = true};

/* --- Scenarios ------------------------------------------------------------ */

static void run_kinds(const char *who, int items, function_t *handler,
                      function_t *meanwhile)
{
    players = who;
    filled = items;
    variant.meanwhile = meanwhile;
    for (kind = 0; kind < KINDS; kind++) {
        run_all_variants(&scenario, handler);
    }
}

static void an_item_from_an_interrupt_is_got_once(void **state)
{
    (void)state;
    run_kinds("ggg", 0, put_by_device, NULL);
    run_kinds("ggg", 0, put_by_device, put_by_task);
    run_kinds("ggg", 0, put_two, get);
    run_kinds("ggp", 0, put_two, NULL);
    run_kinds("ggg", 1, get, put_by_task);
    run_kinds("gpg", 0, get, NULL);
}

static void room_from_an_interrupt_is_used_once(void **state)
{
    (void)state;
    run_kinds("ppp", CAPACITY, get, NULL);
    run_kinds("ppp", CAPACITY, get, get);
    run_kinds("ppp", CAPACITY, get_two, put_by_task);
    run_kinds("ppg", CAPACITY, get_two, NULL);
    run_kinds("ppp", 1, put_by_device, get);
    run_kinds("pgp", CAPACITY, put_by_device, NULL);
}

static void a_close_lets_nobody_wait(void **state)
{
    (void)state;
    run_kinds("ggg", 0, close_, NULL);
    run_kinds("ggg", 0, close_, put_by_task);
    run_kinds("ppp", CAPACITY, close_, get);
    run_kinds("ppg", CAPACITY, close_, NULL);
    run_kinds("pgg", 0, close_, NULL);
    run_kinds("ggp", 0, close_, NULL);
    run_kinds("ppg", 1, put_by_device, close_);
    run_kinds("ppp", CAPACITY, get, close_);
}

static void a_clear_gives_room_and_lets_join(void **state)
{
    (void)state;
    run_kinds("ppp", CAPACITY, clear, NULL);
    run_kinds("jpj", CAPACITY, clear, get);
    run_kinds("jjg", CAPACITY, clear, NULL);
    run_kinds("jgp", CAPACITY, put_two, clear);
    run_kinds("ggj", 1, put_by_device, clear);
}

static void who_joins_is_woken_by_the_last_item(void **state)
{
    (void)state;
    run_kinds("jjj", 1, get, NULL);
    run_kinds("jjj", CAPACITY, get, get);
    run_kinds("jgj", CAPACITY, get, NULL);
    run_kinds("jjg", 1, put_by_device, NULL);
}

static void many_items_are_like_one_after_the_other(void **state)
{
    (void)state;
    run_kinds("ggg", 0, put_many, get_many);
    run_kinds("gGg", 0, put_many, NULL);
    run_kinds("GGp", 1, get_many, put_many);
    run_kinds("PPP", CAPACITY, get_many, NULL);
    run_kinds("PpG", CAPACITY, get_many, put_many);
    run_kinds("PGP", 1, clear, NULL);
    run_kinds("PPG", CAPACITY, close_, get_many);
    run_kinds("PpP", 0, close_, put_many);
    run_kinds("GPj", 1, put_by_device, get);
}

static void a_get_and_a_put_as_a_whole_are_like_their_halves(void **state)
{
    (void)state;
    run_kinds("aaa", 0, put_by_device, NULL);
    run_kinds("aga", 0, put_two, get);
    run_kinds("aab", 1, get, put_by_task);
    run_kinds("bbb", CAPACITY, get, get);
    run_kinds("bpb", CAPACITY, get_two, put_by_task);
    run_kinds("bba", 1, put_by_device, NULL);
    run_kinds("aab", 0, close_, put_by_task);
    run_kinds("bbg", CAPACITY, close_, get);
    run_kinds("bab", 1, clear, NULL);
    run_kinds("jab", 1, get_many, put_many);
}

static void run_pairs(const char *who, int items, function_t *one,
                      function_t *other)
{
    players = who;
    filled = items;
    kind = 0;
    variant.meanwhile = NULL;
    for (variant.cancelled = 0; variant.cancelled <= NOBODY;
         variant.cancelled += 3) {
        variant.limited = 1;
        run_both_orders(&scenario, one, other);
    }
}

static void two_interrupts_can_use_a_queue(void **state)
{
    (void)state;
    run_pairs("ggg", 0, put_by_device, get);
    run_pairs("ggp", 0, put_by_device, put_two);
    run_pairs("ppg", CAPACITY, get, get_two);
    run_pairs("ggg", 0, put_by_device, close_);
    run_pairs("ppp", CAPACITY, get, close_);
    run_pairs("ppg", CAPACITY, clear, close_);
    run_pairs("jjp", CAPACITY, get, clear);
    run_pairs("jpj", 1, put_by_device, clear);
    run_pairs("gGP", 0, put_many, get_many);
    run_pairs("PPg", CAPACITY, get_many, close_);
    run_pairs("aab", 0, put_by_device, get);
    run_pairs("bba", CAPACITY, get, close_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(an_item_from_an_interrupt_is_got_once),
        interleave_test(room_from_an_interrupt_is_used_once),
        interleave_test(a_close_lets_nobody_wait),
        interleave_test(a_clear_gives_room_and_lets_join),
        interleave_test(who_joins_is_woken_by_the_last_item),
        interleave_test(many_items_are_like_one_after_the_other),
        interleave_test(a_get_and_a_put_as_a_whole_are_like_their_halves),
        interleave_test(two_interrupts_can_use_a_queue),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
