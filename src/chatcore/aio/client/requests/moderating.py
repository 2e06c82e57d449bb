"""Looking after a room: of each, `room` is the present one when left out, and everybody in it is told."""

from __future__ import annotations

from chatcore.aio.arguments import checks_arguments
from chatcore.aio.client.requests.base import Asking
from chatcore.commands import (
    BanUser,
    CloseRoom,
    InviteUser,
    KickUser,
    ListBans,
    Moderation,
    MuteUser,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
)
from chatcore.events import BansListed, BanSummary


@checks_arguments
class Moderating(Asking):
    """Requests about a room and who is in it."""

    async def moderate(self, command: Moderation) -> None:
        """Carry out one of the commands of `chatcore.commands.Moderation`, which the methods that follow make.

        Raises `RequestRefused` (`not_allowed` when the user's role in the room does not reach), `ConnectionClosed`.
        """
        await self._answer(command, object)

    async def set_topic(self, topic: str, *, room: str | None = None) -> None:
        """Say what a room is about, in at most 300 characters; empty for nothing. Raises `RequestRefused`."""
        await self.moderate(SetTopic(topic, room))

    async def set_role(self, username: str, role: str, *, room: str | None = None) -> None:
        """Let a user be `owner` (instead of the present one), `moderator` or `member` of a room.

        Raises `RequestRefused`: `no_such_user`, `not_allowed` (that is the owner's to do).
        """
        await self.moderate(SetRole(username, role, room))

    async def kick(self, username: str, reason: str = "", *, room: str | None = None) -> None:
        """Put a user out of a room; out of the default room is out of the server. Who was put out may come back.

        Raises `RequestRefused`: `no_such_user`, `not_allowed`.
        """
        await self.moderate(KickUser(username, reason, room))

    async def ban(
        self,
        username: str,
        seconds: int | None = None,
        reason: str = "",
        *,
        address: bool = False,
        room: str | None = None,
    ) -> None:
        """Put a user out of a room, if there, and do not let that user in again under whatever name.

        Args:
            username: whom.
            seconds: for how long; None for ever.
            reason: why, in at most 300 characters; the user and the room are told.
            address: True to keep out whoever comes from the same network address, too.
            room: from where; the present room when left out. From the default room is from the server.

        Raises:
            RequestRefused: `not_allowed`, `bad_name`.
            ConnectionClosed: the client has ended.
        """
        await self.moderate(BanUser(username, seconds, reason, address, room))

    async def unban(self, username: str, *, room: str | None = None) -> None:
        """Let a user in again. Raises `RequestRefused`: `no_such_ban`, `not_allowed`."""
        await self.moderate(UnbanUser(username, room))

    async def mute(
        self, username: str, seconds: int | None = None, reason: str = "", *, room: str | None = None
    ) -> None:
        """Let a user listen only, for so many seconds or for ever. Raises `RequestRefused`: `not_allowed`."""
        await self.moderate(MuteUser(username, seconds, reason, room))

    async def unmute(self, username: str, *, room: str | None = None) -> None:
        """Let a user speak again. Raises `RequestRefused`: `no_such_ban`, `not_allowed`."""
        await self.moderate(UnmuteUser(username, room))

    async def invite(self, username: str, *, room: str | None = None) -> None:
        """Let a user into a private room, and tell so. Raises `RequestRefused`: `no_such_user`, `not_allowed`."""
        await self.moderate(InviteUser(username, room))

    async def set_private(self, private: bool = True, *, room: str | None = None) -> None:
        """Let nobody in but who is invited or there already; or everybody again. Raises `RequestRefused`."""
        await self.moderate(SetPrivate(private, room))

    async def set_slow(self, seconds: int, *, room: str | None = None) -> None:
        """Let each member say something every so many seconds only, at most 6 h; 0 for as they like.

        Raises `RequestRefused`: `not_allowed`. What members send too early waits for its time by itself.
        """
        await self.moderate(SetSlow(seconds, room))

    async def close_room(self, reason: str = "", *, room: str | None = None) -> None:
        """Put everybody into the default room; the room is gone, and what was said in it.

        Raises `RequestRefused`: `not_allowed` (that is the owner's to do); `forbidden` for a room that is always there.
        """
        await self.moderate(CloseRoom(reason, room))

    async def list_bans(self, room: str | None = None) -> tuple[BanSummary, ...]:
        """Return who is banned from a room or muted there, the oldest first. Raises `RequestRefused`: `not_allowed`."""
        return await self._all(
            lambda last: ListBans(room, last.number if last else 0), BansListed, lambda page: page.bans
        )
