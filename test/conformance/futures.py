# SPDX-License-Identifier: MIT

"""Futures: a value, an error or a cancellation, for all that wait."""

import asyncio

from scenario import E1, E2, error_name, say, scenario
from start import outcome_of, say_outcome, start, yes_no


def future_of_loop():
    return asyncio.get_running_loop().create_future()


def say_state(future):
    error = ("no error" if not future.done() else
             "cancelled" if future.cancelled() else
             error_name(future.exception()))
    say(f"done: {yes_no(future.done())}, cancelled: "
        f"{yes_no(future.cancelled())}, {error}")


async def waiter(name, future):
    """It says what the future gives; its own cancellation is not caught."""
    try:
        say(f"{name} waits")
        try:
            say(f"{name} got {await future}")
        except (E1, E2) as error:
            say(f"{name}: {error_name(error)}")
        except asyncio.CancelledError:
            if not future.cancelled():
                raise
            say(f"{name}: cancelled")
    finally:
        say(f"{name} leaves")


# --- The outcome --------------------------------------------------------------

@scenario
async def future_value():
    """It goes to all that wait, in the order they came, and to those that come
    later."""
    future = future_of_loop()
    say_state(future)
    a = start(waiter("A", future))
    b = start(waiter("B", future))
    await asyncio.sleep(5)
    c = start(waiter("C", future))
    future.set_result(7)
    say_state(future)
    for task in (a, b, c):
        await task
    await asyncio.sleep(5)
    await waiter("D", future)


@scenario
async def future_error():
    """The same for an error."""
    future = future_of_loop()
    a = start(waiter("A", future))
    b = start(waiter("B", future))
    await asyncio.sleep(5)
    future.set_exception(E1())
    say_state(future)
    await a
    await b
    await asyncio.sleep(5)
    await waiter("C", future)


@scenario
async def future_error_not_caught():
    """An error that a task does not catch is the task's."""
    future = future_of_loop()

    async def lets_pass():
        await future

    a = start(lets_pass())
    await asyncio.sleep(5)
    future.set_exception(E2())
    await say_outcome("A", a)


@scenario
async def future_cancelled():
    """All that wait and will wait are told."""
    future = future_of_loop()
    a = start(waiter("A", future))
    b = start(waiter("B", future))
    await asyncio.sleep(5)
    say(f"cancel: {yes_no(future.cancel())}")
    say(f"cancel: {yes_no(future.cancel())}")
    say_state(future)
    await a
    await b
    await waiter("C", future)


@scenario
async def future_cancelled_not_caught():
    """A task that waits for what is cancelled ends as cancelled."""
    future = future_of_loop()

    async def lets_pass():
        await future

    a = start(lets_pass())
    await asyncio.sleep(5)
    future.cancel()
    await say_outcome("A", a)


@scenario
async def future_cancel_after_value():
    """Too late; the value stays."""
    future = future_of_loop()
    future.set_result(7)
    say(f"cancel: {yes_no(future.cancel())}")
    say_state(future)
    await waiter("A", future)


@scenario
async def future_set_by_timer():
    """The value comes from outside of all tasks."""
    future = future_of_loop()
    asyncio.get_running_loop().call_later(10, future.set_result, 7)
    a = start(waiter("A", future))
    await waiter("main", future)
    await a


@scenario
async def future_between_tasks():
    """Two tasks that wait for each other's futures in turn."""
    ping, pong = future_of_loop(), future_of_loop()

    async def answers():
        say(f"B got {await ping}")
        await asyncio.sleep(5)
        pong.set_result(2)
        say("B has answered")

    b = start(answers())
    await asyncio.sleep(5)
    ping.set_result(1)
    say("main has asked")
    say(f"main got {await pong}")
    await b


@scenario(differs="a mistake is reported; it raises only where one can wait",
          python="""
              0  set: InvalidStateError
              0  set error: InvalidStateError
              0  A waits
              0  A got 7
              0  A leaves
              0  run ends
          """,
          here="""
              0  report: a mistake
              0  set: no
              0  report: a mistake
              0  set error: no
              0  A waits
              0  A got 7
              0  A leaves
              0  run ends
          """)
async def future_set_twice():
    """The first value stays."""
    future = future_of_loop()
    future.set_result(7)
    for words, call, value in (("set", future.set_result, 8),
                               ("set error", future.set_exception, E1())):
        try:
            call(value)
        except asyncio.InvalidStateError as error:
            say(f"{words}: {error_name(error)}")
    await waiter("A", future)


@scenario(differs="who sets a future need not know that nobody wants it any "
                  "more",
          python="""
              0  set: InvalidStateError
              0  done: yes, cancelled: yes, cancelled
              0  run ends
          """,
          here="""
              0  set: no
              0  done: yes, cancelled: yes, cancelled
              0  run ends
          """)
async def future_set_after_cancel():
    """The value for a future that was cancelled."""
    future = future_of_loop()
    future.cancel()
    try:
        future.set_result(7)
    except asyncio.InvalidStateError as error:
        say(f"set: {error_name(error)}")
    say_state(future)


# --- Those that wait ----------------------------------------------------------

@scenario
async def future_woken_and_cancelled():
    """One that was given the value and is cancelled before it runs does not
    take it; the others do."""
    future = future_of_loop()
    tasks = {name: start(waiter(name, future)) for name in "ABC"}
    await asyncio.sleep(5)
    future.set_result(7)
    tasks["B"].cancel()
    for name, task in tasks.items():
        await say_outcome(name, task)
    say_state(future)


@scenario(differs="a task that is cancelled leaves the future to the others",
          python="""
              0  A waits
              0  B waits
              5  A: cancelled
              5  A leaves
              5  B: cancelled
              5  B leaves
              5  A: no error
              5  done: yes, cancelled: yes, cancelled
              5  B: no error
              5  run ends
          """,
          here="""
              0  A waits
              0  B waits
              5  A leaves
              5  A: cancelled
              5  done: no, cancelled: no, no error
              5  B got 7
              5  B leaves
              5  B: no error
              5  run ends
          """)
async def future_waiter_cancelled():
    """Two wait, one of them is cancelled."""
    future = future_of_loop()
    a = start(waiter("A", future))
    b = start(waiter("B", future))
    await asyncio.sleep(5)
    a.cancel()
    await say_outcome("A", a)
    say_state(future)
    if not future.done():
        future.set_result(7)
    await say_outcome("B", b)


@scenario
async def future_waiter_cancelled_shielded():
    """The same with Python's shield() around each wait."""
    future = future_of_loop()

    async def shielded(name):
        try:
            say(f"{name} got {await asyncio.shield(future)}")
        finally:
            say(f"{name} leaves")

    a = start(shielded("A"))
    b = start(shielded("B"))
    await asyncio.sleep(5)
    a.cancel()
    await say_outcome("A", a)
    say_state(future)
    future.set_result(7)
    await say_outcome("B", b)


@scenario(differs="a limit ends the wait, not the future",
          python="""
             10  limit: timeout
             10  done: yes, cancelled: yes, cancelled
             10  run ends
          """,
          here="""
             10  limit: timeout
             10  done: no, cancelled: no, no error
             10  run ends
          """)
async def future_with_limit():
    """A limit on the wait passes."""
    future = future_of_loop()
    say(f"limit: {await outcome_of(asyncio.wait_for(future, 10))}")
    say_state(future)


@scenario
async def future_with_limit_shielded():
    """The same with Python's shield() around the wait; then the value."""
    future = future_of_loop()
    for _ in range(2):
        limited = asyncio.wait_for(asyncio.shield(future), 10)
        say(f"limit: {await outcome_of(limited)}")
    asyncio.get_running_loop().call_later(5, future.set_result, 7)
    limited = asyncio.wait_for(asyncio.shield(future), 10)
    say(f"limit: {await outcome_of(limited)}")
    say_state(future)


@scenario
async def future_error_in_timeout():
    """An error and a value that come before the time is up."""
    for value in (E1(), 7):
        future = future_of_loop()
        asyncio.get_running_loop().call_later(
            5, future.set_exception if value != 7 else future.set_result, value)
        try:
            async with asyncio.timeout(10):
                say(f"got {await future}")
        except E1:
            say("E1")


@scenario
async def future_and_timeout():
    """A timeout around a task that waits for a future."""
    future = future_of_loop()

    async def lets_pass():
        try:
            await asyncio.shield(future)
        finally:
            say("main leaves")

    try:
        async with asyncio.timeout(10):
            await lets_pass()
    except TimeoutError:
        say("timeout")
    say_state(future)


@scenario
async def future_made_anew():
    """One wait after the other, each for a new value."""
    for value in range(3):
        future = future_of_loop()
        asyncio.get_running_loop().call_later(5, future.set_result, value)
        say(f"got {await future}")
