/* SPDX-License-Identifier: MIT */

/*
 * A task that is stopped while a block is entered, by the report of a limit
 * that is too long: its scope is open, and its body has not begun.
 */
#include <async/async.h>

void stop_here(void);
void stop_here(void)
{
}

void async_on_report(const async_report_t *report)
{
    (void)report;
    stop_here();
}

struct impatient {
    ASYNC_FRAME;
    async_timeout_t limit;
};

ASYNC_STATIC(impatient)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();                                     /* yielded */
    ASYNC_TIMEOUT(&self->limit, ASYNC_TICKS_MAX + 1) { /* entered */
        ASYNC_YIELD();
    }
    ASYNC_END();
}

int main(void)
{
    static async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());
    ASYNC_OBJECT(impatient, impatient);
    return async_run(&loop, &impatient.coro);
}
