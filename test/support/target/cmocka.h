/* SPDX-License-Identifier: MIT */

/*
 * As much of cmocka's interface as the tests use, for machines that it does not
 * know. A test that fails prints why, with file and line; the next one runs.
 * The last line counts them: "12 tests, 0 failed".
 *
 * TEST_WITHOUT_<name of a test>, defined as 1, leaves it out, with all that only
 * it uses.
 */
#ifndef CMOCKA_H
#define CMOCKA_H

#include "flash.h"

#include <stddef.h>
#include <stdint.h>

/** Any integer, so that one of another width or sign has another value. */
#ifdef __AVR__
typedef long test_integer_t;
#else
typedef long long test_integer_t;
#endif

typedef void CMUnitTestFunction(void **state);
typedef int CMFixtureFunction(void **state);

struct CMUnitTest {
#ifndef __AVR__
    const char *name;
#endif
    CMUnitTestFunction *test;
    CMFixtureFunction *setup;
    CMFixtureFunction *teardown;
};

/* --- Tests and groups ----------------------------------------------------- */

#ifdef __AVR__
#define TEST_NAME_(text)
#else
#define TEST_NAME_(text) text,
#endif

/* 1 if the argument is a macro that stands for 1, else 0. */
#define TEST_COMMA_1                     0,
#define TEST_SECOND_(first, second, ...) second
#define TEST_IS_2_(maybe_comma)          TEST_SECOND_(maybe_comma 1, 0, 0)
#define TEST_IS_1_(value)                TEST_IS_2_(TEST_COMMA_##value)
#define TEST_IS_(macro)                  TEST_IS_1_(macro)

#define TEST_HERE_(function)                                                   \
    (TEST_IS_(TEST_WITHOUT_##function) ? NULL : (function))

#define cmocka_unit_test_setup_teardown(function, before, after)               \
    {                                                                          \
        TEST_NAME_(#function) TEST_HERE_(function), before, after              \
    }
#define cmocka_unit_test(function)                                             \
    cmocka_unit_test_setup_teardown(function, NULL, NULL)

#define cmocka_run_group_tests(tests, setup, teardown)                         \
    run_tests_(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown)              \
    cmocka_run_group_tests(tests, setup, teardown)

/* --- Assertions ----------------------------------------------------------- */

#define assert_true(condition)                                                 \
    assert_that_(!!(condition), FLASH_TEXT(#condition), __FILE__, __LINE__)
#define assert_false(condition)                                                \
    assert_that_(!(condition), FLASH_TEXT("not " #condition), __FILE__,        \
                 __LINE__)
#define assert_null(pointer)     assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_ptr_equal(one, other)                                           \
    assert_int_equal((uintptr_t)(const void *)(one),                           \
                     (uintptr_t)(const void *)(other))
#define assert_int_equal(one, other)                                           \
    assert_integers_((test_integer_t)(one), (test_integer_t)(other), __FILE__, \
                     __LINE__)
#define assert_int_not_equal(one, other)                                       \
    assert_true((test_integer_t)(one) != (test_integer_t)(other))
#define assert_in_range(value, least, most)                                    \
    assert_in_range_((test_integer_t)(value), (test_integer_t)(least),         \
                     (test_integer_t)(most), __FILE__, __LINE__)
#define assert_string_equal(one, other)                                        \
    assert_strings_(one, other, __FILE__, __LINE__)
#define assert_memory_equal(one, other, size)                                  \
    assert_true(memcmp(one, other, size) == 0)
#define fail() _fail(__FILE__, __LINE__)

#ifdef __AVR__
#pragma GCC system_header /* ", ##" is not in C11 */
#define print_error(format, ...) print_error_(FLASH_TEXT(format), ##__VA_ARGS__)
#else
#define print_error print_error_
#endif
#define print_message print_error
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), fail())

/* --- Private part --------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) void print_error_(const char *format,
                                                        ...);
_Noreturn void _fail(const char *file, int line);
void assert_that_(int holds, const char *text, const char *file, int line);
void assert_integers_(test_integer_t one, test_integer_t other,
                      const char *file, int line);
void assert_in_range_(test_integer_t value, test_integer_t least,
                      test_integer_t most, const char *file, int line);
void assert_strings_(const char *one, const char *other, const char *file,
                     int line);
int run_tests_(const struct CMUnitTest *tests, size_t count,
               CMFixtureFunction *setup, CMFixtureFunction *teardown);

#endif
