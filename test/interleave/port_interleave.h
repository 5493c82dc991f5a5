/* SPDX-License-Identifier: MIT */

/*
 * Port for a test: an interrupt can come wherever the lock is open.
 *
 * The lock is a flag, as on a machine with one core. Where it is about to close
 * and where it has just opened, the test may call an interrupt handler: before
 * a locked stretch and behind it are the two sides on which an interrupt can
 * meet it, so this tries every order of the handler and the locked stretches.
 */
#ifndef PORT_INTERLEAVE_H
#define PORT_INTERLEAVE_H

#include <stdbool.h>

typedef bool async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

extern bool interleave_locked;

/** So many handlers run, one in the other. */
extern unsigned interleave_handling;

/** The test's: called where an interrupt can come. */
void interleave_open(void);

static inline async_port_state_t async_port_lock(void)
{
    if (!interleave_locked) {
        interleave_open();
    }
    async_port_state_t state = interleave_locked;
    interleave_locked = true;
    return state;
}

static inline void async_port_unlock(async_port_state_t state)
{
    interleave_locked = state;
    if (!state) {
        interleave_open();
    }
}

/* The test lets an interrupt come. */
static inline void async_port_sleep(void)
{
    async_port_unlock(false);
    async_port_lock();
}

static inline unsigned async_port_context(void)
{
    return interleave_handling;
}

#endif
