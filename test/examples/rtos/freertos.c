/* SPDX-License-Identifier: MIT */

/*
 * The stand-in for FreeRTOS. The thread that runs holds the mutex; it hands the
 * processor on by signalling the next one, and waits until it has its turn.
 */
#include "task.h"

#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t core = PTHREAD_MUTEX_INITIALIZER;
static TaskHandle_t threads;
static TaskHandle_t running;
static TickType_t tick_count;
static bool locked;
static bool inside; /* of a handler */
static const struct board_interrupt *next_interrupt = board_interrupts;

void (*board_open)(void);
void (*board_idle)(void);

static void refuse(const char *what)
{
    fprintf(stderr, "%s\n", what);
    _Exit(1);
}

/* --- Time ----------------------------------------------------------------- */

static bool is_due(const struct stand_in_thread *thread)
{
    return thread->timed && (int32_t)(tick_count - thread->due) >= 0;
}

static void make_ready(TaskHandle_t thread)
{
    thread->ready = true;
    thread->takes = thread->timed = false;
}

static void tick(void)
{
    tick_count++;
    for (TaskHandle_t each = threads; each != NULL; each = each->next) {
        if (is_due(each)) {
            make_ready(each);
        }
    }
    while (next_interrupt->at == tick_count) {
        if (next_interrupt->handler == NULL) {
            exit(0);
        }
        board_interrupt((next_interrupt++)->handler);
    }
}

/* --- The scheduler -------------------------------------------------------- */

/* The most urgent that is ready; of equals, the running one. */
static TaskHandle_t most_urgent(void)
{
    TaskHandle_t best = running->ready ? running : NULL;
    for (TaskHandle_t each = threads; each != NULL; each = each->next) {
        if (each->ready && (best == NULL || each->priority > best->priority)) {
            best = each;
        }
    }
    return best;
}

static void wait_for_turn(TaskHandle_t thread)
{
    while (running != thread) {
        pthread_cond_wait(&thread->turn, &core);
    }
}

/* Run whoever is to run; returns when that is the caller's thread. */
static void schedule(void)
{
    TaskHandle_t self = running;
    TaskHandle_t next;
    while ((next = most_urgent()) == NULL) {
        if (board_idle != NULL) {
            board_idle();
        }
        tick();
    }
    if (next != self) {
        running = next;
        pthread_cond_signal(&next->turn);
        wait_for_turn(self);
    }
}

/* A place where the processor lets interrupts in. */
static void open(void)
{
    if (!locked && !inside && running != NULL) {
        if (board_open != NULL) {
            board_open();
        }
        schedule();
    }
}

/* A call that is not for handlers, nor for those who hold the lock. */
static void call(const char *name)
{
    if (locked || inside) {
        fprintf(stderr, "%s: ", name);
        refuse(locked ? "called with the lock held" : "called in a handler");
    }
    open();
}

static void wait_until(TickType_t ticks)
{
    running->ready = false;
    running->timed = ticks != portMAX_DELAY;
    running->due = tick_count + ticks;
    schedule();
}

/* --- Interrupts ----------------------------------------------------------- */

void board_interrupt(void (*handler)(void))
{
    inside = true;
    handler();
    inside = false;
    if (locked) {
        refuse("a handler has left the lock closed");
    }
}

void board_busy(TickType_t ticks)
{
    for (; ticks > 0; ticks--) {
        tick();
    }
}

BaseType_t xPortIsInsideInterrupt(void)
{
    return inside ? pdTRUE : pdFALSE;
}

/* The switch comes at the next place, as PendSV does. */
void portYIELD_FROM_ISR(BaseType_t more_urgent)
{
    (void)more_urgent;
}

UBaseType_t taskENTER_CRITICAL_FROM_ISR(void)
{
    open();
    UBaseType_t state = locked;
    locked = true;
    return state;
}

void taskEXIT_CRITICAL_FROM_ISR(UBaseType_t state)
{
    locked = state != 0;
    open();
}

/* --- Threads -------------------------------------------------------------- */

static void *start(void *argument)
{
    TaskHandle_t thread = argument;
    pthread_mutex_lock(&core);
    wait_for_turn(thread);
    thread->function(thread->parameter);
    refuse("a thread has returned");
    return NULL;
}

TaskHandle_t xTaskCreateStatic(TaskFunction_t function, const char *name,
                               uint32_t depth, void *parameter,
                               UBaseType_t priority, StackType_t *stack,
                               StaticTask_t *thread)
{
    (void)name;
    (void)depth;
    (void)stack;
    *thread = (StaticTask_t){.function = function,
                             .parameter = parameter,
                             .priority = priority,
                             .ready = true,
                             .next = threads};
    pthread_cond_init(&thread->turn, NULL);
    threads = thread;
    return thread;
}

void vTaskStartScheduler(void)
{
    static StaticTask_t none;
    pthread_mutex_lock(&core);
    for (TaskHandle_t each = threads; each != NULL; each = each->next) {
        pthread_create(&each->pthread, NULL, start, each);
    }
    pthread_cond_init(&none.turn, NULL);
    running = &none;
    schedule();
}

TaskHandle_t xTaskGetCurrentTaskHandle(void)
{
    return running;
}

TickType_t xTaskGetTickCount(void)
{
    return tick_count;
}

void vTaskDelay(TickType_t ticks)
{
    call("vTaskDelay");
    if (ticks > 0) {
        wait_until(ticks);
    }
}

static void give(TaskHandle_t thread)
{
    thread->notifications++;
    if (thread->takes) {
        make_ready(thread);
    }
}

BaseType_t xTaskNotifyGive(TaskHandle_t thread)
{
    call("xTaskNotifyGive");
    give(thread);
    open();
    return pdTRUE;
}

void vTaskNotifyGiveFromISR(TaskHandle_t thread, BaseType_t *more_urgent)
{
    give(thread);
    *more_urgent = most_urgent() == running ? pdFALSE : pdTRUE;
}

uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks)
{
    call("ulTaskNotifyTake");
    if (running->notifications == 0 && ticks > 0) {
        running->takes = true;
        wait_until(ticks);
    }
    uint32_t taken = running->notifications;
    if (taken > 0) {
        running->notifications = clear ? 0 : taken - 1;
    }
    open();
    return taken;
}
