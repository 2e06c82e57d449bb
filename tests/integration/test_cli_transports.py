"""The command line with more than one transport: serving them, trusting servers, and finding out what is wrong."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as listen

from tests.integration.test_certificate_names import certificate_for, write
from tests.ports import free_port
from tests.unit.cli.processes import Process, Server, run, run_here, sentences
from tests.unit.cli.proxy import Proxy


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Server]:
    """Serve WebSocket and QUIC, as `chatcore serve --transport ws --transport quic` does."""
    listen = ("--transport", "ws", "--transport", "quic", "--state-dir", str(tmp_path))
    with Server(*listen, port=free_port()) as server:
        server.out.wait_for("Ctrl-C stops it")
        yield server


def fingerprint_of(server: Server) -> str:
    """Return the fingerprint that the server printed."""
    return server.out.wait_for(r"for --fingerprint:  ([0-9a-f]{64})").group(1)


def test_both_transports_serve_the_same_rooms_on_one_port(both: Server) -> None:
    """The numbers of the ports are equal, and so is what one sees."""
    urls = [line.split()[-1] for line in both.out.text.splitlines() if "listens on" in line]
    assert urls == [f"ws://127.0.0.1:{both.port}", f"quic://127.0.0.1:{both.port}"]
    assert f"chatcore connect chat://127.0.0.1:{both.port} --username NAME" in both.out.text
    pin = ["--fingerprint", fingerprint_of(both)]
    assert run("connect", urls[0], "--username", "alice", stdin=b"by WebSocket\n").returncode == 0
    assert run("connect", urls[1], "--username", "alice", *pin, stdin=b"by QUIC\n").returncode == 0
    read = run("connect", urls[1], "--username", "bob", "--json", "--commands", *pin, stdin=b"/list\n")
    said = run("connect", urls[0], "--username", "carol", "--json", stdin=b"")
    welcome = json.loads(said.stdout.splitlines()[0])
    assert welcome["position"]["seq"] == 2
    assert read.returncode == 0


def test_server_is_remembered_the_first_time_and_refused_with_another_key(both: Server, tmp_path: Path) -> None:
    """As with SSH: what changed, and how to accept it."""
    url = f"quic://127.0.0.1:{both.port}"
    key = fingerprint_of(both)
    first = run("connect", url, "--username", "alice", stdin=b"hello\n")
    again = run("connect", url, "--username", "alice", stdin=b"hello\n")
    assert (first.returncode, again.returncode) == (0, 0)
    assert f"The server at 127.0.0.1:{both.port} is remembered by its key's fingerprint, {key}" in first.stderr
    assert again.stderr == ""
    other = ["--transport", "quic", "--state-dir", str(tmp_path / "other")]
    both.__exit__(None, None, None)
    with Server(*other, port=both.port) as stranger:
        new = fingerprint_of(stranger)
        refused = run("connect", url, "--username", "alice", stdin=b"hello\n")
        assert refused.returncode == 3
        assert "shows another key than before" in refused.stderr
        assert key in refused.stderr
        assert f"chatcore connect {url} --fingerprint {new}" in refused.stderr
        assert "Traceback" not in refused.stderr
        found = run("doctor", url)
        assert found.returncode == 1
        assert f"chatcore connect {url} --fingerprint {new}\n" in found.stdout
        assert "Is the server started" not in found.stdout
        wrong = run("connect", url, "--username", "alice", "--fingerprint", key, stdin=b"hello\n")
        assert wrong.returncode == 3
        assert "shows another key than the one that you gave" in wrong.stderr
        assert f"  fingerprint given: {key}\n  fingerprint now:   {new}\n" in wrong.stderr
        accepted = run("connect", url, "--username", "alice", "--fingerprint", new, stdin=b"hello\n")
        assert accepted.returncode == 0
        assert accepted.stderr == f"The server at 127.0.0.1:{both.port} is remembered.\n"
        assert run("connect", url, "--username", "alice", stdin=b"hello\n").stderr == ""


def test_wss_needs_no_certificate_of_an_authority(tmp_path: Path) -> None:
    """`--tls` is enough to be encrypted."""
    with Server("--tls", "--state-dir", str(tmp_path)) as server:
        assert server.url.startswith("wss://")
        heard = run("connect", server.url, "--username", "alice", stdin=b"hello\n")
        assert heard.returncode == 0
        assert fingerprint_of(server) in heard.stderr


def test_places_are_listened_at_as_their_addresses_say(tmp_path: Path) -> None:
    """Each with its transport, dialect, encryption, host and port; also in the file."""
    file = tmp_path / "chatcore.toml"
    file.write_text(
        '[serve]\nlisten = ["ws://127.0.0.1:0", "wss://127.0.0.1:0", "quic://127.0.0.1:0", "ws+echo://127.0.0.1:0"]\n'
    )
    with Process("serve", "--config", str(file), "--state-dir", str(tmp_path / "state")) as server:
        server.out.wait_for("Ctrl-C stops it")
        urls = [line.split()[-1] for line in server.out.text.splitlines() if "listens on" in line]
        assert [url.partition("://")[0] for url in urls] == ["ws", "wss", "quic", "ws+echo"]
        key = fingerprint_of(server)
        for url in urls[:3]:
            pin = [] if url.startswith("ws:") else ["--fingerprint", key]
            assert run("connect", url, "--username", "alice", *pin, stdin=b"x\n").returncode == 0
        refused = run("connect", urls[0], "--username", "alice", "--fingerprint", key, stdin=b"x\n")
        assert refused.returncode == 2
        assert f"{urls[0]} is not encrypted, so nothing there can be recognised by its fingerprint" in refused.stderr


def test_coursework_users_and_others_meet_in_the_same_room(tmp_path: Path) -> None:
    """Each with a dialect of their own; our client speaks them too."""
    places = ["ws://127.0.0.1:0", "tcp+simple-json://127.0.0.1:0", "tcp+simple-text://127.0.0.1:0"]
    listen = [word for place in places for word in ("--listen", place)]
    with Process("serve", *listen, "--state-dir", str(tmp_path)) as server:
        server.out.wait_for("Ctrl-C stops it")
        urls = [line.split()[-1] for line in server.out.text.splitlines() if "listens on" in line]
        host, port = urls[1].rpartition("/")[2].split(":")
        with socket.create_connection((host, int(port))) as other:
            other.sendall(b'{"type": "login", "username": "rita"}')
            heard = other.makefile()
            assert json.loads(heard.readline()) == {"status": "success", "message": "Bienvenue, rita"}
            for number, url in enumerate(urls):
                assert run("connect", url, "--username", "alice", stdin=b"hello\n").returncode == 0
                said = {"type": "message", "username": "alice", "content": "hello"}
                assert json.loads(heard.readline()) == said, number


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--listen", "nowhere"], "nowhere is not a place to listen at"),
        (["--listen", "ws://"], "ws:// is not a place to listen at"),
        (["--listen", "ws://host:port"], "is not a place to listen at"),
        (["--listen", "pigeon://x:1"], "is not a place to listen at"),
        (["--listen", "chat://0.0.0.0:1"], "is not a place to listen at"),
        (["--listen", "ws+latin://127.0.0.1:0"], "there is no dialect called 'latin'"),
        (["--listen", "ws://127.0.0.1:0", "--port", "9"], "--port and --listen exclude each other"),
        (["--listen", "ws://127.0.0.1:0", "--transport", "ws"], "--transport and --listen exclude each other"),
        (
            ["--port", "9000", "--transport", "ws", "--transport", "tcp"],
            "ws and tcp cannot both listen on port 9000 of",
        ),
        (
            ["--listen", "ws://127.0.0.1:9000", "--listen", "ws+echo://127.0.0.1:9000"],
            "ws and ws cannot both listen on",
        ),
        (
            ["--port", "9000", "--admin-listen", "127.0.0.1:9000"],
            "ws and --admin-listen cannot both listen on port 9000",
        ),
        (
            ["--listen", "quic://127.0.0.1:9000", "--listen", "quic+echo://127.0.0.1:9000"],
            "quic and quic cannot both listen on port 9000 of 127.0.0.1;",
        ),
        (
            ["--listen", "ws://0.0.0.0:9000", "--listen", "tcp://127.0.0.1:9000"],
            "ws and tcp cannot both listen on port 9000 of 127.0.0.1;",
        ),
        (
            ["--listen", "tcp://[::1]:9000", "--listen", "ws://[0::0]:9000"],
            "tcp and ws cannot both listen on port 9000 of ::1;",
        ),
        (
            ["--listen", "ws://localhost:9000", "--listen", "tcp://[::1]:9000"],
            "ws and tcp cannot both listen on port 9000 of ::1;",
        ),
        (
            ["--listen", "ws://localhost.:9000", "--listen", "tcp://0.0.0.0:9000"],
            "ws and tcp cannot both listen on port 9000 of localhost.;",
        ),
        (
            ["--listen", "ws://127.0.0.1:9000", "--admin-listen", "localhost:9000"],
            "ws and --admin-listen cannot both listen on port 9000 of localhost;",
        ),
        (["--transport", "tcp", "--public-url", "https://a.example/"], "--public-url is of no use: no link leads to"),
        (["--dialect", "echo", "--public-url", "https://a.example/"], "--public-url is of no use: no link leads to"),
        (["--listen", "tcp://127.0.0.1:1", "--no-web"], "--no-web is of no use: there is no page here anyway."),
        (["--transport", "tcp", "--origin", "https://a.example"], "--origin is of no use: no page in a browser speaks"),
        (["--dialect", "echo", "--accounts", "required"], "--accounts is of no use: nobody logs in here."),
        (["--dialect", "echo", "--password-file", __file__], "--password-file is of no use: nobody logs in here."),
        (["--accounts", "off", "--accounts-max", "5"], "--accounts-max is of no use: with --accounts off there are no"),
        (
            ["--file-offers", "0", "--file-max", "9"],
            "--file-max is of no use: with --file-offers 0 there are no",
        ),
    ],
)
def test_what_is_no_place_is_one_sentence_and_exits_2(args: list[str], sentence: str) -> None:
    """Before anything is opened."""
    done = run_here("serve", *args)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("ws://no.invalid:0", "no.invalid to listen on is not known"),
        ("quic://192.0.2.1:0", "192.0.2.1 is not an address"),
    ],
)
def test_place_where_nothing_can_listen_is_told_with_the_options_that_choose_another_one(place: str, why: str) -> None:
    done = run_here("serve", "--listen", place)
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1)
    assert why in done.stderr
    assert "choose another one with --host or --listen" in done.stderr


def test_places_of_one_number_that_have_a_port_each_are_right() -> None:
    """TCP and UDP, other addresses, and those of both versions of IP."""
    places = (
        *("ws://0.0.0.0:9000", "quic://0.0.0.0:9000", "tcp://[::1]:9000", "quic+echo://[::]:9000"),
        *("ws://127.0.0.1:9001", "tcp://127.0.0.2:9001", "ws://chat.example:9002", "tcp://other.example:9002"),
    )
    args = [word for place in places for word in ("--listen", place)]
    done = run_here("config", "check", *args, "--admin-listen", "127.0.0.3:9001")
    assert (done.returncode, done.stderr) == (0, "")


def test_doctor_says_what_works_and_what_it_is_recognised_by(both: Server) -> None:
    """For each transport; it logs nobody in."""
    found = run("doctor", f"127.0.0.1:{both.port}")
    assert found.returncode == 0
    assert "The address of" not in found.stdout
    assert "offers: ws" in found.stdout
    assert "The clocks of both computers agree." in found.stdout
    assert f"ok  http://127.0.0.1:{both.port}/: browsers get a page there to chat in.\n" in found.stdout
    assert f"ok  ws://127.0.0.1:{both.port}: connected in " in found.stdout
    assert f"You have not met it yet; its key's fingerprint is {fingerprint_of(both)}" in found.stdout
    run("connect", f"quic://127.0.0.1:{both.port}", "--username", "alice", stdin=b"hello\n")
    assert "the one that you know" in run("doctor", f"127.0.0.1:{both.port}").stdout


def test_doctor_takes_no_port_for_one_that_understands_lines_because_it_is_open() -> None:
    """What listens there is the WebSocket, as it says itself."""
    with Server() as server:
        found = run("doctor", f"tcp://127.0.0.1:{server.port}")
        assert found.returncode == 1
        assert f"NO  tcp://127.0.0.1:{server.port}: that port is for WebSocket;" in found.stdout


def test_doctor_says_what_the_page_needs() -> None:
    """By whatever name it is reached; and where it is switched off there is nothing to say."""
    with Server() as server:
        assert "browsers get a page there to chat in.\n" in run("doctor", f"ws://localhost:{server.port}").stdout
    with Server("--no-web") as server:
        assert "browsers" not in run("doctor", f"ws://127.0.0.1:{server.port}").stdout


@pytest.mark.parametrize(("scheme", "tls"), [("ws", ()), ("wss", ("--tls",)), ("chat", ()), ("chat", ("--tls",))])
def test_server_that_is_looked_at_has_nothing_to_look_at_itself(
    scheme: str, tls: tuple[str, ...], tmp_path: Path
) -> None:
    """`--log-level warning` keeps what needs a look: who tries out whether there is TLS is nothing such."""
    with Server("--log-level", "warning", "--state-dir", str(tmp_path), *tls) as server:
        asked = f"{scheme}://127.0.0.1:{server.port}"
        assert ": connected in" in run("doctor", asked).stdout
        server.send_signal(signal.SIGINT)
        assert server.wait() == 0
        assert "warning" not in server.said()


def test_path_of_an_address_is_asked_for(tmp_path: Path) -> None:
    """A proxy may have something else at every other path."""

    def only_chat(_connection: ServerConnection, request: Request) -> Response | None:
        return None if request.path == "/chat/?room=x" else Response(404, "Not Found", Headers())

    with listen(lambda connection: connection.recv(), "127.0.0.1", 0, process_request=only_chat) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        place = f"127.0.0.1:{proxy.socket.getsockname()[1]}"
        for scheme in ("ws", "chat"):
            found = run("doctor", f"{scheme}://{place}/chat/?room=x")
            assert f"ws://{place}/chat/?room=x: connected in" in found.stdout
            assert "answered HTTP 404" in run("doctor", f"{scheme}://{place}/chat?room=x").stdout
        proxy.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["chat", "ws"])
def test_doctor_looks_where_it_was_asked_to_and_not_behind_a_proxy(scheme: str) -> None:
    """The server says on which ports it listens, which nobody else may reach."""
    with Server() as server:
        with Proxy(int(server.port)) as proxy:
            place = proxy.url.removeprefix("ws://")
            found = run("doctor", f"{scheme}://{place}/chat/")
        assert found.returncode == 0
        assert f"--  What {place} gets is passed on to the server" in found.stdout
        assert f"ok  http://{place}/chat/: browsers get a page there to chat in.\n" in found.stdout
        assert f"ok  ws://{place}/chat/: connected in " in found.stdout
        assert f":{server.port}" not in found.stdout


def test_doctor_says_what_a_proxy_has_to_pass_on() -> None:
    """The server answers, and no WebSocket opens."""
    told = {"server": {"version": "1"}, "transports": [{"transport": "ws", "port": 1, "encrypted": False}]}

    def no_upgrade(_connection: ServerConnection, request: Request) -> Response:
        body = json.dumps(told).encode() if request.path.startswith("/.well-known/chatcore") else b"<html>"
        return Response(200, "OK", Headers({"Content-Length": str(len(body))}), body)

    with listen(lambda connection: connection.recv(), "127.0.0.1", 0, process_request=no_upgrade) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        found = run("doctor", f"chat://127.0.0.1:{proxy.socket.getsockname()[1]}")
        proxy.shutdown()
        thread.join()
    assert found.returncode == 1
    assert "answered HTTP 200 OK instead of opening a WebSocket" in found.stdout
    assert "Does the proxy pass on Upgrade and Connection" in found.stdout
    assert "Is the server started" not in found.stdout


@pytest.mark.parametrize(
    ("days", "said"),
    [(30, r"has expired on {end}: {refused}; renew it"), (-30, r"is not valid before {begin}: {refused} until then")],
)
@pytest.mark.parametrize("page", [(), ("--no-web",)], ids=["page", "none"])
def test_doctor_says_that_the_time_of_a_certificate_is_not_now(
    days: int, said: str, page: tuple[str, ...], tmp_path: Path
) -> None:
    """Browsers do not come in then. Clients that accept a server's own key do, as doctor finds."""
    certificate = certificate_for(("localhost",), days=days)
    files = write(certificate, tmp_path)
    with Server("--tls-cert", files["tls_cert"], "--tls-key", files["tls_key"], *page) as server:
        found = run("doctor", server.url)
        place = server.url.removeprefix("wss://")
    told = said.format(
        begin=certificate.not_valid_before_utc.date(),
        end=certificate.not_valid_after_utc.date(),
        refused="browsers, and clients that go by authorities, refuse it",
    )
    assert f"NO  https://{place}/: the certificate {told}\n" in found.stdout
    assert f"ok  wss://{place}: connected in " in found.stdout
    assert "browsers get a page" not in found.stdout
    assert found.returncode == 0


@pytest.mark.parametrize(
    ("names", "days", "hint"),
    [
        (("other.example",), 0, "Go there by a name that the certificate is for, or have the server show one for "),
        (("127.0.0.1",), 30, "Renew the certificate if its time is over, or name by --tls-ca the authority that "),
    ],
)
def test_doctor_says_what_to_do_about_a_certificate_that_authorities_do_not_vouch_for(
    names: tuple[str, ...], days: int, hint: str, tmp_path: Path
) -> None:
    """The server has answered: whether it is started is not to be asked."""
    files = write(certificate_for(names, days=days), tmp_path)
    with Server("--tls-cert", files["tls_cert"], "--tls-key", files["tls_key"]) as server:
        found = run("doctor", server.url, "--tls-ca", files["tls_cert"])
    assert found.returncode == 1
    assert "is not to be trusted" in found.stdout
    assert found.stdout.splitlines()[-1].startswith(f"--  {hint}")
    assert "Is the server started" not in found.stdout


def test_doctor_says_what_keeps_quic_away_from_a_server_that_answers() -> None:
    with Server() as server:
        found = run("doctor", f"quic://127.0.0.1:{server.port}")
    assert found.returncode == 1
    assert f"--  QUIC needs UDP port {server.port}; " in found.stdout
    assert "Is the server started" not in found.stdout


def test_doctor_asks_about_no_server_where_it_could_not_ask_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is wrong here, and the sentence says what to do."""
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/at/all")
    found = run_here("doctor", "wss://127.0.0.1:1")
    assert found.returncode == 1
    assert found.stdout.startswith("NO  wss://127.0.0.1:1: the keys of encrypted connections cannot be written to ")
    assert found.stdout.count("\n") == 1


def test_doctor_refuses_what_a_client_with_the_same_authorities_refuses(both: Server) -> None:
    """Their file does not vouch for the server: nobody gets in with it, whatever was remembered before."""
    authorities = str(Path(__file__).parent / "certs" / "ca.pem")
    found = run("doctor", f"quic://127.0.0.1:{both.port}", "--tls-ca", authorities)
    assert found.returncode == 1
    assert f"NO  quic://127.0.0.1:{both.port}: the certificate of " in found.stdout
    assert "is not to be trusted" in found.stdout


def test_doctor_explains_what_does_not_work() -> None:
    """A network without UDP, a port where nothing listens, a name that nobody knows."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        found = run("doctor", f"quic://{place}")
        assert found.returncode == 1
        assert f"NO  quic://{place}: {place} did not answer in time" in found.stdout
    found = run("doctor", place)
    assert found.returncode == 1
    assert "nothing listens at" in found.stdout
    assert "Is the server started, and on this port?" in found.stdout
    assert run_here("doctor", "--tls-ca", "nope.pem").returncode == 2
    assert "ws://127.0.0.1:80" in run("doctor", "ws://127.0.0.1").stdout
    found = run("doctor", "no.such.host.invalid")
    assert found.returncode == 1
    assert "NO  The host no.such.host.invalid is not known." in found.stdout


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without aioquic, `--transport quic` says what to install, and `chat://` takes WebSocket."""
    monkeypatch.setitem(sys.modules, "aioquic", None)
    for name in [name for name in sys.modules if name.startswith(("chatcore_quic", "aioquic."))]:
        monkeypatch.delitem(sys.modules, name)
    done = run_here("serve", "--transport", "quic")
    assert done.returncode == 2
    assert f"to install it: {sys.executable} -m pip install 'aioquic>=" in done.stderr
