"""Finds the fenced blocks of a guide, and says how each of them is checked.

A block is checked by its language, or by a comment in front of it, which readers do not see:

    <!-- test: background -->       a command that stays: waited for until it says what is shown, stopped at the end
    <!-- test: background echo -->  the same, but it says nothing: a user of that name has to appear in the chat
    <!-- test: window -->           the desktop app: its user has to appear in the chat
    <!-- test: fails 3 -->          a command that ends with that exit code
    <!-- test: after PAGE -->       needs the files that another page makes
    <!-- test: server -->           needs a server, and the page does not start one
    <!-- test: conversation -->     frames of the protocol: `->` is sent to a server, `<-` has to come
    <!-- test: terminal -->         a person at a terminal: `> ` is typed, everything else has to appear on the screen
    <!-- test: checked -->          cannot run in a test (root, containers): syntax and options are checked
    <!-- test: shown -->            nothing to run or to check: a picture made of characters, a shape
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDES = sorted(path for path in (ROOT / "docs").rglob("*.md") if "decisions" not in path.parts)
PAGES = [ROOT / "README.md", *GUIDES]
MARKS = {"background", "window", "fails", "after", "server", "conversation", "terminal", "checked", "shown"}

_FENCE = re.compile(r"^( *)(`{3,})\s*([\w-]*)\s*(.*)$")
_MARK = re.compile(r"^ *<!-- test: (.*?) -->$")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass
class Block:
    """A fenced block."""

    page: str
    line: int
    language: str
    text: str
    title: str | None = None
    marks: dict[str, str] = field(default_factory=dict)
    """What the comment in front of it says: words, each with its argument."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(path: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    fence: re.Match[str] | None = None
    lines: list[str] = []
    start = 0
    for number, line in enumerate(path.read_text().split("\n"), 1):
        match = _FENCE.match(line)
        if fence is not None:
            if match is not None and match[2] == fence[2] and not match[3]:
                text = "\n".join(each.removeprefix(fence[1]) for each in lines) + "\n"
                title = _TITLE.search(fence[4])
                name = str(path.relative_to(ROOT))
                found.append(Block(name, start, fence[3], text, title and title[1], marks))
                fence, marks, lines = None, {}, []
            else:
                lines.append(line)
        elif match is not None:
            fence, start = match, number
        elif mark := _MARK.match(line):
            words = (word.strip().partition(" ") for word in mark[1].split(","))
            marks = {word: argument for word, _, argument in words}
            assert set(marks) <= MARKS, f"{path.name}:{number}: what is {mark[1]!r}?"
        elif line.strip():
            assert not marks, f"{path.name}:{number}: a mark without a block"
    assert fence is None, f"{path.name}:{start}: a block without an end"
    return found


@dataclass
class Command:
    """A command of a transcript, and what it is shown to say."""

    line: str
    shown: list[str]


def transcript(text: str) -> list[Command]:
    """Return the commands of a block of the language `console`."""
    commands: list[Command] = []
    for line in text.rstrip("\n").split("\n"):
        if commands and commands[-1].line.endswith("\\") and not commands[-1].shown:
            commands[-1].line += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            commands.append(Command(line[2:], []))
        elif line:
            assert commands, f"{line!r} stands before any command"
            commands[-1].shown.append(line)
    return commands


def missing(shown: list[str], said: str) -> str | None:
    """Return the first line of `shown` that `said` lacks, in that order; `...` stands for anything."""
    actual = iter(said.split("\n"))
    for line in shown:
        pattern = re.compile(".*".join(map(re.escape, line.strip().split("..."))))
        if not any(pattern.fullmatch(each.strip()) for each in actual):
            return line
    return None
