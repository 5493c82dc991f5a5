/* SPDX-License-Identifier: MIT */

/*
 * The shell of shell.c, and the console that it wants of the machine.
 *
 *   shell_posix.c           a PC: standard input and output
 *   firmware/shell_uart.c   a board: its UART
 */
#ifndef SHELL_H
#define SHELL_H

#include <async/async.h>

/** The shell, to be run once. Its output is printf's. When it has ended,
 *  async_run stops and joins the blinkers that are left. */
async_coro_t *shell_coroutine(void);

/* --- What the machine has to offer ---------------------------------------- */

#define CONSOLE_ENDED (-1)

/** Wait until there is something to read, or the input has ended. */
async_wait_t console_readable(void);

/** Returns: the number of bytes; 0, none came after all; CONSOLE_ENDED. */
int console_read(char *bytes, size_t size);

/** The shell is about to wait for a command. */
void console_prompt(void);

#endif
