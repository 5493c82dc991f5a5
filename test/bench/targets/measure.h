/* SPDX-License-Identifier: MIT */

/*
 * Sections of a firmware that the tracer (targets.py in QEMU, trace_avr.c in
 * simavr) measures from outside: how much ran, the longest time with
 * interrupts locked, and the stack.
 *
 * A section is what runs between mark_begin() and mark_end(), whose addresses
 * the tracer knows. Its name goes out before, so that nothing else is between.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <async/async.h>

#ifdef __AVR__
#define MANY 30 /* what fits into 8 KB of RAM */
#else
#define MANY 100
#endif

/* A task object of every section, and a frame for each task. */
extern async_loop_t loop;
extern async_task_t tasks[MANY];

/* The time of the loop's clock; its sleep() goes on to the deadline. */
extern async_time_t now;
extern unsigned sleeps_left; /* then sleep() stops the loop */

void measure_masking(void);
void measure_costs(void);

/* Whether only a yield and a wake are measured. */
#ifndef COSTS_IN_BRIEF
#define COSTS_IN_BRIEF 0
#endif

/* --- What the tracer looks for -------------------------------------------- */

void mark_begin(void);
void mark_end(void);
void mark_asleep(void); /* what comes is the clock's, not the library's */
void mark_awake(void);

/* A line for the tracer: "#name|n". */
void announce(const char *name, unsigned n);

/* A workload that does not do what it says ends the measurement. */
#define check(holds) check_at((holds), __LINE__)
void check_at(bool holds, unsigned line);

/* --- Stack ---------------------------------------------------------------- */

/* Bytes below the caller's frame that were written to since they were painted.
 * On AVR the tracer watches the stack pointer instead. */
#define PAINTED 768
#define PAINT   0xA55AA55Au

void announce_stack(unsigned bytes);

#ifdef __AVR__
static inline void stack_paint(void)
{
}

static inline void stack_look(void)
{
}
#else
static inline __attribute__((always_inline)) volatile uint32_t *stack_top(void)
{
    uintptr_t sp;
#ifdef __riscv
    __asm volatile("mv %0, sp" : "=r"(sp));
#else
    __asm volatile("mov %0, sp" : "=r"(sp));
#endif
    return (volatile uint32_t *)sp;
}

/* Inlined: a call would have its own frame in what it paints. */
static inline __attribute__((always_inline)) void stack_paint(void)
{
    volatile uint32_t *top = stack_top();
    for (unsigned i = 1; i <= PAINTED / 4; i++) {
        top[-(int)i] = PAINT;
    }
}

static inline __attribute__((always_inline)) void stack_look(void)
{
    volatile uint32_t *top = stack_top();
    unsigned words = PAINTED / 4;
    while (words > 0 && top[-(int)words] == PAINT) {
        words--;
    }
    announce_stack(4 * words);
}
#endif

#define MEASURE(name, n, ...)                                                  \
    do {                                                                       \
        announce(name, n);                                                     \
        stack_paint();                                                         \
        mark_begin();                                                          \
        __VA_ARGS__;                                                           \
        mark_end();                                                            \
        stack_look();                                                          \
    } while (0)

#endif
