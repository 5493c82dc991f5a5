/* SPDX-License-Identifier: MIT */

/*
 * Three temperature sensors on one I2C bus. One hangs, and one does not answer
 * every third time; the others are read all the same.
 *
 * The bus is simulated on the virtual clock, so the program takes no time and
 * prints the same each time. All above "The simulated bus" is firmware.
 */
#include <async/async.h>

#include <errno.h>
#include <stdio.h>

static void say(unsigned address, const char *text)
{
    printf("%4u ms  0x%02x: %s\n", (unsigned)(async_now() / ASYNC_MS(1)),
           address, text);
}

/* Errors are negative numbers; those of errno are free to use. */
static const char *text_of(int error)
{
    return error == -EIO         ? "no answer (-EIO)"
           : error == -ETIMEDOUT ? "hangs (-ETIMEDOUT)"
                                 : "failed";
}

/* --- The driver: one transfer --------------------------------------------- */

/* What it asks of the hardware. */
static void i2c_start(uint8_t address);
static int32_t i2c_result(void); /* of the last transfer: 16 bits, or -EIO */
static void i2c_reset(void);     /* clocks SCL until everybody lets go */

static async_event_t transfer_done;

static void i2c_interrupt(void)
{
    async_event_set(&transfer_done);
}

struct i2c_transfer {
    ASYNC_FRAME;
    int32_t result;
    uint8_t address;
    async_shield_t shield;
};

ASYNC_STATIC(i2c_transfer)
{
    ASYNC_BEGIN();
    async_event_clear(&transfer_done);
    i2c_start(self->address);
    AWAIT(async_event_wait(&transfer_done));
    if (i2c_result() < 0) {
        ASYNC_RAISE((int)i2c_result());
    }
    ASYNC_RETURN(i2c_result());
    ASYNC_FINALLY();
    if (!async_event_is_set(&transfer_done)) { /* given up: clean the bus */
        ASYNC_SHIELD(&self->shield) {          /* to the end, whoever cancels */
            say(self->address, "holds the bus, reset");
            i2c_reset();
            AWAIT(async_sleep(ASYNC_MS(2)));
        }
    }
    ASYNC_END();
}

/* --- One reading: a lock and a deadline ----------------------------------- */

static async_lock_t bus;

struct read_once {
    ASYNC_FRAME;
    int32_t result;
    uint8_t address;
    async_with_t guard;
    async_timeout_t limit;
    struct i2c_transfer transfer;
};

ASYNC_STATIC(read_once)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, &bus) {
        ASYNC_TIMEOUT(&self->limit, ASYNC_MS(20)) { /* from here, on the bus */
            AWAIT_CALL(self->transfer, i2c_transfer, .address = self->address);
        }
        if (async_timeout_expired(&self->limit)) {
            ASYNC_RAISE(-ETIMEDOUT); /* the lock is released on the way out */
        }
    }
    ASYNC_RETURN(self->transfer.result);
    ASYNC_END();
}

/* --- Retries with back-off ------------------------------------------------ */

#define ATTEMPTS 3

struct read_temperature {
    ASYNC_FRAME;
    int32_t result; /* thousandths of a degree Celsius */
    uint8_t address;
    int attempt;
    int error;
    struct read_once once;
};

ASYNC_STATIC(read_temperature)
{
    ASYNC_BEGIN();
    for (self->attempt = 1;; self->attempt++) {
        AWAIT_CALL_CATCH(self->error, self->once, read_once,
                         .address = self->address);
        if (self->error == 0) {
            ASYNC_RETURN((int16_t)self->once.result * INT32_C(1000) / 256);
        }
        say(self->address, text_of(self->error));
        if (self->attempt == ATTEMPTS) {
            ASYNC_RAISE(self->error);
        }
        AWAIT(async_sleep(ASYNC_MS(5) << self->attempt)); /* 10 ms, 20 ms */
    }
    ASYNC_END();
}

/* --- All sensors at the same time, five times a second -------------------- */

static const uint8_t addresses[] = {0x48, 0x49, 0x4a};
#define SENSORS (sizeof addresses)

struct report {
    ASYNC_FRAME;
    int rounds; /* how many */
    async_ticker_t ticker;
    async_group_t group;
    async_member_t members[SENSORS];
    struct read_temperature sensors[SENSORS];
};

static void print_round(struct report *self)
{
    for (size_t i = 0; i < SENSORS; i++) {
        int error = async_task_error(&self->members[i].task);
        char text[32];
        snprintf(text, sizeof text, "%ld mC", (long)self->sensors[i].result);
        say(addresses[i], error == 0 ? text : text_of(error));
    }
}

ASYNC_STATIC(report)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, ASYNC_MS(200));
    for (; self->rounds > 0; self->rounds--) {
        AWAIT(async_ticker_wait(&self->ticker));
        puts("-- round");
        for (size_t i = 0; i < SENSORS; i++) {
            self->sensors[i] =
                ASYNC_CALL(read_temperature, .address = addresses[i]);
        }
        AWAIT(async_gather_errors(
            &self->group, self->members, &self->sensors[0].coro,
            &self->sensors[1].coro, &self->sensors[2].coro));
        print_round(self);
    }
    ASYNC_END();
}

/* --- The simulated bus: a transfer takes 3 ms ----------------------------- */

static async_virtual_clock_t clock;
static async_virtual_interrupt_t interrupt;
static int32_t data;

static void interrupt_handler(void *context)
{
    (void)context;
    i2c_interrupt();
}

static void i2c_start(uint8_t address)
{
    static unsigned asked;                    /* how often 0x4a was */
    data = address == 0x48 ? 0x1580 : 0xee40; /* in 1/256 C */
    if (address == 0x4a && asked++ % 3 == 0) {
        data = -EIO;
    }
    if (address != 0x49) { /* that one hangs: its interrupt never comes */
        async_virtual_interrupt_at(&clock, &interrupt,
                                   async_now() + ASYNC_MS(3), interrupt_handler,
                                   NULL);
    }
}

static int32_t i2c_result(void)
{
    return data;
}

static void i2c_reset(void)
{
}

int main(void)
{
    async_loop_t loop;
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    ASYNC_OBJECT(report, report, .rounds = 2);
    return async_run(&loop, &report.coro) != 0;
}
