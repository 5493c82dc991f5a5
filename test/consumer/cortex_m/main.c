/* SPDX-License-Identifier: MIT */

/*
 * Firmware that blinks, and counts the presses of a button.
 */
#include <async/async.h>

static volatile async_time_t milliseconds;
static volatile unsigned led;
static async_event_t pressed;
static async_loop_t loop;
static unsigned presses;

void systick_isr(void);
void systick_isr(void)
{
    milliseconds++;
}

void button_isr(void);
void button_isr(void)
{
    async_event_set(&pressed);
}

static async_time_t systick_now(async_clock_t *clock)
{
    (void)clock;
    return milliseconds;
}

static bool systick_sleep(async_clock_t *clock, const async_time_t *deadline,
                          bool polling)
{
    (void)clock;
    (void)deadline;
    if (!polling) {
        __asm volatile("wfi");
    }
    return true;
}

struct blink {
    ASYNC_FRAME;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        led ^= 1;
        AWAIT(async_sleep(ASYNC_MS(500)));
    }
    ASYNC_END();
}

struct count {
    ASYNC_FRAME;
};

ASYNC_STATIC(count)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&pressed));
        async_event_clear(&pressed);
        presses++;
    }
    ASYNC_END();
}

int main(void)
{
    static const async_clock_ops_t ops = {.now = systick_now,
                                          .sleep = systick_sleep};
    static async_clock_t clock = {&ops};
    static async_task_t blinking, counting;
    static struct blink blink = ASYNC_CALL_INIT(blink);
    static struct count count = ASYNC_CALL_INIT(count);
    async_loop_init(&loop, &clock);
    async_spawn(&loop, &blinking, &blink.coro);
    async_spawn(&loop, &counting, &count.coro);
    return async_run_forever(&loop);
}
