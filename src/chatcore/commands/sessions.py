"""What is asked about one's own session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatcore.entries import Position


@dataclass(frozen=True, slots=True)
class LogIn:
    """Take a username, or take a session back with its token."""

    username: str
    client: str | None = field(default=None, repr=False)
    """Persistent random id of the client program, the owner of its `cid`s."""
    token: str | None = field(default=None, repr=False)
    """Proof of an earlier login; with it the session is resumed."""
    since: Mapping[str, Position] = field(default_factory=dict)
    """Last known position per log: a room's name, `@` (direct messages) or `*` (broadcasts)."""
    password: str | None = field(default=None, repr=False)
    """That of the account, where there is an `account`; otherwise that of the server, and where it has none, of the
    account that the username belongs to. Never part of a record, and nor is what follows."""
    account: str | None = None
    """Name of the account whose owner logs in."""
    server_password: str | None = field(default=None, repr=False)
    """That of the server, beside one of an account."""
    invitation: str | None = field(default=None, repr=False)
    """What an invitation says, instead of the password of the server."""
    operator_token: str | None = field(default=None, repr=False)
    """That of the operators, who come in without the password of the server and without an account."""
    bot: bool = False
    """True when a program answers by itself, and says so."""


@dataclass(frozen=True, slots=True)
class LogOut:
    """End the session now; name and room are given up at once."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Change the username and keep everything else."""

    username: str


@dataclass(frozen=True, slots=True)
class BecomeOperator:
    """Look after the whole server."""

    token: str | None = field(default=None, repr=False)
    """What only operators know. A record has none: it was looked at where it came in."""
    hashed: str = field(default="", repr=False)
    """In a record, what stands for it (`chatcore.records.OperatorToken`)."""
