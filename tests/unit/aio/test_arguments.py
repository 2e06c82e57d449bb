"""What programs give to the library that is of another kind than it has to be: they are told by name, and at once."""

from __future__ import annotations

import asyncio
import inspect
import math
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import chatcore
from chatcore import Bot, ChatServer, Client, DirectPosted, MessagePosted, connect
from chatcore.aio.server import Listen
from chatcore.commands import MuteUser, Search, SendDirect, SendMessage
from chatcore.errors import ConfigurationError, LoginRefused
from chatcore.limits import Limits, OwnLimits
from chatcore.ports.archive import Retention
from chatcore.ports.passwords import PasswordHasher, SignIn
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore.testing import MemoryNetwork
from chatcore.testing.dialog import verify_dialog
from chatcore_files import DownloadFolder
from chatcore_passwords import Argon2
from chatcore_sessions import SessionFolder
from chatcore_tls.known_servers import KnownServersFile
from tests.unit.aio.house import House, in_virtual_time
from tests.unit.aio.store_house import MemoryStore

URL = "ws://127.0.0.1:1"
TEXTS = ("password", "account", "invitation", "operator_token", "client_id", "dialect")
PORTS = ("known_servers", "files", "sessions", "transport", "options")


@pytest.mark.parametrize("given", [5, None, b"ws://127.0.0.1", []])
def test_an_address_or_a_name_that_is_no_text_is_told_by_its_name(given: Any) -> None:
    """Not by a method that something else lacks, nor by a server that cannot be reached."""
    with pytest.raises(TypeError, match=f"^url has to be str, and is {type(given).__name__}$"):
        connect(given, username="alice")
    with pytest.raises(TypeError, match=f"^username has to be str, and is {type(given).__name__}$"):
        connect(URL, username=given)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("given", [5, b"secret", ["secret"]])
def test_a_text_that_is_none_is_told_by_its_name_and_not_shown(name: str, given: Any) -> None:
    """It may be a password."""
    with pytest.raises(TypeError, match=rf"^{name} has to be str \| None, and is {type(given).__name__}$"):
        connect(URL, username="alice", **{name: given})


@pytest.mark.parametrize("given", [5, b"secret", ["secret"]])
def test_a_password_that_is_neither_a_text_nor_gives_one_is_told_by_its_name_and_not_shown(given: Any) -> None:
    """Nor is what gives it without being awaited."""
    kinds = r"str \| Callable\[\[\], Awaitable\[str\]\] \| None"
    with pytest.raises(TypeError, match=rf"^account_password has to be {kinds}, and is {type(given).__name__}$"):
        connect(URL, username="alice", account_password=given)
    with pytest.raises(TypeError, match="cannot be account_password: "):
        connect(URL, username="alice", account_password=lambda account: account)


@pytest.mark.parametrize("name", PORTS)
def test_what_should_do_something_and_cannot_is_told_before_it_is_needed(name: str) -> None:
    """A folder is no file store: `DownloadFolder` is, of that folder."""
    options: dict[str, Any] = {name: "folder"}
    with pytest.raises(TypeError, match=f"^{name} has to (be|have) .*, and is str$"):
        connect(URL, username="alice", **options)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("host", None),
        ("port", "8765"),
        ("port", True),
        ("transport", 5),
        ("dialect", 5),
        ("store", 5),
        ("limits", {"text_bytes": 1000}),
        ("retention", 5),
        ("operator_token", b"x" * 20),
        ("password", 5),
        ("public_url", 5),
        ("rooms", "lobby"),
        ("rooms", [5]),
        ("listen", "ws"),
        ("listen", ""),
        ("listen", b"ws"),
        ("advertise", "ws://a"),
        ("advertise", 5),
    ],
)
def test_an_argument_of_a_server_is_told_by_its_name_before_it_is_started(name: str, given: Any) -> None:
    """A text is no sequence of names, though Python takes it for one of letters."""
    with pytest.raises(TypeError, match=f"{name} has to (be|have)"):
        ChatServer(**{name: given})


class Plain:
    @staticmethod
    def hash(password: str) -> str:
        return f"plain {password}"

    @classmethod
    def verify(cls, password: str, hashed: str) -> bool:
        return hashed == cls.hash(password)


class Inherited(Plain):
    pass


class HashMakers(type):
    def hash(cls, password: str) -> str:
        return Plain.hash(password)

    def verify(cls, password: str, hashed: str) -> bool:
        return Plain.verify(password, hashed)


class Made(metaclass=HashMakers):
    pass


@pytest.mark.parametrize("passwords", [Plain, Inherited, Made])
@in_virtual_time
async def test_class_whose_methods_need_nothing_made_of_it_is_as_good_as_an_object(passwords: PasswordHasher) -> None:
    async with House(passwords=passwords) as house:
        alice = await house.guest("alice")
        await alice.register("a long password")
        with pytest.raises(LoginRefused, match="not_identified"):
            await house.guest("alice", account_password="another password")


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (lambda given: ChatServer(passwords=given), Argon2),
        (lambda given: ChatServer(transport=given), MemoryNetwork),
        (lambda given: ChatServer(store=given), MemoryStore),
        (lambda given: ChatServer(limits=given), Limits),
        (lambda given: ChatServer(listen=[Listen(given)]), MemoryNetwork),
        (lambda given: connect(URL, username="alice", transport=given), MemoryNetwork),
        (lambda given: connect(URL, username="alice", known_servers=given), KnownServersFile),
        (lambda given: connect(URL, username="alice", files=given), DownloadFolder),
        (lambda given: connect(URL, username="alice", sessions=given), SessionFolder),
        (lambda given: Bot(URL, username="echo", sessions=given), SessionFolder),
        (lambda given: verify_dialog(given, ()), Bot),
    ],
)
def test_class_that_nobody_called_is_told(make: Callable[[Any], Any], given: type) -> None:
    """It has all the names that are asked for, and they can be called of what it makes alone."""
    told = f"has to be .*, and is the class {given.__name__}, and not what {given.__name__}\\(\\.\\.\\.\\) makes$"
    with pytest.raises(TypeError, match=told):
        make(given)


async def knows_nobody() -> str | None:
    """Say who somebody is, and be told nothing of them."""
    return None


async def hands_out(_sign_in: SignIn) -> AsyncIterator[str]:
    """Hand names out, where one is asked for."""
    yield "ann"


class Directory:
    """Knows everybody.

    Args:
        place: where they are written down.
    """

    def __init__(self, place: str) -> None:
        self._place = place

    async def __call__(self, sign_in: SignIn) -> str | None:
        """Say who somebody is."""
        return sign_in.account


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (knows_nobody, "knows_nobody cannot be authenticate, which is called with a sign-in: too many positional"),
        (hands_out, "hands_out has a `yield`, and cannot be authenticate"),
        (Directory, "Directory is a class, and cannot be authenticate"),
    ],
)
def test_who_cannot_be_asked_who_somebody_is_is_told_before_anybody_comes(wrong: Any, why: str) -> None:
    """Else nobody could log in, and only the log would say why."""
    with pytest.raises(TypeError, match=f"^{re.escape(why)}"):
        ChatServer(authenticate=wrong)
    ChatServer(authenticate=Directory("people"))


def test_what_is_called_with_nothing_takes_nothing() -> None:
    """And is told so when it is given, not when an operator needs it, or somebody speaks in a room."""
    wrong: Any = Directory
    with pytest.raises(TypeError, match=r"^Directory cannot be reload, which is called with nothing: missing a req"):
        ChatServer(reload=wrong)
    with pytest.raises(TypeError, match=r"^Directory cannot be make, which is called with nothing: missing a req"):
        Bot(URL, username="echo").per_room(wrong)
    later: Any = knows_nobody
    with pytest.raises(TypeError, match=r"^make has to be a plain function, and is an async one"):
        Bot(URL, username="echo").per_room(later)
    assert Bot(URL, username="echo").per_room(dict)["lobby"] == {}


def _decorated_without_a_call(bot: Any) -> None:
    @bot.command
    async def echo(message: Any) -> None: ...


def _decorated_for_no_kind(bot: Any) -> None:
    @bot.on
    async def greet(event: Any, chat: Any) -> None: ...


def test_handler_may_be_for_several_kinds() -> None:
    """As `isinstance` takes them."""

    @Bot(URL, username="echo").on(MessagePosted | DirectPosted)
    async def hear(event: MessagePosted | DirectPosted, chat: Client) -> None: ...


def _two_words(bot: Any) -> None:
    bot.command("say hello")


def _no_word(bot: Any) -> None:
    bot.command("")


@pytest.mark.parametrize("wrong", [_decorated_without_a_call, _decorated_for_no_kind, _two_words, _no_word])
def test_a_handler_that_would_never_be_called_is_told(wrong: Callable[[Any], None]) -> None:
    """`@bot.command` without a name; a kind that is no class; a command that nobody can say."""
    with pytest.raises((TypeError, ValueError), match=r"has to be|is one word"):
        wrong(Bot(URL, username="echo"))


class _Odd:
    """Of no kind that anything asks for."""


def _arguments(of: type) -> Iterator[tuple[str, str]]:
    """Return each public method that takes something, with each name of what it takes."""
    for method, function in inspect.getmembers(of, inspect.isfunction):
        if not method.startswith("_"):
            for parameter in inspect.signature(function).parameters.values():
                if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
                    yield method, parameter.name


async def _called_with_odd(thing: object, method: str, name: str) -> None:
    function = getattr(thing, method)
    needed = inspect.signature(function).parameters.values()
    given = {
        each.name: _plain(each) for each in needed if each.default is each.empty and each.kind is not each.VAR_KEYWORD
    }
    returned = function(**{**given, name: _Odd()})
    if inspect.isawaitable(returned):
        await returned


def _plain(parameter: inspect.Parameter) -> Any:
    """Return what an argument may be that is not the odd one."""
    known = {"send": SendMessage("hi"), "kind": MessagePosted, "conversation": ()}
    return known.get(parameter.name, 1 if parameter.annotation in ("int", "float | timedelta") else "alice")


@pytest.mark.parametrize(("method", "name"), list(_arguments(Client)))
@in_virtual_time
async def test_every_argument_of_every_request_is_told_by_its_name(method: str, name: str) -> None:
    """Before anything is asked, while it is easy to see where."""
    async with House() as house:
        alice = await house.guest("alice")
        with pytest.raises(TypeError, match=f"^{name} has to be .*, and is _Odd$"):
            await _called_with_odd(alice, method, name)


@pytest.mark.parametrize(("method", "name"), list(_arguments(Bot)))
@in_virtual_time
async def test_every_argument_of_every_method_of_a_bot_is_told_by_its_name(method: str, name: str) -> None:
    """Before it is connected."""
    with pytest.raises(TypeError, match=f"^{name} has to be .*, and is _Odd$"):
        await _called_with_odd(Bot(URL, username="echo"), method, name)


@pytest.mark.parametrize(("method", "name"), list(_arguments(ChatServer)))
@in_virtual_time
async def test_every_argument_of_every_method_of_a_server_is_told_by_its_name(method: str, name: str) -> None:
    """And changes nothing."""
    async with House() as house:
        with pytest.raises(TypeError, match=f"^{name} has to be .*, and is _Odd$"):
            await _called_with_odd(house.server, method, name)


def test_what_has_to_be_awaited_says_so_to_whoever_asks() -> None:
    """A framework that is given a function to call in the background, say, awaits no other; `help` shows `async`."""
    public = [getattr(chatcore, name) for name in chatcore.__all__]
    functions = [function for each in public for _, function in inspect.getmembers(each, inspect.isfunction)]
    awaited = [each for each in functions if inspect.iscoroutinefunction(inspect.unwrap(each))]
    assert {Client.send, ChatServer.stop, Bot.serve, chatcore.Message.reply} <= {*awaited}
    assert [each for each in awaited if not inspect.iscoroutinefunction(each)] == []
    assert [each for each in awaited if not asyncio.iscoroutinefunction(each)] == []
    assert [each for each in functions if inspect.iscoroutinefunction(each) and each not in awaited] == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda chat: chat.post(SendMessage(5)), "send.text has to be str, and is int"),
        (lambda chat: chat.post(SendDirect("bob", "hi")), "send.to has to be tuple[str, ...], and is str"),
        (lambda chat: chat.post(SendDirect((5,), "hi")), "a part of send.to has to be str, and is int"),
        (lambda chat: chat.moderate(MuteUser("bob", "60")), "command.seconds has to be int | None, and is str"),
        (lambda chat: chat.find(Search("x", since="today")), "wanted.since has to be float | None, and is str"),
        (lambda chat: chat.send_direct(["bob", None], "hi"), "a part of to has to be str, and is NoneType"),
        (lambda chat: chat.send("hi", reply_to=1.5), "reply_to has to be int | None, and is float"),
        (lambda chat: chat.offer_file(5, to="bob"), "source has to be str | PathLike[str] | FileSource, and is int"),
        (lambda chat: chat.offer_file("x", to=b"bob"), "to has to be str | Collection[str], and is bytes"),
    ],
)
@in_virtual_time
async def test_what_a_request_is_made_of_is_told_by_its_name(wrong: Callable[[Any], Any], told: str) -> None:
    """The fields of a command, and each of several names."""
    async with House() as house:
        alice = await house.guest("alice")
        with pytest.raises(TypeError) as caught:
            await wrong(alice)
        assert str(caught.value) == told
        assert await alice.send("and goes on")


@in_virtual_time
async def test_several_names_may_stand_in_any_collection() -> None:
    """A set, say, or the names of the members as the client has them."""
    async with House() as house:
        alice, _ = await house.guests("alice", "bob")
        assert await alice.send_direct({"bob"}, "hi")
        assert await alice.send_direct(alice.members, "hi")
        assert alice.post(SendDirect(["bob"], "hi")) == 3  # type: ignore[arg-type] # without a type checker
        await alice.flush()


def test_several_texts_of_an_option_may_stand_in_a_list() -> None:
    """As they always could."""
    options = ConnectOptions(fingerprints=["ab" * 32])  # type: ignore[arg-type] # without a type checker
    connect(URL, username="alice", options=options)
    with pytest.raises(TypeError, match=r"^a part of options\.fingerprints has to be str, and is int$"):
        connect(URL, username="alice", options=ConnectOptions(fingerprints=[5]))  # type: ignore[arg-type, list-item] # so


def test_options_are_told_by_the_name_of_the_field() -> None:
    """Of a client, of a place to listen in, and of a bot, which passes them on."""
    options: Any = ConnectOptions(login_timeout="10")  # type: ignore[arg-type] # this is what is tried
    with pytest.raises(TypeError, match=r"^options\.login_timeout has to be float, and is str$"):
        connect(URL, username="alice", options=options)
    with pytest.raises(TypeError, match=r"^options\.login_timeout has to be float, and is str$"):
        Bot(URL, username="echo", options=options)
    place = Listen("ws", options=ListenOptions(port="80"))  # type: ignore[arg-type] # likewise
    with pytest.raises(TypeError, match=r"^a part of listen\.options\.port has to be int, and is str$"):
        ChatServer(listen=[place])


def test_host_that_is_no_text_is_told_by_its_name() -> None:
    host: Any = None
    with pytest.raises(TypeError, match=r"^host has to be str, and is NoneType$"):
        ListenOptions(host=host)


def test_time_that_is_no_number_is_told_by_its_name() -> None:
    """No clock ever comes to it."""
    with pytest.raises(ValueError, match=r"^connect_timeout has to be a number of seconds, and is no number$"):
        ConnectOptions(connect_timeout=math.nan)


@pytest.mark.parametrize("name", ["connect_timeout", "login_timeout", "keepalive_interval", "keepalive_timeout"])
def test_time_that_does_not_pass_is_told_by_its_name(name: str) -> None:
    """Every wait has one."""
    for time, why in ((math.inf, "infinite"), (-math.inf, "infinite"), (-1, "negative"), (-0.5, "negative")):
        options: dict[str, Any] = {name: time}
        with pytest.raises(ValueError, match=f"^{name} has to be a number of seconds, and is {why}$"):
            ConnectOptions(**options)


async def test_option_of_a_bot_that_nobody_knows_is_told_when_it_is_given() -> None:
    """And not by `connect`, once it works."""
    options: dict[str, Any] = {"nope": 1}
    with pytest.raises(TypeError, match=r"^Bot.__init__\(\) got an unexpected keyword argument 'nope'$"):
        Bot(URL, username="bot", **options)
    with pytest.raises(TypeError, match=r"^Bot.serve\(\) got an unexpected keyword argument 'nope'$"):
        await Bot(URL, username="bot").serve(**options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"listen": []}, "there is no place to listen in: give one, or leave listen out"),
        ({"public_url": "nonsense"}, "nonsense is not the address of a server, like chat://example.org:8765"),
        (
            {"public_url": "https://chat.example.org"},
            "https://chat.example.org is not the address of a WebSocket, like wss://chat.example.org",
        ),
        ({"retention": Retention(messages=0)}, "nothing would be kept with messages=0"),
        ({"retention": Retention(seconds=-1)}, "nothing would be kept with seconds=-1"),
        ({"retention": Retention(rooms={"a": Retention(bytes=-5)})}, "nothing would be kept with bytes=-5"),
        (
            {"retention": Retention(rooms={"ann": Retention(1), "Ann": Retention(2)})},
            "ann and Ann in the retention's rooms are one room",
        ),
        (
            {"limits": Limits(people={"@bob": OwnLimits(rooms_per_user=1), "@Bob": OwnLimits(request_burst=9)})},
            "@bob and @Bob in people are one account",
        ),
        *(
            (
                {"limits": limits, "accounts": "optional", "passwords": Argon2()},
                f"{name!r} is no name of an account: 2 to 32 letters of one script, digits, _ or -",
            )
            for limits, name in (
                (Limits(operators=("\ud83d",)), "\ud83d"),
                (Limits(operators=("ann", "a b\n")), "a b\n"),
                (Limits(bots=("x" * 33,)), "x" * 33),
                (Limits(people={"@a b": OwnLimits(rooms_per_user=1)}), "a b"),
            )
        ),
    ],
)
def test_what_no_server_can_use_is_told_when_it_is_given(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ChatServer(**options)
    assert str(caught.value) == told


@in_virtual_time
async def test_what_cannot_be_written_down_is_refused_at_the_call() -> None:
    """And the server goes on; nor is it half stopped."""
    async with House() as house:
        alice = await house.guest("alice")
        with pytest.raises(ConfigurationError, match="is no name of an account"):
            house.server.change_limits(Limits(people={"@a b": OwnLimits(rooms_per_user=1)}))
        for wrong in (("\ud83d", ""), ("reload", "\ud83d")):
            with pytest.raises(ValueError, match="there is a character at place 1 that is broken"):
                house.server.acted(*wrong)
        with pytest.raises(ValueError, match=r"^message: there is a character at place 1 that is broken"):
            await house.server.stop("\ud83d")
        assert await alice.send("goes on")
        assert house.server.unready is None


def test_conversation_that_is_none_is_told() -> None:
    """Not by the line at which it cannot be read."""
    bot: Any = Bot(URL, username="echo")
    for given, told in (
        (5, "conversation has to be Sequence"),
        ("x", "conversation has to be Sequence"),
        (["x"], "a part of conversation has to be tuple"),
        ([("alice", "!n")], "a part of conversation has to be tuple.*, and has 2 parts"),
        ([("alice", 5, "1")], "part 2 of a part of conversation has to be str | None, and is int"),
        ([("alice", "!n", ["1"])], "part 3 of a part of conversation has to be .*, and is list"),
    ):
        with pytest.raises(TypeError, match=f"^{told}"):
            bot.test(given)


@pytest.mark.parametrize("keeper", [SessionFolder, KnownServersFile])
def test_path_that_is_none_is_told_where_it_is_given(keeper: Callable[[Any], object]) -> None:
    """Not where the file is needed, which may be never."""
    with pytest.raises(TypeError, match=r"not '?int"):
        keeper(5)
