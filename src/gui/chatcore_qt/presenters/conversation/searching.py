"""Search in all that the server has, and the way to what was found."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chatcore.commands import Search
from chatcore.errors import ChatcoreError
from chatcore.text.finding.line import parse_search
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.asking import Asking
from chatcore_qt.presenters.conversation.conversation import Conversation, moment
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.replies import Replies
from chatcore_qt.presenters.reasons import why
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import translate

_PAGE: Final = 50
_READ_IN: Final = 10.0
"""Seconds in which a room that is opened is read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found."""

    room: str
    seq: int
    sender: str
    text: str
    at: datetime


class Searching:
    """Asks the server for messages.

    Args:
        conversations: of the server.
        asking: asks the server.
        replies: leads to a message.
    """

    def __init__(self, conversations: Conversations, asking: Asking, replies: Replies) -> None:
        self.asked: Signal[[str]] = Signal()
        """The user wants to look for this."""
        self._all = conversations
        self._asking = asking
        self._replies = replies

    async def find(self, line: str, before: str | None = None) -> tuple[list[Hit], str | None, str]:
        """Look for a line as it is typed behind `/search`.

        Args:
            line: words, and `from:NAME`, `in:ROOM`, `since:DATE`, `until:DATE`.
            before: go on where a page ended.

        Returns:
            what was found, the newest first; what to go on with, None when that was all; and why nothing could be
            looked for, or nothing was found, as a sentence.
        """
        wanted, client = parse_search(line), self._asking.client()
        if wanted is None:
            return [], None, translate("Find", "A date is written as 2026-11-27, and a room alone is too little.")
        if wanted == Search():
            return [], None, ""
        if client is None or not client.connected:
            return [], None, notices.no_connection()
        try:
            page = await client.find(replace(wanted, before=before, limit=_PAGE))
        except ChatcoreError as error:
            return [], None, why(error)
        hits = [Hit(each.room, each.seq, each.sender, each.text, moment(each.at)) for each in page.messages]
        return hits, page.before, "" if hits or before else translate("Find", "Nothing was found.")

    def go_to(self, hit: Hit) -> None:
        """Show the room of a message, and lead to it, however long ago it was said."""
        place = self._all.of_room(hit.room)
        self._all.show(place)
        self._asking.start(self._lead_to(place, hit.seq), place)

    async def _lead_to(self, place: Conversation, seq: int) -> None:
        if place.opening:
            ready = asyncio.Event()
            self._all.opened.connect(ready.set)
            try:
                async with asyncio.timeout(_READ_IN):
                    await ready.wait()
            except TimeoutError:
                pass  # then it is told that it cannot be had
            finally:
                self._all.opened.disconnect(ready.set)
        await self._replies.go_to(place, place.key_of(seq))
