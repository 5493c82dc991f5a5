/* SPDX-License-Identifier: MIT */

/*
 * A task does what faults, and the fault handler dumps. On AVR, which has no
 * faults, it is an interrupt that cuts in.
 */
#include "board.h"

#include <async/dump.h>
#include <async/event.h>
#include <async/timeout.h>
#include <async/virtual_clock.h>

static async_virtual_clock_t machine;
static async_loop_t loop;
static async_event_t never;

static void write_text(void *context, const char *text, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++) {
        const char one[] = {text[i], '\0'};
        board_print(one);
    }
}

static void dump_and_exit(void)
{
    async_dump(&loop, write_text, NULL);
    board_exit(0);
}

#if defined(__AVR__)

#include <avr/interrupt.h>

static void fault(void)
{
    EICRA |= 1u << ISC00;
    EIMSK |= 1u << INT0;
    DDRD |= 1u;
    sei();
    PORTD ^= 1u;
    for (;;) {
    }
}

ISR(INT0_vect)
{
    dump_and_exit();
}

#else

static void fault(void)
{
    __builtin_trap();
}

#ifdef __riscv
#define FAULT_HANDLER Exception_Handler
#else
#define FAULT_HANDLER HardFault_Handler
#endif

void FAULT_HANDLER(void);
void FAULT_HANDLER(void)
{
    dump_and_exit();
}

#endif

struct crash {
    ASYNC_FRAME;
};

ASYNC_STATIC(crash)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    fault();
    ASYNC_END();
}

struct crash_soon {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct crash call;
};

ASYNC_STATIC(crash_soon)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 50) {
        AWAIT_CALL(self->call, crash);
    }
    ASYNC_END();
}

struct wait {
    ASYNC_FRAME;
};

ASYNC_STATIC(wait)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&never));
    ASYNC_END();
}

int main(void)
{
    static async_task_t tasks[2];
    static struct crash_soon crash_soon = ASYNC_CALL_INIT(crash_soon);
    static struct wait wait = ASYNC_CALL_INIT(wait);
    async_loop_init(&loop, async_virtual_clock_init(&machine, 100));
    async_spawn(&loop, &tasks[0], &crash_soon.coro);
    async_spawn(&loop, &tasks[1], &wait.coro);
    async_run_forever(&loop);
    board_exit(1);
}
