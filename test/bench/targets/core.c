/* SPDX-License-Identifier: MIT */

/*
 * A program that uses the core: tasks, the loop, cancel, join, scopes,
 * unwinding, limits, sleep. What the linker keeps of the library is its size.
 */
#include <async/async.h>

static async_time_t now(async_clock_t *clock)
{
    (void)clock;
    return 0;
}

static bool sleep_until(async_clock_t *clock, const async_time_t *deadline,
                        bool polling)
{
    (void)clock;
    (void)deadline;
    (void)polling;
    return true;
}

static const async_clock_ops_t ops = {.now = now, .sleep = sleep_until};
static async_clock_t test_clock = {&ops};
static async_loop_t loop;
static async_task_t task, other;

static void leave(void *object)
{
    (void)object;
}

struct child {
    ASYNC_FRAME;
};

ASYNC_STATIC(child)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_RAISE(-1);
    ASYNC_END();
}

struct all {
    ASYNC_FRAME;
    struct child child;
    async_try_t attempt;
    async_timeout_t limit;
    async_with_t guard;
};

ASYNC_STATIC(all)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        ASYNC_TIMEOUT(&self->limit, 10) {
            ASYNC_WITH(&self->guard, leave, NULL) {
                AWAIT_CALL(self->child, child);
            }
        }
    }
    AWAIT(async_join(&other));
    (void)async_cancel(&other);
    ASYNC_YIELD();
    ASYNC_END();
}

static struct all one = ASYNC_CALL_INIT(all);
static struct child two = ASYNC_CALL_INIT(child);

int main(void)
{
    async_loop_init(&loop, &test_clock);
    async_spawn(&loop, &task, &one.coro);
    async_spawn(&loop, &other, &two.coro);
    return async_run_forever(&loop);
}
