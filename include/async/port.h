/* SPDX-License-Identifier: MIT */

/*
 * The port contract: the few words that differ from machine to machine.
 *
 * A port header defines, as inline functions:
 *
 *   async_port_state_t               what unlock needs to know
 *   async_port_state_t async_port_lock(void)
 *       Keep interrupts out, from any context; locks nest. The compiler must
 *       not move memory accesses across it.
 *   void async_port_unlock(async_port_state_t state)
 *       Back to what it was when `state` was returned.
 *   void async_port_sleep(void)
 *       Called with the lock held once: sleep until an interrupt is pending,
 *       one that came just before included. It returns with the lock held, and
 *       may let the interrupt in before; it may return early for no reason.
 *   unsigned async_port_context(void)
 *       A number of at most 16 bits, without the lock: the same wherever the
 *       loop runs, and another one in a handler that may cut into it. So a
 *       handler is not taken for the task it interrupts. A machine that cannot
 *       tell says whether interrupts are locked; 0 where that is unknown too,
 *       and then a wait in a handler goes unnoticed.
 *   ASYNC_PORT_THREAD_LOCAL
 *       Storage class of "the task that runs here"; empty where there is one
 *       thread.
 *
 * The library holds the lock for a constant number of instructions, except in
 * a clock's sleep(), which is called with the lock held (clock.h).
 *
 * The machine is found from the compiler; ASYNC_PORT_HEADER names another.
 */
#ifndef ASYNC_PORT_H
#define ASYNC_PORT_H

#include "async/config.h"

#include <stdbool.h>
#include <stdint.h>

#if defined(ASYNC_PORT_HEADER)
#include ASYNC_PORT_HEADER
#elif defined(__unix__) || defined(__APPLE__)
#include "async/port/posix.h"
#elif defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#include "async/port/cortex_m.h"
#elif defined(__riscv)
#include "async/port/riscv.h"
#elif defined(__AVR__)
#include "async/port/avr.h"
#else
#error "no port for this machine: set ASYNC_PORT_HEADER (see async/port.h)"
#endif

/* --- Private part -------------------------------------------------------- */

/*
 * The lock in the loop's thread, outside of handlers or in the one the loop
 * runs in, where it is known to be open. A port whose handlers run with the
 * lock open, and which need not remember that then, has a cheaper one.
 */
#ifndef ASYNC_PORT_HAS_LOOP_LOCK_
static inline async_port_state_t async_loop_lock_(void)
{
    return async_port_lock();
}

static inline void async_loop_unlock_(async_port_state_t state)
{
    async_port_unlock(state);
}
#endif

/* The same around a few instructions that call nothing. Where handlers cannot
 * come in between any two of them it is nothing. */
#ifndef ASYNC_PORT_HAS_BRIEF_LOCK_
static inline async_port_state_t async_brief_lock_(void)
{
    return async_loop_lock_();
}

static inline void async_brief_unlock_(async_port_state_t state)
{
    async_loop_unlock_(state);
}
#endif

/*
 * For any context, instead of async_port_lock: a lock around a few instructions
 * that call nothing. Where handlers come in only as a lock opens, to close it
 * is nothing, and to open it lets them in. Who has to call something after all
 * makes it a real lock first; async_port_unlock then opens that.
 */
#ifndef ASYNC_PORT_HAS_LEAF_LOCK_
static inline async_port_state_t async_leaf_lock_(void)
{
    return async_port_lock();
}

static inline void async_leaf_unlock_(async_port_state_t state)
{
    async_port_unlock(state);
}

static inline async_port_state_t async_leaf_to_lock_(async_port_state_t state)
{
    return state;
}
#endif

/* True in a handler that has cut into what runs in this context. */
#ifndef ASYNC_PORT_HANDLERS_ARE_ALONE_
static inline bool async_is_elsewhere_(uint16_t context)
{
    return context != async_port_context();
}
#endif

/* The task that a handler has cut into, where async_here_ does not say so. */
#ifndef ASYNC_PORT_HAS_INTERRUPTED_
static inline const struct async_task *async_port_interrupted_(void)
{
    return 0;
}
#endif

/* Unlock for what only watches: where handlers run at certain points only, it
 * is none of them. */
#ifndef ASYNC_PORT_HAS_QUIET_UNLOCK_
static inline void async_quiet_unlock_(async_port_state_t state)
{
    async_port_unlock(state);
}
#endif

/* Where the loop lets handlers in that wait for a lock to open. Elsewhere they
 * come by themselves. */
#ifndef ASYNC_PORT_HAS_LOOP_OPEN_
static inline void async_loop_open_(void)
{
}
#endif

#endif
