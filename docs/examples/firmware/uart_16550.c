/* SPDX-License-Identifier: MIT */

/*
 * uart_16550.c: the UART of QEMU's RISC-V machine "virt", and of many a chip
 *
 * One interrupt tells of both sides, and stays pending as long as its reason
 * stays. So a side that cannot go on closes its interrupt, and what makes it go
 * on opens it.
 *
 * Source: PC16550D data sheet (SNLS378), "Line Status Register", "Interrupt
 * Enable Register", "FIFO Control Register", "FIFO Interrupt Mode Operation".
 */
#include "uart.h"

#include <async/port.h>

struct uart {
    volatile uint8_t data;   /* with LCR_DLAB: divisor, low byte */
    volatile uint8_t enable; /* with LCR_DLAB: divisor, high byte */
    volatile uint8_t fifo;
    volatile uint8_t line;
    volatile uint8_t modem;
    volatile uint8_t status;
};

#define UART0     ((struct uart *)0x10000000)
#define CLOCK     3686400u
#define BAUD      115200u
#define FIFO_SIZE 16

void UART0_Handler(void); /* called by board_virt.c */

enum { ENABLE_RX = 1, ENABLE_TX = 2 };
enum { FIFO_ENABLE = 1, FIFO_CLEAR = 6 }; /* interrupt from 1 byte on */
enum { LINE_8N1 = 3, LINE_DLAB = 0x80 };
enum { STATUS_RX = 1, STATUS_TX_EMPTY = 0x20 };

#ifndef UART_RX_SIZE
#define UART_RX_SIZE 128
#endif

static uint8_t rx_bytes[UART_RX_SIZE];
static uint8_t tx_bytes[128];
async_stream_t uart_rx = ASYNC_STREAM_INIT(rx_bytes);
async_stream_t uart_tx = ASYNC_STREAM_INIT(tx_bytes);

/* Both sides' bits are in one register, and the interrupt changes them, too. */
static void enable(uint8_t mask)
{
    async_port_state_t state = async_port_lock();
    UART0->enable |= mask;
    async_port_unlock(state);
}

static void disable(uint8_t mask)
{
    UART0->enable &= (uint8_t)~mask;
}

/* --- Interrupt ------------------------------------------------------------ */

static void receive(void)
{
    uint8_t *room;
    while ((UART0->status & STATUS_RX) != 0) {
        if (async_stream_room(&uart_rx, &room) == 0) {
            disable(ENABLE_RX);
            return;
        }
        *room = UART0->data;
        async_stream_commit(&uart_rx, 1);
    }
}

static void transmit(void)
{
    uint8_t bytes[FIFO_SIZE];
    if ((UART0->status & STATUS_TX_EMPTY) == 0) {
        return;
    }
    size_t count = async_stream_pull(&uart_tx, bytes, sizeof bytes);
    for (size_t i = 0; i < count; i++) {
        UART0->data = bytes[i];
    }
    if (count == 0) {
        disable(ENABLE_TX);
    }
}

void UART0_Handler(void)
{
    receive();
    transmit();
}

/* --- Start ---------------------------------------------------------------- */

void uart_rx_continue(void)
{
    enable(ENABLE_RX);
}

static void start_transmission(async_stream_t *stream)
{
    (void)stream;
    enable(ENABLE_TX);
}

void uart_start(void)
{
    async_stream_on_data(&uart_tx, start_transmission);
    UART0->line = LINE_DLAB;
    UART0->data = CLOCK / 16 / BAUD;
    UART0->enable = 0;
    UART0->line = LINE_8N1;
    UART0->fifo = FIFO_ENABLE | FIFO_CLEAR;
    enable(ENABLE_RX);
}
