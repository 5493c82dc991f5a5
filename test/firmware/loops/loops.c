/* SPDX-License-Identifier: MIT */

/*
 * Two loops at two priorities, and an interrupt above both.
 *
 * The lower loop is the main program. The upper one is polled in PendSV, which
 * its clock's pend() raises, so it cuts into the steps of the lower one.
 * SysTick is more urgent than both and feeds them, each time after another
 * period, so that it comes at all kinds of places. Tasks of both loops share a
 * queue each way, a semaphore each way, events, a signal and a lock. Limits and
 * cancellations meet what the interrupt gives. In the end all that was given
 * must have been taken, in order.
 */
#include "board.h"

#include <async/async.h>
#include <async/tick_clock.h>

#include <stdint.h>
#include <stdio.h>

#ifndef INTERRUPTS
#define INTERRUPTS 6000u
#endif
#define TIME_TO_END 200u /* ticks */
#define TIME_STUCK  (INTERRUPTS + 1000u)

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)
#define ICSR     (*(volatile uint32_t *)0xE000ED04)
#define SHPR3    (*(volatile uint32_t *)0xE000ED20)

#define ICSR_PENDSVSET (1u << 28)

/* --- Words for what is wrong ---------------------------------------------- */

#define CHECK(condition) check(condition, __LINE__, #condition)

static void check(bool holds, int line, const char *condition)
{
    if (!holds) {
        char text[120];
        snprintf(text, sizeof text, "FAILED: line %d: %s\n", line, condition);
        board_print(text);
        board_exit(1);
    }
}

static void print(const char *name, uint32_t value)
{
    char text[60];
    snprintf(text, sizeof text, "%s %lu\n", name, (unsigned long)value);
    board_print(text);
}

/* --- The two loops -------------------------------------------------------- */

static async_tick_clock_t ticks = ASYNC_TICK_CLOCK_INIT;

static async_time_t upper_now(async_clock_t *clock)
{
    (void)clock;
    return ticks.clock.ops->now(&ticks.clock);
}

static void upper_pend(async_clock_t *clock)
{
    (void)clock;
#ifndef BROKEN_NO_PEND
    ICSR = ICSR_PENDSVSET;
#endif
}

static const async_clock_ops_t upper_ops = {.now = upper_now,
                                            .pend = upper_pend};
static async_clock_t upper_clock = {&upper_ops};
static async_loop_t lower;
static async_loop_t upper;

static uint32_t polls;

void PendSV_Handler(void);
void PendSV_Handler(void)
{
    CHECK(async_current_task() == NULL);
    async_poll(&upper);
    CHECK(async_current_task() == NULL);
    polls++;
}

/* --- What they share ------------------------------------------------------ */

enum source { FROM_INTERRUPT, FROM_LOWER, FROM_UPPER, SOURCES };

struct item {
    uint32_t number;
    uint32_t source;
};

/* How many have been given, and how many have been taken in order. */
struct account {
    uint32_t given;
    uint32_t taken;
};

static ASYNC_QUEUE(struct item, 5) up = ASYNC_QUEUE_INIT(up);
static ASYNC_QUEUE(struct item, 3) down = ASYNC_QUEUE_INIT(down);
static struct account up_account[SOURCES];
static struct account down_account[SOURCES];

static async_semaphore_t forth = ASYNC_SEMAPHORE_INIT(0);
static async_semaphore_t back = ASYNC_SEMAPHORE_INIT(0);
static struct account forth_account;
static struct account back_account;

static async_event_t ping;
static async_event_t pong;
static struct account ping_account;

/* Set again when it has been seen, so that one lost is the last. */
static async_event_t upper_event;
static async_event_t lower_event;
static struct account upper_event_account;
static struct account lower_event_account;

/* A value of two words that belong together. */
struct value {
    uint32_t number;
    uint32_t opposite;
};

static ASYNC_SIGNAL(struct value) latest;
static uint32_t latest_sent;
static uint32_t latest_seen;

/* Permits for which a task waits with a limit, or is cancelled. */
static async_semaphore_t limited = ASYNC_SEMAPHORE_INIT(0);
static async_semaphore_t contested = ASYNC_SEMAPHORE_INIT(0);
static struct account limited_account;
static struct account contested_account;
static uint32_t limits;
static uint32_t cancellations;

static async_lock_t guard;
static uint32_t guarded;
static struct account guard_account; /* the lower loop's, the upper loop's */

static volatile bool is_over; /* nothing new is to be given */
static volatile bool works;   /* the main program is in the middle of a step */
static uint32_t cuts;         /* steps of the upper loop meanwhile */

static void take(struct account *accounts, const struct item *item)
{
    struct account *account = &accounts[item->source];
    CHECK(item->number == account->taken);
    account->taken++;
}

static void release(async_semaphore_t *semaphore, struct account *account)
{
    account->given++;
    async_semaphore_release(semaphore);
}

static void look_around(const async_task_t *task, const async_loop_t *loop)
{
    CHECK(async_current_loop() == loop);
    CHECK(async_current_task() == task);
    if (loop == &upper && works) {
        cuts++;
    }
}

static void work(unsigned amount)
{
    static volatile uint32_t nothing;
    while (amount-- > 0) {
        nothing++;
    }
}

/* --- Tasks of the upper loop ---------------------------------------------- */

/* Passes on what it gets. */
struct upper_passer {
    ASYNC_FRAME;
    async_task_t task;
    struct item item;
};

ASYNC_STATIC(upper_passer)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(&up, &self->item);
        look_around(&self->task, &upper);
        take(up_account, &self->item);
        self->item.source = FROM_UPPER;
        self->item.number = down_account[FROM_UPPER].given;
        AWAIT_PUT(&down, &self->item);
        down_account[FROM_UPPER].given++;
    }
    ASYNC_END();
}

struct upper_counter {
    ASYNC_FRAME;
    async_task_t task;
};

ASYNC_STATIC(upper_counter)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_semaphore_acquire(&forth));
        look_around(&self->task, &upper);
        forth_account.taken++;
        release(&back, &back_account);
    }
    ASYNC_END();
}

struct upper_ponger {
    ASYNC_FRAME;
    async_task_t task;
};

ASYNC_STATIC(upper_ponger)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&ping));
        async_event_clear(&ping);
        ping_account.taken++;
        CHECK(ping_account.taken == ping_account.given);
        async_event_set(&pong);
        look_around(&self->task, &upper);
    }
    ASYNC_END();
}

struct upper_listener {
    ASYNC_FRAME;
    async_task_t task;
};

ASYNC_STATIC(upper_listener)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&upper_event));
        async_event_clear(&upper_event);
        upper_event_account.taken++;
        look_around(&self->task, &upper);
    }
    ASYNC_END();
}

/* Its lock is taken by the lower loop, too; what it guards is not safe
 * otherwise. */
struct upper_owner {
    ASYNC_FRAME;
    async_task_t task;
    async_with_t with;
    uint32_t value;
};

ASYNC_STATIC(upper_owner)
{
    ASYNC_BEGIN();
    while (!is_over) {
        AWAIT(async_sleep(2));
        ASYNC_WITH_LOCK(&self->with, &guard) {
            self->value = guarded;
            ASYNC_YIELD();
            guarded = self->value + 1;
            guard_account.taken++;
        }
        look_around(&self->task, &upper);
    }
    ASYNC_END();
}

/* It sleeps by the clock that both loops share. A round may take a tick. */
struct upper_sleeper {
    ASYNC_FRAME;
    async_task_t task;
    async_time_t deadline;
    uint32_t count;
};

ASYNC_STATIC(upper_sleeper)
{
    ASYNC_BEGIN();
    self->deadline = async_now();
    for (;; self->count++) {
        self->deadline += 3;
        AWAIT(async_sleep_until(self->deadline));
        look_around(&self->task, &upper);
        CHECK(async_now() - self->deadline <= 1);
    }
    ASYNC_END();
}

/* Spawned by the interrupt. */
struct burst {
    ASYNC_FRAME;
};

static uint32_t bursts_begun;
static uint32_t bursts_ended;

ASYNC_STATIC(burst)
{
    ASYNC_BEGIN();
    ASYNC_YIELD();
    bursts_ended++;
    ASYNC_END();
}

/* --- Tasks of the lower loop ---------------------------------------------- */

/* The upper loop often answers before the task has come to its wait, which then
 * does not pause; so those that need an answer yield. */

struct lower_giver {
    ASYNC_FRAME;
    async_task_t task;
    struct item item;
};

ASYNC_STATIC(lower_giver)
{
    ASYNC_BEGIN();
    self->item.source = FROM_LOWER;
    while (!is_over) {
        self->item.number = up_account[FROM_LOWER].given;
        AWAIT_PUT(&up, &self->item);
        up_account[FROM_LOWER].given++;
        look_around(&self->task, &lower);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

struct lower_taker {
    ASYNC_FRAME;
    async_task_t task;
    struct item item;
};

ASYNC_STATIC(lower_taker)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(&down, &self->item);
        look_around(&self->task, &lower);
        take(down_account, &self->item);
    }
    ASYNC_END();
}

struct lower_counter {
    ASYNC_FRAME;
    async_task_t task;
};

ASYNC_STATIC(lower_counter)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_semaphore_acquire(&back));
        back_account.taken++;
    }
    ASYNC_END();
}

struct lower_pinger {
    ASYNC_FRAME;
    async_task_t task;
};

ASYNC_STATIC(lower_pinger)
{
    ASYNC_BEGIN();
    while (!is_over) {
        ping_account.given++;
        async_event_set(&ping);
        AWAIT(async_event_wait(&pong));
        async_event_clear(&pong);
        CHECK(ping_account.taken == ping_account.given);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

struct lower_owner {
    ASYNC_FRAME;
    async_task_t task;
    async_with_t with;
    uint32_t value;
};

ASYNC_STATIC(lower_owner)
{
    ASYNC_BEGIN();
    while (!is_over) {
        ASYNC_WITH_LOCK(&self->with, &guard) {
            self->value = guarded;
            work(20);
            ASYNC_YIELD();
            guarded = self->value + 1;
            guard_account.given++;
        }
        ASYNC_YIELD();
    }
    ASYNC_END();
}

struct lower_listener {
    ASYNC_FRAME;
    async_task_t task;
};

ASYNC_STATIC(lower_listener)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_event_wait(&lower_event));
        async_event_clear(&lower_event);
        lower_event_account.taken++;
    }
    ASYNC_END();
}

struct lower_watcher {
    ASYNC_FRAME;
    async_task_t task;
    struct value value;
};

ASYNC_STATIC(lower_watcher)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_SIGNAL(&latest, &self->value);
        CHECK(self->value.opposite == ~self->value.number);
        CHECK(self->value.number > latest_seen);
        latest_seen = self->value.number;
    }
    ASYNC_END();
}

/* The limit comes at the same interrupt as the permit, or one earlier. */
struct lower_limited {
    ASYNC_FRAME;
    async_task_t task;
    int error;
};

ASYNC_STATIC(lower_limited)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_CATCH(self->error,
                    async_wait_for(async_semaphore_acquire(&limited), 1));
        if (self->error == ASYNC_OK) {
            limited_account.taken++;
        } else {
            CHECK(self->error == ASYNC_ERR_TIMEOUT);
            limits++;
        }
    }
    ASYNC_END();
}

/* Cancelled at any time; a permit that it was just given is not lost. */
struct victim {
    ASYNC_FRAME;
};

ASYNC_STATIC(victim)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT(async_semaphore_acquire(&contested));
        contested_account.taken++;
    }
    ASYNC_END();
}

struct lower_canceller {
    ASYNC_FRAME;
    async_task_t task;
    async_task_t victim_task;
    struct victim victim;
    int error;
};

ASYNC_STATIC(lower_canceller)
{
    ASYNC_BEGIN();
    while (!is_over) {
        self->victim = ASYNC_CALL(victim);
        async_spawn(&lower, &self->victim_task, &self->victim.coro);
        ASYNC_YIELD();
        ASYNC_YIELD();
        async_cancel(&self->victim_task);
        AWAIT_CATCH(self->error, async_join(&self->victim_task));
        CHECK(self->error == ASYNC_ERR_CANCELLED);
        cancellations++;
    }
    ASYNC_END();
}

/* Long steps, into which the upper loop has to cut. */
struct lower_worker {
    ASYNC_FRAME;
    async_task_t task;
    uint32_t steps;
};

ASYNC_STATIC(lower_worker)
{
    ASYNC_BEGIN();
    for (; !is_over; self->steps++) {
        works = true;
        work(100 + self->steps % 64);
        works = false;
        look_around(&self->task, &lower);
        ASYNC_YIELD();
    }
    ASYNC_END();
}

/* --- The interrupt -------------------------------------------------------- */

static uint32_t interrupts;
static struct burst burst;
static async_task_t burst_task;

/* One more, if there is room. */
#define GIVE(queue, accounts)                                                  \
    do {                                                                       \
        const struct item item_ = {(accounts)[FROM_INTERRUPT].given,           \
                                   FROM_INTERRUPT};                            \
        if (async_queue_try_put(queue, &item_) == ASYNC_OK) {                  \
            (accounts)[FROM_INTERRUPT].given++;                                \
        }                                                                      \
    } while (0)

static void begin_burst(void)
{
    if (bursts_begun == 0 || async_task_done(&burst_task)) {
        burst = ASYNC_CALL(burst);
        async_spawn(&upper, &burst_task, &burst.coro);
        bursts_begun++;
    }
}

static void set_if_seen(async_event_t *event, struct account *account)
{
    if (account->given == account->taken) {
        account->given++;
        async_event_set(event);
    }
}

static void send(uint32_t number)
{
    const struct value value = {number, ~number};
    async_signal_send(&latest, &value);
}

static void feed(void)
{
    GIVE(&up, up_account);
    GIVE(&down, down_account);
    release(&forth, &forth_account);
    release(&contested, &contested_account);
    if (interrupts % 2 == 0) {
        release(&limited, &limited_account);
    }
    set_if_seen(&upper_event, &upper_event_account);
    set_if_seen(&lower_event, &lower_event_account);
    send(++latest_sent);
    begin_burst();
}

/* Where it has cut in: a bit for each two bytes of the program. */
#define CODE 0x10000u

static uint8_t places[CODE / 16];

static void note_place(uint32_t place)
{
    unsigned bit = place % CODE / 2;
    places[bit / 8] = (uint8_t)(places[bit / 8] | 1u << bit % 8);
}

static uint32_t count_places(void)
{
    uint32_t count = 0;
    for (unsigned bit = 0; bit < CODE / 2; bit++) {
        count += (places[bit / 8] >> bit % 8) & 1u;
    }
    return count;
}

/* The upper loop looks at its timers at each tick. */
void on_systick(uint32_t place);
void on_systick(uint32_t place)
{
    note_place(place);
    CHECK(async_current_task() == NULL);
    interrupts++;
    SYST_RVR = 60 + interrupts * 7 % 251;
    async_tick(&ticks);
    upper_pend(&upper_clock);
    if (interrupts <= INTERRUPTS) {
        feed();
    }
    CHECK(interrupts < TIME_STUCK);
}

/* The exception's frame holds where it cut in. */
void SysTick_Handler(void);
__attribute__((naked)) void SysTick_Handler(void)
{
    __asm volatile(".syntax unified\n\t"
                   "ldr r0, [sp, #24]\n\t"
                   "ldr r1, =on_systick\n\t"
                   "bx r1");
}

/* --- The program ---------------------------------------------------------- */

static void check_accounts(void)
{
    CHECK(async_queue_count(&up) == 0 && async_queue_count(&down) == 0);
    for (unsigned i = 0; i < SOURCES; i++) {
        CHECK(up_account[i].given == up_account[i].taken);
        CHECK(down_account[i].given == down_account[i].taken);
    }
    CHECK(forth_account.given == forth_account.taken);
    CHECK(back_account.given == back_account.taken);
    CHECK(ping_account.given == ping_account.taken);
    CHECK(upper_event_account.given == upper_event_account.taken);
    CHECK(lower_event_account.given == lower_event_account.taken);
    CHECK(limited_account.given == limited_account.taken);
    CHECK(contested_account.given ==
          contested_account.taken + async_semaphore_permits(&contested));
    CHECK(latest_seen == latest_sent);
    CHECK(guarded == guard_account.given + guard_account.taken);
    CHECK(bursts_begun == bursts_ended);
}

static struct upper_passer upper_passer;
static struct upper_counter upper_counter;
static struct upper_ponger upper_ponger;
static struct upper_listener upper_listener;
static struct upper_owner upper_owner;
static struct upper_sleeper upper_sleeper;
static struct lower_giver lower_giver;
static struct lower_taker lower_taker;
static struct lower_counter lower_counter;
static struct lower_pinger lower_pinger;
static struct lower_owner lower_owner;
static struct lower_listener lower_listener;
static struct lower_watcher lower_watcher;
static struct lower_limited lower_limited;
static struct lower_canceller lower_canceller;
static struct lower_worker lower_worker;

static void print_accounts(void)
{
    print("interrupts", interrupts);
    print("... at different instructions", count_places());
    print("rounds of the upper loop", polls);
    print("its steps in the middle of a step of the lower one", cuts);
    print("items up, from the interrupt", up_account[FROM_INTERRUPT].taken);
    print("items up, from the lower loop", up_account[FROM_LOWER].taken);
    print("items down, from the interrupt", down_account[FROM_INTERRUPT].taken);
    print("items down, from the upper loop", down_account[FROM_UPPER].taken);
    print("permits", back_account.taken);
    print("pings", ping_account.taken);
    print("events, upper loop", upper_event_account.taken);
    print("events, lower loop", lower_event_account.taken);
    print("values", latest_seen);
    print("permits in time", limited_account.taken);
    print("limits that came first", limits);
    print("permits of the cancelled", contested_account.taken);
    print("cancellations", cancellations);
    print("locks, lower loop", guard_account.given);
    print("locks, upper loop", guard_account.taken);
    print("spawns", bursts_ended);
    print("sleeps", upper_sleeper.count);
    print("long steps", lower_worker.steps);
}

/* Each of them must have happened often, or the test says little. */
static void check_load(void)
{
    const uint32_t often = INTERRUPTS / 20;
    CHECK(cuts > often);
    CHECK(up_account[FROM_INTERRUPT].taken > often);
    CHECK(up_account[FROM_LOWER].taken > often);
    CHECK(down_account[FROM_INTERRUPT].taken > often);
    CHECK(down_account[FROM_UPPER].taken > often);
    CHECK(ping_account.taken > often);
    CHECK(guard_account.given > often && guard_account.taken > often);
    CHECK(upper_event_account.taken > often);
    CHECK(lower_event_account.taken > often);
    CHECK(limits > often && cancellations > often);
    CHECK(bursts_ended > often && upper_sleeper.count > often);
    CHECK(lower_worker.steps > often);
}

#define SPAWN(loop, frame)                                                     \
    do {                                                                       \
        (frame) = ASYNC_CALL(frame);                                           \
        async_spawn(&(loop), &(frame).task, &(frame).coro);                    \
    } while (0)

struct program {
    ASYNC_FRAME;
};

static void spawn_all(void)
{
    SPAWN(upper, upper_passer);
    SPAWN(upper, upper_counter);
    SPAWN(upper, upper_ponger);
    SPAWN(upper, upper_listener);
    SPAWN(upper, upper_owner);
    SPAWN(upper, upper_sleeper);
    SPAWN(lower, lower_giver);
    SPAWN(lower, lower_taker);
    SPAWN(lower, lower_counter);
    SPAWN(lower, lower_pinger);
    SPAWN(lower, lower_owner);
    SPAWN(lower, lower_listener);
    SPAWN(lower, lower_watcher);
    SPAWN(lower, lower_limited);
    SPAWN(lower, lower_canceller);
    SPAWN(lower, lower_worker);
}

static void start_interrupts(void)
{
    SHPR3 = 0x40000000 | 0x00C00000; /* SysTick above PendSV */
    SYST_RVR = 100;
    SYST_CVR = 0;
    SYST_CSR = 7;
}

ASYNC_STATIC(program)
{
    ASYNC_BEGIN();
    spawn_all();
    start_interrupts();
    AWAIT(async_sleep(INTERRUPTS));
    is_over = true;
    AWAIT(async_sleep(TIME_TO_END));
    SYST_CSR = 0;
    print_accounts();
    check_accounts();
    check_load();
    board_print("ok\n");
    board_exit(0);
    ASYNC_END();
}

int main(void)
{
    static struct program program;
    async_loop_init(&upper, &upper_clock);
    async_loop_init(&lower, &ticks.clock);
    program = ASYNC_CALL(program);
    return async_run(&lower, &program.coro);
}
