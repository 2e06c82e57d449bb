"""What implementors of ports hand to a server, and is not what they have promised: it is logged, and nothing becomes
of it."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, cast

import pytest

from chatcore import ChatcoreError, ChatServer, Listen, LoginRefused, RequestRefused, connect
from chatcore.aio.plugins import load_dialect
from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.errors import ConfigurationError
from chatcore.events import ServerEvent
from chatcore.limits import Limits
from chatcore.ports.passwords import SignIn
from chatcore.ports.store import Store
from chatcore.ports.transport import Accept, Link, Listener, ListenOptions
from chatcore.server.promises import promised_lease
from chatcore.testing import MemoryNetwork
from tests.unit.aio.store_house import MemoryStore

PASSWORD = "correct horse"
NO_ACCOUNTS = "the accounts of this server are out of order; try again later, or tell whoever runs it"


def mistakes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as a mistake."""
    found = [each.exc_info[1] for each in caplog.records if each.levelno == logging.ERROR and each.exc_info]
    return [str(each) for each in found]


@pytest.mark.parametrize(
    "said",
    [5, True, b"ann", ["ann"], "", "a", "ann smith", "nul\0x", "a\u202eb", "a\n", "\ud83d", "x" * 33, {}],
    ids=ascii,
)
async def test_what_is_no_account_lets_nobody_in(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The chat hears nothing of it: neither of a login, nor of an account."""
    network = MemoryNetwork()

    async def authenticate(sign_in: SignIn) -> Any:
        return said if sign_in.username == "ann" else sign_in.username

    async with (
        ChatServer(transport=network, port=0, authenticate=authenticate) as server,
        connect(server.urls[0], username="bob", account_password="x", transport=network) as bob,
    ):
        with pytest.raises(LoginRefused) as caught:
            await connect(server.urls[0], username="ann", account_password="x", transport=network)
        assert (caught.value.code, str(caught.value)) == ("unavailable", f"{NO_ACCOUNTS} (unavailable)")
        assert set(server.chat.users) == {"bob"}
        assert set(server.chat.state.accounts) == {"bob"}
        assert (await bob.send("goes on")).seq == 1
    (told,) = mistakes(caplog)
    assert told.startswith("authenticate has to return the name of an account, in the form of a username, or None, and")
    assert told.isascii()


async def test_account_in_another_form_of_unicode_is_that_account() -> None:
    network = MemoryNetwork()

    async def authenticate(_sign_in: SignIn) -> str | None:
        return "e\u0301va"

    async with (
        ChatServer(transport=network, port=0, authenticate=authenticate) as server,
        connect(server.urls[0], username="\u00e9va", account_password="x", transport=network) as eva,
    ):
        assert (await eva.whois("\u00e9va")).account == "\u00e9va"


async def fails(_sign_in: SignIn) -> str | None:
    """Fail, as a directory of users that is not there."""
    raise OSError("the directory is down")


async def cancels(_sign_in: SignIn) -> str | None:
    """Be cancelled from within."""
    raise asyncio.CancelledError("given up")


async def takes_long(_sign_in: SignIn) -> str | None:
    """Wait for somebody who says nothing."""
    await asyncio.sleep(3600)
    return None


def says_at_once(_sign_in: SignIn) -> Any:
    """Be no async function."""
    return "ann"


@pytest.mark.parametrize(
    ("authenticate", "told"),
    [
        (fails, "the directory is down"),
        (cancels, "given up"),
        (takes_long, "authenticate took longer than a login may, 0.2 s"),
        (says_at_once, "authenticate has to be an async function, or return something to await, and this str"),
    ],
)
async def test_who_vouches_and_cannot_is_said_and_is_no_trouble_with_the_disk(
    authenticate: Any, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    network = MemoryNetwork()
    limits = Limits(login_timeout=0.2)
    async with ChatServer(transport=network, port=0, authenticate=authenticate, limits=limits) as server:
        with pytest.raises(LoginRefused) as caught:
            await connect(server.urls[0], username="ann", account_password="x", transport=network)
        assert (caught.value.code, str(caught.value)) == ("unavailable", f"{NO_ACCOUNTS} (unavailable)")
    (line,) = mistakes(caplog)
    assert told in line


class Hasher:
    """Implements `chatcore.ports.passwords.PasswordHasher`, with what a test wants.

    Args:
        hashed: what it makes of every password.
        right: what it says of every password.
    """

    def __init__(self, hashed: Any, right: Any) -> None:
        self.hashed = hashed
        self.right = right

    def hash(self, password: str) -> Any:
        """Return what it was given."""
        return self.hashed

    def verify(self, password: str, hashed: str) -> Any:
        """Return what it was given."""
        return self.right


@pytest.mark.parametrize("hashed", [None, 5, b"<hash>", "", "\ud83d"], ids=ascii)
async def test_what_is_no_hash_makes_no_account(hashed: Any, caplog: pytest.LogCaptureFixture) -> None:
    network = MemoryNetwork()
    async with (
        ChatServer(transport=network, port=0, passwords=Hasher(hashed, right=True)) as server,
        connect(server.urls[0], username="ann", transport=network) as ann,
    ):
        with pytest.raises(RequestRefused) as caught:
            await ann.register(PASSWORD)
        assert (caught.value.code, str(caught.value)) == ("internal", f"{NO_ACCOUNTS} (internal)")
        assert not server.chat.state.accounts
    (told,) = mistakes(caplog)
    assert told.startswith("hash has to return a text that can be written down, and this ")


@pytest.mark.parametrize("right", [None, 1, "no", [False]], ids=repr)
async def test_what_is_no_verdict_makes_no_password_right(right: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It did, when it was as good as true: what an async function returns is."""
    network, hasher = MemoryNetwork(), Hasher("<hash>", right=True)
    async with ChatServer(transport=network, port=0, passwords=hasher) as server:
        async with connect(server.urls[0], username="ann", transport=network) as ann:
            await ann.register(PASSWORD)
        hasher.right = right
        with pytest.raises(LoginRefused) as caught:
            await connect(server.urls[0], username="ann", account_password="wrong one", transport=network)
        assert (caught.value.code, str(caught.value)) == ("unavailable", f"{NO_ACCOUNTS} (unavailable)")
    (told,) = mistakes(caplog)
    assert told.startswith("verify has to return True or False, and this ")


class OddNetwork(MemoryNetwork):
    """A network whose links say something odd of themselves.

    Args:
        odd: what they say, by name.
    """

    def __init__(self, **odd: Any) -> None:
        super().__init__()
        self.odd = odd

    async def listen(self, options: ListenOptions, accept: Accept) -> Any:
        """Listen, with links that were changed."""

        def changed(link: Link) -> Any:
            for name, value in self.odd.items():
                setattr(link, name, value)
            return accept(link)

        return await super().listen(options, changed)


@pytest.mark.parametrize(
    ("name", "said", "kind"),
    [
        ("address", 5, "int"),
        ("address", "\ud83d", "str"),
        ("transport", None, "NoneType"),
        ("transport", "\ud83d", "str"),
        ("format", 5, "int"),
    ],
    ids=ascii,
)
async def test_link_that_cannot_say_what_it_is_ends(
    name: str, said: Any, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where a login comes from is written down with it."""
    network = OddNetwork(**{name: said})
    async with ChatServer(transport=network, port=0) as server:
        with pytest.raises(ChatcoreError):
            await connect(server.urls[0], username="ann", transport=network, reconnect=False)
        assert not server.chat.users
    told = set(mistakes(caplog))
    assert told == {f"the {name} of a link has to be a text that can be written down, and this {kind} is not that"}


@pytest.mark.parametrize("said", [None, "5", float("nan"), -1.0])
async def test_link_that_does_not_say_what_a_write_costs_ends(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Else its room would wait for ever to be told who comes and goes."""
    network = OddNetwork(write_seconds=said)
    async with ChatServer(transport=network, port=0) as server:
        with pytest.raises(ChatcoreError):
            await connect(server.urls[0], username="ann", transport=network, reconnect=False)
    told = set(mistakes(caplog))
    assert told == {
        f"write_seconds of a link has to be a number of seconds, and this {type(said).__name__} is not that"
    }


class OwnDialect:
    """The dialect `chat` of somebody who has forgotten something."""

    name = "own"
    has_words = True

    def __getattr__(self, name: str) -> Any:
        return getattr(chat_dialect, name)

    def server(self, limits: Limits, **options: Any) -> Any:
        """Return a machine, if it can be made."""
        if not self.has_words:
            raise OSError("no words")
        return chat_dialect.server(limits, **options)

    def encode(self, event: ServerEvent, *, boundaries: bool) -> Any:
        """Return text, which should be bytes."""
        return chat_dialect.encode(event, boundaries=boundaries).decode()


@pytest.fixture
def own_dialect(monkeypatch: pytest.MonkeyPatch) -> OwnDialect:
    """Return a dialect that is installed as `own`."""
    own = OwnDialect()
    monkeypatch.setattr(
        "chatcore.aio.server.listening.load_dialect", lambda name: own if name == "own" else load_dialect(name)
    )
    return own


async def test_dialect_that_encodes_no_bytes_is_named_in_the_log_and_others_go_on(
    own_dialect: OwnDialect, caplog: pytest.LogCaptureFixture
) -> None:
    network = MemoryNetwork()
    options = ListenOptions(port=0)
    places = [Listen(network, own_dialect.name, options), Listen(network, "chat", options)]
    async with (
        ChatServer(listen=places) as server,
        connect(server.urls[0], username="ann", transport=network) as ann,
        connect(server.urls[1], username="bob", transport=network) as bob,
        connect(server.urls[1], username="carol", transport=network) as carol,
    ):
        assert (await bob.send("hello")).seq == 1
        assert (await ann.send("hi")).seq == 2
        assert [entry.text for entry in await carol.history()] == ["hello", "hi"]
    assert set(mistakes(caplog)) == {"encode has to return bytes or None, and this str is not that"}
    assert {line.fields["dialect"] for line in caplog.records if line.levelno == logging.ERROR} == {"own"}


async def test_dialect_that_makes_no_machine_at_all_starts_no_server(own_dialect: OwnDialect) -> None:
    own_dialect.has_words = False
    server = ChatServer(transport=MemoryNetwork(), port=0, dialect=own_dialect.name)
    with pytest.raises(ConfigurationError) as caught:
        await server.start()
    assert str(caught.value) == "the dialect 'own' cannot be used here: OSError: no words"


async def test_dialect_that_makes_no_machine_is_named_in_the_log_and_lets_nobody_wait(
    own_dialect: OwnDialect, caplog: pytest.LogCaptureFixture
) -> None:
    network = MemoryNetwork()
    async with ChatServer(listen=[Listen(network, own_dialect.name, ListenOptions(port=0))]) as server:
        own_dialect.has_words = False
        with pytest.raises(ChatcoreError):
            await connect(server.urls[0], username="ann", transport=network, reconnect=False)
    assert set(mistakes(caplog)) == {"no words"}
    (fields,) = {tuple(line.fields.items()) for line in caplog.records if line.levelno == logging.ERROR}
    assert fields == (("transport", "memory"), ("dialect", "own"))


class OddPlace(MemoryNetwork):
    """A network in memory that is listened at in an odd way.

    Args:
        odd: what its listeners have instead, by name.
    """

    name = "odd"

    def __init__(self, **odd: Any) -> None:
        super().__init__()
        self.odd = odd

    async def listen(self, options: ListenOptions, accept: Accept) -> Any:
        """Listen."""
        listener = await super().listen(options, accept)
        if "listener" in self.odd:
            listener.stop_accepting()
            return self.odd["listener"]
        for name, value in self.odd.items():
            setattr(listener, name, value)
        return listener


async def says_later() -> dict[str, Any]:
    """Say where it is, to nobody."""
    return {"transport": "memory", "port": 1, "encrypted": False}


OF = "of a listener of the transport 'odd'"


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"url": None}, f"the url {OF} has to be a text that can be written down, and this NoneType is not that"),
        ({"url": b"memory://1"}, f"the url {OF} has to be a text that can be written down, and this bytes is not that"),
        ({"url": "\ud83d"}, f"the url {OF} has to be a text that can be written down, and this str is not that"),
        ({"about": says_later}, f"about {OF} has to be a plain function, and is an async one"),
        ({"about": dict}, f"about {OF} has to return a dict with transport (a text) and encrypted"),
        ({"about": lambda: None}, f"about {OF} has to return a dict with transport (a text)"),
        (
            {"about": None},
            "listen of the transport 'odd' has to return a listener, and this MemoryListener is not that",
        ),
        ({"listener": None}, "listen of the transport 'odd' has to return a listener, and this NoneType is not that"),
    ],
    ids=[
        "url none",
        "url bytes",
        "url odd",
        "about async",
        "about empty",
        "about none",
        "no about",
        "none",
    ],
)
async def test_listener_that_is_none_is_named_and_not_left_open(odd: dict[str, Any], told: str) -> None:
    network, place = MemoryNetwork(), OddPlace(**odd)
    options = ListenOptions(port=0)
    server = ChatServer(listen=[Listen(network, "chat", options), Listen(place, "chat", options)])
    with pytest.raises(TypeError, match=re.escape(told)):
        await server.start()
    assert server.urls == []
    assert not network._listeners
    assert not place._listeners or odd == {"about": None}  # which is nothing that could be closed
    place.odd = {"url": "memory://elsewhere:2"}
    async with server:
        assert len(server.urls) == 2


class Waiting:
    """Implements `chatcore.ports.transport.Listener` but for a function that should be plain.

    Args:
        listener: a good one.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.url = listener.url
        self.about = listener.about

    async def stop_accepting(self) -> None:
        """Take no new connections, when somebody waits for that."""
        self._listener.stop_accepting()

    async def wait_closed(self) -> None:
        """Wait until every connection is closed."""
        await self._listener.wait_closed()


class WaitingPlace(MemoryNetwork):
    """A network in memory with such listeners."""

    async def listen(self, options: ListenOptions, accept: Accept) -> Any:
        """Listen."""
        return Waiting(await super().listen(options, accept))


async def test_listener_that_would_go_on_accepting_is_named_and_closed() -> None:
    network = WaitingPlace()
    with pytest.raises(TypeError, match="stop_accepting of a listener of the transport 'memory' has to be a plain"):
        await ChatServer(transport=network, port=0).start()
    assert not network._listeners


async def test_listener_of_a_transport_that_is_installed_is_told_to_whoever_named_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is no mistake of that program."""
    monkeypatch.setattr("chatcore.aio.server.listening.load_transport", lambda name: OddPlace(about=dict))
    with pytest.raises(ConfigurationError) as caught:
        await ChatServer(transport="odd", port=0).start()
    assert str(caught.value).startswith("the transport 'odd' cannot be used here: TypeError: about of a listener of ")


@pytest.mark.parametrize("name", ["keep", "propose", "size"])
async def test_store_whose_plain_functions_are_async_is_none(name: str) -> None:
    """It would keep nothing, and all would be acknowledged."""
    store = MemoryStore()
    setattr(store, name, says_later)
    with pytest.raises(TypeError, match=f"{name} of store has to be a plain function, and is an async one"):
        ChatServer(transport=MemoryNetwork(), store=cast(Store, store))


async def test_link_whose_plain_functions_are_async_ends(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing would be written."""
    network = OddNetwork(write=says_later)
    async with ChatServer(transport=network, port=0) as server:
        with pytest.raises(ChatcoreError):
            await connect(server.urls[0], username="ann", transport=network, reconnect=False)
    told = "write of a link has to be a plain function, and is an async one: nobody would await it"
    assert set(mistakes(caplog)) == {told}


async def reads_later() -> None:
    """Read the settings again, when somebody awaits it."""


def test_settings_are_read_again_by_a_plain_function() -> None:
    """An operator would be told that they were, and they never would be."""
    with pytest.raises(TypeError, match="reload has to be a plain function, and is an async one"):
        ChatServer(transport=MemoryNetwork(), reload=cast("Any", reads_later))


class OddStore:
    """As much of a store as says how it is shared."""

    def __init__(self, lease: Any, lost: Any) -> None:
        self.lease = lease
        self.lost = lost


@pytest.mark.parametrize("lease", [None, "5", -1, True, float("nan"), float("inf")])
def test_store_says_in_seconds_how_long_servers_are_taken_to_be_there(lease: Any) -> None:
    assert promised_lease(cast(Store, OddStore(5, lost=False))) == (5, False)
    with pytest.raises(
        TypeError, match=re.escape(f"the lease of a store has to be a number of seconds, and {lease!r}")
    ):
        promised_lease(cast(Store, OddStore(lease, lost=False)))


def test_store_says_truly_or_not_whether_it_lost_something() -> None:
    with pytest.raises(TypeError, match="what a store says in lost has to be True or False"):
        promised_lease(cast(Store, OddStore(0.0, lost="no")))
