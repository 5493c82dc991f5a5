/* EXPECT gcc: initialization of 'const char \*' from 'int' makes pointer from integer */
/* EXPECT clang: incompatible integer to pointer conversion initializing 'const char \*' with an expression of type 'int' */
/* FLAGS: -Werror */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct greet {
    ASYNC_FRAME;
    const char *name;
};
ASYNC_DECLARE(greet);

struct greet make(void);
struct greet make(void)
{
#ifdef CORRECT
    return ASYNC_CALL(greet, .name = "Bob");
#else
    return ASYNC_CALL(greet, .name = 7);
#endif
}
