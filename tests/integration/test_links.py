"""Links: what a server prints and programs show leads others to the same room, and nobody elsewhere."""

from __future__ import annotations

import json
import re
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import segno

from chatcore_cli.hosting.announcing import lan_addresses
from chatcore_cli.hosting.inviting import code_rows
from tests.patience import PATIENCE
from tests.unit.cli.processes import CHATCORE, Server, Terminal, run, run_here

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


def test_a_link_with_another_key_than_the_known_one_leads_nowhere(server: Server, key: str, tmp_path: Path) -> None:
    """Not without a word to the server that is known: somebody has forged the link, or the server is another one."""
    (tmp_path / "known_servers").write_text(f"127.0.0.1:{server.port} {key}\n")
    link = f"chatcore://127.0.0.1:{server.port}?key={OTHER_KEY}&via=wss"
    done = run("connect", link, "--username", "alice", "--state-dir", str(tmp_path), stdin=b"hello\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"its key's fingerprint was {key} and is {OTHER_KEY} in the link" in " ".join(done.stderr.split())
    assert (tmp_path / "known_servers").read_text() == f"127.0.0.1:{server.port} {key}\n"
    plain = f"wss://127.0.0.1:{server.port}"
    assert plain in done.stderr
    done = run("connect", plain, "--username", "alice", "--state-dir", str(tmp_path), stdin=b"hello\n")
    assert (done.returncode, done.stderr) == (0, "")


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
    done = run_here(program, link, *names)
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
    assert f"For a browser:  https://127.0.0.1:{server.port}/#room=python&key={key}\n" in done.stdout
    assert "nobody else can follow it" in done.stdout
    done = run("connect", link, "--username", "bob", "--state-dir", str(tmp_path / "his"), stdin=b"hello\n")
    assert (done.returncode, done.stderr.split("\n")[0]) == (0, f"The server at 127.0.0.1:{server.port} is remembered.")


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


def links(server: Server) -> list[str]:
    """Return the links that a server prints."""
    server.out.wait_for("Ctrl-C stops it")
    return re.findall(r"^Link for .*:  (\S+)$", server.out.text, re.MULTILINE)


def page_at(link: str) -> str:
    """Return what a browser gets there; whoever does not know the certificate takes it."""
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(link.partition("#")[0], timeout=PATIENCE, context=context) as page:
        return str(page.read().decode())


def test_server_prints_links_to_its_lobby(tmp_path: Path) -> None:
    """For a browser and for programs; nobody reads a code with a camera in what is no terminal."""
    with Server("--default-room", "hall") as server:
        page, program = links(server)
        assert page == f"http://127.0.0.1:{server.port}/#room=hall"
        assert program == f"chatcore://127.0.0.1:{server.port}/hall?via=ws"
        assert "<html" in page_at(page)
        done = run("connect", program, "--username", "alice", "--state-dir", str(tmp_path), stdin=b"hello\n")
        assert (done.returncode, done.stderr) == (0, "")
        done = run("connect", page, "--username", "bob", "--state-dir", str(tmp_path), stdin=b"hello\n")
        assert (done.returncode, done.stderr.count("\n")) == (0, 1)
        assert "Connected by WebSocket, not encrypted" in done.stderr
        assert not set(server.out.text) & set("▀▄█\x1b")


def test_links_to_an_encrypted_server_carry_its_key(server: Server, key: str) -> None:
    page, program = links(server)
    assert page == f"https://127.0.0.1:{server.port}/#room=lobby&key={key}"
    assert program == f"chatcore://127.0.0.1:{server.port}/lobby?key={key}"
    assert "<html" in page_at(page)


def test_links_of_a_server_on_every_address_lead_others_there(tmp_path: Path) -> None:
    with Server("--host", "0.0.0.0", "--tls", "--state-dir", str(tmp_path / "server")) as server:
        page, program = links(server)
        assert urlsplit(page).hostname == urlsplit(program).hostname == next(iter(lan_addresses()), "127.0.0.1")
        assert "<html" in page_at(page)
        done = run("connect", program, "--username", "alice", "--state-dir", str(tmp_path / "hers"), stdin=b"hello\n")
        assert done.returncode == 0


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--no-web"], ["chatcore://127.0.0.1:{port}/lobby?via=ws"]),
        (["--transport", "tcp"], []),
        (["--dialect", "echo"], []),
        (
            ["--public-url", "https://chat.example.org/rooms"],
            [
                "https://chat.example.org/rooms/#room=lobby",
                "chatcore://chat.example.org:443/lobby?via=wss&path=/rooms/",
            ],
        ),
    ],
)
def test_links_lead_to_what_is_there(options: list[str], expected: list[str]) -> None:
    with Server(*options) as server:
        assert links(server) == [link.format(port=server.port) for link in expected]


def test_server_with_quic_alone_has_a_link_for_programs(tmp_path: Path) -> None:
    with Server("--transport", "quic", "--state-dir", str(tmp_path)) as server:
        (link,) = links(server)
        assert re.fullmatch(rf"chatcore://127\.0\.0\.1:{server.port}/lobby\?key=\w{{64}}&via=quic", link)


def test_link_to_a_server_with_a_certificate_names_what_that_is_for() -> None:
    """An authority vouches for the name: the link needs no key, and leads to nothing unencrypted."""
    folder = Path(__file__).parent / "certs"
    options = ("--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"))
    with Server("--host", "0.0.0.0", *options) as server:
        assert links(server) == [
            f"https://localhost:{server.port}/#room=lobby",
            f"chatcore://localhost:{server.port}/lobby?via=wss",
        ]


def test_public_url_in_capitals_is_the_same_address() -> None:
    """Its scheme has no case (RFC 3986, section 3.1); a path has."""
    with Server("--public-url", "HTTPS://chat.example.org/Rooms") as server:
        assert links(server)[0] == "https://chat.example.org/Rooms/#room=lobby"


@pytest.mark.parametrize(
    "url", ["chat.example.org", "ftp://chat.example.org/", "https://h/?a=b", "https://h/#a", "https://"]
)
def test_public_url_that_is_none_is_one_sentence(url: str) -> None:
    done = run_here("serve", "--port", "0", "--public-url", url)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


SERVE = (*CHATCORE, "serve", "--port", "0", "--log-level", "error")


@pytest.mark.parametrize(
    ("options", "columns", "term", "shown"),
    [
        (["--host", "0.0.0.0"], 80, "xterm-256color", True),
        (["--host", "0.0.0.0", "--no-qr"], 80, "xterm-256color", False),
        (["--host", "0.0.0.0", "--no-web"], 80, "xterm-256color", False),
        (["--host", "0.0.0.0"], 30, "xterm-256color", False),
        (["--host", "0.0.0.0"], 80, "dumb", False),
        ([], 80, "xterm-256color", False),
    ],
    ids=["others", "not wanted", "no page", "narrow", "no abilities", "only here"],
)
def test_camera_finds_the_link_on_a_terminal_that_has_room_for_it(
    options: list[str], columns: int, term: str, shown: bool
) -> None:
    """Where the page is for others at all."""
    with Terminal(*options, command=SERVE, columns=columns, env={"TERM": term}) as terminal:
        terminal.wait_for("Ctrl-C stops it")
        found = re.search(r"Link for browsers: +(\S+)", terminal.raw.decode())
        rows = code_rows(found[1]) if found else []
        drawn = b"".join(f"\x1b[30;47m{row}\x1b[0m\r\n".encode() for row in rows)
        assert (bool(rows) and drawn in terminal.raw) == shown
        assert ("▄" in terminal.raw.decode()) == shown


def test_code_that_is_asked_for_goes_wherever_the_link_goes() -> None:
    """Into a pipe, without colours, and for this computer alone too."""
    with Server("--qr") as server:
        page, _programs = links(server)
        server.out.wait_for("Ctrl-C stops it")
        assert "\n".join(code_rows(page)) in server.out.text
        assert "\x1b" not in server.out.text


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--no-qr"], "--qr is of no use: --no-qr says otherwise."),
        (["--no-web"], "--qr is of no use: --no-web says otherwise."),
        (["--transport", "tcp"], "--qr is of no use: there is no page here."),
    ],
)
def test_code_that_there_cannot_be_is_one_sentence(options: list[str], why: str) -> None:
    done = run_here("serve", "--port", "0", "--qr", *options)
    assert done.returncode == 2
    assert done.stderr == f"chatcore: {why}\n"


def test_code_that_nobody_could_see_is_not_drawn_but_told() -> None:
    """An output in ASCII has no blocks."""
    with Server("--qr", env={"PYTHONIOENCODING": "ascii"}) as server:
        server.out.wait_for("cannot be shown here")
        server.out.wait_for("Ctrl-C stops it")


def test_code_is_the_one_of_the_standard_with_a_light_frame() -> None:
    link = "http://192.168.1.5:8765/#room=lobby"
    rows = code_rows(link)
    expected = [
        [bool(one) for one in row] for row in segno.make_qr(link, error="l", boost_error=False).matrix_iter(border=2)
    ]
    drawn = [[one in halves for one in row] for row in rows for halves in ("▀█", "▄█")]
    assert drawn[: len(expected)] == expected
    assert code_rows("http://h/#" + "a" * 900) == []
