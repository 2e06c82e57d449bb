"""Being told something."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import nan

from chatcore.aio.arguments import checks_arguments
from chatcore.aio.client.requests.base import Asking
from chatcore.commands import ListRooms, ListUsers, ReadHistory, Search, WhoIs
from chatcore.events import (
    HistoryRead,
    MessagesFound,
    Posted,
    RoomsListed,
    RoomSummary,
    UserDescribed,
    UsersListed,
    UserSummary,
)


@checks_arguments
class Telling(Asking):
    """Requests that change nothing."""

    async def list_rooms(self) -> tuple[RoomSummary, ...]:
        """Return every room of the server, in the order of the names. Raises `ConnectionClosed`."""
        return await self._all(
            lambda last: ListRooms(last.name if last else None), RoomsListed, lambda page: page.rooms
        )

    async def list_users(self, room: str | None = None) -> tuple[UserSummary, ...]:
        """Return everybody, or everybody in a room, in the order of the names.

        Those whose connection is lost are among them until their grace period is over. Raises `RequestRefused`
        (`no_such_room`), `ConnectionClosed`.
        """
        return await self._all(
            lambda last: ListUsers(room, last.name if last else None), UsersListed, lambda page: page.users
        )

    async def whois(self, username: str) -> UserDescribed:
        """Return what there is to know about a user. Raises `RequestRefused` (`no_such_user`), `ConnectionClosed`."""
        return await self._answer(WhoIs(username), UserDescribed)

    async def history(
        self, room: str | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> tuple[Posted, ...]:
        """Return messages of a room, oldest first: the newest ones, those before a seq, or those after one.

        ::

            page = await chat.history(limit=20)
            older = await chat.history(before=page[0].seq, limit=20) if page else ()

        Args:
            room: any room; `@` for the user's own direct messages, `*` for broadcasts; the present room when left out.
            before: only messages with a lower seq; the newest of them.
            after: only messages with a higher seq; the oldest of them. `before` is not looked at then.
            limit: how many at most. The server has its own limit (200 as a rule), and sends fewer when they are long.

        Raises:
            RequestRefused: `no_such_room`.
            ConnectionClosed: the client has ended.
        """
        return (await self.read_history(room, before=before, after=after, limit=limit)).messages

    async def read_history(
        self, room: str | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> HistoryRead:
        """Return what `history` does, together with the epoch of the log: another one, and each seq counts anew.

        Raises as `history` does.
        """
        return await self._answer(ReadHistory(room or self._session.room, before, after, limit), HistoryRead)

    async def search(
        self,
        words: str = "",
        *,
        sender: str | None = None,
        room: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> MessagesFound:
        """Look for messages in the rooms that the user may read: the newest first, a page at a time.

        ::

            page = await chat.search("key office", sender="bob")
            for message in page.messages:
                print(message.room, message.sender, message.text)
            more = await chat.search("key office", sender="bob", before=page.before) if page.before else None

        Args:
            words: each of them has to be in it, or begin a word of it; case and accents do not matter.
            sender: username that its sender had then.
            room: everywhere when left out.
            since: not said before; a time without a zone is one of this computer's.
            until: said before.
            before: go on where a page ended (`MessagesFound.before`).
            limit: how many at most, up to 100. A page may have fewer, and be followed by others.

        Raises:
            RequestRefused: `bad_request` when there is nothing to look for; `no_such_room`, `room_private`, `banned`.
            ConnectionClosed: the client has ended.
        """
        wanted = Search(
            words,
            sender,
            room,
            _seconds(since),
            _seconds(until),
            before,
            limit,
        )
        return await self.find(wanted)

    async def find(self, wanted: Search) -> MessagesFound:
        """Look for messages by a command. Returns and raises as `search` does."""
        page = await self._answer(wanted, MessagesFound)
        while not page.messages and page.before:
            page = await self._answer(replace(wanted, before=page.before), MessagesFound)
        return page


def _seconds(time: datetime | None) -> float | None:
    """Return seconds since 1970; for one that no clock of this computer has a NaN, which cannot be asked for."""
    try:
        return None if time is None else time.timestamp()
    except (OverflowError, ValueError):
        return nan
