/* SPDX-License-Identifier: MIT */

/*
 * Output by USART0, polled; the end by sleeping for ever, with the status in
 * GPIOR0, where simulate.c looks for it.
 */
#include "board.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdlib.h>

void board_print(const char *text)
{
    UCSR0B |= (uint8_t)(1u << TXEN0);
    for (; *text != '\0'; text++) {
        while ((UCSR0A & (1u << UDRE0)) == 0) {
        }
        UDR0 = (uint8_t)*text;
    }
}

void board_exit(int status)
{
    GPIOR0 = (uint8_t)status;
    for (;;) {
        cli();
        sleep_mode();
    }
}

ISR(BADISR_vect)
{
    board_print("unexpected interrupt\n");
    board_exit(3);
}

/* The C library's versions of these only stop. The first gets what main()
 * returns. */
void exit(int status)
{
    board_exit(status);
}

void abort(void)
{
    board_print("abort\n");
    board_exit(3);
}
