/* SPDX-License-Identifier: MIT */

/*
 * How busy is the processor, who makes it so, and who has to wait?
 *
 * Three tasks: one filters samples, one computes a spectrum now and then, one
 * replies to bytes that an interrupt brings. Build with ASYNC_ACCOUNTING=1 and
 * ASYNC_TIMESTAMPS_PER_SECOND=1000000.
 */
#include <async/async.h>

#include <stdio.h>

#if !ASYNC_ACCOUNTING
#error "build this with ASYNC_ACCOUNTING=1"
#endif

/* --- The board, simulated ------------------------------------------------- */

static async_virtual_clock_t virtual_clock;
static async_clock_t *board_clock;
static uint32_t microseconds; /* of the current millisecond */

/* A timer that counts microseconds. */
uint32_t async_timestamp(const async_loop_t *loop)
{
    (void)loop;
    async_time_t ticks = board_clock->ops->now(board_clock);
    return (uint32_t)ticks * 1000 + microseconds;
}

/* Compute. Interrupts come meanwhile. */
static void work(uint32_t duration)
{
    microseconds += duration;
    while (microseconds >= 1000) {
        microseconds -= 1000;
        async_virtual_clock_advance(&virtual_clock, ASYNC_MS(1));
        board_clock->ops->look(board_clock);
    }
}

static async_event_t received;
static async_virtual_interrupt_t uart;

/* A byte each 7 ms. */
static void uart_handler(void *context)
{
    async_virtual_interrupt_at(&virtual_clock, &uart,
                               board_clock->ops->now(board_clock) + ASYNC_MS(7),
                               uart_handler, context);
    async_event_set(&received);
}

/* --- The firmware --------------------------------------------------------- */

struct filter {
    ASYNC_FRAME;
    async_ticker_t ticker;
};

ASYNC_STATIC(filter)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, ASYNC_MS(10));
    for (;;) {
        AWAIT(async_ticker_wait(&self->ticker));
        work(1200);
    }
    ASYNC_END();
}

static bool spectrum_yields;

struct transform {
    ASYNC_FRAME;
    int row;
};

ASYNC_STATIC(transform)
{
    ASYNC_BEGIN();
    for (self->row = 0; self->row < 16; self->row++) {
        work(450);
        if (spectrum_yields) {
            ASYNC_YIELD();
        }
    }
    ASYNC_END();
}

struct spectrum {
    ASYNC_FRAME;
    struct transform transform;
};

ASYNC_STATIC(spectrum)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep(ASYNC_MS(100)));
        AWAIT_CALL(self->transform, transform);
        work(20);
    }
    ASYNC_END();
}

struct reply {
    ASYNC_FRAME;
};

ASYNC_STATIC(reply)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&received));
        async_event_clear(&received);
        work(50);
    }
    ASYNC_END();
}

/* --- What it costs -------------------------------------------------------- */

static async_loop_t loop;
static async_task_t filter_task;
static async_task_t spectrum_task;
static async_task_t reply_task;

static void write_out(void *context, const char *text, size_t length)
{
    (void)context;
    fwrite(text, 1, length, stdout);
}

void async_on_report(const async_report_t *report)
{
    async_report_write(report, write_out, NULL);
}

static void print_latencies(const async_account_t *account)
{
    printf("%u bytes had to wait\n", (unsigned)account->wakes);
    for (unsigned i = 0; i < ASYNC_LATENCY_BUCKETS; i++) {
        if (account->latency[i] != 0) {
            uint64_t us = async_account_us(async_latency_from(i));
            printf("  %5u us or more: %3u\n", (unsigned)us,
                   (unsigned)account->latency[i]);
        }
    }
}

static void print_load(void)
{
    async_loop_account_t account = async_loop_account(&loop);
    unsigned idle = async_account_share(account.asleep, account.elapsed);
    printf("idle: %u.%u %%\n", idle / 10, idle % 10);
    async_account_write(&loop, write_out, NULL);
    async_account_t reply_account = async_task_account(&reply_task);
    print_latencies(&reply_account);
}

struct app {
    ASYNC_FRAME;
    struct filter filter;
    struct spectrum spectrum;
    struct reply reply;
};

ASYNC_STATIC(app)
{
    ASYNC_BEGIN();
    self->filter = ASYNC_CALL(filter);
    self->spectrum = ASYNC_CALL(spectrum);
    self->reply = ASYNC_CALL(reply);
    async_spawn(&loop, &filter_task, &self->filter.coro);
    async_spawn(&loop, &spectrum_task, &self->spectrum.coro);
    async_spawn(&loop, &reply_task, &self->reply.coro);

    printf("--- one second\n");
    AWAIT(async_sleep(ASYNC_SECONDS(1)));
    print_load();

    printf("--- steps above 2 ms\n");
    async_loop_set_slow_step(&loop, ASYNC_TIMESTAMPS_US(2000));
    AWAIT(async_sleep(ASYNC_MS(100)));
    async_loop_set_slow_step(&loop, 0);

    printf("--- one second with a yield\n");
    spectrum_yields = true;
    async_account_reset(&loop);
    AWAIT(async_sleep(ASYNC_SECONDS(1)));
    print_load();
    ASYNC_END();
}

int main(void)
{
    board_clock = async_virtual_clock_init(&virtual_clock, 0);
    async_loop_init(&loop, board_clock);
    uart_handler(NULL);
    ASYNC_OBJECT(app, app);
    return async_run(&loop, &app.coro);
}
