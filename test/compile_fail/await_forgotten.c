/* EXPECT gcc: ignoring return value of 'async_sleep'.*unused-result */
/* EXPECT clang: ignoring return value of function declared with 'warn_unused_result'.*unused-result */
/* FLAGS: -Werror */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct pause {
    ASYNC_FRAME;
};

ASYNC(pause)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    AWAIT(async_sleep(10));
#else
    async_sleep(10);
#endif
    ASYNC_END();
}
