/* SPDX-License-Identifier: MIT */

/*
 * The smallest firmware that is worth its name: two tasks blink, one at a pace
 * of its own, the other when a button is pressed. Its linked size is what a
 * first firmware costs in all.
 */
#include <async/event.h>
#include <async/loop.h>
#include <async/tick_clock.h>

#define LEDS     (*(volatile uint32_t *)0x40028000u)
#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)

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

extern uint32_t data_in_flash[], data_begin[], data_end[], bss_end[];

/* No memcpy or memset here: they would be called before there is data. */
__attribute__((optimize("no-tree-loop-distribute-patterns"))) static void
start(void)
{
    const uint32_t *from = data_in_flash;
    uint32_t *to = data_begin;
    while (to < data_end) {
        *to++ = *from++;
    }
    while (to < bss_end) {
        *to++ = 0;
    }
    SYST_RVR = 24999; /* 25 MHz: every millisecond */
    SYST_CSR = 7;
    async_loop_init(&loop, &ticks.clock);
    async_spawn(&loop, &blinking, &blink.coro);
    async_spawn(&loop, &answering, &answer.coro);
    async_run_forever(&loop);
}

__attribute__((section(".vectors"),
               used)) static void (*const vectors[17])(void) = {
    (void (*)(void))0x20000400, start, [15] = tick, [16] = button};
