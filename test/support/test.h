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

#include "extent.h"
#include "irq.h"
#include "reports.h"
#include "trace.h"

/** A test in a group's table. It begins with an empty trace, and fails if a
 *  report came that it did not expect. */
#define async_test(function)                                                   \
    cmocka_unit_test_setup_teardown(function, reports_begin, reports_end)

/** Tests start here, so that each of them crosses the wrap of the clock. */
#define JUST_BEFORE_THE_WRAP ((async_time_t)-20)

#endif
