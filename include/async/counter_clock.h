/* SPDX-License-Identifier: MIT */

/*
 * Counter clock: a free-running counter, and an alarm on it. Tickless: no
 * interrupt comes but for a deadline.
 *
 *     static uint32_t rtc_count(void) { return RTC->COUNTER; }
 *     static void rtc_alarm(uint32_t count) { RTC->CC[0] = count; }
 *
 *     static async_counter_clock_t rtc =
 *         ASYNC_COUNTER_CLOCK_INIT(rtc_count, rtc_alarm, 0xFFFFFF, 125, 4096);
 *
 *     void RTC_IRQHandler(void) { RTC->EVENTS_COMPARE[0] = 0; }
 *     ...
 *     async_loop_init(&loop, &rtc.clock);
 *
 * The counter may have any width: 16, 24, 32 bits. It is extended to the
 * library's time as long as it is read once per period, which the loop sees to:
 * it never sleeps longer than half of the period. So that is how long the
 * processor can sleep at most.
 */
#ifndef ASYNC_COUNTER_CLOCK_H
#define ASYNC_COUNTER_CLOCK_H

#include "async/clock.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Its public member `clock` is what a loop is given. */
typedef struct async_counter_clock async_counter_clock_t;

/** What the counter shows; it counts up, from 0 after its largest value. */
typedef uint32_t async_counter_read_t(void);

/**
 * Interrupt when the counter gets to this value; the alarm before is not wanted
 * any more. The value is ahead, but may have been passed, or be too close for
 * the hardware, when this function comes to set it. The clock looks at the
 * counter afterwards, so the first is harmless; for the second, set the alarm a
 * little later, never not at all. The handler has nothing to do but what the
 * hardware wants.
 *
 * Called with interrupts locked.
 */
typedef void async_counter_alarm_t(uint32_t count);

/**
 * A clock that starts at tick 0 when it is first read.
 *
 *  read, alarm  functions of the types above
 *  largest      the counter's largest value, 2^n - 1 for n bits, n = 8 ... 32
 *  ticks, counts   in `counts` counts pass `ticks` ticks: 1 and 250 for a
 *       counter of 250 kHz and milliseconds, 125 and 4096 (1000 and 32768,
 *       reduced) for 32768 Hz and milliseconds. Each 1 to 65535;
 *       largest / 2 * ticks must fit 32 bits. No rounding adds up.
 */
#define ASYNC_COUNTER_CLOCK_INIT(read, alarm, largest, ticks, counts)          \
    {                                                                          \
        {&async_counter_clock_ops_}, (read), (alarm), (largest), (ticks),      \
            (counts), 0, 0, 0                                                  \
    }

/* --- Private part -------------------------------------------------------- */

struct async_counter_clock {
    async_clock_t clock;
    async_counter_read_t *read_;
    async_counter_alarm_t *alarm_;
    uint32_t largest_;
    uint16_t ticks_;
    uint16_t counts_;
    uint32_t last_; /* the counter when `now_` and `rest_` were right */
    uint32_t rest_; /* of a tick, in 1/counts_; less than counts_ */
    async_time_t now_;
};

extern const async_clock_ops_t async_counter_clock_ops_;

#ifdef __cplusplus
}
#endif

#endif
