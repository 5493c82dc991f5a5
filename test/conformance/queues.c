/* SPDX-License-Identifier: MIT */

/*
 * Queues: put and get, their order, join.
 */
#include "start.h"

typedef ASYNC_QUEUE(int, 2) queue_t;
typedef ASYNC_QUEUE(int, 4) queue_of_4_t;

static bool smaller(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static void say_got(int error, int item)
{
    if (error == ASYNC_OK) {
        say("got %d", item);
    } else {
        say("%s", error_name(error));
    }
}

static void get_nowait(queue_t *queue)
{
    int item = 0;
    int error = async_queue_try_get(queue, &item);
    say_got(error, item);
}

static void put_nowait(queue_t *queue, int item)
{
    if (async_queue_try_put(queue, &item) != ASYNC_OK) {
        say("no room for %d", item);
    }
}

static void say_put_nowait(queue_t *queue, int item)
{
    int error = async_queue_try_put(queue, &item);
    say("put %d: %s", item, error_name(error));
}

static void say_count(const queue_t *queue)
{
    say("%u of %u", async_queue_count(queue), async_queue_capacity(queue));
}

struct getter {
    ASYNC_FRAME;
    const char *name;
    queue_t *queue;
    int count;
    int i;
    int item;
};

ASYNC_STATIC(getter)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < self->count; self->i++) {
        say("%s gets", self->name);
        AWAIT_GET(self->queue, &self->item);
        say("%s got %d", self->name, self->item);
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

struct putter {
    ASYNC_FRAME;
    const char *name;
    queue_t *queue;
    int first;
    int count;
    int item;
};

ASYNC_STATIC(putter)
{
    ASYNC_BEGIN();
    for (self->item = self->first; self->item < self->first + self->count;
         self->item++) {
        say("%s puts %d", self->name, self->item);
        AWAIT_PUT(self->queue, &self->item);
        say("%s has put %d", self->name, self->item);
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

#define START_GETTER(slot, its_name, its_queue)                                \
    START(slot, getter, .name = its_name, .queue = its_queue, .count = 1)
#define START_PUTTER(slot, its_name, its_queue, item)                          \
    START(slot, putter, .name = its_name, .queue = its_queue, .first = item,   \
          .count = 1)

static const char *const letters[] = {"A", "B", "C", "D", "E", "F"};

/* --- Order ---------------------------------------------------------------- */

static void put_4(queue_of_4_t *queue, int item)
{
    int error = async_queue_try_put(queue, &item);
    say("put %d: %s", item, error_name(error));
}

static void get_4(queue_of_4_t *queue)
{
    int item = 0;
    int error = async_queue_try_get(queue, &item);
    say_got(error, item);
}

static void put_and_get(queue_of_4_t *queue)
{
    put_4(queue, 1);
    put_4(queue, 3);
    put_4(queue, 2);
    get_4(queue);
    get_4(queue);
    put_4(queue, 5);
    put_4(queue, 4);
    while (async_queue_count(queue) > 0) {
        get_4(queue);
    }
}

/* The oldest first. */
struct queue_order {
    ASYNC_FRAME;
    queue_of_4_t queue;
};

ASYNC_STATIC(queue_order)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    put_and_get(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_order);

/* The newest first. */
struct queue_lifo_order {
    ASYNC_FRAME;
    queue_of_4_t queue;
};

ASYNC_STATIC(queue_lifo_order)
{
    ASYNC_BEGIN();
    async_queue_init_lifo(&self->queue);
    put_and_get(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_lifo_order);

/* The smallest first. */
struct queue_priority_order {
    ASYNC_FRAME;
    queue_of_4_t queue;
};

ASYNC_STATIC(queue_priority_order)
{
    ASYNC_BEGIN();
    async_queue_init_priority(&self->queue, smaller);
    put_and_get(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_priority_order);

/* Those that wait for room and for items, at a stack. */
struct queue_lifo_waiting {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) a;
    STARTED(getter) b;
};

ASYNC_STATIC(queue_lifo_waiting)
{
    ASYNC_BEGIN();
    async_queue_init_lifo(&self->queue);
    START(self->a, putter, .name = "A", .queue = &self->queue, .first = 1,
          .count = 4);
    AWAIT(async_sleep(5));
    START(self->b, getter, .name = "B", .queue = &self->queue, .count = 4);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(queue_lifo_waiting);

/* One that waited gets what is first when it runs. */
struct queue_priority_waiting {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter) a;
};

ASYNC_STATIC(queue_priority_waiting)
{
    ASYNC_BEGIN();
    async_queue_init_priority(&self->queue, smaller);
    START_GETTER(self->a, "A", &self->queue);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 7);
    put_nowait(&self->queue, 3);
    AWAIT(async_join(&self->a.task));
    get_nowait(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_priority_waiting);

/* --- Full and empty ------------------------------------------------------- */

/* Put and get without waiting, and what can be asked. */
struct queue_full_and_empty {
    ASYNC_FRAME;
    queue_t queue;
    int i;
};

static void put_and_count(queue_t *queue, int item)
{
    int error = async_queue_try_put(queue, &item);
    say("put %d: %s, %u of %u", item, error_name(error),
        async_queue_count(queue), async_queue_capacity(queue));
}

static void get_and_count(queue_t *queue)
{
    int item = 0;
    int error = async_queue_try_get(queue, &item);
    if (error == ASYNC_OK) {
        say("got %d, %u of %u", item, async_queue_count(queue),
            async_queue_capacity(queue));
    } else {
        say("%s, %u of %u", error_name(error), async_queue_count(queue),
            async_queue_capacity(queue));
    }
}

ASYNC_STATIC(queue_full_and_empty)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    get_nowait(&self->queue);
    for (self->i = 1; self->i <= 3; self->i++) {
        put_and_count(&self->queue, self->i);
    }
    for (self->i = 0; self->i < 3; self->i++) {
        get_and_count(&self->queue);
    }
    ASYNC_END();
}
SCENARIO(queue_full_and_empty);

/* Nobody waits where there is room, and an item. */
struct queue_ready_at_once {
    ASYNC_FRAME;
    queue_t queue;
    struct putter putter;
    struct getter getter;
};

ASYNC_STATIC(queue_ready_at_once)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    AWAIT_CALL(self->putter, putter, .name = "main", .queue = &self->queue,
               .first = 1, .count = 2);
    AWAIT_CALL(self->getter, getter, .name = "main", .queue = &self->queue,
               .count = 2);
    ASYNC_END();
}
SCENARIO(queue_ready_at_once);

/* A put waits while it is full, and goes on when one was got. */
struct queue_put_waits {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) a;
};

ASYNC_STATIC(queue_put_waits)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START(self->a, putter, .name = "A", .queue = &self->queue, .first = 1,
          .count = 4);
    AWAIT(async_sleep(10));
    get_nowait(&self->queue);
    AWAIT(async_sleep(10));
    get_nowait(&self->queue);
    AWAIT(async_join(&self->a.task));
    say_count(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_put_waits);

/* A get waits while it is empty; an item comes from an interrupt. */
struct queue_get_waits {
    ASYNC_FRAME;
    queue_t queue;
    async_virtual_interrupt_t interrupt;
    STARTED(getter) a;
    int item;
};

static void put_1(void *queue)
{
    put_nowait((queue_t *)queue, 1);
}

ASYNC_STATIC(queue_get_waits)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    async_virtual_interrupt_at(&virtual_clock, &self->interrupt, 10, put_1,
                               &self->queue);
    START(self->a, getter, .name = "A", .queue = &self->queue, .count = 2);
    AWAIT(async_sleep(20));
    self->item = 2;
    AWAIT_PUT(&self->queue, &self->item);
    AWAIT(async_join(&self->a.task));
    ASYNC_END();
}
SCENARIO(queue_get_waits);

/* Items go to those that have waited longest. */
struct queue_getters_in_order {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter) getters[4];
    int i;
    int item;
};

ASYNC_STATIC(queue_getters_in_order)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    for (self->i = 0; self->i < 4; self->i++) {
        START_GETTER(self->getters[self->i], letters[self->i], &self->queue);
    }
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 1);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 2);
    put_nowait(&self->queue, 3);
    AWAIT(async_sleep(5));
    self->item = 4;
    AWAIT_PUT(&self->queue, &self->item);
    for (self->i = 0; self->i < 4; self->i++) {
        AWAIT(async_join(&self->getters[self->i].task));
    }
    ASYNC_END();
}
SCENARIO(queue_getters_in_order);

/* Room goes to those that have waited longest. */
struct queue_putters_in_order {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) putters[5];
    int i;
    int item;
};

ASYNC_STATIC(queue_putters_in_order)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    for (self->i = 0; self->i < 5; self->i++) {
        START_PUTTER(self->putters[self->i], letters[self->i], &self->queue,
                     self->i + 1);
    }
    for (self->i = 0; self->i < 5; self->i++) {
        AWAIT(async_sleep(5));
        AWAIT_GET(&self->queue, &self->item);
        say("got %d", self->item);
    }
    for (self->i = 0; self->i < 5; self->i++) {
        AWAIT(async_join(&self->putters[self->i].task));
    }
    ASYNC_END();
}
SCENARIO(queue_putters_in_order);

/* All room of a full queue at once: all that wait go on. */
struct queue_drained_at_once {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) putters[4];
    int i;
};

ASYNC_STATIC(queue_drained_at_once)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    for (self->i = 0; self->i < 4; self->i++) {
        START_PUTTER(self->putters[self->i], letters[self->i], &self->queue,
                     self->i + 1);
    }
    AWAIT(async_sleep(5));
    for (self->i = (int)async_queue_count(&self->queue); self->i > 0;
         self->i--) {
        get_nowait(&self->queue);
    }
    for (self->i = 0; self->i < 4; self->i++) {
        AWAIT(async_join(&self->putters[self->i].task));
    }
    say_count(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_drained_at_once);

struct produce {
    ASYNC_FRAME;
    queue_t *queue;
    int item;
};

ASYNC_STATIC(produce)
{
    ASYNC_BEGIN();
    for (self->item = 0; self->item < 8; self->item++) {
        AWAIT_PUT(self->queue, &self->item);
        say("put %d", self->item);
        AWAIT(async_sleep(self->item < 4 ? 3 : 11));
    }
    ASYNC_END();
}

struct consume {
    ASYNC_FRAME;
    queue_t *queue;
    int item;
    int i;
};

ASYNC_STATIC(consume)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 8; self->i++) {
        AWAIT_GET(self->queue, &self->item);
        say("got %d", self->item);
        AWAIT(async_sleep(7));
    }
    ASYNC_END();
}

/* A producer and a consumer of different speed lose nothing. */
struct queue_one_for_one {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(produce) a;
    STARTED(consume) b;
};

ASYNC_STATIC(queue_one_for_one)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START(self->a, produce, .queue = &self->queue);
    START(self->b, consume, .queue = &self->queue);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(queue_one_for_one);

/* --- Who gets it ---------------------------------------------------------- */

/* A get between the put and the run of the one that waited. */
struct queue_item_taken_away {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter) a;
};

ASYNC_STATIC(queue_item_taken_away)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START_GETTER(self->a, "A", &self->queue);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 1);
    get_nowait(&self->queue);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 2);
    AWAIT(async_join(&self->a.task));
    if (async_queue_count(&self->queue) > 0) {
        get_nowait(&self->queue);
    }
    ASYNC_END();
}
SCENARIO_DIFFERS(queue_item_taken_away,
                 "an item belongs to the one that waited longest, from the put "
                 "on");

/* A put between the get and the run of the one that waited. */
struct queue_room_taken_away {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) a;
};

ASYNC_STATIC(queue_room_taken_away)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    put_nowait(&self->queue, 1);
    put_nowait(&self->queue, 2);
    START_PUTTER(self->a, "A", &self->queue, 3);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    say_put_nowait(&self->queue, 4);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    get_nowait(&self->queue);
    AWAIT(async_join(&self->a.task));
    get_nowait(&self->queue);
    get_nowait(&self->queue);
    ASYNC_END();
}
SCENARIO_DIFFERS(
    queue_room_taken_away,
    "room belongs to the one that waited longest, from the get on");

/* --- Cancel --------------------------------------------------------------- */

/* Before the item: it goes to the next. */
struct queue_get_cancelled {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter) a, b, c;
    int error;
};

ASYNC_STATIC(queue_get_cancelled)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START_GETTER(self->a, "A", &self->queue);
    START_GETTER(self->b, "B", &self->queue);
    START_GETTER(self->c, "C", &self->queue);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 1);
    async_cancel(&self->b.task);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 2);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    get_nowait(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_get_cancelled);

/* Right before the put: it goes to the next. */
struct queue_get_cancelled_in_same_step {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter) a, b, c;
    int error;
};

ASYNC_STATIC(queue_get_cancelled_in_same_step)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START_GETTER(self->a, "A", &self->queue);
    START_GETTER(self->b, "B", &self->queue);
    START_GETTER(self->c, "C", &self->queue);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    async_cancel(&self->b.task);
    put_nowait(&self->queue, 1);
    SAY_OUTCOME(self->a);
    SAY_OUTCOME(self->b);
    SAY_OUTCOME(self->c);
    ASYNC_END();
}
SCENARIO(queue_get_cancelled_in_same_step);

/* The only one that waits is cancelled after the put: the item stays. */
struct queue_last_getter_cancelled {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter) a;
    int error;
};

ASYNC_STATIC(queue_last_getter_cancelled)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START_GETTER(self->a, "A", &self->queue);
    AWAIT(async_sleep(5));
    put_nowait(&self->queue, 1);
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    say_count(&self->queue);
    get_nowait(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_last_getter_cancelled);

/* Before there is room, and after it: nothing was put. */
struct queue_put_cancelled {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) putters[6];
    int i;
    int error;
};

ASYNC_STATIC(queue_put_cancelled)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    for (self->i = 0; self->i < 6; self->i++) {
        START_PUTTER(self->putters[self->i], letters[self->i], &self->queue,
                     self->i + 1);
    }
    AWAIT(async_sleep(5));
    async_cancel(&self->putters[2].task);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    async_cancel(&self->putters[3].task);
    AWAIT(async_sleep(5));
    async_cancel(&self->putters[5].task);
    for (self->i = 0; self->i < 6; self->i++) {
        SAY_OUTCOME(self->putters[self->i]);
    }
    for (self->i = 0; self->i < 3; self->i++) {
        get_nowait(&self->queue);
    }
    ASYNC_END();
}
SCENARIO(queue_put_cancelled);

/* The only one that waits is cancelled after the get: there is room. */
struct queue_last_putter_cancelled {
    ASYNC_FRAME;
    queue_t queue;
    struct putter putter;
    STARTED(putter) a;
    int i;
    int error;
};

ASYNC_STATIC(queue_last_putter_cancelled)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    AWAIT_CALL(self->putter, putter, .name = "main", .queue = &self->queue,
               .first = 1, .count = 2);
    START_PUTTER(self->a, "A", &self->queue, 3);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    say_put_nowait(&self->queue, 4);
    for (self->i = 0; self->i < 3; self->i++) {
        get_nowait(&self->queue);
    }
    ASYNC_END();
}
SCENARIO(queue_last_putter_cancelled);

/* --- Limits --------------------------------------------------------------- */

struct getter_with_limit {
    ASYNC_FRAME;
    const char *name;
    queue_t *queue;
    async_ticks_t ms;
    int item;
    int error;
};

ASYNC_STATIC(getter_with_limit)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_queue_wait_item(self->queue), self->ms));
    if (self->error == ASYNC_OK) {
        async_queue_take(self->queue, &self->item);
        say("%s got %d", self->name, self->item);
    } else {
        say("%s: %s", self->name, error_name(self->error));
    }
    ASYNC_END();
}

/* The one whose limit passes takes nothing. */
struct queue_get_with_limit {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(getter_with_limit) a, b;
    struct getter_with_limit call;
};

ASYNC_STATIC(queue_get_with_limit)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START(self->a, getter_with_limit, .name = "A", .queue = &self->queue,
          .ms = 10);
    START(self->b, getter_with_limit, .name = "B", .queue = &self->queue,
          .ms = 30);
    AWAIT(async_sleep(20));
    put_nowait(&self->queue, 1);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    put_nowait(&self->queue, 2);
    AWAIT_CALL(self->call, getter_with_limit, .name = "C",
               .queue = &self->queue, .ms = 10);
    AWAIT_CALL(self->call, getter_with_limit, .name = "D",
               .queue = &self->queue, .ms = 10);
    ASYNC_END();
}
SCENARIO(queue_get_with_limit);

struct put_with_limit {
    ASYNC_FRAME;
    queue_t *queue;
    int item;
    int error;
};

ASYNC_STATIC(put_with_limit)
{
    ASYNC_BEGIN();
    AWAIT_CATCH(self->error,
                async_wait_for(async_queue_wait_room(self->queue), 10));
    if (self->error == ASYNC_OK) {
        async_queue_place(self->queue, &self->item);
    }
    say("put %d: %s", self->item, error_name(self->error));
    ASYNC_END();
}

/* The one whose limit passes has put nothing. */
struct queue_put_with_limit {
    ASYNC_FRAME;
    queue_t queue;
    struct putter putter;
    struct put_with_limit put;
    int i;
};

ASYNC_STATIC(queue_put_with_limit)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    AWAIT_CALL(self->putter, putter, .name = "main", .queue = &self->queue,
               .first = 1, .count = 2);
    AWAIT_CALL(self->put, put_with_limit, .queue = &self->queue, .item = 3);
    get_nowait(&self->queue);
    AWAIT_CALL(self->put, put_with_limit, .queue = &self->queue, .item = 4);
    for (self->i = 0; self->i < 3; self->i++) {
        get_nowait(&self->queue);
    }
    ASYNC_END();
}
SCENARIO(queue_put_with_limit);

/* A timeout around several gets keeps what was got. */
struct queue_and_timeout {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(putter) a;
    struct getter getter;
    async_timeout_t limit;
};

ASYNC_STATIC(queue_and_timeout)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    START(self->a, putter, .name = "A", .queue = &self->queue, .first = 1,
          .count = 2);
    ASYNC_TIMEOUT(&self->limit, 10) {
        AWAIT_CALL(self->getter, getter, .name = "main", .queue = &self->queue,
                   .count = 3);
    }
    if (async_timeout_expired(&self->limit)) {
        say("timeout");
    }
    AWAIT(async_join(&self->a.task));
    say_count(&self->queue);
    ASYNC_END();
}
SCENARIO(queue_and_timeout);

/* --- Join ----------------------------------------------------------------- */

struct joiner {
    ASYNC_FRAME;
    const char *name;
    queue_t *queue;
};

ASYNC_STATIC(joiner)
{
    ASYNC_BEGIN();
    AWAIT(async_queue_join(self->queue));
    say("%s has joined", self->name);
    ASYNC_END();
}

/* It waits until all items are done, not only got; all that join go on. */
struct queue_join {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(joiner) a, b;
    struct joiner joiner;
};

ASYNC_STATIC(queue_join)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    AWAIT_CALL(self->joiner, joiner, .name = "main", .queue = &self->queue);
    AWAIT_CALL(self->joiner, joiner, .name = "main", .queue = &self->queue);
    put_nowait(&self->queue, 1);
    put_nowait(&self->queue, 2);
    START(self->a, joiner, .name = "A", .queue = &self->queue);
    START(self->b, joiner, .name = "B", .queue = &self->queue);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    get_nowait(&self->queue);
    AWAIT(async_sleep(5));
    async_queue_task_done(&self->queue);
    say("one is done");
    AWAIT(async_sleep(5));
    async_queue_task_done(&self->queue);
    say("two are done");
    AWAIT(async_join(&self->a.task));
    AWAIT(async_join(&self->b.task));
    AWAIT_CALL(self->joiner, joiner, .name = "main", .queue = &self->queue);
    ASYNC_END();
}
SCENARIO(queue_join);

/* One that joins goes on although another item comes before it runs. */
struct queue_put_after_done {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(joiner) a, b;
};

ASYNC_STATIC(queue_put_after_done)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    put_nowait(&self->queue, 1);
    START(self->a, joiner, .name = "A", .queue = &self->queue);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    async_queue_task_done(&self->queue);
    put_nowait(&self->queue, 2);
    START(self->b, joiner, .name = "B", .queue = &self->queue);
    AWAIT(async_join(&self->a.task));
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    async_queue_task_done(&self->queue);
    AWAIT(async_join(&self->b.task));
    ASYNC_END();
}
SCENARIO(queue_put_after_done);

/* Cancelled, and with a limit: the queue is as it was. */
struct queue_join_cancelled {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(joiner) a, b;
    int error;
};

ASYNC_STATIC(queue_join_cancelled)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    put_nowait(&self->queue, 1);
    START(self->a, joiner, .name = "A", .queue = &self->queue);
    AWAIT(async_sleep(5));
    async_cancel(&self->a.task);
    SAY_OUTCOME(self->a);
    AWAIT_CATCH(self->error, async_wait_for(async_queue_join(&self->queue), 5));
    say("join: %s", error_name(self->error));
    START(self->b, joiner, .name = "B", .queue = &self->queue);
    AWAIT(async_sleep(5));
    get_nowait(&self->queue);
    async_queue_task_done(&self->queue);
    SAY_OUTCOME(self->b);
    ASYNC_END();
}
SCENARIO(queue_join_cancelled);

/* More often done than put. */
struct queue_done_too_often {
    ASYNC_FRAME;
    queue_t queue;
};

ASYNC_STATIC(queue_done_too_often)
{
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    async_queue_task_done(&self->queue);
    put_nowait(&self->queue, 1);
    get_nowait(&self->queue);
    async_queue_task_done(&self->queue);
    async_queue_task_done(&self->queue);
    ASYNC_END();
}
SCENARIO_DIFFERS(queue_done_too_often,
                 "a mistake is reported; it raises only where one can wait");

struct works_for_ever {
    ASYNC_FRAME;
    const char *name;
    queue_t *queue;
    int item;
};

ASYNC_STATIC(works_for_ever)
{
    ASYNC_BEGIN();
    for (;;) {
        AWAIT_GET(self->queue, &self->item);
        say("%s begins %d", self->name, self->item);
        AWAIT(async_sleep((async_ticks_t)self->item));
        say("%s has done %d", self->name, self->item);
        async_queue_task_done(self->queue);
    }
    ASYNC_FINALLY();
    say("%s leaves", self->name);
    ASYNC_END();
}

/* Three workers share what is to be done, and are cancelled at the end. */
struct queue_workers {
    ASYNC_FRAME;
    queue_t queue;
    STARTED(works_for_ever) workers[3];
    int i;
    int error;
};

ASYNC_STATIC(queue_workers)
{
    static const int items[] = {20, 4, 8, 3, 11, 2, 5};
    ASYNC_BEGIN();
    async_queue_init(&self->queue);
    for (self->i = 0; self->i < 3; self->i++) {
        START(self->workers[self->i], works_for_ever, .name = letters[self->i],
              .queue = &self->queue);
    }
    for (self->i = 0; self->i < 7; self->i++) {
        AWAIT_PUT(&self->queue, &items[self->i]);
    }
    say("all are put");
    AWAIT(async_queue_join(&self->queue));
    say("all are done");
    for (self->i = 0; self->i < 3; self->i++) {
        async_cancel(&self->workers[self->i].task);
    }
    for (self->i = 0; self->i < 3; self->i++) {
        SAY_OUTCOME(self->workers[self->i]);
    }
    ASYNC_END();
}
SCENARIO(queue_workers);
