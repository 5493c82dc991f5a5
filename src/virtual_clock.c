/* SPDX-License-Identifier: MIT */

/*
 * Virtual clock: to sleep is to jump.
 *
 * While a task polls, a jump is one tick, since the next look is "soon".
 */
#include "async/virtual_clock.h"

#include "core.h"

static async_virtual_clock_t *clock_of(async_clock_t *clock)
{
    return (async_virtual_clock_t *)(void *)clock;
}

static async_time_t virtual_now(async_clock_t *clock)
{
    return clock_of(clock)->now_;
}

static bool virtual_sleep(async_clock_t *base, const async_time_t *deadline,
                          bool polling)
{
    async_virtual_clock_t *clock = clock_of(base);
    const async_time_t *next = deadline;
    if (clock->interrupts_ != NULL &&
        (next == NULL || async_time_before(clock->interrupts_->time_, *next))) {
        next = &clock->interrupts_->time_;
    }
    if (polling) {
        clock->now_++;
    } else if (next == NULL) {
        return false;
    } else if (async_time_before(clock->now_, *next)) {
        clock->now_ = *next;
    }
    return true;
}

/* The interrupts that are due. */
static void virtual_look(async_clock_t *base)
{
    async_virtual_clock_t *clock = clock_of(base);
    while (clock->interrupts_ != NULL &&
           !async_time_before(clock->now_, clock->interrupts_->time_)) {
        async_virtual_interrupt_t *interrupt = clock->interrupts_;
        clock->interrupts_ = interrupt->next_;
        async_task_t *task = async_interrupt_enter_();
        void (*handler)(void *) = interrupt->handler_;
        hook_interrupt(handler, true);
        handler(interrupt->context_);
        hook_interrupt(handler, false);
        async_interrupt_leave_(task);
    }
}

async_clock_t *async_virtual_clock_init(async_virtual_clock_t *clock,
                                        async_time_t start)
{
    static const async_clock_ops_t ops = {.now = virtual_now,
                                          .sleep = virtual_sleep,
                                          .deadlock = async_deadlock,
                                          .look = virtual_look};
    *clock = (async_virtual_clock_t){.clock_ = {&ops}, .now_ = start};
    return &clock->clock_;
}

void async_virtual_clock_advance(async_virtual_clock_t *clock,
                                 async_ticks_t ticks)
{
    clock->now_ += ticks;
}

bool async_virtual_interrupt_cancel(async_virtual_clock_t *clock,
                                    async_virtual_interrupt_t *interrupt)
{
    async_virtual_interrupt_t **place = &clock->interrupts_;
    while (*place != NULL && *place != interrupt) {
        place = &(*place)->next_;
    }
    if (*place == NULL) {
        return false;
    }
    *place = interrupt->next_;
    return true;
}

void async_virtual_interrupt_at(async_virtual_clock_t *clock,
                                async_virtual_interrupt_t *interrupt,
                                async_time_t time, void (*handler)(void *),
                                void *context)
{
    async_virtual_interrupt_cancel(clock, interrupt);
    async_virtual_interrupt_t **place = &clock->interrupts_;
    while (*place != NULL && !async_time_before(time, (*place)->time_)) {
        place = &(*place)->next_;
    }
    *interrupt = (async_virtual_interrupt_t){.next_ = *place,
                                             .time_ = time,
                                             .handler_ = handler,
                                             .context_ = context};
    *place = interrupt;
}
