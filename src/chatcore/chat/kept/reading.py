"""How far users have read, and what mentions them in the rest: per person and room, whatever it is read with.

Who was in a room once is told of it from then on. A message is looked at once, for the names of those alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from chatcore.chat.kept.model import Account, Place, Room, Session
from chatcore.events import RoomUnread
from chatcore.records import FINDS_EVERY_NAME, RULES
from chatcore.text.names.mentions import folded, folded_apart, stands_in

# So many rooms are followed by one person: that of the longest time ago gives way.
_MOST_ROOMS: Final = 64
# So much of a text is looked at, and so many of those that it mentions are told.
_LOOKED_AT: Final = 4000
_MOST_MENTIONED: Final = 20
# Up to so many names it is quicker to look for each of them than to take the text apart.
_FEW: Final = 64
_NOBODY: Final = ()
# All but spaces and punctuation: marks are parts of words, and for `\w` they are not.
_WORD: Final = re.compile(r"[^\s!-,./:-@\[-^`{-~\u00a1-\u00bf\u2000-\u206f\u3000-\u3004\u3008-\u3020\uff01-\uff0f]+")


class Reading:
    """Where everybody is."""

    def __init__(self) -> None:
        self.places: dict[str, dict[Room, Place]] = {}
        """By person; the room that was entered last is the last."""

    def enter(self, session: Session, room: Room, head: int) -> None:
        """Follow a room from now on: what was said in it before counts as read."""
        places = self.places.setdefault(session.person, {})
        place = places.pop(room, None)
        if place is None:
            place = Place(session.person, head)
            if len(places) >= _MOST_ROOMS:
                oldest = next(each for each in places if each is not session.room)
                del places[oldest]
                for key in _keys(session):
                    oldest.readers.pop(key, None)
        places[room] = place
        if session.account is None:
            room.readers[session.key] = place
        else:
            self._find(session, places)
        if session.room is room:
            session.place = place

    def rename(self, session: Session, old_key: str) -> None:
        """Look for another name of a user from now on."""
        places = self.places.get(session.person, {})
        for room in places:
            room.readers.pop(old_key, None)
        self._find(session, places)

    def follow(self, session: Session, guest: str) -> None:
        """Take note that somebody who was that person is the owner of an account now, who may have read more."""
        places = self.places.setdefault(session.person, {})
        for room, place in self.places.pop(guest, {}).items():
            place.person = session.person
            places.setdefault(room, place)
        self._find(session, places)
        if session.room is not None:
            session.place = places.get(session.room)

    def forget(self, session: Session) -> None:
        """Take note that a session is over: of its person nothing is kept, unless that has an account."""
        if session.account is not None:
            if session.key != session.account.key:
                for room in self.places.get(session.person, {}):
                    room.readers.pop(session.key, None)
            return
        for room in self.places.pop(session.person, {}):
            room.readers.pop(session.key, None)

    def forget_account(self, account: Account) -> None:
        """Take note that an account is gone, and its sessions are over."""
        for room in self.places.pop(account.person, {}):
            room.readers.pop(account.key, None)

    def forget_room(self, room: Room) -> None:
        """Take note that a room is gone."""
        for place in room.readers.values():
            self.places.get(place.person, {}).pop(room, None)
        room.readers.clear()

    def mark_read(self, session: Session, room: Room, seq: int) -> bool:
        """Take note of how far a user has read a room; returns whether that is news."""
        place = self.places.get(session.person, {}).get(room)
        if place is None:
            self.enter(session, room, seq)
        elif place.seq < seq:
            place.move(seq)
        else:
            return False
        return True

    def line(self, session: Session, room: Room, head: int) -> RoomUnread | None:
        """Return how far a user has read a room; None for one that is not followed."""
        place = self.places.get(session.person, {}).get(room)
        if place is None:
            return None
        return RoomUnread(room.name, place.seq, max(0, head - place.seq), len(place.mentions))

    def _find(self, session: Session, places: Mapping[Room, Place]) -> None:
        """Look for all names of a person."""
        for room, place in places.items():
            for key in _keys(session):
                room.readers[key] = place


def _keys(session: Session) -> list[str]:
    """Return the keys of all names of a user."""
    account = session.account
    return [session.key] if account is None else [account.key, *(each.key for each in account.sessions)]


def named_in(text: str, names: Collection[str], rules: int = RULES) -> list[str] | tuple[()]:
    """Return which of some names (their keys) a text has as words of their own; not all of very many."""
    found: list[str] | None = None
    fold = folded if rules >= FINDS_EVERY_NAME else folded_apart
    low = fold(text[:_LOOKED_AT])
    if len(names) <= _FEW:
        for name in names:
            if name in low:
                found = [*(found or ()), name]
        return _NOBODY if found is None else [name for name in found if stands_in(fold(low), name)]
    return [word for word in dict.fromkeys(_WORD.findall(low)) if word in names][:_MOST_MENTIONED]
