# SPDX-License-Identifier: MIT

"""What the scenarios of the Python side are written with; see conformance.h.

    @scenario
    async def join_of_done():
        \"\"\"A join with a task that is done goes on at once.\"\"\"
        task = asyncio.create_task(worker("A", 5))
        await asyncio.sleep(10)
        await task
        say("joined")

Time is virtual, in milliseconds. A scenario whose traces differ on purpose:

    @scenario(differs="a join that is cancelled leaves the joined task alone",
              python=\"\"\"
                  0  A begins
                  ...
              \"\"\",
              here=\"\"\"
                  0  A begins
                  ...
              \"\"\")

One that needs a newer Python than some have gives that Python's trace, to be
taken where it cannot be run: @scenario(since=(3, 13), python=\"\"\"...\"\"\").
"""

import asyncio
import gc
import inspect

from virtual_loop import Deadlock, VirtualLoop

scenarios = {}
trace = []
loop = None


class Scenario:
    def __init__(self, function, differs=None, python=None, here=None,
                 since=(3, 11)):
        self.function = function
        self.name = function.__name__
        self.differs = differs
        self.python = lines_of(python)
        self.here = lines_of(here)
        self.since = since


def lines_of(text):
    return None if text is None else [
        line_of(*line.split(maxsplit=1)) for line in text.split("\n")
        if line.strip()]


def line_of(now, words):
    return f"{int(now):5d}  {words}"


def scenario(function=None, **arguments):
    """Register a scenario."""
    def register(function):
        name = function.__name__
        assert name not in scenarios, f"two scenarios are called {name}"
        assert function.__doc__, f"{name} does not say what it pins"
        scenarios[name] = Scenario(function, **arguments)
        return function
    return register if function is None else register(function)


# --- What a scenario does -----------------------------------------------------

def say(words):
    """Add the time and the words to the trace."""
    trace.append(line_of(loop.time(), words))


def work(ms):
    """Let time pass as work does: nothing else runs meanwhile."""
    loop.advance(ms)


class E1(Exception):
    pass


class E2(Exception):
    pass


class E3(Exception):
    pass


def error_name(error):
    """'E1', 'cancelled', 'timeout', ...; of a group that of the first."""
    if isinstance(error, BaseExceptionGroup):
        return error_name(error.exceptions[0])
    names = {
        type(None): "no error",
        asyncio.CancelledError: "cancelled",
        TimeoutError: "timeout",
        Deadlock: "deadlock",
        asyncio.QueueFull: "full",
        asyncio.QueueEmpty: "empty",
        asyncio.BrokenBarrierError: "broken",
    }
    if hasattr(asyncio, "QueueShutDown"):
        names[asyncio.QueueShutDown] = "closed"
    return names.get(type(error), type(error).__name__)


async def worker(name, ms, error=None, cleanup=0, returns=0):
    """What most tasks do; conformance.h has the same."""
    say(f"{name} begins")
    try:
        await asyncio.sleep(ms)
        if error is not None:
            say(f"{name} raises {error.__name__}")
            raise error
        say(f"{name} ends")
        return returns
    finally:
        say(f"{name} stops")
        if cleanup:
            await asyncio.sleep(cleanup)
            say(f"{name} is clean")


class OrderedTasks(dict):
    """A set of tasks that keeps their order."""

    def add(self, task):
        self[task] = True

    def discard(self, task):
        self.pop(task, None)


class TaskGroup(asyncio.TaskGroup):
    """asyncio.TaskGroup cancels its tasks in the order of a set, which is
    arbitrary; here it is the order in which they were created."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedTasks()


# --- Run ----------------------------------------------------------------------

def on_report(loop, context):
    if "exception" in context:
        say(f"report: nobody retrieved {error_name(context['exception'])}")
    else:
        say(f"report: {context['message']}")


def run(scenario):
    """Run a scenario. Returns its trace."""
    global loop
    trace.clear()
    loop = VirtualLoop()
    loop.virtual.on_deadlock = lambda: say("deadlock")
    loop.set_exception_handler(on_report)
    error = None
    try:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(scenario.function())
    except BaseException as e:
        if isinstance(e, (KeyboardInterrupt, SystemExit)):
            raise
        error = e
    name = error_name(error)
    del error
    gc.collect()
    say("run ends" if name == "no error" else f"run raises {name}")
    return list(trace)
