/* SPDX-License-Identifier: MIT */

/* Interrupts for tests: those that the port to PCs simulates. */
#ifndef TEST_SUPPORT_IRQ_H
#define TEST_SUPPORT_IRQ_H

#include <async/port/posix.h>

#endif
