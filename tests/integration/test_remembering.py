"""Programs that were killed come back into their sessions: real processes, SIGKILL, and the files that it takes."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatcore_sessions.folder import SessionFolder
from tests.contracts.session_store import FIRST, LATER, PLACE, SessionStoreContract, claimed
from tests.unit.cli.guest import guest
from tests.unit.cli.processes import Process, Server, Terminal, environment, run
from tests.unit.cli.proxy import Proxy


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one server for all these tests; each test has users of its own."""
    with Server() as server:
        yield server


class TestSessionFolder(SessionStoreContract):
    """Keeps what the port promises."""

    @pytest.fixture
    def sessions(self, tmp_path: Path) -> SessionFolder:
        """Return a store in which nothing is kept."""
        return SessionFolder(tmp_path / "deep" / "sessions")


def test_session_at_what_is_no_address_can_be_claimed(tmp_path: Path) -> None:
    """As it was typed, in bytes that are no characters; whoever connects there says what is wrong with it."""
    claim = SessionFolder(tmp_path).claim("ws://caf\udce9:1", "bob")
    assert claim is not None
    claim.release()


# Programs.


def test_terminal_that_was_killed_is_back_in_its_room_at_once(server: Server, tmp_path: Path) -> None:
    """With what was said meanwhile."""
    args = (server.url, "--username", "alice", "--state-dir", str(tmp_path))
    with Terminal(*args, "--room", "killed") as alice:
        alice.wait_for_last_row("[killed] alice>")
        alice.press("hello\r")
        alice.wait_for(" alice: hello")
        alice.send_signal(signal.SIGKILL)
        assert alice.wait() == -signal.SIGKILL
    with guest(server.url, "bob", "killed") as bob:
        bob.say("where is she?")
        with Terminal(*args) as alice:
            alice.wait_for_last_row("[killed] alice>")
            alice.wait_for(" bob: where is she?")


def test_filter_that_was_killed_is_back_at_once_and_the_next_one_after_a_good_end_begins_anew(
    server: Server, tmp_path: Path
) -> None:
    """What was kept is gone with the session."""
    args = ("connect", server.url, "--username", "carol", "--json", "--state-dir", str(tmp_path))
    with Process(*args, "--stay") as carol:
        carol.out.wait_for(r'"resumed": false')
        carol.send_signal(signal.SIGKILL)
        carol.wait()
    for resumed in ("true", "false"):
        done = run(*args, stdin=b"hello\n")
        assert done.returncode == 0
        assert f'"resumed": {resumed}' in done.stdout
    assert list((tmp_path / "sessions").iterdir()) == []


def test_whoever_cannot_come_back_is_told_when_the_name_is_free(server: Server, tmp_path: Path) -> None:
    """Because nothing was to be kept, or it was kept elsewhere; nothing is written then."""
    args = ("connect", server.url, "--username", "dave", "--state-dir", str(tmp_path))
    with Process(*args, "--json", "--stay", "--no-remember-session") as dave:
        dave.out.wait_for('"welcome"')
        dave.write("hello\n")
        dave.out.wait_for('"hello"')
        dave.send_signal(signal.SIGKILL)
        dave.wait()
    assert not (tmp_path / "sessions").exists()
    done = run(*args)
    assert done.returncode == 1
    assert "The name dave is kept for " in done.stderr
    assert " s more, for somebody who has lost the connection.\n" in done.stderr


def test_two_programs_with_one_name_do_not_take_the_session_from_each_other(server: Server, tmp_path: Path) -> None:
    """The second one hears that the name is taken; the first one does not even notice."""
    args = ("connect", server.url, "--username", "erin", "--json", "--state-dir", str(tmp_path))
    with Process(*args, "--stay") as erin:
        erin.out.wait_for('"welcome"')
        done = run(*args, stdin=b"me too\n")
        assert (done.returncode, done.stdout) == (1, "")
        assert "The name erin is taken." in done.stderr
        erin.write("still here\n")
        erin.out.wait_for("still here")
        assert "connection_lost" not in erin.out.text


def test_lines_without_an_answer_when_the_filter_was_killed_count_once(server: Server, tmp_path: Path) -> None:
    """The next run says them again, as whoever feeds it knows no better."""
    with Proxy(server.port) as proxy, guest(server.url, "grace") as grace:
        args = ("connect", proxy.url, "--username", "frank", "--json", "--state-dir", str(tmp_path))
        with Process(*args) as frank:
            frank.out.wait_for('"welcome"')
            proxy.mute = True
            frank.write("one\none\ntwo\n")
            assert grace.wait_for_text("two") == ["one", "one", "two"]
            frank.send_signal(signal.SIGKILL)
            frank.wait()
        proxy.mute = False
        assert run(*args, stdin=b"one\none\ntwo\nthree\n").returncode == 0
        assert grace.wait_for_text("three") == ["three"]


# Files.


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Whoever reads it can take the session over; a folder that was open is closed."""
    folder = tmp_path / "sessions"
    folder.mkdir(mode=0o755)
    umask = os.umask(0)
    try:
        claimed(SessionFolder(folder)).save(FIRST)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert "alice" not in "".join(file.name for file in folder.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"client": 7, "token": null, "sends": []}',
        '{"client": "c", "token": "t", "sends": [7]}',
        '{"client": "c", "token": "t", "sends": [[true, "d"]]}',
        '{"client": "c", "token": {}, "sends": []}',
        "[" * 200_000,
    ],
    ids=lambda text: text[:30],
)
def test_file_that_is_damaged_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    """And the next save repairs it."""
    sessions = SessionFolder(tmp_path)
    claim = claimed(sessions)
    claim.save(FIRST)
    claim.release()
    (file,) = tmp_path.glob("*.json")
    file.write_text(text)
    claim = claimed(sessions)
    assert claim.kept is None
    claim.save(FIRST)
    claim.release()
    assert claimed(sessions).kept == FIRST


@contextmanager
def full_disk() -> Iterator[None]:
    """Let files get no more than ten bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_disk_that_is_full_keeps_nothing_that_is_not_true_any_more(tmp_path: Path) -> None:
    """A file is there whole, or not at all; nobody is disturbed, and once there is room it is kept again."""
    sessions = SessionFolder(tmp_path)
    claim = claimed(sessions)
    claim.save(FIRST)
    with full_disk():
        claim.save(LATER)
    assert [file.suffix for file in tmp_path.iterdir()] == [".lock"]
    claim.save(LATER)
    claim.release()
    assert claimed(sessions).kept == LATER


def test_folder_that_cannot_be_used_keeps_nothing_and_whoever_named_it_is_warned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The chat does not depend on it."""
    (tmp_path / "sessions").write_text("a file")
    assert SessionFolder(tmp_path / "sessions").claim(PLACE, "alice") is None
    (told,) = caplog.records
    assert told.levelname == "WARNING"
    assert told.getMessage() == f"the session cannot be remembered: {tmp_path / 'sessions'}: Not a directory"


def test_pipe_where_a_session_would_be_is_not_waited_for(tmp_path: Path) -> None:
    """Nothing is kept in it, and what is kept takes its place."""
    claim = claimed(SessionFolder(tmp_path))
    claim.save(FIRST)
    claim.release()
    (file,) = tmp_path.glob("*.json")
    file.unlink()
    os.mkfifo(file)
    claim = claimed(SessionFolder(tmp_path))
    assert claim.kept is None
    claim.save(FIRST)
    claim.release()
    assert claimed(SessionFolder(tmp_path)).kept == FIRST


def test_session_of_a_program_that_runs_is_kept_however_long_nothing_changes(tmp_path: Path) -> None:
    """It is old by the clock alone, which may be wrong."""
    claim = claimed(SessionFolder(tmp_path))
    claim.save(FIRST)
    (file,) = tmp_path.glob("*.json")
    os.utime(file, (0, 0))
    assert SessionFolder(tmp_path).claim(PLACE, "bob") is not None
    assert file.exists()
    assert SessionFolder(tmp_path).claim(PLACE, "alice") is None
    claim.release()
    assert SessionFolder(tmp_path).claim(PLACE, "carol") is not None
    assert not file.exists()


def test_old_sessions_are_thrown_away(tmp_path: Path) -> None:
    """No server remembers them; one that is used stays, and so does whatever else is in a folder that was named."""
    sessions = SessionFolder(tmp_path)
    claim = claimed(sessions)
    claim.save(FIRST)
    claim.release()
    (file,) = tmp_path.glob("*.json")
    letters = [tmp_path / name for name in ("letter.json", "novel.new", "photo.jpg", "0" * 32)]
    for each in letters:
        each.write_text("Dear diary")
    long_ago = time.time() - 40 * 24 * 3600
    for each in (file, *letters):
        os.utime(each, (long_ago, long_ago))
    claimed(sessions, username="bob").save(FIRST)
    assert not file.exists()
    assert len(list(tmp_path.glob(f"{'[0-9a-f]' * 32}.json"))) == 1
    assert all(each.read_text() == "Dear diary" for each in letters)


_CLAIM = """
import sys, time
from chatcore_sessions.folder import SessionFolder
from tests.contracts.session_store import FIRST, PLACE
claim = SessionFolder(sys.argv[1]).claim(PLACE, "alice")
claim.save(FIRST)
print("claimed", flush=True)
time.sleep(1000)
"""


def test_claim_ends_with_its_process(tmp_path: Path) -> None:
    """However that ends."""
    sessions = SessionFolder(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", _CLAIM, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"claimed\n"
        assert sessions.claim(PLACE, "alice") is None
        other.kill()
        other.wait()
        assert claimed(sessions).kept == FIRST
