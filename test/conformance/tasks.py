# SPDX-License-Identifier: MIT

"""Tasks: spawn, join, cancel, cleanup."""

import asyncio

from scenario import E1, E2, error_name, say, scenario, work, worker


async def joiner(name, task):
    try:
        say(f"{name} got {await task}")
    except (E1, asyncio.CancelledError) as error:
        say(f"{name} caught {error_name(error)}")


async def join(task):
    """Join, and tell how the task ended."""
    try:
        await task
        say("joined")
    except (E1, E2, asyncio.CancelledError) as error:
        say(f"joined, {error_name(error)}")


async def waiter(name, event):
    try:
        await event.wait()
        say(f"{name} goes on")
    finally:
        say(f"{name} stops")


# --- Spawn and join -----------------------------------------------------------

@scenario
async def spawn_runs_nothing_yet():
    """A spawned task runs when its creator pauses; tasks start in the order of
    their creation."""
    a = asyncio.create_task(worker("A", 3))
    b = asyncio.create_task(worker("B", 2))
    c = asyncio.create_task(worker("C", 1))
    say("spawned")
    await asyncio.sleep(10)
    say(f"done: {a.done() and b.done() and c.done()}")


@scenario
async def join_gives_the_result():
    """A join waits for the end, and has the result."""
    task = asyncio.create_task(worker("A", 5, returns=7))
    say(f"done: {task.done()}")
    say(f"joined, got {await task}")
    say(f"done: {task.done()}")


@scenario
async def join_of_done():
    """A join with a task that is done goes on at once."""
    task = asyncio.create_task(worker("A", 5, returns=7))
    await asyncio.sleep(10)
    say(f"joined, got {await task}")


@scenario
async def join_waits_for_cleanup():
    """A task is done when its cleanup, which may wait, has ended."""
    await asyncio.create_task(worker("A", 5, cleanup=10))
    say("joined")


@scenario
async def joiners_wake_in_order():
    """Any number of tasks may join one; they go on in the order they came."""
    task = asyncio.create_task(worker("A", 5, returns=3))
    joiners = [asyncio.create_task(joiner(name, task)) for name in "BCD"]
    await asyncio.sleep(10)
    say(f"done: {all(j.done() for j in joiners)}")


@scenario
async def join_raises_the_error():
    """The error of a task is raised in each one that joins it."""
    task = asyncio.create_task(worker("A", 5, E1))
    joiners = [asyncio.create_task(joiner(name, task)) for name in "BC"]
    await asyncio.sleep(10)
    say(f"done: {all(j.done() for j in joiners)}")


@scenario
async def join_raises_the_error_again():
    """A join with a task that has ended raises its error each time."""
    task = asyncio.create_task(worker("A", 5, E1))
    await join(task)
    await join(task)


@scenario
async def join_raises_out_of_the_caller():
    """An error of a joined task that is not caught ends the joining task."""
    outer = asyncio.create_task(worker("A", 5, E1))

    async def middle():
        try:
            await outer
            say("not reached")
        finally:
            say("B stops")

    await join(asyncio.create_task(middle()))


@scenario
async def join_of_cancelled():
    """Joining a cancelled task raises that, and it can be caught."""
    task = asyncio.create_task(worker("A", 50))
    other = asyncio.create_task(joiner("B", task))
    await asyncio.sleep(5)
    task.cancel()
    await join(task)
    say(f"done: {other.done()}")


# --- Errors that nobody retrieves ---------------------------------------------

@scenario
async def error_not_retrieved():
    """An error that nobody asks for is reported."""
    task = asyncio.create_task(worker("A", 5, E1))
    await asyncio.sleep(10)
    say(f"done: {task.done()}")


@scenario
async def error_retrieved_by_asking():
    """Asking for the error counts as having taken it."""
    task = asyncio.create_task(worker("A", 5, E1))
    await asyncio.sleep(10)
    say(f"A ended with {error_name(task.exception())}")


@scenario
async def error_retrieved_by_one_of_two():
    """One joining task is enough."""
    task = asyncio.create_task(worker("A", 5, E1))
    asyncio.create_task(joiner("B", task))
    await asyncio.sleep(10)


@scenario
async def cancelled_is_not_reported():
    """A task that was cancelled has no error that anybody must take."""
    task = asyncio.create_task(worker("A", 50))
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.sleep(5)
    say(f"done: {task.done()}")


@scenario
async def error_in_cleanup_of_cancelled():
    """A cancelled task whose cleanup fails has an error, which is reported."""
    async def fails():
        try:
            await asyncio.sleep(50)
        finally:
            say("A raises E1")
            raise E1

    task = asyncio.create_task(fails())
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.sleep(5)
    say(f"done: {task.done()}")


# --- Cancel -------------------------------------------------------------------

@scenario
async def cancel_before_start():
    """A task that has not started ends without running, cleanup included."""
    task = asyncio.create_task(worker("A", 5))
    say(f"cancel: {task.cancel()}")
    await join(task)
    say(f"cancelled: {task.cancelled()}")


@scenario
async def cancel_while_sleeping():
    """The cancellation is raised where the task stands, at once; cleanup runs
    in the task's own step, not in cancel()."""
    task = asyncio.create_task(worker("A", 50))
    await asyncio.sleep(5)
    say(f"cancel: {task.cancel()}")
    say(f"done: {task.done()}")
    await join(task)
    say(f"done: {task.done()}")


@scenario
async def cancel_at_sleep_zero():
    """A task that only lets others run is cancelled there."""
    async def spins():
        try:
            while True:
                say("A runs")
                await asyncio.sleep(0)
        finally:
            say("A stops")

    task = asyncio.create_task(spins())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await join(task)


@scenario
async def cancel_twice_at_once():
    """A second cancel() before the task runs changes nothing: the cleanup is
    not interrupted."""
    task = asyncio.create_task(worker("A", 50, cleanup=10))
    await asyncio.sleep(5)
    say(f"cancel: {task.cancel()}")
    say(f"cancel: {task.cancel()}")
    await join(task)


@scenario
async def cancel_in_cleanup():
    """A second cancel() while the cleanup waits ends the cleanup."""
    task = asyncio.create_task(worker("A", 50, cleanup=10))
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def cancel_in_cleanup_after_success():
    """A cancel() in the cleanup of a task that ended well makes it end as
    cancelled."""
    task = asyncio.create_task(worker("A", 5, cleanup=10))
    await asyncio.sleep(10)
    task.cancel()
    await join(task)
    say(f"cancelled: {task.cancelled()}")


@scenario
async def cancel_in_cleanup_after_error():
    """... and takes the place of an error that the body ended with."""
    task = asyncio.create_task(worker("A", 5, E1, cleanup=10))
    await asyncio.sleep(10)
    task.cancel()
    await join(task)
    say(f"cancelled: {task.cancelled()}")


@scenario
async def cancel_of_done():
    """cancel() of a task that has ended says so and does nothing."""
    task = asyncio.create_task(worker("A", 5, returns=4))
    await asyncio.sleep(10)
    say(f"cancel: {task.cancel()}")
    say(f"joined, got {await task}")


@scenario
async def cancel_self():
    """A task that cancels itself goes on to its next wait."""
    async def suicide():
        try:
            say(f"cancel: {asyncio.current_task().cancel()}")
            say("goes on")
            await asyncio.sleep(5)
            say("not reached")
        finally:
            say("A stops")

    await join(asyncio.create_task(suicide()))


@scenario
async def cancel_self_and_end():
    """A task that cancels itself and ends without a wait has ended as
    cancelled."""
    async def suicide():
        asyncio.current_task().cancel()
        say("A ends")

    task = asyncio.create_task(suicide())
    await join(task)
    say(f"cancelled: {task.cancelled()}")


@scenario
async def cancel_self_and_raise():
    """... unless it ends with an error."""
    async def suicide():
        asyncio.current_task().cancel()
        say("A raises E1")
        raise E1

    task = asyncio.create_task(suicide())
    await join(task)
    say(f"cancelled: {task.cancelled()}")


@scenario
async def cancel_through_calls():
    """A cancellation unwinds the calls from the innermost one outwards; each
    cleanup ends before the next begins."""
    async def middle():
        try:
            await worker("inner", 50, cleanup=3)
            say("not reached")
        finally:
            say("middle stops")
            await asyncio.sleep(2)

    async def outer():
        try:
            await middle()
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def cancel_after_wake():
    """A task that was woken and is cancelled before it runs is cancelled."""
    event = asyncio.Event()
    task = asyncio.create_task(waiter("A", event))
    await asyncio.sleep(5)
    event.set()
    say(f"cancel: {task.cancel()}")
    await join(task)


@scenario
async def cancel_before_wake():
    """The same in the other order."""
    event = asyncio.Event()
    task = asyncio.create_task(waiter("A", event))
    await asyncio.sleep(5)
    say(f"cancel: {task.cancel()}")
    event.set()
    await join(task)


@scenario
async def cancel_when_timer_is_due():
    """A sleep that is over by the clock, but whose task has not run, is
    cancelled."""
    task = asyncio.create_task(worker("A", 10))
    await asyncio.sleep(5)
    work(20)
    say(f"cancel: {task.cancel()}")
    await join(task)


@scenario
async def cancel_is_told():
    """cancelling() tells that a cancellation was asked for."""
    task = asyncio.create_task(worker("A", 50, cleanup=5))
    await asyncio.sleep(5)
    say(f"cancelling: {task.cancelling() > 0}")
    task.cancel()
    say(f"cancelling: {task.cancelling() > 0}")
    await asyncio.sleep(1)
    say(f"cancelling: {task.cancelling() > 0}")
    await join(task)


@scenario
async def cancel_each_other():
    """Two tasks that cancel each other: the second has ended when the first is
    asked, or is in its cleanup."""
    tasks = []

    async def killer(name, ms, other):
        try:
            await asyncio.sleep(ms)
            say(f"{name} cancels: {tasks[other].cancel()}")
            await asyncio.sleep(20)
        finally:
            say(f"{name} stops")
            await asyncio.sleep(1)
            say(f"{name} cancels: {tasks[other].cancel()}")

    tasks.append(asyncio.create_task(killer("A", 5, 1)))
    tasks.append(asyncio.create_task(killer("B", 10, 0)))
    await join(tasks[1])
    await join(tasks[0])


# --- Errors and cleanup -------------------------------------------------------

@scenario
async def caught_errors_leave_the_task_alone():
    """A task that catches the error of a call goes on as if nothing had been;
    the callee's cleanup is over then."""
    try:
        await worker("A", 5, E1, cleanup=5)
    except E1:
        say("caught E1")
    await asyncio.sleep(5)


@scenario
async def error_in_cleanup():
    """An error in the cleanup takes the place of the first."""
    async def fails():
        try:
            await asyncio.sleep(5)
            say("raises E1")
            raise E1
        finally:
            await asyncio.sleep(5)
            say("raises E2")
            raise E2

    await join(asyncio.create_task(fails()))


@scenario
async def cleanup_on_return():
    """A return in the middle runs the cleanup, and keeps the result."""
    async def returns():
        try:
            await asyncio.sleep(5)
            return 3
        finally:
            say("A stops")
            await asyncio.sleep(5)

    say(f"got {await asyncio.create_task(returns())}")


# --- Turns and times ----------------------------------------------------------

@scenario
async def sleep_zero_takes_turns():
    """sleep(0) lets each other ready task run once."""
    async def turns(name):
        for i in range(3):
            say(f"{name}{i}")
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(turns(name)) for name in "ABC"]
    for task in tasks:
        await task


@scenario
async def sleepers_wake_by_deadline():
    """Tasks wake in the order of their deadlines, whenever they began."""
    async def starts(name, after, ms):
        await asyncio.sleep(after)
        await asyncio.sleep(ms)
        say(name)

    tasks = [asyncio.create_task(starts(*task)) for task in
             [("A", 1, 30), ("B", 2, 10), ("C", 3, 20), ("D", 25, 1)]]
    for task in tasks:
        await task


@scenario
async def late_timers_keep_their_order():
    """Timers that became due during long work expire in the order of their
    deadlines."""
    tasks = [asyncio.create_task(worker(name, ms)) for name, ms in
             [("A", 30), ("B", 10), ("C", 20)]]
    await asyncio.sleep(5)
    work(50)
    say("worked")
    for task in tasks:
        await task


@scenario
async def sleep_counts_from_its_call():
    """A sleep begins when it is called, not when the task was resumed."""
    work(10)
    await asyncio.sleep(5)
    say("slept")
    work(10)
    await asyncio.sleep(5)
    say("slept")


# --- Different on purpose -----------------------------------------------------

@scenario(differs="a join that is cancelled leaves the joined task alone",
          python="""
              0  A begins
              5  A stops
              5  B stops
             15  A cancelled: True
             15  run ends
          """,
          here="""
              0  A begins
              5  B stops
             10  A ends
             10  A stops
             15  A cancelled: False
             15  run ends
          """)
async def cancel_of_joiner():
    """Who stands at `await task` and is cancelled."""
    async def middle():
        try:
            await task
        finally:
            say("B stops")

    task = asyncio.create_task(worker("A", 10))
    other = asyncio.create_task(middle())
    await asyncio.sleep(5)
    other.cancel()
    await asyncio.sleep(10)
    say(f"A cancelled: {task.cancelled()}")


@scenario(differs="a cancellation on its way cannot be caught",
          python="""
              0  begins
              5  caught cancelled
             15  goes on
             15  stops
             15  joined
             15  run ends
          """,
          here="""
              0  begins
              5  stops
              5  joined, cancelled
              5  run ends
          """)
async def cancel_caught():
    """Who catches all errors around the wait where the cancellation comes."""
    async def stubborn():
        say("begins")
        try:
            try:
                await asyncio.sleep(50)
            except BaseException as error:
                say(f"caught {error_name(error)}")
            await asyncio.sleep(10)
            say("goes on")
        finally:
            say("stops")

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario(differs="a return in the cleanup keeps the error",
          python="""
              5  A raises E1
              5  A stops
              5  joined
              5  run ends
          """,
          here="""
              5  A raises E1
              5  A stops
              5  joined, E1
              5  run ends
          """)
async def return_in_cleanup():
    """A return in the cleanup of a coroutine that raised."""
    class Cleanup:
        """`finally: return`, in words that newer Pythons do not warn of."""

        def __enter__(self):
            pass

        def __exit__(self, *error):
            say("A stops")
            return True

    async def fails():
        with Cleanup():
            await asyncio.sleep(5)
            say("A raises E1")
            raise E1

    await join(asyncio.create_task(fails()))


@scenario(differs="a mistake is reported, and has a number",
          python="""
              0  caught RuntimeError
              0  run ends
          """,
          here="""
              0  report: a mistake
              0  caught misuse
              0  run ends
          """)
async def join_of_self():
    """A join with oneself is refused."""
    async def joins_itself():
        try:
            await asyncio.current_task()
        except RuntimeError as error:
            say(f"caught {error_name(error)}")

    await asyncio.create_task(joins_itself())
