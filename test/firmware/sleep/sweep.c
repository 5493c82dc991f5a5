/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every instruction between "the task waits" and "asleep".
 *
 * A task arms a timer and waits for an event that its interrupt sets, again and
 * again; each time the interrupt comes one instruction earlier. At first it
 * finds the processor asleep, in the end it is there before the task waits. If
 * it needs the watchdog's interrupt to go on, a wake was lost.
 *
 * With SWEEP_OPEN=1 the loop's lock locks nothing, in as many instructions.
 * Then wakes must be lost, at every place of the stretch up to the sleep
 * instruction, and that is what shows that the sweep meets all of them.
 *
 * The clock is a tick clock that does not tick, or (SWEEP_COUNTER=1) a counter
 * clock whose counter stands still, and a task that waits for a deadline on it:
 * that stretch is longer.
 *
 * Wherever it cuts in, the handler must not be taken for the task.
 */
#include "board.h"
#include "machine.h"

#include <async/async.h>
#include <async/counter_clock.h>
#include <async/tick_clock.h>

#include <stdio.h>

#if defined(__AVR__)
#define IN_CYCLES 1
#else
#define IN_CYCLES 0
#endif

#ifndef SWEEP_OPEN
#define SWEEP_OPEN 0
#endif

#ifndef SWEEP_COUNTER
#define SWEEP_COUNTER 0
#endif

static async_event_t event;
static volatile bool is_lost;
static volatile bool is_taken_for_task;
static place_t places[MACHINE_REACH];
static uint8_t losses[MACHINE_REACH / 8];
static volatile place_t place_of_last;

void sweep_interrupt(place_t place)
{
    place_of_last = place;
    if (async_current_task() != NULL) {
        is_taken_for_task = true;
    }
    async_event_set(&event);
}

void sweep_watchdog(void)
{
    is_lost = true;
}

static void say(const char *text, unsigned n)
{
    char line[64];
    snprintf(line, sizeof line, "%s at step %u, at 0x%lx\n", text, n,
             (unsigned long)places[n]);
    board_print(line);
}

/* --- The sweep ------------------------------------------------------------ */

static bool was_lost(unsigned n)
{
    return (losses[n / 8] & (1u << n % 8)) != 0;
}

struct sweep {
    ASYNC_FRAME;
    unsigned n;
};

static void note(unsigned n)
{
    places[n] = place_of_last;
    if (is_lost) {
        losses[n / 8] = (uint8_t)(losses[n / 8] | 1u << n % 8);
    }
    is_lost = false;
}

ASYNC(sweep)
{
    ASYNC_BEGIN();
    for (; self->n < MACHINE_REACH; self->n++) {
        async_event_clear(&event);
        machine_arm(self->n);
        AWAIT(async_event_wait(&event));
        machine_disarm();
        note(self->n);
    }
    ASYNC_END();
}

/* --- What has been met ---------------------------------------------------- */

/* So many steps, from this one on, found the processor at the same place. It is
 * asleep in the first; where that is also the place where the lock opens,
 * interrupts that came with the lock held are among them. */
static unsigned steps_alike(unsigned from)
{
    unsigned n = from;
    while (n < MACHINE_REACH && places[n] == places[from]) {
        n++;
    }
    return n - from;
}

static unsigned count_losses(void)
{
    unsigned count = 0;
    for (unsigned n = 0; n < MACHINE_REACH; n++) {
        count += was_lost(n);
    }
    return count;
}

/* Steps from `from` on that were lost, at one place after the other: where the
 * machine counts instructions, no place comes twice. */
static unsigned losses_in_a_row(unsigned from)
{
    unsigned n = from;
    while (n < MACHINE_REACH && was_lost(n) &&
           (n == from || places[n] != places[n - 1] || IN_CYCLES)) {
        n++;
    }
    return n - from;
}

/* With an open lock the losses are the sleep instruction and what is before it,
 * in one piece; no interrupt that finds the processor asleep is lost. */
static bool is_whole_stretch(void)
{
    unsigned asleep = steps_alike(0);
    unsigned lost = losses_in_a_row(asleep);
    say("the last before the stretch", asleep + lost);
    say("the last of the stretch", asleep);
    return lost > 0 && lost == count_losses() &&
           machine_is_sleep(places[asleep]);
}

static int report(void)
{
    char line[64];
    unsigned asleep = steps_alike(0);
    unsigned lost = count_losses();
    bool sound = asleep < MACHINE_REACH && (!SWEEP_OPEN || is_whole_stretch());
    snprintf(line, sizeof line,
             "at the first place %u, at the second %u, lost %u\n", asleep,
             steps_alike(asleep), lost);
    board_print(line);
    if (!sound) {
        board_print("FAILED: the sweep has not met all places\n");
    }
    if (is_taken_for_task) {
        board_print("FAILED: a handler was taken for the task\n");
    }
    return !sound || is_taken_for_task ? 2 : lost == 0 ? 0 : 1;
}

/* --- The clock ------------------------------------------------------------ */

static uint32_t read_counter(void)
{
    return 12345;
}

static void set_alarm(uint32_t count)
{
    (void)count;
}

static async_clock_t *clock_of_sweep(void)
{
    static async_tick_clock_t ticks = ASYNC_TICK_CLOCK_INIT;
    static async_counter_clock_t counter =
        ASYNC_COUNTER_CLOCK_INIT(read_counter, set_alarm, 24, 32768);
    return SWEEP_COUNTER ? &counter.clock : &ticks.clock;
}

struct sleeper {
    ASYNC_FRAME;
};

ASYNC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(77));
    ASYNC_END();
}

int main(void)
{
    static async_loop_t loop;
    static struct sleeper sleeper;
    static struct sweep sweep;
    static async_task_t task;
    async_loop_init(&loop, clock_of_sweep());
    sleeper = ASYNC_CALL(sleeper);
    sweep = ASYNC_CALL(sweep);
    if (SWEEP_COUNTER) {
        async_spawn(&loop, &task, &sleeper.coro);
    }
    machine_start();
    int error = async_run(&loop, &sweep.coro);
    board_exit(error == 0 ? report() : 4);
}
