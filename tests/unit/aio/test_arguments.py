"""What programs give to the library that is of another kind than it has to be: they are told by name, and at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatcore import Bot, ChatServer, connect

URL = "ws://127.0.0.1:1"
TEXTS = ("password", "account_password", "account", "invitation", "operator_token", "client_id", "dialect")
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
        ("advertise", "ws://a"),
        ("advertise", 5),
    ],
)
def test_an_argument_of_a_server_is_told_by_its_name_before_it_is_started(name: str, given: Any) -> None:
    """A text is no sequence of names, though Python takes it for one of letters."""
    with pytest.raises(TypeError, match=f"{name} has to (be|have)"):
        ChatServer(**{name: given})


def _decorated_without_a_call(bot: Any) -> None:
    @bot.command
    async def echo(message: Any) -> None: ...


def _decorated_for_no_kind(bot: Any) -> None:
    @bot.on
    async def greet(event: Any, chat: Any) -> None: ...


def _two_words(bot: Any) -> None:
    bot.command("say hello")


def _no_word(bot: Any) -> None:
    bot.command("")


@pytest.mark.parametrize("wrong", [_decorated_without_a_call, _decorated_for_no_kind, _two_words, _no_word])
def test_a_handler_that_would_never_be_called_is_told(wrong: Callable[[Any], None]) -> None:
    """`@bot.command` without a name; a kind that is no class; a command that nobody can say."""
    with pytest.raises((TypeError, ValueError), match=r"has to be|is one word"):
        wrong(Bot(URL, username="echo"))
