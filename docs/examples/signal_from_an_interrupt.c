/* SPDX-License-Identifier: MIT */

/*
 * An interrupt handler hands bytes to a task. On a PC the interrupt comes from
 * a timer signal.
 */
#define _XOPEN_SOURCE 700

#include <async/async.h>

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

/* --- The firmware --------------------------------------------------------- */

static unsigned char uart_data_register(void); /* the hardware's */

static async_event_t received;
static volatile unsigned char ring[16];
static volatile unsigned put; /* only the handler writes it */
static volatile unsigned got; /* only the task writes it */

static void uart_handler(void)
{
    unsigned char byte = uart_data_register();
    if (put - got < sizeof ring) {
        ring[put % sizeof ring] = byte;
        put++;
        async_event_set(&received);
    }
}

struct listen {
    ASYNC_FRAME;
    int lines;
};

ASYNC(listen)
{
    ASYNC_BEGIN();
    while (self->lines > 0) {
        AWAIT(async_event_wait(&received));
        async_event_clear(&received); /* before the look, not after */
        while (got != put) {
            unsigned char byte = ring[got % sizeof ring];
            got++;
            putchar(byte);
            self->lines -= byte == '\n' ? 1 : 0;
        }
    }
    ASYNC_END();
}

/* --- The simulated UART: a byte every 2 ms -------------------------------- */

static async_irq_t uart_irq;

static unsigned char uart_data_register(void)
{
    static const char *next = "hello\nworld\n";
    return (unsigned char)(*next == '\0' ? '\0' : *next++);
}

static void on_uart_irq(void *context) /* on the loop's thread */
{
    (void)context;
    uart_handler();
}

static void on_alarm(int number) /* may cut in anywhere */
{
    (void)number;
    async_irq_raise(&uart_irq);
}

static void start_uart(void)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval every_2_ms = {{0, 2000}, {0, 2000}};
    async_irq_init(&uart_irq, on_uart_irq, NULL);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every_2_ms, NULL);
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());
    start_uart();

    ASYNC_OBJECT(listen, listen, .lines = 2);
    return async_run(&loop, &listen.coro);
}
