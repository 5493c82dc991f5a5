/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

static ASYNC_QUEUE(int, 4) samples = ASYNC_QUEUE_INIT(samples);

struct measure {
    ASYNC_FRAME; /* first member of every coroutine */
    int first;   /* argument */
    int i;       /* local that lives across an AWAIT */
};

ASYNC(measure) /* async def measure(first): */
{
    ASYNC_BEGIN();
    for (self->i = self->first;; self->i++) {
        AWAIT(async_sleep(ASYNC_MS(100))); /* others run meanwhile */
        AWAIT_PUT(&samples, &self->i);     /* waits while it is full */
    }
    ASYNC_FINALLY(); /* on return, error, cancellation */
    printf("sensor off\n");
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    int sample;
    async_timeout_t limit;
    async_group_t group;
    async_member_t member;
    struct measure measure;
};

ASYNC(app)
{
    ASYNC_BEGIN();
    self->measure = ASYNC_CALL(measure, .first = 1);
    ASYNC_TIMEOUT(&self->limit, ASYNC_MS(350)) {
        ASYNC_GROUP(&self->group) { /* async with TaskGroup(): */
            async_group_spawn(&self->group, &self->member, &self->measure.coro);
            for (;;) {
                AWAIT_GET(&samples, &self->sample);
                printf("sample %d\n", self->sample);
            }
        }
    } /* the time is up: both have ended, and have cleaned up */
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());
    ASYNC_OBJECT(app, app);
    return async_run(&loop, &app.coro);
}
