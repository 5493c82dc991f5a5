/* SPDX-License-Identifier: MIT */

/*
 * Tracing.
 */
#include "async/trace.h"
