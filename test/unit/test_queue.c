/* SPDX-License-Identifier: MIT */

/*
 * Queue: every item comes to one task, in the right order, whatever comes in
 * between.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define START JUST_BEFORE_THE_WRAP
#define NAMES 8

typedef ASYNC_QUEUE(int, 3) numbers_t;

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static numbers_t numbers;

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

/* --- Tasks ---------------------------------------------------------------- */

/* Gets some items, one after the other. */
struct getter {
    ASYNC_FRAME;
    char name;
    int count;
    int item;
};

ASYNC_STATIC(getter)
{
    ASYNC_BEGIN();
    for (; self->count > 0; self->count--) {
        AWAIT_GET(&numbers, &self->item);
        trace("%c%d ", self->name, self->item);
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

/* Puts some items, one after the other. */
struct putter {
    ASYNC_FRAME;
    char name;
    int count;
    int item;
};

ASYNC_STATIC(putter)
{
    ASYNC_BEGIN();
    for (; self->count > 0; self->count--, self->item++) {
        AWAIT_PUT(&numbers, &self->item);
        trace("%c%d ", self->name, self->item);
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

struct joiner {
    ASYNC_FRAME;
    char name;
};

ASYNC_STATIC(joiner)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_join(&numbers));
    trace("%c ", self->name);
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static async_task_t tasks[NAMES];
static struct getter getters[NAMES];
static struct putter putters[NAMES];
static struct joiner joiners[NAMES];

static async_task_t *task_of(char name)
{
    return &tasks[name - 'a'];
}

static void spawn(char name, async_coro_t *coro)
{
    async_spawn(&loop, task_of(name), coro);
}

static void spawn_getter(char name, int count)
{
    struct getter *getter = &getters[name - 'a'];
    *getter = ASYNC_CALL(getter, .name = name, .count = count);
    spawn(name, &getter->coro);
}

static void spawn_putter(char name, int item, int count)
{
    struct putter *putter = &putters[name - 'a'];
    *putter = ASYNC_CALL(putter, .name = name, .item = item, .count = count);
    spawn(name, &putter->coro);
}

static void spawn_joiner(char name)
{
    struct joiner *joiner = &joiners[name - 'a'];
    *joiner = ASYNC_CALL(joiner, .name = name);
    spawn(name, &joiner->coro);
}

/* Getters a, b, c, ... that wait for one item each. */
static void wait_for_items(int count)
{
    for (int i = 0; i < count; i++) {
        spawn_getter((char)('a' + i), 1);
    }
    async_poll(&loop);
}

/* Putters a, b, c, ... that wait to put 10, 20, 30, ... */
static void wait_for_room(int count)
{
    for (int i = 0; i < count; i++) {
        spawn_putter((char)('a' + i), 10 * (i + 1), 1);
    }
    async_poll(&loop);
}

static void put(int item)
{
    assert_int_equal(async_queue_try_put(&numbers, &item), ASYNC_OK);
}

static void put_three(void)
{
    for (int i = 1; i <= 3; i++) {
        put(i);
    }
}

static void refuses_to_put(int error)
{
    int item = -1;
    assert_int_equal(async_queue_try_put(&numbers, &item), error);
}

static void gets_item(int expected)
{
    int item = -1;
    assert_int_equal(async_queue_try_get(&numbers, &item), ASYNC_OK);
    assert_int_equal(item, expected);
}

static void refuses_to_get(int error)
{
    int item = -77;
    assert_int_equal(async_queue_try_get(&numbers, &item), error);
    assert_int_equal(item, -77);
}

static unsigned count(void)
{
    return async_queue_count(&numbers);
}

static void put_in_interrupt(void *item)
{
    int error = async_queue_try_put(&numbers, (int *)item);
    trace("irq%lu:%d ", elapsed(), error);
}

static void get_in_interrupt(void *item)
{
    int error = async_queue_try_get(&numbers, (int *)item);
    trace("irq%lu:%d ", elapsed(), error);
}

static void close_in_interrupt(void *context)
{
    (void)context;
    trace("irq%lu ", elapsed());
    async_queue_close(&numbers);
}

/* Rounds until only an interrupt could bring work. */
static void run_all(void)
{
    for (async_ticks_t ticks; (ticks = async_poll(&loop)) != ASYNC_FOREVER;) {
        async_virtual_clock_advance(&virtual_clock, ticks);
    }
}

/* Runs a coroutine beside what was spawned before. */
static async_task_t script_task;

static void run_script(async_coro_t *coro)
{
    script_task = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, &script_task, coro);
    run_all();
    assert_true(async_task_done(&script_task));
    assert_int_equal(async_task_error(&script_task), 0);
}

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    async_queue_init(&numbers);
    memset(tasks, 0, sizeof tasks);
    return reports_begin(state);
}

/* --- Create --------------------------------------------------------------- */

static bool is_less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static ASYNC_QUEUE(int, 8) oldest_first = ASYNC_QUEUE_INIT(oldest_first);
static ASYNC_QUEUE(int, 8) newest_first = ASYNC_LIFO_QUEUE_INIT(newest_first);
static ASYNC_QUEUE(int, 8) least_first = ASYNC_PRIORITY_QUEUE_INIT(least_first,
                                                                   is_less);

#define EXCHANGE(q, result)                                                    \
    do {                                                                       \
        static const int in_[] = {5, 9, 2, 7};                                 \
        assert_int_equal(async_queue_capacity(q), 8);                          \
        assert_int_equal(async_queue_count(q), 0);                             \
        assert_false(async_queue_is_closed(q));                                \
        for (unsigned i_ = 0; i_ < 4; i_++) {                                  \
            assert_int_equal(async_queue_try_put(q, &in_[i_]), 0);             \
        }                                                                      \
        assert_int_equal(async_queue_count(q), 4);                             \
        for (unsigned i_ = 0; i_ < 4; i_++) {                                  \
            assert_int_equal(async_queue_try_get(q, &(result)[i_]), 0);        \
        }                                                                      \
        assert_int_equal(async_queue_count(q), 0);                             \
    } while (0)

static void the_initialiser_decides_the_order(void **state)
{
    (void)state;
    int out[4];
    EXCHANGE(&oldest_first, out);
    assert_memory_equal(out, ((int[]){5, 9, 2, 7}), sizeof out);
    EXCHANGE(&newest_first, out);
    assert_memory_equal(out, ((int[]){7, 2, 9, 5}), sizeof out);
    EXCHANGE(&least_first, out);
    assert_memory_equal(out, ((int[]){2, 5, 7, 9}), sizeof out);
}

static void the_init_functions_do_the_same(void **state)
{
    (void)state;
    int out[4];
    ASYNC_QUEUE(int, 8) queue;
    memset(&queue, 0x5A, sizeof queue);
    async_queue_init(&queue);
    EXCHANGE(&queue, out);
    assert_memory_equal(out, ((int[]){5, 9, 2, 7}), sizeof out);
    async_queue_init_lifo(&queue);
    EXCHANGE(&queue, out);
    assert_memory_equal(out, ((int[]){7, 2, 9, 5}), sizeof out);
    async_queue_init_priority(&queue, is_less);
    EXCHANGE(&queue, out);
    assert_memory_equal(out, ((int[]){2, 5, 7, 9}), sizeof out);
}

static void init_empties_a_queue_and_opens_it(void **state)
{
    (void)state;
    put_three();
    async_queue_close(&numbers);
    async_queue_init(&numbers);
    assert_int_equal(count(), 0);
    assert_false(async_queue_is_closed(&numbers));
    refuses_to_get(ASYNC_ERR_EMPTY);
    put(4);
    gets_item(4);
}

struct uninitialised {
    ASYNC_FRAME;
    numbers_t queue;
    int item;
    int error;
};

ASYNC_STATIC(uninitialised)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_queue_wait_item(&self->queue));
    trace("%d ", self->error);
    AWAIT_CATCH(self->error, async_queue_wait_room(&self->queue));
    trace("%d ", self->error);
    self->error = async_queue_try_put(&self->queue, &self->item);
    trace("%d ", self->error);
    self->error = async_queue_try_get(&self->queue, &self->item);
    trace("%d ", self->error);
    ASYNC_END();
}

static void a_wait_at_a_queue_of_zeros_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(uninitialised, script);
    run_script(&script.coro);
    expect_report(ASYNC_REPORT_NO_INIT);
    expect_report(ASYNC_REPORT_NO_INIT);
    assert_trace("-202 -202 -204 -205");
}

struct own_queue {
    ASYNC_FRAME;
    numbers_t queue;
    int item;
};

ASYNC_STATIC(own_queue)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    for (self->item = 0; self->item < 10;) {
        AWAIT_PUT(&self->queue, &self->item);
        self->item = -self->item;
        AWAIT_GET(&self->queue, &self->item);
        self->item++;
    }
    ASYNC_END();
}

static void a_queue_can_be_in_a_frame(void **state)
{
    (void)state;
    ASYNC_OBJECT(own_queue, script);
    run_script(&script.coro);
    assert_int_equal(script.item, 10);
}

/* --- Without waiting ------------------------------------------------------ */

static void a_full_queue_takes_no_more(void **state)
{
    (void)state;
    put_three();
    refuses_to_put(ASYNC_ERR_FULL);
    assert_int_equal(count(), 3);
    gets_item(1);
    put(4);
    refuses_to_put(ASYNC_ERR_FULL);
    gets_item(2);
    gets_item(3);
    gets_item(4);
    refuses_to_get(ASYNC_ERR_EMPTY);
    assert_int_equal(count(), 0);
}

/* --- Several at once ------------------------------------------------------ */

/* Every split of every run, at every place of the ring. */
static void many_items_keep_their_order(void **state)
{
    (void)state;
    int in = 0;
    int out = 0;
    for (int i = 0; i < 1000; i++) {
        int items[4];
        unsigned most = (unsigned)rand() % 5;
        for (unsigned n = 0; n < most; n++) {
            items[n] = in + (int)n;
        }
        unsigned room = 3 - (unsigned)(in - out);
        unsigned done = async_queue_try_put_many(&numbers, items, most);
        assert_int_equal(done, most < room ? most : room);
        in += (int)done;
        most = (unsigned)rand() % 5;
        unsigned there = (unsigned)(in - out);
        done = async_queue_try_get_many(&numbers, items, most);
        assert_int_equal(done, most < there ? most : there);
        for (unsigned n = 0; n < done; n++) {
            assert_int_equal(items[n], out++);
        }
        assert_int_equal(count(), in - out);
    }
}

static void many_items_go_to_those_who_wait(void **state)
{
    (void)state;
    static const int items[] = {1, 2, 3, 4, 5, 6};
    spawn_getter('a', 1);
    spawn_getter('b', 1);
    async_poll(&loop);
    assert_int_equal(async_queue_try_put_many(&numbers, items, 6), 3);
    async_poll(&loop);
    assert_trace("a1 /a b2 /b");
    gets_item(3);
}

static void room_for_many_goes_to_those_who_wait(void **state)
{
    (void)state;
    int items[3];
    put_three();
    spawn_putter('a', 4, 1);
    spawn_putter('b', 5, 1);
    async_poll(&loop);
    assert_int_equal(async_queue_try_get_many(&numbers, items, 3), 3);
    async_poll(&loop);
    assert_trace("a4 /a b5 /b");
    gets_item(4);
    gets_item(5);
}

static void large_items_are_put_one_by_one(void **state)
{
    (void)state;
    struct large {
        char bytes[50];
    };
    static ASYNC_QUEUE(struct large, 3) larges = ASYNC_QUEUE_INIT(larges);
    struct large items[3] = {{"one"}, {"two"}, {"three"}};
    assert_int_equal(async_queue_try_put_many(&larges, items, 3), 3);
    memset(items, 0, sizeof items);
    assert_int_equal(async_queue_try_get_many(&larges, items, 3), 3);
    assert_string_equal(items[2].bytes, "three");
}

static void a_closed_queue_takes_none_of_many(void **state)
{
    (void)state;
    int items[] = {1, 2};
    put(7);
    async_queue_close(&numbers);
    assert_int_equal(async_queue_try_put_many(&numbers, items, 2), 0);
    assert_int_equal(async_queue_try_get_many(&numbers, items, 2), 1);
    assert_int_equal(items[0], 7);
}

static void many_of_a_queue_without_init_are_none(void **state)
{
    (void)state;
    static ASYNC_QUEUE(int, 3) bare;
    int items[2] = {1, 2};
    assert_int_equal(async_queue_try_put_many(&bare, items, 2), 0);
    assert_int_equal(async_queue_try_get_many(&bare, items, 2), 0);
}

struct many_taker {
    ASYNC_FRAME;
    unsigned most;
    unsigned got;
    int items[4];
};

ASYNC_STATIC(many_taker)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_wait_item(&numbers));
    self->got = async_queue_take_many(&numbers, self->items, self->most);
    ASYNC_END();
}

static void a_task_takes_its_own_and_what_else_there_is(void **state)
{
    (void)state;
    put_three();
    ASYNC_OBJECT(many_taker, script, .most = 4);
    run_script(&script.coro);
    assert_int_equal(script.got, 3);
    assert_int_equal(script.items[0], 1);
    assert_int_equal(script.items[2], 3);
    assert_int_equal(count(), 0);
}

static void to_take_none_leaves_the_item_to_be_taken(void **state)
{
    (void)state;
    put_three();
    ASYNC_OBJECT(many_taker, script, .most = 0);
    run_script(&script.coro);
    expect_report(ASYNC_REPORT_NOT_TAKEN);
    assert_int_equal(script.got, 0);
    assert_int_equal(count(), 3);
}

struct many_placer {
    ASYNC_FRAME;
    unsigned got;
    bool closes;
};

ASYNC_STATIC(many_placer)
{
    static const int items[] = {1, 2, 3, 4};
    ASYNC_BEGIN();
    AWAIT(async_queue_wait_room(&numbers));
    if (self->closes) {
        async_queue_close(&numbers);
    }
    self->got = async_queue_place_many(&numbers, items, 4);
    ASYNC_END();
}

static void a_task_places_what_there_is_room_for(void **state)
{
    (void)state;
    ASYNC_OBJECT(many_placer, script, .closes = false);
    run_script(&script.coro);
    assert_int_equal(script.got, 3);
    gets_item(1);
    gets_item(2);
    gets_item(3);
}

static void room_of_ones_own_serves_after_a_close_for_one_of_many(void **state)
{
    (void)state;
    ASYNC_OBJECT(many_placer, script, .closes = true);
    run_script(&script.coro);
    assert_int_equal(script.got, 1);
    gets_item(1);
}

static void many_without_a_wait_are_reported(void **state)
{
    (void)state;
    int items[2] = {1, 2};
    assert_int_equal(async_queue_place_many(&numbers, items, 2), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(async_queue_take_many(&numbers, items, 2), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
}

/* --- The ring ------------------------------------------------------------- */

static void the_ring_goes_round(void **state)
{
    (void)state;
    int in = 0;
    int out = 0;
    for (int i = 0; i < 1000; i++) {
        for (int n = rand() % 4; n > 0 && in - out < 3; n--) {
            put(in++);
        }
        for (int n = rand() % 4; n > 0 && in != out; n--) {
            gets_item(out++);
        }
        assert_int_equal(count(), in - out);
    }
}

static void a_queue_may_hold_one_item(void **state)
{
    (void)state;
    ASYNC_QUEUE(int, 1) one;
    async_queue_init(&one);
    for (int i = 0; i < 5; i++) {
        int item = -1;
        assert_int_equal(async_queue_try_get(&one, &item), ASYNC_ERR_EMPTY);
        assert_int_equal(async_queue_try_put(&one, &i), 0);
        assert_int_equal(async_queue_try_put(&one, &i), ASYNC_ERR_FULL);
        assert_int_equal(async_queue_try_get(&one, &item), 0);
        assert_int_equal(item, i);
    }
}

#define MOST BY_ROOM(65535, 1000, 100)

static ASYNC_QUEUE(uint8_t, MOST) bytes = ASYNC_QUEUE_INIT(bytes);
static ASYNC_QUEUE(uint16_t, MOST) words;

/* The ring begins in the middle, so that indices pass 65535. */
static void a_queue_may_hold_65535_items(void **state)
{
    (void)state;
    uint8_t item = 0;
    assert_int_equal(async_queue_capacity(&bytes), MOST);
    for (unsigned i = 0; i < 40000; i++) {
        assert_int_equal(async_queue_try_put(&bytes, &item), 0);
        assert_int_equal(async_queue_try_get(&bytes, &item), 0);
    }
    for (unsigned i = 0; i < MOST; i++) {
        assert_int_equal(
            async_queue_try_put(&bytes, &(uint8_t){(uint8_t)(i % 251)}), 0);
    }
    assert_int_equal(async_queue_count(&bytes), MOST);
    assert_int_equal(async_queue_try_put(&bytes, &item), ASYNC_ERR_FULL);
    for (unsigned i = 0; i < MOST; i++) {
        assert_int_equal(async_queue_try_get(&bytes, &item), 0);
        assert_int_equal(item, i % 251);
    }
    assert_int_equal(async_queue_try_get(&bytes, &item), ASYNC_ERR_EMPTY);
}

static bool is_greater(const void *a, const void *b)
{
    return *(const uint16_t *)a > *(const uint16_t *)b;
}

static void a_priority_queue_may_hold_65535_items(void **state)
{
    (void)state;
    async_queue_init_priority(&words, is_greater);
    for (unsigned i = 0; i < MOST; i++) {
        uint16_t item = (uint16_t)(i * 40503U);
        assert_int_equal(async_queue_try_put(&words, &item), 0);
    }
    unsigned last = MOST;
    unsigned sum = 0;
    for (unsigned i = 0; i < MOST; i++) {
        uint16_t item;
        assert_int_equal(async_queue_try_get(&words, &item), 0);
        assert_true(item <= last);
        last = item;
        sum ^= item ^ (uint16_t)(i * 40503U);
    }
    assert_int_equal(sum, 0);
    assert_int_equal(async_queue_count(&words), 0);
}

struct three {
    uint8_t bytes[3];
};

struct four {
    uint8_t bytes[4];
};

struct forty {
    uint8_t bytes[40];
};

#define SIZES(type)                                                            \
    do {                                                                       \
        ASYNC_QUEUE(type, 5) queue_;                                           \
        type item_[2];                                                         \
        memset(&queue_, 0xEE, sizeof queue_);                                  \
        async_queue_init(&queue_);                                             \
        for (int i_ = 0; i_ < 23; i_++) {                                      \
            memset(item_, i_, sizeof item_);                                   \
            assert_int_equal(async_queue_try_put(&queue_, item_), 0);          \
            if (i_ >= 3) {                                                     \
                memset(item_, 0xAA, sizeof item_);                             \
                assert_int_equal(async_queue_try_get(&queue_, item_), 0);      \
                for (size_t b_ = 0; b_ < sizeof item_[0]; b_++) {              \
                    assert_int_equal(((uint8_t *)item_)[b_], i_ - 3);          \
                }                                                              \
                assert_int_equal(((uint8_t *)item_)[sizeof item_[0]], 0xAA);   \
            }                                                                  \
        }                                                                      \
    } while (0)

static void items_may_have_any_size(void **state)
{
    (void)state;
    SIZES(uint8_t);
    SIZES(struct three);
    SIZES(struct four);
    SIZES(uint32_t);
    SIZES(uint64_t);
    SIZES(struct forty);
    SIZES(long double);
}

static ASYNC_QUEUE(struct four, 20) fours = ASYNC_QUEUE_INIT(fours);

/* A size of one word does not mean that it is where a word could be. */
static void items_may_begin_anywhere(void **state)
{
    (void)state;
    uint8_t bytes_in[84];
    uint8_t bytes_out[84];
    for (unsigned i = 0; i < sizeof bytes_in; i++) {
        bytes_in[i] = (uint8_t)(rand() % 256);
    }
    for (unsigned at = 0; at < 4; at++) {
        struct four *in = (struct four *)(void *)(bytes_in + at);
        struct four *out = (struct four *)(void *)(bytes_out + 3 - at);
        assert_int_equal(async_queue_try_put(&fours, in), 0);
        assert_int_equal(async_queue_try_get(&fours, out), 0);
        assert_memory_equal(in, out, sizeof *in);
        assert_int_equal(async_queue_try_put_many(&fours, in, 20), 20);
        assert_int_equal(async_queue_try_get_many(&fours, out, 20), 20);
        assert_memory_equal(in, out, 20 * sizeof *in);
    }
}

/* --- Order ---------------------------------------------------------------- */

static void a_stack_gives_the_newest_first(void **state)
{
    (void)state;
    async_queue_init_lifo(&numbers);
    put(1);
    put(2);
    gets_item(2);
    put(3);
    put(4);
    refuses_to_put(ASYNC_ERR_FULL);
    gets_item(4);
    gets_item(3);
    gets_item(1);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

/* A key, and what distinguishes items with equal keys. */
struct job {
    uint16_t id;
    uint8_t key;
    uint8_t check;
};

static bool comes_first(const void *a, const void *b)
{
    return ((const struct job *)a)->key < ((const struct job *)b)->key;
}

#define JOBS BY_ROOM(300, 300, 40)

static ASYNC_QUEUE(struct job,
                   JOBS) jobs = ASYNC_PRIORITY_QUEUE_INIT(jobs, comes_first);

/* So many are put in all. */
#define JOBS_PUT BY_ROOM(19000, 1500, 150)

static struct {
    bool is_in[JOBS_PUT];
    uint8_t key[JOBS_PUT];
    unsigned of_key[256];
    unsigned next;
    unsigned total;
} reference;

static void put_job(unsigned keys)
{
    struct job job = {.id = (uint16_t)reference.next,
                      .key = (uint8_t)((unsigned)rand() % keys)};
    job.check = (uint8_t)(job.id * 7 + job.key);
    int error = async_queue_try_put(&jobs, &job);
    assert_int_equal(error, reference.total == JOBS ? ASYNC_ERR_FULL : 0);
    if (error == 0) {
        reference.is_in[job.id] = true;
        reference.key[job.id] = job.key;
        reference.of_key[job.key]++;
        reference.total++;
        reference.next++;
    }
}

static void get_job(void)
{
    struct job job;
    int error = async_queue_try_get(&jobs, &job);
    assert_int_equal(error, reference.total == 0 ? ASYNC_ERR_EMPTY : 0);
    if (error != 0) {
        return;
    }
    unsigned least = 0;
    while (reference.of_key[least] == 0) {
        least++;
    }
    assert_int_equal(job.key, least);
    assert_int_equal(job.check, (uint8_t)(job.id * 7 + job.key));
    assert_true(reference.is_in[job.id]);
    assert_int_equal(reference.key[job.id], job.key);
    reference.is_in[job.id] = false;
    reference.of_key[least]--;
    reference.total--;
}

static void a_priority_queue_gives_the_most_urgent_first(void **state)
{
    (void)state;
    memset(&reference, 0, sizeof reference);
    for (unsigned round = 0; reference.next < JOBS_PUT; round++) {
        unsigned keys = round % 3 == 0 ? 3 : 256;
        for (unsigned n = (unsigned)rand() % 400;
             n > 0 && reference.next < JOBS_PUT; n--) {
            put_job(keys);
        }
        for (int n = rand() % 400; n > 0; n--) {
            get_job();
        }
        assert_int_equal(async_queue_count(&jobs), reference.total);
    }
    while (reference.total > 0) {
        get_job();
    }
}

static void a_task_gets_what_is_first_when_it_runs(void **state)
{
    (void)state;
    async_queue_init_priority(&numbers, is_less);
    wait_for_items(1);
    put(7);
    put(3);
    async_poll(&loop);
    assert_trace("a3 /a");
    gets_item(7);
}

/* --- Wait ----------------------------------------------------------------- */

static void a_get_waits_for_an_item(void **state)
{
    (void)state;
    wait_for_items(1);
    assert_trace("");
    put(5);
    assert_trace("");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a5 /a");
    assert_int_equal(count(), 0);
}

static void a_put_waits_for_room(void **state)
{
    (void)state;
    put_three();
    wait_for_room(1);
    assert_trace("");
    gets_item(1);
    assert_trace("");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a10 /a");
    gets_item(2);
    gets_item(3);
    gets_item(10);
}

static void what_can_be_had_at_once_is_not_waited_for(void **state)
{
    (void)state;
    put_three();
    spawn_getter('a', 3);
    spawn_putter('b', 20, 3);
    async_poll(&loop);
    assert_trace("a1 a2 a3 /a b20 b21 b22 /b");
}

static void getters_are_served_in_the_order_they_came(void **state)
{
    (void)state;
    wait_for_items(5);
    put_three();
    async_poll(&loop);
    assert_trace("a1 /a b2 /b c3 /c");
    put(4);
    put(5);
    async_poll(&loop);
    assert_trace("d4 /d e5 /e");
}

static void putters_are_served_in_the_order_they_came(void **state)
{
    (void)state;
    put_three();
    wait_for_room(4);
    gets_item(1);
    gets_item(2);
    async_poll(&loop);
    assert_trace("a10 /a b20 /b");
    gets_item(3);
    gets_item(10);
    async_poll(&loop);
    assert_trace("c30 /c d40 /d");
    gets_item(20);
    gets_item(30);
    gets_item(40);
}

static void a_producer_and_a_consumer_take_turns(void **state)
{
    (void)state;
    spawn_putter('a', 1, 7);
    spawn_getter('b', 7);
    run_all();
    assert_trace("a1 a2 a3 b1 b2 b3 a4 a5 a6 b4 b5 b6 a7 /a b7 /b");
}

static int evaluations;

static int evaluated(void)
{
    evaluations++;
    trace("evaluated%lu ", elapsed());
    return 40 + evaluations;
}

struct literal {
    ASYNC_FRAME;
    int result;
};

ASYNC_STATIC(literal)
{
    ASYNC_BEGIN();
    AWAIT_PUT(&numbers, &(int){evaluated()});
    trace("put ");
    AWAIT_PUT(&numbers, (trace("pointer "), &self->result));
    AWAIT_GET(&numbers, (trace("pointer "), &self->result));
    ASYNC_END();
}

static void what_is_put_is_evaluated_once_and_after_the_wait(void **state)
{
    (void)state;
    evaluations = 0;
    put_three();
    async_virtual_interrupt_t interrupts[2];
    int items[2];
    for (unsigned i = 0; i < 2; i++) {
        async_virtual_interrupt_at(&virtual_clock, &interrupts[i],
                                   (async_time_t)(START + 6 + i),
                                   get_in_interrupt, &items[i]);
    }
    ASYNC_OBJECT(literal, script);
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_trace("irq6:0 evaluated6 put irq7:0 pointer pointer");
    assert_int_equal(evaluations, 1);
    assert_int_equal(items[0], 1);
    assert_int_equal(items[1], 2);
    assert_int_equal(script.result, 3);
    gets_item(41);
    gets_item(0);
}

struct local {
    ASYNC_FRAME;
};

/* A local that is not read before the wait may take the item. */
ASYNC_STATIC(local)
{
    int item;
    ASYNC_BEGIN();
    AWAIT_GET(&numbers, &item);
    trace("%d ", item);
    AWAIT_GET(&numbers, &item);
    trace("%d ", item);
    ASYNC_END();
}

static void an_item_can_go_to_a_local(void **state)
{
    (void)state;
    put(8);
    int item = 9;
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 4), put_in_interrupt,
                               &item);
    ASYNC_OBJECT(local, script);
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_trace("8 irq4:0 9");
}

static void a_wait_outside_of_tasks_is_reported(void **state)
{
    (void)state;
    async_wait_t wait = async_queue_wait_item(&numbers);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    wait = async_queue_wait_room(&numbers);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    wait = async_queue_join(&numbers);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    (void)wait;
    put_three();
    refuses_to_put(ASYNC_ERR_FULL);
}

/* --- Nobody comes in between ---------------------------------------------- */

static void an_item_that_was_given_is_for_nobody_else(void **state)
{
    (void)state;
    wait_for_items(1);
    put(1);
    assert_int_equal(count(), 1);
    refuses_to_get(ASYNC_ERR_EMPTY);
    async_poll(&loop);
    assert_trace("a1 /a");
}

static void room_that_was_given_is_for_nobody_else(void **state)
{
    (void)state;
    put_three();
    wait_for_room(1);
    gets_item(1);
    assert_int_equal(count(), 2);
    refuses_to_put(ASYNC_ERR_FULL);
    async_poll(&loop);
    assert_trace("a10 /a");
    assert_int_equal(count(), 3);
}

/* b is ready before the item comes, and runs before a does. */
static void a_task_that_runs_earlier_does_not_get_the_item(void **state)
{
    (void)state;
    wait_for_items(1);
    spawn_getter('b', 1);
    put(1);
    async_poll(&loop);
    assert_trace("a1 /a");
    put(2);
    async_poll(&loop);
    assert_trace("b2 /b");
}

static void a_task_that_runs_earlier_does_not_get_the_room(void **state)
{
    (void)state;
    put_three();
    wait_for_room(1);
    spawn_putter('b', 20, 1);
    gets_item(1);
    async_poll(&loop);
    assert_trace("a10 /a");
    gets_item(2);
    async_poll(&loop);
    assert_trace("b20 /b");
}

/* --- Cancel --------------------------------------------------------------- */

static void cancel(char name)
{
    assert_true(async_cancel(task_of(name)));
}

static void a_getter_that_is_cancelled_takes_nothing(void **state)
{
    (void)state;
    for (char name = 'a'; name <= 'c'; name++) {
        wait_for_items(3);
        cancel(name);
        async_poll(&loop);
        put(1);
        put(2);
        put(3);
        async_poll(&loop);
        gets_item(3);
        refuses_to_get(ASYNC_ERR_EMPTY);
    }
    assert_trace("/a b1 /b c2 /c /b a1 /a c2 /c /c a1 /a b2 /b");
}

static void a_putter_that_is_cancelled_puts_nothing(void **state)
{
    (void)state;
    put_three();
    wait_for_room(3);
    cancel('b');
    async_poll(&loop);
    gets_item(1);
    gets_item(2);
    gets_item(3);
    async_poll(&loop);
    assert_trace("/b a10 /a c30 /c");
    gets_item(10);
    gets_item(30);
    refuses_to_get(ASYNC_ERR_EMPTY);
    put_three();
}

static void an_item_given_to_a_cancelled_task_goes_to_the_next(void **state)
{
    (void)state;
    wait_for_items(4);
    put(1);
    put(2);
    cancel('a');
    async_poll(&loop);
    assert_trace("/a b1 /b");
    async_poll(&loop);
    assert_trace("c2 /c");
    put(3);
    async_poll(&loop);
    assert_trace("d3 /d");
}

static void an_item_given_to_a_cancelled_task_stays(void **state)
{
    (void)state;
    wait_for_items(1);
    put(1);
    put(2);
    cancel('a');
    async_poll(&loop);
    assert_trace("/a");
    assert_int_equal(count(), 2);
    gets_item(1);
    gets_item(2);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

static void all_who_were_given_something_can_be_cancelled(void **state)
{
    (void)state;
    wait_for_items(3);
    put_three();
    for (char name = 'a'; name <= 'c'; name++) {
        cancel(name);
    }
    async_poll(&loop);
    assert_trace("/a /b /c");
    for (int i = 1; i <= 3; i++) {
        gets_item(i);
    }
    refuses_to_get(ASYNC_ERR_EMPTY);
    put_three();
    refuses_to_put(ASYNC_ERR_FULL);
}

static void room_given_to_a_cancelled_task_goes_to_the_next(void **state)
{
    (void)state;
    put_three();
    wait_for_room(2);
    gets_item(1);
    cancel('a');
    async_poll(&loop);
    async_poll(&loop);
    assert_trace("/a b20 /b");
    gets_item(2);
    gets_item(3);
    gets_item(20);
}

static void room_given_to_a_cancelled_task_stays(void **state)
{
    (void)state;
    put_three();
    wait_for_room(1);
    gets_item(1);
    cancel('a');
    async_poll(&loop);
    assert_trace("/a");
    put(4);
    refuses_to_put(ASYNC_ERR_FULL);
}

struct self_cancelled {
    ASYNC_FRAME;
    int item;
};

/* What can be had at once does not pause, so the cancellation comes later. */
ASYNC_STATIC(self_cancelled)
{
    ASYNC_BEGIN();
    async_cancel(async_current_task());
    AWAIT_GET(&numbers, &self->item);
    trace("got%d ", self->item);
    AWAIT_GET(&numbers, &self->item);
    trace("wrong ");
    ASYNC_FINALLY();
    trace("finally ");
    ASYNC_END();
}

static void
a_task_that_cancels_itself_is_ended_where_it_would_wait(void **state)
{
    (void)state;
    put(1);
    ASYNC_OBJECT(self_cancelled, script);
    assert_int_equal(async_run(&loop, &script.coro), ASYNC_ERR_CANCELLED);
    assert_trace("got1 finally");
    put(2);
    gets_item(2);
}

static void closing_the_loop_loses_no_item(void **state)
{
    (void)state;
    wait_for_items(3);
    put(1);
    put(2);
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("/a /b /c");
    gets_item(1);
    gets_item(2);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

/* --- Limits --------------------------------------------------------------- */

struct limited {
    ASYNC_FRAME;
    int item;
    int error;
    async_ticks_t limit;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_queue_wait_item(&numbers), self->limit));
    if (self->error == ASYNC_OK) {
        async_queue_take(&numbers, &self->item);
    }
    trace("%d@%lu ", self->error == ASYNC_OK ? self->item : self->error,
          elapsed());
    ASYNC_END();
}

struct limited_put {
    ASYNC_FRAME;
    int item;
    int error;
    async_ticks_t limit;
};

ASYNC_STATIC(limited_put)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_queue_wait_room(&numbers), self->limit));
    if (self->error == ASYNC_OK) {
        async_queue_place(&numbers, &self->item);
    }
    trace("%d@%lu ", self->error, elapsed());
    ASYNC_END();
}

static void get_with_limit(async_ticks_t limit)
{
    ASYNC_OBJECT(limited, script, .limit = limit);
    assert_int_equal(async_run(&loop, &script.coro), 0);
}

static void put_with_limit(int item, async_ticks_t limit)
{
    ASYNC_OBJECT(limited_put, script, .item = item, .limit = limit);
    assert_int_equal(async_run(&loop, &script.coro), 0);
}

static void a_get_can_have_a_limit(void **state)
{
    (void)state;
    int item = 5;
    put(4);
    get_with_limit(0);
    get_with_limit(7);
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 10), put_in_interrupt,
                               &item);
    get_with_limit(ASYNC_FOREVER);
    assert_trace("4@0 -201@7 irq10:0 5@10");
    put(6);
    gets_item(6);
}

static void a_put_can_have_a_limit(void **state)
{
    (void)state;
    int item;
    put(1);
    put(2);
    put_with_limit(3, 0);
    put_with_limit(4, 7);
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 10), get_in_interrupt,
                               &item);
    put_with_limit(5, 100);
    assert_trace("0@0 -201@7 irq10:0 0@10");
    gets_item(2);
    gets_item(3);
    gets_item(5);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

/* The interrupt comes before the loop looks at its timers. */
static void an_item_that_comes_in_the_tick_of_the_limit_is_got(void **state)
{
    (void)state;
    int item = 5;
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 9), put_in_interrupt,
                               &item);
    get_with_limit(9);
    assert_trace("irq9:0 5@9");
    refuses_to_get(ASYNC_ERR_EMPTY);
}

struct late_put {
    ASYNC_FRAME;
    async_ticks_t ticks;
    int item;
};

ASYNC_STATIC(late_put)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    AWAIT_PUT(&numbers, &self->item);
    ASYNC_END();
}

/* The limit is over before the task that puts has run: the item stays. */
static void an_item_put_after_the_limit_stays(void **state)
{
    (void)state;
    ASYNC_OBJECT(late_put, late, .ticks = 9, .item = 5);
    ASYNC_OBJECT(limited, script, .limit = 9);
    spawn('g', &late.coro);
    spawn('h', &script.coro);
    run_all();
    assert_trace("-201@9");
    gets_item(5);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

static void a_limit_that_ends_takes_the_waiter_out(void **state)
{
    (void)state;
    ASYNC_OBJECT(limited, script, .limit = 5);
    spawn('h', &script.coro);
    async_poll(&loop);
    wait_for_items(2);
    run_all();
    assert_trace("-201@5");
    put(1);
    put(2);
    run_all();
    assert_trace("a1 /a b2 /b");
}

struct timed_block {
    ASYNC_FRAME;
    async_timeout_t limit;
    int item;
};

ASYNC_STATIC(timed_block)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 5) {
        for (;;) {
            AWAIT_GET(&numbers, &self->item);
            trace("%d ", self->item);
        }
    }
    trace("%d ", async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_timeout_around_gets_loses_nothing(void **state)
{
    (void)state;
    put_three();
    ASYNC_OBJECT(timed_block, script);
    int item = 5;
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 5), put_in_interrupt,
                               &item);
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_trace("1 2 3 irq5:0 1");
    gets_item(5);
}

/* --- The two halves ------------------------------------------------------- */

/* How the task goes on with what it has waited for. */
enum goes_on {
    AWAITS,
    AWAITS_WHAT_IS_READY,
    WAITS_FOR_MORE,
    PUTS,
    GETS,
    YIELDS,
    POLLS,
    RAISES,
    ENDS,
    CALLS
};

struct callee {
    ASYNC_FRAME;
    bool takes;
    int item;
};

ASYNC_STATIC(callee)
{
    ASYNC_BEGIN();
    if (self->takes) {
        async_queue_take(&numbers, &self->item);
        trace("callee%d ", self->item);
    }
    AWAIT(async_sleep(1));
    ASYNC_END();
}

struct forgetful {
    ASYNC_FRAME;
    bool room;
    enum goes_on how;
    async_event_t event;
    async_try_t attempt;
    struct callee callee;
    bool polled;
    numbers_t other;
    int item;
};

/* What it goes on with is over at once, where it can be. */
ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    async_event_set(&self->event);
    async_queue_init(&self->other);
    self->item = async_queue_try_put(&self->other, &self->item);
    ASYNC_TRY(&self->attempt) {
        if (self->room) {
            AWAIT(async_queue_wait_room(&numbers));
        } else {
            AWAIT(async_queue_wait_item(&numbers));
        }
        trace("has ");
        expect_no_report();
        if (self->how == AWAITS) {
            AWAIT(async_sleep(3));
        } else if (self->how == AWAITS_WHAT_IS_READY) {
            AWAIT(async_event_wait(&self->event));
        } else if (self->how == WAITS_FOR_MORE) {
            AWAIT(async_wait_for(async_queue_wait_item(&numbers), 1));
        } else if (self->how == PUTS) {
            AWAIT_PUT(&self->other, &(int){7});
        } else if (self->how == GETS) {
            AWAIT_GET(&self->other, &self->item);
        } else if (self->how == YIELDS) {
            ASYNC_YIELD();
        } else if (self->how == POLLS) {
            AWAIT_UNTIL(self->polled || !(self->polled = true));
        } else if (self->how == RAISES) {
            ASYNC_RAISE(-5);
        } else if (self->how == CALLS) {
            AWAIT_CALL(self->callee, callee);
        }
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_END();
}

static void an_item_that_is_not_taken_goes_back(void **state)
{
    (void)state;
    for (enum goes_on how = AWAITS; how <= CALLS; how++) {
        if (how == WAITS_FOR_MORE) {
            continue;
        }
        put(1);
        put(2);
        ASYNC_OBJECT(forgetful, script, .how = how);
        run_script(&script.coro);
        expect_report(ASYNC_REPORT_NOT_TAKEN);
        expect_no_report();
        assert_string_equal(trace_take(), how == RAISES ? "has -5" : "has 0");
        gets_item(1);
        gets_item(2);
        refuses_to_get(ASYNC_ERR_EMPTY);
    }
}

static void room_that_is_not_used_goes_back(void **state)
{
    (void)state;
    for (enum goes_on how = AWAITS; how <= CALLS; how++) {
        ASYNC_OBJECT(forgetful, script, .how = how, .room = true);
        run_script(&script.coro);
        expect_report(ASYNC_REPORT_NOT_TAKEN);
        expect_no_report();
        assert_string_equal(trace_take(), how == RAISES           ? "has -5"
                                          : how == WAITS_FOR_MORE ? "has -201"
                                                                  : "has 0");
        refuses_to_get(ASYNC_ERR_EMPTY);
        put_three();
        refuses_to_put(ASYNC_ERR_FULL);
        async_queue_clear(&numbers);
    }
}

/* The first goes back, then it is the first that is free. */
static void waiting_for_a_second_item_gives_the_first_back(void **state)
{
    (void)state;
    put(1);
    ASYNC_OBJECT(forgetful, script, .how = WAITS_FOR_MORE);
    run_script(&script.coro);
    expect_report(ASYNC_REPORT_NOT_TAKEN); /* of the first wait */
    expect_report(ASYNC_REPORT_NOT_TAKEN); /* of the second */
    assert_trace("has 0");
    gets_item(1);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

static void an_item_that_was_waited_for_and_not_taken_goes_back(void **state)
{
    (void)state;
    ASYNC_OBJECT(forgetful, script, .how = YIELDS);
    spawn('h', &script.coro);
    async_poll(&loop);
    wait_for_items(2);
    put(1);
    put(2);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_NOT_TAKEN);
    assert_trace("has a1 /a");
    run_all();
    assert_trace("b2 /b 0");
}

struct member {
    ASYNC_FRAME;
};

ASYNC_STATIC(member)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    ASYNC_FINALLY();
    AWAIT(async_sleep(2));
    ASYNC_END();
}

struct leaves_group {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[1];
    struct member member;
    int error;
};

/* The end of the group is a wait, too, in whatever way the block is left. */
ASYNC_STATIC(leaves_group)
{
    ASYNC_BEGIN();
    self->member = ASYNC_CALL(member);
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->members[0], &self->member.coro);
        AWAIT(async_sleep(1));
        AWAIT(async_queue_wait_item(&numbers));
        if (self->error < 0) {
            ASYNC_RAISE(self->error);
        } else if (self->error > 0) {
            ASYNC_EXIT();
        }
    }
    ASYNC_END();
}

static void an_item_goes_back_when_a_group_is_left(void **state)
{
    (void)state;
    put(1);
    for (int error = -1; error <= 1; error++) {
        ASYNC_OBJECT(leaves_group, script, .error = error);
        assert_int_equal(async_run(&loop, &script.coro), error < 0 ? -1 : 0);
        expect_report(ASYNC_REPORT_NOT_TAKEN);
        expect_no_report();
    }
    gets_item(1);
}

struct caller_takes {
    ASYNC_FRAME;
    struct callee callee;
};

/* A call is no wait: the item belongs to the task, not to the coroutine. */
ASYNC_STATIC(caller_takes)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_wait_item(&numbers));
    AWAIT_CALL(self->callee, callee, .takes = true);
    ASYNC_END();
}

static void a_callee_may_take_the_item(void **state)
{
    (void)state;
    put(6);
    ASYNC_OBJECT(caller_takes, script);
    run_script(&script.coro);
    assert_trace("callee6");
}

struct hurried {
    ASYNC_FRAME;
    int item;
};

ASYNC_STATIC(hurried)
{
    ASYNC_BEGIN();
    {
        async_wait_t forgotten = async_sleep(1);
        (void)forgotten;
    }
    AWAIT_PUT(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    {
        async_wait_t forgotten = async_sleep(1);
        (void)forgotten;
    }
    AWAIT_GET(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    trace("%d ", self->item);
    ASYNC_END();
}

static void a_wait_forgotten_before_a_put_or_get_is_reported_there(void **state)
{
    (void)state;
    ASYNC_OBJECT(hurried, script, .item = 8);
    run_script(&script.coro);
    expect_no_report();
    assert_trace("8");
}

struct empty_handed {
    ASYNC_FRAME;
    numbers_t other;
    int item;
};

ASYNC_STATIC(empty_handed)
{
    ASYNC_BEGIN();
    async_queue_init(&self->other);
    self->item = 77;
    async_queue_take(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_queue_place(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    AWAIT(async_queue_wait_item(&numbers));
    async_queue_take(&self->other, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_queue_place(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(self->item, 77);
    async_queue_take(&numbers, &self->item);
    assert_int_equal(self->item, 1);
    async_queue_take(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(self->item, 1);
    AWAIT(async_queue_wait_room(&numbers));
    async_queue_take(&numbers, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_queue_place(&self->other, &self->item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_queue_place(&numbers, &(int){9});
    async_queue_place(&numbers, &(int){10});
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(async_queue_count(&self->other), 0);
    trace("end ");
    ASYNC_END();
}

static void only_what_was_waited_for_can_be_taken(void **state)
{
    (void)state;
    put(1);
    put(2);
    ASYNC_OBJECT(empty_handed, script);
    run_script(&script.coro);
    assert_trace("end");
    gets_item(2);
    gets_item(9);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

static void taking_outside_of_tasks_is_reported(void **state)
{
    (void)state;
    int item = 77;
    put(1);
    async_queue_take(&numbers, &item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_queue_place(&numbers, &item);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(item, 77);
    assert_int_equal(count(), 1);
}

/* --- Close ---------------------------------------------------------------- */

static void a_closed_queue_takes_no_more_and_gives_what_it_has(void **state)
{
    (void)state;
    put(1);
    put(2);
    async_queue_close(&numbers);
    assert_true(async_queue_is_closed(&numbers));
    refuses_to_put(ASYNC_ERR_CLOSED);
    gets_item(1);
    spawn_getter('a', 2);
    async_poll(&loop);
    assert_trace("a2 /a");
    assert_int_equal(async_task_error(task_of('a')), ASYNC_ERR_CLOSED);
    refuses_to_get(ASYNC_ERR_CLOSED);
    put_with_limit(1, 5);
    get_with_limit(5);
    assert_trace("-206@0 -206@0");
    async_queue_close(&numbers);
    assert_true(async_queue_is_closed(&numbers));
}

static void a_closed_queue_that_is_full_says_that_it_is_closed(void **state)
{
    (void)state;
    put_three();
    async_queue_close(&numbers);
    refuses_to_put(ASYNC_ERR_CLOSED);
    assert_int_equal(count(), 3);
    gets_item(1);
}

static void close_ends_those_who_wait_for_an_item(void **state)
{
    (void)state;
    wait_for_items(3);
    async_queue_close(&numbers);
    assert_trace("");
    async_poll(&loop);
    assert_trace("/a /b /c");
    for (char name = 'a'; name <= 'c'; name++) {
        assert_int_equal(async_task_error(task_of(name)), ASYNC_ERR_CLOSED);
    }
}

static void close_ends_those_who_wait_for_room(void **state)
{
    (void)state;
    put_three();
    wait_for_room(3);
    async_queue_close(&numbers);
    async_poll(&loop);
    assert_trace("/a /b /c");
    for (char name = 'a'; name <= 'c'; name++) {
        assert_int_equal(async_task_error(task_of(name)), ASYNC_ERR_CLOSED);
    }
    gets_item(1);
    gets_item(2);
    gets_item(3);
    refuses_to_get(ASYNC_ERR_CLOSED);
}

static void an_item_given_before_the_close_is_still_got(void **state)
{
    (void)state;
    wait_for_items(2);
    put(1);
    async_queue_close(&numbers);
    async_poll(&loop);
    assert_trace("a1 /a /b");
    assert_int_equal(async_task_error(task_of('a')), 0);
    assert_int_equal(async_task_error(task_of('b')), ASYNC_ERR_CLOSED);
}

static void room_given_before_the_close_is_of_no_use(void **state)
{
    (void)state;
    put_three();
    wait_for_room(2);
    gets_item(1);
    async_queue_close(&numbers);
    async_poll(&loop);
    assert_trace("/a /b");
    assert_int_equal(async_task_error(task_of('a')), ASYNC_ERR_CLOSED);
    assert_int_equal(async_task_error(task_of('b')), ASYNC_ERR_CLOSED);
    gets_item(2);
    gets_item(3);
    refuses_to_get(ASYNC_ERR_CLOSED);
}

static void
a_cancelled_task_is_cancelled_although_the_queue_closes(void **state)
{
    (void)state;
    wait_for_items(3);
    put(1);
    cancel('a');
    cancel('b');
    async_queue_close(&numbers);
    cancel('c');
    async_poll(&loop);
    assert_trace("/a /b /c");
    for (char name = 'a'; name <= 'c'; name++) {
        assert_int_equal(async_task_error(task_of(name)), ASYNC_ERR_CANCELLED);
    }
    gets_item(1);
    refuses_to_get(ASYNC_ERR_CLOSED);
}

static void an_interrupt_may_close(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 3), close_in_interrupt,
                               NULL);
    get_with_limit(100);
    assert_trace("irq3 -206@3");
}

static void a_close_comes_before_the_limit_of_its_tick(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(START + 3), close_in_interrupt,
                               NULL);
    get_with_limit(3);
    assert_trace("irq3 -206@3");
}

struct catching_get {
    ASYNC_FRAME;
    async_try_t attempt;
    int item;
};

ASYNC_STATIC(catching_get)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        for (;;) {
            AWAIT_GET(&numbers, &self->item);
            trace("%d ", self->item);
        }
    }
    trace("%d ", async_try_error(&self->attempt));
    ASYNC_END();
}

static void the_end_of_a_queue_can_be_caught(void **state)
{
    (void)state;
    put_three();
    async_queue_close(&numbers);
    ASYNC_OBJECT(catching_get, script);
    run_script(&script.coro);
    assert_trace("1 2 3 -206");
}

/* --- Clear ---------------------------------------------------------------- */

static void clear_drops_all_items(void **state)
{
    (void)state;
    async_queue_clear(&numbers);
    for (int i = 0; i < 5; i++) {
        put_three();
        async_queue_clear(&numbers);
        assert_int_equal(count(), 0);
        refuses_to_get(ASYNC_ERR_EMPTY);
        put(9);
        gets_item(9);
    }
    async_queue_init_lifo(&numbers);
    put_three();
    async_queue_clear(&numbers);
    assert_int_equal(count(), 0);
    async_queue_init_priority(&numbers, is_less);
    put_three();
    async_queue_clear(&numbers);
    assert_int_equal(count(), 0);
    put_three();
}

static void clear_leaves_what_was_given(void **state)
{
    (void)state;
    wait_for_items(1);
    put_three();
    async_queue_clear(&numbers);
    assert_int_equal(count(), 1);
    async_poll(&loop);
    assert_trace("a3 /a");
    refuses_to_get(ASYNC_ERR_EMPTY);
}

static void clear_makes_room_for_those_who_wait(void **state)
{
    (void)state;
    put_three();
    wait_for_room(4);
    async_queue_clear(&numbers);
    async_poll(&loop);
    assert_trace("a10 /a b20 /b c30 /c");
    gets_item(10);
    async_poll(&loop);
    assert_trace("d40 /d");
    gets_item(20);
    gets_item(30);
    gets_item(40);
}

static void clear_keeps_a_closed_queue_closed(void **state)
{
    (void)state;
    put_three();
    async_queue_close(&numbers);
    async_queue_clear(&numbers);
    refuses_to_get(ASYNC_ERR_CLOSED);
    refuses_to_put(ASYNC_ERR_CLOSED);
}

/* --- Join ----------------------------------------------------------------- */

static void join_waits_until_all_items_are_done(void **state)
{
    (void)state;
    put(1);
    put(2);
    spawn_joiner('a');
    spawn_joiner('b');
    async_poll(&loop);
    gets_item(1);
    async_queue_task_done(&numbers);
    gets_item(2);
    async_poll(&loop);
    assert_trace("");
    async_queue_task_done(&numbers);
    async_poll(&loop);
    assert_trace("a /a b /b");
}

static void join_ends_at_once_if_there_is_nothing_to_do(void **state)
{
    (void)state;
    spawn_joiner('a');
    async_poll(&loop);
    assert_trace("a /a");
    put(1);
    gets_item(1);
    async_queue_task_done(&numbers);
    spawn_joiner('a');
    async_poll(&loop);
    assert_trace("a /a");
}

static void a_joiner_can_be_cancelled(void **state)
{
    (void)state;
    put(1);
    spawn_joiner('a');
    spawn_joiner('b');
    async_poll(&loop);
    cancel('a');
    async_poll(&loop);
    assert_trace("/a");
    gets_item(1);
    async_queue_task_done(&numbers);
    async_poll(&loop);
    assert_trace("b /b");
}

static void one_task_done_too_many_is_reported(void **state)
{
    (void)state;
    async_queue_task_done(&numbers);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    put(1);
    gets_item(1);
    async_queue_task_done(&numbers);
    expect_no_report();
    async_queue_task_done(&numbers);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
    put(2);
    spawn_joiner('a');
    async_poll(&loop);
    assert_trace("");
    gets_item(2);
    async_queue_task_done(&numbers);
    async_poll(&loop);
    assert_trace("a /a");
}

static void what_is_cleared_is_done(void **state)
{
    (void)state;
    put_three();
    gets_item(1);
    spawn_joiner('a');
    async_poll(&loop);
    async_queue_clear(&numbers);
    async_poll(&loop);
    assert_trace("");
    async_queue_task_done(&numbers);
    async_poll(&loop);
    assert_trace("a /a");
    put_three();
    spawn_joiner('a');
    async_poll(&loop);
    async_queue_clear(&numbers);
    async_poll(&loop);
    assert_trace("a /a");
    async_queue_task_done(&numbers);
    expect_report(ASYNC_REPORT_TOO_OFTEN);
}

/* One was done before it was got. */
/* It has told them, and knows nothing of them any more. */
static void
clearing_a_queue_before_those_it_woke_have_run_is_reported(void **state)
{
    (void)state;
    wait_for_items(1);
    async_queue_close(&numbers);
    async_queue_init(&numbers);
    async_poll(&loop);
    expect_report(ASYNC_REPORT_NO_INIT);
    assert_trace("/a");
}

struct late {
    ASYNC_FRAME;
};

ASYNC_STATIC(late)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_wait_room(&numbers));
    async_queue_close(&numbers);
    async_queue_place(&numbers, &(int){7});
    ASYNC_END();
}

static void a_getter_that_the_close_has_woken_gets_what_came_late(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(late, late);
    wait_for_items(1);
    async_spawn(&loop, &task, &late.coro);
    async_poll(&loop);
    async_poll(&loop);
    assert_trace("a7 /a");
    assert_int_equal(async_queue_count(&numbers), 0);
}

static void clear_does_not_count_below_zero(void **state)
{
    (void)state;
    put(1);
    put(2);
    async_queue_task_done(&numbers);
    async_queue_clear(&numbers);
    spawn_joiner('a');
    async_poll(&loop);
    assert_trace("a /a");
}

static void an_item_that_goes_back_is_not_counted_twice(void **state)
{
    (void)state;
    wait_for_items(1);
    put(1);
    cancel('a');
    async_poll(&loop);
    assert_trace("/a");
    gets_item(1);
    async_queue_task_done(&numbers);
    spawn_joiner('a');
    async_poll(&loop);
    assert_trace("a /a");
}

/* The counter of a queue that nobody joins goes round in silence. */
static void a_queue_can_be_used_without_task_done(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 70000; i++) {
        put((int)(i % 1000));
        gets_item((int)(i % 1000));
    }
    put_three();
    async_queue_clear(&numbers);
    assert_int_equal(count(), 0);
    put(1);
    gets_item(1);
}

/* --- Interrupts ----------------------------------------------------------- */

static void an_interrupt_puts_for_a_task_that_waits(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupts[5];
    int items[] = {1, 2, 3, 4, 5};
    spawn_getter('a', 1);
    for (unsigned i = 0; i < 5; i++) {
        async_virtual_interrupt_at(&virtual_clock, &interrupts[i],
                                   (async_time_t)(START + 10 + i / 4),
                                   put_in_interrupt, &items[i]);
    }
    get_with_limit(100);
    assert_trace("irq10:0 irq10:0 irq10:0 irq10:-204 a1 /a 2@10");
    gets_item(3);
    refuses_to_get(ASYNC_ERR_EMPTY);
}

#define DEVICE_ITEMS 400

static struct {
    async_virtual_interrupt_t in;
    async_virtual_interrupt_t out;
    int next;
    int refused;
    int got_by_interrupts;
    int last[4]; /* of each who puts */
    int total;
} device;

/* The items of each come in the order in which they were put, with none
 * missing, whoever gets them. */
static void take_note(int item)
{
    assert_in_range(item, 0, 4 * DEVICE_ITEMS - 1);
    int *last = &device.last[item / DEVICE_ITEMS];
    assert_int_equal(item, *last < 0 ? item / DEVICE_ITEMS * DEVICE_ITEMS
                                     : *last + 1);
    *last = item;
    device.total++;
}

/* A device that delivers up to three items at once. */
static void device_in(void *context)
{
    (void)context;
    for (int n = rand() % 4; n > 0 && device.next < DEVICE_ITEMS; n--) {
        int error = async_queue_try_put(&numbers, &device.next);
        device.refused += error == 0 ? 0 : 1;
        device.next += error == 0 ? 1 : 0;
    }
    if (device.next < DEVICE_ITEMS) {
        async_virtual_interrupt_at(
            &virtual_clock, &device.in,
            (async_time_t)(async_loop_now(&loop) + 1 + (unsigned)rand() % 2),
            device_in, NULL);
    }
}

/* And one that takes them. */
static void device_out(void *context)
{
    (void)context;
    int item;
    if (async_queue_try_get(&numbers, &item) == ASYNC_OK) {
        take_note(item);
        async_queue_task_done(&numbers);
        device.got_by_interrupts++;
    }
    if (device.total < 4 * DEVICE_ITEMS) {
        async_virtual_interrupt_at(
            &virtual_clock, &device.out,
            (async_time_t)(async_loop_now(&loop) + 1 + (unsigned)rand() % 3),
            device_out, NULL);
    }
}

/* Puts its share of items, with pauses. */
struct producer {
    ASYNC_FRAME;
    int next;
    int end;
};

ASYNC_STATIC(producer)
{
    ASYNC_BEGIN();
    while (self->next < self->end) {
        AWAIT_PUT(&numbers, &(int){self->next++});
        if (rand() % 3 == 0) {
            AWAIT(async_sleep((unsigned)rand() % 3));
        }
    }
    ASYNC_END();
}

/* Gets items in all ways, for ever. */
struct consumer {
    ASYNC_FRAME;
    int item;
    int error;
};

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_CATCH(self->error, async_wait_for(async_queue_wait_item(&numbers),
                                                (unsigned)rand() % 3));
        if (self->error == ASYNC_OK) {
            async_queue_take(&numbers, &self->item);
            take_note(self->item);
            async_queue_task_done(&numbers);
        } else {
            assert_int_equal(self->error, ASYNC_ERR_TIMEOUT);
        }
        if (rand() % 4 == 0) {
            AWAIT_GET(&numbers, &self->item);
            take_note(self->item);
            async_queue_task_done(&numbers);
        }
        if (rand() % 2 == 0) {
            AWAIT(async_sleep((unsigned)rand() % 4));
        }
    }
    ASYNC_END();
}

static struct producer producers[3];
static struct consumer consumers[3];

/* Ends a consumer now and then, wherever it stands, and begins it anew. */
struct foreman {
    ASYNC_FRAME;
    int victim;
    int error;
};

ASYNC_STATIC(foreman)
{
    ASYNC_BEGIN();
    while (device.total < 4 * DEVICE_ITEMS) {
        AWAIT(async_sleep(1 + (unsigned)rand() % 4));
        self->victim = rand() % 3;
        async_cancel(&tasks[self->victim]);
        AWAIT_CATCH(self->error, async_join(&tasks[self->victim]));
        consumers[self->victim] = ASYNC_CALL(consumer);
        async_spawn(&loop, &tasks[self->victim], &consumers[self->victim].coro);
    }
    AWAIT(async_queue_join(&numbers));
    ASYNC_END();
}

static void nothing_is_lost_or_doubled_under_load(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    for (unsigned i = 0; i < 3; i++) {
        device.last[i + 1] = -1;
        consumers[i] = ASYNC_CALL(consumer);
        producers[i] = ASYNC_CALL(producer, .next = (int)(i + 1) * DEVICE_ITEMS,
                                  .end = (int)(i + 2) * DEVICE_ITEMS);
        async_spawn(&loop, &tasks[i], &consumers[i].coro);
        async_spawn(&loop, &tasks[3 + i], &producers[i].coro);
    }
    device.last[0] = -1;
    async_virtual_interrupt_at(&virtual_clock, &device.in, START, device_in,
                               NULL);
    async_virtual_interrupt_at(&virtual_clock, &device.out, START, device_out,
                               NULL);
    ASYNC_OBJECT(foreman, script);
    assert_int_equal(async_run(&loop, &script.coro), 0);
    assert_int_equal(device.total, 4 * DEVICE_ITEMS);
    assert_true(device.refused > 0);
    assert_true(device.got_by_interrupts > 0);
    assert_int_equal(count(), 0);
    put_three();
    refuses_to_put(ASYNC_ERR_FULL);
}

static void a_queue_can_be_shared_by_two_loops(void **state)
{
    (void)state;
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 7));
    spawn_getter('a', 2);
    async_poll(&loop);
    getters[1] = ASYNC_CALL(getter, .name = 'b', .count = 1);
    async_spawn(&other, &tasks[1], &getters[1].coro);
    async_poll(&other);
    put_three();
    async_poll(&other);
    async_poll(&loop);
    assert_trace("b1 /b a2 a3 /a");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(the_initialiser_decides_the_order),
        TEST(the_init_functions_do_the_same),
        TEST(init_empties_a_queue_and_opens_it),
        TEST(a_wait_at_a_queue_of_zeros_is_reported),
        TEST(a_queue_can_be_in_a_frame),
        TEST(a_full_queue_takes_no_more),
        TEST(the_ring_goes_round),
        TEST(many_items_keep_their_order),
        TEST(many_items_go_to_those_who_wait),
        TEST(room_for_many_goes_to_those_who_wait),
        TEST(large_items_are_put_one_by_one),
        TEST(many_of_a_queue_without_init_are_none),
        TEST(a_closed_queue_takes_none_of_many),
        TEST(a_task_takes_its_own_and_what_else_there_is),
        TEST(to_take_none_leaves_the_item_to_be_taken),
        TEST(a_task_places_what_there_is_room_for),
        TEST(room_of_ones_own_serves_after_a_close_for_one_of_many),
        TEST(many_without_a_wait_are_reported),
        TEST(a_queue_may_hold_one_item),
        TEST(a_queue_may_hold_65535_items),
        TEST(a_priority_queue_may_hold_65535_items),
        TEST(items_may_have_any_size),
        TEST(items_may_begin_anywhere),
        TEST(a_stack_gives_the_newest_first),
        TEST(a_priority_queue_gives_the_most_urgent_first),
        TEST(a_task_gets_what_is_first_when_it_runs),
        TEST(a_get_waits_for_an_item),
        TEST(a_put_waits_for_room),
        TEST(what_can_be_had_at_once_is_not_waited_for),
        TEST(getters_are_served_in_the_order_they_came),
        TEST(putters_are_served_in_the_order_they_came),
        TEST(a_producer_and_a_consumer_take_turns),
        TEST(what_is_put_is_evaluated_once_and_after_the_wait),
        TEST(an_item_can_go_to_a_local),
        TEST(a_wait_outside_of_tasks_is_reported),
        TEST(an_item_that_was_given_is_for_nobody_else),
        TEST(room_that_was_given_is_for_nobody_else),
        TEST(a_task_that_runs_earlier_does_not_get_the_item),
        TEST(a_task_that_runs_earlier_does_not_get_the_room),
        TEST(a_getter_that_is_cancelled_takes_nothing),
        TEST(a_putter_that_is_cancelled_puts_nothing),
        TEST(an_item_given_to_a_cancelled_task_goes_to_the_next),
        TEST(an_item_given_to_a_cancelled_task_stays),
        TEST(all_who_were_given_something_can_be_cancelled),
        TEST(room_given_to_a_cancelled_task_goes_to_the_next),
        TEST(room_given_to_a_cancelled_task_stays),
        TEST(a_task_that_cancels_itself_is_ended_where_it_would_wait),
        TEST(closing_the_loop_loses_no_item),
        TEST(a_get_can_have_a_limit),
        TEST(a_put_can_have_a_limit),
        TEST(an_item_that_comes_in_the_tick_of_the_limit_is_got),
        TEST(an_item_put_after_the_limit_stays),
        TEST(a_limit_that_ends_takes_the_waiter_out),
        TEST(a_timeout_around_gets_loses_nothing),
        TEST(an_item_that_is_not_taken_goes_back),
        TEST(room_that_is_not_used_goes_back),
        TEST(waiting_for_a_second_item_gives_the_first_back),
        TEST(an_item_that_was_waited_for_and_not_taken_goes_back),
        TEST(an_item_goes_back_when_a_group_is_left),
        TEST(a_callee_may_take_the_item),
        TEST(a_wait_forgotten_before_a_put_or_get_is_reported_there),
        TEST(only_what_was_waited_for_can_be_taken),
        TEST(taking_outside_of_tasks_is_reported),
        TEST(a_closed_queue_takes_no_more_and_gives_what_it_has),
        TEST(a_closed_queue_that_is_full_says_that_it_is_closed),
        TEST(close_ends_those_who_wait_for_an_item),
        TEST(close_ends_those_who_wait_for_room),
        TEST(an_item_given_before_the_close_is_still_got),
        TEST(room_given_before_the_close_is_of_no_use),
        TEST(a_cancelled_task_is_cancelled_although_the_queue_closes),
        TEST(an_interrupt_may_close),
        TEST(a_close_comes_before_the_limit_of_its_tick),
        TEST(the_end_of_a_queue_can_be_caught),
        TEST(clear_drops_all_items),
        TEST(clear_leaves_what_was_given),
        TEST(clear_makes_room_for_those_who_wait),
        TEST(clear_keeps_a_closed_queue_closed),
        TEST(join_waits_until_all_items_are_done),
        TEST(join_ends_at_once_if_there_is_nothing_to_do),
        TEST(a_joiner_can_be_cancelled),
        TEST(one_task_done_too_many_is_reported),
        TEST(what_is_cleared_is_done),
        TEST(clearing_a_queue_before_those_it_woke_have_run_is_reported),
        TEST(a_getter_that_the_close_has_woken_gets_what_came_late),
        TEST(clear_does_not_count_below_zero),
        TEST(an_item_that_goes_back_is_not_counted_twice),
        TEST(a_queue_can_be_used_without_task_done),
        TEST(an_interrupt_puts_for_a_task_that_waits),
        TEST(nothing_is_lost_or_doubled_under_load),
        TEST(a_queue_can_be_shared_by_two_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
