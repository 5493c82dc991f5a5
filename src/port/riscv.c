/* SPDX-License-Identifier: MIT */

/*
 * Port to riscv: its clock.
 */
#include "async/port.h"
