/* SPDX-License-Identifier: MIT */

/*
 * A driver and its tests on a PC, under virtual time.
 */
#include <async/async.h>

#include <assert.h>
#include <stdio.h>

/* --- The driver: one reading of a humidity sensor ------------------------- */

static async_event_t data_ready; /* set by the sensor's interrupt */

/* What the driver asks of the hardware. */
static void sensor_power(bool on);
static void sensor_start(void);
static int sensor_data(void);

struct read_humidity {
    ASYNC_FRAME;
    int result; /* percent */
};

ASYNC(read_humidity)
{
    ASYNC_BEGIN();
    sensor_power(true);
    AWAIT(async_sleep(ASYNC_MS(5))); /* settling time */
    async_event_clear(&data_ready);
    sensor_start();
    AWAIT(async_wait_for(async_event_wait(&data_ready), ASYNC_MS(20)));
    ASYNC_RETURN(sensor_data());
    ASYNC_FINALLY();
    sensor_power(false);
    ASYNC_END();
}

/* --- The simulated hardware ----------------------------------------------- */

static async_virtual_clock_t clock;
static async_loop_t loop;
static async_virtual_interrupt_t interrupt;
static bool powered;
static int data;

/* The sensor answers this long after its start; ASYNC_FOREVER: never. */
static async_ticks_t conversion_time;

static void data_ready_interrupt(void *context)
{
    data = *(const int *)context;
    async_event_set(&data_ready);
}

static void sensor_power(bool on)
{
    powered = on;
    if (!on) {
        async_virtual_interrupt_cancel(&clock, &interrupt);
    }
}

static void sensor_start(void)
{
    static int humidity = 47;
    if (conversion_time != ASYNC_FOREVER) {
        async_virtual_interrupt_at(&clock, &interrupt,
                                   async_now() + conversion_time,
                                   data_ready_interrupt, &humidity);
    }
}

static int sensor_data(void)
{
    return data;
}

/* A few ticks before the wrap, so that every test crosses it. */
#define START ((async_time_t)-3)

static void set_up(async_ticks_t conversion)
{
    conversion_time = conversion;
    powered = false;
    data = 0;
    data_ready = (async_event_t){0};
    async_loop_init(&loop, async_virtual_clock_init(&clock, START));
}

static async_ticks_t elapsed(void)
{
    return async_loop_now(&loop) - START;
}

/* --- A report handler that counts ----------------------------------------- */

static int deadlocks;

void async_on_report(const async_report_t *report)
{
    async_report_print(report, stdout);
    assert(report->kind == ASYNC_REPORT_DEADLOCK);
    deadlocks++;
}

/* --- The tests ------------------------------------------------------------ */

static void a_reading_takes_settling_and_conversion_time(void)
{
    set_up(ASYNC_MS(12));
    ASYNC_OBJECT(read_humidity, reading);
    assert(async_run(&loop, &reading.coro) == 0);
    assert(reading.result == 47);
    assert(elapsed() == ASYNC_MS(5 + 12));
    assert(!powered);
}

static void a_silent_sensor_times_out_and_is_switched_off(void)
{
    set_up(ASYNC_FOREVER);
    ASYNC_OBJECT(read_humidity, reading);
    assert(async_run(&loop, &reading.coro) == ASYNC_ERR_TIMEOUT);
    assert(elapsed() == ASYNC_MS(5 + 20));
    assert(!powered);
}

struct canceller {
    ASYNC_FRAME;
    int error;
    async_task_t task;
    struct read_humidity reading;
};

ASYNC(canceller)
{
    ASYNC_BEGIN();
    self->reading = ASYNC_CALL(read_humidity);
    async_spawn(async_current_loop(), &self->task, &self->reading.coro);
    AWAIT(async_sleep(ASYNC_MS(10)));
    assert(powered);
    assert(async_cancel(&self->task));
    AWAIT_CATCH(self->error, async_join(&self->task));
    ASYNC_END();
}

static void a_cancelled_reading_switches_the_sensor_off(void)
{
    set_up(ASYNC_MS(12));
    ASYNC_OBJECT(canceller, canceller);
    assert(async_run(&loop, &canceller.coro) == 0);
    assert(canceller.error == ASYNC_ERR_CANCELLED);
    assert(elapsed() == ASYNC_MS(10));
    assert(!powered);
}

/* The mistake that this test shows: no limit on the wait. */
struct read_carelessly {
    ASYNC_FRAME;
};

ASYNC(read_carelessly)
{
    ASYNC_BEGIN();
    sensor_start();
    AWAIT(async_event_wait(&data_ready));
    ASYNC_END();
}

static void a_wait_that_nothing_ends_is_a_deadlock(void)
{
    set_up(ASYNC_FOREVER);
    ASYNC_OBJECT(read_carelessly, reading);
    assert(async_run(&loop, &reading.coro) == ASYNC_ERR_DEADLOCK);
    assert(deadlocks == 1);
}

int main(void)
{
    a_reading_takes_settling_and_conversion_time();
    a_silent_sensor_times_out_and_is_switched_off();
    a_cancelled_reading_switches_the_sensor_off();
    a_wait_that_nothing_ends_is_a_deadlock();
    puts("4 tests passed");
    return 0;
}
