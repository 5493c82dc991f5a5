/* SPDX-License-Identifier: MIT */

/*
 * Reader-writer lock: who comes in, with whom, and in which order; and that
 * nobody waits for one that has given up.
 */
#include "test.h"

#include <async/port.h>

#include <async/rwlock.h>

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static async_rwlock_t lock;

/* --- Tasks that come in and stay ------------------------------------------ */

/* A task that comes in, stays until it is told to go, and goes. An upper-case
 * name writes, a lower-case one reads. */
struct user {
    ASYNC_FRAME;
    async_with_t guard;
    async_event_t go;
    char name;
};

static bool is_writer(char name)
{
    return name >= 'A' && name <= 'Z';
}

ASYNC_STATIC(user)
{
    ASYNC_BEGIN();
    if (is_writer(self->name)) {
        ASYNC_WITH_WRITING(&self->guard, &lock) {
            trace("%c ", self->name);
            AWAIT(async_event_wait(&self->go));
        }
    } else {
        ASYNC_WITH_READING(&self->guard, &lock) {
            trace("%c ", self->name);
            AWAIT(async_event_wait(&self->go));
        }
    }
    ASYNC_FINALLY();
    trace("/%c ", self->name);
    ASYNC_END();
}

/* Gives up after 10 ticks of waiting. */
struct hasty {
    ASYNC_FRAME;
    async_with_t guard;
    char name;
    int error;
};

ASYNC_STATIC(hasty)
{
    ASYNC_BEGIN();
    if (is_writer(self->name)) {
        AWAIT_CATCH(
            self->error,
            async_wait_for(async_rwlock_write(&lock, &self->guard), 10));
    } else {
        AWAIT_CATCH(self->error, async_wait_for(async_rwlock_read(&lock), 10));
    }
    trace("%c%d ", self->name, self->error);
    ASYNC_END();
}

#define USERS 8
static struct user users[USERS];
static async_task_t tasks[USERS];
static int count;

static int begin(void **state)
{
    async_loop_init(
        &loop, async_virtual_clock_init(&virtual_clock, JUST_BEFORE_THE_WRAP));
    lock = (async_rwlock_t){.readers_ = 0};
    count = 0;
    return reports_begin(state);
}

static void run_ready(void)
{
    while (async_poll(&loop) == 0) {
    }
}

/* Let the time pass for one second, with all that is due in it. */
struct pass {
    ASYNC_FRAME;
};

ASYNC_STATIC(pass)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(ASYNC_SECONDS(1)));
    async_stop(async_current_loop());
    ASYNC_END();
}

static void let_time_pass(void)
{
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(pass, pass);
    async_spawn(&loop, &task, &pass.coro);
    assert_int_equal(async_run_forever(&loop), 0);
}

static void spawn(char name)
{
    users[count] = ASYNC_CALL(user, .name = name);
    tasks[count] = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&loop, &tasks[count], &users[count].coro);
    count++;
}

/* One task for each name, in this order. */
static void arrive(const char *names)
{
    for (; *names != '\0'; names++) {
        spawn(*names);
    }
    run_ready();
}

static int find(char name)
{
    int i = 0;
    while (users[i].name != name) {
        i++;
    }
    return i;
}

static void leave(char name)
{
    async_event_set(&users[find(name)].go);
    run_ready();
}

static void cancel(char name)
{
    assert_true(async_cancel(&tasks[find(name)]));
}

static void assert_free(void)
{
    assert_int_equal(async_rwlock_readers(&lock), 0);
    assert_null(async_rwlock_writer(&lock));
    arrive("X");
    leave('X');
    assert_trace("X /X");
    assert_int_equal(async_loop_close(&loop), 0);
}

/* --- Who comes in with whom ----------------------------------------------- */

static void a_lock_of_zeros_is_valid_and_free(void **state)
{
    (void)state;
    static async_rwlock_t zeros;
    assert_int_equal(async_rwlock_readers(&zeros), 0);
    assert_null(async_rwlock_writer(&zeros));
    assert_free();
}

static void readers_come_in_together(void **state)
{
    (void)state;
    arrive("abc");
    assert_trace("a b c");
    assert_int_equal(async_rwlock_readers(&lock), 3);
    leave('b');
    leave('a');
    leave('c');
    assert_trace("/b /a /c");
    assert_free();
}

static void a_writer_comes_in_alone(void **state)
{
    (void)state;
    arrive("AbC");
    assert_trace("A");
    assert_ptr_equal(async_rwlock_writer(&lock), &tasks[0]);
    leave('A');
    assert_trace("/A b");
    leave('b');
    assert_trace("/b C");
    leave('C');
    assert_trace("/C");
    assert_free();
}

static void a_writer_waits_for_the_last_reader(void **state)
{
    (void)state;
    arrive("abC");
    leave('a');
    assert_trace("a b /a");
    leave('b');
    assert_trace("/b C");
    leave('C');
    assert_trace("/C");
    assert_free();
}

static void a_reader_does_not_overtake_a_writer_that_waits(void **state)
{
    (void)state;
    arrive("aBc");
    assert_trace("a");
    leave('a');
    assert_trace("/a B");
    leave('B');
    assert_trace("/B c");
    leave('c');
    assert_trace("/c");
    assert_free();
}

static void a_writer_lets_in_the_readers_up_to_the_next_writer(void **state)
{
    (void)state;
    arrive("AbcDe");
    leave('A');
    assert_trace("A /A b c");
    leave('c');
    assert_trace("/c");
    leave('b');
    assert_trace("/b D");
    leave('D');
    assert_trace("/D e");
    leave('e');
    assert_trace("/e");
    assert_free();
}

static void writers_come_in_in_the_order_they_came(void **state)
{
    (void)state;
    arrive("ABCD");
    for (char name = 'A'; name <= 'D'; name++) {
        leave(name);
    }
    assert_trace("A /A B /B C /C D /D");
    assert_free();
}

static void what_was_handed_over_is_not_to_be_had_meanwhile(void **state)
{
    (void)state;
    arrive("AB");
    async_event_set(&users[0].go);
    async_poll(&loop); /* A has gone, B has not run yet */
    assert_trace("A /A");
    assert_ptr_equal(async_rwlock_writer(&lock), &tasks[1]);
    assert_int_equal(async_rwlock_try_read(&lock), ASYNC_ERR_EMPTY);
    run_ready();
    leave('B');
    assert_trace("B /B");
    assert_free();
}

/* --- Cancellation --------------------------------------------------------- */

static void readers_go_on_when_the_writer_before_them_is_cancelled(void **state)
{
    (void)state;
    arrive("aBcd");
    cancel('B');
    run_ready();
    assert_trace("a /B c d");
    assert_int_equal(async_rwlock_readers(&lock), 3);
    leave('a');
    leave('c');
    leave('d');
    assert_trace("/a /c /d");
    assert_free();
}

static void they_go_on_up_to_the_next_writer_only(void **state)
{
    (void)state;
    arrive("aBcDe");
    cancel('B');
    run_ready();
    assert_trace("a /B c");
    leave('a');
    assert_trace("/a");
    leave('c');
    assert_trace("/c D");
    leave('D');
    leave('e');
    assert_trace("/D e /e");
    assert_free();
}

static void
they_go_on_when_the_last_of_several_writers_is_cancelled(void **state)
{
    (void)state;
    arrive("aBCd");
    cancel('C');
    run_ready();
    assert_trace("a /C");
    cancel('B');
    run_ready();
    assert_trace("/B d");
    leave('a');
    leave('d');
    assert_trace("/a /d");
    assert_free();
}

static void they_go_on_when_all_writers_are_cancelled_at_once(void **state)
{
    (void)state;
    arrive("aBCd");
    cancel('B');
    cancel('C');
    run_ready();
    assert_trace("a /B /C d");
    leave('a');
    leave('d');
    assert_trace("/a /d");
    assert_free();
}

static void a_cancelled_writer_lets_nobody_in_to_another_writer(void **state)
{
    (void)state;
    arrive("ABcD");
    cancel('B');
    run_ready();
    assert_trace("A /B");
    leave('A');
    assert_trace("/A c");
    leave('c');
    leave('D');
    assert_trace("/c D /D");
    assert_free();
}

static void a_cancelled_reader_changes_nothing_for_others(void **state)
{
    (void)state;
    arrive("aBcDe");
    cancel('c');
    run_ready();
    assert_trace("a /c");
    leave('a');
    leave('B');
    leave('D');
    leave('e');
    assert_trace("/a B /B D /D e /e");
    assert_free();
}

static void a_newcomer_queues_until_the_cancelled_writer_has_run(void **state)
{
    (void)state;
    arrive("aBc");
    spawn('d'); /* runs before B does */
    cancel('B');
    assert_int_equal(async_rwlock_try_read(&lock), ASYNC_ERR_EMPTY);
    run_ready();
    assert_trace("a /B c d");
    leave('a');
    leave('c');
    leave('d');
    assert_trace("/a /c /d");
    assert_free();
}

static void a_reading_given_to_one_that_is_cancelled_goes_back(void **state)
{
    (void)state;
    arrive("AbC");
    async_event_set(&users[0].go);
    async_poll(&loop);
    assert_int_equal(async_rwlock_readers(&lock), 1);
    cancel('b');
    run_ready();
    assert_trace("A /A /b C");
    leave('C');
    assert_trace("/C");
    assert_free();
}

static void a_writing_given_to_one_that_is_cancelled_goes_on(void **state)
{
    (void)state;
    arrive("ABcd");
    async_event_set(&users[0].go);
    async_poll(&loop);
    assert_ptr_equal(async_rwlock_writer(&lock), &tasks[1]);
    cancel('B');
    run_ready();
    assert_trace("A /A /B c d");
    leave('c');
    leave('d');
    assert_trace("/c /d");
    assert_free();
}

static void a_cancelled_user_releases(void **state)
{
    (void)state;
    arrive("abC");
    cancel('a');
    cancel('b');
    run_ready();
    assert_trace("a b /a /b C");
    cancel('C');
    run_ready();
    assert_trace("/C");
    assert_free();
}

static void closing_the_loop_leaves_the_lock_free(void **state)
{
    (void)state;
    arrive("aBcD");
    assert_int_equal(async_loop_close(&loop), 0);
    assert_trace("a /D /c /B /a");
    assert_free();
}

/* --- Limits --------------------------------------------------------------- */

static void a_writer_that_times_out_lets_the_readers_in(void **state)
{
    (void)state;
    arrive("a");
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(hasty, hasty, .name = 'B');
    async_spawn(&loop, &task, &hasty.coro);
    arrive("cd");
    assert_trace("a");
    let_time_pass();
    assert_int_equal(hasty.error, ASYNC_ERR_TIMEOUT);
    assert_trace("B-201 c d");
    leave('a');
    leave('c');
    leave('d');
    assert_trace("/a /c /d");
    assert_free();
}

static void a_reader_that_times_out_is_forgotten(void **state)
{
    (void)state;
    arrive("A");
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(hasty, hasty, .name = 'b');
    async_spawn(&loop, &task, &hasty.coro);
    let_time_pass();
    leave('A');
    assert_trace("A b-201 /A");
    assert_free();
}

static void a_limit_that_does_not_pass_changes_nothing(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(hasty, hasty, .name = 'B');
    arrive("a");
    async_spawn(&loop, &task, &hasty.coro);
    run_ready();
    leave('a');
    assert_trace("a /a B0");
    assert_ptr_equal(async_rwlock_writer(&lock), &task);
}

struct limited {
    ASYNC_FRAME;
    async_timeout_t limit;
    async_with_t guard;
};

ASYNC_STATIC(limited)
{
    ASYNC_BEGIN();
    ASYNC_TIMEOUT(&self->limit, 10) {
        ASYNC_WITH_WRITING(&self->guard, &lock) {
            trace("never ");
        }
    }
    trace("x%d ", async_timeout_expired(&self->limit));
    ASYNC_WITH_WRITING(&self->guard, &lock) {
        trace("in ");
    }
    ASYNC_END();
}

static void a_timeout_ends_the_wait_and_the_guard_serves_again(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(limited, limited);
    arrive("a");
    async_spawn(&loop, &task, &limited.coro);
    arrive("b");
    let_time_pass();
    assert_trace("a x1 b");
    leave('a');
    leave('b');
    assert_trace("/a /b in");
    assert_free();
}

/* --- Without waiting ------------------------------------------------------ */

static void try_read(void *result)
{
    *(int *)result = async_rwlock_try_read(&lock);
}

static void an_interrupt_may_read(void **state)
{
    (void)state;
    async_virtual_interrupt_t first;
    async_virtual_interrupt_t second;
    int results[2] = {1, 1};
    async_virtual_interrupt_at(&virtual_clock, &first,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 1),
                               try_read, &results[0]);
    let_time_pass();
    assert_int_equal(results[0], 0);
    assert_int_equal(async_rwlock_readers(&lock), 1);
    async_rwlock_read_release(&lock);
    arrive("A");
    async_virtual_interrupt_at(&virtual_clock, &second,
                               (async_time_t)(async_loop_now(&loop) + 1),
                               try_read, &results[1]);
    let_time_pass();
    assert_int_equal(results[1], ASYNC_ERR_EMPTY);
    leave('A');
    assert_trace("A /A");
    assert_free();
}

static void release_reading(void *context)
{
    (void)context;
    async_rwlock_read_release(&lock);
}

static void an_interrupt_that_has_read_lets_the_writer_in(void **state)
{
    (void)state;
    async_virtual_interrupt_t interrupt;
    assert_int_equal(async_rwlock_try_read(&lock), 0);
    arrive("A");
    async_virtual_interrupt_at(&virtual_clock, &interrupt,
                               (async_time_t)(JUST_BEFORE_THE_WRAP + 5),
                               release_reading, NULL);
    assert_trace("");
    let_time_pass();
    assert_trace("A");
    leave('A');
    assert_trace("/A");
    assert_free();
}

struct tries {
    ASYNC_FRAME;
};

ASYNC_STATIC(tries)
{
    ASYNC_BEGIN();
    trace("r%d ", async_rwlock_try_read(&lock));
    trace("w%d ", async_rwlock_try_write(&lock));
    async_rwlock_read_release(&lock);
    trace("w%d ", async_rwlock_try_write(&lock));
    trace("w%d ", async_rwlock_try_write(&lock));
    trace("r%d ", async_rwlock_try_read(&lock));
    async_rwlock_write_release(&lock);
    ASYNC_END();
}

static void trying_takes_what_is_free(void **state)
{
    (void)state;
    ASYNC_OBJECT(tries, tries);
    assert_int_equal(async_run(&loop, &tries.coro), 0);
    assert_trace("r0 w-205 w0 w-205 r-205");
    assert_free();
}

static void trying_to_read_does_not_overtake_a_writer(void **state)
{
    (void)state;
    arrive("aB");
    assert_int_equal(async_rwlock_try_read(&lock), ASYNC_ERR_EMPTY);
    leave('a');
    leave('B');
    assert_trace("a /a B /B");
    assert_free();
}

static void more_readers_than_can_be_counted_wait(void **state)
{
    (void)state;
    for (unsigned long i = 0; i < 65535; i++) {
        assert_int_equal(async_rwlock_try_read(&lock), 0);
    }
    assert_int_equal(async_rwlock_try_read(&lock), ASYNC_ERR_EMPTY);
    arrive("a");
    assert_trace("");
    async_rwlock_read_release(&lock);
    run_ready();
    assert_trace("a");
    assert_int_equal(async_rwlock_readers(&lock), 65535);
}

/* --- A loop in an interrupt of the other ---------------------------------- */

static async_irq_t irq;
static async_loop_t inner_loop;
static async_virtual_clock_t inner_clock;
static struct user inner;
static async_task_t inner_task;

static void poll_inner_loop(void *context)
{
    (void)context;
    async_poll(&inner_loop);
}

/* A task that comes in the interrupt. */
static void begin_inner_loop(char name)
{
    async_loop_init(&inner_loop, async_virtual_clock_init(&inner_clock, 7));
    inner = ASYNC_CALL(user, .name = name);
    inner_task = (async_task_t)ASYNC_TASK_INIT;
    async_spawn(&inner_loop, &inner_task, &inner.coro);
    async_irq_init(&irq, poll_inner_loop, NULL);
}

static void end_inner_loop(void)
{
    async_event_set(&inner.go);
    async_poll(&inner_loop);
    assert_true(async_task_done(&inner_task));
}

/* --- Misuse --------------------------------------------------------------- */

struct misuse {
    ASYNC_FRAME;
    async_with_t guard;
    async_with_t inner;
    int error;
};

ASYNC_STATIC(misuse)
{
    ASYNC_BEGIN();
    async_rwlock_write_release(&lock);
    async_rwlock_read_release(&lock);
    ASYNC_WITH_WRITING(&self->guard, &lock) {
        AWAIT_CATCH(self->error, async_rwlock_read(&lock));
        trace("%d ", self->error);
        AWAIT_CATCH(self->error, async_rwlock_write(&lock, &self->inner));
        trace("%d ", self->error);
        async_rwlock_read_release(&lock);
        trace("%d ", async_rwlock_writer(&lock) == async_current_task());
    }
    ASYNC_END();
}

static void misuse_is_reported_and_does_nothing(void **state)
{
    (void)state;
    ASYNC_OBJECT(misuse, misuse);
    assert_int_equal(async_run(&loop, &misuse.coro), 0);
    expect_report(ASYNC_REPORT_NOT_HELD);
    expect_report(ASYNC_REPORT_NOT_HELD);
    expect_report(ASYNC_REPORT_HELD_ALREADY);
    expect_report(ASYNC_REPORT_HELD_ALREADY);
    expect_report(ASYNC_REPORT_NOT_HELD);
    assert_trace("-202 -202 1");
    assert_free();
}

static void outside_of_tasks_only_reading_works(void **state)
{
    (void)state;
    async_with_t guard = {.object_ = NULL};
    async_wait_t wait = async_rwlock_read(&lock);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    wait = async_rwlock_write(&lock, &guard);
    (void)wait;
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    assert_int_equal(async_rwlock_try_write(&lock), ASYNC_ERR_MISUSE);
    expect_report(ASYNC_REPORT_NOT_IN_TASK);
    arrive("A");
    async_rwlock_write_release(&lock);
    expect_report(ASYNC_REPORT_NOT_HELD);
    leave('A');
    assert_trace("A /A");
    assert_free();
}

struct forgetful {
    ASYNC_FRAME;
    async_with_t guard;
};

struct forgetful_in_a_block {
    ASYNC_FRAME;
    async_with_t guard;
    async_try_t attempt;
};

static void begin_to_write(async_with_t *guard)
{
    async_wait_t wait = async_rwlock_write(&lock, guard);
    (void)wait;
}

/* Starts to wait, and goes on without. */
ASYNC_STATIC(forgetful)
{
    ASYNC_BEGIN();
    begin_to_write(&self->guard);
    AWAIT(async_sleep(1));
    ASYNC_END();
}

ASYNC_STATIC(forgetful_in_a_block)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        begin_to_write(&self->guard);
        async_irq_raise(&irq); /* a reader queues behind this task */
        async_port_unlock(async_port_lock());
        AWAIT(async_sleep(1));
    }
    AWAIT(async_sleep(ASYNC_FOREVER));
    ASYNC_END();
}

static void a_wait_without_await_is_reported_and_blocks_nobody(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(forgetful, forgetful);
    arrive("a");
    async_spawn(&loop, &task, &forgetful.coro);
    arrive("b");
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    let_time_pass();
    assert_true(async_task_done(&task));
    leave('a');
    leave('b');
    assert_trace("a b /a /b");
    assert_free();
}

static void those_behind_it_come_in_when_the_mistake_is_found(void **state)
{
    (void)state;
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(forgetful_in_a_block, forgetful);
    begin_inner_loop('x');
    arrive("a");
    async_spawn(&loop, &task, &forgetful.coro);
    run_ready();
    expect_report(ASYNC_REPORT_NOT_AWAITED);
    async_poll(&inner_loop);
    assert_trace("a x");
    let_time_pass();
    end_inner_loop();
    leave('a');
    assert_trace("/x /a");
    assert_free();
}

/* --- Two loops, and many tasks -------------------------------------------- */

static void the_users_may_be_on_two_loops(void **state)
{
    (void)state;
    async_loop_t other;
    async_virtual_clock_t other_clock;
    async_loop_init(&other, async_virtual_clock_init(&other_clock, 7));
    async_task_t task = ASYNC_TASK_INIT;
    ASYNC_OBJECT(user, x, .name = 'X');
    arrive("a");
    async_spawn(&other, &task, &x.coro);
    async_poll(&other);
    arrive("b");
    leave('a');
    assert_trace("a /a");
    async_poll(&other);
    assert_trace("X");
    async_event_set(&x.go);
    async_poll(&other);
    assert_trace("/X");
    run_ready();
    assert_trace("b");
    leave('b');
    assert_trace("/b");
    assert_free();
}

static void a_loop_in_an_interrupt_does_not_come_in_between(void **state)
{
    (void)state;
    begin_inner_loop('X');
    assert_int_equal(async_rwlock_try_read(&lock), 0);
    arrive("A");
    async_irq_raise(&irq);
    async_rwlock_read_release(&lock); /* the interrupt comes in the middle */
    run_ready();
    assert_trace("A");
    leave('A');
    async_poll(&inner_loop);
    assert_trace("/A X");
    end_inner_loop();
    assert_trace("/X");
    assert_free();
}

/*
 * Starvation: each of many tasks comes again and again, stays for a while, and
 * gives up now and then. Whenever one comes in, nobody who came before it may
 * still be waiting, unless both read (it has come in then, and runs in the next
 * round) or its patience is at its end; nobody is inside with a writer; and all
 * come as often as they want to, in the end.
 */
#define CROWD  24
#define ROUNDS BY_PACE(400, 100)

static struct crowd {
    struct guest {
        ASYNC_FRAME;
        async_with_t guard;
        unsigned long ticket; /* of the wait; 0: it does not wait */
        async_time_t until;   /* it waits so long at most */
        int visits;
        int given_up;
        int error;
        bool writes;
        bool inside;
    } guests[CROWD];
    async_task_t tasks[CROWD];
    unsigned long next_ticket;
    unsigned long random;
} crowd;

static unsigned random_below(unsigned limit)
{
    crowd.random = (crowd.random * 1103515245UL + 12345UL) & 0x7FFFFFFFUL;
    return (unsigned)(crowd.random >> 16) % limit;
}

static void comes_in(struct guest *guest)
{
    for (int i = 0; i < CROWD; i++) {
        const struct guest *other = &crowd.guests[i];
        if (other->ticket != 0 && other->ticket < guest->ticket) {
            bool gives_up = !async_time_before(async_now(), other->until);
            assert_true(gives_up || (!other->writes && !guest->writes));
        }
        if (other->inside) {
            assert_false(other->writes || guest->writes);
        }
    }
    guest->ticket = 0;
    guest->inside = true;
}

ASYNC_STATIC(guest)
{
    ASYNC_BEGIN();
    while (self->visits < ROUNDS) {
        self->writes = random_below(3) == 0;
        self->ticket = ++crowd.next_ticket;
        self->until = async_now() + 1 + random_below(40);
        if (self->writes) {
            AWAIT_CATCH(self->error,
                        async_wait_for(async_rwlock_write(&lock, &self->guard),
                                       self->until - async_now()));
        } else {
            AWAIT_CATCH(self->error, async_wait_for(async_rwlock_read(&lock),
                                                    self->until - async_now()));
        }
        if (self->error != 0) {
            self->ticket = 0;
            self->given_up++;
            continue;
        }
        comes_in(self);
        AWAIT(async_sleep(random_below(3)));
        self->inside = false;
        self->visits++;
        if (self->writes) {
            async_rwlock_write_release(&lock);
        } else {
            async_rwlock_read_release(&lock);
        }
    }
    ASYNC_FINALLY();
    self->ticket = 0;
    ASYNC_END();
}

struct host {
    ASYNC_FRAME;
    int i;
};

ASYNC_STATIC(host)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < CROWD; self->i++) {
        AWAIT(async_join(&crowd.tasks[self->i]));
    }
    ASYNC_END();
}

static void nobody_starves(void **state)
{
    (void)state;
    int given_up = 0;
    crowd.next_ticket = 0;
    crowd.random = 7;
    for (int i = 0; i < CROWD; i++) {
        crowd.tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        crowd.guests[i] = ASYNC_CALL(guest);
        async_spawn(&loop, &crowd.tasks[i], &crowd.guests[i].coro);
    }
    ASYNC_OBJECT(host, host);
    assert_int_equal(async_run(&loop, &host.coro), 0);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(crowd.guests[i].visits, ROUNDS);
        given_up += crowd.guests[i].given_up;
    }
    assert_true(given_up > ROUNDS);
    assert_free();
}

/* A writer among readers that never leave a gap comes in after those that were
 * in before it, and they after it. */
struct keen {
    ASYNC_FRAME;
    async_with_t guard;
    int visits;
    bool writes;
};

ASYNC_STATIC(keen)
{
    ASYNC_BEGIN();
    for (;;) {
        if (self->writes) {
            ASYNC_WITH_WRITING(&self->guard, &lock) {
                AWAIT(async_sleep(ASYNC_MS(2)));
                self->visits++;
            }
        } else {
            ASYNC_WITH_READING(&self->guard, &lock) {
                AWAIT(async_sleep(ASYNC_MS(2)));
                self->visits++;
            }
        }
    }
    ASYNC_END();
}

static int visits_of_the_fourth(bool others_write)
{
    struct keen keen[4];
    async_task_t keen_tasks[4];
    for (int i = 0; i < 4; i++) {
        keen_tasks[i] = (async_task_t)ASYNC_TASK_INIT;
        keen[i] =
            ASYNC_CALL(keen, .writes = i == 3 ? !others_write : others_write);
        async_spawn(&loop, &keen_tasks[i], &keen[i].coro);
    }
    let_time_pass();
    int visits = keen[3].visits;
    assert_int_equal(async_loop_close(&loop), 0);
    return visits;
}

static void a_writer_does_not_starve_among_readers(void **state)
{
    (void)state;
    assert_in_range(visits_of_the_fourth(false), 200, 300);
}

static void a_reader_does_not_starve_among_writers(void **state)
{
    (void)state;
    assert_in_range(visits_of_the_fourth(true), 120, 130);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, reports_end)
    const struct CMUnitTest tests[] = {
        TEST(a_lock_of_zeros_is_valid_and_free),
        TEST(readers_come_in_together),
        TEST(a_writer_comes_in_alone),
        TEST(a_writer_waits_for_the_last_reader),
        TEST(a_reader_does_not_overtake_a_writer_that_waits),
        TEST(a_writer_lets_in_the_readers_up_to_the_next_writer),
        TEST(writers_come_in_in_the_order_they_came),
        TEST(what_was_handed_over_is_not_to_be_had_meanwhile),
        TEST(readers_go_on_when_the_writer_before_them_is_cancelled),
        TEST(they_go_on_up_to_the_next_writer_only),
        TEST(they_go_on_when_the_last_of_several_writers_is_cancelled),
        TEST(they_go_on_when_all_writers_are_cancelled_at_once),
        TEST(a_cancelled_writer_lets_nobody_in_to_another_writer),
        TEST(a_cancelled_reader_changes_nothing_for_others),
        TEST(a_newcomer_queues_until_the_cancelled_writer_has_run),
        TEST(a_reading_given_to_one_that_is_cancelled_goes_back),
        TEST(a_writing_given_to_one_that_is_cancelled_goes_on),
        TEST(a_cancelled_user_releases),
        TEST(closing_the_loop_leaves_the_lock_free),
        TEST(a_writer_that_times_out_lets_the_readers_in),
        TEST(a_reader_that_times_out_is_forgotten),
        TEST(a_limit_that_does_not_pass_changes_nothing),
        TEST(a_timeout_ends_the_wait_and_the_guard_serves_again),
        TEST(an_interrupt_may_read),
        TEST(an_interrupt_that_has_read_lets_the_writer_in),
        TEST(trying_takes_what_is_free),
        TEST(trying_to_read_does_not_overtake_a_writer),
        TEST(more_readers_than_can_be_counted_wait),
        TEST(misuse_is_reported_and_does_nothing),
        TEST(outside_of_tasks_only_reading_works),
        TEST(a_wait_without_await_is_reported_and_blocks_nobody),
        TEST(those_behind_it_come_in_when_the_mistake_is_found),
        TEST(the_users_may_be_on_two_loops),
        TEST(a_loop_in_an_interrupt_does_not_come_in_between),
        TEST(nobody_starves),
        TEST(a_writer_does_not_starve_among_readers),
        TEST(a_reader_does_not_starve_among_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
