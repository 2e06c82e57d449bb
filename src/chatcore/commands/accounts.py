"""What is asked about names that belong to people, and about invitations."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RegisterAccount:
    """Let the present name be the user's for good, by a password; again with another one to change it."""

    password: str | None = field(default=None, repr=False)
    """A record has none, only what `hashed` says of it; and so it is below."""
    hashed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Identify:
    """Show that an account is the user's."""

    password: str | None = field(default=None, repr=False)
    account: str | None = None
    """Its name; None for the present name."""
    stamp: int = 0
    """`Account.stamp` of the account whose password it was; found out where it is asked."""


@dataclass(frozen=True, slots=True)
class ResetAccount:
    """Give an account another password, or make one; whoever was in by it is out."""

    username: str
    password: str | None = field(default=None, repr=False)
    hashed: str = field(default="", repr=False)
    new: bool = False
    """True to make one; else it has to be there."""


@dataclass(frozen=True, slots=True)
class MakeInvitation:
    """Make a text that lets people in, to be passed on in a link."""

    uses: int = 1
    """How many logins it is good for."""
    seconds: int | None = None
    """For how long; None for ever."""
    room: str | None = None
    """Name of a room that it opens too, if that is private then."""
    hashed: str = field(default="", repr=False)
    """What stands in the record instead of the text."""


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    """Let an invitation let in nobody any more."""

    number: int


@dataclass(frozen=True, slots=True)
class ListInvitations:
    """Ask which invitations there are."""

    after: int = 0
    """Continue behind the one with this number."""


@dataclass(frozen=True, slots=True)
class DropAccount:
    """Let a name belong to nobody any more; whoever was in by its account is out."""

    username: str
