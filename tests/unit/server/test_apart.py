"""Files between users of two nodes: passed on with the same credit, and over with a reason when something is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatcore.chat.effects import NODE_BITS
from chatcore.dialects.chat.chunks import encode_chunk
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.journal import Entry
from chatcore.records import FlowBroken
from chatcore.server.files.parcels import Kind, Parcel, unpack
from tests.unit.chat.test_files import accept, news, offer, resume
from tests.unit.fakes import FakeClock, LateJournal
from tests.unit.playbook import Client, Server

SIZE = 3 * CHUNK_BYTES
PIECES = [bytes([each]) * CHUNK_BYTES for each in range(3)]


class Couriers:
    """Implements `chatcore.ports.courier.Courier` for all nodes of a test: in the next turn, unless it is lost."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._takes: dict[int, Callable[[bytes], None]] = {}
        self.loses: Callable[[Parcel], bool] = lambda parcel: False
        """What does not arrive."""
        self.carried: list[Parcel] = []
        """What was asked for, lost or not."""

    def receive(self, node: int, take: Callable[[bytes], None]) -> None:
        """Give `take` what is carried to this node."""
        self._takes[node] = take

    def carry(self, node: int, data: bytes) -> None:
        """Carry bytes to a node."""
        parcel = unpack(data)
        if parcel is not None:
            self.carried.append(parcel)
        if node in self._takes and (parcel is None or not self.loses(parcel)):
            self._clock.call_soon(lambda: self._takes[node](data))


class SharedJournal(LateJournal):
    """One node's view of an order that several share."""

    def __init__(self, clock: FakeClock, views: list[SharedJournal]) -> None:
        super().__init__(clock)
        views.append(self)
        self._views = views
        self.entries = views[0].entries

    def deliver(self, entry: Entry) -> None:
        """Hand it out to all."""
        for view in self._views:
            LateJournal.deliver(view, entry)


class Nodes:
    """Nodes of one chat, and their users: alice at the first one, bob at the second one."""

    def __init__(self, count: int = 2, **limits: Any) -> None:
        self.clock = FakeClock()
        self.couriers = Couriers(self.clock)
        views: list[SharedJournal] = []
        self.servers = [
            Server(
                journal=SharedJournal(self.clock, views),
                life=f"{number}-",
                lease=4.0,
                courier=self.couriers,
                **{"grace": 30, **limits},
            )
            for number in range(count)
        ]
        password = {"password": limits["password"]} if "password" in limits else {}
        self.alice, self.bob = (
            server.login(name, **password) for name, server in zip(("alice", "bob"), self.servers, strict=False)
        )

    def settle(self) -> None:
        """Let everything happen that is due."""
        for server in self.servers:
            server.settle()

    def running(self, size: int = SIZE, upto: int = SIZE) -> tuple[str, int]:
        """Let alice send bob a file, which he has granted so much of; return its id and the number of the run."""
        file = offer(self.alice, "bob", size=size)
        number = accept(self.bob, file)
        self.bob.say("file_credit", transfer=number, upto=upto)
        return file, number

    def send(self, number: int, *chunks: int) -> None:
        """Let alice send these chunks: 0 for the first one, 1 for the next."""
        for each in chunks:
            self.alice.send_chunk(number, each * CHUNK_BYTES, PIECES[each])

    @property
    def arrived(self) -> list[tuple[int, int, bytes]]:
        """What bob got: number of the run, offset and bytes of each chunk."""
        self.bob.peek()
        return self.bob.chunks

    def lose(self, kind: Kind, most: int = 1) -> None:
        """Lose what the nodes say of this kind, so often."""
        left = [None] * most

        def loses(parcel: Parcel) -> bool:
            return parcel.kind is kind and bool(left) and left.pop() is None

        self.couriers.loses = loses


def ends(*clients: Client) -> list[tuple[str, str]]:
    """Return of each client how the file ended, and why."""
    return [(frame["type"], frame.get("code", "")) for client in clients for frame in news(client)[-1:]]


def test_file_goes_from_node_to_node_with_the_same_credit() -> None:
    """The sender may go as far as the receiver says, and no further."""
    nodes = Nodes(file_window_bytes=2 * CHUNK_BYTES)
    file, number = nodes.running()
    assert [frame.get("upto") for frame in news(nodes.alice)] == [None, 2 * CHUNK_BYTES]
    nodes.send(number, 0, 1)
    assert nodes.arrived == [(number, 0, PIECES[0]), (number, CHUNK_BYTES, PIECES[1])]
    assert nodes.bob.refused("file_done", file=file) == "bad_request"
    nodes.bob.say("file_credit", transfer=number, upto=SIZE)
    assert [frame["upto"] for frame in news(nodes.alice)] == [SIZE]
    nodes.send(number, 2)
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}
    assert ends(nodes.alice) == [("file_done", "")]
    assert [len(server.chat.files) for server in nodes.servers] == [0, 0]


def test_chunk_without_credit_ends_it_at_the_node_of_its_sender() -> None:
    """It is not passed on, and however many come, the journal is told once."""
    nodes = Nodes()
    _file, number = nodes.running(upto=CHUNK_BYTES)
    before = len(nodes.couriers.carried)
    for each in (1, 1, 1):
        nodes.alice.link.sends(encode_chunk(number, each * CHUNK_BYTES, PIECES[each], boundaries=True))
    nodes.clock.settle()
    assert ends(nodes.alice, nodes.bob) == [("file_error", "bad_chunk")] * 2
    assert len(nodes.couriers.carried) == before
    records = [record for entry in nodes.servers[0].journal.entries for record in entry.batch.records]
    assert sum(isinstance(record, FlowBroken) for record in records) == 1


def test_chunk_that_is_lost_ends_it_when_the_next_one_comes() -> None:
    """What came behind it is not taken for what was lost."""
    nodes = Nodes()
    _file, number = nodes.running()
    nodes.lose(Kind.CHUNK)
    nodes.send(number, 0, 1)
    assert nodes.arrived == []
    assert ends(nodes.alice, nodes.bob) == [("file_error", "chunk_lost")] * 2


def test_last_chunk_that_is_lost_ends_it_within_seconds() -> None:
    """The receiver's node says again how far it is, and is told that there was more."""
    nodes = Nodes()
    _file, number = nodes.running()
    nodes.lose(Kind.CHUNK)
    nodes.send(number, 0)
    nodes.clock.advance(5)
    assert ends(nodes.alice, nodes.bob) == [("file_error", "chunk_lost")] * 2


@pytest.mark.parametrize("lost", [1, 2])
def test_credit_that_is_lost_comes_again(lost: int) -> None:
    """Nothing is broken by that."""
    nodes = Nodes()
    nodes.lose(Kind.STANDING, lost)
    _file, number = nodes.running()
    nodes.clock.advance(10)
    assert news(nodes.alice)[-1] == {"type": "file_credit", "transfer": number, "upto": SIZE}
    nodes.send(number, 0, 1, 2)
    assert len(nodes.arrived) == 3


def test_pause_of_both_sides_loses_nothing() -> None:
    """What the nodes say to each other meanwhile is no chunk, and no credit."""
    nodes = Nodes()
    file, number = nodes.running()
    nodes.send(number, 0)
    nodes.clock.advance(50)
    nodes.send(number, 1, 2)
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}


def test_file_of_which_nothing_moves_ends_in_time_on_two_nodes_too() -> None:
    """The one that waits for it says so."""
    nodes = Nodes(file_idle=10)
    nodes.running()
    nodes.clock.advance(12)
    assert ends(nodes.alice, nodes.bob) == [("file_error", "file_idle")] * 2


def test_node_by_which_a_file_does_not_go_does_not_end_it() -> None:
    """Nothing moves there, whatever moves elsewhere."""
    nodes = Nodes(3, file_idle=10)
    carol = nodes.servers[1].login("carol")
    file = offer(nodes.bob, "carol", size=SIZE)
    number = accept(carol, file)
    for each in range(3):
        carol.say("file_credit", transfer=number, upto=(each + 1) * CHUNK_BYTES)
        nodes.bob.send_chunk(number, each * CHUNK_BYTES, PIECES[each])
        nodes.clock.advance(6)
    assert carol.ask("file_done", file=file) == {"type": "ok"}


def test_sender_that_comes_back_at_another_node_goes_on_where_the_receiver_is() -> None:
    """That node has not seen any of it; nobody sends anything twice."""
    nodes = Nodes(3)
    file, number = nodes.running()
    nodes.send(number, 0)
    alice = nodes.alice
    alice.drop()
    nodes.alice = resume(nodes.servers[2], alice, "alice")
    assert news(nodes.alice)[-2:] == [
        {"type": "file_accept", "file": file, "from": "bob", "transfer": number, "offset": CHUNK_BYTES},
        {"type": "file_credit", "transfer": number, "upto": SIZE},
    ]
    nodes.send(number, 1, 2)
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}


@pytest.mark.parametrize("kind", [Kind.ASK, Kind.STANDING])
def test_sender_that_comes_back_is_told_later_when_that_is_lost(kind: Kind) -> None:
    """It does not hang; and what it sends before it is told where to go on is a mistake of its own."""
    nodes = Nodes(3)
    _file, number = nodes.running()
    nodes.send(number, 0)
    nodes.alice.drop()
    nodes.lose(kind, 3)
    nodes.alice = resume(nodes.servers[2], nodes.alice, "alice")
    nodes.clock.advance(10)
    assert [frame["type"] for frame in news(nodes.alice)][-2:] == ["file_accept", "file_credit"]
    nodes.send(number, 1, 2)
    assert len(nodes.arrived) == 3


def test_sender_that_comes_back_at_the_node_of_the_receiver_goes_on_there() -> None:
    """And the other way round: from one node to two."""
    nodes = Nodes()
    file, number = nodes.running()
    nodes.send(number, 0)
    for server in (nodes.servers[1], nodes.servers[0]):
        nodes.alice.drop()
        nodes.alice = resume(server, nodes.alice, "alice")
        assert [frame.get("offset") for frame in news(nodes.alice)][-2] == CHUNK_BYTES
    nodes.send(number, 1, 2)
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}


def test_chunk_of_a_connection_that_the_sender_has_left_is_dropped() -> None:
    """It was still under way between the nodes: its sender has sent it again."""
    nodes = Nodes(3)
    file, number = nodes.running()
    nodes.send(number, 0)
    late = nodes.couriers.carried[-1].pack()
    nodes.alice.drop()
    nodes.alice = resume(nodes.servers[2], nodes.alice, "alice")
    nodes.couriers.carry(nodes.servers[1].switchboard.node, late)
    nodes.send(number, 1, 2)
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}
    assert len(nodes.arrived) == 3


def test_receiver_that_comes_back_at_another_node_asks_for_the_rest() -> None:
    """Under a new number; nothing of the old one counts."""
    nodes = Nodes(3)
    file, _number = nodes.running()
    nodes.send(_number, 0)
    nodes.bob.drop()
    nodes.bob = resume(nodes.servers[2], nodes.bob, "bob")
    number = accept(nodes.bob, file, CHUNK_BYTES)
    nodes.bob.say("file_credit", transfer=number, upto=SIZE)
    nodes.send(_number, 1)
    nodes.send(number, 1, 2)
    assert nodes.arrived == [(number, CHUNK_BYTES, PIECES[1]), (number, 2 * CHUNK_BYTES, PIECES[2])]
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}


def test_receiver_that_comes_back_at_another_node_with_all_of_it_has_it() -> None:
    """What it said of that is lost with its connection; that node has not seen any of it."""
    nodes = Nodes(3)
    file, number = nodes.running()
    nodes.send(number, 0, 1, 2)
    nodes.bob.drop()
    nodes.bob = resume(nodes.servers[2], nodes.bob, "bob")
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}
    assert ends(nodes.alice) == [("file_done", "")]
    nodes.bob.drop()
    assert news(resume(nodes.servers[0], nodes.bob, "bob")) == []


def test_receiver_that_comes_back_has_what_the_last_node_by_which_it_came_has_passed_on() -> None:
    """A part is not all of it; and what an earlier node has seen of it is the past."""
    nodes = Nodes(3)
    _, second, third = nodes.servers
    file, number = nodes.running()
    nodes.send(number, 0)
    nodes.bob.drop()
    nodes.bob = resume(second, nodes.bob, "bob")
    assert nodes.bob.refused("file_done", file=file) == "bad_request"
    nodes.bob.drop()
    nodes.bob = resume(third, nodes.bob, "bob")
    number = accept(nodes.bob, file, CHUNK_BYTES)
    assert nodes.bob.refused("file_done", file=file) == "bad_request"
    nodes.bob.say("file_credit", transfer=number, upto=SIZE)
    nodes.send(number, 1, 2)
    nodes.bob.drop()
    nodes.bob = resume(second, nodes.bob, "bob")
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}


def test_credit_that_is_granted_while_the_sender_is_away_is_told_when_it_is_back() -> None:
    """Nobody is there who could be told before."""
    nodes = Nodes(3)
    _file, number = nodes.running(upto=CHUNK_BYTES)
    nodes.alice.drop()
    nodes.bob.say("file_credit", transfer=number, upto=SIZE)
    nodes.alice = resume(nodes.servers[2], nodes.alice, "alice")
    assert news(nodes.alice)[-1] == {"type": "file_credit", "transfer": number, "upto": SIZE}


@pytest.mark.parametrize("kind", list(Kind))
def test_parcel_at_a_node_that_it_is_not_for_changes_nothing(kind: Kind) -> None:
    """A node may be told of what its users have left."""
    nodes = Nodes(3)
    file, number = nodes.running()
    sender = nodes.alice.connection.number
    for each in range(3):
        nodes.couriers.carry(nodes.servers[2].switchboard.node, Parcel(kind, number, sender, each, SIZE, b"x").pack())
    nodes.clock.settle()
    nodes.send(number, 0, 1, 2)
    assert nodes.bob.ask("file_done", file=file) == {"type": "ok"}


def test_file_is_called_off_by_either_side() -> None:
    """The other one is told; what is under way is dropped."""
    nodes = Nodes()
    for one, other in ((nodes.alice, nodes.bob), (nodes.bob, nodes.alice)):
        file, number = nodes.running()
        nodes.send(number, 0)
        assert one.ask("file_cancel", file=file) == {"type": "ok"}
        assert [frame["type"] for frame in news(other)][-1] == "file_cancel"
        nodes.send(number, 1)
    assert [len(server.chat.files) for server in nodes.servers] == [0, 0]


def test_file_for_a_room_goes_to_members_at_all_nodes() -> None:
    """Each at its own speed."""
    nodes = Nodes(3)
    carol = nodes.servers[0].login("carol")
    answer = nodes.alice.ask("file_offer", room=True, name="a.txt", size=5, sha256="0" * 64)
    assert answer["to"] == ["bob", "carol"]
    for receiver in (nodes.bob, carol):
        number = accept(receiver, answer["file"])
        receiver.say("file_credit", transfer=number, upto=5)
        nodes.alice.send_chunk(number, 0, b"abcde")
        assert receiver.ask("file_done", file=answer["file"]) == {"type": "ok"}


def test_session_that_chooses_another_way_before_it_knows_how_far_it_is_is_told_once() -> None:
    """The receiver's node has to say it first."""
    nodes = Nodes(3)
    _file, number = nodes.running()
    nodes.send(number, 0)
    nodes.alice.drop()
    nodes.lose(Kind.STANDING, 3)
    nodes.alice = resume(nodes.servers[2], nodes.alice, "alice")
    assert nodes.alice.ask("file_way", second=False) == {"type": "ok"}
    assert news(nodes.alice) == []
    nodes.clock.advance(10)
    assert [frame["type"] for frame in news(nodes.alice)] == ["file_accept", "file_credit"]


@pytest.mark.parametrize(
    "data", [b"", b"\x01", Parcel(Kind.ASK, 1, 1).pack()[:-1], b"\x02" + Parcel(Kind.ASK, 1, 1).pack()[1:]]
)
def test_bytes_that_are_no_parcel_of_this_version_are_nothing(data: bytes) -> None:
    """A node of another version may have sent them."""
    assert unpack(data) is None
    assert unpack(bytes([1, 9]) + bytes(32)) is None


def test_parcel_survives_its_way() -> None:
    """With the highest numbers too."""
    parcel = Parcel(Kind.CHUNK, 2**63, (5 << NODE_BITS) + 7, 2**40, 2**41, b"bytes")
    assert unpack(parcel.pack()) == parcel
