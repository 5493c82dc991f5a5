/* SPDX-License-Identifier: MIT */

/*
 * Counter clock: what has passed since the counter was last read is added up in
 * fractions of a tick, so that any ratio is exact.
 */
#include "async/counter_clock.h"

#include "async/port.h"

static async_counter_clock_t *clock_of(async_clock_t *clock)
{
    return (async_counter_clock_t *)(void *)clock;
}

/* A division only where a tick has passed: it is slow where it is software. */
static async_time_t counter_clock_now(async_clock_t *base)
{
    async_counter_clock_t *clock = clock_of(base);
    async_port_state_t state = async_port_lock();
    uint32_t count = clock->read_();
    uint32_t passed = (count - clock->last_) & clock->largest_;
    uint32_t rest = clock->rest_ + passed * clock->ticks_;
    clock->last_ = count;
    if (rest >= clock->counts_) {
        clock->now_ = (async_time_t)(clock->now_ + rest / clock->counts_);
        rest %= clock->counts_;
    }
    clock->rest_ = rest;
    async_time_t now = clock->now_;
    async_port_unlock(state);
    return now;
}

/* Counts from `last_` to the deadline, at most half of the period. */
static uint32_t counts_to(const async_counter_clock_t *clock,
                          const async_time_t *deadline)
{
    uint32_t most = clock->largest_ / 2;
    if (deadline == NULL) {
        return most;
    }
    async_time_t ticks = (async_time_t)(*deadline - clock->now_);
    if (ticks > most * clock->ticks_ / clock->counts_) {
        return most;
    }
    uint32_t needed =
        ((uint32_t)ticks * clock->counts_ - clock->rest_ + clock->ticks_ - 1) /
        clock->ticks_;
    return needed;
}

/* The alarm is set first and the counter read again after: what is due by then
 * is not waited for. */
static bool counter_clock_sleep(async_clock_t *base,
                                const async_time_t *deadline, bool polling)
{
    async_counter_clock_t *clock = clock_of(base);
    if (polling) {
        return true;
    }
    async_time_t now = counter_clock_now(base);
    if (deadline != NULL && !async_time_before(now, *deadline)) {
        return true;
    }
    uint32_t counts = counts_to(clock, deadline);
    clock->alarm_((clock->last_ + counts) & clock->largest_);
    if (((clock->read_() - clock->last_) & clock->largest_) < counts) {
        async_port_sleep();
    }
    return true;
}

const async_clock_ops_t async_counter_clock_ops_ = {
    .now = counter_clock_now, .sleep = counter_clock_sleep};
