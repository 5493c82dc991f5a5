/* SPDX-License-Identifier: MIT */

#include "cmocka.h"

#include "board.h"

#include <setjmp.h>
#include <stdarg.h>

static jmp_buf leave;
static void *state;

/* --- Output --------------------------------------------------------------- */

/* The C libraries of the machines make a FILE of a function. */
#ifdef __AVR__
#define PRINT_WITH(put) FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE)
#else
#define PRINT_WITH(put) FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE)
#endif

static int put(char character, FILE *file)
{
    const char text[] = {character, '\0'};
    (void)file;
    board_print(text);
    return 0;
}

void print_error_(const char *format, ...)
{
    FILE file = PRINT_WITH(put);
    va_list arguments;
    va_start(arguments, format);
    flash_vfprintf(&file, format, arguments);
    va_end(arguments);
}

void _fail(const char *file, int line)
{
    print_error("%s:%d: failed\n", file, line);
    longjmp(leave, 1);
}

/* --- Assertions ----------------------------------------------------------- */

void assert_that_(int holds, const char *text, const char *file, int line)
{
    if (!holds) {
        print_error(FLASH_S " does not hold\n", text);
        _fail(file, line);
    }
}

void assert_integers_(test_integer_t one, test_integer_t other,
                      const char *file, int line)
{
    if (one != other) {
        print_error("%ld is not %ld\n", (long)one, (long)other);
        _fail(file, line);
    }
}

void assert_in_range_(test_integer_t value, test_integer_t least,
                      test_integer_t most, const char *file, int line)
{
    if (value < least || value > most) {
        print_error("%ld is not %ld to %ld\n", (long)value, (long)least,
                    (long)most);
        _fail(file, line);
    }
}

void assert_strings_(const char *one, const char *other, const char *file,
                     int line)
{
    if (strcmp(one, other) != 0) {
        print_error("\"%s\" is not ", one);
        print_error("\"%s\"\n", other);
        _fail(file, line);
    }
}

/* --- The stack ------------------------------------------------------------ */

/* The stack grows towards the data. What stands between them must not change. */
#define GUARD 0x5AA5

static uint16_t *guard(void)
{
    extern uint16_t __heap_start[];
    return __heap_start;
}

/* --- Tests ---------------------------------------------------------------- */

static int passes(const struct CMUnitTest *test)
{
    if (setjmp(leave) != 0) {
        return 0;
    }
    if (test->setup != NULL && test->setup(&state) != 0) {
        return 0;
    }
    test->test(&state);
    return 1;
}

static int passes_and_cleans_up(const struct CMUnitTest *test)
{
    int passed = passes(test);
    if (setjmp(leave) != 0) {
        return 0;
    }
    if (test->teardown != NULL && test->teardown(&state) != 0) {
        passed = 0;
    }
    if (*guard() != GUARD) {
        print_error("the stack has met the data\n");
        passed = 0;
    }
    return passed;
}

/* Before it runs, so that one that hangs is known. */
static void tell_begun(const struct CMUnitTest *test, unsigned number)
{
#ifdef __AVR__
    (void)test;
    print_error("%u\n", number);
#else
    print_error("%u %s\n", number, test->name);
#endif
}

int run_tests_(const struct CMUnitTest *tests, size_t count,
               CMFixtureFunction *setup, CMFixtureFunction *teardown)
{
    unsigned run = 0;
    unsigned failed = 0;
    *guard() = GUARD;
    if (setup != NULL && setup(&state) != 0) {
        failed++;
    }
    for (size_t i = 0; i < count; i++) {
        if (tests[i].test != NULL) {
            run++;
            tell_begun(&tests[i], (unsigned)i + 1);
            if (!passes_and_cleans_up(&tests[i])) {
                failed++;
                print_error("FAILED\n");
            }
        }
    }
    if (teardown != NULL && teardown(&state) != 0) {
        failed++;
    }
    print_error("%u tests, %u failed\n", run, failed);
    return failed != 0;
}
