/* SPDX-License-Identifier: MIT */

/*
 * Workloads whose cost per operation is measured, see run.sh.
 *
 * A workload is a function that prepares `n` tasks and then does at least
 * `operations` of them. Only the difference of two run lengths counts, so
 * set-up and end cost nothing.
 */
#ifndef BENCH_H
#define BENCH_H

#include <async/async.h>

#define BENCH_TASKS 1000

extern async_loop_t bench_loop;

/* Operations that each task (yield) or all together (others) have to do; read
 * again each time, as a program reads its state. */
extern volatile unsigned long bench_bound;

/* Run these objects as tasks, beginning at the next bench_finish or
 * async_poll. */
void bench_spawn(async_coro_t *coro);

/* Run until every task has ended. */
void bench_finish(void);

void bench_yield(unsigned n, unsigned long operations);
void bench_depth(unsigned depth, unsigned long operations);
void bench_ping(unsigned n, unsigned long operations);
void bench_wake(unsigned n, unsigned long operations);
void bench_sleep(unsigned n, unsigned long operations);
void bench_call(unsigned n, unsigned long operations);

#endif
