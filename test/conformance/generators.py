# SPDX-License-Identifier: MIT

"""Async generators: values, leaving the loop early, errors, cancellation.

Python closes a generator that was left early some time later; where it is to
be compared, `aclosing` closes it at once, as libasync does.
"""

import asyncio
from contextlib import aclosing

from scenario import E1, E2, error_name, say, scenario
from start import outcome_of, say_outcome, start, yes_no


async def counter(name, first, count, ms=0, error=None, cleanup=0,
                  cleanup_error=None):
    """Give the numbers from `first` on, then end or raise."""
    try:
        say(f"{name} starts")
        for i in range(count):
            yield first + i
            await asyncio.sleep(ms)
        if error is not None:
            raise error
        say(f"{name} ends")
    finally:
        say(f"{name} stops")
        if cleanup:
            await asyncio.sleep(cleanup)
            say(f"{name} is clean")
        if cleanup_error is not None:
            raise cleanup_error


# --- Values -------------------------------------------------------------------

@scenario
async def generator_values():
    """One value after the other; the time between them is the generator's."""
    async with aclosing(counter("A", 1, 3, 10)) as values:
        async for value in values:
            say(f"got {value}")
    say("after it")


@scenario
async def generator_waits_for_body():
    """It does not run while the body does."""
    async with aclosing(counter("A", 1, 3, 5)) as values:
        async for value in values:
            say(f"got {value}")
            await asyncio.sleep(20)
            say("body ends")


@scenario
async def generator_without_values():
    """The body never runs."""
    async with aclosing(counter("A", 1, 0, cleanup=5)) as values:
        async for value in values:
            say(f"got {value}")
    say("after it")


@scenario
async def generator_returns():
    """A return ends the loop; the cleanup awaits before that."""
    async def up_to_two():
        try:
            yield 1
            yield 2
            if True:
                return
            yield 3
        finally:
            await asyncio.sleep(5)
            say("A is clean")

    async with aclosing(up_to_two()) as values:
        async for value in values:
            say(f"got {value}")
    say("after it")


@scenario
async def generator_continue():
    """A continue goes on with the next value."""
    async with aclosing(counter("A", 1, 4, 5)) as values:
        async for value in values:
            if value % 2 == 0:
                continue
            say(f"got {value}")


@scenario
async def generators_beside_each_other():
    """Two tasks, each with its own."""
    async def takes(name, first, ms):
        async with aclosing(counter(name, first, 3, ms)) as values:
            async for value in values:
                say(f"{name} got {value}")

    a = start(takes("A", 1, 10))
    b = start(takes("B", 11, 4))
    await a
    await b


@scenario
async def generators_nested_loops():
    """A new one for each turn of an outer loop; the inner is left by break."""
    async with aclosing(counter("A", 1, 2, 10)) as outer:
        async for i in outer:
            async with aclosing(counter("B", 10 * i, 3, 1)) as inner:
                async for j in inner:
                    say(f"got {i} and {j}")
                    if j % 10 == i:
                        break


async def doubled(name, count):
    """A generator that takes from another."""
    try:
        values = counter(f"{name}'s", 1, count, 5, cleanup=3)
        async with aclosing(values):
            async for value in values:
                yield 2 * value
        say(f"{name} ends")
    finally:
        say(f"{name} stops")


@scenario
async def generator_of_generator():
    """A value goes through two of them."""
    async with aclosing(doubled("A", 3)) as values:
        async for value in values:
            say(f"got {value}")


@scenario
async def generator_of_generator_left():
    """Both are closed, the inner one first."""
    async with aclosing(doubled("A", 3)) as values:
        async for value in values:
            say(f"got {value}")
            if value == 4:
                break
    say("after it")


# --- Leaving the loop ---------------------------------------------------------

@scenario
async def generator_break():
    """Its cleanup ends before the program goes on behind the loop."""
    async with aclosing(counter("A", 1, 3, 10, cleanup=5)) as values:
        async for value in values:
            say(f"got {value}")
            if value == 2:
                break
    say("after it")


@scenario
async def generator_return():
    """The same for a return out of the loop."""
    async def finds():
        try:
            async with aclosing(counter("A", 1, 3, 10, cleanup=5)) as values:
                async for value in values:
                    if value == 2:
                        return value
        finally:
            say("main stops")

    say(f"found {await finds()}")


@scenario
async def generator_body_raises():
    """The same for an error of the body, which goes on then."""
    async def takes():
        try:
            async with aclosing(counter("A", 1, 3, 10, cleanup=5)) as values:
                async for value in values:
                    say(f"got {value}")
                    if value == 2:
                        raise E1
        finally:
            say("main stops")

    say(f"main: {await outcome_of(takes())}")


@scenario
async def generator_close_is_not_caught():
    """Closing it is no error that it could catch."""
    async def catches():
        for i in range(3):
            try:
                yield i
            except Exception:
                say("caught")
            say("wanted again")

    async with aclosing(catches()) as values:
        async for value in values:
            say(f"got {value}")
            if value == 1:
                break
    say("after it")


@scenario
async def generator_with_lock():
    """A lock that is held around a value is free when it has been closed."""
    lock = asyncio.Lock()

    async def locked():
        for i in range(3):
            async with lock:
                yield i

    async with aclosing(locked()) as values:
        async for value in values:
            say(f"got {value}, taken: {yes_no(lock.locked())}")
            if value == 1:
                break
    say(f"taken: {yes_no(lock.locked())}")


@scenario
async def generator_closes_others():
    """Other tasks run while its cleanup awaits."""
    async def takes():
        async with aclosing(counter("A", 1, 3, 5, cleanup=10)) as values:
            async for value in values:
                say(f"got {value}")
                break
        say("A is left")

    async def ticks():
        for _ in range(3):
            await asyncio.sleep(4)
            say("tick")

    a = start(takes())
    b = start(ticks())
    await a
    await b


@scenario(differs="a generator that is left is closed before the program goes "
                  "on",
          python="""
              0  A starts
              0  got 1
              0  after it
              0  A stops
              5  A is clean
             10  run ends
          """,
          here="""
              0  A starts
              0  got 1
              0  A stops
              5  A is clean
              5  after it
             15  run ends
          """)
async def generator_break_without_aclosing():
    """Left by break, and nothing said about closing it."""
    async for value in counter("A", 1, 3, 5, cleanup=5):
        say(f"got {value}")
        break
    say("after it")
    await asyncio.sleep(10)


# --- Errors -------------------------------------------------------------------

@scenario
async def generator_raises():
    """Its error comes at the loop; its cleanup has run."""
    async def takes():
        async with aclosing(counter("A", 1, 2, 5, error=E1)) as values:
            async for value in values:
                say(f"main got {value}")

    say(f"main: {await outcome_of(takes())}")


@scenario
async def generator_catches():
    """An error that it catches itself does not come to the loop."""
    async def fails():
        await asyncio.sleep(5)
        raise E1

    async def tries():
        for i in range(3):
            try:
                await fails()
            except E1:
                say("A caught E1")
            yield i

    async with aclosing(tries()) as values:
        async for value in values:
            say(f"got {value}")


@scenario
async def generator_cleanup_raises():
    """An error of the cleanup: after the end, after break and return, after an
    error, which it replaces."""
    async def takes(how):
        async with aclosing(counter("A", 1, 2, cleanup_error=E2)) as values:
            async for _ in values:
                if how == "break":
                    break
                if how == "return":
                    return
                if how == "raise":
                    raise E1

    for how in ("end", "break", "return", "raise"):
        say(f"{how}: {await outcome_of(takes(how))}")


@scenario(differs="a mistake is reported, and has its own error",
          python="""
              0  got 1
              0  main: RuntimeError
              0  run ends
          """,
          here="""
              0  got 1
              0  report: a mistake
              0  main: misuse
              0  run ends
          """)
async def generator_value_in_cleanup():
    """It gives a value while it is being closed."""
    async def stubborn():
        try:
            yield 1
        finally:
            yield 2

    async def takes():
        async with aclosing(stubborn()) as values:
            async for value in values:
                say(f"got {value}")
                break

    say(f"main: {await outcome_of(takes())}")


@scenario(differs="a generator object is used once, as any coroutine",
          python="""
              0  A starts
              0  got 1
              0  A ends
              0  A stops
              0  once more: no error
              0  run ends
          """,
          here="""
              0  A starts
              0  got 1
              0  A ends
              0  A stops
              0  report: a mistake
              0  once more: misuse
              0  run ends
          """)
async def generator_used_again():
    """A loop over one that has ended."""
    values = counter("A", 1, 1)

    async def takes():
        async for value in values:
            say(f"got {value}")

    await takes()
    say(f"once more: {await outcome_of(takes())}")


@scenario(differs="a timeout around a value could end the wrong thing",
          python="""
              0  got 1
              5  main: no error
              5  run ends
          """,
          here="""
              0  report: a mistake
              0  main: misuse
              0  run ends
          """)
async def generator_value_in_timeout():
    """It gives a value inside a timeout of its own."""
    async def timed():
        async with asyncio.timeout(10):
            yield 1

    async def takes():
        async with aclosing(timed()) as values:
            async for value in values:
                say(f"got {value}")
                await asyncio.sleep(5)

    say(f"main: {await outcome_of(takes())}")


# --- Cancel -------------------------------------------------------------------

async def taker(name, ms, body, cleanup):
    try:
        values = counter(name, 1, 3, ms, cleanup=cleanup)
        async with aclosing(values):
            async for value in values:
                say(f"{name} got {value}")
                await asyncio.sleep(body)
        say(f"{name} is through")
    finally:
        say(f"{name} leaves")


@scenario
async def generator_cancelled_in_it():
    """The task is cancelled where the generator awaits."""
    a = start(taker("A", 10, 0, 5))
    await asyncio.sleep(15)
    a.cancel()
    await say_outcome("A", a)


@scenario
async def generator_cancelled_in_body():
    """The task is cancelled where the body awaits."""
    a = start(taker("A", 0, 10, 5))
    await asyncio.sleep(15)
    a.cancel()
    await say_outcome("A", a)


@scenario
async def generator_cancelled_twice():
    """The second cancellation ends the cleanup, in both cases."""
    a = start(taker("A", 10, 0, 20))
    b = start(taker("B", 0, 10, 20))
    await asyncio.sleep(15)
    a.cancel()
    b.cancel()
    await asyncio.sleep(5)
    say("again")
    a.cancel()
    b.cancel()
    await say_outcome("A", a)
    await say_outcome("B", b)


@scenario
async def generator_cancelled_while_closing():
    """It is being closed after a break when the task is cancelled."""
    async def takes():
        try:
            async with aclosing(counter("A", 1, 3, cleanup=20)) as values:
                async for _ in values:
                    break
            say("A is through")
        finally:
            say("A leaves")

    a = start(takes())
    await asyncio.sleep(5)
    a.cancel()
    await say_outcome("A", a)


@scenario
async def generator_and_timeout():
    """The time is up in the generator, in the body, and in neither."""
    for ms, body in ((10, 0), (0, 10), (1, 1)):
        try:
            async with asyncio.timeout(15):
                await taker("A", ms, body, 5)
        except TimeoutError:
            say("timeout")


@scenario
async def generator_of_generator_cancelled():
    """Cancelled at the loop over it: both are closed, the inner one first."""
    async def takes():
        async with aclosing(doubled("A", 3)) as values:
            async for value in values:
                say(f"got {value}")
                await asyncio.sleep(10)

    a = start(takes())
    await asyncio.sleep(20)
    a.cancel()
    say(f"main: {await outcome_of(a)}")


@scenario
async def generator_over_queue():
    """It gives what comes through a queue, until the last."""
    queue = asyncio.Queue(2)

    async def items():
        while True:
            item = await queue.get()
            if item < 0:
                return
            yield item
            queue.task_done()

    async def puts():
        for item in (1, 2, 3, -1):
            await asyncio.sleep(5)
            await queue.put(item)

    a = start(puts())
    async with aclosing(items()) as values:
        async for value in values:
            say(f"got {value}")
            await asyncio.sleep(7)
    say("after it")
    await a
