/* SPDX-License-Identifier: MIT */

/*
 * The version is stated twice: in version.h, and in the CMake project.
 */
#include <async/version.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

static void header_and_project_agree(void **state)
{
    (void)state;
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", ASYNC_VERSION_MAJOR,
             ASYNC_VERSION_MINOR, ASYNC_VERSION_PATCH);
    assert_string_equal(version, PROJECT_VERSION);
}

static void number_grows_with_the_version(void **state)
{
    (void)state;
    assert_int_equal(ASYNC_VERSION, ASYNC_VERSION_MAJOR * 10000 +
                                        ASYNC_VERSION_MINOR * 100 +
                                        ASYNC_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_and_project_agree),
        cmocka_unit_test(number_grows_with_the_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
