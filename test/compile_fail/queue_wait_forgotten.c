/* EXPECT gcc: ignoring return value of 'async_queue_.*unused-result */
/* EXPECT clang: ignoring return value of function declared with 'warn_unused_result'.*unused-result */
/* FLAGS: -Werror -DFORM=1 */
/* FLAGS: -Werror -DFORM=2 */
/* FLAGS: -Werror -DFORM=3 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

static ASYNC_QUEUE(int, 4) numbers = ASYNC_QUEUE_INIT(numbers);

struct use {
    ASYNC_FRAME;
    int item;
};

ASYNC(use)
{
    ASYNC_BEGIN();
#ifdef CORRECT
    AWAIT(async_queue_wait_item(&numbers));
    async_queue_take(&numbers, &self->item);
    AWAIT(async_queue_wait_room(&numbers));
    async_queue_place(&numbers, &self->item);
    AWAIT(async_queue_join(&numbers));
#elif FORM == 1
    async_queue_wait_item(&numbers);
    async_queue_take(&numbers, &self->item);
#elif FORM == 2
    async_queue_wait_room(&numbers);
    async_queue_place(&numbers, &self->item);
#else
    async_queue_join(&numbers);
#endif
    ASYNC_END();
}
