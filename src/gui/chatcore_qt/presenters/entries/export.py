"""What is loaded of a conversation as a file: text for people, or JSON lines for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chatcore_qt.presenters.entries.sentences import exported
from chatcore_qt.presenters.entries.timeline import Entry, GapEntry, MessageEntry


def write(path: str, entries: Sequence[Entry], room: str) -> int:
    """Write entries into a file, as JSON lines if its name ends like that, and return how many there are.

    Args:
        path: of the file; what was in it is gone.
        entries: what is to be written, oldest first.
        room: the room that it is from; empty for direct messages.

    Raises:
        OSError: it cannot be written.
    """
    as_line = _as_json if path.lower().endswith((".jsonl", ".ndjson", ".json")) else _as_text
    with open(path, "w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.writelines(as_line(entry, room) for entry in entries)
    return len(entries)


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
