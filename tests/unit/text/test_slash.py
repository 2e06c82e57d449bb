"""What a typed line means."""

from __future__ import annotations

import pytest

from chatcore import commands as c
from chatcore.text.slash import (
    SLASHES,
    AnswerFile,
    ChangeLast,
    Help,
    NotUnderstood,
    ReactToLast,
    ReplyToLast,
    SendPath,
    ShowLink,
    complete,
    is_secret,
    one_by_one,
    parse,
)

USERS = ("alice", "Albert", "bob")
ROOMS = ("lobby", "python")


def candidates(text: str) -> tuple[str, ...]:
    return complete(text, users=USERS, rooms=ROOMS).candidates


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("hello", c.SendMessage("hello", room="lobby")),
        ("  two spaces first", c.SendMessage("  two spaces first", room="lobby")),
        ("  // a comment", c.SendMessage("  // a comment", room="lobby")),
        (" /msg bob psst", c.SendDirect(("bob",), "psst")),
        ("\u200b/msg bob psst", c.SendDirect(("bob",), "psst")),
        ("\uff0fmsg bob psst", c.SendDirect(("bob",), "psst")),
        ("\x1b[A\u2215 msg bob psst", c.SendDirect(("bob",), "psst")),
        ("\n/msg bob psst", c.SendDirect(("bob",), "psst")),
        ("/msg\nbob\npsst\n/leave", c.SendDirect(("bob",), "psst\n/leave")),
        ("/msgall\nlunch\nat 12", c.SendBroadcast("lunch\nat 12")),
        ("/edit\none\ntwo", ChangeLast("lobby", text="one\ntwo")),
        ("/reply bob\none\ntwo", ReplyToLast("lobby", "bob", "one\ntwo")),
        ("/topic news\n", c.SetTopic("news", "lobby")),
        ("//etc/hosts", c.SendMessage("/etc/hosts", room="lobby")),
        ("/nick al", c.Rename("al")),
        ("/NICK al", c.Rename("al")),
        ("/who", c.ListUsers("lobby")),
        ("/list", c.ListUsers()),
        ("/whois bob", c.WhoIs("bob")),
        ("/msgall lunch at  12", c.SendBroadcast("lunch at  12")),
        ("/msg bob psst", c.SendDirect(("bob",), "psst")),
        ("/msg bob,carol  two words ", c.SendDirect(("bob", "carol"), "two words")),
        ("/rooms ", c.ListRooms()),
        ("/create python", c.CreateRoom("python")),
        ("/join python", c.JoinRoom("python")),
        ("/leave", c.LeaveRoom()),
        ("/history", c.ReadHistory("lobby", limit=20)),
        ("/history 300", c.ReadHistory("lobby", limit=300)),
        ("/search key from:bob", c.Search("key", "bob")),
        ("/search", c.Search()),
        ("/register", c.RegisterAccount()),
        ("/register secret", c.RegisterAccount("secret")),
        ("/identify", c.Identify()),
        ("/identify secret", c.Identify("secret")),
        ("/identify alice secret", c.Identify("secret", "alice")),
        ("/reply bob  yes, I have", ReplyToLast("lobby", "bob", "yes, I have")),
        ("/react 👍", ReactToLast("lobby", emoji="👍")),
        ("/react 👍 bob", ReactToLast("lobby", "bob", emoji="👍")),
        ("/unreact 👍", ReactToLast("lobby", emoji="👍", back=True)),
        ("/unreact 👍 bob", ReactToLast("lobby", "bob", emoji="👍", back=True)),
        ("/topic what it is about", c.SetTopic("what it is about", "lobby")),
        ("/topic -", c.SetTopic("", "lobby")),
        ("/kick bob", c.KickUser("bob", room="lobby")),
        ("/kick bob be  nice", c.KickUser("bob", "be  nice", "lobby")),
        ("/ban bob", c.BanUser("bob", room="lobby")),
        ("/ban bob 10m spam again", c.BanUser("bob", 600, "spam again", room="lobby")),
        ("/ban bob +address 7d", c.BanUser("bob", 604_800, "", True, "lobby")),
        ("/ban bob 7d +address loud", c.BanUser("bob", 604_800, "loud", True, "lobby")),
        ("/ban bob +address +address", c.BanUser("bob", None, "+address", True, "lobby")),
        ("/ban bob 10 minutes", c.BanUser("bob", 600, "", room="lobby")),
        ("/ban bob 1 heure trop de bruit", c.BanUser("bob", 3600, "trop de bruit", room="lobby")),
        ("/ban bob +address 2 semaines", c.BanUser("bob", 1_209_600, "", True, "lobby")),
        ("/ban bob for 1h30m spam", c.BanUser("bob", 5400, "spam", room="lobby")),
        ("/ban bob for spam", c.BanUser("bob", None, "for spam", room="lobby")),
        ("/unban bob", c.UnbanUser("bob", "lobby")),
        ("/bans", c.ListBans("lobby")),
        ("/mute bob 30s", c.MuteUser("bob", 30, "", "lobby")),
        ("/mute bob 2h quiet", c.MuteUser("bob", 7200, "quiet", "lobby")),
        ("/mute bob 10 Min", c.MuteUser("bob", 600, "", "lobby")),
        ("/mute bob 3\u00a0jours", c.MuteUser("bob", 259_200, "", "lobby")),
        ("/mute bob pendant 2 hours 5 min", c.MuteUser("bob", 7500, "", "lobby")),
        ("/unmute bob", c.UnmuteUser("bob", "lobby")),
        ("/op bob", c.SetRole("bob", "moderator", "lobby")),
        ("/op bob owner", c.SetRole("bob", "owner", "lobby")),
        ("/deop bob", c.SetRole("bob", "member", "lobby")),
        ("/delete", ChangeLast("lobby")),
        ("/delete bob", ChangeLast("lobby", "bob")),
        ("/edit what I meant", ChangeLast("lobby", text="what I meant")),
        ("/private", c.SetPrivate(True, "lobby")),
        ("/private off", c.SetPrivate(False, "lobby")),
        ("/invite bob", c.InviteUser("bob", "lobby")),
        ("/slow 10", c.SetSlow(10, "lobby")),
        ("/slow 0", c.SetSlow(0, "lobby")),
        ("/slow 0s", c.SetSlow(0, "lobby")),
        ("/slow 1 minute", c.SetSlow(60, "lobby")),
        ("/close", c.CloseRoom("", "lobby")),
        ("/close see you", c.CloseRoom("see you", "lobby")),
        ("/send bob my report.pdf", SendPath(("bob",), False, "my report.pdf")),
        ("/send bob,carol  ~/x ", SendPath(("bob", "carol"), False, "~/x")),
        ("/send * x", SendPath((), True, "x")),
        ('/send bob " b " ', SendPath(("bob",), False, " b ")),
        ('/send bob ""b""', SendPath(("bob",), False, '"b"')),
        ('/send bob say "b"', SendPath(("bob",), False, 'say "b"')),
        ('/send bob "', SendPath(("bob",), False, '"')),
        ("/accept", AnswerFile("accept", None)),
        ("/accept k3f1", AnswerFile("accept", "k3f1")),
        ("/decline", AnswerFile("decline", None)),
        ("/cancel 7", AnswerFile("cancel", "7")),
        ("/link", ShowLink()),
        ("/quit", c.LogOut()),
        ("/help", Help()),
        ("", None),
        (" \t", None),
    ],
)
def test_line_means_what_the_protocol_document_says(line: str, command: object) -> None:
    """Each command of a terminal user has one meaning; anything else is a message to the room."""
    assert parse(line, room="lobby") == command


@pytest.mark.parametrize(
    "line",
    [
        *("/nick", "/nick a b", "/msg bob", "/msg , text", "/msgall", "/join", "/list now"),
        *("/history x", "/history 0", "/history -1", "/history ٣", "/history 1 2", "/history 99999"),
        *("/topic", "/kick", "/ban", "/mute", "/unban", "/unban a b", "/bans now", "/unmute a b", "/op", "/op a king"),
        *("/deop a b", "/deop", "/private on", "/invite", "/invite a b", "/slow", "/slow x", "/slow -1", "/slow 1 2"),
        *("/ban bob 10", "/ban bob 10 mn", "/ban bob 1.5h", "/ban bob 1h30", "/ban bob 10m, spam", "/ban bob \u0663m"),
        *("/ban bob +address 3 mois", "/mute bob for 10", "/mute bob 2 lunes", "/slow 2 lunes", "/slow 5s quiet"),
        *("/ban +address bob", "/ban bob 0s", "/ban bob +address 0d reason", "/mute bob 00m", "/mute bob 0h loud"),
        *(
            "/edit",
            "/react",
            "/react 👍 a b",
            "/unreact",
            "/unreact 👍 a b",
            "/delete a b",
            "/register a b",
            "/identify a b c",
        ),
        *("/send", "/send bob", '/send bob ""', "/send , x", "/accept a b"),
        *("/topic news\n/msg bob psst", "/kick\nbob", "/kick bob\n/quit", "/quit\nhello", "/create\nclub"),
    ],
)
def test_command_with_something_missing_or_too_much_is_not_understood(line: str) -> None:
    """Half a command is never sent as a message."""
    with pytest.raises(NotUnderstood) as caught:
        parse(line, room="lobby")
    assert (caught.value.code, caught.value.name) == ("usage", line[1:].split(maxsplit=1)[0])


@pytest.mark.parametrize(
    ("line", "name", "close"),
    [("/nik al", "nik", "nick"), ("/xyzzy", "xyzzy", None), ("/", "", None), ("/ ", "", None)],
)
def test_unknown_command_is_not_understood(line: str, name: str, close: str | None) -> None:
    """A slip of the finger is not sent to the room either; what was probably meant is told."""
    with pytest.raises(NotUnderstood) as caught:
        parse(line, room="lobby")
    assert (caught.value.code, caught.value.name, caught.value.close) == ("unknown", name, close)


def test_every_command_is_listed_under_its_name() -> None:
    """A list of them can be shown in this order."""
    assert [slash.name for slash in SLASHES.values()] == list(SLASHES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/wh", ("/who ", "/whois ")),
        ("/join ", ("lobby", "python")),
        ("/join PY", ("python",)),
        ("/whois a", ("Albert", "alice")),
        ("/msg alice,b", ("bob",)),
        ("/msg bob al", ()),
        ("/send alice,b", ("bob",)),
        ("/acc", ("/accept ",)),
        ("/nick a", ()),
        ("al", ("Albert: ", "alice: ")),
        ("thanks, bo", ("bob ",)),
        ("thanks ", ()),
        ("//wh", ()),
        ("/unknown a", ()),
    ],
)
def test_word_is_completed_with_what_may_stand_there(text: str, expected: tuple[str, ...]) -> None:
    """Commands at the beginning, then rooms or users as the command wants them; names in messages."""
    assert candidates(text) == expected


@pytest.mark.parametrize(
    ("text", "commands", "rest"),
    [
        ("hello all\n/msg bob psst", [], "hello all\n/msg bob psst"),
        ("/msg bob look:\n/leave\nis one", [], "/msg bob look:\n/leave\nis one"),
        ("/edit one\n/leave", [], "/edit one\n/leave"),
        ("/kick\n/msg bob psst", [], "/kick\n/msg bob psst"),
        ("/nothing\n/leave", [], "/nothing\n/leave"),
        ("\n", [], "\n"),
        ("/leave", ["/leave"], ""),
        ("/leave \n \n", ["/leave"], ""),
        ("\n/topic news\n\n /slow 5\n", ["/topic news", " /slow 5"], ""),
        ("/topic news\n/msg bob psst", ["/topic news", "/msg bob psst"], ""),
        ("/topic news\n/msg bob psst\n/leave", ["/topic news"], "/msg bob psst\n/leave"),
        ("/topic news\n//etc\n/leave", ["/topic news"], "//etc\n/leave"),
        ("/topic news\n/slow 5\n\n two\nlines", ["/topic news", "/slow 5"], " two\nlines"),
        ("/kick bob\n/kick\n/leave", ["/kick bob"], "/kick\n/leave"),
        ("/leave\n/quit\n/who", ["/leave", "/quit"], "/who"),
        ("/identify\n/create club", ["/identify"], "/create club"),
        ("/identify secret\n/create club", ["/identify secret", "/create club"], ""),
    ],
)
def test_commands_that_stand_below_each_other_are_several(text: str, commands: list[str], rest: str) -> None:
    """Until something is to be said in several lines, or to be seen first."""
    assert one_by_one(text, room="lobby") == (commands, rest)


@pytest.mark.parametrize(
    "command",
    [
        *("/delete", "/delete bob", "/react 👍", "/react bob 👍", "/unreact 👍", "/search mango", "/search"),
        *("/send bob notes.txt", "/send * notes.txt", "/accept", "/decline 4b51", "/cancel"),
    ],
)
def test_nothing_is_done_yet_below_a_command_that_has_to_be_answered_first(command: str) -> None:
    """What stands below may mean something else by then, and would overtake it."""
    assert one_by_one(f"/topic news\n{command}\n/leave", room="lobby") == (["/topic news", command], "/leave")
    assert one_by_one(f"{command}\n \n", room="lobby") == ([command], "")


def test_line_with_a_password_is_a_secret() -> None:
    """However it is written; a message about one is none."""
    secret = (
        *("/register x", "/identify alice x", "/ IDENTIFY x", "/register", " /register x", "/identify\tx"),
        *("\u200b/identify x", "\uff0fregister x"),
    )
    assert [line for line in (*secret, "register x", "/msg bob /register x", "") if is_secret(line)] == [*secret]


def test_line_whose_command_is_mistyped_may_hold_a_password_too() -> None:
    """Whatever the answer suggests; other commands that there are not are no secrets."""
    secret = (
        "/identfy x",
        "/idnetify x",
        "/regsiter x",
        "/reigster x",
        "/reg x",
        "/ident x",
        "/identifyx",
        "/Ident\tx",
    )
    others = ("/jion python", "/crate python", "/tpoic x", "/repyl bob x", "/hlep", "/unknown", "/")
    assert [line for line in (*secret, *others) if is_secret(line)] == [*secret]


def test_word_that_begins_like_a_command_with_a_password_may_hold_one() -> None:
    """However long that is: nothing was typed between the two."""
    secret = (
        *("/identifyhunter22", "/register=hunter22", "/identify:x alice", "/idnetifyhunter22"),
        *("/identify" + "x7" * 9, "/REGISTER" + "x" * 1000, " /regsiter-" + "x7" * 9),
    )
    others = ("/unknowncommand", "/whoknowsall", "/" + "x7" * 9, "identify" + "x7" * 9, "//identify" + "x7" * 9)
    assert [line for line in (*secret, *others) if is_secret(line)] == [*secret]
