/* EXPECT: a counter has 8 to 32 bits */
/* FLAGS: -DBITS=7 */
/* FLAGS: -DBITS=33 */
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

#ifdef CORRECT
async_counter_clock_t narrow =
    ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, 8, 32768);
async_counter_clock_t wide =
    ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, 32, 32768);
#else
async_counter_clock_t wrong =
    ASYNC_COUNTER_CLOCK_INIT(count, set_alarm, BITS, 32768);
#endif
