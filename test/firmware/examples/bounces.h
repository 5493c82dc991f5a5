/* SPDX-License-Identifier: MIT */

/*
 * What a finger does to a button, and when, in microseconds. The button is up
 * in the beginning. Between the changes that belong together are less than 20
 * ms, and more between others.
 */
#ifndef BOUNCES_H
#define BOUNCES_H

static const struct bounce {
    unsigned long us;
    int is_down;
} bounces[] = {
    /* a press: down for good at 104.5 ms */
    {100500, 1},
    {100700, 0},
    {101500, 1},
    {102000, 0},
    {104500, 1},
    /* a release: up for good at 310.5 ms */
    {300500, 0},
    {301500, 1},
    {310500, 0},
    /* too short: nothing */
    {400500, 1},
    {402500, 0},
    /* a contact that bounces long: one press, at 538.5 ms */
    {500500, 1},
    {519500, 0},
    {538500, 1},
    /* up, and down again after 22 ms: a release and a press */
    {700500, 0},
    {722500, 1},
    /* interrupts in plenty, 20 microseconds apart: a release at 800.6 ms */
    {800500, 0},
    {800520, 1},
    {800540, 0},
    {800560, 1},
    {800580, 0},
    {800600, 1},
    {800620, 0},
};

#define BOUNCES     (sizeof bounces / sizeof bounces[0])
#define BOUNCES_END 900500 /* us: nothing more happens */

#endif
