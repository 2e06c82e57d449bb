"""What a client's numbers are worth, to the client and to strangers: what was sent once counts once, and nobody else
can use up, or look up, what comes next.
"""

from __future__ import annotations

import json

import pytest

from tests.unit.playbook import Client, Server

SECRET = "alices-own-program-id"


def told_to(client: Client) -> str:
    """Return everything that came on a client's link, as text."""
    return json.dumps([client.welcome, *client.take()])


@pytest.fixture
def server() -> Server:
    """Return a server that tells addresses, so that it tells all it ever tells."""
    return Server(lists_address=True)


@pytest.mark.parametrize("end", ["logout", "grace"])
def test_a_stranger_with_the_client_id_counts_for_itself(server: Server, end: str) -> None:
    """Whatever is sent under it, its owner goes on where it was, with its last token."""
    alice = server.login("alice", client=SECRET)
    first = alice.ask("send_message", text="mine", cid=1)
    alice.ask("logout") if end == "logout" else alice.drop()
    server.advance(61.0)
    for name in ("mallory", "alice"):
        stranger = server.login(name, client=SECRET)
        assert stranger.welcome["cid"] == 0
        for cid in (1, 2, 3):
            assert stranger.ask("send_message", text="poison", cid=cid)["cid"] == cid
        stranger.ask("logout")
    again = server.login("alice", client=SECRET, token=alice.token)
    assert (again.welcome["client"], again.welcome["cid"]) == (SECRET, 1)
    assert again.ask("send_message", text="mine", cid=1) == {"type": "ok", "cid": 1}
    second = again.ask("send_message", text="mine too", cid=2)
    assert second["seq"] == first["seq"] + 7


@pytest.mark.parametrize("token", [None, "", "x", ".", "guessed.secret", "a-guess-of-16-characters", "x."])
def test_a_stranger_does_not_get_the_numbers_of_a_living_session(server: Server, token: str | None) -> None:
    """Without the token it gets another client id, and neither the session nor its numbers notice."""
    alice = server.login("alice", client=SECRET)
    alice.ask("send_message", text="mine", cid=1)
    stranger = server.login("mallory", client=SECRET, token=token)
    assert stranger.welcome["client"] != SECRET
    assert stranger.welcome["cid"] == 0
    stranger.ask("send_message", text="poison", cid=1)
    assert server.connect().refused("login", username="alice", client=SECRET, token=token) == "name_taken"
    assert alice.ask("send_message", text="mine", cid=1)["seq"] == 1
    assert alice.ask("send_message", text="more", cid=2)["seq"] == 3
    alice.drop()
    again = server.login("alice", client=SECRET, token=alice.token)
    assert (again.welcome["resumed"], again.welcome["cid"]) == (True, 2)


def test_a_stranger_who_was_there_first_does_not_keep_the_owner_from_its_numbers(server: Server) -> None:
    """To sit on a client id while its owner is away is of no use."""
    alice = server.login("alice", client=SECRET)
    alice.ask("send_message", text="mine", cid=1)
    alice.ask("logout")
    stranger = server.login("mallory", client=SECRET)
    again = server.login("alice", client=SECRET, token=alice.token)
    assert (again.welcome["client"], again.welcome["cid"]) == (SECRET, 1)
    stranger.ask("logout")
    assert again.ask("send_message", text="on", cid=2)["cid"] == 2
    again.ask("logout")
    assert server.login("alice", client=SECRET, token=again.token).welcome["cid"] == 2
    assert server.login("bob", client=SECRET).welcome["client"] != SECRET


def test_a_client_may_bring_a_secret_of_its_own(server: Server) -> None:
    """Its first token is none of a session; a stranger with another one counts for itself, even while it is there."""
    mine, other = f".{'m' * 16}", f".{'o' * 16}"
    alice = server.login("alice", client=SECRET, token=mine)
    alice.ask("send_message", text="mine", cid=1)
    stranger = server.login("mallory", client=SECRET, token=other)
    assert (stranger.welcome["cid"], stranger.welcome["resumed"]) == (0, False)
    stranger.ask("send_message", text="poison", cid=1)
    assert alice.ask("send_message", text="mine", cid=1)["seq"] == 1
    for client in (alice, stranger):
        client.ask("logout")
    assert server.login("alice", client=SECRET, token=mine).welcome["cid"] == 1


def test_an_earlier_token_goes_on_counting_but_resumes_nothing(server: Server) -> None:
    """A client may come back after many sessions, with the last token that reached it."""
    alice = server.login("alice", client=SECRET)
    for cid in range(1, 4):
        alice.ask("send_message", text="mine", cid=cid)
        alice.ask("logout")
        alice = server.login("alice", client=SECRET, token=alice.token)
        assert (alice.welcome["resumed"], alice.welcome["cid"]) == (False, cid)


def test_two_programs_never_count_together(server: Server) -> None:
    """The second one with the same client id and token, under another name, counts for itself."""
    alice = server.login("alice", client=SECRET)
    alice.ask("send_message", text="mine", cid=1)
    alice.ask("logout")
    first = server.login("alice", client=SECRET, token=alice.token)
    second = server.login("bob", client=SECRET, token=alice.token)
    assert (first.welcome["cid"], second.welcome["cid"]) == (1, 0)
    assert second.welcome["client"] != SECRET
    assert first.ask("send_message", text="two", cid=2)["cid"] == 2
    assert second.ask("send_message", text="one", cid=1)["cid"] == 1


def test_a_login_that_is_not_the_same_again_does_not_take_an_unused_session(server: Server) -> None:
    """It has to have the token that the login had which began it: a stranger with the client id alone has not."""
    alice = server.login("alice", client=SECRET)
    alice.ask("send_message", text="mine", cid=1)
    alice.ask("logout")
    lost = server.login("alice", client=SECRET, token=alice.token)
    assert server.connect().refused("login", username="alice", client=SECRET) == "name_taken"
    again = server.login("alice", client=SECRET, token=alice.token)
    assert again.welcome["cid"] == 1
    assert server.login("alice", token=again.token).welcome["resumed"] is True
    assert server.connect().refused("login", username="alice", token=lost.token) == "name_taken"


def test_the_client_id_alone_takes_no_session_whose_welcome_must_have_arrived(server: Server) -> None:
    """A dead connection is noticed within the keepalive time; a reader that says nothing keeps its session."""
    alice = server.login("alice", client=SECRET)
    server.advance(15.1)
    assert server.connect().refused("login", username="alice", client=SECRET) == "name_taken"
    alice.drop()
    assert server.connect().refused("login", username="alice", client=SECRET) == "name_taken"
    assert server.login("alice", client=SECRET, token=alice.token).welcome["resumed"] is True


@pytest.mark.unmeasured
def test_a_client_that_is_there_is_not_forgotten_however_many_come_and_go() -> None:
    """Its repeated send is answered with the old seq, and stored once."""
    server = Server(total_log_bytes=300_000, connections_per_address=0)
    alice = server.login("alice", client=SECRET)
    assert alice.ask("send_message", text="once", cid=1)["seq"] == 1
    for number in range(400):
        stranger = server.login(f"s{number}", client=f"stranger-number-{number}")
        assert stranger.refused("send_direct", to="nobody", text="x", cid=1) == "no_such_user"
        stranger.ask("logout") if number % 2 else stranger.drop()
        server.advance(0.5)
    alice.take()
    assert alice.ask("send_message", text="once", cid=1)["seq"] == 1
    assert alice.ask("send_message", text="twice", cid=2)["seq"] == 2
    alice.drop()
    again = server.login("alice", client=SECRET, token=alice.token)
    assert again.ask("send_message", text="twice", cid=2)["seq"] == 2
    assert server.log.bytes <= 300_000


@pytest.mark.unmeasured
def test_clients_that_number_and_leave_take_what_they_may() -> None:
    """Sixty-four sends each and a logout: what is left of a client is its last number."""
    server = Server(total_log_bytes=2_000_000)
    for number in range(100):
        client = server.login(f"s{number}", client=f"stranger-number-{number}")
        for cid in range(1, 65):
            client.say("send_message", text="x", cid=cid)
        client.ask("logout")
    assert server.log.bytes <= 2_000_000
    assert server.log.mark_bytes <= 100 * 400
    assert (server.chat.state.numbers, server.chat.state.clients) == ({}, {})


def test_a_refused_send_stays_refused_after_the_session(server: Server) -> None:
    """`ok` would say that it counted."""
    alice = server.login("alice", client=SECRET)
    assert alice.refused("send_direct", to="nobody", text="x", cid=1) == "no_such_user"
    alice.ask("send_message", text="said", cid=2)
    alice.drop()
    server.advance(61.0)
    again = server.login("alice", client=SECRET, token=alice.token)
    assert again.refused("send_direct", to="nobody", text="x", cid=1) == "no_such_user"
    assert again.ask("send_message", text="said", cid=2) == {"type": "ok", "cid": 2}


def test_no_secret_of_a_client_is_told_to_anybody_else(server: Server) -> None:
    """Neither the client id nor the token nor what is made of them: not in copies, histories, lists or records."""
    alice = server.login("alice", client=SECRET)
    bob = server.login("bob")
    alice.ask("send_message", text="to all", cid=1)
    alice.ask("send_direct", to="bob", text="to bob", cid=2)
    alice.ask("broadcast", text="to everyone", cid=3)
    alice.ask("rename", username="al")
    for log in ("lobby", "@", "*"):
        bob.ask("history", room=log, after=0)
        bob.say("history", room=log, after=0)
    bob.say("whois", username="al")
    bob.say("list_users")
    bob.drop()
    again = server.login("bob", settled=False, token=bob.token)
    heard = told_to(bob) + told_to(again)
    assert "to bob" in heard
    secrets = [SECRET, alice.token, alice.token.rpartition(".")[2], server.chat.users["al"].numbers]
    for text in (heard, repr(server.records)):
        assert not [secret for secret in secrets if f'"{secret}"' in text or f"'{secret}'" in text]
    assert '"cid": 1' not in heard


def test_what_is_shown_of_users_and_rooms_has_no_secret_of_theirs() -> None:
    """Whoever prints what a server has, to look at it, publishes nobody's client id, nor a hash of a token."""
    server = Server()
    alice = server.login("alice", client="client-id-of-alice")
    server.login("bob", client="client-id-of-bob")
    alice.ask("create_room", room="den")
    alice.ask("ban", username="bob")
    (session,) = [user for user in server.chat.users.values() if user.name == "alice"]
    shown = "".join(map(repr, (*server.chat.users.values(), *server.chat.rooms.values())))
    for secret in (session.client, session.token, alice.token, "client-id-of-bob"):
        assert secret
        assert secret not in shown
