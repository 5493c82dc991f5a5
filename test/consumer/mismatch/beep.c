/* SPDX-License-Identifier: MIT */

/*
 * A coroutine alone, which ends: this file neither spawns nor initialises a
 * loop.
 */
#include <async/async.h>

struct beep {
    ASYNC_FRAME;
    int buzzer;
};

ASYNC_DECLARE(beep);

ASYNC(beep)
{
    ASYNC_BEGIN();
    self->buzzer = 1;
    AWAIT(async_sleep(ASYNC_MS(500)));
    self->buzzer = 0;
    ASYNC_END();
}
