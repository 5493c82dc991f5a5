/* SPDX-License-Identifier: MIT */

/*
 * Interrupts for tests, with the names of async/port/posix.h, but real ones: a
 * raise makes an interrupt of the machine pending, and that calls the handlers.
 */
#ifndef TEST_SUPPORT_IRQ_H
#define TEST_SUPPORT_IRQ_H

#include <stdbool.h>

typedef struct async_irq {
    struct async_irq *next;
    void (*handler)(void *context);
    void *context;
    bool pending;
} async_irq_t;

void async_irq_init(async_irq_t *irq, void (*handler)(void *context),
                    void *context);
void async_irq_raise(async_irq_t *irq);

/** Before any of them comes. */
void irq_enable(void);

#endif
