/* SPDX-License-Identifier: MIT */

/*
 * Coroutines: functions that can pause at an AWAIT and go on later.
 *
 * A coroutine is a struct, its frame, and a body. The frame begins with
 * ASYNC_FRAME and holds the result, the arguments and every local that must
 * outlive an AWAIT; the body reaches them as `self->x`.
 *
 *     struct blink {
 *         ASYNC_FRAME;
 *         int led;                                 (an argument)
 *     };
 *
 *     ASYNC(blink)
 *     {
 *         ASYNC_BEGIN();
 *         for (;;) {
 *             led_toggle(self->led);
 *             AWAIT(async_sleep(ASYNC_MS(500)));
 *         }
 *         ASYNC_FINALLY();
 *         led_off(self->led);
 *         ASYNC_END();
 *     }
 *
 * ASYNC_CALL(blink, .led = 3) is a coroutine object, a value of type
 * `struct blink`. Making it runs nothing. It runs when it is awaited
 * (AWAIT_CALL), or when a loop runs it (async_spawn, async_run). An object is
 * used once; assign a fresh ASYNC_CALL to use the storage again. It must stay
 * where it is from its start to its end.
 *
 * Three things to know:
 *  - An ordinary local does not survive an AWAIT. The compiler refuses a body
 *    in which it sees one lost (config.h, ASYNC_STRICT, says when it does); put
 *    it into the frame, or between braces that hold no AWAIT.
 *  - No AWAIT inside a `switch` of your own; the compiler refuses that too (one
 *    on a type of 64 bits, or of 32 on AVR, is reported when it is met). Use
 *    if/else, or call a coroutine from the switch's branches by a table.
 *  - One AWAIT or ASYNC_YIELD on one line (and one scope), and coroutines in
 *    lines 5 to 15871 of a file: the line number is the resume point.
 */
#ifndef ASYNC_COROUTINE_H
#define ASYNC_COROUTINE_H

#include "async/config.h"
#include "async/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The part every frame has: `&self->coro`, `&object.coro`. 12 bytes on a
 *  32-bit machine. */
typedef struct async_coro async_coro_t;

/** What a coroutine object is doing. */
typedef enum async_coro_state {
    ASYNC_CORO_CREATED,   /* has not run yet */
    ASYNC_CORO_RUNNING,   /* it, or what it awaits, is executing now */
    ASYNC_CORO_SUSPENDED, /* stands at an AWAIT */
    ASYNC_CORO_DONE       /* ended */
} async_coro_state_t;

/** What an operation returns; only AWAIT can do something with it. */
typedef struct async_operation_ {
    async_coro_t *awaitable_; /* who runs next; ASYNC_READY_: go on at once */
} async_wait_t;

/** What a call of a coroutine returns; AWAIT takes it, async_wait_for does
 *  not. */
typedef struct async_called {
    async_coro_t *awaitable_;
} async_call_t;

/* --- Define -------------------------------------------------------------- */

/** First member of every coroutine's struct. */
#define ASYNC_FRAME async_coro_t coro

/** Declare a coroutine in a header; its struct stands there too. */
#define ASYNC_DECLARE(name) async_coro_t *name##_coroutine_(async_coro_t *coro)

/** Define the body of a coroutine whose `struct name` is known. */
#define ASYNC(name) ASYNC_DEFINE_(, name)

/** The same, for a coroutine that only this file uses. */
#define ASYNC_STATIC(name) ASYNC_DEFINE_(static, name)

/**
 * Open the body. Nothing but declarations of uninitialised locals may stand
 * before it.
 */
#define ASYNC_BEGIN() ASYNC_BEGIN_()

/** Close the body. A body that comes here returns without an error. */
#define ASYNC_END() ASYNC_END_()

/**
 * Begin the cleanup: what follows, up to ASYNC_END, runs once when the body
 * ends, whether it came here, returned, raised, was cancelled or timed out.
 * Cleanup may await. An error inside the cleanup, a second cancel included,
 * ends the cleanup and takes the place of the first error, as in Python. A
 * coroutine that was never started has nothing to clean up.
 */
#define ASYNC_FINALLY()                                                        \
    if (self->coro.error_ == 0) {                                              \
        self->coro.error_ = ASYNC_ENDED_WELL_;                                 \
    }                                                                          \
    ASYNC_FALLTHROUGH_;                                                        \
    case ASYNC_LABEL_(ASYNC_AT_FINALLY_):                                      \
        self->coro.state_ = __LINE__

/* --- Create -------------------------------------------------------------- */

/**
 * A coroutine object: ASYNC_CALL(name, .argument = value, ...).
 *
 * A value of type `struct name`, with all members that are not named zero. It
 * has not run. Context: any.
 */
#define ASYNC_CALL(...) ASYNC_CALL_(__VA_ARGS__, )

/**
 * The same as an initialiser, for objects with static storage:
 * `static struct blink red = ASYNC_CALL_INIT(blink, .led = 3);`
 */
#define ASYNC_CALL_INIT(...) ASYNC_CALL_INIT_(__VA_ARGS__, )

/**
 * Define a coroutine object as a local of an ordinary function:
 * ASYNC_OBJECT(greet, bob, .name = "Bob");
 *
 * At the end of its block (gcc, clang) it is checked: an object that never ran
 * is reported with this line, "coroutine 'greet' was never awaited", and one
 * that still runs as an error, since its memory ends with the block.
 */
#define ASYNC_OBJECT(...) ASYNC_OBJECT_(__VA_ARGS__, )

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait for an operation: AWAIT(async_sleep(10)).
 *
 * Goes on at once when the operation is done at once; else the task pauses
 * here and others run. Arguments are evaluated once. An error of the
 * operation, and a cancellation of the task, is raised here: the frame's open
 * scopes close, innermost first, its ASYNC_FINALLY runs, and the error goes on
 * in the caller, until a scope catches it.
 *
 * Context: task. Cost: one label; no check after the wait.
 */
#define ASYNC_AWAIT(...) ASYNC_AWAIT_(__LINE__, #__VA_ARGS__, __VA_ARGS__)

/**
 * Call a coroutine and wait for its end:
 *
 *     AWAIT_CALL(self->read, i2c_read, .address = 0x48);
 *     value = self->read.result;
 *
 * `slot` is a member of this frame of type `struct name`. It is filled anew,
 * so one slot serves any number of calls one after the other, and slots of
 * calls that are never in progress together may share a union. The slot is
 * evaluated several times, so without side effects; arguments once.
 *
 * Cancel: as the wait where the called coroutine stands; its cleanup runs
 * first.
 */
#define ASYNC_AWAIT_CALL(slot, ...) ASYNC_AWAIT_CALL_(slot, __VA_ARGS__, )

/**
 * Wait, and take an error as a number instead of raising it:
 *
 *     AWAIT_CATCH(error, async_wait_for(async_event_wait(&e), ASYNC_MS(5)));
 *     if (error == ASYNC_ERR_TIMEOUT) { ... }
 *
 * `error` is set to 0 when there was none. A cancellation or timeout of this
 * task itself is not caught; a join with a cancelled task is.
 */
#define ASYNC_AWAIT_CATCH(error, ...)                                          \
    ASYNC_AWAIT_CATCH_(error, #__VA_ARGS__, __VA_ARGS__)

/**
 * Both: call a coroutine, and take its error as a number.
 *
 *     AWAIT_CALL_CATCH(error, self->read, i2c_read, .address = 0x48);
 *
 * Cancel: as the wait where the called coroutine stands; its cleanup runs
 * first.
 */
#define ASYNC_AWAIT_CALL_CATCH(error, slot, ...)                               \
    ASYNC_AWAIT_CALL_CATCH_(error, slot, __VA_ARGS__, )

/**
 * Wait until a condition holds that nobody signals: it is evaluated once in
 * each round of the loop. A loop with such a waiter does not sleep for long (on
 * a PC a millisecond at a time, else not at all).
 *
 * Cancel: nothing is left behind.
 */
#define ASYNC_AWAIT_UNTIL(condition) ASYNC_AWAIT_UNTIL_(condition, #condition)

/** Let every other ready task run once, then go on. Cancel: nothing is left
 *  behind. */
#define ASYNC_YIELD()                                                          \
    do {                                                                       \
        ASYNC_LINE_CHECK_;                                                     \
        self->coro.state_ = __LINE__;                                          \
        return ASYNC_AGAIN_;                                                   \
    case ASYNC_LABEL_(__LINE__):;                                              \
    } while (0)

/**
 * A call of an object made before, for AWAIT and AWAIT_CATCH:
 * AWAIT(async_call(&self->child.coro)).
 *
 * Context: task. Returns: an operation; it raises the object's error, or
 * ASYNC_ERR_MISUSE (with a report) if the object was used already, or was not
 * made by ASYNC_CALL. Cancel: as the wait where the called coroutine stands;
 * its cleanup runs first.
 */
ASYNC_MUST_AWAIT_ async_call_t async_call(async_coro_t *coro);

#ifndef ASYNC_NO_SHORT_NAMES
#define AWAIT(...)            ASYNC_AWAIT_(__LINE__, #__VA_ARGS__, __VA_ARGS__)
#define AWAIT_CALL(slot, ...) ASYNC_AWAIT_CALL(slot, __VA_ARGS__)
#define AWAIT_CALL_CATCH(error, slot, ...)                                     \
    ASYNC_AWAIT_CALL_CATCH_(error, slot, __VA_ARGS__, )
#define AWAIT_CATCH(error, ...)                                                \
    ASYNC_AWAIT_CATCH_(error, #__VA_ARGS__, __VA_ARGS__)
#define AWAIT_UNTIL(condition) ASYNC_AWAIT_UNTIL_(condition, #condition)
#endif

/* --- Leave --------------------------------------------------------------- */

/*
 * What gcc has to say about a local in these macros it says of their own lines,
 * so the guard against lost locals (ASYNC_STRICT) stands around them too.
 */
ASYNC_GUARD_BEGIN_

/**
 * End the body with a value in `self->result`; open scopes close, the cleanup
 * runs. Inside the cleanup it ends the cleanup: an error that the body ended
 * with stays, and the result is the new one.
 */
#define ASYNC_RETURN(value)                                                    \
    do {                                                                       \
        self->result = (value);                                                \
        goto async_return_;                                                    \
    } while (0)

/** The same without a value. */
#define ASYNC_EXIT()                                                           \
    do {                                                                       \
        goto async_return_;                                                    \
    } while (0)

/**
 * Raise an error here. `error` is negative and fits 16 bits; see error.h. (Any
 * other number, and -255, is reported and raised as ASYNC_ERR_MISUSE.)
 */
#define ASYNC_RAISE(error)                                                     \
    do {                                                                       \
        ASYNC_LINE_CHECK_;                                                     \
        self->coro.state_ = __LINE__;                                          \
        return async_raise_(&self->coro, (error));                             \
    } while (0)

ASYNC_GUARD_END_

/* --- Ask ----------------------------------------------------------------- */

/**
 * What the object is doing now. Context: the thread of its loop.
 * Cost: O(depth of the running task).
 */
async_coro_state_t async_coro_state(const async_coro_t *coro);

/** The error it ended with; 0 if it ended well or has not ended.
 *  Context: any. */
int async_coro_error(const async_coro_t *coro);

/**
 * Where a coroutine is, for reports. `name`, `file` and `waits_for` are NULL
 * where ASYNC_DIAGNOSTICS left them out; `line` is 0 for an object that has not
 * met an AWAIT or has ended, else the line where it stands or last stood.
 */
typedef struct async_place {
    const char *name;
    const char *file;
    const char *waits_for;
    unsigned line;
} async_place_t;

/** Ask a coroutine where it is. Context: any. */
async_place_t async_coro_place(const async_coro_t *coro);

/** Who awaits this coroutine; NULL for the outermost one of a task.
 *  Context: the thread of its loop. */
const async_coro_t *async_coro_caller(const async_coro_t *coro);

/* --- Private part: the layout is here so that you can allocate it --------- */

/*
 * A coroutine, a scope and a task begin with the same three fields, so that
 * one walk outwards meets all of them:
 *
 *   coroutine  outward: innermost open scope, else the caller,
 *                       else (outermost) the first task that joins;   resume
 *   scope      outward: the next scope of the frame, else its caller;   leave
 *   task       next and previous in the queue it stands in
 *
 * The state tells which is which:
 *   0x0000          coroutine, created; the next four: the special states
 *                   below, small because every body compares with one
 *   0x0005...3DFF   coroutine, stands at line
 *   0x4000 | line   coroutine, stands at an AWAIT_CATCH
 *   0x8000 | line   scope; also its label, behind its block
 *   0xC000 | line   question: what do you wait for at that line? or a scope
 *                   whose body has not begun
 *   0xFE05          question: who are you?   0xFF..  task and its flags
 */
typedef struct async_link_ async_link_t_;
typedef async_coro_t *async_resume_t_(async_coro_t *coro);
/*
 * A scope of `coro` is left by an error or (ASYNC_ENDED_WELL_) by a return.
 *
 * Returns ASYNC_READY_: the scope is left, and *error, which it may change,
 * goes on outwards; `coro`: it catches the error, the coroutine goes on behind
 * the block; anything else: it stays open, and that is who runs next. What it
 * waits for then is over when it is left again, or has taken itself out.
 *
 * The same function answers what is asked of an open scope (*error above
 * ASYNC_ENDED_WELL_) with anything but ASYNC_READY_ for yes.
 */
typedef async_coro_t *async_leave_t_(async_coro_t *scope, async_coro_t *coro,
                                     int *error);

struct async_link_ {
    async_link_t_ *next_;
    union {
        async_link_t_ *prev_;
        async_resume_t_ *resume_;
        async_leave_t_ *leave_;
    };
};

struct async_coro {
    async_link_t_ link_;
    uint16_t state_;
    int16_t error_;
};

#define ASYNC_AGAIN_      ((async_coro_t *)2) /* run me in the next round */
#define ASYNC_READY_      ((async_coro_t *)1)
#define ASYNC_ENDED_WELL_ 1 /* in error_: in the cleanup after success */
#define ASYNC_ABANDONED_  2 /* to a scope: you were left by goto */
#define ASYNC_LET_PASS_                                                        \
    3 /* to a scope: farther out, a cancellation is wanted;
                             you must not end it */
#define ASYNC_SHIELDS_    4 /* to a scope: do you keep cancellations out? */
#define ASYNC_ASKS_       5 /* to a scope: do you ask for cancellations? */
#define ASYNC_EXPIRED_    6 /* to a timeout: your timer is due */
#define ASYNC_CANCELLING_ (-255) /* a cancellation on its way: uncatchable */

#define ASYNC_IS_DONE_    1 /* next to 0: a slot is free up to here */
#define ASYNC_IS_START_   2
#define ASYNC_AT_FINALLY_ 3
#define ASYNC_AT_END_     4
#define ASYNC_FIRST_LINE_ 5
#define ASYNC_LAST_LINE_  0x3DFF
#define ASYNC_LINE_       0x3FFF /* the part of a state that is a line */
#define ASYNC_CATCHING_   0x4000
#define ASYNC_SCOPE_      0x8000
#define ASYNC_TELL_       0xC000
#define ASYNC_WHO_        0xFE05

/*
 * The switch works on a value above 2^32 (2^16 where int has 16 bits), so that
 * a label inside the program's own switch overflows that switch's type, which
 * gcc and clang diagnose. Of the forms that do so each machine has the one that
 * gcc makes the least code of: x86-64 has immediates of 32 bits with a sign; on
 * 32 bits gcc knows the upper half to be constant, and few labels cost nothing.
 */
#if ASYNC_STRICT
#if defined(__AVR__) && defined(__UINT24_MAX__)
#define ASYNC_LABEL_(state) ((__uint24)0x10000 | (state))
#elif INT_MAX == 32767
#define ASYNC_LABEL_(state) (0x10000UL | (state))
#elif ULONG_MAX > 0xFFFFFFFF && !defined(__clang__)
#define ASYNC_LABEL_(state) (0xFFFFFFFFFFFF0000ULL | (state))
#else
#define ASYNC_LABEL_(state) (0xFFFFFFFF00000000ULL ^ (state))
#endif
#else
#define ASYNC_LABEL_(state) (state)
#endif

#define ASYNC_LINE_CHECK_                                                      \
    ASYNC_STATIC_ASSERT_(__LINE__ >= ASYNC_FIRST_LINE_ &&                      \
                             __LINE__ <= ASYNC_LAST_LINE_,                     \
                         "coroutines must stand in lines 5 to 15871")

/* The public function only casts; the body has the typed self. The name goes
 * in as an argument, which inlining removes again. */
#define ASYNC_DEFINE_(storage, name)                                           \
    static ASYNC_ALWAYS_INLINE_ async_coro_t *name##_body_(                    \
        struct name *self, const char *async_name_);                           \
    ASYNC_STATIC_ASSERT_(offsetof(struct name, coro) == 0,                     \
                         "ASYNC_FRAME must be the first member");              \
    storage async_coro_t *name##_coroutine_(async_coro_t *coro);               \
    storage async_coro_t *name##_coroutine_(async_coro_t *coro)                \
    {                                                                          \
        return name##_body_((struct name *)(void *)coro, ASYNC_NAME_(#name));  \
    }                                                                          \
    static ASYNC_ALWAYS_INLINE_ async_coro_t *name##_body_(                    \
        struct name *self, const char *async_name_)

/*
 * async_return_ stands in front, so that no label follows the locals of the
 * last stretch of the body. The local's name is the message that an AWAIT
 * outside a coroutine gives.
 */
#define ASYNC_BEGIN_()                                                         \
    async_coro_t *AWAIT_must_stand_between_ASYNC_BEGIN_and_ASYNC_END;          \
    (void)AWAIT_must_stand_between_ASYNC_BEGIN_and_ASYNC_END;                  \
    if (0) {                                                                   \
        goto async_return_;                                                    \
    async_return_:                                                             \
        if (async_scope_is_open_(&self->coro)) {                               \
            return async_return_through_scopes_(&self->coro);                  \
        }                                                                      \
        if (self->coro.error_ != 0) {                                          \
            return async_finish_(&self->coro);                                 \
        }                                                                      \
        self->coro.error_ = ASYNC_ENDED_WELL_;                                 \
        self->coro.state_ = ASYNC_AT_FINALLY_;                                 \
    }                                                                          \
    ASYNC_GUARD_BEGIN_                                                         \
    switch (ASYNC_LABEL_(self->coro.state_)) {                                 \
    default:                                                                   \
        if (self->coro.state_ != ASYNC_IS_START_) {                            \
            return async_no_such_state_(&self->coro, async_name_,              \
                                        ASYNC_FILE_);                          \
        }

#define ASYNC_END_()                                                           \
    return async_finish_(&self->coro);                                         \
    }                                                                          \
    ASYNC_GUARD_END_

#define ASYNC_NEXT_ AWAIT_must_stand_between_ASYNC_BEGIN_and_ASYNC_END

/* The state is saved before the operation is evaluated: an interrupt may end
 * the wait before this function has returned. */
#define ASYNC_AWAIT_(state, text, ...)                                         \
    do {                                                                       \
        ASYNC_LINE_CHECK_;                                                     \
        self->coro.state_ = (state);                                           \
        ASYNC_NEXT_ = (__VA_ARGS__).awaitable_;                                \
        if (ASYNC_NEXT_ != ASYNC_READY_) {                                     \
            return ASYNC_NEXT_;                                                \
            ASYNC_TELL_CASE_(text)                                             \
        }                                                                      \
        ASYNC_FALLTHROUGH_;                                                    \
    case ASYNC_LABEL_(state):;                                                 \
    } while (0)

#define ASYNC_AWAIT_CATCH_(error, text, ...)                                   \
    do {                                                                       \
        ASYNC_AWAIT_(ASYNC_CATCHING_ | __LINE__, text, __VA_ARGS__);           \
        (error) = async_caught_();                                             \
    } while (0)

#define ASYNC_AWAIT_UNTIL_(condition, text)                                    \
    do {                                                                       \
        while (!(condition)) {                                                 \
            ASYNC_AWAIT_(__LINE__, text, async_poll_again_());                 \
        }                                                                      \
    } while (0)

#define ASYNC_AWAIT_CALL_(slot, name, ...)                                     \
    ASYNC_AWAIT_CALL_AT_(__LINE__, slot, name, __VA_ARGS__)

#define ASYNC_AWAIT_CALL_CATCH_(error, slot, name, ...)                        \
    do {                                                                       \
        ASYNC_AWAIT_CALL_AT_(ASYNC_CATCHING_ | __LINE__, slot, name,           \
                             __VA_ARGS__);                                     \
        (error) = async_caught_();                                             \
    } while (0)

#define ASYNC_AWAIT_CALL_AT_(state, slot, name, ...)                           \
    do {                                                                       \
        ASYNC_LINE_CHECK_;                                                     \
        self->coro.state_ = (state);                                           \
        if (ASYNC_UNLIKELY_(!async_slot_is_free_(&(slot).coro))) {             \
            return async_used_again_(&(slot).coro);                            \
        }                                                                      \
        (slot) = ASYNC_CALL_(name, __VA_ARGS__);                               \
        return async_begin_call_(&self->coro, &(slot).coro);                   \
        ASYNC_TELL_CASE_(#name)                                                \
    case ASYNC_LABEL_(state):;                                                 \
    } while (0)

#define ASYNC_CORO_INIT_FOR_(name)                                             \
    {                                                                          \
        {0, {.resume_ = name##_coroutine_}}, 0, 0                              \
    }
#define ASYNC_CALL_INIT_(name, ...)                                            \
    {                                                                          \
        .coro = ASYNC_CORO_INIT_FOR_(name), __VA_ARGS__                        \
    }
#ifdef __cplusplus
#define ASYNC_CALL_(name, ...) (name ASYNC_CALL_INIT_(name, __VA_ARGS__))
#else
#define ASYNC_CALL_(name, ...)                                                 \
    ((struct name)ASYNC_CALL_INIT_(name, __VA_ARGS__))
#endif

/* The program's object and a guard that looks at it when the block ends. */
typedef struct async_guard_ {
    const async_coro_t *coro_;
    const char *file_;
    unsigned line_;
} async_guard_t_;

void async_guard_check_(const async_guard_t_ *guard);

#define ASYNC_OBJECT_(type, object, ...)                                       \
    struct type object = ASYNC_CALL_INIT_(type, __VA_ARGS__);                  \
    ASYNC_AT_SCOPE_END_(async_guard_check_)                                    \
    const async_guard_t_ object##_guard_ = {&object.coro, __FILE__, __LINE__}; \
    (void)object##_guard_

/* A coroutine asked who it is gets a frame that is larger than it looks. */
typedef struct async_question_ {
    async_coro_t coro_;
    async_place_t place_;
} async_question_t_;

#if ASYNC_DIAGNOSTICS
#define ASYNC_NAME_(text) text
#define ASYNC_FILE_       __FILE__
#else
#define ASYNC_NAME_(text) NULL
#define ASYNC_FILE_       NULL
#endif
#if ASYNC_DIAGNOSTICS == 2
#define ASYNC_TELL_CASE_(text)                                                 \
    case ASYNC_LABEL_(ASYNC_TELL_ | __LINE__):                                 \
        ((async_question_t_ *)(void *)self)->place_.waits_for = text;          \
        return NULL;
#else
#define ASYNC_TELL_CASE_(text)
#endif

async_coro_t *async_finish_(async_coro_t *coro);
async_coro_t *async_raise_(async_coro_t *coro, int error);
async_coro_t *async_return_through_scopes_(async_coro_t *coro);
/* Every body has this one, even one that never ends, so it is what a file that
 * was compiled with other knobs than the library does not find. */
#define async_no_such_state_ ASYNC_CONFIGURED_(async_no_such_state)
async_coro_t *async_no_such_state_(async_coro_t *coro, const char *name,
                                   const char *file);
async_coro_t *async_used_again_(async_coro_t *coro);
async_wait_t async_poll_again_(void);
int async_caught_(void);

static inline async_coro_t *async_outward_(const async_coro_t *coro)
{
    return (async_coro_t *)(void *)coro->link_.next_;
}

/* Outward of a coroutine: a scope, or (outermost) a task that joins. */
static inline bool async_scope_is_open_(const async_coro_t *coro)
{
    return coro->link_.next_ != NULL &&
           (async_outward_(coro)->state_ & ASYNC_SCOPE_) != 0;
}

static inline bool async_slot_is_free_(const async_coro_t *coro)
{
    return coro->state_ <= ASYNC_IS_DONE_;
}

static inline async_coro_t *async_begin_call_(async_coro_t *caller,
                                              async_coro_t *coro)
{
    coro->link_.next_ = &caller->link_;
    coro->state_ = ASYNC_IS_START_;
    return coro;
}

#ifdef __cplusplus
}
#endif

#endif
