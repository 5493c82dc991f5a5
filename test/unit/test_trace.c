/* SPDX-License-Identifier: MIT */

/*
 * Tracing: which records are written, and how they are read. The numbers here
 * are those of docs/reference/trace.md, on which async-trace.py relies.
 */
#include "test.h"

#define RUN                0x0000
#define WAIT               0x4000
#define AGAIN              0x8000
#define RAISED             0xC000
#define SPAWN              0xFE10
#define READY_BY_TASK      0xFE11
#define READY_BY_INTERRUPT 0xFE12
#define READY_BY_TIMER     0xFE13
#define READY              0xFE14
#define ENDED              0xFE15
#define FAILED             0xFE16
#define SLEEP              0xFE17
#define WAKE_UP            0xFE18
#define TIME               0xFE19
#define LOST               0xFE1A
#define MARK               0xFE1B
#define ENTER              0xFE1C
#define EXIT               0xFE1D
#define NAME               0xFE1E
#define HELLO              0xFE20
#define REPORT             0xFE40

#define CAPACITY 64
static ASYNC_TRACE_RING(CAPACITY) ring;

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_task_t a, b;
static async_event_t event;

/* Takes the place of the library's. */
static uint32_t stamp;
static async_irq_t *raised; /* while the time is asked for */
uint32_t async_timestamp(const async_loop_t *asked)
{
    assert_true(asked == NULL || asked == &loop);
    uint32_t now = stamp;
    if (raised != NULL) {
        stamp++;
        async_irq_raise(raised);
        raised = NULL;
        async_port_unlock(async_port_lock());
    }
    return now;
}

static int begin(void **state)
{
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, 0));
    a = b = (async_task_t)ASYNC_TASK_INIT;
    async_event_clear(&event);
    stamp = 0x12345678;
    return reports_begin(state);
}

static int end(void **state)
{
    async_trace_stop();
    return reports_end(state);
}

#define trace_test(function)                                                   \
    cmocka_unit_test_setup_teardown(function, begin, end)

/* --- What is in the ring -------------------------------------------------- */

static uint16_t shortened(uintptr_t address)
{
    return (uint16_t)(sizeof(void *) == 8   ? address >> 3
                      : sizeof(void *) == 4 ? address >> 2
                                            : address);
}

static const char *name_of(uint16_t id)
{
    return id == shortened((uintptr_t)&a)   ? "a"
           : id == shortened((uintptr_t)&b) ? "b"
           : id == 0                        ? "0"
                                            : "?";
}

static async_trace_record_t record(uint32_t number)
{
    return ring.records[number % CAPACITY];
}

static void trace_other(async_trace_record_t one)
{
    const char *task = name_of(one.task);
    if (one.what == SPAWN || one.what == NAME || one.what == ENDED) {
        trace("%s:%s ",
              one.what == SPAWN  ? "spawn"
              : one.what == NAME ? "name"
                                 : "end",
              task);
    } else if (one.what == READY_BY_TASK) {
        trace("ready:%s<%s ", task, name_of(one.coro));
    } else if (one.what >= READY_BY_INTERRUPT && one.what <= READY) {
        trace("ready:%s<%s ", task,
              one.what == READY_BY_INTERRUPT ? "interrupt"
              : one.what == READY_BY_TIMER   ? "timer"
                                             : "outside");
    } else if (one.what == FAILED) {
        trace("end:%s=%d ", task, (int16_t)one.coro);
    } else if (one.what == MARK) {
        trace("mark:%s=%u ", task, (unsigned)one.coro);
    } else if (one.what == SLEEP || one.what == WAKE_UP) {
        trace("%s ", one.what == SLEEP ? "sleep" : "up");
    } else if (one.what == ENTER || one.what == EXIT) {
        trace("%s ", one.what == ENTER ? "enter" : "exit");
    } else if (one.what >= REPORT) {
        trace("report:%s=%u ", task, one.what - REPORT);
    } else if (one.what != TIME) {
        trace("%x? ", (unsigned)one.what);
    }
}

/* All of it as words. */
static void trace_ring(void)
{
    for (uint32_t i = 0; i < ring.head.count_; i++) {
        async_trace_record_t one = record(i);
        unsigned kind = one.what & 0xC000;
        if (kind == RAISED && one.what >= SPAWN) {
            trace_other(one);
        } else if (kind == RAISED) {
            trace("raise=%d ", (int16_t)one.task);
        } else {
            trace("%s:%s ",
                  kind == RUN    ? "run"
                  : kind == WAIT ? "wait"
                                 : "again",
                  name_of(one.task));
        }
    }
}

/* The only one with this code (and, of those with a line, that line). */
static async_trace_record_t find(unsigned what)
{
    async_trace_record_t found = {0, 0, 0, 0};
    unsigned count = 0;
    for (uint32_t i = 0; i < ring.head.count_; i++) {
        if (record(i).what == what) {
            found = record(i);
            count++;
        }
    }
    assert_int_equal(count, 1);
    return found;
}

/* --- Coroutines ----------------------------------------------------------- */

struct waiter {
    ASYNC_FRAME;
};

#define WAITER_LINE 171
ASYNC_STATIC(waiter)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&event));
    ASYNC_END();
}

struct setter {
    ASYNC_FRAME;
};

ASYNC_STATIC(setter)
{
    ASYNC_BEGIN();
    async_event_set(&event);
    ASYNC_END();
}

struct caller {
    ASYNC_FRAME;
    struct waiter waiter;
};

ASYNC_STATIC(caller)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->waiter, waiter);
    ASYNC_END();
}

static struct waiter waiter;
static struct setter setter;
static struct caller caller;

/* A task at its wait. */
static void spawn_waiter(void)
{
    waiter = ASYNC_CALL(waiter);
    async_spawn(&loop, &a, &waiter.coro);
    async_poll(&loop);
}

/* --- What is written ------------------------------------------------------ */

static void nothing_is_written_before_the_start_or_after_the_stop(void **state)
{
    (void)state;
    async_trace_record_t one;
    spawn_waiter();
    async_trace_start(&ring);
    async_trace_stop();
    async_event_set(&event);
    async_poll(&loop);
    ASYNC_TRACE_MARK(1);
    assert_int_equal(ring.head.count_, 0);
    assert_int_equal(async_trace_read(&one, 1), 0);
}

static void a_task_is_spawned_runs_waits_and_ends(void **state)
{
    (void)state;
    async_trace_start(&ring);
    spawn_waiter();
    async_event_set(&event);
    async_poll(&loop);
    trace_ring();
    assert_trace("spawn:a ready:a<outside run:a wait:a "
                 "ready:a<outside run:a end:a");
}

static void a_step_tells_its_coroutine_and_its_lines(void **state)
{
    (void)state;
    async_trace_start(&ring);
    spawn_waiter();
    uint16_t code =
        shortened((uintptr_t)waiter_coroutine_ - (uintptr_t)async_trace_start_);
    assert_int_equal(find(RUN | ASYNC_IS_START_).coro, code);
    assert_int_equal(find(WAIT | WAITER_LINE).coro, code);
    assert_int_equal(find(SPAWN).coro, code);
    async_event_set(&event);
    async_poll(&loop);
    assert_int_equal(find(RUN | WAITER_LINE).coro, code);
    assert_int_equal(find(ENDED).coro, code);
}

static void a_wake_tells_which_task_did_it(void **state)
{
    (void)state;
    spawn_waiter();
    setter = ASYNC_CALL(setter);
    async_spawn(&loop, &b, &setter.coro);
    async_trace_start(&ring);
    async_poll(&loop);
    trace_ring();
    assert_trace("run:b ready:a<b end:b");
    async_poll(&loop);
}

struct sleeper {
    ASYNC_FRAME;
    async_timeout_t limit;
};

ASYNC_STATIC(sleeper)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(5));
    int error;
    AWAIT_CATCH(error, async_wait_for(async_event_wait(&event), 5));
    (void)error;
    ASYNC_TIMEOUT(&self->limit, 5) {
        AWAIT(async_event_wait(&event));
    }
    ASYNC_END();
}

static void a_wake_by_a_timer_of_any_kind_is_known(void **state)
{
    (void)state;
    static struct sleeper sleeper;
    sleeper = ASYNC_CALL(sleeper);
    async_spawn(&loop, &a, &sleeper.coro);
    async_poll(&loop);
    for (int i = 0; i < 3; i++) {
        async_trace_start(&ring);
        async_virtual_clock_advance(&virtual_clock, 5);
        async_poll(&loop);
        assert_int_equal(find(READY_BY_TIMER).task, shortened((uintptr_t)&a));
    }
    assert_true(async_task_done(&a));
}

/* A clock that is not looked at, as most are. */
static async_time_t plain_time;

static async_time_t plain_now(async_clock_t *clock)
{
    (void)clock;
    return plain_time;
}

struct dawdler {
    ASYNC_FRAME;
};

ASYNC_STATIC(dawdler)
{
    ASYNC_BEGIN();
    plain_time += 5;
    ASYNC_YIELD();
    async_stop(async_current_loop());
    ASYNC_END();
}

static void a_timer_between_two_rounds_is_not_the_last_task(void **state)
{
    static const async_clock_ops_t ops = {.now = plain_now};
    static async_clock_t clock = {&ops};
    static struct sleeper sleeper;
    static struct dawdler dawdler;
    (void)state;
    async_loop_init(&loop, &clock);
    sleeper = ASYNC_CALL(sleeper);
    dawdler = ASYNC_CALL(dawdler);
    async_spawn(&loop, &a, &sleeper.coro);
    async_poll(&loop);
    async_spawn(&loop, &b, &dawdler.coro);
    async_trace_start(&ring);
    assert_int_equal(async_run_forever(&loop), 0);
    assert_int_equal(find(READY_BY_TIMER).task, shortened((uintptr_t)&a));
}

static void handle(void *context)
{
    (void)context;
#ifndef ASYNC_PORT_POSIX_H
    ASYNC_TRACE_INTERRUPT_ENTER(7);
#endif
    async_event_set(&event);
    ASYNC_TRACE_MARK(65535);
#ifndef ASYNC_PORT_POSIX_H
    ASYNC_TRACE_INTERRUPT_EXIT(7);
#endif
}

struct raiser {
    ASYNC_FRAME;
    async_irq_t *irq;
};

ASYNC_STATIC(raiser)
{
    ASYNC_BEGIN();
    async_irq_raise(self->irq);
    ASYNC_TRACE_MARK(3);
    async_port_unlock(async_port_lock()); /* where PCs let handlers in */
    ASYNC_TRACE_MARK(4);
    ASYNC_END();
}

static void a_handler_is_not_taken_for_the_task_it_cuts_into(void **state)
{
    (void)state;
    static async_irq_t irq;
    static struct raiser raiser;
    async_irq_init(&irq, handle, NULL);
    spawn_waiter();
    raiser = ASYNC_CALL(raiser, .irq = &irq);
    async_spawn(&loop, &b, &raiser.coro);
    async_trace_start(&ring);
    async_poll(&loop);
    async_trace_stop();
    async_poll(&loop);
    async_trace_record_t ready = find(READY_BY_INTERRUPT);
    assert_int_equal(ready.task, shortened((uintptr_t)&a));
    trace_ring();
#ifdef ASYNC_PORT_POSIX_H
    assert_trace("run:b mark:b=3 enter ready:a<interrupt mark:0=65535 exit "
                 "mark:b=4 end:b");
    assert_int_equal(
        find(ENTER).coro,
        shortened((uintptr_t)handle - (uintptr_t)async_trace_start_));
#else
    assert_trace("run:b enter ready:a<interrupt mark:0=65535 exit "
                 "mark:b=3 mark:b=4 end:b");
    assert_int_equal(find(ENTER).task, 7);
    assert_int_equal(find(EXIT).task, 7);
#endif
}

static void no_interrupt_comes_between_a_time_and_its_record(void **state)
{
    (void)state;
    static async_irq_t irq;
    async_irq_init(&irq, handle, NULL);
    spawn_waiter();
    async_trace_start(&ring);
    raised = &irq;
    ASYNC_TRACE_MARK(1);
    async_port_unlock(async_port_lock());
    async_trace_stop();
    trace_ring();
    assert_trace("mark:0=1 enter ready:a<interrupt mark:0=65535 exit");
    for (uint32_t i = 1; i < ring.head.count_; i++) {
        assert_true(record(i).time >= record(i - 1).time);
    }
    async_poll(&loop);
}

struct rounder {
    ASYNC_FRAME;
};

ASYNC_STATIC(rounder)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();
    ASYNC_END();
}

static void a_task_that_goes_round_does_not_wait(void **state)
{
    (void)state;
    static struct rounder rounder;
    rounder = ASYNC_CALL(rounder);
    async_spawn(&loop, &a, &rounder.coro);
    async_trace_start(&ring);
    async_poll(&loop);
    async_poll(&loop);
    trace_ring();
    assert_trace("run:a again:a run:a end:a");
}

static void an_error_is_told_in_each_coroutine_it_comes_to(void **state)
{
    (void)state;
    caller = ASYNC_CALL(caller);
    async_spawn(&loop, &a, &caller.coro);
    async_poll(&loop);
    async_trace_start(&ring);
    async_cancel(&a);
    async_poll(&loop);
    trace_ring();
    assert_trace("ready:a<outside run:a raise=-200 raise=-200 end:a=-200");
    assert_int_equal(find(RAISED | WAITER_LINE).coro,
                     shortened((uintptr_t)waiter_coroutine_ -
                               (uintptr_t)async_trace_start_));
}

static void the_sleep_of_the_loop_is_told(void **state)
{
    (void)state;
    static struct sleeper sleeper;
    sleeper = ASYNC_CALL(sleeper);
    async_trace_start(&ring);
    assert_int_equal(async_run(&loop, &sleeper.coro), ASYNC_OK);
    trace_ring();
    assert_trace("spawn:? ready:?<outside run:? wait:? sleep up "
                 "ready:?<timer run:? wait:? sleep up "
                 "ready:?<timer run:? raise=-201 wait:? sleep up "
                 "ready:?<timer run:? raise=-200 end:?");
}

static void a_report_is_told(void **state)
{
    (void)state;
    spawn_waiter();
    async_trace_start(&ring);
    setter = ASYNC_CALL(setter);
    async_spawn(&loop, &a, &setter.coro);
    expect_report(ASYNC_REPORT_TASK_REUSED);
    assert_int_equal(find(REPORT + ASYNC_REPORT_TASK_REUSED).task,
                     shortened((uintptr_t)&a));
    async_event_set(&event);
    async_poll(&loop);
}

static void tasks_can_be_named_later(void **state)
{
    (void)state;
    caller = ASYNC_CALL(caller);
    async_spawn(&loop, &b, &caller.coro);
    spawn_waiter();
    async_trace_start(&ring);
    async_trace_name_tasks(&loop);
    trace_ring();
    assert_trace("name:a name:b");
    assert_int_equal(record(2).coro, shortened((uintptr_t)caller_coroutine_ -
                                               (uintptr_t)async_trace_start_));
    async_event_set(&event);
    async_poll(&loop);
}

/* --- The ring ------------------------------------------------------------- */

static void the_head_describes_itself(void **state)
{
    (void)state;
    async_trace_start(&ring);
    const uint8_t *head = (const uint8_t *)&ring;
    assert_memory_equal(head, "asyR", 4);
    assert_int_equal(head[4], 1);
    assert_int_equal(head[5], sizeof(void *));
    assert_int_equal(head[6] + 256 * head[7], CAPACITY);
    assert_int_equal(head[8] + 256L * head[9],
                     (uint16_t)ASYNC_TIMESTAMPS_PER_SECOND);
    assert_ptr_equal(ring.records, head + 32);
    stamp = 0x89ABCDEF;
    spawn_waiter();
    assert_int_equal(head[16], ring.head.count_);
    assert_int_equal(head[20] + 256L * head[21], 0xCDEF);
    assert_int_equal(head[23], 0x89);
    async_event_set(&event);
    async_poll(&loop);
}

static void the_oldest_records_are_overwritten(void **state)
{
    (void)state;
    async_trace_start(&ring);
    for (uint16_t i = 0; i < 3 * CAPACITY; i++) {
        ASYNC_TRACE_MARK(i);
    }
    assert_true(ring.head.count_ >= 3 * CAPACITY);
    for (uint32_t i = 1; i <= CAPACITY - 2; i++) {
        async_trace_record_t one = record(ring.head.count_ - i);
        assert_true(one.what == TIME ||
                    (one.coro < 3 * CAPACITY && one.coro > 2 * CAPACITY));
    }
    assert_int_equal(record(ring.head.count_ - 1).coro, 3 * CAPACITY - 1);
}

static void a_time_is_told_in_full_when_16_bits_do_not_say_it(void **state)
{
    (void)state;
    async_trace_start(&ring);
    spawn_waiter(); /* 0x12345678 */
    stamp += 0xFFFF;
    ASYNC_TRACE_MARK(1);
    assert_int_equal(record(ring.head.count_ - 1).time, 0x5677);
    assert_int_not_equal(record(ring.head.count_ - 2).what, TIME);
    stamp += 0x10000;
    ASYNC_TRACE_MARK(2);
    async_trace_record_t full = record(ring.head.count_ - 2);
    assert_int_equal(full.what, TIME);
    assert_int_equal(full.task, 0x1236);
    assert_int_equal(full.time, 0x5677);
    assert_int_equal(full.coro, 0x1235); /* of the record before */
    async_event_set(&event);
    async_poll(&loop);
}

static void every_64th_record_is_a_time(void **state)
{
    (void)state;
    async_trace_start(&ring);
    for (uint16_t i = 0; i < 200; i++) {
        ASYNC_TRACE_MARK(i);
    }
    assert_int_equal(ring.head.count_, 204);
    assert_int_equal(record(192).what, TIME);
}

static void a_start_empties_the_ring(void **state)
{
    (void)state;
    async_trace_start(&ring);
    ASYNC_TRACE_MARK(1);
    async_trace_start(&ring);
    assert_int_equal(ring.head.count_, 0);
    ASYNC_TRACE_MARK(2);
    assert_int_equal(find(MARK).coro, 2);
}

/* --- Reading -------------------------------------------------------------- */

static void records_are_read_behind_a_hello(void **state)
{
    (void)state;
    async_trace_record_t got[8];
    async_trace_start(&ring);
    assert_int_equal(async_trace_read(got, 8), 0);
    ASYNC_TRACE_MARK(9);
    assert_int_equal(async_trace_read(got, 8), 5);
    assert_memory_equal(got, "asynct\x20\xfe", 8);
    assert_int_equal(got[1].what, HELLO + 1);
    assert_int_equal(got[1].time, (uint16_t)ASYNC_TIMESTAMPS_PER_SECOND);
    assert_int_equal(got[1].coro, 0x0100 | sizeof(void *));
    assert_int_equal(got[2].what, HELLO + 2);
    assert_int_equal(got[3].what, TIME);
    assert_int_equal(got[4].what, MARK);
    assert_int_equal(got[4].coro, 9);
    assert_int_equal(async_trace_read(got, 8), 0);
}

static void a_reader_may_take_one_at_a_time(void **state)
{
    (void)state;
    async_trace_record_t got;
    async_trace_start(&ring);
    ASYNC_TRACE_MARK(9);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(async_trace_read(&got, 1), 1);
        assert_int_equal(got.what, i < 3 ? HELLO + i : i == 3 ? TIME : MARK);
    }
    assert_int_equal(async_trace_read(&got, 1), 0);
}

static void what_was_overwritten_unread_is_counted(void **state)
{
    (void)state;
    async_trace_record_t got[4];
    async_trace_start(&ring);
    for (uint16_t i = 0; i < 2 * CAPACITY; i++) {
        ASYNC_TRACE_MARK(i);
    }
    uint32_t written = ring.head.count_;
    assert_int_equal(async_trace_read(got, 4), 4);
    assert_int_equal(got[3].what, LOST);
    assert_int_equal(got[3].task, written - CAPACITY);
    unsigned count = 0;
    while (async_trace_read(got, 1) == 1) {
        count++;
    }
    assert_int_equal(count, CAPACITY);
    assert_int_equal(got[0].coro, 2 * CAPACITY - 1);
}

static void one_record_more_than_there_is_room_for_is_one_lost(void **state)
{
    (void)state;
    async_trace_record_t got[4];
    async_trace_start(&ring);
    ASYNC_TRACE_MARK(0);
    assert_int_equal(async_trace_read(got, 4), 4);
    while (ring.head.count_ < CAPACITY + 2) {
        ASYNC_TRACE_MARK(0);
    }
    assert_int_equal(async_trace_read(got, 1), 1);
    assert_int_equal(got[0].what, LOST);
    assert_int_equal(got[0].task, 1);
}

static void a_late_reader_hears_hello_again(void **state)
{
    (void)state;
    async_trace_record_t got;
    unsigned hellos = 0;
    async_trace_start(&ring);
    for (uint16_t i = 0; i < 600; i++) {
        ASYNC_TRACE_MARK(i);
        while (async_trace_read(&got, 1) == 1) {
            hellos += got.what == HELLO;
        }
    }
    assert_int_equal(hellos, 3); /* 609 records */
}

static void write_records(unsigned count)
{
    uint32_t end = ring.head.count_ + count;
    while (ring.head.count_ < end) {
        ASYNC_TRACE_MARK(0);
    }
}

/* One that comes for the last few of 256 each time, and never for the 256th. */
static void a_late_reader_hears_hello_again_after_losses(void **state)
{
    (void)state;
    async_trace_record_t got;
    unsigned hellos = 0;
    async_trace_start(&ring);
    write_records(100);
    for (unsigned i = 0; i < 4; i++) {
        while (async_trace_read(&got, 1) == 1) {
            hellos += got.what == HELLO;
        }
        write_records(256);
    }
    assert_int_equal(hellos, 4);
}

static void a_trace_can_be_read_when_it_has_stopped(void **state)
{
    (void)state;
    async_trace_record_t got[8];
    async_trace_start(&ring);
    ASYNC_TRACE_MARK(9);
    async_trace_stop();
    assert_int_equal(async_trace_read(got, 8), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        trace_test(nothing_is_written_before_the_start_or_after_the_stop),
        trace_test(a_task_is_spawned_runs_waits_and_ends),
        trace_test(a_step_tells_its_coroutine_and_its_lines),
        trace_test(a_wake_tells_which_task_did_it),
        trace_test(a_wake_by_a_timer_of_any_kind_is_known),
        trace_test(a_timer_between_two_rounds_is_not_the_last_task),
        trace_test(a_handler_is_not_taken_for_the_task_it_cuts_into),
        trace_test(no_interrupt_comes_between_a_time_and_its_record),
        trace_test(a_task_that_goes_round_does_not_wait),
        trace_test(an_error_is_told_in_each_coroutine_it_comes_to),
        trace_test(the_sleep_of_the_loop_is_told),
        trace_test(a_report_is_told),
        trace_test(tasks_can_be_named_later),
        trace_test(the_head_describes_itself),
        trace_test(the_oldest_records_are_overwritten),
        trace_test(a_time_is_told_in_full_when_16_bits_do_not_say_it),
        trace_test(every_64th_record_is_a_time),
        trace_test(a_start_empties_the_ring),
        trace_test(records_are_read_behind_a_hello),
        trace_test(a_reader_may_take_one_at_a_time),
        trace_test(what_was_overwritten_unread_is_counted),
        trace_test(one_record_more_than_there_is_room_for_is_one_lost),
        trace_test(a_late_reader_hears_hello_again),
        trace_test(a_late_reader_hears_hello_again_after_losses),
        trace_test(a_trace_can_be_read_when_it_has_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
