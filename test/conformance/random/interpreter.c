/* SPDX-License-Identifier: MIT */

/*
 * Runs the programs of random_programs.py with libasync. Each line of the
 * standard input is a program, of nested operations:
 *
 *     (do (spawn 1 (do (sleep 20) (set 0))) (timeout 10 0 (do (wait 0 0))))
 *
 * What each operation does stands here and in random_programs.py, under the
 * same name. A line of the trace has the time, the task, the number of the
 * operation in the program, and what happened.
 */
#include <async/async.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS  3 /* of each kind */
#define SLOTS    8 /* names of tasks; a name may be given again */
#define PATIENCE 4000000
#define PAUSE    1000

/* --- A program ------------------------------------------------------------ */

struct context {
    int task;
    async_timeout_t *limit; /* the innermost one around */
    async_group_t *group;
};

struct node;
typedef async_coro_t *make_t(const struct node *node, struct context in);

struct node {
    make_t *make;
    int number;
    int argument[6];
    int arguments;
    const struct node *child[32];
    int children;
};

static const struct operation {
    const char *name;
    make_t *make;
} * find_operation(const char *name, size_t length);

static struct node nodes[4000];
static int node_count;

static const struct node *parse(const char **text)
{
    struct node *node = &nodes[node_count];
    *node = (struct node){.number = node_count++};
    size_t length = strcspn(++*text, " ()");
    node->make = find_operation(*text, length)->make;
    for (*text += length; **text != ')';) {
        if (**text == '(') {
            node->child[node->children++] = parse(text);
        } else if (**text == ' ') {
            ++*text;
        } else {
            char *end;
            node->argument[node->arguments++] = (int)strtol(*text, &end, 10);
            *text = end;
        }
    }
    ++*text;
    return node;
}

/* --- What the programs share ---------------------------------------------- */

static async_loop_t loop;
static async_virtual_clock_t virtual_clock;
static bool silent; /* the end of the trace */

static struct shared {
    async_event_t events[OBJECTS];
    async_lock_t locks[OBJECTS];
    async_condition_t conditions[OBJECTS]; /* of the locks */
    async_semaphore_t semaphores[OBJECTS];
    async_barrier_t barriers[OBJECTS];
    ASYNC_QUEUE(int, 2) queues[OBJECTS];
    ASYNC_FUTURE(int) futures[OBJECTS];
    async_task_t *slots[SLOTS];
    async_task_t *tasks[400]; /* all, in the order they were spawned */
    int task_count;
} shared;

static void init_shared(void)
{
    shared = (struct shared){0};
    for (int i = 0; i < OBJECTS; i++) {
        shared.conditions[i] =
            (async_condition_t)ASYNC_CONDITION_INIT(&shared.locks[i]);
        shared.semaphores[i] =
            (async_semaphore_t)ASYNC_SEMAPHORE_INIT((uint16_t)i);
        shared.barriers[i] = (async_barrier_t)ASYNC_BARRIER_INIT(2);
        async_queue_init(&shared.queues[i]);
    }
}

/* Frames and tasks stay until the program has ended. */
static union {
    max_align_t align;
    unsigned char bytes[4000000];
} arena;
static size_t arena_used;

static void *allocate(size_t size)
{
    void *place = arena.bytes + arena_used;
    arena_used += (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
                  sizeof(max_align_t);
    if (arena_used > sizeof arena.bytes) {
        fprintf(stderr, "a program is too long\n");
        exit(EXIT_FAILURE);
    }
    return memset(place, 0, size);
}

/* --- The trace ------------------------------------------------------------ */

static const char *error_name(int error)
{
    static const char *const raised[] = {"ok", "E1", "E2", "E3"};
    static const char *const others[] = {
        "cancelled", "timeout", "misuse", "deadlock",
        "full",      "empty",   "closed", "broken",
    };
    return error > -200 ? raised[-error] : others[-200 - error];
}

static void say(int task, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(int task, int number, const char *format, ...)
{
    if (silent) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    printf("%lu %d %d ", (unsigned long)async_loop_now(&loop), task, number);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

/* An error that nobody took is no subject here, a deadlock ends the trace, and
 * no program makes a mistake. */
void async_on_report(const async_report_t *report)
{
    if (report->kind == ASYNC_REPORT_DEADLOCK) {
        say(0, 0, "deadlock");
        silent = true;
    } else if (report->kind != ASYNC_REPORT_ERROR_NOT_TAKEN) {
        say(0, 0, "report %d", (int)report->kind);
    }
}

/* --- An operation is a coroutine ------------------------------------------ */

#define OP_WITH(name, ...)                                                     \
    struct name {                                                              \
        ASYNC_FRAME;                                                           \
        const struct node *node;                                               \
        struct context in;                                                     \
        __VA_ARGS__;                                                           \
    };                                                                         \
    static ASYNC_DECLARE(name);                                                \
    static async_coro_t *make_##name(const struct node *node,                  \
                                     struct context in)                        \
    {                                                                          \
        struct name *frame = allocate(sizeof *frame);                          \
        *frame = ASYNC_CALL(name, .node = node, .in = in);                     \
        return &frame->coro;                                                   \
    }                                                                          \
    ASYNC_STATIC(name)

#define OP(name) OP_WITH(name, int unused)

/* Inside of one: an argument, the object that it names, a part of it. */
#define ARG(i)       (self->node->argument[i])
#define TICKS(i)     ((async_ticks_t)ARG(i))
#define THE(objects) (&shared.objects[ARG(0)])
#define SAY(...)     say(self->in.task, self->node->number, __VA_ARGS__)
#define RUN(i)       AWAIT(async_call(make(self->node->child[i], self->in)))

/* How a block is left, by the argument in front of it. */
#define LEAVE(i)                                                               \
    if (ARG(i) == 1) {                                                         \
        break;                                                                 \
    } else if (ARG(i) == 2) {                                                  \
        ASYNC_EXIT();                                                          \
    } else if (ARG(i) < 0) {                                                   \
        ASYNC_RAISE(ARG(i));                                                   \
    }

static async_coro_t *make(const struct node *node, struct context in)
{
    return node->make(node, in);
}

static async_wait_t limited(async_wait_t wait, int ticks)
{
    return ticks != 0 ? async_wait_for(wait, (async_ticks_t)ticks) : wait;
}

/* --- Operations: blocks --------------------------------------------------- */

OP_WITH(do_, int i)
{
    ASYNC_BEGIN();
    for (; self->i < self->node->children; self->i++) {
        RUN(self->i);
    }
    ASYNC_END();
}

OP_WITH(repeat, int i)
{
    ASYNC_BEGIN();
    for (; self->i < ARG(0); self->i++) {
        RUN(0);
    }
    ASYNC_END();
}

OP(finally)
{
    ASYNC_BEGIN();
    RUN(0);
    SAY("ends");
    ASYNC_FINALLY();
    SAY("cleanup");
    RUN(1);
    SAY("clean");
    ASYNC_END();
}

OP_WITH(try, async_try_t attempt)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        RUN(0);
        LEAVE(0);
    }
    SAY("%s", error_name(async_try_error(&self->attempt)));
    ASYNC_END();
}

OP_WITH(timeout, async_timeout_t limit)
{
    ASYNC_BEGIN();
    self->in.limit = &self->limit;
    ASYNC_FAIL_AFTER(&self->limit, TICKS(0)) {
        RUN(0);
        LEAVE(1);
    }
    SAY("in time");
    ASYNC_END();
}

OP_WITH(limit, async_timeout_t limit)
{
    ASYNC_BEGIN();
    self->in.limit = &self->limit;
    ASYNC_TIMEOUT(&self->limit, TICKS(0)) {
        RUN(0);
        LEAVE(1);
    }
    SAY("expired: %d", async_timeout_expired(&self->limit));
    ASYNC_END();
}

OP(reschedule)
{
    ASYNC_BEGIN();
    SAY("%d", async_timeout_reschedule(self->in.limit, TICKS(0)));
    ASYNC_END();
}

OP_WITH(shield, async_shield_t shield)
{
    ASYNC_BEGIN();
    ASYNC_SHIELD(&self->shield) {
        RUN(0);
        LEAVE(0);
    }
    SAY("behind");
    ASYNC_END();
}

OP_WITH(lock, async_with_t guard)
{
    ASYNC_BEGIN();
    ASYNC_WITH_LOCK(&self->guard, THE(locks)) {
        SAY("taken");
        RUN(0);
        LEAVE(1);
    }
    SAY("behind");
    ASYNC_END();
}

OP_WITH(semaphore, async_with_t guard)
{
    ASYNC_BEGIN();
    ASYNC_WITH_SEMAPHORE(&self->guard, THE(semaphores)) {
        SAY("taken");
        RUN(0);
        LEAVE(1);
    }
    SAY("behind");
    ASYNC_END();
}

/* --- Operations: tasks ---------------------------------------------------- */

/* What a task runs. */
OP(member)
{
    ASYNC_BEGIN();
    SAY("begins");
    RUN(0);
    SAY("ends well");
    ASYNC_FINALLY();
    SAY("ends");
    ASYNC_END();
}

/* Enter a task into the tables, and make what it runs. */
static async_coro_t *make_for(async_task_t *task, int slot,
                              const struct node *node, struct context in)
{
    in.task = shared.task_count;
    in.limit = NULL;
    shared.tasks[shared.task_count++] = task;
    shared.slots[slot % SLOTS] = task;
    return make(node, in);
}

static void spawn_member(async_group_t *group, int slot,
                         const struct node *node, struct context in)
{
    async_member_t *member = allocate(sizeof *member);
    async_group_spawn(group, member, make_for(&member->task, slot, node, in));
}

static async_task_t *task_in(int slot)
{
    async_task_t *task = shared.slots[slot];
    return task == async_current_task() ? NULL : task;
}

OP(spawn)
{
    ASYNC_BEGIN();
    self->in.group = NULL;
    async_task_t *task = allocate(sizeof *task);
    async_spawn(&loop, task,
                make_for(task, ARG(0), self->node->child[0], self->in));
    ASYNC_END();
}

OP(cancel)
{
    ASYNC_BEGIN();
    async_task_t *task = shared.slots[ARG(0)];
    SAY("%d", task != NULL && async_cancel(task));
    ASYNC_END();
}

/* That the other was cancelled is told, and no error of this task. */
OP_WITH(join, int error)
{
    ASYNC_BEGIN();
    if (task_in(ARG(0)) != NULL) {
        AWAIT_CATCH(self->error, limited(async_join(task_in(ARG(0))), ARG(1)));
        AWAIT(async_sleep(PAUSE + (async_ticks_t)self->node->number));
        SAY("%s", error_name(self->error));
        if (self->error != 0 && self->error != ASYNC_ERR_CANCELLED) {
            ASYNC_RAISE(self->error);
        }
    }
    ASYNC_END();
}

OP_WITH(wait_tasks, async_task_t *tasks[4]; unsigned count;
        struct async_wait wait)
{
    ASYNC_BEGIN();
    for (int i = 2; i < self->node->arguments; i++) {
        if (task_in(ARG(i)) != NULL) {
            self->tasks[self->count++] = task_in(ARG(i));
        }
    }
    AWAIT_CALL(self->wait, async_wait, .tasks = self->tasks,
               .count = self->count, .until = (async_until_t)ARG(0),
               .limit = TICKS(1));
    AWAIT(async_sleep(PAUSE + (async_ticks_t)self->node->number));
    SAY("done: %d", self->wait.result > 0);
    ASYNC_END();
}

static void spawn_members(async_group_t *group, const struct node *node,
                          int from, int slot, struct context in)
{
    for (int i = from; i < node->children; i++) {
        spawn_member(group, slot + i, node->child[i], in);
    }
}

OP_WITH(group, async_group_t group)
{
    ASYNC_BEGIN();
    ASYNC_GROUP(&self->group) {
        self->in.group = &self->group;
        spawn_members(&self->group, self->node, 1, ARG(0), self->in);
        RUN(0);
        SAY("body ends");
        LEAVE(1);
    }
    SAY("behind");
    ASYNC_END();
}

/* One more into the group around. */
OP(group_spawn)
{
    ASYNC_BEGIN();
    spawn_member(self->in.group, ARG(0), self->node->child[0], self->in);
    ASYNC_END();
}

struct several {
    async_group_t group;
    async_member_t *members;
    async_coro_t *coros[8];
    unsigned count;
};

static void make_several(struct several *several, const struct node *node,
                         struct context in)
{
    in.group = NULL;
    several->count = (unsigned)node->children;
    several->members = allocate(several->count * sizeof(async_member_t));
    for (int i = 0; i < node->children; i++) {
        several->coros[i] = make_for(&several->members[i].task,
                                     node->argument[0] + i, node->child[i], in);
    }
}

#define GROUP_OP(name)                                                         \
    OP_WITH(name, struct several s)                                            \
    {                                                                          \
        ASYNC_BEGIN();                                                         \
        make_several(&self->s, self->node, self->in);                          \
        AWAIT(async_##name##_n(&self->s.group, self->s.members, self->s.coros, \
                               self->s.count));                                \
        SAY("behind");                                                         \
        ASYNC_END();                                                           \
    }

GROUP_OP(gather)
GROUP_OP(gather_errors)
GROUP_OP(race)

/* Many scopes in one frame. */
OP_WITH(deep, async_try_t inner, outer; async_timeout_t limits[2];
        async_group_t group; async_with_t guard)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->outer) {
        ASYNC_FAIL_AFTER(&self->limits[0], TICKS(1)) {
            ASYNC_GROUP(&self->group) {
                self->in.group = &self->group;
                spawn_members(&self->group, self->node, 1, ARG(0), self->in);
                ASYNC_TRY(&self->inner) {
                    ASYNC_WITH_SEMAPHORE(&self->guard, &shared.semaphores[2]) {
                        self->in.limit = &self->limits[1];
                        ASYNC_FAIL_AFTER(&self->limits[1], TICKS(2)) {
                            RUN(0);
                            LEAVE(3);
                        }
                    }
                }
                SAY("inner %s", error_name(async_try_error(&self->inner)));
                if (async_try_error(&self->inner) == ARG(4)) {
                    ASYNC_RAISE(ARG(4));
                }
            }
        }
    }
    SAY("outer %s", error_name(async_try_error(&self->outer)));
    ASYNC_END();
}

/* --- Operations: generators ----------------------------------------------- */

struct emits {
    ASYNC_GENERATOR(int);
    const struct node *node; /* its parts, and a value behind each */
    struct context in;
    int i;
};

ASYNC_STATIC(emits)
{
    ASYNC_BEGIN();
    for (self->i = 1; self->i < self->node->children; self->i++) {
        RUN(self->i);
        ASYNC_EMIT(self->i);
    }
    ASYNC_FINALLY();
    SAY("cleanup");
    RUN(0);
    ASYNC_END();
}

/* For each value; left in the round of argument 1, as argument 0 says. */
OP_WITH(for_, struct emits generator)
{
    ASYNC_BEGIN();
    self->generator =
        ASYNC_CALL(emits, .node = self->node->child[0], .in = self->in);
    ASYNC_FOR(&self->generator) {
        SAY("value %d", self->generator.value);
        RUN(1);
        if (self->generator.value == ARG(1)) {
            LEAVE(0);
        }
    }
    SAY("behind");
    ASYNC_END();
}

/* --- Operations: waits and signals ---------------------------------------- */

OP(sleep)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(TICKS(0)));
    ASYNC_END();
}

OP(raise)
{
    ASYNC_BEGIN();
    SAY("raises");
    ASYNC_RAISE(ARG(0));
    ASYNC_END();
}

OP(wait)
{
    ASYNC_BEGIN();
    AWAIT(limited(async_event_wait(THE(events)), ARG(1)));
    SAY("set");
    ASYNC_END();
}

OP(set)
{
    ASYNC_BEGIN();
    async_event_set(THE(events));
    ASYNC_END();
}

OP(clear)
{
    ASYNC_BEGIN();
    async_event_clear(THE(events));
    ASYNC_END();
}

OP(release)
{
    ASYNC_BEGIN();
    async_semaphore_release(THE(semaphores));
    ASYNC_END();
}

OP(put)
{
    ASYNC_BEGIN();
    AWAIT(limited(async_queue_wait_room(THE(queues)), ARG(1)));
    async_queue_place(THE(queues), &self->node->number);
    SAY("put");
    ASYNC_END();
}

OP_WITH(get, int item)
{
    ASYNC_BEGIN();
    AWAIT(limited(async_queue_wait_item(THE(queues)), ARG(1)));
    async_queue_take(THE(queues), &self->item);
    SAY("got %d", self->item);
    ASYNC_END();
}

OP(try_put)
{
    ASYNC_BEGIN();
    SAY("%s",
        error_name(async_queue_try_put(THE(queues), &self->node->number)));
    ASYNC_END();
}

OP_WITH(try_get, int item)
{
    ASYNC_BEGIN();
    int error = async_queue_try_get(THE(queues), &self->item);
    SAY("%s %d", error_name(error), self->item);
    ASYNC_END();
}

OP_WITH(wait_notified, struct async_condition_wait wait)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_condition_wait, .condition = THE(conditions));
    SAY("notified");
    ASYNC_END();
}

OP(notify)
{
    ASYNC_BEGIN();
    async_condition_notify(THE(conditions), (unsigned)ARG(1));
    ASYNC_END();
}

OP_WITH(barrier, struct async_barrier_wait wait)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->wait, async_barrier_wait, .barrier = THE(barriers));
    SAY("met");
    ASYNC_END();
}

OP(wait_future)
{
    ASYNC_BEGIN();
    AWAIT(limited(async_future_wait(THE(futures)), ARG(1)));
    SAY("is %d", THE(futures)->value);
    ASYNC_END();
}

OP(set_future)
{
    ASYNC_BEGIN();
    if (!async_future_done(THE(futures))) {
        if (ARG(1) < 0) {
            async_future_set_error(THE(futures), ARG(1));
        } else {
            async_future_set(THE(futures), &self->node->number);
        }
    }
    ASYNC_END();
}

/* --- All operations ------------------------------------------------------- */

static const struct operation *find_operation(const char *name, size_t length)
{
    static const struct operation operations[] = {
        {"do", make_do_},
        {"repeat", make_repeat},
        {"finally", make_finally},
        {"try", make_try},
        {"timeout", make_timeout},
        {"limit", make_limit},
        {"reschedule", make_reschedule},
        {"shield", make_shield},
        {"lock", make_lock},
        {"semaphore", make_semaphore},
        {"member", make_member},
        {"spawn", make_spawn},
        {"cancel", make_cancel},
        {"join", make_join},
        {"wait_tasks", make_wait_tasks},
        {"group", make_group},
        {"group_spawn", make_group_spawn},
        {"gather", make_gather},
        {"gather_errors", make_gather_errors},
        {"race", make_race},
        {"deep", make_deep},
        {"for", make_for_},
        {"emits", NULL},
        {"sleep", make_sleep},
        {"raise", make_raise},
        {"wait", make_wait},
        {"set", make_set},
        {"clear", make_clear},
        {"release", make_release},
        {"put", make_put},
        {"get", make_get},
        {"try_put", make_try_put},
        {"try_get", make_try_get},
        {"wait_notified", make_wait_notified},
        {"notify", make_notify},
        {"barrier", make_barrier},
        {"wait_future", make_wait_future},
        {"set_future", make_set_future},
    };
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strlen(operations[i].name) == length &&
            strncmp(operations[i].name, name, length) == 0) {
            return &operations[i];
        }
    }
    fprintf(stderr, "no such operation: %.20s\n", name);
    exit(EXIT_FAILURE);
}

/* --- Run ------------------------------------------------------------------ */

struct top {
    ASYNC_FRAME;
    const struct node *program;
    async_task_t first;
    int i;
    int tries;
    int error;
};

/* The program is the first task. What has not ended after a long time is
 * cancelled, one task after the other, and up to three times. */
ASYNC_STATIC(top)
{
    ASYNC_BEGIN();
    async_spawn(&loop, &self->first,
                make_for(&self->first, 0, self->program, (struct context){0}));
    for (; self->i < shared.task_count; self->i++) {
        for (self->tries = 0; self->tries < 4; self->tries++) {
            if (self->tries > 0) {
                AWAIT(async_sleep(PAUSE + (async_ticks_t)self->i));
                async_cancel(shared.tasks[self->i]);
            }
            AWAIT_CATCH(
                self->error,
                async_wait_for(
                    async_join(shared.tasks[self->i]),
                    PATIENCE + (async_ticks_t)(10 * self->i + self->tries)));
            if (async_task_done(shared.tasks[self->i])) {
                break;
            }
        }
        say(0, 0, "task %d: %s", self->i, error_name(self->error));
        if (!async_task_done(shared.tasks[self->i])) {
            silent = true;
            ASYNC_EXIT();
        }
    }
    ASYNC_END();
}

static void run(const char *text)
{
    static struct top top;
    node_count = 0;
    arena_used = 0;
    silent = false;
    init_shared();
    top = ASYNC_CALL(top, .program = parse(&text));
    async_loop_init(&loop, async_virtual_clock_init(&virtual_clock, 0));
    async_run(&loop, &top.coro);
    printf("==\n");
    fflush(stdout);
}

int main(void)
{
    static char line[100000];
    while (fgets(line, sizeof line, stdin) != NULL) {
        run(line);
    }
    return EXIT_SUCCESS;
}
