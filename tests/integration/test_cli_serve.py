"""`chatcore serve` as a process: what it says, how it ends, what it takes its settings from."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch
from tests.unit.cli.guest import Guest, guest
from tests.unit.cli.processes import (
    CHATCORE,
    Process,
    Server,
    Terminal,
    environment,
    run,
    run_here,
    sentences,
)


def lobby_of(server: Server) -> str:
    """Return the name of the room where one starts."""
    with guest(server.url, "alice") as alice:
        return str(alice.welcome["room"])


def test_server_says_where_it_listens_and_how_to_join() -> None:
    """On loopback also how to open it to others."""
    with Server() as server:
        server.out.wait_for(r"Ctrl-C stops it")
        said = server.out.text
    assert f"chatcore connect {server.url} --username NAME" in said
    assert "To open it to your network, add to the command:  --tls --host 0.0.0.0\n" in said
    with Server("--transport", "quic") as server:
        server.out.wait_for(r"add to the command:  --host 0\.0\.0\.0\n")


def test_server_behind_a_proxy_does_not_say_that_nobody_reaches_it() -> None:
    """Nor how to stand where the proxy does."""
    with Server("--public-url", "https://chat.example.org/") as server:
        server.out.wait_for(r"Link for browsers:  https://chat\.example\.org/")
        assert "Only this computer" not in server.out.text


def test_a_star_is_no_address_to_listen_at() -> None:
    """Nothing that others are told could have it in it."""
    for where in (("--host", "*"), ("--listen", "ws://*:8765"), ("--admin-listen", "*:9090")):
        for command in (("serve",), ("config", "check")):
            done = run_here(*command, *where)
            assert done.returncode == 2
            assert "write 0.0.0.0 for every address of this computer instead of *, or :: for IPv6" in done.stderr


def test_server_started_by_make_says_what_to_give_to_make() -> None:
    """Behind what was given to it already."""
    with Server(env={"CHATCORE_STARTED_BY_MAKE": "1", "ARGS": "--port 0"}) as server:
        server.out.wait_for(r'network:  make serve ARGS="--port 0 --tls --host 0\.0\.0\.0"\n')


def test_server_of_several_places_says_how_to_join_each() -> None:
    """And how to open them; fewer connections at each are nobody's fault, unless somebody asked for more."""
    places = ("ws://127.0.0.1:0", "tcp+simple-json://127.0.0.1:0", "tcp+echo://127.0.0.1:0")
    with Process("serve", *(word for place in places for word in ("--listen", place))) as server:
        server.out.wait_for(r"Ctrl-C stops it")
        said = server.out.text
        assert "fewer_connections" not in server.said()
    native, simple, _echo = re.findall(r"listens on (\S+)", said)
    assert re.findall(r"(.*:)  \S*chatcore connect (\S+) --username NAME\n", said) == [
        ("Join it from another terminal:", native),
        ("Or:", simple),
    ]
    assert "To open it to your network, listen at 0.0.0.0 instead of 127.0.0.1.\n" in said


def test_server_on_every_address_says_which_one_to_tell_others() -> None:
    """`0.0.0.0` is no address that anybody can connect to; what is told is one, where there is a network."""
    with Server("--host", "0.0.0.0") as server:
        server.out.wait_for(r"Ctrl-C stops it")
        said = server.out.text
        others = re.findall(r"(?:Others on your network join with|Or):  chatcore connect (\S+) --username NAME\n", said)
        assert others or "no network just now" in said
        for url in others:
            with guest(url, "somebody"):
                pass  # that is where the server is
    assert f"chatcore connect ws://127.0.0.1:{server.port}" in said
    assert "connect ws://0.0.0.0" not in said


def test_every_address_that_is_printed_to_join_by_takes_connections() -> None:
    """Of the version of IP that is listened at, in brackets where they belong; `::` takes no IPv4."""
    hosts = ("0.0.0.0", "[::]", "[::1]", "localhost", "0", "127.1")
    places = [word for host in hosts for word in ("--listen", f"tcp+simple-json://{host}:0")]
    with Process("serve", *places) as server:
        server.out.wait_for(r"Ctrl-C stops it")
        urls = re.findall(r"connect (\S+) --username NAME\n", server.out.text)
        for url in urls:
            parts = urlsplit(url)
            socket.create_connection((parts.hostname, parts.port)).close()
    here = [urlsplit(url).hostname for url in urls[: len(hosts)]]
    assert here == ["127.0.0.1", "::1", "::1", "localhost", "127.0.0.1", "127.1"]
    assert not {"0.0.0.0", "::", "0"} & {urlsplit(url).hostname for url in urls}


# A computer on two networks of which none leads further.
NETWORKS = """
set -e
ip link set lo up
for number in 0 1; do
    ip link add lan$number type veth peer name far$number
    ip link set lan$number up
    ip link set far$number up
done
ip address add 10.9.8.1/24 dev lan0
ip address add 169.254.7.1/16 dev lan1
ip -6 address add fd00:9::1/64 dev lan1 nodad
exec "$@"
"""
JOIN_BY_ALL = """
import re, sys
from tests.unit.cli.processes import Process, run
state = ("--state-dir", sys.argv[1])
by = ("--transport", "ws", "--transport", "quic")
for host in sys.argv[2:]:
    with Process("serve", "--port", "0", "--host", host, *by, *state) as server:
        server.out.wait_for("Ctrl-C stops it")
        for address in re.findall(r"Others.*connect (.*) --username|Or:.*connect (.*) --username", server.out.text):
            joined = run("connect", "".join(address), "--username", "somebody", *state, stdin=b"hello")
            assert joined.returncode == 0, joined.stderr
            print(host, "".join(address).rpartition(":")[0])
"""


def test_others_are_told_an_address_on_each_network_that_leads_nowhere_else(tmp_path: Path) -> None:
    """A workshop, two computers and a cable, a network of containers: a real client joins by each address."""
    network = ("unshare", "--user", "--map-root-user", "--net", "sh", "-c", NETWORKS, "networks")
    done = subprocess.run(
        [*network, sys.executable, "-c", JOIN_BY_ALL, str(tmp_path), "0.0.0.0", "::"],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=Path(__file__).parents[2],
        timeout=PATIENCE,
        check=False,
    )
    told = ["0.0.0.0 chat://10.9.8.1", "0.0.0.0 chat://169.254.7.1", ":: chat://[fd00:9::1]"]
    assert (done.returncode, done.stdout.splitlines()) == (0, told), done.stderr


def test_server_speaks_french_to_the_french() -> None:
    """What it prints follows the language of the environment."""
    text = run("serve", "--tls-key", "x", env={"LANGUAGE": "fr"}).stderr
    assert "--tls-key ne sert à rien sans --tls-cert" in text


def test_closing_its_terminal_ends_it() -> None:
    """Without a terminal the same signal is for reading certificates again (test_operation.py)."""
    with Terminal("--port", "0", command=(*CHATCORE, "serve")) as server:
        server.wait_for("Ctrl-C stops it.")
        server.close_window()
        assert server.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_says_goodbye_to_everyone_and_exits_0(number: signal.Signals) -> None:
    """Ctrl-C and `kill` are the ways to stop it; each client is told."""
    with Server() as server, guest(server.url, "alice") as alice, guest(server.url, "bob") as bob:
        server.send_signal(number)
        for client in (alice, bob):
            assert client.next_frame("bye")["code"] == "shutting_down"
            client.wait_for_the_end()
        assert server.wait() == 0
        assert "Traceback" not in server.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_server_that_is_still_starting(number: signal.Signals) -> None:
    """Whatever it waits for: here, for a word of NATS."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        store = f"nats://127.0.0.1:{silent.getsockname()[1]}/chat"
        with Server("--store", store, "--advertise", "ws://127.0.0.1:1") as server, silent.accept()[0]:
            server.send_signal(number)
            assert server.wait() == 0
            assert server.said() == ""


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def test_second_ctrl_c_ends_it_at_once() -> None:
    """Nobody has to wait for a client that does not answer the goodbye."""
    with Server() as server, socket.create_connection(("127.0.0.1", server.port)) as deaf:
        deaf.sendall(UPGRADE)
        assert b"101" in deaf.recv(1024)
        server.send_signal(signal.SIGINT)
        while takes_connections(server):
            pass
        server.send_signal(signal.SIGINT)
        assert server.wait() == 130


def takes_connections(server: Server) -> bool:
    """Tell whether the server still listens."""
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:
        pass  # it is closing just now
    return True


def test_port_in_use_is_one_sentence_and_exits_2() -> None:
    """The most common mistake of all."""
    with Server() as server:
        done = run("serve", "--port", str(server.port))
    assert done.returncode == 2
    assert len(sentences(done.stderr)) == 1
    assert str(server.port) in done.stderr


def test_bad_certificate_is_one_sentence_and_exits_2(tmp_path: Path) -> None:
    """Missing, empty or garbage."""
    (tmp_path / "empty.pem").touch()
    (tmp_path / "garbage.pem").write_bytes(b"this is not a certificate")
    (tmp_path / "wide.pem").write_bytes("-----BEGIN CERTIFICATE-----".encode("utf-16"))
    for cert in [str(tmp_path / name) for name in ("missing.pem", "empty.pem", "garbage.pem", "wide.pem")]:
        done = run_here("serve", "--port", "0", "--tls-cert", cert)
        assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
        assert cert in done.stderr
    assert "wide.pem is in UTF-16; save it as UTF-8" in done.stderr


def test_impossible_setting_is_one_sentence_and_exits_2() -> None:
    """It names what there is."""
    for option, value, named in (
        ("--transport", "pigeon", "ws"),
        ("--dialect", "esperanto", "chat"),
        ("--tls-key", "key.pem", "--tls-cert"),
        ("--default-room", "no spaces", "--default-room"),
        ("--trust-proxy", "nginx", "127.0.0.1"),
    ):
        done = run_here("serve", option, value)
        assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
        assert named in done.stderr


def test_limit_out_of_its_range_exits_2() -> None:
    """The ranges are those of the library."""
    done = run_here("serve", "--username-max", "33")
    assert done.returncode == 2
    assert "'33' is not a whole number from 2 to 32." in done.stderr


def test_command_line_goes_before_environment_before_file_before_default(tmp_path: Path) -> None:
    """Each option may come from four places."""
    file = tmp_path / "chatcore.toml"
    file.write_text('[serve]\ndefault-room = "from_file"\n')
    config = ("--config", str(file))
    env = {"CHATCORE_SERVE_DEFAULT_ROOM": "from_env"}
    with (
        Server() as default,
        Server(*config) as from_file,
        Server(env=env | {"CHATCORE_SERVE_CONFIG": str(file)}) as from_env,
        Server(*config, "--default-room", "from_args", env=env) as from_args,
    ):
        assert [lobby_of(each) for each in (default, from_file, from_env, from_args)] == [
            "lobby",
            "from_file",
            "from_env",
            "from_args",
        ]


def test_variable_is_named_like_its_option() -> None:
    """`--tls` is CHATCORE_SERVE_TLS, and several values stand in one variable with spaces between them."""
    with (
        Server(env={"CHATCORE_SERVE_TLS": "true"}) as encrypted,
        Process("serve", env={"CHATCORE_SERVE_LISTEN": "ws://127.0.0.1:0 tcp+echo://127.0.0.1:0"}) as several,
    ):
        assert encrypted.url.startswith("wss://")
        several.out.wait_for(r"listens on ws://\S+\n(.*\n)*.*listens on tcp\+echo://")


def test_variables_that_are_no_settings_do_not_stop_the_server() -> None:
    """They are told, those of Kubernetes in one sentence; an empty one is as good as none."""
    of_kubernetes = {
        "CHATCORE_SERVE_SERVICE_HOST": "10.0.0.5",
        "CHATCORE_SERVE_SERVICE_PORT": "80",
        "CHATCORE_SERVE_PORT_80_TCP": "tcp://10.0.0.5:80",
        "CHATCORE_SERVE_PORT_80_TCP_ADDR": "10.0.0.5",
    }
    more = {"CHATCORE_VERSION": "0.1.0", "CHATCORE_SERVE_TSL": "true", "CHATCORE_SERVE_HOST": "", "CHATCORE_HELP": "1"}
    with Server(env=of_kubernetes | more) as server:
        assert server.url.startswith("ws://127.0.0.1:")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        said = server.said()
    assert "Nothing reads the environment variable CHATCORE_SERVE_TSL. Did you mean CHATCORE_SERVE_TLS?\n" in said
    assert "Nothing reads the environment variable CHATCORE_VERSION.\n" in said
    assert (
        "CHATCORE_SERVE_PORT_80_TCP and 3 more in the environment. It looks like a variable that Kubernetes makes"
        in said
    )


def test_what_is_said_of_settings_is_a_record_where_the_log_is_json() -> None:
    """Whoever reads the log line by line can read every line."""
    with Server("--log-format", "json", env={"CHATCORE_SERVE_TSL": "true"}) as server:
        assert server.err is not None
        first = json.loads(server.err.wait_for(r"^.*\n")[0])
    assert first["event"] == "unread_setting"
    assert "Did you mean CHATCORE_SERVE_TLS?" in first["text"]


def test_file_in_the_current_directory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings come from a file that somebody named, or from none."""
    (tmp_path / "chatcore.toml").write_text('[serve]\ndefault-room = "surprise"\n')
    monkeypatch.chdir(tmp_path)
    with Server() as server:
        assert lobby_of(server) == "lobby"


def test_mistake_in_the_file_exits_2_with_one_sentence(tmp_path: Path) -> None:
    """Also when only click sees it."""
    misspelt, wrong = tmp_path / "misspelt.toml", tmp_path / "wrong.toml"
    misspelt.write_text("[serve]\nprot = 1\n")
    wrong.write_text('[serve]\nport = "many"\n')
    for file, named in (
        (misspelt, "Did you mean port?"),
        (wrong, f"In {wrong}: Invalid value for port: 'many' is not a whole number from 0 to 65535."),
    ):
        done = run_here("serve", "--config", str(file))
        assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
        assert named in done.stderr


def test_events_are_logged_one_line_each() -> None:
    """Connect, login, room created, joined, refused, disconnected."""
    with Server("--log-format", "json") as server:
        with guest(server.url, "alice") as alice:
            alice.send(type="create_room", room="python")
            alice.send(type="join_room", room="nowhere")
            alice.next_frame("error")
            alice.vanish()
        assert server.err is not None
        server.err.wait_for("disconnected")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        records = [json.loads(line) for line in server.said().splitlines()]
    events = {record["event"] for record in records}
    assert {"listening", "connect", "login", "room_created", "joined", "refused", "disconnected", "stopped"} <= events
    assert next(record for record in records if record["event"] == "room_created")["room"] == "python"


def time_to_refuse(server: Server, somebody: Guest, times: int) -> float:
    """Let the server refuse something, and write it to its log, many times; returns how long that took."""
    stopwatch = Stopwatch(server.pid)
    somebody.send_often(times, type="whois", username="nobody")
    for _ in range(times):
        somebody.next_frame("error")
    return stopwatch.seconds


def test_chat_goes_on_when_nobody_reads_the_log() -> None:
    """A full pipe stops neither the server nor its end, and what was dropped is reported once somebody reads."""
    read_end, write_end = os.pipe()
    try:
        server = Server("--no-limits", "--log-level", "debug", stderr=write_end)
    finally:
        os.close(write_end)
    with server, open(read_end, "rb") as log:
        with guest(server.url, "alice") as alice:
            slowest = max(time_to_refuse(server, alice, 500) for _ in range(24))
            assert slowest < 2
            text = b""
            while b"log records were dropped" not in text:
                text += os.read(log.fileno(), 65536)
            time_to_refuse(server, alice, 1500)  # and the pipe is full again for the end
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_log_on_a_full_disk_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    """Nothing is lost for which there was room in memory, and the chat knows nothing of it."""
    log = tmp_path / "log"
    with log.open("wb") as file:
        server = Server("--store", "memory", stderr=file.fileno())  # which a limit for files does not concern
    with server, guest(server.url, "alice") as alice:
        while "login" not in log.read_text():
            pass
        free = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, free[1]))
        alice.enter("written_later")
        assert "written_later" not in log.read_text()
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, free)
        deadline = time.monotonic() + PATIENCE
        while "written_later" not in log.read_text():
            assert time.monotonic() < deadline


def test_server_whose_output_cannot_be_written_says_so_and_serves() -> None:
    """What it printed is lost, and its exit code tells that, as it says beforehand."""
    with open("/dev/full", "wb") as full:
        server = subprocess.Popen(
            [*CHATCORE, "serve", "--port", "0"], stdout=full, stderr=subprocess.PIPE, env=environment()
        )
    with server:
        assert server.stderr is not None
        said = server.stderr.readline() + server.stderr.readline()
        url = re.search(rb"url=(\S+)", said)
        assert url is not None
        assert b"chatcore: The output cannot be written: No space left on device. The server goes on, and ends" in said
        with guest(url[1].decode(), "alice") as alice:
            assert alice.welcome["room"] == "lobby"
        server.terminate()
        assert server.wait(PATIENCE) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes it")
def test_server_whose_output_is_closed_ends_as_well_as_any() -> None:
    """Whoever starts it so wants nothing of what it prints."""
    serve = ["bash", "-c", 'exec "$@" >&-', "bash", *CHATCORE, "serve", "--port", "0"]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, env=environment()) as server:
        assert server.stderr is not None
        said = server.stderr.readline() + server.stderr.readline()
        url = re.search(rb"url=(\S+)", said)
        assert url is not None
        with guest(url[1].decode(), "alice"):
            pass
        server.terminate()
        assert server.wait(PATIENCE) == 0


def test_browser_gets_a_page_unless_the_host_wants_none(tmp_path: Path) -> None:
    """Where a WebSocket of the chat is; the option is a variable and a setting like all."""
    file = tmp_path / "chatcore.toml"
    file.write_text("[serve]\nno-web = true\n")
    ways = [Server(), Server("--no-web"), Server(env={"CHATCORE_SERVE_NO_WEB": "true"}), Server("--config", str(file))]
    for server, status in zip([*ways, Server("--dialect", "echo")], [200, 426, 426, 426, 426], strict=True):
        with server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, b"<!doctype html>" in answer.read()) == (status, status == 200)
            connection.close()


def test_file_limit_is_raised_and_bounds_the_connections() -> None:
    """Past the limit nothing works, so fewer connections are taken than files can be open."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = min(hard, 2**20) if hard != resource.RLIM_INFINITY else 2**20
    with Server("--max-connections", str(limit + 1)) as server:
        assert server.err is not None
        server.err.wait_for(f"fewer_connections max_connections=[0-9]+ file_limit={limit}\n")


@pytest.mark.parametrize("limit", [8, 12, 20, 64])
def test_server_that_may_have_too_few_files_open_says_who_allows_more(limit: int) -> None:
    """At the start, whatever it would have opened last; it has allowed itself all that it may."""
    line = f"ulimit -n {limit}; exec '{sys.executable}' -m chatcore_cli serve --port 0"
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    why = f"only {limit} files can be open here at a time, too few for a server"
    ways = "LimitNOFILE= (systemd), --ulimit nofile= (Docker), /etc/security/limits.conf"
    told = f"chatcore: {why}; an administrator allows more by: {ways}\n"
    assert (done.returncode, done.stderr.decode()) == (2, told)


def test_server_whose_connections_take_no_files_does_with_few_of_them() -> None:
    few = ("sh", "-c", 'ulimit -n 60; exec "$0" "$@"', *CHATCORE)
    with Process("serve", "--port", "0", "--transport", "quic", command=few) as server:
        server.out.wait_for("listens on quic://")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
    with Process("serve", "--port", "0", "--transport", "quic", "--transport", "ws", command=few) as server:
        assert server.wait() == 2
        assert "only 60 files can be open here at a time" in server.said()


def test_server_starts_with_what_it_serves_and_nothing_else() -> None:
    """What is not asked for is not imported, so that it is there at once."""
    with Server(env={"PYTHONPROFILEIMPORTTIME": "1"}) as server:
        assert server.url
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        imported = {line.rpartition("|")[2].strip() for line in server.said().splitlines()}
    assert "chatcore_ws.server" in imported
    assert imported.isdisjoint({"chatcore_quic", "aioquic", "cryptography", "prompt_toolkit", "PyQt6"})
