/* SPDX-License-Identifier: MIT */

/*
 * Pubsub: every subscriber gets every message, or learns how many it lost.
 */
#include "test.h"

#include <async/pubsub.h>

#define CAPACITY 3

typedef ASYNC_PUBSUB(int, CAPACITY) numbers_t;

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    return reports_begin(state);
}

/* Tasks that still wait stand in the lists of static objects. */
static int end(void **state)
{
    async_loop_close(&loop);
    return reports_end(state);
}

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) -
                                         JUST_BEFORE_THE_WRAP);
}

static void publish(numbers_t *numbers, int number)
{
    async_pubsub_publish(numbers, &number);
}

/* The next message must be this one, after so many lost ones. */
static void assert_next(numbers_t *numbers, async_subscriber_t *subscriber,
                        int expected, uint32_t expected_lost)
{
    int number = -1;
    uint32_t lost = 99;
    assert_int_equal(async_pubsub_try_take(numbers, subscriber, &number, &lost),
                     0);
    assert_int_equal(number, expected);
    assert_int_equal(lost, expected_lost);
}

static void assert_empty(numbers_t *numbers, async_subscriber_t *subscriber)
{
    int number = -1;
    uint32_t lost = 99;
    assert_int_equal(async_pubsub_try_take(numbers, subscriber, &number, &lost),
                     ASYNC_ERR_EMPTY);
    assert_int_equal(number, -1);
    assert_int_equal(lost, 0);
    assert_int_equal(async_pubsub_count(numbers, subscriber), 0);
}

/* --- Without waiting ------------------------------------------------------ */

static void a_pubsub_of_zeros_has_no_messages(void **state)
{
    (void)state;
    static numbers_t numbers;
    static async_subscriber_t subscriber;
    assert_empty(&numbers, &subscriber);
    async_pubsub_subscribe(&numbers, &subscriber);
    assert_empty(&numbers, &subscriber);
}

static void a_subscriber_of_zeros_begins_with_the_first_message(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_subscriber_t subscriber = {0};
    publish(&numbers, 1);
    publish(&numbers, 2);
    assert_int_equal(async_pubsub_count(&numbers, &subscriber), 2);
    assert_next(&numbers, &subscriber, 1, 0);
    assert_next(&numbers, &subscriber, 2, 0);
    assert_empty(&numbers, &subscriber);
}

static void a_subscriber_begins_with_the_next_message(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_subscriber_t subscriber = {0};
    publish(&numbers, 1);
    async_pubsub_subscribe(&numbers, &subscriber);
    assert_empty(&numbers, &subscriber);
    publish(&numbers, 2);
    publish(&numbers, 3);
    assert_next(&numbers, &subscriber, 2, 0);
    async_pubsub_subscribe(&numbers, &subscriber);
    assert_empty(&numbers, &subscriber);
}

static void every_subscriber_gets_every_message(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_subscriber_t one = {0};
    async_subscriber_t other = {0};
    for (int i = 0; i < 3 * CAPACITY; i++) {
        publish(&numbers, i);
        assert_next(&numbers, &one, i, 0);
        if (i % 2 == 1) {
            assert_next(&numbers, &other, i - 1, 0);
            assert_next(&numbers, &other, i, 0);
        }
    }
    assert_empty(&numbers, &one);
    assert_next(&numbers, &other, 3 * CAPACITY - 1, 0);
}

static void a_slow_subscriber_learns_how_many_it_lost(void **state)
{
    (void)state;
    for (int count = 1; count < 4 * CAPACITY; count++) {
        numbers_t numbers = {0};
        async_subscriber_t subscriber = {0};
        for (int i = 0; i < count; i++) {
            publish(&numbers, i);
        }
        int lost = count > CAPACITY ? count - CAPACITY : 0;
        assert_int_equal(async_pubsub_count(&numbers, &subscriber),
                         count - lost);
        assert_next(&numbers, &subscriber, lost, (uint32_t)lost);
        for (int i = lost + 1; i < count; i++) {
            assert_next(&numbers, &subscriber, i, 0);
        }
        assert_empty(&numbers, &subscriber);
    }
}

static void the_numbers_of_messages_wrap(void **state)
{
    (void)state;
    for (uint32_t before = 0; before < 2 * CAPACITY; before++) {
        numbers_t numbers = {0};
        async_subscriber_t keeps_up;
        async_subscriber_t slow;
        numbers.pubsub.published_ = UINT32_MAX - before;
        async_pubsub_subscribe(&numbers, &keeps_up);
        async_pubsub_subscribe(&numbers, &slow);
        for (int i = 0; i < 3 * CAPACITY; i++) {
            publish(&numbers, i);
            assert_next(&numbers, &keeps_up, i, 0);
            assert_empty(&numbers, &keeps_up);
        }
        assert_int_equal(async_pubsub_count(&numbers, &slow), CAPACITY);
        assert_next(&numbers, &slow, 2 * CAPACITY, 2 * CAPACITY);
        assert_next(&numbers, &slow, 2 * CAPACITY + 1, 0);
    }
}

static void a_ring_of_one_has_the_last_message(void **state)
{
    (void)state;
    ASYNC_PUBSUB(char, 1) letters = {0};
    async_subscriber_t subscriber = {0};
    const char word[] = "abc";
    char letter = '-';
    for (int i = 0; i < 3; i++) {
        async_pubsub_publish(&letters, &word[i]);
    }
    assert_int_equal(async_pubsub_take(&letters, &subscriber, &letter), 2);
    assert_int_equal(letter, 'c');
    assert_int_equal(async_pubsub_count(&letters, &subscriber), 0);
}

/* --- Tasks that wait ------------------------------------------------------ */

struct reader {
    ASYNC_FRAME;
    numbers_t *numbers;
    async_ticks_t limit;
    async_subscriber_t subscriber;
    char name;
};

static void trace_number(char name, int number, uint32_t lost)
{
    if (lost == 0) {
        trace("%c%lu:%d ", name, elapsed(), number);
    } else {
        trace("%c%lu:%d-%lu ", name, elapsed(), number, (unsigned long)lost);
    }
}

ASYNC_STATIC(reader)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_wait_for(
            async_pubsub_wait(self->numbers, &self->subscriber), self->limit));
        int number = -1;
        uint32_t lost =
            async_pubsub_take(self->numbers, &self->subscriber, &number);
        trace_number(self->name, number, lost);
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

static struct reader frames[3];
static async_task_t tasks[3];

/* Tasks a, b, c that take whatever comes. */
static void spawn_readers(numbers_t *numbers, int count)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        frames[i] = ASYNC_CALL(reader, .numbers = numbers,
                               .limit = ASYNC_FOREVER, .name = (char)('a' + i));
        async_spawn(&loop, &tasks[i], &frames[i].coro);
    }
    async_poll(&loop);
}

static void publish_wakes_all_in_the_order_they_came(void **state)
{
    (void)state;
    static numbers_t numbers;
    spawn_readers(&numbers, 3);
    assert_trace("");
    publish(&numbers, 5);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:5 b0:5 c0:5");
    publish(&numbers, 6);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:6 b0:6 c0:6");
}

static void a_wait_for_a_message_that_is_there_goes_on_at_once(void **state)
{
    (void)state;
    static numbers_t numbers;
    publish(&numbers, 1);
    publish(&numbers, 2);
    spawn_readers(&numbers, 1);
    assert_trace("a0:1 a0:2");
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
}

static void a_task_that_was_woken_late_takes_what_is_left(void **state)
{
    (void)state;
    static numbers_t numbers;
    spawn_readers(&numbers, 2);
    for (int i = 0; i < CAPACITY + 2; i++) {
        publish(&numbers, i);
    }
    async_poll(&loop);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("a0:2-2 a0:3 a0:4 b0:2-2 b0:3 b0:4");
}

static void publish_time(void *numbers)
{
    trace("irq ");
    publish((numbers_t *)numbers, (int)elapsed());
}

static async_virtual_interrupt_t interrupt;

static void an_interrupt_publishes(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 30),
                               publish_time, &numbers);
    ASYNC_OBJECT(reader, x, .numbers = &numbers, .limit = 30, .name = 'x');
    assert_int_equal(async_run(&loop, &x.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("irq x30:30 /x");
    assert_int_equal(elapsed(), 60);
}

/* The interrupt comes when the lock opens for the first time: the message is
 * there, and nobody is woken yet. */
static void an_interrupt_in_the_middle_of_a_publish_adds_a_message(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_irq_t irq;
    spawn_readers(&numbers, 2);
    async_irq_init(&irq, publish_time, &numbers);
    async_irq_raise(&irq);
    publish(&numbers, 7);
    async_poll(&loop);
    assert_true(async_poll(&loop) == ASYNC_FOREVER);
    assert_trace("irq a0:7 a0:0 b0:7 b0:0");
}

/* --- Cancelled waiters ---------------------------------------------------- */

static void cancel_reader(int cancelled, const char *expected)
{
    numbers_t numbers = {0};
    spawn_readers(&numbers, 3);
    async_cancel(&tasks[cancelled]);
    async_poll(&loop);
    publish(&numbers, 1);
    async_poll(&loop);
    assert_string_equal(trace_take(), expected);
    async_loop_close(&loop);
    trace_clear();
}

static void any_waiter_can_be_cancelled(void **state)
{
    (void)state;
    cancel_reader(0, "/a b0:1 c0:1");
    cancel_reader(1, "/b a0:1 c0:1");
    cancel_reader(2, "/c a0:1 b0:1");
}

static void the_message_stays_for_a_cancelled_subscriber(void **state)
{
    (void)state;
    static numbers_t numbers;
    spawn_readers(&numbers, 2);
    publish(&numbers, 1);
    async_cancel(&tasks[0]);
    async_poll(&loop);
    assert_trace("/a b0:1");
    assert_next(&numbers, &frames[0].subscriber, 1, 0);
    assert_empty(&numbers, &frames[1].subscriber);
}

/* --- Limits --------------------------------------------------------------- */

static void a_wait_with_a_limit_is_unlinked(void **state)
{
    (void)state;
    static numbers_t numbers;
    {
        ASYNC_OBJECT(reader, x, .numbers = &numbers, .limit = 25, .name = 'x');
        assert_int_equal(async_run(&loop, &x.coro), ASYNC_ERR_TIMEOUT);
        assert_trace("/x");
    }
    publish(&numbers, 1); /* finds no waiter */
}

struct limited {
    ASYNC_FRAME;
    numbers_t *numbers;
    async_subscriber_t subscriber;
    async_timeout_t limit;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 25) {
        AWAIT(async_pubsub_wait(self->numbers, &self->subscriber));
        trace("not reached ");
    }
    trace("%lu:%d ", elapsed(), async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void a_timeout_around_the_wait_unlinks_it(void **state)
{
    (void)state;
    static numbers_t numbers;
    ASYNC_OBJECT(limited, limited, .numbers = &numbers);
    assert_int_equal(async_run(&loop, &limited.coro), 0);
    assert_trace("25:1");
    publish(&numbers, 1); /* finds no waiter */
}

struct family {
    ASYNC_FRAME;
    numbers_t *numbers;
    async_group_t group;
    async_member_t members[2];
    struct reader readers[2];
};

ASYNC_STATIC(family)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->readers[0] = ASYNC_CALL(reader, .numbers = self->numbers,
                                      .limit = 5, .name = 'a');
        self->readers[1] = ASYNC_CALL(reader, .numbers = self->numbers,
                                      .limit = ASYNC_FOREVER, .name = 'b');
        async_group_spawn(&self->group, &self->members[0],
                          &self->readers[0].coro);
        async_group_spawn(&self->group, &self->members[1],
                          &self->readers[1].coro);
    }
    ASYNC_END();
}

static void an_error_in_a_group_ends_the_other_wait(void **state)
{
    (void)state;
    static numbers_t numbers;
    ASYNC_OBJECT(family, family, .numbers = &numbers);
    assert_int_equal(async_run(&loop, &family.coro), ASYNC_ERR_TIMEOUT);
    assert_trace("/a /b");
    publish(&numbers, 1); /* finds no waiter */
}

/* --- Misuse --------------------------------------------------------------- */

static void a_take_where_there_is_no_message_is_reported(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_subscriber_t subscriber = {0};
    int number = -1;
    assert_int_equal(async_pubsub_take(&numbers, &subscriber, &number), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_int_equal(number, -1);
    publish(&numbers, 1);
    assert_next(&numbers, &subscriber, 1, 0);
}

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    static numbers_t numbers;
    async_subscriber_t subscriber = {0};
    async_wait_t wait = async_pubsub_wait(&numbers, &subscriber);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    publish(&numbers, 1); /* finds no waiter */
}

struct forgetful {
    ASYNC_FRAME;
    numbers_t *numbers;
    async_subscriber_t subscriber;
};

ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    {
        async_wait_t wait = async_pubsub_wait(self->numbers, &self->subscriber);
        (void)wait;
    }
    AWAIT(async_sleep(1));
    ASYNC_END();
}

static void a_wait_without_await_is_reported_and_given_up(void **state)
{
    (void)state;
    static numbers_t numbers;
    ASYNC_OBJECT(forgetful, forgetful, .numbers = &numbers);
    assert_int_equal(async_run(&loop, &forgetful.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    publish(&numbers, 1); /* finds no waiter */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_pubsub_of_zeros_has_no_messages),
        TEST(a_subscriber_of_zeros_begins_with_the_first_message),
        TEST(a_subscriber_begins_with_the_next_message),
        TEST(every_subscriber_gets_every_message),
        TEST(a_slow_subscriber_learns_how_many_it_lost),
        TEST(the_numbers_of_messages_wrap),
        TEST(a_ring_of_one_has_the_last_message),
        TEST(publish_wakes_all_in_the_order_they_came),
        TEST(a_wait_for_a_message_that_is_there_goes_on_at_once),
        TEST(a_task_that_was_woken_late_takes_what_is_left),
        TEST(an_interrupt_publishes),
        TEST(an_interrupt_in_the_middle_of_a_publish_adds_a_message),
        TEST(any_waiter_can_be_cancelled),
        TEST(the_message_stays_for_a_cancelled_subscriber),
        TEST(a_wait_with_a_limit_is_unlinked),
        TEST(a_timeout_around_the_wait_unlinks_it),
        TEST(an_error_in_a_group_ends_the_other_wait),
        TEST(a_take_where_there_is_no_message_is_reported),
        TEST(a_wait_outside_of_a_task_is_reported),
        TEST(a_wait_without_await_is_reported_and_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
