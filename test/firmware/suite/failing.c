/* SPDX-License-Identifier: MIT */

/* Tests that fail, to see that this is noticed. */
#include "test.h"

static void passes(void **state)
{
    (void)state;
    assert_int_equal(1, 1);
}

static void fails(void **state)
{
    (void)state;
    assert_int_equal(1, 2);
}

static void leaves_a_report(void **state)
{
    (void)state;
    async_on_report(&(async_report_t){.kind = ASYNC_REPORT_NOT_IN_TASK});
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(fails),
        async_test(leaves_a_report),
        async_test(passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
