"""Rooms without members that are kept, and go for one another: nobody is in a room that is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chatcore import commands as c
from chatcore.chat.chat import Chat
from chatcore.chat.effects import NODE_BITS
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.records import (
    RULES,
    SHARES_WHAT_IS_LEFT,
    Act,
    Gone,
    Keys,
    LimitsSet,
    LoggedIn,
    NodeUp,
    Origin,
    Record,
    RoomsForgotten,
)
from tests.unit.playbook import Server

MakeServer = Callable[..., Server]

NAMES = ["ann", "bob", "cid"]
ROOMS = ["r1", "r2", "r3", "r4", "lobby"]
GRACE = 30.0

names = st.sampled_from(NAMES)
rooms = st.sampled_from(ROOMS)
maybe_rooms = st.none() | rooms
walks: st.SearchStrategy[list[c.Command]] = st.one_of(
    rooms.map(lambda room: [c.CreateRoom(room), c.SendMessage("hello")]),
    rooms.map(lambda room: [c.JoinRoom(room)]),
    rooms.map(lambda room: [c.JoinRoom(room), c.LeaveRoom()]),
)
moves: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.CreateRoom, rooms),
    st.builds(c.KickUser, names, room=maybe_rooms),
    st.builds(c.BanUser, names, room=maybe_rooms),
    st.builds(c.UnbanUser, names, room=maybe_rooms),
    st.builds(c.SetRole, names, st.sampled_from(["owner", "moderator", "member"])),
    st.builds(c.CloseRoom, room=maybe_rooms),
    st.builds(c.SetTopic, st.sampled_from(["", "sums"])),
    st.builds(c.SetPrivate, st.booleans()),
    st.builds(c.SetSlow, st.sampled_from([0, 10])),
    st.builds(c.Rename, names),
    st.builds(c.DropAccount, names),
    st.just(c.LogOut()),
)
"""What else users do that moves them, or rooms."""


def server_with_empty_rooms(make_server: MakeServer, *kept: str, most: int, rules: int = RULES) -> Server:
    """Return a server that keeps so many rooms without members, with these, the one of the longest time ago first."""
    server = make_server(empty_rooms=most, grace=GRACE)
    server.chat.state.keeps_rooms = True
    for node in server.chat.nodes.up.values():
        node.rules = rules
    maker = server.login("maker")
    for name in kept:
        maker.ask("create_room", room=name)
        maker.ask("send_message", text=f"said in {name}")
    maker.ask("logout")
    return server


def empty(server: Server) -> list[str]:
    """Return the names of the rooms that are kept without members."""
    return [room.name for room in server.chat.state.empty_rooms]


@pytest.mark.parametrize("rules", [RULES, SHARES_WHAT_IS_LEFT - 1], ids=["now", "before shares"])
def test_last_one_in_a_room_goes_into_the_empty_room_that_is_the_next_to_go(
    make_server: MakeServer, rules: int
) -> None:
    """That is not empty any more: the other one is kept in its place, and none has to go."""
    server = server_with_empty_rooms(make_server, "old", "new", most=2, rules=rules)
    ann, bob = server.logins("ann", "bob")
    ann.ask("create_room", room="own")
    ann.ask("send_message", text="alone here")
    assert ann.ask("join_room", room="old")["room"] == "old"
    assert empty(server) == ["new", "own"]
    assert [each["text"] for each in ann.ask("history", room="old")["messages"]] == ["said in old"]
    assert ann.ask("send_message", text="back again")["seq"] == 2
    assert bob.ask("join_room", room="old")["users"] == ["ann", "bob"]
    ann.drop()
    server.advance(GRACE + 1)
    assert server.users() == ["bob"]


def test_whoever_a_snapshot_of_before_has_in_no_room_is_in_the_lobby(make_server: MakeServer) -> None:
    """The room was gone; the session comes to its end in order all the same."""
    server = make_server(grace=GRACE)
    ann, _bob = server.logins("ann", "bob")
    ann.ask("create_room", room="own")
    ann.drop()
    rows = [row for row in dump(server.chat) if row.get("name") != "own" and row["row"] != "reading"]
    copy = Chat(server.limits, MemoryLog(server.limits))
    load(copy, rows)
    assert [member.name for member in copy.rooms["lobby"].members] == ["bob", "ann"]
    (node,) = copy.nodes.up
    copy.apply(Entry(copy.position + 1, 1.8e9, GRACE * 2, Batch(node, copy.nodes.up[node].number + 1, ())))
    assert list(copy.users) == ["bob"]


class EmptyRoomsMachine(RuleBasedStateMachine):
    """A chat whose users do all that moves them in and out of rooms; few of these are kept without members."""

    @initialize(
        most=st.integers(0, 3),
        keeps=st.sampled_from([True, True, True, False]),
        rules=st.sampled_from([RULES, SHARES_WHAT_IS_LEFT - 1]),
    )
    def begin(self, most: int, keeps: bool, rules: int) -> None:
        self.limits = Limits(empty_rooms=most, grace=GRACE, sessions=4)
        self.chat = Chat(self.limits, MemoryLog(self.limits))
        self.position, self.clock, self.connections = 0, 0.0, 0
        self.at: dict[str, int] = {}
        """By who has logged in by which name last, the connection."""
        told = self.limits.model_dump(mode="json")
        self.apply(0, NodeUp("nonce", told, keeps_rooms=keeps, rules=rules))
        self.node = self.position
        for name in NAMES:
            self.log_in(name, account=False, operator=name == "ann")
        for room in ROOMS[:most]:
            self.asks("ann", c.CreateRoom(room), c.SendMessage("hello"))

    def apply(self, node: int, *records: Record) -> None:
        """Apply an entry: nothing is a mistake of ours, whatever is refused."""
        self.position += 1
        entry = Entry(self.position, 1.8e9 + self.clock, self.clock, Batch(node, self.position, records))
        applied = self.chat.apply(entry)
        assert applied is not None
        assert [each.mistake for each in applied.outcomes if each.mistake] == []

    def asks(self, name: str, *commands: c.Command) -> None:
        """Let who has logged in by that name ask for something, all in one entry."""
        note(f"{name}: {commands}")
        self.apply(self.node, *(Act(self.at[name], command) for command in commands))

    @rule(name=names, account=st.booleans(), operator=st.booleans())
    def log_in(self, name: str, account: bool, operator: bool) -> None:
        self.connections += 1
        connection, here = (self.node << NODE_BITS) + self.connections, self.chat.users.get(name)
        shown = "" if here is None else here.token
        keys = Keys(shown=shown, session=f"s{self.connections}", numbers=f"n{self.connections}")
        origin = Origin("ws", "chat", "192.0.2.1:1", place="192.0.2.1")
        self.apply(self.node, LoggedIn(connection, c.LogIn(name), origin, keys, account=name if account else ""))
        if self.chat.session(connection) is not None:
            self.at[name] = connection
        if operator:
            self.asks(name, c.BecomeOperator(""))

    @rule(of=st.lists(st.tuples(names, walks), min_size=1, max_size=5))
    def walk_about(self, of: list[tuple[str, list[c.Command]]]) -> None:
        for name, commands in of:
            self.asks(name, *commands)

    @rule(name=names, move=moves)
    def do_something_else(self, name: str, move: c.Command) -> None:
        self.asks(name, move)

    @rule(name=names)
    def lose_connection(self, name: str) -> None:
        self.apply(self.node, Gone(self.at[name], "lost"))

    @rule(seconds=st.sampled_from([1.0, GRACE + 1]))
    def time_passes(self, seconds: float) -> None:
        self.clock += seconds
        self.apply(self.node)

    @rule(most=st.integers(0, 3))
    def set_limits(self, most: int) -> None:
        self.limits = self.limits.model_copy(update={"empty_rooms": most})
        self.apply(self.node, LimitsSet(self.limits.model_dump(mode="json")))

    @rule(room=rooms)
    def forget(self, room: str) -> None:
        self.apply(self.node, RoomsForgotten((room,)))

    @rule()
    def go_on_with_a_snapshot(self) -> None:
        rows = list(dump(self.chat))
        self.chat = Chat(self.limits, MemoryLog(self.limits))
        load(self.chat, rows)
        assert list(dump(self.chat)) == rows

    @invariant()
    def everybody_is_in_a_room_that_is_there(self) -> None:
        state = self.chat.state
        for session in state.users.values():
            room = session.room
            assert room is not None
            assert state.rooms.get(room.key) is room
            assert session in room.members
        assert sum(len(room.members) for room in state.rooms.values()) == len(state.users)

    @invariant()
    def rooms_without_members_are_kept_on_purpose(self) -> None:
        state = self.chat.state
        without = {room for room in state.rooms.values() if not (room.members or room.always)}
        assert set(state.empty_rooms) == without
        assert all(self.chat.log.head(room.key) or room.is_remembered for room in without)

    @invariant()
    def nothing_is_left_of_rooms_that_are_gone(self) -> None:
        state, there = self.chat.state, set(self.chat.state.rooms.values())
        assert there >= {room for places in state.reading.places.values() for room in places}
        assert there >= {*state.slow_rooms, *state.sanctions.rooms, *state.due.to_inherit}
        assert there >= {room for several in state.ruled.values() for room in several}
        assert set(state.people) >= {person for room in there for person in room.roles}


TestEmptyRooms = pytest.mark.unmeasured(EmptyRoomsMachine.TestCase)
