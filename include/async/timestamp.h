/* SPDX-License-Identifier: MIT */

/*
 * Timestamps: the fine clock of accounting and tracing.
 *
 * The library's timestamp is the loop's clock, in ticks: right for a test on
 * virtual time, too coarse to time the steps of real firmware. There, define a
 * function of that name over a counter that runs freely, and say how fast it
 * runs (config.h, ASYNC_TIMESTAMPS_PER_SECOND). The linker then takes yours and
 * leaves ours out of the archive:
 *
 *     uint32_t async_timestamp(const async_loop_t *loop)
 *     {
 *         (void)loop;
 *         return DWT->CYCCNT;      (Cortex-M3 and up; enable it at the start)
 *     }
 *
 * Ticks of 16 bits wrap too soon: with them there is no other than yours.
 */
#ifndef ASYNC_TIMESTAMP_H
#define ASYNC_TIMESTAMP_H

#include "async/loop.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The time, in units of which ASYNC_TIMESTAMPS_PER_SECOND make a second. It
 * never goes back, and wraps at 2^32; what a step, a sleep or the gap between
 * two trace records takes must be shorter than that.
 *
 *  loop  the one it is asked for; NULL where none is known (a trace of what
 *        happens outside of steps: the library's then answers as last time)
 *
 * Context: any, interrupts locked. It must be short.
 */
uint32_t async_timestamp(const async_loop_t *loop);

#ifdef __cplusplus
}
#endif

#endif
