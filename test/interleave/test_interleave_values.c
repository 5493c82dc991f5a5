/* SPDX-License-Identifier: MIT */

/*
 * An interrupt at every place where it can come: future, signal, watch, pubsub.
 *
 * Values are pairs of equal numbers, so that one that is torn is seen.
 */
#include "interleave.h"

#include <async/future.h>
#include <async/pubsub.h>
#include <async/signal.h>
#include <async/watch.h>

#include <string.h>

#define VALUES    64
#define OF_DEVICE 32 /* numbers from here on are the interrupt's */
#define KEPT      2  /* messages */

struct value {
    int number;
    int same;
};

static ASYNC_FUTURE(struct value) future;
static ASYNC_SIGNAL(struct value) signal_;
static ASYNC_WATCH(struct value) watched;
static ASYNC_PUBSUB(struct value, KEPT) pubsub;

static struct {
    int next_of_task;
    int next_of_device;
    int sent;
    int taken[VALUES];
    int winner;  /* the number that the future was set to, or an error */
    int ends;    /* so many have ended the future */
    bool resets; /* so a future has several winners */
    bool cleared;
    bool finished;
} shared;

static void begin(void)
{
    memset(&shared, 0, sizeof shared);
    memset(&future, 0, sizeof future);
    memset(&signal_, 0, sizeof signal_);
    memset(&watched, 0, sizeof watched);
    memset(&pubsub, 0, sizeof pubsub);
}

static struct value value_of(int number)
{
    assert_in_range(number, 1, VALUES - 1);
    return (struct value){number, number};
}

static struct value next_value(void)
{
    return value_of(interleave_handling ? OF_DEVICE + shared.next_of_device++
                                        : ++shared.next_of_task);
}

static int number_of(struct value value)
{
    assert_int_equal(value.number, value.same);
    return value.number;
}

static void run_players(async_coro_t **players, struct contest *c)
{
    for (int i = 0; i < PLAYERS; i++) {
        c->players[i] = players[i];
    }
    run_contest(c);
    interrupts_off();
}

/* Every handler with each that a task calls at the same time. */
static void run_each(const struct scenario *scenario, function_t *const *calls,
                     int count)
{
    for (int i = 0; i < count; i++) {
        variant.meanwhile = NULL;
        run_all_variants(scenario, calls[i]);
        for (int j = 0; j < count; j++) {
            variant.meanwhile = calls[j];
            run_all_variants(scenario, calls[i]);
        }
    }
}

static void run_each_pair(const struct scenario *scenario,
                          function_t *const *calls, int count)
{
    variant = (struct variant){.cancelled = 1, .limited = 0};
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            run_all_pairs(scenario, calls[i], calls[j]);
        }
    }
}

/* --- Future --------------------------------------------------------------- */

/* Only the one that found it pending has ended it. */
static void won(bool was_pending, int outcome)
{
    if (was_pending) {
        assert_true(shared.ends == 0 || shared.resets);
        shared.winner = outcome;
        shared.ends++;
    }
}

static void expect_too_often(bool was_pending, unsigned reports)
{
    if (!was_pending && !async_future_cancelled(&future)) {
        assert_int_equal(reports_pending(), reports + 1);
        expect_report(ASYNC_REPORT_TOO_OFTEN);
    }
}

static void set(void)
{
    struct value value = next_value();
    unsigned reports = reports_pending();
    bool was_pending = async_future_set(&future, &value);
    won(was_pending, value.number);
    expect_too_often(was_pending, reports);
}

static void set_error(void)
{
    unsigned reports = reports_pending();
    bool was_pending = async_future_set_error(&future, -7);
    won(was_pending, -7);
    expect_too_often(was_pending, reports);
}

static void cancel(void)
{
    won(async_future_cancel(&future), ASYNC_ERR_CANCELLED);
}

/* Whom it wakes goes on, whoever comes then waits for the next. */
static void set_and_reset(void)
{
    shared.resets = true;
    if (!async_future_done(&future)) {
        set();
        async_future_reset(&future);
    }
}

struct future_waiter {
    ASYNC_FRAME;
    int player;
    int error;
    int number;
};

ASYNC_STATIC(future_waiter)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_future_wait(&future),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        self->number = number_of(future.value);
    }
    ASYNC_END();
}

static void watch_future(void)
{
    bool has_value = future.value.number != 0;
    assert_true(!async_future_done(&future) || has_value ||
                async_future_error(&future) < 0);
    assert_true(waiters_in(&future.future.waiters_.waiters_) == 0 ||
                !async_future_done(&future));
}

static void end_future(void)
{
    if (!async_future_done(&future)) {
        set();
    }
}

static void check_future_waiter(const struct future_waiter *waiter, int error)
{
    if (waiter->number != 0) {
        assert_true(shared.resets || waiter->number == shared.winner);
        assert_int_equal(error, 0);
    } else if (shared.winner >= 0 || waiter->error != shared.winner) {
        check_end(waiter->player, false, waiter->error, error);
    }
}

static void run_future(void)
{
    struct future_waiter waiters[PLAYERS];
    async_coro_t *players[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = end_future);
    for (int i = 0; i < PLAYERS; i++) {
        waiters[i] = ASYNC_CALL(future_waiter, .player = i);
        players[i] = &waiters[i].coro;
    }
    run_players(players, &c);
    for (int i = 0; i < PLAYERS; i++) {
        check_future_waiter(&waiters[i], c.errors[i]);
    }
    assert_int_equal(waiters_in(&future.future.waiters_.waiters_), 0);
}

static const struct scenario futures = {begin, run_future,
                                        .watch = watch_future, .nests = true};
static function_t *const future_calls[] = {set, set_error, cancel};

static void a_future_ends_once_and_for_all_who_wait(void **state)
{
    (void)state;
    run_each(&futures, future_calls, 3);
    run_each_pair(&futures, future_calls, 3);
}

static void a_reset_keeps_nobody_from_going_on(void **state)
{
    (void)state;
    variant.meanwhile = NULL;
    run_all_variants(&futures, set_and_reset);
    variant = (struct variant){.cancelled = 1, .limited = 0};
    run_all_pairs(&futures, set_and_reset, set_and_reset);
}

/* --- Signal --------------------------------------------------------------- */

static void send(void)
{
    struct value value = next_value();
    async_signal_send(&signal_, &value);
}

static void send_two(void)
{
    send();
    send();
}

static void try_take(void)
{
    struct value value;
    if (async_signal_try_take(&signal_, &value) == ASYNC_OK) {
        shared.taken[number_of(value)]++;
    }
}

static void clear(void)
{
    shared.cleared = true;
    async_signal_clear(&signal_);
}

struct taker {
    ASYNC_FRAME;
    int player;
    int error;
    struct value value;
};

ASYNC_STATIC(taker)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error, async_wait_for(async_signal_wait(&signal_),
                                            limit_of(self->player)));
    if (self->error == ASYNC_OK) {
        async_signal_take(&signal_, &self->value);
        shared.taken[number_of(self->value)]++;
    }
    ASYNC_END();
}

static void watch_signal(void)
{
    assert_true(waiters_in(&signal_.signal.waiters_.waiters_) == 0 ||
                !async_signal_is_set(&signal_));
}

/* The newest was taken, or is there. */
static void idle_signal(void)
{
    int newest = number_of(signal_.value);
    assert_true(newest == 0 || shared.cleared ||
                shared.taken[newest] == !async_signal_is_set(&signal_));
}

static void send_if_needed(void)
{
    if (waiters_in(&signal_.signal.waiters_.waiters_) > 0) {
        send();
    }
}

static void run_signal(void)
{
    struct taker takers[PLAYERS];
    async_coro_t *players[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = send_if_needed);
    for (int i = 0; i < PLAYERS; i++) {
        takers[i] = ASYNC_CALL(taker, .player = i);
        players[i] = &takers[i].coro;
    }
    run_players(players, &c);
    for (int i = 0; i < PLAYERS; i++) {
        check_end(i, takers[i].value.number != 0, takers[i].error, c.errors[i]);
    }
    idle_signal();
    for (int i = 0; i < VALUES; i++) {
        assert_true(shared.taken[i] <= 1);
    }
}

static const struct scenario signals = {begin, run_signal,
                                        .watch = watch_signal,
                                        .idle = idle_signal, .nests = true};

static void a_value_of_a_signal_is_taken_once(void **state)
{
    (void)state;
    function_t *const calls[] = {send, send_two, try_take, clear};
    run_each(&signals, calls, 4);
    run_each_pair(&signals, calls, 4);
}

/* --- Watch ---------------------------------------------------------------- */

static void set_watch(void)
{
    struct value value = shared.finished ? value_of(VALUES - 1) : next_value();
    async_watch_set(&watched, &value);
}

static void set_watch_twice(void)
{
    set_watch();
    set_watch();
}

struct watcher {
    ASYNC_FRAME;
    int player;
    int error;
    async_watch_reader_t reader;
    struct value value;
};

/* A limit ends the wait, and it is begun again. */
ASYNC_STATIC(watcher)
{
    ASYNC_BEGIN();
    while (self->value.number != VALUES - 1) {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_watch_changed(&watched, &self->reader),
                                   limit_of(self->player)));
        if (self->error == ASYNC_OK) {
            async_watch_read(&watched, &self->reader, &self->value);
            number_of(self->value);
        }
    }
    ASYNC_END();
}

static struct watcher watchers[PLAYERS];

static void watch_watch(void)
{
    waiters_in(&watched.watch.waiters_);
}

/* Who waits has seen the newest. */
static void idle_watch(void)
{
    for (int i = 0; i < PLAYERS; i++) {
        if (watchers[i].coro.state_ != ASYNC_IS_DONE_) {
            assert_int_equal(watchers[i].reader.seen_, watched.watch.version_);
            assert_int_equal(watchers[i].value.number, watched.value.number);
        }
    }
}

static void finish_watch(void)
{
    shared.finished = true;
    set_watch();
}

static void run_watch(void)
{
    async_coro_t *players[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = finish_watch);
    for (int i = 0; i < PLAYERS; i++) {
        watchers[i] = ASYNC_CALL(watcher, .player = i);
        players[i] = &watchers[i].coro;
    }
    run_players(players, &c);
    for (int i = 0; i < PLAYERS; i++) {
        check_end(i, watchers[i].value.number == VALUES - 1, watchers[i].error,
                  c.errors[i]);
    }
    assert_int_equal(waiters_in(&watched.watch.waiters_), 0);
}

static const struct scenario watches = {begin, run_watch, .watch = watch_watch,
                                        .idle = idle_watch, .nests = true};

static void who_waits_for_a_change_has_seen_the_newest(void **state)
{
    (void)state;
    function_t *const calls[] = {set_watch, set_watch_twice};
    run_each(&watches, calls, 2);
    run_each_pair(&watches, calls, 2);
}

/* --- Pubsub --------------------------------------------------------------- */

static void publish(void)
{
    struct value value = shared.finished ? value_of(VALUES - 1) : next_value();
    async_pubsub_publish(&pubsub, &value);
}

static void publish_more_than_are_kept(void)
{
    for (int i = 0; i <= KEPT; i++) {
        publish();
    }
}

struct listener {
    ASYNC_FRAME;
    int player;
    int error;
    async_subscriber_t subscriber;
    struct value value;
    uint32_t seen; /* messages, those included that were lost */
};

ASYNC_STATIC(listener)
{
    ASYNC_BEGIN();
    while (self->value.number != VALUES - 1) {
        AWAIT_CATCH(self->error, async_wait_for(async_pubsub_wait(
                                                    &pubsub, &self->subscriber),
                                                limit_of(self->player)));
        if (self->error == ASYNC_OK) {
            int last = self->value.number;
            self->seen +=
                1 + async_pubsub_take(&pubsub, &self->subscriber, &self->value);
            assert_int_equal(self->seen, self->subscriber.taken_);
            /* All of one publisher come in order. */
            assert_true(number_of(self->value) > last || last >= OF_DEVICE);
        }
    }
    ASYNC_END();
}

static struct listener listeners[PLAYERS];

static void watch_pubsub(void)
{
    waiters_in(&pubsub.pubsub.waiters_);
}

/* Who waits has taken all. */
static void idle_pubsub(void)
{
    for (int i = 0; i < PLAYERS; i++) {
        if (listeners[i].coro.state_ != ASYNC_IS_DONE_) {
            assert_int_equal(listeners[i].seen, pubsub.pubsub.published_);
        }
    }
}

static void finish_pubsub(void)
{
    shared.finished = true;
    publish();
}

static void run_pubsub(void)
{
    async_coro_t *players[PLAYERS];
    ASYNC_OBJECT(contest, c, .finish = finish_pubsub);
    for (int i = 0; i < PLAYERS; i++) {
        listeners[i] = ASYNC_CALL(listener, .player = i);
        players[i] = &listeners[i].coro;
    }
    run_players(players, &c);
    for (int i = 0; i < PLAYERS; i++) {
        check_end(i, listeners[i].value.number == VALUES - 1,
                  listeners[i].error, c.errors[i]);
    }
    assert_int_equal(waiters_in(&pubsub.pubsub.waiters_), 0);
}

static const struct scenario pubsubs = {begin, run_pubsub,
                                        .watch = watch_pubsub,
                                        .idle = idle_pubsub, .nests = true};

static void every_subscriber_takes_every_message_or_knows(void **state)
{
    (void)state;
    function_t *const calls[] = {publish, publish_more_than_are_kept};
    run_each(&pubsubs, calls, 2);
    run_each_pair(&pubsubs, calls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        interleave_test(a_future_ends_once_and_for_all_who_wait),
        interleave_test(a_reset_keeps_nobody_from_going_on),
        interleave_test(a_value_of_a_signal_is_taken_once),
        interleave_test(who_waits_for_a_change_has_seen_the_newest),
        interleave_test(every_subscriber_takes_every_message_or_knows),
    };
    return cmocka_run_group_tests(tests, NULL, tell_runs);
}
