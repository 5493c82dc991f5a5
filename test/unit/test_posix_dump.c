/* SPDX-License-Identifier: MIT */

/*
 * Dumps from a signal handler, which cuts in at any instruction: as a fault
 * handler does, or the early warning of a watchdog.
 */
/* For sigaction() and setitimer(). */
#define _XOPEN_SOURCE 700

#include "dumped.h"
#include "test.h"

#include <signal.h>
#include <sys/time.h>

static async_virtual_clock_t machine;
static async_loop_t loop;
static volatile sig_atomic_t dumps;

static void on_signal(int number)
{
    (void)number;
    dump_of(&loop);
    dumps++;
}

/* The signal comes when the process has worked that long, and again. */
static void signal_every(int microseconds)
{
    struct sigaction action = {.sa_handler = on_signal};
    const struct itimerval timer = {.it_interval = {.tv_usec = microseconds},
                                    .it_value = {.tv_usec = microseconds}};
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

static void no_signals(void)
{
    const struct itimerval none = {.it_value = {.tv_usec = 0}};
    setitimer(ITIMER_VIRTUAL, &none, NULL);
}

static void begin(void)
{
    async_loop_init(&loop, async_virtual_clock_init(&machine, 100));
    dumps = 0;
}

/* --- In the middle of a spin ---------------------------------------------- */

struct spin {
    ASYNC_FRAME;
};

enum { SPIN = __LINE__ + 5 };

ASYNC_STATIC(spin)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(2));
    while (dumps == 0) { /* it never yields */
    }
    ASYNC_END();
}

static void a_signal_sees_who_spins(void **state)
{
    (void)state;
    begin();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(spin, spin);
    async_spawn(&loop, &task, &spin.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 2);
    signal_every(1000);
    async_poll(&loop);
    no_signals();
    assert_string_equal(
        dumped, expected_text("loop %p: 0 ready, time 102\n"
                              "task %p 'spin': running\n"
                              "  in 'spin' (test_posix_dump.c:%d), last "
                              "awaited async_sleep(2)\n",
                              (void *)&loop, (void *)&task, SPIN));
}

/* --- Anywhere ------------------------------------------------------------- */

#define TASKS 12

struct work {
    ASYNC_FRAME;
    int number;
    int i;
    async_timeout_t limit;
    async_event_t *event;
};

ASYNC_STATIC(work)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep((async_ticks_t)(1 + self->number)));
        ASYNC_TIMEOUT(&self->limit, 3) {
            AWAIT(async_event_wait(self->event));
        }
        async_event_set(self->event);
        async_event_clear(self->event);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void a_dump_ends_wherever_it_is_made(void **state)
{
    (void)state;
    begin();
    static async_task_t tasks[TASKS];
    static struct work works[TASKS];
    static async_event_t events[3];
    for (int i = 0; i < TASKS; i++) {
        works[i] = ASYNC_CALL(work, .number = i, .event = &events[i % 3]);
        async_spawn(&loop, &tasks[i], &works[i].coro);
    }
    signal_every(200);
    while (dumps < 40) {
        async_ticks_t ticks = async_poll(&loop);
        async_virtual_clock_advance(&machine,
                                    ticks == ASYNC_FOREVER ? 0 : ticks);
        async_port_unlock(async_port_lock());
    }
    no_signals();
    assert_int_equal(strncmp(dumped, "loop 0x", 7), 0);
    assert_int_equal(async_loop_close(&loop), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(a_signal_sees_who_spins),
        async_test(a_dump_ends_wherever_it_is_made),
    };
    return cmocka_run_group_tests_name("posix_dump", tests, NULL, NULL);
}
