"""`chatcore connect` on a terminal, as one would see it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.unit.cli.guest import guest
from tests.unit.cli.processes import CHATCORE, Server, Terminal
from tests.unit.cli.proxy import Proxy, late_answers


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one server for all these tests; each test has users and a room of its own."""
    with Server() as server:
        yield server


@contextmanager
def terminal(server: Server, username: str, room: str, **env: str) -> Iterator[Terminal]:
    """Give a terminal whose user is in a room of its own."""
    with Terminal(server.url, "--username", username, "--room", room, env=env) as started:
        started.wait_for_last_row(f"[{room}] {username}>")
        yield started


def test_switch_that_means_nothing_on_a_terminal_is_refused(server: Server) -> None:
    """What one types there is told apart by `//`; where sequences are not understood, the switch works."""
    with Terminal(server.url, "--username", "alice", "--no-commands") as alice:
        assert alice.wait() == 2
        assert "lines that begin with a slash are commands" in alice.text
    args = ("--username", "alice", "--room", "slashes", "--no-commands")
    with guest(server.url, "bob", "slashes") as bob, Terminal(server.url, *args, env={"TERM": "dumb"}) as alice:
        alice.wait_for("* You are in slashes")
        alice.press("/rooms\r")
        bob.wait_for_text("/rooms")


def test_incoming_line_does_not_break_the_line_that_is_being_typed(server: Server) -> None:
    """It appears above; what was typed stays, and can be sent afterwards."""
    with terminal(server, "alice", "typing") as alice:
        alice.press("half a li")
        alice.wait_for_last_row("[typing] alice> half a li")
        with guest(server.url, "bob", "typing") as bob:
            bob.say("hello alice")
            alice.wait_for(" bob: hello alice", "* bob joined typing.")
        alice.wait_for("* bob left typing.")
        alice.wait_for_last_row("[typing] alice> half a li")
        alice.press("ne\r")
        alice.wait_for(" alice: half a line")
        alice.wait_for_last_row("[typing] alice>")


def test_own_message_is_shown_once_and_only_when_acknowledged(server: Server) -> None:
    """What stands on the screen is in the room's log."""
    with terminal(server, "alice", "once") as alice:
        alice.press("first\rsecond\r")
        alice.wait_for(" alice: second")
        assert sum("first" in row for row in alice.rows) == 1


def test_line_with_a_broken_byte_is_kept_for_repair_and_the_next_one_is_sent(server: Server) -> None:
    """A keyboard that speaks Latin-1; whatever was typed, be it a message or a command."""
    with terminal(server, "alice", "latin") as alice:
        alice.press(b"caf\xe9\r")
        alice.wait_for("There is a character at place 4 that is broken")
        alice.press("\b\u00e9\r")
        alice.wait_for(" alice: caf\u00e9")
        alice.press(b"/nick al\xe9\r")
        alice.wait_for("There is a character at place 3 that is broken")
        alice.press("\x15the end\r")
        alice.wait_for(" alice: the end")


# A colour, no mouse (three cut short, one of a button that there is not), and a row that no terminal has.
BROKEN = ("\x1b[0m", "\x1b[31m", "\x1b[<0;5M", "\x1b[M~~~", "\x1b[" + "9" * 5000 + ";1R")


@pytest.mark.parametrize("leave", ["\x04", "/quit\r", "\x03", signal.SIGTERM])
def test_broken_key_sequence_in_what_is_pasted_is_passed_over(server: Server, leave: str | signal.Signals) -> None:
    """What stands around it is typed as ever, and one can leave."""
    with terminal(server, "alice", "broken") as alice:
        alice.press("half" + " and ".join(BROKEN) + " half\r")
        alice.wait_for(" alice: half and  and  and  and  half")
        alice.press(BROKEN[0])
        if isinstance(leave, str):
            alice.press(leave)
            assert alice.wait() == 0
        else:
            alice.send_signal(leave)
            assert alice.wait() == 128 + leave
        assert "Traceback" not in alice.text


def test_broken_key_sequence_is_passed_over_where_a_name_or_a_password_is_asked_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    with Server("--password-file", str(secret)) as server, Terminal(server.url) as alice:
        alice.wait_for("Your name:")
        alice.press("\x15ali" + "".join(BROKEN) + "ce\r")
        alice.wait_for_last_row("Password of the server:")
        alice.press("ses" + "".join(BROKEN) + "ame\r")
        alice.wait_for_last_row("[lobby] alice>")
        alice.press("/register\r")
        alice.wait_for_last_row("Password:")
        alice.press("hush" + "".join(BROKEN) + "hush\r")
        alice.wait_for_last_row("The same once more:")
        alice.press("hushhush\r")
        alice.wait_for("* alice is yours from now on")
        assert "Traceback" not in alice.text


def test_nothing_that_others_write_steers_the_terminal(server: Server) -> None:
    """Escape sequences are shown as text, and a second line cannot pass for another message."""
    with terminal(server, "alice", "evil") as alice, guest(server.url, "mallory", "evil") as mallory:
        mallory.say("\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\n12:00 bob: pay me" + " x" * 40, "the end")
        alice.wait_for(" mallory: the end", "      12:00 bob: pay me")
        assert any(r"\x1b[2J\x1b]0;owned\x07" in row for row in alice.rows)
        assert not any(row.startswith(("12:00 bob", "x")) for row in alice.rows)
        for sequence in (b"\x1b[2J\x1b", b"\x1b]0;owned", b"\x07", "\x9b31m".encode(), "\u202e".encode()):
            assert sequence not in alice.raw


def test_honest_invisible_characters_are_shown_as_they_are(server: Server) -> None:
    """Isolated where they run from right to left; a message of nothing visible shows what is in it."""
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    with terminal(server, "alice", "signs") as alice, guest(server.url, "dana", "signs") as dana:
        dana.say("\u200fשלום!", "\u061cمرحبا", flag, "می\u200cخواهم", "\u200b\u2060", "the end")
        alice.wait_for(" dana: the end", r" dana: \u200b\u2060")
        for shown in ("\u2068\u200fשלום!\u2069", "\u2068\u061cمرحبا\u2069", flag, "\u2068می\u200cخواهم\u2069"):
            assert f": {shown}" in alice.text
        assert not any("\\u200f" in row or "\\u061c" in row for row in alice.rows)


@pytest.mark.parametrize("name", ["dumb", "unknown", "", "vt52"])
def test_terminal_without_abilities_gets_lines_and_no_escape_sequences(server: Server, name: str) -> None:
    """One types, reads, and leaves by /quit; the terminal itself echoes what is typed."""
    with Terminal(server.url, "--username", "alice", "--room", "plain", env={"TERM": name}) as alice:
        alice.wait_for("* You are in plain, alone.")
        with guest(server.url, "bob", "plain") as bob:
            alice.wait_for("* bob joined plain.")
            alice.press("hello bob\n/who\n/nik\n")
            bob.wait_for_text("hello bob")
            bob.say("hello \x1b[31malice")
            alice.wait_for(r"bob: hello \x1b[31malice", "* In plain: alice, bob", "There is no command /nik")
        alice.press("/quit\n")
        assert alice.wait() == 1  # for the command that there is not
        assert b"\x1b" not in alice.raw


@pytest.mark.parametrize(
    ("again", "told"),
    [("hushhush", "is yours from now on"), ("hushhish", "These were two different ones; /register asks again.")],
)
def test_terminal_without_abilities_asks_for_the_password_of_a_name(server: Server, again: str, told: str) -> None:
    """A new one twice, and it shows nothing of it; what is typed behind it is shown and said as before."""
    with (
        guest(server.url, "bob", again) as bob,
        Terminal(server.url, "--username", f"of-{again}", "--room", again, env={"TERM": "dumb"}) as alice,
    ):
        alice.wait_for(f"You are in {again}, with bob.")
        alice.press("/register\n")
        alice.wait_for("Password:")
        alice.press("hushhush\n")
        alice.wait_for("The same once more:")
        alice.press(f"{again}\n")
        alice.wait_for(told)
        alice.press("not secret\n")
        assert bob.wait_for_text("not secret") == ["not secret"]
        alice.wait_for("not secret")
        assert not {"hushhush", again} & set(alice.rows)


def test_terminal_without_abilities_is_left_by_a_signal_and_by_the_end_of_the_input(server: Server) -> None:
    """And asks for a name where none is given."""
    with Terminal(server.url, env={"TERM": "dumb"}) as alice:
        alice.wait_for("Your name:")
        alice.press("alice\n")
        alice.wait_for("* You are alice. /help lists the commands.")
        alice.press("\x04")
        assert alice.wait() == 0
    with Terminal(server.url, "--username", "alice", env={"TERM": "dumb"}) as alice:
        alice.wait_for("* You are alice.")
        alice.send_signal(signal.SIGTERM)
        assert alice.wait() == 128 + signal.SIGTERM
        assert b"\x1b" not in alice.raw


@pytest.mark.parametrize("leave", ["/quit\n", "\x04"])
def test_terminal_without_abilities_is_left_while_the_server_is_away(leave: str) -> None:
    """What could not be sent is told; nobody waits for a server that may never be back."""
    with Server() as gone, Terminal(gone.url, "--username", "alice", env={"TERM": "dumb"}) as alice:
        alice.wait_for("* You are alice.")
        gone.send_signal(signal.SIGKILL)
        alice.wait_for("! Connection lost")
        alice.press("is anybody there?\n/nick zed\nis anybody here?\n/who\n/topic hello\n" + leave)
        assert alice.wait() == 1
        assert "2 messages were not sent." in alice.text
        assert "2 commands were not carried out." in alice.text


@pytest.mark.parametrize(
    ("typed", "lost"),
    [
        ("/register\nhushhush\nhushhush\n", "1 command was not carried out."),
        ("/nick zed\n/register\nhushhush\nhushhush\n/identify\nhushhush\n", "3 commands were not carried out."),
    ],
)
def test_terminal_without_abilities_takes_no_password_for_a_message_that_is_lost(typed: str, lost: str) -> None:
    """It is a part of the command that asks for it, be that under way or behind another one."""
    with Server() as gone, Terminal(gone.url, "--username", "alice", env={"TERM": "dumb"}) as alice:
        alice.wait_for("* You are in lobby, alone.")
        gone.send_signal(signal.SIGKILL)
        alice.wait_for("! Connection lost")
        alice.press(f"{typed}\x04")
        assert alice.wait() == 1
        assert lost in alice.text
        assert "not sent" not in alice.text


@pytest.mark.parametrize("name", ["dumb", "xterm-256color"])
def test_no_password_is_asked_for_where_there_are_no_accounts(name: str) -> None:
    """What is typed next is no password, but what it would be otherwise."""
    with (
        Server("--accounts", "off") as server,
        Terminal(server.url, "--username", "alice", env={"TERM": name}) as alice,
    ):
        alice.wait_for("* You are in lobby, alone.")
        for typed in ("/register\r", "/identify\r", "/who\r"):
            alice.press(typed)
        alice.wait_for("* In lobby: alice")
        assert alice.text.count("This server takes no passwords of accounts.") == 2
        assert "Password" not in alice.text


@pytest.mark.parametrize(("leave", "code"), [("\x03", 1), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("name", ["dumb", "xterm-256color"])
def test_whoever_leaves_by_a_signal_is_told_what_was_not_sent(
    name: str, leave: str | signal.Signals, code: int
) -> None:
    """By Ctrl-C too, and on every kind of terminal."""
    with Server() as gone, Terminal(gone.url, "--username", "alice", env={"TERM": name}) as alice:
        alice.wait_for("* You are in lobby, alone.")
        gone.send_signal(signal.SIGKILL)
        alice.wait_for("! Connection lost")
        alice.press("is anybody there?\r")
        alice.press("/help\r")
        alice.wait_for("/quit")
        if isinstance(leave, str):
            alice.press(leave)
        else:
            alice.send_signal(leave)
        assert alice.wait() == code
        assert "1 message was not sent." in alice.text


@pytest.mark.parametrize("name", ["dumb", "xterm-256color"])
def test_whoever_waits_for_a_server_in_vain_is_told_what_was_not_sent(name: str) -> None:
    """And what was not carried out, on every kind of terminal."""
    args = ("--username", "alice", "--retry-for", "6")
    with Server() as gone, Terminal(gone.url, *args, env={"TERM": name}) as alice:
        alice.wait_for("* You are in lobby, alone.")
        gone.send_signal(signal.SIGKILL)
        alice.wait_for("! Connection lost")
        alice.press("is anybody there?\r")
        alice.press("/topic hello\r")
        assert alice.wait() == 3
        assert "The server did not come back; giving up." in alice.text
        assert "1 message was not sent." in alice.text
        assert "1 command was not carried out." in alice.text


def test_ctrl_c_leaves_a_terminal_without_abilities_once_the_last_line_is_said(server: Server) -> None:
    """As it leaves the other kind of terminal: nothing is lost, and nothing went wrong."""
    with (
        guest(server.url, "bob", "lastline") as bob,
        Terminal(server.url, "--username", "alice", "--room", "lastline", env={"TERM": "dumb"}) as alice,
    ):
        alice.wait_for("* You are in lastline, with bob.")
        alice.press("good night\n")
        bob.wait_for_text("good night")
        alice.press("\x03")
        assert alice.wait() == 0
        assert "not sent" not in alice.text


@pytest.mark.parametrize("columns", [1, 5])
def test_narrow_terminal_is_no_reason_to_end(server: Server, columns: int) -> None:
    """There is not much to see."""
    with Terminal(server.url, "--username", "alice", "--room", "narrow", columns=columns) as alice:
        alice.wait_for_wrapped("[narrow]alice>")
        with guest(server.url, "bob", "narrow") as bob:
            alice.press("hi\r")
            bob.wait_for_text("hi")
            bob.say("hello")
            alice.press("again\r")
            bob.wait_for_text("again")
        alice.press("/quit\r")
        assert alice.wait() == 0


def test_ctrl_z_stops_it_and_fg_goes_on_with_what_was_typed(server: Server) -> None:
    """The shell has its terminal meanwhile; what was said comes when it is back."""
    bash = ("/bin/bash", "--norc", "--noprofile", "-i")
    with Terminal(command=bash, env={"PS1": "shell$ "}) as shell:
        shell.wait_for_last_row("shell$")
        shell.press(f"{' '.join(CHATCORE)} connect {server.url} --username alice --room jobs\r")
        shell.wait_for_last_row("[jobs] alice>")
        for _ in range(2):
            shell.press("half a line\x1a")
            shell.wait_for("Stopped")
            shell.wait_for_last_row("shell$")
            with guest(server.url, "bob", "jobs") as bob:
                bob.say("while you were away")
            shell.press("clear; stty -a | grep -o -- ' echo '\r")
            shell.wait_for_row(" echo")
            shell.press("fg\r")
            shell.wait_for(" bob: while you were away")
            shell.wait_for_last_row("[jobs] alice> half a line")
            shell.press("\x15")
        shell.press("/quit\r")
        shell.wait_for_last_row("shell$")
        shell.press("exit\r")
        shell.wait()


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"NO_COLOR": "1"}], ids=str)
def test_no_other_command_writes_sequences_where_none_are_wanted(server: Server, env: dict[str, str]) -> None:
    """Neither what the doctor finds, nor the log of a server."""
    with Terminal(command=(*CHATCORE, "doctor", server.url), env=env) as doctor:
        doctor.wait_for("ok  ", "not encrypted")
        doctor.wait()
        assert b"\x1b" not in doctor.raw
    with Terminal(command=(*CHATCORE, "serve", "--port", "0"), env=env) as serving:
        serving.wait_for("Ctrl-C stops it.", " info ")
        assert b"\x1b" not in serving.raw


def test_commands_users_and_rooms_are_completed(server: Server) -> None:
    """Tab completes what may stand there."""
    with terminal(server, "alice", "tabs") as alice, terminal(server, "bernadette", "tabs"):
        alice.wait_for("bernadette joined")
        alice.press("/whoi\t")
        alice.wait_for_last_row("[tabs] alice> /whois")
        alice.press("ber\t\r")
        alice.wait_for("* bernadette is in tabs, since ")
        alice.press("ber\tgood morning\r")
        alice.wait_for(" alice: bernadette: good morning")
        alice.press("/join lo\t\r")
        alice.wait_for_last_row("[lobby] alice>")


def test_names_that_run_from_right_to_left_are_completed_and_shown_as_others_are(server: Server) -> None:
    """No name is taken for the only one beside them."""
    with (
        guest(server.url, "שלום", "both"),
        guest(server.url, "bob", "both"),
        terminal(server, "alice", "both") as alice,
    ):
        alice.press("/msg \t")
        alice.wait_for_last_row("[both] alice> /msg")
        alice.press("ש\t")
        alice.wait_for_last_row("[both] alice> /msg שלום")
        alice.press(" hush\r")
        alice.wait_for(" alice ->")
        assert "* bob, \u2068שלום\u2069" in alice.text


@pytest.mark.parametrize(("columns", "height"), [(40, 10), (20, 5)])
def test_choice_that_is_too_long_for_the_window_is_no_question(server: Server, columns: int, height: int) -> None:
    """The first ones that fit are shown above what is being typed, which goes on, and nothing begins behind them."""
    args = ("--username", "alice", "--room", "choice")
    french = {"LANGUAGE": "fr"}
    with (
        guest(server.url, "bob", "choice") as bob,
        Terminal(server.url, *args, columns=columns, height=height, env=french) as alice,
    ):
        alice.wait_for_last_row("[choice] alice>")
        alice.press("/\t")
        alice.wait_for("* /accept, ", " autres")
        alice.wait_for_last_row("[choice] alice> /")
        alice.wait_for("* /accept, ")
        bob.say("hey")
        alice.wait_for(" bob: hey")
        assert any(re.fullmatch(r"\d\d:\d\d bob: hey", row) for row in alice.rows)
        alice.press("\b\bno\r")
        alice.wait_for(" alice: no")
        alice.press("/\t\x15\x04")
        assert alice.wait() == 0


def test_no_name_is_completed_in_a_password(server: Server) -> None:
    """Nor is shown which ones begin as it does."""
    with terminal(server, "alice", "hushed") as alice, guest(server.url, "bernadette", "hushed") as bernadette:
        alice.wait_for("* bernadette joined hushed.")
        alice.press("/register\r")
        alice.wait_for_last_row("Password:")
        alice.press("ber\t")
        alice.wait_for_last_row("Password: ***")
        alice.press("\b\b\b/\t")
        bernadette.say("hello")
        alice.wait_for(" bernadette: hello")
        alice.wait_for_last_row("Password: *")
        assert "/accept" not in alice.text


def test_commands_do_what_they_say(server: Server) -> None:
    """The prompt shows who and where one is."""
    with terminal(server, "alice", "cmds") as alice, terminal(server, "carol", "cmds") as carol:
        alice.press("/nick al\r")
        alice.wait_for("* You are called al now.")
        alice.wait_for_last_row("[cmds] al>")
        carol.wait_for("* alice is called al now.")
        alice.press("/who\r")
        alice.wait_for("* In cmds: al, carol")
        alice.press("/msg carol psst\r")
        carol.wait_for(" al -> carol: psst")
        alice.wait_for(" al -> carol: psst")
        alice.press("/msgall lunch!\r")
        carol.wait_for(" al -> everyone: lunch!")
        alice.press("/create cmds2\r")
        alice.wait_for("* You are in cmds2, alone.")
        alice.wait_for_last_row("[cmds2] al>")
        alice.press("/rooms\r")
        alice.wait_for("* cmds: 1 user", "* cmds2: 1 user")
        alice.press("/list\r")
        alice.wait_for("* In cmds: carol", "* In cmds2: al")
        alice.press("/leave\r")
        alice.wait_for_last_row("[lobby] al>")
        alice.press("//not a command\r")
        alice.wait_for(" al: /not a command")


def test_blank_lines_are_not_recalled(server: Server) -> None:
    with terminal(server, "alice", "blank") as alice:
        alice.press("before\r")
        alice.wait_for(" alice: before")
        alice.press(
            "\r  \rx"
        )  # prompt_toolkit looks for what may be recalled once it has drawn the prompt, a turn later
        alice.wait_for_last_row("[blank] alice> x")
        alice.press("\b\x1b[A")
        alice.wait_for_last_row("[blank] alice> before")


def test_password_behind_a_mistyped_command_is_not_recalled(server: Server) -> None:
    """Up brings what was typed before it."""
    with terminal(server, "alice", "slips") as alice:
        alice.press("before\r")
        alice.wait_for(" alice: before")
        for slip in ("/identfy hush123", "/regsiter hush123", "/ident hush123"):
            alice.press(f"{slip}\r")
            alice.wait_for(f"! There is no command {slip.split()[0]};")
            alice.press("x")  # prompt_toolkit looks for what may be recalled once it has drawn the prompt, a turn later
            alice.wait_for_last_row("[slips] alice> x")
            alice.press("\b")
            alice.wait_for_last_row("[slips] alice>")
            alice.press("\x1b[A")
            alice.wait_for_last_row("[slips] alice> before")
            alice.press("\x15")


def test_who_comes_late_sees_what_was_said_before_what_is_said_now(server: Server) -> None:
    """The last twenty messages, on joining a room; `/history N` shows others."""
    with terminal(server, "alice", "late") as alice:
        for number in range(1, 26):
            alice.press(f"line {number}\r")
        alice.wait_for(" alice: line 25")
        with terminal(server, "bob", "late") as bob:
            bob.wait_for(" alice: line 6", " alice: line 25")
            assert " alice: line 5\n" not in bob.text
            alice.press("and now\r")
            bob.wait_for(" alice: and now")
            bob.press("/history 3\r")
            bob.wait_for(" alice: line 24", " alice: line 25", " alice: and now")
            bob.press("/leave\r")
            bob.wait_for_last_row("[lobby] bob>")
            bob.press("/history\r")


def test_wrong_command_is_answered_with_a_hint(server: Server) -> None:
    """And what the server refuses, with its reason."""
    with terminal(server, "alice", "wrong") as alice:
        alice.press("/nik al\r")
        alice.wait_for("! There is no command /nik; did you mean /nick?")
        alice.press("/msg\r")
        alice.wait_for("! This is how to write it: /msg NAME[,NAME...] TEXT")
        alice.press("/join nowhere\r/msg nobody hi\r")
        alice.wait_for("! Not sent: hi (")
        alice.wait_for("! There is no room called nowhere.")
        alice.press("/accept\r")
        alice.wait_for("! Nothing is on offer.")
        alice.press("/help\r")
        alice.wait_for("Anything else is a message to the room")
        assert "/whois NAME" in alice.text  # above what the screen has room for
        assert "see all rooms" in alice.text


def test_leaving_logs_out(server: Server) -> None:
    """Ctrl-D, /quit, Ctrl-C or `kill`: the name is free at once, for the next of these."""
    for keys in ("\x04", "/quit\r", "\x03"):
        with terminal(server, "leaver", "leaving") as leaver:
            leaver.press(keys)
            assert leaver.wait() == 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        with terminal(server, "leaver", "leaving") as leaver:
            leaver.send_signal(number)
            assert leaver.wait() == 128 + number


def test_closing_the_window_logs_out(server: Server) -> None:
    """Although there is nothing left to write to: the name is free at once."""
    for _ in range(2):
        with terminal(server, "closer", "closing") as closer:
            closer.close_window()
            assert closer.wait() == 128 + signal.SIGHUP


def test_terminal_that_never_tells_where_its_cursor_is_shows_everything_and_can_be_left(server: Server) -> None:
    """A recorder, `expect`, a serial line: they call themselves xterm and answer nothing."""
    with (
        guest(server.url, "bob", "mute") as bob,
        Terminal(server.url, "--username", "alice", "--room", "mute", answers=False) as alice,
    ):
        while "alice" not in bob.next_frame("presence")["joined"]:
            pass
        bob.send(type="send_message", text="hello alice")
        alice.wait_for(" bob: hello alice")
        bob.send(type="send_message", text="are you there?")
        alice.wait_for(" bob: are you there?")
        alice.press("\x04")
        assert alice.wait() == 0
        assert "WARNING" not in alice.text


def test_closing_the_window_while_something_is_drawn_ends_by_the_signal(server: Server) -> None:
    """What is drawn has nowhere to go."""
    with Terminal(server.url, "--username", "hasty") as hasty:
        hasty.wait_for("hasty>")
        hasty.close_window()
        assert hasty.wait() == 128 + signal.SIGHUP


def test_ctrl_c_gives_up_the_line_first(server: Server) -> None:
    """Nobody is thrown out for a change of mind."""
    with terminal(server, "alice", "minds") as alice:
        alice.press("what I wanted to say")
        alice.wait_for_last_row("[minds] alice> what I wanted to say")
        alice.press("\x03")
        alice.wait_for_last_row("[minds] alice>")
        alice.press("hello\r")
        alice.wait_for(" alice: hello")


def test_line_that_was_begun_in_a_room_is_not_said_elsewhere_by_who_was_put_out_of_it(server: Server) -> None:
    """Not before they say so; a command is carried out as ever."""
    with guest(server.url, "bob", "closed") as bob, terminal(server, "alice", "closed") as alice:
        alice.press("as I was")
        alice.wait_for_last_row("[closed] alice> as I was")
        bob.send(type="kick", username="alice")
        alice.wait_for("* bob put alice out of closed.")
        alice.wait_for_last_row("[lobby] alice> as I was")
        alice.press(" saying\r")
        alice.wait_for("This was written in closed, and you are in lobby now: Enter says it here.")
        alice.wait_for_last_row("[lobby] alice> as I was saying")
        alice.press("\r")
        alice.wait_for(" alice: as I was saying")


def test_first_line_of_who_was_put_out_of_a_room_is_not_said_elsewhere_where_there_is_no_prompt(server: Server) -> None:
    """It may have been begun in that room; the next one is for where they are."""
    args = ("--username", "alice", "--room", "plain")
    with (
        guest(server.url, "carol") as carol,
        guest(server.url, "bob", "plain") as bob,
        Terminal(server.url, *args, env={"TERM": "dumb"}) as alice,
    ):
        alice.wait_for("* You are in plain, with bob.")
        bob.send(type="kick", username="alice")
        alice.wait_for("* bob put alice out of plain.")
        alice.press("for few\r")
        alice.wait_for("Line 1 was not sent. You are in lobby, not in plain.")
        alice.press("for all\r")
        assert carol.wait_for_text("for all") == ["for all"]


def test_line_that_was_begun_in_a_room_is_not_said_elsewhere_by_who_is_put_out_of_it_while_away(server: Server) -> None:
    """They are told where they are, and see what was said there; of that, nothing was missed."""
    with (
        guest(server.url, "carol") as carol,
        guest(server.url, "bob", "inner") as bob,
        Proxy(server.port) as proxy,
        Terminal(proxy.url, "--username", "alice", "--room", "inner") as alice,
    ):
        carol.say("one", "two", "three")
        alice.wait_for_last_row("[inner] alice>")
        alice.press("bob, as to carol")
        alice.wait_for_last_row("[inner] alice> bob, as to carol")
        proxy.closed = True
        proxy.cut()
        alice.wait_for("! Connection lost: ")
        bob.send(type="kick", username="alice")
        bob.next_frame("moderated")
        proxy.closed = False
        alice.wait_for("! Back again; you are no longer in inner.", "* You are in lobby, with ", " carol: three")
        alice.wait_for_last_row("[lobby] alice> bob, as to carol")
        alice.press("\r")
        alice.wait_for("This was written in inner, and you are in lobby now: Enter says it here.")
        alice.wait_for_last_row("[lobby] alice> bob, as to carol")
        alice.press("\x15hello\r")
        assert carol.wait_for_text("hello") == ["hello"]
        alice.wait_for(" alice: hello")
        proxy.cut()
        alice.wait_for("* Back again; nothing was missed in lobby.")


def test_line_that_was_begun_in_a_room_is_not_said_elsewhere_by_who_is_not_let_into_it_again() -> None:
    """The server was started anew, and the room is somebody else's by now."""
    with (
        Server(port=free_port()) as server,
        Proxy(server.port) as proxy,
        Terminal(proxy.url, "--username", "alice", "--room", "inner") as alice,
    ):
        alice.wait_for_last_row("[inner] alice>")
        alice.press("as I was saying")
        alice.wait_for_last_row("[inner] alice> as I was saying")
        proxy.closed = True
        proxy.cut()
        server.send_signal(signal.SIGKILL)
        server.wait()
        with Server(port=server.port) as another, guest(another.url, "bob", "inner") as bob:
            bob.send(type="set_private", private=True)
            bob.next_frame("moderated")
            proxy.closed = False
            alice.wait_for("! Back again; the server does not know you from before")
            alice.wait_for_last_row("[lobby] alice> as I was saying")
            alice.press("\r")
            alice.wait_for("This was written in inner, and you are in lobby now: Enter says it here.")
            alice.wait_for_last_row("[lobby] alice> as I was saying")


def test_what_is_typed_behind_a_command_that_leads_elsewhere_is_for_that_room(server: Server) -> None:
    """However fast: messages, commands about a room, and what leads on from there."""
    with terminal(server, "alice", "start") as alice, guest(server.url, "bob", "start") as bob:
        alice.wait_for("* bob joined start.")
        alice.press(
            "/create inner\rfor inner\r/topic of inner\r/create next\rfor next\r/close\rfor lobby\r/join start\r"
        )
        alice.press("back again\r")
        assert bob.wait_for_text("back again") == ["back again"]
        alice.wait_for(" alice: back again")
        told = (
            "You are in inner", " alice: for inner", "You are in next", " alice: for next", "You are in lobby",
            " alice: for lobby", "You are in start", " alice: back again",
        )  # fmt: skip
        assert re.search(".*".join(told), alice.text, re.DOTALL), alice.text
        assert "! " not in alice.text


def test_what_was_typed_for_a_room_that_was_not_entered_is_said_nowhere_else(server: Server) -> None:
    """A message is in the prompt again, and Enter says it only when asked twice; several are told, and commands."""
    with (
        guest(server.url, "carol", "taken"),
        guest(server.url, "bob", "mine") as bob,
        terminal(server, "alice", "mine") as alice,
    ):
        alice.press("/create taken\rfor few\r")
        alice.wait_for("! There is a room called taken")
        alice.wait_for_last_row("[mine] alice> for few")
        alice.press("\r")
        alice.wait_for("! This was written for another room, and you are in mine: Enter says it here.")
        alice.press("\x15/join nowhere\rone\rtwo\r/close\r")
        for line in ("one", "two", "/close"):
            alice.wait_for(f"! Not sent: {line} (It was written for another room, and you are in mine.)")
        alice.press("three\r")
        alice.wait_for_last_row("[mine] alice> three")
        alice.press("\r")
        assert bob.wait_for_text("three") == ["three"]


def test_line_is_said_where_it_was_begun_although_the_one_before_it_was_for_another_room(server: Server) -> None:
    """That one was given up: it is not in the prompt any more."""
    with (
        guest(server.url, "carol", "taken"),
        guest(server.url, "bob", "mine") as bob,
        terminal(server, "alice", "mine") as alice,
    ):
        alice.press("/create taken\rfor few\r")
        alice.wait_for("! There is a room called taken")
        alice.wait_for_last_row("[mine] alice> for few")
        alice.press("\x15for all\r")
        assert bob.wait_for_text("for all") == ["for all"]
        assert "This was written for another room" not in alice.text


def test_what_is_typed_before_the_room_of_the_command_line_is_entered_is_said_there(server: Server) -> None:
    with (
        guest(server.url, "bob", "early") as bob,
        guest(server.url, "carol") as carol,
        Terminal(server.url, "--username", "alice", "--room", "early") as alice,
    ):
        alice.wait_for("alice>")
        alice.press("first\r")
        alice.wait_for(" alice: first")
        bob.wait_for_text("first")
        carol.send(type="send_message", text="nothing", cid=1)
        assert carol.wait_for_text("nothing") == ["nothing"]


def test_who_leaves_has_what_was_typed_before_done(server: Server) -> None:
    """All of it, if the server answers."""
    with guest(server.url, "bob", "last") as bob, terminal(server, "alice", "first") as alice:
        alice.press("/join last\rgoodbye\r/nick al\r/quit\r")
        assert alice.wait() == 0
        assert bob.next_frame("renamed")["to"] == "al"
        assert bob.wait_for_text("goodbye") == ["goodbye"]


def test_message_for_a_room_that_one_comes_to_only_once_one_has_left_is_told_as_not_sent(server: Server) -> None:
    """Nobody waits for that any longer, and nothing more is said."""
    with (
        guest(server.url, "bob", "late") as bob,
        late_answers(server.url, "room", until='"logout"') as slow,
        Terminal(slow, "--username", "alice") as alice,
    ):
        alice.wait_for_last_row("[lobby] alice>")
        alice.press("/join late\rhello ahead\r/quit\r")
        assert alice.wait() == 1
        assert "1 message was not sent." in alice.text
        bob.send(type="send_message", text="nothing", cid=1)
        assert bob.wait_for_text("nothing") == ["nothing"]


def test_what_waits_for_a_server_that_is_away_is_counted_and_told_to_who_leaves() -> None:
    """Commands too, and what is typed for another room; but for what only asks."""
    with Server() as server, terminal(server, "alice", "gone") as alice:
        server.send_signal(signal.SIGKILL)
        alice.wait_for("! Connection lost: ")
        alice.press("here\r/nick zed\r/topic hello\r/who\r")
        alice.wait_for("not connected, 4 unsent")
        alice.press("/create den\rthere\r/private\r")
        alice.wait_for("not connected, 7 unsent")
        alice.press("/quit\r")
        assert alice.wait() == 1
        assert "2 messages were not sent." in alice.text
        assert "4 commands were not carried out." in alice.text


def test_message_to_a_server_that_is_away_is_sent_when_it_is_back() -> None:
    """The toolbar counts what is not sent; a new server has forgotten us, and that is said."""
    with Server(port=free_port()) as server, terminal(server, "alice", "away") as alice:
        server.send_signal(signal.SIGKILL)
        server.wait()
        alice.wait_for("! Connection lost: ", "not connected")
        alice.press("are you there?\r")
        alice.wait_for("not connected, 1 unsent")
        assert not any("alice: are you there?" in row for row in alice.rows)
        with Server(port=server.port):
            alice.wait_for("! Back again; the server does not know you from before", " alice: are you there?")
            alice.wait_for("! Messages of away may be missing")
            alice.wait_until_gone("unsent")
            alice.wait_for_last_row("[away] alice>")
            alice.press("\x04")
            assert alice.wait() == 0


def test_connection_that_is_cut_comes_back_by_itself(server: Server) -> None:
    """The session is resumed, and the user reads that nothing was missed, or what was."""
    with Proxy(server.port) as proxy, Terminal(proxy.url, "--username", "alice", "--room", "cut") as alice:
        alice.wait_for_last_row("[cut] alice>")
        proxy.cut()
        alice.wait_for("! Connection lost: ", "* Back again; nothing was missed in cut.")
        alice.press("still here\r")
        alice.wait_for(" alice: still here")


def test_missing_or_taken_name_is_asked_for(server: Server) -> None:
    """Until one is accepted; the login name of the computer is offered."""
    with terminal(server, "taken", "names"), Terminal(server.url, env={"LOGNAME": "Anna K."}) as other:
        other.wait_for_last_row("Your name: AnnaK")
        other.press("\x15taken\r")
        other.wait_for("chatcore: ")
        other.wait_for_last_row("Your name: AnnaK")
        other.press("\x15free_one\r")
        other.wait_for_last_row("[lobby] free_one>")


def test_terminal_speaks_french_to_the_french(server: Server) -> None:
    """Every text follows the language of the environment, refusals of the server too."""
    with terminal(server, "amelie", "paris", LC_ALL="fr_FR.UTF-8") as amelie:
        amelie.wait_for("* Vous êtes dans paris, sans personne d’autre.")
        amelie.press("/join nulle_part\r")
        amelie.wait_for("! Il n’y a pas de salon nulle_part. ")


def test_space_before_a_colon_is_no_mark_in_french(server: Server) -> None:
    """It is one that no line breaks at, which prompt_toolkit would show underlined."""
    with Terminal(server.url, env={"LC_ALL": "fr_FR.UTF-8"}) as amelie:
        amelie.wait_for("Votre nom : ")
        assert not re.search(rb"\x1b\[[\d;]*\b4m", amelie.raw)


def test_goodbye_of_the_server_is_shown() -> None:
    """One knows that it was on purpose."""
    with Server() as server, terminal(server, "alice", "bye") as alice:
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        alice.wait_for("! The server says goodbye: ")
        alice.press("\x04")
        assert alice.wait() == 0


def test_flood_of_messages_does_not_lose_any() -> None:
    """Lines are printed many at a time; the last one is there and what was typed still is."""
    with Server("--no-limits") as server, terminal(server, "alice", "flood") as alice:
        alice.press("typed meanwhile")
        with guest(server.url, "flooder", "flood") as flooder:
            alice.wait_for("* flooder joined flood.")
            flooder.say(*(f"line {number}" for number in range(1000)))
        alice.wait_for("flooder: line 999", "* flooder left flood.")
        alice.wait_for_last_row("[flood] alice> typed meanwhile")
        assert [row.partition(": ")[2] for row in alice.rows[-7:-2]] == [f"line {n}" for n in range(995, 1000)]
        assert alice.raw.count(b": line ") == 1000


def test_mentions_are_marked_and_rooms_elsewhere_are_in_the_toolbar(server: Server) -> None:
    with terminal(server, "alice", "marks") as alice, guest(server.url, "bob", "marks") as bob:
        bob.say("Alice: look at this", "malice is something else")
        alice.wait_for(" » bob: Alice: look at this", " bob: malice is something else")
        assert not any("» bob: malice" in row for row in alice.rows)
        with guest(server.url, "carol", "otherroom") as carol:
            carol.say("one", "two")
            alice.wait_for("otherroom +2")
            alice.press("/join otherroom\r")
            alice.wait_for("You are in otherroom")
            alice.wait_until_gone("otherroom +2")


def read_and_unread(server: Server, room: str) -> tuple[int, int, int]:
    """Return how far reader has read a room, as another program learns it: up to where, what is unread, mentions."""
    with guest(server.url, "reader", account="reader", password="it-is-me") as elsewhere:
        (line,) = [each for each in elsewhere.welcome["unread"] if each["room"] == room]
        return line["read"], line["unread"], line["mentions"]


def test_what_was_said_is_shown_in_the_last_of_several_rooms_that_are_entered_at_once(server: Server) -> None:
    """While it is still asked what was said in the one before."""
    with guest(server.url, "dora", "first") as dora, guest(server.url, "emil", "second") as emil:
        dora.say("said in the first")
        emil.say("said in the second")
        with terminal(server, "hasty", "before") as hasty:
            hasty.press("/join first\r/join second\r")
            hasty.wait_for(" emil: said in the second")
            hasty.press("/quit\r")
            assert hasty.wait() == 0


@pytest.mark.parametrize(
    ("back", "shown"), [("", "emil: said in the second"), ("/join one\r", "dora: said in the first")]
)
def test_what_was_said_in_the_room_where_one_has_come_to_stands_before_what_is_said_since(
    server: Server, back: str, shown: str
) -> None:
    """Once, and what was said in rooms that one has left again nowhere, however late the answers come."""
    with guest(server.url, "dora", "one") as dora, guest(server.url, "emil", "two") as emil:
        dora.say("said in the first")
        emil.say("said in the second")
        with (
            late_answers(server.url, "history", until="here I am") as slow,
            Terminal(slow, "--username", "hasty", "--room", "before") as hasty,
        ):
            hasty.wait_for_last_row("[before] hasty>")
            hasty.press(f"/join one\r/join two\r{back}here I am\r")
            hasty.wait_for(" hasty: here I am", shown)
            said = [row[6:] for row in hasty.rows if ": said in" in row or ": here I am" in row]
            assert said == [shown, "hasty: here I am"]


def test_what_is_read_in_the_terminal_is_read_on_every_program(server: Server) -> None:
    """Up to what stood on the screen; mentions elsewhere are counted, what is unread is set apart on coming back."""
    with guest(server.url, "bob", "reading") as bob:
        with terminal(server, "reader", "reading") as reader:
            reader.press("/register it-is-me\r")
            reader.wait_for("* reader is yours from now on")
            bob.say("one", "two", "three")
            reader.wait_for(" bob: three")
            reader.press("/leave\r")
            reader.wait_for_last_row("[lobby] reader>")
            for cid, text in ((4, "reader: four"), (5, "five")):
                bob.send(type="send_message", text=text, cid=cid)
            reader.wait_for("reading +2 @ 1")
            reader.press("/quit\r")
            assert reader.wait() == 0
        assert read_and_unread(server, "reading") == (3, 2, 1)
        with Terminal(server.url, "--username", "reader") as again:
            again.wait_for("Password of reader:")
            again.press("it-is-me\r")
            again.wait_for("reading +2 @ 1")
            again.press("/join reading\r")
            again.wait_for("* New messages:", " » bob: reader: four", " bob: five")
            assert (
                again.text.index(" bob: three") < again.text.index("* New messages:") < again.text.index(" bob: five")
            )
            again.press("/quit\r")
            assert again.wait() == 0
        assert read_and_unread(server, "reading") == (5, 0, 0)


def test_messages_are_answered_changed_and_found_in_the_terminal(server: Server) -> None:
    """What has become of them stands behind them, in what is found and in the history."""
    with terminal(server, "bob", "changes") as bob, terminal(server, "alice", "changes") as alice:
        bob.press("the key is under the mat\r")
        alice.wait_for(" bob: the key is under the mat")
        alice.press("/reply bob which mat?\r/react 👍 bob\r")
        bob.wait_for("> bob: the key is under the mat", " alice: which mat?", "* alice reacts with 👍 to: bob: the key")
        bob.press("/edit the key is under the box\r")
        alice.wait_for("* bob changed a message: the key is under the box.")
        alice.press("/search key\r")
        alice.wait_for(" changes bob: the key is under the box (edited)  [👍 1]")
        alice.press("/unreact 👍\r")
        bob.wait_for("* alice takes 👍 back from: bob: the key is under the box (edited)")
        bob.press("/delete\r")
        alice.wait_for("* bob deleted a message.")
        alice.press("/history\r")
        alice.wait_for(" bob: (deleted)", "> bob: (deleted)")


@pytest.mark.parametrize("color", ["auto", "never"])
def test_colours_are_left_out_where_they_are_not_wanted(server: Server, color: str) -> None:
    with Terminal(server.url, "--username", "alice", "--room", "grey", "--color", color) as alice:
        alice.wait_for_last_row("[grey] alice>")
        alice.press("hello\r")
        alice.wait_for(" alice: hello")
    coloured = re.search(rb"\x1b\[[0-9;]*(3[0-7]|9[0-7])m", alice.raw)
    assert (coloured is None) == (color == "never")


@pytest.mark.parametrize(
    ("setting", "typed", "said"),
    [
        ("--messages-per-second", "one\rtwo\rthree\r", "unsent: the server asks for patience, it goes on in"),
        ("--requests-per-second", "/rooms\r/rooms\r/rooms\r", "the server asks for patience, it goes on in"),
    ],
)
def test_terminal_counts_down_while_the_server_asks_for_patience(setting: str, typed: str, said: str) -> None:
    """And goes on by itself: nothing is lost, be it said or asked."""
    bursts = ("--message-burst", "1", "--request-burst", "1")
    with Server(setting, "0.5", *bursts) as server, terminal(server, "alice", "slowly") as alice:
        alice.press(typed)
        alice.wait_for(said)
        alice.wait_until_gone("patience")
        alice.wait_for_last_row("[slowly] alice>")
