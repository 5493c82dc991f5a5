/* EXPECT gcc: (overflow in (implicit constant )?conversion|case label value exceeds|conversion from .* changes value|integer implicitly truncated) */
/* EXPECT clang: overflow converting case value to switch condition type */
/* FLAGS: */
/* FLAGS: -Wall -O2 */
/* STRICT: 1 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct step {
    ASYNC_FRAME;
    char kind;
};

ASYNC(step)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    if (self->kind == 'a') {
        AWAIT(async_sleep(10));
    } else if (self->kind == 'b') {
        AWAIT(async_sleep(20));
    }
#else
    switch (self->kind) {
    case 'a':
        AWAIT(async_sleep(10));
        break;
    case 'b':
        AWAIT(async_sleep(20));
        break;
    }
#endif
    ASYNC_END();
}
