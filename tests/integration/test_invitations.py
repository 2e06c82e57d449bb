"""Invitations as hosts make them and guests follow them, over a kill of the server."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from tests.unit.cli.processes import Server, run

TOKEN = "0123456789abcdef0123456789abcdef"


def test_who_puts_somebody_out_is_told_of_invitations_that_would_let_him_in_again(tmp_path: Path) -> None:
    """As somebody else, who is not known: only those of the room, or of the whole server."""
    secret, token = tmp_path / "password", tmp_path / "operators.token"
    secret.write_text("open sesame\n")
    token.write_text(f"{'e' * 32}\n")
    for file in (secret, token):
        file.chmod(0o600)
    with Server("--password-file", str(secret), "--operator-token-file", str(token), "--room", "class") as server:

        def asks(command: str, *words: str) -> str:
            done = run(command, server.url, "--token-file", str(token), *words)
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert "Invitation" not in asks("admin", "ban", "mallory")
        first = asks("invite", "--uses", "3", "--room", "class").splitlines()[-1].partition(":")[0]
        assert asks("admin", "ban", "mallory").startswith(
            f"Invitation {first} still lets people in, also somebody who was"
        )
        second = asks("invite").splitlines()[-1].partition(":")[0]
        assert asks("admin", "ban", "mallory").startswith(f"Invitations {first}, {second} still let people in")
        assert asks("admin", "--room", "class", "ban", "mallory").startswith(f"Invitation {first} still lets people in")
        asks("invite", "--revoke", first)
        assert "Invitation" not in asks("admin", "--room", "class", "ban", "mallory")


def test_link_lets_in_as_often_as_it_says_after_a_kill_too(tmp_path: Path) -> None:
    """Whoever has none, or one that is used up, does not get in."""
    tokens, password = tmp_path / "operators.token", tmp_path / "password"
    tokens.write_text(f"{TOKEN}\n")
    password.write_text("open sesame\n")
    password.chmod(0o600)
    store = ("--store", f"sqlite:{tmp_path / 'chat.db'}")
    options = ("--operator-token-file", str(tokens), "--password-file", str(password), *store)

    def invite(server: Server, *words: str) -> str:
        operator = ("--token-file", str(tokens), "--password-file", str(password))
        done = run("invite", server.url, *operator, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def follow(link: str, name: str) -> tuple[int, str]:
        done = run("connect", link, "--username", name, "--state-dir", str(tmp_path), stdin=b"hello\n")
        return done.returncode, done.stderr

    with Server(*options) as server:
        page, program, line = invite(server, "--uses", "2", "--for", "2h", "--room", "class").splitlines()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#room=class&invite=[\w-]{22}", page)
        assert re.fullmatch(r"chatcore://127\.0\.0\.1:\d+/class\?via=ws&invite=[\w-]{22}", program)
        assert re.fullmatch(r"\d+: 2 logins, to class, until [-0-9: ]{16}, by operator", line)
        assert follow(program, "ann") == (0, "")
        server.send_signal(signal.SIGKILL)
        server.wait()
    token = page.rpartition("=")[2]
    with Server(*options) as server:
        link = f"{server.url}/#invite={token}"
        assert ": 1 login, to class" in invite(server, "--list")
        assert follow(link, "ben") == (0, "")
        refused = follow(link, "carol")
        assert refused == (1, "chatcore: This invitation is not good, or not any more; ask for another one.\n")


def test_link_leads_where_others_reach_the_server(tmp_path: Path) -> None:
    """Also one that is made on the server's own computer, where nobody else gets."""
    tokens = tmp_path / "operators.token"
    tokens.write_text(f"{TOKEN}\n")
    with Server("--operator-token-file", str(tokens), "--public-url", "https://chat.example.org/rooms/") as server:
        page, program, _line = run("invite", server.url, "--token-file", str(tokens)).stdout.splitlines()
        assert re.fullmatch(r"https://chat\.example\.org/rooms/#invite=[\w-]{22}", page)
        assert re.fullmatch(r"chatcore://chat\.example\.org:443/\?via=wss&path=/rooms/&invite=[\w-]{22}", program)
        said = run("connect", server.url, "--username", "ann", "--commands", stdin=b"/link\n").stdout
        assert "For a browser:  https://chat.example.org/rooms/#room=lobby\n" in said
        assert "nobody else" not in said


def test_links_that_lead_to_this_computer_alone_say_so(tmp_path: Path) -> None:
    """In one line beside them; so does the page to print that is made of one."""
    tokens = tmp_path / "operators.token"
    tokens.write_text(f"{TOKEN}\n")
    tokens.chmod(0o600)
    with Server("--operator-token-file", str(tokens)) as server:
        done = run("invite", server.url, "--token-file", str(tokens))
        page, program, _line = done.stdout.splitlines()
        assert "127.0.0.1" in page
        assert "127.0.0.1" in program
        assert done.stderr.startswith("These links lead to this computer, so nobody else can follow them.")
        assert run("handout", page).stderr == "It leads to this computer, so nobody else can follow it.\n"


def test_an_operator_takes_the_links_that_everybody_takes(tmp_path: Path) -> None:
    """For browsers and for programs, to the server with that key; what is done in a room is said by `--room`."""
    tokens = tmp_path / "operators.token"
    tokens.write_text(f"{TOKEN}\n")
    tokens.chmod(0o600)
    with Server("--operator-token-file", str(tokens), "--tls", "--room", "python") as server:
        made = run("invite", server.url, "--token-file", str(tokens), "--room", "python").stdout.splitlines()
        page, program = made[:2]
        assert run("admin", page, "--token-file", str(tokens), "--room", "python", "topic", "snakes").returncode == 0
        again = run("invite", program, "--token-file", str(tokens)).stdout.splitlines()
        assert again[2].endswith(": 1 login, by operator")
        forged = re.sub("key=[0-9a-f]{64}", f"key={'0' * 64}", page)
        assert (
            "the link has another key for the server" in run("admin", forged, "--token-file", str(tokens), "who").stderr
        )
        assert "python: snakes" in run("admin", page, "--token-file", str(tokens), "audit").stdout


def test_nobody_is_invited_to_where_no_link_leads(tmp_path: Path) -> None:
    """An invitation whose token nobody was shown would stay behind."""
    tokens = tmp_path / "operators.token"
    tokens.write_text(f"{TOKEN}\n")
    with Server("--transport", "tcp", "--operator-token-file", str(tokens)) as server:
        done = run("invite", server.url, "--token-file", str(tokens))
        assert done.returncode == 3
        assert f"there is no link to {server.url}\n" in done.stderr
        assert run("invite", server.url, "--token-file", str(tokens), "--list").stdout == ""


def test_invitation_for_no_time_at_all_is_not_asked_for() -> None:
    """Nobody is asked what it could be meant to be."""
    for lasts in ("0s", "00d", "2 moons", "90", "-1h"):
        done = run("invite", "ws://127.0.0.1:9", "--for", lasts)
        assert done.returncode == 2
        assert f"'{lasts}' is no time like 30m, 2h or 7d." in " ".join(done.stderr.split())


def test_what_has_no_effect_beside_a_list_or_what_is_taken_back_is_refused() -> None:
    """Whoever types both believes that both are done."""
    for words, option, instead in (
        (("--list", "--revoke", "3"), "--revoke", "--list"),
        (("--uses", "3", "--list"), "--uses", "--list"),
        (("--revoke", "3", "--room", "python"), "--room", "--revoke"),
        (("--revoke", "3", "--for", "2h"), "--for", "--revoke"),
    ):
        done = run("invite", "ws://127.0.0.1:9", "--account", "x", "--account-password-file", __file__, *words)
        assert done.returncode == 2
        assert f"{option} is of no use: {instead} says otherwise." in " ".join(done.stderr.split())
