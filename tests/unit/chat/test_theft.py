"""Sessions, names and invitations of others: what a thief has of them is worth nothing, whatever is spoken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chatcore.dialects.base import Dialect
from chatcore.dialects.chat import dialect as chat
from chatcore_simple import simple_json, simple_text
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"
VICTIM = {"client": "the-client-id-of-alice"}
PASSWORD = "one of alice's"


@dataclass(frozen=True)
class Speech:
    """How somebody logs in who speaks a dialect, and what is heard of it."""

    dialect: Dialect
    boundaries: bool
    taken: tuple[str, ...]
    """What is said of a name that another one has, or that looks like it."""
    banned: str

    def login(self, server: Server, name: str, **fields: object) -> str:
        """Log in with what the dialect can say, and return what comes back."""
        guest = server.connect(self.dialect, boundaries=self.boundaries)
        if self.dialect is simple_text:
            guest.link.sends(f"/pseudo\n{name}\n".encode())
        else:
            end = b"" if self.boundaries else b"\n"
            more = fields if self.dialect is chat else {}
            guest.link.sends(json.dumps({"type": "login", "username": name, **more}).encode() + end)
        server.settle()
        heard = b"".join(guest.link.arrived).decode()
        guest.link.arrived.clear()
        return heard


SPEECHES = {
    "chat over messages": Speech(chat, True, ('"code":"name_',), '"code":"banned"'),
    "chat over a stream": Speech(chat, False, ('"code":"name_',), '"code":"banned"'),
    "simple-json": Speech(
        simple_json, False, ("utilisateur est déjà pris", "utilisateur ressemble trop"), "Vous êtes banni d'ici"
    ),
    "simple-text": Speech(simple_text, False, ("Attention ce pseudo existe deja",), "Vous êtes banni d'ici"),
}


def alice(server: Server, *, registered: bool = False) -> Client:
    """Return the victim, whose connection is lost, or who has registered and is away."""
    victim = server.login("alice", **VICTIM)
    victim.ask("send_message", text="I am alice")
    if registered:
        victim.ask("register", password=PASSWORD)
        victim.ask("logout")
    else:
        victim.drop()
    return victim


def earlier(server: Server) -> Client:
    """Return the victim as she was before she logged out, came back without a token, and lost the connection."""
    before = server.login("alice")
    before.ask("logout")
    alice(server)
    return before


def banned(server: Server) -> Client:
    """Return mallory, who was put out for good."""
    boss, mallory = server.login("boss"), server.login("mallory", client="the-client-id-of-mallory")
    boss.ask("operator", token=TOKEN)
    boss.ask("ban", username="mallory")
    return mallory


def _by_another_account(server: Server, speech: Speech) -> str:
    alice(server, registered=True)
    mallory = server.login("mallory")
    mallory.ask("register", password="one of mallory's")
    return speech.login(server, "alice", account="mallory", password="one of mallory's")


ATTEMPTS: dict[str, Callable[[Server, Speech], str]] = {
    "no token": lambda server, speech: speech.login(server, alice(server).welcome["username"]),
    "wrong token": lambda server, speech: (alice(server), speech.login(server, "alice", token="guessed.token"))[1],
    "half a token": lambda server, speech: speech.login(server, "alice", token=alice(server).token.partition(".")[0]),
    "another case": lambda server, speech: (alice(server), speech.login(server, "ALICE"))[1],
    "a look-alike": lambda server, speech: (alice(server), speech.login(server, "aIice"))[1],
    "registered, a look-alike": lambda server, speech: (
        alice(server, registered=True),
        speech.login(server, "AIice"),
    )[1],
    "the token of an earlier session": lambda server, speech: speech.login(
        server, "alice", token=earlier(server).token, **VICTIM
    ),
    "her client id": lambda server, speech: (alice(server), speech.login(server, "alice", **VICTIM))[1],
    "registered": lambda server, speech: (alice(server, registered=True), speech.login(server, "alice"))[1],
    "registered, another case": lambda server, speech: (
        alice(server, registered=True),
        speech.login(server, "aLiCe"),
    )[1],
    "registered, old token": lambda server, speech: speech.login(
        server, "alice", token=alice(server, registered=True).token, **VICTIM
    ),
    "registered, password of another account": _by_another_account,
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("speech", SPEECHES)
def test_nobody_takes_the_name_or_the_session_of_somebody_else(speech: str, attempt: str) -> None:
    server = Server(operator_token=TOKEN)
    spoken = SPEECHES[speech]
    heard = ATTEMPTS[attempt](server, spoken)
    assert any(taken in heard for taken in spoken.taken), heard
    assert server.mistakes() == []
    holder = server.chat.users.get("alice")
    assert holder is None or holder.connection is None


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize("name", ["alice", "ALICE", "a1ice"])
@pytest.mark.parametrize("speech", SPEECHES)
def test_nobody_has_the_name_of_an_operator_or_of_a_bot(speech: str, name: str, registered: bool) -> None:
    """Be it that nobody has registered it: who sits there looks like somebody, and would be in the way."""
    for settings in ({"operators": ("alice",)}, {"bots": ("Alice",)}, {"people": {"@alice": {"rooms_per_user": 5}}}):
        server, spoken = Server(operator_token=TOKEN, **settings), SPEECHES[speech]
        boss = server.login("boss")
        boss.ask("operator", token=TOKEN)
        if registered:
            boss.ask("reset_account", username="alice", password=PASSWORD, new=True)
        heard = spoken.login(server, name)
        assert any(taken in heard for taken in spoken.taken), heard
        assert server.users() == ["boss"]


@pytest.mark.parametrize("name", ["mallory", "MALLORY", "MaIlory", "ma11ory"])
@pytest.mark.parametrize("speech", SPEECHES)
def test_banned_user_comes_in_by_no_dialect_no_case_and_no_look_alike(speech: str, name: str) -> None:
    server = Server(operator_token=TOKEN)
    spoken = SPEECHES[speech]
    token = banned(server).token
    assert spoken.banned in spoken.login(server, name)
    assert spoken.banned in spoken.login(server, name, token=token, client="the-client-id-of-mallory")


@pytest.mark.parametrize("how", ["another name", "rename", "second session", "account", "invitation"])
@pytest.mark.parametrize("speech", ["chat over messages", "chat over a stream"])
def test_banned_user_comes_in_by_no_detour(speech: str, how: str) -> None:
    """Those of the native protocol: the others know neither client ids nor accounts."""
    server, spoken = Server(operator_token=TOKEN), SPEECHES[speech]
    own = {"client": "the-client-id-of-mallory"}
    boss, mallory = server.login("boss"), server.login("mallory", **own)
    boss.ask("operator", token=TOKEN)
    mallory.ask("register", password="one of mallory's")
    if how == "rename":
        mallory.ask("rename", username="mal")
        boss.ask("ban", username="mal")
    elif how == "second session":
        second = server.login("second", account="mallory", password="one of mallory's")
        boss.ask("ban", username="mallory")
        assert second.take("bye")[0]["code"] == "banned"
    else:
        boss.ask("ban", username="mallory")
    fields: dict[str, object] = own
    if how == "account":
        fields = {"account": "mallory", "password": "one of mallory's"}
    elif how == "invitation":
        fields = own | {"invitation": boss.ask("make_invitation")["token"]}
    assert spoken.banned in spoken.login(server, "somebody", **fields)
    assert "somebody" not in server.users()


def _class(server: Server) -> tuple[Client, Client]:
    """Return the owner of a private room, who has an account, and a moderator of it."""
    teacher, helper = server.login("teacher"), server.login("helper")
    teacher.ask("register", password=PASSWORD)
    teacher.ask("create_room", room="class")
    helper.ask("join_room", room="class")
    teacher.ask("set_role", username="helper", role="moderator")
    teacher.ask("set_private", private=True)
    return teacher, helper


@pytest.mark.parametrize("act", ["ban", "mute"])
@pytest.mark.parametrize("how", ["away", "under another name", "an operator away"])
def test_nobody_is_banned_or_muted_behind_the_back_by_who_has_no_higher_role(how: str, act: str) -> None:
    server = Server(operator_token=TOKEN, operators=("boss",))
    teacher, helper = _class(server)
    name = "teacher"
    if how == "away":
        teacher.ask("logout")
    elif how == "under another name":
        teacher.ask("rename", username="somebody")
    else:
        teacher.ask("operator", token=TOKEN)
        teacher.ask("reset_account", username="boss", password=PASSWORD, new=True)
        name = "boss"
    assert helper.refused(act, username=name, room="class") == "not_allowed"
    assert helper.ask("list_bans", room="class")["bans"] == []


def test_who_is_kicked_is_out_in_all_sessions() -> None:
    server = Server(operator_token=TOKEN)
    teacher, _helper = _class(server)
    mallory = server.login("mallory")
    mallory.ask("register", password="one of mallory's")
    second = server.login("second", account="mallory", password="one of mallory's")
    teacher.ask("invite", username="mallory")
    for each in (mallory, second):
        each.ask("join_room", room="class")
    teacher.ask("kick", username="mallory")
    for each in (mallory, second):
        assert each.refused("join_room", room="class") == "room_private"
    teacher.ask("operator", token=TOKEN)
    teacher.ask("kick", username="second", room="lobby")
    assert server.users() == ["helper", "teacher"]


def test_nobody_comes_back_from_an_address_that_is_banned() -> None:
    """Into a session that began elsewhere: it waits on, for who comes from there again."""
    server = Server(operator_token=TOKEN)
    boss, mallory = server.login("boss"), server.login("mallory", address="198.51.100.7:1")
    boss.ask("operator", token=TOKEN)
    mallory.ask("create_room", room="class")
    boss.ask("ban", username="203.0.113.0/24")
    mallory.drop()
    there = server.connect(address="203.0.113.5:2")
    assert there.refused("login", username="mallory", token=mallory.token) == "banned"
    assert server.chat.users["mallory"].connection is None
    back = server.connect(address="198.51.100.7:3")
    assert back.ask("login", username="mallory", token=mallory.token)["resumed"] is True


def test_who_comes_back_from_an_address_that_a_room_has_banned_is_in_the_lobby() -> None:
    server = Server(operator_token=TOKEN)
    boss, mallory = server.login("boss"), server.login("mallory", address="198.51.100.7:1")
    boss.ask("operator", token=TOKEN)
    boss.ask("create_room", room="class")
    mallory.ask("join_room", room="class")
    boss.ask("ban", username="203.0.113.0/24")
    mallory.drop()
    there = server.connect(address="203.0.113.5:2")
    assert there.ask("login", username="mallory", token=mallory.token)["room"] == "lobby"
    assert there.refused("join_room", room="class") == "banned"


@pytest.mark.parametrize("fields", [{"operator_token": TOKEN}, {"account": "boss", "password": PASSWORD}])
def test_no_ban_of_an_address_keeps_an_operator_out(fields: dict[str, str]) -> None:
    server = Server(operator_token=TOKEN, operators=("boss",))
    boss = server.login("first")
    boss.ask("operator", token=TOKEN)
    boss.ask("reset_account", username="boss", password=PASSWORD, new=True)
    boss.ask("ban", username="192.0.2.0/24")
    boss.ask("logout")
    assert server.connect().refused("login", username="pupil") == "banned"
    again = server.login("boss" if "account" in fields else "head", **fields)
    again.ask("operator", token=TOKEN)
    assert again.ask("unban", username="192.0.2.0/24")["type"] == "ok"
    server.login("pupil")


def test_who_is_kicked_while_he_comes_back_needs_another_invitation() -> None:
    """His token was good when it was looked at, and its session is over when the journal orders the login."""
    server = Server(operator_token=TOKEN, password="of the door", late=True)
    boss = server.login("boss", operator_token=TOKEN)
    boss.ask("operator", token=TOKEN)
    shown = boss.ask("make_invitation")["token"]
    pupil = server.login("pupil", invitation=shown)
    pupil.drop()
    again = server.connect()
    boss.link.sends(json.dumps({"type": "kick", "username": "pupil", "room": "lobby"}).encode())
    again.say("login", username="pupil", token=pupil.token, invitation=shown)
    assert again.last()["code"] == "bad_invitation"
    assert server.users() == ["boss"]


@pytest.mark.parametrize("how", ["address", "used invitation", "account"])
def test_who_is_put_out_does_not_get_in_with_a_fresh_browser(how: str) -> None:
    """Nothing is left of what the program knew, and the name is another one: then the ban or the door holds more."""
    doors: dict[str, dict[str, Any]] = {
        "used invitation": {"password": "of the door"},
        "account": {"accounts": "required"},
    }
    server = Server(operator_token=TOKEN, **doors.get(how, {}))
    boss = server.login("boss", operator_token=TOKEN, address="192.0.2.9:1")
    boss.ask("operator", token=TOKEN)
    made = boss.ask("make_invitation", uses=2)["token"]
    fields: dict[str, object] = {"invitation": made, "client": "the-client-id-of-mallory"}
    fields |= {"account": "mallory", "password": PASSWORD} if how == "account" else {}
    server.login("mallory", **fields)
    boss.ask("ban", username="mallory", address=how == "address")
    if how == "account":  # which the link makes, too: each is good for one
        assert server.connect().refused("login", username="mallory", account="mallory", password=PASSWORD) == "banned"
    elif how == "used invitation":
        server.login("pupil", invitation=made)
    code = {"address": "banned", "used invitation": "bad_invitation", "account": "account_required"}[how]
    shown = None if how == "account" else made
    assert server.connect().refused("login", username="somebody", invitation=shown) == code
