"""Whether a private conversation is still one with the same person: names are given up and taken where nobody hears it.

That is in other rooms, and while the connection is lost. So before something is sent to somebody whom the user does not
have in sight, the server is asked who that is: since when they are there, and whose account it is. That is compared
with what it answered when they were first heard of: a session may have come by the name long after it began.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from chatcore.aio.client import Client
from chatcore.commands import SendDirect
from chatcore.errors import ConnectionClosed, RequestRefused
from chatcore.events import DirectPosted, UserDescribed
from chatcore.text.names import name_key
from chatcore_qt.presenters.conversation.asking import Start
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.own_messages import Sent


class Acquaintance:
    """Writes to somebody in private, once it is certain that it is the one whom it was written for.

    Args:
        conversations: of the server.
        client: returns the client that is logged in, if one is.
        start: runs a request; what is refused is told in the conversation.
        give_back: gets a text that could not be said in a conversation.
    """

    def __init__(
        self,
        conversations: Conversations,
        client: Callable[[], Client | None],
        start: Start,
        give_back: Callable[[Conversation, str], object],
    ) -> None:
        self._all = conversations
        self._outbox = conversations.outbox
        self._client = client
        self._start = start
        self._give_back = give_back
        self._waiting: dict[Conversation, list[tuple[Sent, str]]] = {}
        """What waits for the answer who that is, and how it was typed."""

    def write(self, place: Conversation, text: str, line: str) -> None:
        """Say something in private, or give back the line as it was typed."""
        direct = SendDirect((place.name,), text)
        if self._all.is_in_doubt(place):
            self._give_back(place, line)
        elif self._is_certain(place):
            self._outbox.post(direct)
        else:
            waiting = self._outbox.hold(direct), line
            self._waiting.setdefault(place, []).append(waiting)
            self._start(self._write(place, waiting), place)

    def ask(self, place: Conversation, then: Callable[[], object]) -> None:
        """Do something for the one at the other side, once it is certain that it is that one."""
        if self._is_certain(place):
            then()
        else:
            self._start(self._ask(place, then), place)

    async def _ask(self, place: Conversation, then: Callable[[], object]) -> None:
        if await self._is_same(place):
            then()

    async def _write(self, place: Conversation, waiting: tuple[Sent, str]) -> None:
        others = self._waiting[place]
        try:
            same = await self._is_same(place)
            if waiting in others and same:
                self._outbox.release(waiting[0])
            elif waiting in others:
                back = [line for sent, line in others if self._outbox.withdraw(sent)]
                others.clear()
                self._give_back(place, "\n".join(back))
        finally:
            if waiting in others:
                others.remove(waiting)

    def _is_certain(self, place: Conversation) -> bool:
        """Tell whether nobody else can have the name: it was heard of all who came, went or took other names.

        Or nothing can be sent. What waits for an answer goes first.
        """
        client = self._client()
        if client is None:
            return True
        there = client.connected and place.in_sight and name_key(place.name) in client.members
        return there and not self._waiting.get(place)

    async def _is_same(self, place: Conversation) -> bool:
        """Ask who has the name. Where it may be another one, say so; from then on that one is meant."""
        client = self._client()
        if client is None:
            return True
        try:
            user = await client.whois(place.name)
        except RequestRefused:  # who is not there is not written to, or reads it later as the owner of the name
            return True
        same = place.confirmed or _is_same(place, user)
        place.met, place.confirmed, place.in_sight = (user.since, user.account or ""), False, True
        if not same:
            self._all.tell_doubt(place)
        return same

    def heard(self, posted: DirectPosted) -> None:
        """Ask who that is as soon as something is said with somebody, to be compared with whoever has the name later.

        Not of what is replayed: that was another time.
        """
        me = self._all.names
        for name in posted.to if me.has_said(posted) else (posted.sender,):
            place = self._all.with_user(name)
            if place.met is None and not posted.replay and not me.is_me(name):
                self._start(self._meet(place, posted.at), place)

    async def _meet(self, place: Conversation, at: float) -> None:
        client = self._client()
        if client is None:
            return
        # If nobody is there, whoever is asked about later is compared with nobody.
        with suppress(RequestRefused, ConnectionClosed):
            user = await client.whois(place.name)
            if place.met is None and user.since <= at:
                place.met = user.since, user.account or ""


def _is_same(place: Conversation, user: UserDescribed) -> bool:
    if place.met is not None:
        since, account = place.met
        return since == user.since or (account != "" and name_key(account) == name_key(user.account or ""))
    if user.account is not None and name_key(user.account) == name_key(place.name):
        return True  # nobody else can have the name
    return not place.begun
