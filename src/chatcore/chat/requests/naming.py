"""Who may have which name: of users and of rooms."""

from __future__ import annotations

import math

from chatcore.chat.kept.model import Session
from chatcore.chat.state import State
from chatcore.errors import ErrorCode, Refusal
from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN, USERNAME_MIN
from chatcore.text.names import composed, is_room_name, is_username, name_key
from chatcore.text.names.letters import is_plain


def username(state: State, session: Session, asked: str) -> str:
    """Return a name that a session may have, in the form that is kept of it. Raises `Refusal` (`bad_name`)."""
    longest = session.origin.username_chars or state.limits.username_chars
    plain = session.origin.plain_names or not state.looks.unicode
    name = composed(asked)
    if not is_username(name, longest) or (plain and not is_plain(name)):
        if plain:
            raise Refusal(ErrorCode.BAD_NAME, what="plain", shortest=USERNAME_MIN, longest=longest)
        raise Refusal(ErrorCode.BAD_NAME, shortest=USERNAME_MIN, longest=longest)
    return name


def check_free(state: State, session: Session, name: str, replaced: Session | None = None) -> None:
    """Raise `Refusal` when somebody else has a name, or one that looks like it: `name_taken`, `name_confusable`.

    `replaced`: a session that is put out for this one.
    """
    account, holder = session.account, state.users.get(session.key)
    own = session.key if holder is not None and holder in (session, replaced) else ""
    check_unused(state, name, own, "" if account is None else account.key)


def check_unused(state: State, name: str, own: str = "", account: str = "") -> None:
    """Raise `Refusal` for a name that is used, or looks so; but by a user and an account of these keys."""
    check_unborne(state, name, own)
    if not state.looks.unicode:
        return
    user, known = state.looks.users.find(name, own), state.looks.accounts.find(name, account)
    if user is not None:
        raise Refusal(ErrorCode.NAME_CONFUSABLE, name=name, other=state.users[user].name)
    if known is not None:
        raise Refusal(ErrorCode.NAME_CONFUSABLE, name=name, other=state.accounts[known].name)


def check_unborne(state: State, name: str, own: str = "") -> None:
    """Raise `Refusal` (`name_taken`) for a name that a user has now; but for the user of that key."""
    holder = state.users.get(name_key(name))
    if holder is not None and holder.key != own:
        raise _taken(state, holder, name)


def give(state: State, session: Session, name: str) -> None:
    """Let a session be a user of that name."""
    session.name = name
    state.users[session.key] = session
    if session.account is None:
        state.people[session.person] = session
    state.user_names.add(session.key)
    state.looks.users.add(name)
    state.longest_name = max(state.longest_name, len(name.encode()))


def free(state: State, session: Session) -> None:
    """Let somebody else have the name of a user."""
    del state.users[session.key]
    if session.account is None:
        del state.people[session.person]
    state.user_names.remove(session.key)
    state.looks.users.remove(session.name)


def room_name(state: State, asked: str) -> str:
    """Return the name that a new room may have. Raises `Refusal`: `bad_name`, `room_exists`, `name_confusable`."""
    name = composed(asked)
    if not is_room_name(name) or not (state.looks.unicode or is_plain(name)):
        raise Refusal(ErrorCode.BAD_NAME, shortest=ROOM_NAME_MIN, longest=ROOM_NAME_MAX)
    if name_key(name) in state.rooms:
        raise Refusal(ErrorCode.ROOM_EXISTS, name=name)
    other = state.looks.rooms.find(name) if state.looks.unicode else None
    if other is not None:
        raise Refusal(ErrorCode.NAME_CONFUSABLE, what="room", name=name, other=state.rooms[other].name)
    return name


def _taken(state: State, holder: Session, name: str) -> Refusal:
    """Return why nobody else may have the name of a session, with how long that is kept if its user is away."""
    until = state.waiting.get(holder.origin.place, {}).get(holder)
    if until is None:
        return Refusal(ErrorCode.NAME_TAKEN, name=name)
    seconds = max(1, math.ceil(until - state.moment.clock))
    return Refusal(ErrorCode.NAME_TAKEN, retry_after=float(seconds), name=name, seconds=seconds)
