/* SPDX-License-Identifier: MIT */

/*
 * A trace on the machine: a task that sleeps, an interrupt that wakes another,
 * and times of a hardware counter. The ring is written to the file traced.bin
 * through semihosting.
 */
#include "board.h"

#include <async/async.h>
#include <async/port/cortex_m.h>

#include <stdio.h>

#define NVIC_ENABLE  (*(volatile uint32_t *)0xE000E100)
#define NVIC_PEND    (*(volatile uint32_t *)0xE000E200)
#define TIMER0_CTRL  (*(volatile uint32_t *)0x40000000)
#define TIMER0_VALUE (*(volatile uint32_t *)0x40000004)
#define TIMER0_LOAD  (*(volatile uint32_t *)0x40000008)
#define COUNTS       25000000 /* a second */

static ASYNC_TRACE_RING(128) ring;
static async_loop_t loop;
static async_event_t pressed;

/* The timer counts down. */
uint32_t async_timestamp(const async_loop_t *asked)
{
    (void)asked;
    return ~TIMER0_VALUE;
}

void SysTick_Handler(void);
void SysTick_Handler(void)
{
    ASYNC_TRACE_INTERRUPT_ENTER();
    async_systick_interrupt();
    ASYNC_TRACE_INTERRUPT_EXIT();
}

void IRQ5_Handler(void);
void IRQ5_Handler(void)
{
    ASYNC_TRACE_INTERRUPT_ENTER();
    async_event_set(&pressed);
    ASYNC_TRACE_INTERRUPT_EXIT();
}

struct press {
    ASYNC_FRAME;
};

ASYNC_STATIC(press)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_MS(3)));
    NVIC_PEND = 1u << 5;
    AWAIT(async_sleep(ASYNC_MS(20)));
    ASYNC_END();
}

struct blink {
    ASYNC_FRAME;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&pressed));
    ASYNC_TRACE_MARK(7);
    ASYNC_END();
}

static async_task_t blinker;
static struct blink blink = ASYNC_CALL_INIT(blink);

int main(void)
{
    TIMER0_LOAD = TIMER0_VALUE = 0xFFFFFFFF;
    TIMER0_CTRL = 1;
    NVIC_ENABLE = 1u << 5;
    async_loop_init(&loop, async_systick_clock(COUNTS));
    async_trace_start(&ring);
    async_spawn(&loop, &blinker, &blink.coro);
    ASYNC_OBJECT(press, press);
    int error = async_run(&loop, &press.coro);
    async_trace_stop();
    FILE *file = fopen("traced.bin", "wb");
    if (file == NULL || fwrite(&ring, sizeof ring, 1, file) != 1 ||
        fclose(file) != 0) {
        board_exit(2);
    }
    board_exit(error != ASYNC_OK);
}
