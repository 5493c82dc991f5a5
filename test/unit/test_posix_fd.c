/* SPDX-License-Identifier: MIT */

/*
 * Waiting for file descriptors. Pipes are the devices; what a test does to one
 * end is there at the other at once, so nothing here waits for time to pass.
 */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static async_loop_t loop;

static int begin(void **state)
{
    async_loop_init(&loop, async_posix_clock());
    return reports_begin(state);
}

struct fd_pair {
    int in;
    int out;
};

static struct fd_pair open_pair(void)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    return (struct fd_pair){.in = fds[0], .out = fds[1]};
}

static void close_pair(struct fd_pair pair)
{
    close(pair.in);
    close(pair.out);
}

static void put(int fd, const char *byte)
{
    assert_int_equal(write(fd, byte, 1), 1);
}

/* Reads single bytes until the end of the file; traces each with its name. */
struct reader {
    ASYNC_FRAME;
    int fd;
    int count; /* how many at most */
    char name;
};

ASYNC_STATIC(reader)
{
    ASYNC_BEGIN();
    while (self->count-- > 0) {
        AWAIT(async_fd_readable(self->fd));
        {
            char byte;
            ssize_t got = read(self->fd, &byte, 1);
            if (got < 0) {
                trace("%c!%s ", self->name, errno == EBADF ? "EBADF" : "?");
            } else if (got == 0) {
                trace("%c=end ", self->name);
                break;
            } else {
                trace("%c=%c ", self->name, byte);
            }
        }
    }
    ASYNC_END();
}

struct writer {
    ASYNC_FRAME;
    int fd;
};

ASYNC_STATIC(writer)
{
    ASYNC_BEGIN();
    AWAIT(async_fd_writable(self->fd));
    trace("writable ");
    ASYNC_END();
}

/* Makes its pause visible in the trace, then writes. */
struct feeder {
    ASYNC_FRAME;
    int fd;
    const char *text;
};

ASYNC_STATIC(feeder)
{
    ASYNC_BEGIN();
    for (; *self->text != '\0'; self->text++) {
        ASYNC_YIELD();
        put(self->fd, self->text);
    }
    close(self->fd);
    ASYNC_END();
}

static void data_that_is_there_is_readable(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    put(pair.out, "x");
    ASYNC_OBJECT(reader, r, .fd = pair.in, .count = 1, .name = 'r');
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("r=x");
    close_pair(pair);
}

static void data_that_comes_later_wakes_the_reader(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(reader, r, .fd = pair.in, .count = 10, .name = 'r');
    ASYNC_OBJECT(feeder, f, .fd = pair.out, .text = "abc");
    async_spawn(&loop, &task, &f.coro);
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("r=a r=b r=c r=end");
    close(pair.in);
}

static void an_empty_pipe_is_not_readable(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(reader, r, .fd = pair.in, .count = 1, .name = 'r');
    async_spawn(&loop, &task, &r.coro);
    for (int i = 0; i < 10; i++) {
        async_poll(&loop);
    }
    assert_trace("");
    put(pair.out, "y");
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_trace("r=y");
    close_pair(pair);
}

static void the_end_of_the_file_is_readable(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    close(pair.out);
    ASYNC_OBJECT(reader, r, .fd = pair.in, .count = 5, .name = 'r');
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("r=end");
    close(pair.in);
}

static void a_full_pipe_is_writable_when_it_has_been_read(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    static char page[65536];
    fcntl(pair.out, F_SETFL, O_NONBLOCK);
    fcntl(pair.in, F_SETFL, O_NONBLOCK);
    while (write(pair.out, page, sizeof page) > 0) {
    }
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(writer, w, .fd = pair.out);
    async_spawn(&loop, &task, &w.coro);
    async_poll(&loop);
    async_poll(&loop);
    assert_trace("");
    while (read(pair.in, page, sizeof page) > 0) {
    }
    async_poll(&loop);
    assert_trace("writable");
    assert_true(async_task_done(&task));
    close_pair(pair);
}

static void an_empty_pipe_is_writable(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    ASYNC_OBJECT(writer, w, .fd = pair.out);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("writable");
    close_pair(pair);
}

static void
a_pipe_nobody_reads_wakes_the_writer_to_fetch_the_error(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    close(pair.in);
    ASYNC_OBJECT(writer, w, .fd = pair.out);
    assert_int_equal(async_run(&loop, &w.coro), 0);
    assert_trace("writable");
    close(pair.out);
}

static void several_tasks_can_wait_for_one_descriptor(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    fcntl(pair.in, F_SETFL, O_NONBLOCK);
    async_task_t tasks[3] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    ASYNC_OBJECT(reader, a, .fd = pair.in, .count = 1, .name = 'a');
    ASYNC_OBJECT(reader, b, .fd = pair.in, .count = 1, .name = 'b');
    ASYNC_OBJECT(reader, c, .fd = pair.in, .count = 1, .name = 'c');
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    async_spawn(&loop, &tasks[2], &c.coro);
    async_poll(&loop);
    put(pair.out, "1");
    put(pair.out, "2");
    put(pair.out, "3");
    async_poll(&loop);
    assert_trace("a=1 b=2 c=3");
    close_pair(pair);
}

static void both_directions_can_be_waited_for_at_once(void **state)
{
    (void)state;
    struct fd_pair one = open_pair();
    struct fd_pair two = open_pair();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(reader, r, .fd = one.in, .count = 1, .name = 'r');
    ASYNC_OBJECT(writer, w, .fd = two.out);
    async_spawn(&loop, &task, &r.coro);
    async_poll(&loop);
    async_task_t other = ASYNC_TASK_INIT;
    async_spawn(&loop, &other, &w.coro);
    async_poll(&loop);
    async_poll(&loop);
    assert_trace("writable");
    put(one.out, "z");
    async_poll(&loop);
    assert_trace("r=z");
    close_pair(one);
    close_pair(two);
}

struct busy {
    ASYNC_FRAME;
    long rounds;
    const async_task_t *until;
};

ASYNC_STATIC(busy)
{
    ASYNC_BEGIN();
    while (!async_task_done(self->until)) {
        self->rounds++;
        assert_true(self->rounds < 1000);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

static void a_task_that_is_always_ready_does_not_starve_input(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(reader, r, .fd = pair.in, .count = 1, .name = 'r');
    ASYNC_OBJECT(busy, b, .until = &task);
    async_spawn(&loop, &task, &r.coro);
    async_poll(&loop);
    put(pair.out, "q");
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_true(b.rounds < 5);
    assert_trace("r=q");
    close_pair(pair);
}

static void a_cancelled_reader_has_read_nothing(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    ASYNC_OBJECT(reader, a, .fd = pair.in, .count = 1, .name = 'a');
    ASYNC_OBJECT(reader, b, .fd = pair.in, .count = 1, .name = 'b');
    async_spawn(&loop, &tasks[0], &a.coro);
    async_spawn(&loop, &tasks[1], &b.coro);
    async_poll(&loop);
    async_cancel(&tasks[0]);
    put(pair.out, "k");
    async_poll(&loop);
    assert_int_equal(async_task_error(&tasks[0]), ASYNC_ERR_CANCELLED);
    assert_true(async_task_done(&tasks[1]));
    assert_trace("b=k");
    close_pair(pair);
}

struct limited {
    ASYNC_FRAME;
    int fd;
    int error;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_fd_readable(self->fd), ASYNC_MS(3)));
    ASYNC_END();
}

static void a_limit_on_a_read_raises_timeout(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    ASYNC_OBJECT(limited, a, .fd = pair.in);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    assert_int_equal(a.error, ASYNC_ERR_TIMEOUT);
    put(pair.out, "m");
    ASYNC_OBJECT(limited, b, .fd = pair.in);
    assert_int_equal(async_run(&loop, &b.coro), 0);
    assert_int_equal(b.error, 0);
    close_pair(pair);
}

struct catching {
    ASYNC_FRAME;
    int fd;
    int error;
};

ASYNC_STATIC(catching)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_fd_readable(self->fd));
    ASYNC_END();
}

static void one_descriptor_too_many_raises_full(void **state)
{
    (void)state;
    static struct fd_pair pairs[ASYNC_POSIX_FDS + 1];
    static struct reader readers[ASYNC_POSIX_FDS + 1];
    static async_task_t tasks[ASYNC_POSIX_FDS + 1];
    for (int i = 0; i <= ASYNC_POSIX_FDS; i++) {
        pairs[i] = open_pair();
        readers[i] =
            ASYNC_CALL(reader, .fd = pairs[i].in, .count = 1, .name = 'r');
    }
    for (int i = 0; i < ASYNC_POSIX_FDS; i++) {
        tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        async_spawn(&loop, &tasks[i], &readers[i].coro);
    }
    async_poll(&loop);

    /* A descriptor that is waited for already needs no new place. */
    async_task_t same = ASYNC_TASK_INIT;
    ASYNC_OBJECT(catching, s, .fd = pairs[0].in);
    async_spawn(&loop, &same, &s.coro);
    async_poll(&loop);
    assert_false(async_task_done(&same));

    async_task_t full = ASYNC_TASK_INIT;
    ASYNC_OBJECT(catching, f, .fd = pairs[ASYNC_POSIX_FDS].in);
    async_spawn(&loop, &full, &f.coro);
    async_poll(&loop);
    assert_true(async_task_done(&full));
    assert_int_equal(f.error, ASYNC_ERR_FULL);

    /* One that leaves makes room. */
    async_cancel(&tasks[7]);
    async_poll(&loop);
    async_task_t *last = &tasks[ASYNC_POSIX_FDS];
    *last = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, last, &readers[ASYNC_POSIX_FDS].coro);
    async_poll(&loop);
    assert_false(async_task_done(last));
    put(pairs[ASYNC_POSIX_FDS].out, "w");
    async_poll(&loop);
    assert_true(async_task_done(last));

    /* All others still work. */
    for (int i = 0; i < ASYNC_POSIX_FDS; i++) {
        put(pairs[i].out, "v");
    }
    async_poll(&loop);
    assert_true(async_task_done(&same));
    for (int i = 0; i < ASYNC_POSIX_FDS; i++) {
        assert_true(async_task_done(&tasks[i]));
    }
    for (int i = 0; i <= ASYNC_POSIX_FDS; i++) {
        close_pair(pairs[i]);
    }
    assert_int_equal(async_loop_close(&loop), 0);
    trace_clear();
}

static void
a_closed_descriptor_wakes_its_waiter_to_fetch_the_error(void **state)
{
    (void)state;
    struct fd_pair pair = open_pair();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(reader, r, .fd = pair.in, .count = 1, .name = 'r');
    async_spawn(&loop, &task, &r.coro);
    async_poll(&loop);
    close(pair.in);
    async_poll(&loop);
    async_poll(&loop);
    assert_true(async_task_done(&task));
    assert_trace("r!EBADF");
    close(pair.out);
}

static void a_descriptor_that_was_never_open_does_not_hang(void **state)
{
    (void)state;
    const int fd = 1000; /* not one that the loop opens for itself */
    ASYNC_OBJECT(reader, r, .fd = fd, .count = 1, .name = 'r');
    assert_int_equal(async_run(&loop, &r.coro), 0);
    assert_trace("r!EBADF");
}

/* Bytes go round through two pipes, from task to task. */
struct echo {
    ASYNC_FRAME;
    int in;
    int out;
    int rounds;
    bool first;
};

ASYNC_STATIC(echo)
{
    ASYNC_BEGIN();
    if (self->first) {
        put(self->out, "e");
    }
    while (self->rounds-- > 0) {
        AWAIT(async_fd_readable(self->in));
        {
            char byte;
            assert_int_equal(read(self->in, &byte, 1), 1);
        }
        AWAIT(async_fd_writable(self->out));
        put(self->out, "e");
    }
    ASYNC_END();
}

static void a_byte_goes_round_a_thousand_times(void **state)
{
    (void)state;
    struct fd_pair there = open_pair();
    struct fd_pair back = open_pair();
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(echo, a, .in = back.in, .out = there.out, .rounds = 1000,
                 .first = true);
    ASYNC_OBJECT(echo, b, .in = there.in, .out = back.out, .rounds = 1000);
    async_spawn(&loop, &task, &b.coro);
    assert_int_equal(async_run(&loop, &a.coro), 0);
    close_pair(there);
    close_pair(back);
}

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    async_wait_t wait = async_fd_readable(0);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    wait = async_fd_writable(1);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(data_that_is_there_is_readable),
        TEST(data_that_comes_later_wakes_the_reader),
        TEST(an_empty_pipe_is_not_readable),
        TEST(the_end_of_the_file_is_readable),
        TEST(a_full_pipe_is_writable_when_it_has_been_read),
        TEST(an_empty_pipe_is_writable),
        TEST(a_pipe_nobody_reads_wakes_the_writer_to_fetch_the_error),
        TEST(several_tasks_can_wait_for_one_descriptor),
        TEST(both_directions_can_be_waited_for_at_once),
        TEST(a_task_that_is_always_ready_does_not_starve_input),
        TEST(a_cancelled_reader_has_read_nothing),
        TEST(a_limit_on_a_read_raises_timeout),
        TEST(one_descriptor_too_many_raises_full),
        TEST(a_closed_descriptor_wakes_its_waiter_to_fetch_the_error),
        TEST(a_descriptor_that_was_never_open_does_not_hang),
        TEST(a_byte_goes_round_a_thousand_times),
        TEST(a_wait_outside_of_a_task_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
