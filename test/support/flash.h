/* SPDX-License-Identifier: MIT */

/*
 * Constant text that takes no RAM: on AVR it stays in flash, and only the
 * functions here can read it. Elsewhere it is plain text.
 */
#ifndef TEST_SUPPORT_FLASH_H
#define TEST_SUPPORT_FLASH_H

#include <stdio.h>
#include <string.h>

#ifdef __AVR__
#include <avr/pgmspace.h>
#define FLASH_TEXT(text) PSTR(text)
#define FLASH_S          "%S" /* in a format: such a text */
#define flash_strcmp     strcmp_P
#define flash_vsnprintf  vsnprintf_P
#define flash_vfprintf   vfprintf_P
#else
#define FLASH_TEXT(text) (text)
#define FLASH_S          "%s"
#define flash_strcmp     strcmp
#define flash_vsnprintf  vsnprintf
#define flash_vfprintf   vfprintf
#endif

#endif
