/* SPDX-License-Identifier: MIT */

/*
 * The port contract (async/port.h) with a real interrupt: the lock keeps it
 * out and nests, unlocking lets it in, a pending one ends the sleep, and the
 * handler is another context than the program.
 */
#include "machine.h"

#include <async/port.h>

static volatile unsigned interrupts;
static volatile unsigned context_of_handler;

void machine_handler(void)
{
    interrupts++;
    context_of_handler = async_port_context();
}

/* A pending interrupt may come some instructions after the lock has opened. */
static unsigned interrupts_by_now(void)
{
    for (volatile uint8_t i = 0; i < 10; i++) {
    }
    return interrupts;
}

static void the_lock_keeps_interrupts_out(void)
{
    interrupts = 0;
    async_port_state_t state = async_port_lock();
    machine_pend();
    check(interrupts_by_now() == 0);
    async_port_unlock(state);
    check(interrupts_by_now() == 1);
}

static void locks_nest(void)
{
    interrupts = 0;
    async_port_state_t outer = async_port_lock();
    async_port_state_t inner = async_port_lock();
    machine_pend();
    async_port_unlock(inner);
    check(interrupts_by_now() == 0);
    async_port_unlock(outer);
    check(interrupts_by_now() == 1);
}

static void a_pending_interrupt_ends_the_sleep(void)
{
    interrupts = 0;
    async_port_state_t state = async_port_lock();
    uint64_t before = machine_reference();
    machine_pend();
    async_port_sleep();
    check(machine_reference() - before < 1000000); /* not the next one */
    async_port_unlock(state);
    check(interrupts_by_now() == 1);
}

/* The lock is held again where a sleep returns. */
static void a_sleep_gives_the_lock_back(void)
{
    async_port_state_t state = async_port_lock();
    machine_pend();
    async_port_sleep();
    interrupts = 0;
    machine_pend();
    check(interrupts_by_now() == 0);
    async_port_unlock(state);
    check(interrupts_by_now() >= 1);
}

static void a_handler_is_another_context(void)
{
    unsigned context = async_port_context();
    interrupts = 0;
    check(context == async_port_context());
    machine_pend();
    check(interrupts_by_now() > 0);
    check(context_of_handler != context);
    check(context_of_handler <= 0xFFFF);
    check(context == async_port_context());
}

#ifdef ASYNC_PORT_BASEPRI
static void what_is_more_urgent_is_never_kept_out(void)
{
    interrupts = 0;
    async_port_state_t state = async_port_lock();
    machine_pend_urgent();
    check(interrupts_by_now() == 1);
    machine_pend();
    async_port_sleep();
    check(interrupts_by_now() == 1);
    async_port_unlock(state);
    check(interrupts_by_now() == 2);
}
#endif

int main(void)
{
    machine_reference_start();
    machine_clock(); /* it opens interrupts */
    the_lock_keeps_interrupts_out();
    locks_nest();
    a_pending_interrupt_ends_the_sleep();
    a_sleep_gives_the_lock_back();
    a_handler_is_another_context();
#ifdef ASYNC_PORT_BASEPRI
    what_is_more_urgent_is_never_kept_out();
#endif
    board_print("ok\n");
    return 0;
}
