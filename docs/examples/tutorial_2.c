/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

struct countdown {
    ASYNC_FRAME;
    const char *name;
    int from;
    int i;
};

ASYNC(countdown)
{
    ASYNC_BEGIN();
    for (self->i = self->from; self->i > 0; self->i--) {
        printf("%s: %d\n", self->name, self->i);
        AWAIT(async_sleep(ASYNC_MS(100)));
    }
    printf("%s: lift-off\n", self->name);
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());

    ASYNC_OBJECT(countdown, rocket, .name = "rocket", .from = 3);
    return async_run(&loop, &rocket.coro);
}
