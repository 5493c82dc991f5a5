/* greet.c: the "hello world" of async */
#include <async/async.h>

#include <stdio.h>

struct greet {
    ASYNC_FRAME;        /* first member of every coroutine */
    const char *result; /* what it returns */
    const char *name;   /* argument */
};

ASYNC(greet) /* async def greet(name): */
{
    ASYNC_BEGIN();
    printf("Hello, %s!\n", self->name);
    AWAIT(async_sleep(ASYNC_SECONDS(1)));
    printf("Goodbye, %s!\n", self->name);
    ASYNC_RETURN(self->name);
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());

    ASYNC_OBJECT(greet, alice, .name = "Alice"); /* runs nothing */
    async_print(&alice.coro, stdout); /* <coroutine object greet at 0x...> */

    ASYNC_OBJECT(greet, bob, .name = "Bob");
    int error = async_run(&loop, &bob.coro);
    printf("%s greeted\n", bob.result);
    return error;
} /* warning: coroutine 'greet' was never awaited <- alice */
