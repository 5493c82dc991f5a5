/* EXPECT: 'struct count' has no member named 'value'|no member named 'value' in 'struct count' */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct count {
#ifdef CORRECT
    ASYNC_GENERATOR(int);
#else
    ASYNC_FRAME;
#endif
};

ASYNC(count)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    ASYNC_END();
}
