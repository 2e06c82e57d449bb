"""Accounts as people and scripts meet them: real processes, a real store, real hashes."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.unit.cli.processes import Server, Terminal, run, sentences

PASSWORD = "correct horse"
TOKEN = "0123456789abcdef0123456789abcdef"


def secret(folder: Path, text: str = PASSWORD) -> str:
    """Return the path of a file with a password or a token."""
    path = folder / re.sub("[^a-z0-9]", "-", text)
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return str(path)


def test_name_is_its_owners_after_a_kill_too_and_messages_wait_there(tmp_path: Path) -> None:
    """Nothing that is kept holds the password."""
    options = ("--store", f"sqlite:{tmp_path / 'chat.db'}")
    own = ("--account-password-file", secret(tmp_path))
    with Server(*options) as server:
        with Terminal(server.url, "--username", "alice") as alice:
            alice.wait_for_last_row("[lobby] alice>")
            alice.press("hello\r")
            alice.wait_for(" alice: hello")
            for again in ("mistyped", PASSWORD):
                alice.press("/register\r")
                alice.wait_for_last_row("Password:")
                alice.press(f"{PASSWORD}\r")
                alice.wait_for_last_row("The same once more:")
                alice.press(f"{again}\r")
                alice.wait_for_last_row("[lobby] alice>")
            alice.wait_for("These were two different ones; /register asks again.")
            alice.wait_for("alice is yours from now on")
            alice.press("\x1b[A again\r")  # Up recalls what was typed: not that
            alice.wait_for(" alice: hello again")
            assert PASSWORD not in alice.text
        server.send_signal(signal.SIGKILL)
        server.wait()
    with Server(*options) as server:
        refused = run("connect", server.url, "--username", "Alice", stdin=b"hello\n")
        assert refused.returncode == 1
        assert sentences(refused.stderr) == [
            "chatcore: The name Alice belongs to somebody: log in with its password, or take another one.",
            "chatcore: Give the password of your name with --account-password-file FILE.",
        ]
        sent = run("connect", server.url, "--username", "bob", "--commands", stdin=b"/msg alice are you there\n")
        assert sent.returncode == 0, sent.stderr
        done = run("connect", server.url, "--username", "alice", *own, stdin=b"")
        assert (done.returncode, done.stdout) == (0, "bob -> alice: are you there\n")
        wrong = ("--account-password-file", secret(tmp_path, "battery staple"))
        done = run("connect", server.url, "--username", "alice", *wrong, stdin=b"")
        assert sentences(done.stderr)[0] == "chatcore: There is no such account, or it has another password."
        assert "wrong_password account=alice" in server.said()
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("chat.db*"))
        assert PASSWORD.encode() not in kept
        assert b"$argon2id$" in kept


def test_terminal_asks_for_the_password_of_a_name_that_belongs_to_somebody(tmp_path: Path) -> None:
    """Enter alone asks for another name; the operator helps whoever has forgotten it."""
    with Server("--operator-token-file", secret(tmp_path, TOKEN)) as server:
        admin = ("admin", server.url, "--token-file", secret(tmp_path, TOKEN))
        made = run(*admin, "register", "alice")
        found = re.fullmatch(r"The password of alice is now: (\S+)\n", made.stdout)
        assert found is not None, made.stderr
        with Terminal(server.url, "--username", "alice") as alice:
            alice.wait_for("The name alice belongs to somebody")
            alice.wait_for_last_row("Password of alice:")
            alice.press("wrong\r")
            alice.wait_for("There is no such account, or it has another password.")
            alice.wait_for_last_row("Password of alice:")
            alice.press(f"{found[1]}\r")
            alice.wait_for_last_row("[lobby] alice>")
            assert found[1] not in alice.text
        with Terminal(server.url, "--username", "alice") as guest:
            guest.wait_for_last_row("Password of alice:")
            guest.press("\r")
            guest.wait_for("Your name:")
        assert run(*admin, "unregister", "alice").returncode == 0
        assert run("connect", server.url, "--username", "alice", stdin=b"").returncode == 0


def test_server_lets_in_only_who_has_an_account(tmp_path: Path) -> None:
    with Server("--accounts", "required", "--operator-token-file", secret(tmp_path, TOKEN)) as server:
        made = run("admin", server.url, "--token-file", secret(tmp_path, TOKEN), "register", "zoe")
        assert made.stdout.startswith("The password of zoe is now: "), made.stderr
        own = secret(tmp_path, made.stdout.split()[-1])
        done = run("connect", server.url, "--username", "zoe", "--account-password-file", own, stdin=b"")
        assert done.returncode == 0, done.stderr
        done = run("connect", server.url, "--username", "bob", stdin=b"")
        assert done.returncode == 1
        assert "This server lets in only who has an account; ask whoever runs it for one." in done.stderr
    with Server("--accounts", "off") as server:
        done = run("connect", server.url, "--username", "bob", "--commands", stdin=b"/register secrets\n")
        assert "This server has no accounts." in done.stderr


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_terminal_asks_twice_for_the_password_of_an_account_that_an_invitation_makes(tmp_path: Path, term: str) -> None:
    """And again at once, when these were two."""
    options = ("--accounts", "required", "--operator-token-file", secret(tmp_path, TOKEN))
    with Server(*options) as server:
        page = run("invite", server.url, "--token-file", secret(tmp_path, TOKEN)).stdout.splitlines()[0]
        with Terminal(page, "--username", "zoe", env={"TERM": term}) as zoe:
            zoe.wait_for("This server lets in only who has an account: choose a password")
            for again in ("mistyped", PASSWORD):
                zoe.wait_for_last_row("Password of zoe:")
                zoe.press(f"{PASSWORD}\r")
                zoe.wait_for_last_row("The same once more:")
                zoe.press(f"{again}\r")
            zoe.wait_for("You are in lobby", "These were two different ones.")
            assert zoe.text.count("This server lets in only who has an account") == 1
        own = ("--account-password-file", secret(tmp_path))
        assert run("connect", server.url, "--username", "zoe", *own, stdin=b"").returncode == 0


def test_password_that_is_pasted_with_the_end_of_its_line_is_the_line(tmp_path: Path) -> None:
    """As what a file says is its first line."""
    pasted = f"\x1b[200~{PASSWORD}\r\x1b[201~\r"
    with Server("--password-file", secret(tmp_path)) as server:
        with Terminal(server.url, "--username", "alice") as alice:
            alice.wait_for_last_row("Password of the server:")
            alice.press(pasted)
            alice.wait_for_last_row("[lobby] alice>")
            alice.press("/register\r")
            for question in ("Password:", "The same once more:"):
                alice.wait_for_last_row(question)
                alice.press(pasted)
            alice.wait_for("alice is yours from now on")
        both = ("--password-file", secret(tmp_path), "--account-password-file", secret(tmp_path))
        assert run("connect", server.url, "--username", "alice", *both, stdin=b"").returncode == 0


def test_terminal_asks_for_another_name_where_one_looks_like_somebody() -> None:
    with Server() as server, Terminal(server.url, "--username", "alice") as alice:
        alice.wait_for_last_row("[lobby] alice>")
        with Terminal(server.url, "--username", "a1ice") as thief:
            thief.wait_for("looks like alice")
            thief.wait_for("Your name:")
        done = run("connect", server.url, "--username", "a1ice", stdin=b"")
        assert done.returncode == 1
