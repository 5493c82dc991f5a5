/* SPDX-License-Identifier: MIT */

/*
 * Agreement with Python: each scenario is written twice, here for libasync and
 * in the file of the same name for CPython's asyncio. Both print what happens
 * and when; run.py compares.
 *
 *     #define MEMBERS struct worker a; async_task_t task
 *
 *     (A join with a task that is done goes on at once.)
 *     SCENE(join_of_done)
 *     {
 *         ASYNC_BEGIN();
 *         SPAWN(&self->task, self->a, worker, .name = "A", .ms = 5);
 *         AWAIT(async_sleep(10));
 *         AWAIT(async_join(&self->task));
 *         say("joined");
 *         ASYNC_END();
 *     }
 *
 * A tick is a millisecond of virtual time. Each scenario has the loop for
 * itself, and its frame begins as zeros.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <async/async.h>

#include <stdarg.h>
#include <stdio.h>

extern async_loop_t loop;
extern async_virtual_clock_t virtual_clock;

/* --- What a scenario does ------------------------------------------------- */

/** Print the time and the words. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Let time pass as work does: nothing else runs meanwhile. */
void work(async_ticks_t ms);

/** Errors of a program, called so in Python too. */
#define E1 (-1)
#define E2 (-2)
#define E3 (-3)

/** As Python prints it. */
const char *truth(bool value);

/** "E1", "cancelled", "timeout", ...; "no error". */
const char *error_name(int error);

/** What most tasks do: say "A begins", sleep, say "A ends" (or raise); in the
 *  cleanup say "A stops", and "A is clean" if that is to take time. */
struct worker {
    ASYNC_FRAME;
    int result; /* given */
    const char *name;
    async_ticks_t ms;
    int error; /* to be raised; 0: none */
    async_ticks_t cleanup;
    int returns;
};
ASYNC_DECLARE(worker);

/** Make a coroutine object in `slot` and run it: SPAWN(&task, slot, worker) */
#define SPAWN(task, slot, ...)                                                 \
    do {                                                                       \
        (slot) = ASYNC_CALL(__VA_ARGS__);                                      \
        async_spawn(&loop, task, &(slot).coro);                                \
    } while (0)

/* --- Register ------------------------------------------------------------- */

/** The coroutine of this name is a scenario, and its trace is Python's. */
#define SCENARIO(name) SCENARIO_(name, NULL)

/** Its trace differs on purpose. The reason stands in the Python file too, with
 *  both traces. */
#define SCENARIO_DIFFERS(name, reason) SCENARIO_(name, reason)

/** A scenario, of which the frame has MEMBERS, which the file defines. */
#define SCENE(name)                                                            \
    SCENE_FRAME_(name, MEMBERS);                                               \
    SCENARIO(name);                                                            \
    ASYNC_STATIC(name)

/** The same with further members. */
#define SCENE_WITH(name, ...)                                                  \
    SCENE_FRAME_(name, MEMBERS; __VA_ARGS__);                                  \
    SCENARIO(name);                                                            \
    ASYNC_STATIC(name)

/** The same for a scenario whose trace differs on purpose. */
#define SCENE_DIFFERS(name, reason, ...)                                       \
    SCENE_FRAME_(name, MEMBERS; __VA_ARGS__);                                  \
    SCENARIO_DIFFERS(name, reason);                                            \
    ASYNC_STATIC(name)

/** A coroutine that a scenario runs; its members. */
#define PART(name, ...)                                                        \
    SCENE_FRAME_(name, int result; __VA_ARGS__);                               \
    ASYNC_STATIC(name)

#define SCENE_FRAME_(name, ...)                                                \
    struct name {                                                              \
        ASYNC_FRAME;                                                           \
        __VA_ARGS__;                                                           \
    };                                                                         \
    static ASYNC_DECLARE(name)

struct scenario {
    struct scenario *next;
    const char *name;
    const char *differs;
    async_coro_t *(*create)(void);
};

void add_scenario(struct scenario *scenario);

#define SCENARIO_(scenario_name, reason)                                       \
    static async_coro_t *create_##scenario_name(void)                          \
    {                                                                          \
        static struct scenario_name frame;                                     \
        frame = ASYNC_CALL(scenario_name);                                     \
        return &frame.coro;                                                    \
    }                                                                          \
    __attribute__((constructor)) static void add_##scenario_name(void)         \
    {                                                                          \
        static struct scenario scenario = {NULL, #scenario_name, reason,       \
                                           create_##scenario_name};            \
        add_scenario(&scenario);                                               \
    }                                                                          \
    struct scenario

#endif
