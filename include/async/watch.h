/* SPDX-License-Identifier: MIT */

/*
 * Watch: a value that anyone may read, and whose readers learn when it has
 * changed.
 *
 *     static ASYNC_WATCH(struct settings) settings =
 *         ASYNC_WATCH_INIT({.volume = 5});
 *     ...
 *     async_watch_set(&settings, &received);       (an interrupt may, too)
 *     ...
 *     for (;;) {
 *         AWAIT(async_watch_changed(&settings, &self->reader));
 *         async_watch_read(&settings, &self->reader, &self->settings);
 *         apply(&self->settings);
 *     }
 *
 * There is one value, the newest. A reader that was busy while it changed
 * several times sees the last one only. Where each value counts use a pubsub.
 */
#ifndef ASYNC_WATCH_H
#define ASYNC_WATCH_H

#include "async/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What all watches have in common: `settings.watch`. 12 bytes on 32 bits. */
typedef struct async_watch async_watch_t;

/**
 * What one reader of one watch has seen; a member of the frame, say. 4 bytes.
 *
 * All zero is a reader that has seen the value that the watch began with, and
 * nothing else: if the watch was ever set, there is something new for it.
 */
typedef struct async_watch_reader async_watch_reader_t;

/* --- Create --------------------------------------------------------------- */

/**
 * The type of a watch: static ASYNC_WATCH(int) level;
 *
 * All zero is a valid watch, whose value is zero. In all calls `w` is a pointer
 * to a watch, evaluated several times, so without side effects.
 *
 *  type  of the value; it is copied with interrupts locked, so let it be small
 */
#define ASYNC_WATCH(type)                                                      \
    struct {                                                                   \
        async_watch_t watch;                                                   \
        type value;                                                            \
    }

/** Initialiser: the value that the watch begins with, as an initialiser of its
 *  type. */
#define ASYNC_WATCH_INIT(...)                                                  \
    {                                                                          \
        {{0, {0}}, 0}, __VA_ARGS__                                             \
    }

/* --- Wait (inside a coroutine) ------------------------------------------- */

/**
 * Wait until the watch was set since this reader read it last; go on at once if
 * it was. Setting counts, also to the same value.
 *
 *  reader  an async_watch_reader_t *
 *
 * Context: task. Cancel: the waiter is unlinked; what is new stays new for the
 * reader. Cost: O(1).
 */
#define async_watch_changed(w, reader) async_watch_changed_(&(w)->watch, reader)

/* --- Signal (any context) ------------------------------------------------- */

/**
 * Set the value to a copy of *item, and wake all that wait, in the order they
 * came.
 *
 *  item  a pointer to what the watch is of; the compiler refuses others
 *
 * Context: any. Cost: O(waiters); interrupts are locked for O(1) at a time, and
 * once for the copy.
 */
#define async_watch_set(w, item)                                               \
    ((void)sizeof((item) - &(w)->value),                                       \
     async_watch_set_(&(w)->watch, &(w)->value, item, sizeof((w)->value)))

/* --- Read (any context) --------------------------------------------------- */

/** Copy the value into *item; the reader has seen it then. Context: any.
 *  Cost: the copy, with interrupts locked. */
#define async_watch_read(w, reader, item)                                      \
    ((void)sizeof((item) - &(w)->value),                                       \
     async_watch_read_(&(w)->watch, reader, &(w)->value, item,                 \
                       sizeof((w)->value)))

/** Copy the value into *item, without a reader. Context: any. Cost: the copy,
 *  with interrupts locked. */
#define async_watch_get(w, item)                                               \
    ((void)sizeof((item) - &(w)->value),                                       \
     async_watch_get_(&(w)->value, item, sizeof((w)->value)))

/** The reader has seen the value, without reading it: it waits for the next.
 *  Context: any. Cost: O(1). */
#define async_watch_mark_read(w, reader)                                       \
    async_watch_mark_read_(&(w)->watch, reader)

/* --- Ask (any context) ---------------------------------------------------- */

/**
 * True if the watch was set since this reader read it last. (A reader that
 * misses 4294967295 sets in a row, or a multiple, does not see that.)
 */
#define async_watch_has_changed(w, reader)                                     \
    async_watch_has_changed_(&(w)->watch, reader)

/* --- Private part --------------------------------------------------------- */

struct async_watch {
    async_link_t_ waiters_;
    uint32_t version_; /* 0: never set */
};

struct async_watch_reader {
    uint32_t seen_;
};

ASYNC_MUST_AWAIT_ async_wait_t
async_watch_changed_(async_watch_t *watch, const async_watch_reader_t *reader);
void async_watch_set_(async_watch_t *watch, void *value, const void *item,
                      size_t size);
void async_watch_read_(const async_watch_t *watch, async_watch_reader_t *reader,
                       const void *value, void *item, size_t size);
void async_watch_get_(const void *value, void *item, size_t size);
void async_watch_mark_read_(const async_watch_t *watch,
                            async_watch_reader_t *reader);
bool async_watch_has_changed_(const async_watch_t *watch,
                              const async_watch_reader_t *reader);

#ifdef __cplusplus
}
#endif

#endif
