"""How much each user may do, by who that is: guests, owners of accounts, roles, operators, programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from chatcore.limits import Limits
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"
PASSWORD = "correct horse"
BUDGET = {"requests_per_second": 20, "request_burst": 10, "connections_per_address": 64}
MakeServer = Callable[..., Server]


def told(welcome: dict[str, Any]) -> tuple[float, ...]:
    """Return what a welcome announces."""
    limits = welcome["limits"]
    names = ("requests_per_second", "request_burst", "messages_per_second", "message_burst", "rooms_per_user")
    return tuple(limits[name] for name in names)


def granted(client: Client, times: int = 60) -> int:
    """Ask the same so many times at once, and return how many of them are answered."""
    client.take()
    for _ in range(times):
        client.say("whois", username="nobody")
    return sum(frame["code"] == "no_such_user" for frame in client.take("error"))


def make_account(server: Server, name: str, **fields: Any) -> Client:
    """Have an operator make an account, and log its owner in."""
    if not server.chat.state.accounts.get(name):
        operator = server.login("root", operator_token=TOKEN)
        operator.ask("operator", token=TOKEN)
        assert operator.ask("reset_account", username=name, password=PASSWORD, new=True) == {"type": "ok"}
        operator.ask("logout")
    return server.login(name, account=name, password=PASSWORD, **fields)


def make_operator(server: Server, name: str = "root") -> Client:
    """Log an operator in."""
    client = server.login(name)
    client.ask("operator", token=TOKEN)
    return client


def test_nobody_has_limits_of_his_own_unless_the_settings_say_so(make_server: MakeServer) -> None:
    server = make_server(operator_token=TOKEN, **BUDGET)
    guest, owner = server.login("bob"), make_account(server, "alice")
    assert told(guest.welcome) == told(owner.welcome) == (20, 10, 0, 20, 100)
    assert (granted(guest), granted(owner)) == (10, 10)


@pytest.mark.parametrize(
    ("people", "guest", "owner"),
    [
        ({"guest": {"request_burst": 3}}, 3, 10),
        ({"account": {"request_burst": 30}}, 10, 30),
        ({"account": {"requests_per_second": 0}}, 10, 60),
        ({"@Alice": {"request_burst": 30}}, 10, 30),
        ({"account": {"request_burst": 5}, "@alice": {"request_burst": 30}}, 10, 30),
        ({"@carol": {"request_burst": 30}}, 10, 10),
    ],
    ids=str,
)
def test_guests_and_accounts_have_what_is_said_of_them(
    make_server: MakeServer, people: dict[str, Any], guest: int, owner: int
) -> None:
    """One account more specially than all of them; a name without its account is nobody's."""
    server = make_server(operator_token=TOKEN, people=people, **BUDGET)
    bob, alice = server.login("bob"), make_account(server, "alice")
    assert (granted(bob), granted(alice)) == (guest, owner)
    burst = people.get("guest", {}).get("request_burst", 10)
    assert told(bob.welcome)[1] == burst


def test_operator_has_no_limits_until_the_settings_give_some(make_server: MakeServer) -> None:
    limits = {"messages_per_second": 1, "message_burst": 1, "rooms_per_user": 1, **BUDGET}
    free = make_operator(make_server(operator_token=TOKEN, **limits))
    assert granted(free) == 60
    assert [free.ask("send_message", text="x")["type"] for _ in range(5)] == ["message"] * 5
    assert [free.ask("create_room", room=f"r{number}")["type"] for number in range(3)] == ["room"] * 3
    offer = {"name": "x", "size": 0, "sha256": "0" * 64}
    assert [free.ask("file_offer", to=["nobody"], **offer)["code"] for _ in range(3)] == ["no_such_user"] * 3
    bound = make_operator(
        make_server(
            operator_token=TOKEN, people={"operator": {"requests_per_second": 5, "request_burst": 40}}, **BUDGET
        )
    )
    bound.ask("whois", username="nobody")
    bound.server.advance(60)
    assert granted(bound) == 40


def test_who_becomes_somebody_else_has_other_limits_and_no_fresh_budget(make_server: MakeServer) -> None:
    """What was spent before counts on, be the limit gone in between."""
    server = make_server(operator_token=TOKEN, people={"owner": {"requests_per_second": 0}}, **BUDGET)
    alice = server.login("alice")
    assert granted(alice) == 10
    server.advance(60)
    alice.ask("create_room", room="mine")
    assert granted(alice) == 60
    alice.ask("leave_room")
    assert granted(alice) < 10


def test_account_has_one_budget_in_all_its_sessions(make_server: MakeServer) -> None:
    """Whoever owns a name cannot double what there is by another session; guests are strangers to each other."""
    server = make_server(operator_token=TOKEN, **BUDGET)
    alice = make_account(server, "alice")
    second = server.login("al", account="alice", password=PASSWORD)
    assert granted(alice) == 10
    assert granted(second) == 0
    server.advance(10)
    assert [each.ask("whois", username="nobody")["code"] for each in (alice, second) * 5] == ["no_such_user"] * 10
    assert [each.refused("whois", username="nobody") for each in (alice, second)] == ["rate_limited"] * 2


def test_guest_who_shows_to_own_an_account_has_no_fresh_budget(make_server: MakeServer) -> None:
    server = make_server(operator_token=TOKEN, requests_per_second=1, request_burst=20, connections_per_address=64)
    make_account(server, "alice").ask("logout")
    guest = server.login("al")
    assert granted(guest, 15) == 15
    assert guest.ask("identify", account="alice", password=PASSWORD)["type"] == "room"
    assert granted(guest) == 0


def test_right_guess_costs_no_less_than_a_wrong_one(make_server: MakeServer) -> None:
    """To show one's password again and again is as much work each time."""
    server = make_server(operator_token=TOKEN, requests_per_second=20, request_burst=100, connections_per_address=64)
    alice = make_account(server, "alice")
    shown = [alice.ask("identify", account="alice", password=PASSWORD)["type"] for _ in range(20)]
    assert shown.count("room") <= 11


def test_account_forgets_what_was_asked_when_its_last_session_is_over(make_server: MakeServer) -> None:
    """Memory is bounded by who is there."""
    server = make_server(operator_token=TOKEN, **BUDGET)
    alice = make_account(server, "alice")
    second = server.login("al", account="alice", password=PASSWORD)
    assert granted(alice) == 10
    server.advance(10)
    second.ask("logout")
    alice.ask("logout")
    assert granted(server.login("alice", account="alice", password=PASSWORD)) == 10


def test_slow_mode_counts_in_all_sessions_of_an_account(make_server: MakeServer) -> None:
    server = make_server(operator_token=TOKEN)
    teacher = server.login("teacher")
    teacher.ask("create_room", room="class")
    teacher.ask("set_slow", seconds=60)
    alice = make_account(server, "alice")
    second = server.login("al", account="alice", password=PASSWORD)
    for each in (alice, second):
        each.ask("join_room", room="class")
    assert alice.ask("send_message", text="one")["type"] == "message"
    assert second.refused("send_message", text="two") == "slow_mode"


# Programs.


@pytest.fixture
def house(make_server: MakeServer) -> Server:
    """Return a server that knows a program called weather."""
    return make_server(operator_token=TOKEN, bots=("Weather",), messages_per_second=1, message_burst=1, **BUDGET)


def test_declared_bot_has_no_limits_and_does_not_wait_in_slow_rooms(house: Server) -> None:
    teacher, bot = house.login("teacher"), make_account(house, "weather")
    assert told(bot.welcome)[0::2] == (0, 0, 0)
    teacher.ask("create_room", room="class")
    teacher.ask("set_slow", seconds=60)
    bot.ask("join_room", room="class")
    assert [bot.ask("send_message", text="sunny")["type"] for _ in range(30)] == ["message"] * 30
    assert granted(bot) == 60


def test_guest_does_not_get_that_name(house: Server) -> None:
    """It comes with more than a name: only an operator makes the account."""
    answer = house.connect().ask("login", username="weather")
    assert (answer["code"], answer["values"]) == ("name_taken", {"what": "kept", "name": "weather"})
    assert house.login("bob", address="198.51.100.1:1").ask("register", password=PASSWORD) == {"type": "ok"}


def test_bots_have_limits_if_the_settings_say_so(make_server: MakeServer) -> None:
    people = {"bot": {"requests_per_second": 5, "request_burst": 15}, "@hail": {"request_burst": 25}}
    server = make_server(operator_token=TOKEN, bots=("weather", "hail"), people=people, **BUDGET)
    assert granted(make_account(server, "weather")) == 15
    assert granted(make_account(server, "hail")) == 25


@pytest.mark.unmeasured
def test_flood_of_an_exempt_one_keeps_nobody_waiting(house: Server) -> None:
    """It spends nothing of what its neighbours have."""
    bot, alice = make_account(house, "weather"), house.login("alice")
    assert granted(bot, 2000) == 2000
    assert granted(alice) == 10


# The settings.


@pytest.mark.parametrize(
    "people",
    [
        {"nobody": {}},
        {"@": {}},
        {"guest": {"grace": 1}},
        {"guest": {"request_burst": 0}},
        {"guest": {"message_burst": "x"}},
    ],
    ids=str,
)
def test_limits_of_some_people_are_checked_like_all_others(people: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limits(people=people)


def test_account_has_so_many_sessions_at_a_time_under_whatever_names(make_server: MakeServer) -> None:
    """Those that wait for another connection count; who comes again under the same name takes that one over."""
    server = make_server(operator_token=TOKEN, sessions_per_account=2)
    alice = make_account(server, "alice")
    assert alice.welcome["limits"]["sessions_per_account"] == 2
    second = server.login("al", account="alice", password=PASSWORD)
    second.drop()
    third, guest = server.connect(), server.login("zoe")
    answer = third.ask("login", username="ali", account="alice", password=PASSWORD)
    assert (answer["code"], answer["message"]) == (
        "too_many_connections",
        "the account alice has 2 sessions, as many as it may have; log out of one first",
    )
    assert guest.refused("identify", account="alice", password=PASSWORD) == "too_many_connections"
    server.login("al", account="alice", password=PASSWORD).ask("logout")
    assert third.ask("login", username="ali", account="alice", password=PASSWORD)["type"] == "welcome"


@pytest.mark.parametrize(
    ("people", "account", "sessions"),
    [
        ({}, "alice", 2),
        ({"account": {"sessions_per_account": 3}}, "alice", 3),
        ({"@alice": {"sessions_per_account": 1}}, "alice", 1),
        ({}, "weather", 5),
        ({}, "chief", 5),
        ({"operator": {"sessions_per_account": 4}}, "chief", 4),
    ],
)
def test_who_somebody_is_says_how_many_sessions_that_one_has(
    people: dict[str, Any], account: str, sessions: int, make_server: MakeServer
) -> None:
    known = {"bots": ("weather",), "operators": ("chief",)}
    server = make_server(operator_token=TOKEN, sessions_per_account=2, people=people, **known)
    make_account(server, account)
    answers = []
    for number in range(4):
        login = {"username": f"other{number}", "account": account, "password": PASSWORD}
        answers.append(server.connect().ask("login", **login)["type"])
    assert answers.count("welcome") == sessions - 1
