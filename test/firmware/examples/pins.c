/* SPDX-License-Identifier: MIT */

/*
 * Run an AVR firmware on the PC, with a finger on its button (pin B0), and
 * watch its LEDs (B6 and B7).
 *
 *   pins MACHINE HERTZ MS IMAGE
 *
 * USART0 is standard output. Each change of an LED is a line of standard error:
 * the time in ms, the LED's number, 1 or 0. The run ends when the firmware
 * sleeps with interrupts off, with the status that it left in GPIOR0, or after
 * MS milliseconds with the status 0.
 */
#include "bounces.h"

#include <avr_ioport.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>
#include <sim_time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPIOR0        0x3E
#define STATUS_CRASH  124
#define STATUS_NO_RUN 126

static avr_t *avr;
static avr_irq_t *button;
static size_t next;

static void on_output(avr_irq_t *irq, uint32_t value, void *context)
{
    (void)irq;
    (void)context;
    putchar((int)value);
}

/* Since the first change, which is the program's beginning. What comes by less
 * than 0.1 ms too early counts as in time. */
static unsigned long long now_ms(void)
{
    static avr_cycle_count_t first;
    first = first == 0 ? avr->cycle : first;
    return ((avr->cycle - first) * 10000 / avr->frequency + 1) / 10;
}

static void on_led(avr_irq_t *irq, uint32_t value, void *led)
{
    if (value != irq->value) {
        fprintf(stderr, "%llu %s %u\n", now_ms(), (char *)led,
                (unsigned)value & 1);
    }
}

/* The level is told twice, for writing to the port's other pins makes the
 * simulator look at what is outside. */
static void set_button(int level)
{
    avr_ioport_external_t outside = {
        .name = 'B', .mask = 1, .value = level ? 1 : 0};
    avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL('B'), &outside);
    avr_raise_irq(button, (uint32_t)level);
}

static avr_cycle_count_t touch(avr_t *machine, avr_cycle_count_t when,
                               void *context)
{
    (void)when;
    (void)context;
    set_button(!bounces[next].is_down);
    next++;
    return next < BOUNCES ? avr_usec_to_cycles(machine, bounces[next].us) : 0;
}

static void connect(void)
{
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(
        avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
        on_output, NULL);
    uint32_t port = AVR_IOCTL_IOPORT_GETIRQ('B');
    avr_irq_register_notify(avr_io_getirq(avr, port, 6), on_led, "0");
    avr_irq_register_notify(avr_io_getirq(avr, port, 7), on_led, "1");
    button = avr_io_getirq(avr, port, 0);
    set_button(1);
    avr_cycle_timer_register(avr, avr_usec_to_cycles(avr, bounces[0].us), touch,
                             NULL);
}

static void sleep_in_no_time(avr_t *machine, avr_cycle_count_t cycles)
{
    (void)machine;
    (void)cycles;
}

static int run(avr_cycle_count_t end)
{
    int state = cpu_Running;
    while (state != cpu_Done && state != cpu_Crashed && avr->cycle < end) {
        state = avr_run(avr);
    }
    fflush(stdout);
    return state == cpu_Done      ? avr->data[GPIOR0]
           : state == cpu_Crashed ? STATUS_CRASH
                                  : 0;
}

int main(int count, char **words)
{
    elf_firmware_t image;
    memset(&image, 0, sizeof image);
    avr = count == 5 ? avr_make_mcu_by_name(words[1]) : NULL;
    if (avr == NULL || elf_read_firmware(words[4], &image) != 0) {
        fputs("pins MACHINE HERTZ MS IMAGE\n", stderr);
        return STATUS_NO_RUN;
    }
    avr_init(avr);
    image.frequency = (uint32_t)strtoul(words[2], NULL, 10);
    avr_load_firmware(avr, &image);
    avr->sleep = sleep_in_no_time;
    connect();
    return run(
        avr_usec_to_cycles(avr, (uint32_t)strtoul(words[3], NULL, 10) * 1000));
}
