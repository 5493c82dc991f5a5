/* SPDX-License-Identifier: MIT */

/*
 * Coroutines of C++, in namespaces with and without a name, for the gdb
 * commands: spaces.txt says what they print. It is linked with -flto, which
 * makes files without a line table.
 */
#include <async/async.h>

static async_virtual_clock_t machine;

namespace app
{

static async_loop_t loop;

namespace
{

async_lock_t bus;

struct owner {
    ASYNC_FRAME;
    async_event_t done;
};

ASYNC_STATIC(owner)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&bus));
    AWAIT(async_event_wait(&self->done)); /* own */
    ASYNC_END();
}

} // namespace

struct other {
    ASYNC_FRAME;
    async_timeout_t limit;
};

ASYNC_STATIC(other)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 500) /* limit */
    {
        AWAIT(async_lock_acquire(&bus)); /* other */
    }
    ASYNC_END();
}

static async_task_t tasks[2];

} // namespace app

extern "C" void stop_here(void);

extern "C" __attribute__((noinline)) void stop_here(void)
{
    __asm__ volatile("");
}

int main()
{
    app::owner owner = ASYNC_CALL(app::owner);
    app::other other = ASYNC_CALL(app::other);
    async_loop_init(&app::loop, async_virtual_clock_init(&machine, 100));
    async_spawn(&app::loop, &app::tasks[0], &owner.coro);
    async_spawn(&app::loop, &app::tasks[1], &other.coro);
    async_poll(&app::loop);
    stop_here();
    return 0;
}
