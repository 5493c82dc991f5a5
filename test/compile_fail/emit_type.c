/* EXPECT gcc: assignment to 'int' from 'char \*' makes integer from pointer */
/* EXPECT clang: incompatible pointer to integer conversion assigning to 'int' */
/* FLAGS: -Werror */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct count {
    ASYNC_GENERATOR(int);
};

ASYNC(count)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    ASYNC_EMIT(1);
#else
    ASYNC_EMIT("1");
#endif
    ASYNC_END();
}
