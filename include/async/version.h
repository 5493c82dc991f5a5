/* SPDX-License-Identifier: MIT */

/*
 * The version of libasync, as numbers the preprocessor can compare.
 *
 * Versions follow semver.org; before 1.0 every minor version may change the
 * interface.
 */
#ifndef ASYNC_VERSION_H
#define ASYNC_VERSION_H

#define ASYNC_VERSION_MAJOR 0
#define ASYNC_VERSION_MINOR 1
#define ASYNC_VERSION_PATCH 0

/** The version as one number that grows: 10203 is 1.2.3. */
#define ASYNC_VERSION                                                          \
    (ASYNC_VERSION_MAJOR * 10000 + ASYNC_VERSION_MINOR * 100 +                 \
     ASYNC_VERSION_PATCH)

#endif
