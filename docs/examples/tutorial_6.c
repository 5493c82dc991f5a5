/* SPDX-License-Identifier: MIT */
#include <async/async.h>

#include <stdio.h>

/* --- The firmware: turns the light off a minute after the last motion ----- */

static async_event_t motion; /* set by the sensor's interrupt */
static bool light;

struct stairs {
    ASYNC_FRAME;
    int error;
};

ASYNC(stairs)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&motion));
        light = true;
        do {
            async_event_clear(&motion);
            AWAIT_CATCH(self->error, async_wait_for(async_event_wait(&motion),
                                                    ASYNC_SECONDS(60)));
        } while (self->error != ASYNC_ERR_TIMEOUT);
        light = false;
    }
    ASYNC_END();
}

/* --- The test ------------------------------------------------------------- */

static void motion_interrupt(void *context)
{
    (void)context;
    async_event_set(&motion);
}

static int failures;

static void expect_light(bool expected)
{
    bool ok = light == expected;
    failures += ok ? 0 : 1;
    printf("%3u s: light %s, %s\n", (unsigned)(async_now() / ASYNC_SECONDS(1)),
           light ? "on" : "off", ok ? "ok" : "WRONG");
}

struct test {
    ASYNC_FRAME;
    async_task_t task;
    struct stairs stairs;
};

ASYNC(test)
{
    ASYNC_BEGIN();
    self->stairs = ASYNC_CALL(stairs);
    async_spawn(async_current_loop(), &self->task, &self->stairs.coro);
    AWAIT(async_sleep_until(ASYNC_SECONDS(5)));
    expect_light(false);
    AWAIT(async_sleep_until(ASYNC_SECONDS(15)));
    expect_light(true); /* motion at 10 s */
    AWAIT(async_sleep_until(ASYNC_SECONDS(109)));
    expect_light(true); /* motion again at 50 s */
    AWAIT(async_sleep_until(ASYNC_SECONDS(111)));
    expect_light(false);
    ASYNC_END();
}

int main(void)
{
    async_virtual_clock_t clock;
    async_virtual_interrupt_t first;
    async_virtual_interrupt_t second;
    async_loop_t loop;
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    async_virtual_interrupt_at(&clock, &first, ASYNC_SECONDS(10),
                               motion_interrupt, NULL);
    async_virtual_interrupt_at(&clock, &second, ASYNC_SECONDS(50),
                               motion_interrupt, NULL);

    ASYNC_OBJECT(test, test);
    int error = async_run(&loop, &test.coro);
    printf("%d failures\n", failures);
    return error != 0 || failures != 0;
}
