/* EXPECT: unused variable 'child'.*unused-variable */
/* FLAGS: -Wall -Werror */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct child {
    ASYNC_FRAME;
};
ASYNC_DECLARE(child);

int run(async_loop_t *loop);
int run(async_loop_t *loop)
{
    struct child child = ASYNC_CALL(child);
#ifdef CORRECT
    return async_run(loop, &child.coro);
#else
    (void)loop;
    return 0;
#endif
}
