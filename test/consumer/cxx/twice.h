/* SPDX-License-Identifier: MIT */

/*
 * A coroutine in C, for C and C++.
 */
#ifndef TWICE_H
#define TWICE_H

#include <async/async.h>

#ifdef __cplusplus
extern "C" {
#endif

struct twice {
    ASYNC_FRAME;
    int result;
    int number;
};
ASYNC_DECLARE(twice);

#ifdef __cplusplus
}
#endif

#endif
