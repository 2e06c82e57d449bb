"""Transports and dialects are found by name among what is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatcore import ChatServer, connect
from chatcore.aio.plugins import (
    dialect_names,
    load_dialect,
    load_store,
    load_transport,
    split_dialect,
    store_names,
    transport_for,
    transport_names,
)
from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.testing import MemoryNetwork

PIGEONS = """
class Transport:
    name = 'pigeon'
    schemes = ('pigeon', 'dove')

    async def listen(self, options, accept): ...
    async def connect(self, url, options, accept): ...


class Squab:
    name = 'squab'
    schemes = ('squab',)

    @staticmethod
    async def listen(options, accept): ...
    @classmethod
    async def connect(cls, url, options, accept): ...


class Storm:
    name = 'storm'
    schemes = ('storm',)

    async def listen(self, options, accept): raise RuntimeError('no \x1b[31mcoop')
    async def connect(self, url, options, accept): return self
    def abort(self): ...


class Coo:
    name = 'coo'

    def server(self, limits, **options): ...
    def client(self, limits, **options): ...
    async def encode(self, event, *, boundaries): ...


class AsyncStore:
    def __init__(self, place, clock, retention): ...
    def __getattr__(self, name): return print
    async def keep(self, rows): ...


transport = Transport()
lame = 5
coo = Coo()
storm = Storm()


def nest(place, clock, retention): ...
def leaky(place, clock, retention): raise OSError("it leaks")
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package that offers a transport that works, and whatever does not."""
    (tmp_path / "pigeons.py").write_text(PIGEONS)
    (tmp_path / "crows.py").write_text("transport = \n")
    about = tmp_path / "pigeons-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[chatcore.transports]\npigeon = pigeons:transport\nstorm = pigeons:storm\nsmoke = no_such_module:transport\n"
        "squab = pigeons:Squab\negg = pigeons:Transport\n"
        "lame = pigeons:lame\nlost = pigeons:nothing\ncrow = crows:transport\n"
        "[chatcore.dialects]\nsigns = no_such_module:dialect\ncoo = pigeons:coo\n"
        "[chatcore.stores]\nstone = no_such_module:store\nnest = pigeons:nest\nlame = pigeons:lame\n"
        "leaky = pigeons:leaky\nasync = pigeons:AsyncStore\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


def test_names_are_those_of_what_is_installed() -> None:
    """In the order of the alphabet."""
    assert "ws" in transport_names()
    assert {"chat", "echo"} <= set(dialect_names())
    assert dialect_names() == sorted(dialect_names())


@pytest.mark.usefixtures("installed")
def test_transport_of_another_package_is_found() -> None:
    """By its name, and by every scheme that it knows."""
    assert {"ws", "pigeon", "smoke"} <= set(transport_names())
    transport = load_transport("pigeon")
    assert transport.name == "pigeon"
    assert transport_for("pigeon://coop:1") is transport
    assert transport_for("squab://coop:1").name == "squab"


@pytest.mark.usefixtures("installed")
def test_name_that_two_packages_have_taken_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is used in silence: what `chat` means would depend on where Python looks first."""
    about = tmp_path / "more" / "parrots-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: parrots\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[chatcore.transports]\npigeon = pigeons:transport\n"
        "[chatcore.dialects]\nchat = pigeons:coo\n[chatcore.stores]\nnest = parrots:nest\n"
    )
    monkeypatch.syspath_prepend(str(about.parent))
    with pytest.raises(ConfigurationError) as caught:
        load_dialect("chat")
    advice = "uninstall the one that you do not want"
    assert str(caught.value) == f"the packages chatcore and parrots both offer 'chat'; {advice}"
    with pytest.raises(ConfigurationError) as caught:
        load_store("nest")
    assert str(caught.value) == f"the packages parrots and pigeons both offer 'nest'; {advice}"
    assert load_transport("pigeon").name == "pigeon"  # which are one and the same


@pytest.mark.usefixtures("installed")
def test_transport_that_lacks_something_is_no_trouble_to_others() -> None:
    """Only whoever asks for it is told."""
    assert transport_for("dove://coop:1").name == "pigeon"
    with pytest.raises(ConfigurationError, match="'smoke' cannot be used here"):
        transport_for("smoke://hill:1")


@pytest.mark.parametrize(
    ("url", "plain", "dialect"),
    [
        ("tcp+echo://host:7", "tcp://host:7", "echo"),
        ("tcp+simple-json://[::1]:12345", "tcp://[::1]:12345", "simple-json"),
        ("ws://host", "ws://host", None),
        ("a+b", "a+b", None),
    ],
)
def test_dialect_may_stand_in_the_scheme_of_an_address(url: str, plain: str, dialect: str | None) -> None:
    """After a plus."""
    assert split_dialect(url) == (plain, dialect)


def test_dialect_is_found_by_its_name() -> None:
    """The same one every time."""
    assert load_dialect("chat") is chat_dialect


def test_transport_is_found_by_the_scheme_of_an_address() -> None:
    """Several schemes may belong to one transport."""
    assert transport_for("ws://127.0.0.1:1").name == "ws"
    assert transport_for("WSS://127.0.0.1:1").name == "ws"


@pytest.mark.parametrize("url", ["", "nonsense", "gopher://x", "//x"])
def test_address_of_an_unknown_scheme_cannot_be_connected_to(url: str) -> None:
    """The sentence names what there is."""
    with pytest.raises(ConnectionFailed) as caught:
        transport_for(url)
    assert str(caught.value).startswith(f"{url!r} is not an address that can be connected to; it begins with ")
    assert "begins with chat:// or " in str(caught.value)
    assert "ws:// or wss://" in str(caught.value)


def test_unknown_transport_is_a_configuration_error() -> None:
    """The sentence names what there is, and guesses what was meant."""
    with pytest.raises(ConfigurationError) as caught:
        load_transport("was")
    names = " or ".join(transport_names())
    assert str(caught.value) == f"there is no transport called 'was', only {names}; did you mean 'ws'?"


def test_unknown_dialect_is_a_configuration_error() -> None:
    """Without a guess when nothing is near."""
    with pytest.raises(ConfigurationError) as caught:
        load_dialect("latin")
    assert str(caught.value) == f"there is no dialect called 'latin', only {' or '.join(dialect_names())}"


@pytest.mark.usefixtures("installed")
def test_transport_that_cannot_be_imported_is_a_configuration_error() -> None:
    """With the reason; half of a package may be missing."""
    with pytest.raises(ConfigurationError) as caught:
        load_transport("smoke")
    assert str(caught.value) == "the transport 'smoke' cannot be used here: No module named 'no_such_module'"


@pytest.mark.usefixtures("installed")
def test_dialect_or_store_that_cannot_be_imported_is_called_what_it_is() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_dialect("signs")
    assert str(caught.value) == "the dialect 'signs' cannot be used here: No module named 'no_such_module'"
    with pytest.raises(ConfigurationError) as caught:
        load_store("stone")
    assert str(caught.value) == "the store 'stone' cannot be used here: No module named 'no_such_module'"


def test_unknown_store_is_a_configuration_error() -> None:
    """Also one that is nearly right."""
    with pytest.raises(ConfigurationError) as caught:
        load_store("sqlit")
    names = " or ".join(store_names())
    assert str(caught.value) == f"there is no store called 'sqlit', only {names}; did you mean 'sqlite'?"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("lost", "AttributeError: module 'pigeons' has no attribute 'nothing'"),
        ("crow", "SyntaxError: invalid syntax (crows.py, line 1)"),
        ("egg", "TypeError: Transport is a class, and has to be an object"),
        ("lame", "TypeError: 5 has no name"),
    ],
)
def test_transport_with_a_mistake_is_named_to_whoever_asks_for_it(name: str, why: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_transport(name)
    assert str(caught.value) == f"the transport {name!r} cannot be used here: {why}"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "pigeon",
            "TypeError: listen of the transport 'pigeon' has to return a listener, and this NoneType is not that",
        ),
        ("storm", "RuntimeError: no \x1b[31mcoop"),
    ],
)
async def test_transport_that_makes_a_mistake_when_it_is_to_listen_is_named(name: str, why: str) -> None:
    """It is no mistake of the server's."""
    with pytest.raises(ConfigurationError) as caught:
        await ChatServer(transport=name, port=0).start()
    assert str(caught.value) == f"the transport {name!r} cannot be used here: {why}"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("pigeon://coop:1", "connect of the transport 'pigeon' has to return a link, and this NoneType is not that"),
        ("storm://coop:1", "a transport returned a link that it has not asked `accept` for a user of"),
    ],
)
async def test_transport_that_has_not_connected_is_told(url: str, why: str) -> None:
    """And not what that came to later."""
    with pytest.raises(ConnectionFailed) as caught:
        await connect(url, username="alice")
    assert str(caught.value) == f"the connection to {url} failed: {TypeError(why)!r}"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("url", ["http://x", "unix:///x", "trio"])
def test_transport_with_a_mistake_is_no_trouble_to_who_asks_for_none(url: str) -> None:
    """It is merely installed."""
    with pytest.raises(ConnectionFailed, match=r"is not an address that can be connected to; it begins with .*dove://"):
        transport_for(url)


@pytest.mark.usefixtures("installed")
def test_dialect_that_would_say_nothing_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_dialect("coo")
    why = "encode of it has to be a plain function, and is an async one: nobody would await it"
    assert str(caught.value) == f"the dialect 'coo' cannot be used here: TypeError: {why}"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nest", "a store has to have keep, and this NoneType has not"),
        ("lame", "5 cannot be called"),
        ("leaky", "it leaks"),
        ("async", "keep of a store has to be a plain function, and is an async one: nobody would await it"),
    ],
)
async def test_store_that_is_none_starts_no_server(name: str, why: str) -> None:
    """In memory, all would be lost at the end, and nobody would know before."""
    server = ChatServer(transport=MemoryNetwork(), store=f"{name}:tree")
    with pytest.raises(ConfigurationError) as caught:
        await server.start()
    kind = "OSError" if name == "leaky" else "TypeError"
    assert str(caught.value) == f"the store {name!r} cannot be used here: {kind}: {why}"
    assert server.urls == []
