/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: streams.
 *
 * The bytes that go in are 1, 2, 3, ... So each one that comes out must be the
 * next, whoever takes it. One side is a task, which may be cancelled or have a
 * limit and is followed by another that goes on where it stopped; the other
 * side is the interrupt, or both are tasks and the interrupt closes.
 */
#include "interleave.h"

#include <async/event.h>
#include <async/stream.h>

#include <string.h>

#define CAPACITY  4
#define DELIMITER 3 /* and 6, 9, ...: as a byte in the stream, it is 0 */
#define BYTES     11

static uint8_t bytes[CAPACITY];
static async_stream_t stream;

static bool with_delimiters;

/* MIXED: one byte, and then as many as there is room for. */
enum how { READ, EXACTLY, LONG, MIXED, UNTIL, WAIT, WAYS };

static enum how how;

/* Players that take turns: one at a time reads, or writes. */
static struct {
    async_event_t event[PLAYERS + 1];
    bool ended[PLAYERS + 1];
    int of; /* this player */
} turn;

static struct {
    int in;  /* bytes that went in */
    int out; /* bytes that came out */
    int lost;
    int started; /* calls of what bytes that came in start */
} shared;

static uint8_t byte_at(int index)
{
    bool is_delimiter = with_delimiters && (index + 1) % DELIMITER == 0;
    return is_delimiter ? 0 : (uint8_t)(index + 1);
}

static void came_out(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(data[i], byte_at(shared.out));
        shared.out++;
    }
}

static void count_start(async_stream_t *it)
{
    assert_ptr_equal(it, &stream);
    shared.started++;
}

static void begin(void)
{
    memset(&shared, 0, sizeof shared);
    memset(&turn, 0, sizeof turn);
    async_event_set(&turn.event[0]);
    memset(bytes, 0, sizeof bytes);
    async_stream_init(&stream, bytes, CAPACITY);
    async_stream_on_data(&stream, count_start);
    stream.reader_.index_ = stream.writer_.index_ = CAPACITY - 1;
}

/* --- Interrupts: one of the two sides ------------------------------------- */

static void push(int count)
{
    uint8_t data[2 * CAPACITY];
    for (int i = 0; i < count; i++) {
        data[i] = byte_at(shared.in + i);
    }
    int went_in = (int)async_stream_push(&stream, data, (size_t)count);
    shared.in += went_in;
    shared.lost += count - went_in;
}

static void push_one(void)
{
    push(1);
}

static void push_two(void)
{
    push(2);
}

static void push_three(void)
{
    push(3);
}

static void push_and_close(void)
{
    push(1);
    async_stream_close(&stream);
}

static void push_too_many(void)
{
    push(CAPACITY + 1);
}

/* A DMA: the bytes are put where the room is. */
static void commit(void)
{
    uint8_t *room = NULL;
    size_t size = async_stream_room(&stream, &room);
    size = size > 2 ? 2 : size;
    for (size_t i = 0; i < size; i++) {
        room[i] = byte_at(shared.in + (int)i);
    }
    bool closed = async_stream_is_closed(&stream);
    async_stream_commit(&stream, size);
    *(closed ? &shared.lost : &shared.in) += (int)size;
}

static void pull(size_t count)
{
    uint8_t data[2 * CAPACITY];
    came_out(data, async_stream_pull(&stream, data, count));
}

static void pull_one(void)
{
    pull(1);
}

static void pull_all(void)
{
    pull(2 * CAPACITY);
}

static void consume(void)
{
    const uint8_t *there = NULL;
    size_t size = async_stream_peek(&stream, &there);
    if (size > 0) {
        uint8_t first = *there;
        async_stream_consume(&stream, 1);
        came_out(&first, 1);
    }
}

static void close_(void)
{
    async_stream_close(&stream);
}

/* --- What holds ----------------------------------------------------------- */

static bool has_delimiter(void)
{
    bool found = false;
    for (unsigned i = 0; i < stream.count_; i++) {
        found = found || bytes[(stream.reader_.index_ + i) % CAPACITY] == 0;
    }
    return found;
}

/* Nobody waits for what is there. */
static void watch(void)
{
    bool reads = waiters_in(&stream.reader_.waiter_) != 0;
    bool writes = waiters_in(&stream.writer_.waiter_) != 0;
    unsigned room = (unsigned)(stream.capacity_ - stream.count_);
    assert_true(stream.count_ <= CAPACITY);
    assert_false(reads && stream.closed_);
    assert_false(reads && stream.count_ >= stream.reader_.wanted_);
    assert_false(reads && stream.until_ != 0 && has_delimiter());
    assert_false(writes && stream.closed_ && !stream.draining_);
    assert_false(writes && room >= stream.writer_.wanted_);
    assert_false(writes && stream.draining_ && stream.count_ == 0);
}

/* Not both sides wait, unless there is nothing left to write. */
static void idle(void)
{
    bool reads = waiters_in(&stream.reader_.waiter_) != 0;
    bool writes = waiters_in(&stream.writer_.waiter_) != 0;
    assert_false(reads && writes && !stream.draining_);
}

/* What was pushed is there; or a long read, which wants more, keeps it. */
static void idle_readers(void)
{
    assert_true(how == LONG || stream.count_ == shared.in - shared.out);
}

/* --- Turns ---------------------------------------------------------------- */

static void end_turn(int player)
{
    turn.ended[player] = true;
    while (turn.of < PLAYERS && turn.ended[turn.of]) {
        turn.of++;
        async_event_set(&turn.event[turn.of]);
    }
}

/* --- Readers -------------------------------------------------------------- */

struct reader {
    ASYNC_FRAME;
    int player;
    int error;
    bool ended;
    async_timeout_t limit;
    uint8_t data[2 * CAPACITY];
    struct async_stream_read read;
    struct async_stream_read_exactly exactly;
    struct async_stream_read_until until;
};

static void take_result(struct reader *self, size_t size)
{
    came_out(self->data, size);
    memset(self->data, 0xFF, sizeof self->data);
}

struct reading {
    ASYNC_FRAME;
    struct reader *of;
};

/* One of them at a time: the players take turns. Of a long read the bytes that
 * it has are taken even if it does not end. */
ASYNC_STATIC(reading)
{
    ASYNC_BEGIN();
    if (how == READ) {
        AWAIT_CALL(self->of->read, async_stream_read, .stream = &stream,
                   .data = self->of->data, .size = 2);
        take_result(self->of, self->of->read.result);
        self->of->ended = self->of->read.result == 0;
    } else if (how == EXACTLY || how == LONG) {
        AWAIT_CALL(self->of->exactly, async_stream_read_exactly,
                   .stream = &stream, .data = self->of->data,
                   .size = how == LONG ? CAPACITY + 2 : 3);
    } else if (how == MIXED) {
        AWAIT_CALL(self->of->read, async_stream_read, .stream = &stream,
                   .data = self->of->data, .size = 1);
        take_result(self->of, self->of->read.result);
        AWAIT_CALL(self->of->exactly, async_stream_read_exactly,
                   .stream = &stream, .data = self->of->data, .size = CAPACITY);
    } else if (how == UNTIL) {
        AWAIT_CALL(self->of->until, async_stream_read_until, .stream = &stream,
                   .data = self->of->data, .size = CAPACITY, .delimiter = 0);
        take_result(self->of, self->of->until.result);
    } else {
        AWAIT(async_stream_wait_readable(&stream));
        pull(2);
        self->of->ended = async_stream_is_closed(&stream) &&
                          async_stream_length(&stream) == 0;
    }
    ASYNC_FINALLY();
    if (how == EXACTLY || how == LONG || how == MIXED) {
        take_result(self->of, self->of->exactly.result);
        self->of->exactly.result = 0;
    }
    ASYNC_END();
}

struct read_all {
    ASYNC_FRAME;
    struct reader reader;
    struct reading reading;
};

/* What is left behind the last delimiter, or is less than was wanted. */
static void take_the_rest(struct reader *reader)
{
    size_t length = async_stream_length(&stream);
    assert_true(async_stream_is_closed(&stream));
    assert_true(how != EXACTLY || length < 3);
    assert_true(how != MIXED || length < CAPACITY);
    assert_true(how != UNTIL || !has_delimiter());
    pull_all();
    reader->ended = true;
}

ASYNC_STATIC(read_all)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&turn.event[self->reader.player]));
    while (!self->reader.ended) {
        ASYNC_TIMEOUT(&self->reader.limit, limit_of(self->reader.player)) {
            AWAIT_CALL_CATCH(self->reader.error, self->reading, reading,
                             .of = &self->reader);
            if (self->reader.error == ASYNC_ERR_CLOSED) {
                take_the_rest(&self->reader);
            } else {
                assert_int_equal(self->reader.error, 0);
            }
        }
        if (async_timeout_expired(&self->reader.limit)) {
            break;
        }
    }
    ASYNC_FINALLY();
    end_turn(self->reader.player);
    ASYNC_END();
}

static void run_readers(void)
{
    struct read_all readers[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = close_);
    for (int i = 0; i < PLAYERS; i++) {
        readers[i] = ASYNC_CALL(read_all, .reader.player = i);
        c.players[i] = &readers[i].coro;
    }
    run_contest(&c);
    interrupts_off();
    pull_all();
    assert_int_equal(shared.out, shared.in);
    assert_int_equal(shared.started > 0, shared.in > 0);
    assert_true(async_stream_lost(&stream) == (uint32_t)shared.lost);
    assert_int_equal(waiters_in(&stream.reader_.waiter_), 0);
}

static const struct scenario readers = {begin, run_readers, .watch = watch,
                                        .idle = idle_readers};

static void run_ways(function_t *handler)
{
    for (how = READ; how < WAYS; how++) {
        with_delimiters = how == UNTIL;
        run_all_variants(&readers, handler);
    }
}

static void a_byte_from_an_interrupt_is_read_once(void **state)
{
    (void)state;
    function_t *handlers[] = {push_one, push_three, push_too_many, commit,
                              close_};
    for (int i = 0; i < 10; i++) {
        variant.meanwhile = i < 5 ? NULL : close_;
        run_ways(handlers[i % 5]);
    }
}

static void two_interrupts_can_push(void **state)
{
    (void)state;
    for (how = READ; how < WAYS; how++) {
        with_delimiters = how == UNTIL;
        variant = (struct variant){.cancelled = NOBODY, .limited = 0};
        run_all_pairs(&readers, push_one, push_three);
        variant = (struct variant){.cancelled = 0, .limited = 1};
        run_all_pairs(&readers, commit, push_three);
        run_all_pairs(&readers, push_two, push_and_close);
    }
}

/* --- Writers -------------------------------------------------------------- */

static bool waits_writable; /* instead of async_stream_write */

struct writing {
    ASYNC_FRAME;
    struct async_stream_write write;
    uint8_t data[BYTES];
};

/* The bytes that are left. */
ASYNC_STATIC(writing)
{
    ASYNC_BEGIN();
    for (int i = shared.in; i < BYTES; i++) {
        self->data[i - shared.in] = byte_at(i);
    }
    AWAIT_CALL(self->write, async_stream_write, .stream = &stream,
               .data = self->data, .size = (size_t)(BYTES - shared.in));
    ASYNC_FINALLY();
    shared.in += (int)self->write.result;
    ASYNC_END();
}

struct push_all {
    ASYNC_FRAME;
};

/* The same without the coroutine. */
ASYNC_STATIC(push_all)
{
    ASYNC_BEGIN();
    while (shared.in < BYTES && !async_stream_is_closed(&stream)) {
        AWAIT(async_stream_wait_writable(&stream));
        push(BYTES - shared.in < 2 ? 1 : 2);
    }
    ASYNC_END();
}

struct writer {
    ASYNC_FRAME;
    int player;
    int error;
    async_timeout_t limit;
    struct writing writing;
    struct push_all push_all;
};

ASYNC_STATIC(writer)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&turn.event[self->player]));
    ASYNC_TIMEOUT(&self->limit, limit_of(self->player)) {
        if (waits_writable) {
            AWAIT_CALL(self->push_all, push_all);
        } else {
            AWAIT_CALL_CATCH(self->error, self->writing, writing);
        }
        AWAIT(async_stream_drain(&stream));
        assert_int_equal(async_stream_length(&stream), 0);
    }
    ASYNC_FINALLY();
    end_turn(self->player);
    ASYNC_END();
}

static void pull_until_it_ends(void)
{
    interrupts_off();
    pull_all();
}

static void run_writers(void)
{
    struct writer writers[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = pull_until_it_ends);
    for (int i = 0; i < PLAYERS; i++) {
        writers[i] = ASYNC_CALL(writer, .player = i);
        c.players[i] = &writers[i].coro;
    }
    run_contest(&c);
    interrupts_off();
    pull_all();
    assert_int_equal(shared.out, shared.in);
    assert_true(shared.in == BYTES || stream.closed_ ||
                variant.cancelled == ALL);
    for (int i = 0; i < PLAYERS; i++) {
        assert_int_equal(writers[i].error,
                         writers[i].error == 0 ? 0 : ASYNC_ERR_CLOSED);
    }
    assert_int_equal(waiters_in(&stream.writer_.waiter_), 0);
}

static void watch_writers(void)
{
    watch();
    assert_true(shared.out <= BYTES);
}

static const struct scenario writers_ = {begin, run_writers,
                                         .watch = watch_writers};

static void room_from_an_interrupt_is_used_once(void **state)
{
    (void)state;
    function_t *handlers[] = {pull_one, pull_all, consume, close_};
    for (int i = 0; i < 16; i++) {
        waits_writable = i & 8;
        variant.meanwhile = i & 4 ? close_ : NULL;
        run_all_variants(&writers_, handlers[i % 4]);
    }
}

static void two_interrupts_can_pull(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        waits_writable = i;
        variant = (struct variant){.cancelled = NOBODY, .limited = 0};
        run_all_pairs(&writers_, pull_all, pull_all);
        run_all_pairs(&writers_, pull_all, close_);
        variant = (struct variant){.cancelled = 0, .limited = 1};
        run_all_pairs(&writers_, pull_one, consume);
        run_all_pairs(&writers_, pull_all, pull_one);
    }
}

/* --- Both sides are tasks ------------------------------------------------- */

/* Nobody else takes what a reader that was cancelled has left. */
static void close_and_take_over(void)
{
    close_();
    if (turn.ended[0]) {
        pull_all();
    }
}

static void run_both(void)
{
    struct read_all reader = ASYNC_CALL(read_all, .reader.player = 0);
    struct writer writer = ASYNC_CALL(writer, .player = 1);
    ASYNC_OBJECT(contest, c, .players = {&reader.coro, &writer.coro},
                 .finish = close_and_take_over);
    async_event_set(&turn.event[1]);
    run_contest(&c);
    interrupts_off();
    pull_all();
    assert_int_equal(shared.out, shared.in);
    assert_true(shared.in == BYTES || stream.closed_ ||
                variant.cancelled == ALL);
}

static const struct scenario both = {begin, run_both, .watch = watch,
                                     .idle = idle};

static void an_interrupt_can_close_a_stream_between_tasks(void **state)
{
    (void)state;
    variant = (struct variant){.limited = NOBODY};
    for (int i = 0; i < 2; i++) {
        waits_writable = i;
        for (how = READ; how < WAYS; how++) {
            with_delimiters = how == UNTIL;
            for (variant.cancelled = 0; variant.cancelled <= 3;
                 variant.cancelled++) {
                if (variant.cancelled != 2) { /* there are two players */
                    run_all(&both, close_);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(a_byte_from_an_interrupt_is_read_once),
        interleave_test(two_interrupts_can_push),
        interleave_test(room_from_an_interrupt_is_used_once),
        interleave_test(two_interrupts_can_pull),
        interleave_test(an_interrupt_can_close_a_stream_between_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
