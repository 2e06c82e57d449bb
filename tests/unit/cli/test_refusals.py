"""Why something was refused, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatcore import commands as c
from chatcore.errors import LoginRefused, RequestRefused, Sentence
from chatcore.text.slash import SendPath
from chatcore_cli.chatting.showing.outcomes import why_refused
from chatcore_cli.saying import texts
from chatcore_cli.saying.refusals import AS_OPERATOR, login_reason, reason


@pytest.fixture
def french() -> Iterator[None]:
    """Speak French for one test."""
    texts.use("fr")
    yield
    texts.use()


def test_server_s_own_words_are_shown_where_we_know_none() -> None:
    """A code of a newer server is explained by that server."""
    assert reason(RequestRefused("gone_fishing", "come back\nlater")) == r"come back\x0alater."
    assert reason(RequestRefused("bad_json", "the frame is not JSON")) == "the frame is not JSON."
    assert reason(RequestRefused("bad_json", "")) == "The server did not understand this."


def test_our_sentences_begin_with_a_capital_and_names_stay_as_they_are() -> None:
    """A name at its beginning gets no capital letter."""
    elsewhere = RequestRefused("not_in_room", "", {"room": "lobby", "name": "python"})
    assert reason(elsewhere) == "You are in lobby, not in python."
    busy = RequestRefused("file_limit", "", {"name": "bob", "file_transfers": 16})
    assert reason(busy) == "bob has 16 files on their way already; try again later."
    assert reason(RequestRefused("", Sentence("really?"))) == "Really?"


@pytest.mark.parametrize(
    ("code", "command", "text"),
    [
        ("no_such_room", c.JoinRoom("x"), "There is no room called x. /rooms lists them, /create x makes it."),
        ("room_exists", c.CreateRoom("x"), "There is a room called x already. /join x enters it."),
        ("no_such_user", c.WhoIs("x"), "There is no user called x. /list shows who is there."),
        ("no_such_user", c.SendDirect(("x",), "hi"), "There is no user called x. /list shows who is there."),
        ("no_such_user", SendPath(("x",), False, "f"), "There is no user called x. /list shows who is there."),
        ("name_taken", c.Rename("x"), "The name x is taken."),
        ("unknown_type", c.ListRooms(), "This server has nothing like /rooms."),
        ("unknown_type", c.ListUsers("x"), "This server has nothing like /who."),
        ("unknown_type", c.LeaveRoom(), "This server has nothing like /leave."),
        ("no_such_room", c.ListUsers("x"), "this server has one room only."),
    ],
)
def test_refusal_names_what_was_asked_for_and_what_to_do(code: str, command: c.Command, text: str) -> None:
    """Whatever the server's own words are."""
    assert why_refused(RequestRefused(code, "this server has one room only"), command) == text


def test_of_several_receivers_the_missing_one_is_named() -> None:
    """The server says who it is; where it does not, its words are shown."""
    command = c.SendDirect(("bob", "bobby"), "hi")
    found = why_refused(RequestRefused("no_such_user", "nobody here is called bobby", {"name": "bobby"}), command)
    assert found == "There is no user called bobby. /list shows who is there."
    assert why_refused(RequestRefused("no_such_user", "somebody is missing"), command) == "somebody is missing."


RULE = "A name has 2 to 12 letters of one script, digits, _ or -."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("big bob", "There is a space in 'big bob'."),
        ("Zo.", "There is '.' in 'Zo.'."),
        ("p\u0430ul", "'\u0430' in 'p\u0430ul' is from another script than what stands before it."),
        ("x\x1b\u202e", r"There is '\x1b' in 'x\x1b\u202e'."),
        ("z", "'z' is too short."),
        ("alexander_the_great", "'alexander_the_great' is too long, with 19 characters."),
    ],
)
def test_bad_name_is_told_with_what_is_wrong_with_it(name: str, problem: str) -> None:
    """How long a name may be, the server says; a number in its sentence is not looked for."""
    error = LoginRefused("bad_name", "7 to 9", {"shortest": 2, "longest": 12})
    assert login_reason(error, name) == f"{problem} {RULE}"
    assert why_refused(error, c.Rename(name)) == f"{problem} {RULE}"


def test_bad_name_for_reasons_of_the_server_is_told_in_its_words() -> None:
    """It may have rules of its own."""
    assert reason(RequestRefused("bad_name", "you cannot be root"), name="root") == "you cannot be root."
    bounds = {"shortest": 2, "longest": 12}
    assert reason(RequestRefused("bad_name", "not root", bounds), name="root") == RULE


def test_who_finds_the_own_name_taken_reads_when_it_is_free() -> None:
    """Most often it is oneself, from before."""
    said = login_reason(LoginRefused("name_taken", "somebody is called bob already"), "bob")
    assert said == (
        "The name bob is taken. If that was you: it is free again at once after /quit, and a minute after a lost "
        "connection."
    )


@pytest.mark.usefixtures("french")
def test_names_and_numbers_are_in_the_french_sentences_too() -> None:
    """They say as much as the English ones."""
    assert reason(RequestRefused("name_taken", ""), name="bob") == "Le nom bob est déjà pris."
    room = RequestRefused("no_such_room", "", {"name": "x"})
    assert reason(room) == "Il n’y a pas de salon x. /rooms les montre, /create x le crée."
    assert "2 à 12 lettres" in reason(RequestRefused("bad_name", "", {"shortest": 2, "longest": 12}), name="é")
    assert reason(RequestRefused("no_such_room", "no room")) == "Il n’y a pas de salon de ce nom."


@pytest.mark.parametrize(
    ("code", "values", "text"),
    [
        ("no_such_user", {"name": "x"}, "There is no user called x. The action who lists who is there."),
        ("no_such_room", {"name": "x"}, "There is no room called x. The action rooms lists them."),
        ("no_such_user", {"what": "account", "name": "x"}, "The name x belongs to nobody."),
        ("forbidden", {"what": "lobby", "room": "lobby"}, "Everybody starts in lobby: it cannot be private."),
        ("bad_invitation", {"what": "number"}, "There is no invitation with that number, or not any more."),
    ],
)
def test_operator_at_a_shell_is_told_of_no_command_that_only_the_chat_has(
    code: str, values: dict[str, str], text: str
) -> None:
    assert why_refused(RequestRefused(code, "", values), c.KickUser("x"), AS_OPERATOR) == text
