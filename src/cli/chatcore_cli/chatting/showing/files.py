"""Files in words, for the terminal and the filter: what is offered, how far it is, and what became of it."""

from __future__ import annotations

import os
from typing import Final

from chatcore.events import FileFailed, FileOffered, FileProgressed, FileReceived, FileSent, FileState, WayChosen
from chatcore.text.safe_text import safe_name, safe_text
from chatcore.text.telling import sizes
from chatcore_cli.saying.texts import _, told

_NAME_CHARS: Final = 24


def offered_text(event: FileOffered, *, asks: bool = True) -> str:
    """Return the sentence for an offer; `asks` is False where nobody has to say, or could say, what becomes of it."""
    if event.room is None:
        text = (
            _("{user} offers you {name} ({size}). /accept {file} or /decline {file}")
            if asks
            else _("{user} offers you {name} ({size}).")
        )
    else:
        text = (
            _("{user} offers {name} ({size}) to everyone here. /accept {file} or /decline {file}")
            if asks
            else _("{user} offers {name} ({size}) to everyone here.")
        )
    return text.format(
        user=safe_name(event.sender), name=safe_text(event.name), size=size_text(event.size), file=safe_text(event.file)
    )


def received_text(event: FileReceived) -> str:
    """Return the sentence for a file that is there."""
    text = _("{name} from {user} is there: {place}")
    if os.path.basename(event.place) != event.name:
        text = _("{name} from {user} is there, under another name: {place}")
    return text.format(name=safe_text(event.name), user=safe_name(event.user), place=safe_text(event.place))


def sent_text(event: FileSent) -> str:
    """Return the sentence for a file that has arrived."""
    return _("{user} has received {name}.").format(user=safe_name(event.user), name=safe_text(event.name))


def failed_text(event: FileFailed, why: str) -> str:
    """Return the sentence for a file that was not sent or received."""
    text = _("{name} was not received from {user}: {why}")
    if event.sending:
        text = _("{name} was not sent to {user}: {why}")
    return text.format(name=safe_text(event.name), user=safe_name(event.user), why=why)


def way_text(event: WayChosen) -> str:
    """Return the sentence for files that do not go by the quickest way; nothing when they do."""
    if event.why == "lost":
        text = _(
            "Files go on over the connection of the chat, which may be slower: the second connection ended ({why})."
        )
    elif event.why == "unreachable":
        text = _(
            "Files go over the connection of the chat, which may be slower: no second connection is possible ({why})."
        )
    else:
        return ""
    return text.format(why=told(event.detail))


def progress_text(status: FileProgressed) -> str:
    """Return how far a file is, in a few words."""
    name = status.name if len(status.name) <= _NAME_CHARS else f"{status.name[: _NAME_CHARS - 1]}…"
    arrow = "↑" if status.sending else "↓"
    percent = 100 * status.done // status.size if status.size else 100
    head = f"{arrow} {safe_text(name)} {percent} %"
    if status.state is FileState.PAUSED:
        return _("{file}, paused").format(file=head)
    speed = _("{size}/s").format(size=size_text(status.rate))
    if status.left is None:
        return f"{head}, {speed}"
    return _("{file}, {speed}, {time} left").format(file=head, speed=speed, time=_time_text(status.left))


def size_text(size: float) -> str:
    """Return a number of bytes for people."""
    return told(sizes.size_text(size))


def _time_text(seconds: float) -> str:
    minutes, rest = divmod(round(min(seconds, 359_999)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
