/* SPDX-License-Identifier: MIT */

/*
 * bench WORKLOAD N OPERATIONS: do one workload once, on the virtual clock.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

async_loop_t bench_loop;
volatile unsigned long bench_bound;

static async_task_t tasks[BENCH_TASKS];
static unsigned task_count;

void bench_spawn(async_coro_t *coro)
{
    async_spawn(&bench_loop, &tasks[task_count++], coro);
}

struct join_all {
    ASYNC_FRAME;
    unsigned next;
};

ASYNC_STATIC(join_all)
{
    ASYNC_BEGIN();
    for (; self->next < task_count; self->next++) {
        AWAIT(async_join(&tasks[self->next]));
    }
    ASYNC_END();
}

void bench_finish(void)
{
    ASYNC_OBJECT(join_all, all, .next = 0);
    if (async_run(&bench_loop, &all.coro) != ASYNC_OK) {
        abort();
    }
}

static const struct {
    const char *name;
    void (*run)(unsigned n, unsigned long operations);
} workloads[] = {
    {"yield", bench_yield}, {"depth", bench_depth}, {"ping", bench_ping},
    {"wake", bench_wake},   {"sleep", bench_sleep}, {"call", bench_call},
};

int main(int argc, char **argv)
{
    async_virtual_clock_t clock;
    async_loop_init(&bench_loop, async_virtual_clock_init(&clock, 0));
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        if (argc == 4 && strcmp(argv[1], workloads[i].name) == 0) {
            unsigned n = (unsigned)strtoul(argv[2], NULL, 10);
            if (n == 0 || n > BENCH_TASKS) {
                break;
            }
            workloads[i].run(n, strtoul(argv[3], NULL, 10));
            return 0;
        }
    }
    fprintf(stderr, "bench WORKLOAD N OPERATIONS\n");
    return 2;
}
