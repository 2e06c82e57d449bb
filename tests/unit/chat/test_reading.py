"""How far users have read, and what mentions them elsewhere: told at the login, on entering, and as it changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatcore.chat.kept.model import MOST_MENTIONS
from chatcore.chat.kept.reading import named_in
from chatcore.chat.snapshot import dump, load
from chatcore.records import FINDS_EVERY_NAME, HaveRead
from tests.unit.playbook import Client, Frame, Server


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server()
    yield server
    assert server.mistakes() == []


def away(server: Server) -> tuple[Client, Client]:
    """Return somebody in the lobby, and somebody who was there and is elsewhere now."""
    ana, ben = server.logins("ana", "ben")
    ben.ask("create_room", room="elsewhere")
    return ana, ben


def line(room: str, read: int, unread: int, mentions: int = 0) -> Frame:
    return {"room": room, "read": read, "unread": unread, "mentions": mentions}


def test_a_mention_elsewhere_is_told_with_what_is_unread_there(server: Server) -> None:
    ana, ben = away(server)
    ana.ask("send_message", text="nothing for anybody")
    assert ben.take("unread") == []
    ana.ask("send_message", text="Ben, are you there?")
    assert ben.take("unread") == [{"type": "unread", "rooms": [line("lobby", 0, 2, 1)]}]


def test_mentions_are_told_once_a_second_however_many_there_are(server: Server) -> None:
    ana, ben = away(server)
    for number in range(1, 6):
        ana.ask("send_message", text=f"@ben {number}")
    assert ben.take("unread") == [{"type": "unread", "rooms": [line("lobby", 0, 1, 1)]}]
    server.advance(1.0)
    assert ben.take("unread") == [{"type": "unread", "rooms": [line("lobby", 0, 5, 5)]}]
    server.advance(5.0)
    assert ben.take("unread") == []


@pytest.mark.parametrize("text", ["bento", "a ben-hur film", "under_ben", "Benedict", "ana"])
def test_a_name_inside_another_word_and_one_s_own_name_are_no_mention(server: Server, text: str) -> None:
    ana, ben = away(server)
    ana.ask("send_message", text=text)
    server.advance(1.0)
    assert ben.take("unread") + ana.take("unread") == []


@pytest.mark.parametrize("text", ["ben", "BEN!", "(ben)", "hi @ben, look", "ana and ben."])
def test_a_name_as_a_word_of_its_own_is_a_mention_in_a_small_room_and_in_a_large_one(text: str) -> None:
    names = ["ben", *(f"user{number}" for number in range(100))]
    assert named_in(text, names) == named_in(text, names[:2]) == ["ben"]


@pytest.mark.parametrize(("rules", "found"), [(FINDS_EVERY_NAME, ["ΰλη"]), (FINDS_EVERY_NAME - 1, ["υ"])])
def test_a_name_with_a_letter_that_case_folding_takes_apart_is_mentioned(rules: int, found: list[str]) -> None:
    """In a journal of before it is not, but the letter in front of what was its marks."""
    assert list(named_in("ΰλη!", ["ΰλη", "υ"], rules)) == found


def test_entering_a_room_again_says_where_to_read_on(server: Server) -> None:
    ana, ben = away(server)
    for text in ("one", "ben: two", "three"):
        ana.ask("send_message", text=text)
    assert ben.ask("join_room", room="lobby")["unread"] == line("lobby", 0, 3, 1)
    assert ben.ask("read", seq=2)["type"] == "ok"
    ben.ask("join_room", room="elsewhere")
    assert ben.ask("join_room", room="lobby")["unread"] == line("lobby", 2, 1)


def test_messages_count_as_they_were_said(server: Server) -> None:
    """What is made of them later changes nothing of how many are unread, and mention somebody."""
    ana, ben = away(server)
    for text in ("ben: one", "ben: two", "three"):
        ana.ask("send_message", text=text)
    assert ana.ask("delete_message", room="lobby", seq=1)["type"] == "ok"
    assert ana.ask("edit_message", room="lobby", seq=2, text="for nobody")["type"] == "ok"
    assert ana.ask("edit_message", room="lobby", seq=3, text="for ben")["type"] == "ok"
    assert ben.ask("join_room", room="lobby")["unread"] == line("lobby", 0, 3, 2)


def test_what_was_said_before_a_room_was_first_entered_counts_as_read(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="before ben came")
    assert server.login("ben").welcome["unread"] == [line("lobby", 1, 0)]


def test_what_one_says_oneself_is_read(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="one")
    ana.ask("send_message", text="ana")
    ben.ask("send_message", text="two")
    ana.ask("send_message", text="not seen what ben said yet")
    ana.ask("create_room", room="elsewhere")
    assert ana.ask("join_room", room="lobby")["unread"] == line("lobby", 2, 2)


def test_reading_never_goes_back_and_not_beyond_the_end(server: Server) -> None:
    ana, ben = away(server)
    ana.ask("send_message", text="one")
    for seq in (9, 0):
        ben.ask("read", room="lobby", seq=seq)
        assert ben.ask("join_room", room="lobby")["unread"] == line("lobby", 1, 0)
        ben.ask("leave_room")


def test_another_program_of_the_user_is_told_at_its_login(server: Server) -> None:
    ana, ben = away(server)
    for text in ("one", "two for ben"):
        ana.ask("send_message", text=text)
    ben.ask("read", room="lobby", seq=1)
    other = server.login("ben", client=ben.welcome["client"], token=ben.token)
    assert other.welcome["unread"] == [line("lobby", 1, 1, 1), line("elsewhere", 0, 0)]


def test_a_room_that_was_never_entered_can_be_read(server: Server) -> None:
    ana, ben = away(server)
    ben.ask("send_message", text="in private")
    assert ana.ask("read", room="elsewhere", seq=1)["type"] == "ok"
    server.advance(2.0)
    ben.ask("send_message", text="ana?")
    assert ana.take("unread") == [{"type": "unread", "rooms": [line("elsewhere", 1, 1, 1)]}]


def test_rooms_that_are_not_there_or_closed_to_the_user_are_not_read(server: Server) -> None:
    ana, ben = away(server)
    ben.ask("set_private", private=True)
    assert ana.refused("read", room="elsewhere", seq=1) == "room_private"
    assert ana.refused("read", room="nowhere", seq=1) == "no_such_room"


def test_reading_is_told_to_the_journal_once_for_all_that_came_in_two_seconds(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    for seq in range(1, 21):
        ben.ask("send_message", text=str(seq))
        ana.ask("read", seq=seq)
    before = server.chat.records
    server.advance(2.0)
    assert server.chat.records == before + 1


def test_reading_is_known_after_the_connection_is_lost(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ben.ask("send_message", text="one")
    ana.ask("read", seq=1)
    ana.drop()
    ben.ask("send_message", text="ana?")
    back = server.login("ana", client=ana.welcome["client"], token=ana.token)
    assert back.welcome["unread"] == [line("lobby", 1, 1, 1)]


def test_who_has_another_name_is_mentioned_by_that_one(server: Server) -> None:
    ana, ben = away(server)
    ben.ask("rename", username="robert")
    ana.ask("send_message", text="ben?")
    ana.ask("send_message", text="robert!")
    server.advance(1.0)
    assert ben.take("unread")[-1]["rooms"] == [line("lobby", 0, 2, 1)]


def test_nothing_is_left_of_a_session_that_is_over_and_of_a_room_that_is_gone(server: Server) -> None:
    _ana, ben = away(server)
    ben.ask("leave_room")
    assert server.chat.state.reading.places["#3"].keys() == {server.chat.rooms["lobby"]}
    ben.ask("logout")
    assert list(server.chat.rooms["lobby"].readers) == ["ana"]
    assert len(server.chat.state.reading.places) == 1


@pytest.mark.unmeasured
def test_of_very_many_rooms_that_of_the_longest_time_ago_is_not_followed_any_more(server: Server) -> None:
    keeper, ben = server.logins("keeper", "ben")
    for number in range(70):
        keeper.ask("create_room", room=f"room{number}")
        other = server.login(f"other{number}")
        other.ask("join_room", room=f"room{number}")
        ben.ask("join_room", room=f"room{number}")
    ben.ask("leave_room")
    rooms = {room.name for room in server.chat.state.reading.places[server.chat.users["ben"].person]}
    assert len(rooms) == 64
    assert "room0" not in rooms
    assert {"lobby", "room69"} <= rooms


def test_no_more_mentions_are_counted_than_fit_on_a_badge(server: Server) -> None:
    ana, ben = away(server)
    for _ in range(MOST_MENTIONS + 6):
        ana.ask("send_message", text="ben")
    assert ben.ask("join_room", room="lobby")["unread"] == line("lobby", 0, 105, MOST_MENTIONS)
    ben.ask("read", seq=104)
    ben.ask("leave_room")
    assert len(server.chat.rooms["lobby"].readers["ben"].mentions) == 1


def test_a_text_that_mentions_very_many_is_told_to_a_few_of_them() -> None:
    names = [f"user{number}" for number in range(100)]
    assert named_in(" ".join(names), names) == names[:20]
    assert named_in("x" * 4000 + " user1", names) == []


def test_a_slow_reader_hears_of_mentions_elsewhere_once_it_reads_again(server: Server) -> None:
    ana, ben = away(server)
    carl = server.login("carl")
    carl.ask("join_room", room="elsewhere")
    ben.link.stops_reading()
    while ben.connection.behind is None:
        carl.ask("send_message", text="x" * 5000)
    ana.ask("send_message", text="ben?")
    server.advance(1.0)
    ben.link.reads_again()
    server.advance(1.0)
    assert ben.take("unread")[-1]["rooms"] == [line("lobby", 0, 1, 1)]


def test_a_snapshot_knows_how_far_everybody_has_read(server: Server) -> None:
    ana, ben = away(server)
    ana.ask("send_message", text="one")
    ana.ask("send_message", text="ben?")
    ben.ask("read", room="lobby", seq=1)
    server.advance(2.0)
    rows = list(dump(server.chat))
    again = Server(late=True)
    load(again.chat, rows)
    place = again.chat.rooms["lobby"].readers["ben"]
    assert (place.seq, place.mentions) == (1, (2,))
    assert list(dump(again.chat)) == rows


def test_reading_of_rooms_and_connections_that_are_gone_changes_nothing(server: Server) -> None:
    _ana, ben = away(server)
    number = ben.connection.number
    server.switchboard._proposals.add(HaveRead(((number, "nowhere", 1), (99, "lobby", 1))))
    assert ben.ask("join_room", room="lobby")["unread"] == line("lobby", 0, 0)


def test_mention_in_a_room_that_is_gone_by_now_is_told_to_nobody(server: Server) -> None:
    """The one beside it, in a room that is still there, is told all the same."""
    ana, ben = away(server)
    cleo = server.login("cleo")
    ben.ask("create_room", room="brief")
    cleo.ask("join_room", room="brief")
    ben.ask("join_room", room="lobby")
    ben.ask("create_room", room="elsewhere")
    server.advance(1.0)
    ana.ask("send_message", text="@ben 1")
    assert ben.take("unread") == [{"type": "unread", "rooms": [line("lobby", 0, 1, 1)]}]
    cleo.ask("send_message", text="@ben, I am off")
    ana.ask("send_message", text="@ben 2")
    cleo.ask("leave_room")
    server.advance(1.0)
    assert ben.take("unread") == [{"type": "unread", "rooms": [line("lobby", 0, 2, 2)]}]
