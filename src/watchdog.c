/* SPDX-License-Identifier: MIT */

/*
 * Watchdog: a list of pulses, looked at one by one.
 *
 * A beat is a flag, which a check turns into a time. So it costs one store in
 * any context, and needs no clock; and that a pulse is late is remembered, so
 * that it does not seem well again when the clock has come round.
 *
 * The lock opens between two pulses. An interrupt that takes one out meanwhile
 * counts that as a change, and the walk begins again: to look twice at the same
 * time changes nothing. One that is added comes at the end, where the walk
 * meets it.
 */
#include "async/watchdog.h"

#include "core.h"

static async_pulse_t *pulse_of_link(async_link_t_ *link)
{
    return (async_pulse_t *)(void *)((char *)link -
                                     offsetof(async_pulse_t, link_));
}

static bool is_watched(const async_pulse_t *pulse)
{
    return pulse->link_.prev_ != NULL;
}

/* --- Watch (interrupts locked) -------------------------------------------- */

static void take_out(async_pulse_t *pulse)
{
    if (is_watched(pulse)) {
        list_remove(&pulse->link_);
        pulse->watchdog_->changes_++;
    }
}

/* The next one, or (NULL) the first; NULL at the end. */
static async_pulse_t *next_of(const async_watchdog_t *watchdog,
                              const async_pulse_t *pulse)
{
    async_link_t_ *next =
        pulse == NULL ? watchdog->pulses_.next_ : pulse->link_.next_;
    return next == NULL || next == &watchdog->pulses_ ? NULL
                                                      : pulse_of_link(next);
}

/* The same, where the lock opens first; the first, if the list has changed
 * then. */
static async_pulse_t *next_later(const async_watchdog_t *watchdog,
                                 const async_pulse_t *pulse,
                                 async_port_state_t *state)
{
    uint8_t changes = watchdog->changes_;
    async_port_unlock(*state);
    *state = async_port_lock();
    return next_of(watchdog, watchdog->changes_ == changes ? pulse : NULL);
}

/* --- Watch ---------------------------------------------------------------- */

/* What is beyond the range is reported. */
static async_ticks_t limit_of(async_ticks_t limit)
{
    return async_is_too_long_(limit) ? 0 : limit;
}

void async_watchdog_add(async_watchdog_t *watchdog, async_pulse_t *pulse,
                        const async_task_t *task, async_ticks_t limit)
{
    limit = limit_of(limit);
    async_port_state_t state = async_port_lock();
    take_out(pulse);
    pulse->watchdog_ = watchdog;
    pulse->task_ = task;
    pulse->limit_ = limit;
    pulse->beat_ = true;
    pulse->late_ = false;
    list_append(&watchdog->pulses_, &pulse->link_);
    async_port_unlock(state);
}

void async_pulse_reschedule(async_pulse_t *pulse, async_ticks_t limit)
{
    limit = limit_of(limit);
    async_port_state_t state = async_port_lock();
    pulse->limit_ = limit;
    pulse->beat_ = true;
    async_port_unlock(state);
}

void async_watchdog_remove(async_pulse_t *pulse)
{
    async_port_state_t state = async_port_lock();
    take_out(pulse);
    async_port_unlock(state);
}

/* --- The block ------------------------------------------------------------ */

static async_coro_t *leave_pulse(async_coro_t *scope, async_coro_t *coro,
                                 int *error)
{
    (void)coro;
    if (*error <= ASYNC_ABANDONED_) {
        async_watchdog_remove((async_pulse_t *)(void *)scope);
    }
    return ASYNC_READY_;
}

void async_pulse_enter_(async_pulse_t *pulse, async_coro_t *coro, unsigned line,
                        async_watchdog_t *watchdog, async_ticks_t limit)
{
    async_scope_enter_(&pulse->scope_, coro, line, leave_pulse);
    async_watchdog_add(watchdog, pulse, async_here_.task_, limit);
}

void async_pulse_leave_(async_pulse_t *pulse, async_coro_t *coro)
{
    async_scope_leave_(&pulse->scope_, coro);
    async_watchdog_remove(pulse);
}

/* --- Check ---------------------------------------------------------------- */

/* A check that an interrupt has cut into has an older time than the one before
 * it; that makes nobody late. */
static void look_at(async_pulse_t *pulse, async_time_t now)
{
    if (pulse->beat_) {
        pulse->beat_ = false;
        pulse->late_ = false;
        pulse->seen_ = now;
    } else if (pulse->limit_ != ASYNC_FOREVER &&
               async_time_before((async_time_t)(pulse->seen_ + pulse->limit_),
                                 now)) {
        pulse->late_ = true;
    }
}

const async_pulse_t *async_watchdog_check(async_watchdog_t *watchdog,
                                          async_time_t now)
{
    async_port_state_t state = async_port_lock();
    async_pulse_t *pulse = next_of(watchdog, NULL);
    while (pulse != NULL) {
        look_at(pulse, now);
        pulse = next_later(watchdog, pulse, &state);
    }
    async_port_unlock(state);
    return async_watchdog_late(watchdog, NULL);
}

const async_pulse_t *async_watchdog_late(const async_watchdog_t *watchdog,
                                         const async_pulse_t *pulse)
{
    async_port_state_t state = async_port_lock();
    if (pulse != NULL && (!is_watched(pulse) || pulse->watchdog_ != watchdog)) {
        pulse = NULL;
    }
    const async_pulse_t *next = next_of(watchdog, pulse);
    while (next != NULL && !next->late_) {
        next = next_later(watchdog, next, &state);
    }
    async_port_unlock(state);
    return next;
}

/* --- Feed ----------------------------------------------------------------- */

static void feed(const struct async_watchdog_run *run)
{
    const async_pulse_t *late =
        async_watchdog_check(run->watchdog, async_now());
    if (late == NULL) {
        run->feed();
    } else if (run->late != NULL) {
        run->late(late);
    }
}

/* False, with a report, if something is missing. */
static bool is_right(const struct async_watchdog_run *run)
{
    if (MISUSE(run->watchdog == NULL || run->feed == NULL)) {
        async_report_running_(ASYNC_REPORT_NO_INIT);
        return false;
    }
    if (MISUSE(run->period == 0 || run->period > ASYNC_TICKS_MAX)) {
        async_report_running_(ASYNC_REPORT_TOO_LONG);
        return false;
    }
    return true;
}

ASYNC(async_watchdog_run)
{
    ASYNC_BEGIN();
    if (!is_right(self)) {
        ASYNC_RAISE(ASYNC_ERR_MISUSE);
    }
    for (;;) {
        AWAIT(async_sleep(self->period));
        feed(self);
    }
    ASYNC_END();
}
