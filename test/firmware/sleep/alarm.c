/* SPDX-License-Identifier: MIT */

/*
 * The counter passes the deadline at every instruction of a sleep.
 *
 * A counter clock sets its alarm against a counter that runs. If that passes
 * the deadline before the alarm is set, a compare register misses it, and the
 * processor would sleep on: so the clock looks at the counter once more. Here a
 * task waits for one deadline again and again, each time one instruction nearer
 * to it: at first the alarm comes in time, in the end the deadline has passed
 * before the task waits, and in between the alarm is missed. If it needs the
 * watchdog's interrupt to go on, it was lost.
 */
#include "alarm.h"
#include "board.h"

#include <async/async.h>
#include <async/counter_clock.h>

#include <stdio.h>

/* More than from the start to the sleep. Two ticks are an odd number of counts,
 * so the clock has to divide. */
#if defined(__AVR__)
#define REACH 12000u
#else
#define REACH 3000u
#endif
#define COUNTS_OF_TWO_TICKS (2ul * (REACH / MACHINE_STEPS_OF_COUNT) + 1)

static struct {
    unsigned in_time; /* the alarm was set, and has come */
    unsigned missed;  /* it was set too late */
    unsigned past;    /* the deadline had passed already */
    unsigned lost;
} found;

static bool is_set;
static volatile bool has_come;
static volatile bool is_lost;

void sweep_alarm(void)
{
    has_come = true;
}

void sweep_watchdog(void)
{
    is_lost = true;
}

static void set_alarm(uint32_t count)
{
    is_set = true;
    machine_alarm(count);
}

struct sleeper {
    ASYNC_FRAME;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep_until(1));
    ASYNC_END();
}

/* --- The sweep ------------------------------------------------------------ */

/* The first tick is over at the same count each time. */
static int sleep_once(unsigned n)
{
    static async_loop_t loop;
    async_counter_clock_t clock = ASYNC_COUNTER_CLOCK_INIT(
        machine_read, set_alarm, MACHINE_BITS,
        ASYNC_TICKS_PER_SECOND / 2 * COUNTS_OF_TWO_TICKS);
    async_loop_init(&loop, &clock.clock);
    ASYNC_OBJECT(sleeper, sleeper);
    is_set = has_come = is_lost = false;
    machine_start(n);
    int error = async_run(&loop, &sleeper.coro);
    machine_stop();
    return error;
}

static void note(void)
{
    if (is_lost) {
        found.lost++;
    }
    if (!is_set) {
        found.past++;
    } else if (is_lost || !has_come) {
        found.missed++;
    } else {
        found.in_time++;
    }
}

/* False if it has not met all that there is. */
static bool sweep(void)
{
    for (unsigned n = 0; n < REACH; n++) {
        if (sleep_once(n) != 0) {
            return false;
        }
        note();
    }
    return found.in_time > 0 && found.missed > 0 && found.past > 0;
}

int main(void)
{
    char line[64];
    bool is_whole = sweep();
    snprintf(line, sizeof line, "in time %u, missed %u, past %u, lost %u\n",
             found.in_time, found.missed, found.past, found.lost);
    board_print(line);
    if (!is_whole) {
        board_print("FAILED: the sweep has not met all places\n");
    }
    board_exit(!is_whole ? 2 : found.lost == 0 ? 0 : 1);
}
