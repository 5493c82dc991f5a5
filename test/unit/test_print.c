/* SPDX-License-Identifier: MIT */

/* For regcomp(). */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

static async_virtual_clock_t machine;
static async_loop_t loop;

static void begin(void)
{
    async_loop_init(&loop,
                    async_virtual_clock_init(&machine, JUST_BEFORE_THE_WRAP));
}

static const char *text_of(FILE *file)
{
    static char text[1024];
    rewind(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static const char *printed(const async_coro_t *coro)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    async_print(coro, file);
    return text_of(file);
}

static const char *printed_report(const async_report_t *report)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    async_report_print(report, file);
    return text_of(file);
}

static void assert_matches(const char *text, const char *pattern)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    int result = regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    if (result != 0) {
        fail_msg("\"%s\" does not match \"%s\"", text, pattern);
    }
}

struct sample {
    ASYNC_FRAME;
    async_event_t event;
    char big[100];
};

ASYNC_STATIC(sample)
{
    ASYNC_BEGIN();
    trace("%s", printed(&self->coro));
    AWAIT(async_event_wait(&self->event));
    memset(self->big, 0x5A, sizeof self->big);
    ASYNC_YIELD();
    ASYNC_END();
}

#define FORM "^<coroutine object sample at 0x[0-9a-f]+>\n$"

static void an_object_is_printed_alike_in_every_state(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(sample, object);
    char created[128];
    snprintf(created, sizeof created, "%s", printed(&object.coro));
    assert_matches(created, FORM);
    char expected[128];
    snprintf(expected, sizeof expected, "<coroutine object sample at %p>\n",
             (void *)&object.coro);
    assert_string_equal(created, expected);

    async_task_t task = ASYNC_TASK_INIT;
    async_spawn(&loop, &task, &object.coro);
    assert_string_equal(printed(&object.coro), created);
    async_poll(&loop);
    assert_string_equal(trace_take(), created);
    assert_string_equal(printed(&object.coro), created);
    async_event_set(&object.event);
    async_poll(&loop);
    assert_string_equal(printed(&object.coro), created);
    for (size_t i = 0; i < sizeof object.big; i++) {
        assert_int_equal(object.big[i], 0x5A);
    }
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_string_equal(printed(&object.coro), created);
}

static struct sample still = ASYNC_CALL_INIT(sample);

static void a_static_object_is_printed(void **state)
{
    (void)state;
    assert_matches(printed(&still.coro), FORM);
}

/* A frame without members, the smallest there is. */
struct tiny {
    ASYNC_FRAME;
};

ASYNC_STATIC(tiny)
{
    ASYNC_BEGIN();
    ASYNC_END();
}

static void the_smallest_object_is_printed(void **state)
{
    (void)state;
    struct tiny objects[2] = {ASYNC_CALL_INIT(tiny), ASYNC_CALL_INIT(tiny)};
    assert_matches(printed(&objects[0].coro),
                   "^<coroutine object tiny at 0x[0-9a-f]+>\n$");
    assert_int_equal(async_coro_state(&objects[0].coro), ASYNC_CORO_CREATED);
    assert_int_equal(async_coro_state(&objects[1].coro), ASYNC_CORO_CREATED);
}

#define HINT "  hint: await, spawn or run it, or take it out\n"

static void a_report_of_a_file_has_no_folders(void **state)
{
    (void)state;
    struct tiny object = ASYNC_CALL(tiny);
    const async_report_t report = {.kind = ASYNC_REPORT_NEVER_AWAITED,
                                   .coro = &object.coro,
                                   .file = "/sources/src/main.c",
                                   .line = 12};
    assert_string_equal(
        printed_report(&report),
        "warning: coroutine 'tiny' was never awaited (main.c:12)\n" HINT);
}

static void a_report_without_a_place_has_none(void **state)
{
    (void)state;
    struct tiny object = ASYNC_CALL(tiny);
    const async_report_t report = {.kind = ASYNC_REPORT_NEVER_AWAITED,
                                   .coro = &object.coro};
    assert_string_equal(printed_report(&report),
                        "warning: coroutine 'tiny' was never awaited\n" HINT);
}

/* As ASYNC_DIAGNOSTICS=0 compiles a body. */
static async_coro_t *nameless(async_coro_t *coro)
{
    return async_no_such_state_(coro, NULL, NULL);
}

static void one_without_a_name_has_the_address_of_its_body(void **state)
{
    (void)state;
    async_coro_t coro = {.link_ = {.resume_ = nameless}, .state_ = 57};
    void *body = (void *)(uintptr_t)nameless;
    char expected[160];
    snprintf(expected, sizeof expected, "<coroutine object %p at %p>\n", body,
             (void *)&coro);
    assert_string_equal(printed(&coro), expected);
    const async_report_t report = {.kind = ASYNC_REPORT_NOT_AWAITED,
                                   .coro = &coro};
    snprintf(expected, sizeof expected,
             "error: coroutine %p (line 57) started an operation without "
             "AWAIT\n  hint: put AWAIT before it\n",
             body);
    assert_string_equal(printed_report(&report), expected);
    const async_report_t other = {.kind = ASYNC_REPORT_NEVER_AWAITED,
                                  .coro = &coro};
    snprintf(expected, sizeof expected,
             "warning: coroutine %p was never awaited\n" HINT, body);
    assert_string_equal(printed_report(&other), expected);
}

/* The kinds say which are errors; the text begins with it. */
static void a_report_begins_with_its_weight(void **state)
{
    (void)state;
    struct tiny object = ASYNC_CALL(tiny);
    async_task_t task = ASYNC_TASK_INIT;
    for (int kind = ASYNC_REPORT_NEVER_AWAITED; kind <= ASYNC_REPORT_NO_WAKER;
         kind++) {
        if (kind == ASYNC_REPORT_SLOW_STEP && !ASYNC_ACCOUNTING) {
            continue; /* it has no sentence */
        }
        async_report_t report = {.kind = (async_report_kind_t)kind,
                                 .coro = &object.coro,
                                 .task = &task};
#if ASYNC_ACCOUNTING
        report.began = &object.coro;
#endif
        bool is_warning = kind == ASYNC_REPORT_NEVER_AWAITED ||
                          kind == ASYNC_REPORT_ERROR_NOT_TAKEN ||
                          kind == ASYNC_REPORT_DEADLOCK ||
                          kind == ASYNC_REPORT_TASK_LEFT ||
                          kind == ASYNC_REPORT_SLOW_STEP;
        assert_int_equal(async_report_is_error(&report), !is_warning);
        assert_matches(printed_report(&report),
                       is_warning ? "^warning: [a-z].*\n  hint: [^\n]+\n$"
                                  : "^error: [a-z].*\n  hint: [^\n]+\n$");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(an_object_is_printed_alike_in_every_state),
        async_test(a_static_object_is_printed),
        async_test(the_smallest_object_is_printed),
        async_test(a_report_of_a_file_has_no_folders),
        async_test(a_report_without_a_place_has_none),
        async_test(one_without_a_name_has_the_address_of_its_body),
        async_test(a_report_begins_with_its_weight),
    };
    return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
