/* SPDX-License-Identifier: MIT */

/*
 * Run an AVR firmware on the PC until it sleeps with interrupts off; the exit
 * status is what it left in GPIOR0.
 *
 *   simulate MACHINE HERTZ LIMIT IMAGE
 *
 * USART0 is standard output, and standard input. A run ends with the status 123
 * after LIMIT million cycles, and with 122 if the program crashes. Cycles that
 * the machine sleeps cost no time here.
 */
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPIOR0        0x3E
#define STATUS_CRASH  122
#define STATUS_LIMIT  123
#define STATUS_NO_RUN 126

static void on_output(avr_irq_t *irq, uint32_t value, void *context)
{
    (void)irq;
    (void)context;
    putchar((int)value);
}

/* The USART has room: the next byte of the input, if there is one. */
static void on_room(avr_irq_t *irq, uint32_t value, void *context)
{
    (void)irq;
    (void)value;
    int byte = getchar();
    if (byte != EOF) {
        avr_raise_irq(context, (uint32_t)byte);
    }
}

static void connect(avr_t *avr)
{
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    uint32_t uart = AVR_IOCTL_UART_GETIRQ('0');
    avr_irq_t *input = avr_io_getirq(avr, uart, UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, uart, UART_IRQ_OUTPUT),
                            on_output, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, uart, UART_IRQ_OUT_XON), on_room,
                            input);
}

static void sleep_in_no_time(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr;
    (void)cycles;
}

static int run(avr_t *avr, avr_cycle_count_t limit)
{
    int state = cpu_Running;
    while (state != cpu_Done && state != cpu_Crashed && avr->cycle < limit) {
        state = avr_run(avr);
    }
    fflush(stdout);
    if (state == cpu_Done) {
        return avr->data[GPIOR0];
    }
    fprintf(stderr, "%s after %llu cycles, at 0x%x\n",
            state == cpu_Crashed ? "crashed" : "did not end",
            (unsigned long long)avr->cycle, (unsigned)avr->pc);
    return state == cpu_Crashed ? STATUS_CRASH : STATUS_LIMIT;
}

int main(int count, char **words)
{
    elf_firmware_t image;
    memset(&image, 0, sizeof image);
    avr_t *avr = count == 5 ? avr_make_mcu_by_name(words[1]) : NULL;
    if (avr == NULL || elf_read_firmware(words[4], &image) != 0) {
        fputs("simulate MACHINE HERTZ LIMIT IMAGE\n", stderr);
        return STATUS_NO_RUN;
    }
    avr_init(avr);
    image.frequency = (uint32_t)strtoul(words[2], NULL, 10);
    avr_load_firmware(avr, &image);
    avr->sleep = sleep_in_no_time;
    connect(avr);
    return run(avr, strtoull(words[3], NULL, 10) * 1000000);
}
