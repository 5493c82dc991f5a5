/* SPDX-License-Identifier: MIT */

/*
 * Tasks in a firmware that has a main loop already: polled code beside them,
 * and a processor that sleeps when neither has anything to do.
 */
#include <async/async.h>
#include <async/port.h>

#include <stdio.h>
#include <stdlib.h>

/* --- The board ------------------------------------------------------------ */

static int keypad_read(void);      /* the key that is down, or -1 */
static int modem_read(void);       /* takes the byte that has come */
static void watchdog_reload(void); /* it does not count in sleep */

/* --- When not to sleep ---------------------------------------------------- */

static async_loop_t loop;

/* A handler has left something for polled code since it last began to look. */
static volatile bool work;

/* Under the lock nothing comes between the look and the sleep: an interrupt
 * stays pending, and ends the sleep. */
static void sleep_for(async_clock_t *clock, async_time_t now,
                      async_ticks_t ticks)
{
    async_time_t deadline = now + ticks;
    async_port_state_t state = async_port_lock();
    if (!work && async_loop_is_idle(&loop)) {
        clock->ops->sleep(clock, ticks == ASYNC_FOREVER ? NULL : &deadline,
                          false);
    }
    async_port_unlock(state);
}

/* --- What was there before ------------------------------------------------ */

static volatile bool modem_has_byte;

static void modem_handler(void)
{
    modem_has_byte = true;
    work = true;
}

static void modem_poll(async_time_t now)
{
    if (modem_has_byte) {
        modem_has_byte = false;
        printf("%3u ms: modem says %c\n", (unsigned)now, modem_read());
    }
}

static volatile bool keys_down;

static void keypad_handler(void)
{
    keys_down = true;
    work = true;
}

/* While a key is down, it looks each 20 ms. The flag falls before the look: a
 * key that comes meanwhile is not forgotten. Returns: ticks until it wants to
 * look again. */
static async_ticks_t keypad_poll(async_time_t now)
{
    static async_time_t next;
    static int last = -1;
    if (!keys_down) {
        next = now;
    } else if (!async_time_before(now, next)) {
        keys_down = false;
        int key = keypad_read();
        if (key != last && key >= 0) {
            printf("%3u ms: key %d\n", (unsigned)now, key);
        }
        last = key;
        if (key >= 0) {
            keys_down = true;
        }
        next = now + ASYNC_MS(20);
    }
    return keys_down ? next - now : ASYNC_FOREVER;
}

/* --- The tasks ------------------------------------------------------------ */

static async_event_t button;

static void button_handler(void)
{
    async_event_set(&button);
}

struct light {
    ASYNC_FRAME;
};

ASYNC(light)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&button));
        printf("%3u ms: light on\n", (unsigned)async_now());
        AWAIT(async_sleep(ASYNC_MS(45)));
        printf("%3u ms: light off\n", (unsigned)async_now());
        async_event_clear(&button);
    }
    ASYNC_END();
}

/* --- The main loop -------------------------------------------------------- */

static async_task_t light_task;
static struct light light;

static void start(async_clock_t *clock)
{
    async_loop_init(&loop, clock);
    light = ASYNC_CALL(light);
    async_spawn(&loop, &light_task, &light.coro);
}

static void superloop(async_clock_t *clock)
{
    for (;;) {
        work = false; /* before all looks, not after */
        async_time_t now = async_loop_now(&loop);
        modem_poll(now);
        async_ticks_t pause = keypad_poll(now);
        async_ticks_t ticks = async_poll(&loop);
        if (ticks < pause) {
            pause = ticks;
        }
        watchdog_reload();
        if (pause > 0) {
            sleep_for(clock, now, pause);
        }
    }
}

/* --- The simulated board: 200 ms of it ------------------------------------ */

static async_virtual_clock_t board;
static unsigned turns;

static int keypad_read(void)
{
    async_time_t now = async_loop_now(&loop);
    return now >= 90 && now < 150 ? 5 : -1;
}

static int modem_read(void)
{
    return 'x';
}

static void watchdog_reload(void)
{
    turns++;
}

static void press(void *context)
{
    (void)context;
    button_handler();
}

static void send(void *context)
{
    (void)context;
    modem_handler();
}

static void touch(void *context)
{
    (void)context;
    keypad_handler();
}

static void end(void *context)
{
    (void)context;
    printf("%u turns\n", turns);
    exit(0);
}

int main(void)
{
    async_virtual_interrupt_t pressed, sent, touched, ended;
    async_clock_t *clock = async_virtual_clock_init(&board, 0);
    async_virtual_interrupt_at(&board, &pressed, 33, press, NULL);
    async_virtual_interrupt_at(&board, &sent, 50, send, NULL);
    async_virtual_interrupt_at(&board, &touched, 90, touch, NULL);
    async_virtual_interrupt_at(&board, &ended, 200, end, NULL);
    start(clock);
    superloop(clock);
    return 0;
}
