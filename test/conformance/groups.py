# SPDX-License-Identifier: MIT

"""Several tasks at once: TaskGroup, gather, wait, shield."""

import asyncio

from scenario import (E1, E2, TaskGroup, error_name, say, scenario, work,
                      worker)


async def join(task):
    """Join, and tell how the task ended."""
    try:
        await task
        say("joined")
    except* (E1, E2, TimeoutError, asyncio.CancelledError) as error:
        say(f"joined, {error_name(error)}")


# --- TaskGroup ----------------------------------------------------------------

@scenario
async def group_waits_for_all():
    """The block ends when its body and all members have ended; the results are
    there."""
    async with TaskGroup() as group:
        a = group.create_task(worker("A", 10, returns=1))
        b = group.create_task(worker("B", 5, returns=2))
        say("the body ends")
    say(f"behind the group, got {a.result()} and {b.result()}")


@scenario
async def group_empty():
    """A group without members ends with its body."""
    async with TaskGroup():
        await asyncio.sleep(5)
    say("behind the group")


@scenario
async def group_body_outlives_members():
    """The body may be the last to end."""
    async with TaskGroup() as group:
        group.create_task(worker("A", 5))
        await asyncio.sleep(10)
        say("the body ends")
    say("behind the group")


@scenario
async def group_members_start_in_order():
    """Members take their turn in the order in which they were spawned, when
    the body pauses."""
    async with TaskGroup() as group:
        group.create_task(worker("A", 3))
        group.create_task(worker("B", 2))
        group.create_task(worker("C", 1))
        say("the body ends")


@scenario
async def group_cleanup_belongs_to_it():
    """A member has ended when its cleanup has."""
    async with TaskGroup() as group:
        group.create_task(worker("A", 5, cleanup=10))
    say("behind the group")


@scenario
async def group_error_of_a_member():
    """The first error of a member cancels the others, waits for their cleanup,
    and is raised at the end of the block."""
    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 50, cleanup=10))
            group.create_task(worker("B", 5, E1))
            group.create_task(worker("C", 50))
        say("not reached")
    except* E1:
        say("caught E1")


@scenario
async def group_error_cancels_the_body():
    """... and cancels the body where it waits; its cleanup may wait."""
    async def body():
        try:
            await asyncio.sleep(50)
        finally:
            say("body stops")
            await asyncio.sleep(10)
            say("body is clean")

    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 5, E1))
            await body()
            say("not reached")
    except* E1:
        say("caught E1")


@scenario
async def group_error_of_the_body():
    """An error of the body cancels the members and waits for them."""
    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 50, cleanup=10))
            group.create_task(worker("B", 50))
            await asyncio.sleep(5)
            say("the body raises E1")
            raise E1
    except* E1:
        say("caught E1")


@scenario
async def group_error_before_members_start():
    """Members that have not started when the body fails never run."""
    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 50, cleanup=10))
            raise E1
    except* E1:
        say("caught E1")


@scenario
async def group_error_uncaught():
    """The error of a group ends its task as any other error."""
    async def outer():
        try:
            async with TaskGroup() as group:
                group.create_task(worker("A", 5, E1))
            say("not reached")
        finally:
            say("outer stops")

    await join(asyncio.create_task(outer()))


@scenario
async def group_goes_on_after_an_error():
    """The task of a group that failed is not cancelled: it can wait again."""
    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 5, E1))
            await asyncio.sleep(50)
    except* E1:
        say("caught E1")
    await asyncio.sleep(10)
    say(f"cancelling: {asyncio.current_task().cancelling() > 0}")


@scenario
async def group_member_cancelled():
    """A member that is cancelled by itself disturbs nobody."""
    async with TaskGroup() as group:
        a = group.create_task(worker("A", 50))
        group.create_task(worker("B", 10))
        await asyncio.sleep(5)
        a.cancel()
    say(f"behind the group, A cancelled: {a.cancelled()}")


@scenario
async def group_member_cancels_itself():
    """... not even if it cancels itself."""
    async def suicide():
        asyncio.current_task().cancel()
        await asyncio.sleep(5)

    async with TaskGroup() as group:
        a = group.create_task(suicide())
        group.create_task(worker("B", 10))
    say(f"behind the group, A cancelled: {a.cancelled()}")


@scenario
async def group_cancelled():
    """A cancellation of the task that waits for its members cancels them,
    waits for them, and goes on."""
    async def outer():
        try:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50, cleanup=10))
                group.create_task(worker("B", 50))
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def group_cancelled_in_the_body():
    """The same while the body waits."""
    async def outer():
        try:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50, cleanup=10))
                await worker("body", 50, cleanup=5)
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def group_cancelled_twice():
    """A second cancellation while the members end changes nothing."""
    async def outer():
        try:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50, cleanup=10))
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def group_cancelled_while_it_fails():
    """A cancellation that comes while a failed group waits for its members:
    the error is what the group ends with."""
    async def outer():
        try:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50, cleanup=10))
                group.create_task(worker("B", 5, E1))
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(10)
    task.cancel()
    await join(task)


@scenario
async def group_fails_while_it_is_cancelled():
    """An error in the cleanup of a member that was cancelled with the group
    takes the place of the cancellation."""
    async def fails():
        try:
            await asyncio.sleep(50)
        finally:
            await asyncio.sleep(5)
            say("A raises E1")
            raise E1

    async def outer():
        try:
            async with TaskGroup() as group:
                group.create_task(fails())
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def group_spawn_from_a_member():
    """A member may spawn members; the group waits for them too."""
    async with TaskGroup() as group:
        async def spawns():
            await asyncio.sleep(5)
            group.create_task(worker("B", 10))
            say("A ends")

        group.create_task(spawns())
    say("behind the group")


@scenario
async def group_return_waits():
    """A return out of the block waits for the members."""
    async def outer():
        async with TaskGroup() as group:
            group.create_task(worker("A", 10))
            await asyncio.sleep(5)
            say("returns")
            return 3

    say(f"got {await outer()}")


@scenario
async def group_break_waits():
    """A break out of the block does so as well."""
    while True:
        async with TaskGroup() as group:
            group.create_task(worker("A", 10))
            await asyncio.sleep(5)
            say("breaks")
            break
    say("behind the loop")


@scenario
async def group_member_joined():
    """A member can be joined by another task; an error of it is the group's."""
    async def joins(task):
        say(f"joined, got {await task}")

    async with TaskGroup() as group:
        a = group.create_task(worker("A", 5, returns=4))
        group.create_task(joins(a))
    say("behind the group")


@scenario
async def group_in_group():
    """An error in an inner group ends that first, then the outer one."""
    async def inner():
        try:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50, cleanup=5))
                group.create_task(worker("B", 5, E1))
        finally:
            say("inner stops")

    try:
        async with TaskGroup() as group:
            group.create_task(worker("C", 50))
            group.create_task(inner())
    except* E1:
        say("caught E1")


@scenario
async def group_around_group():
    """An error in an outer group ends the inner one in its body."""
    try:
        async with TaskGroup() as outer:
            outer.create_task(worker("A", 5, E1))
            async with TaskGroup() as inner:
                inner.create_task(worker("B", 50, cleanup=5))
            say("not reached")
    except* E1:
        say("caught E1")


@scenario
async def group_in_group_in_one_task():
    """An error of an inner group that is caught leaves the outer one alone."""
    async with TaskGroup() as outer:
        outer.create_task(worker("A", 20))
        try:
            async with TaskGroup() as inner:
                inner.create_task(worker("B", 50))
                inner.create_task(worker("C", 5, E1))
        except* E1:
            say("caught E1")
        await asyncio.sleep(5)
        say("the body ends")
    say("behind the group")


@scenario
async def group_in_timeout():
    """A timeout around a group ends it when the members have ended."""
    try:
        async with asyncio.timeout(10) as limit:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50, cleanup=5))
                group.create_task(worker("B", 50))
            say("not reached")
    except TimeoutError:
        pass
    say(f"behind, expired: {limit.expired()}")


@scenario
async def group_fails_in_timeout():
    """An error comes through a timeout around the group."""
    try:
        async with asyncio.timeout(10) as limit:
            async with TaskGroup() as group:
                group.create_task(worker("A", 50))
                group.create_task(worker("B", 5, E1))
    except* E1:
        say("caught E1")
    say(f"behind, expired: {limit.expired()}")


@scenario
async def timeout_in_group():
    """A timeout in the body ends its block, and the members go on."""
    async with TaskGroup() as group:
        group.create_task(worker("A", 20))
        try:
            async with asyncio.timeout(10):
                await asyncio.sleep(50)
        except TimeoutError:
            say("behind the timeout")
    say("behind the group")


@scenario
async def group_in_cleanup():
    """The cleanup of a task that was cancelled may open a group."""
    async def outer():
        try:
            await asyncio.sleep(50)
        finally:
            async with TaskGroup() as group:
                group.create_task(worker("A", 5))
                group.create_task(worker("B", 10))
            say("behind the group")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


# --- gather -------------------------------------------------------------------

@scenario
async def gather_results():
    """gather() waits for all; the results are in the order of the arguments."""
    got = await asyncio.gather(worker("A", 10, returns=1),
                               worker("B", 5, returns=2))
    say(f"got {got[0]} and {got[1]}")


@scenario
async def gather_nothing():
    """gather() of nothing ends at once."""
    await asyncio.gather()
    say("gathered")


@scenario
async def gather_keeps_errors():
    """return_exceptions: all run to their end, and each has its own outcome."""
    got = await asyncio.gather(worker("A", 10, returns=1), worker("B", 5, E1),
                               worker("C", 15, E2), return_exceptions=True)
    say(f"got {got[0]}, {error_name(got[1])}, {error_name(got[2])}")


@scenario
async def gather_cancelled():
    """Who waits at gather() and is cancelled cancels them all and waits."""
    async def outer():
        try:
            await asyncio.gather(worker("A", 50), worker("B", 50))
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def gather_keeping_errors_cancelled():
    """The same with return_exceptions."""
    async def outer():
        try:
            await asyncio.gather(worker("A", 50, cleanup=10), worker("B", 50),
                                 return_exceptions=True)
            say("not reached")
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def gather_with_limit():
    """A limit on gather() ends all of them, and raises when they have ended."""
    try:
        await asyncio.wait_for(
            asyncio.gather(worker("A", 50, cleanup=10), worker("B", 5)), 10)
    except TimeoutError:
        say("caught timeout")


@scenario
async def gather_error():
    """The first error comes out of gather()."""
    try:
        await asyncio.gather(worker("A", 5), worker("B", 10, E1))
    except E1:
        say("caught E1")


# --- wait ---------------------------------------------------------------------

@scenario
async def wait_for_all():
    """ALL_COMPLETED: errors do not end the wait, and stay to be taken."""
    a = asyncio.create_task(worker("A", 10, E1))
    b = asyncio.create_task(worker("B", 20))
    done, pending = await asyncio.wait([a, b])
    say(f"done: {len(done)}")
    await join(a)


@scenario
async def wait_for_first():
    """FIRST_COMPLETED: the others go on."""
    a = asyncio.create_task(worker("A", 20, returns=1))
    b = asyncio.create_task(worker("B", 10, returns=2))
    done, pending = await asyncio.wait(
        [a, b], return_when=asyncio.FIRST_COMPLETED)
    say(f"done: {len(done)}, A: {a.done()}, B: {b.done()}")
    say(f"got {await a}")


@scenario
async def wait_for_first_of_those_done():
    """A task that is done already ends that wait at once."""
    a = asyncio.create_task(worker("A", 20))
    b = asyncio.create_task(worker("B", 5))
    await asyncio.sleep(10)
    done, pending = await asyncio.wait(
        [a, b], return_when=asyncio.FIRST_COMPLETED)
    say(f"done: {len(done)}")
    await a


@scenario
async def wait_for_first_error():
    """FIRST_EXCEPTION: an end without an error does not end the wait, nor does
    a cancellation."""
    a = asyncio.create_task(worker("A", 5))
    b = asyncio.create_task(worker("B", 50))
    c = asyncio.create_task(worker("C", 20, E1))
    d = asyncio.create_task(worker("D", 25))
    asyncio.get_running_loop().call_later(10, b.cancel)
    done, pending = await asyncio.wait(
        [a, b, c, d], return_when=asyncio.FIRST_EXCEPTION)
    say(f"done: {len(done)}")
    await join(c)
    await d


@scenario
async def wait_for_first_error_that_is_none():
    """... and all are waited for if there is none."""
    a = asyncio.create_task(worker("A", 5))
    b = asyncio.create_task(worker("B", 10))
    done, pending = await asyncio.wait(
        [a, b], return_when=asyncio.FIRST_EXCEPTION)
    say(f"done: {len(done)}")


@scenario
async def wait_with_limit():
    """A limit raises nothing and cancels nobody."""
    a = asyncio.create_task(worker("A", 5))
    b = asyncio.create_task(worker("B", 20))
    done, pending = await asyncio.wait([a, b], timeout=10)
    say(f"done: {len(done)}")
    await join(b)


@scenario
async def wait_cancelled():
    """Who waits and is cancelled leaves the tasks alone."""
    a = asyncio.create_task(worker("A", 10))

    async def waits():
        try:
            await asyncio.wait([a])
        finally:
            say("stops")

    task = asyncio.create_task(waits())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)
    await join(a)


@scenario
async def wait_and_cancel_the_rest():
    """The first to end ends the others: async_race, in asyncio wait() and
    cancel()."""
    tasks = [asyncio.create_task(worker("A", 50, cleanup=5)),
             asyncio.create_task(worker("B", 10, returns=2)),
             asyncio.create_task(worker("C", 50))]
    done, pending = await asyncio.wait(
        tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    say(f"got {[*done][0].result()}")


# --- shield -------------------------------------------------------------------

@scenario
async def shield_cancelled():
    """A cancellation of who waits at shield(task) leaves the task alone; a
    join does so here."""
    a = asyncio.create_task(worker("A", 10, returns=3))

    async def waits():
        try:
            await asyncio.shield(a)
            say("not reached")
        finally:
            say("stops")

    task = asyncio.create_task(waits())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)
    say(f"got {await a}")


@scenario
async def shield_inner_cancelled():
    """A cancellation of the shielded task is raised in who waits, and can be
    caught."""
    a = asyncio.create_task(worker("A", 50))

    async def waits():
        try:
            await asyncio.shield(a)
        except asyncio.CancelledError:
            say("caught cancelled")
        await asyncio.sleep(5)
        say("goes on")

    task = asyncio.create_task(waits())
    await asyncio.sleep(5)
    a.cancel()
    await join(task)


@scenario
async def shield_error():
    """An error of the shielded task is raised in who waits."""
    a = asyncio.create_task(worker("A", 5, E1))
    try:
        await asyncio.shield(a)
    except E1:
        say("caught E1")


@scenario
async def shielded_block():
    """ASYNC_SHIELD: the block ends before the cancellation goes on. In asyncio
    that takes a task, a shield, and a second wait."""
    async def flash():
        await worker("erase", 10)
        await worker("write", 10)

    async def outer():
        task = asyncio.create_task(flash())
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise
        finally:
            say("stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def shielded_block_that_returns():
    """A return out of the block does not outrun the cancellation."""
    async def flash():
        return await worker("erase", 10, returns=3)

    async def outer():
        task = asyncio.create_task(flash())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise
        finally:
            say("stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)


@scenario
async def shielded_block_in_timeout():
    """The block ends before a timeout around it goes on."""
    async def flash():
        await worker("erase", 10)
        await worker("write", 10)

    async def shielded():
        task = asyncio.create_task(flash())
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise

    try:
        async with asyncio.timeout(5) as limit:
            await shielded()
            say("not reached")
    except TimeoutError:
        say("behind the timeout")
    say(f"expired: {limit.expired()}")


# --- Different on purpose -----------------------------------------------------

@scenario(differs="the first error is raised, others are reported",
          python="""
              0  A begins
              5  A raises E1
              5  A stops
              5  B raises E2
              5  caught E1
              5  caught E2
              5  run ends
          """,
          here="""
              0  A begins
              5  A raises E1
              5  A stops
              5  B raises E2
              5  report: nobody retrieved E2
              5  caught E1
              5  run ends
          """)
async def group_several_errors():
    """More errors while a group ends."""
    async def fails():
        try:
            await asyncio.sleep(50)
        finally:
            say("B raises E2")
            raise E2

    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 5, E1))
            group.create_task(fails())
    except* E1:
        say("caught E1")
    except* E2:
        say("caught E2")


@scenario(differs="who spawns into a group that is ending has it cancelled",
          python="""
              0  A begins
              5  A raises E1
              5  A stops
              5  refused
              5  caught E1
              5  run ends
          """,
          here="""
              0  A begins
              5  A raises E1
              5  A stops
              5  spawned
              5  caught E1
              5  run ends
          """)
async def group_spawn_while_it_ends():
    """A spawn into a group that has failed."""
    async def spawns(group):
        try:
            await asyncio.sleep(50)
        finally:
            coroutine = worker("C", 5)
            try:
                group.create_task(coroutine)
                say("spawned")
            except RuntimeError:
                say("refused")
                coroutine.close()

    try:
        async with TaskGroup() as group:
            group.create_task(worker("A", 5, E1))
            group.create_task(spawns(group))
    except* E1:
        say("caught E1")


@scenario(differs="the first error cancels the others, and they are awaited",
          python="""
              0  A begins
              0  B begins
              5  B raises E1
              5  B stops
              5  caught E1
             20  A ends
             20  A stops
             55  run ends
          """,
          here="""
              0  A begins
              0  B begins
              5  B raises E1
              5  B stops
              5  A stops
              5  caught E1
             55  run ends
          """)
async def gather_error_ends_the_others():
    """gather() with an error while others run."""
    try:
        await asyncio.gather(worker("A", 20), worker("B", 5, E1))
    except E1:
        say("caught E1")
    await asyncio.sleep(50)


@scenario(differs="gather() ends when all have ended",
          python="""
              0  A begins
              0  B begins
              5  A stops
              5  B stops
              5  outer stops
              5  joined, cancelled
             15  A is clean
             25  run ends
          """,
          here="""
              0  A begins
              0  B begins
              5  A stops
              5  B stops
             15  A is clean
             15  outer stops
             15  joined, cancelled
             35  run ends
          """)
async def gather_cancelled_waits():
    """A cancellation of who waits at gather(), with cleanup that waits."""
    async def outer():
        try:
            await asyncio.gather(worker("A", 50, cleanup=10), worker("B", 50))
        finally:
            say("outer stops")

    task = asyncio.create_task(outer())
    await asyncio.sleep(5)
    task.cancel()
    await join(task)
    await asyncio.sleep(20)


@scenario(differs="a member that is cancelled by itself is no error",
          python="""
              0  A begins
              0  B begins
              5  A stops
              5  caught cancelled
             10  B ends
             10  B stops
             25  run ends
          """,
          here="""
              0  A begins
              0  B begins
              5  A stops
             10  B ends
             10  B stops
             10  gathered
             30  run ends
          """)
async def gather_member_cancelled():
    """gather() of which one task is cancelled."""
    a = asyncio.create_task(worker("A", 50))
    asyncio.get_running_loop().call_later(5, a.cancel)
    try:
        await asyncio.gather(a, worker("B", 10))
        say("gathered")
    except asyncio.CancelledError:
        say("caught cancelled")
    await asyncio.sleep(20)


@scenario(differs="waiting takes no error",
          python="""
              0  A begins
              0  B begins
              5  A raises E1
              5  A stops
              5  waited
             10  B ends
             10  B stops
             10  run ends
          """,
          here="""
              0  A begins
              0  B begins
              5  A raises E1
              5  A stops
              5  waited
             10  B ends
             10  B stops
             10  report: nobody retrieved E1
             10  run ends
          """)
async def wait_takes_no_error():
    """FIRST_EXCEPTION looks at the error; nobody else does."""
    a = asyncio.create_task(worker("A", 5, E1))
    b = asyncio.create_task(worker("B", 10))
    await asyncio.wait([a, b], return_when=asyncio.FIRST_EXCEPTION)
    say("waited")
    await b
