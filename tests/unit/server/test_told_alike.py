"""Whoever is slow, comes back, goes elsewhere or proves to be somebody ends with what all others know."""

from __future__ import annotations

import json
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.playbook import Client, Frame, Server

PASSWORD: Final = "correct horse"
LONG: Final = "x" * 3000
BUFFER: Final = 8 * 1024

# What most often shows something: it is about what was told last, in the room in which the reader is, who is behind.
rooms = st.sampled_from(["here", "here", "here", "lobby", "den"])
about = st.tuples(st.sampled_from(["edits", "deletes", "reacts"]), rooms, st.integers(-3, 6))
steps = st.one_of(
    about,
    about,
    st.tuples(st.just("sips")),
    st.tuples(st.sampled_from(["falls_behind", "settles"])),
    st.tuples(st.just("says"), rooms),
    st.tuples(st.sampled_from(["stops", "reads", "comes_back", "identifies", "holds", "gives"])),
    st.tuples(st.sampled_from(["writes", "broadcasts", "kicks"])),
    st.tuples(st.just("goes"), st.sampled_from(["lobby", "den"])),
    st.tuples(st.just("turns"), st.integers(1, 4)),
)


class Reader:
    """What a program makes of what it is told; it asserts that it is told everything once, and in order."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.places: dict[str, tuple[str, int, int]] = {}
        """Epoch, seq and changes, by log."""
        self.entries: dict[str, dict[int, Frame | None]] = {"@": {}, "*": {}}
        """What was said, by log and seq; None of what cannot be had any more."""
        self.room = self.token = ""
        self.known: dict[str, bool] = {}
        """Whether a request to go to a room said how far it is known, by its id."""
        self.hears()

    def hears(self) -> None:
        """Take what came."""
        welcome, self.client.welcome = self.client.welcome, {}
        for frame in [welcome] * bool(welcome) + self.client.take():
            getattr(self, f"_{frame['type']}", lambda frame: None)(frame)

    def since(self, *logs: str) -> dict[str, Any]:
        """Return how far logs are known."""
        names = ("epoch", "seq", "changes")
        return {log: dict(zip(names, self.places[log], strict=True)) for log in logs if log in self.places}

    def _begin(self, log: str, position: Frame, *, goes_on: bool) -> None:
        known = self.places.get(log)
        place = position["epoch"], position["seq"], position.get("changes", 0)
        self.places[log] = place
        if not goes_on or known is None or known[:2] != place[:2]:
            self.entries[log] = {}

    def _welcome(self, frame: Frame) -> None:
        self.room, self.token = frame["room"], frame["session"]["token"]
        for log, position in frame["positions"].items():
            self._begin(log, position, goes_on=True)

    def _room(self, frame: Frame) -> None:
        if frame["room"] != self.room:
            self.room = frame["room"]
            self._begin(self.room, frame["position"], goes_on=self.known.get(frame.get("id", ""), False))

    def _message(self, frame: Frame) -> None:
        log = {"direct": "@", "broadcast": "*"}.get(frame["type"]) or frame["room"]
        assert log in (self.room, "@", "*")
        epoch, seq, changes = self.places[log]
        assert frame["seq"] == seq + 1
        self.places[log] = epoch, seq + 1, changes
        below = {each["emoji"]: each["count"] for each in frame.get("reactions", ())}
        self.entries[log][seq + 1] = {"text": frame["text"], "deleted": frame.get("deleted", False), "below": below}

    _direct = _broadcast = _message

    def _gap(self, frame: Frame) -> None:
        log = frame["room"]
        epoch, seq, changes = self.places[log]
        if frame["epoch"] != epoch:
            self.entries[log] = {}
            seq = frame["to"]
        for lost in range(seq + 1, frame["to"] + 1):
            self.entries[log][lost] = None
        self.places[log] = frame["epoch"], max(seq, frame["to"]), changes

    def _changed(self, frame: Frame, seq: int) -> Frame:
        assert frame["room"] == self.room
        epoch, last, changes = self.places[self.room]
        assert changes < frame["change"], "it was told before"
        self.places[self.room] = epoch, last, frame["change"]
        return self.entries[self.room].get(seq) or {"text": "", "deleted": False, "below": {}}

    def _moderated(self, frame: Frame) -> None:
        if frame["act"] in ("delete_message", "edit_message"):
            entry = self._changed(frame, frame["value"])
            is_gone = frame["act"] == "delete_message"
            assert is_gone or not entry["deleted"], "it is told behind its deletion"
            entry |= {"text": frame.get("text", ""), "deleted": is_gone}
            if is_gone:
                entry["below"] = {}

    def _reaction(self, frame: Frame) -> None:
        below = self._changed(frame, frame["seq"])["below"]
        below[frame["emoji"]] = frame["count"]
        if not frame["count"]:
            del below[frame["emoji"]]


class House:
    """A server, one who is told everything at once in each of two rooms, one who speaks there, and a slow reader."""

    def __init__(self, *, archived: bool, late: bool) -> None:
        server = Server(archived=archived, late=late, log_messages=8 if archived else 150, inbox_messages=1000)
        owner, ben, bo = server.logins("al", "ben", "bo")
        owner.ask("register", password=PASSWORD)
        owner.ask("logout")
        bo.ask("create_room", room="den")
        self.server, self.speakers, self.directs = server, {"lobby": ben, "den": bo}, list[str]()
        self.quick = {
            "lobby": Reader(server.login("eva", settled=False)),
            "den": Reader(server.login("fay", settled=False)),
        }
        self.quick["den"].client.say("join_room", room="den")
        self.slow = Reader(server.connect(buffer_bytes=BUFFER))
        self.says(self.slow.client, "login", username="sly", client="0" * 32)
        server.settle()
        self.slow.hears()
        self.token = self.slow.token
        self.said = 0

    def says(self, client: Client, kind: str, /, **fields: Any) -> None:
        """Let somebody ask for something in this turn."""
        client.link.sends(json.dumps({"type": kind, **fields}).encode())

    def does(self, what: str, *how: Any) -> None:
        """Let one thing happen."""
        getattr(self, f"_{what}")(*how)
        self.slow.hears()

    def _key(self, room: str) -> str:
        here = self.server.chat.users["sly"].room
        assert here is not None
        return here.key if room == "here" else room

    def _says(self, room: str, more: str = "") -> None:
        self.said += 1
        self.says(self.speakers[self._key(room)], "send_message", text=f"{self.said} {more}")

    def _falls_behind(self) -> None:
        self._stops()
        for _ in range(80):
            self._says("here", LONG)
        self.server.settle()

    def _about(self, kind: str, room: str, back: int, **fields: Any) -> None:
        key = self._key(room)
        last = (self.slow.client.connection.behind or {}).get(key, self.server.log.head(key))
        self.says(self.speakers[key], kind, seq=max(1, last - back), **fields)

    def _edits(self, room: str, back: int) -> None:
        self.said += 1
        self._about("edit_message", room, back, text=f"corrected {self.said}")

    def _deletes(self, room: str, back: int) -> None:
        self._about("delete_message", room, back)

    def _reacts(self, room: str, back: int) -> None:
        self._about("unreact" if self.said % 2 else "react", room, back, emoji="👍")

    def _writes(self) -> None:
        self.directs.append(f"direct {len(self.directs)}")
        to = "al" if self.server.chat.users["sly"].account is None else "sly"
        self.says(self.speakers["lobby"], "send_direct", to=to, text=self.directs[-1])

    def _broadcasts(self) -> None:
        self.says(self.speakers["lobby"], "broadcast", text="to all")

    def _kicks(self) -> None:
        self.says(self.speakers["den"], "kick", username="sly")

    def _stops(self) -> None:
        self.slow.client.link.stops_reading()

    def _sips(self) -> None:
        self.slow.client.link.reads_again()
        self.slow.client.link.stops_reading()
        self.server.clock.turn()

    def _reads(self) -> None:
        self.slow.client.link.reads_again()

    def _comes_back(self) -> None:
        slow = self.slow
        slow.client.link.breaks()
        slow.client, slow.known = self.server.connect(buffer_bytes=BUFFER), {}
        since = slow.since(*slow.places)
        self.says(slow.client, "login", username="sly", client="0" * 32, token=self.token, since=since)

    def _identifies(self) -> None:
        self.says(self.slow.client, "identify", account="al", password=PASSWORD)

    def _goes(self, room: str) -> None:
        slow, request = self.slow, f"to {self.said}"
        self.said += 1
        known = slow.since(room) if room != slow.room else {}
        slow.known[request] = bool(known)
        self.says(slow.client, "join_room", room=room, id=request, **({"since": known[room]} if known else {}))

    def _holds(self) -> None:
        self.server.archive.holds = True

    def _gives(self) -> None:
        self.server.archive.holds = False
        self.server.archive.gives()

    def _turns(self, times: int) -> None:
        for _ in range(times):
            self.server.clock.turn()

    def _settles(self) -> None:
        self.server.settle()


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(steps, min_size=5, max_size=40), st.booleans(), st.booleans())
def test_reader_ends_with_what_everybody_else_was_told(todo: list[tuple[Any, ...]], archived: bool, late: bool) -> None:
    house = House(archived=archived, late=late)
    house.does("falls_behind")
    for what, *how in todo:
        house.does(what, *how)
    for what in ("gives", "settles", "reads", "settles"):
        house.does(what)
    server, slow = house.server, house.slow
    assert server.mistakes() == []
    there = server.chat.users["sly"]
    assert there.room is not None
    assert slow.room == there.room.name
    quick = house.quick[slow.room]
    quick.hears()
    floor = 1 if archived else server.log.floor(slow.room)
    for seq, entry in slow.entries[slow.room].items():
        truth = quick.entries[slow.room][seq]
        assert truth is not None
        # Nobody knows what an entry says now that is left nowhere; but that it is deleted.
        assert entry is None or entry == truth or (seq < floor and not truth["deleted"])
    for log, key in ((slow.room, slow.room), ("*", "*"), ("@", there.inbox)):
        last = server.log.head(key)
        assert slow.places[log][:2] == server.log.position(key)[:2]
        told = slow.entries[log]
        assert list(told) == list(range(last - len(told) + 1, last + 1))
    if there.account is not None:
        assert [
            entry["text"] if entry else said
            for entry, said in zip(slow.entries["@"].values(), house.directs, strict=True)
        ] == house.directs
