/* SPDX-License-Identifier: MIT */

/*
 * A dump: where every task stands, and what it waits for. Two tasks want a bus
 * that a third has and does not give back, since its sensor does not answer.
 */
#include <async/async.h>

#include <stdio.h>

static async_loop_t loop;
static async_virtual_clock_t clock;
static async_lock_t bus;
static async_event_t answered;

struct transfer {
    ASYNC_FRAME;
};

ASYNC(transfer)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&answered));
    ASYNC_END();
}

struct measure {
    ASYNC_FRAME;
    async_with_t guard;
    async_timeout_t limit;
    struct transfer transfer;
};

ASYNC(measure)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &bus) {
        ASYNC_TIMEOUT(&self->limit, ASYNC_SECONDS(60)) {
            AWAIT_CALL(self->transfer, transfer);
        }
    }
    ASYNC_END();
}

struct blink {
    ASYNC_FRAME;
};

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep(ASYNC_MS(50)));
    }
    ASYNC_END();
}

/* On a chip: to a UART, or into RAM that a reset leaves alone. */
static void write_text(void *context, const char *text, size_t length)
{
    fwrite(text, 1, length, (FILE *)context);
}

int main(void)
{
    static struct measure measures[3];
    static struct blink blink = ASYNC_CALL_INIT(blink);
    static async_task_t tasks[4];
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    for (int i = 0; i < 3; i++) {
        measures[i] = ASYNC_CALL(measure);
        async_spawn(&loop, &tasks[i], &measures[i].coro);
    }
    async_spawn(&loop, &tasks[3], &blink.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&clock, ASYNC_MS(20));
    async_dump(&loop, write_text, stdout);
    return 0;
}
