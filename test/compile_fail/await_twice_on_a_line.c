/* EXPECT: duplicate case value */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct pauses {
    ASYNC_FRAME;
};

ASYNC(pauses)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    AWAIT(async_sleep(10));
    AWAIT(async_sleep(20));
#else
    AWAIT(async_sleep(10)); AWAIT(async_sleep(20));
#endif
    ASYNC_END();
}
