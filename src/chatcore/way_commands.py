"""Commands about the second connection of a session, which carries the bytes of files and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TakeTicket:
    """Ask for what a second connection is recognised by."""


@dataclass(frozen=True, slots=True)
class AttachConnection:
    """Say, instead of a login, that this is the second connection of the session that was given the ticket."""

    ticket: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChooseWay:
    """Let chunks, both ways, go on the second connection from now on; or on the session's own, and close the other."""

    second: bool
