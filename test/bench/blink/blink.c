/* SPDX-License-Identifier: MIT */

/*
 * The smallest firmware that is worth its name: two tasks blink, one at a pace
 * of its own, the other when a button is pressed. Its linked size is what a
 * first firmware costs in all. With a trace configured it starts one.
 */
#include <async/event.h>
#include <async/loop.h>
#include <async/tick_clock.h>
#include <async/trace.h>

static void tick(void);
static void button(void);
static void run(void);

/* What a board header has: LEDS, interrupts, and the start, which runs. */
#if defined(__AVR__)
#include "avr.h"
#elif defined(__riscv)
#include "riscv.h"
#else
#include "cortex_m.h"
#endif

static async_event_t pressed;

struct blink {
    ASYNC_FRAME;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        LEDS ^= 1u;
        AWAIT(async_sleep(ASYNC_MS(500)));
    }
    ASYNC_END();
}

struct answer {
    ASYNC_FRAME;
};

ASYNC_STATIC(answer)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&pressed));
        async_event_clear(&pressed);
        LEDS ^= 2u;
    }
    ASYNC_END();
}

static async_tick_clock_t ticks = ASYNC_TICK_CLOCK_INIT;
static async_loop_t loop;
static async_task_t blinking, answering;
#if ASYNC_TRACE
static ASYNC_TRACE_RING(16) ring;
#endif
static struct blink blink = ASYNC_CALL_INIT(blink);
static struct answer answer = ASYNC_CALL_INIT(answer);

static void tick(void)
{
    async_tick(&ticks);
}

static void button(void)
{
    async_event_set(&pressed);
}

/* --- Start-up ------------------------------------------------------------- */

static void run(void)
{
#if ASYNC_TRACE
    async_trace_start(&ring);
#endif
    async_loop_init(&loop, &ticks.clock);
    async_spawn(&loop, &blinking, &blink.coro);
    async_spawn(&loop, &answering, &answer.coro);
    async_run_forever(&loop);
}
