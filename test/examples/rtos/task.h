/* SPDX-License-Identifier: MIT */

/*
 * The stand-in's task.h: see FreeRTOS.h beside it.
 */
#ifndef TASK_H
#define TASK_H

#include "FreeRTOS.h"

#include <pthread.h>

typedef void (*TaskFunction_t)(void *);

typedef struct stand_in_thread {
    TaskFunction_t function;
    void *parameter;
    UBaseType_t priority;
    uint32_t notifications;
    bool ready;
    bool takes; /* waits for a notification */
    bool timed; /* waits until `due` */
    TickType_t due;
    pthread_t pthread;
    pthread_cond_t turn;
    struct stand_in_thread *next; /* of all */
} StaticTask_t;

typedef StaticTask_t *TaskHandle_t;

TaskHandle_t xTaskCreateStatic(TaskFunction_t function, const char *name,
                               uint32_t depth, void *parameter,
                               UBaseType_t priority, StackType_t *stack,
                               StaticTask_t *thread);
void vTaskStartScheduler(void);
TaskHandle_t xTaskGetCurrentTaskHandle(void);
TickType_t xTaskGetTickCount(void);
void vTaskDelay(TickType_t ticks);
BaseType_t xTaskNotifyGive(TaskHandle_t thread);
void vTaskNotifyGiveFromISR(TaskHandle_t thread, BaseType_t *more_urgent);
uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks);
UBaseType_t taskENTER_CRITICAL_FROM_ISR(void);
void taskEXIT_CRITICAL_FROM_ISR(UBaseType_t state);

#endif
