/* SPDX-License-Identifier: MIT */

/* Interrupts for tests: those that the port to PCs simulates. A test of another
 * port has its own. */
#ifndef TEST_SUPPORT_IRQ_H
#define TEST_SUPPORT_IRQ_H

#ifndef ASYNC_PORT_HEADER
#include <async/port/posix.h>
#endif

#endif
