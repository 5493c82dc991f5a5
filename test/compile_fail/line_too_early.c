/* EXPECT: coroutines must stand in lines 5 to 15871 */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct pause {
    ASYNC_FRAME;
};

ASYNC(pause)
{
    ASYNC_BEGIN();
#ifdef CORRECT
#line 5
    AWAIT(async_sleep(10));
#else
#line 4
    AWAIT(async_sleep(10));
#endif
    ASYNC_END();
}
