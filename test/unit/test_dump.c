/* SPDX-License-Identifier: MIT */

/* Dumps of each state and each kind of wait, as a whole. */
#include "dumped.h"
#include "test.h"

#include <async/port.h>

#define START 100

static async_virtual_clock_t machine;
static async_loop_t loop;
static async_event_t event;

static void begin(void)
{
    event = (async_event_t){.waiters_ = {.next_ = NULL}};
    async_loop_init(&loop, async_virtual_clock_init(&machine, START));
}

#define LOOP_LINE(ready, time)                                                 \
    "loop %p: " #ready " ready, time " #time "\n", (void *)&loop

/* --- Players -------------------------------------------------------------- */

struct wait {
    ASYNC_FRAME;
    async_event_t *event;
};

enum { WAIT = __LINE__ + 5 };

ASYNC_STATIC(wait)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(self->event));
    ASYNC_END();
}

#define WAIT_LINES                                                             \
    "  in 'wait' (test_dump.c:%d), awaiting async_event_wait(self->event)\n"

struct nap {
    ASYNC_FRAME;
    async_ticks_t ticks;
};

enum { NAP = __LINE__ + 5 };

ASYNC_STATIC(nap)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    ASYNC_END();
}

#define NAP_LINE                                                               \
    "  in 'nap' (test_dump.c:%d), awaiting async_sleep(self->ticks)\n"

static void spawn(async_task_t *task, async_coro_t *coro)
{
    *task = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, task, coro);
}

static void close_loop(void)
{
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- States --------------------------------------------------------------- */

static void a_loop_that_is_not_initialised(void **state)
{
    (void)state;
    static const async_loop_t blank;
    assert_dump(&blank, "loop %p: not initialised\n", (const void *)&blank);
}

static void a_loop_without_tasks(void **state)
{
    (void)state;
    begin();
    assert_dump(&loop, LOOP_LINE(0, 100));
    async_stop(&loop);
    assert_dump(&loop, "loop %p: 0 ready, stopped, time 100\n", (void *)&loop);
}

static void a_new_task_has_its_name_only(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = 7);
    spawn(&task, &nap.coro);
    assert_dump(&loop,
                "loop %p: 1 ready, time 100\n"
                "task %p 'nap': new\n",
                (void *)&loop, (void *)&task);
    close_loop();
}

static void a_sleeping_task_tells_when_it_is_due(void **state)
{
    (void)state;
    static const struct {
        async_ticks_t later;
        const char *due;
    } cases[] = {{0, "in 50 ticks"},
                 {49, "in 1 tick"},
                 {50, "now"},
                 {51, "1 tick late"},
                 {62, "12 ticks late"}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin();
        async_task_t task;
        ASYNC_OBJECT(nap, nap, .ticks = 50);
        spawn(&task, &nap.coro);
        async_poll(&loop);
        async_virtual_clock_advance(&machine, cases[i].later);
        assert_dump(&loop,
                    "loop %p: 0 ready, time %u\n"
                    "task %p 'nap': waiting, due %s\n" NAP_LINE "  sleeps\n",
                    (void *)&loop, (unsigned)(START + cases[i].later),
                    (void *)&task, cases[i].due, NAP);
        close_loop();
    }
}

static void a_deadline_behind_the_wrap_is_ahead(void **state)
{
    (void)state;
    begin();
    async_virtual_clock_advance(&machine, (async_ticks_t)-START - 3);
    async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = 10);
    spawn(&task, &nap.coro);
    async_poll(&loop);
    assert_true(dump_says(&loop, "waiting, due in 10 ticks\n"));
    close_loop();
}

static void one_that_sleeps_for_ever_says_so(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = ASYNC_FOREVER);
    spawn(&task, &nap.coro);
    async_poll(&loop);
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 'nap': waiting\n" NAP_LINE "  sleeps for ever\n",
                (void *)&loop, (void *)&task, NAP);
    close_loop();
}

static void a_task_that_was_woken_is_ready(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(wait, wait, .event = &event);
    spawn(&task, &wait.coro);
    async_poll(&loop);
    async_event_set(&event);
    assert_dump(&loop,
                "loop %p: 1 ready, time 100\n"
                "task %p 'wait': ready\n" WAIT_LINES,
                (void *)&loop, (void *)&task, WAIT);
    close_loop();
}

struct yield {
    ASYNC_FRAME;
};

enum { YIELD = __LINE__ + 5 };

ASYNC_STATIC(yield)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();
    ASYNC_END();
}

static void a_task_that_goes_round_is_ready(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(yield, yield);
    spawn(&task, &yield.coro);
    async_poll(&loop);
    assert_dump(&loop,
                "loop %p: 1 ready, time 100\n"
                "task %p 'yield': ready\n"
                "  in 'yield' (test_dump.c:%d)\n",
                (void *)&loop, (void *)&task, YIELD);
    close_loop();
}

struct show {
    ASYNC_FRAME;
};

enum { SHOW = __LINE__ + 6 };

ASYNC_STATIC(show)
{
    ASYNC_BEGIN();
    dump_of(&loop);
    AWAIT(async_sleep(3));
    dump_of(&loop);
    ASYNC_END();
}

static void the_running_task_says_what_it_awaited_last(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    async_task_t other;
    ASYNC_OBJECT(show, show);
    ASYNC_OBJECT(yield, yield);
    spawn(&task, &show.coro);
    spawn(&other, &yield.coro);
    async_poll(&loop);
    assert_string_equal(dumped, expected_text("loop %p: 1 ready, time 100\n"
                                              "task %p 'show': running\n"
                                              "  in 'show'\n"
                                              "task %p 'yield': new\n",
                                              (void *)&loop, (void *)&task,
                                              (void *)&other));
    async_virtual_clock_advance(&machine, 3);
    async_poll(&loop);
    const char *expected = expected_text(
        "loop %p: 0 ready, time 103\n"
        "task %p 'show': running\n"
        "  in 'show' (test_dump.c:%d), last awaited async_sleep(3)\n",
        (void *)&loop, (void *)&task, SHOW);
    assert_string_equal(dumped, expected);
    close_loop();
}

struct fail {
    ASYNC_FRAME;
};

ASYNC_STATIC(fail)
{
    ASYNC_BEGIN();
    ASYNC_RAISE(-5);
    ASYNC_END();
}

static void an_error_that_nobody_took_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(fail, fail);
    spawn(&task, &fail.coro);
    async_poll(&loop);
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 'fail': done with error -5, which nobody took\n",
                (void *)&loop, (void *)&task);
    assert_int_equal(async_task_error(&task), -5);
    assert_dump(&loop, LOOP_LINE(0, 100));
}

struct clean_up {
    ASYNC_FRAME;
};

enum { CLEAN_UP = __LINE__ + 7 };

ASYNC_STATIC(clean_up)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_FINALLY();
    AWAIT(async_sleep(9));
    ASYNC_END();
}

static void a_task_that_is_cancelled_says_so_in_its_cleanup_too(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(clean_up, clean_up);
    spawn(&task, &clean_up.coro);
    async_poll(&loop);
    async_cancel(&task);
    assert_dump(&loop,
                "loop %p: 1 ready, time 100\n"
                "task %p 'clean_up': ready, cancelling\n"
                "  in 'clean_up' (test_dump.c:%d), awaiting async_sleep(1)\n",
                (void *)&loop, (void *)&task, CLEAN_UP - 2);
    async_poll(&loop);
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 'clean_up': waiting, due in 9 ticks, cancelling\n"
                "  in 'clean_up' (test_dump.c:%d), awaiting async_sleep(9), in "
                "its cleanup after error -200\n"
                "  sleeps\n",
                (void *)&loop, (void *)&task, CLEAN_UP);
    assert_int_equal(async_loop_close(&loop), 0);
}

struct fails {
    ASYNC_FRAME;
    int error;
};

enum { FAILS = __LINE__ + 9 };

ASYNC_STATIC(fails)
{
    ASYNC_BEGIN();
    if (self->error != 0) {
        ASYNC_RAISE(self->error);
    }
    ASYNC_FINALLY();
    AWAIT(async_sleep(9));
    ASYNC_END();
}

static void a_cleanup_says_which_error_it_follows(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", " after error -5\n"};
    for (int i = 0; i < 2; i++) {
        begin();
        async_task_t task;
        ASYNC_OBJECT(fails, fails, .error = -5 * i);
        spawn(&task, &fails.coro);
        async_poll(&loop);
        assert_true(dump_says(
            &loop, expected_text("  in 'fails' (test_dump.c:%d), awaiting "
                                 "async_sleep(9), in its cleanup%s",
                                 FAILS, ends[i])));
        async_virtual_clock_advance(&machine, 9);
        async_poll(&loop);
        assert_int_equal(async_task_error(&task), -5 * i);
    }
}

/* A driver took it out of a list and forgot it. */
static void a_task_that_nothing_can_wake_is_lost(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = ASYNC_FOREVER);
    spawn(&task, &nap.coro);
    async_poll(&loop);
    async_link_t_ *link = &task.timer_.head_.link_;
    link->prev_ = NULL;
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 'nap': lost: suspended without a waker\n" NAP_LINE,
                (void *)&loop, (void *)&task, NAP);
    link->prev_ = link;
    close_loop();
}

/* --- Waits ---------------------------------------------------------------- */

static void those_who_wait_in_a_list_have_a_turn(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[3];
    struct wait waits[3];
    for (int i = 0; i < 3; i++) {
        waits[i] = ASYNC_CALL(wait, .event = &event);
        spawn(&tasks[i], &waits[i].coro);
    }
    async_poll(&loop);
    const char *turns[] = {"1st", "2nd", "3rd"};
    dump_of(&loop);
    for (int i = 0; i < 3; i++) {
        const char *expected =
            expected_text("task %p 'wait': waiting\n" WAIT_LINES
                          "  in the list at %p, %s of 3\n",
                          (void *)&tasks[i], WAIT, (void *)&event, turns[i]);
        assert_non_null(strstr(dumped, expected));
    }
    close_loop();
}

#define MANY 25

static void turns_are_numbered_as_one_says_them(void **state)
{
    (void)state;
    begin();
    static async_task_t tasks[MANY];
    static struct wait waits[MANY];
    for (int i = 0; i < MANY; i++) {
        waits[i] = ASYNC_CALL(wait, .event = &event);
        spawn(&tasks[i], &waits[i].coro);
    }
    async_poll(&loop);
    static const char *const last[] = {
        " 4th of 25\n",  " 11th of 25\n", " 12th of 25\n", " 13th of 25\n",
        " 20th of 25\n", " 21st of 25\n", " 22nd of 25\n", " 23rd of 25\n"};
    unsigned found = 0;
    for (int i = 0; i < MANY; i++) {
        dumped_length = 0;
        const async_report_t report = {.kind = ASYNC_REPORT_DEADLOCK,
                                       .coro = &waits[i].coro,
                                       .task = &tasks[i]};
        async_report_write(&report, dumped_write, NULL);
        for (unsigned j = 0; j < sizeof last / sizeof last[0]; j++) {
            found += strstr(dumped, last[j]) != NULL;
        }
    }
    assert_int_equal(found, sizeof last / sizeof last[0]);
    close_loop();
}

struct limited {
    ASYNC_FRAME;
};

enum { LIMITED = __LINE__ + 5 };

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    AWAIT(async_wait_for(async_event_wait(&event), 30));
    ASYNC_END();
}

static void a_limit_on_a_wait_is_told_as_such(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(limited, limited);
    spawn(&task, &limited.coro);
    async_poll(&loop);
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 'limited': waiting, limit in 30 ticks\n"
                "  in 'limited' (test_dump.c:%d), awaiting "
                "async_wait_for(async_event_wait(&event), 30)\n"
                "  in the list at %p, 1st of 1\n",
                (void *)&loop, (void *)&task, LIMITED, (void *)&event);
    close_loop();
}

static void a_limit_that_has_passed_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    async_task_t first;
    ASYNC_OBJECT(limited, limited);
    ASYNC_OBJECT(show, show);
    spawn(&task, &limited.coro);
    async_poll(&loop);
    spawn(&first, &show.coro);
    async_virtual_clock_advance(&machine, 30);
    async_poll(&loop);
    const char *expected = expected_text(
        "task %p 'limited': ready, limit passed\n", (void *)&task);
    assert_non_null(strstr(dumped, expected));
    assert_int_equal(async_task_error(&task), ASYNC_ERR_TIMEOUT);
    close_loop();
}

struct join {
    ASYNC_FRAME;
    async_task_t *task;
};

enum { JOIN = __LINE__ + 5 };

ASYNC_STATIC(join)
{
    ASYNC_BEGIN();
    AWAIT(async_join(self->task));
    ASYNC_END();
}

#define JOIN_LINES                                                             \
    "  in 'join' (test_dump.c:%d), awaiting async_join(self->task)\n"

static void who_joins_a_task_says_which(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    async_task_t joiners[2];
    struct join joins[2];
    ASYNC_OBJECT(nap, nap, .ticks = 9);
    for (int i = 0; i < 2; i++) {
        joins[i] = ASYNC_CALL(join, .task = &task);
        spawn(&joiners[i], &joins[i].coro);
    }
    spawn(&task, &nap.coro);
    async_poll(&loop);
    dump_of(&loop);
    const char *turns[] = {"1st", "2nd"};
    for (int i = 0; i < 2; i++) {
        const char *expected =
            expected_text("task %p 'join': waiting\n" JOIN_LINES
                          "  joins task %p 'nap', %s of 2\n",
                          (void *)&joiners[i], JOIN, (void *)&task, turns[i]);
        assert_non_null(strstr(dumped, expected));
    }
    close_loop();
}

static void who_joins_a_task_that_has_not_begun_says_which(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    async_task_t joiner;
    ASYNC_OBJECT(nap, nap, .ticks = 9);
    ASYNC_OBJECT(join, join, .task = &task);
    spawn(&joiner, &join.coro);
    async_task_t last;
    ASYNC_OBJECT(show, show);
    spawn(&last, &show.coro);
    spawn(&task, &nap.coro);
    async_poll(&loop); /* show runs between the two */
    const char *expected = expected_text("task %p 'join': waiting\n" JOIN_LINES
                                         "  joins task %p 'nap', 1st of 1\n",
                                         (void *)&joiner, JOIN, (void *)&task);
    assert_non_null(strstr(dumped, expected));
    expected = expected_text("task %p 'nap': new\n", (void *)&task);
    assert_non_null(strstr(dumped, expected));
    close_loop();
}

struct look {
    ASYNC_FRAME;
    int looks;
};

enum { LOOK = __LINE__ + 5 };

ASYNC_STATIC(look)
{
    ASYNC_BEGIN();
    AWAIT_UNTIL(self->looks++ > 0);
    ASYNC_END();
}

static void one_at_await_until_looks(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(look, look);
    spawn(&task, &look.coro);
    async_poll(&loop);
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 'look': waiting\n"
                "  in 'look' (test_dump.c:%d), awaiting self->looks++ > 0\n"
                "  looks once in a round\n",
                (void *)&loop, (void *)&task, LOOK);
    close_loop();
}

struct wait_any {
    ASYNC_FRAME;
    async_task_t *tasks[1];
    struct async_wait wait;
};

enum { WAIT_ANY = __LINE__ + 5 };

ASYNC_STATIC(wait_any)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks, .count = 1);
    ASYNC_END();
}

static void who_waits_for_several_tasks_says_so(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    async_task_t waiter;
    ASYNC_OBJECT(nap, nap, .ticks = 9);
    ASYNC_OBJECT(wait_any, any, .tasks = {&task});
    spawn(&waiter, &any.coro);
    spawn(&task, &nap.coro);
    async_poll(&loop);
    dump_of(&loop);
    assert_non_null(
        strstr(dumped, expected_text("task %p 'wait_any': waiting\n"
                                     "  in 'wait_any' (test_dump.c:%d), "
                                     "awaiting async_wait\n"
                                     "  in 'async_wait' (wait.c:",
                                     (void *)&waiter, WAIT_ANY)));
    assert_non_null(strstr(dumped, "  waits for the end of any task\n"));
    close_loop();
}

struct boss {
    ASYNC_FRAME;
    async_group_t group;
    async_member_t member;
    struct nap nap;
};

enum { BOSS = __LINE__ + 6 };

ASYNC_STATIC(boss)
{
    ASYNC_BEGIN();
    self->nap = ASYNC_CALL(nap, .ticks = 9);
    ASYNC_GROUP(&self->group) {
        async_group_spawn(&self->group, &self->member, &self->nap.coro);
    }
    ASYNC_END();
}

static void a_group_and_its_members_name_the_same_address(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(boss, boss);
    spawn(&task, &boss.coro);
    assert_true(async_poll(&loop) == 0);
    async_poll(&loop);
    dump_of(&loop);
    const char *expected = expected_text(
        "task %p 'boss': waiting\n"
        "  in 'boss' (test_dump.c:%d), awaiting the end of ASYNC_GROUP\n"
        "  waits for the tasks of its group at %p\n",
        (void *)&task, BOSS, (void *)&boss.group);
    assert_non_null(strstr(dumped, expected));
    expected = expected_text(
        "task %p 'nap': waiting, due in 9 ticks\n" NAP_LINE "  sleeps\n"
        "  in the group at %p\n",
        (void *)&boss.member.task, NAP, (void *)&boss.group);
    assert_non_null(strstr(dumped, expected));
    close_loop();
}

/* --- Chains and blocks ---------------------------------------------------- */

struct inner {
    ASYNC_FRAME;
    async_try_t attempt;
};

enum { INNER = __LINE__ + 6 };

ASYNC_STATIC(inner)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        AWAIT(async_event_wait(&event));
    }
    ASYNC_END();
}

struct outer {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_timeout_t longer;
    struct inner inner;
};

enum { OUTER = __LINE__ + 7 };

ASYNC_STATIC(outer)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->longer, ASYNC_FOREVER) {
        ASYNC_TIMEOUT(&self->limit, 40) {
            AWAIT_CALL(self->inner, inner);
        }
    }
    ASYNC_END();
}

static void each_coroutine_has_its_blocks_the_outermost_first(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(outer, outer);
    spawn(&task, &outer.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 10);
    assert_dump(&loop,
                "loop %p: 0 ready, time 110\n"
                "task %p 'outer': waiting\n"
                "  in 'outer' (test_dump.c:%d), awaiting inner\n"
                "    in the block at line %d\n"
                "    in the block at line %d, time up in 30 ticks\n"
                "  in 'inner' (test_dump.c:%d), awaiting "
                "async_event_wait(&event)\n"
                "    in the block at line %d\n"
                "  in the list at %p, 1st of 1\n",
                (void *)&loop, (void *)&task, OUTER, OUTER - 2, OUTER - 1,
                INNER, INNER - 1, (void *)&event);
    close_loop();
}

/* --- Handlers ------------------------------------------------------------- */

static async_irq_t irq;

static void dump_in_handler(void *context)
{
    const async_task_t **interrupted = context;
    *interrupted = async_interrupted_task();
    dump_of(&loop);
}

struct raise {
    ASYNC_FRAME;
};

enum { RAISE = __LINE__ + 5 };

ASYNC_STATIC(raise)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_irq_raise(&irq);
    async_port_unlock(async_port_lock());
    ASYNC_END();
}

static void a_handler_sees_the_task_that_it_has_cut_into(void **state)
{
    (void)state;
    begin();
    const async_task_t *interrupted = NULL;
    async_irq_init(&irq, dump_in_handler, &interrupted);
    async_task_t task;
    async_task_t other;
    ASYNC_OBJECT(raise, raise);
    ASYNC_OBJECT(nap, nap, .ticks = 5);
    spawn(&task, &raise.coro);
    async_poll(&loop);
    async_virtual_clock_advance(&machine, 1);
    spawn(&other, &nap.coro);
    async_poll(&loop);
    assert_ptr_equal(interrupted, &task);
    assert_null(async_interrupted_task());
    const char *expected = expected_text(
        "task %p 'raise': running\n"
        "  in 'raise' (test_dump.c:%d), last awaited async_sleep(1)\n",
        (void *)&task, RAISE);
    assert_non_null(strstr(dumped, expected));
    async_poll(&loop);
    close_loop();
}

/* --- What is torn --------------------------------------------------------- */

static void a_list_that_is_torn_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[2];
    struct wait waits[2];
    for (int i = 0; i < 2; i++) {
        waits[i] = ASYNC_CALL(wait, .event = &event);
        spawn(&tasks[i], &waits[i].coro);
    }
    async_poll(&loop);
    async_link_t_ *first = &tasks[0].timer_.head_.link_;
    async_link_t_ *second = &tasks[1].timer_.head_.link_;
    async_link_t_ *list = &event.waiters_;

    second->next_ = first; /* a ring that leaves the list out */
    assert_true(dump_says(&loop, "  in a list that is torn\n"));
    second->next_ = (async_link_t_ *)(void *)((char *)list + 1);
    assert_true(dump_says(&loop, "  in a list that is torn\n") ||
                sizeof(void *) < 4);
    second->next_ = list;
    first->next_ = first;
    second->prev_ = second->next_ = first;
    assert_true(dump_says(&loop, "  in a list that is torn\n"));
    first->prev_ = second;
    first->next_ = second; /* a ring of the two */
    assert_true(dump_says(&loop, "  in a list that is torn\n"));

    first->prev_ = list;
    second->next_ = list;
    second->prev_ = first;
    assert_true(dump_says(&loop, "1st of 2"));
    close_loop();
}

static void a_list_whose_first_are_awake_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(wait, wait, .event = &event);
    spawn(&task, &wait.coro);
    async_poll(&loop);
    async_link_t_ *link = &task.timer_.head_.link_;
    link->next_ = NULL; /* as async_event_set moves it */
    assert_true(dump_says(&loop, "  is being woken\n"));
    link->next_ = &event.waiters_;
    close_loop();
}

static void a_tree_that_is_torn_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[3];
    struct nap naps[3];
    for (int i = 0; i < 3; i++) {
        naps[i] = ASYNC_CALL(nap, .ticks = 5);
        spawn(&tasks[i], &naps[i].coro);
    }
    async_poll(&loop);
    async_node_t_ *root = loop.nodes_.next_;
    async_node_t_ *child = root->child_;
    child->prev_ = child;
    assert_true(dump_says(&loop, "the list of tasks is torn at 0x"));
    assert_true(dump_says(&loop, "task "));
    child->prev_ = root;
    assert_false(dump_says(&loop, "torn"));
    close_loop();
}

/* Also: what comes behind is still told. */
static void a_tree_that_leads_to_one_place_twice_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[3];
    struct nap naps[3];
    for (int i = 0; i < 3; i++) {
        naps[i] = ASYNC_CALL(nap, .ticks = 5);
        spawn(&tasks[i], &naps[i].coro);
    }
    async_poll(&loop);
    async_node_t_ *root = loop.nodes_.next_;
    root->next_ = root->child_;
    assert_true(dump_says(&loop, "the list of tasks is torn at 0x"));
    root->next_ = NULL;
    root->child_->next_ = &loop.nodes_;
    loop.nodes_.prev_ = root->child_;
    assert_true(dump_says(&loop, "the list of tasks is torn at 0x"));
    async_loop_init(&loop, async_virtual_clock_init(&machine, START));
}

static void a_task_without_a_coroutine_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = 5);
    spawn(&task, &nap.coro);
    async_poll(&loop);
    task.leaf_ = NULL;
    assert_dump(&loop,
                "loop %p: 0 ready, time 100\n"
                "task %p 0x0: waiting, due in 5 ticks\n"
                "  its frame at 0x0 is overwritten\n"
                "  sleeps\n",
                (void *)&loop, (void *)&task);
    task.leaf_ = &nap.coro;
    close_loop();
}

static void a_ready_queue_that_is_torn_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t tasks[2];
    struct nap naps[2];
    for (int i = 0; i < 2; i++) {
        naps[i] = ASYNC_CALL(nap, .ticks = 5);
        spawn(&tasks[i], &naps[i].coro);
    }
    async_link_t_ *first = &tasks[0].timer_.head_.link_;
    async_link_t_ *second = first->next_;
    async_link_t_ other = {.next_ = NULL};
    async_link_t_ **end = loop.ready_end_;
    uint16_t saved = tasks[1].timer_.head_.state_;
    tasks[1].timer_.head_.state_ = 3;
    assert_true(
        dump_says(&loop, expected_text("task %p 'nap': new\n"
                                       "the list of tasks is torn at "
                                       "%p: there may be more\n",
                                       (void *)&tasks[0], (void *)&tasks[1])));
    tasks[1].timer_.head_.state_ = saved;
    first->next_ = first; /* a ring: it ends */
    loop.ready_end_ = &other.next_;
    assert_true(dump_says(&loop, "task "));
    first->next_ = second;
    loop.ready_end_ = end;
    assert_false(dump_says(&loop, "torn"));
    close_loop();
}

static void a_frame_that_is_overwritten_is_not_asked(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(outer, outer);
    spawn(&task, &outer.coro);
    async_poll(&loop);
    uint16_t saved = outer.inner.coro.state_;
    async_resume_t_ *resume = outer.inner.coro.link_.resume_;
    outer.inner.coro.state_ = 0xE5E5;
    outer.inner.coro.link_.resume_ = (async_resume_t_ *)(uintptr_t)0xE5E5;
    assert_true(dump_says(&loop, expected_text("  its frame at %p is "
                                               "overwritten\n",
                                               (void *)&outer.inner)));
    outer.inner.coro.state_ = saved;
    outer.inner.coro.link_.resume_ = resume;

    saved = outer.coro.state_;
    outer.coro.state_ = 0xFDFD;
    assert_true(dump_says(&loop, "task "));
    outer.coro.state_ = saved;
    close_loop();
}

/* The innermost frame calls itself. */
static void a_chain_without_an_end_is_not_followed_for_ever(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = 5);
    spawn(&task, &nap.coro);
    async_poll(&loop);
    nap.coro.link_.next_ = &nap.coro.link_;
    assert_true(dump_says(&loop, "  in 'nap' (test_dump.c:"));
    nap.coro.link_.next_ = NULL;
    close_loop();
}

/* --- Other loops ---------------------------------------------------------- */

static void a_list_shared_with_another_loop_has_no_address(void **state)
{
    (void)state;
    begin();
    static async_loop_t second;
    async_loop_init(&second, &machine.clock_);
    async_task_t task;
    async_task_t other = ASYNC_TASK_INIT;
    ASYNC_OBJECT(wait, wait, .event = &event);
    ASYNC_OBJECT(wait, elsewhere, .event = &event);
    spawn(&task, &wait.coro);
    async_spawn(&second, &other, &elsewhere.coro);
    async_poll(&loop);
    async_poll(&second);
    assert_true(dump_says(
        &loop, "  in a list in which tasks of another loop wait, too\n"));
    close_loop();
    assert_int_equal(async_loop_close(&second), 0);
}

/* --- Generators ----------------------------------------------------------- */

struct numbers {
    ASYNC_GENERATOR(int);
};

enum { NUMBERS = __LINE__ + 8 };

ASYNC_STATIC(numbers)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    ASYNC_EMIT(2);
    ASYNC_FINALLY();
    AWAIT(async_sleep(4));
    ASYNC_END();
}

struct take_one {
    ASYNC_FRAME;
    struct numbers numbers;
};

ASYNC_STATIC(take_one)
{
    ASYNC_BEGIN();
    self->numbers = ASYNC_CALL(numbers);
    ASYNC_FOR(&self->numbers) {
        break;
    }
    ASYNC_END();
}

static void a_generator_that_is_being_closed_is_told(void **state)
{
    (void)state;
    begin();
    async_task_t task;
    ASYNC_OBJECT(take_one, take_one);
    spawn(&task, &take_one.coro);
    async_poll(&loop);
    assert_true(dump_says(
        &loop,
        expected_text("  in 'numbers' (test_dump.c:%d), awaiting "
                      "async_sleep(4), in its cleanup after error -200\n",
                      NUMBERS)));
    async_virtual_clock_advance(&machine, 4);
    async_poll(&loop);
    assert_true(async_task_done(&task));
}

static void note_exit(void *object)
{
    (void)object;
    trace("exit ");
}

struct guarded {
    ASYNC_GENERATOR(int);
    async_with_t guard;
};

ASYNC_STATIC(guarded)
{
    ASYNC_BEGIN();
    ASYNC_WITH(&self->guard, note_exit, NULL) {
        ASYNC_EMIT(1);
    }
    ASYNC_END();
}

/* As a handler would find it, between a break and the generator's cleanup. */
struct ask_while_closing {
    ASYNC_FRAME;
    struct guarded numbers;
};

static void ask_while_closing_it(struct guarded *numbers)
{
    struct guarded saved = *numbers;
    async_wait_t wait = async_for_next_(&numbers->coro);
    assert_ptr_equal(wait.awaitable_, &numbers->coro);
    assert_null(async_coro_place(&numbers->coro).name);
    assert_true(numbers->resume_ == saved.coro.link_.resume_);
    assert_trace("");
    *numbers = saved;
}

ASYNC_STATIC(ask_while_closing)
{
    ASYNC_BEGIN();
    self->numbers = ASYNC_CALL(guarded);
    ASYNC_FOR(&self->numbers) {
        ask_while_closing_it(&self->numbers);
        break;
    }
    ASYNC_END();
}

static void a_generator_that_is_about_to_close_takes_a_question(void **state)
{
    (void)state;
    begin();
    ASYNC_OBJECT(ask_while_closing, asking);
    assert_int_equal(async_run(&loop, &asking.coro), 0);
    assert_trace("exit");
}

/* --- A wait that was forgotten -------------------------------------------- */

static void forget(async_wait_t wait)
{
    (void)wait;
}

static async_event_t is_set;

/* Its link is in no list any more, but leads to one. */
struct forget {
    ASYNC_FRAME;
    bool wakes;
};

ASYNC_STATIC(forget)
{
    ASYNC_BEGIN();
    if (self->wakes) {
        forget(async_event_wait(&event));
        async_event_set(&event);
        async_event_clear(&event);
    } else {
        forget(async_sleep(5));
    }
    AWAIT(async_event_wait(&is_set));
    assert_null(strstr(dump_of(&loop), "torn"));
    assert_int_equal(strncmp(strstr(dumped, ": "), ": 0 ready", 9), 0);
    ASYNC_END();
}

static void dump_in_report(void)
{
    assert_null(strstr(dump_of(&loop), "torn"));
    assert_int_equal(strncmp(strstr(dumped, ": "), ": 0 ready", 9), 0);
}

static void a_task_that_forgot_an_await_is_no_torn_list(void **state)
{
    (void)state;
    for (int wakes = 0; wakes < 2; wakes++) {
        begin();
        async_event_set(&is_set);
        reports_hook = dump_in_report;
        ASYNC_OBJECT(forget, forget, .wakes = wakes == 1);
        assert_int_equal(async_run(&loop, &forget.coro), 0);
        expect_report(ASYNC_REPORT_NOT_AWAITED);
    }
}

/* What it keeps stands in the link, but the batch hangs on it still. */
static ASYNC_QUEUE(int, 1) queue;

struct keep {
    ASYNC_FRAME;
};

ASYNC_STATIC(keep)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_wait_room(&queue));
    dump_of(&loop);
    int item = 1;
    async_queue_place(&queue, &item);
    ASYNC_END();
}

static void a_task_that_keeps_room_hides_no_other(void **state)
{
    (void)state;
    begin();
    async_queue_init(&queue);
    async_task_t task;
    async_task_t other;
    ASYNC_OBJECT(keep, keep);
    ASYNC_OBJECT(nap, nap, .ticks = 7);
    spawn(&task, &keep.coro);
    spawn(&other, &nap.coro);
    async_poll(&loop);
    assert_non_null(strstr(dumped, "'nap': new\n"));
    close_loop();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        async_test(a_loop_that_is_not_initialised),
        async_test(a_loop_without_tasks),
        async_test(a_new_task_has_its_name_only),
        async_test(a_sleeping_task_tells_when_it_is_due),
        async_test(a_deadline_behind_the_wrap_is_ahead),
        async_test(one_that_sleeps_for_ever_says_so),
        async_test(a_task_that_was_woken_is_ready),
        async_test(a_task_that_goes_round_is_ready),
        async_test(the_running_task_says_what_it_awaited_last),
        async_test(an_error_that_nobody_took_is_told),
        async_test(a_task_that_is_cancelled_says_so_in_its_cleanup_too),
        async_test(a_cleanup_says_which_error_it_follows),
        async_test(a_task_that_nothing_can_wake_is_lost),
        async_test(those_who_wait_in_a_list_have_a_turn),
        async_test(turns_are_numbered_as_one_says_them),
        async_test(a_limit_on_a_wait_is_told_as_such),
        async_test(a_limit_that_has_passed_is_told),
        async_test(who_joins_a_task_says_which),
        async_test(who_joins_a_task_that_has_not_begun_says_which),
        async_test(one_at_await_until_looks),
        async_test(who_waits_for_several_tasks_says_so),
        async_test(a_group_and_its_members_name_the_same_address),
        async_test(each_coroutine_has_its_blocks_the_outermost_first),
        async_test(a_handler_sees_the_task_that_it_has_cut_into),
        async_test(a_list_that_is_torn_is_told),
        async_test(a_list_whose_first_are_awake_is_told),
        async_test(a_tree_that_is_torn_is_told),
        async_test(a_tree_that_leads_to_one_place_twice_is_told),
        async_test(a_task_without_a_coroutine_is_told),
        async_test(a_ready_queue_that_is_torn_is_told),
        async_test(a_frame_that_is_overwritten_is_not_asked),
        async_test(a_chain_without_an_end_is_not_followed_for_ever),
        async_test(a_list_shared_with_another_loop_has_no_address),
        async_test(a_generator_that_is_being_closed_is_told),
        async_test(a_generator_that_is_about_to_close_takes_a_question),
        async_test(a_task_that_forgot_an_await_is_no_torn_list),
        async_test(a_task_that_keeps_room_hides_no_other),
    };
    return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
