/* SPDX-License-Identifier: MIT */

/*
 * A pin for each task, for a logic analyser. The library is compiled with
 * ASYNC_HOOKS_HEADER="task_pins.h". The pins are simulated: what would be seen
 * is printed.
 */
#include "task_pins.h"

#include <async/async.h>

#include <stdio.h>

static async_task_t sensor, radio;
static async_event_t measured;

/* --- Pins ----------------------------------------------------------------- */

static void pin_write(unsigned pin, bool high)
{
    printf("pin %u %s\n", pin, high ? "high" : "low"); /* GPIO->BSRR = ... */
}

void task_pin(const async_task_t *task, bool high)
{
    if (task == &sensor) {
        pin_write(1, high);
    } else if (task == &radio) {
        pin_write(2, high);
    }
}

/* --- Tasks ---------------------------------------------------------------- */

struct measure {
    ASYNC_FRAME;
};

ASYNC_STATIC(measure)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_MS(10)));
    async_event_set(&measured);
    ASYNC_END();
}

struct send {
    ASYNC_FRAME;
};

ASYNC_STATIC(send)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&measured));
    puts("sent");
    ASYNC_END();
}

int main(void)
{
    async_loop_t loop;
    async_virtual_clock_t clock;
    static struct measure measure = ASYNC_CALL_INIT(measure);
    static struct send send = ASYNC_CALL_INIT(send);
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    async_spawn(&loop, &sensor, &measure.coro);
    async_spawn(&loop, &radio, &send.coro);
    while (!async_task_done(&radio)) {
        async_virtual_clock_advance(&clock, async_poll(&loop));
    }
    return 0;
}
