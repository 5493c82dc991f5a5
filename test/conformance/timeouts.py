# SPDX-License-Identifier: MIT

"""Limits: wait_for, timeout."""

import asyncio

from scenario import E1, E2, error_name, say, scenario, work, worker


async def join(task):
    """Join, and tell how the task ended."""
    try:
        await task
        say("joined")
    except (E1, E2, TimeoutError, asyncio.CancelledError) as error:
        say(f"joined, {error_name(error)}")


async def sets(event, ms):
    await asyncio.sleep(ms)
    event.set()
    say("set")


async def wait_for(event, ms):
    """A wait with a limit, and what came of it."""
    try:
        await asyncio.wait_for(event.wait(), ms)
        say("got it")
    except TimeoutError:
        say("caught timeout")


# --- wait_for -----------------------------------------------------------------

@scenario
async def wait_for_in_time():
    """What comes before the limit ends the wait; nothing of the limit is
    left."""
    event = asyncio.Event()
    task = asyncio.create_task(sets(event, 5))
    await wait_for(event, 10)
    await asyncio.sleep(20)
    await join(task)


@scenario
async def wait_for_ready():
    """A wait that is over at once takes no limit."""
    event = asyncio.Event()
    event.set()
    await wait_for(event, 10)


@scenario
async def wait_for_expires():
    """When the limit passes first, TimeoutError is raised; what comes later
    meets nobody."""
    event = asyncio.Event()
    task = asyncio.create_task(sets(event, 15))
    await wait_for(event, 10)
    await join(task)


@scenario
async def wait_for_expires_uncaught():
    """The TimeoutError is an error of the task as any other."""
    async def waits():
        await asyncio.wait_for(asyncio.Event().wait(), 10)

    await join(asyncio.create_task(waits()))


@scenario
async def wait_for_cancelled():
    """A cancellation ends the wait and its limit: it is no timeout."""
    async def waits():
        try:
            await wait_for(asyncio.Event(), 10)
        finally:
            say("stops")

    task = asyncio.create_task(waits())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)
    await asyncio.sleep(20)


@scenario
async def wait_for_cancelled_when_it_came():
    """What was waited for has come, and the task is cancelled before it runs:
    cancelled."""
    event = asyncio.Event()

    async def waits():
        try:
            await event.wait()
            say("not reached")
        finally:
            say("stops")

    async def waits_with_limit():
        async with asyncio.timeout(10):
            await waits()

    task = asyncio.create_task(waits_with_limit())
    await asyncio.sleep(5)
    event.set()
    task.cancel()
    await join(task)


@scenario
async def wait_for_zero():
    """A limit of 0 has passed if the wait is not over at once."""
    await wait_for(asyncio.Event(), 0)


@scenario
async def wait_for_comes_late():
    """The limit has passed by the clock, but what was waited for came before
    the loop could look: it has won."""
    event = asyncio.Event()

    async def works_and_sets():
        await asyncio.sleep(5)
        work(10)
        event.set()
        say("set")

    task = asyncio.create_task(works_and_sets())
    await wait_for(event, 10)
    await join(task)


@scenario
async def wait_for_nothing_comes_late():
    """The same where nothing came: the limit has passed, late."""
    async def works():
        await asyncio.sleep(5)
        work(10)
        say("worked")

    task = asyncio.create_task(works())
    await wait_for(asyncio.Event(), 10)
    await join(task)


@scenario
async def wait_for_join_of_shielded():
    """A limit on a join: the joined task goes on."""
    task = asyncio.create_task(worker("A", 20, returns=3))
    try:
        await asyncio.wait_for(asyncio.shield(task), 10)
    except TimeoutError:
        say("caught timeout")
    say(f"got {await task}")


@scenario
async def wait_for_error_in_time():
    """An error of what is waited for comes through."""
    task = asyncio.create_task(worker("A", 5, E1))
    try:
        await asyncio.wait_for(asyncio.shield(task), 10)
    except E1:
        say("caught E1")


# --- timeout ------------------------------------------------------------------

@scenario
async def timeout_in_time():
    """A block that ends in time is not disturbed, nor is what follows."""
    async with asyncio.timeout(10) as limit:
        await asyncio.sleep(5)
    say(f"expired: {limit.expired()}")
    await asyncio.sleep(20)


@scenario
async def timeout_expires():
    """When the time is up the block is left where it stands; the cleanup of
    calls in it runs, and may wait."""
    try:
        async with asyncio.timeout(10) as limit:
            await worker("A", 50, cleanup=5)
            say("not reached")
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")
    await asyncio.sleep(20)


@scenario
async def timeout_is_no_cancel_of_the_task():
    """A task of which a block timed out is not cancelled."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                await asyncio.sleep(50)
        except TimeoutError:
            say("behind the block")
        await asyncio.sleep(5)

    task = asyncio.create_task(outer())
    await join(task)
    say(f"cancelled: {task.cancelled()}")


@scenario
async def timeout_raises():
    """Behind the block TimeoutError is raised, which is an error of the
    task."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                await asyncio.sleep(50)
            say("not reached")
        finally:
            say("stops")

    await join(asyncio.create_task(outer()))


@scenario
async def timeout_of_many_waits():
    """The limit is one for all that the block waits for."""
    count = 0
    try:
        async with asyncio.timeout(10):
            while True:
                await asyncio.sleep(3)
                count += 1
                say(f"{count}")
    except TimeoutError:
        say("behind the block")


@scenario
async def timeout_passes_errors():
    """An error in the block goes out as it is; the timeout has not expired."""
    try:
        async with asyncio.timeout(10) as limit:
            await worker("A", 5, E1)
    except E1:
        say("caught E1")
    say(f"expired: {limit.expired()}")


@scenario
async def timeout_error_in_cleanup():
    """An error in the cleanup of what timed out takes the timeout's place."""
    async def fails():
        try:
            await asyncio.sleep(50)
        finally:
            say("raises E1")
            raise E1

    try:
        async with asyncio.timeout(10):
            await fails()
        say("not reached")
    except E1:
        say("caught E1")


@scenario
async def timeout_cancelled_from_outside():
    """A cancellation in the block goes through a timeout that has not
    expired."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                await asyncio.sleep(50)
        finally:
            say("stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)
    await asyncio.sleep(20)


@scenario
async def timeout_cancelled_by_itself():
    """The same by a task that cancels itself in the block."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                asyncio.current_task().cancel()
                await asyncio.sleep(50)
            say("not reached")
        finally:
            say("stops")

    await join(asyncio.create_task(outer()))


@scenario
async def timeout_cancelled_in_cleanup():
    """A cancellation that comes in the cleanup of what timed out goes on
    through the timeout."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                await worker("A", 50, cleanup=10)
            say("not reached")
        finally:
            say("stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(15)
    task.cancel()
    await join(task)


@scenario
async def timeout_and_cancel_at_once():
    """The time is up and the task is cancelled before it runs: cancelled."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                await asyncio.sleep(50)
            say("not reached")
        finally:
            say("stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    work(10)
    task.cancel()
    await join(task)


@scenario
async def timeout_zero():
    """A limit of 0 ends the first wait that is not over at once, a sleep(0)
    too."""
    try:
        async with asyncio.timeout(0) as limit:
            say("in the block")
            await asyncio.sleep(0)
            say("not reached")
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def timeout_zero_without_a_wait():
    """... and a block that does not wait runs to its end."""
    async with asyncio.timeout(0) as limit:
        say("in the block")
    say(f"expired: {limit.expired()}")
    await asyncio.sleep(5)


@scenario
async def timeout_late_without_a_wait():
    """A block that works longer than its limit and does not wait any more has
    not expired."""
    async with asyncio.timeout(10) as limit:
        await asyncio.sleep(5)
        work(20)
    say(f"expired: {limit.expired()}")
    await asyncio.sleep(5)


@scenario
async def timeout_late_with_a_wait():
    """... and one that waits once more has."""
    try:
        async with asyncio.timeout(10) as limit:
            work(20)
            await asyncio.sleep(5)
            say("not reached")
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def timeout_at_a_time():
    """timeout_at takes a time instead of a duration."""
    await asyncio.sleep(5)
    try:
        async with asyncio.timeout_at(12) as limit:
            await asyncio.sleep(50)
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def timeout_in_the_past():
    """A time that has passed ends the first wait."""
    await asyncio.sleep(20)
    try:
        async with asyncio.timeout_at(9) as limit:
            say("in the block")
            await asyncio.sleep(0)
            say("not reached")
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def timeout_without_limit():
    """A timeout may have no limit."""
    async with asyncio.timeout(None) as limit:
        await asyncio.sleep(50)
    say(f"expired: {limit.expired()}")


# --- Nested -------------------------------------------------------------------

@scenario
async def nested_inner_expires():
    """The inner timeout ends its own block only."""
    async with asyncio.timeout(30) as outer:
        try:
            async with asyncio.timeout(10) as inner:
                await worker("A", 50)
        except TimeoutError:
            say("behind the inner block")
        await asyncio.sleep(5)
    say(f"expired: {outer.expired()} {inner.expired()}")


@scenario
async def nested_outer_expires():
    """The outer timeout ends both blocks; the inner one has not expired."""
    try:
        async with asyncio.timeout(10) as outer:
            try:
                async with asyncio.timeout(30) as inner:
                    await worker("A", 50)
                say("not reached")
            finally:
                say("leaves the inner block")
            say("not reached")
    except TimeoutError:
        say("behind the outer block")
    say(f"expired: {outer.expired()} {inner.expired()}")


@scenario
async def nested_both_expire():
    """Both limits have passed when the loop looks: the outer one wins."""
    async def crunch():
        async with asyncio.timeout(10):
            work(30)
            await asyncio.sleep(50)
        say("not reached")

    try:
        async with asyncio.timeout(20) as outer:
            await crunch()
            say("not reached")
    except TimeoutError:
        say("behind the outer block")
    say(f"expired: {outer.expired()}")


@scenario
async def nested_outer_expires_in_cleanup_of_inner():
    """The outer limit passes while what the inner one ended is cleaning up:
    the cleanup ends, and the outer one wins."""
    async def inner():
        try:
            async with asyncio.timeout(10):
                await worker("A", 50, cleanup=30)
            say("not reached")
        finally:
            say("inner stops")

    try:
        async with asyncio.timeout(20) as outer:
            await inner()
            say("not reached")
    except TimeoutError:
        say("behind the outer block")
    say(f"expired: {outer.expired()}")


@scenario
async def nested_one_after_the_other():
    """The inner limit passes, the program goes on behind it, and the outer one
    passes there."""
    try:
        async with asyncio.timeout(20) as outer:
            try:
                async with asyncio.timeout(10):
                    await asyncio.sleep(50)
            except TimeoutError:
                say("behind the inner block")
            await asyncio.sleep(50)
            say("not reached")
    except TimeoutError:
        say("behind the outer block")
    say(f"expired: {outer.expired()}")


# Before 3.11.3 asyncio.timeout did not raise TimeoutError in the cleanup of a
# task that was cancelled (gh-102780).
@scenario(since=(3, 11, 3),
          python="""
             10  cleanup begins
             15  cleanup stops
             15  cleanup took too long
             15  behind the outer block
             15  expired: True
             15  run ends
          """)
async def nested_in_cleanup():
    """A timeout bounds the cleanup of what another one has ended."""
    async def inner():
        try:
            await asyncio.sleep(50)
        finally:
            try:
                async with asyncio.timeout(5):
                    await worker("cleanup", 50)
            except TimeoutError:
                say("cleanup took too long")

    try:
        async with asyncio.timeout(10) as outer:
            await inner()
            say("not reached")
    except TimeoutError:
        say("behind the outer block")
    say(f"expired: {outer.expired()}")


# Before 3.11.3 asyncio.timeout did not raise TimeoutError in the cleanup of a
# task that was cancelled (gh-102780).
@scenario(since=(3, 11, 3),
          python="""
              5  cleanup begins
             10  cleanup stops
             10  cleanup took too long
             10  joined, cancelled
             10  run ends
          """)
async def timeout_in_cleanup_of_cancelled():
    """The same for a task that was cancelled: it stays cancelled."""
    async def outer():
        try:
            await asyncio.sleep(50)
        finally:
            try:
                async with asyncio.timeout(5):
                    await worker("cleanup", 50)
            except TimeoutError:
                say("cleanup took too long")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def cancel_in_timeout_in_cleanup():
    """A second cancellation in such a cleanup is no timeout."""
    async def outer():
        try:
            await asyncio.sleep(50)
        finally:
            async with asyncio.timeout(20):
                await worker("cleanup", 50)
            say("not reached")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def nested_inner_raises():
    """The TimeoutError of an inner block is caught in the outer one."""
    async with asyncio.timeout(30) as limit:
        try:
            async with asyncio.timeout(10):
                await worker("A", 50, cleanup=5)
            say("not reached")
        except TimeoutError:
            say("caught timeout")
        await asyncio.sleep(5)
    say(f"expired: {limit.expired()}")


@scenario
async def nested_inner_raises_through():
    """... and if it is not caught, it leaves the outer block, which has not
    expired."""
    try:
        async with asyncio.timeout(30) as limit:
            async with asyncio.timeout(10):
                await asyncio.sleep(50)
            say("not reached")
    except TimeoutError:
        say("caught timeout")
    say(f"expired: {limit.expired()}")


@scenario
async def nested_both_raise():
    """Both limits have passed when the loop looks: one TimeoutError is raised,
    behind the outer block."""
    async def fails_after():
        async with asyncio.timeout(10):
            work(30)
            await asyncio.sleep(50)
        say("not reached")

    try:
        async with asyncio.timeout(20) as limit:
            try:
                await fails_after()
            except TimeoutError:
                say("caught the inner timeout")
            say("not reached")
    except TimeoutError:
        say("caught timeout")
    say(f"expired: {limit.expired()}")


@scenario
async def raising_timeout_cancelled_in_cleanup():
    """The task is cancelled in the cleanup of what timed out: cancelled, not
    TimeoutError."""
    async def outer():
        try:
            async with asyncio.timeout(10):
                await worker("A", 50, cleanup=10)
            say("not reached")
        finally:
            say("stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(15)
    task.cancel()
    await join(task)


# --- Reschedule ---------------------------------------------------------------

@scenario
async def reschedule_later():
    """A new limit counts instead of the old one."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(10) as limit:
            await asyncio.sleep(5)
            limit.reschedule(loop.time() + 20)
            await asyncio.sleep(15)
            say("still in the block")
            await asyncio.sleep(15)
            say("not reached")
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def reschedule_sooner():
    """It may be nearer."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(100) as limit:
            await asyncio.sleep(5)
            limit.reschedule(loop.time() + 3)
            await asyncio.sleep(15)
            say("not reached")
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def reschedule_off_and_on():
    """The limit may be taken away, and set again."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(10) as limit:
            limit.reschedule(None)
            await asyncio.sleep(30)
            say("still in the block")
            limit.reschedule(loop.time() + 5)
            await asyncio.sleep(50)
    except TimeoutError:
        pass
    say(f"expired: {limit.expired()}")


@scenario
async def reschedule_from_another_task():
    """Another task may do it."""
    limits = []

    async def outer():
        try:
            async with asyncio.timeout(50) as limit:
                limits.append(limit)
                await asyncio.sleep(100)
        except TimeoutError:
            say("behind the block")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    limits[0].reschedule(asyncio.get_running_loop().time() + 5)
    await join(task)


@scenario
async def reschedule_too_late():
    """A timeout that has expired, or whose block is over, cannot be given
    another limit."""
    loop = asyncio.get_running_loop()

    def reschedule(limit):
        try:
            limit.reschedule(loop.time() + 20)
            say("rescheduled")
        except RuntimeError:
            say("too late")

    async def sleeps(limit):
        try:
            await asyncio.sleep(50)
        finally:
            reschedule(limit)

    try:
        async with asyncio.timeout(10) as limit:
            await sleeps(limit)
    except TimeoutError:
        say("behind the block")
    reschedule(limit)
    async with asyncio.timeout(10) as limit:
        pass
    reschedule(limit)


# --- Different on purpose -----------------------------------------------------

@scenario(differs="a wait that is over at once is not limited, not even by 0",
          python="""
              0  caught timeout
              0  run ends
          """,
          here="""
              0  got it
              0  run ends
          """)
async def wait_for_zero_when_ready():
    """A limit of 0 on a wait that is over at once: Python does not start it."""
    event = asyncio.Event()
    event.set()
    await wait_for(event, 0)
