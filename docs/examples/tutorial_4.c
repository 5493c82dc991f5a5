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
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    async_task_t hare_task;
    async_task_t tortoise_task;
    struct countdown hare;
    struct countdown tortoise;
};

ASYNC(app)
{
    ASYNC_BEGIN();
    self->hare = ASYNC_CALL(countdown, .name = "hare", .pause = ASYNC_MS(100));
    self->tortoise =
        ASYNC_CALL(countdown, .name = "tortoise", .pause = ASYNC_MS(250));
    async_spawn(async_current_loop(), &self->hare_task, &self->hare.coro);
    async_spawn(async_current_loop(), &self->tortoise_task,
                &self->tortoise.coro);
    AWAIT(async_join(&self->hare_task));
    printf("the hare is in\n");
    AWAIT(async_join(&self->tortoise_task));
    printf("the tortoise is in\n");
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());

    ASYNC_OBJECT(app, app);
    return async_run(&loop, &app.coro);
}
