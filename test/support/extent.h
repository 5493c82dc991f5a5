/* SPDX-License-Identifier: MIT */

/*
 * How much a test does: the tests of a PC also run on machines with 8 KB of RAM,
 * and in emulators that take their time.
 */
#ifndef TEST_SUPPORT_EXTENT_H
#define TEST_SUPPORT_EXTENT_H

/** How many of something a test uses: on a PC and on machines with as much room,
 *  with 16 KB of RAM, and with 8 KB. */
#define BY_ROOM(plenty, kb16, kb8)                                             \
    (TEST_ROOM == 8 ? (kb8) : TEST_ROOM == 16 ? (kb16) : (plenty))
#ifndef TEST_ROOM
#define TEST_ROOM 1024
#endif

/** How often a test does something: where that takes no time, and where it
 *  does. */
#define BY_PACE(fast, slow) (TEST_SLOW ? (slow) : (fast))
#ifndef TEST_SLOW
#define TEST_SLOW 0
#endif

#endif
