"""How much each user may do: by who that is, be it an account, a role or a program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from chatcore.chat.kept.model import Account, Session
from chatcore.chat.kept.roles import Role
from chatcore.limits import Limits, OwnLimits
from chatcore.text.names import LookAlikes, name_key

_FREE: Final = OwnLimits(
    requests_per_second=0, messages_per_second=0, rooms_per_user=0, sessions_per_account=0, slow_mode=False
)
# What operators and bots have unless the settings say otherwise.
_USUAL: Final = {"operator": _FREE, "bot": _FREE}


@dataclass(frozen=True, slots=True)
class Pace:
    """How much somebody may do: as `chatcore.limits.Limits` and `OwnLimits` have it, and 0 means no limit."""

    requests_per_second: float
    request_burst: int
    messages_per_second: float
    message_burst: int
    rooms_per_user: int
    sessions_per_account: int
    slow_mode: bool = True


class Paces:
    """Tells how much each user may do.

    Args:
        limits: what is allowed.
    """

    def __init__(self, limits: Limits) -> None:
        self._everybody = Pace(
            limits.requests_per_second,
            limits.request_burst,
            limits.messages_per_second,
            limits.message_burst,
            limits.rooms_per_user,
            limits.sessions_per_account,
        )
        self._said = {**_USUAL, **{who: _over(_USUAL.get(who), own) for who, own in limits.people.items()}}
        self._bots = frozenset(map(name_key, limits.bots))
        self.operators = dict.fromkeys(map(name_key, limits.operators))
        """Keys of the accounts whose owners are operators, in the order of the settings."""
        self._names = {name_key(who[1:]): own for who, own in limits.people.items() if who.startswith("@")}
        declared = (*limits.bots, *limits.operators, *(who[1:] for who in limits.people if who.startswith("@")))
        self._declared = {name_key(name): name for name in declared}
        self._looks = LookAlikes(self._declared)
        for name in declared:
            self._looks.add(name)
        self._by_account = bool(self._bots or self._names or self._said.keys() & {"guest", "account"})
        self._by_room = bool(self._said.keys() & {"moderator", "owner"})
        self._known: dict[tuple[bool, Role, str], Pace] = {}
        """By what makes a difference: whether it is an account, the role, the account's key if that is special."""

    def of(self, session: Session) -> Pace:
        """Return how much a user may do now; the same object as long as that does not change."""
        if not (session.is_operator or self._by_account or self._by_room):
            return self._everybody
        role, account, key = Role.MEMBER, session.account, ""
        if session.is_operator:
            role = Role.OPERATOR
        elif self._by_room and session.room is not None:
            role = session.room.roles.get(session.person, Role.MEMBER)
        if self._by_account and account is not None and self.is_declared(account.key):
            key = account.key
        who = (account is not None, role, key)
        return self._known.get(who) or self._known.setdefault(who, self._made(*who))

    @property
    def declared(self) -> Iterable[str]:
        """Keys of the accounts that the settings name, in their order."""
        return self._declared

    def of_away(self, account: Account) -> Pace:
        """Return how much the owner of an account may do who is not there."""
        role = Role.OPERATOR if account.is_operator else Role.MEMBER
        return self._made(True, role, account.key if self.is_declared(account.key) else "")

    def is_declared(self, key: str) -> bool:
        """Tell whether the settings name the account of that key: nobody can make it who is no operator."""
        return key in self._declared

    def declared_like(self, name: str, but: str = "") -> str | None:
        """Return the name in the settings that a name looks like, of another account than that of the key `but`."""
        key = self._looks.find(name, but)
        return None if key is None else self._declared[key]

    def is_operator(self, key: str) -> bool:
        """Tell whether the settings say that the owner of the account of that key is an operator."""
        return key in self.operators

    def _made(self, has_account: bool, role: Role, key: str) -> Pace:
        layers = [self._said.get("account" if has_account else "guest")]
        layers += [self._said.get(each.word) for each in Role if Role.MEMBER < each <= role]
        layers += [self._said["bot"]] if key in self._bots else []
        layers += [self._names.get(key)]
        pace = self._everybody
        for own in layers:
            if own is not None:
                pace = replace(pace, **own.model_dump(exclude_none=True))
        return pace


def _over(usual: OwnLimits | None, own: OwnLimits) -> OwnLimits:
    return own if usual is None else usual.model_copy(update=own.model_dump(exclude_none=True))
