# SPDX-License-Identifier: MIT

"""Queues: put and get, their order, join."""

import asyncio

from scenario import error_name, say, scenario
from start import outcome_of, say_outcome, start, yes_no


def nowait(call, *arguments):
    """Put or get without waiting. Returns what came out, or the error."""
    try:
        item = call(*arguments)
    except (asyncio.QueueEmpty, asyncio.QueueFull) as error:
        return error_name(error)
    return "no error" if item is None else f"got {item}"


async def getter(name, queue, count=1):
    try:
        for _ in range(count):
            say(f"{name} gets")
            say(f"{name} got {await queue.get()}")
    finally:
        say(f"{name} leaves")


async def putter(name, queue, first, count=1):
    try:
        for item in range(first, first + count):
            say(f"{name} puts {item}")
            await queue.put(item)
            say(f"{name} has put {item}")
    finally:
        say(f"{name} leaves")


# --- Order --------------------------------------------------------------------

def put_and_get(queue):
    for item in (1, 3, 2):
        say(f"put {item}: {nowait(queue.put_nowait, item)}")
    for _ in range(2):
        say(nowait(queue.get_nowait))
    for item in (5, 4):
        say(f"put {item}: {nowait(queue.put_nowait, item)}")
    while not queue.empty():
        say(nowait(queue.get_nowait))


@scenario
async def queue_order():
    """The oldest first."""
    put_and_get(asyncio.Queue(4))


@scenario
async def queue_lifo_order():
    """The newest first."""
    put_and_get(asyncio.LifoQueue(4))


@scenario
async def queue_priority_order():
    """The smallest first."""
    put_and_get(asyncio.PriorityQueue(4))


@scenario
async def queue_lifo_waiting():
    """Those that wait for room and for items, at a stack."""
    queue = asyncio.LifoQueue(2)
    a = start(putter("A", queue, 1, 4))
    await asyncio.sleep(5)
    b = start(getter("B", queue, 4))
    await a
    await b


@scenario
async def queue_priority_waiting():
    """One that waited gets what is first when it runs."""
    queue = asyncio.PriorityQueue(2)
    a = start(getter("A", queue))
    await asyncio.sleep(5)
    queue.put_nowait(7)
    queue.put_nowait(3)
    await a
    say(nowait(queue.get_nowait))


# --- Full and empty -----------------------------------------------------------

@scenario
async def queue_full_and_empty():
    """Put and get without waiting, and what can be asked."""
    queue = asyncio.Queue(2)
    say(nowait(queue.get_nowait))
    for item in (1, 2, 3):
        say(f"put {item}: {nowait(queue.put_nowait, item)}, "
            f"{queue.qsize()} of {queue.maxsize}")
    for _ in range(3):
        say(f"{nowait(queue.get_nowait)}, {queue.qsize()} of {queue.maxsize}")


@scenario
async def queue_ready_at_once():
    """Nobody waits where there is room, and an item."""
    queue = asyncio.Queue(2)
    await putter("main", queue, 1, 2)
    await getter("main", queue, 2)


@scenario
async def queue_put_waits():
    """A put waits while it is full, and goes on when one was got."""
    queue = asyncio.Queue(2)
    a = start(putter("A", queue, 1, 4))
    await asyncio.sleep(10)
    say(nowait(queue.get_nowait))
    await asyncio.sleep(10)
    say(nowait(queue.get_nowait))
    await a
    say(f"{queue.qsize()} of {queue.maxsize}")


@scenario
async def queue_get_waits():
    """A get waits while it is empty; an item comes from a timer."""
    queue = asyncio.Queue(2)
    asyncio.get_running_loop().call_later(10, queue.put_nowait, 1)
    a = start(getter("A", queue, 2))
    await asyncio.sleep(20)
    await queue.put(2)
    await a


@scenario
async def queue_getters_in_order():
    """Items go to those that have waited longest."""
    queue = asyncio.Queue(2)
    tasks = [start(getter(name, queue)) for name in "ABCD"]
    await asyncio.sleep(5)
    queue.put_nowait(1)
    await asyncio.sleep(5)
    queue.put_nowait(2)
    queue.put_nowait(3)
    await asyncio.sleep(5)
    await queue.put(4)
    for task in tasks:
        await task


@scenario
async def queue_putters_in_order():
    """Room goes to those that have waited longest."""
    queue = asyncio.Queue(2)
    tasks = [start(putter(name, queue, item))
             for item, name in enumerate("ABCDE", 1)]
    for _ in range(5):
        await asyncio.sleep(5)
        say(f"got {await queue.get()}")
    for task in tasks:
        await task


@scenario
async def queue_drained_at_once():
    """All room of a full queue at once: all that wait go on."""
    queue = asyncio.Queue(2)
    tasks = [start(putter(name, queue, item))
             for item, name in enumerate("ABCD", 1)]
    await asyncio.sleep(5)
    for _ in range(queue.qsize()):
        say(nowait(queue.get_nowait))
    for task in tasks:
        await task
    say(f"{queue.qsize()} of {queue.maxsize}")


@scenario
async def queue_one_for_one():
    """A producer and a consumer of different speed lose nothing."""
    queue = asyncio.Queue(2)

    async def produce():
        for item in range(8):
            await queue.put(item)
            say(f"put {item}")
            await asyncio.sleep(3 if item < 4 else 11)

    async def consume():
        for _ in range(8):
            say(f"got {await queue.get()}")
            await asyncio.sleep(7)

    a = start(produce())
    b = start(consume())
    await a
    await b


# --- Who gets it --------------------------------------------------------------

@scenario(differs="an item belongs to the one that waited longest, from the "
                  "put on",
          python="""
              0  A gets
              5  got 1
             10  A got 2
             10  A leaves
             10  run ends
          """,
          here="""
              0  A gets
              5  empty
              5  A got 1
              5  A leaves
             10  got 2
             10  run ends
          """)
async def queue_item_taken_away():
    """A get between the put and the run of the one that waited."""
    queue = asyncio.Queue(2)
    a = start(getter("A", queue))
    await asyncio.sleep(5)
    queue.put_nowait(1)
    say(nowait(queue.get_nowait))
    await asyncio.sleep(5)
    queue.put_nowait(2)
    await a
    if not queue.empty():
        say(nowait(queue.get_nowait))


@scenario(differs="room belongs to the one that waited longest, from the get "
                  "on",
          python="""
              0  A puts 3
              5  got 1
              5  put 4: no error
             10  got 2
             10  got 4
             10  A has put 3
             10  A leaves
             10  got 3
             10  empty
             10  run ends
          """,
          here="""
              0  A puts 3
              5  got 1
              5  put 4: full
              5  A has put 3
              5  A leaves
             10  got 2
             10  got 3
             10  empty
             10  empty
             10  run ends
          """)
async def queue_room_taken_away():
    """A put between the get and the run of the one that waited."""
    queue = asyncio.Queue(2)
    queue.put_nowait(1)
    queue.put_nowait(2)
    a = start(putter("A", queue, 3))
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    say(f"put 4: {nowait(queue.put_nowait, 4)}")
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    say(nowait(queue.get_nowait))
    await a
    say(nowait(queue.get_nowait))
    say(nowait(queue.get_nowait))


# --- Cancel -------------------------------------------------------------------

@scenario
async def queue_get_cancelled():
    """Before the item: it goes to the next."""
    queue = asyncio.Queue(2)
    tasks = {name: start(getter(name, queue)) for name in "ABC"}
    await asyncio.sleep(5)
    tasks["A"].cancel()
    await asyncio.sleep(5)
    queue.put_nowait(1)
    tasks["B"].cancel()
    await asyncio.sleep(5)
    queue.put_nowait(2)
    for name, task in tasks.items():
        await say_outcome(name, task)
    say(nowait(queue.get_nowait))


@scenario
async def queue_get_cancelled_in_same_step():
    """Right before the put: it goes to the next."""
    queue = asyncio.Queue(2)
    tasks = {name: start(getter(name, queue)) for name in "ABC"}
    await asyncio.sleep(5)
    tasks["A"].cancel()
    tasks["B"].cancel()
    queue.put_nowait(1)
    for name, task in tasks.items():
        await say_outcome(name, task)


@scenario
async def queue_last_getter_cancelled():
    """The only one that waits is cancelled after the put: the item stays."""
    queue = asyncio.Queue(2)
    a = start(getter("A", queue))
    await asyncio.sleep(5)
    queue.put_nowait(1)
    a.cancel()
    await say_outcome("A", a)
    say(f"{queue.qsize()} of {queue.maxsize}")
    say(nowait(queue.get_nowait))


@scenario
async def queue_put_cancelled():
    """Before there is room, and after it: nothing was put."""
    queue = asyncio.Queue(2)
    tasks = {name: start(putter(name, queue, item))
             for item, name in enumerate("ABCDEF", 1)}
    await asyncio.sleep(5)
    tasks["C"].cancel()
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    tasks["D"].cancel()
    await asyncio.sleep(5)
    tasks["F"].cancel()
    for name, task in tasks.items():
        await say_outcome(name, task)
    for _ in range(3):
        say(nowait(queue.get_nowait))


@scenario
async def queue_last_putter_cancelled():
    """The only one that waits is cancelled after the get: there is room."""
    queue = asyncio.Queue(2)
    await putter("main", queue, 1, 2)
    a = start(putter("A", queue, 3))
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    a.cancel()
    await say_outcome("A", a)
    say(f"put 4: {nowait(queue.put_nowait, 4)}")
    for _ in range(3):
        say(nowait(queue.get_nowait))


# --- Limits -------------------------------------------------------------------

async def getter_with_limit(name, queue, ms):
    try:
        item = await asyncio.wait_for(queue.get(), ms)
        say(f"{name} got {item}")
    except TimeoutError:
        say(f"{name}: timeout")


@scenario
async def queue_get_with_limit():
    """The one whose limit passes takes nothing."""
    queue = asyncio.Queue(2)
    a = start(getter_with_limit("A", queue, 10))
    b = start(getter_with_limit("B", queue, 30))
    await asyncio.sleep(20)
    queue.put_nowait(1)
    await a
    await b
    queue.put_nowait(2)
    await getter_with_limit("C", queue, 10)
    await getter_with_limit("D", queue, 10)


@scenario
async def queue_put_with_limit():
    """The one whose limit passes has put nothing."""
    queue = asyncio.Queue(2)
    await putter("main", queue, 1, 2)
    say(f"put 3: {await outcome_of(asyncio.wait_for(queue.put(3), 10))}")
    say(nowait(queue.get_nowait))
    say(f"put 4: {await outcome_of(asyncio.wait_for(queue.put(4), 10))}")
    for _ in range(3):
        say(nowait(queue.get_nowait))


@scenario
async def queue_and_timeout():
    """A timeout around several gets keeps what was got."""
    queue = asyncio.Queue(2)
    a = start(putter("A", queue, 1, 2))
    try:
        async with asyncio.timeout(10):
            await getter("main", queue, 3)
    except TimeoutError:
        say("timeout")
    await a
    say(f"{queue.qsize()} of {queue.maxsize}")


# --- Join ---------------------------------------------------------------------

async def joiner(name, queue):
    await queue.join()
    say(f"{name} has joined")


@scenario
async def queue_join():
    """It waits until all items are done, not only got; all that join go on."""
    queue = asyncio.Queue(2)
    await joiner("main", queue)
    await joiner("main", queue)
    queue.put_nowait(1)
    queue.put_nowait(2)
    a = start(joiner("A", queue))
    b = start(joiner("B", queue))
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    say(nowait(queue.get_nowait))
    await asyncio.sleep(5)
    queue.task_done()
    say("one is done")
    await asyncio.sleep(5)
    queue.task_done()
    say("two are done")
    await a
    await b
    await joiner("main", queue)


@scenario
async def queue_put_after_done():
    """One that joins goes on although another item comes before it runs."""
    queue = asyncio.Queue(2)
    queue.put_nowait(1)
    a = start(joiner("A", queue))
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    queue.task_done()
    queue.put_nowait(2)
    b = start(joiner("B", queue))
    await a
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    queue.task_done()
    await b


@scenario
async def queue_join_cancelled():
    """Cancelled, and with a limit: the queue is as it was."""
    queue = asyncio.Queue(2)
    queue.put_nowait(1)
    a = start(joiner("A", queue))
    await asyncio.sleep(5)
    a.cancel()
    await say_outcome("A", a)
    say(f"join: {await outcome_of(asyncio.wait_for(queue.join(), 5))}")
    b = start(joiner("B", queue))
    await asyncio.sleep(5)
    say(nowait(queue.get_nowait))
    queue.task_done()
    await say_outcome("B", b)


@scenario(differs="a mistake is reported; it raises only where one can wait",
          python="""
              0  ValueError
              0  got 1
              0  ValueError
              0  run ends
          """,
          here="""
              0  report: a mistake
              0  got 1
              0  report: a mistake
              0  run ends
          """)
async def queue_done_too_often():
    """More often done than put."""
    queue = asyncio.Queue(2)

    def done():
        try:
            queue.task_done()
        except ValueError as error:
            say(error_name(error))

    done()
    queue.put_nowait(1)
    say(nowait(queue.get_nowait))
    done()
    done()


@scenario
async def queue_workers():
    """Three workers share what is to be done, and are cancelled at the end."""
    queue = asyncio.Queue(2)

    async def work_for_ever(name):
        try:
            while True:
                item = await queue.get()
                say(f"{name} begins {item}")
                await asyncio.sleep(item)
                say(f"{name} has done {item}")
                queue.task_done()
        finally:
            say(f"{name} leaves")

    workers = {name: start(work_for_ever(name)) for name in "ABC"}
    for item in (20, 4, 8, 3, 11, 2, 5):
        await queue.put(item)
    say("all are put")
    await queue.join()
    say("all are done")
    for worker in workers.values():
        worker.cancel()
    for name, worker in workers.items():
        await say_outcome(name, worker)
