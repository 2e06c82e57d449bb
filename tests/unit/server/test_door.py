"""The password of a server: asked before anything else, and worth less and less to whoever guesses it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatcore.errors import Refusal
from chatcore.records import LoggedIn
from chatcore.server.signing_in.door import Delays, Door
from tests.unit.fakes import LateJournal
from tests.unit.playbook import Server

PASSWORD = "correct horse"
ELSEWHERE = "198.51.100.1:5000"


@pytest.fixture
def guarded(make_server: Callable[..., Server]) -> Server:
    """Return a server with a password."""
    return make_server(password=PASSWORD)


def tries(server: Server, password: str | None = None, *, address: str = "192.0.2.1:5000", **fields: object) -> str:
    """Log in, and return the code of the refusal, or `welcome`."""
    said = {} if password is None else {"password": password}
    answer = server.connect(address=address).ask("login", **{"username": "alice", **said, **fields})
    return str(answer.get("code", answer["type"]))


def test_whoever_knows_the_password_comes_in(guarded: Server) -> None:
    """Nobody else does, with another one, with none, or with an empty one."""
    assert tries(guarded) == "wrong_password"
    assert tries(guarded, "") == "wrong_password"
    guarded.advance(60)
    assert tries(guarded, "Correct horse") == "wrong_password"
    guarded.advance(60)
    assert tries(guarded, PASSWORD) == "welcome"


def test_server_without_a_password_takes_any(server: Server) -> None:
    """A client may always say the one that it knows."""
    assert tries(server, "anything") == "welcome"


def test_wrong_password_says_nothing_about_names_and_sessions(guarded: Server) -> None:
    """Whatever else is wrong, or would be right."""
    alice = guarded.login("alice", password=PASSWORD)
    for fields in ({"username": "alice"}, {"username": "x"}, {"username": "bob"}, {"token": alice.token}):
        guarded.advance(60)
        assert tries(guarded, "wrong", **fields) == "wrong_password"
    assert tries(guarded, token=alice.token, address=ELSEWHERE) == "wrong_password"
    assert alice.take("bye") == []


def test_session_comes_back_with_token_and_password(guarded: Server) -> None:
    """Both are asked for."""
    alice = guarded.login("alice", password=PASSWORD)
    alice.drop()
    again = guarded.connect().ask("login", username="alice", token=alice.token, password=PASSWORD)
    assert again["resumed"] is True


def test_each_wrong_password_makes_its_address_wait_twice_as_long(guarded: Server) -> None:
    """A minute at most; meanwhile the right one says nothing either, and whoever asks makes it no longer."""
    waits = []
    for _ in range(8):
        assert tries(guarded, "guess") == "wrong_password"
        answer = guarded.connect().ask("login", username="alice", password=PASSWORD)
        assert (answer["code"], answer["values"]["what"]) == ("rate_limited", "logins")
        waits.append(round(answer["retry_after"]))
        guarded.advance(answer["retry_after"])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert tries(guarded, PASSWORD) == "welcome"


def test_who_guesses_for_days_waits_as_long_each_time() -> None:
    """The thousandth wrong password is worth no more than the tenth."""
    delays = Delays()
    now = 0.0
    for tried in range(1, 2001):
        delays.count("192.0.2.1", now)
        with pytest.raises(Refusal) as caught:
            delays.check("192.0.2.1", now)
        assert caught.value.retry_after == min(60, 2 ** min(tried - 1, 6))
        now += caught.value.retry_after or 0.0


def test_others_do_not_wait_for_somebody_who_guesses(guarded: Server) -> None:
    """Of another address; nor those who are in already."""
    alice = guarded.login("alice", password=PASSWORD)
    tries(guarded, "guess", username="mallory")
    assert tries(guarded, "guess", username="mallory") == "rate_limited"
    assert tries(guarded, PASSWORD, username="bob", address=ELSEWHERE) == "welcome"
    assert alice.ask("send_message", text="hello")["type"] == "message"


def test_no_password_is_no_try(guarded: Server) -> None:
    """A client asks its user only then."""
    assert [tries(guarded) for _ in range(3)] == ["wrong_password"] * 3
    assert tries(guarded, PASSWORD) == "welcome"


def test_right_password_clears_what_was_wrong(guarded: Server) -> None:
    """Somebody has mistyped it."""
    tries(guarded, "correct hrose")
    guarded.advance(1)
    assert tries(guarded, PASSWORD) == "welcome"
    assert tries(guarded, "correct hrose") == "wrong_password"
    assert guarded.connect().ask("login", username="bob", password=PASSWORD)["retry_after"] == pytest.approx(1)


def test_every_wrong_password_is_told_to_the_host_with_its_address(guarded: Server) -> None:
    """And never what it was."""
    tries(guarded, "hunter2")
    told = [fields for what, fields in guarded.records if what == "wrong_password"]
    assert told == [{"address": "192.0.2.1:5000", "transport": "fake", "dialect": "chat"}]
    assert "hunter2" not in str(guarded.records)


def test_password_is_in_no_record(make_server: Callable[..., Server]) -> None:
    """What a store keeps holds no secret; nor does what is printed of a command."""
    server = make_server(password=PASSWORD, late=True)
    assert tries(server, PASSWORD) == "welcome"
    assert isinstance(server.journal, LateJournal)
    records = [record for entry in server.journal.entries for record in entry.batch.records]
    commands = [record.command for record in records if isinstance(record, LoggedIn)]
    assert [command.username for command in commands] == ["alice"]
    assert PASSWORD not in str([(command, command.password) for command in commands])


def test_places_that_are_remembered_are_bounded() -> None:
    """The ones that tried longest ago go first."""
    door = Door(PASSWORD)
    for number in range(10_001):
        assert not door.check("guess", f"place {number}", 0.0)
    assert door.check(PASSWORD, "place 0", 0.0)
    with pytest.raises(Refusal):
        door.check(PASSWORD, "place 1", 0.0)


def test_wrong_passwords_of_long_ago_are_forgotten() -> None:
    """Somebody who mistypes it once a day does not wait for an hour."""
    door = Door(PASSWORD)
    now = 0.0
    for _ in range(10):
        assert not door.check("guess", "here", now)
        now += 4000
    door.check("guess", "here", now)
    with pytest.raises(Refusal) as caught:
        door.check(PASSWORD, "here", now + 0.5)
    assert caught.value.retry_after == pytest.approx(0.5)


def test_passwords_of_all_kinds_are_compared(make_server: Callable[..., Server]) -> None:
    """Letters of every script, and very long ones."""
    for password in ("пароль 密码 🔑", "x" * 5000):
        server = make_server(password=password)
        assert tries(server, password) == "welcome"
        assert tries(server, password + " ", username="bob") == "wrong_password"
