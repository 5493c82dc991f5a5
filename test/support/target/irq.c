/* SPDX-License-Identifier: MIT */

/*
 * One interrupt of the machine that software can make pending: PendSV on
 * Cortex-M, the software interrupt on RISC-V (QEMU's virt: the CLINT's first
 * register), and on AVR the pin change of an output, PD0 = INT0.
 */
#include "irq.h"

#include <async/port.h>

#include <stddef.h>
#include <stdint.h>

#if defined(__AVR__)
#include <avr/interrupt.h>
#include <avr/io.h>

/* Any change first: simavr never forgets that it once saw a low level. */
void irq_enable(void)
{
    EICRA |= 1u << ISC00;
    EIMSK |= 1u << INT0;
    DDRD |= 1u;
    sei();
}

static void pend(void)
{
    PORTD ^= 1u;
}

#define IRQ_HANDLER ISR(INT0_vect)
#define FALLEN()

#elif defined(__riscv)

#define MSIP        (*(volatile uint32_t *)0x02000000)

void irq_enable(void)
{
    __asm volatile(".option push\n\t.option arch, +zicsr\n\t"
                   "csrs mie, %0\n\tcsrs mstatus, %0\n\t.option pop"
                   :
                   : "r"(8)); /* MSIE, MIE */
}

static void pend(void)
{
    MSIP = 1;
}

void MachineSoftware_Handler(void);
#define IRQ_HANDLER void MachineSoftware_Handler(void)
#define FALLEN()    (MSIP = 0)

#else

#define ICSR        (*(volatile uint32_t *)0xE000ED04)
#define PENDSVSET   (1u << 28)

void irq_enable(void)
{
}

static void pend(void)
{
    ICSR = PENDSVSET;
    __asm volatile("dsb\n\tisb" : : : "memory");
}

void PendSV_Handler(void);
#define IRQ_HANDLER void PendSV_Handler(void)
#define FALLEN()

#endif

static async_irq_t *first;
static async_irq_t **end = &first;

void async_irq_init(async_irq_t *irq, void (*handler)(void *context),
                    void *context)
{
    *irq = (async_irq_t){.handler = handler, .context = context};
}

void async_irq_raise(async_irq_t *irq)
{
    async_port_state_t state = async_port_lock();
    if (!irq->pending) {
        irq->pending = true;
        irq->next = NULL;
        *end = irq;
        end = &irq->next;
    }
    pend();
    async_port_unlock(state);
}

static async_irq_t *take(void)
{
    async_port_state_t state = async_port_lock();
    async_irq_t *irq = first;
    if (irq != NULL) {
        first = irq->next;
        end = first == NULL ? &first : end;
        irq->pending = false;
    }
    async_port_unlock(state);
    return irq;
}

IRQ_HANDLER
{
    FALLEN();
    async_irq_t *irq;
    while ((irq = take()) != NULL) {
        irq->handler(irq->context);
    }
}
