/* SPDX-License-Identifier: MIT */

/*
 * Runs all scenarios that are linked in, or those that are named, each on a
 * virtual clock that begins at 0, and prints their traces.
 */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

async_loop_t loop;
async_virtual_clock_t virtual_clock;

static struct scenario *scenarios;
static bool deadlock;

/* --- What a scenario does ------------------------------------------------- */

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("%5lu  ", (unsigned long)async_loop_now(&loop));
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

void work(async_ticks_t ms)
{
    async_virtual_clock_advance(&virtual_clock, ms);
}

const char *truth(bool value)
{
    return value ? "True" : "False";
}

const char *error_name(int error)
{
    static const struct {
        int error;
        const char *name;
    } names[] = {
        {0, "no error"},
        {E1, "E1"},
        {E2, "E2"},
        {E3, "E3"},
        {ASYNC_ERR_CANCELLED, "cancelled"},
        {ASYNC_ERR_TIMEOUT, "timeout"},
        {ASYNC_ERR_MISUSE, "misuse"},
        {ASYNC_ERR_DEADLOCK, "deadlock"},
        {ASYNC_ERR_FULL, "full"},
        {ASYNC_ERR_EMPTY, "empty"},
        {ASYNC_ERR_CLOSED, "closed"},
        {ASYNC_ERR_BROKEN, "broken"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].error == error) {
            return names[i].name;
        }
    }
    return "unknown error";
}

ASYNC(worker)
{
    ASYNC_BEGIN();
    say("%s begins", self->name);
    AWAIT(async_sleep(self->ms));
    if (self->error != 0) {
        say("%s raises %s", self->name, error_name(self->error));
        ASYNC_RAISE(self->error);
    }
    say("%s ends", self->name);
    self->result = self->returns;
    ASYNC_FINALLY();
    say("%s stops", self->name);
    if (self->cleanup != 0) {
        AWAIT(async_sleep(self->cleanup));
        say("%s is clean", self->name);
    }
    ASYNC_END();
}

/* --- Reports -------------------------------------------------------------- */

static void say_deadlock(void)
{
    if (!deadlock) {
        say("deadlock");
    }
    deadlock = true;
}

/* Those that Python has, in the same words; another fails the comparison. */
void async_on_report(const async_report_t *report)
{
    if (report->kind == ASYNC_REPORT_DEADLOCK) {
        say_deadlock();
    } else if (report->kind == ASYNC_REPORT_ERROR_NOT_TAKEN) {
        say("report: nobody retrieved %s", error_name(report->error));
    } else {
        say("report: %s",
            async_report_is_error(report) ? "a mistake" : "a warning");
    }
}

/* --- Run ------------------------------------------------------------------ */

void add_scenario(struct scenario *scenario)
{
    struct scenario **end = &scenarios;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = scenario;
}

static void run(const struct scenario *scenario)
{
    printf("== %s\n", scenario->name);
    if (scenario->differs != NULL) {
        printf("differs: %s\n", scenario->differs);
    }
    deadlock = false;
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, 0));
    int error = async_run(&loop, scenario->create());
    if (error == ASYNC_OK) {
        say("run ends");
    } else {
        say("run raises %s", error_name(error));
    }
    fflush(stdout);
}

static bool is_named(const struct scenario *scenario, int count, char **names)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], scenario->name) == 0) {
            return true;
        }
    }
    return count == 0;
}

int main(int argc, char **argv)
{
    bool found = false;
    for (struct scenario *s = scenarios; s != NULL; s = s->next) {
        if (is_named(s, argc - 1, argv + 1)) {
            run(s);
            found = true;
        }
    }
    return found ? EXIT_SUCCESS : EXIT_FAILURE;
}
