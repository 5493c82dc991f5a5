/* SPDX-License-Identifier: MIT */

/*
 * A trace as a stream: a task of the program sends the records as they come, on
 * firmware to a UART, here to the standard output.
 *
 *     ./trace_stream | async-trace.py - trace_stream
 */
#include <async/async.h>

#include <stdio.h>

static ASYNC_TRACE_RING(64) ring;

/* --- The sender ----------------------------------------------------------- */

struct send_trace {
    ASYNC_FRAME;
    unsigned count;
    async_trace_record_t records[16];
};

ASYNC_STATIC(send_trace)
{
    ASYNC_BEGIN();
    for (;;) {
        self->count = async_trace_read(self->records, 16);
        /* On firmware: AWAIT(async_stream_write(...)) */
        fwrite(self->records, sizeof self->records[0], self->count, stdout);
        if (self->count == 16) {
            ASYNC_YIELD();
        } else { /* not "until there are none": this task makes some, too */
            AWAIT(async_sleep(ASYNC_MS(20)));
        }
    }
    ASYNC_END();
}

/* --- Something to see ----------------------------------------------------- */

#define SAMPLE_READY 1

struct sample {
    ASYNC_FRAME;
    int left; /* how many */
};

ASYNC_STATIC(sample)
{
    ASYNC_BEGIN();
    while (self->left-- > 0) {
        AWAIT(async_sleep(ASYNC_MS(7)));
        ASYNC_TRACE_MARK(SAMPLE_READY);
    }
    ASYNC_END();
}

static async_task_t sender;
static struct send_trace send_trace = ASYNC_CALL_INIT(send_trace);

int main(void)
{
    async_loop_t loop;
    async_virtual_clock_t clock;
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    async_trace_start(&ring);
    async_spawn(&loop, &sender, &send_trace.coro);
    ASYNC_OBJECT(sample, sample, .left = 20);
    return async_run(&loop, &sample.coro);
}
