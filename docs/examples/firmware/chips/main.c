/* SPDX-License-Identifier: MIT */
#include "chip.h"

#include <async/async.h>

struct blink {
    ASYNC_FRAME;
    int i;
};

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        chip_led(true);
        AWAIT(async_sleep(ASYNC_MS(200)));
        chip_led(false);
        AWAIT(async_sleep(ASYNC_MS(300)));
    }
    ASYNC_END();
}

int main(void)
{
    static struct blink blink = ASYNC_CALL_INIT(blink);
    static async_loop_t loop;
    async_loop_init(&loop, chip_start());
    int error = async_run(&loop, &blink.coro);
    chip_stop();
    return error;
}
