"""What is told about invitations."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSummary:
    """One line of the list of invitations.

    Attributes:
        number: which one it is: later ones have higher numbers.
        by, at: username of who made it, and when, in seconds since 1970.
        uses, left: how many logins it was good for, and how many it still is.
        until: until when, in seconds since 1970; None for ever.
        room: name of the room that it opens too; empty for none.
    """

    number: int
    by: str
    at: float
    uses: int
    left: int
    until: float | None = None
    room: str = ""


@dataclass(frozen=True, slots=True)
class InvitationMade:
    """Reply to `MakeInvitation`: the text that lets in, which nobody is told again, and what it is good for."""

    token: str = field(repr=False)
    invitation: InvitationSummary


@dataclass(frozen=True, slots=True)
class InvitationsListed:
    """Reply to `ListInvitations`: those that still let somebody in, the oldest first; `more`: ask again."""

    invitations: tuple[InvitationSummary, ...]
    more: bool = False
