/* SPDX-License-Identifier: MIT */

/*
 * A real-time clock as the loop's clock: 24 bits at 32768 Hz, with a compare
 * register, as many chips have one that runs on in deep sleep. Here the chip is
 * simulated, so that the program runs on a PC, and a day passes at once.
 */
#include <async/async.h>
#include <stdio.h>

/* --- The chip, simulated -------------------------------------------------- */

static struct {
    uint32_t counter, compare; /* registers of 24 bits */
    bool deep_sleep;
} chip;
static async_irq_t rtc_irq;

static void RTC_IRQHandler(void *context)
{
    (void)context;
    chip.counter = chip.compare; /* the time that the processor has slept */
}

/* --- Its clock: this is what a program for a real chip has ---------------- */

static uint32_t rtc_count(void)
{
    return chip.counter;
}

static void rtc_alarm(uint32_t count)
{
    chip.compare = count;
    async_irq_raise(&rtc_irq); /* a real one comes by itself, at `count` */
}

static async_counter_clock_t rtc =
    ASYNC_COUNTER_CLOCK_INIT(rtc_count, rtc_alarm, 24, 32768);

/* Some work of the program needs the fast clocks, which deep sleep stops. */
static unsigned fast_clock_users;
static unsigned wake_ups, from_deep_sleep;

static bool rtc_sleep(async_clock_t *clock, const async_time_t *deadline,
                      bool polling)
{
    wake_ups++;
    chip.deep_sleep = fast_clock_users == 0;
    from_deep_sleep += chip.deep_sleep;
    bool can_wake = async_counter_clock_sleep(clock, deadline, polling);
    chip.deep_sleep = false; /* and what else must be restored after it */
    return can_wake;
}

static const async_clock_ops_t rtc_ops = {.now = async_counter_clock_now,
                                          .sleep = rtc_sleep,
                                          .look = async_counter_clock_look};

/* --- The program ---------------------------------------------------------- */

struct measure {
    ASYNC_FRAME;
    int count;
    async_ticker_t ticker;
};

ASYNC_STATIC(measure)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, ASYNC_SECONDS(3600));
    for (self->count = 0; self->count < 24; self->count++) {
        AWAIT(async_ticker_wait(&self->ticker));
        fast_clock_users++; /* a converter warms up: no deep sleep */
        AWAIT(async_sleep(ASYNC_MS(2)));
        fast_clock_users--;
    }
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_irq_init(&rtc_irq, RTC_IRQHandler, NULL);
    rtc.clock.ops = &rtc_ops;
    async_loop_init(&loop, &rtc.clock);
    ASYNC_OBJECT(measure, measure);
    int error = async_run(&loop, &measure.coro);
    printf("%lu ms, %d measurements\n", (unsigned long)async_loop_now(&loop),
           measure.count);
    printf("%u wake-ups, %u of them from deep sleep\n", wake_ups,
           from_deep_sleep);
    return error;
}
