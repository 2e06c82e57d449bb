"""What is loaded of a conversation as a file: text for people, or JSON lines for programs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from chatcore_qt.presenters.entries.sentences import exported
from chatcore_qt.presenters.entries.timeline import Entry, GapEntry, MessageEntry


def write(path: str, entries: Sequence[Entry], room: str) -> int:
    """Write entries into a file, as JSON lines if its name ends like that, and return how many there are.

    Args:
        path: of the file; what was in it is gone once all of the new one is there.
        entries: what is to be written, oldest first.
        room: the room that it is from; empty for direct messages.

    Raises:
        OSError: it cannot be written.
    """
    as_line = _as_json if path.lower().endswith((".jsonl", ".ndjson", ".json")) else _as_text
    lines = (as_line(entry, room) for entry in entries)
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with _open(target, "w") as file:  # a pipe, or a device
            file.writelines(lines)
        return len(entries)
    beside = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.part")
    try:
        file = _open(beside, "x")
    except PermissionError:
        if not os.path.exists(target):
            raise
        with _open(target, "w") as file:  # in a folder where one may change files, and make none
            file.writelines(lines)
        return len(entries)
    try:
        with file:
            file.writelines(lines)
        with suppress(OSError):  # there is none, or modes are not ours to give
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    return len(entries)


def _open(path: str, mode: Literal["w", "x"]) -> TextIO:
    return open(path, mode, encoding="utf-8", errors="replace", newline="\n")


def _as_text(entry: Entry, _room: str) -> str:
    return f"{exported(entry)}\n"


def _as_json(entry: Entry, room: str) -> str:
    """Return an entry as the protocol has it, where it has it: `message`, `direct`, `broadcast`; or `notice`, `gap`."""
    found: dict[str, Any] = {"at": _time(entry.at)}
    if isinstance(entry, GapEntry):
        found |= {"type": "gap", "missing": entry.missing}
    elif not isinstance(entry, MessageEntry):
        found |= {"type": "notice", "text": entry.whole or entry.text}
    else:
        found |= {"type": entry.kind, "from": entry.sender, "text": "" if entry.change == "deleted" else entry.text}
        found |= {"room": room} if entry.kind == "message" else {"to": list(entry.to)} if entry.to else {}
        found |= {"seq": entry.seq} if entry.seq is not None else {}
        found |= {entry.change: True} if entry.change else {}
        found |= {"state": entry.state} if entry.state != "sent" else {}
    return f"{json.dumps(found)}\n"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
