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

/* --- Create --------------------------------------------------------------- */

void async_loop_init(async_loop_t *loop, async_clock_t *clock)
{
    *loop = (async_loop_t){.clock_ = clock, .pends_ = clock->pend != NULL};
    loop->ready_end_ = &loop->ready_first_;
}

/* --- One step of one task ------------------------------------------------- */

/* The loop meets the task for the first time, or has it in its list still
 * because nobody took its last error. */
static void welcome(async_loop_t *loop, async_task_t *task)
{
    if (!task_has(task, ASYNC_TASK_UNTAKEN_)) {
        async_untimed_add_(loop, &task->timer_);
    }
    task_clear(task, ASYNC_TASK_NEW_ | ASYNC_TASK_UNTAKEN_);
    if (loop->closing_ && !async_is_member_(task)) {
        async_cancel(task);
    }
}

/* A task that never started has no body to leave. */
static async_coro_t *raise_in(async_task_t *task)
{
    async_coro_t *coro = task->leaf_;
    int error = head_of(task)->error_;
    task_clear(task, ASYNC_TASK_RAISE_);
    async_take_joined_error_(task, error);
    if (coro->state_ != ASYNC_IS_START_) {
        return async_unwind_(coro, error);
    }
    coro->error_ = (int16_t)error;
    return async_finish_(coro);
}

/* A cancellation comes before what the hand has to say. */
static void settle(async_task_t *task)
{
    bool raises = task_has(task, ASYNC_TASK_RAISE_);
    int error =
        async_settle_(task, task_has(task, ASYNC_TASK_REFUSED_) ? ASYNC_REFUSED_
                            : raises ? ASYNC_GIVES_BACK_
                                     : ASYNC_ARRIVES_);
    if (error < 0 && !raises) {
        head_of(task)->error_ = (int16_t)error;
        task_set(task, ASYNC_TASK_RAISE_);
    }
}

/* What has to be done before the task goes on; then who runs. */
static async_coro_t *attend(async_loop_t *loop, async_task_t *task)
{
    if (task_has(task, ASYNC_TASK_NEW_)) {
        welcome(loop, task);
    }
    if (task_has(task, ASYNC_TASK_TIMED_)) {
        async_task_timer_stop_(task);
    }
    if (task_has(task, ASYNC_TASK_HOLDS_)) {
        settle(task);
    }
    return task_has(task, ASYNC_TASK_RAISE_) ? raise_in(task) : task->leaf_;
}

static void step(async_loop_t *loop, async_task_t *task)
{
    async_coro_t *coro = task->leaf_;
    loop->running_ = task;
    if (task_has(task, ASYNC_TASK_NEW_ | ASYNC_TASK_TIMED_ | ASYNC_TASK_RAISE_ |
                           ASYNC_TASK_HOLDS_)) {
        coro = attend(loop, task);
    }
    while (coro > ASYNC_AGAIN_) {
        task->leaf_ = coro;
        coro = coro->link_.resume_(coro);
    }
    if (coro == ASYNC_AGAIN_) {
        if (ASYNC_UNLIKELY_(task_is_linked(task))) {
            async_end_wait_(task);
        }
        async_port_state_t state = async_port_lock();
        ready_push(task);
        async_port_unlock(state);
    }
}

/* --- One round ------------------------------------------------------------ */

static async_link_t_ *take_ready(async_loop_t *loop)
{
    async_port_state_t state = async_port_lock();
    async_link_t_ *batch = loop->ready_first_;
    loop->ready_first_ = NULL;
    loop->ready_end_ = &loop->ready_first_;
    async_port_unlock(state);
    return batch;
}

static void wake_polling(async_loop_t *loop)
{
    while (!list_is_empty(&loop->polling_)) {
        async_port_state_t state = async_port_lock();
        task_wake(task_of_link(loop->polling_.next_));
        async_port_unlock(state);
    }
}

static void run_round(async_loop_t *loop)
{
    if (loop->clock_->look != NULL) {
        loop->clock_->look(loop->clock_);
    }
    if (loop->timers_ != NULL) {
        async_timers_expire_(loop, async_loop_now(loop));
    }
    wake_polling(loop);
    async_link_t_ *next = take_ready(loop);
    while (next != NULL) {
        async_task_t *task = task_of_link(next);
        next = next->next_;
        step(loop, task);
    }
    loop->running_ = NULL;
}

static async_ticks_t ticks_to_next(async_loop_t *loop)
{
    if (loop->ready_first_ != NULL || !list_is_empty(&loop->polling_)) {
        return 0;
    }
    if (loop->timers_ == NULL) {
        return ASYNC_FOREVER;
    }
    async_time_t now = async_loop_now(loop);
    async_time_t next = loop->timers_->deadline_;
    return async_time_before(now, next) ? (async_ticks_t)(next - now) : 0;
}

/* Run a round with this loop as the current one. */
static void run_as_current(async_loop_t *loop)
{
    loop->outer_ = async_current_;
    loop->context_ = (uint16_t)async_port_context();
    async_current_ = loop;
    run_round(loop);
    async_current_ = loop->outer_;
}

/* False, with a report, if the loop is in use already. */
static bool enter(async_loop_t *loop)
{
    if (loop->active_) {
        const async_report_t report = {.kind = ASYNC_REPORT_LOOP_RUNNING,
                                       .task = loop->running_};
        async_on_report(&report);
        return false;
    }
    loop->active_ = true;
    return true;
}

static void leave(async_loop_t *loop)
{
    loop->active_ = false;
}

async_ticks_t async_poll(async_loop_t *loop)
{
    if (!enter(loop)) {
        return 0;
    }
    run_as_current(loop);
    leave(loop);
    return ticks_to_next(loop);
}

/* --- Run ------------------------------------------------------------------ */

/* Sleep if nothing is ready; false if nothing ever will be. The clock does not
 * know of interrupts that were pending; those came when the lock opened. */
static bool idle(async_loop_t *loop)
{
    bool alive = true;
    async_port_state_t state = async_port_lock();
    if (loop->ready_first_ == NULL && !loop->stop_) {
        const async_time_t *deadline =
            loop->timers_ == NULL ? NULL : &loop->timers_->deadline_;
        alive = loop->clock_->sleep(loop->clock_, deadline,
                                    !list_is_empty(&loop->polling_));
    }
    async_port_unlock(state);
    return alive || loop->ready_first_ != NULL || loop->stop_;
}

/* Rounds until the task is done, or (NULL) until async_stop. */
static int run_until(async_loop_t *loop, async_task_t *task)
{
    loop->stop_ = false;
    for (;;) {
        run_as_current(loop);
        if (task == NULL ? loop->stop_ : async_task_done(task)) {
            return ASYNC_OK;
        }
        if (loop->stop_) {
            loop->stop_ = false;
            async_cancel(task);
        }
        if (!idle(loop)) {
            return ASYNC_ERR_DEADLOCK;
        }
    }
}

/* --- All tasks ------------------------------------------------------------ */

static async_task_t *task_from(async_timer_t_ *timer)
{
    while (timer != NULL && timer->head_.state_ < ASYNC_TASK_ALIVE_) {
        timer = async_timer_next_(timer);
    }
    return timer == NULL ? NULL : task_of_timer(timer);
}

/* The task after this one (NULL: the first) of all that the loop knows, those
 * with an error to be taken included. */
static async_task_t *next_task(const async_loop_t *loop,
                               const async_task_t *task)
{
    if (task != NULL && task_has(task, ASYNC_TASK_TIMED_)) {
        return task_from(async_timer_next_(&task->timer_));
    }
    async_timer_t_ *next = task == NULL ? loop->untimed_ : task->timer_.next_;
    return next == NULL ? task_from(loop->timers_) : task_of_timer(next);
}

static bool has_tasks(const async_loop_t *loop)
{
    async_task_t *task = next_task(loop, NULL);
    while (task != NULL && !task_is_alive(task)) {
        task = next_task(loop, task);
    }
    return task != NULL || loop->ready_first_ != NULL;
}

/* Report every task that is alive, or every one that is not. */
static int report_tasks(const async_loop_t *loop, async_report_kind_t kind,
                        bool alive)
{
    int count = 0;
    async_task_t *task = next_task(loop, NULL);
    for (; task != NULL; task = next_task(loop, task)) {
        if (task_is_alive(task) == alive) {
            const async_report_t report = {
                .kind = kind,
                .coro = task->leaf_,
                .task = task,
                .error = alive ? 0 : head_of(task)->error_};
            async_on_report(&report);
            count++;
        }
    }
    return count;
}

/* --- Close ---------------------------------------------------------------- */

/* Members of groups are left to those who await them, which may be in a shield.
 * Timers go on running until their tasks do, which keeps this walk in order;
 * that of equal deadlines is of no more use. */
static void cancel_all(async_loop_t *loop)
{
    async_task_t *task = next_task(loop, NULL);
    for (; task != NULL; task = next_task(loop, task)) {
        if (task_is_alive(task) && !async_is_member_(task)) {
            bool now = async_let_pass_(task->leaf_, NULL);
            async_port_state_t state = async_port_lock();
            if (now) {
                task_interrupt(task, ASYNC_CANCELLING_);
            }
            task_set(task, ASYNC_TASK_CANCEL_);
            async_port_unlock(state);
        }
    }
}

/* All coroutines from this one outwards are done, and their scopes closed. */
static void end_chain(async_coro_t *leaf)
{
    async_coro_t *place = outward_of(leaf);
    leaf->state_ = ASYNC_IS_DONE_;
    for (; place != NULL; place = outward_of(place)) {
        bool is_scope = (place->state_ & ASYNC_SCOPE_) != 0;
        place->state_ = is_scope ? 0 : ASYNC_IS_DONE_;
    }
}

/*
 * The task ends where it stands, without its cleanup. Of a task that was done
 * already only the error is dropped, and one that an interrupt has spawned anew
 * meanwhile is only to be welcomed like any other.
 */
static void drop(async_task_t *task)
{
    async_port_state_t state = async_port_lock();
    bool ends = task_is_alive(task) && !task_has(task, ASYNC_TASK_NEW_);
    task_clear(task, ASYNC_TASK_UNTAKEN_);
    if (ends) {
        task_set(task, ASYNC_TASK_DONE_);
        head_of(task)->error_ = ASYNC_ERR_CANCELLED;
    }
    if (ends && task_is_waiting(task)) {
        list_remove(link_of(task));
    }
    async_port_unlock(state);
    if (ends) {
        end_chain(task->leaf_);
    }
}

static void drop_all(async_loop_t *loop)
{
    async_task_t *task = next_task(loop, NULL);
    for (; task != NULL; task = next_task(loop, task)) {
        drop(task);
    }
    loop->untimed_ = loop->timers_ = NULL;
}

static int close_loop(async_loop_t *loop)
{
    bool stuck = false;
    loop->stop_ = false;
    loop->closing_ = true;
    cancel_all(loop);
    while (has_tasks(loop) && !stuck) {
        run_as_current(loop);
        loop->stop_ = false;
        stuck = has_tasks(loop) && !idle(loop);
    }
    int reports = report_tasks(loop, ASYNC_REPORT_ERROR_NOT_TAKEN, false) +
                  report_tasks(loop, ASYNC_REPORT_TASK_LEFT, true);
    drop_all(loop);
    loop->closing_ = false;
    return reports;
}

int async_loop_close(async_loop_t *loop)
{
    if (!enter(loop)) {
        return 1;
    }
    int reports = close_loop(loop);
    leave(loop);
    return reports;
}

static int run_task(async_loop_t *loop, async_task_t *task)
{
    int error = run_until(loop, task);
    if (error != ASYNC_OK) {
        report_tasks(loop, ASYNC_REPORT_DEADLOCK, true);
    } else if (task != NULL) {
        error = async_task_error(task);
    }
    return error;
}

int async_run(async_loop_t *loop, async_coro_t *coro)
{
    async_task_t task = ASYNC_TASK_INIT;
    int error = ASYNC_ERR_MISUSE;
    if (!enter(loop)) {
        return error;
    }
    async_spawn(loop, &task, coro);
    if (task_is_alive(&task)) {
        error = run_task(loop, &task);
        close_loop(loop);
    }
    leave(loop);
    return error;
}

int async_run_forever(async_loop_t *loop)
{
    if (!enter(loop)) {
        return ASYNC_ERR_MISUSE;
    }
    int error = run_task(loop, NULL);
    loop->stop_ = false;
    leave(loop);
    return error;
}

void async_stop(async_loop_t *loop)
{
    loop->stop_ = true;
}

/* --- Ask ------------------------------------------------------------------ */

async_time_t async_loop_now(async_loop_t *loop)
{
    return loop->clock_->now(loop->clock_);
}
