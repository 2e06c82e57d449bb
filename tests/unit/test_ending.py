"""Tasks of the store on NATS end, whether they hear that they are cancelled or not."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from chatcore_nats.connection.ending import ended
from tests.unit.aio.house import in_virtual_time


async def hears_at_the_second_time() -> None:
    """Do as a task of Python 3.11 that has just been answered."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(3600)
    await asyncio.sleep(3600)


async def fails() -> None:
    raise OSError("no connection")


@in_virtual_time
async def test_task_that_does_not_hear_that_it_is_cancelled_is_cancelled_again() -> None:
    tasks = [asyncio.create_task(each) for each in (hears_at_the_second_time(), fails(), asyncio.sleep(3600))]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended(tasks)
    assert all(task.done() for task in tasks)
