"""Events as lines for people and for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from chatcore import events as e
from chatcore.commands import Position, Search
from chatcore.errors import ConnectionFailed, RequestRefused, Sentence
from chatcore.events import BansListed, BanSummary, Reaction, ReactionChanged, RoomModerated
from chatcore.events import files as f
from chatcore.ports.transport import Lost, LostReason
from chatcore.text.reasons import lost_sentence
from chatcore_cli.chatting.showing.files import progress_text
from chatcore_cli.chatting.showing.json_lines import json_line
from chatcore_cli.chatting.showing.moments import moment_text
from chatcore_cli.chatting.showing.render import INDENT, ONLY_GOODBYE, Renderer, plain_message
from chatcore_cli.chatting.terminal.pages import SearchPages
from chatcore_cli.chatting.terminal.wrap import wrapped
from chatcore_cli.saying import texts
from chatcore_cli.saying.refusals import reason

AT = 7 * 3600 + 8 * 60  # 07:08 UTC
EVIL = "hi\x1b[31m\x07\r\n07:09 bob: pay me\x85\u2028\u202e!"
STEERING = set(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F)])) - {
    "\n",
    "\t",
}


def shown(event: e.ClientEvent, me: str = "alice") -> list[str]:
    renderer = Renderer(UTC)
    renderer.me = me
    return ["".join(text for _style, text in line) for line in renderer.lines(event)]


def message(text: str, sender: str = "bob") -> e.MessagePosted:
    return e.MessagePosted(seq=1, sender=sender, text=text, at=AT, room="lobby")


def moderated(act: str, **more: Any) -> RoomModerated:
    return RoomModerated(room="lobby", act=act, by="bob", **more)


def welcomed(**more: Any) -> e.Welcomed:
    fields: dict[str, Any] = {
        "username": "alice",
        "room": "lobby",
        "token": "secret",
        "client": "c",
        "cid": 0,
        "position": Position("e", 5),
        "positions": {},
        "rooms": (e.RoomSummary("lobby", 1, 5),),
        "rooms_count": 1,
        "users": ("alice",),
        "users_count": 1,
    }
    return e.Welcomed(**(fields | more))


def test_message_is_shown_with_time_and_name() -> None:
    """What somebody said is one line."""
    assert shown(message("hello")) == ["07:08 bob: hello"]


def test_time_that_no_clock_shows_is_left_open() -> None:
    """Some dialect of somebody's may say one."""
    event = e.MessagePosted(seq=1, sender="bob", text="hello", at=1e18, room="lobby")
    assert shown(event) == ["? bob: hello"]
    assert moment_text(1e18) == "?"


def test_direct_message_is_shown_with_its_receivers() -> None:
    """One sees who else got it."""
    event = e.DirectPosted(seq=1, sender="bob", text="psst", at=AT, to=("alice", "carol"))
    assert shown(event) == ["07:08 bob -> alice, carol: psst"]
    assert plain_message(event) == "bob -> alice,carol: psst"


@pytest.mark.parametrize(
    ("read", "unread", "lines"),
    [
        (3, 0, ["one", "two", "three"]),
        (0, 0, ["one", "two", "three"]),
        (2, 1, ["one", "two", "* New messages:", "three"]),
        (0, 3, ["* New messages:", "one", "two", "three"]),
        (0, 40, ["* New messages; there are 37 more before these (/history 40):", "one", "two", "three"]),
    ],
)
def test_of_a_room_that_is_entered_the_unread_messages_are_set_apart(read: int, unread: int, lines: list[str]) -> None:
    said = [replace(message(text), seq=seq) for seq, text in enumerate(("one", "two", "three"), 1)]
    recalled = Renderer(UTC).recalled(said, read, unread)
    assert ["".join(text for _style, text in line).rpartition("bob: ")[2] for line in recalled] == lines


def test_broadcast_is_shown_as_said_to_everyone() -> None:
    """It did not come from the room."""
    event = e.BroadcastPosted(seq=1, sender="bob", text="lunch!", at=AT)
    assert shown(event) == ["07:08 bob -> everyone: lunch!"]
    assert plain_message(event) == "bob -> *: lunch!"


def test_message_of_several_lines_that_was_not_sent_is_shown_in_its_lines() -> None:
    line = Renderer(UTC).not_sent("one\ntwo \x1b[2J", "too fast")
    assert "".join(text for _style, text in line) == f"! Not sent: one\n{INDENT}two \\x1b[2J (too fast)"


@pytest.mark.parametrize(
    ("event", "first"),
    [
        (moderated("edit_message", value=1, text="one\n* two\n"), "* bob changed a message: one"),
        (moderated("set_topic", value="one\n* two"), "* bob changed the topic of lobby: one"),
        (moderated("kick", target="carol", reason="one\n* two"), "* bob put carol out of lobby: one"),
        (
            BansListed(
                "lobby", (BanSummary(number=1, username="carol", act="ban", by="bob", at=AT, reason="one\n* two"),)
            ),
            "* carol is banned, by bob: one",
        ),
    ],
)
def test_words_of_several_lines_in_what_is_told_stand_in_their_lines(event: e.ClientEvent, first: str) -> None:
    assert shown(event) == [f"{first}\n{INDENT}* two."]


def test_topic_of_several_lines_stands_in_its_lines() -> None:
    entered = e.RoomEntered(room="py", position=Position("e", 0), users=("alice",), users_count=1, topic="one\n* two")
    assert shown(entered)[1:] == [f"* The topic of py: one\n{INDENT}* two"]


def test_message_of_several_lines_cannot_pass_for_several_messages() -> None:
    """Every line but the first is indented, for people and for programs."""
    event = message("one\n07:09 carol: two\nbob: three")
    assert shown(event) == ["07:08 bob: one\n      07:09 carol: two\n      bob: three"]
    assert plain_message(event) == "bob: one\n  07:09 carol: two\n  bob: three"


@given(st.text())
def test_nothing_that_a_peer_writes_can_steer_the_terminal(text: str) -> None:
    """Whatever stands in names, texts, rooms and reasons comes out without control characters."""
    hostile = text + EVIL
    events: list[e.ClientEvent] = [
        message(hostile, sender=hostile),
        e.DirectPosted(seq=1, sender=hostile, text=hostile, at=AT, to=(hostile,)),
        e.BroadcastPosted(seq=1, sender=hostile, text=hostile, at=AT),
        e.PresenceChanged(hostile, (hostile,), (hostile,), 1),
        e.UserRenamed(hostile, hostile),
        e.GapFound(hostile, "e", 1, 2),
        e.RoomEntered(room=hostile, position=Position("e", 0), users=(hostile,), users_count=9),
        e.RoomsListed((e.RoomSummary(hostile, 1, 1),)),
        e.UsersListed((e.UserSummary(hostile, hostile),)),
        e.UserDescribed(
            username=hostile,
            room=hostile,
            since=AT,
            idle=1,
            transport=hostile,
            dialect=hostile,
            connected=True,
            address=hostile,
        ),
        e.Refused(hostile, hostile),
        e.Dismissed(hostile, hostile),
        e.ConnectionLost(hostile, 1.0, 1),
    ]
    for event in events:
        for line in shown(event):
            assert not STEERING & set(line)
            first, *rest = line.split("\n")
            assert all(row.startswith(INDENT) for row in rest), (event, first)
        assert json_line(event).isascii()


def test_name_of_a_room_hides_nothing_where_one_is() -> None:
    entered = e.RoomEntered(room="py\u200b", position=Position("e", 0), users=("alice",), users_count=1)
    assert shown(entered) == [r"* You are in py\u200b, alone."]
    assert shown(e.HistoryRead("py\u200b", "e", ())) == [r"* Nothing was said in py\u200b yet."]


def test_presence_says_who_came_and_went_and_leaves_oneself_out() -> None:
    """One's own coming is no news."""
    event = e.PresenceChanged("lobby", ("alice", "dave", "eve"), ("bob",), 3)
    assert shown(event) == ["* dave, eve joined lobby.", "* bob left lobby."]


def test_long_list_of_names_is_cut() -> None:
    """A thousand people who join at once fill one line, not the screen."""
    event = e.PresenceChanged("lobby", tuple(f"u{n}" for n in range(1000)), (), 1000)
    (line,) = shown(event)
    assert line.endswith("u19 and 980 more joined lobby.")


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (e.GapFound("lobby", "e", 3, 3), "! 1 message of lobby is missing."),
        (e.GapFound("lobby", "e", 3, 40), "! 38 messages of lobby are missing."),
        (e.GapFound("lobby", "e", 1, 0), "! Messages of lobby may be missing: the server has lost the older ones."),
        (e.GapFound("@", "e", 1, 2), "! 2 direct messages are missing."),
        (e.GapFound("*", "e", 1, 2), "! 2 messages to everyone are missing."),
    ],
)
def test_gap_is_said(event: e.GapFound, text: str) -> None:
    """What cannot be replayed is not passed over in silence."""
    assert shown(event) == [text]


def test_lost_connection_is_said_once_and_not_for_every_try() -> None:
    """The first line says why and when the next try is; the toolbar says the rest."""
    lost = "! Connection lost: the peer vanished; trying again in 2 s."
    assert shown(e.ConnectionLost(lost_sentence(Lost(LostReason.VANISHED)), 1.4, 1)) == [lost]
    assert shown(e.ConnectionLost("nothing listens", 3.0, 2)) == []
    assert shown(e.ConnectionLost("it shows another key", 3.0, 3, stranger=True)) == [
        "! Not connected again: it shows another key. Nothing is sent there; trying until the right one answers."
    ]


@pytest.mark.parametrize(
    ("event", "last", "text"),
    [
        (welcomed(resumed=True), Position("e", 5), "* Back again; nothing was missed in lobby."),
        (welcomed(resumed=True), Position("e", 3), "* Back again; 2 messages were missed and follow."),
        (welcomed(resumed=True), Position("before", 3), "* Back again."),
        (welcomed(resumed=True, rooms=()), Position("e", 5), "* Back again."),
        (welcomed(resumed=False), Position("e", 5), "! Back again; the server does not know you from before"),
    ],
)
def test_return_says_whether_something_was_missed(event: e.Welcomed, last: Position, text: str) -> None:
    """After a lost connection one knows where one stands."""
    line = Renderer(UTC).welcome_back(event, last)[0]
    assert "".join(piece for _style, piece in line).startswith(text)


def test_return_to_another_room_says_which_one_the_user_is_no_longer_in() -> None:
    lines = Renderer(UTC).welcome_back(welcomed(resumed=True), None, "den")
    told = ["".join(text for _style, text in line) for line in lines]
    assert told == ["! Back again; you are no longer in den.", "* You are in lobby, with alice."]


def test_reason_of_a_lost_connection_is_not_said_twice() -> None:
    """When the server's goodbye has just told it."""
    renderer = Renderer(UTC)
    events = [
        e.Dismissed("shutting_down", "the server is shutting down", 1.0),
        e.ConnectionLost("the server is shutting down", 1.0, 1),
        e.ConnectionLost("the server is shutting down", 1.0, 1),
        e.Dismissed("shutting_down", ONLY_GOODBYE, 1.0),
        e.ConnectionLost(ONLY_GOODBYE, 1.0, 1),
    ]
    lines = [line for event in events for line in renderer.lines(event)]
    assert ["".join(text for _style, text in line) for line in lines] == [
        "! The server says goodbye: the server is shutting down.",
        "! Connection lost; trying again in 1 s.",
        "! Connection lost: the server is shutting down; trying again in 1 s.",
        "! The server says goodbye.",
        "! Connection lost; trying again in 1 s.",
    ]


@pytest.mark.parametrize(
    ("transport", "dialect", "how"),
    [
        ("quic", "chat", "by QUIC."),
        ("ws", "chat", "by WebSocket."),
        ("tcp", "simple-json", "by TCP, in the dialect simple-json."),
        ("pigeon", "chat", "by pigeon."),
    ],
)
def test_user_is_described_with_how_they_are_connected(transport: str, dialect: str, how: str) -> None:
    """In the words that people know; the dialect only where it is not the usual one."""
    event = e.UserDescribed(
        username="bob", room="lobby", since=AT, idle=5, transport=transport, dialect=dialect, connected=True
    )
    assert shown(event)[1] == f"* Quiet for 5 s, connected {how}"


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (e.TransportChosen("quic", "first", ""), "* Connected by QUIC, encrypted."),
        (
            e.TransportChosen("ws", "quic_silent", ""),
            "* Connected by WebSocket, not encrypted: QUIC gave no answer within half a second.",
        ),
    ],
)
def test_choice_of_the_transport_says_whether_it_is_encrypted(event: e.TransportChosen, text: str) -> None:
    """The address leaves that open."""
    assert shown(event) == [text]


def test_files_that_do_not_go_by_the_quickest_way_are_told_of_and_why() -> None:
    """Those that do need no word."""
    assert shown(f.WayChosen("wss", "second", "")) == []
    assert shown(f.WayChosen("quic", "unreachable", "nothing listens at [::1]:8765")) == [
        "* Files go over the connection of the chat, which may be slower: no second connection is possible "
        "(nothing listens at [::1]:8765)."
    ]
    assert shown(f.WayChosen("quic", "lost", "the server closed it")) == [
        "* Files go on over the connection of the chat, which may be slower: the second connection ended "
        "(the server closed it)."
    ]


def test_what_the_library_says_is_shown_in_the_language_of_the_user() -> None:
    """Why a connection ended, why QUIC did not work, and what this disk said; of another one, what its code means."""
    texts.use("fr")
    refused = ConnectionFailed(
        "nothing listens at {place} (is the server running, and is the port right?)", place="host:1"
    ).sentence
    full = Sentence("{path} cannot be written: {why}", path="x", why="No space left on device")
    try:
        assert shown(e.ConnectionLost(lost_sentence(Lost(LostReason.STALLED)), 1, 1)) == [
            "! Connexion perdue\xa0: plus rien ne passe\xa0; nouvel essai dans 1 s."
        ]
        assert (
            "(rien n’écoute à host:1 (le serveur est-il lancé, et le port est-il le bon\xa0?))"
            in shown(e.TransportChosen("ws", "quic_failed", refused))[0]
        )
        assert reason(RequestRefused("disk", full)) == "x ne peut pas être écrit\xa0: le disque est plein."
        assert reason(RequestRefused("disk", str(full))) == "L’autre côté ne peut pas lire ou écrire le fichier."
    finally:
        texts.use()
    assert reason(RequestRefused("disk", full)) == "x cannot be written: No space left on device."
    assert reason(RequestRefused("disk", str(full))) == "The other side cannot read or write the file."
    assert reason(RequestRefused("no_space", "/home/bob: full")) == "There is no space left for it there."


def test_token_is_not_in_the_json() -> None:
    """With the token another program could take the session over, and output ends up in files."""
    assert "secret" not in json_line(welcomed())


@pytest.mark.parametrize(
    ("event", "frame"),
    [
        (e.SendAcknowledged(3, None), {"type": "sent", "cid": 3}),
        (
            e.SendAcknowledged(3, message("hi")),
            {"type": "sent", "cid": 3, "log": "lobby", "seq": 1, "at": "1970-01-01T07:08:00.000Z"},
        ),
        (e.SendRefused(4, "too_large", "no"), {"type": "not_sent", "cid": 4, "code": "too_large", "message": "no"}),
        (
            e.ConnectionLost("gone", 1.5, 2),
            {"type": "connection_lost", "reason": "gone", "retry_in": 1.5, "attempt": 2, "stranger": False},
        ),
        (
            message("é\n"),
            {
                "type": "message",
                "room": "lobby",
                "seq": 1,
                "from": "bob",
                "text": "é\n",
                "at": "1970-01-01T07:08:00.000Z",
            },
        ),
    ],
)
def test_json_has_the_frames_of_the_protocol_and_three_of_our_own(event: e.ClientEvent, frame: dict[str, Any]) -> None:
    """Programs find the names that docs/protocol describes."""
    line = json_line(event)
    assert json.loads(line) == frame
    assert line.count("\n") == 1


def test_json_steers_no_terminal() -> None:
    """It is ASCII without controls, and says the same."""
    text = "".join(map(chr, range(0xA0))) + "\u202e\u2028\u200f"
    line = json_line(message(text))
    assert line.removesuffix("\n").isascii()
    assert line.removesuffix("\n").isprintable()
    assert json.loads(line)["text"] == text


def test_long_name_of_a_file_from_right_to_left_is_cut_and_isolated_all_the_same() -> None:
    """In the toolbar, where there is little room."""
    status = f.FileProgressed(
        file="1", user="bob", name="ש" * 60, size=10, done=5, sending=True, rate=0.0, left=None, state="paused"
    )
    assert progress_text(status).startswith(f"↑ \u2068{'ש' * 23}…\u2069 50 %")


@given(st.text(st.characters() | st.sampled_from("\u05d0\u2067\u2069\t "), max_size=300), st.integers(3, 100))
def test_wrapped_line_fits_and_only_its_first_row_begins_at_the_edge(text: str, columns: int) -> None:
    """A long line cannot be laid out so that its rest looks like another message."""
    lines = Renderer(UTC).lines(message(text))
    rows = "".join(piece for _style, piece in wrapped(lines[0], columns, get_cwidth)).split("\n")
    assert all(row.startswith(INDENT if columns >= 26 else " ") for row in rows[1:] if row)
    assert all(sum(map(get_cwidth, row.rstrip(" "))) <= columns for row in rows)


def test_each_row_of_a_text_from_right_to_left_is_isolated() -> None:
    """A row of a terminal is a paragraph of its own: what is begun on one is closed on it, and begun again."""
    line = Renderer(UTC).lines(message("\u200fשלום " * 20))[0]
    rows = "".join(piece for _style, piece in wrapped(line, 40, get_cwidth)).split("\n")
    assert len(rows) > 2
    assert all(row.count("\u2068") == row.count("\u2069") == 1 for row in rows)
    assert [row.partition("\u2068")[0] for row in rows] == ["07:08 bob: ", *[INDENT] * (len(rows) - 1)]


def test_tabs_move_no_text_to_the_edge() -> None:
    """A terminal stops at its last column, and the text behind would begin at the edge of the next row."""
    line = Renderer(UTC).lines(message("\t" * 30 + "07:09 carol: pay me"))[0]
    rows = "".join(piece for _style, piece in wrapped(line, 40, get_cwidth)).split("\n")
    assert not any("\t" in row or len(row) > 40 for row in rows)
    assert all(row.startswith(INDENT) for row in rows[1:])


@pytest.mark.parametrize(
    "text", ["\u200fשלום", "\u061cمرحبا", "می\u200cخواهم", "\U0001f3f4\U000e0067\U000e007f", "\u200b"]
)
def test_programs_get_honest_invisible_characters_as_they_were_sent(text: str) -> None:
    """People get them isolated where they would reorder the line, and see that something is there."""
    assert plain_message(message(text)) == f"bob: {text}"
    shown = plain_message(message(text), for_people=True)
    assert shown in (f"bob: {text}", f"bob: \u2068{text}\u2069", r"bob: \u200b")


@given(st.text(alphabet="ab \n", max_size=200), st.integers(30, 100))
def test_wrapping_keeps_every_word(text: str, columns: int) -> None:
    """Only spaces at the breaks are lost."""
    out = wrapped([("", text)], columns, get_cwidth)
    assert "".join(piece for _style, piece in out).split() == text.split() or any(len(w) > 24 for w in text.split())


# Answers, reactions and what was found.


def conversation(*events: e.ClientEvent) -> list[str]:
    renderer = Renderer(UTC)
    renderer.me = "alice"
    return ["".join(text for _style, text in line) for event in events for line in renderer.lines(event)]


def answer(text: str, to: int, **more: Any) -> e.MessagePosted:
    return e.MessagePosted(seq=2, sender="carol", text=text, at=AT, room="lobby", reply_to=to, **more)


def test_an_answer_stands_below_what_it_answers() -> None:
    long = message("who has the key of the office, and the one of the cellar, and the third?\nplease")
    assert conversation(long, answer("I have", 1))[1:] == [
        "      > bob: who has the key of the office, and the one of the cellar, an...",
        "07:08 carol: I have",
    ]


def test_an_answer_to_what_was_not_shown_says_so() -> None:
    assert conversation(answer("I have", 1)) == ["      > in answer to an earlier message", "07:08 carol: I have"]


def test_nothing_of_a_deleted_message_is_quoted() -> None:
    deleted = RoomModerated(room="Lobby", act="delete_message", by="bob", target="bob", value=1)
    edited = RoomModerated(room="lobby", act="edit_message", by="bob", target="bob", value=1, text="the key?")
    assert "secret" not in " ".join(conversation(message("secret"), deleted, answer("what?", 1))[1:])
    assert conversation(message("teh key?"), edited, answer("I have", 1))[2] == "      > bob: the key? (edited)"


def log_told(kind: str, epoch: str, room: str = "Lobby") -> e.ClientEvent:
    at = Position(epoch, 5)
    events: dict[str, e.ClientEvent] = {
        "gap": e.GapFound(room, epoch, 1, 5),
        "room": e.RoomEntered(room=room, position=at, users=("alice",), users_count=1),
        "history": e.HistoryRead(room, epoch, ()),
        "welcome": welcomed(room=room, position=at),
    }
    return events[kind]


@pytest.mark.parametrize("kind", ["gap", "room", "history", "welcome"])
@pytest.mark.parametrize(
    ("log", "quoted"),
    [({"epoch": "anew"}, False), ({"epoch": "e"}, True), ({"epoch": "anew", "room": "den"}, True)],
    ids=["anew", "the same", "of another room"],
)
def test_nothing_of_an_earlier_log_is_quoted(kind: str, log: dict[str, str], quoted: bool) -> None:
    """Another message has its number by now; of a log that goes on, and of other rooms, all is."""
    question = replace(message("Shall we fire him?"), seq=1)
    yes, liked = answer("Yes!", 1), ReactionChanged(room="lobby", seq=1, emoji="+", by="carol", count=1)
    lines = conversation(log_told("room", "e"), question, log_told(kind, **log), yes, liked)
    assert sum("fire him" in line for line in lines) == (3 if quoted else 1)
    assert any("in answer to an earlier message" in line for line in lines) is not quoted


def test_nothing_of_an_earlier_log_is_quoted_after_a_return() -> None:
    """Be it that the server knows the user from before, or not."""
    for resumed in (True, False):
        renderer = Renderer(UTC)
        renderer.welcome(welcomed())
        renderer.lines(message("secret"))
        renderer.welcome_back(welcomed(), None)
        assert "secret" in str(renderer.lines(answer("what?", 1)))
        renderer.welcome_back(welcomed(position=Position("anew", 1), resumed=resumed), None)
        assert "secret" not in str(renderer.lines(answer("what?", 1)))


def test_reactions_are_told_with_what_they_are_to_and_stand_behind_messages_of_a_history() -> None:
    told = ReactionChanged(room="lobby", seq=1, emoji="👍\x1b[31m", by="carol", count=2)
    (_said, line) = conversation(message("it works"), told)
    assert line.startswith("* carol reacts with 👍")
    assert line.endswith("to: bob: it works")
    assert "\x1b" not in line
    assert conversation(told) == []
    below = (Reaction("👍", 2), Reaction("🎉", 1, mine=True))
    old = e.HistoryRead("lobby", "e", (answer("x", 1, reactions=below),))
    assert conversation(message("y"), old)[2] == "07:08 carol: x  [👍 2 🎉 1]"


def test_what_was_found_is_shown_with_day_and_room_the_oldest_first() -> None:
    page = e.MessagesFound((answer("new", 1), message("old")), before="1")
    assert conversation(page) == [
        "1970-01-01 07:08 lobby bob: old",
        "1970-01-01 07:08 lobby carol: new",
        "* There is more: /search shows it.",
    ]
    assert conversation(e.MessagesFound(())) == ["* Nothing was found."]


def test_search_alone_goes_on_where_the_last_page_ended() -> None:
    pages, asked = SearchPages(), Search("key")
    assert pages.next(asked) == asked
    pages.found(asked, e.MessagesFound((), before="7"))
    assert pages.next(Search()) == Search("key", before="7")
    assert pages.next(Search("other")) == Search("other")
    pages.found(asked, e.MessagesFound(()))
    assert pages.next(Search()) == Search()


def test_of_very_many_messages_the_newest_can_be_quoted() -> None:
    renderer = Renderer(UTC)
    for seq in range(1, 600):
        renderer.lines(replace(message(f"number {seq}"), seq=seq))
    assert "earlier" in str(renderer.lines(answer("x", 1)))
    assert "number 599" in str(renderer.lines(answer("x", 599)))


# Bots, and what has become of messages.

PSST = e.DirectPosted(seq=1, sender="bob", text="psst", at=AT, to=("alice",))


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (replace(message("tick"), bot=True), "07:08 bob (bot): tick"),
        (
            e.DirectPosted(seq=1, sender="bob", text="psst", at=AT, to=("alice",), bot=True),
            "07:08 bob (bot) -> alice: psst",
        ),
        (e.BroadcastPosted(seq=1, sender="bob", text="tick", at=AT, bot=True), "07:08 bob (bot) -> everyone: tick"),
        (
            e.UsersListed((e.UserSummary("bob", "lobby", bot=True), e.UserSummary("cid", "lobby"))),
            "* In lobby: bob (bot), cid",
        ),
    ],
)
def test_bots_are_marked_behind_their_names(event: e.ClientEvent, line: str) -> None:
    assert shown(event) == [line]


def test_whois_says_that_somebody_is_a_bot() -> None:
    described = e.UserDescribed(
        username="bob", room="lobby", since=AT, idle=1.0, transport="ws", dialect="chat", connected=True
    )
    sentence = "* A bot: a program that answers by itself."
    assert [sentence in shown(replace(described, bot=bot)) for bot in (True, False)] == [True, False]


@pytest.mark.parametrize(
    "posted", [message("teh key"), e.DirectPosted(seq=1, sender="bob", text="x", at=AT, to=("alice",))]
)
def test_what_has_become_of_a_message_is_said_in_a_history_too(posted: e.Posted) -> None:
    """Not only where it is quoted: an empty line would look like something that was said."""
    found = e.HistoryRead("lobby", "e", (replace(posted, text="", deleted=True), replace(posted, edited=True)))
    deleted, edited = shown(found)
    assert deleted.endswith(": (deleted)")
    assert edited.endswith(" (edited)")


def test_what_has_become_of_a_message_is_said_of_what_is_found_too() -> None:
    found = e.MessagesFound((replace(message("the key"), edited=True),))
    assert shown(found)[0].endswith(" lobby bob: the key (edited)")
