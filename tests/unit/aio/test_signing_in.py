"""Accounts in the library: registered, identified, vouched for, and what takes time kept off the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from chatcore import ChatServer, LoginRefused, RequestRefused, connect
from chatcore.aio.asking import ask
from chatcore.commands import Identify, RegisterAccount
from chatcore.errors import ChatcoreError, ConfigurationError, ConnectionFailed
from chatcore.events import ConnectionLost, DirectPosted, GapFound, Welcomed
from chatcore.limits import Limits
from chatcore.ports.passwords import SignIn
from chatcore.ports.transport import ConnectOptions
from chatcore.testing import MemoryNetwork
from tests.unit.aio.house import in_virtual_time

PASSWORD = "correct horse"
TOKEN = "a-token-that-nobody-guesses"


class Hasher:
    """Implements `chatcore.ports.passwords.PasswordHasher`, and notes where it is called."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.broken = False

    def hash(self, password: str) -> str:
        """Return what is no hash."""
        self.threads.add(threading.get_ident())
        if self.broken:
            raise MemoryError("no memory")
        return f"<{password[::-1]}>"

    def verify(self, password: str, hashed: str) -> bool:
        """Compare."""
        return self.hash(password) == hashed


async def test_client_has_a_name_for_good() -> None:
    """What waits for it is there at the next login; the work is done in another thread."""
    network, hasher = MemoryNetwork(), Hasher()
    async with ChatServer(transport=network, port=0, passwords=hasher) as server:
        url = server.urls[0]
        async with connect(url, username="alice", transport=network) as alice:
            await alice.register(PASSWORD)
            await alice.register("battery staple")
        with pytest.raises(LoginRefused) as caught:
            await connect(url, username="Alice", transport=network)
        assert caught.value.code == "name_registered"
        with pytest.raises(LoginRefused) as caught:
            await connect(url, username="alice", account_password="half \ud83d", transport=network)
        assert caught.value.code == "not_identified"
        async with connect(url, username="bob", transport=network) as bob:
            await bob.send_direct("alice", "while you were away")
            await bob.identify("battery staple", "alice")
            told = [await anext(bob)]
            while not (isinstance(told[-1], DirectPosted) and told[-1].replay):
                told.append(await anext(bob))
            assert sum(isinstance(event, DirectPosted) for event in told) == 2
            assert not any(isinstance(event, GapFound) for event in told)  # of the owner's messages none is missing
        async with connect(
            url, username="al", account="alice", account_password="battery staple", transport=network
        ) as al:
            assert (await al.whois("al")).account == "alice"
    assert len(hasher.threads) == 1
    assert threading.get_ident() not in hasher.threads


async def test_operator_makes_an_account_and_lets_it_go() -> None:
    network = MemoryNetwork()
    async with (
        ChatServer(transport=network, port=0, passwords=Hasher(), operator_token=TOKEN) as server,
        connect(server.urls[0], username="boss", transport=network) as boss,
    ):
        await boss.become_operator(TOKEN)
        await boss.reset_account("alice", PASSWORD, new=True)
        async with connect(server.urls[0], username="alice", account_password=PASSWORD, transport=network):
            await boss.drop_account("alice")
        with pytest.raises(RequestRefused) as caught:
            await boss.drop_account("alice")
        assert caught.value.code == "no_such_user"


OTHER = "another-token-of-theirs"


@pytest.mark.parametrize(("after", "kept"), [(TOKEN, True), (OTHER, False), (None, False)])
async def test_operator_is_one_over_a_restart_as_long_as_the_token_is_the_same(
    tmp_path: Path, after: str | None, kept: bool
) -> None:
    """Whoever has stolen it is put out by another one, or by none."""
    network, store = MemoryNetwork(), f"sqlite:{tmp_path / 'chat.db'}"
    async with AsyncExitStack() as stack:
        async with ChatServer(transport=network, port=5, store=store, operator_token=TOKEN) as server:
            url = server.urls[0]
            boss = await stack.enter_async_context(connect(url, username="boss", transport=network))
            await boss.become_operator(TOKEN)
        async with (
            ChatServer(transport=network, port=5, store=store, operator_token=after) as server,
            connect(url, username="bob", transport=network) as bob,
        ):
            assert (await bob.whois("boss")).role == ("operator" if kept else "member")


async def test_operator_by_a_token_is_none_any_more_once_the_server_goes_by_another() -> None:
    network = MemoryNetwork()
    async with (
        ChatServer(transport=network, port=0, operator_token=TOKEN) as server,
        connect(server.urls[0], username="boss", transport=network) as boss,
    ):
        await boss.become_operator(TOKEN)
        assert server.change_secrets(password=None, operator_token=TOKEN) == ()
        assert (await boss.whois("boss")).role == "operator"
        assert server.change_secrets(password=None, operator_token=OTHER) == ()
        assert (await boss.whois("boss")).role == "member"
        await boss.become_operator(OTHER)
        assert server.change_secrets(password=None, operator_token=None) == ("operator_token",)
        assert (await boss.whois("boss")).role == "member"


async def test_what_people_type_of_accounts_is_carried_out() -> None:
    """A password that was left out is asked for, and not sent."""
    network = MemoryNetwork()
    async with ChatServer(transport=network, port=0, passwords=Hasher(), accounts="optional") as server:
        url = server.urls[0]
        async with connect(url, username="alice", transport=network) as alice:
            assert await ask(alice, RegisterAccount(PASSWORD)) is None
            for command in (RegisterAccount(), Identify()):
                with pytest.raises(RequestRefused, match="password") as caught:
                    await ask(alice, command)
                assert caught.value.code == "bad_request"
        async with connect(url, username="bob", transport=network) as bob:
            with pytest.raises(RequestRefused) as caught:
                await ask(bob, Identify("wrong one", "alice"))
            assert caught.value.code == "not_identified"
            assert await ask(bob, Identify(PASSWORD, "alice")) is None
            assert (await bob.whois("bob")).account == "alice"


async def test_server_started_without_passwords_says_so_to_who_had_a_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And not to log in with a password that it then does not want; whoever runs it finds it in the log."""
    network = MemoryNetwork()
    store = f"sqlite:{tmp_path / 'chat.db'}"
    async with (
        ChatServer(transport=network, port=0, passwords=Hasher(), store=store) as server,
        connect(server.urls[0], username="ann", transport=network) as ann,
    ):
        await ann.register(PASSWORD)
    assert not caplog.records
    async with ChatServer(transport=network, port=0, store=store) as server:
        (told,) = caplog.records
        assert (told.levelname, told.getMessage(), told.__dict__["fields"]) == (
            "WARNING", "accounts_locked", {"accounts": 1},
        )  # fmt: skip
        url = server.urls[0]
        taken = "the name ann belongs to somebody, and this server asks for no passwords of accounts at present"
        for secrets in ({}, {"password": PASSWORD}):
            with pytest.raises(LoginRefused, match=taken) as caught:
                await connect(url, username="ann", transport=network, **secrets)
            assert caught.value.code == "name_registered"
        asks_for_none = "this server asks for no passwords of accounts at present, so nobody can log in to one"
        with pytest.raises(LoginRefused, match=asks_for_none):
            await connect(url, username="ann", account_password=PASSWORD, transport=network)
        async with connect(url, username="bob", transport=network) as bob:
            for asked, said in (
                (bob.rename("ann"), taken),
                (bob.identify(PASSWORD, "ann"), asks_for_none),
                (bob.register(PASSWORD), asks_for_none),
            ):
                with pytest.raises(RequestRefused, match=said):
                    await asked
    async with ChatServer(transport=network, port=0) as server:
        with pytest.raises(LoginRefused, match="this server has no accounts"):
            await connect(server.urls[0], username="ann", account_password=PASSWORD, transport=network)


async def test_hasher_that_fails_refuses_for_now() -> None:
    """And the log says it."""
    network, hasher = MemoryNetwork(), Hasher()
    async with ChatServer(transport=network, port=0, passwords=hasher) as server:
        async with (
            connect(server.urls[0], username="alice", transport=network) as alice,
            connect(server.urls[0], username="bob", transport=network) as bob,
        ):
            await alice.register(PASSWORD)
            hasher.broken = True
            for asked in (bob.register(PASSWORD), bob.identify(PASSWORD, "alice")):  # and told once
                with pytest.raises(RequestRefused, match="the accounts of this server are out of order") as refused:
                    await asked
                assert refused.value.code == "internal"
        with pytest.raises(LoginRefused) as caught:
            await connect(server.urls[0], username="alice", account_password=PASSWORD, transport=network)
        assert caught.value.code == "unavailable"


async def test_program_around_a_server_says_who_somebody_is() -> None:
    """Nobody else comes in; what it raises, or takes too long for, refuses for now."""
    network = MemoryNetwork()
    seen: list[SignIn] = []

    async def authenticate(sign_in: SignIn) -> str | None:
        seen.append(sign_in)
        if sign_in.password == "broken":
            raise OSError("the directory of users is not there")
        if sign_in.password == "slow":
            await asyncio.sleep(3600)
        return "ann" if sign_in.password == "ticket" else None

    async def code(**secrets: str) -> str:
        try:
            async with connect(server.urls[0], username="ann", transport=network, **secrets) as client:
                return (await client.whois("ann")).account or "guest"
        except LoginRefused as error:
            return error.code

    limits = Limits(login_timeout=0.3)
    async with ChatServer(transport=network, port=0, authenticate=authenticate, limits=limits) as server:
        assert await code() == "account_required"
        assert await code(account_password="ticket") == "ann"
        assert await code(password="ticket") == "ann"
        assert await code(account_password="broken") == "unavailable"
        assert await code(account_password="forged") == "not_identified"
    assert seen[0] == SignIn("ann", "ann", "ticket", seen[0].address, "memory", "chat")


class Tokens:
    """Gives out tokens, one after the other, as a web site does; it has its bad moments too."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    async def __call__(self) -> str:
        """Return the next one."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            await asyncio.Event().wait()
        return answer  # type: ignore[return-value]  # now and then it is none


def takes(*good: str) -> Callable[[SignIn], Awaitable[str | None]]:
    """Return what knows these tokens, all of them ann's."""

    async def authenticate(sign_in: SignIn) -> str | None:
        return "ann" if sign_in.password in good else None

    return authenticate


@in_virtual_time
async def test_client_asks_for_a_fresh_token_before_each_connection() -> None:
    """That of its first login has expired when the server starts anew; where there is none now, there is later."""
    network, lost = MemoryNetwork(), list[str]()
    tokens = Tokens("first", OSError("the web site is away"), None, "second")
    async with AsyncExitStack() as stack:
        async with ChatServer(transport=network, port=7, authenticate=takes("first")) as server:
            coming = connect(
                server.urls[0], username="annie", account="ann", account_password=tokens, transport=network
            )
            ann = await stack.enter_async_context(coming)
        async with ChatServer(transport=network, port=7, authenticate=takes("second")):
            async for event in ann:
                if isinstance(event, ConnectionLost):
                    lost.append(event.reason)
                elif isinstance(event, Welcomed) and lost:
                    break
    assert lost[1:] == [
        f"there is no password to log in with: {why}" for why in ("the web site is away", "it takes too long")
    ]
    assert tokens.answers == []


@in_virtual_time
async def test_token_that_does_not_come_is_waited_for_as_long_as_a_login_though_it_cannot_be_stopped() -> None:
    """What swallows its cancellation is let go; nobody waits for it."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def stubborn() -> str:
        while (left := began + 60.0 - loop.time()) > 0:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(left)
        return "late"

    network = MemoryNetwork()
    async with ChatServer(transport=network, port=0, authenticate=takes("first")) as server:
        options = ConnectOptions(login_timeout=2.0)
        with pytest.raises(ConnectionFailed, match="no password to log in with: it takes too long"):
            await connect(server.urls[0], username="ann", account_password=stubborn, transport=network, options=options)
        assert loop.time() - began == pytest.approx(2.0, abs=0.1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await connect(server.urls[0], username="ann", account_password=stubborn, transport=network)
        assert loop.time() - began == pytest.approx(3.0, abs=0.1)


@in_virtual_time
async def test_client_that_has_registered_asks_for_no_token_any_more() -> None:
    """It knows the password better than whoever gave the first one."""
    network, tokens = MemoryNetwork(), Tokens(PASSWORD)
    async with ChatServer(transport=network, port=7, passwords=Hasher()) as server:
        async with connect(server.urls[0], username="ann", transport=network) as ann:
            await ann.register(PASSWORD)
        coming = connect(server.urls[0], username="ann", account_password=tokens, transport=network)
        async with coming as ann:
            await ann.register("battery staple")
            network.cut_some(1)
            assert (await ann.whois("ann")).account == "ann"


@in_virtual_time
@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (OSError("no network"), ConnectionFailed, "^there is no password to log in with: no network$"),
        (LoginRefused("not_identified", "log in to the web site"), LoginRefused, "^log in to the web site"),
        (ValueError("a mistake"), ConnectionFailed, "failed: ValueError"),
        (5, ConnectionFailed, "has to give str, and gave int"),
        ("half \ud83d", LoginRefused, "broken or not UTF-8"),
    ],
)
async def test_who_has_no_token_to_begin_with_hears_why(
    answer: object, error: type[ChatcoreError], sentence: str
) -> None:
    """As of any other connection that cannot be made."""
    network = MemoryNetwork()
    async with ChatServer(transport=network, port=0, authenticate=takes("first")) as server:
        with pytest.raises(error, match=sentence):
            await connect(server.urls[0], username="ann", account_password=Tokens(answer), transport=network)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"accounts": "always"}, "accounts are off, optional or required, and not 'always'"),
        ({"accounts": "required"}, "without passwords or authenticate, there are no accounts"),
    ],
)
def test_server_that_cannot_have_accounts_is_not_made(options: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ChatServer(**options)  # type: ignore[arg-type]
    assert str(caught.value) == sentence


async def test_operator_whom_the_settings_name_comes_in_at_once_where_others_vouch() -> None:
    """Nobody has to register that name: whoever is vouched for has it from the first login on."""
    network = MemoryNetwork()

    async def authenticate(sign_in: SignIn) -> str | None:
        return sign_in.account

    limits = Limits(operators=("teacher",))
    async with (
        ChatServer(transport=network, port=0, authenticate=authenticate, limits=limits) as server,
        connect(server.urls[0], username="teacher", account_password="x", transport=network) as teacher,
    ):
        assert (await teacher.whois("teacher")).role == "operator"


async def logged_in(network: MemoryNetwork, url: str) -> None:
    """Log in, with something that has to be looked at."""
    async with connect(url, username="ann", account_password="x", transport=network, reconnect=False):
        pass


async def test_server_that_stops_waits_for_no_password() -> None:
    """Whoever vouches is not waited for either."""
    network = MemoryNetwork()
    asked = asyncio.Event()

    async def authenticate(sign_in: SignIn) -> str | None:
        asked.set()
        await asyncio.sleep(3600)
        return None

    async with ChatServer(transport=network, port=0, authenticate=authenticate) as server:
        login = asyncio.create_task(logged_in(network, server.urls[0]))
        await asked.wait()
    with pytest.raises(ChatcoreError):
        await login
