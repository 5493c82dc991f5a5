/* EXPECT gcc: (overflow in (implicit constant )?conversion|case label value exceeds|conversion from .* changes value|integer implicitly truncated) */
/* EXPECT clang: overflow converting case value to switch condition type */
/* FLAGS: */
/* FLAGS: -Wall -O2 */
/* STRICT: 1 0 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct step {
    ASYNC_GENERATOR(int);
    int kind;
};

ASYNC(step)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    if (self->kind == 1) {
        ASYNC_EMIT(10);
    } else if (self->kind == 2) {
        ASYNC_EMIT(20);
    }
#else
    switch (self->kind) {
    case 1:
        ASYNC_EMIT(10);
        break;
    case 2:
        ASYNC_EMIT(20);
        break;
    }
#endif
    ASYNC_END();
}
