# SPDX-License-Identifier: MIT

"""The programs of random_programs.py, run with CPython's asyncio.

What interpreter.c does with libasync, under the same names. Where libasync
differs from asyncio on purpose (docs/explanation/coming-from-asyncio.md), or
from 3.11 only, asyncio is given the other behaviour here: by Timeout, Group,
Join, and by the tasks that are shields.
"""

import asyncio
import asyncio.base_events
import collections
import contextlib
import contextvars
import gc
import sys
import warnings

from scenario import OrderedTasks
from virtual_loop import Deadlock, VirtualLoop

asyncio.base_events.MAXIMUM_SELECT_TIMEOUT = float("inf")
PATIENCE = 4000000
PAUSE = 1000
OBJECTS = 3
SLOTS = 8
loop = None
shared = None
current = contextvars.ContextVar("current")  # of a shield the task around it

Context = collections.namedtuple("Context", "task limit group")


# --- A program ----------------------------------------------------------------

class Node:
    """An operation. A program is a list: a name, numbers, lists."""

    def __init__(self, program, numbers):
        self.number = next(numbers)
        self.name = program[0]
        self.arguments = [part for part in program[1:] if isinstance(part, int)]
        self.children = [Node(part, numbers) for part in program[1:]
                         if isinstance(part, list)]
        self.run = OPERATIONS[self.name]

    async def child(self, i, context):
        await self.children[i].run(self.children[i], context)

    def say(self, context, words):
        shared.say(context.task, self.number, words)


class Shared:
    """What the operations of a program share."""

    def __init__(self):
        self.trace = []
        self.silent = False
        self.events = [asyncio.Event() for _ in range(OBJECTS)]
        self.locks = [asyncio.Lock() for _ in range(OBJECTS)]
        self.conditions = [Condition(lock) for lock in self.locks]
        self.semaphores = [asyncio.Semaphore(i) for i in range(OBJECTS)]
        self.barriers = [asyncio.Barrier(2) for _ in range(OBJECTS)]
        self.queues = [asyncio.Queue(2) for _ in range(OBJECTS)]
        self.futures = [loop.create_future() for _ in range(OBJECTS)]
        self.cancelled = set()  # tasks
        self.recovered = set()  # tasks that have caught an error
        self.comparable = True
        self.slots = [None] * SLOTS
        self.tasks = []

    def say(self, task, number, words):
        if not self.silent:
            self.trace.append(f"{int(loop.time())} {task} {number} {words}")

    def add(self, slot, task):
        self.slots[slot % SLOTS] = task
        self.tasks.append(task)

    def for_next_task(self, context):
        return context._replace(task=len(self.tasks), limit=None)

    def cancel(self, task):
        self.cancelled.add(task)
        return task.cancel()

    def other(self, slot):
        task = self.slots[slot]
        return None if task is current.get() else task


# --- Errors -------------------------------------------------------------------

class E(Exception):
    """An error that libasync has a number for."""


NAMES = {-1: "E1", -2: "E2", -3: "E3"}


def name_of(error):
    return "ok" if error is None else error.args[0]


def leave(how):
    """How a block is left: 0 at its end, 1 by break (which only loops do), 2 by
    return (True), or by an error."""
    if how < 0:
        raise E(NAMES[how])
    return how == 2


# --- asyncio, as libasync has it ----------------------------------------------

class Join:
    """Wait for a task or future without cancelling it. That it was cancelled is
    an error like others."""

    def __init__(self, future):
        self.future = future
        self.was_cancelled = False
        self._asyncio_future_blocking = False

    def __await__(self):
        if not self.future.done():
            self._asyncio_future_blocking = True
            yield self
        return self.result()

    def get_loop(self):
        return loop

    def result(self):
        if self.was_cancelled:
            raise asyncio.CancelledError
        if self.future.cancelled():
            raise E("cancelled")
        if self.future.exception() is not None:
            raise E(name_of(self.future.exception()))
        return self.future.result()

    def add_done_callback(self, wake, *, context=None):
        self.wake, self.context = wake, context
        self.future.add_done_callback(self.done, context=context)

    def done(self, _):
        self.wake(self)

    def cancel(self, msg=None):
        if self.was_cancelled or self.future.done():
            return False
        self.future.remove_done_callback(self.done)
        self.was_cancelled = True
        loop.call_soon(self.wake, self, context=self.context)
        return True


class Timeout(asyncio.Timeout):
    """As of Python 3.12: works also in a task that was cancelled before."""

    def __init__(self, ticks, raises=True):
        super().__init__(loop.time() + ticks)
        self.raises = raises

    async def __aenter__(self):
        self.before = asyncio.current_task().cancelling()
        return await super().__aenter__()

    async def __aexit__(self, kind, error, traceback):
        expired = self.expired()
        await super().__aexit__(None, None, None)
        if (expired and kind is asyncio.CancelledError
                and self._task.cancelling() <= self.before):
            if self.raises:
                raise E("timeout") from None
            return True


def limited(ticks):
    return Timeout(ticks) if ticks else contextlib.nullcontext()


class Condition(asyncio.Condition):
    """As of Python 3.13: a notification that meets a cancelled task is not
    lost. (It goes to the next at once, and only if there was one.)"""

    async def wait(self):
        waiter = loop.create_future()
        self._waiters.append(waiter)
        self.release()
        try:
            await waiter
        except asyncio.CancelledError:
            self._waiters.remove(waiter)
            if waiter.done() and not waiter.cancelled():
                self.pass_on()
            await self.acquire_again()
            raise
        self._waiters.remove(waiter)
        if await self.acquire_again():
            raise asyncio.CancelledError

    def pass_on(self):
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(False)
                return

    async def acquire_again(self):
        cancelled = False
        while True:
            try:
                await self.acquire()
                return cancelled
            except asyncio.CancelledError:
                cancelled = True


class Group(asyncio.TaskGroup):
    """Raises the first error; cancels in order."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedTasks()

    async def __aexit__(self, kind, error, traceback):
        first = error if isinstance(error, E) and not self._errors else None
        is_new = not self._parent_cancel_requested
        try:
            return await super().__aexit__(kind, error, traceback)
        except BaseExceptionGroup as errors:
            raise E(name_of(first or errors.exceptions[0])) from None
        finally:
            if is_new and self._parent_cancel_requested:
                self._parent_task.uncancel()  # as of Python 3.13

    async def member(self, node, context):
        """Its end counts at once, not in the next round."""
        try:
            await node.run(node, context)
        except E:
            if not self._aborting:
                self._abort()
                self._parent_cancel_requested = True
                self._parent_task.cancel()
            raise

    def _abort(self):
        """A member in the cleanup of a cancellation is left alone. If it has
        caught an error it may be in none any more; asyncio does not know."""
        self._aborting = True
        for task in self._tasks:
            if task in shared.cancelled:
                shared.comparable &= task not in shared.recovered
            elif task is not asyncio.current_task():
                shared.cancel(task)

    def spawn(self, slot, node, context):
        coro = self.member(node, shared.for_next_task(context))
        if self._aborting:
            task = loop.create_task(coro)
            task.cancel()
        else:
            task = self.create_task(coro)
        shared.add(slot, task)

    def spawn_members(self, slot, node, context, first=0):
        for i, child in enumerate(node.children[first:], first):
            self.spawn(slot + i, child, context)

    def ended(self, task):
        self._tasks.discard(task)
        waiter = self._on_completed_fut
        if waiter is not None and not self._tasks and not waiter.done():
            waiter.set_result(True)


class GatherErrors(Group):
    async def member(self, node, context):
        await node.run(node, context)

    def _on_task_done(self, task):
        self.ended(task)


class Race(Group):
    """A cancellation while it ends is raised, unless there is an error."""

    winner = None

    async def __aexit__(self, *details):
        task = self._parent_task
        before = task.cancelling() - task._must_cancel
        await super().__aexit__(*details)
        if task.cancelling() > before:
            raise asyncio.CancelledError

    async def member(self, node, context):
        try:
            await node.run(node, context)
            self.ends(None)
        except E as error:
            self.ends(error)
            raise

    def ends(self, error):
        if error is not None and self.winner is None and not self._errors:
            self._errors.append(error)
        task = asyncio.current_task()
        if not self._aborting and (error is not None or not task._must_cancel):
            self.winner = task
            self._abort()

    def _on_task_done(self, task):
        self.ended(task)


# --- Operations: blocks -------------------------------------------------------

async def do(node, context):
    for child in node.children:
        await child.run(child, context)


async def repeat(node, context):
    for _ in range(node.arguments[0]):
        await node.child(0, context)


async def finally_(node, context):
    try:
        await node.child(0, context)
        node.say(context, "ends")
    finally:
        node.say(context, "cleanup")
        await node.child(1, context)
        node.say(context, "clean")


async def try_(node, context):
    caught = None
    try:
        await node.child(0, context)
        if leave(node.arguments[0]):
            return
    except E as error:
        caught = error
        shared.recovered.add(asyncio.current_task())
    node.say(context, name_of(caught))


async def timeout(node, context):
    async with Timeout(node.arguments[0]) as limit:
        await node.child(0, context._replace(limit=limit))
        if leave(node.arguments[1]):
            return
    node.say(context, "in time")


async def limit(node, context):
    async with Timeout(node.arguments[0], raises=False) as limit:
        await node.child(0, context._replace(limit=limit))
        if leave(node.arguments[1]):
            return
    node.say(context, f"expired: {int(limit.expired())}")


async def reschedule(node, context):
    open_ = not context.limit.expired()
    if open_:
        context.limit.reschedule(loop.time() + node.arguments[0])
    node.say(context, int(open_))


async def shield(node, context):
    async def block():
        await node.child(0, context)
        return leave(node.arguments[0])

    task = loop.create_task(block())
    cancelled = None
    while not task.done():
        try:
            await Join(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except E:
            pass
    if cancelled is not None:
        raise cancelled
    if not await Join(task):
        node.say(context, "behind")


async def lock(node, context):
    async with shared.locks[node.arguments[0]]:
        node.say(context, "taken")
        await node.child(0, context)
        if leave(node.arguments[1]):
            return
    node.say(context, "behind")


async def semaphore(node, context):
    async with shared.semaphores[node.arguments[0]]:
        node.say(context, "taken")
        await node.child(0, context)
        if leave(node.arguments[1]):
            return
    node.say(context, "behind")


# --- Operations: tasks --------------------------------------------------------

async def member(node, context):
    current.set(asyncio.current_task())
    try:
        node.say(context, "begins")
        await node.child(0, context)
        node.say(context, "ends well")
    finally:
        node.say(context, "ends")


async def spawn(node, context):
    context = shared.for_next_task(context)._replace(group=None)
    task = loop.create_task(node.child(0, context))
    shared.add(node.arguments[0], task)


async def cancel(node, context):
    task = shared.slots[node.arguments[0]]
    node.say(context, int(task is not None and shared.cancel(task)))


async def join(node, context):
    slot, ticks = node.arguments
    task = shared.other(slot)
    if task is None:
        return
    try:
        async with limited(ticks):
            await Join(task)
        error = None
    except E as e:
        error = e
    await asyncio.sleep(PAUSE + node.number)
    node.say(context, name_of(error))
    if name_of(error) not in ("ok", "cancelled"):
        raise error


async def wait_tasks(node, context):
    until, ticks, *slots = node.arguments
    tasks = [shared.other(slot) for slot in slots]
    tasks = [task for task in tasks if task is not None]
    when = (asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED,
            asyncio.FIRST_EXCEPTION)[until]
    if tasks:
        await asyncio.wait(tasks, timeout=ticks or None, return_when=when)
    done = any(task.done() for task in tasks)
    await asyncio.sleep(PAUSE + node.number)
    node.say(context, f"done: {int(done)}")


async def group(node, context):
    slot, how = node.arguments
    async with Group() as group:
        context = context._replace(group=group)
        group.spawn_members(slot, node, context, 1)
        await node.child(0, context)
        node.say(context, "body ends")
        if leave(how):
            return
    node.say(context, "behind")


async def group_spawn(node, context):
    context.group.spawn(node.arguments[0], node.children[0], context)


def several(kind):
    async def run(node, context):
        async with kind() as group:
            group.spawn_members(node.arguments[0], node,
                                context._replace(group=None))
        node.say(context, "behind")
    return run


async def deep(node, context):
    slot, ticks_outer, ticks_inner, how, goes_on = node.arguments
    outer = inner = None
    try:
        async with Timeout(ticks_outer):
            async with Group() as group:
                context = context._replace(group=group)
                group.spawn_members(slot, node, context, 1)
                try:
                    async with shared.semaphores[2]:
                        async with Timeout(ticks_inner) as limit:
                            await node.child(0, context._replace(limit=limit))
                            if leave(how):
                                return
                except E as error:
                    inner = error
                    shared.recovered.add(asyncio.current_task())
                node.say(context, f"inner {name_of(inner)}")
                if name_of(inner) == NAMES[goes_on]:
                    raise E(NAMES[goes_on])
    except E as error:
        outer = error
        shared.recovered.add(asyncio.current_task())
    node.say(context, f"outer {name_of(outer)}")


# --- Operations: generators ---------------------------------------------------

async def emits(node, context):
    try:
        for i in range(1, len(node.children)):
            await node.child(i, context)
            yield i
    finally:
        node.say(context, "cleanup")
        await node.child(0, context)


async def meet_cancellation():
    """Raises one that the task has asked for itself."""
    if asyncio.current_task()._must_cancel:
        await asyncio.sleep(0)


async def close(values):
    """What libasync does with a generator that is left early."""
    if values.ag_frame is None:
        return
    before = asyncio.current_task().cancelling()
    try:
        await meet_cancellation()
    finally:
        await values.aclose()
        if asyncio.current_task()._must_cancel:
            shared.comparable = False
        if asyncio.current_task().cancelling() > before:
            raise asyncio.CancelledError


async def for_(node, context):
    how, last = node.arguments
    values = emits(node.children[0], context)
    try:
        async for value in values:
            node.say(context, f"value {value}")
            await node.child(1, context)
            if value == last:
                if leave(how):
                    return
                if how == 1:
                    break
    finally:
        await close(values)
    node.say(context, "behind")


# --- Operations: waits and signals --------------------------------------------

async def sleep(node, context):
    await asyncio.sleep(node.arguments[0])


async def raise_(node, context):
    node.say(context, "raises")
    raise E(NAMES[node.arguments[0]])


async def wait(node, context):
    async with limited(node.arguments[1]):
        await shared.events[node.arguments[0]].wait()
    node.say(context, "set")


async def set_(node, context):
    shared.events[node.arguments[0]].set()


async def clear(node, context):
    shared.events[node.arguments[0]].clear()


async def release(node, context):
    shared.semaphores[node.arguments[0]].release()


async def put(node, context):
    async with limited(node.arguments[1]):
        await shared.queues[node.arguments[0]].put(node.number)
    node.say(context, "put")


async def get(node, context):
    async with limited(node.arguments[1]):
        item = await shared.queues[node.arguments[0]].get()
    node.say(context, f"got {item}")


async def try_put(node, context):
    try:
        shared.queues[node.arguments[0]].put_nowait(node.number)
        node.say(context, "ok")
    except asyncio.QueueFull:
        node.say(context, "full")


async def try_get(node, context):
    try:
        item = shared.queues[node.arguments[0]].get_nowait()
        node.say(context, f"ok {item}")
    except asyncio.QueueEmpty:
        node.say(context, "empty 0")


async def wait_notified(node, context):
    await shared.conditions[node.arguments[0]].wait()
    node.say(context, "notified")


async def notify(node, context):
    shared.conditions[node.arguments[0]].notify(node.arguments[1])


async def barrier(node, context):
    await shared.barriers[node.arguments[0]].wait()
    node.say(context, "met")


async def wait_future(node, context):
    async with limited(node.arguments[1]):
        value = await Join(shared.futures[node.arguments[0]])
    node.say(context, f"is {value}")


async def set_future(node, context):
    future = shared.futures[node.arguments[0]]
    if not future.done():
        if node.arguments[1] < 0:
            future.set_exception(E(NAMES[node.arguments[1]]))
        else:
            future.set_result(node.number)


OPERATIONS = {
    "do": do, "repeat": repeat, "finally": finally_, "try": try_,
    "timeout": timeout, "limit": limit, "reschedule": reschedule,
    "shield": shield, "lock": lock, "semaphore": semaphore, "member": member,
    "spawn": spawn, "cancel": cancel, "join": join, "wait_tasks": wait_tasks,
    "group": group, "group_spawn": group_spawn, "gather": several(Group),
    "gather_errors": several(GatherErrors), "race": several(Race),
    "deep": deep, "emits": emits, "for": for_, "sleep": sleep,
    "raise": raise_, "wait": wait, "set": set_, "clear": clear,
    "release": release, "put": put, "get": get, "try_put": try_put,
    "try_get": try_get, "wait_notified": wait_notified, "notify": notify,
    "barrier": barrier, "wait_future": wait_future, "set_future": set_future,
}


# --- Run ----------------------------------------------------------------------

class Loop(VirtualLoop):
    """Knows whether two timers were due at once: their order is arbitrary."""

    def __init__(self):
        super().__init__()
        self.deadlines = set()
        self.tie = False

    def call_at(self, when, callback, *args, context=None):
        self.tie |= when in self.deadlines
        self.deadlines.add(when)
        return super().call_at(when, callback, *args, context=context)


async def top(node):
    """The program is the first task. What has not ended after a long time is
    cancelled, one task after the other, and up to three times."""
    context = Context(0, None, None)
    shared.add(0, loop.create_task(node.run(node, context)))
    for i, task in enumerate(shared.tasks):
        for tries in range(4):
            if tries > 0:
                await asyncio.sleep(PAUSE + i)
                shared.cancel(task)
            error = None
            try:
                async with Timeout(PATIENCE + 10 * i + tries):
                    await Join(task)
            except E as e:
                error = e
            if task.done():
                break
        shared.say(0, 0, f"task {i}: {name_of(error)}")
        if not task.done():
            shared.silent = True
            return


def run(program):
    """Returns the trace; None if it is not to be compared."""
    global loop, shared
    loop = Loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda loop, context: None)
    shared = Shared()
    loop.virtual.on_deadlock = lambda: shared.say(0, 0, "deadlock")
    try:
        loop.run_until_complete(top(Node(program, iter(range(10**6)))))
    except Deadlock:
        pass
    shared.silent = True
    del shared.tasks[:], shared.slots[:]
    trace = shared.trace
    comparable = shared.comparable and not loop.tie
    loop.close()
    gc.collect(0)  # what was left runs its cleanup now, not in the next program
    return trace if comparable else None


sys.unraisablehook = lambda report: None
warnings.simplefilter("ignore")
gc.disable()
gc.freeze()
