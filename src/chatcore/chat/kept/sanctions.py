"""All sanctions of a chat: which rooms have any, and what follows a user to another name, without a search."""

from __future__ import annotations

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Sanction
from chatcore.records import HOLDS_WHO_IS_MEANT


class Sanctions:
    """Where the sanctions of all rooms are found."""

    def __init__(self) -> None:
        self.rooms: dict[Room, None] = {}
        """Those that somebody is banned from, or muted in."""
        self._held: dict[str, dict[tuple[str, int], tuple[Room, Sanction]]] = {}
        """By person and by client id, what holds them, by the key of the room and its number: that of a lobby may count
        in the next one, too."""

    def put(self, room: Room, sanctions: list[Sanction]) -> None:
        """Let these hold in a room, and no others."""
        before, after = ({each.number: each for each in several} for several in (room.sanctions, sanctions))
        for number, each in before.items():
            if number not in after:
                self._lose(room, each, [*each.persons, *each.clients])
                room.index.remove(each)
        for number, each in after.items():
            if number not in before:
                self._find(room, each)
                room.index.add(each)
        room.sanctions = sanctions
        self.rooms.pop(room, None)
        if sanctions:
            self.rooms[room] = None
        room.look_again()

    def follow(self, session: Session, rules: int) -> None:
        """Let what holds a user, and not only the name, hold whoever that is now as well.

        The name is not held: others may have it later. It was, by rules before `HOLDS_WHO_IS_MEANT`.
        """
        names = [session.key] if rules < HOLDS_WHO_IS_MEANT else []
        keys = (session.person, *session.clients)
        found = {which: each for key in keys for which, each in self._held.get(key, {}).items()}
        for room, held in found.values():
            if session.person in held.persons or held.holds_client(session.clients):
                room.index.remove(held)
                self._lose(room, held, held.learn(names, [session.person], session.clients))
                self._find(room, held)
                room.index.add(held)
                room.look_again()

    def _find(self, room: Room, sanction: Sanction) -> None:
        for key in (*sanction.persons, *sanction.clients):
            self._held.setdefault(key, {})[room.key, sanction.number] = (room, sanction)

    def _lose(self, room: Room, sanction: Sanction, keys: list[str]) -> None:
        for key in keys:
            found = self._held.get(key, {})
            found.pop((room.key, sanction.number), None)
            if not found:
                self._held.pop(key, None)
