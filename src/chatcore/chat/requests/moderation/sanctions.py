"""Who is kept out of a room, or silent there: bans and mutes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Role, Sanction
from chatcore.chat.requests.meant import ends_at, room_of
from chatcore.chat.requests.moderation.acts import LINE_BYTES, check_note, tell
from chatcore.chat.requests.moderation.heirs import inherit
from chatcore.chat.requests.moderation.members import put_out_all
from chatcore.chat.requests.permissions import check_outranks
from chatcore.chat.state import State
from chatcore.commands import BanUser, ListBans, MuteUser, UnbanUser, UnmuteUser
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, BansListed, BanSummary, ServerEvent
from chatcore.limits import USERNAME_MAX, USERNAME_MIN
from chatcore.ports.network_address import parse_network, places_in
from chatcore.records import BANS_WHOLE_PLACES, FINDS_HEIRS, KNOWS_PERSONS
from chatcore.text.json_size import escaped_size, names_size
from chatcore.text.names import composed, is_username, name_key

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
    return Accepted()


def unban(state: State, session: Session, command: UnbanUser) -> ServerEvent:
    return _lift(state, session, room_of(state, session, command), Role.BANNED, command.username)


def unmute(state: State, session: Session, command: UnmuteUser) -> ServerEvent:
    return _lift(state, session, room_of(state, session, command), Role.MUTED, command.username)


def list_bans(state: State, session: Session, command: ListBans) -> ServerEvent:
    room, time = room_of(state, session, command), state.moment.time
    lasting = [each for each in room.sanctions if each.number > command.after and each.lasts(time)]
    space, lines = state.limits.text_bytes, list[BanSummary]()
    for each in lasting:
        space -= escaped_size(each.reason) + names_size((each.target, each.by)) + LINE_BYTES
        if space < 0:
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
    )
    if target is not None:
        sanction.learn([], [target.person], target.clients)
    elif owner is not None:
        sanction.learn([], [owner.person], [])
    elif network:
        sanction.place = network
    return sanction, target


def _add(state: State, room: Room, sanction: Sanction) -> None:
    """Let a sanction count, instead of an earlier one of the same user. Raises `Refusal`."""
    name, time, earlier = sanction.names[0], state.moment.time, set[int]()
    for each in room.index.about([name]):
        if each.role is sanction.role and name in each.names:
            sanction.learn(each.names, each.persons, each.clients)
            earlier.add(each.number)
    kept = [each for each in room.sanctions if each.number not in earlier and each.lasts(time)]
    if len(kept) >= _MOST_SANCTIONS:
        raise Refusal(ErrorCode.TOO_LARGE, what="bans", room=room.name)
    state.sanctions.put(room, [*kept, sanction])


def _lift(state: State, session: Session, room: Room, role: Role, username: str) -> ServerEvent:
    key, time = name_key(username), state.moment.time
    place = places_in(username) if state.moment.rules >= BANS_WHOLE_PLACES else ""
    found = [
        each
        for each in room.sanctions
        if each.role is role
        and each.lasts(time)
        and (key in each.names or (place and place == each.place and parse_network(each.target)))
    ]
    if not found:
        if role is Role.MUTED:
            raise Refusal(ErrorCode.NO_SUCH_BAN, what="mute", name=username[:USERNAME_MAX])
        raise Refusal(ErrorCode.NO_SUCH_BAN, name=username[:USERNAME_MAX])
    state.sanctions.put(room, [each for each in room.sanctions if each not in found and each.lasts(time)])
    target = state.users.get(key)
    value = None if role is Role.BANNED or target is None else room.role_of(target, time).word
    tell(state, room, session, f"un{_ACTS[role]}", target, name=found[0].target, value=value)
    return Accepted()


def _perhaps_held(state: State, room: Room, sanction: Sanction) -> Iterable[Session]:
    """Return those in a room who may be held by a sanction, in their order, without asking what each looks like."""
    everywhere = room is state.default_room
    alike = state.looks.users.all((sanction.target, *sanction.names))
    known = {user for person in sanction.persons for user in state.sessions_of(person)}
    known.update(state.users[key] for key in alike.union(sanction.names) if key in state.users)
    clients = set(sanction.clients)
    if len(known) < 2 and not (clients or sanction.place):
        return [user for user in known if everywhere or user.room is room]
    return [
        user
        for user in (state.users.values() if everywhere else room.members)
        if user in known
        or user.client in clients
        or user.login[0] in clients
        or sanction.holds_place(user.origin.place)
    ]


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
        absent=target is None and not sanction.place and state.looks.users.find(sanction.target) is None,
    )
