"""A mistake of one link or one dialect is the end of its own connection: it is logged, and all others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from chatcore.dialects.base import Dialect
from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.ports.transport import CloseReason
from tests.unit.fakes import FakeLink
from tests.unit.playbook import Client, Server


class Plug:
    """What a developer has made, as good as what it stands for until it is to make a mistake."""

    def __init__(self, good: Any, mistakes: dict[str, Any]) -> None:
        self._good = good
        self._mistakes = mistakes

    def __getattr__(self, name: str) -> Any:
        found = self._mistakes.get(name, self)
        if found is self:
            return getattr(self._good, name)
        if not isinstance(found, Exception):
            return lambda *_args, **_options: found

        def fail(*_args: Any, **_options: Any) -> None:
            raise found

        return fail


class OwnDialect(Plug):
    """The dialect `chat` of somebody else; `mistakes` are those of its machines."""

    def __init__(self) -> None:
        super().__init__(chat_dialect, {})
        self.name = "own"
        self.mistakes: dict[str, Any] = {}

    def server(self, *args: Any, **options: Any) -> Any:
        """Return a machine."""
        return Plug(chat_dialect.server(*args, **options), self.mistakes)


class Plugged(Server):
    """A server with alice, who comes over a link and in a dialect of somebody else's; bob and carol do not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.dialect = OwnDialect()
        self.link_mistakes: dict[str, Any] = {}
        self.alice = self.own("alice")
        self.bob, self.carol = self.logins("bob", "carol")
        self.alice.take()

    def own(self, username: str) -> Client:
        """Return a client that is logged in as alice is."""
        far_end = FakeLink(self.clock, boundaries=self.boundaries)
        link: Any = Plug(far_end, self.link_mistakes)
        link.transport = link.format = "own"
        client = Client(self, cast("Dialect", self.dialect), link)
        client.link, far_end.handler = far_end, client.connection
        client.welcome = client.ask("login", username=username)
        return client

    @property
    def has_alice(self) -> bool:
        """Whether her connection is there."""
        return self.alice.connection.number in self.switchboard.connections

    def told(self) -> list[dict[str, Any]]:
        """Return what the operator was told of mistakes."""
        return [dict(fields) for what, fields in self.records if what == "internal_error"]

    def all_is_well(self) -> None:
        """Assert that those who have nothing to do with a mistake hear each other, and others come in."""
        for number, (one, other) in enumerate(((self.bob, self.carol), (self.carol, self.bob))):
            one.take(), other.take()
            one.ask("send_message", text=f"m{number}")
            assert other.texts() == [f"m{number}"]
        assert self.login(f"dave{len(self.users())}").welcome["type"] == "welcome"


OWN = {"address": "192.0.2.1:5000", "transport": "own", "dialect": "own"}
LINK_MISTAKES = [
    ("write", OSError("write!"), "write!"),
    ("frame", OSError("frame!"), "frame!"),
    ("frame", "text", "frame has to return bytes, and this str is not that"),
    ("frame", None, "frame has to return bytes, and this NoneType is not that"),
]


@pytest.mark.parametrize(("name", "mistake", "told"), LINK_MISTAKES)
def test_link_that_cannot_be_written_to_is_dropped_and_nobody_else_notices(name: str, mistake: Any, told: str) -> None:
    server = Plugged()
    server.link_mistakes[name] = mistake
    assert server.bob.ask("send_message", text="hello")["seq"] == 1
    assert server.carol.texts() == ["hello"]
    (line,) = server.told()
    assert str(line.pop("error")) == told
    assert line == OWN
    assert not server.has_alice
    server.all_is_well()


@pytest.mark.parametrize(("name", "mistake", "told"), LINK_MISTAKES)
def test_what_is_for_one_link_alone_ends_that_one(name: str, mistake: Any, told: str) -> None:
    server = Plugged()
    server.link_mistakes[name] = mistake
    server.bob.ask("send_direct", to=["alice", "carol"], text="psst")
    assert server.carol.texts() == ["psst"]
    assert [str(each) for each in server.mistakes()] == [told]
    assert not server.has_alice
    server.all_is_well()


def test_link_whose_methods_all_fail_is_forgotten_all_the_same() -> None:
    """Also one that never says that it is gone."""
    server = Plugged()
    names = ("write", "frame", "close", "abort", "pause_reading", "resume_reading")
    server.link_mistakes |= {name: OSError(f"{name}!") for name in names}
    server.bob.ask("send_message", text="hello")
    assert not server.has_alice
    server.advance(1000.0)
    assert "alice" not in server.users()
    server.alice.drop()  # it says so after all
    server.all_is_well()


@pytest.mark.parametrize("name", ["close", "write", "frame", "abort"])
def test_stop_says_goodbye_to_everybody_whatever_one_link_does(name: str) -> None:
    server = Plugged()
    server.link_mistakes[name] = OSError("close!")
    server.switchboard.stop("bye")
    server.settle()
    for client in (server.bob, server.carol):
        assert (client.last()["type"], client.link.closed) == ("bye", CloseReason.GOING_AWAY)


def test_slow_link_that_fails_to_pause_is_dropped() -> None:
    server = Plugged()
    server.link_mistakes["pause_reading"] = OSError("pause!")
    server.alice.link.stops_reading()
    for number in range(40):
        server.bob.ask("send_message", text="x" * 4000)
        assert server.carol.take("message")[-1]["seq"] == number + 1
    assert not server.has_alice
    assert [str(each) for each in server.mistakes()] == ["pause!"]
    server.all_is_well()


def test_reader_that_is_behind_and_cannot_be_written_to_is_dropped() -> None:
    server = Plugged()
    far_end = server.alice.link
    far_end.stops_reading()
    for _ in range(40):
        server.bob.ask("send_message", text="x" * 4000)
    server.link_mistakes["write"] = OSError("write!")
    far_end.reads_again()
    server.settle()
    assert not server.has_alice
    assert [str(each) for each in server.mistakes()] == ["write!"]
    server.all_is_well()


@pytest.mark.parametrize("encoded", ["text", b"bytes".hex(), bytearray(b"x"), 5])
def test_dialect_that_encodes_to_no_bytes_is_named_and_leaves_it_out(encoded: Any) -> None:
    server = Plugged()
    server.dialect._mistakes["encode"] = encoded
    assert server.bob.ask("send_message", text="hello")["seq"] == 1
    assert server.carol.texts() == ["hello"]
    line = server.told()[0]
    assert str(line["error"]) == f"encode has to return bytes or None, and this {type(encoded).__name__} is not that"
    assert line["dialect"] == "own"
    server.all_is_well()


MACHINE_MISTAKES: list[tuple[str, Any]] = [
    ("data_to_send", OSError("!")),
    ("data_to_send", None),
    ("data_to_send", ["text"]),
    ("send_event", OSError("!")),
    ("events_received", OSError("!")),
    ("close_expected", OSError("!")),
    ("get_timer", OSError("!")),
    ("receive_data", OSError("!")),
    ("receive_eof", OSError("!")),
]


@pytest.mark.parametrize(("name", "mistake"), MACHINE_MISTAKES)
@pytest.mark.parametrize(
    "happens",
    [
        lambda server: server.bob.ask("send_direct", to=["alice", "carol"], text="psst"),
        lambda server: server.alice.say("whois", username="bob"),
        lambda server: server.alice.drop(),
        lambda server: server.change_limits(requests_per_second=10),
        lambda server: server.own("erin") if not server.dialect.mistakes else server.connect(server.dialect),
    ],
    ids=["told", "asks", "lost", "limits", "new"],
)
def test_machine_that_fails_costs_nobody_else_anything(
    name: str, mistake: Any, happens: Callable[[Plugged], object]
) -> None:
    server = Plugged()
    server.dialect.mistakes[name] = mistake
    happens(server)
    server.all_is_well()
    server.switchboard.stop("bye")
    server.settle()
    assert [client.last()["type"] for client in (server.bob, server.carol)] == ["bye", "bye"]
    assert all(line.get("dialect") == "own" for line in server.told())


def test_machine_that_can_say_nothing_is_not_left_waiting() -> None:
    """Nor can it be told that it is refused: its connection is over."""
    server = Plugged()
    server.dialect.mistakes["send_event"] = OSError("no words")
    server.alice.say("whois", username="bob")
    assert not server.has_alice
    server.all_is_well()


@pytest.mark.parametrize("name", ["write", "frame", "data_to_send", "send_event"])
def test_who_sends_a_file_does_not_suffer_by_the_link_or_dialect_of_who_gets_it(name: str) -> None:
    server = Plugged()
    offered = server.bob.ask("file_offer", to=["alice"], name="a.txt", size=100, sha256="ab" * 32)
    transfer = server.alice.ask("file_accept", file=offered["file"], offset=0)["transfer"]
    server.alice.say("file_credit", transfer=transfer, upto=100)
    server.bob.take()
    mistakes = server.link_mistakes if name in {"write", "frame"} else server.dialect.mistakes
    mistakes[name] = OSError(f"{name}!")
    server.bob.send_chunk(transfer, 0, b"x" * 10)
    assert not server.has_alice
    assert server.bob.connection.number in server.switchboard.connections
    assert f"{name}!" in [str(each) for each in server.mistakes()]
    server.all_is_well()
