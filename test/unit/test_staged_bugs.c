/* SPDX-License-Identifier: MIT */

/*
 * Ten bugs that firmware has, staged, and how each is found: a report or a dump
 * names the coroutine and the line. (The one whose timeout is too short is
 * found in a trace, too: test/trace.)
 */
#include "test.h"

#include <async/dump.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static async_virtual_clock_t machine;
static async_loop_t loop;
static async_event_t never;

/* --- What is seen --------------------------------------------------------- */

static char seen[4096];

static void see(void *context, const char *text, size_t length)
{
    size_t used = strlen(seen);
    (void)context;
    assert_true(used + length < sizeof seen);
    memcpy(seen + used, text, length);
    seen[used + length] = '\0';
}

static void dump(void *context)
{
    (void)context;
    seen[0] = '\0';
    async_dump(&loop, see, NULL);
}

static void assert_part(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        print_error("\"%s\" is not in:\n%s", part, text);
        fail();
    }
}

/* "in 'name' (test_staged_bugs.c:line)", and what follows. */
static void assert_names(const char *text, const char *name, int line,
                         const char *more)
{
    char part[200];
    snprintf(part, sizeof part, "'%s' (test_staged_bugs.c:%d)%s", name, line,
             more);
    assert_part(text, part);
}

#define assert_dump_names(name, line, more) assert_names(seen, name, line, more)
#define assert_report_names(name, line)                                        \
    assert_names(report_text(), name, line, "")

/* --- Running -------------------------------------------------------------- */

static async_virtual_interrupt_t interrupts[2];

static void at(unsigned i, unsigned time, void (*handler)(void *),
               void *context)
{
    async_virtual_interrupt_at(&machine, &interrupts[i], (async_time_t)time,
                               handler, context);
}

static void stop(void *context)
{
    (void)context;
    async_stop(&loop);
}

static void begin(void)
{
    memset(&never, 0, sizeof never);
    async_loop_init(&loop, async_virtual_clock_init(&machine, 0));
}

static int run(async_coro_t *coro)
{
    begin();
    return async_run(&loop, coro);
}

/* Run two, get a dump when some time has passed, and end them. */
static void run_and_dump(async_coro_t *one, async_coro_t *other)
{
    async_task_t tasks[2] = {ASYNC_TASK_INIT, ASYNC_TASK_INIT};
    begin();
    async_spawn(&loop, &tasks[0], one);
    async_spawn(&loop, &tasks[1], other);
    at(0, 1000, dump, NULL);
    at(1, 1001, stop, NULL);
    assert_int_equal(async_run_forever(&loop), 0);
    async_loop_close(&loop);
}

/* The rest of the firmware, which goes on. */
struct blink {
    ASYNC_FRAME;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_sleep(250));
    }
    ASYNC_END();
}

/* --- 1. A deadlock of two locks ------------------------------------------- */

static async_lock_t bus, journal;

struct samples {
    ASYNC_FRAME;
    async_with_t outer;
    async_with_t inner;
};

enum { SAMPLES_FIRST = __LINE__ + 5, SAMPLES_SECOND = __LINE__ + 7 };

ASYNC_STATIC(samples)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->outer, &bus) {
        AWAIT(async_sleep(1));
        ASYNC_WITH_LOCK(&self->inner, &journal) {
        }
    }
    ASYNC_END();
}

struct writes {
    ASYNC_FRAME;
    async_with_t outer;
    async_with_t inner;
};

enum { WRITES_FIRST = __LINE__ + 5, WRITES_SECOND = __LINE__ + 7 };

ASYNC_STATIC(writes)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->outer, &journal) {
        AWAIT(async_sleep(1));
        ASYNC_WITH_LOCK(&self->inner, &bus) {
        }
    }
    ASYNC_END();
}

struct both {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t members[2];
    struct samples samples;
    struct writes writes;
};

ASYNC_STATIC(both)
{
    ASYNC_BEGIN();
    self->samples = ASYNC_CALL(samples);
    self->writes = ASYNC_CALL(writes);
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->members[0], &self->samples.coro);
        async_group_spawn(&self->group, &self->members[1], &self->writes.coro);
    }
    ASYNC_END();
}

static void assert_both_are_named(void)
{
    assert_dump_names("samples", SAMPLES_SECOND,
                      ", awaiting async_lock_acquire(&journal)\n");
    assert_dump_names("writes", WRITES_SECOND,
                      ", awaiting async_lock_acquire(&bus)\n");
}

static void assert_block(int line)
{
    char block[40];
    snprintf(block, sizeof block, "in the block at line %d\n", line);
    assert_part(seen, block);
}

static void a_deadlock_of_two_locks_is_reported_with_both_owners(void **state)
{
    (void)state;
    memset(&bus, 0, sizeof bus);
    memset(&journal, 0, sizeof journal);
    ASYNC_OBJECT(both, both);
    assert_int_equal(run(&both.coro), ASYNC_ERR_DEADLOCK);
    seen[0] = '\0';
    for (int i = 0; i < 3; i++) { /* the task of the group is one of them */
        expect_report(ASYNC_REPORT_DEADLOCK);
        see(NULL, report_text(), strlen(report_text()));
    }
    assert_both_are_named();
}

static void in_a_firmware_that_goes_on_a_dump_shows_it(void **state)
{
    (void)state;
    memset(&bus, 0, sizeof bus);
    memset(&journal, 0, sizeof journal);
    ASYNC_OBJECT(both, both);
    ASYNC_OBJECT(blink, blink);
    run_and_dump(&both.coro, &blink.coro);
    assert_both_are_named();
    assert_block(SAMPLES_FIRST);
    assert_block(WRITES_FIRST);
}

/* --- 2. A lost wake in the user's driver ---------------------------------- */

static async_event_t received;

/* The event is cleared behind the start of the transfer, which may be done by
 * then. */
struct transfer {
    ASYNC_FRAME;
};

enum { TRANSFER_WAITS = __LINE__ + 7 };

ASYNC_STATIC(transfer)
{
    ASYNC_BEGIN();
    async_event_set(&received); /* the hardware is fast */
    async_event_clear(&received);
    AWAIT(async_event_wait(&received));
    ASYNC_END();
}

static void a_lost_wake_is_where_a_task_waits_without_a_deadline(void **state)
{
    (void)state;
    ASYNC_OBJECT(transfer, transfer);
    ASYNC_OBJECT(blink, blink);
    run_and_dump(&transfer.coro, &blink.coro);
    assert_dump_names("transfer", TRANSFER_WAITS,
                      ", awaiting async_event_wait(&received)\n");
    assert_part(seen, "'transfer': waiting\n"); /* no "due in" */
    assert_int_equal(run(&ASYNC_CALL(transfer).coro), ASYNC_ERR_DEADLOCK);
    expect_report(ASYNC_REPORT_DEADLOCK);
    assert_report_names("transfer", TRANSFER_WAITS);
}

/* --- 3. A forgotten await ------------------------------------------------- */

static void start_wait(void)
{
    async_wait_t wait = async_event_wait(&never);
    (void)wait;
}

struct forgets {
    ASYNC_FRAME;
};

enum { FORGETS_AFTER = __LINE__ + 5 };

ASYNC_STATIC(forgets)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    start_wait();
    ASYNC_END();
}

static void a_forgotten_await_is_reported_where_the_task_goes_on(void **state)
{
    (void)state;
    ASYNC_OBJECT(forgets, forgets);
    assert_int_equal(run(&forgets.coro), 0);
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    assert_report_names("forgets", FORGETS_AFTER);
}

/* --- 4. A task that never yields ------------------------------------------ */

/* The watchdog's early warning cuts in, as a signal does. */
static volatile sig_atomic_t warned;

static void early_warning(int number)
{
    (void)number;
    dump(NULL);
    warned = 1;
}

struct spins {
    ASYNC_FRAME;
};

enum { SPINS_AFTER = __LINE__ + 5 };

ASYNC_STATIC(spins)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    while (!warned) { /* for a flag of the hardware */
        raise(SIGUSR1);
    }
    ASYNC_END();
}

static void
a_task_that_never_yields_is_in_the_dump_of_an_early_warning(void **state)
{
    (void)state;
    void (*before)(int) = signal(SIGUSR1, early_warning);
    warned = 0;
    ASYNC_OBJECT(spins, spins);
    assert_int_equal(run(&spins.coro), 0);
    signal(SIGUSR1, before);
    assert_part(seen, "'spins': running\n");
    assert_dump_names("spins", SPINS_AFTER, "");
}

/* --- 5. A queue that nobody drains ---------------------------------------- */

static ASYNC_QUEUE(int, 2) reports = ASYNC_QUEUE_INIT(reports);

struct produces {
    ASYNC_FRAME;
    int i;
};

enum { PRODUCES_PUTS = __LINE__ + 6 };

ASYNC_STATIC(produces)
{
    ASYNC_BEGIN();
    for (self->i = 0;; self->i++) {
        AWAIT_PUT(&reports, &self->i);
    }
    ASYNC_END();
}

static void a_queue_that_nobody_drains_has_its_producers_waiting(void **state)
{
    (void)state;
    ASYNC_OBJECT(produces, one);
    ASYNC_OBJECT(produces, other);
    run_and_dump(&one.coro, &other.coro);
    assert_dump_names("produces", PRODUCES_PUTS,
                      ", awaiting async_queue_wait_room(&reports)\n");
    assert_part(seen, "1st of 2\n");
    assert_part(seen, "2nd of 2\n");
}

/* --- 6. A timeout that is too short --------------------------------------- */

struct slow_answer {
    ASYNC_FRAME;
};

enum { ANSWER_WAITS = __LINE__ + 5 };

ASYNC_STATIC(slow_answer)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(2000));
    ASYNC_END();
}

struct asks {
    ASYNC_FRAME;
    async_timeout_t limit;
    struct slow_answer answer;
};

enum { ASKS_BLOCK = __LINE__ + 6, ASKS_CALL = __LINE__ + 7 };

ASYNC_STATIC(asks)
{
    ASYNC_BEGIN();
    for (;;) {
        ASYNC_TIMEOUT(&self->limit, 1500) {
            AWAIT_CALL(self->answer, slow_answer);
        }
    }
    ASYNC_END();
}

static void
a_timeout_that_is_too_short_stands_beside_what_it_limits(void **state)
{
    (void)state;
    char block[60];
    ASYNC_OBJECT(asks, asks);
    ASYNC_OBJECT(blink, blink);
    run_and_dump(&asks.coro, &blink.coro);
    assert_dump_names("asks", ASKS_CALL, "");
    assert_dump_names("slow_answer", ANSWER_WAITS,
                      ", awaiting async_sleep(2000)\n");
    snprintf(block, sizeof block,
             "in the block at line %d, time up in 500 ticks\n", ASKS_BLOCK);
    assert_part(seen, block);
    assert_part(seen, "due in 1000 ticks\n"); /* what it waits for: later */
}

/* --- 7. A leak of a task -------------------------------------------------- */

struct client {
    ASYNC_FRAME;
    async_shield_t shield;
};

enum { CLIENT_WAITS = __LINE__ + 6 };

ASYNC_STATIC(client)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        AWAIT(async_event_wait(&never)); /* for an answer that never comes */
    }
    ASYNC_END();
}

static async_task_t pool[8];
static struct client clients[8];

struct server {
    ASYNC_FRAME;
    unsigned i;
};

ASYNC_STATIC(server)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 8; self->i++) {
        clients[self->i] = ASYNC_CALL(client);
        async_spawn(&loop, &pool[self->i], &clients[self->i].coro);
        AWAIT(async_sleep(100));
    }
    ASYNC_END();
}

static void a_task_that_leaks_is_counted_and_reported_at_the_close(void **state)
{
    (void)state;
    ASYNC_OBJECT(server, server);
    assert_int_equal(run(&server.coro), 0);
    for (int i = 0; i < 8; i++) {
        expect_report(ASYNC_REPORT_TASK_LEFT);
        assert_report_names("client", CLIENT_WAITS);
    }
}

/* --- 8. A double release -------------------------------------------------- */

struct releases {
    ASYNC_FRAME;
};

enum { RELEASES_AFTER = __LINE__ + 5 };

ASYNC_STATIC(releases)
{
    ASYNC_BEGIN();
    AWAIT(async_lock_acquire(&bus));
    async_lock_release(&bus);
    async_lock_release(&bus);
    ASYNC_END();
}

static void a_double_release_is_reported(void **state)
{
    (void)state;
    memset(&bus, 0, sizeof bus);
    ASYNC_OBJECT(releases, releases);
    assert_int_equal(run(&releases.coro), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_report_names("releases", RELEASES_AFTER);
}

/* --- 9. A wait in an interrupt -------------------------------------------- */

static async_irq_t irq;

static void handler_that_waits(void *context)
{
    (void)context;
    start_wait();
}

struct is_cut_into {
    ASYNC_FRAME;
};

enum { CUT_INTO_AFTER = __LINE__ + 5 };

ASYNC_STATIC(is_cut_into)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_irq_raise(&irq);
    async_event_clear(&received); /* where it comes, on a PC */
    ASYNC_END();
}

static void
a_wait_in_an_interrupt_is_reported_with_what_it_has_cut_into(void **state)
{
    (void)state;
    async_irq_init(&irq, handler_that_waits, NULL);
    ASYNC_OBJECT(is_cut_into, task);
    assert_int_equal(run(&task.coro), 0);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_report_names("is_cut_into", CUT_INTO_AFTER);
}

/* --- 10. Scopes left by goto ---------------------------------------------- */

struct leaves {
    ASYNC_FRAME;
    async_timeout_t limit;
};

enum { LEAVES_AFTER = __LINE__ + 6 };

ASYNC_STATIC(leaves)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 100) {
        AWAIT(async_sleep(1));
        goto out;
    }
out:
    ASYNC_END();
}

static void a_scope_left_by_goto_is_reported(void **state)
{
    (void)state;
    ASYNC_OBJECT(leaves, leaves);
    assert_int_equal(run(&leaves.coro), 0);
    expect_report(ASYNC_REPORT_SCOPE_LEFT);
    assert_report_names("leaves", LEAVES_AFTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        async_test(a_deadlock_of_two_locks_is_reported_with_both_owners),
        async_test(in_a_firmware_that_goes_on_a_dump_shows_it),
        async_test(a_lost_wake_is_where_a_task_waits_without_a_deadline),
        async_test(a_forgotten_await_is_reported_where_the_task_goes_on),
        async_test(a_task_that_never_yields_is_in_the_dump_of_an_early_warning),
        async_test(a_queue_that_nobody_drains_has_its_producers_waiting),
        async_test(a_timeout_that_is_too_short_stands_beside_what_it_limits),
        async_test(a_task_that_leaks_is_counted_and_reported_at_the_close),
        async_test(a_double_release_is_reported),
        async_test(
            a_wait_in_an_interrupt_is_reported_with_what_it_has_cut_into),
        async_test(a_scope_left_by_goto_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
