"""Who owns a room when its owner is gone: the moderator of the longest time who may speak there, and own one more."""

from __future__ import annotations

from itertools import islice

from chatcore.chat.kept.model import Account, Room, Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.moderation.acts import show_role, tell
from chatcore.chat.requests.permissions import is_operators
from chatcore.chat.state import State
from chatcore.records import FINDS_HEIRS, INHERITS_SOME_AT_A_TIME, NAMES_WHO_IS_THERE
from chatcore.text.names import looks_of


def take_roles(state: State, person: str) -> None:
    """Let somebody who is gone for good have no roles any more, and find the next owners of the rooms."""
    begins = not state.due.to_inherit
    for room in sorted(state.ruled.get(person, ()), key=lambda each: each.key):
        owned = room.roles[person] is Role.OWNER
        state.give_role(room, person, Role.MEMBER)
        if owned and state.moment.rules >= INHERITS_SOME_AT_A_TIME:
            state.due.to_inherit[room] = None
        elif owned:
            inherit(state, room)
    if begins:
        inherit_some(state)


def inherit_some(state: State) -> None:
    """Give the rooms whose owners have been gone the longest to the next ones: some, the others with later entries."""
    for room in list(islice(state.due.to_inherit, state.at_a_time)):
        del state.due.to_inherit[room]
        if not room.always and Role.OWNER not in room.roles.values():
            inherit(state, room)


def inherit(state: State, room: Room, before: str = "") -> None:
    """Give a room that has no owner any more to the next one; `before`: the person who owned it, who is still there."""
    person = next(iter(room.roles), None) if state.moment.rules < FINDS_HEIRS else heir(state, room, before)
    if person is not None:
        state.give_role(room, person, Role.OWNER)
        users = state.sessions_of(person)
        if state.moment.rules >= NAMES_WHO_IS_THERE:
            users.sort(key=lambda each: (each.room is not room, each.connection is None, each.number))
        for user in users[:1]:
            tell(state, room, None, "set_role", user, value=Role.OWNER.word)
            show_role(state, room, [person], told=user)


def heir(state: State, room: Room, owner: str) -> str | None:
    """Return the person who owns a room after its owner; None for nobody, as in the rooms of the operators."""
    if room.always:
        return None
    return next((each for each in room.roles if each != owner and _may_own(state, room, state.people[each])), None)


def rooms_full(state: State, who: Session | Account) -> int:
    """Return how many rooms somebody may own who owns as many; 0 for who may own one more."""
    if isinstance(who, Account):
        here = state.sessions_of(who.person)
        pace = state.paces.of(here[0]) if here else state.paces.of_away(who)
    else:
        pace = state.paces.of(who)
    owned = rooms_owned(state, who.person)
    return pace.rooms_per_user if owned >= pace.rooms_per_user else 0  # which is no limit


def rooms_owned(state: State, person: str) -> int:
    """Return how many rooms somebody owns."""
    return sum(room.roles[person] is Role.OWNER for room in state.ruled.get(person, ()))


def is_banned_from(state: State, room: Room, who: Session) -> bool:
    """Tell whether somebody with a role in a room is kept out of it."""
    held = room.index.about([who.person])
    banned = (each for each in held if each.role is Role.BANNED and each.lasts(state.moment.time))
    return not is_operators(state, who) and any(who.person in each.persons for each in banned)


def _may_own(state: State, room: Room, who: Session | Account) -> bool:
    if rooms_full(state, who):
        return False
    return is_operators(state, who) or not (_is_held(state, room, who) or _is_banned(state, who))


def _is_held(state: State, room: Room, who: Session | Account) -> bool:
    """Tell whether somebody with a role in a room, whom names and places do not hold there, is held."""
    held = room.index.about([who.person])
    return any(who.person in each.persons and each.lasts(state.moment.time) for each in held)


def _is_banned(state: State, who: Session | Account) -> bool:
    """Tell whether somebody, who may be away, is kept out of the whole server."""
    lobby, time = state.default_room, state.moment.time
    sessions = state.sessions_of(who.person)
    if sessions:
        return all(lobby.role_of(each, time) is Role.BANNED for each in sessions)
    looks = looks_of(who.name)
    return any(
        each.role is Role.BANNED
        and each.lasts(time)
        and (who.person in each.persons or (who.person not in lobby.roles and each.holds_name(looks)))
        for each in lobby.index.about([who.person, *looks])
    )
