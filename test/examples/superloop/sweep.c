/* SPDX-License-Identifier: MIT */

/*
 * The superloop of docs/examples/superloop.c, with an interrupt at every place
 * where one can come: the n-th run has it at the n-th place. Whatever the
 * place, the board does not go to sleep with something to do, and does not
 * stay awake with nothing to do.
 *
 * EXAMPLE names the program, which may be a broken copy.
 */
#define _GNU_SOURCE
int example_main(void);

#define main example_main
#include EXAMPLE
#undef main

#include "port_interleave.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOST = 2, AWAKE = 3 };

bool interleave_locked;
unsigned interleave_handling;

static void (*handler)(void);
static unsigned long place;
static unsigned long *places; /* of the run, shared with its process */
static async_clock_t virtual_clock;

void interleave_open(void)
{
    if (interleave_handling == 0 && ++*places == place) {
        interleave_handling++;
        handler();
        interleave_handling--;
    }
}

static async_time_t open_now(async_clock_t *clock)
{
    if (!interleave_locked) {
        interleave_open();
    }
    return virtual_clock.ops->now(clock);
}

static bool checked_sleep(async_clock_t *clock, const async_time_t *deadline,
                          bool polling)
{
    if (!interleave_locked || loop.ready_first_ != NULL || modem_has_byte ||
        (keys_down && deadline == NULL)) {
        _exit(LOST);
    }
    if (deadline != NULL &&
        !async_time_before(virtual_clock.ops->now(clock), *deadline)) {
        _exit(AWAKE);
    }
    return virtual_clock.ops->sleep(clock, deadline, polling);
}

/* What main does; ends by exit(), in an interrupt. */
static void run(void)
{
    async_virtual_interrupt_t pressed, sent, touched, ended;
    async_clock_t *clock = async_virtual_clock_init(&board, 0);
    virtual_clock = *clock;
    async_clock_ops_t ops = *clock->ops;
    ops.now = open_now;
    ops.sleep = checked_sleep;
    clock->ops = &ops;
    async_virtual_interrupt_at(&board, &pressed, 33, press, NULL);
    async_virtual_interrupt_at(&board, &sent, 50, send, NULL);
    async_virtual_interrupt_at(&board, &touched, 90, touch, NULL);
    async_virtual_interrupt_at(&board, &ended, 200, end, NULL);
    start(clock);
    superloop(clock);
}

/* In a process of its own, since the program keeps what it was left with. */
static void run_alone(void)
{
    int status;
    *places = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        run();
    }
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("%s, after an interrupt at place %lu\n",
               WIFEXITED(status) && WEXITSTATUS(status) == AWAKE
                   ? "awake without work"
                   : "asleep with work",
               place);
        exit(1);
    }
}

static unsigned long sweep(void (*interrupt)(void))
{
    handler = interrupt;
    place = 0;
    do {
        place++;
        run_alone();
    } while (*places >= place);
    return place - 1;
}

int main(void)
{
    places = mmap(NULL, sizeof *places, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned long runs =
        sweep(button_handler) + sweep(modem_handler) + sweep(keypad_handler);
    printf("%lu places, none lost\n", runs);
    return runs < 100;
}
