/* SPDX-License-Identifier: MIT */

/*
 * Stream: a ring of bytes between two sides, for a UART or a socket. It is
 * asyncio's StreamReader and StreamWriter.
 *
 *     static uint8_t rx_bytes[64];
 *     static async_stream_t rx = ASYNC_STREAM_INIT(rx_bytes);
 *
 *     void UART_IRQHandler(void)
 *     {
 *         uint8_t byte = UART->DATA;
 *         async_stream_push(&rx, &byte, 1);
 *     }
 *     ...
 *     AWAIT_CALL(self->line, async_stream_read_until, .stream = &rx,
 *                .data = self->text, .size = sizeof self->text,
 *                .delimiter = '\n');
 *
 * One side puts bytes in and one takes them out; each may be a task, an
 * interrupt handler, or DMA that an interrupt handler looks after. Bytes are
 * copied with interrupts open. Two that write, or two that read, need a lock
 * (lock.h) around their calls. The whole array is used.
 */
#ifndef ASYNC_STREAM_H
#define ASYNC_STREAM_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A stream, over an array of bytes that is yours. 48 bytes on a 32-bit
 *  machine. */
typedef struct async_stream async_stream_t;

/** Started by bytes that come into a stream: async_stream_on_data. */
typedef void async_stream_start_t(async_stream_t *stream);

/* --- Create --------------------------------------------------------------- */

/**
 * Initialiser: an open, empty stream.
 *
 *  array  of uint8_t, 1 to 65535 elements; an array, not a pointer
 */
#define ASYNC_STREAM_INIT(array)                                               \
    {                                                                          \
        .bytes_ = (array), .capacity_ = sizeof(array) / sizeof((array)[0])     \
    }

/**
 * The same at run time, and to open a closed stream again. Nobody may use it
 * meanwhile; what was in it is dropped, async_stream_lost begins at 0, and
 * async_stream_on_data is to be called again.
 *
 *  bytes     yours, and the stream's as long as that is used
 *  capacity  in bytes, 1 to 65535; of more, the first 65535 are used
 *
 * Context: init, or a task.
 */
void async_stream_init(async_stream_t *stream, uint8_t *bytes, size_t capacity);

/**
 * Call `start(stream)` each time bytes have come in, so that it starts what
 * takes them out if that sleeps while the stream is empty: it enables a
 * transmit interrupt, or a DMA. NULL: nothing.
 *
 * Context: init. `start` runs in the context of the side that writes.
 */
void async_stream_on_data(async_stream_t *stream, async_stream_start_t *start);

/* --- Wait (inside a coroutine) ------------------------------------------- */

/*
 * One task at a time reads, and one writes: ASYNC_ERR_MISUSE, with a report
 * (ASYNC_REPORT_TWO_AT_ONCE), is raised in a second one, and an interrupt that
 * comes between is refused. All of these raise it also, with
 * ASYNC_REPORT_NO_INIT, for a stream that was not initialised.
 *
 * The reads and the write are coroutines, called with AWAIT_CALL; a limit on
 * them is ASYNC_TIMEOUT. The others are operations; async_wait_for limits them.
 */

/**
 * Read what is there: AWAIT_CALL(self->read, async_stream_read, .stream = &rx,
 * .data = self->chunk, .size = sizeof self->chunk).
 *
 * Waits until there is a byte at least, and takes up to `size`.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE. Cancel: the waiter is unlinked; no
 * byte is taken. Cost: O(bytes read). Frame: 28 bytes on 32 bits.
 */
struct async_stream_read {
    ASYNC_FRAME;
    size_t result;          /* bytes read; 0: closed, and all is read */
    async_stream_t *stream; /* argument */
    void *data;             /* argument */
    size_t size;            /* argument: 1 or more; 0 reads 0 at once */
};
ASYNC_DECLARE(async_stream_read);

/**
 * Read `size` bytes, not one less.
 *
 * Up to the stream's capacity, they stay in the stream until the last of them
 * has come, and then are taken at once. Of more than the capacity, what has
 * come is taken meanwhile, and `result` tells how many bytes.
 *
 * The task is woken when all have come; for more than the capacity, when the
 * stream is half full.
 *
 * Context: task. Raises: ASYNC_ERR_CLOSED, the stream was closed too early: up
 * to the capacity no byte is taken (async_stream_read gets what there is),
 * beyond it `result` bytes are, which is all there were; ASYNC_ERR_MISUSE.
 * Cancel: the waiter is unlinked; no byte is taken, but those that `result`
 * counts if `size` is above the capacity.
 * Cost: O(bytes read). Frame: 28 bytes on 32 bits.
 */
struct async_stream_read_exactly {
    ASYNC_FRAME;
    size_t result;          /* bytes in `data`: `size`, unless it raises */
    async_stream_t *stream; /* argument */
    void *data;             /* argument */
    size_t size;            /* argument */
};
ASYNC_DECLARE(async_stream_read_exactly);

/**
 * Read through a delimiter, for instance a line.
 *
 * All bytes stay in the stream until the delimiter has come; then they are
 * taken at once, with the delimiter. So the stream needs room for the longest
 * line, and for what comes before the task runs. The task is woken by the
 * delimiter, not by each byte.
 *
 * Context: task. Raises: ASYNC_ERR_FULL, there is no delimiter among the first
 * `size` bytes, or in the full stream; ASYNC_ERR_CLOSED, the stream was closed
 * without one; both take no byte; ASYNC_ERR_MISUSE.
 * Cancel: the waiter is unlinked; no byte is taken.
 * Cost: O(bytes looked at), each once. Frame: 32 bytes on 32 bits.
 */
struct async_stream_read_until {
    ASYNC_FRAME;
    size_t result;          /* bytes read, with the delimiter; 0 if it raises */
    async_stream_t *stream; /* argument */
    void *data;             /* argument */
    size_t size;            /* argument: bytes at `data` */
    uint16_t looked_;       /* at that many bytes, which are not it */
    uint8_t delimiter;      /* argument */
};
ASYNC_DECLARE(async_stream_read_until);

/**
 * Write `size` bytes; waits for room as often as needed.
 *
 * It returns when all are in the stream, not when they are taken out
 * (async_stream_drain). The task is woken when there is room for the rest, or
 * for half of the capacity, or when the reader has to wait for more.
 *
 * Context: task. Raises: ASYNC_ERR_CLOSED, the stream is closed;
 * ASYNC_ERR_MISUSE. `result` tells how many bytes went in before.
 * Cancel: the waiter is unlinked; `result` bytes are in the stream, and stay.
 * Cost: O(size). Frame: 28 bytes on 32 bits.
 */
struct async_stream_write {
    ASYNC_FRAME;
    size_t result;          /* bytes written: `size`, unless it raises */
    async_stream_t *stream; /* argument */
    const void *data;       /* argument */
    size_t size;            /* argument */
};
ASYNC_DECLARE(async_stream_write);

/**
 * Wait until there is a byte to read, or the stream is closed.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE. Cancel: the waiter is unlinked; the
 * stream is as it was. Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t
async_stream_wait_readable(async_stream_t *stream);

/**
 * Wait until there is room for a byte, or the stream is closed.
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE. Cancel: the waiter is unlinked; the
 * stream is as it was. Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t
async_stream_wait_writable(async_stream_t *stream);

/**
 * Wait until the other side has taken everything, of a closed stream too. It
 * counts as the task that writes. (A UART may still be sending its last byte.)
 *
 * Context: task. Raises: ASYNC_ERR_MISUSE. Cancel: the waiter is unlinked; the
 * stream is as it was. Cost: O(1).
 */
ASYNC_MUST_AWAIT_ async_wait_t async_stream_drain(async_stream_t *stream);

/* --- Put in without waiting (any context) --------------------------------- */

/**
 * Put bytes in, as many as there is room for. The others are dropped, and
 * counted by async_stream_lost; so an interrupt handler may ignore the result.
 * A closed stream has no room.
 *
 * Context: any, if nobody else writes meanwhile; while a task is in
 * async_stream_write, all of them are lost, with ASYNC_REPORT_TWO_AT_ONCE.
 * Returns: how many went in. Cost: O(size); interrupts are locked for O(1).
 */
size_t async_stream_push(async_stream_t *stream, const void *data, size_t size);

/**
 * Where the next bytes go, for a DMA or a read() that puts them there itself.
 *
 *  bytes  becomes the address of the room; not changed if there is none
 *
 * Context: any. Returns: the bytes of room in one piece, 0 if the stream is
 * full or closed. The room up to the end of the array and the room at its
 * beginning are two pieces. Cost: O(1).
 */
ASYNC_MUST_CHECK_ size_t async_stream_room(async_stream_t *stream,
                                           uint8_t **bytes);

/**
 * Say that `size` bytes are where async_stream_room told: they can be read now.
 * Those that come into a stream that was closed meanwhile are lost.
 *
 *  size  0 to the room there is; more is reported (ASYNC_REPORT_NOT_HELD), and
 *        nothing happens
 *
 * Context: as async_stream_push. Cost: O(1), but O(size) while a task waits in
 * async_stream_read_until; interrupts are locked for O(1).
 */
void async_stream_commit(async_stream_t *stream, size_t size);

/* --- Take out without waiting (any context) ------------------------------- */

/**
 * Take up to `size` bytes out.
 *
 * Context: any, if nobody else reads meanwhile; while a task is in one of the
 * reads, none are taken, with ASYNC_REPORT_TWO_AT_ONCE.
 * Returns: how many; 0 if there are none. Cost: O(size); interrupts are locked
 * for O(1).
 */
ASYNC_MUST_CHECK_ size_t async_stream_pull(async_stream_t *stream, void *data,
                                           size_t size);

/**
 * Where the oldest bytes are, for a DMA or a parser that reads them there.
 *
 *  bytes  becomes their address; not changed if there are none
 *
 * Context: any. Returns: how many there are in one piece, 0 if there are none.
 * They stay until async_stream_consume. Cost: O(1).
 */
ASYNC_MUST_CHECK_ size_t async_stream_peek(const async_stream_t *stream,
                                           const uint8_t **bytes);

/**
 * Drop the oldest bytes. async_stream_consume(&rx, async_stream_length(&rx))
 * drops all.
 *
 *  size  0 to async_stream_length(); more is reported (ASYNC_REPORT_NOT_HELD),
 *        and nothing happens
 *
 * Context: as async_stream_pull. Cost: O(1).
 */
void async_stream_consume(async_stream_t *stream, size_t size);

/* --- Close (any context) -------------------------------------------------- */

/**
 * Close the stream: the end of the input. Readers get what is left, then the
 * end; writers get ASYNC_ERR_CLOSED. Who waits is woken. Closing again does
 * nothing; async_stream_init opens anew.
 *
 * Context: any, of either side. Cost: O(1).
 */
void async_stream_close(async_stream_t *stream);

/* --- Ask ------------------------------------------------------------------ */

/** How many bytes there are to read. Context: any. */
size_t async_stream_length(const async_stream_t *stream);

/**
 * How many bytes were lost since the beginning, because there was no room. The
 * count is never cleared and wraps at 2^32; the difference of two answers is
 * what was lost between them. Context: any.
 */
uint32_t async_stream_lost(const async_stream_t *stream);

/** True if it was closed; there may be bytes to read. Context: any. */
bool async_stream_is_closed(const async_stream_t *stream);

/* --- Private part --------------------------------------------------------- */

typedef struct async_stream_side_ {
    async_link_t_ waiter_; /* one task at most */
    uint16_t wanted_; /* it is woken at that many bytes, or that much room */
    uint16_t index_;  /* of the byte that it takes, or puts, next */
} async_stream_side_t_;

struct async_stream {
    uint8_t *bytes_;
    async_stream_start_t *start_;
    uint32_t lost_;
    async_stream_side_t_ reader_;
    async_stream_side_t_ writer_;
    uint16_t capacity_;
    uint16_t count_; /* the only one of the numbers that both sides change */
    uint16_t until_; /* 0x100 | delimiter: that wakes the reader too; 0: none */
    bool closed_;
    bool reading_; /* a task is in one of the reads */
    bool writing_;
    bool draining_; /* what waits to write is async_stream_drain */
};

#ifdef __cplusplus
}
#endif

#endif
