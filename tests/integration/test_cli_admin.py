"""`chatcore admin` and operators in the terminal, against a real server over a real socket, killed in between."""

from __future__ import annotations

import re
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.cli.guest import guest
from tests.unit.cli.processes import Server, Terminal, run, run_here, sentences

TOKEN = "0123456789abcdef0123456789abcdef"


def token_file(folder: Path, token: str = TOKEN) -> str:
    """Return the path of a file with a token."""
    path = folder / f"{token[:4]}.token"
    path.touch(mode=0o600)
    path.write_text(f"{token}\n")
    return str(path)


def test_an_operator_looks_after_a_server_and_a_kill_takes_no_ban_off(tmp_path: Path) -> None:
    """Bans last, and who did what is listed."""
    file = token_file(tmp_path)
    options = ("--operator-token-file", file, "--store", f"sqlite:{tmp_path / 'chat.db'}")

    def admin(server: Server, *words: str) -> str:
        done = run("admin", server.url, "--token-file", file, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with Server(*options) as server:
        assert re.fullmatch(r"operator lobby 127\.0\.0\.1:\d+\n", admin(server, "who"))
        unknown = "Nobody is called {} now: it is for whoever will be, and for names that look like it.\n"
        assert admin(server, "ban", "mallory", "2h", "spam") == unknown.format("mallory")
        assert admin(server, "mute", "nobody") == unknown.format("nobody")
        assert admin(server, "ban", "192.0.2.0/24", "1h") == ""
        assert "mallory is banned, by operator, until " in admin(server, "bans")
        assert admin(server, "announce", "hello", "all") == ""
        server.send_signal(signal.SIGKILL)
        server.wait()
    with Server(*options) as server:
        refused = run("connect", server.url, "--username", "Mallory", stdin=b"hi\n")
        assert refused.returncode != 0
        assert "You are banned from lobby for another" in refused.stderr
        assert re.search(
            r"127\.0\.0\.1:\d+ operator banned mallory from lobby, until .*: spam\.", admin(server, "audit")
        )
        assert admin(server, "unban", "mallory") == ""
        assert run("connect", server.url, "--username", "mallory", stdin=b"hi\n").returncode == 0


@pytest.mark.parametrize("command", [("admin", "who"), ("invite", "--list")])
def test_an_operator_writes_an_address_as_everybody_does(command: tuple[str, str], tmp_path: Path) -> None:
    """Without a scheme; what is none is a mistake in what was typed, and no connection that failed."""
    file = token_file(tmp_path)
    program, what = command
    with Server("--operator-token-file", file) as server:
        done = run(program, server.url.removeprefix("ws://"), "--token-file", file, what)
        assert (done.returncode, done.stderr) == (0, "")
    done = run_here(program, "chat://", "--token-file", file, what)
    assert done.returncode == 2
    assert done.stderr.startswith("chatcore: chat:// is not the address of a server; write it like ")


@pytest.mark.parametrize(
    ("longest", "others", "name"),
    [
        (32, (), "operator"),
        (32, ("operator",), "operator-[0-9a-f]{6}"),
        (14, ("operator",), "op"),
        (7, (), "op"),
        (7, ("op",), "op[0-9a-f]{3}"),
        (3, ("op",), "op[0-9a-f]"),
    ],
)
def test_an_operator_without_a_name_gets_one_that_is_free_and_short_enough(
    tmp_path: Path, longest: int, others: tuple[str, ...], name: str
) -> None:
    file = token_file(tmp_path)
    with ExitStack() as stack:
        server = stack.enter_context(Server("--operator-token-file", file, "--username-max", str(longest)))
        for other in others:
            stack.enter_context(guest(server.url, other))
        done = run("admin", server.url, "--token-file", file, "who")
        assert done.returncode == 0, done.stderr
        assert re.search(f"^{name} lobby ", done.stdout, re.MULTILINE)


def test_an_operator_for_whom_no_name_is_left_is_told_how_to_choose_one(tmp_path: Path) -> None:
    file = token_file(tmp_path)
    with Server("--operator-token-file", file, "--username-max", "2") as server, guest(server.url, "op"):
        done = run("admin", server.url, "--token-file", file, "who")
        told = "chatcore: The name op is taken. Choose a name with --username.\n"
        assert (done.returncode, done.stderr) == (1, told)
        assert run("admin", server.url, "--token-file", file, "--username", "me", "who").returncode == 0
        done = run("admin", server.url, "--token-file", file, "--username", "alice", "who")
        assert "'alice' is too long" in done.stderr
        assert "--username" not in done.stderr


def test_what_an_operator_may_not_or_cannot_do_is_said_in_a_sentence(tmp_path: Path) -> None:
    file, wrong = token_file(tmp_path), token_file(tmp_path, "f" * 32)
    with Server("--operator-token-file", file) as server:
        done = run("admin", server.url, "--token-file", file, "kick", "nobody")
        assert done.returncode == 1
        assert "There is no user called nobody." in done.stderr
        assert run("admin", server.url, "--token-file", file, "kick").returncode == 2
        done = run("admin", server.url, "--token-file", token_file(tmp_path, "short"), "who")
        assert done.returncode == 2
        assert "has no token of 16 characters or more" in done.stderr
        done = run("admin", server.url, "--token-file", wrong, "who")
        assert (done.returncode, sentences(done.stderr)) == (1, ["chatcore: This is not the token of the operators."])
    assert run("admin", server.url, "--token-file", file, "who").returncode == 3


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        ("drain extra words", "drain"),
        ("audit extra", "audit"),
        ("reload now", "reload"),
        ("limits x", "limits"),
        ("rooms x", "rooms"),
        ("bans x", "bans"),
        ("who a b", "who [ROOM]"),
        ("who a --room b", "who [ROOM]"),
        ("announce", "announce TEXT"),
        ("register", "register NAME"),
        ("register alice secret", "register NAME"),
        ("reset a b", "reset NAME"),
        ("unregister", "unregister NAME"),
        ("unban a b", "unban NAME"),
        ("op alice boss", "op NAME [owner]"),
        ("mute bob 10x spam", "mute NAME [30s|10m|2h|7d] [REASON]"),
        ("ban bob 10x", "ban NAME [+address] [30s|10m|2h|7d] [REASON]"),
    ],
)
def test_what_is_missing_or_too_much_is_said_before_anybody_is_asked(tmp_path: Path, words: str, usage: str) -> None:
    """As it is written there: nothing of it is done."""
    action = words.partition(" ")[0]
    done = run("admin", "ws://127.0.0.1:1", "--token-file", token_file(tmp_path), *words.split())
    assert done.returncode == 2
    assert sentences(done.stderr) == [f"chatcore: {action}: This is how to write it: {usage}."]


@pytest.mark.parametrize("action", ["drain", "reload", "audit", "limits", "rooms", "announce hi", "reset alice"])
def test_room_is_refused_for_what_is_done_to_the_whole_server(tmp_path: Path, action: str) -> None:
    file = token_file(tmp_path)
    done = run("admin", "ws://127.0.0.1:1", "--token-file", file, "--room", "python", *action.split())
    assert done.returncode == 2
    assert sentences(done.stderr) == ["chatcore: --room is of no use: it is done to the whole server."]


def test_name_that_an_operator_mistypes_makes_no_account(tmp_path: Path) -> None:
    """And puts nobody out of one."""
    file = token_file(tmp_path)
    with Server("--operator-token-file", file) as server:
        refused = run("admin", server.url, "--token-file", file, "reset", "alise")
        assert (refused.returncode, sentences(refused.stderr)) == (1, ["chatcore: The name alise belongs to nobody."])
        assert run("admin", server.url, "--token-file", file, "register", "alice").returncode == 0
        assert run("admin", server.url, "--token-file", file, "reset", "alice").returncode == 0
        refused = run("admin", server.url, "--token-file", file, "register", "Alice")
        assert refused.returncode == 1
        assert "The name alice belongs to somebody already; reset gives that account" in refused.stderr


def test_a_teacher_looks_after_the_lobby_in_the_terminal(tmp_path: Path) -> None:
    file = token_file(tmp_path)
    with (
        Server("--operator-token-file", file) as server,
        Terminal(server.url, "--username", "teacher", "--operator-token-file", file) as teacher,
        Terminal(server.url, "--username", "bob") as bob,
    ):
        teacher.wait_for("You are an operator here")
        bob.wait_for("You are bob")
        teacher.press("/mute bob 10m quiet please\r")
        bob.wait_for("teacher muted bob in lobby, until")
        bob.press("but why\r")
        bob.wait_for("Not sent: but why")
        teacher.press("/kick bob see you\r")
        bob.wait_for("somebody who looks after this place has put you out")
        assert bob.wait() != 0


def test_operator_is_called_otherwise_where_somebody_is_called_operator(tmp_path: Path) -> None:
    """Be it another one who asks at the same time, or an account; but for a name that was asked for."""
    admin = ("--token-file", token_file(tmp_path))
    with Server("--operator-token-file", admin[1], "--operator", "operator") as server:
        assert re.match(r"operator-[0-9a-f]{6} lobby", run("admin", server.url, *admin, "who").stdout)
        assert run("admin", server.url, *admin, "register", "operator").returncode == 0
        assert re.match(r"operator-[0-9a-f]{6} lobby", run("admin", server.url, *admin, "who").stdout)
        done = run("admin", server.url, *admin, "--username", "operator", "who")
        assert done.returncode == 1
        assert "The name operator belongs to somebody" in done.stderr


def test_operator_by_account_looks_after_a_server_and_invites(tmp_path: Path) -> None:
    """The owner may be in at the same time; another account is nobody's who looks after anything."""
    token, own = token_file(tmp_path), tmp_path / "own"
    own.touch(mode=0o600)
    own.write_text("no password of anybody")
    with Server("--operator-token-file", token, "--operator", "teacher") as server:
        done = run("connect", server.url, "--username", "Teacher", stdin=b"hi\n")
        assert done.returncode == 1
        assert sentences(done.stderr)[0] == (
            "chatcore: The settings of this server name Teacher: "
            "nobody is called that until an operator has registered it."
        )
        made = run("admin", server.url, "--token-file", token, "register", "teacher")
        as_teacher = ("--account", "teacher", "--account-password-file", str(own))
        done = run("admin", server.url, *as_teacher, "who")
        assert (done.returncode, sentences(done.stderr)[0]) == (
            1,
            "chatcore: There is no such account, or it has another password.",
        )
        own.write_text(made.stdout.rpartition(" ")[2])
        with Terminal(server.url, "--username", "teacher", "--account-password-file", str(own)) as teacher:
            teacher.wait_for("You are an operator here")
            assert run("admin", server.url, *as_teacher, "announce", "good morning").returncode == 0
            teacher.wait_for("good morning")
        assert run("invite", server.url, *as_teacher, "--uses", "3").stdout.startswith("http://127.0.0.1:")
        bob = run("admin", server.url, *as_teacher, "register", "bob")
        own.write_text(bob.stdout.rpartition(" ")[2])
        done = run("admin", server.url, "--account", "bob", "--account-password-file", str(own), "audit")
        assert (done.returncode, sentences(done.stderr)) == (
            1,
            ["chatcore: Only operators may do that (rule list_acts)."],
        )
    for half in (("--account", "teacher"), ("--account-password-file", str(own)), ()):
        done = run("admin", server.url, *half, "who")
        assert done.returncode == 2
        assert "say by what you are an operator" in done.stderr
