/* SPDX-License-Identifier: MIT */

/* Coroutines at the last lines that can hold one. */
#include "test.h"

static async_virtual_clock_t machine;
static async_loop_t loop;

struct last_lines {
    ASYNC_FRAME;
    async_event_t never;
};

struct catch_it {
    ASYNC_FRAME;
    int error;
    struct last_lines call;
};

/* clang-format off */
static void the_last_lines_work(void **state);
static int end(void);
static int tests(void);

int main(void)
{
    return tests();
}

ASYNC_STATIC(last_lines)
{
    ASYNC_BEGIN();
#line 15869
    AWAIT(async_sleep(1));
    AWAIT(async_sleep(1));
    AWAIT(async_wait_for(async_event_wait(&self->never), 5));
    ASYNC_END();
}
#line 40
ASYNC_STATIC(catch_it)
{
    ASYNC_BEGIN();
    self->call = ASYNC_CALL(last_lines);
    AWAIT_CATCH(self->error, async_call(&self->call.coro));
    ASYNC_END();
}

static int end(void)
{
    ASYNC_OBJECT(catch_it, object);
    async_loop_init(&loop, async_virtual_clock_init(&machine, 0));
    int error = async_run(&loop, &object.coro);
    return error != 0 ? error : object.error;
}

static void the_last_lines_work(void **state)
{
    (void)state;
    assert_int_equal(end(), ASYNC_ERR_TIMEOUT);
    assert_int_equal(async_loop_now(&loop), 7);
}

static int tests(void)
{
    static const struct CMUnitTest all[] = {async_test(the_last_lines_work)};
    return cmocka_run_group_tests_name("line", all, NULL, NULL);
}
