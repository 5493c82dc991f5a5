/* SPDX-License-Identifier: MIT */

/* For open_memstream() and sigaction(). */
#define _POSIX_C_SOURCE 200809L

#include "machine.h"

#include "test.h"

#include <async/print.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECONDS_FOR_A_TEST 30

void machine_report_text(const async_report_t *report, char *text, size_t size)
{
    char *written = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&written, &length);
    if (file == NULL) {
        abort();
    }
    async_report_print(report, file);
    fclose(file);
    snprintf(text, size, "%s", written);
    free(written);
}

/* Time is virtual, so a test that takes long hangs. Failing by a jump out of
 * the handler lets the other tests run. */
static void on_alarm(int number)
{
    (void)number;
    fail_msg("the test hangs");
}

void machine_watch(void)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_NODEFER};
    sigaction(SIGALRM, &action, NULL);
    alarm(SECONDS_FOR_A_TEST);
}

void machine_watch_end(void)
{
    alarm(0);
}
