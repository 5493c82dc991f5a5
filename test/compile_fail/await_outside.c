/* EXPECT: AWAIT_must_stand_between_ASYNC_BEGIN_and_ASYNC_END.* undeclared|undeclared identifier 'AWAIT_must_stand_between_ASYNC_BEGIN_and_ASYNC_END' */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct pause {
    ASYNC_FRAME;
};

#ifdef CORRECT
ASYNC(pause)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(10));
    ASYNC_END();
}
#else
async_coro_t *pause_a_little(struct pause *self);
async_coro_t *pause_a_little(struct pause *self)
{
    AWAIT(async_sleep(10));
    return NULL;
}
#endif
