/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: semaphore, lock, rwlock.
 *
 * Three tasks want the same; one of them may be cancelled, another may have a
 * limit, at the very time at which the interrupt gives or takes.
 */
#include "interleave.h"

#include <async/event.h>
#include <async/lock.h>
#include <async/rwlock.h>
#include <async/semaphore.h>

#include <string.h>

static struct {
    async_semaphore_t semaphore;
    async_lock_t lock;
    async_rwlock_t rwlock;
    async_event_t event;
    int given; /* permits */
    int taken;
    int order;
    int writing; /* tasks that are inside */
    int reading;
    int device_reads; /* of these */
    int in;           /* tasks that came in */
} shared;

static void begin(void)
{
    memset(&shared, 0, sizeof shared);
}

/* --- Semaphore ------------------------------------------------------------ */

static void give(void)
{
    shared.given++;
    async_semaphore_release(&shared.semaphore);
}

static void take(void)
{
    if (async_semaphore_try_acquire(&shared.semaphore) == ASYNC_OK) {
        shared.taken++;
    }
}

static void give_and_take(void)
{
    give();
    take();
}

static void give_two(void)
{
    give();
    give();
}

struct taker {
    ASYNC_FRAME;
    int player;
    int error;
    int order;
};

ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_semaphore_acquire(&shared.semaphore),
                               limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        shared.taken++;
        self->order = ++shared.order;
    }
    ASYNC_END();
}

/* While there are permits nobody waits. */
static void watch_permits(void)
{
    unsigned waiting = waiters_in(&shared.semaphore.waiters_.waiters_);
    assert_true(waiting == 0 ||
                async_semaphore_permits(&shared.semaphore) == 0);
}

static void give_all(void)
{
    while (waiters_in(&shared.semaphore.waiters_.waiters_) > 0) {
        give();
    }
}

/* Those that all waited got theirs in the order they came; one that came later
 * may have found one that was free. */
static void check_takers(struct taker *takers, const int *errors)
{
    int last = 0;
    for (int i = 0; i < PLAYERS; i++) {
        check_end(i, takers[i].order != 0, takers[i].error, errors[i]);
        if (takers[i].order != 0) {
            assert_true(irq.early || takers[i].order > last);
            last = takers[i].order;
        }
    }
}

static void run_takers(void)
{
    struct taker takers[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = give_all);
    for (int i = 0; i < PLAYERS; i++) {
        takers[i] = ASYNC_CALL(taker, .player = i);
        c.players[i] = &takers[i].coro;
    }
    run_contest(&c);
    check_takers(takers, c.errors);
    assert_int_equal(shared.given, shared.taken + (int)async_semaphore_permits(
                                                      &shared.semaphore));
}

static const struct scenario permits = {begin, run_takers,
                                        .watch = watch_permits, .nests = true};

static void no_permit_is_lost_or_doubled(void **state)
{
    (void)state;
    function_t *handlers[] = {give, give_two, take, give_and_take};
    function_t *tasks[] = {NULL, give, give_two, take};
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            variant.meanwhile = tasks[j];
            run_all_variants(&permits, handlers[i]);
        }
    }
}

static void no_permit_of_two_interrupts_is_lost(void **state)
{
    (void)state;
    for (variant.cancelled = 1; variant.cancelled <= NOBODY;
         variant.cancelled += 2) {
        variant.limited = 0;
        variant.meanwhile = variant.cancelled == NOBODY ? take : NULL;
        run_all_pairs(&permits, give, give);
        run_both_orders(&permits, give, take);
    }
}

/* --- Lock ----------------------------------------------------------------- */

static void set(void)
{
    async_event_set(&shared.event);
}

static void clear_and_set(void)
{
    async_event_clear(&shared.event);
    async_event_set(&shared.event);
}

struct owner {
    ASYNC_FRAME;
    async_with_t guard;
    int player;
    int error;
    bool came_in;
};

static void enter(void)
{
    assert_int_equal(shared.writing + shared.reading, 0);
    shared.writing++;
    shared.in++;
}

static void leave_(void *unused)
{
    (void)unused;
    shared.writing--;
}

/* The interrupt wakes the competitors. The lock lasts longer than that. */
ASYNC_STATIC(owner)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&shared.event));
    AWAIT_CATCH(self->error, async_wait_for(async_lock_acquire(&shared.lock),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        enter();
        self->came_in = true;
        ASYNC_WITH(&self->guard, leave_, NULL) {
            AWAIT(async_sleep((async_ticks_t)self->player));
        }
    }
    ASYNC_FINALLY();
    if (self->came_in) {
        async_lock_release(&shared.lock);
    }
    ASYNC_END();
}

/* The lock that is free has no waiters. */
static void watch_lock(void)
{
    assert_true(waiters_in(&shared.lock.waiters_.waiters_) == 0 ||
                async_lock_owner(&shared.lock) != NULL);
}

static void run_owners(void)
{
    struct owner owners[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = set);
    for (int i = 0; i < PLAYERS; i++) {
        owners[i] = ASYNC_CALL(owner, .player = i);
        c.players[i] = &owners[i].coro;
    }
    run_contest(&c);
    for (int i = 0; i < PLAYERS; i++) {
        check_end(i, owners[i].came_in, owners[i].error, c.errors[i]);
    }
    assert_int_equal(shared.writing, 0);
    assert_null(async_lock_owner(&shared.lock));
}

static const struct scenario owners_ = {begin, run_owners, .watch = watch_lock};

static void a_lock_has_one_owner_whoever_is_woken(void **state)
{
    (void)state;
    function_t *handlers[] = {set, clear_and_set};
    for (int i = 0; i < 4; i++) {
        variant.meanwhile = i < 2 ? NULL : set;
        run_all_variants(&owners_, handlers[i % 2]);
    }
}

/* --- Reader-writer lock --------------------------------------------------- */

/* An interrupt that reads: a DMA, say, ends one reading or begins one. */
static void end_reading(void)
{
    if (shared.device_reads > 0) {
        shared.device_reads--;
        shared.reading--;
        async_rwlock_read_release(&shared.rwlock);
    }
}

static void begin_reading(void)
{
    if (async_rwlock_try_read(&shared.rwlock) == ASYNC_OK) {
        assert_int_equal(shared.writing, 0);
        shared.device_reads++;
        shared.reading++;
    }
}

static void read_shortly(void)
{
    int before = shared.device_reads;
    begin_reading();
    if (shared.device_reads > before) {
        end_reading();
    }
}

static void end_all_readings(void)
{
    while (shared.device_reads > 0) {
        end_reading();
    }
}

static void begin_with_reading(void)
{
    begin();
    begin_reading();
}

struct writer {
    ASYNC_FRAME;
    async_with_t guard;
    int player;
    int error;
    bool came_in;
};

ASYNC_STATIC(writer)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_rwlock_write(&shared.rwlock, &self->guard),
                               limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        enter();
        self->came_in = true;
        AWAIT(async_sleep((async_ticks_t)self->player));
    }
    ASYNC_FINALLY();
    if (self->came_in) {
        shared.writing--;
        async_rwlock_write_release(&shared.rwlock);
    }
    ASYNC_END();
}

struct reader {
    ASYNC_FRAME;
    int player;
    int error;
    bool came_in;
};

ASYNC_STATIC(reader)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_rwlock_read(&shared.rwlock),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        assert_int_equal(shared.writing, 0);
        shared.reading++;
        self->came_in = true;
        AWAIT(async_sleep((async_ticks_t)self->player));
    }
    ASYNC_FINALLY();
    if (self->came_in) {
        shared.reading--;
        async_rwlock_read_release(&shared.rwlock);
    }
    ASYNC_END();
}

static void watch_rwlock(void)
{
    waiters_in(&shared.rwlock.waiters_.waiters_);
    assert_true(async_rwlock_writer(&shared.rwlock) == NULL ||
                async_rwlock_readers(&shared.rwlock) == 0);
    assert_true(shared.writing == 0 || shared.reading == 0);
}

static unsigned writers;         /* one bit for each player that writes */
static const struct contest *on; /* the one that is on */

static bool writes(const async_link_t_ *link)
{
    bool found = false;
    for (unsigned i = 0; i < PLAYERS; i++) {
        found = found || (&on->tasks[i].timer_.head_.link_ == link &&
                          (writers & (1u << i)) != 0);
    }
    return found;
}

/* Who is first waits for one that writes, or is one for whom others read. */
static void idle_rwlock(void)
{
    const async_link_t_ *waiters = &shared.rwlock.waiters_.waiters_;
    assert_true(
        waiters_in(waiters) == 0 ||
        async_rwlock_writer(&shared.rwlock) != NULL ||
        (writes(waiters->next_) && async_rwlock_readers(&shared.rwlock) != 0));
}

static void run_readers_and_writers(void)
{
    struct writer writing[PLAYERS];
    struct reader reading[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = end_all_readings);
    for (int i = 0; i < PLAYERS; i++) {
        writing[i] = ASYNC_CALL(writer, .player = i);
        reading[i] = ASYNC_CALL(reader, .player = i);
        c.players[i] =
            writers & (1u << i) ? &writing[i].coro : &reading[i].coro;
    }
    on = &c;
    run_contest(&c);
    end_all_readings();
    for (int i = 0; i < PLAYERS; i++) {
        check_end(i, writing[i].came_in || reading[i].came_in,
                  writers & (1u << i) ? writing[i].error : reading[i].error,
                  c.errors[i]);
    }
    assert_int_equal(shared.reading, 0);
    assert_int_equal(shared.writing, 0);
    assert_int_equal(async_rwlock_readers(&shared.rwlock), 0);
    assert_null(async_rwlock_writer(&shared.rwlock));
}

static const struct scenario rwlock = {
    begin_with_reading, run_readers_and_writers, .watch = watch_rwlock,
    .idle = idle_rwlock, .nests = true};

static void a_reading_that_an_interrupt_ends_lets_in_who_is_next(void **state)
{
    (void)state;
    function_t *handlers[] = {end_reading, begin_reading, read_shortly};
    function_t *tasks[] = {NULL, end_reading, begin_reading};
    for (int i = 0; i < 9; i++) {
        variant.meanwhile = tasks[i / 3];
        for (writers = 0; writers < 1u << PLAYERS; writers++) {
            run_all_variants(&rwlock, handlers[i % 3]);
        }
    }
}

static void two_interrupts_can_read(void **state)
{
    (void)state;
    variant.meanwhile = NULL;
    for (writers = 1; writers < 1u << PLAYERS; writers += 2) {
        variant.limited = 0;
        variant.cancelled = 1;
        run_both_orders(&rwlock, end_reading, begin_reading);
        variant.cancelled = 0;
        variant.limited = NOBODY;
        run_both_orders(&rwlock, end_reading, read_shortly);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(no_permit_is_lost_or_doubled),
        interleave_test(no_permit_of_two_interrupts_is_lost),
        interleave_test(a_lock_has_one_owner_whoever_is_woken),
        interleave_test(a_reading_that_an_interrupt_ends_lets_in_who_is_next),
        interleave_test(two_interrupts_can_read),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
