"""Another room is the lobby, or is declared, from the next start on: what goes with it, and what stays behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.chat.snapshot import dump, load
from chatcore.records import HANDS_LOBBIES_ON
from tests.unit.chat.test_moderation import TOKEN, make_operator
from tests.unit.playbook import Client, Server


def restarted(server: Server, life: str = "2-", **limits: Any) -> Server:
    """Return a server that begins with what is kept of another one, with these settings."""
    rows = json.loads(json.dumps(list(dump(server.chat))))
    after = Server(operator_token=TOKEN, life=life, before_start=lambda chat: load(chat, rows), **limits)
    reloaded = json.loads(json.dumps(list(dump(after.chat))))
    again = Server(operator_token=TOKEN, life=life, before_start=lambda chat: load(chat, reloaded), **limits)
    assert [row for row in dump(again.chat) if row["row"] == "room"] == [
        row for row in dump(after.chat) if row["row"] == "room"
    ]
    return after


def of_operators() -> tuple[Server, Client, Client, Client]:
    """Return a server with an operator, somebody who is muted in the lobby, and its moderator; `bad` is banned."""
    server = Server(operator_token=TOKEN)
    server.chat.state.keeps_rooms = True
    olga, mute, mod = server.logins("olga", "mute", "mod")
    make_operator(olga)
    mod.ask("register", password="correct horse")
    olga.ask("set_role", username="mod", role="moderator")
    olga.ask("ban", username="bad")
    olga.ask("ban", username="late", seconds=60)
    mod.ask("mute", username="mute")
    return server, olga, mute, mod


def of_mallory() -> tuple[Server, Client, Client]:
    """Return a server with a room that a guest looks after in his own way, the guest, and who is muted there."""
    server = Server(operator_token=TOKEN)
    server.chat.state.keeps_rooms = True
    mallory, carl = server.logins("mallory", "carl")
    mallory.ask("create_room", room="hall")
    mallory.ask("ban", username="alice")
    mallory.ask("mute", username="carl")
    mallory.ask("set_slow", seconds=20_000)
    mallory.ask("set_topic", topic="this is mine")
    mallory.ask("set_private", private=True)
    mallory.ask("send_message", text="what was said")
    return server, mallory, carl


def moves(server: Server) -> None:
    """Let another room be the lobby."""
    state = server.chat.state
    lobby = state.default_room
    state.allow(state.limits.model_copy(update={"default_room": "hall"}))
    open_doors(state, (), lobby)


def lines(server: Server, kind: str) -> list[dict[str, Any]]:
    return [dict(fields) for what, fields in server.records if what == kind]


def listed(client: Client, room: str) -> list[str]:
    return [each["username"] for each in client.ask("list_bans", room=room)["bans"]]


def back(server: Server, client: Client) -> Client:
    """Return the client of a user who comes back."""
    name = client.welcome["username"]
    return server.login(name, client=client.welcome["client"], token=client.token)


def test_bans_and_mutes_of_the_server_hold_in_the_next_lobby() -> None:
    """The lobby stands for the whole server, whatever it is called."""
    server, olga, mute, _mod = of_operators()
    after = restarted(server, default_room="hall")
    assert after.connect().refused("login", username="bad") == "banned"
    silent = back(after, mute)
    assert silent.refused("send_message", text="where I was before") == "muted"
    silent.ask("leave_room")
    assert silent.refused("send_message", text="in the lobby of now") == "muted"
    boss = back(after, olga)
    assert listed(boss, "hall") == ["bad", "late", "mute"]
    assert boss.ask("unmute", room="hall", username="mute") == {"type": "ok"}
    assert silent.ask("send_message", text="thank you")["type"] == "message"
    assert lines(after, "lobby_moved") == [{"room": "hall", "before": "lobby", "roles": 1, "held": 3}]


def test_what_is_over_does_not_go_with_the_lobby() -> None:
    server, olga, _mute, _mod = of_operators()
    server.advance(61)
    later = server.login("later")
    moves(server)
    assert listed(olga, "hall") == ["bad", "mute"]
    assert later.ask("leave_room")["room"] == "hall"


def test_moderators_of_the_lobby_look_after_the_next_one() -> None:
    """Operators have chosen them to look after the server."""
    server, _olga, _mute, mod = of_operators()
    after = restarted(server, default_room="hall")
    mod = back(after, mod)
    mod.ask("leave_room")
    assert mod.ask("whois", username="mod")["role"] == "moderator"
    assert mod.refused("unban", username="bad") == "not_allowed", "what an operator did is the operators'"
    assert mod.ask("unmute", username="mute") == {"type": "ok"}


def test_lobby_of_before_that_is_the_lobby_again_has_each_ban_once() -> None:
    server, _olga, mute, _mod = of_operators()
    hall = restarted(server, default_room="hall")
    again = restarted(hall, life="3-")
    boss = again.login("boss")
    make_operator(boss)
    assert listed(boss, "lobby") == ["bad", "late", "mute"]
    assert back(again, mute).refused("send_message", text="still") == "muted"


def test_who_is_held_in_two_rooms_by_one_act_is_held_in_both_under_the_next_name() -> None:
    """And whoever comes by the same program."""
    server, _olga, mute, _mod = of_operators()
    after = restarted(server, default_room="hall")
    again = after.login("another", client=mute.welcome["client"])
    assert again.refused("send_message", text="hello") == "muted"
    again.ask("join_room", room="lobby")
    assert again.refused("send_message", text="hello") == "muted"
    held = {room: after.chat.rooms[room].sanctions[-1].persons for room in ("lobby", "hall")}
    assert held["lobby"] == held["hall"]
    assert len(held["hall"]) == 2


def test_guest_who_made_a_room_keeps_nobody_out_of_the_lobby_that_it_becomes() -> None:
    """Nor silent, nor waiting; and it is open to everybody, as a lobby is."""
    server, mallory, carl = of_mallory()
    after = restarted(server, default_room="hall")
    carl, alice = back(after, carl), after.login("alice")
    carl.ask("leave_room")
    assert (alice.welcome["room"], alice.welcome["topic"], alice.welcome.get("slow", 0)) == ("hall", "", 0)
    assert alice.welcome.get("private", False) is False
    for text in ("one", "two"):
        assert carl.ask("send_message", text=text)["type"] == "message"
    assert back(after, mallory).refused("ban", username="alice") == "not_allowed"
    assert lines(after, "taken_over") == [{"room": "hall", "roles": 1, "lifted": 2, "private": False}]


def test_guest_who_made_a_room_keeps_nobody_out_when_it_is_declared() -> None:
    """But what was said behind a closed door, operators show to others, or nobody does."""
    server, _mallory, _carl = of_mallory()
    open_doors(server.chat.state, ["hall"])
    alice, boss = server.login("alice"), server.login("boss")
    make_operator(boss)
    assert alice.refused("join_room", room="hall") == "room_private"
    assert boss.ask("set_private", room="hall", private=False) == {"type": "ok"}
    assert alice.ask("join_room", room="hall")["topic"] == ""
    assert alice.ask("send_message", text="hello")["type"] == "message"
    assert alice.ask("send_message", text="again")["type"] == "message"
    assert listed(boss, "hall") == []


def test_what_operators_did_in_a_room_holds_when_it_is_declared_or_the_lobby() -> None:
    """A ban does not come off by a start."""
    server, mallory, _carl = of_mallory()
    boss = server.login("boss")
    make_operator(boss)
    boss.ask("mute", username="mallory", room="hall")
    open_doors(server.chat.state, ["hall"])
    assert listed(boss, "hall") == ["mallory"]
    assert mallory.refused("send_message", text="hello") == "muted"
    after = restarted(server, default_room="hall")
    assert back(after, mallory).refused("send_message", text="hello") == "muted"


def test_whoever_is_in_a_room_that_is_declared_is_shown_what_it_is_now() -> None:
    """Another server of the same chat has begun, whose settings name it."""
    server, mallory, _carl = of_mallory()
    mallory.take()
    server.chat.state.take_effects()
    open_doors(server.chat.state, ["hall"])
    shown = [each.event for each in server.chat.state.take_effects() if hasattr(each, "event")]
    assert [(each.room, each.role, each.topic, each.slow, each.private) for each in shown] == [
        ("hall", "member", "", 0, True)
    ] * len(server.chat.rooms["hall"].members)


def test_lobby_that_was_another_room_for_a_while_is_as_operators_left_it() -> None:
    """It was nobody's: what was done there is not taken for a guest's."""
    server, olga, _mute, mod = of_operators()
    olga.ask("set_topic", topic="rules of the house")
    olga.ask("set_slow", seconds=30)
    again = restarted(restarted(server, default_room="hall"), life="3-")
    lobby = again.chat.rooms["lobby"]
    assert (lobby.topic, lobby.slow) == ("rules of the house", 30)
    mod = back(again, mod)
    assert mod.ask("whois", username="mod")["role"] == "moderator"
    assert lines(again, "taken_over") == []


def test_what_moderators_did_in_a_lobby_of_before_is_lifted_and_they_stay() -> None:
    """It was done in one room among others, and would hold for the whole server."""
    server, olga, _mute, mod = of_operators()
    olga.ask("set_topic", topic="rules of the house")
    hall = restarted(server, default_room="hall")
    zed, mod = hall.login("zed"), back(hall, mod)
    assert mod.ask("ban", username="zed", room="lobby") == {"type": "ok"}
    again = restarted(hall, life="3-")
    assert again.chat.rooms["lobby"].topic == "rules of the house"
    assert back(again, mod).ask("whois", username="mod")["role"] == "moderator"
    assert back(again, zed).ask("join_room", room="lobby")["type"] == "room"


def test_declared_room_that_one_start_leaves_out_is_as_operators_left_it() -> None:
    """With the moderators that they chose."""
    server = Server(operator_token=TOKEN)
    state = server.chat.state
    state.keeps_rooms = True
    olga, mod = server.logins("olga", "mod")
    make_operator(olga)
    open_doors(state, ["class"])
    for each in (olga, mod):
        each.ask("join_room", room="class")
    olga.ask("set_topic", topic="exam on Monday")
    olga.ask("set_role", username="mod", role="moderator")
    for names in ([], ["class"]):
        open_doors(state, names)
    assert state.rooms["class"].topic == "exam on Monday"
    assert mod.ask("whois", username="mod")["role"] == "moderator"


def test_room_of_operators_that_becomes_the_lobby_is_closed_to_nobody() -> None:
    """Nobody could open it: a lobby is never private."""
    server = Server(operator_token=TOKEN)
    server.chat.state.keeps_rooms = True
    olga = server.login("olga")
    make_operator(olga)
    open_doors(server.chat.state, ["hall"])
    olga.ask("join_room", room="hall")
    assert olga.ask("set_private", private=True) == {"type": "ok"}
    after = restarted(server, default_room="hall")
    bob = after.login("bob")
    assert bob.welcome["room"] == "hall"
    bob.ask("create_room", room="own")
    assert bob.ask("join_room", room="hall")["type"] == "room"


def test_declared_room_stays_as_it_is_at_the_next_start() -> None:
    """Its moderators work for the operators."""
    server = Server(operator_token=TOKEN)
    mod, _bob = server.logins("mod", "bob")
    open_doors(server.chat.state, ["hall"])
    server.chat.state.give_role(server.chat.rooms["hall"], server.chat.users["mod"].person, Role.MODERATOR)
    mod.ask("join_room", room="hall")
    mod.ask("mute", username="bob")
    mod.ask("set_topic", topic="homework")
    before = list(dump(server.chat))
    open_doors(server.chat.state, ["hall"])
    assert list(dump(server.chat)) == before


@pytest.mark.parametrize(("rules", "keeps"), [(HANDS_LOBBIES_ON - 1, True), (HANDS_LOBBIES_ON, False)])
def test_journal_of_before_leaves_a_declared_room_what_a_guest_did_there(rules: int, keeps: bool) -> None:
    server, _mallory, _carl = of_mallory()
    server.chat.state.moment.rules = rules
    open_doors(server.chat.state, ["hall"])
    hall = server.chat.rooms["hall"]
    assert bool(hall.sanctions and hall.slow and hall.topic) is keeps
    assert hall.roles == {}


@pytest.mark.parametrize(("rules", "held"), [(HANDS_LOBBIES_ON - 1, 0), (HANDS_LOBBIES_ON, 3)])
def test_journal_of_before_leaves_bans_in_the_lobby_of_before(rules: int, held: int) -> None:
    """Who was let in then has spoken since."""
    server, _olga, _mute, _mod = of_operators()
    server.chat.state.moment.rules = rules
    moves(server)
    assert len(server.chat.rooms["hall"].sanctions) == held
