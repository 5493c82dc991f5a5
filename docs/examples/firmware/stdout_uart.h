/* SPDX-License-Identifier: MIT */

/*
 * printf by way of uart.h, with the C libraries picolibc and avr-libc.
 * (newlib's wants a function _write() instead.) It may sleep until there is
 * room, so no printf in interrupt handlers.
 */
#ifndef STDOUT_UART_H
#define STDOUT_UART_H

/** Open the UART, and let printf use it. Context: init. */
void stdout_start(void);

/** Sleep until all that was printed is on its way. Context: outside of
 *  interrupts. */
void stdout_drain(void);

#endif
