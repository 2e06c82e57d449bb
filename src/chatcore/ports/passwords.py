"""The ports for proofs of who somebody is: hashes of passwords, and whoever else vouches for users."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol


class PasswordHasher(Protocol):
    """Makes hashes of passwords and compares with them, slowly on purpose. Called in a thread of its own.

    The contract tests are in `tests/contracts/passwords.py`.
    """

    def hash(self, password: str) -> str:
        """Return a salted hash, with all that it takes to compare with it."""
        ...

    def verify(self, password: str, hashed: str) -> bool:
        """Tell whether a hash is of this password; nobody's hash, which is empty, takes as long and is of none."""
        ...


class Passwords(Protocol):
    """The same for a server, which waits for nothing: what comes of it is called back, in a later turn as a rule.

    With None when it cannot be done at present.
    """

    def hash(self, password: str, done: Callable[[str | None], None]) -> None:
        """Make a hash."""
        ...

    def verify(self, password: str, hashed: str, done: Callable[[bool | None], None]) -> None:
        """Compare a password with a hash, or with nobody's."""
        ...


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody who says to be somebody, and what proves it.

    Attributes:
        username: the name that is wanted in the chat.
        account: who it is; the username where the login does not say.
        password: the proof: a password, or a token of whatever kind.
        address, transport, dialect: where it comes from, as in the operator's log.
    """

    username: str
    account: str
    password: str = field(repr=False)
    address: str
    transport: str
    dialect: str


Authenticate = Callable[[SignIn], Awaitable[str | None]]
"""Says who somebody is: the name of an account, in the form of a username, or None for somebody who is not known.

What it raises is written to the log, and refuses the login for now; so does anything else that it returns. It may take
as long as a login may.
"""


class Vouching(Protocol):
    """The same for a server, which waits for nothing."""

    def vouch(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        """Call back with the name of the account, and whether it could be found out at present."""
        ...
