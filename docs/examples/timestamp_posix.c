/* SPDX-License-Identifier: MIT */

/*
 * Timestamps of a PC: nanoseconds. ASYNC_TIMESTAMPS_PER_SECOND is 1000000000,
 * and nothing may last longer than 4.2 seconds.
 */
#define _POSIX_C_SOURCE 200809L

#include <async/timestamp.h>

#include <time.h>

uint32_t async_timestamp(const async_loop_t *loop)
{
    (void)loop;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000000u +
                      (uint64_t)now.tv_nsec);
}
