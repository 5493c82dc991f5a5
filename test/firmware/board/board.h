/* SPDX-License-Identifier: MIT */

/*
 * What a firmware of the tests asks of its machine beside the library: to say
 * something, and to end. Both work in an interrupt handler, too.
 *
 * Interrupt handlers are functions of the program:
 *
 *   Cortex-M   void SysTick_Handler(void), PendSV_Handler, SVC_Handler,
 *              HardFault_Handler, ..., IRQ0_Handler ... IRQ63_Handler
 *   RISC-V     void MachineSoftware_Handler(void), MachineTimer_Handler,
 *              MachineExternal_Handler (plain functions; the board saves the
 *              registers), and Exception_Handler
 *   AVR        ISR(TIMER1_COMPA_vect) and so on, as avr-libc has it
 *
 * One that the program does not have ends the run with the status 3. printf
 * works on Cortex-M and RISC-V.
 */
#ifndef TEST_FIRMWARE_BOARD_H
#define TEST_FIRMWARE_BOARD_H

/** Write to the emulator's standard output. */
void board_print(const char *text);

/** End the emulator with this exit status, 0 to 255. */
_Noreturn void board_exit(int status);

#endif
