"""A server with a password, as people and scripts meet it."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.unit.cli.processes import Process, Server, Terminal, run, run_here

PASSWORD = "correct horse"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a file with the password."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\nwhat follows is a note\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def server(secret: Path) -> Iterator[Server]:
    """Run a server with a password."""
    with Server("--password-file", str(secret)) as server:
        yield server


def test_scripts_take_the_password_from_a_file_or_the_environment(server: Server, secret: Path) -> None:
    """Without one, or with a wrong one, they end with 1 and say what would help."""
    args = ("connect", server.url, "--username", "bob")
    done = run(*args)
    assert done.returncode == 1
    assert done.stderr == (
        "chatcore: This server has a password, and it is missing or wrong.\n"
        "chatcore: Give it with --password-file FILE, or in CHATCORE_CONNECT_PASSWORD.\n"
    )
    assert run(*args, "--password-file", str(secret), stdin=b"hello\n").returncode == 0
    assert run(*args, env={"CHATCORE_CONNECT_PASSWORD": PASSWORD}, stdin=b"hello\n").stderr == ""
    assert run(*args, env={"CHATCORE_CONNECT_PASSWORD": "wrong"}).returncode == 1
    assert server.err is not None
    server.err.wait_for("wrong_password address=127.0.0.1:")
    assert PASSWORD not in server.said()


def test_terminal_asks_for_the_password_and_does_not_show_it(server: Server) -> None:
    """Again when it was wrong; a name that was given is kept."""
    with Terminal(server.url, "--username", "alice") as alice:
        alice.wait_for("Password of the server:")
        alice.press("wrong\r")
        alice.wait_for("This server has a password, and it is missing or wrong.")
        alice.wait_for_last_row("Password of the server:")
        alice.press(f"{PASSWORD}\r")
        alice.wait_for_last_row("[lobby] alice>")
        assert PASSWORD not in alice.text
        assert "wrong\n" not in alice.text
        alice.press("\x1b[A")  # Up recalls what was typed: not that
        alice.press("hello\r")
        alice.wait_for(" alice: hello")


def test_terminal_without_sequences_asks_too(server: Server) -> None:
    """Nothing is shown of what is typed there."""
    with Terminal(server.url, "--username", "alice", env={"TERM": "dumb"}) as alice:
        alice.wait_for_question("Password of the server: ")
        alice.press(f"{PASSWORD}\r")
        alice.wait_for("You are in lobby, alone.")
        assert PASSWORD not in alice.text


@pytest.mark.parametrize(("leave", "code"), [("\x03", 0), ("\x04", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("name", ["dumb", "xterm-256color"])
def test_question_for_the_password_is_left_at_once(
    server: Server, name: str, leave: str | signal.Signals, code: int
) -> None:
    """By Ctrl-C, Ctrl-D or a signal, once; alike on every kind of terminal."""
    with Terminal(server.url, "--username", "alice", env={"TERM": name}) as alice:
        if name == "dumb":
            alice.wait_for_question("Password of the server: ")
        else:
            alice.wait_for_last_row("Password of the server:")
        asked = time.monotonic()
        if isinstance(leave, str):
            alice.press(leave)
        else:
            alice.send_signal(leave)
        assert alice.wait() == code
        assert time.monotonic() - asked < 9.0  # after ten seconds, a signal ends whatever goes on


def test_connection_that_is_lost_comes_back_with_the_password(server: Server, secret: Path, tmp_path: Path) -> None:
    """Nobody is asked twice; and nothing of it is kept on the disk."""
    state = tmp_path / "state"
    done = run("connect", server.url, "--username", "bob", "--password-file", str(secret), "--state-dir", str(state))
    assert done.returncode == 0
    assert PASSWORD not in "".join(path.read_text() for path in state.rglob("*") if path.is_file())


def test_store_keeps_nothing_of_the_password(secret: Path, tmp_path: Path) -> None:
    """Neither in its journal nor anywhere else."""
    store = tmp_path / "chat.db"
    with Server("--password-file", str(secret), "--store", f"sqlite:{store}") as server:
        args = ("connect", server.url, "--username", "bob", "--password-file", str(secret))
        assert run(*args, stdin=b"hello\n").returncode == 0
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("chat.db*"))
    assert b"hello" in kept
    assert PASSWORD.encode() not in kept


@pytest.mark.parametrize(
    ("dialect", "said", "heard"),
    [
        ("simple-json", b'{"type": "login", "username": "bob"}\n', "Ce serveur demande un mot de passe"),
        ("simple-text", b"/pseudo\nbob\n", "Attention : Ce serveur demande un mot de passe"),
    ],
)
def test_programs_of_the_courseworks_are_told_in_their_words(
    secret: Path, dialect: str, said: bytes, heard: str
) -> None:
    """They have no word for a password."""
    place = f"tcp+{dialect}://127.0.0.1:0"
    with Process("serve", "--listen", place, "--password-file", str(secret)) as process:
        port = int(process.out.wait_for(r"listens on \S+:(\d+)").group(1))
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
            sock.sendall(said)
            text = ""
            while heard not in text:
                data = sock.recv(4096)
                assert data, text
                text += data.decode() if dialect == "simple-text" else _texts(data)


def _texts(data: bytes) -> str:
    """Return JSON with its characters as they are."""
    return "".join(json.dumps(json.loads(line), ensure_ascii=False) for line in data.splitlines() if line.strip())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the password file password has nothing on its first line"),
        ("\nsecond\n", "the password file password has nothing on its first line"),
        (None, "the password file password cannot be read: No such file or directory"),
    ],
)
@pytest.mark.parametrize("command", [("serve",), ("config", "check"), ("connect", "--username", "bob")])
def test_file_without_a_password_is_a_mistake(
    text: str | None, sentence: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was to have one does not start without."""
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("password").write_text(text)
    done = run_here(*command, "--password-file", "password")
    assert done.returncode == 2
    assert sentence in done.stderr


def test_file_that_everybody_may_read_is_complained_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server starts all the same: it may be a secret of a container."""
    monkeypatch.chdir(tmp_path)
    Path("password").write_text("secret")
    Path("password").chmod(0o644)
    done = run_here("config", "check", "--password-file", "password")
    assert done.returncode == 0
    assert "Everybody on this computer can read the password in password" in done.stderr
    assert not re.search("secret", done.stdout + run_here("config", "show", "--password-file", "password").stdout)


@pytest.mark.parametrize(
    "command", [("config", "check", "--operator-token-file"), ("admin", "ws://[::1]:1", "--token-file")]
)
def test_token_that_everybody_may_read_is_complained_of(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can do more than a password; one that is the owner's alone is nobody's concern."""
    monkeypatch.chdir(tmp_path)
    Path("token").write_text("0123456789abcdef\n")
    end = ("limits",) if command[0] == "admin" else ()
    for mode, told in ((0o600, False), (0o604, True)):
        Path("token").chmod(mode)
        done = run_here(*command, "token", *end)
        assert ("Everybody on this computer can read the token in token; chmod o-r helps." in done.stderr) == told
