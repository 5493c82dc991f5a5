/* SPDX-License-Identifier: MIT */

/*
 * uart_cmsdk.c: UART 0 of Arm's MPS2 boards, with both its interrupts
 *
 * An interrupt of this UART tells of a change: a byte has come, the transmit
 * buffer has become empty. A side that cannot go on then does nothing, and what
 * makes it go on makes its interrupt pending, so that all is done in handlers.
 *
 * Source: Arm Cortex-M System Design Kit TRM (DDI 0479), "APB UART"; Arm MPS2
 * application note AN385 (DAI 0385), memory map and interrupts.
 */
#include "uart.h"

struct uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t ctrl;
    volatile uint32_t interrupts; /* write 1 to clear */
    volatile uint32_t bauddiv;
};

#define UART0     ((struct uart *)0x40004000)
#define NVIC_ISER ((volatile uint32_t *)0xE000E100) /* enable */
#define NVIC_ISPR ((volatile uint32_t *)0xE000E200) /* make pending */
#define RX_IRQ    0
#define TX_IRQ    1
#define CLOCK     25000000u
#define BAUD      115200u

void UARTRX0_Handler(void), UARTTX0_Handler(void); /* in the vectors */

enum { STATE_TX_FULL = 1, STATE_RX_FULL = 2 };
enum { CTRL_TX = 1, CTRL_RX = 2, CTRL_TX_IRQ = 4, CTRL_RX_IRQ = 8 };
enum { INTERRUPT_TX = 1, INTERRUPT_RX = 2 };

#ifndef UART_RX_SIZE
#define UART_RX_SIZE 128
#endif

static uint8_t rx_bytes[UART_RX_SIZE];
static uint8_t tx_bytes[128];
async_stream_t uart_rx = ASYNC_STREAM_INIT(rx_bytes);
async_stream_t uart_tx = ASYNC_STREAM_INIT(tx_bytes);
static volatile bool is_sending; /* an interrupt will come and take more */

/* --- Interrupts ----------------------------------------------------------- */

/* Cleared first: a byte that comes behind that makes it pending again. */
void UARTRX0_Handler(void)
{
    uint8_t *room;
    UART0->interrupts = INTERRUPT_RX;
    if ((UART0->state & STATE_RX_FULL) != 0 &&
        async_stream_room(&uart_rx, &room) > 0) {
        *room = (uint8_t)UART0->data;
        async_stream_commit(&uart_rx, 1);
    }
}

void UARTTX0_Handler(void)
{
    uint8_t byte;
    UART0->interrupts = INTERRUPT_TX;
    if ((UART0->state & STATE_TX_FULL) == 0) {
        is_sending = async_stream_pull(&uart_tx, &byte, 1) > 0;
        if (is_sending) {
            UART0->data = byte;
        }
    }
}

/* --- Start ---------------------------------------------------------------- */

void uart_rx_continue(void)
{
    *NVIC_ISPR = 1u << RX_IRQ;
}

static void start_transmission(async_stream_t *stream)
{
    (void)stream;
    if (!is_sending) {
        *NVIC_ISPR = 1u << TX_IRQ;
    }
}

void uart_start(void)
{
    async_stream_on_data(&uart_tx, start_transmission);
    UART0->bauddiv = CLOCK / BAUD;
    UART0->ctrl = CTRL_TX | CTRL_RX | CTRL_TX_IRQ | CTRL_RX_IRQ;
    *NVIC_ISER = 1u << RX_IRQ | 1u << TX_IRQ;
}
