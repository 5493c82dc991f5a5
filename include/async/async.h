/* SPDX-License-Identifier: MIT */

/*
 * libasync: async/await for C firmware. Includes every header.
 */
#ifndef ASYNC_ASYNC_H
#define ASYNC_ASYNC_H

#include "async/account.h"
#include "async/barrier.h"
#include "async/callback.h"
#include "async/clock.h"
#include "async/condition.h"
#include "async/config.h"
#include "async/coroutine.h"
#include "async/counter_clock.h"
#include "async/dump.h"
#include "async/error.h"
#include "async/event.h"
#include "async/future.h"
#include "async/generator.h"
#include "async/group.h"
#include "async/lock.h"
#include "async/loop.h"
#include "async/print.h"
#include "async/pubsub.h"
#include "async/queue.h"
#include "async/report.h"
#include "async/rwlock.h"
#include "async/semaphore.h"
#include "async/shield.h"
#include "async/signal.h"
#include "async/stream.h"
#include "async/task.h"
#include "async/text.h"
#include "async/tick_clock.h"
#include "async/ticker.h"
#include "async/time.h"
#include "async/timeout.h"
#include "async/timestamp.h"
#include "async/trace.h"
#include "async/try.h"
#include "async/version.h"
#include "async/virtual_clock.h"
#include "async/wait.h"
#include "async/watch.h"
#include "async/watchdog.h"
#include "async/with.h"

#if !defined(ASYNC_PORT_HEADER) && (defined(__unix__) || defined(__APPLE__))
#include "async/port/posix.h"
#endif

#endif
