/* SPDX-License-Identifier: MIT */

/*
 * Do all workloads on a microcontroller, each with a short and a long run.
 *
 * For each run three lines: "#name n operations", what it cost, "=result". On a
 * Cortex-M in QEMU, where an instruction takes a nanosecond, SysTick tells the
 * cost, in instructions; on AVR the tracer does (targets/trace_avr.c), in
 * cycles between mark_begin and mark_end.
 */
#include "bench.h"

#include <stddef.h>
#include <string.h>

#ifdef __AVR__
#define FEW  240
#define MANY 1200
#else
#define FEW  2000
#define MANY 12000
#endif

volatile unsigned bench_bound;
uint32_t bench_seed;

static const struct {
    const char *name;
    unsigned n;
} runs[] = {
    {"yield", 8}, {"depth", 1},   {"depth", 4},  {"depth", 16}, {"ping", 2},
    {"wake", 10}, {"wake", 1000}, {"sleep", 10}, {"queue", 2},  {"bulk", 2},
    {"call", 1},  {"limit", 1},   {"limit", 10}, {"cancel", 1}, {"sleep", 1000},
};

/* --- Text ----------------------------------------------------------------- */

#ifdef __AVR__
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

static void say(const char *text)
{
    while (*text != 0) {
        GPIOR1 = (uint8_t)*text++;
    }
}
#else
static void say(const char *text)
{
    register uint32_t call __asm("r0") = 4; /* SYS_WRITE0 */
    register const char *word __asm("r1") = text;
    __asm volatile("bkpt 0xab" : "+r"(call) : "r"(word) : "memory");
}
#endif

static void say_number(char before, uint32_t number)
{
    char text[12];
    char *end = &text[sizeof text - 1];
    *end = 0;
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    *--end = before;
    say(end);
}

/* --- Cost ----------------------------------------------------------------- */

#ifdef __AVR__
__attribute__((noinline)) void mark_begin(void);
__attribute__((noinline)) void mark_end(void);

void mark_begin(void)
{
    __asm volatile("" : : : "memory");
}

void mark_end(void)
{
    __asm volatile("" : : : "memory");
}
#else
#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)

#define INSTRUCTIONS_PER_TICK 40 /* at the machine's 25 MHz */

static uint32_t begin;

static void mark_begin(void)
{
    begin = SYST_CVR;
}

static void mark_end(void)
{
    uint32_t ticks = (begin - SYST_CVR) & 0xFFFFFF;
    say_number(' ', ticks * INSTRUCTIONS_PER_TICK);
    say("\n");
}

static void systick_start(void)
{
    SYST_RVR = 0xFFFFFF;
    SYST_CVR = 0;
    SYST_CSR = 5;
    while (SYST_CVR == 0) {
        /* until the first reload */
    }
}

/* Shows whether a nanosecond is an instruction. */
static uint32_t calibrate(unsigned n, unsigned instructions)
{
    uint32_t turns = instructions / 2;
    (void)n;
    __asm volatile(".syntax unified\n"
                   "1: subs %0, %0, #1\n"
                   "bne 1b"
                   : "+l"(turns)
                   :
                   : "cc");
    return 0;
}
#endif

/* --- Run ------------------------------------------------------------------ */

static void run(const struct bench_workload *workload, unsigned n,
                unsigned operations)
{
    say("#");
    say(workload->name);
    say_number(' ', n);
    say_number(' ', operations);
    say("\n");
    mark_begin();
    uint32_t result = workload->run(n, operations);
    mark_end();
    say_number('=', result);
    say("\n");
}

static void run_all(const char *name, unsigned n)
{
    const struct bench_workload *workload = bench_workloads;
    while (workload->name != NULL) {
        if (strcmp(workload->name, name) == 0 &&
            (strcmp(name, "depth") == 0 || n <= bench_tasks_max)) {
            run(workload, n, FEW);
            run(workload, n, MANY);
        }
        workload++;
    }
}

int main(void)
{
#ifdef __AVR__
    sei();
#else
    static const struct bench_workload calibration = {"calibrate", calibrate};
    systick_start();
    run(&calibration, 0, FEW);
    run(&calibration, 0, MANY);
#endif
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        run_all(runs[i].name, runs[i].n);
    }
    say("!end\n");
#ifdef __AVR__
    cli();
    sleep_mode();
#endif
    return 0;
}
