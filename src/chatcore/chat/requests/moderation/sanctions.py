"""Who is kept out of a room, or silent there: bans and mutes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Role, Sanction
from chatcore.chat.requests.meant import ends_at, room_of
from chatcore.chat.requests.moderation.acts import LINE_BYTES, check_note, show_role, tell
from chatcore.chat.requests.moderation.heirs import inherit
from chatcore.chat.requests.moderation.members import put_out_all
from chatcore.chat.requests.permissions import check_outranks
from chatcore.chat.state import State
from chatcore.commands import BanUser, ListBans, MuteUser, UnbanUser, UnmuteUser
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, BansListed, BanSummary, ServerEvent
from chatcore.limits import USERNAME_MAX, USERNAME_MIN
from chatcore.ports.network_address import parse_network, places_in
from chatcore.records import (
    BANS_WHOLE_PLACES,
    FINDS_HEIRS,
    GOES_BY_NUMBER,
    HOLDS_WHO_IS_MEANT,
    KNOWS_PERSONS,
    LEAVES_OPERATORS_ROOM,
)
from chatcore.text.json_size import escaped_size, names_size
from chatcore.text.names import composed, is_username, looks_of, name_key

# So many of a room are kept of what operators did, and of what others did there; before, of all together.
_MOST_SANCTIONS: Final = 1000
_ACTS: Final = {Role.BANNED: "ban", Role.MUTED: "mute"}


def ban(state: State, session: Session, command: BanUser) -> ServerEvent:
    room = room_of(state, session, command)
    sanction, target = _sanction(state, session, room, Role.BANNED, command)
    if command.address and target is not None:
        sanction.place = target.origin.place
    persons = sanction.persons[:1] if target is not None or state.moment.rules >= FINDS_HEIRS else []
    owned = any(room.roles.get(person) is Role.OWNER for person in persons)
    _add(state, room, sanction)
    for person in persons:
        state.give_role(room, person, Role.MEMBER)
        room.invited.pop(person, None)
    _tell_of(state, room, session, sanction, target)
    held = [
        user for user in _perhaps_held(state, room, sanction) if not user.is_operator and room.is_held(user, sanction)
    ]
    put_out_all(state, held, room, ErrorCode.BANNED)
    if owned and state.moment.rules >= FINDS_HEIRS:
        inherit(state, room)
    return Accepted()


def mute(state: State, session: Session, command: MuteUser) -> ServerEvent:
    room = room_of(state, session, command)
    sanction, target = _sanction(state, session, room, Role.MUTED, command)
    _add(state, room, sanction)
    _tell_of(state, room, session, sanction, target)
    show_role(state, room, sanction.persons, told=target)
    return Accepted()


def unban(state: State, session: Session, command: UnbanUser) -> ServerEvent:
    return _lift(state, session, room_of(state, session, command), Role.BANNED, command.username)


def unmute(state: State, session: Session, command: UnmuteUser) -> ServerEvent:
    return _lift(state, session, room_of(state, session, command), Role.MUTED, command.username)


def check_not_by_operator(state: State, session: Session, room: Room, target: Session) -> None:
    """Raise `Refusal` (`not_allowed`) when somebody is to have a role whom an operator has banned or muted.

    Whoever has one is held by no name and no place.
    """
    if not session.is_operator and room.is_held_by_operators(target, state.moment.time):
        raise _by_operator(target.name, room)


def list_bans(state: State, session: Session, command: ListBans) -> ServerEvent:
    room, time = room_of(state, session, command), state.moment.time
    lasting = [each for each in room.sanctions if each.number > command.after and each.lasts(time)]
    space, lines = state.limits.text_bytes, list[BanSummary]()
    for each in lasting:
        space -= escaped_size(each.reason) + names_size((each.target, each.by)) + LINE_BYTES
        if space < 0 and lines:
            break
        lines.append(
            BanSummary(
                number=each.number,
                username=each.target,
                act=_ACTS[each.role],
                by=each.by,
                at=each.at,
                until=each.until,
                reason=each.reason,
            )
        )
    return BansListed(room.name, tuple(lines), more=len(lines) < len(lasting))


def _sanction(
    state: State, session: Session, room: Room, role: Role, command: BanUser | MuteUser
) -> tuple[Sanction, Session | None]:
    """Return what a user asks for, and whom it is about, if that one is there. Raises `Refusal`."""
    check_note(command.reason)
    key, time = name_key(command.username), state.moment.time
    target, owner, rules = state.users.get(key), state.accounts.get(key), state.moment.rules
    network = (places_in if rules >= BANS_WHOLE_PLACES else parse_network)(command.username)
    if target is not None:
        check_outranks(state, session, room, target)
    elif owner is not None and rules >= KNOWS_PERSONS:
        check_outranks(state, session, room, owner)
    elif not (is_username(composed(command.username), USERNAME_MAX) or (network and session.is_operator)):
        raise Refusal(ErrorCode.BAD_NAME, shortest=USERNAME_MIN, longest=USERNAME_MAX)
    sanction = Sanction(
        number=state.moment.record,
        role=role,
        target=composed(command.username) if target is None else target.name,
        by=session.name,
        at=time,
        until=ends_at(command.seconds, time),
        reason=command.reason,
        names=[key],
        of_operators=session.is_operator or room.always,
        by_operator=session.is_operator and rules >= HOLDS_WHO_IS_MEANT,
    )
    if target is not None:
        sanction.learn([], [target.person], target.clients)
    elif owner is not None:
        sanction.learn([], [owner.person], [])
    elif network:
        sanction.place = network
    return sanction, target


def _add(state: State, room: Room, sanction: Sanction) -> None:
    """Let a sanction count, instead of an earlier one of the same user, but for an operator's. Raises `Refusal`."""
    name, time, earlier = sanction.names[0], state.moment.time, set[int]()
    persons, clients = list(sanction.persons), list(sanction.clients)
    by_person = state.moment.rules >= HOLDS_WHO_IS_MEANT
    for each in room.index.about([name, *(persons + clients if by_person else ())]):
        same = name in each.names or (by_person and each.is_of(persons, clients))
        if each.role is sanction.role and same and sanction.by_operator >= each.by_operator:
            sanction.learn([] if by_person else each.names, each.persons, each.clients)
            earlier.add(each.number)
    kept = [each for each in room.sanctions if each.number not in earlier and each.lasts(time)]
    together = state.moment.rules < LEAVES_OPERATORS_ROOM
    if sum(together or each.by_operator is sanction.by_operator for each in kept) >= _MOST_SANCTIONS:
        raise Refusal(ErrorCode.TOO_LARGE, what="bans", room=room.name)
    state.sanctions.put(room, [*kept, sanction])


def _lift(state: State, session: Session, room: Room, role: Role, username: str) -> ServerEvent:
    time, act = state.moment.time, f"un{_ACTS[role]}"
    found = [each for each in _meant(state, room, username) if each.role is role and each.lasts(time)]
    lifted = [each for each in found if session.is_operator or not each.by_operator]
    target = state.users.get(name_key(username))
    if found and not lifted:
        raise _by_operator(username, room)
    if not lifted:
        raise _none(room, role, username, None if target is None else room.sanction_on(target, time))
    gone = {each.number for each in lifted}
    state.sanctions.put(room, [each for each in room.sanctions if each.number not in gone and each.lasts(time)])
    value = None if target is None else room.role_of(target, time).word
    if role is Role.BANNED and (value != role.word or state.moment.rules < HOLDS_WHO_IS_MEANT):
        value = None
    if len(lifted) < len(found):
        value = role.word
    tell(state, room, session, act, target, name=lifted[0].target, value=value)
    show_role(state, room, dict.fromkeys(person for each in lifted for person in each.persons), told=target)
    return Accepted()


def _meant(state: State, room: Room, username: str) -> list[Sanction]:
    """Return the sanctions that a name stands for: of whoever has it now or looks so, or of the place that it is."""
    key, rules = name_key(username), state.moment.rules
    place = places_in(username) if rules >= BANS_WHOLE_PLACES else ""
    looks, persons, clients = frozenset[str](), list[str](), list[str]()
    if rules >= HOLDS_WHO_IS_MEANT:
        who = [each for each in (state.users.get(key), state.accounts.get(key)) if each is not None]
        persons = [each.person for each in who]
        clients = [client for person in persons for each in state.sessions_of(person) for client in each.clients]
        if is_username(composed(username), USERNAME_MAX):
            looks = looks_of(composed(username))
    return [
        each
        for each in room.index.about([key, *looks, *persons, *clients])
        if key in each.names
        or (looks and each.holds_name(looks))
        or each.is_of(persons, clients)
        or (place and place == each.place and parse_network(each.target))
    ]


def _none(room: Room, role: Role, username: str, held: Sanction | None) -> Refusal:
    """Return that there is nothing to take back: what holds the user, if something does, is another one's."""
    name = username[:USERNAME_MAX]
    if held is not None and held.role is role:
        return Refusal(ErrorCode.NO_SUCH_BAN, what="other", name=name, other=held.target)
    if role is Role.MUTED:
        return Refusal(ErrorCode.NO_SUCH_BAN, what="mute", name=name)
    return Refusal(ErrorCode.NO_SUCH_BAN, name=name)


def _by_operator(name: str, room: Room) -> Refusal:
    return Refusal(ErrorCode.NOT_ALLOWED, what="by_operator", name=name[:USERNAME_MAX], room=room.name)


def _perhaps_held(state: State, room: Room, sanction: Sanction) -> Iterable[Session]:
    """Return those in a room who may be held by a sanction, in their order, without asking what each looks like."""
    everywhere = room is state.default_room
    alike = state.looks.users.all((sanction.target, *sanction.names))
    known = {user for person in sanction.persons for user in state.sessions_of(person)}
    known.update(state.users[key] for key in alike.union(sanction.names) if key in state.users)
    clients = set(sanction.clients)
    if len(known) < 2 and not (clients or sanction.place):
        return [user for user in known if everywhere or user.room is room]
    held = [
        user
        for user in (state.users.values() if everywhere else room.members)
        if user in known
        or user.client in clients
        or user.login[0] in clients
        or sanction.holds_place(user.origin.place)
    ]
    return sorted(held, key=lambda each: each.number) if state.moment.rules >= GOES_BY_NUMBER else held


def _tell_of(state: State, room: Room, session: Session, sanction: Sanction, target: Session | None) -> None:
    tell(
        state,
        room,
        session,
        _ACTS[sanction.role],
        target,
        name=sanction.target,
        value=sanction.role.word if sanction.role is Role.MUTED else None,
        until=sanction.until,
        reason=sanction.reason,
        absent=target is None
        and not sanction.place
        and state.looks.users.find(sanction.target) is None
        and not any(person in state.people for person in sanction.persons),
    )
