"""On what terms a server lets people in: what it asks of them, and by what it knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from hashlib import pbkdf2_hmac
from typing import Final

from chatcore.ports.passwords import Passwords, Vouching
from chatcore.server.signing_in.door import Delays, Door

# A record says of the token of the operators only what nobody finds it by: it is slow to try, and much is left out.
_SALT: Final = b"the operators of chatcore"
_ROUNDS: Final = 20_000
_MARK_CHARS: Final = 16


@lru_cache(maxsize=4)
def mark_of(operator_token: str) -> str:
    """Return what stands for the token of the operators in a record; empty without one.

    Args:
        operator_token: as `Secrets` has it.
    """
    if not operator_token:
        return ""
    return pbkdf2_hmac("sha256", operator_token.encode(), _SALT, _ROUNDS).hex()[:_MARK_CHARS]


class Accounts(StrEnum):
    """Whether names may belong to somebody."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"
    """Only their owners come in."""


@dataclass(slots=True)
class Secrets:
    """What a server asks of those who want in, and by what it knows them.

    Attributes:
        door: lets in who knows the password of the server.
        operator_token: hash of what operators know (`tickets.hashed`); empty when there are none.
        accounts: whether names may belong to somebody.
        passwords: hashes the passwords of accounts; None when there are none here.
        vouching: knows who somebody is, instead of passwords that are kept here.
        delays: of those who say wrong passwords of accounts; those of the server's are the door's.
        operator_delays: of those who say wrong tokens of the operators.
        closed: whether nobody comes in any more but who comes back: the server ends.
    """

    door: Door = field(default_factory=lambda: Door(None))
    operator_token: str = ""
    accounts: Accounts = Accounts.OFF
    passwords: Passwords | None = None
    vouching: Vouching | None = None
    delays: Delays = field(default_factory=Delays)
    operator_delays: Delays = field(default_factory=Delays)
    closed: bool = False
