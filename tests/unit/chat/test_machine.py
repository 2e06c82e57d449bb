"""A whole chat driven at random: whatever users do, nobody misses, repeats or overhears anything."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatcore.chat.kept.session_state import SessionState
from chatcore.events import BROADCAST_LOG
from tests.unit.playbook import Client, Frame, Server

NAMES = ["ann", "Bob", "cid", "Dora", "ed_1"]
OTHER_NAMES = ["ANN", "bobby", "CID", "x-x"]
ROOMS = ["python", "Rust", "go"]
GRACE = 30.0
SHORT_GRACE = 5.0
LONG = "x" * 7000


def by_key(names: list[str]) -> dict[str, str]:
    """Return names as shown by what they are compared by."""
    return {name.lower(): name for name in names}


@dataclass
class Person:
    """A user as the model knows it, and what its client has understood of the frames."""

    name: str
    client: Client
    room: str = "lobby"
    connected: bool = True
    reads: bool = True
    began: float = 0.0
    lost_at: float = 0.0
    used: bool = False
    """Whether anything was asked for in the session, or its token was shown."""
    cid: int = 0
    owed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What was said to it, by log (a room's key, `@`, `*`), in order."""
    got: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What it has read."""
    last: dict[str, Frame] = field(default_factory=dict)
    """Its position per log, as it sends it back to resume."""
    known: dict[str, str] = field(default_factory=dict)
    """Who is in its room, as far as it was told, by name without case."""
    resuming: bool = False

    @property
    def over_at(self) -> float:
        """When the grace period is over of a person who is not connected."""
        lasted = self.lost_at - self.began
        return self.lost_at + (GRACE if self.used else min(GRACE, max(SHORT_GRACE, lasted)))

    def understand(self) -> None:
        """Take in what came, as a client does."""
        for frame in self.client.take():
            getattr(self, f"on_{frame['type']}", lambda frame: None)(frame)

    def on_welcome(self, frame: Frame) -> None:
        self.known = by_key(frame["users"])
        for name, place in frame["positions"].items():
            if not self.resuming:
                self.last[name.lower()] = dict(place)
        self.room = frame["room"].lower()

    def on_room(self, frame: Frame) -> None:
        key = frame["room"].lower()
        if key != self.room:  # entered; else it is a fresh picture behind all messages
            self.last.pop(self.room)
            self.room = key
            self.last[key] = dict(frame["position"])
        assert self.last[key] == frame["position"]
        self.known = by_key(frame["users"])

    def on_presence(self, frame: Frame) -> None:
        assert frame["room"].lower() == self.room, "presence of another room"
        self.known |= by_key(frame["joined"])
        for name in frame["left"]:
            self.known.pop(name.lower(), None)

    def on_renamed(self, frame: Frame) -> None:
        self.known.pop(frame["from"].lower(), None)
        self.known[frame["to"].lower()] = frame["to"]

    def on_message(self, frame: Frame) -> None:
        assert frame["room"].lower() == self.room, "a message of another room"
        self._entry(self.room, frame)

    def on_direct(self, frame: Frame) -> None:
        self._entry("@", frame)

    def on_broadcast(self, frame: Frame) -> None:
        self._entry("*", frame)

    def on_gap(self, frame: Frame) -> None:
        raise AssertionError(f"these logs are large enough: {frame}")

    def _entry(self, log: str, frame: Frame) -> None:
        assert frame["seq"] == self.last[log]["seq"] + 1, "not the next one"
        self.last[log]["seq"] = frame["seq"]
        self.got[log].append(frame["text"])


class ChatMachine(RuleBasedStateMachine):
    """Users on links with and without boundaries, against a model of who is where and who has to hear what."""

    @initialize(presence_window=st.sampled_from([0.0, 0.05]))
    def open_the_doors(self, presence_window: float) -> None:
        self.server = Server(grace=GRACE, presence_window=presence_window, sessions=4)
        self.people: list[Person] = []
        self.said = 0

    # Helpers.

    @property
    def now(self) -> float:
        return self.server.clock.now

    def connected(self) -> list[Person]:
        return [person for person in self.people if person.connected]

    def readers(self) -> list[Person]:
        return [person for person in self.connected() if person.reads]

    def detached(self) -> list[Person]:
        return [person for person in self.people if not person.connected]

    def named(self, name: str) -> Person | None:
        return next((each for each in self.people if each.name.lower() == name.lower()), None)

    def rooms(self) -> set[str]:
        return {"lobby"} | {person.room for person in self.people}

    def expire(self) -> None:
        """Take out of the model whose grace period is over."""
        self.people = [each for each in self.people if each.connected or each.over_at > self.now]

    def understand(self) -> None:
        for person in self.readers():
            person.understand()

    def ask(self, person: Person, kind: str, **fields: Any) -> Frame:
        """Let somebody ask for something; the answer is understood in its place among the other frames."""
        note(f"{person.name}: {kind} {fields}")
        person.understand()
        person.used = True
        person.client.say(kind, id="q", **fields)
        (answer,) = [frame for frame in person.client.peek() if frame.get("id") == "q"]
        self.understand()
        return answer

    def text(self, long: bool) -> str:
        self.said += 1
        return f"{self.said} {LONG if long else ''}"

    # What users do.

    @rule(name=st.sampled_from(NAMES + OTHER_NAMES), boundaries=st.booleans())
    def log_in(self, name: str, boundaries: bool) -> None:
        client = self.server.connect(boundaries=boundaries)
        client.say("login", username=name, id="login")
        (answer,) = [frame for frame in client.peek() if frame.get("id") == "login"]
        if self.named(name) is not None:
            assert answer["code"] == "name_taken"
            client.drop()
        elif len(self.people) >= 4:
            assert answer["code"] == "server_full"
            client.drop()
        else:
            client.welcome = answer
            self.people.append(Person(name, client, began=self.now))
        self.understand()

    @precondition(lambda self: self.readers())
    @rule(data=st.data(), room=st.sampled_from(ROOMS))
    def create_room(self, data: st.DataObject, room: str) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        exists = room.lower() in self.rooms()
        answer = self.ask(person, "create_room", room=room)
        assert answer.get("code") == ("room_exists" if exists else None)
        assert person.room == (person.room if exists else room.lower())

    @precondition(lambda self: self.readers())
    @rule(data=st.data(), room=st.sampled_from([*ROOMS, "LOBBY"]))
    def join_room(self, data: st.DataObject, room: str) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        exists = room.lower() in self.rooms()
        answer = self.ask(person, "join_room", room=room)
        assert answer.get("code") == (None if exists else "no_such_room")
        if exists:
            assert person.room == room.lower()

    @precondition(lambda self: self.readers())
    @rule(data=st.data())
    def leave_room(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        self.ask(person, "leave_room")
        assert person.room == "lobby"

    @precondition(lambda self: self.readers())
    @rule(data=st.data(), long=st.booleans(), times=st.integers(1, 12), repeat=st.booleans())
    def send(self, data: st.DataObject, long: bool, times: int, repeat: bool) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        for _ in range(times):
            text = self.text(long)
            person.cid += 1
            for other in self.people:
                if other.room == person.room:
                    other.owed[person.room].append(text)
            own = self.ask(person, "send_message", text=text, cid=person.cid)
            assert (own["type"], own["cid"], own["from"]) == ("message", person.cid, person.name)
        if repeat:
            person.client.say("send_message", text=text, cid=person.cid, id="again")
            (again,) = [frame for frame in person.client.take() if frame.get("id") == "again"]
            assert again["seq"] == own["seq"]

    @precondition(lambda self: self.readers())
    @rule(data=st.data(), long=st.booleans(), unknown=st.booleans())
    def send_direct(self, data: st.DataObject, long: bool, unknown: bool) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        to = data.draw(st.lists(st.sampled_from(self.people), min_size=1, unique_by=id))
        text = self.text(long)
        person.cid += 1
        names = [each.name.upper() for each in to] + ["nobody"] * unknown
        if not unknown:
            for other in {id(each): each for each in (*to, person)}.values():
                other.owed["@"].append(text)
        answer = self.ask(person, "send_direct", to=names, text=text, cid=person.cid)
        assert answer["type"] == ("error" if unknown else "direct")
        if not unknown:
            assert answer["to"] == [each.name for each in to]

    @precondition(lambda self: self.readers())
    @rule(data=st.data(), long=st.booleans())
    def broadcast(self, data: st.DataObject, long: bool) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        text = self.text(long)
        person.cid += 1
        for other in self.people:
            other.owed["*"].append(text)
        assert self.ask(person, "broadcast", text=text, cid=person.cid)["type"] == "broadcast"

    @precondition(lambda self: self.readers())
    @rule(data=st.data(), name=st.sampled_from(NAMES + OTHER_NAMES))
    def rename(self, data: st.DataObject, name: str) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        holder = self.named(name)
        answer = self.ask(person, "rename", username=name)
        if holder is not None and holder is not person:
            assert answer["code"] == "name_taken"
        else:
            assert answer["type"] == "ok"
            person.name = name

    @precondition(lambda self: self.readers())
    @rule(data=st.data())
    def log_out(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        person.client.say("logout")
        self.people.remove(person)
        assert person.client.link.closed is not None
        person.client.drop()
        self.understand()

    # What networks do.

    @precondition(lambda self: self.connected())
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.connected()))
        note(f"{person.name} is dropped")
        person.client.drop()
        person.understand()
        person.connected, person.reads, person.lost_at = False, True, self.now
        self.understand()

    @precondition(lambda self: self.people)
    @rule(data=st.data(), boundaries=st.booleans())
    def resume(self, data: st.DataObject, boundaries: bool) -> None:
        person = data.draw(st.sampled_from(self.people))
        note(f"{person.name} resumes")
        person.understand()
        old, client = person.client, self.server.connect(boundaries=boundaries)
        client.say("login", username="whatever", token=old.token, since=person.last)
        client.welcome = old.welcome
        person.client, person.connected, person.reads, person.resuming = client, True, True, True
        person.used = True
        assert client.peek()[0]["resumed"] is True
        person.understand()
        old.link.reads_again()
        old.drop()
        self.understand()

    @precondition(lambda self: self.readers())
    @rule(data=st.data())
    def stop_reading(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.readers()))
        note(f"{person.name} stops reading")
        person.understand()
        person.reads = False
        person.client.link.stops_reading()

    @precondition(lambda self: len(self.readers()) < len(self.connected()))
    @rule(data=st.data())
    def read_again(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from([each for each in self.connected() if not each.reads]))
        note(f"{person.name} reads again")
        person.reads = True
        person.client.link.reads_again()
        self.server.settle()
        person.understand()

    @rule(seconds=st.sampled_from([0.01, 0.06, 1.0, 7.0, GRACE + 0.1]))
    def time_passes(self, seconds: float) -> None:
        self.server.advance(seconds)
        self.expire()
        self.understand()
        if seconds > 0.05:
            for person in self.readers():
                assert person.known == by_key([each.name for each in self.people if each.room == person.room])

    # What is always true.

    @invariant()
    def everyone_has_heard_everything_said_to_it_and_nothing_else(self) -> None:
        for person in self.readers():
            assert person.got == {log: texts for log, texts in person.owed.items() if texts}

    @invariant()
    def server_knows_who_is_where(self) -> None:
        chat = self.server.chat
        assert {key: (each.name, each.room.key) for key, each in chat.users.items() if each.room} == {
            person.name.lower(): (person.name, person.room) for person in self.people
        }
        for key, session in chat.users.items():
            assert session.state is (SessionState.DETACHED if session.connection is None else SessionState.ACTIVE)
            assert session.room is not None
            assert chat.rooms[session.room.key] is session.room
            assert session in session.room.members
            assert key in session.room.names.page(None, len(chat.users))[0]
            assert session.key == key
        assert sum(len(room.members) for room in chat.rooms.values()) == len(chat.users)

    @invariant()
    def rooms_are_the_default_one_and_those_with_members(self) -> None:
        chat = self.server.chat
        assert set(chat.rooms) == self.rooms()
        default = chat.state.default_room
        assert chat.rooms["lobby"] is default
        assert all(room.members for room in chat.rooms.values() if room is not default)

    @invariant()
    def tables_agree(self) -> None:
        state, switchboard = self.server.chat.state, self.server.switchboard
        users = list(state.users.values())
        assert {session.token: session for session in users} == state.tokens
        assert {session.client: session for session in users} == state.clients
        assert {session.numbers: session for session in users} == state.numbers
        waiting = {session for sessions in state.waiting.values() for session in sessions}
        assert waiting == {session for session in users if session.connection is None}
        active = {session.connection: session for session in users if session.connection is not None}
        assert state.connections == active
        assert set(switchboard.connections) >= set(active)

    @invariant()
    def nothing_is_left_of_what_is_gone(self) -> None:
        chat, switchboard = self.server.chat, self.server.switchboard
        inboxes = {session.inbox for session in chat.users.values()}
        assert set(self.server.log._rings) == set(chat.rooms) | inboxes | {BROADCAST_LOG}
        assert set(switchboard.fanout._rooms) <= set(chat.rooms)
        assert len(switchboard.connections) == len(self.connected())
        assert switchboard._outgoing._catch_up.due.keys() <= set(switchboard.connections.values())
        assert not chat.state._out
        assert not switchboard._shaper._changed_rooms
        assert {room.key for room in switchboard._shaper._windows} <= set(chat.rooms)
        assert all(each.under_way == 0 for each in switchboard.connections.values())
        assert self.server.mistakes() == []

    def teardown(self) -> None:
        if not hasattr(self, "server"):
            return
        for person in self.connected():
            person.reads = True
            person.client.link.reads_again()
        self.server.settle()
        self.understand()
        self.everyone_has_heard_everything_said_to_it_and_nothing_else()
        for person in self.connected():
            person.client.drop()
        self.server.advance(2 * GRACE)
        assert self.server.users() == []
        assert set(self.server.chat.rooms) == {"lobby"}
        assert not self.server.chat.state.due.graces, "no timer is left for what is gone"
        assert self.server.clock.timers == 0


TestChat = pytest.mark.unmeasured(ChatMachine.TestCase)
