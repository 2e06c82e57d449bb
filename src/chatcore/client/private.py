"""What is for certain users, who are known by their names: somebody else may have one of these by then."""

from __future__ import annotations

from chatcore.commands import Command, InviteUser, OfferFile, SendDirect, SetRole


def is_for_certain_users(command: Command) -> bool:
    """Tell whether somebody gets what is for nobody else: something that is said, a file, a way in, a role."""
    if isinstance(command, OfferFile | SendDirect):
        return bool(command.to)
    return isinstance(command, InviteUser | SetRole)
