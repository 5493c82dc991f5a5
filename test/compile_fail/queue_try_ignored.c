/* EXPECT gcc: ignoring return value of 'async_queue_try_.*unused-result */
/* EXPECT clang: ignoring return value of function declared with 'warn_unused_result'.*unused-result */
/* FLAGS: -Werror -DFORM=1 */
/* FLAGS: -Werror -DFORM=2 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

static ASYNC_QUEUE(int, 4) numbers = ASYNC_QUEUE_INIT(numbers);

int exchange(int item);
int exchange(int item)
{
#ifdef CORRECT
    int error = async_queue_try_put(&numbers, &item);
    return error != ASYNC_OK ? error : async_queue_try_get(&numbers, &item);
#elif FORM == 1
    async_queue_try_put(&numbers, &item);
    return item;
#else
    async_queue_try_get(&numbers, &item);
    return item;
#endif
}
