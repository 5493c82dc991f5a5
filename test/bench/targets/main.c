/* SPDX-License-Identifier: MIT */

#include "measure.h"

#include <string.h>

async_loop_t loop;
async_task_t tasks[MANY];
async_time_t now;
unsigned sleeps_left;

/* --- A clock whose sleep costs nothing ------------------------------------ */

static async_time_t clock_now(async_clock_t *clock)
{
    (void)clock;
    return now;
}

static bool clock_sleep(async_clock_t *clock, const async_time_t *deadline,
                        bool polling)
{
    (void)clock;
    (void)polling;
    mark_asleep();
    if (deadline != NULL && async_time_before(now, *deadline)) {
        now = *deadline;
    }
    mark_awake();
    if (sleeps_left-- == 0) {
        async_stop(&loop);
    }
    return true;
}

static const async_clock_ops_t ops = {.now = clock_now, .sleep = clock_sleep};
static async_clock_t test_clock = {&ops};

/* --- To the tracer -------------------------------------------------------- */

#define MARK(name)                                                             \
    __attribute__((noinline)) void name(void)                                  \
    {                                                                          \
        __asm volatile("" : : : "memory");                                     \
    }

MARK(mark_begin)
MARK(mark_end)
MARK(mark_asleep)
MARK(mark_awake)

#if defined(__AVR__)
#include <avr/io.h>

static void say(const char *text)
{
    while (*text != 0) {
        GPIOR1 = (uint8_t)*text++;
    }
}
#elif defined(__riscv)
__attribute__((aligned(16), noinline, naked)) static void
semihost(uint32_t call, const char *text)
{
    __asm volatile(".option push\n\t.option norvc\n\t"
                   "slli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\tret\n\t"
                   ".option pop");
    (void)call;
    (void)text;
}

static void say(const char *text)
{
    semihost(4, text); /* SYS_WRITE0 */
}
#else
static void say(const char *text)
{
    register uint32_t call __asm("r0") = 4; /* SYS_WRITE0 */
    register const char *word __asm("r1") = text;
    __asm volatile("bkpt 0xab" : "+r"(call) : "r"(word) : "memory");
}
#endif

/* In one piece, for the log of instructions goes the same way. */
static void say_line(char kind, const char *name, unsigned n)
{
    static char line[64];
    char *end = &line[sizeof line - 2];
    *end = '\n';
    do {
        *--end = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    *--end = '|';
    size_t length = strlen(name);
    end -= length;
    memcpy(end, name, length);
    *--end = kind;
    say(end);
}

void announce(const char *name, unsigned n)
{
    say_line('#', name, n);
}

void announce_stack(unsigned bytes)
{
    say_line('=', "stack", bytes);
}

/* A mistake in a workload would show wrong numbers. */
void async_on_report(const async_report_t *report)
{
    announce("!report", (unsigned)report->kind);
}

void check_at(bool holds, unsigned line)
{
    if (!holds) {
        announce("!failed at line", line);
    }
}

#ifdef __AVR__
#include <avr/interrupt.h>
#include <avr/sleep.h>
#endif

int main(void)
{
#ifdef __AVR__
    sei();
#endif
#ifdef __riscv
    __asm volatile(".option push\n\t.option arch, +zicsr\n\t"
                   "csrsi mstatus, 8\n\t.option pop");
#endif
    async_loop_init(&loop, &test_clock);
    MEASURE("!empty", 0, (void)0);
    measure_masking();
    measure_costs();
    say("!end\n");
#ifdef __AVR__
    cli();
    sleep_mode();
#endif
    return 0;
}
