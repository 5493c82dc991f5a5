/* EXPECT: ASYNC_FRAME must be the first member */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct late {
#ifdef CORRECT
    ASYNC_FRAME;
    int number;
#else
    int number;
    ASYNC_FRAME;
#endif
};

ASYNC(late)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    self->number++;
    ASYNC_END();
}
