/* SPDX-License-Identifier: MIT */

/*
 * A UART as two streams: its interrupts fill the one and empty the other.
 *
 *   uart_cmsdk.c   Arm's CMSDK APB UART (QEMU mps2-an385)
 *   uart_16550.c   a 16550 (QEMU virt)
 *   uart_avr.c     USART0 of an ATmega
 */
#ifndef UART_H
#define UART_H

#include <async/stream.h>

/** What has come. A task that reads calls uart_rx_continue() after it. */
extern async_stream_t uart_rx;

/** What is to be sent: async_stream_write() and async_stream_push() do. */
extern async_stream_t uart_tx;

/** Open it with 8 data bits, no parity, 1 stop bit. Context: init. */
void uart_start(void);

/**
 * There is room in uart_rx again. While it is full, what comes stays in the
 * UART; that holds a byte or a few, and loses what comes then, unless its RTS
 * output tells the other side to pause. Context: task.
 */
void uart_rx_continue(void);

#endif
