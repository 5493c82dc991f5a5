/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

struct countdown {
    ASYNC_FRAME;
    const char *name;
    async_ticks_t pause;
    int i;
};

ASYNC(countdown)
{
    ASYNC_BEGIN();
    for (self->i = 3; self->i > 0; self->i--) {
        printf("%s: %d\n", self->name, self->i);
        AWAIT(async_sleep(self->pause));
    }
    printf("%s: done\n", self->name);
    ASYNC_FINALLY();
    printf("%s: engine off\n", self->name);
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    async_task_t hare_task;
    struct countdown hare;
    struct countdown tortoise;
    async_timeout_t limit;
};

ASYNC(app)
{
    ASYNC_BEGIN();
    self->hare = ASYNC_CALL(countdown, .name = "hare", .pause = ASYNC_MS(100));
    async_spawn(async_current_loop(), &self->hare_task, &self->hare.coro);
    ASYNC_TIMEOUT(&self->limit, ASYNC_MS(400)) {
        AWAIT_CALL(self->tortoise, countdown, .name = "tortoise",
                   .pause = ASYNC_MS(250));
    }
    if (async_timeout_expired(&self->limit)) {
        printf("the tortoise took too long\n");
    }
    AWAIT(async_join(&self->hare_task));
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());

    ASYNC_OBJECT(app, app);
    return async_run(&loop, &app.coro);
}
