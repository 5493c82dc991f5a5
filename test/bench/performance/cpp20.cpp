/* SPDX-License-Identifier: MIT */

/*
 * The workloads (bench.h) as C++20 coroutines, with just the executor that they
 * need: a queue of one link, events of one word that one task can wait for, a
 * heap in an array, frames from lists of free ones. An ideal peer: no library
 * that there is.
 */
#include "bench.h"
#include "coroutine.hpp"

#include <stddef.h>

namespace
{

#define NOINLINE __attribute__((noinline))

/* --- Memory of the frames ------------------------------------------------- */

constexpr size_t unit = sizeof(void *) * 2;
constexpr size_t largest = 24; // frame, in units

union block {
    block *next;
    long long align;
};

alignas(unit) unsigned char arena[(BENCH_TASKS * 16 + 1000) * unit];
size_t arena_used;
block *free_blocks[largest + 1];

void *take(size_t size)
{
    size_t units = (size + unit - 1) / unit;
    block *found = free_blocks[units]; // size is a constant
    if (found != nullptr) {
        free_blocks[units] = found->next;
        return found;
    }
    void *fresh = &arena[arena_used];
    arena_used += units * unit;
    if (units > largest || arena_used > sizeof arena) {
        __builtin_trap();
    }
    return fresh;
}

void give(void *memory, size_t size)
{
    size_t units = (size + unit - 1) / unit;
    block *freed = static_cast<block *>(memory);
    freed->next = free_blocks[units];
    free_blocks[units] = freed;
}

struct pooled {
    static void *operator new(size_t size)
    {
        return take(size);
    }

    static void operator delete(void *memory, size_t size)
    {
        give(memory, size);
    }
};

/* --- Executor ------------------------------------------------------------- */

/* A coroutine that is ready, or waits. */
struct node {
    node *next;
    std::coroutine_handle<> handle;
};

struct {
    node *first;
    node **end;
    unsigned timers;
    uint32_t now;
} loop;

void start(unsigned bound)
{
    loop.first = nullptr;
    loop.end = &loop.first;
    loop.timers = 0;
    loop.now = 0;
    bench_bound = bound;
}

inline void ready(node *one)
{
    one->next = nullptr;
    *loop.end = one;
    loop.end = &one->next;
}

void run()
{
    while (node *one = loop.first) {
        loop.first = one->next;
        if (loop.first == nullptr) {
            loop.end = &loop.first;
        }
        one->handle.resume();
    }
}

struct yielding : node {
    bool await_ready()
    {
        return false;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        handle = waiter;
        ready(this);
    }

    void await_resume()
    {
    }
};

/* --- Coroutines ----------------------------------------------------------- */

/* One that the executor runs. */
struct root {
    struct promise_type : pooled {
        node place;

        root get_return_object()
        {
            auto self =
                std::coroutine_handle<promise_type>::from_promise(*this);
            place.handle = self;
            ready(&place);
            return root{self};
        }

        std::suspend_always initial_suspend() noexcept
        {
            return {};
        }

        std::suspend_never final_suspend() noexcept
        {
            return {};
        }

        void return_void()
        {
        }

        void unhandled_exception()
        {
        }
    };

    std::coroutine_handle<promise_type> handle;
};

/* One that another awaits. */
struct task {
    struct promise_type : pooled {
        std::coroutine_handle<> awaiter;
        unsigned result;

        std::coroutine_handle<promise_type> get_return_object()
        {
            return std::coroutine_handle<promise_type>::from_promise(*this);
        }

        std::suspend_always initial_suspend() noexcept
        {
            return {};
        }

        struct back {
            bool await_ready() noexcept
            {
                return false;
            }

            std::coroutine_handle<>
            await_suspend(std::coroutine_handle<promise_type> ended) noexcept
            {
                return ended.promise().awaiter;
            }

            void await_resume() noexcept
            {
            }
        };

        back final_suspend() noexcept
        {
            return {};
        }

        void return_value(unsigned value)
        {
            result = value;
        }

        void unhandled_exception()
        {
        }
    };

    task(std::coroutine_handle<promise_type> of) : handle(of)
    {
    }

    task(const task &) = delete;
    task &operator=(const task &) = delete;

    ~task()
    {
        handle.destroy();
    }

    bool await_ready()
    {
        return false;
    }

    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter)
    {
        handle.promise().awaiter = awaiter;
        return handle;
    }

    unsigned await_resume()
    {
        return handle.promise().result;
    }

    std::coroutine_handle<promise_type> handle;
};

/* --- Event: nullptr, who waits, or set ------------------------------------ */

struct event {
    node *waiter;

    static node *set_mark()
    {
        return reinterpret_cast<node *>(uintptr_t{1});
    }

    void set()
    {
        node *one = waiter;
        if (one == nullptr || one == set_mark()) {
            waiter = set_mark();
        } else {
            waiter = nullptr;
            ready(one);
        }
    }
};

/* Takes it, so clears it, too. */
struct waiting : node {
    event &of;

    explicit waiting(event &one) : node{nullptr, {}}, of(one)
    {
    }

    bool await_ready()
    {
        if (of.waiter == event::set_mark()) {
            of.waiter = nullptr;
            return true;
        }
        return false;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        handle = waiter;
        of.waiter = this;
    }

    void await_resume()
    {
    }
};

/* The same, for a wait that can be destroyed. */
struct leaving : waiting {
    using waiting::waiting;

    ~leaving()
    {
        if (of.waiter == this) {
            of.waiter = nullptr;
        }
    }
};

/* --- Timers: a heap in an array, four below each -------------------------- */

struct timed : node {
    uint32_t deadline;
    unsigned place;
    event *of; // or nullptr
    bool late;
};

struct entry {
    uint32_t deadline;
    timed *one;
};

entry heap[BENCH_TASKS + 1];

inline bool is_before(uint32_t a, uint32_t b)
{
    return static_cast<int32_t>(a - b) < 0;
}

inline void put_at(unsigned place, const entry &one)
{
    heap[place] = one;
    one.one->place = place;
}

void rise(unsigned place, const entry &one)
{
    while (place > 0) {
        unsigned parent = (place - 1) / 4;
        if (!is_before(one.deadline, heap[parent].deadline)) {
            break;
        }
        put_at(place, heap[parent]);
        place = parent;
    }
    put_at(place, one);
}

void sink(unsigned place, const entry &one)
{
    for (;;) {
        unsigned least = place * 4 + 1;
        if (least >= loop.timers) {
            break;
        }
        unsigned end = least + 4 < loop.timers ? least + 4 : loop.timers;
        for (unsigned child = least + 1; child < end; child++) {
            if (is_before(heap[child].deadline, heap[least].deadline)) {
                least = child;
            }
        }
        if (!is_before(heap[least].deadline, one.deadline)) {
            break;
        }
        put_at(place, heap[least]);
        place = least;
    }
    put_at(place, one);
}

void timer_start(timed *one, uint32_t deadline)
{
    one->deadline = deadline;
    rise(loop.timers++, entry{deadline, one});
}

void timer_stop(timed *one)
{
    unsigned place = one->place;
    entry last = heap[--loop.timers];
    if (place == loop.timers) {
        return;
    }
    if (place > 0 && is_before(last.deadline, heap[(place - 1) / 4].deadline)) {
        rise(place, last);
    } else {
        sink(place, last);
    }
}

void expire()
{
    while (loop.timers > 0 && !is_before(loop.now, heap[0].deadline)) {
        timed *one = heap[0].one;
        timer_stop(one);
        if (one->of != nullptr) {
            one->of->waiter = nullptr;
            one->late = true;
        }
        ready(one);
    }
}

void run_timers()
{
    run();
    while (loop.timers > 0) {
        loop.now = heap[0].deadline;
        expire();
        run();
    }
}

struct sleeping : timed {
    explicit sleeping(uint32_t ticks)
    {
        deadline = loop.now + ticks;
        of = nullptr;
    }

    bool await_ready()
    {
        return false;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        handle = waiter;
        timer_start(this, deadline);
    }

    void await_resume()
    {
    }
};

/* Event and limit; false if the limit was reached. */
struct limited_wait : timed {
    explicit limited_wait(event &one)
    {
        of = &one;
        late = false;
    }

    bool await_ready()
    {
        if (of->waiter == event::set_mark()) {
            of->waiter = nullptr;
            return true;
        }
        return false;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        handle = waiter;
        of->waiter = this;
        timer_start(this, loop.now + BENCH_LIMIT);
    }

    bool await_resume()
    {
        return !late;
    }
};

void limited_set(event &one)
{
    if (one.waiter != nullptr && one.waiter != event::set_mark()) {
        timer_stop(static_cast<timed *>(one.waiter));
    }
    one.set();
}

/* --- Yield, and yield under awaits ---------------------------------------- */

unsigned last_count;

root yielder()
{
    unsigned count = 0;
    while (count++ < bench_bound) {
        co_await yielding{};
    }
    last_count = count;
}

uint32_t yield(unsigned n, unsigned operations)
{
    start(operations / n);
    for (unsigned i = 0; i < n; i++) {
        yielder();
    }
    run();
    return last_count;
}

NOINLINE task leaf()
{
    unsigned count = 0;
    while (count++ < bench_bound) {
        co_await yielding{};
    }
    co_return count;
}

NOINLINE task caller(unsigned below)
{
    if (below == 0) {
        co_return co_await leaf();
    }
    co_return co_await caller(below - 1);
}

root top(unsigned depth)
{
    last_count = depth == 1 ? co_await leaf() : co_await caller(depth - 2);
}

uint32_t depth(unsigned n, unsigned operations)
{
    start(operations);
    top(n);
    run();
    return last_count;
}

/* --- Spawn ---------------------------------------------------------------- */

root brief()
{
    last_count++;
    co_return;
}

uint32_t spawns(unsigned n, unsigned operations)
{
    uint32_t done = 0;
    while (done < operations) {
        start(0);
        for (unsigned i = 0; i < n; i++) {
            brief();
        }
        run();
        done += n;
    }
    return done;
}

/* --- Ping-pong ------------------------------------------------------------ */

root player(event &mine, event &other)
{
    unsigned count = 0;
    while (count++ < bench_bound) {
        co_await waiting{mine};
        other.set();
    }
    last_count = count;
}

uint32_t ping(unsigned, unsigned operations)
{
    static event events[2];
    start(operations);
    events[0] = events[1] = event{nullptr};
    player(events[0], events[1]);
    player(events[1], events[0]);
    events[0].set();
    run();
    return last_count;
}

/* --- Wake one of n -------------------------------------------------------- */

event events[BENCH_TASKS];
unsigned first_count;

root waiter(event &mine)
{
    unsigned count = 0;
    while (count++ < bench_bound) {
        co_await waiting{mine};
    }
    if (&mine == &events[0]) {
        first_count = count;
    }
}

void end_waiters(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        events[i].set();
    }
    run();
}

uint32_t wake(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        events[i] = event{nullptr};
        waiter(events[i]);
    }
    run();
    while (operations-- > 0) {
        events[next].set();
        run();
        next = bench_next(next, n);
    }
    end_waiters(n);
    return first_count;
}

/* --- Sleep ---------------------------------------------------------------- */

unsigned expired;

root sleeper()
{
    while (expired++ < bench_bound) {
        co_await sleeping{bench_draw()};
    }
}

uint32_t sleeps(unsigned n, unsigned operations)
{
    start(operations);
    expired = 0;
    bench_seed = 1;
    for (unsigned i = 0; i < n; i++) {
        sleeper();
    }
    run_timers();
    return loop.now;
}

/* --- Queue ---------------------------------------------------------------- */

struct {
    unsigned first; // items got and put so far
    unsigned last;
    node *getter; // who waits
    node *putter;
    uint32_t items[BENCH_SLOTS];
} queue;

inline void wake_waiter(node *&waiter)
{
    if (waiter != nullptr) {
        ready(waiter);
        waiter = nullptr;
    }
}

struct putting : node {
    uint32_t item;

    explicit putting(uint32_t value) : node{nullptr, {}}, item(value)
    {
    }

    bool await_ready()
    {
        return queue.last - queue.first != BENCH_SLOTS;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        handle = waiter;
        queue.putter = this;
    }

    void await_resume()
    {
        queue.items[queue.last++ % BENCH_SLOTS] = item;
        wake_waiter(queue.getter);
    }
};

struct getting : node {
    bool await_ready()
    {
        return queue.last != queue.first;
    }

    void await_suspend(std::coroutine_handle<> waiter)
    {
        handle = waiter;
        queue.getter = this;
    }

    uint32_t await_resume()
    {
        uint32_t item = queue.items[queue.first++ % BENCH_SLOTS];
        wake_waiter(queue.putter);
        return item;
    }
};

uint32_t last_item;

root producer()
{
    uint32_t count = 0;
    while (count++ < bench_bound) {
        co_await putting{count};
    }
}

root consumer()
{
    uint32_t count = 0;
    uint32_t item = 0;
    while (count++ < bench_bound) {
        item = co_await getting{};
    }
    last_item = item;
}

uint32_t items(unsigned, unsigned operations)
{
    start(operations);
    producer();
    consumer();
    run();
    return last_item;
}

/* --- Call of a coroutine that does not pause ------------------------------ */

NOINLINE task child(unsigned argument)
{
    co_return argument + 1;
}

root parent()
{
    unsigned count = 0;
    while (count < bench_bound) {
        count = co_await child(count);
    }
    last_count = count;
}

uint32_t calls(unsigned, unsigned operations)
{
    start(operations);
    parent();
    run();
    return last_count;
}

/* --- Wake one of n, whose wait has a limit -------------------------------- */

root limited(event &mine)
{
    unsigned count = 0;
    while (count++ < bench_bound) {
        if (!co_await limited_wait{mine}) {
            co_return;
        }
    }
    if (&mine == &events[0]) {
        first_count = count;
    }
}

void end_limiteds(unsigned n)
{
    bench_bound = 0;
    for (unsigned i = 0; i < n; i++) {
        limited_set(events[i]);
    }
    run();
}

uint32_t limits(unsigned n, unsigned operations)
{
    unsigned next = 0;
    start(operations + 1);
    for (unsigned i = 0; i < n; i++) {
        events[i] = event{nullptr};
        limited(events[i]);
    }
    run();
    while (operations-- > 0) {
        limited_set(events[next]);
        expire();
        run();
        next = bench_next(next, n);
        loop.now += next == 0;
    }
    end_limiteds(n);
    return first_count;
}

/* --- Cancel, and unwind three frames; their cleanup cannot wait ----------- */

unsigned cleanups;

struct guard {
    NOINLINE ~guard()
    {
        cleanups++;
    }
};

NOINLINE task inner(event &of)
{
    guard cleanup;
    co_await leaving{of};
    co_return 0;
}

NOINLINE task middle(event &of)
{
    guard cleanup;
    co_return co_await inner(of);
}

root outer(event &of)
{
    guard cleanup;
    co_await middle(of);
}

uint32_t cancels(unsigned, unsigned operations)
{
    start(0);
    cleanups = 0;
    events[0] = event{nullptr};
    while (operations-- > 0) {
        root one = outer(events[0]);
        run();
        one.handle.destroy();
    }
    return cleanups;
}

} // namespace

/* -------------------------------------------------------------------------- */

extern "C" {

const unsigned bench_tasks_max = BENCH_TASKS;

const bench_workload bench_workloads[] = {
    {"yield", yield},  {"depth", depth},  {"ping", ping},
    {"wake", wake},    {"sleep", sleeps}, {"queue", items},
    {"call", calls},   {"limit", limits}, {"cancel", cancels},
    {"spawn", spawns}, {nullptr, nullptr}};
}
