"""Whether a private conversation is still one with the same person: names are given up and taken where nobody hears it.

That is in other rooms, and while the connection is lost. So before something is sent to somebody whom the user does not
have in sight, the server is asked who that is: since when they are there, and whose account it is. That is compared
with what it answered when they were first heard of: a session may have come by the name long after it began.

All that is sent in private goes this way, be it new, sent again, or left by an earlier run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf

from chatcore.aio.client import Client
from chatcore.commands import SendDirect
from chatcore.errors import ConnectionClosed, RequestRefused
from chatcore.events import DirectPosted, FileOffered, UserDescribed
from chatcore.text.names import name_key
from chatcore_qt.presenters.conversation.asking import Start
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.own_messages import Sent


@dataclass(eq=False, slots=True)
class Wanted:
    """Something that is to be done for users, once it is certain that it is those for whom it was meant."""

    places: tuple[Conversation, ...]
    """The conversations with them."""
    then: Callable[[], object]
    """Does it."""
    back: Callable[[], str] = lambda: ""
    """Takes it back where one may be somebody else; returns what is to stand in the message line again."""
    unknown: set[Conversation] = field(default_factory=set)
    """Those of which the answer is waited for."""


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
        self._waiting: list[Wanted] = []
        self._asked: set[Conversation] = set()
        """Those of which the server is being asked."""

    def write(self, direct: SendDirect, line: str) -> None:
        """Say something in private, or give back the line as it was typed."""
        places = tuple(map(self._all.with_user, direct.to))
        if self.is_in_doubt(*places):
            self._give_back(places[0], line)
        elif all(map(self._is_certain, places)):
            self._outbox.post(direct)
        else:
            sent = self._outbox.hold(direct)

            def back() -> str:
                if line in (direct.text, "/" + direct.text):
                    return self._outbox.withdraw(sent) and line
                self._outbox.fail_again(sent)  # beside other lines, a command would be a part of what they say
                return ""

            self._want(Wanted(places, partial(self._outbox.release, sent), back))

    def ask(self, *wanted: Wanted) -> None:
        """Do what is wanted in one go, as far as it is certain for whom; a question is about all of it."""
        self._waiting += wanted
        self._doubt(*(place for one in wanted for place in one.places))
        left = [one for one in wanted if one in self._waiting]
        self._waiting[:] = [one for one in self._waiting if one not in left]
        for one in left:
            self._want(one)
        self._go_on()

    def repeat(self, held: Iterable[Sent]) -> None:
        """Say once more what did not arrive before the connection was lost, if these are still those it was said to."""

        def back(sent: Sent) -> str:
            self._outbox.fail_again(sent)
            return ""

        self.ask(*(Wanted(one.places, partial(self._outbox.release, one), partial(back, one)) for one in held))

    def forget(self, wanted: Wanted) -> None:
        """Take it that something is not wanted any more."""
        if wanted in self._waiting:
            self._waiting.remove(wanted)
            self._go_on()

    def _want(self, wanted: Wanted) -> None:
        wanted.unknown = {place for place in wanted.places if not self._is_certain(place)}
        if not wanted.unknown:
            wanted.then()
            return
        self._waiting.append(wanted)
        for place in wanted.places:
            if place in wanted.unknown - self._asked:
                self._asked.add(place)
                self._start(self._settle(place), place)

    def lost(self) -> None:
        """Take it that who is asked about may be another one by the time of the answer: the connection is lost."""
        for place in self._asked:
            place.unknown |= place.met is None

    def is_in_doubt(self, *places: Conversation) -> bool:
        """Tell whether one may be another one, as is known already; what waits for the answer is taken back, too."""
        in_doubt = self._doubt(*places)
        if in_doubt:
            self._go_on()
        return in_doubt

    def _doubt(self, *places: Conversation) -> bool:
        doubtful = [place for place in places if self._all.is_in_doubt(place)]
        for place in doubtful:
            self._take_back(place)
        return bool(doubtful)

    async def _settle(self, place: Conversation) -> None:
        """Ask who that is, and do what waits for that, or take all of it back."""
        try:
            same = await self._is_same(place) and not self._all.is_in_doubt(place)
        except ConnectionClosed:  # nothing can be sent any more: it fails in sight
            self._know(place)
            raise
        except BaseException:
            self._drop(place)
            raise
        finally:
            self._asked.discard(place)
        if same:
            self._know(place)
        else:
            self._take_back(place)
            self._go_on()

    def _know(self, place: Conversation) -> None:
        for one in self._waiting:
            one.unknown.discard(place)
        self._go_on()

    def _go_on(self) -> None:
        """Do what waits for no answer any more, nor behind anything else in one of its conversations."""
        taken: set[Conversation] = set()
        for one in list(self._waiting):
            if one.unknown or not taken.isdisjoint(one.places):
                taken.update(one.places)
            elif one in self._waiting:
                self._waiting.remove(one)
                one.then()

    def _drop(self, place: Conversation) -> None:
        """Forget what waits for an answer that does not come, and what waits for nothing but that."""
        gone: set[Conversation] = set()
        for one in list(self._waiting):
            if place in one.unknown or not (one.unknown or gone.isdisjoint(one.places)):
                self._waiting.remove(one)
                gone.update(one.places)

    def _take_back(self, place: Conversation) -> None:
        back = [one for one in self._waiting if place in one.places]
        self._waiting[:] = [one for one in self._waiting if one not in back]
        texts = {one.places[0]: "" for one in back}
        for one in back:
            texts[one.places[0]] = "\n".join(filter(None, (texts[one.places[0]], one.back())))
        for first, text in texts.items():
            if text:
                self._give_back(first, text)

    def _is_certain(self, place: Conversation) -> bool:
        """Tell whether nobody else can have the name: it was heard of all who came, went or took other names.

        Or nothing can be sent. What waits for an answer goes first.
        """
        client = self._client()
        if client is None:
            return True
        there = client.connected and place.in_sight and name_key(place.name) in client.members
        return there and not place.unknown and not any(place in one.places for one in self._waiting)

    async def _is_same(self, place: Conversation) -> bool:
        """Ask who has the name. Where it may be another one, say so; from then on that one is meant."""
        client = self._client()
        if client is None:
            return True
        name = ""
        while name != place.name:  # meanwhile they may have taken another one
            name = place.name
            try:
                user = await client.whois(name)
            except RequestRefused:  # who is not there is not written to, or reads it later as the owner of the name
                return True
        same = place.confirmed or _is_same(place, user)
        place.met, place.confirmed, place.in_sight = (user.since, user.account or ""), False, True
        place.unknown = False
        if not same:
            self._all.tell_doubt(place)
        return same

    def heard(self, event: DirectPosted | FileOffered) -> None:
        """Ask who that is as soon as something is said with somebody, to be compared with whoever has the name later.

        Not of what is replayed: that was another time.
        """
        me = self._all.names
        if isinstance(event, DirectPosted):
            names, at, again = event.to if me.has_said(event) else (event.sender,), event.at, event.replay
        else:
            names, at, again = (event.sender,) * (event.room is None), inf, False
        for name in names:
            place = self._all.with_user(name)
            if place.met is None and not again and not me.is_me(name):
                self._start(self._meet(place, at), place)

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
    if place.met is not None and not place.unknown:
        since, account = place.met
        return since == user.since or (account != "" and name_key(account) == name_key(user.account or ""))
    if user.account is not None and name_key(user.account) == name_key(place.name):
        return True  # nobody else can have the name
    return not (place.begun or place.unknown)
