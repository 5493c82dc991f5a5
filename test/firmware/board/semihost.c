/* SPDX-License-Identifier: MIT */

/* Output and end through the emulator's semihosting. */
#include "board.h"

#include <semihost.h>
#include <unistd.h>

void board_print(const char *text)
{
    sys_semihost_write0(text);
}

void board_exit(int status)
{
    _exit(status);
}
