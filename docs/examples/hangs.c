/* SPDX-License-Identifier: MIT */

/*
 * A firmware that hangs: docs/how-to/find-out-why-it-hangs.md.
 *
 * It samples a sensor, writes the samples to a journal in a flash memory, and
 * blinks. After a while no samples come any more, and it blinks on. Time is
 * virtual, so that happens at the same moment each time. Whoever presses d on
 * the console, which here is pressed after two seconds, gets a dump.
 */
#include <async/async.h>
#include <async/dump.h>

#include <stdio.h>

static async_loop_t loop;
static ASYNC_TRACE_RING(256) ring;

/* --- What is shared ------------------------------------------------------- */

static async_lock_t spi;     /* the sensor and the flash memory are on it */
static async_lock_t journal; /* the page that is being filled */

static unsigned samples; /* in the page */

/* --- Tasks ---------------------------------------------------------------- */

struct sampler {
    ASYNC_FRAME;
    async_with_t on_spi;
    async_with_t in_journal;
};

ASYNC_STATIC(sampler)
{
    ASYNC_BEGIN();
    for (;;) {
        ASYNC_WITH_LOCK(&self->on_spi, &spi) {
            AWAIT(async_sleep(ASYNC_MS(3))); /* the conversion */
            ASYNC_WITH_LOCK(&self->in_journal, &journal) {
                samples++;
            }
        }
        AWAIT(async_sleep(ASYNC_MS(40)));
    }
    ASYNC_END();
}

struct keeper {
    ASYNC_FRAME;
    async_with_t in_journal;
    async_with_t on_spi;
};

ASYNC_STATIC(keeper)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep(ASYNC_MS(450)));
        ASYNC_WITH_LOCK(&self->in_journal, &journal) {
            ASYNC_WITH_LOCK(&self->on_spi, &spi) {
                AWAIT(async_sleep(ASYNC_MS(5))); /* the page is programmed */
                samples = 0;
            }
        }
    }
    ASYNC_END();
}

struct blink {
    ASYNC_FRAME;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        /* led_toggle(); */
        AWAIT(async_sleep(ASYNC_MS(250)));
    }
    ASYNC_END();
}

/* --- The console ---------------------------------------------------------- */

static ASYNC_QUEUE(char, 4) keys = ASYNC_QUEUE_INIT(keys);

static void uart_write(void *context, const char *text, size_t length)
{
    (void)context;
    fwrite(text, 1, length, stdout);
}

struct console {
    ASYNC_FRAME;
    char key;
};

ASYNC_STATIC(console)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(&keys, &self->key);
        if (self->key == 'd') {
            async_dump(&loop, uart_write, NULL);
        } else if (self->key == 'q') {
            async_stop(&loop);
        }
    }
    ASYNC_END();
}

/* --- The simulated user --------------------------------------------------- */

static async_virtual_clock_t clock;

static void press(void *key)
{
    if (async_queue_try_put(&keys, (const char *)key) != 0) {
        /* too fast a typist */
    }
}

static void press_at(async_time_t time, const char *key)
{
    static async_virtual_interrupt_t presses[2];
    static unsigned count;
    async_virtual_interrupt_at(&clock, &presses[count++], time, press,
                               (void *)(uintptr_t)key);
}

static async_task_t sampling, keeping, blinking, talking;
static struct sampler sampler_object;
static struct keeper keeper_object;
static struct blink blink_object;
static struct console console_object;

int main(void)
{
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    async_trace_start(&ring);
    sampler_object = ASYNC_CALL(sampler);
    async_spawn(&loop, &sampling, &sampler_object.coro);
    keeper_object = ASYNC_CALL(keeper);
    async_spawn(&loop, &keeping, &keeper_object.coro);
    blink_object = ASYNC_CALL(blink);
    async_spawn(&loop, &blinking, &blink_object.coro);
    console_object = ASYNC_CALL(console);
    async_spawn(&loop, &talking, &console_object.coro);
    press_at(ASYNC_SECONDS(2), "d");
    press_at(ASYNC_SECONDS(3), "q");
    return async_run_forever(&loop);
}
