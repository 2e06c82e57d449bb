"""How long a node is there is counted in the journal: the same on every node, and not by anybody's clock."""

from __future__ import annotations

import json

from chatcore.chat.chat import Chat
from chatcore.chat.effects import NODE_BITS
from chatcore.chat.kept.nodes import MOST_ADDRESSES
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from chatcore.commands import LogIn, SendMessage
from chatcore.dialects.record_json import decode_batch, encode_batch
from chatcore.events import MessagePosted, Refused, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.records import (
    JOINS_DECLARED_ROOMS,
    RULES,
    SLOWS_DOWN,
    Act,
    Keys,
    LoggedIn,
    NodeLeft,
    NodeUp,
    Origin,
    Record,
)

LIMITS = Limits(grace=30, connections_per_address=2)
ORIGIN = Origin("ws", "chat", "192.0.2.1", place="192.0.2.1")


class Journal:
    """Orders what nodes say, at times that are given, for one chat."""

    def __init__(self) -> None:
        self.chat = Chat(LIMITS, MemoryLog(LIMITS))
        self.position = 0
        self.numbers: dict[int, int] = {}

    def up(self, nonce: str, clock: float, lease: float = 4.0) -> int:
        """Let a node begin, and return its incarnation."""
        self.apply(0, 1, clock, NodeUp(nonce, LIMITS.model_dump(mode="json"), lease=lease, rules=RULES))
        self.numbers[self.position] = 1
        return self.position

    def says(self, node: int, clock: float, *records: Record) -> bool:
        """Let a node propose its next batch; tell whether it counts."""
        self.numbers[node] += 1
        return self.apply(node, self.numbers[node], clock, *records)

    def apply(self, node: int, number: int, clock: float, *records: Record) -> bool:
        """Apply a batch as it is read from a journal; tell whether it counts."""
        self.position += 1
        batch = decode_batch(encode_batch(Batch(node, number, records)))
        return self.chat.apply(Entry(self.position, 1.8e9 + clock, clock, batch)) is not None

    def let_in(self, node: int, number: int, name: str, clock: float, token: str = "") -> None:
        """Let somebody log in on a connection of a node."""
        keys = Keys(shown=token, session=f"s{name}", numbers=f"n{name}")
        assert self.says(node, clock, LoggedIn((node << NODE_BITS) + number, LogIn(name), ORIGIN, keys))

    @property
    def nodes(self) -> list[int]:
        """Who is up."""
        return list(self.chat.nodes.up)

    @property
    def connected(self) -> list[str]:
        """Who has a connection."""
        return [session.name for session in self.chat.users.values() if session.connection is not None]


def test_node_that_is_not_heard_of_is_gone_and_its_users_wait() -> None:
    """At the first batch of another one that comes after its lease."""
    journal = Journal()
    one, other = journal.up("one", 0.0), journal.up("other", 0.0)
    journal.let_in(one, 1, "ann", 0.5)
    for clock in (1.5, 3.0, 4.5):
        assert journal.says(other, clock)
    assert journal.connected == ["ann"]
    assert journal.says(other, 4.6)
    assert (journal.nodes, journal.connected) == ([other], [])
    assert not journal.says(one, 4.7)


def test_batch_that_comes_after_its_lease_counts_for_nothing_whoever_comes_first() -> None:
    """A node does not renew what is over."""
    journal = Journal()
    one, other = journal.up("one", 0.0), journal.up("other", 0.0)
    assert all(journal.says(other, clock) for clock in (1.5, 3.0, 4.0))
    before = list(dump(journal.chat))
    assert not journal.says(one, 4.1)
    assert list(dump(journal.chat)) == before


def test_every_batch_renews_the_lease_of_its_node() -> None:
    """A sign of life is enough."""
    journal = Journal()
    one, other = journal.up("one", 0.0), journal.up("other", 0.0)
    assert all(journal.says(node, float(clock)) for clock in range(1, 20) for node in (one, other))


def test_while_the_journal_orders_nothing_no_lease_runs() -> None:
    """Nobody can be heard then."""
    journal = Journal()
    one, other = journal.up("one", 0.0), journal.up("other", 1.0)
    assert journal.says(other, 9.0)
    assert journal.says(one, 11.5)
    assert journal.nodes == [one, other]


def test_node_that_begins_twice_with_one_nonce_is_one() -> None:
    """Its record was repeated on the way."""
    journal = Journal()
    one = journal.up("one", 0.0)
    journal.up("one", 0.1)
    assert journal.nodes == [one]


def test_server_that_is_alone_ends_all_others_and_ends_when_others_come() -> None:
    """It has no lease: it is there until somebody else is."""
    journal = Journal()
    journal.up("one", 0.0)
    alone = journal.up("alone", 1.0, lease=0.0)
    assert journal.nodes == [alone]
    assert all(journal.says(alone, clock) for clock in (1.0, 1000.0))
    other = journal.up("other", 1000.5)
    assert journal.nodes == [other]


def test_users_of_a_node_that_is_gone_wait_in_one_order_also_where_a_snapshot_was_loaded() -> None:
    """Of those of one place so many may wait, and which of them do must not depend on how a node began."""
    journal = Journal()
    one = journal.up("one", 0.0)
    for number, name in ((1, "ann"), (2, "bob"), (3, "cleo")):
        journal.let_in(one, number, name, 0.1)
    journal.let_in(one, 4, "ann", 0.2, token="sann.nann")
    loaded = Journal()
    load(loaded.chat, json.loads(json.dumps(list(dump(journal.chat)))))
    for each in (journal, loaded):
        each.position = journal.position
        each.up("alone", 1.0, lease=0.0)
    assert sorted(journal.chat.users) == sorted(loaded.chat.users)


def test_node_that_allows_something_else_does_not_begin_beside_others() -> None:
    """Nor one that applies records otherwise; who is alone may change both."""
    journal = Journal()
    one = journal.up("one", 0.0)
    other = LIMITS.model_dump(mode="json") | {"text_bytes": 100}
    for unlike, names in (
        (NodeUp("other", other, lease=4.0, rules=RULES), ["text_bytes"]),
        (NodeUp("newer", LIMITS.model_dump(mode="json"), lease=4.0, rules=RULES + 1), ["version"]),
        (NodeUp("newer", LIMITS.model_dump(mode="json"), lease=4.0, rules=RULES, unicode="99.0.0"), ["version"]),
    ):
        assert journal.chat.unlike(unlike) == names
        assert journal.apply(0, 1, 1.0, unlike)
        assert journal.nodes == [one]
        assert journal.chat.state.limits == LIMITS
    for clock in (2.5, 4.0, 5.5):  # each of them is heard, so at the last one the other node is gone
        assert journal.apply(0, 1, clock, NodeUp(f"at {clock}", other, lease=4.0, rules=RULES))
    assert journal.nodes == [journal.position]
    assert journal.chat.state.limits.text_bytes == 100


def test_addresses_of_all_nodes_are_told_and_go_with_their_nodes() -> None:
    """A snapshot has them too."""
    journal = Journal()
    limits = LIMITS.model_dump(mode="json")
    for nonce in ("one", "other"):
        journal.apply(0, 1, 0.0, NodeUp(nonce, limits, lease=4.0, rules=RULES, addresses=(f"ws://{nonce}:8765",)))
    assert journal.chat.about()["addresses"] == ["ws://one:8765", "ws://other:8765"]
    again = Chat(LIMITS, MemoryLog(LIMITS))
    load(again, json.loads(json.dumps(list(dump(journal.chat)))))
    assert again.about()["addresses"] == ["ws://one:8765", "ws://other:8765"]
    assert list(dump(again)) == list(dump(journal.chat))
    journal.numbers[2] = 1
    assert journal.says(2, 1.0, NodeLeft("stopped"))
    assert journal.chat.about()["addresses"] == ["ws://one:8765"]


def test_where_a_node_was_that_is_gone_is_remembered_for_pages_that_came_from_there() -> None:
    """The latest ones, in the order in which they came; and by a node, too, that begins from a snapshot."""
    journal = Journal()
    limits = LIMITS.model_dump(mode="json")
    places = [f"ws://{number}:8765" for number in range(MOST_ADDRESSES + 2)]
    for number, place in enumerate((*places, places[5])):
        journal.apply(0, 1, 0.0, NodeUp(f"n{number}", limits, lease=4.0, rules=RULES, addresses=(place,)))
        journal.numbers[journal.position] = 1
        assert journal.says(journal.position, 0.0, NodeLeft("stopped"))
    assert list(journal.chat.nodes.addresses) == [*places[2:5], *places[6:], places[5]]
    assert "addresses" not in journal.chat.about()
    journal.apply(0, 1, 0.0, NodeUp("last", limits, lease=4.0, rules=RULES, addresses=("ws://last:8765",)))
    again = Chat(LIMITS, MemoryLog(LIMITS))
    load(again, json.loads(json.dumps(list(dump(journal.chat)))))
    assert list(again.nodes.addresses) == ["ws://last:8765"]


def declares(journal: Journal, nonce: str, *rooms: str, rules: int = RULES, lease: float = 4.0) -> int:
    """Let a node begin that declares rooms, and return its incarnation."""
    limits = LIMITS.model_dump(mode="json")
    journal.apply(0, 1, 0.0, NodeUp(nonce, limits, lease=lease, rules=rules, rooms=rooms))
    journal.numbers[journal.position] = 1
    return journal.position


def test_room_that_one_node_declares_is_there_whatever_others_declare_that_begin_later() -> None:
    """Until nobody who is up declares it any more when the next one begins, also behind a snapshot."""
    journal = Journal()
    one = declares(journal, "one", "help", "homework")
    declares(journal, "other", "homework", "music")
    assert {room.name for room in journal.chat.rooms.values() if room.always} == {"lobby", "help", "homework", "music"}
    again = Chat(LIMITS, MemoryLog(LIMITS))
    load(again, json.loads(json.dumps(list(dump(journal.chat)))))
    journal.chat = again
    declares(journal, "third")
    assert set(again.rooms) == {"lobby", "help", "homework", "music"}
    assert journal.says(one, 0.1, NodeLeft("the server was stopped"))
    assert set(again.rooms) == {"lobby", "help", "homework", "music"}  # it may be back in a moment
    declares(journal, "fourth")
    assert set(again.rooms) == {"lobby", "homework", "music"}


def test_node_that_is_alone_has_the_rooms_that_it_declares_and_no_others() -> None:
    """As a server with a file that was started anew."""
    journal = Journal()
    declares(journal, "one", "help", lease=0.0)
    declares(journal, "again", "music", lease=0.0)
    assert set(journal.chat.rooms) == {"lobby", "music"}


def test_node_of_before_that_says_no_rules_is_of_another_version() -> None:
    """Until there were these, no journal said by which rules it was written: whoever read it took its own for them."""
    journal = Journal()
    journal.up("ours", 0.0)
    limits = LIMITS.model_dump(mode="json")
    written = {
        "v": 1,
        "node": 0,
        "number": 1,
        "records": [{"node_up": {"nonce": "old", "limits": limits, "lease": 4.0}}],
    }
    (began,) = decode_batch(json.dumps(written).encode()).records
    assert isinstance(began, NodeUp)
    assert journal.chat.unlike(began) == ["version"]


def test_journal_of_before_has_the_rooms_that_the_last_node_declared() -> None:
    """What is in it is applied as it was."""
    journal = Journal()
    for nonce, rooms in (("one", ["help"]), ("other", ["music"])):
        declares(journal, nonce, *rooms, rules=JOINS_DECLARED_ROOMS - 1)
    assert set(journal.chat.rooms) == {"lobby", "music"}


def in_a_slow_room(rules: int = RULES) -> tuple[Journal, int]:
    """Return a journal and a node, at which ann and bob are in a slow room."""
    journal = Journal()
    journal.apply(0, 1, 0.0, NodeUp("one", LIMITS.model_dump(mode="json"), lease=4.0, rules=rules))
    one = journal.position
    journal.numbers[one] = 1
    journal.let_in(one, 1, "ann", 0.1)
    journal.chat.rooms["lobby"].slow = 60
    return journal, one


def says(journal: Journal, node: int, connection: int, clock: float) -> ServerEvent | None:
    """Let somebody say something, and return the answer."""
    journal.numbers[node] += 1
    record = Act(connection, SendMessage("hello"))
    journal.position += 1
    batch = Batch(node, journal.numbers[node], (record,))
    applied = journal.chat.apply(Entry(journal.position, 1.8e9 + clock, clock, batch))
    assert applied is not None
    return applied.outcomes[0].answer


def test_another_node_is_no_way_around_slow_mode_and_neither_is_one_that_has_loaded_a_snapshot() -> None:
    """Who has said something, and when, is known wherever the journal is."""
    journal, one = in_a_slow_room()
    ann = (one << NODE_BITS) + 1
    assert isinstance(says(journal, one, ann, 1.0), MessagePosted)
    other = journal.up("other", 2.0)
    loaded = Journal()
    load(loaded.chat, json.loads(json.dumps(list(dump(journal.chat)))))
    for each in (journal, loaded):
        each.position, each.numbers[other] = other, 1
        each.let_in(other, 1, "ann", 3.0, token="sann.nann")
        refused = says(each, other, (other << NODE_BITS) + 1, 3.0)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.retry_after) == ("slow_mode", 58.0)
        for clock in range(6, 61, 3):
            assert each.says(other, float(clock))
        assert isinstance(says(each, other, (other << NODE_BITS) + 1, 61.0), MessagePosted)


def test_what_a_node_of_before_has_let_through_in_a_slow_room_counts_when_it_is_read_again() -> None:
    """It looked at that itself; what was acknowledged stays so."""
    for rules, kind in ((SLOWS_DOWN - 1, MessagePosted), (SLOWS_DOWN, Refused)):
        journal, one = in_a_slow_room(rules)
        answers = [says(journal, one, (one << NODE_BITS) + 1, clock) for clock in (0.2, 0.3)]
        assert [type(each) for each in answers] == [MessagePosted, kind]
