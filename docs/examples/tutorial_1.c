/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

struct greet {
    ASYNC_FRAME;
    const char *name;
};

ASYNC(greet)
{
    ASYNC_BEGIN();
    printf("Hello, %s!\n", self->name);
    AWAIT(async_sleep(ASYNC_MS(500)));
    printf("Goodbye, %s!\n", self->name);
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());

    ASYNC_OBJECT(greet, alice, .name = "Alice");
    return async_run(&loop, &alice.coro);
}
