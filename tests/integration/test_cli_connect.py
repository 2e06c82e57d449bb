"""`chatcore connect` as a filter: lines in, messages out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch
from tests.unit.cli.guest import Guest, guest
from tests.unit.cli.processes import Process, Server, environment, run, run_all, run_here, sentences
from tests.unit.cli.proxy import Proxy


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one server for all these tests; each test has users of its own."""
    with Server("--username-max", "32", "--text-max", "1000") as server:
        yield server


def connect(server: Server, username: str, *args: str) -> Process:
    return Process("connect", server.url, "--username", username, *args)


def frames(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def ears_in(server: Server, room: str) -> AbstractContextManager[Guest]:
    """Give somebody who sits in a room and hears what is said there."""
    return guest(server.url, f"ears_{room}", room)


def test_echo_into_connect_sends_a_message_and_returns_promptly(server: Server) -> None:
    """What scripts do: `echo hi | chatcore connect URL --username bot`."""
    with ears_in(server, "echo") as ears:
        with connect(server, "bot", "--room", "echo") as program:
            stopwatch = Stopwatch(program.pid, server.pid)
            program.write("hi\n")
            program.end_input()
            while program.is_running:
                assert stopwatch.seconds < 3
                time.sleep(0.01)
            program.out.close()
            assert (program.wait(), program.out.text, program.said()) == (0, "", "")
        ears.wait_for_text("hi")


def test_connection_without_encryption_loads_nothing_that_encrypts(server: Server) -> None:
    """Scripts start often: what takes long to load is loaded by those who use it."""
    done = run("connect", server.url, "--username", "light", stdin=b"hi\n", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "chatcore_ws.client" in imported
    people = {"prompt_toolkit", "PyQt6", "chatcore_cli.chatting.terminal.chat"}
    assert imported.isdisjoint({"cryptography", "aioquic"} | people)


def test_messages_of_others_come_out_one_a_line(server: Server) -> None:
    """In a form that programs can read, and that no message can forge."""
    with ears_in(server, "out") as ears, connect(server, "reader", "--room", "out", "--stay") as reader:
        reader.write("I am here\n")
        ears.wait_for_text("I am here")
        lines = "/join out\nhello\n/msg reader psst\n/msgall lunch \x1b[31m\n"
        done = run("connect", server.url, "--username", "talker", "--commands", stdin=lines.encode())
        assert (done.returncode, done.stdout) == (0, "")
        reader.out.wait_for(r"talker -> \*")
        assert reader.out.text.splitlines() == [
            "talker: hello",
            "talker -> reader: psst",
            r"talker -> *: lunch \x1b[31m",
        ]


def test_lines_with_a_slash_are_messages_unless_commands_are_asked_for(server: Server) -> None:
    """A log file full of paths is no list of commands."""
    with ears_in(server, "slash") as ears:
        run("connect", server.url, "--username", "paths", "--room", "slash", stdin=b"/etc/passwd\n/quit\n")
        ears.wait_for_text("/etc/passwd")
        ears.wait_for_text("/quit")


def test_commands_are_carried_out_and_answered_when_asked_for(server: Server) -> None:
    """Lists come out as text, or as the frames of the protocol with --json."""
    lines = b"/create cmds\n/list\n/rooms\n/whois commander\n/help\n/quit\nnot read any more\n"
    done = run("connect", server.url, "--username", "commander", "--commands", stdin=lines)
    assert done.returncode == 0
    assert "* In cmds: commander" in done.stdout
    assert "* cmds: 1 user" in done.stdout
    assert "* commander is in cmds, since " in done.stdout
    assert "/msg NAME[,NAME...] TEXT" in done.stdout
    done = run("connect", server.url, "--username", "commander", "--commands", "--json", stdin=b"/rooms\n/nick me\n")
    kinds = [frame["type"] for frame in frames(done.stdout)]
    assert "rooms" in kinds
    assert "renamed" in kinds


def test_every_answer_comes_out_as_text(server: Server) -> None:
    """What was said, what was found and who is banned, too: they came out as JSON only."""
    asked = b"/history\n/search key\n/search nothing\n/bans\n"
    with connect(server, "answerer", "--commands", "--stay") as process:
        process.write(b"/create answers\nhello key\n/ban nobody\n" + asked)
        process.out.wait_for(r"(?m)^\d\d:\d\d answerer: hello key$")
        process.out.wait_for(r"(?m)^[\d-]{10} \d\d:\d\d answers answerer: hello key$")
        process.out.wait_for(r"Nothing was found\.")
        process.out.wait_for(r"(?m)^\* .*nobody")


def test_json_tells_what_was_sent_under_the_number_of_the_send(server: Server) -> None:
    """A program can match each of its lines with its acknowledgement; the token stays secret."""
    done = run("connect", server.url, "--username", "json", "--room", "json", "--json", stdin="un\ndeux é\n".encode())
    assert done.returncode == 0
    assert done.stdout.isascii()
    told = frames(done.stdout)
    assert told[0]["type"] == "welcome"
    assert "session" not in told[0]
    assert [(frame["cid"], frame["seq"]) for frame in told if frame["type"] == "sent"] == [(1, 1), (2, 2)]
    assert [frame["text"] for frame in told if frame["type"] == "message"] == ["un", "deux é"]


def test_json_tells_of_an_answer_what_it_tells_of_a_message(server: Server) -> None:
    lines = b"first\n/reply replier second\n/reply nobody lost\n/reply replier " + b"x" * 60_000 + b"\n/msgall third\n"
    args = ("--username", "replier", "--room", "replies", "--commands", "--json")
    done = run("connect", server.url, *args, stdin=lines)
    told = frames(done.stdout)
    assert [frame["cid"] for frame in told if frame["type"] == "sent"] == [1, 2, 3]
    assert [frame.get("reply_to") for frame in told if frame["type"] == "message"] == [None, 1]
    assert "Line 3: There is no such message" in done.stderr
    assert "Line 4 was not sent." in done.stderr


def test_what_is_no_event_is_no_line_among_the_json(server: Server) -> None:
    args = ("--username", "helped", "--commands", "--json")
    done = run("connect", server.url, *args, stdin=b"/help\n/link\n")
    assert {"welcome"} <= {frame["type"] for frame in frames(done.stdout)}
    assert "/nick NAME" in done.stderr
    assert "chatcore://" in done.stderr


def test_input_of_a_program_of_windows_is_sent_or_told(server: Server) -> None:
    """The mark in front of UTF-8 is no part of the message; UTF-16 is named."""
    with ears_in(server, "lobby") as ears:
        done = run("connect", server.url, "--username", "marked", "--commands", stdin=b"\xef\xbb\xbfhello\r\n/quit\r\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert ears.wait_for_text("hello") == ["hello"]
        done = run("connect", server.url, "--username", "wide", stdin="hello\r\n".encode("utf-16"))
        said = "chatcore: The input is in UTF-16; give it in UTF-8. Nothing was sent.\n"
        assert (done.returncode, done.stderr) == (1, said)


def test_refused_line_is_told_with_its_number_and_the_rest_is_sent(server: Server) -> None:
    """Exit code 1 says that something was refused."""
    lines = b"first\n" + b"x" * 2000 + b"\n\xff\xfe\n" + b"y" * 500_000 + b"\nlast\n"
    with ears_in(server, "long") as ears:
        done = run("connect", server.url, "--username", "long", "--room", "long", stdin=lines)
        ears.wait_for_text("last")
    assert done.returncode == 1
    told = sentences(done.stderr)
    assert [line.split("Line ")[1].split()[0] for line in told] == ["2", "3", "4"]


def test_refused_line_is_told_in_json_too(server: Server) -> None:
    """So that a program need not read standard error."""
    done = run("connect", server.url, "--username", "jsonmsg", "--json", "--commands", stdin=b"/msg nobody hi\n/join\n")
    assert done.returncode == 1
    assert {"type": "not_sent", "cid": 1, "code": "no_such_user"}.items() <= next(
        frame for frame in frames(done.stdout) if frame["type"] == "not_sent"
    ).items()


def test_thousands_of_lines_arrive_in_order(server: Server) -> None:
    """The input waits for the chat, which takes half of it at once, and nothing is lost at its end."""
    lines = "".join(f"line {number}\n" for number in range(2000))
    with ears_in(server, "many") as ears:
        done = run("connect", server.url, "--username", "many", "--room", "many", stdin=lines.encode())
        assert done.returncode == 0
        assert ears.wait_for_text("line 1999") == lines.splitlines()


def test_taken_name_and_missing_name_are_one_sentence(server: Server) -> None:
    """A script cannot be asked for another one; it reads when its own is free again."""
    with connect(server, "taken", "--json") as taken:
        taken.out.wait_for("welcome")
        done = run("connect", server.url, "--username", "TAKEN")
    assert done.returncode == 1
    assert len(sentences(done.stderr)) == 1
    assert "The name TAKEN is taken. If that was you: it is free again" in done.stderr
    assert run("connect", server.url).returncode == 2


def test_name_that_is_not_utf_8_is_one_sentence(server: Server) -> None:
    """A script in Latin-1, by option or by environment; it is refused before anything is sent."""
    latin = os.fsdecode(b"al\xe9")
    by_option = run("connect", server.url, "--username", latin)
    by_variable = run("connect", server.url, env={"CHATCORE_CONNECT_USERNAME": latin})
    for done in (by_option, by_variable):
        assert done.returncode == 1
        (told,) = sentences(done.stderr)
        assert told.endswith("There is a character at place 3 that is broken or not UTF-8; replace it.")


def test_refusal_is_told_in_french_to_the_french(server: Server) -> None:
    """Codes are stable, so what they mean can be said in any language."""
    done = run("connect", server.url, "--username", "?", env={"LANG": "fr_FR.UTF-8"})
    assert done.returncode == 1
    assert done.stderr.startswith("chatcore: Il y a «\xa0?\xa0» dans «\xa0?\xa0». Un nom a de 2 à 32 lettres")


def test_server_that_cannot_be_reached_is_one_sentence_and_exits_3() -> None:
    """Nobody there, no such host."""
    urls = ("ws://127.0.0.1:1", "nowhere.invalid")
    for done in run_all(*(("connect", url, "--username", "alice") for url in urls)):
        assert (done.returncode, len(sentences(done.stderr))) == (3, 1), done.stderr


def test_failure_is_told_in_french_to_the_french() -> None:
    """The library's sentences are English; the command line says them in the user's language."""
    done = run("connect", "chat://127.0.0.1:1", "--username", "alice", env={"LANG": "fr_FR.UTF-8"})
    assert (done.returncode, done.stderr) == (
        3,
        "chatcore: rien n’écoute à 127.0.0.1:1 (le serveur est-il lancé, et le port est-il le bon\xa0?)\n",
    )


def test_connection_that_is_cut_is_made_again_and_nothing_is_lost(server: Server) -> None:
    """Lines that come in meanwhile are sent afterwards; the user is told on standard error."""
    with (
        ears_in(server, "cut") as ears,
        Proxy(server.port) as proxy,
        Process("connect", proxy.url, "--username", "cut", "--room", "cut") as process,
    ):
        process.write("before\n")
        ears.wait_for_text("before")
        proxy.cut()
        process.write("after\n")
        process.end_input()
        assert process.wait() == 0
        ears.wait_for_text("after")
        said = process.said()
    assert "Connection lost" in said
    assert "Connected again" in said


def test_each_loss_of_a_connection_is_told_and_each_return(server: Server) -> None:
    """Also of one that lasts for a moment only, whose loss is another attempt of the same one."""
    with (
        ears_in(server, "often") as ears,
        Proxy(server.port) as proxy,
        Process("connect", proxy.url, "--username", "often", "--room", "often") as process,
    ):
        for text in ("one", "two", "three"):
            process.write(f"{text}\n")
            ears.wait_for_text(text)
            proxy.cut()
        process.write("four\n")
        process.end_input()
        assert process.wait() == 0
        said = process.said()
    told = re.findall("Connection lost|Connected again", said)
    assert told == ["Connection lost", "Connected again"] * 3


def test_connection_that_is_lost_for_good_exits_3() -> None:
    """After as much patience as was asked for."""
    with (
        Server() as server,
        connect(server, "alice", "--json", "--retry-for", "0.1") as process,
    ):
        process.out.wait_for("welcome")
        server.send_signal(signal.SIGKILL)
        assert process.wait() == 3
        assert "did not come back" in process.said()
        process.out.close()
        assert frames(process.out.text)[-1]["type"] == "connection_lost"


def test_goodbye_of_the_server_is_told() -> None:
    """A server that stops says so; the filter then tries to come back."""
    with Server() as server, connect(server, "alice", "--stay", "--retry-for", "0.1") as process:
        process.write("hi\n")
        process.end_input()
        assert server.err is not None
        server.err.wait_for("login")
        server.send_signal(signal.SIGTERM)
        assert process.wait() == 3
        assert "The server says goodbye: " in process.said()


def test_reader_of_the_output_that_goes_away_is_no_error(server: Server) -> None:
    """`| head -1` ends the output, not the messages that are still to be sent."""
    command = f"'{sys.executable}' -m chatcore_cli connect {server.url} --username head --json | head -c 1"
    with ears_in(server, "lobby") as ears:
        done = subprocess.run(
            ["sh", "-c", command],
            input=b"hello from head\n" * 100 + b"the last\n",
            capture_output=True,
            env=environment(),
            timeout=PATIENCE,
            check=False,
        )
        assert (done.stdout, done.stderr) == (b"{", b"")
        assert len(ears.wait_for_text("the last")) == 101


def test_output_that_cannot_be_written_is_told_and_everything_is_sent(server: Server) -> None:
    """What is lost is what others write, and a script learns it from the exit code."""
    args = ["connect", server.url, "--username", "full", "--json", "--stay"]
    with ears_in(server, "lobby") as ears, open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "chatcore_cli", *args],
            input=b"hello from full\n" * 100 + b"the last\n",
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=PATIENCE,
            check=False,
        )
        said = b"chatcore: The output cannot be written: No space left on device.\n"
        assert (done.returncode, done.stderr) == (1, said)
        assert len(ears.wait_for_text("the last")) == 101


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["gopher://127.0.0.1"], "'gopher://127.0.0.1' is not an address that can be connected to"),
        (["127.0.0.1:notaport"], "127.0.0.1:notaport is not the address of a server; write it like 192.168.1.5"),
        (["--fingerprint", "3f8a"], "3f8a is not a fingerprint"),
        (["--tls-ca", "nope.pem"], "the file of trusted certificates nope.pem cannot be read"),
        (["--tls-ca", __file__], "is not a PEM file"),
        (["--room", "bad room"], "There is a space in 'bad room'. A name has 1 to 32 letters"),
    ],
)
def test_option_that_cannot_be_right_is_one_sentence_and_exits_2(args: list[str], sentence: str) -> None:
    """Before anything is connected to, whether the server is known already or not."""
    done = run_here("connect", *args, "--username", "alice")
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
    assert sentence in done.stderr


def test_room_that_cannot_be_entered_ends_it() -> None:
    """Nothing is said in another room instead."""
    with Process("serve", "--listen", "tcp+simple-json://127.0.0.1:0") as server:
        url = server.out.wait_for(r"listens on (\S+)").group(1)
        done = run("connect", url, "--username", "alice", "--room", "python", stdin=b"hello\n")
        assert (done.returncode, done.stderr) == (1, "chatcore: This server has nothing like --room.\n")
        done = run("connect", url, "--username", "alice", "--commands", stdin=b"/rooms\n")
        assert (done.returncode, done.stderr) == (1, "chatcore: Line 1: This server has nothing like /rooms.\n")


def test_lines_for_a_room_that_their_user_is_put_out_of_are_said_nowhere_else(server: Server) -> None:
    """Each is told as not sent, and the exit code says so."""
    with (
        guest(server.url, "carol_outside") as carol,
        guest(server.url, "bob_board", "board") as bob,
        connect(server, "minutes", "--room", "board") as process,
    ):
        process.write("what was decided\n")
        bob.wait_for_text("what was decided")
        bob.send(type="kick", username="minutes")
        bob.next_frame("moderated")
        process.write("who is let go\n")
        process.end_input()
        assert process.wait() == 1
        assert sentences(process.said()) == ["chatcore: Line 2 was not sent. You are in lobby, not in board."]
        bob.send(type="join_room", room="lobby")
        bob.say("done")
        assert carol.wait_for_text("done") == ["done"]


def test_lines_for_a_room_that_is_not_entered_are_said_nowhere_else(server: Server) -> None:
    """Nor is a file offered; until a command leads to another room."""
    lines = f"/join nowhere\nfor few\n/send * {__file__}\n/leave\nfor all\n"
    with guest(server.url, "carol_hears") as carol:
        done = run("connect", server.url, "--username", "leader", "--commands", stdin=lines.encode())
        assert carol.wait_for_text("for all") == ["for all"]
    assert done.returncode == 1
    assert [each.partition(".")[0] for each in sorted(sentences(done.stderr))] == [
        "chatcore: Line 1: There is no room called nowhere",
        "chatcore: Line 2 was not sent",
        "chatcore: Line 3: You are in lobby, not in nowhere",
    ]


def test_command_that_is_refused_was_not_a_message(server: Server) -> None:
    """Only messages are sent; and what was asked for stands in the answer."""
    lines = b"/whois nobody\n/msg nobody hi\n/accept\n"
    done = run("connect", server.url, "--username", "asker", "--commands", stdin=lines)
    assert done.returncode == 1
    assert sorted(sentences(done.stderr)) == [
        "chatcore: Line 1: There is no user called nobody. /list shows who is there.",
        "chatcore: Line 2 was not sent. There is no user called nobody. /list shows who is there.",
        "chatcore: Line 3: Nothing is on offer.",
    ]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_logs_out(server: Server, number: signal.Signals, code: int) -> None:
    """The name is free at once, and the exit code is the usual one."""
    with connect(server, f"sig{code}", "--json") as process:
        process.out.wait_for("welcome")
        process.send_signal(number)
        assert process.wait() == code
        assert process.said().strip() == ""
    assert run("connect", server.url, "--username", f"sig{code}").returncode == 0
