"""Rooms that are always there: the lobby, which stands for the whole server, and those that the settings declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatcore.chat import pictures
from chatcore.chat.effects import Deliver, LineKind
from chatcore.chat.kept.model import Room
from chatcore.chat.kept.roles import Role
from chatcore.chat.kept.shares import EmptyRooms
from chatcore.chat.state import State
from chatcore.events import BROADCAST_LOG
from chatcore.records import HANDS_LOBBIES_ON
from chatcore.text.names import name_key


def lobby_of(state: State) -> Room | None:
    """Return the room where everybody starts; None before there is any."""
    return state.rooms.get(name_key(state.limits.default_room))


def open_doors(state: State, names: Iterable[str], lobby: Room | None = None) -> None:
    """Make what is always there, unless it is there: the default room and these; `lobby`: what was that until now."""
    state.log.open(BROADCAST_LOG, state.new_id(BROADCAST_LOG))
    before = [room for room in state.rooms.values() if room.always]
    for room in before:
        room.always = False
    for name in (state.limits.default_room, *names):
        room = state.rooms.get(name_key(name)) or state.open_room(name)
        room.always, room.closing = True, False
        if room not in before:
            _take_over(state, room)
    if lobby not in (None, state.default_room) and state.moment.rules >= HANDS_LOBBIES_ON:
        _hand_on(state, lobby, state.default_room)
    state.empty_rooms = EmptyRooms(room for room in state.rooms.values() if not (room.members or room.always))
    for room in list(state.empty_rooms):
        if room in state.empty_rooms:  # or it went for another one
            state.leave_empty(room)


def _take_over(state: State, room: Room) -> None:
    """Let a room that somebody has made belong to the operators: with what they did there, and nothing else.

    A private one stays so, or a start would tell everybody what was said there; but for the lobby, where everybody is.
    """
    roles, held, known = len(room.roles), len(room.sanctions), (room.topic, room.slow, room.private)
    knows_makers = state.moment.rules >= HANDS_LOBBIES_ON
    somebodys = bool(room.maker) or Role.OWNER in room.roles.values()
    if somebodys or not knows_makers:
        for person in list(room.roles):
            state.give_role(room, person, Role.MEMBER)
    if not knows_makers:
        return
    state.sanctions.put(room, [each for each in room.sanctions if each.of_operators])
    if somebodys:
        room.maker = room.topic = ""
        state.slow_down(room, 0)
        if room is state.default_room:
            room.private, room.invited = False, {}
    lifted, roles = held - len(room.sanctions), roles - len(room.roles)
    if not (roles or lifted or (somebodys and any(known))):
        return
    state.note(LineKind.TAKEN_OVER, room=room.name, roles=roles, lifted=lifted, private=room.private)
    _show(state, room)


def _show(state: State, room: Room) -> None:
    """Show a room anew to those who are in it."""
    for member in room.members:
        if member.connection is not None and state.here(member.connection):
            state.emit(Deliver(member.connection, pictures.entered(state, member)))


def _hand_on(state: State, lobby: Room, room: Room) -> None:
    """Let what was done to the server, in the room that was the lobby, count in the one that is it now.

    There it stays as well: those who were there come back there. Whatever it was before, a lobby is not private.
    """
    if room.private:
        room.private, room.invited = False, {}
        _show(state, room)
    known = {each.number: each for each in room.sanctions}
    for each in lobby.sanctions:
        if each.lasts(state.moment.time):
            names, persons, clients = list(each.names), list(each.persons), list(each.clients)
            known[each.number] = replace(each, names=names, persons=persons, clients=clients, of_operators=True)
    state.sanctions.put(room, [])  # one of the same number may know more by now
    state.sanctions.put(room, [known[number] for number in sorted(known)])
    for person, had in lobby.roles.items():
        role = Role.MODERATOR if Role.OWNER in room.roles.values() else had
        if role > room.roles.get(person, Role.MEMBER):
            state.give_role(room, person, role)
    state.note(LineKind.LOBBY_MOVED, room=room.name, before=lobby.name, roles=len(room.roles), held=len(known))
