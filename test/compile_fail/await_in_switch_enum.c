/* EXPECT gcc: (overflow in (implicit constant )?conversion|case label value exceeds|conversion from .* changes value|integer implicitly truncated) */
/* EXPECT clang: overflow converting case value to switch condition type */
/* FLAGS: */
/* FLAGS: -Wall -O2 */
/* STRICT: 1 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

enum kind { KIND_A, KIND_B };

struct step {
    ASYNC_FRAME;
    enum kind kind;
};

ASYNC(step)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    if (self->kind == KIND_A) {
        AWAIT(async_sleep(10));
    } else if (self->kind == KIND_B) {
        AWAIT(async_sleep(20));
    }
#else
    switch (self->kind) {
    case KIND_A:
        AWAIT(async_sleep(10));
        break;
    case KIND_B:
        AWAIT(async_sleep(20));
        break;
    }
#endif
    ASYNC_END();
}
