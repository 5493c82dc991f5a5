/* SPDX-License-Identifier: MIT */

/*
 * Port to PCs with POSIX: the clock, file descriptors, simulated interrupts.
 *
 * Each thread is a machine of its own here. An interrupt is raised from a
 * signal handler or from any thread; its handler runs later, on the thread of
 * the loop it belongs to, at the next point where that thread opens the
 * interrupt lock, and never in the middle of anything else. So the lock is a
 * plain flag, and the loop's hot path has no locked instruction and no system
 * call.
 *
 *     static async_irq_t rx_irq;
 *     async_irq_init(&rx_irq, rx_handler, &uart);   (on the loop's thread)
 *     ...
 *     async_irq_raise(&rx_irq);                     (anywhere)
 */
#ifndef ASYNC_PORT_POSIX_H
#define ASYNC_PORT_POSIX_H

#include "async/clock.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Clock --------------------------------------------------------------- */

/**
 * The clock of this thread: CLOCK_MONOTONIC in ticks. It sleeps in the kernel
 * and never spins; a loop with a task at AWAIT_UNTIL looks once in a
 * millisecond.
 *
 * The first sleep opens two file descriptors for the thread (a pipe that wakes
 * it). Context: the loop's thread.
 */
async_clock_t *async_posix_clock(void);

/** Close the pipe of this thread, before the thread ends. No loop of the thread
 *  may sleep afterwards without opening it anew; it does so by itself. */
void async_posix_clock_close(void);

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until a read from the file descriptor would not block: there is data,
 * the end of the file, or an error to fetch. Several tasks that wait for the
 * same descriptor all wake; only the first to read is sure not to block.
 *
 * The loop must use async_posix_clock(). At most ASYNC_POSIX_FDS different
 * waits (descriptor and direction) at a time.
 *
 * Context: task. Raises: ASYNC_ERR_FULL, too many descriptors.
 * Cancel: the waiter is unlinked; nothing has been read. Cost: O(descriptors
 * waited for); one poll() per round while somebody waits.
 */
ASYNC_MUST_AWAIT_ async_wait_t async_fd_readable(int fd);

/** Wait until a write would not block. Otherwise like async_fd_readable. */
ASYNC_MUST_AWAIT_ async_wait_t async_fd_writable(int fd);

/** Different (descriptor, direction) pairs that a thread can wait for. */
#define ASYNC_POSIX_FDS 64

/* --- Interrupts ---------------------------------------------------------- */

/** A simulated interrupt. It has a pending bit, as on a chip: raised again
 *  before its handler runs, the handler runs once. */
typedef struct async_irq async_irq_t;

/** Give an interrupt its handler and tie it to the calling thread, which must
 *  not end while the interrupt may be raised. */
void async_irq_init(async_irq_t *irq, void (*handler)(void *context),
                    void *context);

/**
 * Raise an interrupt. A sleeping loop wakes at once.
 *
 * Context: any, of any thread, signal handlers included (async-signal-safe).
 */
void async_irq_raise(async_irq_t *irq);

/* --- The port contract (async/port.h) ------------------------------------ */

typedef bool async_port_state_t;

#ifdef __cplusplus
#define ASYNC_PORT_THREAD_LOCAL __thread /* no wrapper function around it */
#else
#define ASYNC_PORT_THREAD_LOCAL _Thread_local
#endif

/* --- Private part -------------------------------------------------------- */

/* For variables of the thread that the library's own files use. What is linked
 * into a shared object is compiled with -fPIC. */
#if defined(__ELF__) && (!defined(__PIC__) || defined(__PIE__))
#define ASYNC_PORT_LOCAL_EXEC_ __attribute__((tls_model("local-exec")))
#endif

struct async_irq {
    async_irq_t *next_;
    void (*handler_)(void *context);
    void *context_;
    struct async_core_ *core_;
    bool pending_; /* atomic: raised, and not handled yet */
};

/* The thread's machine. Others touch only what is atomic. */
struct async_core_ {
    async_irq_t *raised_; /* atomic: stack of raised interrupts, newest first */
    bool asleep_;         /* atomic: a raise must write to the pipe */
    bool locked_;
    bool handling_; /* a handler runs; interrupts do not nest */
    struct async_task *interrupted_; /* the task it has cut into, or NULL */
    bool has_pipe_;                  /* from the first sleep on */
    int pipe_[2];                    /* written to wake the thread */
};
extern ASYNC_PORT_THREAD_LOCAL struct async_core_ async_core_;

/* Runs the handlers of what is raised, if the lock is open and none runs. */
void async_irq_dispatch_(void);

static inline void async_loop_open_(void)
{
    if (__atomic_load_n(&async_core_.raised_, __ATOMIC_RELAXED) != NULL) {
        async_irq_dispatch_();
    }
}

static inline async_port_state_t async_port_lock(void)
{
    bool locked = async_core_.locked_;
    async_core_.locked_ = true;
    return locked;
}

static inline void async_port_unlock(async_port_state_t state)
{
    async_core_.locked_ = state;
    async_loop_open_();
}

/* Handlers run only where a lock opens. */
#define ASYNC_PORT_HAS_BRIEF_LOCK_
#define ASYNC_PORT_HAS_LOOP_OPEN_
static inline async_port_state_t async_brief_lock_(void)
{
    return false;
}

static inline void async_brief_unlock_(async_port_state_t state)
{
    (void)state;
}

#define ASYNC_PORT_HAS_LEAF_LOCK_
static inline async_port_state_t async_leaf_lock_(void)
{
    return false;
}

static inline void async_leaf_unlock_(async_port_state_t state)
{
    (void)state;
    async_loop_open_();
}

static inline async_port_state_t async_leaf_to_lock_(async_port_state_t state)
{
    (void)state;
    return async_port_lock();
}

/* Handlers run with no task as the current one. */
#define ASYNC_PORT_HANDLERS_ARE_ALONE_
static inline bool async_is_elsewhere_(uint16_t context)
{
    (void)context;
    return false;
}

/* Meanwhile this is known here alone. */
#define ASYNC_PORT_HAS_INTERRUPTED_
static inline const struct async_task *async_port_interrupted_(void)
{
    return async_core_.interrupted_;
}

/* A trace does not change when handlers come. */
#define ASYNC_PORT_HAS_QUIET_UNLOCK_
static inline void async_quiet_unlock_(async_port_state_t state)
{
    async_core_.locked_ = state;
}

void async_port_sleep(void); /* until an interrupt is raised */

static inline unsigned async_port_context(void)
{
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
