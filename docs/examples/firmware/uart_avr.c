/* SPDX-License-Identifier: MIT */

/*
 * uart_avr.c: USART0 of an ATmega with its receive and data-register-empty
 * interrupts
 *
 * Both stay pending as long as their reason stays. So a side that cannot go on
 * closes its interrupt, and what makes it go on opens it.
 *
 * Source: ATmega640/1280/1281/2560/2561 data sheet (DS40002211A), "USART":
 * "Transmitter Flags and Interrupts", "Receive Complete Flag and Interrupt".
 */
#include "uart.h"

#include <async/port.h>

#include <avr/interrupt.h>
#include <avr/io.h>

#define BAUD 38400
#include <util/setbaud.h>

#ifndef UART_RX_SIZE
#define UART_RX_SIZE 64
#endif

static uint8_t rx_bytes[UART_RX_SIZE];
static uint8_t tx_bytes[64];
async_stream_t uart_rx = ASYNC_STREAM_INIT(rx_bytes);
async_stream_t uart_tx = ASYNC_STREAM_INIT(tx_bytes);

/* Both bits are in one register, and the interrupts change them, too. */
static void enable(uint8_t mask)
{
    async_port_state_t state = async_port_lock();
    UCSR0B |= mask;
    async_port_unlock(state);
}

static void disable(uint8_t mask)
{
    UCSR0B &= (uint8_t)~mask;
}

/* --- Interrupts ----------------------------------------------------------- */

ISR(USART0_RX_vect)
{
    uint8_t *room;
    if (async_stream_room(&uart_rx, &room) == 0) {
        disable(1 << RXCIE0);
        return;
    }
    *room = UDR0;
    async_stream_commit(&uart_rx, 1);
}

ISR(USART0_UDRE_vect)
{
    uint8_t byte;
    if (async_stream_pull(&uart_tx, &byte, 1) == 0) {
        disable(1 << UDRIE0);
        return;
    }
    UDR0 = byte;
}

/* --- Start ---------------------------------------------------------------- */

void uart_rx_continue(void)
{
    enable(1 << RXCIE0);
}

static void start_transmission(async_stream_t *stream)
{
    (void)stream;
    enable(1 << UDRIE0);
}

void uart_start(void)
{
    async_stream_on_data(&uart_tx, start_transmission);
    UBRR0 = UBRR_VALUE;
    UCSR0A = USE_2X ? 1 << U2X0 : 0;
    UCSR0C = 1 << UCSZ01 | 1 << UCSZ00;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0;
}
