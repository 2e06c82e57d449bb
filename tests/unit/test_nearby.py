"""Servers that are announced nearby: which of them are asked, and how long they are shown."""

from __future__ import annotations

import asyncio

from chatcore_mdns.looking import MOST, MOST_WAITING, Looking
from tests.unit.aio.house import in_virtual_time


class Street:
    """Servers that are announced, what they answer, and what is shown of them."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        """Of those that answer, after a second; the others are waited for in vain, for three."""
        self.shown: tuple[str, ...] = ()
        self.asked: list[str] = []
        self.looking = Looking(self._ask, self._tell)

    async def _ask(self, name: str) -> str | None:
        self.asked.append(name)
        await asyncio.sleep(1 if name in self.answers else 3)
        return self.answers.get(name)

    def _tell(self, shown: tuple[str, ...]) -> None:
        self.shown = shown


@in_virtual_time
async def test_server_behind_many_names_that_do_not_answer_is_found() -> None:
    """Its turn comes: it is announced once, and nobody else would ask."""
    street = Street()
    street.answers["teacher"] = "the teacher's"
    for number in range(2 * MOST):
        street.looking.came(f"silent {number}")
    street.looking.came("teacher")
    await asyncio.sleep(2)
    assert len(street.asked) == MOST
    await asyncio.sleep(6)
    assert street.shown == ("the teacher's",)


@in_virtual_time
async def test_server_that_goes_while_it_is_asked_is_not_shown() -> None:
    """Nobody would take it away again."""
    street = Street()
    street.answers["gone"] = "gone"
    street.looking.came("gone")
    await asyncio.sleep(0.5)
    street.looking.went("gone")
    await asyncio.sleep(5)
    assert street.shown == ()


@in_virtual_time
async def test_server_that_comes_again_while_it_is_asked_is_asked_again() -> None:
    """It says something else by now."""
    street = Street()
    street.answers["moved"] = "here"
    street.looking.came("moved")
    await asyncio.sleep(0.5)
    street.looking.went("moved")
    street.answers["moved"] = "there"
    street.looking.came("moved")
    await asyncio.sleep(5)
    assert street.shown == ("there",)


@in_virtual_time
async def test_when_so_many_are_shown_another_one_waits_until_one_goes() -> None:
    """It is not forgotten."""
    street = Street()
    for number in range(MOST + 1):
        street.answers[f"server {number}"] = f"{number}"
        street.looking.came(f"server {number}")
    await asyncio.sleep(5)
    assert len(street.shown) == MOST
    street.looking.went("server 7")
    await asyncio.sleep(5)
    assert sorted(street.shown, key=int) == [str(number) for number in range(MOST + 1) if number != 7]


@in_virtual_time
async def test_names_that_wait_have_a_bound_and_the_last_ones_stay() -> None:
    """Somebody may make up names as fast as the network takes them."""
    street = Street()
    street.answers["teacher"] = "the teacher's"
    for number in range(4 * MOST_WAITING):
        street.looking.came(f"silent {number}")
    street.looking.came("teacher")
    await asyncio.sleep(3 * MOST_WAITING / MOST + 2)
    assert street.shown == ("the teacher's",)
    assert len(street.asked) == MOST_WAITING + MOST


@in_virtual_time
async def test_nobody_is_asked_behind_the_end() -> None:
    """Who waits does not wait any longer."""
    street = Street()
    for number in range(2 * MOST):
        street.looking.came(f"silent {number}")
    await asyncio.sleep(1)
    await street.looking.stop()
    await asyncio.sleep(10)
    assert len(street.asked) == MOST
