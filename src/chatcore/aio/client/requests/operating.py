"""Looking after the whole server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatcore.aio.arguments import checks_arguments
from chatcore.aio.client.requests.base import Asking
from chatcore.commands import (
    BecomeOperator,
    DrainServer,
    DropAccount,
    ListActs,
    ListInvitations,
    ListLimits,
    MakeInvitation,
    ReloadSettings,
    ResetAccount,
    RevokeInvitation,
)
from chatcore.events import (
    Accepted,
    ActsListed,
    ActSummary,
    InvitationMade,
    InvitationsListed,
    InvitationSummary,
    LimitsListed,
    RoomEntered,
)


@checks_arguments
class Operating(Asking):
    """Requests of operators."""

    async def become_operator(self, token: str) -> None:
        """Look after the whole server, with the token that its host has given. Raises `RequestRefused`: `not_allowed`.

        It is so until the session ends, through lost connections too.
        """
        await self._answer(BecomeOperator(token), RoomEntered)

    async def list_acts(self) -> tuple[ActSummary, ...]:
        """Return what was done in rooms, and by whom, the oldest first: for operators. Raises `RequestRefused`."""
        return await self._all(lambda last: ListActs(last.number if last else 0), ActsListed, lambda page: page.acts)

    async def list_limits(self) -> Mapping[str, Any]:
        """Return what the server allows, by the names of `chatcore.limits.Limits`: for operators.

        Raises `RequestRefused`: `not_allowed`.
        """
        return (await self._answer(ListLimits(), LimitsListed)).limits

    async def reload(self) -> tuple[str, ...]:
        """Let the server read its settings and certificates again: for operators.

        Returns the names of settings that are others now, and count from the next start on.

        Raises `RequestRefused`: `not_allowed`; `forbidden` when it cannot, or the settings cannot be used.
        """
        return (await self._answer(ReloadSettings(), Accepted)).next_start

    async def drain(self) -> None:
        """Let the server take nobody new, and end: for operators. Raises `RequestRefused`, like `reload`."""
        await self._answer(DrainServer(), object)

    async def reset_account(self, username: str, password: str, *, new: bool = False) -> None:
        """Give an account another password, or make a `new` one: for operators.

        Raises `RequestRefused`: `not_allowed`; `no_such_user` when there is none, `name_taken` when one is there.
        """
        await self._answer(ResetAccount(username, password, new=new), object)

    async def drop_account(self, username: str) -> None:
        """Let a name belong to nobody any more: for operators. Raises `RequestRefused`: `no_such_user`."""
        await self._answer(DropAccount(username), object)

    async def make_invitation(
        self, uses: int = 1, *, seconds: int | None = None, room: str | None = None
    ) -> InvitationMade:
        """Make a text that lets people in instead of the server's password: for operators.

        Args:
            uses: how many logins it is good for, up to 10,000.
            seconds: for how long; None for ever.
            room: name of a room that it opens too, if that is private then.

        Raises:
            RequestRefused: `not_allowed`, `bad_name`, `too_large` (there are too many).
            ConnectionClosed: the client has ended.
        """
        return await self._answer(MakeInvitation(uses, seconds, room), InvitationMade)

    async def list_invitations(self) -> tuple[InvitationSummary, ...]:
        """Return the invitations that still let somebody in: for operators. Raises `RequestRefused`."""
        return await self._all(
            lambda last: ListInvitations(last.number if last else 0), InvitationsListed, lambda page: page.invitations
        )

    async def revoke_invitation(self, number: int) -> None:
        """Let an invitation let in nobody any more: for operators. Raises `RequestRefused`: `bad_invitation`."""
        await self._answer(RevokeInvitation(number), object)
