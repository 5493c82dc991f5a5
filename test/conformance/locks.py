# SPDX-License-Identifier: MIT

"""What tasks share: events, locks, semaphores, conditions, barriers."""

import asyncio

from scenario import E1, error_name, say, scenario
from start import outcome_of, say_outcome, start, yes_no


# --- Event --------------------------------------------------------------------

async def event_waiter(name, event):
    try:
        say(f"{name} waits")
        await event.wait()
        say(f"{name} goes on")
    finally:
        say(f"{name} leaves")


@scenario
async def event_wakes_in_order():
    """All wake in the order they came; one that comes later does not wait."""
    event = asyncio.Event()
    a = start(event_waiter("A", event))
    b = start(event_waiter("B", event))
    await asyncio.sleep(5)
    c = start(event_waiter("C", event))
    event.set()
    say(f"is set: {yes_no(event.is_set())}")
    await asyncio.sleep(5)
    d = start(event_waiter("D", event))
    for task in (a, b, c, d):
        await task


@scenario
async def event_set_and_cleared():
    """Who was woken goes on although the event is cleared before it runs."""
    event = asyncio.Event()
    a = start(event_waiter("A", event))
    await asyncio.sleep(5)
    event.set()
    event.clear()
    say(f"is set: {yes_no(event.is_set())}")
    event.set()
    event.set()
    await a
    event.clear()
    b = start(event_waiter("B", event))
    await asyncio.sleep(5)
    event.set()
    event.clear()
    await b
    say(f"is set: {yes_no(event.is_set())}")


@scenario
async def event_waiter_cancelled():
    """Before the event and after it; the others go on."""
    event = asyncio.Event()
    tasks = {name: start(event_waiter(name, event)) for name in "ABCD"}
    await asyncio.sleep(5)
    tasks["B"].cancel()
    event.set()
    tasks["C"].cancel()
    for name, task in tasks.items():
        await say_outcome(name, task)


async def event_waiter_with_limit(name, event, ms):
    say(f"{name} waits")
    say(f"{name}: {await outcome_of(asyncio.wait_for(event.wait(), ms))}")


@scenario
async def event_with_limit():
    """A limit that passes, one that does not, one of several."""
    event = asyncio.Event()
    a = start(event_waiter_with_limit("A", event, 10))
    b = start(event_waiter_with_limit("B", event, 30))
    c = start(event_waiter_with_limit("C", event, 15))
    await asyncio.sleep(20)
    event.set()
    for task in (a, b, c):
        await task
    d = start(event_waiter_with_limit("D", event, 10))
    await d


# --- Lock ---------------------------------------------------------------------

async def lock_user(name, lock, ms):
    try:
        say(f"{name} wants it")
        async with lock:
            say(f"{name} has it")
            await asyncio.sleep(ms)
            say(f"{name} frees it")
    finally:
        say(f"{name} leaves")


@scenario
async def lock_in_order():
    """The lock goes to the one that has waited longest."""
    lock = asyncio.Lock()
    a = start(lock_user("A", lock, 10))
    b = start(lock_user("B", lock, 10))
    c = start(lock_user("C", lock, 10))
    await asyncio.sleep(15)
    d = start(lock_user("D", lock, 0))
    for task in (a, b, c, d):
        await task
    say(f"taken: {yes_no(lock.locked())}")


@scenario
async def lock_wanted_again_at_once():
    """One that frees it and wants it again comes after those that wait, and
    after one that came in between."""
    lock = asyncio.Lock()
    await lock.acquire()
    a = start(lock_user("A", lock, 5))
    await asyncio.sleep(5)
    b = start(lock_user("B", lock, 5))
    lock.release()
    await lock.acquire()
    say("main has it again")
    lock.release()
    await a
    await b


@scenario(differs="the lock belongs to the next task from its release on",
          python="""
              0  A wants it
              5  taken: no
              5  A has it
              5  A frees it
              5  A leaves
              5  taken: no
              5  run ends
          """,
          here="""
              0  A wants it
              5  taken: yes
              5  A has it
              5  A frees it
              5  A leaves
              5  taken: no
              5  run ends
          """)
async def lock_between_release_and_run():
    """Is it taken when the next one has been woken, and has not run?"""
    lock = asyncio.Lock()
    await lock.acquire()
    a = start(lock_user("A", lock, 0))
    await asyncio.sleep(5)
    lock.release()
    say(f"taken: {yes_no(lock.locked())}")
    await a
    say(f"taken: {yes_no(lock.locked())}")


@scenario
async def lock_waiter_cancelled():
    """The others keep their places."""
    lock = asyncio.Lock()
    tasks = {name: start(lock_user(name, lock, 10)) for name in "ABCD"}
    await asyncio.sleep(5)
    tasks["C"].cancel()
    for name, task in tasks.items():
        await say_outcome(name, task)


@scenario
async def lock_cancel_then_release():
    """The one that is cancelled in the same step does not get it."""
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = {name: start(lock_user(name, lock, 5)) for name in "ABCD"}
    await asyncio.sleep(5)
    tasks["A"].cancel()
    tasks["B"].cancel()
    lock.release()
    await asyncio.sleep(1)
    say(f"taken: {yes_no(lock.locked())}")
    for name, task in tasks.items():
        await say_outcome(name, task)


@scenario
async def lock_release_then_cancel():
    """One that was given it and is cancelled before it runs passes it on."""
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = {name: start(lock_user(name, lock, 5)) for name in "ABC"}
    await asyncio.sleep(5)
    lock.release()
    tasks["A"].cancel()
    await asyncio.sleep(1)
    say(f"taken: {yes_no(lock.locked())}")
    for name, task in tasks.items():
        await say_outcome(name, task)
    say(f"taken: {yes_no(lock.locked())}")


@scenario
async def lock_last_waiter_cancelled():
    """The last one was given it and is cancelled: the lock is free."""
    lock = asyncio.Lock()
    await lock.acquire()
    a = start(lock_user("A", lock, 5))
    await asyncio.sleep(5)
    lock.release()
    a.cancel()
    await say_outcome("A", a)
    say(f"taken: {yes_no(lock.locked())}")
    await lock.acquire()
    say("main has it")
    lock.release()


async def lock_user_with_limit(name, lock, ms):
    error = await outcome_of(asyncio.wait_for(lock.acquire(), ms))
    say(f"{name}: {error}")
    if error == "no error":
        await asyncio.sleep(5)
        say(f"{name} frees it")
        lock.release()


@scenario
async def lock_with_limit():
    """One whose limit passes is not in the line any more."""
    lock = asyncio.Lock()
    await lock.acquire()
    a = start(lock_user_with_limit("A", lock, 10))
    b = start(lock_user_with_limit("B", lock, 30))
    c = start(lock_user_with_limit("C", lock, 40))
    await asyncio.sleep(20)
    say("main frees it")
    lock.release()
    for task in (a, b, c):
        await task
    say(f"taken: {yes_no(lock.locked())}")


@scenario
async def lock_and_timeout():
    """A timeout while it is waited for, and one while it is held."""
    lock = asyncio.Lock()
    a = start(lock_user("A", lock, 15))
    await asyncio.sleep(5)
    try:
        async with asyncio.timeout(5):
            await lock_user("main", lock, 5)
    except TimeoutError:
        say("timeout while waiting")
    await a
    try:
        async with asyncio.timeout(5):
            await lock_user("main", lock, 10)
    except TimeoutError:
        say("timeout while holding")
    say(f"taken: {yes_no(lock.locked())}")


async def lock_leaver(lock, how):
    for _ in range(2):
        async with lock:
            say(f"{how}, taken: {yes_no(lock.locked())}")
            if how == "break":
                break
            if how == "continue":
                continue
            if how == "return":
                return
            if how == "raise":
                raise E1
            await asyncio.sleep(10)


@scenario
async def lock_block_left():
    """However the block is left, the lock is free then."""
    lock = asyncio.Lock()
    for how in ("end", "break", "continue", "return", "raise"):
        say(f"{how}: {await outcome_of(lock_leaver(lock, how))}, "
            f"taken: {yes_no(lock.locked())}")
    task = start(lock_leaver(lock, "cancel"))
    await asyncio.sleep(5)
    task.cancel()
    say(f"cancel: {await outcome_of(task)}, taken: {yes_no(lock.locked())}")


@scenario(differs="a mistake is reported; it raises only where one can wait",
          python="""
              0  RuntimeError
              0  taken: no
              0  run ends
          """,
          here="""
              0  report: a mistake
              0  taken: no
              0  run ends
          """)
async def lock_release_of_free():
    """The release of a lock that is free."""
    lock = asyncio.Lock()
    try:
        lock.release()
    except RuntimeError as error:
        say(error_name(error))
    say(f"taken: {yes_no(lock.locked())}")


@scenario(differs="only the task that has a lock may release it",
          python="""
              0  A wants it
              0  A has it
              5  taken: no
             10  A frees it
             10  A leaves
             10  A: RuntimeError
             10  run ends
          """,
          here="""
              0  A wants it
              0  A has it
              5  report: a mistake
              5  taken: yes
             10  A frees it
             10  A leaves
             10  A: no error
             10  run ends
          """)
async def lock_released_by_another():
    """The release of a lock that another task has."""
    lock = asyncio.Lock()
    a = start(lock_user("A", lock, 10))
    await asyncio.sleep(5)
    lock.release()
    say(f"taken: {yes_no(lock.locked())}")
    await say_outcome("A", a)


@scenario(differs="acquiring a lock twice is a mistake that can be seen at "
                  "once",
          python="""
              0  main has it
             10  again: timeout
             10  taken: no
             10  run ends
          """,
          here="""
              0  main has it
              0  report: a mistake
              0  again: misuse
              0  taken: no
              0  run ends
          """)
async def lock_acquired_twice():
    """A task that has the lock acquires it again."""
    lock = asyncio.Lock()
    await lock.acquire()
    say("main has it")
    say(f"again: {await outcome_of(asyncio.wait_for(lock.acquire(), 10))}")
    lock.release()
    say(f"taken: {yes_no(lock.locked())}")


# --- Semaphore ----------------------------------------------------------------

async def permit_user(name, semaphore, ms):
    try:
        async with semaphore:
            say(f"{name} has a permit")
            await asyncio.sleep(ms)
            say(f"{name} releases")
    finally:
        say(f"{name} leaves")


async def permit_taker(name, semaphore):
    try:
        await semaphore.acquire()
        say(f"{name} has a permit")
    finally:
        say(f"{name} leaves")


@scenario
async def semaphore_in_order():
    """As many as there are permits; then in the order they came."""
    semaphore = asyncio.Semaphore(2)
    tasks = [start(permit_user(name, semaphore, 10)) for name in "ABCDE"]
    await asyncio.sleep(5)
    say(f"none left: {yes_no(semaphore.locked())}")
    for task in tasks:
        await task
    say(f"none left: {yes_no(semaphore.locked())}")


@scenario
async def semaphore_released_twice():
    """Two releases wake two; one that comes meanwhile is behind them."""
    semaphore = asyncio.Semaphore(0)
    tasks = [start(permit_taker(name, semaphore)) for name in "ABC"]
    await asyncio.sleep(5)
    tasks.append(start(permit_taker("D", semaphore)))
    semaphore.release()
    semaphore.release()
    say(f"none left: {yes_no(semaphore.locked())}")
    await asyncio.sleep(5)
    semaphore.release()
    await asyncio.sleep(5)
    semaphore.release()
    semaphore.release()
    for task in tasks:
        await task
    say(f"none left: {yes_no(semaphore.locked())}")


@scenario
async def semaphore_cancel_then_release():
    """The first two are cancelled in the same step: the third gets it."""
    semaphore = asyncio.Semaphore(0)
    tasks = {name: start(permit_taker(name, semaphore)) for name in "ABCD"}
    await asyncio.sleep(5)
    tasks["A"].cancel()
    tasks["B"].cancel()
    semaphore.release()
    await asyncio.sleep(5)
    say(f"D waits: {yes_no(not tasks['D'].done())}")
    tasks["D"].cancel()
    for name, task in tasks.items():
        await say_outcome(name, task)
    say(f"none left: {yes_no(semaphore.locked())}")


@scenario
async def semaphore_release_then_cancel():
    """One that was given the permit and is cancelled passes it on."""
    semaphore = asyncio.Semaphore(0)
    tasks = {name: start(permit_taker(name, semaphore)) for name in "ABC"}
    await asyncio.sleep(5)
    semaphore.release()
    semaphore.release()
    tasks["A"].cancel()
    for name, task in tasks.items():
        await say_outcome(name, task)
    semaphore.release()
    d = start(permit_taker("D", semaphore))
    await asyncio.sleep(0)
    d.cancel()
    say(f"D: {await outcome_of(d)}")
    say(f"none left: {yes_no(semaphore.locked())}")


@scenario
async def semaphore_last_waiter_cancelled():
    """A permit given to one that is cancelled is there for those who come."""
    semaphore = asyncio.Semaphore(1)

    async def holder():
        async with semaphore:
            await asyncio.sleep(5)
        b.cancel()

    a = start(holder())
    b = start(permit_taker("B", semaphore))
    await a
    await say_outcome("B", b)
    error = await outcome_of(asyncio.wait_for(semaphore.acquire(), 10))
    say(f"acquire: {error}")


@scenario
async def semaphore_taken_in_turn():
    """One that releases and acquires again is behind those that wait."""
    semaphore = asyncio.Semaphore(1)

    async def twice(name):
        for turn in (1, 2):
            await semaphore.acquire()
            say(f"{name} turn {turn}")
            await asyncio.sleep(10)
            semaphore.release()

    tasks = [start(twice(name)) for name in "ABC"]
    for task in tasks:
        await task


@scenario(differs="one that was given a permit does not wait any more; the "
                  "next permit is for any",
          python="""
              0  A has a permit
              0  A leaves
              5  B has a permit
              5  C has a permit
              5  C leaves
              5  B has one again
              5  none left: yes
              5  run ends
          """,
          here="""
              0  A has a permit
              0  A leaves
              5  B has a permit
              5  B has one again
              5  C has a permit
              5  C leaves
              5  none left: yes
              5  run ends
          """)
async def semaphore_released_in_same_step():
    """B and C are given a permit; B releases its own and acquires again before
    C runs."""
    semaphore = asyncio.Semaphore(1)

    async def again():
        await semaphore.acquire()
        say("B has a permit")
        semaphore.release()
        await semaphore.acquire()
        say("B has one again")

    a = start(permit_taker("A", semaphore))
    b = start(again())
    c = start(permit_taker("C", semaphore))
    await asyncio.sleep(5)
    semaphore.release()
    semaphore.release()
    for task in (a, b, c):
        await task
    say(f"none left: {yes_no(semaphore.locked())}")


@scenario
async def semaphore_with_limit():
    """One whose limit passes takes no permit."""
    semaphore = asyncio.Semaphore(0)

    async def with_limit(name, ms):
        say(f"{name}: "
            f"{await outcome_of(asyncio.wait_for(semaphore.acquire(), ms))}")

    a = start(with_limit("A", 10))
    b = start(with_limit("B", 30))
    await asyncio.sleep(20)
    semaphore.release()
    await a
    await b
    say(f"none left: {yes_no(semaphore.locked())}")


@scenario(differs="a mistake is reported; it raises only where one can wait",
          python="""
              0  ValueError
              0  A has a permit
              5  A releases
              5  A leaves
              5  ValueError
              5  run ends
          """,
          here="""
              0  report: a mistake
              0  A has a permit
              5  A releases
              5  A leaves
              5  report: a mistake
              5  run ends
          """)
async def semaphore_bounded():
    """A release too many."""
    semaphore = asyncio.BoundedSemaphore(2)

    def release():
        try:
            semaphore.release()
        except ValueError as error:
            say(error_name(error))

    release()
    a = start(permit_user("A", semaphore, 5))
    await a
    release()


# --- Condition ----------------------------------------------------------------

async def notified(name, condition):
    try:
        async with condition:
            say(f"{name} waits")
            await condition.wait()
            say(f"{name} goes on, taken: {yes_no(condition.locked())}")
    finally:
        say(f"{name} leaves")


@scenario
async def condition_notify():
    """As many as are asked for, in the order they came; none is kept for one
    that waits later."""
    condition = asyncio.Condition()
    async with condition:
        condition.notify_all()
    tasks = [start(notified(name, condition)) for name in "ABCDE"]
    await asyncio.sleep(5)
    async with condition:
        say("notify 1")
        condition.notify()
    await asyncio.sleep(5)
    async with condition:
        say("notify 2")
        condition.notify(2)
    await asyncio.sleep(5)
    async with condition:
        say("notify 1 and 2048")
        condition.notify()
        condition.notify(2048)
    for task in tasks:
        await task


@scenario
async def condition_notify_all():
    """All go on, one after the other."""
    condition = asyncio.Condition()
    tasks = [start(notified(name, condition)) for name in "ABC"]
    await asyncio.sleep(5)
    async with condition:
        condition.notify_all()
        say("notified all")
    for task in tasks:
        await task


@scenario
async def condition_lock_kept():
    """Who is notified goes on when it has the lock, and keeps it."""
    condition = asyncio.Condition()

    async def keeps_it(name, ms):
        async with condition:
            await condition.wait()
            say(f"{name} goes on")
            await asyncio.sleep(ms)
            say(f"{name} frees it")

    a = start(keeps_it("A", 10))
    b = start(keeps_it("B", 10))
    await asyncio.sleep(5)
    async with condition:
        condition.notify(2)
        say("notified")
        await asyncio.sleep(5)
        c = start(lock_user("C", condition, 5))
        say("main frees it")
    for task in (a, b, c):
        await task


@scenario
async def condition_wait_for():
    """Notified while the predicate is false: waits on."""
    condition = asyncio.Condition()
    level = 0

    async def waits_for(name, wanted):
        async with condition:
            await condition.wait_for(lambda: level >= wanted)
            say(f"{name} goes on at {level}")

    a = start(waits_for("A", 2))
    b = start(waits_for("B", 1))
    c = start(waits_for("C", 0))
    for _ in range(3):
        await asyncio.sleep(5)
        async with condition:
            condition.notify_all()
            say(f"notified at {level}")
        level += 1
    for task in (a, b, c):
        await task


@scenario(differs="a predicate is evaluated by one that has the lock",
          python="""
              0  went on: no error
              0  run ends
          """,
          here="""
              0  report: a mistake
              0  went on: misuse
              0  run ends
          """)
async def condition_wait_for_without_lock():
    """A predicate that is true at once, without the lock."""
    condition = asyncio.Condition()
    say(f"went on: {await outcome_of(condition.wait_for(lambda: True))}")


@scenario
async def condition_waiter_cancelled():
    """It has the lock again when it is cancelled; the next is notified."""
    condition = asyncio.Condition()

    async def says_lock(name):
        async with condition:
            try:
                await condition.wait()
                say(f"{name} goes on")
            finally:
                say(f"{name} stops, taken: {yes_no(condition.locked())}")

    a = start(says_lock("A"))
    await asyncio.sleep(5)
    a.cancel()
    await say_outcome("A", a)
    say(f"taken: {yes_no(condition.locked())}")
    b = start(says_lock("B"))
    await asyncio.sleep(5)
    async with condition:
        condition.notify()
    await say_outcome("B", b)


@scenario
async def condition_cancel_waits_for_lock():
    """The cancellation comes when the lock is free, also the second."""
    condition = asyncio.Condition()
    a = start(notified("A", condition))
    await asyncio.sleep(5)
    async with condition:
        a.cancel()
        await asyncio.sleep(5)
        say("cancel again")
        a.cancel()
        await asyncio.sleep(5)
        say("main frees it")
    await say_outcome("A", a)
    say(f"taken: {yes_no(condition.locked())}")


@scenario
async def condition_cancelled_while_locking():
    """Cancelled when notified and waiting for the lock."""
    condition = asyncio.Condition()
    a = start(notified("A", condition))
    await asyncio.sleep(5)
    async with condition:
        condition.notify()
        await asyncio.sleep(5)
        a.cancel()
        await asyncio.sleep(5)
        say("main frees it")
    await say_outcome("A", a)
    say(f"taken: {yes_no(condition.locked())}")


@scenario(since=(3, 13),
          python="""
              0  A waits
              0  B waits
              5  notified
              5  A leaves
              5  B goes on, taken: yes
              5  B leaves
              5  A: cancelled
              5  B: no error
              5  run ends
          """)
async def condition_notified_and_cancelled():
    """A notification for one that is cancelled goes to the next. (Python up to
    3.12 loses it.)"""
    condition = asyncio.Condition()
    a = start(notified("A", condition))
    b = start(notified("B", condition))
    await asyncio.sleep(5)
    async with condition:
        condition.notify()
        a.cancel()
        say("notified")
    await say_outcome("A", a)
    await say_outcome("B", b)


@scenario(since=(3, 13),
          python="""
              0  A waits
              0  B waits
             15  main frees it
             15  A leaves
             15  B goes on, taken: yes
             15  B leaves
             15  A: cancelled
             15  B: no error
             15  run ends
          """)
async def condition_notification_passed_on():
    """The same when it waits for the lock already."""
    condition = asyncio.Condition()
    a = start(notified("A", condition))
    b = start(notified("B", condition))
    await asyncio.sleep(5)
    async with condition:
        condition.notify()
        await asyncio.sleep(5)
        a.cancel()
        await asyncio.sleep(5)
        say("main frees it")
    await say_outcome("A", a)
    await say_outcome("B", b)


@scenario
async def condition_and_timeout():
    """A timeout around the wait: the lock is held again behind it."""
    condition = asyncio.Condition()
    async with condition:
        try:
            async with asyncio.timeout(10):
                await condition.wait()
        except TimeoutError:
            say(f"timeout, taken: {yes_no(condition.locked())}")
    say(f"taken: {yes_no(condition.locked())}")
    a = start(notified("A", condition))
    await asyncio.sleep(5)
    async with condition:
        condition.notify()
    await a


@scenario
async def condition_two_on_one_lock():
    """Two conditions on one lock are notified separately."""
    lock = asyncio.Lock()
    full, empty = asyncio.Condition(lock), asyncio.Condition(lock)
    a = start(notified("A", full))
    b = start(notified("B", empty))
    await asyncio.sleep(5)
    async with lock:
        empty.notify_all()
    await asyncio.sleep(5)
    async with empty:
        full.notify_all()
    await a
    await b


@scenario(differs="a mistake is reported; it raises only where one can wait",
          python="""
              0  wait: RuntimeError
              0  notify: RuntimeError
              0  notify all: RuntimeError
              0  run ends
          """,
          here="""
              0  report: a mistake
              0  wait: misuse
              0  report: a mistake
              0  report: a mistake
              0  run ends
          """)
async def condition_without_lock():
    """Wait and notify without the lock."""
    condition = asyncio.Condition()
    say(f"wait: {await outcome_of(condition.wait())}")
    for words, call in (("notify", condition.notify),
                        ("notify all", condition.notify_all)):
        try:
            call()
        except RuntimeError as error:
            say(f"{words}: {error_name(error)}")


# --- Barrier ------------------------------------------------------------------

async def party(name, barrier, ms=0):
    try:
        await asyncio.sleep(ms)
        say(f"{name} comes")
        await barrier.wait()
        say(f"{name} goes on")
    finally:
        say(f"{name} leaves")


async def numbered(name, barrier):
    index = await barrier.wait()
    say(f"{name} goes on as {index}")


@scenario
async def barrier_fills():
    """The last goes on at once, then the others in the order they came."""
    barrier = asyncio.Barrier(3)
    a = start(party("A", barrier, 0))
    b = start(party("B", barrier, 5))
    c = start(party("C", barrier, 10))
    await asyncio.sleep(7)
    say(f"{barrier.n_waiting} of {barrier.parties} wait")
    for task in (a, b, c):
        await task
    say(f"{barrier.n_waiting} of {barrier.parties} wait")


@scenario
async def barrier_used_again():
    """The same tasks meet several times."""
    barrier = asyncio.Barrier(3)

    async def meets(name, ms):
        for turn in range(3):
            await asyncio.sleep(ms)
            index = await barrier.wait()
            say(f"{name} turn {turn} as {index}")

    tasks = [start(meets(name, ms)) for name, ms in
             (("A", 5), ("B", 10), ("C", 2))]
    for task in tasks:
        await task


@scenario(differs="who comes while the others go on is counted at once, in the "
                  "order of coming",
          python="""
              0  B turn 0 as 1
              0  A turn 0 as 0
              0  B turn 1 as 1
              0  A turn 1 as 0
              0  run ends
          """,
          here="""
              0  B turn 0 as 1
              0  A turn 0 as 0
              0  A turn 1 as 1
              0  B turn 1 as 0
              0  run ends
          """)
async def barrier_again_at_once():
    """Two tasks meet twice without a pause."""
    barrier = asyncio.Barrier(2)

    async def meets(name):
        for turn in range(2):
            index = await barrier.wait()
            say(f"{name} turn {turn} as {index}")

    a = start(meets("A"))
    b = start(meets("B"))
    await a
    await b


@scenario
async def barrier_of_one():
    """Nobody waits at it."""
    barrier = asyncio.Barrier(1)
    await party("A", barrier)
    await party("A", barrier)
    say(f"{barrier.n_waiting} wait, broken: {yes_no(barrier.broken)}")


@scenario
async def barrier_waiter_cancelled():
    """It is not counted any more; the barrier is not broken."""
    barrier = asyncio.Barrier(3)
    a = start(party("A", barrier))
    b = start(party("B", barrier))
    await asyncio.sleep(5)
    say(f"{barrier.n_waiting} wait")
    a.cancel()
    await say_outcome("A", a)
    say(f"{barrier.n_waiting} wait")
    c = start(party("C", barrier))
    await asyncio.sleep(5)
    say(f"{barrier.n_waiting} wait, broken: {yes_no(barrier.broken)}")
    d = start(party("D", barrier))
    for name, task in (("B", b), ("C", c), ("D", d)):
        await say_outcome(name, task)


@scenario(differs="the numbers are different, also after a cancellation",
          python="""
              5  D goes on as 2
              5  B goes on as 1
              5  C goes on as 1
              5  run ends
          """,
          here="""
              5  D goes on as 2
              5  B goes on as 0
              5  C goes on as 1
              5  run ends
          """)
async def barrier_numbers_after_cancel():
    """The first of those that wait is cancelled; one more comes."""
    barrier = asyncio.Barrier(3)
    a = start(numbered("A", barrier))
    b = start(numbered("B", barrier))
    await asyncio.sleep(5)
    a.cancel()
    await outcome_of(a)
    c = start(numbered("C", barrier))
    d = start(numbered("D", barrier))
    for task in (b, c, d):
        await task


@scenario
async def barrier_aborted():
    """Those that wait and those that come raise, until it is reset."""
    barrier = asyncio.Barrier(3)
    a = start(party("A", barrier))
    b = start(party("B", barrier))
    await asyncio.sleep(5)
    await barrier.abort()
    say(f"broken: {yes_no(barrier.broken)}, {barrier.n_waiting} wait")
    await say_outcome("A", a)
    await say_outcome("B", b)
    say(f"C: {await outcome_of(party('C', barrier))}")
    await barrier.reset()
    say(f"broken: {yes_no(barrier.broken)}")
    tasks = {name: start(party(name, barrier)) for name in "DEF"}
    for name, task in tasks.items():
        await say_outcome(name, task)


@scenario
async def barrier_reset():
    """Those that wait raise; it can be used again at once."""
    barrier = asyncio.Barrier(3)
    await barrier.reset()
    a = start(party("A", barrier))
    b = start(party("B", barrier))
    await asyncio.sleep(5)
    await barrier.reset()
    await say_outcome("A", a)
    await say_outcome("B", b)
    say(f"broken: {yes_no(barrier.broken)}, {barrier.n_waiting} wait")
    tasks = {name: start(party(name, barrier)) for name in "CDE"}
    for name, task in tasks.items():
        await say_outcome(name, task)


@scenario
async def barrier_waiter_wants_again():
    """One that a reset has sent away comes again and is counted."""
    barrier = asyncio.Barrier(3)

    async def persists(name):
        error = await outcome_of(party(name, barrier))
        say(f"{name}: {error}")
        await asyncio.sleep(5)
        await party(name, barrier)

    a = start(persists("A"))
    b = start(persists("B"))
    await asyncio.sleep(5)
    await barrier.reset()
    await asyncio.sleep(10)
    c = start(party("C", barrier))
    for task in (a, b, c):
        await task


@scenario
async def barrier_and_timeout():
    """One whose timeout passes is not counted any more."""
    barrier = asyncio.Barrier(2)
    try:
        async with asyncio.timeout(10):
            await party("A", barrier)
    except TimeoutError:
        say(f"timeout, {barrier.n_waiting} wait")
    b = start(party("B", barrier, 5))
    c = start(party("C", barrier, 10))
    await b
    await c


@scenario(differs="who has met the others goes on, whatever comes then",
          python="""
              0  A comes
              0  B comes
              0  C comes
              0  C goes on
              0  C leaves
              0  C resets
              0  A leaves
              0  B leaves
              0  A: broken
              0  B: broken
              0  C: no error
              0  broken: no
              0  run ends
          """,
          here="""
              0  A comes
              0  B comes
              0  C comes
              0  C goes on
              0  C leaves
              0  C resets
              0  A goes on
              0  A leaves
              0  B goes on
              0  B leaves
              0  A: no error
              0  B: no error
              0  C: no error
              0  broken: no
              0  run ends
          """)
async def barrier_reset_when_met():
    """The last to come resets it before the others have run."""
    barrier = asyncio.Barrier(3)

    async def resets(name):
        await party(name, barrier)
        say(f"{name} resets")
        await barrier.reset()

    a = start(party("A", barrier))
    b = start(party("B", barrier))
    c = start(resets("C"))
    for name, task in (("A", a), ("B", b), ("C", c)):
        await say_outcome(name, task)
    say(f"broken: {yes_no(barrier.broken)}")


@scenario(differs="who has met the others goes on, whatever comes then",
          python="""
              0  A comes
              0  B comes
              0  B goes on
              0  B leaves
              0  B aborts
              0  A leaves
              0  A: broken
              0  B: no error
              0  C comes
              0  C leaves
              0  C: broken
              0  run ends
          """,
          here="""
              0  A comes
              0  B comes
              0  B goes on
              0  B leaves
              0  B aborts
              0  A goes on
              0  A leaves
              0  A: no error
              0  B: no error
              0  C comes
              0  C leaves
              0  C: broken
              0  run ends
          """)
async def barrier_aborted_when_met():
    """The last to come aborts it before the other has run."""
    barrier = asyncio.Barrier(2)

    async def aborts(name):
        await party(name, barrier)
        say(f"{name} aborts")
        await barrier.abort()

    a = start(party("A", barrier))
    b = start(aborts("B"))
    await say_outcome("A", a)
    await say_outcome("B", b)
    say(f"C: {await outcome_of(party('C', barrier))}")
