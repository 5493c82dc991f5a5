/* SPDX-License-Identifier: MIT */

/*
 * One object per type: its size in the symbol table is the size of the type,
 * on any machine, without running there.
 */
#include <async/async.h>

struct empty {
    ASYNC_FRAME;
};

struct task_and_root_frame {
    async_task_t task;
    struct empty frame;
};

#define SIZE_OF(name, ...) char size_of_##name[sizeof(__VA_ARGS__)]

SIZE_OF(frame, struct empty);
SIZE_OF(task, async_task_t);
SIZE_OF(task_and_root_frame, struct task_and_root_frame);
SIZE_OF(loop, async_loop_t);
SIZE_OF(tick_clock, async_tick_clock_t);
SIZE_OF(counter_clock, async_counter_clock_t);
SIZE_OF(ticker, async_ticker_t);
SIZE_OF(try, async_try_t);
SIZE_OF(timeout, async_timeout_t);
SIZE_OF(with, async_with_t);
SIZE_OF(shield, async_shield_t);
SIZE_OF(group, async_group_t);
SIZE_OF(member, async_member_t);
SIZE_OF(call_of_wait, struct async_wait);
SIZE_OF(event, async_event_t);
SIZE_OF(lock, async_lock_t);
SIZE_OF(semaphore, async_semaphore_t);
SIZE_OF(rwlock, async_rwlock_t);
SIZE_OF(condition, async_condition_t);
SIZE_OF(call_of_condition_wait, struct async_condition_wait);
SIZE_OF(barrier, async_barrier_t);
SIZE_OF(call_of_barrier_wait, struct async_barrier_wait);
SIZE_OF(queue, async_queue_t);
SIZE_OF(future, async_future_t);
SIZE_OF(signal, async_signal_t);
SIZE_OF(watch, async_watch_t);
SIZE_OF(watch_reader, async_watch_reader_t);
SIZE_OF(watchdog, async_watchdog_t);
SIZE_OF(pulse, async_pulse_t);
SIZE_OF(call_of_watchdog_run, struct async_watchdog_run);
SIZE_OF(pubsub, async_pubsub_t);
SIZE_OF(subscriber, async_subscriber_t);
SIZE_OF(stream, async_stream_t);
SIZE_OF(call_of_stream_read, struct async_stream_read);
SIZE_OF(call_of_stream_write, struct async_stream_write);
SIZE_OF(callback, async_callback_t);
