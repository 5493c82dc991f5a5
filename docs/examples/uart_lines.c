/* SPDX-License-Identifier: MIT */

/*
 * uart_lines.c: lines from a UART, numbered, on a PC
 *
 *   uart_lines [late | slow]
 *
 * A stream stands between the receive interrupt and the task that reads lines.
 * What comes while it is full is lost, as on a board, and counted:
 *
 *   late   read nothing before the input has ended
 *   slow   take 10 ms for each line
 *
 * For a board, replace the first section.
 */
#define _POSIX_C_SOURCE 200809L

#include <async/async.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- The UART: standard input --------------------------------------------- */

#define LINE_SIZE 64 /* with its newline */
#define FIFO_SIZE 16

/* A line, and what may come before the task runs. */
static uint8_t rx_bytes[LINE_SIZE + 4 * FIFO_SIZE];
static async_stream_t rx = ASYNC_STREAM_INIT(rx_bytes);

/* As an interrupt handler does: take what has come, and wait for nothing. */
static void uart_handler(void)
{
    char fifo[FIFO_SIZE];
    ssize_t count = read(STDIN_FILENO, fifo, sizeof fifo);
    if (count > 0) {
        async_stream_push(&rx, fifo, (size_t)count);
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
        async_stream_close(&rx);
    }
}

struct uart {
    ASYNC_FRAME;
};

ASYNC_STATIC(uart)
{
    ASYNC_BEGIN();
    while (!async_stream_is_closed(&rx)) {
        AWAIT(async_fd_readable(STDIN_FILENO));
        uart_handler();
    }
    ASYNC_END();
}

/* --- Lines ---------------------------------------------------------------- */

struct number_lines {
    ASYNC_FRAME;
    async_ticks_t pause; /* argument: after each line */
    unsigned long lines;
    unsigned long bytes;
    bool in_long_line; /* of which a part was dropped */
    int error;
    struct async_stream_read_until read_line;
    struct async_stream_read read_part;
    char line[LINE_SIZE];
};

static void print_line(struct number_lines *self, size_t length)
{
    length -= length > 0 && self->line[length - 1] == '\n' ? 1 : 0;
    length -= length > 0 && self->line[length - 1] == '\r' ? 1 : 0;
    printf("%lu: ", ++self->lines);
    fwrite(self->line, 1, length, stdout);
    printf("\n");
}

/* A whole line, or the end of a long one, or of the input. */
static void end_line(struct number_lines *self, size_t length)
{
    self->bytes += length;
    if (!self->in_long_line && length > 0) {
        print_line(self, length);
    }
    self->in_long_line = false;
}

static void drop_part(struct number_lines *self, size_t length)
{
    self->bytes += length;
    if (!self->in_long_line) {
        printf("%lu: longer than %d bytes, dropped\n", ++self->lines,
               LINE_SIZE);
    }
    self->in_long_line = true;
}

/* If there is no line, all bytes are still in the stream. */
ASYNC_STATIC(number_lines)
{
    ASYNC_BEGIN();
    do {
        self->read_line = ASYNC_CALL(
            async_stream_read_until, .stream = &rx, .data = self->line,
            .size = sizeof self->line, .delimiter = '\n');
        AWAIT_CATCH(self->error, async_call(&self->read_line.coro));
        if (self->error == 0) {
            end_line(self, self->read_line.result);
        } else {
            AWAIT_CALL(self->read_part, async_stream_read, .stream = &rx,
                       .data = self->line, .size = sizeof self->line);
            if (self->error == ASYNC_ERR_FULL) {
                drop_part(self, self->read_part.result);
            } else {
                end_line(self, self->read_part.result);
            }
        }
        if (self->pause > 0) {
            AWAIT(async_sleep(self->pause));
        }
    } while (self->error != ASYNC_ERR_CLOSED);
    ASYNC_END();
}

/* --- Program -------------------------------------------------------------- */

struct uart_lines {
    ASYNC_FRAME;
    bool late;           /* argument */
    async_ticks_t pause; /* argument */
    async_task_t task;
    struct uart uart;
    struct number_lines number;
};

ASYNC_STATIC(uart_lines)
{
    ASYNC_BEGIN();
    self->uart = ASYNC_CALL(uart);
    async_spawn(async_current_loop(), &self->task, &self->uart.coro);
    if (self->late) {
        AWAIT(async_join(&self->task));
    }
    AWAIT_CALL(self->number, number_lines, .pause = self->pause);
    printf("%lu lines, %lu bytes, %lu lost\n", self->number.lines,
           self->number.bytes, (unsigned long)async_stream_lost(&rx));
    ASYNC_END();
}

int main(int argc, char **argv)
{
    bool late = argc == 2 && strcmp(argv[1], "late") == 0;
    bool slow = argc == 2 && strcmp(argv[1], "slow") == 0;
    if (argc > 1 && !late && !slow) {
        fprintf(stderr, "usage: uart_lines [late | slow]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0);

    async_loop_t loop;
    async_loop_init(&loop, async_posix_clock());
    ASYNC_OBJECT(uart_lines, lines, .late = late,
                 .pause = slow ? ASYNC_MS(10) : 0);
    return async_run(&loop, &lines.coro);
}
