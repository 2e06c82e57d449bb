"""Who may do what: one table, a row for each command, and how it is looked up.

Each row names the least role that is needed and the rooms in which it is: so a muted user's row is every command for
which `MUTED` is enough. Whoever does something to somebody needs a higher role than that one has, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Final, get_args

from chatcore import commands as c
from chatcore.chat.kept.model import Account, Room, Session
from chatcore.chat.kept.roles import Role, Sanction
from chatcore.chat.requests.meant import moment_text
from chatcore.chat.state import State
from chatcore.errors import ErrorCode, Refusal
from chatcore.records import CLOSES_DETOURS, KNOWS_PERSONS, RANKS_IN_ALL_SESSIONS, SILENCES_NAMES, STOPS_AT_WHAT_IS_GONE
from chatcore.text.names import looks_of, name_key

Rooms = Callable[[State, Session, Any], tuple[Room, ...]]
"""Returns in which rooms a role is needed; in none that is not there."""


def nowhere(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """No room has a say in it."""
    return ()


def here(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """The room that the user is in."""
    return () if session.room is None else (session.room,)


def server(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """The default room, where everybody starts: what counts there counts for the whole server."""
    return (state.default_room,)


def everywhere(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """Both, for it is heard in the present room too, and every room in which operators keep the user out or silent."""
    rooms = _lobby_and_here(state, session)
    if state.moment.rules < CLOSES_DETOURS:
        return rooms
    time = state.moment.time
    return (*rooms, *(room for room in state.sanctions.rooms if room.is_held_for_all(session, time)))


def taken_along(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """Where a name is told: here, in the lobby, and where operators keep the user silent, who may come back there."""
    if state.moment.rules < SILENCES_NAMES:
        return here(state, session, command)
    time = state.moment.time
    silent = (room for room in state.sanctions.rooms if room.is_held_for_all(session, time))
    return (*_lobby_and_here(state, session), *(room for room in silent if room.role_of(session, time) is Role.MUTED))


def offered(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """Where a file is offered: to users by their names, which is as a direct message is, or to the present room."""
    if command.to and state.moment.rules >= STOPS_AT_WHAT_IS_GONE:
        return _lobby_and_here(state, session) if command.room else server(state, session, command)
    return here(state, session, command)


def _lobby_and_here(state: State, session: Session) -> tuple[Room, ...]:
    return (state.default_room, *here(state, session, None))


def named(state: State, session: Session, command: Any) -> tuple[Room, ...]:
    """The room that is named, or else the present one."""
    if command.room is None:
        return here(state, session, command)
    room = state.rooms.get(name_key(command.room))
    return () if room is None else (room,)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a command needs."""

    name: str
    """What refusals call it: the type of the request."""
    least: Role
    """The lowest role that may do it. `BANNED`: whoever is logged in."""
    rooms: Rooms
    """Where that role is needed."""
    inside: bool = False
    """True when a private room is closed for it to whoever is not invited."""
    calls: bool = False
    """True when somebody hears of it who is elsewhere: so the lobby, too, must let the user speak."""


_FREE: Final = Role.BANNED
RULES: Final[Mapping[type, Rule]] = {
    c.LogOut: Rule("logout", _FREE, nowhere),
    c.BecomeOperator: Rule("operator", _FREE, nowhere),
    c.RegisterAccount: Rule("register", _FREE, nowhere),
    c.Identify: Rule("identify", _FREE, nowhere),
    c.ListRooms: Rule("list_rooms", _FREE, nowhere),
    c.ListUsers: Rule("list_users", _FREE, nowhere),
    c.WhoIs: Rule("whois", _FREE, nowhere),
    c.LeaveRoom: Rule("leave_room", _FREE, nowhere),
    c.DeclineFile: Rule("file_decline", _FREE, nowhere),
    c.CancelFile: Rule("file_cancel", _FREE, nowhere),
    c.FinishFile: Rule("file_done", _FREE, nowhere),
    c.FailFile: Rule("file_error", _FREE, nowhere),
    c.AcceptFile: Rule("file_accept", _FREE, nowhere),
    c.JoinRoom: Rule("join_room", Role.MUTED, named, inside=True),
    c.ReadHistory: Rule("history", Role.MUTED, named, inside=True),
    c.Search: Rule("search", Role.MUTED, named, inside=True),
    c.MarkRead: Rule("read", Role.MUTED, named, inside=True),
    c.CreateRoom: Rule("create_room", Role.MEMBER, server),
    c.Rename: Rule("rename", Role.MEMBER, taken_along),
    c.SendMessage: Rule("send_message", Role.MEMBER, here),
    c.SendDirect: Rule("send_direct", Role.MEMBER, server),
    c.SendBroadcast: Rule("broadcast", Role.MEMBER, everywhere),
    c.DeleteMessage: Rule("delete_message", Role.MEMBER, named, inside=True),
    c.EditMessage: Rule("edit_message", Role.MEMBER, named, inside=True),
    c.React: Rule("react", Role.MEMBER, named, inside=True),
    c.Unreact: Rule("unreact", Role.MEMBER, named, inside=True),
    c.OfferFile: Rule("file_offer", Role.MEMBER, offered),
    c.SetTopic: Rule("set_topic", Role.MODERATOR, named),
    c.KickUser: Rule("kick", Role.MODERATOR, named),
    c.BanUser: Rule("ban", Role.MODERATOR, named),
    c.UnbanUser: Rule("unban", Role.MODERATOR, named),
    c.MuteUser: Rule("mute", Role.MODERATOR, named),
    c.UnmuteUser: Rule("unmute", Role.MODERATOR, named),
    c.InviteUser: Rule("invite", Role.MODERATOR, named, calls=True),
    c.SetPrivate: Rule("set_private", Role.MODERATOR, named),
    c.SetSlow: Rule("set_slow", Role.MODERATOR, named),
    c.ListBans: Rule("list_bans", Role.MODERATOR, named),
    c.SetRole: Rule("set_role", Role.OWNER, named, calls=True),
    c.CloseRoom: Rule("close_room", Role.OWNER, named),
    c.ListActs: Rule("list_acts", Role.OPERATOR, server),
    c.ListLimits: Rule("list_limits", Role.OPERATOR, server),
    c.ReloadSettings: Rule("reload", Role.OPERATOR, server),
    c.DrainServer: Rule("drain", Role.OPERATOR, server),
    c.MakeInvitation: Rule("make_invitation", Role.OPERATOR, server),
    c.RevokeInvitation: Rule("revoke_invitation", Role.OPERATOR, server),
    c.ListInvitations: Rule("list_invitations", Role.OPERATOR, server),
    c.ResetAccount: Rule("reset_account", Role.OPERATOR, server),
    c.DropAccount: Rule("drop_account", Role.OPERATOR, server),
}
"""By command, in the order in which the documentation shows them. A login is no act of a user, and what moves a file
(`chatcore.commands.Traffic`) was allowed with its offer."""

assert set(RULES) == set(get_args(c.Command)) - {c.LogIn, *get_args(c.Traffic), *get_args(c.WayRequest)}, (
    "every command has its rule"
)

# By earlier rules whoever was put out of a private room went on with these.
_OPEN_BEFORE: Final = (c.DeleteMessage, c.EditMessage)

_OTHERS: Final[Mapping[type, str]] = {
    c.LogIn: "login",
    c.GrantCredit: "file_credit",
    c.SendChunk: "file_chunk",
    c.TakeTicket: "file_ticket",
    c.AttachConnection: "file_attach",
    c.ChooseWay: "file_way",
}


def request_name(command: c.Command) -> str:
    """Return what a request is called: in the native protocol, and in the operator's log."""
    rule = RULES.get(type(command))
    return _OTHERS[type(command)] if rule is None else rule.name


def check(state: State, session: Session, command: Any) -> None:
    """Raise `Refusal` unless a user may do that: `banned`, `muted`, `not_allowed`, `room_private`."""
    rule = RULES[type(command)]
    if rule.least <= Role.MEMBER and not (state.sanctions.rooms or rule.inside):
        return
    for room in rule.rooms(state, session, command):
        role = room.role_of(session, state.moment.time)
        if role < rule.least:
            raise refusal(state, session, room, role, rule)
        if rule.inside and not room.lets_in(session, state.moment.time) and _closes(state, command):
            raise Refusal(ErrorCode.ROOM_PRIVATE, room=room.name)
    if rule.calls and state.moment.rules >= STOPS_AT_WHAT_IS_GONE:
        lobby = state.default_room
        role = lobby.role_of(session, state.moment.time)
        if role < Role.MEMBER:
            raise refusal(state, session, lobby, role, replace(rule, least=Role.MEMBER))


def check_at(state: State, session: Session, command: Any, time: float) -> None:
    """Raise `Refusal` as `check` does, for what is looked at where it is asked; `time` is in seconds since 1970."""
    state.moment.time = time
    check(state, session, command)


def _closes(state: State, command: Any) -> bool:
    """Tell whether a private room was closed for that by the rules of the record."""
    return not isinstance(command, _OPEN_BEFORE) or state.moment.rules >= STOPS_AT_WHAT_IS_GONE


def refusal(state: State, session: Session, room: Room, role: Role, rule: Rule) -> Refusal:
    """Return why a role does not reach."""
    held = room.sanction_on(session, state.moment.time)
    if held is not None and role is Role.BANNED:
        return banned(room, held, state.moment.time)
    if held is not None and role is Role.MUTED and rule.least is Role.MEMBER:
        if held.until is None:
            return Refusal(ErrorCode.MUTED, room=room.name)
        minutes = ceil((held.until - state.moment.time) / 60)
        return Refusal(ErrorCode.MUTED, room=room.name, minutes=minutes, until=moment_text(held.until))
    if rule.least is Role.OPERATOR:
        return Refusal(ErrorCode.NOT_ALLOWED, what="operator", rule=rule.name)
    return Refusal(ErrorCode.NOT_ALLOWED, what=rule.least.word, rule=rule.name, room=room.name)


def banned(room: Room, held: Sanction, time: float) -> Refusal:
    """Return that somebody may not come in."""
    if held.until is None:
        return Refusal(ErrorCode.BANNED, room=room.name)
    minutes = ceil((held.until - time) / 60)
    return Refusal(ErrorCode.BANNED, room=room.name, minutes=minutes, until=moment_text(held.until))


def check_entry(state: State, session: Session, *, operator: bool = False) -> None:
    """Raise `Refusal` (`banned`) when somebody who asks to be let in is kept out of the whole server.

    No ban of an address keeps operators out, who could not take it back then; `operator`: by the token.
    """
    if state.moment.rules >= KNOWS_PERSONS and (operator or session.is_operator):
        return
    held = state.default_room.sanction_on(session, state.moment.time)
    if held is not None and held.role is Role.BANNED:
        raise banned(state.default_room, held, state.moment.time)


def check_new_name(state: State, session: Session, name: str) -> None:
    """Raise `Refusal` (`banned`) when a user wants a name that is banned, or looks so, from where the user is."""
    looks = looks_of(name)
    for room in _lobby_and_here(state, session):
        for held in room.index.about(looks):
            if held.role is Role.BANNED and held.lasts(state.moment.time) and held.holds_name(looks):
                raise banned(room, held, state.moment.time)


def check_owner_may_enter(state: State, session: Session, person: str) -> None:
    """Raise `Refusal` (`banned`) when a guest wants to be somebody who is banned from where the guest is."""
    for room in _lobby_and_here(state, session):
        for held in room.index.about([person]):
            if held.role is Role.BANNED and held.lasts(state.moment.time) and person in held.persons:
                raise banned(room, held, state.moment.time)


def is_operators(state: State, who: Session | Account) -> bool:
    """Tell whether somebody is an operator, be it in another session than the one that is meant, or under another name.

    What may be done is another thing: that is for the session that has shown the token.
    """
    if who.is_operator or state.moment.rules < RANKS_IN_ALL_SESSIONS:
        return who.is_operator
    return any(each.is_operator for each in state.sessions_of(who.person))


def check_outranks(state: State, session: Session, room: Room, target: Session | Account) -> None:
    """Raise `Refusal` (`not_allowed`) unless a user has a higher role in a room than the other one, who may be away."""
    time = state.moment.time
    given = Role.OPERATOR if is_operators(state, target) else room.roles.get(target.person, Role.MEMBER)
    if room.role_of(session, time) <= given:
        raise Refusal(ErrorCode.NOT_ALLOWED, what="outranked", name=target.name, room=room.name)


_WHERE: Final[Mapping[Rooms, str]] = {
    nowhere: "",
    here: "the present room",
    server: "the lobby",
    everywhere: "both",
    taken_along: "both",
    named: "the room that is named",
    offered: "the present room; the lobby, to users who are named",
}


def table() -> str:
    """Return the table as a page of Markdown."""
    head = ["request", "where", *(role.word for role in Role)]
    rows = [head, ["---"] * len(head)]
    rows += [
        [f"`{rule.name}`", _WHERE[rule.rooms], *("yes" if role >= rule.least else "" for role in Role)]
        for rule in RULES.values()
    ]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{_HEAD}\n{lines}\n"


_HEAD: Final = """# Who may do what

Made from `src/chatcore/chat/requests/permissions.py` by `chatcore schema`, and tried row by row by a test. *Where*
says in which room the role is needed; the lobby stands for the whole server. Nobody is in a room that they are banned
from. Whoever does something to somebody needs a higher role than that one has. Everybody may log in who is not banned
from the lobby. Members delete and edit what they have said themselves; moderators delete what others have said, too.
A private room is closed to members who are not invited; in a slow one they wait between two messages. Whom an
operator has muted or banned in whatever room, or anybody in a declared one, says nothing to everyone: they
are there, too; and who is muted so takes no other name. Whoever may not speak in the lobby invites nobody, and gives
nobody a role.
What an operator has done to somebody in a room, operators take back.
"""
