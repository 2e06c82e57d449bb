"""The server's side of `simple-text`: lines, names, pings, who sees whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatcore.events import MessagePosted, RoomModerated
from chatcore.limits import OBJECT_BYTES
from chatcore.ports.transport import CloseReason
from chatcore.text.names import ascii_form
from chatcore.text.safe_text import SLASH_CHARS, from_first_visible
from chatcore_simple import SimpleTextDialect, lines
from chatcore_simple.text_server import UNANSWERED_PINGS, news
from tests.unit.dialects.simple_guest import Guest
from tests.unit.playbook import Server

simple_text = SimpleTextDialect(zone=UTC)
GREETING = "Bienvenue dans le Chat tapez /pseudo si vous voulez vous connecter"
PROMPT = "tapez le pseudo que vous voulez utiliser pour le chat :"
TIME = "[11.06.40]"
UNKNOWN = "Attention : Commande inconnue :"
PRIVATELY = "pour une seule personne : msg NOM TEXTE"
SLASHED = "un message qui commence par / : tapez //"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server()
    yield server
    assert server.mistakes() == []


def guest(server: Server, username: str = "", **link: bool) -> Guest:
    """Return a guest, logged in if it has a name."""
    guest = Guest(server, simple_text, **link)
    assert guest.lines() == [GREETING]
    if username:
        guest.says("/pseudo", username)
        assert guest.lines() == [PROMPT, f"Bienvenue {username}"]
    return guest


# The conversation.


def test_user_logs_in_talks_and_quits_to_the_letter(server: Server) -> None:
    """As the coursework writes it."""
    eve = guest(server, "eve")
    bob = guest(server)
    bob.says("/pseudo")
    assert bob.lines() == [PROMPT]
    bob.says("bob")
    assert bob.lines() == ["Bienvenue bob"]
    bob.says("/list")
    assert bob.lines() == ["Les personnes connectées sont : -bob, -eve"]
    bob.says("bonjour à tous")
    assert bob.lines() == []
    assert eve.lines() == [f"{TIME}-bob: bonjour à tous"]
    bob.says("msg eve juste pour toi")
    assert bob.lines() == []
    assert eve.lines() == ["bob vous a envoyé un message privé : juste pour toi"]
    bob.says("/quit", "too late")
    assert bob.lines() == ["Deconnexion"]
    assert bob.link.closed is CloseReason.NORMAL
    assert server.users() == ["eve"]
    assert eve.lines() == []


@pytest.mark.parametrize("name", ["a", "thirteen_char", "a b", "\u200bbob", "bob!", "éric", "", "/list", "\x1b[31m"])
def test_name_outside_the_rule_is_refused_as_written(server: Server, name: str) -> None:
    """And another one may be tried."""
    bob = guest(server)
    bob.says("/pseudo", name)
    assert bob.lines() == [PROMPT, "Rentrez un pseudo correct"]
    bob.says("bob")
    assert bob.lines() == ["Bienvenue bob"]


def test_name_in_use_is_refused_as_written(server: Server) -> None:
    """In whatever case; what follows it waits for the verdict."""
    guest(server, "eve")
    bob = guest(server)
    bob.says("/pseudo", "EVE", "/pseudo", "b!", "bob", "bonjour")
    assert bob.lines() == [
        PROMPT,
        "Attention ce pseudo existe deja",
        PROMPT,
        "Rentrez un pseudo correct",
        "Bienvenue bob",
    ]


@pytest.mark.parametrize("name", ["eve0", "EVEO"])
def test_name_that_looks_like_one_in_use_is_refused_as_one_in_use(server: Server, name: str) -> None:
    """The coursework has no other words."""
    guest(server, "eveo")
    bob = guest(server)
    bob.says("/pseudo", name)
    assert bob.lines() == [PROMPT, "Attention ce pseudo existe deja"]


@pytest.mark.parametrize("name", ["Zoë", "田中", "हिन्दी", "Łukasz_9", "דוד"])
def test_users_of_names_that_cannot_be_chosen_here_are_written_so_that_they_can_be_answered(
    server: Server, name: str
) -> None:
    """With a to z, wherever they are named; and whoever can type the name itself reaches them, too."""
    zoe, bob = server.login(name), guest(server, "bob")
    bob.says("/list")
    assert f"-{ascii_form(name)}" in bob.lines()[0].split(" : ")[1].split(", ")
    zoe.say("send_message", text="salut")
    zoe.ask("send_direct", to=["bob"], text="psst")
    zoe.ask("broadcast", text="à table")
    shown = ascii_form(name)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", shown)
    assert bob.lines() == [
        f"{TIME}-{shown}: salut",
        f"{shown} vous a envoyé un message privé : psst",
        f"{TIME}-{shown}: (à tous) à table",
    ]
    bob.says(f"msg {shown} oui", f"msg {shown.upper()} non", f"msg {name} voilà")
    assert bob.lines() == []
    assert [found["text"] for found in zoe.take("direct") if found["from"] == "bob"] == ["oui", "non", "voilà"]
    zoe.ask("rename", username="zoe")
    assert bob.lines() == [f"Déconnection de {shown} (maintenant zoe)"]
    bob.says("/pseudo", shown)
    assert bob.lines() == [PROMPT, "Rentrez un pseudo correct"]


def test_longer_names_are_taken_where_the_server_allows_them() -> None:
    """The bound is the server's setting."""
    server = Server(username_chars=20)
    guest(server, "a_name_of_twenty_xyz")


def test_peer_that_is_not_logged_in_is_told_how_to(server: Server) -> None:
    """Nothing else is done for it; it may leave politely."""
    bob = guest(server)
    bob.says("bonjour", "/list", "", "pong", "/quit", "/pseudo")
    assert bob.lines() == [GREETING, GREETING, "Deconnexion"]
    assert bob.link.closed is CloseReason.NORMAL


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("msg", "Attention : Demande incorrecte"),
        ("msg nobody hello", "Attention : Cet utilisateur n'est pas connecté"),
        ("msg bob", "Attention : Demande incorrecte"),
        ("Msg nobody hello", "Attention : Cet utilisateur n'est pas connecté"),
        ("  MSG\tnobody\thello", "Attention : Cet utilisateur n'est pas connecté"),
        ("/msg bob secret", f"{UNKNOWN} /msg ({PRIVATELY})"),
        (" /msg bob secret", f"{UNKNOWN} /msg ({PRIVATELY})"),
        ("/msg\tbob secret", f"{UNKNOWN} /msg ({PRIVATELY})"),
        ("/Msg: bob secret", f"{UNKNOWN} /Msg: ({PRIVATELY})"),
        ("/ msg bob secret", f"{UNKNOWN} / ({PRIVATELY})"),
        ("\u00a0/msg bob secret", f"{UNKNOWN} /msg ({PRIVATELY})"),
        ("\u200b/msg bob secret", f"{UNKNOWN} /msg ({PRIVATELY})"),
        ("\x1b[A\x1b[1;5C/msg bob secret", f"{UNKNOWN} /msg ({PRIVATELY})"),
        ("\uff0f\uff4d\uff53\uff47\u3000bob secret", f"{UNKNOWN} \uff0f\uff4d\uff53\uff47 ({PRIVATELY})"),
        ("\u2215msg bob secret", f"{UNKNOWN} \u2215msg ({PRIVATELY})"),
        ("msg: bob secret", f"{UNKNOWN} msg: ({PRIVATELY})"),
        ("\u200bmsg:bob secret", f"{UNKNOWN} msg:bob ({PRIVATELY})"),
        ("/msg2 bob secret", f"{UNKNOWN} /msg2 ({SLASHED})"),
        ("/nick-x al", f"{UNKNOWN} /nick-x ({SLASHED})"),
        ("/pseudonyme al", f"{UNKNOWN} /pseudonyme ({SLASHED})"),
        ("/list me", f"{UNKNOWN} /list ({SLASHED})"),
        ("/é secret", f"{UNKNOWN} /é ({SLASHED})"),
        ("/!\\ attention", f"{UNKNOWN} /!\\ ({SLASHED})"),
        ("/etc/passwd est lisible", f"{UNKNOWN} /etc/passwd ({SLASHED})"),
        ("/ 2", f"{UNKNOWN} / ({SLASHED})"),
        ("/", f"{UNKNOWN} / ({SLASHED})"),
        ("/\x1b]0;x", f"{UNKNOWN} /\\x1b]0;x ({SLASHED})"),
    ],
)
def test_refused_line_gets_an_answer_and_is_not_published(server: Server, line: str, answer: str) -> None:
    """What was meant for one is never shown to all."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.says(line)
    assert bob.lines() == [answer]
    assert eve.lines() == []


@pytest.mark.parametrize("line", ["message", "  indented", "pong pong", "msgs", "1/2", "\\o/"])
def test_line_that_is_no_command_is_a_message(server: Server, line: str) -> None:
    """Word for word."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.says(line)
    assert eve.lines() == [f"{TIME}-bob: {line}"]


@pytest.mark.parametrize(
    ("line", "said"),
    [("//!\\ attention", "/!\\ attention"), (" //etc/passwd", "/etc/passwd"), ("///", "//"), ("\u200b// 2", "/ 2")],
)
def test_message_begins_with_a_slash_where_two_are_typed(server: Server, line: str, said: str) -> None:
    """As in our own programs."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.says(line)
    assert bob.lines() == []
    assert eve.lines() == [f"{TIME}-bob: {said}"]


UNSEEN = ["", " ", "\t", "\u00a0", "\u3000", "\u200b", "\u2060", "\ufeff", "\u202e", "\x08", "\x1b", "\x1b[A", "\x1bOP"]


@given(
    st.lists(st.sampled_from(UNSEEN), max_size=4).map("".join),
    st.sampled_from(SLASH_CHARS),
    st.sampled_from(["", "msg", " msg", "Msg:", "pseudo", "list", "quit", "é", "1", "!\\", "\u0301"])
    | st.text(max_size=4),
    st.sampled_from([" ", "\t", "\u3000", ""]),
    st.text(max_size=8),
)
def test_line_that_begins_with_a_slash_never_reaches_the_room(
    unseen: str, slash: str, word: str, space: str, rest: str
) -> None:
    """Whatever stands unseen in front, unless two slashes say that it shall."""
    line = re.sub("[\n\r\0\ud800-\udfff]", "", f"{unseen}{slash}{word}{space}{rest}")
    assume(not from_first_visible(line).startswith("//"))
    server = Server()
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.says(line)
    assert [each for each in eve.lines() if "]-" in each] == []
    assert server.mistakes() == []


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (" /List", "Les personnes connectées sont : -bob"),
        ("\uff0flist", "Les personnes connectées sont : -bob"),
        ("\u200b/LIST\t", "Les personnes connectées sont : -bob"),
        ("/pseudo\tal", "Bienvenue al"),
        ("/Pseudo\u00a0al", "Bienvenue al"),
        ("\x1b[B/QUIT ", "Deconnexion"),
    ],
)
def test_command_is_known_however_it_is_typed(server: Server, line: str, answer: str) -> None:
    """In any case, with any spaces, with the slash of another keyboard."""
    bob = guest(server, "bob")
    bob.says(line)
    assert bob.lines() == [answer]


@pytest.mark.parametrize("name", [" bob", "bob ", "\tbob\t"])
def test_spaces_around_a_name_are_no_part_of_it(server: Server, name: str) -> None:
    """In two steps as on one line."""
    bob = guest(server)
    bob.says("/pseudo", name)
    assert bob.lines() == [PROMPT, "Bienvenue bob"]


PADDED = [
    b"/pseudo\r\n\0bob\r\n\0bonjour\r\n\0\0\0/quit\r\n",
    b"/pseudo\0bob\0bonjour\0/quit\0",
    b"/pseudo\r\0bob\r\0bonjour\r\0/quit\r\0",
    b"/pseudo\rbob\rbonjour\r/quit\r",
    b"/pseudo\r\r\nbob\r\r\nbonjour\r\r\n/quit\r\r\n",
    b"\xef\xbb\xbf/pseudo\nbob\nbonjour\n/quit\n",
    b"".join(b"\xef\xbb\xbf" + line + b"\r\n" for line in (b"/pseudo", b"bob", b"bonjour", b"/quit")),
    b"".join(line.ljust(64, b"\0") for line in (b"/pseudo\n", b"bob\n", b"bonjour\n", b"/quit\n")),
    b"".join(line.ljust(64, b"\0") + b"\n" for line in (b"/pseudo", b"bob", b"bonjour", b"/quit")),
    b"\xff\xfb\x1f\xff\xfd\x00\xff\xfa\x1f\x00\x50\n\x18\xff\xf0/pseudo\r\0bob\r\nbon\xff\xf1jour\r\n\xff\xf4\xff\xfd\x06/quit\r\n",
    b"".join(b"\0" * 8 + line + b"\0\r\n" for line in (b"/pseudo", b"bob", b"bonjour", b"/quit")),
]


@pytest.mark.parametrize("said", PADDED)
def test_line_ends_and_padding_of_other_programs_are_no_part_of_a_line(server: Server, said: bytes) -> None:
    """CR and NUL in all their combinations, whole buffers of C programs, a byte-order mark; cut at every byte too."""
    for parts in ([said], [said[at : at + 1] for at in range(len(said))]):
        bob, eve = Guest(server, simple_text), guest(server, "eve")
        for part in parts:
            bob.sends(part)
        assert bob.lines() == [GREETING, PROMPT, "Bienvenue bob", "Deconnexion"]
        assert [line for line in eve.lines() if "bonjour" in line] == [f"{TIME}-bob: bonjour"]
        eve.vanishes()


def test_flood_of_padding_costs_nothing_and_keeps_no_connection_alive(server: Server) -> None:
    """It is no line that is too long, and no login."""
    bob = guest(server)
    for _ in range(100):
        bob.sends(b"\0" * OBJECT_BYTES)
    assert bob.lines() == []
    bob.says("/pseudo")
    assert bob.lines() == [PROMPT]
    server.advance(299.9)
    bob.sends(b"\0" * OBJECT_BYTES)
    server.advance(0.2)
    assert bob.link.closed is CloseReason.POLICY


# Broken bytes, and text that would break others.


def test_line_that_is_not_utf8_is_refused_and_the_next_one_is_taken(server: Server) -> None:
    """The stream is in step at every line end."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.sends(b"caf\xe9\ncaf\xc3\xa9\n")
    assert bob.lines() == ["Attention : Cette ligne n'est pas de l'UTF-8"]
    assert eve.lines() == [f"{TIME}-bob: café"]


def test_line_that_does_not_end_is_given_up(server: Server) -> None:
    """It costs 64 KiB and no more, and the user leaves at once."""
    bob = guest(server, "bob")
    bob.sends(b"x" * OBJECT_BYTES)
    assert bob.link.closed is None
    bob.sends(b"x")
    assert bob.lines() == ["Attention : Message trop long", "Deconnexion"]
    assert bob.link.closed is CloseReason.TOO_LARGE
    assert server.users() == []


@given(st.text(min_size=1, max_size=50))
def test_text_of_others_is_always_one_harmless_line(text: str) -> None:
    """Whatever is in it: no line is forged, no terminal steered."""
    event = MessagePosted(seq=1, sender="eve", text=text, at=0.0, room="lobby")
    payload = simple_text.encode(event, boundaries=False)
    assert payload is not None
    line = payload.decode()
    assert line.startswith("[00.00.00]-eve: ")
    assert line.endswith("\n")
    assert len(line[:-1].splitlines()) == 1
    assert all(char >= " " and not "\x7f" <= char <= "\x9f" for char in line[:-1])


def test_newline_cannot_forge_a_line(server: Server) -> None:
    """The parts stand in one line."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    alice.ask("send_message", text="hi\n[00.00.00]-eve: forged\r\nDeconnexion\u2028ping\x1b[2J")
    assert bob.lines() == [f"{TIME[:7]}41]-alice: hi [00.00.00]-eve: forged Deconnexion ping\\x1b[2J"]


LINES = [
    "/pseudo",
    "/pseudo al",
    "bob",
    "b!",
    "eve",
    "bonjour",
    "msg eve x",
    "msg",
    "/list",
    "/quit",
    "pong",
    "",
    "é",
    "\r",
    "/x",
    "\0\0",
    "\ufeffbob",
]


PIECES = [b"\xff", b"\xff\xfb\x01", b"\xff\xfa\x01", b"\xff\xf0", b"\xff\xfa" + b"x" * 256, b"\r", b"\0", b"\r\n"]


@given(
    st.lists(
        st.sampled_from(LINES).map(lambda line: f"{line}\n".encode()) | st.binary(max_size=6) | st.sampled_from(PIECES),
        max_size=10,
    ),
    st.data(),
)
def test_bytes_mean_the_same_however_they_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    """Nothing raises, and everybody hears the same as of the whole."""
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))

    def heard(*parts: bytes) -> tuple[list[str], list[str], CloseReason | None, list[str]]:
        server = Server()
        eve, bob = guest(server, "eve"), Guest(server, simple_text)
        for part in parts:
            bob.sends(part)
        assert server.mistakes() == []
        return bob.lines(), eve.lines(), bob.link.closed, server.users()

    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert heard(*parts) == heard(whole)


def test_message_of_a_transport_with_boundaries_is_a_line(server: Server) -> None:
    """Over WebSocket no line end is needed, nor sent."""
    bob = Guest(server, simple_text, boundaries=True)
    bob.sends(b"/pseudo")
    bob.sends(b"bob\n")
    assert bob.link.arrived == [GREETING.encode(), PROMPT.encode(), b"Bienvenue bob"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\0"])
def test_message_of_a_transport_with_boundaries_has_a_bounded_number_of_lines(server: Server, end: bytes) -> None:
    """All of it is taken in one turn: of 32,000 lines that took a fifth of a second. Nothing of it is said."""
    (alice,) = server.logins("alice")
    bob = Guest(server, simple_text, boundaries=True)
    bob.sends(b"/pseudo bob")
    alice.take()
    bob.sends(end.join([b"x"] * lines.LINES) + end)
    assert len(alice.take("message")) == lines.LINES
    bob.sends(end.join([b"x"] * (lines.LINES + 1)))
    assert alice.take("message") == []
    assert bob.link.closed is CloseReason.TOO_LARGE


# Among the others.


def test_user_meets_those_of_other_dialects(server: Server) -> None:
    """Messages both ways, the list, whois, presence, direct messages and broadcasts."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    assert alice.take("presence")[0]["joined"] == ["bob"]
    assert alice.ask("whois", username="bob")["dialect"] == "simple-text"
    alice.ask("send_direct", to=["bob"], text="psst")
    alice.ask("broadcast", text="lunch")
    alice.say("rename", username="al")
    assert bob.lines() == [
        "alice vous a envoyé un message privé : psst",
        f"{TIME[:7]}41]-alice: (à tous) lunch",
        "Déconnection de alice (maintenant al)",
    ]
    bob.says("msg al merci", "bonjour")
    assert alice.texts() == ["merci", "bonjour"]


@pytest.mark.parametrize(
    "line", ["msg eve  deux  mots ", " Msg eve  deux  mots", "msg\teve\t deux  mots", "\u200b\x1b[Amsg eve  deux  mots"]
)
def test_message_to_one_user_is_known_however_it_is_typed(server: Server, line: str) -> None:
    """Telephones begin with a capital, and people indent; what they say stays as they said it."""
    bob, eve, zoe = (guest(server, name) for name in ("bob", "eve", "zoe"))
    bob.says(line)
    assert eve.lines() == ["bob vous a envoyé un message privé :  deux  mots"]
    assert zoe.lines() == []


def test_last_line_needs_no_end(server: Server) -> None:
    """As `printf 'bonjour' | nc` sends it, nothing is lost, and it is said once."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.sends(b"un\ndeux")
    bob.finishes()
    bob.finishes()
    assert eve.lines() == [f"{TIME}-bob: un", f"{TIME}-bob: deux"]
    bob.vanishes()
    server.advance(1.0)
    assert eve.lines() == ["Déconnection de bob"]


def test_line_that_breaks_off_is_not_taken_for_a_whole_one(server: Server) -> None:
    """The peer did not say that it has finished."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.sends(b"msg eve je te")
    bob.vanishes()
    server.advance(1.0)
    assert eve.lines() == ["Déconnection de bob"]


def test_user_who_vanishes_leaves_the_list_at_once(server: Server) -> None:
    """There is no resume here, so there is nothing to wait for."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    bob.vanishes()
    assert server.users() == ["alice"]
    guest(server, "bob")
    server.advance(1.0)
    assert alice.take("presence")[-1]["users"] == 2


def test_others_are_told_who_has_left(server: Server) -> None:
    """Whatever they spoke, and however they went; of those who come, the known servers say nothing."""
    (alice,) = server.logins("alice")
    bob, eve, dan = guest(server, "bob"), guest(server, "eve"), guest(server, "dan")
    server.advance(1.0)
    assert bob.lines() == []
    eve.says("/quit")
    dan.vanishes()
    alice.ask("logout")
    server.advance(1.0)
    assert sorted(bob.lines()) == ["Déconnection de alice", "Déconnection de dan", "Déconnection de eve"]


def test_user_who_is_in_another_room_is_not_said_to_have_left(server: Server) -> None:
    """`/list` has it, and `msg` reaches it; who is gone has left, from wherever it went."""
    alice, zoe = server.logins("alice", "zoe")
    bob = guest(server, "bob")
    alice.ask("create_room", room="jardin")
    zoe.ask("create_room", room="cour")
    zoe.ask("logout")
    server.advance(1.0)
    assert sorted(bob.lines()) == ["Déconnection de zoe", "alice a changé de salon"]
    bob.says("/list", "msg alice coucou")
    assert bob.lines() == ["Les personnes connectées sont : -alice, -bob"]
    alice.ask("leave_room")
    server.advance(1.0)
    alice.ask("logout")
    server.advance(1.0)
    assert bob.lines() == ["Déconnection de alice"]


def test_what_a_moderator_ends_is_told_as_ended() -> None:
    """No topic is no topic that is empty."""
    event = RoomModerated(room="lobby", act="set_slow", by="eve", value=0)
    assert news(event, UTC) == ["Plus d'attente entre deux messages dans lobby"]
    assert news(replace(event, value=1), UTC) == ["1 s entre deux messages dans lobby"]
    assert news(replace(event, act="set_topic", value=""), UTC) == ["lobby n'a plus de sujet"]


# Another name.


@pytest.mark.parametrize("said", [["/pseudo", "yvette"], ["/pseudo yvette"], ["/pseudo", "pong", "/pseudo", "yvette"]])
def test_user_is_renamed_in_the_same_two_steps(server: Server, said: list[str]) -> None:
    """Or on one line; a pong in between answers a ping and is no name."""
    (alice,) = server.logins("alice")
    yves, eve = guest(server, "yves"), guest(server, "eve")
    yves.says(*said)
    assert yves.lines() == [PROMPT] * said.count("/pseudo") + ["Bienvenue yvette"]
    assert server.users() == ["alice", "eve", "yvette"]
    assert eve.lines() == ["Déconnection de yves (maintenant yvette)"]
    assert alice.take("renamed") == [{"type": "renamed", "from": "yves", "to": "yvette"}]
    yves.says("c'est moi", "/list")
    assert yves.lines() == ["Les personnes connectées sont : -alice, -eve, -yvette"]
    assert [line[10:] for line in eve.lines()] == ["-yvette: c'est moi"]
    yves.vanishes()
    assert server.users() == ["alice", "eve"]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("eve", "Attention ce pseudo existe deja"),
        ("EVE", "Attention ce pseudo existe deja"),
        ("é", "Rentrez un pseudo correct"),
        ("thirteen_char", "Rentrez un pseudo correct"),
        ("/list", "Rentrez un pseudo correct"),
        ("msg eve secret", "Rentrez un pseudo correct"),
    ],
)
def test_user_who_may_not_have_another_name_keeps_the_old_one(server: Server, name: str, answer: str) -> None:
    """And is not asked a second time: what follows is a message again."""
    yves, eve = guest(server, "yves"), guest(server, "eve")
    yves.says("/pseudo", name, "bonjour")
    assert yves.lines() == [PROMPT, answer]
    assert eve.lines() == [f"{TIME}-yves: bonjour"]
    yves.says("/pseudo", "Yves", f"/pseudo {name}", "/pseudo", "yves", "au revoir")
    assert yves.lines() == [PROMPT, "Bienvenue Yves", answer, PROMPT, "Bienvenue yves"]
    assert eve.lines()[-1] == f"{TIME}-yves: au revoir"


def test_muted_user_is_told_that_the_name_stays() -> None:
    """Writing is not what was asked for."""
    server = Server(operator_token="a-token-that-nobody-guesses")
    boss, bob = server.login("boss"), guest(server, "bob")
    boss.ask("operator", token="a-token-that-nobody-guesses")
    boss.ask("mute", username="bob")
    bob.lines()
    bob.says("/pseudo bobby", "bonjour")
    assert bob.lines() == [
        "Attention : Vous ne pouvez pas changer de pseudo ici",
        "Attention : Vous ne pouvez pas écrire ici",
    ]
    assert server.mistakes() == []


def test_what_others_say_comes_through_while_a_name_is_asked_for(server: Server) -> None:
    """And the user may leave instead of answering."""
    yves, eve = guest(server, "yves"), guest(server, "eve")
    yves.says("/pseudo")
    eve.says("bonjour")
    assert yves.lines() == [PROMPT, f"{TIME}-eve: bonjour"]
    yves.says("/quit")
    assert yves.lines() == ["Deconnexion"]
    assert server.users() == ["eve"]


def test_user_logs_in_on_one_line_too(server: Server) -> None:
    """With or without having been asked."""
    bob, eve = guest(server), guest(server)
    bob.says("/pseudo bob")
    eve.says("/pseudo", "/pseudo  eve ")
    assert bob.lines() == ["Bienvenue bob"]
    assert eve.lines() == [PROMPT, "Bienvenue eve"]


def test_message_with_a_lost_place_is_announced() -> None:
    """A slow reader whose messages are gone hears how many."""
    server = Server(log_messages=2)
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    bob.link.stops_reading()
    for number in range(10):
        alice.ask("send_message", text=f"{number} " + "x" * 50_000)
    bob.link.reads_again()
    server.advance(1.0)
    assert "Attention : 6 messages n'ont pas pu être transmis" in bob.lines()


def test_peer_that_does_not_log_in_is_sent_away(server: Server) -> None:
    """After minutes, for they read before they write; with the line on which clients stop, and the log says why."""
    bob = guest(server)
    bob.says("/pseudo")
    server.advance(299.9)
    assert bob.lines() == [PROMPT]
    server.advance(0.2)
    assert bob.lines() == ["Deconnexion"]
    assert bob.link.closed is CloseReason.POLICY
    assert [fields["reason"] for what, fields in server.records if what == "timed_out"] == ["login_timeout"]


def test_user_hears_that_the_server_stops(server: Server) -> None:
    """With the line on which clients stop."""
    bob = guest(server, "bob")
    server.switchboard.stop("maintenance")
    server.settle()
    assert bob.lines() == ["Deconnexion"]


def test_user_leaves_the_list_with_a_server_that_stops(server: Server) -> None:
    """Others may go on, where it is one of several or keeps its chat; nobody could come back as this one."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    server.switchboard.stop("maintenance")
    bob.vanishes()
    alice.drop()
    assert server.users() == ["alice"]


# Ping and pong.


@pytest.mark.parametrize(
    ("limits", "seconds"), [({}, 900.0), ({"keepalive_interval": 10.0, "keepalive_timeout": 5.0}, 15.0)]
)
def test_user_who_answers_no_ping_is_disconnected(limits: dict[str, Any], seconds: float) -> None:
    """After two pings in a quarter of an hour, for people only read at times, or in the time that the host has set."""
    server = Server(**limits)
    bob = guest(server, "bob")
    server.advance(seconds / 2 - 0.1)
    assert bob.lines() == []
    server.advance(seconds / 2)
    assert bob.lines() == ["ping"] * UNANSWERED_PINGS
    assert bob.link.closed is None
    server.advance(0.2)
    assert bob.lines() == ["Deconnexion"]
    assert bob.link.closed is CloseReason.POLICY
    assert server.users() == []
    timed_out = [fields for what, fields in server.records if what == "timed_out"]
    assert [(fields["user"], fields["reason"]) for fields in timed_out] == [("bob", "unresponsive")]


def test_reader_stays_for_as_long_as_an_enter_comes_now_and_then(server: Server) -> None:
    """An empty line answers a ping too."""
    bob = guest(server, "bob")
    for _ in range(10):
        server.advance(600.0)
        assert "ping" in bob.lines()
        bob.says("")
    assert server.users() == ["bob"]


def test_user_who_answers_stays(server: Server) -> None:
    """A pong is no message, and buys time; so does everything else that is said."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    for second in range(100):
        server.advance(60.0)
        eve.says("pong" if second % 2 else "")
        if "ping" in bob.lines():
            bob.says("pong")
    assert server.users() == ["bob", "eve"]
    assert eve.lines() == []


def test_reader_that_is_behind_is_not_blamed_for_its_silence(server: Server) -> None:
    """It is not read meanwhile: whether its machine is there is for the transport to tell."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    bob.link.stops_reading()
    for number in range(10):
        alice.ask("send_message", text=f"{number} " + "x" * 50_000)
    server.advance(60.0)
    assert server.users() == ["alice", "bob"]
    bob.link.reads_again()
    server.advance(1.0)
    assert len([line for line in bob.lines() if "alice" in line]) == 10
    server.advance(901.0)
    assert server.users() == ["alice"]
