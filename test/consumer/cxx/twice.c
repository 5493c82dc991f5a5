/* SPDX-License-Identifier: MIT */
#include "twice.h"

ASYNC(twice)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_SECONDS(1)));
    ASYNC_RETURN(2 * self->number);
    ASYNC_END();
}
