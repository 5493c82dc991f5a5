/* SPDX-License-Identifier: MIT */

/*
 * Run an AVR firmware in simavr, and measure its sections (measure.h): cycles,
 * the longest time with interrupts locked, and the stack.
 *
 *   trace_avr IMAGE BEGIN END ASLEEP AWAKE    (addresses of the marks)
 *
 * Prints, for each section, its line "#name|n" and one line
 * "cycles longest address stack": where the longest time began.
 */
#include <sim_avr.h>
#include <sim_elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPIOR1 0x4A
#define SPL    0x5D
#define LIMIT  400000000u

static struct {
    avr_cycle_count_t begin, locked, longest;
    avr_flashaddr_t where, longest_where;
    int is_locked, asleep;
    unsigned top, lowest;
} section;

static void on_text(avr_t *avr, avr_io_addr_t address, uint8_t value,
                    void *context)
{
    (void)avr;
    (void)address;
    (void)context;
    putchar(value);
}

static unsigned stack_of(const avr_t *avr)
{
    return avr->data[SPL] | (unsigned)avr->data[SPL + 1] << 8;
}

static void section_begin(const avr_t *avr)
{
    memset(&section, 0, sizeof section);
    section.begin = avr->cycle;
    section.top = section.lowest = stack_of(avr);
}

static void section_end(const avr_t *avr)
{
    printf("%lu %lu %lx %u\n", (unsigned long)(avr->cycle - section.begin),
           (unsigned long)section.longest, (unsigned long)section.longest_where,
           section.top - section.lowest);
}

/* The state of the lock before the instruction at avr->pc. */
static void watch(const avr_t *avr)
{
    int locked = !avr->sreg[S_I] && !section.asleep;
    if (locked && !section.is_locked) {
        section.locked = avr->cycle;
        section.where = avr->pc;
    } else if (!locked && section.is_locked &&
               avr->cycle - section.locked > section.longest) {
        section.longest = avr->cycle - section.locked;
        section.longest_where = section.where;
    }
    section.is_locked = locked;
    if (stack_of(avr) < section.lowest) {
        section.lowest = stack_of(avr);
    }
}

static void look(const avr_t *avr, const avr_flashaddr_t *marks)
{
    if (avr->pc == marks[0]) {
        section_begin(avr);
    }
    if (avr->pc == marks[2] || avr->pc == marks[3]) {
        section.asleep = avr->pc == marks[2];
    }
    watch(avr);
    if (avr->pc == marks[1]) {
        section_end(avr);
    }
}

int main(int count, char **words)
{
    elf_firmware_t image;
    avr_flashaddr_t marks[4];
    memset(&image, 0, sizeof image);
    avr_t *avr = avr_make_mcu_by_name("atmega2560");
    if (count != 6 || avr == NULL || elf_read_firmware(words[1], &image) != 0) {
        return 2;
    }
    for (int i = 0; i < 4; i++) {
        marks[i] = (avr_flashaddr_t)strtoul(words[2 + i], NULL, 16);
    }
    avr_init(avr);
    image.frequency = 16000000;
    avr_load_firmware(avr, &image);
    avr_register_io_write(avr, GPIOR1, on_text, NULL);
    int state = cpu_Running;
    while (state != cpu_Done && state != cpu_Crashed && avr->cycle < LIMIT) {
        state = avr_run(avr);
        look(avr, marks);
    }
    return state != cpu_Done;
}
