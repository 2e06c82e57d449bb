"""How a client asks: one question, or as many as it takes to have all of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from chatcore.aio.client.answers import Answers
from chatcore.aio.client.files.transfers import Transfers
from chatcore.client.session import ClientSession
from chatcore.commands import Command

_Reply = TypeVar("_Reply")
_Line = TypeVar("_Line")


class _Page(Protocol):
    """A part of a list; `more` says whether it goes on."""

    @property
    def more(self) -> bool: ...


_AnyPage = TypeVar("_AnyPage", bound=_Page)


class Asking:
    """What all requests of a `chatcore.Client` are made of.

    All of them may be awaited inside the loop over the events, and by several tasks at a time. While there is no
    connection they wait for the next one; what a lost connection leaves without an answer is asked again.
    """

    def __init__(self, session: ClientSession, answers: Answers, transfers: Transfers) -> None:
        self._session = session
        self._answers = answers
        self._transfers = transfers

    async def _answer(self, command: Command, kind: type[_Reply]) -> _Reply:
        return await self._answers.ask(command, kind)

    async def _all(
        self,
        ask: Callable[[_Line | None], Command],
        kind: type[_AnyPage],
        lines: Callable[[_AnyPage], tuple[_Line, ...]],
    ) -> tuple[_Line, ...]:
        """Return all of a list that comes in pages, each asked for by the last line of the one before."""
        found: list[_Line] = []
        more = True
        while more:
            page = await self._answer(ask(found[-1] if found else None), kind)
            found += lines(page)
            more = page.more and bool(lines(page))
        return tuple(found)
