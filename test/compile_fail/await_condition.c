/* EXPECT gcc: request for member 'awaitable_' in something not a structure */
/* EXPECT clang: member reference base type 'bool' is not a structure */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct ready {
    ASYNC_FRAME;
    bool flag;
};

ASYNC(ready)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    AWAIT_UNTIL(self->flag);
#else
    AWAIT(self->flag);
#endif
    ASYNC_END();
}
