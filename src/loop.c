/* SPDX-License-Identifier: MIT */

/*
 * The loop: rounds over the tasks that are ready.
 *
 * A round takes the whole ready queue as its batch and runs each task of it
 * once; what becomes ready meanwhile is in the next batch. So the interrupt
 * lock is taken once for a round, and no task can run twice in one.
 */
#include "async/loop.h"

#include "core.h"
#include "timer_heap.h"

/* --- Create --------------------------------------------------------------- */

void async_loop_init(async_loop_t *loop, async_clock_t *clock)
{
    *loop = (async_loop_t){.clock_ = clock,
                           .attention_ = ASYNC_SHORT_CUTS_, /* look once */
                           .pend_ = clock->ops->pend};
    loop->ready_end_ = &loop->ready_first_;
}

/* --- One step of one task ------------------------------------------------- */

/* What has to be done before the task goes on; then who runs. It gets into the
 * list of tasks without a timer, in which it may be still because nobody took
 * its last error. */
#if ASYNC_SHORT_CUTS_
ASYNC_NOINLINE_
#endif
static async_coro_t *attend(async_task_t *task)
{
    if (ASYNC_REPORTS && !task_has(task, ASYNC_TASK_HOLDS_)) {
        link_of(task)->prev_ = NULL;
    }
    if (ASYNC_REPORTS && task_has(task, ASYNC_TASK_NEW_) &&
        task_has(task, ASYNC_TASK_UNTAKEN_)) {
        async_untimed_remove_(task);
        task_clear(task, ASYNC_TASK_UNTAKEN_);
    }
    if (task_has(task, ASYNC_TASK_NEW_ | ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(task);
    }
    async_coro_t *coro = task->leaf_;
    if (task_has(task,
                 ASYNC_TASK_HOLDS_ | ASYNC_TASK_RAISE_ | ASYNC_TASK_LIMIT_)) {
        coro = task->loop_->errors_(coro, 0);
    }
    if (coro > ASYNC_AGAIN_) {
        task->leaf_ = coro;
    }
    return coro;
}

/* It stays ready. Nobody has to be told of it: its loop runs. */
static ASYNC_ALWAYS_INLINE_ void go_round(async_loop_t *loop,
                                          async_task_t *task)
{
    if (MISUSE(task_is_linked(task))) {
        async_end_wait_(task);
    }
    hook_pause(task, true);
    async_port_state_t state = async_brief_lock_();
    ready_append(loop, link_of(task));
    async_brief_unlock_(state);
}

/* The step is over, and the task has ended, or waits, or was woken already. */
static ASYNC_ALWAYS_INLINE_ void rest(async_task_t *task)
{
    if (MISUSE(!task_is_linked(task) || task_has(task, ASYNC_TASK_HOLDS_))) {
        async_check_waker_(task);
    }
    hook_pause(task, false);
}

/* The same for one that has not gone on: it has left a scope, which waits. */
ASYNC_COLD_ static void rest_early(async_task_t *task)
{
    rest(task);
}

/* Resume coroutines until the task waits, or has ended. */
static ASYNC_ALWAYS_INLINE_ void step(async_loop_t *loop, async_task_t *task)
{
    async_coro_t *coro = task->leaf_;
    async_here_.task_ = task;
    hook_run(task);
    if (task_has_flags(task)) {
        coro = attend(task);
        if (coro <= ASYNC_AGAIN_) {
            if (coro == ASYNC_AGAIN_) {
                goto again;
            }
            rest_early(task);
            return;
        }
    } else if (ASYNC_REPORTS) {
        link_of(task)->prev_ = NULL;
    }
    while ((coro = coro->link_.resume_(coro)) != ASYNC_AGAIN_) {
        if (coro == NULL) {
            rest(task);
            return;
        }
        task->leaf_ = coro;
    }
again:
    go_round(loop, task);
}

/* --- Rounds --------------------------------------------------------------- */

/* True if there may be more to do than to look at the time. A clock that wants
 * to be looked at draws attention for ever, and so does a stop. Who draws it
 * while this runs is heard the next time. */
static bool take_attention(async_loop_t *loop)
{
    if (!ASYNC_SHORT_CUTS_) {
        return true;
    }
    volatile bool *attention = &loop->attention_;
    if (!*attention) {
        return false;
    }
    *attention = false;
    if (loop->stop_ || loop->clock_->ops->look != NULL) {
        *attention = true; /* a stop may have drawn it before */
    }
    return true;
}

/* What there may be to do before a round; no task is current. */
static ASYNC_INLINE_FOR_SPEED_ void look_around(async_loop_t *loop)
{
    if (take_attention(loop) && loop->clock_->ops->look != NULL) {
        loop->clock_->ops->look(loop->clock_);
    }
    if (loop->nodes_.next_ != NULL) {
        async_timers_expire_(loop);
    }
    if (loop->wake_polling_ != NULL) {
        loop->wake_polling_(loop);
    }
}

static ASYNC_INLINE_FOR_SPEED_ async_link_t_ *take_ready(async_loop_t *loop)
{
    async_loop_open_();
    async_port_state_t state = async_brief_lock_();
    async_link_t_ *batch = ready_take(loop);
    async_brief_unlock_(state);
    return batch;
}

/* There is another round, and nothing to do before it but to look at the time.
 * Who draws attention wants more. */
static ASYNC_ALWAYS_INLINE_ bool may_go_on(async_loop_t *loop)
{
    if (loop->ready_first_ == NULL || loop->attention_) {
        return false;
    }
    if (loop->nodes_.next_ != NULL) {
        async_here_.task_ = NULL; /* it is the time that wakes */
        async_timers_expire_(loop);
    }
    return true;
}

/* The first round with this batch; more, if wanted. */
static ASYNC_INLINE_FOR_SPEED_ void run_rounds(async_loop_t *loop,
                                               async_link_t_ *batch, bool more)
{
    if (batch == NULL) {
        return;
    }
    for (;;) {
        async_task_t *task = task_of_link(batch);
        batch = batch->next_;
        step(loop, task);
        if (batch != NULL) {
            continue;
        }
        if (!ASYNC_SHORT_CUTS_ || !more || !may_go_on(loop)) {
            break;
        }
        batch = take_ready(loop);
    }
    async_here_.task_ = NULL;
}

static ASYNC_INLINE_FOR_SPEED_ async_link_t_ *begin_round(async_loop_t *loop)
{
    look_around(loop);
    return take_ready(loop);
}

async_link_t_ *async_round_begin_(async_loop_t *loop)
{
    return begin_round(loop);
}

void async_round_(async_loop_t *loop, async_link_t_ *batch)
{
    run_rounds(loop, batch, false);
}

void async_rounds_(async_loop_t *loop)
{
    run_rounds(loop, begin_round(loop), true);
}

/* --- Use of the loop ------------------------------------------------------ */

/* Where handlers never look like a task, nobody asks for a context. */
#ifdef ASYNC_PORT_HANDLERS_ARE_ALONE_
#define enter_context(loop) ((void)0)
#define leave_context(loop) ((void)0)
#else
static inline void enter_context(async_loop_t *loop)
{
    loop->outer_context_ = async_here_.context_;
    async_here_.context_ = (uint16_t)async_port_context();
    if (ASYNC_REPORTS) {
        loop->context_ = async_here_.context_;
    }
}

static inline void leave_context(const async_loop_t *loop)
{
    async_here_.context_ = loop->outer_context_;
}
#endif

bool async_loop_enter_(async_loop_t *loop)
{
    if (MISUSE(loop->active_)) {
        async_report_running_(ASYNC_REPORT_LOOP_RUNNING);
        return false;
    }
    if (ASYNC_REPORTS) {
        loop->active_ = true;
    }
    loop->outer_ = async_here_.task_;
    async_here_.task_ = NULL;
    enter_context(loop);
    return true;
}

void async_loop_leave_(async_loop_t *loop)
{
    leave_context(loop);
    async_here_.task_ = loop->outer_;
    if (ASYNC_REPORTS) {
        loop->active_ = false;
    }
}

static async_ticks_t ticks_to_next(async_loop_t *loop)
{
    if (loop->ready_first_ != NULL || !list_is_empty(&loop->polling_)) {
        return 0;
    }
    if (loop->nodes_.next_ == NULL) {
        return ASYNC_FOREVER;
    }
    async_time_t now = async_loop_now(loop);
    async_time_t next = timer_of_node(loop->nodes_.next_)->deadline_;
    return async_time_before(now, next) ? (async_ticks_t)(next - now) : 0;
}

/* For tasks that go round. Those that get ready otherwise have pended. */
static void pend_for_more(async_loop_t *loop)
{
    async_port_state_t state = async_loop_lock_();
    if (loop->ready_first_ != NULL) {
        loop->pend_(loop->clock_);
    }
    async_loop_unlock_(state);
}

async_ticks_t async_poll(async_loop_t *loop)
{
    if (!async_loop_enter_(loop)) {
        return 0;
    }
    run_rounds(loop, begin_round(loop), false);
    async_loop_leave_(loop);
    if (ASYNC_UNLIKELY_(loop->pend_ != NULL)) {
        pend_for_more(loop);
    }
    async_loop_open_();
    return ticks_to_next(loop);
}

/* --- Run ------------------------------------------------------------------ */

/* The clock does not know of interrupts that were pending; those came when the
 * lock opened. */
bool async_idle_(async_loop_t *loop)
{
    bool alive = true;
    async_loop_open_();
    async_port_state_t state = async_loop_lock_();
    if (loop->ready_first_ == NULL && !loop->stop_) {
        const async_node_t_ *next = loop->nodes_.next_;
        hook_sleep(loop);
        alive = loop->clock_->ops->sleep(
            loop->clock_, next == NULL ? NULL : &timer_of_node(next)->deadline_,
            loop->wake_polling_ != NULL);
        hook_wake_up(loop);
    }
    async_loop_unlock_(state);
    return alive || loop->ready_first_ != NULL || loop->stop_;
}

int async_run_forever(async_loop_t *loop)
{
    int error = ASYNC_OK;
    if (!async_loop_enter_(loop)) {
        return ASYNC_ERR_MISUSE;
    }
    loop->stop_ = false;
    bool alive;
    do {
        async_rounds_(loop);
        alive = async_idle_(loop);
    } while (alive && !loop->stop_);
    if (!alive) {
        error = ASYNC_ERR_DEADLOCK;
        loop->clock_->ops->deadlock(loop);
    }
    async_loop_leave_(loop);
    return error;
}

void async_stop(async_loop_t *loop)
{
    async_port_state_t state = async_port_lock();
    loop->stop_ = true;
    loop->attention_ = true;
    if (loop->pend_ != NULL) {
        loop->pend_(loop->clock_);
    }
    async_port_unlock(state);
}

/* --- Ask ------------------------------------------------------------------ */

async_time_t async_loop_now(async_loop_t *loop)
{
    return loop->clock_->ops->now(loop->clock_);
}

bool async_loop_is_idle(const async_loop_t *loop)
{
    return loop->ready_first_ == NULL && loop->wake_polling_ == NULL;
}
