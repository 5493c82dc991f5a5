/* SPDX-License-Identifier: MIT */

/*
 * Do a workload on a PC, once, or for its time.
 *
 *   bench WORKLOAD N OPERATIONS        once; prints what it returned
 *   bench WORKLOAD N FEW MANY          prints ns per operation: the difference
 *                                      of the two run lengths, median of 5
 *   bench memory WORKLOAD N            once; prints the kilobytes that were
 *                                      resident at most
 *
 * Status 3: the contestant cannot do that.
 */
#include "bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMES 5

volatile unsigned bench_bound;
uint32_t bench_seed;

static double run_ns(const struct bench_workload *workload, unsigned n,
                     unsigned operations)
{
    struct timespec begin;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    workload->run(n, operations);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return 1e9 * (double)(end.tv_sec - begin.tv_sec) +
           (double)(end.tv_nsec - begin.tv_nsec);
}

static int in_order(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_ns(const struct bench_workload *workload, unsigned n,
                        unsigned few, unsigned many)
{
    double times[TIMES];
    for (int i = 0; i < TIMES; i++) {
        double short_run = run_ns(workload, n, few);
        times[i] = (run_ns(workload, n, many) - short_run) / (many - few);
    }
    qsort(times, TIMES, sizeof times[0], in_order);
    return times[TIMES / 2];
}

/* getrusage() would tell of the program that started this one. */
static unsigned long most_resident(void)
{
    char line[100];
    unsigned long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL &&
           sscanf(line, "VmHWM: %lu", &kilobytes) != 1) {
        /* the next line */
    }
    if (file != NULL) {
        fclose(file);
    }
    return kilobytes;
}

static const struct bench_workload *find(const char *name)
{
    const struct bench_workload *workload = bench_workloads;
    while (workload->name != NULL && strcmp(workload->name, name) != 0) {
        workload++;
    }
    return workload;
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int count, char **words)
{
    if (count < 4 || count > 5) {
        fprintf(stderr, "bench WORKLOAD N OPERATIONS [MANY]\n");
        return 2;
    }
    bool memory = strcmp(words[1], "memory") == 0;
    const struct bench_workload *workload = find(words[1 + memory]);
    unsigned n = number(words[2 + memory]);
    if (workload->name == NULL || n > bench_tasks_max) {
        return 3;
    }
    if (memory) {
        workload->run(n, n);
        printf("%lu\n", most_resident());
    } else if (count == 4) {
        printf("%lu\n", (unsigned long)workload->run(n, number(words[3])));
    } else {
        printf("%.2f\n",
               median_ns(workload, n, number(words[3]), number(words[4])));
    }
    return 0;
}
