/* EXPECT: 'struct count' has no member named 'for_'|no member named 'for_' in 'struct count' */
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
ASYNC_DECLARE(count);

struct use {
    ASYNC_FRAME;
    struct count count;
};

ASYNC(use)
{
    ASYNC_BEGIN();
    self->count = ASYNC_CALL(count);
    ASYNC_FOR(&self->count) {
        AWAIT(async_sleep(1));
    }
    ASYNC_END();
}
