/* SPDX-License-Identifier: MIT */

/*
 * The timestamp of programs that have none: alone in its file, so that a
 * program's own takes its place.
 */
#include "async/timestamp.h"

#if ASYNC_TICK_BITS > 16
#include "async/port.h"

uint32_t async_timestamp(const async_loop_t *loop)
{
    static ASYNC_PORT_THREAD_LOCAL uint32_t last;
    if (loop != NULL) {
        last = (uint32_t)loop->clock_->ops->now(loop->clock_);
    }
    return last;
}
#endif
