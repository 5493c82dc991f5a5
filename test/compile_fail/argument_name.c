/* EXPECT gcc: 'struct greet' has no member named 'nane' */
/* EXPECT clang: field designator 'nane' does not refer to any field in type 'struct greet' */
/* FLAGS: */
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
    return ASYNC_CALL(greet, .nane = "Bob");
#endif
}
