/* SPDX-License-Identifier: MIT */

/*
 * Dump: every task of a loop, where it stands, and what it waits for.
 *
 * A suspended coroutine has no stack to look at. But its loop knows each task,
 * the chain of its awaits, the line where each coroutine stands, and the list
 * it waits in. A dump writes that as text:
 *
 *     loop 0x20000100: 1 ready, time 1234
 *     task 0x20000200 'blink': waiting, due in 50 ticks
 *       in 'blink' (main.c:20)
 *       sleeps
 *     task 0x20000280 'console': waiting
 *       in 'console' (shell.c:81)
 *         in the block at line 79, time up in 200 ticks
 *       in 'read_line' (uart.c:30)
 *       in the list at 0x20000120, 2nd of 3
 *
 * The address of a list is inside the object that is waited for: an event, a
 * lock, a queue. It is made to be called where something has gone wrong: in a
 * fault handler, in the early warning of a watchdog, in a signal handler of a
 * PC. It takes no lock, writes to nothing of the library, has no buffer, and
 * always ends. What is not linked costs nothing.
 *
 * What it survives, and what not:
 *  - Lists that are torn, closed to a ring, or cut into in the middle of a
 *    change: each link must point back before it is followed. The dump then
 *    says that a list is torn, and goes on with the rest.
 *  - A frame whose state is overwritten, if the new one is none that a
 *    coroutine can have: "its frame at 0x20000180 is overwritten", and its code
 *    is not called.
 *  - Not a pointer to where there is no memory, in what is overwritten; and not
 *    a frame whose pointer to its code is overwritten and whose state looks
 *    right: to learn a coroutine's name, its code is called, with a question.
 *    A task's address is written before. If a dump breaks off, its last line is
 *    about the task that is damaged.
 *
 * A dump made by a task or outside of tasks is exact, but for what interrupts
 * change meanwhile; under the interrupt lock (port.h), nothing does. One made
 * in a handler that has cut into the loop's own instructions may miss tasks:
 * those whose timer the loop was just starting or stopping, and those spawned
 * for the round that runs that have not had a step, if the running task has
 * just begun to wait. It may call one lost that was to run next. One that has
 * cut into a task's code, or into the sleep, is exact.
 */
#ifndef ASYNC_DUMP_H
#define ASYNC_DUMP_H

#include "async/loop.h"
#include "async/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Dump ---------------------------------------------------------------- */

/**
 * Write a line about the loop, and a block of lines for each task that is not
 * done, or is done with an error that nobody has taken.
 *
 *  write    what takes the text (text.h); a slow one makes the dump slow
 *  context  what it is called with
 *
 * Context: any that may read the loop's clock, fault and signal handlers
 * included; on a PC, of the loop's thread. Cost: about 250 bytes of stack on a
 * Cortex-M, 350 on RV32, and those of a body that is asked for its name and of
 * `write`; for each task that waits in a list or joins, O(tasks * (waiters in
 * its list + await chain)).
 */
void async_dump(const async_loop_t *loop, async_write_t *write, void *context);

/* --- Ask ----------------------------------------------------------------- */

/**
 * The task after `previous` (NULL: the first) of all tasks of a loop that are
 * not done, those that have not had a step yet included; NULL at the end. It is
 * asyncio.all_tasks().
 *
 *     async_task_t *task = NULL;
 *     while ((task = async_all_tasks(&loop, task)) != NULL) {
 *         ...
 *     }
 *
 * What the body spawns comes too. It may cancel `task`; some then come more
 * than once, of n tasks whose timers run up to n * n / 2 in all. It must not
 * wait.
 *
 * Context: the loop's thread; in a handler, with the gaps described above.
 * Cost: O(1) amortised, but for a task that has not had a step O(ready tasks).
 */
async_task_t *async_all_tasks(const async_loop_t *loop,
                              const async_task_t *previous);

/** What a task is doing. */
typedef enum async_task_state {
    ASYNC_TASK_UNUSED,  /* was never spawned */
    ASYNC_TASK_NEW,     /* spawned; has not had a step */
    ASYNC_TASK_READY,   /* has a step to come */
    ASYNC_TASK_RUNNING, /* this is its step, or a handler has cut into it */
    ASYNC_TASK_WAITING, /* for what its innermost coroutine awaits */
    ASYNC_TASK_LOST,    /* suspended without a waker: nothing can wake it */
    ASYNC_TASK_DONE     /* ended */
} async_task_state_t;

/**
 * What the task is doing now.
 *
 * Context: as async_all_tasks. Cost: O(ready tasks).
 */
async_task_state_t async_task_state(const async_task_t *task);

#ifdef __cplusplus
}
#endif

#endif
