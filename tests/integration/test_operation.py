"""What whoever runs a server has of it: metrics, health, systemd, a slow end, and what SIGHUP reads again."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from chatcore.chat.effects import LineKind
from chatcore.errors import ErrorCode
from tests.patience import PATIENCE
from tests.unit.cli.guest import guest
from tests.unit.cli.processes import CHATCORE, Server, environment, run, run_here

CERTS = Path(__file__).parent / "certs"


def admin_of(server: Server) -> str:
    """Return where a server tells how it does."""
    return told(server, r"observed url=http://(\S+)").group(1)


def told(server: Server, pattern: str) -> re.Match[str]:
    """Wait until the log of a server says something."""
    assert server.err is not None
    return server.err.wait_for(pattern)


def ask(place: str, path: str, method: str = "GET") -> tuple[int, str]:
    """Return status and body of an answer."""
    connection = http.client.HTTPConnection(place, timeout=PATIENCE)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def metrics_of(place: str) -> dict[str, float]:
    """Return every sample that has one label or none, as `name` or `name{value}`."""
    status, page = ask(place, "/metrics")
    assert status == 200
    return {
        sample.name + "".join(f"{{{value}}}" for _label, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_metrics_follow_what_happens() -> None:
    """Connections, users, messages, deliveries, refusals, bytes; of the process too."""
    with Server("--store", "memory", "--admin-listen", "127.0.0.1:0") as server:
        url, place = server.url, admin_of(server)
        before = metrics_of(place)
        assert (before["chatcore_sessions"], before["chatcore_rooms"]) == (0, 1)
        asked = re.findall(r'(chatcore_\w+)\{\w+=~?"([\w|]+)"\}', Path("docs/host/alerts.yml").read_text())
        kinds = [f"{name}{{{kind}}}" for name, kinds in asked for kind in kinds.split("|")]
        assert {kind: before.get(kind) for kind in kinds} == dict.fromkeys(kinds, 0)
        assert "chatcore_events_total{not_kept}" in kinds
        with guest(url, "alice") as alice, guest(url, "bob") as bob:
            alice.say("hello")
            bob.wait_for_text("hello")
            alice.send(type="join_room", room="nowhere")
            alice.next_frame("error")
            now = metrics_of(place)
        assert now["chatcore_connections{chat}{ws}"] == now["chatcore_sessions"] == 2
        assert now["chatcore_messages_total{room}"] == 1
        assert now["chatcore_refusals_total{no_such_room}"] == 1
        assert now["chatcore_events_total{login}"] == 2
        assert now["chatcore_deliveries_total{published}"] > 0
        assert now["chatcore_received_bytes_total"] > 0
        assert now["chatcore_sent_bytes_total"] > now["chatcore_received_bytes_total"]
        assert now["chatcore_event_loop_lag_seconds_count"] > 0
        assert now["chatcore_log_drops_total"] == 0
        assert now["process_resident_memory_bytes"] > 2**20
        assert not any(name.startswith(("chatcore_store", "chatcore_journal")) for name in now)


@pytest.mark.parametrize(("host", "address"), [("[127.0.0.1]", "127.0.0.1"), ("::ffff:127.0.0.1", "127.0.0.1")])
def test_address_to_listen_at_may_be_written_as_in_a_url_or_as_one_of_ipv6(host: str, address: str) -> None:
    """What is printed has its usual form."""
    with Server("--host", host, "--admin-listen", "[::ffff:127.0.0.1]:0") as server:
        assert server.url.startswith(f"ws://{address}:")
        with guest(server.url, "alice"):
            assert ask(admin_of(server), "/readyz")[0] == 200


def test_metrics_tell_of_the_store(tmp_path: Path) -> None:
    """How long commits take, and how much it takes."""
    store = f"sqlite:{tmp_path / 'chat.db'}"
    with Server("--admin-listen", "127.0.0.1:0", "--store", store) as server, guest(server.url, "alice") as alice:
        alice.say("hello")
        now = metrics_of(admin_of(server))
    assert now["chatcore_store_bytes"] > 4096
    assert now["chatcore_journal_commit_seconds_count"] >= 3
    assert now["chatcore_journal_commit_seconds_sum"] > 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="nobody can limit another process here")
def test_store_that_refuses_is_told_for_as_long_as_it_does(tmp_path: Path) -> None:
    """Nobody can log in then. That it is over is found out by the server, though nobody asks for anything."""
    path = tmp_path / "chat.db"
    with Server("--admin-listen", "127.0.0.1:0", "--store", f"sqlite:{path}") as server:
        place = admin_of(server)
        with guest(server.url, "alice") as alice:
            assert (ask(place, "/readyz"), metrics_of(place)["chatcore_store_refuses"]) == ((200, "ok\n"), 0)
            free = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, free[1]))
            alice.send(type="send_message", text="x" * 3000, cid=1)
            assert alice.next_frame("error")["code"] == "unavailable"
            why = "nothing can be kept: there is no space left on the disk\n"
            assert (ask(place, "/readyz"), metrics_of(place)["chatcore_store_refuses"]) == ((503, why), 1)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, free)
            told(server, "kept_again")
            assert (ask(place, "/readyz"), metrics_of(place)["chatcore_store_refuses"]) == ((200, "ok\n"), 0)


def test_health_is_told_by_status_and_in_words() -> None:
    """`HEAD` too; nothing else is there, and nothing can be changed."""
    with Server("--admin-listen", "127.0.0.1:0") as server:
        assert server.url
        place = admin_of(server)
        assert ask(place, "/healthz") == ask(place, "/readyz?verbose=1") == (200, "ok\n")
        assert ask(place, "/healthz", "HEAD") == (200, "")
        assert ask(place, "/")[0] == ask(place, "/metrics/")[0] == 404
        assert ask(place, "/metrics", "POST")[0] == 405


def test_name_that_somebody_has_lead_to_loopback_opens_no_figures() -> None:
    """A page in a browser can do that (DNS rebinding): the rule is that of the port of the chat."""
    options = ("--admin-listen", "127.0.0.1:0", "--origin", "https://chat.example.org")
    with Server(*options) as server:
        assert server.url
        address, _, port = admin_of(server).rpartition(":")

        def status(path: str, *hosts: str) -> str:
            lines = "".join(f"Host: {host}\r\n" for host in hosts)
            with socket.create_connection((address, int(port)), PATIENCE) as sock:
                sock.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
                return sock.makefile().read().split()[1]

        for path in ("/metrics", "/healthz", "/readyz", "/nothing"):
            for host in ("evil.example", f"evil.example:{port}", "", "127.0.0.1.evil.example"):
                assert status(path, host) == "403", host
            assert status(path, "localhost", "evil.example") == "403"
        here = ("localhost", f"127.0.0.1:{port}", f"[::1]:{port}", socket.gethostname(), "chat.example.org")
        assert [status("/metrics", host) for host in here] == ["200"] * 5
        assert status("/metrics") == "200"


@pytest.mark.parametrize("version", ["a", "1.x.0", "2.x", "\u00e9", "1\r.0.0"])
def test_figures_in_a_version_that_is_none_are_told_all_the_same(version: str) -> None:
    """No request leaves a mistake in the log."""
    with Server("--admin-listen", "127.0.0.1:0") as server:
        assert server.url
        host, _, port = admin_of(server).rpartition(":")
        accept = f"Accept: application/openmetrics-text;version={version}".encode("latin-1")
        with socket.create_connection((host, int(port)), PATIENCE) as sock:
            sock.sendall(b"GET /metrics HTTP/1.1\r\n%s\r\n\r\n" % accept)
            head, _, page = sock.makefile("rb").read().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"\r" not in head.replace(b"\r\n", b"")
        assert b"chatcore_sessions 0.0" in page


def test_who_asks_nothing_keeps_nobody_out_who_does() -> None:
    """A supervisor starts a server anew that does not answer; those who came first and are silent make room."""
    with Server("--admin-listen", "127.0.0.1:0") as server, ExitStack() as silent:
        place = admin_of(server)
        host, _, port = place.rpartition(":")
        for _ in range(3):
            for _ in range(40):
                silent.enter_context(socket.create_connection((host, int(port)), PATIENCE))
            assert ask(place, "/healthz") == (200, "ok\n")


@pytest.mark.parametrize(
    "request_", [b"hello\r\n\r\n", b"GET http://other/metrics HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/2.0\r\n\r\n"]
)
def test_what_is_no_request_of_ours_is_refused(request_: bytes) -> None:
    """In one answer, and the next one asks on another connection."""
    with Server("--admin-listen", "127.0.0.1:0") as server:
        assert server.url
        host, _, port = admin_of(server).rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as sock:
            sock.sendall(request_)
            assert sock.makefile("rb").read().startswith(b"HTTP/1.1 405 ")
        with socket.create_connection((host, int(port)), PATIENCE) as sock:
            sock.sendall(b"GET /" + b"x" * 20_000)
            try:
                assert sock.recv(100) == b""
            except ConnectionResetError:
                pass


def test_place_of_the_metrics_has_to_be_one() -> None:
    """What is no place, or is taken, is said in one sentence, and who logs in is not shown."""
    for wrong in ("9100", "localhost", "http://127.0.0.1:9100", "127.0.0.1:99999", "a@b:1"):
        done = run_here("serve", "--admin-listen", wrong)
        assert done.returncode == 2
        assert f"{wrong.replace('a@', '***@')!r} is not HOST:PORT, like 127.0.0.1:9100." in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run("serve", "--port", "0", "--admin-listen", place)
    assert done.returncode == 2
    assert f"metrics cannot be offered at {place}: " in done.stderr


# The end.


def test_drain_lets_users_go_on_and_takes_nobody_new() -> None:
    """Until the last one has gone, or its time is over; programs that look are told at once."""
    with Server("--admin-listen", "127.0.0.1:0", "--drain", "60") as server, guest(server.url, "alice") as alice:
        place = admin_of(server)
        server.send_signal(signal.SIGTERM)
        told(server, "draining")
        assert ask(place, "/readyz") == (503, "the server is shutting down\n")
        assert ask(place, "/healthz")[0] == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))
        alice.say("still here")
        alice.vanish()
        assert server.wait() == 0


def test_drain_does_not_wait_for_who_has_only_connected() -> None:
    """Nobody logs in any more: it may be whoever looks which ports are open."""
    with Server("--transport", "tcp", "--dialect", "simple-text", "--drain", "3600") as server:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as silent:
            assert silent.recv(1)
            server.send_signal(signal.SIGTERM)
            told(server, "draining")
            while silent.recv(1000):
                pass
        assert server.wait() == 0


def test_drain_is_over_in_time() -> None:
    """Whoever is left is told goodbye."""
    with Server("--drain", "0.2") as server, guest(server.url, "alice") as alice:
        server.send_signal(signal.SIGTERM)
        assert alice.next_frame("bye")["code"] == "shutting_down"
        assert server.wait() == 0


def test_second_signal_ends_a_drain_at_once() -> None:
    """Whoever is in a hurry need not kill it."""
    with Server("--drain", "60") as server, guest(server.url, "alice"):
        server.send_signal(signal.SIGTERM)
        told(server, "draining")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_drain_that_an_operator_asked_for(number: signal.Signals, tmp_path: Path) -> None:
    """It is the first one: everybody is told."""
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123\n")
    token.chmod(0o600)
    options = ("--drain", "3600", "--operator-token-file", str(token))
    with Server(*options) as server, guest(server.url, "alice") as alice:
        assert run("admin", server.url, "--token-file", str(token), "drain").returncode == 0
        told(server, "draining")
        server.send_signal(number)
        assert alice.next_frame("bye")["code"] == "shutting_down"
        assert server.wait() == 0


def test_ctrl_c_does_not_wait_for_users() -> None:
    """Somebody sits in front of it."""
    with Server("--drain", "60") as server, guest(server.url, "alice") as alice:
        server.send_signal(signal.SIGINT)
        assert alice.next_frame("bye")["code"] == "shutting_down"
        assert server.wait() == 0


# What is read again.


def test_hangup_without_a_terminal_reads_certificates_again(tmp_path: Path) -> None:
    """As services are told to; the server goes on, and its log says what it has read."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    shutil.copy(CERTS / "server.pem", cert)
    shutil.copy(CERTS / "server.key", key)
    files = ("--tls-cert", str(cert), "--tls-key", str(key))
    with Server(*files) as server:
        assert server.url
        server.send_signal(signal.SIGHUP)
        told(server, r"reloaded key_fingerprint=\w{64}\n")
        assert "was read again" not in server.said()
        shutil.copy(CERTS / "server.pem", tmp_path / "new.pem")
        os.replace(tmp_path / "new.pem", cert)
        server.send_signal(signal.SIGHUP)
        told(server, r'info certificate_read why=".*cert.pem was read again; it is valid until')
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_settings_are_read_again_while_people_chat(tmp_path: Path) -> None:
    """By an operator or SIGHUP: users hear their limits; what cannot be used, or not now, changes nothing."""
    token, settings = tmp_path / "token", tmp_path / "chat.toml"
    token.write_text("0123456789abcdef0123\n")
    token.chmod(0o600)

    def write(*lines: str) -> None:
        settings.write_text("\n".join(("[serve]", f'operator-token-file = "{token}"', *lines)))

    write("requests-per-second = 50")
    with Server("--config", str(settings)) as server, guest(server.url, "bob") as bob:
        admin = ("admin", server.url, "--token-file", str(token))
        write("requests-per-second = 7", "history = 3", "unheard-of = 1")
        done = run(*admin, "reload")
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "The settings cannot be used, so those from before go on; the log of the server says why." in done.stderr
        assert "requests_per_second = 50.0" in run(*admin, "limits").stdout
        write("requests-per-second = 7", "history = 3")
        done = run(*admin, "reload")
        assert done.returncode == 0
        assert done.stdout == "What has changed of these counts from the next start of the server on: history\n"
        assert bob.next_frame("limits")["limits"]["requests_per_second"] == 7
        told(server, "warning reloaded from_the_next_start_on=history")
        assert "requests_per_second = 7.0" in run(*admin, "limits").stdout
        password = tmp_path / "password"
        password.write_text("correct horse\n")
        write("requests-per-second = 9", f'password-file = "{password}"')
        server.send_signal(signal.SIGHUP)
        assert bob.next_frame("limits")["limits"]["requests_per_second"] == 9
        assert run("connect", server.url, "--username", "carol", stdin=b"").returncode == 1
        asked = ("--username", "carol", "--password-file", str(password))
        assert run("connect", server.url, *asked, stdin=b"").returncode == 0
        write("requests-per-second = 9")
        assert run(*admin, "reload").returncode == 0
        assert [line.partition(" operator ")[2] or line[17:] for line in run(*admin, "audit").stdout.splitlines()] == [
            "is an operator from now on.",
            "- Other limits hold: requests_per_second = 7.0.",
            "had the settings and certificates read again.",
            "- Other limits hold: requests_per_second = 9.0.",
            "- The server has another password.",
            "- The settings and certificates were read again.",
            "- The server has no password any more.",
            "had the settings and certificates read again.",
        ]
        assert run(*admin, "drain").returncode == 0
        assert server.wait() == 0


def test_settings_that_no_server_could_start_with_change_nothing(tmp_path: Path) -> None:
    """Also those that count from the next start on: the host hears of it now, not when the server does not come up."""
    settings, token, empty, binary, long = (tmp_path / name for name in ("chat.toml", "token", "e", "binary", "long"))
    long.write_text("x" * 3000)
    token.write_text("0123456789abcdef0123\n")
    empty.touch()
    binary.write_bytes(b"\xff\xfe\xff")
    missing = tmp_path / "missing"
    bad = {
        'deny = ["nonsense"]': "nonsense is not a network address",
        'allow = ["1.2.3.4/99"]': "1.2.3.4/99 is not a network address",
        'trust-proxy = ["zz"]': "zz is not the address of a proxy",
        'origin = ["http://x y"]': "http://x y is not the origin of web pages",
        'room = ["a b"]': "'a b' is no name of a room",
        f'tls-cert = "{missing}"': f"the TLS certificate {missing} cannot be read",
        'store = "nosuch:x"': "there is no store called 'nosuch'",
        'dialect = "nosuch"': "nosuch",
        'advertise = ["ws://127.0.0.1:1"]': "advertise in .* is of no use",
        f'advertise = ["ws://127.0.0.1:1"]\nstore = "sqlite:{missing}"': f"the store {missing} is for one server alone",
        f'password-file = "{missing}"': f"{missing}",
        f'password-file = "{empty}"': f"{empty}",
        f'password-file = "{long}"': "the password of the server has 3000 bytes",
        f'password-file = "{binary}"': f"{binary}",
        f'operator-token-file = "{missing}"': f"operator-token-file in .*: {missing} cannot be read",
        f'operator-token-file = "{empty}"': f"{empty} has no token",
    }
    settings.write_text("[serve]\n")
    with Server("--config", str(settings)) as server, guest(server.url, "bob") as bob:
        for line, why in bad.items():
            settings.write_text(f"[serve]\nrequests-per-second = 7\n{line}\n")
            server.send_signal(signal.SIGHUP)
            told(server, f"not_reloaded why=.*{why}")
            assert run("config", "check", str(settings)).returncode == 2
        settings.write_text(f'[serve]\nrequests-per-second = 8\nroom = ["python"]\noperator-token-file = "{token}"\n')
        server.send_signal(signal.SIGHUP)
        assert bob.next_frame("limits")["limits"]["requests_per_second"] == 8
        told(server, "reloaded from_the_next_start_on=room")
        settings.write_text(f'[serve]\nrequests-per-second = 9\ndeny = ["zz"]\noperator-token-file = "{token}"\n')
        assert run("admin", server.url, "--token-file", str(token), "reload").returncode == 1
        told(server, "not_reloaded why=.*zz is not a network address")


def test_what_the_running_server_alone_refuses_changes_nothing_either(tmp_path: Path) -> None:
    """It has no accounts, and could have bots from its next start on; until then it is opened by its old password."""
    settings, old, new = (tmp_path / name for name in ("chat.toml", "old", "new"))
    old.write_text("correct horse\n")
    new.write_text("battery staple\n")
    settings.write_text(f'[serve]\naccounts = "off"\npassword-file = "{old}"\n')
    with Server("--config", str(settings)) as server:
        told(server, "listening")
        settings.write_text(f'[serve]\naccounts = "optional"\nbot = ["helper"]\npassword-file = "{new}"\n')
        server.send_signal(signal.SIGHUP)
        told(server, "not_reloaded why=.*operators and bots are accounts")
        for password, code in ((new, 1), (old, 0)):
            asked = ("--username", "carol", "--password-file", str(password))
            assert run("connect", server.url, *asked, stdin=b"").returncode == code


def test_settings_out_of_a_pipe_hold_for_as_long_as_the_server_runs(tmp_path: Path) -> None:
    """At its end a pipe says nothing; that is no file without settings, of a server without a password."""
    token, password = tmp_path / "token", tmp_path / "password"
    token.write_text("0123456789abcdef0123\n")
    password.write_text("correct horse\n")
    with Server("--config", "/dev/stdin") as server:
        server.write(f'[serve]\npassword-file = "{password}"\noperator-token-file = "{token}"\n')
        server.end_input()
        admin = ("admin", server.url, "--token-file", str(token))
        guest_with = ("connect", server.url, "--username", "carol", "--password-file")
        (tmp_path / "before").write_text("correct horse\n")
        password.write_text("battery staple\n")
        assert run(*admin, "reload").returncode == 0
        assert run("connect", server.url, "--username", "carol").returncode == 1
        assert run(*guest_with, str(tmp_path / "before")).returncode == 1
        assert run(*guest_with, str(password)).returncode == 0
        server.send_signal(signal.SIGHUP)
        told(server, "reloaded\n(.*\n)*.*reloaded\n")
        assert run(*admin, "audit").stdout.count("password") == 1


def test_secret_that_a_reload_takes_away_is_warned_about(tmp_path: Path) -> None:
    """Everybody gets in then, or nobody looks after the server: a line may be gone from the file by mistake."""
    settings = tmp_path / "chat.toml"
    lines: list[str] = []
    for name in ("password", "operator-token"):
        (tmp_path / name).write_text("0123456789abcdef0123\n")
        (tmp_path / name).chmod(0o600)
        lines.append(f'{name}-file = "{tmp_path / name}"\n')
    settings.write_text("[serve]\n" + "".join(lines))
    with Server("--config", str(settings)) as server:
        assert server.url
        for left, said in (
            (lines, r"info reloaded\n"),
            (lines[:1], r"warning reloaded operator_token=none\n"),
            ([], r"warning reloaded password=none\n"),
            (lines, r"info reloaded\n(.*\n)*.*info reloaded\n"),
            ([], r"warning reloaded password=none operator_token=none\n"),
        ):
            settings.write_text("[serve]\n" + "".join(left))
            server.send_signal(signal.SIGHUP)
            told(server, said)


@pytest.mark.parametrize("option", ["password-file", "operator-token-file"])
def test_secret_out_of_a_pipe_does_not_keep_the_rest_from_being_read_again(tmp_path: Path, option: str) -> None:
    settings = tmp_path / "chat.toml"
    settings.write_text("[serve]\nrequests-per-second = 7\n")
    with Server("--config", str(settings), f"--{option}", "/dev/stdin") as server:
        server.write("0123456789abcdef0123\n")
        server.end_input()
        assert server.url
        settings.write_text("[serve]\nrequests-per-second = 8\n")
        server.send_signal(signal.SIGHUP)
        told(server, r"reloaded\n")


def test_server_that_runs_waits_for_nobody_who_writes_into_a_pipe(tmp_path: Path) -> None:
    """All its users would wait with it."""
    settings, pipe = tmp_path / "chat.toml", tmp_path / "pipe"
    settings.write_text("[serve]\n")
    os.mkfifo(pipe)
    with Server("--config", str(settings)) as server, guest(server.url, "bob") as bob:
        settings.write_text(f'[serve]\npassword-file = "{pipe}"\n')
        server.send_signal(signal.SIGHUP)
        told(server, f'not_reloaded why="{pipe} is not a file on a disk, so it can be read at the start only')
        settings.write_text("[serve]\nrequests-per-second = 8\n")
        server.send_signal(signal.SIGHUP)
        assert bob.next_frame("limits")["limits"]["requests_per_second"] == 8


def test_what_is_kept_of_single_rooms_is_named_when_it_waits_for_the_next_start(tmp_path: Path) -> None:
    settings = tmp_path / "chat.toml"
    store = f'[serve]\nstore = "sqlite:{tmp_path / "chat.db"}"\n[serve.rooms.python]\n'
    settings.write_text(f"{store}keep-days = 3\n")
    with Server("--config", str(settings), env={"CHATCORE_SERVE_STORE": ""}) as server:
        assert server.url
        settings.write_text(f"{store}keep-days = 4\n")
        server.send_signal(signal.SIGHUP)
        told(server, r"reloaded from_the_next_start_on=rooms\n")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="nobody sets the limits of others here")
def test_settings_that_cannot_be_looked_at_for_want_of_files_change_nothing(tmp_path: Path) -> None:
    """Once there are some again, the server reads them."""
    settings = tmp_path / "chat.toml"
    settings.write_text("[serve]\nrequests-per-second = 7\n")
    with Server("--config", str(settings)) as server, guest(server.url, "bob") as bob:
        settings.write_text("[serve]\nrequests-per-second = 8\n")
        limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        taken = set(map(int, os.listdir(f"/proc/{server.pid}/fd")))
        free = min(set(range(len(taken) + 1)) - taken)  # for the file alone
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (free + 1, limits[1]))
        server.send_signal(signal.SIGHUP)
        told(server, 'not_reloaded why="the settings cannot be read: too many files are open; allow more of them first')
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)
        server.send_signal(signal.SIGHUP)
        assert bob.next_frame("limits")["limits"]["requests_per_second"] == 8


def test_server_that_ends_says_that_it_reads_no_settings_any_more(tmp_path: Path) -> None:
    settings = tmp_path / "chat.toml"
    settings.write_text("[serve]\ndrain = 60\n")
    with Server("--config", str(settings)) as server, guest(server.url, "alice"):
        server.send_signal(signal.SIGTERM)
        told(server, "draining")
        server.send_signal(signal.SIGHUP)
        told(server, 'not_reloaded why="the server is not ready: the server is shutting down"')
        server.send_signal(signal.SIGTERM)
        server.wait()


# systemd.


@contextmanager
def listening_for_notices(path: Path) -> Iterator[socket.socket]:
    """Be systemd, as far as it listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.settimeout(PATIENCE)
        yield sock


def next_news(notices: socket.socket) -> bytes:
    """Return the next notice that is no sign of life."""
    over = time.monotonic() + PATIENCE
    while (notice := notices.recv(500)) == b"WATCHDOG=1":
        assert time.monotonic() < over, "nothing but signs of life"
    return notice


def test_systemd_is_told_when_people_can_connect_that_it_lives_and_that_it_ends(tmp_path: Path) -> None:
    """Not before it listens; signs of life come twice as often as they are asked for."""
    with listening_for_notices(tmp_path / "notify") as notices:
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        with Server(env=env) as server:
            assert notices.recv(500) == b"READY=1"
            socket.create_connection(("127.0.0.1", server.port)).close()
            assert [notices.recv(500) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            server.send_signal(signal.SIGHUP)
            assert next_news(notices).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert next_news(notices) == b"READY=1"
            server.send_signal(signal.SIGTERM)
            assert next_news(notices).startswith(b"STOPPING=1\n")
            assert server.wait() == 0


# A shell does what systemd does: sockets from descriptor 3 on, and the number of this very process.
_ACTIVATE = 'LISTEN_PID=$$ LISTEN_FDS=$(($# > 0 ? COUNT : 0)) exec "$@"'


@contextmanager
def activated(*sockets: socket.socket | BinaryIO, serve: tuple[str, ...]) -> Iterator[subprocess.Popen[str]]:
    """Run a server with sockets that are open already."""
    moves = "".join(f"exec {3 + index}<&{50 + index};" for index in range(len(sockets)))
    copies = [os.dup2(sock.fileno(), 50 + index, inheritable=True) for index, sock in enumerate(sockets)]
    process = subprocess.Popen(
        ["bash", "-c", moves + _ACTIVATE, "systemd", *CHATCORE, "serve", *serve],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment({"COUNT": str(len(sockets))}),
        pass_fds=copies,
    )
    for copy in copies:
        os.close(copy)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no systemd")
def test_server_listens_at_the_sockets_that_systemd_has_opened() -> None:
    """By TCP and by UDP, and whoever connected before the server was there is served."""
    with socket.create_server(("127.0.0.1", 0)) as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        port = stream.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        early = socket.create_connection(("127.0.0.1", port), PATIENCE)
        serve = ("--port", str(port), "--transport", "ws", "--transport", "quic")
        with early, activated(stream, datagrams, serve=serve) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(2)]
            assert said == [f"chatcore listens on {scheme}://127.0.0.1:{port}\n" for scheme in ("ws", "quic")]
            early.sendall(b"GET /.well-known/chatcore HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert early.recv(100).startswith(b"HTTP/1.1 200 ")
            with guest(f"ws://127.0.0.1:{port}", "alice"):
                pass
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no systemd")
@pytest.mark.parametrize(
    ("at", "host", "told", "reached"),
    [
        ("::", "127.0.0.1", "0.0.0.0", ("Others on your network join with", "This computer has no network just now")),
        ("0.0.0.0", "127.0.0.1", "0.0.0.0", ("Others on your network join", "This computer has no network just now")),
        ("127.0.0.1", "0.0.0.0", "127.0.0.1", ("Only this computer can reach it.",)),
    ],
)
def test_who_can_reach_the_server_is_told_by_the_socket(
    at: str, host: str, told: str, reached: tuple[str, ...]
) -> None:
    """Whatever `--host` says: systemd has bound it."""
    family = socket.AF_INET6 if ":" in at else socket.AF_INET
    with socket.create_server((at, 0), family=family, dualstack_ipv6=":" in at) as stream:
        port = stream.getsockname()[1]
        with activated(stream, serve=("--port", str(port), "--host", host)) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(3)]
    assert said[0] == f"chatcore listens on ws://{told}:{port}\n"
    assert said[2].startswith(reached)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no systemd")
def test_socket_of_systemd_may_be_that_of_the_metrics() -> None:
    """And one that is nobody's is named: whoever connects there would hang."""
    with (
        socket.create_server(("127.0.0.1", 0)) as stream,
        socket.create_server(("127.0.0.1", 0)) as looked_at,
        socket.create_server(("127.0.0.1", 0)) as unused,
    ):
        port, place, left = (f"127.0.0.1:{sock.getsockname()[1]}" for sock in (stream, looked_at, unused))
        serve = ("--port", port.partition(":")[2], "--admin-listen", place)
        with activated(stream, looked_at, unused, serve=serve) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"chatcore listens on ws://{port}\n"
            assert ask(place, "/readyz") == (200, "ok\n")
            process.send_signal(signal.SIGTERM)
            _out, err = process.communicate(timeout=PATIENCE)
    assert f"observed url=http://{place}\n" in err
    assert re.findall(r"warning unused_socket (address=\S+)", err) == [f"address={left}"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8, and systemd")
def test_sockets_of_one_port_are_for_the_places_at_their_hosts() -> None:
    """What is open to this computer alone, or not encrypted, is not what others get to; nor are the metrics."""
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        with (
            socket.create_server(("127.0.0.2", port)) as there,
            socket.create_server(("127.0.0.3", port)) as looked_at,
            socket.create_server(("127.0.0.4", port)) as elsewhere,
            activated(
                *(there, looked_at, elsewhere, here),
                serve=(
                    *("--listen", f"ws://127.0.0.1:{port}", "--listen", f"tcp+echo://127.0.0.2:{port}"),
                    *("--admin-listen", f"127.0.0.3:{port}"),
                ),
            ) as process,
        ):
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(2)]
            assert said == [
                f"chatcore listens on {place}:{port}\n" for place in ("ws://127.0.0.1", "tcp+echo://127.0.0.2")
            ]
            for host in ("127.0.0.1", *["127.0.0.4"] * 8):  # the last one is at the host of none
                assert ask(f"{host}:{port}", "/.well-known/chatcore")[0] == 200
            assert ask(f"127.0.0.3:{port}", "/readyz") == (200, "ok\n")
            with socket.create_connection(("127.0.0.2", port), PATIENCE) as echo:
                echo.sendall(b"ping\n")
                assert echo.recv(100) == b"ping\n"
            process.send_signal(signal.SIGTERM)
            _out, err = process.communicate(timeout=PATIENCE)
    assert f"observed url=http://127.0.0.3:{port}\n" in err
    assert "unused_socket" not in err


def test_socket_with_another_port_is_a_mistake_that_is_named() -> None:
    """Rather than to listen elsewhere while people wait at that socket."""
    with socket.create_server(("127.0.0.1", 0)) as stream, activated(stream, serve=("--port", "1")) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (2, "")
    assert "no socket that was opened for the server has port 1; name it in its .socket unit with ListenStream" in err


def test_what_is_no_socket_to_listen_at_is_a_mistake_that_is_named(tmp_path: Path) -> None:
    """A file that was opened instead, and a connection that was taken already (`Accept=yes`)."""
    with socket.create_server(("127.0.0.1", 0)) as stream:
        port = stream.getsockname()[1]
        with (
            socket.create_connection(("127.0.0.1", port), PATIENCE),
            stream.accept()[0] as taken,
            activated(taken, serve=("--port", str(port))) as process,
        ):
            out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (2, "")
    assert "systemd has taken a connection itself; say Accept=no in the .socket unit" in err
    with (tmp_path / "fifo").open("wb") as file, activated(file, serve=("--port", "0")) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (2, "")
    assert "LISTEN_FDS counts descriptor 3, which is no socket" in err


# The board and the alerts.

DOCS = Path(__file__).parents[2] / "docs" / "host"


def queries() -> list[str]:
    """Return every question that the board and the alerts ask."""
    board = json.loads((DOCS / "grafana.json").read_text())
    alerts = yaml.safe_load((DOCS / "alerts.yml").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    return asked + [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]


def test_prometheus_understands_every_question_of_board_and_alerts() -> None:
    """One that it does not makes it refuse the whole file."""
    for query in queries():
        if not query.startswith("label_values("):  # what the board fills its choices with is Grafana's own
            promql_parser.parse(query.replace("$__rate_interval", "5m"))


def test_every_metric_that_board_and_alerts_ask_for_exists(tmp_path: Path) -> None:
    """With every label and every word that they look for."""
    store = f"sqlite:{tmp_path / 'chat.db'}"
    with Server("--admin-listen", "127.0.0.1:0", "--store", store) as server, guest(server.url, "alice") as alice:
        alice.send(type="join_room", room="nowhere")
        alice.next_frame("error")
        _status, page = ask(admin_of(server), "/metrics")
    families = list(text_string_to_metric_families(page))
    known = {sample.name for family in families for sample in family.samples} | {"chatcore_turned_away_total"}
    asked = {name for query in queries() for name in re.findall(r"\b(?:chatcore|process)_\w+", query)}
    assert len(asked) > 15
    assert asked <= known
    words = {"event": set(LineKind), "code": set(ErrorCode), "kind": {"full", "crowded"}}
    for label, values in re.findall(r'(event|code|kind)(?:=|!=|=~|!~)"([^"]*)"', " ".join(queries())):
        assert set(values.split("|")) <= words[label]
