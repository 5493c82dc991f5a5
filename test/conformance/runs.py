# SPDX-License-Identifier: MIT

"""run: how a program begins and ends."""

import asyncio

from scenario import E1, E2, say, scenario, worker


@scenario
async def run_ends_well():
    """run() runs a coroutine to its end, cleanup included."""
    await worker("main", 5, cleanup=5)


@scenario
async def run_raises_the_error():
    """An error that main does not catch is what run() ends with."""
    try:
        await worker("main", 5, E1)
    finally:
        await asyncio.sleep(5)
        say("clean")


@scenario
async def run_raises_the_error_of_the_cleanup():
    """An error in main's cleanup takes the place of the first."""
    try:
        await worker("main", 5, E1)
    finally:
        await worker("cleanup", 5, E2)


@scenario
async def run_cancelled_by_main():
    """A main that cancels itself: run() ends as cancelled."""
    asyncio.current_task().cancel()
    await worker("main", 5)


@scenario
async def run_cancels_what_is_left():
    """Tasks that are left when main ends are cancelled and awaited."""
    asyncio.create_task(worker("A", 50))
    await asyncio.sleep(5)
    say("main ends")


@scenario
async def run_waits_for_cleanup():
    """The cleanup of tasks that are left may wait; each takes its time."""
    asyncio.create_task(worker("A", 7, cleanup=10))
    asyncio.create_task(worker("B", 50, cleanup=20))
    await asyncio.sleep(10)
    say("main ends")


@scenario
async def run_leaves_cleanup_alone():
    """A task that main has cancelled itself, and that is cancelled once more at
    the end: its cleanup ends."""
    task = asyncio.create_task(worker("A", 50, cleanup=10))
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.sleep(5)
    say("main ends")


@scenario
async def run_cancels_after_an_error():
    """The tasks that are left end before run() raises main's error."""
    asyncio.create_task(worker("A", 50, cleanup=10))
    await asyncio.sleep(5)
    say("main raises E2")
    raise E2


@scenario
async def run_reports_errors_of_what_is_left():
    """An error of a task that ends after main is reported."""
    async def fails():
        try:
            await asyncio.sleep(50)
        finally:
            await asyncio.sleep(5)
            say("A raises E1")
            raise E1

    asyncio.create_task(fails())
    await asyncio.sleep(5)
    say("main ends")


@scenario
async def run_lets_those_left_join_each_other():
    """A task that is left may wait, in its cleanup, for another one."""
    async def cleans_up():
        try:
            await asyncio.sleep(50)
        finally:
            await asyncio.sleep(10)
            say("A is clean")

    async def waits(other):
        try:
            await asyncio.sleep(50)
        finally:
            say("B stops")
            try:
                await other
            except asyncio.CancelledError:
                say("B saw the end of A")

    a = asyncio.create_task(cleans_up())
    asyncio.create_task(waits(a))
    await asyncio.sleep(5)
    say("main ends")


@scenario
async def deadlock():
    """Nothing is ready, and nothing can come: both sides see it on a virtual
    clock. The cleanup runs."""
    try:
        await asyncio.Event().wait()
    finally:
        say("main stops")


@scenario
async def deadlock_of_two():
    """The same in two tasks that wait for each other."""
    events = [asyncio.Event(), asyncio.Event()]

    async def waits(i):
        await events[i].wait()
        events[1 - i].set()

    task = asyncio.create_task(waits(0))
    await asyncio.sleep(5)
    try:
        await waits(1)
    finally:
        say("main stops")



# --- Different on purpose -----------------------------------------------------

@scenario(differs="what is spawned while run() ends is cancelled as well",
          python="""
              5  main ends
              5  A spawns B
              5  B begins
             10  A is clean
             10  B stops
             10  report: Task was destroyed but it is pending!
             10  run ends
          """,
          here="""
              5  main ends
              5  A spawns B
             10  A is clean
             10  run ends
          """)
async def run_spawns_while_it_ends():
    """A task that is spawned in the cleanup of one that is left."""
    async def spawns():
        try:
            await asyncio.sleep(50)
        finally:
            say("A spawns B")
            asyncio.create_task(worker("B", 50))
            await asyncio.sleep(5)
            say("A is clean")

    asyncio.create_task(spawns())
    await asyncio.sleep(5)
    say("main ends")


@scenario(differs="to stop the loop is to cancel main",
          python="""
              0  stop
              0  main stops
              0  run raises RuntimeError
          """,
          here="""
              0  stop
              0  main stops
              0  run raises cancelled
          """)
async def stop_in_run():
    """loop.stop() in run()."""
    try:
        asyncio.get_running_loop().stop()
        say("stop")
        await asyncio.sleep(5)
        say("main ends")
    finally:
        say("main stops")


@scenario(differs="no task runs between the end of main and the end",
          python="""
              0  main ends
              0  A begins
              0  A stops
             10  A is clean
             10  run ends
          """,
          here="""
              0  main ends
              0  run ends
          """)
async def run_cancels_what_has_not_started():
    """A task that main spawns last thing, without waiting any more."""
    asyncio.create_task(worker("A", 5, cleanup=10))
    say("main ends")
