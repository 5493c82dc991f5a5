/* SPDX-License-Identifier: MIT */

/*
 * Tracing: records into a ring, and out of it.
 *
 * A record keeps 16 bits of everything. What is missing comes back in the
 * converter: the upper half of a time from the TIME records in between, a task
 * from the ELF file's symbols (unique within 256 kB, where addresses are
 * multiples of 4), a coroutine from its function's distance from a function of
 * this file, which stays the same wherever a program is loaded.
 */
#include "async/trace.h"

#if ASYNC_TRACE

#include "async/timestamp.h"

#include "core.h"

/* The two upper bits of `what`; the lower are a line, or one of the special
 * states, as ASYNC_IS_START_. */
#define RUN    0x0000 /* a step begins: the leaf, and where it goes on */
#define WAIT   0x4000 /* it is over: the leaf, and where it waits */
#define AGAIN  0x8000 /* the same, and it goes round */
#define RAISED 0xC000 /* in the running task; `task` is the error */

/* Behind the lines of RAISED: */
#define SPAWN              0xFE10 /* coro: its outermost */
#define READY_BY_TASK      0xFE11 /* coro: that task */
#define READY_BY_INTERRUPT 0xFE12 /* coro: its number, if known */
#define READY_BY_TIMER     0xFE13
#define READY              0xFE14 /* by the loop, or outside of it */
#define ENDED              0xFE15 /* coro: the outermost */
#define FAILED             0xFE16 /* it has ended; coro: the error */
#define SLEEP              0xFE17
#define WAKE_UP            0xFE18
#define TIME               0xFE19 /* upper halves: task: now; coro: before */
#define LOST               0xFE1A /* task, coro: how many records */
#define MARK               0xFE1B /* coro: its number */
#define ENTER              0xFE1C /* task: the number; coro: its handler */
#define EXIT               0xFE1D
#define NAME               0xFE1E /* a task there is; coro: its outermost */
#define HELLO              0xFE20 /* three, see hello() */
#define REPORT             0xFE40 /* and its kind */

#define VERSION 1

/* Every so many records there is a TIME, for one who reads after a loss, and
 * every so many records read a HELLO. Powers of two. */
#define TIME_EVERY  64
#define HELLO_EVERY 256

ASYNC_STATIC_ASSERT_(sizeof(async_trace_record_t) == 8, "as the header says");
ASYNC_STATIC_ASSERT_(sizeof(async_trace_t_) == 32, "as the header says");
ASYNC_STATIC_ASSERT_(ASYNC_LAST_LINE_ < 0x3E00, "lines fit");

static ASYNC_PORT_THREAD_LOCAL struct {
    async_trace_t_ *ring;     /* that is written; NULL: none */
    async_trace_t_ *source;   /* that is read */
    const async_loop_t *idle; /* that is asleep */
    uint8_t handlers;         /* entered and not left */
} async_tracing_;             /* a name that gdb finds */

/* --- 16 bits of an address ------------------------------------------------ */

#if UINTPTR_MAX > 0xFFFFFFFF
#define UNUSED_BITS 3
#elif UINTPTR_MAX > 0xFFFF
#define UNUSED_BITS 2
#else
#define UNUSED_BITS 0
#endif

static uint16_t id_of(const async_task_t *task)
{
    return (uint16_t)((uintptr_t)task >> UNUSED_BITS);
}

static uintptr_t anchor(void)
{
    return (uintptr_t)async_trace_start_;
}

static uint16_t code_at(uintptr_t function)
{
    return (uint16_t)((function - anchor()) >> UNUSED_BITS);
}

static uint16_t code_of(const async_coro_t *coro)
{
    return coro == NULL ? 0 : code_at((uintptr_t)coro->link_.resume_);
}

/* --- Write ---------------------------------------------------------------- */

static async_trace_record_t *record_at(async_trace_t_ *ring, uint32_t number)
{
    async_trace_record_t *records = (async_trace_record_t *)(void *)(ring + 1);
    return &records[(uint16_t)number & (uint16_t)(ring->capacity_ - 1)];
}

/* The record is whole before it counts. */
static void append(async_trace_t_ *ring, uint16_t task, uint16_t coro,
                   uint16_t what)
{
    async_trace_record_t *record = record_at(ring, ring->count_);
    record->time = (uint16_t)ring->last_;
    record->task = task;
    record->coro = coro;
    record->what = what;
    ring->count_++;
}

/* Time goes on, and is told in full if 16 bits do not say it. */
static void set_time(async_trace_t_ *ring, const async_loop_t *loop)
{
    uint32_t before = ring->last_;
    ring->last_ = async_timestamp(loop);
    if (ring->last_ - before > 0xFFFF || ring->count_ % TIME_EVERY == 0) {
        append(ring, (uint16_t)(ring->last_ >> 16), (uint16_t)(before >> 16),
               TIME);
    }
}

/* For what belongs to none: that of the task that runs or is cut into, or the
 * one asleep. Others may be gone. */
static const async_loop_t *loop_now(void)
{
    const async_task_t *task = async_here_.task_;
    return task != NULL ? task->loop_ : async_tracing_.idle;
}

/* From any context. */
static void put(const async_loop_t *loop, uint16_t task, uint16_t coro,
                uint16_t what)
{
    async_port_state_t state = async_port_lock();
    async_trace_t_ *ring = async_tracing_.ring;
    if (ring != NULL) {
        set_time(ring, loop != NULL ? loop : loop_now());
        append(ring, task, coro, what);
    }
    async_quiet_unlock_(state);
}

/* A look without the lock, to be quick about nothing. */
static bool is_off(void)
{
    return async_tracing_.ring == NULL;
}

static void put_place(const async_task_t *task, unsigned what)
{
    const async_coro_t *leaf = task->leaf_;
    if (is_off()) {
        return;
    }
    put(task->loop_, id_of(task), code_of(leaf),
        (uint16_t)(what | (leaf->state_ & ASYNC_LINE_)));
}

/* --- What happens --------------------------------------------------------- */

/* Handlers that no number tells apart have to be entered and left. */
static bool is_in_handler(void)
{
#ifdef ASYNC_PORT_NUMBERS_HANDLERS_
    return async_is_elsewhere_(async_here_.context_);
#else
    return async_tracing_.handlers > 0;
#endif
}

/* It waited in no list, or its limit has passed, or a timeout raises: while no
 * task runs, those come from timers, and a cancellation from outside. */
static bool is_woken_by_timer(const async_task_t *task)
{
    return task->timer_.head_.link_.next_ == &task->timer_.head_.link_ ||
           task_has(task, ASYNC_TASK_LIMIT_) ||
           (task_has(task, ASYNC_TASK_RAISE_) &&
            !task_has(task, ASYNC_TASK_CANCEL_));
}

void async_trace_spawn_(const async_task_t *task)
{
    put(task->loop_, id_of(task), code_of(task->leaf_), SPAWN);
}

void async_trace_ready_(const async_task_t *task)
{
    uint16_t by = 0;
    uint16_t what = READY;
    if (is_off()) {
        return;
    }
    if (is_in_handler()) {
        by = (uint16_t)async_trace_context_();
        what = READY_BY_INTERRUPT;
    } else if (async_here_.task_ != NULL) {
        by = id_of(async_here_.task_);
        what = READY_BY_TASK;
    } else if (is_woken_by_timer(task)) {
        what = READY_BY_TIMER;
    }
    put(task->loop_, id_of(task), by, what);
}

void async_trace_run_(const async_task_t *task)
{
    put_place(task, RUN);
}

void async_trace_pause_(const async_task_t *task, bool again)
{
    put_place(task, again ? AGAIN : WAIT);
}

void async_trace_raise_(const async_task_t *task, const async_coro_t *coro,
                        int error)
{
    put(task->loop_, (uint16_t)public_error(error), code_of(coro),
        (uint16_t)(RAISED | (coro->state_ & ASYNC_LINE_)));
}

void async_trace_end_(const async_task_t *task, const async_coro_t *root,
                      int error)
{
    if (error < 0) {
        put(task->loop_, id_of(task), (uint16_t)error, FAILED);
    } else {
        put(task->loop_, id_of(task), code_of(root), ENDED);
    }
}

void async_trace_sleep_(const async_loop_t *loop)
{
    put(loop, 0, 0, SLEEP);
    async_tracing_.idle = loop;
}

void async_trace_wake_up_(const async_loop_t *loop)
{
    put(loop, 0, 0, WAKE_UP);
    async_tracing_.idle = NULL;
}

void async_trace_report_(const async_report_t *report)
{
    put(NULL, report->task == NULL ? 0 : id_of(report->task),
        code_of(report->coro), (uint16_t)(REPORT + report->kind));
}

void async_trace_mark_(uint16_t number)
{
    const async_task_t *task = is_in_handler() ? NULL : async_here_.task_;
    put(NULL, task == NULL ? 0 : id_of(task), number, MARK);
}

void async_trace_interrupt_(unsigned number, async_trace_handler_t_ *handler,
                            bool enters)
{
    async_port_state_t state = async_port_lock();
    async_tracing_.handlers =
        (uint8_t)(async_tracing_.handlers + (enters ? 1 : -1));
    put(NULL, (uint16_t)number,
        handler == NULL ? 0 : code_at((uintptr_t)handler),
        enters ? ENTER : EXIT);
    async_quiet_unlock_(state);
}

static const async_coro_t *root_of(const async_task_t *task)
{
    const async_coro_t *root = task->leaf_;
    const async_coro_t *caller;
    while ((caller = caller_of(root)) != NULL) {
        root = caller;
    }
    return root;
}

void async_trace_name_tasks(const async_loop_t *loop)
{
    async_task_t *task = NULL;
    while ((task = async_next_task_(loop, task)) != NULL) {
        put(loop, id_of(task), code_of(root_of(task)), NAME);
    }
}

/* --- Read ----------------------------------------------------------------- */

/* What the head of the ring says to those who do not have it. The first is the
 * mark by which a reader finds where records begin. */
static async_trace_record_t hello(const async_trace_t_ *ring)
{
    switch (ring->hello_) {
    case 0:
        return (async_trace_record_t){0x7361, 0x6E79, 0x7463, HELLO};
    case 1:
        return (async_trace_record_t){
            (uint16_t)ring->rate_, (uint16_t)(ring->rate_ >> 16),
            (uint16_t)(VERSION << 8 | sizeof(void *)), HELLO + 1};
    default:
        return (async_trace_record_t){(uint16_t)ring->anchor_,
                                      (uint16_t)(ring->anchor_ >> 16), 0,
                                      HELLO + 2};
    }
}

/* The reader is past them. */
static void pass(async_trace_t_ *ring, uint32_t count)
{
    if (ring->taken_ % HELLO_EVERY + count >= HELLO_EVERY) {
        ring->hello_ = 0;
    }
    ring->taken_ += count;
}

static async_trace_record_t lost(async_trace_t_ *ring, uint32_t count)
{
    pass(ring, count);
    return (async_trace_record_t){0, (uint16_t)count, (uint16_t)(count >> 16),
                                  LOST};
}

/* There is one that was not read. */
static async_trace_record_t take(async_trace_t_ *ring)
{
    uint32_t unread = ring->count_ - ring->taken_;
    if (ring->hello_ < 3) {
        async_trace_record_t record = hello(ring);
        ring->hello_++;
        return record;
    }
    if (unread > ring->capacity_) {
        return lost(ring, unread - ring->capacity_);
    }
    pass(ring, 1);
    return *record_at(ring, ring->taken_ - 1);
}

unsigned async_trace_read(async_trace_record_t *records, unsigned count)
{
    unsigned done = 0;
    bool more = true;
    while (more && done < count) {
        async_port_state_t state = async_port_lock();
        async_trace_t_ *ring = async_tracing_.source;
        more = ring != NULL && ring->count_ != ring->taken_;
        if (more) {
            records[done++] = take(ring);
        }
        async_port_unlock(state);
    }
    return done;
}

/* --- Start ---------------------------------------------------------------- */

void async_trace_start_(async_trace_t_ *ring, unsigned capacity)
{
    async_port_state_t state = async_port_lock();
    *ring = (async_trace_t_){.magic_ = {'a', 's', 'y', 'R'},
                             .version_ = VERSION,
                             .pointer_size_ = sizeof(void *),
                             .capacity_ = (uint16_t)capacity,
                             .rate_ = ASYNC_TIMESTAMPS_PER_SECOND,
                             .anchor_ = (uint32_t)anchor()};
    async_tracing_.ring = async_tracing_.source = ring;
    async_port_unlock(state);
}

void async_trace_stop(void)
{
    async_port_state_t state = async_port_lock();
    async_tracing_.ring = NULL;
    async_port_unlock(state);
}

#endif
