/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

static async_event_t button;

struct blink {
    ASYNC_FRAME; /* first member of every coroutine */
    int times;   /* argument */
    int i;       /* local that lives across an AWAIT */
};

ASYNC(blink) /* async def blink(times): */
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < self->times; self->i++) {
        printf("led %s\n", self->i % 2 == 0 ? "on" : "off");
        AWAIT(async_sleep(ASYNC_MS(100))); /* others run meanwhile */
    }
    async_event_set(&button); /* an interrupt handler may do this, too */
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    async_task_t task;
    struct blink blink;
};

ASYNC(app)
{
    ASYNC_BEGIN();
    self->blink = ASYNC_CALL(blink, .times = 4);
    async_spawn(async_current_loop(), &self->task, &self->blink.coro);
    AWAIT(async_wait_for(async_event_wait(&button), ASYNC_SECONDS(5)));
    printf("button pressed\n");
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());
    ASYNC_OBJECT(app, app);
    return async_run(&loop, &app.coro);
}
