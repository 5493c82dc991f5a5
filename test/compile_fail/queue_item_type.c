/* EXPECT gcc: invalid operands to binary - */
/* EXPECT clang: are not pointers to compatible types */
/* FLAGS: -DFORM=1 */
/* FLAGS: -DFORM=2 */
/* FLAGS: -DFORM=3 */
/* FLAGS: -DFORM=4 */
/* FLAGS: -DFORM=5 */
/* FLAGS: -DFORM=6 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

static ASYNC_QUEUE(int, 4) numbers = ASYNC_QUEUE_INIT(numbers);

struct use {
    ASYNC_FRAME;
    int error;
#ifdef CORRECT
    int item;
#else
    long item;
#endif
};

ASYNC(use)
{
    ASYNC_BEGIN();
#if defined(CORRECT) || FORM == 1
    AWAIT_PUT(&numbers, &self->item);
#endif
#if defined(CORRECT) || FORM == 2
    AWAIT_GET(&numbers, &self->item);
#endif
#if defined(CORRECT) || FORM == 3
    self->error = async_queue_try_put(&numbers, &self->item);
#endif
#if defined(CORRECT) || FORM == 4
    self->error = async_queue_try_get(&numbers, &self->item);
#endif
#if defined(CORRECT) || FORM == 5
    AWAIT(async_queue_wait_item(&numbers));
    async_queue_take(&numbers, &self->item);
#endif
#if defined(CORRECT) || FORM == 6
    AWAIT(async_queue_wait_room(&numbers));
    async_queue_place(&numbers, &self->item);
#endif
    ASYNC_END();
}
