/* SPDX-License-Identifier: MIT */

/*
 * Stream: a ring of bytes, a count, and one waiter on each side.
 *
 * Each side has its own index and copies with interrupts open: what it copies
 * is its own until it changes the count, which is done under the lock. There
 * also stands whom that wakes.
 *
 * A task that writes waits only when the ring is full, and one that reads may
 * wait for no more than the capacity; so whoever waits first is woken by the
 * other. After that the reader may take some and wait again before there is
 * room enough to wake the writer. It then wakes the writer itself.
 */
#include "async/stream.h"

#include "core.h"

#include <string.h>

#define UNTIL 0x100u /* in until_: there is a delimiter */

/* --- Create --------------------------------------------------------------- */

void async_stream_init(async_stream_t *stream, uint8_t *bytes, size_t capacity)
{
    *stream = (async_stream_t){
        .bytes_ = bytes,
        .capacity_ = (uint16_t)(capacity > UINT16_MAX ? UINT16_MAX : capacity)};
}

void async_stream_on_data(async_stream_t *stream, async_stream_start_t *start)
{
    stream->start_ = start;
}

/* --- The two sides -------------------------------------------------------- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static uint16_t forward(const async_stream_t *stream, size_t index, size_t by)
{
    size_t to_end = stream->capacity_ - index;
    return (uint16_t)(by < to_end ? index + by : by - to_end);
}

/* False, with a report: the call must do nothing. */
static bool is_usable(const async_stream_t *stream, bool is_taken)
{
    if (ASYNC_UNLIKELY_(stream->capacity_ == 0)) {
        async_report_running_(ASYNC_REPORT_NO_INIT);
        return false;
    }
    if (ASYNC_UNLIKELY_(is_taken)) {
        async_report_running_(ASYNC_REPORT_TWO_AT_ONCE);
        return false;
    }
    return true;
}

static bool may_read(const async_stream_t *stream)
{
    return is_usable(stream, stream->reading_ ||
                                 !list_is_empty(&stream->reader_.waiter_));
}

static bool may_write(const async_stream_t *stream)
{
    return is_usable(stream, stream->writing_ ||
                                 !list_is_empty(&stream->writer_.waiter_));
}

/* Interrupts are locked. */
static void wake(async_stream_side_t_ *side)
{
    if (!list_is_empty(&side->waiter_)) {
        async_wake_(task_of_link(side->waiter_.next_));
    }
}

/* The same, but not if more room is no reason. */
static void wake_writer(async_stream_t *stream)
{
    if (!stream->draining_) {
        wake(&stream->writer_);
    }
}

/* --- Wait ----------------------------------------------------------------- */

/* Wait for `wanted` bytes, if there are not `enough` already. */
static async_wait_t wait_for_bytes(async_stream_t *stream, size_t enough,
                                   size_t wanted, unsigned until)
{
    async_waiting_task_(); /* there is one */
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_port_lock();
    if (stream->count_ < enough && !stream->closed_) {
        stream->reader_.wanted_ = (uint16_t)wanted;
        stream->until_ = (uint16_t)until;
        wait = async_wait_in_(&stream->reader_.waiter_);
        wake_writer(stream);
    }
    async_port_unlock(state);
    return wait;
}

/* The same for room. */
static async_wait_t wait_for_room(async_stream_t *stream, size_t wanted)
{
    async_waiting_task_();
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_port_lock();
    if (stream->count_ == stream->capacity_ && !stream->closed_) {
        stream->writer_.wanted_ = (uint16_t)wanted;
        stream->draining_ = false;
        wait = async_wait_in_(&stream->writer_.waiter_);
    }
    async_port_unlock(state);
    return wait;
}

async_wait_t async_stream_wait_readable(async_stream_t *stream)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    return may_read(stream) ? wait_for_bytes(stream, 1, 1, 0)
                            : async_fail_(ASYNC_ERR_MISUSE);
}

async_wait_t async_stream_wait_writable(async_stream_t *stream)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    return may_write(stream) ? wait_for_room(stream, 1)
                             : async_fail_(ASYNC_ERR_MISUSE);
}

async_wait_t async_stream_drain(async_stream_t *stream)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    if (!may_write(stream)) {
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    async_wait_t wait = async_is_ready_();
    async_port_state_t state = async_port_lock();
    if (stream->count_ > 0) {
        stream->writer_.wanted_ = stream->capacity_;
        stream->draining_ = true;
        wait = async_wait_in_(&stream->writer_.waiter_);
    }
    async_port_unlock(state);
    return wait;
}

/* --- Put in --------------------------------------------------------------- */

/* How many bytes in front of the first one of this value, of `size` from an
 * index on. */
static size_t find(const async_stream_t *stream, uint16_t index, size_t size,
                   uint8_t value)
{
    size_t passed = 0;
    while (passed < size && stream->bytes_[index] != value) {
        index = forward(stream, index, 1);
        passed++;
    }
    return passed;
}

/* `size` bytes stand where the writer's index is. They are looked at before the
 * lock; a reader that has come in between, on another loop, looks itself. */
static void publish(async_stream_t *stream, size_t size)
{
    unsigned until = stream->until_;
    bool found = until != 0 && find(stream, stream->writer_.index_, size,
                                    (uint8_t)until) < size;
    stream->writer_.index_ = forward(stream, stream->writer_.index_, size);
    async_port_state_t state = async_port_lock();
    stream->count_ = (uint16_t)(stream->count_ + size);
    if (found || stream->until_ != until ||
        stream->count_ >= stream->reader_.wanted_) {
        wake(&stream->reader_);
    }
    async_port_unlock(state);
    if (stream->start_ != NULL && size > 0) {
        stream->start_(stream);
    }
}

static size_t free_of(const async_stream_t *stream)
{
    return stream->closed_ ? 0
                           : stream->capacity_ - async_stream_length(stream);
}

static size_t put(async_stream_t *stream, const void *data, size_t size)
{
    size = smaller(size, free_of(stream));
    if (size > 0) {
        size_t index = stream->writer_.index_;
        size_t first = smaller(size, stream->capacity_ - index);
        memcpy(stream->bytes_ + index, data, first);
        memcpy(stream->bytes_, (const uint8_t *)data + first, size - first);
        publish(stream, size);
    }
    return size;
}

static void lose(async_stream_t *stream, size_t size)
{
    async_port_state_t state = async_port_lock();
    stream->lost_ += (uint32_t)size;
    async_port_unlock(state);
}

size_t async_stream_push(async_stream_t *stream, const void *data, size_t size)
{
    size_t went_in =
        is_usable(stream, stream->writing_) ? put(stream, data, size) : 0;
    if (went_in < size) {
        lose(stream, size - went_in);
    }
    return went_in;
}

size_t async_stream_room(async_stream_t *stream, uint8_t **bytes)
{
    size_t index = stream->writer_.index_;
    size_t size = smaller(free_of(stream), stream->capacity_ - index);
    if (size > 0) {
        *bytes = stream->bytes_ + index;
    }
    return size;
}

void async_stream_commit(async_stream_t *stream, size_t size)
{
    if (!is_usable(stream, stream->writing_)) {
        return;
    }
    if (stream->closed_) {
        lose(stream, size);
    } else if (ASYNC_UNLIKELY_(size > free_of(stream))) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
    } else {
        publish(stream, size);
    }
}

/* --- Take out ------------------------------------------------------------- */

static void release(async_stream_t *stream, size_t size)
{
    stream->reader_.index_ = forward(stream, stream->reader_.index_, size);
    async_port_state_t state = async_port_lock();
    stream->count_ = (uint16_t)(stream->count_ - size);
    if (stream->capacity_ - stream->count_ >= stream->writer_.wanted_) {
        wake(&stream->writer_);
    }
    async_port_unlock(state);
}

static size_t take(async_stream_t *stream, void *data, size_t size)
{
    size = smaller(size, async_stream_length(stream));
    if (size > 0) {
        size_t index = stream->reader_.index_;
        size_t first = smaller(size, stream->capacity_ - index);
        memcpy(data, stream->bytes_ + index, first);
        memcpy((uint8_t *)data + first, stream->bytes_, size - first);
        release(stream, size);
    }
    return size;
}

size_t async_stream_pull(async_stream_t *stream, void *data, size_t size)
{
    return is_usable(stream, stream->reading_) ? take(stream, data, size) : 0;
}

size_t async_stream_peek(const async_stream_t *stream, const uint8_t **bytes)
{
    size_t index = stream->reader_.index_;
    size_t size =
        smaller(async_stream_length(stream), stream->capacity_ - index);
    if (size > 0) {
        *bytes = stream->bytes_ + index;
    }
    return size;
}

void async_stream_consume(async_stream_t *stream, size_t size)
{
    if (!is_usable(stream, stream->reading_)) {
        return;
    }
    if (ASYNC_UNLIKELY_(size > async_stream_length(stream))) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
        return;
    }
    release(stream, size);
}

/* --- Coroutines ----------------------------------------------------------- */

/* They fail, with a report, if another one reads or writes. There is nothing to
 * end then. */
static async_wait_t begin_reading(async_stream_t **stream)
{
    if (!may_read(*stream)) {
        *stream = NULL;
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    (*stream)->reading_ = true;
    return async_is_ready_();
}

static async_wait_t begin_writing(async_stream_t **stream)
{
    if (!may_write(*stream)) {
        *stream = NULL;
        return async_fail_(ASYNC_ERR_MISUSE);
    }
    (*stream)->writing_ = true;
    return async_is_ready_();
}

static void end_reading(async_stream_t *stream)
{
    if (stream != NULL) {
        stream->reading_ = false;
        stream->until_ = 0;
    }
}

static void end_writing(async_stream_t *stream)
{
    if (stream != NULL) {
        stream->writing_ = false;
    }
}

ASYNC(async_stream_read)
{
    ASYNC_BEGIN();
    AWAIT(begin_reading(&self->stream));
    if (self->size > 0) {
        AWAIT(wait_for_bytes(self->stream, 1, 1, 0));
    }
    self->result = take(self->stream, self->data, self->size);
    ASYNC_FINALLY();
    end_reading(self->stream);
    ASYNC_END();
}

/* What is waited for of a long transfer: the rest, or half of the capacity, so
 * that the other side can go on meanwhile. */
static size_t portion(const async_stream_t *stream, size_t left)
{
    return smaller(left, (stream->capacity_ + 1u) / 2);
}

/* Take what is there, if it is all, or all does not fit into the stream. If
 * there is more to come, wait for it. */
static async_wait_t take_exactly(struct async_stream_read_exactly *self)
{
    async_stream_t *stream = self->stream;
    bool is_long = self->size > stream->capacity_;
    bool is_closed = stream->closed_; /* before the look at what is there */
    size_t left = self->size - self->result;
    if (is_long || async_stream_length(stream) >= left) {
        self->result +=
            take(stream, (uint8_t *)self->data + self->result, left);
        left = self->size - self->result;
    }
    if (left == 0) {
        return async_is_ready_();
    }
    size_t wanted = is_long ? portion(stream, left) : left;
    return is_closed ? async_fail_(ASYNC_ERR_CLOSED)
                     : wait_for_bytes(stream, wanted, wanted, 0);
}

ASYNC(async_stream_read_exactly)
{
    ASYNC_BEGIN();
    AWAIT(begin_reading(&self->stream));
    while (self->result < self->size) {
        AWAIT(take_exactly(self));
    }
    ASYNC_FINALLY();
    end_reading(self->stream);
    ASYNC_END();
}

static size_t limit_of(const struct async_stream_read_until *self)
{
    return smaller(self->size, self->stream->capacity_);
}

/* Look at the bytes that have come since the last look. */
static bool has_delimiter(struct async_stream_read_until *self)
{
    const async_stream_t *stream = self->stream;
    size_t there = smaller(async_stream_length(stream), limit_of(self));
    size_t passed =
        find(stream, forward(stream, stream->reader_.index_, self->looked_),
             there - self->looked_, self->delimiter);
    self->looked_ = (uint16_t)(self->looked_ + passed);
    return self->looked_ < there;
}

static async_wait_t wait_for_delimiter(struct async_stream_read_until *self)
{
    async_stream_t *stream = self->stream;
    if (self->looked_ == limit_of(self)) {
        return async_fail_(ASYNC_ERR_FULL);
    }
    if (stream->closed_ && async_stream_length(stream) == self->looked_) {
        return async_fail_(ASYNC_ERR_CLOSED);
    }
    return wait_for_bytes(stream, self->looked_ + 1u, limit_of(self),
                          UNTIL | self->delimiter);
}

ASYNC(async_stream_read_until)
{
    ASYNC_BEGIN();
    AWAIT(begin_reading(&self->stream));
    while (!has_delimiter(self)) {
        AWAIT(wait_for_delimiter(self));
    }
    self->result = take(self->stream, self->data, self->looked_ + 1u);
    ASYNC_FINALLY();
    end_reading(self->stream);
    ASYNC_END();
}

/* Put in what there is room for. If there is more, wait. */
static async_wait_t put_all(struct async_stream_write *self)
{
    async_stream_t *stream = self->stream;
    if (stream->closed_) {
        return async_fail_(ASYNC_ERR_CLOSED);
    }
    size_t left = self->size - self->result;
    size_t went_in =
        put(stream, (const uint8_t *)self->data + self->result, left);
    self->result += went_in;
    return went_in == left
               ? async_is_ready_()
               : wait_for_room(stream, portion(stream, left - went_in));
}

ASYNC(async_stream_write)
{
    ASYNC_BEGIN();
    AWAIT(begin_writing(&self->stream));
    while (self->result < self->size) {
        AWAIT(put_all(self));
    }
    ASYNC_FINALLY();
    end_writing(self->stream);
    ASYNC_END();
}

/* --- Close ---------------------------------------------------------------- */

void async_stream_close(async_stream_t *stream)
{
    async_port_state_t state = async_port_lock();
    stream->closed_ = true;
    wake(&stream->reader_);
    wake_writer(stream);
    async_port_unlock(state);
}

/* --- Ask ------------------------------------------------------------------ */

size_t async_stream_length(const async_stream_t *stream)
{
    async_port_state_t state = async_port_lock();
    size_t length = stream->count_;
    async_port_unlock(state);
    return length;
}

uint32_t async_stream_lost(const async_stream_t *stream)
{
    async_port_state_t state = async_port_lock();
    uint32_t lost = stream->lost_;
    async_port_unlock(state);
    return lost;
}

bool async_stream_is_closed(const async_stream_t *stream)
{
    return stream->closed_;
}
