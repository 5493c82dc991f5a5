/* EXPECT: counts and ticks per second have too few factors in common */
/* FLAGS: -DRATE=2147487 */
/* FLAGS: -DRATE=31999999 */
/* SPDX-License-Identifier: MIT */
#include <async/async.h>

static uint32_t count(void)
{
    return 0;
}

static void set_alarm(uint32_t at)
{
    (void)at;
}

/* With 1000 ticks per second 2147483 is the largest rate that shares no factor
 * with it and fits; 32 MHz is reduced to 32000 and 1. */
#ifdef CORRECT
async_counter_clock_t odd =
    ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, 32, 2147483);
async_counter_clock_t even =
    ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, 32, 32000000);
#else
async_counter_clock_t wrong =
    ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, 32, RATE);
#endif
