/* SPDX-License-Identifier: MIT */

/*
 * Tracing: what happened when, in a ring of records.
 *
 * With ASYNC_TRACE=1 (config.h) the library writes a record of 8 bytes whenever
 * a task is spawned, gets ready, begins a step, waits, raises an error or ends,
 * and when the loop goes to sleep and wakes up. The ring is the program's; its
 * oldest records are overwritten, so that it always holds what happened last:
 *
 *     static ASYNC_TRACE_RING(256) ring;                (2 kB)
 *     ...
 *     async_trace_start(&ring);                         (before the loop runs)
 *
 * async-trace.py, which is installed with the library, makes a timeline of it:
 * from an image of the ring (a debugger, a RAM dump, a file), or from a stream
 * (a UART) that a task of the program feeds from async_trace_read. Names are
 * not in the records: the converter finds them in the ELF file.
 *
 * Times are those of async_timestamp() (timestamp.h). Define one that is finer
 * than the loop's clock, or the steps of a tick all have the same time.
 *
 * With ASYNC_TRACE=0 everything here is still there, compiles, and is nothing:
 * no byte and no instruction.
 *
 * The functions speak of "the trace": there is one, or on a PC one in each
 * thread, as each thread is a machine of its own there. All loops of the
 * machine write to it; if their clocks differ, async_timestamp() must not
 * depend on the loop it is asked for.
 */
#ifndef ASYNC_TRACE_H
#define ASYNC_TRACE_H

#include "async/port.h"
#include "async/report.h"
#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A record; docs/reference/trace.md says what is in it. 8 bytes, aligned to
 *  2. */
typedef struct async_trace_record {
    uint16_t time; /* the lower half of async_timestamp() */
    uint16_t task; /* its address, shortened */
    uint16_t coro; /* the function of its coroutine, shortened */
    uint16_t what; /* what happened, and in which line */
} async_trace_record_t;

/* --- Create --------------------------------------------------------------- */

/**
 * The type of a ring: static ASYNC_TRACE_RING(256) ring;
 *
 *  capacity  in records: a power of two, 8 to 32768. It takes 8 bytes each,
 *            and 32 for its head, which makes an image of the ring readable
 *            without the program
 */
#if ASYNC_TRACE
#define ASYNC_TRACE_RING(capacity)                                             \
    struct {                                                                   \
        async_trace_t_ head;                                                   \
        async_trace_record_t records[capacity];                                \
        ASYNC_STATIC_ASSERT_((capacity) >= 8 && (capacity) <= 32768 &&         \
                                 ((capacity) & ((capacity)-1)) == 0,           \
                             "a ring has 8 to 32768 records, a power of two"); \
    }
#else
#define ASYNC_TRACE_RING(capacity)                                             \
    struct {                                                                   \
        char off_;                                                             \
    }
#endif

/**
 * Trace into this ring from now on. It is emptied first, and must stay until
 * async_trace_stop, or the last async_trace_read after it.
 *
 *  ring  a pointer to an ASYNC_TRACE_RING
 *
 * Context: any.
 */
#if ASYNC_TRACE
#define async_trace_start(ring)                                                \
    async_trace_start_(&(ring)->head, sizeof(ring)->records / 8)
#else
#define async_trace_start(ring) ((void)(ring))
#endif

/**
 * Trace no more. The ring keeps what it has, to be looked at or read: a program
 * that calls this where it finds something wrong keeps what led there.
 *
 * Context: any.
 */
#if ASYNC_TRACE
void async_trace_stop(void);
#else
#define async_trace_stop() ((void)0)
#endif

/* --- Read ----------------------------------------------------------------- */

/**
 * Take the oldest records out of the ring, for a stream. Send them as they are,
 * 8 bytes each: the machines of this library store the lower byte first.
 *
 * Records that were overwritten before they were taken are counted by a record
 * that is taken in their place. At the beginning, and again after each 256
 * records, come 3 that say how to read a stream, so that the receiver may come
 * late or lose bytes.
 *
 *  records  room for them
 *  count    how many there is room for
 *
 * Returns: how many were taken; 0: there is none now. It works after
 * async_trace_stop, too. Context: any, one reader.
 * Cost: O(records taken); interrupts are locked for one at a time.
 */
#if ASYNC_TRACE
unsigned async_trace_read(async_trace_record_t *records, unsigned count);
#else
static inline unsigned async_trace_read(async_trace_record_t *records,
                                        unsigned count)
{
    (void)records;
    (void)count;
    return 0;
}
#endif

/**
 * Write a record for each task that the loop knows, with its outermost
 * coroutine, after which the converter names tasks that have no name of their
 * own. Their spawn tells it, too; this is for when that is overwritten: before
 * an image is taken, or from time to time in a stream.
 *
 * Context: the loop's thread, a fault handler that does not return.
 * Cost: O(tasks * depth of their await chains).
 */
#if ASYNC_TRACE
void async_trace_name_tasks(const async_loop_t *loop);
#else
#define async_trace_name_tasks(loop) ((void)(loop))
#endif

/* --- Marks and interrupts ------------------------------------------------- */

/**
 * A mark of the program's own: ASYNC_TRACE_MARK(7). The timeline shows it in
 * the task that runs; async-trace.py can give numbers a name (--name).
 *
 *  number  0 to 65535
 *
 * Context: any.
 */
#if ASYNC_TRACE
#define ASYNC_TRACE_MARK(number) async_trace_mark_((uint16_t)(number))
#else
#define ASYNC_TRACE_MARK(number) ((void)sizeof(number))
#endif

/**
 * Where a handler begins and ends, so that the timeline shows it:
 *
 *     void UART0_Handler(void)
 *     {
 *         ASYNC_TRACE_INTERRUPT_ENTER();
 *         ...
 *         ASYNC_TRACE_INTERRUPT_EXIT();
 *     }
 *
 * On Cortex-M the number is that of the exception (15: SysTick, 16: IRQ 0). On
 * other machines give one, ASYNC_TRACE_INTERRUPT_ENTER(7), the same to both;
 * and there a handler without these two is taken for the task that it cuts
 * into. (The simulated interrupts of a PC and of the virtual clock have them.)
 *
 * Context: interrupt.
 */
#if ASYNC_TRACE
#define ASYNC_TRACE_INTERRUPT_ENTER(...)                                       \
    async_trace_interrupt_(ASYNC_TRACE_NUMBER_(__VA_ARGS__), NULL, true)
#define ASYNC_TRACE_INTERRUPT_EXIT(...)                                        \
    async_trace_interrupt_(ASYNC_TRACE_NUMBER_(__VA_ARGS__), NULL, false)
#else
#define ASYNC_TRACE_INTERRUPT_ENTER(...) ((void)0)
#define ASYNC_TRACE_INTERRUPT_EXIT(...)  ((void)0)
#endif

/* --- Private part --------------------------------------------------------- */

#if ASYNC_TRACE

/* The head of a ring. The converter knows this layout, which is the same on all
 * machines; the records follow. */
typedef struct async_trace_ {
    uint8_t magic_[4];     /* "asyR" */
    uint8_t version_;      /* 1 */
    uint8_t pointer_size_; /* says how addresses are shortened */
    uint16_t capacity_;
    uint32_t rate_;   /* ASYNC_TIMESTAMPS_PER_SECOND */
    uint32_t anchor_; /* where async_trace_start_ is, for moved programs */
    uint32_t count_;  /* records written */
    uint32_t last_;   /* the time of the last one */
    uint32_t taken_;  /* records read or lost */
    uint8_t hello_;   /* how many have told the reader who we are */
    uint8_t unused_[3];
} async_trace_t_;

void async_trace_start_(async_trace_t_ *ring, unsigned capacity);

void async_trace_mark_(uint16_t number);
typedef void async_trace_handler_t_(void *context);
void async_trace_interrupt_(unsigned number, async_trace_handler_t_ *handler,
                            bool enters);

/* The argument if there is one. */
#define ASYNC_TRACE_NUMBER_(...)                                               \
    (sizeof(#__VA_ARGS__) > 1 ? (unsigned)(__VA_ARGS__ + 0)                    \
                              : async_trace_context_())

#ifdef ASYNC_PORT_NUMBERS_HANDLERS_
#define async_trace_context_() async_port_context()
#else
#define async_trace_context_() 0u
#endif

void async_trace_spawn_(const async_task_t *task);
void async_trace_ready_(const async_task_t *task);
void async_trace_run_(const async_task_t *task);
void async_trace_pause_(const async_task_t *task, bool again);
void async_trace_end_(const async_task_t *task, const async_coro_t *root,
                      int error);
void async_trace_raise_(const async_task_t *task, const async_coro_t *coro,
                        int error);
void async_trace_sleep_(const async_loop_t *loop);
void async_trace_wake_up_(const async_loop_t *loop);
void async_trace_report_(const async_report_t *report);

#endif

#ifdef __cplusplus
}
#endif

#endif
