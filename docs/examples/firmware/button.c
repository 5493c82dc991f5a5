/* SPDX-License-Identifier: MIT */

/*
 * button.c: a button, debounced
 *
 * A contact bounces when it closes and when it opens: it changes many times
 * within some milliseconds. The interrupt only says that it has changed. The
 * task waits until it has not changed for 20 ms, and looks then.
 */
#include "board.h"
#include "stdout_uart.h"

#include <async/async.h>

#include <stdio.h>

#define QUIET ASYNC_MS(20)

/* Wait for the next press or release. */
struct button_turn {
    ASYNC_FRAME;
    bool result;   /* the button is down now */
    bool was_down; /* argument */
    int error;
};

ASYNC_STATIC(button_turn)
{
    ASYNC_BEGIN();
    do {
        AWAIT(async_event_wait(&board_button_changed));
        do {
            async_event_clear(&board_button_changed);
            AWAIT_CATCH(
                self->error,
                async_wait_for(async_event_wait(&board_button_changed), QUIET));
        } while (self->error != ASYNC_ERR_TIMEOUT);
        self->result = board_button_is_down();
    } while (self->result == self->was_down);
    ASYNC_END();
}

struct button {
    ASYNC_FRAME;
    bool is_down;
    unsigned long presses;
    struct button_turn turn;
};

static unsigned long now_ms(void)
{
    async_time_t now = async_loop_now(async_current_loop());
    return (unsigned long)(now / (ASYNC_TICKS_PER_SECOND / 1000));
}

ASYNC_STATIC(button)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_CALL(self->turn, button_turn, .was_down = self->is_down);
        self->is_down = self->turn.result;
        self->presses += self->is_down ? 1 : 0;
        board_led(0, self->is_down);
        printf("%lu ms: %s %lu\n", now_ms(),
               self->is_down ? "press" : "release", self->presses);
    }
    ASYNC_END();
}

int main(void)
{
    static async_loop_t loop;
    static struct button button = ASYNC_CALL_INIT(button);
    stdout_start();
    async_loop_init(&loop, board_start());
    board_button_start();
    return async_run(&loop, &button.coro);
}
