/* SPDX-License-Identifier: MIT */

/*
 * The program of the consumer projects: one coroutine that calls another,
 * under virtual time.
 */
#include <async/async.h>

#ifndef EXPECTED_RATE
#define EXPECTED_RATE 1000
#endif
#if ASYNC_TICKS_PER_SECOND != EXPECTED_RATE
#error "the knobs do not reach the program"
#endif

struct twice {
    ASYNC_FRAME;
    int result;
    int number;
};

ASYNC_STATIC(twice)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_SECONDS(1)));
    ASYNC_RETURN(2 * self->number);
    ASYNC_END();
}

struct four_times {
    ASYNC_FRAME;
    int result;
    int number;
    struct twice twice;
};

ASYNC_STATIC(four_times)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->twice, twice, .number = self->number);
    AWAIT_CALL(self->twice, twice, .number = self->twice.result);
    ASYNC_RETURN(self->twice.result);
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_virtual_clock_t clock;
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    ASYNC_OBJECT(four_times, object, .number = 3);
    int error = async_run(&loop, &object.coro);
    bool right = error == 0 && object.result == 12 &&
                 async_loop_now(&loop) == ASYNC_SECONDS(2);
    return right ? 0 : 1;
}
