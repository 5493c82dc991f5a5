/* SPDX-License-Identifier: MIT */

/*
 * shell_posix.c: the shell on a PC
 */
#define _POSIX_C_SOURCE 200809L

#include "shell.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

async_wait_t console_readable(void)
{
    return async_fd_readable(STDIN_FILENO);
}

int console_read(char *bytes, size_t size)
{
    ssize_t count = read(STDIN_FILENO, bytes, size);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return 0;
    }
    return count > 0 ? (int)count : CONSOLE_ENDED;
}

void console_prompt(void)
{
    if (isatty(STDIN_FILENO)) {
        fputs("> ", stdout);
    }
}

int main(void)
{
    static async_loop_t loop;
    setvbuf(stdout, NULL, _IONBF, 0);
    async_loop_init(&loop, async_posix_clock());
    return async_run(&loop, shell_coroutine());
}
