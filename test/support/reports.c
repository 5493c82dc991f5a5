/* SPDX-License-Identifier: MIT */

/* For open_memstream() and sigaction(). */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <async/port.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_FOR_A_TEST 30

/* Private to the library: the loop that runs now. A test that failed inside a
 * task leaves it set, and the next test would begin inside that task. */
extern ASYNC_PORT_THREAD_LOCAL async_loop_t *async_current_;

#define REPORTS_MAX 128

struct record {
    async_report_t report;
    char text[2048];
};

static struct record records[REPORTS_MAX];
static unsigned came;
static unsigned taken;

/* The text is written at once: what a report points at is valid only now. */
static void write_text(const async_report_t *report, struct record *record)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (file == NULL) {
        abort();
    }
    async_report_print(report, file);
    fclose(file);
    snprintf(record->text, sizeof record->text, "%s", text);
    free(text);
}

void async_on_report(const async_report_t *report)
{
    if (came == REPORTS_MAX) {
        fputs("too many reports, the last is ", stderr);
        async_report_print(report, stderr);
        abort();
    }
    records[came].report = *report;
    write_text(report, &records[came]);
    came++;
}

/* Time is virtual, so a test that takes long hangs. Failing by a jump out of
 * the handler lets the other tests run. */
static void on_alarm(int number)
{
    (void)number;
    fail_msg("the test hangs");
}

int reports_begin(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_NODEFER};
    sigaction(SIGALRM, &action, NULL);
    alarm(SECONDS_FOR_A_TEST);
    async_current_ = NULL;
    came = taken = 0;
    trace_clear();
    return 0;
}

int reports_end(void **state)
{
    (void)state;
    alarm(0);
    unsigned unexpected = came - taken;
    for (; taken < came; taken++) {
        print_error("unexpected report: %s", records[taken].text);
    }
    return unexpected == 0 ? 0 : -1;
}

unsigned reports_pending(void)
{
    return came - taken;
}

const async_report_t *report_taken(void)
{
    return taken == 0 ? NULL : &records[taken - 1].report;
}

const char *report_text(void)
{
    return taken == 0 ? "" : records[taken - 1].text;
}

bool report_says(const char *part)
{
    return strstr(report_text(), part) != NULL;
}

void expect_report_(async_report_kind_t kind, const char *file, int line)
{
    if (taken == came) {
        print_error("no report came, expected kind %d\n", (int)kind);
        _fail(file, line);
    } else if (records[taken].report.kind != kind) {
        print_error("expected a report of kind %d, this came: %s", (int)kind,
                    records[taken].text);
        _fail(file, line);
    }
    taken++;
}

void expect_no_report_(const char *file, int line)
{
    if (taken != came) {
        print_error("unexpected report: %s", records[taken].text);
        _fail(file, line);
    }
}
