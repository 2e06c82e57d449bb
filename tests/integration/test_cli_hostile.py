"""What a hostile server makes of its texts never steers the terminal that they are shown on, nor a log."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import chatcore_cli
from tests.unit.cli.hostile import FORBIDDEN, HostileServer, evil
from tests.unit.cli.processes import Process, Terminal, run


def check(text: str) -> None:
    """No character of it steers, and no line looks as if somebody else had said it."""
    for sequence in FORBIDDEN:
        assert sequence not in text, ascii(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066]", text), ascii(text)
    assert not re.search(r"^12:00 bob", text, re.MULTILINE), text


def test_no_text_of_a_server_steers_the_terminal() -> None:
    """Names, rooms, messages, files, refusals, what is completed, the goodbye; in the prompt and the toolbar too."""
    with HostileServer() as server, Terminal(server.url, "--username", "alice") as alice:
        alice.wait_for("the end", r"[room\x0a\x0d\u2028")
        alice.press("hello\r")
        alice.wait_for("! Not sent: hello")
        alice.press(
            "/rooms\r/list\r/nick x\r/accept\r/send bob /etc/hostname\r/join roo\t\t\x15oth\t\t\x15/whois bob\r"
        )
        alice.wait_for("* Quiet for 1 s, connected by")
        server.say_goodbye()
        alice.wait_for("! The server says goodbye:", "not connected")
        alice.press("/quit\r")
        alice.wait()
        for sequence in FORBIDDEN:
            assert sequence.encode() not in alice.raw
        assert not any(row.startswith("12:00 bob") for row in alice.rows)


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_no_text_of_a_server_steers_the_reader_of_the_filter(as_json: bool) -> None:
    """Neither its output nor what it complains about; a message is one line, or indented."""
    more = ["--json"] if as_json else []
    with (
        HostileServer() as server,
        Process("connect", server.url, "--username", "alice", "--commands", "--stay", *more) as alice,
    ):
        alice.write("/rooms\n/list\n/whois bob\n/nick x\nhello\n/accept\n/send bob /etc/hostname\n")
        alice.out.wait_for("the end")
        assert alice.err is not None
        alice.err.wait_for("hello|not sent|was not sent")
        server.say_goodbye()
        if not as_json:
            alice.err.wait_for("goodbye")
        alice.end_input()
        check(alice.out.text)
        check(alice.err.text)
        if as_json:
            assert all(json.loads(line) for line in alice.out.text.splitlines())


@pytest.mark.parametrize("code", ["server_full", "name_taken", "bad_name", evil("code")])
def test_no_refusal_of_a_login_steers_the_terminal(code: str) -> None:
    """It is a sentence on one line."""
    with HostileServer({"kind": "error", "code": code, "message": evil("why")}) as server:
        done = run("connect", server.url, "--username", "alice")
    check(done.stdout + done.stderr)
    assert done.returncode in (1, 3)


# Where text leaves for the terminal: the doors.
DOORS = {"out.py", "streams.py", "logs.py"}
SINKS = {
    "print", "echo", "secho", "echo_via_pager", "print_exception", "print_exc", "print_formatted_text",
    "prompt_async", "Completion", "FormattedText", "HTML", "ANSI", "set_title", "showwarning", "show",
}  # fmt: skip
# What is looked at by hand: none of them takes text that is not safe already.
ALLOWED = {
    ("chatting/terminal/completing.py", "Completion"),  # of names that are safe as they are
    ("chatting/terminal/prompting.py", "prompt_async"),  # texts of ours
    ("chatting/terminal/screen.py", "print_formatted_text"),  # of `styled` pieces
    ("main.py", "show"),  # the door of that name
}


def test_there_are_no_other_doors_to_the_terminal() -> None:
    """Nothing in the command line writes to a standard stream, or makes text for prompt_toolkit, but the doors."""
    found = set()
    root = Path(chatcore_cli.__file__).parent
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                to_stream = name in {"write", "writelines"} and ast.unparse(node.func).startswith(("sys.", "os."))
                if (name in SINKS or to_stream) and file.name not in DOORS:
                    found.add((file.relative_to(root).as_posix(), name))
    assert found == ALLOWED
