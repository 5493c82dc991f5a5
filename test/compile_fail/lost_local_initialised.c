/* EXPECT gcc: switch jumps over variable initialization */
/* EXPECT clang: variable 'count' (is|may be) (used )?uninitialized */
/* FLAGS gcc: */
/* FLAGS: -Wall */
/* FLAGS: -Wall -O2 */
/* STRICT: 1 0 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct sample {
    ASYNC_FRAME;
    int result;
    int count;
};

ASYNC(sample)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    self->count = 3;
    AWAIT(async_sleep(10));
    ASYNC_RETURN(self->count);
#else
    int count = 3;
    AWAIT(async_sleep(10));
    ASYNC_RETURN(count);
#endif
    ASYNC_END();
}
