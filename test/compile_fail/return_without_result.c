/* EXPECT gcc: 'struct step' has no member named 'result' */
/* EXPECT clang: no member named 'result' in 'struct step' */
/* FLAGS: */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

struct step {
    ASYNC_FRAME;
};

ASYNC(step)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    ASYNC_EXIT();
#else
    ASYNC_RETURN(1);
#endif
    ASYNC_END();
}
