/* EXPECT gcc: (statement with no effect|value computed is not used).*unused-value */
/* FLAGS: -Wall -Werror */
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
    AWAIT_CALL(self->child, child);
#else
    ASYNC_CALL(child);
#endif
    ASYNC_END();
}
