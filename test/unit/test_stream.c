/* SPDX-License-Identifier: MIT */

/*
 * Stream: no byte lost, doubled or out of order, whoever waits, is cancelled,
 * comes second or closes.
 */
#include "test.h"

#include <string.h>

#define START    ((async_time_t)-5)
#define CAPACITY 8

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;

static uint8_t ring[CAPACITY];
static async_stream_t stream;

static unsigned long elapsed(void)
{
    return (unsigned long)(async_time_t)(async_loop_now(&loop) - START);
}

static size_t push(const char *text)
{
    return async_stream_push(&stream, text, strlen(text));
}

/* What can be pulled, as a string. */
static const char *pull_all(void)
{
    static char text[64];
    text[async_stream_pull(&stream, text, sizeof text - 1)] = '\0';
    return text;
}

static bool somebody_is_ready(void)
{
    return loop.ready_first_ != NULL;
}

/* Until nobody is ready. */
static void run_on(void)
{
    while (somebody_is_ready()) {
        async_poll(&loop);
    }
}

/* --- Tasks that read and write -------------------------------------------- */

/* Traces "=result:bytes", or "!error", with the time. */
struct job {
    ASYNC_FRAME;
    char kind;   /* r read, x exactly, u until, w write */
    size_t size; /* read into, or write from */
    char *data;
    int error;
    size_t result;
    union {
        struct async_stream_read read;
        struct async_stream_read_exactly exactly;
        struct async_stream_read_until until;
        struct async_stream_write write;
    } call;
};

static async_coro_t *job_call(struct job *job)
{
    if (job->kind == 'r') {
        job->call.read = ASYNC_CALL(async_stream_read, .stream = &stream,
                                    .data = job->data, .size = job->size);
    } else if (job->kind == 'x') {
        job->call.exactly =
            ASYNC_CALL(async_stream_read_exactly, .stream = &stream,
                       .data = job->data, .size = job->size);
    } else if (job->kind == 'u') {
        job->call.until =
            ASYNC_CALL(async_stream_read_until, .stream = &stream,
                       .data = job->data, .size = job->size, .delimiter = '\n');
    } else {
        job->call.write = ASYNC_CALL(async_stream_write, .stream = &stream,
                                     .data = job->data, .size = job->size);
    }
    return &job->call.read.coro;
}

/* All four have it in the same place, which the first assertion of the tests
 * makes sure of. */
static size_t job_result(const struct job *job)
{
    return job->call.read.result;
}

ASYNC_STATIC(job)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_call(job_call(self)));
    if (self->error != 0) {
        trace("%c!%d ", self->kind, self->error);
    } else if (self->kind == 'w') {
        trace("w%lu ", elapsed());
    } else {
        trace("%c%lu:", self->kind, elapsed());
        trace_bytes(self->data, job_result(self));
    }
    ASYNC_FINALLY();
    self->result = job_result(self);
    ASYNC_END();
}

static struct job jobs[2];
static async_task_t tasks[2];
static async_task_t waiter_tasks[2];
static char buffers[2][64];

static int begin(void **state)
{
    memset(tasks, 0, sizeof tasks);
    memset(waiter_tasks, 0, sizeof waiter_tasks);
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, START));
    async_stream_init(&stream, ring, CAPACITY);
    return reports_begin(state);
}

static void spawn(int i, char kind, size_t size)
{
    jobs[i] = ASYNC_CALL(job, .kind = kind, .size = size, .data = buffers[i]);
    async_spawn(&loop, &tasks[i], &jobs[i].coro);
    async_poll(&loop);
}

static void spawn_reader(char kind, size_t size)
{
    memset(buffers[0], '.', sizeof buffers[0]);
    spawn(0, kind, size);
}

static void spawn_writer(const char *text)
{
    strcpy(buffers[1], text);
    spawn(1, 'w', strlen(text));
}

static void cancel(int i)
{
    async_cancel(&tasks[i]);
    async_poll(&loop);
    assert_true(async_task_done(&tasks[i]));
}

/* Push, and let the woken run; true if that woke anybody. */
static bool pushed_and_woke(const char *text)
{
    push(text);
    bool woke = somebody_is_ready();
    async_poll(&loop);
    return woke;
}

/* Move the place where the ring begins. */
static void turn(size_t by)
{
    char bytes[CAPACITY];
    async_stream_push(&stream, "--------", by);
    assert_int_equal(async_stream_pull(&stream, bytes, by), by);
}

/* --- The ring ------------------------------------------------------------- */

static uint8_t static_ring[3];
static async_stream_t static_stream = ASYNC_STREAM_INIT(static_ring);

static void a_static_stream_needs_no_call_and_uses_the_whole_array(void **state)
{
    (void)state;
    char bytes[4];
    assert_int_equal(async_stream_push(&static_stream, "abc", 3), 3);
    assert_int_equal(async_stream_length(&static_stream), 3);
    assert_int_equal(async_stream_pull(&static_stream, bytes, 4), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(async_stream_length(&static_stream), 0);
    assert_int_equal(async_stream_pull(&static_stream, bytes, 4), 0);
    assert_int_equal(async_stream_lost(&static_stream), 0);
    assert_false(async_stream_is_closed(&static_stream));
}

static void bytes_come_out_in_order_wherever_the_ring_begins(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * CAPACITY; i++) {
        assert_int_equal(push("abc"), 3);
        assert_int_equal(push("defgh"), 5);
        assert_string_equal(pull_all(), "abcdefgh");
        turn(1);
    }
}

static void pull_takes_no_more_than_asked(void **state)
{
    (void)state;
    char bytes[2];
    push("abc");
    assert_int_equal(async_stream_pull(&stream, bytes, 0), 0);
    assert_int_equal(async_stream_pull(&stream, bytes, 2), 2);
    assert_memory_equal(bytes, "ab", 2);
    assert_string_equal(pull_all(), "c");
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    assert_int_equal(push("abcdef"), 6);
    assert_int_equal(push("ghij"), 2);
    assert_int_equal(async_stream_lost(&stream), 2);
    assert_int_equal(push("k"), 0);
    assert_int_equal(async_stream_lost(&stream), 3);
    assert_string_equal(pull_all(), "abcdefgh");
    assert_int_equal(push("l"), 1);
    assert_int_equal(async_stream_lost(&stream), 3);
}

static void room_is_in_one_piece_up_to_the_end_of_the_array(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    assert_int_equal(async_stream_room(&stream, &bytes), 8);
    assert_ptr_equal(bytes, ring);
    turn(5);
    push("a");
    assert_int_equal(async_stream_room(&stream, &bytes), 2);
    assert_ptr_equal(bytes, ring + 6);
    memcpy(bytes, "bc", 2);
    async_stream_commit(&stream, 1);
    assert_int_equal(async_stream_length(&stream), 2);
    async_stream_commit(&stream, 1);
    assert_int_equal(async_stream_room(&stream, &bytes), 5);
    assert_ptr_equal(bytes, ring);
    memcpy(bytes, "defgh", 5);
    async_stream_commit(&stream, 5);
    bytes = NULL;
    assert_int_equal(async_stream_room(&stream, &bytes), 0);
    assert_null(bytes);
    assert_string_equal(pull_all(), "abcdefgh");
    assert_int_equal(async_stream_lost(&stream), 0);
}

static void data_is_in_one_piece_up_to_the_end_of_the_array(void **state)
{
    (void)state;
    const uint8_t *bytes = NULL;
    assert_int_equal(async_stream_peek(&stream, &bytes), 0);
    assert_null(bytes);
    turn(5);
    push("abcdefgh");
    assert_int_equal(async_stream_peek(&stream, &bytes), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(async_stream_length(&stream), 8);
    async_stream_consume(&stream, 1);
    assert_int_equal(async_stream_peek(&stream, &bytes), 2);
    assert_memory_equal(bytes, "bc", 2);
    async_stream_consume(&stream, 2);
    assert_int_equal(async_stream_peek(&stream, &bytes), 5);
    assert_memory_equal(bytes, "defgh", 5);
    push("ij");
    assert_int_equal(async_stream_peek(&stream, &bytes), 7);
    assert_memory_equal(bytes, "defghij", 7);
}

static void commit_and_consume_go_across_the_end_of_the_array(void **state)
{
    (void)state;
    turn(6);
    memcpy(ring, "cd....ab", 8);
    async_stream_commit(&stream, 4);
    assert_int_equal(async_stream_length(&stream), 4);
    async_stream_consume(&stream, 3);
    assert_string_equal(pull_all(), "d");
    push("abcdefgh");
    async_stream_consume(&stream, async_stream_length(&stream));
    assert_int_equal(async_stream_length(&stream), 0);
    assert_string_equal(pull_all(), "");
}

static void more_than_there_is_is_reported_and_changes_nothing(void **state)
{
    (void)state;
    push("abcde");
    async_stream_commit(&stream, 4);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_stream_commit(&stream, (size_t)-1);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_stream_consume(&stream, 6);
    expect_report(ASYNC_REPORT_NOT_HELD);
    async_stream_commit(&stream, 0);
    async_stream_consume(&stream, 0);
    assert_string_equal(pull_all(), "abcde");
}

static void an_array_above_65535_is_used_in_part(void **state)
{
    (void)state;
    static uint8_t large[BY_ROOM(70000, 1, 1)];
    static uint8_t data[BY_ROOM(70000, 1, 1)];
    async_stream_init(&stream, large, sizeof large);
    assert_int_equal(async_stream_push(&stream, data, sizeof data), 65535);
    assert_int_equal(async_stream_lost(&stream), 70000 - 65535);
    assert_int_equal(async_stream_pull(&stream, data, 40000), 40000);
    assert_int_equal(async_stream_push(&stream, data, 40000), 40000);
    assert_int_equal(async_stream_length(&stream), 65535);
    assert_int_equal(large[65535], 0);
    assert_int_equal(async_stream_pull(&stream, data, sizeof data), 65535);
}

/* --- Read ----------------------------------------------------------------- */

static void all_calls_have_their_result_in_one_place(void **state)
{
    (void)state;
    assert_int_equal(offsetof(struct async_stream_read, result),
                     offsetof(struct async_stream_read_exactly, result));
    assert_int_equal(offsetof(struct async_stream_read, result),
                     offsetof(struct async_stream_read_until, result));
    assert_int_equal(offsetof(struct async_stream_read, result),
                     offsetof(struct async_stream_write, result));
}

static void read_takes_what_is_there_at_once(void **state)
{
    (void)state;
    push("abc");
    spawn_reader('r', 9);
    assert_trace("r0:abc");
    push("abc");
    spawn_reader('r', 2);
    assert_trace("r0:ab");
    spawn_reader('r', 0);
    assert_trace("r0:");
    assert_string_equal(pull_all(), "c");
}

static void read_waits_for_the_first_byte(void **state)
{
    (void)state;
    spawn_reader('r', 9);
    assert_trace("");
    assert_true(pushed_and_woke("ab"));
    assert_trace("r0:ab");
    assert_int_equal(async_stream_length(&stream), 0);
}

static void read_takes_what_came_until_it_runs(void **state)
{
    (void)state;
    spawn_reader('r', 9);
    push("a");
    push("b");
    async_poll(&loop);
    assert_trace("r0:ab");
}

static void a_read_of_no_bytes_goes_on_at_once(void **state)
{
    (void)state;
    spawn_reader('r', 0);
    assert_trace("r0:");
    spawn_reader('x', 0);
    assert_trace("x0:");
    spawn_reader('u', 0);
    assert_trace("u!-204");
}

static void read_exactly_is_woken_by_the_last_byte(void **state)
{
    (void)state;
    turn(6);
    spawn_reader('x', 5);
    assert_false(pushed_and_woke("a"));
    assert_false(pushed_and_woke("bcd"));
    assert_int_equal(async_stream_length(&stream), 4);
    assert_true(pushed_and_woke("ef"));
    assert_trace("x0:abcde");
    assert_string_equal(pull_all(), "f");
}

static void read_exactly_goes_on_at_once_if_all_is_there(void **state)
{
    (void)state;
    push("abcdefgh");
    spawn_reader('x', 8);
    assert_trace("x0:abcdefgh");
    assert_int_equal(jobs[0].result, 8);
}

static void
read_exactly_of_the_whole_capacity_waits_until_it_is_full(void **state)
{
    (void)state;
    spawn_reader('x', 8);
    assert_false(pushed_and_woke("abcdefg"));
    assert_true(pushed_and_woke("hi"));
    assert_trace("x0:abcdefgh");
    assert_int_equal(async_stream_lost(&stream), 1);
}

static void read_exactly_of_more_takes_halves(void **state)
{
    (void)state;
    push("abc");
    spawn_reader('x', 14);
    assert_int_equal(async_stream_length(&stream), 0);
    assert_false(pushed_and_woke("def"));
    assert_true(pushed_and_woke("g"));
    assert_int_equal(async_stream_length(&stream), 0);
    assert_true(pushed_and_woke("hijklm"));
    assert_trace("");
    assert_true(pushed_and_woke("nop"));
    assert_trace("x0:abcdefghijklmn");
    assert_string_equal(pull_all(), "op");
}

/* --- Read until ----------------------------------------------------------- */

static void read_until_is_woken_by_the_delimiter(void **state)
{
    (void)state;
    turn(5);
    push("a");
    spawn_reader('u', 64);
    assert_false(pushed_and_woke("b"));
    assert_false(pushed_and_woke("cd"));
    assert_int_equal(async_stream_length(&stream), 4);
    assert_true(pushed_and_woke("e\nf"));
    assert_trace("u0:abcde\n");
    assert_string_equal(pull_all(), "f");
}

static void read_until_is_woken_by_a_committed_delimiter(void **state)
{
    (void)state;
    turn(6);
    spawn_reader('u', 64);
    memcpy(ring, "\n.....ab", 8);
    async_stream_commit(&stream, 2);
    assert_false(somebody_is_ready());
    async_stream_commit(&stream, 1);
    assert_true(somebody_is_ready());
    async_poll(&loop);
    assert_trace("u0:ab\n");
}

static void read_until_takes_one_line_of_several(void **state)
{
    (void)state;
    push("a\n\nbc\nd");
    for (int i = 0; i < 3; i++) {
        spawn_reader('u', 64);
    }
    assert_trace("u0:a\n u0:\n u0:bc\n");
    assert_string_equal(pull_all(), "d");
}

static void a_line_may_fill_the_stream_and_the_buffer(void **state)
{
    (void)state;
    spawn_reader('u', 8);
    assert_false(pushed_and_woke("abcdefg"));
    assert_true(pushed_and_woke("\n"));
    assert_trace("u0:abcdefg\n");
    push("ab\n");
    spawn_reader('u', 3);
    assert_trace("u0:ab\n");
    assert_int_equal(jobs[0].result, 3);
}

static void a_line_longer_than_the_buffer_is_refused_and_stays(void **state)
{
    (void)state;
    spawn_reader('u', 3);
    assert_false(pushed_and_woke("ab"));
    assert_true(pushed_and_woke("c"));
    assert_trace("u!-204");
    assert_int_equal(jobs[0].result, 0);
    push("\n");
    spawn_reader('u', 3);
    assert_trace("u!-204");
    assert_string_equal(pull_all(), "abc\n");
}

static void a_line_longer_than_the_stream_is_refused_and_stays(void **state)
{
    (void)state;
    turn(3);
    spawn_reader('u', 64);
    assert_true(pushed_and_woke("abcdefgh\n"));
    assert_trace("u!-204");
    assert_string_equal(pull_all(), "abcdefgh");
    assert_int_equal(async_stream_lost(&stream), 1);
    spawn_reader('u', 64);
    push("i\n");
    async_poll(&loop);
    assert_trace("u0:i\n");
}

static void any_byte_can_be_the_delimiter(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0xFF, 0x7F, 0x80, 0};
    for (size_t i = 0; i < sizeof bytes; i++) {
        uint8_t data[CAPACITY];
        ASYNC_OBJECT(async_stream_read_until, read, .stream = &stream,
                     .data = data, .size = CAPACITY, .delimiter = bytes[i]);
        async_task_t task = ASYNC_TASK_INIT;
        async_spawn(&loop, &task, &read.coro);
        async_poll(&loop);
        for (size_t j = 0; j <= i; j++) {
            assert_false(somebody_is_ready());
            async_stream_push(&stream, &bytes[j], 1);
        }
        assert_true(somebody_is_ready());
        async_poll(&loop);
        assert_int_equal(read.result, i + 1);
        assert_memory_equal(data, bytes, i + 1);
    }
}

/* --- Write ---------------------------------------------------------------- */

static void write_goes_on_at_once_if_there_is_room(void **state)
{
    (void)state;
    turn(5);
    spawn_writer("abcdefgh");
    assert_trace("w0");
    assert_string_equal(pull_all(), "abcdefgh");
    spawn_writer("");
    assert_trace("w0");
}

static void write_is_woken_by_room_for_half_or_for_the_rest(void **state)
{
    (void)state;
    char bytes[4];
    spawn_writer("abcdefghijklmno");
    assert_int_equal(async_stream_pull(&stream, bytes, 3), 3);
    assert_false(somebody_is_ready());
    assert_int_equal(async_stream_pull(&stream, bytes, 1), 1);
    assert_true(somebody_is_ready());
    async_poll(&loop);
    assert_int_equal(async_stream_length(&stream), 8);
    assert_int_equal(async_stream_pull(&stream, bytes, 2), 2);
    assert_false(somebody_is_ready());
    assert_trace("");
    async_stream_consume(&stream, 1);
    async_poll(&loop);
    assert_trace("w0");
    assert_int_equal(jobs[1].result, 15);
    assert_string_equal(pull_all(), "hijklmno");
}

static void write_loses_nothing_and_counts_nothing_as_lost(void **state)
{
    (void)state;
    spawn_writer("abcdefghijklmnopqrstuvwxyz");
    spawn_reader('x', 26);
    run_on();
    assert_true(async_task_done(&tasks[0]) && async_task_done(&tasks[1]));
    assert_memory_equal(buffers[0], "abcdefghijklmnopqrstuvwxyz", 26);
    assert_int_equal(async_stream_lost(&stream), 0);
    trace_clear();
}

/* After the first read there is room for 3, too little to wake the writer, and
 * the second read waits for 8: somebody must move. */
static void a_reader_that_waits_for_more_wakes_the_writer(void **state)
{
    (void)state;
    spawn_writer("abcdefghijklmno");
    spawn_reader('x', 3);
    assert_false(somebody_is_ready());
    spawn_reader('x', 8);
    run_on();
    assert_trace("x0:abc x0:defghijk w0");
    assert_string_equal(pull_all(), "lmno");
}

static void a_reader_of_a_line_wakes_the_writer_too(void **state)
{
    (void)state;
    spawn_writer("ab\ncdefghi\n");
    spawn_reader('u', 64);
    spawn_reader('u', 64);
    run_on();
    assert_trace("u0:ab\n w0 u0:cdefghi\n");
}

static int starts;

static void count_start(async_stream_t *started)
{
    assert_ptr_equal(started, &stream);
    starts++;
}

static void data_starts_what_takes_it(void **state)
{
    (void)state;
    starts = 0;
    async_stream_on_data(&stream, count_start);
    push("abcde");
    async_stream_commit(&stream, 2);
    assert_int_equal(starts, 2);
    async_stream_commit(&stream, 0);
    push("");
    assert_int_equal(starts, 2);
    spawn_writer("abcd");
    assert_int_equal(starts, 3);
    push("e");
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    pull_all();
    async_poll(&loop);
    assert_int_equal(starts, 4);
    assert_trace("w0");
    async_stream_on_data(&stream, NULL);
    push("abc");
    assert_int_equal(starts, 4);
}

/* --- Operations ----------------------------------------------------------- */

/* Waits for one of the three; f: with a limit. */
struct waiter {
    ASYNC_FRAME;
    char kind;
    int error;
};

static async_wait_t waiter_wait(char kind)
{
    return kind == 'R'   ? async_stream_wait_readable(&stream)
           : kind == 'W' ? async_stream_wait_writable(&stream)
                         : async_stream_drain(&stream);
}

ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(waiter_wait(self->kind), ASYNC_MS(9)));
    if (self->error != 0) {
        trace("%c!%d ", self->kind, self->error);
    } else {
        trace("%c%lu ", self->kind, elapsed());
    }
    ASYNC_END();
}

static struct waiter waiters[2];

static void spawn_waiter(int i, char kind)
{
    waiters[i] = ASYNC_CALL(waiter, .kind = kind);
    async_spawn(&loop, &waiter_tasks[i], &waiters[i].coro);
    async_poll(&loop);
}

static void wait_readable_waits_for_a_byte(void **state)
{
    (void)state;
    spawn_waiter(0, 'R');
    assert_trace("");
    assert_true(pushed_and_woke("a"));
    assert_trace("R0");
    spawn_waiter(0, 'R');
    assert_trace("R0");
    assert_string_equal(pull_all(), "a");
}

static void wait_writable_waits_for_room(void **state)
{
    (void)state;
    spawn_waiter(0, 'W');
    assert_trace("W0");
    push("abcdefgh");
    spawn_waiter(0, 'W');
    assert_trace("");
    async_stream_consume(&stream, 1);
    async_poll(&loop);
    assert_trace("W0");
}

static void drain_waits_until_everything_is_taken(void **state)
{
    (void)state;
    spawn_waiter(0, 'D');
    assert_trace("D0");
    push("abc");
    spawn_waiter(0, 'D');
    async_stream_consume(&stream, 2);
    async_poll(&loop);
    assert_trace("");
    async_stream_consume(&stream, 1);
    async_poll(&loop);
    assert_trace("D0");
}

static void nothing_but_the_last_byte_ends_a_drain(void **state)
{
    (void)state;
    push("abc");
    spawn_waiter(0, 'D');
    spawn_reader('x', 4);
    assert_false(somebody_is_ready());
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("x!-206");
    assert_string_equal(pull_all(), "abc");
    async_poll(&loop);
    assert_trace("D0");
}

/* A drain leaves nothing behind for the next one that waits to write. */
static void a_writer_after_a_drain_is_woken_by_close(void **state)
{
    (void)state;
    push("abcdefgh");
    spawn_waiter(0, 'D');
    async_cancel(&waiter_tasks[0]);
    async_poll(&loop);
    spawn_writer("i");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("w!-206");
}

static void a_limit_on_a_wait_passes(void **state)
{
    (void)state;
    push("abcdefgh");
    spawn_waiter(0, 'W');
    assert_int_equal(async_poll(&loop), ASYNC_MS(9));
    async_virtual_clock_advance(&virtual_clock, ASYNC_MS(9));
    async_poll(&loop);
    assert_trace("W!-201");
    assert_string_equal(pull_all(), "abcdefgh");
    assert_false(somebody_is_ready());
    spawn_waiter(0, 'R');
    assert_int_equal(async_poll(&loop), ASYNC_MS(9));
    async_virtual_clock_advance(&virtual_clock, ASYNC_MS(9));
    async_poll(&loop);
    assert_trace("R!-201");
    assert_false(pushed_and_woke("a"));
    spawn_waiter(0, 'D');
    async_virtual_clock_advance(&virtual_clock, ASYNC_MS(9));
    async_poll(&loop);
    assert_trace("D!-201");
    pull_all();
    assert_false(somebody_is_ready());
}

/* --- Close ---------------------------------------------------------------- */

static void readers_get_what_is_left_then_the_end(void **state)
{
    (void)state;
    push("abc");
    async_stream_close(&stream);
    assert_true(async_stream_is_closed(&stream));
    spawn_reader('r', 2);
    spawn_reader('r', 2);
    spawn_reader('r', 2);
    spawn_reader('r', 2);
    assert_trace("r0:ab r0:c r0: r0:");
}

static void close_wakes_a_read(void **state)
{
    (void)state;
    spawn_reader('r', 2);
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("r0:");
    async_stream_close(&stream);
}

static void
read_exactly_takes_nothing_of_an_input_that_ends_too_early(void **state)
{
    (void)state;
    spawn_reader('x', 5);
    push("abc");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("x!-206");
    assert_int_equal(jobs[0].result, 0);
    spawn_reader('x', 5);
    assert_trace("x!-206");
    spawn_reader('x', 3);
    assert_trace("x0:abc");
    spawn_reader('x', 1);
    assert_trace("x!-206");
}

static void
read_exactly_of_more_takes_all_of_an_input_that_ends_too_early(void **state)
{
    (void)state;
    spawn_reader('x', 14);
    pushed_and_woke("abcdef");
    push("gh");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("x!-206");
    assert_int_equal(jobs[0].result, 8);
    assert_memory_equal(buffers[0], "abcdefgh.", 9);
    assert_int_equal(async_stream_length(&stream), 0);
}

static void read_exactly_of_more_can_end_with_the_input(void **state)
{
    (void)state;
    spawn_reader('x', 10);
    pushed_and_woke("abcdefgh");
    push("ij");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("x0:abcdefghij");
}

static void read_until_takes_nothing_of_an_input_without_delimiter(void **state)
{
    (void)state;
    spawn_reader('u', 64);
    push("abc");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("u!-206");
    spawn_reader('u', 64);
    assert_trace("u!-206");
    assert_string_equal(pull_all(), "abc");
    spawn_reader('u', 64);
    assert_trace("u!-206");
}

static void a_delimiter_that_came_with_the_end_counts(void **state)
{
    (void)state;
    spawn_reader('u', 64);
    push("ab");
    push("c\n");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("u0:abc\n");
}

static void writes_to_a_closed_stream_raise(void **state)
{
    (void)state;
    async_stream_close(&stream);
    spawn_writer("abc");
    assert_trace("w!-206");
    assert_int_equal(jobs[1].result, 0);
    assert_int_equal(push("ab"), 0);
    assert_int_equal(async_stream_lost(&stream), 2);
    uint8_t *bytes;
    assert_int_equal(async_stream_room(&stream, &bytes), 0);
    assert_int_equal(async_stream_length(&stream), 0);
}

static void close_wakes_a_write_and_keeps_what_went_in(void **state)
{
    (void)state;
    spawn_writer("abcdefghijkl");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("w!-206");
    assert_int_equal(jobs[1].result, 8);
    assert_string_equal(pull_all(), "abcdefgh");
}

static void close_wakes_a_write_into_a_ring_of_one_byte(void **state)
{
    (void)state;
    async_stream_init(&stream, ring, 1);
    spawn_writer("ab");
    async_stream_close(&stream);
    async_poll(&loop);
    assert_trace("w!-206");
    assert_string_equal(pull_all(), "a");
}

static void a_commit_after_close_is_counted_as_lost(void **state)
{
    (void)state;
    uint8_t *bytes;
    assert_int_equal(async_stream_room(&stream, &bytes), 8);
    async_stream_close(&stream);
    async_stream_commit(&stream, 5);
    assert_int_equal(async_stream_lost(&stream), 5);
    assert_int_equal(async_stream_length(&stream), 0);
}

static void close_ends_wait_readable_and_wait_writable(void **state)
{
    (void)state;
    spawn_waiter(0, 'R');
    async_stream_close(&stream);
    async_poll(&loop);
    spawn_waiter(0, 'R');
    assert_trace("R0 R0");
    async_stream_init(&stream, ring, CAPACITY);
    assert_false(async_stream_is_closed(&stream));
    push("abcdefgh");
    spawn_waiter(0, 'W');
    async_stream_close(&stream);
    async_poll(&loop);
    spawn_waiter(0, 'W');
    assert_trace("W0 W0");
}

/* --- Cancel --------------------------------------------------------------- */

static void cancel_reader_loses_nothing(char kind, size_t size)
{
    async_stream_init(&stream, ring, CAPACITY);
    spawn_reader(kind, size);
    if (kind != 'r') {
        push("ab");
    }
    cancel(0);
    assert_int_equal(jobs[0].result, 0);
    assert_false(pushed_and_woke("cdefg\n"));
    assert_string_equal(pull_all(), kind == 'r' ? "cdefg\n" : "abcdefg\n");
    spawn_reader('r', 1);
    cancel(0);
}

static void a_cancelled_read_takes_nothing(void **state)
{
    (void)state;
    cancel_reader_loses_nothing('r', 64);
    cancel_reader_loses_nothing('x', 8);
    cancel_reader_loses_nothing('u', 64);
}

static void cancel_woken_reader_loses_nothing(char kind, size_t size)
{
    async_stream_init(&stream, ring, CAPACITY);
    spawn_reader(kind, size);
    push("abc\n");
    assert_true(somebody_is_ready());
    cancel(0);
    assert_int_equal(jobs[0].result, 0);
    spawn_reader('r', 64);
    assert_trace("r0:abc\n");
}

static void a_read_cancelled_after_it_was_woken_takes_nothing(void **state)
{
    (void)state;
    cancel_woken_reader_loses_nothing('r', 64);
    cancel_woken_reader_loses_nothing('x', 4);
    cancel_woken_reader_loses_nothing('u', 64);
}

static void a_cancelled_read_exactly_of_more_tells_what_it_took(void **state)
{
    (void)state;
    spawn_reader('x', 20);
    pushed_and_woke("abcde");
    push("fg");
    cancel(0);
    assert_int_equal(jobs[0].result, 5);
    assert_memory_equal(buffers[0], "abcde.", 6);
    assert_string_equal(pull_all(), "fg");
    spawn_reader('x', 20);
    push("abcde");
    assert_true(somebody_is_ready());
    cancel(0);
    assert_int_equal(jobs[0].result, 0);
    assert_string_equal(pull_all(), "abcde");
}

static void a_cancelled_write_tells_what_went_in(void **state)
{
    (void)state;
    spawn_writer("abcdefghijklmnopqr");
    async_stream_consume(&stream, 4);
    async_poll(&loop);
    cancel(1);
    assert_int_equal(jobs[1].result, 12);
    assert_string_equal(pull_all(), "efghijkl");
    spawn_writer("abcdefghijkl");
    pull_all();
    assert_true(somebody_is_ready());
    cancel(1);
    assert_int_equal(jobs[1].result, 8);
    assert_int_equal(async_stream_length(&stream), 0);
    spawn_writer("mn");
    assert_trace("w0");
}

static void cancelled_operations_leave_the_stream_as_it_was(void **state)
{
    (void)state;
    push("abcdefgh");
    for (int i = 0; i < 2; i++) {
        spawn_waiter(0, i == 0 ? 'W' : 'D');
        async_cancel(&waiter_tasks[0]);
        async_poll(&loop);
    }
    pull_all();
    spawn_waiter(0, 'R');
    async_cancel(&waiter_tasks[0]);
    async_poll(&loop);
    assert_false(pushed_and_woke("ab"));
    assert_trace("");
    assert_string_equal(pull_all(), "ab");
}

struct patient {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct async_stream_read_until line;
    char text[CAPACITY];
};

ASYNC_STATIC(patient)
{
    ASYNC_BEGIN();
    do {
        ASYNC_TIMEOUT(&self->limit, 4) {
            AWAIT_CALL(self->line, async_stream_read_until, .stream = &stream,
                       .data = self->text, .size = CAPACITY, .delimiter = '\n');
        }
        trace("%lu:", elapsed());
        trace_bytes(self->text, self->line.result);
    } while (async_timeout_expired(&self->limit));
    ASYNC_END();
}

static void push_next(void *text)
{
    char **next = text;
    async_stream_push(&stream, (*next)++, 1);
}

/* At 12 the last byte and the limit come together. */
static void a_timeout_loses_nothing_of_a_line(void **state)
{
    (void)state;
    char line[] = "abc\n";
    char *next = line;
    async_virtual_interrupt_t interrupts[4];
    for (async_time_t i = 0; i < 4; i++) {
        async_virtual_interrupt_at(&virtual_clock, &interrupts[i],
                                   START + 3 * (i + 1), push_next, &next);
    }
    ASYNC_OBJECT(patient, patient);
    assert_int_equal(async_run(&loop, &patient.coro), 0);
    assert_trace("4: 8: 12: 12:abc\n");
}

/* --- Two at once ---------------------------------------------------------- */

static void a_second_reader_raises_and_the_first_goes_on(void **state)
{
    (void)state;
    for (const char *kind = "rxu"; *kind != '\0'; kind++) {
        spawn_reader('u', 64);
        push("ab");
        spawn(1, *kind, 1);
        expect_report(ASYNC_REPORT_TWO_AT_ONCE);
        assert_int_equal(jobs[1].error, ASYNC_ERR_MISUSE);
        spawn_waiter(0, 'R');
        expect_report(ASYNC_REPORT_TWO_AT_ONCE);
        assert_int_equal(waiters[0].error, ASYNC_ERR_MISUSE);
        trace_clear();
        pushed_and_woke("c\n");
        assert_trace("u0:abc\n");
    }
}

/* The first has been woken, so nobody waits. */
static void a_second_reader_in_the_same_round_takes_nothing(void **state)
{
    (void)state;
    spawn_reader('x', 3);
    jobs[1] = ASYNC_CALL(job, .kind = 'r', .size = 9, .data = buffers[1]);
    async_spawn(&loop, &tasks[1], &jobs[1].coro);
    push("abc");
    async_poll(&loop);
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    assert_trace("r!-202 x0:abc");
}

static void a_read_beside_wait_readable_raises(void **state)
{
    (void)state;
    spawn_waiter(0, 'R');
    spawn_waiter(1, 'R');
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    spawn_reader('r', 1);
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    pushed_and_woke("a");
    assert_trace("R!-202 r!-202 R0");
    spawn_reader('r', 1);
    assert_trace("r0:a");
}

static void a_second_writer_raises_and_the_first_goes_on(void **state)
{
    (void)state;
    spawn_writer("abcdefghij");
    spawn(0, 'w', 1);
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    spawn_waiter(0, 'W');
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    spawn_waiter(0, 'D');
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    assert_int_equal(push("XY"), 0);
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    assert_int_equal(async_stream_lost(&stream), 2);
    async_stream_consume(&stream, 2);
    async_stream_commit(&stream, 1);
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    async_poll(&loop);
    assert_trace("w!-202 W!-202 D!-202 w0");
    assert_string_equal(pull_all(), "cdefghij");
}

static void a_write_beside_a_drain_raises(void **state)
{
    (void)state;
    push("a");
    spawn_waiter(0, 'D');
    spawn_writer("b");
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    assert_string_equal(pull_all(), "a");
    async_poll(&loop);
    assert_trace("w!-202 D0");
}

static void bytes_are_not_taken_from_under_a_read(void **state)
{
    (void)state;
    spawn_reader('x', 4);
    push("abc");
    assert_string_equal(pull_all(), "");
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    async_stream_consume(&stream, 1);
    expect_report(ASYNC_REPORT_TWO_AT_ONCE);
    pushed_and_woke("d");
    assert_trace("x0:abcd");
}

struct sharer {
    ASYNC_FRAME;
    async_lock_t *lock;
    char name;
    async_with_t guard;
    struct async_stream_read_exactly read;
    char text[3];
};

ASYNC_STATIC(sharer)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, self->lock) {
        AWAIT_CALL(self->read, async_stream_read_exactly, .stream = &stream,
                   .data = self->text, .size = 3);
        trace("%c:", self->name);
        trace_bytes(self->text, 3);
    }
    ASYNC_END();
}

static void tasks_share_a_side_by_a_lock(void **state)
{
    (void)state;
    async_lock_t lock = {0};
    struct sharer sharers[3];
    async_task_t sharer_tasks[3];
    for (int i = 0; i < 3; i++) {
        sharers[i] = ASYNC_CALL(sharer, .lock = &lock, .name = (char)('A' + i));
        sharer_tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        async_spawn(&loop, &sharer_tasks[i], &sharers[i].coro);
    }
    async_poll(&loop);
    const char *const text = "abcdefghi";
    for (int i = 0; i < 9; i++) {
        async_stream_push(&stream, text + i, 1);
        async_poll(&loop);
        async_poll(&loop);
    }
    assert_trace("A:abc B:def C:ghi");
}

/* --- Misuse --------------------------------------------------------------- */

static void a_stream_that_was_not_initialised_is_reported(void **state)
{
    (void)state;
    memset(&stream, 0, sizeof stream);
    assert_int_equal(push("abc"), 0);
    expect_report(ASYNC_REPORT_NO_INIT);
    assert_int_equal(async_stream_lost(&stream), 3);
    async_stream_commit(&stream, 1);
    expect_report(ASYNC_REPORT_NO_INIT);
    async_stream_consume(&stream, 1);
    expect_report(ASYNC_REPORT_NO_INIT);
    pull_all();
    expect_report(ASYNC_REPORT_NO_INIT);
    for (const char *kind = "rxuw"; *kind != '\0'; kind++) {
        spawn(0, *kind, 1);
        expect_report(ASYNC_REPORT_NO_INIT);
    }
    for (const char *kind = "RWD"; *kind != '\0'; kind++) {
        spawn_waiter(0, *kind);
        expect_report(ASYNC_REPORT_NO_INIT);
    }
    assert_trace("r!-202 x!-202 u!-202 w!-202 R!-202 W!-202 D!-202");
}

static void a_wait_outside_of_a_task_is_reported(void **state)
{
    (void)state;
    for (const char *kind = "RWD"; *kind != '\0'; kind++) {
        async_wait_t wait = waiter_wait(*kind);
        (void)wait;
        expect_report(ASYNC_REPORT_NOT_IN_TASK);
    }
    pushed_and_woke("a");
    assert_string_equal(pull_all(), "a");
}

/* --- Interrupts ----------------------------------------------------------- */

static void an_interrupt_fills_and_a_task_reads(void **state)
{
    (void)state;
    char lines[] = "a\nbcd\n";
    char *next = lines;
    async_virtual_interrupt_t interrupts[6];
    for (async_time_t i = 0; i < 6; i++) {
        async_virtual_interrupt_at(&virtual_clock, &interrupts[i],
                                   START + 2 * i + 1, push_next, &next);
    }
    for (int i = 0; i < 2; i++) {
        ASYNC_OBJECT(job, job, .kind = 'u', .size = 8, .data = buffers[0]);
        assert_int_equal(async_run(&loop, &job.coro), 0);
    }
    assert_trace("u3:a\n u11:bcd\n");
    assert_int_equal(async_stream_lost(&stream), 0);
}

static struct {
    async_virtual_interrupt_t interrupt;
    bool enabled;
    char sent[32];
    size_t count;
} transmitter;

/* As a transmit interrupt does: a byte each tick, off when there are none. */
static void transmit(void *context)
{
    (void)context;
    char *next = &transmitter.sent[transmitter.count];
    transmitter.enabled = async_stream_pull(&stream, next, 1) == 1;
    if (transmitter.enabled) {
        transmitter.count++;
        async_virtual_interrupt_at(&virtual_clock, &transmitter.interrupt,
                                   async_loop_now(&loop) + 1, transmit, NULL);
    }
}

static void start_transmitter(async_stream_t *started)
{
    (void)started;
    if (!transmitter.enabled) {
        transmitter.enabled = true;
        async_virtual_interrupt_at(&virtual_clock, &transmitter.interrupt,
                                   async_loop_now(&loop), transmit, NULL);
    }
}

struct sender {
    ASYNC_FRAME;
    int count;
    struct async_stream_write write;
};

ASYNC_STATIC(sender)
{
    ASYNC_BEGIN();
    while (self->count-- > 0) {
        AWAIT_CALL(self->write, async_stream_write, .stream = &stream,
                   .data = "0123456789", .size = 10);
        trace("w%lu ", elapsed());
        AWAIT(async_stream_drain(&stream));
        trace("d%lu ", elapsed());
    }
    ASYNC_END();
}

/* Of ten bytes, eight go in at once, and two when two were sent. */
static void a_task_writes_and_an_interrupt_sends(void **state)
{
    (void)state;
    memset(&transmitter, 0, sizeof transmitter);
    async_stream_on_data(&stream, start_transmitter);
    ASYNC_OBJECT(sender, sender, .count = 3);
    assert_int_equal(async_run(&loop, &sender.coro), 0);
    assert_trace("w1 d9 w11 d19 w21 d29");
    assert_string_equal(transmitter.sent, "012345678901234567890123456789");
}

static void push_context(void *text)
{
    push(text);
}

struct interrupted {
    ASYNC_FRAME;
    char kind;
    char *pushed; /* by an interrupt in the middle of the read */
    async_irq_t irq;
    struct job job;
};

/* The interrupt is pending when the read begins, and comes where the lock is
 * opened first: as a rule, after the read has looked how many there are. */
ASYNC_STATIC(interrupted)
{
    ASYNC_BEGIN();
    async_irq_init(&self->irq, push_context, self->pushed);
    async_irq_raise(&self->irq);
    AWAIT_CALL(self->job, job, .kind = self->kind,
               .size = self->kind == 'x' ? 4 : 8, .data = buffers[0]);
    ASYNC_END();
}

static void bytes_that_come_in_the_middle_of_a_read_are_seen(void **state)
{
    (void)state;
    char pushed[] = "bc\n";
    for (const char *kind = "rxu"; *kind != '\0'; kind++) {
        push("a");
        ASYNC_OBJECT(interrupted, read, .kind = *kind, .pushed = pushed);
        assert_int_equal(async_run(&loop, &read.coro), 0);
        pull_all();
    }
    assert_trace("r0:abc\n x0:abc\n u0:abc\n");
}

static void close_stream(void *closed)
{
    async_stream_close(closed);
}

static void an_interrupt_ends_the_input(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupt;
    async_virtual_interrupt_at(&virtual_clock, &interrupt, START + 7,
                               close_stream, &stream);
    ASYNC_OBJECT(job, job, .kind = 'r', .size = 1, .data = buffers[0]);
    assert_int_equal(async_run(&loop, &job.coro), 0);
    assert_trace("r7:");
}

/* --- All together --------------------------------------------------------- */

static unsigned long seed;

static unsigned random_below(unsigned bound)
{
    seed = (seed * 1103515245UL + 12345UL) & 0xFFFFFFFFUL;
    return (unsigned)(seed >> 16) % bound;
}

/* Both sides count bytes: the n-th has the value n % 251. */
#define NTH(n)  ((uint8_t)((n) % 251))
#define BYTES   BY_PACE(20000u, 2000u)
#define LONGEST 20

struct producer {
    ASYNC_FRAME;
    unsigned count;
    uint8_t data[LONGEST];
    struct async_stream_write write;
    async_timeout_t limit;
};

ASYNC_STATIC(producer)
{
    ASYNC_BEGIN();
    while (self->count < BYTES) {
        for (unsigned i = 0; i < LONGEST; i++) {
            self->data[i] = NTH(self->count + i);
        }
        ASYNC_TIMEOUT(&self->limit, 1 + random_below(3)) {
            AWAIT_CALL(self->write, async_stream_write, .stream = &stream,
                       .data = self->data, .size = 1 + random_below(LONGEST));
        }
        self->count += (unsigned)self->write.result;
        if (random_below(4) == 0) {
            AWAIT(async_sleep(random_below(3)));
        }
    }
    async_stream_close(&stream);
    ASYNC_END();
}

struct consumer {
    ASYNC_FRAME;
    unsigned count;
    unsigned wrong;
    bool ended;
    size_t size;
    uint8_t data[LONGEST];
    async_timeout_t limit;
    async_try_t attempt;
    union {
        struct async_stream_read read;
        struct async_stream_read_exactly exactly;
        struct async_stream_read_until until;
    } call;
};

static async_coro_t *any_read(struct consumer *consumer)
{
    size_t size = 1 + random_below(LONGEST);
    unsigned kind = random_below(3);
    if (kind == 0) {
        consumer->call.exactly =
            ASYNC_CALL(async_stream_read_exactly, .stream = &stream,
                       .data = consumer->data, .size = size);
    } else if (kind == 1) {
        uint8_t last = NTH(consumer->count + random_below(CAPACITY));
        consumer->call.until =
            ASYNC_CALL(async_stream_read_until, .stream = &stream,
                       .data = consumer->data, .size = size, .delimiter = last);
    } else {
        consumer->call.read = ASYNC_CALL(async_stream_read, .stream = &stream,
                                         .data = consumer->data, .size = size);
    }
    return &consumer->call.read.coro;
}

static void compare(struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->call.read.result; i++) {
        consumer->wrong += consumer->data[i] != NTH(consumer->count);
        consumer->count++;
    }
}

ASYNC_STATIC(consumer)
{
    ASYNC_BEGIN();
    while (!self->ended) {
        ASYNC_TIMEOUT(&self->limit, 1 + random_below(5)) {
            ASYNC_TRY(&self->attempt) {
                AWAIT(async_call(any_read(self)));
            }
        }
        compare(self);
        self->ended = async_stream_is_closed(&stream) &&
                      async_stream_length(&stream) == 0;
    }
    ASYNC_END();
}

static void both_sides_do_what_they_like_and_no_byte_is_lost(void **state)
{
    (void)state;
    for (seed = 1; seed < 9; seed = (seed & 0xF) + 1) {
        unsigned long first = seed;
        async_stream_init(&stream, ring, 1 + random_below(CAPACITY));
        async_task_t task = ASYNC_TASK_INIT;
        ASYNC_OBJECT(producer, producer);
        ASYNC_OBJECT(consumer, consumer);
        async_spawn(&loop, &task, &producer.coro);
        assert_int_equal(async_run(&loop, &consumer.coro), 0);
        assert_int_equal(consumer.count, producer.count);
        assert_int_equal(consumer.wrong, 0);
        assert_int_equal(async_stream_lost(&stream), 0);
        seed = first;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_static_stream_needs_no_call_and_uses_the_whole_array),
        TEST(bytes_come_out_in_order_wherever_the_ring_begins),
        TEST(pull_takes_no_more_than_asked),
        TEST(what_does_not_fit_is_counted),
        TEST(room_is_in_one_piece_up_to_the_end_of_the_array),
        TEST(data_is_in_one_piece_up_to_the_end_of_the_array),
        TEST(commit_and_consume_go_across_the_end_of_the_array),
        TEST(more_than_there_is_is_reported_and_changes_nothing),
        TEST(an_array_above_65535_is_used_in_part),
        TEST(all_calls_have_their_result_in_one_place),
        TEST(read_takes_what_is_there_at_once),
        TEST(read_waits_for_the_first_byte),
        TEST(read_takes_what_came_until_it_runs),
        TEST(a_read_of_no_bytes_goes_on_at_once),
        TEST(read_exactly_is_woken_by_the_last_byte),
        TEST(read_exactly_goes_on_at_once_if_all_is_there),
        TEST(read_exactly_of_the_whole_capacity_waits_until_it_is_full),
        TEST(read_exactly_of_more_takes_halves),
        TEST(read_until_is_woken_by_the_delimiter),
        TEST(read_until_is_woken_by_a_committed_delimiter),
        TEST(read_until_takes_one_line_of_several),
        TEST(a_line_may_fill_the_stream_and_the_buffer),
        TEST(a_line_longer_than_the_buffer_is_refused_and_stays),
        TEST(a_line_longer_than_the_stream_is_refused_and_stays),
        TEST(any_byte_can_be_the_delimiter),
        TEST(write_goes_on_at_once_if_there_is_room),
        TEST(write_is_woken_by_room_for_half_or_for_the_rest),
        TEST(write_loses_nothing_and_counts_nothing_as_lost),
        TEST(a_reader_that_waits_for_more_wakes_the_writer),
        TEST(a_reader_of_a_line_wakes_the_writer_too),
        TEST(data_starts_what_takes_it),
        TEST(wait_readable_waits_for_a_byte),
        TEST(wait_writable_waits_for_room),
        TEST(drain_waits_until_everything_is_taken),
        TEST(nothing_but_the_last_byte_ends_a_drain),
        TEST(a_writer_after_a_drain_is_woken_by_close),
        TEST(a_limit_on_a_wait_passes),
        TEST(readers_get_what_is_left_then_the_end),
        TEST(close_wakes_a_read),
        TEST(read_exactly_takes_nothing_of_an_input_that_ends_too_early),
        TEST(read_exactly_of_more_takes_all_of_an_input_that_ends_too_early),
        TEST(read_exactly_of_more_can_end_with_the_input),
        TEST(read_until_takes_nothing_of_an_input_without_delimiter),
        TEST(a_delimiter_that_came_with_the_end_counts),
        TEST(writes_to_a_closed_stream_raise),
        TEST(close_wakes_a_write_and_keeps_what_went_in),
        TEST(close_wakes_a_write_into_a_ring_of_one_byte),
        TEST(a_commit_after_close_is_counted_as_lost),
        TEST(close_ends_wait_readable_and_wait_writable),
        TEST(a_cancelled_read_takes_nothing),
        TEST(a_read_cancelled_after_it_was_woken_takes_nothing),
        TEST(a_cancelled_read_exactly_of_more_tells_what_it_took),
        TEST(a_cancelled_write_tells_what_went_in),
        TEST(cancelled_operations_leave_the_stream_as_it_was),
        TEST(a_timeout_loses_nothing_of_a_line),
        TEST(a_second_reader_raises_and_the_first_goes_on),
        TEST(a_second_reader_in_the_same_round_takes_nothing),
        TEST(a_read_beside_wait_readable_raises),
        TEST(a_second_writer_raises_and_the_first_goes_on),
        TEST(a_write_beside_a_drain_raises),
        TEST(bytes_are_not_taken_from_under_a_read),
        TEST(tasks_share_a_side_by_a_lock),
        TEST(a_stream_that_was_not_initialised_is_reported),
        TEST(a_wait_outside_of_a_task_is_reported),
        TEST(an_interrupt_fills_and_a_task_reads),
        TEST(a_task_writes_and_an_interrupt_sends),
        TEST(bytes_that_come_in_the_middle_of_a_read_are_seen),
        TEST(an_interrupt_ends_the_input),
        TEST(both_sides_do_what_they_like_and_no_byte_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
