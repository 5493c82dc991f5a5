/* SPDX-License-Identifier: MIT */

/*
 * Accounting as a table: who takes the time.
 *
 * The busiest task comes first. There is no room to sort them in, so for each
 * row all tasks are looked at: the next is the busiest of those that are less
 * busy than the last.
 */
#include "core.h"
#include "counts.h"
#include "describe.h"

#if ASYNC_ACCOUNTING

/* --- Cells ---------------------------------------------------------------- */

static void put_spaces(const async_writer_t_ *to, unsigned count)
{
    while (count-- > 0) {
        PUT(to, " ");
    }
}

static void put_right(const async_writer_t_ *to, async_number_t_ number,
                      unsigned width)
{
    unsigned digits = 1;
    for (async_number_t_ rest = number; rest > 9; rest /= 10) {
        digits++;
    }
    put_spaces(to, width > digits ? width - digits : 0);
    async_put_number_(to, number);
}

static void put_us(const async_writer_t_ *to, uint32_t timestamps)
{
    put_right(to, (async_number_t_)async_account_us(timestamps), 12);
}

static void put_share(const async_writer_t_ *to, uint64_t part, uint64_t whole,
                      unsigned width)
{
    unsigned thousandths = async_account_share(part, whole);
    put_right(to, thousandths / 10, width);
    PUT(to, ".");
    async_put_number_(to, thousandths % 10);
    PUT(to, " %");
}

static void put_seconds(const async_writer_t_ *to, uint64_t timestamps)
{
    uint64_t ms = async_account_us(timestamps) / 1000;
    unsigned rest = (unsigned)(ms % 1000);
    async_put_number_(to, (async_number_t_)(ms / 1000));
    PUT(to, ".");
    async_put_number_(to, rest / 100);
    async_put_number_(to, rest / 10 % 10);
    async_put_number_(to, rest % 10);
    PUT(to, " s");
}

/* --- Rows ----------------------------------------------------------------- */

static void put_loop(const async_writer_t_ *to,
                     const async_loop_account_t *loop)
{
    put_seconds(to, loop->elapsed);
    PUT(to, ": ");
    put_share(to, loop->asleep, loop->elapsed, 1);
    PUT(to, " asleep, ");
    async_put_number_(to, loop->sleeps);
    PUT(to, " sleeps\n");
    PUT(to, "   share     steps  longest us  latency us  task\n");
}

static void put_steps(const async_writer_t_ *to, uint64_t time, uint32_t steps,
                      const async_loop_account_t *loop)
{
    put_share(to, time, loop->elapsed, 4);
    put_right(to, steps, 10);
}

static void put_numbers(const async_writer_t_ *to,
                        const async_counts_t_ *counts,
                        const async_loop_account_t *loop)
{
    put_steps(to, value_of(&counts->time_), counts->steps_, loop);
    put_us(to, counts->longest_);
    put_us(to, counts->worst_);
    PUT(to, "  ");
}

static void put_longest(const async_writer_t_ *to,
                        const async_counts_t_ *counts)
{
    const async_coro_t longest = longest_beginning(counts);
    if (counts->steps_ != 0) {
        PUT(to, ", longest from ");
        async_put_beginning_(to, &longest);
    }
    PUT(to, "\n");
}

static void put_task(const async_writer_t_ *to, const async_task_t *task,
                     const async_loop_account_t *loop)
{
    put_numbers(to, &task->counts_, loop);
    async_put_name_(to, async_root_of_(task->leaf_));
    put_longest(to, &task->counts_);
}

/* Tasks that have ended; what they had is what the loop has in addition. */
static void put_ended(const async_writer_t_ *to, uint64_t time, uint32_t steps,
                      const async_loop_account_t *loop)
{
    if (loop->tasks.steps > steps && loop->tasks.time >= time) {
        put_steps(to, loop->tasks.time - time, loop->tasks.steps - steps, loop);
        put_spaces(to, 26);
        PUT(to, "tasks that have ended\n");
    }
}

/* --- Table ---------------------------------------------------------------- */

/* The order of the rows; tasks that are equal come as their addresses do. */
static bool comes_before(const async_task_t *a, const async_task_t *b)
{
    uint64_t time_a = value_of(&a->counts_.time_);
    uint64_t time_b = value_of(&b->counts_.time_);
    return time_a != time_b ? time_a > time_b : (uintptr_t)a < (uintptr_t)b;
}

static const async_task_t *next_row(const async_loop_t *loop,
                                    const async_task_t *last)
{
    const async_task_t *first = NULL;
    const async_task_t *task = NULL;
    while ((task = async_next_task_(loop, task)) != NULL) {
        if ((last == NULL || comes_before(last, task)) &&
            (first == NULL || comes_before(task, first))) {
            first = task;
        }
    }
    return first;
}

void async_account_write(const async_loop_t *loop, async_write_t *write,
                         void *context)
{
    const async_writer_t_ to = {write, context};
    async_loop_account_t account = async_loop_account(loop);
    uint64_t time = 0;
    uint32_t steps = 0;
    put_loop(&to, &account);
    const async_task_t *task = NULL;
    while ((task = next_row(loop, task)) != NULL) {
        put_task(&to, task, &account);
        time += value_of(&task->counts_.time_);
        steps += task->counts_.steps_;
    }
    put_ended(&to, time, steps, &account);
    put_numbers(&to, &loop->counts_, &account);
    PUT(&to, "all");
    put_longest(&to, &loop->counts_);
}

#endif
