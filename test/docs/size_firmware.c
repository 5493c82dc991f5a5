/* SPDX-License-Identifier: MIT */

/*
 * The smallest firmware, for sizes.py: one task that blinks, on a clock of
 * three lines. USE_EVENT, USE_TIMEOUT and USE_RUN each add one thing to it.
 */
#include <async/async.h>

#define LED   (*(volatile uint32_t *)0x48000014)
#define TIMER (*(volatile uint32_t *)0x40000024)

static async_time_t now(async_clock_t *clock)
{
    (void)clock;
    return TIMER;
}

static bool sleep(async_clock_t *clock, const async_time_t *deadline,
                  bool polling)
{
    (void)clock;
    (void)deadline;
    (void)polling;
    __asm volatile("wfi");
    return true;
}

static const async_clock_ops_t ops = {.now = now, .sleep = sleep};
static async_clock_t clock = {&ops};
static async_loop_t loop;

struct blink {
    ASYNC_FRAME;
#ifdef USE_TIMEOUT
    async_timeout_t limit;
#endif
};

#ifdef USE_EVENT
static async_event_t button;
void button_interrupt(void);
void button_interrupt(void)
{
    async_event_set(&button);
}
#endif

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        LED ^= 1U;
        AWAIT(async_sleep(ASYNC_MS(500)));
#ifdef USE_EVENT
        AWAIT(async_event_wait(&button));
        async_event_clear(&button);
#endif
#ifdef USE_TIMEOUT
        ASYNC_TIMEOUT(&self->limit, ASYNC_MS(10)) {
            AWAIT(async_sleep(ASYNC_MS(20)));
        }
#endif
    }
    ASYNC_END();
}

static struct blink blink = ASYNC_CALL_INIT(blink);
static async_task_t task;

int main(void)
{
    async_loop_init(&loop, &clock);
#ifdef USE_RUN
    (void)task;
    return async_run(&loop, &blink.coro);
#else
    async_spawn(&loop, &task, &blink.coro);
    return async_run_forever(&loop);
#endif
}
