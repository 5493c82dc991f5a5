/* SPDX-License-Identifier: MIT */

/*
 * Tasks of libasync in one thread of an RTOS, here FreeRTOS on Cortex-M, with
 * the port of rtos_port.h. An interrupt handler and another thread bring them
 * work; a task calls the other thread.
 */
#include <async/async.h>
#include <async/port.h>

#include <stdio.h>

int adc_read(void); /* the board's */
void ADC_IRQHandler(void);

/* --- The clock ------------------------------------------------------------ */

_Static_assert(configTICK_RATE_HZ == ASYNC_TICKS_PER_SECOND &&
                   sizeof(TickType_t) == sizeof(async_time_t),
               "the kernel's ticks are the loop's");

TaskHandle_t async_thread;
static bool asleep; /* the thread waits, or is going to; under the lock */

static async_time_t rtos_now(async_clock_t *clock)
{
    (void)clock;
    return xTaskGetTickCount();
}

static TickType_t ticks_until(const async_time_t *deadline, bool polling)
{
    TickType_t ticks = portMAX_DELAY;
    if (deadline != NULL) {
        async_time_t now = xTaskGetTickCount();
        ticks = async_time_before(now, *deadline) ? *deadline - now : 0;
    }
    return polling && ticks > 1 ? 1 : ticks;
}

/* From where the lock opens, a wake gives a notification, which is kept until
 * it is taken. So it may come before the thread waits. */
static bool rtos_sleep(async_clock_t *clock, const async_time_t *deadline,
                       bool polling)
{
    (void)clock;
    asleep = true;
    async_port_unlock(ASYNC_PORT_OPEN);
    ulTaskNotifyTake(pdTRUE, ticks_until(deadline, polling));
    async_port_lock();
    asleep = false;
    return true;
}

/* Called by handlers and by threads, with the lock held. FromISR in both: the
 * other functions would open the lock. The switch comes when it opens. */
static void rtos_pend(async_clock_t *clock)
{
    BaseType_t more_urgent = pdFALSE;
    (void)clock;
    if (asleep) {
        asleep = false;
        vTaskNotifyGiveFromISR(async_thread, &more_urgent);
        portYIELD_FROM_ISR(more_urgent);
    }
}

static const async_clock_ops_t rtos_ops = {
    .now = rtos_now, .sleep = rtos_sleep, .pend = rtos_pend};
static async_clock_t rtos_clock = {&rtos_ops};

/* --- The tasks ------------------------------------------------------------ */

static async_loop_t loop;
static TaskHandle_t network_thread;
static ASYNC_QUEUE(int, 4) readings = ASYNC_QUEUE_INIT(readings);
static volatile int limit = 50;
static volatile unsigned dropped; /* readings, there was no room */

/* From handlers and threads, as all that does not wait. */
static void put_reading(int reading)
{
    if (async_queue_try_put(&readings, &reading) != ASYNC_OK) {
        dropped++;
    }
}

void ADC_IRQHandler(void)
{
    put_reading(adc_read());
}

struct guard {
    ASYNC_FRAME;
    int reading;
};

ASYNC(guard)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(&readings, &self->reading);
        printf("%3u ms: reading %d\n", (unsigned)async_now(), self->reading);
        if (self->reading > limit) {
            xTaskNotifyGive(network_thread); /* does not wait */
        }
    }
    ASYNC_END();
}

struct blink {
    ASYNC_FRAME;
};

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        printf("%3u ms: blink\n", (unsigned)async_now());
        AWAIT(async_sleep(ASYNC_MS(250)));
    }
    ASYNC_END();
}

/* --- The threads ---------------------------------------------------------- */

static void run_loop(void *unused)
{
    static async_task_t guard_task;
    static async_task_t blink_task;
    static struct guard guard = ASYNC_CALL_INIT(guard);
    static struct blink blink = ASYNC_CALL_INIT(blink);
    (void)unused;
    async_loop_init(&loop, &rtos_clock);
    async_spawn(&loop, &guard_task, &guard.coro);
    async_spawn(&loop, &blink_task, &blink.coro);
    async_run_forever(&loop);
}

/* Code that blocks its thread. */
static void run_network(void *unused)
{
    (void)unused;
    for (;;) {
        if (ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(150)) > 0) {
            limit += 25;
            printf("%3u ms: alarm, limit now %d\n",
                   (unsigned)xTaskGetTickCount(), limit);
        } else {
            put_reading(-1); /* of a sensor far away */
        }
    }
}

int main(void)
{
    static StaticTask_t threads[2];
    static StackType_t stacks[2][256];
    async_thread = xTaskCreateStatic(run_loop, "async", 256, NULL, 2, stacks[0],
                                     &threads[0]);
    network_thread = xTaskCreateStatic(run_network, "network", 256, NULL, 1,
                                       stacks[1], &threads[1]);
    vTaskStartScheduler();
    return 1;
}
