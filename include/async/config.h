/* SPDX-License-Identifier: MIT */

/*
 * Every knob of libasync, its default and its check.
 *
 *   knob                    values         default      must be the same in
 *   ASYNC_TICK_BITS         16, 32, 64     32           library and program
 *   ASYNC_TICKS_PER_SECOND  1 ... 10^9     1000         library and program
 *   ASYNC_STRICT            0, 1, 2        2            (each file may differ)
 *   ASYNC_DIAGNOSTICS       0, 1, 2        by machine   (each file may differ)
 *   ASYNC_REPORTS           0, 1           1            library
 *   ASYNC_ACCOUNTING        0, 1           0            library and program
 *   ASYNC_TRACE             0, 1           0            library and program
 *   ASYNC_HOOKS_HEADER      "file.h"       none         library
 *   ASYNC_TIMESTAMPS_PER_SECOND  1 ... 2^32-1           library and program
 *                                  ASYNC_TICKS_PER_SECOND
 *   ASYNC_CONFIG_HEADER     "file.h"       none         library and program
 *   ASYNC_PORT_HEADER       "file.h"       by machine   library and program
 *   ASYNC_PORT_BASEPRI      1 ... 255      none         library and program
 *   ASYNC_NO_SHORT_NAMES    defined, not   not          (each file may differ)
 *
 * With CMake, set them on an INTERFACE target called `async_config` before the
 * library is added; they then reach the library and everything that links it.
 * A file whose tick knobs, BASEPRI or accounting differ from the library's does
 * not link: functions that every coroutine, spawn and loop needs carry them in
 * their names.
 */
#ifndef ASYNC_CONFIG_H
#define ASYNC_CONFIG_H

#ifdef ASYNC_CONFIG_HEADER
#include ASYNC_CONFIG_HEADER
#endif

/*
 * Width of a time in ticks, in bits. A wait may be as long as 7/16 of the
 * range: 21.7 days for 32 bits of milliseconds. Each task and each timeout
 * carries one time: 64 bits take 12 bytes more in each on a 32-bit machine, and
 * 16 bits save 2 where pointers have 16 bits (none where they have 32).
 */
#ifndef ASYNC_TICK_BITS
#define ASYNC_TICK_BITS 32
#endif
#if ASYNC_TICK_BITS != 16 && ASYNC_TICK_BITS != 32 && ASYNC_TICK_BITS != 64
#error "ASYNC_TICK_BITS must be 16, 32 or 64"
#endif

/*
 * Ticks in a second, the unit of every duration. 1000 makes a tick one
 * millisecond. Values that divide, or are divided by, 1000 and 1000000 turn
 * ASYNC_MS and ASYNC_US into a plain multiplication or division.
 */
#ifndef ASYNC_TICKS_PER_SECOND
#define ASYNC_TICKS_PER_SECOND 1000
#endif
#if ASYNC_TICKS_PER_SECOND < 1 || ASYNC_TICKS_PER_SECOND > 1000000000
#error "ASYNC_TICKS_PER_SECOND must be 1 to 1000000000"
#endif

/*
 * Only for Cortex-M, and not for Armv6-M or the Armv8-M baseline, which have no
 * BASEPRI. If set, the library keeps out interrupts of this priority and less
 * urgent ones instead of all: a plain number as the NVIC's registers have it,
 * such as 0x40. More urgent interrupts (a smaller number) are hardly masked,
 * and must not call the library. Bits that the chip does not have read as 0:
 * with three bits of priority 0x20 is the smallest that masks anything.
 */
#ifdef ASYNC_PORT_BASEPRI
#if ASYNC_PORT_BASEPRI < 1 || ASYNC_PORT_BASEPRI > 255
#error "ASYNC_PORT_BASEPRI must be 1 to 255"
#endif
#endif

/*
 * What the compiler does about a local variable that would be lost across an
 * AWAIT, and about an AWAIT inside the program's own `switch`: 2 makes it an
 * error, 1 a warning, 0 says nothing.
 *
 * A local with an initialiser is always found by gcc; one that is assigned
 * later is found by gcc when it optimises, unless it folds the value, and by
 * clang (both kinds) under -Wall. A switch over a 64-bit value is not found;
 * its AWAIT is reported when the task resumes. gcc finds less in system headers
 * (-isystem), so the headers should not be included as such.
 */
#ifndef ASYNC_STRICT
#define ASYNC_STRICT 2
#endif
#if ASYNC_STRICT < 0 || ASYNC_STRICT > 2
#error "ASYNC_STRICT must be 0, 1 or 2"
#endif

/*
 * What a coroutine can tell about itself in a report. 1: its name and file.
 * 2: also the text of the operation that each AWAIT waits for. 0: nothing,
 * and no strings in the image. The default is 2 where there is an operating
 * system, 0 on AVR (where every string also takes RAM), and 1 elsewhere.
 */
#ifndef ASYNC_DIAGNOSTICS
#if defined(__unix__) || defined(__APPLE__)
#define ASYNC_DIAGNOSTICS 2
#elif defined(__AVR__)
#define ASYNC_DIAGNOSTICS 0
#else
#define ASYNC_DIAGNOSTICS 1
#endif
#endif
#if ASYNC_DIAGNOSTICS < 0 || ASYNC_DIAGNOSTICS > 2
#error "ASYNC_DIAGNOSTICS must be 0, 1 or 2"
#endif

/*
 * 1: the library looks for misuse, and reports it (report.h). 0: it does
 * neither, which takes no byte: for firmware that has to fit the last kilobyte
 * (and compiled with -Os it then prefers fewer bytes to short cuts, too).
 * A mistake then has consequences that no page describes; test with 1.
 */
#ifndef ASYNC_REPORTS
#define ASYNC_REPORTS 1
#endif
#if ASYNC_REPORTS != 0 && ASYNC_REPORTS != 1
#error "ASYNC_REPORTS must be 0 or 1"
#endif

/*
 * 1: the library counts what each task and loop does: steps, time, the longest
 * step and where it was, how long a task that was woken had to wait (account.h
 * says what it costs). 0: no byte, no instruction.
 */
#ifndef ASYNC_ACCOUNTING
#define ASYNC_ACCOUNTING 0
#endif
#if ASYNC_ACCOUNTING != 0 && ASYNC_ACCOUNTING != 1
#error "ASYNC_ACCOUNTING must be 0 or 1"
#endif

/*
 * 1: the library writes what happens into a ring of the program's (trace.h says
 * what it costs), from which a timeline can be drawn. 0: no byte, no
 * instruction.
 */
#ifndef ASYNC_TRACE
#define ASYNC_TRACE 0
#endif
#if ASYNC_TRACE != 0 && ASYNC_TRACE != 1
#error "ASYNC_TRACE must be 0 or 1"
#endif

/*
 * How many units of async_timestamp() (timestamp.h) make a second. Accounting
 * and tracing measure in them.
 */
#ifndef ASYNC_TIMESTAMPS_PER_SECOND
#define ASYNC_TIMESTAMPS_PER_SECOND ASYNC_TICKS_PER_SECOND
#endif
#if ASYNC_TIMESTAMPS_PER_SECOND < 1 || ASYNC_TIMESTAMPS_PER_SECOND > 4294967295
#error "ASYNC_TIMESTAMPS_PER_SECOND must be 1 to 4294967295"
#endif

/* --- Private part: what the compiler offers ------------------------------- */

#if defined(__GNUC__) || defined(__clang__)
#define ASYNC_MUST_AWAIT_             __attribute__((warn_unused_result))
#define ASYNC_MUST_CHECK_             __attribute__((warn_unused_result))
#define ASYNC_UNLIKELY_(condition)    __builtin_expect(!!(condition), 0)
#define ASYNC_AT_SCOPE_END_(function) __attribute__((cleanup(function)))
#define ASYNC_ALWAYS_INLINE_          inline __attribute__((always_inline))
#define ASYNC_COLD_                   __attribute__((cold, noinline))
#define ASYNC_NOINLINE_               __attribute__((noinline))
#else
#define ASYNC_MUST_AWAIT_
#define ASYNC_MUST_CHECK_
#define ASYNC_UNLIKELY_(condition) (condition)
#define ASYNC_AT_SCOPE_END_(function)
#define ASYNC_ALWAYS_INLINE_ inline
#define ASYNC_COLD_
#define ASYNC_NOINLINE_
#endif

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 7)
#define ASYNC_FALLTHROUGH_ __attribute__((fallthrough))
#else
#define ASYNC_FALLTHROUGH_ (void)0
#endif

#ifdef __cplusplus
#define ASYNC_STATIC_ASSERT_(condition, text) static_assert(condition, text)
#else
#define ASYNC_STATIC_ASSERT_(condition, text) _Static_assert(condition, text)
#endif

/* The guard against lost locals and misplaced AWAITs: ASYNC_STRICT. */
#define ASYNC_PRAGMA_(text) _Pragma(#text)
#if defined(__clang__)
#define ASYNC_GUARD_(level)                                                    \
    ASYNC_PRAGMA_(clang diagnostic push)                                       \
    ASYNC_PRAGMA_(clang diagnostic level "-Wuninitialized")                    \
    ASYNC_PRAGMA_(clang diagnostic level "-Wsometimes-uninitialized")          \
    ASYNC_PRAGMA_(clang diagnostic level "-Wconditional-uninitialized")        \
    ASYNC_PRAGMA_(clang diagnostic level "-Wswitch")
#define ASYNC_GUARD_END_ ASYNC_PRAGMA_(clang diagnostic pop)
#elif defined(__GNUC__) && !defined(__cplusplus)
#define ASYNC_GUARD_(level)                                                    \
    ASYNC_PRAGMA_(GCC diagnostic push)                                         \
    ASYNC_PRAGMA_(GCC diagnostic level "-Wjump-misses-init")                   \
    ASYNC_PRAGMA_(GCC diagnostic level "-Wmaybe-uninitialized")                \
    ASYNC_PRAGMA_(GCC diagnostic level "-Woverflow")
#define ASYNC_GUARD_END_ ASYNC_PRAGMA_(GCC diagnostic pop)
#elif defined(__GNUC__)
#define ASYNC_GUARD_(level)                                                    \
    ASYNC_PRAGMA_(GCC diagnostic push)                                         \
    ASYNC_PRAGMA_(GCC diagnostic level "-Wmaybe-uninitialized")                \
    ASYNC_PRAGMA_(GCC diagnostic level "-Woverflow")
#define ASYNC_GUARD_END_ ASYNC_PRAGMA_(GCC diagnostic pop)
#else
#define ASYNC_GUARD_(level)
#define ASYNC_GUARD_END_
#endif
#if ASYNC_STRICT == 2
#define ASYNC_GUARD_BEGIN_ ASYNC_GUARD_(error)
#elif ASYNC_STRICT == 1
#define ASYNC_GUARD_BEGIN_ ASYNC_GUARD_(warning)
#else
#define ASYNC_GUARD_BEGIN_ ASYNC_GUARD_(ignored)
#endif

/* A name that carries the knobs which library and program must agree on. */
#if ASYNC_ACCOUNTING
#define ASYNC_PASTE_END_ with_accounting_
#else
#define ASYNC_PASTE_END_
#endif
#ifdef ASYNC_PORT_BASEPRI
#define ASYNC_PASTE_(name, bits, rate, level, end)                             \
    name##_for_##bits##_bit_ticks_at_##rate##_per_second_basepri_##level##_##end
#define ASYNC_CONFIGURED_(name)                                                \
    ASYNC_PASTE_VALUES_(name, ASYNC_TICK_BITS, ASYNC_TICKS_PER_SECOND,         \
                        ASYNC_PORT_BASEPRI, ASYNC_PASTE_END_)
#else
#define ASYNC_PASTE_(name, bits, rate, basepri, end)                           \
    name##_for_##bits##_bit_ticks_at_##rate##_per_second_##end
#define ASYNC_CONFIGURED_(name)                                                \
    ASYNC_PASTE_VALUES_(name, ASYNC_TICK_BITS, ASYNC_TICKS_PER_SECOND, ,       \
                        ASYNC_PASTE_END_)
#endif
#define ASYNC_PASTE_VALUES_(name, bits, rate, basepri, end)                    \
    ASYNC_PASTE_(name, bits, rate, basepri, end)

#endif
