/* SPDX-License-Identifier: MIT */

/*
 * The tests' words for what is wrong.
 */
#include "machine.h"

#include <stdio.h>

void print(const char *name, int32_t value)
{
    char text[48];
    snprintf(text, sizeof text, "%s %ld\n", name, (long)value);
    board_print(text);
}

void check_(bool holds, int line, const char *condition)
{
    if (!holds) {
        print("wrong in line", line);
        board_print(condition);
        board_print("\n");
        board_exit(1);
    }
}
