/* SPDX-License-Identifier: MIT */

/*
 * Counter clock: what has passed since the counter was last read is added up in
 * fractions of a tick, so that any ratio is exact.
 *
 * Interrupts are locked only to read the counter together with the last moment,
 * and to write the new moment; the divisions between the two are slow where
 * they are software. An interrupt that asks for the time in between leaves a
 * later moment, which is then kept.
 */
#include "async/counter_clock.h"

#include "async/port.h"

static async_counter_clock_t *clock_of(async_clock_t *clock)
{
    return (async_counter_clock_t *)(void *)clock;
}

/* With interrupts locked. Of an assignment, gcc -Os makes a call of memcpy for
 * RISC-V. */
static void copy(struct async_moment_ *to, const struct async_moment_ *from)
{
    to->count = from->count;
    to->rest = from->rest;
    to->time = from->time;
}

static uint32_t counts_since_last(const async_counter_clock_t *clock)
{
    return (clock->read_() - clock->last_.count) & clock->largest_;
}

/* How many units are in an amount; it keeps the rest. Where division is
 * software, most calls need none. */
static uint32_t take_whole(uint32_t *amount, uint32_t unit)
{
    uint32_t whole = *amount;
    if (unit == 1) {
        *amount = 0;
        return whole;
    }
    if (whole < unit) {
        return 0;
    }
    whole /= unit;
    *amount -= whole * unit;
    return whole;
}

/* Whole multiples of counts_ first, so that no product is too large:
 * (counts_ - 1) * (ticks_ + 1) is less than 2^32. */
static void add_counts(const async_counter_clock_t *clock,
                       struct async_moment_ *moment, uint32_t passed)
{
    async_time_t whole = (async_time_t)take_whole(&passed, clock->counts_);
    moment->rest += passed * clock->ticks_;
    uint32_t more = take_whole(&moment->rest, clock->counts_);
    moment->time = (async_time_t)(moment->time + whole * clock->ticks_ + more);
}

async_time_t async_counter_clock_now(async_clock_t *base)
{
    async_counter_clock_t *clock = clock_of(base);
    async_port_state_t state = async_port_lock();
    struct async_moment_ moment;
    copy(&moment, &clock->last_);
    uint32_t count = clock->read_();
    async_port_unlock(state);
    uint32_t before = moment.count;
    add_counts(clock, &moment, (count - before) & clock->largest_);
    moment.count = count;
    state = async_port_lock();
    if (clock->last_.count == before) {
        copy(&clock->last_, &moment);
    }
    async_port_unlock(state);
    return moment.time;
}

/* A loop without timers would not ask for the time, and periods would be lost.
 * That is rare, so most looks are short. */
void async_counter_clock_look(async_clock_t *base)
{
    async_counter_clock_t *clock = clock_of(base);
    async_port_state_t state = async_port_lock();
    uint32_t passed = counts_since_last(clock);
    async_port_unlock(state);
    if (passed > clock->largest_ / 4) {
        async_counter_clock_now(base);
    }
}

/* The same of ticks, which may be more than 32 bits hold if they have 64. */
static async_time_t take_rounds(async_time_t *ticks, uint32_t unit)
{
    async_time_t rounds;
    if ((uint32_t)*ticks == *ticks) {
        uint32_t left = (uint32_t)*ticks;
        rounds = (async_time_t)take_whole(&left, unit);
        *ticks = (async_time_t)left;
    } else {
        rounds = (async_time_t)(*ticks / unit);
        *ticks = (async_time_t)(*ticks % unit);
    }
    return rounds;
}

/*
 * Counts from the last moment to the deadline, at most half of the period. The
 * clock shows the deadline as soon as rest + counts * ticks_ has come to
 * ticks * counts_; here without large products, and with one tick set aside, so
 * that no difference is negative.
 */
static uint32_t counts_to(const async_counter_clock_t *clock,
                          async_time_t deadline)
{
    const uint32_t most = clock->largest_ / 2 + 1;
    async_time_t ticks = (async_time_t)(deadline - clock->last_.time - 1);
    async_time_t rounds = take_rounds(&ticks, clock->ticks_);
    if (rounds > clock->longest_) {
        return most;
    }
    uint32_t last = ((uint32_t)ticks + 1) * clock->counts_ - clock->last_.rest;
    last += clock->ticks_ - 1;
    uint32_t counts =
        (uint32_t)rounds * clock->counts_ + take_whole(&last, clock->ticks_);
    return counts < most ? counts : most;
}

/* The alarm is set first and the counter read after: what is due by then is not
 * waited for. */
static void sleep_for(async_counter_clock_t *clock, uint32_t counts)
{
    clock->alarm_((clock->last_.count + counts) & clock->largest_);
    if (counts_since_last(clock) < counts) {
        async_port_sleep();
    }
}

/* The last moment is not long ago: the round before has looked. */
bool async_counter_clock_sleep(async_clock_t *base,
                               const async_time_t *deadline, bool polling)
{
    async_counter_clock_t *clock = clock_of(base);
    if (polling) {
        return true;
    }
    if (deadline == NULL) {
        sleep_for(clock, clock->largest_ / 2 + 1);
    } else if (async_time_before(clock->last_.time, *deadline)) {
        sleep_for(clock, counts_to(clock, *deadline));
    }
    return true;
}

const async_clock_ops_t async_counter_clock_ops_ = {
    .now = async_counter_clock_now,
    .sleep = async_counter_clock_sleep,
    .look = async_counter_clock_look};
