"""The way back to the room that the user was in, for a client whose login could not resume."""

from __future__ import annotations

from chatcore.commands import CreateRoom, JoinRoom, Position
from chatcore.errors import ErrorCode
from chatcore.text.names import name_key


class Returning:
    """Where the client wants to be again: nowhere, but from a login that could not resume to its return.

    Attributes:
        room: the room to go back to; empty when there is none.
        place: how far its log was shown; None when that log is lost.
    """

    def __init__(self) -> None:
        self.room = ""
        self.place: Position | None = None
        self._lost = False  # whether the room had to be created again

    def set_out(self, room: str, place: Position | None) -> None:
        """Begin to go back, unless the client has not come back yet from an earlier login."""
        if not self.room:
            self.room, self.place = room, place

    def is_to(self, room: str) -> bool:
        """Tell whether that is the room to go back to."""
        return bool(self.room) and name_key(room) == name_key(self.room)

    def ask(self) -> JoinRoom:
        """Return what to ask for first."""
        return JoinRoom(self.room, self.place)

    def refused(self, code: str) -> JoinRoom | CreateRoom | None:
        """Return what to ask for next; None when there is no way back."""
        if code == ErrorCode.NO_SUCH_ROOM:
            # Everybody has left it meanwhile, or the server is a new one. What it held is lost.
            self._lost |= self.place is not None
            self.place = None
            return CreateRoom(self.room)
        if code == ErrorCode.ROOM_EXISTS:
            return JoinRoom(self.room)  # somebody else was quicker
        self._lost = False
        return None

    def end(self) -> bool:
        """Be there, or stay elsewhere; tell whether what was said in the room is lost."""
        lost, self._lost = self._lost, False
        self.room, self.place = "", None
        return lost
