/* SPDX-License-Identifier: MIT */

/*
 * The shell begins when all of its input has come, or its stream is full.
 *
 * The emulator hands over the input in its own time, while the processor's time
 * jumps from deadline to deadline when it sleeps. Without this, how often
 * something blinks before the next command comes would be left to chance. A
 * flood is more than the stream takes: it is full for a while, so that the UART
 * has to keep a byte, and the rest comes in while the shell works.
 * (-Wl,--wrap=async_run)
 */
#include "../../../docs/examples/firmware/uart.h"

#include <async/async.h>

#define CONTROL_D 4

int __real_async_run(async_loop_t *loop, async_coro_t *coro);
int __wrap_async_run(async_loop_t *loop, async_coro_t *coro);

static bool has_come(void)
{
    const uint8_t *bytes;
    uint8_t *room;
    size_t count = async_stream_peek(&uart_rx, &bytes);
    return async_stream_room(&uart_rx, &room) == 0 ||
           (count > 0 && bytes[count - 1] == CONTROL_D);
}

struct wait_for_input {
    ASYNC_FRAME;
    int more;
};

ASYNC_STATIC(wait_for_input)
{
    ASYNC_BEGIN();
    while (!has_come()) {
        AWAIT(async_sleep(1));
    }
    for (self->more = 0; self->more < 100; self->more++) {
        AWAIT(async_sleep(1));
    }
    ASYNC_END();
}

int __wrap_async_run(async_loop_t *loop, async_coro_t *coro)
{
    ASYNC_OBJECT(wait_for_input, wait);
    int error = __real_async_run(loop, &wait.coro);
    return error != 0 ? error : __real_async_run(loop, coro);
}
