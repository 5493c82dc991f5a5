/* SPDX-License-Identifier: MIT */

/*
 * Counter clock: a free-running counter, and an alarm on it. Tickless: no
 * interrupt comes but for a deadline.
 *
 *     static uint32_t rtc_count(void) { return RTC->COUNTER; }
 *     static void rtc_alarm(uint32_t count) { RTC->CC[0] = count; }
 *
 *     static async_counter_clock_t rtc =
 *         ASYNC_COUNTER_CLOCK_INIT(rtc_count, rtc_alarm, 24, 32768);
 *
 *     void RTC_IRQHandler(void) { RTC->EVENTS_COMPARE[0] = 0; }
 *     ...
 *     async_loop_init(&loop, &rtc.clock);
 *
 * The counter may have any width: 16, 24, 32 bits. It is extended to the
 * library's time as long as it is read once in its period, which the loop sees
 * to: it reads it in each round, and never sleeps longer than half of the
 * period. So that is how long the processor can sleep at most, and no step of a
 * task may take longer than the other half.
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

/** What the counter shows. It counts up, and goes on with 0 after its largest
 *  value. Called with interrupts locked. */
typedef uint32_t async_counter_read_t(void);

/**
 * Interrupt when the counter comes to this value; the alarm before is not
 * wanted any more. The value is ahead, by at most half of the period, but the
 * counter may pass it before the hardware knows: the clock looks at the counter
 * afterwards, so that is harmless. Where a value may be too close for the
 * hardware to notice, set the alarm a little later, never not at all. The
 * interrupt's handler has nothing to do but what the hardware wants.
 *
 * Called with interrupts locked.
 */
typedef void async_counter_alarm_t(uint32_t count);

/**
 * A clock that starts at what the counter shows when it is first read.
 *
 *  read, alarm        functions of the types above
 *  bits               width of the counter, 8 to 32
 *  counts_per_second  its rate, an integer constant. The clock is exact for
 *       every ratio to ASYNC_TICKS_PER_SECOND; no rounding adds up. The two
 *       numbers of the reduced ratio (32768 Hz and 1000 ticks: 4096 and 125)
 *       must have a product of at most 2^31, or it does not compile.
 */
#define ASYNC_COUNTER_CLOCK_INIT(read, alarm, bits, counts_per_second)         \
    ASYNC_COUNTER_CLOCK_INIT_(                                                 \
        read, alarm, bits,                                                     \
        ASYNC_REDUCED_(ASYNC_TICKS_PER_SECOND, counts_per_second),             \
        ASYNC_REDUCED_(counts_per_second, ASYNC_TICKS_PER_SECOND))

/**
 * What such a clock does (clock.h), for one that does more: choose a sleep
 * mode, switch clocks.
 *
 *     static const async_clock_ops_t my_ops = {
 *         .now = async_counter_clock_now,
 *         .sleep = my_sleep,
 *         .look = async_counter_clock_look};
 *     ...
 *     rtc.clock.ops = &my_ops;
 *
 * Called by the loop, sleep with interrupts locked.
 */
async_time_t async_counter_clock_now(async_clock_t *clock);
bool async_counter_clock_sleep(async_clock_t *clock,
                               const async_time_t *deadline, bool polling);
void async_counter_clock_look(async_clock_t *clock);

/* --- Private part -------------------------------------------------------- */

/* In `counts` counts pass `ticks` ticks. */
#define ASYNC_COUNTER_CLOCK_INIT_(read, alarm, bits, ticks, counts)            \
    {                                                                          \
        {&async_counter_clock_ops_}, (read), (alarm),                          \
            ((uint32_t)0xFFFFFFFF >> (32 - (bits))) +                          \
                ASYNC_REFUSE_UNLESS_((bits) >= 8 && (bits) <= 32,              \
                                     "a counter has 8 to 32 bits"),            \
            (ticks), (counts), ((uint32_t)1 << ((bits)-1)) / (counts),         \
        {                                                                      \
            0, 0, 0                                                            \
        }                                                                      \
    }

/* `a`, reduced by the factors 2 and 5 that it shares with `b`. What 1000 and
 * its kin have in common with a rate is made of those. */
#define ASYNC_REDUCED_(a, b)                                                   \
    ((uint32_t)(ASYNC_WIDE_(a) / ASYNC_TWOS_(a, b) / ASYNC_FIVES_(a, b)) +     \
     ASYNC_FITS_((a), (b), ASYNC_TWOS_(a, b) * ASYNC_FIVES_(a, b)))
#define ASYNC_WIDE_(a) ((unsigned long long)(a))
#define ASYNC_TWOS_(a, b)                                                      \
    ((ASYNC_WIDE_(a) | ASYNC_WIDE_(b)) &                                       \
     (~(ASYNC_WIDE_(a) | ASYNC_WIDE_(b)) + 1))
#define ASYNC_FIVES_(a, b)                                                     \
    ASYNC_SHARED_(15625, a, b,                                                 \
                  ASYNC_SHARED_(3125, a, b, ASYNC_FIVES_625_(a, b)))
#define ASYNC_FIVES_625_(a, b)                                                 \
    ASYNC_SHARED_(625, a, b, ASYNC_SHARED_(125, a, b, ASYNC_FIVES_25_(a, b)))
#define ASYNC_FIVES_25_(a, b) ASYNC_SHARED_(25, a, b, ASYNC_SHARED_(5, a, b, 1))
#define ASYNC_SHARED_(n, a, b, otherwise)                                      \
    ((a) % (n) == 0 && (b) % (n) == 0 ? (n) : (otherwise))

#define ASYNC_FITS_(a, b, shared)                                              \
    ASYNC_REFUSE_UNLESS_((ASYNC_WIDE_(a) / (shared)) *                         \
                                 (ASYNC_WIDE_(b) / (shared)) <=                \
                             0x80000000,                                       \
                         "counts and ticks per second have too few factors "   \
                         "in common: their reduced ratio is too large")

/* 0, or what does not compile; in C the error says the text. */
#ifdef __cplusplus
#define ASYNC_REFUSE_UNLESS_(condition, text)                                  \
    (0 * (uint32_t)sizeof(char[(condition) ? 1 : -1]))
#else
#define ASYNC_REFUSE_UNLESS_(condition, text)                                  \
    (0 * (uint32_t)sizeof(struct {                                             \
         _Static_assert(condition, text);                                      \
         char refused_;                                                        \
     }))
#endif

/* The counter at one moment, and what time that was. */
struct async_moment_ {
    uint32_t count;
    uint32_t rest; /* of a tick, in 1/counts_; less than counts_ */
    async_time_t time;
};

struct async_counter_clock {
    async_clock_t clock;
    async_counter_read_t *read_;
    async_counter_alarm_t *alarm_;
    uint32_t largest_;
    uint32_t ticks_;
    uint32_t counts_;
    uint32_t longest_; /* half of the period, in counts_ */
    struct async_moment_ last_;
};

extern const async_clock_ops_t async_counter_clock_ops_;

#ifdef __cplusplus
}
#endif

#endif
