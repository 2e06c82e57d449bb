"""Going somewhere, and under which name."""

from __future__ import annotations

from chatcore.aio.arguments import checks_arguments
from chatcore.aio.client.requests.base import Asking
from chatcore.commands import (
    CreateRoom,
    Identify,
    JoinRoom,
    LeaveRoom,
    RegisterAccount,
    Rename,
)
from chatcore.errors import ErrorCode, RequestRefused
from chatcore.events import RoomEntered
from chatcore.text.names import name_key


@checks_arguments
class Going(Asking):
    """Requests about where a user is, and who."""

    async def join(self, room: str) -> RoomEntered:
        """Enter a room and leave the present one. Raises `RequestRefused` (`no_such_room`), `ConnectionClosed`."""
        return await self._answer(JoinRoom(room), RoomEntered)

    async def create(self, room: str) -> RoomEntered:
        """Create a room and enter it. Raises `RequestRefused` (`room_exists`, `bad_name`), `ConnectionClosed`.

        A room's name is 1 to 32 letters, digits, `_` or `-`. The room is gone, and its log with it, when the last
        user leaves it, unless the server has a store that keeps something of it.
        """
        return await self._answer(CreateRoom(room), RoomEntered)

    async def enter(self, room: str) -> None:
        """Be in a room, creating it when it is not there. Raises `RequestRefused` (`bad_name`), `ConnectionClosed`."""
        if name_key(self._session.room) == name_key(room):
            return
        try:
            await self.join(room)
        except RequestRefused as error:
            if error.code != ErrorCode.NO_SUCH_ROOM:
                raise
            try:
                await self.create(room)
            except RequestRefused as late:
                if late.code != ErrorCode.ROOM_EXISTS:
                    raise
                await self.join(room)  # somebody else was quicker

    async def leave(self) -> RoomEntered:
        """Go back to the default room (`lobby`, as a rule). Raises `ConnectionClosed`."""
        return await self._answer(LeaveRoom(), RoomEntered)

    async def rename(self, username: str) -> None:
        """Change the username. Raises `RequestRefused` (`name_taken`, `bad_name`), `ConnectionClosed`."""
        await self._answer(Rename(username), object)

    async def register(self, password: str) -> None:
        """Let the present name be this user's for good, by a password of 6 to 256 characters; again to change it.

        Raises `RequestRefused`: `forbidden` (the server has no accounts), `bad_request`, `server_full`.
        """
        await self._answer(RegisterAccount(password), object)
        self._session.owns(self._session.username, password)

    async def identify(self, password: str, account: str | None = None) -> None:
        """Show that an account is this user's: that of the present name, or another one. The name stays as it is.

        Raises `RequestRefused`: `not_identified`, `rate_limited` (after wrong ones), `banned`, `forbidden`.
        """
        account = account or self._session.username
        await self._answer(Identify(password, account), RoomEntered)
        self._session.owns(account, password)
