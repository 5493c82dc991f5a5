/* SPDX-License-Identifier: MIT */

/* A test that never ends. */
#include "test.h"

static void hangs(void **state)
{
    (void)state;
    for (volatile int i = 0;; i++) {
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {async_test(hangs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
