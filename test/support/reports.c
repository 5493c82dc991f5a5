/* SPDX-License-Identifier: MIT */

#include "machine.h"
#include "test.h"

#include <async/port.h>

#include <stdlib.h>
#include <string.h>

/* Private to the library: the task that runs now. A test that failed inside a
 * task leaves it set, and the next test would begin inside that task. */
extern ASYNC_PORT_THREAD_LOCAL struct async_here_ {
    async_task_t *task_;
    uint16_t context_;
} async_here_;

struct record {
    async_report_t report;
    const char *text;
};

static struct record records[REPORTS_MAX];
static unsigned came;
static unsigned taken;
static char texts[REPORT_TEXTS];
static size_t used;

void (*reports_hook)(void);

/* The text is written at once: what a report points at is valid only now. If
 * there is no room for it, it reads as "". */
static const char *text_of(const async_report_t *report)
{
    if (used + 1 >= sizeof texts) {
        return "";
    }
    char *text = texts + used;
    machine_report_text(report, text, sizeof texts - used);
    used += strlen(text) + 1;
    return text;
}

void async_on_report(const async_report_t *report)
{
    if (came == REPORTS_MAX && taken == came) {
        came = taken = 0;
        used = 0;
    }
    if (came == REPORTS_MAX) {
        print_error("too many reports\n");
        abort();
    }
    records[came].report = *report;
    records[came].text = text_of(report);
    came++;
    if (reports_hook != NULL) {
        reports_hook();
    }
}

int reports_begin(void **state)
{
    (void)state;
    machine_watch();
    reports_hook = NULL;
    async_here_.task_ = NULL;
    came = taken = 0;
    used = 0;
    trace_clear();
    return 0;
}

int reports_end(void **state)
{
    (void)state;
    machine_watch_end();
    unsigned unexpected = came - taken;
    for (; taken < came; taken++) {
        print_error("unexpected report of kind %d: %s\n",
                    (int)records[taken].report.kind, records[taken].text);
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

bool report_says_(const char *part)
{
    return strstr(report_text(), part) != NULL;
}

void expect_report_(async_report_kind_t kind, const char *file, int line)
{
    if (taken == came) {
        print_error("no report came, expected kind %d\n", (int)kind);
        _fail(file, line);
    } else if (records[taken].report.kind != kind) {
        print_error("expected a report of kind %d, of kind %d came: %s\n",
                    (int)kind, (int)records[taken].report.kind,
                    records[taken].text);
        _fail(file, line);
    }
    taken++;
}

void expect_no_report_(const char *file, int line)
{
    if (taken != came) {
        print_error("unexpected report of kind %d: %s\n",
                    (int)records[taken].report.kind, records[taken].text);
        _fail(file, line);
    }
}
