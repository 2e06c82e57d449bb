"""The clients' sides of both courseworks' dialects, at servers that word everything as they like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.client.session import ClientSession
from chatcore.commands import (
    Command,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    LogIn,
    LogOut,
    ReadHistory,
    Rename,
    SendBroadcast,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore.dialects.base import ClientMachine, Dialect
from chatcore.errors import ErrorCode
from chatcore.events import (
    Accepted,
    ClientEvent,
    DirectPosted,
    Dismissed,
    Posted,
    PresenceChanged,
    Refused,
    RoomEntered,
    SendAcknowledged,
    SendRefused,
    UserRenamed,
    UsersListed,
    Welcomed,
)
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.reasons import CONNECTION_LOST
from chatcore_simple import SimpleJsonDialect, SimpleTextDialect
from examples.shout_dialect import dialect as shout

json_dialect = SimpleJsonDialect(clock=lambda: 7.0)
text_dialect = SimpleTextDialect(clock=lambda: 7.0)


class Guest:
    """A client's machine and session, driven as `chatcore.aio.client.connection` does, on a clock moved by hand."""

    def __init__(self, dialect: Dialect, username: str = "bob", *, boundaries: bool = False) -> None:
        self.now = 100.0
        self._dialect, self._boundaries = dialect, boundaries
        self.machine: ClientMachine = dialect.client(Limits(), boundaries=boundaries, keepalive=False, now=self.now)
        self.session = ClientSession(username, "client")
        self.sent: list[bytes] = []
        self.events: list[tuple[ClientEvent, str | None]] = []
        self.session.connected()
        self._turn()

    def hears(self, *lines: str) -> list[str]:
        """Let the server say lines; returns what the client sends, over the next second."""
        return self.receives("".join(f"{line}\n" for line in lines).encode())

    def receives(self, data: bytes) -> list[str]:
        """Let bytes come; returns what the client sends, over the next tenth of a second."""
        self.machine.receive_data(data)
        return self.waits(0.1)

    def hangs_up(self) -> None:
        """Let the server hang up."""
        self.machine.receive_eof()
        self._turn()

    def waits(self, seconds: float) -> list[str]:
        """Let time pass; returns what the client sends."""
        end = self.now + seconds
        self._turn()
        while (due := self.machine.get_timer()) is not None and due <= end:
            self.now = max(self.now, due)
            self.machine.handle_timer(self.now)
            self._turn()
        self.now = end
        sent, self.sent = self.sent, []
        return [data.decode().removesuffix("\n") for data in sent]

    def loses(self) -> None:
        """Lose the connection and have the next one."""
        self.machine.receive_eof()
        self._turn()
        self.session.disconnected()
        self.machine = self._dialect.client(Limits(), boundaries=self._boundaries, keepalive=False, now=self.now)
        self.sent.clear()
        self.session.connected()
        self._turn()

    def posts(self, command: Any) -> list[str]:
        """Let the user say something; returns what the client sends at once."""
        self.session.post(command)
        return self.waits(0.0)

    def asks(self, command: Command) -> list[str]:
        """Let the user ask for something; returns what the client sends at once."""
        self.session.request(command)
        return self.waits(0.0)

    def shown(self) -> list[ClientEvent]:
        """Return what the user saw since the last time."""
        events, self.events = self.events, []
        return [event for event, _ in events]

    def texts(self) -> list[tuple[str, str]]:
        """Return who said what since the last time."""
        return [(event.sender, event.text) for event in self.shown() if isinstance(event, Posted)]

    def _turn(self) -> None:
        while True:
            for received in self.machine.events_received():
                shown = self.session.received(received.event, received.reply_to, self.now)
                self.events += [(each.event, each.reply_to) for each in shown]
            requests = self.session.requests_to_send()
            for request in requests:
                self.machine.send_command(request.command, request.reply_to)
            self.sent += self.machine.data_to_send()
            if not requests:
                return


# simple-text: the login.


@pytest.mark.parametrize(
    ("greeting", "prompt", "verdict"),
    [
        (
            ["Bienvenue dans le Chat tapez /pseudo si vous voulez vous connecter"],
            ["tapez le pseudo que vous voulez utiliser pour le chat :"],
            ["Bienvenue bob"],
        ),
        (
            ["*** Serveur de chat ***", "", "Commandes : /PSEUDO pour entrer, /quit pour sortir"],
            ["", "Quel Pseudo ? "],
            ["Les personnes connectées :", "- alice", "- bob"],
        ),
        (["Salut ! /pseudo svp"], ["Votre pseudo :"], ["OK", "2 personnes sont connectees : alice, bob"]),
    ],
)
def test_client_waits_for_each_prompt_before_it_answers(
    greeting: list[str], prompt: list[str], verdict: list[str]
) -> None:
    """However it is worded."""
    bob = Guest(text_dialect)
    assert bob.waits(1.0) == []
    assert bob.hears(*greeting) == ["/pseudo"]
    assert bob.hears(*prompt) == ["bob"]
    assert not bob.session.logged_in
    assert bob.hears(*verdict) == []
    assert bob.session.logged_in
    assert isinstance(bob.shown()[0], Welcomed)


def test_server_that_waits_to_be_spoken_to_is_asked_for_a_name() -> None:
    """And one whose greeting comes late is understood all the same."""
    bob = Guest(text_dialect)
    assert bob.waits(5.0) == ["/pseudo"]
    assert bob.hears("Bienvenue ! Tapez /pseudo pour entrer") == []
    assert bob.hears("Votre pseudo :") == ["bob"]
    bob.hears("Bienvenue bob")
    assert bob.session.logged_in


def test_server_whose_greeting_comes_late_and_without_a_line_end_is_understood() -> None:
    """Its question stands behind that, in the same line."""
    bob = Guest(text_dialect)
    assert bob.waits(5.0) == ["/pseudo"]
    assert bob.receives(b"Tapez /Pseudo pour entrer > ") == []
    assert bob.waits(1.0) == []
    assert bob.receives(b"Entrez votre pseudo > ") == []
    assert bob.waits(1.0) == ["bob"]


@pytest.mark.parametrize("said", [b"Entrez votre pseudo :\n", b"Bonjour", b"ping\n"])
def test_server_that_has_spoken_is_asked_nothing_unbidden(said: bytes) -> None:
    """It might take that for a name."""
    bob = Guest(text_dialect)
    answer = bob.receives(said)
    assert answer + bob.waits(9.0) == (["pong"] if said == b"ping\n" else [])


def test_prompts_without_a_line_end_are_understood_after_a_while() -> None:
    """Some programs print what they ask without one."""
    bob = Guest(text_dialect)
    assert bob.receives(b"Bienvenue, tapez /pseudo ") == []
    assert bob.waits(1.5) == ["/pseudo"]
    assert bob.receives(b"pseu") == []
    assert bob.waits(1.5) == []
    assert bob.receives(b"do > ") == []
    assert bob.waits(1.5) == ["bob"]
    bob.receives(b"Bienvenue bob")
    bob.waits(1.5)
    assert bob.session.logged_in


def test_server_that_says_nothing_to_a_name_has_taken_it() -> None:
    """Silence is consent."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears("pseudo ?")
    bob.waits(5.0)
    assert bob.session.logged_in


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Attention ce pseudo existe deja", ErrorCode.NAME_TAKEN),
        ("Ce pseudo est déjà utilisé", ErrorCode.NAME_TAKEN),
        ("Rentrez un pseudo correct", ErrorCode.BAD_NAME),
        ("Erreur : pseudo invalide", ErrorCode.BAD_NAME),
        ("Erreur : serveur plein", ErrorCode.SERVER_FULL),
        ("Deconnexion", ErrorCode.FORBIDDEN),
        ("Votre pseudo :", ErrorCode.BAD_NAME),
    ],
)
def test_refused_name_ends_the_login(answer: str, code: str) -> None:
    """With a code, and with the server's own words where it has any."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears("pseudo ?")
    bob.hears(answer)
    assert bob.session.refusal is not None
    assert bob.session.refusal.code == code
    assert bob.machine.close_expected() is CloseReason.NORMAL


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("greeting", [[], ["Bienvenue, tapez /pseudo"]])
def test_server_that_hangs_up_before_the_login_has_said_why(greeting: list[str], end: str) -> None:
    """A full one is not tried again; of others the words are shown, and they are."""
    for words, code in (("Le serveur est plein", ErrorCode.SERVER_FULL), ("Maintenance", ErrorCode.UNAVAILABLE)):
        bob = Guest(text_dialect)
        bob.hears(*greeting)
        bob.receives(f"{words}{end}".encode())
        bob.hangs_up()
        told = bob.session.refusal or bob.session.dismissed
        assert told is not None
        assert (told.code, told.message) == (code, words)
        assert (bob.session.refusal is None) is (code == ErrorCode.UNAVAILABLE)


def test_reason_that_a_server_breaks_off_in_refuses_the_name() -> None:
    """It hung up in the middle of the line."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears("pseudo ?")
    bob.receives(TAKEN.encode())
    bob.hangs_up()
    assert bob.session.refusal == Refused(ErrorCode.NAME_TAKEN, TAKEN)


def test_server_that_hangs_up_without_a_word_gives_no_reason() -> None:
    """What it asked for is none."""
    for said in ([], ["Tapez /pseudo"], ["Tapez /pseudo", "pseudo ?"]):
        bob = Guest(text_dialect)
        for line in said:
            bob.hears(line)
        bob.hangs_up()
        assert bob.session.refusal is None
        assert bob.session.dismissed is None


def test_json_login_that_comes_back_is_that_of_an_echo_server() -> None:
    """It is left at once, and told as what it is."""
    bob = Guest(json_dialect)
    bob.receives(b'{"type": "login", "username": "bob"}')
    (goodbye,) = bob.shown()
    assert goodbye == Dismissed("forbidden", "this is an echo server and no chat: it sends back what it gets")
    assert bob.machine.close_expected() is CloseReason.NORMAL


# simple-text: the conversation.


def texting() -> Guest:
    """Return a user at a text server."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears("pseudo ?")
    bob.hears("Bienvenue bob")
    bob.shown()
    return bob


def test_lines_are_shown_as_what_they_mean() -> None:
    """Messages, direct ones, and what the server itself has to say; one's own come back unseen."""
    bob = texting()
    bob.hears(
        "[12.34.56]-alice: salut: toi",
        "[12:34:56] carol : salut",
        "[12.34.56]-bob: echo",
        "alice vous a envoyé un message privé : psst",
        "dave vient de partir",
        "",
    )
    assert bob.texts() == [
        ("alice", "salut: toi"),
        ("carol", "salut"),
        ("alice", "psst"),
        ("*", "dave vient de partir"),
    ]


def test_ping_is_answered_unseen() -> None:
    """At once, before and after the login."""
    bob = Guest(text_dialect)
    assert bob.hears("ping") == ["pong"]
    bob = texting()
    assert bob.hears("ping") == ["pong"]
    assert bob.shown() == []


def test_list_after_the_name_is_the_picture_of_the_room() -> None:
    """A block of lines, or one; other things end it."""
    bob = texting()
    bob.hears("-alice", "-bob,- carol", "[12.34.56]-alice: salut")
    entered, message = bob.shown()
    assert isinstance(entered, RoomEntered)
    assert entered.users == ("alice", "bob", "carol")
    assert isinstance(message, Posted)
    assert list(bob.session.members.values()) == ["alice", "bob", "carol"]
    bob.hears("-not a list", "-alice")
    assert [text for _, text in bob.texts()] == ["-not a list", "-alice"]


@pytest.mark.parametrize(
    "answer",
    [["Les personnes connectées sont : -alice, -bob"], ["Connectés :", "-alice", "-bob"], ["-alice, -bob"]],
)
def test_list_is_answered_by_whatever_looks_like_one(answer: list[str]) -> None:
    """A message in between does not confuse it."""
    bob = texting()
    bob.waits(5.0)
    assert bob.asks(ListUsers()) == ["/list"]
    bob.hears("[12.34.56]-alice: salut", *answer)
    bob.waits(2.0)
    listed = [event for event in bob.shown() if isinstance(event, UsersListed)]
    assert [[user.name for user in event.users] for event in listed] == [["alice", "bob"]]


def test_sends_are_lines_with_a_pause_in_between() -> None:
    """Servers that read a line per `recv` get one at a time; what is on its way is acknowledged."""
    bob = texting()
    assert bob.posts(SendMessage("one\ntwo")) == ["one two"]
    bob.session.post(SendDirect(("alice", "carol"), "psst"))
    bob.session.post(SendBroadcast("lunch"))
    assert bob.waits(0.0) == []
    assert bob.waits(0.06) == ["msg alice psst"]
    assert bob.waits(1.0) == ["msg carol psst", "lunch"]
    acknowledged = [event for event in bob.shown() if isinstance(event, SendAcknowledged)]
    assert [event.cid for event in acknowledged] == [1, 2, 3]
    assert bob.session.pending == 0


@pytest.mark.parametrize(
    "text",
    [
        "/quit", " /list", "msg alice x", "MSG alice x", "ping", "pong", "\n", "msg", "\u200b/quit", "\u200b",
        "\ufeff/msg al x", "\uff0fmsg alice x", "\u200bmsg\talice x",
    ],
)  # fmt: skip
def test_message_that_would_be_a_command_is_refused(text: str) -> None:
    """Before anything is sent."""
    bob = texting()
    assert bob.posts(SendMessage(text)) == []
    (refused,) = bob.shown()
    assert isinstance(refused, SendRefused)
    assert refused.code == ErrorCode.BAD_REQUEST


def test_what_some_have_heard_is_not_said_to_them_again() -> None:
    """The connection ended between two of those whom it is for: the user is told that it may have arrived."""
    bob = texting()
    bob.posts(SendDirect(("alice", "carol"), "un"))
    assert bob.posts(SendDirect(("alice", "carol"), "deux")) == []
    assert bob.waits(0.12) == ["msg carol un", "msg alice deux"]
    bob.hangs_up()
    (refused,) = [event for event in bob.shown() if isinstance(event, SendRefused)]
    assert (refused.cid, refused.code) == (2, CONNECTION_LOST)
    assert bob.session.pending == 0


def test_whoever_is_named_twice_is_told_once() -> None:
    """However the name is written; as the first of them, and to the others in their order."""
    bob = texting()
    assert bob.posts(SendDirect(("alice", "carol", "ALICE", "carol"), "un")) == ["msg alice un"]
    assert bob.waits(0.06) == ["msg carol un"]
    assert bob.waits(1.0) == []
    (said,) = [event for event in bob.shown() if isinstance(event, DirectPosted)]
    assert said.to == ("alice", "carol")


def test_name_with_a_line_end_in_it_says_no_second_line() -> None:
    """One's own, or that of a receiver: a program may have got it from anywhere."""
    bob = Guest(text_dialect, "bob\n/quit")
    assert bob.hears("tapez /pseudo") == ["/pseudo"]
    assert bob.hears("Votre pseudo ?") == ["bob /quit"]
    bob.hears("Bienvenue")
    assert bob.posts(SendDirect(("eve\r\n/quit",), "hi")) == ["msg eve /quit hi"]


def test_goodbye_of_the_server_ends_the_connection() -> None:
    """The client comes back, unless it was its own wish."""
    bob = texting()
    bob.hears("Deconnexion", "too late")
    assert bob.shown() == [Dismissed(ErrorCode.SHUTTING_DOWN, "the server said goodbye", 1.0)]
    assert bob.machine.close_expected() is CloseReason.NORMAL
    bob = texting()
    bob.machine.send_command(LogOut())
    assert bob.waits(0.0) == ["/quit"]
    bob.hears("Déconnexion")
    assert bob.shown() == [Dismissed(ErrorCode.LOGGED_OUT, "goodbye", None)]


PUT_OUT = [
    ("text", ["bob a été exclu de lobby par Zoë : bruit", "Deconnexion"], "kicked"),
    ("text", ["bob a été banni de lobby par Zoë", "Deconnexion"], "banned"),
    ("json", ['{"status": "error", "message": "Vous avez été exclu"}'], "kicked"),
    ("json", ['{"status": "error", "message": "Vous êtes banni d\'ici"}'], "banned"),
]
"""How our own servers tell it."""


@pytest.mark.parametrize(("dialect", "lines", "code"), PUT_OUT)
def test_who_was_put_out_knows_it_when_the_connection_ends(dialect: str, lines: list[str], code: str) -> None:
    """As over the native protocol: the client does not come back by itself."""
    bob = texting() if dialect == "text" else jsoning()
    bob.hears(*lines)
    assert bob.machine.close_expected() is None
    bob.hangs_up()
    (goodbye,) = [event for event in bob.shown() if isinstance(event, Dismissed)]
    assert (goodbye.code, goodbye.reconnect_in) == (code, None)


@pytest.mark.parametrize("goes_on", [0.0, 4.0])
@pytest.mark.parametrize(("dialect", "lines", "code"), PUT_OUT)
def test_nobody_is_kept_away_by_what_others_say(dialect: str, lines: list[str], code: str, goes_on: float) -> None:
    """Some servers pass on what their users send as it is; but nobody else ends the connection, at once."""
    bob = texting() if dialect == "text" else jsoning()
    bob.hears(*lines)
    if goes_on:
        bob.waits(goes_on)
    elif dialect == "text":
        bob.hears("[12.00.00]-eve: salut")
    else:
        bob.hears('{"type": "message", "username": "eve", "content": "salut"}')
    bob.hangs_up()
    codes = {event.code for event in bob.shown() if isinstance(event, Dismissed)}
    assert codes <= {ErrorCode.SHUTTING_DOWN}, code


def test_others_who_are_put_out_end_nothing() -> None:
    bob = texting()
    bob.hears("alice a été exclu de lobby par Zoë", "Deconnexion")
    assert [event.code for event in bob.shown() if isinstance(event, Dismissed)] == [ErrorCode.SHUTTING_DOWN]


# simple-text: servers that are known to exist.

BLOCK = ["----------------------", "Utilisateurs en ligne:", "=> alice", "", "=> bob", "", "----------------------"]


def named(events: list[ClientEvent]) -> list[tuple[str, ...]]:
    """Return who is there, by each list among events."""
    return [
        event.users if isinstance(event, RoomEntered) else tuple(user.name for user in event.users)
        for event in events
        if isinstance(event, RoomEntered | UsersListed)
    ]


@pytest.mark.parametrize("arrow", ["=>", "=> "])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_conversation_of_a_known_server_is_understood(arrow: str, size: int) -> None:
    """In Ruby and in Python, in any chunks: a block of lines instead of a welcome, times without zeros, arrows."""
    bob = Guest(text_dialect)
    block = [line.replace("=> ", arrow) for line in BLOCK]

    def says(*lines: str) -> list[str]:
        data = "".join(f"{line}\n" for line in lines).encode()
        for start in range(0, len(data), size):
            bob.machine.receive_data(data[start : start + size])
        return bob.waits(0.1)

    assert says("bienvenue dans le chat, enregistrez-vous avec la commande /pseudo") == ["/pseudo"]
    assert says("[9.0.1]-alice: attention, ton pseudo est déjà pris", "Entrez votre pseudo") == ["bob"]
    assert not bob.session.logged_in
    says(*block)
    bob.waits(1.0)
    assert bob.session.logged_in
    shown = bob.shown()
    assert named(shown) == [("alice", "bob")]
    assert [event.text for event in shown if isinstance(event, Posted)] == ["attention, ton pseudo est déjà pris"]
    says(
        "[12.0.4]-alice: salut",
        "[12.0.4]-message privé de alice: secret",
        "[12.0.5]-message privé de alice: msg bob oui",
    )
    said = [event for event in bob.shown() if isinstance(event, Posted)]
    assert [(event.sender, event.text, isinstance(event, DirectPosted)) for event in said] == [
        ("alice", "salut", False),
        ("alice", "secret", True),
        ("alice", "oui", True),
    ]
    bob.asks(ListUsers())
    says(*block[:4], "[12.0.6]-alice: entre deux", *block[4:])
    shown = bob.shown()
    assert named(shown) == [("alice", "bob")]
    assert [event.text for event in shown if isinstance(event, Posted)] == ["entre deux"]
    says("[12.1.0]-Déconnection de alice")
    assert [(event.left, event.users) for event in bob.shown() if isinstance(event, PresenceChanged)] == [
        (("alice",), 1)
    ]
    assert list(bob.session.members.values()) == ["bob"]
    says("Déconnection de nobody")
    assert bob.texts() == [("*", "Déconnection de nobody")]


def test_old_server_that_knows_no_utf8_is_understood() -> None:
    """As a Windows program of France writes it."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears("pseudo ?")
    for line in (
        "Personnes connectées :",
        "-alice",
        "[1.2.3]-alice: où es-tu ?",
        "alice vous a envoyé un message privé : là",
    ):
        bob.receives(f"{line}\r\n".encode("cp1252"))
    bob.waits(1.0)
    shown = bob.shown()
    assert named(shown) == [("alice",)]
    assert [event.text for event in shown if isinstance(event, Posted)] == ["où es-tu ?", "là"]


def test_list_that_is_never_answered_is_refused() -> None:
    """After seconds, whatever others say meanwhile."""
    bob = texting()
    bob.asks(ListUsers())
    for _ in range(40):
        bob.hears("[12.34.56]-alice: salut")
    ((refused, _),) = [each for each in bob.events if isinstance(each[0], Refused)]
    assert isinstance(refused, Refused)
    assert refused.code == ErrorCode.UNKNOWN_TYPE


@pytest.mark.parametrize(
    "answer",
    [
        ["Il y a 2 personnes connectées : bob et alice"],
        ["bob, alice"],
        ['["bob","alice"]'],
        ["bob (vous); alice"],
        ["bob", "alice"],
        ["-bob -alice"],
        ["Utilisateurs: bob, alice"],
    ],
)
def test_list_without_a_head_is_known_by_the_own_name(answer: list[str]) -> None:
    """Where one was asked for; else it is shown as what was said."""
    bob = texting()
    bob.waits(5.0)
    bob.asks(ListUsers())
    bob.hears("alice, carol", *answer)
    bob.waits(5.0)
    shown = bob.shown()
    assert named(shown) == [("bob", "alice")]
    assert [event.text for event in shown if isinstance(event, Posted)] == ["alice, carol"]
    assert not [event for event in shown if isinstance(event, Refused)]
    bob.hears("bob, alice")
    assert bob.texts() == [("*", "bob, alice")]


def test_names_alone_are_a_list_only_below_its_head() -> None:
    """A word on a line of its own is what it is elsewhere."""
    bob = texting()
    bob.waits(5.0)
    bob.hears("alice", "Connectés :", "alice", "bob", "voilà !", "carol")
    shown = bob.shown()
    assert named(shown) == [("alice", "bob")]
    assert [event.text for event in shown if isinstance(event, Posted)] == ["alice", "voilà !", "carol"]


def test_server_that_says_nothing_to_a_name_has_taken_it_whatever_others_say() -> None:
    """A busy room is no silence."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears("pseudo ?")
    for number in range(40):
        bob.hears(f"[1.2.3]-alice: {number}")
    assert bob.session.logged_in
    assert bob.texts() == [("alice", str(number)) for number in range(40)]


# simple-text: another name.


def renames(bob: Guest) -> list[ClientEvent]:
    """Return what became of the wish for another name."""
    return [event for event in bob.shown() if isinstance(event, Accepted | Refused | UserRenamed)]


@pytest.mark.parametrize(
    "answer", [["Bienvenue al"], BLOCK, ["Les personnes connectées sont : -al, -alice"], ["OK"], []]
)
def test_user_is_renamed_in_two_steps(answer: list[str]) -> None:
    """Each waits for its prompt, and others may talk in between."""
    bob = texting()
    assert bob.asks(Rename("al")) == ["/pseudo"]
    assert bob.hears("[1.2.3]-alice: quel pseudo ?", "ping") == ["pong"]
    assert bob.hears("tapez le pseudo que vous voulez utiliser pour le chat :") == ["al"]
    bob.hears("[1.2.3]-alice: erreur !", *answer)
    bob.waits(4.0)
    assert renames(bob) == [Accepted(), UserRenamed("bob", "al")]
    assert bob.session.username == "al"
    bob.hears("[1.2.3]-al: mon propre texte", "[1.2.3]-bob: un autre")
    assert bob.texts() == [("bob", "un autre")]


@pytest.mark.parametrize(
    ("prompt", "answer", "code"),
    [
        ("pseudo ?", "Attention ce pseudo existe deja", ErrorCode.NAME_TAKEN),
        ("pseudo ?", "Ce pseudo existe déjà", ErrorCode.NAME_TAKEN),
        ("pseudo ?", "Rentrez un pseudo correct", ErrorCode.BAD_NAME),
        ("Attention : Commande inconnue : /pseudo", "", ErrorCode.UNKNOWN_TYPE),
        ("", "", ErrorCode.UNKNOWN_TYPE),
    ],
)
def test_user_who_may_not_have_another_name_keeps_the_old_one(prompt: str, answer: str, code: str) -> None:
    """And is told why; a server that asks for no name is sent none, for it would publish it."""
    bob = texting()
    bob.session.request(Rename("al"))
    bob.session.request(Rename("bo"))
    assert bob.waits(0.0) == ["/pseudo"]
    sent = bob.hears(prompt, answer)
    assert ("al" in sent) is (prompt == "pseudo ?")
    bob.waits(1.0 if prompt else 4.0)
    refused = renames(bob)[0]
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert bob.session.username == "bob"
    if prompt == "pseudo ?":
        assert bob.hears(prompt) == ["bo"]
        bob.hears("Bienvenue bo")
        assert bob.session.username == "bo"


PROMPT = "tapez le pseudo que vous voulez utiliser pour le chat :"
TAKEN = "Attention ce pseudo existe deja"


@pytest.mark.parametrize(
    "refusal",
    [
        f"{TAKEN}\n{PROMPT}\n",
        f"{TAKEN}\r\n{PROMPT}",
        f"{PROMPT}\n",
        f"{TAKEN}, tapez-en un autre :\n",
        f"{TAKEN}. Votre pseudo > ",
    ],
)
def test_server_that_asks_again_is_told_the_old_name(refusal: str) -> None:
    """It would take what the user says next for the name."""
    bob = texting()
    bob.asks(Rename("max"))
    bob.posts(SendMessage("avant"))
    assert bob.hears(PROMPT) == ["max"]
    bob.receives(refusal.encode())
    assert bob.posts(SendMessage("après")) + bob.waits(0.6) in (["bob"], [])
    (refused,) = renames(bob)
    assert isinstance(refused, Refused)
    assert bob.hears("[1.2.3]-alice: bonjour", "Bienvenue bob")[-2:] == ["avant", "après"]
    assert bob.session.username == "bob"
    assert bob.session.pending == 0


@pytest.mark.parametrize("seconds", [0.5, 2.5, 4.0])
def test_server_may_take_its_time_to_ask_again(seconds: float) -> None:
    """What is said is kept back for seconds, and again when it asks later still."""
    bob = texting()
    bob.asks(Rename("max"))
    bob.hears(PROMPT)
    bob.hears(TAKEN)
    assert bob.waits(seconds) == []
    assert bob.hears(PROMPT) == ["bob"]
    assert bob.posts(SendMessage("après")) == []
    assert bob.waits(4.0) == ["après"]
    assert bob.hears("Erreur : ce pseudo n'existe pas") == []


def test_server_that_asks_too_late_is_told_the_old_name() -> None:
    """The wish is refused by then, and it would take anything for the name."""
    bob = texting()
    bob.asks(Rename("max"))
    bob.waits(4.0)
    assert bob.hears(PROMPT) == ["bob"]
    bob.posts(SendMessage("après"))
    assert bob.hears("Bienvenue bob") == ["après"]
    assert PROMPT not in [text for _, text in bob.texts()]


def test_server_that_refuses_a_login_too_late_is_not_told_a_message_for_a_name() -> None:
    """Silence was taken for consent."""
    bob = Guest(text_dialect)
    bob.hears("/pseudo")
    bob.hears(PROMPT)
    bob.waits(4.0)
    assert bob.session.logged_in
    assert bob.hears(TAKEN, PROMPT) == ["bob"]
    assert bob.posts(SendMessage("bonjour")) == []
    assert bob.hears(TAKEN) == []
    assert bob.machine.close_expected() is CloseReason.NORMAL


def test_server_that_asks_again_is_told_the_next_name() -> None:
    """If the user has thought of another one by then."""
    bob = texting()
    bob.asks(Rename("max"))
    bob.asks(Rename("maxou"))
    bob.hears(PROMPT)
    assert bob.hears(TAKEN, PROMPT) == ["maxou"]
    bob.posts(SendMessage("après"))
    assert bob.hears("Bienvenue maxou") == ["après"]
    assert bob.session.username == "maxou"


@pytest.mark.parametrize("answer", [[TAKEN, PROMPT], [TAKEN], [PROMPT]])
def test_server_that_does_not_take_the_old_name_either_is_left_and_come_back_to(answer: list[str]) -> None:
    """With all that was not said yet: under which name would it be?"""
    bob = texting()
    bob.asks(Rename("max"))
    bob.hears(PROMPT)
    assert bob.hears(TAKEN, PROMPT) == ["bob"]
    assert bob.posts(SendMessage("après")) == []
    assert bob.hears(*answer) == []
    assert bob.machine.close_expected() is CloseReason.NORMAL
    (dismissed,) = [event for event in bob.shown() if isinstance(event, Dismissed)]
    assert dismissed.reconnect_in == 1.0
    assert bob.session.pending == 1


@pytest.mark.parametrize("prompt", ["pseudo ?", ""])
def test_what_is_said_meanwhile_is_not_taken_for_the_name(prompt: str) -> None:
    """It waits until the server has the name, or knows no such thing; and nothing waits for ever."""
    bob = texting()
    bob.waits(1.0)
    bob.asks(ListUsers())
    assert bob.asks(Rename("al")) == []
    bob.session.post(SendMessage("bonjour"))
    bob.session.request(ListUsers())
    assert bob.waits(0.1) == ["/pseudo"]
    assert bob.hears("ping", prompt) == (["pong", "al"] if prompt else ["pong"])
    assert bob.waits(6.5)[:2] == ["bonjour", "/list"]
    bob.waits(4.0)
    unanswered = [event for event in bob.shown() if isinstance(event, Refused)]
    assert len(unanswered) == (2 if prompt else 3)
    assert bob.session.username == ("al" if prompt else "bob")


def test_others_are_renamed() -> None:
    """As our own server tells it."""
    bob = texting()
    bob.hears("-yves, -bob")
    bob.waits(1.0)
    bob.hears("Déconnection de yves (maintenant yvette)")
    assert renames(bob) == [UserRenamed("yves", "yvette")]
    assert list(bob.session.members.values()) == ["yvette", "bob"]


# simple-json.


def objects(sent: list[str]) -> list[dict[str, Any]]:
    """Return what was sent, object by object."""
    return [json.loads(each) for each in sent]


def jsoning() -> Guest:
    """Return a user at a JSON server."""
    bob = Guest(json_dialect)
    assert objects(bob.waits(0.0)) == [{"type": "login", "username": "bob"}]
    bob.hears('{"status": "success", "message": "Welcome"}')
    assert bob.session.logged_in
    bob.shown()
    return bob


def test_objects_are_shown_as_what_they_mean() -> None:
    """Messages, and what the server itself has to say; one's own come back unseen."""
    bob = jsoning()
    bob.receives(
        b'{"type":"message","username":"alice","content":"hi\\nyou"}{"type":"message","username":"BOB","content":"x"}'
        b'{"type":"info","message":"carol left"}\n{"status":"error","message":"oops"}{"type":"strange"}'
        b'{"status":"success","users":["alice",7,"bob"]}'
    )
    *said, entered = bob.shown()
    assert [(event.sender, event.text) for event in said if isinstance(event, Posted)] == [
        ("alice", "hi\nyou"),
        ("*", "carol left"),
        ("*", "oops"),
    ]
    assert isinstance(entered, RoomEntered)
    assert entered.users == ("alice", "bob")


def test_client_asks_for_one_thing_at_a_time() -> None:
    """Answers carry no id; each one belongs to the oldest request."""
    bob = jsoning()
    said = {"type": "message", "username": "bob", "content": "hello"}
    assert objects(bob.posts(SendMessage("hello"))) == [said]
    assert bob.asks(ListUsers()) == []
    assert bob.posts(SendBroadcast("lunch")) == []
    assert objects(bob.hears('{"status": "success", "message": "ok"}')) == [{"type": "list"}]
    assert objects(bob.hears('{"status": "success", "users": ["bob"]}')) == [said | {"content": "lunch"}]
    bob.hears('{"status": "error", "message": "no lunch"}')
    shown = [event for event in bob.shown() if not isinstance(event, Posted)]
    assert [type(event) for event in shown] == [SendAcknowledged, UsersListed, SendRefused]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Ce nom d'utilisateur est déjà pris", ErrorCode.NAME_TAKEN),
        ("username already in use", ErrorCode.NAME_TAKEN),
        ("Serveur plein", ErrorCode.SERVER_FULL),
        ("nom incorrect", ErrorCode.BAD_NAME),
    ],
)
def test_refused_login_has_a_code(answer: str, code: str) -> None:
    """As far as the server's words tell."""
    bob = Guest(json_dialect)
    bob.hears(json.dumps({"status": "error", "message": answer}))
    assert bob.session.refusal == Refused(code, answer)


def test_server_that_answers_nothing_stalls_nobody() -> None:
    """What was said is taken for said after a while, a list that does not come is refused; the next has its turn."""
    bob = jsoning()
    bob.posts(SendMessage("one"))
    bob.asks(ListUsers())
    bob.posts(SendMessage("two"))
    sent = objects(bob.waits(25.0))
    assert [found["type"] for found in sent] == ["list", "message"]
    bob.hears('{"status": "success", "message": "too late"}')
    shown = bob.shown()
    assert [event.cid for event in shown if isinstance(event, SendAcknowledged)] == [1, 2]
    assert [event.code for event in shown if isinstance(event, Refused)] == [ErrorCode.UNKNOWN_TYPE]


def test_late_answer_is_not_taken_for_an_empty_list() -> None:
    """Only names are an answer to the question who is there."""
    bob = jsoning()
    bob.asks(ListUsers())
    bob.hears('{"status": "success", "message": "Message envoyé à tous les clients"}')
    assert named(bob.shown()) == []
    bob.hears('{"type": "list", "users": ["alice", "bob"]}')
    assert named(bob.shown()) == [("alice", "bob")]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"type": "message", "from": "alice", "text": "salut"}, ("alice", "salut")),
        ({"type": "message", "sender": "alice", "message": "salut"}, ("alice", "salut")),
        ({"type": "message", "username": "alice", "content": ""}, ("alice", "")),
        ({"type": "error", "message": "oops"}, ("*", "oops")),
        ({"status": "error", "error": "oops"}, ("*", "oops")),
    ],
)
def test_message_is_read_under_other_names_too(said: dict[str, str], text: tuple[str, str]) -> None:
    """Other people's servers take what names they like."""
    bob = jsoning()
    bob.receives(json.dumps(said).encode())
    assert bob.texts() == [text]


def shouting() -> Guest:
    """Return a user at a server of the dialect that is an example."""
    bob = Guest(shout)
    bob.hears("WELCOME BOB")
    bob.shown()
    return bob


@pytest.mark.parametrize("guest", [texting, jsoning, shouting])
@pytest.mark.parametrize(
    ("meant", "code"),
    [
        (SendMessage("psst", room="elsewhere"), ErrorCode.NOT_IN_ROOM),
        (SendMessage("yes", reply_to=1), ErrorCode.NO_SUCH_MESSAGE),
        (SendMessage("yes", reply_to=1, epoch="local"), ErrorCode.NO_SUCH_MESSAGE),
    ],
)
def test_message_is_said_as_it_is_meant_or_not_at_all(
    guest: Callable[[], Guest], meant: SendMessage, code: str
) -> None:
    """These servers have one room and no replies: nothing that they have no words for is left out in silence."""
    bob = guest()
    assert bob.posts(meant) == []
    (refused,) = bob.shown()
    assert isinstance(refused, SendRefused)
    assert refused.code == code
    assert len(bob.posts(SendMessage("hello", room="LOBBY"))) == 1


def test_direct_message_is_refused_where_there_are_none() -> None:
    """Before anything is sent."""
    bob = jsoning()
    assert bob.posts(SendDirect(("alice",), "psst")) == []
    (refused,) = bob.shown()
    assert isinstance(refused, SendRefused)
    assert refused.code == ErrorCode.UNKNOWN_TYPE


def test_unreadable_server_is_left() -> None:
    """With a reason; the client comes back later."""
    bob = jsoning()
    bob.receives(b"<html>")
    (dismissed,) = bob.shown()
    assert isinstance(dismissed, Dismissed)
    assert dismissed.code == ErrorCode.BAD_JSON
    assert bob.machine.close_expected() is CloseReason.BAD_DATA


UNREADABLE = [
    b"{'type': 'message'}",
    b'{"type": "message", "username": "rita", "content": "x",}',
    b'{"a":' * 200 + b"1" + b"}" * 200,
    b'{"a":"' + b"x" * 1024 * 1024 + b'"}',
]


@pytest.mark.parametrize("data", UNREADABLE)
def test_object_that_cannot_be_read_is_left_out(data: bytes) -> None:
    """Many servers pass on what their users send: one of those cannot keep everybody else away."""
    bob = jsoning()
    bob.posts(SendMessage("hello"))
    bob.receives(data + b'{"type":"message","username":"rita","content":"after"}{"status":"success"}')
    shown = bob.shown()
    assert [event.text for event in shown if isinstance(event, Posted)] == ["after", "hello"]
    assert bob.machine.close_expected() is None


@pytest.mark.parametrize("data", UNREADABLE)
def test_server_that_answers_the_login_with_something_unreadable_is_left(data: bytes) -> None:
    """It is no such server, and says so at once."""
    bob = Guest(json_dialect)
    bob.receives(data)
    (dismissed,) = bob.shown()
    assert isinstance(dismissed, Dismissed)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"type":"message","username":"rita","content":"x","timestamp":1764340000000000000}', ("rita", "x")),
        (b'{"type":"message","username":"rita","content":"\\ud83d"}', ("rita", "\ufffd")),
        (b'{"type":"message","username":"rita","content":"caf\xe9"}', ("rita", "café")),
        (b'{"type":"message","username":"ri\\udc00ta","content":"x"}', ("ri\ufffdta", "x")),
        (b'{"type":"message","username":"rita","username":"rita","content":"x"}', ("rita", "x")),
        (b'{"type":"message","username":"rita","content":"x","ttl":Infinity}', ("rita", "x")),
        (b'{"type":"message","username":"rita","content":"x","meta":' + b"[" * 20 + b"]" * 20 + b"}", ("rita", "x")),
    ],
)
def test_what_the_native_protocol_refuses_is_read_at_other_servers(data: bytes, text: tuple[str, str]) -> None:
    """Numbers of any size, half an emoji, old encodings, deep fields: nobody is kept away by them."""
    bob = jsoning()
    bob.receives(data)
    assert bob.texts() == [text]
    assert bob.machine.close_expected() is None


@pytest.mark.parametrize("answered", [False, True])
def test_message_whose_answer_was_lost_is_told_and_not_said_a_second_time(answered: bool) -> None:
    """Nothing at such a server removes doubles. What has not gone out yet goes out on the next connection."""
    bob = jsoning()
    bob.posts(SendMessage("one"))
    bob.posts(SendMessage("two"))
    bob.asks(ListUsers())
    if answered:
        bob.hears('{"status": "success"}')
    bob.loses()
    refused = [event for event in bob.shown() if isinstance(event, SendRefused)]
    assert [(event.cid, event.code) for event in refused] == [(2 if answered else 1, CONNECTION_LOST)]
    assert "may have arrived" in refused[0].message
    assert [found["type"] for found in objects(bob.waits(0.0))] == ["login"]
    sent = [*bob.hears('{"status": "success"}'), *bob.hears('{"status": "success"}')]
    assert [found.get("content") for found in objects(sent)] == ([None] if answered else ["two", None])


def test_server_that_takes_one_message_per_connection_hears_each_once() -> None:
    """However many wait: none is said twice, and each is told of."""
    bob = jsoning()
    texts = [f"message {number}" for number in range(12)]
    sent = objects(bob.posts(SendMessage(texts[0])))
    for text in texts[1:]:
        assert bob.posts(SendMessage(text)) == []
    for _ in range(20):
        bob.loses()
        bob.waits(0.0)
        sent += objects(bob.receives(b'{"status": "success"}') + bob.waits(2.0))
    assert [found["content"] for found in sent] == texts
    refused = [event for event in bob.shown() if isinstance(event, SendRefused)]
    assert [event.code for event in refused] == [CONNECTION_LOST] * len(texts)


NEWS: list[dict[str, Any]] = [
    {"type": "notification", "status": "info", "message": "rita a rejoint le chat"},
    {"status": "info", "message": "rita a rejoint le chat"},
    {"status": "connected", "type": "user_joined", "username": "rita", "message": "rita a rejoint le chat"},
]


@pytest.mark.parametrize("news", NEWS)
def test_news_before_an_answer_are_no_answer(news: dict[str, Any]) -> None:
    """Only what says yes or no answers a login or a message."""
    bob = Guest(json_dialect)
    bob.receives(json.dumps(news).encode())
    assert bob.session.refusal is None
    bob.hears('{"status": "success"}')
    assert bob.session.logged_in
    bob.shown()
    bob.posts(SendMessage("hello"))
    bob.receives(json.dumps(news).encode() + b'{"status": "success", "message": "ok"}')
    shown = bob.shown()
    assert [(event.sender, event.text) for event in shown if isinstance(event, Posted)] == [
        ("*", "rita a rejoint le chat"), ("bob", "hello")
    ]  # fmt: skip
    assert not [event for event in shown if isinstance(event, SendRefused)]


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "login", "status": "success", "message": "Bienvenue bob"},
        {"type": "login", "username": "bob", "status": "OK"},
        {"status": "success", "username": "bob", "message": "Bienvenue"},
        {"type": "message", "status": "success", "username": "serveur", "content": "Bienvenue"},
        {"status": 200, "message": "ok"},
        {"success": True},
        {"type": "success", "message": "Bienvenue"},
        {"status": "success", "users": ["bob", "rita"]},
    ],
)
def test_login_is_answered_by_whatever_says_yes(answer: dict[str, Any]) -> None:
    """And a list of users that says so is the picture of the room besides."""
    bob = Guest(json_dialect)
    bob.receives(json.dumps(answer).encode())
    assert bob.session.logged_in
    if "users" in answer:
        assert list(bob.session.members.values()) == ["bob", "rita"]


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "error", "message": "pris"}, {"status": 409, "message": "pris"}, {"success": False, "error": "pris"},
        {"status": "Erreur", "message": "pris"}, {"status": "ko", "message": "pris"},
        {"status": "refusé", "username": "bob", "message": "pris"},
        {"type": "login", "status": "error", "message": "pris"},
    ],
)  # fmt: skip
def test_login_is_refused_by_whatever_says_no(answer: dict[str, Any]) -> None:
    """With the server's words."""
    bob = Guest(json_dialect)
    bob.receives(json.dumps(answer).encode())
    assert bob.session.refusal == Refused(ErrorCode.NAME_TAKEN, "pris")


@pytest.mark.parametrize(
    "users",
    [
        ["bob", "rita"], ["", "bob", "rita", "RITA ", None, 5], [{"username": "bob"}, {"name": "rita", "id": 7}],
        "bob, rita", "bob;rita;",
    ],
)  # fmt: skip
def test_list_of_users_is_read_in_every_form(users: object) -> None:
    """Names, or objects with one; once each, and none that is empty."""
    bob = jsoning()
    bob.asks(ListUsers())
    bob.receives(json.dumps({"status": "success", "users": users}).encode())
    ((first, second),) = named(bob.shown())
    assert (first, second.casefold()) == ("bob", "rita")


def test_list_without_any_name_that_can_be_read_is_no_empty_list() -> None:
    """A server with nobody there would say so by an empty one."""
    bob = jsoning()
    bob.asks(ListUsers())
    bob.receives(b'{"status": "success", "users": [5, null]}')
    assert named(bob.shown()) == []
    bob.receives(b'{"status": "success", "users": []}')
    assert named(bob.shown()) == [()]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"type": "broadcast", "username": "rita", "content": "x"}, ("rita", "x")),
        ({"type": "msg", "username": "rita", "content": "x"}, ("rita", "x")),
        ({"username": "rita", "content": "x"}, ("rita", "x")),
        ({"type": "message", "username": "rita", "content": "x", "status": "success"}, ("rita", "x")),
        ({"type": "message", "username": "rita", "content": "x", "status": "away"}, ("rita", "x")),
        ({"type": "info", "username": "rita", "message": "rita is here"}, ("*", "rita is here")),
        ({"type": "message", "username": "", "content": "x"}, ("*", "x")),
    ],
)
def test_who_says_something_is_shown_whatever_the_type(said: dict[str, Any], text: tuple[str, str]) -> None:
    """Unless it is the server that tells about somebody. None of it answers what is asked."""
    bob = jsoning()
    bob.posts(SendMessage("hello"))
    bob.receives(json.dumps(said).encode())
    assert bob.texts() == [text]


@pytest.mark.unmeasured
@given(
    st.dictionaries(
        st.sampled_from(["type", "status", "success", "username", "content", "message", "users"]) | st.text(max_size=2),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
            | st.text(st.characters(exclude_categories=())) | st.sampled_from(["message", "info", "rita"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
    ),
    st.data(),
)  # fmt: skip
def test_no_json_object_of_a_server_ends_the_connection(found: dict[str, Any], data: st.DataObject) -> None:
    """Cut anywhere, escaped or not; what comes behind it is shown."""
    payload = json.dumps(found, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=5)))
    bob = jsoning()
    for start, end in zip([0, *cuts], [*cuts, len(payload)], strict=True):
        bob.receives(payload[start:end])
    for event in bob.shown():
        if isinstance(event, Posted):
            (event.sender + event.text).encode()
    bob.receives(b'{"type":"message","username":"rita","content":"after"}')
    assert bob.texts() == [("rita", "after")]
    assert bob.machine.close_expected() is None


# Both.


@pytest.mark.parametrize("pad", [b"\0", b"\0" * 50, b"\n\0", b"\r\n", b"\r\0"])
def test_padding_of_c_programs_is_no_part_of_what_a_server_says(pad: bytes) -> None:
    """In both dialects, with a byte-order mark in front."""
    bob = Guest(text_dialect)
    assert bob.receives("\ufeffBienvenue, /pseudo".encode() + pad) == ["/pseudo"]
    assert bob.receives(b"Votre pseudo ?" + pad) == ["bob"]
    bob.receives(b"Bienvenue bob" + pad + b"ping" + pad)
    bob.shown()
    bob.receives(b"[12.34.56]-alice: salut" + pad)
    assert bob.texts() == [("alice", "salut")]
    bob = Guest(json_dialect)
    bob.waits(0.0)
    bob.receives("\ufeff".encode() + b'{"status":"success","message":"ok"}' + pad)
    bob.shown()
    bob.receives(b'{"type":"message","username":"alice","content":"salut"}' + pad)
    assert bob.texts() == [("alice", "salut")]


@pytest.mark.parametrize("guest", [texting, jsoning])
@pytest.mark.parametrize(
    "command",
    [
        CreateRoom("python"), JoinRoom("python"), LeaveRoom(), ListRooms(), WhoIs("alice"),
        ReadHistory("lobby"), ListUsers("python"),
    ],
)  # fmt: skip
def test_what_the_dialect_has_no_words_for_is_refused_at_once(guest: Any, command: Command) -> None:
    """With a clear code, and without a word to the server."""
    bob = guest()
    assert bob.asks(command) == []
    ((refused, reply_to),) = bob.events
    assert isinstance(refused, Refused)
    assert refused.code in (ErrorCode.UNKNOWN_TYPE, ErrorCode.NO_SUCH_ROOM)
    assert reply_to is not None


SAID = st.sampled_from(
    [
        "Bienvenue /pseudo", "pseudo ?", "Bienvenue bob", "ping", "-alice, -bob", "Connectés : -alice", "Deconnexion",
        "[12.34.56]-alice: hi", "alice vous a envoyé un message privé : x", "", '{"status": "success", "users": ["x"]}',
        '{"status": "success"}', '{"status": "error", "message": "x"}',
        '{"type": "message", "username": "", "content": ""}', "\0\0", "\ufeffping\0", "-----", "=> x", "En ligne:",
        "[1.2.3]-Déconnection de alice", "[1.2.3]-message privé de alice: x",
    ]
).map(lambda line: f"{line}\n".encode())  # fmt: skip


@pytest.mark.unmeasured
@pytest.mark.parametrize("dialect", [text_dialect, json_dialect])
@given(pieces=st.lists(SAID | st.binary(max_size=6), max_size=12), data=st.data())
def test_bytes_mean_the_same_however_they_are_cut(dialect: Dialect, pieces: list[bytes], data: st.DataObject) -> None:
    """Nothing raises, and the user sees the same as of the whole."""
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))

    def seen(*parts: bytes) -> tuple[object, ...]:
        machine = dialect.client(Limits(), boundaries=False, keepalive=False, now=0.0)
        machine.send_command(LogIn("bob"), "login")
        machine.send_command(ListUsers(), "list")
        machine.send_command(Rename("al"), "rename")
        for part in parts:
            machine.receive_data(part)
        machine.receive_eof()
        events = machine.events_received()
        return events, machine.close_expected()

    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert seen(*parts) == seen(whole)
