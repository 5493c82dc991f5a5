/* SPDX-License-Identifier: MIT */

/*
 * The superloop of docs/examples/superloop.c, with an interrupt at every place
 * where one can come: the n-th run has it at the n-th place. Whatever the
 * place, the board does not go to sleep with something to do.
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

#define LOST 2

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
    if (!interleave_locked || loop.ready_first_ != NULL || modem_has_byte) {
        _exit(LOST);
    }
    return virtual_clock.ops->sleep(clock, deadline, polling);
}

/* Ends by exit(), in the watchdog. */
static void run(void)
{
    async_clock_t *clock = async_virtual_clock_init(&board, 0);
    virtual_clock = *clock;
    async_clock_ops_t ops = *clock->ops;
    ops.now = open_now;
    ops.sleep = checked_sleep;
    clock->ops = &ops;
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
        printf("asleep with work, after an interrupt at place %lu\n", place);
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
    unsigned long runs = sweep(button_handler) + sweep(modem_handler);
    printf("%lu places, none lost\n", runs);
    return runs < 100;
}
