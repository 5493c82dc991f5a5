/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

struct measure {
    ASYNC_FRAME;
    int result; /* what it returns */
    int channel;
};

ASYNC(measure)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_MS(50))); /* the converter is slow */
    ASYNC_RETURN(self->channel * 100);
    ASYNC_END();
}

struct report {
    ASYNC_FRAME;
    int i;
    struct measure measure; /* the call in progress */
};

ASYNC(report)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i <= 3; self->i++) {
        AWAIT_CALL(self->measure, measure, .channel = self->i);
        printf("channel %d: %d mV\n", self->i, self->measure.result);
    }
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());

    ASYNC_OBJECT(report, report);
    return async_run(&loop, &report.coro);
}
