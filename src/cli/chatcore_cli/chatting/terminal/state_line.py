"""The line below the prompt: what is not as it should be, how far files are, what is unread in other rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from math import ceil
from typing import Final

from prompt_toolkit import PromptSession

from chatcore.events import FileProgressed, FileState
from chatcore_cli.chatting.showing.files import progress_text
from chatcore_cli.saying.out import styled
from chatcore_cli.saying.texts import _

_TICK: Final = 1.0


class StateLine:
    """Shows that line.

    Args:
        prompt: what it stands below.
        text: returns what it says now.
        goes_on: tells whether that may be something else soon without anybody telling it.
    """

    def __init__(self, prompt: PromptSession[str], text: Callable[[], str], goes_on: Callable[[], bool]) -> None:
        self._prompt = prompt
        self._text = text
        self._goes_on = goes_on
        self._timer: asyncio.TimerHandle | None = None

    def update(self) -> None:
        """Show how things are now."""
        text = self._text()
        self._prompt.bottom_toolbar = styled([("", text)]) if text else None
        self._prompt.app.invalidate()
        if self._goes_on():
            self.update_within(_TICK)

    def update_within(self, seconds: float) -> None:
        """Show it again after a while: it has a clock, and nothing tells when the server asks for patience."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if loop.time() < self._timer.when() <= loop.time() + seconds:
                return  # sooner than that
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self.update)

    def end(self) -> None:
        """Show nothing by itself any more."""
        if self._timer is not None:
            self._timer.cancel()


def state_text(
    *, connected: bool, patience: float, unsent: int, asked: int, files: Iterable[FileProgressed], news: str
) -> str:
    """Return what the line says; nothing when all is well.

    Args:
        connected: whether there is a connection.
        patience: for how many seconds the server asks for patience.
        unsent: how many messages and commands are not sent yet.
        asked: how many requests have no answer yet.
        files: those that are under way, or on offer.
        news: what is unread in other rooms.
    """
    said = [progress_text(one) for one in files if one.state is not FileState.OFFERED]
    connection = _connection_text(unsent, ceil(patience)) if connected else _no_connection_text(unsent + asked)
    return "  ".join(filter(None, [connection, *said, news]))


def _no_connection_text(count: int) -> str:
    return _("not connected, {count} unsent").format(count=count) if count else _("not connected")


def _connection_text(count: int, seconds: int) -> str:
    if seconds and count:
        text = _("{count} unsent: the server asks for patience, it goes on in {seconds} s")
    elif seconds:
        text = _("the server asks for patience, it goes on in {seconds} s")
    else:
        text = _("{count} unsent") if count else ""
    return text.format(count=count, seconds=seconds)
