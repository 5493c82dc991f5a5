/* EXPECT gcc: incompatible type for argument 1 of 'async_wait_for' */
/* EXPECT clang: passing 'async_call_t' .* to parameter of incompatible type 'async_wait_t' */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct child {
    ASYNC_FRAME;
};
ASYNC_DECLARE(child);

struct parent {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct child child;
};

ASYNC(parent)
{
    ASYNC_BEGIN();
    self->child = ASYNC_CALL(child);
#ifdef CORRECT
    ASYNC_TIMEOUT(&self->limit, ASYNC_MS(50))
    {
        AWAIT(async_call(&self->child.coro));
    }
#else
    AWAIT(async_wait_for(async_call(&self->child.coro), ASYNC_MS(50)));
#endif
    ASYNC_END();
}
