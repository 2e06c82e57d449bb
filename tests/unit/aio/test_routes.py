"""The race between two transports, second by second in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.uri import parse_uri

from chatcore.aio.routes import (
    HEAD_START,
    DirectRoute,
    Race,
    Several,
    host_and_port,
    pins_for,
    place_of_server,
    route_to,
)
from chatcore.errors import CertificateChanged, ConfigurationError, ConnectionFailed, FileError, UntrustedCertificate
from chatcore.events import TransportChosen
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.transport import Accept, ConnectOptions, Link, Listener, ListenOptions, Transport
from chatcore.testing import MemoryNetwork
from chatcore_quic.client import _read_url
from tests.contracts.transport import User
from tests.unit.aio.house import in_virtual_time
from tests.unit.fakes import MemoryKnownServers

OLD, NEW = "a" * 64, "b" * 64


@dataclass
class Road:
    """A transport over the network in memory that takes its time, or fails."""

    network: MemoryNetwork
    delay: float = 0.0
    failures: dict[str, Exception] = field(default_factory=dict)
    """By URL scheme; what is left out works."""
    key: str | None = None
    """The fingerprint that it has to be pinned by, if any."""
    vouched: str | None = None
    """That of the key that it shows when an authority vouches for it, if one does."""
    after: float = 0.0
    """How long it takes from the open link to its return."""
    links: list[Link] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    """What was to be connected to."""
    name = "road"
    schemes: tuple[str, ...] = ("quic", "ws", "wss")
    default_port = 1
    can_encrypt = True
    uses_files = False

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Nobody listens here."""
        raise ConfigurationError("not here")

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect, in time."""
        self.urls.append(url)
        await asyncio.sleep(self.delay)
        scheme = url.partition("://")[0]
        if scheme in self.failures:
            raise self.failures[scheme]
        if self.key is not None and self.key not in options.fingerprints:
            raise UntrustedCertificate("nobody vouches for it", "c" * 64, self.key)
        link = await self.network.connect("memory://127.0.0.1:1", options, accept)
        link.key_fingerprint = self.key or self.vouched
        self.links.append(link)
        await asyncio.sleep(self.after)
        return link


class Course:
    """Two roads to a server that counts who arrives."""

    def __init__(
        self,
        known: KnownServers | None = None,
        url: str = "chat://example.org",
        options: ConnectOptions = ConnectOptions(),  # noqa: B008 - frozen
    ) -> None:
        self.network = MemoryNetwork()
        self.quic = Road(self.network)
        self.ws = Road(self.network)
        self.users: list[User] = []
        roads: dict[str, Transport] = {"quic": self.quic, "ws": self.ws}
        self.race = Race(url, options, known, load=roads.__getitem__)

    async def run(self) -> tuple[TransportChosen, float]:
        """Race once; returns what was chosen and the time that it took."""
        if not self.users:
            await self.network.listen(ListenOptions(port=1), User)
        loop = asyncio.get_running_loop()
        began = loop.time()
        return await self.race.connect(self._accept), loop.time() - began

    def _accept(self, link: Link) -> User:
        self.users.append(User(link))
        return self.users[-1]


@in_virtual_time
async def test_quic_alone_is_tried_for_half_a_second() -> None:
    """Just in time is in time."""
    course = Course()
    course.quic.delay = HEAD_START - 0.01
    assert await course.run() == (TransportChosen("quic", "first", ""), pytest.approx(HEAD_START - 0.01))
    assert course.ws.links == []


@in_virtual_time
async def test_slower_quic_loses_and_leaves_nothing_behind() -> None:
    """It is not waited for any more."""
    course = Course()
    course.quic.delay = 3.0
    assert await course.run() == (TransportChosen("ws", "quic_silent", ""), pytest.approx(HEAD_START))
    await asyncio.sleep(10)
    assert course.quic.links == []
    assert len(course.users) == 1


@in_virtual_time
async def test_quic_may_still_win_after_its_head_start() -> None:
    """Whoever opens first is kept."""
    course = Course()
    course.quic.delay, course.ws.delay = 0.8, 1.0
    assert await course.run() == (TransportChosen("quic", "first", ""), pytest.approx(0.8))


@in_virtual_time
async def test_winner_is_the_first_to_open_even_if_it_takes_longer_to_say_so() -> None:
    """The other one is turned away, and dropped."""
    course = Course()
    course.quic.delay, course.quic.after, course.ws.delay = 0.6, 2.0, 0.2
    chosen, took = await course.run()
    assert (chosen.transport, took) == ("quic", pytest.approx(2.6))
    assert [user.link for user in course.users] == course.quic.links


@in_virtual_time
async def test_failed_quic_gives_way_at_once() -> None:
    """And the reason is told; that it is not installed is one too."""
    for error in (ConnectionFailed("nothing listens"), ConfigurationError("not installed")):
        course = Course()
        course.quic.failures["quic"] = error
        assert await course.run() == (TransportChosen("ws", "quic_failed", str(error)), 0)


@in_virtual_time
async def test_failure_of_websocket_lets_quic_go_on() -> None:
    """A slow one is better than none."""
    course = Course()
    course.quic.delay = 4.0
    course.ws.failures = {scheme: ConnectionFailed("refused") for scheme in ("ws", "wss")}
    assert (await course.run())[0].transport == "quic"


@in_virtual_time
async def test_server_that_never_answers_is_waited_for_once() -> None:
    """One that wants encryption says so at once: it is not what is missing where nothing comes."""
    course = Course()
    course.ws.delay = ConnectOptions().connect_timeout
    for road in (course.quic, course.ws):
        road.failures = dict.fromkeys(("quic", "ws", "wss"), ConnectionFailed("no answer"))
    began = asyncio.get_running_loop().time()
    with pytest.raises(ConnectionFailed, match=r"^no answer$"):
        await course.run()
    assert asyncio.get_running_loop().time() - began == pytest.approx(ConnectOptions().connect_timeout)
    assert course.ws.urls == ["ws://example.org:8765"]


@in_virtual_time
async def test_race_that_nobody_wins_tells_each_reason_once() -> None:
    """And by which way, where the reasons differ; in words that can be said in another language, and with what was
    behind the first one.
    """
    refused, broken = ConnectionFailed("nothing listens"), ConfigurationError("{why}", why="not {installed}")
    refused.__cause__ = ConnectionRefusedError()
    for first, sentence in (
        (broken, "by WebSocket: nothing listens; by QUIC: not {installed}"),
        (refused, "nothing listens"),
    ):
        course = Course()
        course.quic.failures["quic"] = first
        course.ws.failures = dict.fromkeys(("ws", "wss"), refused)
        with pytest.raises(ConnectionFailed) as caught:
            await course.run()
        assert str(caught.value) == sentence
        assert caught.value.__cause__ is refused


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("wss://Example.org", "example.org:443"),
        ("wss://example.org/chat", "example.org:443"),
        ("WSS://[::1]", "[::1]:443"),
        ("https://example.org", "example.org:443"),
        ("quic://example.org", "example.org:8765"),
        ("wss://example.org:8765", "example.org:8765"),
    ],
)
@in_virtual_time
async def test_server_is_remembered_where_it_is_connected_to(url: str, place: str) -> None:
    """An address without a port means the port of its scheme (RFC 6455, section 3), if that has one."""
    network, known = MemoryNetwork(), MemoryKnownServers()
    await network.listen(ListenOptions(port=1), User)
    road = Road(network, key=NEW)
    road.default_port = 8765
    await DirectRoute(road, url, ConnectOptions(), known).connect(User)
    assert known.keys == {place: NEW}


@pytest.mark.parametrize("rest", ["example.org:80/chat/?room=x", "[fe80::1%eth0]:8765", "example.org:1/a%20b"])
@in_virtual_time
async def test_every_transport_is_given_all_of_the_address(rest: str) -> None:
    """A path leads through a proxy, and a zone to a network."""
    course = Course(url=f"chat://{rest}")
    course.quic.failures["quic"] = ConnectionFailed("no UDP here")
    await course.run()
    assert (course.quic.urls, course.ws.urls) == ([f"quic://{rest}"], [f"ws://{rest}"])


@pytest.mark.parametrize("url", ["chat://ann@example.org", "chat://ann:secret@example.org", "chat://example.org#room"])
def test_what_no_transport_has_a_use_for_is_refused(url: str) -> None:
    """Before anything is tried."""
    with pytest.raises(ConnectionFailed, match=r"^leave .+ out of chat://.+; it has no meaning there$"):
        Course(url=url)


@in_virtual_time
async def test_server_that_is_to_be_recognised_is_never_met_without_encryption() -> None:
    """Neither by choice nor because somebody keeps QUIC away."""
    course = Course()
    with pytest.raises(ConfigurationError, match=r"^ws://example.org is not encrypted, so nothing there can be"):
        await DirectRoute(course.ws, "ws://example.org", ConnectOptions(fingerprints=NEW)).connect(User)
    assert course.ws.urls == []
    for options in (ConnectOptions(fingerprints=NEW), ConnectOptions(tls_ca="ca.pem")):
        course = Course(options=options)
        course.quic.failures["quic"] = ConnectionFailed("no UDP here")
        chosen, _took = await course.run()
        assert (chosen.transport, course.ws.urls) == ("wss", ["wss://example.org:8765"])


class NothingRemembered:
    """Known servers of somebody who has no directory for them."""

    def key_of(self, place: str) -> str | None:
        """Say so."""
        raise ConfigurationError("no directory")

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Say so."""
        raise ConfigurationError("no directory")


@in_virtual_time
async def test_known_servers_are_asked_where_there_is_a_certificate_only() -> None:
    """A scheme with a secure twin is the plain one; a choice of both takes the plain one then."""
    course = Course(NothingRemembered())
    chosen, _took = await course.run()
    assert chosen == TransportChosen("ws", "quic_failed", "no directory")
    await DirectRoute(course.ws, "ws://example.org", ConnectOptions(), NothingRemembered()).connect(User)
    with pytest.raises(ConfigurationError, match="no directory"):
        await DirectRoute(course.ws, "wss://example.org", ConnectOptions(), NothingRemembered()).connect(User)
    course.ws.failures["ws"] = ConnectionFailed("hung up")
    with pytest.raises(ConfigurationError, match="no directory"):
        await course.run()


@pytest.mark.parametrize("url", ["ws://host", "wss://host", "ws://host:1", "wss://[::1]:2/chat"])
def test_port_of_an_address_is_the_one_that_websocket_takes(url: str) -> None:
    """RFC 6455, section 3."""
    uri = parse_uri(url)
    assert host_and_port(url, 8765) == (uri.host, uri.port)


@pytest.mark.parametrize("url", ["https://host", "quic://host", "quic://[::1]:2"])
def test_port_of_an_address_is_the_one_that_quic_takes(url: str) -> None:
    """WebTransport has that of https (RFC 9110, section 4.2.2), our own scheme the usual one."""
    place = _read_url(url)
    assert host_and_port(url, 8765) == (place.host, place.port)


@in_virtual_time
async def test_known_server_with_another_key_ends_the_race() -> None:
    """Also when it shows up late; nothing is sent to anybody."""
    for delay in (0.0, 2.0):
        course = Course(MemoryKnownServers({"example.org:8765": OLD}))
        course.quic.delay, course.quic.key, course.ws.delay = delay / 2, NEW, 5.0
        with pytest.raises(CertificateChanged) as caught:
            await course.run()
        assert (caught.value.known_fingerprint, caught.value.key_fingerprint) == (OLD, NEW)
        assert course.users == []


@pytest.mark.parametrize("stranger", ["quic", "wss"])
@in_virtual_time
async def test_server_that_an_authority_vouched_for_is_not_met_anew_over_any_transport(stranger: str) -> None:
    """Somebody in between with a certificate of their own gets nothing, though no key was ever remembered."""
    known = MemoryKnownServers()
    course = Course(known)
    course.quic.vouched = OLD
    await course.run()
    (course.quic if stranger == "quic" else course.ws).key = NEW
    (course.ws if stranger == "quic" else course.quic).failures = {
        scheme: ConnectionFailed("nothing listens") for scheme in ("quic", "ws", "wss")
    }
    course.ws.failures["ws"] = ConnectionFailed("it wants TLS")
    with pytest.raises(UntrustedCertificate):
        await course.run()
    assert len(course.users) == 1
    assert known.keys == {}


@pytest.mark.parametrize(
    ("scheme", "said", "comes_back"),
    [
        ("wss", {}, False),
        ("quic", {"plain_websocket": False}, False),
        ("quic", {"plain_websocket": True}, True),
        ("quic", {}, True),
        ("ws", {"plain_websocket": False}, True),
    ],
)
@in_virtual_time
async def test_server_that_was_encrypted_comes_back_without_only_if_it_has_said_so(
    scheme: str, said: dict[str, bool], comes_back: bool
) -> None:
    """What was said without encryption does not count. To whoever answers else, nothing is sent."""
    course = Course(MemoryKnownServers())
    schemes = ("quic", "ws", "wss")
    course.quic.failures = course.ws.failures = {
        each: ConnectionFailed(f"no {each}") for each in schemes if each != scheme
    }
    course.quic.vouched = course.ws.vouched = OLD
    assert (await course.run())[0].transport == scheme
    course.race.learn(said)
    course.quic.failures = course.ws.failures = {each: ConnectionFailed(f"no {each}") for each in ("quic", "wss")}
    if comes_back:
        assert (await course.run())[0].transport == "ws"
    else:
        with pytest.raises(ConnectionFailed, match=r"^by WebSocket: no wss; by QUIC: no quic$"):
            await course.run()
        assert len(course.users) == 1


@in_virtual_time
async def test_mistake_of_a_transport_is_not_hidden() -> None:
    """It is no reason to take another one."""
    course = Course()
    course.quic.failures["quic"] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await course.run()


@in_virtual_time
async def test_server_that_shows_nothing_to_remember_is_not_trusted() -> None:
    """Neither the first time nor later."""
    for known in (MemoryKnownServers(), MemoryKnownServers({"example.org:1": OLD})):
        road = Road(MemoryNetwork(), failures={"quic": UntrustedCertificate("it shows none")})
        with pytest.raises(UntrustedCertificate, match="it shows none") as caught:
            await DirectRoute(road, "quic://Example.org", ConnectOptions(), known).connect(User)
        assert caught.value.key_fingerprint is None


@in_virtual_time
async def test_who_names_authorities_trusts_them_and_nobody_else() -> None:
    """Neither a first meeting nor a key that is remembered makes up for a certificate that they did not sign."""
    for keys in ({}, {"example.org:1": NEW}):
        known = MemoryKnownServers(dict(keys))
        road = Road(MemoryNetwork(), key=NEW)
        with pytest.raises(UntrustedCertificate):
            await DirectRoute(road, "quic://example.org", ConnectOptions(tls_ca="school.pem"), known).connect(User)
        assert known.keys == keys


# Several servers.


class Way:
    """A way to a server that is there, or not."""

    def __init__(self, url: str, chat: Chat) -> None:
        self.url = url
        self._chat = chat

    async def connect(self, accept: Accept) -> None:
        """Note that somebody has gone it."""
        self._chat.gone.append(self.url)
        if self.url not in self._chat.there:
            raise ConnectionFailed("nobody is at {url}", url=self.url)

    def learn(self, server: Mapping[str, Any]) -> None:
        """Leave it."""


class Chat:
    """A chat on several servers, and one who looks for them."""

    def __init__(self, given: str) -> None:
        self.there = {given}
        self.gone: list[str] = []
        self.several = Several(given, self.way_to)

    def way_to(self, url: str) -> Way:
        """Return the way to an address that is one."""
        if not url.partition("://")[2]:
            raise ConnectionFailed("no address")
        return Way(url, self)

    async def connect(self) -> list[str]:
        """Connect; returns which ways were gone for it."""
        self.gone.clear()
        await self.several.connect(User)
        return list(self.gone)


@in_virtual_time
async def test_client_that_has_lost_its_server_goes_to_another_one_and_at_last_to_its_own() -> None:
    """Of those that the last one has named; each of them may be gone as well."""
    chat = Chat("ws://one")
    assert await chat.connect() == ["ws://one"]
    assert await chat.connect() == ["ws://one"]
    chat.several.learn({"addresses": ["ws://one", "ws://two", "ws://three"]})
    chat.there = {"ws://three", "ws://one"}
    assert (await chat.connect())[-1] == "ws://three"
    assert chat.several.url == "ws://three"
    chat.several.learn({"addresses": ["ws://three", "ws://four"]})
    chat.there = {"ws://three"}
    assert set(await chat.connect()) == {"ws://one", "ws://four", "ws://three"}
    chat.there = set()
    with pytest.raises(ConnectionFailed):
        await chat.connect()


@pytest.mark.parametrize(
    "told", [None, "ws://two", {"a": 1}, [1, None, ["ws://x"], "", "two", "ws://", "nonsense://"], ["ws://two:x"]]
)
@in_virtual_time
async def test_addresses_that_are_none_are_passed_over(told: object) -> None:
    """A server may say anything."""
    chat = Chat("ws://one")
    await chat.connect()
    chat.several.learn({"addresses": told})
    assert await chat.connect() == ["ws://one"]


@in_virtual_time
async def test_who_is_encrypted_is_not_led_to_where_nothing_is() -> None:
    """By whoever answers."""
    chat = Chat("wss://one")
    await chat.connect()
    chat.several.learn({"addresses": ["ws://two", "tcp://two", "wss://two"]})
    chat.there = {"wss://two", "ws://two", "tcp://two"}
    assert await chat.connect() == ["wss://two"]


@in_virtual_time
async def test_no_more_addresses_are_remembered_than_anybody_needs() -> None:
    """However many are told."""
    chat = Chat("ws://one")
    await chat.connect()
    chat.several.learn({"addresses": [f"ws://n{number}" for number in range(100_000)]})
    chat.there = {"ws://one"}
    assert len(await chat.connect()) == 17


# Addresses and keys.


def test_address_of_a_chat_is_a_race_between_transports_and_every_other_one_way() -> None:
    """What no transport understands is no way at all."""
    for url in ("chat://example.org", "ws://example.org", "quic://example.org"):
        assert isinstance(route_to(url, ConnectOptions()), Several)
    for url in ("gopher://example.org", "chat://"):
        with pytest.raises(ConnectionFailed):
            route_to(url, ConnectOptions())


def test_link_with_another_key_than_the_known_one_leads_nowhere() -> None:
    """It may come from anybody; both keys are told, and how to go by the known one."""
    url = "quic://Example.org"
    assert pins_for(url, NEW, MemoryKnownServers()) == (NEW,)
    assert pins_for(url, NEW, MemoryKnownServers({"example.org:8765": NEW})) == (NEW,)
    with pytest.raises(UntrustedCertificate) as raised:
        pins_for(url, NEW, MemoryKnownServers({"example.org:8765": OLD}))
    assert f"its key's fingerprint was {OLD} and is {NEW} in the link" in str(raised.value)
    assert f"connect to {url} without the link" in str(raised.value)


@in_virtual_time
async def test_server_that_shows_the_key_that_the_user_gave_is_remembered() -> None:
    """Instead of another one that it had; where no key is shown there is nothing to remember."""
    network, options = MemoryNetwork(), ConnectOptions(fingerprints=NEW)
    await network.listen(ListenOptions(port=1), User)
    for before, key, after in (({}, NEW, NEW), ({"example.org:1": OLD}, NEW, NEW), ({"example.org:1": OLD}, None, OLD)):
        known = MemoryKnownServers(before)
        await DirectRoute(Road(network, key=key), "quic://example.org", options, known).connect(User)
        assert known.keys == {"example.org:1": after}


class Unwritable(MemoryKnownServers):
    """Known servers on a disk that is full."""

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Say so."""
        raise FileError("the disk is full")


@in_virtual_time
async def test_server_whose_key_cannot_be_remembered_is_left() -> None:
    """Next time somebody else could be there."""
    network = MemoryNetwork()
    await network.listen(ListenOptions(port=1), User)
    with pytest.raises(FileError):
        await DirectRoute(Road(network, key=NEW), "quic://example.org", ConnectOptions(), Unwritable()).connect(User)
    assert network.links == {}


def test_server_has_one_spelling_and_what_is_no_address_its_own() -> None:
    assert place_of_server("quic://Example.org") == place_of_server("chat://example.org:8765") == "example.org:8765"
    assert place_of_server("not an address") == "not an address"
