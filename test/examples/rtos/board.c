/* SPDX-License-Identifier: MIT */

/*
 * The board on which docs/examples/rtos.c runs: a converter, 600 ms long.
 */
#include "FreeRTOS.h"

int adc_read(void);
void ADC_IRQHandler(void);

/* Rising: 20, 40, 60, ... */
int adc_read(void)
{
    static int reading;
    return reading += 20;
}

const struct board_interrupt board_interrupts[] = {
    {100, ADC_IRQHandler}, {200, ADC_IRQHandler}, {250, ADC_IRQHandler},
    {400, ADC_IRQHandler}, {600, NULL},
};
