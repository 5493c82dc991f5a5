/* SPDX-License-Identifier: MIT */

/*
 * What every unit test includes: cmocka, with the headers it wants before it,
 * and the library.
 */
#ifndef TEST_SUPPORT_TEST_H
#define TEST_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <async/async.h>

#include "irq.h"
#include "reports.h"
#include "trace.h"

/** A test in a group's table. It begins with an empty trace, and fails if a
 *  report came that it did not expect. */
#define async_test(function)                                                   \
    cmocka_unit_test_setup_teardown(function, reports_begin, reports_end)

/** How many of something a test uses: on a PC and on machines with as much room,
 *  with 16 KB of RAM, and with 8 KB. */
#define BY_ROOM(plenty, kb16, kb8)                                             \
    (TEST_ROOM == 8 ? (kb8) : TEST_ROOM == 16 ? (kb16) : (plenty))
#ifndef TEST_ROOM
#define TEST_ROOM 1024
#endif

/** How often a test does something: where that takes no time, and where the
 *  emulator is slow. */
#define BY_PACE(fast, slow) (TEST_ROOM == 8 ? (slow) : (fast))

/** Tests start here, so that each of them crosses the wrap of the clock. */
#define JUST_BEFORE_THE_WRAP ((async_time_t)-20)

#endif
