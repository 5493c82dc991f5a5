# SPDX-License-Identifier: MIT

"""Tasks of a scenario and what becomes of them; see start.h."""

import asyncio

from scenario import error_name, say


def start(coroutine):
    """Run a coroutine as a task."""
    return asyncio.create_task(coroutine)


async def outcome_of(awaitable):
    """Wait for its end. Returns the name of its error."""
    try:
        await awaitable
    except (Exception, asyncio.CancelledError) as error:
        return error_name(error)
    return "no error"


async def say_outcome(name, task):
    """Wait for its end and say with which error."""
    say(f"{name}: {await outcome_of(task)}")


def yes_no(yes):
    return "yes" if yes else "no"
