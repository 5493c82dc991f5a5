/* SPDX-License-Identifier: MIT */

/*
 * docs/examples/rtos.c, disturbed at every place where an interrupt can come or
 * threads can change: the n-th run at the n-th place, by
 *  - an interrupt handler that calls the library,
 *  - a more urgent thread that does,
 *  - something that keeps the processor busy for some ticks.
 * Whatever the place, the processor does not idle while the loop has work, and
 * a deadline is missed by no more than the time that was taken away.
 *
 * EXAMPLE names the program, which may be a broken copy.
 */
#define _GNU_SOURCE
int example_main(void);

#define main example_main
#include EXAMPLE
#undef main

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUSY        3
#define WRONG(text) (fprintf(stderr, "%s\n", text), _Exit(1))

static void (*disturb)(void);
static unsigned long place;
static unsigned long *places; /* of the run, shared with its process */
static TickType_t taken_away;
static TaskHandle_t urgent_thread;

/* --- The disturbances ----------------------------------------------------- */

static void call_library(void)
{
    if (async_current_task() != NULL) {
        WRONG("taken for the task that was interrupted");
    }
    put_reading(1);
}

static void interrupt(void)
{
    board_interrupt(call_library);
}

static void give_urgent(void)
{
    BaseType_t more_urgent;
    vTaskNotifyGiveFromISR(urgent_thread, &more_urgent);
}

static void preempt(void)
{
    board_interrupt(give_urgent);
}

static void be_busy(void)
{
    taken_away = BUSY;
    board_busy(BUSY);
}

static void run_urgent(void *unused)
{
    (void)unused;
    for (;;) {
        ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
        call_library();
    }
}

/* --- One run -------------------------------------------------------------- */

static void at_place(void)
{
    if (++*places == place) {
        disturb();
    }
}

static async_time_t first_deadline(void)
{
    const char *node = (const char *)loop.nodes_.next_;
    return ((const async_timer_t_ *)(const void *)(node -
                                                   offsetof(async_timer_t_,
                                                            node_)))
        ->deadline_;
}

static void check_idle(void)
{
    async_time_t now = xTaskGetTickCount();
    if (loop.ready_first_ != NULL || async_queue_count(&readings) != 0) {
        WRONG("idle with work");
    }
    if (loop.nodes_.next_ == NULL ||
        !async_time_before(now, first_deadline() + taken_away)) {
        WRONG("a deadline is missed");
    }
}

int adc_read(void)
{
    return 60;
}

const struct board_interrupt board_interrupts[] = {
    {100, ADC_IRQHandler},
    {250, ADC_IRQHandler},
    {400, ADC_IRQHandler},
    {601, NULL},
};

static void run(void)
{
    static StaticTask_t thread;
    static StackType_t stack[256];
    urgent_thread =
        xTaskCreateStatic(run_urgent, "urgent", 256, NULL, 3, stack, &thread);
    board_open = at_place;
    board_idle = check_idle;
    example_main();
}

/* --- All runs ------------------------------------------------------------- */

/* In a process of its own, since the program keeps what it was left with. */
static void run_alone(const char *name)
{
    int status;
    *places = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(STDOUT_FILENO, STDERR_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        run();
    }
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("%s at place %lu\n", name, place);
        exit(1);
    }
}

static void sweep(const char *name, void (*disturbance)(void))
{
    disturb = disturbance;
    place = 0;
    do {
        place++;
        run_alone(name);
    } while (*places >= place);
    printf("%s: at %lu places\n", name, place - 1);
    if (place < 100) {
        exit(1);
    }
}

int main(void)
{
    places = mmap(NULL, sizeof *places, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sweep("an interrupt", interrupt);
    sweep("a more urgent thread", preempt);
    sweep("a busy processor", be_busy);
    return 0;
}
