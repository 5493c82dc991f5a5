/* SPDX-License-Identifier: MIT */

/*
 * A hardware watchdog that is fed only while every critical task makes
 * progress, and a program that knows after the reset which of them did not.
 * The chip is simulated: it boots three times, with another fault each time.
 */
#include <async/async.h>

#include <stdio.h>
#include <string.h>

/* --- The chip ------------------------------------------------------------- */

static void wdt_start(void);  /* it resets after 2 s, and warns 100 ms before */
static void wdt_feed(void);   /* 2 s from now */
static bool adc_ready(void);  /* second boot: never again */
static void modem_send(void); /* first boot: it does not answer */
static unsigned long uptime(void);

/* --- What outlives a reset ------------------------------------------------ */

/* On a chip: in a section that the start-up code leaves alone, with a checksum.
 * The names are in flash, and the same after the reset. */
static struct {
    const char *why;
    unsigned depth;
    async_place_t places[4];
} note;

static void write_down(const char *why, const async_task_t *task)
{
    const async_coro_t *coro = task == NULL ? NULL : async_task_coro(task);
    note.why = why;
    for (note.depth = 0; coro != NULL && note.depth < 4; note.depth++) {
        note.places[note.depth] = async_coro_place(coro);
        coro = async_coro_caller(coro);
    }
}

static void print_note(void)
{
    printf("  last reset: %s", note.why == NULL ? "power on" : note.why);
    for (unsigned i = 0; i < note.depth; i++) {
        printf("%s%s (line %u)", i == 0 ? ": " : ", called by ",
               note.places[i].name, note.places[i].line);
    }
    printf("\n");
    memset(&note, 0, sizeof note);
}

/* --- The critical tasks --------------------------------------------------- */

static async_watchdog_t dog;

/* It works each 100 ms, and beats when it has. */
struct sample {
    ASYNC_FRAME;
    async_ticker_t ticker;
    async_pulse_t pulse;
};

ASYNC(sample)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, ASYNC_MS(100));
    ASYNC_PULSE(&self->pulse, &dog, ASYNC_MS(300)) {
        for (;;) {
            AWAIT(async_ticker_wait(&self->ticker));
            while (!adc_ready()) { /* "a few cycles", says the data sheet */
            }
            async_pulse_beat(&self->pulse);
        }
    }
    ASYNC_END();
}

static async_event_t modem_is_ready;

struct send_report {
    ASYNC_FRAME;
    int report;
};

ASYNC(send_report)
{
    ASYNC_BEGIN();
    modem_send();
    AWAIT(async_event_wait(&modem_is_ready)); /* without a limit */
    async_event_clear(&modem_is_ready);
    printf("%6lu ms: report %d sent\n", uptime(), self->report);
    ASYNC_END();
}

static ASYNC_QUEUE(int, 4) reports = ASYNC_QUEUE_INIT(reports);

/* It may wait for a report as long as it likes, but send it within a second. */
struct uplink {
    ASYNC_FRAME;
    int report;
    async_pulse_t pulse;
    struct send_report send;
};

ASYNC(uplink)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(&reports, &self->report);
        ASYNC_PULSE(&self->pulse, &dog, ASYNC_SECONDS(1)) {
            AWAIT_CALL(self->send, send_report, .report = self->report);
        }
    }
    ASYNC_END();
}

/* --- The watchdog --------------------------------------------------------- */

static void on_late(const async_pulse_t *late)
{
    printf("%6lu ms: not fed\n", uptime());
    write_down("a task is late", async_pulse_task(late));
}

/* The early warning. If nobody is late, it is the check that did not come. */
static void WDT_IRQHandler(void)
{
    printf("%6lu ms: early warning\n", uptime());
    if (async_watchdog_late(&dog, NULL) == NULL) {
        write_down("a task did not pause", async_interrupted_task());
    }
}

/* --- Main ----------------------------------------------------------------- */

static async_loop_t loop;
static async_task_t tasks[3];
static struct sample sample;
static struct uplink uplink;
static struct async_watchdog_run feeder;

static void firmware(async_clock_t *clock)
{
    print_note();
    async_loop_init(&loop, clock);
    sample = ASYNC_CALL(sample);
    uplink = ASYNC_CALL(uplink);
    feeder =
        ASYNC_CALL(async_watchdog_run, .watchdog = &dog,
                   .period = ASYNC_MS(600), .feed = wdt_feed, .late = on_late);
    async_spawn(&loop, &tasks[0], &sample.coro);
    async_spawn(&loop, &tasks[1], &uplink.coro);
    async_spawn(&loop, &tasks[2], &feeder.coro);
    wdt_start();
    async_run_forever(&loop);
}

/* --- The simulated chip --------------------------------------------------- */

static async_virtual_clock_t board;
static async_virtual_interrupt_t warns, resets, reported, switched_off;
static async_time_t fed;
static int boot;
static bool in_reset;

static unsigned long uptime(void)
{
    return (unsigned long)async_loop_now(&loop);
}

static void wdt_warns(void *unused)
{
    (void)unused;
    WDT_IRQHandler();
}

static void wdt_resets(void *unused)
{
    (void)unused;
    printf("%6lu ms: reset\n", uptime());
    in_reset = true;
    async_stop(&loop);
}

static void wdt_feed(void)
{
    fed = async_loop_now(&loop);
    async_virtual_interrupt_at(&board, &warns, fed + 1900, wdt_warns, NULL);
    async_virtual_interrupt_at(&board, &resets, fed + 2000, wdt_resets, NULL);
}

static void wdt_start(void)
{
    wdt_feed();
}

/* While the processor spins the watchdog goes on, and cuts in. */
static bool adc_ready(void)
{
    if (boot != 2 || uptime() < 1300) {
        return true;
    }
    async_virtual_clock_advance(&board, 1);
    if (async_loop_now(&loop) == fed + 1900) {
        async_virtual_interrupt_cancel(&board, &warns);
        WDT_IRQHandler();
    }
    if (async_loop_now(&loop) == fed + 2000) {
        async_virtual_interrupt_cancel(&board, &resets);
        wdt_resets(NULL);
    }
    return in_reset;
}

static void modem_send(void)
{
    if (boot != 1) {
        async_event_set(&modem_is_ready);
    }
}

static void want_report(void *unused)
{
    int report = 7;
    (void)unused;
    printf("%6lu ms: report wanted\n", uptime());
    (void)!async_queue_try_put(&reports, &report);
}

static void switch_off(void *unused)
{
    (void)unused;
    printf("%6lu ms: all is well\n", uptime());
    async_stop(&loop);
}

static void clear_ram(void)
{
    memset(&dog, 0, sizeof dog);
    memset(&tasks, 0, sizeof tasks);
    memset(&modem_is_ready, 0, sizeof modem_is_ready);
    async_queue_init(&reports);
    in_reset = false;
}

int main(void)
{
    for (boot = 1; boot <= 3; boot++) {
        async_clock_t *clock = async_virtual_clock_init(&board, 0);
        printf("boot %d\n", boot);
        clear_ram();
        async_virtual_interrupt_at(&board, &reported, 1200, want_report, NULL);
        async_virtual_interrupt_at(&board, &switched_off, 6000, switch_off,
                                   NULL);
        firmware(clock);
    }
    return 0;
}
