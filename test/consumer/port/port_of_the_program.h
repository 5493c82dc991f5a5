/* SPDX-License-Identifier: MIT */

/*
 * A port to a machine without interrupts. It counts.
 */
#ifndef PORT_OF_THE_PROGRAM_H
#define PORT_OF_THE_PROGRAM_H

typedef unsigned char async_port_state_t;

#define ASYNC_PORT_THREAD_LOCAL

static unsigned locks;

static inline async_port_state_t async_port_lock(void)
{
    return (async_port_state_t)++locks;
}

static inline void async_port_unlock(async_port_state_t state)
{
    (void)state;
}

static inline void async_port_sleep(void)
{
}

static inline unsigned async_port_context(void)
{
    return 0;
}

#endif
