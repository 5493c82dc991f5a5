/* SPDX-License-Identifier: MIT */

/*
 * shell_uart.c: the shell of ../shell.c on a board's UART
 *
 * Control-D ends it, as on a PC. The terminal has to echo what is typed.
 */
#include "../shell.h"

#include "board.h"
#include "stdout_uart.h"
#include "uart.h"

#include <stdio.h>
#include <string.h>

#define CONTROL_D 4

async_wait_t console_readable(void)
{
    return async_stream_wait_readable(&uart_rx);
}

int console_read(char *bytes, size_t size)
{
    if (async_stream_is_closed(&uart_rx)) {
        return CONSOLE_ENDED;
    }
    size_t count = async_stream_pull(&uart_rx, bytes, size);
    uart_rx_continue();
    const char *end = memchr(bytes, CONTROL_D, count);
    if (end == NULL) {
        return (int)count;
    }
    async_stream_close(&uart_rx);
    return end > bytes ? (int)(end - bytes) : CONSOLE_ENDED;
}

void console_prompt(void)
{
    fputs("> ", stdout);
}

int main(void)
{
    static async_loop_t loop;
    stdout_start();
    async_loop_init(&loop, board_start());
    int error = async_run(&loop, shell_coroutine());
    stdout_drain();
    return error;
}
