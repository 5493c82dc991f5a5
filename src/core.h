/* SPDX-License-Identifier: MIT */

/*
 * What the parts of the library share: where a task stands, and how it moves.
 *
 * A task is in exactly one of four places, and two fields tell which:
 *
 *   running   async_here_.task_ points at it;          prev_ is NULL,
 *             or (with ASYNC_TASK_HOLDS_) the hand whose gift it keeps
 *   ready     in the loop's ready queue, or in the
 *             batch that the loop is working through;  prev_ is NULL;
 *             if something has woken it, ASYNC_WOKEN_, or (with
 *             ASYNC_TASK_HOLDS_) the hand that did
 *   waiting   in the list of what it waits for, or in
 *             a list of its own (sleep);               prev_ is a link
 *   done      nowhere                                  ASYNC_TASK_DONE_
 *
 * ASYNC_WOKEN_ is there so that a task which starts an operation and does not
 * await it is found out, even if it was woken at once.
 *
 * The queue links, and the flags of a task that waits, are shared with
 * interrupts: they change under the port's lock only. Timers and everything
 * else belong to the loop's thread alone, which is why a wake-up leaves a
 * running timer where it is; the loop stops it before it resumes the task.
 */
#ifndef ASYNC_CORE_H
#define ASYNC_CORE_H

#include "async/event.h"
#include "async/hand.h"
#include "async/loop.h"
#include "async/port.h"
#include "async/report.h"

/* A task's state_. At least 0xFF00, so that a walk along the await chain takes
 * a task for neither a coroutine nor a scope. 0: never spawned. */
#define ASYNC_TASK_ALIVE_   0xFF00
#define ASYNC_TASK_NEW_     0x01 /* spawned, not known to its loop yet */
#define ASYNC_TASK_TIMED_   0x02 /* its timer runs */
#define ASYNC_TASK_LIMIT_   0x04 /* ... as a limit; not TIMED: it has passed */
#define ASYNC_TASK_RAISE_   0x08 /* raise head_.error_ in the next step */
#define ASYNC_TASK_CANCEL_  0x10 /* async_cancel was called */
#define ASYNC_TASK_DONE_    0x20
#define ASYNC_TASK_UNTAKEN_ 0x40 /* done with an error nobody has taken */
#define ASYNC_TASK_REFUSED_                                                    \
    0x40                       /* not done: its hand has woken it for nothing */
#define ASYNC_TASK_HOLDS_ 0x80 /* a hand has woken it: prev_ points there */

/* In state_, instead of a task's: what watches the end of tasks (group.h). It
 * stands at the end of their await chains, behind the tasks that join. */
#define ASYNC_IS_WATCHER_ 0xFFFF

/* In a link's prev_. */
#define ASYNC_WOKEN_ (ASYNC_REPORTS ? (async_link_t_ *)1 : NULL)

/* The machine's part of a thread, too, is reached directly here. */
#ifdef ASYNC_PORT_LOCAL_EXEC_
extern ASYNC_PORT_THREAD_LOCAL struct async_core_ async_core_
    ASYNC_PORT_LOCAL_EXEC_;
#else
#define ASYNC_PORT_LOCAL_EXEC_
#endif

/* The task whose step it is, and the context of the loop that runs. Handlers
 * that cut in find both, and the task may be half written: they must look at
 * the context first. */
extern ASYNC_PORT_THREAD_LOCAL struct async_here_ {
    async_task_t *task_;
    uint16_t context_;
} async_here_ ASYNC_PORT_LOCAL_EXEC_;

#include "hooks.h"

/* Firmware that has to fit the last kilobyte goes without short cuts. */
#if defined(__OPTIMIZE_SIZE__) && !ASYNC_REPORTS
#define ASYNC_SHORT_CUTS_ 0
#else
#define ASYNC_SHORT_CUTS_ 1
#endif

/* For what is used in several places, and often at run time. */
#ifdef __OPTIMIZE_SIZE__
#define ASYNC_INLINE_FOR_SPEED_
#else
#define ASYNC_INLINE_FOR_SPEED_ ASYNC_ALWAYS_INLINE_
#endif

/* For what is rare in a function that is called often. */
#ifdef __OPTIMIZE_SIZE__
#define ASYNC_NOINLINE_FOR_SPEED_
#else
#define ASYNC_NOINLINE_FOR_SPEED_ ASYNC_NOINLINE_
#endif

/* For what is large and called from several places; in the smallest firmware
 * the linker knows better. */
#if defined(__OPTIMIZE_SIZE__) && ASYNC_SHORT_CUTS_
#define ASYNC_NOINLINE_FOR_SIZE_ ASYNC_NOINLINE_
#else
#define ASYNC_NOINLINE_FOR_SIZE_
#endif

/* --- Casts between the views of an object --------------------------------- */

/* All of these objects begin with the one they are cast from. */
static inline async_task_t *task_of_link(async_link_t_ *link)
{
    return (async_task_t *)(void *)link;
}

static inline async_task_t *task_of_timer(async_timer_t_ *timer)
{
    return (async_task_t *)(void *)timer;
}

static inline async_coro_t *head_of(async_task_t *task)
{
    return &task->timer_.head_;
}

static inline async_link_t_ *link_of(async_task_t *task)
{
    return &task->timer_.head_.link_;
}

/* --- Values that another context may change ------------------------------- */

/* A machine of 8 bits reads them in pieces. */
#if INT_MAX == 32767
#define PIECES_LOCK()        async_port_lock()
#define PIECES_UNLOCK(state) async_port_unlock(state)
#else
#define PIECES_LOCK()        ((async_port_state_t)0)
#define PIECES_UNLOCK(state) ((void)(state))
#endif

static inline uint16_t read_whole(const uint16_t *value)
{
    async_port_state_t state = PIECES_LOCK();
    uint16_t read = *value;
    PIECES_UNLOCK(state);
    return read;
}

static inline async_task_t *read_task(async_task_t *const *task)
{
    async_port_state_t state = PIECES_LOCK();
    async_task_t *read = *task;
    PIECES_UNLOCK(state);
    return read;
}

/* --- A task's flags ------------------------------------------------------- */

static inline bool task_has(const async_task_t *task, unsigned flags)
{
    return (task->timer_.head_.state_ & flags) != 0;
}

static inline void task_set(async_task_t *task, unsigned flags)
{
    head_of(task)->state_ = (uint16_t)(head_of(task)->state_ | flags);
}

static inline void task_clear(async_task_t *task, unsigned flags)
{
    head_of(task)->state_ = (uint16_t)(head_of(task)->state_ & ~flags);
}

/* There may be something to do before it goes on. */
static inline bool task_has_flags(const async_task_t *task)
{
    return (uint8_t)task->timer_.head_.state_ != 0;
}

static inline bool task_is_alive(const async_task_t *task)
{
    return task->timer_.head_.state_ >= ASYNC_TASK_ALIVE_ &&
           !task_has(task, ASYNC_TASK_DONE_);
}

/* It waits, or was woken and has not run since, or has not settled with the
 * hand that woke it. */
static inline bool task_is_linked(const async_task_t *task)
{
    return task->timer_.head_.link_.prev_ != NULL;
}

static inline bool task_is_waiting(const async_task_t *task)
{
    return task_is_linked(task) && !task_has(task, ASYNC_TASK_HOLDS_) &&
           (!ASYNC_REPORTS || task->timer_.head_.link_.prev_ != ASYNC_WOKEN_);
}

static inline bool is_watcher(const async_link_t_ *link)
{
    return ((const async_coro_t *)(const void *)link)->state_ ==
           ASYNC_IS_WATCHER_;
}

/* --- The await chain ------------------------------------------------------ */

/* A walk outwards is at its end: this is a task that joins, or what watches.
 * One byte tells that, as a number with a sign without a constant to load. */
static ASYNC_ALWAYS_INLINE_ bool is_behind_chain(const async_coro_t *place)
{
    return (int8_t)(place->state_ >> 8) == -1;
}

/* Hang a coroutine or scope onto what is outwards of it. The first of the tasks
 * that join points back at the end of the chain, whatever that is. */
static inline void set_outward(async_coro_t *inner, async_link_t_ *outward)
{
    inner->link_.next_ = outward;
    if (outward != NULL && is_behind_chain(async_outward_(inner))) {
        outward->prev_ = &inner->link_;
    }
}

static inline bool is_scope(const async_coro_t *place)
{
    return (place->state_ & ASYNC_SCOPE_) != 0;
}

/* The scope or caller outwards of this coroutine or scope; NULL at the end of
 * the chain, where the joining tasks hang. */
static ASYNC_ALWAYS_INLINE_ async_coro_t *outward_of(const async_coro_t *inner)
{
    async_coro_t *outward = async_outward_(inner);
    return outward == NULL || is_behind_chain(outward) ? NULL : outward;
}

/* The coroutine's innermost open scope, or NULL. Its state is at least
 * ASYNC_SCOPE_ and below that of what is behind a chain, so one comparison
 * tells. */
static inline async_coro_t *scope_of(const async_coro_t *coro)
{
    async_coro_t *outward = async_outward_(coro);
    return outward == NULL || (int8_t)(outward->state_ >> 8) >= -1 ? NULL
                                                                   : outward;
}

/* It is the innermost of this coroutine, and is no more. */
static inline void close_scope(async_coro_t *scope, async_coro_t *coro)
{
    set_outward(coro, scope->link_.next_);
    scope->state_ = 0;
}

/* The coroutine that awaits this one; NULL for the outermost. */
static inline async_coro_t *caller_of(const async_coro_t *coro)
{
    async_coro_t *caller = outward_of(coro);
    while (caller != NULL && is_scope(caller)) {
        caller = outward_of(caller);
    }
    return caller;
}

/* --- Errors -------------------------------------------------------------- */

/* As the program sees it. */
static inline int public_error(int error)
{
    return error == ASYNC_CANCELLING_ ? ASYNC_ERR_CANCELLED
           : error < 0                ? error
                                      : ASYNC_OK;
}

/* --- Queues (interrupts locked) ------------------------------------------- */

/* Waiting lists are circles through a head; a head of zeros is empty too. */
static inline bool list_is_empty(const async_link_t_ *list)
{
    return list->next_ == NULL || list->next_ == list;
}

static inline void list_init(async_link_t_ *list)
{
    list->next_ = list->prev_ = list;
}

static inline void list_append(async_link_t_ *list, async_link_t_ *link)
{
    async_link_t_ *last = list->next_ == NULL ? list : list->prev_;
    link->next_ = list;
    link->prev_ = last;
    last->next_ = link;
    list->prev_ = link;
}

/* Also takes a link out of a list that ends with NULL, and out of a circle of
 * its own. */
static inline void list_remove(async_link_t_ *link)
{
    link->prev_->next_ = link->next_;
    if (link->next_ != NULL) {
        link->next_->prev_ = link->prev_;
    }
    link->prev_ = NULL;
}

/* Move all to a list that only gets shorter, and ends with NULL. What is left
 * has a prev_ that is not NULL, which is how an event remembers that it is set.
 */
static inline void list_move(async_link_t_ *to, async_link_t_ *from)
{
    to->next_ = NULL;
    if (!list_is_empty(from)) {
        from->prev_->next_ = NULL;
        from->next_->prev_ = to;
        to->next_ = from->next_;
    }
    from->next_ = NULL;
    from->prev_ = from;
}

/* The queue of those that are ready has no end until the loop takes it: the
 * last link's next_ means nothing. */
static inline void ready_append(async_loop_t *loop, async_link_t_ *link)
{
    *loop->ready_end_ = link;
    loop->ready_end_ = &link->next_;
}

static inline async_link_t_ *ready_take(async_loop_t *loop)
{
    *loop->ready_end_ = NULL;
    async_link_t_ *batch = loop->ready_first_;
    loop->ready_first_ = NULL;
    loop->ready_end_ = &loop->ready_first_;
    return batch;
}

/* The task gets ready; (wake) what it waited for has come. Inlined, or (core.c)
 * one copy where size counts more. */
#ifdef __OPTIMIZE_SIZE__
void async_ready_push_(async_task_t *task);
void async_wake_(async_task_t *task);
#else
#include "wake.h"
#endif

/* What the task has to settle with before it goes on. */
static inline void task_hold(async_task_t *task, async_hand_t_ *hand,
                             unsigned refused)
{
    link_of(task)->prev_ = (async_link_t_ *)(void *)hand;
    task_set(task, ASYNC_TASK_HOLDS_ | refused);
}

static inline async_hand_t_ *task_holder(const async_task_t *task)
{
    return (async_hand_t_ *)(void *)task->timer_.head_.link_.prev_;
}

/* The same for the first in a list of a hand's waiters. */
static inline async_task_t *
task_hand_from(async_link_t_ *waiters, async_hand_t_ *hand, unsigned refused)
{
    async_task_t *task = task_of_link(waiters->next_);
    list_remove(link_of(task));
    task_hold(task, hand, refused);
    async_ready_push_(task);
    return task;
}

/* The same for the first that waits at a hand, with something for it, or (with
 * ASYNC_TASK_REFUSED_) with nothing. */
static inline async_task_t *task_hand(async_hand_t_ *hand, unsigned refused)
{
    return task_hand_from(&hand->waiters_, hand, refused);
}

/* loop->errors_: raise an error (ASYNC_ENDED_WELL_: return) in a coroutine of
 * the running task, where it stands; with 0, what the task has to settle with,
 * or was told to raise, if there is something. Returns who runs next. A
 * firmware in which nothing ever raises does not link it; whatever may raise
 * calls errors_on. */
async_coro_t *async_unwind_(async_coro_t *coro, int error);
static inline void errors_on(async_loop_t *loop)
{
    loop->errors_ = async_unwind_;
}

/* Raise an error in a task whose timer, as a rule, does not run. */
static inline void task_interrupt(async_task_t *task, int error)
{
    errors_on(task->loop_);
    head_of(task)->error_ = (int16_t)error;
    task_set(task, ASYNC_TASK_RAISE_);
    if (task_is_waiting(task)) {
        async_wake_(task);
    }
}

/* --- Reports (core.c) ----------------------------------------------------- */

#if ASYNC_REPORTS

/* About what the running task does, if there is one. */
void async_report_running_(async_report_kind_t kind);

/* About a coroutine, and a task if there is one. */
void async_report_(async_report_kind_t kind, const async_coro_t *coro,
                   const async_task_t *task, int error);

/* An object that cannot be started. */
void async_report_misuse_(const async_coro_t *coro, const async_task_t *task);

#else
#define async_report_running_(kind) ((void)(kind))
#define async_report_(kind, coro, task, error)                                 \
    ((void)(kind), (void)(coro), (void)(task), (void)(error))
#define async_report_misuse_(coro, task) ((void)(coro), (void)(task))
#endif

/* An error that another one takes the place of. */
static inline void async_report_lost_(const async_coro_t *coro,
                                      const async_task_t *task, int error)
{
    async_report_(ASYNC_REPORT_ERROR_NOT_TAKEN, coro, task, error);
}

/* A mistake of the program; it is looked for where reports are on. */
#define MISUSE(condition) (ASYNC_REPORTS && ASYNC_UNLIKELY_(condition))

/* --- For scopes (core.c) -------------------------------------------------- */

/* A scope of this coroutine will not be left: close it at once. */
void async_scope_abandon_(async_coro_t *scope, async_coro_t *coro);

/* --- Results of operations ------------------------------------------------ */

static inline async_wait_t async_is_ready_(void)
{
    return (async_wait_t){ASYNC_READY_};
}

static inline async_wait_t async_is_ready_again_(void)
{
    return (async_wait_t){ASYNC_AGAIN_};
}

/* --- For operations (core.c) ---------------------------------------------- */

/* The running task, which is about to wait; NULL, with a report, outside of
 * tasks. Inlined, or one copy, as above. */
async_task_t *async_waiting_task_after_all_(void);
static inline bool task_may_wait(const async_task_t *task)
{
    return !async_is_elsewhere_(async_here_.context_) && task != NULL &&
           !task_is_linked(task);
}

static inline async_task_t *waiting_task(void)
{
    async_task_t *task = async_here_.task_;
    return MISUSE(!task_may_wait(task)) ? async_waiting_task_after_all_()
                                        : task;
}
#ifdef __OPTIMIZE_SIZE__
async_task_t *async_waiting_task_(void);
#else
#define async_waiting_task_ waiting_task
#endif

/* The running task has started to wait and went on without AWAIT: report it
 * and take the task out of its wait. */
void async_end_wait_(async_task_t *task);

/* A step is over. If its task has not ended, and nothing has woken it, nothing
 * will: report it, and let it raise ASYNC_ERR_MISUSE where it stands. */
void async_check_waker_(async_task_t *task);

/*
 * Let the running task wait in a list; NULL: in none, for its timer alone, or
 * for ever. Then it waits in a circle of its own, so that "waiting" and "take
 * it out" mean the same for all. A task that was told to end while it ran does
 * not wait any more.
 */
static inline async_wait_t task_wait_in(async_task_t *task, async_link_t_ *list)
{
    async_link_t_ *link = link_of(task);
    if (ASYNC_UNLIKELY_(task_has(task, ASYNC_TASK_RAISE_))) {
        return async_is_ready_again_();
    }
    if (list != NULL) {
        list_append(list, link);
    } else {
        link->next_ = link->prev_ = link;
    }
    return (async_wait_t){NULL};
}
#ifdef __OPTIMIZE_SIZE__
async_wait_t async_wait_in_(async_link_t_ *list);
#else
static inline async_wait_t async_wait_in_(async_link_t_ *list)
{
    return task_wait_in(async_here_.task_, list);
}
#endif

/* Wake all that wait in a list, but none that comes meanwhile. Locks interrupts
 * for one at a time. The list is empty afterwards; its prev_ is not NULL. To
 * set an event is nothing else, so it is the same function. */
static inline void async_wake_all_(async_link_t_ *list)
{
    async_event_set((async_event_t *)(void *)list);
}

/* Wake those that were moved to a list before. */
void async_wake_moved_(async_link_t_ *waiters);

/* An operation that fails at once: raise at the AWAIT that evaluates it. */
async_wait_t async_fail_(int error);

/* --- Hands (hand.c) ------------------------------------------------------- */

/* Let the running task wait at a hand. */
async_wait_t async_wait_at_(async_hand_t_ *hand, async_settle_t_ *settle);

/* Hand to all in a list of a hand's waiters, as task_hand does. Locks
 * interrupts for one at a time. */
void async_hand_all_(async_link_t_ *waiters, async_hand_t_ *hand,
                     unsigned refused);

/* The running task keeps what it was given by a hand until release_hold; what
 * it still keeps when it waits next or ends is reported and taken back. */
static inline void hold(async_task_t *task, async_hand_t_ *hand,
                        async_settle_t_ *settle)
{
    hand->settle_ = settle;
    task_hold(task, hand, 0);
}

/* The same task keeps it no more. */
static inline void let_go(async_task_t *task)
{
    link_of(task)->prev_ = NULL;
    task_clear(task, ASYNC_TASK_HOLDS_);
}

/* True if the running task keeps something of this hand, which it then keeps no
 * more; false, with a report, if not. (No list has a hand's address: settle_
 * stands first in it.) */
static inline bool release_hold(const async_hand_t_ *hand)
{
    async_task_t *task = async_here_.task_;
    if (ASYNC_UNLIKELY_(async_is_elsewhere_(async_here_.context_) ||
                        task == NULL || task_holder(task) != hand)) {
        async_report_running_(ASYNC_REPORT_NOT_HELD);
        return false;
    }
    let_go(task);
    return true;
}

/* A task that a hand has woken runs again, or is not going to (core.c). Returns
 * the error to raise, or 0. */
int async_settle_(async_task_t *task, unsigned outcome);

/* True if an open scope answers yes. */
static inline bool async_scope_says_(async_coro_t *scope, async_coro_t *coro,
                                     int question)
{
    return scope->link_.leave_(scope, coro, &question) != ASYNC_READY_;
}

/* Cancel a task, on behalf of an open scope or (NULL) of async_cancel: scopes
 * inside must let the cancellation pass (cancel.c). The second only tells the
 * scopes, from a place in the chain outwards; false: a shield keeps the
 * cancellation until its end. */
void async_ask_(async_task_t *task, const async_coro_t *asker);
bool async_let_pass_(async_coro_t *place, const async_coro_t *asker);

/* True if a group watches the task; let it not do so any more (join.c). */
bool async_is_member_(const async_task_t *task);
void async_forget_watcher_(async_task_t *task);

/* Raise an error in a task, in its next step, which comes soon; if it is the
 * running one, when it next waits (cancel.c). ASYNC_ENDED_WELL_: let it
 * return. */
void async_interrupt_(async_task_t *task, int error);

/* What is to be raised in the running task when it next waits, which is then
 * not raised any more; 0: nothing. */
static inline int16_t async_take_raise_(async_task_t *task)
{
    if (!task_has(task, ASYNC_TASK_RAISE_)) {
        return 0;
    }
    task_clear(task, ASYNC_TASK_RAISE_);
    return task->timer_.head_.error_;
}

/* The task's outermost coroutine has ended (task.c). */
void async_task_end_(async_task_t *task, async_coro_t *root);

/* Start a timer that does not run, stop one that does (timer.c). While it runs
 * its head_.error_ is its ticket. */
void async_timer_start_(async_loop_t *loop, async_timer_t_ *timer,
                        async_time_t deadline);
void async_timer_stop_(async_loop_t *loop, async_timer_t_ *timer);

/* The same for a task's own; stopping is also how the loop gets to know a new
 * task. */
void async_task_timer_start_(async_task_t *task, async_time_t deadline,
                             unsigned flags);
void async_task_timer_stop_(async_task_t *task);

/* Let timers expire that are due (timer.c). */
void async_timers_expire_(async_loop_t *loop);

/* True, with a report, if a duration is beyond the range (time.c). */
bool async_is_too_long_(async_ticks_t ticks);

/* The list of tasks whose timer does not run (timer.c). */
void async_untimed_add_(async_task_t *task);
void async_untimed_remove_(async_task_t *task);

/* True for an error that is reported unless somebody takes it. */
static inline bool async_stays_untaken_(int error)
{
    return ASYNC_REPORTS && error < 0 && error != ASYNC_ERR_CANCELLED;
}

/* A task's error has been taken (task.c). */
#if ASYNC_REPORTS
void async_take_error_(async_task_t *task);
#else /* nobody wants to know */
#define async_take_error_(task) ((void)(task))
#endif

/* loop->tell_end_: tell those who join a task that it has ended, and what
 * watches it, which is returned, or NULL: it has taken the error (join.c).
 * Whoever wants to be told calls tell_end_on. */
async_watcher_t_ *async_tell_end_(async_task_t *task, async_coro_t *root,
                                  int error);
static inline void tell_end_on(async_loop_t *loop)
{
    if (loop->tell_end_ == NULL) {
        loop->tell_end_ = async_tell_end_;
    }
}

/* The task after this one (NULL: the first) of all that the loop knows, those
 * with an error to be taken included. Report every task that is alive, or every
 * one that is not; returns how many (tasks.c). */
async_task_t *async_next_task_(const async_loop_t *loop,
                               const async_task_t *task);
int async_report_tasks_(const async_loop_t *loop, async_report_kind_t kind,
                        bool alive);

/* Parts of a run (loop.c): use the loop, unless it is in use; one round, of
 * those that are ready when it begins; sleep if nothing is ready, false if
 * nothing ever will be. */
bool async_loop_enter_(async_loop_t *loop);
void async_loop_leave_(async_loop_t *loop);
async_link_t_ *async_round_begin_(async_loop_t *loop);
void async_round_(async_loop_t *loop, async_link_t_ *batch);
bool async_idle_(async_loop_t *loop);

/* At least one round; more, until there is something to look for or nothing is
 * ready. */
void async_rounds_(async_loop_t *loop);

/* An interrupt handler runs between these two; no task is current. */
static inline async_task_t *async_interrupt_enter_(void)
{
    async_task_t *task = async_here_.task_;
    async_here_.task_ = NULL;
    return task;
}

static inline void async_interrupt_leave_(async_task_t *task)
{
    async_here_.task_ = task;
}

#endif
