"""The file of servers that a user has met: whatever stands in it, a changed key never passes. Real files."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from chatcore import CertificateChanged, Listen, connect
from chatcore.errors import ConfigurationError
from chatcore.limits import Limits
from chatcore.ports.known_servers import server_place
from chatcore.ports.transport import ListenOptions
from chatcore_tls.known_servers import KnownServersFile
from tests.contracts.known_servers import KnownServersContract
from tests.ports import free_port
from tests.stores import ChatServer

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


@pytest.fixture
def known(tmp_path: Path) -> KnownServersFile:
    """Return a memory for servers."""
    return KnownServersFile(tmp_path / "known")


class TestKnownServersFile(KnownServersContract):
    """Keeps what the port promises."""

    @pytest.fixture
    def known(self, tmp_path: Path) -> KnownServersFile:
        """Return a memory for servers."""
        return KnownServersFile(tmp_path / "known")


def test_last_line_about_a_server_counts(tmp_path: Path) -> None:
    known = KnownServersFile(tmp_path / "deep" / "known")
    assert known.key_of("a:1") is None
    known.remember("a:1", ONE)
    known.remember("b:1", TWO)
    known.remember("a:1", THREE)
    assert known.path.read_text() == f"a:1 {ONE}\nb:1 {TWO}\na:1 {THREE}\n"
    assert (known.key_of("a:1"), known.key_of("b:1"), known.key_of("c:1")) == (THREE, TWO, None)


@pytest.mark.parametrize(
    "text",
    [
        f"a:1 {ONE}",
        f"\ufeffa:1 {ONE}\n",
        f"a:1 {ONE}\r\nb:1 {TWO}\r\n",
        f"b:1 {TWO}\ra:1 {ONE}\r",
        f"# mine\n\n   \n  # a:1 {TWO}\n\t a:1\t{ONE}  \t\n",
        f"A:1 {'AA:' * 31}AA\na:1 {ONE}\n",
        f"A.:1 {ONE.upper()} # the one upstairs\n",
        f"a:1 {TWO}\na:01 {ONE}\n",
        f"nonsense\na:1\nb:1 {TWO}{THREE}\na:1 {ONE}\nwhat is this\n",
    ],
)
def test_what_people_and_their_editors_write_is_understood(known: KnownServersFile, text: str) -> None:
    known.path.write_bytes(text.encode())
    assert known.key_of("a:1") == ONE


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"a:1 {ONE}b:1 {TWO}\n", 1),
        (f"b:1 {TWO}\na:1\n", 2),
        (f"a:1 {ONE}\na:1 {TWO[:40]}\n", 2),
        (f"a:1 {ONE}\nA:1 sha1:{'0' * 40}\n", 2),
        (f"a:1 {ONE}\na:1 {TWO} {TWO}\n", 2),
        (f"b:1 {TWO}\n{ONE}\n", 2),
        (f"b:1 {TWO}\n:1 {ONE}\n", 2),
        (f"a {ONE}\n", 1),
        (f"<<<<<<< here\nb:1 {TWO}\n", 1),
        (f"b:1 {TWO}\n{chr(0) * 70}\n", 2),
        (f"\ufffd\ufffda:1 {ONE}\n", 1),
        (f"b:1 {TWO}\x85a:1 {ONE}\n", 1),
    ],
)
def test_line_that_cannot_be_read_is_never_taken_for_a_server_that_was_never_met(
    known: KnownServersFile, text: str, line: int
) -> None:
    """The sentence names file and line."""
    known.path.write_bytes(text.encode())
    with pytest.raises(ConfigurationError, match=rf"^line {line} of the known servers in {known.path} cannot be read"):
        known.key_of("a:1")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_file_in_another_encoding_is_named_and_left_alone(known: KnownServersFile, encoding: str) -> None:
    before = f"\ufeffa:1 {ONE}\n".encode(encoding)
    known.path.write_bytes(before)
    for use in (lambda: known.key_of("a:1"), lambda: known.remember("a:1", TWO)):
        with pytest.raises(ConfigurationError, match="UTF-16; save it as UTF-8"):
            use()
    assert known.path.read_bytes() == before


def test_what_stands_in_the_file_stays_when_a_server_is_added(known: KnownServersFile, tmp_path: Path) -> None:
    """Also the file itself: its mode, and what leads to it."""
    file, other = tmp_path / "elsewhere", tmp_path / "second name"
    file.write_bytes(b"# mine\r\nnonsense\xff\nb:1 " + TWO.encode())
    file.chmod(0o640)
    os.link(file, other)
    known.path.symlink_to(file)
    known.remember("a:1", ONE)
    assert file.read_bytes() == b"# mine\r\nnonsense\xff\nb:1 " + f"{TWO}\na:1 {ONE}\n".encode()
    assert (known.key_of("b:1"), known.key_of("a:1")) == (TWO, ONE)
    assert known.path.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert other.samefile(file)


@pytest.mark.parametrize(
    ("spellings", "place"),
    [
        (("Example.org", "example.org", "EXAMPLE.ORG."), "example.org:8765"),
        (("::1", "0:0:0:0:0:0:0:1", "0000::0001"), "[::1]:8765"),
        (("2001:DB8::A", "2001:db8:0:0::000a"), "[2001:db8::a]:8765"),
        (("fe80::1%eth0", "FE80:0::1%25eth0"), "[fe80::1%eth0]:8765"),
        (("bücher.test", "BÜCHER.test", "xn--bcher-kva.test"), "xn--bcher-kva.test:8765"),
        (("127.0.0.1",), "127.0.0.1:8765"),
    ],
)
def test_server_is_the_same_however_its_host_is_written(
    known: KnownServersFile, spellings: tuple[str, ...], place: str
) -> None:
    """Or a changed key would pass under another spelling."""
    assert {server_place(host, 8765) for host in spellings} == {place}
    known.remember(place, ONE)
    for host in spellings:
        assert known.key_of(f"[{host}]:8765" if ":" in host else f"{host}:8765") == ONE


def test_programs_that_write_at_the_same_time_lose_nothing(known: KnownServersFile) -> None:
    known.path.write_text(f"b:1 {TWO}")
    program = "import sys; from chatcore_tls.known_servers import KnownServersFile as File\n"
    program += "for port in range(1, 201): File(sys.argv[1]).remember(f'{sys.argv[2]}:{port}', '1' * 64)"
    hosts = ("c", "d", "e")
    writers = [subprocess.Popen([sys.executable, "-c", program, known.path, host]) for host in hosts]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert known.key_of("b:1") == TWO
    # Two that find the last line unfinished both end it: that leaves an empty line, which is nothing.
    written = sorted(line for line in known.path.read_text().splitlines() if line)
    assert written == sorted([f"b:1 {TWO}", *(f"{host}:{port} {ONE}" for host in hosts for port in range(1, 201))])


def test_line_that_does_not_fit_is_not_written_at_all(known: KnownServersFile) -> None:
    """A full disk leaves no half of a line behind."""
    known.path.write_text(f"a:1 {ONE}")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (known.path.stat().st_size + 20, before[1]))
    try:
        with pytest.raises(ConfigurationError, match="cannot be remembered in"):
            known.remember("b:1", TWO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert known.path.read_text() == f"a:1 {ONE}"


def test_memory_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path) -> None:
    """It is the user's to repair."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "known"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            KnownServersFile(path).key_of("a:1")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "known")
    with pytest.raises(ConfigurationError, match="cannot be remembered"):
        KnownServersFile(tmp_path / "dangling").remember("a:1", ONE)


@pytest.mark.parametrize("what", ["pipe", "device"])
def test_what_has_no_end_in_the_place_of_the_file_keeps_nobody_waiting(what: str, known: KnownServersFile) -> None:
    """Nor is it taken for a file in which nothing stands: then a changed key would pass."""
    if what == "pipe":
        os.mkfifo(known.path)
    else:
        known.path.symlink_to("/dev/zero")
    with pytest.raises(ConfigurationError, match=r"known servers in .* cannot be read: it is not a file"):
        known.key_of("a:1")
    with pytest.raises(ConfigurationError, match="it is not a file"):
        known.remember("a:1", ONE)


def test_who_wants_nothing_to_be_remembered_may_say_so(known: KnownServersFile) -> None:
    """As people do with the files of other programs."""
    known.path.symlink_to(os.devnull)
    known.remember("a:1", ONE)
    assert known.key_of("a:1") is None


def test_nothing_is_written_that_could_not_be_read(known: KnownServersFile) -> None:
    with pytest.raises(ConfigurationError, match="is not a fingerprint"):
        known.remember("a:1", "11")
    for place in ("a", "a b:1", "a:1\nb:1"):
        with pytest.raises(ValueError, match="is no place"):
            known.remember(place, ONE)
    assert not known.path.exists()


@pytest.mark.parametrize("scheme", ["wss", "quic", "chat"])
async def test_changed_key_is_refused_when_the_last_line_had_no_end(
    scheme: str, known: KnownServersFile, tmp_path: Path
) -> None:
    """An editor took it away, then another server was met."""

    def server(name: str, port: int) -> ChatServer:
        options = ListenOptions(port=port, state_dir=str(tmp_path / name), tls_own=True)
        listen = [Listen("quic" if scheme == "quic" else "ws", "chat", options)]
        return ChatServer(listen=listen, limits=Limits(grace=0))

    async with server("first", free_port()) as first, server("second", 0) as second:
        ports = [int(each.urls[0].rpartition(":")[2]) for each in (first, second)]
        for port in ports:
            async with connect(f"{scheme}://127.0.0.1:{port}", username="alice", known_servers=known):
                known.path.write_text(known.path.read_text().rstrip("\n"))
    async with server("changed", ports[0]):
        with pytest.raises(CertificateChanged):
            await connect(f"{scheme}://127.0.0.1:{ports[0]}", username="alice", known_servers=known)
