/* SPDX-License-Identifier: MIT */

/*
 * Watch: a value, and how often it was set.
 *
 * A reader is the number that it found when it read last, so the watch need not
 * know its readers. All that wait have seen the value there is.
 */
#include "async/watch.h"

#include "core.h"

#include <string.h>

async_wait_t async_watch_changed_(async_watch_t *watch,
                                  const async_watch_reader_t *reader)
{
    if (async_waiting_task_() == NULL) {
        return (async_wait_t){NULL};
    }
    async_port_state_t state = async_port_lock();
    async_wait_t wait = reader->seen_ != watch->version_
                            ? async_is_ready_()
                            : async_wait_in_(&watch->waiters_);
    async_port_unlock(state);
    return wait;
}

/* The number wraps, but never to that of a watch that was not set, and of a
 * reader that has not read. Who comes when the lock is open waits for the next,
 * so those who waited leave the list first. */
void async_watch_set_(async_watch_t *watch, void *value, const void *item,
                      size_t size)
{
    async_link_t_ waiters;
    async_port_state_t state = async_port_lock();
    memcpy(value, item, size);
    watch->version_++;
    if (watch->version_ == 0) {
        watch->version_ = 1;
    }
    list_move(&waiters, &watch->waiters_);
    async_port_unlock(state);
    async_wake_moved_(&waiters);
}

/* --- Read ----------------------------------------------------------------- */

void async_watch_read_(const async_watch_t *watch, async_watch_reader_t *reader,
                       const void *value, void *item, size_t size)
{
    async_port_state_t state = async_port_lock();
    memcpy(item, value, size);
    reader->seen_ = watch->version_;
    async_port_unlock(state);
}

void async_watch_get_(const void *value, void *item, size_t size)
{
    async_port_state_t state = async_port_lock();
    memcpy(item, value, size);
    async_port_unlock(state);
}

void async_watch_mark_read_(const async_watch_t *watch,
                            async_watch_reader_t *reader)
{
    async_port_state_t state = async_port_lock();
    reader->seen_ = watch->version_;
    async_port_unlock(state);
}

/* --- Ask ------------------------------------------------------------------ */

bool async_watch_has_changed_(const async_watch_t *watch,
                              const async_watch_reader_t *reader)
{
    async_port_state_t state = async_port_lock();
    bool has_changed = reader->seen_ != watch->version_;
    async_port_unlock(state);
    return has_changed;
}
