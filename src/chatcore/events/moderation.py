"""What is told of those who look after rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ABSENT: Final = "absent"
"""As the value of a ban or mute: nobody is called that at present, and it holds whoever takes the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomModerated:
    """Something was done in a room by somebody who may. Everybody in it is told, and whoever it was done to.

    Attributes:
        room: the room's name.
        act: what was done: `set_topic`, `set_role`, `kick`, `ban`, `unban`, `mute`, `unmute`, `invite`,
            `set_private`, `set_slow`, `close_room`, `delete_message`, `edit_message`. There may be others.
        by: username of who did it; empty when it follows from something else: an owner has left.
        target: username of whom it was done to; empty when it was done to the room.
        value: the topic, the role that the user has now, `ABSENT` for a ban or mute of a name that nobody has, whether
            the room is private, or for how many seconds one has to wait between two messages, or the seq of the
            message; None where there is nothing to say.
        until: until when it holds, in seconds since 1970; None for ever, or where it makes no sense.
        reason: why, in the words of who did it.
        text: what the message says now.
        change: which change of an entry of the room it is: 1, 2, 3, ...; 0 when it is none.
        bot: True when a bot did it.
    """

    room: str
    act: str
    by: str
    target: str = ""
    value: str | int | bool | None = None
    until: float | None = None
    reason: str = ""
    text: str = ""
    change: int = 0
    bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BanSummary:
    """One line of the list of those who are banned or muted.

    Attributes:
        number: which one it is: later ones have higher numbers.
        username: who: the name, as it was typed.
        act: `ban` or `mute`.
        by: username of who did it.
        at: when, in seconds since 1970.
        until: until when, in seconds since 1970; None for ever.
        reason: why, in the words of who did it.
    """

    number: int
    username: str
    act: str
    by: str
    at: float
    until: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BansListed:
    """Reply to `ListBans`: who is banned from a room or muted there, the oldest first; `more`: ask again."""

    room: str
    bans: tuple[BanSummary, ...]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSummary:
    """One line of what was done in rooms, or to the server.

    Attributes:
        number: which one it is: later ones have higher numbers.
        at: when, in seconds since 1970.
        address: network address of who did it; empty when it followed from something else.
        event: what was done. To the server, `room` is that of an invitation, else empty, and `act` may also be
            `operator` (with a `value`: by the settings, the owner of the account `target` is one now, or is none),
            `make_invitation` (`value` is its number, `text` for how many logins), `revoke_invitation`,
            `reset_account`, `drop_account`, `broadcast` (with its `text`), `reload`, `drain`, `set_limits` (`value`:
            which, and what they are now), `set_password`, `set_operator_token` (`value`: `none` for none now).
    """

    number: int
    at: float
    address: str
    event: RoomModerated


@dataclass(frozen=True, slots=True)
class ActsListed:
    """Reply to `ListActs`: what was done, the oldest first; `more`: ask again."""

    acts: tuple[ActSummary, ...]
    more: bool = False
