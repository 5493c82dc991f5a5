/* SPDX-License-Identifier: MIT */

/*
 * A program with a port and a clock of its own. Its clock is a counter that
 * the port's lock guards.
 */
#include <async/async.h>
#include <async/port.h>

static async_time_t ticks;

static async_time_t counter_now(async_clock_t *clock)
{
    (void)clock;
    async_port_state_t state = async_port_lock();
    async_time_t now = ticks++;
    async_port_unlock(state);
    return now;
}

static bool counter_sleep(async_clock_t *clock, const async_time_t *deadline,
                          bool polling)
{
    (void)clock;
    (void)polling;
    return deadline != NULL;
}

struct nap {
    ASYNC_FRAME;
};

ASYNC_STATIC(nap)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(100));
    ASYNC_END();
}

int main(void)
{
    static const async_clock_ops_t ops = {.now = counter_now,
                                          .sleep = counter_sleep};
    async_clock_t clock = {&ops};
    async_loop_t loop;
    async_loop_init(&loop, &clock);
    ASYNC_OBJECT(nap, nap);
    int error = async_run(&loop, &nap.coro);
    return error == 0 && ticks > 100 && locks > 0 ? 0 : 1;
}
