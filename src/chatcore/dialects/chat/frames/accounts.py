"""Frames of the `chat` dialect about accounts, names that belong to somebody, and invitations."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Literal

from pydantic import Field

from chatcore.dialects.chat.frames.base import Moment, Part, RequestFrame, ServerFrame
from chatcore.limits import MAX_INTEGER

Account = Annotated[str, Field(description="Name of the account that the user has shown to own; left out for a guest.")]
Password = Annotated[str, Field(description="6 to 256 characters.")]


class Register(RequestFrame):
    """Let the present name be one's own for good, by a password; again to change it. Answered by `ok`."""

    type: Literal["register"] = "register"
    password: Password


class IdentifyFrame(RequestFrame):
    """Show that an account is one's own. Answered by `room`: the role may be another one. The name stays."""

    type: Literal["identify"] = "identify"
    password: Password
    account: str | None = Field(None, description="Its name; the present name when left out.")


class ResetAccountFrame(RequestFrame):
    """Give an account another password, or make one: for operators. Who was in by it is out. Answered by `ok`."""

    type: Literal["reset_account"] = "reset_account"
    username: str
    password: Password
    new: bool = Field(False, description="True to make one for a name that has none; else it has to be there.")


class DropAccountFrame(RequestFrame):
    """Let a name belong to nobody any more: for operators. Who was in by it is out. Answered by `ok`."""

    type: Literal["drop_account"] = "drop_account"
    username: str


class MakeInvitationFrame(RequestFrame):
    """Make a text that lets people in: for operators. Answered by `invitation`."""

    type: Literal["make_invitation"] = "make_invitation"
    uses: int = Field(1, ge=1, le=10_000, description="How many logins it is good for.")
    seconds: int | None = Field(None, ge=1, le=MAX_INTEGER, description="For how long; for ever when left out.")
    room: str | None = Field(None, description="Name of a room that it opens too, if that is private then.")


class RevokeInvitationFrame(RequestFrame):
    """Let an invitation let in nobody any more: for operators. Answered by `ok`."""

    type: Literal["revoke_invitation"] = "revoke_invitation"
    number: int = Field(ge=0, le=MAX_INTEGER)


class ListInvitationsFrame(RequestFrame):
    """Ask which invitations there are: for operators. Answered by `invitations`."""

    type: Literal["list_invitations"] = "list_invitations"
    after: int = Field(0, ge=0, le=MAX_INTEGER, description="Continue behind the one with this number.")


class InvitationLine(Part):
    """What an invitation is good for."""

    number: int = Field(ge=0, le=MAX_INTEGER, description="Later ones have higher numbers.")
    by: str = Field(description="Who made it.")
    at: Moment
    uses: int = Field(ge=1, description="How many logins it was good for.")
    left: int = Field(ge=0, description="How many it still is.")
    until: Moment | None = None
    room: str = Field("", description="Name of the room that it opens too; left out for none.")


class InvitationFrame(ServerFrame):
    """The invitation that was made. Its text is told nobody again."""

    type: Literal["invitation"] = "invitation"
    token: str = Field(description="What a `login` shows as `invitation`. A secret of those who are invited.")
    invitation: InvitationLine


class InvitationsFrame(ServerFrame):
    """The invitations that still let somebody in, the oldest first. `more`: ask again with `after`."""

    type: Literal["invitations"] = "invitations"
    invitations: list[InvitationLine]
    more: bool = False


REQUESTS: tuple[type[RequestFrame], ...] = (
    Register, IdentifyFrame, ResetAccountFrame, DropAccountFrame,
    MakeInvitationFrame, RevokeInvitationFrame, ListInvitationsFrame,
)  # fmt: skip
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (InvitationFrame, InvitationsFrame)
