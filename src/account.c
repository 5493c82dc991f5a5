/* SPDX-License-Identifier: MIT */

/*
 * Accounting.
 */
#include "async/account.h"
