"""What `chatcore connect` writes as a filter: text for scripts, JSON for programs, more of it for a person."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from typing import Protocol

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.errors import ErrorCode
from chatcore.events import FileProgressed
from chatcore.events import files as f
from chatcore.text.names import name_key
from chatcore.text.safe_text import harmless
from chatcore_cli.chatting.showing.json_lines import Progress, json_line
from chatcore_cli.chatting.showing.render import Renderer, chosen_text, gap_text, plain, plain_message
from chatcore_cli.chatting.streams import Output
from chatcore_cli.saying.out import complain, tell
from chatcore_cli.saying.texts import _


class Shown(Protocol):
    """Where events go."""

    async def event(self, event: e.ClientEvent) -> None:
        """Show what has happened, unless it goes without saying."""

    async def answer(self, answer: e.ClientEvent) -> None:
        """Show what somebody has asked for, whatever it is."""

    async def text(self, lines: Iterable[str]) -> None:
        """Show what this program itself says to a command."""


class JsonEvents:
    """Each event as a line of JSON."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._progress = Progress()

    async def event(self, event: e.ClientEvent) -> None:
        """Write it."""
        if _answers_our_farewell(event):
            return
        if isinstance(event, FileProgressed) and not self._progress.is_news(event, asyncio.get_running_loop().time()):
            return
        await self._output.write(json_line(event))  # ASCII

    async def answer(self, answer: e.ClientEvent) -> None:
        """Write it as any other event."""
        await self.event(answer)

    async def text(self, lines: Iterable[str]) -> None:
        """Say it on standard error: it is no JSON."""
        for line in lines:
            tell(line)


class _TextEvents:
    def __init__(self, client: Client, output: Output, renderer: Renderer) -> None:
        self._client = client
        self._output = output
        self._renderer = renderer

    async def answer(self, answer: e.ClientEvent) -> None:
        """Write it as a terminal shows it."""
        self._renderer.me = self._client.username
        await self.text(map(plain, self._renderer.lines(answer)))

    async def text(self, lines: Iterable[str]) -> None:
        """Write it as it is."""
        for line in lines:
            await self._output.write(harmless(line, keep_layout=True) + "\n")

    def _is_of_another(self, event: e.Posted) -> bool:
        return event.cid is None and name_key(event.sender) != name_key(self._client.username)


class ScriptEvents(_TextEvents):
    """Messages of others as lines; what else a script may have to know, on standard error."""

    _loss_told = False  # in a connection that does not last, the attempts go on counting

    async def event(self, event: e.ClientEvent) -> None:
        """Write it, or complain of it."""
        match event:
            case e.Posted():
                if self._is_of_another(event):
                    await self.text([plain_message(event, for_people=os.isatty(1))])
            case f.FileOffered() | f.FileReceived() | f.FileSent() | f.FileFailed() | f.WayChosen():
                for line in self._renderer.lines(event):
                    complain(plain(line))
            case e.TransportChosen() if event.why != "first":
                complain(chosen_text(event))
            case e.ConnectionLost() if event.stranger or not self._loss_told:
                self._loss_told = True
                complain(self._renderer.lost_text(event))
            case e.GapFound():
                complain(gap_text(event))
            case e.Dismissed() if not _answers_our_farewell(event):
                complain(self._renderer.dismissed_text(event))
            case e.Welcomed():
                if self._loss_told:
                    complain(_("Connected again."))
                self._loss_told = False


class PersonEvents(_TextEvents):
    """What a terminal would show, in plain lines."""

    _room: str | None = None  # where the person is; None before the first login

    async def event(self, event: e.ClientEvent) -> None:
        """Write it, but for what the person has typed, and for a list of rooms that nobody has asked for."""
        if _answers_our_farewell(event) or isinstance(event, e.RoomsListed):
            return
        self._renderer.me = self._client.username
        lines = self._renderer.lines(event)  # of what the person has typed, too: it may be quoted later
        if isinstance(event, e.Welcomed):
            lines = self._renderer.welcome(event)
            if self._room is not None:
                left = self._room if name_key(self._room) != name_key(event.room) else ""
                lines = self._renderer.welcome_back(event, None, left)
        if isinstance(event, e.Welcomed | e.RoomEntered):
            self._room = event.room
        if not isinstance(event, e.Posted) or self._is_of_another(event):
            await self.text(map(plain, lines))


def _answers_our_farewell(event: e.ClientEvent) -> bool:
    return isinstance(event, e.Accepted) or (isinstance(event, e.Dismissed) and event.code == ErrorCode.LOGGED_OUT)
