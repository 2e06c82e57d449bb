"""Files on the command line: between two terminals, and for scripts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.processes import Process, Server, Terminal, run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one server for all these tests; each test has users of its own."""
    with Server() as server:
        yield server


def test_a_file_goes_from_one_terminal_to_the_other(server: Server, tmp_path: Path) -> None:
    """Offered, accepted, there: one line each, and never over what is there already."""
    source = tmp_path / "report.pdf"
    source.write_bytes(b"%PDF" * 100_000)
    downloads = tmp_path / "in"
    downloads.mkdir()
    (downloads / "report.pdf").write_text("mine")
    with (
        Terminal(server.url, "--username", "anna") as anna,
        Terminal(server.url, "--username", "bert", "--downloads", str(downloads)) as bert,
    ):
        anna.wait_for_last_row("[lobby] anna>")
        bert.wait_for_last_row("[lobby] bert>")
        anna.press(f"/send bert {source}\r")
        anna.wait_for("* report.pdf is offered to bert; /cancel ")
        bert.wait_for("* anna offers you report.pdf (400\xa0kB). /accept ")
        bert.press("/accept\r")
        bert.wait_for("* report.pdf from anna is there, under another name:")
        anna.wait_for("* bert has received report.pdf.")
        anna.press(f"/send * {source}\r")
        bert.wait_for("* anna offers report.pdf (400\xa0kB) to everyone here.")
        bert.press("/decline\r")
        anna.wait_for("! report.pdf was not sent to bert: declined")
        anna.press("/send nobody /etc/hostname\r")
        anna.wait_for("! There is no user called nobody. ")
        anna.press(f"/send bert {tmp_path}/nothing\r")
        anna.wait_for_wrapped("/nothingcannotberead:Nosuchfileordirectory.")
        anna.press("/cancel\r")
        anna.wait_for("! Nothing is on its way or on offer.")
    assert (downloads / "report.pdf").read_text() == "mine"
    assert (downloads / "report (2).pdf").read_bytes() == source.read_bytes()


def test_why_a_file_cannot_be_written_is_told_once(server: Server, tmp_path: Path) -> None:
    source = tmp_path / "report.pdf"
    source.write_text("a report")
    with (
        Terminal(server.url, "--username", "anna") as anna,
        Terminal(server.url, "--username", "bert", "--downloads", str(source / "in"), columns=300) as bert,
    ):
        anna.wait_for_last_row("[lobby] anna>")
        bert.wait_for_last_row("[lobby] bert>")
        anna.press(f"/send bert {source}\r")
        bert.wait_for("* anna offers you report.pdf")
        bert.press("/accept\r")
        bert.wait_for("! report.pdf was not received from anna: The folder ")
        bert.press("/accept\r")
        bert.wait_for("! Nothing is on offer.")
        assert bert.text.count("cannot be made") == 1
        anna.wait_for("! report.pdf was not sent to bert:")


def test_scripts_send_and_receive_files(server: Server, tmp_path: Path) -> None:
    """The sender waits until they are there; the receiver takes what comes."""
    source = tmp_path / "data.csv"
    source.write_text("a,b\n" * 50_000)
    args = ("--username", "taker", "--accept-files", "--downloads", str(tmp_path / "in"), "--stay", "--json")
    with Process("connect", server.url, *args) as taker:
        taker.out.wait_for("welcome")
        done = run("connect", server.url, "--username", "giver", "--commands", stdin=f"/send taker {source}\n".encode())
        assert done.returncode == 0, done.stderr
        assert "taker has received data.csv." in done.stderr
        taker.out.wait_for("file_received")
        found = [json.loads(line) for line in taker.out.text.splitlines() if "file_received" in line]
    assert Path(found[0]["place"]).read_text() == source.read_text()


def test_what_was_read_arrives_under_its_own_name(server: Server, tmp_path: Path) -> None:
    """The system's files that say they are empty, names in bytes of old systems, and twice the same content at once."""
    folder, source = tmp_path / "in", tmp_path / "می\u200cخواهم.txt"
    source.write_text("same")
    old = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(old)).write_text("same")
    args = ("--username", "keeper", "--accept-files", "--downloads", str(folder), "--stay", "--json")
    with Process("connect", server.url, *args) as keeper:
        keeper.out.wait_for("welcome")
        lines = [b"/send keeper " + path for path in (b"/proc/version", os.fsencode(source), old, os.fsencode(source))]
        done = run("connect", server.url, "--username", "owner", "--commands", stdin=b"\n".join(lines))
        assert done.returncode == 0, done.stderr
        keeper.out.wait_for(r"file_received(.|\n)*file_received(.|\n)*file_received(.|\n)*file_received")
    assert (folder / "version").read_bytes() == Path("/proc/version").read_bytes()
    assert sorted(os.listdir(folder)) == sorted(["version", source.name, "می\u200cخواهم (2).txt", "café.txt"])


@pytest.mark.parametrize(("option", "most"), [("--file-offers", 2), ("--file-transfers", 1)])
def test_a_script_sends_more_files_than_there_are_places_for(option: str, most: int, tmp_path: Path) -> None:
    """Each waits for its place, at the sender's side and at that of whoever takes them all."""
    names = [f"{number}.txt" for number in range(6)]
    for name in names:
        (tmp_path / name).write_bytes(os.urandom(200_000))
    args = ("--username", "taker", "--accept-files", "--downloads", str(tmp_path / "in"), "--stay")
    with Server(option, str(most)) as server, Process("connect", server.url, *args) as taker:
        assert taker.err is not None
        assert server.err is not None
        server.err.wait_for("login .*user=taker")
        lines = "".join(f"/send taker {tmp_path}/{name}\n" for name in names)
        done = run("connect", server.url, "--username", "giver", "--commands", stdin=lines.encode())
        assert (done.returncode, done.stderr.count(" has received ")) == (0, 6), done.stderr
        for name in names:
            taker.err.wait_for(f"giver offers you {name} .*\\)\\.\n")
            taker.err.wait_for(f"{name} from giver is there")
    assert "/accept" not in taker.err.text
    assert all((tmp_path / "in" / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_a_script_whose_input_has_ended_takes_all_that_it_was_offered_before(tmp_path: Path) -> None:
    """Also what waits for its place still."""
    names = [f"{number}.bin" for number in range(4)]
    for name in names:
        (tmp_path / name).write_bytes(os.urandom(2_000_000))
    args = ("--username", "taker", "--accept-files", "--downloads", str(tmp_path / "in"))
    with (
        Server("--file-transfers", "1") as server,
        Process("connect", server.url, *args) as taker,
        Process("connect", server.url, "--username", "giver", "--commands") as giver,
    ):
        assert taker.err is not None
        assert server.err is not None
        server.err.wait_for("login .*user=taker")
        giver.write("".join(f"/send taker {tmp_path}/{name}\n" for name in names))
        taker.err.wait_for(f"giver offers you {names[-1]}")
        taker.end_input()
        assert taker.wait() == 0, taker.said()
    assert sorted(os.listdir(tmp_path / "in")) == names


def test_a_script_whose_file_was_not_sent_is_told_by_its_exit_code(server: Server, tmp_path: Path) -> None:
    """And why on standard error."""
    (tmp_path / "x").write_text("x")
    lines = f"/send nobody {tmp_path}/x\n/send nobody {tmp_path}/y\n/accept 7\n"
    done = run("connect", server.url, "--username", "clumsy", "--commands", stdin=lines.encode())
    assert done.returncode == 1
    assert [line.split(": ", 2)[2] for line in done.stderr.splitlines()] == [
        "There is no user called nobody. /list shows who is there.",
        f"{tmp_path}/y cannot be read: No such file or directory.",
        "This file is not on offer any more.",
    ]


def test_a_server_without_files_says_so(tmp_path: Path) -> None:
    """`--file-offers 0`, and `--file-max`."""
    (tmp_path / "x").write_text("xx")
    for option, value, why in (("--file-offers", "0", "no files"), ("--file-max", "1", "at most 1 bytes")):
        with (
            Server(option, value) as server,
            Process("connect", server.url, "--username", "b2", "--stay", "--json") as other,
        ):
            other.out.wait_for("welcome")
            done = run("connect", server.url, "--username", "a1", "--commands", stdin=f"/send b2 {tmp_path}/x".encode())
            assert why in done.stderr
            assert done.returncode == 1
