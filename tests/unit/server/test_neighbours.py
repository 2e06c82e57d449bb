"""Who guesses passwords at several servers of a chat has no more tries than at one."""

from __future__ import annotations

import pytest

from tests.unit.playbook import Server
from tests.unit.server.test_apart import Nodes

PASSWORD = "correct horse"
ELSEWHERE = "198.51.100.1:5000"


def answer(server: Server, password: str, *, address: str = "192.0.2.1:5000", name: str = "mallory") -> str:
    """Say the password of a server, and return what comes of it."""
    told = server.connect(address=address).ask("login", username=name, password=password)
    return str(told.get("code", told["type"]))


def test_wrong_password_of_the_chat_counts_at_all_servers() -> None:
    """From that place; others go on."""
    nodes = Nodes(3, password=PASSWORD)
    first, second, third = nodes.servers
    assert answer(first, "guess") == "wrong_password"
    nodes.settle()
    assert [answer(each, PASSWORD) for each in (second, third)] == ["rate_limited"] * 2
    assert answer(second, PASSWORD, address=ELSEWHERE) == "welcome"
    nodes.clock.advance(1)
    assert answer(third, PASSWORD, name="trudy") == "welcome"


def test_wrong_password_of_an_account_counts_at_all_servers() -> None:
    """Which is another password, with a time of its own."""
    nodes = Nodes()
    nodes.alice.ask("register", password="known to alice")
    first, second = nodes.servers
    said = {"username": "al", "account": "alice", "password": "guess"}
    assert first.connect().ask("login", **said)["code"] == "not_identified"
    nodes.settle()
    assert second.connect().ask("login", **said)["code"] == "rate_limited"


def test_wrong_token_of_the_operators_counts_at_all_servers() -> None:
    """Which is a third one, with a time of its own."""
    nodes = Nodes(operator_token="a-token-that-nobody-guesses")
    first, second = nodes.servers
    assert first.login("mallory").refused("operator", token="guess") == "not_allowed"
    nodes.settle()
    assert second.login("trudy").refused("operator", token="a-token-that-nobody-guesses") == "rate_limited"


def test_guesses_at_all_servers_in_one_moment_have_their_times_one_after_the_other() -> None:
    """The first one a second, the second one two more, the third one four more."""
    nodes = Nodes(3, password=PASSWORD)
    guess = b'{"type": "login", "username": "mallory", "password": "guess"}'
    clients = [server.connect() for server in nodes.servers]
    for client in clients:
        client.link.sends(guess)
    nodes.settle()
    assert [client.take()[-1]["code"] for client in clients] == ["wrong_password"] * 3
    for server in nodes.servers:
        told = server.connect().ask("login", username="mallory", password=PASSWORD)
        assert told["retry_after"] == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize("word", [b"\x02", b"\x02\x00", b"\x02\x07elsewhere", b"\x09other", b""])
def test_word_that_a_server_does_not_know_is_passed_over(word: bytes) -> None:
    """A newer version may say more."""
    nodes = Nodes(2, password=PASSWORD)
    second = nodes.servers[1]
    nodes.couriers.carry(second.switchboard.node, word)
    nodes.settle()
    assert answer(second, PASSWORD) == "welcome"
