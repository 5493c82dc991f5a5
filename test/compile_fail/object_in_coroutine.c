/* EXPECT gcc: switch jumps over variable initialization */
/* EXPECT clang: cannot jump from switch statement to this case label */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct child {
    ASYNC_FRAME;
};
ASYNC_DECLARE(child);

struct parent {
    ASYNC_FRAME;
    struct child child;
};

ASYNC(parent)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    self->child = ASYNC_CALL(child);
    AWAIT(async_call(&self->child.coro));
#else
    ASYNC_OBJECT(child, child);
    AWAIT(async_call(&child.coro));
#endif
    ASYNC_END();
}
