/* SPDX-License-Identifier: MIT */

/*
 * Each thing that the library offers a C program, used from C++.
 */
#include "twice.h"

static bool cleaned_up;

struct fail {
    ASYNC_FRAME;
    int error;
};

ASYNC_STATIC(fail)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_MS(10)));
    ASYNC_RAISE(self->error);
    ASYNC_FINALLY();
    cleaned_up = true;
    ASYNC_END();
}

struct all {
    ASYNC_FRAME;
    int result;
    int number;
    int error;
    struct twice twice;
    struct fail fail;
    async_event_t event;
    async_task_t task;
    async_ticker_t ticker;
    async_timeout_t limit;
    async_try_t attempt;
};

ASYNC(all)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->twice, twice, .number = self->number);
    ASYNC_TRY (&self->attempt) {
        AWAIT_CALL(self->fail, fail, .error = -5);
    }
    if (async_try_error(&self->attempt) != -5 || !cleaned_up) {
        ASYNC_RAISE(-1);
    }
    ASYNC_TIMEOUT (&self->limit, ASYNC_MS(20)) {
        AWAIT(async_event_wait(&self->event));
    }
    if (!async_timeout_expired(&self->limit)) {
        ASYNC_RAISE(-2);
    }
    AWAIT_CATCH(self->error,
                async_wait_for(async_event_wait(&self->event), ASYNC_MS(5)));
    if (self->error != ASYNC_ERR_TIMEOUT) {
        ASYNC_RAISE(-3);
    }
    self->fail = ASYNC_CALL(fail, .error = -6);
    async_spawn(async_current_loop(), &self->task, &self->fail.coro);
    AWAIT_CATCH(self->error, async_join(&self->task));
    if (self->error != -6) {
        ASYNC_RAISE(-4);
    }
    ASYNC_YIELD();
    AWAIT_UNTIL(cleaned_up);
    ASYNC_RETURN(self->twice.result);
    ASYNC_END();
}

int main()
{
    async_loop_t loop;
    async_virtual_clock_t clock;
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    ASYNC_OBJECT(all, object, .number = 21);
    int error = async_run(&loop, &object.coro);
    return error == 0 && object.result == 42 ? 0 : 1;
}
