/* SPDX-License-Identifier: MIT */

/*
 * Mistakes that only show at run time, each made once, and what the library
 * says. The report handler below prints and goes on; the library's own aborts
 * on an error.
 */
#include <async/async.h>

#include <stdio.h>
#include <stdlib.h>

void async_on_report(const async_report_t *report)
{
    async_report_print(report, stdout);
}

static async_loop_t loop;
static async_virtual_clock_t clock;
static async_event_t never;

struct nap {
    ASYNC_FRAME;
    async_ticks_t ticks;
};

ASYNC(nap)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(self->ticks));
    ASYNC_END();
}

struct fail {
    ASYNC_FRAME;
    int error;
};

ASYNC(fail)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    ASYNC_RAISE(self->error);
    ASYNC_END();
}

struct wait_outer {
    ASYNC_FRAME;
    struct wait_inner {
        ASYNC_FRAME;
    } inner;
};

ASYNC(wait_inner)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&never));
    ASYNC_END();
}

ASYNC(wait_outer)
{
    ASYNC_BEGIN();
    AWAIT_CALL(self->inner, wait_inner);
    ASYNC_END();
}

struct cling {
    ASYNC_FRAME;
};

ASYNC(cling)
{
    ASYNC_BEGIN();
    AWAIT(async_event_wait(&never));
    ASYNC_FINALLY();
    AWAIT(async_event_wait(&never));
    ASYNC_END();
}

struct jump {
    ASYNC_FRAME;
    async_try_t attempt;
};

ASYNC(jump)
{
    ASYNC_BEGIN();
    ASYNC_TRY(&self->attempt) {
        goto out;
    }
out:
    AWAIT(async_sleep(1));
    ASYNC_END();
}

struct main {
    ASYNC_FRAME;
    int error;
    async_task_t task;
    async_task_t other;
    struct nap nap;
    struct nap second;
    struct nap blank;
    struct fail fail;
    struct jump jump;
};

static void spawn(async_task_t *task, async_coro_t *coro)
{
    async_spawn(&loop, task, coro);
}

ASYNC(main)
{
    ASYNC_BEGIN();

    puts("- an object used twice");
    self->nap = ASYNC_CALL(nap, .ticks = 5);
    AWAIT(async_call(&self->nap.coro));
    AWAIT_CATCH(self->error, async_call(&self->nap.coro));

    puts("- an object of zeros");
    AWAIT_CATCH(self->error, async_call(&self->blank.coro));

    puts("- a task spawned while it runs");
    self->nap = ASYNC_CALL(nap, .ticks = 5);
    self->second = ASYNC_CALL(nap, .ticks = 5);
    spawn(&self->task, &self->nap.coro);
    spawn(&self->task, &self->second.coro);
    AWAIT(async_join(&self->task));

    puts("- a task that joins itself");
    AWAIT_CATCH(self->error, async_join(async_current_task()));

    puts("- a positive error");
    self->fail = ASYNC_CALL(fail, .error = 5);
    AWAIT_CATCH(self->error, async_call(&self->fail.coro));

    puts("- the library's own mark of a cancellation");
    self->fail = ASYNC_CALL(fail, .error = -255);
    AWAIT_CATCH(self->error, async_call(&self->fail.coro));

    puts("- a duration beyond the range");
    AWAIT_CATCH(self->error, async_sleep(ASYNC_TICKS_MAX + 1));

    puts("- a goto out of a scope");
    self->jump = ASYNC_CALL(jump);
    AWAIT(async_call(&self->jump.coro));

    puts("- a loop run while it was in use");
    async_poll(&loop);

    puts("- an operation started and forgotten");
    {
        async_wait_t wait = async_sleep(5);
        (void)wait;
    }
    AWAIT(async_sleep(1));

    puts("- an error that nobody takes");
    self->fail = ASYNC_CALL(fail, .error = -5);
    spawn(&self->other, &self->fail.coro);
    AWAIT(async_sleep(2));
    ASYNC_END();
}

/* What tasks share. */
static async_lock_t lock;
static async_semaphore_t permits = ASYNC_BOUNDED_SEMAPHORE_INIT(2, 2);
static ASYNC_QUEUE(int, 4) queue = ASYNC_QUEUE_INIT(queue);
static async_barrier_t b; /* needs ASYNC_BARRIER_INIT */
static uint8_t bytes[16];
static async_stream_t stream = ASYNC_STREAM_INIT(bytes);

struct numbers {
    ASYNC_GENERATOR(int);
};

ASYNC(numbers)
{
    ASYNC_BEGIN();
    ASYNC_EMIT(1);
    ASYNC_END();
}

struct share {
    ASYNC_FRAME;
    int error;
    char byte;
    async_task_t task;
    async_group_t group;
    async_member_t member;
    struct nap nap;
    struct numbers numbers;
    struct async_barrier_wait w;
    struct async_stream_read read;
};

ASYNC(share)
{
    ASYNC_BEGIN();

    puts("- an item that is not taken");
    self->error = async_queue_try_put(&queue, &(int){1});
    AWAIT(async_queue_wait_item(&queue));
    AWAIT(async_sleep(1));

    puts("- a lock released that it does not have");
    async_lock_release(&lock);

    puts("- a lock acquired twice");
    AWAIT(async_lock_acquire(&lock));
    AWAIT_CATCH(self->error, async_lock_acquire(&lock));
    async_lock_release(&lock);

    puts("- a release too many");
    async_semaphore_release(&permits);

    puts("- a spawn into a group that is not open");
    self->nap = ASYNC_CALL(nap, .ticks = 5);
    async_group_spawn(&self->group, &self->member, &self->nap.coro);

    puts("- a generator without ASYNC_FOR");
    AWAIT_CALL_CATCH(self->error, self->numbers, numbers);

    puts("- an object that was not initialised");
    AWAIT_CALL_CATCH(self->error, self->w, async_barrier_wait, .barrier = &b);
    /* a queue, a condition and a stream need theirs, too */

    puts("- a second reader");
    self->read = ASYNC_CALL(async_stream_read, .stream = &stream,
                            .data = &self->byte, .size = 1);
    spawn(&self->task, &self->read.coro);
    AWAIT(async_sleep(1));
    AWAIT_CATCH(self->error, async_stream_wait_readable(&stream));
    async_cancel(&self->task);
    ASYNC_END();
}

static void a_wait_outside_of_tasks(void)
{
    puts("- a wait outside of tasks");
    async_wait_t wait = async_sleep(1);
    (void)wait;
}

static void an_object_never_awaited(void)
{
    puts("- an object that is never awaited");
    ASYNC_OBJECT(nap, nap, .ticks = 5);
}

static void a_deadlock(void)
{
    puts("- a deadlock");
    ASYNC_OBJECT(wait_outer, waiter);
    int error = async_run(&loop, &waiter.coro);
    printf("async_run returned %d\n", error);
}

static void a_cleanup_that_never_ends(void)
{
    puts("- a cleanup that never ends");
    static struct cling cling = ASYNC_CALL_INIT(cling);
    static async_task_t task;
    async_spawn(&loop, &task, &cling.coro);
    async_poll(&loop);
    async_loop_close(&loop);
}

static void an_object_that_ends_too_soon(void)
{
    puts("- an object whose block ends while it runs");
    static async_task_t task;
    ASYNC_OBJECT(nap, nap, .ticks = 5);
    async_spawn(&loop, &task, &nap.coro);
    async_poll(&loop);
}

struct leave {
    ASYNC_FRAME;
    bool early;
};

ASYNC(leave)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    if (self->early) {
        return NULL;
    }
    ASYNC_END();
}

static void a_body_left_by_return(void)
{
    puts("- a body left by return");
    ASYNC_OBJECT(leave, leave, .early = true);
    async_run(&loop, &leave.coro);
}

static async_irq_t irq;

static void wait_in_handler(void *context)
{
    (void)context;
    async_wait_t wait = async_event_wait(&never);
    (void)wait;
}

struct spin {
    ASYNC_FRAME;
};

ASYNC(spin)
{
    ASYNC_BEGIN();
    AWAIT(async_sleep(1));
    async_irq_raise(&irq);
    async_event_clear(&never); /* here the handler cuts in */
    ASYNC_END();
}

static void a_wait_in_a_handler(void)
{
    puts("- a wait in an interrupt handler");
    async_irq_init(&irq, wait_in_handler, NULL);
    ASYNC_OBJECT(spin, spin);
    async_run(&loop, &spin.coro);
}

int main(void)
{
    async_loop_init(&loop, async_virtual_clock_init(&clock, 0));
    ASYNC_OBJECT(main, all);
    async_run(&loop, &all.coro);
    ASYNC_OBJECT(share, share);
    async_run(&loop, &share.coro);
    a_wait_outside_of_tasks();
    an_object_never_awaited();
    a_deadlock();
    a_cleanup_that_never_ends();
    a_body_left_by_return();
    a_wait_in_a_handler();
    an_object_that_ends_too_soon(); /* the loop must not run after this */
    return EXIT_SUCCESS;
}
