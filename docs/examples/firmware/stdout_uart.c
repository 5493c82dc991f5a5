/* SPDX-License-Identifier: MIT */

/*
 * stdout_uart.c: printf by way of the stream uart_tx
 *
 * printf cannot await. It puts bytes into the stream, and while that is full
 * the processor sleeps until the transmit interrupt has taken one. All tasks
 * wait then, so let the stream be large enough for what is printed at a time.
 * A task that prints much does it with async_stream_write, which awaits.
 */
#include "stdout_uart.h"

#include "uart.h"

#include <async/port.h>

#include <stdio.h>

/* The last look and the sleep are one step to the interrupts: they are locked,
 * and end the sleep all the same. */
static void sleep_while(bool (*condition)(void))
{
    async_port_state_t state = async_port_lock();
    while (condition()) {
        async_port_sleep();
        async_port_unlock(state);
        state = async_port_lock();
    }
    async_port_unlock(state);
}

static bool is_full(void)
{
    uint8_t *room;
    return async_stream_room(&uart_tx, &room) == 0;
}

static bool is_not_empty(void)
{
    return async_stream_length(&uart_tx) > 0;
}

static void send(uint8_t byte)
{
    sleep_while(is_full);
    async_stream_push(&uart_tx, &byte, 1);
}

/* A terminal wants CR LF. */
static int put(char byte, FILE *file)
{
    (void)file;
    if (byte == '\n') {
        send('\r');
    }
    send((uint8_t)byte);
    return 0;
}

#ifdef __AVR__

void stdout_start(void)
{
    static FILE uart = FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE);
    uart_start();
    stdout = &uart;
}

#else

static FILE uart = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &uart;
FILE *const stderr = &uart;
FILE *const stdin = &uart;

void stdout_start(void)
{
    uart_start();
}

#endif

void stdout_drain(void)
{
    sleep_while(is_not_empty);
}
