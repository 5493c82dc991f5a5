/* SPDX-License-Identifier: MIT */

/* The C libraries of the machines make a FILE of a function. */
#include "machine.h"

#include "irq.h"

#include <async/print.h>

#include <stdio.h>

#ifdef __AVR__

/* The sentences would take a third of the RAM, and the names are not there. */
void machine_report_text(const async_report_t *report, char *text, size_t size)
{
    (void)report;
    (void)size;
    text[0] = '\0';
}

#else

static char *place;
static char *end;

static int put(char character, FILE *file)
{
    (void)file;
    if (place < end) {
        *place++ = character;
    }
    return 0;
}

void machine_report_text(const async_report_t *report, char *text, size_t size)
{
    FILE file = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
    place = text;
    end = text + size - 1;
    async_report_print(report, &file);
    *place = '\0';
}

#endif

/* Who starts the emulator watches. */
void machine_watch(void)
{
    irq_enable();
}

void machine_watch_end(void)
{
}
