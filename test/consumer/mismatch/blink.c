/* SPDX-License-Identifier: MIT */

/*
 * A coroutine alone, which never ends: this file neither spawns nor
 * initialises a loop.
 */
#include <async/async.h>

struct blink {
    ASYNC_FRAME;
    int led;
};

ASYNC_DECLARE(blink);

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        self->led = !self->led;
        AWAIT(async_sleep(ASYNC_MS(500)));
    }
    ASYNC_END();
}
