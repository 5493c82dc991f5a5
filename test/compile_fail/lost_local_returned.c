/* EXPECT gcc: 'count' (may be|is) used uninitialized */
/* EXPECT clang: variable 'count' (is|may be) (used )?uninitialized */
/* FLAGS gcc: -O1 */
/* FLAGS gcc: -O2 */
/* FLAGS gcc: -Os */
/* FLAGS: -Wall -O1 */
/* STRICT: 1 0 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

int measure(void);

struct sample {
    ASYNC_FRAME;
    int result;
    int count;
};

ASYNC(sample)
{
#ifdef CORRECT
    ASYNC_BEGIN();
    self->count = measure();
    AWAIT(async_sleep(10));
    ASYNC_RETURN(self->count);
#else
    int count;
    ASYNC_BEGIN();
    count = measure();
    AWAIT(async_sleep(10));
    ASYNC_RETURN(count);
#endif
    ASYNC_END();
}
