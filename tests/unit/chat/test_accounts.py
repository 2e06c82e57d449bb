"""Accounts: names that belong to somebody, who may be away, and what waits there."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chatcore.chat.chat import Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from chatcore.ports.passwords import SignIn
from chatcore.records import (
    BOUNDS_WHAT_GUESTS_BRING,
    LEAVES_BORNE_NAMES,
    LEAVES_GUESTS_OUT,
    LOOKS_BEFORE_IT_ACTS,
    REACHES_PERSONS_ONCE,
    RULES,
    SHARES_NAMES,
)
from tests.unit.fakes import LateJournal
from tests.unit.playbook import Client, Server

PASSWORD = "correct horse"
TOKEN = "a-token-that-nobody-guesses"
ELSEWHERE = "198.51.100.1:5000"


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Return a server with operators, on which alice has registered her name, and is away."""
    server = make_server(operator_token=TOKEN)
    alice = server.login("Alice")
    assert alice.ask("register", password=PASSWORD) == {"type": "ok"}
    alice.ask("logout")
    return server


def enters(server: Server, username: str = "alice", **fields: object) -> dict[str, object]:
    """Log in, and return the answer."""
    return server.connect(address=str(fields.pop("address", "192.0.2.1:5000"))).ask(
        "login", username=username, **fields
    )


# Whose a name is.


@pytest.mark.parametrize("name", ["Alice", "alice", "ALICE"])
def test_registered_name_is_its_owners_when_he_is_away(server: Server, name: str) -> None:
    """In whatever case it is written."""
    answer = enters(server, name)
    assert (answer["code"], answer["values"]) == ("name_registered", {"name": name})
    assert server.login("bob").refused("rename", username=name) == "name_registered"
    assert enters(server, name, account="alice", password=PASSWORD)["account"] == "Alice"


def test_stranger_is_told_the_same_when_the_owner_is_there(server: Server) -> None:
    """Not who is there."""
    server.login("alice", password=PASSWORD)
    assert enters(server)["code"] == "name_registered"


def test_password_alone_is_that_of_the_name_where_the_server_has_none(server: Server) -> None:
    """So a program that has one field for a password will do."""
    assert enters(server, password=PASSWORD)["account"] == "Alice"
    assert enters(server, password="wrong horse")["code"] == "not_identified"
    assert enters(server, "bob", password="anything")["type"] == "welcome"


def test_server_with_a_password_asks_for_both(make_server: Callable[..., Server]) -> None:
    """The one of the server first: nothing is said of accounts before."""
    server = make_server(password="open sesame")
    server.login("alice", password="open sesame").ask("register", password=PASSWORD)
    for said in ({}, {"account": "alice", "password": PASSWORD}, {"password": PASSWORD}):
        assert enters(server, **said)["code"] == "wrong_password"
        server.advance(60)
    assert enters(server, password="open sesame")["code"] == "name_registered"
    both = {"account": "alice", "password": PASSWORD, "server_password": "open sesame"}
    assert enters(server, **both)["account"] == "alice"
    assert enters(server, "al", password="x", server_password="open sesame")["type"] == "welcome"


def test_owner_takes_the_name_back_from_a_program_of_his_own(server: Server) -> None:
    """The earlier one is told why it ends."""
    first = server.login("alice", password=PASSWORD)
    second = server.login("alice", password=PASSWORD)
    assert first.last()["code"] == "replaced"
    assert second.ask("send_message", text="here now")["from"] == "alice"
    assert server.users() == ["alice"]


def a_look_alike(server: Server) -> Client:
    """Let the owner of `il` be there, and somebody called `ll`; returns the owner."""
    owner = server.login("il")
    owner.ask("register", password=PASSWORD)
    server.login("ll")
    owner.take()
    return owner


def fewer_sessions(server: Server) -> Client:
    """Let an account have three sessions, of which the settings allow one by now; returns the one of its name."""
    owner, *others = server.logins("il", "home", "away")
    owner.ask("register", password=PASSWORD)
    for each in others:
        each.ask("identify", account="il", password=PASSWORD)
    server.change_limits(sessions_per_account=1)
    owner.take()
    return owner


def fewer_users(server: Server) -> Client:
    """Let two be there, of whom the settings allow none by now; returns the one with an account."""
    owner, _guest = server.logins("il", "guest")
    owner.ask("register", password=PASSWORD)
    server.change_limits(sessions=1)
    owner.take()
    return owner


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (a_look_alike, "name_confusable"),
        (fewer_sessions, "too_many_connections"),
        (fewer_users, "server_full"),
    ],
)
def test_login_that_is_refused_ends_no_session_of_the_owner(
    make_server: Callable[..., Server], make: Callable[[Server], Client], code: str
) -> None:
    """Who has told a program another spelling of the name, or too many of them, goes on where he is."""
    server = make_server()
    owner = make(server)
    assert enters(server, "IL", account="il", password=PASSWORD)["code"] == code
    assert owner.take("bye") == []
    assert owner.ask("send_message", text="still here")["from"] == "il"


def test_owner_who_has_all_sessions_of_the_account_may_have_the_name_anew(make_server: Callable[..., Server]) -> None:
    """One goes for the other: there are no more of them, nor of users."""
    server = make_server(sessions_per_account=1, sessions=1)
    first = server.login("alice")
    first.ask("register", password=PASSWORD)
    assert enters(server, "Alice", password=PASSWORD)["type"] == "welcome"
    assert first.last()["code"] == "replaced"


def test_journal_of_before_puts_the_owner_out_for_a_login_that_it_refuses() -> None:
    """What the others say behind that was said without him."""
    for rules, there in ((LOOKS_BEFORE_IT_ACTS - 1, False), (LOOKS_BEFORE_IT_ACTS, True)):
        server = Server()
        owner = a_look_alike(server)
        for node in server.chat.nodes.up.values():
            node.rules = rules
        assert enters(server, "IL", password=PASSWORD)["code"] == "name_confusable"
        assert ("il" in server.users()) is there
        assert (owner.take("bye") == []) is there


def test_owner_has_several_sessions_under_several_names(server: Server) -> None:
    """All of them are told what is said to the account."""
    home, away, bob = server.login("alice", password=PASSWORD), server.login("al"), server.login("bob")
    assert away.ask("identify", account="alice", password=PASSWORD)["type"] == "room"
    assert bob.ask("whois", username="al")["account"] == "Alice"
    bob.ask("send_direct", to=["alice"], text="one")
    bob.ask("send_direct", to=["AL"], text="two")
    assert (home.texts(), away.texts()) == (["one", "two"], ["one", "two"])
    away.ask("send_direct", to=["alice", "bob"], text="three")
    assert (home.texts(), bob.texts()) == (["three"], ["three"])


def test_guest_who_identifies_may_take_the_name(server: Server) -> None:
    """And may be somebody else only after another login."""
    bob = server.login("bob")
    bob.ask("register", password="another one")
    bob.ask("logout")
    guest = server.login("guest")
    assert guest.ask("identify", account="ALICE", password=PASSWORD)["type"] == "room"
    assert guest.ask("identify", account="alice", password=PASSWORD)["type"] == "room"
    assert guest.ask("rename", username="alice") == {"type": "ok"}
    assert guest.refused("identify", account="bob", password="another one") == "forbidden"
    guest.ask("rename", username="carol")
    assert guest.refused("register", password="a third one") == "forbidden"
    assert enters(server, "alice")["code"] == "name_registered"


def test_identify_without_a_name_is_about_the_present_one(server: Server) -> None:
    """A name that belongs to nobody has no password."""
    alice = server.login("alice", password=PASSWORD)
    assert alice.ask("identify", password=PASSWORD)["type"] == "room"
    assert server.login("bob").refused("identify", password=PASSWORD) == "not_identified"


def test_owner_changes_the_password(server: Server) -> None:
    """Whoever else was in by the old one is out."""
    al = server.login("al")
    al.ask("identify", account="alice", password=PASSWORD)
    alice = server.login("alice", password=PASSWORD)
    assert alice.ask("register", password="battery staple") == {"type": "ok"}
    assert al.last()["code"] == "password_changed"
    assert enters(server, password=PASSWORD, address=ELSEWHERE)["code"] == "not_identified"
    assert enters(server, password="battery staple")["type"] == "welcome"


def an_owner_of_rooms(server: Server, username: str, count: int) -> Client:
    """Return a guest who owns so many rooms, of which the server keeps those that are empty."""
    server.chat.state.keeps_rooms = True
    guest = server.login(username)
    for number in range(count):
        guest.ask("create_room", room=f"{username}{number}")
        guest.ask("send_message", text="hello")
    return guest


def test_guest_brings_an_account_no_more_rooms_than_its_owner_may_have(make_server: Callable[..., Server]) -> None:
    """He is told why, and may be its owner with fewer of them."""
    server = make_server(rooms_per_user=3)
    owner = an_owner_of_rooms(server, "alice", 2)
    owner.ask("register", password=PASSWORD)
    guest = an_owner_of_rooms(server, "guest", 2)
    answer = guest.ask("identify", account="alice", password=PASSWORD)
    assert (answer["code"], answer["values"]) == ("room_limit", {"what": "brought", "name": "alice", "rooms": 3})
    assert "account" not in guest.ask("whois", username="guest")
    assert guest.ask("close_room", room="guest0")["type"] == "ok"
    assert guest.ask("identify", account="alice", password=PASSWORD)["role"] == "owner"
    assert owner.ask("join_room", room="guest1")["role"] == "owner"
    assert owner.refused("create_room", room="one-more") == "room_limit"


def test_guest_without_rooms_is_whose_account_owns_more_than_it_may(make_server: Callable[..., Server]) -> None:
    """As the settings were others before."""
    server = make_server()
    an_owner_of_rooms(server, "alice", 3).ask("register", password=PASSWORD)
    server.change_limits(rooms_per_user=2)
    assert server.login("guest").ask("identify", account="alice", password=PASSWORD)["type"] == "room"


def test_operator_by_name_brings_as_many_rooms_as_there_are(make_server: Callable[..., Server]) -> None:
    server = make_server(rooms_per_user=2)
    an_owner_of_rooms(server, "alice", 2).ask("register", password=PASSWORD)
    guest = an_owner_of_rooms(server, "guest", 2)
    server.change_limits(rooms_per_user=2, operators=("alice",))
    assert guest.ask("identify", account="alice", password=PASSWORD)["role"] == "operator"


@pytest.mark.parametrize(("rules", "kind"), [(BOUNDS_WHAT_GUESTS_BRING - 1, "room"), (RULES, "error")])
def test_journal_of_before_lets_a_guest_bring_any_number_of_rooms(rules: int, kind: str) -> None:
    server = Server(rooms_per_user=2)
    an_owner_of_rooms(server, "alice", 2).ask("register", password=PASSWORD)
    guest = an_owner_of_rooms(server, "guest", 2)
    for node in server.chat.nodes.up.values():
        node.rules = rules
    assert guest.ask("identify", account="alice", password=PASSWORD)["type"] == kind


# What is said of wrong passwords.


def test_nothing_tells_a_wrong_password_from_an_account_that_is_not_there(server: Server) -> None:
    """Not the code, not the words, and not the work: nobody's hash is looked at in its place."""
    answers = [
        enters(server, "bob", account=name, password="wrong", address=place)
        for name, place in (("alice", "192.0.2.2:1"), ("nobody", "192.0.2.3:1"), ("a b", "192.0.2.4:1"))
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["code"] == "not_identified"
    assert [hashed == "" for hashed in server.passwords.looked_at] == [False, True, True]


def test_each_wrong_password_makes_its_address_wait_twice_as_long(server: Server) -> None:
    """Guests and others come in meanwhile; and to be right in one account wins no tries at another."""
    bob, carol = server.login("bob"), server.login("carol")
    carol.ask("register", password="another one")
    waits = []
    for _ in range(3):
        assert enters(server, password="a guess")["code"] == "not_identified"
        answer = enters(server, password=PASSWORD)
        assert answer["code"] == "rate_limited"
        waits.append(round(float(str(answer["retry_after"]))))
        assert bob.refused("identify", account="alice", password=PASSWORD) == "rate_limited"
        assert enters(server, f"guest{len(waits)}")["type"] == "welcome"
        server.advance(float(str(answer["retry_after"])))
        assert enters(server, "carol", password="another one")["type"] == "welcome"
    assert waits == [1, 2, 4]
    assert enters(server, password=PASSWORD, address=ELSEWHERE)["type"] == "welcome"


def test_guesses_that_come_at_once_are_looked_at_one_by_one(server: Server) -> None:
    """What waits behind a wrong one is refused without a look."""
    guests = [server.connect() for _ in range(5)]
    for number, guest in enumerate(guests):
        guest.link.sends(
            json.dumps({"type": "login", "username": "alice", "password": f"guess {number}"}).encode()
            + (b"" if guest.link.keeps_boundaries else b"\n")
        )
    server.settle()
    codes = [guest.last()["code"] for guest in guests]
    assert codes == ["not_identified", *["rate_limited"] * 4]
    assert len(server.passwords.looked_at) == 1


def test_every_wrong_password_is_told_to_the_host_with_the_account(server: Server) -> None:
    """The name of one that is not there may be a password: it is not told."""
    enters(server, password="hunter2hunter2")
    server.advance(60)
    enters(server, "bob", account="hunter3", password="x")
    told = [fields for what, fields in server.records if what == "wrong_password"]
    assert [fields.get("account") for fields in told] == ["Alice", None]
    assert "hunter" not in str(server.records)


def test_somebody_who_leaves_while_the_password_is_looked_at_is_not_let_in(server: Server) -> None:
    """Nor does anything wait for an answer then."""
    for kind, fields in (("login", {"password": PASSWORD, "username": "alice"}), ("register", {"password": PASSWORD})):
        guest = server.connect() if kind == "login" else server.login("bob")
        payload = json.dumps({"type": kind, **fields}).encode()
        guest.link.sends(payload if guest.link.keeps_boundaries else payload + b"\n")
        guest.link.breaks()
        server.settle()
    server.advance(120)
    assert server.users() == []
    assert list(server.chat.state.accounts) == ["alice"]


def test_what_cannot_be_looked_at_is_refused_for_now(server: Server) -> None:
    """Memory may be short for a while: programs log in again later. Whoever types something is told, and asks again."""
    server.passwords.broken = True
    refused = enters(server, password=PASSWORD)
    assert (refused["code"], refused["values"]) == ("unavailable", {"what": "accounts"})
    bob = server.login("bob")
    assert bob.refused("register", password=PASSWORD) == "internal"
    assert bob.refused("identify", account="alice", password=PASSWORD) == "internal"


class Unclear:
    """What nobody can tell the truth of."""

    def __bool__(self) -> bool:
        raise ValueError("neither yes nor no")


@pytest.mark.parametrize("found", [MemoryError("no memory"), Unclear()])
def test_a_mistake_while_a_password_is_looked_at_is_an_answer_and_keeps_nobody_else_out(
    found: object,
) -> None:
    """Whoever waits behind it has a turn, and the operator is told."""
    server = Server()
    alice = server.login("alice")
    alice.ask("register", password=PASSWORD)
    alice.ask("logout")
    server.passwords.instead = found
    guests = [server.connect() for _ in range(2)]
    for guest in guests:
        guest.link.sends(json.dumps({"type": "login", "username": "alice", "password": PASSWORD}).encode())
    server.settle()
    assert [guest.take("error")[0]["code"] for guest in guests] == ["internal"] * 2
    server.passwords.instead = None
    assert enters(server, password=PASSWORD)["type"] == "welcome"
    assert len(server.mistakes()) == 2


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_password_of_a_strange_length_is_refused(server: Server, password: str) -> None:
    answer = server.login("bob").ask("register", password=password)
    assert (answer["code"], answer["message"]) == ("bad_request", "a password has 6 to 256 characters")


def test_no_record_and_no_snapshot_holds_a_password(make_server: Callable[..., Server]) -> None:
    server = make_server(late=True, operator_token=TOKEN)
    alice = server.login("alice")
    alice.ask("register", password=PASSWORD)
    alice.ask("operator", token=TOKEN)
    alice.ask("identify", password=PASSWORD)
    alice.ask("reset_account", username="bob", password=PASSWORD, new=True)
    alice.ask("logout")
    server.login("alice", account="alice", password=PASSWORD)
    assert isinstance(server.journal, LateJournal)
    said = [repr(vars(each) if hasattr(each, "__dict__") else each) for each in server.journal.entries]
    assert PASSWORD not in "".join(said) + json.dumps(list(dump(server.chat)))
    for entry in server.journal.entries:
        for record in entry.batch.records:
            command = getattr(record, "command", None)
            assert getattr(command, "password", None) is None


# What belongs to an account.


def test_direct_messages_wait_for_somebody_who_is_away(server: Server) -> None:
    """As many as may; they are replayed once."""
    bob = server.login("bob")
    said = [bob.ask("send_direct", to=["ALICE", "bob"], text=f"number {number}") for number in range(3)]
    assert said[0]["to"] == ["Alice", "bob"]
    alice = server.login("alice", password=PASSWORD, settled=False)
    assert alice.welcome["positions"]["@"]["seq"] == 0
    directs = alice.take("direct")
    assert [each["text"] for each in directs] == ["number 0", "number 1", "number 2"]
    assert all(each["replay"] for each in directs)
    alice.ask("logout")
    assert server.login("alice", password=PASSWORD, settled=False).take("direct") == []


def test_what_a_lost_connection_may_not_have_got_is_replayed_after_the_session(server: Server) -> None:
    alice, bob = server.login("alice", password=PASSWORD), server.login("bob")
    alice.ask("send_message", text="I am here")
    bob.ask("send_direct", to=["alice"], text="did it arrive?")
    alice.drop()
    server.advance(120)
    bob.ask("send_direct", to=["alice"], text="and this?")
    back = server.login("alice", password=PASSWORD, settled=False)
    assert [each["text"] for each in back.take("direct")] == ["did it arrive?", "and this?"]


def test_so_many_wait_and_no_more(make_server: Callable[..., Server]) -> None:
    """All or nobody gets it; the sender is told who it is that does not."""
    server = make_server(inbox_messages=2)
    alice, bob, carol = server.logins("alice", "bob", "carol")
    alice.ask("register", password=PASSWORD)
    alice.ask("logout")
    for sender in (bob, server.login("dan", address="198.51.100.7:1")):
        assert sender.ask("send_direct", to=["alice"], text="hello")["type"] == "direct"
    carol.take()
    answer = bob.ask("send_direct", to=["carol", "alice"], text="hello")
    assert (answer["code"], answer["values"]) == ("inbox_full", {"name": "alice", "messages": 2})
    assert carol.take() == []
    server.login("alice", password=PASSWORD).ask("logout")
    assert bob.ask("send_direct", to=["alice"], text="hello")["type"] == "direct"
    assert bob.welcome["limits"]["inbox_messages"] == 2


def test_guest_who_identifies_gets_what_waits_and_keeps_no_other_inbox(server: Server) -> None:
    """Its log is another one from then on, which is said."""
    bob, guest = server.login("bob"), server.login("guest")
    bob.ask("send_direct", to=["guest"], text="to the guest")
    bob.ask("send_direct", to=["alice"], text="to the owner")
    guest.take()
    guest.ask("identify", account="alice", password=PASSWORD)
    frames = guest.take("gap", "direct")
    assert [(each["type"], each.get("text")) for each in frames] == [("gap", None), ("direct", "to the owner")]
    assert frames[0]["room"] == "@"
    assert [each["text"] for each in guest.ask("history", room="@")["messages"]] == ["to the owner"]
    bob.ask("send_direct", to=["guest"], text="once more")
    assert guest.texts() == ["once more"]


def test_roles_and_invitations_are_the_accounts_from_then_on(server: Server) -> None:
    """They last over sessions; what a guest has is the account's when it is registered or shown."""
    carol = server.login("carol")
    carol.ask("create_room", room="python")
    carol.ask("set_private", private=True)
    carol.ask("register", password="one of carol's")
    bob = server.login("bob")
    carol.ask("invite", username="bob")
    bob.ask("identify", account="alice", password=PASSWORD)
    assert bob.ask("join_room", room="python")["role"] == "member"
    carol.ask("logout")
    again = server.login("carol", password="one of carol's")
    assert again.ask("join_room", room="python")["role"] == "owner"
    bob.ask("logout")
    assert server.login("alice", password=PASSWORD).ask("join_room", room="python")["room"] == "python"


def test_higher_role_counts_when_a_guest_with_one_identifies(server: Server) -> None:
    owner, guest, alice = server.login("owner"), server.login("guest"), server.login("alice", password=PASSWORD)
    owner.ask("create_room", room="python")
    owner.ask("set_role", username="guest", role="moderator")
    assert guest.ask("identify", account="alice", password=PASSWORD)["room"] == "lobby"
    assert alice.ask("join_room", room="python")["role"] == "moderator"


def test_ban_of_an_account_holds_its_owner_under_whatever_name(server: Server) -> None:
    """Be the owner away when it is put on; and a guest who is banned does not get out of it by an account."""
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.ask("ban", username="alice", seconds=600)
    assert enters(server, password=PASSWORD, address=ELSEWHERE)["code"] == "banned"
    assert enters(server, "bob", account="alice", password=PASSWORD, address=ELSEWHERE)["code"] == "banned"
    guest = server.connect(address="192.0.2.77:1")
    guest.ask("login", username="guest")
    assert guest.refused("identify", account="alice", password=PASSWORD) == "banned"


def test_mute_goes_with_whoever_registers(server: Server) -> None:
    boss, bob = server.login("boss"), server.login("bob")
    boss.ask("operator", token=TOKEN)
    boss.ask("mute", username="bob")
    assert bob.ask("register", password="one of bob's") == {"type": "ok"}
    assert bob.refused("send_message", text="hello") == "muted"
    bob.ask("logout")
    assert server.login("bobby", account="bob", password="one of bob's").refused("send_message", text="x") == "muted"


def test_what_an_account_has_read_is_known_whatever_it_is_called_and_when_it_is_away(server: Server) -> None:
    """What mentions it meanwhile is counted; with the account it goes."""
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    guest = server.login("guest")
    boss.ask("send_message", text="hello guest")
    guest.ask("identify", account="alice", password=PASSWORD)
    guest.ask("rename", username="al")
    boss.ask("send_message", text="al and alice and guest")
    guest.say("read", room="lobby", seq=2)
    guest.ask("logout")
    boss.ask("send_message", text="where is alice?")
    boss.ask("send_message", text="and where is al?")
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Chat(server.limits, MemoryLog(server.limits))
    load(again, rows)
    readers = [sorted(chat.rooms["lobby"].readers) for chat in (server.chat, again)]
    assert readers == [["alice", "boss"]] * 2
    alice = server.login("alice", password=PASSWORD)
    assert alice.welcome["unread"] == [{"room": "lobby", "read": 2, "unread": 2, "mentions": 1}]
    second = server.login("ali", account="alice", password=PASSWORD)
    boss.ask("send_message", text="ali!")
    assert second.ask("join_room", room="lobby")["unread"]["mentions"] == 2
    boss.ask("drop_account", username="alice")
    assert sorted(server.chat.rooms["lobby"].readers) == ["boss"]


def test_what_an_account_reads_in_one_program_is_told_the_other_ones(server: Server) -> None:
    """Once, and not the one that has read it."""
    boss, alice = server.login("boss"), server.login("alice", password=PASSWORD)
    phone = server.login("ali", account="alice", password=PASSWORD)
    phone.ask("create_room", room="elsewhere")
    for text in ("one", "two alice", "three"):
        boss.ask("send_message", text=text)
    server.advance(5.0)
    phone.take("unread")
    for seq in (2, 2, 1, 9):
        alice.say("read", seq=seq)
        server.advance(5.0)
    assert [frame["rooms"] for frame in phone.take("unread")] == [
        [{"room": "lobby", "read": 2, "unread": 1, "mentions": 0}],
        [{"room": "lobby", "read": 3, "unread": 0, "mentions": 0}],
    ]
    assert alice.take("unread") + boss.take("unread") == []


# Operators.


def test_operator_gives_somebody_another_password(server: Server) -> None:
    """Whoever was in by the old one is out. Nobody else may."""
    boss, alice = server.login("boss"), server.login("alice", password=PASSWORD)
    assert boss.refused("reset_account", username="alice", password="battery staple") == "not_allowed"
    boss.ask("operator", token=TOKEN)
    assert boss.ask("reset_account", username="alice", password="battery staple") == {"type": "ok"}
    assert alice.last()["code"] == "password_changed"
    assert enters(server, token=alice.token, client=alice.welcome["client"])["code"] == "name_registered"
    assert enters(server, password="battery staple")["type"] == "welcome"
    assert server.connect().refused("reset_account", username="x", password="battery staple") == "not_logged_in"


def test_operator_makes_an_account_for_a_name_that_nobody_uses(server: Server) -> None:
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    assert boss.ask("reset_account", username="zoe", password="one of zoe's", new=True) == {"type": "ok"}
    assert enters(server, "zoe", password="one of zoe's")["account"] == "zoe"
    server.login("guest")
    assert boss.refused("reset_account", username="guest", password="battery staple", new=True) == "name_taken"
    assert boss.refused("reset_account", username="a b", password="battery staple", new=True) == "bad_name"


def test_name_that_an_operator_mistypes_makes_no_account_and_puts_nobody_out(server: Server) -> None:
    """What is meant is said: another password for one that is there, or one that is new."""
    boss, alice = server.login("boss"), server.login("alice", password=PASSWORD)
    boss.ask("operator", token=TOKEN)
    answer = boss.ask("reset_account", username="alise", password="battery staple")
    assert (answer["code"], answer["message"]) == ("no_such_user", "the name alise belongs to nobody")
    assert enters(server, "alise")["type"] == "welcome"
    answer = boss.ask("reset_account", username="ALICE", password="battery staple", new=True)
    assert (answer["code"], answer["values"]["name"]) == ("name_taken", "Alice")
    assert alice.ask("send_message", text="still here")["type"] == "message"
    assert enters(server, "al", account="alice", password=PASSWORD)["account"] == "Alice"


def test_operator_lets_a_name_belong_to_nobody(server: Server) -> None:
    """With what its owner was; who has it next is somebody else."""
    boss, alice = server.login("boss"), server.login("alice", password=PASSWORD)
    alice.ask("create_room", room="python")
    server.login("bob").ask("join_room", room="python")
    boss.ask("operator", token=TOKEN)
    assert boss.ask("drop_account", username="ALICE") == {"type": "ok"}
    assert alice.last()["code"] == "account_dropped"
    stranger = server.login("alice")
    assert stranger.ask("register", password="another one") == {"type": "ok"}
    assert stranger.ask("join_room", room="python")["role"] == "member"
    answer = boss.ask("drop_account", username="nobody")
    assert (answer["code"], answer["message"]) == ("no_such_user", "the name nobody belongs to nobody")


# Servers with and without.


def test_server_may_let_in_only_who_has_an_account(make_server: Callable[..., Server]) -> None:
    """Who makes accounts there are its operators; a session comes back by its token alone."""
    server = make_server(accounts="required", operator_token=TOKEN)
    assert enters(server)["code"] == "account_required"
    assert enters(server, password=PASSWORD)["code"] == "not_identified"


def test_operator_comes_in_by_the_token_and_makes_the_first_account(make_server: Callable[..., Server]) -> None:
    """Without the password of the server, too; another token lets nobody in, whatever comes with it."""
    server = make_server(accounts="required", operator_token=TOKEN, password="open sesame")
    wrong = enters(server, operator_token="wrong", server_password="open sesame")
    assert (wrong["code"], wrong["message"]) == ("not_allowed", "this is not the token of the operators")
    server.advance(1)  # nobody from there may try another one before
    boss = server.connect()
    assert boss.ask("login", username="boss", operator_token=TOKEN)["role"] == "member"
    assert enters(server, "aide", operator_token=TOKEN, password="open sesame")["type"] == "welcome"
    boss.ask("operator", token=TOKEN)
    assert boss.ask("reset_account", username="zoe", password=PASSWORD, new=True) == {"type": "ok"}
    owner = {"account": "zoe", "password": PASSWORD, "server_password": "open sesame"}
    assert enters(server, "zoe", **owner)["account"] == "zoe"


def test_server_without_accounts_says_so(make_server: Callable[..., Server]) -> None:
    """A password that comes along is taken for one of the server, which has none."""
    server = make_server(accounts="off")
    bob = server.login("bob", password="whatever")
    for kind in ("register", "identify"):
        answer = bob.ask(kind, password=PASSWORD)
        assert (answer["code"], answer["message"]) == ("forbidden", "this server has no accounts")
    assert enters(server, "carol", account="carol", password=PASSWORD)["code"] == "forbidden"


def test_accounts_are_bounded(make_server: Callable[..., Server]) -> None:
    server = make_server(accounts_most=1)
    alice, bob = server.logins("alice", "bob")
    alice.ask("register", password=PASSWORD)
    answer = bob.ask("register", password=PASSWORD)
    assert (answer["code"], answer["message"]) == ("server_full", "this server has as many accounts as it may have")


def registers(server: Server, *names: str, address: str = "192.0.2.1:5000") -> list[str]:
    """Let guests from an address register their names, and return the answers."""
    answers = []
    for name in names:
        guest = server.login(name, address=address)
        answer = guest.ask("register", password=PASSWORD)
        answers.append(str(answer["values"]["what"] if "values" in answer else answer["type"]))
        guest.ask("logout")
    return answers


def test_from_one_address_no_more_names_are_registered_than_are_left_for_others(
    make_server: Callable[..., Server],
) -> None:
    """Half of all, of the next address a quarter: whoever comes later finds some."""
    server = make_server(accounts_most=8)
    assert registers(server, "a1", "a2", "a3", "a4", "a5") == ["ok", "ok", "ok", "ok", "share"]
    assert registers(server, "b1", "b2", "b3", address=ELSEWHERE) == ["ok", "ok", "share"]
    assert registers(server, "c1", "c2", address="203.0.113.9:5000") == ["ok", "share"]


def test_who_is_refused_more_names_is_told_what_to_do(make_server: Callable[..., Server]) -> None:
    server = make_server(accounts_most=2)
    alice, bob = server.logins("alice", "bob")
    alice.ask("register", password=PASSWORD)
    answer = bob.ask("register", password=PASSWORD)
    assert (answer["code"], answer["message"]) == (
        "server_full",
        "from your network address, as many names are registered as are left for all others; "
        "whoever looks after the server can register yours",
    )


def test_names_that_operators_register_are_in_nobodys_share_and_not_bounded(
    make_server: Callable[..., Server],
) -> None:
    """Nor are those that somebody registers by an invitation in a share."""
    server = make_server(accounts_most=4, operator_token=TOKEN)
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    token = boss.ask("make_invitation")["token"]
    assert registers(server, "a1", "a2", "a3") == ["ok", "ok", "share"]
    ann = server.login("ann", invitation=token)
    assert ann.ask("register", password=PASSWORD) == {"type": "ok"}
    made = [boss.ask("reset_account", username=name, password=PASSWORD, new=True) for name in ("b1", "b2", "b3")]
    assert made == [{"type": "ok"}] * 3
    assert registers(server, "c1", address=ELSEWHERE) == ["accounts"]


def test_name_that_is_given_back_is_in_a_share_no_more(make_server: Callable[..., Server]) -> None:
    server = make_server(accounts_most=4, operator_token=TOKEN)
    assert registers(server, "a1", "a2", "a3") == ["ok", "ok", "share"]
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.ask("drop_account", username="a1")
    assert registers(server, "a3", "a4") == ["ok", "share"]


def test_shares_of_names_are_the_same_after_a_restart(make_server: Callable[..., Server]) -> None:
    before = make_server(accounts_most=4)
    assert registers(before, "a1", "a2") == ["ok", "ok"]
    rows = json.loads(json.dumps(list(dump(before.chat))))
    after = make_server(accounts_most=4, life="2-", before_start=lambda chat: load(chat, rows))
    assert registers(after, "a3") == ["share"]
    assert registers(after, "b1", address=ELSEWHERE) == ["ok"]


def test_journal_of_before_has_no_shares_of_names() -> None:
    """Nor any places of those who registered them."""
    server = Server(accounts_most=3)
    (node,) = server.chat.nodes.up.values()
    node.rules = SHARES_NAMES - 1
    assert registers(server, "a1", "a2") == ["ok", "ok"]
    node.rules = RULES
    assert registers(server, "a3") == ["ok"]


def test_lost_connection_of_an_owner_comes_back_by_the_token_alone(server: Server) -> None:
    """Thousands come back after a restart: their passwords are not looked at again."""
    alice = server.login("alice", password=PASSWORD)
    alice.drop()
    looked_at = len(server.passwords.looked_at)
    back = enters(server, account="alice", password="whatever", token=alice.token, client=alice.welcome["client"])
    assert (back["resumed"], back["account"]) == (True, "Alice")
    assert len(server.passwords.looked_at) == looked_at


def guests_of_before(make_server: Callable[..., Server]) -> tuple[Server, Client, Client, Client]:
    """Return a server that only who has an account comes into, and who was there before: two guests and an operator."""
    before = make_server(operator_token=TOKEN)
    guest, owner, boss = before.logins("guest", "owner", "boss")
    boss.ask("operator", token=TOKEN)
    before.login("Alice").ask("register", password=PASSWORD)
    rows = json.loads(json.dumps(list(dump(before.chat))))
    after = make_server(
        operator_token=TOKEN, accounts="required", life="2-", before_start=lambda chat: load(chat, rows)
    )
    return after, guest, owner, boss


def shown(client: Client) -> dict[str, str]:
    """Return what a client shows that comes back."""
    return {"token": client.token, "client": client.welcome["client"]}


def test_guest_of_before_does_not_come_back_where_an_account_is_asked_for(make_server: Callable[..., Server]) -> None:
    """Neither by the token, nor as whoever has not got the answer to the login."""
    server, guest, owner, _boss = guests_of_before(make_server)
    assert enters(server, "guest", **shown(guest))["code"] == "account_required"
    assert enters(server, "another", **shown(guest))["code"] == "account_required"
    back = enters(server, "ally", account="alice", password=PASSWORD, **shown(owner))
    assert (back["type"], back["account"], back["resumed"]) == ("welcome", "Alice", False)
    server.advance(server.limits.grace + 1)
    assert server.users() == ["ally"]


def test_operator_of_before_comes_back_without_an_account(make_server: Callable[..., Server]) -> None:
    """Operators come in by their token where accounts are asked for."""
    server, _guest, _owner, boss = guests_of_before(make_server)
    assert enters(server, "boss", **shown(boss))["resumed"] is True


def test_journal_of_before_lets_guests_come_back(make_server: Callable[..., Server]) -> None:
    """What they have said since stands behind it. The node that was asked had looked at the token alone."""
    server, guest, _owner, _boss = guests_of_before(make_server)
    for node in server.chat.nodes.up.values():
        node.rules = LEAVES_GUESTS_OUT - 1
    assert enters(server, "guest", **shown(guest))["resumed"] is True


def test_all_of_it_survives_in_a_snapshot(server: Server) -> None:
    """Equal rows make an equal chat."""
    bob = server.login("bob")
    bob.ask("send_direct", to=["alice"], text="while you were away")
    server.login("al", account="alice", password=PASSWORD)
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Chat(server.limits, MemoryLog(server.limits))
    load(again, rows)
    assert json.loads(json.dumps(list(dump(again)))) == rows
    account = again.state.accounts["alice"]
    assert [each.name for each in account.sessions] == ["al"]
    assert all(each.account is account for each in account.sessions)


# Others who vouch.


class House:
    """Implements `chatcore.ports.passwords.Vouching`: knows people by words that it has given them."""

    def __init__(self) -> None:
        self.asked: list[SignIn] = []
        self.known: dict[str, str] = {"ticket of ann": "ann"}
        self.is_there = True

    def vouch(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        """Look it up."""
        self.asked.append(sign_in)
        done(self.known.get(sign_in.password), self.is_there)


def test_somebody_else_says_who_somebody_is(make_server: Callable[..., Server]) -> None:
    """The name is that one's from then on."""
    house = House()
    server = make_server(accounts="required", vouching=house)
    assert enters(server, "ann", password="ticket of ann")["account"] == "ann"
    assert house.asked[0] == SignIn("ann", "ann", "ticket of ann", "192.0.2.1:5000", "fake", "chat")
    assert enters(server, "guest")["code"] == "account_required"
    assert enters(server, "ann", password="forged", address=ELSEWHERE)["code"] == "not_identified"
    assert enters(server, "ann", password="ticket of ann", address=ELSEWHERE)["code"] == "rate_limited"
    assert enters(server, "annie", account="ann", password="ticket of ann")["account"] == "ann"


def test_login_that_is_refused_makes_no_account_of_who_is_vouched_for(make_server: Callable[..., Server]) -> None:
    server = make_server(vouching=House())
    guest = server.login("annie")
    assert enters(server, "annie", account="ann", password="ticket of ann")["code"] == "name_taken"
    assert server.chat.state.accounts == {}
    guest.ask("logout")
    assert enters(server, "annie", account="ann", password="ticket of ann")["account"] == "ann"


def test_name_that_somebody_else_has_is_no_account_of_who_is_vouched_for(make_server: Callable[..., Server]) -> None:
    """Be it a guest's, or that of somebody with another account: what is sent to that name would be read by both."""
    server = make_server(vouching=House())
    guest, bob = server.logins("Ann", "bob")
    for username in ("ann", "annie"):
        answer = enters(server, username, account="ann", password="ticket of ann")
        assert (answer["code"], answer["values"]["name"]) == ("name_taken", "ann")
    assert bob.ask("whois", username="ann").get("account") is None
    guest.ask("rename", username="other")
    owner = server.login("annie", account="ann", password="ticket of ann")
    assert guest.refused("rename", username="ann") == "name_registered"
    bob.ask("send_direct", to=["ann"], text="for ann alone")
    assert (owner.texts(), guest.texts()) == (["for ann alone"], [])


@pytest.mark.parametrize(("rules", "code"), [(LEAVES_BORNE_NAMES - 1, None), (LEAVES_BORNE_NAMES, "name_taken")])
def test_journal_of_before_makes_an_account_of_the_name_of_a_guest(rules: int, code: str | None) -> None:
    """Its owner has spoken since."""
    server = Server(vouching=House())
    server.login("ann")
    for node in server.chat.nodes.up.values():
        node.rules = rules
    assert enters(server, "annie", account="ann", password="ticket of ann").get("code") == code


def test_who_vouches_keeps_the_passwords(make_server: Callable[..., Server]) -> None:
    """So there is nothing to register here, and nothing to identify by later."""
    house = House()
    server = make_server(accounts="optional", vouching=house)
    bob = server.login("bob")
    answer = bob.ask("identify", account="ann", password="ticket of ann")
    assert (answer["code"], answer["message"]) == (
        "forbidden",
        "the accounts of this server are looked after elsewhere",
    )


class Thrower:
    """Implements `chatcore.ports.passwords.Vouching`, wrongly."""

    def vouch(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        """Fail."""
        raise RuntimeError("no more threads")


def test_a_mistake_of_who_vouches_is_an_answer() -> None:
    """And what is asked behind it is answered."""
    server = Server(accounts="required", vouching=Thrower())
    guest = server.connect()
    assert guest.refused("login", username="ann", password="ticket of ann") == "internal"
    assert guest.ask("ping")["type"] == "pong"
    assert [str(mistake) for mistake in server.mistakes()] == ["no more threads"]


def test_login_waits_when_who_vouches_cannot_be_asked(make_server: Callable[..., Server]) -> None:
    house = House()
    house.is_there = False
    assert enters(make_server(vouching=house), "ann", password="ticket of ann")["code"] == "unavailable"


@pytest.mark.parametrize(("rules", "times"), [(RULES, 1), (REACHES_PERSONS_ONCE - 1, 2)])
def test_who_has_several_names_is_written_to_and_mentioned_once(server: Server, rules: int, times: int) -> None:
    """Whichever of them are named, in one text or one list; every session of the account is told."""
    for node in server.chat.nodes.up.values():
        node.rules = rules
    owner = server.login("alice", password=PASSWORD)
    owner.ask("rename", username="al")
    second = server.login("ally", account="alice", password=PASSWORD)
    for each in (owner, second):
        each.ask("create_room", room="den")
        each.ask("join_room", room="den")
    server.advance(2.0)
    carol = server.login("carol")
    for each in (owner, second):
        each.take()
    told = carol.ask("send_direct", to=["alice", "AL", "ally"], text="hello")
    assert told["to"] == ["Alice", "al", "ally"]
    carol.ask("send_message", text="alice and al, come here")
    server.advance(2.0)
    for each in (owner, second):
        copies = each.take("direct", "unread")
        assert [copy["text"] for copy in copies if copy["type"] == "direct"] == ["hello"] * (1 if times == 1 else 3)
        assert [copy["rooms"][0]["mentions"] for copy in copies if copy["type"] == "unread"] == [times]


def test_an_account_is_told_of_a_mention_by_whatever_name(server: Server) -> None:
    """By that of the account, though nobody goes by it at present."""
    owner = server.login("alice", password=PASSWORD)
    owner.ask("rename", username="al")
    owner.ask("create_room", room="den")
    carol = server.login("carol")
    owner.take()
    carol.ask("send_message", text="where is alice?")
    assert [frame["rooms"][0]["mentions"] for frame in owner.take("unread")] == [1]
