/* SPDX-License-Identifier: MIT */

/*
 * The task below a handler.
 */
#include "core.h"

const async_task_t *async_interrupted_task(void)
{
    const async_task_t *task = async_here_.task_;
    return task != NULL ? task : async_port_interrupted_();
}
