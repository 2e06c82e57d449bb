"""Of an inbox whose owner is away nobody has more than a share, and of those who wait nobody pushes out the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatcore.records import RULES, SHARES_WHAT_IS_LEFT
from tests.unit.chat.test_shares import ELSEWHERE, PASSWORD, TOKEN, a_server, copy_of, rows
from tests.unit.playbook import Client, Server


@pytest.fixture
def away() -> Callable[..., Server]:
    """Return what makes a server on which teacher is away, whose inbox takes eight messages."""

    def make(rules: int = RULES) -> Server:
        server = a_server(rules, inbox_messages=8)
        teacher = server.login("teacher")
        teacher.ask("register", password=PASSWORD)
        teacher.ask("logout")
        return server

    return make


def fill(sender: Client, most: int = 20) -> int:
    """Write as much to teacher as is taken, and return how many messages that are."""
    return next(
        (count for count in range(most) if sender.ask("send_direct", to=["teacher"], text="x")["type"] == "error"), most
    )


def test_whoever_has_filled_a_quarter_of_an_inbox_is_refused_and_others_are_not(away: Callable[..., Server]) -> None:
    """The operator in no case, before it is full for all."""
    server = away()
    junk = server.login("junk")
    assert fill(junk) == 2
    answer = junk.ask("send_direct", to=["teacher"], text="x")
    assert (answer["code"], answer["values"]) == ("inbox_full", {"what": "share", "name": "teacher", "messages": 2})
    assert "others may still write" in answer["message"]
    ruth = server.login("ruth")
    ruth.ask("register", password=PASSWORD)
    assert fill(ruth) == 2
    assert fill(server.login("far", address=ELSEWHERE)) == 2
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    assert fill(boss) == 2
    assert boss.ask("send_direct", to=["teacher"], text="x")["values"] == {"name": "teacher", "messages": 8}
    back = server.login("teacher", password=PASSWORD, settled=False)
    assert len(back.take("direct")) == 8


def test_guest_who_logs_in_again_has_no_other_share(away: Callable[..., Server]) -> None:
    server = away()
    assert [fill(server.login(f"junk{number}")) for number in range(4)] == [2, 0, 0, 0]
    assert fill(server.login("far", address=ELSEWHERE)) == 2


def test_accounts_of_one_network_fill_no_more_than_half(away: Callable[..., Server]) -> None:
    server = away()
    filled = []
    for number in range(4):
        user = server.login(f"user{number}")
        user.ask("register", password=PASSWORD)
        filled.append(fill(user))
    assert filled == [2, 2, 0, 0]
    assert fill(server.login("far", address=ELSEWHERE)) == 2


def test_users_without_a_network_address_have_a_share_each(away: Callable[..., Server]) -> None:
    server = away()
    assert [fill(server.login(f"user{number}", address="a pipe")) for number in range(3)] == [2, 2, 2]


@pytest.mark.parametrize("resumes", [True, False])
def test_shares_are_free_again_when_the_owner_was_there(away: Callable[..., Server], resumes: bool) -> None:
    """Whatever comes while the owner is there counts for nothing."""
    server = away()
    junk = server.login("junk")
    assert fill(junk) == 2
    teacher = server.login("teacher", password=PASSWORD)
    assert fill(junk, 5) == 5
    teacher.ask("list_rooms")
    if resumes:
        teacher.drop()
        assert fill(junk) == 2
        teacher = server.login("teacher", token=teacher.token)
        teacher.ask("list_rooms")
    teacher.ask("logout")
    assert fill(junk) == 2


def test_inbox_is_not_filled_while_the_session_of_its_owner_waits_for_a_connection(away: Callable[..., Server]) -> None:
    """Else it was full for all when the grace period is over."""
    server = away()
    teacher = server.login("teacher", password=PASSWORD)
    teacher.ask("list_rooms")
    teacher.drop()
    assert fill(server.login("junk")) == 2
    server.advance(61.0)
    assert fill(server.login("far", address=ELSEWHERE)) == 2


def test_owner_who_identifies_has_what_waits_and_others_their_shares(away: Callable[..., Server]) -> None:
    server = away()
    junk = server.login("junk")
    assert fill(junk) == 2
    guest = server.login("guest")
    guest.ask("identify", account="teacher", password=PASSWORD)
    guest.ask("list_rooms")
    guest.ask("logout")
    assert fill(junk) == 2


def test_journal_of_before_let_anybody_fill_an_inbox(away: Callable[..., Server]) -> None:
    server = away(SHARES_WHAT_IS_LEFT - 1)
    assert fill(server.login("junk")) == 8
    teacher = server.login("teacher", password=PASSWORD)
    teacher.drop()
    assert fill(server.login("far", address=ELSEWHERE)) == 20


def test_snapshot_says_whose_messages_wait(away: Callable[..., Server]) -> None:
    server = away()
    fill(server.login("junk"))
    fill(server.login("far", address=ELSEWHERE))
    copy = copy_of(server)
    assert rows(copy) == rows(server.chat)
    assert copy.state.accounts["teacher"].waiting == server.chat.state.accounts["teacher"].waiting != {}


# Who waits for another connection.


def loses(server: Server, name: str, *, after: float = 0.0, room: str = "", account: bool = False) -> Client:
    """Let somebody come, have something, and lose the connection."""
    user = server.login(name)
    user.ask("list_rooms")
    if account:
        user.ask("register", password=PASSWORD)
    if room:
        user.ask("create_room", room=room)
    server.advance(after)
    user.drop()
    return user


def test_logins_and_losses_of_a_pupil_end_nobody_who_was_there_before() -> None:
    """At the same address: whoever has a role, an account, or was there for longer, waits on."""
    server = Server(connections_per_address=4)
    owner = loses(server, "owner", room="class")
    loses(server, "ruth", account=True)
    loses(server, "long", after=5.0)
    for number in range(20):
        loses(server, f"pupil{number}", after=0.1)
    assert {"owner", "ruth", "long"} < set(server.users())
    assert len(server.users()) == 4
    back = server.login("owner", token=owner.token)
    assert back.welcome["resumed"] is True
    assert back.ask("join_room", room="class")["role"] == "owner"


def test_of_those_with_a_role_whoever_was_there_the_shortest_time_goes() -> None:
    server = Server(connections_per_address=4)
    loses(server, "owner", room="class", after=5.0)
    for number in range(20):
        loses(server, f"pupil{number}", room=f"room{number}")
    assert "owner" in server.users()
    assert len(server.users()) == 4


def test_journal_of_before_ended_the_session_whose_time_was_over_first() -> None:
    server = a_server(SHARES_WHAT_IS_LEFT - 1)
    server.chat.state.allow(server.limits.model_copy(update={"connections_per_address": 4}))
    loses(server, "owner", room="class")
    for number in range(4):
        loses(server, f"pupil{number}", after=0.1)
    assert sorted(server.users()) == [f"pupil{number}" for number in range(4)]
