"""Links: what a server prints and programs show leads others to the same room, and nobody elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.processes import Server, Terminal, run

OTHER_KEY = "3f8a" * 16


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with a certificate of its own."""
    state = str(tmp_path_factory.mktemp("server"))
    with Server("--transport", "ws", "--transport", "quic", "--tls", "--state-dir", state) as server:
        yield server


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """Return the fingerprint of the server's key."""
    return server.out.wait_for(r"for --fingerprint:  (\w{64})")[1]


@pytest.mark.parametrize(
    "form",
    [
        "https://127.0.0.1:{port}/#room=python&key={key}",
        "chatcore://127.0.0.1:{port}/python?key={key}",
        "chatcore://127.0.0.1:{port}/python?key={key}&via=quic",
        "chat://127.0.0.1:{port}#room=python&key={key}",
        "wss://127.0.0.1:{port}#room=python&key={key}",
        "127.0.0.1:{port}/#room=python&key={key}",
    ],
)
def test_a_link_leads_into_its_room_on_the_server_that_it_means(
    form: str, server: Server, key: str, tmp_path: Path
) -> None:
    """Nobody has to compare a fingerprint: the link has it."""
    link = form.format(port=server.port, key=key)
    done = run("connect", link, "--username", "alice", "--json", "--state-dir", str(tmp_path), stdin=b"hello\n")
    assert done.returncode == 0
    assert done.stderr == f"The server at 127.0.0.1:{server.port} is remembered.\n"
    (heard,) = [frame for frame in map(json.loads, done.stdout.splitlines()) if frame["type"] == "message"]
    assert (heard["room"], heard["text"]) == ("python", "hello")


def test_a_link_with_another_key_leads_nowhere(server: Server, tmp_path: Path) -> None:
    """Somebody else answers there, or somebody else has written the link."""
    link = f"https://127.0.0.1:{server.port}/#key={OTHER_KEY}"
    done = run("connect", link, "--username", "alice", "--state-dir", str(tmp_path), stdin=b"hello\n")
    assert done.returncode == 3
    assert "shows another key than the one that you gave" in done.stderr
    assert not (tmp_path / "known_servers").exists()


def test_what_is_known_of_a_server_goes_before_a_link(server: Server, key: str, tmp_path: Path) -> None:
    """A link that was forged changes nothing for those who have met the server."""
    (tmp_path / "known_servers").write_text(f"127.0.0.1:{server.port} {key}\n")
    link = f"https://127.0.0.1:{server.port}/#key={OTHER_KEY}"
    done = run("connect", link, "--username", "alice", "--state-dir", str(tmp_path), stdin=b"hello\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "known_servers").read_text() == f"127.0.0.1:{server.port} {key}\n"


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("http://127.0.0.1:1/#room=a%20b", "the room in the link cannot be: there is a space in 'a b'"),
        ("http://127.0.0.1:1/#room=\x1b]0;owned\x07", "the room in the link cannot be: there is '\\x1b' in "),
        ("chatcore://127.0.0.1:1/a?via=gopher", "gopher in the link is no way to a chat, only chat, ws, wss, quic are"),
        ("https://127.0.0.1:1/#room=a&key=12", "12 is not a fingerprint: 64 hexadecimal digits"),
    ],
)
@pytest.mark.parametrize("program", ["connect", "doctor"])
def test_a_link_that_leads_nowhere_is_one_sentence(program: str, link: str, sentence: str) -> None:
    names = ("--username", "alice") if program == "connect" else ()
    done = run(program, link, *names)
    assert done.returncode == 2
    assert done.stderr.startswith(f"chatcore: {sentence}")
    assert done.stderr.count("\n") == 1
    assert done.stderr.removesuffix("\n").isprintable()


def test_who_is_in_a_room_is_shown_the_link_to_it(server: Server, key: str, tmp_path: Path) -> None:
    """And whoever follows it is there too."""
    options = ("--username", "alice", "--commands", "--state-dir", str(tmp_path / "hers"))
    done = run("connect", f"chat://127.0.0.1:{server.port}", *options, "--room", "python", stdin=b"/link\n")
    (link,) = re.findall(r"^For the window or a terminal:  (\S+)$", done.stdout, re.MULTILINE)
    assert link == f"chatcore://127.0.0.1:{server.port}/python?key={key}"
    assert "nobody else can follow it" in done.stdout
    done = run("connect", link, "--username", "bob", "--state-dir", str(tmp_path / "his"), stdin=b"hello\n")
    assert (done.returncode, done.stderr) == (0, f"The server at 127.0.0.1:{server.port} is remembered.\n")


def test_a_link_on_a_terminal(server: Server, key: str, tmp_path: Path) -> None:
    """`/link` there, too."""
    link = f"chatcore://127.0.0.1:{server.port}/python?key={key}"
    with Terminal(link, "--username", "tina", "--state-dir", str(tmp_path), columns=200) as terminal:
        terminal.wait_for("[python] tina>")
        terminal.press("/link\r")
        terminal.wait_for(link, "nobody else can follow it")


def test_there_is_no_link_to_a_server_of_another_dialect() -> None:
    """It is told, and the rest goes on."""
    with Server("--transport", "tcp", "--dialect", "simple-text") as server:
        done = run("connect", server.url, "--username", "alice", "--commands", stdin=b"/link\n")
        assert done.returncode == 0
        assert done.stdout.startswith("There is no link to tcp+simple-text://")
