/* SPDX-License-Identifier: MIT */

/*
 * Port to avr: its clock.
 */
#include "async/port.h"
