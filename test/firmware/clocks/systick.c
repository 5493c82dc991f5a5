/* SPDX-License-Identifier: MIT */

/*
 * SysTick as a counter, seen from inside: it agrees with the second timer at
 * each moment, wherever a countdown begins, ends or is stopped.
 */
#include "machine.h"

#include "../../../src/port/cortex_m.c"

static uint32_t offset;

void machine_handler(void)
{
}

/* What the counter is ahead of the other timer, less what it was. */
static int32_t ahead(void)
{
    return (int32_t)(systick_count() - machine_counts() - offset);
}

static void agree(void)
{
    offset += (uint32_t)ahead();
}

/* The two are not read in the same count, and QEMU rounds 62.5 ns; what is
 * wrong is wrong by a whole countdown. */
static void check_agrees(void)
{
    int32_t difference = ahead();
    check(difference <= 8 && -difference <= 8);
}

/* A few instructions more from read to read, so that all moments are met. */
static void wait(uint32_t moments)
{
    for (volatile uint32_t i = 0; i < moments; i++) {
    }
}

static void it_agrees_around_the_end_of_a_countdown(void)
{
    for (uint32_t counts = 300; counts < 360; counts++) {
        set_alarm(systick_count() + counts);
        agree();
        for (uint32_t i = 0; i < 700; i++) {
            check_agrees();
            wait(counts % 7);
        }
    }
}

/* In the count in which it ends, too, where the value is 0. */
static void it_can_be_stopped_at_any_moment(void)
{
    for (uint32_t moments = 0; moments < 300; moments++) {
        set_alarm(systick_count() + 1000);
        agree();
        while (length != LONGEST) {
            systick_count();
        }
        wait(moments % 5);
        set_alarm(systick_count() + 1000 + moments);
        check_agrees();
    }
}

/* The processor may be so slow that a short countdown would end before the
 * next one is prepared (-icount shift=5: an instruction is not much less than a
 * count). It waits for the countdown and for a part of the next. */
static void an_alarm_may_be_near(void)
{
    for (uint32_t counts = 0; counts < 300; counts++) {
        agree();
        uint32_t start = systick_count();
        set_alarm(start + counts);
        while (systick_count() - start < 1000) {
        }
        check_agrees();
    }
}

static void what_is_set_already_is_left_alone(void)
{
    set_alarm(systick_count() + 100000);
    uint32_t started = begin;
    uint32_t alarm = begin + length;
    for (int i = 0; i < 100; i++) {
        set_alarm(alarm - 20);
        check(begin == started);
    }
}

/* Two countdowns end, and nobody reads: one flag is not enough for that. */
static void the_interrupt_counts_too(void)
{
    set_alarm(systick_count() + 1000);
    agree();
    async_port_unlock(0);
    uint32_t loops = LONGEST / machine_megahertz * 1000 / 2 + 100000;
    __asm volatile(".syntax unified\n1:\tsubs %0, #1\n\tbne 1b"
                   : "+l"(loops)
                   :
                   : "cc");
    check_agrees();
}

int main(void)
{
    machine_reference_start();
    machine_clock();
    async_port_lock();
    it_agrees_around_the_end_of_a_countdown();
    it_can_be_stopped_at_any_moment();
    an_alarm_may_be_near();
    what_is_set_already_is_left_alone();
    the_interrupt_counts_too();
    board_print("ok\n");
    return 0;
}
