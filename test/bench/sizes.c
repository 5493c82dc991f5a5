/* SPDX-License-Identifier: MIT */

/*
 * One object per type: its size in the symbol table is the size of the type,
 * on any machine, without running there. See sizes.sh.
 */
#include <async/async.h>

struct empty {
    ASYNC_FRAME;
};

struct task_and_root_frame {
    async_task_t task;
    struct empty frame;
};

#define SIZE_OF(name, ...) char size_of_##name[sizeof(__VA_ARGS__)]

SIZE_OF(task, async_task_t);
SIZE_OF(frame, struct empty);
SIZE_OF(task_and_root_frame, struct task_and_root_frame);
SIZE_OF(event, async_event_t);
SIZE_OF(ticker, async_ticker_t);
SIZE_OF(timeout, async_timeout_t);
SIZE_OF(try, async_try_t);
SIZE_OF(loop, async_loop_t);
