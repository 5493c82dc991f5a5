/* SPDX-License-Identifier: MIT */

/*
 * blink.c: two LEDs blink, and the processor sleeps
 *
 * There is no tick: the processor wakes when an LED has to change, and for
 * nothing else. After a minute the program says how often that was.
 */
#include "board.h"
#include "stdout_uart.h"

#include <async/async.h>

#include <stdio.h>

/* --- Blink ---------------------------------------------------------------- */

struct blink {
    ASYNC_FRAME;
    int led;              /* argument */
    async_ticks_t period; /* argument: from a change to the next */
    bool on;
    async_ticker_t ticker;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, self->period);
    for (;;) {
        self->on = !self->on;
        board_led(self->led, self->on);
        AWAIT(async_ticker_wait(&self->ticker));
    }
    ASYNC_FINALLY();
    board_led(self->led, false);
    ASYNC_END();
}

struct minute {
    ASYNC_FRAME;
    struct blink blink[2];
    async_task_t task[2];
};

/* When this one has ended, async_run cancels those that are left. */
ASYNC_STATIC(minute)
{
    ASYNC_BEGIN();
    self->blink[0] = ASYNC_CALL(blink, .led = 0, .period = ASYNC_MS(500));
    self->blink[1] = ASYNC_CALL(blink, .led = 1, .period = ASYNC_MS(700));
    async_spawn(async_current_loop(), &self->task[0], &self->blink[0].coro);
    async_spawn(async_current_loop(), &self->task[1], &self->blink[1].coro);
    AWAIT(async_sleep(ASYNC_SECONDS(60)));
    ASYNC_END();
}

/* --- Count the wake-ups --------------------------------------------------- */

static bool (*board_sleep)(async_clock_t *, const async_time_t *, bool);
static unsigned long wake_ups;

static bool sleep_and_count(async_clock_t *clock, const async_time_t *deadline,
                            bool polling)
{
    wake_ups++;
    return board_sleep(clock, deadline, polling);
}

int main(void)
{
    static async_loop_t loop;
    static struct minute minute = ASYNC_CALL_INIT(minute);
    stdout_start();
    async_clock_t *clock = board_start();
    async_clock_ops_t ops = *clock->ops; /* the board's, but for one */
    board_sleep = ops.sleep;
    ops.sleep = sleep_and_count;
    clock->ops = &ops;
    async_loop_init(&loop, clock);
    int error = async_run(&loop, &minute.coro);
    printf("%lu wake-ups\n", wake_ups);
    stdout_drain();
    return error;
}
