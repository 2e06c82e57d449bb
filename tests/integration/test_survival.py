"""What survives a server that is killed, on a store: who owns which name, who looks after what, who may not come in."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from chatcore import connect
from chatcore.errors import LoginRefused, RequestRefused
from tests.patience import PATIENCE
from tests.unit.cli.processes import Process

TOKEN = "the-token-of-the-operators"
PASSWORD = "a password that nobody guesses"


async def refused(url: str, username: str, **more: str) -> str:
    """Return the code with which somebody is not let in."""
    with pytest.raises(LoginRefused) as caught:
        await connect(url, username=username, **more)  # type: ignore[arg-type]
    return str(caught.value.code)


def said_to(port: int, data: bytes, until: bytes) -> str:
    """Say something to a coursework's port, and return what it answers up to there."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as link:
        link.sendall(data)
        heard = b""
        while until not in heard and (more := link.recv(4096)):
            heard += more
    return heard.decode()


async def test_accounts_roles_topics_and_bans_are_there_after_a_kill(tmp_path: Path) -> None:
    """A ban does not come off by killing the server: not by another case, a look-alike, another dialect or a rename."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    options = [
        "--store", f"sqlite:{tmp_path / 'chat.db'}", "--operator-token-file", str(token), "--listen", "ws://127.0.0.1:0",
        "--listen", "tcp+simple-text://127.0.0.1:0", "--listen", "tcp+simple-json://127.0.0.1:0",
    ]  # fmt: skip
    with Process("serve", *options) as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        async with connect(url, username="Zoë") as zoe, connect(url, username="Mallory") as mallory:
            await zoe.register(PASSWORD)
            await zoe.create("math")
            await zoe.set_topic("Fractions")
            await mallory.join("math")
            await zoe.ban("Mallory")
            await zoe.ban("eve")
            await zoe.become_operator(TOKEN)
            await zoe.ban("Mallory", room="lobby")
            server.send_signal(signal.SIGKILL)
            await asyncio.to_thread(server.wait)
    with Process("serve", *options) as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        for name in ("Mallory", "MALLORY", "Ma11ory", "MaIlory"):
            assert await refused(url, name) == "banned"
        for name, code in (("Zoë", "name_registered"), ("zoe\u0308", "name_registered"), ("Z0ë", "name_confusable")):
            assert await refused(url, name) == code
        text, json_ = (
            int(server.out.wait_for(rf"listens on tcp\+simple-{kind}://\S+?:(\d+)")[1]) for kind in ("text", "json")
        )
        for name in (b"Mallory", b"mallory", b"MaIlory"):
            assert "banni" in await asyncio.to_thread(said_to, text, b"/pseudo\n%b\n" % name, b"banni")
            login = b'{"type": "login", "username": "%b"}' % name
            assert "banni" in await asyncio.to_thread(said_to, json_, login, b"}")
        async with (
            connect(url, username="Zoë", account_password=PASSWORD) as zoe,
            connect(url, username="bob") as bob,
        ):
            room = await zoe.join("math")
            assert (room.topic, room.role) == ("Fractions", "owner")
            with pytest.raises(RequestRefused, match="banned"):
                await bob.rename("Ma11ory")
            await bob.rename("Eve")
            with pytest.raises(RequestRefused, match="banned"):
                await bob.join("math")


async def test_invitations_are_there_after_a_kill_with_what_is_left_of_them(tmp_path: Path) -> None:
    """And the account that was made by one; what is used up or taken back does not come back."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    options = [
        "--store",
        f"sqlite:{tmp_path / 'chat.db'}",
        "--operator-token-file",
        str(token),
        "--accounts",
        "required",
    ]
    with Process("serve", *options, "--listen", "ws://127.0.0.1:0") as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        async with connect(url, username="head", operator_token=TOKEN) as head:
            await head.become_operator(TOKEN)
            twice, once, back = [await head.make_invitation(uses=uses) for uses in (2, 1, 5)]
            await head.revoke_invitation(back.invitation.number)
            for name, made in (("ann", twice), ("ben", once)):
                assert await refused(url, name, invitation=made.token) == "account_required"
                async with connect(url, username=name, invitation=made.token, account_password=PASSWORD):
                    pass
            server.send_signal(signal.SIGKILL)
            await asyncio.to_thread(server.wait)
    with Process("serve", *options, "--listen", "ws://127.0.0.1:0") as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        own = {"account_password": PASSWORD}
        for made in (once, back):
            assert await refused(url, "eve", invitation=made.token, **own) == "bad_invitation"
        async with connect(url, username="ann", account_password=PASSWORD):
            assert await refused(url, "eve", **own) == "not_identified"
        async with connect(url, username="carol", invitation=twice.token, **own):
            assert await refused(url, "eve", invitation=twice.token, **own) == "bad_invitation"
        async with connect(url, username="boss", operator_token=TOKEN) as head:
            await head.become_operator(TOKEN)
            assert await head.list_invitations() == ()


async def test_operator_by_account_is_one_after_a_kill_as_long_as_the_settings_say_so(tmp_path: Path) -> None:
    """Whoever takes the name without its password is nobody, over each dialect."""
    token, settings = tmp_path / "token", tmp_path / "chatcore.toml"
    token.write_text(TOKEN)
    settings.write_text('[serve]\noperator = ["Zoe"]\n')
    store = ("--store", f"sqlite:{tmp_path / 'chat.db'}", "--listen", "ws://127.0.0.1:0")
    with Process("serve", *store, "--config", str(settings), "--operator-token-file", str(token)) as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        assert await refused(url, "zoe") == "name_taken"
        async with connect(url, username="anna") as zoe, connect(url, username="boss", operator_token=TOKEN) as boss:
            with pytest.raises(RequestRefused, match="until an operator has registered it"):
                await zoe.rename("zoe")
            await boss.become_operator(TOKEN)
            await boss.reset_account("Zoe", PASSWORD, new=True)
            await zoe.identify(PASSWORD, "Zoe")
            assert zoe.role == "operator"
            server.send_signal(signal.SIGKILL)
            await asyncio.to_thread(server.wait)
    more = ("--listen", "tcp+simple-text://127.0.0.1:0", "--listen", "tcp+simple-json://127.0.0.1:0")
    with Process("serve", *store, *more, "--config", str(settings)) as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        async with connect(url, username="teacher", account="Zoe", account_password=PASSWORD) as zoe:
            assert zoe.role == "operator"
            assert [(act.event.act, act.event.by) for act in await zoe.list_acts()] == [
                ("operator", "boss"),
                ("reset_account", "boss"),
                ("operator", "anna"),
                ("operator", ""),  # boss is none any more: there is no token now
                ("operator", "teacher"),
            ]
        assert await refused(url, "Zoe") == "name_registered"
        assert await refused(url, "Zoe", account_password="guessed") == "not_identified"
        text, json_ = (
            int(server.out.wait_for(rf"listens on tcp\+simple-{kind}://\S+?:(\d+)")[1]) for kind in ("text", "json")
        )
        assert "existe" in await asyncio.to_thread(said_to, text, b"/pseudo\nZoe\n", b"existe")
        login = b'{"type": "login", "username": "Zoe"}'
        assert "déjà pris" in await asyncio.to_thread(said_to, json_, login, b"}")
        server.send_signal(signal.SIGKILL)
        await asyncio.to_thread(server.wait)
    with Process("serve", *store) as server:
        url = server.out.wait_for(r"listens on (ws://\S+)")[1]
        async with connect(url, username="Zoe", account_password=PASSWORD) as zoe:
            assert zoe.role == "member"
