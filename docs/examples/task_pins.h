/* SPDX-License-Identifier: MIT */

/*
 * Hooks of a program's own, for ASYNC_HOOKS_HEADER: a pin is high while a task
 * runs. The library includes this file, so it declares what it calls, and the
 * program defines it (task_pins.c).
 */
#ifndef TASK_PINS_H
#define TASK_PINS_H

#include <stdbool.h>

struct async_task; /* async_task_t */
void task_pin(const struct async_task *task, bool high);

#define ASYNC_HOOK_RUN(task)          task_pin(task, true)
#define ASYNC_HOOK_PAUSE(task, again) ((void)(again), task_pin(task, false))
#define ASYNC_HOOK_END(task, root, error)                                      \
    ((void)(root), (void)(error), task_pin(task, false))

#endif
