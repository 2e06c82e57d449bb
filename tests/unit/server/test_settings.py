"""Settings that change while the server runs, and what operators ask of the program that it runs in."""

from __future__ import annotations

import json

import pytest

from chatcore.chat.snapshot import dump, load
from chatcore.commands import DrainServer, ReloadSettings
from chatcore.dialects.base import Dialect
from chatcore.dialects.record_json import decode_batch, encode_batch
from chatcore.limits import CHUNK_BYTES, Limits
from chatcore.ports.journal import Batch
from chatcore.records import LimitsSet
from chatcore_simple import simple_json, simple_text
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"


def operator(server: Server) -> Client:
    """Return an operator who is there."""
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.take()
    return boss


def test_users_are_told_of_other_limits_at_once_each_of_his_own() -> None:
    server = Server(operator_token=TOKEN)
    boss, bob = operator(server), server.login("bob")
    server.change_limits(requests_per_second=5, request_burst=7, text_bytes=100, people={"guest": {"message_burst": 3}})
    (told,) = bob.take("limits")
    limits = told["limits"]
    assert limits.keys() == bob.welcome["limits"].keys()
    assert (limits["requests_per_second"], limits["request_burst"], limits["message_burst"]) == (5, 7, 3)
    assert boss.take("limits")[0]["limits"]["requests_per_second"] == 0
    assert bob.refused("send_message", text="x" * 101) == "too_large"
    assert server.login("carol").welcome["limits"] == limits
    assert server.mistakes() == []


def test_nobody_is_told_of_limits_that_are_what_they_were() -> None:
    """As when the settings are read again for another password: neither users nor the log."""
    server = Server(operator_token=TOKEN)
    bob = server.login("bob")
    server.change_limits(text_bytes=100)
    bob.take()
    server.change_limits(text_bytes=100)
    assert bob.take() == []
    assert [what for what, _fields in server.records if what == "limits_set"] == ["limits_set"]


def granted(client: Client, times: int = 60) -> int:
    """Ask the same so many times at once, and return how many of them are answered."""
    client.take()
    for _ in range(times):
        client.say("whois", username="nobody")
    return sum(frame["code"] == "no_such_user" for frame in client.take("error"))


def test_what_was_spent_counts_on_under_other_limits() -> None:
    """Nobody has a fresh budget by a change, and who had no limit has one from then on."""
    server = Server(requests_per_second=1, request_burst=20, connections_per_address=64)
    bob = server.login("bob")
    assert granted(bob, 15) == 15
    server.change_limits(requests_per_second=2, request_burst=20)
    assert granted(bob, 15) == 5
    server.change_limits(requests_per_second=0)
    assert granted(bob) == 60
    server.change_limits(requests_per_second=1, request_burst=5)
    assert granted(bob) == 0
    server.advance(60)
    assert granted(bob) == 5


def test_address_has_what_the_new_limits_give_it() -> None:
    server = Server(requests_per_second=10, request_burst=10, connections_per_address=4)
    bob, carol = server.login("bob"), server.login("carol")
    server.change_limits(requests_per_second=100, request_burst=100, connections_per_address=1)
    for each in (bob, carol):
        each.ask("whois", username="bob")
    server.advance(60)
    assert granted(bob, 60) == 60
    assert granted(carol, 60) == 40


def offers(client: Client, times: int) -> int:
    """Offer so many files at once, and return how many of them are on offer."""
    said = {"to": ["bob"], "name": "a.txt", "size": 1, "sha256": "0" * 64}
    return sum(client.ask("file_offer", **said)["type"] == "file_offered" for _ in range(times))


def test_files_keep_to_what_the_new_limits_say() -> None:
    """Of who has offered some before, too: how many of one address are on offer, and how often one may be offered."""
    server = Server(file_transfers_per_address=1)
    alice, _bob = server.logins("alice", "bob")
    assert offers(alice, 2) == 1
    server.change_limits(file_transfers_per_address=3)
    assert offers(alice, 3) == 2
    server.change_limits(file_transfers_per_address=1)
    assert offers(alice, 1) == 0
    server = Server(file_requests_per_second=0.01, file_request_burst=1)
    alice, _bob = server.logins("alice", "bob")
    assert offers(alice, 2) == 1
    server.change_limits(file_requests_per_second=5, file_request_burst=3)
    assert offers(alice, 1) == 0
    server.advance(1)
    assert offers(alice, 4) == 3
    server.change_limits(file_requests_per_second=0.01, file_request_burst=1)
    server.advance(200)
    assert offers(alice, 2) == 1


@pytest.mark.parametrize(("before", "after"), [(2, 16), (16, 2)])
def test_who_takes_files_within_the_window_is_not_too_slow_under_another_one(before: int, after: int) -> None:
    """Whatever was granted, and was sent while the window was the larger one, may come."""
    size = 60 * CHUNK_BYTES
    server = Server(file_window_bytes=before * CHUNK_BYTES, file_transfers=1)
    alice, bob = server.logins("alice", "bob")
    offer = alice.ask("file_offer", to=["bob"], name="a.txt", size=size, sha256="0" * 64)
    number = bob.ask("file_accept", file=offer["file"], offset=0)["transfer"]
    bob.say("file_credit", transfer=number, upto=CHUNK_BYTES)
    alice.send_chunk(number, 0, bytes(CHUNK_BYTES))
    most = max(before, after)
    if before == most:
        bob.say("file_credit", transfer=number, upto=(1 + most) * CHUNK_BYTES)
    server.change_limits(file_window_bytes=after * CHUNK_BYTES, file_transfers=1)
    if after == most:
        bob.say("file_credit", transfer=number, upto=(1 + most) * CHUNK_BYTES)
    assert alice.take("file_credit")[-1]["upto"] == (1 + most) * CHUNK_BYTES
    bob.link.stops_reading()
    for chunk in range(1, 1 + most):
        alice.send_chunk(number, chunk * CHUNK_BYTES, bytes(CHUNK_BYTES))
    server.settle()
    assert bob.link.closed is None
    assert "too_slow" not in [what for what, _fields in server.records]


def test_names_keep_to_what_the_new_limits_say() -> None:
    """Of who is there already, too."""
    server = Server(username_chars=20)
    bob = server.login("bob")
    server.change_limits(username_chars=5)
    assert bob.refused("rename", username="barnaby") == "bad_name"
    server.change_limits(username_chars=7)
    assert bob.ask("rename", username="barnaby")["type"] == "ok"


def test_some_limits_hold_from_the_start_to_the_end() -> None:
    server = Server(grace=5)
    server.change_limits(default_room="hall", log_messages=3, keepalive_interval=99, grace=7)
    limits = server.chat.state.limits
    assert (limits.default_room, limits.log_messages, limits.keepalive_interval) == ("lobby", 100_000, 10)
    assert limits.grace == 7
    assert server.login("bob").welcome["room"] == "lobby"


@pytest.mark.parametrize("dialect", [simple_json, simple_text])
def test_coursework_hears_nothing_of_it_and_keeps_its_customs(dialect: Dialect) -> None:
    server = Server()
    pupil = server.connect(dialect, boundaries=False)
    said = b'{"type":"login","username":"jean"}' if dialect is simple_json else b"/pseudo\njean\n"
    pupil.link.sends(said)
    server.settle()
    assert "jean" in server.users()
    pupil.link.arrived.clear()
    server.change_limits(grace=7)
    assert pupil.link.arrived == []
    later = server.connect(dialect, boundaries=False)
    assert later.connection.origin.username_chars == pupil.connection.origin.username_chars


def test_reader_that_is_behind_is_told_of_other_limits_too() -> None:
    server = Server()
    bob, alice = server.login("bob"), server.login("alice")
    bob.link.stops_reading()
    for _ in range(100):
        alice.ask("send_message", text="x" * 10_000)
    server.change_limits(text_bytes=100)
    bob.link.reads_again()
    server.settle()
    assert bob.take("limits")[0]["limits"]["text_bytes"] == 100


def test_operator_by_a_setting_that_is_new_is_one_at_once() -> None:
    server = Server(operator_token=TOKEN)
    boss = operator(server)
    boss.ask("reset_account", username="alice", password="one of alice's", new=True)
    alice = server.login("alice", password="one of alice's")
    assert alice.refused("list_acts") == "not_allowed"
    server.change_limits(operators=("alice",))
    assert alice.ask("list_acts")["type"] == "acts"
    server.change_limits()
    assert alice.refused("list_acts") == "not_allowed"


def test_changed_limits_survive_in_a_snapshot_until_the_settings_say_otherwise() -> None:
    server = Server()
    server.change_limits(text_bytes=100)
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Server(life="2-", before_start=lambda chat: load(chat, rows))
    assert again.chat.state.limits.text_bytes == 60_000


def test_record_of_other_limits_is_written_and_read() -> None:
    record = LimitsSet(Limits(text_bytes=100).model_dump(mode="json"))
    assert decode_batch(encode_batch(Batch(7, 1, (record,)))).records == (record,)


# What is asked of the program.


def test_operator_has_the_server_read_its_settings_and_end() -> None:
    server = Server(operator_token=TOKEN)
    boss = operator(server)
    assert boss.ask("reload") == {"type": "ok", "next_start": ["port"]}
    assert boss.ask("drain") == {"type": "ok"}
    assert server.asked_of_host == [ReloadSettings(), DrainServer()]
    told = [fields for what, fields in server.records if what == "asked_of_host"]
    assert told == [{"user": "boss", "request": "reload"}, {"user": "boss", "request": "drain"}]


@pytest.mark.parametrize("request_", ["reload", "drain", "list_limits"])
def test_nobody_else_does(request_: str) -> None:
    server = Server(operator_token=TOKEN)
    bob = server.login("bob")
    bob.ask("create_room", room="python")
    answer = bob.ask(request_)
    assert (answer["code"], answer["message"]) == ("not_allowed", f"only operators may do that (rule {request_})")
    assert server.connect().refused(request_) == "not_logged_in"
    assert server.asked_of_host == []


def test_server_in_a_program_that_cannot_says_so() -> None:
    boss = operator(Server(operator_token=TOKEN, has_host=False))
    assert boss.ask("reload")["message"] == "the program that this server runs in cannot do that"


def test_operator_is_told_everything_that_is_allowed() -> None:
    server = Server(operator_token=TOKEN, text_bytes=1000)
    boss = operator(server)
    assert Limits.model_validate(boss.ask("list_limits")["limits"]) == server.limits
