/* SPDX-License-Identifier: MIT */

/*
 * Port to cortex_m: its clock.
 */
#include "async/port.h"
