/* SPDX-License-Identifier: MIT */

/*
 * What a contestant does: the same workloads with the same bodies.
 *
 * A task's body counts up its own counter, and compares it with bench_bound. A
 * workload prepares its tasks, does `operations` operations, ends all tasks,
 * and can be done again. Only the difference of two run lengths counts, so
 * preparing and ending cost nothing.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the arrays. */
#if defined(__AVR__)
#define BENCH_TASKS 10
#elif defined(__unix__)
#define BENCH_TASKS 1000000
#else
#define BENCH_TASKS 1000
#endif

#define BENCH_DEPTH 16   /* of awaits */
#define BENCH_SLOTS 16   /* of the queue */
#define BENCH_LIMIT 1000 /* ticks */

struct bench_workload {
    const char *name;
    /* Returns what shows that all was done: the same for each contestant. */
    uint32_t (*run)(unsigned n, unsigned operations);
};

/* Those that the contestant can express, and one without a name. */
extern const struct bench_workload bench_workloads[];

/* How many tasks it can have, at most BENCH_TASKS. */
extern const unsigned bench_tasks_max;

/* Up to where tasks count; read again each time, as a program reads its
 * state. */
extern volatile unsigned bench_bound;

/* Periods of the tasks that sleep: 1 to 65536. */
extern uint32_t bench_seed;

static inline uint32_t bench_draw(void)
{
    bench_seed = bench_seed * 1664525u + 1013904223u;
    return (bench_seed >> 16) + 1;
}

/* Which of n is next: each once in n times, and not side by side. n is not a
 * multiple of 7. */
static inline unsigned bench_next(unsigned i, unsigned n)
{
    return i + 7 < n ? i + 7 : n > 7 ? i + 7 - n : 0;
}

#ifdef __cplusplus
}
#endif

#endif
