"""A server that does not come back is given up, after the time that the user has for it."""

from __future__ import annotations

import asyncio

from chatcore_cli.chatting.joining.absence import Absence
from tests.unit.aio.house import in_virtual_time


class Watched:
    """An absence that is watched: when it was given up, and whether the server is there."""

    def __init__(self, seconds: float | None) -> None:
        self.is_back = False
        self.given_up: list[float] = []
        self._began = asyncio.get_running_loop().time()
        self.absence = Absence(seconds, lambda: self.is_back, lambda: self.given_up.append(self.passed()))

    def passed(self) -> float:
        return asyncio.get_running_loop().time() - self._began


@in_virtual_time
async def test_server_is_given_up_once_however_many_attempts_there_are() -> None:
    watched = Watched(10.0)
    for attempt in (1, 2, 3):
        watched.absence.lost(attempt)
        await asyncio.sleep(3.0)
    await asyncio.sleep(100.0)
    assert watched.given_up == [10.0]


@in_virtual_time
async def test_each_loss_has_the_whole_time() -> None:
    watched = Watched(10.0)
    watched.absence.lost(1)
    await asyncio.sleep(9.0)
    watched.absence.lost(1)
    await asyncio.sleep(100.0)
    assert watched.given_up == [19.0]


@in_virtual_time
async def test_server_that_is_back_is_not_given_up_and_its_next_attempts_count_anew() -> None:
    """In a connection that does not last, they go on counting."""
    watched = Watched(10.0)
    watched.absence.lost(1)
    watched.is_back = True
    await asyncio.sleep(15.0)
    assert watched.given_up == []
    watched.is_back = False
    watched.absence.lost(2)
    await asyncio.sleep(100.0)
    assert watched.given_up == [25.0]


@in_virtual_time
async def test_nothing_is_given_up_by_who_has_all_the_time_or_has_left() -> None:
    for seconds in (None, 10.0):
        watched = Watched(seconds)
        watched.absence.lost(1)
        if seconds is not None:
            watched.absence.forget()
        await asyncio.sleep(100.0)
        assert watched.given_up == []
