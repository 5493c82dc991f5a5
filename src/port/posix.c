/* SPDX-License-Identifier: MIT */

/*
 * Port to POSIX: one clock and one simulated interrupt controller per thread.
 *
 * The race between "nothing is ready" and "asleep" is closed by two flags. The
 * sleeper sets asleep_ and then looks at raised_; a raiser pushes to raised_
 * and then looks at asleep_. Both in sequentially consistent order, so at
 * least one of them sees the other: either the sleeper does not sleep, or the
 * raiser writes to the pipe.
 */
#ifdef __linux__
#define _GNU_SOURCE /* ppoll */
#else
#define _POSIX_C_SOURCE 200809L
#endif

#include "async/port/posix.h"

#include "../core.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000LL

/* Nobody minds to wake once an hour, and no sum of it can overflow. */
#define LONGEST_SLEEP_SECONDS 3600

ASYNC_PORT_THREAD_LOCAL struct async_core_ async_core_;

/* --- Interrupts ----------------------------------------------------------- */

void async_irq_init(async_irq_t *irq, void (*handler)(void *), void *context)
{
    *irq = (async_irq_t){
        .handler_ = handler, .context_ = context, .core_ = &async_core_};
}

static void push_raised(async_irq_t *irq)
{
    struct async_core_ *core = irq->core_;
    async_irq_t *top = __atomic_load_n(&core->raised_, __ATOMIC_RELAXED);
    do {
        irq->next_ = top;
    } while (!__atomic_compare_exchange_n(&core->raised_, &top, irq, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
}

void async_irq_raise(async_irq_t *irq)
{
    if (__atomic_exchange_n(&irq->pending_, true, __ATOMIC_SEQ_CST)) {
        return;
    }
    push_raised(irq);
    if (__atomic_load_n(&irq->core_->asleep_, __ATOMIC_SEQ_CST)) {
        int saved = errno;
        /* A full pipe wakes as well. */
        ssize_t written = write(irq->core_->pipe_[1], "", 1);
        (void)written;
        errno = saved;
    }
}

/* Newest first becomes oldest first. */
static async_irq_t *take_raised(void)
{
    async_irq_t *newest =
        __atomic_exchange_n(&async_core_.raised_, NULL, __ATOMIC_SEQ_CST);
    async_irq_t *oldest = NULL;
    while (newest != NULL) {
        async_irq_t *next = newest->next_;
        newest->next_ = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

/* The pending bit falls before the handler runs, so that what is raised while
 * it runs makes it run again. From then on a raise may use next_. */
static void handle(async_irq_t *irq)
{
    while (irq != NULL) {
        async_irq_t *next = irq->next_;
        __atomic_store_n(&irq->pending_, false, __ATOMIC_SEQ_CST);
        void (*handler)(void *) = irq->handler_;
        hook_interrupt(handler, true);
        handler(irq->context_);
        hook_interrupt(handler, false);
        irq = next;
    }
}

void async_irq_dispatch_(void)
{
    if (async_core_.handling_ || async_core_.locked_) {
        return;
    }
    async_core_.handling_ = true;
    async_task_t *task = async_interrupt_enter_();
    async_core_.interrupted_ = task;
    async_irq_t *raised;
    while ((raised = take_raised()) != NULL) {
        handle(raised);
    }
    async_core_.interrupted_ = NULL;
    async_interrupt_leave_(task);
    async_core_.handling_ = false;
}

/* --- File descriptors ----------------------------------------------------- */

/* A descriptor and direction somebody waits for; free if nobody does. */
struct fd_wait {
    async_link_t_ waiters;
    int fd;
    short events;
};

static ASYNC_PORT_THREAD_LOCAL struct {
    struct fd_wait waits[ASYNC_POSIX_FDS];
    int used; /* no waits at or behind this one */
} fds;

static bool is_free(const struct fd_wait *wait)
{
    return list_is_empty(&wait->waiters);
}

static struct fd_wait *find_wait(int fd, short events)
{
    struct fd_wait *found = NULL;
    for (int i = 0; i < ASYNC_POSIX_FDS; i++) {
        struct fd_wait *wait = &fds.waits[i];
        if (!is_free(wait) && wait->fd == fd && wait->events == events) {
            return wait;
        }
        if (found == NULL && is_free(wait)) {
            found = wait;
            fds.used = i < fds.used ? fds.used : i + 1;
        }
    }
    return found;
}

static async_wait_t wait_for_fd(int fd, short events)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    struct fd_wait *wait = find_wait(fd, events);
    if (wait == NULL) {
        return async_fail_(ASYNC_ERR_FULL);
    }
    wait->fd = fd;
    wait->events = events;
    return async_wait_in_(&wait->waiters);
}

async_wait_t async_fd_readable(int fd)
{
    return wait_for_fd(fd, POLLIN);
}

async_wait_t async_fd_writable(int fd)
{
    return wait_for_fd(fd, POLLOUT);
}

static void wake_all(async_link_t_ *waiters)
{
    async_port_state_t state = async_port_lock();
    while (!list_is_empty(waiters)) {
        async_wake_(task_of_link(waiters->next_));
    }
    async_port_unlock(state);
}

/* --- Clock ---------------------------------------------------------------- */

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Whole seconds and the rest apart: the product would overflow in a year. */
static unsigned long long ticks_of(long long ns)
{
    unsigned long long seconds = (unsigned long long)(ns / NS_PER_SECOND);
    unsigned long long rest = (unsigned long long)(ns % NS_PER_SECOND);
    return seconds * ASYNC_TICKS_PER_SECOND +
           rest * ASYNC_TICKS_PER_SECOND / NS_PER_SECOND;
}

static async_time_t posix_now(async_clock_t *clock)
{
    (void)clock;
    return (async_time_t)ticks_of(now_ns());
}

/* Nanoseconds until the clock shows `deadline`: from the beginning of this tick
 * that many ticks, less what has passed of it. */
static long long ns_until(async_time_t deadline)
{
    long long now = now_ns();
    unsigned long long ticks = ticks_of(now);
    if (!async_time_before((async_time_t)ticks, deadline)) {
        return 0;
    }
    async_ticks_t left = (async_ticks_t)(deadline - (async_time_t)ticks);
    if (left / ASYNC_TICKS_PER_SECOND >= LONGEST_SLEEP_SECONDS) {
        return LONGEST_SLEEP_SECONDS * NS_PER_SECOND;
    }
    unsigned long long due = ticks + left;
    unsigned long long rest = due % ASYNC_TICKS_PER_SECOND;
    long long due_ns =
        (long long)(due / ASYNC_TICKS_PER_SECOND) * NS_PER_SECOND +
        (long long)((rest * NS_PER_SECOND + ASYNC_TICKS_PER_SECOND - 1) /
                    ASYNC_TICKS_PER_SECOND);
    return due_ns - now;
}

static int poll_ns(struct pollfd *polled, nfds_t count, long long ns)
{
#ifdef __linux__
    const struct timespec timeout = {.tv_sec = (time_t)(ns / NS_PER_SECOND),
                                     .tv_nsec = (long)(ns % NS_PER_SECOND)};
    return ppoll(polled, count, ns < 0 ? NULL : &timeout, NULL);
#else
    long long ms = (ns + 999999) / 1000000;
    return poll(polled, count, ns < 0 ? -1 : ms > INT_MAX ? INT_MAX : (int)ms);
#endif
}

/* Wait at most ns nanoseconds (negative: no limit) for descriptors, and for the
 * pipe if there is one; wake those that wait for them. */
static void poll_fds(long long ns)
{
    struct pollfd polled[ASYNC_POSIX_FDS + 1];
    struct fd_wait *waits[ASYNC_POSIX_FDS];
    nfds_t count = 0;
    for (int i = 0; i < fds.used; i++) {
        if (!is_free(&fds.waits[i])) {
            waits[count] = &fds.waits[i];
            polled[count++] = (struct pollfd){.fd = fds.waits[i].fd,
                                              .events = fds.waits[i].events};
        }
    }
    polled[count] =
        (struct pollfd){.fd = async_core_.pipe_[0], .events = POLLIN};
    nfds_t extra = async_core_.has_pipe_;
    int ready = poll_ns(polled, count + extra, ns);
    for (nfds_t i = 0; ready > 0 && i < count; i++) {
        if (polled[i].revents != 0) {
            wake_all(&waits[i]->waiters);
        }
    }
}

/* Descriptors need a look in each round, or a task that is always ready would
 * keep those that wait for input from it. */
static void posix_look(async_clock_t *clock)
{
    (void)clock;
    while (fds.used > 0 && is_free(&fds.waits[fds.used - 1])) {
        fds.used--;
    }
    if (fds.used > 0) {
        poll_fds(0);
    }
}

/* A program that was started without its standard streams must not find the
 * pipe in their place. */
static int move_fd(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(fd);
    fcntl(moved, F_SETFL, O_NONBLOCK);
    return moved;
}

/* Without descriptors this thread could sleep for ever. */
static void open_pipe(void)
{
    int *ends = async_core_.pipe_;
    if (async_core_.has_pipe_) {
        return;
    }
    if (pipe(ends) != 0) {
        abort();
    }
    ends[0] = move_fd(ends[0]);
    ends[1] = move_fd(ends[1]);
    if (ends[0] < 0 || ends[1] < 0) {
        abort();
    }
    async_core_.has_pipe_ = true;
}

static void drain_pipe(void)
{
    char bytes[64];
    while (read(async_core_.pipe_[0], bytes, sizeof bytes) > 0) {
    }
}

static bool posix_sleep(async_clock_t *clock, const async_time_t *deadline,
                        bool polling)
{
    (void)clock;
    const long long soon = NS_PER_SECOND / 1000;
    long long ns = deadline == NULL ? -1 : ns_until(*deadline);
    if (polling && (ns < 0 || ns > soon)) {
        ns = soon;
    }
    open_pipe();
    __atomic_store_n(&async_core_.asleep_, true, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&async_core_.raised_, __ATOMIC_SEQ_CST) == NULL) {
        poll_fds(ns);
    }
    __atomic_store_n(&async_core_.asleep_, false, __ATOMIC_SEQ_CST);
    drain_pipe();
    return true;
}

void async_port_sleep(void)
{
    posix_sleep(NULL, NULL, false);
}

async_clock_t *async_posix_clock(void)
{
    static const async_clock_ops_t ops = {
        .now = posix_now, .sleep = posix_sleep, .look = posix_look};
    static async_clock_t clock = {&ops};
    return &clock;
}

void async_posix_clock_close(void)
{
    if (async_core_.has_pipe_) {
        close(async_core_.pipe_[0]);
        close(async_core_.pipe_[1]);
        async_core_.has_pipe_ = false;
    }
}
