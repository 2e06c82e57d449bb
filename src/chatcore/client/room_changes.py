"""Where a user will be, once what leads elsewhere is answered."""

from __future__ import annotations

from collections.abc import Iterable

from chatcore.commands import CloseRoom, Command, CreateRoom, JoinRoom, LeaveRoom
from chatcore.text.names import name_key


def room_behind(commands: Iterable[Command], room: str, lobby: str) -> str:
    """Return where a user who is in `room` will be behind these commands; empty when that is not known.

    `lobby`: where one is who is nowhere else, empty if that is not known.
    """
    for command in commands:
        match command:
            case JoinRoom(room=there) | CreateRoom(room=there):
                room = there
            case LeaveRoom():
                room = ""
            case CloseRoom(room=closed) if closed is None or name_key(closed) == name_key(room):
                room = lobby  # nothing is said in a room that its user believes to be gone, if it is still there
    return room
