/* EXPECT gcc: discards 'const' qualifier */
/* EXPECT clang: discards qualifiers */
/* FLAGS: -Werror -DFORM=1 */
/* FLAGS: -Werror -DFORM=2 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

static ASYNC_QUEUE(int, 4) numbers = ASYNC_QUEUE_INIT(numbers);
static const int constant;

struct use {
    ASYNC_FRAME;
    int error;
    int item;
};

/* What is put may be const; what is got may not. */
ASYNC(use)
{
    ASYNC_BEGIN();
    AWAIT_PUT(&numbers, &constant);
    self->error = async_queue_try_put(&numbers, &constant);
#ifdef CORRECT
    AWAIT_GET(&numbers, &self->item);
    self->error = async_queue_try_get(&numbers, &self->item);
#elif FORM == 1
    AWAIT_GET(&numbers, &constant);
#else
    self->error = async_queue_try_get(&numbers, &constant);
#endif
    ASYNC_END();
}
