"""What was said before, read from the server: on coming back, and on scrolling up. All of it stays within reach."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from itertools import count
from typing import Any, Final

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.errors import RequestRefused
from chatcore.text.names import name_key
from chatcore_qt.presenters.conversation.conversation import Conversation, entry_of, in_order
from chatcore_qt.presenters.conversation.conversations import Conversations, Entry
from chatcore_qt.presenters.conversation.reacting import with_names
from chatcore_qt.presenters.entries.timeline import MessageEntry
from chatcore_qt.presenters.rooms.room_list import RoomList

Start = Callable[[Coroutine[Any, Any, None]], object]

_PAGE: Final = 100
_TRIES: Final = 3
_CLOSED: Final = 1000
"""So many messages are read to close a hole; with more, a conversation begins with the newest ones."""


class History:
    """Reads what was said.

    Args:
        conversations: of the server.
        rooms: knows what of them was read.
        show: shows a message at the end of a room's conversation.
        begin_anew: is told that a room has another log.
        start: runs a coroutine, and keeps a reference to it.
    """

    def __init__(
        self,
        conversations: Conversations,
        rooms: RoomList,
        show: Callable[[Conversation, e.Posted], None],
        begin_anew: Callable[[Conversation, str], None],
        start: Start,
    ) -> None:
        self._all = conversations
        self._rooms = rooms
        self._show = show
        self._begin_anew = begin_anew
        self._start = start
        self._client: Client | None = None
        self._numbers = count(1)
        self._direct_first = 0  # the lowest seq of direct messages that was seen; 0 for none
        self.direct_last = 0
        """The highest seq of direct messages that was seen; 0 for none."""
        self._direct_complete = False

    def attach(self, client: Client | None) -> None:
        """Go on with a client that is logged in, or without one."""
        self._client = client

    @property
    def connected(self) -> bool:
        """Whether anything can be read now."""
        return self._client is not None and self._client.connected

    # On coming back.

    def catch_up(self, conversation: Conversation, head: int, *, live: bool) -> None:
        """Read what is newer than what is shown of a room; live messages wait meanwhile.

        Args:
            conversation: the room's.
            head: up to which `seq` there are messages.
            live: whether what is said from now on comes by itself, and that is certain.
        """
        conversation.loading = next(self._numbers)
        conversation.ahead.clear()  # what is asked for now includes it
        self._start(self._catch_up(conversation, conversation.loading, head, live=live))

    async def _catch_up(self, conversation: Conversation, number: int, head: int, *, live: bool) -> None:
        found: list[e.Posted] = []
        try:
            if self._client is not None:
                found = await self._newest(self._client, conversation, head, live=live)
                self._all.bar(conversation, None)
        except RequestRefused as error:
            self._all.bar(conversation, error)
            # Or it is a server without history, or the room is gone; what is said from now on comes all the same
        finally:
            current = conversation.loading == number
            if current:
                conversation.loading = 0
                self._join(conversation, found, head if live else 0)
        if current:
            await self._load_older(conversation)

    async def _newest(self, client: Client, conversation: Conversation, head: int, *, live: bool) -> list[e.Posted]:
        """Return what is behind what is shown; else the newest page, and what was not read before it."""
        begun = conversation.begun
        if begun and conversation.last and conversation.epoch and head - conversation.last <= _CLOSED:
            found = await self._between(client, conversation, conversation.last, head, conversation.epoch)
            if found is not None:
                return found
        # What comes by itself goes on behind the head.
        page = await client.read_history(conversation.name, before=head + 1 if live else None, limit=_PAGE)
        if page.epoch != conversation.epoch:
            self._begin_anew(conversation, page.epoch)
        known = conversation.last or self._rooms.read_up_to(conversation.name)
        first = page.messages[0].seq if page.messages else 0
        between: list[e.Posted] | None = None
        if (known or begun) and first - known <= _CLOSED:
            between = await self._between(client, conversation, known, first - 1, page.epoch)
        return [*(between or ()), *page.messages]

    async def _between(
        self, client: Client, conversation: Conversation, after: int, upto: int, epoch: str
    ) -> list[e.Posted] | None:
        """Return the messages between two places, as far as the server has them; None when the log is another one."""
        found: list[e.Posted] = []
        while after < upto:
            part = await client.read_history(conversation.name, after=after, limit=min(_PAGE, upto - after))
            if part.epoch != epoch:
                return None
            if not part.messages:
                break
            found += part.messages
            after = found[-1].seq
        return found

    def renew(self, conversation: Conversation, changes: int | None) -> None:
        """Read again what is shown of a room: nobody has told what became of that meanwhile.

        That is the newest page, and what was not read before that; the rest is forgotten, and read when it is wanted.

        Args:
            conversation: the room's.
            changes: how many changes of its messages there were by now; None when nobody knows.
        """
        conversation.changes = None
        if conversation.last:
            self._start(self._renew(conversation, changes))

    async def _renew(self, conversation: Conversation, changes: int | None) -> None:
        epoch, upto = conversation.epoch, conversation.last
        read = self._rooms.read_up_to(conversation.name)
        for _try in range(_TRIES):
            told = conversation.told
            found: list[e.Posted] = []
            first = upto + 1
            while self._client is not None and (not found or (read + 1 < first and len(found) < _CLOSED)):
                try:
                    page = await self._client.read_history(conversation.name, before=first, limit=_PAGE)
                except RequestRefused:
                    return  # a server without history
                if page.epoch != epoch or page.epoch != conversation.epoch:
                    return
                if not page.messages:
                    break  # older ones have left the log
                found, first = [*page.messages, *found], page.messages[0].seq
            if self._client is not None and told == conversation.told:
                # Else what was read may be older than what was told since.
                self._all.flush()
                conversation.forget_before(first)
                for posted in found:
                    self._put_right(conversation, posted)
                conversation.know_changes(changes)
                return

    def _put_right(self, conversation: Conversation, posted: e.Posted) -> None:
        """Show a message as it is now, if it is loaded and another one than that."""
        entry = conversation.timeline.find(conversation.key_of(posted.seq))
        if isinstance(entry, MessageEntry):
            read = entry_of(posted, entry.key, self._all.names)
            reactions = with_names(read.reactions, entry.reactions)
            now = replace(entry, text=read.text, change=read.change, reactions=reactions)
            if now != entry:
                conversation.timeline.replace(entry.key, now)

    def _join(self, conversation: Conversation, messages: list[e.Posted], head: int) -> None:
        """Show what was read, and what came meanwhile, behind what is shown; there has to be something up to `head`."""
        ahead, conversation.ahead = conversation.ahead, []
        self._all.flush()
        found = in_order([*messages, *ahead], conversation.last)
        begun = conversation.begun
        if begun and found and found[0].seq - conversation.last > _CLOSED:
            conversation.begin_with_newest()
            begun = False
        for posted in found:
            if begun and posted.seq > conversation.last + 1:
                self._all.miss(conversation, posted.seq - conversation.last - 1)
            begun = True
            self._show(conversation, posted)
        if head > conversation.last:
            if begun:
                self._all.miss(conversation, head - conversation.last)
            conversation.last = head
        self._all.flush()
        self._all.ready(conversation)

    # On scrolling up.

    def load_older(self, conversation: Conversation) -> None:
        """Read what was said before the first message shown, as soon as it is possible."""
        conversation.older_wanted = True
        self._start(self._load_older(conversation))

    async def _load_older(self, conversation: Conversation) -> None:
        while conversation.older_wanted and self._client is not None:
            if conversation.loading or conversation.loading_older:
                return  # whoever is at it goes on with this
            conversation.loading_older = True
            try:
                if conversation.kind == "direct":
                    await self._older_direct(self._client, conversation)
                else:
                    await self._older_page(self._client, conversation)
            except RequestRefused:
                conversation.older_wanted = False
                raise
            finally:
                conversation.loading_older = False

    async def reach(self, conversation: Conversation, seq: int) -> None:
        """Read a room's older messages until that one is shown, or none is left. Raises `RequestRefused`."""
        epoch, before = conversation.epoch, 0
        while self._client is not None and conversation.epoch == epoch and not conversation.complete:
            if conversation.first in (before, 0) or conversation.first <= seq:
                return
            before = conversation.first
            await self._older_page(self._client, conversation)

    async def _older_page(self, client: Client, conversation: Conversation) -> None:
        self._all.flush()
        if conversation.complete:
            conversation.older_wanted = False
            return
        first = conversation.first
        reply = await client.read_history(conversation.name, before=first, limit=_PAGE)
        self._all.flush()
        if reply.epoch != conversation.epoch:
            self.catch_up(conversation, 0, live=False)  # which begins anew
        elif conversation.first == first:
            conversation.older_wanted = False
            older = [posted for posted in in_order(reply.messages, 0) if posted.seq < first]
            conversation.floor = conversation.floor if older else first
            entries = [entry_of(posted, conversation.key_of(posted.seq), self._all.names) for posted in older]
            conversation.timeline.prepend(entries, conversation.key_of(first))

    # Direct messages: one log for all conversations.

    def direct_seen(self, seq: int) -> None:
        """Count a direct message as shown."""
        self._direct_first = min(seq, self._direct_first or seq)
        self.direct_last = max(seq, self.direct_last)

    def forget_direct(self) -> None:
        """Begin with another log of direct messages."""
        self._direct_first = self.direct_last = 0
        self._direct_complete = False
        self._all.names.begin_anew(e.DIRECT_LOG)

    async def load_direct(self) -> None:
        """Read the newest direct messages of a session that began elsewhere."""
        if self._client is not None:
            try:
                await self._direct_page(self._client)
            except RequestRefused:
                return
            self._all.changed.emit()

    async def _older_direct(self, client: Client, conversation: Conversation) -> None:
        shown = len(conversation.timeline.entries)
        if not self._direct_first or self._direct_complete:
            conversation.older_wanted = False
            return
        await self._direct_page(client)
        if len(conversation.timeline.entries) > shown:
            conversation.older_wanted = False

    async def _direct_page(self, client: Client) -> None:
        messages = await client.history(e.DIRECT_LOG, before=self._direct_first or None, limit=_PAGE)
        self._all.flush()
        self._direct_complete = not messages or messages[0].seq == 1
        for place, entries in self._by_partner(messages).items():
            place.timeline.prepend(entries)
        for posted in messages:
            self.direct_seen(posted.seq)

    def _by_partner(self, messages: Iterable[e.Posted]) -> dict[Conversation, list[Entry]]:
        found: dict[Conversation, list[Entry]] = {}
        for posted in messages:
            if isinstance(posted, e.DirectPosted):
                entry = entry_of(posted, direct_key(posted), self._all.names)
                partners = posted.to if entry.own else (posted.sender,)
                for name in {name_key(name): name for name in partners}.values():
                    found.setdefault(self._all.with_user(name), []).append(entry)
        return found


def direct_key(posted: e.DirectPosted) -> str:
    """Return the key of a direct message: the log is another one after each session, so its time tells it apart."""
    return f"@/{posted.seq}/{posted.at}"
