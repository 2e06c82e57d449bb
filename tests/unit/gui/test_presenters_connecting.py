"""Addresses, known servers, and what the connect dialog says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from chatcore import Client
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConfigurationError,
    ConnectionFailed,
    LoginRefused,
    UntrustedCertificate,
)
from chatcore_cli.chatting.joining.address import full_url
from chatcore_qt.presenters.connecting.address import Address, AddressError, Scheme
from chatcore_qt.presenters.connecting.form import CertificateQuestion, ConnectForm
from chatcore_qt.presenters.connecting.servers import KnownServer, Servers
from chatcore_qt.presenters.reasons import mistaken
from tests.unit.aio.house import House, in_virtual_time
from tests.unit.gui.desk import until


class MemoryStore:
    """Implements `ServerStore`."""

    def __init__(self) -> None:
        self.saved: list[KnownServer] = []

    def load_servers(self) -> list[KnownServer]:
        """Return what was saved."""
        return self.saved

    def save_servers(self, servers: Iterable[KnownServer]) -> None:
        """Keep them."""
        self.saved = list(servers)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("chat.example.org", "chat://chat.example.org:8765"),
        ("chat.example.org:99", "chat://chat.example.org:99"),
        (" 192.168.1.5 ", "chat://192.168.1.5:8765"),
        ("::1", "chat://[::1]:8765"),
        ("[::1]:99", "chat://[::1]:99"),
        ("ws://host", "ws://host:8765"),
        ("WSS://host/chat/", "wss://host:8765/chat/"),
        ("wss://host/", "wss://host:8765"),
        ("host/chat?room=x", "chat://host:8765/chat?room=x"),
        ("fe80::1%eth0", "chat://[fe80::1%eth0]:8765"),
        ("ws://[fe80::1%25eth0]/chat", "ws://[fe80::1%eth0]:8765/chat"),
        ("quic://host:1", "quic://host:1"),
    ],
)
def test_typed_address_is_understood(typed: str, url: str) -> None:
    assert Address.parse(typed).url == url
    assert Address.parse(url).url == url


KEY = "3f8a" * 16


@pytest.mark.parametrize(
    ("link", "url", "key"),
    [
        ("http://host:8765/#room=python", "chat://host:8765", None),
        (f"https://host:1/chat/#room=python&key={KEY}", "chat://host:1/chat/", KEY),
        ("chatcore://[::1]:1/python", "chat://[::1]:1", None),
        (f"chatcore://host/python?key={KEY}&via=wss", "wss://host:8765", KEY),
        ("host/#room=python", "chat://host:8765", None),
    ],
)
def test_link_leads_to_a_room_and_says_by_what_the_server_is_known(link: str, url: str, key: str | None) -> None:
    """The fields of the dialog keep it all."""
    address = Address.parse(link)
    assert (address.url, address.room, address.key) == (url, "python", key)
    again = Address.parse(address.typed, address.scheme, address.port)
    assert (again.url, again.room, again.key) == (url, "python", key)
    assert address.of_server == address
    assert (address.of_server.room, address.of_server.key) == ("", None)


async def test_link_that_leads_nowhere_is_told_beside_the_field() -> None:
    form = refusing(ConnectionFailed("never asked"))
    form.connect("http://host/#room=a%20b", 8765, "chat", "alice")
    assert form.errors == {"host": "The room in the link cannot be: there is a space in 'a b'."}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("", "host"),
        ("two words", "host"),
        ("gopher://host", "host"),
        ("http://host/#room=a%20b", "host"),
        ("ws://user@host", "host"),
        ("ws://[::1", "host"),
        ("ws://[airport]", "host"),
        ("ws://airport℀:80", "host"),
        ("ws://", "host"),
        ("host:70000", "port"),
        ("host:0", "port"),
        ("host:x", "port"),
    ],
)
def test_what_is_no_address_is_told_by_field(typed: str, field: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(typed)
    assert caught.value.field == field


@pytest.mark.parametrize(("typed", "part"), [("ann:secret@host", "***@")])
def test_what_would_have_no_effect_is_refused(typed: str, part: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(typed)
    assert (caught.value.field, caught.value.sentence.values["part"]) == ("host", part)


def test_what_is_no_address_is_told_in_the_words_of_the_terminal() -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse("two words")
    with pytest.raises(ConfigurationError) as told:
        full_url("two words")
    assert caught.value.sentence == told.value.sentence


def test_favourites_come_first_then_the_latest_and_the_oldest_are_forgotten() -> None:
    store = MemoryStore()
    servers = Servers(store)
    for number in range(20):
        servers.used(Address("chat", f"host{number}"), "alice", float(number + 1))
    assert [one.address.host for one in servers.all] == [f"host{number}" for number in range(19, 7, -1)]
    servers.set_favourite(servers.all[5], favourite=True)
    assert servers.all[0].address.host == "host14"
    assert servers.last is not None
    assert servers.last.address.host == "host19"
    servers.forget(servers.all[1])
    assert [one.address.host for one in Servers(store).all][:2] == ["host14", "host18"]


def refusing(error: Exception) -> ConnectForm:
    async def connector(_address: Address, _username: str) -> Client:
        raise error

    return ConnectForm(Servers(MemoryStore()), connector, lambda _question: None, lambda: 0.0)


async def test_mistake_while_it_connects_is_told_and_another_try_is_possible() -> None:
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context["exception"]))
    error = ValueError("unheard of")
    form = refusing(error)
    form.connect("host", 8765, "chat", "alice")
    await until(lambda: failed)
    assert failed == [error]
    assert (form.busy, form.errors) == (False, {"form": mistaken()})


@pytest.mark.parametrize(
    ("error", "field", "sentence"),
    [
        (LoginRefused("name_taken", "taken"), "username", "The name alice is taken."),
        (LoginRefused("wrong_password", ""), "password", "This server has a password, and it is missing or wrong."),
        (LoginRefused("server_full", "no more than ten"), "form", "no more than ten."),
        (LoginRefused("odd", "no\x1bway"), "form", "no\\x1bway."),
        (ConnectionFailed("nothing listens there"), "host", "Nothing listens there."),
        (UntrustedCertificate("self-made"), "host", "Self-made."),
        (ConfigurationError("no such transport"), "transport", "No such transport."),
    ],
)
@in_virtual_time
async def test_error_is_told_beside_the_field_it_concerns(error: ChatcoreError, field: str, sentence: str) -> None:
    connecting = refusing(error)
    connecting.connect("host", 8765, "chat", "alice")
    assert connecting.busy
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not connecting.busy
    assert connecting.errors == {field: sentence}


@pytest.mark.parametrize(
    ("host", "scheme", "username", "fields"),
    [
        ("", "chat", "alice", {"host"}),
        ("host:0", "ws", "a", {"port", "username"}),
        ("host", "quic", "al ice", {"username"}),
    ],
)
@in_virtual_time
async def test_what_makes_no_sense_is_not_tried(host: str, scheme: Scheme, username: str, fields: set[str]) -> None:
    connecting = refusing(ConnectionFailed("was tried"))
    connecting.connect(host, 8765, scheme, username)
    assert not connecting.busy
    assert set(connecting.errors) == fields


@in_virtual_time
async def test_login_that_succeeds_is_remembered() -> None:
    async with House() as house:

        async def connector(_address: Address, username: str) -> Client:
            return await house.guest(username)

        connecting = ConnectForm(Servers(MemoryStore()), connector, lambda _question: None, lambda: 7.0)
        clients: list[Client] = []
        connecting.connected.connect(clients.append)
        connecting.connect("host", 99, "ws", " alice ")
        while not clients:
            await asyncio.sleep(0.01)
        assert connecting.servers.last == KnownServer(Address("ws", "host", 99), "alice", last_used=7.0)


@in_virtual_time
async def test_a_key_that_cannot_be_remembered_is_told_beside_the_question_and_can_be_accepted_later() -> None:
    full = [True]
    tries: list[str] = []

    async def connector(address: Address, _username: str) -> Client:
        tries.append(address.place)
        raise CertificateChanged("changed", address.place, "aa", "cc", "bb")

    def accept(_question: CertificateQuestion) -> None:
        if full:
            raise ConfigurationError("the server's key cannot be remembered in {path}: {why}", path="/x", why="full")

    connecting = ConnectForm(Servers(MemoryStore()), connector, accept, lambda: 0.0)
    connecting.connect("host", 8765, "ws", "alice")
    await until(lambda: not connecting.busy)
    question = connecting.question
    connecting.accept_certificate()
    assert connecting.errors == {"transport": "The server's key cannot be remembered in /x: full."}
    assert (connecting.question, connecting.busy, len(tries)) == (question, False, 1)
    full.clear()
    connecting.accept_certificate()
    await until(lambda: not connecting.busy)
    assert len(tries) == 2


@in_virtual_time
async def test_changed_certificate_is_a_question_and_accepting_it_tries_again() -> None:
    accepted: list[CertificateQuestion] = []
    tried: list[str] = []

    async def connector(address: Address, _username: str) -> Client:
        tried.append(address.url)
        if accepted:
            raise ConnectionFailed("gone")
        raise CertificateChanged("changed", "host:8765", "aa", "cc", "bb")

    connecting = ConnectForm(Servers(MemoryStore()), connector, accepted.append, lambda: 0.0)
    connecting.connect("host", 8765, "quic", "alice")
    await asyncio.sleep(0.1)
    assert connecting.question == CertificateQuestion("host:8765", "aa", "bb")
    connecting.accept_certificate()
    await asyncio.sleep(0.1)
    assert accepted == [CertificateQuestion("host:8765", "aa", "bb")]
    assert tried == ["quic://host:8765"] * 2
    assert connecting.question is None


@in_virtual_time
async def test_try_can_be_given_up() -> None:
    async def connector(_address: Address, _username: str) -> Client:
        return await asyncio.get_running_loop().create_future()

    connecting = ConnectForm(Servers(MemoryStore()), connector, lambda _question: None, lambda: 0.0)
    connecting.connect("host", 8765, "chat", "alice")
    await asyncio.sleep(1)
    connecting.cancel()
    assert not connecting.busy
    assert connecting.errors == {}


@in_virtual_time
async def test_password_is_said_to_the_server_that_asked_for_it_and_to_no_other() -> None:
    """As long as the app runs; a wrong one is asked for again."""
    said: list[str | None] = []

    async def connector(address: Address, _username: str) -> Client:
        said.append(form.password_of(address))
        raise LoginRefused("wrong_password" if len(said) < 3 else "server_full", "no")

    form = ConnectForm(Servers(MemoryStore()), connector, lambda _question: None, lambda: 0.0)
    for host, password in (("one", ""), ("one", "guess"), ("one", "right"), ("two", ""), ("one", "")):
        form.connect(host, 8765, "ws", "alice", password)
        assert form.asks_password is (host == "one" and len(said) > 0)
        while form.busy:
            await asyncio.sleep(0)
    assert said == [None, "guess", "right", None, "right"]


@in_virtual_time
async def test_password_that_an_invitation_lets_one_choose_is_typed_twice() -> None:
    """That of a server, or of a name that somebody has, is there already, and typed once."""
    said: list[str | None] = []
    values: dict[str, object] = {"what": "invited", "name": "zoe"}

    async def connector(address: Address, _username: str) -> Client:
        said.append(form.password_of(address))
        raise LoginRefused("account_required", "", values)

    form = ConnectForm(Servers(MemoryStore()), connector, lambda _question: None, lambda: 0.0)

    async def tell(password: str = "", again: str = "") -> str | None:
        form.connect("one", 8765, "ws", "zoe", password, again=again)
        while form.busy:
            await asyncio.sleep(0)
        return form.errors.get("password")

    await tell()
    assert form.password_is == "new"
    assert await tell("correct horse", "correct hose") == "These are two different ones. Type the same twice."
    assert await tell("short", "short") == "A password has at least 6 characters."
    assert said == [None]
    values.clear()
    await tell("correct horse", "correct horse")
    assert (form.password_is, said) == ("name", [None, "correct horse"])
    await tell("another one")
    assert said[-1] == "another one"
